/**
 * A shard at work: it advances its neurons for an interval, tells the others, waits for them, takes their spikes from
 * their memories and delivers them. This file is the program of a worker too (scripts/build/inline.mjs): it imports
 * nothing.
 *
 * One interval is as long as the shortest delay, so that no spike acts before it is exchanged. Spike logs are only
 * appended to during a run, so that a shard which is ahead (by one interval at most) disturbs no one who still reads.
 */

/** What a shard needs of the core's exports. */
export interface ShardExports {
  turnOver(pending: number, steps: number, next: number): number;
  graphPlace(work: number): number;
  graphSort(work: number): number;
  profiling(): number;
  addExchange(ms: number): void;
}

/**
 * Version of what a worker's program and the first thread share; scripts/build/inline.mjs writes it ahead of the
 * program.
 */
declare const PROGRAM_VERSION: number;

/** Adds the functions that a module of kernels exports to a core's table, in their order; their indices by name. */
export function install(core: WebAssembly.Exports, module: WebAssembly.Module): Record<string, number> {
  const table = core.table as WebAssembly.Table;
  const kernels = new WebAssembly.Instance(module, { core }).exports;
  const indices: Record<string, number> = {};
  for (const { name, kind } of WebAssembly.Module.exports(module)) {
    if (kind !== "function") continue;
    const index = table.grow(1);
    table.set(index, kernels[name]);
    indices[name] = index;
  }
  return indices;
}

/** What a worker is started with. */
export interface Order {
  /** The first thread's version. */
  readonly version: number;
  readonly module: WebAssembly.Module;
  /** Modules of kernels beside the core's own, in order. */
  readonly kernels: readonly WebAssembly.Module[];
  readonly memories: readonly WebAssembly.Memory[];
  readonly control: SharedArrayBuffer;
  readonly me: number;
  /** How long it waits awake before it sleeps, in ms. */
  readonly spinMs: number;
}

/** Why a shard stopped within a run; the larger number wins. The first three are the core's STATUS. */
export const SHARD = { going: 0, full: 1, unstable: 2, failed: 3 } as const;
/** Not the end: another shard is awaited. */
const WAITING = -1;

/** What a slice of building answers: the core's BUILD, and a shard's own answer after `cancel`. */
export const BUILD = { exhausted: 0, done: 1, more: 2, cancelled: 3 } as const;
/** Work of a slice, in synapses or so: some milliseconds. */
export const SLICE = 50_000;

/** What the first thread tells the others to do. */
export const COMMAND = { run: 1, graphPlace: 2, graphSort: 3, leave: 4 } as const;

/* The control block (Int32Array). Shards' cells lie 64 bytes apart, so that no two share a cache line. */
const COMMAND_NUMBER = 0;
const COMMAND_KIND = 1;
const STEPS = 2;
const INTERVAL = 3;
/** Shard that failed, counted from 1. */
const FAILED = 4;
const SLEEPERS = 5;
const POPULATIONS = 6;
const MESSAGE_BYTES = 7;
/** Building is to be given up. */
const CANCELLED = 8;
const STRIDE = 16;
/**
 * Cells of a shard: intervals finished, number of the last command done and its answer, whether it is there, the status
 * at the ends of the last two intervals, because one shard may be an interval ahead of another that still reads, and
 * signs of life while it builds.
 */
const PHASE = 0;
const DONE = 1;
const ANSWER = 2;
const READY = 3;
const STATUS = 4;
const BEAT = 6;
/** Text of the error of the shard that failed, in bytes. */
const MESSAGE = 2048;
/** Numbers per population and shard: log, counts, inbox, inbox counts, number of the first neuron. */
const WIRES = 5;

/** How long a shard may be silent before the first thread gives up, in ms. */
const PATIENCE = 60_000;
/**
 * Most that counts as silence between two looks, in ms. After a longer time this thread stood still itself (a stopped
 * process, a machine that slept, a debugger, a page's alert), and says nothing of the others.
 */
const GLANCE = 100;
/**
 * How long a shard waits awake, in ms: longer than shards usually differ in an interval, shorter than a time slice of
 * the system, which another program may have on the processor of the shard that is waited for.
 */
export const SPIN_MS = 0.1;
/** Turns of a waiting loop from one look at the clock to the next. */
const TURNS = 128;
/** After so many ms of waiting the first thread lets its events have their turn. */
const BREATH = 50;

/** The control block of so many shards and populations, and what can be read and written there. */
export class Control {
  readonly buffer: SharedArrayBuffer;
  readonly shards: number;
  private readonly cells: Int32Array;
  private readonly message: Uint8Array;
  /** Addresses of the populations' columns, see WIRES. */
  readonly wires: Uint32Array;
  /** How long a shard may be silent, in ms, by this clock. */
  patience = PATIENCE;
  clock: () => number = () => performance.now();
  constructor(buffer: SharedArrayBuffer, shards: number) {
    this.buffer = buffer;
    this.shards = shards;
    const head = STRIDE * (1 + shards);
    this.cells = new Int32Array(buffer, 0, head);
    this.message = new Uint8Array(buffer, head * 4, MESSAGE);
    this.wires = new Uint32Array(buffer, head * 4 + MESSAGE);
  }

  static create(shards: number, populations: number): Control {
    const bytes = STRIDE * (1 + shards) * 4 + MESSAGE + populations * shards * WIRES * 4;
    const buffer =
      typeof SharedArrayBuffer === "undefined"
        ? (new ArrayBuffer(bytes) as unknown as SharedArrayBuffer)
        : new SharedArrayBuffer(bytes);
    const control = new Control(buffer, shards);
    control.cells[POPULATIONS] = populations;
    return control;
  }

  get populations(): number {
    return this.cells[POPULATIONS] as number;
  }

  /** Place of the wires of a population in a shard. */
  wire(population: number, shard: number): number {
    return (population * this.shards + shard) * WIRES;
  }

  private cell(shard: number, which: number): number {
    return STRIDE * (1 + shard) + which;
  }

  /** Lets all others do something: wait with `untilDone`, then read what each says with `answerOf`. */
  command(kind: number, steps: number, interval: number): number {
    const { cells } = this;
    cells[COMMAND_KIND] = kind;
    cells[STEPS] = steps;
    cells[INTERVAL] = interval;
    Atomics.store(cells, CANCELLED, 0);
    const number = (Atomics.add(cells, COMMAND_NUMBER, 1) + 1) | 0;
    Atomics.notify(cells, COMMAND_NUMBER);
    return number;
  }

  get order(): { readonly kind: number; readonly steps: number; readonly interval: number } {
    const { cells } = this;
    return { kind: cells[COMMAND_KIND] as number, steps: cells[STEPS] as number, interval: cells[INTERVAL] as number };
  }

  answer(me: number, number: number, answer: number): void {
    this.cells[this.cell(me, ANSWER)] = answer;
    this.tell(this.cell(me, DONE), number);
  }

  answerOf(shard: number): number {
    return this.cells[this.cell(shard, ANSWER)] as number;
  }

  /** Asks the shards that build to stop at the end of their slices. */
  cancel(): void {
    Atomics.store(this.cells, CANCELLED, 1);
  }

  get isCancelled(): boolean {
    return Atomics.load(this.cells, CANCELLED) === 1;
  }

  /** Says that a shard is alive and building. */
  beat(me: number): void {
    Atomics.add(this.cells, this.cell(me, BEAT), 1);
  }

  /** Ends an interval with a status. */
  publish(me: number, status: number): number {
    const at = this.cell(me, PHASE);
    const phase = ((this.cells[at] as number) + 1) | 0;
    this.cells[this.cell(me, STATUS + (phase & 1))] = status;
    this.tell(at, phase);
    return phase;
  }

  /** Says that a shard is there. */
  arrive(me: number): void {
    this.tell(this.cell(me, READY), 1);
  }

  isReady(shard: number): boolean {
    return Atomics.load(this.cells, this.cell(shard, READY)) === 1;
  }

  /** Ends everything: every wait comes back. The first failure is the one that is told. */
  fail(shard: number, message: string): void {
    const { cells } = this;
    if (Atomics.load(cells, FAILED) === 0) {
      const bytes = new TextEncoder().encode(message).subarray(0, MESSAGE);
      this.message.set(bytes);
      cells[MESSAGE_BYTES] = bytes.length;
    }
    Atomics.compareExchange(cells, FAILED, 0, shard + 1);
    for (let k = 0; k < cells.length; k++) Atomics.notify(cells, k);
  }

  get failure(): { readonly shard: number; readonly message: string } | undefined {
    const shard = Atomics.load(this.cells, FAILED) - 1;
    if (shard < 0) return undefined;
    const bytes = this.message.slice(0, this.cells[MESSAGE_BYTES] as number);
    return { shard, message: new TextDecoder().decode(bytes) };
  }

  private tell(at: number, value: number): void {
    Atomics.store(this.cells, at, value);
    // Waking costs microseconds: only when somebody sleeps.
    if (Atomics.load(this.cells, SLEEPERS) > 0) Atomics.notify(this.cells, at);
  }

  /** Whether all others have ended the interval `phase`, or do so soon. */
  allAt(me: number, phase: number, spinMs: number): boolean {
    for (let s = 0; s < this.shards; s++)
      if (s !== me && !spun(this.cells, this.cell(s, PHASE), phase, spinMs)) return false;
    return true;
  }

  /** The worst status with which shards ended an interval. */
  worst(phase: number): number {
    let worst: number = SHARD.going;
    for (let s = 0; s < this.shards; s++)
      worst = Math.max(worst, this.cells[this.cell(s, STATUS + (phase & 1))] as number);
    return worst;
  }

  /**
   * Waits, mostly asleep, until a cell holds at least `value`; comes back sooner when a shard has failed. Yields when
   * it takes long. The first thread gives up on a shard that is silent; the others end with it and wait for as long as
   * it does.
   */
  private *until(at: number, value: number, shard: number, spinMs: number, me = 0): Generator<undefined, boolean> {
    const { cells } = this;
    if (spun(cells, at, value, spinMs)) return true;
    let last = this.clock();
    let breath = last;
    let silence = 0;
    let beat = cells[this.cell(shard, BEAT)];
    for (;;) {
      const seen = Atomics.load(cells, at);
      if (!isBefore(seen, value)) return true;
      if (Atomics.load(cells, FAILED) !== 0) return false;
      this.sleep(at, seen, 5);
      const now = this.clock();
      const heard = Atomics.load(cells, this.cell(shard, BEAT));
      silence = heard === beat ? silence + Math.min(now - last, GLANCE) : 0;
      beat = heard;
      last = now;
      if (me === 0 && silence > this.patience) this.fail(shard, `no answer for ${Math.round(this.patience / 1000)} s`);
      if (now - breath > BREATH) {
        breath = now;
        yield;
      }
    }
  }

  private sleep(at: number, value: number, ms: number): void {
    if (!canSleep) return;
    Atomics.add(this.cells, SLEEPERS, 1);
    try {
      Atomics.wait(this.cells, at, value, ms);
    } catch {
      // The first thread of a browser must not sleep.
      canSleep = false;
    }
    Atomics.sub(this.cells, SLEEPERS, 1);
  }

  /** Waits until all others have ended the interval `phase`. */
  *untilAllAt(me: number, phase: number): Generator<undefined, boolean> {
    for (let s = 0; s < this.shards; s++)
      if (s !== me && !(yield* this.until(this.cell(s, PHASE), phase, s, 0, me))) return false;
    return true;
  }

  untilDone(shard: number, number: number, spinMs: number): Generator<undefined, boolean> {
    return this.until(this.cell(shard, DONE), number, shard, spinMs);
  }

  untilReady(shard: number): Generator<undefined, boolean> {
    return this.until(this.cell(shard, READY), 1, shard, 0);
  }

  /** For workers: the number of the next command after `number`. */
  nextCommand(number: number, spinMs: number): number {
    const { cells } = this;
    spun(cells, COMMAND_NUMBER, number + 1, spinMs);
    for (;;) {
      const seen = Atomics.load(cells, COMMAND_NUMBER);
      if (seen !== number) return seen;
      Atomics.wait(cells, COMMAND_NUMBER, number, 1000);
    }
  }
}

let canSleep = true;

/**
 * Whether a count has yet to reach `value`. Counts wrap around after 2^31: hours of a small network, one interval per
 * step.
 */
function isBefore(count: number, value: number): boolean {
  return ((value - count) | 0) > 0;
}

/** Whether a cell holds at least `value` now or within so many ms, which are waited awake. */
function spun(cells: Int32Array, at: number, value: number, ms: number): boolean {
  let until = 0;
  for (let turn = 1; isBefore(Atomics.load(cells, at), value); turn++) {
    if (turn % TURNS !== 0) continue;
    const now = performance.now();
    if (until === 0) until = now + ms;
    else if (now >= until) return false;
  }
  return true;
}

/** A shard as one thread drives it. */
export class Shard {
  private readonly exports: ShardExports;
  private readonly memories: readonly WebAssembly.Memory[];
  private readonly control: Control;
  private readonly me: number;
  private views: Uint32Array[] = [];
  /** Spikes read so far from each log, by population and shard, and steps since the logs were emptied. */
  private readonly taken: Uint32Array;
  private since = 0;
  /** Steps of the run that are left, at most so many at once, and those that were made and not delivered. */
  private left = 0;
  private interval = 0;
  private pending = 0;
  /** Number of the interval that was made last, and whether the others are still awaited at its end. */
  private phase = 0;
  private waiting = false;
  /**
   * The run is profiled; ms spent so far on waiting for others and on their spikes, and when the present wait began.
   */
  private profiles = false;
  private exchanged = 0;
  private began = 0;

  constructor(exports: ShardExports, memories: readonly WebAssembly.Memory[], control: Control, me: number) {
    this.exports = exports;
    this.memories = memories;
    this.control = control;
    this.me = me;
    this.taken = new Uint32Array(control.populations * control.shards);
  }

  /** Begins a run: the logs are empty, and memories may have grown. */
  begin(steps: number, interval: number): void {
    this.views = this.memories.map((memory) => new Uint32Array(memory.buffer));
    this.taken.fill(0);
    this.since = 0;
    this.left = steps;
    this.interval = interval;
    this.pending = 0;
    this.waiting = false;
    this.profiles = this.exports.profiling() !== 0;
    this.exchanged = 0;
  }

  /** Ends what a run began, with a status: the core keeps the time of the exchange. */
  end(status: number): number {
    if (this.profiles) this.exports.addExchange(this.exchanged);
    return status;
  }

  /**
   * Runs beside the others, each on a thread of its own, until the run ends or another one is waited for in vain; then
   * it is to be called again once that one is there. Returns the worst status, or WAITING. A plain function that stays
   * in its loop and does all that an interval needs, because engines optimise such a one soon: generators took seconds
   * to become fast. All end with the interval in which one of them is beyond its `deadline`.
   */
  goOn(spinMs: number, deadline: number): number {
    const { control, me } = this;
    for (;;) {
      if (!this.waiting) {
        if (this.left === 0) return SHARD.going;
        let status = this.advance();
        if (status === SHARD.going && deadline < Infinity && performance.now() > deadline) status = SHARD.full;
        this.began = this.clock();
        this.phase = control.publish(me, status);
        this.waiting = true;
      }
      if (!control.allAt(me, this.phase, spinMs)) return WAITING;
      this.waiting = false;
      const worst = control.worst(this.phase);
      // All see the same numbers, so that all stop here or none.
      if (worst === SHARD.unstable) return worst;
      this.take(this.began);
      if (worst !== SHARD.going || this.left === 0) {
        this.deliver();
        return worst;
      }
    }
  }

  /** Whether steps of the run are left. */
  get hasMore(): boolean {
    return this.left > 0;
  }

  /** Waits until all others are where this shard is. */
  untilOthers(): Generator<undefined, boolean> {
    return this.control.untilAllAt(this.me, this.phase);
  }

  /** Delivers what was taken and makes the next interval; a status. */
  advance(): number {
    const n = Math.min(this.left, this.interval);
    this.left -= n;
    const status = this.exports.turnOver(this.pending, n, Math.min(this.left, this.interval));
    this.pending = n;
    return status;
  }

  /** Delivers what was taken last. */
  deliver(): void {
    this.exports.turnOver(this.pending, 0, 0);
    this.pending = 0;
  }

  /** The time in ms, where somebody wants to know how long the exchange takes. */
  clock(): number {
    return this.profiles ? performance.now() : 0;
  }

  /** Takes the spikes of the last interval from all shards; the exchange began at the time `began`. */
  take(began: number): void {
    const { control, me, views, taken, since, pending } = this;
    const { shards, populations, wires } = control;
    const own = views[me] as Uint32Array;
    for (let p = 0; p < populations; p++) {
      const mine = control.wire(p, me);
      const inbox = wires[mine + 2] as number;
      // Nobody here listens to this population.
      if (inbox === 0) continue;
      const sizes = (wires[mine + 3] as number) / 4;
      let to = inbox / 4;
      for (let step = 0; step < pending; step++) {
        const before = to;
        // The shards' neurons follow each other, so that the list is in order.
        for (let s = 0; s < shards; s++) {
          const wire = control.wire(p, s);
          const view = views[s] as Uint32Array;
          const first = wires[wire + 4] as number;
          const count = view[(wires[wire + 1] as number) / 4 + since + step] as number;
          if (count === 0) continue;
          const k = p * shards + s;
          const from = (wires[wire] as number) / 4 + (taken[k] as number);
          for (let i = 0; i < count; i++) own[to + i] = (view[from + i] as number) + first;
          taken[k] = (taken[k] as number) + count;
          to += count;
        }
        own[sizes + step] = to - before;
      }
    }
    this.since = since + pending;
    this.exchanged += this.clock() - began;
  }
}

/**
 * Advances one shard beside the others, each on a thread of its own, by at most `steps` steps, fewer where one is
 * beyond its deadline (by `performance.now`); returns the worst status.
 */
export function* runBeside(
  shard: Shard, steps: number, interval: number, spinMs: number, deadline = Infinity,
): Generator<undefined, number> {
  shard.begin(steps, interval);
  for (;;) {
    const status = shard.goOn(spinMs, deadline);
    if (status !== WAITING) return shard.end(status);
    if (!(yield* shard.untilOthers())) return SHARD.failed;
  }
}

/** Advances all shards on one thread, in turn, until the deadline at most; returns the worst status. */
export function runInTurn(all: readonly Shard[], steps: number, interval: number, deadline = Infinity): number {
  for (const shard of all) shard.begin(steps, interval);
  let worst: number = SHARD.going;
  while (worst === SHARD.going && all.some((shard) => shard.hasMore)) {
    for (const shard of all) worst = Math.max(worst, shard.advance());
    if (worst === SHARD.unstable) break;
    // Nobody may go on before all have taken: the logs are read where they lie.
    for (const shard of all) shard.take(shard.clock());
    for (const shard of all) shard.deliver();
    if (deadline < Infinity && performance.now() > deadline) break;
  }
  for (const shard of all) shard.end(worst);
  return worst;
}

/** Builds slice by slice until the end, or until that is not wanted any more; a BUILD. */
function build(slice: (work: number) => number, control: Control, me: number): number {
  for (;;) {
    const answer = slice(SLICE);
    if (answer !== BUILD.more) return answer;
    if (control.isCancelled) return BUILD.cancelled;
    control.beat(me);
  }
}

/** What an error says, whatever was thrown. */
export function reasonOf(error: unknown): string {
  const { name, message } = (typeof error === "object" && error !== null ? error : {}) as {
    name?: unknown;
    message?: unknown;
  };
  if (typeof message === "string" && message !== "") return message;
  return typeof name === "string" && name !== "" ? name : String(error);
}

const STRANGER = "its program is of another version of Spikelet: serve the shard.js of the same package";

/** A worker's whole life. */
export function serve({ version, module, kernels, memories, control: buffer, me, spinMs }: Order): void {
  const control = new Control(buffer, memories.length);
  try {
    if (version !== PROGRAM_VERSION) throw new Error(STRANGER);
    const instance = new WebAssembly.Instance(module, {
      env: { memory: memories[me] as WebAssembly.Memory, now: () => performance.now() },
    });
    for (const one of kernels) install(instance.exports, one);
    const exports = instance.exports as unknown as ShardExports;
    const shard = new Shard(exports, memories, control, me);
    control.arrive(me);
    for (let number = 0; ; ) {
      number = control.nextCommand(number, spinMs);
      const { kind, steps, interval } = control.order;
      if (kind === COMMAND.leave) return;
      let answer: number;
      if (kind === COMMAND.graphPlace) answer = build(exports.graphPlace, control, me);
      else if (kind === COMMAND.graphSort) answer = build(exports.graphSort, control, me);
      else {
        const running = runBeside(shard, steps, interval, spinMs);
        let at = running.next();
        while (!at.done) at = running.next();
        answer = at.value;
      }
      if (control.failure) return;
      control.answer(me, number, answer);
    }
  } catch (error) {
    control.fail(me, reasonOf(error));
  }
}

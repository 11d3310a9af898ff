/**
 * Shards at work: for each interval a shard takes the spikes of all shards from their memories, delivers them and
 * advances its neurons. This file is the program of a worker too (scripts/build/inline.mjs): it imports nothing.
 *
 * One interval is as long as the shortest delay, so that no spike acts before it is exchanged. Spike logs are only
 * appended to during a run, so that a shard which is ahead (by one interval at most) disturbs no one who still reads.
 *
 * Who makes an interval of a shard claims it first, and any thread may that has an instance of the shard's core. Each
 * thread has a shard of its own, which stays in its caches; it makes another one's interval when nobody has begun it
 * although its own is done: then the other thread has no processor. So one thread that has a processor is enough to go
 * on, and nobody waits for a turn of another program, but for that of a thread that lost its processor within an
 * interval.
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
/** Not the end: an interval is awaited that another thread makes. */
const WAITING = -1;

/** What a slice of building answers: the core's BUILD, and a shard's own answer after `cancel`. */
export const BUILD = { exhausted: 0, done: 1, more: 2, cancelled: 3 } as const;
/** Work of a slice, in synapses or so: some milliseconds. */
export const SLICE = 50_000;

/** What the first thread tells the others to do; `alone` is a run that they leave to it. */
export const COMMAND = { run: 1, graphPlace: 2, graphSort: 3, leave: 4, alone: 5 } as const;

/*
 * The control block (Int32Array). Shards' cells lie 128 bytes apart, so that no two share a cache line, and those that
 * others look at while they wait apart from the rest.
 */
/** Number of the last command: odd while it is written. */
const COMMAND_NUMBER = 0;
const COMMAND_KIND = 1;
const STEPS = 2;
const INTERVAL = 3;
/** Number of the interval that all shards had made ahead of the run. */
const FROM = 9;
/** Shard that failed, counted from 1. */
const FAILED = 4;
const SLEEPERS = 5;
const POPULATIONS = 6;
const MESSAGE_BYTES = 7;
/** Building is to be given up. */
const CANCELLED = 8;
const STRIDE = 32;
/**
 * Cells of a shard: the interval that was made last and the status at the ends of the last two, because one shard may
 * be an interval ahead of another whose thread still reads. Then the interval that was claimed last, number of the last
 * command done and its answer, whether the worker is there, and signs of life while it builds.
 */
const PHASE = 0;
const STATUS = 1;
const CLAIM = 16;
const DONE = 17;
const ANSWER = 18;
const READY = 19;
const BEAT = 20;
/** A status stands in its cell with the number of its interval, of which so many bits. */
const STATUS_BITS = 3;
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
/**
 * Turns of a waiting loop from one look at the clock to the next, and to the look whether work lies there: a fraction
 * of a microsecond, in which a thread that has a processor has begun. The look takes its cache line away.
 */
const TURNS = 128;
const LOOK = 64;
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
    Atomics.add(cells, COMMAND_NUMBER, 1);
    cells[COMMAND_KIND] = kind;
    cells[STEPS] = steps;
    cells[INTERVAL] = interval;
    // Nobody runs, so that all shards have made the same; whoever runs alone claims nothing.
    const from = cells[this.cell(0, PHASE)] as number;
    cells[FROM] = from;
    for (let s = 0; s < this.shards; s++) Atomics.store(cells, this.cell(s, CLAIM), from);
    Atomics.store(cells, CANCELLED, 0);
    const number = (Atomics.add(cells, COMMAND_NUMBER, 1) + 1) | 0;
    // Whoever is to do nothing may sleep on.
    if (kind !== COMMAND.alone) Atomics.notify(cells, COMMAND_NUMBER);
    return number;
  }

  /** What is to be done. For workers: the first thread may write another one meanwhile, which `isAt` tells. */
  get order(): Run & { readonly kind: number } {
    const { cells } = this;
    const [kind, steps, interval, from] = [COMMAND_KIND, STEPS, INTERVAL, FROM].map((k) => cells[k] as number);
    return { kind, steps, interval, from } as Run & { readonly kind: number };
  }

  /** Whether a command is still the last one. */
  isAt(number: number): boolean {
    return Atomics.load(this.cells, COMMAND_NUMBER) === number;
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

  /** Takes an interval of a shard on, unless somebody has; the one before it is made. */
  claim(shard: number, phase: number): boolean {
    const before = (phase - 1) | 0;
    return Atomics.compareExchange(this.cells, this.cell(shard, CLAIM), before, phase) === before;
  }

  /** Whether an interval of a shard lies there for anyone. */
  isFree(shard: number, phase: number): boolean {
    return isBefore(Atomics.load(this.cells, this.cell(shard, CLAIM)), phase);
  }

  /** Ends an interval of a shard with a status. */
  publish(shard: number, phase: number, status: number): void {
    this.cells[this.cell(shard, STATUS + (phase & 1))] = (phase << STATUS_BITS) | status;
    this.tell(this.cell(shard, PHASE), phase);
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

  /** Whether a shard has made an interval. */
  hasMade(shard: number, phase: number): boolean {
    return !isBefore(Atomics.load(this.cells, this.cell(shard, PHASE)), phase);
  }

  /** The worst status with which shards ended an interval; `going` where they are beyond the next one. */
  worst(phase: number): number {
    let worst: number = SHARD.going;
    for (let s = 0; s < this.shards; s++) {
      const cell = this.cells[this.cell(s, STATUS + (phase & 1))] as number;
      if (cell >> STATUS_BITS !== (phase << STATUS_BITS) >> STATUS_BITS) return SHARD.going;
      worst = Math.max(worst, cell & ((1 << STATUS_BITS) - 1));
    }
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

  /** Waits until a shard has made the interval `phase`. */
  untilMade(shard: number, phase: number, me: number): Generator<undefined, boolean> {
    return this.until(this.cell(shard, PHASE), phase, shard, 0, me);
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
      if (seen !== number && (seen & 1) === 0) return seen;
      Atomics.wait(cells, COMMAND_NUMBER, seen, seen === number ? 1000 : 1);
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

/** A run of so many steps with exchanges every `interval` steps, which begins behind the interval `from`. */
export interface Run {
  readonly steps: number;
  readonly interval: number;
  readonly from: number;
}

/** What a thread needs to drive shards. */
export class Driver {
  private readonly cores: readonly (ShardExports | undefined)[];
  private readonly memories: readonly WebAssembly.Memory[];
  private readonly control: Control;
  private readonly me: number;
  private views: Uint32Array[] = [];
  /** What `take` reads of the control block, as it is in this run; by population and shard. */
  private readonly logs: Float64Array;
  private readonly counts: Float64Array;
  private readonly firsts: Uint32Array;
  private readonly inboxes: Float64Array;
  private readonly sizes: Float64Array;
  /** Populations that somebody listens to. */
  private readonly heard: Uint8Array;
  /** Places in the logs of the shards while spikes are taken. */
  private readonly heads: Float64Array;
  /** Steps of the run whose spikes `logs` has passed. */
  private passed = 0;
  private run: Run = { steps: 0, interval: 1, from: 0 };
  private number = 0;
  /** This thread makes all intervals. */
  private alone = false;
  /** The interval at which this thread is, and whether it awaits others there. */
  private phase = 0;
  private waiting = false;
  /** This thread made a shard's last interval because nobody else had begun it: the next one may lie there too. */
  private helped = false;
  /** Shard that is awaited, and the one that this thread worked on last. */
  private awaited = 0;
  making = 0;
  /** Status with which the run ends; a last interval without steps delivers what is left. */
  private ending: number | undefined;
  /** The run is profiled; ms spent so far on waiting and on spikes of others that no core knows of yet. */
  private profiles = false;
  private exchanged = 0;
  private began = 0;

  /** @param cores of the shards that this thread can drive, in their order */
  constructor(
    cores: readonly (ShardExports | undefined)[],
    memories: readonly WebAssembly.Memory[],
    control: Control,
    me: number,
  ) {
    this.cores = cores;
    this.memories = memories;
    this.control = control;
    this.me = me;
    const { populations, shards } = control;
    this.logs = new Float64Array(populations * shards);
    this.counts = new Float64Array(populations * shards);
    this.firsts = new Uint32Array(populations * shards);
    this.inboxes = new Float64Array(populations * shards);
    this.sizes = new Float64Array(populations * shards);
    this.heard = new Uint8Array(populations);
    this.heads = new Float64Array(shards);
  }

  /**
   * Takes part in a run, number `number` of the commands: the logs were empty at its start, and memories may have
   * grown.
   *
   * @param alone nobody else takes part
   */
  begin(run: Run, number: number, alone: boolean): void {
    const { control, memories } = this;
    const { populations, shards, wires } = control;
    this.views = memories.map((memory) => new Uint32Array(memory.buffer));
    for (let p = 0; p < populations; p++) {
      this.heard[p] = 0;
      for (let s = 0; s < shards; s++) {
        const [k, wire] = [p * shards + s, control.wire(p, s)];
        this.logs[k] = (wires[wire] as number) / 4;
        this.counts[k] = (wires[wire + 1] as number) / 4;
        this.inboxes[k] = (wires[wire + 2] as number) / 4;
        this.sizes[k] = (wires[wire + 3] as number) / 4;
        this.firsts[k] = wires[wire + 4] as number;
        // Nobody here listens to a population without an inbox.
        if (this.inboxes[k] !== 0) this.heard[p] = 1;
      }
    }
    this.passed = 0;
    this.run = run;
    this.number = number;
    this.alone = alone;
    this.phase = (run.from + 1) | 0;
    this.waiting = false;
    this.ending = run.steps === 0 ? SHARD.going : undefined;
    this.profiles = this.cores.some((core) => core !== undefined && core.profiling() !== 0);
    this.exchanged = 0;
  }

  /**
   * Goes on until the run ends or an interval is waited for in vain that another thread makes; then it is to be called
   * again once that is there. Returns the worst status, or WAITING. A plain function that stays in its loop and does
   * all that an interval needs, because engines optimise such a one soon: generators took seconds to become fast. All
   * end with the interval in which one of them is beyond its `deadline`.
   */
  goOn(spinMs: number, deadline: number): number {
    const { control, me } = this;
    if (this.alone) return this.goAlone(deadline);
    for (;;) {
      if (!this.waiting) {
        if (control.claim(me, this.phase)) this.make(me, deadline);
        this.began = this.clock();
        this.waiting = true;
      }
      if (!this.allMade(spinMs, deadline)) return WAITING;
      this.waiting = false;
      if (this.profiles) this.exchanged += this.clock() - this.began;
      if (this.ending !== undefined) return this.ending;
      // All see the same numbers, so that all stop here or none.
      const worst = control.worst(this.phase);
      // The first thread may have begun another run, with this one at its end.
      if (!control.isAt(this.number)) return SHARD.going;
      if (worst !== SHARD.going || this.stepsAhead(this.phase) >= this.run.steps) this.ending = worst;
      this.phase = (this.phase + 1) | 0;
    }
  }

  /** Makes all intervals of all shards, and tells nobody before the end. */
  private goAlone(deadline: number): number {
    const { control, run } = this;
    for (;;) {
      let worst: number = SHARD.going;
      for (let s = 0; s < control.shards; s++) worst = Math.max(worst, this.turn(s, deadline));
      if (this.ending !== undefined) break;
      if (worst !== SHARD.going || this.stepsAhead(this.phase) >= run.steps) this.ending = worst;
      this.phase = (this.phase + 1) | 0;
    }
    for (let s = 0; s < control.shards; s++) control.publish(s, this.phase, SHARD.going);
    return this.ending;
  }

  /** Waits until a shard has made what this thread awaits. */
  untilMade(): Generator<undefined, boolean> {
    return this.control.untilMade(this.awaited, this.phase, this.me);
  }

  /** Whether all shards have made the present interval, or do so soon; makes what nobody has begun. */
  private allMade(spinMs: number, deadline: number): boolean {
    const { control, cores, phase } = this;
    const { shards } = control;
    let until = 0;
    for (let s = 0, turn = 1; s < shards; turn++) {
      if (control.hasMade(s, phase)) {
        s++;
        continue;
      }
      if (turn % LOOK === 0 || (turn === 1 && this.helped)) {
        this.helped = false;
        for (let o = s; o < shards; o++) {
          if (cores[o] === undefined || !control.isFree(o, phase) || !control.claim(o, phase)) continue;
          this.make(o, deadline);
          this.helped = true;
          until = 0;
        }
      }
      if (turn % TURNS !== 0) continue;
      const now = performance.now();
      if (until === 0) until = now + spinMs;
      else if (now >= until) {
        this.awaited = s;
        return false;
      }
    }
    return true;
  }

  /** Steps of the run up to the end of an interval, if it does not end before. */
  private stepsAhead(phase: number): number {
    const { from, interval, steps } = this.run;
    return Math.min(steps, ((phase - from) | 0) * interval);
  }

  private make(s: number, deadline: number): void {
    this.control.publish(s, this.phase, this.turn(s, deadline));
  }

  /**
   * Makes an interval of a shard: delivers the spikes of the one before it and advances; the last one only delivers.
   * Answers a status.
   */
  private turn(s: number, deadline: number): number {
    const { phase, ending } = this;
    const core = this.cores[s] as ShardExports;
    this.making = s;
    const before = this.stepsAhead((phase - 1) | 0);
    const end = this.stepsAhead(phase);
    const pending = before - this.stepsAhead((phase - 2) | 0);
    let status: number = SHARD.going;
    if (ending === undefined) {
      if (before > 0) this.take(s, before - pending, pending);
      status = core.turnOver(before > 0 ? pending : 0, end - before, this.stepsAhead((phase + 1) | 0) - end);
      // A look at the clock takes as long as a small part of an interval.
      const looks = status === SHARD.going && (phase & 3) === 0 && deadline < Infinity;
      if (looks && performance.now() > deadline) status = SHARD.full;
    } else if (ending !== SHARD.unstable && before > 0) {
      this.take(s, before - pending, pending);
      core.turnOver(pending, 0, 0);
    }
    if (this.exchanged > 0 && this.profiles) {
      core.addExchange(this.exchanged);
      this.exchanged = 0;
    }
    return status;
  }

  /** The time in ms, where somebody wants to know how long the exchange takes. */
  private clock(): number {
    return this.profiles ? performance.now() : 0;
  }

  /** Gives a shard the spikes of all of `steps` steps, from the step `first` of the run on. */
  private take(s: number, first: number, steps: number): void {
    const began = this.clock();
    this.passTo(first);
    const { views, logs, counts, firsts, heard, heads, control: { shards } } = this;
    const own = views[s] as Uint32Array;
    for (let p = 0; p < heard.length; p++) {
      const mine = p * shards + s;
      let to = this.inboxes[mine] as number;
      if (to === 0) continue;
      const sizes = this.sizes[mine] as number;
      // The shards' neurons follow each other, so that the list of a step is in order.
      for (let step = 0; step < steps; step++) {
        const before = to;
        for (let o = 0; o < shards; o++) {
          const k = p * shards + o;
          const view = views[o] as Uint32Array;
          const count = view[(counts[k] as number) + first + step] as number;
          if (step === 0) heads[o] = logs[k] as number;
          if (count === 0) continue;
          const from = heads[o] as number;
          const number = firsts[k] as number;
          for (let i = 0; i < count; i++) own[to + i] = (view[from + i] as number) + number;
          heads[o] = from + count;
          to += count;
        }
        own[sizes + step] = to - before;
      }
    }
    if (this.profiles) this.exchanged += this.clock() - began;
  }

  /** Lets the reading of logs begin at a step of the run. */
  private passTo(step: number): void {
    const { views, logs, counts, heard, passed, control: { shards } } = this;
    if (step === passed) return;
    for (let p = 0; p < heard.length; p++) {
      if (heard[p] === 0) continue;
      for (let o = 0; o < shards; o++) {
        const k = p * shards + o;
        const view = views[o] as Uint32Array;
        const at = counts[k] as number;
        let sum = 0;
        for (let t = passed; t < step; t++) sum += view[at + t] as number;
        logs[k] = (logs[k] as number) + sum;
      }
    }
    this.passed = step;
  }
}

/**
 * Takes part in a run as long as it goes on, until one is beyond the deadline (by `performance.now`); returns the worst
 * status.
 */
export function* drive(
  driver: Driver,
  { run, number, alone = false }: { readonly run: Run; readonly number: number; readonly alone?: boolean },
  spinMs: number,
  deadline = Infinity,
): Generator<undefined, number> {
  driver.begin(run, number, alone);
  for (;;) {
    const status = driver.goOn(spinMs, deadline);
    if (status !== WAITING) return status;
    if (!(yield* driver.untilMade())) return SHARD.failed;
  }
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
    const driver = new Driver(memories.map((_, s) => (s === me ? exports : undefined)), memories, control, me);
    control.arrive(me);
    for (let number = 0; ; ) {
      number = control.nextCommand(number, spinMs);
      const order = control.order;
      if (!control.isAt(number)) continue;
      const { kind } = order;
      if (kind === COMMAND.leave) return;
      if (kind === COMMAND.alone) continue;
      let answer: number;
      if (kind === COMMAND.graphPlace) answer = build(exports.graphPlace, control, me);
      else if (kind === COMMAND.graphSort) answer = build(exports.graphSort, control, me);
      else {
        const running = drive(driver, { run: order, number }, spinMs);
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

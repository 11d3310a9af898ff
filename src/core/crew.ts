/**
 * Workers that drive shards beside the first thread, which has shard 0. Where there are none, the first thread drives
 * all.
 */
import { ABI_VERSION } from "./abi.js";
import { shardSource } from "./generated/shardSource.js";
import { node } from "./node.js";
import { Pace } from "./pace.js";
import {
  BUILD,
  COMMAND,
  Control,
  drive,
  Driver,
  type Order,
  reasonOf,
  SHARD,
  SLICE,
  SPIN_MS,
} from "./shard.js";
import type { Core } from "./core.js";

/** A shard that stopped: its worker threw, died or fell silent. */
export class ShardFailure extends Error {
  readonly shard: number;

  constructor(shard: number, message: string) {
    super(message);
    this.shard = shard;
  }
}

/** Worker of Node or of the browser. */
interface AnyWorker {
  terminate(): unknown;
  unref?(): void;
}

interface NodeWorkers {
  readonly Worker: new (
    url: URL,
    options: object,
  ) => AnyWorker & { on(event: string, listener: (x: unknown) => void): void };
}
interface NodeSystem {
  availableParallelism(): number;
  loadavg(): number[];
  cpus(): readonly { readonly times: { readonly idle: number } }[];
}

/** Number of threads that can run side by side. */
export function parallelism(): number {
  const browser = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency;
  return node<NodeSystem>("node:os")?.availableParallelism() ?? browser ?? 1;
}

/** CPU time in ms that all threads of this process took; not a number where nobody tells it. */
function cpuTime(): number {
  const { cpuUsage } = (globalThis as { process?: { cpuUsage?(): { user: number; system: number } } }).process ?? {};
  if (cpuUsage === undefined) return Number.NaN;
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** Times in ms: of a clock, of this process on processors, and of all processors without work. */
interface Times {
  readonly clock: number;
  readonly own: number;
  readonly idle: number;
}

/** The times now; not numbers where nobody tells them. */
function timesNow(): Times {
  const cpus = node<NodeSystem>("node:os")?.cpus() ?? [];
  const idle = cpus.length === 0 ? Number.NaN : cpus.reduce((sum, { times }) => sum + times.idle, 0);
  return { clock: performance.now(), own: cpuTime(), idle };
}

/** ms in which systems count the time of a processor without work. */
const TICK = 10;

/**
 * Processors that this process has had or could have had since then, at most; not a number where that is not known. The
 * start of threads takes a few ticks only, of which each processor may lack one.
 */
function processorsSince({ clock, own, idle }: Times): number {
  const now = timesNow();
  return (now.idle - idle + now.own - own + TICK * parallelism()) / (now.clock - clock);
}

/**
 * Threads that would find a processor of their own: fewer where other programs have them, because threads that wait for
 * each other's turn are slower than one. The load of this program's own start is not counted; a page draws, which takes
 * a processor.
 */
export function freeProcessors(): number {
  const system = node<NodeSystem>("node:os");
  const all = parallelism();
  const taken = system ? Math.max(0, (system.loadavg()[0] ?? 0) - 1) : 1;
  return Math.max(1, Math.min(all, Math.round(all - taken)));
}

/** Why threads cannot share memory here; undefined if they can. */
export function whyAlone(): string | undefined {
  const { crossOriginIsolated, Worker } = globalThis as { crossOriginIsolated?: boolean; Worker?: unknown };
  if (typeof SharedArrayBuffer === "undefined" || typeof Atomics === "undefined") {
    return crossOriginIsolated === false
      ? "this page is not cross-origin isolated"
      : "there is no SharedArrayBuffer here";
  }
  return node("node:worker_threads") !== undefined || typeof Worker === "function"
    ? undefined
    : "there are no workers here";
}

/** Whether threads can share memory here. A page needs cross-origin isolation for it. */
export function canShare(): boolean {
  return whyAlone() === undefined;
}

/** The workers of a crew. They are known without it, so that it can be forgotten. */
interface Staff {
  readonly workers: AnyWorker[];
  /** A run is under way. */
  busy: boolean;
  /** Number of the last use. */
  used: number;
}

/**
 * Crews that have workers. A thread takes megabytes, and the engine does not see that when it decides how soon to look
 * for simulations that nobody holds any more: those that used theirs the longest ago lose them, and get new ones when
 * they run again.
 */
const employed = new Set<Staff>();
let uses = 0;

/** Most workers that wait for a next run, and most of all, beyond which a run goes on in turn. */
const mostIdle = (): number => Math.max(8, parallelism());
const MOST_WORKERS = 128;

function dismiss(staff: Staff): void {
  employed.delete(staff);
  for (const worker of staff.workers.splice(0)) worker.terminate();
}

const count = (some: readonly Staff[]): number => some.reduce((sum, { workers }) => sum + workers.length, 0);

/** Sends idle workers away until at most so many are left. */
function thinOut(most: number): void {
  const idle = [...employed].filter(({ busy }) => !busy).sort((a, b) => a.used - b.used);
  while (idle.length > 0 && count(idle) > most) dismiss(idle.shift() as Staff);
}

/** Workers of crews that nobody holds any more are stopped. */
const forgotten = typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry<Staff>(dismiss);

export class Crew {
  private readonly cores: readonly Core[];
  private readonly populations: number;
  private readonly address: string | undefined;
  private control: Control;
  private driver: Driver;
  private readonly workers: AnyWorker[] = [];
  private readonly staff: Staff = { workers: this.workers, busy: false, used: 0 };
  private readonly spinMs: number;
  private pace = new Pace();
  /** Number of modules of kernels that the workers were started with, and whether events have their turn at a start. */
  private known = 0;
  private patient = false;
  /** Why the first thread does everything, if it does for good. */
  alone: string | undefined;

  /**
   * @param populations how many the network has
   * @param address where a page gets the program of its workers; inside the package by default
   */
  constructor(cores: readonly Core[], populations: number, address?: string) {
    this.cores = cores;
    this.populations = populations;
    this.address = address;
    this.control = Control.create(cores.length, populations);
    this.driver = this.makeDriver();
    // Where threads have to take turns on a processor, spinning keeps the others from working.
    this.spinMs = parallelism() >= cores.length ? SPIN_MS : 0;
    this.alone = cores.every((core) => core.isShared) ? whyAlone() : (whyAlone() ?? "the core was given as a compiled module");
    forgotten?.register(this, this.staff, this);
  }

  /** Its workers are on their way; those of a browser need this thread's events to have their turn. */
  isStarting = false;

  /** Modules of kernels that the cores have. */
  private get kernels(): number {
    return (this.cores[0] as Core).kernels.count;
  }

  /** The workers lack kernels, which came later: a worker that sleeps between commands hears of nothing else. */
  private get knowsLess(): boolean {
    return this.workers.length > 0 && this.known < this.kernels;
  }

  private makeDriver(): Driver {
    const { cores, control } = this;
    return new Driver(cores.map(({ exports }) => exports), cores.map(({ memory }) => memory), control, 0);
  }

  /**
   * Starts the workers, if threads can be had, and waits until they are there. Without them the first thread does
   * everything.
   *
   * @param patient this thread lets events have their turn: workers of a browser do not start otherwise
   */
  *start(patient: boolean): Generator<undefined, void> {
    const { cores, staff } = this;
    staff.used = ++uses;
    staff.busy = true;
    this.patient = patient;
    if (this.knowsLess) dismiss(staff);
    if (this.workers.length > 0 || this.alone !== undefined) return;
    if (!patient && node("node:worker_threads") === undefined) return;
    const others = cores.length - 1;
    thinOut(Math.max(0, mostIdle() - others));
    if (count([...employed]) + others > MOST_WORKERS) return;
    this.isStarting = true;
    const before = timesNow();
    try {
      yield* this.enlist();
    } finally {
      this.isStarting = false;
    }
    // Starting them takes long enough to see whether they would have processors of their own.
    this.pace = new Pace(!(processorsSince(before) < cores.length - 0.5));
    const { failure } = this.control;
    if (failure === undefined) return;
    dismiss(staff);
    this.alone = `worker ${failure.shard} did not start (${failure.message})`;
  }

  private *enlist(): Generator<undefined, void> {
    const { cores, populations, spinMs, staff, workers, address } = this;
    // Of its own for these workers: what earlier ones still say concerns nobody.
    const control = Control.create(cores.length, populations);
    control.patience = this.control.patience;
    control.clock = this.control.clock;
    control.wires.set(this.control.wires);
    this.control = control;
    this.driver = this.makeDriver();
    const memories = cores.map((core) => core.memory);
    const blob = address === undefined && node("node:worker_threads") === undefined ? blobAddress() : undefined;
    employed.add(staff);
    this.known = this.kernels;
    const engage = (me: number): void => {
      const core = cores[me] as Core;
      const kernels = core.kernels.modulesFor(core);
      const { module } = core;
      const order: Order = { version: ABI_VERSION, module, kernels, memories, control: control.buffer, me, spinMs };
      workers.push(hire(order, address ?? blob, (reason) => control.fail(me, reason)));
    };
    try {
      for (let me = 1; me < cores.length; me++) engage(me);
    } catch (error) {
      // A Content Security Policy may refuse at once.
      control.fail(workers.length + 1, reasonOf(error));
    }
    try {
      for (let s = 1; s < cores.length; s++) if (!(yield* control.untilReady(s))) return;
    } finally {
      if (blob !== undefined) URL.revokeObjectURL(blob);
    }
  }

  /** Nothing is to be done until the next `start`. */
  rest(): void {
    this.staff.busy = false;
    thinOut(mostIdle());
  }

  /**
   * Lets all shards do one step of building; whether each had the memory. Yields after every slice. An error thrown in
   * there ends the step in all shards.
   */
  *build(step: "graphPlace" | "graphSort"): Generator<undefined, boolean[]> {
    const { cores, control } = this;
    if (!this.isParallel) return yield* buildInTurn(cores, step);
    const number = control.command(COMMAND[step], 0, 0);
    try {
      const answers = yield* buildInTurn(cores.slice(0, 1), step);
      for (let s = 1; s < cores.length; s++) {
        yield* control.untilDone(s, number, 0);
        this.mustWork();
        answers.push(control.answerOf(s) === BUILD.done);
      }
      return answers;
    } catch (error) {
      control.cancel();
      for (let s = 1; s < cores.length; s++) yield* control.untilDone(s, number, 0);
      throw error;
    }
  }

  /**
   * Advances by at most `steps` steps with exchanges every `interval` steps, by fewer where there is something to try;
   * whether a neuron ran away.
   */
  *run(steps: number, interval: number): Generator<undefined, boolean> {
    if (this.knowsLess) yield* this.start(this.patient);
    if (!this.isParallel) return (yield* this.drive(steps, interval, false, Infinity)) === SHARD.unstable;
    this.mustWork();
    const { cores, pace } = this;
    const { beside, ms } = pace.next();
    const { exports } = cores[0] as Core;
    const before = exports.stepsDone();
    const [started, cpu] = [performance.now(), cpuTime()];
    const status = yield* this.drive(steps, interval, beside, started + ms);
    const time = performance.now() - started;
    pace.done(beside, exports.stepsDone() - before, time, (cpuTime() - cpu) / (time * (beside ? cores.length : 1)));
    return status === SHARD.unstable;
  }

  /** A run beside the workers, or with all shards on this thread. */
  private *drive(steps: number, interval: number, beside: boolean, deadline: number): Generator<undefined, number> {
    const { control, driver, spinMs } = this;
    const number = control.command(beside ? COMMAND.run : COMMAND.alone, steps, interval);
    let status: number;
    try {
      status = yield* drive(driver, { run: control.order, number, alone: !beside }, spinMs, deadline);
    } catch (error) {
      const { making } = driver;
      control.fail(making, reasonOf(error));
      dismiss(this.staff);
      throw making === 0 ? error : new ShardFailure(making, reasonOf(error));
    }
    // Without workers it does not matter why there are none.
    if (this.isParallel) this.mustWork();
    return status;
  }

  /** Writes where a population's columns lie in a shard. */
  wire(population: number, shard: number, addresses: readonly number[]): void {
    this.control.wires.set(addresses, this.control.wire(population, shard));
  }

  /** Whether other threads take part. */
  get isParallel(): boolean {
    return this.workers.length > 0;
  }

  /** Ends the workers. */
  stop(): void {
    if (this.isParallel) this.control.command(COMMAND.leave, 0, 0);
    forgotten?.unregister(this);
    dismiss(this.staff);
  }

  private mustWork(): void {
    const { failure } = this.control;
    if (!failure) return;
    dismiss(this.staff);
    throw new ShardFailure(failure.shard, failure.message);
  }
}

/** One step of building in several cores, one after another, slice by slice; whether each had the memory. */
export function* buildInTurn(
  cores: readonly Core[],
  step: "graphPlace" | "graphSort",
): Generator<undefined, boolean[]> {
  const answers: boolean[] = [];
  for (const { exports } of cores) {
    for (;;) {
      const answer = exports[step](SLICE);
      yield;
      if (answer === BUILD.more) continue;
      answers.push(answer === BUILD.done);
      break;
    }
  }
  return answers;
}

/** Address of a worker's program for a browser, which may refuse it (Content Security Policy). */
function blobAddress(): string {
  const program = `${shardSource}\nonmessage = (event) => serve(event.data);`;
  return URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
}

/** Starts a worker; `lost` is called when it dies. */
function hire(order: Order, address: string | undefined, lost: (reason: string) => void): AnyWorker {
  const threads = node<NodeWorkers>("node:worker_threads");
  if (threads) {
    const program = `import { workerData } from "node:worker_threads";\n${shardSource}\nserve(workerData);`;
    const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
    // Loaders of the first thread (execArgv) are of no use here and slow.
    const worker = new threads.Worker(url, { workerData: order, execArgv: [], name: `spikelet shard ${order.me}` });
    worker.on("error", (error) => lost(reasonOf(error)));
    worker.on("exit", (code) => lost(`its thread ended with code ${String(code)}`));
    // A program may end while workers wait.
    worker.unref?.();
    return worker;
  }
  const worker = new Worker(address as string, { type: "module", name: `spikelet shard ${order.me}` });
  // An event without a message: the program could not be loaded.
  worker.onerror = (event) => lost(event.message || `its program cannot be loaded from ${(address as string).slice(0, 200)}`);
  worker.onmessageerror = () => lost("it cannot receive the network's memory");
  worker.postMessage(order);
  return worker;
}

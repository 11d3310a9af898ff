/** Workers that drive shards beside the first thread, which has shard 0. Where there are none, the first thread drives all. */
import { shardSource } from "./generated/shardSource.js";
import { COMMAND, Control, type Order, runBeside, runInTurn, Shard, SHARD, SPIN_MS } from "./shard.js";
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
  readonly Worker: new (url: URL, options: object) => AnyWorker & { on(event: string, listener: (x: unknown) => void): void };
}
interface NodeSystem {
  availableParallelism(): number;
  loadavg(): number[];
}

/** A module of Node without an import, which bundlers for the browser would stumble over. */
function node<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/** Number of threads that can run side by side. */
export function parallelism(): number {
  const browser = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency;
  return node<NodeSystem>("node:os")?.availableParallelism() ?? browser ?? 1;
}

/**
 * Threads that would find a processor of their own: fewer where other programs have them, because threads that wait for each
 * other's turn are slower than one. The load of this program's own start is not counted.
 */
export function freeProcessors(): number {
  const [load = 0] = node<NodeSystem>("node:os")?.loadavg() ?? [];
  const all = parallelism();
  return Math.max(1, Math.min(all, Math.round(all - Math.max(0, load - 1))));
}

/** Whether threads can share memory here. A page needs cross-origin isolation for it. */
export function canShare(): boolean {
  if (typeof SharedArrayBuffer === "undefined" || typeof Atomics === "undefined") return false;
  return node("node:worker_threads") !== undefined || typeof (globalThis as { Worker?: unknown }).Worker === "function";
}

/** Workers of crews that nobody holds any more are stopped. */
const forgotten = typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry<AnyWorker[]>((workers) => dismiss(workers));

function dismiss(workers: AnyWorker[]): void {
  for (const worker of workers.splice(0)) worker.terminate();
}

export class Crew {
  private readonly cores: readonly Core[];
  private readonly control: Control;
  private readonly shards: readonly Shard[];
  private readonly workers: AnyWorker[] = [];
  private readonly spinMs: number;

  /** @param populations how many the network has */
  constructor(cores: readonly Core[], populations: number) {
    this.cores = cores;
    this.control = Control.create(cores.length, populations);
    const memories = cores.map((core) => core.memory);
    this.shards = cores.map((core, me) => new Shard(core.exports, memories, this.control, me));
    // Where threads have to take turns on a processor, spinning keeps the others from working.
    this.spinMs = parallelism() >= cores.length ? SPIN_MS : 0;
  }

  /**
   * Starts the workers, if threads can be had, and waits until they are there.
   *
   * @param patient this thread lets events have their turn: workers of a browser do not start otherwise
   */
  *start(patient: boolean): Generator<undefined, void> {
    const { cores, control, spinMs, workers } = this;
    if (workers.length > 0 || !cores.every((core) => core.isShared) || !canShare()) return;
    if (!patient && node("node:worker_threads") === undefined) return;
    const memories = cores.map((core) => core.memory);
    for (let me = 1; me < cores.length; me++) {
      const order: Order = { module: (cores[me] as Core).module, memories, control: control.buffer, me, spinMs };
      workers.push(hire(order, (reason) => control.fail(me, reason)));
    }
    forgotten?.register(this, workers, this);
    for (let s = 1; s < cores.length; s++) yield* control.untilReady(s);
    this.mustWork();
  }

  /** Lets all shards do one step of building; whether each had the memory. */
  *build(step: "graphPlace" | "graphSort"): Generator<undefined, boolean[]> {
    const { cores, control } = this;
    const first = cores[0] as Core;
    if (this.workers.length === 0) return cores.map((core) => core.exports[step]() !== 0);
    const number = control.command(COMMAND[step], 0, 0);
    const answers = [first.exports[step]() !== 0];
    for (let s = 1; s < cores.length; s++) {
      yield* control.untilDone(s, number, 0);
      this.mustWork();
      answers.push(control.answerOf(s) !== 0);
    }
    return answers;
  }

  /** Advances by at most `steps` steps with exchanges every `interval` steps; whether a neuron ran away. */
  *run(steps: number, interval: number): Generator<undefined, boolean> {
    const { cores, control, shards, spinMs } = this;
    if (this.workers.length === 0) return runInTurn(shards, steps, interval) === SHARD.unstable;
    const number = control.command(COMMAND.run, steps, interval);
    let status: number;
    try {
      status = yield* runBeside(shards[0] as Shard, steps, interval, spinMs);
    } catch (error) {
      control.fail(0, error instanceof Error ? error.message : String(error));
      dismiss(this.workers);
      throw error;
    }
    for (let s = 1; s < cores.length; s++) {
      yield* control.untilDone(s, number, spinMs);
      this.mustWork();
    }
    this.mustWork();
    return status === SHARD.unstable;
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
    if (this.workers.length > 0) this.control.command(COMMAND.leave, 0, 0);
    forgotten?.unregister(this);
    dismiss(this.workers);
  }

  private mustWork(): void {
    const { failure } = this.control;
    if (!failure) return;
    dismiss(this.workers);
    throw new ShardFailure(failure.shard, failure.message);
  }
}

/** Starts a worker; `lost` is called when it dies. */
function hire(order: Order, lost: (reason: string) => void): AnyWorker {
  const threads = node<NodeWorkers>("node:worker_threads");
  if (threads) {
    const program = `import { workerData } from "node:worker_threads";\n${shardSource}\nserve(workerData);`;
    const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
    // Loaders of the first thread (execArgv) are of no use here and slow.
    const worker = new threads.Worker(url, { workerData: order, execArgv: [], name: `spikelet shard ${order.me}` });
    worker.on("error", (error) => lost(error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => lost(`its thread ended with code ${String(code)}`));
    // A program may end while workers wait.
    worker.unref?.();
    return worker;
  }
  const program = `${shardSource}\nonmessage = (event) => serve(event.data);`;
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module", name: `spikelet shard ${order.me}` });
  worker.onerror = (event) => lost(event.message);
  worker.postMessage(order);
  return worker;
}

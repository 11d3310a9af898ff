/**
 * Changes of a network that runs. Every change is first computed for all shards, with all the memory that it takes;
 * only then it is made in all of them, so that one which cannot be made leaves nothing behind. While other threads
 * compute, it waits until all shards stand at the same step.
 */
import type { Core } from "../core/core.js";
import { StateError } from "../model/errors.js";

/** A change of one shard that is computed and has its memory, but does not act yet. */
export interface Change {
  /** Makes it on the host's side; what it returns writes it into the core. */
  accept(): () => void;
  /** Gives its memory back. */
  cancel(): void;
}

/** The changes of all shards as one; none of them keeps anything if one cannot be prepared. */
export function prepareAll<T>(parts: readonly T[], prepare: (part: T) => Change): Change {
  const ready: Change[] = [];
  const cancel = (): void => {
    for (const change of ready) change.cancel();
  };
  try {
    for (const part of parts) ready.push(prepare(part));
  } catch (error) {
    cancel();
    throw error;
  }
  return { accept: () => inOrder(ready.map((change) => change.accept())), cancel };
}

function inOrder(writes: readonly (() => void)[]): () => void {
  return () => {
    for (const write of writes) write();
  };
}

/** Whether the shards of a simulation stand still, and what is to be written once they do. */
export class Live {
  private phase: "standing" | "building" | "computing" = "standing";
  private waiting: (() => void)[] = [];
  /** Steps that are done when the shards stand next. */
  private next = 0;
  private changed = false;
  /** The seed of what is drawn from now on. */
  seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Makes a change now or, while the shards compute, when they stand at the same step. */
  make(write: () => void): void {
    this.changed = true;
    if (this.phase === "computing") this.waiting.push(write);
    else this.write(write);
  }

  private write(write: () => void): void {
    for (const neurons of this.lazy) neurons.bringUp();
    write();
  }

  /** Neurons whose columns are behind the present: they are brought there ahead of any change. */
  lazy: { bringUp(): void }[] = [];

  /** The step from which on a change acts that is made now. */
  get step(): number {
    return this.next;
  }

  /** While the network is laid out its memory belongs to that. */
  mustBeLaidOut(name: string): void {
    if (this.phase !== "building") return;
    throw new StateError(`${name}: the network is being built; change it before run(), or when time goes on.`, {
      path: name,
    });
  }

  /** What is read while shards compute would come from different steps. */
  mustStand(name: string): void {
    this.mustBeLaidOut(name);
    if (this.phase !== "computing") return;
    throw new StateError(
      `${name}: threads are computing, each at a step of its own; read it in onProgress or after the run.`,
      { path: name },
    );
  }

  /** The shards are laid out, which takes turns with events. */
  build(): void {
    this.phase = "building";
  }

  /** The shards compute; events may have their turn until `stand`, when they are to be at the step `until`. */
  compute(until: number): void {
    this.phase = "computing";
    this.next = until;
  }

  /** The shards stand at a step: what waited is made. */
  stand(step: number): void {
    this.phase = "standing";
    this.next = step;
    for (const write of this.waiting.splice(0)) this.write(write);
  }

  /** The shards will not stand at one step any more. */
  stop(): void {
    this.phase = "standing";
    this.waiting = [];
  }

  /** Most steps between two exchanges of spikes, as far as delays became shorter than they were. */
  shortest = Number.POSITIVE_INFINITY;

  /** Delays have become as short as this. */
  shorten(steps: number): void {
    this.shortest = Math.min(this.shortest, steps);
  }

  /** Whether something was changed since it was last asked. */
  takeChanged(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
  }
}

/** A block of a core's memory. */
export interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** Blocks of a core's memory that are not needed any more and used again, because the core gives nothing back. */
export class Pool {
  private readonly core: Core;
  private readonly free = new Map<number, number[]>();

  constructor(core: Core) {
    this.core = core;
  }

  /** A zeroed block. `what` names it in the error when there is no room. */
  take(bytes: number, what: string): Block {
    const known = this.free.get(bytes)?.pop();
    if (known === undefined) return { address: this.core.allocate(bytes, what), bytes };
    new Uint8Array(this.core.memory.buffer, known, bytes).fill(0);
    return { address: known, bytes };
  }

  /**
   * A block for contents of changing length: the next power of two, so that longer and shorter ones take turns in few
   * blocks.
   */
  takeTable(bytes: number, what: string): Block {
    return this.take(2 ** Math.ceil(Math.log2(Math.max(bytes, 64))), what);
  }

  give({ address, bytes }: Block): void {
    const known = this.free.get(bytes);
    if (known) known.push(address);
    else this.free.set(bytes, [address]);
  }
}

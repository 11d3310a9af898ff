/** The core's instances that share a network, and the threads that drive them. */
import { type Core, MemoryError } from "../core/core.js";
import { canShare, Crew, freeProcessors } from "../core/crew.js";
import type { Finding } from "../model/findings.js";
import type { Live } from "./live.js";
import type { Network } from "./network.js";
import { seedWords } from "./values.js";

/** Networks of so many neurons are shared out over the machine's threads unless told otherwise. */
const LARGE = 10_000;

/** The threads, and where their program comes from; they are not part of the state that a snapshot saves. */
const crews = new WeakMap<Shards, Crew>();
const addresses = new WeakMap<Shards, string>();

export class Shards {
  /** The core's instances, one for each shard. */
  cores: readonly Core[];
  /** Threads that were asked for. */
  private readonly threads: number | undefined;
  private readonly dt: number;
  private readonly live: Live;
  /** Why there are fewer shards than there should be. */
  private fewer: string | undefined;

  constructor(core: Core, dt: number, live: Live, threads: number | undefined) {
    this.cores = [core];
    this.dt = dt;
    this.live = live;
    this.threads = threads;
    this.configure(core);
  }

  /** Where the program of the threads comes from. */
  setWorker(address: string | undefined): void {
    if (address !== undefined) addresses.set(this, address);
  }

  get first(): Core {
    return this.cores[0] as Core;
  }

  get crew(): Crew | undefined {
    return crews.get(this);
  }

  /** Makes the shards of a network that is not built yet, and starts the threads of one that is. */
  *recruit(network: Network, built: boolean, patient: boolean): Generator<undefined, void> {
    if (!built) {
      const count = this.countFor(network);
      if (count > this.cores.length) {
        this.cores = this.make(count);
        for (const core of this.cores) this.configure(core);
      }
    }
    if (this.cores.length === 1) return;
    const crew = this.crew ?? new Crew(this.cores, network.emitters.length, addresses.get(this));
    crews.set(this, crew);
    if (built) yield* crew.start(patient);
  }

  /** Other random numbers from now on. */
  reseed(seed: number): void {
    this.live.seed = seed;
    for (const core of this.cores) core.exports.reseed(...seedWords(seed));
  }

  /** Ends the threads. */
  stop(): void {
    this.crew?.stop();
    crews.delete(this);
  }

  /** Empty again, as one. */
  unbuild(): void {
    this.stop();
    this.cores = this.first.shards(1, false);
    this.configure(this.first);
  }

  /** Fewer threads than asked for, or none where the network would have some. */
  findings(): Finding[] {
    const { crew, fewer, threads, cores } = this;
    const wanted = threads ?? cores.length;
    const alone = crew?.alone;
    if (alone === undefined && fewer === undefined) return [];
    const done = alone === undefined && cores.length > 1 ? `${cores.length} do the work` : "one does the work";
    const why = `because ${alone ?? fewer}; the results are the same bits for any number`;
    const message = `${fewer ? "Threads" : `${wanted} threads`}: ${done}, ${why}.`;
    const told = {
      population: null,
      parameter: "threads",
      value: wanted,
      limit: alone === undefined ? cores.length : 1,
    };
    return [{ level: "note", code: "fewer-threads", message, ...told }];
  }

  private configure(core: Core): void {
    core.exports.configure(this.dt, ...seedWords(this.live.seed));
  }

  /** So many shards, or fewer where the system does not give their memories: addresses may be short. */
  private make(count: number): readonly Core[] {
    const { first } = this;
    for (let n = count; n > 1; n--) {
      try {
        return first.shards(n, canShare());
      } catch (error) {
        if (!(error instanceof MemoryError)) throw error;
        this.fewer = "the system gives no memory for more";
      }
    }
    return [first];
  }

  private countFor({ populations, projections }: Network): number {
    const neurons = [...populations.values()].reduce((sum, p) => sum + p.size, 0);
    // Currents of gap junctions need the neighbours' potentials in every step: one shard has them all.
    // So do rules that read states of their sources.
    if (projections.some((p) => p.description.gapJunction || p.readsSources)) return 1;
    if (this.threads !== undefined) return this.threads;
    return neurons >= LARGE && canShare() ? Math.min(freeProcessors(), 8, Math.floor(neurons / (LARGE / 2))) : 1;
  }
}

/** What was seen of a network: the latest spikes, up to so many, to be saved, drawn and graded. */
import type { PopulationSpikes } from "spikelet";
import type { FrameSpikes } from "spikelet/worker";

/** Spikes that are kept: 12 bytes each. */
export const MOST_SPIKES = 4_000_000;

/** Stretches that are kept: what a quiet network takes is bounded too. */
const MOST_STRETCHES = 100_000;

interface Stretch {
  readonly from: number;
  readonly time: number;
  readonly count: number;
  readonly spikes: readonly FrameSpikes[];
}

/** The spikes of the last stretches of simulated time; the oldest stretches go where there are too many. */
export class Kept {
  private readonly most: number;
  private populations: readonly { readonly name: string; readonly size: number }[] = [];
  private stretches: Stretch[] = [];
  private begin = 0;
  /** Spikes that are kept. */
  count = 0;

  constructor(most = MOST_SPIKES) {
    this.most = most;
  }

  /** Forgets all: another network, or another beginning. */
  clear(populations: readonly { readonly name: string; readonly size: number }[], time: number): void {
    this.populations = populations.map(({ name, size }) => ({ name, size }));
    this.stretches = [];
    [this.begin, this.count] = [time, 0];
  }

  /** Takes a stretch of time, which follows the one before. */
  add(from: number, time: number, spikes: readonly FrameSpikes[]): void {
    const count = spikes.reduce((sum, { times }) => sum + times.length, 0);
    this.stretches.push({ from, time, count, spikes });
    this.count += count;
    while ((this.count > this.most && this.stretches.length > 1) || this.stretches.length > MOST_STRETCHES) {
      this.count -= (this.stretches.shift() as Stretch).count;
    }
  }

  /** ms from which on every spike is kept. */
  get from(): number {
    return this.stretches[0]?.from ?? this.begin;
  }

  /** ms until which. */
  get time(): number {
    return this.stretches.at(-1)?.time ?? this.begin;
  }

  /** The spikes of each population after `from` ms, as copies. */
  tables(from = Number.NEGATIVE_INFINITY): PopulationSpikes[] {
    const within = this.stretches.filter(({ time }) => time > from);
    return this.populations.map(({ name, size }) => {
      const parts = within.flatMap(({ spikes }) => spikes.filter(({ population }) => population === name));
      const length = parts.reduce((sum, { times }) => sum + times.length, 0);
      const [times, neurons] = [new Float64Array(length), new Uint32Array(length)];
      let at = 0;
      for (const part of parts) {
        times.set(part.times, at);
        neurons.set(part.neurons, at);
        at += part.times.length;
      }
      let first = 0;
      while (first < length && (times[first] as number) <= from) first++;
      return { name, size, spikes: { times: times.slice(first), neurons: neurons.slice(first) } };
    });
  }
}

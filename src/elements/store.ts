/** The spikes of a run as columns, from frames. */
import type { Frame } from "../worker/protocol.js";

/** The spikes of a population: times in ms, and the neurons beside them. */
export interface SpikeColumns {
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
}

/** Most spikes of all populations that are kept; later ones are not. */
export const MOST_SPIKES = 2_000_000;

/** Keeps spikes as they come. */
export class SpikeStore {
  private parts = new Map<string, SpikeColumns[]>();
  private end = 0;
  private count = 0;
  private readonly most: number;

  constructor(most = MOST_SPIKES) {
    this.most = most;
  }

  /** Adds a frame; one that begins before the last has ended begins a run anew. */
  add({ from, time, spikes }: Frame): void {
    if (from < this.end - 1e-9) this.clear();
    this.end = time;
    for (const { population, times, neurons } of spikes) {
      const list = this.parts.get(population) ?? [];
      this.parts.set(population, list);
      if (times.length === 0 || this.count + times.length > this.most) continue;
      this.count += times.length;
      list.push({ times: times.slice(), neurons: neurons.slice() });
    }
  }

  clear(): void {
    [this.parts, this.end, this.count] = [new Map(), 0, 0];
  }

  /** For each population all its spikes. */
  columns(): Record<string, SpikeColumns> {
    return Object.fromEntries([...this.parts].map(([name, list]) => [name, joined(list)]));
  }
}

function joined(list: readonly SpikeColumns[]): SpikeColumns {
  const length = list.reduce((sum, { times }) => sum + times.length, 0);
  const columns = { times: new Float64Array(length), neurons: new Uint32Array(length) };
  let at = 0;
  for (const { times, neurons } of list) {
    columns.times.set(times, at);
    columns.neurons.set(neurons, at);
    at += times.length;
  }
  return columns;
}

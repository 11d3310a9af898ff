/**
 * What the benchmarking recipe of the microcircuit looks at: distributions over neurons of the rate and of the
 * coefficient of variation (CV) of the intervals, distributions over pairs of the correlation of spike counts, and how
 * far two such distributions are apart. Spikes are taken as they come, so that a run of any length needs no more memory
 * than these numbers.
 */
import { pairCorrelations, type Spikes } from "spikelet";

/** Neurons of a population whose pairs are looked at, and the bin of counts in ms: those of the reference data. */
const PAIRED = 250;
const BIN = 2;

/** The three distributions of a population, as lists of values. */
export interface Distributions {
  /** Hz, of all neurons. */
  readonly rates: Float64Array;
  /** Of neurons with at least three spikes. */
  readonly cvs: Float64Array;
  /** Of all pairs among some neurons that fire. */
  readonly ccs: Float64Array;
}

/** Gathers the spikes of one population. */
export class Gathered {
  private readonly size: number;
  private readonly count: Uint32Array;
  private readonly last: Float64Array;
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;
  /** Place of a neuron among those whose pairs are looked at, or -1. */
  private readonly place: Int32Array;
  private readonly paired: number;
  private readonly pairedTimes: number[] = [];
  private readonly pairedNeurons: number[] = [];

  constructor(size: number) {
    this.size = size;
    this.count = new Uint32Array(size);
    this.last = new Float64Array(size);
    this.sum = new Float64Array(size);
    this.squares = new Float64Array(size);
    this.place = new Int32Array(size).fill(-1);
    this.paired = Math.min(PAIRED, size);
    // evenly spread: neurons of a population differ in nothing but what was drawn for them
    for (let i = 0; i < this.paired; i++) this.place[Math.floor((i * size) / this.paired)] = i;
  }

  /** Takes spikes that follow those of before. */
  take({ times, neurons }: Spikes): void {
    const { count, last, sum, squares, place } = this;
    for (let i = 0; i < times.length; i++) {
      const [t, n] = [times[i] as number, neurons[i] as number];
      const before = count[n] as number;
      if (before > 0) {
        const interval = t - (last[n] as number);
        sum[n] = (sum[n] as number) + interval;
        squares[n] = (squares[n] as number) + interval * interval;
      }
      count[n] = before + 1;
      last[n] = t;
      const at = place[n] as number;
      if (at < 0) continue;
      this.pairedTimes.push(t);
      this.pairedNeurons.push(at);
    }
  }

  /** The distributions of spikes between `from` and `from + duration` ms. */
  distributions(from: number, duration: number): Distributions {
    const { size, count, sum, squares, paired } = this;
    const rates = Float64Array.from(count, (n) => (1000 * n) / duration);
    const cvs: number[] = [];
    for (let n = 0; n < size; n++) {
      const intervals = (count[n] as number) - 1;
      if (intervals < 2) continue;
      const mean = (sum[n] as number) / intervals;
      cvs.push(Math.sqrt(Math.max(0, (squares[n] as number) / intervals - mean * mean)) / mean);
    }
    const spikes = { times: Float64Array.from(this.pairedTimes), neurons: Uint32Array.from(this.pairedNeurons) };
    const pairs = (paired * (paired - 1)) / 2;
    const { values } = pairCorrelations(spikes, paired, { bin: BIN, start: from, duration, pairs });
    return { rates, cvs: Float64Array.from(cvs), ccs: values };
  }
}

/** Kolmogorov and Smirnov's distance of two samples: the largest difference of their distribution functions. */
export function distance(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || b.length === 0) return Number.NaN;
  const [x, y] = [a.slice().sort(), b.slice().sort()];
  let [i, j, largest] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i] as number, y[j] as number);
    while (i < x.length && x[i] === value) i++;
    while (j < y.length && y[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / x.length - j / y.length));
  }
  return largest;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Spike counts in bins of time, kept per neuron as the bins that hold spikes. */
import { checkObserved } from "./observed.js";
import { checkPositive, checkSpikes, neuronError, rangeError, type Spikes } from "./types.js";

/** Bins hold whole steps: a time this close to an edge (as a fraction of a bin) counts as being on it. */
const EDGE_TOLERANCE = 1e-6;

/** More bins than this are refused: the bin is meant in ms and was probably given in s. */
const MAX_BINS = 2 ** 27;

/** Which part of a spike train is counted, and in what bins. */
export interface BinOptions {
  /** Length of the analysed part of the run in ms. */
  readonly duration: number;
  /** Width of a bin in ms. */
  readonly bin: number;
  /** Start of the analysed part in ms; 0 when left out. */
  readonly start?: number;
}

/** @internal Bins of equal width. They hold the times above their left edge up to and including the right one. */
export class Bins {
  /** Number of whole bins; a rest shorter than a bin is left out. */
  readonly count: number;
  private readonly bin: number;
  /** Start of the first bin in ms. */
  readonly start: number;

  /** @throws ValueRangeError when there are fewer bins than `least` or too many */
  constructor(options: BinOptions, least: number) {
    const { duration, bin, start = 0 } = options;
    checkPositive("duration", duration);
    checkPositive("bin", bin);
    if (!Number.isFinite(start)) throw rangeError("start", start, " ms", "finite");
    this.count = Math.floor(duration / bin + EDGE_TOLERANCE);
    if (this.count < least) {
      throw rangeError("bin", bin, " ms", `at most ${duration / least} ms for the analysed ${duration} ms`);
    }
    if (this.count > MAX_BINS) {
      throw rangeError("bin", bin, " ms", `at least ${duration / MAX_BINS} ms for the analysed ${duration} ms`);
    }
    this.bin = bin;
    this.start = start;
  }

  /** End of the last bin in ms. */
  get end(): number {
    return this.start + this.count * this.bin;
  }

  /** The bin of a time in ms; -1 when it lies outside. */
  at(time: number): number {
    const position = (time - this.start) / this.bin;
    let k = Math.ceil(position - EDGE_TOLERANCE) - 1;
    if (k === -1 && position >= -EDGE_TOLERANCE) k = 0;
    return k >= 0 && k < this.count ? k : -1;
  }
}

/** @internal Counts of all neurons; bins without spikes take no memory. */
export interface BinnedCounts {
  /** Number of bins. */
  readonly bins: number;
  /** `size + 1` positions: the entries of neuron n are those from `offsets[n]` up to before `offsets[n + 1]`. */
  readonly offsets: Uint32Array;
  /** Bin of each entry, ascending within a neuron. */
  readonly bin: Uint32Array;
  /** Spikes of each entry. */
  readonly count: Uint32Array;
  /** Spikes of each neuron in all bins. */
  readonly sum: Float64Array;
  /** Sum of the squared counts of each neuron. */
  readonly squares: Float64Array;
}

/**
 * @internal Counts the spikes of each neuron in each bin.
 *
 * @throws ValueRangeError when a neuron index is not below `size`, a neuron's times do not ascend, there are fewer than
 *   two bins, or the spikes say that what is analysed was not observed
 */
export function binnedCounts(spikes: Spikes, size: number, options: BinOptions): BinnedCounts {
  checkSpikes(spikes, size);
  const bins = new Bins(options, 2);
  checkObserved(spikes, bins.start, bins.end);
  const { times, neurons } = spikes;
  const offsets = new Uint32Array(size + 1);
  const last = new Int32Array(size).fill(-1);
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    const k = bins.at(times[i] as number);
    if (k < 0 || k === last[neuron]) continue;
    if (k < (last[neuron] as number)) {
      throw rangeError(`times[${i}]`, times[i] as number, " ms", `at or after neuron ${neuron}'s last spike`);
    }
    last[neuron] = k;
    offsets[neuron + 1] = (offsets[neuron + 1] as number) + 1;
  }
  for (let n = 0; n < size; n++) offsets[n + 1] = (offsets[n + 1] as number) + (offsets[n] as number);

  const entries = offsets[size] as number;
  const bin = new Uint32Array(entries);
  const count = new Uint32Array(entries);
  const next = offsets.slice(0, size);
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i] as number;
    const k = bins.at(times[i] as number);
    if (k < 0) continue;
    let entry = next[neuron] as number;
    if (entry > (offsets[neuron] as number) && bin[entry - 1] === k) entry--;
    else next[neuron] = entry + 1;
    bin[entry] = k;
    count[entry] = (count[entry] as number) + 1;
  }

  const sum = new Float64Array(size);
  const squares = new Float64Array(size);
  for (let n = 0; n < size; n++) {
    for (let entry = offsets[n] as number; entry < (offsets[n + 1] as number); entry++) {
      const c = count[entry] as number;
      sum[n] = (sum[n] as number) + c;
      squares[n] = (squares[n] as number) + c * c;
    }
  }
  return { bins: bins.count, offsets, bin, count, sum, squares };
}

/** @internal Square of the number of bins times the variance of a neuron's counts: a whole number, so it is exact. */
export function scaledVariance({ bins, sum, squares }: BinnedCounts, neuron: number): number {
  return bins * (squares[neuron] as number) - (sum[neuron] as number) ** 2;
}

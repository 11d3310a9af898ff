/** Histograms of intervals, weights and other values. */
import { interspikeIntervals } from "./intervals.js";
import { rangeError, type Spikes } from "./types.js";

/** The bins of a histogram. */
export interface HistogramOptions {
  /** Bins of equal width, or of equal width of the logarithm; "linear" when left out. */
  readonly scale?: "linear" | "log";
  /** Lower end; the smallest value when left out (of those above 0 where the scale is logarithmic). */
  readonly low?: number;
  /** Upper end, above the lower one; the largest value when left out. */
  readonly high?: number;
  /** Number of bins; 50, or 10 in a power of ten, when neither this nor `width` is given. */
  readonly bins?: number;
  /** Width of a bin instead of their number; the upper end moves up to a whole number of bins. */
  readonly width?: number;
}

/** Counts in bins. */
export interface Histogram {
  /** Edges of the bins: one more than there are bins. */
  readonly edges: Float64Array;
  /** Values in each bin: from its left edge up to before the right one; the last bin includes it. */
  readonly counts: Float64Array;
  /** Counts divided by their sum and by the width of the bin: the integral is 1. NaN when all counts are 0. */
  readonly density: Float64Array;
  /** Values below the lowest edge. */
  readonly below: number;
  /** Values above the highest edge. */
  readonly above: number;
}

/** More bins than this are refused. */
const MAX_BINS = 2 ** 24;

/**
 * Counts values in bins. Values that are not finite are left out. A value within a millionth of a bin below an edge
 * counts as being on it, so that multiples of dt fall into the same bins whatever their rounding.
 *
 * @param values numbers in any order
 * @throws ValueRangeError when an option is out of its range
 */
export function histogram(values: ArrayLike<number>, options: HistogramOptions = {}): Histogram {
  const log = options.scale === "log";
  const edges = edgesOf(values, log, options);
  const bins = edges.length - 1;
  const [low, high] = [edges[0] as number, edges[bins] as number];
  const origin = log ? Math.log10(low) : low;
  const perUnit = bins / ((log ? Math.log10(high) : high) - origin);
  const counts = new Float64Array(bins);
  let [below, above, total] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    const position = log && value <= 0 ? -1 : ((log ? Math.log10(value) : value) - origin) * perUnit;
    if (position < -1e-6) below++;
    else if (position > bins + 1e-6) above++;
    else {
      const k = Math.max(0, Math.min(bins - 1, Math.floor(position + 1e-6)));
      counts[k] = (counts[k] as number) + 1;
      total++;
    }
  }
  const density = counts.map((count, k) => count / total / ((edges[k + 1] as number) - (edges[k] as number)));
  return { edges, counts, density, below, above };
}

function edgesOf(values: ArrayLike<number>, log: boolean, options: HistogramOptions): Float64Array {
  const { width } = options;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) [least, most] = log ? [1, 10] : [0, 1];
  const low = options.low ?? Math.min(least, options.high ?? least);
  let high = options.high ?? Math.max(most, low);
  if (!Number.isFinite(low) || (log && low <= 0)) throw rangeError("low", low, "", log ? "> 0" : "finite");
  // All values are one, or differ by rounding: the first bin of some width holds them.
  const same = !(high - low > Math.max(1e-12 * Math.abs(low), 1e-290));
  if (options.high === undefined && same && high >= low) high = log ? 10 * low : low + Math.max(1, Math.abs(low)) / 10;
  if (!(Number.isFinite(high) && high > low)) throw rangeError("high", high, "", `above low, ${low}`);
  if (width !== undefined) {
    if (log) throw rangeError("width", width, "", "left out where the scale is logarithmic; use bins");
    if (!(width > 0 && Number.isFinite(width))) throw rangeError("width", width, "", "> 0");
  }
  const decades = Math.log10(high / low);
  const bins =
    width !== undefined
      ? Math.max(1, Math.ceil((high - low) / width - 1e-6))
      : (options.bins ?? (log ? Math.max(1, Math.ceil(10 * decades - 1e-6)) : 50));
  if (!(Number.isInteger(bins) && bins >= 1 && bins <= MAX_BINS)) {
    const what = width === undefined ? "bins" : "the number of bins";
    throw rangeError(what, bins, "", `a whole number from 1 to ${MAX_BINS}`);
  }
  if (width !== undefined) high = low + bins * width;
  return Float64Array.from({ length: bins + 1 }, (_, k) => {
    if (k === bins) return high;
    if (width !== undefined) return low + k * width;
    return k === 0 ? low : log ? low * 10 ** ((decades * k) / bins) : low + ((high - low) * k) / bins;
  });
}

/**
 * Histogram of the interspike intervals of all neurons of a population, in ms.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param options bins in ms; a linear scale starts at 0 when `low` is left out
 * @throws ValueRangeError when a neuron index is not below `size` or an option is out of its range
 */
export function isiHistogram(spikes: Spikes, size: number, options: HistogramOptions = {}): Histogram {
  const { intervals } = interspikeIntervals(spikes, size);
  return histogram(intervals, options.scale === "log" ? options : { low: 0, ...options });
}

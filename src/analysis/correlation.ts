/** Correlation of spike counts between neurons. */
import { type BinnedCounts, type BinOptions, binnedCounts, scaledVariance } from "./bins.js";
import { random, sampleDistinct } from "./random.js";
import { rangeError, type Spikes } from "./types.js";

/**
 * Mean pairwise correlation: the mean over all pairs of neurons of Pearson's correlation of their binned spike counts
 * (spike-count correlation; de la Rocha et al., Nature 448:802, 2007). Neurons whose count never varies have no
 * correlation and are left out.
 *
 * The mean is exact for any number of neurons and takes no loop over pairs: with counts z scaled to mean 0 and variance
 * 1, the pairs' sum follows from the variance over time of the sum of z over neurons.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @returns a number from -1 to 1; NaN when fewer than two neurons have counts that vary
 * @throws ValueRangeError when a neuron index is not below `size`, a neuron's times do not ascend, or the duration
 *   holds no two bins
 */
export function meanCorrelation(spikes: Spikes, size: number, options: BinOptions): number {
  const counts = binnedCounts(spikes, size, options);
  const { bins, offsets, bin, count, sum } = counts;
  const total = new Float64Array(bins);
  let offset = 0;
  let neurons = 0;
  for (let n = 0; n < size; n++) {
    const variance = scaledVariance(counts, n);
    if (variance === 0) continue;
    neurons++;
    const scale = bins / Math.sqrt(variance);
    offset += (scale * (sum[n] as number)) / bins;
    for (let entry = offsets[n] as number; entry < (offsets[n + 1] as number); entry++) {
      const k = bin[entry] as number;
      total[k] = (total[k] as number) + scale * (count[entry] as number);
    }
  }
  if (neurons < 2) return Number.NaN;
  let variance = 0;
  for (let k = 0; k < bins; k++) variance += ((total[k] as number) - offset) ** 2;
  return (variance / bins - neurons) / (neurons * (neurons - 1));
}

/** What `pairCorrelations` needs to know. */
export interface PairCorrelationOptions extends BinOptions {
  /** Number of pairs to draw; all pairs where there are not more. 10,000 when left out. */
  readonly pairs?: number;
  /** Seed of the draw, a whole number; 1 when left out. */
  readonly seed?: number;
}

/** Correlations of pairs of neurons. All arrays have the same length. */
export interface PairCorrelations {
  /** Pearson's correlation of the binned spike counts of each pair. */
  readonly values: Float64Array;
  /** First neuron of each pair. */
  readonly first: Uint32Array;
  /** Second neuron of each pair, above the first. */
  readonly second: Uint32Array;
  /** Whether these are all pairs of neurons whose counts vary. */
  readonly complete: boolean;
}

/**
 * Correlations of spike counts of pairs of neurons: all pairs, or a sample of different ones where there are more than
 * `pairs`. Neurons whose count never varies are left out. Use `meanCorrelation` for the mean alone.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @returns correlations and their pairs, the same for the same seed
 * @throws ValueRangeError when a neuron index is not below `size`, a neuron's times do not ascend, the duration holds
 *   no two bins, or `pairs` or `seed` are no whole numbers
 */
export function pairCorrelations(spikes: Spikes, size: number, options: PairCorrelationOptions): PairCorrelations {
  const { pairs = 10_000, seed = 1 } = options;
  if (!(Number.isSafeInteger(pairs) && pairs >= 0)) throw rangeError("pairs", pairs, "", "a whole number >= 0");
  if (!Number.isSafeInteger(seed)) throw rangeError("seed", seed, "", "a whole number");
  const counts = binnedCounts(spikes, size, options);
  const varying: number[] = [];
  for (let n = 0; n < size; n++) if (scaledVariance(counts, n) > 0) varying.push(n);

  const all = (varying.length * (varying.length - 1)) / 2;
  const complete = all <= pairs;
  const chosen = complete ? Float64Array.from({ length: all }, (_, i) => i) : sampleDistinct(all, pairs, random(seed));
  const first = new Uint32Array(chosen.length);
  const second = new Uint32Array(chosen.length);
  const values = new Float64Array(chosen.length);
  for (let i = 0; i < chosen.length; i++) {
    const [a, b] = pairAt(chosen[i] as number);
    first[i] = varying[a] as number;
    second[i] = varying[b] as number;
    values[i] = correlation(counts, varying[a] as number, varying[b] as number);
  }
  return { values, first, second, complete };
}

/** The pair with this number in the order (0, 1), (0, 2), (1, 2), (0, 3), ... */
function pairAt(index: number): [number, number] {
  let b = Math.floor((1 + Math.sqrt(1 + 8 * index)) / 2);
  // The root is rounded.
  if ((b * (b - 1)) / 2 > index) b--;
  else if ((b * (b + 1)) / 2 <= index) b++;
  return [index - (b * (b - 1)) / 2, b];
}

function correlation(counts: BinnedCounts, a: number, b: number): number {
  const { bins, offsets, bin, count, sum } = counts;
  let i = offsets[a] as number;
  let j = offsets[b] as number;
  const endOfA = offsets[a + 1] as number;
  const endOfB = offsets[b + 1] as number;
  let products = 0;
  while (i < endOfA && j < endOfB) {
    const difference = (bin[i] as number) - (bin[j] as number);
    if (difference === 0) products += (count[i] as number) * (count[j] as number);
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  const covariance = bins * products - (sum[a] as number) * (sum[b] as number);
  return covariance / Math.sqrt(scaledVariance(counts, a)) / Math.sqrt(scaledVariance(counts, b));
}

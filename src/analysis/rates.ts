/** Firing rates: per neuron, averaged over a population, and in bins of time. */
import { observedCount, observedInBins, observedTime } from "./observed.js";
import { checkPositive, checkSpikes, neuronError, type Observed, rangeError, type Spikes } from "./types.js";

/** Bins hold whole steps: a time this close to an edge (as a fraction of a bin) counts as being on it. */
const EDGE_TOLERANCE = 1e-6;

/** More bins than this are refused: the bin is meant in ms and was probably given in s. */
const MAX_BINS = 2 ** 27;

/**
 * Number of spikes of each neuron.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @returns `size` counts
 * @throws ValueRangeError when a neuron index is not below `size`
 */
export function spikeCounts(spikes: Spikes, size: number): Uint32Array {
  checkSpikes(spikes, size);
  const { neurons } = spikes;
  const counts = new Uint32Array(size);
  for (let i = 0; i < neurons.length; i++) {
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    counts[neuron] = (counts[neuron] as number) + 1;
  }
  return counts;
}

/**
 * Mean firing rate of each neuron in Hz: its spike count divided by the time over which it was recorded (the
 * spike-count rate of Gerstner et al., Neuronal Dynamics, 2014, section 7.2).
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param duration recorded time in ms (without what was left out before a recording's `from`); where the spikes say
 *   what was observed, that counts of the last `duration` ms
 * @returns `size` rates in Hz; NaN for neurons that were not observed
 * @throws ValueRangeError when `duration` is not above 0 or a neuron index is not below `size`
 */
export function firingRates(spikes: Spikes, size: number, duration: number): Float64Array {
  checkPositive("duration", duration);
  const counts = spikeCounts(spikes, size);
  const { observed } = spikes;
  if (observed === undefined) return Float64Array.from(counts, (count) => (1000 * count) / duration);
  const rates = new Float64Array(size).fill(Number.NaN);
  const [start, end] = lastOf(observed, duration);
  for (const group of observed) {
    const time = observedTime([{ spans: group.spans }], 1, start, end);
    if (time === 0) continue;
    if (group.neurons === undefined) for (let n = 0; n < size; n++) rates[n] = (1000 * (counts[n] as number)) / time;
    for (const n of group.neurons ?? []) rates[n] = (1000 * (counts[n] as number)) / time;
  }
  return rates;
}

/** The last `duration` ms of what was observed. */
function lastOf(observed: Observed, duration: number): [start: number, end: number] {
  const end = observed.reduce(
    (latest, { spans }) => Math.max(latest, spans.at(-1)?.[1] ?? latest),
    Number.NEGATIVE_INFINITY,
  );
  return [end - duration, end];
}

/**
 * Mean firing rate of a population in Hz per neuron: all spikes divided by the number of neurons and the recorded time.
 * Where the spikes say what was observed, by the time that each neuron was, of the last `duration` ms.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param duration recorded time in ms
 * @returns rate in Hz; 0 for a population without neurons, NaN when none was observed
 * @throws ValueRangeError when `duration` is not above 0
 */
export function meanRate(spikes: Spikes, size: number, duration: number): number {
  checkPositive("duration", duration);
  checkSpikes(spikes, size);
  const { observed, times } = spikes;
  if (size === 0) return 0;
  if (observed === undefined) return (1000 * times.length) / size / duration;
  const [start, end] = lastOf(observed, duration);
  const [group] = observed;
  // One group as a whole population: the same bits.
  if (group && observed.length === 1) {
    return (
      (1000 * times.length) / observedCount(observed, size) / observedTime([{ spans: group.spans }], 1, start, end)
    );
  }
  return (1000 * times.length) / observedTime(observed, size, start, end);
}

/** What `populationRate` needs to know. */
export interface PopulationRateOptions {
  /** Length of the analysed window in ms. */
  readonly duration: number;
  /** Width of a bin in ms. */
  readonly bin: number;
  /** Start of the analysed window in ms; 0 when left out. */
  readonly start?: number;
  /** Standard deviation in ms of a Gaussian that smooths the rate; no smoothing when left out or 0. */
  readonly smooth?: number;
}

/** A population rate in bins. */
export interface PopulationRate {
  /** Edges of the bins in ms: one more than there are bins. */
  readonly edges: Float64Array;
  /** Centre of each bin in ms. */
  readonly time: Float64Array;
  /** Rate in each bin in Hz per neuron. */
  readonly rate: Float64Array;
}

/**
 * Population rate over time: spikes in a bin divided by the number of neurons and the bin's width (population activity
 * A(t) of Gerstner et al., Neuronal Dynamics, 2014, section 7.2).
 *
 * A bin holds the times above its left edge up to and including its right edge, because a spike found in the step from
 * t to t + dt has the time t + dt; so a bin of whole steps holds exactly those steps. A spike at `start` itself counts
 * in the first bin, spikes outside the window count nowhere. When the window is no multiple of the bin, the last bin is
 * shorter and its rate refers to its true width. Where the spikes say what was observed, a bin's rate refers to the
 * neurons and the time that were.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @returns edges and centres in ms, rates in Hz per neuron; NaN where nothing was observed
 * @throws ValueRangeError when `duration` or `bin` is not above 0 or a bin so small that there would be over 2^27
 *   of them
 */
export function populationRate(spikes: Spikes, size: number, options: PopulationRateOptions): PopulationRate {
  const { duration, bin, start = 0, smooth = 0 } = options;
  checkPositive("duration", duration);
  checkPositive("bin", bin);
  if (!Number.isFinite(start)) throw rangeError("start", start, " ms", "finite");
  if (!(Number.isFinite(smooth) && smooth >= 0)) throw rangeError("smooth", smooth, " ms", ">= 0 ms");
  checkSpikes(spikes, size);
  const bins = Math.max(1, Math.ceil(duration / bin - EDGE_TOLERANCE));
  if (bins > MAX_BINS) {
    throw rangeError("bin", bin, " ms", `at least ${duration / MAX_BINS} ms for ${duration} ms`);
  }

  const edges = new Float64Array(bins + 1);
  const time = new Float64Array(bins);
  for (let k = 0; k < bins; k++) edges[k] = start + k * bin;
  edges[bins] = start + duration;
  for (let k = 0; k < bins; k++) time[k] = ((edges[k] as number) + (edges[k + 1] as number)) / 2;

  const rate = new Float64Array(bins);
  const { times } = spikes;
  for (let i = 0; i < times.length; i++) {
    const position = ((times[i] as number) - start) / bin;
    let k = Math.ceil(position - EDGE_TOLERANCE) - 1;
    if (k === -1 && position >= -EDGE_TOLERANCE) k = 0;
    // The window's end may lie inside the last bin.
    if (k >= 0 && k < bins && position <= duration / bin + EDGE_TOLERANCE) rate[k] = (rate[k] as number) + 1;
  }
  if (size > 0) {
    const seen = observedInBins(spikes.observed, size, edges);
    for (let k = 0; k < bins; k++) {
      const width = (edges[k + 1] as number) - (edges[k] as number);
      rate[k] = (1000 * (rate[k] as number)) / (seen[k] as number) / width;
    }
  }
  return { edges, time, rate: smooth > 0 ? smoothRate({ edges, time, rate }, smooth) : rate };
}

/**
 * Smooths a binned rate with a Gaussian cut off at four standard deviations. Near the ends the weights are those of the
 * bins that exist and have a rate, scaled to sum to 1, so a constant rate stays constant.
 *
 * @param binned the rate to smooth
 * @param sigma standard deviation in ms, above 0
 * @returns smoothed rate in Hz, as long as `binned.rate`
 * @throws ValueRangeError when `sigma` is not above 0
 */
export function smoothRate(binned: PopulationRate, sigma: number): Float64Array {
  checkPositive("sigma", sigma);
  const { edges, time, rate } = binned;
  const bins = rate.length;
  const smooth = new Float64Array(bins);
  let first = 0;
  for (let k = 0; k < bins; k++) {
    const centre = time[k] as number;
    while ((time[first] as number) < centre - 4 * sigma) first++;
    let sum = 0;
    let weights = 0;
    for (let j = first; j < bins; j++) {
      const distance = ((time[j] as number) - centre) / sigma;
      if (distance > 4) break;
      if (Number.isNaN(rate[j] as number)) continue;
      const weight = Math.exp(-0.5 * distance * distance) * ((edges[j + 1] as number) - (edges[j] as number));
      sum += weight * (rate[j] as number);
      weights += weight;
    }
    smooth[k] = Number.isNaN(rate[k] as number) ? Number.NaN : sum / weights;
  }
  return smooth;
}

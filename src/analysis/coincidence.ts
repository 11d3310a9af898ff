/** How well the spikes of one neuron predict those of another, and how soon neurons fire. */
import { checkPositive, checkSpikes, neuronError, rangeError, type Spikes } from "./types.js";

/** What `coincidenceFactor` needs to know. */
export interface CoincidenceOptions {
  /** Spikes at most so many ms apart coincide; 4 when left out, 2 to 5 are usual. */
  readonly window?: number;
  /** Time in ms over which both trains were observed. */
  readonly duration: number;
}

/**
 * Coincidence factor Gamma of two spike trains (Kistler, Gerstner and van Hemmen, Neural Comput. 9:1015, 1997; Jolivet
 * et al., J. Neurosci. Methods 169:417, 2008):
 *
 * Gamma = (N_c - <N_c>) / (½ (N + N_ref)) / (1 - 2 f Δ)
 *
 * N_c coincidences within Δ, <N_c> = 2 f Δ N_ref those that a Poisson process of the train's rate f would have, N and
 * N_ref the numbers of spikes. 1 for the same spikes, 0 on average for a Poisson process of the same rate, below 0
 * where there are fewer coincidences than by chance. A spike coincides with one spike of the other train at most, so
 * that the pairs are as many as possible.
 *
 * @param times spike times of the model in ms, ascending
 * @param reference spike times that it should have, in ms, ascending
 * @returns at most 1; NaN where neither has a spike, or where the train's rate is so high (2 f Δ >= 1) that Gamma says
 *   nothing
 * @throws ValueRangeError when the window or the duration is not above 0, or times do not ascend
 */
export function coincidenceFactor(
  times: ArrayLike<number>,
  reference: ArrayLike<number>,
  { window = 4, duration }: CoincidenceOptions,
): number {
  checkPositive("window", window);
  checkPositive("duration", duration);
  checkAscending("times", times);
  checkAscending("reference", reference);
  const expected = (2 * window * times.length) / duration;
  if (times.length + reference.length === 0 || expected >= 1) return Number.NaN;
  const excess = coincidences(times, reference, window) - expected * reference.length;
  return excess / (0.5 * (times.length + reference.length)) / (1 - expected);
}

/** Pairs of spikes of both trains at most `window` apart, each spike in one pair at most: as many as there can be. */
function coincidences(a: ArrayLike<number>, b: ArrayLike<number>, window: number): number {
  let [i, j, count] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const lag = (a[i] as number) - (b[j] as number);
    if (Math.abs(lag) <= window) count++;
    if (lag <= window) i++;
    if (lag >= -window) j++;
  }
  return count;
}

/** @internal Refuses spike times of one neuron that do not ascend. */
export function checkAscending(name: string, times: ArrayLike<number>): void {
  for (let k = 0; k < times.length; k++) {
    const time = times[k] as number;
    if (!Number.isFinite(time)) throw rangeError(`${name}[${k}]`, time, " ms", "a finite number");
    if (k > 0 && time < (times[k - 1] as number)) {
      throw rangeError(`${name}[${k}]`, time, " ms", `at least the time before it, ${times[k - 1]} ms`);
    }
  }
}

/**
 * Latency of each neuron: the time from an onset to its first spike after it, as for a step of current.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param onset time in ms at which the stimulus begins; 0 when left out
 * @returns `size` times in ms; NaN for neurons that do not fire after the onset
 * @throws ValueRangeError when the onset is not finite or a neuron index is not below `size`
 */
export function latencyPerNeuron(spikes: Spikes, size: number, onset = 0): Float64Array {
  if (!Number.isFinite(onset)) throw rangeError("onset", onset, " ms", "a finite number");
  checkSpikes(spikes, size);
  const { times, neurons } = spikes;
  const latencies = new Float64Array(size).fill(Number.NaN);
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    const latency = (times[i] as number) - onset;
    if (latency > 0 && !(latency >= (latencies[neuron] as number))) latencies[neuron] = latency;
  }
  return latencies;
}

/**
 * @internal Squared distance of two spike trains, each smoothed by a box of the width given: the integral of the square
 * of their difference, in units of that of a single spike. Sums and products only, the same bits on any engine.
 */
export function boxDistance(a: ArrayLike<number>, b: ArrayLike<number>, width: number): number {
  return overlaps(a, a, width) + overlaps(b, b, width) - 2 * overlaps(a, b, width);
}

/** @internal Overlap of all pairs of boxes: 1 at the same time, falling to 0 at a distance of one width. */
export function overlaps(a: ArrayLike<number>, b: ArrayLike<number>, width: number): number {
  let [sum, first] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const time = a[i] as number;
    while (first < b.length && (b[first] as number) <= time - width) first++;
    for (let j = first; j < b.length && (b[j] as number) < time + width; j++) {
      sum += 1 - Math.abs((b[j] as number) - time) / width;
    }
  }
  return sum;
}

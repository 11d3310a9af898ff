/** Variability of spike counts. */
import { meanOfDefined } from "./mean.js";
import { checkObserved } from "./observed.js";
import { checkPositive, checkSpikes, neuronError, rangeError, type Spikes } from "./types.js";

/** What `fanoPerNeuron` needs to know. */
export interface FanoOptions {
  /** Length of the analysed part of the run in ms. */
  readonly duration: number;
  /** Width of a counting window in ms. */
  readonly window: number;
  /** Start of the analysed part in ms; 0 when left out. */
  readonly start?: number;
}

/**
 * Fano factor of each neuron: variance over mean of its spike counts in successive windows of equal width (Fano,
 * Phys. Rev. 72:26, 1947). 1 for a Poisson process, 0 for a clock whose period divides the window. The variance is
 * that of the counts at hand (divided by their number). Windows hold the times above their left edge up to and
 * including the right one; a rest shorter than a window is left out.
 *
 * @param spikes spike train of one population, times ascending
 * @param size number of neurons in the population
 * @returns `size` values without dimension; NaN for neurons without a spike
 * @throws ValueRangeError when the duration holds no two windows, a neuron index is not below `size`, or the spikes say
 *   that what is analysed was not observed
 */
export function fanoPerNeuron(spikes: Spikes, size: number, options: FanoOptions): Float64Array {
  const { duration, window, start = 0 } = options;
  checkPositive("duration", duration);
  checkPositive("window", window);
  checkSpikes(spikes, size);
  const windows = Math.floor(duration / window + 1e-6);
  if (windows < 2) throw rangeError("window", window, " ms", `at most half of the analysed ${duration} ms`);
  checkObserved(spikes, start, start + windows * window);
  // Counts of the window a neuron last spiked in, and sums over its closed windows: integers, so they are exact.
  const current = new Float64Array(size).fill(-1);
  const count = new Float64Array(size);
  const sum = new Float64Array(size);
  const squares = new Float64Array(size);
  const { times, neurons } = spikes;
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    const position = ((times[i] as number) - start) / window;
    let k = Math.ceil(position - 1e-6) - 1;
    if (k === -1 && position >= -1e-6) k = 0;
    if (k < 0 || k >= windows) continue;
    const open = count[neuron] as number;
    if (k !== current[neuron]) {
      squares[neuron] = (squares[neuron] as number) + open * open;
      current[neuron] = k;
      count[neuron] = 1;
    } else {
      count[neuron] = open + 1;
    }
    sum[neuron] = (sum[neuron] as number) + 1;
  }
  const fano = new Float64Array(size);
  for (let n = 0; n < size; n++) {
    const open = count[n] as number;
    const total = sum[n] as number;
    const square = (squares[n] as number) + open * open;
    fano[n] = total > 0 ? (windows * square - total * total) / (windows * total) : Number.NaN;
  }
  return fano;
}

/** Mean of `fanoPerNeuron` over the neurons that spiked; NaN when none did. */
export function meanFano(spikes: Spikes, size: number, options: FanoOptions): number {
  return meanOfDefined(fanoPerNeuron(spikes, size, options));
}

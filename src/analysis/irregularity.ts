/** Local irregularity of spike trains: measures of successive intervals that slow changes of the rate leave alone. */
import { meanOfDefined } from "./mean.js";
import { missedBetween } from "./observed.js";
import { checkSpikes, neuronError, rangeError, type Spikes } from "./types.js";

/**
 * CV2 of each neuron: the mean of 2 |I(k+1) - I(k)| / (I(k+1) + I(k)) over its successive interspike intervals (Holt,
 * Softky, Koch and Douglas, J. Neurophysiol. 75:1806, 1996). 0 for a clock, 1 for a Poisson process.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param minIsis neurons with fewer intervals get NaN; at least 2
 * @returns `size` values without dimension
 * @throws ValueRangeError when a neuron index is not below `size` or a neuron's times do not ascend
 */
export function cv2PerNeuron(spikes: Spikes, size: number, minIsis = 2): Float64Array {
  return meanOverPairs(spikes, size, minIsis, (contrast) => 2 * Math.abs(contrast));
}

/** Mean of `cv2PerNeuron` over the neurons with at least `minIsis` intervals; NaN when there is none. */
export function meanCv2(spikes: Spikes, size: number, minIsis = 2): number {
  return meanOfDefined(cv2PerNeuron(spikes, size, minIsis));
}

/**
 * Local variation LV of each neuron: the mean of 3 ((I(k) - I(k+1)) / (I(k) + I(k+1)))^2 over its successive interspike
 * intervals (Shinomoto, Shima and Tanji, Neural Comput. 15:2823, 2003). 0 for a clock, 1 for a Poisson process, above 1
 * for bursts.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param minIsis neurons with fewer intervals get NaN; at least 2
 * @returns `size` values without dimension
 * @throws ValueRangeError when a neuron index is not below `size` or a neuron's times do not ascend
 */
export function lvPerNeuron(spikes: Spikes, size: number, minIsis = 2): Float64Array {
  return meanOverPairs(spikes, size, minIsis, (contrast) => 3 * contrast * contrast);
}

/** Mean of `lvPerNeuron` over the neurons with at least `minIsis` intervals; NaN when there is none. */
export function meanLv(spikes: Spikes, size: number, minIsis = 2): number {
  return meanOfDefined(lvPerNeuron(spikes, size, minIsis));
}

/**
 * Mean of `term((b - a) / (a + b))` over each neuron's pairs of successive intervals a, b. A pair without length (three
 * spikes at one time) has no contrast and is left out.
 */
function meanOverPairs(
  spikes: Spikes,
  size: number,
  minIsis: number,
  term: (contrast: number) => number,
): Float64Array {
  if (!(minIsis >= 2)) throw rangeError("minIsis", minIsis, "", ">= 2");
  checkSpikes(spikes, size);
  const { times, neurons } = spikes;
  const missed = missedBetween(spikes.observed, size);
  const count = new Uint32Array(size);
  const last = new Float64Array(size);
  const interval = new Float64Array(size);
  const pairs = new Uint32Array(size);
  const sum = new Float64Array(size);
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    const time = times[i] as number;
    const before = count[neuron] as number;
    if (before > 0) {
      const b = time - (last[neuron] as number);
      if (!(b >= 0)) {
        throw rangeError(`times[${i}]`, time, " ms", `at or after neuron ${neuron}'s last spike, ${last[neuron]} ms`);
      }
      const a = interval[neuron] as number;
      const known = !missed?.(neuron, last[neuron] as number, time);
      if (before > 1 && known && a + b > 0) {
        sum[neuron] = (sum[neuron] as number) + term((b - a) / (a + b));
        pairs[neuron] = (pairs[neuron] as number) + 1;
      }
      // An interval that is none makes no pair, neither with the one before nor with the one after it.
      interval[neuron] = known ? b : Number.NaN;
    }
    last[neuron] = time;
    count[neuron] = before + 1;
  }
  for (let n = 0; n < size; n++) {
    const enough = (count[n] as number) > minIsis && (pairs[n] as number) > 0;
    sum[n] = enough ? (sum[n] as number) / (pairs[n] as number) : Number.NaN;
  }
  return sum;
}

/** Spike statistics of a run in constant memory, fed with the spikes as they come. */
import { meanOfDefined } from "./mean.js";
import { checkPositive, checkSpikes, neuronError, rangeError } from "./types.js";

/**
 * Counts, rates and interval statistics of one population, gathered from successive chunks of its spike train without
 * keeping the spikes. Adding a train in chunks gives the same bits as adding it at once, and the same as the functions
 * that take a whole train. Takes 32 bytes per neuron.
 *
 * Mean and variance of the intervals are updated by Welford's method (Technometrics 4:419, 1962; Knuth, The Art of
 * Computer Programming, vol. 2, 4.2.2), which does not cancel however long the train is.
 */
export class SpikeStatistics {
  /** Number of neurons in the population. */
  readonly size: number;
  private total = 0;
  private readonly count: Uint32Array;
  /** Number of intervals. */
  private readonly isis: Uint32Array;
  /** Time of the last spike in ms. */
  private readonly last: Float64Array;
  /** Mean of the intervals so far in ms. */
  private readonly mean: Float64Array;
  /** Sum of squared deviations of the intervals from their mean in ms^2. */
  private readonly deviation: Float64Array;

  /**
   * @param size number of neurons in the population
   * @throws ValueRangeError when `size` is not a whole number >= 0
   */
  constructor(size: number) {
    checkSpikes({ times: new Float64Array(0), neurons: new Uint32Array(0) }, size);
    this.size = size;
    this.count = new Uint32Array(size);
    this.isis = new Uint32Array(size);
    this.last = new Float64Array(size);
    this.mean = new Float64Array(size);
    this.deviation = new Float64Array(size);
  }

  /**
   * Takes the next chunk of the spike train.
   *
   * @param times spike times in ms; those of a neuron ascend, within the chunk and from the chunk before
   * @param neurons the neuron of each spike, as long as `times`
   * @param missed whether spikes of a neuron between two of its spikes (times in ms) may be missing: then there is no
   *   interval
   * @throws LengthError when the lengths differ, ValueRangeError when a neuron is not below `size`, or a neuron's
   *   times do not ascend; what came before the wrong entry has been counted
   */
  add(
    times: Float64Array,
    neurons: Uint32Array,
    missed?: (neuron: number, before: number, time: number) => boolean,
  ): void {
    const { size, count, isis, last, mean, deviation } = this;
    checkSpikes({ times, neurons }, size);
    for (let i = 0; i < times.length; i++) {
      const neuron = neurons[i] as number;
      if (neuron >= size) throw neuronError(i, neuron, size);
      const time = times[i] as number;
      const before = count[neuron] as number;
      if (before > 0) {
        const isi = time - (last[neuron] as number);
        if (!(isi >= 0)) {
          throw rangeError(`times[${i}]`, time, " ms", `at or after neuron ${neuron}'s last spike, ${last[neuron]} ms`);
        }
        if (!missed?.(neuron, last[neuron] as number, time)) {
          const number = (isis[neuron] as number) + 1;
          const oldMean = mean[neuron] as number;
          const delta = isi - oldMean;
          const newMean = oldMean + delta / number;
          isis[neuron] = number;
          mean[neuron] = newMean;
          deviation[neuron] = (deviation[neuron] as number) + delta * (isi - newMean);
        }
      }
      last[neuron] = time;
      count[neuron] = before + 1;
      this.total++;
    }
  }

  /** Number of spikes of all neurons so far. */
  get spikes(): number {
    return this.total;
  }

  /** Number of spikes of each neuron so far (a copy). */
  counts(): Uint32Array {
    return this.count.slice();
  }

  /**
   * Mean rate of the population.
   *
   * @param duration recorded time in ms
   * @returns rate in Hz per neuron; 0 for a population without neurons
   * @throws ValueRangeError when `duration` is not above 0
   */
  rate(duration: number): number {
    checkPositive("duration", duration);
    return this.size === 0 ? 0 : (1000 * this.total) / this.size / duration;
  }

  /**
   * Rate of each neuron in Hz.
   *
   * @param duration recorded time in ms
   * @throws ValueRangeError when `duration` is not above 0
   */
  rates(duration: number): Float64Array {
    checkPositive("duration", duration);
    const rates = new Float64Array(this.size);
    for (let n = 0; n < this.size; n++) rates[n] = (1000 * (this.count[n] as number)) / duration;
    return rates;
  }

  /**
   * Coefficient of variation of each neuron's interspike intervals: standard deviation (of the intervals at hand,
   * divided by their number) over mean. See the function `cvPerNeuron`.
   *
   * @param minIsis neurons with fewer intervals get NaN; at least 1
   */
  cvPerNeuron(minIsis = 2): Float64Array {
    if (!(minIsis >= 1)) throw rangeError("minIsis", minIsis, "", ">= 1");
    const cv = new Float64Array(this.size);
    for (let n = 0; n < this.size; n++) {
      const isis = this.isis[n] as number;
      const mean = this.mean[n] as number;
      cv[n] = isis >= minIsis && mean > 0 ? Math.sqrt((this.deviation[n] as number) / isis) / mean : Number.NaN;
    }
    return cv;
  }

  /**
   * Mean of `cvPerNeuron` over the neurons with at least `minIsis` intervals; NaN when there is none.
   *
   * @param minIsis neurons with fewer intervals are left out; at least 1
   */
  cv(minIsis = 2): number {
    return meanOfDefined(this.cvPerNeuron(minIsis));
  }
}

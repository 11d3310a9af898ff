/** Interspike intervals and their irregularity. */
import { missedBetween } from "./observed.js";
import { SpikeStatistics } from "./statistics.js";
import { rangeError, type Spikes } from "./types.js";
import { spikeCounts } from "./rates.js";

/** The interspike intervals of a population, grouped by neuron. */
export interface InterspikeIntervals {
  /** All intervals in ms: those of neuron 0 in order of time, then those of neuron 1, and so on. */
  readonly intervals: Float64Array;
  /** `size + 1` positions: the intervals of neuron n are `intervals[offsets[n]]` up to before `offsets[n + 1]`. */
  readonly offsets: Uint32Array;
  /** Intervals of one neuron in ms, as a view. */
  of(neuron: number): Float64Array;
}

/**
 * Interspike intervals (ISI): the times between successive spikes of a neuron. A neuron with n spikes has n - 1; fewer
 * where the spikes say that it was not observed in between.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @returns intervals in ms, grouped by neuron
 * @throws ValueRangeError when a neuron index is not below `size`
 */
export function interspikeIntervals(spikes: Spikes, size: number): InterspikeIntervals {
  const { times, neurons, observed } = spikes;
  const missed = missedBetween(observed, size);
  const offsets = new Uint32Array(size + 1);
  const last = new Float64Array(size);
  // Twice over the spikes: to count the intervals of each neuron, and to put them in their places.
  const eachInterval = (take: (neuron: number, interval: number) => void): void => {
    last.fill(Number.NaN);
    for (let i = 0; i < times.length; i++) {
      const neuron = neurons[i] as number;
      const time = times[i] as number;
      const before = last[neuron] as number;
      last[neuron] = time;
      if (!Number.isNaN(before) && !missed?.(neuron, before, time)) take(neuron, time - before);
    }
  };
  spikeCounts(spikes, size);
  eachInterval((neuron) => {
    offsets[neuron + 1] = (offsets[neuron + 1] as number) + 1;
  });
  for (let n = 0; n < size; n++) offsets[n + 1] = (offsets[n + 1] as number) + (offsets[n] as number);
  const intervals = new Float64Array(offsets[size] as number);
  const next = offsets.slice(0, size);
  eachInterval((neuron, interval) => {
    const position = next[neuron] as number;
    intervals[position] = interval;
    next[neuron] = position + 1;
  });
  return {
    intervals,
    offsets,
    of(neuron) {
      const known = Number.isInteger(neuron) && neuron >= 0 && neuron < size;
      if (!known) throw rangeError("neuron", neuron, "", `a whole number below ${size}`);
      return intervals.subarray(offsets[neuron], offsets[neuron + 1]);
    },
  };
}

/**
 * Coefficient of variation of the interspike intervals of each neuron: their standard deviation divided by their
 * mean (Softky and Koch, J. Neurosci. 13:334, 1993). 0 for a clock, 1 for a Poisson process. The standard deviation
 * is that of the intervals at hand (divided by their number, as in Elephant's `cv` and numpy's `std`).
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param minIsis neurons with fewer intervals get NaN; at least 1
 * @returns `size` values without dimension
 * @throws ValueRangeError when a neuron index is not below `size` or a neuron's times do not ascend
 */
export function cvPerNeuron(spikes: Spikes, size: number, minIsis = 2): Float64Array {
  return accumulate(spikes, size).cvPerNeuron(minIsis);
}

/**
 * Mean of `cvPerNeuron` over the neurons with at least `minIsis` intervals.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @param minIsis neurons with fewer intervals are left out; at least 1
 * @returns mean coefficient of variation, without dimension; NaN when no neuron has enough intervals
 * @throws ValueRangeError when a neuron index is not below `size` or a neuron's times do not ascend
 */
export function meanCv(spikes: Spikes, size: number, minIsis = 2): number {
  return accumulate(spikes, size).cv(minIsis);
}

function accumulate(spikes: Spikes, size: number): SpikeStatistics {
  const statistics = new SpikeStatistics(size);
  statistics.add(spikes.times, spikes.neurons, missedBetween(spikes.observed, size));
  return statistics;
}

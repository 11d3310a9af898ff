/** Synchrony of a population. */
import { type BinOptions, binnedCounts, scaledVariance } from "./bins.js";
import { LengthError } from "../model/errors.js";
import { observedCount } from "./observed.js";
import type { PopulationTrace, Spikes } from "./types.js";

/**
 * Population synchrony chi of spike counts: chi^2 is the variance over time of the population's mean count divided by
 * the mean over neurons of the variance of their own counts (Golomb and Rinzel, Phys. Rev. E 48:4810, 1993; Physica D
 * 72:259, 1994). 1 when all neurons spike together, about 1/sqrt(size) when they are independent.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @returns chi, from 0 to 1; NaN when no neuron's count varies
 * @throws ValueRangeError when a neuron index is not below `size`, a neuron's times do not ascend, or the duration
 *   holds no two bins
 */
export function spikeSynchrony(spikes: Spikes, size: number, options: BinOptions): number {
  const counts = binnedCounts(spikes, size, options);
  const { bins, bin, count } = counts;
  let own = 0;
  for (let n = 0; n < size; n++) own += scaledVariance(counts, n);
  const together = new Float64Array(bins);
  for (let entry = 0; entry < bin.length; entry++) {
    const k = bin[entry] as number;
    together[k] = (together[k] as number) + (count[entry] as number);
  }
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < bins; k++) {
    const c = together[k] as number;
    sum += c;
    squares += c * c;
  }
  return own === 0 ? Number.NaN : Math.sqrt((bins * squares - sum * sum) / own / observedCount(spikes.observed, size));
}

/**
 * Population synchrony chi of a recorded variable, as it was defined for the membrane potential: chi^2 is the variance
 * over time of the mean over neurons divided by the mean over neurons of the variances over time (Golomb and Rinzel,
 * Phys. Rev. E 48:4810, 1993; Physica D 72:259, 1994).
 *
 * @param trace a recorded variable of at least one neuron
 * @returns chi, from 0 to 1; NaN when nothing varies or a sample is not finite
 * @throws LengthError when the neurons have different numbers of samples
 */
export function traceSynchrony(trace: Pick<PopulationTrace, "neurons" | "values">): number {
  const size = trace.neurons.length;
  if (size === 0) return Number.NaN;
  const mean = new Float64Array(trace.values(0).length);
  let own = 0;
  for (let n = 0; n < size; n++) {
    const values = trace.values(n);
    if (values.length !== mean.length) {
      throw new LengthError(`values(${n}) has ${values.length} samples; it must have ${mean.length}, as values(0).`, {
        path: `values(${n})`,
        value: values.length,
        allowed: `${mean.length} samples`,
      });
    }
    own += variance(values);
    for (let k = 0; k < mean.length; k++) mean[k] = (mean[k] as number) + (values[k] as number) / size;
  }
  return own > 0 ? Math.min(1, Math.sqrt((size * variance(mean)) / own)) : Number.NaN;
}

function variance(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] as number) - mean) ** 2;
  return squares / values.length;
}

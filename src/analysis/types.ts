/**
 * The data that analysis, figures and files share. Plain objects and typed arrays: what a recording hands out fits, and
 * so does data read from elsewhere.
 */
import { LengthError, ValueRangeError } from "../model/errors.js";

/** Spike train of one population: `neurons[i]` spiked at `times[i]`. Both arrays have the same length. */
export interface Spikes {
  /** Spike times in ms, ascending (a neuron's own times must ascend; equal times of several neurons are fine). */
  readonly times: Float64Array;
  /** Neuron indices within the population, from 0. */
  readonly neurons: Uint32Array;
  /**
   * Of which neurons and over what time the spikes are known, which no list of spikes says and every rate needs; a
   * recording has it. Without it: all neurons, at all times.
   */
  readonly observed?: Observed | undefined;
}

/** A time in ms, without its start: a spike at `to` lies in it, one at `from` does not. */
export type Span = readonly [from: number, to: number];

/** Neurons of a population whose spikes were observed in the same spans of time. */
export interface ObservedGroup {
  /** Neuron indices, ascending; undefined for all neurons of the population. */
  readonly neurons?: Uint32Array | undefined;
  /** Ascending, without overlap. */
  readonly spans: readonly Span[];
}

/** What of a population was observed: groups that have no neuron in common. */
export type Observed = readonly ObservedGroup[];

/** The spike train of one named population with `size` neurons. */
export interface PopulationSpikes {
  readonly name: string;
  readonly size: number;
  readonly spikes: Spikes;
}

/** One recorded variable of some neurons of one named population. */
export interface PopulationTrace {
  readonly population: string;
  readonly variable: string;
  /** Unit of the values, "" when the variable has no dimension. */
  readonly unit: string;
  /** Recorded neurons, by their index within the population. */
  readonly neurons: Uint32Array;
  /** Sample times in ms, ascending. */
  readonly time: Float64Array;
  /** Samples of the neuron at position `neuronPosition` of `neurons`; as long as `time`. */
  values(neuronPosition: number): Float64Array;
}

/** @internal Refuses arrays of unequal length and a size that is no count. */
export function checkSpikes(spikes: Spikes, size: number): void {
  if (!(Number.isSafeInteger(size) && size >= 0)) throw rangeError("size", size, "", "a whole number >= 0");
  const { times, neurons } = spikes;
  if (times.length !== neurons.length) {
    throw new LengthError(
      `spikes.neurons has ${neurons.length} elements; it must have as many as spikes.times, ${times.length}.`,
      { path: "spikes.neurons", value: neurons.length, allowed: `${times.length} elements` },
    );
  }
}

/** @internal Refuses a time span that is not a finite number of ms above 0. */
export function checkPositive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw rangeError(name, value, " ms", "> 0 ms");
}

/** @internal The error of a number, or a text, that is not what is allowed. */
export function rangeError(path: string, value: number | string, unit: string, allowed: string): ValueRangeError {
  const shown = typeof value === "string" ? JSON.stringify(value) : value;
  return new ValueRangeError(`${path} = ${shown}${unit}; it must be ${allowed}.`, { path, value, allowed });
}

/** @internal The error of a neuron index outside its population. */
export function neuronError(position: number, neuron: number, size: number): ValueRangeError {
  return rangeError(`spikes.neurons[${position}]`, neuron, "", `below the population's size ${size}`);
}

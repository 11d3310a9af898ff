/** What a run records: spike trains and traces, collected chunk by chunk. */
import { interspikeIntervals, meanCv, meanRate, type Spikes } from "../analysis/index.js";
import type { PopulationTrace } from "../analysis/index.js";

/** Numbers that grow at the end. */
class Growing<A extends Float64Array | Uint32Array> {
  private data: A;
  length = 0;

  constructor(empty: A) {
    this.data = empty;
  }

  /** Appends and returns the place where the new numbers start. */
  append(values: A): void {
    this.reserve(this.length + values.length);
    this.data.set(values, this.length);
    this.length += values.length;
  }

  private reserve(length: number): void {
    if (length <= this.data.length) return;
    const grown = new (this.data.constructor as new (n: number) => A)(Math.max(1024, length, 2 * this.data.length));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  clear(): void {
    this.data = this.data.slice(0, 0) as A;
    this.length = 0;
  }

  /** The numbers so far, not copied; valid until more are appended. */
  view(): A {
    return this.data.subarray(0, this.length) as A;
  }
}

/** The spikes of a population, from the start of the recording. */
export class SpikeRecording implements Spikes {
  /** Name of the population and its number of neurons. */
  readonly population: string;
  readonly size: number;
  /** Start of the recording in ms. */
  readonly from: number;
  /** Times lie between the grid points, interpolated linearly; otherwise they are the ends of steps. */
  readonly interpolated: boolean;
  private readonly allTimes = new Growing<Float64Array>(new Float64Array(0));
  private readonly allNeurons = new Growing<Uint32Array>(new Uint32Array(0));
  private readonly chosen: Uint8Array | undefined;
  private end: number;

  /** @internal */
  constructor(population: string, size: number, from: number, neurons: Uint32Array | undefined, interpolated: boolean) {
    this.population = population;
    this.size = size;
    this.from = from;
    this.end = from;
    this.interpolated = interpolated;
    if (neurons) {
      this.chosen = new Uint8Array(size);
      for (const n of neurons) this.chosen[n] = 1;
    }
  }

  /** @internal Takes the spikes of a chunk that ends at `end` ms. */
  take(times: Float64Array, neurons: Uint32Array, end: number): void {
    this.end = end;
    const { chosen, from } = this;
    if (chosen === undefined && (times.length === 0 || (times[0] as number) > from)) {
      this.allTimes.append(times);
      this.allNeurons.append(neurons);
      return;
    }
    const keep: number[] = [];
    for (let i = 0; i < times.length; i++) {
      if ((times[i] as number) > from && (chosen === undefined || chosen[neurons[i] as number] === 1)) keep.push(i);
    }
    this.allTimes.append(Float64Array.from(keep, (i) => times[i] as number));
    this.allNeurons.append(Uint32Array.from(keep, (i) => neurons[i] as number));
  }

  /** @internal Forgets the spikes so far, which have gone elsewhere. */
  flush(): void {
    this.allTimes.clear();
    this.allNeurons.clear();
  }

  /** Number of spikes. */
  get count(): number {
    return this.allTimes.length;
  }

  /** Spike times in ms, ascending (a copy). */
  get times(): Float64Array {
    return this.allTimes.view().slice();
  }

  /** The neuron of each spike (a copy). */
  get neurons(): Uint32Array {
    return this.allNeurons.view().slice();
  }

  /** Times and neurons without copying; valid until the next run. */
  view(): Spikes {
    return { times: this.allTimes.view(), neurons: this.allNeurons.view() };
  }

  /** Spike times in ms of one neuron. */
  of(neuron: number): Float64Array {
    const { times, neurons } = this.view();
    return times.filter((_, i) => neurons[i] === neuron);
  }

  /** Mean rate in Hz per neuron since the start of the recording; 0 before the first run. */
  rate(): number {
    return this.end > this.from ? meanRate(this.view(), this.size, this.end - this.from) : 0;
  }

  /** Interspike intervals in ms of every neuron. */
  isi(): ReturnType<typeof interspikeIntervals> {
    return interspikeIntervals(this.view(), this.size);
  }

  /** Mean coefficient of variation of the interspike intervals; NaN when no neuron has two intervals. */
  cv(): number {
    return meanCv(this.view(), this.size);
  }
}

/** Samples of several numbers, taken together at regular times. */
class Samples {
  private readonly firstStep: number;
  private readonly everySteps: number;
  private readonly dt: number;
  private width: number;
  /** Samples that were forgotten, ahead of those that are here. */
  private flushed = 0;
  private readonly taken = new Growing<Float64Array>(new Float64Array(0));

  constructor(firstStep: number, everySteps: number, dt: number, width: number) {
    this.firstStep = firstStep;
    this.everySteps = everySteps;
    this.dt = dt;
    this.width = width;
  }

  /** The number of values in a sample, where it is known late. */
  setWidth(width: number): void {
    this.width = width;
  }

  take(values: Float64Array): void {
    this.taken.append(values);
  }

  flush(): void {
    this.flushed += this.length;
    this.taken.clear();
  }

  get length(): number {
    return this.width === 0 ? 0 : this.taken.length / this.width;
  }

  get time(): Float64Array {
    const { firstStep, flushed, everySteps, dt } = this;
    return Float64Array.from({ length: this.length }, (_, j) => (firstStep + (flushed + j) * everySteps) * dt);
  }

  values(position: number): Float64Array {
    const { width } = this;
    if (!(Number.isInteger(position) && position >= 0 && position < width)) {
      throw new RangeError(`values(${position}): this trace has the positions 0 to ${width - 1}`);
    }
    const all = this.taken.view();
    return Float64Array.from({ length: this.length }, (_, j) => all[j * width + position] as number);
  }

  view(): Float64Array {
    return this.taken.view();
  }
}

/**
 * Samples of one variable of some neurons. `g_NAME` and `i_NAME` are the conductance or current of a receptor, all
 * synapses together; for nmda before the magnesium factor.
 */
export class TraceRecording implements PopulationTrace {
  readonly population: string;
  readonly variable: string;
  readonly unit: string;
  /** Recorded neurons, by their index within the population. */
  readonly neurons: Uint32Array;
  private readonly samples: Samples;

  /** @internal */
  constructor(
    population: string,
    variable: string,
    unit: string,
    neurons: Uint32Array,
    firstStep: number,
    everySteps: number,
    dt: number,
  ) {
    this.population = population;
    this.variable = variable;
    this.unit = unit;
    this.neurons = neurons;
    this.samples = new Samples(firstStep, everySteps, dt, neurons.length);
  }

  /** @internal Takes samples as they lie in the core's buffer. */
  take(samples: Float64Array): void {
    this.samples.take(samples);
  }

  /** @internal Forgets the samples so far, which have gone elsewhere. */
  flush(): void {
    this.samples.flush();
  }

  /** Number of samples per neuron. */
  get length(): number {
    return this.samples.length;
  }

  /** Sample times in ms (a new array). */
  get time(): Float64Array {
    return this.samples.time;
  }

  /**
   * The samples of the neuron at position `neuronPosition` of `neurons` (a copy, as long as `time`).
   *
   * @throws RangeError when there is no such position
   */
  values(neuronPosition: number): Float64Array {
    return this.samples.values(neuronPosition);
  }

  /** All samples without copying: sample j of position k at [j * neurons.length + k]; valid until the next run. */
  view(): Float64Array {
    return this.samples.view();
  }
}

/** Samples of the weights of a plastic projection. */
export class WeightRecording {
  /** Name of the projection. */
  readonly projection: string;
  readonly unit: string;
  private readonly samples: Samples;
  private chosen: Uint32Array | undefined;

  /** @internal */
  constructor(
    projection: string,
    unit: string,
    synapses: Uint32Array | undefined,
    firstStep: number,
    everySteps: number,
    dt: number,
  ) {
    this.projection = projection;
    this.unit = unit;
    this.chosen = synapses;
    this.samples = new Samples(firstStep, everySteps, dt, 0);
  }

  /** @internal The number of synapses is known when the network is built. */
  start(synapses: Uint32Array): void {
    this.chosen = synapses;
    this.samples.setWidth(synapses.length);
  }

  /** @internal */
  take(samples: Float64Array): void {
    this.samples.take(samples);
  }

  /** @internal Forgets the samples so far, which have gone elsewhere. */
  flush(): void {
    this.samples.flush();
  }

  /**
   * Recorded synapses, by their place in `Projection.read()`; empty before the network is built if all are recorded.
   */
  get synapses(): Uint32Array {
    return this.chosen?.slice() ?? new Uint32Array(0);
  }

  /** Number of samples per synapse. */
  get length(): number {
    return this.samples.length;
  }

  /** Sample times in ms (a new array). */
  get time(): Float64Array {
    return this.samples.time;
  }

  /**
   * The samples of the synapse at position `synapsePosition` of `synapses` (a copy, as long as `time`).
   *
   * @throws RangeError when there is no such position
   */
  values(synapsePosition: number): Float64Array {
    return this.samples.values(synapsePosition);
  }

  /** All samples without copying: sample j of position k at [j * synapses.length + k]; valid until the next run. */
  view(): Float64Array {
    return this.samples.view();
  }
}

/** @internal Classes of recordings, by the names that snapshots use. */
export const RECORDING_CLASSES = { SpikeRecording, TraceRecording, WeightRecording, Samples, Growing } as const;

/** What a run records: spike trains and traces, collected chunk by chunk. */
import { interspikeIntervals, meanCv, type Observed, type Span, type Spikes } from "../analysis/index.js";
import type { PopulationTrace } from "../analysis/index.js";
import { observedTime, observedWithin } from "../analysis/observed.js";
import { firstStepAfter, intervalSteps, timeOf } from "../model/grid.js";
import { Growing } from "../model/growing.js";
import type { Quantity } from "./options.js";

/** Which weights to record, and when. */
export interface WeightRecordOptions {
  /** A variable of the projection's own rule; the weight by default. Of what neurons have: that of a synapse's. */
  readonly variable?: string;
  /** Synapses by their place in `Projection.read()`; all by default. */
  readonly synapses?: ArrayLike<number>;
  /** Sampling interval in ms; dt by default. */
  readonly every?: Quantity;
  /** Start of the recording in ms; the present time by default, and not before it. */
  readonly from?: Quantity;
  /** Keeps the last so many ms only, so that memory stays the same however long the run is; all by default. */
  readonly window?: Quantity;
}

/** The spikes of some steps, on their way from the cores to the recordings. */
export interface SpikeChunk {
  /** Steps that were done before. */
  readonly before: number;
  readonly steps: number;
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
  /** Number of spikes in the first k of these steps, for k from 0. */
  readonly upTo: Float64Array;
}

/** What a spike recording is made for. */
interface SpikeScope {
  readonly from: number;
  readonly neurons: Uint32Array | undefined;
  readonly interpolated: boolean;
  /** Time that is kept in ms; undefined for all. */
  readonly window: number | undefined;
  readonly dt: number;
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
  private readonly dt: number;
  private readonly window: number | undefined;
  private readonly allTimes = new Growing<Float64Array>(new Float64Array(0));
  private readonly allNeurons = new Growing<Uint32Array>(new Uint32Array(0));
  private readonly given: Uint32Array | undefined;
  private readonly chosen: Uint8Array | undefined;
  /** Steps before the first one whose spikes count. */
  private readonly begin: number;
  /** What was recorded: where spans begin and end, in steps. */
  private readonly edges: number[] = [];
  /** Steps at whose end what is here begins. */
  private held = 0;
  private stopped = false;

  /** @internal */
  constructor(population: string, size: number, { from, neurons, interpolated, window, dt }: SpikeScope) {
    this.population = population;
    this.size = size;
    this.from = from;
    this.interpolated = interpolated;
    this.window = window;
    this.dt = dt;
    this.begin = firstStepAfter(from, dt) - 1;
    this.given = neurons && neurons.slice().sort();
    if (neurons) {
      this.chosen = new Uint8Array(size);
      for (const n of neurons) this.chosen[n] = 1;
    }
  }

  /** @internal Takes the spikes of a chunk. */
  take(chunk: SpikeChunk): void {
    const { chosen, edges, dt, window } = this;
    const { before, steps, times, neurons, upTo } = chunk;
    const end = before + steps;
    const begin = Math.max(before, this.begin);
    if (this.stopped || begin >= end) return;
    if (edges[edges.length - 1] === begin) edges[edges.length - 1] = end;
    else edges.push(begin, end);
    const first = upTo[begin - before] as number;
    if (chosen === undefined) {
      this.allTimes.append(times.subarray(first));
      this.allNeurons.append(neurons.subarray(first));
    } else {
      const keep = new Uint32Array(times.length - first);
      let count = 0;
      for (let i = first; i < times.length; i++) if (chosen[neurons[i] as number] === 1) keep[count++] = i;
      const kept = keep.subarray(0, count);
      this.allTimes.append(Float64Array.from(kept, (i) => times[i] as number));
      this.allNeurons.append(kept.map((i) => neurons[i] as number));
    }
    if (window === undefined) return;
    const oldest = Math.max(0, end - intervalSteps(window, dt));
    const start = timeOf(oldest, dt);
    const all = this.allTimes.view();
    let old = 0;
    while (old < all.length && (all[old] as number) <= start) old++;
    this.allTimes.drop(old);
    this.allNeurons.drop(old);
    this.held = Math.max(this.held, oldest);
    // Pauses that lie before the window need not be known any more.
    while (edges.length > 2 && (edges[1] as number) <= this.held) edges.splice(0, 2);
  }

  /**
   * Stops recording from here on, until `resume`; spikes in between are not recorded. Within a run: from the chunk in
   * work on.
   */
  pause(): void {
    this.stopped = true;
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.stopped = false;
  }

  /** Recording is paused. */
  get paused(): boolean {
    return this.stopped;
  }

  /**
   * Hands out the spikes so far and forgets them: a run of any length takes no more memory than what comes between two
   * calls. `rate`, `isi` and `cv` are those of the spikes since.
   */
  flush(): Spikes {
    const { observed } = this;
    this.held = Math.max(this.held, this.edges[this.edges.length - 1] ?? 0);
    return { times: this.allTimes.release(), neurons: this.allNeurons.release(), observed };
  }

  /** @internal Forgets everything: time begins again. */
  restart(): void {
    this.allTimes.release();
    this.allNeurons.release();
    this.edges.length = 0;
    this.held = 0;
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

  /**
   * The neurons whose spikes these are, and the time over which they were recorded, without pauses and what was
   * flushed.
   */
  get observed(): Observed {
    const { dt, edges, held } = this;
    const end = edges[edges.length - 1] ?? 0;
    return observedWithin(this.recorded, timeOf(held, dt), timeOf(end, dt));
  }

  /** @internal The same since the start of the recording. */
  get recorded(): Observed {
    const { given, dt, edges } = this;
    const spans: Span[] = [];
    for (let k = 0; k < edges.length; k += 2)
      spans.push([timeOf(edges[k] as number, dt), timeOf(edges[k + 1] as number, dt)]);
    return spans.length === 0 ? [] : [{ ...(given && { neurons: given }), spans }];
  }

  /** Times and neurons without copying; valid until the next run. */
  view(): Spikes {
    return { times: this.allTimes.view(), neurons: this.allNeurons.view(), observed: this.observed };
  }

  /** Spike times in ms of one neuron. */
  of(neuron: number): Float64Array {
    const { times, neurons } = this.view();
    return times.filter((_, i) => neurons[i] === neuron);
  }

  /** Mean rate in Hz per recorded neuron over the time in which it was recorded; 0 before the first run. */
  rate(): number {
    const { count, size, observed } = this;
    const [group] = observed;
    if (group === undefined) return 0;
    const neurons = group.neurons?.length ?? size;
    return neurons === 0
      ? 0
      : (1000 * count) / neurons / observedTime([{ spans: group.spans }], 1, -Infinity, Infinity);
  }

  /** Interspike intervals in ms of every neuron; none across a pause. */
  isi(): ReturnType<typeof interspikeIntervals> {
    return interspikeIntervals(this.view(), this.size);
  }

  /** Mean coefficient of variation of the interspike intervals; NaN when no neuron has two intervals. */
  cv(): number {
    return meanCv(this.view(), this.size);
  }
}

/** When samples are taken, and how many are kept. */
export interface SampleTimes {
  /** Steps after which samples are taken: first, first + every, ... */
  readonly first: number;
  readonly every: number;
  readonly dt: number;
  /** Samples that are kept; undefined for all. */
  readonly most: number | undefined;
}

/** Samples, and their values by the position. */
interface HeldSamples {
  readonly time: Float64Array;
  readonly values: (position: number) => Float64Array;
}

/** Samples of several numbers, taken together at regular times. */
class Samples {
  private readonly times: SampleTimes;
  private width: number;
  /**
   * The samples that are here: the number of the first one and how many follow it, once for each time without a pause.
   */
  private readonly pieces: [first: number, count: number][] = [];
  private readonly taken = new Growing<Float64Array>(new Float64Array(0));
  stopped = false;

  constructor(times: SampleTimes, width: number) {
    this.times = times;
    this.width = width;
  }

  /** The number of values in a sample, where it is known late. */
  setWidth(width: number): void {
    this.width = width;
  }

  /** Takes samples of which the first is number `first` since the start. */
  take(values: Float64Array, first: number): void {
    const { width, pieces, times } = this;
    if (this.stopped || width === 0) return;
    const count = values.length / width;
    const last = pieces[pieces.length - 1];
    if (last && last[0] + last[1] === first) last[1] += count;
    else pieces.push([first, count]);
    this.taken.append(values);
    if (times.most !== undefined) this.drop(this.length - times.most);
  }

  /** Forgets the oldest samples. */
  private drop(count: number): void {
    if (count <= 0) return;
    this.taken.drop(count * this.width);
    for (let left = count; left > 0; ) {
      const piece = this.pieces[0] as [number, number];
      const gone = Math.min(left, piece[1]);
      piece[0] += gone;
      piece[1] -= gone;
      left -= gone;
      if (piece[1] === 0) this.pieces.shift();
    }
  }

  /** What is here, also when it has been handed over since: a function of the position for the values. */
  get held(): HeldSamples {
    const { time, width } = this;
    const all = this.taken.view();
    return { time, values: (position) => column(all, position, width) };
  }

  /** Hands the samples over. */
  release(): HeldSamples {
    const { held } = this;
    this.forget();
    return held;
  }

  /** Forgets the samples so far, which have gone elsewhere. */
  forget(): void {
    this.pieces.length = 0;
    this.taken.release();
  }

  get length(): number {
    return this.width === 0 ? 0 : this.taken.length / this.width;
  }

  get time(): Float64Array {
    const { first, every, dt } = this.times;
    const time = new Float64Array(this.length);
    let at = 0;
    for (const [number, count] of this.pieces) {
      for (let j = number; j < number + count; j++) time[at++] = timeOf(first + j * every, dt);
    }
    return time;
  }

  values(position: number): Float64Array {
    return column(this.taken.view(), position, this.width);
  }

  view(): Float64Array {
    return this.taken.view();
  }
}

/** The samples of one position. */
function column(all: Float64Array, position: number, width: number): Float64Array {
  if (!(Number.isInteger(position) && position >= 0 && position < width)) {
    throw new RangeError(`values(${position}): this trace has the positions 0 to ${width - 1}`);
  }
  return Float64Array.from({ length: all.length / width }, (_, j) => all[j * width + position] as number);
}

/**
 * What recordings of samples have in common; a position is the place of a neuron or a synapse in the recording's list.
 */
abstract class SampledRecording {
  /** @internal */
  protected readonly samples: Samples;

  /** @internal */
  constructor(times: SampleTimes, width: number) {
    this.samples = new Samples(times, width);
  }

  /** @internal Takes samples as they lie in the core's buffer, of which the first is number `first` since the start. */
  take(samples: Float64Array, first: number): void {
    this.samples.take(samples, first);
  }

  /** @internal The samples so far. */
  get held(): HeldSamples {
    return this.samples.held;
  }

  /** @internal Forgets the samples so far, which have gone elsewhere, or because time begins again. */
  forget(): void {
    this.samples.forget();
  }

  /**
   * Stops recording from here on, until `resume`; samples in between are not kept. Within a run: from the chunk in work
   * on.
   */
  pause(): void {
    this.samples.stopped = true;
  }

  /** Goes on after `pause`, with the next sample that is due. */
  resume(): void {
    this.samples.stopped = false;
  }

  /** Recording is paused. */
  get paused(): boolean {
    return this.samples.stopped;
  }

  /** Number of samples at each position. */
  get length(): number {
    return this.samples.length;
  }

  /** Sample times in ms (a new array). */
  get time(): Float64Array {
    return this.samples.time;
  }

  /**
   * The samples of the neuron or synapse at a position of `neurons` or `synapses` (a copy, as long as `time`).
   *
   * @throws RangeError when there is no such position
   */
  values(position: number): Float64Array {
    return this.samples.values(position);
  }

  /** All samples without copying: sample j of position k of n at [j * n + k]; valid until the next run. */
  view(): Float64Array {
    return this.samples.view();
  }
}

/**
 * Samples of one variable of some neurons. `g_NAME` and `i_NAME` are the conductance or current of a receptor, all
 * synapses together; for nmda before the magnesium factor.
 */
export class TraceRecording extends SampledRecording implements PopulationTrace {
  readonly population: string;
  readonly variable: string;
  readonly unit: string;
  /** Recorded neurons, by their index within the population. */
  readonly neurons: Uint32Array;

  /** @internal */
  constructor(
    population: string,
    variable: string,
    unit: string,
    neurons: Uint32Array,
    times: SampleTimes,
  ) {
    super(times, neurons.length);
    this.population = population;
    this.variable = variable;
    this.unit = unit;
    this.neurons = neurons;
  }

  /**
   * Hands out the samples so far and forgets them: a run of any length takes no more memory than what comes between two
   * calls.
   */
  flush(): PopulationTrace {
    const { population, variable, unit, neurons } = this;
    return { population, variable, unit, neurons: neurons.slice(), ...this.samples.release() };
  }
}

/** Weights of some synapses of a projection over time. */
export interface WeightSamples {
  /** Name of the projection. */
  readonly projection: string;
  readonly unit: string;
  /** The synapses, by their place in `Projection.read()`. */
  readonly synapses: Uint32Array;
  /** Sample times in ms, ascending. */
  readonly time: Float64Array;
  /** Samples of the synapse at position `synapsePosition` of `synapses`; as long as `time`. */
  values(synapsePosition: number): Float64Array;
}

/** Samples of the weights of a plastic projection. */
export class WeightRecording extends SampledRecording implements WeightSamples {
  /** Name of the projection. */
  readonly projection: string;
  readonly unit: string;
  /** "weight", or a variable of the projection's own rule. */
  readonly variable: string;
  private chosen: Uint32Array | undefined;

  /** @internal */
  constructor(
    projection: string,
    variable: string,
    unit: string,
    synapses: Uint32Array | undefined,
    times: SampleTimes,
  ) {
    super(times, 0);
    this.projection = projection;
    this.variable = variable;
    this.unit = unit;
    this.chosen = synapses;
  }

  /** @internal What tables call it: the projection, with the variable where that is not the weight. */
  get label(): string {
    return this.variable === "weight" ? this.projection : `${this.projection}.${this.variable}`;
  }

  /** @internal The number of synapses is known when the network is built. */
  start(synapses: Uint32Array): void {
    this.chosen = synapses;
    this.samples.setWidth(synapses.length);
  }

  /** Hands out the samples so far and forgets them, as `TraceRecording.flush`. */
  flush(): WeightSamples {
    const { projection, unit, synapses } = this;
    return { projection, unit, synapses, ...this.samples.release() };
  }

  /**
   * Recorded synapses, by their place in `Projection.read()`; empty before the network is built if all are recorded.
   */
  get synapses(): Uint32Array {
    return this.chosen?.slice() ?? new Uint32Array(0);
  }
}

/** @internal Classes of recordings, by the names that snapshots use. */
export const RECORDING_CLASSES = { SpikeRecording, TraceRecording, WeightRecording, Samples, Growing } as const;

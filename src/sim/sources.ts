/** Source populations in the core: Poisson trains and given spikes. They have no states, receptors or currents. */
import { BACKGROUND, SOURCE } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { stepsOf } from "../model/grid.js";
import type { Points, SourceSpec } from "../model/spec.js";
import { numbersOf, type Slice, streamNumber } from "./values.js";

/** Whether a rate is given as rows in time. */
export function isPoints(rate: unknown): rate is Points {
  return Array.isArray(rate);
}

/** Rows of expected spikes per step from rows of rates in Hz. */
export function rowsPerStep(points: Points, dt: number): number[] {
  return points.flatMap(([t, rate, slope]) => [t, (rate * dt) / 1000, (slope * dt) / 1000]);
}

export class BuiltSource {
  /** Address of the population in the core. */
  readonly address: number;
  private readonly core: Core;
  private readonly slice: Slice;
  private readonly dt: number;
  private readonly label: string;
  private readonly entry: number;
  private spec: SourceSpec;
  /** Expected spikes of all neurons in a step at a rate that does not change; the most of a step of given spikes. */
  private expected = 0;
  private column = 0;
  private table = 0;
  private room = 0;
  private neurons = 0;

  constructor(core: Core, spec: SourceSpec, slice: Slice, label: string, dt: number) {
    this.core = core;
    this.spec = spec;
    this.slice = slice;
    this.dt = dt;
    this.label = label;
    const { exports } = core;
    const { first, size } = slice;
    const address = exports.addPopulation(size, first, 0, 1, false, 0, 0);
    if (address === 0) core.exhausted(label);
    this.address = address >>> 0;
    exports.setSource(this.address, SOURCE[spec.kind], size);
    const entry = exports.addBackground(
      this.address,
      spec.kind === "poisson" ? BACKGROUND.poisson : BACKGROUND.constant,
      streamNumber(label, "source"),
    );
    if (entry === 0) core.exhausted(label);
    this.entry = entry >>> 0;
    this.set(spec);
  }

  /** Replaces what the source plays, between steps. */
  set(spec: SourceSpec): void {
    this.spec = spec;
    if (spec.kind === "spikeTrain") this.play(spec.times, spec.neurons);
    else if (isPoints(spec.rate)) {
      this.write(rowsPerStep(spec.rate, this.dt));
      this.core.exports.setShape(this.entry, 0, 0, 0, 0, this.table, spec.rate.length);
      this.core.exports.setAmplitude(this.entry, 0, 1, 0, 0);
    } else this.fire(numbersOf(this.core, spec.rate, this.slice, streamNumber(this.label, "rate")));
  }

  private fire(rate: number | Float64Array): void {
    const { core, dt } = this;
    const { size } = this.slice;
    core.exports.setShape(this.entry, 0, 0, 0, 0, 0, 0);
    if (typeof rate === "number") {
      core.exports.setAmplitude(this.entry, 0, (rate * dt) / 1000, 0, 0);
      this.expected = (size * rate * dt) / 1000;
      return;
    }
    const means = rate.map((hz) => (hz * dt) / 1000);
    this.column ||= core.allocate((size + core.exports.padding()) * 8, `${this.label}: rates of ${size} neurons`);
    core.f64.set(means, this.column / 8);
    core.exports.setAmplitude(this.entry, this.column, 0, 0, 0);
    this.expected = means.reduce((sum, x) => sum + x, 0);
  }

  /** A spike at t lies at the end of the step that the nearest grid point ends; steps count from 0. */
  private play(allTimes: Float64Array, allNeurons: Uint32Array): void {
    const { core, dt } = this;
    const { first, size } = this.slice;
    const own = (_: number, i: number): boolean => (allNeurons[i] as number) >= first && (allNeurons[i] as number) < first + size;
    const times = allTimes.filter(own);
    const neurons = allNeurons.filter(own).map((neuron) => neuron - first);
    const steps = times.map((t) => Math.max(0, stepsOf(t, dt) - 1));
    const order = Uint32Array.from(steps, (_, i) => i);
    // Different times that fall into one step: spikes of a step are delivered by neuron.
    const compare = (a: number, b: number): number =>
      (steps[a] as number) - (steps[b] as number) || (neurons[a] as number) - (neurons[b] as number);
    if (order.some((i) => i > 0 && compare(i - 1, i) > 0)) order.sort(compare);
    const { room } = this;
    this.write(Float64Array.from(order, (i) => steps[i] as number));
    if (this.room !== room) this.neurons = core.allocate(this.room * 4, `${this.label}: ${times.length} spikes`);
    core.u32.set(
      Uint32Array.from(order, (i) => neurons[i] as number),
      this.neurons / 4,
    );
    core.exports.setShape(this.entry, 0, 0, 0, 0, this.table, times.length);
    core.exports.setAmplitude(this.entry, 0, 0, this.neurons, 0);
    let most = 0;
    for (let i = 0, from = 0; i < order.length; i++) {
      if (steps[order[i] as number] !== steps[order[from] as number]) from = i;
      most = Math.max(most, i - from + 1);
    }
    this.expected = most;
  }

  private write(content: ArrayLike<number>): void {
    if (content.length > this.room) {
      this.table = this.core.allocate(content.length * 8, `${this.label}: ${content.length} numbers`);
      this.room = content.length;
    }
    this.core.f64.set(content, this.table / 8);
  }

  /**
   * Spikes that a step may add to the log, in the time from `from` to `to` ms: for Poisson trains so many that more
   * come with a probability below 1e-30.
   */
  mostSpikes(from: number, to: number): number {
    const { spec } = this;
    if (spec.kind === "spikeTrain") return this.expected;
    const mean = isPoints(spec.rate) ? (this.slice.size * highest(spec.rate, from, to) * this.dt) / 1000 : this.expected;
    return Math.ceil(mean + 12 * Math.sqrt(mean) + 64);
  }

  /** Makes a step add at most so many spikes: the log has room for them. */
  reserve(spikes: number): void {
    this.core.exports.setSource(this.address, SOURCE[this.spec.kind], spikes);
  }
}

/** The highest rate between two times. */
function highest(points: Points, from: number, to: number): number {
  let most = 0;
  for (const [i, [t, rate, slope]] of points.entries()) {
    const end = Math.min(to, points[i + 1]?.[0] ?? to);
    const start = Math.max(t, from);
    if (end <= start) continue;
    most = Math.max(most, rate + slope * (start - t), rate + slope * (end - t));
  }
  return most;
}

/** Background currents of a population in the core. */
import { BACKGROUND } from "../core/abi.js";
import type { BackgroundScope, BackgroundSpec } from "../model/spec.js";
import type { Neurons } from "./neurons.js";
import type { BuiltReceptor } from "./receptors.js";
import { isPoints, rowsPerStep } from "./sources.js";
import { map, numberAt, type Numbers, numbersOf, streamNumber } from "./values.js";

/** An entry as the core evaluates it: I_i(t) = a_i s(t) + b_i, or a noise with deviation a and mean b. */
interface Attached {
  readonly kind: number;
  readonly address: number;
  aColumn: number;
  bColumn: number;
  /** Process values of an Ornstein-Uhlenbeck current. */
  process: number;
  /** Table and its room in numbers. */
  table: number;
  room: number;
}

export class Backgrounds {
  private readonly neurons: Neurons;
  private readonly receptors: Readonly<Record<string, BuiltReceptor>>;
  private readonly label: string;
  private readonly dt: number;
  private entries: Attached[] = [];
  /** @internal The network runs: changes come between runs, when the projections' needs are known. */
  live = false;

  constructor(neurons: Neurons, receptors: Readonly<Record<string, BuiltReceptor>>, label: string, dt: number) {
    this.neurons = neurons;
    this.receptors = receptors;
    this.label = label;
    this.dt = dt;
  }

  /**
   * Puts these currents in place of the present ones. Entries that keep their kind and place keep their noise process.
   *
   * @param rheobases of the neurons that are here, where an entry is given in them
   */
  set(specs: readonly BackgroundSpec[], rheobases: Numbers | undefined): void {
    const { core, address } = this.neurons;
    const kinds = specs.map((spec) => BACKGROUND[spec.kind === "rheobase" ? "constant" : spec.kind]);
    const same = kinds.length === this.entries.length && kinds.every((kind, i) => this.entries[i]?.kind === kind);
    if (!same) {
      core.exports.clearBackground(address);
      this.entries = kinds.map((kind, i) => {
        const entry = core.exports.addBackground(address, kind, streamNumber(this.label, "background", i));
        if (entry === 0) core.exhausted(`${this.label}: background`);
        return { kind, address: entry >>> 0, aColumn: 0, bColumn: 0, process: 0, table: 0, room: 0 };
      });
    }
    for (const [i, spec] of specs.entries()) {
      const entry = this.entries[i] as Attached;
      const { start = Number.NEGATIVE_INFINITY, stop = Number.POSITIVE_INFINITY } = spec.scope ?? {};
      core.exports.setWindow(entry.address, start, stop);
      this.write(entry, spec, i, rheobases);
    }
  }

  private write(entry: Attached, spec: BackgroundSpec, index: number, rheobases: Numbers | undefined): void {
    const { neurons, dt } = this;
    const { core, size } = neurons;
    const { exports } = core;
    const draw = (value: Parameters<typeof numbersOf>[1], what: string): Numbers =>
      numbersOf(core, value, neurons.slice, streamNumber(this.label, "background", index, what));
    const amplitude = (a: Numbers, b: Numbers): void => this.amplitude(entry, a, b, spec.scope);
    const shape = (p0: number, p1 = 0, p2 = 0, p3 = 0, table = 0, rows = 0): void =>
      exports.setShape(entry.address, p0, p1, p2, p3, table, rows);
    switch (spec.kind) {
      case "constant":
        return amplitude(draw(spec.amplitude, "amplitude"), 0);
      case "rheobase":
        return amplitude(map(size, (f, r) => f * r, draw(spec.fraction, "fraction"), rheobases as Numbers), 0);
      case "piecewise": {
        this.table(entry, spec.points.flat());
        shape(0, 0, 0, 0, entry.table, spec.points.length);
        return amplitude(1, 0);
      }
      case "pulses":
        shape(spec.start, spec.width, spec.period, spec.count);
        return amplitude(draw(spec.amplitude, "amplitude"), 0);
      case "ramp": {
        shape(spec.start, spec.end);
        const from = draw(spec.from, "from");
        return amplitude(map(size, (a, b) => b - a, from, draw(spec.to, "to")), from);
      }
      case "sine": {
        // Frequency per ms and phase in turns: the core reduces turns exactly.
        shape(spec.frequency / 1000, spec.phase / (2 * Math.PI));
        return amplitude(draw(spec.amplitude, "amplitude"), draw(spec.offset, "offset"));
      }
      case "samples":
        this.table(entry, spec.values);
        shape(spec.dt, 0, 0, 0, entry.table, spec.values.length);
        return amplitude(1, 0);
      case "whiteNoise": {
        const sigma = map(size, (s, f) => s * f, draw(spec.sigma, "sigma"), noiseFactor(neurons, dt));
        return amplitude(sigma, draw(spec.mean, "mean"));
      }
      case "ornsteinUhlenbeck": {
        const decay = exports.exp(-dt / spec.tau);
        shape(decay, Math.sqrt(-exports.expm1((-2 * dt) / spec.tau)));
        amplitude(draw(spec.sigma, "sigma"), draw(spec.mean, "mean"));
        if (entry.process === 0) {
          entry.process = core.allocate(neurons.padded * 8, `${this.label}: background process of ${size} neurons`);
          exports.setProcess(entry.address, entry.process, neurons.slice.first, size, true);
        } else this.clearOutside(entry.process, spec.scope);
        return;
      }
      case "poisson": {
        const receptor = this.receptors[spec.receptor] as BuiltReceptor;
        receptor.reserve(1);
        // Before the first run the projections may ask for more.
        if (this.live) receptor.allocateRing();
        exports.setBombarded(entry.address, receptor.address);
        const weight = draw(spec.weight, "weight");
        if (isPoints(spec.rate)) {
          this.table(entry, rowsPerStep(spec.rate, dt));
          shape(0, 0, 0, 0, entry.table, spec.rate.length);
          return amplitude(1, weight);
        }
        shape(0);
        return amplitude(map(size, (hz) => (hz * dt) / 1000, draw(spec.rate, "rate")), weight);
      }
    }
  }

  /** Numbers a and b of the neurons that the entry acts on, 0 for the others. */
  private amplitude(entry: Attached, a: Numbers, b: Numbers, scope: BackgroundScope | undefined): void {
    const aColumn = this.put(entry, "aColumn", this.within(a, scope));
    const bColumn = this.put(entry, "bColumn", this.within(b, scope));
    const number = (x: Numbers, column: number): number => (column === 0 ? numberAt(x, 0) : 0);
    this.neurons.core.exports.setAmplitude(entry.address, aColumn, number(a, aColumn), bColumn, number(b, bColumn));
  }

  private within(numbers: Numbers, scope: BackgroundScope | undefined): Numbers {
    if (!scope?.neurons || numbers === 0) return numbers;
    const { first, size } = this.neurons.slice;
    const out = new Float64Array(size);
    for (const i of scope.neurons) if (i >= first && i < first + size) out[i - first] = numberAt(numbers, i - first);
    return out;
  }

  /** A process keeps its value through changes, except where it does not act any more. */
  private clearOutside(process: number, scope: BackgroundScope | undefined): void {
    if (!scope?.neurons) return;
    const { core, slice } = this.neurons;
    const { first, size } = slice;
    const before = core.readF64(process, size);
    const view = core.f64.subarray(process / 8, process / 8 + size);
    view.fill(0);
    for (const i of scope.neurons) if (i >= first && i < first + size) view[i - first] = before[i - first] as number;
  }

  /** Writes numbers per neuron into the entry's column, which is kept for the next change. */
  private put(entry: Attached, which: "aColumn" | "bColumn", numbers: Numbers): number {
    if (typeof numbers === "number") return 0;
    const { core, padded } = this.neurons;
    if (entry[which] === 0) entry[which] = core.allocate(padded * 8, `${this.label}: background amplitudes`);
    core.f64.set(numbers, entry[which] / 8);
    return entry[which];
  }

  private table(entry: Attached, content: ArrayLike<number>): void {
    const { core } = this.neurons;
    if (content.length > entry.room) {
      entry.table = core.allocate(content.length * 8, `${this.label}: background of ${content.length} numbers`);
      entry.room = content.length;
    }
    core.f64.set(content, entry.table / 8);
  }
}

/**
 * What sigma is multiplied with: white noise of intensity sigma is a random current sigma/sqrt(dt) held for a step. Under
 * the exact method the held current would make the variance of v too small by a factor (2 tau/dt) tanh(dt/(2 tau)), so it
 * is scaled up by its inverse root: then std(v) = (sigma/C_m) sqrt(tau_m/2) at any dt.
 */
function noiseFactor(neurons: Neurons, dt: number): Numbers {
  const { tanh } = neurons.core.exports;
  if (neurons.method !== "exact") return 1 / Math.sqrt(dt);
  return map(neurons.size, (tau) => 1 / Math.sqrt(2 * tau * tanh(dt / (2 * tau))), neurons.params.tau_m as Numbers);
}

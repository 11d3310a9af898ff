/** Background currents of a population in the core. */
import { BACKGROUND } from "../core/abi.js";
import type { BackgroundSpec } from "../model/spec.js";
import type { Neurons } from "./neurons.js";
import { rheobase } from "./probe.js";
import { map, type Numbers, numbersOf, streamNumber } from "./values.js";

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
  private readonly label: string;
  private readonly dt: number;
  private entries: Attached[] = [];

  constructor(neurons: Neurons, label: string, dt: number) {
    this.neurons = neurons;
    this.label = label;
    this.dt = dt;
  }

  /** Puts these currents in place of the present ones. Entries that keep their kind and place keep their noise process. */
  set(specs: readonly BackgroundSpec[]): void {
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
    for (const [i, spec] of specs.entries()) this.write(this.entries[i] as Attached, spec, i);
  }

  private write(entry: Attached, spec: BackgroundSpec, index: number): void {
    const { neurons, dt } = this;
    const { core, size, model, params } = neurons;
    const { exports } = core;
    const draw = (value: Parameters<typeof numbersOf>[1], what: string): Numbers =>
      numbersOf(core, value, size, streamNumber(this.label, "background", index, what));
    const shape = (p0: number, p1 = 0, p2 = 0, p3 = 0, table = 0, rows = 0): void =>
      exports.setShape(entry.address, p0, p1, p2, p3, table, rows);
    switch (spec.kind) {
      case "constant":
        return this.amplitude(entry, draw(spec.amplitude, "amplitude"), 0);
      case "rheobase": {
        const threshold = rheobase(core, model, params, size);
        return this.amplitude(entry, map(size, (f, r) => f * r, draw(spec.fraction, "fraction"), threshold), 0);
      }
      case "piecewise": {
        this.table(entry, spec.points.flat());
        shape(0, 0, 0, 0, entry.table, spec.points.length);
        return this.amplitude(entry, 1, 0);
      }
      case "pulses":
        shape(spec.start, spec.width, spec.period, spec.count);
        return this.amplitude(entry, draw(spec.amplitude, "amplitude"), 0);
      case "ramp": {
        shape(spec.start, spec.end);
        const from = draw(spec.from, "from");
        return this.amplitude(entry, map(size, (a, b) => b - a, from, draw(spec.to, "to")), from);
      }
      case "sine": {
        // Frequency per ms and phase in turns: the core reduces turns exactly.
        shape(spec.frequency / 1000, spec.phase / (2 * Math.PI));
        return this.amplitude(entry, draw(spec.amplitude, "amplitude"), draw(spec.offset, "offset"));
      }
      case "samples":
        this.table(entry, spec.values);
        shape(spec.dt, 0, 0, 0, entry.table, spec.values.length);
        return this.amplitude(entry, 1, 0);
      case "whiteNoise": {
        const sigma = map(size, (s, f) => s * f, draw(spec.sigma, "sigma"), noiseFactor(neurons, dt));
        return this.amplitude(entry, sigma, draw(spec.mean, "mean"));
      }
      case "ornsteinUhlenbeck": {
        const decay = exports.exp(-dt / spec.tau);
        shape(decay, Math.sqrt(-exports.expm1((-2 * dt) / spec.tau)));
        this.amplitude(entry, draw(spec.sigma, "sigma"), draw(spec.mean, "mean"));
        if (entry.process === 0) {
          entry.process = core.allocate(neurons.padded * 8, `${this.label}: background process of ${size} neurons`);
          exports.setProcess(entry.address, entry.process, size, true);
        }
        return;
      }
    }
  }

  private amplitude(entry: Attached, a: Numbers, b: Numbers): void {
    const aColumn = this.put(entry, "aColumn", a);
    const bColumn = this.put(entry, "bColumn", b);
    const number = (x: Numbers): number => (typeof x === "number" ? x : 0);
    this.neurons.core.exports.setAmplitude(entry.address, aColumn, number(a), bColumn, number(b));
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

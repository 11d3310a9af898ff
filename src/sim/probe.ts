/**
 * Questions to a model's equations that are answered with its own kernels: the right-hand side at a point, the resting
 * state. Everything goes through an instance of the core of its own, so that the answers have the same bits
 * on every engine and agree with what a run does.
 */
import { BACKGROUND } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { Method, ModelRecord } from "../model/record.js";
import { type Starting, startOf } from "./compiled.js";
import { silentOf } from "./kernels.js";
import { Neurons, type Whole } from "./neurons.js";
import { map, numberAt, type Numbers } from "./values.js";

/** Parameters by name. */
export type Params = Readonly<Record<string, Numbers>>;
type States = Readonly<Record<string, Numbers>>;

/**
 * Step of the Euler probe: small, so that no probe reaches the threshold, yet f = (x' - x)/dt keeps about 11 digits.
 */
const PROBE_DT = 1 / 1024;

/**
 * Where the exponential of eif and adex carries v to the peak within a step of the probe, a neuron with so many times
 * the capacitance is asked, whose v is as much slower; and again, so often at most.
 */
const SLOWER = 1024;
const MOST_SLOWER = 30;

/** In so many equal parts the range is divided in which a rest is looked for. */
const PLACES = 256;

/** Nothing from a table, no runaway beyond the model's own bounds: for neurons that are looked at alone. */
export function aloneOf(size: number): Whole {
  return { size, tabulates: false, floor: Number.NEGATIVE_INFINITY };
}

/** Evaluates right-hand sides, many neurons at once. */
export class Probe {
  readonly neurons: Neurons;
  private readonly names: readonly string[];
  private readonly background: number;
  private readonly log: number;
  /** The same neurons with more capacitance; undefined where none can reach a peak. */
  private readonly slowed: (() => Probe) | undefined;
  private slow: Probe | undefined;

  constructor(core: Core, model: ModelRecord, params: Params, size: number, level = 0) {
    const sibling = core.sibling();
    sibling.exports.configure(PROBE_DT, 0, 0);
    const [silent, own] =
      model.definition === undefined ? [model, unreachable(model, params)] : [silentOf(model), params];
    const slice = { first: 0, size };
    this.neurons = new Neurons(sibling, silent, slice, "euler", PROBE_DT, own, false, aloneOf(size), model.id);
    this.names = Object.keys(model.states);
    this.log = sibling.allocate(size * 4, "probe");
    sibling.exports.setLog(this.neurons.address, this.log, size, 0);
    if (model.clipped && level < MOST_SLOWER) {
      this.slowed = () => {
        const C_m = map(size, (C) => C * SLOWER, params.C_m as Numbers);
        return new Probe(core, model, { ...params, C_m }, size, level + 1);
      };
    }
    // The probe leaves all bounds to its caller: NaN is an answer here.
    sibling.exports.setBounds(this.neurons.address, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    this.background = sibling.exports.addBackground(this.neurons.address, BACKGROUND.constant, 0);
  }

  /**
   * d(state)/dt for every neuron at the given states and input current; NaN at or above the peak of a model whose v is
   * clipped there.
   */
  derivatives(states: States, current: Numbers = 0): Record<string, Float64Array> {
    const { neurons, names } = this;
    const { core, size } = neurons;
    const before: Record<string, Numbers> = {};
    for (const name of names) {
      before[name] = states[name] as Numbers;
      neurons.writeState(name, before[name]);
    }
    this.setCurrent(current);
    core.exports.run(1);
    const fired = core.readU32(this.log, core.exports.spikesLogged(neurons.address));
    core.exports.drained();
    const out: Record<string, Float64Array> = {};
    for (const name of names) {
      const after = neurons.readState(name);
      const x = before[name] as Numbers;
      for (let i = 0; i < size; i++) after[i] = ((after[i] as number) - numberAt(x, i)) / PROBE_DT;
      out[name] = after;
    }
    if (fired.length > 0) this.correct(out, fired, states, current);
    return out;
  }

  /** Neurons that fired did not show their derivatives: those with more capacitance do. */
  private correct(out: Record<string, Float64Array>, fired: Uint32Array, states: States, current: Numbers): void {
    this.slow ??= this.slowed?.();
    const slow = this.slow?.derivatives(states, current);
    this.names.forEach((name, k) => {
      const mine = out[name] as Float64Array;
      for (const i of fired) mine[i] = slow ? (slow[name]?.[i] as number) * (k === 0 ? SLOWER : 1) : Number.NaN;
    });
  }

  private column = 0;

  private setCurrent(current: Numbers): void {
    const { core, padded } = this.neurons;
    if (typeof current === "number") {
      core.exports.setAmplitude(this.background, 0, current, 0, 0);
      return;
    }
    if (this.column === 0) this.column = core.allocate(padded * 8, "probe");
    core.f64.set(current, this.column / 8);
    core.exports.setAmplitude(this.background, this.column, 0, 0, 0);
  }

  /**
   * The values at which all states but v stand still for a given v: each of their equations is linear in its own state
   * (gates, adaptation, recovery), so two evaluations give the root. NaN where an equation does not contain its own
   * state.
   */
  equilibrium(v: Numbers): Record<string, Numbers> {
    const { names } = this;
    const zero: Record<string, Numbers> = { [names[0] as string]: v };
    const one: Record<string, Numbers> = { [names[0] as string]: v };
    for (const name of names.slice(1)) {
      zero[name] = 0;
      one[name] = 1;
    }
    const f0 = this.derivatives(zero);
    const f1 = this.derivatives(one);
    const out: Record<string, Numbers> = { [names[0] as string]: v };
    for (const name of names.slice(1)) {
      const a = f0[name] as Float64Array;
      const b = f1[name] as Float64Array;
      out[name] = a.map((x, i) => x / (x - (b[i] as number)));
    }
    return out;
  }

  /** dv/dt with everything else in equilibrium with v. */
  private balance(v: Float64Array, current: Numbers): Float64Array {
    return this.derivatives(this.equilibrium(v), current)[this.names[0] as string] as Float64Array;
  }

  /**
   * The stable equilibrium at a constant current: the first v from below at which dv/dt, all else in equilibrium, goes
   * from positive to negative. NaN for neurons that have none in [low, high].
   */
  rest(current: Numbers, low: number, high: number): Float64Array {
    const { size } = this.neurons;
    const step = (high - low) / PLACES;
    const lower = new Float64Array(size).fill(Number.NaN);
    let missing = size;
    let before = this.balance(new Float64Array(size).fill(low), current);
    for (let k = 1; k <= PLACES && missing > 0; k++) {
      const now = this.balance(new Float64Array(size).fill(low + k * step), current);
      for (let i = 0; i < size; i++) {
        const crossing = (before[i] as number) >= 0 && (now[i] as number) < 0;
        if (!crossing || !Number.isNaN(lower[i] as number)) continue;
        lower[i] = low + (k - 1) * step;
        missing--;
      }
      before = now;
    }
    const a = lower.slice();
    const b = lower.map((x) => x + step);
    const found = lower.some((x) => !Number.isNaN(x));
    for (let round = 0; found && round < 52; round++) {
      const middle = a.map((x, i) => 0.5 * (x + (b[i] as number)));
      const f = this.balance(middle, current);
      for (let i = 0; i < size; i++) {
        if ((f[i] as number) >= 0) a[i] = middle[i] as number;
        else b[i] = middle[i] as number;
      }
    }
    return a.map((x, i) => 0.5 * (x + (b[i] as number)));
  }
}

/** What one step of a method makes of states, by the core itself; for models whose spikes are a level's crossing. */
export function stepOnce(
  core: Core,
  model: ModelRecord,
  method: Method,
  dt: number,
  params: Params,
  current: number,
  states: States,
  size: number,
): Record<string, Float64Array> {
  const sibling = core.sibling();
  sibling.exports.configure(dt, 0, 0);
  const slice = { first: 0, size };
  const own = unreachable(model, params);
  const neurons = new Neurons(sibling, model, slice, method, dt, own, false, aloneOf(size), model.id);
  sibling.exports.setLog(neurons.address, sibling.allocate(size * 4, "probe"), size, 0);
  sibling.exports.setBounds(neurons.address, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const background = sibling.exports.addBackground(neurons.address, BACKGROUND.constant, 0);
  sibling.exports.setAmplitude(background, 0, current, 0, 0);
  for (const [name, x] of Object.entries(states)) neurons.writeState(name, x);
  sibling.exports.run(1);
  return Object.fromEntries(Object.keys(model.states).map((name) => [name, neurons.readState(name)]));
}

/** Parameters with the threshold out of reach, so that a probe never fires. */
function unreachable(model: ModelRecord, params: Params): Params {
  // The clipping of v at V_peak in eif and adex belongs to their equations: there the peak stays. Without an
  // exponential they fire at V_T, which then is nowhere else.
  if (!model.clipped) return { ...params, [model.threshold]: 1e9 };
  const size = Math.max(...Object.values(params).map((x) => (typeof x === "number" ? 1 : x.length)));
  return { ...params, V_T: map(size, (V, D) => (D === 0 ? 1e9 : V), params.V_T as Numbers, params.Delta_T as Numbers) };
}

/** Where v is looked for: the physiological range, or the phase plane of a model without units. */
export function searchRange(model: ModelRecord): readonly [number, number] {
  return Object.values(model.states)[0]?.unit === "mV" ? [-200, 100] : [-5, 5];
}

/** Starts of neurons that are all alike, by their parameters: networks have many populations with the same ones. */
interface Starts {
  readonly core: Core["module"];
  readonly byParams: Map<string, Readonly<Record<string, Numbers>>>;
}
const startsOf = new WeakMap<ModelRecord, Starts>();
const MOST_STARTS = 256;

/**
 * Where the states start unless `init` says otherwise (the record's `init`).
 *
 * @param place which neurons these are, for a model whose start depends on that; by default a population of its own
 */
export function startStates(
  core: Core,
  model: ModelRecord,
  params: Params,
  size: number,
  place: Starting = { slice: { first: 0, size }, whole: size, label: model.id },
): Record<string, Numbers> {
  if (model.definition !== undefined) return startOf(core, model, params, place);
  if (Object.values(params).some((x) => typeof x !== "number")) return searchStart(core, model, params, size, (x) => x);
  let starts = startsOf.get(model);
  if (starts?.core !== core.module || starts.byParams.size >= MOST_STARTS) {
    starts = { core: core.module, byParams: new Map() };
    startsOf.set(model, starts);
  }
  const key = Object.entries(params).map(([name, x]) => `${name} ${Object.is(x, -0) ? "-0" : x}`).join();
  let start = starts.byParams.get(key);
  if (start === undefined) {
    start = searchStart(core, model, params, 1, (x) => (typeof x === "number" ? x : (x[0] as number)));
    starts.byParams.set(key, start);
  }
  return { ...start };
}

/** `collapse` makes one number of what is the same for all. */
function searchStart(
  core: Core,
  model: ModelRecord,
  params: Params,
  count: number,
  collapse: (x: Numbers) => Numbers,
): Record<string, Numbers> {
  const names = Object.keys(model.states);
  const membrane = names[0] as string;
  if (model.init !== "rest") {
    const out: Record<string, Numbers> = {};
    let probe: Record<string, Numbers> | undefined;
    for (const name of names) {
      const expression = model.init[name] as string;
      if (expression === "equilibrium") {
        probe ??= new Probe(core, model, params, count).equilibrium(out[membrane] as Numbers);
        out[name] = collapse(probe[name] as Numbers);
      } else {
        const number = Number(expression);
        out[name] = Number.isFinite(number) ? number : (params[expression] as Numbers);
      }
    }
    return out;
  }
  const probe = new Probe(core, model, params, count);
  const v = probe.rest(0, ...searchRange(model));
  if (model.id === "izhikevich") {
    // Without a stable rest (or with an integrating u, k_u = 0) start as the published scripts do: v = -65, u = b v.
    const b = params.b as Numbers;
    const integrates = map(count, (k) => (k === 0 ? 1 : 0), params.k_u as Numbers);
    for (let i = 0; i < count; i++) if (Number.isNaN(v[i] as number) || numberAt(integrates, i) === 1) v[i] = -65;
    const u = map(
      count,
      (x, slope, offset, k) => (k === 0 ? -16 : (slope * (x - offset)) / k),
      v,
      b,
      params.V_u as Numbers,
      params.k_u as Numbers,
    );
    return { [membrane]: collapse(v), u: collapse(u) };
  }
  for (let i = 0; i < count; i++)
    if (Number.isNaN(v[i] as number)) v[i] = Object.values(model.states)[0]?.unit === "mV" ? -65 : -1;
  const out: Record<string, Numbers> = {};
  for (const [name, x] of Object.entries(probe.equilibrium(v))) out[name] = collapse(x);
  return out;
}

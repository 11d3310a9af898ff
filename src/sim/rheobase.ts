/**
 * The rheobase of neurons: in closed form where there is one, else by simulation, all different neurons side by side.
 */
import { BACKGROUND, STATUS } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { SpikeletError } from "../model/errors.js";
import type { Method, ModelRecord } from "../model/record.js";
import { Neurons } from "./neurons.js";
import { aloneOf, type Params, startStates } from "./probe.js";
import { numberAt, type Numbers } from "./values.js";

/** The model with these parameters has no rheobase. */
export class RheobaseError extends SpikeletError {
  override readonly name = "RheobaseError";
  override readonly code = "rheobase";
}

/** What is done by simulating neurons, and how far it is. It yields often, so that events have their turn. */
export type Searching<T> = Generator<undefined, T>;

/**
 * Rheobase: the smallest constant current that, switched on at rest and kept on, makes the neuron fire at least once.
 * In the unit of the model's current, to 1e-6 of its size.
 *
 * lif, qif and eif: the current at which the last equilibrium disappears (closed form). Others: by bisection over runs
 * of 1 s from rest with a fourth-order (or the exact) method; results are kept per model and parameters. The rheobase
 * of a neuron depends on its parameters alone, not on the neurons beside it.
 *
 * @param label what the population is called in errors
 * @param chosen the neurons that are asked for, all by default; the number of others is 0
 * @throws RheobaseError when a neuron fires without input or does not fire at any current that was tried
 */
export function* rheobase(
  core: Core,
  model: ModelRecord,
  params: Params,
  size: number,
  label: string,
  chosen?: Uint32Array,
): Searching<Numbers> {
  const uniform = chosen === undefined && Object.values(params).every((x) => typeof x === "number");
  const asked = uniform ? Uint32Array.of(0) : (chosen ?? Uint32Array.from({ length: size }, (_, i) => i));
  const closed = CLOSED_FORMS[model.id];
  const out = new Float64Array(uniform ? 1 : size);
  const put = (i: number, value: Outcome): void => {
    if (typeof value !== "number") refuse(model, label, uniform ? undefined : i, value);
    out[i] = value;
  };
  if (closed !== undefined) for (const i of asked) put(i, closed(parametersOf(params, i)));
  else {
    const sets = distinct(params, asked);
    const values = yield* searchAll(core, model, sets);
    for (const [j, { members }] of sets.entries()) for (const i of members) put(i, values[j] as Outcome);
  }
  return uniform ? (out[0] as number) : out;
}

function refuse(model: ModelRecord, label: string, neuron: number | undefined, why: "alone" | "never"): never {
  const what =
    why === "alone"
      ? "fires without input; it has no rheobase"
      : `does not fire at any constant current up to ${currentOf(model, RUNGS).toPrecision(3)}`;
  const who = neuron === undefined ? label : `${label}, neuron ${neuron}`;
  throw new RheobaseError(`${who === model.id ? "" : `${who}: `}${model.id} with these parameters ${what}.`, {
    path: label,
  });
}

/** A rheobase, or why there is none. */
type Outcome = number | "alone" | "never";

const CLOSED_FORMS: Readonly<Record<string, (p: Readonly<Record<string, number>>) => Outcome>> = {
  lif: ({ C_m, tau_m, E_L, V_th }) => {
    const [C, tau, E, V] = [C_m, tau_m, E_L, V_th] as [number, number, number, number];
    return E < V ? ((V - E) * C) / tau : "alone";
  },
  qif: ({ k, V_r, V_t }) => {
    const [slope, r, t] = [k, V_r, V_t] as [number, number, number];
    return 0.25 * slope * (t - r) * (t - r);
  },
  // Equilibrium current g_L (v - E_L) - g_L Delta_T exp((v - V_T)/Delta_T) is greatest at v = V_T (Fourcaud-Trocme
  // 2003).
  eif: ({ g_L, E_L, V_T, Delta_T }) => {
    const [g, E, V, D] = [g_L, E_L, V_T, Delta_T] as [number, number, number, number];
    return g * (V - E - D);
  },
};

/** Where v stands at the rheobase before it takes off. */
const CRITICAL: Readonly<Record<string, (p: Readonly<Record<string, number>>) => number>> = {
  lif: ({ V_th }) => V_th as number,
  qif: ({ V_r, V_t }) => 0.5 * ((V_r as number) + (V_t as number)),
  eif: ({ V_T }) => V_T as number,
};

/** The rheobase of a neuron and where v stands then; undefined where there is no closed form, or no rheobase. */
export function closedRheobase(
  model: ModelRecord, params: Params, neuron: number,
): { readonly current: number; readonly v: number } | undefined {
  const set = parametersOf(params, neuron);
  const [current, v] = [CLOSED_FORMS[model.id]?.(set), CRITICAL[model.id]?.(set)];
  return typeof current === "number" && v !== undefined ? { current, v } : undefined;
}

/** Whether the rheobase of a model's neurons is searched by simulation. */
export function isSearched(model: ModelRecord): boolean {
  return CLOSED_FORMS[model.id] === undefined;
}

interface ParameterSet {
  readonly key: string;
  readonly set: Readonly<Record<string, number>>;
  readonly members: number[];
}

function distinct(params: Params, neurons: Uint32Array): ParameterSet[] {
  const sets = new Map<string, ParameterSet>();
  for (const i of neurons) {
    const set = parametersOf(params, i);
    const key = Object.values(set).join(" ");
    const same = sets.get(key);
    if (same) same.members.push(i);
    else sets.set(key, { key, set, members: [i] });
  }
  return [...sets.values()];
}

function parametersOf(params: Params, neuron: number): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [name, numbers] of Object.entries(params)) out[name] = numberAt(numbers, neuron);
  return out;
}

/** Results of earlier searches by model and parameters, so many at most of a model. */
const results = new WeakMap<ModelRecord, Map<string, Outcome>>();
const MOST_KNOWN = 10_000;

function* searchAll(core: Core, model: ModelRecord, sets: readonly ParameterSet[]): Searching<Outcome[]> {
  const known = results.get(model) ?? new Map<string, Outcome>();
  results.set(model, known);
  const values = sets.map(({ key }) => known.get(key));
  const open = [...sets.keys()].filter((j) => values[j] === undefined);
  const found = yield* searchSets(core, model, open.map((j) => (sets[j] as ParameterSet).set));
  if (known.size + open.length > MOST_KNOWN) known.clear();
  for (const [k, j] of open.entries()) {
    values[j] = found[k];
    known.set((sets[j] as ParameterSet).key, found[k] as Outcome);
  }
  return values as Outcome[];
}

/** The search of one set: currents that it wants to try, for which it gets whether each makes the neuron fire. */
type Search = Generator<readonly number[], Outcome, readonly boolean[]>;

/**
 * Currents of few sets that are tried together, although some will turn out not to be needed: so few cost little more.
 */
const TOGETHER = 16;

/** Goes through the searches of all sets in rounds, in each of which their currents are tried in one population. */
function* searchSets(
  core: Core,
  model: ModelRecord,
  sets: readonly Readonly<Record<string, number>>[],
): Searching<Outcome[]> {
  const outcomes = new Array<Outcome>(sets.length);
  if (sets.length === 0) return outcomes;
  const depth = Math.max(1, Math.floor(Math.log2(TOGETHER / sets.length + 1)));
  const columns = columnsOf(sets);
  const start = yield* restOf(core, model, columns, sets.length);
  let open = sets.map((_, set) => ({ set, search: search(model, depth), asked: [] as readonly number[] }));
  for (const one of open) one.asked = one.search.next().value as readonly number[];
  while (open.length > 0) {
    const trials = open.flatMap(({ set, asked }) => asked.map((current) => ({ set, current })));
    const fired = yield* fires(core, model, columns, start, trials);
    let taken = 0;
    open = open.filter((one) => {
      const answers = fired.slice(taken, taken + one.asked.length);
      taken += one.asked.length;
      const { done, value } = one.search.next(answers);
      if (done) outcomes[one.set] = value;
      else one.asked = value;
      return !done;
    });
  }
  return outcomes;
}

/** Parameters by name: one number where all sets agree. */
function columnsOf(sets: readonly Readonly<Record<string, number>>[]): Params {
  const first = sets[0] as Readonly<Record<string, number>>;
  return Object.fromEntries(
    Object.keys(first).map((name) => {
      const column = Float64Array.from(sets, (set) => set[name] as number);
      return [name, column.every((x) => x === column[0]) ? (column[0] as number) : column];
    }),
  );
}

/** The first bracket lies on a ladder from the scale of the model's currents up, four rungs to a factor of two. */
const RUNGS = 80;
/** Rungs of a stretch of the ladder, whose end is tried first. */
const STRETCH = 8;
/** Parts that a bracket is cut into, a power of two. */
const PARTS = 64;

function currentOf(model: ModelRecord, rung: number): number {
  const scale = model.current === "pA" ? 1 : model.current === "" ? 0.01 : 0.1;
  return scale * 2 ** (rung / 4);
}

/**
 * Bisection for the smallest current that makes a neuron fire.
 *
 * @param depth halvings that are tried at once; the result does not depend on it
 */
function* search(model: ModelRecord, depth: number): Search {
  if ((yield [0])[0]) return "alone";
  const stretches = Array.from({ length: RUNGS / STRETCH }, (_, s) =>
    Array.from({ length: STRETCH }, (_, j) => currentOf(model, s * STRETCH + j + 1)),
  );
  const last = STRETCH - 1;
  let stretch = -1;
  const most = 2 ** depth - 1;
  for (let s = 0; stretch < 0 && s < stretches.length; s += most) {
    const hit = (yield stretches.slice(s, s + most).map((ladder) => ladder[last] as number)).indexOf(true);
    if (hit >= 0) stretch = s + hit;
  }
  let rung: number;
  if (stretch >= 0) rung = yield* firstThatFires(stretches[stretch] as number[], depth);
  else {
    // Some currents may do it although larger ones drive the neuron out of its bounds.
    const hit = (yield stretches.flat()).indexOf(true);
    if (hit < 0) return "never";
    stretch = Math.floor(hit / STRETCH);
    rung = hit % STRETCH;
  }
  let high = stretches[stretch]?.[rung] as number;
  let low = (rung > 0 ? stretches[stretch]?.[rung - 1] : stretches[stretch - 1]?.[last]) ?? 0;
  while (high - low > 2e-7 * high) {
    const [from, width] = [low, high - low];
    const trials = Array.from({ length: PARTS }, (_, j) => from + (width * (j + 1)) / PARTS);
    const hit = yield* firstThatFires(trials, depth);
    high = trials[hit] as number;
    if (hit > 0) low = trials[hit - 1] as number;
  }
  return 0.5 * (low + high);
}

/** The place of the first current that fires among ascending ones, of which the last does. */
function* firstThatFires(
  currents: readonly number[],
  depth: number,
): Generator<readonly number[], number, readonly boolean[]> {
  let [below, hit] = [-1, currents.length - 1];
  while (hit - below > 1) {
    const middles = middlesOf(below, hit, depth);
    const fired = yield middles.map((j) => currents[j] as number);
    for (let d = 0; d < depth && hit - below > 1; d++) {
      const middle = (below + hit) >> 1;
      if (fired[middles.indexOf(middle)]) hit = middle;
      else below = middle;
    }
  }
  return hit;
}

/** The places that so many halvings of the range between two may ask for. */
function middlesOf(low: number, high: number, depth: number): number[] {
  if (depth === 0 || high - low < 2) return [];
  const middle = (low + high) >> 1;
  return [...middlesOf(low, middle, depth - 1), middle, ...middlesOf(middle, high, depth - 1)];
}

/** The most accurate method of a model that has a stage for its input at any dt. */
function searchMethod(model: ModelRecord): Method {
  const found = (["exact", "rk4"] as const).find((method) => model.methods.includes(method));
  if (found !== undefined) return found;
  throw new RheobaseError(`${model.id} has noise in its equations: it has no rheobase.`, { path: model.id });
}

/**
 * Where the neurons stand when the current is switched on: their start, or of a model with equations of its own, which
 * need not start at its rest, where it is after SEARCH_MS without input. What spikes until then is no matter.
 */
function* restOf(core: Core, model: ModelRecord, params: Params, size: number): Searching<Record<string, Numbers>> {
  const start = startStates(core, model, params, size);
  if (model.definition === undefined) return start;
  const method = searchMethod(model);
  const instance = core.sibling();
  const { exports } = instance;
  exports.configure(SEARCH_DT, 0, 0);
  const neurons = new Neurons(
    instance,
    model,
    { first: 0, size },
    method,
    SEARCH_DT,
    params,
    false,
    aloneOf(size),
    model.id,
  );
  for (const [name, x] of Object.entries(start)) neurons.writeState(name, x);
  const chunk = Math.max(1, Math.min(1000, Math.floor(CHUNK / size)));
  const capacity = (chunk + 1) * size;
  exports.setLog(neurons.address, instance.allocate(capacity * 4, "rheobase"), capacity, 0);
  for (let left = Math.ceil(SEARCH_MS / SEARCH_DT); left > 0; left -= chunk) {
    // A neuron that runs away by itself has no rheobase, which the search finds.
    if (exports.run(Math.min(chunk, left)) === STATUS.unstable) return start;
    exports.drained();
    yield;
  }
  return Object.fromEntries(Object.keys(start).map((name) => [name, neurons.readState(name)]));
}

/** A constant current into a neuron with one of the parameter sets. */
interface Trial {
  readonly set: number;
  readonly current: number;
}

const SEARCH_MS = 1000;
/** Largest step of the search in ms. */
const SEARCH_DT = 0.02;

/** Steps times neurons between two looks at the spikes: some milliseconds. */
const CHUNK = 200_000;

/** Which trials make their neuron fire within SEARCH_MS, before it leaves the bounds of its model. */
function* fires(
  core: Core,
  model: ModelRecord,
  params: Params,
  start: Readonly<Record<string, Numbers>>,
  trials: readonly Trial[],
): Searching<boolean[]> {
  const method = searchMethod(model);
  const dt = Math.min(SEARCH_DT, (model.maxStep?.[method] ?? 1) / 2);
  const steps = Math.ceil(SEARCH_MS / dt);
  const [membrane = "", { bounds: [lowest, highest] } = { bounds: [0, 0] }] = Object.entries(model.states)[0] ?? [];
  const fired = new Array<boolean>(trials.length).fill(false);
  let open = Uint32Array.from(trials.keys());
  let states: Record<string, Numbers> = pick(start, trials.map(({ set }) => set));
  for (let left = steps; left > 0 && open.length > 0; ) {
    // A population of the trials that are still open, from where they are.
    const instance = core.sibling();
    const { exports } = instance;
    exports.configure(dt, 0, 0);
    const size = open.length;
    const sets = Array.from(open, (trial) => (trials[trial] as Trial).set);
    const own = pick(params, sets);
    const neurons = new Neurons(instance, model, { first: 0, size }, method, dt, own, false, aloneOf(size), model.id);
    for (const [name, x] of Object.entries(states)) neurons.writeState(name, x);
    const background = exports.addBackground(neurons.address, BACKGROUND.constant, 0);
    const currents = Array.from(open, (trial) => (trials[trial] as Trial).current);
    exports.setAmplitude(background, instance.column(currents, neurons.padded, "rheobase"), 0, 0, 0);
    const capacity = 64 * size;
    const log = instance.allocate(capacity * 4, "rheobase");
    exports.setLog(neurons.address, log, capacity, 0);
    const chunk = Math.max(1, Math.min(1000, Math.floor(CHUNK / size)));
    let unstable = false;
    let closed = 0;
    while (left > 0 && !unstable && closed < Math.max(TOGETHER, size / 8) && closed < size) {
      const before = exports.stepsDone();
      unstable = exports.run(Math.min(chunk, left)) === STATUS.unstable;
      left -= exports.stepsDone() - before;
      for (const n of instance.readU32(log, exports.spikesLogged(neurons.address))) {
        const trial = open[n] as number;
        if (fired[trial]) continue;
        fired[trial] = true;
        closed++;
      }
      exports.drained();
      yield;
    }
    const v = neurons.readState(membrane);
    const lost = unstable ? exports.guardNeuron() : -1;
    const kept = Uint32Array.from(open.keys()).filter((n) => {
      const inside = (v[n] as number) >= lowest && (v[n] as number) <= highest;
      return !fired[open[n] as number] && n !== lost && inside;
    });
    states = pick(Object.fromEntries(Object.keys(states).map((name) => [name, neurons.readState(name)])), [...kept]);
    open = kept.map((n) => open[n] as number);
  }
  return fired;
}

/** The numbers at these places, one number where there is but one for all. */
function pick(columns: Readonly<Record<string, Numbers>>, places: readonly number[]): Record<string, Numbers> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, x]) => [
      name,
      typeof x === "number" ? x : Float64Array.from(places, (i) => x[i] as number),
    ]),
  );
}

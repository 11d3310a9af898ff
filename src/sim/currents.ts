/**
 * Background currents of a population as numbers: each entry as the core evaluates it, I_i(t) = a_i s(t) + b_i or a
 * noise with deviation a and mean b, and which entry of the list before it goes on in.
 */
import { BACKGROUND } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { Method, ModelRecord } from "../model/record.js";
import type { BackgroundScope, BackgroundSpec, Value } from "../model/spec.js";
import { backgroundOf, textOf } from "../kinds/backgrounds.js";
import { stagesOf } from "../core/methods.js";
import { compileWritten, linearSystems, type WrittenCurrent } from "./compiled.js";
import { type Kernels, ModuleKernels } from "./kernels.js";
import { isDistribution } from "../kinds/value.js";
import { map, type Numbers, numbersOf, streamOf, withSeed } from "./values.js";

/** An entry of a population's list, as long as it stays there. */
export interface Entry {
  readonly spec: BackgroundSpec;
  /**
   * Number by which its random streams are told from those of other entries: its place, if it was there from the start.
   */
  readonly id: number;
  /** The seed that its distributions are drawn with: the simulation may have another one by now. */
  readonly seed: number;
}

/** An entry with the numbers of the whole population. */
export interface Planned extends Entry {
  /** Place in the list before of the entry that goes on in this one; undefined for a new one. */
  readonly before: number | undefined;
  /** Kind and stream of the core. */
  readonly kind: number;
  readonly stream: number;
  /** Within its scope; 0 elsewhere. */
  readonly a: Numbers;
  readonly b: Numbers;
  readonly shape: readonly [p0: number, p1: number, p2: number, p3: number];
  /** Rows of piecewise, poisson with a rate that changes, and samples. */
  readonly table: ArrayLike<number>;
  readonly rows: number;
  /** What computes an expression that changes in time. */
  readonly written?: Written;
}

/** An expression that changes in time. */
export interface Written {
  readonly kernels: Kernels;
  /** It differs between neurons. */
  readonly differs: boolean;
  /** 1 for the neurons that it acts on, else 0. */
  readonly acts: Numbers;
}

type Compiled = Extract<WrittenCurrent, { fixed: Numbers }> | (Omit<Written, "acts"> & { readonly fixed?: undefined });

/** What was compiled, by the entry and the code of the core: plans are made again and again. */
const compiled = new WeakMap<BackgroundSpec, WeakMap<object, Compiled>>();

function compiledOf(spec: BackgroundSpec, text: string, { core, method, model, size }: Setting): Compiled {
  const known = compiled.get(spec) ?? new WeakMap<object, Compiled>();
  compiled.set(spec, known);
  const before = known.get(core.build);
  if (before !== undefined) return before;
  const stages = stagesOf(method, Object.keys(model.states).length);
  const made = compileWritten(model, text, core, stages, size, spec.scope?.neurons !== undefined);
  const kept: Compiled =
    made.fixed === undefined
      ? { kernels: new ModuleKernels(`background ${text}`, () => made.kernel), differs: made.differs }
      : made;
  known.set(core.build, kept);
  return kept;
}

/** What the numbers depend on. */
export interface Setting {
  /** Evaluates functions and draws. */
  readonly core: Core;
  readonly method: Method;
  readonly model: ModelRecord;
  readonly dt: number;
  readonly seed: number;
  readonly size: number;
  /** Name of the population. */
  readonly label: string;
  /** Parameters of the whole population, and its rheobases where an entry is given in them. */
  readonly params: Readonly<Record<string, Numbers>>;
  readonly rheobases: Numbers | undefined;
}

/**
 * Computes a list of entries that comes in place of another.
 *
 * @throws MemoryError when there is no room to draw numbers
 */
export function planBackground(
  specs: readonly BackgroundSpec[],
  present: readonly Entry[],
  setting: Setting,
): Planned[] {
  const before = pair(
    present.map(({ spec }) => spec),
    specs,
  );
  const taken = new Set(before.flatMap((j) => (j === undefined ? [] : [(present[j] as Entry).id])));
  return specs.map((spec, i) => {
    const j = before[i];
    const { id, seed } = j === undefined ? { id: freeNumber(i, taken), seed: setting.seed } : (present[j] as Entry);
    taken.add(id);
    return { ...numbersOfEntry(spec, id, seed, setting), spec, id, seed, before: j };
  });
}

/** The number of a new entry: its place in the list, or the first that is free. */
function freeNumber(place: number, taken: ReadonlySet<number>): number {
  if (!taken.has(place)) return place;
  let id = 0;
  while (taken.has(id)) id++;
  return id;
}

/**
 * Which old entry goes on in each new one: one of the same kind, namely that with which it has most values in common,
 * then that whose place is nearest, then the first.
 */
export function pair(old: readonly BackgroundSpec[], now: readonly BackgroundSpec[]): (number | undefined)[] {
  const found: (number | undefined)[] = now.map(() => undefined);
  const open = new Set(old.keys());
  // What stands where it stood needs no search.
  for (const [i, spec] of now.entries()) {
    if (spec !== old[i]) continue;
    found[i] = i;
    open.delete(i);
  }
  const pairs = now.flatMap((spec, i) => {
    if (found[i] !== undefined) return [];
    return [...open]
      .filter((j) => old[j]?.kind === spec.kind)
      .map((j) => ({ i, j, alike: alike(old[j] as BackgroundSpec, spec) }));
  });
  pairs.sort((p, q) => q.alike - p.alike || Math.abs(p.i - p.j) - Math.abs(q.i - q.j) || p.i - q.i || p.j - q.j);
  for (const { i, j } of pairs) if (found[i] === undefined && open.delete(j)) found[i] = j;
  return found;
}

/** Number of fields that two entries of one kind have in common. */
function alike(a: BackgroundSpec, b: BackgroundSpec): number {
  const fields = (spec: BackgroundSpec): Record<string, unknown> => ({ ...spec, scope: undefined, ...spec.scope });
  const [x, y] = [fields(a), fields(b)];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].filter((key) => equal(x[key], y[key])).length;
}

/** Whether two values of fields are the same: numbers, texts, lists of them, distributions. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) !== ArrayBuffer.isView(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) || ArrayBuffer.isView(a)) {
    const [x, y] = [a as ArrayLike<unknown>, b as ArrayLike<unknown>];
    if (x.length !== y.length) return false;
    for (let i = 0; i < x.length; i++) if (!equal(x[i], y[i])) return false;
    return true;
  }
  const keys = Object.keys(a);
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.length === Object.keys(b).length && keys.every((key) => equal(x[key], y[key]));
}

/**
 * An entry with numbers in place of distributions, a part of the rheobase as the current that it is, and the content of
 * files.
 */
export function drawnEntry({ spec, id, seed }: Entry, setting: Setting): BackgroundSpec {
  const { fields: known, rheobase } = backgroundOf(spec);
  if (rheobase) {
    const { a } = numbersOfEntry(spec, id, seed, setting);
    return { kind: "constant", amplitude: a, ...(spec.scope && { scope: spec.scope }) };
  }
  const fields = Object.entries(spec).flatMap(([key, value]: [string, unknown]) => {
    if (known[key]?.file) return [];
    return [[key, isDistribution(value) && key !== "scope" ? drawn(value, key, id, seed, setting) : value]];
  });
  return Object.fromEntries(fields) as BackgroundSpec;
}

function drawn(
  value: Value,
  what: string,
  id: number,
  seed: number,
  { core, dt, size, label, seed: present }: Setting,
): Numbers {
  const stream = streamOf(core, label, "background", id, what);
  return withSeed(core, dt, seed, present, () => numbersOf(core, value, { first: 0, size }, stream));
}

function numbersOfEntry(
  spec: BackgroundSpec,
  id: number,
  seed: number,
  setting: Setting,
): Omit<Planned, keyof Entry | "before"> {
  const { core, dt, size, label } = setting;
  const { exports } = core;
  const draw = (value: Value, what: string): Numbers => drawn(value, what, id, seed, setting);
  const record = backgroundOf(spec);
  const { a, b, shape = [], table = [], rows = 0 } = record.lower(spec as never, {
    dt,
    draw,
    each: (f, ...args) => map(size, f, ...args),
    exp: exports.exp,
    expm1: exports.expm1,
    noiseFactor: () => noiseFactor(setting),
    rheobases: () => setting.rheobases as Numbers,
  });
  const made = {
    kind: BACKGROUND[record.core],
    stream: streamOf(core, label, "background", id),
    a: within(a, spec.scope, size),
    b: within(b, spec.scope, size),
    shape: [shape[0] ?? 0, shape[1] ?? 0, shape[2] ?? 0, shape[3] ?? 0] as const,
    table,
    rows,
  };
  if (record.expression === undefined) return made;
  const found = compiledOf(spec, textOf(spec), setting);
  if (found.fixed !== undefined)
    return { ...made, kind: BACKGROUND.constant, a: within(found.fixed, spec.scope, size) };
  const written = { ...found, acts: within(1, spec.scope, size) };
  return { ...made, ...(found.differs ? { a: 1 } : {}), written };
}

/** The numbers of the neurons that an entry acts on, 0 for the others. */
function within(numbers: Numbers, scope: BackgroundScope | undefined, size: number): Numbers {
  if (!scope?.neurons || numbers === 0) return numbers;
  const out = new Float64Array(size);
  for (const i of scope.neurons) out[i] = typeof numbers === "number" ? numbers : (numbers[i] as number);
  return out;
}

/**
 * What sigma is multiplied with: white noise of intensity sigma is a random current sigma/sqrt(dt) held for a step.
 * Under the exact method the held current would make the variance of v too small by a factor (2 tau/dt) tanh(dt/(2
 * tau)), so it is scaled up by its inverse root: then std(v) = (sigma/C_m) sqrt(tau_m/2) at any dt.
 */
function noiseFactor({ core, method, model, dt, size, params }: Setting): Numbers {
  const { tanh } = core.exports;
  if (method !== "exact") return 1 / Math.sqrt(dt);
  const factor = (tau: number): number => 1 / Math.sqrt(2 * tau * tanh(dt / (2 * tau)));
  if (model.definition !== undefined) {
    const systems = linearSystems(core, model, params, { slice: { first: 0, size }, whole: size, label: model.id });
    // The leak of v alone; without one the held current has the variance that it should.
    const leak = (n: number): number => -(systems?.of(n).matrix[0] as number);
    const of = (n: number): number => (leak(n) > 0 ? factor(1 / leak(n)) : 1 / Math.sqrt(dt));
    return systems === undefined || systems.isCommon ? of(0) : Float64Array.from({ length: size }, (_, n) => of(n));
  }
  return map(size, factor, params.tau_m as Numbers);
}

/**
 * Linear models that are advanced by events (the method eventDriven): what is linear in them as expressions, and the
 * numbers that follow. A neuron's states and those of its receptors are one vector; y is its distance from the
 * equilibrium at the neuron's constant current. Between arrivals y(n) = P^n y after n steps, with P = exp(A dt)
 * (Rotter & Diesmann 1999, Biol Cybern 81:381); refractory, another A acts, in which what is held stands still. The
 * threshold is reached where z = c x - theta is 0 or more, so that the largest and the smallest of each element of
 * c P^n over n bound where z can come without anything that arrives: then the neuron need not be looked at.
 */
import { expm1Matrix } from "../model/matrix.js";
import { isFixed, integrate, reach, refusal, type StepProgram } from "./integrate.js";
import { type Expr, type Ir, type IrModel } from "./ir.js";

/** Steps for which a neuron is left alone, from the fewest to the most (WATCH of assembly/abi.ts). */
export const PERIODS = [4, 32, 256] as const;

/** A receptor of such a model. */
export interface EventReceptor {
  /** Jumps of a state; a current that decays; one that rises and decays, with two states x and y, dx/dt = y - x/tau. */
  readonly kind: "jumps" | "decay" | "rise";
  /** jumps: index of the state. */
  readonly state: number;
  /** Something may arrive. */
  readonly arrives: boolean;
}

/** The numbers of a receptor: time constants in ms, and the jump per weight. */
export interface ReceptorTimes {
  readonly decay: number;
  readonly rise: number;
  readonly gain: number;
}

/** A model with its receptors. */
export interface EventForm {
  /** Threshold, reset and refractoriness; its `next` changes nothing. */
  readonly program: StepProgram;
  /** Of each state's equation: the slopes over the states, then that over I, and what is added. */
  readonly rows: readonly { readonly slopes: readonly Expr[]; readonly offset: Expr }[];
  /** z = slopes x - theta; none for a model that does not spike. */
  readonly line: { readonly slopes: readonly Expr[]; readonly offset: Expr } | undefined;
  /** States that stand still while the neuron is refractory. */
  readonly held: readonly number[];
  readonly receptors: readonly EventReceptor[];
  /** Index of each receptor's first state in the vector; for jumps that of the state that jumps. */
  readonly places: readonly number[];
  /** Number of states of the model, and of the vector. */
  readonly states: number;
  readonly size: number;
  /** Elements of P that can differ from 0: free, and while states are held. */
  readonly free: readonly (readonly boolean[])[];
  readonly still: readonly (readonly boolean[])[];
}

/** Why a model cannot be advanced by events, as a sentence; undefined if it can. */
export function eventRefusal(ir: Ir, model: IrModel): string | undefined {
  const refused = refusal(ir, model, "exact");
  if (refused !== undefined) return refused;
  if (model.events.length > 0)
    return `the condition of ${model.events[0]?.name} would have to be looked at in each step`;
  if (model.crossing || model.refractory.kind === "condition")
    return "whether a neuron can spike again depends on its states, which would have to be looked at in each step";
  const { threshold } = model;
  if (threshold === undefined) return undefined;
  if (lineOf(ir, model, threshold) === undefined)
    return "the condition of a spike is no comparison that is linear in the states with fixed coefficients";
  const hold = model.refractory.kind === "time" ? [model.refractory.value] : [];
  const changing = [...model.reset.map((r) => r.value), ...hold].some((e) =>
    ir.dependsOn(e, "input", "t", "random", "column", "landing"),
  );
  return changing ? "what a spike does depends on the input, on t or on random numbers" : undefined;
}

/** z of a condition that is one comparison. */
function lineOf(ir: Ir, model: IrModel, threshold: Expr): EventForm["line"] {
  const [a, b] = threshold.args as [Expr, Expr];
  const rises = threshold.op === "ge" || threshold.op === "gt";
  if (!rises && threshold.op !== "le" && threshold.op !== "lt") return undefined;
  const leaves = [...model.states.keys()].map((j) => ir.state(j));
  const form = ir.linear(rises ? ir.sub(a, b) : ir.sub(b, a), leaves);
  return form !== undefined && [...form.slopes, form.offset].every((e) => isFixed(ir, e)) ? form : undefined;
}

/** @throws RangeError where `eventRefusal` says something */
export function eventForm(ir: Ir, model: IrModel, receptors: readonly EventReceptor[]): EventForm {
  const refused = eventRefusal(ir, model);
  if (refused !== undefined) throw new RangeError(`${model.name}, eventDriven: ${refused}.`);
  const states = model.states.length;
  const leaves = [...model.states.keys()].map((j) => ir.state(j));
  const zero = ir.const(0);
  const rows = model.states.map(({ derivative }) => {
    const form = derivative && ir.linear(derivative, [...leaves, ir.input]);
    return form ?? { slopes: new Array<Expr>(states + 1).fill(zero), offset: zero };
  });
  const program = integrate(ir, model, "exact", { conducts: false, jumps: false });
  let size = states;
  const places = receptors.map(({ kind, state }) => {
    if (kind === "jumps") return state;
    const place = size;
    size += kind === "rise" ? 2 : 1;
    return place;
  });
  const direct = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => i === j));
  for (const [i, { slopes }] of rows.entries()) {
    for (let j = 0; j < states; j++) if (slopes[j] !== zero) (direct[i] as boolean[])[j] = true;
    if (slopes[states] === zero) continue;
    for (const [r, { kind }] of receptors.entries())
      if (kind !== "jumps") (direct[i] as boolean[])[places[r] as number] = true;
  }
  for (const [r, { kind }] of receptors.entries()) {
    const x = places[r] as number;
    if (kind === "rise") (direct[x] as boolean[])[x + 1] = true;
  }
  const held = heldStates(model);
  const halted = direct.map((row, i) => (held.includes(i) ? row.map((_, j) => i === j) : row));
  return {
    program: { ...program, next: leaves, receptors: [], gates: [], derivation: undefined },
    rows,
    line: model.threshold && lineOf(ir, model, model.threshold),
    held,
    receptors,
    places,
    states,
    size,
    free: reach(direct),
    still: reach(halted),
  };
}

/** Index in the vector of what a weight that arrives by receptor r adds to. */
export function landsAt({ places, receptors }: EventForm, r: number): number {
  return (places[r] as number) + (receptors[r]?.kind === "rise" ? 1 : 0);
}

/** States that keep their values while a neuron is refractory; as in integrate.ts. */
function heldStates({ refractory, states, threshold }: IrModel): number[] {
  if (refractory.kind !== "time" || threshold === undefined) return [];
  const chosen = [...states.keys()].filter((j) => states[j]?.flags.unlessRefractory === true);
  return chosen.length > 0 ? chosen : [0];
}

/** Coefficients of a neuron as numbers, in the order of `EventForm.rows` and `line`. */
export interface EventSystem {
  /** A of the model's states, row by row; what I adds to each row. */
  readonly matrix: readonly (readonly number[])[];
  readonly input: readonly number[];
  readonly line: readonly number[];
}

/** A of the whole vector. */
export function wholeMatrix(
  form: EventForm,
  { matrix, input }: EventSystem,
  times: readonly ReceptorTimes[],
): number[] {
  const { size, states, receptors, places } = form;
  const all = new Array<number>(size * size).fill(0);
  for (let i = 0; i < states; i++) {
    for (let j = 0; j < states; j++) all[i * size + j] = matrix[i]?.[j] as number;
    for (const [r, { kind }] of receptors.entries())
      if (kind !== "jumps") all[i * size + (places[r] as number)] = input[i] as number;
  }
  for (const [r, { kind }] of receptors.entries()) {
    if (kind === "jumps") continue;
    const x = places[r] as number;
    const { decay, rise } = times[r] as ReceptorTimes;
    all[x * size + x] = -1 / decay;
    if (kind === "decay") continue;
    all[x * size + x + 1] = 1;
    all[(x + 1) * size + x + 1] = -1 / rise;
  }
  return all;
}

/** The same while states are held. */
export function heldMatrix({ size, held }: EventForm, whole: readonly number[]): number[] {
  return whole.map((x, k) => (held.includes(Math.floor(k / size)) ? 0 : x));
}

/**
 * The equilibrium at what is added to each row; undefined where there is none. States that nothing drives stand at 0.
 */
export function equilibrium(
  { states }: EventForm,
  { matrix }: EventSystem,
  added: readonly number[],
): number[] | undefined {
  const moving = [...Array(states).keys()].filter((i) => matrix[i]?.some((x) => x !== 0));
  const still = [...Array(states).keys()].filter((i) => !moving.includes(i));
  if (still.some((i) => added[i] !== 0)) return undefined;
  const a = moving.map((i) => [...moving.map((j) => matrix[i]?.[j] as number), -(added[i] as number)]);
  const n = moving.length;
  // Gauss with the largest pivot of each column.
  for (let k = 0; k < n; k++) {
    const size = (i: number): number => Math.abs(a[i]?.[k] as number);
    const best = [...Array(n - k).keys()].map((i) => i + k).reduce((p, i) => (size(i) > size(p) ? i : p), k);
    if (size(best) === 0) return undefined;
    [a[k], a[best]] = [a[best] as number[], a[k] as number[]];
    const pivot = a[k] as number[];
    for (const [i, row] of a.entries()) {
      if (i === k) continue;
      const factor = (row[k] as number) / (pivot[k] as number);
      if (factor !== 0) for (let j = k; j <= n; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  const x = new Array<number>(states).fill(0);
  for (const [k, i] of moving.entries()) x[i] = (a[k]?.[n] as number) / (a[k]?.[k] as number);
  return x.every(Number.isFinite) ? x : undefined;
}

/** Powers of P that a kernel finds: 1 to 63 times 1, 64, 64^2 and 64^3 steps. */
export const DIGITS = 64;
export const LEVELS = 4;

/** These powers, the elements that can differ from 0 alone; the place of the zeroth power of a level is unused. */
export function powers(matrix: readonly number[], size: number, dt: number, pattern: EventForm["free"]): number[] {
  const kept = pattern.flatMap((row, i) => row.flatMap((yes, j) => (yes ? [i * size + j] : [])));
  const all: number[] = [];
  let span = dt;
  for (let level = 0; level < LEVELS; level++, span *= DIGITS) {
    const base = propagator(matrix, size, span);
    let power = base;
    for (let n = 0; n < DIGITS; n++) {
      if (n > 1) power = product(power, base, size);
      all.push(...kept.map((k) => power[k] as number));
    }
  }
  return all;
}

function propagator(matrix: readonly number[], size: number, span: number): number[] {
  const e = expm1Matrix(
    matrix.map((x) => x * span),
    size,
  );
  return e.map((x, k) => (k % (size + 1) === 0 ? 1 + x : x));
}

function product(a: readonly number[], b: readonly number[], n: number): number[] {
  const out = new Array<number>(n * n).fill(0);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k] as number;
      if (x !== 0)
        for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] as number) + x * (b[k * n + j] as number);
    }
  }
  return out;
}

/** Beyond the longest period c P^n is looked at in strides; what lies between is at most so much more. */
const ROOM = 1.01;

/** Parts of the largest element below which c P^n counts as gone. */
const GONE = 1e-12;

/**
 * The largest and the smallest of each element of c P^n: over all n from 1 on, then over the periods from the longest
 * to the shortest. For each first the largest of all elements, then the smallest. They are infinite where c P^n grows
 * without bound.
 */
export function extremes(matrix: readonly number[], size: number, dt: number, c: readonly number[]): number[][] {
  let power = propagator(matrix, size, dt);
  let row = [...c];
  const most = new Array<number>(size).fill(Number.NEGATIVE_INFINITY);
  const least = new Array<number>(size).fill(Number.POSITIVE_INFINITY);
  const go = (step: readonly number[]): void => {
    const next = new Array<number>(size).fill(0);
    for (let k = 0; k < size; k++)
      for (let j = 0; j < size; j++)
        next[j] = (next[j] as number) + (row[k] as number) * (step[k * size + j] as number);
    row = next;
    for (let j = 0; j < size; j++) {
      most[j] = Math.max(most[j] as number, row[j] as number);
      least[j] = Math.min(least[j] as number, row[j] as number);
    }
  };
  const found: number[][] = [];
  const longest = PERIODS[PERIODS.length - 1] as number;
  for (let n = 1; n <= longest; n++) {
    go(power);
    if ((PERIODS as readonly number[]).includes(n)) found.unshift([...most, ...least]);
  }
  const largest = (): number => Math.max(...row.map(Math.abs));
  const scale = Math.max(...most.map(Math.abs), ...least.map(Math.abs));
  // 16 times as far in each round, with strides that are 16 times as long.
  for (let round = 0; round < 6 && largest() > GONE * scale; round++) {
    for (let k = 0; k < 4; k++) power = product(power, power, size);
    for (let k = 0; k < 240 && largest() > GONE * scale; k++) go(power);
  }
  const gone = largest() <= scale;
  const never = [
    ...most.map((x) => (gone ? x * (x > 0 ? ROOM : 1) : Number.POSITIVE_INFINITY)),
    ...least.map((x) => (gone ? x * (x < 0 ? ROOM : 1) : Number.NEGATIVE_INFINITY)),
  ];
  // What decays comes to 0 in the end.
  return [never.map((x, j) => (j < size ? Math.max(x, 0) : Math.min(x, 0))), ...found];
}

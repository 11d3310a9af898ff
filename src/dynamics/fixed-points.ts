/** Where a model's equations stand still. */
import { type Complex, eigenvalues, factored, solved } from "../analysis/linear.js";
import { derivative } from "../lang/differentiate.js";
import { evaluate, type Expr } from "../lang/ir.js";
import { bounds, type Interval } from "../lang/interval.js";
import type { ModelRecord } from "../model/record.js";
import { MissingKeyError } from "../model/errors.js";
import { searchRange } from "../sim/probe.js";
import type { System } from "../sim/system.js";
import { type Breath, type ModelAt, named, readBox, readGiven } from "./given.js";

/** By its linearisation: of a focus some eigenvalues are complex, so that what is near turns round it. */
export type FixedPointKind =
  "stable node" | "stable focus" | "unstable node" | "unstable focus" | "saddle" | "saddle-focus" | "undecided";

/** A state in which a neuron stays. */
export interface FixedPoint {
  /** Values of the states, in their units. */
  readonly state: Readonly<Record<string, number>>;
  /** Of the Jacobian there, in 1/ms, the largest real part first. */
  readonly eigenvalues: readonly Complex[];
  readonly stable: boolean;
  /** `undecided` where an eigenvalue is on the imaginary axis as far as numbers tell. */
  readonly kind: FixedPointKind;
}

/** The fixed points of a model, and how sure it is that there are no others. */
export interface FixedPoints {
  /** By ascending v. */
  readonly points: readonly FixedPoint[];
  /**
   * `proved`: all other states follow from one, and bounds on the slope of that one exclude others in the box, up to
   * what is `undecided`. `searched`: found from many starts; there may be others.
   */
  readonly certainty: "proved" | "searched";
  /** Ranges of v in which bounds did not decide, such as where an equation divides 0 by 0 or two points meet. */
  readonly undecided: readonly (readonly [low: number, high: number])[];
}

/** Where fixed points are looked for. */
export interface FixedPointOptions<M extends ModelRecord> extends ModelAt<M> {
  /**
   * Ranges of states, in their units. Without one v is looked for from -200 to 100 mV, or -5 to 5 without a unit. Other
   * states need one only where they do not follow from v.
   */
  readonly box?: Readonly<Record<string, readonly [low: number, high: number]>>;
}

/**
 * All fixed points of a model's equations in a box, at a constant input. Where all other states can be solved for at a
 * given v (gates, adaptation, calcium: each linear in itself), one equation is left, whose roots are isolated by
 * interval bounds; else Newton's method starts from many places.
 *
 * Thresholds and resets are no part of the equations: a point may lie beyond them.
 *
 * @throws MissingKeyError where a state needs a range and has none; UnavailableError where equations depend on time
 */
export async function fixedPoints<M extends ModelRecord>(
  model: M,
  options: FixedPointOptions<M> = {},
): Promise<FixedPoints> {
  const { system, fields, breath } = await readGiven(model, options, "fixedPoints", ["box"]);
  const box = readBox(system, fields.box, "fixedPoints.box");
  return allFixedPoints(system, box, breath);
}

/** Of several states, ranges that a user gave. */
type Box = readonly (readonly [number, number] | undefined)[];

/** The fixed points of a system. */
export async function allFixedPoints(system: System, box: Box, breath: Breath): Promise<FixedPoints> {
  const v = system.names.indexOf(Object.keys(system.record.states)[0] as string);
  const order = [...system.names.keys()].sort((a, b) => Number(b === v) - Number(a === v));
  for (const pivot of order) {
    const range = box[pivot] ?? (pivot === v ? searchRange(system.record) : undefined);
    if (range === undefined) continue;
    const reduced = reduce(system, pivot);
    if (reduced === undefined) continue;
    const { roots, undecided } = await isolated(system, reduced, pivot, range, breath);
    const inside = roots
      .map((x) =>
        polished(
          system,
          Float64Array.from(reduced, (e) => valueAt(system, e, pivot, x)),
        ),
      )
      .filter((x) => x.every((value, k) => within(value, box[k])));
    return { points: inside.map((x) => pointAt(system, x)), certainty: "proved", undecided };
  }
  const ranges = system.names.map((name, k) => {
    const range = box[k] ?? (k === v ? searchRange(system.record) : undefined);
    if (range !== undefined) return range;
    const message = `fixedPoints.box: the state ${name} does not follow from the others by an equation that is linear in it; it needs a range [low, high].`;
    throw new MissingKeyError(message, { path: `fixedPoints.box.${name}`, allowed: "[low, high]" });
  });
  const points = await searched(system, ranges, breath);
  return { points: points.map((x) => pointAt(system, x)), certainty: "searched", undecided: [] };
}

function within(value: number, range: readonly [number, number] | undefined): boolean {
  if (range === undefined) return Number.isFinite(value);
  const room = 1e-9 * (range[1] - range[0]);
  return value >= range[0] - room && value <= range[1] + room;
}

/** The kind of a fixed point by its eigenvalues. */
export function kindOf(values: readonly Complex[]): FixedPointKind {
  const size = Math.max(...values.map(({ re, im }) => Math.hypot(re, im)));
  if (!(size > 0) || values.some(({ re }) => Math.abs(re) < 1e-11 * size)) return "undecided";
  const unstable = values.filter(({ re }) => re > 0).length;
  const turns = values.some(({ im }) => im !== 0);
  if (unstable > 0 && unstable < values.length) return turns ? "saddle-focus" : "saddle";
  return `${unstable === 0 ? "stable" : "unstable"} ${turns ? "focus" : "node"}`;
}

export function pointAt(system: System, x: Float64Array): FixedPoint {
  const values = eigenvalues(system.jacobian(x), system.n);
  return {
    state: named(system, x),
    eigenvalues: values,
    stable: values.every(({ re }) => re < 0),
    kind: kindOf(values),
  };
}

/** Equations with numbers in place of parameters and input, so that what cancels is gone. */
function numeric(system: System): Expr[] {
  const { ir } = system;
  return system.slopes.map((slope) =>
    ir.substitute(slope, (node) => {
      if (node.op === "param") return ir.const(system.params[node.value] as number);
      return node.op === "input" ? ir.const(system.input) : undefined;
    }),
  );
}

/**
 * Each state as an expression of one, by solving the others' equations for themselves one after the other; the place of
 * the one itself holds its leaf. Undefined where that does not work.
 */
function reduce(system: System, pivot: number): Expr[] | undefined {
  const { ir, n } = system;
  const slopes = numeric(system);
  const found = new Map<Expr, Expr>([[ir.state(pivot), ir.state(pivot)]]);
  for (let left = n - 1; left > 0; left--) {
    const next = [...slopes.keys()].find((j) => {
      const own = ir.state(j);
      if (found.has(own)) return false;
      const leaves = [...ir.leaves(slopes[j] as Expr)].filter((leaf) => leaf.op === "state");
      return leaves.every((leaf) => leaf === own || found.has(leaf)) && slopeOf(system, slopes[j] as Expr, own);
    });
    if (next === undefined) return undefined;
    const { slope, offset } = ir.affine(slopes[next] as Expr, ir.state(next)) as { slope: Expr; offset: Expr };
    const value = ir.neg(ir.div(offset, slope));
    found.set(
      ir.state(next),
      ir.substitute(value, (node) => found.get(node)),
    );
  }
  return [...slopes.keys()].map((j) => found.get(ir.state(j)) as Expr);
}

function slopeOf({ ir }: System, e: Expr, leaf: Expr): boolean {
  const form = ir.affine(e, leaf);
  return form !== undefined && !(form.slope.op === "const" && form.slope.value === 0);
}

function valueAt({ math, n }: System, e: Expr, pivot: number, x: number): number {
  const states = new Float64Array(n);
  states[pivot] = x;
  return evaluate(e, { states, math });
}

/** Parts below which bounds are not looked at any more, and most parts that are looked at. */
const [SMALLEST, MOST_PARTS] = [2 ** -40, 200_000];

/** The roots of the last equation, each within bounds that hold no other. */
async function isolated(
  system: System,
  reduced: readonly Expr[],
  pivot: number,
  [from, to]: readonly [number, number],
  breath: Breath,
): Promise<{ readonly roots: readonly number[]; readonly undecided: readonly (readonly [number, number])[] }> {
  const { ir, math } = system;
  const leaf = ir.state(pivot);
  const g = ir.substitute(numeric(system)[pivot] as Expr, (node) =>
    node.op === "state" ? (reduced[node.value] as Expr) : undefined,
  );
  const slope = derivative(ir, g, leaf);
  const tape = system.tape([g]);
  const states = new Float64Array(system.n);
  const out = new Float64Array(1);
  const value = (x: number): number => {
    states[pivot] = x;
    return tape.run({ states, params: [], input: 0 }, out)[0] as number;
  };
  const roots: number[] = [];
  const undecided: [number, number][] = [];
  const add = (x: number): void => {
    const same = (other: number): boolean => Math.abs(x - other) < 1e-9 * (to - from);
    if (!roots.some(same)) roots.push(x);
  };
  const steps = 64;
  const open: Interval[] = Array.from({ length: steps }, (_, k) => ({
    low: from + ((to - from) * (steps - 1 - k)) / steps,
    high: from + ((to - from) * (steps - k)) / steps,
  }));
  let count = 0;
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (++count % 256 === 0) await breath.take((part.low - from) / (to - from));
    const { low, high } = part;
    const middle = 0.5 * (low + high);
    const known = new Map<Expr, Interval>();
    const whole = bounds(g, leaf, part, math, known);
    if (whole.low > 0 || whole.high < 0) continue;
    const rise = bounds(slope, leaf, part, math, known);
    const isMonotone = rise.low > 0 || rise.high < 0;
    if (isMonotone) {
      const root = crossing(value, low, high);
      if (root !== undefined) add(root);
      continue;
    }
    // from the middle: nearer where the slope is nearly constant
    const reach = Math.max(Math.abs(rise.low), Math.abs(rise.high)) * 0.5 * (high - low);
    if (Number.isFinite(reach) && Math.abs(value(middle)) > reach * (1 + 1e-12) + 1e-300) continue;
    if (high - low > SMALLEST * (to - from) && count < MOST_PARTS) {
      open.push({ low: middle, high }, { low, high: middle });
      continue;
    }
    const last = undecided.at(-1);
    if (last !== undefined && low - last[1] < 4 * SMALLEST * (to - from)) last[1] = high;
    else undecided.push([low, high]);
  }
  // what the bounds left open holds a point where the sign changes, or where the slope does not leave 0
  for (const [low, high] of undecided) {
    const wide = 1e-7 * (to - from);
    const root = crossing(value, low - wide, high + wide);
    if (root !== undefined) add(root);
    else {
      const x = 0.5 * (low + high);
      const scale = Math.max(Math.abs(value(x - 1e4 * wide)), Math.abs(value(x + 1e4 * wide)));
      if (Math.abs(value(x)) < 1e-10 * scale) add(x);
    }
  }
  return { roots: roots.sort((a, b) => a - b), undecided };
}

/** The place of a sign change, by bisection and secants (the method of Ridders). */
export function crossing(f: (x: number) => number, low: number, high: number): number | undefined {
  let [a, b, fa, fb] = [low, high, f(low), f(high)];
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (!(fa * fb < 0)) return undefined;
  for (let round = 0; round < 200 && Math.abs(b - a) > 4e-16 * Math.max(Math.abs(a), Math.abs(b)); round++) {
    const middle = 0.5 * (a + b);
    const fm = f(middle);
    if (fm === 0) return middle;
    const next = middle + ((middle - a) * Math.sign(fa - fb) * fm) / Math.sqrt(fm * fm - fa * fb);
    const x = next > Math.min(a, b) && next < Math.max(a, b) ? next : middle;
    const fx = f(x);
    if (fx === 0) return x;
    if (fm * fx < 0) [a, fa, b, fb] = [middle, fm, x, fx];
    else if (fa * fx < 0) [b, fb] = [x, fx];
    else [a, fa] = [x, fx];
  }
  return 0.5 * (a + b);
}

/** Newton's method from a state that is nearly right; the state itself where it does not get nearer. */
export function polished(system: System, x: Float64Array, rounds = 6): Float64Array {
  let best = x;
  for (let round = 0; round < rounds; round++) {
    const step = solved(factored(system.jacobian(best), system.n), system.at(best));
    if (!step.every(Number.isFinite)) break;
    const next = best.map((value, k) => value - (step[k] as number));
    if (!(Math.hypot(...system.at(next)) < Math.hypot(...system.at(best)))) break;
    best = next;
  }
  return best;
}

/** Starts of Newton's method. */
const STARTS = 600;

/** Fixed points that Newton's method with damped steps finds from points that fill the box evenly. */
async function searched(
  system: System,
  ranges: readonly (readonly [number, number])[],
  breath: Breath,
): Promise<Float64Array[]> {
  const { n } = system;
  const found: Float64Array[] = [];
  const width = ranges.map(([low, high]) => high - low);
  for (let start = 1; start <= STARTS; start++) {
    await breath.take(start / STARTS);
    let x = Float64Array.from(
      ranges,
      ([low, high], k) => low + (high - low) * radicalInverse(start, PRIMES[k % 12] as number),
    );
    let size = residual(system, x, width);
    for (let round = 0; round < 60 && size > 1e-13; round++) {
      const step = solved(factored(system.jacobian(x), n), system.at(x));
      if (!step.every(Number.isFinite)) break;
      let [part, next, better] = [1, x, Number.POSITIVE_INFINITY];
      for (; part > 1e-4; part /= 2) {
        const scaled = part;
        next = x.map((value, k) => value - scaled * (step[k] as number));
        better = residual(system, next, width);
        if (better < size) break;
      }
      if (!(better < size)) break;
      [x, size] = [next, better];
    }
    const step = solved(factored(system.jacobian(x), n), system.at(x));
    const isRoot = step.every((value, k) => Math.abs(value) < 1e-8 * (width[k] as number));
    if (!isRoot || !x.every((value, k) => within(value, ranges[k]))) continue;
    const same = (other: Float64Array): boolean =>
      other.every((value, k) => Math.abs(value - (x[k] as number)) < 1e-6 * (width[k] as number));
    if (!found.some(same)) found.push(x);
  }
  return found.sort((a, b) => (a[0] as number) - (b[0] as number));
}

function residual(system: System, x: Float64Array, width: readonly number[]): number {
  return Math.hypot(...system.at(x).map((value, k) => value / (width[k] as number)));
}

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37] as const;

/** The digits of a number mirrored at the point: fills 0 to 1 evenly (Halton, Numer. Math. 2:84, 1960). */
function radicalInverse(number: number, base: number): number {
  let [left, part, out] = [number, 1 / base, 0];
  for (; left > 0; left = Math.floor(left / base), part /= base) out += (left % base) * part;
  return out;
}

/** Branches of fixed points as one number of a model changes, and what happens on them. */
import { type Complex, eigenvalues, factored, nullVector, solved } from "../analysis/linear.js";
import { outOfRange, readNumber } from "../model/check.js";
import type { ModelRecord } from "../model/record.js";
import type { Knob, System } from "../sim/system.js";
import { allFixedPoints, type FixedPoint, pointAt } from "./fixed-points.js";
import { type Breath, type Given, type ModelAt, readBox, readGiven, readKnob } from "./given.js";

/** A fixed point on a branch. */
export interface BranchPoint extends FixedPoint {
  /** Value of the parameter. */
  readonly value: number;
}

/** A place on a branch where the number of unstable directions changes, or the branch turns. */
export interface Bifurcation extends BranchPoint {
  /**
   * `fold`: two fixed points meet and vanish (saddle-node). `hopf`: a pair of eigenvalues crosses the imaginary axis,
   * and a branch of cycles begins. `branching`: branches cross or meet where an eigenvalue is 0.
   */
  readonly type: "fold" | "hopf" | "branching";
  /** Place among the branch's points, of which it is one. */
  readonly index: number;
  /** Of a Hopf point: the period of small cycles in ms. */
  readonly period?: number;
  /**
   * Of a Hopf point: the first Lyapunov coefficient. Below 0 the cycles that begin are stable where the fixed point was
   * (supercritical); above 0 they are unstable (subcritical). Its size depends on how eigenvectors are scaled.
   */
  readonly lyapunov?: number;
}

/** A branch of fixed points, in the order in which it was followed. */
export interface Branch {
  readonly points: readonly BranchPoint[];
  readonly bifurcations: readonly Bifurcation[];
  /** Why it ends: the parameter or a state left its range, it came back to its start, or Newton's method failed. */
  readonly ends: "range" | "box" | "closed" | "lost" | "most points";
}

/** The branches of fixed points of a model in a range of one number. */
export interface Equilibria {
  readonly parameter: string;
  /** Unit of the parameter. */
  readonly unit: string;
  readonly range: readonly [from: number, to: number];
  readonly variables: readonly string[];
  readonly branches: readonly Branch[];
}

/** What is changed, from where to where. */
export interface ContinuationOptions<M extends ModelRecord> extends ModelAt<M> {
  /** The input `I`, which is the default, or a parameter's name. */
  readonly parameter?: string;
  /** Ends of its range, in its unit. */
  readonly from: number | string;
  readonly to: number | string;
  /** Ranges of states, in their units, as for `fixedPoints`. Branches end where they leave them. */
  readonly box?: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Longest step along a branch, as a part of the range; 0.01 by default. */
  readonly step?: number;
}

const KEYS = ["parameter", "from", "to", "box", "step"] as const;
const PATH = "continueEquilibria";

/**
 * Follows the fixed points of a model as its input or a parameter changes, round folds (by pseudo-arclength), and finds
 * folds and Hopf points. Branches begin at all fixed points at both ends of the range: one that never comes to an end
 * of it is not found.
 *
 * @throws as `fixedPoints`; ValueRangeError where the range is empty
 */
export async function continueEquilibria<M extends ModelRecord>(
  model: M,
  options: ContinuationOptions<M>,
): Promise<Equilibria> {
  const given = await readGiven(model, options, PATH, KEYS);
  const { knob, range, step } = readSweep(given, PATH);
  const box = readBox(given.system, given.fields.box, `${PATH}.box`);
  return equilibriaOf(given.system, { knob, range, step, box }, given.breath);
}

/** A number of a system that is changed. */
export interface Sweep {
  readonly knob: Knob;
  readonly range: readonly [number, number];
  readonly step: number;
}

/** The options that say what is changed. */
export function readSweep({ system, fields }: Given, path: string): Sweep {
  const knob = readKnob(system, fields.parameter ?? "I", `${path}.parameter`);
  const [from, to] = [
    readNumber(fields.from, `${path}.from`, knob.unit),
    readNumber(fields.to, `${path}.to`, knob.unit),
  ];
  if (!(to > from)) outOfRange(to, knob.unit, `${path}.to`, `above from, ${from}`);
  const step = readNumber(fields.step ?? 0.01, `${path}.step`, "", "> 0 to 1");
  return { knob, range: [from, to], step };
}

/** The same of a system. */
export async function equilibriaOf(
  system: System,
  sweep: Sweep & { readonly box: readonly (readonly [number, number] | undefined)[] },
  breath: Breath,
): Promise<Equilibria> {
  const { knob, range, box } = sweep;
  const before = system.get(knob);
  const branches: Branch[] = [];
  try {
    for (const [k, end] of range.entries()) {
      system.set(knob, end);
      const { points } = await allFixedPoints(system, box, breath);
      for (const point of points) {
        const x = Float64Array.from(system.names, (name) => point.state[name] as number);
        if (branches.some((branch) => touches(system, branch, x, end))) continue;
        const follower = new Follower(system, sweep, box, k === 0 ? 1 : -1);
        branches.push(await follower.follow(x, breath));
      }
    }
  } finally {
    system.set(knob, before);
  }
  return { parameter: knob.name, unit: knob.unit, range, variables: system.names, branches };
}

/** Whether a branch begins or ends at a state at this value. */
function touches(system: System, { points }: Branch, x: Float64Array, value: number): boolean {
  return [points[0], points.at(-1)].some(
    (point) =>
      point !== undefined &&
      Math.abs(point.value - value) <= 1e-6 * Math.max(1, Math.abs(value)) &&
      system.names.every((name, k) => {
        const [a, b] = [point.state[name] as number, x[k] as number];
        return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(a), Math.abs(b));
      }),
  );
}

/** A place of a branch, in numbers: states and parameter, and the direction of the branch there, of length 1. */
interface Place {
  readonly y: Float64Array;
  readonly tangent: Float64Array;
  /** Of the Jacobian with its tangent below: its sign changes where branches cross. */
  readonly determinant: number;
  readonly values: readonly Complex[];
}

/** Most points of a branch, and the shortest step, as a part of the longest. */
const [MOST_POINTS, SHORTEST] = [20_000, 1e-6];

/** Follows a branch from a fixed point. */
export class Follower {
  private readonly system: System;
  private readonly knob: Knob;
  private readonly range: readonly [number, number];
  private readonly step: number;
  private readonly box: readonly (readonly [number, number] | undefined)[];
  private readonly direction: 1 | -1;
  private readonly n: number;
  /** What counts as 1 of each state and of the parameter. */
  private readonly scale: Float64Array;

  constructor(
    system: System,
    { knob, range, step }: Sweep,
    box: readonly (readonly [number, number] | undefined)[],
    direction: 1 | -1,
  ) {
    this.system = system;
    this.knob = knob;
    this.range = range;
    this.step = step;
    this.box = box;
    this.direction = direction;
    this.n = system.n;
    this.scale = new Float64Array(system.n + 1);
  }

  async follow(start: Float64Array, breath: Breath): Promise<Branch> {
    const { n, knob, range, scale, direction, system } = this;
    const first = Float64Array.of(...start, system.get(knob));
    for (let k = 0; k < n; k++) scale[k] = Math.max(1, Math.abs(start[k] as number));
    scale[n] = range[1] - range[0];
    const guess = new Float64Array(n + 1);
    guess[n] = direction;
    let at = this.place(first, guess);
    if ((at.tangent[n] as number) * direction < 0)
      at = this.place(
        first,
        at.tangent.map((x) => -x),
      );
    const points: BranchPoint[] = [this.point(at)];
    const bifurcations: Bifurcation[] = [];
    let length = this.step;
    const finish = (ends: Branch["ends"]): Branch => ({ points, bifurcations, ends });
    while (points.length < MOST_POINTS) {
      await breath.take(Math.abs((at.y[n] as number) - (direction > 0 ? range[0] : range[1])) / (scale[n] as number));
      const next = this.advanced(at, length);
      if (next === undefined) {
        length /= 2;
        if (length < SHORTEST * this.step) return finish("lost");
        continue;
      }
      const value = next.place.y[n] as number;
      const isOut = value < range[0] || value > range[1];
      const last = isOut ? this.atValue(at, value < range[0] ? range[0] : range[1], length) : next.place;
      for (const found of this.between(at, last ?? next.place, length)) {
        points.push(found);
        bifurcations.push({ ...found, index: points.length - 1 });
      }
      if (isOut) {
        if (last !== undefined) points.push(this.point(last));
        return finish("range");
      }
      at = next.place;
      points.push(this.point(at));
      if (this.leavesBox(at)) return finish("box");
      if (
        points.length > 10 &&
        this.distance(at.y, first) < 0.3 * length &&
        (at.tangent[n] as number) * direction > 0
      ) {
        return finish("closed");
      }
      for (let k = 0; k < n; k++) scale[k] = Math.max(scale[k] as number, Math.abs(at.y[k] as number));
      if (next.rounds <= 3 && next.turn > 0.98) length = Math.min(this.step, 1.4 * length);
      if (next.rounds > 5) length /= 1.5;
    }
    return finish("most points");
  }

  private distance(a: Float64Array, b: Float64Array): number {
    return Math.hypot(...a.map((x, k) => (x - (b[k] as number)) / (this.scale[k] as number)));
  }

  private leavesBox({ y }: Place): boolean {
    return this.box.some((range, k) => range && ((y[k] as number) < range[0] || (y[k] as number) > range[1]));
  }

  private point({ y, values }: Place): BranchPoint {
    const { n, system, knob } = this;
    system.set(knob, y[n] as number);
    return { value: y[n] as number, ...pointAt(system, y.subarray(0, n)), eigenvalues: values };
  }

  /** Jacobian by states and parameter in scaled numbers, with a last row. */
  private matrix(y: Float64Array, last: ArrayLike<number>): Float64Array {
    const { n, system, knob, scale } = this;
    system.set(knob, y[n] as number);
    const [J, p] = [system.jacobian(y), system.byOne(knob, y)];
    const out = new Float64Array((n + 1) * (n + 1));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) out[i * (n + 1) + j] = (J[i * n + j] as number) * (scale[j] as number);
      out[i * (n + 1) + n] = (p[i] as number) * (scale[n] as number);
    }
    for (let j = 0; j <= n; j++) out[n * (n + 1) + j] = last[j] as number;
    return out;
  }

  /** The tangent at a place, which goes on in a given direction. */
  private place(y: Float64Array, before: ArrayLike<number>): Place {
    const { n, system, knob } = this;
    const right = new Float64Array(n + 1);
    right[n] = 1;
    let raw = solved(factored(this.matrix(y, before), n + 1), right);
    if (!raw.every(Number.isFinite)) raw = Float64Array.from(before);
    const size = Math.hypot(...raw);
    const tangent = raw.map((x) => x / size);
    const { determinant } = factored(this.matrix(y, tangent), n + 1);
    system.set(knob, y[n] as number);
    return { y, tangent, determinant, values: eigenvalues(system.jacobian(y), n) };
  }

  /** Newton's method onto the branch, at a distance along the tangent of another place. */
  private advanced(
    from: Place,
    length: number,
  ): { readonly place: Place; readonly rounds: number; readonly turn: number } | undefined {
    const { n, scale } = this;
    const start = from.y.map((x, k) => x + length * (from.tangent[k] as number) * (scale[k] as number));
    const found = this.corrected(start, from.tangent);
    if (found === undefined) return undefined;
    if (this.distance(found.y, start) > 0.5 * length) return undefined;
    const place = this.place(found.y, from.tangent);
    const turn = place.tangent.reduce((sum, x, k) => sum + x * (from.tangent[k] as number), 0);
    if (turn < 0.9 || !place.y.every(Number.isFinite) || n === 0) return undefined;
    return { place, rounds: found.rounds, turn };
  }

  /** The nearest point of the branch in the plane across a direction. */
  private corrected(
    start: Float64Array,
    across: ArrayLike<number>,
  ): { readonly y: Float64Array; readonly rounds: number } | undefined {
    const { n, system, knob, scale } = this;
    let y = start;
    for (let round = 1; round <= 10; round++) {
      system.set(knob, y[n] as number);
      const right = Float64Array.of(...system.at(y), 0);
      const step = solved(factored(this.matrix(y, across), n + 1), right);
      if (!step.every(Number.isFinite)) return undefined;
      y = y.map((x, k) => x - (step[k] as number) * (scale[k] as number));
      const size = Math.hypot(...step);
      if (size > 1) return undefined;
      if (size < 1e-11) return { y, rounds: round };
    }
    return undefined;
  }

  /** The point of the branch at a value of the parameter, behind a place. */
  private atValue(from: Place, value: number, length: number): Place | undefined {
    const { n, scale } = this;
    const last = from.tangent[n] as number;
    const part = last === 0 ? length : (value - (from.y[n] as number)) / (last * (scale[n] as number));
    const start = from.y.map((x, k) => x + part * (from.tangent[k] as number) * (scale[k] as number));
    start[n] = value;
    const across = new Float64Array(n + 1);
    across[n] = 1;
    const found = this.corrected(start, across);
    return found && this.place(found.y, from.tangent);
  }

  /** What happens between two places, in its order. */
  private between(from: Place, to: Place, length: number): Located[] {
    const { n } = this;
    const found: { readonly at: number; readonly point: Located }[] = [];
    const tests: readonly (readonly [Bifurcation["type"], (place: Place) => number])[] = [
      ["fold", ({ tangent }) => tangent[n] as number],
      ["branching", ({ determinant }) => determinant],
      ["hopf", ({ values }) => sums(values)],
    ];
    const most = to.y.reduce(
      (sum, y, k) => sum + ((y - (from.y[k] as number)) / (this.scale[k] as number)) * (from.tangent[k] as number),
      0,
    );
    for (const [type, test] of tests) {
      const [a, b] = [test(from), test(to)];
      if (a < 0 === b < 0) continue;
      const located = this.locate(from, Math.min(most, length), test, a);
      if (located === undefined) continue;
      const { place, at } = located;
      const hopf = type === "hopf" ? this.hopf(place) : undefined;
      if (type === "hopf" && hopf === undefined) continue;
      found.push({ at, point: { type, ...this.point(place), kind: "undecided", stable: false, ...hopf } });
    }
    return found.sort((a, b) => a.at - b.at).map(({ point }) => point);
  }

  /** Where a test changes its sign, by bisection and the false position (Illinois). */
  private locate(
    from: Place,
    most: number,
    test: (place: Place) => number,
    first: number,
  ): { readonly place: Place; readonly at: number } | undefined {
    let [low, high, a, b] = [0, most, first, Number.NaN];
    let place: Place | undefined;
    for (let round = 0; round < 60 && high - low > 1e-13 * most; round++) {
      const part = Number.isNaN(b) ? high : round % 3 === 2 ? 0.5 * (low + high) : low + ((high - low) * a) / (a - b);
      const next = this.advanced(from, part);
      // where branches cross Newton's method has no direction of its own
      if (next === undefined) break;
      ({ place } = next);
      const value = test(place);
      if (value === 0) return { place, at: part };
      if (value * a > 0) {
        if (Number.isNaN(b)) return undefined;
        [low, a] = [part, value];
      } else [high, b] = [part, value];
    }
    return place && { place, at: high };
  }

  /** Period and criticality, where the pair whose sum is 0 is imaginary. */
  private hopf({ y, values }: Place): { readonly period: number; readonly lyapunov: number } | undefined {
    const { n, system, knob, scale } = this;
    const pair = values.filter(({ im }) => im > 0).sort((a, b) => Math.abs(a.re) - Math.abs(b.re))[0];
    const size = Math.max(...values.map(({ re, im }) => Math.hypot(re, im)));
    if (pair === undefined || Math.abs(pair.re) > 1e-6 * size) return undefined;
    system.set(knob, y[n] as number);
    const x = y.slice(0, n);
    return { period: (2 * Math.PI) / pair.im, lyapunov: lyapunov(system, x, pair.im, scale) };
  }
}

type Located = Omit<Bifurcation, "index">;

/** Product of the sums of two eigenvalues: changes its sign where a pair crosses the imaginary axis. */
export function sums(values: readonly Complex[]): number {
  const scale = Math.max(...values.map(({ re, im }) => Math.hypot(re, im)));
  let [re, im] = [1, 0];
  for (const [i, a] of values.entries()) {
    for (const b of values.slice(i + 1)) {
      const [x, y] = [(a.re + b.re) / scale, (a.im + b.im) / scale];
      [re, im] = [re * x - im * y, re * y + im * x];
    }
  }
  return values.length < 2 ? 1 : re;
}

/**
 * The first Lyapunov coefficient at a Hopf point (Kuznetsov, Elements of Applied Bifurcation Theory, section 5.4), in
 * states scaled by what they are, with eigenvectors of length 1. Second and third derivatives are differences of the
 * Jacobian.
 */
export function lyapunov(system: System, x: Float64Array, omega: number, scale: Float64Array): number {
  const { n } = system;
  const A = scaled(system.jacobian(x), n, scale);
  const q = complexNull(A, n, omega);
  const p = complexNull(transposed(A, n), n, -omega);
  // <p, q> = 1
  const inner = p.reduce<[number, number]>(
    ([re, im], [a, b], k) => {
      const [c, d] = q[k] as [number, number];
      return [re + a * c + b * d, im + a * d - b * c];
    },
    [0, 0],
  );
  const square = inner[0] ** 2 + inner[1] ** 2;
  const pn = p.map(([a, b]): [number, number] => {
    // p / conj(<p, q>)
    return [(a * inner[0] - b * inner[1]) / square, (b * inner[0] + a * inner[1]) / square];
  });
  const [qr, qi] = [Float64Array.from(q, ([a]) => a), Float64Array.from(q, ([, b]) => b)];
  const along = (u: Float64Array, h: number): Float64Array =>
    scaled(system.jacobian(x.map((value, k) => value + h * (u[k] as number) * (scale[k] as number))), n, scale);
  const apply = (m: Float64Array, v: Float64Array): Float64Array =>
    v.map((_, i) => v.reduce((sum, y, j) => sum + (m[i * n + j] as number) * y, 0));
  const h2 = 1e-5;
  const B = (u: Float64Array, v: Float64Array): Float64Array => {
    const [plus, minus] = [apply(along(u, h2), v), apply(along(u, -h2), v)];
    return plus.map((y, k) => (y - (minus[k] as number)) / (2 * h2));
  };
  const h3 = 1e-3;
  const C = (u: Float64Array, v: Float64Array): Float64Array => {
    const [plus, at, minus] = [apply(along(u, h3), v), apply(A, v), apply(along(u, -h3), v)];
    return plus.map((y, k) => (y - 2 * (at[k] as number) + (minus[k] as number)) / (h3 * h3));
  };
  const sum = (...list: Float64Array[]): Float64Array =>
    (list[0] as Float64Array).map((_, k) => list.reduce((total, v) => total + (v[k] as number), 0));
  const minus = (v: Float64Array): Float64Array => v.map((y) => -y);
  const two = (v: Float64Array): Float64Array => v.map((y) => 2 * y);
  const B11 = sum(B(qr, qr), B(qi, qi));
  const [B20r, B20i] = [sum(B(qr, qr), minus(B(qi, qi))), two(B(qr, qi))];
  const a = solved(factored(A, n), B11);
  // (2 i omega - A) b = B(q, q)
  const big = new Float64Array(4 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const value = -(A[i * n + j] as number);
      big[i * 2 * n + j] = value;
      big[(i + n) * 2 * n + j + n] = value;
    }
    big[i * 2 * n + i + n] = -2 * omega;
    big[(i + n) * 2 * n + i] = 2 * omega;
  }
  const b = solved(factored(big, 2 * n), Float64Array.of(...B20r, ...B20i));
  const [br, bi] = [b.slice(0, n), b.slice(n)];
  // C(q, q, conj q) = C(q, q, .) applied to the parts, by polarisation of the part in which two directions are equal
  const c = cubic(C, qr, qi);
  // B(conj q, b)
  const d = [sum(B(qr, br), B(qi, bi)), sum(B(qr, bi), minus(B(qi, br)))] as const;
  const e = [B(qr, a), B(qi, a)] as const;
  const total = [0, 1].map((part) =>
    sum(c[part] as Float64Array, two(minus(e[part] as Float64Array)), d[part] as Float64Array),
  );
  // Re <p, total>
  const real = pn.reduce((s, [x1, y1], k) => s + x1 * (total[0]?.[k] as number) + y1 * (total[1]?.[k] as number), 0);
  return real / (2 * omega);
}

/** C(q, q, conj q) from C(u, u, v): real and imaginary part. */
function cubic(
  C: (u: Float64Array, v: Float64Array) => Float64Array,
  qr: Float64Array,
  qi: Float64Array,
): readonly [Float64Array, Float64Array] {
  const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, k) => x + (b[k] as number));
  // (r + i s)(r + i s)(r - i s) = r r r + r s s + i (r r s + s s s)
  return [add(C(qr, qr), C(qi, qr)), add(C(qr, qi), C(qi, qi))];
}

/** A Jacobian in scaled states. */
export function scaled(J: Float64Array, n: number, scale: Float64Array): Float64Array {
  return J.map((x, k) => (x * (scale[k % n] as number)) / (scale[Math.floor(k / n)] as number));
}

function transposed(A: Float64Array, n: number): Float64Array {
  return A.map((_, k) => A[(k % n) * n + Math.floor(k / n)] as number);
}

/** A complex vector of length 1 with A q = i omega q. */
export function complexNull(A: Float64Array, n: number, omega: number): [number, number][] {
  const big = new Float64Array(4 * n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      big[i * 2 * n + j] = A[i * n + j] as number;
      big[(i + n) * 2 * n + j + n] = A[i * n + j] as number;
    }
    big[i * 2 * n + i + n] = omega;
    big[(i + n) * 2 * n + i] = -omega;
  }
  const v = nullVector(big, 2 * n);
  return Array.from({ length: n }, (_, k) => [v[k] as number, v[k + n] as number]);
}

/** Curves of folds and of Hopf points over two numbers of a model. */
import { eigenvalues, factored, nullVector, solved } from "../analysis/linear.js";
import { keyPath, outOfRange, readName, readNumber, readObject, requiredField } from "../model/check.js";
import { ValueRangeError } from "../model/errors.js";
import type { ModelRecord } from "../model/record.js";
import type { Knob, System } from "../sim/system.js";
import { lyapunov, sums } from "./equilibria.js";
import { type Breath, type ModelAt, named, readGiven, readKnob, readRange } from "./given.js";

/** Where both numbers are on a curve of bifurcations. */
export interface CurvePoint {
  readonly values: readonly [first: number, second: number];
  readonly state: Readonly<Record<string, number>>;
  /**
   * Of a Hopf point: the period of small cycles in ms, and the first Lyapunov coefficient, whose sign is what counts.
   */
  readonly period?: number;
  readonly lyapunov?: number;
}

/** A place on such a curve where another condition holds too; between two points, to a fraction of their distance. */
export interface CurveEvent extends CurvePoint {
  /**
   * `cusp`: two folds meet and vanish. `bogdanov-takens`: a curve of folds meets one of Hopf points, whose period is
   * infinite there. `generalized hopf`: Hopf points turn from subcritical to supercritical (Bautin).
   */
  readonly type: "cusp" | "bogdanov-takens" | "generalized hopf";
}

/** A curve of bifurcations over two numbers of a model. */
export interface BifurcationCurve {
  readonly type: "fold" | "hopf";
  readonly parameters: readonly [first: string, second: string];
  readonly units: readonly [first: string, second: string];
  /** From one end to the other, through the start. */
  readonly points: readonly CurvePoint[];
  readonly events: readonly CurveEvent[];
}

/** Which curve is followed. */
export interface BifurcationCurveOptions<M extends ModelRecord> extends ModelAt<M> {
  /** A fold or Hopf point of `continueEquilibria`, at the model's other numbers. */
  readonly start: { readonly type: string; readonly value: number; readonly state: Readonly<Record<string, number>> };
  /** The two numbers: `I` or names of parameters. The first is that of the start. */
  readonly parameters: readonly [first: string, second: string];
  /** Their ranges, in their units. */
  readonly ranges: readonly [first: readonly [low: number, high: number], second: readonly [low: number, high: number]];
  /** Longest step along the curve, as a part of the ranges; 0.01 by default. */
  readonly step?: number;
}

const PATH = "continueBifurcation";

/**
 * Follows a fold or a Hopf point as two numbers of a model change, both ways, to the ends of their ranges. A curve of
 * Hopf points ends where its period is infinite.
 *
 * @throws ValueRangeError where the start is no such point
 */
export async function continueBifurcation<M extends ModelRecord>(
  model: M,
  options: BifurcationCurveOptions<M>,
): Promise<BifurcationCurve> {
  const keys = ["start", "parameters", "ranges", "step"];
  const { system, fields, breath } = await readGiven(model, options, PATH, keys);
  const start = readObject(requiredField(fields, "start", PATH, "a fold or Hopf point"), `${PATH}.start`);
  const type = readName(start.type, `${PATH}.start.type`, "bifurcation", ["fold", "hopf"] as const);
  const list = requiredField(fields, "parameters", PATH, "two names") as readonly unknown[];
  const knobs = [0, 1].map((k) => readKnob(system, list[k], `${PATH}.parameters[${k}]`)) as [Knob, Knob];
  if (knobs[0].index === knobs[1].index) {
    throw new ValueRangeError(`${PATH}.parameters: both are ${knobs[0].name}; they must be two.`, {
      path: `${PATH}.parameters`,
    });
  }
  const given = requiredField(fields, "ranges", PATH, "two ranges") as readonly unknown[];
  const ranges = [0, 1].map((k) => readRange(given[k], `${PATH}.ranges[${k}]`, (knobs[k] as Knob).unit));
  const state = readObject(start.state, `${PATH}.start.state`);
  const x = system.names.map((name, k) =>
    readNumber(state[name], keyPath(`${PATH}.start.state`, name), system.units[k] as string),
  );
  const value = readNumber(start.value, `${PATH}.start.value`, knobs[0].unit);
  const second = system.get(knobs[1]);
  const [low, high] = ranges[1] as readonly [number, number];
  if (!(second >= low && second <= high)) {
    outOfRange(second, knobs[1].unit, `${PATH}.ranges[1]`, `a range that holds the model's ${knobs[1].name}`);
  }
  const step = readNumber(fields.step ?? 0.01, `${PATH}.step`, "", "> 0 to 1");
  const walker = new Walker(
    system,
    knobs,
    ranges as [readonly [number, number], readonly [number, number]],
    type,
    step,
  );
  const y = Float64Array.of(...x, value, second);
  const forward = await walker.walk(y, 1, breath);
  const backward = await walker.walk(y, -1, breath);
  const points = [...backward.points.slice(1).reverse(), ...forward.points];
  if (points.length < 2) {
    throw new ValueRangeError(`${PATH}.start: it is no ${type} point of the model with these parameters.`, {
      path: `${PATH}.start`,
    });
  }
  return {
    type,
    parameters: [knobs[0].name, knobs[1].name],
    units: [knobs[0].unit, knobs[1].unit],
    points,
    events: [...backward.events.reverse(), ...forward.events],
  };
}

const MOST_POINTS = 3000;

class Walker {
  private readonly system: System;
  private readonly knobs: readonly [Knob, Knob];
  private readonly ranges: readonly [readonly [number, number], readonly [number, number]];
  private readonly type: "fold" | "hopf";
  private readonly step: number;
  private readonly n: number;
  private readonly scale: Float64Array;
  /** Vectors beside the Jacobian: near the null vectors, so that what is solved for is 0 at a fold. */
  private left: Float64Array;
  private right: Float64Array;

  constructor(
    system: System,
    knobs: readonly [Knob, Knob],
    ranges: readonly [readonly [number, number], readonly [number, number]],
    type: "fold" | "hopf",
    step: number,
  ) {
    this.system = system;
    this.knobs = knobs;
    this.ranges = ranges;
    this.type = type;
    this.step = step;
    this.n = system.n;
    this.scale = new Float64Array(system.n + 2);
    this.left = new Float64Array(system.n);
    this.right = new Float64Array(system.n);
  }

  private put(y: Float64Array): void {
    this.system.set(this.knobs[0], y[this.n] as number);
    this.system.set(this.knobs[1], y[this.n + 1] as number);
  }

  /** The Jacobian in scaled states. */
  private jacobian(y: Float64Array): Float64Array {
    const { n, scale } = this;
    this.put(y);
    return this.system
      .jacobian(y)
      .map((entry, k) => (entry * (scale[k % n] as number)) / (scale[Math.floor(k / n)] as number));
  }

  /** 0 on the curve, beside the equations. */
  private condition(y: Float64Array): number {
    const { n } = this;
    const J = this.jacobian(y);
    if (this.type === "hopf") return sums(eigenvalues(J, n));
    const size = n + 1;
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * size + j] = J[i * n + j] as number;
      matrix[i * size + n] = this.left[i] as number;
      matrix[n * size + i] = this.right[i] as number;
    }
    const b = new Float64Array(size);
    b[n] = 1;
    return solved(factored(matrix, size), b)[n] as number;
  }

  private equations(y: Float64Array): Float64Array {
    this.put(y);
    const f = this.system.at(y).map((value, k) => value / (this.scale[k] as number));
    return Float64Array.of(...f, this.condition(y));
  }

  private matrix(y: Float64Array, last: ArrayLike<number>): Float64Array {
    const { n, scale, system } = this;
    const size = n + 2;
    const J = this.jacobian(y);
    const columns = this.knobs.map((knob) => system.byOne(knob, y));
    const out = new Float64Array(size * size);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) out[i * size + j] = J[i * n + j] as number;
      for (const [k, column] of columns.entries()) {
        out[i * size + n + k] = ((column[i] as number) * (scale[n + k] as number)) / (scale[i] as number);
      }
    }
    for (let j = 0; j < size; j++) {
      const h = 1e-6;
      const [plus, minus] = [1, -1].map((side) => {
        const z = y.slice();
        z[j] = (z[j] as number) + side * h * (scale[j] as number);
        return this.condition(z);
      }) as [number, number];
      out[n * size + j] = (plus - minus) / (2 * h);
      out[(n + 1) * size + j] = last[j] as number;
    }
    return out;
  }

  private tangent(y: Float64Array, before: Float64Array): Float64Array | undefined {
    const b = new Float64Array(this.n + 2);
    b[this.n + 1] = 1;
    const raw = solved(factored(this.matrix(y, before), this.n + 2), b);
    const size = Math.hypot(...raw);
    return Number.isFinite(size) && size > 0 ? raw.map((value) => value / size) : undefined;
  }

  private corrected(start: Float64Array, across: Float64Array): Float64Array | undefined {
    let y: Float64Array = start;
    for (let round = 0; round < 10; round++) {
      const step = solved(factored(this.matrix(y, across), this.n + 2), Float64Array.of(...this.equations(y), 0));
      const size = Math.hypot(...step);
      if (!Number.isFinite(size) || size > 0.5) return undefined;
      y = y.map((value, k) => value - (step[k] as number) * (this.scale[k] as number));
      if (size < 1e-10) return y;
    }
    return undefined;
  }

  async walk(
    first: Float64Array,
    direction: 1 | -1,
    breath: Breath,
  ): Promise<{ readonly points: CurvePoint[]; readonly events: CurveEvent[] }> {
    const { n, scale, ranges } = this;
    for (let k = 0; k < n; k++) scale[k] = Math.max(1, Math.abs(first[k] as number));
    for (const k of [0, 1] as const) scale[n + k] = ranges[k][1] - ranges[k][0];
    this.border(first);
    const points: CurvePoint[] = [];
    const events: CurveEvent[] = [];
    // across the first parameter's axis: the second changes
    const guess = new Float64Array(n + 2);
    guess[n + 1] = direction;
    const place = this.corrected(first, guess);
    let y = place;
    let tangent = y && this.tangent(y, guess);
    if (y === undefined || tangent === undefined) return { points, events };
    if ((tangent[n + 1] as number) * direction < 0) tangent = tangent.map((value) => -value);
    points.push(this.point(y));
    let [length, tests] = [this.step, this.tests(y)];
    while (points.length < MOST_POINTS && length > 1e-6 * this.step) {
      await breath.take(0.5 + (direction * points.length) / 2000);
      const now: Float64Array = y;
      const along: Float64Array = tangent;
      const start: Float64Array = now.map((value, k) => value + length * (along[k] as number) * (scale[k] as number));
      const next = this.corrected(start, along);
      const turned: Float64Array | undefined = next && this.tangent(next, along);
      const turn = turned?.reduce((sum, value, k) => sum + value * (along[k] as number), 0) ?? 0;
      if (next === undefined || turned === undefined || turn < 0.9) {
        length /= 2;
        continue;
      }
      this.put(next);
      const after = this.tests(next);
      for (const [type, value] of Object.entries(after) as [CurveEvent["type"], number][]) {
        const before = tests[type];
        if (before === undefined || before < 0 === value < 0) continue;
        const part = before / (before - value);
        const between =
          this.corrected(
            now.map((v, k) => v + part * ((next[k] as number) - v)),
            along,
          ) ?? next;
        events.push({ type, ...this.point(between) });
      }
      if (
        this.type === "hopf" &&
        !eigenvalues(this.jacobian(next), n).some(({ re, im }) => im > 0 && Math.abs(re) < 1e-5 * im + 1e-9)
      ) {
        // the pair has become real: the curve goes on as one of neutral saddles, which is no bifurcation
        events.push({ type: "bogdanov-takens", ...this.point(next) });
        break;
      }
      if (
        [0, 1].some(
          (k) => (next[n + k] as number) < ranges[k as 0 | 1][0] || (next[n + k] as number) > ranges[k as 0 | 1][1],
        )
      )
        break;
      [y, tangent, tests] = [next, turned, after];
      points.push(this.point(y));
      this.border(y);
      length = Math.min(this.step, 1.4 * length);
      if (points.length > 10 && place && this.distance(y, place) < 0.5 * length) break;
    }
    return { points, events };
  }

  private distance(a: Float64Array, b: Float64Array): number {
    return Math.hypot(...a.map((value, k) => (value - (b[k] as number)) / (this.scale[k] as number)));
  }

  private border(y: Float64Array): void {
    if (this.type === "hopf") return;
    const J = this.jacobian(y);
    this.right = aligned(nullVector(J, this.n), this.right);
    this.left = aligned(nullVector(J, this.n, true), this.left);
  }

  /** What changes its sign at another bifurcation. */
  private tests(y: Float64Array): Readonly<Partial<Record<CurveEvent["type"], number>>> {
    const { n, scale } = this;
    const J = this.jacobian(y);
    const values = eigenvalues(J, n);
    if (this.type === "hopf") {
      const omega = frequency(values);
      return omega === undefined ? {} : { "generalized hopf": lyapunov(this.system, y.slice(0, n), omega, scale) };
    }
    const [q, p] = [aligned(nullVector(J, n), this.right), aligned(nullVector(J, n, true), this.left)];
    const h = 1e-4;
    const along = (side: number): Float64Array => {
      const z = y.slice();
      for (let k = 0; k < n; k++) z[k] = (z[k] as number) + side * h * (q[k] as number) * (scale[k] as number);
      const M = this.jacobian(z);
      return q.map((_, i) => q.reduce((sum, value, j) => sum + (M[i * n + j] as number) * value, 0));
    };
    const [plus, minus] = [along(1), along(-1)];
    const bend = p.reduce((sum, value, k) => sum + (value * ((plus[k] as number) - (minus[k] as number))) / (2 * h), 0);
    const product = p.reduce((sum, value, k) => sum + value * (q[k] as number), 0);
    // the eigenvalue 0 is double where its vectors from left and right are orthogonal
    return { cusp: bend, "bogdanov-takens": product };
  }

  private point(y: Float64Array): CurvePoint {
    const { n, system, scale } = this;
    const values = [y[n] as number, y[n + 1] as number] as const;
    const state = named(system, y);
    if (this.type === "fold") return { values, state };
    this.put(y);
    const omega = frequency(eigenvalues(this.jacobian(y), n));
    if (omega === undefined) return { values, state };
    return { values, state, period: (2 * Math.PI) / omega, lyapunov: lyapunov(system, y.slice(0, n), omega, scale) };
  }
}

/** Which way a null vector points is chance: so that it goes on as the one before. */
function aligned(v: Float64Array, like: Float64Array): Float64Array {
  return v.reduce((sum, x, k) => sum + x * (like[k] as number), 0) < 0 ? v.map((x) => -x) : v;
}

/** The imaginary part of the pair on the imaginary axis. */
function frequency(values: readonly { readonly re: number; readonly im: number }[]): number | undefined {
  const pairs = values.filter(({ im }) => im > 0).sort((a, b) => Math.abs(a.re) - Math.abs(b.re));
  return pairs[0]?.im;
}

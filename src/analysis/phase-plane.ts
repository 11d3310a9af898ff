/** The phase plane of a model with two variables: nullclines and equilibria from derivatives on a grid. */
import { LengthError } from "../model/errors.js";
import { rangeError } from "./types.js";

/** Derivatives of two variables, such as v and w, on a rectangular grid. */
export interface VectorField {
  /** Values of the first variable, ascending: the grid's columns. */
  readonly v: Float64Array;
  /** Values of the second variable, ascending: the grid's rows. */
  readonly w: Float64Array;
  /** dv/dt row by row: at v[i] and w[j] it is `dv[j * v.length + i]`. */
  readonly dv: Float64Array;
  /** dw/dt in the same order. */
  readonly dw: Float64Array;
}

/** A line through points (v[k], w[k]). */
export interface Curve {
  readonly v: Float64Array;
  readonly w: Float64Array;
}

/** Where the derivatives vanish. */
export interface Nullclines {
  /** Curves of dv/dt = 0. */
  readonly v: readonly Curve[];
  /** Curves of dw/dt = 0. */
  readonly w: readonly Curve[];
}

/**
 * Nullclines of a vector field by marching squares, with linear interpolation between grid points. Cells with a value
 * that is not finite have none.
 *
 * @throws LengthError when dv or dw do not fit the grid, ValueRangeError when v or w do not ascend
 */
export function nullclines(field: VectorField): Nullclines {
  checkField(field);
  return { v: zeroCurves(field, field.dv), w: zeroCurves(field, field.dw) };
}

/** A state in which the neuron stays. */
export interface Equilibrium {
  readonly v: number;
  readonly w: number;
  /** By the linearised equations: `stable` ones attract, `unstable` ones repel, saddles do either by direction. */
  readonly kind: "stable" | "unstable" | "saddle";
}

/**
 * Equilibria of a vector field: crossings of the nullclines, to the accuracy of the grid (derivatives are taken as
 * bilinear within a cell). Two equilibria in one cell may be found as one or not at all; use a finer grid near a
 * bifurcation.
 *
 * @throws LengthError when dv or dw do not fit the grid, ValueRangeError when v or w do not ascend
 */
export function equilibria(field: VectorField): Equilibrium[] {
  checkField(field);
  const { v, w, dv, dw } = field;
  const found: Equilibrium[] = [];
  for (let j = 0; j + 1 < w.length; j++) {
    for (let i = 0; i + 1 < v.length; i++) {
      const corners = [j * v.length + i, j * v.length + i + 1, (j + 1) * v.length + i, (j + 1) * v.length + i + 1];
      const f = corners.map((k) => dv[k] as number);
      const g = corners.map((k) => dw[k] as number);
      if (!changesSign(f) || !changesSign(g)) continue;
      const [width, height] = [(v[i + 1] as number) - (v[i] as number), (w[j + 1] as number) - (w[j] as number)];
      const at = crossing(f, g);
      if (at === undefined) continue;
      const point = { v: (v[i] as number) + at.x * width, w: (w[j] as number) + at.y * height };
      const same = (e: Equilibrium) =>
        Math.abs(e.v - point.v) < 0.01 * width && Math.abs(e.w - point.w) < 0.01 * height;
      if (found.some(same)) continue;
      const [fx, fy, gx, gy] = [at.fx / width, at.fy / height, at.gx / width, at.gy / height];
      const determinant = fx * gy - fy * gx;
      found.push({ ...point, kind: determinant < 0 ? "saddle" : fx + gy < 0 ? "stable" : "unstable" });
    }
  }
  return found;
}

function checkField({ v, w, dv, dw }: VectorField): void {
  for (const [name, axis] of [["v", v], ["w", w]] as const) {
    if (axis.length < 2) throw rangeError(`${name}.length`, axis.length, "", ">= 2");
    for (let i = 0; i < axis.length; i++) {
      const ascends = i === 0 ? Number.isFinite(axis[0]) : (axis[i] as number) > (axis[i - 1] as number);
      if (!ascends) throw rangeError(`${name}[${i}]`, axis[i] as number, "", "finite and above the one before");
    }
  }
  for (const [name, values] of [["dv", dv], ["dw", dw]] as const) {
    const needed = v.length * w.length;
    if (values.length === needed) continue;
    const grid = `a grid of ${v.length} by ${w.length} needs ${needed}`;
    throw new LengthError(`${name} has ${values.length} elements; ${grid}.`, {
      path: name,
      value: values.length,
      allowed: `${needed} elements`,
    });
  }
}

function changesSign(corners: readonly number[]): boolean {
  return corners.every(Number.isFinite) && Math.min(...corners) <= 0 && Math.max(...corners) >= 0;
}

interface Crossing {
  /** Place within the cell, from 0 to 1, and the derivatives there. */
  readonly x: number;
  readonly y: number;
  readonly fx: number;
  readonly fy: number;
  readonly gx: number;
  readonly gy: number;
}

/** Common root of two bilinear functions in the unit square, given by their corners, by Newton's method. */
function crossing(f: readonly number[], g: readonly number[]): Crossing | undefined {
  const slopes = (c: readonly number[], x: number, y: number) => {
    const [a, b, d, e] = c as [number, number, number, number];
    const twist = a - b - d + e;
    return { value: a + (b - a) * x + (d - a) * y + twist * x * y, x: b - a + twist * y, y: d - a + twist * x };
  };
  let [x, y] = [0.5, 0.5];
  for (let round = 0; round < 20; round++) {
    const [p, q] = [slopes(f, x, y), slopes(g, x, y)];
    const determinant = p.x * q.y - p.y * q.x;
    if (determinant === 0) return undefined;
    x -= (p.value * q.y - p.y * q.value) / determinant;
    y -= (p.x * q.value - p.value * q.x) / determinant;
  }
  const inside = (t: number) => t >= -1e-9 && t <= 1 + 1e-9;
  if (!inside(x) || !inside(y)) return undefined;
  const [p, q] = [slopes(f, x, y), slopes(g, x, y)];
  return { x, y, fx: p.x, fy: p.y, gx: q.x, gy: q.y };
}

/**
 * Curves on which a function on the grid is 0. Each edge between two grid points of different sign has one point; each
 * cell joins its points in pairs, so the points form chains.
 */
function zeroCurves({ v, w }: VectorField, f: Float64Array): Curve[] {
  const columns = v.length;
  // Edges: 2 k to the right of grid point k, 2 k + 1 upwards from it.
  const next = new Map<number, number[]>();
  const join = (a: number, b: number) => {
    for (const [from, to] of [[a, b], [b, a]] as const) {
      const known = next.get(from);
      if (known === undefined) next.set(from, [to]);
      else known.push(to);
    }
  };
  for (let j = 0; j + 1 < w.length; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const k = j * columns + i;
      // Counterclockwise from the lower left, as are the edges that follow them.
      const corners = [k, k + 1, k + columns + 1, k + columns].map((at) => f[at] as number);
      if (!corners.every(Number.isFinite)) continue;
      const edges = [2 * k, 2 * (k + 1) + 1, 2 * (k + columns), 2 * k + 1];
      const crossed = edges.filter((_, e) => ((corners[e] as number) >= 0) !== ((corners[(e + 1) % 4] as number) >= 0));
      if (crossed.length === 4) {
        // A saddle: the middle says which corners belong together.
        const middle = corners.reduce((sum, c) => sum + c, 0) >= 0;
        if (middle === ((corners[0] as number) >= 0)) {
          join(edges[0] as number, edges[1] as number);
          join(edges[2] as number, edges[3] as number);
        } else {
          join(edges[3] as number, edges[0] as number);
          join(edges[1] as number, edges[2] as number);
        }
      } else if (crossed.length === 2) join(crossed[0] as number, crossed[1] as number);
    }
  }
  const point = (edge: number): readonly [number, number] => {
    const k = edge >> 1;
    const [i, j] = [k % columns, Math.floor(k / columns)];
    const end = edge % 2 === 0 ? k + 1 : k + columns;
    const t = (f[k] as number) / ((f[k] as number) - (f[end] as number));
    const [x, y] = [v[i] as number, w[j] as number];
    return edge % 2 === 0 ? [x + t * ((v[i + 1] as number) - x), y] : [x, y + t * ((w[j + 1] as number) - y)];
  };
  return chains(next).map((edges) => {
    const points = edges.map(point);
    return { v: Float64Array.from(points, ([x]) => x), w: Float64Array.from(points, ([, y]) => y) };
  });
}

/** Takes a graph whose nodes have one or two neighbours apart into its lines; those with ends come before the rings. */
function chains(next: ReadonlyMap<number, readonly number[]>): number[][] {
  const seen = new Set<number>();
  const out: number[][] = [];
  const follow = (start: number) => {
    const line: number[] = [];
    for (let at: number | undefined = start; at !== undefined; ) {
      seen.add(at);
      line.push(at);
      at = next.get(at)?.find((to) => !seen.has(to));
    }
    if (line.length > 2 && next.get(line.at(-1) as number)?.includes(start)) line.push(start);
    out.push(line);
  };
  for (const [node, neighbours] of next) if (neighbours.length === 1 && !seen.has(node)) follow(node);
  for (const node of next.keys()) if (!seen.has(node)) follow(node);
  return out;
}

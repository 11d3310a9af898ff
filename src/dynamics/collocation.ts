/**
 * Periodic solutions as piecewise polynomials that satisfy the equations at Gauss points (orthogonal collocation;
 * Doedel, Keller and Kernevez, Int. J. Bifurc. Chaos 1:745, 1991). Within an interval all is solved for from its start,
 * so that what is left is a small system over some starts. Cycles may be unstable: nothing is integrated.
 */
import { type Complex, eigenvalues, type Factored, factored, nullVector, product, solved } from "../analysis/linear.js";
import type { Knob, System } from "../sim/system.js";

/** Degree of the polynomials, and the number of Gauss points in an interval. */
export const DEGREE = 4;

/** Roots of the Legendre polynomial of degree 4, brought from -1 to 1 to 0 to 1. */
const [INNER, OUTER] = [-1, 1].map((side) => Math.sqrt(3 / 7 + side * (2 / 7) * Math.sqrt(6 / 5)) / 2) as [
  number,
  number,
];
const GAUSS = [0.5 - OUTER, 0.5 - INNER, 0.5 + INNER, 0.5 + OUTER];

/**
 * Values and slopes at x, from 0 to 1, of the polynomials that are 1 at one of the equidistant nodes and 0 at others.
 */
function basis(x: number): { readonly values: readonly number[]; readonly slopes: readonly number[] } {
  const nodes = Array.from({ length: DEGREE + 1 }, (_, k) => k / DEGREE);
  const values = nodes.map((own, k) =>
    nodes.reduce((p, other, j) => (j === k ? p : (p * (x - other)) / (own - other)), 1),
  );
  const slopes = nodes.map((own, k) =>
    nodes.reduce((sum, left, i) => {
      if (i === k) return sum;
      const rest = nodes.reduce((p, other, j) => (j === k || j === i ? p : (p * (x - other)) / (own - other)), 1);
      return sum + rest / (own - left);
    }, 0),
  );
  return { values, slopes };
}

const AT_GAUSS = GAUSS.map(basis);
/**
 * Divided differences: the highest derivative of a polynomial from its values at the nodes, on an interval of length 1.
 */
const HIGHEST = Array.from({ length: DEGREE + 1 }, (_, k) => {
  let [product_, factor] = [1, 1];
  for (let j = 0; j <= DEGREE; j++) if (j !== k) product_ *= (k - j) / DEGREE;
  for (let j = 2; j <= DEGREE; j++) factor *= j;
  return factor / product_;
});

/** A closed curve of polynomials over phases from 0 to 1, and what it is a solution for. */
export interface Orbit {
  /** Where intervals begin, and 1. */
  readonly mesh: Float64Array;
  /** States at the nodes, DEGREE of them in an interval, one after the other; what follows the last is the first. */
  readonly nodes: Float64Array;
  readonly period: number;
  /** Value of the knob. */
  readonly value: number;
}

/** A change of an orbit. */
export interface Change {
  readonly nodes: Float64Array;
  readonly period: number;
  readonly value: number;
}

/** Where a phase is among the intervals. */
function placeOf(mesh: Float64Array, phase: number): readonly [interval: number, x: number] {
  let [low, high] = [0, mesh.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((mesh[middle] as number) <= phase) low = middle;
    else high = middle - 1;
  }
  const start = mesh[low] as number;
  return [low, (phase - start) / ((mesh[low + 1] as number) - start)];
}

/** A closed curve of polynomials at a phase. */
export function at(mesh: Float64Array, nodes: Float64Array, n: number, phase: number): Float64Array {
  const [interval, x] = placeOf(mesh, phase);
  const { values } = basis(x);
  const out = new Float64Array(n);
  const count = nodes.length / n;
  for (let k = 0; k <= DEGREE; k++) {
    const node = (interval * DEGREE + k) % count;
    for (let j = 0; j < n; j++) out[j] = (out[j] as number) + (values[k] as number) * (nodes[node * n + j] as number);
  }
  return out;
}

/** Phases of the nodes of a mesh. */
export function phasesOf(mesh: Float64Array): Float64Array {
  const out = new Float64Array((mesh.length - 1) * DEGREE);
  for (let i = 0; i + 1 < mesh.length; i++) {
    const [start, width] = [mesh[i] as number, (mesh[i + 1] as number) - (mesh[i] as number)];
    for (let k = 0; k < DEGREE; k++) out[i * DEGREE + k] = start + (width * k) / DEGREE;
  }
  return out;
}

/** The same curve over another mesh. */
export function moved(mesh: Float64Array, nodes: Float64Array, n: number, to: Float64Array): Float64Array {
  const out = new Float64Array((to.length - 1) * DEGREE * n);
  phasesOf(to).forEach((phase, k) => out.set(at(mesh, nodes, n, phase), k * n));
  return out;
}

/** A mesh on which the error of each interval is about the same, by the derivative above the highest. */
export function evenMesh(
  { mesh, nodes }: Orbit,
  n: number,
  scale: ArrayLike<number>,
  count = mesh.length - 1,
): Float64Array {
  const old = mesh.length - 1;
  const total = nodes.length / n;
  const highest = Array.from({ length: old }, (_, i) => {
    const width = (mesh[i + 1] as number) - (mesh[i] as number);
    return Float64Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let k = 0; k <= DEGREE; k++) {
        sum += (HIGHEST[k] as number) * (nodes[((i * DEGREE + k) % total) * n + j] as number);
      }
      return sum / width ** DEGREE / (scale[j] as number);
    });
  });
  const width = (i: number): number => (mesh[i + 1] as number) - (mesh[i] as number);
  const jump = Float64Array.from({ length: old }, (_, i) => {
    const before = (i + old - 1) % old;
    const [a, b] = [highest[before] as Float64Array, highest[i] as Float64Array];
    return Math.hypot(...a.map((x, j) => (b[j] as number) - x)) / (0.5 * (width(before) + width(i)));
  });
  let density = Float64Array.from(
    { length: old },
    (_, i) => (0.5 * ((jump[i] as number) + (jump[(i + 1) % old] as number))) ** (1 / (DEGREE + 1)),
  );
  const mean = density.reduce((sum, x, i) => sum + x * width(i), 0);
  if (!(mean > 0) || !Number.isFinite(mean)) return Float64Array.from({ length: count + 1 }, (_, i) => i / count);
  // none is left without
  density = density.map((x) => x + 0.2 * mean);
  const sums = [0];
  for (let i = 0; i < old; i++) sums.push((sums[i] as number) + (density[i] as number) * width(i));
  const whole = sums[old] as number;
  const out = new Float64Array(count + 1);
  for (let i = 1, k = 0; i < count; i++) {
    const goal = (whole * i) / count;
    while ((sums[k + 1] as number) < goal) k++;
    const part = (goal - (sums[k] as number)) / ((sums[k + 1] as number) - (sums[k] as number));
    out[i] = (mesh[k] as number) + part * width(k);
  }
  out[count] = 1;
  return out;
}

/** Largest size of the system that is left. */
const LEFT = 120;

/** A linear condition on a change: weights of its nodes, its period and its value. */
export type Row = Change;

/** The equations of a cycle, linearised at an orbit. */
export class Linearised {
  private readonly system: System;
  private readonly n: number;
  private readonly orbit: Orbit;
  private readonly count: number;
  /** Of each interval: its equations, and what its nodes are by its start, the period and the value. */
  private readonly solvers: Factored[] = [];
  private readonly byStart: Float64Array[] = [];
  private readonly byPeriod: Float64Array[] = [];
  private readonly byValue: Float64Array[] = [];
  private readonly wrong: Float64Array[] = [];
  /** Largest part by which the equations are not satisfied. */
  readonly residual: number;

  constructor(system: System, knob: Knob | undefined, orbit: Orbit, scale: ArrayLike<number>) {
    const { n } = system;
    const { mesh, nodes, period } = orbit;
    this.system = system;
    this.n = n;
    this.orbit = orbit;
    this.count = mesh.length - 1;
    if (knob !== undefined) system.set(knob, orbit.value);
    const size = DEGREE * n;
    const total = nodes.length / n;
    let residual = 0;
    const x = new Float64Array(n);
    const [f, J, p] = [new Float64Array(n), new Float64Array(n * n), new Float64Array(n)];
    for (let i = 0; i < this.count; i++) {
      const width = (mesh[i + 1] as number) - (mesh[i] as number);
      const matrix = new Float64Array(size * size);
      const start = new Float64Array(size * n);
      const [byT, byP, r] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
      for (let l = 0; l < DEGREE; l++) {
        const { values, slopes } = AT_GAUSS[l] as { values: readonly number[]; slopes: readonly number[] };
        const rise = new Float64Array(n);
        x.fill(0);
        for (let k = 0; k <= DEGREE; k++) {
          const node = ((i * DEGREE + k) % total) * n;
          for (let j = 0; j < n; j++) {
            const u = nodes[node + j] as number;
            x[j] = (x[j] as number) + (values[k] as number) * u;
            rise[j] = (rise[j] as number) + ((slopes[k] as number) / width) * u;
          }
        }
        system.at(x, f);
        system.jacobian(x, J);
        if (knob !== undefined) system.byOne(knob, x, p);
        for (let a = 0; a < n; a++) {
          const row = l * n + a;
          r[row] = (rise[a] as number) - period * (f[a] as number);
          residual = Math.max(residual, Math.abs(r[row] as number) / (scale[a] as number));
          byT[row] = f[a] as number;
          byP[row] = period * (p[a] as number);
          for (let k = 0; k <= DEGREE; k++) {
            for (let b = 0; b < n; b++) {
              const entry =
                (a === b ? (slopes[k] as number) / width : 0) -
                period * (values[k] as number) * (J[a * n + b] as number);
              if (k === 0) start[row * n + b] = -entry;
              else matrix[row * size + (k - 1) * n + b] = entry;
            }
          }
        }
      }
      const solver = factored(matrix, size);
      const columns = Array.from({ length: n }, (_, b) =>
        solved(
          solver,
          Float64Array.from({ length: size }, (_, row) => start[row * n + b] as number),
        ),
      );
      this.solvers.push(solver);
      this.byStart.push(
        Float64Array.from({ length: size * n }, (_, k) => columns[k % n]?.[Math.floor(k / n)] as number),
      );
      this.byPeriod.push(solved(solver, byT));
      this.byValue.push(knob === undefined ? new Float64Array(size) : solved(solver, byP));
      this.wrong.push(r);
    }
    this.residual = residual;
  }

  /** How the state at the end of an interval depends on that at its start. */
  step(interval: number): Float64Array {
    const { n } = this;
    return (this.byStart[interval] as Float64Array).slice((DEGREE - 1) * n * n);
  }

  /** The monodromy matrix from a mesh point on. */
  monodromy(): Float64Array {
    let out = this.step(0);
    for (let i = 1; i < this.count; i++) out = product(this.step(i), out, this.n);
    return out;
  }

  /** Floquet multipliers; that of the direction along the cycle, which is 1, comes first. */
  multipliers(): Complex[] {
    if (this.n === 2) {
      // their product is that of determinants, which loses nothing, however large or small
      let product_ = 1;
      for (let i = 0; i < this.count; i++) {
        const [a, b, c, d] = this.step(i) as unknown as [number, number, number, number];
        product_ *= a * d - b * c;
      }
      return [1, product_].map((re) => ({ re, im: 0 }));
    }
    const values = eigenvalues(this.monodromy(), this.n);
    const away = ({ re, im }: Complex): number => Math.hypot(re - 1, im);
    const trivial = values.reduce((a, b) => (away(b) < away(a) ? b : a));
    const others = values.filter((value) => value !== trivial);
    return [trivial, ...others.sort((a, b) => Math.hypot(b.re, b.im) - Math.hypot(a.re, a.im))];
  }

  /**
   * Solution of the adjoint equation at the mesh points: the gradient of the phase, whose product with the flow is 1.
   */
  adjoint(): Float64Array[] {
    const { n, count, orbit, system } = this;
    const M = this.monodromy();
    const shifted = M.map((x, k) => x - (k % (n + 1) === 0 ? 1 : 0));
    let z = nullVector(shifted, n, true);
    const out: Float64Array[] = [];
    for (let i = count - 1; i >= 0; i--) {
      const step = this.step(i);
      const before = z;
      z = z.map((_, j) => before.reduce((sum, value, k) => sum + value * (step[k * n + j] as number), 0));
      out[i] = z;
    }
    return out.map((one, i) => {
      const x = orbit.nodes.subarray(i * DEGREE * n, (i * DEGREE + 1) * n);
      const f = system.at(x);
      const along = one.reduce((sum, value, k) => sum + value * (f[k] as number), 0);
      return one.map((value) => value / along);
    });
  }

  /**
   * The change that satisfies linear conditions, and the equations: as they are wrong at the orbit, or (`still`) as if
   * they were not. One condition for the phase; another where the value changes too.
   */
  solve(rows: readonly Row[], right: readonly number[], still = false): Change {
    const { n, count } = this;
    const size = DEGREE * n;
    const perSegment = Math.max(1, Math.ceil((count * n) / LEFT));
    const segments = Math.ceil(count / perSegment);
    const extra = rows.length;
    const left = segments * n + extra;
    const matrix = new Float64Array(left * left);
    const vector = new Float64Array(left);
    const offsets = this.wrong.map((r, i) =>
      still
        ? new Float64Array(size)
        : solved(
            this.solvers[i] as Factored,
            r.map((x) => -x),
          ),
    );
    rows.forEach((row, k) => {
      const line = (segments * n + k) * left;
      matrix[line + segments * n] = row.period;
      if (extra > 1) matrix[line + segments * n + 1] = row.value;
      vector[segments * n + k] = right[k] as number;
    });
    /** The start of an interval by the start of its segment, the period and the value. */
    const starts: {
      readonly P: Float64Array;
      readonly t: Float64Array;
      readonly p: Float64Array;
      readonly c: Float64Array;
    }[] = [];
    for (let s = 0; s < segments; s++) {
      let P: Float64Array = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
      let [t, p, c] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)] as Float64Array[] as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      for (let i = s * perSegment; i < Math.min(count, (s + 1) * perSegment); i++) {
        starts[i] = { P, t, p, c };
        const [G, gt, gp, g0] = [
          this.byStart[i] as Float64Array,
          this.byPeriod[i] as Float64Array,
          this.byValue[i] as Float64Array,
          offsets[i] as Float64Array,
        ];
        rows.forEach((row, k) => {
          const line = (segments * n + k) * left;
          const add = (column: number, x: number): void => {
            matrix[line + column] = (matrix[line + column] as number) + x;
          };
          for (let node = 0; node < DEGREE; node++) {
            for (let a = 0; a < n; a++) {
              const weight = row.nodes[(i * DEGREE + node) * n + a] as number;
              if (weight === 0) continue;
              const into = (node - 1) * n + a;
              let [byT, byP, fixed] =
                node === 0
                  ? [t[a] as number, p[a] as number, c[a] as number]
                  : [gt[into] as number, gp[into] as number, g0[into] as number];
              for (let b = 0; b < n; b++) {
                let entry = node === 0 ? (P[a * n + b] as number) : 0;
                if (node > 0) {
                  for (let d = 0; d < n; d++) entry += (G[into * n + d] as number) * (P[d * n + b] as number);
                  byT += (G[into * n + b] as number) * (t[b] as number);
                  byP += (G[into * n + b] as number) * (p[b] as number);
                  fixed += (G[into * n + b] as number) * (c[b] as number);
                }
                add(s * n + b, weight * entry);
              }
              add(segments * n, weight * byT);
              if (extra > 1) add(segments * n + 1, weight * byP);
              vector[segments * n + k] = (vector[segments * n + k] as number) - weight * fixed;
            }
          }
        });
        const M = G.subarray((DEGREE - 1) * n * n);
        const last = (DEGREE - 1) * n;
        const through = (v: Float64Array, own: Float64Array): Float64Array =>
          v.map((_, a) => v.reduce((sum, x, b) => sum + (M[a * n + b] as number) * x, own[last + a] as number));
        [t, p, c] = [through(t, gt), through(p, gp), through(c, g0)];
        P = product(M, P, n);
      }
      // the start of the next segment
      const next = (s + 1) % segments;
      for (let a = 0; a < n; a++) {
        const line = (s * n + a) * left;
        for (let b = 0; b < n; b++) {
          const own = P[a * n + b] as number;
          matrix[line + s * n + b] = (matrix[line + s * n + b] as number) - own;
        }
        matrix[line + next * n + a] = (matrix[line + next * n + a] as number) + 1;
        matrix[line + segments * n] = -(t[a] as number);
        if (extra > 1) matrix[line + segments * n + 1] = -(p[a] as number);
        vector[s * n + a] = c[a] as number;
      }
    }
    const found = solved(factored(matrix, left), vector);
    const period = found[segments * n] as number;
    const value = extra > 1 ? (found[segments * n + 1] as number) : 0;
    const nodes = new Float64Array(count * size);
    for (let i = 0; i < count; i++) {
      const s = Math.floor(i / perSegment);
      const { P, t, p, c } = starts[i] as (typeof starts)[number];
      const own = t.map((x, a) => {
        let sum = x * period + (p[a] as number) * value + (c[a] as number);
        for (let b = 0; b < n; b++) sum += (P[a * n + b] as number) * (found[s * n + b] as number);
        return sum;
      });
      nodes.set(own, i * size);
      const [G, gt, gp, g0] = [
        this.byStart[i] as Float64Array,
        this.byPeriod[i] as Float64Array,
        this.byValue[i] as Float64Array,
        offsets[i] as Float64Array,
      ];
      for (let k = 0; k < size - n; k++) {
        let sum = (gt[k] as number) * period + (gp[k] as number) * value + (g0[k] as number);
        for (let b = 0; b < n; b++) sum += (G[k * n + b] as number) * (own[b] as number);
        nodes[i * size + n + k] = sum;
      }
    }
    return { nodes, period, value };
  }
}

/** Part of the period that a node stands for. */
export function weightOf(mesh: Float64Array, node: number): number {
  const i = Math.floor(node / DEGREE);
  const width = (mesh[i + 1] as number) - (mesh[i] as number);
  if (node % DEGREE !== 0) return width / DEGREE;
  const before = (i + mesh.length - 2) % (mesh.length - 1);
  return (width + (mesh[before + 1] as number) - (mesh[before] as number)) / (2 * DEGREE);
}

/** That the phase stays: no change along the flow, on average over the cycle. */
export function phaseRow(system: System, { mesh, nodes }: Orbit, scale: ArrayLike<number>): Row {
  const { n } = system;
  const out = new Float64Array(nodes.length);
  let size = 0;
  for (let node = 0; node < nodes.length / n; node++) {
    const f = system.at(nodes.subarray(node * n, (node + 1) * n));
    for (let j = 0; j < n; j++) {
      const entry = (weightOf(mesh, node) * (f[j] as number)) / (scale[j] as number) ** 2;
      out[node * n + j] = entry;
      size = Math.max(size, Math.abs(entry) * (scale[j] as number));
    }
  }
  return { nodes: out.map((x) => x / size), period: 0, value: 0 };
}

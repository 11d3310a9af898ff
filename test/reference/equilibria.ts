/** Equilibria and their stability, from right-hand sides that the core's own kernels evaluate. */
import { Core } from "../../src/core/core.js";
import type { ModelRecord } from "../../src/index.js";
import { Probe } from "../../src/sim/probe.js";

type Row = Readonly<Record<string, number>>;

/** A model with the currents at which v, with everything else in equilibrium with it, stands still. */
export class Equilibria {
  readonly model: ModelRecord;
  private readonly names: readonly string[];
  private readonly probe: Probe;
  /** Distances of the differences: v, then the other states. */
  private readonly reach: readonly number[];
  private readonly size: number;

  private constructor(model: ModelRecord, core: Core, params: Row) {
    this.model = model;
    this.names = Object.keys(model.states);
    const scale = Object.values(model.states).map(({ unit }) => (unit === "mV" ? 0.1 : unit === "pA" ? 1 : 0.002));
    this.reach = scale;
    // Per state: plus and minus, at three distances; and the point itself.
    this.size = 6 * this.names.length + 1;
    this.probe = new Probe(core, model, params, this.size);
  }

  static async of(model: ModelRecord, params: Row): Promise<Equilibria> {
    return new Equilibria(model, await Core.create(), params);
  }

  /** The other states in equilibrium with v, v itself, and the current that holds it there. */
  at(v: number): { readonly state: Record<string, number>; readonly current: number } {
    const { probe, names } = this;
    const state: Record<string, number> = {};
    const equilibrium = probe.equilibrium(v);
    for (const name of names) {
      const x = equilibrium[name];
      state[name] = typeof x === "number" ? x : (x?.[0] ?? NaN);
    }
    const slope = (I: number): number => probe.derivatives(state, I)[names[0] ?? ""]?.[0] ?? NaN;
    // dv/dt is linear in the current: C_m dv/dt = ... + I.
    const rest = slope(0);
    const unit = this.model.current === "pA" ? 1024 : 1;
    return { state, current: (-rest * unit) / (slope(unit) - rest) };
  }

  /** Jacobian in row order at the equilibrium with this v: central differences at three distances, extrapolated. */
  jacobian(v: number): number[][] {
    const { probe, names, reach, size } = this;
    const { state, current } = this.at(v);
    const columns: Record<string, Float64Array> = {};
    for (const name of names) columns[name] = new Float64Array(size).fill(state[name] ?? NaN);
    const place = (j: number, level: number, sign: 0 | 1): number => 6 * j + 2 * level + sign;
    for (const [j, name] of names.entries()) {
      for (let level = 0; level < 3; level++) {
        const h = (reach[j] ?? NaN) / 2 ** level;
        const column = columns[name] as Float64Array;
        column[place(j, level, 0)] = (state[name] ?? NaN) - h;
        column[place(j, level, 1)] = (state[name] ?? NaN) + h;
      }
    }
    const f = probe.derivatives(columns, current);
    return names.map((row) =>
      names.map((_, j) => {
        const [a, b, c] = [0, 1, 2].map((level) => {
          const values = f[row] as Float64Array;
          const h = (reach[j] ?? NaN) / 2 ** level;
          return ((values[place(j, level, 1)] ?? NaN) - (values[place(j, level, 0)] ?? NaN)) / (2 * h);
        }) as [number, number, number];
        // Richardson: errors in h^2, then h^4.
        const ab = (4 * b - a) / 3;
        const bc = (4 * c - b) / 3;
        return (16 * bc - ab) / 15;
      }),
    );
  }

  /** Changes sign where a pair of eigenvalues crosses the imaginary axis. */
  hopf(v: number): number {
    const coefficients = characteristic(this.jacobian(v));
    if (coefficients.length === 2) return -(coefficients[0] ?? NaN);
    const [c3 = NaN, c2 = NaN, c1 = NaN, c0 = NaN] = coefficients;
    return -(c3 * c2 * c1 - c1 ** 2 - c3 ** 2 * c0);
  }

  /** Changes sign where an eigenvalue passes zero: a fold of equilibria. */
  fold(v: number): number {
    const coefficients = characteristic(this.jacobian(v));
    return coefficients[coefficients.length - 1] ?? NaN;
  }

  /** The current at a sign change of a function between two potentials. */
  currentAt(f: (v: number) => number, low: number, high: number): number {
    let [a, b] = [low, high];
    const sign = Math.sign(f(a));
    if (sign === Math.sign(f(b))) throw new RangeError(`no sign change between ${low} and ${high}`);
    for (let round = 0; round < 60; round++) {
      const middle = 0.5 * (a + b);
      if (Math.sign(f(middle)) === sign) a = middle;
      else b = middle;
    }
    return this.at(0.5 * (a + b)).current;
  }
}

/** Coefficients of the characteristic polynomial after its leading 1 (Faddeev and LeVerrier). */
export function characteristic(matrix: readonly (readonly number[])[]): number[] {
  const n = matrix.length;
  const out: number[] = [];
  let power = matrix.map((row) => row.map(() => 0));
  let last = 1;
  for (let k = 1; k <= n; k++) {
    const shifted = power.map((row, i) => row.map((x, j) => x + (i === j ? last : 0)));
    power = matrix.map((row) => row.map((_, j) => row.reduce((sum, x, i) => sum + x * (shifted[i]?.[j] ?? NaN), 0)));
    last = -power.reduce((sum, row, i) => sum + (row[i] ?? NaN), 0) / k;
    out.push(last);
  }
  return out;
}

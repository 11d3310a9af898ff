/**
 * Solutions of a model's equations to about ten digits: Dormand and Prince's method of order 5 with step-size control,
 * spikes located within the step. Works on the text of the model's record, so it shares nothing with the core.
 */
import type { ModelRecord } from "../../src/model/record.js";
import { derivative } from "../contract/dynamics.js";
import { compile, type Scope } from "../contract/expression.js";

/** Coefficients of Dormand & Prince 1980 (J Comput Appl Math 6:19). */
const A: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

export interface Problem {
  readonly model: ModelRecord;
  readonly params: Scope;
  readonly init: Scope;
  /** The input current at a time in ms. */
  readonly current: (t: number) => number;
  /** Times at which the current jumps or bends. */
  readonly breaks?: readonly number[];
  readonly duration: number;
  /** Largest error per step, relative to 1 + |state|. */
  readonly tolerance?: number;
}

export interface Solution {
  readonly spikes: readonly number[];
  /** State at the end. */
  readonly state: Readonly<Record<string, number>>;
}

/** Solves the equations with thresholds and resets (without refractory period). */
export function solve(problem: Problem): Solution {
  const { model, params, current, duration, tolerance = 1e-12 } = problem;
  const names = Object.keys(model.states);
  const f = derivative(model, params);
  const level = params[model.threshold] ?? NaN;
  const low = level - (params.hysteresis ?? 0);
  const resets = Object.entries(model.reset ?? {}).map(([name, text]) => [name, compile(text)] as const);
  const spikes: number[] = [];
  let state: Record<string, number> = { ...problem.init };
  let armed = (state.v ?? NaN) < level;
  let h = 1e-3;
  const edges = [...(problem.breaks ?? []).filter((t) => t > 0 && t < duration), duration];

  // What the current is at an edge belongs to the time after it.
  let before = 0;

  const attempt = (t: number, size: number): { readonly next: Record<string, number>; readonly error: number } => {
    const slopes: Record<string, number>[] = [];
    let next: Record<string, number> = state;
    for (let s = 0; s < 7; s++) {
      const row = A[s] ?? [];
      const point: Record<string, number> = {};
      for (const name of names) {
        let sum = 0;
        for (let j = 0; j < row.length; j++) sum += (row[j] ?? NaN) * (slopes[j]?.[name] ?? NaN);
        point[name] = (state[name] ?? NaN) + size * sum;
      }
      if (s === 6) next = point;
      slopes.push(f(point, current(Math.min(t + (C[s] ?? NaN) * size, before))));
    }
    let error = 0;
    for (const name of names) {
      let sum = 0;
      for (let s = 0; s < 7; s++) sum += (ERROR[s] ?? NaN) * (slopes[s]?.[name] ?? NaN);
      error = Math.max(error, Math.abs(size * sum) / (tolerance * (1 + Math.abs(state[name] ?? NaN))));
    }
    return { next, error };
  };

  let t = 0;
  for (const edge of edges) {
    before = edge - 1e-12;
    while (t < edge) {
      const size = Math.min(h, edge - t);
      const { next, error } = attempt(t, size);
      if (!(error <= 1)) {
        h = size * (Number.isFinite(error) ? Math.max(0.2, 0.9 * error ** -0.2) : 0.1);
        continue;
      }
      const v = next.v ?? NaN;
      if (armed && v >= level) {
        const crossing = locate((part) => attempt(t, part).next, size, level);
        spikes.push(t + crossing);
        if (!model.reset) armed = false;
        else {
          state = attempt(t, crossing).next;
          const scope = { ...params, ...state };
          state = { ...state, ...Object.fromEntries(resets.map(([name, evaluate]) => [name, evaluate(scope)])) };
          t += crossing;
          h = 1e-3;
          continue;
        }
      } else if (!model.reset && v < low) armed = true;
      state = next;
      t = size < h ? edge : t + size;
      h = size * Math.min(5, 0.9 * Math.max(error, 1e-6) ** -0.2);
    }
  }
  return { spikes, state };
}

/** Length of the step that ends at the level, by bisection. */
function locate(after: (part: number) => Record<string, number>, size: number, level: number): number {
  let low = 0;
  let high = size;
  for (let round = 0; round < 60 && high - low > 1e-15 * size; round++) {
    const middle = 0.5 * (low + high);
    if ((after(middle).v ?? NaN) >= level) high = middle;
    else low = middle;
  }
  return high;
}

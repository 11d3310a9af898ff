/** Solutions of a system from a state on, with step sizes that follow from the error (Dormand and Prince 5(4)). */
import { StateError } from "../model/errors.js";

/** Right-hand side, written into the last argument. */
export type Slopes = (x: Float64Array, out: Float64Array) => void;

/** Where a solution ended. */
export interface Solved {
  readonly t: number;
  readonly x: Float64Array;
  /** The guard became 0 there. */
  readonly event: boolean;
}

/** How a solution is followed. */
export interface SolveOptions {
  /** Error that a step may have, as a part of each state, and at least. */
  readonly relative?: number;
  readonly absolute: ArrayLike<number>;
  /** Ends the solution where it rises through 0. */
  readonly guard?: (x: Float64Array) => number;
  /** Called after each step; true ends the solution. */
  readonly onStep?: (t: number, x: Float64Array, slope: Float64Array) => boolean | void;
  /** Longest step. */
  readonly longest?: number;
}

/** Coefficients of the stages (Dormand and Prince, J. Comput. Appl. Math. 6:19, 1980), and of the error. */
const A: readonly (readonly number[])[] = [
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const E = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40] as const;
const MOST_STEPS = 2_000_000;

/** The solution from `start` over a time, to an event or to the end. Times count from 0. */
export function solve(slopes: Slopes, start: ArrayLike<number>, time: number, options: SolveOptions): Solved {
  const { relative = 1e-9, absolute, guard, onStep, longest = Number.POSITIVE_INFINITY } = options;
  let x: Float64Array = Float64Array.from(start);
  const n = x.length;
  const k = Array.from({ length: 7 }, () => new Float64Array(n));
  const stage = new Float64Array(n);
  slopes(x, k[0] as Float64Array);
  const size = (v: Float64Array, at: Float64Array): number =>
    Math.sqrt(
      v.reduce((sum, y, i) => sum + (y / ((absolute[i] as number) + relative * Math.abs(at[i] as number))) ** 2, 0) / n,
    );
  const first = size(k[0] as Float64Array, x);
  let h = Math.min(time, longest, first > 0 ? 0.01 / (first * relative ** 0.2) : 0.01, 0.1);
  let t = 0;
  let g = guard?.(x) ?? Number.NEGATIVE_INFINITY;
  /** One step of a length; the state at its end. */
  const advance = (length: number): Float64Array => {
    for (let s = 0; s < 6; s++) {
      const row = A[s] as readonly number[];
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j <= s; j++) sum += (row[j] as number) * ((k[j] as Float64Array)[i] as number);
        stage[i] = (x[i] as number) + length * sum;
      }
      slopes(stage, k[s + 1] as Float64Array);
    }
    return stage.slice();
  };
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if (t >= time * (1 - 1e-15)) return { t, x, event: false };
    h = Math.min(h, time - t, longest);
    const next = advance(h);
    const error = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < 7; j++) sum += (E[j] as number) * ((k[j] as Float64Array)[i] as number);
      error[i] = h * sum;
    }
    const wrong = size(error, next);
    if (!(wrong <= 1)) {
      h *= Number.isFinite(wrong) ? Math.max(0.1, 0.9 * wrong ** -0.2) : 0.1;
      // the time itself may stand still where a spike takes off: nothing depends on it
      if (h < 1e-25) break;
      continue;
    }
    const after = guard?.(next) ?? Number.NEGATIVE_INFINITY;
    if (g < 0 && after >= 0 && guard !== undefined) {
      const part = rises((length) => guard(advance(length)), h, g, after);
      x = advance(part);
      slopes(x, k[0] as Float64Array);
      t += part;
      onStep?.(t, x, k[0] as Float64Array);
      return { t, x, event: true };
    }
    t += h;
    x = next;
    g = after;
    (k[0] as Float64Array).set(k[6] as Float64Array);
    if (onStep?.(t, x, k[0] as Float64Array) === true) return { t, x, event: false };
    h *= Math.min(5, 0.9 * Math.max(wrong, 1e-6) ** -0.2);
  }
  throw new StateError(`no solution beyond ${t} ms: the equations grow without bound or are too stiff there.`);
}

/** Where a function of the length of a step rises through 0 (Illinois). */
function rises(f: (length: number) => number, longest: number, atStart: number, atEnd: number): number {
  let [low, high, a, b] = [0, longest, atStart, atEnd];
  let side = 0;
  for (let round = 0; round < 100 && high - low > 1e-15 * longest; round++) {
    const x = (low * b - high * a) / (b - a);
    const value = f(x);
    if (value === 0) return x;
    if (value < 0) {
      [low, a] = [x, value];
      if (side === -1) b /= 2;
      side = -1;
    } else {
      [high, b] = [x, value];
      if (side === 1) a /= 2;
      side = 1;
    }
    if (Math.abs(value) < 1e-14 * Math.abs(atEnd - atStart)) return x;
  }
  return high;
}

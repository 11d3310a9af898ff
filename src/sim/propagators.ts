/** What a receptor does to a linear model within a step. */
import { expm1Matrix } from "../model/matrix.js";
import type { LinearSystem } from "./compiled.js";

/** What a receptor's two states x (the current) and y (its rise) do to v and w in a step. */
export interface Response {
  readonly vx: number;
  readonly vy: number;
  readonly wx: number;
  readonly wy: number;
}

/** The equations of adaptiveLif, or lif with a = 0, for a current of 1. */
export function adaptiveSystem(C_m: number, tau_m: number, a: number, tau_w: number): LinearSystem {
  return { matrix: [-1 / tau_m, -1 / C_m, a / tau_w, -1 / tau_w], input: [1 / C_m, 0] };
}

/**
 * What a receptor current does to a linear system of one or two states in a step, over what a constant current of 1
 * does: the propagator of (v, w, x, y) with dx/dt = y - x/tau, dy/dt = -y/tau_rise (without it there is no y), over the
 * same with a constant x.
 */
export function responseOf(
  { matrix, input }: LinearSystem,
  tau: number,
  tau_rise: number | undefined,
  dt: number,
): Response {
  const n = input.length;
  const size = n + 2;
  const rows = input.map((gain, i) => [...matrix.slice(i * n, (i + 1) * n), gain, 0]);
  const nothing = new Array<number>(n).fill(0);
  const system = (decay: number, rise: number, hand: number): number[] =>
    expm1Matrix([...rows, [...nothing, decay, hand], [...nothing, 0, rise]].flat().map((x) => x * dt), size);
  const moving = tau_rise === undefined ? system(-1 / tau, 0, 0) : system(-1 / tau, -1 / tau_rise, 1);
  const constant = system(0, 0, 0);
  const ratio = (state: number, column: number): number => {
    if (state >= n) return 0;
    const whole = constant[size * state + n] as number;
    return whole === 0 ? 0 : (moving[size * state + column] as number) / whole;
  };
  return { vx: ratio(0, n), vy: ratio(0, n + 1), wx: ratio(1, n), wy: ratio(1, n + 1) };
}

/** A linear receptor: dx/dt = matrix x + offsets, with the current `current` x + `constant`. */
export interface LinearReceptor {
  readonly matrix: readonly (readonly number[])[];
  readonly offsets: readonly number[];
  readonly current: readonly number[];
  readonly constant: number;
}

/**
 * What each state of a linear receptor, and behind them a 1, does to one equation of a linear system in a step, over
 * what a constant current of 1 does to it: the propagator of (the system, x, 1), over that of a constant.
 *
 * @returns rows by equation, as many as the system has
 */
export function linearResponse(
  { matrix, input }: LinearSystem,
  receptor: LinearReceptor,
  dt: number,
): readonly (readonly number[])[] {
  const [n, m] = [input.length, receptor.current.length];
  const size = n + m + 1;
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  const row = (i: number): readonly number[] => matrix.slice(i * n, (i + 1) * n);
  const moving = expm1Matrix(
    [
      ...input.map((gain, i) => [...row(i), ...receptor.current.map((c) => gain * c), gain * receptor.constant]),
      ...receptor.matrix.map((own, j) => [...zeros(n), ...own, receptor.offsets[j] as number]),
      zeros(size),
    ]
      .flat()
      .map((x) => x * dt),
    size,
  );
  const still = expm1Matrix(
    [...input.map((gain, i) => [...row(i), gain]), zeros(n + 1)].flat().map((x) => x * dt),
    n + 1,
  );
  return input.map((_, i) => {
    const whole = still[i * (n + 1) + n] as number;
    return Array.from({ length: m + 1 }, (__, j) => (whole === 0 ? 0 : (moving[i * size + n + j] as number) / whole));
  });
}

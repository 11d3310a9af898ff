/** What a receptor does to a linear model within a step. */
import { expm1Matrix } from "../model/matrix.js";

/** What a receptor's two states x (the current) and y (its rise) do to v and w in a step. */
export interface Response {
  readonly vx: number;
  readonly vy: number;
  readonly wx: number;
  readonly wy: number;
}

/**
 * adaptiveLif (or lif with a = 0): what a receptor current does to v and w in a step, over what a constant current of 1
 * does. The system of (v, w, x, y) with dx/dt = y - x/tau, dy/dt = -y/tau_rise (without it there is no y), and the same
 * with a constant x.
 */
export function propagators(
  C_m: number,
  tau_m: number,
  a: number,
  tau_w: number,
  tau: number,
  tau_rise: number | undefined,
  dt: number,
): Response {
  const neuron = [-1 / tau_m, -1 / C_m, 1 / C_m, 0, a / tau_w, -1 / tau_w, 0, 0];
  const system = (decay: number, rise: number, hand: number): number[] =>
    expm1Matrix(
      [...neuron, 0, 0, decay, hand, 0, 0, 0, rise].map((x) => x * dt),
      4,
    );
  const moving = tau_rise === undefined ? system(-1 / tau, 0, 0) : system(-1 / tau, -1 / tau_rise, 1);
  const constant = system(0, 0, 0);
  const ratio = (k: number, state: number): number => {
    const whole = constant[4 * state + 2] as number;
    return whole === 0 ? 0 : (moving[k] as number) / whole;
  };
  return { vx: ratio(2, 0), vy: ratio(3, 0), wx: ratio(6, 1), wy: ratio(7, 1) };
}

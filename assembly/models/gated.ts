/**
 * What models of the Hodgkin-Huxley type share: C dv/dt = g_L (E_L - v) + g_Na m^3 h (E_Na - v) + g_K n^4 (E_K - v) +
 * I, and dx/dt = alpha (1 - x) - beta x for the gates m, h and n. They differ in their rates alone.
 */
import { add, mul, sub } from "../lanes";

// @ts-ignore: decorator
@inline export function power8<T>(p: T): T {
  const p2 = mul<T>(p, p);
  const p4 = mul<T>(p2, p2);
  return mul<T>(p4, p4);
}

// @ts-ignore: decorator
@inline function sodium<M, T>(model: M, m: T, h: T): T {
  return mul<T>(mul<T>(model.g_Na, mul<T>(mul<T>(m, m), m)), h);
}

// @ts-ignore: decorator
@inline function potassium<M, T>(model: M, n: T): T {
  const n2 = mul<T>(n, n);
  return mul<T>(model.g_K, mul<T>(n2, n2));
}

/** dv/dt */
// @ts-ignore: decorator
@inline export function slopeV<M, T>(model: M, v: T, m: T, h: T, n: T, I: T): T {
  const leak = mul<T>(model.g_L, sub<T>(model.E_L, v));
  const inward = mul<T>(sodium<M, T>(model, m, h), sub<T>(model.E_Na, v));
  const outward = mul<T>(potassium<M, T>(model, n), sub<T>(model.E_K, v));
  return mul<T>(add<T>(add<T>(leak, inward), add<T>(outward, I)), model.perC);
}

/** Total conductance over capacitance: -d(dv)/dv. */
// @ts-ignore: decorator
@inline export function rateV<M, T>(model: M, m: T, h: T, n: T, G: T): T {
  const channels = add<T>(model.g_L, sodium<M, T>(model, m, h));
  return mul<T>(add<T>(channels, add<T>(potassium<M, T>(model, n), G)), model.perC);
}

/** What follows from the parameters. */
// @ts-ignore: decorator
@inline export function prepareGated<M>(model: M): void {
  model.perC = 1.0 / model.C_m;
  model.rearm = model.V_th - model.hysteresis;
}

/**
 * What the exponential methods share: with everything else frozen a state relaxes to x_inf at the rate b, dx/dt = b
 * (x_inf - x). Its target stands in its column of SLOPE; its exponent -b dt, later the exponential of that, in its
 * column of STAGES.
 */
import { add, div, get, mul, put, scale, sub, width } from "../lanes";
import { expm1 } from "../math";
import { G0, Pack, SLOPE, STAGES } from "../abi";
import { column, conducts } from "../pack";
import { extent } from "./step";

/**
 * Exponents of v above this are so small that exp(-b dt) is 1 but for a few digits, and x_inf = x + f/b so large that
 * the update would lose v in it: a membrane of 1e15 ms relaxes to 1e16 mV. Below, half of the digits are kept at least.
 */
// @ts-ignore: decorator
@inline export const SLOW: f64 = -9.5367431640625e-7; // 2^-20

/**
 * v, from its column, of such neurons by x + (x_inf - x)(1 - exp(-b dt)): it is put in the place of the target, at
 * which all arrive at once.
 */
export function slowDecays(k: Pack, v: usize): void {
  const end = extent(k);
  for (let i: usize = 0; i < end; i += 8) {
    const exponent = load<f64>(column(STAGES, 0) + i);
    if (!(exponent > SLOW)) continue;
    const x = load<f64>(v + i);
    const target = column(SLOPE, 0) + i;
    store<f64>(target, x - (load<f64>(target) - x) * expm1(exponent));
    store<f64>(column(STAGES, 0) + i, -Infinity);
  }
}

/** State j of two vectors at the end of the step. */
// @ts-ignore: decorator
@inline export function relax2<T>(j: i32, column: usize, i: usize): void {
  const a = relaxed<T>(j, i, get<T>(column + i));
  const b = relaxed<T>(j, i + width<T>(), get<T>(column + i + width<T>()));
  put<T>(column + i, a);
  put<T>(column + i + width<T>(), b);
}

// @ts-ignore: decorator
@inline export function conductance<T, V>(i: usize, v: T): T {
  return conducts<V>() ? get<T>(G0 + i) : sub<T>(v, v);
}

/** Target x + f/b and exponent -b dt of state j. */
// @ts-ignore: decorator
@inline export function relaxation<T>(j: i32, i: usize, dt: f64, x: T, f: T, b: T): void {
  put<T>(column(SLOPE, j) + i, add<T>(x, div<T>(f, b)));
  put<T>(column(STAGES, j) + i, scale<T>(-dt, b));
}

/** The same for a gate, whose target is alpha/(alpha + beta). */
// @ts-ignore: decorator
@inline export function gateRelaxation<T>(j: i32, i: usize, dt: f64, alpha: T, beta: T): void {
  const b = add<T>(alpha, beta);
  put<T>(column(SLOPE, j) + i, div<T>(alpha, b));
  put<T>(column(STAGES, j) + i, scale<T>(-dt, b));
}

// @ts-ignore: decorator
@inline export function relaxed<T>(j: i32, i: usize, x: T): T {
  const target = get<T>(column(SLOPE, j) + i);
  return add<T>(target, mul<T>(sub<T>(x, target), get<T>(column(STAGES, j) + i)));
}

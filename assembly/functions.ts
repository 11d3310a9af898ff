/**
 * Elementary functions that only kernels of equations call. They are those of the compiler's library (after FDLIBM and
 * musl), which are written in + - * / and integers as well: the same bits on every engine, within 1 ulp or little more.
 */

/** Sine of x rad. */
export function sin(x: f64): f64 {
  return NativeMath.sin(x);
}

/** Cosine of x rad. */
export function cos(x: f64): f64 {
  return NativeMath.cos(x);
}

/** Tangent of x rad. */
export function tan(x: f64): f64 {
  return NativeMath.tan(x);
}

/** Arc sine in rad. */
export function asin(x: f64): f64 {
  return NativeMath.asin(x);
}

/** Arc cosine in rad. */
export function acos(x: f64): f64 {
  return NativeMath.acos(x);
}

/** Arc tangent in rad. */
export function atan(x: f64): f64 {
  return NativeMath.atan(x);
}

/** Hyperbolic sine. */
export function sinh(x: f64): f64 {
  return NativeMath.sinh(x);
}

/** Logarithm to the base 10. */
export function log10(x: f64): f64 {
  return NativeMath.log10(x);
}

/** x to the power y. */
export function pow(x: f64, y: f64): f64 {
  return NativeMath.pow(x, y);
}

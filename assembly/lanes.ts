/**
 * Lane arithmetic: one source for SIMD and scalar code.
 *
 * `T` is `v128` (two f64 lanes) or `f64` (one lane). Every function is inlined and resolved at compile time, so a
 * kernel written with them compiles to plain f64x2 or plain f64 instructions. Both do the same IEEE operations in the
 * same order: their results are the same bits.
 */

/** Number of neurons in one `T`. */
// @ts-ignore: decorator
@inline export function lanes<T>(): i32 {
  return isVector<T>() ? 2 : 1;
}

/** Bytes of one `T`. */
// @ts-ignore: decorator
@inline export function width<T>(): usize {
  return isVector<T>() ? 16 : 8;
}

// @ts-ignore: decorator
@inline export function splat<T>(x: f64): T {
  if (isVector<T>()) return f64x2.splat(x);
  // @ts-ignore: T is f64 here
  return x;
}

// @ts-ignore: decorator
@inline export function get<T>(address: usize): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return v128.load(address);
  // @ts-ignore: T is f64 here
  return load<f64>(address);
}

/** Numbers in single precision, as many as T has lanes. */
// @ts-ignore: decorator
@inline export function widen<T>(address: usize): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.promote_low_f32x4(v128.load64_zero(address));
  // @ts-ignore: T is f64 here
  return <f64>load<f32>(address);
}

// @ts-ignore: decorator
@inline export function put<T>(address: usize, x: T): void {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) v128.store(address, x);
  // @ts-ignore: T is f64 here
  else store<f64>(address, x);
}

// @ts-ignore: decorator
@inline export function add<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.add(a, b);
  // @ts-ignore: T is f64 here
  return a + b;
}

// @ts-ignore: decorator
@inline export function sub<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.sub(a, b);
  // @ts-ignore: T is f64 here
  return a - b;
}

// @ts-ignore: decorator
@inline export function mul<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.mul(a, b);
  // @ts-ignore: T is f64 here
  return a * b;
}

// @ts-ignore: decorator
@inline export function div<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.div(a, b);
  // @ts-ignore: T is f64 here
  return a / b;
}

/**
 * The number at an address in all lanes. Constants of kernels stand in memory, made by `memory.data`: a literal in a
 * loop is rebuilt at every use by some engines (V8 since Node 22), a load is one instruction everywhere.
 */
// @ts-ignore: decorator
@inline export function constant<T>(address: usize): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return v128.load_splat<f64>(address);
  // @ts-ignore: T is f64 here
  return load<f64>(address);
}

/** a times a number. */
// @ts-ignore: decorator
@inline export function scale<T>(k: f64, a: T): T {
  return mul<T>(splat<T>(k), a);
}

/** alpha (1 - x) - beta x: a gate opens with the rate alpha and closes with beta. */
// @ts-ignore: decorator
@inline export function relax<T>(alpha: T, beta: T, x: T): T {
  return sub<T>(alpha, mul<T>(add<T>(alpha, beta), x));
}

// @ts-ignore: decorator
@inline export function abs<T>(a: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.abs(a);
  // @ts-ignore: T is f64 here
  return NativeMath.abs(a);
}

/** a where a < b, else b: one instruction (`pmin`); NaN in a gives b, NaN in b gives b. */
// @ts-ignore: decorator
@inline export function least<T>(a: T, b: T): T {
  // wasm's f64x2.pmin(x, y) is y < x ? y : x
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.pmin(b, a);
  // @ts-ignore: T is f64 here
  return a < b ? a : b;
}

/**
 * Masks. In SIMD code a mask is a v128 whose lanes are all ones or all zeros; in scalar code it is an f64 whose bits
 * are all ones (a NaN) or all zeros, so that masks may live in Float64 columns in both.
 */
// @ts-ignore: decorator
@inline function ones(condition: bool): f64 {
  return reinterpret<f64>(condition ? -1 : 0 as i64);
}

// @ts-ignore: decorator
@inline export function lt<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.lt(a, b);
  // @ts-ignore: T is f64 here
  return ones(a < b);
}

// @ts-ignore: decorator
@inline export function ge<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.ge(a, b);
  // @ts-ignore: T is f64 here
  return ones(a >= b);
}

// @ts-ignore: decorator
@inline export function unlike<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return f64x2.ne(a, b);
  // @ts-ignore: T is f64 here
  return ones(a != b);
}

// @ts-ignore: decorator
@inline export function and<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return v128.and(a, b);
  // @ts-ignore: T is f64 here
  return reinterpret<f64>(reinterpret<i64>(a) & reinterpret<i64>(b));
}

// @ts-ignore: decorator
@inline export function or<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return v128.or(a, b);
  // @ts-ignore: T is f64 here
  return reinterpret<f64>(reinterpret<i64>(a) | reinterpret<i64>(b));
}

/** a and not b. */
// @ts-ignore: decorator
@inline export function andnot<T>(a: T, b: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return v128.andnot(a, b);
  // @ts-ignore: T is f64 here
  return reinterpret<f64>(reinterpret<i64>(a) & ~reinterpret<i64>(b));
}

/** mask ? a : b, lane by lane. */
// @ts-ignore: decorator
@inline export function select<T>(a: T, b: T, mask: T): T {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return v128.bitselect(a, b, mask);
  // @ts-ignore: T is f64 here
  return reinterpret<i64>(mask) != 0 ? a : b;
}

/** One bit per lane: the sign bits of a mask. */
// @ts-ignore: decorator
@inline export function bits<T>(mask: T): i32 {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return i64x2.bitmask(mask);
  // @ts-ignore: T is f64 here
  return <i32>(reinterpret<u64>(mask) >>> 63);
}

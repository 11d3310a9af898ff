/**
 * Elementary functions, written with + - * / and integer operations only: the same bits on every engine, in SIMD and in
 * scalar builds. `exp` and `expBlock` evaluate one formula in one order, so they agree bit for bit.
 *
 * Polynomial coefficients are minimax fits (Remez exchange, 60 digits) made for the reductions used here. Bounds are in
 * units in the last place (ulp) of the exact result, over the whole range; test/core/math.test.ts measures them.
 */
import { abs, add, constant, div, lt, mul, select, sub } from "./lanes";

/** Beyond this |x|, e^x may not be a normal number and the careful path takes over. */
const EXP_FAST: f64 = 708;

/**
 * Constants of exp: log2(e); 1.5 * 2^52, whose addition rounds to an integer and leaves it in the low bits; ln 2 in two
 * parts, the first of 32 bits so that k * LN2_HIGH is exact for |k| < 2^21; 1; EXP_FAST; then the ten coefficients of
 * q in e^r = 1 + r + r^2 q(r), |r| <= ln(2) / 2, whose relative error is below 6e-18.
 */
const EXP: usize = memory.data<f64>([
  1.4426950408889634, 6755399441055744, 0.6931471803691238, 1.9082149292705877e-10, 1, 708,
  0.5000000000000011, 0.16666666666666646, 0.0416666666665522, 0.008333333333391776, 0.0013888888935393309,
  0.00019841269659251907, 2.4801502577566053e-5, 2.7557495047572624e-6, 2.762676406115495e-7, 2.5018223788220566e-8,
], 16);

/** Where the nearest multiple of ln(2) is 0: a little below ln(2)/2. */
const EXP_SMALL: usize = memory.data<f64>([0.3465]);

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;

// @ts-ignore: decorator
@inline function expConstant(i: usize): f64 {
  return load<f64>(EXP + (i << 3));
}

/** q(r) of exp from its even and odd terms: two chains in place of one, no more operations. */
// @ts-ignore: decorator
@inline function expTail(r: f64, r2: f64): f64 {
  const even =
    expConstant(6) + r2 * (expConstant(8) + r2 * (expConstant(10) + r2 * (expConstant(12) + r2 * expConstant(14))));
  const odd =
    expConstant(7) + r2 * (expConstant(9) + r2 * (expConstant(11) + r2 * (expConstant(13) + r2 * expConstant(15))));
  return even + r * odd;
}

/** e^x 2^shift, correctly scaled when the result is denormal or overflows; |x| < 1100. */
function expScaled(x: f64, shift: i32): f64 {
  const t = x * expConstant(0) + expConstant(1);
  const k = t - expConstant(1);
  const high = x - k * expConstant(2);
  const low = k * expConstant(3);
  const r = high - low;
  const r2 = r * r;
  const y = expConstant(4) + (high + (r2 * expTail(r, r2) - low));
  // Two factors: the first product is exact, so a denormal result is rounded once.
  const n = <i32>k + shift;
  const half = n >> 1;
  return y * powerOfTwo(half) * powerOfTwo(n - half);
}

/** 2^n for -1022 <= n <= 1023. */
// @ts-ignore: decorator
@inline function powerOfTwo(n: i32): f64 {
  return reinterpret<f64>((<i64>n + 1023) << 52);
}

function expCareful(x: f64): f64 {
  if (x != x) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  return expScaled(x, 0);
}

/** e^x within 1 ulp, denormal results included. */
export function exp(x: f64): f64 {
  if (!(NativeMath.abs(x) <= EXP_FAST)) return expCareful(x);
  const t = x * expConstant(0) + expConstant(1);
  const k = t - expConstant(1);
  // `high` is exact: added last, `low` apart, it keeps the rounding of r out of the leading term.
  const high = x - k * expConstant(2);
  const low = k * expConstant(3);
  const r = high - low;
  const r2 = r * r;
  const y = expConstant(4) + (high + (r2 * expTail(r, r2) - low));
  // k goes straight into the exponent field.
  return reinterpret<f64>(reinterpret<i64>(y) + (reinterpret<i64>(t) << 52));
}

function expEach(address: usize, count: i32): void {
  const end = address + (<usize>count << 3);
  while (address < end) {
    store<f64>(address, exp(load<f64>(address)));
    address += 8;
  }
}

/**
 * Replaces `count` numbers (a multiple of 16) at a 16-byte aligned address by their exponentials: the bits of `exp`.
 *
 * Four vectors go through each statement together to fill the pipelines. The constants are read from memory once: as
 * literals in the loop some engines would rebuild them at every use.
 */
export function expBlock(address: usize, count: i32): void {
  if (!ASC_FEATURE_SIMD) {
    expEach(address, count);
  } else {
    const log2e = v128.load_splat<f64>(EXP, 0);
    const magic = v128.load_splat<f64>(EXP, 8);
    const ln2High = v128.load_splat<f64>(EXP, 16);
    const ln2Low = v128.load_splat<f64>(EXP, 24);
    const one = v128.load_splat<f64>(EXP, 32);
    const limit = v128.load_splat<f64>(EXP, 40);
    const c0 = v128.load_splat<f64>(EXP, 48);
    const c1 = v128.load_splat<f64>(EXP, 56);
    const c2 = v128.load_splat<f64>(EXP, 64);
    const c3 = v128.load_splat<f64>(EXP, 72);
    const c4 = v128.load_splat<f64>(EXP, 80);
    const c5 = v128.load_splat<f64>(EXP, 88);
    const c6 = v128.load_splat<f64>(EXP, 96);
    const c7 = v128.load_splat<f64>(EXP, 104);
    const c8 = v128.load_splat<f64>(EXP, 112);
    const c9 = v128.load_splat<f64>(EXP, 120);
    const end = address + (<usize>count << 3);
    if (address >= end) return;
    do {
      const x0 = v128.load(address, 0);
      const x1 = v128.load(address, 16);
      const x2 = v128.load(address, 32);
      const x3 = v128.load(address, 48);
      const fast = v128.and(
        v128.and(f64x2.le(f64x2.abs(x0), limit), f64x2.le(f64x2.abs(x1), limit)),
        v128.and(f64x2.le(f64x2.abs(x2), limit), f64x2.le(f64x2.abs(x3), limit)));
      if (i64x2.all_true(fast)) {
        const t0 = f64x2.add(f64x2.mul(x0, log2e), magic);
        const t1 = f64x2.add(f64x2.mul(x1, log2e), magic);
        const t2 = f64x2.add(f64x2.mul(x2, log2e), magic);
        const t3 = f64x2.add(f64x2.mul(x3, log2e), magic);
        const k0 = f64x2.sub(t0, magic);
        const k1 = f64x2.sub(t1, magic);
        const k2 = f64x2.sub(t2, magic);
        const k3 = f64x2.sub(t3, magic);
        const r0 = f64x2.sub(f64x2.sub(x0, f64x2.mul(k0, ln2High)), f64x2.mul(k0, ln2Low));
        const r1 = f64x2.sub(f64x2.sub(x1, f64x2.mul(k1, ln2High)), f64x2.mul(k1, ln2Low));
        const r2 = f64x2.sub(f64x2.sub(x2, f64x2.mul(k2, ln2High)), f64x2.mul(k2, ln2Low));
        const r3 = f64x2.sub(f64x2.sub(x3, f64x2.mul(k3, ln2High)), f64x2.mul(k3, ln2Low));
        const s0 = f64x2.mul(r0, r0);
        const s1 = f64x2.mul(r1, r1);
        const s2 = f64x2.mul(r2, r2);
        const s3 = f64x2.mul(r3, r3);
        let even0 = f64x2.add(c6, f64x2.mul(s0, c8));
        let even1 = f64x2.add(c6, f64x2.mul(s1, c8));
        let even2 = f64x2.add(c6, f64x2.mul(s2, c8));
        let even3 = f64x2.add(c6, f64x2.mul(s3, c8));
        let odd0 = f64x2.add(c7, f64x2.mul(s0, c9));
        let odd1 = f64x2.add(c7, f64x2.mul(s1, c9));
        let odd2 = f64x2.add(c7, f64x2.mul(s2, c9));
        let odd3 = f64x2.add(c7, f64x2.mul(s3, c9));
        even0 = f64x2.add(c4, f64x2.mul(s0, even0));
        even1 = f64x2.add(c4, f64x2.mul(s1, even1));
        even2 = f64x2.add(c4, f64x2.mul(s2, even2));
        even3 = f64x2.add(c4, f64x2.mul(s3, even3));
        odd0 = f64x2.add(c5, f64x2.mul(s0, odd0));
        odd1 = f64x2.add(c5, f64x2.mul(s1, odd1));
        odd2 = f64x2.add(c5, f64x2.mul(s2, odd2));
        odd3 = f64x2.add(c5, f64x2.mul(s3, odd3));
        even0 = f64x2.add(c2, f64x2.mul(s0, even0));
        even1 = f64x2.add(c2, f64x2.mul(s1, even1));
        even2 = f64x2.add(c2, f64x2.mul(s2, even2));
        even3 = f64x2.add(c2, f64x2.mul(s3, even3));
        odd0 = f64x2.add(c3, f64x2.mul(s0, odd0));
        odd1 = f64x2.add(c3, f64x2.mul(s1, odd1));
        odd2 = f64x2.add(c3, f64x2.mul(s2, odd2));
        odd3 = f64x2.add(c3, f64x2.mul(s3, odd3));
        even0 = f64x2.add(c0, f64x2.mul(s0, even0));
        even1 = f64x2.add(c0, f64x2.mul(s1, even1));
        even2 = f64x2.add(c0, f64x2.mul(s2, even2));
        even3 = f64x2.add(c0, f64x2.mul(s3, even3));
        odd0 = f64x2.add(c1, f64x2.mul(s0, odd0));
        odd1 = f64x2.add(c1, f64x2.mul(s1, odd1));
        odd2 = f64x2.add(c1, f64x2.mul(s2, odd2));
        odd3 = f64x2.add(c1, f64x2.mul(s3, odd3));
        const q0 = f64x2.add(even0, f64x2.mul(r0, odd0));
        const q1 = f64x2.add(even1, f64x2.mul(r1, odd1));
        const q2 = f64x2.add(even2, f64x2.mul(r2, odd2));
        const q3 = f64x2.add(even3, f64x2.mul(r3, odd3));
        // The two parts of r once more, not kept: that many live values would not fit the registers.
        const tail0 = f64x2.sub(f64x2.mul(s0, q0), f64x2.mul(k0, ln2Low));
        const tail1 = f64x2.sub(f64x2.mul(s1, q1), f64x2.mul(k1, ln2Low));
        const tail2 = f64x2.sub(f64x2.mul(s2, q2), f64x2.mul(k2, ln2Low));
        const tail3 = f64x2.sub(f64x2.mul(s3, q3), f64x2.mul(k3, ln2Low));
        const y0 = f64x2.add(one, f64x2.add(f64x2.sub(x0, f64x2.mul(k0, ln2High)), tail0));
        const y1 = f64x2.add(one, f64x2.add(f64x2.sub(x1, f64x2.mul(k1, ln2High)), tail1));
        const y2 = f64x2.add(one, f64x2.add(f64x2.sub(x2, f64x2.mul(k2, ln2High)), tail2));
        const y3 = f64x2.add(one, f64x2.add(f64x2.sub(x3, f64x2.mul(k3, ln2High)), tail3));
        v128.store(address, i64x2.add(y0, i64x2.shl(t0, 52)), 0);
        v128.store(address, i64x2.add(y1, i64x2.shl(t1, 52)), 16);
        v128.store(address, i64x2.add(y2, i64x2.shl(t2, 52)), 32);
        v128.store(address, i64x2.add(y3, i64x2.shl(t3, 52)), 48);
      } else {
        expEach(address, 8);
      }
      address += 64;
    } while (address < end);
  }
}

/**
 * `expBlock` for the small exponents of decays over a step: where all eight lie within ln(2)/2 nothing is taken apart,
 * and a third of the work falls away. The bits are the same, as k is 0 there.
 */
export function expDecays(address: usize, count: i32): void {
  if (!ASC_FEATURE_SIMD) expEach(address, count);
  else small<Decay>(address, count);
}

/** Replaces numbers like `expBlock`, by their exprel: the bits of `exprel`. Fast where they lie within ln(2)/2. */
export function exprelBlock(address: usize, count: i32): void {
  if (!ASC_FEATURE_SIMD) exprelEach(address, count);
  else small<Relative>(address, count);
}

function exprelEach(address: usize, count: i32): void {
  const end = address + (<usize>count << 3);
  for (; address < end; address += 8) store<f64>(address, exprel(load<f64>(address)));
}

/** Marker types: e^x, or (e^x - 1)/x. */
type Decay = i32;
type Relative = i64;

function small<K>(address: usize, count: i32): void {
  if (ASC_FEATURE_SIMD) {
    const small = v128.load_splat<f64>(EXP_SMALL);
    const one = v128.load_splat<f64>(EXP, 32);
    const c0 = v128.load_splat<f64>(EXP, 48);
    const c1 = v128.load_splat<f64>(EXP, 56);
    const c2 = v128.load_splat<f64>(EXP, 64);
    const c3 = v128.load_splat<f64>(EXP, 72);
    const c4 = v128.load_splat<f64>(EXP, 80);
    const c5 = v128.load_splat<f64>(EXP, 88);
    const c6 = v128.load_splat<f64>(EXP, 96);
    const c7 = v128.load_splat<f64>(EXP, 104);
    const c8 = v128.load_splat<f64>(EXP, 112);
    const c9 = v128.load_splat<f64>(EXP, 120);
    const end = address + (<usize>count << 3);
    for (; address < end; address += 64) {
      const x0 = v128.load(address, 0);
      const x1 = v128.load(address, 16);
      const x2 = v128.load(address, 32);
      const x3 = v128.load(address, 48);
      const fits = v128.and(
        v128.and(f64x2.le(f64x2.abs(x0), small), f64x2.le(f64x2.abs(x1), small)),
        v128.and(f64x2.le(f64x2.abs(x2), small), f64x2.le(f64x2.abs(x3), small)));
      if (!i64x2.all_true(fits)) {
        if (sizeof<K>() == 4) expBlock(address, 8);
        else exprelEach(address, 8);
        continue;
      }
      const s0 = f64x2.mul(x0, x0);
      const s1 = f64x2.mul(x1, x1);
      const s2 = f64x2.mul(x2, x2);
      const s3 = f64x2.mul(x3, x3);
      let even0 = f64x2.add(c6, f64x2.mul(s0, c8));
      let even1 = f64x2.add(c6, f64x2.mul(s1, c8));
      let even2 = f64x2.add(c6, f64x2.mul(s2, c8));
      let even3 = f64x2.add(c6, f64x2.mul(s3, c8));
      let odd0 = f64x2.add(c7, f64x2.mul(s0, c9));
      let odd1 = f64x2.add(c7, f64x2.mul(s1, c9));
      let odd2 = f64x2.add(c7, f64x2.mul(s2, c9));
      let odd3 = f64x2.add(c7, f64x2.mul(s3, c9));
      even0 = f64x2.add(c4, f64x2.mul(s0, even0));
      even1 = f64x2.add(c4, f64x2.mul(s1, even1));
      even2 = f64x2.add(c4, f64x2.mul(s2, even2));
      even3 = f64x2.add(c4, f64x2.mul(s3, even3));
      odd0 = f64x2.add(c5, f64x2.mul(s0, odd0));
      odd1 = f64x2.add(c5, f64x2.mul(s1, odd1));
      odd2 = f64x2.add(c5, f64x2.mul(s2, odd2));
      odd3 = f64x2.add(c5, f64x2.mul(s3, odd3));
      even0 = f64x2.add(c2, f64x2.mul(s0, even0));
      even1 = f64x2.add(c2, f64x2.mul(s1, even1));
      even2 = f64x2.add(c2, f64x2.mul(s2, even2));
      even3 = f64x2.add(c2, f64x2.mul(s3, even3));
      odd0 = f64x2.add(c3, f64x2.mul(s0, odd0));
      odd1 = f64x2.add(c3, f64x2.mul(s1, odd1));
      odd2 = f64x2.add(c3, f64x2.mul(s2, odd2));
      odd3 = f64x2.add(c3, f64x2.mul(s3, odd3));
      even0 = f64x2.add(c0, f64x2.mul(s0, even0));
      even1 = f64x2.add(c0, f64x2.mul(s1, even1));
      even2 = f64x2.add(c0, f64x2.mul(s2, even2));
      even3 = f64x2.add(c0, f64x2.mul(s3, even3));
      odd0 = f64x2.add(c1, f64x2.mul(s0, odd0));
      odd1 = f64x2.add(c1, f64x2.mul(s1, odd1));
      odd2 = f64x2.add(c1, f64x2.mul(s2, odd2));
      odd3 = f64x2.add(c1, f64x2.mul(s3, odd3));
      const q0 = f64x2.add(even0, f64x2.mul(x0, odd0));
      const q1 = f64x2.add(even1, f64x2.mul(x1, odd1));
      const q2 = f64x2.add(even2, f64x2.mul(x2, odd2));
      const q3 = f64x2.add(even3, f64x2.mul(x3, odd3));
      const p0 = sizeof<K>() == 4 ? f64x2.add(x0, f64x2.mul(s0, q0)) : f64x2.mul(x0, q0);
      const p1 = sizeof<K>() == 4 ? f64x2.add(x1, f64x2.mul(s1, q1)) : f64x2.mul(x1, q1);
      const p2 = sizeof<K>() == 4 ? f64x2.add(x2, f64x2.mul(s2, q2)) : f64x2.mul(x2, q2);
      const p3 = sizeof<K>() == 4 ? f64x2.add(x3, f64x2.mul(s3, q3)) : f64x2.mul(x3, q3);
      v128.store(address, f64x2.add(one, p0), 0);
      v128.store(address, f64x2.add(one, p1), 16);
      v128.store(address, f64x2.add(one, p2), 32);
      v128.store(address, f64x2.add(one, p3), 48);
    }
  }
}

/** e^x - 1 within 1.1 ulp. */
export function expm1(x: f64): f64 {
  if (x != x) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -38) return -1;
  if (x > 40) return exp(x);
  if (NativeMath.abs(x) < 0.34657359027997264) {
    const x2 = x * x;
    // x2 underflows long before the sum would lose the sign of zero
    return x2 == 0 ? x : x + x2 * expTail(x, x2);
  }
  const k = x * expConstant(0) + expConstant(1) - expConstant(1);
  const high = x - k * expConstant(2);
  const low = k * expConstant(3);
  const r = high - low;
  const r2 = r * r;
  const tail = r2 * expTail(r, r2) - low;
  // e^x - 1 = 2^k (p + (1 - 2^-k)), p = e^r - 1: both sums keep their rounding errors, for p may cancel most of the
  // rest.
  const p = high + tail;
  const pError = tail - (p - high);
  const n = <i32>k;
  const rest = 1 - powerOfTwo(-n);
  const sum = rest + p;
  const big = NativeMath.abs(rest) >= NativeMath.abs(p);
  const sumError = big ? p - (sum - rest) : rest - (sum - p);
  return (sum + (sumError + pError)) * powerOfTwo(n);
}

/** (e^x - 1) / x, 1 at 0, within 1.7 ulp. */
export function exprel(x: f64): f64 {
  if (x != x) return NaN;
  if (NativeMath.abs(x) < 0.34657359027997264) return 1 + x * expTail(x, x * x);
  if (x <= 709) return expm1(x) / x;
  if (x > 720) return Infinity;
  // e^x alone may overflow where the quotient does not.
  return expScaled(x, -64) / x * 1.8446744073709552e19;
}

/**
 * log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)) with s = f / (2 + f), for sqrt(1/2) <= 1 + f < sqrt(2): what follows f.
 * R is the series 2 artanh(s)/s - 2, relative error of the logarithm 4e-18.
 */
// @ts-ignore: decorator
@inline function logTail(f: f64, half: f64): f64 {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = z * (0.6666666666666735 + w * (0.28571428742824734 + w * (0.1818356703187858 + w * 0.14796728788608138)));
  const even = w * (0.3999999999941289 + w * (0.22222198524617826 + w * 0.15313976910000965));
  return s * (half + (even + odd));
}

/** Natural logarithm within 1 ulp; -infinity at 0, NaN below. */
export function log(x: f64): f64 {
  let b = reinterpret<u64>(x);
  let k: i32 = 0;
  if (b < 0x0010000000000000 || b >> 63 != 0) {
    if (b << 1 == 0) return -Infinity;
    if (b >> 63 != 0) return NaN;
    b = reinterpret<u64>(x * 18014398509481984); // denormal: times 2^54
    k = -54;
  } else if (b >= 0x7ff0000000000000) {
    return b == 0x7ff0000000000000 ? x : NaN;
  }
  // x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2); 0x3fe6a09e667f3bcd is sqrt(1/2)
  b += 0x3ff0000000000000 - 0x3fe6a09e667f3bcd;
  k += <i32>(b >> 52) - 1023;
  const f = reinterpret<f64>((b & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd) - 1;
  const half = 0.5 * f * f;
  const n = <f64>k;
  return logTail(f, half) + n * LN2_LOW - half + f + n * LN2_HIGH;
}

/** log(1 + x) within 1 ulp. */
export function log1p(x: f64): f64 {
  if (x != x || x < -1) return NaN;
  if (x == -1) return -Infinity;
  if (x == Infinity) return x;
  if (NativeMath.abs(x) < 1.1102230246251565e-16) return x;
  if (x > -0.2928 && x < 0.4142) {
    const half = 0.5 * x * x;
    return x - (half - logTail(x, half));
  }
  const u = 1 + x;
  let b = reinterpret<u64>(u) + (0x3ff0000000000000 - 0x3fe6a09e667f3bcd);
  const k = <i32>(b >> 52) - 1023;
  // what rounding took from 1 + x
  const lost = k >= 54 ? 0 : (k >= 2 ? 1 - (u - x) : x - (u - 1)) / u;
  const f = reinterpret<f64>((b & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd) - 1;
  const half = 0.5 * f * f;
  const n = <f64>k;
  return logTail(f, half) + (n * LN2_LOW + lost) - half + f + n * LN2_HIGH;
}

/** Hyperbolic tangent within 2.2 ulp. */
export function tanh(x: f64): f64 {
  if (x != x) return NaN;
  const a = NativeMath.abs(x);
  let y: f64;
  if (a > 22) {
    y = 1;
  } else if (a > 0.5493) {
    y = 1 - 2 / (expm1(2 * a) + 2);
  } else if (a > 0.2554) {
    const t = expm1(2 * a);
    y = t / (t + 2);
  } else if (a > 1e-150) {
    const t = expm1(-2 * a);
    y = -t / (t + 2);
  } else {
    y = a;
  }
  return copysign<f64>(y, x);
}

/** Hyperbolic cosine within 1.5 ulp. */
export function cosh(x: f64): f64 {
  if (x != x) return NaN;
  const a = NativeMath.abs(x);
  if (a < 0.34657359027997264) {
    const t = expm1(a);
    const w = 1 + t;
    return 1 + (t * t) / (w + w);
  }
  if (a < 22) {
    const t = exp(a);
    return 0.5 * t + 0.5 / t;
  }
  if (a > 711) return Infinity;
  return expScaled(a, -1);
}

/** sin(2 pi d), |d| <= 1/8: 2 pi d is summed from an exact product of short factors and its rest. */
// @ts-ignore: decorator
@inline function sinEighth(d: f64): f64 {
  const y = d * d;
  const top = reinterpret<f64>(reinterpret<u64>(d) & 0xfffffffffc000000);
  const product = top * 6.283185243606567;
  const rest = top * 6.357301909411278e-8 + (d - top) * 6.283185307179586;
  const y2 = y * y;
  const series = -41.34170224039968 + y * 81.60524927596823 + y2 * (-76.70585970878481 + y * 42.05868550676362
    + y2 * (-15.09382932299114 + y * 3.7813664105908815));
  return product + (rest + d * y * series);
}

/** cos(2 pi d), |d| <= 1/8: 1 - 2 pi^2 d^2 + ..., with what 1 - half loses and the low part of 2 pi^2. */
// @ts-ignore: decorator
@inline function cosEighth(d: f64): f64 {
  const y = d * d;
  const y2 = y * y;
  const half = 19.739208802178716 * y;
  const w = 1 - half;
  const series = 64.93939402266818 - y * 85.45681720660298 + y2 * (60.244641342496074 - y * 26.426252114472838
    + y2 * (7.90314518309189 - y * 1.6977896017053067));
  return w + ((1 - w - half) + (y2 * series - 1.2530591017479423e-15 * y));
}

/** sin(2 pi x) within 1 ulp for every finite x: turns reduce without error. */
export function sinTurns(x: f64): f64 {
  if (!(NativeMath.abs(x) < Infinity)) return NaN;
  const turn = NativeMath.abs(x);
  const r = turn - nearest<f64>(turn);
  const quarter = nearest<f64>(4 * r);
  const d = r - 0.25 * quarter;
  const q = <i32>quarter & 3;
  let y = q & 1 ? cosEighth(d) : sinEighth(d);
  if (q & 2) y = -y;
  if (y == 0) y = 0; // one sign of zero for all multiples of half a turn, then the sign of x
  return x < 0 || reinterpret<i64>(x) < 0 ? -y : y;
}

/** cos(2 pi x) within 1 ulp for every finite x. */
export function cosTurns(x: f64): f64 {
  if (!(NativeMath.abs(x) < Infinity)) return NaN;
  const turn = NativeMath.abs(x);
  const r = turn - nearest<f64>(turn);
  const quarter = nearest<f64>(4 * r);
  const d = r - 0.25 * quarter;
  const q = <i32>quarter & 3;
  const y = q & 1 ? sinEighth(d) : cosEighth(d);
  return q == 1 || q == 2 ? 0 - y : y;
}

/** `log` of two normal positive numbers. */
// @ts-ignore: decorator
@inline export function logs(x: v128): v128 {
  const b = i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e667f3bcd));
  const biased = v128.or(i64x2.shr_u(b, 52), i64x2.splat(0x4330000000000000));
  const n = f64x2.sub(biased, f64x2.splat(4503599627371519));
  const m = i64x2.add(v128.and(b, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3fe6a09e667f3bcd));
  const f = f64x2.sub(m, f64x2.splat(1));
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  const odd3 = plusTimes(0.1818356703187858, w, f64x2.splat(0.14796728788608138));
  const odd = f64x2.mul(z, plusTimes(0.6666666666666735, w, plusTimes(0.28571428742824734, w, odd3)));
  const even2 = plusTimes(0.22222198524617826, w, f64x2.splat(0.15313976910000965));
  const even = f64x2.mul(w, plusTimes(0.3999999999941289, w, even2));
  const tail = f64x2.mul(s, f64x2.add(half, f64x2.add(odd, even)));
  const low = f64x2.add(tail, f64x2.mul(n, f64x2.splat(LN2_LOW)));
  return f64x2.add(f64x2.add(f64x2.sub(low, half), f), f64x2.mul(n, f64x2.splat(LN2_HIGH)));
}

/** a + x y */
// @ts-ignore: decorator
@inline function plusTimes(a: f64, x: v128, y: v128): v128 {
  return f64x2.add(f64x2.splat(a), f64x2.mul(x, y));
}

/** `sinEighth` of two numbers. */
// @ts-ignore: decorator
@inline export function sinEighths(d: v128): v128 {
  const y = f64x2.mul(d, d);
  const top = v128.and(d, i64x2.splat(0xfffffffffc000000));
  const product = f64x2.mul(top, f64x2.splat(6.283185243606567));
  const rest = f64x2.add(f64x2.mul(top, f64x2.splat(6.357301909411278e-8)),
    f64x2.mul(f64x2.sub(d, top), f64x2.splat(6.283185307179586)));
  const y2 = f64x2.mul(y, y);
  const last = plusTimes(-15.09382932299114, y, f64x2.splat(3.7813664105908815));
  const middle = f64x2.add(plusTimes(-76.70585970878481, y, f64x2.splat(42.05868550676362)), f64x2.mul(y2, last));
  const series = f64x2.add(plusTimes(-41.34170224039968, y, f64x2.splat(81.60524927596823)), f64x2.mul(y2, middle));
  return f64x2.add(product, f64x2.add(rest, f64x2.mul(f64x2.mul(d, y), series)));
}

/** `cosEighth` of two numbers. */
// @ts-ignore: decorator
@inline export function cosEighths(d: v128): v128 {
  const y = f64x2.mul(d, d);
  const y2 = f64x2.mul(y, y);
  const half = f64x2.mul(f64x2.splat(19.739208802178716), y);
  const w = f64x2.sub(f64x2.splat(1), half);
  const last = minusTimes(7.90314518309189, y, 1.6977896017053067);
  const middle = f64x2.add(minusTimes(60.244641342496074, y, 26.426252114472838), f64x2.mul(y2, last));
  const series = f64x2.add(minusTimes(64.93939402266818, y, 85.45681720660298), f64x2.mul(y2, middle));
  const lost = f64x2.sub(f64x2.sub(f64x2.splat(1), w), half);
  const more = f64x2.sub(f64x2.mul(y2, series), f64x2.mul(f64x2.splat(1.2530591017479423e-15), y));
  return f64x2.add(w, f64x2.add(lost, more));
}

/** a - x b */
// @ts-ignore: decorator
@inline function minusTimes(a: f64, x: v128, b: f64): v128 {
  return f64x2.sub(f64x2.splat(a), f64x2.mul(x, f64x2.splat(b)));
}

/** 1, 1/12, 1/720, 1/2; where the series ends. */
const RATIO: usize = memory.data<f64>([1, 0.08333333333333333, 0.001388888888888889, 0.5, 0.02], 16);

/**
 * x / (e^x - 1) for a finite x whose E = e^x is at hand; 0 where E has overflowed. Near 0, where E - 1 cancels, the
 * series 1 - x/2 + x^2/12 - x^4/720 takes over. The relative error of the series is below 2.5e-15, that of the quotient
 * below 1.2e-14 (at the edge; 3e-16 for large |x|).
 */
// @ts-ignore: decorator
@inline export function ratio<T>(x: T, E: T): T {
  const one = constant<T>(RATIO);
  const square = mul<T>(x, x);
  const even = sub<T>(constant<T>(RATIO + 8), mul<T>(constant<T>(RATIO + 16), square));
  const series = add<T>(sub<T>(one, mul<T>(constant<T>(RATIO + 24), x)), mul<T>(square, even));
  return select<T>(series, div<T>(x, sub<T>(E, one)), lt<T>(abs<T>(x), constant<T>(RATIO + 32)));
}

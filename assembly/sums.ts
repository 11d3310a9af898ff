/**
 * What arrives for neurons that are advanced by events and cannot make them spike: sums in the place of touches.
 *
 * A linear neuron answers to a weight w that arrives in step s with w sum_i a_i(s) u_i(T) at a later step T, where
 * a_i(s) = c_i lambda_i^-s and u_i(T) is lambda_i^T times a vector (src/lang/modes.ts). So a sum over i of what came, w
 * a_i(s), is all that a later touch has to know of any number of arrivals. Beside the sums stands how much may still
 * come before the neuron could reach its threshold: its slack, negative where it has to be touched. Steps are counted
 * from an origin that follows them in strides, so that no power grows out of bounds.
 */
import { Pack } from "./abi";
import { exists } from "./memory";
import { Receptor } from "./receptors/receptor";

/** What a population has for it. */
@unmanaged
export class Summed extends Pack {
  receptors: Receptor;
  /** Bytes of a neuron: its slack, then so many sums; elements of its vector. */
  sumBytes: usize;
  modes: i32;
  elements: i32;
  /** Numbers that the host has written. */
  modeNumbers: usize;
  /** Steps from one origin to the next; 0 where nothing is summed. */
  span: i32;
  origin: f64;
}

/** Powers are products of two: of 0 to 63 and of 0 to 64 times 64 steps. */
const LOW: usize = 64;
const POWERS: usize = 129;

/*
 * The numbers (src/lang/modes.ts): the span; what the sums are multiplied with at the start of a step and at its end,
 * an element of the vector after the other for each mode (written here); what each receptor adds to the sums per
 * weight, sumBytes each, of which the first 8 are not used (written here); for each mode whether its sum is weighted
 * with s; u and v of u(T) = lambda^T (u + T v), laid out as what they go into; the powers of 1/lambda and of lambda of
 * each mode; of each receptor `rises`, `falls` and c.
 */

// @ts-ignore: decorator
@inline function factorsAt(k: Summed): usize {
  return k.modeNumbers + 8;
}

// @ts-ignore: decorator
@inline function sharesAt(k: Summed): usize {
  return factorsAt(k) + ((<usize>(2 * k.modes * k.elements)) << 3);
}

function kindsAt(k: Summed): usize {
  let at = sharesAt(k);
  for (let r = k.receptors; exists(r); r = r.next) at += k.sumBytes;
  return at;
}

// @ts-ignore: decorator
@inline function partsAt(k: Summed, kinds: usize): usize {
  return kinds + ((<usize>k.modes) << 3);
}

/** Powers of 1/lambda (0) or lambda (1) of a mode. */
// @ts-ignore: decorator
@inline function powersAt(k: Summed, kinds: usize, mode: i32, which: usize): usize {
  const first = partsAt(k, kinds) + ((<usize>(2 * k.modes * k.elements)) << 3);
  return first + (((<usize>mode * 2 + which) * POWERS) << 3);
}

// @ts-ignore: decorator
@inline function receptorsAt(k: Summed, kinds: usize): usize {
  return powersAt(k, kinds, k.modes, 0);
}

// @ts-ignore: decorator
@inline function power(table: usize, n: usize): f64 {
  return load<f64>(table + ((n & (LOW - 1)) << 3)) * load<f64>(table + ((LOW + n / LOW) << 3));
}

/** Nothing has been summed; the receptors learn where their arrivals go. */
export function beginSums(k: Summed, now: f64): void {
  k.span = k.modes > 0 ? <i32>load<f64>(k.modeNumbers) : 0;
  for (let r = k.receptors; exists(r); r = r.next) r.sums = 0;
  if (k.modes == 0) return;
  k.origin = k.span > 0 ? now - <f64>(<i64>now % <i64>k.span) : 0;
  let shares = sharesAt(k);
  let own = receptorsAt(k, kindsAt(k));
  for (let r = k.receptors; exists(r); r = r.next) {
    if (k.span > 0) r.sums = k.sums;
    r.sumBytes = k.sumBytes;
    r.shares = shares;
    r.rises = load<f64>(own);
    r.falls = load<f64>(own, 8);
    shares += k.sumBytes;
    own += (2 + <usize>k.modes) << 3;
  }
  memory.fill(k.sums, 0, <usize>k.size * k.sumBytes);
  distrustAll(k);
}

/** All neurons are touched when the next thing arrives for them. */
export function distrustAll(k: Summed): void {
  if (k.modes == 0) return;
  const end = k.sums + <usize>k.size * k.sumBytes;
  for (let at = k.sums; at < end; at += k.sumBytes) store<f64>(at, -Infinity);
}

/** What arrives in step `now` counts from its end; neurons are touched at its end. */
export function beginStep(k: Summed): void {
  if (k.span == 0) return;
  const now = k.now;
  const kinds = kindsAt(k);
  if (now - k.origin >= <f64>k.span) moveOrigin(k, kinds);
  const s = now + 1 - k.origin;
  let own = receptorsAt(k, kinds);
  for (let r = k.receptors; exists(r); r = r.next) {
    for (let i = 0; i < k.modes; i++) {
      const at = (<usize>i) << 3;
      let share = load<f64>(own + at, 16) * power(powersAt(k, kinds, i, 0), <usize>s);
      if (load<f64>(kinds + at) != 0) share *= s;
      store<f64>(r.shares + at, share, 8);
    }
    own += (2 + <usize>k.modes) << 3;
  }
  takeSums(k, now);
  takeFactors(k, now + 1, factorsAt(k) + ((<usize>(k.modes * k.elements)) << 3));
}

/** Looks take the sums as they act at the start of a step. */
export function takeSums(k: Summed, step: f64): void {
  if (k.span > 0) takeFactors(k, step, factorsAt(k));
}

/** u of each mode at the start of a step. */
function takeFactors(k: Summed, step: f64, into: usize): void {
  const kinds = kindsAt(k);
  const T = step - k.origin;
  const u = partsAt(k, kinds);
  const v = u + ((<usize>(k.modes * k.elements)) << 3);
  for (let i = 0, at: usize = 0; i < k.modes; i++) {
    const lambda = power(powersAt(k, kinds, i, 1), <usize>T);
    for (let j = 0; j < k.elements; j++, at += 8) {
      store<f64>(into + at, lambda * (load<f64>(u + at) + T * load<f64>(v + at)));
    }
  }
}

/** Steps are counted from `span` steps later on. */
function moveOrigin(k: Summed, kinds: usize): void {
  k.origin += <f64>k.span;
  const end = k.sums + <usize>k.size * k.sumBytes;
  for (let i = 0; i < k.modes; i++) {
    const place = (<usize>(1 + i)) << 3;
    const factor = power(powersAt(k, kinds, i, 1), <usize>k.span);
    // A sum weighted with s follows the one that is not, which has been moved before.
    const weighted = load<f64>(kinds + ((<usize>i) << 3)) != 0;
    for (let at = k.sums + place; at < end; at += k.sumBytes) {
      const sum = factor * load<f64>(at);
      store<f64>(at, weighted ? sum - <f64>k.span * load<f64>(at - 8) : sum);
    }
  }
}

/** A weight that is to arrive takes from the slack of a neuron. */
// @ts-ignore: decorator
@inline export function claim(r: Receptor, n: u32, w: f64): void {
  const at = r.sums + <usize>n * r.sumBytes;
  store<f64>(at, load<f64>(at) - w * (w > 0 ? r.rises : r.falls));
}

/** Adds a weight to the sums of a neuron, unless it has to be touched: then nothing happens. Whether it was added. */
// @ts-ignore: decorator
@inline export function addToSums(r: Receptor, n: u32, w: f64): bool {
  const at = r.sums + <usize>n * r.sumBytes;
  if (!(load<f64>(at) >= 0)) return false;
  join(at, r.shares, w, r.sumBytes);
  return true;
}

// @ts-ignore: decorator
@inline function join(at: usize, shares: usize, w: f64, bytes: usize): void {
  store<f64>(at, load<f64>(at, 8) + w * load<f64>(shares, 8), 8);
  if (ASC_FEATURE_SIMD) {
    const x = f64x2.splat(w);
    v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(x, v128.load(shares, 16))), 16);
    if (bytes == 32) return;
    v128.store(at, f64x2.add(v128.load(at, 32), f64x2.mul(x, v128.load(shares, 32))), 32);
    v128.store(at, f64x2.add(v128.load(at, 48), f64x2.mul(x, v128.load(shares, 48))), 48);
  } else {
    for (let i: usize = 16; i < bytes; i += 8) {
      store<f64>(at + i, load<f64>(at + i) + w * load<f64>(shares + i));
    }
  }
}

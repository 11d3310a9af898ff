/**
 * Counter-based random numbers: Philox 4x32 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011), with 7 rounds for what each step draws, the fewest that pass all tests of TestU01 there, and with
 * 10 for the rest. A number is a function of (seed, stream, neuron, step) and of nothing else: not of chunking, not
 * of which neurons are computed together, not of the number of threads, not of SIMD.
 *
 * Counter of the per-step numbers: (block, step low, step high | purpose, stream). One Philox block of four words
 * serves four neurons: neuron n takes word (n >> 2) & 3 of block 4 (n >> 4) + (n & 3), so that four blocks computed
 * side by side in the lanes of SIMD words fill 16 neurons in order. A step is below 2^53, so the third word has its
 * upper 11 bits free: 4 for the purpose, 7 for the attempts of rejection sampling (where the first word is the neuron
 * itself: an attempt takes a block).
 */
import { cosEighths, cosTurns, exp, log, logs, sinEighths, sinTurns } from "./math";

const UNIFORM: u32 = 0 << 28;
const GAUSSIAN: u32 = 1 << 28;
const POISSON: u32 = 2 << 28;
const POISSON_TAIL: u32 = 3 << 28;
const POISSON_REJECTION: u32 = 4 << 28;
const INTERVAL: u32 = 5 << 28;
/** Sequential streams own the counters with the highest bit set. */
const SEQUENTIAL: u32 = 8 << 28;
const ATTEMPT_SHIFT: u32 = 21;
export const ATTEMPTS: u32 = 128;

/** Rounds of the numbers of a neuron and step, and of sequential streams. */
const ROUNDS: u32 = 7;
const ROUNDS_OF_STREAMS: u32 = 10;

// Multipliers and key increments of Philox.
const M0: u32 = 0xd2511f53;
const M1: u32 = 0xcd9e8d57;
const KEY0: u32 = 0x9e3779b9;
const KEY1: u32 = 0xbb67ae85;

const TWO_M32: f64 = 2.3283064365386963e-10;
/** 2^52 as a double: with a u32 in its lower half it is the double 2^52 + u32. */
const MAGIC_64: u64 = 0x4330000000000000;
/** 2^52 - 1/2: taken off 2^52 + w it leaves w + 1/2, exactly. */
const TO_MIDDLE: f64 = 4503599627370495.5;

// The last block. Globals rather than memory: every instance has its own, even on a shared memory.
let word0: u32 = 0;
let word1: u32 = 0;
let word2: u32 = 0;
let word3: u32 = 0;

/** Philox 4x32 of a counter and a key, with so many rounds; the result is read with `word`. */
export function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32, rounds: u32): void {
  for (let round: u32 = 0; round < rounds; round++) {
    const p0 = <u64>M0 * <u64>c0;
    const p1 = <u64>M1 * <u64>c2;
    c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
    c1 = <u32>p1;
    c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
    c3 = <u32>p0;
    k0 += KEY0;
    k1 += KEY1;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** Word i (0 to 3) of the last `philox`. */
export function word(i: i32): u32 {
  return i < 2 ? (i == 0 ? word0 : word1) : (i == 2 ? word2 : word3);
}

// @ts-ignore: decorator
@inline function low(step: f64): u32 {
  return <u32>(<u64>step);
}

// @ts-ignore: decorator
@inline function high(step: f64): u32 {
  return <u32>(<u64>step >> 32);
}

// @ts-ignore: decorator
@inline function blockOf(neuron: u32): u32 {
  return (neuron >> 4 << 2) + (neuron & 3);
}

// @ts-ignore: decorator
@inline function place(neuron: u32): i32 {
  return neuron >> 2 & 3;
}

/** What the SIMD loops need in all lanes, read from memory before a loop: some engines rebuild literals in it. */
const WORDS: usize = memory.data<u32>([
  0xd2511f53, 0xcd9e8d57, 0x9e3779b9, 0xbb67ae85, 4, 0x43300000, 0x80000000, 0,
], 16);

/** A product M c of four lanes, low words. */
// @ts-ignore: decorator
@inline function lowWords(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

/** A product M c of four lanes, high words. */
// @ts-ignore: decorator
@inline function highWords(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

/**
 * Words for `count` neurons (SIMD build): the 16 words of neurons 16 i .. 16 i + 15, in their order, are left at
 * `out` + `stride` i; the caller turns them into numbers.
 *
 * Only the first counter word differs between blocks, so half of the products of rounds 1 and 2 are the same for all
 * and are made once.
 */
function fillWords(out: usize, stride: usize, firstNeuron: u32, count: i32, seedLo: u32, seedHi: u32, stream: u32,
  step: f64, purpose: u32): void {
  const same1 = <u64>M1 * <u64>(high(step) | purpose);
  const c0Round1 = <u32>(same1 >> 32) ^ low(step) ^ seedLo;
  const same2 = <u64>M0 * <u64>c0Round1;
  const c1Round1 = i32x4.splat(<u32>same1);
  const c2Key1 = i32x4.splat(stream ^ seedHi);
  const c0Key2 = i32x4.splat(<u32>same1 ^ (seedLo + KEY0));
  const c2Key2 = i32x4.splat(<u32>(same2 >> 32) ^ (seedHi + KEY1));
  const c3Round2 = i32x4.splat(<u32>same2);
  const m0 = v128.load_splat<i32>(WORDS, 0);
  const m1 = v128.load_splat<i32>(WORDS, 4);
  const increment0 = v128.load_splat<i32>(WORDS, 8);
  const increment1 = v128.load_splat<i32>(WORDS, 12);
  const key0 = i32x4.splat(seedLo + 2 * KEY0);
  const key1 = i32x4.splat(seedHi + 2 * KEY1);
  const four = v128.load_splat<i32>(WORDS, 16);
  let counter = i32x4.add(i32x4.splat(firstNeuron >> 4 << 2), i32x4(0, 1, 2, 3));
  const end = out + (<usize>count >> 4) * stride;
  while (out < end) {
    // round 1
    let a = i64x2.extmul_low_i32x4_u(counter, m0);
    let b = i64x2.extmul_high_i32x4_u(counter, m0);
    let c2 = v128.xor(highWords(a, b), c2Key1);
    let c3 = lowWords(a, b);
    // round 2
    a = i64x2.extmul_low_i32x4_u(c2, m1);
    b = i64x2.extmul_high_i32x4_u(c2, m1);
    let c0 = v128.xor(highWords(a, b), c0Key2);
    let c1 = lowWords(a, b);
    c2 = v128.xor(c3, c2Key2);
    c3 = c3Round2;
    let k0 = key0;
    let k1 = key1;
    for (let round: u32 = 2; round < ROUNDS; round++) {
      a = i64x2.extmul_low_i32x4_u(c0, m0);
      b = i64x2.extmul_high_i32x4_u(c0, m0);
      const c = i64x2.extmul_low_i32x4_u(c2, m1);
      const d = i64x2.extmul_high_i32x4_u(c2, m1);
      c0 = v128.xor(highWords(c, d), v128.xor(c1, k0));
      c1 = lowWords(c, d);
      c2 = v128.xor(highWords(a, b), v128.xor(c3, k1));
      c3 = lowWords(a, b);
      k0 = i32x4.add(k0, increment0);
      k1 = i32x4.add(k1, increment1);
    }
    v128.store(out, c0, 0);
    v128.store(out, c1, 16);
    v128.store(out, c2, 32);
    v128.store(out, c3, 48);
    counter = i32x4.add(counter, four);
    out += stride;
  }
}

// ---------------------------------------------------------------------------------------------------------- uniform

/** 2^52 - 1/2, 2^-32. */
const MIDDLE: usize = memory.data<f64>([4503599627370495.5, 2.3283064365386963e-10], 16);

/** (w + 1/2) / 2^32: inside (0, 1), exact. */
// @ts-ignore: decorator
@inline function unit(w: u32): f64 {
  return (reinterpret<f64>(MAGIC_64 | <u64>w) - TO_MIDDLE) * TWO_M32;
}

/** The uniform number of one neuron and step, in (0, 1): odd multiples of 2^-33. */
export function uniform(neuron: u32, seedLo: u32, seedHi: u32, stream: u32, step: f64): f64 {
  philox(blockOf(neuron), low(step), high(step) | UNIFORM, stream, seedLo, seedHi, ROUNDS);
  return unit(word(place(neuron)));
}

/** `uniform` of `count` neurons from `firstNeuron` on (both multiples of 16) into the column at `out`. */
export function uniformBlock(out: usize, firstNeuron: u32, count: i32, seedLo: u32, seedHi: u32, stream: u32,
  step: f64): void {
  const end = out + (<usize>count << 3);
  if (ASC_FEATURE_SIMD) {
    fillWords(out, 128, firstNeuron, count, seedLo, seedHi, stream, step, UNIFORM);
    const magic = v128.load_splat<i32>(WORDS, 20);
    const middle = v128.load_splat<f64>(MIDDLE, 0);
    const scale = v128.load_splat<f64>(MIDDLE, 8);
    while (out < end) {
      const w0 = v128.load(out, 0);
      const w1 = v128.load(out, 16);
      const w2 = v128.load(out, 32);
      const w3 = v128.load(out, 48);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w0, magic, 0, 4, 1, 5), middle), scale), 0);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w0, magic, 2, 6, 3, 7), middle), scale), 16);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w1, magic, 0, 4, 1, 5), middle), scale), 32);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w1, magic, 2, 6, 3, 7), middle), scale), 48);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w2, magic, 0, 4, 1, 5), middle), scale), 64);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w2, magic, 2, 6, 3, 7), middle), scale), 80);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w3, magic, 0, 4, 1, 5), middle), scale), 96);
      v128.store(out, f64x2.mul(f64x2.sub(v128.shuffle<i32>(w3, magic, 2, 6, 3, 7), middle), scale), 112);
      out += 128;
    }
  } else {
    let counter = firstNeuron >> 4 << 2;
    while (out < end) {
      for (let b: u32 = 0; b < 4; b++) {
        philox(counter + b, low(step), high(step) | UNIFORM, stream, seedLo, seedHi, ROUNDS);
        const at = out + (<usize>b << 3);
        store<f64>(at, unit(word0), 0);
        store<f64>(at, unit(word1), 32);
        store<f64>(at, unit(word2), 64);
        store<f64>(at, unit(word3), 96);
      }
      counter += 4;
      out += 128;
    }
  }
}

// --------------------------------------------------------------------------------------------------------- Gaussian

/**
 * Box-Muller on two words w and a. The radius is sqrt(-2 log(u)) with u = (w >> 1 + (a & 255 + 1/2) / 2^8) / 2^31. The
 * angle is d quarters of a turn, -1 <= d < 1, the last 31 bits of a as a signed number; bit 31 is the sign of the
 * cosine. The last 8 bits of a are below the precision of sine and cosine; they make u as fine as 2^-39, so |g| < 7.45,
 * beyond which a normal number lies with probability 9e-14. Radius, sine and cosine are in single precision, right to
 * 2e-7, their product is not: four numbers lie in a vector, and that is far below what any sample could tell.
 *
 * log(u) = k ln 2 + 2 artanh(s), s = (m - 1) / (m + 1), 1/2 <= m < 1.
 *
 * Order: 2^-8; 2^-9; the largest number below 2^31; 1; -2 ln 2; 157, the exponent of 2^31 with its bias; series of
 * -4 artanh(s)/s in s^2; 2^-31; sine: series of sin(pi d / 2)/d in d^2; cosine: series of (cos(pi d / 2) - 1)/d^2 in
 * d^2. Minimax fits, with errors of 2e-7, 7e-9 and 3e-10.
 */
const POLAR: usize = memory.data<f32>([
  0.00390625, 0.001953125, 2147483520, 1, -1.3862943611198906, 157,
  -3.9999993286460478, -1.3335221767706119, -0.79173838082698765, -0.68482602347600106,
  4.656612873077393e-10, 1.5707963200921047, -0.64596376129343069, 0.079689926871866341, -0.0046741574996374711,
  0.00015167853188867543,
  -1.2337005390219586, 0.25366934998515722, -0.020862751638142707, 0.00091778877040955148, -2.3848338774501634e-5,
], 16);

const SIGN: u32 = 0x80000000;
const LAST_BITS: u32 = 0xff;
const FRACTION: u32 = 0x007fffff;
const HALF: u32 = 0x3f000000;

/** LAST_BITS, FRACTION, HALF: for the lanes. */
const BITS: usize = memory.data<u32>([0xff, 0x007fffff, 0x3f000000, 0], 16);

let cosinePart: f64 = 0;
let sinePart: f64 = 0;

// @ts-ignore: decorator
@inline function polarConstant(i: usize): f32 {
  return load<f32>(POLAR + (i << 2));
}

/** Two independent normal numbers of the words w (radius) and a (angle), in cosinePart and sinePart. */
function polar(w: u32, a: u32): void {
  const extra = <f32>(<i32>(a & LAST_BITS)) * polarConstant(0) + polarConstant(1);
  const sum = <f32>(<i32>(w >> 1)) + extra;
  const u = reinterpret<u32>(sum > polarConstant(2) ? polarConstant(2) : sum);
  const k = <f32>(<i32>(u >> 23)) - polarConstant(5);
  const m = reinterpret<f32>(u & FRACTION | HALF);
  const s = (m - polarConstant(3)) / (m + polarConstant(3));
  const z = s * s;
  const series = polarConstant(6) + z * polarConstant(7) + z * z * (polarConstant(8) + z * polarConstant(9));
  const radius = <f64>sqrt<f32>(k * polarConstant(4) + s * series);

  const d = <f32>(<i32>(a << 1)) * polarConstant(10);
  const y = d * d;
  const y2 = y * y;
  const sine = d * (polarConstant(11) + y * polarConstant(12)
    + y2 * (polarConstant(13) + y * polarConstant(14) + y2 * polarConstant(15)));
  const cosine = polarConstant(3) + y * (polarConstant(16) + y * polarConstant(17)
    + y2 * (polarConstant(18) + y * polarConstant(19) + y2 * polarConstant(20)));
  cosinePart = radius * <f64>(a & SIGN ? -cosine : cosine);
  sinePart = radius * <f64>sine;
}

/** The first (i = 0) or second of the two standard normal numbers that two words make. */
export function boxMuller(w: u32, a: u32, i: i32): f64 {
  polar(w, a);
  return i ? sinePart : cosinePart;
}

/** The standard normal number of one neuron and step. */
export function gaussian(neuron: u32, seedLo: u32, seedHi: u32, stream: u32, step: f64): f64 {
  philox(blockOf(neuron), low(step), high(step) | GAUSSIAN, stream, seedLo, seedHi, ROUNDS);
  const j = place(neuron);
  if (j < 2) polar(word0, word1);
  else polar(word2, word3);
  return j & 1 ? sinePart : cosinePart;
}

/** `gaussian` of `count` neurons from `firstNeuron` on (both multiples of 16) into the column at `out`. */
export function gaussianBlock(out: usize, firstNeuron: u32, count: i32, seedLo: u32, seedHi: u32, stream: u32,
  step: f64): void {
  const end = out + (<usize>count << 3);
  if (ASC_FEATURE_SIMD) {
    // Words lie in the second half of the column: the numbers, which take twice the space, reach them at the end.
    const words = out + (<usize>count << 2);
    fillWords(words, 64, firstNeuron, count, seedLo, seedHi, stream, step, GAUSSIAN);
    if (out < end) polarColumn(out, words, end);
  } else {
    let counter = firstNeuron >> 4 << 2;
    while (out < end) {
      for (let b: u32 = 0; b < 4; b++) {
        philox(counter + b, low(step), high(step) | GAUSSIAN, stream, seedLo, seedHi, ROUNDS);
        const w = word2;
        const a = word3;
        const at = out + (<usize>b << 3);
        polar(word0, word1);
        store<f64>(at, cosinePart, 0);
        store<f64>(at, sinePart, 32);
        polar(w, a);
        store<f64>(at, cosinePart, 64);
        store<f64>(at, sinePart, 96);
      }
      counter += 4;
      out += 128;
    }
  }
}

/**
 * `polar` of words in groups of eight: of four radii and of four angles. In two loops, because the constants of one
 * have room in the registers; the first leaves radii in the place of their words.
 */
function polarColumn(out: usize, words: usize, end: usize): void {
  const eighth = v128.load_splat<f32>(POLAR, 0);
  const middle = v128.load_splat<f32>(POLAR, 4);
  const most = v128.load_splat<f32>(POLAR, 8);
  const one = v128.load_splat<f32>(POLAR, 12);
  const ln = v128.load_splat<f32>(POLAR, 16);
  const bias = v128.load_splat<f32>(POLAR, 20);
  const l0 = v128.load_splat<f32>(POLAR, 24);
  const l1 = v128.load_splat<f32>(POLAR, 28);
  const l2 = v128.load_splat<f32>(POLAR, 32);
  const l3 = v128.load_splat<f32>(POLAR, 36);
  const lastBits = v128.load_splat<i32>(BITS, 0);
  const fraction = v128.load_splat<i32>(BITS, 4);
  const half = v128.load_splat<i32>(BITS, 8);
  let at = words;
  do {
    const w = v128.load(at, 0);
    const a = v128.load(at, 16);
    const extra = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(v128.and(a, lastBits)), eighth), middle);
    const u = f32x4.pmin(f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_u(w, 1)), extra), most);
    const k = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_u(u, 23)), bias);
    const m = v128.or(v128.and(u, fraction), half);
    const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
    const z = f32x4.mul(s, s);
    const series = f32x4.add(f32x4.add(l0, f32x4.mul(z, l1)),
      f32x4.mul(f32x4.mul(z, z), f32x4.add(l2, f32x4.mul(z, l3))));
    v128.store(at, f32x4.sqrt(f32x4.add(f32x4.mul(k, ln), f32x4.mul(s, series))));
    at += 32;
  } while (at < end);

  const scale = v128.load_splat<f32>(POLAR, 40);
  const s0 = v128.load_splat<f32>(POLAR, 44);
  const s1 = v128.load_splat<f32>(POLAR, 48);
  const s2 = v128.load_splat<f32>(POLAR, 52);
  const s3 = v128.load_splat<f32>(POLAR, 56);
  const s4 = v128.load_splat<f32>(POLAR, 60);
  const c0 = v128.load_splat<f32>(POLAR, 64);
  const c1 = v128.load_splat<f32>(POLAR, 68);
  const c2 = v128.load_splat<f32>(POLAR, 72);
  const c3 = v128.load_splat<f32>(POLAR, 76);
  const c4 = v128.load_splat<f32>(POLAR, 80);
  const sign = v128.load_splat<i32>(WORDS, 24);
  do {
    const radius = v128.load(words, 0);
    const a = v128.load(words, 16);
    const d = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shl(a, 1)), scale);
    const y = f32x4.mul(d, d);
    const y2 = f32x4.mul(y, y);
    const sine = f32x4.mul(d, f32x4.add(f32x4.add(s0, f32x4.mul(y, s1)),
      f32x4.mul(y2, f32x4.add(f32x4.add(s2, f32x4.mul(y, s3)), f32x4.mul(y2, s4)))));
    const cosine = v128.xor(v128.and(a, sign), f32x4.add(one, f32x4.mul(y, f32x4.add(f32x4.add(c0, f32x4.mul(y, c1)),
      f32x4.mul(y2, f32x4.add(f32x4.add(c2, f32x4.mul(y, c3)), f32x4.mul(y2, c4)))))));
    const r0 = f64x2.promote_low_f32x4(radius);
    const r1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(radius, radius, 1, 1));
    v128.store(out, f64x2.mul(r0, f64x2.promote_low_f32x4(cosine)), 0);
    v128.store(out, f64x2.mul(r1, f64x2.promote_low_f32x4(v128.shuffle<i64>(cosine, cosine, 1, 1))), 16);
    v128.store(out, f64x2.mul(r0, f64x2.promote_low_f32x4(sine)), 32);
    v128.store(out, f64x2.mul(r1, f64x2.promote_low_f32x4(v128.shuffle<i64>(sine, sine, 1, 1))), 48);
    words += 32;
    out += 64;
  } while (out < end);
}

// ------------------------------------------------------------------------------------------- exponential intervals

/** Intervals that `intervals` makes. */
export const INTERVALS: i32 = 8;

/**
 * -log(u) = k ln 2 - 2 artanh(s), s = (m - 1) / (m + 1), sqrt(1/2) <= m < sqrt(2), to 3e-14 (minimax fit).
 *
 * Order: 1; -ln 2; series of -2 artanh(s)/s in s^2; 2^52; 2^52 - 1/2; 2^-32; 2^-64; 2^52 + 1023.
 */
const LOGARITHM: usize = memory.data<f64>([
  1, -0.6931471805599453,
  -2, -0.66666666675823225, -0.3999999561359999, -0.2857211009898691, -0.22176146729672125, -0.195847919146431415,
  4503599627370496, 4503599627370495.5, 2.3283064365386963e-10, 5.421010862427522e-20, 4503599627371519,
], 16);

const SQRT_HALF: u64 = 0x3fe6a09e667f3bcd;
const FRACTION_64: u64 = 0x000fffffffffffff;
const TO_SQRT_HALF: u64 = 0x00095f619980c433;

/** MAGIC_64; TO_SQRT_HALF, which is 1 - sqrt(1/2) as bits; SQRT_HALF; FRACTION_64: for the lanes. */
const LONGS: usize = memory.data<u64>([
  0x4330000000000000, 0x00095f619980c433, 0x3fe6a09e667f3bcd, 0x000fffffffffffff,
], 16);

// @ts-ignore: decorator
@inline function logConstant(i: usize): f64 {
  return load<f64>(LOGARITHM + (i << 3));
}

/** An exponential number with mean 1 of two words: -log((w + (v + 1/2) / 2^32) / 2^32). */
function interval(w: u32, v: u32): f64 {
  const u = (reinterpret<f64>(MAGIC_64 | <u64>w) - logConstant(8)) * logConstant(10)
    + (reinterpret<f64>(MAGIC_64 | <u64>v) - logConstant(9)) * logConstant(11);
  const b = reinterpret<u64>(u) + TO_SQRT_HALF;
  const k = reinterpret<f64>(b >> 52 | MAGIC_64) - logConstant(12);
  const m = reinterpret<f64>((b & FRACTION_64) + SQRT_HALF);
  const s = (m - logConstant(0)) / (m + logConstant(0));
  const z = s * s;
  const z2 = z * z;
  const series = logConstant(2) + z * logConstant(3)
    + z2 * (logConstant(4) + z * logConstant(5) + z2 * (logConstant(6) + z * logConstant(7)));
  return k * logConstant(1) + s * series;
}

/**
 * Eight exponential numbers with mean 1 into 64 bytes at `out`: numbers 8 `part` to 8 `part` + 7 of the sequence that
 * (seed, stream, step, node) have. `node` is below 2^28, `part` below ATTEMPTS.
 */
export function intervals(out: usize, node: u32, part: u32, seedLo: u32, seedHi: u32, stream: u32, step: f64): void {
  const purpose = INTERVAL | part << ATTEMPT_SHIFT;
  if (ASC_FEATURE_SIMD) {
    fillWords(out, 64, node << 4, 16, seedLo, seedHi, stream, step, purpose);
    const w0 = v128.load(out, 0);
    const v0 = v128.load(out, 16);
    const w1 = v128.load(out, 32);
    const v1 = v128.load(out, 48);
    intervalsOf(out, w0, v0);
    intervalsOf(out + 32, w1, v1);
  } else {
    for (let b: u32 = 0; b < 4; b++) {
      philox(4 * node + b, low(step), high(step) | purpose, stream, seedLo, seedHi, ROUNDS);
      store<f64>(out + (<usize>b << 3), interval(word0, word1));
      store<f64>(out + (<usize>b << 3), interval(word2, word3), 32);
    }
  }
}

/** `interval` of four pairs of words. */
function intervalsOf(out: usize, w: v128, v: v128): void {
  const magic = v128.load_splat<i32>(WORDS, 20);
  intervalPair(out, v128.shuffle<i32>(w, magic, 0, 4, 1, 5), v128.shuffle<i32>(v, magic, 0, 4, 1, 5));
  intervalPair(out + 16, v128.shuffle<i32>(w, magic, 2, 6, 3, 7), v128.shuffle<i32>(v, magic, 2, 6, 3, 7));
}

/** `interval` of two pairs of words, as doubles from 2^52 on. */
// @ts-ignore: decorator
@inline function intervalPair(out: usize, w: v128, v: v128): void {
  const one = v128.load_splat<f64>(LOGARITHM, 0);
  const u = f64x2.add(f64x2.mul(f64x2.sub(w, v128.load_splat<f64>(LOGARITHM, 64)), v128.load_splat<f64>(LOGARITHM, 80)),
    f64x2.mul(f64x2.sub(v, v128.load_splat<f64>(LOGARITHM, 72)), v128.load_splat<f64>(LOGARITHM, 88)));
  const b = i64x2.add(u, v128.load_splat<i64>(LONGS, 8));
  const k = f64x2.sub(v128.or(i64x2.shr_u(b, 52), v128.load_splat<i64>(LONGS, 0)), v128.load_splat<f64>(LOGARITHM, 96));
  const m = i64x2.add(v128.and(b, v128.load_splat<i64>(LONGS, 24)), v128.load_splat<i64>(LONGS, 16));
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  const z2 = f64x2.mul(z, z);
  const inner = f64x2.mul(z2, f64x2.add(v128.load_splat<f64>(LOGARITHM, 48),
    f64x2.mul(z, v128.load_splat<f64>(LOGARITHM, 56))));
  const outer = f64x2.mul(z2, f64x2.add(f64x2.add(v128.load_splat<f64>(LOGARITHM, 32),
    f64x2.mul(z, v128.load_splat<f64>(LOGARITHM, 40))), inner));
  const series = f64x2.add(f64x2.add(v128.load_splat<f64>(LOGARITHM, 16),
    f64x2.mul(z, v128.load_splat<f64>(LOGARITHM, 24))), outer);
  v128.store(out, f64x2.add(f64x2.mul(k, v128.load_splat<f64>(LOGARITHM, 8)), f64x2.mul(s, series)));
}

// ---------------------------------------------------------------------------------------------------------- Poisson

/** Up to this mean counts are found by inversion in a table, above it by transformed rejection. */
const INVERSION_LIMIT: f64 = 100;
/** Enough for the largest such mean: P(count >= 200) < 2^-53 there. */
const TABLE_SIZE: i32 = 256;
/** Bits of a word, the first ones, that tell its piece of the guide, and the rest. */
const GUIDE_BITS: u32 = 11;
const GUIDE_SHIFT: u32 = 32 - GUIDE_BITS;
/** In the guide: the piece holds a threshold. */
const UNDECIDED: i32 = 255;

/**
 * Inversion for a mean. A word above threshold k exceeds the distribution function at k, one below does not. A word
 * equal to it needs finer bits: a second word against what 2^32 P(count <= k) has behind the point. So tails are right
 * to 2^-53 although a neuron normally takes 32 bits. Most words need no search: the guide has the count of all words
 * that begin with the same bits, where no threshold lies among them.
 */
@unmanaged
class Table {
  built: bool;
  mean: f64;
  /** Where a search may start: the last k whose threshold is 0, or 0; only a word that is 0 may stop before it. */
  start: i32;
  /** The largest count. */
  last: i32;
  /** What `products` are of; NaN before there are any. */
  weight: f64;
}

/** Offsets in a table: thresholds (u32), their bits behind the point, counts times the weight (f64), guide (u8). */
const FINE: usize = 32 + (256 << 2);
const THRESHOLD: usize = 32;
const PRODUCTS: usize = 32 + (256 << 2) + (256 << 3);
const GUIDE: usize = 32 + (256 << 2) + (256 << 4);
const TABLE_BYTES: usize = 32 + (256 << 2) + (256 << 4) + 2048;

/**
 * Tables of the last means, because populations with different ones alternate. They lie in memory, as does what says
 * which one is to be given up next: several instances may use them in turn.
 */
const KEPT: u32 = 8;
const TABLES: usize = memory.data(8 * (32 + (256 << 2) + (256 << 4) + 2048), 16);
const GIVEN_UP: usize = memory.data(4, 4);

/** The table of a mean, made if there is none. */
function tableOf(mean: f64): Table {
  for (let i: usize = 0; i < <usize>KEPT; i++) {
    const table = changetype<Table>(TABLES + i * TABLE_BYTES);
    if (table.mean == mean && table.built) return table;
  }
  const place = load<u32>(GIVEN_UP);
  store<u32>(GIVEN_UP, place + 1 < KEPT ? place + 1 : 0);
  const table = changetype<Table>(TABLES + <usize>place * TABLE_BYTES);
  buildTable(table, mean);
  return table;
}

function buildTable(table: Table, mean: f64): void {
  const at = changetype<usize>(table);
  let term = exp(-mean);
  let total = term;
  let done = false;
  /** The first piece that nothing is known of yet. */
  let piece: u32 = 0;
  table.start = 0;
  for (let k = 0; k < TABLE_SIZE; k++) {
    const scaled = total * 4294967296;
    const all = done || scaled >= 4294967296;
    const whole: u32 = all ? 0xffffffff : <u32>scaled;
    store<u32>(at + (<usize>k << 2), whole, THRESHOLD);
    store<f64>(at + (<usize>k << 3), all ? 1 : scaled - <f64>whole, FINE);
    const edge = whole >> GUIDE_SHIFT;
    if (edge >= piece) {
      memory.fill(at + GUIDE + <usize>piece, <u8>k, <usize>(edge - piece));
      store<u8>(at + <usize>edge, <u8>UNDECIDED, GUIDE);
      piece = edge + 1;
    }
    table.last = k;
    if (whole == 0) table.start = k;
    if (all) break;
    term *= mean / <f64>(k + 1);
    done = total + term == total && <f64>k > mean;
    total += term;
  }
  table.mean = mean;
  table.weight = NaN;
  table.built = true;
}

/** The count that the word w of a neuron stands for. */
function countOfWord(w: u32, table: Table, neuron: u32, seedLo: u32, seedHi: u32, stream: u32, step: f64): i32 {
  const at = changetype<usize>(table);
  let fine: f64 = -1;
  let k = w == 0 ? 0 : table.start;
  while (true) {
    const threshold = load<u32>(at + (<usize>k << 2), THRESHOLD);
    if (w < threshold) break;
    if (w == threshold) {
      if (fine < 0) {
        philox(blockOf(neuron), low(step), high(step) | POISSON_TAIL, stream, seedLo, seedHi, ROUNDS);
        fine = unit(word(place(neuron)));
      }
      if (fine < load<f64>(at + (<usize>k << 3), FINE)) break;
    }
    k++;
  }
  return k;
}

// Constants of transformed rejection for `rejectionMean`.
let rejectionMean: f64 = -1;
let logMean: f64 = 0;
let hatA: f64 = 0;
let hatB: f64 = 0;
let squeeze: f64 = 0;
let logInverseAlpha: f64 = 0;

function prepareRejection(mean: f64): void {
  if (mean == rejectionMean) return;
  logMean = log(mean);
  hatB = 0.931 + 2.53 * NativeMath.sqrt(mean);
  hatA = -0.059 + 0.02483 * hatB;
  logInverseAlpha = log(1.1239 + 1.1328 / (hatB - 3.4));
  squeeze = 0.9277 - 3.6224 / (hatB - 2);
  rejectionMean = mean;
}

/** log(k!), by Stirling's series from 10 on (error below 1e-12 there). */
function logFactorial(k: f64): f64 {
  if (k < 10) {
    let product: f64 = 1;
    for (let i: f64 = 2; i <= k; i++) product *= i;
    return log(product);
  }
  const r = 1 / k;
  const r2 = r * r;
  return (k + 0.5) * log(k) - k + 0.9189385332046727
    + r * (0.08333333333333333 - r2 * (0.002777777777777778
      - r2 * (0.0007936507936507937 - r2 * 0.0005952380952380953)));
}

/** 53 bits in (0, 1): odd multiples of 2^-53. */
// @ts-ignore: decorator
@inline function unit53(w: u64): f64 {
  return <f64>(w >> 12 << 1 | 1) * 1.1102230246251565e-16;
}

/** PTRS of Hoermann, "The transformed rejection method for generating Poisson random variables", 1993; mean >= 10. */
function rejection(neuron: u32, seedLo: u32, seedHi: u32, stream: u32, step: f64): f64 {
  const mean = rejectionMean;
  for (let attempt: u32 = 0; attempt < ATTEMPTS; attempt++) {
    const purpose = POISSON_REJECTION | attempt << ATTEMPT_SHIFT;
    philox(neuron, low(step), high(step) | purpose, stream, seedLo, seedHi, ROUNDS);
    const u = unit53(<u64>word1 << 32 | <u64>word0) - 0.5;
    const v = unit53(<u64>word3 << 32 | <u64>word2);
    const us = 0.5 - NativeMath.abs(u);
    const k = NativeMath.floor((2 * hatA / us + hatB) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (log(v) + logInverseAlpha - log(hatA / (us * us) + hatB) <= k * logMean - mean - logFactorial(k)) return k;
  }
  return NativeMath.floor(mean); // an attempt fails with probability below 0.3: never in practice
}

/** The Poisson count of one neuron and step. Means that are not positive give 0. */
export function poisson(neuron: u32, seedLo: u32, seedHi: u32, stream: u32, step: f64, mean: f64): f64 {
  if (!(mean > 0)) return 0;
  if (mean > INVERSION_LIMIT) {
    prepareRejection(mean);
    return rejection(neuron, seedLo, seedHi, stream, step);
  }
  philox(blockOf(neuron), low(step), high(step) | POISSON, stream, seedLo, seedHi, ROUNDS);
  return countOfWord(word(place(neuron)), tableOf(mean), neuron, seedLo, seedHi, stream, step);
}

/** `poisson` of `count` neurons from `firstNeuron` on (both multiples of 16) into the column at `out`. */
export function poissonBlock(out: usize, firstNeuron: u32, count: i32, seedLo: u32, seedHi: u32, stream: u32, step: f64,
  mean: f64): void {
  if (!(mean > 0 && mean <= INVERSION_LIMIT)) {
    for (let i = 0; i < count; i++) {
      store<f64>(out + (<usize>i << 3), poisson(firstNeuron + i, seedLo, seedHi, stream, step, mean));
    }
    return;
  }
  // Words lie in the second half of the column: the numbers, which take twice the space, reach them at the end.
  const words = out + (<usize>count << 2);
  poissonWords(words, firstNeuron, count, seedLo, seedHi, stream, step);
  const table = tableOf(mean);
  for (let i = 0; i < count; i++) {
    const w = load<u32>(words + (<usize>i << 2));
    let k = <i32>load<u8>(changetype<usize>(table) + <usize>(w >> GUIDE_SHIFT), GUIDE);
    if (k == UNDECIDED) k = countOfWord(w, table, firstNeuron + i, seedLo, seedHi, stream, step);
    store<f64>(out + (<usize>i << 3), k);
  }
}

/**
 * Adds `weight` times `poisson` to `count` numbers at `into`, for neurons from `firstNeuron` on (a multiple of 16); the
 * mean is positive. `words` has room for as many words, rounded up to a multiple of 16.
 */
export function addPoisson(into: usize, words: usize, firstNeuron: u32, count: i32, seedLo: u32, seedHi: u32,
  stream: u32, step: f64, mean: f64, weight: f64): void {
  const end = into + (<usize>max(count, 0) << 3);
  if (mean > INVERSION_LIMIT) {
    for (; into < end; into += 8) {
      store<f64>(into, load<f64>(into) + poisson(firstNeuron++, seedLo, seedHi, stream, step, mean) * weight);
    }
    return;
  }
  poissonWords(words, firstNeuron, count + 15 & ~15, seedLo, seedHi, stream, step);
  const table = tableOf(mean);
  const at = changetype<usize>(table);
  if (table.weight != weight) {
    for (let k = 0; k <= table.last; k++) store<f64>(at + (<usize>k << 3), <f64>k * weight, PRODUCTS);
    table.weight = weight;
  }
  const unrolled = end - 24;
  for (; into < unrolled; into += 32, words += 16, firstNeuron += 4) {
    const a = load<u32>(words), b = load<u32>(words, 4), c = load<u32>(words, 8), d = load<u32>(words, 12);
    let i = <i32>load<u8>(at + <usize>(a >> GUIDE_SHIFT), GUIDE);
    let j = <i32>load<u8>(at + <usize>(b >> GUIDE_SHIFT), GUIDE);
    let k = <i32>load<u8>(at + <usize>(c >> GUIDE_SHIFT), GUIDE);
    let l = <i32>load<u8>(at + <usize>(d >> GUIDE_SHIFT), GUIDE);
    if (max(max(i, j), max(k, l)) == UNDECIDED) {
      i = countOfWord(a, table, firstNeuron, seedLo, seedHi, stream, step);
      j = countOfWord(b, table, firstNeuron + 1, seedLo, seedHi, stream, step);
      k = countOfWord(c, table, firstNeuron + 2, seedLo, seedHi, stream, step);
      l = countOfWord(d, table, firstNeuron + 3, seedLo, seedHi, stream, step);
    }
    const x = load<f64>(into) + load<f64>(at + (<usize>i << 3), PRODUCTS);
    const y = load<f64>(into, 8) + load<f64>(at + (<usize>j << 3), PRODUCTS);
    const z = load<f64>(into, 16) + load<f64>(at + (<usize>k << 3), PRODUCTS);
    const u = load<f64>(into, 24) + load<f64>(at + (<usize>l << 3), PRODUCTS);
    store<f64>(into, x), store<f64>(into, y, 8), store<f64>(into, z, 16), store<f64>(into, u, 24);
  }
  for (; into < end; into += 8, words += 4) {
    const k = countOfWord(load<u32>(words), table, firstNeuron++, seedLo, seedHi, stream, step);
    store<f64>(into, load<f64>(into) + load<f64>(at + (<usize>k << 3), PRODUCTS));
  }
}

/** The words of counts of `count` neurons from `firstNeuron` on (both multiples of 16). */
function poissonWords(out: usize, firstNeuron: u32, count: i32, seedLo: u32, seedHi: u32, stream: u32,
  step: f64): void {
  if (ASC_FEATURE_SIMD) {
    fillWords(out, 64, firstNeuron, count, seedLo, seedHi, stream, step, POISSON);
    return;
  }
  for (let i = 0; i < count; i++) {
    const n = firstNeuron + i;
    // four neurons share a block, 4 apart
    if ((n & 12) != 0) continue;
    philox(blockOf(n), low(step), high(step) | POISSON, stream, seedLo, seedHi, ROUNDS);
    const at = out + (<usize>i << 2);
    store<u32>(at, word0), store<u32>(at, word1, 16), store<u32>(at, word2, 32), store<u32>(at, word3, 48);
  }
}

// --------------------------------------------------------------------------------------------- sequential streams

let streamSeedLo: u32 = 0;
let streamSeedHi: u32 = 0;
let streamNumber: u32 = 0;
let streamItem: u32 = 0;
let streamPurpose: u32 = 0;
let streamIndex: u64 = 0;
let spareWords: u64 = 0;
let hasSpareWords: bool = false;
let spareGaussian: f64 = 0;
let hasSpareGaussian: bool = false;

/**
 * Starts the sequence of numbers of (seed, stream, item, purpose), for graphs, weights and initial values; `purpose` is
 * below 2^15. The functions below draw from it. Different sequences never overlap (before 2^49 draws), nor do they meet
 * the per-step numbers.
 */
export function streamStart(seedLo: u32, seedHi: u32, stream: u32, item: u32, purpose: u32): void {
  streamSeedLo = seedLo;
  streamSeedHi = seedHi;
  streamNumber = stream;
  streamItem = item;
  streamPurpose = SEQUENTIAL | (purpose & 0x7fff) << 16;
  streamIndex = 0;
  hasSpareWords = false;
  hasSpareGaussian = false;
}

/** Moves a sequence to its block number `index`, below 2^48: a block is two draws. */
export function streamSeek(index: u64): void {
  streamIndex = index;
  hasSpareWords = false;
  hasSpareGaussian = false;
}

/** The next 64 bits. */
function streamWords(): u64 {
  if (hasSpareWords) {
    hasSpareWords = false;
    return spareWords;
  }
  const c2 = streamPurpose | <u32>(streamIndex >> 32);
  philox(<u32>streamIndex, streamItem, c2, streamNumber, streamSeedLo, streamSeedHi, ROUNDS_OF_STREAMS);
  streamIndex++;
  spareWords = <u64>word3 << 32 | <u64>word2;
  hasSpareWords = true;
  return <u64>word1 << 32 | <u64>word0;
}

/** Uniform in (0, 1), both ends excluded. */
export function streamUniform(): f64 {
  return unit53(streamWords());
}

/** Uniform in 0 .. n - 1 (64-bit multiply and shift: bias below n / 2^64). */
export function streamInteger(n: u32): u32 {
  const w = streamWords();
  return <u32>((w >> 32) * <u64>n + ((w & 0xffffffff) * <u64>n >> 32) >> 32);
}

/** Standard normal (Box-Muller; the second number of a pair is kept for the next call). */
export function streamGaussian(): f64 {
  if (hasSpareGaussian) {
    hasSpareGaussian = false;
    return spareGaussian;
  }
  const radius = NativeMath.sqrt(-2 * log(streamUniform()));
  const angle = streamUniform();
  spareGaussian = radius * sinTurns(angle);
  hasSpareGaussian = true;
  return radius * cosTurns(angle);
}

/** Exponential with mean 1. */
export function streamExponential(): f64 {
  return -log(streamUniform());
}

/** exp of a normal number with mean mu and standard deviation sigma. */
export function streamLognormal(mu: f64, sigma: f64): f64 {
  return exp(mu + sigma * streamGaussian());
}

// Many numbers of a sequence at once: those that the functions above would give one by one.

/** Draws that are made at once, at most. */
export const MANY: u32 = 64;
const DRAWN: usize = memory.data(64 * 8, 16);

/** The next `count` x 64 bits, a multiple of 8, into `DRAWN`. No half block may be left over. */
function manyWords(count: u32): void {
  const c2 = streamPurpose | <u32>(streamIndex >> 32);
  const end = DRAWN + (<usize>count << 3);
  if (!ASC_FEATURE_SIMD || <u32>streamIndex > 0xffffffe0) {
    for (let out = DRAWN; out < end; out += 8) store<u64>(out, streamWords());
    return;
  }
  const m0 = v128.load_splat<i32>(WORDS, 0);
  const m1 = v128.load_splat<i32>(WORDS, 4);
  const increment0 = v128.load_splat<i32>(WORDS, 8);
  const increment1 = v128.load_splat<i32>(WORDS, 12);
  let counter = i32x4.add(i32x4.splat(<u32>streamIndex), i32x4(0, 1, 2, 3));
  for (let out = DRAWN; out < end; out += 64) {
    let c0 = counter;
    let c1 = i32x4.splat(streamItem);
    let c2s = i32x4.splat(c2);
    let c3 = i32x4.splat(streamNumber);
    let k0 = i32x4.splat(streamSeedLo);
    let k1 = i32x4.splat(streamSeedHi);
    for (let round: u32 = 0; round < ROUNDS_OF_STREAMS; round++) {
      const a = i64x2.extmul_low_i32x4_u(c0, m0);
      const b = i64x2.extmul_high_i32x4_u(c0, m0);
      const c = i64x2.extmul_low_i32x4_u(c2s, m1);
      const d = i64x2.extmul_high_i32x4_u(c2s, m1);
      c0 = v128.xor(highWords(c, d), v128.xor(c1, k0));
      c1 = lowWords(c, d);
      c2s = v128.xor(highWords(a, b), v128.xor(c3, k1));
      c3 = lowWords(a, b);
      k0 = i32x4.add(k0, increment0);
      k1 = i32x4.add(k1, increment1);
    }
    // block by block
    const low01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
    const high01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
    const low23 = v128.shuffle<i32>(c2s, c3, 0, 4, 1, 5);
    const high23 = v128.shuffle<i32>(c2s, c3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i64>(low01, low23, 0, 2), 0);
    v128.store(out, v128.shuffle<i64>(low01, low23, 1, 3), 16);
    v128.store(out, v128.shuffle<i64>(high01, high23, 0, 2), 32);
    v128.store(out, v128.shuffle<i64>(high01, high23, 1, 3), 48);
    counter = i32x4.add(counter, v128.load_splat<i32>(WORDS, 16));
  }
  streamIndex += count >> 1;
}

/** `streamInteger(n)`, `count` times, as u32 at `out`. No single draw may have come before. */
export function streamIntegers(out: usize, count: u32, n: u32): void {
  let left = count;
  while (left >= 8) {
    const some = min(MANY, left & ~7);
    manyWords(some);
    for (let i: usize = 0; i < <usize>some; i++) {
      const w = load<u64>(DRAWN + (i << 3));
      store<u32>(out + (i << 2), <u32>((w >> 32) * <u64>n + ((w & 0xffffffff) * <u64>n >> 32) >> 32));
    }
    out += <usize>some << 2;
    left -= some;
  }
  for (; left > 0; left--, out += 4) store<u32>(out, streamInteger(n));
}

/** `streamGaussian()`, `count` times (a multiple of 8 up to 64), as f64 at `out`. No single draw may come before. */
export function streamGaussians(out: usize, count: u32): void {
  const end = out + (<usize>count << 3);
  if (!ASC_FEATURE_SIMD) {
    for (; out < end; out += 8) store<f64>(out, streamGaussian());
    return;
  }
  manyWords(count);
  const one = f64x2.splat(1);
  const sign = i64x2.splat(0x8000000000000000);
  for (let at = DRAWN; out < end; at += 32, out += 32) {
    const a = v128.load(at, 0);
    const b = v128.load(at, 16);
    const radius = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), logs(units53(v128.shuffle<i64>(a, b, 0, 2)))));
    // sinTurns and cosTurns, for angles between 0 and 1 that are no multiple of an eighth
    const turn = units53(v128.shuffle<i64>(a, b, 1, 3));
    const r = f64x2.sub(turn, f64x2.nearest(turn));
    const quarter = f64x2.nearest(f64x2.mul(f64x2.splat(4), r));
    const d = f64x2.sub(r, f64x2.mul(f64x2.splat(0.25), quarter));
    const sine = sinEighths(d);
    const cosine = cosEighths(d);
    const odd = f64x2.eq(f64x2.abs(quarter), one);
    const opposite = f64x2.eq(f64x2.abs(quarter), f64x2.splat(2));
    const below = v128.or(f64x2.lt(quarter, f64x2.splat(0)), opposite);
    const left = v128.or(f64x2.gt(quarter, f64x2.splat(0)), opposite);
    const x = f64x2.mul(radius, v128.xor(v128.bitselect(sine, cosine, odd), v128.and(left, sign)));
    const y = f64x2.mul(radius, v128.xor(v128.bitselect(cosine, sine, odd), v128.and(below, sign)));
    v128.store(out, v128.shuffle<i64>(x, y, 0, 2), 0);
    v128.store(out, v128.shuffle<i64>(x, y, 1, 3), 16);
  }
}

/** `unit53` of two draws. */
// @ts-ignore: decorator
@inline function units53(w: v128): v128 {
  const whole = f64x2.sub(v128.or(i64x2.shr_u(w, 12), i64x2.splat(0x3ff0000000000000)), f64x2.splat(1));
  return f64x2.add(whole, f64x2.splat(1.1102230246251565e-16));
}

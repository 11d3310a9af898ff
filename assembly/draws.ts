/** Random numbers of the distributions that parameters, weights and delays may have. */
import { DISTRIBUTION } from "./abi";
import { exp, log } from "./math";
import { network } from "./network";
import {
  MANY, streamExponential, streamGaussian, streamGaussians, streamLognormal, streamStart, streamUniform,
} from "./random";

/** Purpose of the streams of values per neuron; the ones of a graph are in connect.ts. */
const VALUE: u32 = 4;

/** The next number of the stream in work. `low` and `high` bound a truncated normal one. */
export function drawValue(distribution: i32, a: f64, b: f64, low: f64, high: f64): f64 {
  if (distribution == DISTRIBUTION.normal) return a + b * streamGaussian();
  if (distribution == DISTRIBUTION.uniform) return a + (b - a) * streamUniform();
  if (distribution == DISTRIBUTION.lognormal) return streamLognormal(a, b);
  if (distribution == DISTRIBUTION.exponential) return a * streamExponential();
  if (distribution == DISTRIBUTION.truncatedNormal) return truncatedNormal(a, b, low, high);
  return b * gamma(a);
}

/** Numbers for which making them together does not pay. */
const FEW: u32 = 4;

const GAUSSIANS: usize = memory.data(64 * 8, 16);

/**
 * The first `count` numbers of the stream that has just been started, as f64 at `out`: those that `drawValue` would
 * give. The stream is of no use afterwards.
 */
export function drawValues(
  out: usize, count: u32, distribution: i32, a: f64, b: f64, low: f64, high: f64,
): void {
  const end = out + (<usize>count << 3);
  const truncated = distribution == DISTRIBUTION.truncatedNormal;
  const from = (low - a) / b;
  const to = (high - a) / b;
  const often = truncated ? b > 0 && from <= 0 && to >= 0 && to - from > LONG : distribution == DISTRIBUTION.normal;
  if (!often || count < FEW) {
    for (; out < end; out += 8) store<f64>(out, drawValue(distribution, a, b, low, high));
    return;
  }
  // each try takes one Gaussian number
  while (out < end) {
    const some = min(MANY, <u32>(end - out + 63 >> 3) & ~7);
    streamGaussians(GAUSSIANS, some);
    const last = GAUSSIANS + (<usize>some << 3);
    for (let at = GAUSSIANS; at < last && out < end; at += 8) {
      const z = load<f64>(at);
      if (!truncated) {
        store<f64>(out, a + b * z);
        out += 8;
      } else {
        store<f64>(out, max(low, min(high, a + b * z)));
        out += z >= from && z <= to ? 8 : 0;
      }
    }
  }
}

/** A normal number between `low` and `high`. */
function truncatedNormal(mean: f64, sd: f64, low: f64, high: f64): f64 {
  let z = 0.0;
  if (sd > 0) {
    const from = (low - mean) / sd;
    const to = (high - mean) / sd;
    z = to < 0 ? -truncatedStandard(-to, -from) : truncatedStandard(from, to);
  }
  return max(low, min(high, mean + sd * z));
}

/** Length of an interval around 0 from which on a normal number is in it often enough to try. */
const LONG: f64 = 2.5;

/**
 * A standard normal number in [from, to], to >= 0, by rejection (Robert 1995): from the normal density where the
 * interval holds much of it, from the uniform one where it is short, from an exponential one in a tail. Accepts one try
 * in three or better.
 */
function truncatedStandard(from: f64, to: f64): f64 {
  if (from <= 0 && to - from > LONG) {
    while (true) {
      const z = streamGaussian();
      if (z >= from && z <= to) return z;
    }
  }
  const rate = 0.5 * (from + sqrt(from * from + 4));
  if (from <= 0 || (to - from) * rate < 1) {
    const top = from <= 0 ? 0 : from;
    while (true) {
      const z = from + (to - from) * streamUniform();
      if (log(streamUniform()) < 0.5 * (top * top - z * z)) return z;
    }
  }
  while (true) {
    const z = from + streamExponential() / rate;
    const miss = z - rate;
    if (z <= to && log(streamUniform()) < -0.5 * miss * miss) return z;
  }
}

/** A gamma number of the given shape and scale 1 (Marsaglia & Tsang 2000). */
export function gamma(shape: f64): f64 {
  // Below shape 1: the number of shape + 1 times U^(1/shape).
  const factor = shape < 1 ? exp(log(streamUniform()) / shape) : 1.0;
  const d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3.0;
  const c = 1.0 / sqrt(9 * d);
  while (true) {
    const x = streamGaussian();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(streamUniform()) < 0.5 * x * x + d - d * v + d * log(v)) return factor * d * v;
  }
}

/** Fills `count` f64 with independent draws, number n with the stream (seed, stream, first + n). */
export function fillRandom(
  into: usize, first: u32, count: u32, stream: u32, distribution: i32, a: f64, b: f64, low: f64, high: f64,
): void {
  for (let n: u32 = 0; n < count; n++) {
    streamStart(network.seedLow, network.seedHigh, stream, first + n, VALUE);
    store<f64>(into + ((<usize>n) << 3), drawValue(distribution, a, b, low, high));
  }
}

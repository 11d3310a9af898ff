/** From checked values to numbers: draws from distributions and evaluates start expressions. */
import { DISTRIBUTION } from "../core/abi.js";
import type { Core } from "../core/core.js";
import type { Distribution, Value } from "../model/spec.js";

/** One number for all neurons, or one each. */
export type Numbers = number | Float64Array;

/**
 * Number of a random stream from what it is for. By name rather than by position, so that another population or background
 * current beside it changes nothing (FNV-1a, 32 bits).
 */
export function streamNumber(...names: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of names.join("\u0000")) {
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  }
  return hash >>> 0;
}

/** Kind and two numbers of a distribution, as the core takes them; the core is told its bounds if it has any. */
export function distributionNumbers(core: Core, d: Distribution): [kind: number, a: number, b: number] {
  if ("uniform" in d) return [DISTRIBUTION.uniform, d.uniform[0], d.uniform[1]];
  if ("normal" in d) return [DISTRIBUTION.normal, d.normal[0], d.normal[1]];
  if ("lognormal" in d) return [DISTRIBUTION.lognormal, d.lognormal[0], d.lognormal[1]];
  if ("exponential" in d) return [DISTRIBUTION.exponential, d.exponential, 0];
  if ("gamma" in d) return [DISTRIBUTION.gamma, d.gamma[0], d.gamma[1]];
  const [mean, sd, low, high] = d.truncatedNormal;
  core.exports.setDrawBounds(low, high);
  return [DISTRIBUTION.truncatedNormal, mean, sd];
}

/** Draws the numbers of a distribution; number n comes from the random stream (seed, stream, n). */
export function drawNumbers(core: Core, d: Distribution, size: number, stream: number): Float64Array {
  const [kind, a, b] = distributionNumbers(core, d);
  const address = core.allocate(size * 8, "drawing numbers");
  core.exports.fillRandom(address, size, stream, kind, a, b);
  return core.readF64(address, size);
}

/** The numbers of a value: as they are, or drawn. */
export function numbersOf(core: Core, value: Value, size: number, stream: number): Numbers {
  if (typeof value === "number" || value instanceof Float64Array) return value;
  return drawNumbers(core, value, size, stream);
}

/** Number of neuron i. */
export function numberAt(numbers: Numbers, i: number): number {
  return typeof numbers === "number" ? numbers : (numbers[i] as number);
}

/** Applies a function neuron by neuron; one number stays one number where all arguments are. */
export function map(size: number, f: (...x: number[]) => number, ...args: readonly Numbers[]): Numbers {
  if (args.every((x) => typeof x === "number")) return f(...(args as number[]));
  const out = new Float64Array(size);
  const x = new Array<number>(args.length);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < args.length; j++) x[j] = numberAt(args[j] as Numbers, i);
    out[i] = f(...x);
  }
  return out;
}

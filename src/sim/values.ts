/** From checked values to numbers: draws from distributions and evaluates start expressions. */
import { DISTRIBUTION } from "../core/abi.js";
import type { Core } from "../core/core.js";
import { partsOf } from "../kinds/distributions.js";
import type { Distribution, Value } from "../model/spec.js";

/** One number for all neurons, or one each. */
export type Numbers = number | Float64Array;

/** Consecutive neurons of a population: those that a shard has. */
export interface Slice {
  readonly first: number;
  readonly size: number;
}

/**
 * Number of a random stream from what it is for. By name rather than by position, so that another population or
 * background current beside it changes nothing (FNV-1a, 32 bits).
 */
export function streamNumber(...names: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of names.join("\u0000")) {
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  }
  return hash >>> 0;
}

/** Number of a random stream of the population or projection with this label. */
export function streamOf(core: Core, label: string, ...purpose: readonly (string | number)[]): number {
  return streamNumber(core.labels.get(label) ?? label, ...purpose);
}

/** A seed as the core takes it. */
export function seedWords(seed: number): [low: number, high: number] {
  return [seed >>> 0, Math.floor(seed / 2 ** 32)];
}

/** Draws with another seed than the present one. */
export function withSeed<T>(core: Core, dt: number, seed: number, present: number, draw: () => T): T {
  if (seed === present) return draw();
  core.exports.configure(dt, ...seedWords(seed));
  try {
    return draw();
  } finally {
    core.exports.configure(dt, ...seedWords(present));
  }
}

/** A distribution as the core takes it: its kind, two numbers, and the bounds of a truncated one. */
export function distributionNumbers(d: Distribution): [kind: number, a: number, b: number, low: number, high: number] {
  const { record, numbers } = partsOf(d);
  return [DISTRIBUTION[record.core], ...record.lower(numbers)];
}

/**
 * Draws the numbers of a distribution for some neurons; that of neuron n comes from the random stream (seed, stream,
 * n).
 */
export function drawNumbers(core: Core, d: Distribution, { first, size }: Slice, stream: number): Float64Array {
  const { exports } = core;
  const mark = exports.allocated();
  const address = core.allocate(size * 8, "drawing numbers");
  exports.fillRandom(address, first, size, stream, ...distributionNumbers(d));
  const numbers = core.readF64(address, size);
  exports.release(mark);
  return numbers;
}

/**
 * The largest number that a value can take, or the smallest; a distribution counts with its central part. For the check
 * only: the host's exp.
 */
export function extreme(value: Value, sign: 1 | -1): number {
  if (typeof value === "number") return value;
  if (value instanceof Float64Array)
    return sign * value.reduce((most, x) => Math.max(most, sign * x), Number.NEGATIVE_INFINITY);
  const { record, numbers } = partsOf(value);
  return record.extreme(numbers, sign);
}

/** The numbers of a value of the whole population for some of its neurons: as they are, or drawn. */
export function numbersOf(core: Core, value: Value, slice: Slice, stream: number): Numbers {
  if (typeof value === "number") return value;
  if (value instanceof Float64Array) return part(value, slice);
  return drawNumbers(core, value, slice, stream);
}

/** The numbers of some neurons out of those of the whole population. */
export function part(numbers: Float64Array, slice: Slice): Float64Array;
export function part(numbers: Numbers, slice: Slice): Numbers;
export function part(numbers: Numbers, { first, size }: Slice): Numbers {
  return typeof numbers === "number" ? numbers : numbers.subarray(first, first + size);
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

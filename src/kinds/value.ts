/** Values as checked data and as calls take them: one number for all, one each, drawn ones. */
import {
  checkNumber,
  itemPath,
  numberAllowed,
  type Range,
  readNumber,
  readNumbers,
  wrongType,
} from "../model/check.js";
import { type Distribution, readDistribution } from "./distributions.js";

/** A number for all, one number each, or a distribution to draw from. */
export type Value = number | Float64Array | Distribution;

/** Whether a field of checked data is a distribution to draw from. */
export function isDistribution(value: unknown): value is Distribution {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** One number where all are the same. */
export function merged<V extends Value>(value: V): V | number {
  if (!(value instanceof Float64Array) || value.length === 0) return value;
  const [first] = value as unknown as [number];
  return value.every((x) => x === first) ? first : value;
}

/** Rows [time in ms, value] or [time, value, slope per ms] of a quantity that changes in time; 0 before the first. */
export type Points = readonly (readonly [t: number, value: number, slope: number])[];

/** A number in the model's unit, or text with a unit ("20 ms"). */
export type Quantity = number | string;

/** One for all neurons, one each (an array, or a function of the index), or a distribution to draw from. */
export type ValueInput = Quantity | readonly Quantity[] | Float64Array | Distribution | ((neuron: number) => number);

/**
 * A rate in Hz: a value, or rows [time in ms, rate, slope in Hz/ms] that hold until the next row, 0 before the first.
 */
export type RateInput = ValueInput | { readonly points: readonly (readonly Quantity[])[] };

/**
 * A value: a number, a text with a unit, a list with one number per neuron, a distribution, or a function of the
 * neuron's index, which is evaluated here.
 */
export function readValue(value: unknown, path: string, unit: string, size: number, range?: Range): Value {
  if (typeof value === "number" || typeof value === "string") return readNumber(value, path, unit, range);
  if (typeof value === "function") {
    const numbers = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const number: unknown = value(i);
      if (typeof number !== "number") wrongType(number, itemPath(path, i), "a number, which the function must return");
      checkNumber(number, itemPath(path, i), unit, range);
      numbers[i] = number + 0;
    }
    return numbers;
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return readNumbers(value, path, unit, { length: size, meaning: "one per neuron of the population" }, range);
  }
  if (typeof value === "object" && value !== null) return readDistribution(value, path, unit, range);
  return wrongType(value, path, `${numberAllowed(unit)}, an array of ${size} numbers, or a distribution`);
}

/** Whether a rate is given as rows in time. */
export function isPoints(rate: unknown): rate is Points {
  return Array.isArray(rate);
}

/** A value as model files have it. */
export function writeValue(value: Value): unknown {
  return value instanceof Float64Array ? Array.from(value) : value;
}

/** Rows of expected spikes per step from rows of rates in Hz. */
export function rowsPerStep(points: Points, dt: number): number[] {
  return points.flatMap(([t, rate, slope]) => [t, (rate * dt) / 1000, (slope * dt) / 1000]);
}

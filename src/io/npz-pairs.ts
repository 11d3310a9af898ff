/** Lists of connections from the arrays of an npz archive. */
import type { PairTable } from "../model/files.js";
import { nearestName } from "../model/suggest.js";
import { type NpyArray, NpzError } from "./npz.js";

const NAMES = ["source", "target", "weight", "delay"] as const;

/** How to read connections from arrays. */
export interface PairArraysOptions {
  /** Number of neurons in the source population. */
  readonly sources: number;
  /** Number of neurons in the target population. */
  readonly targets: number;
  /** Name of the file for messages. */
  readonly file: string;
}

/**
 * Reads a list of connections: the arrays `source` and `target`, and if present `weight` and `delay`, each of one
 * dimension and with one element per connection. Other arrays are left out, unless they look like a misspelt one.
 *
 * @param arrays arrays by their names, as `readNpz` gives them
 * @throws NpzError with the file and the array when one is missing, of another shape or length, or holds a number that
 *   is no neuron index or not finite
 */
export function pairsOfArrays(arrays: Readonly<Record<string, NpyArray>>, options: PairArraysOptions): PairTable {
  const { file } = options;
  const names = Object.keys(arrays);
  const fail = (array: string, message: string, value?: unknown): never => {
    throw new NpzError(message, array, { file, value });
  };
  for (const name of names) {
    const nearest = nearestName(name, NAMES);
    if (nearest === undefined || nearest === name || names.includes(nearest)) continue;
    fail(name, `unknown array; did you mean "${nearest}"? Known: ${NAMES.join(", ")}.`);
  }
  const column = (name: (typeof NAMES)[number]): NpyArray["data"] | undefined => {
    if (!names.includes(name)) return undefined;
    const { data, shape } = arrays[name] as NpyArray;
    if (shape.length !== 1) fail(name, `the array has the shape (${shape.join(", ")}); it must have one dimension.`);
    return data;
  };
  const indices = (name: "source" | "target", size: number): Uint32Array => {
    const data = column(name);
    if (data === undefined) {
      const given = names.length === 0 ? "no arrays" : `the arrays ${names.slice(0, 12).map((n) => JSON.stringify(n)).join(", ")}`;
      return fail(name, `the archive lacks this array; it has ${given}, and a list needs "source" and "target".`);
    }
    const out = new Uint32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const value = data[i] as number;
      if (!(Number.isInteger(value) && value >= 0 && value < size)) {
        fail(
          name,
          `element ${i} is ${value}, no neuron index; it must be a whole number from 0 to ${size - 1}.`,
          value,
        );
      }
      out[i] = value;
    }
    return out;
  };
  const sources = indices("source", options.sources);
  const targets = indices("target", options.targets);
  const alike = (name: string, length: number): void => {
    if (length !== sources.length) {
      fail(name, `the array has ${length} elements; it must have as many as "source", ${sources.length}.`, length);
    }
  };
  alike("target", targets.length);
  const numbers = (name: "weight" | "delay"): Float64Array | undefined => {
    const data = column(name);
    if (data === undefined) return undefined;
    alike(name, data.length);
    const wrong = data.findIndex((value: number) => !Number.isFinite(value));
    if (wrong >= 0) fail(name, `element ${wrong} is ${data[wrong]}; it must be a finite number.`, data[wrong]);
    return Float64Array.from(data);
  };
  const [weights, delays] = [numbers("weight"), numbers("delay")];
  return { sources, targets, ...(weights && { weights }), ...(delays && { delays }) };
}

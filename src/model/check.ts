/**
 * The small readers that every validator is made of. Each takes an unknown value and its path, and gives checked data
 * or throws the error of errors.ts that belongs to the mistake. Only own properties of plain objects are read.
 */
import {
  describe,
  DocumentError,
  DuplicateNameError,
  LengthError,
  MissingKeyError,
  placeText,
  quantityText,
  UnknownKeyError,
  UnknownNameError,
  ValueRangeError,
  ValueTypeError,
} from "./errors.js";
import { firstStepFrom, intervalSteps, timeOf } from "./grid.js";
import type { ParameterRecord } from "./record.js";
import { nearestName } from "./suggest.js";
import { parseQuantity } from "./units.js";

/** Deepest nesting of a document. The format needs 6. */
export const MAX_DEPTH = 64;

/** Longest list: what has a length of its own (one per neuron, per pair, ...) is shorter. */
export const MAX_LENGTH = 1e8;

/** A plain object whose own keys are read. */
export type Fields = Readonly<Record<string, unknown>>;

/** The path of a key in an object: `$.populations`, `$["strange name"]`. */
export function keyPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${describe(key)}]`;
}

/** The path of an element of a list. */
export function itemPath(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** The place of a parameter: `$.populations[0].params.tau_m` in a model file, `exc.tau_m` in a call. */
export function parameterPath(path: string, name: string): string {
  return keyPath(path.startsWith("$") ? `${path}.params` : path, name);
}

/** Throws a ValueTypeError that says what was found and what is allowed. */
export function wrongType(value: unknown, path: string, allowed: string): never {
  throw new ValueTypeError(`${placeText(path, describe(value))}; it must be ${allowed}.`, { path, value, allowed });
}

/** Throws a ValueRangeError that says what was found and what is allowed. */
export function outOfRange(value: number, unit: string, path: string, allowed: string): never {
  throw new ValueRangeError(`${placeText(path, quantityText(value, unit))}; it must be ${allowed}.`, {
    path,
    value,
    allowed,
  });
}

/** The value as an object with keys (no array, no typed array, no function). */
export function readObject(value: unknown, path: string, allowed = "an object"): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    wrongType(value, path, allowed);
  }
  return value as Fields;
}

/** An own property; undefined where it is absent. Inherited properties are never seen. */
export function field(object: Fields, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An own property, or `otherwise` where it is absent; null is not absent. */
export function fieldOr(object: Fields, key: string, otherwise: unknown): unknown {
  const value = field(object, key);
  return value === undefined ? otherwise : value;
}

/** An own property that must be there. `meaning` says what it should hold. */
export function requiredField(object: Fields, key: string, path: string, meaning: string): unknown {
  const value = field(object, key);
  if (value === undefined) {
    throw new MissingKeyError(`${path}: the key "${key}" is missing; it must be ${meaning}.`, {
      path: keyPath(path, key),
      allowed: meaning,
    });
  }
  return value;
}

/** What is wrong with an unknown name, its nearest known one, and the list of all. */
function unknownText(what: string, name: string, known: readonly string[], nearest: string | undefined): string {
  const hint = nearest === undefined ? "." : `; did you mean ${JSON.stringify(nearest)}?`;
  const list = known.length === 0 ? "none" : known.slice(0, 60).join(", ") + (known.length > 60 ? ", ..." : "");
  // "receptor of population x": the name stands after the noun
  const cut = what.includes(" of ") ? what.indexOf(" of ") : what.length;
  return `unknown ${what.slice(0, cut)} ${describe(name)}${what.slice(cut)}${hint} Known: ${list}.`;
}

/** Key of a remark, which every object of a model file may have that has keys of its own. */
export const COMMENT = "comment";

/** Refuses every own key that is not in `known`. Objects of model files may have a `comment`, which is a text. */
export function checkKeys(object: Fields, path: string, known: readonly string[], what = "key"): void {
  const remarks = path.startsWith("$") && /^(key|layout)/.test(what) && !known.includes(COMMENT) ? [COMMENT] : [];
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    if (remarks.includes(key)) {
      readComment(object[key], keyPath(path, key));
      continue;
    }
    const nearest = nearestName(key, [...known, ...remarks]);
    throw new UnknownKeyError(`${path}: ${unknownText(what, key, known, nearest)}`, {
      path: keyPath(path, key),
      value: key,
      allowed: known,
      ...(nearest === undefined ? {} : { nearest }),
    });
  }
}

/** A text, or an array of texts for several lines. */
function readComment(value: unknown, path: string): void {
  if (typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"))) return;
  wrongType(value, path, "a text, or an array of texts");
}

/** A text that must be one of the known names. */
export function readName<N extends string>(value: unknown, path: string, what: string, known: readonly N[]): N {
  if (typeof value !== "string") wrongType(value, path, `the name of a ${what}: ${known.join(", ")}`);
  const found = known.find((name) => name === value);
  if (found !== undefined) return found;
  const nearest = nearestName(value, known);
  throw new UnknownNameError(`${path}: ${unknownText(what, value, known, nearest)}`, {
    path,
    value,
    allowed: known,
    ...(nearest === undefined ? {} : { nearest }),
  });
}

/**
 * A new name: letters, digits and a few signs, so that it can stand in tables and names of files; none of Object's own.
 */
export function readNewName(value: unknown, path: string, what: string, pattern: RegExp, allowed: string): string {
  if (typeof value !== "string") wrongType(value, path, `a text, the name of the ${what}`);
  if (!pattern.test(value) || value.length > 64 || value in Object.prototype) {
    const sentence = `${allowed}, at most 64 characters, and no name that JavaScript reserves`;
    throw new ValueRangeError(`${placeText(path, describe(value))}; the name of a ${what} is ${sentence}.`, {
      path,
      value,
      allowed: sentence,
    });
  }
  return value;
}

export function readBoolean(value: unknown, path: string): boolean {
  if (typeof value !== "boolean") wrongType(value, path, "true or false");
  return value;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** A list: an array or a typed array. Its length may be no more than said: nothing is allocated for it before this. */
export function readList(value: unknown, path: string, allowed = "an array"): ArrayLike<unknown> {
  if (!isList(value)) return wrongType(value, path, allowed);
  const { length } = value;
  if (length > MAX_LENGTH) {
    throw new LengthError(`${path}: an array of ${length} elements; it must have at most ${MAX_LENGTH}.`, {
      path,
      value: length,
      allowed: `at most ${MAX_LENGTH}`,
    });
  }
  return value;
}

/** Reads the last element before room is made for all: a list with a huge length that says so only has none. */
export function checkLast(list: ArrayLike<unknown>, read: (element: unknown, index: number) => void): void {
  if (list.length > 0 && Array.isArray(list)) read(list[list.length - 1], list.length - 1);
}

/** An integer from `min` to `max`. */
export function readInteger(value: unknown, path: string, min: number, max: number): number {
  const allowed = `an integer from ${min} to ${max}`;
  if (typeof value !== "number") wrongType(value, path, allowed);
  if (!Number.isInteger(value) || value < min || value > max) outOfRange(value, "", path, allowed);
  return value + 0;
}

/** What a number may be: "> 0", ">= 0", "0 to 1" with both ends, "> 0 to 1" without the 0, or any finite number. */
export type Range = ParameterRecord["range"] | "0 to 1" | "> 0 to 1";

const RANGES: Readonly<Record<NonNullable<Range>, (value: number) => boolean>> = {
  "> 0": (value) => value > 0,
  ">= 0": (value) => value >= 0,
  "0 to 1": (value) => value >= 0 && value <= 1,
  "> 0 to 1": (value) => value > 0 && value <= 1,
};

function rangeText(range: NonNullable<Range>, unit: string): string {
  if (range === "0 to 1") return "from 0 to 1";
  return range === "> 0 to 1" ? "> 0 and at most 1" : `${range.slice(0, -2)} ${quantityText(0, unit)}`;
}

/** Throws when a number is not finite or outside of the range. */
export function checkNumber(value: number, path: string, unit: string, range?: Range): void {
  if (!Number.isFinite(value)) outOfRange(value, "", path, "a finite number");
  if (range !== undefined && !RANGES[range](value)) outOfRange(value, unit, path, rangeText(range, unit));
}

/** What a number may be written as. */
export function numberAllowed(unit: string): string {
  return unit === "" ? "a number" : `a number in ${unit} or a text such as "${quantityText(10, unit)}"`;
}

/** A number in `unit`, or a text with a unit that converts to it. */
export function readNumber(value: unknown, path: string, unit: string, range?: Range): number {
  let number: number;
  if (typeof value === "string") number = parseQuantity(value, unit, path);
  else if (typeof value === "number") number = value;
  else wrongType(value, path, numberAllowed(unit));
  checkNumber(number, path, unit, range);
  // no negative zero: JSON does not keep it
  return number + 0;
}

/** A list with as many numbers as `meaning` names, apart by commas. */
export function readTuple(value: unknown, path: string, meaning: string): ArrayLike<unknown> {
  if (!isList(value)) return wrongType(value, path, `an array [${meaning}]`);
  const list = value;
  const length = meaning.split(",").length;
  if (list.length !== length) {
    throw new LengthError(`${path}: ${list.length} numbers; it must be ${length}: [${meaning}].`, {
      path,
      value: list.length,
      allowed: String(length),
    });
  }
  return list;
}

/** How many numbers an array must have, and the words for it. */
export interface Count {
  readonly length: number;
  /** "one per neuron of the population", for the message. */
  readonly meaning: string;
}

/** A list of numbers with exactly `count.length` elements, each as in readNumber. */
export function readNumbers(
  value: unknown,
  path: string,
  unit: string,
  count: Count | undefined,
  range?: Range,
): Float64Array {
  // a wrong number says more than a number too large
  const list = count && isList(value) ? value : readList(value, path, "an array of numbers");
  if (count && list.length !== count.length) {
    throw new LengthError(
      `${path}: an array of ${list.length} numbers; it must have ${count.length}, ${count.meaning}.`,
      {
      path,
      value: list.length,
      allowed: String(count.length),
    });
  }
  if (!count) checkLast(list, (element, i) => readNumber(element, itemPath(path, i), unit, range));
  const numbers = new Float64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const element = list[i];
    // the path is only written where it is needed: lists are long
    if (
      typeof element === "number" &&
      Number.isFinite(element) &&
      (range === undefined || element > 0) &&
      !range?.endsWith("to 1")
    )
      numbers[i] = element + 0;
    else numbers[i] = readNumber(element, itemPath(path, i), unit, range);
  }
  return numbers;
}

/** A list of neurons, or others that have a number, each once. `read` checks one of them. */
export function readNeurons(
  value: unknown,
  path: string,
  read: (neuron: unknown, path: string) => number,
  what = "neuron",
): Uint32Array {
  const list = readList(value, path, `an array of ${what}s`);
  if (list.length === 0)
    throw new LengthError(`${path}: an empty array; leave it out for all ${what}s.`, {
      path,
      value: 0,
      allowed: `at least one ${what}`,
    });
  checkLast(list, (neuron, i) => read(neuron, itemPath(path, i)));
  const neurons = new Uint32Array(list.length);
  const seen = new Set<number>();
  for (let i = 0; i < list.length; i++) {
    const place = itemPath(path, i);
    const neuron = read(list[i], place);
    if (seen.has(neuron))
      throw new DuplicateNameError(`${placeText(place, String(neuron))}; the ${what} is named twice.`, {
        path: place,
        value: neuron,
      });
    seen.add(neuron);
    neurons[i] = neuron;
  }
  return neurons;
}

/** An interval in ms: a multiple of dt where dt is known. */
export function readInterval(value: unknown, path: string, dt: number | undefined): number {
  const every = readNumber(value, path, "ms", "> 0");
  if (dt === undefined) return every;
  // with some room for a dt like 0.3333333333
  if (Math.abs(every - timeOf(intervalSteps(every, dt), dt)) <= 1e-9 * every) return every;
  const above = firstStepFrom(every, dt);
  const [low, high] = [above - 1, above].map((step) => quantityText(timeOf(step, dt), "ms"));
  const allowed = `a multiple of dt = ${quantityText(dt, "ms")}${above === 1 ? `, at least ${high}` : `; the nearest are ${low} and ${high}`}`;
  return outOfRange(every, "ms", path, allowed);
}

/**
 * Refuses input that is nested deeper than MAX_DEPTH, without recursion; an object inside itself is deeper than any
 * limit. What many places share is walked once per level, and a list up to its first gap: no list of the format has
 * one.
 */
export function checkDepth(input: unknown, path: string): void {
  // one frame per level: depth first, so a cycle ends at the limit
  const frames: { readonly node: object; readonly children: ArrayLike<unknown>; next: number; inner: boolean }[] = [];
  /** The deepest level at which an object that holds others has been walked. */
  const walked = new Map<object, number>();
  const open = (node: unknown): void => {
    if (typeof node !== "object" || node === null || ArrayBuffer.isView(node)) return;
    if (frames.length === MAX_DEPTH) {
      throw new DocumentError(`${path}: nested deeper than ${MAX_DEPTH} levels; a network needs 6.`, {
        path,
        allowed: `at most ${MAX_DEPTH} levels`,
      });
    }
    const above = frames.at(-1);
    if (above && !above.inner) {
      above.inner = true;
      walked.set(above.node, frames.length - 1);
    }
    if ((walked.get(node) ?? -1) >= frames.length) return;
    const children: ArrayLike<unknown> = Array.isArray(node) ? node : Object.values(node);
    // a list that long is refused by its reader, with its place
    if (children.length <= MAX_LENGTH) frames.push({ node, children, next: 0, inner: false });
  };
  open(input);
  for (let top = frames.at(-1); top; top = frames.at(-1)) {
    const { children } = top;
    let child: unknown;
    // in a loop of its own: lists of numbers are long
    while (top.next < children.length) {
      child = children[top.next++];
      if (typeof child === "object" && child !== null) break;
      if (child === undefined && Array.isArray(children) && !(top.next - 1 in children)) top.next = children.length;
    }
    if (typeof child === "object" && child !== null) open(child);
    else if (top.next >= children.length) frames.pop();
  }
}

/** Values as they are written on the command line: one, a list, a range. */
import { InputError } from "./errors.js";

/** Most values of one list. */
const MAX_VALUES = 100_000;

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const SCALAR = new RegExp(`^${NUMBER}$`, "i");
const RANGE = new RegExp(String.raw`^(${NUMBER})\s*\.\.\s*(${NUMBER})\s*(?:(:|\/)\s*(${NUMBER})\s*(log)?)?$`, "i");

/** A number where the text is one; else the text, which may have a unit or be wrong. */
export function numberOrText(text: string): number | string {
  return SCALAR.test(text.trim()) ? Number(text) : text;
}

/** A number, true, false, null, a list or an object as JSON has them; any other text is itself, such as "10 ms". */
export function valueOf(text: string): unknown {
  const plain = text.trim();
  if (SCALAR.test(plain)) return Number(plain);
  if (!/^(?:[[{"]|(?:true|false|null)$)/.test(plain)) return plain;
  try {
    return JSON.parse(plain) as unknown;
  } catch {
    throw new InputError(`${JSON.stringify(plain)} begins like JSON and is none.`);
  }
}

/**
 * The values of a list such as `1,2,5`, `0..1:0.25` (from 0 to 1 in steps of 0.25), `0..1/5` (five values from 0 to 1),
 * `1..1000/4 log` (with equal ratios), `1..10` (whole numbers), or an array as JSON, whose elements may be anything.
 *
 * @param what stands before the message of an error
 */
export function valuesOf(text: string, what: string): readonly unknown[] {
  const values: unknown[] = [];
  const plain = text.trim();
  if (plain.startsWith("[")) values.push(...(valueOf(plain) as unknown[]));
  else for (const part of plain.split(",")) values.push(...partOf(part.trim(), what, MAX_VALUES - values.length));
  if (values.length === 0 || values.length > MAX_VALUES) throw new InputError(`${what}: ${values.length} values; it must have 1 to ${MAX_VALUES}.`);
  return values;
}

function partOf(part: string, what: string, most: number): readonly unknown[] {
  if (part === "") throw new InputError(`${what}: a value is missing between the commas.`);
  const match = RANGE.exec(part);
  if (match === null) {
    if (part.includes("..")) throw bad(part, what);
    return [valueOf(part)];
  }
  const [, first, last, sign, number, log] = match;
  const [from, to] = [Number(first), Number(last)];
  if (sign === "/") return spaced(from, to, Number(number), log !== undefined, part, what, most);
  if (log !== undefined) throw bad(part, what);
  if (sign === undefined && !(Number.isInteger(from) && Number.isInteger(to))) throw bad(part, what);
  const step = sign === undefined ? Math.sign(to - from) || 1 : Number(number);
  // a range that ends at a multiple of its step has its end, whatever the rounding of the quotient
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (!(step !== 0 && count >= 1 && count <= most)) throw bad(part, what);
  return Array.from({ length: count }, (_, i) => decimal(from + i * step));
}

function spaced(
  from: number,
  to: number,
  count: number,
  log: boolean,
  part: string,
  what: string,
  most: number,
): readonly number[] {
  if (!(Number.isInteger(count) && count >= 2 && count <= most)) throw bad(part, what);
  if (log && !(from > 0 && to > 0)) throw bad(part, what);
  const at = (i: number): number =>
    log ? from * (to / from) ** (i / (count - 1)) : from + ((to - from) * i) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? to : decimal(at(i))));
}

/** The number without the noise of its last digits: 0.1 * 3 is 0.3. */
function decimal(x: number): number {
  return Number(x.toPrecision(12));
}

function bad(part: string, what: string): InputError {
  const allowed = 'a range such as 1..10 (whole numbers), 0..1:0.25 (in steps), 0..1/5 (five values) or 1..1000/4 log (equal ratios, above 0)';
  return new InputError(`${what}: ${JSON.stringify(part)}; it must be ${allowed}.`);
}

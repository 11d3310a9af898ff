/**
 * Quantities with units: reads "20 ms", "0.5 nA", "2 uA/cm2" and converts them into the unit that a parameter is kept in.
 *
 * A unit is a product of powers of V, A, s, m, rad and a power of ten. Powers of ten are applied to the decimal text, so
 * "0.5 nA" in pA is exactly 500.
 */
import { describe, placeText, quantityText, UnitError, ValueRangeError } from "./errors.js";

/** A parsed unit. Exponents may be halves: the intensity of white noise has the unit pA*sqrt(ms). */
export interface Unit {
  /** Exponents of volt, ampere, second, metre, radian. */
  readonly dimension: readonly [V: number, A: number, s: number, m: number, rad: number];
  /** Power of ten relative to the product of the base units. */
  readonly power: number;
  /** Further factor; 1 but for degrees, minutes and hours. */
  readonly factor: number;
}

const PREFIXES: Readonly<Record<string, number>> = {
  f: -15, p: -12, n: -9, u: -6, µ: -6, μ: -6, m: -3, c: -2, d: -1, "": 0, k: 3, M: 6, G: 9,
};

const SYMBOLS: Readonly<Record<string, Unit>> = {
  V: { dimension: [1, 0, 0, 0, 0], power: 0, factor: 1 },
  A: { dimension: [0, 1, 0, 0, 0], power: 0, factor: 1 },
  s: { dimension: [0, 0, 1, 0, 0], power: 0, factor: 1 },
  m: { dimension: [0, 0, 0, 1, 0], power: 0, factor: 1 },
  S: { dimension: [-1, 1, 0, 0, 0], power: 0, factor: 1 },
  F: { dimension: [-1, 1, 1, 0, 0], power: 0, factor: 1 },
  C: { dimension: [0, 1, 1, 0, 0], power: 0, factor: 1 },
  Ohm: { dimension: [1, -1, 0, 0, 0], power: 0, factor: 1 },
  ohm: { dimension: [1, -1, 0, 0, 0], power: 0, factor: 1 },
  Ω: { dimension: [1, -1, 0, 0, 0], power: 0, factor: 1 },
  Hz: { dimension: [0, 0, -1, 0, 0], power: 0, factor: 1 },
  rad: { dimension: [0, 0, 0, 0, 1], power: 0, factor: 1 },
  deg: { dimension: [0, 0, 0, 0, 1], power: 0, factor: Math.PI / 180 },
  min: { dimension: [0, 0, 1, 0, 0], power: 0, factor: 60 },
  h: { dimension: [0, 0, 1, 0, 0], power: 0, factor: 3600 },
};

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,4}))?/;
const FACTOR = /^(?:1(?=\/)|(sqrt)\(([^()]+)\)|([A-Za-zµμΩ]+)(?:\^?([+-]?\d)|([²³]))?)/;
// the longest unit in use has 20 characters; what is longer is no unit
const MAX_LENGTH = 64;

/** Parses the text of a unit such as "mV", "uA/cm^2", "1/ms" or "pA*sqrt(ms)"; undefined where it is none. "" is a pure number. */
export function parseUnit(text: string): Unit | undefined {
  if (text === "") return { dimension: [0, 0, 0, 0, 0], power: 0, factor: 1 };
  if (text.length > MAX_LENGTH) return undefined;
  let rest = text.replace(/[·⋅]/g, "*").replace(/\s*([*/()])\s*/g, "$1");
  if (rest.startsWith("/")) rest = `1${rest}`;
  const dimension: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  let power = 0;
  let factor = 1;
  let sign = 1;
  while (rest !== "") {
    const match = FACTOR.exec(rest);
    if (!match) return undefined;
    const [whole, root, radicand, symbol, digits, superscript] = match;
    let exponent = sign;
    let unit: Unit | undefined;
    if (root !== undefined && radicand !== undefined) {
      unit = parseUnit(radicand);
      exponent *= 0.5;
    } else if (symbol !== undefined) {
      unit = parseSymbol(symbol);
      if (digits !== undefined) exponent *= Number(digits);
      if (superscript !== undefined) exponent *= superscript === "²" ? 2 : 3;
    } else unit = parseUnit("");
    if (!unit) return undefined;
    for (let i = 0; i < 5; i++) dimension[i] = (dimension[i] ?? 0) + exponent * (unit.dimension[i] ?? 0);
    power += exponent * unit.power;
    // nobody squares these, and other powers would need a host function
    if (unit.factor !== 1) {
      if (Math.abs(exponent) !== 1) return undefined;
      factor = exponent === 1 ? factor * unit.factor : factor / unit.factor;
    }
    rest = rest.slice(whole.length);
    if (rest === "") break;
    if (rest[0] !== "*" && rest[0] !== "/") return undefined;
    sign = rest[0] === "/" ? -1 : 1;
    rest = rest.slice(1);
    if (rest === "") return undefined;
  }
  return { dimension, power, factor };
}

function parseSymbol(symbol: string): Unit | undefined {
  if (Object.hasOwn(SYMBOLS, symbol)) return SYMBOLS[symbol];
  const prefix = symbol.slice(0, 1);
  const base = symbol.slice(1);
  if (!Object.hasOwn(PREFIXES, prefix) || !Object.hasOwn(SYMBOLS, base)) return undefined;
  const unit = SYMBOLS[base];
  if (unit && unit.factor !== 1) return undefined;
  return unit && { ...unit, power: unit.power + (PREFIXES[prefix] ?? 0) };
}

/** Whether two units measure the same thing. */
export function sameDimension(a: Unit, b: Unit): boolean {
  return a.dimension.every((exponent, i) => exponent === b.dimension[i]);
}

/**
 * Reads a quantity written as text, such as "20 ms", and gives its number in `unit`.
 *
 * @param text a number and a unit; the space between them may be missing
 * @param unit the wanted unit, "" for a pure number
 * @param path where the text stands, for the error message
 * @throws UnitError where the unit is missing, unknown or of another dimension
 */
export function parseQuantity(text: string, unit: string, path: string): number {
  const wanted = parseUnit(unit);
  if (!wanted) throw new UnitError(`${path}: ${describe(unit)} is not a unit.`, { path, value: unit });
  const trimmed = text.trim();
  const match = NUMBER.exec(trimmed);
  if (!match) {
    const allowed = unit === "" ? "a number" : `a number or a text such as "${quantityText(10, unit)}"`;
    throw new UnitError(`${placeText(path, describe(text))}; it must be ${allowed}.`, { path, value: text, allowed });
  }
  const [whole, digits = "", exponent = "0"] = match;
  const given = trimmed.slice(whole.length).trim();
  if (unit === "") {
    const allowed = "a number without quotes";
    throw new UnitError(`${placeText(path, describe(text))}; it is a pure number without a unit: write ${allowed}.`, { path, value: text, allowed });
  }
  if (given === "") {
    const allowed = `a number in ${unit} without quotes, or a text with its unit: "${whole} ${unit}"`;
    throw new UnitError(`${placeText(path, describe(text))} has no unit; write ${allowed}.`, { path, value: text, allowed });
  }
  const from = parseUnit(given);
  const factor = /^\*\s*(.+)$/.exec(given)?.[1];
  if (!from && factor !== undefined && parseUnit(factor)) {
    const allowed = JSON.stringify(`${whole} ${factor}`);
    throw new UnitError(`${placeText(path, describe(text))}; a number with its unit has no * between them: write ${allowed}.`, { path, value: text, allowed });
  }
  if (!from) {
    throw new UnitError(`${placeText(path, describe(text))}; unknown unit ${describe(given)}, expected ${unit}.`, { path, value: text, allowed: unit });
  }
  if (!sameDimension(from, wanted)) {
    throw new UnitError(`${placeText(path, describe(text))}; ${describe(given)} cannot be converted to ${unit}.`, { path, value: text, allowed: unit });
  }
  const shift = from.power - wanted.power;
  const tens = Math.floor(shift);
  let value = Number(`${digits}e${Number(exponent) + tens}`);
  // a square root leaves half a power of ten
  if (shift !== tens) value *= Math.sqrt(10);
  if (from.factor !== wanted.factor) value = (value * from.factor) / wanted.factor;
  if (!Number.isFinite(value)) {
    const allowed = "a finite number";
    throw new ValueRangeError(`${placeText(path, describe(text))}; it must be ${allowed}.`, { path, value: text, allowed });
  }
  return value + 0;
}

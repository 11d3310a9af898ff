/**
 * Quantities with units: reads "20 ms", "0.5 nA", "2 uA/cm2" and converts them into the unit that a parameter is kept
 * in.
 */
import { parseUnit as parseAny, same, type Unit } from "../lang/dimensions.js";
import { describe, placeText, quantityText, UnitError, ValueRangeError } from "./errors.js";

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,4}))?/;

/**
 * Parses the text of a unit, see src/lang/dimensions.ts; undefined where it is none. "" is a pure number, and "1" no
 * unit of a quantity.
 */
export function parseUnit(text: string): Unit | undefined {
  return text === "1" ? undefined : parseAny(text);
}

/** Whether two units measure the same thing. */
export function sameDimension(a: Unit, b: Unit): boolean {
  return same(a.dimension, b.dimension) && a.angle === b.angle;
}

/**
 * Reads a quantity written as text, such as "20 ms", and gives its number in `unit`. Powers of ten are applied to the
 * decimal text, so "0.5 nA" in pA is exactly 500.
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
    throw new UnitError(`${placeText(path, describe(text))}; it is a pure number without a unit: write ${allowed}.`, {
      path,
      value: text,
      allowed,
    });
  }
  if (given === "") {
    const allowed = `a number in ${unit} without quotes, or a text with its unit: "${whole} ${unit}"`;
    throw new UnitError(`${placeText(path, describe(text))} has no unit; write ${allowed}.`, {
      path,
      value: text,
      allowed,
    });
  }
  const from = parseUnit(given);
  const factor = /^\*\s*(.+)$/.exec(given)?.[1];
  if (!from && factor !== undefined && parseUnit(factor)) {
    const allowed = JSON.stringify(`${whole} ${factor}`);
    throw new UnitError(
      `${placeText(path, describe(text))}; a number with its unit has no * between them: write ${allowed}.`,
      { path, value: text, allowed },
    );
  }
  if (!from) {
    throw new UnitError(`${placeText(path, describe(text))}; unknown unit ${describe(given)}, expected ${unit}.`, {
      path,
      value: text,
      allowed: unit,
    });
  }
  if (!sameDimension(from, wanted)) {
    throw new UnitError(`${placeText(path, describe(text))}; ${describe(given)} cannot be converted to ${unit}.`, {
      path,
      value: text,
      allowed: unit,
    });
  }
  const shift = from.power - wanted.power;
  const tens = Math.floor(shift);
  let value = Number(`${digits}e${Number(exponent) + tens}`);
  // a square root leaves half a power of ten
  if (shift !== tens) value *= Math.sqrt(10);
  if (from.factor !== wanted.factor) value = (value * from.factor) / wanted.factor;
  if (!Number.isFinite(value)) {
    const allowed = "a finite number";
    throw new ValueRangeError(`${placeText(path, describe(text))}; it must be ${allowed}.`, {
      path,
      value: text,
      allowed,
    });
  }
  return value + 0;
}

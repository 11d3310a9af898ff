/** Quantities that change in time as rows of a table: piecewise currents and rates. */
import { checkKeys, itemPath, keyPath, outOfRange, readList, readNumber, readValue, requiredField } from "./check.js";
import { LengthError, quantityText } from "./errors.js";
import type { Points, Value } from "./spec.js";

/** Most rows of a table. */
export const MAX_POINTS = 1e6;

/**
 * Reads rows [time, value, slope], ordered by time.
 *
 * @param what the word for the value in messages
 */
export function readPoints(value: unknown, path: string, unit: string, what: string): Points {
  const meaning = `[time, ${what}, slope]`;
  const rows = readList(value, path, `an array of rows ${meaning}`);
  if (rows.length === 0 || rows.length > MAX_POINTS) {
    const allowed = `1 to ${MAX_POINTS}`;
    throw new LengthError(`${path}: ${rows.length} rows; it must have ${allowed}.`, { path, value: rows.length, allowed });
  }
  const slope = unit === "" ? "1/ms" : `${unit}/ms`;
  const points: (readonly [number, number, number])[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows.length; i++) {
    const place = itemPath(path, i);
    const row = readList(rows[i], place, `a row ${meaning}`);
    if (row.length < 2 || row.length > 3) {
      throw new LengthError(`${place}: ${row.length} numbers; it must be 2 or 3: ${meaning}.`, { path: place, value: row.length, allowed: "2 or 3" });
    }
    const time = readNumber(row[0], itemPath(place, 0), "ms");
    if (!(time > last)) outOfRange(time, "ms", itemPath(place, 0), `> ${quantityText(last, "ms")}, the time of the row before`);
    last = time;
    points.push([time, readNumber(row[1], itemPath(place, 1), unit), row.length === 3 ? readNumber(row[2], itemPath(place, 2), slope) : 0]);
  }
  return points;
}

/**
 * Reads a rate in Hz: a value, or `{ "points": [[time, rate, slope], ...] }` for one that changes in time. It is nowhere
 * negative.
 */
export function parseRate(value: unknown, path: string, size: number): Value | Points {
  const isTable = typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, "points");
  if (!isTable) return readValue(value, path, "Hz", size, ">= 0");
  const object = value as Readonly<Record<string, unknown>>;
  checkKeys(object, path, ["points"], "key of a rate");
  const place = keyPath(path, "points");
  const points = readPoints(requiredField(object, "points", path, "rows [time, rate, slope]"), place, "Hz", "rate");
  for (const [i, [time, rate, slope]] of points.entries()) {
    const row = itemPath(place, i);
    if (rate < 0) outOfRange(rate, "Hz", itemPath(row, 1), ">= 0 Hz");
    const next = points[i + 1]?.[0];
    // a straight line is least at its ends; its own rounding may take it a little below 0
    if (slope >= 0 || (next !== undefined && rate + slope * (next - time) >= -1e-9 * rate)) continue;
    const end = next === undefined ? "and no row ends the fall" : `so the rate is below 0 Hz before the next row at ${quantityText(next, "ms")}`;
    outOfRange(slope, "Hz/ms", itemPath(row, 2), `>= 0 Hz/ms, or the next row must come in time; the rate is ${quantityText(rate, "Hz")} at ${quantityText(time, "ms")}, ${end}`);
  }
  return points;
}

/** Quantities that change in time as rows of a table: piecewise currents and rates. */
import { checkKeys, itemPath, keyPath, outOfRange, readList, readNumber, requiredField } from "./check.js";
import { LengthError, quantityText, ValueRangeError } from "./errors.js";
import { partsOf } from "../kinds/distributions.js";
import { isPoints, type Points, readValue, type Value } from "../kinds/value.js";

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
    throw new LengthError(`${path}: ${rows.length} rows; it must have ${allowed}.`, {
      path,
      value: rows.length,
      allowed,
    });
  }
  const slope = unit === "" ? "1/ms" : `${unit}/ms`;
  const points: (readonly [number, number, number])[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows.length; i++) {
    const place = itemPath(path, i);
    const row = readList(rows[i], place, `a row ${meaning}`);
    if (row.length < 2 || row.length > 3) {
      throw new LengthError(`${place}: ${row.length} numbers; it must be 2 or 3: ${meaning}.`, {
        path: place,
        value: row.length,
        allowed: "2 or 3",
      });
    }
    const time = readNumber(row[0], itemPath(place, 0), "ms");
    if (!(time > last)) outOfRange(time, "ms", itemPath(place, 0), `> ${quantityText(last, "ms")}, the time of the row before`);
    last = time;
    points.push([
      time,
      readNumber(row[1], itemPath(place, 1), unit),
      row.length === 3 ? readNumber(row[2], itemPath(place, 2), slope) : 0,
    ]);
  }
  return points;
}

/**
 * Most events that a Poisson rate may give a neuron in a step on average, and most spikes of a step of a whole source.
 */
export const MOST_EVENTS = 1e5;
export const MOST_SPIKES_PER_STEP = 1e6;

/**
 * Refuses rates of so many events per step that they would take all time and memory.
 *
 * @param to end of the time in ms, for rates that change; all rows count without it, a rise after the last one does not
 * @param spikes the events are spikes of a source, which are held: their sum over the neurons is limited too
 */
export function checkRate(
  rate: Value | Points,
  path: string,
  size: number,
  dt: number,
  spikes: boolean,
  to = Number.POSITIVE_INFINITY,
): void {
  const [most, sum] = isPoints(rate) ? ofPoints(rate, size, to) : ofValue(rate, size);
  const refuse = (hz: number, perStep: number, what: string): never => {
    const allowed = `at most ${quantityText((1000 * perStep) / dt, "Hz")}`;
    const is = `${quantityText(Number(((hz * dt) / 1000).toPrecision(3)))} in a step of dt = ${quantityText(dt, "ms")}`;
    throw new ValueRangeError(
      `${path}: ${quantityText(hz, "Hz")}${what}, ${is}; it must be ${allowed}, ${perStep} in a step.`,
      {
      path,
      value: hz,
      allowed,
    });
  };
  if ((most * dt) / 1000 > MOST_EVENTS) refuse(most, MOST_EVENTS, "");
  if (spikes && (sum * dt) / 1000 > MOST_SPIKES_PER_STEP)
    refuse(sum, MOST_SPIKES_PER_STEP, ` of ${size} neurons together`);
}

/** The highest rate of a neuron, and that of all together; distributions count with their mean and two deviations. */
function ofValue(rate: Value, size: number): [most: number, sum: number] {
  if (typeof rate === "number") return [rate, size * rate];
  if (rate instanceof Float64Array) {
    return [rate.reduce((most, hz) => Math.max(most, hz), 0), rate.reduce((sum, hz) => sum + hz, 0)];
  }
  const { record, numbers } = partsOf(rate);
  const [mean, deviation] = record.moments(numbers);
  return [mean + 2 * deviation, size * mean];
}

function ofPoints(points: Points, size: number, to: number): [most: number, sum: number] {
  let most = 0;
  for (const [i, [time, rate, slope]] of points.entries()) {
    const end = Math.min(to, points[i + 1]?.[0] ?? (to === Number.POSITIVE_INFINITY ? time : to));
    if (time <= to) most = Math.max(most, rate, rate + slope * Math.max(0, end - time));
  }
  return [most, size * most];
}

/**
 * Reads a rate in Hz: a value, or `{ "points": [[time, rate, slope], ...] }` for one that changes in time. It is
 * nowhere negative.
 *
 * @param dt the time step in ms, if it is known: the rate is limited then
 * @param spikes it is that of a source
 */
export function parseRate(value: unknown, path: string, size: number, dt?: number, spikes = false): Value | Points {
  const rate = readRate(value, path, size);
  if (dt !== undefined) checkRate(rate, path, size, dt, spikes);
  return rate;
}

function readRate(value: unknown, path: string, size: number): Value | Points {
  const isTable =
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, "points");
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

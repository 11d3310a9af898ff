/** Quantities that change at given times. */
import { stepsOf, timeOf } from "../../model/grid.js";
import { ExchangeError } from "../report.js";
import { type Draft, freezeNamed } from "./group.js";
import { baseUnitText, factor, inUnit, numeral, quantity, unitText } from "./text.js";

/** A quantity that changes at given times. Few pieces stand in the expression, many in a TimedArray. */
export function piecewise(
  draft: Draft,
  points: readonly (readonly [number, number, number])[],
  unit: string,
  name: string,
  staged: boolean,
): string {
  if (points.length > 8) return table(draft, points, unit, name, staged);
  const pieces = points.map(([t, value, slope], i) => {
    const next = points[i + 1];
    const window = windowText(draft, t, next?.[0]);
    const acts = staged ? freezeNamed(draft, draft.names.of(`piece_${i + 1}`), window, "1") : window;
    if (slope === 0) return value === 0 ? "" : `${factor(quantity(value, unit))}*${acts}`;
    const rise = inUnit(numeral(slope), unit);
    return `(${quantity(value, unit)} + ${factor(`${rise}/ms`)}*(${draft.time} - ${numeral(t)}*ms))*${acts}`;
  });
  const acting = pieces.filter((piece) => piece !== "");
  return acting.length === 0
    ? `0*${unitText(unit)}`
    : acting.length === 1
      ? (acting[0] as string)
      : `(${acting.join(" + ")})`;
}

/** The same by TimedArrays, sampled where the pieces begin. */
export function table(
  draft: Draft,
  points: readonly (readonly [number, number, number])[],
  unit: string,
  name: string,
  staged: boolean,
): string {
  const { shared } = draft;
  const { dt } = shared;
  const steps = points.map(([t]) => stepsOf(t, dt));
  const last = steps.at(-1) ?? 0;
  const every = steps.reduce((a, b) => gcd(a, b), last) || 1;
  const count = last / every + 1;
  if (count > 1e7)
    throw new ExchangeError(`${draft.path}: a table of ${count} steps is too long for a TimedArray.`, [], {
      path: draft.path,
    });
  const column = (pick: (row: readonly [number, number, number]) => number): Float64Array => {
    const out = new Float64Array(count);
    let row = -1;
    for (let n = 0; n < count; n++) {
      while (row + 1 < steps.length && (steps[row + 1] as number) <= n * every) row++;
      out[n] = row < 0 ? 0 : pick(points[row] as readonly [number, number, number]);
    }
    return out;
  };
  const width = `${numeral(timeOf(every, dt))}*ms`;
  const timed = (what: string, data: Float64Array, text: string): string => {
    const made = `${name}${what}`;
    draft.before.push(`${made} = TimedArray(${inUnit(shared.arrays.of(made, data, "np.array").text, text)}, dt=${width})`);
    draft.namespace.push([made, made]);
    return `${made}(t)`;
  };
  const value = timed("", column(([, x]) => x), unit);
  const hold = (text: string, what: string, base: string): string =>
    staged ? freezeNamed(draft, draft.names.of(`${name}_${what}`), text, base) : text;
  const now = hold(value, "now", baseUnitText(unit));
  if (points.every(([, , slope]) => slope === 0)) return now;
  const perMs = unit === "1" ? "1/ms" : `${unit}/ms`;
  const slope = hold(timed("_slope", column(([, , s]) => s), perMs), "slope_now", baseUnitText(perMs));
  const from = hold(timed("_from", column(([t]) => t), "ms"), "from_now", "second");
  return `(${now} + ${slope}*(${draft.time} - ${from}))`;
}

/** 1 between two times, edges at the nearest steps. */
export function windowText(draft: Draft, start: number | undefined, stop: number | undefined): string {
  const conditions = [
    ...(start === undefined ? [] : [`t + 0.5*dt >= ${onGrid(draft, start)}`]),
    ...(stop === undefined ? [] : [`t + 0.5*dt < ${onGrid(draft, stop)}`]),
  ];
  return `int(${conditions.join(" and ")})`;
}

/** A time at the nearest step, in Brian2's words. */
export function onGrid(draft: Draft, ms: number): string {
  const { dt } = draft.shared;
  return `${numeral(timeOf(stepsOf(ms, dt), dt))}*ms`;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

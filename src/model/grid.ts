/**
 * Times and steps: the one way between them. Times are ms as a user writes them, decimals that binary numbers only come
 * near (0.35 ms at dt 0.1 is three and a half steps, their quotient 3.4999999999999996), so each rule below is that of
 * the decimals.
 *
 * A quotient of two rounded decimals is within three roundings, 3 * 2^-53 of itself. What lies nearer to a half or a
 * whole number than 2^-50 of itself therefore counts as being there. That is exact for times of up to 2^48 units of the
 * last decimal place of the two: 8 million hours at steps of 0.1 ms.
 */

import { quantityText } from "./errors.js";

/**
 * Room for the rounding of a quotient, see above; none where numbers are too wide apart for it. Runs have fewer steps.
 */
function room(steps: number): number {
  const size = Math.abs(steps);
  return size < 2 ** 48 ? size * 2 ** -50 : 0;
}

/**
 * Steps in `ms`: the nearest whole number, halves up (0.25 ms at dt 0.1 are 3, 0.05 ms 1). assembly/steps.ts has the
 * same rule, for times that are drawn there.
 */
export function stepsOf(ms: number, dt: number): number {
  const steps = ms / dt;
  const whole = Math.floor(steps);
  return steps - whole + room(steps) >= 0.5 ? whole + 1 : whole;
}

/** Steps of what takes one at least: a delay, the time between two samples, the duration of a kernel. */
export function intervalSteps(ms: number, dt: number): number {
  return Math.max(1, stepsOf(ms, dt));
}

/** A sum of many times that keeps what the rounding of each addition would lose (Knuth's two-sum). */
export interface TimeSum {
  readonly total: number;
  readonly rest: number;
}

/** The sum as one number. */
export function inAll({ total, rest }: TimeSum): number {
  return total + rest;
}

/** The sum with `ms` added to it. */
export function plus({ total, rest }: TimeSum, ms: number): TimeSum {
  const sum = total + ms;
  const added = sum - total;
  return { total: sum, rest: rest + (total - (sum - added) + (ms - added)) };
}

/** The first step k whose time k dt is at `ms` or later. */
export function firstStepFrom(ms: number, dt: number): number {
  const steps = ms / dt;
  return Math.ceil(steps - room(steps));
}

/** The first step k whose time k dt is later than `ms`. */
export function firstStepAfter(ms: number, dt: number): number {
  const steps = ms / dt;
  return Math.floor(steps + room(steps)) + 1;
}

/** Whether `ms` is a whole number of steps. */
export function isOnGrid(ms: number, dt: number): boolean {
  const steps = ms / dt;
  return Math.ceil(steps - room(steps)) <= Math.floor(steps + room(steps));
}

/** What is said of a time that is not on the grid, but for the final stop. */
export function roundedText(name: string, given: number, used: number, dt: number): string {
  return `${name} = ${quantityText(given, "ms")} is not a whole number of steps of dt = ${dt} ms; ${quantityText(used, "ms")} is used`;
}

/**
 * The time of a step in ms: the number that is nearest to the product of the step and the decimal dt, such as 70.1 for
 * 701 steps of 0.1 (whose product as binary numbers is 70.10000000000001). It is `step * dt` where dt is no short
 * decimal.
 */
export function timeOf(step: number, dt: number): number {
  if (dt !== known.dt) known = { dt, ...decimal(dt) };
  const units = step * known.units;
  // both are whole numbers that a double holds, so the quotient is rounded once
  return Math.abs(units) <= Number.MAX_SAFE_INTEGER ? units / known.perUnit : step * dt;
}

/** dt = units/perUnit for the dt of the last call: one simulation asks again and again. */
let known = { dt: 1, units: 1, perUnit: 1 };

function decimal(dt: number): { units: number; perUnit: number } {
  const [digits = "", exponent = "0"] = String(dt).split("e");
  const [whole = "", fraction = ""] = digits.split(".");
  const power = fraction.length - Number(exponent);
  const units = Number(whole + fraction);
  // powers of ten are exact up to 10^22
  return power >= 0 && power <= 22
    ? { units, perUnit: Number(`1e${power}`) }
    : { units: Number.POSITIVE_INFINITY, perUnit: 1 };
}

/**
 * A time in ms as the shortest text that means it: the rounding noise of `step * dt` is taken off, so 3 * 0.1 gives
 * "0.3" and not "0.30000000000000004". The text parses back within 1e-9 ms up to 9e6 ms (two and a half hours) and
 * within one part in 1e14 beyond.
 *
 * @param time time in ms
 */
export function formatTime(time: number): string {
  if (Math.abs(time) < 9e6) {
    const rounded = Math.round(time * 1e9) / 1e9;
    return String(rounded);
  }
  return String(Number(time.toPrecision(15)));
}

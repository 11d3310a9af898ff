/** Times of results in the forms that files of other tools have: seconds, and samples at even intervals. */
import { formatTime, stepsOf, timeOf } from "../model/grid.js";

/** Seconds of a time in ms. */
export const secondsOf = (ms: number): number => ms / 1000;

/**
 * A time in ms of one in s. Division by 1000 takes some neighbours to the same number, so the way back is a rule: the
 * time of the grid of dt that has these seconds; off the grid what csv has too, the nearest 1e-9 ms.
 */
export function msOf(seconds: number, dt: number | undefined): number {
  const ms = seconds * 1000;
  const onGrid = dt === undefined ? Number.NaN : timeOf(stepsOf(ms, dt), dt);
  return secondsOf(onGrid) === seconds ? onGrid : Number(formatTime(ms));
}

/** The interval in ms between samples; undefined where they are not evenly spaced. */
export function intervalOf(time: ArrayLike<number>): number | undefined {
  const last = time.length - 1;
  if (last < 1) return undefined;
  const start = time[0] as number;
  const step = ((time[last] as number) - start) / last;
  if (!(step > 0)) return undefined;
  for (let i = 1; i < last; i++) if (Math.abs((time[i] as number) - start - i * step) > 1e-6 * step) return undefined;
  return Number(step.toPrecision(12));
}

/** Times in ms of samples at even intervals: those of the grid of dt, where start and interval lie on it. */
export function evenTimes(start: number, every: number, count: number, dt: number | undefined): Float64Array {
  const [first, steps] = dt === undefined ? [0, 0] : [stepsOf(start, dt), stepsOf(every, dt)];
  const near = (ms: number, step: number): boolean => Math.abs(timeOf(step, dt as number) - ms) <= 1e-9 * Math.abs(ms);
  const grid = steps > 0 && near(start, first) && near(every, steps);
  const at = (k: number): number =>
    grid ? timeOf(first + k * steps, dt as number) : Number(formatTime(start + k * every));
  return Float64Array.from({ length: count }, (_, k) => at(k));
}

/**
 * The interval in ms of samples from which `evenTimes` makes the same times, bit for bit; undefined where there is
 * none.
 */
export function exactIntervalOf(time: ArrayLike<number>, dt: number | undefined): number | undefined {
  const every = intervalOf(time);
  if (every === undefined) return undefined;
  const made = evenTimes(time[0] as number, every, time.length, dt);
  return made.every((t, k) => t === time[k]) ? every : undefined;
}

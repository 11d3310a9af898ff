/** Background currents whose value follows from the time, step by step: for tools that take a current in pieces. */
import { stepsOf, timeOf } from "../model/grid.js";
import type { BackgroundKind, BackgroundScope, Points, Value } from "../model/spec.js";

const KINDS = ["constant", "piecewise", "pulses", "ramp", "samples"] as const;

/** Kinds of such currents. */
export type CourseKind = Extract<BackgroundKind, { readonly kind: (typeof KINDS)[number] }>;

/** Whether an entry is one of them. */
export function hasCourse<E extends BackgroundKind>(entry: E): entry is E & CourseKind {
  return (KINDS as readonly string[]).includes(entry.kind);
}

/** A number of each neuron times a course in time. `at` is asked for one step after another. */
export interface Term {
  readonly scale: Value;
  at(step: number): number;
}

/** The terms that add up to a current, within its scope; dt in ms. */
export function termsOf(entry: CourseKind, dt: number): readonly Term[] {
  switch (entry.kind) {
    case "constant":
      return [{ scale: entry.amplitude, at: () => 1 }];
    case "piecewise":
      return [{ scale: 1, at: atPoints(entry.points, dt) }];
    case "pulses":
      return [{ scale: entry.amplitude, at: pulse(entry, dt) }];
    case "ramp": {
      const { from, to } = entry;
      const share = rampShare(entry, dt);
      if (typeof from === "number" && typeof to === "number")
        return [{ scale: 1, at: (k) => from + (to - from) * share(k) }];
      return [
        { scale: from, at: (k) => 1 - share(k) },
        { scale: to, at: share },
      ];
    }
    case "samples": {
      const { values } = entry;
      const edges = Float64Array.from(values, (_, n) => stepsOf(n * entry.dt, dt));
      let n = 0;
      const at = (k: number): number => {
        while (n + 1 < edges.length && (edges[n + 1] as number) <= k) n++;
        return values[n] as number;
      };
      return [{ scale: 1, at }];
    }
  }
}

/** The steps in which an entry acts, whose middle lies in its scope: from the first to before the last. */
export function windowOf({ start, stop }: BackgroundScope, dt: number): readonly [first: number, last: number] {
  return [
    start === undefined ? 0 : Math.max(0, stepsOf(start, dt)),
    stop === undefined ? Number.POSITIVE_INFINITY : stepsOf(stop, dt),
  ];
}

/** Rows in time as a function of the step: an edge acts from the step on whose middle lies behind it. */
export function atPoints(points: Points, dt: number): (step: number) => number {
  const edges = points.map(([t]) => stepsOf(t, dt));
  let row = -1;
  return (k) => {
    while (row + 1 < edges.length && (edges[row + 1] as number) <= k) row++;
    if (row < 0) return 0;
    const [t, value, slope] = points[row] as Points[number];
    return slope === 0 ? value : value + slope * (timeOf(k, dt) - t);
  };
}

function pulse(
  { start, width, period, count }: Extract<CourseKind, { readonly kind: "pulses" }>,
  dt: number,
): (step: number) => number {
  let n = 0;
  const begin = (i: number): number => stepsOf(start + i * period, dt);
  return (k) => {
    while (period > 0 && n + 1 < count && begin(n + 1) <= k) n++;
    return n < count && k >= begin(n) && k < stepsOf(start + n * period + width, dt) ? 1 : 0;
  };
}

function rampShare(
  { start, end }: Extract<CourseKind, { readonly kind: "ramp" }>,
  dt: number,
): (step: number) => number {
  const [first, last] = [stepsOf(start, dt), stepsOf(end, dt)];
  return (k) => {
    if (k < first) return 0;
    return k >= last ? 1 : Math.min(1, Math.max(0, (timeOf(k, dt) - start) / (end - start)));
  };
}

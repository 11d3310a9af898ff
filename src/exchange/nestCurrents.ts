/** Background currents as NEST takes them: a level from the start, and steps at which it changes. */
import { stepsOf, timeOf } from "../model/grid.js";
import { currentFunction } from "../model/own.js";
import type { BackgroundKind, BackgroundScope, Points, PopulationSpec, Value } from "../model/spec.js";

/** Currents of generators: those that are functions of time. Others have devices of their own. */
export type TimedKind = Extract<
  BackgroundKind,
  { readonly kind: "constant" | "piecewise" | "pulses" | "ramp" | "samples" | "expression" }
>;

/** A current that holds from step to step: `steps[i]` is the first step with `values[i]`; 0 before the first. */
export interface Staircase {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** What a current is times: one number for all neurons, or one each. */
export interface Part {
  readonly scale: Value;
  readonly stairs: Staircase;
}

interface Grid {
  readonly dt: number;
  /** Steps that the network runs for. */
  readonly steps: number;
}

/** Most numbers of a current that differs between neurons. */
const MOST = 1_000_000;

/** A current as parts that add up; for expressions of `i` one part for each neuron; undefined where it cannot be said. */
export function partsOf(
  entry: TimedKind,
  scope: BackgroundScope,
  population: PopulationSpec,
  grid: Grid,
): readonly Part[] | undefined {
  const window = windowOf(scope, grid);
  const part = (scale: Value, f: (step: number) => number): Part =>
    // A number is put into the staircase, so that what stands in the script is the current.
    typeof scale === "number"
      ? { scale: 1, stairs: stairs((k) => scale * f(k), window, grid) }
      : { scale, stairs: stairs(f, window, grid) };
  switch (entry.kind) {
    case "constant":
      return [part(entry.amplitude, () => 1)];
    case "piecewise":
      return [part(1, atPoints(entry.points, grid))];
    case "pulses":
      return [part(entry.amplitude, pulse(entry, grid))];
    case "ramp": {
      const { from, to } = entry;
      const share = rampShare(entry, grid);
      if (typeof from === "number" && typeof to === "number") return [part(1, (k) => from + (to - from) * share(k))];
      return [part(from, (k) => 1 - share(k)), part(to, share)];
    }
    case "samples": {
      const { dt, values } = entry;
      const edges = Float64Array.from(values, (_, n) => stepsOf(n * dt, grid.dt));
      let n = 0;
      return [
        part(1, (k) => {
          while (n + 1 < edges.length && (edges[n + 1] as number) <= k) n++;
          return values[n] as number;
        }),
      ];
    }
    case "expression":
      return written(entry.I, population, window, grid);
  }
}

function written(
  text: string,
  population: PopulationSpec,
  window: readonly [number, number],
  grid: Grid,
): readonly Part[] | undefined {
  const current = currentFunction(population.model, text, population.size);
  const differs = /\bi\b/.test(text);
  if (differs && population.size * grid.steps > MOST) return undefined;
  const parts: Part[] = [];
  for (let i = 0; i < (differs ? population.size : 1); i++) {
    const one = stairs((k) => current(timeOf(k, grid.dt), i), window, grid);
    if (one.values.some(Number.isNaN)) return undefined;
    parts.push({ scale: 1, stairs: one });
  }
  return parts;
}

/** The steps in which an entry acts: from the first to before the last. */
export function windowOf({ start, stop }: BackgroundScope, { dt }: Grid): readonly [number, number] {
  return [
    start === undefined ? 0 : Math.max(0, stepsOf(start, dt)),
    stop === undefined ? Number.POSITIVE_INFINITY : stepsOf(stop, dt),
  ];
}

/** Rows in time as a function of the step: an edge acts from the step on whose middle lies behind it. */
export function atPoints(points: Points, { dt }: Grid): (step: number) => number {
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
  { start, width, period, count }: Extract<TimedKind, { readonly kind: "pulses" }>,
  { dt }: Grid,
): (step: number) => number {
  let n = 0;
  const begin = (i: number): number => stepsOf(start + i * period, dt);
  return (k) => {
    while (period > 0 && n + 1 < count && begin(n + 1) <= k) n++;
    return n < count && k >= begin(n) && k < stepsOf(start + n * period + width, dt) ? 1 : 0;
  };
}

function rampShare(
  { start, end }: Extract<TimedKind, { readonly kind: "ramp" }>,
  { dt }: Grid,
): (step: number) => number {
  const [first, last] = [stepsOf(start, dt), stepsOf(end, dt)];
  return (k) => {
    if (k < first) return 0;
    return k >= last ? 1 : Math.min(1, Math.max(0, (timeOf(k, dt) - start) / (end - start)));
  };
}

/** A function of the step, which is asked for one step after another. */
function stairs(
  f: (step: number) => number,
  [first, last]: readonly [number, number],
  { steps: total }: Grid,
): Staircase {
  const steps: number[] = [];
  const values: number[] = [];
  let before = 0;
  // One step beyond the last, so that what ends with the network's duration is said to end.
  for (let k = 0; k <= total; k++) {
    const value = k >= first && k < last ? f(k) : 0;
    if (value === before) continue;
    steps.push(k);
    values.push(value);
    before = value;
  }
  return { steps: Float64Array.from(steps), values: Float64Array.from(values) };
}

/** Rates of a Poisson process from step to step. */
export function ratesOf(points: Points, scope: BackgroundScope, grid: Grid): Staircase {
  const f = atPoints(points, grid);
  return stairs((k) => Math.max(0, f(k)), windowOf(scope, grid), grid);
}

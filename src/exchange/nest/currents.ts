/** Background currents as NEST takes them: a level from the start, and steps at which it changes. */
import { timeOf } from "../../model/grid.js";
import { currentFunction } from "../../model/own.js";
import type {
  BackgroundKind,
  BackgroundScope,
  BackgroundSpec,
  Points,
  PopulationSpec,
  Value,
} from "../../model/spec.js";
import { atPoints, type CourseKind, hasCourse, termsOf, windowOf } from "../courses.js";

/** Currents of generators: those that are functions of time. Others have devices of their own. */
export type TimedKind = CourseKind | Extract<BackgroundKind, { readonly kind: "expression" }>;

/** Whether an entry is a current that is a function of time. */
export function isTimed(entry: BackgroundSpec): entry is BackgroundSpec & TimedKind {
  return entry.kind === "expression" || hasCourse(entry);
}

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

/**
 * A current as parts that add up; for expressions of `i` one part for each neuron; undefined where it cannot be said.
 */
export function partsOf(
  entry: TimedKind,
  scope: BackgroundScope,
  population: PopulationSpec,
  grid: Grid,
): readonly Part[] | undefined {
  const window = windowOf(scope, grid.dt);
  if (entry.kind === "expression") return written(entry.I, population, window, grid);
  return termsOf(entry, grid.dt).map(({ scale, at }) =>
    // A number is put into the staircase, so that what stands in the script is the current.
    typeof scale === "number"
      ? { scale: 1, stairs: stairs((k) => scale * at(k), window, grid) }
      : { scale, stairs: stairs(at, window, grid) },
  );
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
  const f = atPoints(points, grid.dt);
  return stairs((k) => Math.max(0, f(k)), windowOf(scope, grid.dt), grid);
}

/** Fixed points and the cycles that begin at their Hopf points, together. */
import { readInteger } from "../model/check.js";
import { StateError } from "../model/errors.js";
import type { ModelRecord } from "../model/record.js";
import {
  type CycleBranch,
  CycleError,
  cyclesFrom,
  cyclesOn,
  type CyclePoint,
  readIntervals,
  SETTLE,
  settledCycle,
} from "./cycles.js";
import { type ContinuationOptions, type Equilibria, equilibriaOf, readSweep } from "./equilibria.js";
import { readBox, readGiven, readState } from "./given.js";

/** What a neuron does over one of its numbers. */
export interface BifurcationDiagram extends Equilibria {
  /** The branches of cycles from Hopf points, and of others to which neurons settle; none of models that are reset. */
  readonly cycles: readonly CycleBranch[];
}

/** What is changed, and how cycles are made. */
export interface DiagramOptions<M extends ModelRecord> extends ContinuationOptions<M> {
  /** Intervals of which a cycle is made; 60 by default. */
  readonly intervals?: number;
  /** Most points of a branch of cycles; 500 by default. */
  readonly points?: number;
}

const PATH = "bifurcationDiagram";

/**
 * The fixed points of a model over its input or a parameter, and the cycles that begin at their Hopf points: what
 * `continueEquilibria` and `continueCycles` find. A branch that ends at another Hopf point is followed once. Where a
 * neuron settles to another cycle, from its rest, at the ends or in the middle of the range, that is followed too.
 */
export async function bifurcationDiagram<M extends ModelRecord>(
  model: M,
  options: DiagramOptions<M>,
): Promise<BifurcationDiagram> {
  const keys = ["parameter", "from", "to", "box", "step", "intervals", "points"];
  const given = await readGiven(model, options, PATH, keys);
  const { system, fields, breath } = given;
  const sweep = readSweep(given, PATH);
  const intervals = readIntervals(fields.intervals, PATH);
  const box = readBox(system, fields.box, `${PATH}.box`);
  const equilibria = await equilibriaOf(system, { ...sweep, box }, breath);
  const cycles: CycleBranch[] = [];
  const hopfs = equilibria.branches.flatMap(({ bifurcations }) => bifurcations.filter(({ type }) => type === "hopf"));
  if (system.resets() !== undefined) return { ...equilibria, cycles };
  const most = readInteger(fields.points ?? 500, `${PATH}.points`, 2, 100_000);
  const whole = { ...sweep, longest: undefined, intervals, most };
  const room = 0.02 * (sweep.range[1] - sweep.range[0]);
  for (const { value, state } of hopfs) {
    if (cycles.some(({ ends, end }) => ends === "hopf" && Math.abs(end - value) < room)) continue;
    const x = Float64Array.from(system.names, (name) => state[name] as number);
    cycles.push(await cyclesFrom(system, whole, { value, x }, breath));
  }
  // cycles that begin at no Hopf point of the range, to which neurons settle somewhere in it
  const [from, to] = sweep.range;
  const start = await readState(given, undefined, PATH);
  for (const value of [to, 0.5 * (from + to), from]) {
    const before = system.get(sweep.knob);
    try {
      system.set(sweep.knob, value);
      const found = await settledCycle(system, start, { settle: SETTLE, intervals }, breath);
      if (cycles.some((branch) => passes(branch, value, found.cycle.period))) continue;
      // at an end there is one way to go
      if (value !== to) cycles.push(await cyclesOn(system, whole, found, value, 1, breath));
      if (value !== from) cycles.push(await cyclesOn(system, whole, found, value, -1, breath));
    } catch (error) {
      if (!(error instanceof CycleError || error instanceof StateError)) throw error;
    } finally {
      system.set(sweep.knob, before);
    }
  }
  return { ...equilibria, cycles };
}

/** Whether a branch has a cycle of about this period at this value. */
function passes({ points }: CycleBranch, value: number, period: number): boolean {
  const near = (a: CyclePoint, b: CyclePoint): boolean => {
    if ((a.value - value) * (b.value - value) > 0) return false;
    const [low, high] = [Math.min(a.period, b.period), Math.max(a.period, b.period)];
    return period > 0.98 * low && period < 1.02 * high;
  };
  return points.some((point, k) => k > 0 && near(points[k - 1] as CyclePoint, point));
}

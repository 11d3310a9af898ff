/** Fixed points and the cycles that begin at their Hopf points, together. */
import type { ModelRecord } from "../model/record.js";
import { type CycleBranch, cyclesFrom, readIntervals } from "./cycles.js";
import { type ContinuationOptions, type Equilibria, equilibriaOf, readSweep } from "./equilibria.js";
import { readBox, readGiven } from "./given.js";

/** What a neuron does over one of its numbers. */
export interface BifurcationDiagram extends Equilibria {
  /** The branches of cycles from Hopf points; none of models that are reset. */
  readonly cycles: readonly CycleBranch[];
}

/** What is changed, and how cycles are made. */
export interface DiagramOptions<M extends ModelRecord> extends ContinuationOptions<M> {
  /** Intervals of which a cycle is made; 60 by default. */
  readonly intervals?: number;
}

const PATH = "bifurcationDiagram";

/**
 * The fixed points of a model over its input or a parameter, and the cycles that begin at their Hopf points: what
 * `continueEquilibria` and `continueCycles` find. A branch that ends at another Hopf point is followed once.
 */
export async function bifurcationDiagram<M extends ModelRecord>(
  model: M,
  options: DiagramOptions<M>,
): Promise<BifurcationDiagram> {
  const keys = ["parameter", "from", "to", "box", "step", "intervals"];
  const given = await readGiven(model, options, PATH, keys);
  const { system, fields, breath } = given;
  const sweep = readSweep(given, PATH);
  const intervals = readIntervals(fields.intervals, PATH);
  const box = readBox(system, fields.box, `${PATH}.box`);
  const equilibria = await equilibriaOf(system, { ...sweep, box }, breath);
  const cycles: CycleBranch[] = [];
  const hopfs = equilibria.branches.flatMap(({ bifurcations }) => bifurcations.filter(({ type }) => type === "hopf"));
  if (system.resets() !== undefined) return { ...equilibria, cycles };
  const room = 0.02 * (sweep.range[1] - sweep.range[0]);
  for (const { value, state } of hopfs) {
    if (cycles.some(({ ends, end }) => ends === "hopf" && Math.abs(end - value) < room)) continue;
    const x = Float64Array.from(system.names, (name) => state[name] as number);
    cycles.push(await cyclesFrom(system, { ...sweep, longest: undefined, intervals }, { value, x }, breath));
  }
  return { ...equilibria, cycles };
}

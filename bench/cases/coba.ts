/** COBA in the core, on the graph and from the starting values that the twin gets. */
import { type CoreSource, lif, receptor, Simulation, type SpikeRecording } from "../../src/index.js";
import { COBA, type CobaStart } from "../baseline/coba.js";

export interface CobaSimulation {
  readonly simulation: Simulation;
  readonly excitatory: SpikeRecording;
  readonly inhibitory: SpikeRecording;
}

/**
 * Connects by the given graph, or lets the core draw one with the same probability; in another build of the core if one
 * is given.
 */
export async function cobaSimulation(
  start: CobaStart,
  graph: "given" | "drawn",
  core?: CoreSource,
): Promise<CobaSimulation> {
  const { dt, params, exc, inh } = COBA;
  const simulation = await Simulation.create({ dt, seed: 42, name: "coba", threads: 1, ...(core && { core }) });
  const first = { exc: 0, inh: COBA.excitatory };
  const size = { exc: COBA.excitatory, inh: COBA.inhibitory };
  const add = (name: "exc" | "inh") => {
    const part = (column: Float64Array) => column.slice(first[name], first[name] + size[name]);
    return simulation.population(name, lif, size[name], {
      method: "euler",
      params,
      init: { v: part(start.v), g_exc: part(start.gExc), g_inh: part(start.gInh) },
      receptors: { exc: receptor.exponential(exc), inh: receptor.exponential(inh) },
    });
  };
  const populations = { exc: add("exc"), inh: add("inh") };
  for (const source of ["exc", "inh"] as const) {
    for (const target of ["exc", "inh"] as const) {
      const common = { receptor: source, weight: COBA.weights[source], delay: dt };
      if (graph === "drawn") {
        const options = { ...common, rule: "fixedProbability", p: COBA.p } as const;
        simulation.connect(populations[source], populations[target], options);
      } else {
        const pairs: [number, number][] = [];
        for (let s = first[source]; s < first[source] + size[source]; s++) {
          for (const t of start.targets.subarray(start.rows[s], start.rows[s + 1])) {
            const index = t - first[target];
            if (index >= 0 && index < size[target]) pairs.push([s - first[source], index]);
          }
        }
        simulation.connect(populations[source], populations[target], { ...common, rule: "list", pairs });
      }
    }
  }
  return {
    simulation,
    excitatory: simulation.record(populations.exc, "spikes"),
    inhibitory: simulation.record(populations.inh, "spikes"),
  };
}

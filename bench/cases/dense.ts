/** All to all in the core, from the starting values and weights that the twin gets. */
import { background, lif, receptor, Simulation, type SpikeRecording } from "../../src/index.js";
import { DENSE, type DenseStart } from "../baseline/dense.js";

export async function denseSimulation({
  weights,
  v,
}: DenseStart): Promise<{ simulation: Simulation; spikes: SpikeRecording }> {
  const { dt, size, params, current, tau, weight } = DENSE;
  const simulation = await Simulation.create({ dt, seed: 42, name: "dense", threads: 1 });
  const cells = simulation.population("cells", lif, size, {
    method: "euler",
    params,
    init: { v },
    receptors: { in: receptor.exponential({ tau }) },
    background: [background.constant(current)],
  });
  const own = weights && ((source: number, target: number) => weights[source * size + target] as number);
  simulation.connect(cells, cells, { rule: "allToAll", autapses: true, weight: own ?? weight, delay: dt });
  return { simulation, spikes: simulation.record(cells, "spikes") };
}

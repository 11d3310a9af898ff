// A large network on so many threads: NAME THREADS MS. Prints what building and running it took, in s of wall time.
import { background, izhikevich, lif, receptor, Simulation } from "../../dist/index.js";
import { vogelsAbbott } from "./vogelsAbbott.mjs";

const [name, threads, duration] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

/**
 * Brunel 2000 (asynchronous irregular) with the mean of its Poisson input as a constant current: delivery is what
 * costs.
 */
function brunelDrive(sim) {
  const cell = {
    params: { tau_m: 20, C_m: 250, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 },
    init: { v: { uniform: [0, 20] } },
    receptors: { jump: receptor.delta() },
    background: [background.constant(500)],
  };
  const exc = sim.population("exc", lif, 10_000, cell);
  const inh = sim.population("inh", lif, 2500, cell);
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { rule: "fixedIndegree", k: 1000, weight: 0.1, delay: 1.5 });
    sim.connect(inh, target, { rule: "fixedIndegree", k: 250, weight: -0.5, delay: 1.5 });
  }
}

const NETWORKS = {
  vogelsAbbott4k: (sim) => vogelsAbbott(sim, 4000),
  vogelsAbbott20k: (sim) => vogelsAbbott(sim, 20_000),
  vogelsAbbott100k: (sim) => vogelsAbbott(sim, 100_000),
  brunelDrive,
  izhikevich100k: (sim) => {
    const noise = { background: [background.constant(4), background.whiteNoise({ sigma: 5 })] };
    sim.population("cells", izhikevich, 100_000, noise);
  },
};

const sim = await Simulation.create({ dt: 0.1, seed: 5, threads });
NETWORKS[name](sim);
const began = performance.now();
sim.build();
const setup = (performance.now() - began) / 1000;
// The engine compiles, which takes a few tenths of a second, and the network settles.
await sim.run(3 * duration);
const before = performance.now();
const first = Object.values((await sim.run(0)).populations).reduce((sum, p) => sum + p.spikes, 0);
await sim.run(duration);
const simulate = (performance.now() - before) / 1000;
const { populations, synapses } = await sim.run(0);
const all = Object.values(populations);
const neurons = all.reduce((sum, p) => sum + p.size, 0);
const spikes = all.reduce((sum, p) => sum + p.spikes, 0) - first;
const events = (spikes * synapses) / neurons;
process.stdout.write(`${JSON.stringify({ setup, simulate, neurons, synapses, spikes, events, shards: sim.shards })}\n`);
process.exit();

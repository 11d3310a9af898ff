// A network of which few neurons are active, under a method: NAME METHOD MS. Prints the CPU time of running it, in s.
import { createHash } from "node:crypto";
import { background, lif, receptor, Simulation } from "../../dist/index.js";

const [name, method, duration] = [process.argv[2], process.argv[3], Number(process.argv[4])];

/** One neuron in a hundred is driven; all have so many inputs, of which the silent ones do not fire. */
function few(sim, size, k) {
  const cells = sim.population("cells", lif, size, {
    method,
    receptors: { exc: receptor.exponential({ tau: 5 }) },
    background: [background.constant((n) => (n % 100 === 0 ? 400 : 0))],
  });
  if (k > 0) sim.connect(cells, cells, { rule: "fixedIndegree", k, weight: 2, delay: 1.5 });
}

/** Vogels & Abbott 2005 with current-based synapses: all are active. */
function all(sim, size) {
  const cell = {
    method,
    params: { tau_m: 20, C_m: 200, E_L: -49, V_th: -50, V_reset: -60, t_ref: 5 },
    init: { v: { uniform: [-60, -50] } },
    receptors: { exc: receptor.exponential({ tau: 5 }), inh: receptor.exponential({ tau: 10 }) },
  };
  const exc = sim.population("exc", lif, 0.8 * size, cell);
  const inh = sim.population("inh", lif, 0.2 * size, cell);
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { receptor: "exc", rule: "fixedIndegree", k: 64, weight: 16.2, delay: 0.1 });
    sim.connect(inh, target, { receptor: "inh", rule: "fixedIndegree", k: 16, weight: -90, delay: 0.1 });
  }
}

const NETWORKS = {
  few: (sim) => few(sim, 140_000, 0),
  fewConnected: (sim) => few(sim, 140_000, 100),
  all: (sim) => all(sim, 20_000),
};

const sim = await Simulation.create({ dt: 0.1, seed: 5, threads: 1 });
NETWORKS[name](sim);
const recordings = [...sim.populations.values()].map((population) => sim.record(population, "spikes"));
sim.build();
// The engine compiles, and the network settles.
await sim.run(duration / 2);
const cpu = process.cpuUsage();
await sim.run(duration);
const { user, system } = process.cpuUsage(cpu);
const hash = createHash("sha256");
for (const { times, neurons } of recordings) hash.update(times).update(neurons);
const neurons = recordings.reduce((sum, { size }) => sum + size, 0);
const spikes = recordings.reduce((sum, r) => sum + r.times.filter((t) => t > duration / 2).length, 0);
const events = (spikes * (await sim.run(0)).synapses) / neurons;
const simulate = (user + system) / 1e6;
process.stdout.write(`${JSON.stringify({ simulate, neurons, spikes, events, hash: hash.digest("hex") })}\n`);
process.exit();

// A network of which few neurons are active, under a method: NAME METHOD MS. Prints the CPU time of running it, in s.
import { createHash } from "node:crypto";
import { background, lif, receptor, Simulation } from "../../dist/index.js";
import { vogelsAbbott } from "./vogelsAbbott.mjs";

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

const NETWORKS = {
  few: (sim) => few(sim, 140_000, 0),
  fewConnected: (sim) => few(sim, 140_000, 100),
  // All are active.
  all: (sim) => vogelsAbbott(sim, 20_000, { method }),
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

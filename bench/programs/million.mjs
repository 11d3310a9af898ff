// One million neurons, 100 million synapses: [METHOD] [THREADS] [MS] [SIZE]. Prints what building and running took,
// in s of wall and of CPU time, the memory it holds and how it fires. The network of Vogels & Abbott 2005 with
// synapses that are currents (CUBA of Brette et al. 2007), 80 excitatory and 20 inhibitory inputs per neuron
// instead of 64 and 16, each weaker by a fifth.
import { lif, receptor, Simulation } from "../../dist/index.js";

const [method = "exact", threads = "1", duration = "100", size = "1000000"] = process.argv.slice(2);
const megabytes = () => Math.round(process.memoryUsage.rss() / 1e6);
const seconds = (since) => Number(((performance.now() - since) / 1000).toFixed(2));
const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return Number(((user + system) / 1e6).toFixed(2));
};

const sim = await Simulation.create({ dt: 0.1, seed: 5, threads: Number(threads) });
const cell = {
  method,
  params: { tau_m: 20, C_m: 200, E_L: -49, V_th: -50, V_reset: -60, t_ref: 5 },
  init: { v: { uniform: [-60, -50] } },
  receptors: { exc: receptor.exponential({ tau: 5 }), inh: receptor.exponential({ tau: 10 }) },
};
const [began, used] = [performance.now(), process.cpuUsage()];
const exc = sim.population("exc", lif, 0.8 * Number(size), cell);
const inh = sim.population("inh", lif, 0.2 * Number(size), cell);
// 1.62 mV and -9 mV in units of the current, times C_m / tau_m and 4/5.
for (const target of [exc, inh]) {
  sim.connect(exc, target, { receptor: "exc", rule: "fixedIndegree", k: 80, weight: 12.96, delay: 1.5 });
  sim.connect(inh, target, { receptor: "inh", rule: "fixedIndegree", k: 20, weight: -72, delay: 1.5 });
}
const spikes = [sim.record(exc, "spikes"), sim.record(inh, "spikes")];
sim.build();
const built = { build: seconds(began), buildCpu: cpu(used), megabytes: megabytes() };
const count = () => spikes.reduce((sum, { count: n }) => sum + n, 0);
// The network settles, and the engine compiles.
await sim.run(200);
const [start, spent, before] = [performance.now(), process.cpuUsage(), count()];
await sim.run(Number(duration));
const [run, runCpu] = [seconds(start), cpu(spent)];
const { synapses } = await sim.run(0);
const made = count() - before;
process.stdout.write(
  `${JSON.stringify({
    method: exc.description.method,
    shards: sim.shards,
    neurons: Number(size),
    synapses,
    ...built,
    run: Number((run / (Number(duration) / 1000)).toFixed(2)),
    runCpu: Number((runCpu / (Number(duration) / 1000)).toFixed(2)),
    rate: Number((made / Number(size) / (Number(duration) / 1000)).toFixed(2)),
    eventsPerCpuSecond: Math.round(((made / Number(size)) * synapses) / runCpu),
    afterRun: megabytes(),
  })}\n`,
);
process.exit();

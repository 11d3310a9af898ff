/**
 * A cortical column: the eight populations and connection probabilities of Potjans & Diesmann (Cereb. Cortex 24:785,
 * 2014) with Poisson background, at 2 % of the size unless told otherwise: 1543 neurons instead of 77169. Scale 1 is
 * the whole microcircuit with its 299 million synapses; it takes 3 GB of memory and is best run with a thread per core.
 *
 * Numbers of neurons and of inputs per neuron are multiplied by the scale, weights by 1/sqrt(scale), so that the
 * variance of the input stays. The mean that this loses is given back as a constant current, computed from the rates of
 * the full network (van Albada, Helias & Diesmann, PLoS Comput. Biol. 11:e1004490, 2015). Rates keep their order of
 * size that way; the correlations of so small a network are larger than the column's.
 *
 *   npx tsx examples/11-column.ts [SCALE] [MS] [THREADS]
 */
import { background, lif, meanCv, receptor, Simulation } from "spikelet";

const [scaleGiven, durationGiven, threads] = process.argv.slice(2).map(Number);
const scale = scaleGiven ?? 0.02;
const names = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"];
const sizes = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948];
/** Probability that a pair of neurons is connected: rows are targets, columns sources. */
const probabilities = [
  [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0, 0.0076, 0],
  [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0, 0.0042, 0],
  [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0],
  [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0, 0.1057, 0],
  [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0],
  [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0],
  [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
  [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
];
/** Inputs from outside per neuron, each a Poisson train of 8 Hz. */
const external = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];
const externalRate = 8;
/**
 * Rates of the full network in Hz, and those that NEST's example of it takes for the current that replaces lost input.
 */
const fullRates = [0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523];
const replacedRates = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];
const [weight, g, tau_syn] = [87.8, -4, 0.5]; // pA, -, ms
const [warmUp, duration] = [200, durationGiven ?? 2000];

const at = <T>(list: readonly T[], i: number): T => list[i] as T;
/** Weight in pA from source s to target t, at full scale. */
const fullWeight = (t: number, s: number): number => (s % 2 === 1 ? g : t === 0 && s === 2 ? 2 : 1) * weight;
/** Synapses from s onto one neuron of t, at full scale: pairs may be connected several times. */
function indegree(t: number, s: number): number {
  const pairs = at(sizes, s) * at(sizes, t);
  return Math.log1p(-at(at(probabilities, t), s)) / Math.log1p(-1 / pairs) / at(sizes, t);
}

const sim = await Simulation.create({ dt: 0.1, seed: 57, name: "column", threads });
const populations = names.map((name, t) => {
  // Mean input of the full network in pA: of each train rate (1/ms) times weight (pA) times tau (ms).
  const trains = names.map((_, s) => (indegree(t, s) * fullWeight(t, s) * at(replacedRates, s) * tau_syn) / 1000);
  const mean = trains.reduce((a, b) => a + b) + (at(external, t) * weight * externalRate * tau_syn) / 1000;
  return sim.population(name, lif, Math.round(at(sizes, t) * scale), {
    params: { E_L: -65, V_th: -50, V_reset: -65 },
    init: { v: { normal: [-58, 5] } },
    receptors: { syn: receptor.exponential({ tau: tau_syn }) },
    background: [
      background.poisson({ rate: at(external, t) * scale * externalRate, weight: weight / Math.sqrt(scale) }),
      background.constant(mean * (1 - Math.sqrt(scale))),
    ],
  });
});
for (const [t, target] of populations.entries()) {
  for (const [s, source] of populations.entries()) {
    const n = Math.round(indegree(t, s) * scale * target.size);
    if (n === 0) continue;
    const w = fullWeight(t, s) / Math.sqrt(scale);
    sim.connect(source, target, {
      rule: "fixedTotalNumber",
      n,
      weight: { truncatedNormal: [w, 0.1 * Math.abs(w), w > 0 ? 0 : 2 * w, w > 0 ? 2 * w : 0] },
      delay: { truncatedNormal: s % 2 === 0 ? [1.5, 0.75, 0.1, 10] : [0.75, 0.375, 0.1, 10] },
    });
  }
}
const recordings = populations.map((population) => sim.record(population, "spikes", { from: warmUp }));
sim.build();
const report = await sim.run(warmUp + duration, {
  onProgress: ({ time }) => process.stderr.write(`\r${time.toFixed(0)} of ${warmUp + duration} ms`),
});
process.stderr.write("\r");

const { synapses, realTimeFactor, wallMs } = report;
console.log(`${synapses} synapses, built in ${(wallMs.setup / 1000).toFixed(1)} s, real-time factor ${realTimeFactor.toFixed(1)}, ${sim.shards} threads\n`);
console.log("population   neurons   rate Hz   full network     CV");
for (const [i, spikes] of recordings.entries()) {
  const cells = [
    spikes.population.padEnd(10),
    String(spikes.size).padStart(9),
    spikes.rate().toFixed(2).padStart(9),
    at(fullRates, i).toFixed(2).padStart(14),
    meanCv(spikes, spikes.size).toFixed(2).padStart(6),
  ];
  console.log(cells.join(" "));
}

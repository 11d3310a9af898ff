/**
 * Spike-timing dependent plasticity: the weights of Poisson inputs become bimodal.
 *
 * After Song, Miller & Abbott (Nat. Neurosci. 3:919, 2000), with the numbers of Brian2's example STDP: one
 * integrate-and-fire neuron with 1000 excitatory Poisson inputs of 15 Hz, whose synapses follow additive STDP in which
 * depression outweighs potentiation by 5 %. The weights start spread evenly. Inputs that happen to help the neuron fire
 * grow, the others shrink, until the weights gather at both bounds and the neuron fires irregularly, at a rate that the
 * rule itself has set. 100 s are enough to see it.
 *
 * The time step matters here: two spikes within one step count as a causal pair, and with additive STDP each such pair
 * adds up. With dt 0.5 ms the neuron fires twice as fast at the end.
 *
 *   npx tsx examples/08-stdp.ts
 */
import { lif, meanCv, poisson, receptor, Simulation, type Spikes, weightHistogram } from "spikelet";

const w_max = 0.2; // nS, a hundredth of the leak conductance
const sim = await Simulation.create({ dt: 0.1, seed: 8 });
const cell = sim.population("cell", lif, 1, {
  params: { C_m: 200, tau_m: 10, E_L: -74, V_th: -54, V_reset: -60, t_ref: 0 },
  receptors: { exc: receptor.exponential({ tau: 5, E_rev: 0 }) },
});
const inputs = sim.population("inputs", poisson, 1000, { params: { rate: 15 } });

const A_plus = 0.01;
const learned = sim.connect(inputs, cell, {
  rule: "allToAll",
  weight: { uniform: [0, w_max] },
  plasticity: { kind: "stdp", A_plus, A_minus: 1.05 * A_plus, tau_plus: 20, tau_minus: 20, w_max },
});
const spikes = sim.record(cell, "spikes");

const second = 1000;
let before = 0;
console.log("     time   mean weight   at a bound   rate Hz   weights from 0 to w_max, in ten classes");
for (const time of [1, 5, 10, 20, 50, 100]) {
  const seconds = time - before;
  const count = spikes.count;
  await sim.run(seconds * second);
  const weights = learned.weights();
  const mean = weights.reduce((a, b) => a + b) / weights.length;
  const bound = weights.filter((w) => w < 0.1 * w_max || w > 0.9 * w_max).length / weights.length;
  const { counts } = weightHistogram(learned, 10);
  const row = [
    `${time} s`.padStart(9),
    `${(mean / w_max).toFixed(2)} w_max`.padStart(13),
    `${(100 * bound).toFixed(0)} %`.padStart(12),
    ((spikes.count - count) / seconds).toFixed(1).padStart(9),
    ` ${[...counts].map((n) => String(n).padStart(4)).join("")}`,
  ];
  console.log(row.join(" "));
  before = time;
}

const times = spikes.times.filter((t) => t > 50 * second);
const late: Spikes = { times, neurons: new Uint32Array(times.length) };
console.log(`\nCV of the intervals from 50 s on: ${meanCv(late, 1).toFixed(2)}`);

// Frozen, the weights stay as they are while the network goes on.
learned.freeze();
const last = learned.weights();
await sim.run(5 * second);
const same = learned.weights().every((w, i) => w === last[i]);
console.log(`after 5 s more with frozen weights: ${same ? "unchanged" : "changed"}`);

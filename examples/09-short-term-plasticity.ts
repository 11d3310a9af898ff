/**
 * Short-term plasticity: the same spikes through a depressing, a facilitating and a plain synapse.
 *
 * 1. Ten spikes at 20 Hz and one 500 ms later, with the parameters of Tsodyks, Pawelzik & Markram (Neural Comput.
 *    10:821, 1998): the peak of the postsynaptic current after each, beside the map that docs/synapses.md gives.
 * 2. The strength that is left in the long run, over the rate of the source: a depressing synapse transmits fewer and
 *    fewer of the more spikes, so that what arrives per second saturates; a facilitating one has a best rate.
 *
 *   npx tsx examples/09-short-term-plasticity.ts
 */
import { lif, poisson, receptor, Simulation, spikeTrain } from "spikelet";

const kinds = {
  plain: undefined,
  depressing: { U: 0.5, tau_rec: 800, tau_facil: 0 },
  facilitating: { U: 0.05, tau_rec: 130, tau_facil: 530 },
} as const;
const names = Object.keys(kinds) as (keyof typeof kinds)[];

// 1. A train

const trains = [...Array.from({ length: 10 }, (_, i) => 50 * (i + 1)), 1000];
const sim = await Simulation.create({ dt: 0.1 });
const source = sim.population("source", spikeTrain, 1, {
  params: { times: trains, neurons: trains.map(() => 0) },
});
const tau = 3;
const currents = names.map((name) => {
  const cell = sim.population(name, lif, 1, { receptors: { exc: receptor.exponential({ tau }) } });
  const shortTerm = kinds[name];
  sim.connect(source, cell, { rule: "oneToOne", weight: 100, delay: 1, ...(shortTerm ? { shortTerm } : {}) });
  return sim.record(cell, "i_exc");
});
await sim.run(1100);

/** What the map says of the share of the weight that each spike gets. */
function released({ U, tau_rec, tau_facil }: { U: number; tau_rec: number; tau_facil: number }): number[] {
  let [u, x, last] = [0, 1, -Infinity];
  return trains.map((t) => {
    u = tau_facil > 0 ? u * Math.exp((last - t) / tau_facil) : 0;
    x = 1 - (1 - x) * Math.exp((last - t) / tau_rec);
    u += U * (1 - u);
    const share = u * x;
    [x, last] = [x - share, t];
    return share;
  });
}

console.log("1. jump of the current in pA at each spike, weight 100 pA (in brackets: the map)\n");
console.log(`   spike at   ${names.map((name) => name.padStart(18)).join("")}`);
for (const [i, t] of trains.entries()) {
  const cells = names.map((name, k) => {
    const trace = currents[k]?.values(0) as Float64Array;
    // One sample per step of 0.1 ms; the spike arrives after 1 ms, on top of what is left of the ones before.
    const at = Math.round((t + 1) / 0.1);
    const jump = (trace[at] as number) - (trace[at - 1] as number) * Math.exp(-0.1 / tau);
    const map = kinds[name] ? 100 * (released(kinds[name])[i] as number) : 100;
    return `${jump.toFixed(2)} (${map.toFixed(2)})`.padStart(18);
  });
  console.log(`   ${`${t} ms`.padStart(8)}   ${cells.join("")}`);
}

// 2. In the long run

console.log("\n2. mean current in pA from a Poisson source: per source and Hz\n");
console.log(`   rate Hz    ${names.map((name) => name.padStart(18)).join("")}`);
for (const rate of [1, 2, 5, 10, 20, 50, 100]) {
  const long = await Simulation.create({ dt: 0.5, seed: 2 });
  const sources = long.population("sources", poisson, 200, { params: { rate } });
  const means = names.map((name) => {
    const cell = long.population(name, lif, 200, { receptors: { exc: receptor.exponential({ tau }) } });
    const shortTerm = kinds[name];
    long.connect(sources, cell, { rule: "oneToOne", weight: 100, ...(shortTerm ? { shortTerm } : {}) });
    return long.record(cell, "i_exc", { from: 2000, every: 5 });
  });
  await long.run(12000);
  const cells = means.map((trace) => {
    const all = trace.view();
    const mean = all.reduce((a, b) => a + b) / all.length;
    return `${mean.toFixed(2)}: ${(mean / rate).toFixed(3)}`.padStart(18);
  });
  console.log(`   ${String(rate).padStart(7)}    ${cells.join("")}`);
}

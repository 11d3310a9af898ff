/**
 * COBA: 4000 integrate-and-fire neurons with conductance synapses, the first benchmark of Brette et al. 2007 (after
 * Vogels & Abbott 2005). It keeps itself active without any input: the initial conductances start it.
 *
 * Shows: receptors, random connections, distributions as initial values, a run with progress, rates and irregularity,
 * a raster figure. examples/coba.json is the same network as a model file.
 *
 *   npx tsx examples/05-coba.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { lif, meanFano, rasterFigure, receptor, Simulation } from "spikelet";

const duration = 1000;
const sim = await Simulation.create({ dt: 0.1, seed: 42, name: "coba" });

const options = {
  method: "euler", // as published
  params: { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 },
  receptors: {
    exc: receptor.exponential({ tau: 5, E_rev: 0 }),
    inh: receptor.exponential({ tau: 10, E_rev: -80 }),
  },
  init: { v: { normal: [-60, 5] }, g_exc: { normal: [40, 15] }, g_inh: { normal: [200, 120] } },
} as const;
const exc = sim.population("exc", lif, 3200, options);
const inh = sim.population("inh", lif, 800, options);

const connection = { rule: "fixedProbability", p: 0.02, delay: 0.1 } as const;
for (const target of [exc, inh]) {
  sim.connect(exc, target, { ...connection, receptor: "exc", weight: "6 nS" });
  sim.connect(inh, target, { ...connection, receptor: "inh", weight: "67 nS" });
}

const spikes = [exc, inh].map((population) => sim.record(population, "spikes", { from: 200 }));

const report = await sim.run(duration, {
  chunk: 250,
  onProgress: ({ time, spikes: count }) => console.log(`${time.toFixed(0).padStart(5)} ms  ${count} spikes`),
});

console.log(`\n${report.synapses} synapses, built in ${report.wallMs.setup.toFixed(0)} ms`);
const wall = report.wallMs.simulate.toFixed(0);
console.log(`${wall} ms for ${duration} ms: real-time factor ${report.realTimeFactor.toFixed(2)}\n`);
console.log("after the first 200 ms   neurons   rate Hz   CV of intervals   Fano factor (20 ms)");
for (const recording of spikes) {
  const fano = meanFano(recording.view(), recording.size, { duration: duration - 200, start: 200, window: 20 });
  const row = [
    recording.population.padEnd(22),
    String(recording.size).padStart(9),
    recording.rate().toFixed(2).padStart(9),
    recording.cv().toFixed(2).padStart(17),
    fano.toFixed(2).padStart(21),
  ];
  console.log(row.join(" "));
}
for (const { level, message } of report.findings) console.log(`${level}: ${message}`);

const folder = new URL("../results/examples/", import.meta.url);
mkdirSync(folder, { recursive: true });
const populations = spikes.map((s) => ({ name: s.population, size: s.size, spikes: s.view() }));
const figure = rasterFigure({ title: "COBA", populations, start: 200, duration: duration - 200 });
writeFileSync(new URL("05-coba.svg", folder), figure);
console.log("wrote results/examples/05-coba.svg");

/**
 * One neuron, a step of current, its voltage.
 *
 * Shows: population, background current, recordings, a figure. Prints the spike times and writes
 * results/examples/01-one-neuron.svg.
 *
 *   npx tsx examples/01-one-neuron.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { adex, background, Simulation, tracesFigure } from "spikelet";

const duration = 400; // ms

const sim = await Simulation.create({ dt: 0.05 });

// A neuron that bursts (Naud et al. 2008); 210 pA from 50 ms on.
const cell = sim.population("cell", adex, 1, {
  preset: "regularBursting",
  background: [background.piecewise([[50, "0.21 nA"]])],
});
const spikes = sim.record(cell, "spikes");
const v = sim.record(cell, "v");
const w = sim.record(cell, "w");
const current = sim.record(cell, "I_background");

await sim.run(duration);

console.log(`${spikes.count} spikes in ${sim.time} ms at ms:`);
console.log(Array.from(spikes.times, (t) => t.toFixed(2)).join("  "));

const trace = v.values(0);
console.log(`v rests at ${trace[0]} mV, lowest ${Math.min(...trace).toFixed(2)} mV (just after a reset)`);
console.log(`w at the end: ${cell.state("w")[0]?.toFixed(1)} pA`);

const folder = new URL("../results/examples/", import.meta.url);
mkdirSync(folder, { recursive: true });
const figure = tracesFigure({
  title: "AdEx, regular bursting",
  traces: [v, w, current],
  spikes: [{ name: "cell", spikes }],
  duration,
});
writeFileSync(new URL("01-one-neuron.svg", folder), figure);
console.log("wrote results/examples/01-one-neuron.svg");

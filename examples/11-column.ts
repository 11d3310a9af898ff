/**
 * A cortical column: the eight populations and connection probabilities of Potjans & Diesmann (Cereb. Cortex 24:785,
 * 2014) with Poisson background, at 2 % of the size unless told otherwise: 1543 neurons instead of 77169. Scale 1 is
 * the whole microcircuit with its 299 million synapses, which takes 2 GB of memory: docs/microcircuit.md. The network
 * itself, and how it is made smaller, is microcircuit/network.ts.
 *
 *   npx tsx examples/11-column.ts [SCALE] [MS] [THREADS]
 */
import { meanCv, Simulation } from "spikelet";
import { FULL_RATES, microcircuit } from "./microcircuit/network.js";
import { orEnd, readNumber } from "./options.js";

const [scaleGiven = "0.02", durationGiven = "2000", threadsGiven] = process.argv.slice(2);
const { scale, duration, threads } = orEnd(() => ({
  scale: readNumber("SCALE", scaleGiven, 0.001, 1),
  duration: readNumber("MS", durationGiven, 1, 1e7),
  threads: threadsGiven === undefined ? undefined : readNumber("THREADS", threadsGiven, 1, 64, true),
}));
const warmUp = 200;

const sim = await Simulation.fromDocument(microcircuit({ scale, seed: 57 }), { threads });
const recordings = [...sim.populations.values()].map((population) =>
  sim.record(population, "spikes", { from: warmUp }),
);
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
    (FULL_RATES[i] as number).toFixed(2).padStart(14),
    meanCv(spikes, spikes.size).toFixed(2).padStart(6),
  ];
  console.log(cells.join(" "));
}

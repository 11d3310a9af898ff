/**
 * The speed of the microcircuit of Potjans & Diesmann by the recipe of its benchmark: starts of each population's own,
 * 500 ms discarded, at least 10 s measured without recording spikes. Prints the time of building, the real-time factor,
 * the memory and the rates; docs/microcircuit.md has results beside those of others.
 *
 *   npx tsx examples/microcircuit/speed.ts [--scale 1] [--drive poisson|dc] [--threads 2] [--duration 10000]
 *     [--warm-up 500] [--seed 55] [--profile] [--json]
 *
 * At full scale it takes two minutes and 2 GB.
 */
import { cpus, loadavg } from "node:os";
import { Simulation, VERSION } from "spikelet";
import { orEnd, readNumber, readOptions } from "../options.js";
import { FULL_RATES, microcircuit } from "./network.js";
import { common, readCommon } from "./options.js";

const { scale, drive, threads, duration, warmUp, seed, profile, json } = orEnd(() => {
  const given = readOptions({
    ...common("poisson", "10000"),
    seed: { type: "string", default: "55" },
    profile: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  const seed = readNumber("--seed", given.seed, 0, 2 ** 32 - 1, true);
  return { ...readCommon(given), seed, profile: given.profile, json: given.json };
});

const load = loadavg()[0] ?? 0;
const sim = await Simulation.fromDocument(microcircuit({ scale, drive, seed }), { threads });
sim.build();
const early = await sim.run(warmUp);
const before = process.cpuUsage();
const began = performance.now();
const report = await sim.run(duration, { profile });
const wall = (performance.now() - began) / 1000;
const used = process.cpuUsage(before);

const spikes = (name: string): number =>
  (report.populations[name]?.spikes ?? 0) - (early.populations[name]?.spikes ?? 0);
const rates = Object.entries(report.populations).map(
  ([name, { size }]) => [name, size, (spikes(name) / size / duration) * 1000] as const,
);
const neurons = rates.reduce((sum, [, size]) => sum + size, 0);
const all = rates.reduce((sum, [name]) => sum + spikes(name), 0);
const memory = process.memoryUsage().rss / 2 ** 20;
const peak = process.resourceUsage().maxRSS / 1024;
const realTimeFactor = (wall * 1000) / duration;
const result = {
  version: VERSION,
  node: process.versions.node,
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  load,
  date: new Date().toISOString().slice(0, 10),
  scale, drive, threads: sim.shards, seed, warmUp, duration,
  neurons,
  synapses: report.synapses,
  buildS: report.wallMs.setup / 1000,
  warmUpS: early.wallMs.simulate / 1000,
  simulateS: wall,
  realTimeFactor,
  coreSeconds: realTimeFactor * sim.shards,
  /** CPU time of the process per second: less than core-seconds where others were at work. Threads wait awake. */
  cpuSeconds: (used.user + used.system) / 1000 / duration,
  memoryMiB: memory,
  peakMiB: peak,
  /** Each spike acts at all synapses of its neuron: their mean number stands for it. */
  eventsPerS: (all * report.synapses) / neurons / wall,
  rates: Object.fromEntries(rates.map(([name, , rate]) => [name, rate])),
};
if (json) {
  console.log(JSON.stringify(result, undefined, 2));
} else {
  const { cpu, cores, node, buildS, coreSeconds, cpuSeconds, eventsPerS } = result;
  console.log(`Spikelet ${VERSION}, Node ${node}, ${cpu}, ${cores} cores, load ${load.toFixed(1)} at the start`);
  console.log(`scale ${scale}, background ${drive}, seed ${seed}, ${sim.shards} thread(s)`);
  console.log(`${neurons} neurons, ${report.synapses} synapses, built in ${buildS.toFixed(1)} s`);
  console.log(
    `${warmUp} ms discarded, ${duration} ms in ${wall.toFixed(1)} s: real-time factor ${realTimeFactor.toFixed(2)}, ` +
      `${coreSeconds.toFixed(2)} core-seconds per second (${cpuSeconds.toFixed(2)} of CPU time), ` +
      `about ${(eventsPerS / 1e6).toFixed(0)} M events/s`,
  );
  console.log(`${memory.toFixed(0)} MiB resident, ${peak.toFixed(0)} MiB at most`);
  console.log("\npopulation   neurons   rate Hz   reference");
  for (const [i, [name, size, rate]] of rates.entries()) {
    const reference = (FULL_RATES[i] as number).toFixed(2).padStart(12);
    console.log(`${name.padEnd(10)}${String(size).padStart(10)}${rate.toFixed(2).padStart(10)}${reference}`);
  }
  if (report.profile) {
    const { populations, projections, exchange, recording, total } = report.profile;
    const sum = (times: readonly number[]): number => times.reduce((a, b) => a + b, 0);
    const parts = Object.values(populations);
    const rows = {
      background: sum(parts.map((p) => p.background.ms)),
      integration: sum(parts.map((p) => p.integration.ms + p.receptors.ms)),
      delivery: sum(Object.values(projections).map((p) => p.delivery.ms)),
      exchange: exchange.ms,
      "counting spikes": recording.ms,
    };
    console.log("");
    for (const [name, ms] of Object.entries(rows)) {
      const share = ((100 * ms) / total).toFixed(1).padStart(6);
      console.log(`${name.padEnd(16)}${share} %${(ms / duration).toFixed(2).padStart(8)} core-s per s`);
    }
  }
}

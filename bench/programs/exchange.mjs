/**
 * What an exchange of two threads costs: us per step of networks whose shortest delay is one step, on one thread, with
 * two shards in turn on one thread, and with two threads.
 *
 *   node bench/programs/exchange.mjs [--build FOLDER] [--networks coba,cuba] [--seconds 6] [--steps 40]
 *
 * Runs of so many steps, thousands of them: in the fastest the two threads had two processors, also where the machine
 * is busy, and the median says what a busy machine makes of it. What two threads take beyond half of what the two
 * shards take in turn is the exchange: the last interval is told, the other's awaited, its spikes are read.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { NETWORKS } from "./balanced.mjs";

const { values } = parseArgs({
  options: {
    build: { type: "string", default: fileURLToPath(new URL("../../dist", import.meta.url)) },
    networks: { type: "string", default: "coba,cuba" },
    seconds: { type: "string", default: "6" },
    steps: { type: "string", default: "40" },
    way: { type: "string" },
  },
});
const { Simulation } = await import(pathToFileURL(resolve(values.build, "index.js")).href);
const steps = Number(values.steps);

/** us per step of short runs, from the fastest to the slowest. */
async function times(name, way) {
  const network = { ...NETWORKS[name], record: [], duration: 1000 };
  const sim = await Simulation.fromDocument(network, { threads: way === "one thread" ? 1 : 2 });
  await sim.run(0);
  if (way !== "one thread") {
    // The choice between the two ways, which a run makes by itself otherwise.
    sim.engine.crew.pace.next = () => ({ beside: way === "two threads", ms: 1000 });
  }
  await sim.run(1500);
  const all = [];
  const duration = steps * network.dt;
  for (const end = performance.now() + 1000 * Number(values.seconds); performance.now() < end; ) {
    const began = performance.now();
    sim.runSync(duration, { report: false });
    all.push((1000 * (performance.now() - began)) / steps);
  }
  sim.close();
  return all.sort((a, b) => a - b);
}

const WAYS = ["one thread", "in turn", "two threads"];

if (values.way !== undefined) {
  const all = await times(values.networks, values.way);
  const at = (part) => all[Math.floor(part * all.length)].toFixed(2).padStart(7);
  const words = [values.networks.padEnd(5), values.way.padEnd(11), "us per step: fastest thousandth", at(0.001)];
  process.stdout.write(`${[...words, " median", at(0.5)].join(" ")}\n`);
  process.exit();
}
// Each in a process of its own, whose engine has compiled for nothing else.
for (const networks of values.networks.split(",")) {
  for (const way of WAYS) {
    const options = Object.entries({ ...values, networks, way }).flatMap(([name, value]) => [`--${name}`, value]);
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...options], { stdio: "inherit" });
  }
}

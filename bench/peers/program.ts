/**
 * A contestant in JavaScript, in a process of its own: `program.ts CASE spikelet|threads|plain|trick DURATION`, or
 * `program.ts CASE document DURATION FILE`, which writes the case as a model file for the command line.
 */
import { writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { now } from "../clock.js";
import { type PeerCase, peerCase } from "./cases.js";
import type { Sample } from "./sample.js";
import { meanInterval } from "./statistics.js";

/** ms */
const COMPILE = 500;

/**
 * Lets another instance run for half a second: by then the engine has compiled the loops for good, which for others
 * happens before the program starts.
 */
function compile(run: () => void): void {
  for (const start = now(); now() - start < COMPILE; ) run();
}

async function spikelet(entry: PeerCase, duration: number, threads: number): Promise<Sample> {
  const { simulation: other } = await entry.spikelet(1);
  other.build();
  compile(() => void other.runSync(Math.round(10 / entry.dt) * entry.dt));
  const clock = threads > 1 ? () => performance.now() : now;
  const began = clock();
  const { simulation, spikes } = await entry.spikelet(threads);
  simulation.build();
  const setup = (clock() - began) / 1000;
  const count = () => spikes.reduce((sum, recording) => sum + recording.count, 0);
  simulation.runSync(entry.warmUp);
  if (threads > 1) {
    // Threads have code of their own, which is compiled while they work; then all begin at the same time.
    for (const start = clock(); clock() - start < COMPILE; ) simulation.runSync(entry.warmUp);
    simulation.reset();
    simulation.runSync(entry.warmUp);
  }
  const before = count();
  const start = clock();
  simulation.runSync(duration);
  const simulate = (clock() - start) / 1000;
  const [first] = spikes;
  const interval = entry.group === "neuron" && first ? meanInterval(first.view(), entry.size, entry.warmUp) : undefined;
  return { setup, simulate, spikes: count() - before, interval };
}

function javascript(entry: PeerCase, which: "plain" | "trick", duration: number): Sample {
  // As in ../worker.ts: steps are calls, and get the code made for whole calls.
  setFlagsFromString("--no-use-osr");
  const other = entry.js?.[which]?.();
  compile(() => {
    for (let step = 0; step < 100; step++) other?.run(1);
    other?.take();
  });
  const began = now();
  const twin = entry.js?.[which]?.();
  if (!twin) throw new Error(`${entry.name} has no twin "${which}".`);
  const setup = (now() - began) / 1000;
  for (let step = 0; step < Math.round(entry.warmUp / entry.dt); step++) twin.run(1);
  twin.take();
  const start = now();
  twin.run(Math.round(duration / entry.dt));
  return { setup, simulate: (now() - start) / 1000, spikes: twin.take() };
}

const [name = "", what = "", milliseconds, file] = process.argv.slice(2);
const entry = peerCase(name);
const duration = Number(milliseconds);
if (what === "document") {
  const { simulation } = await entry.spikelet(1);
  writeFileSync(file as string, JSON.stringify({ ...simulation.toDocument(), duration: entry.warmUp + duration }));
} else {
  const threads = { spikelet: 1, threads: 2 }[what];
  const sample = threads
    ? await spikelet(entry, duration, threads)
    : javascript(entry, what as "plain" | "trick", duration);
  process.stdout.write(`${JSON.stringify(sample)}\n`);
  // Waiting threads would keep the process.
  process.exit();
}

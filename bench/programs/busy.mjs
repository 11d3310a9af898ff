/**
 * Threads where other programs have the processors: a network on one thread and on two, in turns, while so many
 * processes burn CPU time.
 *
 *   node bench/programs/busy.mjs [--burners 0,1,2,4] [--networks coba,cuba,brunel] [--threads 1,2] [--ms 2000]
 *                                [--rounds 5] [--build FOLDER]... [--idle SECONDS]
 *
 * Each run is a process of its own. A line for each network, number of burners and contestant (build and threads): what
 * the run takes in wall time and in CPU time, set-up with the start of the threads beside it, and the median and the
 * worst of the rounds' ratios to the first contestant. `whole` is set-up and run together; `others` is the part of the
 * processors' time that programs beside this one and its burners took (Linux).
 *
 * --idle: each run waits until the processors are idle, so many seconds at most in all, and is made again where others
 * took more than a twentieth.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { NETWORKS } from "./balanced.mjs";

const own = fileURLToPath(new URL("../../dist", import.meta.url));
const { values } = parseArgs({
  options: {
    build: { type: "string", multiple: true, default: [own] },
    burners: { type: "string", default: "0,1,2,4" },
    networks: { type: "string", default: "coba,cuba,brunel" },
    threads: { type: "string", default: "1,2" },
    ms: { type: "string", default: "2000" },
    rounds: { type: "string", default: "5" },
    idle: { type: "string" },
    one: { type: "string" },
  },
});
const numbers = (text) => text.split(",").map(Number);

/** One run in this process: wall and CPU time in s. */
async function one(build, name, threads, ms) {
  const { Simulation } = await import(pathToFileURL(resolve(build, "index.js")).href);
  const began = performance.now();
  const sim = await Simulation.fromDocument({ ...NETWORKS[name], duration: ms }, { threads });
  await sim.run(0);
  const [before, cpu] = [performance.now(), process.cpuUsage()];
  const { populations } = await sim.run(ms);
  const wall = (performance.now() - before) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const spikes = Object.values(populations).reduce((sum, p) => sum + p.spikes, 0);
  const whole = process.cpuUsage();
  const all = (whole.user + whole.system) / 1e6;
  const setup = (before - began) / 1000;
  process.stdout.write(JSON.stringify({ setup, wall, cpu: (user + system) / 1e6, all, spikes }));
  process.exit();
}

/** Another program that wants a processor, until it is killed or has nobody any more. */
const BURNER = "const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e7; i++);";

function start(args) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (data) => (text += data));
    child.on("error", failed);
    child.on("exit", (code) => (code === 0 ? done(JSON.parse(text)) : failed(new Error(`a run ended with ${code}`))));
  });
}

/** CPU time that all programs took so far, in s; not a number where the system does not say. */
function taken() {
  try {
    const [user, nice, system, , , irq, soft] = readFileSync("/proc/stat", "utf8").split(/\s+/).slice(1).map(Number);
    return (user + nice + system + irq + soft) / 100;
  } catch {
    return Number.NaN;
  }
}

const CORES = availableParallelism();
const BUSY = 0.05;
const patience = performance.now() + 1000 * Number(values.idle ?? 0);

/** Waits for idle processors, if that is wanted and they can be had. */
async function untilIdle() {
  while (performance.now() < patience) {
    const before = taken();
    await new Promise((done) => setTimeout(done, 200));
    if (taken() - before <= 0.2 * CORES * BUSY) return;
  }
}

/** A run, with the part of the processors that others had beside it; those that burn have one each at most. */
async function sample(args, burners) {
  for (;;) {
    if (burners === 0) await untilIdle();
    const [before, began] = [taken(), performance.now()];
    const said = await start(args);
    const seconds = (performance.now() - began) / 1000;
    // With burners it cannot be told whose the rest is.
    const others = burners > 0 ? Number.NaN : Math.max(0, taken() - before - said.all) / (seconds * CORES);
    if (!(others > BUSY) || performance.now() > patience) return { ...said, others };
  }
}

const sorted = (some) => [...some].sort((a, b) => a - b);
const median = (some) => sorted(some)[(some.length - 1) >> 1];

async function compare(name, burners, contestants) {
  const burning = Array.from({ length: burners }, () => spawn(process.execPath, ["-e", BURNER], { stdio: "ignore" }));
  const runs = contestants.map(() => []);
  try {
    // The first run finds cold files.
    for (let round = -1; round < Number(values.rounds); round++) {
      for (const [k, { build, threads }] of contestants.entries()) {
        const which = ["--one", `${name},${threads}`, "--build", build, "--ms", values.ms];
        const said = await sample([fileURLToPath(import.meta.url), ...which], burners);
        if (round >= 0) runs[k].push({ ...said, whole: said.setup + said.wall });
      }
    }
  } finally {
    for (const child of burning) child.kill("SIGKILL");
  }
  if (new Set(runs.flat().map(({ spikes }) => spikes)).size > 1) throw new Error(`${name}: spikes differ`);
  for (const [k, { label }] of contestants.entries()) {
    const of = (key) => median(runs[k].map((run) => run[key]));
    const ratios = (key) => runs[k].map((run, round) => run[key] / runs[0][round][key]);
    const columns = ["setup", "wall", "cpu", "others"].map((key) => `${key} ${of(key).toFixed(3)}`);
    const quotients = ["wall", "whole"].map(
      (key) => `${key} x ${median(ratios(key)).toFixed(2)} (worst ${Math.max(...ratios(key)).toFixed(2)})`,
    );
    const words = [name.padEnd(7), `${burners} burners`, label.padEnd(12), ...columns, ...quotients];
    process.stdout.write(`${words.join("  ")}\n`);
  }
}

if (values.one !== undefined) {
  const [name, threads] = values.one.split(",");
  await one(values.build[0], name, Number(threads), Number(values.ms));
} else {
  const contestants = values.build.flatMap((build, k) =>
    numbers(values.threads).map((threads) => ({
      build,
      threads,
      label: `${values.build.length > 1 ? `build ${k + 1}, ` : ""}${threads} thr.`,
    })),
  );
  for (const name of values.networks.split(","))
    for (const burners of numbers(values.burners)) await compare(name, burners, contestants);
}

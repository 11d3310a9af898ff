/**
 * Two simulators: the same networks in Spikelet and in Brian2, spike by spike and by their statistics.
 *
 *   npx tsx bench/peers/compare.ts                      about ten minutes
 *   npx tsx bench/peers/compare.ts --only small         or: differences, large, statistics
 *   npx tsx bench/peers/compare.ts --write              then keeps the results in test/reference/brian2.json
 *
 * Exit status: 0 done; 1 something does not agree; 2 Brian2 is not there or an option is wrong.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { VERSION } from "../../src/index.js";
import { brian2, DIFFERENCES, type Job, jobOf, type Outcome, type Versions } from "./brian2.js";
import {
  brunel,
  coba,
  cobahh,
  cuba,
  inSpikelet,
  type Network,
  parting,
  startOf,
  train,
  type Train,
  trainOf,
} from "./networks.js";
import { discard } from "./process.js";
import { pythonWith } from "./python.js";
import { matchedBut, SMALL } from "./small.js";
import { statistics, type Statistics } from "./statistics.js";
import { DT, inputs, learning, learningJob } from "./stdp.js";

const PARTS = ["small", "differences", "large", "statistics"] as const;
const LIMIT = 600;
const failures: string[] = [];
let versions: Versions | undefined;

const { values: given } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [...PARTS] },
    write: { type: "boolean", default: false },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function inBrian2<T>(job: Job, use: (outcome: Outcome) => T): Promise<T> {
  const outcome = await brian2(job, LIMIT);
  versions = outcome.versions;
  try {
    return use(outcome);
  } finally {
    discard(outcome.folder);
  }
}

/** Spikes of the small networks: all equal when the scripts take the differences away. */
async function small() {
  const results: Record<string, unknown> = {};
  for (const entry of SMALL) {
    const mine = await entry.spikelet();
    await inBrian2(entry.job(DIFFERENCES), (outcome) => {
      const { equal, step } = parting(mine.train, outcome.train);
      const total = outcome.train.steps.length;
      say(`${entry.name}: ${step === undefined ? `all ${total} spikes equal` : `${equal} of ${total}, then part`}`);
      if (step !== undefined) failures.push(`${entry.name}: parts in step ${step}`);
      results[entry.name] = {
        what: entry.what,
        duration: entry.duration,
        dt: entry.dt,
        steps: Array.from(outcome.train.steps),
        neurons: Array.from(outcome.train.neurons),
        ...(mine.weights ? { weights: Array.from(outcome.array("weights"), (w) => Number(w.toPrecision(12))) } : {}),
      };
    });
  }
  return results;
}

/** The same with one difference left in: how much each of them matters. */
async function differences() {
  const results: unknown[] = [];
  for (const entry of SMALL) {
    const mine = (await entry.spikelet()).train;
    for (const difference of entry.differences) {
      await inBrian2(entry.job(matchedBut([difference])), ({ train: other }) => {
        const { equal, step } = parting(mine, other);
        const ms = step === undefined ? null : Number((step * entry.dt).toPrecision(6));
        say(
          `${entry.name} with "${difference}" left in: ${equal} equal spikes, part at ${ms ?? "no time"} ms; ` +
            `${other.steps.length} spikes instead of ${mine.steps.length}`,
        );
        const spikes = { spikelet: mine.steps.length, brian2: other.steps.length };
        results.push({ network: entry.name, difference, equal, partsAtMs: ms, spikes });
      });
    }
  }
  return results;
}

interface Large {
  readonly network: string;
  readonly neurons: number;
  readonly synapses: number;
  readonly duration: number;
  readonly spikes: Readonly<Record<"spikelet" | "brian2", number>>;
  readonly equal: number;
  readonly partsAtMs: number | null;
}

/** Full networks on the graph and from the states that Spikelet drew. */
async function large() {
  const results: Large[] = [];
  const note = (
    network: string,
    sizes: Pick<Large, "neurons" | "synapses" | "duration">,
    mine: Train,
    other: Train,
    dt: number,
  ) => {
    const { equal, step } = parting(mine, other);
    const partsAtMs = step === undefined ? null : Number((step * dt).toPrecision(6));
    const spikes = { spikelet: mine.steps.length, brian2: other.steps.length };
    results.push({ network, ...sizes, spikes, equal, partsAtMs });
    const { neurons, synapses, duration } = sizes;
    say(
      `${network} (${neurons} neurons, ${synapses} synapses, ${duration} ms): ${equal} of ${spikes.brian2} spikes equal, ` +
        (partsAtMs === null ? "never part" : `part at ${partsAtMs} ms`),
    );
    if (partsAtMs !== null && partsAtMs < 50) failures.push(`${network} parts at ${partsAtMs} ms`);
  };
  const networks: readonly (readonly [Network, number, string])[] = [
    [coba("exponentialEuler"), 1000, "COBA, exponentialEuler"],
    [coba("euler"), 1000, "COBA, euler"],
    [cuba(), 1000, "CUBA"],
    [cobahh(), 500, "COBAHH"],
    [brunel("constant"), 300, "Brunel, constant drive"],
  ];
  for (const [network, duration, title] of networks) {
    const running = await inSpikelet(network, 1);
    const start = startOf(network, running);
    running.simulation.runSync(duration);
    const mine = trainOf(running, network.dt);
    const synapses = start.synapses.exc.sources.length + start.synapses.inh.sources.length;
    const sizes = { neurons: network.size.exc + network.size.inh, synapses, duration };
    const job = jobOf(network, start, { duration, warmUp: 0, flags: "strict", threads: 0 });
    await inBrian2(job, (outcome) => note(title, sizes, mine, outcome.train, network.dt));
  }
  const duration = 20_000;
  const from = inputs(3, 1000, duration);
  const { simulation, spikes, projection } = await learning(from);
  simulation.runSync(duration);
  const steps = Array.from(spikes.view().times, (t) => Math.round(t / DT) - 1);
  const weights = projection.weights();
  await inBrian2(learningJob(from, { duration, warmUp: 0, flags: "strict", threads: 0 }), (outcome) => {
    const mine = train(steps, new Int32Array(steps.length));
    note("STDP", { neurons: 1001, synapses: 1000, duration }, mine, outcome.train, DT);
    const others = outcome.array("weights");
    say(`  weights off by at most ${Math.max(...weights.map((w, i) => Math.abs(w - (others[i] as number)))) / from.w_max} w_max`);
  });
  return results;
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const spread = (values: readonly number[]) =>
  values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, x) => sum + (x - mean(values)) ** 2, 0) / (values.length - 1));

/** Every simulator with its own random numbers and its own conventions. */
async function independent() {
  const results: unknown[] = [];
  const note = (
    network: string,
    window: readonly [number, number],
    mine: readonly Statistics[],
    others: readonly Statistics[],
    tolerance: number,
  ) => {
    const of = (runs: readonly Statistics[], key: keyof Statistics) => {
      const values = runs.map((run) => run[key]);
      return { mean: Number(mean(values).toPrecision(5)), sd: Number(spread(values).toPrecision(3)) };
    };
    const rate = { spikelet: of(mine, "rate"), brian2: of(others, "rate") };
    const cv = { spikelet: of(mine, "cv"), brian2: of(others, "cv") };
    results.push({ network, window, seeds: { spikelet: mine.length, brian2: others.length }, rate, cv });
    const text = (x: { mean: number; sd: number }) => `${x.mean} (sd ${x.sd})`;
    say(
      `${network}, ${window[0]} to ${window[1]} ms: rate ${text(rate.spikelet)} and ${text(rate.brian2)} Hz, ` +
        `CV ${text(cv.spikelet)} and ${text(cv.brian2)}`,
    );
    const off = rate.brian2.mean / rate.spikelet.mean - 1;
    if (Math.abs(off) > tolerance) failures.push(`${network}: rates differ by ${(100 * off).toFixed(1)} %`);
  };
  const networks: readonly (readonly [Network, string, number, readonly [number, number], number])[] = [
    [coba("exponentialEuler"), "COBA, exponentialEuler", 4, [200, 1000], 0.15],
    [cuba(), "CUBA", 4, [200, 2000], 0.15],
    [cobahh(), "COBAHH", 2, [200, 1000], 0.2],
    [brunel("poisson"), "Brunel, Poisson input", 1, [200, 700], 0.05],
    [brunel("poisson", 0.2), "Brunel, a fifth of it", 2, [200, 1200], 0.05],
  ];
  for (const [network, title, seeds, window, tolerance] of networks) {
    const size = network.size.exc + network.size.inh;
    const [mine, others]: Statistics[][] = [[], []];
    for (let seed = 1; seed <= seeds; seed++) {
      const running = await inSpikelet(network, seed);
      running.simulation.runSync(window[1]);
      mine?.push(statistics(trainOf(running, network.dt), size, network.dt, ...window));
      const job = jobOf(network, seed, { duration: window[1], warmUp: 0, flags: "default", threads: 0 });
      await inBrian2(job, ({ train: other }) => others?.push(statistics(other, size, network.dt, ...window)));
    }
    note(title, window, mine ?? [], others ?? [], tolerance);
  }
  const window = [50_000, 100_000] as const;
  const [mine, others]: Statistics[][] = [[], []];
  for (const seed of [1, 2]) {
    const { simulation, spikes } = await learning(seed);
    simulation.runSync(window[1]);
    const steps = Array.from(spikes.view().times, (t) => Math.round(t / DT) - 1);
    mine?.push(statistics(train(steps, new Int32Array(steps.length)), 1, DT, ...window));
    const job = learningJob(seed, { duration: window[1], warmUp: 0, flags: "default", threads: 0 });
    await inBrian2(job, ({ train: other }) => others?.push(statistics(other, 1, DT, ...window)));
  }
  note("STDP", window, mine ?? [], others ?? [], 0.1);
  return results;
}

async function main(): Promise<void> {
  const unknown = given.only.find((part) => !(PARTS as readonly string[]).includes(part));
  if (unknown !== undefined) {
    say(`--only ${unknown}: ${PARTS.join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  if ((await pythonWith("brian2")) === undefined) {
    say("No Python on the search path has Brian2.");
    process.exitCode = 2;
    return;
  }
  const chosen = new Set(given.only);
  const results = {
    networks: chosen.has("small") ? await small() : undefined,
    differences: chosen.has("differences") ? await differences() : undefined,
    large: chosen.has("large") ? await large() : undefined,
    statistics: chosen.has("statistics") ? await independent() : undefined,
  };
  for (const failure of failures) say(`FAILS ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
  if (!given.write || failures.length > 0) return;
  const file = new URL("../../test/reference/brian2.json", import.meta.url);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { readonly made?: object }) : {};
  const made = Object.entries(results).filter(([, part]) => part !== undefined);
  const date = new Date().toISOString().slice(0, 10);
  const by = { date, ...versions, spikelet: VERSION, node: process.versions.node };
  const content = {
    // Parts that were left out stay as they are.
    ...before,
    note:
      "Spikes that Brian2 (C++ standalone, arithmetic as written) found in the networks of bench/peers/small.ts; step k " +
      "is the time k dt there and (k + 1) dt in Spikelet. Then full networks on graphs that Spikelet drew, and statistics.",
    source: "Brian2, https://briansimulator.org",
    script: "npx tsx bench/peers/compare.ts --write",
    made: { ...before.made, ...Object.fromEntries(made.map(([part]) => [part, by])) },
    ...Object.fromEntries(made),
  };
  // One line per array.
  const text = JSON.stringify(content, undefined, 1).replace(/\[\s+(-?[\d.e+-]+,?\s+)+\]/g, (list) =>
    list.replace(/\s+/g, ""),
  );
  writeFileSync(file, `${text}\n`);
}

await main();

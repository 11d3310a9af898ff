/**
 * The experiment of Shiu et al. 2024 (doi:10.1038/s41586-024-07763-9) on a brain of the fly: some neurons are made to
 * fire, others are silenced, and the rates of all are written. The brain is the user's own copy of the connectome, or a
 * synthetic one, which is no brain. docs/fly.md says more.
 *
 *   npx tsx examples/fly/index.ts --connectivity Connectivity_783.parquet --neurons Completeness_783.csv \
 *     --stimulate 720575940624963786,720575940630233916 --trials 30 --out results/fly
 *   npx tsx examples/fly/index.ts --synthetic                full size; --size 5000 takes a second
 *
 * Exit status: 0 done; 2 an option or a file is wrong.
 */
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as spikelet from "spikelet";
import { end, orEnd, readNumber, readOptions } from "../options.js";
import { flyBrain, METHOD } from "./brain.js";
import { census, type Graph } from "./graph.js";
import { loadGraph } from "./load.js";
import { syntheticFly } from "./synthetic.js";

const { UnknownNameError, ValueRangeError } = spikelet;

const HELP = `Usage: npx tsx examples/fly/index.ts (--connectivity FILE [--neurons FILE] --stimulate LIST | --synthetic) [options]

  --connectivity FILE   pairs of neurons, .parquet, .csv or .csv.gz
  --neurons FILE        CSV that lists the neurons; its first column has their ids
  --synthetic           a graph with a fly's counts instead, which is no brain
  --size N, --inhibitory SHARE   of the synthetic graph: 138639 and 0.35 by default
  --stimulate LIST      ids or indices with commas between, or @FILE with one per line; synthetic: its 20 sensory cells
  --silence LIST        neurons whose spikes reach nobody
  --rate HZ             of the Poisson stimuli: 150
  --duration MS         1000
  --trials N            1
  --w-syn MV            weight of a synapse: 0.275
  --seed N              of the first trial, the next has the next: 1
  --threads N           1
  --method NAME         ${METHOD}
  --out FOLDER          spikes.csv and rates.csv go here: results/fly
`;

const given = orEnd(() =>
  readOptions({
    help: { type: "boolean", default: false },
    connectivity: { type: "string" },
    neurons: { type: "string" },
    synthetic: { type: "boolean", default: false },
    size: { type: "string" },
    inhibitory: { type: "string" },
    stimulate: { type: "string" },
    silence: { type: "string" },
    rate: { type: "string", default: "150" },
    duration: { type: "string", default: "1000" },
    trials: { type: "string", default: "1" },
    "w-syn": { type: "string", default: "0.275" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
    method: { type: "string", default: METHOD },
    out: { type: "string", default: "results/fly" },
  }),
);

const number = (name: keyof typeof given, least: number, most: number, whole = false): number =>
  readNumber(`--${name}`, String(given[name]), least, most, whole);

/** The text of a file with a list. */
function listIn(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { message } = error as Error;
    throw new ValueRangeError(`--${option}: ${file} cannot be read: ${message}.`, { path: `--${option}`, value: file });
  }
}

/** The folder of the results, which is made ahead of what takes long. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { message } = error as Error;
    throw new ValueRangeError(`--out: ${folder} cannot be a folder: ${message}.`, { path: "--out", value: folder });
  }
}

/** Neurons by their ids or their indices. */
function neuronsOf(option: "stimulate" | "silence", graph: Graph): number[] {
  const list = given[option];
  if (list === undefined) return [];
  const text = list.startsWith("@") ? listIn(option, list.slice(1)) : list;
  const names = text.split(/[\s,]+/).filter((name) => name !== "");
  const places = new Map(graph.ids?.map((id, index) => [id, index]));
  const found = names.map((name) => {
    const index = places.get(name) ?? (/^\d{1,9}$/.test(name) ? Number(name) : NaN);
    if (index < graph.size) return index;
    const ids = graph.ids ? "an id of the list of neurons, or " : "";
    const allowed = `${ids}an index from 0 to ${graph.size - 1}`;
    throw new UnknownNameError(`--${option}: there is no neuron ${JSON.stringify(name)}; it must be ${allowed}.`, {
      path: `--${option}`,
      value: name,
      allowed,
    });
  });
  return [...new Set(found)];
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(2)} s`;
const memory = (): string => `${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`;

async function write(file: string, rows: Iterable<string>): Promise<void> {
  const stream = createWriteStream(file);
  const done = new Promise<void>((resolve, reject) => stream.on("finish", resolve).on("error", reject));
  let text = "";
  for (const row of rows) {
    text += `${row}\n`;
    if (text.length < 1 << 16) continue;
    if (!stream.write(text)) await new Promise<void>((resolve) => stream.once("drain", () => resolve()));
    text = "";
  }
  stream.end(text);
  await done;
}

async function main(): Promise<void> {
  if (given.help || (given.connectivity === undefined && !given.synthetic)) {
    process.stdout.write(HELP);
    if (!given.help) process.exitCode = 2;
    return;
  }
  const [rate, duration] = [number("rate", 0, 5000), number("duration", 0.1, 1e7)];
  const [trials, seed] = [number("trials", 1, 10_000, true), number("seed", 0, 2 ** 32 - 1, true)];
  const threads = number("threads", 1, 64, true);
  const w_syn = number("w-syn", 0, 1000);
  let since = performance.now();
  let graph: Graph;
  let sensory: readonly number[] | undefined;
  if (given.synthetic) {
    const made = syntheticFly({
      ...(given.size !== undefined && { size: number("size", 100, 1e7, true) }),
      ...(given.inhibitory !== undefined && { inhibitory: number("inhibitory", 0, 1) }),
    });
    graph = made;
    sensory = [...made.sensory];
    console.log("a synthetic graph with a fly's counts: it is NOT a brain");
  } else {
    graph = await loadGraph(given.connectivity as string, given.neurons);
  }
  const found = census(graph);
  console.log(
    `${found.neurons} neurons, ${found.pairs} pairs with ${found.synapses} synapses, ` +
      `${(100 * found.inhibitory).toFixed(1)} % of the pairs inhibitory (${seconds(since)})`,
  );
  const stimulated = given.stimulate === undefined ? (sensory ?? []) : neuronsOf("stimulate", graph);
  const silenced = neuronsOf("silence", graph);
  makeFolder(given.out);
  since = performance.now();
  const { simulation, spikes } = await flyBrain(spikelet, graph, {
    stimulated,
    silenced,
    stimulus: rate,
    w_syn,
    seed,
    threads,
    method: given.method as typeof METHOD,
  });
  const { size, ids } = graph;
  simulation.build();
  console.log(
    `${stimulated.length} neurons stimulated at ${rate} Hz, ${silenced.length} silenced; ` +
      `method ${given.method}; built in ${seconds(since)}, ${memory()}`,
  );
  const counts = Array.from({ length: trials }, () => new Uint32Array(size));
  const rows: string[] = [];
  for (let trial = 0; trial < trials; trial++) {
    if (trial > 0) simulation.reset({ seed: seed + trial });
    since = performance.now();
    await simulation.run(duration);
    const { times, neurons: who } = spikes();
    const mine = counts[trial] as Uint32Array;
    for (let i = 0; i < who.length; i++) {
      const n = who[i] as number;
      mine[n] = (mine[n] as number) + 1;
      rows.push(`${trial},${Number((times[i] as number).toFixed(4))},${n}${ids ? `,${ids[n]}` : ""}`);
    }
    const active = mine.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    console.log(
      `trial ${trial}: ${who.length} spikes of ${active} neurons, ${duration} ms in ${seconds(since)}, ${memory()}`,
    );
  }
  const rates = (n: number): { readonly mean: number; readonly sd: number } => {
    const each = counts.map((mine) => (mine[n] as number) / (duration / 1000));
    const mean = each.reduce((a, b) => a + b, 0) / trials;
    return { mean, sd: Math.sqrt(each.reduce((a, b) => a + (b - mean) ** 2, 0) / trials) };
  };
  const all = Array.from({ length: size }, (_, n) => n);
  const active = all.filter((n) => counts.some((mine) => (mine[n] as number) > 0));
  const order = active.map((n) => ({ n, ...rates(n) })).sort((p, q) => q.mean - p.mean || p.n - q.n);
  await write(join(given.out, "spikes.csv"), [`trial,time_ms,neuron${ids ? ",id" : ""}`, ...rows]);
  const table = order.map(({ n, mean, sd }) => `${n}${ids ? `,${ids[n]}` : ""},${mean},${Number(sd.toFixed(6))}`);
  await write(join(given.out, "rates.csv"), [`neuron${ids ? ",id" : ""},rate_hz,sd_hz`, ...table]);
  console.log(`${active.length} of ${size} neurons fired; ${join(given.out, "rates.csv")} has their rates.`);
  const driven = new Set(stimulated);
  for (const { n, mean } of order.filter(({ n }) => !driven.has(n)).slice(0, 5))
    console.log(`  ${ids?.[n] ?? `neuron ${n}`}: ${mean.toFixed(1)} Hz`);
}

await main().catch(end);

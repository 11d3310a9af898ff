/**
 * The activity of the microcircuit of Potjans & Diesmann over several seeds, by the recipe of its benchmark: of each
 * population the distributions of rates, of CVs of the intervals and of correlations of spike counts in bins of 2 ms.
 * Prints their means, and Kolmogorov and Smirnov's distance between seeds beside that between seeds of the reference
 * implementation; with --reference also that to its data, which others may not hand on: doi:10.5281/zenodo.18957278.
 *
 *   npx tsx examples/microcircuit/accuracy.ts [--scale 1] [--drive dc|poisson] [--threads 2] [--duration 900000]
 *     [--warm-up 500] [--seeds 10] [--reference FOLDER] [--out FILE]
 *
 * The file of --out is written after each seed, with the seeds until then; progress goes to stderr. The folder is the
 * one of a duration in that data set: it holds rates.json, spike_cvs.json and spike_ccs.json. The recipe's fifteen
 * minutes of ten seeds take half a day for each five of real-time factor; shorter ones have broader distributions, and
 * their distances to the fifteen minutes' say so.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Simulation, ValueRangeError } from "spikelet";
import { orEnd, readNumber, readOptions } from "../options.js";
import { FULL_RATES, microcircuit, POPULATIONS } from "./network.js";
import { common, readCommon } from "./options.js";
import { distance, type Distributions, Gathered, mean } from "./statistics.js";

/** What is compared, and the reference's file of it, which has two names there. */
const KINDS = {
  rates: ["rates.json"],
  cvs: ["spike_cvs.json", "spikes_cvs.json"],
  ccs: ["spike_ccs.json", "spikes_ccs.json"],
} as const;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];

/**
 * Mean distances between ten seeds of the reference implementation at full scale, fifteen minutes, constant background:
 * from the figures of PyNEST/reference_data in INM-6/microcircuit-PD14-model (version 1.0), which have two digits.
 */
const PUBLISHED: Readonly<Record<Kind, readonly number[]>> = {
  rates: [0.02, 0.02, 0.01, 0.01, 0.02, 0.03, 0.02, 0.02],
  cvs: [0.01, 0.02, 0.01, 0.01, 0.02, 0.03, 0.01, 0.02],
  ccs: [0.05, 0.04, 0.05, 0.02, 0.06, 0.02, 0.04, 0.02],
};

type Run = Readonly<Record<string, Distributions>>;
/** Values by number of the seed, then by population. */
type BySeed = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** The reference's values: an object by number of the seed, then by population; NaN stands for what is not defined. */
function reference(folder: string): Run[] {
  const wrong = (what: string): never => {
    throw new ValueRangeError(`--reference: ${what}.`, { path: "--reference", value: folder });
  };
  const read = (kind: Kind): BySeed => {
    const files = KINDS[kind].map((name) => join(folder, name));
    const file = files.find((name) => existsSync(name)) ?? wrong(`there is no ${files.join(" or ")}`);
    try {
      // Python's NaN is no JSON
      return JSON.parse(readFileSync(file, "utf8").replace(/\bNaN\b/g, "null")) as BySeed;
    } catch (error) {
      return wrong(`${file}: ${(error as Error).message}`);
    }
  };
  const files = { rates: read("rates"), cvs: read("cvs"), ccs: read("ccs") };
  const list = (kind: Kind, seed: string, name: string): Float64Array => {
    const values: unknown = files[kind][seed]?.[name];
    if (!Array.isArray(values)) return wrong(`${join(folder, KINDS[kind][0])} has no list "${seed}"."${name}"`);
    return Float64Array.from(values.filter((x) => Number.isFinite(x)));
  };
  return Object.keys(files.rates).map((seed) =>
    Object.fromEntries(
      POPULATIONS.map((name) => [
        name,
        { rates: list("rates", seed, name), cvs: list("cvs", seed, name), ccs: list("ccs", seed, name) },
      ]),
    ),
  );
}

/** Everything is looked at first: a file that is not there is not to be found out after half a day. */
const { scale, drive, threads, duration, warmUp, seeds, out, others } = orEnd(() => {
  const given = readOptions({
    ...common("dc", "900000"),
    seeds: { type: "string", default: "10" },
    reference: { type: "string" },
    out: { type: "string" },
  });
  const { out } = given;
  if (out !== undefined && !existsSync(dirname(out))) {
    throw new ValueRangeError(`--out: there is no folder ${dirname(out)}.`, { path: "--out", value: out });
  }
  const others = given.reference === undefined ? [] : reference(given.reference);
  return { ...readCommon(given), seeds: readNumber("--seeds", given.seeds, 1, 10_000, true), out, others };
});

async function run(seed: number): Promise<Run> {
  const sim = await Simulation.fromDocument(microcircuit({ scale, drive, seed }), { threads });
  const gathered = new Map<string, Gathered>();
  for (const population of sim.populations.values()) {
    gathered.set(population.name, new Gathered(population.size));
    sim.record(population, "spikes", { from: warmUp });
  }
  const began = performance.now();
  await sim.run(warmUp + duration, {
    sink: ({ spikes }) => {
      for (const { name, spikes: some } of spikes) gathered.get(name)?.take(some);
    },
    onProgress: ({ phase, time }) => {
      if (process.stderr.isTTY) process.stderr.write(`\rseed ${seed}: ${phase}, ${(time / 1000).toFixed(1)} s   `);
    },
  });
  const took = ((performance.now() - began) / 1000).toFixed(0);
  process.stderr.write(`${process.stderr.isTTY ? "\r" : ""}seed ${seed} took ${took} s        \n`);
  return Object.fromEntries([...gathered].map(([name, one]) => [name, one.distributions(warmUp, duration)]));
}

const runs: Run[] = [];

const of = (one: Run, name: string, kind: Kind): Float64Array => one[name]?.[kind] ?? new Float64Array();
const between = (name: string, kind: Kind): number => {
  const all = runs.flatMap((a, i) => runs.slice(i + 1).map((b) => distance(of(a, name, kind), of(b, name, kind))));
  return all.length > 0 ? mean(all) : Number.NaN;
};
const toReference = (name: string, kind: Kind): number => {
  const all = runs.flatMap((a) => others.map((b) => distance(of(a, name, kind), of(b, name, kind))));
  return all.length > 0 ? mean(all) : Number.NaN;
};

/** A row for each population, of the seeds that ran. */
const rowsOf = () =>
  POPULATIONS.map((name, i) => ({
    name,
    rate: mean(runs.map((one) => mean(of(one, name, "rates")))),
    referenceRate: FULL_RATES[i] as number,
    cv: mean(runs.map((one) => mean(of(one, name, "cvs")))),
    correlation: mean(runs.map((one) => mean(of(one, name, "ccs")))),
    distances: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        { seeds: between(name, kind), published: PUBLISHED[kind][i] as number, reference: toReference(name, kind) },
      ]),
    ) as Record<Kind, { seeds: number; published: number; reference: number }>,
  }));

for (let seed = 1; seed <= seeds; seed++) {
  runs.push(await run(seed));
  if (out === undefined) continue;
  // After each seed: whoever stops the program keeps what ran.
  const head = { scale, drive, duration, warmUp, seeds: seed, date: new Date().toISOString().slice(0, 10) };
  writeFileSync(out, `${JSON.stringify({ ...head, rows: rowsOf() }, undefined, 2)}\n`);
}
const rows = rowsOf();
const number = (x: number, digits: number): string => (Number.isNaN(x) ? "-" : x.toFixed(digits)).padStart(9);
console.log(`scale ${scale}, background ${drive}, ${seeds} seed(s), ${duration} ms after ${warmUp} ms\n`);
console.log("population   rate Hz  reference       CV   correlation");
for (const { name, rate, referenceRate, cv, correlation } of rows) {
  const cells = [number(rate, 2), number(referenceRate, 2), number(cv, 2), number(correlation, 4)];
  console.log(name.padEnd(10) + cells.join(""));
}
console.log("\nmean distance: between seeds; between seeds of the reference (15 min, full scale); to the reference\n");
console.log(`population${kinds.map((kind) => kind.padStart(28)).join("")}`);
for (const { name, distances } of rows) {
  const cells = kinds.map((kind) => {
    const { seeds: own, published, reference: apart } = distances[kind];
    return ` ${number(own, 3)}${number(published, 2)}${number(apart, 3)}`;
  });
  console.log(`${name.padEnd(10)}${cells.join("")}`);
}

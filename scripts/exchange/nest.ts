/** Exported networks in NEST: spike by spike where the mapping is exact, numbers of spikes and rates elsewhere. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { type Bench, type Check, NotHere, type Seen } from "./check.js";
import { brunel, coba, column, type NestNetwork, small } from "./networks.js";

const NEST = "nest-simulator==3.10.0";

/** Spikes by time, as `population neuron`. */
interface Spikes {
  readonly rows: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

function spikesOf(file: string): Spikes {
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
  const counts = new Map<string, number>();
  for (const row of rows) {
    const population = row.split(",")[1] as string;
    counts.set(population, (counts.get(population) ?? 0) + 1);
  }
  return { rows, counts };
}

/** Values by what stands before them: `time,population,neuron,variable`, or `projection,source,target`. */
function tracesOf(file: string): Map<string, number> {
  const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
  return new Map(
    rows.map((row) => [row.slice(0, row.lastIndexOf(",")), Number(row.slice(row.lastIndexOf(",") + 1))] as const),
  );
}

/** Runs a network here and there. */
function both(bench: Bench, { name, document, explicit }: NestNetwork, threads = 1): string {
  const { folder, python, run, spikelet } = bench;
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(document));
  spikelet("run", file, "--out", join(folder, `${name}-here`), "--no-plots", "--quiet");
  spikelet("export", file, "--to", "nest", "--out", join(folder, name), ...(explicit ? ["--explicit"] : []));
  return run(python, ["-W", "ignore", join(folder, name, "network.py"), "--threads", String(threads)], {
    seconds: 1800,
  });
}

function* compare(bench: Bench, network: NestNetwork, threads = 1): Generator<Seen> {
  both(bench, network, threads);
  const { folder } = bench;
  const { name } = network;
  const [here, there] = [
    spikesOf(join(folder, `${name}-here`, "spikes.csv")),
    spikesOf(join(folder, name, "results", "spikes.csv")),
  ];
  if (network.same) {
    const set = new Set(there.rows);
    const common = here.rows.filter((row) => set.has(row)).length;
    const ok = common === here.rows.length && common === there.rows.length && common >= network.least;
    yield {
      what: `${name}: spikes`,
      ok,
      text: `${here.rows.length} here, ${there.rows.length} there, ${common} the same`,
    };
  } else {
    for (const population of new Set([...here.counts.keys(), ...there.counts.keys()])) {
      const [a, b] = [here.counts.get(population) ?? 0, there.counts.get(population) ?? 0];
      const ok = Math.abs(a - b) <= Math.max(network.spikes ?? 1, (network.share ?? 0) * a) && a >= network.least;
      yield { what: `${name}: spikes of ${population}`, ok, text: `${a} here, ${b} there` };
    }
  }
  if (network.weights !== undefined) {
    const [ours, theirs] = [`${name}-here`, join(name, "results")].map((place) =>
      tracesOf(join(folder, place, "weights.csv")),
    ) as [Map<string, number>, Map<string, number>];
    const { loose = {}, weights } = network;
    const apart = [...ours].map(
      ([key, weight]) => [key.split(",")[0] as string, Math.abs(weight - (theirs.get(key) ?? Number.NaN))] as const,
    );
    const worst = Math.max(
      ...apart.map(([projection, difference]) => (loose[projection] === undefined ? difference : 0)),
    );
    const within = apart.every(([projection, difference]) => difference <= (loose[projection] ?? weights));
    const changed = new Set([...ours.values()].map((weight) => weight.toFixed(6))).size;
    const ok = within && ours.size === theirs.size && changed > 0.5 * ours.size;
    yield {
      what: `${name}: weights at the end`,
      ok,
      text: `${ours.size}, ${changed} of them different; largest difference ${worst.toExponential(1)}`,
    };
  }
  if (network.traces === undefined) return;
  const [ours, theirs] = [
    tracesOf(join(folder, `${name}-here`, "traces.csv")),
    tracesOf(join(folder, name, "results", "traces.csv")),
  ];
  const largest = new Map<string, number>();
  let missing = 0;
  for (const [key, value] of ours) {
    const other = theirs.get(key);
    if (other === undefined) missing++;
    const [, population, , variable] = key.split(",") as [string, string, string, string];
    const column = `${population}.${variable}`;
    largest.set(column, Math.max(largest.get(column) ?? 0, Math.abs(value - (other ?? Number.NaN))));
  }
  const worst = Math.max(...largest.values());
  const list = [...largest].map(([column, difference]) => `${column} ${difference.toExponential(1)}`).join(", ");
  const ok = missing === 0 && worst <= network.traces && ours.size === theirs.size;
  yield {
    what: `${name}: traces`,
    ok,
    text: `${ours.size} samples, ${missing} missing there; largest differences ${list}`,
  };
}

const exchange: Check = {
  name: "nest",
  requirements: [NEST],
  pythons: ["3.11", "3.12", "3.13"],
  *run(bench) {
    for (const network of small()) yield* compare(bench, network);
    for (const name of ["currents", "plastic"]) yield merged(bench, name);
    yield stored(bench);
  },
};

/** What continuous integration runs: two networks that NEST computes exactly as Spikelet does. */
const few: Check = {
  name: "nest-small",
  // NEST's other dependencies are for figures
  requirements: ["--no-deps", NEST, "numpy==2.4.6"],
  pythons: ["3.11", "3.12", "3.13"],
  installSeconds: 180,
  part: true,
  *run(bench) {
    for (const network of small().filter(({ name }) => name === "currents" || name === "jumps"))
      yield* compare(bench, network);
    yield merged(bench, "currents");
  },
};

/**
 * The tables of a run in two halves, as two processes of MPI write them, are those of one process once they are merged.
 */
function merged({ folder, python, run }: Bench, name: string): Seen {
  const [whole, halves] = [join(folder, name, "results"), join(folder, `${name}-halves`)];
  mkdirSync(halves, { recursive: true });
  const kinds = ["spikes", "traces", "weights"].filter((kind) => existsSync(join(whole, `${kind}.csv`)));
  const tableOf = (place: string, kind: string): string => readFileSync(join(place, `${kind}.csv`), "utf8");
  let rows = 0;
  for (const kind of kinds) {
    const [header, ...all] = tableOf(whole, kind).trim().split("\n") as [string, ...string[]];
    rows += all.length;
    // NEST deals neurons out in turn; a synapse is where its target is
    const half = (row: string): number => Number(row.split(",")[2]) % 2;
    for (const rank of [0, 1]) {
      const own = [header, ...all.filter((row) => half(row) === rank)];
      writeFileSync(join(halves, `${kind}-${rank}.csv`), `${own.join("\n")}\n`);
    }
  }
  run(python, [join(folder, name, "network.py"), "--merge", "--out", halves]);
  const same = kinds.filter((kind) => tableOf(whole, kind) === tableOf(halves, kind));
  return {
    what: `${name}: tables in halves, merged`,
    ok: rows > 0 && same.length === kinds.length,
    text: `${rows} rows; the same bytes: ${same.join(", ") || "none"} of ${kinds.join(", ")}`,
  };
}

/** What a test without NEST compares with: a small network's spikes there. */
function stored({ folder }: Bench): Seen {
  const file = new URL("../../test/exchange/nest.json", import.meta.url);
  const network = small().find(({ name }) => name === "jumps") as NestNetwork;
  const { rows } = spikesOf(join(folder, network.name, "results", "spikes.csv"));
  const made = {
    made: `by NEST 3.10.0 from the script of this network, exported with --explicit`,
    document: network.document,
    spikes: rows,
  };
  const text = `${JSON.stringify(made)}\n`;
  let before = "";
  try {
    before = readFileSync(file, "utf8");
  } catch {
    // Not written yet.
  }
  if (before === "") writeFileSync(file, text);
  return {
    what: "stored spikes of NEST",
    ok: before === "" || before === text,
    text: before === "" ? "written" : `${rows.length} spikes`,
  };
}

const large: Check = {
  name: "nest-large",
  requirements: [NEST],
  pythons: ["3.11", "3.12", "3.13"],
  *run(bench) {
    const threads = Math.min(2, cpus().length);
    for (const network of [coba(), brunel(), column()]) yield* compare(bench, network, threads);
  },
};

/** NEST with MPI is not on PyPI: a Python that has it is named by the environment. */
const mpi: Check = {
  name: "nest-mpi",
  requirements: [],
  pythons: ["3.11", "3.12", "3.13"],
  programs: ["mpirun"],
  *run(bench) {
    const python = process.env.NEST_MPI_PYTHON;
    if (python === undefined)
      throw new NotHere(`${NEST} of PyPI is built without MPI; NEST_MPI_PYTHON may name a Python whose NEST has it`);
    const { folder, run } = bench;
    const env = {
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
      OMPI_MCA_rmaps_base_oversubscribe: "1",
    };
    const [jumps] = small().filter(({ name }) => name === "jumps") as [NestNetwork];
    for (const network of [jumps, coba(), brunel(), column()]) {
      // NEST promises the same spikes for the same number of threads in all, however they are shared out to processes
      yield* compare({ ...bench, python }, network, 2);
      const script = join(folder, network.name, "network.py");
      const out = join(folder, `${network.name}-mpi`);
      run("mpirun", ["-n", "2", python, script, "--out", out], { seconds: 3600, env });
      run(python, [script, "--merge", "--out", out]);
      const [one, two] = [join(folder, network.name, "results"), out].map(
        (place) => spikesOf(join(place, "spikes.csv")).rows,
      ) as [readonly string[], readonly string[]];
      yield {
        what: `${network.name}: two threads and two processes`,
        ok: JSON.stringify(one) === JSON.stringify(two),
        text: `${one.length} and ${two.length} spikes`,
      };
    }
  },
};

export const checks: readonly Check[] = [exchange, few, large, mpi];

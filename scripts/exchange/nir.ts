/** NIR: files for the package nir, snnTorch and SpikingJelly, the spikes that these give, and files of theirs. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, Check, Seen } from "./check.js";

const SCRIPT = fileURLToPath(new URL("nir-readers.py", import.meta.url));
const DT = 0.1;

/** Time step and channel or neuron of each spike, sorted. */
type Spikes = readonly (readonly [step: number, neuron: number])[];

interface Job {
  readonly tool: "read" | "snntorch" | "spikingjelly" | "write" | "snnwrite";
  readonly file: string;
  readonly dt: number;
  readonly steps: number;
  readonly spikes?: Spikes;
}

const LIF = { C_m: 250, tau_m: 10, E_L: -70, V_th: -55, V_reset: -70, t_ref: 0 };

/** A number from 0 to 1 that follows from its place. */
const hash = (i: number): number => ((Math.imul(i + 1, 2654435761) >>> 0) % 1000) / 1000;

/** Spikes of so many channels, about one in `every` steps. */
function train(channels: number, steps: number, every: number): Spikes {
  const spikes: [number, number][] = [];
  for (let step = 1; step < steps; step++) {
    for (let channel = 0; channel < channels; channel++) {
      if (hash(step * channels + channel) * every < 1) spikes.push([step, channel]);
    }
  }
  return spikes;
}

function source(size: number, steps: number, every: number): Record<string, unknown> {
  const spikes = train(size, steps, every);
  return {
    name: "src",
    model: "spikeTrain",
    size,
    params: { times: spikes.map(([s]) => s * DT), neurons: spikes.map(([, n]) => n) },
  };
}

function pairs(sources: number, targets: number, weight: (i: number) => number): Record<string, unknown> {
  const list = Array.from({ length: sources * targets }, (_, i) => [i % sources, Math.floor(i / sources)]);
  return { rule: "list", pairs: list, weight: list.map((_, i) => weight(i)) };
}

const delta = { receptors: { syn: { kernel: "delta" } } };
const network = (
  populations: unknown[],
  projections: unknown[],
  record: readonly string[],
  duration = 100,
): Record<string, unknown> => ({
  dt: DT,
  duration,
  populations,
  projections,
  record: record.map((population) => ({ population, variables: ["spikes"] })),
});

/** Networks, and how many steps the spikes of what is put out come earlier in readers. */
const NETWORKS: Readonly<
  Record<
    string,
    {
      readonly document: Record<string, unknown>;
      readonly shift: Readonly<Record<string, number>>;
      readonly snnTorch: boolean;
    }
  >
> = {
  // the neuron whose 14 spikes are known
  constant: {
    document: network(
      [
        {
          name: "cell",
          model: "lif",
          size: 1,
          method: "euler",
          params: { ...LIF, C_m: 10, V_th: -69 },
          background: [{ kind: "constant", amplitude: 2 }],
        },
      ],
      [],
      ["cell"],
      100,
    ),
    shift: { cell: 0 },
    snnTorch: true,
  },
  layers: {
    document: network(
      [
        source(20, 1000, 40),
        { name: "a", model: "lif", size: 10, method: "euler", params: LIF, ...delta },
        { name: "b", model: "lif", size: 5, method: "euler", params: { ...LIF, tau_m: 20 }, ...delta },
      ],
      [
        { source: "src", target: "a", ...pairs(20, 10, (i) => 4.3 * hash(i)) },
        { source: "a", target: "b", ...pairs(10, 5, (i) => 7.1 * hash(3 * i)) },
      ],
      ["b"],
    ),
    shift: { b: 1 },
    snnTorch: true,
  },
  loops: {
    document: network(
      [
        source(20, 1000, 40),
        {
          name: "exc",
          model: "lif",
          size: 16,
          method: "euler",
          params: LIF,
          ...delta,
          background: [{ kind: "constant", amplitude: 200 }],
        },
        { name: "inh", model: "lif", size: 4, method: "euler", params: { ...LIF, V_th: -57 }, ...delta },
      ],
      [
        { source: "src", target: "exc", ...pairs(20, 16, (i) => 3.3 * hash(i)) },
        { source: "exc", target: "exc", ...pairs(16, 16, (i) => 0.8 * hash(5 * i)) },
        { source: "exc", target: "inh", ...pairs(16, 4, (i) => 3.7 * hash(7 * i)) },
        { source: "inh", target: "exc", ...pairs(4, 16, (i) => -4.1 * hash(11 * i)) },
      ],
      ["exc", "inh"],
    ),
    shift: { exc: 0, inh: 0 },
    snnTorch: false,
  },
  // one node for each threshold
  sets: {
    document: network(
      [
        source(20, 1000, 40),
        {
          name: "a",
          model: "lif",
          size: 9,
          method: "euler",
          params: { ...LIF, V_th: [-55, -56, -57, -55, -56, -57, -55, -56, -57] },
          ...delta,
        },
      ],
      [{ source: "src", target: "a", ...pairs(20, 9, (i) => 4.3 * hash(i)) }],
      ["a"],
    ),
    shift: { a: 0 },
    snnTorch: true,
  },
  integrators: {
    document: network(
      [
        source(10, 1000, 40),
        { name: "a", model: "lif", size: 5, method: "euler", params: { ...LIF, tau_m: 1e30 }, ...delta },
      ],
      [{ source: "src", target: "a", ...pairs(10, 5, (i) => 2.3 * hash(i)) }],
      ["a"],
    ),
    shift: { a: 0 },
    snnTorch: false,
  },
  currents: {
    document: network(
      [
        source(20, 1000, 40),
        {
          name: "a",
          model: "lif",
          size: 10,
          method: "euler",
          params: LIF,
          receptors: { syn: { kernel: "exponential", tau: 5 } },
        },
      ],
      [{ source: "src", target: "a", ...pairs(20, 10, (i) => 230 * hash(i)) }],
      ["a"],
    ),
    shift: { a: 1 },
    snnTorch: true,
  },
};

/** Spikes of populations that are put out, as channels of the output, in steps. */
function ours(bench: Bench, name: string, sizes: readonly (readonly [string, number])[]): [number, number][] {
  bench.spikelet("run", `${name}.json`, "--out", `${name}-run`, "--quiet", "--no-plots");
  const offsets = new Map<string, number>();
  let offset = 0;
  for (const [population, size] of sizes) {
    offsets.set(population, offset);
    offset += size;
  }
  const rows = readFileSync(join(bench.folder, `${name}-run`, "spikes.csv"), "utf8").trimEnd().split("\n").slice(1);
  return rows
    .map((row) => row.split(","))
    .filter(([, population]) => offsets.has(population as string))
    .map(([time, population, neuron]): [number, number] => [
      Math.round(Number(time) / DT) - 1,
      (offsets.get(population as string) as number) + Number(neuron),
    ]);
}

const text = (spikes: Spikes): string => JSON.stringify([...spikes].sort(([s, n], [t, m]) => s - t || n - m));

function run(bench: Bench, jobs: readonly Job[]): unknown[] {
  const path = join(bench.folder, "jobs.json");
  writeFileSync(path, JSON.stringify(jobs));
  const env = { OMP_NUM_THREADS: "1", MPLCONFIGDIR: bench.folder };
  return JSON.parse(
    bench.run(bench.python, [SCRIPT, path], { cwd: bench.folder, seconds: 1500, env }).split("\n").at(-2) as string,
  ) as unknown[];
}

interface Documents {
  readonly populations: readonly { readonly name: string; readonly size: number }[];
  readonly record: readonly { readonly population: string }[];
}

function* exported(bench: Bench): Generator<Seen> {
  const jobs: { readonly network: string; readonly job: Job }[] = [];
  const expected = new Map<string, [number, number][]>();
  for (const [name, { document, snnTorch }] of Object.entries(NETWORKS)) {
    writeFileSync(join(bench.folder, `${name}.json`), JSON.stringify(document));
    bench.spikelet("export", `${name}.json`, "--to", "nir", "--out", name);
    const { populations, record } = document as unknown as Documents;
    const sizes = record.map(
      ({ population }) => [population, populations.find((p) => p.name === population)?.size ?? 0] as const,
    );
    expected.set(name, ours(bench, name, sizes));
    const fed = populations.find((p) => p.name === "src") as unknown as
      { readonly params: { readonly times: number[]; readonly neurons: number[] } } | undefined;
    // what a source sends at the end of a step comes a step later
    const spikes = (fed?.params.times ?? []).map(
      (time, i) => [Math.round(time / DT), fed?.params.neurons[i] as number] as const,
    );
    const steps = Math.round((document.duration as number) / DT);
    const common = { file: join(bench.folder, name, "network.nir"), dt: DT / 1000, steps, spikes };
    jobs.push(
      { network: name, job: { tool: "read", ...common } },
      { network: name, job: { tool: "spikingjelly", ...common } },
    );
    if (snnTorch) jobs.push({ network: name, job: { tool: "snntorch", ...common } });
  }
  const results = run(bench, jobs.map(({ job }) => job));
  for (const [i, { network: name, job }] of jobs.entries()) {
    const result = results[i] as Spikes & { readonly error?: string; readonly nodes?: object };
    const what = `${name} in ${job.tool === "read" ? "nir.read" : job.tool}`;
    if (result.error !== undefined || job.tool === "read") {
      yield { what, ok: result.error === undefined, text: result.error ?? Object.keys(result.nodes ?? {}).join(", ") };
      continue;
    }
    const { document, shift } = NETWORKS[name] as (typeof NETWORKS)[string];
    const early = Object.values(shift)[0] ?? 0;
    const wanted = (expected.get(name) as [number, number][]).map(([step, neuron]): [number, number] => [
      step - early,
      neuron,
    ]);
    const last = Math.round((document.duration as number) / DT) - early;
    const got = result.filter(([step]) => step < last);
    const same = text(got) === text(wanted);
    const there = new Set(wanted.map(String));
    const shared = got.filter((spike) => there.has(String(spike))).length;
    // the decay of a current by Euler is not that of an exponential; all else is the same but for rounding
    const ok =
      name === "currents"
        ? Math.abs(got.length - wanted.length) <= 0.05 * wanted.length && wanted.length > 20
        : job.tool === "spikingjelly"
          ? same && wanted.length > 10
          : shared >= 0.97 * wanted.length;
    yield {
      what,
      ok,
      text: `${got.length} spikes, here ${wanted.length}; ${shared} in the same step${early ? ` but for ${early}` : ""}`,
    };
  }
}

function* imported(bench: Bench): Generator<Seen> {
  const steps = 1000;
  const spikes = train(3, steps, 8);
  const file = (name: string): string => join(bench.folder, name);
  const [, trained] = run(bench, [
    { tool: "write", file: file("own.nir"), dt: 1e-4, steps },
    { tool: "snnwrite", file: file("trained.nir"), dt: 1e-4, steps, spikes },
  ]) as [boolean, { readonly first: Spikes; readonly second: Spikes; readonly error?: string }];
  for (const name of ["own", "trained"]) {
    bench.spikelet("import", `${name}.nir`, "--from", "nir", "--out", `${name}.json`);
    const document = JSON.parse(readFileSync(file(`${name}.json`), "utf8")) as {
      populations: { name: string; model: string; size: number; params: object }[];
      record: unknown;
    };
    const input = document.populations.find(({ model }) => model === "spikeTrain");
    if (input)
      input.params = { times: spikes.map(([step]) => step * DT), neurons: spikes.map(([, channel]) => channel) };
    document.record = document.populations
      .filter(({ model }) => model === "lif")
      .map((p) => ({ population: p.name, variables: ["spikes"] }));
    writeFileSync(file(`${name}.json`), JSON.stringify({ ...document, duration: steps * DT }));
    const cells = document.populations.filter(({ model }) => model === "lif");
    if (name === "own") {
      // and out again, into the readers
      bench.spikelet("export", "own.json", "--to", "nir", "--out", "again");
      const mine = ours(bench, name, cells.map((p) => [p.name, p.size] as const));
      const fed = spikes.map(([step, channel]) => [step, channel] as const);
      const results = run(
        bench,
        ["own.nir", "again/network.nir"].map((path) => ({
          tool: "spikingjelly" as const,
          file: file(path),
          dt: 1e-4,
          steps,
          spikes: fed,
        })),
      );
      const again = results[1] as Spikes & { readonly error?: string };
      const ok = again.error === undefined && text(again) === text(mine) && mine.length > 10;
      yield { what: "a file of nir with a graph in the graph, imported, exported again", ok, text: again.error ?? `${again.length} spikes in SpikingJelly, here ${mine.length}` };
      continue;
    }
    if (trained.error !== undefined) {
      yield { what: "a file of snnTorch", ok: false, text: trained.error };
      continue;
    }
    for (const [i, layer] of ([trained.first, trained.second] as const).entries()) {
      const all = ours(bench, name, [[(cells[i] as { name: string }).name, (cells[i] as { size: number }).size]]);
      const mine = all
        .map(([step, neuron]): [number, number] => [step - i, neuron])
        .filter(([step]) => step < steps - i);
      const theirs = layer.filter(([step]) => step < steps - i);
      const there = new Set(theirs.map(String));
      const shared = mine.filter((spike) => there.has(String(spike))).length;
      yield {
        what: `a network of snnTorch, imported, layer ${i + 1}`,
        ok: shared >= 0.97 * theirs.length && theirs.length > 20,
        text: `${mine.length} spikes, there ${theirs.length}; ${shared} in the same step${i ? ` but for ${i}` : ""}`,
      };
    }
  }
}

const main: Check = {
  name: "nir",
  requirements: ["nir==1.0.8", "nirtorch==2.6", "snntorch==1.0.0", "spikingjelly==2.0.0"],
  pythons: ["3.12", "3.13"],
  *run(bench) {
    yield* exported(bench);
    yield* imported(bench);
  },
};

export const checks: readonly Check[] = [main];

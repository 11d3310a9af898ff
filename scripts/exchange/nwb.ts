/** NWB in pynwb, Neo and Elephant, and the readers of all formats that docs/reading-results.md shows, each as it stands there. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, Check, Seen } from "./check.js";

const SCRIPT = fileURLToPath(new URL("nwb-readers.py", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/reading-results.md", import.meta.url));
const [INDEX, EXCHANGE] = ["index", "exchange/index"].map((name) => fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url)));

const DURATION = 1000.9;
const NETWORK = {
  dt: 0.1,
  duration: DURATION,
  seed: 1,
  populations: [
    { name: "exc", model: "lif", size: 20, background: [{ kind: "constant", amplitude: 400 }, { kind: "whiteNoise", sigma: 300 }] },
    { name: "inh", model: "lif", size: 3, background: [{ kind: "constant", amplitude: 500 }] },
  ],
  projections: [],
  record: [
    { population: "exc", variables: ["spikes"] },
    { population: "inh", variables: ["spikes"], from: 200 },
    { population: "exc", variables: ["v"], neurons: [0, 3], every: 0.5 },
  ],
};

/** The same run in a program of its own, which writes results.nwb and says how many spikes there were. */
const PROGRAM = `
import { readFileSync, writeFileSync } from "node:fs";
import { parseDocument, Simulation } from ${JSON.stringify(INDEX)};
import { nwbFile } from ${JSON.stringify(EXCHANGE)};
const simulation = await Simulation.fromSpec(parseDocument(JSON.parse(readFileSync("net.json", "utf8"))));
const cells = (name) => simulation.populations.get(name);
const exc = simulation.record(cells("exc"), "spikes");
const inh = simulation.record(cells("inh"), "spikes", { from: 200 });
const v = simulation.record(cells("exc"), "v", { neurons: [0, 3], every: 0.5 });
await simulation.run(${DURATION});
const spikes = [exc, inh].map((r) => ({ name: r.population, size: r.size, spikes: r }));
const options = { sessionStart: "2026-11-29T12:00:00Z", identifier: "check", description: "spikelet" };
writeFileSync("results/results.nwb", await nwbFile({ duration: simulation.time, spikes, traces: [v] }, options));
const count = new Array(exc.size).fill(0);
for (const neuron of exc.neurons) count[neuron]++;
console.log(JSON.stringify({ exc: exc.times.length, inh: inh.times.length, count, sum: v.values(1).reduce((a, b) => a + b, 0), samples: v.time.length }));
`;

interface Facts {
  readonly exc: number;
  readonly inh: number;
  /** Spikes of each neuron of exc. */
  readonly count: readonly number[];
  readonly sum: number;
  readonly samples: number;
}

/** What must come out behind each block of the page, in its order. */
const expectations = ({ exc, inh, count, sum, samples }: Facts): readonly (readonly [what: string, expression: string, wanted: unknown])[] => [
  ["csv, pandas", "[int((spikes.population == 'exc').sum()), str(spikes.time_ms.dtype)]", [exc, "float64"]],
  ["csv, numpy", "[len(times) == len(neurons), len(times)]", [true, exc + inh]],
  ["csv, traces", "[list(v.shape), round(float(v[3].sum()), 3)]", [[samples, 2], Number(sum.toFixed(3))]],
  ["csv, Neo", "[[len(t) for t in trains], round(float(trains[0].t_stop), 3)]", [count, DURATION]],
  ["npz, numpy", "[len(times), str(times.dtype), int(neurons.max())]", [exc, "float64", 19]],
  ["npz, traces", "[list(v.shape), len(time)]", [[2, samples], samples]],
  ["npz, Neo", "[[len(t) for t in trains], round(float(trains[0].t_stop), 3)]", [count, DURATION]],
  [
    "NWB, Neo",
    "[[len(t) for t in trains[:20]], sum(len(t) for t in trains[20:]), float(trains[20].t_start), round(float(trains[0].t_stop), 6)]",
    [count, inh, 0.2, DURATION / 1000],
  ],
  ["NWB, pynwb", "[len(units), [len(t) for t in units.spike_times[:20]], list(units.population)[20]]", [23, count, "inh"]],
  ["NWB, h5py", "[[len(t) for t in trains[:20]], len(trains)]", [count, 23]],
  // trains are those of Neo from NWB again
  ["NWB, Elephant", "[round(rate, 6) for rate in rates[:20]]", count.map((n) => Number(((1000 * n) / DURATION).toFixed(6)))],
];

function* run(bench: Bench): Generator<Seen> {
  const file = (name: string): string => join(bench.folder, name);
  writeFileSync(file("net.json"), JSON.stringify(NETWORK));
  writeFileSync(file("program.mjs"), PROGRAM);
  for (const format of ["csv", "npz"]) bench.spikelet("run", "net.json", "--out", format, "--format", format, "--no-plots", "--quiet");
  mkdirSync(file("results"));
  for (const name of ["csv/spikes.csv", "csv/traces.csv", "npz/spikes.npz", "npz/traces.npz", "csv/run.json"]) {
    writeFileSync(file(`results/${name.split("/")[1]}`), readFileSync(file(name)));
  }
  const facts = JSON.parse(bench.run(process.execPath, ["program.mjs"], { cwd: bench.folder })) as Facts;
  const blocks = [...readFileSync(PAGE, "utf8").matchAll(/```python\n([\s\S]*?)```/g)].map(([, text]) => text as string);
  const wanted = expectations(facts);
  yield { what: "blocks of the page", ok: blocks.length === wanted.length, text: `${blocks.length}` };
  const neo = blocks[wanted.findIndex(([what]) => what === "NWB, Neo")] as string;
  const all = blocks.map((block, i) => [wanted[i]?.[0] === "NWB, Elephant" ? `${neo}${block}` : block, wanted[i]?.[1] ?? "None"]);
  writeFileSync(file("job.json"), JSON.stringify({ file: "results/results.nwb", blocks: all }));
  const answer = JSON.parse(bench.run(bench.python, [SCRIPT, "job.json"], { cwd: bench.folder }).trimEnd().split("\n").at(-1) as string) as {
    readonly errors: readonly string[];
    readonly results: readonly unknown[];
  };
  yield { what: "pynwb.validate", ok: answer.errors.length === 0, text: answer.errors.join("; ") || "0 errors" };
  for (const [i, [what, , expected]] of wanted.entries()) {
    const [got, want] = [JSON.stringify(answer.results[i]), JSON.stringify(expected)];
    yield { what, ok: got === want, text: got === want ? got.slice(0, 100) : `${got}, expected ${want}` };
  }
}

export const checks: readonly Check[] = [
  {
    name: "nwb",
    requirements: ["pynwb==4.2.0", "neo==0.14.6", "elephant==1.2.1", "pandas==3.1.1", "numpy==2.5.5"],
    pythons: ["3.12", "3.13"],
    run,
  },
];

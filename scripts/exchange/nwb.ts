/**
 * NWB in pynwb, Neo and Elephant, and the readers of all formats that docs/reading-results.md shows, each as it stands
 * there.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bench, Check, Seen } from "./check.js";

const SCRIPT = fileURLToPath(new URL("nwb-readers.py", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/reading-results.md", import.meta.url));
const [INDEX, EXCHANGE] = ["index", "exchange/index"].map((name) =>
  fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url)),
);

const DURATION = 1000.9;
const NETWORK = {
  dt: 0.1,
  duration: DURATION,
  seed: 1,
  populations: [
    {
      name: "exc",
      model: "lif",
      size: 20,
      background: [
        { kind: "constant", amplitude: 400 },
        { kind: "whiteNoise", sigma: 300 },
      ],
    },
    { name: "inh", model: "lif", size: 3, background: [{ kind: "constant", amplitude: 500 }] },
  ],
  projections: [],
  record: [
    { population: "exc", variables: ["spikes"] },
    { population: "inh", variables: ["spikes"], from: 200 },
    { population: "exc", variables: ["v"], neurons: [0, 3], every: 0.5 },
  ],
};

/** All that a run can record: weights too, several variables and samplings, neurons of a population of their own. */
const RICH = {
  ...NETWORK,
  name: "rich",
  populations: NETWORK.populations.map((p, i) =>
    i === 0 ? { ...p, receptors: { e: { kernel: "exponential", tau: 3 } } } : p,
  ),
  projections: [
    {
      ...{ source: "exc", target: "exc", rule: "fixedProbability", p: 0.3, weight: 10, delay: 1.5 },
      plasticity: { kind: "stdp", tau_plus: 20, tau_minus: 20, A_plus: 0.01, A_minus: 0.012, w_max: 50 },
    },
  ],
  record: [
    { population: "exc", variables: ["spikes"], neurons: [0, 1, 5], from: 100 },
    { population: "exc", variables: ["v", "i_e"], neurons: [0, 3], every: 0.5 },
    { population: "exc", variables: ["v"], neurons: [7], every: 1, from: 50 },
    { projection: 0, variables: ["weight"], synapses: [0, 2], every: 10 },
  ],
};

/** What pynwb and Neo make of it, against its csv. */
const RICH_BLOCK = `
import neo, numpy as np, pandas as pd, pynwb
nwb = pynwb.NWBHDF5IO("rich/results.nwb", "r").read()
w, csv = nwb.analysis["weights"].to_dataframe(), pd.read_csv("rich-csv/weights.csv")
t, v = nwb.analysis["traces"].to_dataframe(), pd.read_csv("rich-csv/traces.csv")
names = list(t.series[t.variable == "v"])
data = np.concatenate([nwb.acquisition[n].data[:].T.ravel() for n in names])
segment = neo.io.NWBIO("rich/results.nwb", "r").read_all_blocks()[0].segments[0]
`;
const RICH_SEEN = `[
  list(w.projection), int((csv.weight.to_numpy() != w.weight[0]).sum()), int((csv.source.to_numpy() != w.source[0]).sum()),
  [list(map(int, n)) for n in t.neuron], list(t.unit), bool(np.isclose(data.sum(), v[v.variable == "v"].value.sum())),
  len(nwb.analysis["weight_traces"].to_dataframe().synapse[0]), str(nwb.session_start_time), len(segment.spiketrains), float(segment.spiketrains[0].t_start),
]`;
const RICH_WANTED = [
  ["exc -> exc (e)"],
  0,
  0,
  [[0, 3], [0, 3], [7]],
  ["mV", "pA", "mV"],
  true,
  2,
  "2026-11-29 12:00:00+00:00",
  3,
  0.1,
];

/** The same run in a program of its own, which writes program.nwb and says how many spikes there were. */
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
writeFileSync("program.nwb", await nwbFile({ duration: simulation.time, spikes, traces: [v] }, options));
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
const expectations = ({
  exc,
  inh,
  count,
  sum,
  samples,
}: Facts): readonly (readonly [what: string, expression: string, wanted: unknown])[] => [
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
  [
    "NWB, pynwb",
    "[len(units), [len(t) for t in units.spike_times[:20]], list(units.population)[20]]",
    [23, count, "inh"],
  ],
  ["NWB, h5py", "[[len(t) for t in trains[:20]], len(trains)]", [count, 23]],
  [
    "NWB, traces",
    "[list(v.shape), round(float(v[:, 1].sum()), 3), [int(n) for n in traces.neuron[0]]]",
    [[samples, 2], Number(sum.toFixed(3)), [0, 3]],
  ],
  ["SONATA, spikes", "[len(times), len(neurons), int(neurons.max())]", [exc, exc, 19]],
  [
    "SONATA, report",
    "[list(v.shape), round(float(v[:, 1].astype(float).sum()), 1), [float(start), float(end), float(every)]]",
    [[samples, 2], Number(sum.toFixed(1)), [0, samples / 2, 0.5]],
  ],
  // trains are those of Neo from NWB again
  [
    "NWB, Elephant",
    "[round(rate, 6) for rate in rates[:20]]",
    count.map((n) => Number(((1000 * n) / DURATION).toFixed(6))),
  ],
];

function* run(bench: Bench): Generator<Seen> {
  const file = (name: string): string => join(bench.folder, name);
  writeFileSync(file("net.json"), JSON.stringify(NETWORK));
  writeFileSync(file("program.mjs"), PROGRAM);
  writeFileSync(file("rich.json"), JSON.stringify(RICH));
  const start = ["--format", "nwb", "--session-start", "2026-11-29T12:00:00Z"];
  for (const [folder, more] of [["rich", start], ["rich-csv", []]] as const) {
    bench.spikelet("run", "rich.json", "--out", folder, "--no-plots", "--quiet", ...more);
  }
  for (const format of ["csv", "npz", "nwb", "sonata"])
    bench.spikelet("run", "net.json", "--out", format, "--format", format, "--no-plots", "--quiet");
  mkdirSync(file("results"));
  for (const name of [
    "csv/spikes.csv",
    "csv/traces.csv",
    "npz/spikes.npz",
    "npz/traces.npz",
    "nwb/results.nwb",
    "sonata/spikes.h5",
    "sonata/report-v.h5",
    "csv/run.json",
  ]) {
    writeFileSync(file(`results/${name.split("/")[1]}`), readFileSync(file(name)));
  }
  const facts = JSON.parse(bench.run(process.execPath, ["program.mjs"], { cwd: bench.folder })) as Facts;
  const blocks = [...readFileSync(PAGE, "utf8").matchAll(/```python\n([\s\S]*?)```/g)].map(
    ([, text]) => text as string,
  );
  const wanted = expectations(facts);
  yield { what: "blocks of the page", ok: blocks.length === wanted.length, text: `${blocks.length}` };
  const neo = blocks[wanted.findIndex(([what]) => what === "NWB, Neo")] as string;
  const page = blocks.map((block, i) => [
    wanted[i]?.[0] === "NWB, Elephant" ? `${neo}${block}` : block,
    wanted[i]?.[1] ?? "None",
  ]);
  const all = [...page, [RICH_BLOCK, RICH_SEEN]];
  const files = ["results/results.nwb", "program.nwb", "rich/results.nwb"];
  writeFileSync(file("job.json"), JSON.stringify({ files, blocks: all }));
  const answer = JSON.parse(
    bench.run(bench.python, [SCRIPT, "job.json"], { cwd: bench.folder }).trimEnd().split("\n").at(-1) as string,
  ) as {
    readonly errors: readonly string[];
    readonly results: readonly unknown[];
  };
  yield {
    what: `pynwb.validate of ${files.length} files`,
    ok: answer.errors.length === 0,
    text: answer.errors.join("; ") || "0 errors",
  };
  const seen = [...wanted, ["all that a run records", "", RICH_WANTED] as const];
  for (const [i, [what, , expected]] of seen.entries()) {
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

/**
 * SONATA files in the tools that read them: libsonata and bluepysnap load them, bmtk (on NEST) and PyNN load and run
 * them. Ids, weights, delays and units are compared with what was exported, spikes with Spikelet's.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench, Check, Seen } from "./check.js";
import { CELL, small } from "./sonataNetworks.js";

/** 125 cells with two receptors, starts and currents of their own, and an inhibitory population. */
const larger = {
  name: "larger",
  dt: 0.1,
  duration: 500,
  seed: 3,
  populations: ["exc", "inh"].map((name) => ({
    ...{
      name,
      model: "lif",
      size: name === "exc" ? 100 : 25,
      params: { ...CELL, tau_m: 20 },
      init: { v: { uniform: [-70, -56] } },
    },
    receptors: { exc: { kernel: "exponential", tau: 3 }, inh: { kernel: "exponential", tau: 6 } },
    background: [{ kind: "constant", amplitude: { uniform: [170, 230] } }],
  })),
  projections: ["exc", "inh"].flatMap((source) =>
    ["exc", "inh"].map((target) => ({
      ...{ source, target, receptor: source, rule: "fixedProbability", p: 0.2 },
      ...{ weight: { uniform: source === "exc" ? [20, 60] : [-150, -60] }, delay: { uniform: [0.5, 3] } },
    })),
  ),
  record: [
    { population: "exc", variables: ["spikes"] },
    { population: "inh", variables: ["spikes"] },
  ],
};

/** As `small`, from PyNN's own start, so that PyNN can be compared. */
const started = {
  ...small,
  name: "started",
  populations: small.populations.map((p, i) => (i === 0 ? { ...p, init: { v: -65 } } : p)),
};

const LOAD = `
import json, libsonata, bluepysnap
c = libsonata.CircuitConfig.from_file("circuit_config.json")
b = bluepysnap.Circuit("circuit_config.json")
out = {"nodes": {}, "edges": {}, "spikes": {}}
for n in c.node_populations:
    p = c.node_population(n)
    assert b.nodes[n].size == p.size
    out["nodes"][n] = p.size
for e in c.edge_populations:
    p = c.edge_population(e)
    s = p.select_all()
    src, tgt = p.source_nodes(s).tolist(), p.target_nodes(s).tolist()
    w, d = p.get_attribute("syn_weight", s).tolist(), p.get_attribute("delay", s).tolist()
    assert p.get_dynamics_attribute("delay", s).tolist() == d
    for t in set(tgt):
        assert p.afferent_edges([t]).flatten().tolist() == [i for i, x in enumerate(tgt) if x == t], (e, t)
    for t in set(src):
        assert sorted(p.efferent_edges([t]).flatten().tolist()) == [i for i, x in enumerate(src) if x == t], (e, t)
    q = b.edges[e].get(range(p.size), ["syn_weight", "delay", "@source_node", "@target_node"])
    assert q["syn_weight"].tolist() == w and q["delay"].tolist() == d
    assert q["@source_node"].tolist() == src and q["@target_node"].tolist() == tgt
    out["edges"].setdefault(p.source + " " + p.target, []).extend(map(list, zip(src, tgt, w, d)))
for n in c.node_populations:
    if c.node_population_properties(n).type == "virtual":
        s = libsonata.SpikeReader("inputs/" + n + "_spikes.h5")[n]
        assert s.time_units == "ms"
        out["spikes"][n] = [list(x) for x in s.get()]
print("RESULT" + json.dumps(out))
`;

/** Spikes and reports of a run, in libsonata and in bluepysnap, which asks for a configuration of its own. */
const RESULTS = `
import json, libsonata, bluepysnap
out = {"libsonata": {"spikes": {}, "traces": {}}, "bluepysnap": {"spikes": {}, "traces": {}}, "units": [], "times": []}
spikes = libsonata.SpikeReader("spikes.h5")
for p in spikes.get_population_names():
    assert spikes[p].time_units == "ms"
    out["libsonata"]["spikes"][p] = [[t, int(n)] for n, t in spikes[p].get()]
reports = json.load(open("reports.json"))
for name in reports:
    for Reader in (libsonata.SomaReportReader, libsonata.ElementReportReader):
        reader = Reader(name + ".h5")
        for p in reader.get_population_names():
            frame = reader[p].get()
            nodes = [int(i if Reader is libsonata.SomaReportReader else i[0]) for i in frame.ids]
            assert sorted(nodes) == sorted(int(n) for n in reader[p].get_node_ids())
            rows = sorted([float(t), n, float(x)] for t, row in zip(frame.times, frame.data) for n, x in zip(nodes, row))
            key = name + " " + p
            assert out["libsonata"]["traces"].setdefault(key, rows) == rows
    out["units"].append([reader[p].data_units, reader[p].time_units])
    out["times"].append([float(x) for x in reader[p].times])
config = {"version": 1, "network": "../larger-nest/circuit_config.json",
    "run": {"tstart": 0, "tstop": 500, "dt": 0.1, "random_seed": 1}, "output": {"output_dir": ".", "spikes_file": "spikes.h5"},
    "reports": {name: {"cells": "All", "type": "compartment", "sections": "soma", "variable_name": "v", "unit": "mV", "dt": 0.5,
        "start_time": 0, "end_time": 500, "file_name": name + ".h5"} for name in reports}}
json.dump({"All": {"population": ["exc", "inh"]}}, open("node_sets.json", "w"))
config["node_sets_file"] = "node_sets.json"
json.dump(config, open("simulation_config.json", "w"))
s = bluepysnap.Simulation("simulation_config.json")
for p in s.spikes.population_names:
    out["bluepysnap"]["spikes"][p] = [[float(t), int(n)] for t, n in s.spikes[p].get().items()]
for name, report in s.reports.items():
    for p in report.population_names:
        table = report[p].get()
        ids = [int(c[0] if isinstance(c, tuple) else c) for c in table.columns]
        rows = sorted([float(t), n, float(x)] for t, row in zip(table.index, table.to_numpy()) for n, x in zip(ids, row))
        out["bluepysnap"]["traces"][name + " " + p] = rows
print("RESULT" + json.dumps(out))
`;

const BMTK = `
import json, h5py
from bmtk.simulator import pointnet
conf = pointnet.Config.from_json("simulation_config.json")
conf.build_env()
net = pointnet.PointNetwork.from_config(conf)
sim = pointnet.PointSimulator.from_config(conf, net)
sim.run()
out = {}
with h5py.File("output/spikes.h5") as f:
    for p in f["spikes"]:
        out[p] = sorted(map(list, zip(f["spikes"][p]["timestamps"][()].tolist(), f["spikes"][p]["node_ids"][()].tolist())))
print("RESULT" + json.dumps(out))
`;

const PYNN = `
import json, numpy
import pyNN.nest as sim
from pyNN.serialization import import_from_sonata, load_sonata_simulation_plan
setup = sim.setup
sim.setup = lambda **given: setup(spike_precision="on_grid", **given)
plan = load_sonata_simulation_plan("simulation_config.json")
plan.setup(sim)
net = import_from_sonata("circuit_config.json", sim)
try:
    plan.execute(net)
except TypeError:
    pass  # its writer of spikes fails with numpy 2
out = {"spikes": {}, "edges": {}}
for a in net.assemblies:
    if a.populations[0].celltype.__class__.__name__ == "SpikeSourceArray":
        continue
    trains = a.get_data("spikes").segments[0].spiketrains
    out["spikes"][a.label] = sorted([float(t), i] for i, train in enumerate(trains) for t in train.rescale("ms").magnitude)
for p in net.projections:
    out["edges"].setdefault(p.pre.label + " " + p.post.label, []).extend(
        [int(s), int(t), w * 1000, d] for s, t, w, d in p.get(["weight", "delay"], format="list"))
print("RESULT" + json.dumps(out))
`;

type Spike = readonly [time: number, neuron: number];
type EdgeRow = readonly [source: number, target: number, weight: number, delay: number];

interface Document {
  readonly name: string;
  readonly populations: readonly { readonly name: string }[];
}

/** Spikes of a run here, by population. */
function spikesHere({ spikelet, folder }: Bench, { name, populations }: Document): Record<string, Spike[]> {
  spikelet("run", `${name}.json`, "--out", `${name}-run`, "--no-plots", "--quiet");
  const rows = readFileSync(join(folder, `${name}-run`, "spikes.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1);
  const out: Record<string, Spike[]> = Object.fromEntries(populations.map((p) => [p.name, []]));
  for (const row of rows) {
    const [time, population, neuron] = row.split(",") as [string, string, string];
    out[population]?.push([Number(time), Number(neuron)]);
  }
  return out;
}

/** Synapses of the explicit network, by their two populations. */
function edgesHere({ spikelet, folder }: Bench, { name }: Document): Record<string, EdgeRow[]> {
  spikelet("export", `${name}.json`, "--to", "spikelet", "--explicit", "--out", `${name}-explicit`);
  const { projections } = JSON.parse(readFileSync(join(folder, `${name}-explicit`, "network.json"), "utf8")) as {
    readonly projections: readonly {
      source: string;
      target: string;
      pairs: [number, number][];
      weight: number | number[];
      delay: number | number[];
    }[];
  };
  const out: Record<string, EdgeRow[]> = {};
  for (const { source, target, pairs, weight, delay } of projections) {
    const each = (value: number | number[], k: number): number =>
      typeof value === "number" ? value : (value[k] as number);
    (out[`${source} ${target}`] ??= []).push(
      ...pairs.map(([s, t], k): EdgeRow => [s, t, each(weight, k), each(delay, k)]),
    );
  }
  return out;
}

type Sample = readonly [time: number, neuron: number, value: number];

interface Results {
  readonly spikes: Record<string, Spike[]>;
  /** By report and population. */
  readonly traces: Record<string, Sample[]>;
}

/** What both libraries read of a run in SONATA, against the csv of the same run. */
function* resultsThere(bench: Bench): Generator<Seen> {
  const { folder, spikelet } = bench;
  const document = {
    ...larger,
    record: [
      ...larger.record,
      { population: "exc", variables: ["v", "i_exc"], neurons: [7, 2, 99], every: 0.5 },
      { population: "inh", variables: ["v"], neurons: [0, 24] },
      { population: "exc", variables: ["v"], neurons: [50], every: 1, from: 100 },
    ],
  };
  writeFileSync(join(folder, "results.json"), JSON.stringify(document));
  for (const format of ["csv", "sonata"])
    spikelet("run", "results.json", "--out", `results-${format}`, "--format", format, "--no-plots", "--quiet");
  const files = join(folder, "results-sonata");
  const reports = readdirSync(files)
    .flatMap((name) => (name.startsWith("report-") ? [name.replace(/\.h5$/, "")] : []))
    .sort();
  writeFileSync(join(files, "reports.json"), JSON.stringify(reports));
  const names = JSON.stringify(reports);
  yield { what: "reports of a run", ok: names === '["report-i_exc","report-v","report-v-2"]', text: names };
  const seen = resultOf<
    Record<"libsonata" | "bluepysnap", Results> & { readonly units: unknown; readonly times: unknown }
  >(bench, RESULTS, files);
  const rows = (file: string): string[][] =>
    readFileSync(join(folder, "results-csv", file), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((row) => row.split(","));
  const spikes: Record<string, Spike[]> = { exc: [], inh: [] };
  for (const [time, population, neuron] of rows("spikes.csv") as [string, string, string][])
    spikes[population]?.push([Number(time), Number(neuron)]);
  const traces: Record<string, Sample[]> = {};
  for (const [time, population, neuron, variable, value] of rows("traces.csv") as [
    string,
    string,
    string,
    string,
    string,
  ][]) {
    const report = neuron === "50" ? "report-v-2" : `report-${variable}`;
    (traces[`${report} ${population}`] ??= []).push([Number(time), Number(neuron), Number(value)]);
  }
  for (const library of ["libsonata", "bluepysnap"] as const) {
    yield compareSpikes(`results in ${library}`, seen[library].spikes, spikes);
    yield compareSamples(`results in ${library}`, seen[library].traces, traces);
  }
  const [units, times] = [JSON.stringify(seen.units), JSON.stringify(seen.times)];
  yield { what: "results in libsonata, units", ok: units === '[["pA","ms"],["mV","ms"],["mV","ms"]]', text: units };
  yield { what: "results in libsonata, times", ok: times === "[[0,500.5,0.5],[0,500.1,0.1],[100,501,1]]", text: times };
}

/** Samples are 32-bit floats there. */
function compareSamples(what: string, there: Record<string, Sample[]>, here: Record<string, Sample[]>): Seen {
  let [count, wrong] = [0, Math.abs(Object.keys(there).length - Object.keys(here).length)];
  for (const [key, samples] of Object.entries(here)) {
    const mine = [...samples].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const theirs = [...(there[key] ?? [])].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    count += mine.length;
    wrong += Math.abs(mine.length - theirs.length);
    mine.forEach(([time, neuron, value], k) => {
      const [t, n, x] = theirs[k] ?? [NaN, NaN, NaN];
      if (!(Math.abs(t - time) < 1e-6 && n === neuron && Math.fround(value) === Math.fround(x))) wrong++;
    });
  }
  return { what: `${what}, traces`, ok: count > 0 && wrong === 0, text: `${count} samples, ${wrong} of them different` };
}

function resultOf<T>({ run, python }: Bench, script: string, cwd: string): T {
  const line = run(python, ["-c", script], { cwd, seconds: 600 })
    .split("\n")
    .find((text) => text.startsWith("RESULT"));
  return JSON.parse((line as string).slice("RESULT".length)) as T;
}

function compareEdges(
  what: string,
  there: Record<string, EdgeRow[]>,
  here: Record<string, EdgeRow[]>,
  dt: number,
): Seen {
  let [count, wrong] = [0, 0];
  for (const [pair, rows] of Object.entries(here)) {
    // One synapse follows another of the same pair in any order.
    const sorted = (list: readonly EdgeRow[]): EdgeRow[] =>
      [...list].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    const [mine, theirs] = [sorted(rows), sorted(there[pair] ?? [])];
    count += mine.length;
    wrong += Math.abs(theirs.length - mine.length);
    mine.forEach(([s, t, w, d], k) => {
      const [ss, tt, ww, dd] = theirs[k] ?? [NaN, NaN, NaN, NaN];
      if (
        !(
          s === ss &&
          t === tt &&
          Math.abs(w - ww) <= 1e-9 * Math.abs(w) &&
          Math.abs(Math.round(d / dt) * dt - dd) < 1e-6
        )
      )
        wrong++;
    });
  }
  return { what, ok: count > 0 && wrong === 0, text: `${count} synapses, ${wrong} of them different` };
}

function compareSpikes(what: string, there: Record<string, Spike[]>, here: Record<string, Spike[]>): Seen {
  let [count, wrong] = [0, 0];
  for (const [name, spikes] of Object.entries(here)) {
    const key = ([time, neuron]: Spike): string => `${time.toFixed(4)} ${neuron}`;
    const [mine, theirs] = [new Set(spikes.map(key)), new Set((there[name] ?? []).map(key))];
    count += mine.size;
    wrong +=
      [...mine].filter((spike) => !theirs.has(spike)).length + [...theirs].filter((spike) => !mine.has(spike)).length;
  }
  return { what, ok: count > 0 && wrong === 0, text: `${count} spikes, ${wrong} of them different` };
}

export const checks: readonly Check[] = [
  {
    name: "sonata",
    requirements: ["libsonata==0.2.2", "bluepysnap==3.0.8", "bmtk==1.2.0", "nest-simulator==3.10.0", "PyNN==0.13.0"],
    pythons: ["3.12", "3.13"],
    *run(bench) {
      const { folder, spikelet } = bench;
      const write = (name: string, to: string, flavour: string): string => {
        spikelet("export", `${name}.json`, "--to", "sonata", "--flavour", flavour, "--out", to);
        return join(folder, to);
      };
      for (const document of [small, larger]) {
        const { name, dt } = document;
        writeFileSync(join(folder, `${name}.json`), JSON.stringify(document));
        const [edges, spikes] = [edgesHere(bench, document), spikesHere(bench, document)];
        const files = write(name, `${name}-nest`, "nest");
        const loaded = resultOf<{
          readonly nodes: object;
          readonly edges: Record<string, EdgeRow[]>;
          readonly spikes: object;
        }>(bench, LOAD, files);
        const sizes = Object.fromEntries(document.populations.map((p) => [p.name, p.size]));
        const same =
          JSON.stringify(Object.entries(loaded.nodes).sort()) === JSON.stringify(Object.entries(sizes).sort());
        yield { what: `${name} in libsonata and bluepysnap, cells`, ok: same, text: JSON.stringify(loaded.nodes) };
        yield compareEdges(`${name} in libsonata and bluepysnap`, loaded.edges, edges, dt);
        yield compareSpikes(`${name} in bmtk`, resultOf(bench, BMTK, files), { ...spikes });
        // What bmtk reads, Spikelet reads too.
        spikelet("import", join(files, "simulation_config.json"), "--from", "sonata", "--out", `${name}-back.json`);
        yield compareSpikes(`${name} imported again`, spikesHere(bench, { ...document, name: `${name}-back` }), spikes);
      }
      yield* resultsThere(bench);
      writeFileSync(join(folder, "started.json"), JSON.stringify(started));
      const pynn = resultOf<{ readonly spikes: Record<string, Spike[]>; readonly edges: Record<string, EdgeRow[]> }>(
        bench,
        PYNN,
        write("started", "started-pynn", "pynn"),
      );
      yield compareEdges("started in PyNN", pynn.edges, edgesHere(bench, started), started.dt);
      yield compareSpikes("started in PyNN, on the grid", pynn.spikes, spikesHere(bench, started));
    },
  },
];

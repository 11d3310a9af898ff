import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PopulationTrace } from "../../src/analysis/index.js";
import { plot } from "../../src/cli/plot.js";
import { spikesCsv, tracesCsv, weightTracesCsv } from "../../src/io/csv.js";
import { prepareFolder } from "../../src/io/folder.js";
import { writeNpz, spikesMembers, tracesMembers, weightTracesMembers } from "../../src/io/npz.js";
import { readSpikesCsv, readTracesCsv, readWeightsCsv, readWeightTracesCsv } from "../../src/io/csv-format.js";
import { resultFormats } from "../../src/io/own-formats.js";
import { readSpikesNpz, readTracesNpz, readWeightTracesNpz } from "../../src/io/npz-format.js";
import { readRun, readTime } from "../../src/io/read-results.js";
import { writeResults } from "../../src/io/results.js";
import { poisson, train } from "../analysis/generators.js";
import { elements } from "./reading.js";

const sizes = new Map([["exc", 80], ["in,h \"x\"", 20], ["%2/é#\u{1F600}", 3]]);
const names = [...sizes.keys()];
const options = { sizes, file: "spikes.csv" };

const trace = (population: string, variable: string, neurons: readonly number[], every: number): PopulationTrace => ({
  population,
  variable,
  unit: "",
  neurons: Uint32Array.from(neurons),
  time: Float64Array.from({ length: 50 }, (_, k) => Number(((k + 1) * every).toFixed(9))),
  values: (p) => Float64Array.from({ length: 50 }, (_, k) => (k === 7 ? Number.NaN : Math.sin(k + p) / 3)),
});

const plain = (traces: readonly PopulationTrace[]) =>
  traces.map(({ population, variable, neurons, time, values }) => ({
    population,
    variable,
    neurons: [...neurons],
    time: [...time],
    values: Array.from(neurons, (_, p) => [...values(p)]),
  }));

describe("results read back", () => {
  it("are the spikes that were written, as CSV and as npz", async () => {
    const row = fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.nat(2));
    const trains = fc.array(fc.array(row, { maxLength: 40 }), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(trains, async (lists) => {
        const populations = lists.map((list, p) => ({
          name: names[p] as string,
          spikes: train(list.map(([step, neuron]) => [step / 10, neuron])),
        }));
        const expected = new Map(populations.map(({ name, spikes }) => [name, spikes]));
        expect(await readSpikesNpz(await writeNpz(spikesMembers(populations)), options)).toEqual(expected);
        const back = readSpikesCsv([...spikesCsv(populations)].join(""), options);
        for (const [name, spikes] of expected) {
          if (spikes.times.length > 0) expect(back.get(name)).toEqual(spikes);
          else expect(back.has(name)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("are the traces that were written, as CSV and as npz", async () => {
    const written = [
      trace("exc", "v", [0, 3], 0.1),
      trace("exc", "v", [5], 0.5),
      trace(names[1] as string, "g_a", [1], 0.1),
      trace(names[2] as string, "v", [2], 0.3),
    ];
    const unit = (_: string, variable: string) => (variable === "v" ? "mV" : "nS");
    for (const read of [
      readTracesCsv([...tracesCsv(written)].join(""), { ...options, unit }),
      await readTracesNpz(await writeNpz(tracesMembers(written)), { ...options, unit }),
    ]) {
      const sorted = [...plain(read)].sort((a, b) => (a.neurons[0] as number) - (b.neurons[0] as number));
      const wanted = [...plain(written)].sort((a, b) => (a.neurons[0] as number) - (b.neurons[0] as number));
      expect(sorted).toEqual(wanted);
      expect(new Set(read.map((t) => `${t.variable} ${t.unit}`))).toEqual(new Set(["v mV", "g_a nS"]));
    }
  });

  it.each(["exc -> inh #2", "exc -> inh#2", "a#1 -> b (c#3)"])(
    "are the recorded weights of %s, as CSV and as npz",
    async (name) => {
    const time = Float64Array.of(0, 0.5, 1);
    const recorded = {
      name,
      unit: "pA",
      synapses: Uint32Array.of(4, 1),
      sources: Uint32Array.of(0, 1),
      targets: Uint32Array.of(2, 3),
      time,
      values: (position: number) => Float64Array.of(1 + position, 2, 3),
    };
    const unit = (projection: string): string => (projection === recorded.name ? "nS" : "");
    const twice = await readWeightTracesNpz(await writeNpz(weightTracesMembers([recorded, recorded])), unit);
    expect(twice.map(({ population }) => population)).toEqual([name, name]);
    for (const read of [
      readWeightTracesCsv([...weightTracesCsv([recorded])].join(""), unit),
      await readWeightTracesNpz(await writeNpz(weightTracesMembers([recorded])), unit),
    ]) {
      expect(read.length).toBe(1);
      const [trace] = read;
      expect([trace?.population, trace?.variable, trace?.unit]).toEqual([recorded.name, "weight", "nS"]);
      expect([trace?.neurons, trace?.time, trace?.values(1)]).toEqual([recorded.synapses, time, recorded.values(1)]);
    }
    const head = "time_ms,projection,synapse,source,target,weight\n";
    expect(() => readWeightTracesCsv(`${head}0,a,x,0,0,1`, unit)).toThrow('line 2, column "synapse": "x"');
      expect(() => readWeightTracesCsv(`${head}1,a,0,0,0,1\n0,a,0,0,0,1`, unit)).toThrow(
        "times of a synapse must ascend",
      );
    await expect(readWeightTracesNpz(await writeNpz({ "a/time": time }), unit)).rejects.toThrow('"a/synapse"');
  });

  it("are read fast: a million spikes", () => {
    const times = Float64Array.from({ length: 1e6 }, (_, i) => Math.floor(i / 10) / 10);
    const neurons = Uint32Array.from(times, (_, i) => i % 10);
    const text = [...spikesCsv([{ name: "exc", spikes: { times, neurons } }])].join("");
    expect(readSpikesCsv(text, options).get("exc")?.times.length).toBe(1e6);
  });

  it.each([
    ["", "spikes.csv: the file is empty; it must begin with \"time_ms,population,neuron\"."],
    ["t,p,n\n", "spikes.csv, line 1: the header is \"t,p,n\"; it must be \"time_ms,population,neuron\"."],
    ["\n1,exc\n", "spikes.csv, line 3: the row has 2 fields; it must have 3: time_ms,population,neuron."],
    ["\n\n1,ex,0\n", 'spikes.csv, line 4, column "population": the run has no population "ex". Did you mean "exc"?'],
    ["\n1,exc,80\n", 'line 3, column "neuron": "80" is not a neuron of "exc"; it must be a whole number from 0 to 79.'],
    ["\n1,exc,-1\n", '"-1" is not a neuron'],
    ["\n1,exc,\n", '"" is not a neuron'],
    ["\nNaN,exc,1\n", 'line 3, column "time_ms": "NaN" is not a finite number.'],
    ["\n2,exc,1\n1,exc,1", 'line 4, column "time_ms": 1 ms; the times of a population must ascend, and the one before'],
  ])("name line, column and value of a mistake: %j", (body, message) => {
    const text = body.startsWith("\n") ? `time_ms,population,neuron${"\n"}${body}` : body;
    expect(() => readSpikesCsv(text, options)).toThrow(message);
  });

  it("refuse values of traces and weights that are no numbers", () => {
    const head = "time_ms,population,neuron,variable,value\n";
    const wrong = 'line 2, column "value": "x" is not a number.';
    expect(() => readTracesCsv(`${head}1,exc,0,v,x`, { sizes })).toThrow(wrong);
    expect(() => readTracesCsv(`${head}1,exc,0,v,`, { sizes })).toThrow('"" is not a number');
    expect(() => readTracesCsv(`${head}2,exc,0,v,1\n1,exc,0,v,1`, { sizes })).toThrow("times of a neuron must ascend");
    const weights = readWeightsCsv("projection,source,target,weight\na,0,1,2.5\nb,0,1,3\na,1,1,4\n");
    expect([...weights].map(([name, values]) => [name, [...values]])).toEqual([["a", [2.5, 4]], ["b", [3]]]);
    expect(() => readWeightsCsv("projection,source,target,weight\na,0,1,inf\n")).toThrow('"inf" is not a finite');
  });

  it("name the array of a mistake in an archive", async () => {
    const read = async (members: Parameters<typeof writeNpz>[0]) => readSpikesNpz(await writeNpz(members), options);
    const times = Float64Array.of(1, 2);
    const neurons = new Uint32Array(2);
    const lacking = '"exc/spikes/neurons": the archive lacks this array.';
    await expect(read({ "exc/spikes/times": times })).rejects.toThrow(lacking);
    await expect(read({ "exx/spikes/times": times })).rejects.toThrow('no population "exx". Did you mean "exc"?');
    await expect(read({ "exc/spikes/times": neurons, "exc/spikes/neurons": neurons })).rejects.toThrow("Float64Array");
    const long = { "exc/spikes/times": times, "exc/spikes/neurons": new Uint32Array(3) };
    await expect(read(long)).rejects.toThrow("must have 2");
    await expect(read({ "exc/spikes/times": times, "exc/spikes/neurons": Uint32Array.of(0, 99) })).rejects.toThrow(
      "element 1 is 99; it must be below the population's size 80.",
    );
    await expect(read({ "exc/spikes/times": Float64Array.of(2, 1), "exc/spikes/neurons": neurons })).rejects.toThrow(
      "element 1 is 1 ms",
    );
  });

  it("have a run.json with sizes", () => {
    expect(readRun('{"name":"n","duration":5,"populations":{"a":{"size":3}}}', "run.json").sizes.get("a")).toBe(3);
    expect(() => readRun("{", "run.json")).toThrow("run.json: this is not JSON");
    expect(() => readRun("[]", "run.json")).toThrow("it must be an object");
    expect(() => readRun('{"duration":"x"}', "run.json")).toThrow('duration: "x"');
    expect(() => readRun('{"duration":1,"populations":{"a":{}}}', "run.json")).toThrow("populations.a.size: undefined");
  });

  it("have times with or without a unit", () => {
    expect(["250", "2 s", "1e3"].map((word) => readTime(word, "--from"))).toEqual([250, 2000, 1000]);
    expect(() => readTime("2 mV", "--from")).toThrow("--from");
    expect(() => readTime("", "--from")).toThrow("--from");
  });
});

describe("spikelet plot", () => {
  const folder = mkdtempSync(join(tmpdir(), "spikelet-plot-"));
  const document = {
    dt: 0.1,
    duration: 1000,
    populations: [
      { name: "p", model: "adex", size: 5, background: [{ kind: "constant", amplitude: 500 }] },
      { name: "q", model: "hodgkinHuxley", size: 5 },
    ],
    record: [{ population: "q", variables: ["spikes"] }],
  };
  const run = { name: "net", dt: 0.1, duration: 1000, populations: { p: { size: 5 }, q: { size: 5 } }, document };
  const spikes = [{ name: "p", size: 5, spikes: poisson(5, 30, 1000, 1) }];
  const traces = [trace("p", "v", [0, 1], 20), trace("p", "w", [0, 1], 20), trace("q", "v", [0], 20)];
  const ends = { sources: Uint32Array.of(0, 0), targets: Uint32Array.of(1, 2) };
  const weights = [{ name: "p -> q (exc)", unit: "pA", ...ends, weights: Float64Array.of(2, 3) }];
  const printed: string[] = [];

  beforeAll(() => {
    vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it("draws what the folder holds, the same from both formats", async () => {
    const texts: string[][] = [];
    for (const format of ["csv", "npz"] as const) {
      const directory = join(folder, format);
      const lock = await prepareFolder(directory);
      const options = { format: resultFormats[format], lacking: () => run, spend: () => lock.spend() };
      const results = { run, spikes, traces, weights, weightTraces: [], figures: {} };
      const { missing } = await writeResults(directory, results, options);
      expect(missing).toEqual([]);
      lock.release();
      const grids: unknown[] = [];
      const status = await plot(directory, {}, {
        field: async (model, { params, v, w, current }) => {
          grids.push([model.id, params.tau_w, current]);
          return { v: Float64Array.from(v), w: Float64Array.from(w), dv: new Float64Array(4), dw: new Float64Array(4) };
        },
        rheobase: async () => Number.NaN,
      });
      expect([status, grids]).toEqual([0, [["adex", 144, 500]]]);
      const figures = ["activity.svg", "isi.svg", "spectrum.svg", "membrane.svg", "phase-plane.svg", "weights.svg"];
      expect(printed.pop()).toContain(figures.join(", "));
      texts.push(figures.map((name) => readFileSync(join(directory, name), "utf8")));
    }
    expect(texts[0]).toEqual(texts[1]);
    for (const text of texts[0] as string[]) elements(text);
    expect(texts[0]?.[0]).toContain(">q<");
    expect(texts[0]?.[4]).toContain("nullclines at I = 500 pA");
    await prepareFolder(join(folder, "csv"));
  });

  it("draws a part of the time and one population", async () => {
    const directory = join(folder, "npz");
    await expect(plot(directory, { size: "80x20" })).rejects.toThrow('--size: "80x20"; it must be a width of 400 to');
    await expect(plot(directory, { colors: "#012345,blue" })).rejects.toThrow('--colors: "blue"; it must be colours #rrggbb');
    await expect(plot(directory, { format: "gif" })).rejects.toThrow('--format: "gif"; it must be svg, png or pdf.');
    await plot(directory, { size: "1000x700", colors: "#012345, f80" });
    const large = readFileSync(join(directory, "activity.svg"), "utf8");
    expect(large).toContain('width="1000" height="700"');
    expect(large).toContain("#ff8800");
    await plot(directory, { from: "200", to: "0.6 s", bin: "20", population: "p" });
    const svg = readFileSync(join(directory, "activity.svg"), "utf8");
    const count = spikes[0]?.spikes.times.filter((time) => time >= 200 && time <= 600).length;
    expect(svg).toContain(`5 neurons · ${count} spikes`);
    expect(svg).toContain("bins of 20 ms");
    expect(svg).not.toContain(">q<");
    expect(readFileSync(join(directory, "phase-plane.svg"), "utf8")).not.toContain("dv/dt");
  });

  it.each([
    [{ population: "pp" }, '--population: unknown population "pp"'],
    [{ from: "-1" }, "--from: -1 ms; it must be from 0 to 1000 ms: the run is 1000 ms long."],
    [{ to: "2 s" }, "--to: 2000 ms; it must be at most 1000 ms"],
    [{ from: "500", to: "400" }, "--to: 400 ms; it must be after --from, 500 ms."],
    [{ from: "900", bin: "200" }, "--bin: 200 ms; it must be above 0 and at most 100 ms"],
    [{ from: "soon" }, "--from"],
  ])("refuses %j", async (given, message) => {
    await expect(plot(join(folder, "npz"), given)).rejects.toThrow(message);
  });

  it("says what is wrong with a folder", async () => {
    await expect(plot(folder, {})).rejects.toThrow("there is no run.json");
    const directory = join(folder, "empty");
    await prepareFolder(directory);
    writeFileSync(join(directory, "run.json"), JSON.stringify({ duration: 10, populations: {} }));
    await expect(plot(directory, {})).rejects.toThrow("no spikes, traces or weights");
    writeFileSync(join(directory, "spikes.csv"), "time_ms,population,neuron\n1,p,0\n");
    const unknown = 'spikes.csv, line 2, column "population": the run has no population';
    await expect(plot(directory, {})).rejects.toThrow(unknown);
    rmSync(join(directory, "spikes.csv"));
    writeFileSync(join(directory, "spikes.npz"), "x");
    await expect(plot(directory, {})).rejects.toThrow("spikes.npz: ");
  });
});

/** Models of the library: their records, their names in documents, and what is saved of networks that have them. */
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { Ajv2020 } from "ajv/dist/2020.js";
import { libraryPage } from "../../scripts/generate/docs.js";
import { exportNetwork } from "../../src/exchange/index.js";
import {
  background,
  connorStevens,
  definitionAgain,
  izhikevich2007,
  libraryModels,
  lif,
  parseDocument,
  parseModelFile,
  Simulation,
  toDocument,
} from "./entries.js";
import { library } from "../../src/library/list.js";
import { equationsOf } from "../../src/model/own.js";
import type { ModelRecord } from "../../src/model/record.js";
import { Bench, called } from "../cli/spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const named = (model: string, more: object = {}): object => ({
  dt: 0.05,
  duration: 100,
  populations: [{ name: "cells", model, size: 2, ...more }],
  record: [{ population: "cells", variables: ["spikes", "v"] }],
});
const records = libraryModels().map((model): [string, ModelRecord] => [model.id, model]);

describe("the model", () => {
  it.each(records)("%s says all that its page needs, without a warning", (id, model) => {
    expect(Object.keys(library)).toContain(id);
    expect(model.title.length).toBeGreaterThan(5);
    expect(model.summary.length + model.text.length).toBeGreaterThan(80);
    expect(model.references[0]).toMatch(/\((19|20)\d\d\)\..*\d(-\d+)?\)?\.?/);
    for (const { text } of Object.values(model.states)) expect(text.length).toBeGreaterThan(3);
    for (const { text } of Object.values(model.params)) expect(text.length).toBeGreaterThan(3);
    for (const { text, source } of Object.values(model.presets)) {
      expect(text.length).toBeGreaterThan(8);
      expect(source.length).toBeGreaterThan(8);
    }
    expect(equationsOf(model)?.warnings).toEqual([]);
  });

  it.each(records)("%s has a page and a figure", (id, model) => {
    const page = readFileSync(`docs/models/${id}.md`, "utf8");
    expect(page).toBe(libraryPage(model));
    expect(page).not.toMatch(/undefined|NaN|\[object/);
    expect(readFileSync(`docs/images/library/${id}.svg`, "utf8")).toMatch(/^<svg/);
    expect(readFileSync("docs/models/README.md", "utf8")).toContain(`(${id}.md)`);
  });

  it.each(records)("%s fires in its example, if it has spikes, with every preset and method", async (_, model) => {
    const { current, dt, duration } = model.example as { current: number; dt: number; duration: number };
    const sim = await Simulation.create({ dt });
    const cells = sim.population("cells", model, 1, { background: [background.constant(current)] });
    const spikes = sim.record(cells, "spikes");
    const presets = Object.keys(model.presets);
    const drive = { background: [background.constant(current)] };
    for (const preset of presets) sim.population(preset, model, 1, { preset, ...drive });
    for (const method of model.methods) sim.population(method, model, 1, { method });
    const { status } = await sim.run(duration);
    expect(status).toBe("done");
    if (model.threshold === "") expect(spikes.count).toBe(0);
    else expect(spikes.count).toBeGreaterThan(1);
  });
});

describe("a document that names a model of the library", () => {
  const schema = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync("schema/model.schema.json", "utf8")));

  it.each(records)("%s is read, checked by the schema, and written with the definition", (id) => {
    expect(schema(named(id))).toBe(true);
    const spec = parseDocument(named(id), { namesOnly: true });
    expect(spec.populations[0]?.model).toBe(libraryModels().find((model) => model.id === id));
    const document = toDocument(spec);
    expect(document.models).toEqual([JSON.parse(JSON.stringify(library[id]?.definition))]);
    expect(schema(JSON.parse(JSON.stringify(document)))).toBe(true);
    const again = parseModelFile(JSON.stringify(document));
    expect(again.populations[0]?.model.definition).toEqual(spec.populations[0]?.model.definition);
    expect(toDocument(again)).toEqual(document);
  });

  it("has a preset of it, and numbers beside", () => {
    const [cells] = parseDocument(named("izhikevich2007", { preset: "FS", params: { C: "25 pF" } })).populations;
    expect(cells?.params).toMatchObject({ C: 25, k: 1, v_b: -55, b_3: 0.025, a: 0.2 });
    const document = toDocument(parseDocument(named("izhikevich2007", { preset: "FS", params: { C: "25 pF" } })));
    expect((document.populations as object[])[0]).toMatchObject({ preset: "FS", params: { C: 25 } });
    expect(() => parseDocument(named("izhikevich2007", { preset: "FSS" }))).toThrow(/"FSS" of izhikevich2007; did you mean "FS"/);
  });

  it("may define a model of this name itself, which takes the place of the library's", () => {
    const own = { ...definitionAgain(connorStevens), equations: "dv/dt = -v/(10*ms) : mV", params: {}, init: { v: 1 } };
    const { threshold, refractory, presets, ...rest } = own as Record<string, unknown>;
    expect([threshold, refractory, presets].every((one) => one !== undefined)).toBe(true);
    const spec = parseDocument({ ...named("connorStevens"), models: [rest] });
    expect(Object.keys(spec.populations[0]?.model.states ?? {})).toEqual(["v"]);
    expect(toDocument(spec).models).toEqual([rest]);
  });

  it("is told of a name that is near, and where a parameter belongs", () => {
    expect(() => parseDocument(named("conorStevens"))).toThrow(/did you mean "connorStevens"/);
    expect(() => parseDocument(named("connorStevens", { g_A: 1 }))).toThrow(/"params": \{ "g_A": \.\.\. \}/);
    expect(() => parseDocument(named("connorStevens", { params: { g_B: 1 } }))).toThrow(/g_B/);
  });

  it("has those models only that it was given, where it was given some", () => {
    expect(() => parseDocument(named("connorStevens"), { models: { lif } })).toThrow(/Known: lif, poisson, spikeTrain/);
  });

  it("is the same network as one of a program with the model imported", async () => {
    const drive = { background: [{ kind: "constant", amplitude: "12 uA/cm2" }] };
    const read = await Simulation.fromDocument(named("connorStevens", drive));
    await read.run(100);
    const made = await Simulation.create({ dt: 0.05 });
    const cells = made.population("cells", connorStevens, 2, { background: [background.constant(12)] });
    const v = made.record(cells, "v");
    await made.run(100);
    const [trace] = [...read.recordings.traces.values()];
    expect(Array.from(trace?.values(0) ?? [])).toEqual(Array.from(v.values(0)));
    expect(v.values(0).some((x) => x > 0)).toBe(true);
  });

  it("goes on from a snapshot, which holds the definition, with the same bits", async () => {
    const drive = { background: [{ kind: "constant", amplitude: 30 }], preset: "thalamic" };
    const whole = await Simulation.fromDocument(named("hillTononi", drive));
    await whole.run(100);
    const first = await Simulation.fromDocument(named("hillTononi", drive));
    await first.run(37);
    const bytes = first.snapshot();
    expect(new TextDecoder("latin1").decode(bytes)).toContain("tau_spike");
    const second = await Simulation.restore(bytes);
    await second.run(63);
    const trains = [whole, second].map((sim) => [...sim.recordings.spikes.values()].map((s) => Array.from(s.times)));
    expect(trains[0]).toEqual(trains[1]);
    expect(trains[0]?.[0]?.length).toBeGreaterThan(5);
    expect(toDocument(second.toSpec()).models).toEqual(toDocument(whole.toSpec()).models);
  });

  it("is exported as equations", async () => {
    const spec = parseDocument(named("pospischil", { preset: "FS" }));
    const { files } = await exportNetwork(spec, { to: "brian2" });
    const text = files.map(({ content }) => (typeof content === "string" ? content : "")).join("\n");
    expect(text).toContain("alpha_q");
    expect(text).toMatch(/g_Na=58\*msiemens/);
  });
});

describe("presets of a model of one's own", () => {
  const leaky = (presets: unknown): object => ({
    ...named("leaky", { preset: "slow" }),
    models: [
      {
        name: "leaky",
        title: "A leak",
        equations: "dv/dt = (E - v)/tau : mV",
        params: { E: "-70 mV", tau: { default: "10 ms", range: "> 0" } },
        presets,
        init: { v: "E" },
      },
    ],
  });

  it("are numbers in the parameter's unit, or texts with a unit", () => {
    const presets = { slow: { params: { tau: "0.1 s", E: -60 }, text: "slower", source: "nobody" } };
    const spec = parseDocument(leaky(presets));
    expect(spec.populations[0]?.params).toEqual({ E: -60, tau: 100 });
    expect(spec.populations[0]?.model).toMatchObject({
      title: "A leak",
      presets: { slow: { params: { tau: 100, E: -60 }, text: "slower", source: "nobody" } },
    });
    expect(parseDocument(toDocument(spec)).populations[0]?.params).toEqual({ E: -60, tau: 100 });
  });

  const mistakes: readonly (readonly [string, unknown, RegExp])[] = [
    ["no object", 5, /presets: 5; it must be an object/],
    ["no params", { slow: {} }, /\$\.models\[0\]\.presets\.slow.*"?params"? is missing/],
    ["an unknown key", { slow: { params: {}, txt: "" } }, /"txt" of a preset; did you mean "text"/],
    ["an unknown parameter", { slow: { params: { tauu: 1 } } }, /presets\.slow\.tauu.*no parameter tauu.*Did you mean tau/s],
    ["another unit", { slow: { params: { tau: "5 mV" } } }, /presets\.slow\.tau.*"?5 mV"? cannot be given in ms/s],
    ["a value out of range", { slow: { params: { tau: 0 } } }, /presets\.slow\.tau.*outside of the range > 0/s],
    ["no number", { slow: { params: { tau: "fast" } } }, /presets\.slow\.tau.*a number with a unit stands here/s],
    ["a bad name", { "1st": { params: {} } }, /"1st".*the name of a preset/],
    ["a list", { slow: { params: { tau: [1] } } }, /presets\.slow\.params\.tau/],
  ];
  it.each(mistakes)("%s is a mistake", (_, presets, message) => {
    expect(() => parseDocument(leaky(presets))).toThrow(message);
  });

  it("are known to the types", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    sim.population("cells", izhikevich2007, 1, { preset: "FS", params: { C: 20 } });
    // @ts-expect-error no preset of this name
    expect(() => sim.population("others", izhikevich2007, 1, { preset: "XX" })).toThrow(/XX/);
  });
});

describe("on the command line", () => {
  it("models of the library are listed in a section of their own, and shown", async () => {
    const { out } = await called(["models"]);
    const at = out.indexOf("Library: ");
    for (const [id] of records) expect(out.indexOf(`\n${id} `)).toBeGreaterThan(at);
    expect(out.indexOf("\nlif ")).toBeLessThan(at);
    const one = await called(["models", "pospischil"]);
    expect(one.out).toContain("du/dt = (u_inf - u)/tau_u");
    expect(one.out).toMatch(/FS {3}fast spiking cell/);
    const json = JSON.parse((await called(["models", "rulkov", "--json"])).out) as { id: string; definition: object };
    expect(json).toMatchObject({ id: "rulkov", definition: { events: [{ name: "iteration" }] } });
    expect((await called(["models", "glif5", "--latex"])).out).toContain("\\theta_{s}");
  });

  it("a run keeps the definitions that it took from the library", async () => {
    const drive = { background: [{ kind: "constant", amplitude: 400 }] };
    const file = bench.file("named.json", JSON.stringify(named("glif3", drive)));
    const out = bench.path("glif");
    const { status, err } = await called(["run", file, "--no-plots", "--quiet", "--out", out]);
    expect([status, err]).toEqual([0, ""]);
    const { document } = JSON.parse(readFileSync(`${out}/run.json`, "utf8")) as { document: { models: object[] } };
    expect(document.models).toEqual([JSON.parse(JSON.stringify(library.glif3?.definition))]);
  });
});

describe("the entry spikelet/models", () => {
  it("brings the models that are imported and no others into a bundle", async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: 'import { thetaNeuron } from "./dist/library/index.js"; console.log(thetaNeuron);',
        resolveDir: process.cwd(),
      },
      bundle: true,
      format: "esm",
      write: false,
      logLevel: "silent",
    });
    const text = outputFiles[0]?.text ?? "";
    expect(text).toContain("Parabolic bursting");
    expect(text).not.toContain("hippocampal area CA3");
    expect(text).not.toContain("Allen Cell Types Database");
  });
});

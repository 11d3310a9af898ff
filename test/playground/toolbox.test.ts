/** What the page asks the library: files, figures and programs, as the worker makes them. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { fileName, toolbox } from "../../apps/playground/src/net/toolbox.js";
import { TOOLS } from "../../apps/playground/src/share/tools.js";
import { literal, programOf } from "../../apps/playground/src/share/typescript.js";
import { kindOf } from "../../apps/playground/src/share/files.js";
import { resultFormats, Simulation } from "../../src/index.js";

const document = {
  name: "own two",
  dt: 0.1,
  duration: 100,
  seed: 5,
  models: [
    { name: "class", current: "pA", equations: "dv/dt = (E - v)/tau + I/C : mV",
      threshold: "v > -50*mV", reset: "v = E",
      params: { E: "-65 mV", tau: "10 ms", C: "100 pF" }, init: { v: "E" } },
  ],
  populations: [
    { name: "sim", model: "class", size: 4, background: [{ kind: "constant", amplitude: { uniform: [150, 400] } }] },
    { name: "2 inputs", model: "poisson", size: 20, params: { rate: 30 } },
    { name: "lif", model: "lif", size: 6, receptors: { ex_c: { kernel: "exponential", tau: 5 } },
      background: [{ kind: "rheobase", fraction: 1.1 }], init: { v: { uniform: [-70, -55] } } },
  ],
  projections: [
    { source: "2 inputs", target: "lif", rule: "allToAll", weight: 60, delay: 1.5, receptor: "ex_c",
      plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 100 } },
    { source: "sim", target: "lif", rule: "fixedIndegree", k: 2, weight: 100 },
  ],
  record: [
    { population: "sim", variables: ["spikes", "v"], every: 0.5, neurons: [0, 1] },
    { population: "lif", variables: ["spikes"] },
    { projection: 0, variables: ["weight"], every: 10 },
  ],
} as const;

const counts = async () => {
  const sim = await Simulation.fromDocument(document);
  await sim.run(document.duration);
  return sim.results.take().spikes.map(({ name, spikes }) => [name, spikes.times.length] as const);
};

describe("a document as a program", () => {
  it("runs to the same spikes", async () => {
    const text = toolbox.typescript(document);
    const out = execFileSync(process.execPath, ["--input-type=module", "-"], { input: text, encoding: "utf8" });
    const found = out.trim().split("\n").map((line) => /^(.+?) (\d+) spikes,/.exec(line)?.slice(1));
    const expected = await counts();
    expect(expected.every(([, count]) => count > 5)).toBe(true);
    expect(found).toEqual(expected.map(([name, count]) => [name, String(count)]));
  });

  it("has names that a program may have, each once", () => {
    const text = toolbox.typescript(document);
    expect(text).toContain('const sim2 = sim.population("sim", class2, 4, {');
    expect(text).toContain('const _2_inputs = sim.population("2 inputs", poisson, 20, {');
    expect(text).toContain('const lif2 = sim.population("lif", lif, 6, {');
  });

  it("says what there is to say where nothing is recorded", () => {
    const text = programOf({ dt: 0.1, duration: 5, populations: [{ name: "a", model: "lif", size: 1 }] });
    expect(text).toBe(
      'import { lif, Simulation } from "spikelet";\n\nconst sim = await Simulation.create({ dt: 0.1 });\n\n' +
        'const a = sim.population("a", lif, 1);\n\nawait sim.run(5);\n\nconsole.log(sim.report().populations);\n',
    );
  });

  it("writes data as it is, however its keys are called", () => {
    const data = JSON.parse('{ "__proto__": 1, "a b": [1, { "c": "x\\"y" }], "d": null, "e": "</script>" }');
    expect(literal(data)).toBe('{ ["__proto__"]: 1, "a b": [1, { c: "x\\"y" }], d: null, e: "</script>" }');
  });
});

describe("files", () => {
  const spikes = [
    { name: "exc", size: 3, spikes: { times: Float64Array.of(1, 2.5), neurons: Uint32Array.of(0, 2) } },
    { name: "inh", size: 1, spikes: { times: Float64Array.of(2), neurons: Uint32Array.of(0) } },
  ];
  const run = { name: "a/b", dt: 0.1, from: 0, time: 10 };

  it("have names that file systems take", () => {
    expect(fileName("../é x", ".json")).toBe("e-x.json");
    expect(fileName("///", ".csv")).toBe("network.csv");
  });

  it("hold spikes as CSV and npz", async () => {
    expect((await toolbox.spikes("csv", spikes, run)).name).toBe("a-b-spikes.csv");
    const csv = (await toolbox.spikes("csv", spikes, run)).content as Uint8Array;
    expect(new TextDecoder().decode(csv)).toBe("time_ms,population,neuron\n1,exc,0\n2,inh,0\n2.5,exc,2\n");
    const npz = (await toolbox.spikes("npz", spikes, run)).content as Uint8Array;
    expect(String.fromCharCode(...npz.slice(0, 2))).toBe("PK");
  });

  it("hold traces as CSV and npz, of several neurons watched one after the other too", async () => {
    const trace = (neuron: number, from: number) => ({
      population: "exc",
      variable: "v",
      unit: "mV",
      neurons: Uint32Array.of(neuron),
      time: Float64Array.of(from, from + 0.5),
      values: [Float64Array.of(-65, -64.5)],
    });
    const traces = [trace(0, 1), trace(2, 2)];
    const { name, content } = await toolbox.traces("csv", traces, run);
    expect(name).toBe("a-b-traces.csv");
    expect(new TextDecoder().decode(content as Uint8Array)).toBe(
      "time_ms,population,neuron,variable,value\n1,exc,0,v,-65\n1.5,exc,0,v,-64.5\n2,exc,2,v,-65\n2.5,exc,2,v,-64.5\n",
    );
    const npz = await toolbox.traces("npz", traces, run);
    const source = { path: npz.name, text: () => Promise.reject(new Error()), bytes: async () => npz.content as Uint8Array };
    const known = { sizes: new Map([["exc", 3]]), dt: 0.1, unit: () => "mV", weightUnit: () => "" };
    const read = await resultFormats.npz.read("traces.npz", source, known);
    expect(read.traces?.map(({ neurons, time, values }) => [[...neurons], [...time], [...values(0)]])).toEqual([
      [[0], [1, 1.5], [-65, -64.5]],
      [[2], [2, 2.5], [-65, -64.5]],
    ]);
  });

  it("hold figures", () => {
    for (const kind of ["raster", "activity"] as const) {
      const { name, content } = toolbox.figure(kind, spikes, run);
      expect(name).toBe(`a-b-${kind}.svg`);
      expect(content).toMatch(/^<svg/);
    }
  });

  it("are read as model files, with the place of a mistake", () => {
    expect(toolbox.read(JSON.stringify(document))).toEqual({ document, name: "own two" });
    const wrong = JSON.stringify({ ...document, populations: [{ name: "a", model: "liff", size: 1 }] });
    expect(() => toolbox.read(wrong)).toThrow(/\$\.populations\[0\]\.model.*liff.*lif/s);
    expect(() => toolbox.read('{ "dt": 0.1,')).toThrow(/line 1, column/);
  });

  it("are told apart by their content", async () => {
    const populations = [{ name: "a", model: "lif", size: 1 }];
    const sim = await Simulation.fromDocument({ dt: 0.1, duration: 1, populations });
    await sim.run(1);
    const snapshot = sim.snapshot();
    expect(kindOf(snapshot)).toBe("snapshot");
    const again = await toolbox.documentOf(snapshot);
    expect(again).toMatchObject({ dt: 0.1, populations: [{ name: "a", model: "lif", size: 1 }] });
    await expect(toolbox.documentOf(snapshot.slice(0, -1))).rejects.toThrow(/snapshot/);
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(kindOf(bytes('\uFEFF { "dt": 1 }'))).toBe("document");
    expect(kindOf(bytes('{\n "lesson": 1 }'))).toBe("lesson");
    expect(kindOf(bytes("dt: 1"))).toBe("other");
    expect(kindOf(new Uint8Array(0))).toBe("other");
  });

  it("of other tools hold the network, and say what is not the same", async () => {
    const populations = document.populations.slice(1);
    const network = { ...document, models: [], populations, projections: [], record: [] };
    for (const tool of TOOLS) {
      const made = await toolbox.exported(network, tool);
      expect(made.title.toLowerCase()).toContain(tool);
      expect(made.files[0]?.content.length).toBeGreaterThan(200);
      expect(made.usage.length).toBeGreaterThan(0);
    }
  });

  it("of other tools have the currents that multiples of the rheobase are here", async () => {
    const one = (background: object) => ({
      ...{ dt: 0.1, duration: 10, seed: 3 },
      populations: [{ name: "a", model: "lif", size: 3, background: [background] }],
    });
    const { files } = await toolbox.exported(one({ kind: "rheobase", fraction: { uniform: [1, 2] } }), "pynn");
    const sim = await Simulation.fromDocument(one({ kind: "rheobase", fraction: { uniform: [1, 2] } }));
    const [{ background }] = sim.explicit().populations as unknown as [{ background: [{ amplitude: Float64Array }] }];
    const { amplitude } = background[0];
    expect(new Set(amplitude).size).toBe(3);
    for (const current of amplitude) expect(files[0]?.content).toContain(String(current / 1000).slice(0, 6));
  });

  it("of other tools are refused with the reason", async () => {
    await expect(toolbox.exported(document, "nest")).rejects.toThrow(/\$\.populations\[0\]\.model: class/);
    const large = {
      ...{ dt: 0.1, duration: 10 },
      populations: [{ name: "a", model: "lif", size: 500, receptors: { e: { kernel: "alpha", tau: 2, E_rev: 0 } } }],
      projections: [{ source: "a", target: "a", rule: "allToAll", weight: 1 }],
    };
    await expect(toolbox.exported(large, "neuroml")).rejects.toThrow(/these are 2\d{5}, more than a page shows/);
  });
});

describe("measures", () => {
  it("are the rate, the irregularity and the synchrony of each population", () => {
    const times = Float64Array.from({ length: 20 }, (_, k) => 100 + 10 * (k + 1));
    const regular = { name: "a", size: 1, spikes: { times, neurons: new Uint32Array(20) } };
    const none = { name: "b", size: 5, spikes: { times: new Float64Array(0), neurons: new Uint32Array(0) } };
    const [a, b] = toolbox.measures([regular, none], { from: 100, time: 300 });
    expect(a).toMatchObject({ name: "a", spikes: 20, rate: 100 });
    expect(a?.cv).toBeCloseTo(0, 9);
    expect(b).toMatchObject({ name: "b", spikes: 0, rate: 0, cv: Number.NaN });
    expect(toolbox.measures([none], { from: 5, time: 5 })[0]?.rate).toBeNaN();
  });
});

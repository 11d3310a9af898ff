/** NIR: the rules that its readers force, on the written bytes; round trips; what is refused; files that are broken. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  dataset,
  type GroupReader,
  group,
  numbers,
  readHdf5,
  scalar,
  variableText,
  writeHdf5,
} from "../../src/io/hdf5.js";
import { ExchangeError, exportNetwork, type FileSource, importNetwork } from "../../src/exchange/index.js";
import type { BackgroundName, KernelName, ModelName, PlasticityName, RuleName } from "../../src/exchange/mapping.js";
import { USUAL_STEP, type NirGraph, same, vector } from "../../src/exchange/nir/graph.js";
import { writeGraph } from "../../src/exchange/nir/file.js";
import { nirMapping } from "../../src/exchange/nir/mapping.js";
import { READERS } from "../../src/exchange/nir/readers.js";
import { MAX_GROUPS } from "../../src/exchange/nir/write.js";
import { type NetworkSpec, parseDocument, Simulation, SpikeletError, toDocument } from "../../src/index.js";
import { OWN } from "./kernel.js";
import { Bench, called } from "../cli/spikelet.js";

const LIF = { C_m: 250, tau_m: 10, E_L: -70, V_th: -55, V_reset: -70, t_ref: 0 };
const delta = { syn: { kernel: "delta" } };

function document(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: "net",
    dt: 0.1,
    duration: 100,
    seed: 3,
    populations: [
      {
        name: "src",
        model: "spikeTrain",
        size: 3,
        params: { times: [1, 2, 3, 4, 5, 6, 7, 8, 9], neurons: [0, 1, 2, 0, 1, 2, 0, 1, 2] },
      },
      {
        name: "ex.c 1",
        model: "lif",
        size: 4,
        method: "euler",
        params: { ...LIF, V_th: [-55, -60, -55, -60] },
        receptors: delta,
        background: [{ kind: "constant", amplitude: 400 }],
      },
      { name: "inh", model: "lif", size: 2, method: "euler", params: { ...LIF, V_reset: -72 }, receptors: delta },
    ],
    projections: [
      { source: "src", target: "ex.c 1", rule: "allToAll", weight: 3.5 },
      { source: "ex.c 1", target: "inh", rule: "allToAll", weight: 6 },
      { source: "inh", target: "ex.c 1", rule: "fixedProbability", p: 0.6, weight: { uniform: [-2, -1] } },
    ],
    record: ["ex.c 1", "inh"].map((population) => ({ population, variables: ["spikes"] })),
    ...changes,
  };
}

async function explicit(input: unknown): Promise<NetworkSpec> {
  const simulation = await Simulation.fromSpec(parseDocument(input));
  const network = simulation.explicit();
  simulation.close();
  return network;
}

async function bytesOf(input: unknown): Promise<Uint8Array> {
  const { files } = await exportNetwork(await explicit(input), { to: "nir" });
  return files[0]?.content as Uint8Array;
}

function fileOf(bytes: Uint8Array, path = "net.nir"): FileSource {
  return { path, bytes: () => Promise.resolve(bytes), text: () => Promise.reject(new Error("no text")) };
}

const imported = (bytes: Uint8Array): ReturnType<typeof importNetwork> => importNetwork(fileOf(bytes), { from: "nir" });

async function failure(work: () => Promise<unknown>): Promise<SpikeletError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(SpikeletError);
    return error as SpikeletError;
  }
  throw new Error("it was not refused");
}

const refusal = async (input: unknown): Promise<string> => {
  const error = await failure(async () => exportNetwork(await explicit(input), { to: "nir" }));
  expect(error).toBeInstanceOf(ExchangeError);
  return error.message;
};

async function spikesOf(network: NetworkSpec): Promise<string[]> {
  const simulation = await Simulation.fromSpec(network);
  const recordings = [...simulation.populations.values()].map((p) => simulation.record(p, "spikes"));
  await simulation.run(network.duration);
  const spikes = recordings.flatMap(({ times, neurons }, p) =>
    Array.from(times, (t, i) => `${p} ${neurons[i]} ${t.toFixed(3)}`),
  );
  simulation.close();
  return spikes;
}

describe("a written graph", () => {
  it("keeps the rules that its readers force", async () => {
    const bytes = await bytesOf(document());
    const types = await readHdf5(bytes, "net.nir", (root) => {
      expect(root.dataset("version").texts()).toEqual(["1.0.8"]);
      const node = root.group("node");
      expect(node.dataset("type").texts()).toEqual(["NIRGraph"]);
      expect(node.group("metadata").dataset("dt").numbers()[0]).toBeCloseTo(1e-4, 18);
      expect(node.dataset("edges").shape).toEqual([node.dataset("edges").length / 2, 2]);
      const nodes = node.group("nodes");
      const names = nodes.keys();
      // torch and Python must be able to have them, and readers meet them in this order
      for (const name of names) expect(name).toMatch(/^(input|layer\d+_\w+|output|readout\w*|recurrent_\w+)$/);
      expect([...names].sort()).toEqual(names);
      return names.map((name) => check(name, nodes.group(name)));
    });
    expect(types.filter((type) => type === "LIF")).toHaveLength(3);
    expect(types).not.toContain("Linear");
  });

  /** One value of each parameter in a node, and none as a single number. */
  function check(name: string, node: GroupReader): string {
    const [type = ""] = node.dataset("type").texts(1);
    const arrays = node.keys().filter((key) => key !== "type" && key !== "metadata");
    for (const key of arrays) expect(node.dataset(key).shape.length, `${name}.${key}`).toBeGreaterThan(0);
    if (type === "Affine") expect(arrays).toEqual(["bias", "weight"]);
    if (type !== "LIF") return type;
    const size = node.dataset("tau").length;
    for (const key of arrays) {
      const values = node.dataset(key).numbers(size);
      expect(new Set(values).size, `${name}.${key}`).toBe(1);
    }
    expect(node.dataset("tau").numbers()[0]).toBeCloseTo(0.01, 15);
    expect(node.dataset("r").numbers()[0]).toBeCloseTo(100, 12);
    expect(node.dataset("v_leak").numbers()[0]).toBe(0);
    const [population] = node.group("metadata").dataset("population").texts(1);
    if (population === "inh") expect(node.dataset("v_reset").numbers()[0]).toBe(-2);
    else expect(arrays).not.toContain("v_reset");
    expect([10, 15]).toContain(node.dataset("v_threshold").numbers()[0]);
    return type;
  }

  it("has the current of CubaLIF in v_leak, and IF where the leak is lost in rounding", async () => {
    const populations = [
      {
        name: "a",
        model: "lif",
        size: 2,
        params: LIF,
        receptors: { syn: { kernel: "exponential", tau: 5 } },
        background: [{ kind: "constant", amplitude: 100 }],
      },
      { name: "b", model: "lif", size: 2, method: "euler", params: { ...LIF, tau_m: 1e30 }, receptors: delta },
    ];
    const projections = [
      { source: "a", target: "a", rule: "allToAll", weight: 50 },
      { source: "a", target: "b", rule: "oneToOne", weight: 4 },
    ];
    const bytes = await bytesOf(document({ populations, projections, record: [] }));
    await readHdf5(bytes, "net.nir", (root) => {
      const nodes = root.group("node").group("nodes");
      const [a, b] = [nodes.group("layer1_neurons_a"), nodes.group("layer2_neurons_b")];
      expect(a.dataset("type").texts()).toEqual(["CubaLIF"]);
      const at = (name: string): number => a.dataset(name).numbers(2)[0] as number;
      expect([at("tau_mem"), at("tau_syn"), at("v_leak"), at("r"), at("w_in")]).toEqual([0.01, 0.005, 4, 100, 50]);
      // mV that v rises by in a time step for each of 50 pA
      expect(nodes.group("recurrent_a_to_a").dataset("weight").numbers(4)[1]).toBeCloseTo((50 * 0.1) / 250, 12);
      expect(b.dataset("type").texts()).toEqual(["IF"]);
      expect(b.dataset("r").numbers(2)[0]).toBeCloseTo(1e4, 8);
      expect(nodes.group("layer2_from_a_to_b").dataset("weight").numbers(4)).toEqual(Float64Array.of(4, 0, 0, 4));
    });
  });

  it("says what became of each part", async () => {
    const populations = (document().populations as object[]).map((p, i) =>
      i === 2 ? { ...p, init: { v: -60 }, positions: { line: { length: 1 } } } : p,
    );
    const record = [
      { population: "inh", variables: ["spikes", "v"] },
      { population: "src", variables: ["spikes"] },
    ];
    const { report, usage } = await exportNetwork(await explicit(document({ populations, record })), { to: "nir" });
    const dropped = report.filter(({ fidelity }) => fidelity === "dropped").map(({ path }) => path);
    expect(dropped).toEqual([
      "$.populations[0]",
      "$.populations[2].init.v",
      "$.populations[2].positions",
      "$.record[0]",
      "$.record[1]",
    ]);
    expect(report.find(({ path }) => path === "$.projections")?.message).toContain("a step later");
    expect(usage.join("\n")).toContain("it ignores v_reset");
    expect(usage.join("\n")).not.toContain("0.1 ms whatever");
    await expect(exportNetwork(await explicit(document()), { to: "nir", strict: true })).rejects.toThrow(
      "v > v_threshold",
    );
  });
});

describe("round trips", () => {
  it("a network comes back with the same spikes", async () => {
    const network = await explicit(document());
    const bytes = await bytesOf(document());
    const { network: back } = await imported(bytes);
    expect(back.populations.map(({ name }) => name)).toEqual(["ex_c_1", "ex_c_1_2", "inh", "src"]);
    // the input is part of no file; what is read from JSON again is the same
    const again = parseDocument(JSON.parse(JSON.stringify(toDocument(back))));
    const played = {
      ...again,
      populations: again.populations.map((p) =>
        p.source ? { ...p, source: network.populations[0]?.source ?? p.source } : p,
      ),
    };
    const count = async (n: NetworkSpec, names: readonly string[]): Promise<string[]> => {
      const all = await spikesOf(n);
      const wanted = new Set(names.map((name) => String(n.populations.findIndex((p) => p.name === name))));
      return all
        .filter((spike) => wanted.has(spike.split(" ")[0] as string))
        .map((spike) => spike.split(" ")[2] as string)
        .sort();
    };
    const before = await count(network, ["ex.c 1", "inh"]);
    expect(before.length).toBeGreaterThan(30);
    expect(await count(played, ["ex_c_1", "ex_c_1_2", "inh"])).toEqual(before);
  });

  it("currents and integrators come back with the same spikes", async () => {
    const populations = [
      {
        name: "a",
        model: "lif",
        size: 3,
        method: "euler",
        params: { ...LIF, C_m: 100 },
        receptors: { syn: { kernel: "exponential", tau: 5 } },
        background: [{ kind: "constant", amplitude: [180, 190, 200] }],
      },
      {
        name: "b",
        model: "lif",
        size: 3,
        method: "euler",
        params: { ...LIF, tau_m: 1e30, E_L: 0, V_th: 15, V_reset: 0 },
        receptors: delta,
        background: [{ kind: "constant", amplitude: 5 }],
      },
    ];
    const projections = [
      { source: "a", target: "a", rule: "allToAll", weight: -3 },
      { source: "a", target: "b", rule: "allToAll", weight: 4.3 },
    ];
    const input = document({ populations, projections, record: [] });
    const bytes = await bytesOf(input);
    const { network, report } = await imported(bytes);
    const before = await spikesOf(await explicit(input));
    const after = await spikesOf(network);
    expect(before.length).toBeGreaterThan(20);
    expect(report.some(({ message }) => message.includes("start at v_leak"))).toBe(true);
    // the constant current has become a resting potential, from which neurons start: nodes of a sort for each of them
    const last = network.populations.findIndex(({ name }) => name === "b");
    expect(network.populations.map(({ name }) => name)).toEqual(["a", "a_2", "a_3", "b"]);
    expect(after.filter((spike) => spike.startsWith(`${last} `)).length).toBeGreaterThan(5);
  });

  it("goes through the command line", async () => {
    const bench = new Bench();
    try {
      bench.file("net.json", document());
      const out = await called(["export", "net.json", "--to", "nir", "--out", "out", "--json"], { cwd: bench.folder });
      expect(out).toMatchObject({ status: 0, err: "" });
      expect((JSON.parse(out.out) as { files: string[] }).files).toEqual(["network.nir"]);
      const back = await called(["import", "out/network.nir", "--from", "nir", "--out", "back.json"], {
        cwd: bench.folder,
      });
      expect(back).toMatchObject({ status: 0, err: "" });
      expect(await called(["check", "back.json"], { cwd: bench.folder })).toMatchObject({ status: 0 });
      bench.file("broken.nir", "no HDF5");
      const broken = await called(["import", "broken.nir", "--from", "nir", "--out", "x.json"], { cwd: bench.folder });
      expect(broken).toMatchObject({ status: 2 });
      expect(broken.err).toContain("broken.nir");
      expect(bench.has("x.json")).toBe(false);
    } finally {
      bench.remove();
    }
  });
});

describe("what NIR cannot say is refused by name", () => {
  const one = (population: object, rest: object = {}): Record<string, unknown> =>
    document({
      populations: [{ name: "p", model: "lif", size: 2, params: LIF, receptors: delta, ...population }],
      projections: [],
      record: [],
      ...rest,
    });
  const loop = (projection: object, population: object = {}): Record<string, unknown> =>
    one(population, { projections: [{ source: "p", target: "p", rule: "allToAll", weight: 1, ...projection }] });

  const absent = <N extends string>(counterparts: Readonly<Record<N, object>>): N[] =>
    (Object.keys(counterparts) as N[]).filter((name) => "absent" in counterparts[name]);

  it.each(absent(nirMapping.models))("the model %s", async (model: ModelName | "poisson" | "spikeTrain") => {
    const text = await refusal(one({ model, params: {}, receptors: {} }));
    expect(text).toContain(`$.populations[0].model: ${model}:`);
  });

  const backgrounds: Readonly<Record<Exclude<BackgroundName, "constant" | "rheobase">, object>> = {
    poisson: { rate: 10, weight: 1, receptor: "syn" },
    piecewise: { points: [[0, 1]] },
    pulses: { amplitude: 1, start: 0, width: 1, period: 5, count: 2 },
    ramp: { start: 0, end: 10, from: 0, to: 1 },
    sine: { amplitude: 1, frequency: 8 },
    whiteNoise: { sigma: 1 },
    ornsteinUhlenbeck: { mean: 0, sigma: 1, tau: 5 },
    expression: { I: "5*pA*(i < 1)" },
    samples: { dt: 1, values: [1, 2] },
  };

  it.each(absent(nirMapping.backgrounds).filter((kind) => kind !== "rheobase"))("the background %s", async (kind) => {
    const entry = (backgrounds as Readonly<Record<string, object>>)[kind];
    expect(entry, kind).toBeDefined();
    const text = await refusal(one({ background: [{ kind: "constant", amplitude: 1 }, { kind, ...entry }] }));
    expect(text).toContain(`$.populations[0].background[1]: ${kind}:`);
  });

  it("a current from a time on, and until one", async () => {
    const text = await refusal(one({ background: [{ kind: "constant", amplitude: 1, start: 10, stop: 20 }] }));
    expect(text).toMatch(/background\[0\]\.start: .*\n.*background\[0\]\.stop: /);
  });

  const kernels: Readonly<Record<Exclude<KernelName, "delta" | "exponential">, object>> = {
    alpha: { tau: 2 },
    dualExponential: { tau_rise: 1, tau_decay: 5 },
    step: { duration: 2 },
    nmda: { tau_rise: 2, tau_decay: 100, E_rev: 0, Mg: 1 },
    own: {},
  };

  it.each(absent(nirMapping.receptors))("the receptor %s", async (kernel) => {
    const receptor = (kernels as Readonly<Record<string, object>>)[kernel];
    expect(receptor, kernel).toBeDefined();
    const text = await refusal({
      ...loop({ receptor: "r" }, { receptors: { r: { kernel, ...receptor } } }),
      receptorKernels: [OWN],
    });
    expect(text).toContain(`(p.r): ${kernel}:`);
  });

  it("conductances", async () => {
    const text = await refusal(
      loop({ receptor: "r" }, { receptors: { r: { kernel: "exponential", tau: 5, E_rev: 0 } } }),
    );
    expect(text).toContain("exponential with E_rev: NIR has no conductances");
  });

  it("synapses of two kinds or time constants onto a neuron", async () => {
    const receptors = { a: { kernel: "exponential", tau: 5 }, b: { kernel: "exponential", tau: 10 } };
    const projections = ["a", "b"].map((receptor) => ({
      source: "p",
      target: "p",
      receptor,
      rule: "allToAll",
      weight: 1,
    }));
    expect(await refusal(one({ receptors }, { projections }))).toContain("a tau 5 ms, b tau 10 ms: synapses onto a NIR neuron");
  });

  const dynamics: Readonly<Record<PlasticityName, object>> = {
    stdp: { plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 2 } },
    tripletStdp: {
      plasticity: {
        kind: "tripletStdp",
        A2_plus: 0.01,
        A3_plus: 0.01,
        A2_minus: 0.01,
        A3_minus: 0.01,
        tau_plus: 20,
        tau_minus: 20,
        tau_x: 100,
        tau_y: 100,
        w_max: 2,
      },
    },
    inhibitoryStdp: { plasticity: { kind: "inhibitoryStdp", eta: 0.01, rho_0: 5, tau: 20, w_max: 2 } },
    shortTerm: { shortTerm: { U: 0.5, tau_rec: 100 } },
    scaling: { scaling: { rho_0: 5, rate: 0.1, interval: 100, w_max: 2 } },
    release: { release: 0.5 },
  };

  it.each(absent(nirMapping.plasticity))("%s", async (name: PlasticityName) => {
    const text = await refusal(loop(dynamics[name]));
    expect(text).toContain(`$.projections[0].${name in { shortTerm: 0, scaling: 0, release: 0 } ? name : "plasticity"}: ${name}:`);
  });

  it("a refractory period, a delay of two steps, gap junctions, a model of one's own", async () => {
    expect(await refusal(one({ params: { ...LIF, t_ref: [0, 2] } }))).toContain("$.populations[0].params.t_ref: 2 ms: NIR's neurons have no refractory period");
    expect(await refusal(loop({ delay: 0.2 }))).toContain("$.projections[0].delay: 0.2 ms: readers of NIR have no delays; it must be one time step, 0.1 ms");
    expect(await refusal(loop({ gapJunction: true }))).toContain("gap junctions");
    const models = [
      { name: "lif2", current: "pA", equations: "dv/dt = I/(100*pF) : mV", threshold: "v > 10*mV", reset: "v = 0*mV" },
    ];
    expect(await refusal(one({ model: "lif2", params: {} }, { models }))).toContain("lif2: NIR's neurons are leaky or perfect");
  });

  it("all at once", async () => {
    const error = (await failure(async () =>
      exportNetwork(
        await explicit(
          loop({ delay: 1, release: 0.5 }, { params: {}, background: [{ kind: "whiteNoise", sigma: 1 }] }),
        ),
        { to: "nir" },
      ),
    )) as ExchangeError;
    expect(error.entries.map(({ path }) => path)).toEqual([
      "$.populations[0].background[0]",
      "$.populations[0].params.t_ref",
      "$.projections[0].release",
      "$.projections[0].delay",
    ]);
  });

  it("more sets of parameters than nodes", async () => {
    const size = MAX_GROUPS + 1;
    const text = await refusal(
      one({ size, params: { ...LIF, V_th: Array.from({ length: size }, (_, i) => -55 + 0.01 * i) } }),
    );
    expect(text).toContain(`${size} different sets of parameters`);
  });

  const rules: Readonly<Record<Exclude<RuleName, "list">, object>> = {
    allToAll: {},
    oneToOne: {},
    fixedProbability: { p: 0.5 },
    fixedIndegree: { k: 1 },
    fixedOutdegree: { k: 1 },
    fixedTotalNumber: { n: 2 },
    distance: { kernel: "box", scale: 1 },
  };

  it.each(Object.entries(rules))("the rule %s, unless its synapses were drawn", async (rule, more) => {
    const input = loop({ rule, ...more }, rule === "distance" ? { positions: { line: { length: 2 } } } : {});
    await expect(exportNetwork(parseDocument(input), { to: "nir" })).rejects.toThrow(`$.projections[0].rule: ${rule}: it is drawn from the seed`);
    await exportNetwork(await explicit(input), { to: "nir" });
  });
});

describe("what others write", () => {
  const lif = (size: number, changes: object = {}): NirGraph["nodes"][string] => ({
    type: "LIF",
    arrays: { tau: same(0.01, size), r: same(1, size), v_leak: same(0, size), v_threshold: same(1, size), ...changes },
  });
  const io = (size: number): Pick<NirGraph, "nodes">["nodes"] => ({
    input: { type: "Input", arrays: { shape: vector(Float64Array.of(size)) } },
    output: { type: "Output", arrays: { shape: vector(Float64Array.of(size)) } },
  });
  const linear = (rows: number, values: number[]): NirGraph["nodes"][string] => ({
    type: "Linear",
    arrays: { weight: { shape: [rows, values.length / rows], values: Float64Array.from(values) } },
  });
  const graph = (nodes: NirGraph["nodes"], edges: NirGraph["edges"], metadata = {}): NirGraph => ({
    type: "NIRGraph",
    nodes,
    edges,
    metadata,
  });
  const read = async (given: NirGraph): ReturnType<typeof importNetwork> =>
    imported(await writeGraph(given, "other.nir"));
  const told = async (given: NirGraph): Promise<string> => (await failure(() => read(given))).message;

  it("has the usual time step where it says none, the jump of a weight, and its scale", async () => {
    const { network, report } = await read(
      graph(
        {
          ...io(2),
          w: linear(2, [3, 0, 0, 4]),
          s: { type: "Scale", arrays: { scale: vector(Float64Array.of(10, 100)) } },
          n: lif(2),
        },
        [["input", "w"], ["w", "s"], ["s", "n"], ["n", "output"]],
      ),
    );
    expect(network.dt).toBe(1000 * USUAL_STEP);
    expect(report.some(({ path, message }) => path === "/node" && message.includes("no time step"))).toBe(true);
    expect(network.populations.map(({ name, model, method }) => [name, model.id, method].join(" "))).toEqual(
      ["n lif euler", "input spikeTrain "].map((t) => expect.stringContaining(t.trim()) as string),
    );
    const [projection] = network.projections;
    // r w dt / tau
    expect(Array.from(projection?.weight as Float64Array, (w) => Number(w.toPrecision(12)))).toEqual([0.3, 4]);
    expect(projection?.rule).toMatchObject({ sources: Uint32Array.of(0, 1), targets: Uint32Array.of(0, 1) });
    expect(network.record).toMatchObject([{ population: "n", variables: ["spikes"] }]);
  });

  it("may have graphs within graphs, and single numbers for all neurons", async () => {
    const one = (x: number): object => ({ shape: [], values: Float64Array.of(x) });
    const inner = graph(
      {
        ...io(2),
        lif: lif(2, { tau: one(0.01), r: one(1), v_leak: one(0), v_threshold: one(1) }),
        w_rec: linear(2, [0, 50, -20, 0]),
      },
      [["input", "lif"], ["lif", "w_rec"], ["w_rec", "lif"], ["lif", "output"]],
    );
    const { network } = await read(
      graph(
        { ...io(2), fc: linear(2, [1, 2, 3, 4]), rec: inner },
        [
          ["input", "fc"],
          ["fc", "rec"],
          ["rec", "output"],
        ],
        { dt: 5e-4 },
      ),
    );
    expect(network.dt).toBe(0.5);
    expect(network.populations.map(({ name, size }) => [name, size])).toEqual([["rec_lif", 2], ["input", 2]]);
    expect(network.projections.map(({ source, target }) => `${source} ${target}`).sort()).toEqual([
      "input rec_lif",
      "rec_lif rec_lif",
    ]);
    const loop = network.projections.find(({ source }) => source === "rec_lif");
    expect(Array.from(loop?.weight as Float64Array, (w) => Number(w.toPrecision(12)))).toEqual([2.5, -1]);
  });

  it.each<[string, NirGraph, string]>([
    ["an edge to no node", graph({ ...io(1), n: lif(1) }, [["input", "m"]]), '/node/edges: an edge names "m", and there is no such node. There: input'],
    [
      "an edge twice",
      graph({ ...io(1), n: lif(1) }, [
        ["input", "n"],
        ["input", "n"],
      ]),
      "/node/nodes/n: there are two edges",
    ],
    [
      "a loop without neurons",
      graph({ ...io(1), n: lif(1), a: linear(1, [1]), b: linear(1, [1]) }, [
        ["a", "b"],
        ["b", "a"],
        ["b", "n"],
      ]),
      "in a loop without neurons",
    ],
    ["shapes that do not fit", graph({ ...io(3), w: linear(2, [1, 2, 3, 4]), n: lif(2) }, [["input", "w"], ["w", "n"]]), "/node/nodes/w: weights for 2 elements, and 3 lead into it"],
    ["more than it has neurons", graph({ ...io(3), n: lif(2) }, [["input", "n"]]), "/node/nodes/n: 2 neurons, and 3 elements lead into it"],
    ["arrays of two sizes", graph({ ...io(3), n: lif(3, { r: same(1, 2) }) }, [["input", "n"]]), "/node/nodes/n: its arrays have 3 and 2 elements"],
    ["a time constant of 0", graph({ ...io(1), n: lif(1, { tau: same(0, 1) }) }, [["input", "n"]]), "/node/nodes/n: tau[0] is 0 s; it must be > 0 s"],
    [
      "a threshold that is no number",
      graph({ ...io(1), n: lif(1, { r: same(Number.NaN, 1) }) }, [["input", "n"]]),
      "/node/nodes/n: r[0] is NaN",
    ],
    ["a reset above the threshold", graph({ ...io(1), n: lif(1, { v_reset: same(1, 1) }) }, [["input", "n"]]), "v_reset[0] is 1; it must be below v_threshold, 1"],
    [
      "an infinite weight",
      graph({ ...io(1), w: linear(1, [Number.POSITIVE_INFINITY]), n: lif(1) }, [
        ["input", "w"],
        ["w", "n"],
      ]),
      "the weight from 0 to 0 is Infinity",
    ],
    ["an input of 10^12 channels", graph({ ...io(1e12), n: lif(1) }, [["input", "n"]]), "/node/nodes/input: its shape has 1000000000000 elements"],
    ["no neurons", graph(io(1), [["input", "output"]]), "there are no neurons in the graph"],
    ["a time step of -1", graph({ ...io(1), n: lif(1) }, [["input", "n"]], { dt: -1 }), "/node/metadata/dt: -1; it must be a number > 0, in s"],
  ])("is refused with its place: %s", async (_what, given, message) => {
    const text = await told(given);
    expect(text).toContain(message);
    expect(text).toMatch(/^net\.nir:/);
  });

  it.each(["Delay", "Conv2d", "LI", "Lif"])("is refused by type: %s", async (type) => {
    const node = group({ type: dataset(variableText(type)), delay: dataset(scalar(Float64Array.of(1))) });
    const bytes = await writeHdf5(
      group({
        node: group({
          type: dataset(variableText("NIRGraph")),
          nodes: group({ x: node }),
          edges: dataset(variableText([], [0, 2])),
        }),
      }),
      "t.nir",
    );
    const { message } = await failure(() => imported(bytes));
    expect(message).toContain(`net.nir:/node/nodes/x/type: a node of type "${type}": `);
    if (type === "Lif") expect(message).toContain("did you mean LIF");
  });

  it("is refused where something is missing", async () => {
    const leaf = group({ type: dataset(variableText("LIF")), tau: dataset(numbers(Float64Array.of(1))) });
    const bytes = await writeHdf5(group({ node: leaf }), "t.nir");
    expect((await failure(() => imported(bytes))).message).toContain('net.nir:/node: the dataset "r" is missing');
    const none = await writeHdf5(group({}), "t.nir");
    expect((await failure(() => imported(none))).message).toContain('the group "node" is missing');
  });

  it("is refused where it was cut off or changed, with the file's name", async () => {
    const whole = await bytesOf(document());
    for (let i = 0; i < 12; i++) {
      const cut = whole.slice(0, Math.floor((i * whole.length) / 12));
      expect((await failure(() => imported(cut))).message).toContain("net.nir");
      const changed = whole.slice();
      const at = (i * 7919) % whole.length;
      changed.fill(0xff, at, at + 16);
      try {
        await imported(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(SpikeletError);
      }
    }
  });
});


describe("the page of NIR", () => {
  const page = readFileSync("docs/exchange.md", "utf8");

  it.each(READERS.map((reader) => [reader.name, reader] as const))(
    "says all that is known of %s",
    (name, { caveats }) => {
    expect(page).toContain(`| ${name} |`);
    for (const { text } of caveats) expect(page).toContain(`| ${text} |`);
  });
});

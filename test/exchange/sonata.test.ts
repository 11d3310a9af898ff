/**
 * SONATA: the bytes as its readers demand them, networks that come back with the same spikes, and mistakes with their
 * place.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type Export, exportNetwork, type FileSource, importNetwork } from "../../src/exchange/index.js";
import {
  dataset,
  fixedText,
  type Group,
  type GroupReader,
  group,
  loadHdf5,
  numbers,
  readHdf5,
  writeHdf5,
} from "../../src/io/hdf5.js";
import { spikesFile } from "../../src/exchange/sonata/spikes.js";
import { rangesOf } from "../../src/exchange/sonata/tables.js";
import { parseDocument, Simulation } from "../../src/index.js";
import { small as SMALL } from "../../scripts/exchange/sonataNetworks.js";

type Document = Record<string, any>;
const changed = (change: (document: Document) => void): Document => {
  const document = structuredClone(SMALL) as Document;
  change(document);
  return document;
};

async function written(document: Document, flavour?: string): Promise<Export> {
  const simulation = await Simulation.fromDocument(document);
  try {
    return await exportNetwork(simulation.explicit(), { to: "sonata", ...(flavour !== undefined && { flavour }) });
  } finally {
    simulation.close();
  }
}

const contents = ({ files }: Export): Map<string, string | Uint8Array> =>
  new Map(files.map(({ path, content }) => [path, content]));
const textOf = (made: Export, path: string): string => contents(made).get(path) as string;
const jsonOf = (made: Export, path: string): Document => JSON.parse(textOf(made, path)) as Document;
const tableOf = <T>(made: Export, path: string, read: (root: GroupReader) => T): Promise<T> =>
  readHdf5(contents(made).get(path) as Uint8Array, path, read);

/** The files of an export, some of them replaced. */
function source(
  made: Export,
  replaced: Readonly<Record<string, string | Uint8Array>> = {},
  path = "simulation_config.json",
): FileSource {
  const all = new Map([...contents(made), ...Object.entries(replaced)]);
  const get = (name: string): string | Uint8Array => {
    const content = all.get(name.replace(/^\.\//, ""));
    if (content === undefined) throw new Error(`${name}: no such file`);
    return content;
  };
  const bytes = async (name: string): Promise<Uint8Array> => {
    const content = get(name);
    return typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
  return { path, bytes, text: async (name) => new TextDecoder().decode(await bytes(name)) };
}

async function spikesOf(simulation: Simulation, duration: number): Promise<number[][]> {
  const recordings = [...simulation.populations.values()].map((population) => simulation.record(population, "spikes"));
  await simulation.run(duration);
  const spikes = recordings.map(({ times, neurons }) => [...times].map((t, i) => 1e3 * t + (neurons[i] as number)));
  simulation.close();
  return spikes;
}

const EDGES = "network/cortex_to_cortex_0_edges.h5";
const NODES = "network/cortex_nodes.h5";
let made: Export;
let pynn: Export;

beforeAll(async () => {
  made = await written(SMALL);
  pynn = await written(SMALL, "pynn");
});

describe("the written tables", () => {
  it("1: texts have a fixed length, which is that of their bytes", async () => {
    const library = await loadHdf5();
    const system = library.FS as unknown as {
      writeFile(path: string, bytes: Uint8Array): void;
      unlink(path: string): void;
    };
    system.writeFile("/edges.h5", contents(made).get(EDGES) as Uint8Array);
    const file = new library.File("/edges.h5", "r");
    const end = (name: string): unknown => file.get(`edges/cortex_to_cortex_0/${name}_node_id`);
    const ends = ["source", "target"].map(
      (name) => (end(name) as InstanceType<typeof library.Dataset>).attrs.node_population,
    );
    expect(ends.map((attribute) => [attribute?.dtype, attribute?.value])).toEqual([
      ["S6", "cortex"],
      ["S6", "cortex"],
    ]);
    file.close();
    system.unlink("/edges.h5");
  });

  it("2: have their index under both names, and it leads to the edges", async () => {
    await tableOf(made, EDGES, (root) => {
      const edges = root.group("edges").group("cortex_to_cortex_0");
      for (const [index, end] of [
        ["source_to_target", "source"],
        ["target_to_source", "target"],
      ] as const) {
        const found = edges.group("indices").group(index);
        const ofNode = found.dataset("node_id_to_ranges");
        expect(ofNode.shape).toEqual([4, 2]);
        expect(found.dataset("node_id_to_range").numbers()).toEqual(ofNode.numbers());
        const ranges = found.dataset("range_to_edge_id").numbers();
        const ids = edges.dataset(`${end}_node_id`).numbers();
        for (let node = 0; node < 4; node++) {
          const [first, last] = ofNode.numbers().slice(2 * node) as unknown as [number, number];
          const mine: number[] = [];
          for (let r = first; r < last; r++)
            for (let k = ranges[2 * r] as number; k < (ranges[2 * r + 1] as number); k++) mine.push(k);
          expect(mine.sort()).toEqual([...ids.keys()].filter((k) => ids[k] === node));
        }
      }
    });
    const empty = rangesOf(Uint32Array.of(2, 0, 0, 2), 4);
    expect([...empty.ofNode].map(Number)).toEqual([0, 1, 1, 1, 1, 3, 3, 3]);
    expect([...empty.ranges].map(Number)).toEqual([1, 3, 0, 1, 3, 4]);
  });

  it("3: are not compressed", async () => {
    const library = await loadHdf5();
    const system = library.FS as unknown as {
      writeFile(path: string, bytes: Uint8Array): void;
      unlink(path: string): void;
    };
    for (const [path, content] of contents(made)) {
      if (typeof content === "string") continue;
      system.writeFile("/any.h5", content);
      const file = new library.File("/any.h5", "r");
      const datasets = file
        .paths()
        .map((name) => file.get(name))
        .filter((found) => found instanceof library.Dataset);
      expect(datasets.length, path).toBeGreaterThan(1);
      for (const one of datasets) expect(one.filters).toEqual([]);
      file.close();
      system.unlink("/any.h5");
    }
  });

  it("4: spikes have units and no order", async () => {
    await tableOf(made, "inputs/ext_spikes.h5", (root) => {
      const spikes = root.group("spikes").group("ext");
      expect(spikes.attributes()).toEqual([]);
      expect(spikes.dataset("timestamps").text("units")).toBe("ms");
      expect([...spikes.dataset("timestamps").numbers()]).toEqual([5, 10, 20, 30, 31]);
      expect([...spikes.dataset("node_ids").numbers()]).toEqual([0, 1, 0, 1, 1]);
    });
  });

  it("5: delays are at both places", async () => {
    await tableOf(made, EDGES, (root) => {
      const own = root.group("edges").group("cortex_to_cortex_0").group("0");
      const delays = [1.2, 1, 1, 1.5, 2];
      expect([...own.dataset("delay").numbers()]).toEqual(delays);
      expect([...own.group("dynamics_params").dataset("delay").numbers()]).toEqual(delays);
      expect([...own.dataset("syn_weight").numbers()]).toEqual([4.25, 1.5, -8.5, 2.5, 3]);
    });
  });

  it("6: a population has a file and types of its own, and the columns that readers ask for", async () => {
    const tables = [...contents(made)].filter(([path]) => /^network\/.*h5$/.test(path));
    expect(tables.map(([path]) => path)).toEqual([
      NODES,
      "network/ext_nodes.h5",
      EDGES,
      "network/ext_to_cortex_1_edges.h5",
    ]);
    for (const [path, content] of tables) {
      const kind = path.includes("nodes") ? "node" : "edge";
      await readHdf5(content as Uint8Array, path, (root) => {
        expect([...(root.numbersOf("magic") as Float64Array), ...(root.numbersOf("version") as Float64Array)]).toEqual([
          0x0a7a, 0, 1,
        ]);
        const all = root.group(`${kind}s`);
        expect(all.keys().length).toBe(1);
        const ids = kind === "node" ? ["node_id"] : ["source_node_id", "target_node_id", "indices"];
        const wanted = ["0", ...ids, ...["group_id", "group_index", "type_id"].map((name) => `${kind}_${name}`)];
        expect(all.group(all.keys()[0] as string).keys()).toEqual(wanted.sort());
      });
    }
    const types = textOf(made, "network/cortex_node_types.csv");
    expect(types).toBe(
      "node_type_id pop_name model_type model_template dynamics_params\n" +
        "100 cortex point_neuron nest:iaf_psc_exp cortex_100.json\n101 cortex point_neuron nest:iaf_psc_exp cortex_101.json\n",
    );
    const params = {
      C_m: 250,
      E_L: -70,
      V_th: -55,
      V_reset: -70,
      t_ref: 2,
      tau_m: 20,
      tau_syn_ex: 4,
      tau_syn_in: 4,
      V_m: -70,
    };
    expect(jsonOf(made, "components/point_neuron_models/cortex_100.json")).toEqual(params);
    await tableOf(made, NODES, (root) => {
      expect([...root.group("nodes").group("cortex").dataset("node_type_id").numbers()]).toEqual([100, 100, 100, 101]);
    });
  });

  it("7: the circuit names no simulator, the simulation NEST, and populations have types", () => {
    const circuit = jsonOf(made, "circuit_config.json");
    expect(circuit).not.toHaveProperty("target_simulator");
    const simulation = jsonOf(made, "simulation_config.json");
    expect(simulation).toMatchObject({ target_simulator: "NEST", run: { tstop: 50, dt: 0.1, random_seed: 1 } });
    expect(circuit.networks.nodes.map((entry: Document) => entry.populations)).toEqual([
      { cortex: { type: "point_neuron" } },
      { ext: { type: "virtual" } },
    ]);
    expect(Object.values(simulation.reports)).toMatchObject([{ variable_name: "V_m", cells: "cortex_recorded_1" }]);
    expect(jsonOf(made, "node_sets.json").cortex_recorded_1).toEqual({ population: "cortex", node_id: [2] });
  });

  it("8: a projection without synapses is left out, and said", async () => {
    const without = await written(changed((d) => Object.assign(d.projections[0], { pairs: [], weight: 1, delay: 1 })));
    expect(without.files.map(({ path }) => path).filter((path) => path.includes("edges"))).toEqual([
      "network/ext_to_cortex_1_edges.h5",
    ]);
    expect(without.report).toContainEqual({
      fidelity: "exact",
      path: "$.projections[0]",
      message: "has no synapses, and is left out",
    });
  });

  it("the flavour pynn has nA, one receptor for each file, and a spike for each virtual cell", async () => {
    const edges = ["excitatory", "inhibitory"].map((type) => `cortex_to_cortex_0_${type}`);
    const found = await Promise.all(
      edges.map((name) =>
        tableOf(pynn, `network/${name}_edges.h5`, (root) => [
          ...root.group("edges").group(name).group("0").dataset("syn_weight").numbers(),
        ]),
      ),
    );
    expect(found).toEqual([[0.00425, 0.0015, 0.0025, 0.003], [-0.0085]]);
    expect(textOf(pynn, `network/${edges[1]}_edge_types.csv`)).toMatch(/\n100 \* \* pyNN:StaticSynapse inhibitory\n$/);
    await tableOf(pynn, "network/cortex_nodes.h5", (root) => {
      const own = root.group("nodes").group("cortex").group("0").group("dynamics_params");
      expect([...own.dataset("tau_m").numbers()]).toEqual([20, 20, 20, 10]);
    });
    expect(jsonOf(pynn, "components/point_neuron_models/cortex_100.json")).toMatchObject({
      cm: 0.25,
      v_rest: -70,
      tau_syn_E: 4,
      i_offset: 0,
    });
    await tableOf(pynn, "inputs/ext_spikes.h5", (root) => {
      expect([...root.group("spikes").dataset("gids").numbers()]).toEqual([0, 1, 0, 1, 1, 2]);
      expect([...root.group("spikes").dataset("timestamps").numbers()]).toEqual([5, 10, 20, 30, 31, 51]);
    });
    expect(pynn.report.filter(({ fidelity }) => fidelity === "approximate").map(({ message }) => message)).toContain(
      "pyNN:IF_curr_exp: PyNN starts all cells at -65 mV",
    );
  });

  it("spikes of a run are a file of their own", async () => {
    const bytes = await spikesFile([
      { population: "a", times: Float64Array.of(1, 2.5), neurons: Uint32Array.of(3, 0) },
    ]);
    await readHdf5(bytes, "spikes.h5", (root) => {
      const a = root.group("spikes").group("a");
      expect([[...a.dataset("timestamps").numbers()], [...a.dataset("node_ids").numbers()]]).toEqual([
        [1, 2.5],
        [3, 0],
      ]);
    });
    expect(() => spikesFile([{ population: "a", times: Float64Array.of(1), neurons: new Uint32Array(0) }])).toThrow(
      "spikesFile: a has 1 times and 0 neurons",
    );
  });
});

describe("what SONATA cannot say", () => {
  it.each<[string, (d: Document) => void, RegExp]>([
    [
      "a source that draws",
      (d) => Object.assign(d.populations[1], { model: "poisson", params: { rate: 5 } }),
      /\$\.populations\[1\]: a source that draws its spikes/,
    ],
    [
      "noise",
      (d) => (d.populations[0].background = [{ kind: "whiteNoise", sigma: 1 }]),
      /\$\.populations\[0\]\.background\[0\]: SONATA has no input of the kind whiteNoise/,
    ],
    [
      "another model",
      (d) => Object.assign(d.populations[0], { model: "morrisLecar", params: {} }),
      /\$\.populations\[0\]: NEST has no neuron for the model morrisLecar/,
    ],
    [
      "short-term plasticity",
      (d) => (d.projections[0].shortTerm = { U: 0.5, tau_rec: 100 }),
      /\$\.projections\[0\]\.shortTerm: short-term plasticity have no form/,
    ],
    [
      "a spike at 0",
      (d) => (d.populations[1].params.times[0] = 0),
      /\$\.populations\[1\]\.params\.times: a spike at 0 ms/,
    ],
  ])("%s is refused with its place", async (_, change, message) => {
    await expect(written(changed(change))).rejects.toThrow(message);
  });

  it("is refused for a network whose synapses are not drawn", async () => {
    const drawn = changed(
      (d) =>
        (d.projections[0] = {
          source: "cortex",
          target: "cortex",
          receptor: "syn",
          rule: "allToAll",
          weight: 1,
          delay: 1,
        }),
    );
    await expect(exportNetwork(parseDocument(drawn), { to: "sonata" })).rejects.toThrow(
      "make the network explicit first",
    );
  });
});

describe("an import", () => {
  it.each(["nest", "pynn"])("of an export (%s) runs to the same spikes", async (flavour) => {
    // PyNN starts cells at -65 mV, which the import knows.
    const document = changed((d) => (d.populations[0].init = { v: -65 }));
    const { network } = await importNetwork(source(await written(document, flavour)), { from: "sonata" });
    const spikes = await spikesOf(await Simulation.fromDocument(document), 50);
    expect(spikes[0]?.length).toBeGreaterThan(1);
    expect(await spikesOf(await Simulation.fromSpec(network), 50)).toEqual(spikes);
  });

  it("of conductances and two receptors runs to the same spikes", async () => {
    const document = changed((d) => {
      d.populations[0].receptors = {
        ampa: { kernel: "exponential", tau: 3, E_rev: 0 },
        gaba: { kernel: "exponential", tau: 6, E_rev: -80 },
      };
      d.populations[0].method = "exponentialEuler";
      d.populations[0].background = [{ kind: "constant", amplitude: [200, 100, 50, 0] }];
      Object.assign(d.projections[0], { receptor: "gaba", weight: [5, 2.5, 3, 4.25, 8.5] });
      Object.assign(d.projections[1], { receptor: "ampa", weight: [30, 40, 30, 20] });
    });
    const { network } = await importNetwork(source(await written(document)), { from: "sonata" });
    const spikes = await spikesOf(await Simulation.fromDocument(document), 50);
    expect(spikes[0]?.length).toBeGreaterThan(1);
    expect(await spikesOf(await Simulation.fromSpec(network), 50)).toEqual(spikes);
  });

  it("of a circuit alone says what is missing", async () => {
    const { network, report } = await importNetwork(source(made, {}, "circuit_config.json"), { from: "sonata" });
    expect(network.populations.map(({ name, size }) => [name, size])).toEqual([
      ["cortex", 4],
      ["ext", 3],
    ]);
    expect(report.map(({ message }) => message)).toContain("ext: no spikes were given for these virtual cells");
  });

  it("reads compressed tables with other ids, as bmtk and PyNN write them", async () => {
    const library = await loadHdf5();
    const system = library.FS as unknown as { readFile(path: string): Uint8Array; unlink(path: string): void };
    const file = new library.File("/bmtk.h5", "w");
    const population = file.create_group("nodes").create_group("cortex");
    const column = (name: string, data: BigInt64Array): unknown =>
      population.create_dataset({ name, data, shape: [4], chunks: [4], compression: "gzip", compression_opts: 4 });
    column("node_id", BigInt64Array.of(10n, 11n, 12n, 13n));
    column("node_type_id", BigInt64Array.of(100n, 100n, 101n, 100n));
    column("node_group_id", new BigInt64Array(4));
    column("node_group_index", BigInt64Array.of(0n, 1n, 2n, 3n));
    population.create_group("0");
    file.close();
    const bytes = system.readFile("/bmtk.h5");
    system.unlink("/bmtk.h5");
    await expect(importNetwork(source(made, { [NODES]: bytes }), { from: "sonata" })).rejects.toThrow(
      `${EDGES}:/edges/cortex_to_cortex_0/source_node_id[0]: the population cortex has no cell 3; it has 4.`,
    );
    const [a, b] = await Promise.all([
      replaced(EDGES, "cortex_to_cortex_0", [
        [3, 0],
        [0, 1],
      ]),
      replaced("network/ext_to_cortex_1_edges.h5", "ext_to_cortex_1", [[0], [2]]),
    ]);
    const { network } = await importNetwork(
      source(made, { [NODES]: bytes, [EDGES]: a, "network/ext_to_cortex_1_edges.h5": b }),
      { from: "sonata" },
    );
    expect(network.populations[0]?.params.tau_m).toEqual(Float64Array.of(20, 20, 10, 20));
    expect(network.projections.map(({ rule }) => "sources" in rule && [[...rule.sources], [...rule.targets]])).toEqual([
      [
        [3, 0],
        [0, 1],
      ],
      [[0], [2]],
    ]);
  });

  /**
   * A table of edges of which only these are left, whose cells of cortex start at 10; with the weights of a column of
   * types.
   */
  async function replaced(
    path: string,
    name: string,
    [from, to]: [number[], number[]] | number[][],
  ): Promise<Uint8Array> {
    const cells = (ids: number[], population: string): Uint32Array =>
      Uint32Array.from(ids, (id) => id + (population === "cortex" ? 10 : 0));
    const pre = name.startsWith("ext") ? "ext" : "cortex";
    const type = name.startsWith("ext") ? 101 : 100;
    const count = (from as number[]).length;
    const tree: Group = group({
      edges: group({
        [name]: group({
          source_node_id: dataset(numbers(cells(from as number[], pre)), { node_population: fixedText(pre) }),
          target_node_id: dataset(numbers(cells(to as number[], "cortex")), { node_population: fixedText("cortex") }),
          edge_type_id: dataset(numbers(new Uint32Array(count).fill(type))),
          0: group({
            syn_weight: dataset(numbers(new Float64Array(count).fill(5))),
            delay: dataset(numbers(new Float64Array(count).fill(1))),
          }),
        }),
      }),
    });
    return writeHdf5(tree, path);
  }

  const CASES: [string, () => Promise<Record<string, string | Uint8Array>>, RegExp][] = [
    [
      "a configuration that is no JSON",
      async () => ({ "simulation_config.json": "{" }),
      /^simulation_config\.json: it is no JSON: /,
    ],
    [
      "one without a network",
      async () => ({ "simulation_config.json": "{}" }),
      /it has neither "networks", as a circuit configuration, nor "network"/,
    ],
    [
      "a variable that is not there",
      async () => ({ "simulation_config.json": '{"network": "$DIR/a.json"}' }),
      /network: \$DIR is not in "manifest"\. There: nothing\./,
    ],
    [
      "variables in a circle",
      async () => ({ "simulation_config.json": '{"manifest": {"$A": "$B", "$B": "$A"}, "network": "$A"}' }),
      /network: the variables of "manifest" go in a circle\./,
    ],
    [
      "a truncated table",
      async () => ({ [NODES]: (contents(made).get(NODES) as Uint8Array).slice(0, 900) }),
      /network\/cortex_nodes\.h5: it is a broken or truncated HDF5 file\.$/,
    ],
    [
      "a table of types with commas",
      async () => ({ "network/cortex_node_types.csv": "node_type_id,model_type\n100,virtual\n" }),
      /network\/cortex_node_types\.csv: the column node_type_id is missing; columns must be apart by a space/,
    ],
    [
      "a type that is not there",
      async () => ({ "network/cortex_node_types.csv": "node_type_id model_template\n7 nest:iaf_psc_exp\n" }),
      /cortex_nodes\.h5:\/nodes\/cortex\/node_type_id\[0\]: the type 100 is not in .*cortex_node_types\.csv\. There: 7\./,
    ],
    [
      "a model without a counterpart",
      async () => ({
        "network/cortex_node_types.csv": textOf(made, "network/cortex_node_types.csv").replaceAll(
          "iaf_psc_exp",
          "glif_psc",
        ),
      }),
      /type 100: model_template: "nest:glif_psc" has no counterpart here\. Those that have: nest:iaf_psc_exp/,
    ],
    [
      "another synapse",
      async () => ({ "network/cortex_to_cortex_0_edge_types.csv": "edge_type_id model_template\n100 stdp_synapse\n" }),
      /type 100: model_template: "stdp_synapse" has no counterpart here/,
    ],
    [
      "seconds",
      async () => ({ "inputs/ext_spikes.h5": await spikes("s", [0]) }),
      /inputs\/ext_spikes\.h5:\/spikes\/ext\/timestamps@units: "s" is not allowed; SONATA's times are in "ms"\./,
    ],
    [
      "a spike of no cell",
      async () => ({ "inputs/ext_spikes.h5": await spikes("ms", [3]) }),
      /inputs\/ext_spikes\.h5:\/spikes\/ext\/node_ids\[0\]: the population ext has no cell 3; it has 3\./,
    ],
    [
      "a table without nodes",
      async () => ({ [NODES]: await writeHdf5(group({ edges: group({}) }), NODES) }),
      /cortex_nodes\.h5:\/: the group "nodes" is missing\. There: edges\.$/,
    ],
    [
      "a delay that is no number",
      async () => ({ [EDGES]: withDelay(Number.NaN) }),
      /cortex_to_cortex_0_edges\.h5:\/edges\/cortex_to_cortex_0: the delay of edge 0 is NaN; it must be a number of ms\./,
    ],
    [
      "a delay below zero",
      async () => ({ [EDGES]: withDelay(-1) }),
      /^simulation_config\.json: \$\.projections\[0\]\.delay\[0\]/,
    ],
    [
      "edges without their populations",
      async () => ({ [EDGES]: await bare() }),
      /cortex_to_cortex_0\/source_node_id@node_population: it is missing\./,
    ],
  ];

  async function spikes(units: string, ids: number[]): Promise<Uint8Array> {
    const ext = group({
      timestamps: dataset(numbers(Float64Array.of(5)), { units: fixedText(units) }),
      node_ids: dataset(numbers(Uint32Array.from(ids))),
    });
    return writeHdf5(group({ spikes: group({ ext }) }), "spikes");
  }

  /** The table of edges with another delay in place of the first, 1.2 ms. */
  function withDelay(delay: number): Uint8Array {
    const bytes = Uint8Array.from(contents(made).get(EDGES) as Uint8Array);
    const first = Buffer.from(Float64Array.of(1.2, 1, 1, 1.5, 2).buffer);
    bytes.set(new Uint8Array(Float64Array.of(delay).buffer), Buffer.from(bytes).indexOf(first));
    return bytes;
  }

  async function bare(): Promise<Uint8Array> {
    const ids = (): ReturnType<typeof dataset> => dataset(numbers(Uint32Array.of(0)));
    return writeHdf5(
      group({
        edges: group({
          cortex_to_cortex_0: group({ source_node_id: ids(), target_node_id: ids(), edge_type_id: ids() }),
        }),
      }),
      EDGES,
    );
  }

  it.each(CASES)("with %s is refused with file and path", async (_, files, message) => {
    await expect(importNetwork(source(made, await files()), { from: "sonata" })).rejects.toThrow(message);
  });
});

/** A network as the files of SONATA. */
import { firstStepFrom, isOnGrid, intervalSteps, stepsOf, timeOf } from "../../model/grid.js";
import type { NetworkSpec, PopulationSpec, ProjectionSpec, SynapseValue } from "../../model/spec.js";
import type { Export, ExchangeFile, ExportOptions } from "../format.js";
import { writeHdf5 } from "../../io/hdf5.js";
import { ExchangeError, Report } from "../report.js";
import { type Context, every, FLAVOURS, type Flavour, plan, type Planned, type Signs } from "./cells.js";
import { type PopulationTrain as Spikes, spikesTree } from "../../io/sonata.js";
import { edgesTree, flatSpikesTree, nodesTree } from "./tables.js";

/** The first type of cells; each population has types of its own. */
const FIRST_TYPE = 100;
/** Most types of a population: each is a row and a file, and bmtk makes its cells type by type. */
const MAX_TYPES = 10_000;

const SYNAPSES = "components/synapse_models/static_synapse.json";

/** What is written for a population. */
interface Written {
  readonly population: PopulationSpec;
  readonly name: string;
  readonly planned: Planned | undefined;
  /** Its entry in the circuit configuration. */
  readonly entry: object;
  readonly files: readonly ExchangeFile[];
}

/** @throws ExchangeError when the network would be another one there */
export async function writeSonata(network: NetworkSpec, { flavour = "nest" }: ExportOptions): Promise<Export> {
  const report = Report.of(network);
  const form = FLAVOURS.find((known) => known === flavour) as Flavour;
  const names = namesOf(network, report);
  refuseOthers(network);
  const populations: Written[] = [];
  for (const [i, population] of network.populations.entries()) {
    populations.push(
      await writePopulation(
        { network, population, path: `$.populations[${i}]`, report, signs: signsOnto(network, population.name) },
        names.get(population.name) as string,
        form,
        i,
      ),
    );
  }
  const byName = new Map(populations.map((written) => [written.population.name, written]));
  const edges: { readonly entry: object; readonly files: readonly ExchangeFile[] }[] = [];
  for (const [i, projection] of network.projections.entries()) {
    edges.push(...(await writeProjection(network, projection, i, byName, form, report)));
  }
  const inputs = await Promise.all(populations.map((written) => writeInput(network, written, form, report)));
  const records = recordings(network, names, form, report);
  const circuit = {
    manifest: { $BASE_DIR: "." },
    components: {
      point_neuron_models_dir: "$BASE_DIR/components/point_neuron_models",
      synaptic_models_dir: "$BASE_DIR/components/synapse_models",
    },
    networks: { nodes: populations.map(({ entry }) => entry), edges: edges.map(({ entry }) => entry) },
  };
  const simulation = {
    manifest: { $BASE_DIR: ".", $OUTPUT_DIR: "$BASE_DIR/output" },
    target_simulator: form === "nest" ? "NEST" : "PyNN",
    run: { tstop: network.duration, dt: network.dt, random_seed: network.seed },
    conditions: { celsius: 34, v_init: -65 },
    inputs: Object.assign({}, ...inputs.map(({ entry }) => entry)) as object,
    output: {
      output_dir: "$OUTPUT_DIR",
      log_file: "log.txt",
      spikes_file: "spikes.h5",
      spikes_sort_order: "time",
      overwrite_output_dir: true,
    },
    reports: records.reports,
    network: "$BASE_DIR/circuit_config.json",
    node_sets_file: "$BASE_DIR/node_sets.json",
  };
  const files: ExchangeFile[] = [
    json("simulation_config.json", simulation),
    json("circuit_config.json", circuit),
    json("node_sets.json", records.sets),
    json(SYNAPSES, {}),
    ...populations.flatMap((p) => p.files),
    ...edges.flatMap((e) => e.files),
    ...inputs.flatMap((i) => i.files),
  ];
  return { files, report: report.entries, usage: USAGE[form] };
}

const USAGE: Readonly<Record<Flavour, readonly string[]>> = {
  nest: [
    'bmtk, in this folder: configuration = pointnet.Config.from_json("simulation_config.json"); configuration.build_env()',
    "bmtk: network = pointnet.PointNetwork.from_config(configuration)",
    "bmtk: pointnet.PointSimulator.from_config(configuration, network).run()",
  ],
  pynn: [
    'PyNN: plan = load_sonata_simulation_plan("simulation_config.json"); plan.setup(sim)',
    'PyNN: net = import_from_sonata("circuit_config.json", sim); plan.execute(net)',
  ],
};

const json = (path: string, content: object): ExchangeFile => ({
  path,
  content: `${JSON.stringify(content, undefined, 1)}\n`,
});

/** Names in files and groups: letters, digits and underscores. */
function namesOf(network: NetworkSpec, report: Report): Map<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  network.populations.forEach(({ name }, i) => {
    const plain = name.replace(/[^A-Za-z0-9_]/g, "_");
    let free = plain;
    for (let n = 2; taken.has(free); n++) free = `${plain}_${n}`;
    taken.add(free);
    names.set(name, free);
    if (free !== name) report.exact(`$.populations[${i}].name`, `${JSON.stringify(name)} is called ${free}`);
  });
  return names;
}

/** What no table of SONATA holds, all of it at once. */
function refuseOthers(network: NetworkSpec): void {
  const entries = network.projections.flatMap((projection, i) =>
    Object.entries({
      gapJunction: "gap junctions",
      event: "synapses that listen to another event than spikes",
      plasticity: "plastic weights",
      shortTerm: "short-term plasticity",
      release: "release with a probability",
      scaling: "synaptic scaling",
    })
      .filter(
        ([key]) =>
          projection[key as keyof ProjectionSpec] !== undefined && projection[key as keyof ProjectionSpec] !== false,
      )
      .map(([key, what]) => ({
        fidelity: "dropped" as const,
        path: `$.projections[${i}].${key}`,
        message: `${what} have no form that all of these readers run`,
      })),
  );
  if (entries.length === 0) return;
  const shown = entries.slice(0, 8).map(({ path, message }) => `\n  ${path}: ${message}`);
  throw new ExchangeError(`SONATA would hold another network:${shown.join("")}`, entries);
}

function signsOnto(network: NetworkSpec, target: string): Map<string, Signs> {
  const signs = new Map<string, Signs>();
  for (const projection of network.projections) {
    if (projection.target !== target) continue;
    const of = signs.get(projection.receptor) ?? { positive: false, negative: false };
    signs.set(projection.receptor, of);
    for (const weight of synapses(projection).weights) {
      if (weight > 0) of.positive = true;
      if (weight < 0) of.negative = true;
    }
  }
  return signs;
}

// --------------------------------------------------------------------------------------------------------------- nodes

async function writePopulation(context: Context, name: string, form: Flavour, index: number): Promise<Written> {
  const { population, path, report } = context;
  const { size, source } = population;
  const first = FIRST_TYPE + index * MAX_TYPES;
  const nodes = `network/${name}_nodes.h5`;
  const csv = `network/${name}_node_types.csv`;
  const entry = (type: string): object => ({
    nodes_file: `$BASE_DIR/${nodes}`,
    node_types_file: `$BASE_DIR/${csv}`,
    populations: { [name]: { type } },
  });
  if (source !== undefined) {
    if (source.kind !== "spikeTrain") {
      const what =
        "a source that draws its spikes; SONATA has lists of spikes only. Record its spikes, and give them to a population of the model spikeTrain";
      throw new ExchangeError(`${path}: ${what}.`, [{ fidelity: "dropped", path, message: what }], { path });
    }
    report.exact(path, `${size} virtual cells with the same spikes`);
    const bytes = await writeHdf5(nodesTree({ name, types: new Uint32Array(size).fill(first) }), nodes);
    const text = table(["node_type_id", "pop_name", "model_type"], [[first, name, "virtual"]]);
    return {
      population,
      name,
      planned: undefined,
      entry: entry("virtual"),
      files: [
        { path: nodes, content: bytes },
        { path: csv, content: text },
      ],
    };
  }
  const planned = plan(context, form);
  const { rows, of } =
    form === "nest" ? distinct(planned.params, size) : { rows: [common(planned.params)], of: new Uint32Array(size) };
  if (rows.length > MAX_TYPES) {
    const what = `${rows.length} different sets of parameters and starting values; bmtk takes them by type, and ${MAX_TYPES} types are written at most`;
    throw new ExchangeError(`${path}: ${what}.`, [{ fidelity: "dropped", path, message: what }], { path });
  }
  const dynamics = form === "nest" ? {} : perCell(planned.params);
  const bytes = await writeHdf5(nodesTree({ name, types: of.map((row) => first + row), dynamics }), nodes);
  const models = rows.map((row, i) => json(`components/point_neuron_models/${name}_${first + i}.json`, row));
  const text = table(
    ["node_type_id", "pop_name", "model_type", "model_template", "dynamics_params"],
    rows.map((_, i) => [first + i, name, "point_neuron", planned.template, `${name}_${first + i}.json`]),
  );
  return {
    population,
    name,
    planned,
    entry: entry("point_neuron"),
    files: [{ path: nodes, content: bytes }, { path: csv, content: text }, ...models],
  };
}

/** A table of SONATA: columns apart by a space. */
function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return `${[header, ...rows].map((row) => row.join(" ")).join("\n")}\n`;
}

type Params = Planned["params"];
type Row = Record<string, number | boolean>;

/** The different sets of parameters, and which one each cell has. */
function distinct(params: Params, size: number): { readonly rows: Row[]; readonly of: Uint32Array } {
  const rows: Row[] = [];
  const known = new Map<string, number>();
  const of = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    const row = Object.fromEntries(
      Object.entries(params).map(([name, value]) => [name, typeof value === "object" ? (value[i] as number) : value]),
    );
    const key = JSON.stringify(row);
    const place = known.get(key) ?? rows.push(row) - 1;
    known.set(key, place);
    of[i] = place;
  }
  return { rows, of };
}

function common(params: Params): Row {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => typeof value !== "object")) as Row;
}

function perCell(params: Params): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => typeof value === "object")) as Record<
    string,
    Float64Array
  >;
}

// --------------------------------------------------------------------------------------------------------------- edges

/** The synapses of a projection of an explicit network. */
function synapses({ rule, weight, delay }: ProjectionSpec): {
  sources: Uint32Array;
  targets: Uint32Array;
  weights: Float64Array;
  delays: Float64Array;
} {
  if (rule.rule !== "list")
    throw new ExchangeError(
      "SONATA holds synapses one by one; make the network explicit first: Simulation.explicit().",
    );
  const each = (value: SynapseValue): Float64Array => {
    if (value instanceof Float64Array) return value;
    if (typeof value === "number") return new Float64Array(rule.sources.length).fill(value);
    throw new ExchangeError(
      "SONATA holds synapses one by one; make the network explicit first: Simulation.explicit().",
    );
  };
  return { sources: rule.sources, targets: rule.targets, weights: each(weight), delays: each(delay) };
}

async function writeProjection(
  network: NetworkSpec,
  projection: ProjectionSpec,
  index: number,
  populations: ReadonlyMap<string, Written>,
  form: Flavour,
  report: Report,
): Promise<{ readonly entry: object; readonly files: readonly ExchangeFile[] }[]> {
  const path = `$.projections[${index}]`;
  const [source, target] = [
    populations.get(projection.source) as Written,
    populations.get(projection.target) as Written,
  ];
  const all = synapses(projection);
  const port = target.planned?.ports.get(projection.receptor);
  if (port === undefined)
    throw new ExchangeError(`${path}: ${target.name} has no receptor for it there.`, [], { path });
  if (all.sources.length === 0) {
    report.exact(path, "has no synapses, and is left out");
    return [];
  }
  const indices = [...all.sources.keys()];
  // PyNN takes one receptor for each file; where the sign of the weight says it, there is a file for each sign.
  const parts =
    form === "pynn" && port.type === undefined
      ? (
          [
            ["excitatory", indices.filter((k) => at(all.weights, k) >= 0)],
            ["inhibitory", indices.filter((k) => at(all.weights, k) < 0)],
          ] as const
        ).filter(([, list]) => list.length > 0)
      : ([[port.type, indices]] as const);
  report.exact(path, `${indices.length} synapses`);
  return Promise.all(
    parts.map(async ([type, list]) => {
      const name = `${source.name}_to_${target.name}_${index}${parts.length > 1 ? `_${type}` : ""}`;
      const id = FIRST_TYPE + index;
      const tree = edgesTree({
        name,
        source: source.name,
        target: target.name,
        sources: Uint32Array.from(list, (k) => at(all.sources, k)),
        targets: Uint32Array.from(list, (k) => at(all.targets, k)),
        weights: Float64Array.from(list, (k) => port.factor * at(all.weights, k)),
        delays: Float64Array.from(list, (k) => timeOf(intervalSteps(at(all.delays, k), network.dt), network.dt)),
        type: id,
        sizes: [source.population.size, target.population.size],
      });
      const edges = `network/${name}_edges.h5`;
      const csv = `network/${name}_edge_types.csv`;
      const text =
        form === "nest"
          ? table(
              ["edge_type_id", "target_query", "source_query", "model_template", "dynamics_params"],
              [[id, "*", "*", "static_synapse", "static_synapse.json"]],
            )
          : table(
              ["edge_type_id", "target_query", "source_query", "model_template", "receptor_type"],
              [[id, "*", "*", "pyNN:StaticSynapse", type ?? "excitatory"]],
            );
      const entry = {
        edges_file: `$BASE_DIR/${edges}`,
        edge_types_file: `$BASE_DIR/${csv}`,
        populations: { [name]: { type: "chemical" } },
      };
      return {
        entry,
        files: [
          { path: edges, content: await writeHdf5(tree, edges) },
          { path: csv, content: text },
        ],
      };
    }),
  );
}

const at = (values: Uint32Array | Float64Array, k: number): number => values[k] as number;

// -------------------------------------------------------------------------------------------------- inputs and outputs

async function writeInput(
  network: NetworkSpec,
  { population, name }: Written,
  form: Flavour,
  report: Report,
): Promise<{ readonly entry: object; readonly files: readonly ExchangeFile[] }> {
  const { source, size } = population;
  if (source?.kind !== "spikeTrain") return { entry: {}, files: [] };
  const index = network.populations.indexOf(population);
  const path = `$.populations[${index}].params.times`;
  const { dt, duration } = network;
  const last = stepsOf(duration, dt);
  if (!every(source.times, (t) => isOnGrid(t, dt)))
    report.exact(path, "times between steps are written as the steps that are taken here");
  const played = [...source.times.keys()].filter((k) => firstStepFrom(at(source.times, k), dt) <= last);
  if (played.length < source.times.length)
    report.exact(path, `${source.times.length - played.length} spikes after the end are left out`);
  const times = Float64Array.from(played, (k) => timeOf(stepsOf(at(source.times, k), dt), dt));
  const neurons = Uint32Array.from(played, (k) => at(source.neurons, k));
  const early = times.findIndex((t) => t <= 0);
  if (early >= 0) {
    const what = "a spike at 0 ms, which these readers refuse; let it come a step later";
    throw new ExchangeError(`${path}: ${what}.`, [{ fidelity: "dropped", path, message: what }], { path });
  }
  const spikes: Spikes = { population: name, times, neurons };
  const file = `inputs/${name}_spikes.h5`;
  const content = await writeHdf5(
    form === "nest" ? spikesTree([spikes]) : flatSpikesTree(withoutSilent(spikes, size, timeOf(last + 10, dt))),
    file,
  );
  const input = { input_type: "spikes", module: "h5", input_file: `$BASE_DIR/${file}`, node_set: name };
  return { entry: { [`${name}_spikes`]: input }, files: [{ path: file, content }] };
}

/** PyNN fails on a cell without spikes; one after the end of the simulation changes nothing. */
function withoutSilent(spikes: Spikes, size: number, after: number): Spikes {
  const there = new Set(spikes.neurons);
  const silent = [...Array(size).keys()].filter((i) => !there.has(i));
  const { population, times, neurons } = spikes;
  return {
    population,
    times: Float64Array.from([...times, ...silent.map(() => after)]),
    neurons: Uint32Array.from([...neurons, ...silent]),
  };
}

/** NEST's names of states that bmtk can record. */
const RECORDED: Readonly<Record<string, string>> = { v: "V_m", w: "w", u: "U_m" };

function recordings(
  network: NetworkSpec,
  names: ReadonlyMap<string, string>,
  form: Flavour,
  report: Report,
): { readonly sets: object; readonly reports: object } {
  const sets: Record<string, object> = {};
  for (const name of names.values()) sets[name] = { population: name };
  const reports: Record<string, object> = {};
  network.record.forEach((entry, i) => {
    const path = `$.record[${i}]`;
    const name = names.get(entry.population) as string;
    const states = entry.variables.filter((variable) => variable !== "spikes");
    if (states.length < entry.variables.length) {
      const partly = entry.neurons !== undefined || entry.from > 0;
      if (partly) report.approximate(path, "spikes of all cells are written, from the start");
      else report.exact(path, "spikes are in output/spikes.h5");
    }
    for (const variable of states) {
      const there = form === "nest" ? RECORDED[variable] : undefined;
      if (there === undefined) {
        report.dropped(
          path,
          `${variable}: ${form === "nest" ? "bmtk records V_m, w and U_m" : "PyNN's reader of SONATA takes no reports"}`,
        );
        continue;
      }
      let cells = name;
      if (entry.neurons !== undefined) {
        cells = `${name}_recorded_${i}`;
        sets[cells] = { population: name, node_id: [...entry.neurons] };
      }
      const every = entry.every ?? network.dt;
      reports[`${name}_${there}_${i}`] = {
        cells,
        variable_name: there,
        module: "multimeter_report",
        sections: "soma",
        dt: every,
        start_time: entry.from,
        end_time: network.duration,
        enabled: true,
      };
      report.exact(path, `${variable} is in output/${name}_${there}_${i}.h5`);
    }
  });
  if (network.recordWeights.length > 0) report.dropped("$.record", "weights that are recorded");
  return { sets, reports };
}

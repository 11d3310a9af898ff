/** Networks of SONATA, as bmtk and PyNN write them. */
import {
  describe,
  LengthError,
  MissingKeyError,
  UnitError,
  UnknownNameError,
  ValueRangeError,
  ValueTypeError,
} from "../../model/errors.js";
import { parseDocument } from "../../model/parse.js";
import type { FileSource, Import } from "../format.js";
import { inFile } from "../../io/format.js";
import { type DatasetReader, type GroupReader, readHdf5 } from "../../io/hdf5.js";
import { ExchangeError, Report } from "../report.js";
import { type Here, nestCell, nestCells, pynnCell, pynnCells } from "./counterparts.js";
import { type Config, located, objectOf, readJson, readTypes, type Row, textOf } from "./files.js";

/** Most cells of a population. */
const MAX_CELLS = 1e8;
const DEFAULT_DELAY = 1;

/** Cells of a population of SONATA, row by row. */
interface Cells {
  readonly name: string;
  /** Row of each id. */
  readonly rows: ReadonlyMap<number, number>;
  readonly size: number;
  /** Where each row is here: place of the population in `Built.populations`, and the neuron. */
  readonly at: (row: number) => readonly [population: number, neuron: number];
}

interface Population {
  readonly document: Record<string, unknown>;
  readonly here: Here | undefined;
  readonly size: number;
  /** Receptors: one for both signs, or two. */
  readonly receptors: { readonly ex: string; readonly in: string } | undefined;
}

interface Edge {
  readonly source: number;
  readonly target: number;
  readonly receptor: string;
  readonly pairs: [number, number][];
  readonly weight: number[];
  readonly delay: number[];
}

/**
 * @param files the simulation configuration or the circuit configuration
 * @throws SpikeletError with file and path
 */
export async function readSonata(files: FileSource): Promise<Import> {
  const report = new Report();
  const given: Config = { path: files.path, content: await readJson(files, files.path) };
  const isSimulation = given.content.networks === undefined;
  const circuit = isSimulation ? await circuitOf(files, given) : given;
  const networks = objectOf(circuit.content.networks, `${circuit.path}: networks`);
  const populations: Population[] = [];
  const nodes = new Map<string, Cells>();
  for (const [i, entry] of listOf(networks.nodes, `${circuit.path}: networks.nodes`).entries()) {
    await readNodes(files, circuit, entry, `${circuit.path}: networks.nodes[${i}]`, populations, nodes, report);
  }
  const edges: Edge[] = [];
  for (const [i, entry] of listOf(networks.edges ?? [], `${circuit.path}: networks.edges`).entries()) {
    edges.push(
      ...(await readEdges(files, circuit, entry, `${circuit.path}: networks.edges[${i}]`, populations, nodes, report)),
    );
  }
  const run = given.content.run === undefined ? {} : objectOf(given.content.run, `${given.path}: run`);
  if (given.content.run === undefined)
    report.approximate("$", "a circuit has no duration, time step and input; its simulation configuration has them");
  await readInputs(files, given, populations, nodes, report);
  const document = {
    name: given.path.replace(/^.*\//, "").replace(/\.json$/, ""),
    dt: positive(run.dt ?? 0.1, `${given.path}: run.dt`),
    duration: positive(run.tstop ?? 1000, `${given.path}: run.tstop`),
    populations: populations.map((p) => p.document),
    projections: edges.map(({ source, target, receptor, pairs, weight, delay }) => ({
      source: populations[source]?.document.name,
      target: populations[target]?.document.name,
      receptor,
      rule: "list",
      pairs,
      weight: merged(weight),
      delay: merged(delay),
      multapses: true,
    })),
    record: populations
      .filter((p) => p.here !== undefined)
      .map((p) => ({ population: p.document.name, variables: ["spikes"] })),
  };
  // What the tables hold beyond what is checked above is an error of the network, which knows no file.
  return { network: await inFile(given.path, () => parseDocument(document)), report: report.entries };
}

function positive(value: unknown, place: string): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && number > 0 && Number.isFinite(number)) return number;
  throw new ValueRangeError(`${place}: ${describe(value)} is not allowed; expected a number of ms above 0.`, {
    path: place,
    value,
    allowed: "a number of ms above 0",
  });
}

async function circuitOf(files: FileSource, given: Config): Promise<Config> {
  const place = `${given.path}: network`;
  if (given.content.network === undefined) {
    throw new MissingKeyError(
      `${given.path}: it has neither "networks", as a circuit configuration, nor "network", as one of a simulation.`,
      { path: given.path, allowed: ["networks", "network"] },
    );
  }
  const { path, bytes } = await located(files, given, textOf(given.content.network, place), place);
  const beside: FileSource = { ...files, text: () => Promise.resolve(new TextDecoder().decode(bytes)) };
  return { path, content: await readJson(beside, path) };
}

function listOf(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === undefined) throw new MissingKeyError(`${place}: it is missing.`, { path: place });
  throw new ValueTypeError(`${place}: expected a list, got ${describe(value)}.`, {
    path: place,
    value,
    allowed: "a list",
  });
}

/** The two files of an entry of the configuration. */
async function filesOf(
  files: FileSource,
  config: Config,
  entry: unknown,
  place: string,
  kind: "node" | "edge",
): Promise<{
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly types: Map<number, Row>;
  readonly typesPath: string;
}> {
  const object = objectOf(entry, place);
  const table = await located(
    files,
    config,
    textOf(object[`${kind}s_file`], `${place}.${kind}s_file`),
    `${place}.${kind}s_file`,
  );
  const csv = await located(
    files,
    config,
    textOf(object[`${kind}_types_file`], `${place}.${kind}_types_file`),
    `${place}.${kind}_types_file`,
  );
  return { ...table, types: readTypes(new TextDecoder().decode(csv.bytes), csv.path, kind), typesPath: csv.path };
}

/** The type of a row, or an error that names both places. */
function typeOf(types: ReadonlyMap<number, Row>, id: number, typesPath: string, place: string): Row {
  const type = types.get(id);
  if (type !== undefined) return type;
  const known = [...types.keys()].slice(0, 12).join(", ");
  throw new UnknownNameError(`${place}: the type ${id} is not in ${typesPath}. There: ${known || "none"}.`, {
    path: place,
    value: id,
  });
}

/** Groups of attributes of a table, and where each row lies in them. */
interface Groups {
  /** Numbers of a row by name: those of the group, those of its dynamics_params. */
  numbers(row: number): ReadonlyMap<string, number>;
  readonly names: ReadonlySet<string>;
}

function groupsOf(table: GroupReader, kind: "node" | "edge", size: number): Groups {
  const ids = table.datasetIfAny(`${kind}_group_id`)?.integers([0, 1e6], size);
  const places = table.datasetIfAny(`${kind}_group_index`)?.integers([0, Number.MAX_SAFE_INTEGER], size);
  const columns = new Map<number, Map<string, Float64Array>>();
  const names = new Set<string>();
  for (const id of new Set(ids ?? [0])) {
    const group = table.groupIfAny(String(id));
    const found = new Map<string, Float64Array>();
    columns.set(id, found);
    for (const from of group === undefined ? [] : [group, group.groupIfAny("dynamics_params")]) {
      for (const name of from?.keys() ?? []) {
        if (from?.kindOf(name) !== "dataset" || name.startsWith("@")) continue;
        const dataset: DatasetReader = from.dataset(name);
        if (!dataset.isNumeric || dataset.shape.length !== 1) continue;
        const prefixed = from === group ? name : `dynamics_params/${name}`;
        found.set(prefixed, dataset.numbers());
        names.add(prefixed);
      }
    }
  }
  return {
    names,
    numbers(row) {
      const id = ids === undefined ? 0 : (ids[row] as number);
      const at = places === undefined ? row : (places[row] as number);
      const out = new Map<string, number>();
      for (const [name, values] of columns.get(id) ?? []) {
        const value = values[at];
        if (value === undefined) {
          const place = `${table.place}/${kind}_group_index[${row}]`;
          throw new ValueRangeError(`${place}: ${at} is beyond ${id}/${name}, which has ${values.length} numbers.`, {
            path: place,
            value: at,
          });
        }
        out.set(name, value);
      }
      return out;
    },
  };
}

// --------------------------------------------------------------------------------------------------------------- nodes

async function readNodes(
  files: FileSource,
  config: Config,
  entry: unknown,
  place: string,
  populations: Population[],
  nodes: Map<string, Cells>,
  report: Report,
): Promise<void> {
  const { path, bytes, types, typesPath } = await filesOf(files, config, entry, place, "node");
  const dynamics = await dynamicsOf(files, config, types, typesPath);
  await readHdf5(bytes, path, (root) => {
    const all = root.group("nodes");
    for (const name of all.keys()) {
      if (nodes.has(name))
        throw new ValueRangeError(`${all.place}/${name}: the population is in two files.`, {
          path: all.place,
          value: name,
        });
      nodes.set(name, readCells(all.group(name), name, { types, typesPath, dynamics }, populations, report));
    }
  });
}

/** The JSON files that types name. */
async function dynamicsOf(
  files: FileSource,
  config: Config,
  types: ReadonlyMap<number, Row>,
  typesPath: string,
): Promise<Map<number, ReadonlyMap<string, number>>> {
  const out = new Map<number, ReadonlyMap<string, number>>();
  for (const [id, row] of types) {
    const file = row.get("dynamics_params");
    if (file === undefined) continue;
    const place = `${typesPath}: type ${id}: dynamics_params`;
    let content: Readonly<Record<string, unknown>>;
    if (file.trim().startsWith("{")) content = objectOf(JSON.parse(file), place);
    else {
      const components = objectOf(config.content.components ?? {}, `${config.path}: components`);
      const folder = textOf(
        components.point_neuron_models_dir ?? components.synaptic_models_dir,
        `${config.path}: components.point_neuron_models_dir`,
      );
      const { path, bytes } = await located(files, config, `${folder}/${file}`, place);
      content = await readJson({ ...files, text: () => Promise.resolve(new TextDecoder().decode(bytes)) }, path);
    }
    out.set(id, new Map(Object.entries(content).filter((e): e is [string, number] => typeof e[1] === "number")));
  }
  return out;
}

interface TypeTables {
  readonly types: ReadonlyMap<number, Row>;
  readonly typesPath: string;
  readonly dynamics: ReadonlyMap<number, ReadonlyMap<string, number>>;
}

function readCells(
  table: GroupReader,
  name: string,
  { types, typesPath, dynamics }: TypeTables,
  populations: Population[],
  report: Report,
): Cells {
  const typeIds = table.dataset("node_type_id").integers([-1e15, 1e15]);
  const size = typeIds.length;
  if (size === 0 || size > MAX_CELLS)
    throw new LengthError(`${table.place}: ${size} cells; a population has 1 to ${MAX_CELLS}.`, {
      path: table.place,
      value: size,
    });
  const ids = table.datasetIfAny("node_id")?.integers([0, Number.MAX_SAFE_INTEGER], size);
  const rows = new Map<number, number>();
  for (let row = 0; row < size; row++) {
    const id = ids?.[row] ?? row;
    const place = `${table.place}/node_id[${row}]`;
    if (rows.has(id)) throw new ValueRangeError(`${place}: the id ${id} is there twice.`, { path: place, value: id });
    rows.set(id, row);
  }
  const groups = groupsOf(table, "node", size);
  const parts = new Map<
    string,
    { rows: number[]; numbers: ReadonlyMap<string, number>[]; template: string; virtual: boolean }
  >();
  for (let row = 0; row < size; row++) {
    const id = typeIds[row] as number;
    const type = typeOf(types, id, typesPath, `${table.place}/node_type_id[${row}]`);
    const virtual = type.get("model_type") === "virtual";
    const template = virtual ? "virtual" : (type.get("model_template") ?? "");
    if (template === "")
      throw new MissingKeyError(`${typesPath}: type ${id}: model_template is missing.`, { path: typesPath });
    const numbers = new Map<string, number>();
    for (const [column, text] of type) if (Number.isFinite(Number(text))) numbers.set(column, Number(text));
    for (const [key, value] of dynamics.get(id) ?? []) numbers.set(key, value);
    for (const [key, value] of groups.numbers(row)) numbers.set(key.replace(/^dynamics_params\//, ""), value);
    const here = virtual ? undefined : hereOf(template, `${typesPath}: type ${id}: model_template`);
    const key = `${template} ${here === undefined ? "" : JSON.stringify(receptorsOf(here, numbers))}`;
    const part = parts.get(key) ?? { rows: [], numbers: [], template, virtual };
    parts.set(key, part);
    part.rows.push(row);
    part.numbers.push(numbers);
  }
  const places: (readonly [number, number])[] = Array.from({ length: size });
  let k = 0;
  for (const part of parts.values()) {
    const title = parts.size === 1 ? name : `${name}_${++k}`;
    part.rows.forEach((row, neuron) => (places[row] = [populations.length, neuron]));
    populations.push(
      part.virtual
        ? virtualPopulation(title, part.rows.length)
        : cellPopulation(title, part.template, part.numbers, report, populations.length),
    );
  }
  if (parts.size > 1)
    report.exact("$.populations", `${name} became ${parts.size} populations, one for each model and set of receptors`);
  return { name, rows, size, at: (row) => places[row] as readonly [number, number] };
}

function virtualPopulation(name: string, size: number): Population {
  return {
    document: { name, model: "spikeTrain", size, params: { times: [], neurons: [] } },
    here: undefined,
    size,
    receptors: undefined,
  };
}

function hereOf(template: string, place: string): Here {
  const [prefix = "", name = ""] = template.includes(":") ? template.split(":") : ["nest", template];
  const simulator = prefix.toLowerCase();
  const found = simulator === "nest" ? nestCell(name) : simulator === "pynn" ? pynnCell(name) : undefined;
  if (found !== undefined) return found;
  const allowed = [...nestCells.map((cell) => `nest:${cell}`), ...pynnCells.map((cell) => `pyNN:${cell}`)];
  throw new ExchangeError(
    `${place}: ${describe(template)} has no counterpart here. Those that have: ${allowed.join(", ")}.`,
    [],
    { path: place, value: template },
  );
}

const numberOf =
  (here: Here, numbers: ReadonlyMap<string, number>) =>
  (name: string): number =>
    numbers.get(name) ?? (here.defaults[name] as number);

/** Receptors of a cell; one where both are the same and the sign of the weight does the rest. */
function receptorsOf(here: Here, numbers: ReadonlyMap<string, number>): Record<string, object> {
  const of = (slot: "ex" | "in"): object => ({ kernel: here.kernel, ...here.receptor(numberOf(here, numbers), slot) });
  const [ex, inhibitory] = [of("ex"), of("in")];
  if (here.ports === "one" || (!here.conductance && JSON.stringify(ex) === JSON.stringify(inhibitory)))
    return { syn: ex };
  return { exc: ex, inh: inhibitory };
}

function cellPopulation(
  name: string,
  template: string,
  numbers: readonly ReadonlyMap<string, number>[],
  report: Report,
  index: number,
): Population {
  const here = hereOf(template, name);
  const size = numbers.length;
  const params = columns(numbers.map((own) => here.params(numberOf(here, own))));
  const init = columns(numbers.map((own) => here.states((state) => own.get(state) ?? here.defaults[state])));
  const current = merged(numbers.map((own) => numberOf(here, own)(here.current) * here.factor));
  const receptors = receptorsOf(here, numbers[0] as ReadonlyMap<string, number>);
  const document = {
    name,
    model: here.model,
    size,
    params,
    init,
    receptors,
    ...(current !== 0 && { background: [{ kind: "constant", amplitude: current }] }),
    ...(here.model === "adex" && { method: "rk4" }),
  };
  const path = `$.populations[${index}]`;
  const solved = here.model === "lif" && !here.conductance;
  if (solved && !template.startsWith("pyNN")) report.exact(path, template);
  else
    report.approximate(
      path,
      `${template}: ${solved ? "under pyNN.nest it spikes between time steps" : "the steps of the integration differ"}`,
    );
  return { document, here, size, receptors: "syn" in receptors ? { ex: "syn", in: "syn" } : { ex: "exc", in: "inh" } };
}

/** Numbers of each neuron by name; one number where all are the same. */
function columns(rows: readonly Record<string, number>[]): Record<string, number | number[]> {
  const names = Object.keys(rows[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, merged(rows.map((row) => row[name] as number))]));
}

function merged(values: number[]): number | number[] {
  const [first] = values;
  return first !== undefined && values.every((x) => x === first) ? first : values;
}

// --------------------------------------------------------------------------------------------------------------- edges

async function readEdges(
  files: FileSource,
  config: Config,
  entry: unknown,
  place: string,
  populations: readonly Population[],
  nodes: ReadonlyMap<string, Cells>,
  report: Report,
): Promise<Edge[]> {
  const { path, bytes, types, typesPath } = await filesOf(files, config, entry, place, "edge");
  return readHdf5(bytes, path, (root) => {
    const all = root.group("edges");
    return all.keys().flatMap((name) => readTable(all.group(name), types, typesPath, populations, nodes, report));
  });
}

/** Ids of one end of the edges as rows of their population. */
function endOf(
  table: GroupReader,
  end: "source" | "target",
  nodes: ReadonlyMap<string, Cells>,
): { readonly cells: Cells; readonly rows: Float64Array } {
  const dataset = table.dataset(`${end}_node_id`);
  const name = dataset.text("node_population");
  const place = `${dataset.place}@node_population`;
  if (name === undefined) throw new MissingKeyError(`${place}: it is missing.`, { path: place });
  const cells = nodes.get(name);
  if (cells === undefined) {
    throw new UnknownNameError(
      `${place}: there is no population ${describe(name)}. Known: ${[...nodes.keys()].join(", ")}.`,
      { path: place, value: name, allowed: [...nodes.keys()] },
    );
  }
  const rows = dataset.integers([0, Number.MAX_SAFE_INTEGER]).map((id, i) => {
    const row = cells.rows.get(id);
    if (row !== undefined) return row;
    throw new ValueRangeError(
      `${dataset.place}[${i}]: the population ${name} has no cell ${id}; it has ${cells.size}.`,
      { path: `${dataset.place}[${i}]`, value: id },
    );
  });
  return { cells, rows };
}

const STATIC = /^((nest|pynn):)?(static_synapse|StaticSynapse)$/i;

function readTable(
  table: GroupReader,
  types: ReadonlyMap<number, Row>,
  typesPath: string,
  populations: readonly Population[],
  nodes: ReadonlyMap<string, Cells>,
  report: Report,
): Edge[] {
  const [source, target] = [endOf(table, "source", nodes), endOf(table, "target", nodes)];
  const size = target.rows.length;
  if (source.rows.length !== size) {
    const place = `${table.place}/source_node_id`;
    throw new LengthError(`${place}: expected ${size} elements, as target_node_id has, got ${source.rows.length}.`, {
      path: place,
      value: source.rows.length,
    });
  }
  const typeIds = table.dataset("edge_type_id").integers([-1e15, 1e15], size);
  const groups = groupsOf(table, "edge", size);
  const edges = new Map<string, Edge>();
  for (let i = 0; i < size; i++) {
    const id = typeIds[i] as number;
    const type = typeOf(types, id, typesPath, `${table.place}/edge_type_id[${i}]`);
    const template = type.get("model_template");
    if (template !== undefined && !STATIC.test(template)) {
      throw new ExchangeError(
        `${typesPath}: type ${id}: model_template: ${describe(template)} has no counterpart here; static_synapse has one.`,
        [],
        { path: typesPath, value: template },
      );
    }
    const numbers = groups.numbers(i);
    const number = (...names: readonly string[]): number | undefined => {
      for (const name of names) {
        const value = numbers.get(name);
        if (value !== undefined) return value;
      }
      for (const name of names) if (type.has(name)) return Number(type.get(name));
      return undefined;
    };
    const weight = number("syn_weight", "dynamics_params/weight", "weight");
    if (weight === undefined || !Number.isFinite(weight)) {
      throw new MissingKeyError(
        `${table.place}: edge ${i} has no weight: neither 0/syn_weight nor 0/dynamics_params/weight nor a column syn_weight of ${typesPath}.`,
        { path: table.place },
      );
    }
    const delay = number("delay", "dynamics_params/delay");
    if (delay === undefined)
      report.approximate(
        "$.projections",
        `${table.place}: without delays, ${DEFAULT_DELAY} ms is taken, as bmtk does; PyNN takes its time step`,
      );
    else if (!Number.isFinite(delay)) {
      const details = { path: table.place, value: delay, allowed: "a number of ms" };
      throw new ValueRangeError(
        `${table.place}: the delay of edge ${i} is ${delay}; it must be a number of ms.`,
        details,
      );
    }
    if (type.has("weight_function"))
      report.approximate(
        "$.projections",
        `${typesPath}: weight_function ${type.get("weight_function")} is not computed; weights are those of the table`,
      );
    const [s, t] = [source.cells.at(source.rows[i] as number), target.cells.at(target.rows[i] as number)];
    const { here, receptors } = populations[t[0]] as Population;
    if (here === undefined || receptors === undefined)
      throw new ValueRangeError(`${table.place}/target_node_id[${i}]: a virtual cell takes no spikes.`, {
        path: table.place,
      });
    const whole = weight * here.factor * (number("nsyns") ?? 1);
    const inhibitory = type.get("receptor_type") === "inhibitory" || whole < 0;
    const receptor = inhibitory ? receptors.in : receptors.ex;
    const key = `${s[0]} ${t[0]} ${receptor}`;
    const edge = edges.get(key) ?? { source: s[0], target: t[0], receptor, pairs: [], weight: [], delay: [] };
    edges.set(key, edge);
    edge.pairs.push([s[1], t[1]]);
    edge.weight.push(here.conductance ? Math.abs(whole) : whole);
    edge.delay.push(delay ?? DEFAULT_DELAY);
  }
  report.exact("$.projections", `${table.place}: ${size} synapses`);
  return [...edges.values()];
}

// -------------------------------------------------------------------------------------------------------------- inputs

async function readInputs(
  files: FileSource,
  given: Config,
  populations: readonly Population[],
  nodes: ReadonlyMap<string, Cells>,
  report: Report,
): Promise<void> {
  const inputs = given.content.inputs === undefined ? {} : objectOf(given.content.inputs, `${given.path}: inputs`);
  for (const [name, value] of Object.entries(inputs)) {
    const place = `${given.path}: inputs.${name}`;
    const input = objectOf(value, place);
    if (input.input_type !== "spikes") {
      report.dropped("$", `${place}: the input_type ${describe(input.input_type)} is not read`);
      continue;
    }
    const { path, bytes } = await located(
      files,
      given,
      textOf(input.input_file, `${place}.input_file`),
      `${place}.input_file`,
    );
    const set =
      typeof input.node_set === "string"
        ? input.node_set
        : (input.node_set as { population?: string } | undefined)?.population;
    await readHdf5(bytes, path, (root) => readSpikes(root.group("spikes"), set, populations, nodes));
  }
  for (const { document, here } of populations) {
    const { times } = (document.params ?? {}) as { readonly times?: readonly number[] };
    if (here === undefined && times?.length === 0)
      report.approximate("$.populations", `${String(document.name)}: no spikes were given for these virtual cells`);
  }
}

/** Spikes of virtual cells: a group for each population, or flat for one. */
function readSpikes(
  spikes: GroupReader,
  set: string | undefined,
  populations: readonly Population[],
  nodes: ReadonlyMap<string, Cells>,
): void {
  const flat = spikes.kindOf("timestamps") === "dataset";
  const virtual = [...nodes.values()].filter((cells) => populations[cells.at(0)[0]]?.here === undefined);
  const tables = flat
    ? [[set ?? virtual[0]?.name ?? "", spikes] as const]
    : spikes.keys().map((name) => [name, spikes.group(name)] as const);
  for (const [name, table] of tables) {
    const cells =
      nodes.get(name) ??
      (set === undefined ? undefined : nodes.get(set)) ??
      (virtual.length === 1 ? virtual[0] : undefined);
    if (cells === undefined)
      throw new UnknownNameError(
        `${table.place}: there is no population ${describe(name)}. Known: ${[...nodes.keys()].join(", ")}.`,
        { path: table.place, value: name },
      );
    const timestamps = table.dataset("timestamps");
    const units = timestamps.text("units");
    if (units !== undefined && units !== "ms" && units !== "milliseconds") {
      throw new UnitError(`${timestamps.place}@units: ${describe(units)} is not allowed; SONATA's times are in "ms".`, {
        path: `${timestamps.place}@units`,
        value: units,
        allowed: ["ms"],
      });
    }
    const times = timestamps.numbers();
    const bad = times.findIndex((t) => !(t >= 0 && Number.isFinite(t)));
    if (bad >= 0)
      throw new ValueRangeError(`${timestamps.place}[${bad}]: ${times[bad]} is no time of a spike.`, {
        path: `${timestamps.place}[${bad}]`,
        value: times[bad],
      });
    const ids = table.dataset(flat ? "gids" : "node_ids");
    ids.integers([0, Number.MAX_SAFE_INTEGER], times.length).forEach((id, i) => {
      const row = cells.rows.get(id);
      if (row === undefined)
        throw new ValueRangeError(
          `${ids.place}[${i}]: the population ${cells.name} has no cell ${id}; it has ${cells.size}.`,
          { path: `${ids.place}[${i}]`, value: id },
        );
      const [population, neuron] = cells.at(row);
      const { params } = populations[population]?.document as {
        readonly params: { readonly times: number[]; readonly neurons: number[] };
      };
      if (populations[population]?.here !== undefined)
        throw new ValueRangeError(`${ids.place}[${i}]: the cell ${id} of ${cells.name} is no virtual one.`, {
          path: ids.place,
          value: id,
        });
      params.times.push(times[i] as number);
      params.neurons.push(neuron);
    });
  }
}

/** A NeuroML document, or a LEMS file with all that it includes, as a network. */
import { MAX_POPULATIONS, MAX_SIZE, parseDocument } from "../../model/parse.js";
import { SpikeletError } from "../../model/errors.js";
import type { FileSource, Import } from "../format.js";
import { ExchangeError, Report } from "../report.js";
import { amount, placeOf, plain, plainOr, text, unknown, whole, wrong } from "./attributes.js";
import { MAX_GENERATORS } from "./currents.js";
import { computed } from "./quantity.js";
import { CELL_TYPES, type Model, modelOf } from "./read-cells.js";
import { type Background, currentsOf, GENERATOR_TYPES, generatorType } from "./read-currents.js";
import { type Receptor, receptorOf, SYNAPSE_TYPES } from "./read-synapses.js";
import { type Importer, type Node, readXml } from "./read-xml.js";
import { MAX_SYNAPSES } from "./write.js";

/** Most files that one includes, directly or not. */
export const MAX_FILES = 200;

/** Files of the core types, which are known here. */
const CORE =
  /(^|\/)(Cells|Channels|Inputs|Networks|NeuroML2CoreTypes|NeuroMLCoreCompTypes|NeuroMLCoreDimensions|PyNN|Simulation|Synapses)\.xml$/;

/** What says nothing about the activity. */
const REMARKS = ["notes", "annotation", "property", "Target", "Meta"];

/** What defines types and units of one's own, which are looked for when a component has such a type. */
const DEFINITIONS = ["ComponentType", "Dimension", "Unit", "Constant"];

const NETWORKS = ["network", "networkWithTemperature"];

/** Without a simulation. */
const DEFAULT = { dt: 0.1, duration: 1000 };

/** Whole documents. */
interface Contents {
  readonly components: Map<string, Node>;
  readonly networks: Node[];
  readonly simulations: Node[];
  readonly targets: string[];
}

/** `folder/file` beside another file. */
function beside(from: string, name: string, node: Node): string {
  if (/^([a-z][a-z+.-]*:|[\\/])/i.test(name))
    wrong(
      node,
      `${JSON.stringify(name)}; only files beside this one are read: a relative path with / between its parts.`,
      name,
    );
  const parts = from.split("/").slice(0, -1);
  for (const part of name.split("/")) {
    if (part === "." || part === "") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** All files, from the first one on. */
async function contentsOf(files: FileSource, report: Report, get?: Importer): Promise<Contents> {
  const contents: Contents = { components: new Map(), networks: [], simulations: [], targets: [] };
  const seen = new Set([files.path]);
  const waiting = [files.path];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const root = await readXml(await files.text(path), path, get);
    if (!/^(neuroml|lems)$/i.test(root.name))
      wrong(root, "it must be a document of NeuroML 2 (neuroml) or LEMS (Lems).", root.name);
    for (const node of root.children) {
      if (!/^include$/i.test(node.name)) {
        take(node, contents, report);
        continue;
      }
      const name = node.attributes.get("href") ?? text(node, "file");
      if (CORE.test(name)) continue;
      const next = beside(path, name, node);
      if (seen.has(next)) continue;
      seen.add(next);
      if (seen.size > MAX_FILES) wrong(node, `more than ${MAX_FILES} files.`);
      waiting.push(next);
    }
  }
  return contents;
}

function take(node: Node, { components, networks, simulations, targets }: Contents, report: Report): void {
  // <Component id="x" type="iafCell" .../> is <iafCell id="x" .../>
  const typed = node.name === "Component" ? { ...node, name: text(node, "type") } : node;
  if (typed.name === "Target") return void targets.push(text(typed, "component"));
  if (NETWORKS.includes(typed.name)) return void networks.push(typed);
  if (typed.name === "Simulation") return void simulations.push(typed);
  if (REMARKS.includes(typed.name)) return;
  const id = typed.attributes.get("id");
  if (DEFINITIONS.includes(typed.name) || id === undefined) return report.dropped(placeOf(typed), "it is not read");
  const before = components.get(id);
  if (before) wrong(typed, `another component has this id: ${placeOf(before)}.`, id);
  components.set(id, typed);
}

/** The simulation that is run, and its network. */
function chosen(
  { networks, simulations, targets }: Contents,
  file: string,
): { readonly simulation?: Node; readonly network: Node } {
  const names = (nodes: readonly Node[]): string[] => nodes.map((node) => text(node, "id"));
  const simulation =
    simulations.find((node) => targets.includes(text(node, "id"))) ??
    (simulations.length === 1 ? simulations[0] : undefined);
  if (!simulation && simulations.length > 1)
    throw new ExchangeError(
      `${file}: several simulations (${names(simulations).join(", ")}), and no Target says which.`,
    );
  const wanted = simulation?.attributes.get("target");
  const network =
    wanted === undefined
      ? networks.length === 1
        ? networks[0]
        : undefined
      : networks.find((node) => text(node, "id") === wanted);
  if (network) return simulation ? { simulation, network } : { network };
  if (simulation && wanted !== undefined) return unknown(simulation, "target", wanted, names(networks));
  const message =
    networks.length === 0
      ? "no network in it."
      : `several networks (${names(networks).join(", ")}), and no Simulation says which.`;
  throw new ExchangeError(`${file}: ${message}`, [], { path: file });
}

/** A population while it is read. */
interface Population {
  readonly node: Node;
  readonly name: string;
  readonly size: number;
  /** None for a source. */
  readonly model?: Model;
  readonly document: Record<string, unknown>;
  readonly receptors: Record<string, unknown>;
  readonly background: Background[];
  /** Places of its instances by their ids. */
  readonly instances?: ReadonlyMap<string, number>;
}

interface Neuron {
  readonly population: Population;
  readonly index: number;
}

class Reading {
  readonly report: Report;
  readonly contents: Contents;
  readonly duration: number;
  readonly dt: number;
  readonly populations = new Map<string, Population>();
  readonly projections: Record<string, unknown>[] = [];
  synapses = 0;

  constructor(report: Report, contents: Contents, dt: number, duration: number) {
    this.report = report;
    this.contents = contents;
    this.dt = dt;
    this.duration = duration;
  }

  /** A component by its id. */
  component(node: Node, attribute: string): Node {
    const id = text(node, attribute);
    return this.contents.components.get(id) ?? unknown(node, "component", id, [...this.contents.components.keys()]);
  }

  /** `../pop[3]`, `../pop/3/cell` or `pop[3]`. */
  neuron(node: Node, attribute: string): Neuron {
    return this.at(node, attribute, text(node, attribute));
  }

  at(node: Node, attribute: string, path: string): Neuron {
    const match = /^\s*(?:\.\.\/|\.\/)*([A-Za-z_]\w*)(?:\[(\d{1,10})\]|\/(\d{1,10})(?:\/\w*)?)\/?\s*$/.exec(path);
    if (!match)
      return wrong(
        node,
        `${attribute} = ${JSON.stringify(path.slice(0, 80))}; it must be a path to a cell, such as ../pop[0] or ../pop/0/cell.`,
        path,
      );
    const [, name = "", bracket, slash] = match;
    const population = this.populations.get(name) ?? unknown(node, "population", name, [...this.populations.keys()]);
    const index = slash === undefined ? Number(bracket) : (population.instances?.get(slash) ?? Number(slash));
    if (index >= population.size)
      wrong(
        node,
        `${attribute} = ${path.trim()}; population ${name} has ${population.size} cells, counted from 0.`,
        path,
      );
    return { population, index };
  }

  /** The cell that a current or a synapse acts on. */
  cell(node: Node, attribute: string): Neuron & { readonly model: Model } {
    const { population, index } = this.neuron(node, attribute);
    const { model } = population;
    if (!model)
      return wrong(node, `${attribute}: population ${population.name} is a source of spikes, which takes no input.`);
    return { population, index, model };
  }
}

/**
 * Reads a network.
 *
 * @throws SpikeletError that names the file, the line and the element
 */
export async function readNetwork(files: FileSource, get?: Importer): Promise<Import> {
  const report = new Report();
  const contents = await contentsOf(files, report, get);
  const { simulation, network } = chosen(contents, files.path);
  const dt = simulation ? amount(simulation, "step", "ms") : DEFAULT.dt;
  const duration = simulation ? amount(simulation, "length", "ms") : DEFAULT.duration;
  if (!simulation)
    report.approximate(files.path, `no Simulation in it: dt ${dt} ms and a duration of ${duration} ms are taken`);
  const reading = new Reading(report, contents, dt, duration);
  for (const kind of ORDER)
    for (const node of network.children.filter(({ name }) => name === kind)) ELEMENTS[kind]?.(reading, node);
  for (const node of network.children) {
    if (!Object.hasOwn(ELEMENTS, node.name) && !REMARKS.includes(node.name))
      report.dropped(placeOf(node), "it is not read");
  }
  const populations = [...reading.populations.values()];
  const document = {
    name: text(network, "id"),
    dt,
    duration,
    ...(simulation?.attributes.has("seed") && { seed: whole(simulation, "seed", Number.MAX_SAFE_INTEGER) }),
    populations: populations.map(({ document: head, receptors, background }) => ({
      ...head,
      ...(Object.keys(receptors).length > 0 && { receptors }),
      ...(background.length > 0 && { background }),
    })),
    projections: reading.projections,
    record: recordOf(reading, simulation),
  };
  try {
    return { network: parseDocument(document), report: report.entries };
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    const place = /^\$\.populations\[(\d+)\]/.exec(error.path ?? "");
    const where = place ? placeOf((populations[Number(place[1])] as Population).node) : files.path;
    throw new ExchangeError(`${where}: as a network of Spikelet: ${error.message}`, [], {
      path: where,
      value: error.value,
    });
  }
}

type Take = (reading: Reading, node: Node) => void;

/** Elements of a network that are read. */
const ELEMENTS: Readonly<Record<string, Take>> = {
  population: takePopulation,
  synapticConnection: (reading, node) =>
    takeConnections(reading, [node], reading.component(node, "synapse"), "from", "to"),
  synapticConnectionWD: (reading, node) =>
    takeConnections(reading, [node], reading.component(node, "synapse"), "from", "to"),
  projection: takeProjection,
  electricalProjection: takeElectrical,
  explicitInput: (reading, node) => takeInputs(reading, [node], reading.component(node, "input")),
  inputList: (reading, node) => {
    const inputs = node.children.filter(({ name }) => name === "input" || name === "inputW");
    takeInputs(reading, inputs, reading.component(node, "component"));
  },
  continuousProjection: (_, node) =>
    wrong(node, "synapses that release without spikes (continuousProjection) have no form in Spikelet."),
};

/** Populations first: the others name them. */
const ORDER = Object.keys(ELEMENTS);

function takePopulation(reading: Reading, node: Node): void {
  const { report, populations } = reading;
  const name = text(node, "id");
  if (populations.has(name)) wrong(node, "another population has this id.", name);
  if (populations.size >= MAX_POPULATIONS) wrong(node, `more than ${MAX_POPULATIONS} populations.`);
  const instances = node.children.filter((child) => child.name === "instance");
  const size = instances.length > 0 ? instances.length : whole(node, "size", MAX_SIZE);
  if (size === 0) return report.dropped(placeOf(node), "it has no cells");
  const component = reading.component(node, "component");
  const model = modelOf(component);
  const source = model ? undefined : sourceOf(component, size, reading.duration);
  if (!model && !source) {
    wrong(
      component,
      `no cell that has a form in Spikelet. Known: ${[...CELL_TYPES, ...SOURCE_TYPES].join(", ")}.`,
      component.name,
    );
  }
  const positions = positionsOf(instances, report);
  const head = model
    ? { name, model: model.model, size, params: model.params, ...(model.init && { init: model.init }), ...positions }
    : { name, size, ...source, ...positions };
  const places =
    instances.length > 0
      ? { instances: new Map(instances.map((child, i) => [child.attributes.get("id") ?? String(i), i])) }
      : {};
  const background = model?.current === undefined ? [] : [{ kind: "constant", amplitude: model.current }];
  populations.set(name, {
    node,
    name,
    size,
    document: head,
    receptors: {},
    background,
    ...(model && { model }),
    ...places,
  });
  report.exact(
    placeOf(node),
    `${size} ${model?.model ?? source?.model ?? ""} of ${component.name} ${component.attributes.get("id")}`,
  );
}

function positionsOf(
  instances: readonly Node[],
  report: Report,
): { readonly positions?: readonly (readonly [number, number])[] } {
  const located = instances.map((node) => node.children.find(({ name }) => name === "location"));
  if (instances.length === 0 || located.some((location) => !location)) return {};
  const places = (located as Node[]).map(
    (node) => ["x", "y", "z"].map((axis) => plain(node, axis)) as [number, number, number],
  );
  if (places.some(([, , z]) => z !== 0))
    report.dropped(placeOf(instances[0] as Node), "z of the locations: positions are flat");
  return { positions: places.map(([x, y]) => [x, y]) };
}

/** Types of sources that are read. */
const SOURCE_TYPES = ["spikeArray", "spikeGenerator", "spikeGeneratorPoisson", "SpikeSourcePoisson"];

/** Most spikes of a source that come from a period. */
const MAX_REGULAR = 1_000_000;

function sourceOf(
  node: Node,
  size: number,
  duration: number,
): { readonly model: string; readonly params: Readonly<Record<string, unknown>> } | undefined {
  const train = (times: readonly number[]): { model: string; params: Record<string, unknown> } => {
    if (times.length * size > MAX_REGULAR)
      wrong(node, `${times.length * size} spikes; a source may have at most ${MAX_REGULAR}.`);
    const all = times.filter((time) => time > 0);
    const rows = all.flatMap((time) => Array.from({ length: size }, (_, neuron) => [time, neuron] as const));
    return {
      model: "spikeTrain",
      params: { times: rows.map(([time]) => time), neurons: rows.map(([, neuron]) => neuron) },
    };
  };
  switch (node.name) {
    case "spikeArray":
      return train(spikeTimes(node));
    case "spikeGenerator": {
      const period = amount(node, "period", "ms");
      if (!(period > 0)) wrong(node, `period = ${period} ms; it must be > 0 ms.`, period);
      const count = Math.min(Math.floor(duration / period + 1e-9), MAX_REGULAR + 1);
      return train(Array.from({ length: count }, (_, i) => computed((i + 1) * period)));
    }
    case "spikeGeneratorPoisson":
      return { model: "poisson", params: { rate: amount(node, "averageRate", "Hz") } };
    case "SpikeSourcePoisson": {
      const [start, length, rate] = [
        amount(node, "start", "ms"),
        amount(node, "duration", "ms"),
        amount(node, "rate", "Hz"),
      ];
      return {
        model: "poisson",
        params: {
          rate: {
            points: [
              [start, rate],
              [computed(start + length), 0],
            ],
          },
        },
      };
    }
    default:
      return undefined;
  }
}

function spikeTimes(node: Node): number[] {
  return node.children
    .filter(({ name }) => name === "spike")
    .map((spike) => amount(spike, "time", "ms"))
    .sort((x, y) => x - y);
}

/** The receptor of a population that a synapse is, shared by all that are alike. */
function receptorFor(
  { report }: Reading,
  population: Population,
  component: Node,
): { readonly name: string; readonly receptor: Receptor } {
  const receptor =
    receptorOf(component) ??
    wrong(component, `no synapse that has a form in Spikelet. Known: ${SYNAPSE_TYPES.join(", ")}.`, component.name);
  const key = JSON.stringify(receptor.spec);
  const same = Object.entries(population.receptors).find(([, spec]) => JSON.stringify(spec) === key);
  if (same) return { name: same[0], receptor };
  const name = text(component, "id");
  population.receptors[name] = receptor.spec;
  report.exact(placeOf(component), `the receptor ${name} of ${population.name}`);
  return { name, receptor };
}

interface Link {
  readonly source: Neuron;
  readonly target: Neuron & { readonly model: Model };
  readonly weight: number;
  readonly delay: number | undefined;
}

function takeProjection(reading: Reading, node: Node): void {
  const connections = node.children.filter(({ name }) => name === "connection" || name === "connectionWD");
  takeConnections(reading, connections, reading.component(node, "synapse"), "preCellId", "postCellId");
}

function takeConnections(reading: Reading, nodes: readonly Node[], synapse: Node, from: string, to: string): void {
  const links = nodes.map((node): Link => {
    if (++reading.synapses > MAX_SYNAPSES) wrong(node, `more than ${MAX_SYNAPSES} synapses.`);
    const delay = node.attributes.has("delay") ? amount(node, "delay", "ms") : undefined;
    return {
      source: reading.neuron(node, from),
      target: reading.cell(node, to),
      weight: plainOr(node, "weight", 1),
      delay,
    };
  });
  const groups = new Map<string, Link[]>();
  for (const link of links) {
    const key = `${link.source.population.name} ${link.target.population.name}`;
    const group = groups.get(key);
    if (group) group.push(link);
    else groups.set(key, [link]);
  }
  for (const group of groups.values()) putProjection(reading, group, synapse, nodes[0] as Node);
}

function putProjection(reading: Reading, links: readonly Link[], synapse: Node, node: Node): void {
  const { report, dt } = reading;
  const [{ source, target }] = links as [Link];
  if (target.model.dimensionless)
    return report.dropped(placeOf(node), `${target.population.name}: izhikevichCell takes no synapses`);
  const { name, receptor } = receptorFor(reading, target.population, synapse);
  const factor = receptor.base * target.model.perCurrent;
  const late = links.some(({ delay }) => delay === undefined || delay < dt);
  if (late) report.approximate(placeOf(node), `without a delay, or with one below dt: ${dt} ms, the least there is`);
  reading.projections.push({
    source: source.population.name,
    target: target.population.name,
    receptor: name,
    ...listed(links.map((link) => [link.source.index, link.target.index])),
    weight: shared(links.map(({ weight }) => computed(weight * factor))),
    delay: shared(links.map(({ delay }) => Math.max(delay ?? dt, dt))),
    weightPrecision: "float64",
    ...(receptor.shortTerm && { shortTerm: receptor.shortTerm }),
  });
  report.exact(
    placeOf(node),
    `${links.length} ${links.length === 1 ? "synapse" : "synapses"} from ${source.population.name} to ${target.population.name}`,
  );
}

function listed(pairs: readonly (readonly [number, number])[]): Record<string, unknown> {
  return { rule: "list", pairs, multapses: true };
}

/** One number where all are the same. */
function shared(values: readonly number[]): number | readonly number[] {
  return values.every((x) => x === values[0]) ? (values[0] as number) : values;
}

function takeElectrical(reading: Reading, node: Node): void {
  const { report } = reading;
  const [pre, post] = [text(node, "presynapticPopulation"), text(node, "postsynapticPopulation")];
  // each contact acts in both directions
  const links = new Map<
    string,
    { from: string; to: string; pairs: (readonly [number, number])[]; weights: number[] }
  >();
  const put = (from: Neuron, to: Neuron, weight: number): void => {
    const key = `${from.population.name} ${to.population.name}`;
    const link = links.get(key) ?? { from: from.population.name, to: to.population.name, pairs: [], weights: [] };
    links.set(key, link);
    link.pairs.push([from.index, to.index]);
    link.weights.push(computed(weight * (to.population.model as Model).perCurrent));
  };
  for (const child of node.children) {
    if (!child.name.startsWith("electricalConnection")) continue;
    if (++reading.synapses > MAX_SYNAPSES) wrong(child, `more than ${MAX_SYNAPSES} synapses.`);
    const junction = reading.component(child, "synapse");
    if (junction.name !== "gapJunction") wrong(junction, "contacts between cells are gapJunction.", junction.name);
    const weight = amount(junction, "conductance", "nS") * plainOr(child, "weight", 1);
    const end = (attribute: string, population: string): Neuron => {
      const path = text(child, attribute).trim();
      const neuron = reading.at(child, attribute, /^\d+$/.test(path) ? `${population}[${path}]` : path);
      if (!neuron.population.model)
        wrong(child, `${attribute}: population ${population} is a source of spikes, which has no membrane.`);
      return neuron;
    };
    const [a, b] = [end("preCell", pre), end("postCell", post)];
    put(a, b, weight);
    put(b, a, weight);
  }
  for (const { from, to, pairs, weights } of links.values()) {
    reading.projections.push({
      source: from,
      target: to,
      gapJunction: true,
      ...listed(pairs),
      weight: shared(weights),
      weightPrecision: "float64",
    });
  }
  report.exact(placeOf(node), "gap junctions, in both directions");
}

/** Inputs of one component. */
function takeInputs(reading: Reading, nodes: readonly Node[], component: Node): void {
  const groups = new Map<Population, { index: number; weight: number }[]>();
  for (const node of nodes) {
    const { population, index } = reading.cell(node, "target");
    const group = groups.get(population) ?? [];
    groups.set(population, group);
    group.push({ index, weight: plainOr(node, "weight", 1) });
  }
  for (const [population, inputs] of groups) {
    for (const layer of layersOf(inputs)) putInput(reading, population, layer, component);
  }
  if (nodes.length > 0)
    reading.report.exact(
      placeOf(component),
      `a background of ${[...groups.keys()].map(({ name }) => name).join(", ")}`,
    );
}

type Inputs = readonly { readonly index: number; readonly weight: number }[];

/** A neuron that is named several times gets as many inputs: in each layer it is named once. */
function layersOf(inputs: Inputs): Inputs[] {
  const layers: { index: number; weight: number }[][] = [];
  const times = new Map<number, number>();
  for (const input of inputs) {
    const n = times.get(input.index) ?? 0;
    times.set(input.index, n + 1);
    const layer = layers[n];
    if (layer) layer.push(input);
    else layers.push([input]);
  }
  return layers;
}

function putInput(reading: Reading, population: Population, inputs: Inputs, component: Node): void {
  const model = population.model as Model;
  const dimensionless = model.dimensionless === true;
  const kind = generatorType(component.name);
  if (kind) {
    if (kind.dimensionless !== dimensionless) {
      wrong(
        component,
        `population ${population.name} takes currents ${dimensionless ? "without a unit: types that end in DL" : "in A"}.`,
        component.name,
      );
    }
    const into = { perCurrent: model.perCurrent, dimensionless, duration: reading.duration };
    for (const [weight, neurons] of byWeight(inputs)) {
      population.background.push(
        ...currentsOf(component, weight, into).map((entry) => ({ ...entry, ...scope(neurons, population) })),
      );
    }
    if (population.background.length > MAX_GENERATORS)
      wrong(component, `more than ${MAX_GENERATORS} currents into population ${population.name}.`);
    return;
  }
  if (!Object.hasOwn(EVENTS, component.name)) {
    const known = [...GENERATOR_TYPES, ...Object.keys(EVENTS)];
    wrong(component, `no input that has a form in Spikelet. Known: ${known.join(", ")}.`, component.name);
  }
  if (dimensionless)
    return reading.report.dropped(placeOf(component), `${population.name}: izhikevichCell takes no synapses`);
  const { name, receptor } = receptorFor(reading, population, reading.component(component, "synapse"));
  if (receptor.shortTerm) reading.report.dropped(placeOf(component), "its plasticityMechanism");
  EVENTS[component.name]?.(reading, population, inputs, component, { name, factor: receptor.base * model.perCurrent });
}

function byWeight(inputs: Inputs): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const { index, weight } of inputs) {
    const group = groups.get(weight);
    if (group) group.push(index);
    else groups.set(weight, [index]);
  }
  return groups;
}

function scope(neurons: readonly number[], { size }: Population): { readonly neurons?: readonly number[] } {
  return neurons.length === size ? {} : { neurons: [...neurons].sort((x, y) => x - y) };
}

type Events = (
  reading: Reading,
  population: Population,
  inputs: Inputs,
  component: Node,
  onto: { readonly name: string; readonly factor: number },
) => void;

const firing: Events = ({ duration }, population, inputs, component, { name, factor }) => {
  const rate = amount(component, "averageRate", "Hz");
  const start = component.attributes.has("delay") ? amount(component, "delay", "ms") : 0;
  const stop = component.attributes.has("duration") ? computed(start + amount(component, "duration", "ms")) : duration;
  const times = { ...(start > 0 && { start }), ...(stop < duration && { stop }) };
  for (const [weight, neurons] of byWeight(inputs)) {
    population.background.push({
      kind: "poisson",
      rate,
      weight: computed(weight * factor),
      receptor: name,
      ...times,
      ...scope(neurons, population),
    });
  }
};

/** Inputs that are spikes onto a synapse. */
const EVENTS: Readonly<Record<string, Events>> = {
  poissonFiringSynapse: firing,
  transientPoissonFiringSynapse: firing,
  timedSynapticInput: (reading, population, inputs, component, { name, factor }) => {
    const { populations, projections, report, dt } = reading;
    const times = spikeTimes(component).filter((time) => time > 0);
    const id = [text(component, "id"), population.name].join("_onto_").slice(0, 60);
    const own = populations.has(id) ? `${id}_${populations.size}` : id;
    const head = { name: own, model: "spikeTrain", size: 1, params: { times, neurons: times.map(() => 0) } };
    populations.set(own, { node: component, name: own, size: 1, document: head, receptors: {}, background: [] });
    const weight = shared(inputs.map((input) => computed(input.weight * factor)));
    projections.push({
      source: own,
      target: population.name,
      receptor: name,
      ...listed(inputs.map(({ index }) => [0, index])),
      weight,
      delay: dt,
      weightPrecision: "float64",
    });
    report.approximate(
      placeOf(component),
      `the population ${own}, whose spikes act ${dt} ms later, the least delay there is`,
    );
  },
};

/** What is recorded: all spikes, and the states that the simulation writes or shows. */
function recordOf({ populations, report }: Reading, simulation: Node | undefined): Record<string, unknown>[] {
  const record: Record<string, unknown>[] = [...populations.keys()].map((population) => ({
    population,
    variables: ["spikes"],
  }));
  const states = new Map<string, Set<number>>();
  for (const output of simulation?.children ?? []) {
    for (const column of output.children) {
      const path = column.attributes.get("quantity");
      if (path === undefined) continue;
      const [, cell = "", variable] = /^(.*)\/(v)$/.exec(path.trim()) ?? [];
      const found =
        variable === undefined ? undefined : /^([A-Za-z_]\w*)(?:\[(\d{1,10})\]|\/(\d{1,10})(?:\/\w*)?)$/.exec(cell);
      const population = populations.get(found?.[1] ?? "");
      const index = Number(found?.[2] ?? found?.[3]);
      if (!population?.model || !(index < population.size)) {
        report.dropped(placeOf(column), `${path.slice(0, 80)} is not recorded; v of cells is`);
        continue;
      }
      states.set(population.name, (states.get(population.name) ?? new Set()).add(index));
    }
  }
  for (const [population, neurons] of states)
    record.push({ population, variables: ["v"], neurons: [...neurons].sort((x, y) => x - y) });
  return record;
}

/** A network as a NeuroML 2 document and a LEMS file that simulates it. */
import { isConductance } from "../../model/parse.js";
import { DocumentError } from "../../model/errors.js";
import type {
  BackgroundSpec,
  NetworkSpec,
  Points,
  PopulationSpec,
  ProjectionSpec,
  RuleSpec,
  SynapseValue,
  Value,
} from "../../model/spec.js";
import type { Export, ExchangeFile } from "../format.js";
import { isPresent } from "../mapping.js";
import { ExchangeError, Report, type ReportEntry } from "../report.js";
import { type Current, currentsOf } from "./currents.js";
import { DIFFERS, mapping } from "./mapping.js";
import { Ids } from "./names.js";
import { at, type Laid, neuronsOf, pathOf, type Refuse, sourceOf, told } from "./populations.js";
import { computed, decimal, quantity } from "./quantity.js";
import { type Synapse, synapseOf } from "./synapses.js";
import { type Element, element, xmlText } from "./write-xml.js";

/** Most synapses that are written: the text of each is 100 characters. */
export const MAX_SYNAPSES = 2_000_000;

/**
 * The order of the elements in a document, which its schema fixes.
 */
const ORDER = [
  "alphaCurrentSynapse",
  "alphaSynapse",
  "expOneSynapse",
  "expTwoSynapse",
  "blockingPlasticSynapse",
  "gapJunction",
  "iafCell",
  "iafRefCell",
  "izhikevichCell",
  "izhikevich2007Cell",
  "adExIaFCell",
  "pulseGenerator",
  "pulseGeneratorDL",
  "sineGenerator",
  "sineGeneratorDL",
  "rampGenerator",
  "rampGeneratorDL",
  "spikeArray",
  "spikeGeneratorPoisson",
  "poissonFiringSynapse",
  "transientPoissonFiringSynapse",
  "IF_curr_exp",
  "EIF_cond_exp_isfa_ista",
  "expCurrSynapse",
  "SpikeSourcePoisson",
];

/** Core types that the LEMS file includes. */
const CORE = ["Cells.xml", "Networks.xml", "Inputs.xml", "PyNN.xml", "Simulation.xml"];

const SCHEMA = "http://www.neuroml.org/schema/neuroml2";
const LOCATION = `${SCHEMA} https://raw.githubusercontent.com/NeuroML/NeuroML2/development/Schemas/NeuroML2/NeuroML_v2.3.1.xsd`;

/** What is collected while a network is written. */
class Writing {
  readonly ids = new Ids();
  readonly report: Report;
  readonly refused: ReportEntry[] = [];
  readonly components: Element[] = [];
  readonly populations = new Map<string, Laid>();
  readonly projections: Element[] = [];
  readonly electrical: Element[] = [];
  readonly inputs: Element[] = [];
  readonly network: NetworkSpec;

  constructor(network: NetworkSpec) {
    this.network = network;
    this.report = Report.of(network);
  }

  refuseAt(path: string): Refuse {
    return (message) => void this.refused.push({ fidelity: "dropped", path, message });
  }

  component(name: string, id: string, attributes: Readonly<Record<string, string>>): string {
    const own = this.ids.of(id);
    this.components.push(element(name, { id: own, ...attributes }));
    return own;
  }
}

/**
 * Writes a network.
 *
 * @throws ExchangeError that names all that NeuroML cannot say
 */
export function writeNetwork(network: NetworkSpec): Export {
  const writing = new Writing(network);
  const base = writing.ids.of(network.name);
  network.populations.forEach((spec, i) => putPopulation(writing, spec, `$.populations[${i}]`));
  network.projections.forEach((spec, i) => putProjection(writing, spec, `$.projections[${i}]`));
  network.populations.forEach((spec, i) => putBackgrounds(writing, spec, `$.populations[${i}]`));
  const { refused } = writing;
  if (refused.length > 0) {
    const shown = refused.slice(0, 12).map(({ path, message }) => `\n  ${path}: ${message}`);
    const more = refused.length > 12 ? `\n  and ${refused.length - 12} more` : "";
    throw new ExchangeError(`NeuroML cannot say this network:${shown.join("")}${more}`, refused, {
      path: (refused[0] as ReportEntry).path,
    });
  }
  const document = `${base}.net.nml`;
  const lems = `LEMS_${base}.xml`;
  const files: ExchangeFile[] = [
    { path: lems, content: xmlText(lemsOf(writing, base, document)) },
    { path: document, content: xmlText(documentOf(writing, base)) },
  ];
  const usage = [`jnml ${lems} -nogui`, `pynml ${lems} -nogui`];
  return { files, report: writing.report.entries, usage };
}

/** Whether something acts on a receptor of a population. */
function used({ projections }: NetworkSpec, spec: PopulationSpec, receptor: string): boolean {
  return (
    projections.some((p) => p.target === spec.name && p.receptor === receptor) ||
    spec.background.some((b) => b.kind === "poisson" && b.receptor === receptor)
  );
}

function putPopulation(writing: Writing, spec: PopulationSpec, path: string): void {
  const { network, ids, report, populations, components } = writing;
  const refuse = writing.refuseAt(path);
  const receptors = Object.keys(spec.receptors);
  const acting = receptors.filter((name) => used(network, spec, name));
  const made = spec.source
    ? sourceOf(spec, path, ids, refuse)
    : neuronsOf(spec, path, { receives: acting.length > 0, dt: network.dt }, ids, refuse);
  for (const name of receptors) {
    if (!acting.includes(name)) report.dropped(`${path}.receptors.${name}`, "nothing acts on it");
    else startsAtZero(writing, spec, name, path);
  }
  if (spec.positions) report.dropped(`${path}.positions`, "cells are written without places");
  if (!made) return;
  populations.set(spec.name, made);
  components.push(...made.parts.map(({ component }) => component));
  const { exact, message } = told(made);
  const called = made.id === spec.name ? "" : `, called ${made.id}`;
  if (exact) report.exact(path, message + called);
  else report.approximate(path, message + called);
}

/** Synapses are there from the first spike on. */
function startsAtZero({ report }: Writing, spec: PopulationSpec, name: string, path: string): void {
  const receptor = spec.receptors[name];
  const variable = receptor && isConductance(receptor) ? `g_${name}` : `i_${name}`;
  const start = spec.init[variable];
  if (start === undefined || start === 0) return;
  report.dropped(`${path}.init.${variable}`, "synapses start at 0");
}

/** Weights and delays by number. */
function each(value: SynapseValue, what: string): (i: number, source: number, target: number) => number {
  if (typeof value === "function") return (_, source, target) => value(source, target);
  if (typeof value === "number") return () => value;
  if (value instanceof Float64Array) return (i) => value[i] as number;
  throw new DocumentError(`${what}: a distribution; NeuroML holds numbers: draw them first (Simulation.explicit()).`, {
    value,
  });
}

type Pair = readonly [source: number, target: number];

/** The pairs of a rule that draws none. */
function* pairsOf(rule: RuleSpec, sources: number, targets: number, autapses: boolean, path: string): Generator<Pair> {
  switch (rule.rule) {
    case "list":
      for (let i = 0; i < rule.sources.length; i++) yield [rule.sources[i] as number, rule.targets[i] as number];
      return;
    case "oneToOne":
      for (let i = 0; i < sources; i++) if (autapses) yield [i, i];
      return;
    case "allToAll":
      for (let i = 0; i < sources; i++) for (let j = 0; j < targets; j++) if (autapses || i !== j) yield [i, j];
      return;
    default:
      throw new DocumentError(
        `${path}.rule: ${rule.rule}; NeuroML holds single synapses: draw them first (Simulation.explicit()).`,
        { path: `${path}.rule`, value: rule.rule },
      );
  }
}

function putProjection(writing: Writing, spec: ProjectionSpec, path: string): void {
  const { ids, report, populations, components, network } = writing;
  const refuse = writing.refuseAt(path);
  for (const [key, counterpart] of Object.entries(mapping.plasticity)) {
    const present =
      key === "shortTerm" || key === "scaling" || key === "release"
        ? spec[key] !== undefined
        : spec.plasticity?.kind === key;
    if (present && !isPresent(counterpart)) refuse(`${key}: ${counterpart.absent}`);
  }
  if (spec.event !== undefined) refuse(`event ${spec.event}: cells of NeuroML have spikes only`);
  const source = populations.get(spec.source);
  const target = populations.get(spec.target);
  const ends = [spec.source, spec.target].map(
    (name) => network.populations.find((p) => p.name === name) as PopulationSpec,
  );
  const [{ size: sources }, { size: targets, receptors }] = ends as [PopulationSpec, PopulationSpec];
  const autapses = spec.autapses || spec.source !== spec.target;
  const pairs = pairsOf(spec.rule, sources, targets, autapses, path);
  const weight = each(spec.weight, `${path}.weight`);
  if (spec.gapJunction) return putGapJunctions(writing, spec, [...pairs], weight, path);
  const name = `${ids.of(`${spec.source}_${spec.target}_${spec.receptor}`)}`;
  const synapse = synapseOf(
    receptors[spec.receptor] as (typeof receptors)[string],
    ids.of(`${name}_synapse`),
    spec.shortTerm,
  );
  if ("refused" in synapse) return refuse(`onto the receptor ${spec.receptor}: ${synapse.refused}`);
  if (!source || !target) return;
  const delay = each(spec.delay, `${path}.delay`);
  const lists = new Map<string, Element[]>();
  let count = 0;
  for (const [from, to] of pairs) {
    const i = count++;
    if (count > MAX_SYNAPSES) return refuse(`more than ${MAX_SYNAPSES} synapses`);
    const key = `${source.partOf[from]} ${target.partOf[to]}`;
    let list = lists.get(key);
    if (!list) lists.set(key, (list = []));
    list.push(
      element("connectionWD", {
        id: String(list.length),
        preCellId: `../${pathOf(source, from)}`,
        postCellId: `../${pathOf(target, to)}`,
        weight: decimal(synapse.factor === 1 ? weight(i, from, to) : computed(weight(i, from, to) * synapse.factor)),
        delay: quantity(delay(i, from, to), "ms"),
      }),
    );
  }
  if (count === 0) return report.exact(path, "no synapses");
  components.push(synapse.element);
  let first = true;
  for (const [key, connections] of lists) {
    const [pre, post] = key.split(" ").map(Number) as [number, number];
    const id = first ? name : ids.of(name);
    first = false;
    const populations = { presynapticPopulation: partId(source, pre), postsynapticPopulation: partId(target, post) };
    writing.projections.push(
      element("projection", { id, ...populations, synapse: synapse.element.attributes.id as string }, connections),
    );
  }
  report.approximate(path, `${count} connectionWD of ${synapse.element.name}; ${DIFFERS.synapse}`);
}

function partId(population: Laid, part: number): string {
  return (population.parts[part] as Laid["parts"][number]).id;
}

/** A contact of NeuroML acts in both directions, one here in one. */
function putGapJunctions(
  writing: Writing,
  spec: ProjectionSpec,
  pairs: readonly Pair[],
  weight: ReturnType<typeof each>,
  path: string,
): void {
  const { ids, populations, report } = writing;
  const refuse = writing.refuseAt(path);
  const source = populations.get(spec.source);
  const target = populations.get(spec.target);
  if (!source || !target) return;
  if (spec.source !== spec.target)
    return refuse(
      "gap junctions between two populations: those of NeuroML act in both directions, and one projection has one",
    );
  const open = new Map<string, number>();
  const keyOf = (from: number, to: number, w: number): string => `${from} ${to} ${w}`;
  const contacts: [number, number, number][] = [];
  for (const [i, [from, to]] of pairs.entries()) {
    if (from === to) continue;
    const w = weight(i, from, to);
    const back = keyOf(to, from, w);
    const waiting = open.get(back) ?? 0;
    if (waiting > 0) {
      open.set(back, waiting - 1);
      contacts.push([Math.min(from, to), Math.max(from, to), w]);
    } else open.set(keyOf(from, to, w), (open.get(keyOf(from, to, w)) ?? 0) + 1);
  }
  const single = [...open].find(([, n]) => n > 0)?.[0];
  if (single !== undefined) {
    const [from, to] = single.split(" ");
    return refuse(
      `a gap junction from neuron ${from} to ${to} without one of the same weight back: those of NeuroML act in both directions`,
    );
  }
  if (contacts.length === 0) return report.exact(path, "no gap junctions");
  const synapses = new Map<number, string>();
  const lists = new Map<string, Element[]>();
  for (const [from, to, w] of contacts) {
    let id = synapses.get(w);
    if (id === undefined)
      synapses.set(w, (id = writing.component("gapJunction", `${source.id}_gap`, { conductance: quantity(w, "nS") })));
    const key = `${source.partOf[from]} ${target.partOf[to]}`;
    let list = lists.get(key);
    if (!list) lists.set(key, (list = []));
    const cells = { preCell: String(source.placeOf[from]), postCell: String(target.placeOf[to]) };
    list.push(element("electricalConnection", { id: String(list.length), ...cells, synapse: id }));
  }
  for (const [key, connections] of lists) {
    const [pre, post] = key.split(" ").map(Number) as [number, number];
    const ends = { presynapticPopulation: partId(source, pre), postsynapticPopulation: partId(target, post) };
    writing.electrical.push(
      element("electricalProjection", { id: ids.of(`${source.id}_gap_junctions`), ...ends }, connections),
    );
  }
  report.approximate(
    path,
    `${contacts.length} electricalConnection, each for two gap junctions; jNeuroML takes potentials of the same step`,
  );
}

function putBackgrounds(writing: Writing, spec: PopulationSpec, path: string): void {
  const laid = writing.populations.get(spec.name);
  spec.background.forEach((entry, i) => {
    const place = `${path}.background[${i}]`;
    const refuse = writing.refuseAt(place);
    if (entry.kind === "poisson") return putPoisson(writing, spec, laid, entry, place);
    if (entry.kind === "rheobase")
      return refuse(
        "rheobase: a current that is found when the network is drawn: draw it first (Simulation.explicit())",
      );
    const dimensionless = laid?.parts[0]?.cell?.dimensionless === true;
    const made = currentsOf(checkedEntry(entry, place), { dimensionless, duration: writing.network.duration });
    if ("refused" in made) return refuse(`${entry.kind}: ${made.refused}`);
    if (!laid) return;
    if (laid.parts.some(({ cell }) => (cell?.dimensionless ?? false) !== dimensionless)) {
      return refuse("a current into cells with and without a unit of current");
    }
    for (const generator of made) putGenerator(writing, laid, entry, generator);
    tellCurrent(writing.report, place, entry, made, spec.method);
  });
}

function checkedEntry(entry: BackgroundSpec, place: string): BackgroundSpec {
  for (const [key, value] of Object.entries(entry)) {
    const drawn =
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      !ArrayBuffer.isView(value) &&
      key !== "scope";
    if (drawn)
      throw new DocumentError(
        `${place}.${key}: a distribution; NeuroML holds numbers: draw them first (Simulation.explicit()).`,
        { path: `${place}.${key}`, value },
      );
  }
  return entry;
}

function tellCurrent(
  report: Report,
  place: string,
  entry: BackgroundSpec,
  made: readonly Current[],
  method: string,
): void {
  const counts = new Map<string, number>();
  for (const { type } of made) counts.set(type, (counts.get(type) ?? 0) + 1);
  const text = [...counts].map(([type, n]) => (n === 1 ? type : `${n} ${type}`)).join(", ") || "no current";
  const changing = made.some(({ type }) => !type.startsWith("pulse"));
  const { differs } = mapping.backgrounds[entry.kind] as { differs?: string };
  if (changing)
    report.approximate(
      place,
      `${text}; ${differs ?? ""}; jNeuroML takes the value of the end of a step, here ${method} decides`,
    );
  else if (made.some(({ edges }) => edges)) report.approximate(place, `${text}; ${DIFFERS.edges}`);
  else report.exact(place, text);
}

function neuronsActedOn({ spec }: Laid, { scope }: BackgroundSpec): Iterable<number> {
  return scope?.neurons ?? Array.from({ length: spec.size }, (_, i) => i);
}

/** The lists of inputs of a component, one for each part of the population. */
function putInputs(
  writing: Writing,
  laid: Laid,
  component: string,
  neurons: Iterable<number>,
  weight: (neuron: number) => number,
): void {
  const lists = new Map<number, Element[]>();
  for (const neuron of neurons) {
    const part = laid.partOf[neuron] as number;
    let list = lists.get(part);
    if (!list) lists.set(part, (list = []));
    const w = weight(neuron);
    const common = { id: String(list.length), target: `../${pathOf(laid, neuron)}`, destination: "synapses" };
    list.push(w === 1 ? element("input", common) : element("inputW", { ...common, weight: decimal(w) }));
  }
  for (const [part, list] of lists) {
    const id = writing.ids.of(`${component}_inputs`);
    // the schema wants those without a weight first
    const inputs = [...list.filter(({ name }) => name === "input"), ...list.filter(({ name }) => name !== "input")];
    writing.inputs.push(element("inputList", { id, population: partId(laid, part), component }, inputs));
  }
}

function putGenerator(
  writing: Writing,
  laid: Laid,
  entry: BackgroundSpec,
  { type, attributes, weight }: Current,
): void {
  const component = writing.component(type, `${laid.id}_${type}`, attributes);
  putInputs(writing, laid, component, neuronsActedOn(laid, entry), (neuron) => at(weight, neuron));
}

type Poisson = Extract<BackgroundSpec, { kind: "poisson" }>;

/** Stretches of a constant rate. */
function stretches(
  rate: Points,
  { start = 0, stop = Number.POSITIVE_INFINITY }: NonNullable<BackgroundSpec["scope"]>,
): { from: number; to: number; rate: number }[] | undefined {
  if (rate.some(([, , slope]) => slope !== 0)) return undefined;
  return rate.flatMap(([t, hz], i) => {
    const from = Math.max(t, start);
    const to = Math.min(rate[i + 1]?.[0] ?? Number.POSITIVE_INFINITY, stop);
    return hz === 0 || to <= from ? [] : [{ from, to, rate: hz }];
  });
}

function putPoisson(
  writing: Writing,
  spec: PopulationSpec,
  laid: Laid | undefined,
  entry: Poisson,
  place: string,
): void {
  const refuse = writing.refuseAt(place);
  const receptor = spec.receptors[entry.receptor];
  const synapse = synapseOf(
    receptor as NonNullable<typeof receptor>,
    writing.ids.of(`${laid?.id ?? ""}_${entry.receptor}_events`),
  );
  if ("refused" in synapse) return refuse(`poisson onto the receptor ${entry.receptor}: ${synapse.refused}`);
  const { rate, weight } = checkedEntry(entry, place) as Poisson;
  const { scope = {} } = entry;
  const table = Array.isArray(rate) ? stretches(rate as Points, scope) : undefined;
  if (Array.isArray(rate) && !table) return refuse("poisson with a rate that has a slope");
  if (!laid) return;
  writing.components.push(synapse.element);
  const neurons = [...neuronsActedOn(laid, entry)];
  const strength = (neuron: number): number => computed(at(weight as number | Float64Array, neuron) * synapse.factor);
  for (const { from, to, rate: hz, those } of table?.map((row) => ({ ...row, those: neurons })) ??
    byRate(rate as Value, neurons, scope)) {
    putFiring(writing, laid, synapse, { from, to, hz }, those, strength);
  }
  writing.report.approximate(
    place,
    `poissonFiringSynapse of ${synapse.element.name}; ${DIFFERS.generator}, at most one event a step; ${DIFFERS.synapse}`,
  );
}

/** Neurons of the same rate. */
function byRate(
  rate: Value,
  neurons: readonly number[],
  { start = 0, stop = Number.POSITIVE_INFINITY }: NonNullable<BackgroundSpec["scope"]>,
): { from: number; to: number; rate: number; those: number[] }[] {
  const groups = new Map<number, number[]>();
  for (const neuron of neurons) {
    const hz = at(rate as number | Float64Array, neuron);
    if (hz === 0) continue;
    const group = groups.get(hz);
    if (group) group.push(neuron);
    else groups.set(hz, [neuron]);
  }
  return [...groups].map(([hz, those]) => ({ from: start, to: stop, rate: hz, those }));
}

function putFiring(
  writing: Writing,
  laid: Laid,
  synapse: Synapse,
  { from, to, hz }: { from: number; to: number; hz: number },
  neurons: readonly number[],
  strength: (neuron: number) => number,
): void {
  const id = synapse.element.attributes.id as string;
  const always = from === 0 && to === Number.POSITIVE_INFINITY;
  const end = to === Number.POSITIVE_INFINITY ? Math.max(writing.network.duration, from) + 1 : to;
  const times = always ? {} : { delay: quantity(from, "ms"), duration: quantity(computed(end - from), "ms") };
  const attributes = { averageRate: quantity(hz, "Hz"), ...times, synapse: id, spikeTarget: `./${id}` };
  const component = writing.component(
    always ? "poissonFiringSynapse" : "transientPoissonFiringSynapse",
    `${id}_train`,
    attributes,
  );
  putInputs(writing, laid, component, neurons, strength);
}

function documentOf({ components, populations, projections, electrical, inputs }: Writing, id: string): Element {
  const place = new Map(ORDER.map((name, i) => [name, i]));
  const sorted = [...components].sort((x, y) => (place.get(x.name) as number) - (place.get(y.name) as number));
  const all = [...populations.values()].flatMap(({ parts }) => parts);
  const cells = all.map(({ id: own, component, neurons }) =>
    element("population", { id: own, component: component.attributes.id as string, size: String(neurons.length) }),
  );
  const network = element("network", { id }, [...cells, ...projections, ...electrical, ...inputs]);
  const attributes = {
    xmlns: SCHEMA,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": LOCATION,
    id: `${id}_document`,
  };
  return element("neuroml", attributes, [...sorted, network]);
}

function lemsOf(writing: Writing, network: string, document: string): Element {
  const { ids, network: spec } = writing;
  const id = ids.of(`${network}_simulation`);
  const simulation = {
    id,
    length: quantity(spec.duration, "ms"),
    step: quantity(spec.dt, "ms"),
    target: network,
    seed: String(spec.seed),
  };
  return element("Lems", {}, [
    element("Target", { component: id }),
    ...CORE.map((file) => element("Include", { file })),
    element("Include", { file: document }),
    element("Simulation", simulation, [...traces(writing), ...spikes(writing)]),
  ]);
}

/** A file of spikes for each population: number of the neuron, time in s. */
function spikes({ ids, populations }: Writing): Element[] {
  return [...populations.values()].map((laid) => {
    const selections = Array.from({ length: laid.spec.size }, (_, i) =>
      element("EventSelection", { id: String(i), select: pathOf(laid, i), eventPort: "spike" }),
    );
    return element(
      "EventOutputFile",
      { id: ids.of(`${laid.id}_spikes`), fileName: `${laid.id}.spikes`, format: "ID_TIME" },
      selections,
    );
  });
}

/** A file of traces for each entry of `record` that has some. */
function traces({ ids, populations, network, report }: Writing): Element[] {
  network.recordWeights.forEach((_, i) => report.dropped(`$.record (weights ${i})`, "weights are not recorded"));
  return network.record.flatMap((entry, i) => {
    const path = `$.record[${i}]`;
    const laid = populations.get(entry.population) as Laid;
    if (entry.variables.includes("spikes")) report.exact(path, `spikes: ${laid.id}.spikes, as those of all neurons`);
    const columns = entry.variables.flatMap((variable) => {
      if (variable === "spikes") return [];
      const name = variable in laid.spec.model.states ? variable : undefined;
      const cells = entry.neurons ?? Array.from({ length: laid.spec.size }, (_, n) => n);
      if (name === undefined) {
        report.dropped(path, `${variable}: synapses and inputs are parts of a cell, with no sum that has a path`);
        return [];
      }
      return Array.from(cells, (n) => {
        const quantityPath = `${pathOf(laid, n)}/${variableOf(laid, n, name)}`;
        return element("OutputColumn", { id: ids.of(`${laid.id}_${n}_${name}`), quantity: quantityPath });
      });
    });
    if (columns.length === 0) return [];
    const id = ids.of(`${laid.id}_traces`);
    const shifted = entry.variables.includes("u") ? "; u is measured from its rest" : "";
    report.exact(path, `traces: ${id}.dat, at each step and in SI units${shifted}`);
    return [element("OutputFile", { id, fileName: `${id}.dat` }, columns)];
  });
}

function variableOf(laid: Laid, neuron: number, name: string): string {
  return name === "u" && laid.parts[laid.partOf[neuron] as number]?.cell?.dimensionless ? "U" : name;
}

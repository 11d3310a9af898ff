/** Reads a projection: which synapses, onto which receptor, with which weights and delays. */
import {
  checkKeys,
  COMMENT,
  checkLast,
  field,
  fieldOr,
  type Fields,
  itemPath,
  keyPath,
  outOfRange,
  type Range,
  readBoolean,
  readInteger,
  readList,
  readName,
  readNumber,
  readNumbers,
  readObject,
  readValue,
  requiredField,
  wrongType,
} from "./check.js";
import { checkPlasticWeights, parsePlasticity, parseScaling, parseShortTerm, plasticBounds } from "./dynamics.js";
import { ConnectionError, describe, LengthError, MissingKeyError, placeText, UnknownKeyError, ValueRangeError } from "./errors.js";
import { type PairTable, type ParseOptions, tableFile } from "./files.js";
import { millivolts } from "../lang/dimensions.js";
import { eventsOf } from "./own.js";
import { isConductance, membraneUnit, weightUnit } from "./population.js";
import type { PopulationSpec, ProjectionSpec, RuleSpec, SynapseValue } from "./spec.js";

/** Populations by name, as the validators look them up. */
export type Populations = ReadonlyMap<string, PopulationSpec>;

const RULES = ["allToAll", "oneToOne", "fixedProbability", "fixedIndegree", "fixedOutdegree", "fixedTotalNumber", "distance", "list"] as const;
type RuleName = (typeof RULES)[number];

const RULE_KEYS: Readonly<Record<RuleName, readonly string[]>> = {
  allToAll: [],
  oneToOne: [],
  fixedProbability: ["p"],
  fixedIndegree: ["k"],
  fixedOutdegree: ["k"],
  fixedTotalNumber: ["n"],
  distance: ["kernel", "scale", "p", "periodic"],
  list: ["pairs", "file"],
};
const COMMON_KEYS = ["source", "target", "rule", "weight", "autapses", "multapses", "weightPrecision", "gapJunction"];
/** What synapses have and gap junctions have not. */
const SYNAPSE_KEYS = ["event", "receptor", "delay", "shortTerm", "release", "plasticity", "scaling"];
const ALL_KEYS = [
  ...["source", "target", "event", "receptor", "rule", "weight", "delay", "autapses", "multapses", "weightPrecision"],
  ...["gapJunction", "shortTerm", "release", "plasticity", "scaling"],
  ...new Set(Object.values(RULE_KEYS).flat()),
];

/** Rules that draw pairs independently of each other. */
const DRAWING: readonly RuleName[] = ["fixedIndegree", "fixedOutdegree", "fixedTotalNumber"];
const DISTANCE_KERNELS = ["box", "linear", "gaussian", "exponential"] as const;

/** Whether a rule makes several synapses between the same two neurons unless the projection says otherwise. */
export function multapsesDefault(rule: RuleName): boolean {
  return DRAWING.includes(rule);
}

/** Whether a rule connects a neuron to itself unless the projection says otherwise. */
export function autapsesDefault(rule: RuleName, source: string, target: string): boolean {
  return !(rule === "fixedProbability" && source === target);
}

/** How per-synapse weights are stored unless the projection says otherwise: weights that change need all digits. */
export function precisionDefault(changing: Pick<ProjectionSpec, "plasticity" | "scaling">): "float32" | "float64" {
  return changing.plasticity === undefined && changing.scaling === undefined ? "float32" : "float64";
}

/** Whether the weights change by plasticity or scaling. */
export function isPlastic(spec: Pick<ProjectionSpec, "plasticity" | "scaling">): boolean {
  return spec.plasticity !== undefined || spec.scaling !== undefined;
}

/** The name of a projection by what it connects: not unique where there are several alike. */
export function projectionName(spec: Pick<ProjectionSpec, "source" | "event" | "target" | "receptor" | "gapJunction">): string {
  const source = spec.event === undefined ? spec.source : `${spec.source}.${spec.event}`;
  return `${source} -> ${spec.target} (${spec.gapJunction ? "gap junctions" : spec.receptor})`;
}

/** Unique names of projections: source, target and receptor, numbered where there are several alike. */
export function projectionNames(projections: readonly ProjectionSpec[]): string[] {
  const alike = new Map<string, number>();
  return projections.map((spec) => {
    const name = projectionName(spec);
    const number = (alike.get(name) ?? 0) + 1;
    alike.set(name, number);
    return number === 1 ? name : `${name} #${number}`;
  });
}

function readPopulation(value: unknown, path: string, populations: Populations): PopulationSpec {
  const name = readName(value, path, "population", [...populations.keys()]);
  return populations.get(name) as PopulationSpec;
}

/**
 * Reads a projection from the object of a model file or of a call.
 *
 * @param input `{ source, target, receptor?, rule, weight, delay?, autapses?, multapses?, ... }`
 * @param path where it stands: `$.projections[0]`, or a name such as `exc->inh` in a call
 * @param populations all populations by name
 * @param options `dt` is the default delay
 */
export function parseProjection(input: unknown, path: string, populations: Populations, options: ParseOptions = {}): ProjectionSpec {
  const object = readObject(input, path);
  const at = (key: string): string => keyPath(path, key);
  checkKeys(object, path, ALL_KEYS);
  const source = readPopulation(requiredField(object, "source", path, "the name of a population"), at("source"), populations);
  const target = readPopulation(requiredField(object, "target", path, "the name of a population"), at("target"), populations);
  if (target.source) {
    throw new ConnectionError(`${placeText(at("target"), JSON.stringify(target.name))}; a population of the source ${target.model.id} takes no input, it only sends spikes.`, {
      path: at("target"),
      value: target.name,
    });
  }
  const name = readName(requiredField(object, "rule", path, `one of ${RULES.join(", ")}`), at("rule"), "rule", RULES);
  checkRuleKeys(object, path, name);
  const gap = readGapJunction(object, path, source, target);
  const event = readEvent(field(object, "event"), at("event"), source);
  const receptor = gap ? "" : readReceptorName(field(object, "receptor"), path, target);
  const given = field(object, "autapses");
  const autapses = given === undefined ? autapsesDefault(name, source.name, target.name) : readBoolean(given, at("autapses"));
  const multapses = readMultapses(field(object, "multapses"), at("multapses"), name);
  const table = name === "list" ? readPairs(object, path, source, target, { autapses, multapses }, options) : undefined;
  const rule = table ? listRule(table, field(object, "file")) : readRule(name as SampledRule, object, path, source, target, { autapses, multapses });

  const spec = gap ? undefined : target.receptors[receptor];
  if (!spec && !gap) throw new RangeError(`no receptor ${receptor}`);
  const unit = spec ? weightUnit(target.model, spec) : target.model.conductance;
  const meaning = `the ${gap ? "conductance" : "weight"}${unit === "" ? "" : ` in ${unit}`}`;
  const column = (key: "weight" | "delay"): Float64Array | undefined => {
    const numbers = key === "weight" ? table?.weights : table?.delays;
    if (numbers && field(object, key) !== undefined) {
      throw new ConnectionError(`${at(key)}: the file has a column of ${key}s too; it must be one of them.`, { path: at(key), value: field(object, "file") });
    }
    return numbers;
  };
  const synapses = table?.sources.length;
  const weightPath = table?.weights ? `${at("file")}.weight` : at("weight");
  const weight = readSynapseValue(
    column("weight") ?? requiredField(object, "weight", path, meaning),
    weightPath,
    unit,
    synapses,
    !spec || isConductance(spec) ? ">= 0" : undefined,
  );
  const delays = column("delay");
  if (gap && delays) {
    throw new ConnectionError(`${at("file")}: the file has a column of delays, and gap junctions have no delay.`, { path: at("file"), value: field(object, "file") });
  }
  const delayGiven = gap ? 0 : (delays ?? field(object, "delay"));
  if (delayGiven === undefined && options.dt === undefined) requiredField({}, "delay", path, "the delay in ms");
  const delay =
    delayGiven === undefined ? (options.dt as number) : readSynapseValue(delayGiven, delays ? `${at("file")}.delay` : at("delay"), "ms", synapses, ">= 0");
  const dynamics = readDynamics(object, path, unit, options.dt);
  if (dynamics.plasticity?.dendriticDelayFraction !== undefined && typeof delay !== "number") {
    throw new ConnectionError(`${at("plasticity")}.dendriticDelayFraction needs one delay for all synapses; these have delays of their own.`, {
      path: `${at("plasticity")}.dendriticDelayFraction`,
      value: dynamics.plasticity.dendriticDelayFraction,
      allowed: "left out, or with one number as the delay",
    });
  }
  for (const bounds of [dynamics.plasticity && plasticBounds(dynamics.plasticity), dynamics.scaling]) {
    if (bounds) checkPlasticWeights(weight, weightPath, unit, bounds);
  }
  return {
    source: source.name,
    target: target.name,
    ...(event === undefined ? {} : { event }),
    receptor,
    rule,
    weight,
    delay,
    autapses,
    multapses,
    weightPrecision: readPrecision(field(object, "weightPrecision"), at("weightPrecision"), precisionDefault(dynamics)),
    ...(gap ? { gapJunction: true } : {}),
    ...dynamics,
  };
}

/** Refuses keys of other rules. */
function checkRuleKeys(object: Fields, path: string, name: RuleName): void {
  const known = [...COMMON_KEYS, ...SYNAPSE_KEYS, ...RULE_KEYS[name]];
  for (const key of Object.keys(object)) {
    if (known.includes(key) || key === COMMENT) continue;
    const owners = RULES.filter((rule) => RULE_KEYS[rule].includes(key));
    throw new UnknownKeyError(`${path}: the key "${key}" belongs to the rule${owners.length === 1 ? "" : "s"} ${owners.join(" and ")}, not to ${name}.`, {
      path: keyPath(path, key),
      value: key,
      allowed: known,
    });
  }
}

/** Whether the projection is one of gap junctions, between two membranes. */
function readGapJunction(object: Fields, path: string, source: PopulationSpec, target: PopulationSpec): boolean {
  const given = field(object, "gapJunction");
  if (given === undefined || !readBoolean(given, keyPath(path, "gapJunction"))) return false;
  const key = SYNAPSE_KEYS.find((name) => field(object, name) !== undefined);
  if (key !== undefined) {
    throw new ConnectionError(`${keyPath(path, key)}: gap junctions are no synapses and have no "${key}"; they have a weight, the conductance.`, {
      path: keyPath(path, key),
      value: key,
      allowed: COMMON_KEYS,
    });
  }
  if (source.source) {
    throw new ConnectionError(`${placeText(keyPath(path, "source"), JSON.stringify(source.name))}; a population of the source ${source.model.id} has no membrane for gap junctions.`, {
      path: keyPath(path, "source"),
      value: source.name,
    });
  }
  const units = [source, target].map((population) => membraneUnit(population.model) || "a pure number");
  const [one, other] = units.map((unit) => millivolts(unit) ?? unit);
  if (one !== other) {
    throw new ConnectionError(`${path}: gap junctions need potentials in one unit; v of ${source.model.id} is ${units[0]}, v of ${target.model.id} is ${units[1]}.`, { path });
  }
  return true;
}

/** The event of the source's model that the synapses listen to. */
function readEvent(value: unknown, path: string, { name, model }: PopulationSpec): string | undefined {
  if (value === undefined) return undefined;
  const events = eventsOf(model);
  if (events.length > 0) return readName(value, path, `event of ${model.id}`, events);
  const message = `${placeText(path, describe(value))}; the model ${model.id} of ${name} has no events, only spikes. Models with equations may have "events".`;
  throw new ConnectionError(message, { path, value, allowed: "left out" });
}

function readMultapses(value: unknown, path: string, name: RuleName): boolean {
  const multapses = value === undefined ? multapsesDefault(name) : readBoolean(value, path);
  if (multapses && !DRAWING.includes(name) && name !== "list") {
    throw new ConnectionError(`${path}: the rule ${name} makes at most one synapse per pair of neurons; only ${DRAWING.join(", ")} and list can make more.`, {
      path,
      value: true,
      allowed: "false",
    });
  }
  if (!multapses && name === "fixedTotalNumber") {
    throw new ConnectionError(`${path}: the rule fixedTotalNumber draws each synapse without regard to the others, so a pair may come twice; use fixedProbability or list for single ones.`, {
      path,
      value: false,
      allowed: "true",
    });
  }
  return multapses;
}

type Dynamics = Pick<ProjectionSpec, "shortTerm" | "release" | "plasticity" | "scaling">;

function readDynamics(object: Fields, path: string, unit: string, dt: number | undefined): Dynamics {
  const at = (key: string): string => keyPath(path, key);
  const shortTerm = field(object, "shortTerm");
  const release = field(object, "release");
  const plastic = field(object, "plasticity");
  const scaling = field(object, "scaling");
  const plasticity = plastic === undefined ? undefined : parsePlasticity(plastic, at("plasticity"), unit);
  return {
    ...(shortTerm === undefined ? {} : { shortTerm: parseShortTerm(shortTerm, at("shortTerm")) }),
    ...(release === undefined ? {} : { release: readNumber(release, at("release"), "", "> 0 to 1") }),
    ...(plasticity === undefined ? {} : { plasticity }),
    ...(scaling === undefined ? {} : { scaling: parseScaling(scaling, at("scaling"), unit, dt, plasticity) }),
  };
}

function readPrecision(value: unknown, path: string, otherwise: "float32" | "float64"): "float32" | "float64" {
  if (value === undefined) return otherwise;
  const precision = readName(value, path, "weight precision", ["float32", "float64"]);
  if (precision === "float32" && otherwise === "float64") {
    throw new ConnectionError(`${placeText(path, '"float32"')}; weights that change are stored as float64.`, { path, value, allowed: "float64" });
  }
  return precision;
}

function readReceptorName(value: unknown, path: string, target: PopulationSpec): string {
  const names = Object.keys(target.receptors);
  if (value !== undefined) return readName(value, keyPath(path, "receptor"), `receptor of population ${JSON.stringify(target.name)}`, names);
  const [only] = names;
  if (only === undefined) {
    throw new ConnectionError(`${path}: population ${JSON.stringify(target.name)} has no receptors; give it one, such as "receptors": { "exc": { "kernel": "exponential", "tau": 5 } }.`, {
      path,
      value: target.name,
    });
  }
  if (names.length > 1) {
    throw new MissingKeyError(`${path}: the key "receptor" is missing; population ${JSON.stringify(target.name)} has ${names.length} receptors: ${names.join(", ")}.`, {
      path: keyPath(path, "receptor"),
      allowed: names,
    });
  }
  return only;
}

interface PairOptions {
  readonly autapses: boolean;
  readonly multapses: boolean;
}

type SampledRule = Exclude<RuleName, "list">;

function listRule(table: PairTable, file: unknown): RuleSpec {
  const { sources, targets } = table;
  if (file === undefined) return { rule: "list", sources, targets };
  const columns: ("weight" | "delay")[] = [];
  if (table.weights) columns.push("weight");
  if (table.delays) columns.push("delay");
  return { rule: "list", sources, targets, file: file as string, ...(columns.length === 0 ? {} : { columns }) };
}

function readRule(name: SampledRule, object: Fields, path: string, source: PopulationSpec, target: PopulationSpec, pairs: PairOptions): RuleSpec {
  const within = source.name === target.name;
  switch (name) {
    case "allToAll":
      return { rule: name };
    case "oneToOne":
      if (source.size !== target.size) {
        throw new ConnectionError(
          `${path}: oneToOne needs populations of one size; ${JSON.stringify(source.name)} has ${source.size} neurons, ${JSON.stringify(target.name)} has ${target.size}.`,
          { path, value: source.size, allowed: String(target.size) },
        );
      }
      if (within && !pairs.autapses) {
        throw new ConnectionError(`${path}: oneToOne within ${JSON.stringify(source.name)} makes autapses only, and "autapses" is false.`, { path });
      }
      return { rule: name };
    case "fixedProbability":
      return { rule: name, p: readNumber(requiredField(object, "p", path, "the probability of a synapse, from 0 to 1"), keyPath(path, "p"), "", "0 to 1") };
    case "fixedIndegree":
      return { rule: name, k: readDegree(object, path, "onto each neuron", "sources", source, within, pairs) };
    case "fixedOutdegree":
      return { rule: name, k: readDegree(object, path, "from each neuron", "targets", target, within, pairs) };
    case "fixedTotalNumber": {
      const n = readInteger(requiredField(object, "n", path, "the number of synapses"), keyPath(path, "n"), 0, 0xffffffff);
      if (n > 0 && within && !pairs.autapses && source.size === 1) {
        throw new ConnectionError(`${path}: fixedTotalNumber within ${JSON.stringify(source.name)}, which has one neuron, makes autapses only, and "autapses" is false.`, { path });
      }
      return { rule: name, n };
    }
    case "distance":
      return readDistance(object, path, source, target);
  }
}

/** The number of synapses of each neuron, with as many partners as it needs. */
function readDegree(object: Fields, path: string, each: string, partners: string, others: PopulationSpec, within: boolean, pairs: PairOptions): number {
  const place = keyPath(path, "k");
  const k = readInteger(requiredField(object, "k", path, `the number of synapses ${each}`), place, 0, 0xffffffff);
  const without = within && !pairs.autapses;
  const candidates = others.size - (without ? 1 : 0);
  if (k > (pairs.multapses ? (candidates > 0 ? k : 0) : candidates)) {
    const which = `${pairs.multapses ? "" : "without multapses "}${without ? "without autapses " : ""}`;
    throw new ConnectionError(`${place}: ${k} synapses ${each} ${which}need at least as many ${partners}; ${JSON.stringify(others.name)} has ${candidates}.`, {
      path: place,
      value: k,
      allowed: `at most ${candidates}`,
    });
  }
  return k;
}

function readDistance(object: Fields, path: string, source: PopulationSpec, target: PopulationSpec): RuleSpec {
  for (const population of [source, target]) {
    if (population.positions) continue;
    throw new ConnectionError(`${path}: the rule distance needs positions; population ${JSON.stringify(population.name)} has none, such as "positions": { "grid": { "columns": 10, "spacing": 1 } }.`, {
      path,
      value: population.name,
    });
  }
  const at = (key: string): string => keyPath(path, key);
  const kernel = readName(requiredField(object, "kernel", path, `one of ${DISTANCE_KERNELS.join(", ")}`), at("kernel"), "kernel", DISTANCE_KERNELS);
  const scale = readNumber(requiredField(object, "scale", path, "the length that distances are divided by"), at("scale"), "", "> 0");
  const p = readNumber(fieldOr(object, "p", 1), at("p"), "", "0 to 1");
  const periodic = readBoolean(fieldOr(object, "periodic", false), at("periodic"));
  if (periodic) checkPeriodic(at("periodic"), target);
  return { rule: "distance", kernel, scale, p, periodic };
}

/** Only a line, or a grid of full rows, closes on itself. */
function checkPeriodic(path: string, target: PopulationSpec): void {
  const layout = target.positions;
  if (layout?.kind === "line" || (layout?.kind === "grid" && target.size % layout.columns === 0)) return;
  const found =
    layout?.kind === "grid" ? `has ${target.size} neurons, no multiple of its ${layout.columns} columns` : layout?.kind === "disc" ? "is on a disc" : "is at given positions";
  throw new ConnectionError(`${path}: distances the short way round need a target on a line or on a grid of full rows; ${JSON.stringify(target.name)} ${found}.`, {
    path,
    value: true,
    allowed: "false",
  });
}

function readPairs(object: Fields, path: string, source: PopulationSpec, target: PopulationSpec, allowed: PairOptions, options: ParseOptions): PairTable {
  const file = field(object, "file");
  const given = field(object, "pairs");
  if (file !== undefined && given !== undefined) {
    throw new ValueRangeError(`${path}: both "pairs" and "file"; it must be one of them.`, { path, allowed: "pairs or file" });
  }
  const place = keyPath(path, file === undefined ? "pairs" : "file");
  let table: PairTable;
  if (file === undefined) {
    const list = requiredField(object, "pairs", path, 'an array of pairs [source, target], or "file" with them');
    table = readPairList(readList(list, place, "an array of pairs [source, target]"), place, source, target);
  } else {
    const reader = tableFile(file, place, options);
    table = reader.files.pairs(reader.file, source.size, target.size);
  }
  const { sources, targets } = table;
  if (source.name === target.name && !allowed.autapses) {
    const i = sources.findIndex((neuron, row) => neuron === targets[row]);
    if (i >= 0) throw new ConnectionError(`${itemPath(place, i)}: neuron ${sources[i]} onto itself, and "autapses" is false.`, { path: itemPath(place, i), value: sources[i] });
  }
  if (!allowed.multapses) refuseRepeated(sources, targets, place, target.size);
  return table;
}

function readPairList(list: ArrayLike<unknown>, path: string, source: PopulationSpec, target: PopulationSpec): PairTable {
  checkLast(list, (pair, i) => readList(pair, itemPath(path, i), "a pair [source, target]"));
  const sources = new Uint32Array(list.length);
  const targets = new Uint32Array(list.length);
  for (let i = 0; i < list.length; i++) {
    // the path is only written where it is needed: lists are long
    const pair: ArrayLike<unknown> = Array.isArray(list[i]) ? (list[i] as unknown[]) : readList(list[i], itemPath(path, i), "a pair [source, target]");
    if (pair.length !== 2) {
      const where = itemPath(path, i);
      throw new LengthError(`${where}: ${pair.length} numbers; it must be 2: [source, target].`, { path: where, value: pair.length, allowed: "2" });
    }
    sources[i] = isIndex(pair[0], source) ? pair[0] : readIndex(pair[0], itemPath(itemPath(path, i), 0), source);
    targets[i] = isIndex(pair[1], target) ? pair[1] : readIndex(pair[1], itemPath(itemPath(path, i), 1), target);
  }
  return { sources, targets };
}

function isIndex(value: unknown, population: PopulationSpec): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < population.size;
}

/** An index of a neuron of the population. */
export function readIndex(value: unknown, path: string, population: PopulationSpec): number {
  if (isIndex(value, population)) return value + 0;
  const allowed = `a neuron of ${JSON.stringify(population.name)}: an integer from 0 to ${population.size - 1}`;
  if (typeof value !== "number") wrongType(value, path, allowed);
  return outOfRange(value, "", path, allowed);
}

function refuseRepeated(sources: Uint32Array, targets: Uint32Array, path: string, size: number): void {
  // sizes are at most 1e7, so the number of a pair is below 2^53
  const pairs = Float64Array.from(sources, (source, i) => source * size + (targets[i] as number)).sort();
  for (let i = 1; i < pairs.length; i++) {
    const pair = pairs[i] as number;
    if (pair !== pairs[i - 1]) continue;
    const target = pair % size;
    const source = (pair - target) / size;
    throw new ConnectionError(`${path}: the pair [${source}, ${target}] is listed twice; "multapses": true allows it.`, { path, value: [source, target] });
  }
}

function readSynapseValue(value: unknown, path: string, unit: string, synapses: number | undefined, range: Range): SynapseValue {
  if (typeof value === "function") return value as (source: number, target: number) => number;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    if (synapses === undefined) wrongType(value, path, 'a number, a text with a unit or a distribution; an array needs the rule list, with one number per pair');
    return readNumbers(value, path, unit, { length: synapses, meaning: "one per pair of the list" }, range);
  }
  if ((typeof value === "object" && value !== null) || typeof value === "number" || typeof value === "string") return readValue(value, path, unit, 1, range);
  return wrongType(value, path, "a number, a text with a unit, a distribution, an array or a function of source and target");
}

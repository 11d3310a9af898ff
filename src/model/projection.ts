/** Reads a projection: which synapses, onto which receptor, with which weights and delays. */
import {
  checkKeys,
  field,
  type Fields,
  itemPath,
  keyPath,
  type Later,
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
import { ConnectionError, LengthError, MissingKeyError, UnknownKeyError, ValueRangeError } from "./errors.js";
import { type PairTable, type ParseOptions, tableFile, weightUnit } from "./population.js";
import type { PopulationSpec, ProjectionSpec, RuleSpec, SynapseValue } from "./spec.js";

/** Populations by name, as the validators look them up. */
export type Populations = ReadonlyMap<string, PopulationSpec>;

const RULES = ["allToAll", "oneToOne", "fixedProbability", "fixedIndegree", "list"] as const;
type RuleName = (typeof RULES)[number];

const LATER_RULES: Later = {
  fixedOutdegree: "use fixedProbability, fixedIndegree or list",
  fixedTotalNumber: "use fixedProbability, fixedIndegree or list",
  distance: "use list with the pairs, computed from the positions",
};
const LATER_KEYS: Later = {
  plasticity: "weights stay as they are",
  shortTerm: "weights stay as they are",
  release: "every spike is transmitted",
};

const RULE_KEYS: Readonly<Record<RuleName, readonly string[]>> = {
  allToAll: [],
  oneToOne: [],
  fixedProbability: ["p"],
  fixedIndegree: ["k"],
  list: ["pairs", "file"],
};
const COMMON_KEYS = ["source", "target", "receptor", "rule", "weight", "delay", "autapses", "multapses", "weightPrecision"];
const ALL_KEYS = [...COMMON_KEYS, ...Object.values(RULE_KEYS).flat()];

/** Whether a rule makes several synapses between the same two neurons unless the projection says otherwise. */
export function multapsesDefault(rule: RuleName): boolean {
  return rule === "fixedIndegree";
}

/** Whether a rule connects a neuron to itself unless the projection says otherwise. */
export function autapsesDefault(rule: RuleName, source: string, target: string): boolean {
  return !(rule === "fixedProbability" && source === target);
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
  checkKeys(object, path, ALL_KEYS, "key", LATER_KEYS);
  const source = readPopulation(requiredField(object, "source", path, "the name of a population"), at("source"), populations);
  const target = readPopulation(requiredField(object, "target", path, "the name of a population"), at("target"), populations);
  const name = readName(requiredField(object, "rule", path, `one of ${RULES.join(", ")}`), at("rule"), "rule", RULES, LATER_RULES);
  for (const key of Object.keys(object)) {
    if (COMMON_KEYS.includes(key) || RULE_KEYS[name].includes(key)) continue;
    const owner = RULES.find((rule) => RULE_KEYS[rule].includes(key));
    throw new UnknownKeyError(`${path}: the key "${key}" belongs to the rule ${owner}, not to ${name}.`, {
      path: at(key),
      value: key,
      allowed: [...COMMON_KEYS, ...RULE_KEYS[name]],
    });
  }
  const receptor = readReceptorName(field(object, "receptor"), path, target);
  const given = field(object, "autapses");
  const autapses = given === undefined ? autapsesDefault(name, source.name, target.name) : readBoolean(given, at("autapses"));
  const multiple = field(object, "multapses");
  const multapses = multiple === undefined ? multapsesDefault(name) : readBoolean(multiple, at("multapses"));
  if (multapses && name !== "fixedIndegree" && name !== "list") {
    throw new ConnectionError(`${at("multapses")}: the rule ${name} makes at most one synapse per pair of neurons; only fixedIndegree and list can make more.`, {
      path: at("multapses"),
      value: true,
      allowed: "false",
    });
  }
  const table = name === "list" ? readPairs(object, path, source, target, { autapses, multapses }, options) : undefined;
  const rule = table ? listRule(table, field(object, "file")) : readRule(name as SampledRule, object, path, source, target, { autapses, multapses });

  const spec = target.receptors[receptor];
  if (!spec) throw new RangeError(`no receptor ${receptor}`);
  const conductance = spec.kernel === "exponential" && spec.E_rev !== undefined;
  const unit = weightUnit(target.model, spec);
  const meaning = `the weight${unit === "" ? "" : ` in ${unit}`}`;
  const column = (key: "weight" | "delay"): Float64Array | undefined => {
    const numbers = key === "weight" ? table?.weights : table?.delays;
    if (numbers && field(object, key) !== undefined) {
      throw new ConnectionError(`${at(key)}: the file has a column of ${key}s too; it must be one of them.`, { path: at(key), value: field(object, "file") });
    }
    return numbers;
  };
  const synapses = table?.sources.length;
  const weight = readSynapseValue(
    column("weight") ?? requiredField(object, "weight", path, meaning),
    table?.weights ? `${at("file")}.weight` : at("weight"),
    unit,
    synapses,
    conductance ? ">= 0" : undefined,
  );
  const delayGiven = column("delay") ?? field(object, "delay");
  if (delayGiven === undefined && options.dt === undefined) requiredField({}, "delay", path, "the delay in ms");
  const delay =
    delayGiven === undefined ? (options.dt as number) : readSynapseValue(delayGiven, table?.delays ? `${at("file")}.delay` : at("delay"), "ms", synapses, ">= 0");
  const precision = field(object, "weightPrecision");
  return {
    source: source.name,
    target: target.name,
    receptor,
    rule,
    weight,
    delay,
    autapses,
    multapses,
    weightPrecision: precision === undefined ? "float32" : readName(precision, at("weightPrecision"), "weight precision", ["float32", "float64"]),
  };
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
    case "fixedIndegree": {
      const k = readInteger(requiredField(object, "k", path, "the number of synapses onto each neuron"), keyPath(path, "k"), 0, 0xffffffff);
      const candidates = source.size - (within && !pairs.autapses ? 1 : 0);
      if (k > (pairs.multapses ? (candidates > 0 ? k : 0) : candidates)) {
        const which = `${pairs.multapses ? "" : "without multapses "}${within && !pairs.autapses ? "without autapses " : ""}`;
        throw new ConnectionError(`${keyPath(path, "k")}: ${k} synapses onto each neuron ${which}need at least as many sources; ${JSON.stringify(source.name)} has ${candidates}.`, {
          path: keyPath(path, "k"),
          value: k,
          allowed: `at most ${candidates}`,
        });
      }
      return { rule: name, k };
    }
  }
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

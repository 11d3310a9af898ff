/**
 * From unknown input to checked data: the one door for model files and for the calls of the API, which pass objects of
 * the same shape. Every validator takes the path of its input and throws an error of errors.ts; none of them recurses
 * into the input beyond the depth of the format.
 */
import { checkNewKernel, type OwnKernels, receptorVariables } from "../kinds/receptors.js";
import { readIndex } from "../kinds/rules.js";
import {
  checkDepth,
  checkKeys,
  field,
  fieldOr,
  itemPath,
  keyPath,
  readBoolean,
  readInteger,
  readInterval,
  readList,
  readName,
  readNeurons,
  readNumber,
  readObject,
  requiredField,
  wrongType,
} from "./check.js";
import {
  ConnectionError,
  describe,
  DuplicateNameError,
  LengthError,
  placeText,
  UnknownNameError,
  ValueRangeError,
} from "./errors.js";
import type { ParseOptions } from "./files.js";
import { eventsOf, readModelDefinition } from "./own.js";
import { type PlasticityRule, readRuleDefinition } from "./ownRule.js";
import { parsePopulation } from "./population.js";
import { isPlastic, parseProjection, type Populations, projectionNames } from "./projection.js";
import { readKernelDefinition, type ReceptorKernelRecord } from "./receptorKernel.js";
import type { ModelRecord } from "./record.js";
import type { NetworkSpec, PopulationSpec, ProjectionSpec, RecordSpec, WeightRecordSpec } from "./spec.js";

export { MAX_SAMPLES, noiseUnit, parseBackground } from "../kinds/backgrounds.js";
export { parsePositions } from "../kinds/layouts.js";
export { plasticBounds } from "../kinds/plasticity.js";
export { isConductance, membraneUnit, parseReceptor, receptorVariable, weightUnit } from "../kinds/receptors.js";
export { autapsesDefault, multapsesDefault } from "../kinds/rules.js";
export { checkPlasticWeights } from "./dynamics.js";
export type { PairTable, ParseOptions, SpikeTable, TableReader } from "./files.js";
export { MAX_POINTS, parseRate } from "./points.js";
export { checkParameters, MAX_SIZE, parseParameter, parsePopulation, RATES } from "./population.js";
export { parseProjection, type Populations, precisionDefault, projectionNames } from "./projection.js";
export { MAX_SPIKES } from "./source.js";

/** Most models that a document defines, and most receptor kernels. */
export const MAX_MODELS = 100;
/** Most populations of a network. */
export const MAX_POPULATIONS = 10_000;
/** Most projections, and most entries of `record`. */
export const MAX_ENTRIES = 100_000;
/** Largest seed: the largest integer that a number holds exactly. */
export const MAX_SEED = Number.MAX_SAFE_INTEGER;

const DOCUMENT_KEYS = [
  "$schema",
  "version",
  "name",
  "dt",
  "duration",
  "seed",
  "models",
  "plasticityRules",
  "receptorKernels",
  "populations",
  "projections",
  "record",
];

/** Names of everything that can be recorded from a population. */
export function recordableVariables(population: PopulationSpec): string[] {
  if (population.source) return ["spikes"];
  const receptors = Object.entries(population.receptors).flatMap(([name, receptor]) =>
    receptorVariables(name, receptor, population.model).map((one) => one.name),
  );
  return [
    "spikes",
    ...Object.keys(population.model.states),
    ...receptors,
    "I_background",
  ];
}

/** Checks a time step in ms. */
export function parseTimeStep(value: unknown, path: string): number {
  return readNumber(value, path, "ms", "> 0");
}

/** Checks a duration in ms. */
export function parseDuration(value: unknown, path: string): number {
  return readNumber(value, path, "ms", ">= 0");
}

/** Checks a seed: an integer from 0 to 2^53 - 1. */
export function parseSeed(value: unknown, path: string): number {
  return readInteger(value, path, 0, MAX_SEED);
}

/**
 * Reads what to record.
 *
 * @param input `{ population, variables, neurons?, every?, from?, interpolate? }`
 * @param path where it stands
 * @param populations all populations by name
 * @param options `dt` is needed where `every` is given
 */
export function parseRecord(
  input: unknown,
  path: string,
  populations: Populations,
  options: ParseOptions = {},
): RecordSpec {
  const object = readObject(input, path);
  const at = (key: string): string => keyPath(path, key);
  checkKeys(object, path, ["population", "variables", "neurons", "every", "from", "interpolate"]);
  const name = readName(
    requiredField(object, "population", path, 'the name of a population (for weights: "projection")'),
    at("population"),
    "population",
    [...populations.keys()],
  );
  const population = populations.get(name) as PopulationSpec;
  const known = recordableVariables(population);
  const list = readList(
    requiredField(object, "variables", path, 'an array of names, such as ["spikes", "v"]'),
    at("variables"),
    "an array of names",
  );
  if (list.length === 0) {
    throw new LengthError(`${at("variables")}: an empty array; it must name at least one of: ${known.join(", ")}.`, {
      path: at("variables"),
      value: 0,
      allowed: known,
    });
  }
  const variables: string[] = [];
  for (let i = 0; i < list.length; i++) {
    const place = itemPath(at("variables"), i);
    refuseIntermediate(list[i], place, population, known);
    if (eventsOf(population.model).includes(list[i] as string)) {
      const message = `${placeText(place, describe(list[i]))}; it is an event of ${population.model.id}, and files have no events: record it in a program, record(population, ${describe(list[i])}).`;
      throw new ValueRangeError(message, { path: place, value: list[i], allowed: known });
    }
    const variable = readName(list[i], place, `variable of population ${JSON.stringify(name)}`, known);
    if (variables.includes(variable))
      throw new DuplicateNameError(`${placeText(place, describe(variable))}; it is named twice.`, {
        path: place,
        value: variable,
      });
    variables.push(variable);
  }
  const neurons = field(object, "neurons");
  const every = field(object, "every");
  const from = field(object, "from");
  const given = field(object, "interpolate");
  const interpolate = given !== undefined && readBoolean(given, at("interpolate"));
  if (interpolate && !variables.includes("spikes")) {
    const message = `${placeText(at("interpolate"), "true")}; only "spikes" have times between the steps, and the entry does not record them.`;
    throw new ValueRangeError(message, { path: at("interpolate"), value: true, allowed: "false" });
  }
  return {
    population: name,
    variables,
    ...(neurons === undefined
      ? {}
      : { neurons: readNeurons(neurons, at("neurons"), (neuron, place) => readIndex(neuron, place, population)) }),
    ...(every === undefined ? {} : { every: readInterval(every, at("every"), options.dt) }),
    from: from === undefined ? 0 : readNumber(from, at("from"), "ms", ">= 0"),
    ...(interpolate && { interpolate }),
  };
}

/** An intermediate equation of a model exists within a step only. */
function refuseIntermediate(value: unknown, path: string, { model }: PopulationSpec, known: readonly string[]): void {
  if (typeof value !== "string" || known.includes(value) || !Object.hasOwn(model.functions ?? {}, value)) return;
  const message = `${placeText(path, describe(value))}; it is an intermediate equation of ${model.id}, which is computed where it is used and not kept. Known: ${known.join(", ")}.`;
  throw new UnknownNameError(message, { path, value, allowed: known });
}

/**
 * Reads which weights to record.
 *
 * @param input `{ projection, variables, synapses?, every?, from? }`
 * @param path where it stands
 * @param projections all projections
 * @param options `dt` is needed where `every` is given
 * @param places their places by name, where many entries are read
 */
export function parseWeightRecord(
  input: unknown,
  path: string,
  projections: readonly ProjectionSpec[],
  options: ParseOptions = {},
  places: Places = placesOf(projections),
): WeightRecordSpec {
  const object = readObject(input, path);
  const at = (key: string): string => keyPath(path, key);
  if (field(object, "population") !== undefined) {
    throw new ValueRangeError(`${path}: both "population" and "projection"; it must be one of them.`, {
      path,
      allowed: "population or projection",
    });
  }
  checkKeys(object, path, ["projection", "variables", "synapses", "every", "from"]);
  const meaning = "the place of a projection in the list, from 0, or its name";
  const projection = readProjection(
    requiredField(object, "projection", path, meaning),
    at("projection"),
    projections,
    places,
  );
  const list = readList(
    requiredField(object, "variables", path, 'the array ["weight"]'),
    at("variables"),
    'the array ["weight"]',
  );
  const known = [
    "weight",
    ...Object.keys((projections[projection] as ProjectionSpec).ownPlasticity?.rule.variables ?? {}),
  ];
  if (list.length !== 1) {
    const one =
      known.length === 1 ? 'of a projection there is one: ["weight"]' : `an entry has one of ${known.join(", ")}`;
    throw new LengthError(`${at("variables")}: ${list.length} names; ${one}.`, {
      path: at("variables"),
      value: list.length,
      allowed: known,
    });
  }
  // Rules call the weight w.
  const isWeight = known.length > 1 && list[0] === "w";
  const variable = isWeight
    ? "weight"
    : readName(list[0], itemPath(at("variables"), 0), "variable of a projection", known);
  const synapses = field(object, "synapses");
  const every = field(object, "every");
  const from = field(object, "from");
  const place = (value: unknown, where: string): number => readInteger(value, where, 0, 0xffffffff);
  return {
    projection,
    ...(variable === "weight" ? {} : { variable }),
    ...(synapses === undefined ? {} : { synapses: readNeurons(synapses, at("synapses"), place, "synapse") }),
    ...(every === undefined ? {} : { every: readInterval(every, at("every"), options.dt) }),
    from: from === undefined ? 0 : readNumber(from, at("from"), "ms", ">= 0"),
  };
}

/** Places of projections by name. */
type Places = ReadonlyMap<string, number>;

function placesOf(projections: readonly ProjectionSpec[]): Places {
  return new Map(projectionNames(projections).map((name, i) => [name, i]));
}

/** The place of a plastic projection, from its place or its name. */
function readProjection(value: unknown, path: string, projections: readonly ProjectionSpec[], places: Places): number {
  if (projections.length === 0) {
    throw new ConnectionError(`${placeText(path, describe(value))}; the network has no projections.`, { path, value });
  }
  const index =
    typeof value === "string"
      ? (places.get(value) ?? (places.get(readName(value, path, "projection", [...places.keys()])) as number))
      : typeof value === "number"
        ? readInteger(value, path, 0, projections.length - 1)
        : wrongType(value, path, "the place of a projection in the list, from 0, or its name");
  if (!isPlastic(projections[index] as ProjectionSpec)) {
    const message = 'the weights do not change; give the projection "plasticity" or "scaling"';
    throw new ConnectionError(`${placeText(path, JSON.stringify([...places.keys()][index]))}; ${message}.`, {
      path,
      value,
    });
  }
  return index;
}

/**
 * Reads a whole network: the content of a model file, or an object of the same shape made by a program, in which values
 * may also be functions and typed arrays and models may be records.
 *
 * @throws SpikeletError of the class that belongs to the first mistake found
 */
export function parseDocument(input: unknown, options: ParseOptions = {}): NetworkSpec {
  const root = "$";
  const object = readObject(input, root, `an object with the keys ${DOCUMENT_KEYS.slice(2).join(", ")}`);
  checkDepth(input, root);
  checkKeys(object, root, DOCUMENT_KEYS);
  const at = (key: string): string => keyPath(root, key);
  const schema = field(object, "$schema");
  if (schema !== undefined && typeof schema !== "string") wrongType(schema, at("$schema"), "the address of the schema");
  const version = field(object, "version");
  if (version !== undefined && version !== 1) wrongType(version, at("version"), "1, the only version of the format");
  const name = field(object, "name");
  const dt = parseTimeStep(requiredField(object, "dt", root, "the time step in ms"), at("dt"));
  const duration = parseDuration(requiredField(object, "duration", root, "the time to simulate in ms"), at("duration"));
  const seed = field(object, "seed");
  const defined = readModels(fieldOr(object, "models", []), at("models"));
  const rules = readRules(fieldOr(object, "plasticityRules", []), at("plasticityRules"));
  const kernels = readKernels(fieldOr(object, "receptorKernels", []), at("receptorKernels"));
  const inner: ParseOptions = { ...options, dt, defined, rules, kernels };

  const populations = new Map<string, PopulationSpec>();
  const taken = new Set<string>(options.taken);
  const list = readEntries(
    requiredField(object, "populations", root, "an array of populations"),
    at("populations"),
    "populations",
    MAX_POPULATIONS,
  );
  if (list.length === 0)
    throw new LengthError("$.populations: an empty array; a network has at least one population.", {
      path: at("populations"),
      value: 0,
      allowed: "at least 1",
    });
  for (let i = 0; i < list.length; i++) {
    const population = parsePopulation(list[i], itemPath(at("populations"), i), { ...inner, taken });
    taken.add(population.name);
    populations.set(population.name, population);
  }
  const projections: ProjectionSpec[] = [];
  const connections = readEntries(fieldOr(object, "projections", []), at("projections"), "projections", MAX_ENTRIES);
  for (let i = 0; i < connections.length; i++)
    projections.push(parseProjection(connections[i], itemPath(at("projections"), i), populations, inner));
  const record: RecordSpec[] = [];
  const recordWeights: WeightRecordSpec[] = [];
  const places = placesOf(projections);
  const recordings = readEntries(fieldOr(object, "record", []), at("record"), "recordings", MAX_ENTRIES);
  for (let i = 0; i < recordings.length; i++) {
    const place = itemPath(at("record"), i);
    const entry = readObject(recordings[i], place);
    if (field(entry, "projection") === undefined) record.push(parseRecord(entry, place, populations, inner));
    else recordWeights.push(parseWeightRecord(entry, place, projections, inner, places));
  }
  return {
    name: name === undefined ? "network" : parseNetworkName(name, at("name")),
    dt,
    duration,
    seed: seed === undefined ? 1 : parseSeed(seed, at("seed")),
    ...(Object.keys(defined).length > 0 && { models: Object.values(defined) }),
    ...(Object.keys(rules).length > 0 && { plasticityRules: Object.values(rules) }),
    ...(Object.keys(kernels).length > 0 && { receptorKernels: Object.values(kernels) }),
    populations: [...populations.values()],
    projections,
    record,
    recordWeights,
  };
}

/** The models that a document defines, by name. */
function readModels(value: unknown, path: string): Record<string, ModelRecord> {
  return readDefinitions(value, path, "model", readModelDefinition, ({ id }) => id);
}

/** The rules of plasticity that a document defines, by name. */
function readRules(value: unknown, path: string): Record<string, PlasticityRule> {
  return readDefinitions(value, path, "rule", readRuleDefinition, ({ name }) => name);
}

function readDefinitions<T>(
  value: unknown,
  path: string,
  what: string,
  read: (value: unknown, path: string) => T,
  nameOf: (one: T) => string,
): Record<string, T> {
  const list = readEntries(value, path, `${what}s`, MAX_MODELS);
  const found: Record<string, T> = {};
  for (let i = 0; i < list.length; i++) {
    const one = read(list[i], itemPath(path, i));
    const name = nameOf(one);
    if (Object.hasOwn(found, name)) {
      const place = keyPath(itemPath(path, i), "name");
      const message = `${placeText(place, JSON.stringify(name))}; another ${what} has this name.`;
      throw new DuplicateNameError(message, { path: place, value: name });
    }
    found[name] = one;
  }
  return found;
}

/** The receptor kernels that a document defines, by name. */
function readKernels(value: unknown, path: string): OwnKernels {
  return readDefinitions(value, path, "receptor kernel", readKernel, ({ id }) => id);
}

function readKernel(value: unknown, path: string): ReceptorKernelRecord {
  const kernel = readKernelDefinition(value, path);
  checkNewKernel(kernel, keyPath(path, "name"));
  return kernel;
}

/** Checks the name of a network. */
export function parseNetworkName(value: unknown, path: string): string {
  const allowed = "a text of 1 to 200 characters without control characters";
  if (typeof value !== "string" || value.length === 0 || value.length > 200 || /\p{Cc}/u.test(value))
    wrongType(value, path, allowed);
  return value;
}

function readEntries(value: unknown, path: string, what: string, most: number): ArrayLike<unknown> {
  const list = readList(value, path, `an array of ${what}`);
  if (list.length > most)
    throw new LengthError(`${path}: ${list.length} ${what}; it must have at most ${most}.`, {
      path,
      value: list.length,
      allowed: `at most ${most}`,
    });
  return list;
}

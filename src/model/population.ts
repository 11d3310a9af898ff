/** Reads a population: its model, parameters, initial values, receptors and background currents. */
import { parseBackground } from "../kinds/backgrounds.js";
import { readValue } from "../kinds/value.js";
import {
  checkVariables,
  isConductance,
  isOwn,
  type OwnKernels,
  parseReceptor,
  receptorVariables,
} from "../kinds/receptors.js";
import { models as builtIn, sources } from "../models/index.js";
import {
  checkKeys,
  checkNumber,
  field,
  fieldOr,
  type Fields,
  itemPath,
  keyPath,
  outOfRange,
  parameterPath,
  readInteger,
  readList,
  readName,
  readNewName,
  readObject,
  requiredField,
  wrongType,
} from "./check.js";
import { describe, DuplicateNameError, placeText, quantityText, UnknownKeyError, ValueRangeError } from "./errors.js";
import { type ParseOptions } from "./files.js";
import { checkMethod, usesTables } from "./own.js";
import { parsePositions } from "../kinds/layouts.js";
import { libraryModel, libraryNames } from "./library.js";
import { type Method, METHODS, type ModelRecord } from "./record.js";
import { checkSourceKeys, parseSource } from "./source.js";
import type { BackgroundSpec, PopulationSpec, ReceptorSpec, Value } from "./spec.js";

/** Most neurons of one population. */
export const MAX_SIZE = 1e7;

const POPULATION_KEYS = [
  "name",
  "model",
  "preset",
  "size",
  "method",
  "rates",
  "params",
  "init",
  "receptors",
  "background",
  "positions",
] as const;
export const RATES = ["table", "exact"] as const;
/** Checks a name for a new population. */
export function readPopulationName(value: unknown, path: string, taken?: ReadonlySet<string>): string {
  const pattern = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.+ -]*[\p{L}\p{N}_+])?$/u;
  const name = readNewName(value, path, "population", pattern, "letters, digits and _ - + . or spaces between them");
  if (taken?.has(name)) {
    throw new DuplicateNameError(`${placeText(path, JSON.stringify(name))}; another population has this name.`, {
      path,
      value: name,
    });
  }
  return name;
}

function readModel(value: unknown, path: string, options: ParseOptions): ModelRecord {
  const known: Readonly<Record<string, ModelRecord>> = knownModels(options);
  if (typeof value === "object" && value !== null && !options.namesOnly) {
    const record = value as Partial<ModelRecord>;
    const complete = ["id", "states", "params", "equations", "threshold", "methods"].every((key) =>
      Object.hasOwn(value, key),
    );
    // what a source plays is known of the built-in ones only
    const own = record.family !== "source" || Object.values<unknown>(sources).includes(value);
    if (
      own &&
      complete &&
      Array.isArray(record.methods) &&
      typeof record.states === "object" &&
      typeof record.params === "object"
    ) {
      return value as ModelRecord;
    }
    return wrongType(value, path, "the name of a model or a model record made by defineModel");
  }
  const name = readName(value, path, "model", modelNames(options));
  return known[name] ?? (libraryModel(name) as ModelRecord);
}

function knownModels(options: ParseOptions): Readonly<Record<string, ModelRecord>> {
  return { ...(options.models ?? builtIn), ...sources, ...options.defined };
}

/** Names of models: those of the library come last, and a document's own model of such a name takes its place. */
function modelNames(options: ParseOptions): string[] {
  const names = Object.keys(knownModels(options));
  return options.models === undefined ? [...new Set([...names, ...libraryNames()])] : names;
}

/**
 * Checks one value of a parameter and gives it in the parameter's unit.
 *
 * @param path where the value stands
 */
export function parseParameter(value: unknown, path: string, model: ModelRecord, name: string, size: number): Value {
  const record = model.params[name];
  if (!record) throw new RangeError(`the model ${model.id} has no parameter ${name}`);
  return readValue(value, path, record.unit, size, record.range);
}

/**
 * Checks what can only be said of drawn numbers: ranges, and the conditions between parameters (V_reset < V_th), neuron
 * by neuron. Distributions are passed over: call it again when they have been drawn.
 *
 * @param path the population, as in the other validators
 */
export function checkParameters(
  model: ModelRecord,
  params: Readonly<Record<string, Value>>,
  size: number,
  path: string,
): void {
  for (const [name, record] of Object.entries(model.params)) {
    const value = field(params, name);
    const place = parameterPath(path, name);
    if (typeof value === "number") checkNumber(value, place, record.unit, record.range);
    else if (value instanceof Float64Array) {
      for (let i = 0; i < value.length; i++) {
        const x = value[i] as number;
        if (!(x > 0 && x < Number.POSITIVE_INFINITY)) checkNumber(x, itemPath(place, i), record.unit, record.range);
      }
    }
  }
  for (const condition of model.conditions ?? []) {
    const match = /^(\w+) < (\w+)(?: where (\w+) = 0)?$/.exec(condition);
    if (!match) throw new RangeError(`${model.id}: the condition ${JSON.stringify(condition)} is not of the form "NAME < NAME"`);
    const [, small = "", large = "", zero = ""] = match;
    const c = zero === "" ? 0 : (field(params, zero) as Value | undefined);
    const a = field(params, small) as Value | undefined;
    const b = field(params, large) as Value | undefined;
    const unit = model.params[small]?.unit ?? "";
    const count = [a, b, c].some((x) => x instanceof Float64Array) ? size : 1;
    for (let i = 0; i < count; i++) {
      const x = a instanceof Float64Array ? a[i] : a;
      const y = b instanceof Float64Array ? b[i] : b;
      if ((c instanceof Float64Array ? c[i] : c) !== 0) continue;
      if (typeof x !== "number" || typeof y !== "number" || x < y) continue;
      const place = parameterPath(path, small);
      const where = zero === "" ? "" : ` (${zero} is 0)`;
      outOfRange(x, unit, count === 1 ? place : itemPath(place, i), `< ${large} = ${quantityText(y, unit)}${where}`);
    }
  }
}

/** A parameter of the model that stands beside `params` is told where it belongs, whatever key it resembles. */
function checkMisplaced(object: Fields, path: string, options: ParseOptions): void {
  const given = field(object, "model");
  const known: Readonly<Record<string, ModelRecord>> = knownModels(options);
  const model =
    typeof given === "string" && modelNames(options).includes(given)
      ? (known[given] ?? libraryModel(given))
      : undefined;
  for (const key of Object.keys(object)) {
    if ((POPULATION_KEYS as readonly string[]).includes(key) || !model) continue;
    if (!Object.hasOwn(model.params, key) && !Object.hasOwn(model.inputs ?? {}, key)) continue;
    const allowed = `"params": { ${JSON.stringify(key)}: ... }`;
    throw new UnknownKeyError(
      `${path}: ${JSON.stringify(key)} is a parameter of ${model.id}; it belongs into ${allowed}.`,
      { path: keyPath(path, key), value: key, allowed },
    );
  }
}

/** A state or an intermediate equation that stands among the parameters is told how it gets its value. */
function checkNoParameter(given: Fields, path: string, model: ModelRecord): void {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(model.params, key)) continue;
    const isState = Object.hasOwn(model.states, key);
    if (!isState && !Object.hasOwn(model.functions ?? {}, key)) continue;
    const allowed = isState ? `"init": { ${JSON.stringify(key)}: ... }` : Object.keys(model.params).join(", ");
    const what = isState
      ? `a state of ${model.id}, not a parameter; its start is set by ${allowed}`
      : `an intermediate equation of ${model.id}, not a parameter; to set it, make it one in the "params" of the model`;
    throw new UnknownKeyError(`${path}: ${describe(key)} is ${what}.`, {
      path: keyPath(path, key),
      value: key,
      allowed,
    });
  }
}

/**
 * Reads a population from the object of a model file or of a call.
 *
 * @param input `{ name, model, size, preset?, method?, params?, init?, receptors?, background?, positions? }`
 * @param path where it stands: `$.populations[0]`, or the name of the population in a call
 */
export function parsePopulation(input: unknown, path: string, options: ParseOptions = {}): PopulationSpec {
  const object = readObject(input, path);
  checkMisplaced(object, path, options);
  checkKeys(object, path, POPULATION_KEYS);
  const at = (key: string): string => keyPath(path, key);
  const name = readPopulationName(
    requiredField(object, "name", path, "the name of the population"),
    at("name"),
    options.taken,
  );
  const model = readModel(
    requiredField(object, "model", path, `a model: ${modelNames(options).join(", ")}`),
    at("model"),
    options,
  );
  const size = readInteger(requiredField(object, "size", path, "the number of neurons"), at("size"), 1, MAX_SIZE);
  const layout = field(object, "positions");
  const positions = layout === undefined ? {} : { positions: parsePositions(layout, at("positions"), size) };
  const inside = path.startsWith("$") ? at("params") : path;
  if (model.family === "source") {
    checkSourceKeys(object, path, model);
    const given = readObject(fieldOr(object, "params", {}), at("params"), "an object with parameters");
    const source = parseSource(given, inside, name, model, size, options);
    return {
      name,
      model,
      size,
      method: "exact",
      methodIsDefault: true,
      params: {},
      init: {},
      receptors: {},
      background: [],
      source,
      ...positions,
    };
  }

  const params: Record<string, Value> = {};
  for (const [key, record] of Object.entries(model.params)) params[key] = record.default;
  const presetName = field(object, "preset");
  if (presetName !== undefined) {
    const preset = readName(presetName, at("preset"), `preset of ${model.id}`, Object.keys(model.presets));
    Object.assign(params, model.presets[preset]?.params);
  }
  const given = readObject(fieldOr(object, "params", {}), at("params"), "an object with parameters");
  checkNoParameter(given, inside, model);
  checkKeys(given, inside, Object.keys(model.params), "parameter");
  for (const key of Object.keys(given)) {
    const value = field(given, key);
    if (value !== undefined) params[key] = parseParameter(value, parameterPath(path, key), model, key, size);
  }
  checkParameters(model, params, size, path);

  const methodName = field(object, "method");
  const fallback = model.methods[0];
  if (fallback === undefined) wrongType(model.methods, at("model"), "a model with at least one method");
  const method = methodName === undefined ? fallback : readMethod(methodName, at("method"), model);

  const rates = readRates(field(object, "rates"), at("rates"), model);
  const receptors = readReceptors(fieldOr(object, "receptors", {}), at("receptors"), model, options.kernels);
  const init = readInit(fieldOr(object, "init", {}), at("init"), model, receptors, size);
  const background = readBackgrounds(fieldOr(object, "background", []), at("background"), model, size, {
    ...options,
    receptors,
  });
  return {
    name,
    model,
    size,
    method,
    methodIsDefault: methodName === undefined,
    ...(rates === undefined ? {} : { rates }),
    ...(presetName === undefined ? {} : { preset: presetName as string }),
    params,
    init,
    receptors,
    background,
    ...positions,
  };
}

function readMethod(value: unknown, path: string, model: ModelRecord): Method {
  const known: readonly Method[] = model.methods;
  // a method of another model is known, only not here
  if (typeof value === "string" && METHODS.includes(value as Method) && !known.includes(value as Method)) {
    checkMethod(model, value, path);
    const allowed = known.join(", ");
    throw new ValueRangeError(`${placeText(path, JSON.stringify(value))}; ${model.id} offers: ${allowed}.`, {
      path,
      value,
      allowed: known,
    });
  }
  return readName(value, path, "method", known);
}

/** How the steps of gates are computed. */
function readRates(value: unknown, path: string, model: ModelRecord): "exact" | "table" | undefined {
  if (value === undefined) return undefined;
  const rates = readName(value, path, "way to compute rates", RATES);
  if (model.rates || usesTables(model)) return rates;
  throw new ValueRangeError(`${placeText(path, JSON.stringify(rates))}; ${model.id} has no gates with rates.`, {
    path,
    value: rates,
  });
}

function readReceptors(
  value: unknown,
  path: string,
  model: ModelRecord,
  kernels?: OwnKernels,
): Record<string, ReceptorSpec> {
  const receptors: Record<string, ReceptorSpec> = {};
  const object = readObject(value, path, "an object with a receptor under each name");
  for (const key of Object.keys(object)) {
    const place = keyPath(path, key);
    readNewName(key, place, "receptor", /^[A-Za-z_]\w*$/, "letters, digits and _, not starting with a digit");
    const given = field(object, key);
    if (given !== undefined) receptors[key] = parseReceptor(given, place, model, kernels);
  }
  checkVariables(receptors, path, model);
  return receptors;
}

function readInit(
  value: unknown,
  path: string,
  model: ModelRecord,
  receptors: Readonly<Record<string, ReceptorSpec>>,
  size: number,
): Record<string, Value> {
  const units = new Map<string, string>();
  for (const [name, state] of Object.entries(model.states)) units.set(name, state.unit);
  for (const [name, receptor] of Object.entries(receptors)) {
    for (const one of receptorVariables(name, receptor, model)) if (one.isState) units.set(one.name, one.unit);
  }
  const conductances = new Set(
    Object.entries(receptors).flatMap(([name, one]) => (isConductance(one) && !isOwn(one) ? [`g_${name}`] : [])),
  );
  const object = readObject(value, path, "an object with initial values");
  checkKeys(object, path, [...units.keys()], "state");
  const init: Record<string, Value> = {};
  for (const key of Object.keys(object)) {
    const given = field(object, key);
    if (given === undefined) continue;
    // One number below 0 is a mistake; drawn ones may be below, and what was drawn can be given back.
    const mistaken =
      conductances.has(key) &&
      (typeof given === "number" || typeof given === "string");
    init[key] = readValue(given, keyPath(path, key), units.get(key) ?? "", size, mistaken ? ">= 0" : undefined);
  }
  return init;
}

function readBackgrounds(
  value: unknown,
  path: string,
  model: ModelRecord,
  size: number,
  options: ParseOptions,
): BackgroundSpec[] {
  const list = readList(value, path, "an array of background currents");
  return Array.from({ length: list.length }, (_, i) =>
    parseBackground(list[i], itemPath(path, i), model, size, options),
  );
}

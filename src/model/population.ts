/** Reads a population: its model, parameters, initial values, receptors and background currents. */
import { millivolts } from "../lang/dimensions.js";
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
  readNeurons,
  readNewName,
  readNumber,
  readNumbers,
  readObject,
  readValue,
  requiredField,
  wrongType,
} from "./check.js";
import { ConnectionError, describe, DuplicateNameError, LengthError, MissingKeyError, placeText, quantityText, UnknownKeyError, ValueRangeError } from "./errors.js";
import { type ParseOptions, tableFile } from "./files.js";
import { parseRate, readPoints } from "./points.js";
import { checkCurrent, checkMethod, usesTables } from "./own.js";
import { parsePositions } from "./positions.js";
import { type Method, METHODS, type ModelRecord } from "./record.js";
import { checkSourceKeys, parseSource } from "./source.js";
import type { BackgroundKind, BackgroundScope, BackgroundSpec, PopulationSpec, ReceptorSpec, Value } from "./spec.js";

/** Most neurons of one population. */
export const MAX_SIZE = 1e7;
/** Most numbers of a sampled current. */
export const MAX_SAMPLES = 1e8;

const POPULATION_KEYS = ["name", "model", "preset", "size", "method", "rates", "params", "init", "receptors", "background", "positions"] as const;
export const RATES = ["table", "exact"] as const;
const KERNELS = ["delta", "exponential", "alpha", "dualExponential", "step", "nmda"] as const;
const KERNEL_KEYS: Readonly<Record<(typeof KERNELS)[number], readonly string[]>> = {
  delta: ["state"],
  exponential: ["tau", "E_rev"],
  alpha: ["tau", "E_rev"],
  dualExponential: ["tau_rise", "tau_decay", "E_rev"],
  step: ["duration", "E_rev"],
  nmda: ["tau_rise", "tau_decay", "E_rev", "Mg"],
};
const KINDS = [
  "constant",
  "piecewise",
  "pulses",
  "ramp",
  "sine",
  "expression",
  "whiteNoise",
  "ornsteinUhlenbeck",
  "poisson",
  "samples",
  "rheobase",
] as const;
type KindName = (typeof KINDS)[number];
const KIND_KEYS: Readonly<Record<KindName, readonly string[]>> = {
  constant: ["amplitude"],
  piecewise: ["points"],
  pulses: ["amplitude", "start", "width", "period", "count"],
  ramp: ["start", "end", "from", "to"],
  sine: ["amplitude", "frequency", "phase", "offset"],
  expression: ["I"],
  whiteNoise: ["sigma", "mean"],
  ornsteinUhlenbeck: ["mean", "sigma", "tau"],
  poisson: ["rate", "weight", "receptor"],
  samples: ["dt", "values", "file", "column"],
  rheobase: ["fraction"],
};
const SCOPE_KEYS = ["neurons", "start", "stop"];

/** The name of the state that receptor `name` adds to its population; undefined for a delta receptor, which has none. */
export function receptorVariable(name: string, receptor: ReceptorSpec): string | undefined {
  if (receptor.kernel === "delta") return undefined;
  return `${receptor.E_rev === undefined ? "i" : "g"}_${name}`;
}

/** Whether a receptor is a conductance: its weights are not negative. */
export function isConductance(receptor: ReceptorSpec): boolean {
  return receptor.kernel !== "delta" && receptor.E_rev !== undefined;
}

/** The state that a delta receptor makes jump, where that is not v. */
export function landingOf(receptor: ReceptorSpec): string | undefined {
  return receptor.kernel === "delta" ? receptor.state : undefined;
}

/** Unit of the membrane state: of jumps, thresholds and reversal potentials. */
export function membraneUnit(model: ModelRecord): string {
  return Object.values(model.states)[0]?.unit ?? "";
}

/** Unit of the weights of a receptor: jump of a state, peak conductance or peak current. */
export function weightUnit(model: ModelRecord, receptor: ReceptorSpec): string {
  if (receptor.kernel === "delta") return model.states[receptor.state ?? ""]?.unit ?? membraneUnit(model);
  return receptor.E_rev === undefined ? model.current : model.conductance;
}

/** Unit of the intensity of white noise: current times the root of time. */
export function noiseUnit(model: ModelRecord): string {
  return model.current === "" ? "sqrt(ms)" : `${model.current}*sqrt(ms)`;
}

/** Checks a name for a new population. */
export function readPopulationName(value: unknown, path: string, taken?: ReadonlySet<string>): string {
  const pattern = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_.+ -]*[\p{L}\p{N}_+])?$/u;
  const name = readNewName(value, path, "population", pattern, "letters, digits and _ - + . or spaces between them");
  if (taken?.has(name)) {
    throw new DuplicateNameError(`${placeText(path, JSON.stringify(name))}; another population has this name.`, { path, value: name });
  }
  return name;
}

function readModel(value: unknown, path: string, options: ParseOptions): ModelRecord {
  const known: Readonly<Record<string, ModelRecord>> = knownModels(options);
  if (typeof value === "object" && value !== null && !options.namesOnly) {
    const record = value as Partial<ModelRecord>;
    const complete = ["id", "states", "params", "equations", "threshold", "methods"].every((key) => Object.hasOwn(value, key));
    // what a source plays is known of the built-in ones only
    const own = record.family !== "source" || Object.values<unknown>(sources).includes(value);
    if (own && complete && Array.isArray(record.methods) && typeof record.states === "object" && typeof record.params === "object") {
      return value as ModelRecord;
    }
    return wrongType(value, path, "the name of a model or a model record made by defineModel");
  }
  return known[readName(value, path, "model", Object.keys(known))] as ModelRecord;
}

function knownModels(options: ParseOptions): Readonly<Record<string, ModelRecord>> {
  return { ...(options.models ?? builtIn), ...sources, ...options.defined };
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
 * Checks what can only be said of drawn numbers: ranges, and the conditions between parameters (V_reset < V_th), neuron by
 * neuron. Distributions are passed over: call it again when they have been drawn.
 *
 * @param path the population, as in the other validators
 */
export function checkParameters(model: ModelRecord, params: Readonly<Record<string, Value>>, size: number, path: string): void {
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

/**
 * Reads a receptor.
 *
 * @param model the model of the population that has the receptor
 */
export function parseReceptor(input: unknown, path: string, model: ModelRecord): ReceptorSpec {
  const object = readObject(input, path, 'an object such as { "kernel": "exponential", "tau": 5 }');
  const at = (key: string): string => keyPath(path, key);
  const kernel = readName(requiredField(object, "kernel", path, `one of ${KERNELS.join(", ")}`), at("kernel"), "kernel", KERNELS);
  checkKeys(object, path, ["kernel", ...KERNEL_KEYS[kernel]], `key of ${/^[aeiou]/.test(kernel) ? "an" : "a"} ${kernel} receptor`);
  const time = (key: string, meaning: string): number => readNumber(requiredField(object, key, path, meaning), at(key), "ms", "> 0");
  const numberOr = (key: string, otherwise: number, unit: string, range?: "> 0" | ">= 0"): number =>
    readNumber(fieldOr(object, key, otherwise), at(key), unit, range);
  const ordered = (tau_rise: number, tau_decay: number): { tau_rise: number; tau_decay: number } => {
    if (tau_rise > tau_decay) outOfRange(tau_rise, "ms", at("tau_rise"), `<= tau_decay = ${quantityText(tau_decay, "ms")}`);
    return { tau_rise, tau_decay };
  };
  const reversal = (): { E_rev?: number } => {
    const given = field(object, "E_rev");
    return given === undefined ? {} : { E_rev: readNumber(given, at("E_rev"), membraneUnit(model)) };
  };
  switch (kernel) {
    case "delta":
      return { kernel, ...readLanding(field(object, "state"), at("state"), model) };
    case "exponential":
    case "alpha":
      return { kernel, tau: time("tau", "the time constant in ms"), ...reversal() };
    case "dualExponential":
      return { kernel, ...ordered(time("tau_rise", "the time constant of the rise in ms"), time("tau_decay", "the time constant of the decay in ms")), ...reversal() };
    case "step":
      return { kernel, duration: time("duration", "the length of the step in ms"), ...reversal() };
    case "nmda":
      if (millivolts(membraneUnit(model)) === undefined) {
        const what = membraneUnit(model) === "" ? "a pure number" : `in ${membraneUnit(model)}`;
        throw new ValueRangeError(`${placeText(at("kernel"), '"nmda"')}; the magnesium block needs a membrane potential in mV, and v of ${model.id} is ${what}.`, {
          path: at("kernel"),
          value: kernel,
          allowed: KERNELS.filter((name) => name !== "nmda"),
        });
      }
      return {
        kernel,
        ...ordered(numberOr("tau_rise", 2, "ms", "> 0"), numberOr("tau_decay", 100, "ms", "> 0")),
        E_rev: numberOr("E_rev", 0, membraneUnit(model)),
        Mg: numberOr("Mg", 1, "", ">= 0"),
      };
  }
}

/** The state that jumps, where it is not v; a kernel that is not made of equations knows the jumps of v only. */
function readLanding(value: unknown, path: string, model: ModelRecord): { readonly state?: string } {
  if (value === undefined) return {};
  if (model.definition === undefined) {
    const message = `${placeText(path, JSON.stringify(value))}; a delta receptor of ${model.id} acts on v. Other states jump in models with equations only.`;
    throw new ValueRangeError(message, { path, value, allowed: "left out" });
  }
  const states = Object.keys(model.states);
  const state = readName(value, path, `state of ${model.id}`, states);
  return state === states[0] ? {} : { state };
}

/**
 * Reads a background current.
 *
 * @param model the model of the population that receives it
 * @param size number of neurons of the population
 * @param options `receptors` are those that the kind poisson may name
 */
export function parseBackground(input: unknown, path: string, model: ModelRecord, size: number, options: ParseOptions = {}): BackgroundSpec {
  const object = readObject(input, path, 'an object such as { "kind": "constant", "amplitude": 100 }');
  const kind = readName(requiredField(object, "kind", path, `one of ${KINDS.join(", ")}`), keyPath(path, "kind"), "background kind", KINDS);
  const known = ["kind", ...KIND_KEYS[kind], ...SCOPE_KEYS.filter((key) => !KIND_KEYS[kind].includes(key))];
  checkKeys(object, path, known, `key of ${kind}`);
  const entry = readKind(kind, object, path, model, size, options);
  const scope = readScope(object, path, size, KIND_KEYS[kind].includes("start"));
  return scope === undefined ? entry : { ...entry, scope };
}

/** `ownStart`: the kind has a `start` of its own, so the scope has none. */
function readScope(object: Fields, path: string, size: number, ownStart: boolean): BackgroundScope | undefined {
  const at = (key: string): string => keyPath(path, key);
  const neurons = field(object, "neurons");
  const given = ownStart ? undefined : field(object, "start");
  const start = given === undefined ? undefined : readNumber(given, at("start"), "ms", ">= 0");
  const end = field(object, "stop");
  const stop = end === undefined ? undefined : readNumber(end, at("stop"), "ms");
  if (neurons === undefined && start === undefined && stop === undefined) return undefined;
  const first = start ?? 0;
  if (stop !== undefined && !(stop > first)) outOfRange(stop, "ms", at("stop"), `> ${start === undefined ? "" : "start = "}${quantityText(first, "ms")}`);
  return {
    ...(neurons === undefined ? {} : { neurons: readNeurons(neurons, at("neurons"), (neuron, place) => readInteger(neuron, place, 0, size - 1)) }),
    ...(start === undefined ? {} : { start }),
    ...(stop === undefined ? {} : { stop }),
  };
}

function readKind(kind: KindName, object: Fields, path: string, model: ModelRecord, size: number, options: ParseOptions): BackgroundKind {
  const current = model.current;
  const at = (key: string): string => keyPath(path, key);
  const value = (key: string, meaning: string, unit = current, range?: ">= 0"): Value =>
    readValue(requiredField(object, key, path, meaning), at(key), unit, size, range);
  const valueOr = (key: string, otherwise: number): Value => {
    const given = field(object, key);
    return given === undefined ? otherwise : readValue(given, at(key), current, size);
  };
  const number = (key: string, meaning: string, unit: string, range?: "> 0" | ">= 0"): number =>
    readNumber(requiredField(object, key, path, meaning), at(key), unit, range);
  const numberOr = (key: string, otherwise: number, unit: string, range?: "> 0" | ">= 0"): number => {
    const given = field(object, key);
    return given === undefined ? otherwise : readNumber(given, at(key), unit, range);
  };
  const amplitude = current === "" ? "the current" : `the current in ${current}`;
  switch (kind) {
    case "constant":
      return { kind, amplitude: value("amplitude", amplitude) };
    case "piecewise":
      return { kind, points: readPoints(requiredField(object, "points", path, "rows [time, amplitude, slope]"), at("points"), current, "amplitude") };
    case "pulses": {
      const width = number("width", "the length of a pulse in ms", "ms", "> 0");
      const periodic = field(object, "period") !== undefined;
      const period = numberOr("period", width, "ms", "> 0");
      if (period < width) outOfRange(period, "ms", at("period"), `>= width = ${quantityText(width, "ms")}`);
      return {
        kind,
        amplitude: value("amplitude", amplitude),
        start: numberOr("start", 0, "ms", ">= 0"),
        width,
        period,
        count: readCount(field(object, "count"), at("count"), periodic, path),
      };
    }
    case "ramp": {
      const start = numberOr("start", 0, "ms", ">= 0");
      const end = number("end", "the end of the ramp in ms", "ms");
      if (!(end > start)) outOfRange(end, "ms", at("end"), `> start = ${quantityText(start, "ms")}`);
      return { kind, start, end, from: value("from", amplitude), to: value("to", amplitude) };
    }
    case "sine":
      return {
        kind,
        amplitude: value("amplitude", amplitude),
        frequency: number("frequency", "the frequency in Hz", "Hz", ">= 0"),
        phase: numberOr("phase", 0, "rad"),
        offset: valueOr("offset", 0),
      };
    case "expression": {
      const meaning = `${amplitude}, a text such as "5*${current === "" ? "" : `${current}*`}sin(2*pi*8*Hz*t)"`;
      const text = requiredField(object, "I", path, meaning);
      if (typeof text !== "string") wrongType(text, at("I"), meaning);
      checkCurrent(model, text, at("I"));
      return { kind, I: text };
    }
    case "whiteNoise":
      return { kind, sigma: value("sigma", `the intensity in ${noiseUnit(model)}`, noiseUnit(model), ">= 0"), mean: valueOr("mean", 0) };
    case "ornsteinUhlenbeck":
      return {
        kind,
        mean: valueOr("mean", 0),
        sigma: value("sigma", "the stationary standard deviation", current, ">= 0"),
        tau: number("tau", "the correlation time in ms", "ms", "> 0"),
      };
    case "poisson": {
      const { receptor, spec } = readPoissonReceptor(object, path, options.receptors ?? {});
      const unit = weightUnit(model, spec);
      const meaning = `the weight of an event${unit === "" ? "" : ` in ${unit}`}`;
      return {
        kind,
        rate: parseRate(requiredField(object, "rate", path, "the rate in Hz"), at("rate"), size, options.dt, false),
        weight: value("weight", meaning, unit, isConductance(spec) ? ">= 0" : undefined),
        receptor,
      };
    }
    case "samples":
      return readSamples(object, path, current, options);
    case "rheobase":
      return { kind, fraction: value("fraction", "the multiple of the rheobase", "") };
  }
}

function readPoissonReceptor(object: Fields, path: string, receptors: Readonly<Record<string, ReceptorSpec>>): { receptor: string; spec: ReceptorSpec } {
  const names = Object.keys(receptors);
  if (names.length === 0) {
    throw new ConnectionError(`${path}: the kind poisson acts on a receptor, and the population has none; give it one, such as "receptors": { "exc": { "kernel": "exponential", "tau": 5 } }.`, { path });
  }
  const given = field(object, "receptor");
  if (given === undefined && names.length > 1) {
    throw new MissingKeyError(`${path}: the key "receptor" is missing; the population has ${names.length} receptors: ${names.join(", ")}.`, {
      path: keyPath(path, "receptor"),
      allowed: names,
    });
  }
  const receptor = readName(given === undefined ? names[0] : given, keyPath(path, "receptor"), "receptor", names);
  return { receptor, spec: receptors[receptor] as ReceptorSpec };
}

function readCount(value: unknown, path: string, periodic: boolean, entry: string): number {
  // without a period there is one pulse; with one they go on unless they are counted
  if (value === undefined) return periodic ? Number.POSITIVE_INFINITY : 1;
  const count = value === Number.POSITIVE_INFINITY ? value : readInteger(value, path, 1, Number.MAX_SAFE_INTEGER);
  if (count > 1 && !periodic) requiredField({}, "period", entry, "the time in ms from one pulse to the next");
  return count as number;
}

/** Which column of a file: its name, or its place from 0 where columns have no names. */
function readColumn(value: unknown, path: string, hasFile: boolean): string | number | undefined {
  if (value === undefined) return undefined;
  if (!hasFile) throw new ValueRangeError(`${path}: "column" says which column of a "file" is read, and there is none.`, { path, value });
  if (typeof value === "number") return readInteger(value, path, 0, 10_000);
  return typeof value === "string" ? value : wrongType(value, path, "the name of a column, or its place, counted from 0");
}

function readSamples(object: Fields, path: string, current: string, options: ParseOptions): BackgroundKind {
  const dt = readNumber(requiredField(object, "dt", path, "the time in ms from one value to the next"), keyPath(path, "dt"), "ms", "> 0");
  const file = field(object, "file");
  const given = field(object, "values");
  if (file !== undefined && given !== undefined) {
    throw new ValueRangeError(`${path}: both "values" and "file"; it must be one of them.`, { path, allowed: "values or file" });
  }
  const place = keyPath(path, file === undefined ? "values" : "file");
  const column = readColumn(field(object, "column"), keyPath(path, "column"), file !== undefined);
  let list: unknown;
  if (file === undefined) list = requiredField(object, "values", path, 'an array of currents, or "file" with them');
  else {
    const table = tableFile(file, place, options);
    list = table.files.numbers(table.file, column);
  }
  const length = readList(list, place).length;
  if (length === 0 || length > MAX_SAMPLES) {
    const allowed = `1 to ${MAX_SAMPLES}`;
    throw new LengthError(`${place}: ${length} numbers; it must have ${allowed}.`, { path: place, value: length, allowed });
  }
  const values = readNumbers(list, place, current, undefined);
  if (file === undefined) return { kind: "samples", dt, values };
  return { kind: "samples", dt, values, file: file as string, ...(column === undefined ? {} : { column }) };
}

/** A parameter of the model that stands beside `params` is told where it belongs, whatever key it resembles. */
function checkMisplaced(object: Fields, path: string, options: ParseOptions): void {
  const given = field(object, "model");
  const known: Readonly<Record<string, ModelRecord>> = knownModels(options);
  const model = typeof given === "string" && Object.hasOwn(known, given) ? (known[given] as ModelRecord) : undefined;
  for (const key of Object.keys(object)) {
    if ((POPULATION_KEYS as readonly string[]).includes(key) || !model) continue;
    if (!Object.hasOwn(model.params, key) && !Object.hasOwn(model.inputs ?? {}, key)) continue;
    const allowed = `"params": { ${JSON.stringify(key)}: ... }`;
    throw new UnknownKeyError(`${path}: ${JSON.stringify(key)} is a parameter of ${model.id}; it belongs into ${allowed}.`, { path: keyPath(path, key), value: key, allowed });
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
    throw new UnknownKeyError(`${path}: ${describe(key)} is ${what}.`, { path: keyPath(path, key), value: key, allowed });
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
  const name = readPopulationName(requiredField(object, "name", path, "the name of the population"), at("name"), options.taken);
  const model = readModel(requiredField(object, "model", path, `a model: ${Object.keys(knownModels(options)).join(", ")}`), at("model"), options);
  const size = readInteger(requiredField(object, "size", path, "the number of neurons"), at("size"), 1, MAX_SIZE);
  const layout = field(object, "positions");
  const positions = layout === undefined ? {} : { positions: parsePositions(layout, at("positions"), size) };
  const inside = path.startsWith("$") ? at("params") : path;
  if (model.family === "source") {
    checkSourceKeys(object, path, model);
    const given = readObject(fieldOr(object, "params", {}), at("params"), "an object with parameters");
    const source = parseSource(given, inside, name, model, size, options);
    return { name, model, size, method: "exact", methodIsDefault: true, params: {}, init: {}, receptors: {}, background: [], source, ...positions };
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
  const receptors = readReceptors(fieldOr(object, "receptors", {}), at("receptors"), model);
  const init = readInit(fieldOr(object, "init", {}), at("init"), model, receptors, size);
  const background = readBackgrounds(fieldOr(object, "background", []), at("background"), model, size, { ...options, receptors });
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
    throw new ValueRangeError(`${placeText(path, JSON.stringify(value))}; ${model.id} offers: ${allowed}.`, { path, value, allowed: known });
  }
  return readName(value, path, "method", known);
}

/** How the steps of gates are computed. */
function readRates(value: unknown, path: string, model: ModelRecord): "exact" | "table" | undefined {
  if (value === undefined) return undefined;
  const rates = readName(value, path, "way to compute rates", RATES);
  if (model.rates || usesTables(model)) return rates;
  throw new ValueRangeError(`${placeText(path, JSON.stringify(rates))}; ${model.id} has no gates with rates.`, { path, value: rates });
}

function readReceptors(value: unknown, path: string, model: ModelRecord): Record<string, ReceptorSpec> {
  const receptors: Record<string, ReceptorSpec> = {};
  const object = readObject(value, path, "an object with a receptor under each name");
  for (const key of Object.keys(object)) {
    const place = keyPath(path, key);
    readNewName(key, place, "receptor", /^[A-Za-z_]\w*$/, "letters, digits and _, not starting with a digit");
    const given = field(object, key);
    if (given !== undefined) receptors[key] = parseReceptor(given, place, model);
  }
  return receptors;
}

function readInit(value: unknown, path: string, model: ModelRecord, receptors: Readonly<Record<string, ReceptorSpec>>, size: number): Record<string, Value> {
  const units = new Map<string, string>();
  for (const [name, state] of Object.entries(model.states)) units.set(name, state.unit);
  for (const [name, receptor] of Object.entries(receptors)) {
    const variable = receptorVariable(name, receptor);
    if (variable !== undefined) units.set(variable, weightUnit(model, receptor));
  }
  const object = readObject(value, path, "an object with initial values");
  checkKeys(object, path, [...units.keys()], "state");
  const init: Record<string, Value> = {};
  for (const key of Object.keys(object)) {
    const given = field(object, key);
    if (given === undefined) continue;
    // One number below 0 is a mistake; drawn ones may be below, and what was drawn can be given back.
    const mistaken = !Object.hasOwn(model.states, key) && key.startsWith("g_") && (typeof given === "number" || typeof given === "string");
    init[key] = readValue(given, keyPath(path, key), units.get(key) ?? "", size, mistaken ? ">= 0" : undefined);
  }
  return init;
}

function readBackgrounds(value: unknown, path: string, model: ModelRecord, size: number, options: ParseOptions): BackgroundSpec[] {
  const list = readList(value, path, "an array of background currents");
  return Array.from({ length: list.length }, (_, i) => parseBackground(list[i], itemPath(path, i), model, size, options));
}

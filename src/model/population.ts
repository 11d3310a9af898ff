/** Reads a population: its model, parameters, initial values, receptors and background currents. */
import { models as builtIn } from "../models/index.js";
import {
  checkKeys,
  checkNumber,
  field,
  fieldOr,
  type Fields,
  itemPath,
  keyPath,
  type Later,
  outOfRange,
  parameterPath,
  readInteger,
  readList,
  readName,
  readNewName,
  readNumber,
  readNumbers,
  readObject,
  readValue,
  requiredField,
  wrongType,
} from "./check.js";
import { DocumentError, DuplicateNameError, LengthError, placeText, quantityText, ValueRangeError } from "./errors.js";
import type { Method, ModelRecord } from "./record.js";
import type { BackgroundSpec, PopulationSpec, ReceptorSpec, Value } from "./spec.js";

/** Most neurons of one population. */
export const MAX_SIZE = 1e7;
/** Most rows of a piecewise current. */
export const MAX_POINTS = 1e6;
/** Most numbers of a sampled current. */
export const MAX_SAMPLES = 1e8;

/** Connections as a table holds them, one per row. */
export interface PairTable {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights?: Float64Array;
  readonly delays?: Float64Array;
}

/** Reads the tables that a network names by file; src/io makes one from the host's way to read text. */
export interface TableReader {
  /** One column of numbers. */
  readonly numbers: (file: string) => Float64Array;
  /** Connections between neurons below `sources` and `targets`. */
  readonly pairs: (file: string, sources: number, targets: number) => PairTable;
}

/** What the validators need to know beside the value itself. */
export interface ParseOptions {
  /** Time step in ms: the default delay, and what recording intervals are multiples of. Read from a document itself. */
  readonly dt?: number;
  /** Models by the name used in the input; the built-in ones by default. */
  readonly models?: Readonly<Record<string, ModelRecord>>;
  /** Model records are refused, only names are taken: for input that is not trusted. */
  readonly namesOnly?: boolean;
  /** Reads the files that the input names. Absent: such files are refused. */
  readonly files?: TableReader;
  /** Names of populations that are taken. */
  readonly taken?: ReadonlySet<string>;
}

const LATER_MODELS: Later = {
  poisson: "drive the population with the background kinds whiteNoise or ornsteinUhlenbeck",
  spikeTrain: "drive the population with the background kind pulses",
};
const LATER_KERNELS: Later = Object.fromEntries(
  ["alpha", "dualExponential", "step", "nmda"].map((kernel) => [kernel, "use the kernel exponential"]),
);
const LATER_KINDS: Later = { poisson: "use whiteNoise or ornsteinUhlenbeck with the same mean and variance" };
const LATER_ENTRY: Later = {
  neurons: "give the value of each neuron as an array",
  start: "use the kind pulses or piecewise",
  stop: "use the kind pulses or piecewise",
};

const METHODS: readonly Method[] = ["euler", "heun", "rk4", "exponentialEuler", "exact", "halfStep"];
const POPULATION_KEYS = ["name", "model", "preset", "size", "method", "params", "init", "receptors", "background"] as const;
const KERNELS = ["delta", "exponential"] as const;
const KINDS = ["constant", "piecewise", "pulses", "ramp", "sine", "whiteNoise", "ornsteinUhlenbeck", "samples", "rheobase"] as const;

/** The name of the state that receptor `name` adds to its population; undefined for a delta receptor, which has none. */
export function receptorVariable(name: string, receptor: ReceptorSpec): string | undefined {
  if (receptor.kernel === "delta") return undefined;
  return `${receptor.E_rev === undefined ? "i" : "g"}_${name}`;
}

/** Unit of the membrane state: of jumps, thresholds and reversal potentials. */
export function membraneUnit(model: ModelRecord): string {
  return Object.values(model.states)[0]?.unit ?? "";
}

/** Unit of the weights of a receptor: jump of v, peak conductance or peak current. */
export function weightUnit(model: ModelRecord, receptor: ReceptorSpec): string {
  if (receptor.kernel === "delta") return membraneUnit(model);
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
  const known = options.models ?? builtIn;
  const names = Object.keys(known);
  if (typeof value === "object" && value !== null && !options.namesOnly) {
    const record = value as Partial<ModelRecord>;
    const complete = ["id", "states", "params", "equations", "threshold", "methods"].every((key) => Object.hasOwn(value, key));
    if (complete && Array.isArray(record.methods) && typeof record.states === "object" && typeof record.params === "object") {
      return value as ModelRecord;
    }
    return wrongType(value, path, "the name of a model or a model record made by defineModel");
  }
  const name = readName(value, path, "model", names, LATER_MODELS);
  return (known as Readonly<Record<string, ModelRecord>>)[name] as ModelRecord;
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
    const match = /^(\w+) < (\w+)$/.exec(condition);
    if (!match) throw new RangeError(`${model.id}: the condition ${JSON.stringify(condition)} is not of the form "NAME < NAME"`);
    const [, small = "", large = ""] = match;
    const a = field(params, small) as Value | undefined;
    const b = field(params, large) as Value | undefined;
    const unit = model.params[small]?.unit ?? "";
    const count = a instanceof Float64Array || b instanceof Float64Array ? size : 1;
    for (let i = 0; i < count; i++) {
      const x = a instanceof Float64Array ? a[i] : a;
      const y = b instanceof Float64Array ? b[i] : b;
      if (typeof x !== "number" || typeof y !== "number" || x < y) continue;
      const place = parameterPath(path, small);
      outOfRange(x, unit, count === 1 ? place : itemPath(place, i), `< ${large} = ${quantityText(y, unit)}`);
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
  const kernel = readName(requiredField(object, "kernel", path, `one of ${KERNELS.join(", ")}`), keyPath(path, "kernel"), "kernel", KERNELS, LATER_KERNELS);
  if (kernel === "delta") {
    checkKeys(object, path, ["kernel"], "key of a delta receptor");
    return { kernel };
  }
  checkKeys(object, path, ["kernel", "tau", "E_rev"]);
  const tau = readNumber(requiredField(object, "tau", path, "the time constant in ms"), keyPath(path, "tau"), "ms", "> 0");
  const reversal = field(object, "E_rev");
  if (reversal === undefined) return { kernel, tau };
  return { kernel, tau, E_rev: readNumber(reversal, keyPath(path, "E_rev"), membraneUnit(model)) };
}

/**
 * Reads a background current.
 *
 * @param model the model of the population that receives it
 * @param size number of neurons of the population
 */
export function parseBackground(input: unknown, path: string, model: ModelRecord, size: number, options: ParseOptions = {}): BackgroundSpec {
  const object = readObject(input, path, 'an object such as { "kind": "constant", "amplitude": 100 }');
  const kind = readName(requiredField(object, "kind", path, `one of ${KINDS.join(", ")}`), keyPath(path, "kind"), "background kind", KINDS, LATER_KINDS);
  const current = model.current;
  const keys = (...known: string[]): void => checkKeys(object, path, ["kind", ...known], `key of ${kind}`, LATER_ENTRY);
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
      keys("amplitude");
      return { kind, amplitude: value("amplitude", amplitude) };
    case "piecewise":
      keys("points");
      return { kind, points: readPoints(requiredField(object, "points", path, "rows [time, amplitude, slope]"), at("points"), current) };
    case "pulses": {
      keys("amplitude", "start", "width", "period", "count");
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
      keys("start", "end", "from", "to");
      const start = numberOr("start", 0, "ms", ">= 0");
      const end = number("end", "the end of the ramp in ms", "ms");
      if (!(end > start)) outOfRange(end, "ms", at("end"), `> start = ${quantityText(start, "ms")}`);
      return { kind, start, end, from: value("from", amplitude), to: value("to", amplitude) };
    }
    case "sine":
      keys("amplitude", "frequency", "phase", "offset");
      return {
        kind,
        amplitude: value("amplitude", amplitude),
        frequency: number("frequency", "the frequency in Hz", "Hz", ">= 0"),
        phase: numberOr("phase", 0, "rad"),
        offset: valueOr("offset", 0),
      };
    case "whiteNoise":
      keys("sigma", "mean");
      return { kind, sigma: value("sigma", `the intensity in ${noiseUnit(model)}`, noiseUnit(model), ">= 0"), mean: valueOr("mean", 0) };
    case "ornsteinUhlenbeck":
      keys("mean", "sigma", "tau");
      return {
        kind,
        mean: valueOr("mean", 0),
        sigma: value("sigma", "the stationary standard deviation", current, ">= 0"),
        tau: number("tau", "the correlation time in ms", "ms", "> 0"),
      };
    case "samples":
      return readSamples(object, path, current, options);
    case "rheobase":
      keys("fraction");
      return { kind, fraction: value("fraction", "the multiple of the rheobase", "") };
  }
}

function readPoints(value: unknown, path: string, current: string): (readonly [number, number, number])[] {
  const rows = readList(value, path, "an array of rows [time, amplitude, slope]");
  if (rows.length === 0 || rows.length > MAX_POINTS) {
    const allowed = `1 to ${MAX_POINTS}`;
    throw new LengthError(`${path}: ${rows.length} rows; it must have ${allowed}.`, { path, value: rows.length, allowed });
  }
  const slope = current === "" ? "1/ms" : `${current}/ms`;
  const points: (readonly [number, number, number])[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows.length; i++) {
    const place = itemPath(path, i);
    const row = readList(rows[i], place, "a row [time, amplitude, slope]");
    if (row.length < 2 || row.length > 3) {
      throw new LengthError(`${place}: ${row.length} numbers; it must be 2 or 3: [time, amplitude, slope].`, { path: place, value: row.length, allowed: "2 or 3" });
    }
    const time = readNumber(row[0], itemPath(place, 0), "ms");
    if (!(time > last)) outOfRange(time, "ms", itemPath(place, 0), `> ${quantityText(last, "ms")}, the time of the row before`);
    last = time;
    points.push([time, readNumber(row[1], itemPath(place, 1), current), row.length === 3 ? readNumber(row[2], itemPath(place, 2), slope) : 0]);
  }
  return points;
}

function readCount(value: unknown, path: string, periodic: boolean, entry: string): number {
  // without a period there is one pulse; with one they go on unless they are counted
  if (value === undefined) return periodic ? Number.POSITIVE_INFINITY : 1;
  const count = value === Number.POSITIVE_INFINITY ? value : readInteger(value, path, 1, Number.MAX_SAFE_INTEGER);
  if (count > 1 && !periodic) requiredField({}, "period", entry, "the time in ms from one pulse to the next");
  return count as number;
}

function readSamples(object: Fields, path: string, current: string, options: ParseOptions): BackgroundSpec {
  checkKeys(object, path, ["kind", "dt", "values", "file"], "key of samples", LATER_ENTRY);
  const dt = readNumber(requiredField(object, "dt", path, "the time in ms from one value to the next"), keyPath(path, "dt"), "ms", "> 0");
  const file = field(object, "file");
  const given = field(object, "values");
  if (file !== undefined && given !== undefined) {
    throw new ValueRangeError(`${path}: both "values" and "file"; it must be one of them.`, { path, allowed: "values or file" });
  }
  const place = keyPath(path, file === undefined ? "values" : "file");
  let list: unknown;
  if (file === undefined) list = requiredField(object, "values", path, 'an array of currents, or "file" with them');
  else {
    const table = tableFile(file, place, options);
    list = table.files.numbers(table.file);
  }
  const length = readList(list, place).length;
  if (length === 0 || length > MAX_SAMPLES) {
    const allowed = `1 to ${MAX_SAMPLES}`;
    throw new LengthError(`${place}: ${length} numbers; it must have ${allowed}.`, { path: place, value: length, allowed });
  }
  const values = readNumbers(list, place, current, undefined);
  return file === undefined ? { kind: "samples", dt, values } : { kind: "samples", dt, values, file: file as string };
}

/** The reader of a file that the input names, and the file's name. */
export function tableFile(file: unknown, path: string, options: ParseOptions): { readonly files: TableReader; readonly file: string } {
  if (typeof file !== "string" || file === "") wrongType(file, path, "the name of a file");
  if (!options.files) {
    throw new DocumentError(`${placeText(path, JSON.stringify(file))}; files can only be read from the command line and by the loader for Node.`, { path, value: file });
  }
  return { files: options.files, file };
}

/**
 * Reads a population from the object of a model file or of a call.
 *
 * @param input `{ name, model, size, preset?, method?, params?, init?, receptors?, background? }`
 * @param path where it stands: `$.populations[0]`, or the name of the population in a call
 */
export function parsePopulation(input: unknown, path: string, options: ParseOptions = {}): PopulationSpec {
  const object = readObject(input, path);
  checkKeys(object, path, POPULATION_KEYS);
  const at = (key: string): string => keyPath(path, key);
  const name = readPopulationName(requiredField(object, "name", path, "the name of the population"), at("name"), options.taken);
  const model = readModel(requiredField(object, "model", path, `a model: ${Object.keys(options.models ?? builtIn).join(", ")}`), at("model"), options);
  const size = readInteger(requiredField(object, "size", path, "the number of neurons"), at("size"), 1, MAX_SIZE);

  const params: Record<string, Value> = {};
  for (const [key, record] of Object.entries(model.params)) params[key] = record.default;
  const presetName = field(object, "preset");
  if (presetName !== undefined) {
    const preset = readName(presetName, at("preset"), `preset of ${model.id}`, Object.keys(model.presets));
    Object.assign(params, model.presets[preset]?.params);
  }
  const given = readObject(fieldOr(object, "params", {}), at("params"), "an object with parameters");
  const inside = path.startsWith("$") ? at("params") : path;
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

  const receptors = readReceptors(fieldOr(object, "receptors", {}), at("receptors"), model);
  const init = readInit(fieldOr(object, "init", {}), at("init"), model, receptors, size);
  const background = readBackgrounds(fieldOr(object, "background", []), at("background"), model, size, options);
  return {
    name,
    model,
    size,
    method,
    methodIsDefault: methodName === undefined,
    ...(presetName === undefined ? {} : { preset: presetName as string }),
    params,
    init,
    receptors,
    background,
  };
}

function readMethod(value: unknown, path: string, model: ModelRecord): Method {
  const known: readonly Method[] = model.methods;
  // a method of another model is known, only not here
  if (typeof value === "string" && METHODS.includes(value as Method) && !known.includes(value as Method)) {
    const allowed = known.join(", ");
    throw new ValueRangeError(`${placeText(path, JSON.stringify(value))}; ${model.id} offers: ${allowed}.`, { path, value, allowed: known });
  }
  return readName(value, path, "method", known);
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
    const conductance = !Object.hasOwn(model.states, key) && key.startsWith("g_");
    init[key] = readValue(given, keyPath(path, key), units.get(key) ?? "", size, conductance ? ">= 0" : undefined);
  }
  return init;
}

function readBackgrounds(value: unknown, path: string, model: ModelRecord, size: number, options: ParseOptions): BackgroundSpec[] {
  const list = readList(value, path, "an array of background currents");
  return Array.from({ length: list.length }, (_, i) => parseBackground(list[i], itemPath(path, i), model, size, options));
}

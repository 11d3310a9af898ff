/** Reads what a source population plays. */
import {
  checkKeys,
  COMMENT,
  field,
  type Fields,
  itemPath,
  keyPath,
  outOfRange,
  readInteger,
  readName,
  readNumber,
  readNumbers,
  requiredField,
  wrongType,
} from "./check.js";
import { isDistribution, readValue, type Value } from "../kinds/value.js";
import { LengthError, quantityText, UnknownKeyError, ValueRangeError } from "./errors.js";
import { type ParseOptions, tableFile } from "./files.js";
import { checkRateText, rateBounds } from "./own.js";
import { checkRate, parseRate } from "./points.js";
import type { ModelRecord, ParameterRecord } from "./record.js";
import type { RenewalKind, SharingKind, SourceSpec } from "./spec.js";
import { parseUnit } from "./units.js";

/** Most spikes of a source. */
export const MAX_SPIKES = 1e8;

/** What a source population may hold beside its parameters. */
const SOURCE_KEYS = ["name", "model", "size", "params", "positions"];

/** Refuses the keys of a population that only neurons have. */
export function checkSourceKeys(object: Fields, path: string, model: ModelRecord): void {
  for (const key of Object.keys(object)) {
    if (SOURCE_KEYS.includes(key) || key === COMMENT || field(object, key) === undefined) continue;
    throw new UnknownKeyError(
      `${path}: the key "${key}" belongs to neurons; the source ${model.id} takes ${SOURCE_KEYS.join(", ")}.`,
      {
      path: keyPath(path, key),
      value: key,
      allowed: SOURCE_KEYS,
    });
  }
}

/**
 * Reads the parameters of a source.
 *
 * @param params the object, whose keys are known to be the source's
 * @param path where it stands: `$.populations[0].params`, or the name of the population in a call
 * @param name name of the population, whose spikes are taken from a file with those of several
 */
export function parseSource(
  params: Fields,
  path: string,
  name: string,
  model: ModelRecord,
  size: number,
  options: ParseOptions = {},
): SourceSpec {
  checkKeys(params, path, [...Object.keys(model.params), ...Object.keys(model.inputs ?? {})], "parameter");
  if (model.id === "poisson") {
    const rate = field(params, "rate");
    if (typeof rate === "string" && isExpression(rate)) return readRateText(rate, keyPath(path, "rate"), size);
    return {
      kind: "poisson",
      rate:
        rate === undefined
          ? (model.params.rate?.default ?? 0)
          : parseRate(rate, keyPath(path, "rate"), size, options.dt, true),
    };
  }
  if (model.id === "renewal") return readRenewal(params, path, model, size, options);
  if (model.id === "correlated") return readCorrelated(params, path, model, size, options);
  return readTrain(params, path, name, size, options);
}

/** Whether a text is no number with a unit but computes something: it multiplies, calls a function, or has t or i. */
function isExpression(text: string): boolean {
  const [, unit] = /^\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*(\S.*)$/.exec(text) ?? [];
  if (unit !== undefined && parseUnit(unit.trim()) !== undefined) return false;
  return /[*(]|\b[tiN]\b/.test(text);
}

function readRateText(text: string, path: string, size: number): SourceSpec {
  checkRateText(text, path);
  // how many spikes there may be has to be known ahead
  const [, most] = rateBounds(text, size, 0, 1);
  if (most === Number.POSITIVE_INFINITY) {
    const allowed = `a text whose functions have a bound, such as min(${text}, 200*Hz)`;
    throw new ValueRangeError(`${path}: the rate has no upper bound that can be seen from its text; write ${allowed}.`, {
      path,
      value: text,
      allowed,
    });
  }
  return { kind: "poissonText", rate: text };
}

const RENEWALS: readonly RenewalKind[] = ["gamma", "lognormal", "refractory"];
/** The number of each distribution. */
const FORMS: Readonly<Record<RenewalKind, string>> = { gamma: "shape", lognormal: "cv", refractory: "dead" };

function readRenewal(
  params: Fields,
  path: string,
  model: ModelRecord,
  size: number,
  options: ParseOptions,
): SourceSpec {
  const what = "the distribution of the intervals: gamma, lognormal or refractory";
  const place = keyPath(path, "kind");
  const intervals = readName(requiredField(params, "kind", path, what), place, "distribution of intervals", RENEWALS);
  const own = FORMS[intervals];
  for (const [kind, name] of Object.entries(FORMS)) {
    if (name === own || field(params, name) === undefined) continue;
    const allowed = `"${own}" with "kind": "${intervals}"`;
    throw new UnknownKeyError(`${path}: "${name}" belongs to the kind ${kind}; write ${allowed}.`, {
      path: keyPath(path, name),
      value: name,
      allowed,
    });
  }
  const value = (name: string): Value => {
    const { default: usual, unit, range } = model.params[name] as ParameterRecord;
    const given = field(params, name);
    return given === undefined ? usual : readValue(given, keyPath(path, name), unit, size, range);
  };
  const rate = value("rate");
  const form = value(own);
  if (options.dt !== undefined) checkRate(rate, keyPath(path, "rate"), size, options.dt, true);
  checkDead({ intervals, rate, form }, keyPath(path, "dead"));
  return { kind: "renewal", intervals, rate, form };
}

/** A dead time is shorter than the mean interval. Distributions are looked at when they are drawn. */
export function checkDead(
  { intervals, rate, form }: Pick<Extract<SourceSpec, { kind: "renewal" }>, "intervals" | "rate" | "form">,
  path: string,
): void {
  if (intervals !== "refractory" || isDistribution(rate) || isDistribution(form)) return;
  const size = Math.max(rate instanceof Float64Array ? rate.length : 1, form instanceof Float64Array ? form.length : 1);
  for (let n = 0; n < size; n++) {
    const hz = rate instanceof Float64Array ? (rate[n] as number) : rate;
    const dead = form instanceof Float64Array ? (form[n] as number) : form;
    if (hz * dead < 1000) continue;
    const allowed = `< ${quantityText(1000 / hz, "ms")}, the mean interval at ${quantityText(hz, "Hz")}`;
    outOfRange(dead, "ms", form instanceof Float64Array ? itemPath(path, n) : path, allowed);
  }
}

const SHARINGS: readonly SharingKind[] = ["multiple", "single"];

/** Most common spikes of correlated trains in a step, on average. */
const MOST_COMMON = 10;

function readCorrelated(
  params: Fields,
  path: string,
  model: ModelRecord,
  size: number,
  options: ParseOptions,
): SourceSpec {
  const what = "how spikes are shared: multiple or single";
  const place = keyPath(path, "kind");
  const process = readName(requiredField(params, "kind", path, what), place, "way to share spikes", SHARINGS);
  const number = (name: string): number => {
    const { default: usual, unit, range } = model.params[name] as ParameterRecord;
    const given = field(params, name);
    return given === undefined ? usual : readNumber(given, keyPath(path, name), unit, range);
  };
  const [rate, correlation, tau] = [number("rate"), number("correlation"), number("tau")];
  const least = process === "multiple" ? "> 0 and <= 1" : ">= 0 and <= 1";
  if (correlation > 1 || (process === "multiple" && correlation === 0))
    outOfRange(correlation, "", keyPath(path, "correlation"), least);
  const { dt } = options;
  if (dt !== undefined) {
    checkRate(rate, keyPath(path, "rate"), size, dt, true);
    const common = process === "multiple" ? rate / correlation : rate * correlation;
    const most = (1000 * MOST_COMMON) / dt;
    if (common > most) {
      const allowed = `at most ${quantityText(most, "Hz")}`;
      const message = `the common train of the kind ${process} has ${quantityText(common, "Hz")}; it must be ${allowed}, ${MOST_COMMON} spikes in a step`;
      throw new ValueRangeError(`${path}: ${message}.`, { path, value: common, allowed });
    }
  }
  return { kind: "correlated", process, rate, correlation, tau };
}

function readTrain(params: Fields, path: string, name: string, size: number, options: ParseOptions): SourceSpec {
  const file = field(params, "file");
  const other = ["times", "neurons"].find((key) => field(params, key) !== undefined);
  if (file !== undefined && other !== undefined) {
    throw new ValueRangeError(`${path}: both "${other}" and "file"; it must be "times" with "neurons", or "file".`, {
      path,
      allowed: "times with neurons, or file",
    });
  }
  const population = field(params, "population");
  if (population !== undefined) {
    if (typeof population !== "string" || population === "")
      wrongType(population, keyPath(path, "population"), "the name of a population in the file");
    if (file === undefined) {
      throw new ValueRangeError(
        `${path}: "population" names the one of a file whose spikes are played; there is no "file".`,
        { path, allowed: 'with "file" only' },
      );
    }
  }
  const place = keyPath(path, "file");
  const table = file === undefined ? undefined : tableFile(file, place, options);
  const columns: { readonly times?: unknown; readonly neurons?: unknown } = table
    ? table.files.spikes(table.file, name, population)
    : params;
  const at = (key: string): string => (table ? `${place}.${key}` : keyPath(path, key));
  const column = (key: "times" | "neurons", meaning: string): Float64Array => {
    const content = requiredField(columns as Fields, key, path, meaning);
    return readNumbers(content, at(key), key === "times" ? "ms" : "", undefined, ">= 0");
  };
  const times = column("times", 'an array of spike times in ms, or "file" with them');
  const indices = column("neurons", "an array with the neuron of each spike");
  if (times.length > MAX_SPIKES) {
    throw new LengthError(`${at("times")}: ${times.length} spikes; it must have at most ${MAX_SPIKES}.`, {
      path: at("times"),
      value: times.length,
      allowed: `at most ${MAX_SPIKES}`,
    });
  }
  if (indices.length !== times.length) {
    throw new LengthError(
      `${at("neurons")}: an array of ${indices.length} numbers; it must have ${times.length}, one per spike.`,
      {
      path: at("neurons"),
      value: indices.length,
      allowed: String(times.length),
    });
  }
  const neurons = new Uint32Array(indices.length);
  for (let i = 0; i < neurons.length; i++) {
    const neuron = indices[i] as number;
    // the path is only written where it is needed: lists are long
    neurons[i] =
      Number.isInteger(neuron) && neuron < size ? neuron : readInteger(neuron, itemPath(at("neurons"), i), 0, size - 1);
  }
  return {
    kind: "spikeTrain",
    ...sorted(times, neurons),
    ...(table ? { file: table.file } : {}),
    ...(population === undefined ? {} : { population }),
  };
}

/** Spikes ordered by time, then by neuron. */
function sorted(times: Float64Array, neurons: Uint32Array): { times: Float64Array; neurons: Uint32Array } {
  const compare = (a: number, b: number): number =>
    (times[a] as number) - (times[b] as number) || (neurons[a] as number) - (neurons[b] as number);
  let ordered = true;
  for (let i = 1; i < times.length && ordered; i++) ordered = compare(i - 1, i) <= 0;
  if (ordered) return { times, neurons };
  const order = Uint32Array.from(times, (_, i) => i).sort(compare);
  return {
    times: Float64Array.from(order, (i) => times[i] as number),
    neurons: Uint32Array.from(order, (i) => neurons[i] as number),
  };
}

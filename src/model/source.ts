/** Reads what a source population plays. */
import {
  checkKeys,
  COMMENT,
  field,
  type Fields,
  itemPath,
  keyPath,
  readInteger,
  readNumbers,
  requiredField,
  wrongType,
} from "./check.js";
import { LengthError, UnknownKeyError, ValueRangeError } from "./errors.js";
import { type ParseOptions, tableFile } from "./files.js";
import { parseRate } from "./points.js";
import type { ModelRecord } from "./record.js";
import type { SourceSpec } from "./spec.js";

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
    return {
      kind: "poisson",
      rate:
        rate === undefined
          ? (model.params.rate?.default ?? 0)
          : parseRate(rate, keyPath(path, "rate"), size, options.dt, true),
    };
  }
  return readTrain(params, path, name, size, options);
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

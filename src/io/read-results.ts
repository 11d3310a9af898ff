/** Reads back what a run says of itself: run.json, and words of the command line that mean parts of a run. */
import { observedTogether } from "../analysis/observed.js";
import type { Observed, Span } from "../analysis/types.js";
import { readName } from "../model/check.js";
import { describe, SpikeletError } from "../model/errors.js";
import { MAX_POPULATIONS, parseNetworkName } from "../model/parse.js";
import { MAX_SIZE, readPopulationName } from "../model/population.js";
import { parseQuantity } from "../model/units.js";

/** A run.json that is none. */
export class ResultsError extends SpikeletError {
  override readonly name = "ResultsError";
  override readonly code = "results";
}

/** What the figures need of a run.json. */
export interface RunSummary {
  readonly name: string;
  /** Time step in ms; undefined where the file does not say it. */
  readonly dt: number | undefined;
  /** ms */
  readonly duration: number;
  /** Number of neurons of each population. */
  readonly sizes: ReadonlyMap<string, number>;
  /** What of each population's spikes was recorded; populations without any are not there. */
  readonly observed: ReadonlyMap<string, Observed>;
  /** The unit of the weights of each projection whose weights change. */
  readonly weightUnits: ReadonlyMap<string, string>;
  /** The model file of the run, not checked. */
  readonly document: unknown;
}

/**
 * Reads a run.json, which may be somebody else's: names and sizes are bounded as in a model file.
 *
 * @param file name of the file for messages
 * @throws ResultsError when the text is not JSON, lacks what every run.json has, or holds what no run writes
 */
export function readRun(text: string, file: string): RunSummary {
  const fail = (place: string, message: string): never => {
    throw new ResultsError(`${file}: ${place}${message}`, { path: file });
  };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    fail("", `this is not JSON (${error instanceof Error ? error.message : String(error)}).`);
  }
  if (!isObject(content)) return fail("", `${describe(content)}; it must be an object, as "spikelet run" writes it.`);
  const { name = "network", dt, duration, populations, document } = content;
  if (!(typeof duration === "number" && duration >= 0 && Number.isFinite(duration))) {
    return fail("duration: ", `${describe(duration)}; it must be a number of ms >= 0.`);
  }
  if (dt !== undefined && !(typeof dt === "number" && dt > 0 && Number.isFinite(dt))) {
    return fail("dt: ", `${describe(dt)}; it must be a number of ms > 0.`);
  }
  if (!isObject(populations)) return fail("populations: ", `${describe(populations)}; it must be an object.`);
  const entries = Object.entries(populations);
  if (entries.length > MAX_POPULATIONS) {
    return fail("populations: ", `${entries.length} of them; a run has at most ${MAX_POPULATIONS}.`);
  }
  const sizes = new Map<string, number>();
  try {
    parseNetworkName(name, "name");
    for (const [population] of entries) readPopulationName(population, "populations");
  } catch (error) {
    fail("", error instanceof Error ? error.message : String(error));
  }
  let total = 0;
  for (const [population, entry] of inOrder(entries, document)) {
    const size = isObject(entry) ? entry.size : undefined;
    if (!(typeof size === "number" && Number.isInteger(size) && size >= 0 && size <= MAX_SIZE)) {
      const allowed = `a whole number from 0 to ${MAX_SIZE}`;
      return fail(`populations.${population}.size: `, `${describe(size)}; it must be ${allowed}.`);
    }
    total += size;
    sizes.set(population, size);
  }
  if (total > MAX_NEURONS) return fail("populations: ", `${total} neurons together; at most ${MAX_NEURONS} are drawn.`);
  const scope = isObject(content.recorded) ? listOf(content.recorded.spikes) : scopeOf(document, duration);
  const observed = new Map<string, Observed>();
  for (const [i, entry] of scope.entries()) {
    const place = `recorded.spikes[${i}]`;
    const population = isObject(entry) ? entry.population : undefined;
    const size = typeof population === "string" ? sizes.get(population) : undefined;
    if (size === undefined) return fail(`${place}.population: `, `${describe(population)}; it must be one of the run's populations.`);
    const group = readGroup(entry as Fields, size);
    if (group === undefined) {
      return fail(`${place}: `, "it must have ascending spans of ms, and neurons below the population's size or none.");
    }
    observed.set(population as string, [...(observed.get(population as string) ?? []), group]);
  }
  // Somebody's file may name a neuron in several groups.
  for (const [population, groups] of observed) {
    observed.set(population, observedTogether(groups, sizes.get(population) as number));
  }
  return {
    name: name as string,
    dt,
    duration,
    sizes,
    observed,
    weightUnits: weightUnitsOf(content.recorded),
    document,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Entries of populations in the order of the document: an object puts names that are numbers first. */
export function inOrder<T>(
  entries: readonly (readonly [name: string, content: T])[],
  document: unknown,
): (readonly [string, T])[] {
  const names = listOf(isObject(document) ? document.populations : undefined).map((entry) =>
    isObject(entry) ? entry.name : undefined,
  );
  const places = new Map(names.map((name, place) => [name, place]));
  const place = (name: string): number => places.get(name) ?? names.length;
  return [...entries].sort(([a], [b]) => place(a) - place(b));
}

/** What a document records, for a run.json of an earlier version, which does not say it. */
function scopeOf(document: unknown, duration: number): unknown[] {
  const entries = listOf(isObject(document) ? document.record : undefined);
  return entries.filter(isObject).flatMap(({ population, variables, neurons, from = 0 }) => {
    if (!listOf(variables).includes("spikes")) return [];
    let start: number;
    try {
      start = readTime(String(from), "from");
    } catch {
      return [];
    }
    return [
      { population, ...(neurons !== undefined && { neurons }), spans: start < duration ? [[start, duration]] : [] },
    ];
  });
}

function readGroup({ neurons, spans }: Fields, size: number): Observed[number] | undefined {
  let before = Number.NEGATIVE_INFINITY;
  for (const span of listOf(spans)) {
    const [from, to] = listOf(span) as readonly number[];
    if (!(
      Number.isFinite(from) &&
      Number.isFinite(to) &&
      (from as number) >= before &&
      (to as number) >= (from as number)
    ))
      return undefined;
    before = to as number;
  }
  const known = { spans: listOf(spans) as readonly Span[] };
  if (neurons === undefined) return known;
  const list = listOf(neurons);
  if (!list.every((n) => typeof n === "number" && Number.isInteger(n) && n >= 0 && n < size)) return undefined;
  return { ...known, neurons: Uint32Array.from(list as readonly number[]).sort() };
}

function weightUnitsOf(recorded: unknown): Map<string, string> {
  const units = new Map<string, string>();
  const weights = isObject(recorded) ? listOf(recorded.weights) : [];
  for (const entry of weights) {
    if (!isObject(entry)) continue;
    const { projection, unit } = entry;
    if (typeof projection === "string" && typeof unit === "string") units.set(projection, unit);
  }
  return units;
}

/** Most neurons of a run that are drawn: more than a run's memory can hold. */
const MAX_NEURONS = 1e8;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A time in ms from a word of the command line: a number of ms, or a text with a unit such as "2 s". */
export function readTime(word: string, path: string): number {
  return parseQuantity(/[a-zµμ]\s*$/i.test(word) ? word : `${word} ms`, "ms", path);
}

/** The name of a population from a word of the command line; an error names the nearest one. */
export function readPopulation(word: string, path: string, run: RunSummary): string {
  return readName(word, path, "population", [...run.sizes.keys()]);
}

/** Reads back what a run wrote: run.json, spikes, traces and weights. Works on texts and bytes, in any host. */
import { observedTogether } from "../analysis/observed.js";
import type { Observed, PopulationTrace, Span, Spikes } from "../analysis/types.js";
import { readName } from "../model/check.js";
import { describe, SpikeletError } from "../model/errors.js";
import { nearestName } from "../model/suggest.js";
import { MAX_POPULATIONS, parseNetworkName } from "../model/parse.js";
import { MAX_SIZE, readPopulationName } from "../model/population.js";
import { parseQuantity } from "../model/units.js";
import { CsvError, type CsvRow, csvRows, SPIKES_HEADER, TRACES_HEADER, WEIGHT_TRACES_HEADER, WEIGHTS_HEADER } from "./csv.js";
import { COUNTED, type NpyArray, NpzError, readNpz } from "./npz.js";

/** A run.json that is none. */
export class ResultsError extends SpikeletError {
  override readonly name = "ResultsError";
  override readonly code = "results";
}

/** Which spikes, traces and weights the tables of a run hold, as run.json says it. */
export interface RecordedScope {
  /** Neurons of a population (all where left out) with the spans of time in ms over which their spikes were recorded. */
  readonly spikes: readonly {
    readonly population: string;
    readonly neurons?: readonly number[];
    readonly spans: readonly Span[];
  }[];
  readonly traces: readonly { readonly population: string; readonly variable: string; readonly unit: string }[];
  /** Projections whose weights change. */
  readonly weights: readonly { readonly projection: string; readonly unit: string }[];
}

/** What the figures need of a run.json. */
export interface RunSummary {
  readonly name: string;
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
  const { name = "network", duration, populations, document } = content;
  if (!(typeof duration === "number" && duration >= 0 && Number.isFinite(duration))) {
    return fail("duration: ", `${describe(duration)}; it must be a number of ms >= 0.`);
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
  return { name: name as string, duration, sizes, observed, weightUnits: weightUnitsOf(content.recorded), document };
}

type Fields = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Entries of populations in the order of the document: an object puts names that are numbers first. */
export function inOrder<T>(entries: readonly (readonly [name: string, content: T])[], document: unknown): (readonly [string, T])[] {
  const names = listOf(isObject(document) ? document.populations : undefined).map((entry) => (isObject(entry) ? entry.name : undefined));
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
    return [{ population, ...(neurons !== undefined && { neurons }), spans: start < duration ? [[start, duration]] : [] }];
  });
}

function readGroup({ neurons, spans }: Fields, size: number): Observed[number] | undefined {
  let before = Number.NEGATIVE_INFINITY;
  for (const span of listOf(spans)) {
    const [from, to] = listOf(span) as readonly number[];
    if (!(Number.isFinite(from) && Number.isFinite(to) && (from as number) >= before && (to as number) >= (from as number))) return undefined;
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

/** What is known of the run that a file belongs to. */
export interface TableOptions {
  /** Number of neurons of each population: other populations and larger neuron indices are errors. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Name of the file for messages. */
  readonly file?: string;
}

/** Numbers that grow at the end. */
class Column<A extends Float64Array | Uint32Array> {
  private data: A;
  length = 0;

  constructor(data: A) {
    this.data = data;
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const larger = new (this.data.constructor as new (length: number) => A)(2 * this.length);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  get last(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : (this.data[this.length - 1] as number);
  }

  array(): A {
    return this.data.slice(0, this.length) as A;
  }
}

const numbers = () => new Column(new Float64Array(4));
const indices = () => new Column(new Uint32Array(4));

/**
 * Reads spikes as `spikesCsv` writes them.
 *
 * @returns the spike train of each population that has a row
 * @throws CsvError with line, column and value when the header is another one, a population is unknown, a neuron is not
 *   below its population's size, a time is not finite, or a population's times do not ascend
 */
export function readSpikesCsv(text: string, options: TableOptions): Map<string, Spikes> {
  const trains = new Map<string, { times: Column<Float64Array>; neurons: Column<Uint32Array> }>();
  for (const row of tableRows(text, SPIKES_HEADER, options.file)) {
    const [time, population, neuron] = place(row, options);
    let train = trains.get(population);
    if (train === undefined) {
      train = { times: numbers(), neurons: indices() };
      trains.set(population, train);
    }
    if (time < train.times.last) {
      throw wrong(row, 0, descends(time, train.times.last, "population"));
    }
    train.times.push(time);
    train.neurons.push(neuron);
  }
  return new Map(Array.from(trains, ([name, { times, neurons }]) => [
    name,
    { times: times.array(), neurons: neurons.array() },
  ]));
}

/** How to read traces. */
export interface TraceOptions extends TableOptions {
  /** Unit of a variable, which the file does not hold; "" for all when left out. */
  readonly unit?: (population: string, variable: string) => string;
}

/**
 * Reads traces as `tracesCsv` writes them. Neurons of one variable with the same sample times are one trace. Of rows
 * that repeat a neuron, variable and time, the first counts.
 *
 * @throws CsvError with line, column and value when the header is another one, a population is unknown, a neuron is not
 *   below its population's size, a value is no number, or a neuron's times do not ascend
 */
export function readTracesCsv(text: string, options: TraceOptions): PopulationTrace[] {
  const series = new Map<string, Series>();
  for (const row of tableRows(text, TRACES_HEADER, options.file)) {
    const [time, population, neuron] = place(row, options);
    const [, , , variable, field] = row.fields as [string, string, string, string, string];
    const value = Number(field);
    if (field === "" || (Number.isNaN(value) && field !== "NaN")) {
      throw wrong(row, 4, `${quoted(field)} is not a number.`);
    }
    const key = `${neuron} ${population.length} ${population} ${variable}`;
    let own = series.get(key);
    if (own === undefined) {
      own = { population, variable, neuron, time: numbers(), values: numbers() };
      series.set(key, own);
    }
    if (time < own.time.last) {
      throw wrong(row, 0, descends(time, own.time.last, "neuron"));
    }
    if (time === own.time.last) continue;
    own.time.push(time);
    own.values.push(value);
  }
  return traces([...series.values()], options.unit);
}

interface Series {
  readonly population: string;
  readonly variable: string;
  readonly neuron: number;
  readonly time: Column<Float64Array>;
  readonly values: Column<Float64Array>;
}

function traces(series: readonly Series[], unit: TraceOptions["unit"] = () => ""): PopulationTrace[] {
  const groups: { population: string; variable: string; time: Float64Array; members: [number, Float64Array][] }[] = [];
  // Few series have the same length and ends but other times between them.
  const alike = new Map<string, typeof groups>();
  for (const { population, variable, neuron, time, values } of series) {
    const own = time.array();
    const key = `${population.length} ${population} ${own.length} ${own[0]} ${own[own.length - 1]} ${variable}`;
    const candidates = alike.get(key) ?? [];
    const group = candidates.find((g) => equal(g.time, own));
    if (group === undefined) {
      const made = { population, variable, time: own, members: [[neuron, values.array()]] as [number, Float64Array][] };
      groups.push(made);
      candidates.push(made);
      alike.set(key, candidates);
    } else group.members.push([neuron, values.array()]);
  }
  return groups.map(({ population, variable, time, members }) => ({
    population,
    variable,
    unit: unit(population, variable),
    neurons: Uint32Array.from(members, ([neuron]) => neuron),
    time,
    values: (position) => (members[position] as [number, Float64Array])[1],
  }));
}

function equal(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * Reads weights: a table with the header `projection,source,target,weight`.
 *
 * @returns the weights of each projection that has a row, in the order of the rows
 * @throws CsvError with line, column and value when the header is another one or a weight is no finite number
 */
export function readWeightsCsv(text: string, file?: string): Map<string, Float64Array> {
  const weights = new Map<string, Column<Float64Array>>();
  for (const row of tableRows(text, WEIGHTS_HEADER, file)) {
    const [projection, , , field] = row.fields as [string, string, string, string];
    let own = weights.get(projection);
    if (own === undefined) {
      own = numbers();
      weights.set(projection, own);
    }
    own.push(finite(row, 3, field));
  }
  return new Map(Array.from(weights, ([name, column]) => [name, column.array()]));
}

/** Gives the unit of a projection's weights. */
type WeightUnit = (projection: string) => string;

/**
 * Reads recorded weights: a table with the header `time_ms,projection,synapse,source,target,weight`.
 *
 * @returns traces of the variable `weight`, whose populations are the projections and whose neurons are the synapses
 * @throws CsvError with line, column and value when the header is another one, a number is wrong, or times do not ascend
 */
export function readWeightTracesCsv(text: string, unit: WeightUnit, file?: string): PopulationTrace[] {
  const series = new Map<string, Series>();
  for (const row of tableRows(text, WEIGHT_TRACES_HEADER, file)) {
    const [timeField, projection, synapseField, , , field] = row.fields as [string, string, string, string, string, string];
    const time = finite(row, 0, timeField);
    const value = finite(row, 5, field);
    const synapse = finite(row, 2, synapseField);
    if (!(Number.isInteger(synapse) && synapse >= 0 && synapse < 2 ** 32)) {
      throw wrong(row, 2, `${quoted(synapseField)} is not a synapse; it must be a whole number >= 0.`);
    }
    const key = `${synapse} ${projection}`;
    let own = series.get(key);
    if (own === undefined) {
      own = { population: projection, variable: "weight", neuron: synapse, time: numbers(), values: numbers() };
      series.set(key, own);
    }
    if (time < own.time.last) throw wrong(row, 0, descends(time, own.time.last, "synapse"));
    // Two recordings of one synapse have the same weight at the same time.
    if (time === own.time.last) continue;
    own.time.push(time);
    own.values.push(value);
  }
  return traces([...series.values()], unit);
}

interface Row extends CsvRow {
  readonly header: string;
  readonly file: string | undefined;
}

/** The rows below the header, each as long as it. */
function* tableRows(text: string, header: string, file: string | undefined): Generator<Row> {
  const columns = header.split(",");
  let first = true;
  for (const { line, fields } of csvRows(text, file)) {
    if (first) {
      first = false;
      const given = fields.join(",");
      if (given === header) continue;
      throw new CsvError(`the header is ${quoted(given)}; it must be ${quoted(header)}.`, { line, value: given, file });
    }
    if (fields.length !== columns.length) {
      const count = `${fields.length} field${fields.length === 1 ? "" : "s"}`;
      throw new CsvError(`the row has ${count}; it must have ${columns.length}: ${header}.`, {
        line,
        value: fields.join(","),
        file,
      });
    }
    yield { line, fields, header, file };
  }
  if (first) throw new CsvError(`the file is empty; it must begin with ${quoted(header)}.`, { line: 0, file });
}

function descends(time: number, before: number, what: string): string {
  return `${time} ms; the times of a ${what} must ascend, and the one before is ${before} ms.`;
}

/** Time, population and neuron of a row. */
function place(row: Row, { sizes }: TableOptions): [time: number, population: string, neuron: number] {
  const [timeField, population, neuronField] = row.fields as [string, string, string];
  const time = finite(row, 0, timeField);
  const size = sizes.get(population);
  if (size === undefined) throw wrong(row, 1, unknownPopulation(population, sizes));
  const neuron = neuronField === "" ? Number.NaN : Number(neuronField);
  if (!(Number.isInteger(neuron) && neuron >= 0 && neuron < size)) {
    const allowed = size === 0 ? "the population has no neurons" : `it must be a whole number from 0 to ${size - 1}`;
    throw wrong(row, 2, `${quoted(neuronField)} is not a neuron of ${quoted(population)}; ${allowed}.`);
  }
  return [time, population, neuron];
}

function unknownPopulation(name: string, sizes: ReadonlyMap<string, number>): string {
  const nearest = nearestName(name, sizes.keys());
  const hint = nearest === undefined ? "" : ` Did you mean ${quoted(nearest)}?`;
  return `the run has no population ${quoted(name)}.${hint}`;
}

function finite(row: Row, column: number, field: string): number {
  const value = Number(field);
  if (field !== "" && Number.isFinite(value)) return value;
  throw wrong(row, column, `${quoted(field)} is not a finite number.`);
}

function wrong({ line, fields, header, file }: Row, column: number, message: string): CsvError {
  const value = fields[column] as string;
  return new CsvError(message, { line, column: header.split(",")[column] as string, value, file });
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

/**
 * Bytes that an archive may unpack to. A run writes archives without compression; one that somebody has compressed may be
 * larger than its file within bounds, so that a small file does not take the whole memory.
 */
function mostUnpacked({ length }: Uint8Array): number {
  return Math.max(length, Math.min(16 * length, 2 ** 30));
}

/**
 * Reads spikes as `spikesMembers` writes them.
 *
 * @returns the spike train of each population in the archive
 * @throws NpzError with the key when an array is missing or of another type, a population is unknown, a neuron is not
 *   below its population's size, or times do not ascend
 */
export async function readSpikesNpz(bytes: Uint8Array, options: TableOptions): Promise<Map<string, Spikes>> {
  const { arrays } = await readNpz(bytes, mostUnpacked(bytes));
  const trains = new Map<string, Spikes>();
  for (const key of Object.keys(arrays)) {
    const [part = "", kind = "", last] = key.split("/");
    if (!/^spikes(#\d+)?$/.test(kind) || last !== "times") continue;
    const population = knownPart(part, options.sizes, key);
    const times = member(arrays, key, Float64Array);
    const neurons = member(arrays, `${part}/${kind}/neurons`, Uint32Array);
    checkLength(neurons, times.length, `${part}/${kind}/neurons`);
    checkNeurons(neurons, options.sizes.get(population) as number, `${part}/${kind}/neurons`);
    checkTimes(times, key);
    trains.set(population, { times, neurons });
  }
  return trains;
}

/**
 * Reads traces as `tracesMembers` writes them.
 *
 * @throws NpzError with the key when an array is missing or of another type, a population is unknown, a neuron is not
 *   below its population's size, or times do not ascend
 */
export async function readTracesNpz(bytes: Uint8Array, options: TraceOptions): Promise<PopulationTrace[]> {
  const { arrays } = await readNpz(bytes, mostUnpacked(bytes));
  const out: PopulationTrace[] = [];
  for (const key of Object.keys(arrays)) {
    const [part = "", kind = "", last] = key.split("/");
    if (last !== "time") continue;
    const base = `${part}/${kind}`;
    const population = knownPart(part, options.sizes, key);
    const variable = nameOf(kind.replace(COUNTED, ""));
    const time = member(arrays, key, Float64Array);
    const neurons = member(arrays, `${base}/neurons`, Uint32Array);
    const values = member(arrays, `${base}/values`, Float64Array);
    checkTimes(time, key);
    checkNeurons(neurons, options.sizes.get(population) as number, `${base}/neurons`);
    checkLength(values, neurons.length * time.length, `${base}/values`);
    const unit = options.unit?.(population, variable) ?? "";
    const row = (position: number) => values.subarray(position * time.length, (position + 1) * time.length);
    out.push({ population, variable, unit, neurons, time, values: row });
  }
  return out;
}

/**
 * Reads weights as `weightsMembers` writes them.
 *
 * @returns the weights of each projection in the archive
 * @throws NpzError with the key when an array is of another type or holds a number that is not finite
 */
export async function readWeightsNpz(bytes: Uint8Array): Promise<Map<string, Float64Array>> {
  const { arrays } = await readNpz(bytes, mostUnpacked(bytes));
  const weights = new Map<string, Float64Array>();
  for (const key of Object.keys(arrays)) {
    const [part = "", last] = key.split("/");
    if (last !== "weight") continue;
    const values = member(arrays, key, Float64Array);
    const wrong = values.findIndex((w) => !Number.isFinite(w));
    if (wrong >= 0) throw new NpzError(`element ${wrong} is ${values[wrong]}; it must be a finite number.`, key);
    weights.set(nameOf(part), values);
  }
  return weights;
}

/**
 * Reads recorded weights as `weightTracesMembers` writes them.
 *
 * @returns traces as `readWeightTracesCsv` gives them
 * @throws NpzError with the key when an array is missing, of another type or length, or times do not ascend
 */
export async function readWeightTracesNpz(bytes: Uint8Array, unit: WeightUnit): Promise<PopulationTrace[]> {
  const { arrays } = await readNpz(bytes, mostUnpacked(bytes));
  return Object.keys(arrays).flatMap((key) => {
    const base = /^(.*)\/time$/.exec(key)?.[1];
    if (base === undefined) return [];
    const projection = nameOf(base.replace(COUNTED, ""));
    const time = member(arrays, key, Float64Array);
    const neurons = member(arrays, `${base}/synapse`, Uint32Array);
    const values = member(arrays, `${base}/weight`, Float64Array);
    checkTimes(time, key);
    checkLength(values, neurons.length * time.length, `${base}/weight`);
    const row = (position: number) => values.subarray(position * time.length, (position + 1) * time.length);
    return [{ population: projection, variable: "weight", unit: unit(projection), neurons, time, values: row }];
  });
}

/** A part of a key as the name that it was made from. */
function nameOf(part: string): string {
  const code = /%(D[89A-F][0-9A-F]{2}|[0-9A-F]{2})/g;
  return part.replace(code, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function knownPart(part: string, sizes: ReadonlyMap<string, number>, key: string): string {
  const name = nameOf(part);
  if (sizes.has(name)) return name;
  throw new NpzError(unknownPopulation(name, sizes), key);
}

function member<A extends Float64Array | Uint32Array>(
  arrays: Readonly<Record<string, NpyArray>>,
  key: string,
  type: new (length: number) => A,
): A {
  const data = arrays[key]?.data;
  if (data === undefined) throw new NpzError("the archive lacks this array.", key);
  if (data instanceof type) return data;
  throw new NpzError(`the array is a ${data.constructor.name}; it must be a ${type.name}.`, key);
}

function checkLength(values: { readonly length: number }, length: number, key: string): void {
  if (values.length === length) return;
  throw new NpzError(`the array has ${values.length} elements; it must have ${length}.`, key);
}

function checkNeurons(neurons: Uint32Array, size: number, key: string): void {
  const wrong = neurons.findIndex((neuron) => neuron >= size);
  if (wrong < 0) return;
  throw new NpzError(`element ${wrong} is ${neurons[wrong]}; it must be below the population's size ${size}.`, key);
}

function checkTimes(times: Float64Array, key: string): void {
  const wrong = times.findIndex((time, i) => !(Number.isFinite(time) && (i === 0 || time >= (times[i - 1] as number))));
  if (wrong < 0) return;
  throw new NpzError(`element ${wrong} is ${times[wrong]} ms; times must be finite and ascend.`, key);
}

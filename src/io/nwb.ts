/**
 * NWB 2, Neurodata Without Borders: spikes and traces of a run as a file for pynwb, Neo and Elephant, MatNWB and the
 * archives that take NWB. Each observed neuron is a unit, with the time over which it was observed; each recorded
 * variable of a population is a time series. Tables below /analysis say whose series are in which column, and hold
 * weights. What stands in the file depends on neither clock nor chance, identifiers included; HDF5 itself notes when
 * its objects were made.
 */
import { checkKeys, readObject, wrongType } from "../model/check.js";
import { crc32 } from "../model/crc32.js";
import { describe, LengthError, ValueRangeError } from "../model/errors.js";
import type { RunFacts, RunTables } from "./format.js";
import {
  type Attributes,
  type Children,
  type Dataset,
  dataset,
  type Group,
  group,
  type NumberArray,
  numbers,
  scalar,
  variableText,
  writeHdf5,
} from "./hdf5.js";
import { exactIntervalOf, intervalOf, secondsOf } from "./samples.js";

/** Spikes of a population. What `SpikeRecording` and the readers of results give fits. */
export interface NwbSpikes {
  /** Name of the population, and its number of neurons. */
  readonly name: string;
  readonly size: number;
  readonly spikes: {
    /** ms */
    readonly times: ArrayLike<number>;
    readonly neurons: ArrayLike<number>;
    /**
     * Neurons (all where left out) and the spans of time in ms in which they were observed; all, all the time, when
     * left out.
     */
    readonly observed?:
      | readonly {
          readonly neurons?: ArrayLike<number> | undefined;
          readonly spans: readonly (readonly [from: number, to: number])[];
        }[]
      | undefined;
  };
}

/** A recorded variable. What `TraceRecording` and the readers of results give fits. */
export interface NwbTrace {
  readonly population: string;
  readonly variable: string;
  /** mV, pA, ...; "" for a pure number. */
  readonly unit: string;
  readonly neurons: ArrayLike<number>;
  /** ms, ascending */
  readonly time: ArrayLike<number>;
  /** Samples of the neuron at a position of `neurons`. */
  values(position: number): ArrayLike<number>;
}

/** Weights of synapses over time. What `Results.tables` gives fits. */
export interface NwbWeightTrace {
  /** Name of the projection. */
  readonly name: string;
  readonly unit: string;
  /** Places of the synapses in their projection; sources and targets stand beside them. */
  readonly synapses: ArrayLike<number>;
  readonly sources: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  /** ms, ascending */
  readonly time: ArrayLike<number>;
  /** Samples of the synapse at a position of `synapses`. */
  values(position: number): ArrayLike<number>;
}

/** Weights of a projection. What `Results.weights` gives fits. */
export interface NwbWeights {
  readonly name: string;
  readonly unit: string;
  readonly sources: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** What is written: spikes by population, traces, weights, and the time that was simulated. */
export interface NwbResults {
  /** ms from the start; what was observed all the time was observed so long. */
  readonly duration: number;
  readonly spikes?: readonly NwbSpikes[];
  readonly traces?: readonly NwbTrace[];
  readonly weightTraces?: readonly NwbWeightTrace[];
  readonly weights?: readonly NwbWeights[];
}

/** What an NWB file says of the session beside its data. */
export interface NwbOptions {
  /** When time 0 was: a date, or a text such as 2026-11-29T12:00:00Z, with its time zone. */
  readonly sessionStart: Date | string;
  /** Unique among files. */
  readonly identifier: string;
  /** What the session was. */
  readonly description: string;
  /** When the file was made; the start of the session when left out. */
  readonly created?: Date | string;
}

/** The version of NWB's schema that the file follows. */
export const NWB_VERSION = "2.9.0";

/** Units of NWB, and what numbers here are multiplied with to be in them. */
const UNITS: Readonly<Record<string, readonly [unit: string, conversion: number]>> = {
  mV: ["volts", 1e-3],
  V: ["volts", 1],
  pA: ["amperes", 1e-12],
  nA: ["amperes", 1e-9],
  nS: ["siemens", 1e-9],
  ms: ["seconds", 1e-3],
  "": ["n/a", 1],
};

/** Most spikes, and most samples of all traces. */
const MAX_NUMBERS = 2 ** 27;

/** Neurons that were observed, in the order of the file. */
interface Unit {
  readonly population: string;
  readonly neuron: number;
  readonly spans: readonly (readonly [from: number, to: number])[];
}

function readText(value: unknown, path: string): string {
  if (typeof value !== "string") wrongType(value, path, "a text");
  if (value.trim() === "" || value.includes("\0")) {
    throw new ValueRangeError(`${path}: ${describe(value)}; it must be a text that is not empty.`, { path, value });
  }
  return value;
}

/** A moment as ISO 8601 text with its time zone. */
function readMoment(value: unknown, path: string): string {
  const allowed = "a date, or a text such as 2026-11-29T12:00:00Z, with its time zone";
  const known = value instanceof Date || typeof value === "string";
  if (!known) return wrongType(value, path, allowed);
  const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  const time = value instanceof Date ? value.getTime() : pattern.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(time)) {
    const shown = value instanceof Date ? "an invalid date" : describe(value);
    throw new ValueRangeError(`${path}: ${shown}; it must be ${allowed}.`, { path, value, allowed });
  }
  return value instanceof Date ? value.toISOString() : value;
}

/** An identifier in the form of a UUID (version 8: our own) that follows from texts. */
function objectId(identifier: string, path: string): string {
  const encoder = new TextEncoder();
  const words = [0, 1, 2, 3].map((n) => crc32([encoder.encode(`${n} ${path} ${identifier}`)]));
  const hex = words.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  const variant = "89ab"[(words[2] as number) & 3] as string;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Names of objects: what stands for a path, or for a part of it, cannot be in them. */
function objectName(wanted: string, taken: Set<string>): string {
  const plain = wanted.replace(/[/:\0]/g, "_");
  let name = plain;
  for (let n = 2; taken.has(name); n++) name = `${plain}_${n}`;
  taken.add(name);
  return name;
}

/** The shortest unsigned array that holds them: NWB's validators take no other for indices. */
function unsigned(values: readonly number[]): NumberArray {
  const most = values.at(-1) ?? 0;
  if (most < 2 ** 8) return Uint8Array.from(values);
  return most < 2 ** 16 ? Uint16Array.from(values) : Uint32Array.from(values);
}

/** The observed neurons of all populations, and the spikes of each, in s. */
function unitsOf(
  populations: readonly NwbSpikes[],
  duration: number,
): { readonly units: Unit[]; readonly trains: Float64Array[] } {
  const units: Unit[] = [];
  const trains: Float64Array[] = [];
  let total = 0;
  for (const [p, { name, size, spikes }] of populations.entries()) {
    const path = `nwbFile.spikes[${p}] (${name})`;
    const { times, neurons, observed = [{ spans: [[0, duration]] }] } = spikes;
    if (times.length !== neurons.length) {
      const details = { path, value: neurons.length, allowed: String(times.length) };
      throw new LengthError(
        `${path}: ${times.length} times and ${neurons.length} neurons; there must be as many of both.`,
        details,
      );
    }
    total += times.length;
    if (total > MAX_NUMBERS) throw new LengthError(`nwbFile: more than ${MAX_NUMBERS} spikes.`, { value: total });
    const spansOf = new Map<number, Unit["spans"]>();
    for (const { neurons: some, spans } of observed) {
      const count = some?.length ?? size;
      for (let i = 0; i < count; i++) spansOf.set(neuronOf(some?.[i] ?? i, size, `${path}.observed`), spans);
    }
    const lists = new Map([...spansOf.keys()].sort((a, b) => a - b).map((neuron) => [neuron, [] as number[]]));
    for (let i = 0; i < times.length; i++) {
      const time = times[i] as number;
      const neuron = neuronOf(neurons[i], size, `${path}.neurons[${i}]`);
      const list = lists.get(neuron);
      const spans = spansOf.get(neuron);
      if (!list || !spans?.some(([from, to]) => time >= from && time <= to)) {
        const allowed = list
          ? `within ${spans?.map((span) => span.join(" to ")).join(", ")} ms`
          : "of a neuron that was observed";
        throw new ValueRangeError(`${path}.times[${i}]: ${time} ms of neuron ${neuron}; it must be ${allowed}.`, {
          path,
          value: time,
          allowed,
        });
      }
      list.push(secondsOf(time));
    }
    for (const [neuron, list] of lists) {
      units.push({ population: name, neuron, spans: spansOf.get(neuron) as Unit["spans"] });
      trains.push(Float64Array.from(list).sort());
    }
  }
  return { units, trains };
}

function neuronOf(value: unknown, size: number, path: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < size) return value;
  const allowed = `a neuron from 0 to ${size - 1}`;
  throw new ValueRangeError(`${path}: ${describe(value)}; it must be ${allowed}.`, { path, value, allowed });
}

/** What every object of NWB says of itself. */
type Typed = (path: string, type: string, namespace: "core" | "hdmf-common", more?: Attributes) => Attributes;

/** Ends of the parts of a list of lists. */
function ends(lengths: readonly number[]): number[] {
  let sum = 0;
  return lengths.map((length) => (sum += length));
}

/** A column of a table. */
interface Column {
  readonly name: string;
  readonly description: string;
  readonly data: Dataset["data"];
  /** Elements in each row, where that is not one. */
  readonly lengths?: readonly number[];
}

/** A table, its columns in order. */
function tableGroup(
  { path, type, description, rows, columns }: {
    readonly path: string;
    readonly type: "Units" | "DynamicTable";
    readonly description: string;
    readonly rows: number;
    readonly columns: readonly Column[];
  },
  typed: Typed,
): Group {
  const children = columns.flatMap(({ name, description: text, data, lengths }): [string, Dataset][] => {
    const at = `${path}/${name}`;
    const own = dataset(data, typed(at, "VectorData", "hdmf-common", { description: variableText(text) }));
    if (lengths === undefined) return [[name, own]];
    const more = { description: variableText(`ends of the rows of ${name}`), target: { reference: at } };
    const index = dataset(numbers(unsigned(ends(lengths))), typed(`${at}_index`, "VectorIndex", "hdmf-common", more));
    return [[name, own], [`${name}_index`, index]];
  });
  const ids = Int32Array.from({ length: rows }, (_, row) => row);
  return group(
    {
      id: dataset(numbers(ids), typed(`${path}/id`, "ElementIdentifiers", "hdmf-common")),
      ...Object.fromEntries(children),
    },
    typed(path, type, type === "Units" ? "core" : "hdmf-common", {
      description: variableText(description),
      colnames: variableText(columns.map(({ name }) => name)),
    }),
  );
}

/** A column of texts, one a row. */
const textColumn = (name: string, description: string, texts: readonly string[]): Column => {
  return { name, description, data: variableText(texts) };
};

/** A column with a list in each row. */
function listColumn(
  name: string,
  description: string,
  lists: readonly ArrayLike<number>[],
  type: typeof Float64Array | typeof Uint32Array,
): Column {
  const lengths = lists.map(({ length }) => length);
  const all = new type(lengths.reduce((sum, n) => sum + n, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return { name, description, data: numbers(all), lengths };
}

/** The table of units. */
function unitsGroup({ units, trains }: ReturnType<typeof unitsOf>, typed: Typed): Group {
  const spans = units.flatMap((unit) => unit.spans);
  const seconds = Float64Array.from(spans.flat(), secondsOf);
  const columns: Column[] = [
    textColumn("population", "name of the population", units.map(({ population }) => population)),
    {
      name: "neuron",
      description: "index within the population",
      data: numbers(Int32Array.from(units, ({ neuron }) => neuron)),
    },
    listColumn("spike_times", "spike times in seconds", trains, Float64Array),
    {
      ...{ name: "obs_intervals", description: "when the neuron was observed, in seconds" },
      ...{ data: numbers(seconds, [spans.length, 2]), lengths: units.map((unit) => unit.spans.length) },
    },
  ];
  return tableGroup(
    { path: "/units", type: "Units", description: "simulated neurons", rows: units.length, columns },
    typed,
  );
}

/** A table below /analysis, left out where it has no rows. */
function analysisTable(
  name: string,
  description: string,
  rows: number,
  columns: readonly Column[],
  typed: Typed,
): Children {
  if (rows === 0) return {};
  return { [name]: tableGroup({ path: `/analysis/${name}`, type: "DynamicTable", description, rows, columns }, typed) };
}

/** A time series by its name in /acquisition. */
interface Named<T> {
  readonly series: string;
  readonly trace: T;
}

const SERIES = "name of the time series in acquisition";

function tracesTable(traces: readonly Named<NwbTrace>[], typed: Typed): Children {
  const columns = [
    textColumn("series", SERIES, traces.map(({ series }) => series)),
    textColumn("population", "name of the population", traces.map(({ trace }) => trace.population)),
    textColumn("variable", "recorded variable", traces.map(({ trace }) => trace.variable)),
    textColumn("unit", "unit of the data before its conversion", traces.map(({ trace }) => trace.unit)),
    listColumn(
      "neuron",
      "neurons, in the order of the columns of data",
      traces.map(({ trace }) => trace.neurons),
      Uint32Array,
    ),
  ];
  return analysisTable("traces", "recorded variables", traces.length, columns, typed);
}

/** The columns that say of which synapses of which projections something is. */
function synapseColumns(rows: readonly Pick<NwbWeights, "name" | "unit" | "sources" | "targets">[]): Column[] {
  return [
    textColumn("projection", "name of the projection", rows.map(({ name }) => name)),
    textColumn("unit", "unit of the weights", rows.map(({ unit }) => unit)),
    listColumn("source", "source neuron of each synapse", rows.map(({ sources }) => sources), Uint32Array),
    listColumn("target", "target neuron of each synapse", rows.map(({ targets }) => targets), Uint32Array),
  ];
}

function weightTracesTable(traces: readonly Named<NwbWeightTrace>[], typed: Typed): Children {
  const synapses = traces.map(({ trace }) => trace.synapses);
  const columns = [
    textColumn("series", SERIES, traces.map(({ series }) => series)),
    ...synapseColumns(traces.map(({ trace }) => trace)),
    listColumn("synapse", "synapses, in the order of the columns of data", synapses, Uint32Array),
  ];
  return analysisTable("weight_traces", "recorded weights", traces.length, columns, typed);
}

function weightsTable(weights: readonly NwbWeights[], typed: Typed): Children {
  const columns = [
    ...synapseColumns(weights),
    listColumn("weight", "weight of each synapse at the end", weights.map((row) => row.weights), Float64Array),
  ];
  return analysisTable("weights", "weights at the end", weights.length, columns, typed);
}

/** Samples of several things at the same times. */
interface Sampled extends Pick<NwbTrace, "unit" | "time"> {
  readonly description: string;
  readonly columns: number;
  readonly values: (position: number) => ArrayLike<number>;
}

/** How a file is made. */
interface Making {
  readonly typed: Typed;
  /** The interval in ms between samples; undefined where their times are written one by one. */
  readonly every: (time: ArrayLike<number>) => number | undefined;
}

/** Recorded samples as a time series. */
function timeSeries(trace: Sampled, path: string, { typed, every: everyOf }: Making): Group {
  const { unit, columns, time } = trace;
  const data = new Float64Array(time.length * columns);
  for (let n = 0; n < columns; n++) {
    const samples = trace.values(n);
    if (samples.length !== time.length) {
      const details = { path, value: samples.length, allowed: String(time.length) };
      throw new LengthError(
        `${path}: ${samples.length} samples at ${time.length} times; there must be as many of both.`,
        details,
      );
    }
    for (let i = 0; i < time.length; i++) data[i * columns + n] = samples[i] as number;
  }
  const [name, conversion] = UNITS[unit] ?? [unit, 1];
  const double = (x: number): ReturnType<typeof scalar> => scalar(Float64Array.of(x));
  const every = everyOf(time);
  const when: Children =
    every === undefined
      ? {
          timestamps: dataset(numbers(Float64Array.from(time, secondsOf)), {
            interval: scalar(Int32Array.of(1)),
            unit: variableText("seconds"),
          }),
        }
      : {
          starting_time: dataset(double(secondsOf(time[0] as number)), {
            rate: double(1000 / every),
            unit: variableText("seconds"),
          }),
        };
  return group(
    {
      data: dataset(numbers(data, [time.length, columns]), {
        unit: variableText(name),
        conversion: double(conversion),
        offset: double(0),
        resolution: double(-1),
      }),
      ...when,
    },
    typed(path, "TimeSeries", "core", {
      description: variableText(trace.description),
      comments: variableText("simulated"),
    }),
  );
}

/** Recorded variables and weights as time series, and the tables that say which they are. */
function acquired(
  { traces = [], weightTraces = [] }: NwbResults,
  making: Making,
): { readonly series: Children; readonly tables: Children } {
  const names = new Set<string>();
  const series: Record<string, Group> = {};
  const add = <T>(trace: T, wanted: string, sampled: Sampled): Named<T> => {
    const name = objectName(wanted, names);
    series[name] = timeSeries(sampled, `/acquisition/${name}`, making);
    return { series: name, trace };
  };
  const listed = (values: ArrayLike<number>): string => Array.from(values).join(", ");
  const variables = traces.filter(({ time, neurons }) => time.length * neurons.length > 0).map((trace) => {
    const { population, variable, unit, neurons, time } = trace;
    const description = `${variable} of neurons ${listed(neurons)} of ${population}, a column each`;
    const values = (position: number): ArrayLike<number> => trace.values(position);
    return add(trace, `${population}_${variable}`, { description, unit, time, columns: neurons.length, values });
  });
  const weights = weightTraces.filter(({ time, synapses }) => time.length * synapses.length > 0).map((trace) => {
    const { name, unit, synapses, time } = trace;
    const description = `weight of synapses ${listed(synapses)} of ${name}, a column each`;
    const values = (position: number): ArrayLike<number> => trace.values(position);
    return add(trace, `${name}_weight`, { description, unit, time, columns: synapses.length, values });
  });
  return { series, tables: { ...tracesTable(variables, making.typed), ...weightTracesTable(weights, making.typed) } };
}

/** Refuses lists of unequal length, and more than an array can hold. */
function checkWeights({ weights = [], weightTraces = [], traces = [] }: NwbResults): void {
  for (const [list, rows] of Object.entries({ weights, weightTraces })) {
    for (const [k, row] of rows.entries()) {
      const lengths = [row.sources, row.targets, "weights" in row ? row.weights : row.synapses].map(
        ({ length }) => length,
      );
      if (lengths.every((length) => length === lengths[0])) continue;
      const path = `nwbFile.${list}[${k}] (${row.name})`;
      throw new LengthError(
        `${path}: ${lengths.join(", ")} sources, targets and synapses; there must be as many of each.`,
        { path },
      );
    }
  }
  const counts = {
    "samples of traces": traces.reduce((sum, { time, neurons }) => sum + time.length * neurons.length, 0),
    "samples of weights": weightTraces.reduce((sum, { time, synapses }) => sum + time.length * synapses.length, 0),
    "weights": weights.reduce((sum, row) => sum + row.weights.length, 0),
  };
  for (const [what, count] of Object.entries(counts)) {
    if (count > MAX_NUMBERS)
      throw new LengthError(`nwbFile: ${count} ${what}; a file has at most ${MAX_NUMBERS}.`, { value: count });
  }
}

/** What an NWB file says of its session, as texts. */
interface Session {
  readonly start: string;
  readonly created: string;
  readonly identifier: string;
  readonly description: string;
}

function bytesOf(
  results: NwbResults,
  { start, created, identifier, description }: Session,
  every: Making["every"],
): Promise<Uint8Array> {
  const { duration, spikes = [], weights = [] } = results;
  if (!Number.isFinite(duration) || duration < 0) {
    const details = { path: "nwbFile.duration", value: duration, allowed: "a time >= 0 ms" };
    throw new ValueRangeError(`nwbFile.duration: ${describe(duration)}; it must be a time >= 0 ms.`, details);
  }
  checkWeights(results);
  const typed: Typed = (path, type, namespace, more = {}) => ({
    namespace: variableText(namespace),
    neurodata_type: variableText(type),
    object_id: variableText(objectId(identifier, path)),
    ...more,
  });
  const { series, tables } = acquired(results, { typed, every });
  const units = unitsOf(spikes, duration);
  return writeHdf5(
    group(
      {
        identifier: dataset(variableText(identifier)),
        session_description: dataset(variableText(description)),
        session_start_time: dataset(variableText(start)),
        timestamps_reference_time: dataset(variableText(start)),
        file_create_date: dataset(variableText([created])),
        acquisition: group(series),
        analysis: group({ ...tables, ...weightsTable(weights, typed) }),
        processing: group({}),
        stimulus: group({ presentation: group({}), templates: group({}) }),
        general: group({}),
        ...(units.units.length > 0 && { units: unitsGroup(units, typed) }),
      },
      typed("/", "NWBFile", "core", { nwb_version: variableText(NWB_VERSION) }),
    ),
    "results.nwb",
  );
}

/**
 * The bytes of an NWB file with spikes, traces and weights.
 *
 * @param results times in ms, values in their units; they are converted to seconds, and to volts and amperes by a
 *   factor in the file
 * @param options when the session was, and what it is called: the function looks at no clock
 * @throws UnavailableError when h5wasm is not installed; SpikeletError for times, neurons and samples that do not fit
 *   together
 */
export async function nwbFile(results: NwbResults, options: NwbOptions): Promise<Uint8Array> {
  checkKeys(
    readObject(options, "nwbFile"),
    "nwbFile",
    ["sessionStart", "identifier", "description", "created"],
    "option",
  );
  const start = readMoment(options.sessionStart, "nwbFile.sessionStart");
  const created = options.created === undefined ? start : readMoment(options.created, "nwbFile.created");
  const identifier = readText(options.identifier, "nwbFile.identifier");
  const description = readText(options.description, "nwbFile.description");
  return bytesOf(results, { start, created, identifier, description }, intervalOf);
}

/** When time 0 was, where nobody says it: no session of the world's, the same for every run. */
export const NO_START = "1970-01-01T00:00:00Z";

/** What the file of a run says of it: the same for the same run, in any place and at any time. */
export function sessionOf({ name, dt, duration, seed, document, sessionStart = NO_START }: RunFacts): Session {
  const start = readMoment(sessionStart, "sessionStart");
  const id = objectId(JSON.stringify({ dt, duration, seed, document }), name);
  const description = `${name}: simulated by Spikelet in steps of ${dt} ms${seed === undefined ? "" : `, seed ${seed}`}`;
  return { start, created: start, identifier: `${name} ${id}`, description };
}

/**
 * The bytes of the NWB file of a run. Samples have a rate where their times follow from it and the grid of dt, bit for
 * bit.
 *
 * @throws as `nwbFile`
 */
export function nwbOfRun({ spikes, traces, weightTraces, weights }: RunTables, run: RunFacts): Promise<Uint8Array> {
  return bytesOf({ duration: run.duration, spikes, traces, weightTraces, weights }, sessionOf(run), (time) =>
    exactIntervalOf(time, run.dt),
  );
}

/**
 * NWB 2, Neurodata Without Borders: spikes and traces of a run as a file for pynwb, Neo and Elephant, MatNWB and the archives
 * that take NWB. Each observed neuron is a unit, with the time over which it was observed; each recorded variable of a
 * population is a time series. What stands in the file depends on neither clock nor chance, identifiers included; HDF5 itself
 * notes when its objects were made.
 */
import { checkKeys, readObject, wrongType } from "../model/check.js";
import { crc32 } from "../model/crc32.js";
import { describe, LengthError, ValueRangeError } from "../model/errors.js";
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

/** Spikes of a population. What `SpikeRecording` and the readers of results give fits. */
export interface NwbSpikes {
  /** Name of the population, and its number of neurons. */
  readonly name: string;
  readonly size: number;
  readonly spikes: {
    /** ms */
    readonly times: ArrayLike<number>;
    readonly neurons: ArrayLike<number>;
    /** Neurons (all where left out) and the spans of time in ms in which they were observed; all, all the time, when left out. */
    readonly observed?:
      | readonly { readonly neurons?: ArrayLike<number> | undefined; readonly spans: readonly (readonly [from: number, to: number])[] }[]
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

/** What is written: spikes by population, traces, and the time that was simulated. */
export interface NwbResults {
  /** ms from the start; what was observed all the time was observed so long. */
  readonly duration: number;
  readonly spikes?: readonly NwbSpikes[];
  readonly traces?: readonly NwbTrace[];
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
function unitsOf(populations: readonly NwbSpikes[], duration: number): { readonly units: Unit[]; readonly trains: Float64Array[] } {
  const units: Unit[] = [];
  const trains: Float64Array[] = [];
  let total = 0;
  for (const [p, { name, size, spikes }] of populations.entries()) {
    const path = `nwbFile.spikes[${p}] (${name})`;
    const { times, neurons, observed = [{ spans: [[0, duration]] }] } = spikes;
    if (times.length !== neurons.length) {
      const details = { path, value: neurons.length, allowed: String(times.length) };
      throw new LengthError(`${path}: ${times.length} times and ${neurons.length} neurons; there must be as many of both.`, details);
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
        const allowed = list ? `within ${spans?.map((span) => span.join(" to ")).join(", ")} ms` : "of a neuron that was observed";
        throw new ValueRangeError(`${path}.times[${i}]: ${time} ms of neuron ${neuron}; it must be ${allowed}.`, { path, value: time, allowed });
      }
      list.push(time / 1000);
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

function joined(parts: readonly Float64Array[], length: number): Float64Array {
  const all = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The table of units. */
function unitsGroup({ units, trains }: ReturnType<typeof unitsOf>, typed: Typed): Group {
  const column = (name: string, data: Dataset["data"], description: string): Dataset =>
    dataset(data, typed(`/units/${name}`, "VectorData", "hdmf-common", { description: variableText(description) }));
  const index = (name: string, lengths: readonly number[]): Dataset => {
    const path = `/units/${name}`;
    const more = { description: variableText(`ends of the rows of ${name}`), target: { reference: path } };
    return dataset(numbers(unsigned(ends(lengths))), typed(`${path}_index`, "VectorIndex", "hdmf-common", more));
  };
  const spans = units.flatMap((unit) => unit.spans);
  const lengths = trains.map(({ length }) => length);
  const times = joined(trains, lengths.reduce((sum, n) => sum + n, 0));
  const seconds = Float64Array.from(spans.flat(), (time) => time / 1000);
  return group(
    {
      id: dataset(numbers(Int32Array.from(units.keys())), typed("/units/id", "ElementIdentifiers", "hdmf-common")),
      population: column("population", variableText(units.map(({ population }) => population)), "name of the population"),
      neuron: column("neuron", numbers(Int32Array.from(units, ({ neuron }) => neuron)), "index within the population"),
      spike_times: column("spike_times", numbers(times), "spike times in seconds"),
      spike_times_index: index("spike_times", lengths),
      obs_intervals: column("obs_intervals", numbers(seconds, [spans.length, 2]), "when the neuron was observed, in seconds"),
      obs_intervals_index: index("obs_intervals", units.map((unit) => unit.spans.length)),
    },
    typed("/units", "Units", "core", {
      description: variableText("simulated neurons"),
      colnames: variableText(["population", "neuron", "spike_times", "obs_intervals"]),
    }),
  );
}

/** The interval in ms between samples; undefined where they are not evenly spaced. */
function intervalOf(time: ArrayLike<number>): number | undefined {
  const last = time.length - 1;
  if (last < 1) return undefined;
  const start = time[0] as number;
  const step = ((time[last] as number) - start) / last;
  for (let i = 1; i < last; i++) if (Math.abs((time[i] as number) - start - i * step) > 1e-6 * step) return undefined;
  return Number(step.toPrecision(12));
}

/** A recorded variable as a time series. */
function timeSeries(trace: NwbTrace, path: string, typed: Typed): Group {
  const { population, variable, unit, neurons, time } = trace;
  const columns = neurons.length;
  const data = new Float64Array(time.length * columns);
  for (let n = 0; n < columns; n++) {
    const samples = trace.values(n);
    if (samples.length !== time.length) {
      const details = { path, value: samples.length, allowed: String(time.length) };
      throw new LengthError(`${path}: ${samples.length} samples at ${time.length} times; there must be as many of both.`, details);
    }
    for (let i = 0; i < time.length; i++) data[i * columns + n] = samples[i] as number;
  }
  const [name, conversion] = UNITS[unit] ?? [unit, 1];
  const double = (x: number): ReturnType<typeof scalar> => scalar(Float64Array.of(x));
  const every = intervalOf(time);
  const when: Children =
    every === undefined
      ? {
          timestamps: dataset(numbers(Float64Array.from(time, (t) => t / 1000)), {
            interval: scalar(Int32Array.of(1)),
            unit: variableText("seconds"),
          }),
        }
      : {
          starting_time: dataset(double((time[0] as number) / 1000), {
            rate: double(1000 / every),
            unit: variableText("seconds"),
          }),
        };
  const description = `${variable} of neurons ${Array.from(neurons).join(", ")} of ${population}, a column each`;
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
    typed(path, "TimeSeries", "core", { description: variableText(description), comments: variableText("simulated") }),
  );
}

/**
 * The bytes of an NWB file with spikes and traces.
 *
 * @param results times in ms, values in their units; they are converted to seconds, and to volts and amperes by a factor in the file
 * @param options when the session was, and what it is called: the function looks at no clock
 * @throws UnavailableError when h5wasm is not installed; SpikeletError for times, neurons and samples that do not fit together
 */
export async function nwbFile(results: NwbResults, options: NwbOptions): Promise<Uint8Array> {
  checkKeys(readObject(options, "nwbFile"), "nwbFile", ["sessionStart", "identifier", "description", "created"], "option");
  const start = readMoment(options.sessionStart, "nwbFile.sessionStart");
  const created = options.created === undefined ? start : readMoment(options.created, "nwbFile.created");
  const identifier = readText(options.identifier, "nwbFile.identifier");
  const description = readText(options.description, "nwbFile.description");
  const { duration, spikes = [], traces = [] } = results;
  if (!Number.isFinite(duration) || duration < 0) {
    const details = { path: "nwbFile.duration", value: duration, allowed: "a time >= 0 ms" };
    throw new ValueRangeError(`nwbFile.duration: ${describe(duration)}; it must be a time >= 0 ms.`, details);
  }
  const samples = traces.reduce((sum, { time, neurons }) => sum + time.length * neurons.length, 0);
  if (samples > MAX_NUMBERS) throw new LengthError(`nwbFile: more than ${MAX_NUMBERS} samples of traces.`, { value: samples });
  const typed: Typed = (path, type, namespace, more = {}) => ({
    namespace: variableText(namespace),
    neurodata_type: variableText(type),
    object_id: variableText(objectId(identifier, path)),
    ...more,
  });
  const names = new Set<string>();
  const series = traces.filter(({ time }) => time.length > 0).map((trace): [string, Group] => {
    const name = objectName(`${trace.population}_${trace.variable}`, names);
    return [name, timeSeries(trace, `/acquisition/${name}`, typed)];
  });
  const units = unitsOf(spikes, duration);
  return writeHdf5(
    group(
      {
        identifier: dataset(variableText(identifier)),
        session_description: dataset(variableText(description)),
        session_start_time: dataset(variableText(start)),
        timestamps_reference_time: dataset(variableText(start)),
        file_create_date: dataset(variableText([created])),
        acquisition: group(Object.fromEntries(series)),
        analysis: group({}),
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

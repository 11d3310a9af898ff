/** Reads back the results of a run from the NWB file that `nwb.ts` writes. */
import type { ObservedGroup, PopulationTrace, Span, Spikes } from "../analysis/types.js";
import { LengthError, ValueRangeError } from "../model/errors.js";
import { type KnownRun, type ReadTables, unknownPopulation } from "./format.js";
import { type DatasetReader, type GroupReader, readHdf5 } from "./hdf5.js";
import { evenTimes, msOf } from "./samples.js";

/**
 * The tables of a file.
 *
 * @param title name of the file for messages
 * @throws UnavailableError when h5wasm is not installed; SpikeletError with the file and the path in it when it is not
 *   what a run writes, or not of this run
 */
export function readNwb(bytes: Uint8Array, title: string, run: KnownRun): Promise<Required<ReadTables>> {
  return readHdf5(bytes, title, (root) => {
    const acquisition = root.group("acquisition");
    const analysis = root.group("analysis");
    const units = root.groupIfAny("units");
    return {
      spikes: units === undefined ? new Map<string, Spikes>() : spikesOf(units, run),
      traces: tracesOf(analysis.groupIfAny("traces"), acquisition, run),
      weightTraces: weightTracesOf(analysis.groupIfAny("weight_traces"), acquisition, run),
      weights: weightsOf(analysis.groupIfAny("weights")),
    };
  });
}

/** Largest index of a neuron or synapse. */
const MAX_INDEX = 2 ** 32 - 1;

/** Where the lists of a column end: as many as the table has rows, ascending, the last one at the end of the column. */
function endsOf(table: GroupReader, name: string, rows: number, length: number): Float64Array {
  const index = table.dataset(`${name}_index`);
  const ends = index.integers([0, length], rows);
  const wrong = ends.findIndex((end, row) => end < (row === 0 ? 0 : (ends[row - 1] as number)));
  if (wrong >= 0) throw fault(index, `[${wrong}]`, ends[wrong] as number, "the ends of rows, which ascend");
  if (rows > 0 && ends[rows - 1] !== length)
    throw fault(index, `[${rows - 1}]`, ends[rows - 1] as number, `${length}, the end of ${name}`);
  return ends;
}

function fault({ place }: DatasetReader, where: string, value: number | string, allowed: string): ValueRangeError {
  const path = `${place}${where}`;
  return new ValueRangeError(
    `${path}: ${typeof value === "string" ? JSON.stringify(value) : value}; it must be ${allowed}.`,
    { path, value, allowed },
  );
}

/** The list of each row of a column. */
function listsOf(table: GroupReader, name: string, rows: number, values: Float64Array): Float64Array[] {
  const ends = endsOf(table, name, rows, values.length);
  return Array.from(ends, (end, row) => values.subarray(row === 0 ? 0 : ends[row - 1], end));
}

/** Names of populations, a row each. */
function populationsOf(table: GroupReader, { sizes }: KnownRun, rows?: number): string[] {
  const column = table.dataset("population");
  const names = column.texts(rows);
  const wrong = names.findIndex((name) => !sizes.has(name));
  if (wrong >= 0) {
    const path = `${column.place}[${wrong}]`;
    throw new ValueRangeError(`${path}: ${unknownPopulation(names[wrong] as string, sizes)}`, {
      path,
      value: names[wrong],
    });
  }
  return names;
}

interface Train {
  readonly times: number[];
  readonly neurons: number[];
  readonly observed: Map<string, { readonly spans: readonly Span[]; readonly neurons: number[] }>;
}

function spikesOf(units: GroupReader, run: KnownRun): Map<string, Spikes> {
  const names = populationsOf(units, run);
  const rows = names.length;
  const column = units.dataset("neuron");
  const neurons = column.integers([0, MAX_INDEX], rows);
  const times = units.dataset("spike_times").numbers();
  const trains = listsOf(units, "spike_times", rows, times);
  const intervals = units.dataset("obs_intervals");
  const bounds = intervals.numbers();
  const ends = endsOf(units, "obs_intervals", rows, bounds.length / 2);
  const found = new Map<string, Train>();
  for (const [row, name] of names.entries()) {
    const neuron = neurons[row] as number;
    const size = run.sizes.get(name) as number;
    if (neuron >= size) throw fault(column, `[${row}]`, neuron, `below the size of ${name}, ${size}`);
    const own: Train = found.get(name) ?? { times: [], neurons: [], observed: new Map() };
    found.set(name, own);
    for (const seconds of trains[row] as Float64Array) {
      if (!Number.isFinite(seconds)) throw fault(units.dataset("spike_times"), "", seconds, "times in s");
      own.times.push(msOf(seconds, run.dt));
      own.neurons.push(neuron);
    }
    const spans: Span[] = [];
    for (let k = row === 0 ? 0 : (ends[row - 1] as number); k < (ends[row] as number); k++) {
      const [from, to] = [bounds[2 * k], bounds[2 * k + 1]].map((seconds) => msOf(seconds as number, run.dt)) as [
        number,
        number,
      ];
      if (!(from <= to)) throw fault(intervals, `[${k}]`, `${from} to ${to} ms`, "a span of time");
      spans.push([from, to]);
    }
    const key = spans.join(" ");
    const group = own.observed.get(key);
    if (group) group.neurons.push(neuron);
    else own.observed.set(key, { spans, neurons: [neuron] });
  }
  return new Map(Array.from(found, ([name, train]) => [name, inOrder(train, run.sizes.get(name) as number)]));
}

/** Spikes by time, then by neuron. */
function inOrder({ times, neurons, observed }: Train, size: number): Spikes {
  const order = Uint32Array.from({ length: times.length }, (_, k) => k);
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || (neurons[a] as number) - (neurons[b] as number));
  const groups = Array.from(observed.values(), (group): ObservedGroup => {
    const list = Uint32Array.from(new Set(group.neurons)).sort();
    return list.length === size ? { spans: group.spans } : { neurons: list, spans: group.spans };
  });
  return {
    times: Float64Array.from(order, (k) => times[k] as number),
    neurons: Uint32Array.from(order, (k) => neurons[k] as number),
    observed: groups,
  };
}

/** Samples of a time series: times in ms, and a list for each column of its data. */
function samplesOf(series: GroupReader, columns: number, { dt }: KnownRun): Pick<PopulationTrace, "time" | "values"> {
  const data = series.dataset("data");
  const [count = 0, width = 1] = data.shape;
  if (data.shape.length > 2 || width !== columns) {
    const message = `${data.place}: the shape is [${data.shape.join(", ")}]; it must have ${columns} columns.`;
    throw new LengthError(message, { path: data.place, value: width, allowed: String(columns) });
  }
  const values = data.numbers();
  return {
    time: timesOf(series, count, dt),
    values: (position) => Float64Array.from({ length: count }, (_, k) => values[k * columns + position] as number),
  };
}

function timesOf(series: GroupReader, count: number, dt: number | undefined): Float64Array {
  const stamps = series.datasetIfAny("timestamps");
  if (stamps !== undefined) {
    const times = Float64Array.from(stamps.numbers(count), (seconds) => msOf(seconds, dt));
    const wrong = times.findIndex((time, k) => !Number.isFinite(time) || (k > 0 && time < (times[k - 1] as number)));
    if (wrong >= 0) throw fault(stamps, `[${wrong}]`, times[wrong] as number, "finite; times ascend");
    return times;
  }
  const start = series.dataset("starting_time");
  const seconds = start.numbers(1)[0] as number;
  const [rate = Number.NaN] = start.numbersOf("rate") ?? [];
  if (!(Number.isFinite(seconds) && rate > 0 && Number.isFinite(1000 / rate)))
    throw fault(start, "", seconds, "a time in s, with a rate > 0");
  return evenTimes(msOf(seconds, dt), 1000 / rate, count, dt);
}

function tracesOf(table: GroupReader | undefined, acquisition: GroupReader, run: KnownRun): PopulationTrace[] {
  if (table === undefined) return [];
  const populations = populationsOf(table, run);
  const rows = populations.length;
  const [series, variables, units] = ["series", "variable", "unit"].map((name) => table.dataset(name).texts(rows)) as [
    string[],
    string[],
    string[],
  ];
  const column = table.dataset("neuron");
  const lists = listsOf(table, "neuron", rows, column.integers([0, MAX_INDEX]));
  return populations.map((population, row) => {
    const neurons = Uint32Array.from(lists[row] as Float64Array);
    const size = run.sizes.get(population) as number;
    const wrong = neurons.find((neuron) => neuron >= size);
    if (wrong !== undefined) throw fault(column, "", wrong, `below the size of ${population}, ${size}`);
    const samples = samplesOf(acquisition.group(series[row] as string), neurons.length, run);
    return { population, variable: variables[row] as string, unit: units[row] as string, neurons, ...samples };
  });
}

function weightTracesOf(table: GroupReader | undefined, acquisition: GroupReader, run: KnownRun): PopulationTrace[] {
  if (table === undefined) return [];
  const series = table.dataset("series").texts();
  const rows = series.length;
  const [projections, units] = ["projection", "unit"].map((name) => table.dataset(name).texts(rows)) as [
    string[],
    string[],
  ];
  const lists = listsOf(table, "synapse", rows, table.dataset("synapse").integers([0, MAX_INDEX]));
  return projections.map((population, row) => {
    const neurons = Uint32Array.from(lists[row] as Float64Array);
    const samples = samplesOf(acquisition.group(series[row] as string), neurons.length, run);
    return { population, variable: "weight", unit: units[row] as string, neurons, ...samples };
  });
}

function weightsOf(table: GroupReader | undefined): Map<string, Float64Array> {
  if (table === undefined) return new Map();
  const names = table.dataset("projection").texts();
  const column = table.dataset("weight");
  const values = column.numbers();
  const wrong = values.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) throw fault(column, `[${wrong}]`, values[wrong] as number, "a finite number");
  const lists = listsOf(table, "weight", names.length, values);
  return new Map(names.map((name, row) => [name, lists[row] as Float64Array]));
}

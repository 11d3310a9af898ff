/** Results as tables of comma-separated values: how they are read back, and the format as one object. */
import type { PopulationTrace, Spikes } from "../analysis/types.js";
import {
  CsvError,
  type CsvRow,
  csvRows,
  SPIKES_HEADER,
  spikesCsv,
  TRACES_HEADER,
  tracesCsv,
  WEIGHT_TRACES_HEADER,
  weightTracesCsv,
  WEIGHTS_HEADER,
  weightsCsv,
} from "./csv.js";
import { Growing } from "../model/growing.js";
import { type GrowingFormat, quoted, type RunTables, type TableName, unknownPopulation } from "./format.js";

/** What is known of the run that a file belongs to. */
interface TableOptions {
  /** Number of neurons of each population: other populations and larger neuron indices are errors. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Name of the file for messages. */
  readonly file?: string;
}

const numbers = () => new Growing<Float64Array>(new Float64Array(0));
const indices = () => new Growing<Uint32Array>(new Uint32Array(0));

/**
 * Reads spikes as `spikesCsv` writes them.
 *
 * @returns the spike train of each population that has a row
 * @throws CsvError with line, column and value when the header is another one, a population is unknown, a neuron is not
 *   below its population's size, a time is not finite, or a population's times do not ascend
 */
export function readSpikesCsv(text: string, options: TableOptions): Map<string, Spikes> {
  const trains = new Map<string, { times: Growing<Float64Array>; neurons: Growing<Uint32Array> }>();
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
    { times: times.view().slice(), neurons: neurons.view().slice() },
  ]));
}

/** How to read traces. */
interface TraceOptions extends TableOptions {
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
  readonly time: Growing<Float64Array>;
  readonly values: Growing<Float64Array>;
}

function traces(series: readonly Series[], unit: TraceOptions["unit"] = () => ""): PopulationTrace[] {
  const groups: { population: string; variable: string; time: Float64Array; members: [number, Float64Array][] }[] = [];
  // Few series have the same length and ends but other times between them.
  const alike = new Map<string, typeof groups>();
  for (const { population, variable, neuron, time, values } of series) {
    const own = time.view().slice();
    const key = `${population.length} ${population} ${own.length} ${own[0]} ${own[own.length - 1]} ${variable}`;
    const candidates = alike.get(key) ?? [];
    const group = candidates.find((g) => equal(g.time, own));
    if (group === undefined) {
      const made = {
        population,
        variable,
        time: own,
        members: [[neuron, values.view().slice()]] as [number, Float64Array][],
      };
      groups.push(made);
      candidates.push(made);
      alike.set(key, candidates);
    } else group.members.push([neuron, values.view().slice()]);
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
  const weights = new Map<string, Growing<Float64Array>>();
  for (const row of tableRows(text, WEIGHTS_HEADER, file)) {
    const [projection, , , field] = row.fields as [string, string, string, string];
    let own = weights.get(projection);
    if (own === undefined) {
      own = numbers();
      weights.set(projection, own);
    }
    own.push(finite(row, 3, field));
  }
  return new Map(Array.from(weights, ([name, column]) => [name, column.view().slice()]));
}

/** Gives the unit of a projection's weights. */
type WeightUnit = (projection: string) => string;

/**
 * Reads recorded weights: a table with the header `time_ms,projection,synapse,source,target,weight`.
 *
 * @returns traces of the variable `weight`, whose populations are the projections and whose neurons are the synapses
 * @throws CsvError with line, column and value when the header is another one, a number is wrong, or times do not
 *   ascend
 */
export function readWeightTracesCsv(text: string, unit: WeightUnit, file?: string): PopulationTrace[] {
  const series = new Map<string, Series>();
  for (const row of tableRows(text, WEIGHT_TRACES_HEADER, file)) {
    const [timeField, projection, synapseField, , , field] = row.fields as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
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

function finite(row: Row, column: number, field: string): number {
  const value = Number(field);
  if (field !== "" && Number.isFinite(value)) return value;
  throw wrong(row, column, `${quoted(field)} is not a finite number.`);
}

function wrong({ line, fields, header, file }: Row, column: number, message: string): CsvError {
  const value = fields[column] as string;
  return new CsvError(message, { line, column: header.split(",")[column] as string, value, file });
}

/** One of the tables as a file. */
interface Table {
  readonly table: TableName;
  readonly header: string;
  readonly rows: (tables: RunTables) => Iterable<string>;
  /** What the help says beside the columns. */
  readonly more?: string;
}

const TABLES: Readonly<Record<string, Table>> = {
  "spikes.csv": { table: "spikes", header: SPIKES_HEADER, rows: ({ spikes }) => spikesCsv(spikes) },
  "traces.csv": { table: "traces", header: TRACES_HEADER, rows: ({ traces }) => tracesCsv(traces) },
  "weight-traces.csv": {
    table: "weightTraces",
    header: WEIGHT_TRACES_HEADER,
    rows: ({ weightTraces }) => weightTracesCsv(weightTraces),
  },
  "weights.csv": {
    table: "weights",
    header: WEIGHTS_HEADER,
    rows: ({ weights }) => weightsCsv(weights),
    more: ": plastic ones at the end",
  },
};

const tableOf = (file: string): Table => TABLES[file] as Table;

/** Comma-separated values: a table per file. */
export const csv: GrowingFormat = {
  name: "csv",
  files: Object.entries(TABLES).map(([name, { table, header, more = "" }]) => {
    return { name, holds: [table], summary: `${header}${more}` };
  }),
  write: (file, tables) => tableOf(file).rows(tables),
  async read(file, { path, text }, { sizes, unit, weightUnit }) {
    const content = await text();
    switch (tableOf(file).table) {
      case "spikes":
        return { spikes: readSpikesCsv(content, { sizes, file: path }) };
      case "traces":
        return { traces: readTracesCsv(content, { sizes, unit, file: path }) };
      case "weightTraces":
        return { weightTraces: readWeightTracesCsv(content, weightUnit, path) };
      case "weights":
        return { weights: readWeightsCsv(content, path) };
    }
  },
  stream: {
    head: (file) => `${tableOf(file).header}\n`,
    *rows(file, tables) {
      let first = true;
      for (const chunk of tableOf(file).rows({ ...tables, weights: [] })) {
        // The header is there already.
        yield first ? chunk.slice(chunk.indexOf("\n") + 1) : chunk;
        first = false;
      }
    },
  },
};

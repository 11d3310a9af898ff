/** Results as NumPy's npz: how archives are read back, and the format as one object. */
import type { PopulationTrace, Spikes } from "../analysis/types.js";
import {
  inFile,
  type KnownRun,
  type ReadTables,
  type ResultFormat,
  type RunTables,
  type TableName,
  unknownPopulation,
} from "./format.js";
import {
  COUNTED,
  npzChunks,
  type NpyArray,
  NpzError,
  type NpzMember,
  readNpz,
  spikesMembers,
  tracesMembers,
  weightsMembers,
  weightTracesMembers,
} from "./npz.js";

/** What is known of the run that a file belongs to. */
interface TableOptions {
  /** Number of neurons of each population: other populations and larger neuron indices are errors. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** How to read traces. */
interface TraceOptions extends TableOptions {
  /** Unit of a variable, which the file does not hold; "" for all when left out. */
  readonly unit?: (population: string, variable: string) => string;
}

/** Gives the unit of a projection's weights. */
type WeightUnit = (projection: string) => string;

/**
 * Bytes that an archive may unpack to. A run writes archives without compression; one that somebody has compressed may
 * be larger than its file within bounds, so that a small file does not take the whole memory.
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

/** One of the tables as an archive. */
interface Archive {
  readonly table: TableName;
  readonly members: (tables: RunTables) => Readonly<Record<string, NpzMember>>;
  readonly read: (bytes: Uint8Array, run: KnownRun) => Promise<ReadTables>;
  readonly summary: string;
}

const ARCHIVES: Readonly<Record<string, Archive>> = {
  "spikes.npz": {
    table: "spikes",
    members: ({ spikes }) => spikesMembers(spikes),
    read: async (bytes, run) => ({ spikes: await readSpikesNpz(bytes, run) }),
    summary: "NAME/spikes/times and neurons",
  },
  "traces.npz": {
    table: "traces",
    members: ({ traces }) => tracesMembers(traces),
    read: async (bytes, run) => ({ traces: await readTracesNpz(bytes, run) }),
    summary: "NAME/VARIABLE/time, neurons and values",
  },
  "weight-traces.npz": {
    table: "weightTraces",
    members: ({ weightTraces }) => weightTracesMembers(weightTraces),
    read: async (bytes, run) => ({ weightTraces: await readWeightTracesNpz(bytes, run.weightUnit) }),
    summary: "NAME/time, synapse, source, target and weight",
  },
  "weights.npz": {
    table: "weights",
    members: ({ weights }) => weightsMembers(weights),
    read: async (bytes) => ({ weights: await readWeightsNpz(bytes) }),
    summary: "NAME/source, target and weight",
  },
};

const archiveOf = (file: string): Archive => ARCHIVES[file] as Archive;

/** NumPy's archives of arrays: a table per file. */
export const npz: ResultFormat = {
  name: "npz",
  files: Object.entries(ARCHIVES).map(([name, { table, summary }]) => ({ name, holds: [table], summary })),
  write: (file, tables) => npzChunks(archiveOf(file).members(tables)),
  read: (file, { path, bytes }, run) => inFile(path, async () => archiveOf(file).read(await bytes(), run)),
};

/**
 * Results in SONATA's files of spikes and of reports, as libsonata and bluepysnap read them: text attributes of fixed
 * length, no compression, units always, samples of 32 bits: libsonata refuses those of 64. A report has one variable of
 * each population that records it; its name is an attribute beside the unit, which readers that do not know it pass
 * over.
 */
import type { PopulationTrace, Spikes } from "../analysis/types.js";
import { DocumentError, LengthError, MissingKeyError, ValueRangeError } from "../model/errors.js";
import type { KnownRun } from "./format.js";
import {
  dataset,
  type DatasetReader,
  fixedText,
  group,
  type Group,
  type GroupReader,
  numbers,
  readHdf5,
  writeHdf5,
} from "./hdf5.js";
import { evenTimes, intervalOf } from "./samples.js";
import type { Report } from "./sonata-reports.js";

const MAGIC = 0x0a7a;
/** Attributes of the root of a file of SONATA. */
export const ROOT = { magic: numbers(Uint32Array.of(MAGIC), [1]), version: numbers(Uint32Array.of(0, 1), [2]) };

/** Unit of numbers without one: an attribute of fixed length cannot be empty. */
const PURE = "1";

/** Spikes of a population: neuron `neurons[i]` at `times[i]` (ms). */
export interface PopulationTrain {
  readonly population: string;
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
}

/** Spikes, a group for each population. */
export function spikesTree(spikes: readonly PopulationTrain[]): Group {
  const groups = spikes.map(({ population, times, neurons }) => [
    population,
    group({ timestamps: dataset(numbers(times), { units: fixedText("ms") }), node_ids: dataset(numbers(neurons)) }),
  ]);
  return group({ spikes: group(Object.fromEntries(groups)) }, ROOT);
}

/**
 * A report: /report/POPULATION/data, a row for each sample and a column for each neuron, and mapping beside it.
 *
 * @throws ValueRangeError where samples are not evenly spaced, or beyond what 32 bits hold
 */
export function reportTree({ traces }: Report, dt: number): Group {
  const groups = traces.map((trace): [string, Group] => {
    const { population, variable, unit, neurons, time } = trace;
    const place = `${population}.${variable}`;
    const [count, columns] = [time.length, neurons.length];
    const every = count === 1 ? dt : intervalOf(time);
    if (every === undefined) {
      const message = `${place}: the samples are not evenly spaced, which a report of SONATA cannot say; write them as csv or nwb.`;
      throw new ValueRangeError(message, { path: place });
    }
    const data = new Float32Array(count * columns);
    for (let n = 0; n < columns; n++) {
      const samples = trace.values(n);
      for (let k = 0; k < count; k++) {
        const value = samples[k] as number;
        const held = Math.fround(value);
        if (Number.isFinite(value) && !Number.isFinite(held)) {
          const message = `${place}: ${value} is beyond the numbers of 32 bits that a report of SONATA has; write them as csv or nwb.`;
          throw new ValueRangeError(message, { path: place, value });
        }
        data[k * columns + n] = held;
      }
    }
    const start = time[0] as number;
    const pointers = BigUint64Array.from({ length: columns + 1 }, (_, n) => BigInt(n));
    const mapping = group({
      node_ids: dataset(numbers(BigUint64Array.from(neurons, BigInt))),
      index_pointers: dataset(numbers(pointers)),
      element_ids: dataset(numbers(new Uint32Array(columns))),
      time: dataset(numbers(Float64Array.of(start, start + count * every, every)), { units: fixedText("ms") }),
    });
    const attributes = { units: fixedText(unit === "" ? PURE : unit), variable: fixedText(variable) };
    return [population, group({ data: dataset(numbers(data, [count, columns]), attributes), mapping })];
  });
  return group({ report: group(Object.fromEntries(groups)) }, ROOT);
}

/** The bytes of a file of spikes. */
export function spikesBytes(spikes: readonly PopulationTrain[]): Promise<Uint8Array> {
  return writeHdf5(spikesTree(spikes), "spikes.h5");
}

/** The bytes of a report. */
export function reportBytes(
  report: Report,
  { file, dt }: { readonly file: string; readonly dt: number },
): Promise<Uint8Array> {
  return writeHdf5(reportTree(report, dt), file);
}

/** The groups of populations, with their sizes. */
function* populationsIn(
  all: GroupReader,
  { sizes }: KnownRun,
): Generator<readonly [name: string, size: number, group: GroupReader]> {
  for (const name of all.keys()) {
    const size = sizes.get(name);
    if (size === undefined) {
      const known = [...sizes.keys()];
      const message = `${all.place}/${name}: the run has no population ${JSON.stringify(name)}. There: ${known.slice(0, 12).join(", ")}.`;
      throw new DocumentError(message, { path: `${all.place}/${name}`, value: name, allowed: known });
    }
    yield [name, size, all.group(name)];
  }
}

function neuronsOf(ids: DatasetReader, size: number, count?: number): Uint32Array {
  return Uint32Array.from(ids.integers([0, size - 1], count));
}

function inMs(of: DatasetReader): void {
  const units = of.text("units");
  if (units === "ms") return;
  const given = units === undefined ? "it has no units" : `the units are ${JSON.stringify(units)}`;
  throw new ValueRangeError(`${of.place}: ${given}; they must be "ms".`, {
    path: of.place,
    value: units,
    allowed: "ms",
  });
}

/**
 * Reads a file of spikes.
 *
 * @throws SpikeletError with the file and the path in it when it is not what a run writes, or not of this run
 */
export function readSpikes(bytes: Uint8Array, title: string, run: KnownRun): Promise<Map<string, Spikes>> {
  return readHdf5(bytes, title, (root) => {
    const trains = new Map<string, Spikes>();
    for (const [name, size, own] of populationsIn(root.group("spikes"), run)) {
      const stamps = own.dataset("timestamps");
      inMs(stamps);
      const times = stamps.numbers();
      const neurons = neuronsOf(own.dataset("node_ids"), size, times.length);
      const wrong = times.findIndex((time, k) => !Number.isFinite(time) || (k > 0 && time < (times[k - 1] as number)));
      if (wrong >= 0) {
        const path = `${stamps.place}[${wrong}]`;
        throw new ValueRangeError(`${path}: ${times[wrong]} ms; times must be finite and ascend.`, {
          path,
          value: times[wrong],
        });
      }
      trains.set(name, { times, neurons });
    }
    return trains;
  });
}

/**
 * Reads a report.
 *
 * @throws SpikeletError with the file and the path in it when it is not what a run writes, or not of this run
 */
export function readReport(bytes: Uint8Array, title: string, run: KnownRun): Promise<PopulationTrace[]> {
  return readHdf5(bytes, title, (root) => {
    return Array.from(populationsIn(root.group("report"), run), ([population, size, own]): PopulationTrace => {
      const data = own.dataset("data");
      const variable = data.text("variable");
      if (variable === undefined) {
        throw new MissingKeyError(`${data.place}: the attribute "variable" is missing.`, { path: data.place });
      }
      const unit = data.text("units") ?? run.unit(population, variable);
      const [count, columns] = data.shape as [number, number];
      if (data.shape.length !== 2) {
        throw new LengthError(`${data.place}: the shape is [${data.shape.join(", ")}]; it must have two dimensions.`, {
          path: data.place,
        });
      }
      const mapping = own.group("mapping");
      const neurons = neuronsOf(mapping.dataset("node_ids"), size, columns);
      const pointers = mapping.dataset("index_pointers");
      if (pointers.integers([0, columns], columns + 1).some((at, n) => at !== n)) {
        throw new ValueRangeError(`${pointers.place}: there must be one element for each neuron.`, {
          path: pointers.place,
        });
      }
      const axis = mapping.dataset("time");
      inMs(axis);
      const [start, stop, every] = axis.numbers(3) as unknown as readonly [number, number, number];
      if (!(Number.isFinite(start) && every > 0 && Math.round((stop - start) / every) === count)) {
        const allowed = `the start, end and interval of ${count} samples`;
        throw new ValueRangeError(`${axis.place}: ${start}, ${stop}, ${every}; it must be ${allowed}.`, {
          path: axis.place,
          allowed,
        });
      }
      const values = data.numbers();
      return {
        population,
        variable,
        unit: unit === PURE ? "" : unit,
        neurons,
        time: evenTimes(start, every, count, run.dt),
        values: (position) => Float64Array.from({ length: count }, (_, k) => values[k * columns + position] as number),
      };
    });
  });
}

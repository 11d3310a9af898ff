/** Spikes to play again: tables of them, and the files of earlier runs, which hold those of several populations. */
import type { SpikeTable } from "../model/files.js";
import { nearestName } from "../model/suggest.js";
import { checkWidth, columnOf, CsvError, csvRows, number } from "./csv.js";
import { keyPart, type NpyArray, NpzError } from "./npz.js";

/** Whose spikes are wanted of a file with those of several populations. */
export interface WantedSpikes {
  /** Name of the file for messages. */
  readonly file: string;
  /** Name of the population that plays them: taken where the file has it. */
  readonly own: string;
  /** Name that was asked for; undefined without. */
  readonly population: string | undefined;
}

/** The population of the file that is meant, or why none is. */
function chosen(
  names: readonly string[],
  { own, population }: WantedSpikes,
): { readonly name?: string; readonly problem?: string } {
  const wanted = population ?? own;
  if (names.includes(wanted)) return { name: wanted };
  if (population === undefined && names.length === 1) return { name: names[0] as string };
  const shown = names.slice(0, 12).map((name) => JSON.stringify(name)).join(", ");
  const nearest = nearestName(wanted, names);
  const hint = nearest === undefined ? "" : ` Did you mean ${JSON.stringify(nearest)}?`;
  const remedy = population === undefined ? ' Name the one to play with "population".' : "";
  return { problem: `there are no spikes of ${JSON.stringify(wanted)}; there are those of ${shown}.${hint}${remedy}` };
}

/**
 * Reads spikes from a table with the columns `time` (or `time_ms`), `neuron` and, if there are several populations,
 * `population`, in any order; other columns are left out. spikes.csv of a run is such a table.
 *
 * @param text the whole text
 * @throws CsvError with line, column and value when a column is missing, a field is no number, a row is longer or
 *   shorter than the first, or the population that is wanted is not there
 */
export function readSpikeTable(text: string, wanted: WantedSpikes): SpikeTable {
  const { file } = wanted;
  let header: readonly string[] | undefined;
  let [time, neuron, population] = [-1, -1, -1];
  const trains = new Map<string, { readonly times: number[]; readonly neurons: number[] }>();
  for (const { line, fields } of csvRows(text, file)) {
    if (header === undefined) {
      header = fields;
      time = columnOf(fields, ["time", "time_ms"], line, file);
      neuron = columnOf(fields, ["neuron"], line, file);
      population = fields.indexOf("population");
      if (population < 0 && wanted.population !== undefined) {
        const what = JSON.stringify(wanted.population);
        throw new CsvError(
          `there is no column "population" from which those of ${what} could be taken; leave "population" out.`,
          { line, file },
        );
      }
      continue;
    }
    checkWidth(fields, header.length, line, file);
    const name = population < 0 ? "" : (fields[population] as string);
    let train = trains.get(name);
    if (train === undefined) trains.set(name, (train = { times: [], neurons: [] }));
    train.times.push(number(fields[time] as string, line, header[time] as string, file));
    train.neurons.push(number(fields[neuron] as string, line, "neuron", file));
  }
  if (population < 0) {
    const train = trains.get("");
    if (train === undefined) throw new CsvError("there is no number in the table.", { line: 0, file });
    return { times: Float64Array.from(train.times), neurons: Float64Array.from(train.neurons) };
  }
  // Nobody fired: there is nothing to choose from.
  const { name, problem } = trains.size === 0 ? { name: "" } : chosen([...trains.keys()], wanted);
  if (problem !== undefined)
    throw new CsvError(problem, { line: 0, column: "population", value: wanted.population ?? wanted.own, file });
  const { times, neurons } = trains.get(name as string) ?? { times: [], neurons: [] };
  return { times: Float64Array.from(times), neurons: Float64Array.from(neurons) };
}

/**
 * Reads spikes from the arrays of an archive: `times` and `neurons`, or `NAME/spikes/times` and `NAME/spikes/neurons`
 * of one of its populations, as spikes.npz of a run has them.
 *
 * @throws NpzError with the file and the array when one is missing, or the population that is wanted is not there
 */
export function spikesOfArrays(arrays: Readonly<Record<string, NpyArray>>, wanted: WantedSpikes): SpikeTable {
  const { file } = wanted;
  const keys = Object.keys(arrays);
  const names = keys.flatMap((key) => (key.endsWith("/spikes/times") ? [key.slice(0, -"/spikes/times".length)] : []));
  let prefix = "";
  if (names.length > 0 && !(keys.includes("times") && wanted.population === undefined)) {
    const { own, population } = wanted;
    const coded = { file, own: keyPart(own), population: population === undefined ? undefined : keyPart(population) };
    const { name, problem } = chosen(names, coded);
    if (problem !== undefined) throw new NpzError(problem, undefined, { file, value: population ?? own });
    prefix = `${name}/spikes/`;
  }
  const array = (name: string): Float64Array => {
    const found = arrays[`${prefix}${name}`];
    if (found === undefined)
      throw new NpzError(`the archive lacks this array; it has ${keys.slice(0, 12).join(", ")}.`, `${prefix}${name}`, {
        file,
      });
    if (found.shape.length !== 1)
      throw new NpzError(
        `the array has the shape (${found.shape.join(", ")}); it must have one dimension.`,
        `${prefix}${name}`,
        { file },
      );
    return Float64Array.from(found.data);
  };
  return { times: array("times"), neurons: array("neurons") };
}

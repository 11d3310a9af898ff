/** What a format of results is: one object, from which options, help, files, streaming and reading follow. */
import type { ProjectionWeights, ResultTables } from "../analysis/tables.js";
import type { PopulationTrace, Spikes } from "../analysis/types.js";
import { SpikeletError } from "../model/errors.js";
import { nearestName } from "../model/suggest.js";

/** Pieces of a file: one, or many that come one after another. Text is written as UTF-8. */
export type Chunks = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** The tables of a whole run. */
export interface RunTables extends ResultTables {
  /** Weights at the end of the projections whose weights change. */
  readonly weights: readonly ProjectionWeights[];
}

/** Name of a table. */
export type TableName = keyof RunTables;

/** What is true of all tables of a run. */
export interface RunFacts {
  /** Name of the network. */
  readonly name: string;
  /** Time step and simulated time in ms. */
  readonly dt: number;
  readonly duration: number;
  /** Seed of everything random, and the model file. */
  readonly seed?: number;
  readonly document?: Readonly<Record<string, unknown>>;
  /** When time 0 was, in ISO 8601 with a time zone, for formats that hold such a thing. */
  readonly sessionStart?: string;
}

/** A file that a format has for some of the tables. */
export interface FormatFile {
  /** Its name in the folder of results; with a star, that of a file for each part of the tables. */
  readonly name: string;
  readonly holds: readonly TableName[];
  /** What stands in it, for the help. */
  readonly summary: string;
  /** What stands in the place of the star, for each part. */
  readonly parts?: (tables: Pick<RunTables, TableName>) => readonly string[];
}

/** A file of an earlier run. */
export interface TableSource {
  /** Its name for messages. */
  readonly path: string;
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
}

/** What is known of the run that a file belongs to: tables that do not go with it are refused. */
export interface KnownRun {
  /** Number of neurons of each population: other populations and larger neuron indices are errors. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Time step in ms, for files with times in other units; undefined where it is not known. */
  readonly dt: number | undefined;
  /** Unit of a variable, and of a projection's weights, for files that do not hold it. */
  readonly unit: (population: string, variable: string) => string;
  readonly weightUnit: (projection: string) => string;
}

/** Tables as they are read; those that a file does not hold are not there. */
export interface ReadTables {
  /** The spike train of each population that has one. */
  readonly spikes?: ReadonlyMap<string, Spikes>;
  readonly traces?: readonly PopulationTrace[];
  /** The weights of each projection. */
  readonly weights?: ReadonlyMap<string, Float64Array>;
  /** Traces of the variable `weight`, whose populations are the projections and whose neurons are the synapses. */
  readonly weightTraces?: readonly PopulationTrace[];
}

/** A format of results. */
export interface ResultFormat {
  /** Word of `--format`. */
  readonly name: string;
  /** Its files, in the order of their writing. Each table is in one of them, or in the parts of one. */
  readonly files: readonly FormatFile[];
  /** It holds when time 0 was: `--session-start` goes with it. */
  readonly dated?: true;
  /**
   * Whether a run can be written so, before it begins.
   *
   * @throws SpikeletError when a library is missing, or what is known of the run cannot be written
   */
  check?(run: RunFacts): Promise<void>;
  /**
   * The content of one of its files; what it needs is loaded then.
   *
   * @throws SpikeletError when the tables cannot be written so, also while chunks are taken
   */
  write(file: string, tables: RunTables, run: RunFacts): Chunks;
  /**
   * The tables of one of its files.
   *
   * @throws SpikeletError with the path and the place in the file when it is not what `write` makes, or not of this run
   */
  read(file: string, source: TableSource, run: KnownRun): Promise<ReadTables>;
  /** How files grow while a run goes on; left out where they can only be written as a whole. */
  readonly stream?: {
    /** What a file begins with. */
    head(file: string): string;
    /** What is appended for further tables: a file with all of them is what `write` makes of them together. */
    rows(file: string, tables: ResultTables): Iterable<string>;
  };
}

/** A format whose files can grow. */
export type GrowingFormat = ResultFormat & Required<Pick<ResultFormat, "stream">>;

export function isGrowing(format: ResultFormat): format is GrowingFormat {
  return format.stream !== undefined;
}

/** Tables whose files are there even when nothing is recorded, so that a reader finds them. */
const ALWAYS: readonly TableName[] = ["spikes", "traces"];

/** The files that tables need, each with the name that it gets. */
export function filesFor(format: ResultFormat, tables: Pick<RunTables, TableName>): readonly FormatFile[] {
  return format.files
    .filter(({ holds }) => holds.some((table) => ALWAYS.includes(table) || tables[table].length > 0))
    .flatMap((file) => {
      if (file.parts === undefined) return [file];
      return file.parts(tables).map((part) => ({ ...file, name: file.name.replace("*", () => part) }));
    });
}

/** Whether a file of a folder is the one, or one of those, that a format's file names. */
export function isNamed(name: string, { name: pattern }: Pick<FormatFile, "name">): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) return name === pattern;
  return name.length > start.length + end.length && name.startsWith(start) && name.endsWith(end);
}

/** What is wrong with a population that the run does not have. */
export function unknownPopulation(name: string, sizes: ReadonlyMap<string, number>): string {
  const nearest = nearestName(name, sizes.keys());
  const hint = nearest === undefined ? "" : ` Did you mean ${quoted(nearest)}?`;
  return `the run has no population ${quoted(name)}.${hint}`;
}

/** The beginning of a text in quotes. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
}

/** Errors of what does not know its file get its name. */
export async function inFile<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    const named = new TableError(`${path}: ${error.message}`, { path });
    named.cause = error;
    throw named;
  }
}

/** A file of results that is none. */
export class TableError extends SpikeletError {
  override readonly name = "TableError";
  override readonly code = "table";
}

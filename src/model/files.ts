/** What the validators need to know beside the value itself, and the tables that a network names by file. */
import type { OwnKernels, ReceptorSpec } from "../kinds/receptors.js";
import { wrongType } from "./check.js";
import { DocumentError, placeText } from "./errors.js";
import type { PlasticityRule } from "./ownRule.js";
import type { ModelRecord } from "./record.js";

/** Connections as a table holds them, one per row. */
export interface PairTable {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights?: Float64Array;
  readonly delays?: Float64Array;
}

/** Spikes as a table holds them, one per row, not yet checked. */
export interface SpikeTable {
  readonly times: Float64Array;
  readonly neurons: Float64Array;
}

/** Reads the tables that a network names by file; src/io makes one from the host's way to read text. */
export interface TableReader {
  /** One column of numbers: the only one, or that with this name or, from 0, this place. */
  readonly numbers: (file: string, column?: string | number) => Float64Array;
  /** Connections between neurons below `sources` and `targets`. */
  readonly pairs: (file: string, sources: number, targets: number) => PairTable;
  /**
   * Spikes: the columns time and neuron. Of a file with those of several populations the ones of `population`, or,
   * where none is asked for, of the population `own` that plays them.
   */
  readonly spikes: (file: string, own: string, population: string | undefined) => SpikeTable;
}

/** What the validators need to know beside the value itself. */
export interface ParseOptions {
  /** Time step in ms: the default delay, and what intervals are multiples of. Read from a document itself. */
  readonly dt?: number;
  /** Models by the name used in the input; the built-in ones by default. Sources are always known. */
  readonly models?: Readonly<Record<string, ModelRecord>>;
  /** Models by name that the document itself defines. Read from a document itself. */
  readonly defined?: Readonly<Record<string, ModelRecord>>;
  /** Rules of plasticity by name that the document itself defines. Read from a document itself. */
  readonly rules?: Readonly<Record<string, PlasticityRule>>;
  /** Receptor kernels by name that the document itself defines. Read from a document itself. */
  readonly kernels?: OwnKernels;
  /** Model records are refused, only names are taken: for input that is not trusted. */
  readonly namesOnly?: boolean;
  /** Reads the files that the input names. Absent: such files are refused. */
  readonly files?: TableReader;
  /** Names of populations that are taken. */
  readonly taken?: ReadonlySet<string>;
  /** Receptors of the population that a background entry belongs to. Read from a population itself. */
  readonly receptors?: Readonly<Record<string, ReceptorSpec>>;
}

/** The reader of a file that the input names, and the file's name. */
export function tableFile(
  file: unknown,
  path: string,
  options: ParseOptions,
): { readonly files: TableReader; readonly file: string } {
  if (typeof file !== "string" || file === "") wrongType(file, path, "the name of a file");
  if (!options.files) {
    throw new DocumentError(
      `${placeText(path, JSON.stringify(file))}; files can only be read from the command line and by the loader for Node.`,
      { path, value: file },
    );
  }
  return { files: options.files, file };
}

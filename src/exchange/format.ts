/** What a format of exchange is: an object that writes networks, reads them, or both. */
import type { NetworkSpec } from "../model/spec.js";
import type { Mapping } from "./mapping.js";
import type { ReportEntry } from "./report.js";

/** A file of an export, by its path within the folder (with / between its parts). */
export interface ExchangeFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** What an exporter made. */
export interface Export {
  /** The first one is what the other tool is given. */
  readonly files: readonly ExchangeFile[];
  readonly report: readonly ReportEntry[];
  /** How it is run, a line each. */
  readonly usage: readonly string[];
}

/** What an importer made. */
export interface Import {
  readonly network: NetworkSpec;
  readonly report: readonly ReportEntry[];
}

/** Files that an importer may ask for, by their path beside the one that it was given. */
export interface FileSource {
  /** Path of the file that was given; names of others are relative to its folder. */
  readonly path: string;
  /** @throws SpikeletError when there is no such file, or it is too large */
  bytes(path: string): Promise<Uint8Array>;
  /** The same as text. */
  text(path: string): Promise<string>;
}

export interface ExportOptions {
  /** Word of the format for one of the flavours that its readers force, see the format. */
  readonly flavour?: string;
}

/** A format of exchange: it writes networks, reads them, or both. */
export interface Format {
  /** What it is called on the command line. */
  readonly name: string;
  /** The tool or format with its version. */
  readonly title: string;
  /** What it holds, in a sentence. */
  readonly summary: string;
  /** Flavours, the default first. */
  readonly flavours?: readonly string[];
  /** What it calls each kind. */
  readonly mapping?: Mapping;
  /** The network must be explicit (`Simulation.explicit`): each synapse in a list. */
  readonly explicit?: boolean;
  write?(network: NetworkSpec, options: ExportOptions): Promise<Export>;
  read?(files: FileSource): Promise<Import>;
}

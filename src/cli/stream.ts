/** Results that go to disk while the run goes on, so that memory stays bounded however long it is. */
import { closeSync, copyFileSync, ftruncateSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Report, ResultTables } from "../index.js";
import { FolderError, reason } from "../io/folder.js";
import { filesFor, type GrowingFormat } from "../io/format.js";
import { InputError } from "./errors.js";

/** Files that grow, in the order of their writing. */
export function streamedFiles(format: GrowingFormat, tables: ResultTables): readonly string[] {
  return filesFor(format, { ...tables, weights: [] }).map(({ name }) => name);
}

/** Lengths of the files in bytes: what a snapshot goes on from. */
export type Lengths = readonly number[];

/** What a run had done when something was written. */
export type Reached = Pick<Report, "duration" | "populations">;

export class ResultStream {
  /** What is written. */
  readonly format: GrowingFormat;
  private readonly folder: string;
  /** Names of the files. */
  readonly files: readonly string[];
  private readonly handles: readonly number[];
  private readonly counts: number[];
  private open = true;
  /** Why nothing is written any more. */
  private failure: FolderError | undefined;
  private holds: Reached;

  private constructor(
    format: GrowingFormat,
    folder: string,
    files: readonly string[],
    handles: readonly number[],
    counts: Lengths,
    holds: Reached,
  ) {
    this.format = format;
    this.folder = folder;
    this.files = files;
    this.handles = handles;
    this.counts = [...counts];
    this.holds = holds;
  }

  /**
   * New files, with their headers.
   *
   * @param holds what a run has done that has done nothing
   */
  static start(format: GrowingFormat, folder: string, files: readonly string[], holds: Reached): ResultStream {
    const stream = new ResultStream(format, folder, files, openAll(folder, files, "w"), files.map(() => 0), holds);
    for (const [k, name] of files.entries()) stream.put(k, Buffer.from(format.stream.head(name)));
    return stream;
  }

  /**
   * Goes on with files that an earlier process wrote: what they hold beyond the snapshot is cut off.
   *
   * @param from folder of these files
   * @param folder where to go on; they are copied into it if it is another one
   * @param lengths of the files, and `holds` what the run had done, at the snapshot
   */
  static resume(
    format: GrowingFormat,
    { from, folder, files }: { readonly from: string; readonly folder: string; readonly files: readonly string[] },
    lengths: Lengths,
    holds: Reached,
  ): ResultStream {
    for (const [k, name] of files.entries()) {
      const path = join(from, name);
      const found = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (found < (lengths[k] as number)) {
        const need = `the snapshot goes on from the first ${lengths[k]} bytes of the file beside it`;
        throw new InputError(`${path}: ${need}, which has ${found}; --stream had written them there.`);
      }
    }
    if (resolve(from) !== resolve(folder)) copyAll(from, folder, files);
    const handles = openAll(folder, files, "r+");
    for (const [k, handle] of handles.entries()) ftruncateSync(handle, lengths[k]);
    return new ResultStream(format, folder, files, handles, lengths, holds);
  }

  get lengths(): Lengths {
    return [...this.counts];
  }

  /** What the run had done when the files were written last, if they do not go on any more. */
  get end(): Reached | undefined {
    return this.failure && this.holds;
  }

  /**
   * Writes tables. Where they do not fit, the files end where they did before, and nothing more is written.
   *
   * @param holds what the run has done with them
   * @throws FolderError when a file cannot be written
   */
  write(tables: ResultTables, holds: Reached): void {
    if (this.failure) throw this.failure;
    const before = this.lengths;
    try {
      for (const [k, name] of this.files.entries()) {
        for (const rows of this.format.stream.rows(name, tables)) this.put(k, Buffer.from(rows));
      }
    } catch (error) {
      this.cut(before);
      if (error instanceof FolderError) this.failure = error;
      throw error;
    }
    this.holds = holds;
  }

  /** Ends the files; gives the error where something could not be written, which the system may say only now. */
  close(): FolderError | undefined {
    if (!this.open) return this.failure;
    this.open = false;
    for (const [k, handle] of this.handles.entries()) {
      try {
        inFile(join(this.folder, this.files[k] as string), "written", () => closeSync(handle));
      } catch (error) {
        this.failure ??= error as FolderError;
      }
    }
    return this.failure;
  }

  /** Makes the files as long as they were. */
  private cut(lengths: Lengths): void {
    for (const [k, handle] of this.handles.entries()) {
      ftruncateSync(handle, lengths[k]);
      this.counts[k] = lengths[k] as number;
    }
  }

  private put(k: number, bytes: Buffer): void {
    inFile(join(this.folder, this.files[k] as string), "written", () => {
      let at = this.counts[k] as number;
      for (let done = 0; done < bytes.length; ) {
        const count = writeSync(this.handles[k] as number, bytes, done, bytes.length - done, at);
        done += count;
        at += count;
        this.counts[k] = at;
      }
    });
  }
}

function copyAll(from: string, folder: string, files: readonly string[]): void {
  try {
    for (const name of files)
      inFile(join(folder, name), "copied", () => copyFileSync(join(from, name), join(folder, name)));
  } catch (error) {
    for (const name of files) rmSync(join(folder, name), { force: true });
    throw error;
  }
}

function openAll(folder: string, files: readonly string[], flags: "w" | "r+"): readonly number[] {
  return files.map((name) => inFile(join(folder, name), "opened", () => openSync(join(folder, name), flags)));
}

/** Does something with a file; where the system refuses, the error says what. */
function inFile<T>(path: string, what: "written" | "copied" | "opened", work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new FolderError(`the file cannot be ${what} (${reason(error)}).`, path, error);
  }
}

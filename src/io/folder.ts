/** Results in a folder (Node): a place for a run's files that nothing else lives in, and files that appear at once. */
import { lstat, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SpikeletError } from "../model/errors.js";

/** Tables and figures of a run. */
const TABLES_AND_FIGURES = [
  "run.json",
  "spikes.csv",
  "spikes.npz",
  "traces.csv",
  "traces.npz",
  "raster.svg",
  "rate.svg",
  "traces.svg",
  "activity.svg",
  "isi.svg",
  "membrane.svg",
  "phase-plane.svg",
  "spectrum.svg",
  "weights.csv",
  "weights.npz",
  "weight-traces.csv",
  "weight-traces.npz",
  "weights.svg",
  "weight-traces.svg",
  "snapshot.spikelet",
] as const;

/** Every file that a run or its figures may write into its folder. */
export const RESULT_FILES: readonly string[] = TABLES_AND_FIGURES.flatMap((name) =>
  name.endsWith(".svg") ? [name, name.replace(".svg", ".png"), name.replace(".svg", ".pdf")] : [name],
);

/** Files that desktop systems put into any folder; they are left alone. */
const SYSTEM_FILES = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

/** Names of unfinished files: the file's own name, a process, a number. */
const UNFINISHED = /^(.+)\.\d+-\d+\.part$/;

let parts = 0;

/** A folder or file that results cannot go to. */
export class FolderError extends SpikeletError {
  override readonly name = "FolderError";
  override readonly code = "folder";
  override readonly path: string;

  constructor(message: string, path: string, cause?: unknown) {
    super(`${path}: ${message}`, { path });
    this.path = path;
    if (cause !== undefined) this.cause = cause;
  }
}

/**
 * Makes a folder ready for the results of a run: creates it where it is missing and takes the files of an earlier
 * run out of it. A folder that holds anything else is left as it is.
 *
 * @param directory path of the folder
 * @param keep leave whole files of an earlier run where they are, because this run goes on from them
 * @throws FolderError when the path is a file, the folder holds something else than an earlier run's results, or it
 *   cannot be written
 */
export async function prepareFolder(directory: string, keep = false): Promise<void> {
  let entries: string[];
  try {
    await mkdir(directory, { recursive: true });
    entries = await readdir(directory);
  } catch (error) {
    if ((await kindOf(directory)) === "file") {
      throw new FolderError("this is a file; results need a folder.", directory, error);
    }
    throw new FolderError(`the folder cannot be made or read (${reason(error)}).`, directory, error);
  }
  const known = new Set<string>(RESULT_FILES);
  const earlier: string[] = [];
  const foreign: string[] = [];
  for (const entry of entries) {
    if (SYSTEM_FILES.has(entry)) continue;
    const name = UNFINISHED.exec(entry)?.[1] ?? entry;
    const ours = known.has(name) && !(await lstat(join(directory, entry))).isDirectory();
    if (!ours) foreign.push(entry);
    else if (!keep || name !== entry) earlier.push(entry);
  }
  if (foreign.length > 0) {
    const shown = foreign
      .sort()
      .slice(0, 3)
      .map((name) => JSON.stringify(name));
    const more = foreign.length > 3 ? ` and ${foreign.length - 3} more` : "";
    throw new FolderError(
      `the folder holds something else than an earlier run's results (${shown.join(", ")}${more}); ` +
        "choose a new or empty folder.",
      directory,
    );
  }
  try {
    for (const entry of earlier) await rm(join(directory, entry));
  } catch (error) {
    throw new FolderError(`an earlier run's files cannot be removed (${reason(error)}).`, directory, error);
  }
}

/** Takes the files of an earlier run away, but those that `names` says. */
export async function removeOthers(directory: string, names: readonly string[]): Promise<void> {
  for (const name of RESULT_FILES) if (!names.includes(name)) await rm(join(directory, name), { force: true });
}

/** Pieces of a file: one, or many that come one after another. Text is written as UTF-8. */
export type Chunks = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/**
 * Writes a file so that it appears complete or not at all: the content goes to a temporary file beside it, which
 * then takes the name. A chunk is asked for only when the one before it has been written. When the source of the
 * chunks fails, its error is passed on, the temporary file is removed and an earlier file of the name stays.
 *
 * @param path path of the file; its folder must exist
 * @param chunks the content
 * @throws FolderError when the file cannot be written
 */
export async function writeFileAtomic(path: string, chunks: Chunks): Promise<void> {
  const temporary = `${path}.${process.pid}-${++parts}.part`;
  const failed = (error: unknown) => new FolderError(`the file cannot be written (${reason(error)}).`, path, error);
  const handle = await open(temporary, "wx").catch(async (error: unknown) => {
    const folder = dirname(path);
    if ((await kindOf(folder)) !== "folder") throw new FolderError("there is no such folder.", folder, error);
    throw failed(error);
  });
  let complete = false;
  try {
    const pieces = typeof chunks === "string" || chunks instanceof Uint8Array ? [chunks] : chunks;
    try {
      for await (const piece of pieces) {
        await handle.appendFile(piece).catch((error: unknown) => {
          throw failed(error);
        });
      }
    } finally {
      await handle.close();
    }
    await rename(temporary, path).catch((error: unknown) => {
      throw failed(error);
    });
    complete = true;
  } finally {
    if (!complete) await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** What the nearest existing part of a path is. */
async function kindOf(path: string): Promise<"file" | "folder" | "missing"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    // A part of the path before its end is a file.
    return (error as NodeJS.ErrnoException).code === "ENOTDIR" ? "file" : "missing";
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left",
  EISDIR: "a folder has this name",
  ENAMETOOLONG: "the name is too long",
};

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

/**
 * Results in a folder (Node): a place for a run's files that nothing else lives in, and files that appear at once. By
 * calls that block: each that does not goes through a thread and back, which takes longer than what a small run writes.
 */
import {
  closeSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { SpikeletError } from "../model/errors.js";
import { type Chunks, isNamed } from "./format.js";
import { FORMATS } from "./formats.js";

/** Figures of a run, which may be images of other formats. */
const FIGURES = [
  "raster.svg",
  "rate.svg",
  "traces.svg",
  "activity.svg",
  "isi.svg",
  "membrane.svg",
  "phase-plane.svg",
  "spectrum.svg",
  "weights.svg",
  "weight-traces.svg",
] as const;

/** Every file that a run or its figures may write into its folder; a star stands for any part of a name. */
export const RESULT_FILES: readonly string[] = [
  "run.json",
  ...new Set(FORMATS.flatMap(({ files }) => files.map(({ name }) => name))),
  ...FIGURES.flatMap((name) => [name, name.replace(".svg", ".png"), name.replace(".svg", ".pdf")]),
  "snapshot.spikelet",
];

/** Whether a run or its figures may write a file of this name into their folder. */
export function isResultFile(name: string): boolean {
  return RESULT_FILES.some((pattern) => isNamed(name, { name: pattern }));
}

/** Says which process writes into the folder; it is there while a run is under way. */
export const LOCK_FILE = "run.lock";

/** Files that desktop systems put into any folder, and the lock; they are left alone. */
const SYSTEM_FILES = new Set([".DS_Store", "Thumbs.db", "desktop.ini", LOCK_FILE]);

/** Names of unfinished files: the file's own name, a process, a number. */
const UNFINISHED = /^(.+)\.\d+-\d+\.part$/;

let parts = 0;

/** A folder or file that results cannot go to. */
export class FolderError extends SpikeletError {
  override readonly name = "FolderError";
  override readonly code = "folder";
  override readonly path: string;
  /** Why, in a few words. */
  readonly reason: string;

  constructor(message: string, path: string, cause?: unknown) {
    super(`${path}: ${message}`, { path });
    this.path = path;
    this.reason = cause === undefined ? message : reason(cause);
    if (cause !== undefined) this.cause = cause;
  }
}

/**
 * Makes a folder ready for the results of a run: creates it where it is missing, locks it and takes the files of an
 * earlier run out of it. A folder that holds anything else is left as it is.
 *
 * @param directory path of the folder
 * @param options.keep leave whole files of an earlier run where they are, because this run goes on from them
 * @param options.reserve bytes of the disk that the lock keeps until `spend`
 * @throws FolderError when the path is a file, the folder holds something else than an earlier run's results, another
 *   run writes into it, or it cannot be written
 */
export async function prepareFolder(
  directory: string,
  { keep = false, reserve = 0 }: { readonly keep?: boolean; readonly reserve?: number } = {},
): Promise<FolderLock> {
  let entries: string[];
  try {
    await makeFolder(directory);
    entries = readdirSync(directory);
  } catch (error) {
    if (kindOf(directory) === "file") {
      throw new FolderError("this is a file; results need a folder.", directory, error);
    }
    throw new FolderError(`the folder cannot be made or read (${reason(error)}).`, directory, error);
  }
  const earlier: string[] = [];
  const foreign: string[] = [];
  for (const entry of entries) {
    if (SYSTEM_FILES.has(entry)) continue;
    const name = UNFINISHED.exec(entry)?.[1] ?? entry;
    const ours = (isResultFile(name) || name === LOCK_FILE) && !isFolder(join(directory, entry));
    if (!ours) foreign.push(entry);
    else if (!keep || name !== entry) earlier.push(entry);
  }
  if (foreign.length > 0) refuseForeign(directory, foreign, "an earlier run's results");
  const lock = lockFolder(directory, reserve);
  try {
    // The run that wrote them may have taken some away since.
    for (const entry of earlier) rmSync(join(directory, entry), { force: true });
  } catch (error) {
    lock.release();
    throw new FolderError(`an earlier run's files cannot be removed (${reason(error)}).`, directory, error);
  }
  return lock;
}

/** What is kept beside the files of an export: their names, and what became of the network. */
export const EXPORT_FILE = "export.json";

/**
 * Makes a folder ready for an export: new, empty, or that of an earlier export, whose files are taken out of it.
 *
 * @param files paths of the new files within it
 * @throws FolderError when the folder holds anything else
 */
export async function prepareExport(directory: string, files: readonly string[]): Promise<void> {
  try {
    await makeFolder(directory);
    const entries = readdirSync(directory, { recursive: true, encoding: "utf8" });
    const earlier = entries.includes(EXPORT_FILE) ? exported(join(directory, EXPORT_FILE)) : [];
    const known = new Set([EXPORT_FILE, ...earlier]);
    const folders = new Set([...known].flatMap((path) => parentsOf(path)));
    const foreign = entries
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => !known.has(path) && !folders.has(path) && !SYSTEM_FILES.has(path));
    if (foreign.length > 0) refuseForeign(directory, foreign, "an earlier export");
    for (const path of known) rmSync(join(directory, path), { force: true });
    for (const folder of new Set(files.flatMap((path) => parentsOf(path)))) await makeFolder(join(directory, folder));
  } catch (error) {
    if (error instanceof FolderError) throw error;
    if (kindOf(directory) === "file")
      throw new FolderError("this is a file; an export needs a folder.", directory, error);
    throw new FolderError(`the folder cannot be made or read (${reason(error)}).`, directory, error);
  }
}

/** The paths of the files of an export; none where its list cannot be read. */
function exported(path: string): readonly string[] {
  try {
    const { files } = JSON.parse(readFileSync(path, "utf8")) as { readonly files?: unknown };
    const isInside = (file: unknown): file is string =>
      typeof file === "string" && !file.split(/[\\/]/).includes("..") && !isAbsolute(file);
    return Array.isArray(files) ? files.filter(isInside) : [];
  } catch {
    return [];
  }
}

/** The folders of a path, the outermost first. */
function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

function refuseForeign(directory: string, foreign: readonly string[], ours: string): never {
  const shown = [...foreign].sort().slice(0, 3).map((name) => JSON.stringify(name));
  const more = foreign.length > 3 ? ` and ${foreign.length - 3} more` : "";
  throw new FolderError(
    `the folder holds something else than ${ours} (${shown.join(", ")}${more}); choose a new or empty folder.`,
    directory,
  );
}

/**
 * Makes a folder and those above it. Node's own way goes round for ever where a file system says ENOENT, as /proc does.
 */
export async function makeFolder(path: string, below = false): Promise<void> {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    const parent = dirname(path);
    if (code !== "ENOENT" || below || parent === path) throw error;
    await makeFolder(parent);
    await makeFolder(path, true);
  }
}

/** A folder that one run has for itself. */
export interface FolderLock {
  /** Gives the bytes in reserve back to the disk, for what must be written when it is full. */
  spend(): void;
  /** Lets other runs use the folder. */
  release(): void;
}

/** The process that has a folder: a number is not enough where it can be given to another one. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Space of process numbers, such as a container's; "" where the system does not say. */
  readonly space: string;
  /** Start of the system and of the process; "" where the system does not say. */
  readonly start: string;
}

/** A lock whose text is not there yet belongs to a run that begins, or to one that was killed right then. */
const YOUNG_MS = 10_000;

function lockFolder(directory: string, reserve: number): FolderLock {
  const path = join(directory, LOCK_FILE);
  const holder: Holder = { pid: process.pid, host: hostname(), space: spaceText(), start: startText(process.pid) };
  const line = Buffer.from(`${JSON.stringify(holder)}\n`);
  const text = line.toString().trimEnd();
  for (let attempt = 0; attempt < 3; attempt++) {
    const handle = created(path, directory);
    if (handle === undefined) {
      removeStale(path, directory);
      continue;
    }
    try {
      writeSync(handle, line);
      fill(handle, reserve);
      return {
        spend: () => {
          // A run that has lost its lock has no reserve either.
          if (holderText(path) === text) ftruncateSync(handle, line.length);
        },
        release: () => {
          closeSync(handle);
          if (holderText(path) === text) rmSync(path, { force: true });
        },
      };
    } catch (error) {
      closeSync(handle);
      rmSync(path, { force: true });
      throw new FolderError(`the folder cannot be written (${reason(error)}).`, directory, error);
    }
  }
  throw new FolderError("other runs want this folder at the same time; choose another one.", directory);
}

/** A new lock, or undefined where there is one. */
function created(path: string, directory: string): number | undefined {
  try {
    return openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw new FolderError(`the folder cannot be written (${reason(error)}).`, directory, error);
  }
}

/** Writes what cannot be compressed, so that the bytes are really there. */
function fill(handle: number, bytes: number): void {
  const block = new Uint8Array(1 << 14);
  let state = 1;
  for (let left = bytes; left > 0; ) {
    // xorshift32 (Marsaglia 2003)
    for (let i = 0; i < block.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      block[i] = state;
    }
    try {
      left -= writeSync(handle, block, 0, Math.min(block.length, left));
    } catch (error) {
      // A bound on the length of files says nothing of the disk.
      if ((error as NodeJS.ErrnoException).code === "EFBIG") return;
      throw error;
    }
  }
}

/** Takes the lock of a run away that has ended without doing so; refuses that of a run under way. */
function removeStale(path: string, directory: string): void {
  const found = holderText(path);
  if (found === undefined) return;
  const holder = readHolder(found);
  if (holder === undefined ? ageOf(path) < YOUNG_MS : mayLive(holder)) {
    const elsewhere = holder !== undefined && holder.host !== hostname() ? ` on ${JSON.stringify(holder.host)}` : "";
    const who = holder === undefined ? "" : ` (process ${holder.pid}${elsewhere})`;
    throw new FolderError(
      `another run${who} writes into this folder; choose another one, or wait for its end. ` +
        `If there is no such run any more, remove ${LOCK_FILE}.`,
      directory,
    );
  }
  // Under another name first: of two that find it, one takes it away, and not the lock that the other made meanwhile.
  const aside = `${path}.${process.pid}-${++parts}.part`;
  try {
    renameSync(path, aside);
    if (holderText(aside) !== found) linkSync(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") {
      throw new FolderError(`the folder cannot be written (${reason(error)}).`, directory, error);
    }
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The first line of a lock; undefined where there is none. */
function holderText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").split("\n", 1)[0];
  } catch {
    return undefined;
  }
}

function readHolder(text: string): Holder | undefined {
  try {
    const { pid, host, space, start } = JSON.parse(text) as Holder;
    const isHolder = Number.isSafeInteger(pid) && pid > 0 && [host, space, start].every((x) => typeof x === "string");
    return isHolder ? { pid, host, space, start } : undefined;
  } catch {
    return undefined;
  }
}

function ageOf(path: string): number {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified === undefined ? Number.POSITIVE_INFINITY : Date.now() - modified;
}

/** Whether a process may be going on; what is not known may be. */
function mayLive({ pid, host, space, start }: Holder): boolean {
  if (host !== hostname() || space !== spaceText()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startText(pid);
  return start === "" || now === "" || now === start;
}

function spaceText(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/**
 * When a process began, as Linux tells it; "ended" for one that only waits to be asked how; "" where it is not known.
 */
function startText(pid: number): string {
  try {
    // The name in parentheses may hold anything; the state is field 3, the start in clock ticks field 22.
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)\s+/s, "").split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return "ended";
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()} ${fields[19]}`;
  } catch {
    return "";
  }
}

/** Takes the files of an earlier run away, but those that `names` says. */
export async function removeOthers(directory: string, names: readonly string[]): Promise<void> {
  for (const name of readdirSync(directory)) {
    if (isResultFile(name) && !names.includes(name)) rmSync(join(directory, name), { force: true });
  }
}

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
  let handle: number;
  try {
    handle = openSync(temporary, "wx");
  } catch (error) {
    const folder = dirname(path);
    if (kindOf(folder) !== "folder") throw new FolderError("there is no such folder.", folder, error);
    throw failed(error);
  }
  let complete = false;
  try {
    const pieces = typeof chunks === "string" || chunks instanceof Uint8Array ? [chunks] : chunks;
    try {
      for await (const piece of pieces) {
        try {
          writeAll(handle, typeof piece === "string" ? Buffer.from(piece) : piece);
        } catch (error) {
          throw failed(error);
        }
        if (performance.now() - breath < BREATH_MS) continue;
        await new Promise((resolve) => setImmediate(resolve));
        breath = performance.now();
      }
    } finally {
      closeSync(handle);
    }
    try {
      renameSync(temporary, path);
    } catch (error) {
      throw failed(error);
    }
    complete = true;
  } finally {
    if (!complete) removeQuietly(temporary);
  }
}

/**
 * After so many ms signals and other events have their turn, whichever files are written: of those that are small a
 * program may write one after the other for as long as it runs.
 */
const BREATH_MS = 50;
let breath = performance.now();

/** Writes all bytes: a call may write fewer. */
function writeAll(handle: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing can be done about it.
  }
}

/** The text of a file. */
export async function readFileText(path: string): Promise<string> {
  return readFileSync(path, "utf8");
}

/** Whether there is a folder of this name; a file of another run may be gone by now. */
function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** What the nearest existing part of a path is. */
function kindOf(path: string): "file" | "folder" | "missing" {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
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
  EDQUOT: "no space left within the quota",
  EFBIG: "longer than a file may be here",
  EISDIR: "a folder has this name",
  ENAMETOOLONG: "the name is too long",
};

/** Why something cannot be written, in words. */
export function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

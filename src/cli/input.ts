/** Reads model files: from a path or standard input, with the files they name and the options that override them. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { basename, dirname, extname, relative, resolve } from "node:path";
import { isatty } from "node:tty";
import { type NetworkSpec, parseModelFile, SpikeletError } from "../index.js";
import { type ArraysByName, definitions } from "../io/document.js";
import { unpackNpz } from "../io/npz.js";
import { readPlace, withValue } from "../io/place.js";
import { InputError } from "./errors.js";

const STDIN = 0;

/** Largest file that is read, in bytes. */
const MAX_BYTES = 2 ** 28;

/** Most bytes of the arrays in an npz archive. */
const MAX_UNPACKED = 2 ** 30;

/** Values that options set in place of the file's: numbers, or texts with a unit. */
export interface Overrides {
  readonly dt?: number | string;
  readonly duration?: number | string;
  readonly seed?: number | string;
}

/** A value that `--set` or `--vary` puts into a model file. */
export interface Setting {
  readonly option: "--set" | "--vary";
  /** As it was given, for messages: `populations.exc.params.tau_m`. */
  readonly place: string;
  readonly value: unknown;
}

/** A model file that has been read and checked. */
export interface Model {
  /** Name for messages. */
  readonly label: string;
  /** Name of the file without folder and ending. */
  readonly base: string;
  /** Absolute paths of all files that were read. */
  readonly files: readonly string[];
  readonly spec: NetworkSpec;
  /** What the file says, with overrides and with dt, duration and seed as numbers. */
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Reads and checks a model file.
 *
 * @param file path, or "-" for standard input
 * @throws InputError that names the file, or the option whose value is wrong
 */
export async function loadModel(
  file: string,
  overrides: Overrides = {},
  settings: readonly Setting[] = [],
): Promise<Model> {
  const piped = file === "-";
  const label = piped ? "standard input" : file;
  const text = piped ? readStandardInput() : readTextFile(file, file);
  const files = piped ? [] : [resolve(file)];
  const folder = piped ? "." : dirname(file);
  const texts = new Map<string, string>();
  const readText = (name: string): string => {
    const path = resolve(folder, name);
    const known = texts.get(path);
    if (known !== undefined) return known;
    const content = readTextFile(path);
    texts.set(path, content);
    files.push(path);
    return content;
  };
  const archives = new Map<string, ArraysByName>();
  const readArrays = (name: string): ArraysByName => {
    const path = resolve(folder, name);
    const known = archives.get(path);
    if (known !== undefined) return known;
    const { arrays } = unpackNpz(readArchive(path), MAX_UNPACKED);
    archives.set(path, arrays);
    files.push(path);
    return arrays;
  };
  const readers = { readText, readArrays };
  let spec = naming(label, () => parseModelFile(text, readers));
  let document = JSON.parse(text.replace(/^\ufeff/, "")) as Record<string, unknown>;
  if (settings.length > 0 || Object.keys(overrides).length > 0) {
    document = { ...withSettings(document, settings), ...overrides };
    spec = naming(label, () => parseModelFile(JSON.stringify(document), readers), overrides, settings);
  }
  const { dt, duration, seed } = spec;
  const base = piped ? "stdin" : basename(file, extname(file));
  return { label, base, files, spec, document: { ...document, ...libraryDefinitions(spec), dt, duration, seed } };
}

/** The models of a document that takes some from the library: with these it means the same in later versions. */
function libraryDefinitions(spec: NetworkSpec): { readonly models?: readonly unknown[] } {
  const own = new Set((spec.models ?? []).map(({ id }) => id));
  const isLent = spec.populations.some(({ model }) => model.definition !== undefined && !own.has(model.id));
  const { models } = definitions(spec);
  return isLent && models !== undefined ? { models } : {};
}

/** The document with values in their places. */
export function withSettings(
  document: Readonly<Record<string, unknown>>,
  settings: readonly Setting[],
): Record<string, unknown> {
  let content: unknown = document;
  for (const { option, place, value } of settings) {
    try {
      content = withValue(content, readPlace(place), value);
    } catch (error) {
      if (error instanceof SpikeletError)
        throw new InputError(`${option} ${place}: ${error.message}`, { cause: error });
      throw error;
    }
  }
  return content as Record<string, unknown>;
}

/** Errors get the name of the file, or of the option that brought the wrong value. */
function naming<T>(label: string, parse: () => T, overrides: Overrides = {}, settings: readonly Setting[] = []): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    const key = /^\$\.(dt|duration|seed)$/.exec(error.path ?? "")?.[1];
    const byOption = key !== undefined && Object.hasOwn(overrides, key);
    if (byOption) throw new InputError(error.message.replace(`$.${key}`, `--${key}`), { cause: error });
    const { dt } = overrides;
    const given = [...(dt === undefined ? [] : [`--dt ${dt}`]), ...settings.map(({ option, place, value }) => `${option} ${place}=${JSON.stringify(value)}`)];
    const hint = given.length === 0 ? "" : ` The file is right by itself; ${given.join(", ")} ${given.length === 1 ? "does" : "do"} not go with it.`;
    throw new InputError(`${label}: ${error.message}${hint}`, { cause: error });
  }
}

/** The bytes of an npz archive; a message gets the name of the file before it. */
function readArchive(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > MAX_UNPACKED) throw new InputError(`it has ${Math.ceil(size / 2 ** 20)} MiB; an archive may have at most ${MAX_UNPACKED / 2 ** 20} MiB`);
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${reasonOf(error)} (${relative(".", path)}).`, { cause: error });
  }
}

/** Reads the value of an option; errors name it. */
export function readOption(name: string, value: unknown, read: (value: unknown, path: string) => number): number {
  try {
    return read(value, "$");
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    throw new InputError(error.message.replace(/^\$/, `--${name}`), { cause: error });
  }
}

/** The content of a file of bytes. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${path}: ${reasonOf(error)}.`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "this is a folder; a file is needed",
  ERR_FS_FILE_TOO_LARGE: "it has more than 2 GiB",
  ENOTDIR: "a part of the path is a file",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "links go in a circle",
};

/** The content of a text file. `label` stands before the message of an error. */
function readTextFile(path: string, label?: string): string {
  const fail = (reason: string): never => {
    // A table's name stands in the message already; it may be looked for in another folder than expected.
    throw new InputError(label === undefined ? `${reason} (${relative(".", path)}).` : `${label}: ${reason}.`);
  };
  let handle: number;
  try {
    // To open a pipe is to wait for its other end; as the model file itself that is meant.
    if (label === undefined && statSync(path).isFIFO()) fail("this is a pipe; a file is needed");
    handle = openSync(path, "r");
  } catch (error) {
    if (error instanceof InputError) throw error;
    return fail(reasonOf(error));
  }
  try {
    const stats = fstatSync(handle);
    if (stats.isDirectory()) fail("this is a folder; a file is needed");
    if (stats.size > MAX_BYTES) fail(tooLarge(stats.size));
    return decode(readChunks(handle, stats.size, fail), fail);
  } catch (error) {
    if (error instanceof InputError) throw error;
    return fail(reasonOf(error));
  } finally {
    closeSync(handle);
  }
}

/** All bytes from here to the end, in chunks; waits where a pipe has none yet. */
function readChunks(handle: number, size: number, fail: (reason: string) => never): Buffer[] {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.min(1 << 24, Math.max(1 << 16, size + 1)));
    let count: number;
    try {
      count = readSync(handle, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The end of a pipe on Windows.
      if (code === "EOF") break;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      continue;
    }
    if (count === 0) break;
    total += count;
    if (total > MAX_BYTES) fail(tooLarge());
    chunks.push(chunk.subarray(0, count));
  }
  return chunks;
}

/** What standard input held, which can be read once only. */
let standardInput: string | undefined;

function readStandardInput(): string {
  standardInput ??= readPipe();
  return standardInput;
}

function readPipe(): string {
  const fail = (reason: string): never => {
    throw new InputError(`standard input: ${reason}.`);
  };
  if (isatty(STDIN)) process.stderr.write("Reading a model from the terminal; end it with Ctrl-D.\n");
  try {
    return decode(readChunks(STDIN, 0, fail), fail);
  } catch (error) {
    if (error instanceof InputError) throw error;
    return fail(reasonOf(error));
  }
}

function decode(chunks: readonly Buffer[], fail: (reason: string) => never): string {
  const bytes = Buffer.concat(chunks);
  if (bytes.length === 0) fail("it is empty");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail("this is not a text in UTF-8");
  }
}

function tooLarge(bytes?: number): string {
  const size = bytes === undefined ? "it is longer" : `it has ${Math.ceil(bytes / 2 ** 20)} MiB`;
  return `${size}; a file may have at most ${MAX_BYTES / 2 ** 20} MiB`;
}

export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

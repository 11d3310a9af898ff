/** Simulators with scripts in Python: the Python that has one, and a job for a script. */
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { found, lastLine, run } from "./process.js";
import type { Sample } from "./sample.js";

/** What a script is given: everything that must be the same in all simulators. */
export interface PythonJob {
  readonly script: string;
  readonly params: Readonly<Record<string, number>>;
  readonly size: number;
  readonly dt: number;
  readonly duration: number;
  readonly warmUp: number;
  readonly seed: number;
  /** First values: an expression of the script's simulator, or numbers. */
  readonly init: Readonly<Record<string, string | Float64Array>>;
  /** Arrays that the script reads by name. */
  readonly arrays?: Readonly<Record<string, Int32Array | Float64Array>>;
  /** Anything else that the script asks for. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface Python {
  readonly command: string;
  /** Of the module. */
  readonly version: string;
}

/** The environment that `--install` makes, with the versions of requirements.txt. */
export const ENVIRONMENT = fileURLToPath(new URL("../../build/peers", import.meta.url));

/** The Python of an environment. */
export const pythonOf = (folder: string): string => join(folder, "bin", "python3");

const pythons = new Map<string, Promise<Python | undefined>>();

async function search(module: string): Promise<Python | undefined> {
  const installed = pythonOf(ENVIRONMENT);
  for (const command of [...(existsSync(installed) ? [installed] : []), ...found("python3")]) {
    try {
      // Any folder of this name in the working directory could be imported, but has no version.
      const { stdout } = await run(
        command,
        ["-W", "ignore", "-c", `import ${module}; print(${module}.__version__)`],
        120,
      );
      return { command, version: stdout.trim().split("\n").at(-1) as string };
    } catch {
      // The next one may have it.
    }
  }
  return undefined;
}

/** The Python of `--install`, or the first on the search path, that has a module; undefined if none has. */
export function pythonWith(module: string): Promise<Python | undefined> {
  const known = pythons.get(module) ?? search(module);
  pythons.set(module, known);
  return known;
}

function bytes(array: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A script that has run once. */
export interface Scripted {
  readonly folder: string;
  /** Seconds of wall time from the command to the spikes on the disk. */
  readonly wall: number;
  /** What that run took. */
  readonly first: Sample;
  sample(limit: number): Promise<Sample>;
}

/** Runs a script with a job in a folder, and checks that it wrote spikes; `limit` in seconds. */
export async function scripted(
  { command }: Python,
  script: string,
  job: PythonJob & Readonly<Record<string, unknown>>,
  { folder, work = folder, limit }: { readonly folder: string; readonly work?: string; readonly limit: number },
): Promise<Scripted> {
  const { file, out } = writeJob(folder, job);
  // -B: no compiled Python files beside the scripts.
  const start = (seconds: number) => run(command, ["-B", "-W", "ignore", script, file], seconds, work);
  const { wall, stdout } = await start(limit);
  if (statSync(join(out, "times")).size === 0) throw new Error(`${job.script} wrote no spikes`);
  const sample = async (seconds: number) => lastLine<Sample>((await start(seconds)).stdout);
  return { folder, wall, first: lastLine<Sample>(stdout), sample };
}

export interface Written {
  /** The job's file, and the folder of what the script writes. */
  readonly file: string;
  readonly out: string;
}

/** Writes a job and its arrays into a folder. */
export function writeJob(folder: string, job: PythonJob & Readonly<Record<string, unknown>>): Written {
  const { script: _, init: states, arrays: lists = {}, more, ...content } = job;
  const [arrays, out, file] = ["arrays", "out", "job.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(arrays);
  mkdirSync(out);
  const init: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(states)) {
    init[name] = typeof value === "string" ? value : null;
    if (typeof value !== "string") writeFileSync(join(arrays, `init_${name}`), bytes(value));
  }
  for (const [name, array] of Object.entries(lists)) writeFileSync(join(arrays, name), bytes(array));
  writeFileSync(file, JSON.stringify({ ...content, init, arrays, out, ...more }));
  return { file, out };
}

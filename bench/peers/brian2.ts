/** Brian2's side: a job for one of the scripts in brian2/, and what came out of it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KINDS, type Network, type Start, train, type Train } from "./networks.js";
import { found, lastLine, run, temporary } from "./process.js";

/** What the compiler is told: see FLAGS in brian2/peer.py. */
export type Flags = "default" | "fast" | "strict";

/**
 * What Brian2 does otherwise than Spikelet: `share`: the conductance at the start of a step acts, not its mean;
 * `decay`: Euler's method lets receptors decay by 1 - dt/tau; `refractory`: one step less; `threshold`: v > V_th, not >=;
 * `order`: thresholds before jumps; `hysteresis`: a membrane model's detector waits for a time; `delay`: that of a plastic
 * synapse, and whether it can be 0.
 */
export const DIFFERENCES = ["share", "decay", "refractory", "threshold", "order", "hysteresis", "delay"] as const;
export type Difference = (typeof DIFFERENCES)[number];

export interface Job {
  readonly script: string;
  readonly params: Readonly<Record<string, number>>;
  readonly size: number;
  readonly method: string;
  readonly dt: number;
  readonly duration: number;
  readonly warmUp: number;
  readonly seed: number;
  /** Differences to Spikelet that the script takes away. */
  readonly matched: readonly Difference[];
  readonly flags: Flags;
  /** OpenMP threads; 0 leaves OpenMP out. */
  readonly threads: number;
  /** First values: an expression of Brian2, or numbers. */
  readonly init: Readonly<Record<string, string | Float64Array>>;
  /** Arrays that the script reads by name. */
  readonly arrays?: Readonly<Record<string, Int32Array | Float64Array>>;
  /** Anything else that the script asks for. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface Versions {
  readonly brian2: string;
  readonly numpy: string;
  readonly python: string;
}

interface Said {
  readonly seconds: Readonly<Record<"import" | "describe" | "compile" | "run" | "simulate", number>>;
  readonly versions: Versions;
  readonly files: Readonly<Record<"i" | "t", string>>;
}

export interface Outcome extends Said {
  readonly train: Train;
  /** Seconds from the start of Python to the spikes on the disk. */
  readonly wall: number;
  readonly folder: string;
  /** Other arrays that the script wrote. */
  array(name: string): Float64Array;
}

let python: Promise<string | undefined> | undefined;

/** The first Python on the search path that has Brian2; undefined if none has. */
export function brian2Python(): Promise<string | undefined> {
  python ??= (async () => {
    for (const candidate of found("python3")) {
      try {
        await run(candidate, ["-W", "ignore", "-c", "import brian2"], 120);
        return candidate;
      } catch {
        // The next one may have it.
      }
    }
    return undefined;
  })();
  return python;
}

function bytes(array: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The numbers of a file. */
export function int32(path: string): Int32Array {
  const data = readFileSync(path);
  return new Int32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

export function float64(path: string): Float64Array {
  const data = readFileSync(path);
  return new Float64Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}

const METHODS: Readonly<Record<string, string>> = { exponentialEuler: "exponential_euler" };

/** Runs a job with a time limit in seconds. The folder with the compiled program stays until it is discarded. */
export async function brian2(job: Job, limit: number): Promise<Outcome> {
  const command = await brian2Python();
  if (command === undefined) throw new Error("no Python with Brian2 on the search path");
  const folder = temporary();
  const [arrays, out, build] = ["arrays", "out", "build"].map((name) => join(folder, name)) as [string, string, string];
  mkdirSync(arrays);
  mkdirSync(out);
  const init: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(job.init)) {
    init[name] = typeof value === "string" ? value : null;
    if (typeof value !== "string") writeFileSync(join(arrays, `init_${name}`), bytes(value));
  }
  for (const [name, array] of Object.entries(job.arrays ?? {})) writeFileSync(join(arrays, name), bytes(array));
  const { script, params, size, dt, duration, warmUp, seed, matched, flags, threads, more } = job;
  const method = METHODS[job.method] ?? job.method;
  const content = { params, size, method, dt, duration, warmUp, seed, matched, flags, threads, init, arrays, out, build };
  writeFileSync(join(folder, "job.json"), JSON.stringify({ ...content, ...more }));
  const file = fileURLToPath(new URL(`brian2/${script}.py`, import.meta.url));
  // -B: no compiled Python files beside the scripts.
  const { stdout, wall } = await run(command, ["-B", "-W", "ignore", file, join(folder, "job.json")], limit);
  return {
    ...lastLine<Said>(stdout),
    wall,
    folder,
    train: train(int32(join(out, "steps")), int32(join(out, "neurons"))),
    array: (name) => float64(join(out, name)),
  };
}

/** The job of a network: from a start, or drawn by Brian2 itself. */
export function jobOf(
  network: Network,
  from: Start | number,
  options: Pick<Job, "duration" | "warmUp" | "flags" | "threads"> & Partial<Pick<Job, "matched">>,
): Job {
  const { name, size, elsewhere, rule, delay, poisson = 0, method, dt } = network;
  const drawn = typeof from === "number";
  const arrays: Record<string, Int32Array | Float64Array> = {};
  if (!drawn) {
    for (const kind of KINDS) {
      const { sources, targets, weights, delays } = from.synapses[kind];
      for (const [what, list] of Object.entries({ sources, targets, delays })) {
        arrays[`${kind}_${what}`] = Int32Array.from(list);
      }
      arrays[`${kind}_weights`] = weights;
    }
  }
  const k = "k" in rule ? { k_exc: rule.k.exc, k_inh: rule.k.inh } : { p: rule.p };
  return {
    script: name,
    params: elsewhere.params,
    size: size.exc + size.inh,
    method,
    dt,
    seed: drawn ? from : 1,
    matched: drawn ? [] : DIFFERENCES,
    init: drawn ? elsewhere.init : from.states,
    arrays,
    more: { exc: size.exc, delay, poisson, ...k, ...(drawn ? {} : { list: true }) },
    ...options,
  };
}

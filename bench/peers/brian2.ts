/** Brian2's side: a job for one of the scripts in brian2/, and what came out of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KINDS, type Network, type Start, train, type Train } from "./networks.js";
import { lastLine, run, temporary } from "./process.js";
import { type PythonJob, pythonWith, writeJob } from "./python.js";

/** What the compiler is told: see FLAGS in brian2/peer.py. */
export type Flags = "default" | "fast" | "strict";

/**
 * What Brian2 does otherwise than Spikelet: `share`: the conductance at the start of a step acts, not its mean;
 * `decay`: Euler's method lets receptors decay by 1 - dt/tau; `refractory`: one step less; `threshold`: v > V_th, not
 * >=; `order`: thresholds before jumps; `hysteresis`: a membrane model's detector waits for a time; `delay`: that of a
 * plastic synapse, and whether it can be 0.
 */
export const DIFFERENCES = ["share", "decay", "refractory", "threshold", "order", "hysteresis", "delay"] as const;
export type Difference = (typeof DIFFERENCES)[number];

export interface Job extends PythonJob {
  readonly method: string;
  /** Differences to Spikelet that the script takes away. */
  readonly matched: readonly Difference[];
  readonly flags: Flags;
  /** OpenMP threads; 0 leaves OpenMP out. */
  readonly threads: number;
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
  const python = await pythonWith("brian2");
  if (python === undefined) throw new Error("no Python with Brian2 on the search path");
  const folder = temporary();
  const { file, out } = writeJob(folder, {
    ...job,
    method: METHODS[job.method] ?? job.method,
    build: join(folder, "build"),
  });
  const script = fileURLToPath(new URL(`brian2/${job.script}.py`, import.meta.url));
  // -B: no compiled Python files beside the scripts.
  const { stdout, wall } = await run(python.command, ["-B", "-W", "ignore", script, file], limit);
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

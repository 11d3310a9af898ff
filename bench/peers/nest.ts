/** NEST's side: a job for one of the scripts in nest/. */
import { fileURLToPath } from "node:url";
import { temporary } from "./process.js";
import { type PythonJob, pythonWith, type Scripted, scripted } from "./python.js";

export interface NestJob extends PythonJob {
  /** Threads of NEST's kernel; the time of several is wall time. */
  readonly threads: number;
}

/** Runs a job once, with a time limit in seconds. */
export async function nest(job: NestJob, limit: number): Promise<Scripted> {
  const python = await pythonWith("nest");
  if (python === undefined) throw new Error("no Python with NEST on the search path");
  const script = fileURLToPath(new URL(`nest/${job.script}.py`, import.meta.url));
  return scripted(python, script, { ...job }, { folder: temporary(), limit });
}

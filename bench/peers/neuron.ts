/** NEURON's side: a job for one of the scripts in neuron/, and its mechanism where it has one of its own. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { found, run, temporary } from "./process.js";
import { type PythonJob, pythonWith, type Scripted, scripted } from "./python.js";

export interface NeuronJob extends PythonJob {
  /** A file of neuron/ that nrnivmodl compiles. */
  readonly mechanism?: string;
}

const here = (path: string) => fileURLToPath(new URL(`neuron/${path}`, import.meta.url));

/** A folder for NRNHOME that shows Debian's files where its nrnivmodl looks for them. */
function debianHome(folder: string, prefix: string): string {
  const home = join(folder, "home");
  mkdirSync(join(home, "bin"), { recursive: true });
  const links = {
    "bin/nrnmech_makefile": "lib/nrn/nrnmech_makefile",
    "bin/nocmodl": "bin/nocmodl",
    lib: "lib/nrn",
    include: "include",
    share: "share",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(join(prefix, target), join(home, name));
  return home;
}

/** Compiles a mechanism into a library in `work`; gives the seconds it took. */
async function compile(mechanism: string, python: string, work: string, limit: number): Promise<number> {
  const beside = join(dirname(python), "nrnivmodl");
  const compiler = existsSync(beside) ? beside : found("nrnivmodl")[0];
  if (compiler === undefined) throw new Error("not installed: nrnivmodl");
  copyFileSync(here(`${mechanism}.mod`), join(work, `${mechanism}.mod`));
  const began = performance.now();
  const prefix = resolve(dirname(realpathSync(compiler)), "..");
  const debian = existsSync(join(prefix, "lib/nrn/nrnmech_makefile"));
  try {
    await run("env", [...(debian ? [`NRNHOME=${debianHome(work, prefix)}`] : []), compiler, "."], limit, work);
  } catch (error) {
    // Debian's package lacks a header of the executable `special`, which is linked after the library. Python needs the
    // latter.
    if (!readdirSync(work, { recursive: true }).some((path) => /libnrnmech\.\w+$/.test(`${path}`))) throw error;
  }
  return (performance.now() - began) / 1000;
}

/** Compiles what a job needs and runs it once, with a time limit in seconds for each; its time includes nrnivmodl. */
export async function neuron({ mechanism, ...job }: NeuronJob, limit: number): Promise<Scripted> {
  const python = await pythonWith("neuron");
  if (python === undefined) throw new Error("no Python with NEURON on the search path");
  const folder = temporary();
  // NEURON loads what was compiled in the folder that it is started in.
  const work = join(folder, "work");
  mkdirSync(work);
  const compilation = mechanism === undefined ? 0 : await compile(mechanism, python.command, work, limit);
  const made = await scripted(python, here(`${job.script}.py`), job, { folder, work, limit });
  return { ...made, wall: compilation + made.wall };
}

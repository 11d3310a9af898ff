/**
 * `spikelet sweep`: one model file with many values, a run for each, on all of this machine's cores; the same sweep as
 * a Slurm array and for GNU parallel; one table of what came of it.
 *
 * The folder of a sweep: `sweep.json` (what is varied), `commands.txt` (a run per line), `slurm.sh` and `parallel.sh`,
 * `points/0001` and so on with the results of each run, `sweep.csv`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { csvField } from "../io/csv.js";
import { FolderError, makeFolder, writeFileAtomic } from "../io/folder.js";
import { runText } from "../io/results.js";
import { InputError } from "./errors.js";
import { loadModel, type Setting } from "./input.js";
import { valuesOf } from "./range.js";
import { Status } from "./status.js";
import { counted, dim, wallText } from "./terminal.js";

/** Most runs of one sweep. */
const MAX_POINTS = 100_000;
/** Wall time between two lines of progress, in ms. */
const EVERY_MS = 5000;
const SWEEP_FILE = "sweep.json";
const TABLE_FILE = "sweep.csv";
const OWN_FILES = [SWEEP_FILE, TABLE_FILE, "commands.txt", "slurm.sh", "parallel.sh", "points"];

type Options = Readonly<Record<string, unknown>>;

/** What is varied, and what each run is given beside it. */
interface Sweep {
  /** Path of the model file as seen from the folder of the sweep. */
  readonly model: string;
  /** Of the model file and those that it names. */
  readonly hash: string;
  /** Places with their values. */
  readonly vary: readonly { readonly place: string; readonly values: readonly unknown[] }[];
  /** The k-th values belong together; else each goes with each. */
  readonly together: boolean;
  /** Other words of each run. */
  readonly words: readonly string[];
}

/** A run of a sweep: its number from 1 on, and the values that it has. */
interface Point {
  readonly number: number;
  readonly settings: readonly Setting[];
}

/** What came of a run: the status in its run.json, `missing` without one, `unreadable` where it is none. */
interface Result {
  readonly status: string;
  readonly populations: Readonly<Record<string, Readonly<Record<(typeof NUMBERS)[number], number | null>>>>;
}

/** What the table has of each population. */
const NUMBERS = ["spikes", "rate", "cv"] as const;

/**
 * Runs a sweep, prepares it for other machines, or collects what they did.
 *
 * @returns the exit status
 */
export async function sweep(file: string | undefined, options: Options): Promise<number> {
  if (options.collect !== undefined) return collect(options.collect as string, file, options);
  if (file === undefined) throw new InputError("missing required argument 'file'; or --collect the results of a sweep.");
  if (file === "-") throw new InputError("a sweep reads its model file again for each run; it cannot come from standard input.");
  const vary = ((options.vary ?? []) as readonly string[]).map(readVary);
  if (vary.length === 0) throw new InputError("--vary: what changes from run to run is missing, such as --vary populations.exc.params.tau_m=10..20:2.");
  const together = options.together === true;
  const points = pointsOf(vary, together);
  const { base, files } = await checked(file, points);
  const out = options.out === undefined ? join("results", `${base}-sweep`) : (options.out as string);
  const plan: Sweep = {
    model: relative(resolve(out), resolve(file)),
    hash: hashOf(files),
    vary,
    together,
    words: wordsOf(options),
  };
  const jobs = readCount(options.jobs, "--jobs", cpus().length);
  try {
    await prepareFolder(out, plan, options.overwrite === true);
    await writeFileAtomic(join(out, SWEEP_FILE), runText({ ...plan, points: points.length }));
    await writeFileAtomic(join(out, "commands.txt"), points.map((point) => `${commandOf(plan, point)}\n`).join(""));
    await writeFileAtomic(join(out, "slurm.sh"), slurmText(plan, points.length));
    await writeFileAtomic(join(out, "parallel.sh"), parallelText());
  } catch (error) {
    if (error instanceof FolderError) throw new InputError(error.message, { cause: error });
    throw error;
  }
  if (options.prepare === true) {
    process.stdout.write(`${out}: ${counted(points.length, "run")} prepared. In this folder: sbatch slurm.sh, or sh parallel.sh; then spikelet sweep --collect .\n`);
    return Status.done;
  }
  const status = await runAll(out, plan, points, jobs, options.quiet === true);
  return Math.max(status, await write(out, plan, points, options));
}

/** The table of a sweep whose runs were made elsewhere. */
async function collect(folder: string, file: string | undefined, options: Options): Promise<number> {
  if (file !== undefined) throw new InputError(`--collect: the folder holds what was run; the model file ${JSON.stringify(file)} cannot be given with it.`);
  const plan = readSweep(folder);
  if (plan === undefined) throw new InputError(`${join(folder, SWEEP_FILE)}: there is no sweep in this folder.`);
  return write(folder, plan, pointsOf(plan.vary, plan.together), options);
}

/** Reads `PLACE=VALUES`. */
function readVary(text: string): Sweep["vary"][number] {
  const at = text.indexOf("=");
  if (at <= 0) throw new InputError(`--vary: ${JSON.stringify(text)}; it must be PLACE=VALUES, such as populations.exc.params.tau_m=10..20:2 or seed=1..5.`);
  const place = text.slice(0, at).trim();
  return { place, values: valuesOf(text.slice(at + 1), `--vary ${place}`) };
}

function pointsOf(vary: Sweep["vary"], together: boolean): Point[] {
  const twice = vary.find(({ place }, i) => vary.findIndex((other) => other.place === place) < i);
  if (twice !== undefined) throw new InputError(`--vary ${twice.place}: it is varied twice; give all its values at once.`);
  const lengths = vary.map(({ values }) => values.length);
  const [first = 0] = lengths;
  if (together && lengths.some((length) => length !== first)) {
    const counts = vary.map(({ place, values }) => `${place} has ${values.length}`).join(", ");
    throw new InputError(`--together: the places must have as many values each; ${counts}.`);
  }
  const count = together ? first : lengths.reduce((product, length) => product * length, 1);
  if (count > MAX_POINTS) throw new InputError(`--vary: ${count} runs; a sweep has at most ${MAX_POINTS}.`);
  return Array.from({ length: count }, (_, k) => {
    let rest = k;
    // the last place changes fastest, as digits do
    const places = [...vary].reverse().map(({ place, values }) => {
      const i = together ? k : rest % values.length;
      rest = Math.floor(rest / values.length);
      return { option: "--vary" as const, place, value: values[i] };
    });
    return { number: k + 1, settings: places.reverse() };
  });
}

/**
 * Reads the model file with the values of each run, before any is made: a mistake in the last one would come too late.
 */
async function checked(
  file: string,
  points: readonly Point[],
): Promise<{ readonly base: string; readonly files: readonly string[] }> {
  const plain = await loadModel(file);
  const files = new Set(plain.files);
  for (const { settings } of points) {
    const model = await loadModel(file, {}, settings);
    for (const path of model.files) files.add(path);
  }
  return { base: plain.base, files: [...files].sort() };
}

function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of files) hash.update(`${basename(path)}\0`).update(readFileSync(path));
  return hash.digest("hex");
}

/** Words that every run gets. */
function wordsOf(options: Options): string[] {
  const given = ["dt", "duration", "format"].flatMap((name) =>
    options[name] === undefined ? [] : [`--${name}`, options[name] as string],
  );
  const threads = String(readCount(options.threads, "--threads", 1));
  return [...given, "--threads", threads, ...(options.plots === true ? [] : ["--no-plots"]), "--quiet"];
}

function readCount(value: unknown, what: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  const count = Number(value);
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  throw new InputError(`${what}: ${JSON.stringify(value)}; it must be an integer from 1 to 1024.`);
}

function folderOf({ number }: Point): string {
  return `points/${String(number).padStart(4, "0")}`;
}

/** Words of the run of a point, in the folder of the sweep. */
function wordsOfPoint({ model, words }: Sweep, point: Point): string[] {
  const sets = point.settings.flatMap(({ place, value }) => ["--set", `${place}=${JSON.stringify(value)}`]);
  return ["run", model, ...sets, "--out", folderOf(point), ...words];
}

/** The same as a line for a shell; the variable SPIKELET may name the program. */
function commandOf(plan: Sweep, point: Point): string {
  return ["${SPIKELET:-spikelet}", ...wordsOfPoint(plan, point).map(quoted)].join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function slurmText({ words }: Sweep, count: number): string {
  const threads = words[words.indexOf("--threads") + 1];
  return `#!/bin/bash
# A run per task of the array. Submit it in this folder: sbatch slurm.sh
# Clusters limit the length of an array, often to 1000: sbatch --array=1-1000 slurm.sh, then
# FIRST=1000 sbatch --array=1-1000 slurm.sh for the runs from 1001 on, and so forth.
#SBATCH --job-name=spikelet-sweep
#SBATCH --array=1-${count}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=${threads}
#SBATCH --output=/dev/null
cd "\${SLURM_SUBMIT_DIR:-.}" || exit 1
eval "$(sed -n "$((SLURM_ARRAY_TASK_ID + \${FIRST:-0}))p" commands.txt)"
`;
}

function parallelText(): string {
  return `#!/bin/sh
# All runs on the cores of this machine with GNU parallel; started again it makes those that are missing.
# Other machines: --sshloginfile, see man parallel; they need this folder and the model file.
cd "$(dirname "$0")" || exit 1
exec parallel --joblog parallel.log --resume-failed --eta <commands.txt
`;
}

function readSweep(folder: string): Sweep | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, SWEEP_FILE), "utf8");
  } catch {
    return undefined;
  }
  try {
    const { model, hash, vary, together, words } = JSON.parse(text) as Sweep;
    const isVaried =
      Array.isArray(vary) && vary.every(({ place, values }) => typeof place === "string" && Array.isArray(values));
    if (typeof model === "string" && isVaried && Array.isArray(words)) return { model, hash, vary, together, words };
  } catch {
    // what is no JSON is no sweep either
  }
  throw new InputError(`${join(folder, SWEEP_FILE)}: this is not what a sweep writes; choose another folder.`);
}

/** The folder is new, empty, or that of the same sweep, which goes on. */
async function prepareFolder(out: string, plan: Sweep, overwrite: boolean): Promise<void> {
  await makeFolder(out);
  const entries = readdirSync(out);
  const foreign = entries.filter(
    (name) => !OWN_FILES.includes(name) && !["parallel.log", ".DS_Store", "Thumbs.db"].includes(name),
  );
  if (foreign.length > 0)
    throw new FolderError(
      `the folder holds something else than a sweep (${JSON.stringify(foreign[0])}); choose a new or empty folder.`,
      out,
    );
  const before = readSweep(out);
  if (before === undefined || overwrite) return;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const reason = !same([before.vary, before.together], [plan.vary, plan.together])
    ? "other values"
    : before.hash !== plan.hash
      ? "a model file that has changed since"
      : same(before.words, plan.words)
        ? undefined
        : "other options";
  if (reason === undefined) return;
  throw new FolderError(
    `the folder holds a sweep of ${reason}; choose another --out, or let --overwrite replace its runs.`,
    out,
  );
}

function resultOf(out: string, point: Point): Result {
  let text: string;
  try {
    text = readFileSync(join(out, folderOf(point), "run.json"), "utf8");
  } catch {
    return { status: "missing", populations: {} };
  }
  try {
    const { status, populations } = JSON.parse(text) as Partial<Result>;
    if (typeof status === "string" && typeof populations === "object") return { status, populations };
  } catch {
    // what is no JSON was not written by a run
  }
  return { status: "unreadable", populations: {} };
}

/** Makes the runs that have no results yet, `jobs` at a time. */
async function runAll(
  out: string,
  plan: Sweep,
  points: readonly Point[],
  jobs: number,
  quiet: boolean,
): Promise<number> {
  const open = points.filter((point) => !["done", "unstable"].includes(resultOf(out, point).status));
  const before = points.length - open.length;
  if (before > 0 && !quiet) process.stderr.write(`${counted(before, "run")} ${before === 1 ? "is" : "are"} there already.\n`);
  const running = new Set<ChildProcess>();
  let next = 0;
  let done = 0;
  let status: number = Status.done;
  let cancelled = false;
  const start = performance.now();
  let last = start;
  const say = (): void => {
    const now = performance.now();
    if (quiet || done === 0 || now - last < EVERY_MS) return;
    last = now;
    const left = ((now - start) / done) * (open.length - done);
    process.stderr.write(`${before + done} of ${points.length} runs, about ${wallText(Math.ceil(left / 1000) * 1000).replace(".0 s", " s")} left\n`);
  };
  const cancel = (): void => {
    cancelled = true;
    for (const child of running) child.kill("SIGINT");
  };
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  const work = async (): Promise<void> => {
    for (let point = open[next++]; point !== undefined && !cancelled; point = open[next++]) {
      const ended = await runPoint(out, plan, point, running);
      // A run that was interrupted along with the sweep is made again.
      if (cancelled) break;
      status = Math.max(status, ended);
      done++;
      say();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, open.length) }, work));
  } finally {
    process.removeListener("SIGINT", cancel);
    process.removeListener("SIGTERM", cancel);
  }
  if (cancelled) process.stderr.write(`Cancelled after ${before + done} of ${points.length} runs; the same command goes on.\n`);
  return cancelled ? Status.cancelled : status;
}

/**
 * The run of a point, in a process (and a group, so that Ctrl-C reaches it once, by this program) of its own; its
 * messages come with its values before them. Its exit status.
 */
function runPoint(out: string, plan: Sweep, point: Point, running: Set<ChildProcess>): Promise<number> {
  const program = process.argv[1] as string;
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [resolve(program), ...wordsOfPoint(plan, point)], {
      cwd: out,
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    running.add(child);
    let text = "";
    child.stderr.on("data", (piece: Buffer) => {
      text += piece.toString();
    });
    child.on("error", fail);
    child.on("close", (status) => {
      running.delete(child);
      if (text !== "" && status !== Status.cancelled)
        process.stderr.write(`${dim(`${folderOf(point)} (${valuesText(point)})`)}\n${text}`);
      done(status ?? Status.internal);
    });
  });
}

function valuesText({ settings }: Point): string {
  return settings
    .map(({ place, value }) => `${place} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

/** Writes the table, and says what it holds. The exit status for runs that are missing. */
async function write(out: string, plan: Sweep, points: readonly Point[], options: Options): Promise<number> {
  const results = points.map((point) => ({ point, ...resultOf(out, point) }));
  const names = [...new Set(results.flatMap(({ populations }) => Object.keys(populations)))];
  const header = [
    "point",
    ...plan.vary.map(({ place }) => place),
    "status",
    ...names.flatMap((name) => NUMBERS.map((number) => `${name}.${number}`)),
  ];
  const rows = results.map(({ point, status, populations }) => [
    String(point.number),
    ...point.settings.map(({ value }) => (typeof value === "string" ? value : JSON.stringify(value))),
    status,
    ...names.flatMap((name) => NUMBERS.map((number) => String(populations[name]?.[number] ?? ""))),
  ]);
  const text = [header, ...rows].map((row) => `${row.map(csvField).join(",")}\n`).join("");
  try {
    await writeFileAtomic(join(out, TABLE_FILE), text);
  } catch (error) {
    if (error instanceof FolderError) throw new InputError(error.message, { cause: error });
    throw error;
  }
  const count = (wanted: string): number => results.filter(({ status }) => status === wanted).length;
  const kinds = [...new Set(results.map(({ status }) => status))];
  if (options.json === true) {
    const content = results.map(({ point, status, populations }) => ({
      point: point.number,
      values: Object.fromEntries(point.settings.map(({ place, value }) => [place, value])),
      status,
      populations,
    }));
    process.stdout.write(runText({ out, runs: content }));
  } else {
    process.stdout.write(
      `${join(out, TABLE_FILE)}: ${counted(points.length, "run")}: ${kinds.map((kind) => `${count(kind)} ${kind}`).join(", ")}.\n`,
    );
  }
  return Status.done;
}

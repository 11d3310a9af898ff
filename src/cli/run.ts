/** `spikelet run`: a model file in, a folder of results out. */
import { basename, dirname, join, relative, resolve } from "node:path";
import {
  type Finding,
  InstabilityError,
  type PopulationSpikes,
  type PopulationTrace,
  type Report,
  Simulation,
  SpikeletError,
  VERSION,
} from "../index.js";
import { formatTime } from "../io/csv.js";
import { FolderError, prepareFolder, RESULT_FILES } from "../io/folder.js";
import { RESULT_FORMATS, type ResultFormat, type Results, runText, writeResults } from "../io/results.js";
import { InputError } from "./errors.js";
import { findingsText, hasErrors } from "./findings.js";
import { loadModel, type Model, type Overrides } from "./input.js";
import { progressView } from "./progress.js";
import { Status } from "./status.js";
import { brief, grouped, table, timeText, wallText } from "./terminal.js";

interface RunOptions {
  readonly out: string;
  readonly threads: number;
  readonly format: ResultFormat;
  readonly plots: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly overrides: Overrides;
}

/** Content of run.json. `refused`: not run, because of a finding or for lack of memory. */
type RunRecord = Omit<Report, "status"> & {
  readonly status: Report["status"] | "refused";
  readonly document: Readonly<Record<string, unknown>>;
};

/**
 * Runs a model file.
 *
 * @param file path, or "-" for standard input
 * @param given options as the parser hands them out
 * @returns the exit status
 */
export async function run(file: string, given: Readonly<Record<string, unknown>>): Promise<number> {
  const options = readOptions(file, given);
  const model = await loadModel(file, options.overrides);
  const simulation = await create(model);
  const before = sorted([...simulation.check(), ...threadFindings(options.threads)]);
  const say = (text: string): void => {
    process.stderr.write(text);
  };
  say(findingsText(options.quiet ? before.filter((finding) => finding.level !== "note") : before, process.stderr));
  await prepare(options.out, model);

  if (hasErrors(before)) {
    await finish(simulation, refusal(model, simulation, before), { ...options, plots: false, quiet: true });
    say(`Nothing was run: the findings of level error come first. ${shown(join(options.out, "run.json"))} holds them.\n`);
    return Status.input;
  }

  let outcome: Outcome;
  try {
    outcome = await simulate(simulation, model.spec.duration, options);
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    const finding: Finding = { level: "error", code: error.code, message: error.message, population: null, parameter: null, value: null, limit: null };
    await finish(simulation, refusal(model, simulation, [finding, ...before]), { ...options, plots: false, quiet: true });
    throw new InputError(`${model.label}: ${error.message}`, { cause: error });
  }

  const { report } = outcome;
  const findings = sorted([...report.findings, ...threadFindings(options.threads)]);
  const news = findings.filter((finding) => !before.some((old) => old.code === finding.code && old.message === finding.message));
  if (report.status === "cancelled") say(`Cancelled at ${timeText(report.duration)} of ${timeText(model.spec.duration)}; writing the results so far.\n`);
  say(findingsText(options.quiet ? news.filter((finding) => finding.level !== "note") : news, process.stderr));
  const record: RunRecord = { ...report, findings, document: model.document };
  await finish(simulation, record, options);
  return report.status === "unstable" ? Status.unstable : report.status === "cancelled" ? Status.cancelled : Status.done;
}

/** Checks what the options say by themselves. */
function readOptions(file: string, given: Readonly<Record<string, unknown>>): RunOptions {
  const text = (name: string): string | undefined => (typeof given[name] === "string" ? (given[name] as string) : undefined);
  const overrides: Record<string, number | string> = {};
  for (const name of ["dt", "duration", "seed"]) {
    const value = text(name);
    if (value !== undefined) overrides[name] = numberOrText(value);
  }
  const threads = numberOrText(text("threads") ?? "1");
  if (typeof threads !== "number" || !Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new InputError(`--threads: ${typeof threads === "number" ? threads : JSON.stringify(threads)}; it must be an integer from 1 to 64.`);
  }
  const format = RESULT_FORMATS.find((name) => name === (text("format") ?? "csv"));
  if (format === undefined) throw new InputError(`--format: ${JSON.stringify(text("format"))}; it must be one of: ${RESULT_FORMATS.join(", ")}.`);
  const out = text("out") ?? join("results", baseName(file));
  if (out === "") throw new InputError('--out: ""; it must be the path of a folder.');
  return {
    out,
    threads,
    format,
    plots: given.plots !== false,
    quiet: given.quiet === true,
    json: given.json === true,
    overrides,
  };
}

function baseName(file: string): string {
  if (file === "-") return "stdin";
  const name = basename(file);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

/** A number where the text is one; else the text, which may have a unit or be wrong. */
function numberOrText(text: string): number | string {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : text;
}

async function create(model: Model): Promise<Simulation> {
  try {
    return await Simulation.fromSpec(model.spec);
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(`${model.label}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Makes the folder ready, unless that would remove what the run reads. */
async function prepare(out: string, model: Model): Promise<void> {
  const folder = resolve(out);
  const own = model.files.find((path) => dirname(path) === folder && (RESULT_FILES as readonly string[]).includes(basename(path)));
  if (own !== undefined) {
    throw new InputError(`--out ${out}: the run reads ${basename(own)} of this folder, which its results would replace; choose another folder.`);
  }
  try {
    await prepareFolder(out);
  } catch (error) {
    if (error instanceof FolderError) throw new InputError(`--out ${error.message}`, { cause: error });
    throw error;
  }
}

interface Outcome {
  readonly report: Report;
}

/** Runs until the end, an instability or a signal. */
async function simulate(simulation: Simulation, duration: number, options: RunOptions): Promise<Outcome> {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  // A second signal ends the process at once: `once` gives the default action back.
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  const view = options.quiet ? undefined : progressView(process.stderr, duration);
  try {
    const report = await simulation.run(duration, {
      signal: controller.signal,
      ...(view && { onProgress: (progress) => view.update(progress) }),
    });
    return { report };
  } catch (error) {
    if (error instanceof InstabilityError) return { report: error.report as Report };
    throw error;
  } finally {
    view?.clear();
  }
}

function threadFindings(threads: number): Finding[] {
  if (threads === 1) return [];
  return [
    {
      level: "note",
      code: "one-thread",
      message: `--threads ${threads}: this version runs on one thread. The results are the same bits for any number of threads.`,
      population: null,
      parameter: "threads",
      value: threads,
      limit: 1,
    },
  ];
}

function sorted(findings: readonly Finding[]): Finding[] {
  return ["error", "warning", "note"].flatMap((level) => findings.filter((finding) => finding.level === level));
}

/** The record of a model that was not run. */
function refusal(model: Model, simulation: Simulation, findings: readonly Finding[]): RunRecord {
  const populations = [...simulation.populations.values()].map(({ name, size }) => [name, { size, spikes: 0, rate: 0, cv: null }]);
  return {
    status: "refused",
    name: simulation.name,
    version: VERSION,
    seed: simulation.seed,
    dt: simulation.dt,
    duration: 0,
    document: model.document,
    populations: Object.fromEntries(populations) as Report["populations"],
    synapses: 0,
    wallMs: { setup: 0, simulate: 0 },
    realTimeFactor: 0,
    findings,
  };
}

/** Writes the results and prints what the options ask for. */
async function finish(simulation: Simulation, record: RunRecord, options: RunOptions): Promise<void> {
  const { name, version, status, seed, dt, document, populations, synapses, wallMs, realTimeFactor, findings } = record;
  const duration = Number(formatTime(record.duration));
  const content = { name, version, status, seed, dt, duration, document, populations, synapses, wallMs, realTimeFactor, findings };
  const spikes = recordedSpikes(simulation);
  const { traces } = simulation.recordings;
  const figures = options.plots ? await figuresOf(spikes, traces, name, duration) : {};
  const written = await writeResults(options.out, { run: content, spikes, traces, figures }, options.format);
  if (options.json) process.stdout.write(runText(content));
  else if (!options.quiet) process.stdout.write(summary(record, duration, options.out, written, spikes.length + traces.length > 0));
}

/** The recorded spikes of each population; several recordings of one are put together. */
function recordedSpikes(simulation: Simulation): PopulationSpikes[] {
  return [...simulation.populations.values()].flatMap(({ name, size, recordings }) => {
    const views = recordings.map((recording) => recording.view());
    const first = views[0];
    if (first === undefined) return [];
    return [{ name, size, spikes: views.length === 1 ? first : merged(views) }];
  });
}

/** All spikes of several recordings of one population, each once, by time and neuron. */
function merged(parts: readonly PopulationSpikes["spikes"][]): PopulationSpikes["spikes"] {
  const rows = parts.flatMap(({ times, neurons }) => Array.from(times, (time, i) => [time, neurons[i] as number] as const));
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const unique = rows.filter(([time, neuron], i) => time !== rows[i - 1]?.[0] || neuron !== rows[i - 1]?.[1]);
  return { times: Float64Array.from(unique, (row) => row[0]), neurons: Uint32Array.from(unique, (row) => row[1]) };
}

/** Figures of what was recorded; none of what was not. */
async function figuresOf(
  spikes: readonly PopulationSpikes[],
  traces: readonly PopulationTrace[],
  title: string,
  duration: number,
): Promise<Results["figures"]> {
  const { rasterFigure, rateFigure, tracesFigure } = await import("../index.js");
  return {
    ...(spikes.length > 0 && {
      "raster.svg": () => rasterFigure({ populations: spikes, duration, title }),
      "rate.svg": () => rateFigure({ populations: spikes, duration, title }),
    }),
    ...(traces.length > 0 && { "traces.svg": () => tracesFigure({ traces, spikes, duration, title }) }),
  };
}

/** The table on standard output. */
function summary(record: RunRecord, duration: number, out: string, written: readonly string[], recorded: boolean): string {
  const { name, dt, seed, populations, synapses, wallMs, realTimeFactor } = record;
  const rows = Object.entries(populations).map(([population, { size, spikes, rate, cv }]) => [
    population,
    grouped(size),
    grouped(spikes),
    brief(rate),
    cv === null ? "-" : cv.toFixed(2),
  ]);
  const factor = realTimeFactor > 0 ? `, real-time factor ${brief(realTimeFactor)}` : "";
  return [
    `${name}: ${timeText(duration)} in steps of ${timeText(dt)}, seed ${seed}`,
    "",
    ...table([["population", "neurons", "spikes", "rate (Hz)", "CV"], ...rows], [1, 2, 3, 4]),
    "",
    `${grouped(synapses)} synapses; set-up ${wallText(wallMs.setup)}, simulation ${wallText(wallMs.simulate)}${factor}`,
    `Results in ${shown(out)}: ${written.join(", ")}`,
    ...(recorded ? [] : ["Nothing is recorded; add entries to \"record\" for spikes, traces and figures."]),
    "",
  ].join("\n");
}

/** A path as short as it can be. */
function shown(path: string): string {
  const short = relative(".", path);
  return short === "" ? "." : short.length < path.length ? short : path;
}

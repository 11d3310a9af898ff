/** `spikelet run`: a model file in, a folder of results out. */
import { basename, dirname, join, relative, resolve } from "node:path";
import {
  type Finding,
  InstabilityError,
  type NetworkSpec,
  type PopulationSpikes,
  type PopulationTrace,
  rasterFigure,
  rateFigure,
  type Report,
  Simulation,
  SpikeletError,
  tracesFigure,
  VERSION,
} from "../index.js";
import { formatTime } from "../io/csv.js";
import { FolderError, prepareFolder, RESULT_FILES } from "../io/folder.js";
import { RESULT_FORMATS, type ResultFormat, type Results, runText, writeResults } from "../io/results.js";
import { InputError } from "./errors.js";
import { findingsText, hasErrors, orderedFindings } from "./findings.js";
import { loadModel, type Model, type Overrides } from "./input.js";
import { progressView } from "./progress.js";
import { Status } from "./status.js";
import { brief, grouped, reachedText, table, timeText, wallText, widthOf, wrap } from "./terminal.js";

interface RunOptions {
  readonly out: string;
  readonly threads: number;
  readonly format: ResultFormat;
  readonly plots: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly overrides: Overrides;
}

/** Spikes up to which the raster draws each as a mark, at nine bytes per mark; beyond that it shows densities. */
const MARKS = 100_000;

type RecordSpec = NetworkSpec["record"][number];

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
 * @param core the compiled core; the one built into the package by default
 * @returns the exit status
 */
export async function run(
  file: string,
  given: Readonly<Record<string, unknown>>,
  core?: WebAssembly.Module,
): Promise<number> {
  const options = readOptions(file, given);
  const model = await loadModel(file, options.overrides);
  const simulation = await create(model, core);
  const before = orderedFindings([...simulation.check(), ...threadFindings(options.threads)]);
  const say = (text: string): void => {
    process.stderr.write(text);
  };
  const sayFindings = (findings: readonly Finding[]): void => {
    say(findingsText(options.quiet ? findings.filter(({ level }) => level !== "note") : findings, process.stderr));
  };
  sayFindings(before);
  await prepare(options.out, model);

  const refuse = async (findings: readonly Finding[]): Promise<void> => {
    await finish(simulation, refusal(model, simulation, findings), { ...options, plots: false, quiet: true });
  };
  if (hasErrors(before)) {
    await refuse(before);
    say(`Nothing was run because of the errors above; ${shown(join(options.out, "run.json"))} holds them.\n`);
    return Status.input;
  }

  let report: Report;
  try {
    report = await simulate(simulation, model.spec.duration, options);
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    await refuse([finding("error", error.code, error.message), ...before]);
    throw new InputError(`${model.label}: ${error.message}`, { cause: error });
  }

  const findings = orderedFindings([...report.findings, ...threadFindings(options.threads)]);
  const news = findings.filter((one) => !before.some((old) => old.code === one.code && old.message === one.message));
  if (report.status === "cancelled") {
    say(`Cancelled at ${reachedText(report.duration, model.spec.duration)}; writing the results so far.\n`);
  }
  sayFindings(news);
  const record: RunRecord = { ...report, findings, document: model.document };
  await finish(simulation, record, options);
  return Status[report.status];
}

/** Checks what the options say by themselves. */
function readOptions(file: string, given: Readonly<Record<string, unknown>>): RunOptions {
  const text = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === "string" ? value : undefined;
  };
  const overrides: Record<string, number | string> = {};
  for (const name of ["dt", "duration", "seed"]) {
    const value = text(name);
    if (value !== undefined) overrides[name] = numberOrText(value);
  }
  const threads = numberOrText(text("threads") ?? "1");
  if (typeof threads !== "number" || !Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new InputError(`--threads: ${JSON.stringify(threads)}; it must be an integer from 1 to 64.`);
  }
  const format = RESULT_FORMATS.find((name) => name === (text("format") ?? "csv"));
  if (format === undefined) {
    throw new InputError(`--format: ${JSON.stringify(text("format"))}; it must be ${RESULT_FORMATS.join(" or ")}.`);
  }
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

async function create(model: Model, core: WebAssembly.Module | undefined): Promise<Simulation> {
  try {
    return await Simulation.fromSpec(model.spec, core);
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(`${model.label}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Makes the folder ready, unless that would remove what the run reads. */
async function prepare(out: string, model: Model): Promise<void> {
  const folder = resolve(out);
  const names: readonly string[] = RESULT_FILES;
  const own = model.files.find((path) => dirname(path) === folder && names.includes(basename(path)));
  if (own !== undefined) {
    const what = `the run reads ${basename(own)} of this folder, which its results would replace`;
    throw new InputError(`--out ${out}: ${what}; choose another folder.`);
  }
  try {
    await prepareFolder(out);
  } catch (error) {
    if (error instanceof FolderError) throw new InputError(`--out ${error.message}`, { cause: error });
    throw error;
  }
}

/** Runs until the end, an instability or a signal. */
async function simulate(simulation: Simulation, duration: number, options: RunOptions): Promise<Report> {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  // The first signal stops the run, the second one the process: `once` gives the default action back.
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  const view = options.quiet ? undefined : progressView(process.stderr, duration);
  try {
    return await simulation.run(duration, {
      signal: controller.signal,
      ...(view && { onProgress: (progress) => view.update(progress) }),
    });
  } catch (error) {
    if (error instanceof InstabilityError) return error.report as Report;
    throw error;
  } finally {
    view?.clear();
  }
}

function threadFindings(threads: number): Finding[] {
  if (threads === 1) return [];
  const message = `--threads ${threads}: this version uses one thread; the results are the same bits for any number.`;
  return [{ ...finding("note", "one-thread", message), parameter: "threads", value: threads, limit: 1 }];
}

/** A finding that belongs to no population. */
function finding(level: Finding["level"], code: string, message: string): Finding {
  return { level, code, message, population: null, parameter: null, value: null, limit: null };
}

/** The record of a model that was not run. */
function refusal(model: Model, simulation: Simulation, findings: readonly Finding[]): RunRecord {
  const populations = [...simulation.populations.values()].map(({ name, size }) => {
    return [name, { size, spikes: 0, rate: 0, cv: null }] as const;
  });
  return {
    status: "refused",
    name: simulation.name,
    version: VERSION,
    seed: simulation.seed,
    dt: simulation.dt,
    duration: 0,
    document: model.document,
    populations: Object.fromEntries(populations),
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
  const facts = { name, version, status, seed, dt, duration };
  const content = { ...facts, document, populations, synapses, wallMs, realTimeFactor, findings };
  const spikes = recordedSpikes(simulation);
  const { traces } = simulation.recordings;
  const figures = options.plots ? figuresOf(simulation.toSpec().record, spikes, traces, name, duration) : {};
  const written = await writeResults(options.out, { run: content, spikes, traces, figures }, options.format);
  if (options.json) process.stdout.write(runText(content));
  else if (!options.quiet) {
    process.stdout.write(summary({ ...record, duration }));
    const width = process.stdout.isTTY ? widthOf(process.stdout) : Number.POSITIVE_INFINITY;
    process.stdout.write(`${wrap(`Results in ${shown(options.out)}: ${written.join(", ")}`, width, "  ")}\n`);
    if (spikes.length + traces.length === 0) {
      process.stdout.write('Nothing is recorded; add entries to "record" for spikes, traces and figures.\n');
    }
  }
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
  const rows = parts.flatMap(({ times, neurons }) => {
    return Array.from(times, (time, i): [number, number] => [time, neurons[i] as number]);
  });
  rows.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const unique = rows.filter(([time, neuron], i) => time !== rows[i - 1]?.[0] || neuron !== rows[i - 1]?.[1]);
  return { times: Float64Array.from(unique, (row) => row[0]), neurons: Uint32Array.from(unique, (row) => row[1]) };
}

/** Figures of what was recorded, over the time in which it was; none of what was not. */
function figuresOf(
  record: readonly RecordSpec[],
  spikes: readonly PopulationSpikes[],
  traces: readonly PopulationTrace[],
  title: string,
  end: number,
): Results["figures"] {
  const axis = (entries: readonly RecordSpec[]): { start: number; duration: number } => {
    const start = Math.min(end, ...entries.map(({ from }) => from));
    return { start, duration: end - start };
  };
  const ofSpikes = record.filter(({ variables }) => variables.includes("spikes"));
  const ofTraces = record.filter(({ variables }) => variables.some((name) => name !== "spikes"));
  const populations = spikes.map((train) => {
    return recordedPart(train, ofSpikes.filter(({ population }) => population === train.name));
  });
  const marks = populations.reduce((sum, train) => sum + train.spikes.times.length, 0) <= MARKS;
  return {
    ...(spikes.length > 0 && {
      "raster.svg": () => rasterFigure({ populations, ...axis(ofSpikes), title, maxMarks: marks ? MARKS : 0 }),
      "rate.svg": () => rateFigure({ populations, ...axis(ofSpikes), title }),
    }),
    ...(traces.length > 0 && { "traces.svg": () => tracesFigure({ traces, spikes, ...axis(ofTraces), title }) }),
  };
}

/** The recorded neurons of a population as a population of their own, so that rates are those of these neurons. */
function recordedPart(train: PopulationSpikes, entries: readonly RecordSpec[]): PopulationSpikes {
  const chosen = new Set<number>();
  for (const { neurons } of entries) {
    if (neurons === undefined) return train;
    for (const neuron of neurons) chosen.add(neuron);
  }
  const order = new Map([...chosen].sort((a, b) => a - b).map((neuron, rank) => [neuron, rank]));
  const { times, neurons } = train.spikes;
  const spikes = { times, neurons: neurons.map((neuron) => order.get(neuron) as number) };
  return { name: `${train.name} (${grouped(chosen.size)} of ${grouped(train.size)})`, size: chosen.size, spikes };
}

/** The table on standard output. */
function summary(record: RunRecord): string {
  const { name, dt, duration, seed, document, populations, synapses, wallMs, realTimeFactor } = record;
  const rows = Object.entries(populations).map(([population, { size, spikes, rate, cv }]) => [
    population,
    grouped(size),
    grouped(spikes),
    brief(rate),
    cv === null ? "-" : cv.toFixed(2),
  ]);
  const whole = document.duration as number;
  const reached = whole - duration < dt ? timeText(duration) : reachedText(duration, whole);
  return [
    `${name}: ${reached} in steps of ${timeText(dt)}, seed ${seed}`,
    "",
    ...table([["population", "neurons", "spikes", "rate (Hz)", "CV"], ...rows], [1, 2, 3, 4]),
    "",
    `${grouped(synapses)} synapses; set-up ${wallText(wallMs.setup)}, simulation ${wallText(wallMs.simulate)}`,
    ...speedLines(realTimeFactor),
    "",
  ].join("\n");
}

function speedLines(factor: number): string[] {
  if (factor === 0) return [];
  const times = factor < 1 ? `${brief(1 / factor)} times faster` : `${brief(factor)} times slower`;
  return [`Real-time factor ${brief(factor)}: ${times} than real time`];
}

/** A path as short as it can be. */
function shown(path: string): string {
  const short = relative(".", path);
  return short === "" ? "." : short.length < path.length ? short : path;
}

/** `spikelet run`: a model file or a snapshot in, a folder of results out. */
import { basename, dirname, join, relative, resolve } from "node:path";
import {
  type CoreSource,
  type Finding,
  FailedRunError,
  InstabilityError,
  parseTimeStep,
  type PopulationSpikes,
  type PopulationTrace,
  type Profile,
  type Progress,
  rasterFigure,
  rateFigure,
  type Report,
  Simulation,
  SpikeletError,
  type TimeShare,
  tracesFigure,
  VERSION,
} from "../index.js";
import { formatTime, type ProjectionWeights, type WeightTrace } from "../io/csv.js";
import { inOrder, type RecordedScope } from "../io/read-results.js";
import { FolderError, prepareFolder, removeOthers, RESULT_FILES } from "../io/folder.js";
import { RESULT_FORMATS, type ResultFormat, type Results, runText, writeResults } from "../io/results.js";
import { intervalSteps, roundedText, stepsOf, timeOf } from "../model/grid.js";
import { InputError, isFault } from "./errors.js";
import { observedPart } from "./part.js";
import { findingsText, hasErrors, lateRecordings, orderedFindings } from "./findings.js";
import { loadModel, type Model, type Overrides, readOption } from "./input.js";
import { progressView } from "./progress.js";
import { loadSnapshot, noteText } from "./resume.js";
import { Status } from "./status.js";
import { type Lengths, type Recorded, ResultStream, streamedFiles } from "./stream.js";
import { brief, grouped, reachedText, table, timeText, wallText, widthOf, wrap } from "./terminal.js";

interface RunOptions {
  readonly out: string;
  readonly threads: number | undefined;
  readonly format: ResultFormat;
  readonly plots: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly overrides: Overrides;
  /** Path of the snapshot to go on from. */
  readonly resume: string | undefined;
  /** Simulated time between two snapshots: a number in ms or a text with a unit. */
  readonly snapshotEvery: number | string | undefined;
  readonly stream: boolean;
  readonly profile: boolean;
}

/** A run under way: what is written at snapshots and at the end. */
interface Job {
  readonly model: Model;
  readonly simulation: Simulation;
  readonly options: RunOptions;
  readonly stream: ResultStream | undefined;
  /** Steps between two snapshots; undefined for none. */
  readonly every: number | undefined;
}

/** Recorded bytes up to which memory is used without --stream. */
const RECORD_BYTES = 2 ** 31;

/** Spikes up to which the raster draws each as a mark, at nine bytes per mark; beyond that it shows densities. */
const MARKS = 50_000;

/** What cancels a run: Ctrl-C, a request to end, a terminal that closes. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Content of run.json. `refused`: not run, because of a finding or for lack of memory; `running`: written with a
 * snapshot while the run goes on, or went on until the process was killed.
 */
type RunRecord = Omit<Report, "status"> & {
  readonly status: Report["status"] | "refused" | "running";
  readonly document: Readonly<Record<string, unknown>>;
  readonly recorded?: RecordedScope;
};

/**
 * Runs a model file, or goes on from a snapshot.
 *
 * @param file path, or "-" for standard input; undefined with --resume
 * @param given options as the parser hands them out
 * @param core the compiled core; the one built into the package by default
 * @returns the exit status
 */
export async function run(
  file: string | undefined,
  given: Readonly<Record<string, unknown>>,
  core?: CoreSource,
): Promise<number> {
  const options = readOptions(file, given);
  const { model, simulation, streamed } = await open(file, options, core);
  const { every, rounded } = snapshotSteps(options, model);
  const late = lateRecordings(model.spec);
  const before = orderedFindings([...simulation.check(), ...rounded, ...late]);
  const say = (text: string): void => {
    process.stderr.write(text);
  };
  const sayFindings = (findings: readonly Finding[]): void => {
    say(findingsText(options.quiet ? findings.filter(({ level }) => level !== "note") : findings, process.stderr));
  };
  sayFindings(before);
  const streams = options.stream || streamed !== undefined;
  if (!streams) checkRecorded(model, simulation);
  else if (options.format !== "csv") throw new InputError("--stream: it writes csv only; leave --format out.");
  await prepare(options, model);

  const refuse = async (findings: readonly Finding[]): Promise<void> => {
    const quiet = { ...options, plots: false, quiet: true };
    const job = { model, simulation, options: quiet, stream: undefined, every: undefined };
    await finish(job, refusal(model, simulation, findings));
  };
  if (hasErrors(before)) {
    await refuse(before);
    say(`Nothing was run because of the errors above; ${shown(join(options.out, "run.json"))} holds them.\n`);
    return Status.input;
  }

  const stream = streams ? openStream(options, simulation, streamed) : undefined;
  const job: Job = { model, simulation, options, stream, every };
  let outcome: Outcome;
  try {
    outcome = await simulate(job);
  } catch (error) {
    stream?.close();
    if (!(error instanceof SpikeletError) || isFault(error)) throw error;
    if (error instanceof FolderError) throw new InputError(`--out ${error.message}`, { cause: error });
    if (options.resume === undefined) await refuse([finding("error", error.code, error.message), ...before]);
    throw new InputError(`${model.label}: ${error.message}`, { cause: error });
  }

  const { report, overflow } = outcome;
  const more = overflow === undefined ? [] : [finding("error", "recorded-bytes", overflow)];
  const findings = orderedFindings([...more, ...report.findings, ...rounded, ...late, ...threadFindings(simulation, options)]);
  const news = findings.filter((one) => !before.some((old) => old.code === one.code && old.message === one.message));
  if (report.status === "cancelled") {
    say(`Cancelled at ${reachedText(report.duration, model.spec.duration)}; writing the results so far.\n`);
  }
  sayFindings(news);
  await finish(job, { ...report, findings, document: model.document });
  return overflow === undefined ? Status[report.status] : Status.input;
}

/** The network of a model file, or of a snapshot. */
async function open(
  file: string | undefined,
  options: RunOptions,
  core: CoreSource | undefined,
): Promise<Opened> {
  if (options.resume !== undefined) return loadSnapshot(options.resume, options.overrides.duration, core);
  const model = await loadModel(file as string, options.overrides);
  return { model, simulation: await create(model, core, options.threads), streamed: undefined };
}

interface Opened {
  readonly model: Model;
  readonly simulation: Simulation;
  /** Lengths of the files at the snapshot, if they were written while running. */
  readonly streamed: Lengths | undefined;
}

function openStream(
  { out, resume }: RunOptions,
  simulation: Simulation,
  streamed: Lengths | undefined,
): ResultStream {
  const files = streamedFiles(simulation);
  if (resume === undefined || streamed === undefined) return ResultStream.start(out, files);
  const from = dirname(resume);
  return ResultStream.resume(from, out, files, streamed, resolve(from) !== resolve(out));
}

/** Steps between two snapshots, and the finding on a time between them that is not on the grid. */
function snapshotSteps({ snapshotEvery }: RunOptions, { spec: { dt } }: Model): { every: number | undefined; rounded: Finding[] } {
  if (snapshotEvery === undefined) return { every: undefined, rounded: [] };
  const given = readOption("snapshot-every", snapshotEvery, parseTimeStep);
  const every = intervalSteps(given, dt);
  const used = timeOf(every, dt);
  if (used === given) return { every, rounded: [] };
  const rounded = finding("note", "time-rounded", `${roundedText("--snapshot-every", given, used, dt)}.`);
  return { every, rounded: [{ ...rounded, parameter: "snapshot-every", value: given, limit: used }] };
}

function bytesAllowed(): number {
  const given = Number(process.env.SPIKELET_RECORD_BYTES ?? "");
  return given > 0 ? given : RECORD_BYTES;
}

const REMEDY =
  'use --stream, which writes to disk while running, or record fewer neurons, or less often with "every"';

/** Traces whose size is known ahead: refused before hours of simulation. */
function checkRecorded({ label, spec }: Model, simulation: Simulation): void {
  let bytes = simulation.recordedBytes;
  const left = spec.duration - simulation.time;
  for (const { variables, neurons, every, from, population } of spec.record) {
    const size = neurons?.length ?? spec.populations.find(({ name }) => name === population)?.size ?? 0;
    const samples = Math.max(0, Math.min(left, spec.duration - from)) / Math.max(spec.dt, every ?? 0);
    bytes += 8 * samples * size * variables.filter((name) => name !== "spikes").length;
  }
  // Of all synapses the number is not known yet: they are counted while the network runs.
  for (const { synapses, every, from } of spec.recordWeights) {
    const samples = Math.max(0, Math.min(left, spec.duration - from)) / Math.max(spec.dt, every ?? 0);
    bytes += 8 * samples * (synapses?.length ?? 0);
  }
  const most = bytesAllowed();
  if (bytes <= most) return;
  const held = `the traces of ${timeText(spec.duration)} need ${bytesText(bytes)} of memory`;
  throw new InputError(`${label}: ${held}; at most ${bytesText(most)} are used: ${REMEDY}.`);
}

function bytesText(bytes: number): string {
  return `${grouped(bytes)} bytes`;
}

/** Checks what the options say by themselves. */
function readOptions(file: string | undefined, given: Readonly<Record<string, unknown>>): RunOptions {
  const text = (name: string): string | undefined => {
    const value = given[name];
    return typeof value === "string" ? value : undefined;
  };
  const overrides: Record<string, number | string> = {};
  for (const name of ["dt", "duration", "seed"]) {
    const value = text(name);
    if (value !== undefined) overrides[name] = numberOrText(value);
  }
  const threads = text("threads") === undefined ? undefined : numberOrText(text("threads") as string);
  if (threads !== undefined && !(typeof threads === "number" && Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
    throw new InputError(`--threads: ${JSON.stringify(threads)}; it must be an integer from 1 to 64.`);
  }
  const format = RESULT_FORMATS.find((name) => name === (text("format") ?? "csv"));
  if (format === undefined) {
    throw new InputError(`--format: ${JSON.stringify(text("format"))}; it must be ${RESULT_FORMATS.join(" or ")}.`);
  }
  const resume = text("resume");
  if (resume !== undefined) {
    const barred = file === undefined ? ["dt", "seed"].find((name) => text(name) !== undefined) : undefined;
    const what = file === undefined ? barred && `--${barred}` : `the model file ${JSON.stringify(file)}`;
    if (what !== undefined) {
      const why = "the snapshot holds the network, its dt and its seed";
      throw new InputError(`--resume: ${what} cannot be given with it; ${why}.`);
    }
  } else if (file === undefined) {
    throw new InputError("missing required argument 'file'; or go on from a snapshot with --resume.");
  }
  const out = text("out") ?? (resume === undefined ? join("results", baseName(file as string)) : dirname(resume));
  const every = text("snapshotEvery");
  if (out === "") throw new InputError('--out: ""; it must be the path of a folder.');
  return {
    out,
    threads,
    format,
    plots: given.plots !== false,
    quiet: given.quiet === true,
    json: given.json === true,
    overrides,
    resume,
    snapshotEvery: every === undefined ? undefined : numberOrText(every),
    stream: given.stream === true,
    profile: given.profile === true,
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

async function create(model: Model, core: CoreSource | undefined, threads: number | undefined): Promise<Simulation> {
  try {
    return await Simulation.fromSpec(model.spec, { core, threads });
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(`${model.label}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Makes the folder ready, unless that would remove what the run reads. */
async function prepare({ out, resume }: RunOptions, model: Model): Promise<void> {
  const folder = resolve(out);
  const names: readonly string[] = RESULT_FILES;
  // A run that goes on in its folder keeps what it has until there is something newer.
  const here = resume !== undefined && dirname(resolve(resume)) === folder;
  const own = here
    ? undefined
    : model.files.find((path) => dirname(path) === folder && names.includes(basename(path)));
  if (own !== undefined) {
    const what = `the run reads ${basename(own)} of this folder, which its results would replace`;
    throw new InputError(`--out ${out}: ${what}; choose another folder.`);
  }
  try {
    await prepareFolder(out, here);
  } catch (error) {
    if (error instanceof FolderError) throw new InputError(`--out ${error.message}`, { cause: error });
    throw error;
  }
}

interface Outcome {
  readonly report: Report;
  /** Why the run was stopped for lack of memory. */
  readonly overflow?: string | undefined;
}

/** Runs until the end, an instability, a signal, or more recorded bytes than memory is used for. */
async function simulate(job: Job): Promise<Outcome> {
  const { simulation, model, options, stream, every } = job;
  const { dt, duration } = model.spec;
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  // The first signal stops the run, the second one the process: `once` gives the default action back.
  for (const signal of SIGNALS) process.once(signal, cancel);
  const view = options.quiet ? undefined : progressView(process.stderr, duration);
  const most = bytesAllowed();
  const total = stepsOf(duration, dt);
  const begin = stepsOf(simulation.time, dt);
  const started = performance.now();
  let overflow: string | undefined;
  const onProgress = (progress: Progress): void => {
    if (progress.phase === "building") return view?.update({ ...progress, simulated: 0 });
    const done = stepsOf(progress.time, dt) - begin;
    const elapsedMs = performance.now() - started;
    const remainingMs = done === 0 ? Number.POSITIVE_INFINITY : (elapsedMs * (total - begin - done)) / done;
    const fraction = total === begin ? 1 : done / (total - begin);
    view?.update({ ...progress, fraction, elapsedMs, remainingMs, simulated: timeOf(done, dt) });
    if (stream) stream.write(simulation, () => recorded(simulation), false);
    else if (simulation.recordedBytes > most) {
      const held = `${bytesText(simulation.recordedBytes)} are recorded at ${timeText(progress.time)}`;
      overflow = `${held}; at most ${bytesText(most)} of memory are used: ${REMEDY}.`;
      controller.abort();
    }
  };
  try {
    for (let step = begin; ; ) {
      const next = every === undefined ? total : Math.min(total, (Math.floor(step / every) + 1) * every);
      const until = next === total ? duration : timeOf(next, dt);
      const report = await simulation.run(until - simulation.timeAsked, { signal: controller.signal, onProgress, profile: options.profile });
      step = next;
      if (report.status === "cancelled" && overflow !== undefined) return { report, overflow };
      if (report.status === "cancelled" || step >= total) return { report };
      await save(job, { ...report, status: "running", document: model.document });
    }
  } catch (error) {
    if (error instanceof InstabilityError || error instanceof FailedRunError) return { report: error.report };
    throw error;
  } finally {
    view?.clear();
    for (const signal of SIGNALS) process.off(signal, cancel);
  }
}

/** Threads were asked for that the network, or the snapshot it comes from, does not use. */
function threadFindings({ shards, projections }: Simulation, { threads, resume }: RunOptions): Finding[] {
  if (threads === undefined || threads === shards) return [];
  const gaps = projections.some((p) => p.isGapJunction);
  // A network whose building was cancelled has no shards yet; where there is no room for more, the simulation says so itself.
  if (!gaps && resume === undefined) return [];
  const why = gaps ? "gap junctions keep a network on one" : `the snapshot was written by ${shards}`;
  const message = `--threads ${threads}: ${why}; the results are the same bits for any number.`;
  return [{ ...finding("note", "other-threads", message), parameter: "threads", value: threads, limit: shards }];
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

/** run.json's content, its keys in the order of the contract. */
function contentOf(record: RunRecord): RunRecord {
  const { name, version, status, seed, dt, document, populations, recorded, synapses, wallMs, realTimeFactor } = record;
  const { profile, findings } = record;
  const duration = Number(formatTime(record.duration));
  const facts = { name, version, status, seed, dt, duration };
  const more = { ...(recorded && { recorded }), synapses, wallMs, realTimeFactor, ...(profile && { profile }) };
  return { ...facts, document, populations, ...more, findings };
}

/** The record with what was recorded, if the network ran. */
function completed(simulation: Simulation, record: RunRecord): RunRecord {
  return record.status === "refused" ? record : { ...record, recorded: recordedScope(simulation) };
}

/** Everything that is recorded and still in memory. */
function recorded(simulation: Simulation): Recorded {
  const { traces } = simulation.recordings;
  return { spikes: recordedSpikes(simulation), traces, weightTraces: recordedWeights(simulation) };
}

/** Recorded weights with the neurons that their synapses connect. */
function recordedWeights(simulation: Simulation): WeightTrace[] {
  const { projections, recordings } = simulation;
  return recordings.weights.map((recording) => {
    const projection = projections.find(({ name }) => name === recording.projection);
    const { time } = recording;
    // There are no samples before the network is built.
    const all = projection && recording.length > 0 ? projection.read() : undefined;
    const synapses = all ? recording.synapses : new Uint32Array(0);
    const ends = (of: Uint32Array | undefined): Uint32Array => synapses.map((k) => of?.[k] ?? 0);
    return {
      name: recording.projection,
      synapses,
      sources: ends(all?.sources),
      targets: ends(all?.targets),
      time,
      values: (position) => recording.values(position),
    };
  });
}

/** The present weights of all plastic projections. */
function plasticWeights(simulation: Simulation): ProjectionWeights[] {
  return simulation.projections.flatMap((projection) => {
    if (!projection.plastic) return [];
    const { sources, targets, weights } = projection.read();
    return [{ name: projection.name, sources, targets, weights }];
  });
}

/** Writes a snapshot, if they are wanted, and the results so far. */
async function save(
  { simulation, model, options, stream, every }: Job,
  record: RunRecord,
  figures: Results["figures"] = {},
): Promise<string[]> {
  stream?.write(simulation, () => recorded(simulation), true);
  let snapshot: Uint8Array | undefined;
  if (every !== undefined && record.status !== "unstable" && record.status !== "refused") {
    simulation.note = noteText(model, stream?.lengths);
    snapshot = simulation.snapshot();
  }
  // A network that was refused has not been built.
  const weights = record.status === "refused" ? [] : plasticWeights(simulation);
  const streamed = stream && { streamed: stream.files };
  return writeResults(
    options.out,
    { run: contentOf(completed(simulation, record)), ...recorded(simulation), weights, figures, ...streamed, snapshot },
    options.format,
  );
}

/** Writes the results and prints what the options ask for. */
async function finish(job: Job, record: RunRecord): Promise<void> {
  const { simulation, options, stream } = job;
  const content = contentOf(completed(simulation, record));
  const { spikes, traces } = recorded(simulation);
  const drawn = options.plots && !stream;
  const figures = drawn ? figuresOf(spikes, traces, record.name, content.duration) : {};
  const written = await save(job, record, figures);
  stream?.close();
  if (options.resume !== undefined) await removeOthers(options.out, [...written, "snapshot.spikelet"]);
  if (options.json) process.stdout.write(runText(content));
  else if (!options.quiet) {
    process.stdout.write(summary(content));
    if (content.profile) process.stdout.write(profileText(content.profile));
    const width = process.stdout.isTTY ? widthOf(process.stdout) : Number.POSITIVE_INFINITY;
    process.stdout.write(`${wrap(`Results in ${shown(options.out)}: ${written.join(", ")}`, width, "  ")}\n`);
    const { record: recordings, recordWeights } = simulation.toSpec();
    if (recordings.length + recordWeights.length === 0) {
      process.stdout.write('Nothing is recorded; add entries to "record" for spikes, traces and figures.\n');
    }
  }
}

/** The recorded spikes of each population; several recordings of one are put together. */
function recordedSpikes(simulation: Simulation): PopulationSpikes[] {
  return [...simulation.populations.values()].flatMap((population) => {
    const spikes = population.recordedSpikes();
    return spikes === undefined ? [] : [{ name: population.name, size: population.size, spikes }];
  });
}

/** Which spikes, traces and weights the files hold, and their units: what a reader of the files cannot see in them. */
function recordedScope(simulation: Simulation): RecordedScope {
  return {
    spikes: [...simulation.populations.values()].flatMap(({ name, recordedTime }) => {
      // Recorded later than the run went: that there is nothing is known.
      const groups = recordedTime?.length === 0 ? [{ spans: [] }] : recordedTime;
      return (groups ?? []).map(({ neurons, spans }) => ({ population: name, ...(neurons && { neurons: Array.from(neurons) }), spans }));
    }),
    traces: simulation.recordings.traces.map(({ population, variable, unit }) => ({ population, variable, unit })),
    weights: simulation.projections.flatMap(({ name, unit, plastic }) => (plastic ? [{ projection: name, unit }] : [])),
  };
}

/** Figures of what was recorded, over the time in which it was; none of what was not. */
function figuresOf(
  spikes: readonly PopulationSpikes[],
  traces: readonly PopulationTrace[],
  title: string,
  end: number,
): Results["figures"] {
  const axis = (starts: readonly (number | undefined)[]): { start: number; duration: number } => {
    const start = starts.reduce<number>((least, time) => Math.min(least, time ?? end), end);
    return { start, duration: end - start };
  };
  const populations = spikes.map(observedPart);
  const ofSpikes = axis(spikes.flatMap(({ spikes: { observed } }) => observed?.map(({ spans }) => spans[0]?.[0]) ?? []));
  const ofTraces = axis(traces.map(({ time }) => time[0]));
  const marks = populations.reduce((sum, train) => sum + train.spikes.times.length, 0) <= MARKS;
  return {
    ...(spikes.length > 0 && {
      "raster.svg": () => rasterFigure({ populations, ...ofSpikes, title, maxMarks: marks ? MARKS : 0 }),
      "rate.svg": () => rateFigure({ populations, ...ofSpikes, title }),
    }),
    ...(traces.length > 0 && { "traces.svg": () => tracesFigure({ traces, spikes, ...ofTraces, title }) }),
  };
}

/** The table on standard output. */
function summary(record: RunRecord): string {
  const { name, dt, duration, seed, document, populations, synapses, wallMs, realTimeFactor } = record;
  const rows = inOrder(Object.entries(populations), document).map(([population, { size, spikes, rate, cv }]) => [
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

/** The profile's parts on standard output, the largest first. */
function profileText({ steps, stepsRun, populations, projections, recording, exchange }: Profile): string {
  const parts = [...Object.entries(populations), ...Object.entries(projections)].flatMap(([name, phases]) =>
    Object.entries<TimeShare>(phases).map(([phase, time]) => ({ name, phase, ...time })),
  );
  const all = [...parts, { name: "", phase: "recording", ...recording }, { name: "", phase: "exchange", ...exchange }];
  const rows = all
    .filter(({ ms }) => ms > 0)
    .sort((a, b) => b.ms - a.ms)
    .map(({ name, phase, ms, share }) => [`${(100 * share).toFixed(1)} %`, wallText(ms), phase, name]);
  if (steps === 0) return "No profile: none of so few steps is timed.\n";
  const lines = table([["share", "time", "phase", "of"], ...rows], [0, 1]);
  return [...lines, `Estimated from ${grouped(steps)} of ${grouped(stepsRun)} steps`, ""].join("\n");
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

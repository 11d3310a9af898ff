/** `spikelet run`: a model file or a snapshot in, a folder of results out. */
import { existsSync } from "node:fs";
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
  type RecordedScope,
  rasterFigure,
  rateFigure,
  type Report,
  type ResultFormat,
  Simulation,
  SpikeletError,
  type TimeShare,
  tracesFigure,
  VERSION,
} from "../index.js";
import { inOrder } from "../io/read-results.js";
import { FolderError, type FolderLock, isResultFile, prepareFolder, removeOthers } from "../io/folder.js";
import { type GrowingFormat, isGrowing } from "../io/format.js";
import { FORMATS } from "../io/formats.js";
import { type Missing, type RunFiles, runText, writeResults, type WriteOptions, type Written } from "../io/results.js";
import { formatTime, intervalSteps, roundedText, stepsOf, timeOf } from "../model/grid.js";
import { InputError, isFault, wrongWord } from "./errors.js";
import { observedPart } from "./part.js";
import { findingsText, hasErrors, lateRecordings, orderedFindings } from "./findings.js";
import { loadModel, type Model, type Overrides, readOption, type Setting } from "./input.js";
import { progressView } from "./progress.js";
import { numberOrText, valueOf } from "./range.js";
import { loadSnapshot, noteText, type Streamed } from "./resume.js";
import { Status } from "./status.js";
import { bytesAllowed, bytesText, excessText, REMEDY } from "./memory.js";
import { type Reached, ResultStream, streamedFiles } from "./stream.js";
import { brief, dim, grouped, reachedText, table, timeText, wallText, widthOf, wrap } from "./terminal.js";

interface RunOptions {
  readonly out: string;
  readonly threads: number | undefined;
  readonly format: ResultFormat;
  /** When time 0 was, for formats that hold such a thing. */
  readonly sessionStart: string | undefined;
  readonly plots: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly overrides: Overrides;
  readonly settings: readonly Setting[];
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
  /** Findings on what was asked for, which the simulation does not have. */
  readonly asked: readonly Finding[];
  readonly lock: FolderLock;
}

/**
 * Wall time in ms that a run may have ahead of it, and when that is known, before its user is told what could be lost.
 */
const LONG = 600_000;
const SURE = 10_000;

/** Spikes up to which the raster draws each as a mark, at nine bytes per mark; beyond that it shows densities. */
const MARKS = 50_000;

/** What cancels a run: Ctrl-C, a request to end, a terminal that closes. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Content of run.json. `refused`: not run, because of a finding or for lack of memory; `running`: written with a
 * snapshot while the run goes on, or went on until the process was killed; `failed`: broken off, or not all of it could
 * be written.
 */
type RunRecord = Omit<Report, "status"> & {
  readonly status: Report["status"] | "refused" | "running";
  readonly document: Readonly<Record<string, unknown>>;
  readonly recorded?: RecordedScope;
  readonly sessionStart?: string;
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
  const asked = [...rounded, ...lateRecordings(model.spec)];
  const before = orderedFindings([...simulation.check(), ...asked]);
  sayFindings(before, options);
  const streams = options.stream || streamed !== undefined;
  const tooMuch = streams ? undefined : excessText(model, simulation);
  if (tooMuch !== undefined) throw new InputError(`${model.label}: ${tooMuch}.`);
  await checkFormat(options, simulation);
  const growing = streams ? growingFormat(options.format, streamed) : undefined;
  const lock = await prepare(options, model);
  try {
    return await runIn(
      { model, simulation, options, stream: undefined, every, asked, lock },
      before,
      growing,
      streamed,
    );
  } finally {
    lock.release();
    simulation.close();
  }
}

/** What cannot be written is said before anything is run. */
async function checkFormat({ format, sessionStart }: RunOptions, { name, dt, seed }: Simulation): Promise<void> {
  try {
    await format.check?.({ name, dt, duration: 0, seed, ...(sessionStart !== undefined && { sessionStart }) });
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    throw new InputError(`--format ${format.name}: ${error.message}`, { cause: error });
  }
}

/** Runs in a folder that is ready, and leaves there what came of it. */
async function runIn(
  plain: Job,
  before: readonly Finding[],
  growing: GrowingFormat | undefined,
  streamed: Streamed | undefined,
): Promise<number> {
  const { model, simulation, options } = plain;
  const refuse = async (findings: readonly Finding[]): Promise<void> => {
    const quiet = { ...options, plots: false, quiet: true };
    await finish({ ...plain, options: quiet, every: undefined }, refusal(model, simulation, findings));
  };
  if (hasErrors(before)) {
    await refuse(before);
    say(`Nothing was run because of the errors above; ${shown(join(options.out, "run.json"))} holds them.\n`);
    return Status.input;
  }

  const job: Job = { ...plain, stream: growing && openStream(growing, options, simulation, streamed) };
  const begin = simulation.time;
  let outcome: Outcome;
  try {
    outcome = await simulate(job);
  } catch (error) {
    const nothing = simulation.reached.duration === begin;
    if (nothing && isKnown(error)) {
      job.stream?.close();
      if (error instanceof FolderError) throw inFolder(error);
      if (options.resume === undefined) await refuse([finding("error", error.code, error.message), ...before]);
      throw new InputError(`${model.label}: ${error.message}`, { cause: error });
    }
    outcome = failed(job, error);
    if (!isKnown(error)) {
      // The caller says what happened.
      const quiet = { ...options, plots: false, quiet: true };
      await finish({ ...job, options: quiet }, recordOf(job, closed(job, outcome))).catch(() => undefined);
      throw error;
    }
  }

  outcome = closed(job, outcome);
  const { report, overflow, error } = outcome;
  const record = recordOf(job, outcome);
  const news = record.findings.filter(
    (one) => !before.some((old) => old.code === one.code && old.message === one.message),
  );
  if (report.status === "cancelled") {
    say(`Cancelled at ${reachedText(report.duration, model.spec.duration)}; writing the results so far.\n`);
  }
  sayFindings(news, options);
  const missing = await finish(job, record);
  if (report.status === "failed") say(`${goingOn(job)}\n`);
  if (overflow !== undefined || error !== undefined) return Status.input;
  const status = Status[report.status];
  return missing.length > 0 && (status === Status.done || status === Status.cancelled) ? Status.input : status;
}

/** What run.json says of a run that has come to its end, whatever that is. */
function recordOf({ simulation, options, model, asked }: Job, { report, overflow }: Outcome): RunRecord {
  const more = overflow === undefined ? [] : [finding("error", "recorded-bytes", overflow)];
  const lost = report.status === "failed" ? lostWeights(simulation, report.duration) : [];
  const all = [...more, ...report.findings, ...lost, ...asked, ...threadFindings(simulation, options)];
  return { ...report, findings: orderedFindings(all), document: model.document, ...startOf(options) };
}

/** What run.json has of the session, where it was said. */
function startOf({ sessionStart }: RunOptions): Pick<RunRecord, "sessionStart"> {
  return sessionStart === undefined ? {} : { sessionStart };
}

/** Whether an error is one that is foreseen, and no fault of the program. */
function isKnown(error: unknown): error is SpikeletError {
  return error instanceof SpikeletError && !isFault(error);
}

function say(text: string): void {
  process.stderr.write(text);
}

function sayFindings(findings: readonly Finding[], { quiet }: RunOptions): void {
  say(findingsText(quiet ? findings.filter(({ level }) => level !== "note") : findings, process.stderr));
}

/** A run that broke off, as far as it is whole. */
function failed({ simulation, model }: Job, error: unknown): Outcome {
  const report = simulation.report();
  return { report: { ...report, status: "failed", findings: [failure(model, error), ...report.findings] }, error };
}

function failure({ label }: Model, error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  return finding("error", error instanceof SpikeletError ? error.code : "internal", `${label}: ${message}`);
}

/** Ends what was written while running; where that failed the run is what the disk holds. */
function closed({ stream, model }: Job, outcome: Outcome): Outcome {
  if (stream === undefined) return outcome;
  const error = stream.close();
  if (error === undefined) return outcome;
  const { report } = outcome;
  const findings = outcome.error === error ? report.findings : [failure(model, error), ...report.findings];
  const first = report.status === "failed" ? outcome.error : error;
  return { ...outcome, report: { ...report, ...stream.end, status: "failed", findings }, error: first };
}

/** Weights of a run that broke off may be those of different times. */
function lostWeights({ projections }: Simulation, duration: number): Finding[] {
  if (!projections.some(({ plastic }) => plastic)) return [];
  const message = `The weights at ${timeText(duration)} are lost; a file of weights is that of the last snapshot.`;
  return [finding("warning", "not-written", message)];
}

/** How a run that broke off can be gone on with. */
function goingOn({ options, every }: Job): string {
  const snapshot = join(options.out, "snapshot.spikelet");
  if (existsSync(snapshot)) return `Go on from its last snapshot: spikelet run --resume ${shown(snapshot)}`;
  return every === undefined
    ? "There is no snapshot to go on from: --snapshot-every saves one every so often."
    : "It broke off before its first snapshot: there is nothing to go on from.";
}

/** The network of a model file, or of a snapshot. */
async function open(
  file: string | undefined,
  options: RunOptions,
  core: CoreSource | undefined,
): Promise<Opened> {
  if (options.resume !== undefined) return loadSnapshot(options.resume, options.overrides.duration, core);
  const model = await loadModel(file as string, options.overrides, options.settings);
  return { model, simulation: await create(model, core, options.threads), streamed: undefined };
}

interface Opened {
  readonly model: Model;
  readonly simulation: Simulation;
  /** The files at the snapshot, if they were written while running. */
  readonly streamed: Streamed | undefined;
}

/** The format of files that grow: the one that was begun with, or that of the options. */
function growingFormat(wanted: ResultFormat, streamed: Streamed | undefined): GrowingFormat {
  const begun = FORMATS.find(({ name }) => name === streamed?.format);
  const format = begun ?? wanted;
  if (isGrowing(format) && format === wanted) return format;
  const able = (begun ? [begun] : FORMATS.filter(isGrowing)).map(({ name }) => name).join(" or ");
  throw new InputError(`--stream: it writes ${able} only; leave --format out.`);
}

function openStream(
  format: GrowingFormat,
  { out, resume }: RunOptions,
  simulation: Simulation,
  streamed: Streamed | undefined,
): ResultStream {
  const files = streamedFiles(format, simulation.results.tables());
  try {
    if (resume === undefined || streamed === undefined)
      return ResultStream.start(format, out, files, nothingDone(simulation));
    return ResultStream.resume(
      format,
      { from: dirname(resume), folder: out, files },
      streamed.lengths,
      simulation.reached,
    );
  } catch (error) {
    throw error instanceof FolderError ? inFolder(error) : error;
  }
}

/** Nothing can be written there, which `--out` says. */
function inFolder(error: FolderError): InputError {
  return new InputError(`--out ${error.message}`, { cause: error });
}

/** Steps between two snapshots, and the finding on a time between them that is not on the grid. */
function snapshotSteps(
  { snapshotEvery }: RunOptions,
  { spec: { dt } }: Model,
): { every: number | undefined; rounded: Finding[] } {
  if (snapshotEvery === undefined) return { every: undefined, rounded: [] };
  const given = readOption("snapshot-every", snapshotEvery, parseTimeStep);
  const every = intervalSteps(given, dt);
  const used = timeOf(every, dt);
  if (used === given) return { every, rounded: [] };
  const rounded = finding("note", "time-rounded", `${roundedText("--snapshot-every", given, used, dt)}.`);
  return { every, rounded: [{ ...rounded, parameter: "snapshot-every", value: given, limit: used }] };
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
  if (
    threads !== undefined &&
    !(typeof threads === "number" && Number.isInteger(threads) && threads >= 1 && threads <= 64)
  ) {
    throw new InputError(`--threads: ${JSON.stringify(threads)}; it must be an integer from 1 to 64.`);
  }
  const wanted = text("format") ?? FORMATS[0].name;
  const format = FORMATS.find(({ name }) => name === wanted);
  if (format === undefined) throw wrongWord("--format", wanted, FORMATS.map(({ name }) => name));
  const sessionStart = text("sessionStart");
  if (sessionStart !== undefined && format.dated !== true) {
    const dated = FORMATS.filter((one) => one.dated === true).map(({ name }) => name);
    throw new InputError(`--session-start: it goes with --format ${dated.join(" or ")}; other formats do not hold it.`);
  }
  const resume = text("resume");
  if (resume !== undefined) {
    const barred = file === undefined ? ["dt", "seed", "set"].find((name) => given[name] !== undefined) : undefined;
    const what = file === undefined ? barred && `--${barred}` : `the model file ${JSON.stringify(file)}`;
    if (what !== undefined) {
      const why = "the snapshot holds the network, its dt and its seed";
      throw new InputError(`--resume: ${what} cannot be given with it; ${why}.`);
    }
  }
  if (given.overwrite === true && given.seeds === undefined) {
    throw new InputError("--overwrite: it goes with --seeds; a single run replaces earlier results by itself.");
  }
  const out = outOf(file, given);
  const every = text("snapshotEvery");
  return {
    out,
    threads,
    format,
    sessionStart,
    plots: given.plots !== false,
    quiet: given.quiet === true,
    json: given.json === true,
    overrides,
    settings: readSettings(given.set),
    resume,
    snapshotEvery: every === undefined ? undefined : numberOrText(every),
    stream: given.stream === true,
    profile: given.profile === true,
  };
}

/** Values of `--set PLACE=VALUE`. */
function readSettings(given: unknown): Setting[] {
  return ((given ?? []) as readonly string[]).map((text) => {
    const at = text.indexOf("=");
    if (at > 0) return { option: "--set", place: text.slice(0, at).trim(), value: valueOf(text.slice(at + 1)) };
    throw new InputError(`--set: ${JSON.stringify(text)}; it must be PLACE=VALUE, such as populations.exc.params.tau_m=15.`);
  });
}

/** The folder of the results. */
export function outOf(file: string | undefined, { out, resume }: Readonly<Record<string, unknown>>): string {
  if (file === undefined && resume === undefined) {
    throw new InputError("missing required argument 'file'; or go on from a snapshot with --resume.");
  }
  if (out === "") throw new InputError('--out: ""; it must be the path of a folder.');
  if (typeof out === "string") return out;
  return typeof resume === "string" ? dirname(resume) : join("results", baseName(file as string));
}

function baseName(file: string): string {
  if (file === "-") return "stdin";
  const name = basename(file);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

async function create(model: Model, core: CoreSource | undefined, threads: number | undefined): Promise<Simulation> {
  try {
    return await Simulation.fromSpec(model.spec, { core, threads });
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(`${model.label}: ${error.message}`, { cause: error });
    throw error;
  }
}

type Lacking = WriteOptions<RunRecord>["lacking"];

/** Bytes that run.json may have beside the document. */
const RUN_BYTES = 1 << 16;

/** Makes the folder ready, unless that would remove what the run reads. */
async function prepare({ out, resume }: RunOptions, model: Model): Promise<FolderLock> {
  const folder = resolve(out);
  // A run that goes on in its folder keeps what it has until there is something newer.
  const here = resume !== undefined && dirname(resolve(resume)) === folder;
  const own = here
    ? undefined
    : model.files.find((path) => dirname(path) === folder && isResultFile(basename(path)));
  if (own !== undefined) {
    const what = `the run reads ${basename(own)} of this folder, which its results would replace`;
    throw new InputError(`--out ${out}: ${what}; choose another folder.`);
  }
  try {
    return await prepareFolder(out, { keep: here, reserve: RUN_BYTES + 2 * JSON.stringify(model.document).length });
  } catch (error) {
    throw error instanceof FolderError ? inFolder(error) : error;
  }
}

interface Outcome {
  readonly report: Report;
  /** Why the run was stopped for lack of memory. */
  readonly overflow?: string | undefined;
  /** What broke the run off, if it is not told in the report. */
  readonly error?: unknown;
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
  let warned = options.quiet || every !== undefined;
  const onProgress = (progress: Progress): void => {
    if (progress.phase === "building") return view?.update({ ...progress, simulated: 0 });
    const done = stepsOf(progress.time, dt) - begin;
    const elapsedMs = performance.now() - started;
    const remainingMs = done === 0 ? Number.POSITIVE_INFINITY : (elapsedMs * (total - begin - done)) / done;
    const fraction = total === begin ? 1 : done / (total - begin);
    if (!warned && elapsedMs > SURE && remainingMs > LONG && Number.isFinite(remainingMs)) {
      warned = true;
      view?.clear();
      say(`${dim(`${wallText(remainingMs)} are left; ${atRisk(stream !== undefined)}`)}\n`);
    }
    view?.update({ ...progress, fraction, elapsedMs, remainingMs, simulated: timeOf(done, dt) });
    const { bytes } = simulation.results;
    if (stream === undefined && bytes > most) {
      const held = `${bytesText(bytes)} are recorded at ${timeText(progress.time)}`;
      overflow = `${held}; at most ${bytesText(most)} of memory are used: ${REMEDY}.`;
      controller.abort();
    }
  };
  try {
    for (let step = begin, said = ""; ; ) {
      const next = every === undefined ? total : Math.min(total, (Math.floor(step / every) + 1) * every);
      const until = next === total ? duration : timeOf(next, dt);
      const report = await simulation.run(until - simulation.timeAsked, {
        signal: controller.signal,
        onProgress,
        profile: options.profile,
        ...(stream && { sink: (tables) => stream.write(tables, simulation.reached) }),
      });
      step = next;
      if (report.status === "cancelled" && overflow !== undefined) return { report, overflow };
      if (report.status === "cancelled" || step >= total) return { report };
      const missing = await saveSoFar(job, {
        ...report,
        status: "running",
        document: model.document,
        ...startOf(options),
      });
      if (missing !== "" && missing !== said) {
        view?.clear();
        const message = `From ${timeText(report.duration)} on some files cannot be written: ${missing}. The run goes on.`;
        sayFindings([finding("warning", "not-written", message)], options);
      }
      said = missing;
    }
  } catch (error) {
    if (error instanceof InstabilityError || error instanceof FailedRunError) return { report: error.report };
    throw error;
  } finally {
    view?.clear();
    for (const signal of SIGNALS) process.off(signal, cancel);
  }
}

/** What a run without snapshots leaves when it is killed or the power fails. */
function atRisk(streams: boolean): string {
  const kept = streams ? "cannot be gone on with" : "leaves nothing";
  const more = streams ? "" : "; --stream writes while running";
  return `a run that is killed before its end ${kept}. --snapshot-every saves it every so often${more}.`;
}

/** Threads were asked for that the network, or the snapshot it comes from, does not use. */
function threadFindings({ shards, projections }: Simulation, { threads, resume }: RunOptions): Finding[] {
  if (threads === undefined || threads === shards) return [];
  const gaps = projections.some((p) => p.isGapJunction);
  // A network whose building was cancelled has no shards yet; where there is no room for more, the simulation says so
  // itself.
  if (!gaps && resume === undefined) return [];
  const why = gaps ? "gap junctions keep a network on one" : `the snapshot was written by ${shards}`;
  const message = `--threads ${threads}: ${why}; the results are the same bits for any number.`;
  return [{ ...finding("note", "other-threads", message), parameter: "threads", value: threads, limit: shards }];
}

/** A finding that belongs to no population. */
function finding(level: Finding["level"], code: string, message: string): Finding {
  return { level, code, message, population: null, parameter: null, value: null, limit: null };
}

/** What a run has done before it does anything. */
function nothingDone(simulation: Simulation): Reached {
  const populations = [...simulation.populations.values()].map(({ name, size }) => {
    return [name, { size, spikes: 0, rate: 0, cv: null }] as const;
  });
  return { duration: 0, populations: Object.fromEntries(populations) };
}

/** The record of a model that was not run. */
function refusal(model: Model, simulation: Simulation, findings: readonly Finding[]): RunRecord {
  return {
    status: "refused",
    name: simulation.name,
    version: VERSION,
    seed: simulation.seed,
    dt: simulation.dt,
    document: model.document,
    ...nothingDone(simulation),
    synapses: 0,
    wallMs: { setup: 0, simulate: 0 },
    realTimeFactor: 0,
    findings,
  };
}

/** run.json's content, its keys in the order of the contract. */
function contentOf(record: RunRecord): RunRecord {
  const { name, version, status, seed, dt, document, populations, recorded, synapses, wallMs, realTimeFactor } = record;
  const { profile, findings, sessionStart } = record;
  const duration = Number(formatTime(record.duration));
  const facts = { name, version, status, seed, dt, duration, ...(sessionStart !== undefined && { sessionStart }) };
  const more = { ...(recorded && { recorded }), synapses, wallMs, realTimeFactor, ...(profile && { profile }) };
  return { ...facts, document, populations, ...more, findings };
}

/** The record with what was recorded, if the network ran. */
function completed(simulation: Simulation, record: RunRecord): RunRecord {
  // The files of a run that broke off may end before it.
  return record.status === "refused" ? record : { ...record, recorded: simulation.results.scope(record.duration) };
}

/**
 * Writes a snapshot, if they are wanted, and the results so far.
 *
 * @param lacking content of run.json where some could not be written
 */
async function save(
  { simulation, model, options, stream, every, lock }: Job,
  record: RunRecord,
  lacking: Lacking,
  figures: RunFiles["figures"] = {},
): Promise<Written<RunRecord>> {
  const { status } = record;
  let snapshot: Uint8Array | undefined;
  if (
    simulation.isBuilt &&
    every !== undefined &&
    (status === "running" || status === "done" || status === "cancelled")
  ) {
    simulation.note = noteText(model, stream && { format: stream.format.name, lengths: stream.lengths });
    snapshot = simulation.snapshot();
  }
  // In a run that failed they may be those of different times.
  const weights = status === "failed" ? [] : simulation.results.weights();
  const streamed = stream && { streamed: stream.files };
  return writeResults(
    options.out,
    {
      run: contentOf(completed(simulation, record)),
      ...simulation.results.tables(),
      weights,
      figures,
      ...streamed,
      snapshot,
    },
    { format: options.format, lacking, spend: () => lock.spend() },
  );
}

/**
 * Saves a run that goes on, also where not all of it can be written.
 *
 * @returns the files that could not be written, and why
 */
async function saveSoFar(job: Job, record: RunRecord): Promise<string> {
  let missing: readonly Missing[];
  try {
    const lacking: Lacking = (files, earlier) =>
      (earlier as RunRecord | undefined) ?? lackingOf(contentOf(record), files);
    ({ missing } = await save(job, record, lacking));
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    missing = [{ name: "run.json", reason: error.reason }];
  }
  return missing.map(({ name, reason }) => `${name} (${reason})`).join(", ");
}

/** What run.json says where files could not be written. */
function lackingOf(content: RunRecord, missing: readonly Missing[], earlier?: RunRecord): RunRecord {
  const findings = missing.map(missingFinding);
  if (earlier !== undefined) {
    const { findings: old = [] } = earlier;
    const message = `The run came to ${timeText(content.duration)}; the results are those of its last snapshot.`;
    const all = [...findings, finding("error", "not-written", message), ...old];
    return { ...earlier, status: "failed", findings: orderedFindings(all) };
  }
  const whole = findings.every(({ level }) => level === "warning");
  const status = whole ? content.status : "failed";
  return { ...content, status, findings: orderedFindings([...findings, ...content.findings]) };
}

/** Figures can be drawn again, and without a snapshot the results are there all the same. */
function missingFinding({ name, reason }: Missing): Finding {
  const level = /\.(svg|spikelet)$/.test(name) ? "warning" : "error";
  return finding(level, "not-written", `${name} could not be written: ${reason.replace(/\.$/, "")}.`);
}

/** Writes the results and prints what the options ask for; gives the files that could not be written. */
async function finish(job: Job, record: RunRecord): Promise<readonly Missing[]> {
  const { simulation, options, stream } = job;
  const content = contentOf(completed(simulation, record));
  const { spikes, traces } = simulation.results.tables();
  const drawn = options.plots && !stream;
  const figures = drawn ? figuresOf(spikes, traces, record.name, content.duration) : {};
  const lacking: Lacking = (files, earlier) => lackingOf(content, files, earlier as RunRecord | undefined);
  const { written, missing, run } = await save(job, record, lacking, figures).catch((error: unknown) => {
    throw error instanceof FolderError ? inFolder(error) : error;
  });
  if (options.resume !== undefined && missing.length === 0) {
    await removeOthers(options.out, [...written, "snapshot.spikelet"]);
  }
  if (options.json) process.stdout.write(runText(run));
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
  sayFindings(
    run.findings.filter(
      (one) => one.code === "not-written" && !record.findings.some(({ message }) => message === one.message),
    ),
    options,
  );
  return missing;
}

/** Figures of what was recorded, over the time in which it was; none of what was not. */
function figuresOf(
  spikes: readonly PopulationSpikes[],
  traces: readonly PopulationTrace[],
  title: string,
  end: number,
): RunFiles["figures"] {
  const axis = (starts: readonly (number | undefined)[]): { start: number; duration: number } => {
    const start = starts.reduce<number>((least, time) => Math.min(least, time ?? end), end);
    return { start, duration: end - start };
  };
  const populations = spikes.map(observedPart);
  const ofSpikes = axis(
    spikes.flatMap(({ spikes: { observed } }) => observed?.map(({ spans }) => spans[0]?.[0]) ?? []),
  );
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

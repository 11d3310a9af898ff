/**
 * `spikelet fit`: the parameters of a model from a neuron's f-I curve, its spike times, or both. The candidates of the
 * search are shared out over processes, one for each core; which of them computes what makes no difference.
 */
import { type ChildProcess, fork } from "node:child_process";
import { cpus } from "node:os";
import { dirname, resolve } from "node:path";
import {
  fit,
  fitErrors,
  type FitErrors,
  type FitOptions,
  type FitProgress,
  type FitResult,
  type ModelRecord,
  parseDocument,
  SpikeletError,
  VERSION,
} from "../index.js";
import { readNumbers } from "../io/csv.js";
import { FolderError, writeFileAtomic } from "../io/folder.js";
import { runText } from "../io/results.js";
import { InputError } from "./errors.js";
import { readBytes } from "./input.js";
import { numberOrText } from "./range.js";
import { Status } from "./status.js";
import { brief, counted, grouped, table, wallText } from "./terminal.js";

type Options = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/** Wall time between two lines of progress, in ms; on a terminal one line is written again and again. */
const EVERY_MS = 5000;
const BAR_MS = 200;

/**
 * Fits a model and prints what was found.
 *
 * @param target a document of a fit, or the id of a model
 * @returns the exit status
 */
export async function fitModel(target: string | undefined, options: Options): Promise<number> {
  if (options.worker === true) return work();
  if (target === undefined)
    throw new InputError("missing required argument 'file': a document of a fit, or the id of a model.");
  const document = documentOf(target, options);
  const label = /\.json$/i.test(target) ? `${target}: ` : "";
  const { model, given } = told(label, () => taskOf(document));
  const jobs = readCount(options.jobs, "--jobs", cpus().length);
  const stop = new AbortController();
  // Mistakes are found here, before any process is.
  const alone = told(label, () => fitErrors(model, given));
  const pool = jobs === 1 ? undefined : new Pool(document, jobs, options.jobs === undefined ? alone : undefined);
  const cancel = (): void => {
    stop.abort();
    pool?.stop();
  };
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  const view = options.quiet === true ? undefined : progressView();
  let result: FitResult;
  try {
    const more = {
      ...(pool && { evaluate: pool.errors }),
      ...(view && { onProgress: view.update }),
      signal: stop.signal,
    };
    result = await fit(model, { ...given, ...more });
  } catch (error) {
    throw named(error, label);
  } finally {
    view?.clear();
    pool?.stop();
    process.removeListener("SIGINT", cancel);
    process.removeListener("SIGTERM", cancel);
  }
  const out = options.out as string | undefined;
  const content = contentOf(document, model, given, result);
  if (out !== undefined) {
    try {
      await writeFileAtomic(out, runText(content));
    } catch (error) {
      if (error instanceof FolderError) throw new InputError(error.message, { cause: error });
      throw new InputError(`--out ${out}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  process.stdout.write(options.json === true ? runText(content) : resultText(model, given, result, out));
  return result.status === "cancelled" ? Status.cancelled : Status.done;
}

// What is fitted to what

/** The document of a fit: that of the file, or of the words of the call; what files hold stands in it. */
function documentOf(target: string, options: Options): Fields {
  const isFile = /\.json$/i.test(target);
  const base: Fields = isFile ? readJson(target) : { model: target };
  const folder = isFile ? dirname(target) : ".";
  const { to, ...rest } = { ...base, ...overrides(base, options) };
  const targets = isObject(to) ? to : {};
  const given = options.to === undefined ? {} : { fi: readRates(options.to as string) };
  if (to !== undefined && !isObject(to)) return { ...rest, to };
  const spikes = Array.isArray(targets.spikes)
    ? (targets.spikes as readonly unknown[]).map((one) => withFiles(one, folder))
    : withFiles(targets.spikes, folder);
  const fi =
    typeof targets.fi === "string" ? readRates(resolve(folder, targets.fi)) : ratesWithFile(targets.fi, folder);
  const all = { ...targets, ...(fi !== undefined && { fi }), ...(spikes !== undefined && { spikes }), ...given };
  return { ...rest, ...(Object.keys(all).length > 0 && { to: all }) };
}

/** What the words of the call put in place of the document's. */
function overrides(base: Fields, options: Options): Fields {
  const vary = pairs(options.vary, "--vary", "NAME=LOW..HIGH, such as C_m=50..500");
  const set = pairs(options.set, "--set", "NAME=VALUE, such as E_L=-70");
  const search =
    options.generations === undefined ? {} : { generations: readCount(options.generations, "--generations", 0, 0) };
  const scalar = (name: string): Fields =>
    options[name] === undefined ? {} : { [name]: numberOrText(options[name] as string) };
  return {
    ...(vary.length > 0 && {
      vary: {
        ...objectOf(base.vary),
        ...Object.fromEntries(vary.map(([name, text]) => [name, boundsOf(text, `--vary ${name}`)])),
      },
    }),
    ...(set.length > 0 && {
      params: {
        ...objectOf(base.params),
        ...Object.fromEntries(set.map(([name, text]) => [name, numberOrText(text)])),
      },
    }),
    ...(options.gain !== undefined && { gain: gainOf(options.gain as string) }),
    ...(Object.keys(search).length > 0 && { search: { ...objectOf(base.search), ...search } }),
    ...scalar("seed"),
    ...scalar("dt"),
    ...(options.preset !== undefined && { preset: options.preset }),
    ...(options.method !== undefined && { method: options.method }),
  };
}

function gainOf(text: string): unknown {
  return text.includes("..") ? boundsOf(text, "--gain") : numberOrText(text);
}

function boundsOf(text: string, what: string): readonly (number | string)[] {
  const parts = text.split("..");
  if (parts.length !== 2 || parts.some((part) => part.trim() === "")) {
    throw new InputError(`${what}: ${JSON.stringify(text)}; it must be bounds LOW..HIGH, such as 50..500.`);
  }
  return parts.map((part) => numberOrText(part.trim()));
}

function pairs(given: unknown, option: string, allowed: string): [string, string][] {
  return ((given ?? []) as readonly string[]).map((text) => {
    const at = text.indexOf("=");
    if (at <= 0) throw new InputError(`${option}: ${JSON.stringify(text)}; it must be ${allowed}.`);
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  });
}

function readCount(value: unknown, what: string, otherwise: number, least = 1): number {
  if (value === undefined) return otherwise;
  const count = Number(value);
  if (Number.isInteger(count) && count >= least && count <= 1024) return count;
  throw new InputError(`${what}: ${JSON.stringify(value)}; it must be an integer from ${least} to 1024.`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function readJson(path: string): Fields {
  let content: unknown;
  try {
    content = JSON.parse(textOf(path));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: this is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  if (!isObject(content)) throw new InputError(`${path}: it must be an object with model, vary and to.`);
  return content;
}

function textOf(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${path}: this is not a text in UTF-8.`);
  }
}

function columnOf(path: string, column: string | number | undefined): number[] {
  try {
    return [...readNumbers(textOf(path), { file: path, ...(column !== undefined && { column }) })];
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}

/** Rows of a table whose first column is the current and whose second one is the rate. */
function readRates(path: string): readonly (readonly [number, number])[] {
  const rates = columnOf(path, 1);
  return columnOf(path, 0).map((current, i) => [current, rates[i] as number]);
}

function ratesWithFile(fi: unknown, folder: string): unknown {
  if (!isObject(fi) || typeof fi.points !== "string") return fi;
  return { ...fi, points: readRates(resolve(folder, fi.points)) };
}

/** Spikes and their current with the numbers of the files that they name. */
function withFiles(spikes: unknown, folder: string): unknown {
  if (!isObject(spikes)) return spikes;
  const { times, current } = spikes;
  const found = typeof times === "string" ? { times: columnOf(resolve(folder, times), undefined) } : {};
  if (!isObject(current) || typeof current.file !== "string") return { ...spikes, ...found };
  const { file, column, ...rest } = current;
  const values = columnOf(resolve(folder, file), column as string | number | undefined);
  return { ...spikes, ...found, current: { ...rest, values } };
}

/** The model that a document means, and the options of `fit`. */
function taskOf(document: Fields): { readonly model: ModelRecord; readonly given: FitOptions<ModelRecord> } {
  const { model: name, models, name: _name, comment: _comment, ...given } = document;
  if (name === undefined) throw new InputError(`the key "model" is missing; it must be the id of a model.`);
  const populations = [{ name: "fit", model: name, size: 1 }];
  const spec = parseDocument(
    { dt: 0.1, duration: 0, populations, ...(models !== undefined && { models }) },
    { namesOnly: true },
  );
  return { model: spec.populations[0]?.model as ModelRecord, given: given as unknown as FitOptions<ModelRecord> };
}

/** Errors get the place in the document, or the option, that they are about. */
function told<T>(label: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw named(error, label);
  }
}

function named(error: unknown, label: string): unknown {
  if (error instanceof InputError) {
    return error.message.startsWith(label) ? error : new InputError(`${label}${error.message}`, { cause: error });
  }
  if (!(error instanceof SpikeletError) || error.cause instanceof WebAssembly.RuntimeError) return error;
  const { message } = error;
  if (label !== "") {
    const text = message.replace(/^\$\.populations\[0\]\.model/, "$.model").replace(/^fit(?=[.:])/, "$");
    return new InputError(`${label}${text}`, { cause: error });
  }
  const text = message
    .replace(/^\$\.populations\[0\]\.model: /, "")
    .replace(/^fit\.(vary|params)\.(?=\w)/, (_, option) => (option === "vary" ? "--vary " : "--set "))
    .replace(/^fit\.(vary|gain|to|dt|seed|preset|method)\b/, "--$1");
  return new InputError(text, { cause: error });
}

// Processes that share the work

/** Messages between the fit and its workers; numbers may be infinite. */
type Answer = { readonly errors: Float64Array } | { readonly failure: string };

interface Worker {
  readonly child: ChildProcess;
  /** Takes what the worker says next, or why it says nothing any more. */
  waiting: ((answer: Answer) => void) | undefined;
}

/** Candidates that this process computes within so long (ms) need no others, which take longer to start. */
const WORTH_SHARING_MS = 150;

/** Processes that are started when there is work, and that share each generation in equal parts. */
class Pool {
  private readonly document: Fields;
  private readonly jobs: number;
  private readonly workers: Worker[] = [];
  /** Computes here as long as that is fast. */
  private alone: FitErrors | undefined;
  private stopped = false;

  constructor(document: Fields, jobs: number, alone: FitErrors | undefined) {
    this.document = document;
    this.jobs = jobs;
    this.alone = alone;
  }

  readonly errors: FitErrors = async (candidates) => {
    if (this.alone) {
      const start = performance.now();
      const errors = await this.alone(candidates);
      if (performance.now() - start > WORTH_SHARING_MS) this.alone = undefined;
      return errors;
    }
    const parts = Math.min(this.jobs, candidates.length);
    const at = (p: number): number => Math.floor((p * candidates.length) / parts);
    const answers = await Promise.all(
      Array.from({ length: parts }, (_, p) => this.ask(p, candidates.slice(at(p), at(p + 1)))),
    );
    const errors = new Float64Array(candidates.length);
    for (const [p, answer] of answers.entries()) errors.set(answer, at(p));
    return errors;
  };

  stop(): void {
    this.stopped = true;
    for (const { child } of this.workers) child.kill();
  }

  private ask(index: number, candidates: readonly Float64Array[]): Promise<Float64Array> {
    const nothing = new Float64Array(candidates.length).fill(Number.POSITIVE_INFINITY);
    if (this.stopped) return Promise.resolve(nothing);
    const worker = (this.workers[index] ??= this.start());
    return new Promise((done, fail) => {
      worker.waiting = (answer) => {
        worker.waiting = undefined;
        if ("errors" in answer) done(answer.errors);
        else if (this.stopped) done(nothing);
        else fail(new Error(answer.failure));
      };
      worker.child.send({ candidates }, () => undefined);
    });
  }

  private start(): Worker {
    const child = fork(resolve(process.argv[1] as string), ["fit", "--worker"], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // in a group of its own, so that Ctrl-C reaches it through this program
      detached: true,
    });
    const worker: Worker = { child, waiting: undefined };
    child.on("message", (answer: Answer) => worker.waiting?.(answer));
    child.on("error", ({ message }) => worker.waiting?.({ failure: `a process of the fit: ${message}` }));
    child.on("close", (status, signal) =>
      worker.waiting?.({ failure: `a process of the fit ended with ${status ?? signal}` }),
    );
    child.send({ document: this.document }, () => undefined);
    return worker;
  }
}

/** A process that computes errors of candidates until the fit ends. */
function work(): Promise<number> {
  let errors: FitErrors | undefined;
  process.on("message", (message: { readonly document?: Fields; readonly candidates?: readonly Float64Array[] }) => {
    const { document, candidates } = message;
    if (document !== undefined) {
      const { model, given } = taskOf(document);
      errors = fitErrors(model, given);
      return;
    }
    errors?.(candidates as readonly Float64Array[]).then(
      (found) => process.send?.({ errors: Float64Array.from(found) } satisfies Answer),
      (error: unknown) =>
        process.send?.({ failure: error instanceof Error ? error.message : String(error) } satisfies Answer),
    );
  });
  return new Promise((done) => process.once("disconnect", () => done(Status.done)));
}

// What is shown

function progressView(): { readonly update: (progress: FitProgress) => void; readonly clear: () => void } {
  const { stderr } = process;
  const bar = stderr.isTTY === true;
  let last = performance.now();
  let drawn = false;
  return {
    update({ phase, done, of, error, evaluations, elapsedMs }) {
      const now = performance.now();
      if (now - last < (bar ? BAR_MS : EVERY_MS)) return;
      last = now;
      const where = phase === "search" ? "generation" : "refinement";
      const text = `${where} ${done} of ${of}, error ${brief(error)}, ${grouped(evaluations)} candidates, ${wallText(elapsedMs)}`;
      stderr.write(bar ? `\r\u001b[2K${text.slice(0, (stderr.columns ?? 80) - 1)}` : `${text}\n`);
      drawn = bar;
    },
    clear() {
      if (drawn) stderr.write("\r\u001b[2K");
      drawn = false;
    },
  };
}

/** The content of `--out` and `--json`. */
function contentOf(document: Fields, model: ModelRecord, given: FitOptions<ModelRecord>, result: FitResult): object {
  const { params, fi, spikes, ...rest } = result;
  return {
    model: model.id,
    version: VERSION,
    ...rest,
    params: { ...given.params, ...params },
    fi: fi && { current: [...fi.current], rate: [...fi.rate], target: [...fi.target], error: fi.error },
    spikes: spikes.map(({ times, coincidence }) => ({ times: [...times], coincidence })),
    ...(document.models !== undefined && { models: document.models }),
    ...(given.preset !== undefined && { preset: given.preset }),
    ...(given.method !== undefined && { method: given.method }),
    vary: given.vary,
    seed: given.seed ?? 1,
    dt: given.dt ?? 0.1,
  };
}

/** A number with six digits. */
function digits(x: number): string {
  return String(Number(x.toPrecision(6)));
}

function resultText(
  model: ModelRecord,
  given: FitOptions<ModelRecord>,
  result: FitResult,
  out: string | undefined,
): string {
  const { params, gain, offset, error, fi, spikes, status, evaluations, generations, refinements, atBounds } = result;
  if (!Number.isFinite(error)) return "Cancelled before anything was found.\n";
  const bounds = (given.vary ?? {}) as Readonly<Record<string, readonly [unknown, unknown]>>;
  const rows = Object.entries(params).map(([name, value]) => {
    const [low, high] = bounds[name] as readonly [unknown, unknown];
    const unit = model.params[name]?.unit ?? "";
    return [
      name,
      digits(value),
      unit,
      `${String(low)} to ${String(high)}`,
      atBounds.includes(name) ? "at a bound" : "",
    ];
  });
  const extra = (["gain", "offset"] as const).flatMap((name) => {
    const range = given[name];
    if (!Array.isArray(range)) return [];
    const unit = name === "offset" ? model.current : "";
    const [value, near] = [name === "gain" ? gain : offset, atBounds.includes(name) ? "at a bound" : ""];
    return [[name, digits(value), unit, `${String(range[0])} to ${String(range[1])}`, near]];
  });
  const how = status === "converged" ? "converged" : status === "finished" ? "not converged" : "cancelled";
  const work = `${counted(generations, "generation")}, ${counted(refinements, "refinement")}, ${counted(evaluations, "candidate")}`;
  const unit = model.current === "" ? "" : ` (${model.current})`;
  const curve =
    fi === undefined
      ? []
      : [
          "",
          ...table(
            [
              [`current${gain === 1 ? unit : ""}`, "rate (Hz)", "model (Hz)"],
              ...[...fi.current].map((x, i) => [
                digits(x),
                (fi.target[i] as number).toFixed(2),
                (fi.rate[i] as number).toFixed(2),
              ]),
            ],
            [0, 1, 2],
          ),
          `rates differ by ${brief(fi.error)} Hz (root mean square)`,
        ];
  const trains = spikes.map(({ times, target, coincidence }) => {
    return `${counted(target.length, "spike")}, ${grouped(times.length)} of the model, coincidence factor ${brief(coincidence)}`;
  });
  const found = JSON.stringify(
    Object.fromEntries(Object.entries(params).map(([name, x]) => [name, Number(digits(x))])),
  );
  return [
    `${model.id}: error ${brief(error)}, ${how} (${work})`,
    "",
    ...table([["parameter", "value", "unit", "bounds", ""], ...rows, ...extra], [1]),
    ...curve,
    ...(trains.length > 0 ? ["", ...trains] : []),
    "",
    `"params": ${found}`,
    ...(out === undefined ? [] : [`written to ${out}`]),
    "",
  ].join("\n");
}

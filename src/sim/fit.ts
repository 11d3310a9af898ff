/** Fitting a model to a neuron: least squares on its f-I curve, its spike times, or both. */
import { coincidenceFactor } from "../analysis/index.js";
import { boxDistance, checkAscending, overlaps } from "../analysis/coincidence.js";
import type { Signal } from "../core/platform.js";
import {
  checkKeys,
  field,
  fieldOr,
  type Fields,
  itemPath,
  keyPath,
  outOfRange,
  readInteger,
  readList,
  readNumber,
  readNumbers,
  readObject,
  readTuple,
  requiredField,
  wrongType,
} from "../model/check.js";
import { InstabilityError, LengthError, MissingKeyError, ValueRangeError } from "../model/errors.js";
import { checkParameters, parsePopulation, parseSeed, parseTimeStep } from "../model/parse.js";
import type { MethodOf, ModelRecord, ParameterName } from "../model/record.js";
import type { PopulationSpec } from "../model/spec.js";
import { background, type Quantity } from "./options.js";
import type { ModelChoice } from "./questions.js";
import { type Candidate, type Found, search } from "./search.js";
import { Simulation } from "./simulation.js";

/** Rates of a neuron under constant currents. */
export interface FitRates {
  /** Rows [current, rate in Hz]; the current in the model's unit, or in one of its own where there is a `gain`. */
  readonly points: readonly (readonly [current: Quantity, rate: number])[];
  /** How long each current is applied to the model, in ms; 1000 by default. */
  readonly duration?: Quantity;
  /** The rate is that of the spikes after this time in ms; a fifth of the duration by default. */
  readonly from?: Quantity;
  /** How much the rates count beside spike times; 1 by default. */
  readonly weight?: number;
}

/** Spike times of a neuron under a known current. */
export interface FitSpikes {
  /** In ms, ascending, from the start of the current. */
  readonly times: ArrayLike<number>;
  /** Constant, or values that are held for `dt` ms each. */
  readonly current: Quantity | { readonly dt: Quantity; readonly values: ArrayLike<number> };
  /** Time in ms over which the spikes were observed; that of the current's values by default. */
  readonly duration?: Quantity;
  /** Spikes at most so many ms apart coincide; 4 by default. The error looks at 1, 4 and 16 times as much. */
  readonly window?: Quantity;
  readonly weight?: number;
}

/** What a model is fitted to. */
export interface FitTargets {
  /** The f-I curve: rows [current, rate in Hz], or an object with them. */
  readonly fi?: FitRates | FitRates["points"];
  /** Spike times under one current or several. */
  readonly spikes?: FitSpikes | readonly FitSpikes[];
}

/** Where a fit is. */
export interface FitProgress {
  readonly phase: "search" | "refine";
  /** Generations of the search, or steps of the refinement, done so far, and how many there may be. */
  readonly done: number;
  readonly of: number;
  /** Candidates simulated so far. */
  readonly evaluations: number;
  /** Smallest error so far, and the parameters that have it. */
  readonly error: number;
  readonly params: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
}

/** How long is searched. */
export interface FitSearch {
  /** Candidates of a generation; ten for each number that is varied, at least 24, by default. */
  readonly population?: number;
  /** Most generations of the global search; 100 by default. */
  readonly generations?: number;
  /** Most steps of the local search that follows; 100 by default. */
  readonly refinements?: number;
  /** The global search ends when the errors of all candidates lie within this; 0.001 by default. */
  readonly tolerance?: number;
}

/**
 * The errors of candidates, in their order. A candidate has a number from 0 (its lower bound) to 1 for each parameter
 * of `vary`, in its order, then for `gain` and `offset` where they are varied; one that cannot be run has the error
 * Infinity.
 */
export type FitErrors = (candidates: readonly Float64Array[]) => Promise<ArrayLike<number>>;

/** What `fit` is given beside the model. */
export interface FitOptions<M extends ModelRecord> extends ModelChoice<M> {
  /** The parameters to find, each with the bounds between which it is looked for. */
  readonly vary: Readonly<Partial<Record<ParameterName<M>, readonly [low: Quantity, high: Quantity]>>>;
  readonly to: FitTargets;
  /**
   * Where the search begins beside its random places, as values of parameters that are varied; those left out are the
   * model's own, at the nearest bound where they lie outside. No such place without it.
   */
  readonly start?: Readonly<Partial<Record<ParameterName<M>, Quantity>>>;
  /** What the currents of `to` are multiplied with for the model: a number, 1 by default, or bounds to find it in. */
  readonly gain?: number | readonly [low: number, high: number];
  /** A constant current in the model's unit beside them: a number, 0 by default, or bounds to find it in. */
  readonly offset?: Quantity | readonly [low: Quantity, high: Quantity];
  readonly method?: MethodOf<M>;
  /** ms; 0.1 by default. */
  readonly dt?: Quantity;
  /** Of the search; 1 by default. */
  readonly seed?: number;
  readonly search?: FitSearch;
  /**
   * Gives the errors of candidates instead of this thread: several workers, each with the function that `fitErrors`
   * gives for the same model and options, may share the candidates. The result is the same.
   */
  readonly evaluate?: FitErrors;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Ends the fit after the simulation at hand, with the best so far. */
  readonly signal?: Signal;
}

/** The f-I curve of a fitted model. */
export interface FittedRates {
  /** As it was given. */
  readonly current: Float64Array;
  /** Hz, of the model and as it should be. */
  readonly rate: Float64Array;
  readonly target: Float64Array;
  /** Root of the mean square of their difference, in Hz. */
  readonly error: number;
}

/** The spikes of a fitted model. */
export interface FittedSpikes {
  /** ms */
  readonly times: Float64Array;
  readonly target: Float64Array;
  /** Their coincidence factor, see `coincidenceFactor`. */
  readonly coincidence: number;
}

/** What a fit has found. */
export interface FitResult {
  /** `converged`; `finished`: the most generations and steps were done; `cancelled` by the signal. */
  readonly status: "converged" | "finished" | "cancelled";
  /** The parameters that were varied, in their units. */
  readonly params: Readonly<Record<string, number>>;
  readonly gain: number;
  readonly offset: number;
  /** What was minimised: 0 is perfect, about 1 is a model that is silent. docs/fitting.md has its formula. */
  readonly error: number;
  /** What ended within 1 % of a bound of its range: the range may be too narrow. */
  readonly atBounds: readonly string[];
  readonly fi?: FittedRates;
  readonly spikes: readonly FittedSpikes[];
  readonly evaluations: number;
  readonly generations: number;
  readonly refinements: number;
}

interface Rates {
  readonly current: Float64Array;
  readonly target: Float64Array;
  readonly duration: number;
  readonly from: number;
  readonly weight: number;
}

interface Train {
  readonly times: Float64Array;
  readonly current: number | { readonly dt: number; readonly values: Float64Array };
  readonly duration: number;
  readonly window: number;
  readonly weight: number;
}

/** A number that is varied. */
interface Varied {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/** What is simulated for a candidate. */
interface Setting {
  readonly params: Readonly<Record<string, number>>;
  readonly gain: number;
  readonly offset: number;
}

/** What came of it. */
interface Response {
  readonly rates: Float64Array | undefined;
  readonly trains: readonly Float64Array[];
}

interface Task {
  readonly model: ModelRecord;
  readonly base: PopulationSpec;
  readonly vary: readonly Varied[];
  readonly gain: number | Varied;
  readonly offset: number | Varied;
  readonly dt: number;
  readonly seed: number;
  /** All that is varied, in the order of a candidate's numbers. */
  readonly varied: readonly Varied[];
  readonly start: Candidate | undefined;
  readonly fi: Rates | undefined;
  readonly trains: readonly Train[];
}

const PATH = "fit";
/** Most numbers that may be varied at once. */
const MOST_VARIED = 50;
/** Widths of the boxes that spikes are smoothed by, as multiples of the window. */
const WIDTHS = [1, 4, 16] as const;
/** So close to a bound, as a part of the range, is at it. */
const AT_BOUND = 0.01;

/**
 * Fits a model to a neuron: finds the parameters, within bounds, with the least squares of its f-I curve, its spike
 * times, or both. A global search (differential evolution) is followed by a local one (Nelder and Mead's simplex). All
 * candidates of a generation are simulated side by side. The same options and seed give the same result, whoever
 * simulates them.
 *
 * @param model a built-in model, or one made by `defineModel`
 * @returns the best parameters, how well they do, and what the model does with them
 * @throws SpikeletError when a name is unknown or a value out of range; ValueRangeError when no candidate can be run
 */
export async function fit<M extends ModelRecord>(model: M, options: FitOptions<M>): Promise<FitResult> {
  const start = performance.now();
  const task = readTask(model, options as unknown as FitOptions<ModelRecord>);
  const { onProgress, signal } = options;
  const { varied } = task;
  const { population, generations, refinements, tolerance } = readSearch(options.search, varied.length);
  const errors = options.evaluate ?? ((candidates) => errorsOf(task, candidates));
  let evaluations = 0;
  const evaluate = async (candidates: readonly Candidate[]): Promise<ArrayLike<number>> => {
    evaluations += candidates.length;
    return signal?.aborted ? candidates.map(() => Number.POSITIVE_INFINITY) : errors(candidates);
  };
  const step = (phase: "search" | "refine", done: number, { candidate, value }: Found): boolean => {
    if (signal?.aborted) return false;
    onProgress?.({
      phase,
      done,
      of: phase === "search" ? generations : refinements,
      evaluations,
      error: value,
      params: chosen(task, candidate),
      elapsedMs: performance.now() - start,
    });
    return true;
  };
  const found = await search(
    {
      dimensions: varied.length,
      seed: task.seed,
      start: task.start,
      population,
      generations,
      refinements,
      tolerance,
      goal: 0,
      step,
    },
    evaluate,
  );
  const impossible = found.value === Number.POSITIVE_INFINITY;
  if (impossible && !found.stopped) {
    let why = "";
    await errorsOf(task, [found.candidate], (error) => (why = ` The first one is refused: ${error.message}`));
    throw new ValueRangeError(`fit.vary: none of ${evaluations} candidates within these bounds can be run.${why}`, {
      path: "fit.vary",
    });
  }
  const setting = settingOf(task, found.candidate);
  const [response] = impossible ? [] : await respond(task, [setting], () => undefined);
  return {
    status: found.stopped ? "cancelled" : found.converged ? "converged" : "finished",
    params: chosen(task, found.candidate),
    gain: setting.gain,
    offset: setting.offset,
    error: found.value,
    atBounds: varied.flatMap(({ name }, d) => {
      const x = found.candidate[d] as number;
      return x < AT_BOUND || x > 1 - AT_BOUND ? [name] : [];
    }),
    ...(task.fi && response?.rates && { fi: fittedRates(task.fi, response.rates) }),
    spikes: task.trains.flatMap((train, s) => {
      const times = response?.trains[s];
      if (times === undefined) return [];
      const { window, duration } = train;
      const coincidence = coincidenceFactor(times, train.times, { window, duration });
      return [{ times, target: train.times.slice(), coincidence }];
    }),
    evaluations,
    generations: found.generations,
    refinements: found.refinements,
  };
}

/**
 * What `fit` minimises, by itself: for the workers that share its candidates (`evaluate`), or for another search.
 *
 * @throws SpikeletError as `fit` does
 */
export function fitErrors<M extends ModelRecord>(
  model: M,
  options: FitOptions<M>,
): (candidates: readonly Float64Array[]) => Promise<Float64Array> {
  const task = readTask(model, options as unknown as FitOptions<ModelRecord>);
  return (candidates) => errorsOf(task, candidates);
}

async function errorsOf(
  task: Task,
  candidates: readonly Candidate[],
  refuse: (error: Error) => void = () => undefined,
): Promise<Float64Array> {
  const errors = new Float64Array(candidates.length).fill(Number.POSITIVE_INFINITY);
  const settings = candidates.map((candidate) => settingOf(task, candidate));
  const possible = [...settings.keys()].filter((i) => {
    try {
      checkParameters(task.model, (settings[i] as Setting).params, 1, PATH);
      return true;
    } catch (error) {
      if (!(error instanceof ValueRangeError)) throw error;
      refuse(error);
      return false;
    }
  });
  const responses = await respond(
    task,
    possible.map((i) => settings[i] as Setting),
    refuse,
  );
  for (const [k, i] of possible.entries()) {
    const response = responses[k];
    if (response !== undefined) errors[i] = errorOf(task, response);
  }
  return errors;
}

/** The parameters that are varied, as a candidate has them. */
function chosen(task: Task, candidate: Candidate): Record<string, number> {
  const { params } = settingOf(task, candidate);
  return Object.fromEntries(task.vary.map(({ name }) => [name, params[name] as number]));
}

function fittedRates({ current, target }: Rates, rate: Float64Array): FittedRates {
  const squares = rate.reduce((sum, r, i) => sum + (r - (target[i] as number)) ** 2, 0);
  return { current: current.slice(), rate, target: target.slice(), error: Math.sqrt(squares / rate.length) };
}

function settingOf(task: Task, candidate: Candidate): Setting {
  const values = new Map(task.varied.map((varied, d) => [varied, between(varied, candidate[d] as number)]));
  const params: Record<string, number> = { ...(task.base.params as Record<string, number>) };
  for (const varied of task.vary) params[varied.name] = values.get(varied) as number;
  const one = (x: number | Varied): number => (typeof x === "number" ? x : (values.get(x) as number));
  return { params, gain: one(task.gain), offset: one(task.offset) };
}

function between({ low, high }: Varied, part: number): number {
  return part === 1 ? high : low + part * (high - low);
}

/** What the model does with each setting; undefined where it becomes unstable. */
async function respond(
  task: Task,
  settings: readonly Setting[],
  refuse: (error: InstabilityError) => void,
): Promise<(Response | undefined)[]> {
  const rates = task.fi && (await surviving(settings, (left) => ratesOf(task, task.fi as Rates, left), refuse));
  const trains: (Float64Array | undefined)[][] = [];
  for (const train of task.trains)
    trains.push(await surviving(settings, (left) => trainsOf(task, train, left), refuse));
  return settings.map((_, i) => {
    const own = trains.map((train) => train[i]);
    if ((rates && rates[i] === undefined) || own.includes(undefined)) return undefined;
    return { rates: rates?.[i], trains: own as Float64Array[] };
  });
}

/** Runs all settings together; one that becomes unstable is left out, and the others are run again. */
async function surviving<T>(
  settings: readonly Setting[],
  run: (left: readonly Setting[]) => Promise<readonly T[] | Unstable>,
  refuse: (error: InstabilityError) => void,
): Promise<(T | undefined)[]> {
  let left = [...settings.keys()];
  const results = settings.map((): T | undefined => undefined);
  while (left.length > 0) {
    const outcome = await run(left.map((i) => settings[i] as Setting));
    if (!("which" in outcome)) {
      for (const [k, i] of left.entries()) results[i] = outcome[k];
      break;
    }
    refuse(outcome.error);
    left = left.filter((_, k) => k !== outcome.which);
  }
  return results;
}

interface Unstable {
  /** The setting that became unstable. */
  readonly which: number;
  readonly error: InstabilityError;
}

/** Runs a simulation to its end; what became unstable otherwise. */
async function run(simulation: Simulation, duration: number): Promise<InstabilityError | undefined> {
  try {
    await simulation.run(duration, { report: false });
    return undefined;
  } catch (error) {
    if (error instanceof InstabilityError) return error;
    throw error;
  } finally {
    simulation.close();
  }
}

/** Options of a population in which each setting has so many neurons, one after the other. */
function populationOf({ base, vary }: Task, settings: readonly Setting[], each: number): object {
  const params: Record<string, number | Float64Array> = { ...(base.params as Record<string, number>) };
  for (const { name } of vary) {
    params[name] = Float64Array.from({ length: settings.length * each }, (_, k) => {
      return (settings[Math.floor(k / each)] as Setting).params[name] as number;
    });
  }
  return { method: base.method, params };
}

async function ratesOf(task: Task, fi: Rates, settings: readonly Setting[]): Promise<Float64Array[] | Unstable> {
  const each = fi.current.length;
  const simulation = await Simulation.create({ dt: task.dt, threads: 1 });
  const amplitude = Float64Array.from({ length: settings.length * each }, (_, k) => {
    const { gain, offset } = settings[Math.floor(k / each)] as Setting;
    return gain * (fi.current[k % each] as number) + offset;
  });
  const population = simulation.population("fi", task.model, amplitude.length, {
    ...populationOf(task, settings, each),
    background: [background.constant(amplitude)],
  } as object);
  const spikes = simulation.record(population, "spikes", { from: fi.from, interpolate: true });
  const error = await run(simulation, fi.duration);
  if (error) return { which: Math.floor(error.neuron / each), error };
  const trains = byNeuron(spikes, amplitude.length);
  return settings.map((_, i) => {
    return Float64Array.from({ length: each }, (_, j) => rateOf(trains[i * each + j] as Float64Array, fi));
  });
}

/** Hz: by the intervals, which know more than the number of spikes does, where there are some. */
function rateOf(times: Float64Array, { duration, from }: Rates): number {
  const { length: n } = times;
  return n < 2 ? (1000 * n) / (duration - from) : (1000 * (n - 1)) / ((times[n - 1] as number) - (times[0] as number));
}

function byNeuron({ times, neurons }: { times: Float64Array; neurons: Uint32Array }, size: number): Float64Array[] {
  const counts = new Uint32Array(size);
  for (const n of neurons) counts[n] = (counts[n] as number) + 1;
  const trains = Array.from(counts, (count) => new Float64Array(count));
  counts.fill(0);
  for (let i = 0; i < times.length; i++) {
    const n = neurons[i] as number;
    const k = counts[n] as number;
    (trains[n] as Float64Array)[k] = times[i] as number;
    counts[n] = k + 1;
  }
  return trains;
}

async function trainsOf(task: Task, train: Train, settings: readonly Setting[]): Promise<Float64Array[] | Unstable> {
  const { current, duration } = train;
  const simulation = await Simulation.create({ dt: task.dt, threads: 1 });
  // All neurons of a population have the same samples: with several gains each setting is a population of its own.
  const together = typeof current === "number" || typeof task.gain === "number";
  const groups = together ? [settings] : settings.map((setting) => [setting]);
  const recordings = groups.map((group, g) => {
    const [{ gain }] = group as readonly [Setting];
    const steady = (own: (setting: Setting) => number) => background.constant(Float64Array.from(group, own));
    const inputs =
      typeof current === "number"
        ? [steady((s) => s.gain * current + s.offset)]
        : [background.samples({ dt: current.dt, values: scaled(current.values, gain) }), steady((s) => s.offset)];
    const population = simulation.population(`spikes${g}`, task.model, group.length, {
      ...populationOf(task, group, 1),
      background: inputs,
    } as object);
    return simulation.record(population, "spikes", { interpolate: true });
  });
  const error = await run(simulation, duration);
  if (error) return { which: together ? error.neuron : Number(error.population.slice(6)), error };
  return recordings.flatMap((recording, g) => byNeuron(recording, (groups[g] as readonly Setting[]).length));
}

function scaled(values: Float64Array, gain: number): Float64Array {
  return gain === 1 ? values : values.map((x) => gain * x);
}

/** Root of the weighted mean of the squared errors: of rates as parts of the largest, of trains as parts of theirs. */
function errorOf({ fi, trains }: Task, response: Response): number {
  let [sum, weights] = [0, 0];
  if (fi && response.rates) {
    const largest = fi.target.reduce((most, rate) => Math.max(most, rate), 0);
    const { error } = fittedRates(fi, response.rates);
    sum += fi.weight * (error / (largest > 0 ? largest : 1)) ** 2;
    weights += fi.weight;
  }
  for (const [s, train] of trains.entries()) {
    sum += train.weight * trainError(train, response.trains[s] as Float64Array);
    weights += train.weight;
  }
  return Math.sqrt(sum / weights);
}

function trainError({ times: target, window }: Train, times: Float64Array): number {
  // Neurons that fire in every step: how far they are off hardly matters, and would take long to say.
  if (times.length > 20 * (target.length + 1)) return times.length / (target.length + 1);
  const errors = WIDTHS.map((width) => {
    return boxDistance(times, target, width * window) / Math.max(1, overlaps(target, target, width * window));
  });
  return errors.reduce((total, error) => total + error, 0) / WIDTHS.length;
}

// Reading what the caller gives

const KEYS = [
  "preset",
  "params",
  "vary",
  "to",
  "start",
  "gain",
  "offset",
  "method",
  "dt",
  "seed",
  "search",
  "evaluate",
  "onProgress",
  "signal",
] as const;

function readTask(model: ModelRecord, options: FitOptions<ModelRecord>): Task {
  const object = readObject(options, PATH, "an object with vary and to");
  checkKeys(object, PATH, KEYS, "option");
  const { preset, method } = options;
  const parsed = {
    name: PATH,
    model,
    size: 1,
    ...(preset !== undefined && { preset }),
    ...(method !== undefined && { method }),
  };
  // The model by itself; what it is given is checked below, where bounds are known.
  const plain = parsePopulation(parsed, PATH);
  if (plain.source) {
    throw new ValueRangeError(`fit: ${model.id} is a source of spikes; it must be a neuron.`, {
      path: PATH,
      value: model.id,
    });
  }
  const { equations = "", threshold = "", reset = "" } = model.definition ?? {};
  const text = [equations, threshold, reset].flat().join("\n").replace(/#.*/g, "");
  if (/\b(?:xi(?:_\w+)?|randn?)\b/.test(text)) {
    throw new ValueRangeError(
      `fit: ${model.id} has noise of its own, which would blur all differences; take it out of the equations.`,
      {
        path: PATH,
        value: model.id,
      },
    );
  }
  const vary = readVary(model, requiredField(object, "vary", PATH, "an object with bounds of parameters"));
  const gain = readVaried(fieldOr(object, "gain", 1), "gain", "");
  const offset = readVaried(fieldOr(object, "offset", 0), "offset", model.current);
  const varied = [...vary, gain, offset].filter((x) => typeof x !== "number");
  const count = varied.length;
  if (count === 0 || count > MOST_VARIED) {
    const allowed = `1 to ${MOST_VARIED} parameters`;
    throw new LengthError(`fit.vary: ${count} parameters; it must have ${allowed}.`, {
      path: "fit.vary",
      value: count,
      allowed,
    });
  }
  const base = withFixed(plain, fieldOr(object, "params", {}), vary);
  const { fi, trains } = readTargets(requiredField(object, "to", PATH, "an object with fi, spikes or both"), model);
  return {
    model,
    base,
    vary,
    varied,
    start: readStart(field(object, "start"), plain, varied),
    gain,
    offset,
    dt: parseTimeStep(fieldOr(object, "dt", 0.1), "fit.dt"),
    seed: parseSeed(fieldOr(object, "seed", 1), "fit.seed"),
    fi,
    trains,
  };
}

/** The population with the fixed parameters; they go together with what is varied or not, candidate by candidate. */
function withFixed(plain: PopulationSpec, given: unknown, vary: readonly Varied[]): PopulationSpec {
  const { model } = plain;
  const object = readObject(given, "fit.params", "an object with parameters");
  checkKeys(object, "fit.params", Object.keys(model.params), "parameter");
  const params = { ...plain.params };
  for (const name of Object.keys(object)) {
    if (vary.some((varied) => varied.name === name)) {
      throw new ValueRangeError(`fit.params.${name}: the parameter is varied; it must stand in one of both.`, {
        path: `fit.params.${name}`,
      });
    }
    const { unit, range } = model.params[name] as { unit: string; range?: "> 0" | ">= 0" };
    if (object[name] !== undefined) params[name] = readNumber(object[name], `fit.params.${name}`, unit, range);
  }
  return { ...plain, params };
}

function readVary(model: ModelRecord, given: unknown): Varied[] {
  const object = readObject(given, "fit.vary", "an object with bounds [low, high] of parameters");
  checkKeys(object, "fit.vary", Object.keys(model.params), "parameter");
  return Object.keys(object).map((name) => {
    const { unit, range } = model.params[name] as { unit: string; range?: "> 0" | ">= 0" };
    return readBounds(object[name], `fit.vary.${name}`, name, unit, range);
  });
}

/** The candidate to begin with; what is no parameter begins at 1, a gain, or 0, an offset. */
function readStart(
  given: unknown,
  { model, params }: PopulationSpec,
  varied: readonly Varied[],
): Candidate | undefined {
  if (given === undefined) return undefined;
  const path = "fit.start";
  const object = readObject(given, path, "an object with values of parameters that are varied");
  checkKeys(
    object,
    path,
    varied.map(({ name }) => name),
    "varied parameter",
  );
  return Float64Array.from(varied, ({ name, low, high }) => {
    const place = keyPath(path, name);
    const value = field(object, name);
    if (value === undefined) {
      const own = (params[name] as number | undefined) ?? (name === "gain" ? 1 : 0);
      return Math.min(1, Math.max(0, (own - low) / (high - low)));
    }
    const unit = model.params[name]?.unit ?? (name === "offset" ? model.current : "");
    const number = readNumber(value, place, unit);
    if (!(number >= low && number <= high)) outOfRange(number, unit, place, `from ${low} to ${high}, its bounds`);
    return (number - low) / (high - low);
  });
}

function readVaried(given: unknown, name: string, unit: string): number | Varied {
  const path = keyPath(PATH, name);
  if (typeof given === "number" || typeof given === "string") return readNumber(given, path, unit);
  return readBounds(given, path, name, unit);
}

function readBounds(given: unknown, path: string, name: string, unit: string, range?: "> 0" | ">= 0"): Varied {
  const pair = readTuple(given, path, "low, high");
  const [low, high] = [0, 1].map((i) => readNumber(pair[i], itemPath(path, i), unit, range)) as [number, number];
  if (!(low < high)) outOfRange(high, unit, itemPath(path, 1), `above the lower bound ${low}`);
  return { name, low, high };
}

function readSearch(given: unknown, count: number): Required<FitSearch> {
  const path = "fit.search";
  const object = readObject(given ?? {}, path);
  checkKeys(object, path, ["population", "generations", "refinements", "tolerance"], "option");
  const whole = (key: string, otherwise: number, min: number): number => {
    return readInteger(fieldOr(object, key, otherwise), keyPath(path, key), min, 100_000);
  };
  return {
    population: whole("population", Math.max(24, 10 * count), 4),
    generations: whole("generations", 100, 0),
    refinements: whole("refinements", 100, 0),
    tolerance: readNumber(fieldOr(object, "tolerance", 1e-3), keyPath(path, "tolerance"), "", ">= 0"),
  };
}

function readTargets(given: unknown, model: ModelRecord): Pick<Task, "fi" | "trains"> {
  const path = "fit.to";
  const object = readObject(given, path, "an object with fi, spikes or both");
  checkKeys(object, path, ["fi", "spikes"], "target");
  const [rates, spikes] = [field(object, "fi"), field(object, "spikes")];
  if (rates === undefined && spikes === undefined) {
    throw new MissingKeyError(`${path}: nothing to fit to; it must have "fi", "spikes" or both.`, {
      path,
      allowed: ["fi", "spikes"],
    });
  }
  const list = spikes === undefined ? [] : Array.isArray(spikes) ? (spikes as readonly unknown[]) : [spikes];
  return {
    fi: rates === undefined ? undefined : readRates(rates, `${path}.fi`, model),
    trains: list.map((one, i) =>
      readTrain(one, Array.isArray(spikes) ? `${path}.spikes[${i}]` : `${path}.spikes`, model),
    ),
  };
}

function readWeight(object: Fields, path: string): number {
  return readNumber(fieldOr(object, "weight", 1), keyPath(path, "weight"), "", "> 0");
}

function readRates(given: unknown, path: string, model: ModelRecord): Rates {
  const object = Array.isArray(given)
    ? { points: given }
    : readObject(given, path, "rows [current, rate], or an object with points");
  checkKeys(object, path, ["points", "duration", "from", "weight"]);
  const place = Array.isArray(given) ? path : `${path}.points`;
  const rows = readList(requiredField(object, "points", path, "rows [current, rate]"), place, "rows [current, rate]");
  if (rows.length === 0)
    throw new LengthError(`${place}: no rows; it must have at least one.`, { path: place, value: 0 });
  const current = new Float64Array(rows.length);
  const target = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = readTuple(rows[i], itemPath(place, i), "current, rate");
    current[i] = readNumber(row[0], itemPath(itemPath(place, i), 0), model.current);
    target[i] = readNumber(row[1], itemPath(itemPath(place, i), 1), "Hz", ">= 0");
  }
  const duration = readNumber(fieldOr(object, "duration", 1000), `${path}.duration`, "ms", "> 0");
  const from = readNumber(fieldOr(object, "from", duration / 5), `${path}.from`, "ms", ">= 0");
  if (!(from < duration)) outOfRange(from, "ms", `${path}.from`, `below the duration ${duration} ms`);
  return { current, target, duration, from, weight: readWeight(object, path) };
}

function readTrain(given: unknown, path: string, model: ModelRecord): Train {
  const object = readObject(given, path, "an object with times and current");
  checkKeys(object, path, ["times", "current", "duration", "window", "weight"]);
  const list = requiredField(object, "times", path, "spike times in ms");
  const times = readNumbers(list, `${path}.times`, "ms", undefined, ">= 0");
  checkAscending(`${path}.times`, times);
  const current = readCurrent(
    requiredField(object, "current", path, "the current that the spikes are for"),
    `${path}.current`,
    model,
  );
  const own = typeof current === "number" ? undefined : current.dt * current.values.length;
  const span = fieldOr(object, "duration", own);
  if (span === undefined) {
    throw new MissingKeyError(`${path}: the key "duration" is missing; it must be the time in ms that was observed.`, {
      path: `${path}.duration`,
    });
  }
  const duration = readNumber(span, `${path}.duration`, "ms", "> 0");
  const last = times[times.length - 1];
  if (last !== undefined && last > duration) {
    outOfRange(duration, "ms", `${path}.duration`, `at least the last spike's time, ${last} ms`);
  }
  const window = readNumber(fieldOr(object, "window", 4), `${path}.window`, "ms", "> 0");
  return { times, current, duration, window, weight: readWeight(object, path) };
}

function readCurrent(given: unknown, path: string, model: ModelRecord): Train["current"] {
  if (typeof given === "number" || typeof given === "string") return readNumber(given, path, model.current);
  if (typeof given !== "object" || given === null) return wrongType(given, path, "a number, or { dt, values }");
  const object = readObject(given, path, "a number, or { dt, values }");
  checkKeys(object, path, ["dt", "values"]);
  const dt = readNumber(
    requiredField(object, "dt", path, "the time in ms from one value to the next"),
    `${path}.dt`,
    "ms",
    "> 0",
  );
  const list = requiredField(object, "values", path, "currents, each held for dt");
  const values = readNumbers(list, `${path}.values`, model.current, undefined);
  if (values.length === 0)
    throw new LengthError(`${path}.values: no values; it must have at least one.`, {
      path: `${path}.values`,
      value: 0,
    });
  return { dt, values };
}

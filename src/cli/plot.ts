/** `spikelet plot`: more figures from a folder of results. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  activityFigure,
  commonSpan,
  defineModel,
  isiFigure,
  membraneFigure,
  type ModelDefinition,
  type ModelRecord,
  models,
  parseDocument,
  type PhasePlaneOptions,
  phasePlaneFigure,
  type PopulationSpikes,
  type PopulationTrace,
  populationSpectrum,
  SpikeletError,
  spectrumFigure,
  spikesWithin,
  tracesFigure,
  weightsFigure,
  withColours,
} from "../index.js";
import { writeFileAtomic } from "../io/folder.js";
import { isNamed, type KnownRun, type ReadTables, type TableName, type TableSource } from "../io/format.js";
import { FORMATS } from "../io/formats.js";
import { readPopulation, readRun, readTime, type RunSummary } from "../io/read-results.js";
import { type Drive, driveOf } from "../model/drive.js";
import type { Drawing } from "./dynamics.js";
import { InputError, wrongWord } from "./errors.js";
import { observedPart } from "./part.js";
import { converter, IMAGE_FORMATS, type ImageFormat } from "./image.js";
import { Status } from "./status.js";
import { plain, timeText } from "./terminal.js";

/** What is asked of models for nullclines. */
export interface Questions {
  /** A grid of derivatives of a two-variable model. */
  readonly field: (
    model: ModelRecord,
    options: {
      readonly params: Readonly<Record<string, number>>;
      readonly v: readonly [number, number];
      readonly w: readonly [number, number];
      readonly current: number;
    },
  ) => Promise<NonNullable<PhasePlaneOptions["field"]>>;
  readonly rheobase: (
    model: ModelRecord,
    options: { readonly params: Readonly<Record<string, number>> },
  ) => Promise<number>;
}

/** What is drawn. Times in ms. */
interface Choice {
  readonly from: number;
  readonly to: number;
  readonly bin: number | undefined;
  readonly population: string | undefined;
  /** Width and height of figures in px; empty for those of their own. */
  readonly size: { readonly width?: number; readonly height?: number };
  /** Draws in the chosen colours. */
  readonly colours: <T>(draw: () => T) => T;
}

/**
 * Reads a folder of results and writes more figures into it.
 *
 * @param directory folder that a run wrote
 * @param given options as the parser hands them out: from, to, population, bin
 * @param questions for the phase plane; without them there are trajectories alone
 * @returns the exit status
 */
export async function plot(
  directory: string,
  given: Readonly<Record<string, unknown>>,
  questions?: Questions,
): Promise<number> {
  const format = readFormat(given.format);
  const run = readRun(await readText(directory), join(directory, "run.json"));
  const choice = readChoice(given, run);
  // Before the tables are read: what is missing is said at once.
  const convert = await converter(format);
  const tables = await readTables(directory, run);
  const { weights, weightTraces } = tables;
  const spikes = chosenSpikes(tables.spikes, run, choice);
  const traces = tables.traces.filter((trace) => isChosen(trace.population, choice));
  const membranes = await phasePlanes(traces, spikes, run, choice, questions);
  const figures = choice.colours(() => [
    ...spikeFigures(spikes, run, choice),
    ...membraneFigures(traces, spikes, run, choice),
    ...membranes.map(([name, options]): Figure => [name, phasePlaneFigure({ ...options, ...choice.size })]),
    ...weightFigures(weights, run, choice),
    ...weightTraceFigures(weightTraces, run, choice),
  ]);
  if (figures.length === 0) {
    const whose = choice.population === undefined ? "" : ` of the population ${JSON.stringify(choice.population)}`;
    throw new InputError(
      `${directory}: the results hold no spikes, traces or weights${whose}; there is nothing to draw.`,
    );
  }
  const written: string[] = [];
  for (const [svg, text] of figures) {
    const name = svg.replace(/svg$/, format);
    await writeFileAtomic(join(directory, name), await convert(text));
    written.push(name);
  }
  const span = `${timeText(choice.from)} to ${timeText(choice.to)}`;
  process.stdout.write(plain(`${run.name}, ${span}: ${written.join(", ")} in ${directory}\n`));
  return Status.done;
}

function isChosen(population: string, choice: Choice): boolean {
  return choice.population === undefined || choice.population === population;
}

function readChoice(given: Readonly<Record<string, unknown>>, run: RunSummary): Choice {
  const time = (name: string): number | undefined => {
    const word = given[name];
    return typeof word === "string" ? readTime(word, `--${name}`) : undefined;
  };
  const [from = 0, to = run.duration, bin] = [time("from"), time("to"), time("bin")];
  const whole = `the run is ${timeText(run.duration)} long`;
  if (!(from >= 0 && from <= run.duration)) {
    throw new InputError(`--from: ${from} ms; it must be from 0 to ${run.duration} ms: ${whole}.`);
  }
  if (!(to <= run.duration)) throw new InputError(`--to: ${to} ms; it must be at most ${run.duration} ms: ${whole}.`);
  if (run.duration > 0 && !(to > from)) throw new InputError(`--to: ${to} ms; it must be after --from, ${from} ms.`);
  if (bin !== undefined && !(bin > 0 && bin <= to - from)) {
    throw new InputError(`--bin: ${bin} ms; it must be above 0 and at most ${to - from} ms, the time that is drawn.`);
  }
  if (bin !== undefined && (to - from) / bin > MAX_BINS) {
    throw new InputError(`--bin: ${bin} ms; it must be at least ${(to - from) / MAX_BINS} ms: at most ${MAX_BINS} bins are drawn.`);
  }
  const population =
    typeof given.population === "string"
      ? readPopulation(given.population, "--population", run)
      : undefined;
  return { from, to, bin, population, size: readSize(given.size), colours: readColours(given.colors) };
}

function readFormat(word: unknown): ImageFormat {
  const format = IMAGE_FORMATS.find((name) => name === (word ?? "svg"));
  if (format === undefined) throw wrongWord("--format", word, IMAGE_FORMATS);
  return format;
}

function readSize(word: unknown): Choice["size"] {
  if (typeof word !== "string") return {};
  const [, width, height] = /^\s*(\d+)\s*[x×]\s*(\d+)\s*$/i.exec(word) ?? [];
  const size = { width: Number(width), height: Number(height) };
  const fits = (length: number, least: number): boolean => length >= least && length <= MOST_PX;
  if (fits(size.width, 400) && fits(size.height, 160)) return size;
  const allowed = `a width of 400 to ${MOST_PX} px and a height of 160 to ${MOST_PX} px, such as 1200x700`;
  throw new InputError(`--size: ${JSON.stringify(word)}; it must be ${allowed}.`);
}

function readColours(word: unknown): Choice["colours"] {
  const colours = colourList(word);
  return colours === undefined ? (draw) => draw() : (draw) => withColours(colours, draw);
}

/** How figures of equations are drawn: the same options. */
export function drawingOf(given: Readonly<Record<string, unknown>>): Drawing {
  return { format: readFormat(given.format), size: readSize(given.size), colours: colourList(given.colors) };
}

function colourList(word: unknown): string[] | undefined {
  if (typeof word !== "string") return undefined;
  const list = word
    .split(",")
    .map((text) => text.trim().replace(/^#?([0-9a-f])([0-9a-f])([0-9a-f])$/i, "#$1$1$2$2$3$3"));
  const colours = list.map((text) => (/^[0-9a-f]{6}$/i.test(text) ? `#${text}` : text));
  const wrong = colours.find((text) => !/^#[0-9a-f]{6}$/i.test(text));
  if (wrong !== undefined) {
    throw new InputError(`--colors: ${JSON.stringify(wrong)}; it must be colours #rrggbb with commas between, such as "#0072b2,#d55e00".`);
  }
  return colours;
}

/** Longest side of a figure in px. */
const MOST_PX = 10_000;

/** Most bins of a figure. */
const MAX_BINS = 2 ** 21;

/** A longer text does not fit into one string. */
const MAX_TEXT = 2 ** 29 - 64;
/** Longest run.json, most of which is the model file. */
const MAX_RUN = 2 ** 28;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** The text of run.json. */
async function readText(directory: string): Promise<string> {
  const path = join(directory, "run.json");
  if (!(await exists(path))) {
    throw new InputError(`${directory}: there is no run.json; a folder of results is made by: spikelet run FILE.`);
  }
  return readBounded(path, MAX_RUN, "a run.json may have at most");
}

function readTable(path: string): Promise<string> {
  return readBounded(path, MAX_TEXT, "run with --format npz, or record less; tables are read up to");
}

async function readBounded(path: string, most: number, allowed: string): Promise<string> {
  const { size } = await stat(path);
  if (size <= most) return readFile(path, "utf8");
  throw new InputError(`${path}: the file has ${Math.ceil(size / 2 ** 20)} MiB; ${allowed} ${Math.ceil(most / 2 ** 20)} MiB.`);
}

const TABLES: readonly TableName[] = ["spikes", "traces", "weights", "weightTraces"];

/** The tables of a folder: of each the first that there is, in the order of the formats. */
async function readTables(directory: string, run: RunSummary): Promise<Required<ReadTables>> {
  const known: KnownRun = {
    sizes: run.sizes,
    dt: run.dt,
    unit: (population, variable) => unitOf(run, population, variable),
    weightUnit: (projection) => run.weightUnits.get(projection) ?? "",
  };
  const found: ReadTables = {};
  const names = (await readdir(directory)).sort();
  for (const format of FORMATS) {
    for (const file of format.files) {
      if (!TABLES.some((table) => file.holds.includes(table) && found[table] === undefined)) continue;
      const parts: ReadTables[] = [];
      for (const name of names.filter((one) => isNamed(one, file))) {
        const path = join(directory, name);
        const source: TableSource = { path, text: () => readTable(path), bytes: () => readFile(path) };
        if (await exists(path)) parts.push(await format.read(name, source, known));
      }
      // What an earlier format has counts.
      Object.assign(found, { ...together(parts), ...found });
    }
  }
  return { spikes: new Map(), traces: [], weights: new Map(), weightTraces: [], ...found };
}

/** Tables of which several files have parts: those of traces. */
function together(parts: readonly ReadTables[]): ReadTables {
  const traces = parts.flatMap((part) => part.traces ?? []);
  return { ...Object.assign({}, ...parts), ...(traces.length > 0 && { traces }) };
}

type Fields = Readonly<Record<string, unknown>>;

/** The objects of a list in the model file of the run that have this value at this key. */
function entriesOf(run: RunSummary, list: string, key: string, value: string): readonly Fields[] {
  const entries = (run.document as Fields | undefined)?.[list];
  return Array.isArray(entries) ? entries.filter((entry: Fields | null) => entry?.[key] === value) : [];
}

function modelOf(run: RunSummary, population: string): ModelRecord | undefined {
  const model = entriesOf(run, "populations", "name", population)[0]?.model;
  if (typeof model !== "string") return undefined;
  if (Object.hasOwn(models, model)) return (models as Readonly<Record<string, ModelRecord>>)[model];
  const [definition] = entriesOf(run, "models", "name", model);
  return definition && defineModel(definition as unknown as ModelDefinition);
}

function unitOf(run: RunSummary, population: string, variable: string): string {
  const model = modelOf(run, population);
  const state = model?.states[variable]?.unit;
  if (model === undefined || state !== undefined) return state ?? "";
  return variable.startsWith("g_") ? model.conductance : model.current;
}

/** The spikes within the chosen time of each population that has some or whose spikes were recorded. */
function chosenSpikes(
  trains: Required<ReadTables>["spikes"],
  run: RunSummary,
  choice: Choice,
): PopulationSpikes[] {
  return [...run.sizes].flatMap(([name, size]) => {
    const train = trains.get(name);
    const observed = run.observed.get(name);
    if (!isChosen(name, choice) || (train === undefined && observed === undefined)) return [];
    const { times, neurons } = train ?? { times: new Float64Array(0), neurons: new Uint32Array(0) };
    return [{ name, size, spikes: spikesWithin({ times, neurons, observed }, choice.from, choice.to) }];
  });
}

type Figure = readonly [name: string, text: string];

/** Highest frequency of the spectrum in Hz. */
const MAX_FREQUENCY = 250;

function spikeFigures(trains: readonly PopulationSpikes[], run: RunSummary, choice: Choice): Figure[] {
  if (trains.length === 0) return [];
  const populations = trains.map(observedPart);
  const [start, duration, title] = [choice.from, choice.to - choice.from, run.name];
  const bin = choice.bin === undefined ? {} : { bin: choice.bin };
  const figures: Figure[] = [
    ["activity.svg", activityFigure({ populations, start, duration, title, ...bin, ...choice.size })],
    ["isi.svg", isiFigure({ populations, ...bin, title: `${title}: interspike intervals`, ...choice.size })],
  ];
  const width = choice.bin ?? Math.max(1, Math.ceil(duration / MAX_BINS));
  // A spectrum is that of the time in which all recorded neurons were observed.
  const spectra = populations.flatMap(({ name, size, spikes }) => {
    const [from, to] = spikes.observed === undefined ? [start, choice.to] : (commonSpan(spikes.observed) ?? [0, 0]);
    if (spikesWithin(spikes, from, to).times.length === 0 || to - from < 8 * width) return [];
    return [{ name, ...populationSpectrum(spikes, size, { start: from, duration: to - from, bin: width }) }];
  });
  if (spectra.length > 0) {
    const maxFrequency = Math.min(MAX_FREQUENCY, 500 / width);
    figures.push([
      "spectrum.svg",
      spectrumFigure({ spectra, maxFrequency, title: `${title}: spectrum of the rates`, ...choice.size }),
    ]);
  }
  return figures;
}

function membraneFigures(
  traces: readonly PopulationTrace[],
  spikes: readonly PopulationSpikes[],
  run: RunSummary,
  { from, to, size }: Choice,
): Figure[] {
  const membrane = traces.filter(
    ({ variable, population }) => variable === "v" && modelOf(run, population)?.family === "resets",
  );
  if (membrane.length === 0) return [];
  const title = `${run.name}: membrane potential`;
  return [
    ["membrane.svg", membraneFigure({ traces: membrane, spikes, start: from, duration: to - from, title, ...size })],
  ];
}

/** What the phase plane shows, of the first population whose two variables are recorded. */
async function phasePlanes(
  traces: readonly PopulationTrace[],
  spikes: readonly PopulationSpikes[],
  run: RunSummary,
  choice: Choice,
  questions: Questions | undefined,
): Promise<(readonly [name: string, options: PhasePlaneOptions])[]> {
  for (const trace of traces) {
    const model = modelOf(run, trace.population);
    const [v, w, ...more] = Object.keys(model?.states ?? {});
    if (model === undefined || w === undefined || more.length > 0 || trace.variable !== v) continue;
    const other = traces.find((t) => t.population === trace.population && t.variable === w && sameSamples(t, trace));
    if (other === undefined) continue;
    return [["phase-plane.svg", await phasePlane(model, trace, other, spikes, run, choice, questions)]];
  }
  return [];
}

function sameSamples(a: PopulationTrace, b: PopulationTrace): boolean {
  return a.time.length === b.time.length && a.time[0] === b.time[0] && a.neurons[0] === b.neurons[0];
}

/** The phase plane of the first recorded neuron. */
async function phasePlane(
  model: ModelRecord,
  first: PopulationTrace,
  second: PopulationTrace,
  spikes: readonly PopulationSpikes[],
  run: RunSummary,
  choice: Choice,
  questions: Questions | undefined,
): Promise<PhasePlaneOptions> {
  const { population, time } = first;
  const neuron = first.neurons[0] as number;
  const inside = (_: number, k: number): boolean =>
    (time[k] as number) >= choice.from && (time[k] as number) <= choice.to;
  const [v, w, times] = [first.values(0).filter(inside), second.values(0).filter(inside), time.filter(inside)];
  const train = spikes.find(({ name }) => name === population)?.spikes;
  const own = train === undefined ? [] : train.times.filter((_, i) => train.neurons[i] === neuron);
  const resets = model.family === "resets" ? resetSamples(times, own) : [];
  const input = questions && (await inputOf(run, population, neuron, choice, questions));
  const grid =
    input &&
    (await questions?.field(model, {
      params: input.params,
      current: input.drive.current,
      v: range(v, 0.98),
      w: range(w, 1),
    }));
  const unit = (trace: PopulationTrace): string => `${trace.variable}${trace.unit === "" ? "" : ` (${trace.unit})`}`;
  return {
    ...(grid && input && { field: grid, subtitle: driveText(input.drive, model.current) }),
    trajectories: [{ name: `${population}[${neuron}]`, v, w, resets }],
    names: [unit(first), unit(second)],
    title: `${run.name}: phase plane of ${model.id}`,
  };
}

/** The first sample at or after each spike. */
function resetSamples(times: Float64Array, spikes: ArrayLike<number>): number[] {
  const samples: number[] = [];
  let k = 0;
  for (let s = 0; s < spikes.length; s++) {
    const spike = spikes[s] as number;
    while (k < times.length && (times[k] as number) < spike - 1e-9 * Math.abs(spike)) k++;
    if (k < times.length) samples.push(k);
  }
  return samples;
}

/** Where the middle part of the values lies, with a margin: a spike's peak would squeeze everything else. */
function range(values: Float64Array, part: number): [number, number] {
  const sorted = values.filter(Number.isFinite).sort();
  if (sorted.length === 0) return [0, 1];
  const least = sorted[0] as number;
  const most = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] as number;
  const margin = most > least ? 0.15 * (most - least) : Math.max(1, Math.abs(least) / 10);
  return [least - margin, most + margin];
}

/** Parameters of a neuron and its mean input; undefined when they were drawn at random or need other files. */
async function inputOf(
  run: RunSummary,
  population: string,
  neuron: number,
  { from, to }: Choice,
  { rheobase }: Questions,
): Promise<{ params: Record<string, number>; drive: Drive } | undefined> {
  try {
    const spec = parseDocument(run.document).populations.find(({ name }) => name === population);
    if (spec === undefined) return undefined;
    const at = (value: unknown): number =>
      typeof value === "number" ? value : value instanceof Float64Array ? (value[neuron] as number) : Number.NaN;
    const params = Object.fromEntries(Object.entries(spec.params).map(([name, value]) => [name, at(value)]));
    if (!Object.values(params).every(Number.isFinite)) return undefined;
    const relative = spec.background.some(
      ({ kind, scope }) => kind === "rheobase" && (scope?.neurons?.includes(neuron) ?? true),
    );
    const drive = driveOf(spec, neuron, [from, to], relative ? await rheobase(spec.model, { params }) : 0);
    return drive && { params, drive };
  } catch (error) {
    if (error instanceof SpikeletError) return undefined;
    throw error;
  }
}

/** Which current the nullclines are drawn at, in words. */
function driveText({ current, holds, least, most }: Drive, unit: string): string {
  const text = (x: number): string =>
    `${String(Number(x.toPrecision(6))).replace("-", "−")}${unit === "" ? "" : ` ${unit}`}`;
  const at = `nullclines at ${holds ? "" : "the mean "}I = ${text(current)}`;
  return least === most ? at : `${at}; I from ${text(least)} to ${text(most)} in this time`;
}

/** A histogram of weights; where their units differ, each stands beside its name. */
function weightFigures(weights: ReadonlyMap<string, Float64Array>, run: RunSummary, { size }: Choice): Figure[] {
  if (weights.size === 0) return [];
  const unitOf = (name: string): string => run.weightUnits.get(name) ?? "";
  const units = new Set(Array.from(weights.keys(), unitOf));
  const unit = units.size === 1 ? ([...units][0] as string) : "";
  const projections = Array.from(weights, ([name, values]) => ({
    name: units.size === 1 ? name : `${name} (${unitOf(name) || "1"})`,
    weights: values,
  }));
  return [["weights.svg", weightsFigure({ projections, unit, title: `${run.name}: synaptic weights`, ...size })]];
}

/** Recorded weights over time. */
function weightTraceFigures(
  traces: readonly PopulationTrace[],
  { name }: RunSummary,
  { from, to, size }: Choice,
): Figure[] {
  if (traces.length === 0) return [];
  const title = `${name}: synaptic weights over time`;
  return [["weight-traces.svg", tracesFigure({ traces, start: from, duration: to - from, title, ...size })]];
}

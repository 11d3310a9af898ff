/** One neuron: what is chosen of it, read from links that nobody vouches for, and the documents that it makes. */
import { type Kind, type KindField, kinds, type ModelRecord, models as builtIn } from "spikelet";
import { SHOWN, type Shown } from "./advice.js";

export const models: Readonly<Record<string, ModelRecord>> = builtIn;

/** A background current as model files have it, of numbers, words and flags. */
export type Entry = { readonly kind: string } & Readonly<Record<string, number | string | boolean>>;

export interface NeuronSettings {
  readonly model: string;
  /** "" where there is none. */
  readonly preset: string;
  /** Every parameter of the model. */
  readonly params: Readonly<Record<string, number>>;
  /** States that do not start where the model says. */
  readonly init: Readonly<Record<string, number>>;
  readonly background: readonly Entry[];
  /** ms */
  readonly dt: number;
  readonly method: string;
  readonly seed: number;
  /** ms that the traces show. */
  readonly span: number;
}

/** Time steps to choose from, and stretches of time to show, in ms. */
export const STEPS = [0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1] as const;
export const SPANS = [50, 100, 200, 500, 1000, 2000] as const;
/** Samples of a trace at most, over what is shown. */
const SAMPLES = 2500;
/** Currents at most. */
const MOST_CURRENTS = 6;

type ParameterRecord = ModelRecord["params"][string];

export function modelOf({ model }: { readonly model: string }): ModelRecord {
  return models[model] as ModelRecord;
}

/** The current that makes the default neuron of a model fire: the scale of all its currents. */
export function scaleOf(model: ModelRecord): number {
  return model.example?.current ?? 1;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** The next smaller of 1, 2 or 5 times a power of ten. */
function round(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  const digit = x / power;
  return Number(((digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power).toPrecision(1));
}

function boundsOf(low: number, high: number): Bounds {
  const step = round((high - low) / 150);
  const to = (x: number, whole: (x: number) => number): number =>
    Number((whole(Number((x / step).toPrecision(12))) * step).toPrecision(12));
  return { min: to(low, Math.floor), max: to(high, Math.ceil), step };
}

/**
 * Where a slider for a parameter begins and ends: around its default, within what the model allows, and so wide that
 * `value` lies within.
 */
export function sliderBounds({ default: usual, unit, range }: ParameterRecord, value = usual): Bounds {
  const size = Math.abs(usual);
  const wide = unit === "mV" ? Math.max(40, size / 2) : size > 0 ? 2 * size : unit === "ms" ? 20 : unit === "" ? 1 : 10;
  if (range === undefined) return boundsOf(Math.min(usual - wide, value), Math.max(usual + wide, value));
  const high = Math.max(size > 0 ? 3 * size : wide, value);
  const { max, step } = boundsOf(0, high);
  return { min: range === "> 0" ? step : 0, max, step };
}

/** Whether a number is what a range such as `> 0` allows. */
export function isWithin(value: number, range: string | undefined): boolean {
  if (!Number.isFinite(value)) return false;
  const [, sign, limit] = /^(>=|>)\s*(-?[\d.]+)$/.exec(range ?? "") ?? [];
  if (sign === undefined) return true;
  return sign === ">" ? value > Number(limit) : value >= Number(limit);
}

const SIMPLE: readonly string[] = ["number", "value", "integer", "choice", "flag"];

/** The fields of which a form can be made. */
export function simpleFields(fields: readonly KindField[]): KindField[] {
  return fields.filter(({ type }) => SIMPLE.includes(type));
}

/** The kinds of background currents of which a form can be made as a whole. */
export function backgroundKinds(model: ModelRecord): Kind[] {
  const { kinds: all, common } = kinds(model).backgrounds;
  return all
    .filter(({ fields }) => simpleFields(fields).length === fields.length)
    .map((kind) => {
      const own = new Set(kind.fields.map(({ name }) => name));
      return { ...kind, fields: [...kind.fields, ...simpleFields(common).filter(({ name }) => !own.has(name))] };
    });
}

/** What a form of a kind begins with: currents in multiples of the model's, the others in their units. */
const BEGINNINGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  constant: { amplitude: 1 },
  pulses: { amplitude: 1, start: 50, width: 50, period: 100 },
  ramp: { from: 0, to: 2, end: 1000 },
  sine: { amplitude: 0.5, frequency: 10, offset: 0.8 },
  whiteNoise: { sigma: 0.5, mean: 0.8 },
  ornsteinUhlenbeck: { sigma: 0.4, mean: 0.8, tau: 5 },
  rheobase: { fraction: 1.2 },
};

const isCurrent = ({ unit, name, type }: KindField, model: ModelRecord): boolean =>
  type === "value" && name !== "fraction" && unit.startsWith(model.current);

function beginningOf(kind: string, field: KindField, model: ModelRecord): number | string | boolean | undefined {
  const given = BEGINNINGS[kind]?.[field.name];
  if (given !== undefined)
    return isCurrent(field, model) ? Number((given * scaleOf(model)).toPrecision(3)) : given;
  if (!field.required) return undefined;
  if (field.type === "choice") return field.choices?.[0];
  if (field.type === "flag") return false;
  return field.range === "> 0" || field.type === "integer" ? 1 : 0;
}

/** A current of a kind to begin with. */
export function newEntry(kind: Kind, model: ModelRecord): Entry {
  const values = kind.fields.map((field) => [field.name, beginningOf(kind.name, field, model)] as const);
  return { kind: kind.name, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) } as Entry;
}

/** Whether a field may hold a value. */
export function fits({ type, range, choices }: KindField, value: unknown): value is number | string | boolean {
  if (type === "flag") return typeof value === "boolean";
  if (type === "choice") return typeof value === "string" && (choices ?? []).includes(value);
  if (typeof value !== "number") return false;
  return isWithin(value, range) && (type !== "integer" || (Number.isInteger(value) && value > 0));
}

/** Sliders of the fields that are currents. */
export function currentBounds(kind: Kind, model: ModelRecord, entry: Entry): Record<string, Bounds> {
  const scale = scaleOf(model);
  const bounds = (field: KindField): Bounds => {
    const value = Number(entry[field.name] ?? 0);
    if (field.name === "fraction") return boundsOf(0, Math.max(3, value));
    const low = field.range === undefined ? -scale : 0;
    return boundsOf(Math.min(low, value), Math.max(3 * scale, value));
  };
  const shown = kind.fields.filter((field) => field.name === "fraction" || isCurrent(field, model));
  return Object.fromEntries(shown.map((field) => [field.name, bounds(field)]));
}

const object = (given: unknown): Readonly<Record<string, unknown>> =>
  typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};

const own = (given: unknown, key: string): unknown =>
  Object.hasOwn(object(given), key) ? object(given)[key] : undefined;

const numberOf = (given: unknown, key: string, otherwise: number, low: number, high: number): number => {
  const value = own(given, key);
  return typeof value === "number" && value >= low && value <= high ? value : otherwise;
};

function entryFrom(given: unknown, model: ModelRecord): Entry | undefined {
  const kind = backgroundKinds(model).find(({ name }) => name === own(given, "kind"));
  if (kind === undefined) return undefined;
  const first = newEntry(kind, model);
  const values = kind.fields.flatMap((field) => {
    const value = own(given, field.name);
    if (fits(field, value)) return [[field.name, value] as const];
    return field.required ? [[field.name, first[field.name]] as const] : [];
  });
  return { kind: kind.name, ...Object.fromEntries(values) } as Entry;
}

/** The parameters of a preset, or of none. */
export function paramsOf(model: ModelRecord, preset: string): Record<string, number> {
  const usual = Object.entries(model.params).map(([name, { default: value }]) => [name, value] as const);
  const chosen = Object.hasOwn(model.presets, preset) ? model.presets[preset]?.params : {};
  return { ...Object.fromEntries(usual), ...chosen };
}

/** What shows what a preset is named for: the current that its text says, or what is known here. */
function shownBy(model: ModelRecord, preset: string): Shown {
  const shown = SHOWN[model.id]?.[preset];
  if (shown) return shown;
  const told = /\bI = (-?[\d.]+)/.exec(model.presets[preset]?.text ?? "")?.[1];
  return { background: [{ kind: "constant", amplitude: told === undefined ? scaleOf(model) : Number(told) }] };
}

/** A model as it is first seen. */
export function beginning(id: string, preset = ""): NeuronSettings {
  const model = models[id] as ModelRecord;
  const { dt = 0.1, duration = 500 } = model.example ?? {};
  const known = Object.hasOwn(model.presets, preset) ? preset : "";
  const { background, init = {} } = shownBy(model, known);
  return {
    model: id,
    preset: known,
    params: paramsOf(model, known),
    init,
    background,
    dt,
    method: model.methods[0] as string,
    seed: 1,
    span: SPANS.find((span) => span >= duration) ?? 1000,
  };
}

/** What an untrusted object says, as far as it is known and allowed; the rest is as it is first seen. */
export function settingsFrom(given: unknown): NeuronSettings {
  const [id, preset, method] = [own(given, "model"), own(given, "preset"), own(given, "method")];
  const name = typeof id === "string" && Object.hasOwn(models, id) ? id : "lif";
  const first = beginning(name, typeof preset === "string" ? preset : "");
  const model = modelOf(first);
  const params = Object.fromEntries(
    Object.entries(model.params).map(([key, { range }]) => {
      const value = own(own(given, "params"), key);
      return [key, typeof value === "number" && isWithin(value, range) ? value : (first.params[key] as number)];
    }),
  );
  const start = own(given, "init");
  const init = Object.entries(model.states).flatMap(([key, { bounds: [low, high] }]) => {
    const value = own(start, key);
    return typeof value === "number" && value >= low && value <= high ? [[key, value] as const] : [];
  });
  const list = own(given, "background");
  const entries = Array.isArray(list) ? list.slice(0, MOST_CURRENTS) : undefined;
  return {
    ...first,
    params,
    init: typeof start === "object" && start !== null ? Object.fromEntries(init) : first.init,
    background: entries?.flatMap((entry) => entryFrom(entry, model) ?? []) ?? first.background,
    dt: numberOf(given, "dt", first.dt, 0.001, 5),
    method: typeof method === "string" && (model.methods as readonly string[]).includes(method) ? method : first.method,
    seed: Math.floor(numberOf(given, "seed", first.seed, 0, Number.MAX_SAFE_INTEGER)),
    span: numberOf(given, "span", first.span, 10, 10_000),
  };
}

/** What a link keeps: the parameters that are not those of the preset. */
export function settingsState(settings: NeuronSettings): Record<string, unknown> {
  const usual = paramsOf(modelOf(settings), settings.preset);
  const params = Object.entries(settings.params).filter(([name, value]) => usual[name] !== value);
  return { ...settings, params: Object.fromEntries(params) };
}

export const canAddCurrent = ({ background }: NeuronSettings): boolean => background.length < MOST_CURRENTS;

/** The currents of a neuron; never none, so that the current can be watched. */
export function backgroundOf({ background }: NeuronSettings): readonly Entry[] {
  return background.length > 0 ? background : [{ kind: "constant", amplitude: 0 }];
}

const isNoise = ({ kind }: Entry): boolean => kind === "whiteNoise" || kind === "ornsteinUhlenbeck";

/** Whether chance plays a part. */
export function isNoisy({ background }: NeuronSettings): boolean {
  return background.some(isNoise);
}

function documentWith(settings: NeuronSettings, population: object, dt = settings.dt): object {
  const { model, params, method, seed, init } = settings;
  return {
    name: "neuron",
    dt,
    seed,
    duration: 1000,
    populations: [{ name: "neuron", model, size: 1, method, params, init, ...population }],
    record: [{ population: "neuron", variables: ["spikes"] }],
  };
}

/** The model file of the neuron. */
export function neuronDocument(settings: NeuronSettings, dt = settings.dt): object {
  return documentWith(settings, { background: backgroundOf(settings) }, dt);
}

/** The noise of the neuron, around another current. */
const noiseOf = (settings: NeuronSettings): object[] =>
  settings.background.filter(isNoise).map(({ mean: _, ...entry }) => entry);

/** The neuron many times, each with another constant current in place of its own; noise stays, around it. */
export function sweepDocument(settings: NeuronSettings, currents: readonly number[]): object {
  const constant = { kind: "constant", amplitude: currents };
  return documentWith(settings, { size: currents.length, background: [constant, ...noiseOf(settings)] });
}

/**
 * The neuron twice for each current: once brought up to it from the first of them, and, behind all of these, once
 * brought down to it from the last.
 *
 * @param hold ms that the first and the last current stay
 * @param ramp ms that the ways take
 */
export function twoWayDocument(
  settings: NeuronSettings,
  currents: readonly number[],
  hold: number,
  ramp: number,
): object {
  const from = [...currents.map(() => currents[0]), ...currents.map(() => currents.at(-1))];
  const input = { kind: "ramp", start: hold, end: hold + ramp, from, to: [...currents, ...currents] };
  return documentWith(settings, { size: 2 * currents.length, background: [input, ...noiseOf(settings)] });
}

/** The neuron from a point of its phase plane on, with a constant current. */
export function orbitDocument(
  settings: NeuronSettings,
  init: Readonly<Record<string, number>>,
  current: number,
): object {
  return documentWith({ ...settings, init }, { background: [{ kind: "constant", amplitude: current }] });
}

/** ms between two samples: a multiple of dt, so that what is shown has not more of them than a screen. */
export function every({ dt, span }: Pick<NeuronSettings, "dt" | "span">): number {
  return Number((dt * Math.max(1, Math.ceil(span / SAMPLES / dt - 1e-9))).toPrecision(12));
}

/** States beside the first. */
export function otherStates(model: ModelRecord): string[] {
  return Object.keys(model.states).slice(1);
}

/** A quantity and its unit for people: `v (mV)`. */
export function labelled(name: string, unit: string): string {
  return unit === "" ? name : `${name} (${unit})`;
}

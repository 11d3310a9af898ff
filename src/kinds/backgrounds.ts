/** Background currents: what acts on neurons from outside of the network. */
import { MAX_LENGTH } from "../lang/limits.js";
import {
  checkKeys,
  field as own,
  keyPath,
  outOfRange,
  readInteger,
  readList,
  readName,
  readNeurons,
  readNumbers,
  readObject,
  requiredField,
  wrongType,
} from "../model/check.js";
import { ConnectionError, LengthError, MissingKeyError, quantityText, ValueRangeError } from "../model/errors.js";
import { type ParseOptions, tableFile } from "../model/files.js";
import { checkCurrent } from "../model/own.js";
import type { ModelRecord } from "../model/record.js";
import {
  type At,
  type Context,
  type Fields,
  type Flat,
  inUnit,
  type InputOf,
  integer,
  name,
  type Options,
  points,
  quantity,
  rate,
  readFields,
  special,
  type SpecOf,
  text,
  value,
  writeFields,
} from "./field.js";
import { isConductance, type ReceptorSpec, weightUnit } from "./receptors.js";
import { isPoints, type Quantity, rowsPerStep, type Value } from "./value.js";

/** Most numbers of a sampled current. */
export const MAX_SAMPLES = 1e8;

interface BackgroundContext extends Context {
  readonly model: ModelRecord;
  readonly options: ParseOptions;
}

/** One number for all neurons, or one each. */
type Numbers = number | Float64Array;

/** What lowering an entry to numbers may make use of. */
export interface Lowering {
  /** ms */
  readonly dt: number;
  /** The numbers of one of its values; `field` names the random stream. */
  draw(value: Value, field: string): Numbers;
  /** A function of numbers, neuron by neuron. */
  each(f: (...x: number[]) => number, ...args: readonly Numbers[]): Numbers;
  /** The core's functions. */
  exp(x: number): number;
  expm1(x: number): number;
  /** What the intensity of white noise is multiplied with, and the rheobases. */
  noiseFactor(): Numbers;
  rheobases(): Numbers;
}

/**
 * An entry as the core evaluates it: I(t) = a s(t) + b, or noise with deviation a and mean b; s has a shape and a
 * table.
 */
export interface Lowered {
  readonly a: Numbers;
  readonly b: Numbers;
  readonly shape?: readonly number[];
  readonly table?: ArrayLike<number>;
  readonly rows?: number;
}

/** What the mean of an entry at a time may depend on. */
export interface Moment {
  /** ms */
  readonly t: number;
  /** The number of a value for the neuron; NaN where it was drawn. */
  at(value: Value): number;
  readonly rheobase: number;
  /** The current of its text. */
  written(): number;
}

export interface BackgroundRecord<F extends Fields = Fields, C extends string = string> {
  /** What it is, a sentence. */
  readonly text: string;
  readonly source?: string;
  readonly fields: F;
  /** The field that the function of the API takes alone. */
  readonly argument?: string;
  /** What a JSON Schema says of its fields together. */
  readonly schema?: object;
  /** A random number of each neuron in each step: anew, or as a process that goes on in the core. */
  readonly noise?: "white" | "process";
  /** Spikes onto a receptor, no current. */
  readonly events?: true;
  /** Its field with an expression, which is compiled. */
  readonly expression?: string;
  /** In parts of the rheobase: what is drawn is a constant current. */
  readonly rheobase?: true;
  /** Its name in the core, and its numbers there. */
  readonly core: C;
  lower(spec: SpecOf<F>, c: Lowering): Lowered;
  /** The mean of its current at a time; the host's functions, for checks only. */
  mean(spec: SpecOf<F>, moment: Moment): number;
  /** Whether the mean is constant but for jumps at `edges`. */
  stepped?(spec: SpecOf<F>): boolean;
  /** At most so many times (ms) at which its mean jumps. */
  edges?(spec: SpecOf<F>, most: number): readonly number[];
  /** Times (ms) that should be on the grid, and the span in which it acts, where that is not its scope. */
  times?(spec: SpecOf<F>, isOnGrid: (ms: number) => boolean): readonly (readonly [name: string, ms: number])[];
  span?(spec: SpecOf<F>, isOnGrid: (ms: number) => boolean): readonly [from: number, to: number] | undefined;
}

function background<const F extends Fields, const C extends string>(
  record: BackgroundRecord<F, C>,
): BackgroundRecord<F, C> {
  return record;
}

/** Its function in the API takes one of its fields alone, and the scope. */
function takes<const A extends string, R extends object>(argument: A, record: R): R & { readonly argument: A } {
  return { ...record, argument };
}

/** A current per neuron. */
function current<const O extends Partial<Options<Value, Context>>>(text: string, more: O) {
  return value("current", { text, meaning: (unit: string) => `the current${inUnit(unit)}`, ...more });
}

/** A current per neuron, 0 when left out. */
function mean<const T extends string>(text: T) {
  return value("current", { text, default: 0 });
}

/** A current in a unit as a text: `5*pA*sin(...)`. */
function example(unit: string): string {
  return `"5*${unit === "" ? "" : `${unit}*`}sin(2*pi*8*Hz*t)"`;
}

/** Checks the receptor that events go to, and gives its name. */
function readReceptor(given: unknown, { entry, path, context: { options } }: At<BackgroundContext>): string {
  const names = Object.keys(options.receptors ?? {});
  if (names.length === 0) {
    throw new ConnectionError(
      `${entry}: the kind poisson acts on a receptor, and the population has none; give it one, such as "receptors": { "exc": { "kernel": "exponential", "tau": 5 } }.`,
      { path: entry },
    );
  }
  if (given === undefined && names.length > 1) {
    throw new MissingKeyError(
      `${entry}: the key "receptor" is missing; the population has ${names.length} receptors: ${names.join(", ")}.`,
      {
        path,
        allowed: names,
      },
    );
  }
  return readName(given === undefined ? names[0] : given, path, "receptor", names);
}

/** Values that are held for a time each: an array, or a column of a file. */
function readSamples({ object, entry, context, get }: At<BackgroundContext>): Float64Array {
  const file = own(object, "file");
  if (file !== undefined && own(object, "values") !== undefined) {
    throw new ValueRangeError(`${entry}: both "values" and "file"; it must be one of them.`, {
      path: entry,
      allowed: "values or file",
    });
  }
  const place = keyPath(entry, file === undefined ? "values" : "file");
  const column = get("column") as string | number | undefined;
  let list: unknown;
  if (file === undefined) list = requiredField(object, "values", entry, 'an array of currents, or "file" with them');
  else {
    const table = tableFile(file, place, context.options);
    list = table.files.numbers(table.file, column);
  }
  const length = readList(list, place).length;
  if (length === 0 || length > MAX_SAMPLES) {
    const allowed = `1 to ${MAX_SAMPLES}`;
    throw new LengthError(`${place}: ${length} numbers; it must have ${allowed}.`, {
      path: place,
      value: length,
      allowed,
    });
  }
  return readNumbers(list, place, context.model.current, undefined);
}

/** Which column of a file: its name, or its place from 0 where columns have no names. */
function readColumn(given: unknown, { path, object }: At<BackgroundContext>): string | number {
  if (own(object, "file") === undefined) {
    throw new ValueRangeError(`${path}: "column" says which column of a "file" is read, and there is none.`, {
      path,
      value: given,
    });
  }
  if (typeof given === "number") return readInteger(given, path, 0, 10_000);
  return typeof given === "string"
    ? given
    : wrongType(given, path, "the name of a column, or its place, counted from 0");
}

export const backgrounds = {
  /** The same current all the time. */
  constant: takes(
    "amplitude",
    background({
      text: "A constant current",
      fields: { amplitude: current("Current", {}) },
      core: "constant",
      lower: ({ amplitude }, { draw }) => ({ a: draw(amplitude, "amplitude"), b: 0 }),
      mean: ({ amplitude }, { at }) => at(amplitude),
    }),
  ),
  /**
   * Rows [time in ms, amplitude, slope per ms]: amplitude + slope (t - time) until the next row, 0 before the first.
   */
  piecewise: takes(
    "points",
    background({
      text: "Rows [time, amplitude, slope per ms]: each holds until the next",
      fields: { points: points("current", { text: "", meaning: "rows [time, amplitude, slope]", row: "amplitude" }) },
      core: "piecewise",
      lower: ({ points: rows }) => ({ a: 1, b: 0, table: rows.flat(), rows: rows.length }),
      mean({ points: rows }, { t }) {
        let [time, amplitude, slope] = [0, 0, 0];
        for (const row of rows) if (row[0] <= t) [time, amplitude, slope] = row;
        return amplitude + slope * (t - time);
      },
      stepped: ({ points: rows }) => rows.every(([, , slope]) => slope === 0),
      edges: ({ points: rows }, most) => rows.slice(0, most).map(([t]) => t),
    }),
  ),
  /** Rectangular pulses of `width` ms from `start` on, one per `period`, `count` times. */
  pulses: background({
    text: "Rectangular pulses",
    fields: {
      amplitude: current("Current during a pulse", { after: ["width", "period"] }),
      start: quantity("ms", { text: "Start of the first pulse", default: 0, range: ">= 0" }),
      width: quantity("ms", { text: "Length of a pulse", meaning: "the length of a pulse in ms", range: "> 0" }),
      period: quantity("ms", {
        text: "From one pulse to the next",
        range: "> 0",
        otherwise: ({ get }) => get("width") as number,
        check(period, { path, get }) {
          const width = get("width") as number;
          if (period < width) outOfRange(period, "ms", path, `>= width = ${quantityText(width, "ms")}`);
        },
      }),
      // without a period there is one pulse; with one they go on unless they are counted
      count: integer(1, () => Number.MAX_SAFE_INTEGER, {
        text: "Number of pulses; without it one, or with a period no end",
        otherwise: ({ object }) => (own(object, "period") === undefined ? 1 : Number.POSITIVE_INFINITY),
        read(given, { path, object, entry }) {
          const count =
            given === Number.POSITIVE_INFINITY ? given : readInteger(given, path, 1, Number.MAX_SAFE_INTEGER);
          if (count > 1) requiredField(object, "period", entry, "the time in ms from one pulse to the next");
          return count;
        },
      }),
    },
    schema: { anyOf: [{ required: ["period"] }, { properties: { count: { const: 1 } } }] },
    core: "pulses",
    lower: ({ amplitude, start, width, period, count }, { draw }) => ({
      a: draw(amplitude, "amplitude"),
      b: 0,
      shape: [start, width, period, count],
    }),
    mean({ amplitude, start, width, period, count }, { t, at }) {
      const since = t - start;
      const n = period > 0 ? Math.floor(since / period) : 0;
      return since >= 0 && n < count && since - n * period < width ? at(amplitude) : 0;
    },
    edges({ start, width, period, count }, most) {
      const edges: number[] = [];
      for (let n = 0; n < Math.min(count, most / 2); n++) edges.push(start + n * period, start + n * period + width);
      return edges;
    },
    times: ({ start, width, period, count }) => [
      ["start", start],
      ["width", width],
      ...(count > 1 ? [["period", period] as const] : []),
    ],
    span: ({ start, width, period, count }, isOnGrid) =>
      count === 1 || isOnGrid(period) ? [start, start + width] : undefined,
  }),
  /** From one amplitude to another between the times `start` and `end`. */
  ramp: background({
    text: "From one current to another between two times; constant before and after",
    fields: {
      start: quantity("ms", { text: "Start", default: 0, range: ">= 0" }),
      end: quantity("ms", {
        text: "End",
        meaning: "the end of the ramp in ms",
        bound: "> 0",
        check(end, { path, get }) {
          const start = get("start") as number;
          if (!(end > start)) outOfRange(end, "ms", path, `> start = ${quantityText(start, "ms")}`);
        },
      }),
      from: current("Current at the start", {}),
      to: current("Current at the end", {}),
    },
    core: "ramp",
    lower({ start, end, from: first, to }, { draw, each }) {
      const from = draw(first, "from");
      return { a: each((x, y) => (y as number) - (x as number), from, draw(to, "to")), b: from, shape: [start, end] };
    },
    mean({ start, end, from, to }, { t, at }) {
      const part = Math.min(1, Math.max(0, (t - start) / (end - start)));
      return at(from) + part * (at(to) - at(from));
    },
    stepped: () => false,
    edges: ({ start, end }) => [start, end],
  }),
  /** offset + amplitude sin(2 pi frequency t + phase), frequency in Hz, phase in rad. */
  sine: background({
    text: "offset + amplitude sin(2 pi frequency t + phase)",
    fields: {
      amplitude: current("Amplitude", {}),
      frequency: quantity("Hz", { text: "Frequency", meaning: "the frequency in Hz", range: ">= 0" }),
      phase: quantity("rad", { text: "Phase", default: 0 }),
      offset: mean("Mean"),
    },
    core: "sine",
    // Frequency per ms and phase in turns: the core reduces turns exactly.
    lower: ({ amplitude, frequency, phase, offset }, { draw }) => ({
      a: draw(amplitude, "amplitude"),
      b: draw(offset, "offset"),
      shape: [frequency / 1000, phase / (2 * Math.PI)],
    }),
    mean: ({ amplitude, frequency, phase, offset }, { t, at }) =>
      at(offset) + at(amplitude) * Math.sin((2 * Math.PI * frequency * t) / 1000 + phase),
    stepped: () => false,
  }),
  /** An expression of the time t, the neuron's index i and N neurons, with units: "5*pA*sin(2*pi*8*Hz*t)*(i < 100)". */
  expression: takes(
    "I",
    background({
      text: "A current as a text over t, i and N, in the language of equations",
      fields: {
        /** A text in the language of equations over t, i and N, in the unit of the current; see docs/equations.md. */
        I: text({
          unit: "current",
          longest: MAX_LENGTH,
          text: (unit: string) => `The current, such as "${unit === "" ? "" : `5*${unit}*`}sin(2*pi*8*Hz*t)"`,
          meaning: (unit: string) => `the current${inUnit(unit)}, a text such as ${example(unit)}`,
          check(I, { path, context }: At<BackgroundContext>) {
            checkCurrent(context.model, I, path);
          },
        }),
      },
      expression: "I",
      core: "expression",
      lower: () => ({ a: 1, b: 0 }),
      mean: (_, { written }) => written(),
      stepped: () => false,
    }),
  ),
  /** Gaussian white noise; sigma in the current's unit times sqrt(ms). For lif std(v) = (sigma/C_m) sqrt(tau_m/2). */
  whiteNoise: background({
    text: "Gaussian white noise, independent per neuron",
    fields: {
      sigma: value("noise", {
        text: (unit: string) => `Intensity in ${unit}`,
        meaning: (unit: string) => `the intensity in ${unit}`,
        range: ">= 0",
      }),
      mean: mean("Mean"),
    },
    noise: "white",
    core: "whiteNoise",
    lower: ({ sigma, mean: b }, { draw, each, noiseFactor }) => ({
      a: each((s, f) => (s as number) * (f as number), draw(sigma, "sigma"), noiseFactor()),
      b: draw(b, "mean"),
    }),
    mean: (spec, { at }) => at(spec.mean),
  }),
  /** Ornstein-Uhlenbeck process with stationary mean and standard deviation and correlation time tau in ms. */
  ornsteinUhlenbeck: background({
    text: "Gaussian noise with a correlation time, independent per neuron",
    fields: {
      mean: mean("Mean"),
      sigma: value("current", {
        text: "Stationary standard deviation",
        meaning: "the stationary standard deviation",
        range: ">= 0",
      }),
      tau: quantity("ms", { text: "Correlation time", meaning: "the correlation time in ms", range: "> 0" }),
    },
    noise: "process",
    core: "ornsteinUhlenbeck",
    lower({ sigma, mean: b, tau }, { draw, dt, exp, expm1 }) {
      const kick = Math.sqrt(-expm1((-2 * dt) / tau));
      return { a: draw(sigma, "sigma"), b: draw(b, "mean"), shape: [exp(-dt / tau), kick] };
    },
    mean: (spec, { at }) => at(spec.mean),
  }),
  /**
   * Events of independent Poisson processes onto a receptor, `rate` Hz per neuron, each with this weight, without
   * delay.
   */
  poisson: background({
    text: "Independent Poisson spike trains onto a receptor, without delay",
    fields: {
      rate: rate({ text: "Rate of the events of each neuron", meaning: "the rate in Hz", after: ["receptor"] }),
      weight: value("weight", {
        text: "Weight of an event",
        meaning: (unit: string) => `the weight of an event${inUnit(unit)}`,
        range: "weight",
      }),
      receptor: name({
        text: "Receptor; may be left out where the population has exactly one",
        otherwise: (at: At<BackgroundContext>) => readReceptor(undefined, at),
        read: readReceptor,
      }),
    },
    events: true,
    core: "poisson",
    lower({ rate: hz, weight: drawn }, { draw, each, dt }) {
      const weight = draw(drawn, "weight");
      if (!isPoints(hz)) return { a: each((x) => ((x as number) * dt) / 1000, draw(hz, "rate")), b: weight };
      return { a: 1, b: weight, table: rowsPerStep(hz, dt), rows: hz.length };
    },
    mean: () => 0,
  }),
  /** Given values, `dt` ms apart, each held until the next, the last one for ever. */
  samples: background({
    text: "Given values, each held for dt; the last one holds on",
    fields: {
      dt: quantity("ms", {
        text: "Time from one value to the next",
        meaning: "the time in ms from one value to the next",
        range: "> 0",
      }),
      values: special<Float64Array, readonly Quantity[] | Float64Array>()(
        "list",
        { text: "The values", always: true, read: (_, at) => readSamples(at) },
        "current",
      ),
      file: text({ text: "A CSV file with a column of values", file: true }),
      column: special<string | number, never>()("column", {
        text: "file: the column to read, by its name in the first line or by its place, counted from 0; may be left out where there is one",
        file: true,
        read: readColumn,
      }),
    },
    schema: { oneOf: [{ required: ["values"] }, { required: ["file"] }], dependentRequired: { column: ["file"] } },
    core: "samples",
    lower: ({ dt, values }) => ({ a: 1, b: 0, shape: [dt], table: values, rows: values.length }),
    mean: ({ dt, values }, { t }) => values[Math.min(values.length - 1, Math.floor(t / dt))] as number,
    stepped: () => false,
    times: ({ dt }) => [["dt", dt]],
  }),
  /** A constant current of this multiple of the model's rheobase: 0.95 is close below the boundary of firing. */
  rheobase: takes(
    "fraction",
    background({
      text: "A constant current: a multiple of the least that makes the neuron fire",
      fields: { fraction: value("", { text: "The multiple", meaning: "the multiple of the rheobase" }) },
      rheobase: true,
      core: "constant",
      lower: ({ fraction }, { draw, each, rheobases }) => ({
        a: each((f, r) => (f as number) * (r as number), draw(fraction, "fraction"), rheobases()),
        b: 0,
      }),
      mean: ({ fraction }, { at, rheobase }) => at(fraction) * rheobase,
    }),
  ),
} as const;

type Records = typeof backgrounds;
export type BackgroundName = keyof Records;

/** What a background entry is, beside where and when it acts. */
export type BackgroundKind = {
  [K in BackgroundName]: Flat<{ readonly kind: K } & SpecOf<Records[K]["fields"]>>;
}[BackgroundName];

/** What every background entry may say beside its kind: which neurons it acts on (all), from when to when (always). */
export interface BackgroundScope {
  readonly neurons?: Uint32Array;
  /**
   * ms; the entry acts in steps whose middle lies in [start, stop). pulses and ramp have a `start` of their own
   * meaning.
   */
  readonly start?: number;
  readonly stop?: number;
}

export type BackgroundSpec = BackgroundKind & { readonly scope?: BackgroundScope };

/** Fields of the scope. */
export const scopeFields = {
  /** Indices of neurons. Values that are arrays still have one element per neuron of the population. */
  neurons: special<Uint32Array, readonly number[] | Uint32Array>()("neurons", {
    text: "Neurons that it acts on, counted from 0; all when left out",
    optional: true,
    after: ["start", "stop"],
    read: (given, { path, context: { size } }) =>
      readNeurons(given, path, (neuron, place) => readInteger(neuron, place, 0, size - 1)),
  }),
  /** ms */
  start: quantity("ms", { text: "When it begins to act; 0 when left out", optional: true, range: ">= 0" }),
  /** ms */
  stop: quantity("ms", {
    text: "When it ends to act; never when left out",
    optional: true,
    bound: "> 0",
    check(stop, { path, get }) {
      const start = get("start") as number | undefined;
      if (!(stop > (start ?? 0)))
        outOfRange(stop, "ms", path, `> ${start === undefined ? "" : "start = "}${quantityText(start ?? 0, "ms")}`);
    },
  }),
} as const;

/** The scope that a call may give: without `start` for kinds that have one of their own. */
export type Scope = InputOf<typeof scopeFields>;
type ScopeOf<K extends BackgroundName> = "start" extends keyof Records[K]["fields"] ? Omit<Scope, "start"> : Scope;

/** What `background.NAME` makes, or the same object written out as in a model file. */
export type BackgroundInput = {
  [K in BackgroundName]: Flat<{ readonly kind: K } & InputOf<Records[K]["fields"]> & ScopeOf<K>>;
}[BackgroundName];

/** The record of an entry's kind. */
export function backgroundOf({
  kind,
}: {
  readonly kind: BackgroundName;
}): BackgroundRecord<Fields, Records[BackgroundName]["core"]> {
  return backgrounds[kind] as BackgroundRecord<Fields, Records[BackgroundName]["core"]>;
}

/** The expression of an entry that has one. */
export function textOf(entry: BackgroundKind): string {
  return (entry as unknown as Readonly<Record<string, string>>)[backgroundOf(entry).expression ?? ""] ?? "";
}

/** Unit of the intensity of white noise: current times the root of time. */
export function noiseUnit(model: ModelRecord): string {
  return model.current === "" ? "sqrt(ms)" : `${model.current}*sqrt(ms)`;
}

const scopes = new Map<BackgroundRecord, Fields>();

/** The fields of the scope of a kind. */
export function scopeOf(record: BackgroundRecord): Fields {
  const known = scopes.get(record);
  if (known) return known;
  const scope = Object.fromEntries(Object.entries(scopeFields).filter(([key]) => !Object.hasOwn(record.fields, key)));
  scopes.set(record, scope);
  return scope;
}

/**
 * Reads a background current.
 *
 * @param model the model of the population that receives it
 * @param size number of neurons of the population
 * @param options `receptors` are those that the kind poisson may name
 */
export function parseBackground(
  input: unknown,
  path: string,
  model: ModelRecord,
  size: number,
  options: ParseOptions = {},
): BackgroundSpec {
  const object = readObject(input, path, 'an object such as { "kind": "constant", "amplitude": 100 }');
  const names = Object.keys(backgrounds) as BackgroundName[];
  const kind = readName(
    requiredField(object, "kind", path, `one of ${names.join(", ")}`),
    keyPath(path, "kind"),
    "background kind",
    names,
  );
  const record = backgroundOf({ kind });
  const scopeKeys = scopeOf(record);
  checkKeys(object, path, ["kind", ...Object.keys(record.fields), ...Object.keys(scopeKeys)], `key of ${kind}`);
  const receptorOf = (at: At<BackgroundContext>): ReceptorSpec =>
    (options.receptors ?? {})[at.get("receptor") as string] as ReceptorSpec;
  const context: BackgroundContext = {
    model,
    options,
    size,
    dt: options.dt,
    units: {
      current: () => model.current,
      noise: () => noiseUnit(model),
      weight: (at) => weightUnit(model, receptorOf(at)),
    },
    weights: (at) => (isConductance(receptorOf(at)) ? ">= 0" : undefined),
  };
  const entry = { kind, ...readFields(record.fields, object, path, context) };
  const scope = readFields(scopeKeys, object, path, context);
  return (Object.keys(scope).length === 0 ? entry : { ...entry, scope }) as unknown as BackgroundSpec;
}

/** A background entry as model files have it. */
export function writeBackground({ scope = {}, ...spec }: BackgroundSpec): Record<string, unknown> {
  const { fields } = backgroundOf(spec as BackgroundKind);
  // a file stands for what was read from it
  const inFile = Object.hasOwn(spec, "file")
    ? Object.fromEntries(Object.entries(fields).filter(([, { type }]) => type !== "list"))
    : fields;
  return { kind: spec.kind, ...writeFields(inFile, spec), ...writeFields(scopeFields, scope) };
}

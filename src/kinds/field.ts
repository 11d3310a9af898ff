/**
 * The fields of kinds. A field says what it holds, in which unit, what it may be, and what it is when it is left out;
 * reading, writing, the types of specs and of calls, the JSON Schema and the tables of the documentation follow from
 * it.
 */
import {
  field as own,
  type Fields as Given,
  keyPath,
  type Range,
  readBoolean,
  readInteger,
  readList,
  readName,
  readNumber,
  requiredField,
  wrongType,
} from "../model/check.js";
import { parseRate, readPoints } from "../model/points.js";
import {
  type Points,
  type Quantity,
  type RateInput,
  readValue,
  type Value,
  type ValueInput,
  writeValue,
} from "./value.js";

/** Units that depend on the network: of the model's current, of white noise, of v, of the weights of a receptor. */
export type GivenUnit = "current" | "noise" | "membrane" | "weight";
export type Unit = "" | "ms" | "Hz" | "rad" | GivenUnit;

/** What reading an entry needs to know of the network around it. */
export interface Context {
  /** Texts of units that depend on the network. */
  readonly units: Readonly<Partial<Record<GivenUnit, (at: At<never>) => string>>>;
  /** What a weight may be, as far as that depends on the receptor. */
  readonly weights?: (at: At<never>) => Range | undefined;
  /** Number of neurons. */
  readonly size: number;
  /** ms, where it is known. */
  readonly dt?: number | undefined;
}

/** An entry that is read, at one of its fields. */
export interface At<C> {
  /** Place of the field. */
  readonly path: string;
  /** The entry, and its place. */
  readonly object: Given;
  readonly entry: string;
  readonly context: C;
  /** Another field, which is read before this one then. */
  get(key: string): unknown;
}

/** Whether a field must be given, has a default, may be missing, or is for model files alone. */
export type Presence = "required" | "default" | "optional" | "file";

/** What a field says beside what it holds. */
export interface Options<T, C> {
  /**
   * What it is, as a sentence without its end; with its end it is taken as it is. A function of its unit where that is
   * named.
   */
  readonly text: string | ((unit: string) => string);
  /** Required fields: what the message calls for when it is missing. */
  readonly meaning?: string | ((unit: string) => string);
  /** Its value when it is left out. */
  readonly default?: T;
  /** The same where that is no constant, or left to the entry's other fields. */
  otherwise?(at: At<C>): T | undefined;
  /** It may be left out, and then there is none. */
  readonly optional?: true;
  /** For model files, not for calls. */
  readonly file?: true;
  /** It is read by `read` even where it is not given: another field may stand for it. */
  readonly always?: true;
  /** Fields that are read before it: their mistakes are told first. */
  readonly after?: readonly string[];
  /** Refuses what does not go together with fields before it. */
  check?(value: T, at: At<C>): void;
  /** Reads it in a way of its own. */
  read?(value: unknown, at: At<C>): T | undefined;
  /** It is fixed once its population or projection is made. */
  readonly fixed?: true;
  /** Models with equations only. */
  readonly ownModels?: true;
}

export interface NumberOptions<T, C> extends Options<T, C> {
  /** What it may be; `weight`: what the weights of the receptor may be. */
  readonly range?: Range | "weight";
  /** What it can be, as follows from `check`: for the schema. */
  readonly bound?: "> 0";
}

/** What a field holds, by the name of its type. */
type Holds<T, C> =
  | (NumberOptions<T, C> & { readonly type: "number" | "value" | "list"; readonly unit: Unit })
  | (Options<T, C> & { readonly type: "points"; readonly unit: Unit; readonly row: string })
  | (Options<T, C> & { readonly type: "integer"; readonly least: number; most(context: C): number })
  | (Options<T, C> & { readonly type: "choice"; readonly what: string; readonly known: readonly (T & string)[] })
  | (Options<T, C> & { readonly type: "text"; readonly longest?: number; readonly unit?: Unit })
  | (Options<T, C> & { readonly type: "rate" | "flag" | "name" | "column" | "neurons" | "pairs" });

/** T: in a spec, I: in a call. */
export type Field<T = unknown, I = unknown, P extends Presence = Presence, C = Context> = Holds<T, C> & {
  /** Never there: the types of the field, for the compiler. */
  readonly types?: { readonly spec: T; readonly input: I; readonly presence: P };
};

type PresenceOf<O> = O extends { readonly file: true }
  ? "file"
  : O extends { readonly optional: true }
    ? "optional"
    : O extends { readonly default: unknown } | { otherwise: unknown }
      ? "default"
      : "required";

/** A number without a unit. */
export function number<const O extends NumberOptions<number, Context>>(
  options: O,
): Field<number, number, PresenceOf<O>> {
  return { type: "number", unit: "", ...(options as NumberOptions<number, Context>) };
}

/** A number in a unit, or a text with a unit. */
export function quantity<const O extends NumberOptions<number, Context>>(
  unit: Unit,
  options: O,
): Field<number, Quantity, PresenceOf<O>> {
  return { type: "number", unit, ...(options as NumberOptions<number, Context>) };
}

/** One value per neuron: for all, each, or drawn. */
export function value<const O extends NumberOptions<Value, Context>>(
  unit: Unit,
  options: O,
): Field<Value, ValueInput, PresenceOf<O>> {
  return { type: "value", unit, ...(options as NumberOptions<Value, Context>) };
}

/** Rows of a quantity in time. */
export function points<const O extends Options<Points, Context> & { readonly row: string }>(
  unit: Unit,
  options: O,
): Field<Points, readonly (readonly Quantity[])[], PresenceOf<O>> {
  return { type: "points", unit, ...(options as Options<Points, Context> & { readonly row: string }) };
}

/** A rate in Hz: a value, or rows in time. */
export function rate<const O extends Options<Value | Points, Context>>(
  options: O,
): Field<Value | Points, RateInput, PresenceOf<O>> {
  return { type: "rate", ...(options as Options<Value | Points, Context>) };
}

/** A whole number. */
export function integer<C extends Context, const O extends Options<number, C>>(
  least: number,
  most: (context: C) => number,
  options: O,
): Field<number, number, PresenceOf<O>, C> {
  return { type: "integer", least, most, ...(options as Options<number, C>) };
}

/** One of some words; `what` they are, for messages. */
export function choice<const N extends string, const O extends Options<N, Context>>(
  what: string,
  known: readonly N[],
  options: O,
): Field<N, N, PresenceOf<O>> {
  return { type: "choice", what, known, ...(options as Options<N, Context>) };
}

/** True or false. */
export function flag<C extends Context, const O extends Options<boolean, C>>(
  options: O,
): Field<boolean, boolean, PresenceOf<O>, C> {
  return { type: "flag", ...(options as Options<boolean, C>) };
}

/** A text, read in its own way. */
export function text<
  C extends Context,
  const O extends Options<string, C> & { readonly longest?: number; readonly unit?: Unit },
>(options: O): Field<string, string, PresenceOf<O>, C> {
  return { type: "text", ...(options as Options<string, C>) };
}

/** The name of something else, read in its own way. */
export function name<C extends Context, const O extends Options<string, C>>(
  options: O,
): Field<string, string, PresenceOf<O>, C> {
  return { type: "name", ...(options as Options<string, C>) };
}

/** What is read in its own way, and has a type of its own in specs and calls. */
export function special<T, I>() {
  return <C extends Context, const O extends Options<T, C>>(
    type: "list" | "column" | "neurons" | "pairs",
    options: O,
    unit: Unit = "",
  ): Field<T, I, PresenceOf<O>, C> => ({ type, unit, ...(options as Options<T, C>) }) as Field<T, I, PresenceOf<O>, C>;
}

/** Fields of a kind by their names, in the order in which they are read and written. */
// What a field needs to know differs between sorts of kinds; each is read with what its sort gives.
export type Fields = Readonly<Record<string, Field<unknown, unknown, Presence, never>>>;

type TypesOf<F> = F extends { readonly types?: infer T } ? NonNullable<T> : never;
type PresenceIn<F> = TypesOf<F> extends { readonly presence: infer P } ? P : never;
type SpecIn<F> = TypesOf<F> extends { readonly spec: infer T } ? T : never;
type InputIn<F> = TypesOf<F> extends { readonly input: infer I } ? I : never;

/** One object type out of several. */
export type Flat<T> = { [K in keyof T]: T[K] };

/** An entry as checked data. */
export type SpecOf<F> = Flat<
  { readonly [K in keyof F as PresenceIn<F[K]> extends "required" | "default" ? K : never]: SpecIn<F[K]> } & {
    readonly [K in keyof F as PresenceIn<F[K]> extends "optional" | "file" ? K : never]?: SpecIn<F[K]>;
  }
>;

/** An entry as calls take it. */
export type InputOf<F> = Flat<
  { readonly [K in keyof F as PresenceIn<F[K]> extends "required" ? K : never]: InputIn<F[K]> } & {
    readonly [K in keyof F as PresenceIn<F[K]> extends "default" | "optional" ? K : never]?: InputIn<F[K]>;
  }
>;

/** The text of a unit for an entry. */
export function unitText(unit: Unit, at: At<Context>): string {
  const given = (at.context.units as Readonly<Record<string, ((at: At<never>) => string) | undefined>>)[unit];
  return given === undefined ? unit : given(at as At<never>);
}

/** " in pA", or nothing for a pure number. */
export function inUnit(unit: string): string {
  return unit === "" ? "" : ` in ${unit}`;
}

/** Whether a field need not be given. */
export function mayBeLeftOut(field: Field): boolean {
  const { optional, file, always } = field;
  return [optional, file, always].includes(true) || field.default !== undefined || field.otherwise !== undefined;
}

function rangeOf(range: Range | "weight" | undefined, at: At<Context>): Range | undefined {
  return range === "weight" ? at.context.weights?.(at as At<never>) : range;
}

/** A value that is given, by the type of its field. */
function readGiven(field: Field, value: unknown, at: At<Context>): unknown {
  const { path, context } = at;
  if (field.read) return field.read(value, at);
  switch (field.type) {
    case "number":
      return readNumber(value, path, unitText(field.unit, at), rangeOf(field.range, at));
    case "value":
      return readValue(value, path, unitText(field.unit, at), context.size, rangeOf(field.range, at));
    case "points":
      return readPoints(value, path, unitText(field.unit, at), field.row);
    case "rate":
      return parseRate(value, path, context.size, context.dt, false);
    case "integer":
      return readInteger(value, path, field.least, field.most(context));
    case "choice":
      return readName(value, path, field.what, field.known);
    case "flag":
      return readBoolean(value, path);
    case "text":
    case "name":
      return typeof value === "string" ? value : wrongType(value, path, meaningOf(field, at));
    default:
      return readList(value, path);
  }
}

function meaningOf(field: Field, at: At<Context>): string {
  const unit = "unit" in field && field.unit !== undefined ? unitText(field.unit, at) : "";
  if (typeof field.meaning === "function") return field.meaning(unit);
  return field.meaning ?? (field.type === "choice" ? `one of ${field.known.join(", ")}` : "");
}

/**
 * Reads the fields of an entry, whose keys are known to be its own.
 *
 * @param entry place of the entry
 */
export function readFields<C extends Context>(
  fields: Fields,
  object: Given,
  entry: string,
  context: C,
): Record<string, unknown> {
  const found = new Map<string, unknown>();
  const get = (key: string): unknown => {
    if (!Object.hasOwn(fields, key)) return undefined;
    if (!found.has(key)) found.set(key, readField(key));
    return found.get(key);
  };
  const readField = (key: string): unknown => {
    const field = fields[key] as Field;
    for (const other of field.after ?? []) get(other);
    const value = own(object, key);
    const isMissing = value === undefined && field.always !== true;
    if (isMissing && !field.otherwise && !field.check && mayBeLeftOut(field)) return field.default;
    const at: At<C> = {
      // the path is only written where it is needed
      get path() {
        return keyPath(entry, key);
      },
      object,
      entry,
      context,
      get,
    };
    if (isMissing && !mayBeLeftOut(field)) requiredField(object, key, entry, meaningOf(field, at));
    const read = isMissing ? (field.otherwise ? field.otherwise(at) : field.default) : readGiven(field, value, at);
    if (read !== undefined) field.check?.(read, at);
    return read;
  };
  const read: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    const value = get(key);
    if (value !== undefined) read[key] = value;
  }
  return read;
}

/** A field's content as model files have it; undefined where they leave it out. */
function writeContent(type: Field["type"], content: unknown): unknown {
  // JSON has no infinity: what goes on for ever is left out
  if (content === Number.POSITIVE_INFINITY) return undefined;
  if (ArrayBuffer.isView(content)) return Array.from(content as Float64Array);
  if (type === "points") return (content as Points).map((row) => [...row]);
  if (type === "rate" && Array.isArray(content)) return { points: (content as Points).map((row) => [...row]) };
  return type === "value" ? writeValue(content as Value) : content;
}

/**
 * The fields of an entry as model files have them.
 *
 * @param defaults whether defaults are written out
 */
export function writeFields(fields: Fields, spec: object, defaults = true): Record<string, unknown> {
  const written = Object.entries(fields).map(([key, field]) => {
    const content = (spec as Given)[key];
    return [key, !defaults && content === field.default ? undefined : writeContent(field.type, content)] as const;
  });
  return Object.fromEntries(written.filter(([, content]) => content !== undefined));
}

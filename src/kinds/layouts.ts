/** Where the neurons of a population are. Lengths are in one unit of the user's choice. */
import { checkKeys, field, itemPath, keyPath, readList, readNumber, readObject, readTuple } from "../model/check.js";
import { LengthError, ValueTypeError } from "../model/errors.js";
import {
  type Context,
  type Fields,
  type Flat,
  type InputOf,
  integer,
  number,
  readFields,
  type SpecOf,
  writeFields,
} from "./field.js";

/** Coordinates of a population's neurons, and the lengths after which its space repeats (0: not at all). */
export interface Positions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly period: readonly [x: number, y: number];
}

/** What placing neurons may make use of. */
export interface Placing {
  /** Number of neurons. */
  readonly size: number;
  /** A coordinate of each neuron. */
  fill(f: (neuron: number) => number): Float64Array;
  /** Random numbers from 0 to 1, one per neuron; `what` names the stream. */
  draw(what: string): Float64Array;
  /** The core's functions of turns. */
  cosTurns(x: number): number;
  sinTurns(x: number): number;
}

export interface LayoutRecord<F extends Fields = Fields> {
  /** What it is, a sentence. */
  readonly text: string;
  readonly fields: F;
  place(spec: SpecOf<F>, c: Placing): Positions;
  /** It is drawn from the seed. */
  readonly drawn?: true;
  /** Whether it closes on itself, so that distances may go the short way round; else what stands in the way. */
  closes(spec: SpecOf<F>, size: number): true | string;
}

function layout<const F extends Fields>(record: LayoutRecord<F>): LayoutRecord<F> {
  return record;
}

function length(text: string, meaning: string) {
  return number({ text, meaning, range: "> 0" });
}

export const layouts = {
  /** Evenly spaced on a line of this length: neuron i at (i + 0.5) length/size. */
  line: layout({
    text: "Evenly spaced on a line",
    fields: { length: length("Length of the line", "the length of the line") },
    place: (spec, { size, fill }) => ({
      x: fill((i) => ((i + 0.5) * spec.length) / size),
      y: new Float64Array(size),
      period: [spec.length, 0],
    }),
    closes: () => true,
  }),
  /** Row by row on a grid: neuron i at ((i mod columns) + 0.5, floor(i/columns) + 0.5) times spacing. */
  grid: layout({
    text: "Row by row on a grid",
    fields: {
      columns: integer(1, ({ size }) => size, { text: "Neurons in a row", meaning: "the number of neurons in a row" }),
      spacing: length("Distance of neighbours", "the distance of neighbours"),
    },
    place: ({ columns, spacing }, { size, fill }) => ({
      x: fill((i) => ((i % columns) + 0.5) * spacing),
      y: fill((i) => (Math.floor(i / columns) + 0.5) * spacing),
      period: [columns * spacing, Math.ceil(size / columns) * spacing],
    }),
    closes: ({ columns }, size) =>
      size % columns === 0 ? true : `has ${size} neurons, no multiple of its ${columns} columns`,
  }),
  /** Drawn uniformly from a disc around the origin. */
  disc: layout({
    text: "Drawn from a disc around the origin",
    fields: { radius: length("Radius of the disc", "the radius of the disc") },
    place(spec, { fill, draw, cosTurns, sinTurns }) {
      const turns = draw("angle");
      // The area within a radius grows with its square.
      const radius = draw("radius").map((u) => spec.radius * Math.sqrt(u));
      return {
        x: fill((i) => (radius[i] as number) * cosTurns(turns[i] as number)),
        y: fill((i) => (radius[i] as number) * sinTurns(turns[i] as number)),
        period: [0, 0],
      };
    },
    drawn: true,
    closes: () => "is on a disc",
  }),
} as const;

type Records = typeof layouts;
export type LayoutName = keyof Records;

/** Positions that were given one by one. */
interface GivenPositions {
  readonly kind: "given";
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export type PositionsSpec =
  { [K in LayoutName]: Flat<{ readonly kind: K } & SpecOf<Records[K]["fields"]>> }[LayoutName] | GivenPositions;

/**
 * Where the neurons of a population are, for the rule `distance`: evenly on a line, row by row on a grid, drawn from a
 * disc around the origin, or [x, y] of each. The unit of lengths is yours.
 */
export type PositionsInput =
  | { [K in LayoutName]: { readonly [P in K]: InputOf<Records[K]["fields"]> } }[LayoutName]
  | readonly (readonly [x: number, y: number])[];

function layoutOf(kind: string): LayoutRecord {
  return (layouts as Readonly<Record<string, LayoutRecord>>)[kind] as LayoutRecord;
}

/** The coordinates that a layout stands for. */
export function placed(spec: PositionsSpec, c: Placing): Positions {
  if (spec.kind === "given") return { x: spec.x, y: spec.y, period: [0, 0] };
  return layoutOf(spec.kind).place(spec as never, c);
}

/** Whether distances may go the short way round; else what stands in the way. */
export function closes(spec: PositionsSpec, size: number): true | string {
  return spec.kind === "given" ? "is at given positions" : layoutOf(spec.kind).closes(spec as never, size);
}

/** Whether the positions are drawn from the seed. */
export function isDrawn(spec: PositionsSpec): boolean {
  return spec.kind !== "given" && layoutOf(spec.kind).drawn === true;
}

/** Reads positions: an object with the layout under its name, or a list with [x, y] of each neuron. */
export function parsePositions(input: unknown, path: string, size: number): PositionsSpec {
  if (Array.isArray(input)) return readGiven(input, path, size);
  const allowed = `an object such as { "grid": { "columns": 10, "spacing": 1 } }, or an array of ${size} positions [x, y]`;
  const object = readObject(input, path, allowed);
  const names = Object.keys(layouts);
  checkKeys(object, path, names, "layout");
  const given = names.filter((name) => field(object, name) !== undefined);
  const kind = given[0];
  if (kind === undefined || given.length !== 1) {
    const one = `exactly one of ${names.join(", ")}`;
    throw new ValueTypeError(`${path}: ${given.length === 0 ? "no layout" : given.join(" and ")}; it must be ${one}.`, {
      path,
      value: input,
      allowed: one,
    });
  }
  const place = keyPath(path, kind);
  const content = readObject(field(object, kind), place);
  const { fields } = layoutOf(kind);
  checkKeys(content, place, Object.keys(fields), `key of a ${kind}`);
  const context: Context = { size, units: {} };
  return { kind, ...readFields(fields, content, place, context) } as unknown as PositionsSpec;
}

function readGiven(list: readonly unknown[], path: string, size: number): PositionsSpec {
  if (list.length !== size) {
    throw new LengthError(
      `${path}: an array of ${list.length} positions; it must have ${size}, one per neuron of the population.`,
      {
        path,
        value: list.length,
        allowed: String(size),
      },
    );
  }
  const x = new Float64Array(size);
  const y = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const place = itemPath(path, i);
    const point = readTuple(readList(list[i], place, "a position [x, y]"), place, "x, y");
    x[i] = readNumber(point[0], itemPath(place, 0), "");
    y[i] = readNumber(point[1], itemPath(place, 1), "");
  }
  return { kind: "given", x, y };
}

/** Positions as model files have them. */
export function writePositions(spec: PositionsSpec): unknown {
  if (spec.kind === "given") return Array.from(spec.x, (x, i) => [x, spec.y[i]]);
  return { [spec.kind]: writeFields(layoutOf(spec.kind).fields, spec) };
}

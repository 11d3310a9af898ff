/** Distributions that values are drawn from. */
import {
  checkKeys,
  checkNumber,
  field,
  itemPath,
  keyPath,
  outOfRange,
  type Range,
  readNumber,
  readObject,
  readTuple,
} from "../model/check.js";
import { quantityText, ValueTypeError } from "../model/errors.js";

/** A number that a distribution has. */
export interface Argument {
  /** As messages and the schema call it. */
  readonly name: string;
  /** A pure number; else in the unit of the value. */
  readonly pure?: boolean;
  /** What it may be; `value`: what the value may be. */
  readonly range?: Range | "value";
  /** What it can be, as follows from `check`: for the schema. */
  readonly bound?: "value";
}

/** Where the numbers of a distribution stand, and what the value may be. */
interface At {
  readonly path: (argument: number) => string;
  readonly unit: string;
  readonly range: Range | undefined;
}

/** The core's numbers of a distribution: two, and the bounds of one that is cut off. */
export type Drawing = readonly [a: number, b: number, low: number, high: number];

export interface DistributionRecord<
  A extends readonly number[] = readonly number[],
  S extends boolean = boolean,
  C extends string = string,
> {
  /** What the numbers are, where their names do not say it. */
  readonly text?: string;
  readonly arguments: readonly Argument[];
  /** One number, which stands without brackets. */
  readonly single: S;
  /** Refuses numbers that do not go together. */
  check?(numbers: A, at: At): void;
  /** Its name in the core, and the numbers there. */
  readonly core: C;
  lower(numbers: A): Drawing;
  /** Mean and standard deviation. The host's functions: for checks only, as the next one. */
  moments(numbers: A): readonly [mean: number, deviation: number];
  /** The largest (1) or smallest (-1) number of its central part. */
  extreme(numbers: A, sign: 1 | -1): number;
  /** Places of the numbers that are its ends, where it has ends. */
  readonly ends?: readonly number[];
}

/** A distribution of several numbers. */
const several =
  <const A extends readonly number[]>() =>
  <const C extends string>(
    record: Omit<DistributionRecord<A, false, C>, "single">,
  ): DistributionRecord<A, false, C> => ({ ...record, single: false });

/** A distribution of one number. */
const one = <const C extends string>(
  record: Omit<DistributionRecord<readonly [number], true, C>, "single">,
): DistributionRecord<readonly [number], true, C> => ({
  ...record,
  single: true,
});

/** How far a truncated normal may be cut from its mean: what is farther has no number of its own any more. */
const MOST_SDS = 1e6;

export const distributions = {
  uniform: several<readonly [lo: number, hi: number]>()({
    arguments: [
      { name: "lowest", bound: "value" },
      { name: "highest", bound: "value" },
    ],
    check([lo, hi], { path, unit, range }) {
      if (hi < lo) outOfRange(hi, unit, path(1), `>= ${quantityText(lo, unit)}, the lowest value`);
      // the draw may give the lowest value itself
      checkNumber(lo, path(0), unit, range);
    },
    core: "uniform",
    lower: ([lo, hi]) => [lo, hi, 0, 0],
    moments: ([lo, hi]) => [0.5 * (lo + hi), (hi - lo) / Math.sqrt(12)],
    extreme: ([lo, hi], sign) => (sign === 1 ? hi : lo),
    ends: [0, 1],
  }),
  normal: several<readonly [mean: number, sd: number]>()({
    arguments: [{ name: "mean" }, { name: "standard deviation", range: ">= 0" }],
    core: "normal",
    lower: ([mean, sd]) => [mean, sd, 0, 0],
    moments: (numbers) => numbers,
    extreme: ([mean, sd], sign) => mean + sign * 2 * sd,
  }),
  // its numbers belong to the logarithm, which has no unit
  lognormal: several<readonly [mu: number, sigma: number]>()({
    text: "[mean, standard deviation] of the logarithm",
    arguments: [
      { name: "mu", pure: true },
      { name: "sigma", pure: true, range: ">= 0" },
    ],
    core: "lognormal",
    lower: ([mu, sigma]) => [mu, sigma, 0, 0],
    moments([mu, sigma]) {
      const mean = Math.exp(mu + (sigma * sigma) / 2);
      return [mean, mean * Math.sqrt(Math.expm1(sigma * sigma))];
    },
    extreme: ([mu, sigma], sign) => Math.exp(mu + sign * 2 * sigma),
  }),
  exponential: one({
    arguments: [{ name: "mean", range: "> 0" }],
    core: "exponential",
    lower: ([mean]) => [mean, 0, 0, 0],
    moments: ([mean]) => [mean, mean],
    extreme: ([mean], sign) => (sign === 1 ? 3 * mean : 0),
  }),
  /** The normal distribution, cut off below lo and above hi. */
  truncatedNormal: several<readonly [mean: number, sd: number, lo: number, hi: number]>()({
    arguments: [
      { name: "mean" },
      { name: "standard deviation", range: ">= 0" },
      { name: "lowest", range: "value" },
      { name: "highest", bound: "value" },
    ],
    check([mean, sd, lo, hi], { path, unit }) {
      if (!(hi > lo)) outOfRange(hi, unit, path(3), `> ${quantityText(lo, unit)}, the lowest value`);
      const within = `${quantityText(lo, unit)} to ${quantityText(hi, unit)}`;
      if (sd === 0 && (mean < lo || mean > hi))
        outOfRange(mean, unit, path(0), `from ${within}, as the standard deviation is 0`);
      const away = Math.max(lo - mean, mean - hi);
      if (!(away > MOST_SDS * sd)) return;
      outOfRange(
        mean,
        unit,
        path(0),
        `at most ${MOST_SDS} standard deviations of ${quantityText(sd, unit)} from the range ${within}`,
      );
    },
    core: "truncatedNormal",
    lower: (numbers) => numbers,
    moments: ([mean, sd, lo, hi]) => [Math.min(hi, Math.max(lo, mean)), Math.min(sd, hi - lo)],
    extreme: ([mean, sd, lo, hi], sign) => Math.min(hi, Math.max(lo, mean + sign * 2 * sd)),
    ends: [2, 3],
  }),
  /** Mean shape times scale, standard deviation sqrt(shape) times scale. */
  gamma: several<readonly [shape: number, scale: number]>()({
    arguments: [
      { name: "shape", pure: true, range: "> 0" },
      { name: "scale", range: "> 0" },
    ],
    core: "gamma",
    lower: ([shape, scale]) => [shape, scale, 0, 0],
    moments: ([shape, scale]) => [shape * scale, Math.sqrt(shape) * scale],
    extreme: ([shape, scale], sign) => Math.max(0, scale * (shape + sign * 2 * Math.sqrt(shape))),
  }),
} as const;

type Records = typeof distributions;
type Name = keyof Records;
type NumbersOf<R> = R extends DistributionRecord<infer A, infer S> ? (S extends true ? A[0] : A) : never;

export type Distribution = { [K in Name]: { readonly [P in K]: NumbersOf<Records[K]> } }[Name];

const records: Readonly<Record<string, DistributionRecord>> = distributions;

/** The record of a distribution, and its numbers. */
export function partsOf(distribution: Distribution): {
  readonly name: string;
  readonly record: DistributionRecord<readonly number[], boolean, Records[Name]["core"]>;
  readonly numbers: readonly number[];
} {
  const name = Object.keys(distribution)[0] as Name;
  const content = (distribution as Readonly<Record<string, number | readonly number[]>>)[name] as
    number | readonly number[];
  return { name, record: distributions[name], numbers: typeof content === "number" ? [content] : content };
}

/** What the numbers of a distribution are: "[mean, standard deviation]". */
export function numbersText({ text, arguments: all, single }: DistributionRecord): string {
  const names = all.map(({ name }) => name).join(", ");
  return text ?? (single ? names : `[${names}]`);
}

/** A distribution: an object with one key, its name, and its numbers there. */
export function readDistribution(value: unknown, path: string, unit: string, range?: Range): Distribution {
  const object = readObject(value, path);
  const names = Object.keys(records);
  checkKeys(object, path, names, "distribution");
  const given = names.filter((name) => field(object, name) !== undefined);
  const name = given[0];
  if (name === undefined || given.length !== 1) {
    const allowed = `exactly one of ${names.join(", ")}`;
    const found = given.length === 0 ? "no kind" : given.join(" and ");
    throw new ValueTypeError(`${path}: a distribution of ${found}; it must be ${allowed}.`, { path, value, allowed });
  }
  const record = records[name] as DistributionRecord;
  const inner = keyPath(path, name);
  const content = field(object, name);
  const list = record.single
    ? [content]
    : readTuple(content, inner, record.arguments.map((argument) => argument.name).join(", "));
  const place = (i: number): string => (record.single ? inner : itemPath(inner, i));
  const numbers = record.arguments.map((argument, i) =>
    readNumber(list[i], place(i), argument.pure ? "" : unit, argument.range === "value" ? range : argument.range),
  );
  record.check?.(numbers, { path: place, unit, range });
  return { [name]: record.single ? numbers[0] : numbers } as unknown as Distribution;
}

/**
 * Expressions over intervals: bounds within which a value lies wherever in its interval a state is. Bounds are rounded
 * outwards by more than elementary functions are wrong. Where nothing is known of a value, they are infinite.
 */
import { type Expr, type FunctionName, isLeaf, leafValue, type Mathematics } from "./ir.js";

/** From where to where; conditions are 0 and 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** It may also be no number. */
  readonly nan?: boolean;
}

const WHOLE: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, nan: true };
const [NO, YES, EITHER]: readonly Interval[] = [
  { low: 0, high: 0 },
  { low: 1, high: 1 },
  { low: 0, high: 1 },
];
/** Some units in the last place. */
const ROUNDING = 1e-15;

function wide(low: number, high: number): Interval {
  if (Number.isNaN(low) || Number.isNaN(high)) return WHOLE;
  const room = (x: number): number => (Number.isFinite(x) ? Math.abs(x) * ROUNDING + 1e-300 : 0);
  return { low: low - room(low), high: high + room(high) };
}

const RISING: ReadonlySet<string> = new Set([
  "exp",
  "log",
  "log10",
  "log1p",
  "expm1",
  "exprel",
  "sinh",
  "tanh",
  "atan",
  "asin",
]);

/** Bounds of an expression over one state; the others, and all that is no constant, may not occur in it. */
export function bounds(
  e: Expr,
  state: Expr,
  at: Interval,
  math: Mathematics,
  known = new Map<Expr, Interval>(),
): Interval {
  const done = known.get(e);
  if (done !== undefined) return done;
  const of = (arg: Expr): Interval => bounds(arg, state, at, math, known);
  let found = e === state ? at : find(e, of, math);
  if (found.nan !== true && !isLeaf(e) && e.type === "number" && e.op !== "select") {
    // infinity less infinity, 0 times infinity: no number comes of numbers with infinite bounds only
    const args = e.args.map(of);
    const isRisky = !["neg", "abs", "min", "max"].includes(e.op) && args.some((arg) => arg.high - arg.low === Infinity);
    if (isRisky || args.some(({ nan }) => nan === true)) found = { ...found, nan: true };
  }
  known.set(e, found);
  return found;
}

function find(e: Expr, of: (arg: Expr) => Interval, math: Mathematics): Interval {
  if (isLeaf(e)) {
    const value = leafValue(e, {});
    return Number.isNaN(value) ? WHOLE : { low: value, high: value };
  }
  const [a, b] = e.args.map((arg, k) => (e.op === "select" && k > 0 ? WHOLE : of(arg))) as [Interval, Interval];
  // nothing is known of a comparison with what is no number
  if (e.type === "boolean" && (a.nan === true || b?.nan === true)) return EITHER as Interval;
  switch (e.op) {
    case "neg":
      return { low: -a.high, high: -a.low };
    case "abs":
      return magnitude(a);
    case "sqrt":
      return a.low < 0 ? WHOLE : wide(Math.sqrt(a.low), Math.sqrt(a.high));
    case "floor":
      return { low: Math.floor(a.low), high: Math.floor(a.high) };
    case "ceil":
      return { low: Math.ceil(a.low), high: Math.ceil(a.high) };
    case "trunc":
      return { low: Math.trunc(a.low), high: Math.trunc(a.high) };
    case "add":
      return wide(a.low + b.low, a.high + b.high);
    case "sub":
      return wide(a.low - b.high, a.high - b.low);
    case "mul":
      return e.args[0] === e.args[1] ? square(a) : times(a, b);
    case "div":
      return b.low > 0 || b.high < 0 ? times(a, wide(1 / b.high, 1 / b.low)) : WHOLE;
    case "min":
      // the first stays where the second is no number
      return { low: Math.min(a.low, b.low), high: b.nan === true ? a.high : Math.min(a.high, b.high) };
    case "max":
      return { low: b.nan === true ? a.low : Math.max(a.low, b.low), high: Math.max(a.high, b.high) };
    case "lt":
      return decided(a.high < b.low, a.low >= b.high);
    case "le":
      return decided(a.high <= b.low, a.low > b.high);
    case "gt":
      return decided(a.low > b.high, a.high <= b.low);
    case "ge":
      return decided(a.low >= b.high, a.high < b.low);
    case "eq":
      return decided(a.low === a.high && a.low === b.low && b.low === b.high, a.high < b.low || a.low > b.high);
    case "ne":
      return decided(a.high < b.low || a.low > b.high, a.low === a.high && a.low === b.low && b.low === b.high);
    case "and":
      return decided(a.low === 1 && b.low === 1, a.high === 0 || b.high === 0);
    case "or":
      return decided(a.low === 1 || b.low === 1, a.high === 0 && b.high === 0);
    case "not":
      return { low: 1 - a.high, high: 1 - a.low };
    case "select": {
      const [, yes, no] = e.args as [Expr, Expr, Expr];
      if (a.low === 1) return of(yes);
      if (a.high === 0) return of(no);
      const [x, y] = [of(yes), of(no)];
      const nan = x.nan === true || y.nan === true;
      return { low: Math.min(x.low, y.low), high: Math.max(x.high, y.high), nan };
    }
    case "call":
      return called(e.name as FunctionName, a, b, e.args[1], math);
    default:
      return WHOLE;
  }
}

function decided(yes: boolean, no: boolean): Interval {
  return (yes ? YES : no ? NO : EITHER) as Interval;
}

function magnitude({ low, high }: Interval): Interval {
  if (low >= 0) return { low, high };
  return high <= 0 ? { low: -high, high: -low } : { low: 0, high: Math.max(-low, high) };
}

function square(a: Interval): Interval {
  const { low, high } = magnitude(a);
  return wide(low * low, high * high);
}

function times(a: Interval, b: Interval): Interval {
  const one = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);
  const all = [one(a.low, b.low), one(a.low, b.high), one(a.high, b.low), one(a.high, b.high)];
  return wide(Math.min(...all), Math.max(...all));
}

function called(name: FunctionName, a: Interval, b: Interval, exponent: Expr | undefined, math: Mathematics): Interval {
  const f = math[name] as (x: number, y: number) => number;
  if (RISING.has(name)) return wide(f(a.low, 0), f(a.high, 0));
  switch (name) {
    case "acos":
      return wide(f(a.high, 0), f(a.low, 0));
    case "cosh": {
      const { low, high } = magnitude(a);
      return wide(f(low, 0), f(high, 0));
    }
    case "sin":
      return waves(a, Math.PI / 2, f);
    case "cos":
      return waves(a, 0, f);
    case "tan": {
      const branch = (x: number): number => Math.floor(x / Math.PI + 0.5);
      return branch(a.low) === branch(a.high) ? wide(f(a.low, 0), f(a.high, 0)) : WHOLE;
    }
    default: {
      // a power
      if (a.low > 0) {
        const ends = [f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)];
        return wide(Math.min(...ends), Math.max(...ends));
      }
      if (exponent?.op !== "const" || !(exponent.value > 0)) return WHOLE;
      if (a.low === 0) return wide(0, f(a.high, b.high));
      if (!Number.isInteger(exponent.value)) return WHOLE;
      if (exponent.value % 2 === 1) return wide(f(a.low, b.low), f(a.high, b.low));
      const { low, high } = magnitude(a);
      return wide(f(low, b.low), f(high, b.low));
    }
  }
}

/** A wave whose tops are at `top` and every 2 pi from there. */
function waves({ low, high }: Interval, top: number, f: (x: number, y: number) => number): Interval {
  if (!(high - low < 2 * Math.PI)) return { low: -1, high: 1 };
  const reaches = (place: number): boolean => {
    const next = place + Math.ceil((low - place) / (2 * Math.PI)) * 2 * Math.PI;
    return next <= high + 1e-9;
  };
  const [x, y] = [f(low, 0), f(high, 0)];
  return wide(reaches(top + Math.PI) ? -1 : Math.min(x, y), reaches(top) ? 1 : Math.max(x, y));
}

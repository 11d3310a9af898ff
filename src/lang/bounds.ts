/** The least and the greatest value that an expression of time, neuron and chance may have, by interval arithmetic. */
import { type Expr, inOrder } from "./ir.js";

export type Interval = readonly [least: number, most: number];

const ANY: Interval = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
const CONDITION: Interval = [0, 1];
/** A normal number is made of words of 32 bits: none is beyond 7 standard deviations. */
const NORMAL: Interval = [-9, 9];

/** What time, neuron and size may be. */
interface Leaves {
  readonly t: Interval;
  readonly index: Interval;
  readonly size: Interval;
}

/** Functions that rise wherever they have a value. */
const RISING: Readonly<Record<string, (x: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  log10: Math.log10,
  expm1: Math.expm1,
  log1p: Math.log1p,
  sinh: Math.sinh,
  tanh: Math.tanh,
  atan: Math.atan,
  asin: (x) => Math.asin(Math.min(1, Math.max(-1, x))),
  sqrt: (x) => Math.sqrt(Math.max(0, x)),
  exprel: (x) => (x === 0 ? 1 : x === Number.POSITIVE_INFINITY ? x : Math.expm1(x) / x),
};

/**
 * Bounds of an expression without states and parameters. They are never too narrow, but for rounding; where an
 * expression names a quantity twice they may be too wide.
 */
export function bounds(e: Expr, leaves: Leaves): Interval {
  const known = new Map<Expr, Interval>();
  for (const node of inOrder([e])) {
    const args = node.args.map((arg) => known.get(arg) as Interval);
    const found = boundsOf(node, args, leaves);
    known.set(node, found.some(Number.isNaN) ? ANY : found);
  }
  return known.get(e) as Interval;
}

function boundsOf(e: Expr, args: readonly Interval[], leaves: Leaves): Interval {
  const [a = ANY, b = ANY, c = ANY] = args;
  switch (e.op) {
    case "const":
    case "boolean":
      return [e.value, e.value];
    case "t":
    case "index":
    case "size":
      return leaves[e.op];
    case "random":
      return e.name === "normal" ? NORMAL : CONDITION;
    case "neg":
      return [-a[1], -a[0]];
    case "abs":
      return a[0] >= 0 ? a : a[1] <= 0 ? [-a[1], -a[0]] : [0, Math.max(-a[0], a[1])];
    case "floor":
      return [Math.floor(a[0]), Math.floor(a[1])];
    case "ceil":
      return [Math.ceil(a[0]), Math.ceil(a[1])];
    case "trunc":
      return [Math.trunc(a[0]), Math.trunc(a[1])];
    case "add":
      return [a[0] + b[0], a[1] + b[1]];
    case "sub":
      return [a[0] - b[1], a[1] - b[0]];
    case "mul":
      return e.args[0] === e.args[1] ? square(a) : products(a, b);
    case "div":
      return b[0] > 0 || b[1] < 0 ? products(a, [1 / b[1], 1 / b[0]]) : ANY;
    case "min":
      return [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
    case "max":
      return [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    case "select":
      return [Math.min(b[0], c[0]), Math.max(b[1], c[1])];
    case "sqrt":
      return rising("sqrt", a);
    case "call":
      return call(e.name, a, b);
    default:
      return e.type === "boolean" ? CONDITION : ANY;
  }
}

function rising(name: string, [least, most]: Interval): Interval {
  const f = RISING[name] as (x: number) => number;
  return [f(least), f(most)];
}

function square([least, most]: Interval): Interval {
  const ends = [least * least, most * most] as const;
  return [least <= 0 && most >= 0 ? 0 : Math.min(...ends), Math.max(...ends)];
}

function products(a: Interval, b: Interval): Interval {
  // 0 times what has no bound: the product is 0 wherever that is a number
  const all = a.flatMap((x) => b.map((y) => (x === 0 || y === 0 ? 0 : x * y)));
  return [Math.min(...all), Math.max(...all)];
}

function call(name: string, a: Interval, b: Interval): Interval {
  if (Object.hasOwn(RISING, name)) return rising(name, a);
  if (name === "sin" || name === "cos") return [-1, 1];
  if (name === "acos") return [0, Math.PI];
  if (name === "cosh") {
    const ends = [Math.cosh(a[0]), Math.cosh(a[1])];
    return [a[0] <= 0 && a[1] >= 0 ? 1 : Math.min(...ends), Math.max(...ends)];
  }
  // of a base that is not negative the ends are among those of both
  if (name === "pow" && a[0] >= 0 && (a[0] > 0 || b[0] >= 0)) {
    const all = a.flatMap((x) => b.map((y) => x ** y));
    return [Math.min(...all), Math.max(...all)];
  }
  return ANY;
}

/** The functions of the equation language, and what they ask of the units of their arguments. */

/**
 * `pure`: pure numbers to a pure number. `same`: arguments of one unit, and so the result. `root`: any unit to its
 * root. `plain`: one argument of any unit to a pure number. `power`: as `**`. `random`: no argument, a pure number.
 * `number`: a condition or a pure number to a pure number.
 */
export type UnitRule = "pure" | "same" | "root" | "plain" | "power" | "random" | "number";

export interface FunctionRule {
  readonly arity: readonly [least: number, most: number];
  readonly units: UnitRule;
  readonly text: string;
}

const pure = (text: string): FunctionRule => ({ arity: [1, 1], units: "pure", text });

export const FUNCTIONS = {
  exp: pure("e to the power x"),
  log: pure("natural logarithm"),
  log10: pure("logarithm to the base 10"),
  expm1: pure("exp(x) - 1, exact for small x"),
  log1p: pure("log(1 + x), exact for small x"),
  exprel: pure("(exp(x) - 1)/x, and 1 at x = 0"),
  sqrt: { arity: [1, 1], units: "root", text: "square root" },
  pow: { arity: [2, 2], units: "power", text: "x to the power y, as x**y" },
  abs: { arity: [1, 1], units: "same", text: "size without sign" },
  sign: { arity: [1, 1], units: "plain", text: "-1, 0 or 1" },
  step: { arity: [1, 1], units: "plain", text: "1 where x >= 0, else 0" },
  floor: pure("the whole number at or below x"),
  ceil: pure("the whole number at or above x"),
  int: { arity: [1, 1], units: "number", text: "x without its fraction; 1 for a condition that holds, else 0" },
  sin: pure("sine of x rad"),
  cos: pure("cosine of x rad"),
  tan: pure("tangent of x rad"),
  asin: pure("arc sine, in rad"),
  acos: pure("arc cosine, in rad"),
  atan: pure("arc tangent, in rad"),
  sinh: pure("hyperbolic sine"),
  cosh: pure("hyperbolic cosine"),
  tanh: pure("hyperbolic tangent"),
  min: { arity: [2, 16], units: "same", text: "the least of its arguments" },
  max: { arity: [2, 16], units: "same", text: "the greatest of its arguments" },
  clip: { arity: [3, 3], units: "same", text: "clip(x, a, b): x, but at least a and at most b" },
  randn: { arity: [0, 0], units: "random", text: "a number of the normal distribution, new in each step" },
  rand: { arity: [0, 0], units: "random", text: "a number between 0 and 1, new in each step" },
} as const satisfies Record<string, FunctionRule>;

export type FunctionName = keyof typeof FUNCTIONS;

export function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

/** Names of other languages and programs, and what they are here. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  arcsin: "asin",
  arccos: "acos",
  arctan: "atan",
  ln: "log",
  log2: "log",
  fabs: "abs",
  ceiling: "ceil",
  power: "pow",
  heaviside: "step",
  Heaviside: "step",
  heav: "step",
  sgn: "sign",
  signum: "sign",
  minimum: "min",
  maximum: "max",
  random: "rand",
  normal: "randn",
  gauss: "randn",
  sqr: "sqrt",
  trunc: "int",
  round: "floor",
};

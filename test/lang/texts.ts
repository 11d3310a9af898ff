/** Random texts of the equation language: well-formed trees, and texts that are not. */
import fc from "fast-check";
import {
  type Assignment,
  type BinaryOperator,
  children,
  type Equation,
  type Expression,
  FLAGS,
  STRENGTH,
  type UnaryOperator,
} from "../../src/lang/ast.js";

/** A node without places. */
export type Bare = Record<string, unknown>;

const NAMES = ["v", "w", "E_L", "tau_m", "ms", "mV", "I", "t", "i", "x1", "xi", "nS"];
const operators = Object.keys(STRENGTH) as BinaryOperator[];
const unary: UnaryOperator[] = ["-", "+", "not"];

const at = { start: 0, end: 0, depth: 1 };

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.constantFrom(0, 1, 2.5, 65, 1e-7, 1e21).map((value): Expression => ({ kind: "number", value, ...at })),
      fc
        .double({ min: 0, noNaN: true, noDefaultInfinity: true })
        .map((value): Expression => ({ kind: "number", value: value + 0, ...at })),
      fc.constantFrom(...NAMES).map((name): Expression => ({ kind: "name", name, ...at })),
    ),
    fc
      .tuple(fc.constantFrom(...operators), tie("expression"), tie("expression"))
      .map(([operator, left, right]): Expression => ({ kind: "binary", operator, left, right, ...at })),
    fc
      .tuple(fc.constantFrom(...unary), tie("expression"))
      .map(([operator, operand]): Expression => ({ kind: "unary", operator, operand, ...at })),
    fc
      .tuple(tie("expression"), tie("expression"), tie("expression"))
      .map(([then, condition, otherwise]): Expression => ({ kind: "conditional", condition, then, otherwise, ...at })),
    fc
      .tuple(fc.constantFrom("exp", "max", "clip", "rand"), fc.array(tie("expression"), { maxLength: 3 }))
      .map(([name, args]): Expression => ({ kind: "call", name, at, args, ...at })),
  ),
}));

/** Any tree that a text can have. */
export const expressions: fc.Arbitrary<Expression> = expression;

export const equations: fc.Arbitrary<Equation> = fc
  .record({
    kind: fc.constantFrom("differential" as const, "intermediate" as const, "variable" as const),
    name: fc.constantFrom("v", "w", "theta_2"),
    value: expression,
    unit: fc.option(fc.constantFrom("mV", "1", "uA/cm2", "1/(ms*mV)", "pA*sqrt(ms)"), { nil: undefined }),
    flags: fc.subarray([...FLAGS]),
  })
  .map(({ kind, name, value, unit, flags }): Equation => {
    // flags stand behind a unit, and a variable is nothing without one
    const written = unit ?? (kind === "variable" || flags.length > 0 ? "mV" : undefined);
    return {
      kind,
      name,
      at,
      ...(kind === "variable" ? {} : { value }),
      ...(written === undefined ? {} : { unit: { text: written, ...at } }),
      flags: flags.map((flag) => ({ flag, ...at })),
      ...at,
    };
  });

export const assignments: fc.Arbitrary<Assignment> = fc
  .record({
    name: fc.constantFrom("v", "w", "theta_2"),
    operator: fc.option(fc.constantFrom("+" as const, "-" as const, "*" as const, "/" as const), { nil: undefined }),
    value: expression,
  })
  .map(({ name, operator, value }) => ({ name, at, ...(operator ? { operator } : {}), value, ...at }));

/** A tree without places and depths, to compare. */
export function bare(node: Expression): Bare {
  const { kind } = node;
  const parts = children(node).map(bare);
  if (kind === "number") return { kind, value: node.value };
  if (kind === "name" || kind === "call") return { kind, name: node.name, parts };
  return kind === "conditional" ? { kind, parts } : { kind, operator: node.operator, parts };
}

const PIECES = [
  ..."dv/dt dw/dt d /dt = == : ( ) , + - * / ** ^ < >= and or not if else v w I xi t dt exp( max( rand".split(" "),
  ..."randn() mV pA ms 1/ms 65 0.5 1e400 1.2.3 ; # boolean __proto__ constructor toString && ! @ % // => 0 [ }".split(
    " ",
  ),
  ...["\n", " ", "  ", "(unless refractory)", "(constant)", "x = y : 1\n", "y = x : 1\n"],
  ...["µ", "²", "−", "'", '"', "\\", "\u0000", "\u202e", "𝛼"],
];

/** Texts that are no model's: pieces of the language in any order. */
export const rubbish: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
    ),
    {
      maxLength: 60,
    },
  )
  .map((pieces) => pieces.join(""));

/** A change of a text: pieces are cut out, doubled, swapped or put in. */
export interface Mutation {
  readonly kind: "cut" | "double" | "insert" | "replace";
  readonly at: number;
  readonly length: number;
  readonly piece: string;
}

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("cut" as const, "double" as const, "insert" as const, "replace" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 12 }),
    piece: fc.constantFrom(...PIECES),
  }),
  { minLength: 1, maxLength: 4 },
);

export function mutated(text: string, changes: readonly Mutation[]): string {
  let result = text;
  for (const { kind, at: where, length, piece } of changes) {
    const start = Math.floor(where * result.length);
    const [before, inner, after] = [
      result.slice(0, start),
      result.slice(start, start + length),
      result.slice(start + length),
    ];
    if (kind === "cut") result = before + after;
    else if (kind === "double") result = before + inner + inner + after;
    else result = before + piece + (kind === "insert" ? inner : "") + after;
  }
  return result;
}

/** Words of a text that may stand in each other's places: units mostly stay right. */
const ALIKE: readonly (readonly string[])[] = [
  ["+", "-"],
  ["<", "<=", ">", ">="],
  [
    "exp",
    "exprel",
    "tanh",
    "sin",
    "cos",
    "log",
    "expm1",
    "sinh",
    "cosh",
    "atan",
    "asin",
    "floor",
    "ceil",
    "sign",
    "step",
  ],
  ["min", "max"],
  ["and", "or"],
  ["v", "w", "u", "V_T", "E_L", "E_Na", "E_K", "V_th", "V_r", "V_reset"],
  ["m", "h", "n", "m_inf"],
];
const NUMBERS = ["0", "1", "2", "0.5", "1e-9", "1e9", "1e-300", "1e300", "65"];
const WORDS = /(?<![\w.])(?:[A-Za-z_]\w*|\d+(?:\.\d*)?(?:e[-+]?\d+)?)|[-+]|[<>]=?/g;

/** A change of one word to one of its kind. */
export interface Exchange {
  readonly at: number;
  readonly by: number;
}

export const exchanges: fc.Arbitrary<readonly Exchange[]> = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), by: fc.nat(1000) }),
  { minLength: 1, maxLength: 3 },
);

export function exchanged(text: string, changes: readonly Exchange[]): string {
  return changes.reduce((result, { at: where, by }) => {
    const kindOf = (word: string): readonly string[] | undefined =>
      ALIKE.find((list) => list.includes(word)) ?? (/^\d/.test(word) ? NUMBERS : undefined);
    const words = [...result.matchAll(WORDS)].filter(([word]) => kindOf(word) !== undefined);
    const word = words[Math.floor(where * words.length)];
    if (word === undefined) return result;
    const [old] = word;
    const others = kindOf(old) as readonly string[];
    return result.slice(0, word.index) + (others[by % others.length] as string) + result.slice(word.index + old.length);
  }, text);
}

/**
 * Expressions to LaTeX, in commands that MathJax, KaTeX and the pages of GitHub know. No backslash stands before
 * punctuation, which Markdown would take away.
 */
import {
  type Assignment,
  type BinaryNode,
  type BinaryOperator,
  CONDITIONAL,
  type ConditionalNode,
  type Expression,
  isComparison,
  NOT,
  SIGN,
  STRENGTH,
} from "./ast.js";
import type { FunctionName } from "./functions.js";

/** Says of a name that it is a unit and no quantity. */
export type IsUnit = (name: string) => boolean;

const GREEK: ReadonlySet<string> = new Set([
  ...["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"],
  ...["xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"],
  ...["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"],
]);

/** Names that are no quantities, in upright letters. */
const WORDS: Readonly<Record<string, string>> = {
  True: "\\text{true}",
  False: "\\text{false}",
  not_refractory: "\\text{not refractory}",
};

/** A name: what follows `_`, and digits at the end, are a subscript. */
export function latexName(name: string): string {
  if (Object.hasOwn(WORDS, name)) return WORDS[name] as string;
  const [head = "", ...rest] = name.split("_").filter((part) => part !== "");
  const [, letters = head, digits = ""] = /^(\p{L}+)(\p{N}+)$/u.exec(head) ?? [];
  const below = [...(digits === "" ? [] : [digits]), ...rest].map((part) => (part === "inf" ? "\\infty" : word(part)));
  return `${word(letters)}${below.length === 0 ? "" : `_{${below.join(",")}}`}`;
}

/** Italic as a letter, upright as a word. */
function word(part: string): string {
  if (GREEK.has(part)) return `\\${part}`;
  return [...part].length === 1 || /^\p{N}+$/u.test(part) ? part : `\\mathrm{${part}}`;
}

function latexUnit(name: string): string {
  if (name === "degC" || name === "celsius") return "\\mathrm{^\\circ C}";
  const [, symbol = name, power = ""] = /^(.*?)([2-4])?$/u.exec(name) ?? [];
  return `\\mathrm{${symbol.replace(/^u(?=\w)/, "\\mu ")}}${power === "" ? "" : `^{${power}}`}`;
}

/** An expression with the fewest brackets that leave its meaning. */
export function latexExpression(node: Expression, isUnit: IsUnit = () => false): string {
  return new Writer(isUnit).text(node);
}

/** `dX/dt` for a state. */
export function latexDerivative(name: string): string {
  return `\\frac{\\mathrm{d}${latexName(name)}}{\\mathrm{d}t}`;
}

/** What a statement of a reset makes of its variable. */
export function latexAssignment({ name, operator, value }: Assignment, isUnit?: IsUnit): string {
  const state: Expression = { kind: "name", name, start: 0, end: 0, depth: 1 };
  const made: Expression = operator ? { ...state, kind: "binary", operator, left: state, right: value } : value;
  return `${latexName(name)} \\leftarrow ${latexExpression(made, isUnit)}`;
}

/** What binds as strongly as a letter. */
const ATOM = 10;
/** A fraction needs brackets below a power only. */
const FRACTION = STRENGTH["**"];

type Part = readonly [text: string, strength: number];
type Writing = (...args: string[]) => Part;

const named = (name: string): Writing => (...args) => [`${name}\\left(${args.join(", ")}\\right)`, ATOM];
const upright = (name: string): Writing => named(`\\mathrm{${name}}`);
const between = (open: string, close: string): Writing => (x) => [`\\left${open} ${x} \\right${close}`, ATOM];

const FUNCTIONS: Readonly<Record<Exclude<FunctionName, "pow" | "log1p">, Writing>> = {
  exp: named("\\exp"),
  log: named("\\ln"),
  log10: named("\\log_{10}"),
  expm1: (x) => [`\\exp\\left(${x}\\right) - 1`, STRENGTH["-"]],
  exprel: upright("exprel"),
  sqrt: (x) => [`\\sqrt{${x}}`, ATOM],
  abs: between("|", "|"),
  sign: upright("sgn"),
  step: upright("step"),
  floor: between("\\lfloor", "\\rfloor"),
  ceil: between("\\lceil", "\\rceil"),
  int: upright("int"),
  sin: named("\\sin"),
  cos: named("\\cos"),
  tan: named("\\tan"),
  asin: named("\\arcsin"),
  acos: named("\\arccos"),
  atan: named("\\arctan"),
  sinh: named("\\sinh"),
  cosh: named("\\cosh"),
  tanh: named("\\tanh"),
  min: named("\\min"),
  max: named("\\max"),
  clip: upright("clip"),
  randn: upright("randn"),
  rand: upright("rand"),
};

const SIGNS: Readonly<Record<Exclude<BinaryOperator, "*" | "/" | "**">, string>> = {
  "+": "+",
  "-": "-",
  "<": "\\lt",
  "<=": "\\le",
  ">": "\\gt",
  ">=": "\\ge",
  "==": "=",
  "!=": "\\ne",
  and: "\\land",
  or: "\\lor",
};

class Writer {
  private readonly isUnit: IsUnit;

  constructor(isUnit: IsUnit) {
    this.isUnit = isUnit;
  }

  text(node: Expression): string {
    return this.part(node)[0];
  }

  /** As an operand of something that binds so strongly. */
  private operand(node: Expression, least: number): string {
    const [text, strength] = this.part(node);
    // A condition that counts as 1 or 0 stands in square brackets.
    const [open, close] = least > STRENGTH["<"] && isCondition(node) ? ["[", "]"] : ["(", ")"];
    return strength < least ? `\\left${open}${text}\\right${close}` : text;
  }

  private part(node: Expression): Part {
    switch (node.kind) {
      case "number":
        return numberPart(node.value);
      case "name":
        return [this.isUnit(node.name) ? latexUnit(node.name) : latexName(node.name), ATOM];
      case "call":
        return this.call(node.name as FunctionName, node.args);
      case "unary":
        if (node.operator === "not") return [`\\lnot ${this.operand(node.operand, NOT)}`, NOT];
        return [`${node.operator}${signless(this.operand(node.operand, STRENGTH["*"]))}`, SIGN];
      case "conditional":
        return [this.cases(node), CONDITIONAL];
      case "binary":
        return this.binary(node);
    }
  }

  private call(name: FunctionName, args: readonly Expression[]): Part {
    const [x, y] = args as [Expression, Expression];
    if (name === "pow") return this.power(x, y);
    if (name === "log1p") return [`\\ln\\left(1 + ${this.operand(x, STRENGTH["+"])}\\right)`, ATOM];
    return FUNCTIONS[name](...args.map((arg) => this.text(arg)));
  }

  private power(base: Expression, exponent: Expression): Part {
    return [`${this.operand(base, ATOM)}^{${this.text(exponent)}}`, STRENGTH["**"]];
  }

  private binary({ operator, left, right }: BinaryNode): Part {
    if (operator === "/") return this.fraction(left, right);
    if (operator === "**") return this.power(left, right);
    const strength = STRENGTH[operator];
    const around = isComparison(operator) ? strength + 1 : strength;
    const first = this.operand(left, around);
    const second = this.operand(right, around === strength && operator === "-" ? strength + 1 : around);
    const last = strength < STRENGTH["+"] ? second : signless(second);
    if (operator === "*") return [`${first}${multiplication(first, last)}${last}`, strength];
    return [`${first} ${SIGNS[operator]} ${last}`, strength];
  }

  /** One fraction for a/b/c, its sign before it. */
  private fraction(above: Expression, below: Expression): Part {
    if (above.kind === "unary" && above.operator === "-") return [`-${this.fraction(above.operand, below)[0]}`, SIGN];
    if (above.kind === "binary" && above.operator === "/") {
      return this.fraction(above.left, { ...above, operator: "*", left: above.right, right: below });
    }
    return [`\\frac{${this.text(above)}}{${this.text(below)}}`, FRACTION];
  }

  private cases(node: ConditionalNode): string {
    const rows: string[] = [];
    let rest: Expression = node;
    for (; rest.kind === "conditional"; rest = rest.otherwise) {
      rows.push(`${this.text(rest.then)} & \\text{if } ${this.text(rest.condition)}`);
    }
    rows.push(`${this.text(rest)} & \\text{otherwise}`);
    return `\\begin{cases} ${rows.join(" \\\\ ")} \\end{cases}`;
  }
}

/** No sign stands behind an operator. */
function signless(text: string): string {
  return /^[-+]/.test(text) ? `\\left(${text}\\right)` : text;
}

function isCondition(node: Expression): boolean {
  if (node.kind === "unary") return node.operator === "not";
  return node.kind === "binary" && STRENGTH[node.operator] <= STRENGTH["<"];
}

function numberPart(value: number): Part {
  const [digits = "", exponent] = String(value).split("e");
  if (exponent === undefined) return [digits, ATOM];
  const power = `10^{${Number(exponent)}}`;
  return digits === "1" ? [power, STRENGTH["**"]] : [`${digits} \\cdot ${power}`, STRENGTH["*"]];
}

/** Letters stand side by side; numbers and words would run into each other. */
function multiplication(left: string, right: string): string {
  if (/^[\d.]/.test(right) || (/^\\frac\{\d/.test(right) && /\d$/.test(left))) return " \\cdot ";
  return /^\\mathrm/.test(right) || /\\mathrm\{[^{}]*\}(\^\{\d\})?$/.test(left) ? " \\thinspace " : " ";
}

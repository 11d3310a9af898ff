/** Brian2's way of writing: units, names, and expressions of src/lang as texts of its equations. */
import { type BinaryNode, type CallNode, type Expression, isComparison, NOT, SIGN, STRENGTH } from "../../lang/ast.js";
import { type Dimension, isPure, NUMBER, over, parseUnit, raised, same, times } from "../../lang/dimensions.js";
import { FUNCTIONS, isFunction } from "../../lang/functions.js";
import { constantOf } from "../../lang/infer.js";
import type { Scope } from "../../lang/scope.js";

/** Short names of units that Brian2 has; others are written in full. */
const SHORT = new Set("mV mA uA nA pA uF nF pF uS nS ms us Hz kHz MHz mM uM nM cm mm um".split(" "));

const FULL: Readonly<Record<string, string>> = {
  V: "volt", A: "amp", s: "second", m: "metre", S: "siemens", F: "farad", C: "coulomb", J: "joule", W: "watt",
  Ohm: "ohm", ohm: "ohm", Ω: "ohm", Hz: "hertz", mol: "mole", M: "molar", l: "liter", L: "liter", K: "kelvin",
  volt: "volt", amp: "amp", ampere: "amp", second: "second", metre: "metre", meter: "metre", siemens: "siemens",
  farad: "farad", coulomb: "coulomb", joule: "joule", watt: "watt", hertz: "hertz", mole: "mole", molar: "molar",
  liter: "liter", litre: "liter", kelvin: "kelvin",
};

/** Units without prefixes. Brian2 has no degrees: a difference of temperatures is one in kelvin. */
const PLAIN: Readonly<Record<string, string>> = {
  rad: "1",
  radian: "1",
  deg: "(pi/180)",
  min: "(60*second)",
  minute: "(60*second)",
  h: "(3600*second)",
  hour: "(3600*second)",
  celsius: "kelvin", degC: "kelvin",
};

const PREFIX = /^([fpnuµμmcdkMG]?)(.+)$/u;

/** One symbol of a unit, such as "mV" or "cm2", in Brian2's words. */
export function unitSymbol(symbol: string): string {
  const [, base = symbol, digit] = /^(.*?)([2-4²³])?$/u.exec(symbol) ?? [];
  const power = digit === undefined ? "" : `**${digit === "²" ? "2" : digit === "³" ? "3" : digit}`;
  return `${baseUnit(base)}${power}`;
}

function baseUnit(symbol: string): string {
  if (SHORT.has(symbol)) return symbol;
  const plain = Object.hasOwn(PLAIN, symbol) ? PLAIN[symbol] : undefined;
  if (plain !== undefined) return plain;
  if (Object.hasOwn(FULL, symbol)) return FULL[symbol] as string;
  const [, prefix = "", rest = ""] = PREFIX.exec(symbol) ?? [];
  if (!Object.hasOwn(FULL, rest)) throw new RangeError(`no unit of Brian2 for ${symbol}`);
  return `${prefix === "µ" || prefix === "μ" ? "u" : prefix}${FULL[rest] as string}`;
}

/** A unit as it is written here, such as "uA/cm2", in Brian2's words; "1" for a pure number. */
export function unitText(unit: string): string {
  if (unit === "" || unit === "1") return "1";
  return unit
    .replace(/[·⋅]/g, "*")
    .replace(/\^/g, "**")
    .replace(/([\p{L})])-(\d)/gu, "$1**-$2")
    .replace(/[\p{L}_][\p{L}\d_]*[²³]?/gu, (name) => (name === "sqrt" ? name : unitSymbol(name)))
    .replace(/^\//, "1/");
}

/** A number in a unit, as Python and Brian2's equations read it. */
export function quantity(value: number, unit: string): string {
  return inUnit(numeral(value), unit);
}

/** The same for a text that is a number. */
export function inUnit(value: string, unit: string): string {
  const words = unitText(unit);
  if (words === "1") return value;
  return words.startsWith("1/") ? `${value}/${words.slice(2)}` : `${value}*${words}`;
}

/** A number as Python and C++ read it. */
export function numeral(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return Object.is(value, -0) ? "0" : String(value);
}

/** A factor of a product: negative ones in brackets. */
export function factor(text: string): string {
  return /^-/.test(text) || /[ ]/.test(text) ? `(${text})` : text;
}

const KNOWN_DIMENSIONS: readonly (readonly [unit: string, text: string])[] = [
  ["V", "volt"], ["A", "amp"], ["s", "second"], ["S", "siemens"], ["F", "farad"], ["Hz", "hertz"], ["Ohm", "ohm"],
  ["A/m2", "amp/meter**2"], ["S/m2", "siemens/meter**2"], ["F/m2", "farad/meter**2"], ["V/s", "volt/second"],
  ["A/s", "amp/second"], ["S/s", "siemens/second"], ["S/V", "siemens/volt"],
];

/** The unit behind the colon of an equation: base units only, as Brian2 demands. */
export function dimensionText(dimension: Dimension): string {
  if (isPure(dimension)) return "1";
  const known = KNOWN_DIMENSIONS.find(([unit]) => same(dimension, (parseUnit(unit) ?? NUMBER).dimension));
  if (known) return known[1];
  const names = ["volt", "amp", "second", "meter", "mole", "kelvin", "kelvin"];
  return dimension
    .flatMap((exponent, i) =>
      exponent === 0 ? [] : [exponent === 1 ? (names[i] as string) : `${names[i] as string}**${exponent}`],
    )
    .join("*");
}

/** The same of a unit as it is written here. */
export function baseUnitText(unit: string): string {
  return dimensionText((parseUnit(unit) ?? NUMBER).dimension);
}

const WORDS_TAKEN = new Set(
  (
    "e inf pi t dt i j N xi lastspike not_refractory t_in_timesteps rate rates spikes sin cos tan sinh cosh tanh exp log log10 log1p " +
    "expm1 exprel sqrt abs sign clip floor ceil int rand randn poisson binomial timestep arcsin arccos arctan mod lambda True False " +
    "and or not if else for while in is def return class from import as with global print del pass try raise None auto break case " +
    "char const continue default do double enum extern float goto long register short signed sizeof static struct switch typedef " +
    "union unsigned void volatile bool catch delete explicit export friend inline mutable namespace new operator private protected " +
    "public template this throw typename using virtual asm compl bitand bitor xor and_eq or_eq xor_eq not_eq"
  ).split(" "),
);
const UNIT_NAME =
  /^(da|[YZEPTGMkhdcmunpfazy])?(amp|ampere|farad|siemens|volt|second|metre|meter|ohm|hertz|gram|gramme|mol|mole|molar|kelvin|candle|lumen|lux|becquerel|gray|sievert|katal|joule|watt|newton|pascal|coulomb|weber|tesla|henry|steradian|radian|liter|litre)[23]?$/;

/** Names that Brian2 keeps for itself, and units. */
export function isTaken(name: string): boolean {
  return (
    WORDS_TAKEN.has(name) ||
    SHORT.has(name) ||
    SHORT.has(name.slice(0, -1)) ||
    UNIT_NAME.test(name) ||
    /_(pre|post)$/.test(name) ||
    /^(xi|_)/.test(name)
  );
}

/** Names of one group's variables, each once. */
export class Variables {
  private readonly used = new Set<string>();

  get taken(): ReadonlySet<string> {
    return this.used;
  }

  /** A name like `wanted` that nothing else has and Brian2 can take. */
  of(wanted: string): string {
    const plain = wanted.normalize("NFKD").replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "");
    const base = plain === "" ? "x" : /^\d/.test(plain) ? `x${plain}` : plain;
    let name = isTaken(base) ? `${base}_var` : base;
    for (let n = 2; this.used.has(name); n++) name = `${base}_${n}`;
    this.used.add(name);
    return name;
  }
}

const FUNCTION_NAMES: Readonly<Record<string, string>> = { asin: "arcsin", acos: "arccos", atan: "arctan" };

/** What a name or a call is written as. */
export interface Writing {
  /** The text of a name; undefined: as it is. */
  readonly name?: (name: string) => string | undefined;
  /** The text of a node; undefined: by the rules. */
  readonly node?: (node: Expression) => string | undefined;
}

/** Writes expressions of one scope. */
export class Writer {
  private readonly scope: Scope;
  private readonly writing: Writing;

  constructor(scope: Scope, writing: Writing = {}) {
    this.scope = scope;
    this.writing = writing;
  }

  /** An expression; a bare 0 gets the unit that is wanted. */
  text(node: Expression, wanted?: Dimension): string {
    if (wanted !== undefined && !isPure(wanted) && this.dimension(node) === undefined)
      return `0*${dimensionText(wanted)}`;
    return this.print(node, 0);
  }

  /** Dimension of an expression; undefined for a bare 0, which fits any. */
  dimension(node: Expression): Dimension | undefined {
    const pure = NUMBER.dimension;
    switch (node.kind) {
      case "number":
        return node.value === 0 ? undefined : pure;
      case "name":
        return this.scope.lookup(node.name)?.dimension ?? pure;
      case "unary":
        return node.operator === "not" ? pure : this.dimension(node.operand);
      case "conditional":
        return this.dimension(node.then) ?? this.dimension(node.otherwise);
      case "call":
        return this.callDimension(node);
      case "binary": {
        const [a, b] = [this.dimension(node.left), this.dimension(node.right)];
        if (node.operator === "+" || node.operator === "-") return a ?? b;
        if (node.operator === "*") return times(a ?? pure, b ?? pure);
        if (node.operator === "/") return over(a ?? pure, b ?? pure);
        return node.operator === "**" ? raised(a ?? pure, constantOf(node.right) ?? 0) : pure;
      }
    }
  }

  private callDimension({ name, args }: CallNode): Dimension | undefined {
    const pure = NUMBER.dimension;
    const units = isFunction(name) ? FUNCTIONS[name].units : "pure";
    const [first, second] = args;
    if (units === "same") return args.map((arg) => this.dimension(arg)).find((d) => d !== undefined);
    if (units === "root" && first) return raised(this.dimension(first) ?? pure, 0.5);
    if (units === "power" && first && second) return raised(this.dimension(first) ?? pure, constantOf(second) ?? 0);
    return pure;
  }

  private isCondition(node: Expression): boolean {
    if (node.kind === "name") {
      const entry = this.scope.lookup(node.name);
      return entry?.condition === true;
    }
    if (node.kind === "unary") return node.operator === "not";
    return node.kind === "binary" && (isComparison(node.operator) || node.operator === "and" || node.operator === "or");
  }

  /** A number: conditions count as 1 and 0. */
  private number(node: Expression, least: number): string {
    return this.isCondition(node) ? `int(${this.print(node, 0)})` : this.print(node, least);
  }

  private print(node: Expression, least: number): string {
    const [text, strength] = this.parts(node);
    return strength < least ? `(${text})` : text;
  }

  private parts(node: Expression): readonly [text: string, strength: number] {
    const own = this.writing.node?.(node);
    if (own !== undefined) return [own, /^[\w.]+$/.test(own) || /^\w+\(.*\)$/.test(own) ? 10 : 0];
    switch (node.kind) {
      case "number":
        return [numeral(node.value), 10];
      case "name":
        return this.name(node.name);
      case "call":
        return this.call(node);
      case "unary":
        if (node.operator === "not") return [`not ${this.print(node.operand, NOT)}`, NOT];
        if (node.operator === "+") return this.parts(node.operand);
        return [`-${this.number(node.operand, 10)}`, SIGN];
      case "conditional": {
        const { condition, then, otherwise } = node;
        const wanted = this.dimension(node);
        const test = this.print(condition, 0);
        const yes = this.side(then, 8, wanted);
        const no = this.side(otherwise, 8, wanted);
        return [`int(${test})*${yes} + int(not (${test}))*${no}`, 6];
      }
      case "binary":
        return this.binary(node);
    }
  }

  private name(name: string): readonly [string, number] {
    const renamed = this.writing.name?.(name);
    if (renamed !== undefined) return [renamed, /^\w+$/.test(renamed) ? 10 : 0];
    const entry = this.scope.defined(name) === undefined ? this.scope.lookup(name) : undefined;
    if (entry?.kind === "constant" && entry.value === 1) {
      const unit = unitSymbol(name);
      return [unit, /\*/.test(unit) && !unit.startsWith("(") ? 9 : 10];
    }
    return [name, 10];
  }

  /** An operand beside others of a dimension: a bare 0 gets its unit. */
  private side(node: Expression, least: number, wanted: Dimension | undefined): string {
    if (wanted !== undefined && !isPure(wanted) && this.dimension(node) === undefined) return `${least > 7 ? "(" : ""}0*${dimensionText(wanted)}${least > 7 ? ")" : ""}`;
    return this.number(node, least);
  }

  private binary(node: BinaryNode): readonly [string, number] {
    const { operator, left, right } = node;
    const strength = STRENGTH[operator];
    if (operator === "and" || operator === "or") {
      const inner = operator === "or" ? NOT : strength;
      return [`${this.print(left, inner)} ${operator} ${this.print(right, inner + 1)}`, strength];
    }
    if (operator === "**") return [`${this.number(left, 10)}**${this.number(right, 10)}`, strength];
    if (operator === "*" || operator === "/")
      return [`${this.number(left, strength)}${operator}${this.number(right, strength + 1)}`, strength];
    const wanted = this.dimension(left) ?? this.dimension(right);
    const first = isComparison(operator) ? strength + 1 : strength;
    return [`${this.side(left, first, wanted)} ${operator} ${this.side(right, strength + 1, wanted)}`, strength];
  }

  private call(node: CallNode): readonly [string, number] {
    const { name, args } = node;
    const wanted = isFunction(name) && FUNCTIONS[name].units === "same" ? this.callDimension(node) : undefined;
    const texts = args.map((arg) => (name === "int" ? this.print(arg, 0) : this.side(arg, 0, wanted)));
    const [x = "", y = ""] = texts;
    if (name === "min" || name === "max") {
      const unit = wanted === undefined || isPure(wanted) ? "" : `*${dimensionText(wanted)}`;
      const nested = texts
        .slice(1)
        .reduce((a, b) => (name === "min" ? `clip(${a}, -inf${unit}, ${b})` : `clip(${a}, ${b}, inf${unit})`), x);
      return [nested, 10];
    }
    if (name === "step")
      return [`int(${this.side(args[0] as Expression, 6, undefined)} >= ${this.zero(args[0] as Expression)})`, 10];
    if (name === "pow") return [`(${x})**(${y})`, STRENGTH["**"]];
    return [`${FUNCTION_NAMES[name] ?? name}(${texts.join(", ")})`, 10];
  }

  private zero(node: Expression): string {
    const dimension = this.dimension(node);
    return dimension === undefined || isPure(dimension) ? "0" : `0*${dimensionText(dimension)}`;
  }
}

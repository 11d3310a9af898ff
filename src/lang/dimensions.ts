/**
 * Units, in equations and of quantities in model files. A unit is a dimension, a vector of exponents, and a power of
 * ten; within a model all numbers are in one coherent system made of mV, ms and the unit of the model's current: a sum
 * or a product needs no factor.
 */

/** Exponents of volt, ampere, second, metre, mole, kelvin and degree Celsius. Halves and other fractions occur. */
export type Dimension = readonly [V: number, A: number, s: number, m: number, mol: number, K: number, degC: number];

export interface Unit {
  readonly dimension: Dimension;
  /** Power of ten relative to the product of the base units. */
  readonly power: number;
  /** Further factor; 1 but for degrees and for minutes and hours. */
  readonly factor: number;
  /** Exponent of the radian. In equations an angle is a pure number; quantities tell rad/s from Hz. */
  readonly angle: number;
}

const BASES = 7;
const NONE: Dimension = [0, 0, 0, 0, 0, 0, 0];
const TIME: Dimension = [0, 0, 1, 0, 0, 0, 0];
const VOLTAGE: Dimension = [1, 0, 0, 0, 0, 0, 0];

/** A pure number. */
export const NUMBER: Unit = { dimension: NONE, power: 0, factor: 1, angle: 0 };

const PREFIXES: Readonly<Record<string, number>> = {
  f: -15,
  p: -12,
  n: -9,
  u: -6,
  µ: -6,
  μ: -6,
  m: -3,
  c: -2,
  d: -1,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
};

type Definition = readonly [dimension: Dimension, power?: number, factor?: number, angle?: number];

/** Symbols that take prefixes. */
const SYMBOLS: Readonly<Record<string, Definition>> = {
  V: [VOLTAGE],
  A: [[0, 1, 0, 0, 0, 0, 0]],
  s: [TIME],
  m: [[0, 0, 0, 1, 0, 0, 0]],
  S: [[-1, 1, 0, 0, 0, 0, 0]],
  F: [[-1, 1, 1, 0, 0, 0, 0]],
  C: [[0, 1, 1, 0, 0, 0, 0]],
  J: [[1, 1, 1, 0, 0, 0, 0]],
  W: [[1, 1, 0, 0, 0, 0, 0]],
  Ohm: [[1, -1, 0, 0, 0, 0, 0]],
  ohm: [[1, -1, 0, 0, 0, 0, 0]],
  Ω: [[1, -1, 0, 0, 0, 0, 0]],
  Hz: [[0, 0, -1, 0, 0, 0, 0]],
  mol: [[0, 0, 0, 0, 1, 0, 0]],
  // moles per litre
  M: [[0, 0, 0, -3, 1, 0, 0], 3],
  l: [[0, 0, 0, 3, 0, 0, 0], -3],
  L: [[0, 0, 0, 3, 0, 0, 0], -3],
  K: [[0, 0, 0, 0, 0, 1, 0]],
  rad: [NONE, 0, 1, 1],
};

/** Names that take prefixes too, as Brian2 has them, and the symbols they stand for. */
const WORDS: Readonly<Record<string, string>> = {
  volt: "V",
  amp: "A",
  ampere: "A",
  second: "s",
  metre: "m",
  meter: "m",
  siemens: "S",
  farad: "F",
  coulomb: "C",
  joule: "J",
  watt: "W",
  hertz: "Hz",
  mole: "mol",
  molar: "M",
  liter: "l",
  litre: "l",
  kelvin: "K",
  radian: "rad",
};

/** Units without prefixes. */
const PLAIN: Readonly<Record<string, Definition>> = {
  deg: [NONE, 0, Math.PI / 180, 1],
  min: [TIME, 0, 60],
  h: [TIME, 0, 3600],
  minute: [TIME, 0, 60],
  hour: [TIME, 0, 3600],
  celsius: [[0, 0, 0, 0, 0, 0, 1]],
  degC: [[0, 0, 0, 0, 0, 0, 1]],
};

/** Single letters that are units in an expression. Others, m and h above all, are names of gates and the like. */
const LETTERS: ReadonlySet<string> = new Set(["V", "A", "s", "S", "J", "W"]);

/** A name that is a function in an expression. */
const MINIMUM = "min";

/** The unit that a name is in the text of a unit: "mV", "cm2", "siemens". */
export function unitSymbol(name: string): Unit | undefined {
  const match = /^(.*?)([2-4²³])?$/u.exec(name);
  const [, symbol = "", digit] = match ?? [];
  if (symbol === "") return undefined;
  const unit = single(symbol);
  if (!unit || digit === undefined) return unit;
  return unitPower(unit, digit === "²" ? 2 : digit === "³" ? 3 : Number(digit));
}

/** The unit that a name is in an expression, where the model has no such name of its own. */
export function unitName(name: string): Unit | undefined {
  const isTaken = name === MINIMUM || (name.length === 1 && !LETTERS.has(name));
  const unit = isTaken ? undefined : unitSymbol(name);
  return unit && usable(unit) ? unit : undefined;
}

function single(symbol: string): Unit | undefined {
  const plain = own(PLAIN, symbol);
  if (plain) return made(plain, 0);
  for (const [prefix, power] of Object.entries(PREFIXES)) {
    if (!symbol.startsWith(prefix)) continue;
    const rest = symbol.slice(prefix.length);
    const definition = own(SYMBOLS, own(WORDS, rest) ?? rest);
    if (definition) return made(definition, power);
  }
  return undefined;
}

function made([dimension, power = 0, factor = 1, angle = 0]: Definition, prefix: number): Unit {
  return { dimension, power: power + prefix, factor, angle };
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Units that are written after a number now and then, for hints: the nearest is looked for among these. */
export const COMMON_UNITS: readonly string[] = [
  "mV",
  "V",
  "uV",
  "ms",
  "s",
  "us",
  "pA",
  "nA",
  "uA",
  "nS",
  "uS",
  "mS",
  "pF",
  "nF",
  "uF",
  "Hz",
  "kHz",
  "MOhm",
  "mM",
  "uM",
  "nM",
  "um",
  "cm",
  "cm2",
  "mm",
  "degC",
  "volt",
  "amp",
  "second",
  "siemens",
  "farad",
  "hertz",
  "msecond",
  "mvolt",
  "namp",
  "pamp",
  "nsiemens",
  "pfarad",
];

// the longest unit in use has 20 characters; what is longer is no unit
const MAX_LENGTH = 64;
const MAX_NESTED = 8;

/**
 * Parses a unit such as "mV", "uA/cm^2", "1/ms", "pA*sqrt(ms)" or "siemens/meter**2"; undefined where it is none. "1"
 * and "" are a pure number.
 */
export function parseUnit(text: string): Unit | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const tokens = text.match(/\*\*|[\p{L}_][\p{L}\d_]*[²³]?|\d+\.?\d*|[-+*/^()·⋅]|\S/gu) ?? [];
  const reader = new UnitReader(tokens);
  const unit = tokens.length === 0 ? NUMBER : reader.product(0);
  return reader.done && unit && usable(unit) ? unit : undefined;
}

/** Exponents are whole or halves, and degrees, minutes and hours stand alone. */
function usable({ dimension, factor }: Unit): boolean {
  return (
    Number.isFinite(factor) && dimension.every((exponent) => Number.isInteger(2 * exponent) && Math.abs(exponent) <= 12)
  );
}

class UnitReader {
  private readonly tokens: readonly string[];
  private at = 0;

  constructor(tokens: readonly string[]) {
    this.tokens = tokens;
  }

  get done(): boolean {
    return this.at === this.tokens.length;
  }

  product(nested: number): Unit | undefined {
    let unit: Unit | undefined = NUMBER;
    // "/ms" is 1/ms
    let divides = this.tokens[this.at] === "/";
    if (divides) this.at++;
    for (;;) {
      const factor = this.power(nested);
      if (!factor || !unit) return undefined;
      unit = unitProduct(unit, divides ? unitPower(factor, -1) : factor);
      const operator = this.tokens[this.at];
      if (operator === undefined || !["*", "/", "·", "⋅"].includes(operator)) return unit;
      divides = operator === "/";
      this.at++;
    }
  }

  private power(nested: number): Unit | undefined {
    const base = this.atom(nested);
    const operator = this.tokens[this.at];
    // "s-1" is 1/s
    const isPower = operator === "^" || operator === "**";
    if (!base || !(isPower || operator === "-")) return base;
    if (isPower) this.at++;
    const negative = this.tokens[this.at] === "-";
    if (negative || this.tokens[this.at] === "+") this.at++;
    const digits = this.tokens[this.at++] ?? "";
    if (!/^\d(\.5)?$/.test(digits)) return undefined;
    return unitPower(base, negative ? -Number(digits) : Number(digits));
  }

  private atom(nested: number): Unit | undefined {
    const token = this.tokens[this.at++];
    if (token === undefined || nested > MAX_NESTED) return undefined;
    if (token === "1") return NUMBER;
    const root = token === "sqrt" && this.tokens[this.at] === "(";
    if (root) this.at++;
    if (token !== "(" && !root) return unitSymbol(token);
    const inner = this.product(nested + 1);
    if (this.tokens[this.at++] !== ")" || !inner) return undefined;
    return root ? unitPower(inner, 0.5) : inner;
  }
}

export function unitProduct(a: Unit, b: Unit): Unit {
  return {
    dimension: times(a.dimension, b.dimension),
    power: a.power + b.power,
    factor: a.factor * b.factor,
    angle: a.angle + b.angle,
  };
}

export function unitPower(unit: Unit, exponent: number): Unit {
  // only degrees, minutes and hours have a factor, and nobody takes other powers of them
  const factor = exponent === -1 ? 1 / unit.factor : exponent === 1 ? unit.factor : unit.factor === 1 ? 1 : NaN;
  return {
    dimension: raised(unit.dimension, exponent),
    power: unit.power * exponent,
    factor,
    angle: unit.angle * exponent,
  };
}

export function times(a: Dimension, b: Dimension): Dimension {
  return mapped((i) => (a[i] ?? 0) + (b[i] ?? 0));
}

export function over(a: Dimension, b: Dimension): Dimension {
  return mapped((i) => (a[i] ?? 0) - (b[i] ?? 0));
}

export function raised(a: Dimension, exponent: number): Dimension {
  return mapped((i) => (a[i] ?? 0) * exponent);
}

function mapped(value: (i: number) => number): Dimension {
  // x**(1/3) leaves thirds, whose sums are rounded
  const rounded = (x: number): number => Math.round(x * 1e9) / 1e9 + 0;
  return Array.from({ length: BASES }, (_, i) => rounded(value(i))) as unknown as Dimension;
}

export function same(a: Dimension, b: Dimension): boolean {
  return a.every((exponent, i) => exponent === b[i]);
}

export function isPure(a: Dimension): boolean {
  return a.every((exponent) => exponent === 0);
}

/** Ten to a power of whole numbers, halves or quarters, without a function of the host; NaN for others. */
export function tenTo(power: number): number {
  const tens = Math.floor(power);
  const rest = power - tens;
  const root = {
    0: 1,
    0.25: Math.sqrt(Math.sqrt(10)),
    0.5: Math.sqrt(10),
    0.75: Math.sqrt(10) * Math.sqrt(Math.sqrt(10)),
  }[rest];
  return root === undefined ? NaN : Number(`1e${tens}`) * root;
}

/** A number by which a number in some unit is multiplied: factor times ten to the power. */
export interface Scale {
  readonly power: number;
  readonly factor: number;
}

/** The number by which one in a unit is multiplied. */
export function factorOf({ power, factor }: Scale): number {
  return factor * tenTo(power);
}

/** A unit of a potential in mV; undefined where it is no such unit. */
export function millivolts(text: string): number | undefined {
  const unit = parseUnit(text);
  return unit && same(unit.dimension, VOLTAGE) ? factorOf({ ...unit, power: unit.power + 3 }) : undefined;
}

/** The units of one model. */
export class UnitSystem {
  /** Unit of the current, as it is written; "1" for a pure number. */
  readonly current: string;
  readonly currentUnit: Unit;
  /** Powers of ten of the base units: mV, ms, cm, mmol; the ampere's follows from the current. */
  private readonly powers: readonly number[];
  private readonly shown: readonly (readonly [Dimension, string])[];

  constructor(current: string, unit: Unit) {
    this.current = current === "" ? "1" : symbolic(current);
    this.currentUnit = unit;
    const powers = [-3, -12, -3, -2, -3, 0, 0];
    // with a whole ampere the current itself needs no factor
    if (unit.dimension[1] === 1) {
      let rest = unit.power;
      for (let i = 0; i < BASES; i++) if (i !== 1) rest -= (unit.dimension[i] ?? 0) * (powers[i] ?? 0);
      powers[1] = rest;
    }
    this.powers = powers;
    this.shown = this.names();
  }

  get voltage(): Dimension {
    return VOLTAGE;
  }

  get time(): Dimension {
    return TIME;
  }

  /** By what a number in `unit` is multiplied to be in the coherent system. */
  scale(unit: Unit): Scale {
    let { power } = unit;
    for (let i = 0; i < BASES; i++) power -= (unit.dimension[i] ?? 0) * (this.powers[i] ?? 0);
    return { power: Math.round(power * 1e9) / 1e9 + 0, factor: unit.factor };
  }

  /** The coherent unit of a dimension in words: "mV/ms", "nS", "a pure number". */
  text(dimension: Dimension): string {
    return isPure(dimension) ? "a pure number" : this.symbol(dimension);
  }

  /** The same as it is written behind a colon: "1" for a pure number. */
  symbol(dimension: Dimension): string {
    const found = this.shown.find(([known]) => same(known, dimension));
    if (found) return found[1];
    return product(
      dimension.map((exponent, i) => [BASE_NAMES[i] as string, exponent]),
      (i) => this.base(i),
    );
  }

  /** The unit of a current that has a dimension, as it is mostly written; undefined for what no current is. */
  static currentOf(dimension: Dimension): string | undefined {
    return CURRENTS.find(([known]) => same(known, dimension))?.[1];
  }

  private base(i: number): string {
    return i === 1 ? prefixed(this.powers[1] ?? 0, "A") : (BASE_NAMES[i] as string);
  }

  /** What has a name of its own: the units of the current, of conductance and capacitance, with mV and ms. */
  private names(): (readonly [Dimension, string])[] {
    const { current, currentUnit } = this;
    const known: [Dimension, string][] = [
      [NONE, "1"],
      [VOLTAGE, "mV"],
      [TIME, "ms"],
    ];
    const add = (dimension: Dimension, text: string): void => {
      if (!known.some(([other]) => same(other, dimension))) known.push([dimension, text]);
    };
    add(over(NONE, TIME), "1/ms");
    add(over(VOLTAGE, TIME), "mV/ms");
    add(over(NONE, VOLTAGE), "1/mV");
    add(over(NONE, times(VOLTAGE, TIME)), "1/(mV*ms)");
    add(raised(TIME, 0.5), "sqrt(ms)");
    add(raised(TIME, -0.5), "1/sqrt(ms)");
    add(times(VOLTAGE, raised(TIME, -0.5)), "mV/sqrt(ms)");
    add(times(VOLTAGE, raised(TIME, 0.5)), "mV*sqrt(ms)");
    const I = currentUnit.dimension;
    if (!isPure(I)) {
      add(I, current);
      const electric = /^([a-zµμ]?)A(\/.+)?$/.exec(current);
      const [, prefix = "", area = ""] = electric ?? [];
      const siemens = prefixed((PREFIXES[prefix] ?? 0) + 3, "S");
      add(over(I, VOLTAGE), electric ? `${siemens}${area}` : `${current}/mV`);
      add(over(times(I, TIME), VOLTAGE), electric ? `${prefix}F${area}` : `${current}*ms/mV`);
      add(over(I, times(VOLTAGE, VOLTAGE)), electric ? `${siemens}${area}/mV` : `${current}/mV**2`);
      add(over(I, TIME), `${current}/ms`);
      add(times(I, raised(TIME, 0.5)), `${current}*sqrt(ms)`);
      add(times(I, TIME), `${current}*ms`);
    }
    return known;
  }
}

const CURRENTS: readonly (readonly [Dimension, string])[] = [
  [[0, 1, 0, 0, 0, 0, 0], "pA"],
  [[0, 1, 0, -2, 0, 0, 0], "uA/cm2"],
  [[1, 0, -1, 0, 0, 0, 0], "mV/ms"],
  [VOLTAGE, "mV"],
];

/** The text of a unit with symbols for words, "amp" as "A" and "msiemens/cm**2" as "mS/cm2". */
export function symbolic(text: string): string {
  return text
    .replace(/[\p{L}_][\p{L}\d_]*/gu, (name) => {
      for (const prefix of Object.keys(PREFIXES)) {
        const symbol = name.startsWith(prefix) ? own(WORDS, name.slice(prefix.length)) : undefined;
        if (symbol !== undefined) return prefix + symbol;
      }
      return name;
    })
    .replace(/(\p{L})(?:\*\*|\^)([2-4])(?![.\d])/gu, "$1$2");
}

const BASE_NAMES: readonly string[] = ["mV", "A", "ms", "cm", "mmol", "K", "degC"];

function prefixed(power: number, symbol: string): string {
  const found = Object.entries(PREFIXES).find(([, p]) => p === power);
  return found ? `${found[0]}${symbol}` : `1e${power}*${symbol}`;
}

function product(factors: readonly (readonly [string, number])[], name: (i: number) => string): string {
  const raise = (i: number, exponent: number): string => (exponent === 1 ? name(i) : `${name(i)}**${exponent}`);
  const above: string[] = [];
  const below: string[] = [];
  for (const [i, [, exponent]] of factors.entries()) {
    if (exponent > 0) above.push(raise(i, exponent));
    if (exponent < 0) below.push(raise(i, -exponent));
  }
  const upper = above.length === 0 ? "1" : above.join("*");
  if (below.length === 0) return upper;
  return `${upper}/${below.length === 1 ? below[0] : `(${below.join("*")})`}`;
}

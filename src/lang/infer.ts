/** Units and kinds of expressions: what each part is, and what does not fit together. */
import { nearestName } from "../model/suggest.js";
import {
  type BinaryNode,
  type CallNode,
  type Expression,
  isComparison,
  type NameNode,
  printExpression,
} from "./ast.js";
import type { Diagnostics } from "./diagnostics.js";
import { COMMON_UNITS, type Dimension, isPure, NUMBER, over, raised, same, times } from "./dimensions.js";
import { ELSEWHERE, FUNCTIONS, isFunction } from "./functions.js";
import { type Scope, Uses } from "./scope.js";
import { shorten, type Source, type Span } from "./source.js";

/** What is known of the value of an expression. */
export interface Value {
  readonly type: "number" | "boolean";
  /** undefined fits any unit: 0, and what a reported mistake left open. */
  readonly dimension: Dimension | undefined;
  /** Bits of `Uses`. */
  readonly uses: number;
}

type Side = readonly [uses: number, dimension: Dimension];

const PURE = NUMBER.dimension;

const NOISE_APART =
  "xi has the unit 1/sqrt(ms), so it stands beside what is divided by a time: (E - v)/tau + sigma*sqrt(2/tau)*xi.";

/** Checks the expressions of one text. `names` collects the names that are used. */
export class Inference {
  private readonly scope: Scope;
  private readonly source: Source;
  private readonly diagnostics: Diagnostics;
  private readonly used: Set<string>;
  private readonly noise: string | undefined;
  private readonly allowed: string | undefined;

  /**
   * @param noise why white noise has no place here; undefined in equations, where it has
   * @param allowed a sentence on the names that there are, where they are not those of a model
   */
  constructor(
    scope: Scope,
    source: Source,
    diagnostics: Diagnostics,
    used: Set<string>,
    noise?: string,
    allowed?: string,
  ) {
    this.scope = scope;
    this.source = source;
    this.diagnostics = diagnostics;
    this.used = used;
    this.noise = noise;
    this.allowed = allowed;
  }

  /** @param expected the unit that terms of a sum should have, where it is known */
  value(node: Expression, expected?: Dimension): Value {
    switch (node.kind) {
      case "number":
        return { type: "number", dimension: this.scope.bare || node.value === 0 ? undefined : PURE, uses: 0 };
      case "name":
        return this.name(node);
      case "call":
        return this.call(node);
      case "conditional": {
        const condition = this.condition(node.condition, "what stands behind if");
        const [a, b] = [this.value(node.then, expected), this.value(node.otherwise, expected)];
        const uses = condition.uses | a.uses | b.uses;
        this.linear(node.condition, condition);
        if (a.type === "boolean" && b.type === "boolean") return { type: "boolean", dimension: undefined, uses };
        const dimension = this.alike([node.then, node.otherwise], [a, b], "the two sides of an if");
        return { type: "number", dimension, uses };
      }
      case "unary": {
        if (node.operator === "not") return this.condition(node.operand, "the operand of not");
        return { ...this.value(node.operand, expected), type: "number" };
      }
      case "binary":
        return this.binary(node, expected);
    }
  }

  /** An expression that must be a condition. */
  condition(node: Expression, what: string): Value {
    const value = this.value(node);
    if (value.type !== "boolean") {
      this.error(
        node,
        "no-condition",
        `${what} must be a condition, such as v > -50*mV; ${this.quoted(node)} is a number.`,
      );
    }
    return { ...value, type: "boolean" };
  }

  private error(span: Span, code: string, message: string, fix?: string): void {
    this.diagnostics.error(this.source, span, code, message, fix);
  }

  private quoted(node: Expression): string {
    return JSON.stringify(shorten(this.source.slice(node)));
  }

  private is(node: Expression, dimension: Dimension): string {
    return `${this.quoted(node)} is ${this.text(dimension)}`;
  }

  private text(dimension: Dimension): string {
    return this.scope.system.text(dimension);
  }

  private binary(node: BinaryNode, expected?: Dimension): Value {
    const { operator, left, right } = node;
    if (operator === "+" || operator === "-") return this.sum(node, expected);
    if (operator === "and" || operator === "or") {
      const a = this.condition(left, `the left side of ${operator}`);
      const b = this.condition(right, `the right side of ${operator}`);
      return { type: "boolean", dimension: undefined, uses: a.uses | b.uses };
    }
    const [a, b] = [this.value(left), this.value(right)];
    const uses = a.uses | b.uses;
    if (isComparison(operator)) {
      for (const [side, value] of [
        [left, a],
        [right, b],
      ] as const)
        this.linear(side, value);
      this.alike([left, right], [a, b], `${this.quoted(left)} and ${this.quoted(right)}, which are compared,`);
      if ((operator === "==" || operator === "!=") && (uses & (Uses.STATE | Uses.INPUT | Uses.TIME)) !== 0) {
        this.diagnostics.warning(
          this.source,
          node,
          "equality",
          "computed numbers are hardly ever equal; compare with >= or <=.",
        );
      }
      return { type: "boolean", dimension: undefined, uses };
    }
    const [x, y] = [dimensionOf(a), dimensionOf(b)];
    const number = (dimension: Dimension | undefined): Value => ({ type: "number", dimension, uses });
    if (operator === "**") return number(this.power(left, a, right, b));
    if (operator === "*") {
      if ((a.uses & b.uses & Uses.NOISE) !== 0) this.nonlinear(node);
      return number(x && y && times(x, y));
    }
    this.linear(right, b);
    this.divisor(node);
    return number(x && y && over(x, y));
  }

  /** The terms of a sum, whose left spine may be long, have one unit. */
  private sum(node: BinaryNode, expected?: Dimension): Value {
    const terms: Expression[] = [];
    let head: Expression = node;
    while (head.kind === "binary" && (head.operator === "+" || head.operator === "-")) {
      terms.push(head.right);
      head = head.left;
    }
    terms.push(head);
    terms.reverse();
    const values = terms.map((term) => this.value(term, expected));
    const dimension = this.alike(terms, values, "the terms of a sum", expected);
    return { type: "number", dimension, uses: values.reduce((uses, value) => uses | value.uses, 0) };
  }

  /**
   * The unit that all have; those that differ from `expected`, or else from most, are reported. undefined where that
   * leaves the unit open.
   */
  private alike(
    nodes: readonly Expression[],
    values: readonly Value[],
    what: string,
    expected?: Dimension,
  ): Dimension | undefined {
    const known = nodes.flatMap((node, i) => {
      const { uses } = values[i] as Value;
      const dimension = dimensionOf(values[i] as Value);
      return dimension === undefined ? [] : [{ node, dimension, uses }];
    });
    const kinds: { dimension: Dimension; count: number }[] = [];
    for (const { dimension } of known) {
      const kind = kinds.find((one) => same(one.dimension, dimension));
      if (kind) kind.count++;
      else kinds.push({ dimension, count: 1 });
    }
    const wanted = kinds.find((one) => expected !== undefined && same(one.dimension, expected));
    const first =
      wanted ??
      kinds.reduce<(typeof kinds)[number] | undefined>((a, b) => (a && a.count >= b.count ? a : b), undefined);
    if (first === undefined || kinds.length === 1) return first?.dimension;
    const reference = known.find((one) => same(one.dimension, first.dimension));
    for (const { node, dimension, uses } of known) {
      if (same(dimension, first.dimension) || !reference) continue;
      const other = this.is(reference.node, first.dimension);
      const message = `${what} must have one unit: ${this.is(node, dimension)}, but ${other}`;
      const divisor =
        node.kind === "binary" && node.operator === "/" && node.right.kind === "number" ? node.right : undefined;
      if (divisor && same(over(dimension, this.scope.system.time), first.dimension)) {
        const fix = `(${this.source.slice(divisor)}*ms)`;
        this.error(divisor, "missing-time", `${message}: the time constant has no unit.`, fix);
      } else {
        const hint =
          (uses & Uses.NOISE) === 0
            ? this.missingCurrent([uses, dimension], [reference.uses, first.dimension])
            : ` ${NOISE_APART}`;
        this.error(node, "units-differ", `${message}.${hint}`, this.withUnit(node, first.dimension));
      }
    }
    return wanted ? first.dimension : undefined;
  }

  /** What a model without a unit of its current should name, where only one of two sides depends on I. */
  private missingCurrent(...sides: readonly Side[]): string {
    const [own, other] = [...sides].sort(([a], [b]) => (b & Uses.INPUT) - (a & Uses.INPUT)) as [Side, Side];
    const apart = ((own[0] ^ other[0]) & Uses.INPUT) !== 0;
    return apart ? this.scope.missingCurrent(over(other[1], own[1])) : "";
  }

  /** A number that was meant in another unit, written with it. */
  private withUnit(node: Expression, dimension: Dimension): string | undefined {
    const plain = node.kind === "unary" ? node.operand : node;
    if (plain.kind !== "number" || isPure(dimension)) return undefined;
    return `${this.source.slice(node)}*${this.scope.system.symbol(dimension)}`;
  }

  private power(base: Expression, a: Value, exponent: Expression, b: Value): Dimension | undefined {
    for (const [side, value] of [
      [base, a],
      [exponent, b],
    ] as const)
      this.linear(side, value);
    const [x, y] = [dimensionOf(a), dimensionOf(b)];
    if (y !== undefined && !isPure(y)) {
      this.error(exponent, "exponent", `an exponent must be a pure number; ${this.is(exponent, y)}.`);
      return undefined;
    }
    if (x === undefined || isPure(x)) return x;
    const power = constantOf(exponent);
    if (power === undefined) {
      const message = `${this.is(base, x)}: its exponent must be a number written out, or divide it by a unit first.`;
      this.error(exponent, "exponent", message);
      return undefined;
    }
    return raised(x, power);
  }

  private call(node: CallNode): Value {
    const { name } = node;
    const values = node.args.map((arg) => this.value(arg));
    const uses = values.reduce((all, value) => all | value.uses, 0);
    const unknown: Value = { type: "number", dimension: undefined, uses };
    if (!isFunction(name)) {
      this.unknownFunction(node);
      return unknown;
    }
    const { arity, units } = FUNCTIONS[name];
    const [least, most] = arity;
    if (values.length < least || values.length > most) {
      const wanted = least === most ? String(least) : `${least} to ${most}`;
      const noun = wanted === "1" ? "argument" : "arguments";
      const count = least === 0 ? `no ${noun}` : `${wanted} ${noun}`;
      this.error(node, "arity", `${name} takes ${count}, not ${values.length}.`);
      return unknown;
    }
    for (const [i, value] of values.entries()) this.linear(node.args[i] as Expression, value);
    const [first, second] = values as [Value, Value?];
    const x = first && dimensionOf(first);
    const number = (dimension: Dimension | undefined): Value => ({ type: "number", dimension, uses });
    switch (units) {
      case "random":
        return { type: "number", dimension: this.scope.bare ? undefined : PURE, uses: Uses.RANDOM };
      case "same":
        return number(values.length === 1 ? x : this.alike(node.args, values, `the arguments of ${name}`));
      case "root":
        return number(x && raised(x, 0.5));
      case "plain":
        return number(PURE);
      case "power":
        return number(this.power(node.args[0] as Expression, first, node.args[1] as Expression, second as Value));
      case "pure":
      case "number":
        if (x !== undefined && !isPure(x)) {
          const arg = node.args[0] as Expression;
          const unit = this.scope.system.symbol(x);
          const hint = `divide it by ${indefinite(unit)}`;
          const message = `the argument of ${name} must be a pure number; ${this.is(arg, x)}: ${hint}.`;
          this.error(arg, "argument-unit", message);
        }
        return number(this.scope.bare ? undefined : PURE);
    }
  }

  private unknownFunction(node: CallNode): void {
    const { name, at } = node;
    if (this.diagnostics.full) return this.error(at, "unknown-function", "");
    const entry = this.scope.lookup(name);
    if (entry !== undefined) {
      this.used.add(name);
      const message = `${name} is no function; an operator is missing before the bracket.`;
      return this.error(at, "missing-operator", message, `${name}*`);
    }
    const other = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : nearestName(name, Object.keys(FUNCTIONS));
    const hint = other === undefined ? "" : ` Did you mean ${other}?`;
    const known = other === undefined ? ` Known: ${Object.keys(FUNCTIONS).join(", ")}.` : "";
    this.error(at, "unknown-function", `unknown function ${JSON.stringify(shorten(name))}.${hint}${known}`, other);
  }

  private name(node: NameNode): Value {
    const { name } = node;
    const entry = this.scope.lookup(name);
    if (entry === undefined) {
      this.unknownName(node);
      return { type: "number", dimension: undefined, uses: 0 };
    }
    this.used.add(name);
    let { uses } = entry;
    if (this.noise !== undefined && (uses & Uses.NOISE) !== 0) {
      this.error(node, "context", entry.kind === "noise" ? `${this.noise}.` : `${name} depends on xi: ${this.noise}.`);
      uses &= ~Uses.NOISE;
    }
    return { type: entry.condition ? "boolean" : "number", dimension: entry.dimension, uses };
  }

  private unknownName(node: NameNode): void {
    const { name } = node;
    if (this.diagnostics.full) return this.error(node, "unknown-name", "");
    if (isFunction(name)) {
      return this.error(node, "missing-bracket", `${name} is a function: its arguments stand in brackets.`);
    }
    const names = this.scope.names;
    const units = this.scope.bare ? [] : COMMON_UNITS;
    const twin = [...names, ...units].find((other) => other.toLowerCase() === name.toLowerCase());
    const advised = Object.hasOwn(ADVICE, name) ? ADVICE[name] : undefined;
    // any letter is near to another
    const guess =
      advised !== undefined || name.length === 1 ? undefined : (nearestName(name, names) ?? nearestName(name, units));
    const near = twin ?? guess;
    const why = near !== undefined && near === twin ? " Capital and small letters differ." : "";
    const hint = near === undefined ? "" : ` Did you mean ${near}?${why}`;
    const known = this.allowed ?? "It must be a state, a parameter or an intermediate equation.";
    const advice = near === undefined ? (advised ?? ` ${known}`) : this.allowed === undefined ? "" : ` ${known}`;
    this.error(node, "unknown-name", `unknown name ${JSON.stringify(shorten(name))}.${hint}${advice}`, near);
  }

  private linear(node: Expression, value: Value): void {
    if ((value.uses & Uses.NOISE) !== 0) this.nonlinear(node);
  }

  private nonlinear(node: Expression): void {
    this.error(node, "noise", "white noise xi must be a term of its equation, or a factor of one: f + g*xi.");
  }

  /** Divisors that can be 0. */
  private divisor(node: BinaryNode): void {
    const { left, right } = node;
    if (constantOf(right) === 0) return this.error(right, "zero-division", "this divides by 0.");
    const exponent = exprelArgument(right);
    const warn = (message: string): void => this.diagnostics.warning(this.source, node, "zero-division", message);
    if (exponent !== undefined) {
      const x = printExpression(exponent);
      const same = printExpression(left) === x ? `1/exprel(${x})` : undefined;
      const hint = same ? "" : ": write it with 1/exprel";
      const message = `0/0 where ${shorten(x)} is 0; exprel(x) is (exp(x) - 1)/x without the gap${hint}.`;
      return this.diagnostics.warning(this.source, node, "zero-division", message, same);
    }
    if (right.kind !== "binary" || right.operator !== "-" || constantOf(right) !== undefined) return;
    const states = [...stateNames(right, this.scope)];
    if (states.length === 0) return;
    const sides = `${shorten(printExpression(right.left))} = ${shorten(printExpression(right.right))}`;
    warn(`this divides by 0 where ${sides}, which ${states[0]} may reach.`);
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  e: " Powers of e are exp(x).",
  inf: " There is no infinity; use a large number.",
  lastspike: " A state with a reset, such as s = t, remembers the last spike.",
};

/** The states that an expression names directly, outside of functions, where a value of 0 is not in sight. */
function* stateNames(node: Expression, scope: Scope): Generator<string> {
  if (node.kind === "name" && scope.defined(node.name)?.kind === "state") yield node.name;
  if (node.kind === "binary") {
    yield* stateNames(node.left, scope);
    yield* stateNames(node.right, scope);
  }
  if (node.kind === "unary") yield* stateNames(node.operand, scope);
}

/** x, where the expression is exp(x) - 1 or 1 - exp(x). */
function exprelArgument(node: Expression): Expression | undefined {
  if (node.kind !== "binary" || node.operator !== "-") return undefined;
  for (const [a, b] of [
    [node.left, node.right],
    [node.right, node.left],
  ] as const) {
    if (a.kind === "call" && a.name === "exp" && a.args.length === 1 && constantOf(b) === 1) return a.args[0];
  }
  return undefined;
}

/**
 * The value of an expression of written numbers.
 *
 * @param known the value of a name, where names may stand in it
 */
export function constantOf(node: Expression, known?: (name: string) => number | undefined): number | undefined {
  if (node.kind === "number") return node.value;
  if (node.kind === "name") return known?.(node.name);
  if (node.kind === "unary" && node.operator !== "not") {
    const value = constantOf(node.operand, known);
    return value !== undefined && node.operator === "-" ? -value : value;
  }
  if (node.kind !== "binary") return undefined;
  const [a, b] = [constantOf(node.left, known), constantOf(node.right, known)];
  if (a === undefined || b === undefined) return undefined;
  switch (node.operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    default:
      return undefined;
  }
}

/** The unit of a value; that of a condition is that of the number 0 or 1 it counts as. */
export function dimensionOf(value: Value): Dimension | undefined {
  return value.type === "boolean" ? PURE : value.dimension;
}

function indefinite(unit: string): string {
  return unit.includes("*") || unit.includes("/") ? `something in ${unit}` : `something in ${unit}, such as 1*${unit}`;
}

/**
 * Tokens to trees. After a mistake the parser goes on: behind it where what was meant is clear, else at the next line.
 *
 *     equation    = ( "d" NAME "/" "dt" "=" expression | NAME "=" expression | NAME ) ":" unit [ flags ]
 *     flags       = "(" flag { "," flag } ")"
 *     assignment  = NAME ( "=" | "+=" | "-=" | "*=" | "/=" ) expression
 *     expression  = [ expression "if" expression "else" ] operators of STRENGTH over operands
 *     operand     = NUMBER | NAME | NAME "(" expression { "," expression } ")" | "(" expression ")"
 *
 * A line goes on in the next one inside of brackets, behind an operator and before one. `;` ends a statement too.
 */
import { nearestName } from "../model/suggest.js";
import {
  type Assignment,
  type BinaryOperator,
  CONDITIONAL,
  type Equation,
  type Expression,
  type Flag,
  FLAGS,
  isComparison,
  NOT,
  printExpression,
  SIGN,
  STRENGTH,
  type UnaryOperator,
} from "./ast.js";
import type { Diagnostics } from "./diagnostics.js";
import { isFunction } from "./functions.js";
import { type Token, tokenize } from "./lexer.js";
import { MAX_DEPTH, MAX_STATEMENTS } from "./limits.js";
import { shorten, type Source, type Span } from "./source.js";

/** `caret` accepts `^` for `**`, as the records of src/models write it. `flags` are those that equations may have. */
export interface ParserOptions {
  readonly caret?: boolean;
  readonly flags?: readonly Flag[];
}

/** Words that are no names. */
export const WORDS: ReadonlySet<string> = new Set(["if", "else", "and", "or", "not"]);

/** Equations, as many as could be read. `lost` collects the others by the name on their left side. */
export function parseEquations(
  source: Source,
  diagnostics: Diagnostics,
  options: ParserOptions = {},
  lost: Map<string, Equation["kind"]> = new Map(),
): Equation[] {
  const parser = new Parser(source, diagnostics, options);
  return parser.statements(() => parser.equation(lost));
}

/** The statements of a reset. */
export function parseAssignments(source: Source, diagnostics: Diagnostics, options: ParserOptions = {}): Assignment[] {
  const parser = new Parser(source, diagnostics, options);
  return parser.statements(() => parser.assignment());
}

/** A text that is one expression; undefined where it could not be read. */
export function parseExpression(
  source: Source,
  diagnostics: Diagnostics,
  options: ParserOptions = {},
): Expression | undefined {
  return new Parser(source, diagnostics, options).single();
}

/** Thrown to leave a statement whose rest has no meaning; the mistake is reported. */
class Abandoned extends Error {}

const OPERAND_KINDS: ReadonlySet<string> = new Set(["number", "name"]);
const ARITHMETIC: ReadonlySet<string> = new Set(["+", "-", "*", "/", "**"]);
const ASSIGNING: ReadonlySet<string> = new Set(["=", "+=", "-=", "*=", "/="]);

class Parser {
  private readonly source: Source;
  private readonly diagnostics: Diagnostics;
  private readonly options: ParserOptions;
  private readonly tokens: readonly Token[];
  private index = 0;
  private level = 0;
  /** Calls around the present place: only there a comma has a meaning. */
  private calls = 0;
  /** What stands in brackets of its own, so that its precedence is no question. */
  private readonly bracketed = new WeakSet<Expression>();

  constructor(source: Source, diagnostics: Diagnostics, options: ParserOptions) {
    this.source = source;
    this.diagnostics = diagnostics;
    this.options = options;
    this.tokens = joinLines(tokenize(source, diagnostics));
  }

  private get token(): Token {
    return this.peek(0);
  }

  private get previous(): Token {
    return this.peek(-1);
  }

  private peek(distance: number): Token {
    const index = Math.max(0, Math.min(this.index + distance, this.tokens.length - 1));
    return this.tokens[index] as Token;
  }

  private is(...texts: string[]): boolean {
    return this.token.kind !== "end" && this.token.kind !== "newline" && texts.includes(this.token.text);
  }

  private get atEnd(): boolean {
    return this.token.kind === "end" || this.token.kind === "newline";
  }

  private advance(): Token {
    const { token } = this;
    if (token.kind !== "end") this.index++;
    return token;
  }

  private error(span: Span, code: string, message: string, fix?: string): void {
    this.diagnostics.error(this.source, span, code, message, fix);
  }

  private fail(span: Span, code: string, message: string, fix?: string): never {
    this.error(span, code, message, fix);
    throw new Abandoned();
  }

  private quoted(span: Span): string {
    return JSON.stringify(shorten(this.source.slice(span)));
  }

  statements<T>(one: () => T | undefined): T[] {
    const found: T[] = [];
    for (;;) {
      while (this.token.kind === "newline") this.advance();
      if (this.token.kind === "end") return found;
      if (found.length >= MAX_STATEMENTS) {
        this.error(this.token, "too-many", `there are more than ${MAX_STATEMENTS} lines.`);
        return found;
      }
      const statement = this.attempt(one);
      if (statement !== undefined) found.push(statement);
      while (!this.atEnd) this.advance();
    }
  }

  single(): Expression | undefined {
    while (this.token.kind === "newline") this.advance();
    return this.attempt(() => {
      const value = this.expression(0);
      while (this.token.kind === "newline") this.advance();
      if (this.token.kind !== "end") this.unexpected("one expression stands here");
      return value;
    });
  }

  private attempt<T>(one: () => T): T | undefined {
    try {
      this.level = 0;
      this.calls = 0;
      return one();
    } catch (error) {
      if (error instanceof Abandoned) return undefined;
      throw error;
    }
  }

  equation(lost: Map<string, Equation["kind"]>): Equation | undefined {
    const first = this.token;
    const form = "a line is dX/dt = expression : unit, or x = expression : unit";
    this.derivativeBeside(lost);
    if (first.kind !== "name" || WORDS.has(first.text)) this.fail(first, "statement", `${form}.`);
    this.advance();
    let kind: Equation["kind"] = "intermediate";
    let name = first.text;
    if (first.text === "d" && this.is("(") && this.peek(3).text === "/") {
      const span = { start: first.start, end: this.peek(4).end };
      const inner = this.peek(1).text;
      lost.set(inner, "differential");
      this.fail(span, "derivative", `a derivative is written d${inner}/dt.`, `d${inner}/dt`);
    }
    if (this.is("/") && /^d./.test(first.text)) {
      this.advance();
      const below = this.token;
      name = first.text.slice(1);
      if (below.text !== "dt") {
        const span = { start: first.start, end: below.kind === "name" ? below.end : this.previous.end };
        this.error(span, "derivative", `a derivative is written d${name}/dt.`, `d${name}/dt`);
      }
      if (below.kind === "name") this.advance();
      kind = "differential";
    }
    const at = { start: first.start, end: this.previous.end };
    if (this.is(":", "=", "==")) lost.set(name, kind);
    if (kind === "intermediate" && this.is(":")) {
      const { unit, flags } = this.unitAndFlags();
      lost.delete(name);
      return { kind: "variable", name, at, ...(unit ? { unit } : {}), flags, start: at.start, end: this.previous.end };
    }
    if (this.is("==")) {
      this.error(this.token, "double-equals", "an equation has one =; two compare.", "=");
    } else if (this.is("+=", "-=", "*=", "/=")) {
      this.fail(this.token, "assignment", `${this.token.text} belongs into a reset; ${form}.`);
    } else if (!this.is("=")) {
      this.fail(this.atEnd ? endOf(this.previous) : this.token, "statement", `= is missing: ${form}.`);
    }
    this.advance();
    const value = this.expression(0);
    if (!this.is(":") && !this.atEnd) this.unexpected("after an expression comes a colon and its unit");
    const { unit, flags } = this.unitAndFlags();
    lost.delete(name);
    return { kind, name, at, value, ...(unit ? { unit } : {}), flags, start: at.start, end: this.previous.end };
  }

  /** `tau*dv/dt = ...` and `dv/dt*tau = ...`: the name is known then, so that other texts may use it. */
  private derivativeBeside(lost: Map<string, Equation["kind"]>): void {
    for (let k = 0; ; k++) {
      const { kind, text } = this.peek(k);
      if (kind === "end" || kind === "newline" || text === ":" || text === "==" || ASSIGNING.has(text)) return;
      if (kind !== "name" || !/^d./.test(text) || this.peek(k + 1).text !== "/" || this.peek(k + 2).text !== "dt")
        continue;
      if (k === 0 && !ARITHMETIC.has(this.peek(3).text)) return;
      const [derivative, name] = [`${text}/dt`, text.slice(1)];
      lost.set(name, "differential");
      const span = { start: this.token.start, end: this.peek(k === 0 ? 3 : k + 2).end };
      this.fail(span, "derivative", `${derivative} stands alone on the left side; what is beside it goes to the right one: ${derivative} = (...)/tau.`);
    }
  }

  private unitAndFlags(): Pick<Equation, "flags"> & { unit?: { text: string } & Span } {
    if (!this.is(":")) return { flags: [] };
    this.advance();
    const first = this.token;
    const start = this.index;
    // a bracket behind a symbol or a number cannot belong to a unit
    while (!this.atEnd && !(this.is("(") && this.index > start && this.closesUnit())) {
      if (this.is(":", "=", "if", "else")) this.unexpected("a unit stands here");
      this.advance();
    }
    const span = this.index === start ? undefined : { start: first.start, end: this.previous.end };
    const flags = this.is("(") ? this.flags() : [];
    return { flags, ...(span ? { unit: { text: this.source.slice(span), ...span } } : {}) };
  }

  private closesUnit(): boolean {
    const { kind, text } = this.previous;
    return kind === "number" || text === ")" || (kind === "name" && text !== "sqrt");
  }

  private flags(): Equation["flags"] {
    const found: ({ flag: Flag } & Span)[] = [];
    const open = this.advance();
    while (!this.is(")")) {
      const start = this.token.start;
      const words: string[] = [];
      // "event-driven" is one word, though not one of these
      let hyphen = false;
      while (this.token.kind === "name" || (words.length > 0 && this.is("-"))) {
        if (this.token.kind !== "name") hyphen = true;
        words.push(this.advance().text);
      }
      const text = hyphen ? this.source.slice({ start, end: this.previous.end }) : words.join(" ");
      const span = { start, end: words.length === 0 ? this.token.end : this.previous.end };
      const flag = this.known.find((one) => one === text);
      if (flag) found.push({ flag, ...span });
      else this.badFlag(text, span);
      if (this.atEnd) this.fail(open, "unclosed", "this bracket is never closed.");
      if (this.is(",")) this.advance();
      else if (!this.is(")")) this.unexpected("flags are separated by commas");
    }
    this.advance();
    if (!this.atEnd) this.unexpected("nothing follows the flags");
    return found;
  }

  private get known(): readonly Flag[] {
    return this.options.flags ?? FLAGS;
  }

  private badFlag(text: string, span: Span): never {
    const near = nearestName(text, this.known);
    const hint = near === undefined ? "" : ` Did you mean (${near})?`;
    const known = this.known.map((one) => `(${one})`).join(", ");
    this.fail(span, "flag", `unknown flag ${JSON.stringify(shorten(text))}; there are ${known}.${hint}`, near);
  }

  assignment(): Assignment | undefined {
    const name = this.token;
    const form = "a statement is x = expression, x += expression or the like";
    if (name.kind !== "name" || WORDS.has(name.text)) this.fail(name, "statement", `${form}.`);
    this.advance();
    if (/^d./.test(name.text) && this.is("/") && this.peek(1).text === "dt") {
      const span = { start: name.start, end: this.peek(1).end };
      this.fail(span, "derivative-in-reset", `derivatives belong into the equations; ${form}.`);
    }
    if (this.is("==")) this.error(this.token, "double-equals", "an assignment has one =; two compare.", "=");
    else if (!ASSIGNING.has(this.token.text) || this.atEnd) {
      this.fail(this.atEnd ? endOf(name) : this.token, "statement", `= is missing: ${form}.`);
    }
    const { text } = this.advance();
    const value = this.expression(0);
    if (this.is(":")) {
      const { start } = this.token;
      while (!this.atEnd) this.advance();
      const span = { start, end: this.previous.end };
      this.fail(
        span,
        "unit-in-reset",
        "a statement of a reset has no unit behind it; it has that of its variable.",
        "",
      );
    }
    if (!this.atEnd) this.unexpected("a statement ends with its line, or with ;");
    const operator = text === "=" || text === "==" ? {} : { operator: text[0] as "+" | "-" | "*" | "/" };
    return { name: name.text, at: name, ...operator, value, start: name.start, end: this.previous.end };
  }

  /** An expression of operators that bind at least as strongly as `least`. */
  private expression(least: number): Expression {
    if (++this.level > MAX_DEPTH) this.tooDeep(this.token);
    const start = this.token.start;
    let left = this.prefix();
    for (;;) {
      const operator = this.operator();
      if (operator === undefined) {
        if (this.is("?")) this.fail(this.token, "choice", "a choice is written b if a else c.");
        if (!this.is("if") || least > CONDITIONAL) break;
        left = this.conditional(left, start);
        continue;
      }
      const strength = STRENGTH[operator];
      if (strength < least) break;
      left = this.binary(operator, left, start, least);
    }
    this.level--;
    return left;
  }

  /** The operator that the next token is; what is missing or a slip is reported and read as what was meant. */
  private operator(): BinaryOperator | undefined {
    const { token, previous } = this;
    if (this.is("=")) return "==";
    if (token.kind === "operator" && Object.hasOwn(STRENGTH, token.text)) return token.text as BinaryOperator;
    if (this.is("and", "or")) return token.text as BinaryOperator;
    if (this.atEnd || this.is("if", "else")) return undefined;
    if (OPERAND_KINDS.has(token.kind) || this.is("(")) {
      this.missingOperator(previous, token);
      return "*";
    }
    return undefined;
  }

  private missingOperator(before: Token, after: Token): void {
    const span = { start: before.start, end: after.end };
    if (before.kind === "name" && isFunction(before.text)) {
      this.fail(span, "missing-bracket", `${before.text} is a function: its argument stands in brackets.`);
    }
    if (before.kind === "name" && after.kind === "name" && after.text === "is") {
      this.fail(after, "missing-operator", "conditions are written with <, <=, >, >=, == and !=.");
    }
    const fix = `${this.source.slice(before)}*${this.source.slice(after)}`;
    const quantity = before.kind === "number" && after.kind === "name";
    const message = quantity
      ? `a number and its unit, or a name, are multiplied: ${shorten(fix)}.`
      : `an operator is missing between ${this.quoted(before)} and ${this.quoted(after)}.`;
    this.error(span, "missing-operator", message, quantity ? fix : undefined);
  }

  private binary(operator: BinaryOperator, left: Expression, start: number, least: number): Expression {
    const token = this.token;
    // a missing operator has no token of its own
    const written = token.kind === "operator" ? !this.is("(") : this.is("and", "or");
    if (written) this.advance();
    if (token.text === "=" && written) {
      // what a threshold compares is hardly ever equal
      const condition = /(^threshold|\.condition)$/.test(this.source.name) && least < STRENGTH["=="];
      const hint = condition ? ", and a threshold >=" : "";
      this.error(token, "single-equals", `a comparison is written ==${hint}.`, condition ? ">=" : "==");
    }
    if (this.source.text[token.start] === "^" && this.options.caret !== true) {
      this.error(token, "caret", "a power is written **.", "**");
    }
    const right = this.expression(operator === "**" ? SIGN : STRENGTH[operator] + 1);
    const span = { start, end: this.previous.end };
    const grouped = (node: Expression): boolean => node.kind !== "binary" || this.bracketed.has(node);
    if (isComparison(operator) && left.kind === "binary" && isComparison(left.operator) && !grouped(left)) {
      const fix = `${printExpression(left)} and ${printExpression(left.right)} ${operator} ${printExpression(right)}`;
      this.error(span, "comparison-chain", "comparisons are not chained: join two with and.", fix);
      const second = this.node({ kind: "binary", operator, left: left.right, right }, span, left.right, right);
      return this.node({ kind: "binary", operator: "and", left, right: second }, span, left, second);
    }
    if (operator === "**" && right.kind === "binary" && right.operator === "**" && !grouped(right)) {
      const [a, b, c] = [left, right.left, right.right].map((node) => shorten(this.source.slice(node)));
      this.warn(span, "power-chain", `powers are taken from the right: ${a}**(${b}**${c}). Write the brackets.`);
    }
    if (
      operator === "or" &&
      [left, right].some((one) => one.kind === "binary" && one.operator === "and" && !grouped(one))
    ) {
      this.warn(span, "and-or", "and binds more strongly than or; write brackets.");
    }
    if (operator === "*" && left.kind === "binary" && left.operator === "/" && !grouped(left)) {
      this.looseDivision(left, token, span);
    }
    return this.node({ kind: "binary", operator, left, right }, span, left, right);
  }

  /** `a / b*c` looks like a/(b*c). */
  private looseDivision(left: Expression, times: Token, span: Span): void {
    if (times.spaced || this.source.text[times.end] === " ") return;
    const text = this.source.slice(left);
    if (!/\s\/\s[^/]*$/.test(text)) return;
    this.warn(span, "loose-division", "a / b*c is (a/b)*c; write the brackets that you mean, or the same blanks.");
  }

  private warn(span: Span, code: string, message: string, fix?: string): void {
    this.diagnostics.warning(this.source, span, code, message, fix);
  }

  private conditional(then: Expression, start: number): Expression {
    const word = this.advance();
    const condition = this.expression(CONDITIONAL + 1);
    if (!this.is("else")) this.fail(word, "missing-else", "if needs an else: a if condition else b.");
    this.advance();
    const otherwise = this.expression(CONDITIONAL);
    const span = { start, end: this.previous.end };
    return this.node({ kind: "conditional", condition, then, otherwise }, span, then, condition, otherwise);
  }

  private prefix(): Expression {
    const { token } = this;
    // a sign that does nothing stands where something is forgotten
    if (this.is("+") && this.index > 0 && ARITHMETIC.has(this.previous.text)) this.missingOperand();
    if (this.is("-", "+", "not")) {
      this.advance();
      const operator = token.text as UnaryOperator;
      const operand = this.expression(operator === "not" ? NOT : SIGN);
      const span = { start: token.start, end: this.previous.end };
      if (operator === "-" && operand.kind === "binary" && operand.operator === "**" && !this.bracketed.has(operand)) {
        const power = this.source.slice({ start: operand.start, end: this.previous.end });
        const message = `the power comes before the sign: this is -(${shorten(power)}). Write the brackets.`;
        this.warn(span, "signed-power", message, `-(${power})`);
      }
      return this.node({ kind: "unary", operator, operand }, span, operand);
    }
    if (token.kind === "number") {
      this.advance();
      if (this.is(",") && this.peek(1).kind === "number" && !this.peek(1).spaced && this.calls === 0) {
        const span = { start: token.start, end: this.peek(1).end };
        this.fail(
          span,
          "decimal-comma",
          "decimals are written with a point.",
          this.source.slice(span).replace(",", "."),
        );
      }
      return this.node({ kind: "number", value: Number(token.text) }, token);
    }
    if (this.is("(")) return this.group();
    if (token.kind !== "name" || WORDS.has(token.text)) this.missingOperand();
    this.advance();
    if (!this.is("(")) return this.node({ kind: "name", name: token.text }, token);
    return this.call(token);
  }

  private group(): Expression {
    const open = this.advance();
    const inner = this.expression(0);
    if (!this.is(")")) this.unclosed(open);
    this.advance();
    this.bracketed.add(inner);
    return inner;
  }

  private call(name: Token): Expression {
    const open = this.advance();
    const args: Expression[] = [];
    this.calls++;
    while (!this.is(")")) {
      args.push(this.expression(0));
      if (this.is(",")) {
        this.advance();
        if (this.is(")")) this.missingOperand();
      } else if (!this.is(")")) this.unclosed(open);
    }
    this.advance();
    this.calls--;
    const span = { start: name.start, end: this.previous.end };
    return this.node({ kind: "call", name: name.text, at: { start: name.start, end: name.end }, args }, span, ...args);
  }

  private unclosed(open: Token): never {
    if (!this.atEnd && !this.is(":")) this.unexpected("a closing bracket is missing");
    this.fail(open, "unclosed", "this bracket is never closed.");
  }

  private missingOperand(): never {
    const { token, previous } = this;
    const behind = this.index > 0 && previous.kind !== "newline" ? ` behind ${this.quoted(previous)}` : "";
    if (this.atEnd) this.fail(endOf(previous), "operand", `an expression is missing${behind}.`);
    if ([",", ")", ":", "+"].includes(token.text)) {
      this.fail(token, "operand", `an expression is missing before ${this.quoted(token)}.`);
    }
    this.fail(token, "operand", `${this.quoted(token)} cannot begin an expression.`);
  }

  private unexpected(rule: string): never {
    const { token } = this;
    if (this.is(")")) this.fail(token, "unopened", "no bracket is open here.");
    this.fail(token, "unexpected", `${this.quoted(token)} does not fit here: ${rule}.`);
  }

  private tooDeep(span: Span): never {
    this.fail(span, "too-deep", `the expression is nested deeper, or has more terms, than ${MAX_DEPTH}.`);
  }

  private node(fields: Fields, span: Span, ...parts: readonly Expression[]): Expression {
    let depth = 0;
    for (const part of parts) if (part.depth > depth) depth = part.depth;
    if (depth >= MAX_DEPTH) this.tooDeep(span);
    return { ...fields, start: span.start, end: span.end, depth: depth + 1 };
  }
}

/** What a node has beside its place. */
type Fields = Expression extends infer E ? (E extends Expression ? Omit<E, keyof Span | "depth"> : never) : never;

/** Behind a token, where something is missing. */
function endOf(token: Span): Span {
  return { start: token.end, end: token.end };
}

/** What stands between two operands. */
const BETWEEN = [...ARITHMETIC, ",", "==", "!=", "<", "<=", ">", ">=", "and", "or", "if", "else"];
const OPENS_LINE: ReadonlySet<string> = new Set([...BETWEEN, ")", ":"]);
const CLOSES_LINE: ReadonlySet<string> = new Set([...BETWEEN, "(", "not", ...ASSIGNING]);

/** Leaves out ends of lines where the statement goes on. */
function joinLines(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  let open = 0;
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "operator" && token.text === "(") open++;
    if (token.kind === "operator" && token.text === ")") open = Math.max(0, open - 1);
    if (token.kind === "newline") {
      const next = tokens[i + 1] as Token;
      const last = kept.at(-1);
      if (next.kind === "newline") continue;
      // a bracket that was forgotten must not swallow the equations below
      if (open > 0 && beginsStatement(tokens, i + 1)) open = 0;
      else if (open > 0 && next.kind !== "end") continue;
      else if (last && last.kind !== "number" && CLOSES_LINE.has(last.text) && !beginsStatement(tokens, i + 1))
        continue;
      else if (last && last.kind !== "newline" && next.kind !== "end" && OPENS_LINE.has(next.text)) continue;
    }
    kept.push(token);
  }
  return kept;
}

function beginsStatement(tokens: readonly Token[], index: number): boolean {
  const text = (distance: number): string => tokens[index + distance]?.text ?? "";
  if (tokens[index]?.kind !== "name" || WORDS.has(text(0))) return false;
  return ASSIGNING.has(text(1)) || (text(1) === "/" && text(2) === "dt" && text(3) === "=");
}

/** Text to tokens. Ends of lines are tokens; comments and blanks are not. */
import type { Diagnostics } from "./diagnostics.js";
import { ELSEWHERE } from "./functions.js";
import { shorten, type Source, type Span } from "./source.js";

export type TokenKind = "number" | "name" | "operator" | "newline" | "end";

export interface Token extends Span {
  readonly kind: TokenKind;
  /** As the parser compares it: slips such as `^` are replaced by what was meant. */
  readonly text: string;
  /** A blank stands before. */
  readonly spaced: boolean;
}

const BLANK = /[ \t\r\u00a0]+/y;
const COMMENT = /#[^\n]*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
/** A name of a module, such as `np.exp`. */
const DOTTED = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+/y;
// ? is none: the parser says how a choice is written
const OPERATOR = /\*\*|[-+*/]=|[<>=!]=|[-+*/(),:=<>?]/y;

/** What is written often and read as what was meant after it is reported. */
const SLIPS: readonly (readonly [text: string, meant: string, code: string, message: string])[] = [
  ["&&", "and", "logic-sign", "conditions are joined with the word and"],
  ["||", "or", "logic-sign", "conditions are joined with the word or"],
  ["&", "and", "logic-sign", "conditions are joined with the word and"],
  ["|", "or", "logic-sign", "conditions are joined with the word or"],
  ["!", "not", "logic-sign", "a condition is turned round with the word not"],
  // no mistake in units, so it is left to the parser
  ["^", "**", "", ""],
  ["<>", "!=", "unequal-sign", "unequal is written !="],
  ["=<", "<=", "order-sign", "at most is written <="],
  ["=>", ">=", "order-sign", "at least is written >="],
  ["≤", "<=", "order-sign", "at most is written <="],
  ["≥", ">=", "order-sign", "at least is written >="],
  ["≠", "!=", "unequal-sign", "unequal is written !="],
  ["−", "-", "typographic-sign", "this is a typographic minus; write -"],
  ["–", "-", "typographic-sign", "this is a dash; write -"],
  ["×", "*", "typographic-sign", "multiplication is written *"],
  ["·", "*", "typographic-sign", "multiplication is written *"],
  ["⋅", "*", "typographic-sign", "multiplication is written *"],
  // of the same unit as the quotient
  ["//", "/", "floor-division", "a quotient without its fraction is written floor(x/y)"],
  ["÷", "/", "typographic-sign", "division is written /"],
  ["[", "(", "bracket", "only round brackets are used"],
  ["]", ")", "bracket", "only round brackets are used"],
  ["{", "(", "bracket", "only round brackets are used"],
  ["}", ")", "bracket", "only round brackets are used"],
];

/** Tokens of a text, the last of kind "end". What no token can be is reported and left out. */
export function tokenize(source: Source, diagnostics: Diagnostics): Token[] {
  const { text } = source;
  const tokens: Token[] = [];
  let spaced = false;
  let at = 0;
  const add = (kind: TokenKind, end: number, meant?: string): void => {
    tokens.push({ kind, text: meant ?? text.slice(at, end), start: at, end, spaced });
    spaced = false;
    at = end;
  };
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : -1;
  };
  while (at < text.length) {
    const char = text[at] as string;
    let end = match(BLANK);
    if (end < 0) end = match(COMMENT);
    if (end >= 0) {
      spaced = true;
      at = end;
    } else if (char === "\n" || char === ";") {
      add("newline", at + 1);
    } else if ((end = match(NUMBER)) >= 0) {
      add("number", number(source, diagnostics, { start: at, end }));
    } else if ((end = match(DOTTED)) >= 0) {
      const span = { start: at, end };
      const last = text.slice(text.lastIndexOf(".", end - 1) + 1, end);
      const name = last === "e" ? "exp(1)" : Object.hasOwn(ELSEWHERE, last) ? (ELSEWHERE[last] as string) : last;
      diagnostics.error(source, span, "dotted-name", `names have no point in them: write ${shorten(name)}.`, name);
      add("name", end, name);
    } else if ((end = match(NAME)) >= 0) {
      add("name", end, text.slice(at, end).replace(/\u03bc/g, "µ"));
    } else {
      const slip = SLIPS.find(([written]) => text.startsWith(written, at));
      end = match(OPERATOR);
      if (slip && !(slip[0] === "!" && end >= 0)) {
        const [written, meant, code, message] = slip;
        const span = { start: at, end: at + written.length };
        const fix = code === "floor-division" ? undefined : meant;
        if (code !== "") diagnostics.error(source, span, code, `${message}.`, fix);
        add(/^\w/.test(meant) ? "name" : "operator", span.end, meant);
      } else if (end >= 0) {
        add("operator", end);
      } else {
        end = at + String.fromCodePoint(text.codePointAt(at) ?? 0).length;
        const last = tokens.at(-1);
        if (char === "'" && last?.kind === "name" && last.end === at) {
          const { text: name, start } = last;
          diagnostics.error(source, { start, end }, "prime", `a derivative is written d${name}/dt.`, `d${name}/dt`);
          tokens.pop();
          const place = { start, end, spaced: last.spaced };
          tokens.push(
            { ...place, kind: "name", text: `d${name}` },
            { ...place, kind: "operator", text: "/" },
            { ...place, kind: "name", text: "dt" },
          );
        } else if (char === "%") {
          const message = "the remainder of a division is written x - y*floor(x/y).";
          diagnostics.error(source, { start: at, end }, "modulo", message);
          // what it is taken from has its unit
          tokens.push({ kind: "operator", text: "-", start: at, end, spaced });
        } else {
          const shown = JSON.stringify(text.slice(at, end));
          diagnostics.error(source, { start: at, end }, "character", `${shown} has no meaning here.`);
        }
        spaced = true;
        at = end;
      }
    }
  }
  add("end", at);
  return tokens;
}

/** Reports what is wrong with a number and gives its end. */
function number(source: Source, diagnostics: Diagnostics, span: Span): number {
  const text = source.slice(span);
  if (!Number.isFinite(Number(text))) {
    diagnostics.error(source, span, "number", "the number is too large; at most 1.8e308.");
  }
  const next = /^(\.\d*)+/.exec(source.text.slice(span.end, span.end + 32));
  if (!next) return span.end;
  const whole = { start: span.start, end: span.end + next[0].length };
  diagnostics.error(source, whole, "number", `${source.slice(whole)} is no number; it has more than one point.`);
  return whole.end;
}

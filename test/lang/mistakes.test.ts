/** One fixture for each mistake: what is said of it, word by word, and that the fix that is offered repairs it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../src/lang/check.js";
import type { ModelDefinition } from "../../src/model/definition.js";
import { type Diagnostic, diagnosticText, EquationError } from "../../src/lang/diagnostics.js";
import { WORDS } from "../../src/lang/parser.js";
import { readMistakes } from "./mistakes.js";

/** Everything that is said of a model. */
export function diagnose(definition: ModelDefinition): readonly Diagnostic[] {
  try {
    return compileModel(definition).warnings;
  } catch (error) {
    if (error instanceof EquationError) return error.diagnostics;
    throw error;
  }
}

function offsetOf(text: string, { line, column }: Diagnostic): number {
  const lines = text.split("\n").slice(0, line - 1);
  return lines.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
}

/** The model with a fix made. */
function repaired(definition: ModelDefinition, one: Diagnostic): ModelDefinition {
  const change = (text: string): string => {
    const at = offsetOf(text, one);
    return text.slice(0, at) + (one.fix ?? "") + text.slice(at + one.length);
  };
  const [key = "", name = ""] = one.source.split(".");
  const event = /^events\[(\d+)\]$/.exec(key);
  const record = definition as unknown as Record<string, any>;
  if (event) {
    const events = record.events.map((old: any, i: number) =>
      i === Number(event[1]) ? { ...old, [name]: change([old[name]].flat().join("\n")) } : old,
    );
    return { ...definition, events };
  }
  if (name === "") return { ...definition, [key]: change(record[key]) };
  return { ...definition, [key]: { ...record[key], [name]: change(record[key][name]) } };
}

/** Codes of diagnostics in a source file: the text behind the place, and those of the lexer's table. */
function codesIn(file: string): string[] {
  const text = readFileSync(file, "utf8").replace(/\s+/g, " ");
  const calls = text.matchAll(/(?:error|fail|warn|warning)\((?:[^()"]|\([^()]*\))*?"([a-z]+(?:-[a-z]+)*)"/g);
  const table = text.matchAll(/\["[^"]+", "[^"]+", "([a-z-]+)",/g);
  return [...calls, ...table].map(([, code]) => code as string).filter((code) => !WORDS.has(code));
}

const mistakes = readMistakes();

describe.each(mistakes)("$name", ({ definition, codes, expected }) => {
  const found = diagnose(definition);

  it("is reported", () => {
    expect(found.map((one) => (one.severity === "warning" ? "~" : "") + one.code)).toEqual(codes);
    expect(found.map(diagnosticText).join("\n\n")).toBe(expected);
  });

  it("is repaired by the fix", () => {
    for (const one of found) {
      if (one.fix === undefined) continue;
      const after = diagnose(repaired(definition, one));
      const same = after.filter(
        ({ source, line, column, code }) =>
          source === one.source && line === one.line && column === one.column && code === one.code,
      );
      expect(same).toEqual([]);
      if (found.length === 1) expect(after).toEqual([]);
    }
  });
});

describe("the fixtures", () => {
  it("show each code that there is", () => {
    const files = ["check", "infer", "lexer", "parser"].map((name) => `src/lang/${name}.ts`);
    const known = new Set<string>();
    for (const file of files) for (const code of codesIn(file)) known.add(code);
    const shown = new Set(mistakes.flatMap(({ codes }) => codes.map((code) => code.replace("~", ""))));
    // long texts have tests of their own
    const missing = [...known].filter((code) => !shown.has(code) && !code.startsWith("too-"));
    expect(missing).toEqual([]);
    expect([...shown].filter((code) => !known.has(code))).toEqual([]);
  });
});

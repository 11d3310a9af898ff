/** Reads the fixtures of mistakes: a model's texts, and what must be said of them. */
import { readdirSync, readFileSync } from "node:fs";
import type { ModelDefinition } from "../../src/model/definition.js";

const FOLDER = "test/lang/mistakes";

export interface Mistake {
  readonly name: string;
  readonly file: string;
  readonly definition: ModelDefinition;
  /** Codes of the diagnostics in their order, "~" before those of warnings. */
  readonly codes: readonly string[];
  /** The diagnostics as they are shown. */
  readonly expected: string;
}

/**
 * A fixture has sections: a key of the model on a line of its own, its text below, indented by four; keys of `params`,
 * `init` and `preset NAME` are lines `name = text`. `expect` with codes is the last one. A model without a start gets
 * one for v.
 */
export function readMistakes(): Mistake[] {
  return readdirSync(FOLDER)
    .sort()
    .map((file) => readMistake(file.replace(/\.txt$/, ""), `${FOLDER}/${file}`));
}

function readMistake(name: string, file: string): Mistake {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  let codes: string[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (/^\S/.test(line)) {
      const [key = "", ...rest] = line.split(" ");
      if (key === "expect") codes = rest;
      sections.set(["event", "preset"].includes(key) ? `${key} ${rest.join(" ")}` : key, (lines = []));
    } else lines.push(line.slice(4));
  }
  const text = (key: string): string | undefined => sections.get(key)?.join("\n").replace(/\n+$/, "");
  const table = (key: string): Record<string, string> => {
    const entries = (text(key) ?? "").split("\n").filter((line) => line !== "");
    return Object.fromEntries(entries.map((line) => line.split(/ = (.*)/s).slice(0, 2)));
  };
  const events = [...sections.keys()]
    .filter((key) => key.startsWith("event "))
    .map((key) => {
      const [condition = "", ...reset] = (text(key) ?? "").split("\n");
      return { name: key.slice(6), condition, reset };
    });
  const presets = [...sections.keys()]
    .filter((key) => key.startsWith("preset "))
    .map((key) => [key.slice(7), { params: table(key) }] as const);
  const optional = (key: "threshold" | "reset" | "refractory" | "current"): object => {
    const found = text(key);
    return found === undefined ? {} : { [key]: found };
  };
  const definition: ModelDefinition = {
    name: "model",
    current: "pA",
    equations: text("equations") ?? "",
    params: table("params"),
    init: { ...(/^(dv\/|d\(v\)|v')/m.test(text("equations") ?? "") ? { v: "-70 mV" } : {}), ...table("init") },
    ...(events.length > 0 ? { events } : {}),
    ...(presets.length > 0 ? { presets: Object.fromEntries(presets) } : {}),
    ...optional("threshold"),
    ...optional("reset"),
    ...optional("refractory"),
    ...optional("current"),
  };
  return { name, file, definition, codes, expected: text("expect") ?? "" };
}

/** docs/equations.md is true: its models check, its tables are those of the code. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FLAGS } from "../../src/lang/ast.js";
import { compileModel } from "../../src/lang/check.js";
import type { ModelDefinition } from "../../src/model/definition.js";
import { failure } from "../model/failure.js";
import { FUNCTIONS } from "../../src/lang/functions.js";
import {
  MAX_DEPTH,
  MAX_EVENTS,
  MAX_LENGTH,
  MAX_PARAMETERS,
  MAX_STATEMENTS,
  MAX_STATES,
} from "../../src/lang/limits.js";

const page = readFileSync("docs/equations.md", "utf8");
/** Models, and those of whole model files. */
const models = [...page.matchAll(/^```json\n([\s\S]*?)^```/gm)].flatMap(([, text = ""]) => {
  const content = JSON.parse(text) as ModelDefinition | { models: ModelDefinition[] };
  return "models" in content ? content.models : [content];
});

describe("docs/equations.md", () => {
  it.each(models.map((one) => [one.name, one] as const))(
    "has the model %s, which checks without a warning",
    (_, definition) => {
      expect(compileModel(definition).warnings).toEqual([]);
    },
  );

  it("shows what is said of a wrong one", () => {
    const wrong: ModelDefinition = {
      name: "leaky",
      current: "pA",
      equations: "dv/dt = (E_l - v)/20 + I/C_m : mV",
      params: { E_L: "-70 mV", C_m: "250 pF" },
      threshold: "v > -50",
      reset: "v = E_L",
    };
    const [, shown] = /^```text\n(Model leaky: .*?)\n```$/ms.exec(page) ?? [];
    expect(failure(() => compileModel(wrong))[1]).toBe(shown);
  });

  it("lists the functions", () => {
    const rows = [...page.matchAll(/^\| `(\w+)\([^`]*\)` \| (.*) \|$/gm)].map(([, name, text]) => [name, text]);
    expect(rows).toEqual(Object.entries(FUNCTIONS).map(([name, { text }]) => [name, text]));
  });

  it("lists the flags", () => {
    expect([...page.matchAll(/^\| `\(([a-z ]+)\)` \|/gm)].map(([, flag]) => flag)).toEqual(FLAGS);
  });

  it("names the limits", () => {
    const flowing = page.replace(/\s+/g, " ");
    const [, texts = ""] = /Texts of models have limits, (.*?) deep\./.exec(flowing) ?? [];
    const limits = texts.match(/[\d,]*\d/g)?.map((text) => Number(text.replace(",", "")));
    expect(limits).toEqual([MAX_LENGTH, MAX_STATEMENTS, MAX_STATES, MAX_PARAMETERS, MAX_EVENTS, MAX_DEPTH]);
  });
});

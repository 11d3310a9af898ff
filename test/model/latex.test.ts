import { describe, expect, it } from "vitest";
import { latexOf } from "../../src/model/latex.js";
import { defineModel } from "../../src/model/own.js";
import type { ModelRecord } from "../../src/model/record.js";
import { models, sources } from "../../src/models/index.js";
import { published } from "../lang/published.js";

const own = published.map((one): ModelRecord => defineModel(one));
const all: readonly ModelRecord[] = [...Object.values(models), ...own];

describe("the LaTeX of a model", () => {
  it.each(all.map((model) => [model.id, model] as const))("of %s has a row for each equation", (_, model) => {
    const text = latexOf(model);
    const rows = text.split("\n").slice(1, -1);
    expect(rows.filter((row) => row.startsWith("\\frac{\\mathrm{d}"))).toHaveLength(Object.keys(model.states).length);
    for (const row of rows) expect(row.match(/&/g)).toHaveLength(1);
    const count = (what: RegExp): number => text.match(what)?.length ?? 0;
    expect(count(/\{/g)).toBe(count(/\}/g));
    expect(count(/\\left/g) - count(/\\leftarrow/g)).toBe(count(/\\right/g));
    // Markdown takes a backslash away that stands before punctuation; ends of rows are safe on lines of their own.
    expect(text.replace(/ \\\\(?=\n)/g, "")).not.toMatch(/\\[^A-Za-z]/);
    expect(text).not.toMatch(/undefined|[<>*]/);
  });

  it("is that of the record", () => {
    expect(latexOf(models.adaptiveLif).split("\n")).toEqual([
      "\\begin{aligned}",
      "\\frac{\\mathrm{d}v}{\\mathrm{d}t} &= " +
        "\\frac{-\\frac{C_{m}}{\\tau_{m}} \\left(v - E_{L}\\right) - w + I}{C_{m}} \\\\",
      "\\frac{\\mathrm{d}w}{\\mathrm{d}t} &= \\frac{a \\left(v - E_{L}\\right) - w}{\\tau_{w}} \\\\",
      "&\\text{spike at } v \\ge V_{\\mathrm{th}}:\\quad v \\leftarrow V_{\\mathrm{reset}},\\quad w \\leftarrow w + b",
      "\\end{aligned}",
    ]);
  });

  it("has rules of own models in their order, with units", () => {
    const model = defineModel({
      name: "ruled",
      equations: "dv/dt = -v/tau : 1\nx : V",
      params: { tau: "10 ms" },
      threshold: "v > 1",
      reset: "v = 0\nx += 1*V\nx *= 2",
      refractory: "2 ms",
      events: [{ name: "low", condition: "v < -1", reset: "v = 0" }],
    });
    expect(latexOf(model).split("\n").slice(1, -1)).toEqual([
      "\\frac{\\mathrm{d}v}{\\mathrm{d}t} &= -\\frac{v}{\\tau} \\\\",
      "\\frac{\\mathrm{d}x}{\\mathrm{d}t} &= 0 \\\\",
      "&\\text{spike at } v \\gt 1:\\quad v \\leftarrow 0,\\quad x \\leftarrow x + 1 \\thinspace \\mathrm{V}," +
        "\\quad x \\leftarrow x \\cdot 2 \\\\",
      "&\\text{refractory for } 2 \\thinspace \\mathrm{ms} \\\\",
      "&\\text{at } v \\lt -1:\\quad v \\leftarrow 0",
    ]);
  });

  it("is empty for sources", () => {
    for (const source of Object.values(sources)) expect(latexOf(source)).toBe("");
  });
});

/** What the view of equations makes of its fields: definitions, model files, programs, marks; and of links. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  backgroundOf,
  changedParameters,
  currentAt,
  definitionOf,
  documentOf,
  doubled,
  type Draft,
  draftFrom,
  fieldOf,
  fixed,
  type Mistake,
  modelFileOf,
  numberOf,
  piecesOf,
  type Setup,
  setupFrom,
  SIZE,
  sliderOf,
  typescriptOf,
  withNumber,
} from "../../apps/playground/src/equations/draft.js";
import { STARTS } from "../../apps/playground/src/equations/starts.js";
import { defineModel, EquationError, parseModelFile, Simulation } from "../../src/index.js";

const [leaky] = STARTS;
const setup = (draft: Draft = leaky.draft): Setup => ({ ...leaky, draft, method: "", seed: 1 });
const folder = mkdtempSync(join(tmpdir(), "spikelet-"));
afterAll(() => rmSync(folder, { recursive: true }));

function mistakesOf(draft: Draft): readonly Mistake[] {
  try {
    defineModel(definitionOf(draft) as never);
  } catch (error) {
    if (error instanceof EquationError) return error.diagnostics;
    throw error;
  }
  return [];
}

describe("the models to begin with", () => {
  it.each(STARTS)("$title runs without a warning, and fires", async (one) => {
    const sim = await Simulation.fromDocument(documentOf({ ...one, method: "", seed: 1 }));
    expect(sim.check()).toEqual([]);
    await sim.run(60);
    expect(sim.reached.populations.cells?.spikes).toBeGreaterThan(0);
    sim.close();
  });
});

describe("a draft", () => {
  it("comes back from a link as it was, and nothing else does", () => {
    const state = JSON.parse(JSON.stringify({ ...setup(), method: "rk4", dt: 0.2 })) as Setup;
    const { draft, current, spread } = setup();
    expect(setupFrom(state, setup())).toEqual({ draft, current, spread, method: "rk4", dt: 0.2, seed: 1 });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "x"],
    ["a list", []],
    ["equations that are no text", { ...leaky.draft, equations: ["dv/dt"] }],
    ["parameters that are no rows", { ...leaky.draft, params: { C: "1" } }],
    ["a row with a number", { ...leaky.draft, params: [{ name: "C", value: 1 }] }],
    ["a thousand rows", { ...leaky.draft, init: Array.from({ length: 1000 }, () => ({ name: "v", value: "1" })) }],
    ["too long a text", { ...leaky.draft, equations: "x".repeat(100_000) }],
    ["what it only inherits", Object.create(leaky.draft) as object],
  ])("is not made of %s", (_, given) => {
    expect(draftFrom(given)).toBeUndefined();
    expect(setupFrom({ draft: given, dt: 1 }, setup())).toEqual(setup());
  });

  it("keeps its own numbers where those of a link are out of range", () => {
    const given = { draft: leaky.draft, dt: 0, current: "5", spread: -1, seed: Number.NaN, method: 7 };
    expect(setupFrom(given, setup())).toMatchObject({ dt: 0.1, current: 260, spread: 150, seed: 1, method: "" });
  });

  it("says which name stands twice", () => {
    expect(doubled(leaky.draft)).toBeUndefined();
    const params = [...leaky.draft.params, { name: "g_L ", value: "1 nS" }];
    expect(doubled({ ...leaky.draft, params })).toMatch(/parameters are called g_L/);
    expect(doubled({ ...leaky.draft, init: [...leaky.draft.init, ...leaky.draft.init] })).toMatch(/v has two initial/);
  });

  it("takes pure numbers as numbers, leaves empty rows out, and makes nothing of __proto__", () => {
    const params = [
      { name: "a", value: " 0.7 " },
      { name: "", value: "" },
      { name: "__proto__", value: "1 mV" },
    ];
    const definition = definitionOf({ ...leaky.draft, params });
    expect(Object.entries(definition.params as object)).toEqual([
      ["a", 0.7],
      ["__proto__", "1 mV"],
    ]);
    expect(Object.getPrototypeOf(definition.params)).toBe(Object.prototype);
  });
});

describe("quantities", () => {
  it.each([
    ["100 pF", 100, "pF"],
    ["-70.6mV", -70.6, "mV"],
    ["1e-3 1/ms", 1e-3, "1/ms"],
    ["0.7", 0.7, ""],
  ])("%s", (text, number, rest) => expect(numberOf(text)).toEqual({ number, rest }));

  it.each(["", "E_L", "2*E_L", "-65*mV + 5*mV", "1e999 mV"])("%s is none", (text) => {
    expect(numberOf(text)).toBeUndefined();
    expect(sliderOf(text)).toBeUndefined();
  });

  it("get another number and keep their unit", () => {
    expect(withNumber("100 pF", 120.00000001)).toBe("120 pF");
    expect(withNumber("0.7", -1)).toBe("-1");
  });

  it("get sliders around them", () => {
    expect(sliderOf("200 pF")).toEqual({ min: 0, max: 400, step: 1 });
    expect(sliderOf("-70 mV")).toEqual({ min: -105, max: -35, step: 0.1 });
    expect(sliderOf("0")).toEqual({ min: -1, max: 1, step: 0.01 });
  });
});

describe("changes", () => {
  const withParam = (name: string, value: string): Setup =>
    setup({ ...leaky.draft, params: leaky.draft.params.map((row) => (row.name === name ? { name, value } : row)) });

  it("of numbers alone are changes of parameters", () => {
    expect(changedParameters(setup(), withParam("C_m", "150 pF"))).toEqual({ C_m: "150 pF" });
    expect(changedParameters(setup(), setup())).toEqual({});
  });

  it("of anything else are another model", () => {
    expect(changedParameters(setup(), withParam("C_m", "0.2 nF"))).toBeUndefined();
    expect(changedParameters(setup(), { ...setup(), dt: 0.2 })).toBeUndefined();
    expect(changedParameters(setup(), setup({ ...leaky.draft, reset: "" }))).toBeUndefined();
    expect(changedParameters(setup(), setup({ ...leaky.draft, params: leaky.draft.params.slice(1) }))).toBeUndefined();
  });
});

describe("mistakes", () => {
  const wrong = { ...leaky.draft, equations: "# leak\ndv/dt = (g_l*(E_L - v) + I)/C_m : mV" };

  it("are marked in their line, and put right", () => {
    const [one, ...others] = mistakesOf(wrong).filter(({ message }) => message.includes("g_l"));
    expect(others).toEqual([]);
    expect(one).toMatchObject({ source: "equations", line: 2, column: 10, length: 3, fix: "g_L" });
    const text = wrong.equations.split("\n")[1] as string;
    expect(piecesOf(text, 2, [one as Mistake])).toEqual([
      { text: "dv/dt = (", marked: false },
      { text: "g_l", marked: true },
      { text: "*(E_L - v) + I)/C_m : mV", marked: false },
    ]);
    expect(piecesOf(text, 1, [one as Mistake])).toEqual([{ text, marked: false }]);
    expect(mistakesOf({ ...wrong, equations: fixed(wrong.equations, one as Mistake) })).toEqual([]);
  });

  it("are marked behind the end, where something is missing", () => {
    const missing = { line: 1, column: 4, length: 0 } as Mistake;
    expect(piecesOf("v =", 1, [missing])).toEqual([
      { text: "v =", marked: false },
      { text: " ", marked: true },
    ]);
  });

  it("belong to a field, or to a row of a table", () => {
    const [threshold] = mistakesOf({ ...leaky.draft, threshold: "v > -50" });
    expect(fieldOf(threshold as Mistake)).toEqual({ field: "threshold" });
    const init = [{ name: "v", value: "E_X" }];
    expect(fieldOf(mistakesOf({ ...leaky.draft, init })[0] as Mistake)).toEqual({ field: "init", row: "v" });
    const params = leaky.draft.params.map((row) => (row.name === "C_m" ? { ...row, value: "200 pX" } : row));
    const found = mistakesOf({ ...leaky.draft, params }).map(fieldOf);
    expect(found).toContainEqual({ field: "params", row: "C_m" });
  });
});

describe("copies", () => {
  it("as a model file are what runs", () => {
    for (const one of STARTS) {
      const given = { ...one, method: "", seed: 3 };
      expect(JSON.parse(modelFileOf(given))).toEqual(documentOf(given));
      parseModelFile(modelFileOf(given));
    }
  });

  it("as a program make the same spikes", async () => {
    const given = { ...setup(), method: "rk4", seed: 3 };
    const file = `${folder}/program.ts`;
    const library = resolve("src/index.ts");
    writeFileSync(
      file,
      `${typescriptOf(given).replace('"spikelet"', JSON.stringify(library)).replace(/console\.log.*/, "")}
export default [...spikes.times];`,
    );
    const { default: times } = (await import(/* @vite-ignore */ file)) as { default: number[] };
    const sim = await Simulation.fromDocument(documentOf(given));
    const spikes = sim.record(sim.populations.get("cells") as never, "spikes") as never as { times: Iterable<number> };
    await sim.run(1000);
    expect(times.length).toBeGreaterThan(100);
    expect(times).toEqual([...spikes.times]);
    sim.close();
  });

  it("as a program keep texts with backticks, brackets and backslashes", async () => {
    const equations = "dv/dt = -v/(10*ms) : mV   # `a` ${b} \\n\n# \\`";
    const text = typescriptOf(setup({ ...leaky.draft, equations, params: [], init: [] }));
    const file = `${folder}/texts.ts`;
    writeFileSync(file, `export default ${/defineModel\((.*?)\);\n\nconst sim/s.exec(text)?.[1]};`);
    const { default: definition } = (await import(/* @vite-ignore */ file)) as { default: { equations: string } };
    expect(definition.equations.split("\n").map((line) => line.trim())).toEqual(["", ...equations.split("\n"), ""]);
  });

  it("give the neurons currents that go down evenly", () => {
    const [{ amplitude }] = backgroundOf({ current: 10, spread: 5 }) as [{ amplitude: number[] }];
    expect([amplitude.length, amplitude[0], amplitude[100], amplitude[200]]).toEqual([SIZE, 15, 10, 5]);
    expect(currentAt({ current: 10, spread: 5 }, 50)).toBe(12.5);
    expect(backgroundOf({ current: 10, spread: 0 })).toEqual([{ kind: "constant", amplitude: 10 }]);
  });
});

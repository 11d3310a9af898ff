import { describe, expect, it } from "vitest";
import type { ModelRecord } from "../../src/model/record.js";
import { parseUnit } from "../../src/model/units.js";
import { models, sources } from "../../src/models/index.js";
import { parameters } from "./dynamics.js";
import { calls, compile, names } from "./expression.js";

const list: readonly ModelRecord[] = Object.values(models);
const FUNCTIONS = ["exp", "log", "sqrt", "abs", "tanh", "cosh", "min", "max", "exprel"];

function known(model: ModelRecord): string[] {
  return [...Object.keys(model.states), ...Object.keys(model.params)];
}

function inRange(value: number, range: string | undefined): boolean {
  if (!Number.isFinite(value)) return false;
  return range === "> 0" ? value > 0 : range === ">= 0" ? value >= 0 : true;
}

describe.each(list.map((model) => [model.id, model] as const))("the record of %s", (id, model) => {
  it("is registered under its own id", () => {
    expect((models as Readonly<Record<string, ModelRecord>>)[id]).toBe(model);
    expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/);
  });

  it("has an equation for every state, in order, v first", () => {
    expect(Object.keys(model.states)[0]).toBe("v");
    expect(Object.keys(model.equations)).toEqual(Object.keys(model.states));
  });

  it("uses known names and functions only", () => {
    const earlier: string[] = [];
    for (const [name, text] of Object.entries(model.functions ?? {})) {
      expect([...known(model), ...earlier]).toEqual(expect.arrayContaining(names(text)));
      expect(FUNCTIONS).toEqual(expect.arrayContaining(calls(text)));
      expect(known(model)).not.toContain(name);
      earlier.push(name);
    }
    for (const text of Object.values(model.equations)) {
      expect([...known(model), ...earlier, "I"]).toEqual(expect.arrayContaining(names(text)));
      expect(FUNCTIONS).toEqual(expect.arrayContaining(calls(text)));
    }
    for (const text of Object.values(model.reset ?? {}))
      expect(known(model)).toEqual(expect.arrayContaining(names(text)));
    const used = [...Object.values(model.equations), ...Object.values(model.functions ?? {})].flatMap(names);
    expect(used).toEqual(expect.arrayContaining(earlier));
  });

  it("names the parameters of its gates' rates: those that the gates' equations use, the rates' own voltage first", () => {
    const gates = Object.keys(model.states).slice(1);
    // A table serves three gates.
    if (gates.length !== 3) return expect(model.rates).toBeUndefined();
    const reached = new Set<string>();
    const reach = (text: string): void => {
      for (const name of names(text)) {
        reached.add(name);
        const inner = model.functions?.[name];
        if (inner !== undefined) reach(inner);
      }
    };
    for (const gate of gates) reach(model.equations[gate] as string);
    expect([...(model.rates ?? [])].sort()).toEqual(
      Object.keys(model.params)
        .filter((name) => reached.has(name))
        .sort(),
    );
    expect(model.params[model.rates?.[0] as string]?.unit).toBe("mV");
    expect(model.methods).toContain("exponentialEuler");
  });

  it("uses each parameter somewhere", () => {
    const texts = [
      ...Object.values(model.equations),
      ...Object.values(model.functions ?? {}),
      ...Object.values(model.reset ?? {}),
      ...Object.values(model.coefficients),
    ];
    const used = new Set([...texts.flatMap(names), model.threshold]);
    for (const name of Object.keys(model.params)) expect(used).toContain(name);
  });

  it("has defaults and presets in range that satisfy its conditions", () => {
    for (const preset of [undefined, ...Object.keys(model.presets)]) {
      const values = parameters(model, preset);
      expect(Object.keys(values)).toEqual(Object.keys(model.params));
      for (const [name, record] of Object.entries(model.params))
        expect(inRange(values[name] ?? NaN, record.range), `${preset} ${name}`).toBe(true);
      for (const condition of model.conditions ?? []) {
        const [relation = "", zero] = condition.replace(/ = 0$/, "").split(" where ");
        const [small = "", large = ""] = relation.split(" < ");
        if (zero !== undefined) expect(Object.keys(model.params)).toContain(zero);
        if (zero !== undefined && values[zero] !== 0) continue;
        expect(Object.keys(model.params)).toEqual(expect.arrayContaining([small, large]));
        expect(values[small], `${preset}: ${condition}`).toBeLessThan(values[large] ?? NaN);
      }
    }
  });

  it("names units that can be read", () => {
    for (const unit of [
      model.current,
      model.conductance,
      ...Object.values({ ...model.states, ...model.params }).map((entry) => entry.unit),
    ]) {
      expect(parseUnit(unit), unit).toBeDefined();
    }
    const product = parseUnit(model.states.v?.unit === "" ? model.conductance : `${model.conductance === "" ? "1/mV" : model.conductance}*mV`);
    expect(product?.dimension).toEqual(parseUnit(model.current)?.dimension);
    expect(product?.power).toBe(parseUnit(model.current)?.power);
  });

  it("bounds each state around its start", () => {
    for (const [name, state] of Object.entries(model.states)) {
      expect(state.bounds[0], name).toBeLessThan(state.bounds[1]);
      expect(Number.isFinite(state.bounds[0]) && Number.isFinite(state.bounds[1])).toBe(true);
    }
  });

  it("fits its family", () => {
    expect(Object.keys(model.params)).toContain(model.threshold);
    if (model.family === "resets") {
      expect(model.reset?.v).toBeDefined();
      expect(Object.keys(model.states)).toEqual(expect.arrayContaining(Object.keys(model.reset ?? {})));
      expect(model.params.t_ref?.range).toBe(">= 0");
      expect(model.coefficients.hold).toBe("round(t_ref / dt)");
      expect(model.conditions?.some((condition) => condition === `${model.reset?.v} < ${model.threshold}`)).toBe(true);
    } else {
      expect(model.reset).toBeUndefined();
      expect(model.threshold).toBe("V_th");
      expect(model.params.hysteresis?.range).toBe(">= 0");
      expect(model.coefficients.rearm).toBe("V_th - hysteresis");
    }
  });

  it("starts every state somewhere", () => {
    if (model.init === "rest") return;
    expect(Object.keys(model.init)).toEqual(Object.keys(model.states));
    for (const text of Object.values(model.init)) {
      if (text !== "equilibrium") expect(Object.keys(model.params)).toEqual(expect.arrayContaining(names(text)));
    }
  });

  it("has methods, with limits only for its own", () => {
    expect(model.methods.length).toBeGreaterThan(1);
    expect(new Set(model.methods).size).toBe(model.methods.length);
    expect(model.methods).toEqual(expect.arrayContaining(Object.keys(model.maxStep ?? {})));
  });

  it("has the methods that rest and rheobase are found with", () => {
    expect(model.methods).toContain("euler");
    expect(["rk4", "exact"].some((method) => (model.methods as readonly string[]).includes(method))).toBe(true);
  });

  it("counts its exponentials", () => {
    const used = [...Object.values(model.equations), ...Object.values(model.functions ?? {})].flatMap(calls);
    expect(used.length > 0).toBe(model.exponentials > 0);
  });

  it("has text, sources and an example", () => {
    for (const text of [
      model.title,
      model.summary,
      model.text,
      ...Object.values({ ...model.states, ...model.params, ...model.presets }).map((entry) => entry.text),
    ]) {
      expect(text.trim()).not.toBe("");
    }
    expect(model.summary.endsWith(".")).toBe(true);
    const sources = [...model.references, ...Object.values(model.presets).map((preset) => preset.source)];
    for (const source of model.references) expect(source).toMatch(/\(\d{4}\)/);
    expect(sources.some((source) => /doi:10\.\d{4,}\//.test(source))).toBe(true);
    expect(model.example).toBeDefined();
  });

  it("derives its coefficients by formulas that can be read, but for the elements of a matrix exponential", () => {
    for (const [name, text] of Object.entries(model.coefficients)) {
      expect(known(model)).not.toContain(name);
      if (/^P[vw][vwi]$/.test(name)) continue;
      expect([...Object.keys(model.params), "dt"]).toEqual(expect.arrayContaining(names(text)));
      expect(Number.isFinite(compile(text)({ ...parameters(model), dt: 0.1 }))).toBe(true);
    }
  });
});

describe("the built-in models", () => {
  it("are the ten of the documentation", () => {
    expect(Object.keys(models)).toEqual([
      "lif",
      "adaptiveLif",
      "qif",
      "eif",
      "adex",
      "izhikevich",
      "fitzhughNagumo",
      "morrisLecar",
      "hodgkinHuxley",
      "traubMiles",
    ]);
  });

  it("have the published presets", () => {
    expect(Object.keys(models.adex.presets)).toEqual([
      "tonic",
      "adapting",
      "initialBurst",
      "regularBursting",
      "delayedAccelerating",
      "delayedRegularBursting",
      "transient",
      "irregular",
    ]);
    expect(Object.keys(models.izhikevich.presets)).toHaveLength(27);
    expect(Object.keys(models.morrisLecar.presets)).toEqual(["hopf", "snic", "homoclinic"]);
    expect(parameters(models.morrisLecar, "hopf")).toEqual(parameters(models.morrisLecar));
    expect(parameters(models.izhikevich, "RS")).toEqual(parameters(models.izhikevich));
  });
});

describe.each(Object.values<ModelRecord>(sources).map((model) => [model.id, model] as const))(
  "the record of the source %s",
  (id, model) => {
  it("is registered under its own id, which no model has", () => {
    expect((sources as Readonly<Record<string, ModelRecord>>)[id]).toBe(model);
    expect(Object.keys(models)).not.toContain(id);
    expect(model.family).toBe("source");
  });

  it("has nothing to integrate", () => {
      for (const part of [model.states, model.equations, model.coefficients, model.presets, model.init, model.methods])
        expect(Object.keys(part)).toEqual([]);
    expect(model.threshold).toBe("");
    expect(model.reset).toBeUndefined();
  });

  it("has parameters or lists, with text and units that can be read", () => {
    const entries = [...Object.values(model.params), ...Object.values(model.inputs ?? {})];
    expect(entries.length).toBeGreaterThan(0);
    for (const { unit, text } of entries) {
      expect(parseUnit(unit), unit).toBeDefined();
      expect(text.trim()).not.toBe("");
    }
      for (const [name, record] of Object.entries(model.params))
        expect(inRange(record.default, record.range), name).toBe(true);
    expect(model.summary.endsWith(".")).toBe(true);
    for (const text of [model.title, model.text]) expect(text.trim()).not.toBe("");
  });
});

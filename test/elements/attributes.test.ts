/** What stands in attributes: read by the library's readers, with its limits, and told with its place. */
import { describe, expect, it } from "vitest";
import {
  driveText,
  NETWORK_ATTRIBUTES,
  NEURON_ATTRIBUTES,
  plainOrText,
  readBackground,
  readChoice,
  readDrive,
  readModelText,
  readPairs,
  readQuantity,
} from "../../src/elements/attributes.js";
import { defineModel } from "../../src/index.js";

describe("attributes", () => {
  it("are numbers or texts with units", () => {
    expect(["5", " -.5e2 ", "5 pA", "five"].map(plainOrText)).toEqual([5, -50, "5 pA", "five"]);
    expect(readQuantity("0.5 s", "span", { unit: "ms", range: "> 0" })).toBe(500);
    expect(readQuantity(null, "span", { unit: "ms" })).toBe(undefined);
    expect(() => readQuantity("-1", "span", { unit: "ms", range: "> 0" })).toThrow(/^span.*-1 ms.*> 0/);
    expect(() => readQuantity("5 mV", "span", { unit: "ms" })).toThrow(/^span.*"5 mV"/);
    expect(() => readQuantity("", "span", { unit: "ms" })).toThrow(/^span/);
  });

  it("are names with values", () => {
    expect(readPairs("tau_w = 100 ms; b=60;\n c = -1e-3 ", "params")).toEqual({ tau_w: "100 ms", b: 60, c: -0.001 });
    expect(readPairs("", "params")).toEqual({});
    for (const wrong of ["tau_w", "= 5", "5 = 5", "a =", "a b = 5"])
      expect(() => readPairs(wrong, "params")).toThrow(/^params = .*NAME = VALUE/);
    expect(() => readPairs("a = 1; a = 2", "params")).toThrow(/^params = "a".*once/);
    expect(() => readPairs("a = 1;".repeat(300), "params")).toThrow(/^params = .*at most 200/);
    expect(() => readPairs(" ".repeat(200_000), "params")).toThrow(/at most 100000 characters/);
    expect(Object.getPrototypeOf(readPairs("__proto__ = 5", "params"))).toBe(Object.prototype);
  });

  it("are one of some words, with the nearest for a wrong one", () => {
    expect(readChoice(null, "controls", ["all", "none"])).toBe("all");
    expect(() => readChoice("nonne", "controls", ["all", "none"])).toThrow(/^controls: .*did you mean "none"/);
  });

  it("are lists of background currents", () => {
    expect(readBackground(null, "background")).toEqual([]);
    expect(readBackground('{"kind":"sine"}', "background")).toEqual([{ kind: "sine" }]);
    expect(() => readBackground("[5]", "background")).toThrow(/^background\[0\] = 5/);
    expect(() => readBackground("[", "background")).toThrow(/^background: not JSON/);
  });

  it("are factors of populations", () => {
    const names = ["exc", "inh"];
    expect(readDrive(null, names)).toEqual({ exc: 1, inh: 1 });
    expect(readDrive("1.5", names)).toEqual({ exc: 1.5, inh: 1.5 });
    expect(readDrive("inh = 0.5", names)).toEqual({ exc: 1, inh: 0.5 });
    expect(() => readDrive("ixh = 1", names)).toThrow(/drive: .*did you mean "inh"/);
    expect(() => readDrive("-1", names)).toThrow(/drive.*>= 0/);
    for (const drive of [
      { exc: 1, inh: 1 },
      { exc: 1.2, inh: 0 },
    ])
      expect(readDrive(driveText(drive), names)).toEqual(drive);
  });

  it("have records that say all of what they are", () => {
    for (const record of Object.values({ ...NEURON_ATTRIBUTES, ...NETWORK_ATTRIBUTES })) {
      expect(record.text).toMatch(/[.`]$/);
      expect(record.default).not.toBe("");
    }
    // a property of that name would hide what the element does
    const methods = ["play", "pause", "reset", "snapshot", "facts", "time", "playing", "document", "worker"];
    const names = [...Object.keys(NEURON_ATTRIBUTES), ...Object.keys(NETWORK_ATTRIBUTES)];
    expect(names.filter((name) => methods.includes(name))).toEqual([]);
  });
});

describe("a model as lines", () => {
  const text = `
    dv/dt = (k*(v - v_r)*(v - v_t) - u + I)/C : mV
    du/dt = a*(b*(v - v_r) - u) : pA
    current: pA
    threshold: v >= 35*mV
    reset: v = c
    reset: u += d
    refractory: 2 ms
    params: C = 100 pF; k = 0.7 nS/mV; v_r = -60 mV; v_t = -40 mV; a = 0.03 1/ms; b = -2 nS; c = -50 mV; d = 100 pA
    init: v = v_r; u = 0 pA`;

  it("is what the library defines models from", () => {
    const definition = readModelText(text);
    expect(definition).toMatchObject({ name: "own", current: "pA", reset: "v = c\nu += d", refractory: "2 ms" });
    const model = defineModel(definition as never);
    expect(Object.keys(model.states)).toEqual(["v", "u"]);
    expect(model.params["C"]).toMatchObject({ default: 100, unit: "pF" });
    expect(model.current).toBe("pA");
  });

  it("keeps equations whose names are no parts", () => {
    const { equations } = readModelText("x : 1\nw = 2*v : mV\nname: mine") as any;
    expect(equations).toBe("x : 1\nw = 2*v : mV");
  });

  it("says where a part of it is wrong", () => {
    expect(() => readModelText("params: C")).toThrow(/^params = "C"/);
    expect(() => defineModel(readModelText("dv/dt = -v/ms : mX") as never)).toThrow(/mX/);
  });
});

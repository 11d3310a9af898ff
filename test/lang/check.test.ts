import { describe, expect, it } from "vitest";
import { type CheckedModel, compileCurrent, compileModel } from "../../src/lang/check.js";
import type { ModelDefinition } from "../../src/model/definition.js";
import { EquationError } from "../../src/lang/diagnostics.js";
import { MAX_DEPTH, MAX_LENGTH, MAX_PARAMETERS, MAX_STATES } from "../../src/lang/limits.js";
import { failure } from "../model/failure.js";
import { MissingKeyError, UnknownKeyError, ValueRangeError, ValueTypeError } from "../../src/model/errors.js";
import { published } from "./published.js";

const lif: ModelDefinition = {
  name: "leaky",
  current: "pA",
  equations: "dv/dt = (E_L - v)/tau_m + I/C_m : mV",
  params: { E_L: "-70 mV", tau_m: "10 ms", C_m: "250 pF" },
  threshold: "v > -50*mV",
  reset: "v = E_L",
  init: { v: "E_L" },
};
const changed = (change: Partial<ModelDefinition>): CheckedModel => compileModel({ ...lif, ...change });
/** What is said of a model; nothing where all is well. */
const said = (change: Partial<ModelDefinition>): string[] => {
  try {
    return changed(change).warnings.map((one) => one.code);
  } catch (error) {
    if (error instanceof EquationError) return error.diagnostics.map((one) => one.code);
    throw error;
  }
};
const equations = (...more: string[]): Partial<ModelDefinition> => ({ equations: [lif.equations as string, ...more] });

describe("published models", () => {
  it.each(published.map((one) => [one.name, one] as const))("%s has nothing to complain of", (_, definition) => {
    expect(compileModel(definition).warnings).toEqual([]);
  });
});

describe("a checked model", () => {
  it("has its states in order, v first, and intermediate equations behind those they use", () => {
    const model = changed({
      equations: [
        "du/dt = a - u/tau_m : mV",
        "a = b + 1*mV/ms : mV/ms",
        "dv/dt = (u + E_L - v)/tau_m + I/C_m : mV",
        "b = a_0*t/ms/ms : mV/ms",
        "a_0 = 2*mV : mV",
      ],
    });
    expect(model.states.map((one) => one.name)).toEqual(["v", "u"]);
    expect(model.intermediates.map((one) => one.name)).toEqual(["a_0", "b", "a"]);
  });

  it("keeps parameters in the units they are written in", () => {
    const { params } = changed({
      params: { E_L: "-0.07 V", tau_m: { default: "10 ms", unit: "s", range: "> 0" }, C_m: "0.25 nF" },
    });
    expect(params.map(({ name, default: value, unit, scale }) => [name, value, unit, scale.power])).toEqual([
      ["E_L", -0.07, "V", 3],
      ["tau_m", 0.01, "s", 3],
      ["C_m", 0.25, "nF", 3],
    ]);
  });

  it("takes numbers as pure numbers, or in the unit that is given", () => {
    const more = "dw/dt = -w*k/tau_m : 1";
    const { params } = changed({
      ...equations(more),
      params: { ...lif.params, k: 0.5, E_L: { default: -70, unit: "mV" } },
    });
    expect(params.map(({ default: value, unit }) => [value, unit])).toEqual([
      [-70, "mV"],
      [10, "ms"],
      [250, "pF"],
      [0.5, "1"],
    ]);
  });

  it("knows whether input reaches it", () => {
    expect(changed({}).usesInput).toBe(true);
    expect(changed(equations("x = I : pA", "du/dt = x/tau_m : pA")).usesInput).toBe(true);
    expect(compileModel({ name: "clock", equations: "dv/dt = 1/ms : 1" }).usesInput).toBe(false);
  });

  it("tells a refractory time from a condition", () => {
    expect(changed({ refractory: "2 ms" }).refractory).toEqual({ kind: "time", value: 2 });
    expect(changed({ refractory: "500 us" }).refractory).toEqual({ kind: "time", value: 0.5 });
    expect(changed({ refractory: 3 }).refractory).toEqual({ kind: "time", value: 3 });
    expect(changed({ refractory: "tau_m/2" }).refractory.kind).toBe("time");
    expect(changed({ refractory: "v > -40*mV" }).refractory.kind).toBe("condition");
  });

  it("reads initial values in all ways", () => {
    const init = (text: string | number): unknown => changed({ init: { v: text } }).states[0]?.init;
    expect(init(-65)).toEqual({ kind: "number", value: -65 });
    expect(init("-65 mV")).toEqual({ kind: "number", value: -65 });
    expect(init("-0.065 V")).toEqual({ kind: "number", value: -65 });
    for (const text of ["E_L", "E_L + 5*mV*randn()", "-70*mV + i/N*10*mV", "0"]) {
      expect(init(text)).toMatchObject({ kind: "expression" });
    }
  });

  it("is crossed where there is no reset", () => {
    const { threshold, reset, crossing } = compileModel({ ...lif, reset: undefined as never });
    expect([threshold?.kind, reset, crossing]).toEqual(["binary", [], true]);
    expect(changed({}).crossing).toBe(false);
  });

  it("has events", () => {
    const { events } = changed({ events: [{ name: "high", condition: "v > -55*mV", reset: "v -= 1*mV" }] });
    expect(events.map(({ name, reset }) => [name, reset.length])).toEqual([["high", 1]]);
  });
});

describe("allowed are", () => {
  it.each([
    ["conditions as numbers", "x = (i < 100)*5*pA : pA\ndw/dt = x/tau_m : pA"],
    ["conditions of their own", "high = v > -60*mV : boolean\ndw/dt = (1 if high and not t < 5*ms else 0)/ms : 1"],
    ["0 in any unit", "dw/dt = (0 if v > 0 else I)/tau_m : pA"],
    ["powers of units", "dw/dt = (v**2*sqrt(v**2/mV**2)/mV - w)/tau_m : mV"],
    ["broken powers", "dw/dt = ((I/pA)**(1/3) - w)/tau_m : 1"],
    ["exponents of pure numbers", "dw/dt = ((1 + v/E_L)**(t/ms) - w)/tau_m : 1"],
    ["noise", "dw/dt = -w/tau_m + 3*mV*xi*sqrt(2/tau_m) : mV"],
    ["noise through another equation", "eta = xi_a*sqrt(ms) : 1\ndw/dt = (-w + 2*eta*mV)/tau_m : mV"],
    ["random numbers", "dw/dt = (randn() - w + rand())/tau_m : 1"],
    ["units by name", "dw/dt = -w/(20*msecond) + 3*namp/nfarad : mvolt"],
    ["single letters for gates", "dm/dt = (1 - m)/ms : 1\ndh/dt = -h*m/ms : 1\ndn/dt = (V - n)/ms : 1\nV = v/mV : 1"],
    ["temperatures", "dw/dt = -w*3**((36*degC - 24*degC)/(10*degC))/tau_m : 1"],
    [
      "the words of other simulators",
      "dw/dt = int(not_refractory)*(1 - w)/tau_m : 1\nx = pow(w, 2) : 1\ndz/dt = x/tau_m : 1",
    ],
    ["a variable that a reset changes", "count : 1\ndw/dt = count/ms : 1", "v = E_L\ncount += 1"],
    ["a variable that stands", "offset : pA (constant)\ndw/dt = offset/tau_m : pA"],
    ["equations that only N and parameters make", "x = tau_m/N : ms (constant, shared)\ndw/dt = -w/x : 1"],
  ])("%s", (_, more, reset = "v = E_L") => {
    expect(said({ ...equations(more), reset })).toEqual([]);
  });

  it("dt outside of equations, such as for chance", () => {
    expect(said({ threshold: "rand() < 20*Hz*dt" })).toEqual([]);
    expect(said({ ...equations("p = 20*Hz*dt : 1"), threshold: "rand() < p and v > E_L" })).toEqual([]);
  });

  it("initial values from other states and equations", () => {
    const more = "dw/dt = (w_inf - w)/tau_m : 1\nw_inf = 1/(1 + exp(-(v + 50*mV)/(5*mV))) : 1";
    expect(said({ ...equations(more), init: { v: "E_L", w: "w_inf/2" } })).toEqual([]);
  });
});

describe("keys", () => {
  it.each<[string, unknown, unknown, string]>([
    ["no object", 5, ValueTypeError, "model = 5; it must be a model: an object with a name and equations."],
    [
      "an unknown one",
      { ...lif, equation: "" },
      UnknownKeyError,
      'model: unknown key "equation" of a model; did you mean "equations"?',
    ],
    [
      "no name",
      { equations: "" },
      MissingKeyError,
      'model: the key "name" is missing; it must be a name such as izhikevich2007.',
    ],
    [
      "no equations",
      { name: "a" },
      MissingKeyError,
      'model: the key "equations" is missing; it must be the model\'s equations, one a line.',
    ],
    [
      "a number as equations",
      { ...lif, equations: 5 },
      ValueTypeError,
      "model.equations = 5; it must be a text, or an array of its lines.",
    ],
    [
      "a list in a list",
      { ...lif, reset: [["v = 0"]] },
      ValueTypeError,
      "model.reset = an array of 1 element; it must be a text, or an array of its lines.",
    ],
    [
      "a parameter that is none",
      { ...lif, params: { a: [] } },
      ValueTypeError,
      "model.params.a = an array of 0 elements; it must be",
    ],
    [
      "a range",
      { ...lif, params: { a: { default: 1, range: "> 5" } } },
      ValueTypeError,
      'model.params.a.range = "> 5"; it must be "> 0" or ">= 0".',
    ],
    [
      "an event without a condition",
      { ...lif, events: [{ name: "a" }] },
      MissingKeyError,
      'model.events[0]: the key "condition" is missing',
    ],
    [
      "not a number",
      { ...lif, refractory: NaN },
      ValueTypeError,
      "model.refractory = NaN; it must be a time or a condition: a number or a text.",
    ],
    [
      "too many parameters",
      { ...lif, params: Object.fromEntries(Array.from({ length: MAX_PARAMETERS + 1 }, (_, i) => [`p${i}`, 1])) },
      ValueRangeError,
      "model.params: there are 251; a model has at most 250 parameters.",
    ],
    [
      "too long",
      { ...lif, equations: "#".repeat(MAX_LENGTH) },
      ValueRangeError,
      "model: the texts of the model are too long; all together have at most 65536 characters.",
    ],
  ])("%s", (_, definition, kind, message) => {
    const [found, text] = failure(() => compileModel(definition as ModelDefinition));
    expect(found).toBe(kind);
    expect(text).toContain(message);
  });

  it("names of Object are no parameters", () => {
    const params = JSON.parse('{ "__proto__": "1 mV", "constructor": "1 mV" }') as Record<string, string>;
    expect(() => compileModel({ ...lif, params })).toThrow(EquationError);
  });
});

describe("limits", () => {
  it("of states", () => {
    const list = Array.from({ length: MAX_STATES }, (_, i) => `dx${i}/dt = -x${i}/ms : 1`);
    expect(said(equations(...list))).toEqual(["too-many"]);
    expect(said(equations(...list.slice(1)))).toEqual([]);
  });

  it("of depth through intermediate equations", () => {
    const chain = (n: number): string[] => Array.from({ length: n }, (_, i) => `x${i + 1} = x${i} + 1 : 1`);
    const end = (n: number): string[] => ["x0 = t/ms : 1", ...chain(n), `dw/dt = x${n}/ms : 1`];
    expect(said(equations(...end(100)))).toEqual([]);
    expect(new Set(said(equations(...end(MAX_DEPTH))))).toEqual(new Set(["too-deep"]));
  });
});

describe("a background current", () => {
  it("is an expression of t, i and N", () => {
    expect(compileCurrent("5*pA*sin(2*pi*8*Hz*t)*(i < 100)", "pA").warnings).toEqual([]);
    expect(compileCurrent("3*(t > 10*ms)", "1").warnings).toEqual([]);
  });

  it.each([
    ["5*mV", "pA", "I:1:1: the current is mV; it must be pA.\n  1 | 5*mV\n    | ^^^^"],
    ["5*pA*v", "pA", 'I:1:6: unknown name "v".'],
    ["5*pA*xi*sqrt(ms)", "pA", "I:1:6: noise among background currents is the kind whiteNoise."],
    ["I", "pA", "I:1:1: a background current is an expression of t, i and N."],
  ])("is not %s", (text, current, message) => {
    expect(() => compileCurrent(text, current)).toThrow(message);
  });
});

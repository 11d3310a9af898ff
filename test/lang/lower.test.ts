import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCurrent, compileModel } from "../../src/lang/check.js";
import type { ModelDefinition } from "../../src/model/definition.js";
import { type Environment, evaluate, Ir, type IrModel, print } from "../../src/lang/ir.js";
import { lowerCurrent, lowerModel } from "../../src/lang/lower.js";
import { published } from "./published.js";

const plain: ModelDefinition = {
  name: "plain",
  current: "pA",
  equations: "dv/dt = I/(100*pF) : mV",
  init: { v: "-70 mV" },
};
const lowered = (
  change: Partial<ModelDefinition>,
): { model: IrModel; text: (e: IrModel["states"][number]["derivative"]) => string } => {
  const model = lowerModel(compileModel({ ...plain, ...change }), new Ir());
  const names = { states: model.states.map((one) => one.name), params: model.params.map((one) => one.name) };
  return { model, text: (e) => (e ? print(e, names) : "") };
};
/** The right side of dv/dt as the back end gets it. */
const derivative = (equations: string, change: Partial<ModelDefinition> = {}): string => {
  const { model, text } = lowered({ equations, ...change });
  return text(model.states[0]?.derivative);
};

describe("units", () => {
  it.each([
    ["dv/dt = (-65*mV - v)/(10*ms) : mV", {}, "(-65 - v) / 10"],
    ["dv/dt = (-0.065*V - v)/(10*ms) : mV", {}, "(-65 - v) / 10"],
    ["dv/dt = (-65*mV - v)/(35*us) : mV", {}, "(-65 - v) / 0.035"],
    ["dv/dt = 3*Hz*mV : mV", {}, "0.003"],
    ["dv/dt = (5*nA + I)/C : mV", { params: { C: "0.1 nF" } }, "(5000 + I) / (C * 1000)"],
    ["dv/dt = -v/tau : mV", { params: { tau: "2 s" } }, "-v / (tau * 1000)"],
    ["dv/dt = -v/tau : V", { params: { tau: "20 ms" } }, "-(v * 1000) / tau / 1000"],
    ["dv/dt = -v/tau : uV", { params: { tau: "20 ms" } }, "-(v / 1000) / tau * 1000"],
    ["dv/dt = I/(1*uF/cm2) : mV", { current: "uA/cm2" }, "I"],
    ["dv/dt = (v - v**3/3 + I)/ms : 1", { current: "1", init: { v: 0 } }, "v - v * v * v / 3 + I"],
  ])("of %s", (text, change, expected) => {
    expect(derivative(text, change)).toBe(expected);
  });
});

describe("the units that a model is written in", () => {
  /** Units of one dimension, and how many of the first make one of each. */
  const units = {
    E: [
      ["mV", 1],
      ["V", 1e3],
      ["uV", 1e-3],
    ],
    C: [
      ["pF", 1],
      ["nF", 1e3],
      ["F", 1e12],
    ],
    g: [
      ["nS", 1],
      ["pS", 1e-3],
      ["siemens", 1e9],
      ["1/MOhm", 1e3],
    ],
    a: [
      ["1/ms", 1],
      ["Hz", 1e-3],
      ["kHz", 1],
    ],
    b: [
      ["pA*sqrt(ms)", 1],
      ["nA*sqrt(ms)", 1e3],
      ["A*sqrt(ms)", 1e12],
    ],
  } as const;
  const unitOf = (name: keyof typeof units): fc.Arbitrary<readonly [string, number]> => fc.constantFrom(...units[name]);

  it("do not change what it computes", () => {
    const choice = fc.record({
      E: unitOf("E"),
      C: unitOf("C"),
      g: unitOf("g"),
      a: unitOf("a"),
      b: unitOf("b"),
      v: unitOf("E"),
    });
    const number = fc.double({ min: 0.1, max: 100, noNaN: true });
    fc.assert(
      fc.property(choice, fc.array(number, { minLength: 6, maxLength: 6 }), (unit, values) => {
        const names = Object.keys(units) as (keyof typeof units)[];
        const definition: ModelDefinition = {
          name: "scaled",
          current: "pA",
          equations: `dv/dt = (g*(E - v) + I + b/sqrt(1/a) + 3*nA)/C - a*v : ${unit.v[0]}`,
          params: Object.fromEntries(names.map((name) => [name, { default: 1, unit: unit[name][0] }])),
          init: { v: 0 },
        };
        const [first] = lowerModel(compileModel(definition), new Ir()).states;
        const [E = 0, C = 0, g = 0, a = 0, b = 0, v = 0] = values;
        const params = [E, C, g, a, b].map((value, i) => value / unit[names[i] as keyof typeof units][1]);
        const found = evaluate(first?.derivative as never, { states: [v / unit.v[1]], params, input: 7 });
        const wanted = (g * (E - v) + 7 + b / Math.sqrt(1 / a) + 3000) / C - a * v;
        expect(Math.abs(found * unit.v[1] - wanted)).toBeLessThan(
          1e-12 * ((Math.abs(g) * 100 + 3007 + b * Math.sqrt(a)) / C + a * v),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("expressions", () => {
  it.each([
    ["(i < 100)*5*pA/(100*pF)", "(1 if i < 100 else 0) * 5 / 100"],
    ["int(v > 0*mV)*mV/ms", "1 if v > 0 else 0"],
    ["int(2.5*v/mV)*mV/ms", "trunc(2.5 * v)"],
    ["(1 if v > 0*mV and not i == 3 else 2)*mV/ms", "1 if v > 0 and not i == 3 else 2"],
    ["clip(v, -1*mV, 1*mV)/ms", "min(max(v, -1), 1)"],
    ["max(v, 1*mV, 2*mV)/ms", "max(max(v, 1), 2)"],
    ["step(v)*mV/ms", "1 if v >= 0 else 0"],
    ["sign(v)*mV/ms", "1 if v > 0 else (-1 if v < 0 else v)"],
    ["sqrt(v/mV)*mV/ms", "sqrt(v)"],
    ["pow(v/mV, 3)*mV/ms", "v * v * v"],
    ["exp(v/mV)*mV/ms", "exp(v)"],
    ["2*pi*mV/ms", "6.283185307179586"],
    ["N*mV/ms + t*mV/ms**2", "N + t"],
    ["int(not_refractory)*mV/ms", "0 if refractory else 1"],
    ["(1 if True else 2)*mV/ms", "1"],
    ["a - b - c", "v - 1 - 2 + 3"],
  ])("%s", (text, expected) => {
    const more = text.startsWith("a") ? "\na = v/ms : mV/ms\nb = 1*mV/ms : mV/ms\nc = (2 - 3)*mV/ms : mV/ms" : "";
    const wanted = text.startsWith("a") ? "v - 1 - -1" : expected;
    expect(derivative(`dv/dt = ${text} : mV${more}`)).toBe(wanted);
  });
});

describe("noise", () => {
  const equations = `
    dv/dt = -v/(10*ms) + 2*mV*xi/sqrt(4*ms*k) + xi_a*mV/sqrt(ms) : mV
    dw/dt = xi/sqrt(ms) - 3*eta : 1
    eta = xi_a/sqrt(ms) : 1/ms
  `;

  it("is taken out of the equations, each with its own xi and with the shared ones", () => {
    const { model, text } = lowered({ equations, params: { k: 1 } });
    const [v, w] = model.states;
    expect(text(v?.derivative)).toBe("-v / 10");
    expect(text(w?.derivative)).toBe("0");
    const terms = [v, w].map((one) => one?.noise.map(({ amplitude }) => text(amplitude)));
    expect(terms).toEqual([
      ["2 / sqrt(4 * k)", "1"],
      ["1", "-3"],
    ]);
    const streams = [v, w].map((one) => one?.noise.map(({ stream }) => stream) ?? []);
    expect(new Set(streams.flat()).size).toBe(3);
    expect(streams[0]?.[1]).toBe(streams[1]?.[1]);
  });

  it("leaves intermediate equations that hold it out of recordings", () => {
    expect(lowered({ equations, params: { k: 1 } }).model.intermediates).toEqual([]);
  });

  it("is drawn anew for every call of randn, and once for an equation that calls it", () => {
    const { model } = lowered({ equations: "dv/dt = (randn() + randn() + x + x)*mV/ms : mV\nx = rand() : 1" });
    const leaves = [...new Ir().leaves(model.states[0]?.derivative as never)].filter((e) => e.op === "random");
    expect(leaves.map((e) => [e.name, e.value]).sort()).toEqual([
      ["normal", 1],
      ["normal", 2],
      ["uniform", 0],
    ]);
  });
});

describe("a reset", () => {
  const reset = (text: string): string[] => {
    const change = {
      equations: "dv/dt = (I - w - x)/(100*pF) : mV\ndw/dt = -w/ms : pA\nx = 2*w : pA",
      threshold: "v > 0*mV",
      reset: text,
    };
    const { model, text: shown } = lowered(change);
    return model.reset.map(({ state, value }) => `${model.states[state]?.name} = ${shown(value)}`);
  };

  it("is composed: each statement sees those before it", () => {
    expect(reset("v = -60*mV\nw += 5*pA")).toEqual(["v = -60", "w = w + 5"]);
    expect(reset("w += 5*pA\nw *= 2\nv = w*mV/pA")).toEqual(["w = (w + 5) * 2", "v = (w + 5) * 2"]);
    expect(reset("v -= 1*mV; w /= 2")).toEqual(["v = v - 1", "w = w * 0.5"]);
  });

  it("computes intermediate equations anew behind each statement", () => {
    expect(reset("w = x\nw = x")).toEqual(["w = 2 * (2 * w)"]);
  });
});

describe("initial values", () => {
  const init = (change: Partial<ModelDefinition>, env: Environment): number[] =>
    lowered(change).model.init.map((e) => evaluate(e, env));

  it("are expressions of i, N, parameters and each other", () => {
    const equations = "dv/dt = (I - w)/(100*pF) : mV\ndw/dt = -w/ms : pA\nx = g*v : pA\ns : V";
    const params = { g: "2 nS" };
    const change = {
      equations,
      params,
      init: { v: "-70*mV + i/N*10*mV", w: "x + 1*pA", s: "v" },
      threshold: "v > 0*mV",
      reset: "s += 1*mV\nv = 0",
    };
    expect(init(change, { index: 5, size: 10, params: [2] })).toEqual([-65, -129, -0.065]);
  });

  it("are 0 where none is given, and numbers in the state's unit", () => {
    expect(init({ equations: "dv/dt = I/(100*pF) : V\ndw/dt = -w/ms : 1", init: { v: "-70 mV" } }, {})).toEqual([
      -0.07, 0,
    ]);
    expect(init({ equations: "dv/dt = I/(100*pF) : V", init: { v: -0.07 } }, {})).toEqual([-0.07]);
  });
});

describe("the rest of a model", () => {
  it("keeps flags, refractoriness, events and units", () => {
    const { model, text } = lowered({
      equations: "dv/dt = I/C : mV (unless refractory)\ndw/dt = -w/ms : nA",
      params: { C: "0.1 nF" },
      threshold: "v > 0*mV",
      reset: "v = -60*mV",
      refractory: "C/(50*nS)",
      events: [{ name: "high", condition: "w > 1*nA", reset: "w = 0*nA" }],
    });
    expect(model.states.map((one) => [one.unit, one.factor, one.flags.unlessRefractory])).toEqual([
      ["mV", 1, true],
      ["nA", 1000, false],
    ]);
    expect(model.params).toEqual([{ name: "C", unit: "nF", factor: 1000 }]);
    expect(model.refractory.kind === "time" && text(model.refractory.value)).toBe("C * 1000 / 50");
    expect(model.events.map((one) => [one.name, text(one.condition), one.reset.length])).toEqual([
      ["high", "w * 1000 > 1000", 1],
    ]);
    expect([model.crossing, text(model.threshold)]).toEqual([false, "v > 0"]);
  });

  it.each(published.map((one) => [one.name, one] as const))("%s is lowered", (_, definition) => {
    const model = lowerModel(compileModel(definition), new Ir());
    expect(model.states.every((one) => one.derivative?.type === "number")).toBe(true);
    expect(model.threshold?.type).toBe("boolean");
  });
});

describe("a background current", () => {
  it("is an expression in the unit of the current", () => {
    const ir = new Ir();
    const value = lowerCurrent(compileCurrent("2*nA*(t > 5*ms)*i/N", "pA"), ir);
    expect(evaluate(value, { t: 6, index: 3, size: 4 })).toBe(1500);
    expect(evaluate(value, { t: 5, index: 3, size: 4 })).toBe(0);
    expect(print(lowerCurrent(compileCurrent("1*mV", "V"), ir))).toBe("0.001");
  });
});

/** Background currents of kind expression. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  adex,
  background,
  defineModel,
  EquationError,
  hodgkinHuxley,
  izhikevich,
  LengthError,
  lif,
  type Method,
  MissingKeyError,
  type ModelRecord,
  parseDocument,
  Simulation,
  toDocument,
  UnknownKeyError,
  ValueTypeError,
} from "../../src/index.js";
import type { BackgroundInput } from "../../src/index.js";

const scalar = await WebAssembly.compile(readFileSync("build/core.scalar.wasm"));

type Options = Parameters<typeof Simulation.create>[0];

/** The recorded background current and v of neurons under some currents, one array per neuron. */
async function traces(
  model: ModelRecord,
  entries: readonly BackgroundInput[],
  {
    method,
    size = 3,
    duration = 20,
    ...options
  }: Partial<Options> & { method?: Method; size?: number; duration?: number } = {},
) {
  const simulation = await Simulation.create({ dt: 0.05, ...options });
  const p = simulation.population("p", model, size, {
    background: entries,
    ...(method && { method: method as never }),
  });
  const current = simulation.record(p, "I_background");
  const v = simulation.record(p, "v");
  await simulation.run(duration);
  const of = (trace: typeof v): number[][] => Array.from({ length: size }, (_, n) => [...trace.values(n)]);
  return { current: of(current), v: of(v), time: [...v.time] };
}

const written = (I: string, scope: object = {}): BackgroundInput =>
  ({ kind: "expression", I, ...scope }) as BackgroundInput;

describe("the current", () => {
  it("is the expression of t, i and N, in the unit of the model's current", async () => {
    const size = 300;
    const text = "0.005*nA*sin(2*pi*8*Hz*t)*(i < 100) + 2*pA*i/N";
    const { current, time } = await traces(lif, [written(text)], { size });
    for (const n of [0, 99, 100, 299]) {
      for (const [k, t] of time.entries()) {
        const expected = 5 * Math.sin((2 * Math.PI * 8 * t) / 1000) * (n < 100 ? 1 : 0) + (2 * n) / size;
        expect(current[n]?.[k]).toBeCloseTo(expected, 12);
      }
    }
  });

  it("adds up with others, acts on its neurons from start to stop, and nowhere else", async () => {
    const scope = { neurons: [0, 2], start: 5, stop: 7 };
    const both = [background.constant(3), written("1*pA/(i - 1) + 0*pA*t/ms", scope), written("4*pA*t/ms", scope)];
    const { current, time } = await traces(lif, both);
    for (const [k, t] of time.entries()) {
      const on = t > 4.99 && t < 6.99;
      expect(current[0]?.[k]).toBeCloseTo(on ? 3 - 1 + 4 * t : 3, 12);
      expect(current[1]?.[k]).toBe(3);
      expect(current[2]?.[k]).toBeCloseTo(on ? 3 + 1 + 4 * t : 3, 12);
    }
  });

  it("of i and N alone is a number per neuron", async () => {
    const fixed = await traces(lif, [written("100*pA*exp(-((i - 1)/N)**2) + 1*pA*i/3")]);
    const { exp } = Math;
    for (const n of [0, 1, 2]) expect(fixed.current[n]?.[7]).toBeCloseTo(100 * exp(-(((n - 1) / 3) ** 2)) + n / 3, 12);
    const moving = await traces(lif, [written("100*pA*exp(-((i - 1)/N)**2) + 1*pA*i/3 + 0*pA*t/ms")]);
    expect(moving.current).toEqual(fixed.current);
    expect(moving.v).toEqual(fixed.v);
    const some = await traces(lif, [written("100*pA/(i - 1)", { neurons: [0, 2] })]);
    expect(some.current.map((values) => values[3])).toEqual([-100, 0, 100]);
  });

  it("of pure numbers has no unit", async () => {
    const own = defineModel({ name: "pure", equations: "dv/dt = (I - v)/ms : 1" });
    const { current } = await traces(own, [written("1 + (t > 1.02*ms)")]);
    expect(new Set(current.flat())).toEqual(new Set([1, 2]));
  });
});

const methods: readonly (readonly [ModelRecord, Method])[] = [
  ...(["exact", "euler", "heun", "rk4", "exponentialEuler"] as const).map((method) => [lif, method] as const),
  [adex, "euler"],
  [izhikevich, "halfStep"],
  [hodgkinHuxley, "strangSplitting"],
  [adex, "rosenbrock"],
];

describe("within a step", () => {
  it.each(methods.map(([model, method]) => [model.id, method, model] as const))(
    "%s, %s: the methods see it where they see other currents",
    async (_, method, model) => {
      const unit = model.current === "" ? "1" : model.current;
      const strong = model.example?.current ?? 1;
      const options = { method, dt: 0.02 };
      const slope = await traces(model, [background.piecewise([[0, strong, strong / 30]])], options);
      const text = `${strong}*${unit} + ${strong / 30}*${unit}/ms*t`;
      const alike = await traces(model, [written(text)], options);
      expect(alike).toEqual(slope);
      const each = await traces(model, [written(`${text} + 0*${unit}*i`)], options);
      expect(each).toEqual(slope);
    },
  );

  it("is what the same term in the equations is, at every stage", async () => {
    const equations = (I: string): ModelRecord =>
      defineModel({
        name: "cell",
        current: "pA",
        equations: `dv/dt = ((-60*mV - v)*10*nS + ${I})/(200*pF) : mV`,
        init: { v: -60 },
      });
    const term = "120*pA*sin(2*pi*200*Hz*t)**2";
    const { v } = await traces(equations(term), [], { method: "rk4", dt: 0.5 });
    const outside = await traces(equations("I"), [written(term)], { method: "rk4", dt: 0.5 });
    for (const [k, x] of (v[0] as number[]).entries()) expect(outside.v[0]?.[k]).toBeCloseTo(x, 12);
    expect(Math.max(...(v[0] as number[]))).toBeGreaterThan(-57);
  });
});

describe("random numbers", () => {
  it("are new for each neuron and step, the same at all stages, and of the seed", async () => {
    const text = "3*pA*randn() + 0*pA*i + (5*pA if rand() < 0.25 else 0*pA)";
    const { current } = await traces(lif, [written(text)], { size: 400 });
    const all = current.flatMap((values) => values.slice(0, 400));
    const mean = all.reduce((a, b) => a + b) / all.length;
    const variance = all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length;
    expect(mean).toBeCloseTo(1.25, 1);
    expect(variance).toBeCloseTo(9 + 25 * 0.25 * 0.75, 0);
    expect(new Set(all).size).toBe(all.length);
    expect((await traces(lif, [written(text)], { size: 400 })).current).toEqual(current);
    expect((await traces(lif, [written(text)], { size: 400, seed: 2 })).current).not.toEqual(current);
    const two = await traces(lif, [written("1*pA*randn()"), written("1*pA*randn()")]);
    expect(two.current[0]?.[5]).not.toBe(2 * (current[0]?.[5] as number));
  });
});

const busy = [
  written("300*pA + 200*pA*sin(2*pi*40*Hz*t)"),
  written("100*pA*exp(-((i - 150)/40)**2)*cos(t/(3*ms))", {
    neurons: Array.from({ length: 200 }, (_, n) => n + 7),
    start: 3,
  }),
  written("50*pA*randn() + 20*pA*(i % 2 == 0)".replace("i % 2 == 0", "i - 2*floor(i/2) == 0")),
];

describe("the same bits", () => {
  it.each(["exact", "rk4", "heun"] as const)("%s: any number of threads, SIMD or scalar", async (method) => {
    const options = { method, size: 301 };
    const one = await traces(lif, busy, options);
    expect(await traces(lif, busy, { ...options, threads: 3 })).toEqual(one);
    expect(await traces(lif, busy, { ...options, core: scalar })).toEqual(one);
  });

  it("after a snapshot, a reset, and a change of what it does not depend on", async () => {
    const simulation = await Simulation.create({ dt: 0.1, threads: 2 });
    const p = simulation.population("p", lif, 301, { background: busy });
    await simulation.run(10);
    const restored = await Simulation.restore(simulation.snapshot());
    p.set({ V_th: -10 });
    restored.populations.get("p")?.set({ V_th: -10 } as never);
    for (const one of [simulation, restored]) await one.run(10);
    const v = p.state("v");
    expect(restored.populations.get("p")?.state("v")).toEqual(v);
    simulation.reset();
    await simulation.run(10);
    p.set({ V_th: -11 });
    await simulation.run(10);
    expect(p.state("v")).toEqual(v);
  });
});

describe("changed between runs", () => {
  it("another text acts from there on, and the random numbers go on", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const p = simulation.population("p", lif, 20, {
      background: [written("1*pA*t/ms"), written("1*pA*randn()", { neurons: [3] })],
    });
    const current = simulation.record(p, "I_background");
    await simulation.run(1);
    p.setBackground([written("2*pA*t/ms*(i == 7) + 1*pA"), written("10*pA*randn()", { neurons: [3] })]);
    await simulation.run(1);
    p.setBackground([written("10*pA*randn()")]);
    await simulation.run(1);
    expect(current.values(7)[9]).toBeCloseTo(0.9, 12);
    expect(current.values(7)[12]).toBeCloseTo(1 + 2 * 1.2, 12);
    expect(current.values(6)[12]).toBe(1);
    const still = await Simulation.create({ dt: 0.1 });
    const q = still.population("p", lif, 20, { background: [written("0*pA*t/ms"), written("10*pA*randn()")] });
    const whole = still.record(q, "I_background");
    await still.run(3);
    for (const k of [12, 17]) expect(current.values(3)[k]).toBeCloseTo(1 + (whole.values(3)[k] as number), 12);
    expect(current.values(3).slice(21)).toEqual(whole.values(3).slice(21));
  });
});

const document = (entry: object) => ({
  name: "n",
  dt: 0.1,
  duration: 1,
  populations: [{ name: "p", model: "lif", size: 2, background: [entry] }],
});

describe("a model file", () => {
  it("keeps the text", () => {
    const given = document({ kind: "expression", I: "5*pA*sin(2*pi*8*Hz*t)*(i < 100)", neurons: [1], start: 2 });
    const [p] = toDocument(parseDocument(given)).populations as [{ background: unknown }];
    expect(p.background).toEqual(given.populations[0]?.background);
    expect(background.expression("1*pA", { stop: 3 })).toEqual({ kind: "expression", I: "1*pA", stop: 3 });
  });

  it("is told where a text is wrong, with a caret", () => {
    const place = "$.populations[0].background[0].I";
    const wrong = (I: unknown) => () => parseDocument(document({ kind: "expression", I }));
    expect(wrong("5*mV*sin(2*pi*8*Hz*t)")).toThrow(EquationError);
    expect(wrong("5*mV")).toThrow(
      `${place}: 1 mistake.\n\nI:1:1: the current is mV; it must be pA.\n  1 | 5*mV\n    | ^^^^`,
    );
    expect(wrong("5*pA*sin(t) + v")).toThrow(/^\$.*I: 2 mistakes\..*I:1:10: .*I:1:15: unknown name "v"\. .* It must be t, i or N\./s);
    expect(wrong("5*pA*dt/ms")).toThrow("I:1:6: a background current is an expression of t, i and N.");
    expect(wrong("I + 5*pA")).toThrow("I:1:1: a background current is an expression of t, i and N.");
    expect(wrong("5*pA*")).toThrow(EquationError);
    try {
      wrong("5*mV")();
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        path: place,
        count: 1,
        diagnostics: [{ code: "unit-mismatch", source: "I", line: 1, column: 1 }],
      });
    }
    expect(wrong(5)).toThrow(ValueTypeError);
    expect(wrong(5)).toThrow(`${place}: 5; it must be the current in pA, a text such as "5*pA*sin(2*pi*8*Hz*t)".`);
    expect(wrong(`1*pA${" ".repeat(70_000)}`)).toThrow(LengthError);
    expect(() => parseDocument(document({ kind: "expression" }))).toThrow(MissingKeyError);
    expect(() => parseDocument(document({ kind: "expression", I: "1*pA", amplitude: 3 }))).toThrow(UnknownKeyError);
  });

  it("has the warnings of its texts among the findings", async () => {
    const simulation = await Simulation.fromDocument(document({ kind: "expression", I: "-(t/ms)**2*pA - -2**2*pA" }));
    expect(simulation.check()).toContainEqual(
      expect.objectContaining({
        level: "warning",
        population: "p",
        parameter: "background[0].I",
        message: expect.stringContaining("p.background[0], I:1:") as string,
      }),
    );
  });
});

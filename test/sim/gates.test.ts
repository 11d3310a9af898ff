/**
 * Gates of own models by a table: they follow the evaluated ones, and are used wherever they can be and nowhere else.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import {
  background,
  defineModel,
  type ModelRecord,
  type Population,
  type PopulationOptions,
  receptor,
  Simulation,
  type SimulationOptions,
} from "../../src/index.js";
import type { CheckedModel } from "../../src/lang/check.js";
import { type Inputs, integrate } from "../../src/lang/integrate.js";
import { Ir } from "../../src/lang/ir.js";
import { lowerModel } from "../../src/lang/lower.js";
import { plan } from "../../src/lang/plan.js";
import { equationsOf } from "../../src/model/own.js";

const scalar = await WebAssembly.compile(readFileSync("build/core.scalar.wasm"));

const conductances = {
  C: { default: 1, unit: "uF/cm2" },
  g_Na: { default: 120, unit: "mS/cm2" },
  g_K: { default: 36, unit: "mS/cm2" },
  g_L: { default: 0.3, unit: "mS/cm2" },
  g_c: { default: 0.2, unit: "mS/cm2" },
  shift: { default: 0, unit: "mV" },
} as const;

const rates = [
  "am = 0.1/mV/ms*(v + 40*mV - shift)/(1 - exp(-(v + 40*mV - shift)/(10*mV))) : Hz",
  "bm = 4/ms*exp(-(v + 65*mV)/(18*mV)) : Hz",
  "ah = 0.07/ms*exp(-(v + 65*mV)/(20*mV)) : Hz",
  "bh = 1/ms/(1 + exp(-(v + 35*mV)/(10*mV))) : Hz",
  "an = 0.01/mV/ms*(v + 55*mV)/(1 - exp(-(v + 55*mV)/(10*mV))) : Hz",
  "bn = 0.125/ms*exp(-(v + 65*mV)/(80*mV)) : Hz",
];

/**
 * Hodgkin & Huxley 1952, with more gates of v and with a second compartment that has gates of its own, as far as asked
 * for.
 */
function membrane(more: readonly string[] = [], current = "", options: object = {}): ModelRecord {
  return defineModel({
    name: "membrane",
    current: "uA/cm2",
    equations: [
      `dv/dt = (I${current} - g_Na*m**3*h*(v - 50*mV) - g_K*n**4*(v + 77*mV) - g_L*(v + 54.387*mV))/C : mV`,
      "dm/dt = am*(1 - m) - bm*m : 1",
      "dh/dt = ah*(1 - h) - bh*h : 1",
      "dn/dt = an*(1 - n) - bn*n : 1",
      ...rates,
      ...more,
    ],
    params: conductances,
    threshold: "v > 0*mV",
    refractory: "v > -20*mV",
    init: { v: "-65*mV", m: "0.05", h: "0.6", n: "0.32" },
    ...options,
  });
}

const slow = "dw/dt = (1/(1 + exp(-(v + 35*mV)/(10*mV))) - w)/(100*ms/(1 + exp((v + 35*mV)/(20*mV)))) : 1";
const fast = "dr/dt = (exp(-((v + 60*mV)/(25*mV))**2) - r)/(5*ms) : 1";
const dendrite = ["du/dt = (-g_L*(u + 60*mV) - g_c*(u - v) - 0.5*g_K*q*(u + 77*mV))/C : mV", "dq/dt = (1/(1 + exp(-(u + 50*mV)/(5*mV))) - q)/(4*ms) : 1"];

const models = {
  "three gates": membrane(),
  "four gates": membrane([slow], " - 0.01*g_K*w*(v + 77*mV)"),
  "five gates": membrane([slow, fast], " - 0.01*g_K*(w + 0.1*r)*(v + 77*mV)"),
  "gates of two potentials": membrane([slow, ...dendrite], " - 0.01*g_K*w*(v + 77*mV) - g_c*(v - u)"),
} as const;
const names = Object.keys(models) as (keyof typeof models)[];

/** What the compiler leaves to tables. */
function tablesOf(
  model: ModelRecord,
  inputs: Partial<Inputs> = {},
  perNeuron: readonly number[] = [],
): { readonly gates: readonly string[]; readonly functions: number } {
  const ir = new Ir();
  const lowered = lowerModel(equationsOf(model) as CheckedModel, ir);
  const { tables, lookups } = plan(
    integrate(ir, lowered, "exponentialEuler", { conducts: false, jumps: false, ...inputs }),
    { tables: true, perNeuron },
  );
  return {
    gates: tables.flatMap(({ gates }) => gates.map(({ state }) => lowered.states[state]?.name ?? "")),
    functions: lookups.reduce((sum, { functions }) => sum + functions.length, 0),
  };
}

function sweep(low: number, high: number, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => low + ((high - low) * (i + 0.381966)) / size);
}

type Options = Partial<PopulationOptions<ModelRecord>>;

/** All states after some time, by name, and the spikes. */
async function states(
  model: ModelRecord,
  v: Float64Array,
  duration: number,
  options: Options = {},
  settings: Partial<SimulationOptions> = {},
): Promise<Record<string, Float64Array>> {
  const simulation = await Simulation.create({ dt: 0.02, seed: 1, threads: 1, ...settings });
  const all = { method: "exponentialEuler", background: [background.constant(20)], ...options } as Options;
  const population = simulation.population("cells", model, v.length, {
    ...all,
    init: { v, ...options.init } as never,
  } as never);
  const spikes = simulation.record(population, "spikes", { interpolate: true });
  await simulation.run(duration);
  const names = Object.keys(model.states);
  return {
    ...Object.fromEntries(names.map((name) => [name, population.state(name as never)])),
    times: spikes.times,
    neurons: Float64Array.from(spikes.neurons),
  };
}

function furthest(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

describe.each(names)("%s", (name) => {
  const model = models[name];
  const { gates } = tablesOf(model);

  it("are those that depend on a potential alone", () => {
    const wanted = { "three gates": 3, "four gates": 4, "five gates": 5, "gates of two potentials": 5 } as const;
    expect(gates.length).toBe(wanted[name]);
    expect(gates).toEqual(Object.keys(model.states).filter((state) => state !== "v" && state !== "u"));
  });

  it.each([
    [-120, 80],
    [-990, 990],
  ])("are within 1e-9 of evaluated ones after a step, from %f to %f mV", async (low, high) => {
    for (const gate of [0, 1]) {
      const init = Object.fromEntries(gates.map((state) => [state, gate]));
      const v = sweep(low, high, 5000);
      const more = "u" in model.states ? { u: sweep(high, low, 5000) } : {};
      const [table, exact] = await Promise.all(
        (["table", "exact"] as const).map((rates) =>
          states(model, v, 0.02, { rates, init: { ...init, ...more } } as never),
        ),
      );
      for (const state of gates)
        expect(furthest(table?.[state] as Float64Array, exact?.[state] as Float64Array), state).toBeLessThan(1e-9);
      // The potentials see the gates of the step's start.
      expect(table?.v).toEqual(exact?.v);
      expect(gates.some((state) => furthest(table?.[state] as Float64Array, exact?.[state] as Float64Array) > 0)).toBe(
        true,
      );
    }
  });

  it("fire at the same times", async () => {
    const v = sweep(-75, -55, 40);
    const [table, exact] = await Promise.all(
      (["table", "exact"] as const).map((rates) => states(model, v, 200, { rates } as never)),
    );
    expect(exact?.times?.length).toBeGreaterThan(100);
    expect(table?.neurons).toEqual(exact?.neurons);
    expect(furthest(table?.times as Float64Array, exact?.times as Float64Array)).toBeLessThan(1e-6);
  });

  it("are the same bits in SIMD and scalar code, and for any number of threads", async () => {
    const v = sweep(-180, 90, 611);
    const one = await states(model, v, 20);
    for (const settings of [{ core: scalar }, { threads: 2 }, { threads: 3 }])
      expect(await states(model, v, 20, {}, settings)).toEqual(one);
  });
});

/** m is at its steady state at once: a function of v in the equation of v. */
const instantaneous = {
  "one function of v": membrane([], "", {
    equations: [
      "dv/dt = (I - g_Na*minf**3*(0.9 - n)*(v - 50*mV) - g_K*n**4*(v + 77*mV) - g_L*(v + 54.387*mV))/C : mV",
      "dn/dt = an*(1 - n) - bn*n : 1",
      "minf = am/(am + bm) : 1",
      ...rates,
    ],
    init: { v: "-65*mV", n: "0.32" },
  }),
  // Morris & Lecar 1981: functions that the core has for single numbers only.
  "two functions of v": defineModel({
    name: "barnacle",
    current: "uA/cm2",
    equations: [
      "dv/dt = (I - 4.4*mS/cm2*minf*(v - 120*mV) - 8*mS/cm2*w*(v + 84*mV)*(1 + 0.1*tanh((v + 60*mV)/(30*mV))*(1 + exp(v/(50*mV)))) - 2*mS/cm2*(v + 60*mV))/(20*uF/cm2) : mV",
      "dw/dt = (winf - w)*0.04/ms*cosh((v - 2*mV)/(60*mV)) : 1",
      "minf = 0.5*(1 + tanh((v + 1.2*mV)/(18*mV))) : 1",
      "winf = 0.5*(1 + tanh((v - 2*mV)/(30*mV))) : 1",
    ],
    threshold: "v > 0*mV",
    refractory: "v > -10*mV",
    init: { v: "-60*mV", w: "0.01" },
  }),
} as const;

describe.each(Object.keys(instantaneous) as (keyof typeof instantaneous)[])("%s", (name) => {
  const model = instantaneous[name];
  const drive = { background: [background.constant(name === "one function of v" ? 5 : 90)] };

  it("are looked up", () => {
    expect(tablesOf(model)).toEqual({
      gates: [name === "one function of v" ? "n" : "w"],
      functions: name === "one function of v" ? 1 : 2,
    });
  });

  it("are near the evaluated ones, from far below to far above", async () => {
    for (const v of [sweep(-120, 80, 5000), sweep(-990, 990, 5000)]) {
      const [table, exact] = await Promise.all(
        (["table", "exact"] as const).map((rates) => states(model, v, 0.02, { rates, ...drive } as never)),
      );
      expect(furthest(table?.v as Float64Array, exact?.v as Float64Array)).toBeLessThan(1e-6);
      expect(table?.v).not.toEqual(exact?.v);
    }
  });

  it("make the neurons fire at the same times, with the same bits in SIMD and scalar code and for any number of threads", async () => {
    const v = sweep(-75, -55, 611);
    const [table, exact] = await Promise.all(
      (["table", "exact"] as const).map((rates) => states(model, v, 200, { rates, ...drive } as never)),
    );
    expect(exact?.times?.length).toBeGreaterThan(600);
    expect(table?.neurons).toEqual(exact?.neurons);
    expect(furthest(table?.times as Float64Array, exact?.times as Float64Array)).toBeLessThan(1e-5);
    for (const settings of [{ core: scalar }, { threads: 2 }, { threads: 3 }])
      expect(await states(model, v, 200, drive as never, settings)).toEqual(table);
  });
});

describe("a table", () => {
  const model = models["three gates"];
  const v = sweep(-90, 40, 65);

  it("is for exponentialEuler, which has it by default", async () => {
    expect(await states(model, v, 2)).toEqual(await states(model, v, 2, { rates: "table" } as never));
    expect(await states(model, v, 2)).not.toEqual(await states(model, v, 2, { rates: "exact" } as never));
    const euler = { method: "euler" } as const;
    expect(await states(model, v, 2, euler)).toEqual(await states(model, v, 2, { ...euler, rates: "exact" } as never));
  });

  it("follows parameters, and yields to evaluation for gates whose parameters differ between neurons", async () => {
    const simulation = await Simulation.create({ dt: 0.02, seed: 1 });
    const options = { method: "exponentialEuler", init: { v } } as const;
    const cells = simulation.population("cells", model, 65, options as never);
    const fresh = simulation.population("fresh", model, 65, { ...options, params: { shift: 3 } } as never);
    const exact = simulation.population("exact", model, 65, {
      ...options,
      params: { shift: 3 },
      rates: "exact",
    } as never);
    const of = (population: typeof cells, state: string): Float64Array => population.state(state as never);
    await simulation.run(1);
    for (const shift of [3, Array.from(v, () => 3), 3]) {
      cells.set({ shift } as never);
      for (const state of Object.keys(model.states)) {
        cells.setState(state as never, of(fresh, state) as never);
        exact.setState(state as never, of(fresh, state) as never);
      }
      await simulation.run(0.02);
      expect(of(fresh, "m")).not.toEqual(of(exact, "m"));
      expect(of(cells, "m")).toEqual(of(typeof shift === "number" ? fresh : exact, "m"));
      for (const state of ["v", "h", "n"]) expect(of(cells, state)).toEqual(of(fresh, state));
    }
  });

  it("is made anew when building begins anew", async () => {
    const simulation = await Simulation.create({ dt: 0.02, seed: 1 });
    const add = (name: string): Population =>
      simulation.population(name, model, 65, {
        method: "exponentialEuler",
        init: { v },
        receptors: { in: receptor.exponential({ tau: 5 }) },
      } as never) as unknown as Population;
    const [first, second] = [add("first"), add("second")];
    const controller = new AbortController();
    simulation.connect(first, second, { rule: "allToAll", weight: 0, receptor: "in" } as never);
    const cancel = { signal: controller.signal, onProgress: (): void => controller.abort() };
    // a clock that jumps: progress is told of a building that takes no time
    let clock = performance.now();
    const now = vi.spyOn(performance, "now").mockImplementation(() => (clock += 100));
    const report = await simulation.run(1, cancel);
    now.mockRestore();
    expect([report.status, report.duration, simulation.isBuilt]).toEqual(["cancelled", 0, false]);
    await simulation.run(1);
    expect(first.state("m" as never)).toEqual(second.state("m" as never));
    expect(first.state("m" as never)).toEqual((await states(model, v, 1, { background: [] }))?.m);
  });

  it("goes on from a snapshot", async () => {
    const simulation = await Simulation.create({ dt: 0.02, seed: 1 });
    const cells = simulation.population("cells", model, 65, { method: "exponentialEuler", init: { v } } as never);
    await simulation.run(3);
    const copy = await Simulation.restore(simulation.snapshot());
    await copy.run(3);
    await simulation.run(3);
    for (const state of Object.keys(model.states))
      expect(copy.populations.get("cells")?.state(state as never)).toEqual(cells.state(state as never));
  });

  it("is not used for rates that are too steep for it, or have a kink", async () => {
    const steep = membrane(
      ["dw/dt = (1/(1 + exp(-(v + 35*mV)/(0.05*mV))) - w)/(5*ms) : 1"],
      " - 0.01*g_K*w*(v + 77*mV)",
    );
    expect(tablesOf(steep).gates).toEqual(["m", "h", "n", "w"]);
    expect(await states(steep, v, 2)).toEqual(await states(steep, v, 2, { rates: "exact" } as never));
    const kink = membrane(["dw/dt = (exp(-abs(v + 40*mV)/(10*mV)) - w)/(5*ms) : 1", "dx/dt = ((0.5 if v > -40*mV else exp(v/(20*mV))) - x)/(5*ms) : 1"]);
    expect(tablesOf(kink).gates).toEqual(["m", "h", "n"]);
  });

  it("has no gate that stands still, gets input or is asked for at the step's end; their rates are looked up", () => {
    const held = membrane(["dw/dt = (exp(v/(20*mV)) - w)/(5*ms) : 1 (unless refractory)"], " - 0.1*g_K*w*(v + 77*mV)");
    expect(tablesOf(held).gates).toEqual(["m", "h", "n"]);
    const asked = membrane([], "", { threshold: "v > 0*mV and h < 0.5", refractory: "v > -20*mV" });
    expect(tablesOf(asked)).toMatchObject({ gates: ["m", "n"], functions: 1 });
    expect(tablesOf(model, { landings: [3] })).toMatchObject({ gates: ["m", "h"], functions: 1 });
    expect(tablesOf(model, {}, [5])).toMatchObject({ gates: ["h", "n"], functions: 0 });
  });

  it("serves a potential in volts", async () => {
    const volts = defineModel({
      name: "volts",
      current: "uA/cm2",
      equations: ["dv/dt = (I - g_L*(v + 60*mV) - g_K*n*(v + 77*mV))/C : V", "dn/dt = (1/(1 + exp(-(v + 50*mV)/(5*mV))) - n)/(4*ms) : 1"],
      params: { C: conductances.C, g_K: conductances.g_K, g_L: conductances.g_L },
    });
    expect(tablesOf(volts).gates).toEqual(["n"]);
    const x = v.map((mV) => mV / 1000);
    const [table, exact] = await Promise.all(
      (["table", "exact"] as const).map((rates) => states(volts, x, 0.02, { rates } as never)),
    );
    expect(furthest(table?.n as Float64Array, exact?.n as Float64Array)).toBeLessThan(1e-9);
    expect(table?.n).not.toEqual(exact?.n);
  });

  it("has no place in a model without gates", async () => {
    const plain = defineModel({
      name: "plain",
      current: "pA",
      equations: "dv/dt = (-60*mV - v)/(10*ms) + I/(100*pF) : mV",
      threshold: "v > -50*mV",
      reset: "v = -60*mV",
    });
    await expect(states(plain, v, 1, { rates: "exact" } as never)).rejects.toThrow('rates = "exact"; plain has no gates with rates.');
  });
});

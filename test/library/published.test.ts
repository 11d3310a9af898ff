/** Models of the library against their papers and against closed forms. */
import { describe, expect, it } from "vitest";
import {
  background,
  type BackgroundInput,
  cvPerNeuron,
  type ModelRecord,
  Simulation,
  type SpikeRecording,
} from "../../src/index.js";
import * as library from "../../src/library/index.js";

interface Options {
  readonly preset?: string;
  readonly params?: Readonly<Record<string, number>>;
  readonly init?: Readonly<Record<string, number>>;
  readonly method?: string;
  readonly dt?: number;
  readonly duration: number;
  readonly interpolate?: boolean;
}

/** One neuron for each current; spike times of each, and v and other states at the end. */
async function driven(model: ModelRecord, currents: readonly (number | BackgroundInput)[], options: Options) {
  const { dt = 0.02, duration, interpolate = false, ...rest } = options;
  const sim = await Simulation.create({ dt });
  const cells = currents.map((current, k) => {
    const entry = typeof current === "number" ? background.constant(current) : current;
    return sim.population(`cell${k}`, model, 1, { ...rest, background: [entry] } as never);
  });
  const spikes = cells.map((cell): SpikeRecording => sim.record(cell, "spikes", { interpolate }));
  await sim.run(duration);
  return {
    times: spikes.map((one) => Array.from(one.of(0))),
    state: (name: string) => cells.map((cell) => Number(cell.state(name as never)[0])),
  };
}

const intervals = (times: readonly number[]): number[] => times.slice(1).map((t, k) => t - (times[k] ?? 0));
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
/** A current that changes at a time. */
const switched = (before: number, at: number, after: number): BackgroundInput =>
  background.piecewise([[0, before], [at, after]]);

describe("Connor-Stevens", () => {
  const model = library.connorStevens;

  it("rests at -68 mV", async () => {
    const { state } = await driven(model, [0], { method: "rk4", duration: 200 });
    expect(state("v")[0]).toBeCloseTo(-68, 1);
  });

  it("fires from rate 0 on: the first rates are low, and grow smoothly (type I)", async () => {
    const { times } = await driven(model, [8.1, 8.2, 8.5, 9, 10, 15], { method: "rk4", duration: 1500 });
    const rates = times.map((train) => train.filter((t) => t > 500).length);
    expect(rates[0]).toBe(0);
    expect(rates[1]).toBeGreaterThan(0);
    expect(rates[1]).toBeLessThan(6);
    expect(rates.every((rate, k) => k === 0 || rate > (rates[k - 1] ?? 0))).toBe(true);
    expect(rates[5]).toBeGreaterThan(80);
  });

  it("without the A current starts at a high rate (type II)", async () => {
    const { times } = await driven(model, [8.5, 9], { preset: "withoutA", method: "rk4", duration: 1500 });
    const rates = times.map((train) => train.filter((t) => t > 500).length);
    expect(rates[0]).toBe(0);
    expect(rates[1]).toBeGreaterThan(70);
  });

  it("fires later after hyperpolarisation, which frees the A current", async () => {
    const inputs = [switched(0, 100, 10), switched(-10, 100, 10)];
    const { times } = await driven(model, inputs, { method: "rk4", duration: 200 });
    const [rest = NaN, low = NaN] = times.map(([first = NaN]) => first - 100);
    expect(rest).toBeGreaterThan(5);
    expect(low).toBeGreaterThan(rest + 2);
  });
});

describe("theta neuron", () => {
  it.each([0.01, 0.09, 1, 4])("fires with the period pi/sqrt(I) at I = %d", async (current) => {
    const period = Math.PI / Math.sqrt(current);
    const options = { dt: 0.005, duration: Math.ceil(5 * period), interpolate: true };
    const { times } = await driven(library.thetaNeuron, [current], options);
    const [train = []] = times;
    // from v = 0 the first takes half of it
    expect(Math.abs((train[0] ?? NaN) - period / 2)).toBeLessThan(1e-4);
    for (const interval of intervals(train)) expect(Math.abs(interval - period)).toBeLessThan(1e-4);
    expect(train.length).toBe(5);
  });

  it.each([-0.01, -0.25, -4])("rests at -arccos((1 + I)/(1 - I)) for I = %d", async (current) => {
    const { times, state } = await driven(library.thetaNeuron, [current], { duration: 200 });
    expect(times[0]).toEqual([]);
    expect(Math.abs((state("v")[0] ?? NaN) + Math.acos((1 + current) / (1 - current)))).toBeLessThan(1e-8);
  });

  it("keeps its period in units of tau", async () => {
    const options = { params: { tau: 5 }, dt: 0.01, duration: 100, interpolate: true };
    const { times } = await driven(library.thetaNeuron, [1], options);
    expect(mean(intervals(times[0] ?? []))).toBeCloseTo(5 * Math.PI, 4);
  });
});

/** GLIF by closed forms from one spike to the next, tested at the ends of steps as the simulation does. */
function glif(level: number, current: number, dt: number, duration: number): number[] {
  const [C, g, E, theta, rest] = [58.72, 9.43, -78.85, -51.68, 3.75];
  const [f_v, add, delta_s, b_s] = [0.2, 18.51, 0.37, 0.009];
  const [A, k, R] = [[-9.18, -198.94], [0.003, 0.1], [1, 1]];
  const [a_v, b_v] = [0.005, 0.09];
  const tau = C / g;
  let start = { v: E, s: 0, I: [0, 0], w: 0 };
  const at = (t: number): typeof start => {
    // v - E: the constant part, after-spike currents, and what is left of the start
    const parts = k.map((rate, j) => (start.I[j] ?? 0) / (g - C * rate));
    const left = start.v - E - current / g - parts.reduce((sum, x) => sum + x, 0);
    const terms = [[0, current / g], [1 / tau, left], ...parts.map((part, j) => [k[j] ?? 0, part])];
    const v = terms.reduce((sum, [rate = 0, size = 0]) => sum + size * Math.exp(-rate * t), 0);
    // dw/dt = a (v - E) - b w for each exponential
    const own = terms.map(([rate = 0, size = 0]) => [rate, (a_v * size) / (b_v - rate)]);
    const first = start.w - own.reduce((sum, [, size = 0]) => sum + size, 0);
    const w = own.reduce((sum, [rate = 0, size = 0]) => sum + size * Math.exp(-rate * t), first * Math.exp(-b_v * t));
    const I = start.I.map((size, j) => size * Math.exp(-(k[j] ?? 0) * t));
    return { v: E + v, s: start.s * Math.exp(-b_s * t), I, w };
  };
  const rules = [2, 4, 5].includes(level);
  const spikes: number[] = [];
  const steps = Math.round(duration / dt);
  for (let n = 1, from = 0; n <= steps; n++) {
    const now = at((n - from) * dt);
    if (now.v <= theta + (rules ? now.s : 0) + (level === 5 ? now.w : 0)) continue;
    spikes.push(n * dt);
    start = {
      v: rules ? E + f_v * (now.v - E) + add : E,
      s: now.s * Math.exp(-b_s * rest) + delta_s,
      I: level < 3 ? [0, 0] : now.I.map((size, j) => (A[j] ?? 0) + (R[j] ?? 0) * size * Math.exp(-(k[j] ?? 0) * rest)),
      w: now.w,
    };
    from = n + Math.round(rest / dt);
    n = from;
  }
  return spikes;
}

describe("GLIF", () => {
  const levels = [library.glif1, library.glif2, library.glif3, library.glif4, library.glif5];

  it.each([1, 2, 3, 4, 5])("%d fires at the times of its closed form", async (level) => {
    const model = levels[level - 1] as ModelRecord;
    const currents = [280, 400, 700];
    const { times } = await driven(model, currents, { dt: 0.05, duration: 1000 });
    expect(model.methods[0]).toBe("exact");
    for (const [i, current] of currents.entries()) {
      const expected = glif(level, current, 0.05, 1000);
      expect(expected.length).toBeGreaterThan(4);
      expect(times[i]?.length).toBe(expected.length);
      for (const [k, t] of expected.entries()) expect(Math.abs((times[i]?.[k] ?? NaN) - t)).toBeLessThan(1e-9);
    }
  });

  it("1 has the rate of the leaky integrate-and-fire neuron", async () => {
    const { times } = await driven(library.glif1, [300], { dt: 0.001, duration: 200 });
    const tau = 58.72 / 9.43;
    const depth = 300 / 9.43;
    const interval = 3.75 + tau * Math.log(depth / (depth - 27.17));
    expect(Math.abs(mean(intervals(times[0] ?? [])) - interval)).toBeLessThan(0.0011);
  });

  it("3 and 4 adapt, 1 does not", async () => {
    const ratio = async (model: ModelRecord): Promise<number> => {
      const gaps = intervals((await driven(model, [400], { dt: 0.05, duration: 500 })).times[0] ?? []);
      return (gaps.at(-1) ?? NaN) / (gaps[0] ?? NaN);
    };
    expect(await ratio(library.glif1)).toBeCloseTo(1, 6);
    expect(await ratio(library.glif3)).toBeGreaterThan(1.3);
    expect(await ratio(library.glif4)).toBeGreaterThan(1.5);
  });
});

describe("Izhikevich 2007", () => {
  const model = library.izhikevich2007;
  const cell = (preset: string, currents: readonly (number | BackgroundInput)[], duration = 1000) =>
    driven(model, currents, { preset, dt: 0.05, duration });

  it("RS has its rheobase where rest and threshold meet, (k (v_t - v_r) + b)^2/(4 k) = 51.4 pA", async () => {
    const rheobase = (0.7 * 20 - 2) ** 2 / (4 * 0.7);
    const { times } = await driven(model, [0.99 * rheobase, 1.01 * rheobase], { dt: 0.05, duration: 2000 });
    expect(times[0]).toEqual([]);
    expect(times[1]?.length).toBeGreaterThan(0);
  });

  it("FS fires from 73.2 pA on, the lowest current of its figure", async () => {
    const { times } = await cell("FS", [70, 73.2]);
    expect(times[0]).toEqual([]);
    expect(times[1]?.length).toBeGreaterThan(10);
  });

  it("IB begins with a burst, CH goes on in bursts", async () => {
    const [ib = []] = (await cell("IB", [500])).times;
    const [first = NaN, second = NaN] = intervals(ib);
    expect(second / first).toBeGreaterThan(4);
    const [ch = []] = (await cell("CH", [300])).times;
    const gaps = intervals(ch.filter((t) => t > 300));
    const short = gaps.filter((gap) => gap < 10).length;
    expect(short).toBeGreaterThan(10);
    expect(gaps.length - short).toBeGreaterThan(10);
    expect(gaps.filter((gap) => gap >= 10 && gap < 30)).toEqual([]);
  });

  it("LTS fires faster than RS at the same current, and its recovery stays below 670 pA", async () => {
    const rs = (await cell("RS", [100])).times[0] ?? [];
    const lts = (await cell("LTS", [300])).times[0] ?? [];
    expect(lts.length).toBeGreaterThan(3 * rs.length);
    const { state } = await cell("LTS", [2000]);
    expect(state("u")[0]).toBeLessThanOrEqual(670 + 20);
  });

  it.each([
    ["TC", -1200, 0],
    ["RTN", -350, 50],
  ] as const)("%s bursts after hyperpolarisation", async (preset, low, high) => {
    const { times } = await cell(preset, [switched(low, 200, high)], 400);
    const burst = (times[0] ?? []).filter((t) => t > 200 && t < 300);
    expect(burst.length).toBeGreaterThan(2);
    expect(Math.min(...intervals(burst))).toBeLessThan(20);
    expect((times[0] ?? []).filter((t) => t < 200)).toEqual([]);
  });
});

describe("Hill-Tononi", () => {
  const model = library.hillTononi;

  it("rests where its currents add up to 0", async () => {
    const { state } = await driven(model, [0], { dt: 0.1, duration: 20_000 });
    const [v = NaN] = state("v");
    const [D = NaN] = state("D");
    const nap = (0.5 / (1 + Math.exp(-(v + 55.7) / 7.7)) ** 3) * (v - 30);
    const dk = (0.5 / (1 + (0.25 / D) ** 3.5)) * (v + 90);
    expect(Math.abs(0.2 * (v - 30) + (v + 90) + nap + dk)).toBeLessThan(1e-6);
    expect(v).toBeGreaterThan(-71);
    expect(v).toBeLessThan(-68);
  });

  it("comes down from a spike by its leaks and the potassium conductance, for t_spike", async () => {
    // without the other currents that is an exponential
    const sim = await Simulation.create({ dt: 0.01 });
    const options = { method: "rk4", params: { g_NaP: 0, g_DK: 0 }, init: { v: -50.9 } } as const;
    const cells = sim.population("cells", model, 1, options);
    const traces = (["v", "theta", "spike"] as const).map((name) => sim.record(cells, name));
    const spikes = sim.record(cells, "spikes");
    await sim.run(5);
    // what starts above its threshold is taken in the second step
    expect(Array.from(spikes.times)).toEqual([0.02]);
    const [v, theta, spike] = traces.map((trace) => trace.values(0)) as [Float64Array, Float64Array, Float64Array];
    const rate = 1.2 / 16 + 1 / 1.75;
    const goal = ((0.2 * 30 - 90) / 16 - 90 / 1.75) / rate;
    for (const n of [0, 50, 100, 200]) {
      expect(Math.abs((v[2 + n] ?? NaN) - (goal + (30 - goal) * Math.exp(-rate * n * 0.01)))).toBeLessThan(1e-7);
      expect(Math.abs((theta[2 + n] ?? NaN) - (-51 + 81 * Math.exp((-n * 0.01) / 2)))).toBeLessThan(1e-7);
    }
    // 2 ms are 200 steps
    expect([spike[2], spike[201], spike[202]]).toEqual([1, 1, 0]);
    const from = v[202] ?? NaN;
    expect(Math.abs((v[302] ?? NaN) - (-70 + (from + 70) * Math.exp((-1.2 / 16) * 1)))).toBeLessThan(1e-7);
  });

  it("thalamic cells burst after hyperpolarisation by the T current; without it there is one late spike", async () => {
    const input = switched(-60, 300, 6);
    const { times } = await driven(model, [input], { preset: "thalamic", dt: 0.05, duration: 600 });
    const none = await driven(model, [input], { preset: "thalamic", params: { g_T: 0 }, dt: 0.05, duration: 600 });
    const [burst = [], single = []] = [times[0], none.times[0]];
    expect(burst.length).toBe(3);
    expect(Math.max(...intervals(burst))).toBeLessThan(12);
    expect(single.length).toBe(1);
    expect(single[0]).toBeGreaterThan((burst[0] ?? NaN) + 5);
  });

  it("cortical cells slow down as D grows", async () => {
    const { times, state } = await driven(model, [25], { dt: 0.05, duration: 1000 });
    const gaps = intervals(times[0] ?? []);
    expect((gaps.at(-1) ?? 0) / (gaps[0] ?? NaN)).toBeGreaterThan(5);
    expect(state("D")[0]).toBeGreaterThan(0.1);
  });
});

describe("Pospischil et al.", () => {
  const model = library.pospischil;

  it.each([
    ["RS", -71.9],
    ["FS", -71.4],
    ["IB", -71.4],
    ["LTS", -54.0],
  ])("%s rests at %d mV", async (preset, rest) => {
    const { state } = await driven(model, [0], { preset, method: "rk4", duration: 3000 });
    expect(Math.abs((state("v")[0] ?? NaN) - rest)).toBeLessThan(0.06);
  });

  it("RS adapts, and hardly without its slow potassium current", async () => {
    const ratio = async (params: Record<string, number>): Promise<number> => {
      const options = { params, method: "rk4", duration: 1000 };
      const gaps = intervals((await driven(model, [1.5], options)).times[0] ?? []);
      return (gaps.at(-1) ?? NaN) / (gaps[0] ?? NaN);
    };
    expect(await ratio({})).toBeGreaterThan(1.8);
    expect(await ratio({ g_M: 0 })).toBeLessThan(1.02);
  });

  it("LTS fires after hyperpolarisation by its T current, and not without it", async () => {
    const input = switched(-1, 400, 0);
    const options = { preset: "LTS", method: "rk4", duration: 700 };
    const { times } = await driven(model, [input], options);
    expect((times[0] ?? []).filter((t) => t > 400).length).toBeGreaterThan(1);
    const none = await driven(model, [input], { ...options, params: { g_CaT: 0 } });
    expect(none.times[0]).toEqual([]);
  });

  it("IB has its first spikes closest together, by the high-threshold calcium current too", async () => {
    const options = { preset: "IB", method: "rk4", duration: 600 };
    const gaps = intervals((await driven(model, [0.5], options)).times[0] ?? []);
    expect(gaps[0]).toBe(Math.min(...gaps));
    expect((gaps.at(-1) ?? NaN) / (gaps[0] ?? NaN)).toBeGreaterThan(2.5);
    const without = await driven(model, [0.5], { ...options, params: { g_CaL: 0 } });
    expect(without.times[0]?.length).toBeLessThan(gaps.length + 1);
  });
});

describe("Pinsky-Rinzel", () => {
  const options = { method: "rk4", dt: 0.02, duration: 3000 } as const;

  it("bursts at a low rate with 0.75 uA/cm2 into the soma, and fires single spikes with 2.5", async () => {
    const { times } = await driven(library.pinskyRinzel, [0.75, 2.5], options);
    const slow = intervals((times[0] ?? []).filter((t) => t > 800));
    const within = slow.filter((gap) => gap < 15);
    const between = slow.filter((gap) => gap > 100);
    expect(within.length).toBeGreaterThan(3);
    expect(within.length + between.length).toBe(slow.length);
    // a burst about every half second
    expect(mean(between)).toBeGreaterThan(400);
    expect(mean(between)).toBeLessThan(600);
    const fast = intervals((times[1] ?? []).filter((t) => t > 2000));
    expect(Math.max(...fast)).toBeLessThan(40);
    expect(fast.length).toBeGreaterThan(40);
  });

  it("has no bursts when the compartments are apart: the soma alone fires in a rhythm", async () => {
    const { times } = await driven(library.pinskyRinzel, [0.75], { ...options, params: { g_c: 0 } });
    const gaps = intervals((times[0] ?? []).filter((t) => t > 500));
    expect(gaps.length).toBeGreaterThan(10);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThan(0.5);
  });
});

describe("Wilson-Cowan unit", () => {
  const sigmoid = (x: number, a: number, theta: number): number =>
    1 / (1 + Math.exp(-a * (x - theta))) - 1 / (1 + Math.exp(a * theta));

  it("follows the equations of the paper in its cycle", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const unit = sim.population("unit", library.wilsonCowan, 1, {
      preset: "limitCycle",
      background: [background.constant(1.25)],
    });
    const v = sim.record(unit, "v");
    await sim.run(1000);
    const [k_e, k_i] = [1 - 1 / (1 + Math.exp(1.3 * 4)), 1 - 1 / (1 + Math.exp(2 * 3.7))];
    const slope = ([E = 0, I = 0]: number[]): number[] => [
      (-E + (k_e - E) * sigmoid(16 * E - 12 * I + 1.25, 1.3, 4)) / 8,
      (-I + (k_i - I) * sigmoid(15 * E - 3 * I, 2, 3.7)) / 8,
    ];
    const plus = (x: number[], y: number[], h: number): number[] => x.map((value, i) => value + h * (y[i] ?? 0));
    let state = [0, 0];
    const values = v.values(0);
    for (let n = 1; n < values.length; n++) {
      const one = slope(state);
      const two = slope(plus(state, one, 0.05));
      const three = slope(plus(state, two, 0.05));
      const four = slope(plus(state, three, 0.1));
      const sum = plus(plus(plus(one, two, 2), three, 2), four, 1);
      state = plus(state, sum, 0.1 / 6);
      if (Math.abs((state[0] ?? NaN) - (values[n] ?? NaN)) > 1e-9) throw new Error(`step ${n}`);
    }
    // a cycle: it neither dies away nor grows
    const late = Array.from(values.slice(-2000));
    const early = Array.from(values.slice(-4000, -2000));
    expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(0.15);
    expect(Math.max(...late)).toBeCloseTo(Math.max(...early), 3);
    expect(Math.min(...late)).toBeCloseTo(Math.min(...early), 3);
  });

  it("rests without input", async () => {
    const { times, state } = await driven(library.wilsonCowan, [0], { dt: 0.1, duration: 500 });
    expect(times[0]).toEqual([]);
    expect(Math.abs(state("v")[0] ?? NaN)).toBeLessThan(1e-12);
  });

  it("has two states of rest at once with the parameters of hysteresis", async () => {
    const start = (v: number, w: number) =>
      driven(library.wilsonCowan, [0], { preset: "hysteresis", init: { v, w }, dt: 0.1, duration: 3000 });
    const [low, high] = [await start(0, 0), await start(0.45, 0.2)];
    const found = [low, high].map(({ state }) => [state("v")[0] ?? NaN, state("w")[0] ?? NaN]);
    expect(found[0]?.[0]).toBeLessThan(0.05);
    expect(found[1]?.[0]).toBeGreaterThan(0.3);
    const [k_e, k_i] = [1 - 1 / (1 + Math.exp(1.2 * 2.8)), 1 - 1 / (1 + Math.exp(1 * 4))];
    for (const [E = NaN, I = NaN] of found) {
      expect(Math.abs(-E + (k_e - E) * sigmoid(12 * E - 4 * I, 1.2, 2.8))).toBeLessThan(1e-10);
      expect(Math.abs(-I + (k_i - I) * sigmoid(13 * E - 11 * I, 1, 4))).toBeLessThan(1e-10);
    }
  });
});

describe("Rulkov map", () => {
  it.each(["spiking", "bursting", "silent"] as const)("%s is the map, number by number", async (preset) => {
    const sim = await Simulation.create({ dt: 1 });
    const cell = sim.population("cell", library.rulkov, 1, { preset });
    const v = sim.record(cell, "v");
    const spikes = sim.record(cell, "spikes");
    await sim.run(3000);
    const { alpha = NaN, sigma = NaN } = library.rulkov.presets[preset].params;
    let [x, y] = [-1, -3];
    const expected: number[] = [];
    const rises: number[] = [];
    for (let n = 1; n <= 3000; n++) {
      const next = x <= 0 ? alpha / (1 - x) + y : x < alpha + y ? alpha + y : -1;
      y = y - 0.001 * (x + 1 - sigma);
      if (x <= 0 && next > 0 && n < 3000) rises.push(n + 1);
      x = next;
      expected.push(x);
    }
    const values = Array.from(v.values(0)).slice(1);
    const away = values.map((value, n) => Math.abs(value - (expected[n] ?? NaN)));
    // the order of operations is not the same, and chaos makes much of it; single steps agree
    expect(Math.max(...away.slice(0, 200))).toBeLessThan(1e-12);
    if (preset !== "bursting") {
      expect(Math.max(...away)).toBeLessThan(1e-9);
      expect(Array.from(spikes.times)).toEqual(rises);
    }
  });

  const border = "2 - sqrt(alpha/(1 - mu))";
  it.each([4, 5, 6])(`at alpha = %d rests at sigma - 1 below sigma = ${border}, fires above`, async (alpha) => {
    const limit = 2 - Math.sqrt(alpha / (1 - 0.001));
    const at = (sigma: number) => {
      // beside its fixed point
      const x = sigma - 1;
      const init = { v: x + 1e-3, y: x - alpha / (1 - x) };
      return driven(library.rulkov, [0], { params: { alpha, sigma }, init, dt: 1, duration: 40_000 });
    };
    const below = await at(limit - 0.02);
    expect(below.times[0]).toEqual([]);
    expect(Math.abs((below.state("v")[0] ?? NaN) - (limit - 1.02))).toBeLessThan(1e-6);
    const above = await at(limit + 0.02);
    expect(above.times[0]?.length).toBeGreaterThan(5);
  });

  it("fires in single spikes at alpha = 4 and in bursts at alpha = 6", async () => {
    const cv = async (preset: string): Promise<number> => {
      const sim = await Simulation.create({ dt: 1 });
      const spikes = sim.record(sim.population("cell", library.rulkov, 1, { preset: preset as never }), "spikes");
      await sim.run(20_000);
      return cvPerNeuron(spikes.view(), 1)[0] ?? NaN;
    };
    expect(await cv("spiking")).toBeLessThan(0.1);
    expect(await cv("bursting")).toBeGreaterThan(1.5);
  });

  it("does not change with dt but for the axis, and takes input", async () => {
    const { times } = await driven(library.rulkov, [0], { preset: "spiking", dt: 1, duration: 1000 });
    const fine = await driven(library.rulkov, [0], { preset: "spiking", dt: 0.5, duration: 500 });
    expect(fine.times[0]?.map((t) => 2 * t)).toEqual(times[0]);
    const pushed = await driven(library.rulkov, [0.1], { preset: "silent", dt: 1, duration: 1000 });
    expect(pushed.times[0]?.length).toBeGreaterThan(5);
  });
});

describe("spike response model with escape noise", () => {
  /** Distribution of the intervals in steps, from the escape rate alone: chance of each length. */
  function distribution(v: number, dt: number): number[] {
    const chances: number[] = [];
    let survivor = 1;
    for (let n = 1; survivor > 1e-12; n++) {
      // it waits at its start for 1 ms, then comes back with 34 ms
      const age = Math.max(0, n * dt - 1);
      const rate = age === 0 ? 0 : 0.001238 * Math.exp((v - 7 * Math.exp(-age / 34) + 70) / 4);
      const chance = survivor * (1 - Math.exp(-rate * dt));
      chances.push(chance);
      survivor -= chance;
    }
    return chances;
  }

  it.each([500, 600, 800])("has the intervals of its escape rate at %d pA", async (current) => {
    const dt = 0.1;
    const size = 400;
    const sim = await Simulation.create({ dt, seed: 3 });
    const v = -70 + 0.04 * current;
    const cells = sim.population("cells", library.escapeSrm, size, {
      init: { v },
      background: [background.constant(current)],
    });
    const spikes = sim.record(cells, "spikes");
    await sim.run(2000);
    const chances = distribution(v, dt);
    const expected = chances.reduce((sum, p, k) => sum + p * (k + 1) * dt, 0);
    const variance = chances.reduce((sum, p, k) => sum + p * ((k + 1) * dt - expected) ** 2, 0);
    const gaps = Array.from({ length: size }, (_, i) => intervals(Array.from(spikes.of(i)))).flat();
    expect(gaps.length).toBeGreaterThan(20_000);
    // long intervals are cut off at the end of the run: by mean/duration of their length, some 1 %
    const tolerance = 4 * Math.sqrt(variance / gaps.length) + 0.02 * expected;
    expect(Math.abs(mean(gaps) - expected)).toBeLessThan(tolerance);
    // Kolmogorov-Smirnov on the grid
    const counts = new Float64Array(chances.length + 2);
    for (const gap of gaps) counts[Math.min(chances.length + 1, Math.round(gap / dt))]!++;
    let [found, wanted, far] = [0, 0, 0];
    for (const [k, p] of chances.entries()) {
      found += (counts[k + 1] ?? 0) / gaps.length;
      wanted += p;
      far = Math.max(far, Math.abs(found - wanted));
    }
    expect(far).toBeLessThan(1.95 / Math.sqrt(gaps.length) + 0.01);
  });

  it("keeps its intervals when dt is halved", async () => {
    const at = async (dt: number): Promise<number> => {
      const sim = await Simulation.create({ dt, seed: 3 });
      const options = { init: { v: -50 }, background: [background.constant(500)] };
      const spikes = sim.record(sim.population("cells", library.escapeSrm, 400, options), "spikes");
      await sim.run(2000);
      return spikes.rate();
    };
    expect(Math.abs((await at(0.05)) / (await at(0.1)) - 1)).toBeLessThan(0.02);
  });
});

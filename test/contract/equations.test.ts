import { describe, expect, it } from "vitest";
import type { ModelRecord } from "../../src/model/record.js";
import { models } from "../../src/models/index.js";
import { bisect, derivative, parameters, run, trace } from "./dynamics.js";
import { compile, names } from "./expression.js";

/** Derivatives with the default parameters. */
const f = (model: ModelRecord, state: Record<string, number>, I = 0, preset?: string) =>
  derivative(model, parameters(model, preset))(state, I);

describe("the evaluator of the tests", () => {
  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["-2^2", -4],
    ["2^3^2", 512],
    ["2^-1", 0.5],
    ["8 / 4 / 2", 1],
    ["5 - 3 - 1", 1],
    ["-x * -x", 4],
    ["exprel(0)", 1],
    ["min(3, max(1, 2))", 2],
    ["1e-3 + 0.5", 0.501],
  ])("gives %s = %d", (text, value) => {
    expect(compile(text)({ x: 2 })).toBeCloseTo(value, 15);
  });

  it("refuses what is no expression", () => {
    for (const text of ["1 +", "(1", "1 1", "f(1)", "y", "1 $ 2"]) expect(() => compile(text)({ x: 2 })).toThrow();
    expect(names("a * exp(b / c) - a")).toEqual(["a", "b", "c"]);
  });
});

describe("values computed by hand", () => {
  it("lif", () => {
    // leak of 25 nS over 10 mV is 250 pA
    expect(f(models.lif, { v: -60 }, 0).v).toBeCloseTo(-1, 14);
    expect(f(models.lif, { v: -60 }, 500).v).toBeCloseTo(1, 14);
    expect(f(models.lif, { v: -70 }, 0).v).toBeCloseTo(0, 15);
  });

  it("adaptiveLif", () => {
    const d = f(models.adaptiveLif, { v: -60, w: 10 }, 500);
    expect(d.v).toBeCloseTo((-250 - 10 + 500) / 250, 14);
    expect(d.w).toBeCloseTo((2 * 10 - 10) / 100, 14);
  });

  it("qif", () => {
    expect(f(models.qif, { v: -60 }, 0).v).toBeCloseTo((0.5 * 10 * -10) / 20, 14);
    // least at the middle: the current that makes it touch zero is the rheobase k (V_t - V_r)^2 / 4
    expect(f(models.qif, { v: -60 }, 50).v).toBeCloseTo(0, 14);
  });

  it("eif: the rheobase is g_L (V_T - E_L - Delta_T)", () => {
    expect(f(models.eif, { v: -50.4 }, 546).v).toBeCloseTo(0, 12);
  });

  it("adex", () => {
    const d = f(models.adex, { v: -50.4, w: 100 }, 0);
    expect(d.v).toBeCloseTo((-30 * 20.2 + 60 - 100) / 281, 13);
    expect(d.w).toBeCloseTo((4 * 20.2 - 100) / 144, 13);
  });

  it("izhikevich rests at -70 with u = b v, and in accommodation at V_u", () => {
    expect(f(models.izhikevich, { v: -70, u: -14 })).toEqual({ v: 0, u: 0 });
    const d = f(models.izhikevich, { v: -65, u: -16 }, 0, "accommodation");
    expect(d.v).toBeCloseTo(0, 12);
    expect(d.u).toBe(0);
    expect(f(models.izhikevich, { v: -60, u: -16 }, 0, "accommodation").u).toBeCloseTo(0.02 * 5, 14);
  });

  it("fitzhughNagumo", () => {
    const d = f(models.fitzhughNagumo, { v: -1, w: 1 }, 0.5);
    expect(d.v).toBeCloseTo(-1 + 1 / 3 - 1 + 0.5, 14);
    expect(d.w).toBeCloseTo((-1 + 0.7 - 0.8) / 12.5, 14);
  });

  it("morrisLecar", () => {
    const d = f(models.morrisLecar, { v: 2, w: 0.25 }, 90);
    const open = 0.5 * (1 + Math.tanh(3.2 / 18));
    expect(d.v).toBeCloseTo((90 - 2 * 62 - 4.4 * open * -118 - 8 * 0.25 * 86) / 20, 12);
    expect(d.w).toBeCloseTo(0.04 * 0.25, 14);
  });

  it("hodgkinHuxley has its published rates and rest", () => {
    const rest = f(models.hodgkinHuxley, { v: -64.99637933, m: 0.05295509, h: 0.59599412, n: 0.3177324 });
    for (const value of Object.values(rest)) expect(value).toBeCloseTo(0, 5);
    for (const v of [-90, -60.3, -40.0001, -12, 35]) {
      const u = v + 65;
      const am = (0.1 * (25 - u)) / (Math.exp((25 - u) / 10) - 1);
      const an = (0.01 * (10 - u)) / (Math.exp((10 - u) / 10) - 1);
      const d = f(models.hodgkinHuxley, { v, m: 0.3, h: 0.4, n: 0.5 });
      expect(d.m).toBeCloseTo(am * 0.7 - 4 * Math.exp(-u / 18) * 0.3, 9);
      expect(d.h).toBeCloseTo(0.07 * Math.exp(-u / 20) * 0.6 - 0.4 / (Math.exp((30 - u) / 10) + 1), 9);
      expect(d.n).toBeCloseTo(an * 0.5 - 0.125 * Math.exp(-u / 80) * 0.5, 9);
      const current = 10 - 120 * 0.3 ** 3 * 0.4 * (v - 50) - 36 * 0.5 ** 4 * (v + 77) - 0.3 * (v + 54.387);
      expect(f(models.hodgkinHuxley, { v, m: 0.3, h: 0.4, n: 0.5 }, 10).v).toBeCloseTo(current, 9);
    }
  });

  it("has no singularity where the published rates are 0 / 0", () => {
    // u = 25 and u = 10 of the squid; 13, 40 and 15 of the pyramidal cell
    expect(f(models.hodgkinHuxley, { v: -40, m: 0, h: 0, n: 0 }).m).toBe(1);
    expect(f(models.hodgkinHuxley, { v: -55, m: 0, h: 0, n: 0 }).n).toBe(0.1);
    expect(f(models.traubMiles, { v: -50, m: 0, h: 0, n: 0 }).m).toBe(0.32 * 4);
    expect(f(models.traubMiles, { v: -48, m: 0, h: 0, n: 0 }).n).toBe(0.032 * 5);
    expect(f(models.traubMiles, { v: -23, m: 1, h: 0, n: 0 }).m).toBeCloseTo(-0.28 * 5, 14);
  });

  it("traubMiles has its published rates", () => {
    for (const v of [-80, -55.5, -21, 20]) {
      const u = v + 63;
      const am = (0.32 * (13 - u)) / (Math.exp((13 - u) / 4) - 1);
      const bm = (0.28 * (u - 40)) / (Math.exp((u - 40) / 5) - 1);
      const an = (0.032 * (15 - u)) / (Math.exp((15 - u) / 5) - 1);
      const d = f(models.traubMiles, { v, m: 0.3, h: 0.4, n: 0.5 }, 100);
      expect(d.m).toBeCloseTo(am * 0.7 - bm * 0.3, 9);
      expect(d.h).toBeCloseTo(0.128 * Math.exp((17 - u) / 18) * 0.6 - (4 / (1 + Math.exp((40 - u) / 5))) * 0.4, 9);
      expect(d.n).toBeCloseTo(an * 0.5 - 0.5 * Math.exp((10 - u) / 40) * 0.5, 9);
      expect(d.v).toBeCloseTo(
        (100 - 20000 * 0.027 * 0.4 * (v - 50) - 6000 * 0.0625 * (v + 90) - 10 * (v + 60)) / 200,
        9,
      );
    }
  });
});

describe("closed forms and known bifurcations", () => {
  it("fitzhughNagumo loses stability at v = -sqrt(1 - b / tau)", () => {
    const v = -Math.sqrt(1 - 0.8 / 12.5);
    const w = (v + 0.7) / 0.8;
    const I = w - v + v ** 3 / 3;
    expect(I).toBeCloseTo(0.3312813375, 9);
    const system = derivative(models.fitzhughNagumo, parameters(models.fitzhughNagumo));
    for (const value of Object.values(system({ v, w }, I))) expect(value).toBeCloseTo(0, 12);
    expect(trace(system, { v, w }, I)).toBeCloseTo(0, 8);
  });

  it("izhikevich RS loses stability at I = 3.7975, where v = (a - 5) / 0.08", () => {
    const v = (0.02 - 5) / 0.08;
    const system = derivative(models.izhikevich, parameters(models.izhikevich));
    const I = -(system({ v, u: 0.2 * v }, 0).v ?? NaN);
    expect(I).toBeCloseTo(3.7975, 10);
    expect(trace(system, { v, u: 0.2 * v }, I)).toBeCloseTo(0, 7);
  });

  it("morrisLecar hopf: the trace vanishes at 93.858 and 212.019 uA/cm2", () => {
    const system = derivative(models.morrisLecar, parameters(models.morrisLecar, "hopf"));
    const open = (v: number) => 0.5 * (1 + Math.tanh((v - 2) / 30));
    const tr = (v: number) => trace(system, { v, w: open(v) }, 0);
    const I = (v: number) => -20 * (system({ v, w: open(v) }, 0).v ?? NaN);
    expect(I(bisect(tr, -40, -15))).toBeCloseTo(93.85762, 2);
    expect(I(bisect(tr, -5, 30))).toBeCloseTo(212.01882, 2);
  });

  it("morrisLecar snic: rest ends at 39.963 uA/cm2", () => {
    const system = derivative(models.morrisLecar, parameters(models.morrisLecar, "snic"));
    const I = (v: number) => -20 * (system({ v, w: 0.5 * (1 + Math.tanh((v - 12) / 17.4)) }, 0).v ?? NaN);
    const slope = (v: number) => I(v + 1e-4) - I(v - 1e-4);
    expect(I(bisect(slope, -45, -20))).toBeCloseTo(39.96315, 3);
  });

  it("adex: rest ends at 627.311 pA, where the exponential is 1 + a / g_L", () => {
    const v = -50.4 + 2 * Math.log(1 + 4 / 30);
    const system = derivative(models.adex, parameters(models.adex));
    expect(-281 * (system({ v, w: 4 * (v + 70.6) }, 0).v ?? NaN)).toBeCloseTo(627.3110937208723, 9);
  });
});

describe("spike times of the equations", () => {
  const hh = { v: -64.996379331, m: 0.052955087, h: 0.595994125, n: 0.3177324 };
  const pyramidal = { v: -60, m: 0, h: 1, n: 0 };
  // first spike times from a Dormand-Prince solution with a tolerance of 1e-13
  const cases: readonly (readonly [
    keyof typeof models,
    string | undefined,
    Record<string, number>,
    number,
    number,
    readonly number[],
    number,
  ])[] = [
    ["hodgkinHuxley", undefined, hh, 10, 0.01, [1.901231541, 16.822651891], 2e-4],
    ["traubMiles", undefined, pyramidal, 200, 0.01, [3.995269011], 2e-3],
    ["traubMiles", undefined, pyramidal, 0, 0.01, [10.93291375], 2e-3],
    ["fitzhughNagumo", undefined, { v: -1, w: 1 }, 0.5, 0.02, [22.26533033], 2e-3],
    ["morrisLecar", "hopf", { v: -26, w: 0.1135 }, 100, 0.05, [13.02112529, 98.419782792], 2e-3],
    ["morrisLecar", "snic", { v: -26, w: 0.1135 }, 45, 0.05, [70.305155827], 2e-3],
    ["morrisLecar", "homoclinic", { v: -5, w: 0.1 }, 37, 0.05, [1.280372561, 26.493626273], 2e-3],
    ["izhikevich", undefined, { v: -65, u: -13 }, 10, 0.002, [3.127055304, 26.226024634], 1e-2],
    ["qif", undefined, { v: -70 }, 80, 0.002, [12.376401739, 23.004616349], 1e-2],
    ["adex", undefined, { v: -70.6, w: 0 }, 1000, 0.002, [11.791553057, 25.3760411], 1e-2],
    ["adex", "irregular", { v: -60, w: 0 }, 160, 0.002, [15.644587817, 19.08972178], 2e-2],
    ["eif", undefined, { v: -70.6 }, 700, 0.002, [24.171501451], 1e-2],
    // tau ln(I R / (I R - (V_th - E_L))) with R = 40 MOhm
    ["lif", undefined, { v: -70 }, 500, 0.01, [10 * Math.log(20 / 5)], 1e-2],
  ];
  it.each(cases)("%s %s fires when it should", (id, preset, start, current, dt, expected, tolerance) => {
    const model: ModelRecord = models[id];
    const duration = (expected.at(-1) ?? 0) + 1;
    const { spikes } = run(model, { params: parameters(model, preset), start, current, dt, duration });
    expect(spikes).toHaveLength(expected.length);
    for (const [i, time] of expected.entries()) expect(Math.abs((spikes[i] ?? NaN) - time)).toBeLessThan(tolerance);
  });

  it("morrisLecar homoclinic stays at rest from its default start", () => {
    const model = models.morrisLecar;
    const { spikes } = run(model, {
      params: parameters(model, "homoclinic"),
      start: { v: -59.47, w: 0.00027 },
      current: 37,
      dt: 0.1,
      duration: 300,
    });
    expect(spikes).toEqual([]);
  });

  it("fitzhughNagumo fires once after release from inhibition", () => {
    const model = models.fitzhughNagumo;
    const { spikes, state } = run(model, {
      params: parameters(model),
      start: { v: -1.9, w: -1.5 },
      current: 0,
      dt: 0.05,
      duration: 200,
    });
    expect(spikes).toHaveLength(1);
    expect(state.v).toBeCloseTo(-1.199408035, 6);
  });
});

/**
 * Models of papers as text, as a user writes them, against integrations that are not this project's: SciPy 1.17,
 * `solve_ivp(method="DOP853")`, rtol 1e-11, atol 1e-12, spikes as roots; models with a reset are integrated from spike
 * to spike. Where times of models with a reset differ, it is by the steps at whose ends spikes are taken.
 */
import { describe, expect, it } from "vitest";
import {
  background,
  defineModel,
  type Method,
  type ModelDefinition,
  type ModelRecord,
  Simulation,
} from "../../src/index.js";

interface Case {
  readonly definition: ModelDefinition;
  readonly current: number;
  readonly duration: number;
  readonly dt: number;
  readonly method?: Method;
  /** How far spikes may be from those of the reference, in ms. */
  readonly within: number;
  /** Number of spikes, the first four and the last. */
  readonly spikes: readonly [count: number, ...times: number[]];
  readonly states: Readonly<Record<string, number>>;
}

const cases: readonly Case[] = [
  {
    // Connor, Walter & McKown 1977, as in Dayan & Abbott (2001), section 6.1
    definition: {
      name: "connorStevens",
      current: "uA/cm2",
      equations: `
        dv/dt = (I - g_L*(v - E_L) - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_A*a**3*b*(v - E_A))/C : mV
        dm/dt = alpha_m*(1 - m) - beta_m*m : 1
        dh/dt = alpha_h*(1 - h) - beta_h*h : 1
        dn/dt = alpha_n*(1 - n) - beta_n*n : 1
        da/dt = (a_inf - a)/tau_a : 1
        db/dt = (b_inf - b)/tau_b : 1
        V = v/mV : 1
        alpha_m = 3.8/exprel(-(V + 29.7)/10)/ms : 1/ms
        beta_m = 15.2*exp(-0.0556*(V + 54.7))/ms : 1/ms
        alpha_h = 0.266*exp(-0.05*(V + 48))/ms : 1/ms
        beta_h = 3.8/(1 + exp(-0.1*(V + 18)))/ms : 1/ms
        alpha_n = 0.2/exprel(-(V + 45.7)/10)/ms : 1/ms
        beta_n = 0.25*exp(-0.0125*(V + 55.7))/ms : 1/ms
        a_inf = (0.0761*exp(0.0314*(V + 94.22))/(1 + exp(0.0346*(V + 1.17))))**(1/3) : 1
        tau_a = (0.3632 + 1.158/(1 + exp(0.0497*(V + 55.96))))*ms : ms
        b_inf = (1/(1 + exp(0.0688*(V + 53.3))))**4 : 1
        tau_b = (1.24 + 2.678/(1 + exp(0.0624*(V + 50))))*ms : ms`,
      params: {
        ...{ C: "1 uF/cm2", g_L: "0.3 mS/cm2", E_L: "-17 mV", g_Na: "120 mS/cm2", E_Na: "55 mV", g_K: "20 mS/cm2" },
        ...{ E_K: "-72 mV", g_A: "47.7 mS/cm2", E_A: "-75 mV" },
      },
      threshold: "v > 0*mV",
      refractory: "v > -20*mV",
      init: { v: "-68 mV", m: 0.01, h: 0.97, n: 0.16, a: 0.54, b: 0.29 },
    },
    current: 10,
    duration: 500,
    dt: 0.01,
    method: "rk4",
    within: 2e-4,
    spikes: [16, 38.1869, 67.5591, 96.9312, 126.3033, 478.7683],
    states: { v: -54.46721, a: 0.6096249, b: 0.08461624 },
  },
  {
    // Pospischil et al. 2008, the regular-spiking cell with its slow potassium current
    definition: {
      name: "pospischil",
      current: "uA/cm2",
      equations: `
        dv/dt = (I - g_L*(v - E_L) - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_M*p*(v - E_K))/C : mV
        dm/dt = (1.28/exprel((13 - u)/4)*(1 - m) - 1.4/exprel((u - 40)/5)*m)/ms : 1
        dh/dt = (0.128*exp((17 - u)/18)*(1 - h) - 4/(1 + exp((40 - u)/5))*h)/ms : 1
        dn/dt = (0.16/exprel((15 - u)/5)*(1 - n) - 0.5*exp((10 - u)/40)*n)/ms : 1
        dp/dt = (1/(1 + exp(-(v + 35*mV)/(10*mV))) - p)/tau_p : 1
        tau_p = tau_max/(3.3*exp((v + 35*mV)/(20*mV)) + exp(-(v + 35*mV)/(20*mV))) : ms
        u = (v - V_T)/mV : 1`,
      params: {
        ...{ C: "1 uF/cm2", g_L: "0.0205 mS/cm2", E_L: "-70.3 mV", g_Na: "56 mS/cm2", E_Na: "50 mV", g_K: "6 mS/cm2" },
        ...{ E_K: "-90 mV", g_M: "0.075 mS/cm2", V_T: "-56.2 mV", tau_max: "608 ms" },
      },
      threshold: "v > 0*mV",
      refractory: "v > -20*mV",
      init: { v: "-70 mV", h: 1 },
    },
    current: 1,
    duration: 500,
    dt: 0.01,
    method: "rk4",
    within: 2e-4,
    spikes: [6, 27.3521, 69.8714, 136.0674, 221.9474, 407.6484],
    states: { v: -46.92231772, p: 0.21482383 },
  },
  {
    // Wilson 1999, its polynomial neuron
    definition: {
      name: "wilson",
      current: "1",
      equations: `
        dv/dt = (-(17.8 + 47.6*v + 33.8*v**2)*(v - 0.48) - 26*w*(v + 0.95) + I)/ms : 1
        dw/dt = (-w + 1.29*v + 0.79 + 0.33*(v + 0.38)**2)/tau_w : 1`,
      params: { tau_w: "5.6 ms" },
      threshold: "v > 0",
      refractory: "v > -0.2",
      init: { v: -0.7, w: 0.09 },
    },
    current: 1,
    duration: 200,
    dt: 0.005,
    within: 2e-4,
    spikes: [41, 0.2226, 5.8011, 10.6642, 15.5272, 195.4595],
    states: { v: -0.50604926, w: 0.24884994 },
  },
  {
    // Ermentrout & Kopell 1986
    definition: {
      name: "thetaNeuron",
      current: "1",
      equations: "dv/dt = (1 - cos(v) + (1 + cos(v))*I)/ms : 1",
      threshold: "v > pi",
      reset: "v -= 2*pi",
    },
    current: 0.05,
    duration: 200,
    dt: 0.01,
    within: 2e-4,
    spikes: [14, 7.0248, 21.0744, 35.1241, 49.1737, 189.67],
    states: { v: 0.40207214 },
  },
  {
    // Izhikevich 2001, resonate and fire
    definition: {
      name: "resonateAndFire",
      current: "1/ms",
      equations: ["dx/dt = b*x - omega*v + I : 1", "dv/dt = omega*x + b*v : 1"],
      params: { b: "-0.1 1/ms", omega: "0.3 1/ms" },
      threshold: "v > 1",
      reset: "x = 0; v = 0.9",
    },
    current: 0.45,
    duration: 100,
    dt: 0.001,
    within: 0.022,
    spikes: [22, 4.9274, 9.3546, 13.7819, 18.2092, 97.8998],
    states: {},
  },
  {
    // Kobayashi, Tsubo & Shinomoto 2009: v is not reset, the threshold has two time constants
    definition: {
      name: "multiTimescaleThreshold",
      current: "nA",
      equations: `
        dv/dt = (-v + R*I)/tau_m : mV
        dH_1/dt = -H_1/tau_1 : mV
        dH_2/dt = -H_2/tau_2 : mV
        theta = omega + H_1 + H_2 : mV
        last : ms`,
      params: {
        ...{ R: "50 MOhm", tau_m: "5 ms", tau_1: "10 ms", tau_2: "200 ms", omega: "15 mV" },
        ...{ a_1: "37 mV", a_2: "2 mV", t_ref: "2 ms" },
      },
      threshold: "v >= theta and t + dt >= last + t_ref",
      reset: "H_1 += a_1\nH_2 += a_2\nlast = t + dt",
      init: { v: 0, last: "-10 ms" },
    },
    current: 0.6,
    duration: 500,
    dt: 0.01,
    within: 0.21,
    spikes: [21, 3.4657, 15.0387, 29.628, 45.5668, 472.2607],
    states: { v: 30 },
  },
  {
    // Pozzorini et al. 2015 without escape noise: currents and a threshold that spikes move
    definition: {
      name: "generalizedIntegrateAndFire",
      current: "pA",
      equations: `
        dv/dt = (-g_L*(v - E_L) - eta_1 - eta_2 + I)/C : mV (unless refractory)
        deta_1/dt = -eta_1/tau_1 : pA
        deta_2/dt = -eta_2/tau_2 : pA
        dgamma/dt = -gamma/tau_g : mV`,
      params: {
        g_L: "4 nS",
        C: "80 pF",
        E_L: "-70 mV",
        tau_1: "10 ms",
        tau_2: "100 ms",
        tau_g: "50 ms",
        V_T: "-45 mV",
      },
      threshold: "v > V_T + gamma",
      reset: "v = -55*mV\neta_1 += 50*pA\neta_2 += 10*pA\ngamma += 5*mV",
      refractory: "4 ms",
      init: { v: "E_L" },
    },
    current: 150,
    duration: 500,
    dt: 0.01,
    within: 0.12,
    spikes: [12, 21.9722, 50.8185, 86.8845, 126.5857, 467.1146],
    states: { v: -43.74 },
  },
];

describe.each(cases.map((one) => [one.definition.name, one] as const))("%s", (_, one) => {
  it("fires when an independent integration does", async () => {
    const { definition, current, duration, dt, method, within, spikes: [count, ...times], states } = one;
    const model: ModelRecord = defineModel(definition);
    const simulation = await Simulation.create({ dt });
    const cell = simulation.population("cell", model, 1, {
      background: [background.constant(current)],
      ...(method === undefined ? {} : { method }),
    });
    const recorded = simulation.record(cell, "spikes", { interpolate: true });
    const { findings } = await simulation.run(duration);
    expect(findings.filter(({ level }) => level !== "note")).toEqual([]);
    expect(recorded.count).toBe(count);
    const found = [...recorded.times.slice(0, 4), recorded.times.at(-1) as number];
    for (const [i, time] of times.entries())
      expect(Math.abs((found[i] as number) - time), `spike ${i}`).toBeLessThan(within);
    for (const [name, value] of Object.entries(states)) {
      expect(Math.abs((cell.state(name)[0] as number) / value - 1), name).toBeLessThan(1e-3);
    }
  });
});

it("FitzHugh-Nagumo with noise has the variances of the linearised equations about rest", async () => {
  const model: ModelRecord = defineModel({
    name: "noisyFitzhughNagumo",
    current: "1",
    equations: "dv/dt = (v - v**3/3 - w + I)/ms + sigma*xi : 1\ndw/dt = (v + a - b*w)/tau : 1",
    params: { sigma: "0.01 1/sqrt(ms)", a: 0.7, b: 0.8, tau: "12.5 ms" },
    init: { v: -1.1994, w: -0.6243 },
  });
  const simulation = await Simulation.create({ dt: 0.02, seed: 2 });
  const cells = simulation.population("cells", model, 2000, {});
  await simulation.run(300);
  const deviation = (x: Float64Array): number => {
    const mean = x.reduce((a, b) => a + b) / x.length;
    return Math.sqrt(x.reduce((sum, one) => sum + (one - mean) ** 2, 0) / x.length);
  };
  // scipy.linalg.solve_continuous_lyapunov; the standard error of a deviation is 1.6 % here
  expect(Math.abs(deviation(cells.state("v")) / 0.01016157 - 1)).toBeLessThan(0.06);
  expect(Math.abs(deviation(cells.state("w")) / 0.00242729 - 1)).toBeLessThan(0.06);
});

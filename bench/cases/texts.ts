/** Models as text whose gates depend on v: that of Hodgkin & Huxley, which is built in too, and two that are not. */
import { background, defineModel, hodgkinHuxley, type ModelRecord, Simulation, type SpikeRecording } from "../../src/index.js";
import { spread } from "./models.js";

const params = (values: Readonly<Record<string, string | number>>): Record<string, string | number> => ({ C_m: "1 uF/cm2", ...values });

const hodgkinHuxleyText = defineModel({
  name: "hodgkinHuxleyText",
  current: "uA/cm2",
  equations: `
    dv/dt = (I - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C_m : mV
    dm/dt = alpha_m*(1 - m) - beta_m*m : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n : 1
    alpha_m = 1/exprel(-(v + 40*mV)/(10*mV))/ms : 1/ms
    beta_m = 4*exp(-(v + 65*mV)/(18*mV))/ms : 1/ms
    alpha_h = 0.07*exp(-(v + 65*mV)/(20*mV))/ms : 1/ms
    beta_h = 1/(exp(-(v + 35*mV)/(10*mV)) + 1)/ms : 1/ms
    alpha_n = 0.1/exprel(-(v + 55*mV)/(10*mV))/ms : 1/ms
    beta_n = 0.125*exp(-(v + 65*mV)/(80*mV))/ms : 1/ms`,
  params: params({ g_Na: "120 mS/cm2", g_K: "36 mS/cm2", g_L: "0.3 mS/cm2", E_Na: "50 mV", E_K: "-77 mV", E_L: "-54.387 mV" }),
  threshold: "v > 0*mV",
  refractory: "v > -5*mV",
  init: { m: 0.05, h: 0.6, n: 0.32 },
});

/** Wang & Buzsaki 1996: as in examples/13-own-model.ts. */
const wangBuzsaki = defineModel({
  name: "wangBuzsaki",
  current: "uA/cm2",
  equations: `
    dv/dt = (I - g_Na*m_inf**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C_m : mV
    dh/dt = 5*(alpha_h*(1 - h) - beta_h*h) : 1
    dn/dt = 5*(alpha_n*(1 - n) - beta_n*n) : 1
    m_inf = alpha_m/(alpha_m + beta_m) : 1
    alpha_m = 1/exprel(-(v + 35*mV)/(10*mV))/ms : 1/ms
    beta_m = 4*exp(-(v + 60*mV)/(18*mV))/ms : 1/ms
    alpha_h = 0.07*exp(-(v + 58*mV)/(20*mV))/ms : 1/ms
    beta_h = 1/(exp(-(v + 28*mV)/(10*mV)) + 1)/ms : 1/ms
    alpha_n = 0.1/exprel(-(v + 34*mV)/(10*mV))/ms : 1/ms
    beta_n = 0.125*exp(-(v + 44*mV)/(80*mV))/ms : 1/ms`,
  params: params({ g_Na: "35 mS/cm2", g_K: "9 mS/cm2", g_L: "0.1 mS/cm2", E_Na: "55 mV", E_K: "-90 mV", E_L: "-65 mV" }),
  threshold: "v > 0*mV",
  refractory: "v > -10*mV",
  init: { h: 0.8, n: 0.1 },
});

/** Connor, Walter & McKown 1977, with the rates that Dayan & Abbott 2001 print. */
const connorStevens = defineModel({
  name: "connorStevens",
  current: "uA/cm2",
  equations: `
    dv/dt = (I - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_A*a**3*b*(v - E_A) - g_L*(v - E_L))/C_m : mV
    dm/dt = alpha_m*(1 - m) - beta_m*m : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n : 1
    da/dt = (a_inf - a)/tau_a : 1
    db/dt = (b_inf - b)/tau_b : 1
    alpha_m = 3.8/exprel(-(v + 29.7*mV)/(10*mV))/ms : 1/ms
    beta_m = 15.2*exp(-0.0556*(v + 54.7*mV)/mV)/ms : 1/ms
    alpha_h = 0.266*exp(-0.05*(v + 48*mV)/mV)/ms : 1/ms
    beta_h = 3.8/(1 + exp(-0.1*(v + 18*mV)/mV))/ms : 1/ms
    alpha_n = 0.2/exprel(-(v + 45.7*mV)/(10*mV))/ms : 1/ms
    beta_n = 0.25*exp(-0.0125*(v + 55.7*mV)/mV)/ms : 1/ms
    a_inf = (0.0761*exp(0.0314*(v + 94.22*mV)/mV)/(1 + exp(0.0346*(v + 1.17*mV)/mV)))**(1/3) : 1
    tau_a = (0.3632 + 1.158/(1 + exp(0.0497*(v + 55.96*mV)/mV)))*ms : ms
    b_inf = (1/(1 + exp(0.0688*(v + 53.3*mV)/mV)))**4 : 1
    tau_b = (1.24 + 2.678/(1 + exp(0.0624*(v + 50*mV)/mV)))*ms : ms`,
  params: params({ g_Na: "120 mS/cm2", g_K: "20 mS/cm2", g_A: "47.7 mS/cm2", g_L: "0.3 mS/cm2", E_Na: "55 mV", E_K: "-72 mV", E_A: "-75 mV", E_L: "-17 mV" }),
  threshold: "v > 0*mV",
  refractory: "v > -10*mV",
  init: { m: 0.01, h: 0.97, n: 0.16, a: 0.54, b: 0.29 },
});

/** By name: the model and a current in uA/cm2 that makes it fire. */
const TEXTS = {
  "hodgkinHuxley, built in": { model: hodgkinHuxley, current: 10 },
  "hodgkinHuxley as text": { model: hodgkinHuxleyText, current: 10 },
  "Wang & Buzsaki 1996": { model: wangBuzsaki, current: 1 },
  "Connor & Stevens": { model: connorStevens, current: 15 },
} as const satisfies Readonly<Record<string, { model: ModelRecord; current: number }>>;

export type TextName = keyof typeof TEXTS;

export const TEXT_NAMES = Object.keys(TEXTS) as TextName[];

export const TEXT_STEP = 0.02;

/** A population of one of them under exponentialEuler, with its gates from a table or evaluated. */
export async function textSimulation(name: TextName, size: number, rates: "table" | "exact"): Promise<{ readonly simulation: Simulation; readonly spikes: SpikeRecording }> {
  const { model, current } = TEXTS[name];
  const simulation = await Simulation.create({ dt: TEXT_STEP, seed: 42, threads: 1 });
  const population = simulation.population<ModelRecord>("cells", model, size, {
    method: "exponentialEuler",
    rates: rates as never,
    init: { v: spread(size, -70, -60) },
    background: [background.constant(current)],
  });
  return { simulation, spikes: simulation.record(population, "spikes") };
}

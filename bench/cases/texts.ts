/**
 * Models as text whose gates depend on v: that of Hodgkin & Huxley, which is built in too, and two that are not. The
 * first two are those of the tests.
 */
import {
  background,
  defineModel,
  hodgkinHuxley,
  type ModelRecord,
  Simulation,
  type SpikeRecording,
} from "../../src/index.js";
import { withUnits } from "../../test/lang/builtin.js";
import { wangBuzsaki } from "../../test/lang/published.js";
import { spread } from "./models.js";

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
  params: {
    C_m: "1 uF/cm2",
    g_Na: "120 mS/cm2",
    g_K: "20 mS/cm2",
    g_A: "47.7 mS/cm2",
    g_L: "0.3 mS/cm2",
    E_Na: "55 mV",
    E_K: "-72 mV",
    E_A: "-75 mV",
    E_L: "-17 mV",
  },
  threshold: "v > 0*mV",
  refractory: "v > -10*mV",
  init: { m: 0.01, h: 0.97, n: 0.16, a: 0.54, b: 0.29 },
});

const hodgkinHuxleyText = defineModel({ ...withUnits(hodgkinHuxley), name: "hodgkinHuxleyText" });

interface Text {
  readonly model: ModelRecord;
  /** In uA/cm2; it makes the model fire. */
  readonly current: number;
  readonly gates?: Readonly<Record<string, number>>;
}

const GATES = { m: 0.05, h: 0.6, n: 0.32 };

const TEXTS = {
  "hodgkinHuxley, built in": { model: hodgkinHuxley, current: 10, gates: GATES },
  "hodgkinHuxley as text": { model: hodgkinHuxleyText, current: 10, gates: GATES },
  "Wang & Buzsaki 1996": { model: defineModel(wangBuzsaki), current: 1 },
  "Connor & Stevens": { model: connorStevens, current: 15 },
} satisfies Readonly<Record<string, Text>>;

export type TextName = keyof typeof TEXTS;

export const TEXT_NAMES = Object.keys(TEXTS) as TextName[];

export const TEXT_STEP = 0.02;

/** A population of one of them under exponentialEuler, with its gates from a table or evaluated. */
export async function textSimulation(
  name: TextName,
  size: number,
  rates: "table" | "exact",
): Promise<{ readonly simulation: Simulation; readonly spikes: SpikeRecording }> {
  const { model, current, gates = {} }: Text = TEXTS[name];
  const simulation = await Simulation.create({ dt: TEXT_STEP, seed: 42, threads: 1 });
  const population = simulation.population<ModelRecord>("cells", model, size, {
    method: "exponentialEuler",
    rates: rates as never,
    init: { v: spread(size, -70, -60), ...gates },
    background: [background.constant(current)],
  });
  return { simulation, spikes: simulation.record(population, "spikes") };
}

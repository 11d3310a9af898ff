/** The built-in models in the equation language: from their records as they are, and once more with units. */
import type { ModelDefinition } from "../../src/model/definition.js";
import { definitionOf } from "../../src/model/own.js";
import type { ModelRecord } from "../../src/model/record.js";
import { models } from "../../src/models/index.js";

const unitOf = (unit: string): string => (unit === "" ? "1" : unit);

/** What the language adds to a record's text: numbers with units, and a time in every derivative. */
interface WithUnits {
  readonly equations: readonly string[];
  readonly current?: string;
  /** Units of parameters and states where the record's fit into no equation. */
  readonly units?: Readonly<Record<string, string>>;
}

const gates = [
  "dm/dt = phi*(alpha_m*(1 - m) - beta_m*m) : 1",
  "dh/dt = phi*(alpha_h*(1 - h) - beta_h*h) : 1",
  "dn/dt = phi*(alpha_n*(1 - n) - beta_n*n) : 1",
];

const WITH_UNITS: Readonly<Record<string, WithUnits>> = {
  lif: { equations: ["dv/dt = (-(C_m/tau_m)*(v - E_L) + I)/C_m : mV"] },
  adaptiveLif: {
    equations: ["dv/dt = (-(C_m/tau_m)*(v - E_L) - w + I)/C_m : mV", "dw/dt = (a*(v - E_L) - w)/tau_w : pA"],
  },
  qif: { equations: ["dv/dt = (k*(v - V_r)*(v - V_t) + I)/C_m : mV"] },
  eif: {
    equations: [
      "dv/dt = (-g_L*(v_c - E_L) + g_L*Delta_T*exp((v_c - V_T)/Delta_T) + I)/C_m : mV",
      "v_c = min(v, V_peak) : mV",
    ],
  },
  adex: {
    equations: [
      "dv/dt = (-g_L*(v_c - E_L) + g_L*Delta_T*exp((v_c - V_T)/Delta_T) - w + I)/C_m : mV",
      "dw/dt = (a*(v_c - E_L) - w)/tau_w : pA",
      "v_c = min(v, V_peak) : mV",
    ],
  },
  izhikevich: {
    current: "mV/ms",
    units: { b: "1/ms", d: "mV/ms", u: "mV/ms", k_2: "1/(mV*ms)", k_1: "1/ms", k_0: "mV/ms" },
    equations: ["dv/dt = k_2*v**2 + k_1*v + k_0 - u + I : mV", "du/dt = a*(b*(v - V_u) - k_u*u) : mV/ms"],
  },
  fitzhughNagumo: {
    equations: ["dv/dt = (v - v**3/3 - w + I)/ms : 1", "dw/dt = (v + a - b*w)/tau : 1"],
  },
  morrisLecar: {
    equations: [
      "dv/dt = (I - g_L*(v - E_L) - g_Ca*m_inf*(v - E_Ca) - g_K*w*(v - E_K))/C_m : mV",
      "dw/dt = phi*cosh((v - V_3)/(2*V_4))*(w_inf - w) : 1",
      "m_inf = (1 + tanh((v - V_1)/V_2))/2 : 1",
      "w_inf = (1 + tanh((v - V_3)/V_4))/2 : 1",
    ],
  },
  hodgkinHuxley: {
    equations: [
      "dv/dt = (I - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C_m : mV",
      ...gates,
      "u = v - V_rest : mV",
      "alpha_m = 1/exprel((25*mV - u)/(10*mV))/ms : 1/ms",
      "beta_m = 4*exp(-u/(18*mV))/ms : 1/ms",
      "alpha_h = 0.07*exp(-u/(20*mV))/ms : 1/ms",
      "beta_h = 1/(exp((30*mV - u)/(10*mV)) + 1)/ms : 1/ms",
      "alpha_n = 0.1/exprel((10*mV - u)/(10*mV))/ms : 1/ms",
      "beta_n = 0.125*exp(-u/(80*mV))/ms : 1/ms",
    ],
  },
  traubMiles: {
    equations: [
      "dv/dt = (I - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C_m : mV",
      ...gates,
      "u = v - V_T : mV",
      "alpha_m = 1.28/exprel((13*mV - u)/(4*mV))/ms : 1/ms",
      "beta_m = 1.4/exprel((u - 40*mV)/(5*mV))/ms : 1/ms",
      "alpha_h = 0.128*exp((17*mV - u)/(18*mV))/ms : 1/ms",
      "beta_h = 4/(1 + exp((40*mV - u)/(5*mV)))/ms : 1/ms",
      "alpha_n = 0.16/exprel((15*mV - u)/(5*mV))/ms : 1/ms",
      "beta_n = 0.5*exp((10*mV - u)/(40*mV))/ms : 1/ms",
    ],
  },
};

/** A built-in model as a user would write it, parameters, threshold and reset those of its record. */
export function withUnits(record: ModelRecord): ModelDefinition {
  const { equations, current, units = {} } = WITH_UNITS[record.id] as WithUnits;
  const plain = definitionOf(record);
  const params = Object.entries(record.params).map(([name, { default: value, unit, range, text }]) => [
    name,
    { default: value, unit: units[name] ?? unitOf(unit), ...(range === undefined ? {} : { range }), text },
  ]);
  const starts = typeof record.init === "string" ? { v: -65 } : plain.init;
  const init = Object.entries({ ...starts }).map(([name, text]) => [name, text === "0" ? 0 : text]);
  return {
    ...plain,
    equations,
    ...(current ? { current } : {}),
    params: Object.fromEntries(params),
    init: Object.fromEntries(init),
  };
}

/** Models with equations; sources have none. */
export const records: readonly ModelRecord[] = Object.values(models).filter(
  (model: ModelRecord) => model.family !== "source",
);

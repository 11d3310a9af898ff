import { defineModel } from "../model/record.js";

/** Hodgkin-Huxley neuron with the hippocampal kinetics of Traub and Miles. */
export const traubMiles = defineModel({
  id: "traubMiles",
  title: "Traub-Miles",
  family: "membrane",
  summary: "A Hodgkin-Huxley neuron with hippocampal kinetics: the cell of the COBAHH benchmark network.",
  text: "Sodium, potassium and leak currents as in `hodgkinHuxley`, with rates fitted to pyramidal cells of the hippocampus and measured from `V_T`, which sets the threshold. Capacitance and conductances are those of a whole cell. With the default parameters the cell has no stable rest: it fires without input every 72.18 ms, so it starts at `E_L` with its gates in equilibrium. Its gates are faster than those of the squid: `euler` and `heun` need a dt of 0.05 ms or less. `exponentialEuler` stays bounded at 0.1 ms, but its interspike intervals are 7 % off there; 1 % needs 0.0125 ms, while `rk4` at 0.05 ms is within 0.02 %.",
  current: "pA",
  conductance: "nS",
  states: {
    v: { unit: "mV", bounds: [-1e3, 1e3], text: "membrane potential" },
    m: { unit: "", bounds: [-10, 10], text: "sodium activation" },
    h: { unit: "", bounds: [-10, 10], text: "sodium inactivation (1 is fully available)" },
    n: { unit: "", bounds: [-10, 10], text: "potassium activation" },
  },
  params: {
    C_m: { default: 200, unit: "pF", range: "> 0", text: "membrane capacitance" },
    g_Na: { default: 20000, unit: "nS", range: ">= 0", text: "sodium conductance" },
    g_K: { default: 6000, unit: "nS", range: ">= 0", text: "potassium conductance" },
    g_L: { default: 10, unit: "nS", range: "> 0", text: "leak conductance" },
    E_Na: { default: 50, unit: "mV", text: "sodium reversal potential" },
    E_K: { default: -90, unit: "mV", text: "potassium reversal potential" },
    E_L: { default: -60, unit: "mV", text: "leak reversal potential" },
    V_T: { default: -63, unit: "mV", text: "potential from which the rates measure v" },
    V_th: { default: -20, unit: "mV", text: "level whose upward crossing is a spike" },
    phi: { default: 1, unit: "", range: "> 0", text: "temperature factor of all rates" },
    hysteresis: {
      default: 5,
      unit: "mV",
      range: ">= 0",
      text: "depth below V_th to which v must fall before the next spike counts",
    },
  },
  coefficients: {
    perC: "1 / C_m",
    rearm: "V_th - hysteresis",
  },
  // 0.32 (13 - u) / (exp((13 - u) / 4) - 1) = 1.28 / exprel((13 - u) / 4): no singularity, likewise for beta_m and
  // alpha_n.
  functions: {
    u: "v - V_T",
    alpha_m: "1.28 / exprel((13 - u) / 4)",
    beta_m: "1.4 / exprel((u - 40) / 5)",
    alpha_h: "0.128 * exp((17 - u) / 18)",
    beta_h: "4 / (1 + exp((40 - u) / 5))",
    alpha_n: "0.16 / exprel((15 - u) / 5)",
    beta_n: "0.5 * exp((10 - u) / 40)",
  },
  equations: {
    v: "(I - g_Na * m^3 * h * (v - E_Na) - g_K * n^4 * (v - E_K) - g_L * (v - E_L)) / C_m",
    m: "phi * (alpha_m * (1 - m) - beta_m * m)",
    h: "phi * (alpha_h * (1 - h) - beta_h * h)",
    n: "phi * (alpha_n * (1 - n) - beta_n * n)",
  },
  threshold: "V_th",
  init: { v: "E_L", m: "equilibrium", h: "equilibrium", n: "equilibrium" },
  methods: ["strangSplitting", "exponentialEuler", "euler", "heun", "rk4"],
  rates: ["V_T", "phi"],
  exponentials: 2,
  maxStep: { euler: 0.05, heun: 0.05, rk4: 0.06 },
  accuracy: { exponentialEuler: 0.8, strangSplitting: 0.75, rk4: { dt: 0.05, error: 1e-4 } },
  presets: {},
  example: { current: 200, dt: 0.025, duration: 200 },
  references: [
    "Traub RD, Miles R (1991). Neuronal Networks of the Hippocampus. Cambridge University Press. doi:10.1017/CBO9780511895401",
    "Brette R, Rudolph M, Carnevale T, Hines M, Beeman D, Bower JM, et al. (2007). Simulation of networks of spiking neurons: a review of tools and strategies. J Comput Neurosci 23:349-398. doi:10.1007/s10827-007-0038-6",
  ],
});

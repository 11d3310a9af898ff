import { defineModel } from "../model/record.js";

/** Hodgkin-Huxley neuron of the squid giant axon. */
export const hodgkinHuxley = defineModel({
  id: "hodgkinHuxley",
  title: "Hodgkin-Huxley",
  family: "membrane",
  summary: "The squid giant axon: sodium, potassium and leak currents with voltage-dependent gates.",
  text: "Sodium rushes in through gates that open fast (`m`) and then close (`h`), potassium flows out through slower gates (`n`): together they make the action potential, its undershoot and the refractory period, without threshold or reset. The gates follow the rates of 1952 with the sign convention of today and rest near -65 mV; `phi` scales all rates with the temperature T in °C: phi = 3^((T - 6.3) / 10). A constant current of 2.24 uA/cm2 makes one spike, from 6.26 on repetitive firing is possible, from 9.78 on rest is unstable; above 62.8 the oscillation no longer crosses 0 mV, so `V_th` must be lowered to count it. The gates are fast: `euler`, `heun` and `rk4` blow up at a dt of 0.1 ms. `exponentialEuler` stays bounded there, but its interspike intervals are 5 % long; 1 % needs a dt of 0.02 ms, or `rk4` at 0.05 ms, which is better than 0.1 %.",
  current: "uA/cm2",
  conductance: "mS/cm2",
  states: {
    v: { unit: "mV", bounds: [-1e3, 1e3], text: "membrane potential" },
    m: { unit: "", bounds: [-10, 10], text: "sodium activation" },
    h: { unit: "", bounds: [-10, 10], text: "sodium inactivation (1 is fully available)" },
    n: { unit: "", bounds: [-10, 10], text: "potassium activation" },
  },
  params: {
    C_m: { default: 1, unit: "uF/cm2", range: "> 0", text: "membrane capacitance" },
    g_Na: { default: 120, unit: "mS/cm2", range: ">= 0", text: "sodium conductance" },
    g_K: { default: 36, unit: "mS/cm2", range: ">= 0", text: "potassium conductance" },
    g_L: { default: 0.3, unit: "mS/cm2", range: "> 0", text: "leak conductance" },
    E_Na: { default: 50, unit: "mV", text: "sodium reversal potential" },
    E_K: { default: -77, unit: "mV", text: "potassium reversal potential" },
    E_L: { default: -54.387, unit: "mV", text: "leak reversal potential" },
    V_rest: { default: -65, unit: "mV", text: "potential from which the rates measure v" },
    phi: { default: 1, unit: "", range: "> 0", text: "temperature factor of all rates" },
    V_th: { default: 0, unit: "mV", text: "level whose upward crossing is a spike" },
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
  // 0.1 (25 - u) / (exp((25 - u) / 10) - 1) = 1 / exprel((25 - u) / 10): no singularity at u = 25, likewise for
  // alpha_n.
  functions: {
    u: "v - V_rest",
    alpha_m: "1 / exprel((25 - u) / 10)",
    beta_m: "4 * exp(-u / 18)",
    alpha_h: "0.07 * exp(-u / 20)",
    beta_h: "1 / (exp((30 - u) / 10) + 1)",
    alpha_n: "0.1 / exprel((10 - u) / 10)",
    beta_n: "0.125 * exp(-u / 80)",
  },
  equations: {
    v: "(I - g_Na * m^3 * h * (v - E_Na) - g_K * n^4 * (v - E_K) - g_L * (v - E_L)) / C_m",
    m: "phi * (alpha_m * (1 - m) - beta_m * m)",
    h: "phi * (alpha_h * (1 - h) - beta_h * h)",
    n: "phi * (alpha_n * (1 - n) - beta_n * n)",
  },
  threshold: "V_th",
  init: "rest",
  methods: ["strangSplitting", "exponentialEuler", "euler", "heun", "rk4"],
  rates: ["V_rest", "phi"],
  exponentials: 2,
  maxStep: { euler: 0.06, heun: 0.06, rk4: 0.08 },
  accuracy: { exponentialEuler: 0.5, strangSplitting: 0.5, rk4: { dt: 0.05, error: 1e-6 } },
  presets: {},
  example: { current: 10, dt: 0.025, duration: 200 },
  references: [
    "Hodgkin AL, Huxley AF (1952). A quantitative description of membrane current and its application to conduction and excitation in nerve. J Physiol 117:500-544. doi:10.1113/jphysiol.1952.sp004764",
    "Rush S, Larsen H (1978). A practical algorithm for solving dynamic membrane equations. IEEE Trans Biomed Eng BME-25:389-392. doi:10.1109/TBME.1978.326270",
  ],
});

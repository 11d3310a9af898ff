import { defineModel } from "../model/record.js";

/** Exponential integrate-and-fire neuron. */
export const eif = defineModel({
  id: "eif",
  title: "Exponential integrate-and-fire",
  family: "resets",
  summary: "A leaky neuron with an exponential spike onset: AdEx without adaptation.",
  text: "The fast sodium current is summed up in one exponential term that is small below `V_T` and makes the spike take off above it; `Delta_T` is the sharpness of the onset, and in the limit of 0 the model becomes `lif`. Its response to rapidly changing inputs is close to that of conductance-based neurons, which neither `lif` (too soon) nor `qif` (too late) gives. `v` diverges by design and is cut at `V_peak`; inside the right-hand side it is clipped there, so that the stages of `heun` and `rk4` cannot overflow.",
  current: "pA",
  conductance: "nS",
  states: { v: { unit: "mV", bounds: [-1e6, Number.MAX_VALUE], text: "membrane potential" } },
  params: {
    C_m: { default: 281, unit: "pF", range: "> 0", text: "membrane capacitance" },
    g_L: { default: 30, unit: "nS", range: "> 0", text: "leak conductance" },
    E_L: { default: -70.6, unit: "mV", text: "leak reversal potential" },
    V_T: { default: -50.4, unit: "mV", text: "potential at which the spike takes off" },
    Delta_T: { default: 2, unit: "mV", range: "> 0", text: "sharpness of the spike onset" },
    V_peak: { default: 20, unit: "mV", text: "potential at which a spike is counted and cut" },
    V_reset: { default: -70.6, unit: "mV", text: "potential after a spike" },
    t_ref: { default: 0, unit: "ms", range: ">= 0", text: "refractory period" },
  },
  coefficients: {
    perC: "1 / C_m",
    perDelta: "1 / Delta_T",
    onset: "g_L * Delta_T",
    hold: "round(t_ref / dt)",
  },
  equations: { v: "(-g_L * (v - E_L) + g_L * Delta_T * exp((v - V_T) / Delta_T) + I) / C_m" },
  threshold: "V_peak",
  reset: { v: "V_reset" },
  conditions: ["V_reset < V_peak", "V_T < V_peak"],
  init: { v: "E_L" },
  methods: ["euler", "heun", "rk4", "exponentialEuler"],
  exponentials: 1,
  presets: {},
  example: { current: 700, dt: 0.05, duration: 200 },
  references: [
    "Fourcaud-Trocmé N, Hansel D, van Vreeswijk C, Brunel N (2003). How spike generation mechanisms determine the neuronal response to fluctuating inputs. J Neurosci 23:11628-11640. doi:10.1523/JNEUROSCI.23-37-11628.2003",
    "Brette R, Gerstner W (2005). Adaptive exponential integrate-and-fire model as an effective description of neuronal activity. J Neurophysiol 94:3637-3642. doi:10.1152/jn.00686.2005",
  ],
});

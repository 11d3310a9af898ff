import { defineModel } from "../model/record.js";

/** Leaky integrate-and-fire neuron. */
export const lif = defineModel({
  id: "lif",
  title: "Leaky integrate-and-fire",
  family: "resets",
  summary: "A leaky capacitor with a threshold: the simplest spiking neuron, solved exactly.",
  text: "The membrane potential decays to `E_L` with the time constant `tau_m`, is driven by the input current, and is set to `V_reset` when it reaches `V_th`; it then stays there for `t_ref`. The equation is linear, so the default method `exact` has no error in `v` on the grid of time steps, at any dt. Spikes come too soon after a strong input compared with real neurons; see `eif` and `adex` for a spike onset that takes its time.",
  current: "pA",
  conductance: "nS",
  states: { v: { unit: "mV", bounds: [-1e6, 1e6], text: "membrane potential" } },
  params: {
    C_m: { default: 250, unit: "pF", range: "> 0", text: "membrane capacitance" },
    tau_m: { default: 10, unit: "ms", range: "> 0", text: "membrane time constant" },
    E_L: { default: -70, unit: "mV", text: "resting potential" },
    V_th: { default: -55, unit: "mV", text: "spike threshold" },
    V_reset: { default: -70, unit: "mV", text: "potential after a spike" },
    t_ref: { default: 2, unit: "ms", range: ">= 0", text: "refractory period" },
  },
  coefficients: {
    perTau: "1 / tau_m",
    perC: "1 / C_m",
    gain: "(1 - exp(-dt / tau_m)) * tau_m / C_m",
    leak: "1 - exp(-dt / tau_m)",
    hold: "round(t_ref / dt)",
  },
  equations: { v: "(-(C_m / tau_m) * (v - E_L) + I) / C_m" },
  threshold: "V_th",
  reset: { v: "V_reset" },
  conditions: ["V_reset < V_th"],
  init: { v: "E_L" },
  methods: ["exact", "exponentialEuler", "euler", "heun", "rk4", "eventDriven"],
  compiled: { methods: ["exact", "exponentialEuler", "euler", "eventDriven"] },
  exponentials: 0,
  presets: {},
  example: { current: 500, dt: 0.1, duration: 200 },
  references: [
    "Lapicque L (1907). Recherches quantitatives sur l'excitation électrique des nerfs traitée comme une polarisation. J Physiol Pathol Gen 9:620-635.",
    "Rotter S, Diesmann M (1999). Exact digital simulation of time-invariant linear systems with applications to neuronal modeling. Biol Cybern 81:381-402. doi:10.1007/s004220050570",
  ],
});

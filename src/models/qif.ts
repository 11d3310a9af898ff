import { defineModel } from "../model/record.js";

/** Quadratic integrate-and-fire neuron. */
export const qif = defineModel({
  id: "qif",
  title: "Quadratic integrate-and-fire",
  family: "resets",
  summary: "The simplest neuron whose spike takes off by itself: dv/dt grows with the square of v.",
  text: "Between `V_r` (rest) and `V_t` the current pulls the potential back, above `V_t` it drives it away, ever faster, until it is cut at `V_peak`. Every neuron that starts to fire through a saddle-node on an invariant circle (type I excitability: arbitrarily low rates) behaves like this one near the onset; with peak and reset at infinity it is the theta neuron. Its spikes take longer to rise than those of real neurons: `eif` and `adex` have a sharper onset. As with `izhikevich`, an explicit step from far below rest can overshoot into a false spike, so `v` below -500 mV stops the run.",
  current: "pA",
  conductance: "nS",
  states: { v: { unit: "mV", bounds: [-500, Number.MAX_VALUE], text: "membrane potential" } },
  params: {
    C_m: { default: 20, unit: "pF", range: "> 0", text: "membrane capacitance" },
    k: { default: 0.5, unit: "nS/mV", range: "> 0", text: "curvature of the current" },
    V_r: { default: -70, unit: "mV", text: "resting potential" },
    V_t: { default: -50, unit: "mV", text: "potential above which the spike takes off without input" },
    V_peak: { default: 30, unit: "mV", text: "potential at which a spike is counted and cut" },
    V_reset: { default: -65, unit: "mV", text: "potential after a spike" },
    t_ref: { default: 0, unit: "ms", range: ">= 0", text: "refractory period" },
  },
  coefficients: {
    curvature: "k / C_m",
    perC: "1 / C_m",
    hold: "round(t_ref / dt)",
  },
  equations: { v: "(k * (v - V_r) * (v - V_t) + I) / C_m" },
  threshold: "V_peak",
  reset: { v: "V_reset" },
  conditions: ["V_reset < V_peak"],
  init: { v: "V_r" },
  methods: ["euler", "heun", "rk4"],
  compiled: { methods: ["euler"] },
  exponentials: 0,
  presets: {},
  example: { current: 80, dt: 0.05, duration: 200 },
  references: [
    "Latham PE, Richmond BJ, Nelson PG, Nirenberg S (2000). Intrinsic dynamics in neuronal networks. I. Theory. J Neurophysiol 83:808-827. doi:10.1152/jn.2000.83.2.808",
    "Ermentrout GB, Kopell N (1986). Parabolic bursting in an excitable system coupled with a slow oscillation. SIAM J Appl Math 46:233-253. doi:10.1137/0146017",
    "Izhikevich EM (2007). Dynamical Systems in Neuroscience: The Geometry of Excitability and Bursting. MIT Press. ISBN 978-0-262-09043-8",
  ],
});

import { defineModel } from "../model/record.js";

const naud = "Naud R, Marcille N, Clopath C, Gerstner W (2008). Firing patterns in the adaptive exponential integrate-and-fire model. Biol Cybern 99:335-347. doi:10.1007/s00422-008-0264-7, Table 1";

/** Adaptive exponential integrate-and-fire neuron. */
export const adex = defineModel({
  id: "adex",
  title: "Adaptive exponential integrate-and-fire (AdEx)",
  family: "resets",
  summary: "Two equations that give good spike times and all common firing patterns: the gold standard of point neurons.",
  text: "An exponential current makes the spike take off near `V_T`, the variable `w` brings subthreshold (`a`) and spike-triggered (`b`) adaptation. `v` diverges by design and is cut at `V_peak`. Inside the right-hand side `v` is clipped at `V_peak`; without this the stages of `heun` and `rk4` above the peak overflow the exponential and poison `w`.",
  current: "pA",
  conductance: "nS",
  states: {
    v: { unit: "mV", bounds: [-1e6, Number.MAX_VALUE], text: "membrane potential" },
    w: { unit: "pA", bounds: [-1e9, 1e9], text: "adaptation current" },
  },
  params: {
    C_m: { default: 281, unit: "pF", range: "> 0", text: "membrane capacitance" },
    g_L: { default: 30, unit: "nS", range: "> 0", text: "leak conductance" },
    E_L: { default: -70.6, unit: "mV", text: "leak reversal potential" },
    V_T: { default: -50.4, unit: "mV", text: "potential at which the spike takes off" },
    Delta_T: {
      default: 2,
      unit: "mV",
      range: ">= 0",
      text: "sharpness of the spike onset; at 0 the neuron is leaky and fires at V_T",
    },
    V_peak: { default: 20, unit: "mV", text: "potential at which a spike is counted and cut" },
    V_reset: { default: -70.6, unit: "mV", text: "potential after a spike" },
    a: { default: 4, unit: "nS", text: "subthreshold adaptation" },
    b: { default: 80.5, unit: "pA", text: "spike-triggered adaptation" },
    tau_w: { default: 144, unit: "ms", range: "> 0", text: "time constant of the adaptation" },
    t_ref: { default: 0, unit: "ms", range: ">= 0", text: "refractory period" },
  },
  coefficients: {
    perC: "1 / C_m",
    perDelta: "1 / Delta_T",
    onset: "g_L * Delta_T",
    perTauW: "1 / tau_w",
    hold: "round(t_ref / dt)",
    cut: "V_peak",
    takeOff: "min(V_peak, V_T + Delta_T * min(4, log(C_m / (g_L * dt))))",
    halfC: "dt / (2 * C_m)",
    growth: "dt * g_L / C_m",
    damp: "1 + dt * g_L / (2 * C_m) + dt^2 * a / (4 * C_m * (tau_w + dt / 2))",
    shareW: "1 / (1 + dt / (2 * tau_w))",
    feed: "dt * a / (2 * tau_w)",
    drain: "dt / (2 * C_m * (1 + dt / (2 * tau_w)))",
  },
  equations: {
    v: "(-g_L * (v - E_L) + g_L * Delta_T * exp((v - V_T) / Delta_T) - w + I) / C_m",
    w: "(a * (v - E_L) - w) / tau_w",
  },
  threshold: "V_peak",
  reset: { v: "V_reset", w: "w + b" },
  conditions: ["V_reset < V_peak", "V_T < V_peak", "V_reset < V_T where Delta_T = 0"],
  init: { v: "E_L", w: "0" },
  methods: ["rosenbrock", "euler", "heun", "rk4", "exponentialEuler"],
  compiled: { methods: ["euler"], unlessZero: ["Delta_T"] },
  exponentials: 1,
  clipped: true,
  presets: {
    tonic: {
      params: { C_m: 200, g_L: 10, E_L: -70, V_T: -50, Delta_T: 2, a: 2, tau_w: 30, b: 0, V_reset: -58, V_peak: 0 },
      text: "tonic spiking at I = 500 pA",
      source: naud,
    },
    adapting: {
      params: { C_m: 200, g_L: 12, E_L: -70, V_T: -50, Delta_T: 2, a: 2, tau_w: 300, b: 60, V_reset: -58, V_peak: 0 },
      text: "spike-frequency adaptation at I = 500 pA",
      source: naud,
    },
    initialBurst: {
      params: { C_m: 130, g_L: 18, E_L: -58, V_T: -50, Delta_T: 2, a: 4, tau_w: 150, b: 120, V_reset: -50, V_peak: 0 },
      text: "a burst, then single spikes at I = 400 pA",
      source: naud,
    },
    regularBursting: {
      params: { C_m: 200, g_L: 10, E_L: -58, V_T: -50, Delta_T: 2, a: 2, tau_w: 120, b: 100, V_reset: -46, V_peak: 0 },
      text: "periodic bursts at I = 210 pA",
      source: naud,
    },
    delayedAccelerating: {
      params: { C_m: 200, g_L: 12, E_L: -70, V_T: -50, Delta_T: 2, a: -10, tau_w: 300, b: 0, V_reset: -58, V_peak: 0 },
      text: "a late first spike and shortening intervals at I = 300 pA",
      source: naud,
    },
    delayedRegularBursting: {
      params: { C_m: 100, g_L: 10, E_L: -65, V_T: -50, Delta_T: 2, a: -10, tau_w: 90, b: 30, V_reset: -47, V_peak: 0 },
      text: "a late onset of periodic bursts at I = 110 pA",
      source: naud,
    },
    transient: {
      params: { C_m: 100, g_L: 10, E_L: -65, V_T: -50, Delta_T: 2, a: 10, tau_w: 90, b: 100, V_reset: -47, V_peak: 0 },
      text: "spikes at the onset of the current only, at I = 180 pA",
      source: naud,
    },
    irregular: {
      params: { C_m: 100, g_L: 12, E_L: -60, V_T: -50, Delta_T: 2, a: -11, tau_w: 130, b: 30, V_reset: -48, V_peak: 0 },
      text: "irregular spiking without noise (deterministic chaos) at I = 160 pA",
      source: naud,
    },
  },
  example: { current: 1000, dt: 0.05, duration: 500 },
  references: [
    "Brette R, Gerstner W (2005). Adaptive exponential integrate-and-fire model as an effective description of neuronal activity. J Neurophysiol 94:3637-3642. doi:10.1152/jn.00686.2005",
    naud,
  ],
});

import { defineModel } from "../model/record.js";

const paper2003 =
  "Izhikevich EM (2003). Simple model of spiking neurons. IEEE Trans Neural Netw 14:1569-1572. doi:10.1109/TNN.2003.820440";
const paper2004 =
  "Izhikevich EM (2004). Which model to use for cortical spiking neurons? IEEE Trans Neural Netw 15:1063-1070. doi:10.1109/TNN.2004.832719";

/** Izhikevich's quadratic neuron with a recovery variable. */
export const izhikevich = defineModel({
  id: "izhikevich",
  title: "Izhikevich",
  family: "resets",
  summary: "A quadratic neuron with a recovery variable: about twenty firing patterns from four numbers.",
  text: "Near the threshold the membrane potential grows with its own square, so the spike takes off by itself and is cut at `V_peak`; the recovery variable `u` stands for slow potassium and sodium currents together. `a` is the speed of the recovery, `b` its sensitivity to `v` below threshold, `c` the potential and `d` the step of `u` after a spike. The current has no unit: it is dv/dt in mV/ms. `halfStep` is the published scheme (`v` in two steps of half the size, then `u`) and is meant for a dt of 1 ms; its spike times differ from those of the equations. A quadratic term makes an explicit step dangerous far below rest: with I = -5000 and a dt of 0.1 ms `euler` overshoots into spikes that the equations do not have, so `v` below -500 mV stops the run.",
  current: "",
  conductance: "1/mV",
  states: {
    v: { unit: "mV", bounds: [-500, Number.MAX_VALUE], text: "membrane potential" },
    u: { unit: "", bounds: [-1e9, 1e9], text: "recovery" },
  },
  params: {
    a: { default: 0.02, unit: "1/ms", text: "speed of the recovery" },
    b: { default: 0.2, unit: "", text: "sensitivity of the recovery to v" },
    c: { default: -65, unit: "mV", text: "potential after a spike" },
    d: { default: 8, unit: "", text: "step of u at a spike" },
    V_peak: { default: 30, unit: "mV", text: "potential at which a spike is counted and cut" },
    k_2: { default: 0.04, unit: "", text: "coefficient of v^2" },
    k_1: { default: 5, unit: "", text: "coefficient of v" },
    k_0: { default: 140, unit: "", text: "constant term" },
    V_u: { default: 0, unit: "mV", text: "potential from which the recovery measures v" },
    k_u: { default: 1, unit: "", text: "decay of the recovery: 1 decays, 0 integrates" },
    t_ref: { default: 0, unit: "ms", range: ">= 0", text: "refractory period" },
  },
  coefficients: {
    recovery: "a * b",
    leak: "a * k_u",
    hold: "round(t_ref / dt)",
  },
  equations: {
    v: "k_2 * v^2 + k_1 * v + k_0 - u + I",
    u: "a * (b * (v - V_u) - k_u * u)",
  },
  threshold: "V_peak",
  reset: { v: "c", u: "u + d" },
  conditions: ["c < V_peak"],
  init: "rest",
  methods: ["euler", "heun", "rk4", "halfStep"],
  compiled: { methods: ["euler", "halfStep"] },
  exponentials: 0,
  maxStep: { rk4: 1.5 },
  presets: {
    RS: { params: { a: 0.02, b: 0.2, c: -65, d: 8 }, text: "regular spiking", source: paper2003 },
    IB: { params: { a: 0.02, b: 0.2, c: -55, d: 4 }, text: "intrinsically bursting", source: paper2003 },
    CH: { params: { a: 0.02, b: 0.2, c: -50, d: 2 }, text: "chattering", source: paper2003 },
    FS: { params: { a: 0.1, b: 0.2, c: -65, d: 2 }, text: "fast spiking", source: paper2003 },
    TC: { params: { a: 0.02, b: 0.25, c: -65, d: 0.05 }, text: "thalamo-cortical", source: paper2003 },
    RZ: { params: { a: 0.1, b: 0.26, c: -65, d: 2 }, text: "resonator", source: paper2003 },
    LTS: { params: { a: 0.02, b: 0.25, c: -65, d: 2 }, text: "low-threshold spiking", source: paper2003 },
    tonicSpiking: {
      params: { a: 0.02, b: 0.2, c: -65, d: 6 },
      text: "fires as long as the current lasts (panel A)",
      source: paper2004,
    },
    phasicSpiking: {
      params: { a: 0.02, b: 0.25, c: -65, d: 6 },
      text: "one spike at the onset of the current (panel B)",
      source: paper2004,
    },
    tonicBursting: {
      params: { a: 0.02, b: 0.2, c: -50, d: 2 },
      text: "periodic bursts as long as the current lasts (panel C)",
      source: paper2004,
    },
    phasicBursting: {
      params: { a: 0.02, b: 0.25, c: -55, d: 0.05 },
      text: "one burst at the onset of the current (panel D)",
      source: paper2004,
    },
    mixedMode: {
      params: { a: 0.02, b: 0.2, c: -55, d: 4 },
      text: "a burst at the onset, then single spikes (panel E)",
      source: paper2004,
    },
    spikeFreqAdapt: {
      params: { a: 0.01, b: 0.2, c: -65, d: 8 },
      text: "the rate falls during a constant current (panel F)",
      source: paper2004,
    },
    class1: {
      params: { a: 0.02, b: -0.1, c: -55, d: 6, k_1: 4.1, k_0: 108 },
      text: "the rate grows continuously from zero with the current (panel G)",
      source: paper2004,
    },
    class2: {
      params: { a: 0.2, b: 0.26, c: -65, d: 0 },
      text: "the rate jumps from zero to a finite value as the current grows (panel H)",
      source: paper2004,
    },
    spikeLatency: {
      params: { a: 0.02, b: 0.2, c: -65, d: 6 },
      text: "a spike long after a brief pulse (panel I)",
      source: paper2004,
    },
    subthreshOsc: {
      params: { a: 0.05, b: 0.26, c: -60, d: 0 },
      text: "damped oscillation of the potential below threshold (panel J)",
      source: paper2004,
    },
    resonator: {
      params: { a: 0.1, b: 0.26, c: -60, d: -1 },
      text: "responds best to a pair of pulses at its own period (panel K)",
      source: paper2004,
    },
    integrator: {
      params: { a: 0.02, b: -0.1, c: -55, d: 6, k_1: 4.1, k_0: 108 },
      text: "responds best to pulses close together in time (panel L)",
      source: paper2004,
    },
    reboundSpike: {
      params: { a: 0.03, b: 0.25, c: -60, d: 4 },
      text: "a spike after the end of an inhibitory pulse (panel M)",
      source: paper2004,
    },
    reboundBurst: {
      params: { a: 0.03, b: 0.25, c: -52, d: 0 },
      text: "a burst after the end of an inhibitory pulse (panel N)",
      source: paper2004,
    },
    thresholdVariability: {
      params: { a: 0.03, b: 0.25, c: -60, d: 4 },
      text: "a preceding inhibitory pulse lowers the threshold (panel O)",
      source: paper2004,
    },
    bistability: {
      params: { a: 0.1, b: 0.26, c: -60, d: 0 },
      text: "pulses switch between rest and firing (panel P)",
      source: paper2004,
    },
    DAP: {
      params: { a: 1, b: 0.2, c: -60, d: -21 },
      text: "depolarising after-potential (panel Q)",
      source: paper2004,
    },
    accommodation: {
      params: { a: 0.02, b: 1, c: -55, d: 4, V_u: -65, k_u: 0 },
      text: "ignores a slow ramp, fires at a fast one; the recovery follows v instead of decaying (panel R)",
      source: paper2004,
    },
    inhibitionSpiking: {
      params: { a: -0.02, b: -1, c: -60, d: 8 },
      text: "fires during an inhibitory current (panel S)",
      source: paper2004,
    },
    inhibitionBursting: {
      params: { a: -0.026, b: -1, c: -45, d: -2 },
      text: "fires bursts during an inhibitory current (panel T)",
      source: paper2004,
    },
  },
  example: { current: 10, dt: 0.1, duration: 500 },
  references: [
    paper2003,
    paper2004,
    "Izhikevich EM (2007). Dynamical Systems in Neuroscience: The Geometry of Excitability and Bursting. MIT Press. ISBN 978-0-262-09043-8",
  ],
});

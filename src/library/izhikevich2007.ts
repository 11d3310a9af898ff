import type { LibraryEntry } from "./entry.js";

const BOOK = "Izhikevich EM (2007), chapter 8,";

/** @internal */
export const izhikevich2007 = {
  definition: {
    name: "izhikevich2007",
    title: "Izhikevich 2007",
    text: "The quadratic neuron with a recovery current in physical units: seven types of cells of cortex and thalamus. The recovery current u follows a line above v_b and another one below it (TC, RTN) or a cubic (FS); peak and reset may depend on u (LTS, TC). In the other types these parts are 0.",
    references: [
      "Izhikevich EM (2007). Dynamical Systems in Neuroscience: The Geometry of Excitability and Bursting, chapter 8 (pages 263-323). MIT Press, Cambridge.",
    ],
    current: "pA",
    equations: [
      "dv/dt = (k*(v - v_r)*(v - v_t) - u + I)/C : mV",
      "du/dt = a*((b if v > v_b else b_low)*(v - v_b) + b_3*max(v - v_b, 0)**3 - u) : pA",
    ],
    params: {
      C: { default: "100 pF", range: "> 0", text: "membrane capacitance" },
      k: { default: "0.7 nS/mV", range: "> 0", text: "steepness of the quadratic current" },
      v_r: { default: "-60 mV", text: "potential at rest" },
      v_t: { default: "-40 mV", text: "instantaneous threshold" },
      v_peak: { default: "35 mV", text: "peak of the spike at u = 0" },
      p_u: { default: "0 mV/pA", text: "what u adds to the peak" },
      a: { default: "0.03 1/ms", range: "> 0", text: "rate of the recovery current" },
      b: { default: "-2 nS", text: "slope of the recovery current above v_b" },
      b_low: { default: "-2 nS", text: "slope of the recovery current below v_b" },
      b_3: { default: "0 nS/mV2", text: "its cubic part above v_b" },
      v_b: { default: "-60 mV", text: "where the recovery current is 0 and its slope may change" },
      c: { default: "-50 mV", text: "potential after a spike at u = 0" },
      c_u: { default: "0 mV/pA", text: "what u adds to the potential after a spike" },
      d: { default: "100 pA", text: "what a spike adds to the recovery current" },
      u_max: { default: "1e6 pA", text: "largest recovery current after a spike" },
    },
    presets: {
      RS: {
        params: {},
        text: "regular spiking pyramidal cell of layer 5, rat; I = 60 to 100 pA",
        source: `${BOOK} figure 8.12`,
      },
      IB: {
        params: { C: 150, k: 1.2, v_r: -75, v_t: -45, v_peak: 50, a: 0.01, b: 5, b_low: 5, v_b: -75, c: -56, d: 130 },
        text: "intrinsically bursting pyramidal cell of layer 5; a burst, then single spikes, I = 300 to 600 pA",
        source: `${BOOK} figure 8.19`,
      },
      CH: {
        params: { C: 50, k: 1.5, v_peak: 25, b: 1, b_low: 1, c: -40, d: 150 },
        text: "chattering cell of visual cortex, cat; bursts at I = 200 to 600 pA",
        source: `${BOOK} figure 8.23`,
      },
      LTS: {
        params: {
          k: 1, v_r: -56, v_t: -42, v_peak: 40, p_u: -0.1, b: 8, b_low: 8, v_b: -56, c: -53, c_u: 0.04, d: 20,
          u_max: 670,
        },
        text: "low-threshold spiking interneuron of barrel cortex, rat; I = 100 to 300 pA",
        source: `${BOOK} figure 8.25`,
      },
      FS: {
        params: {
          C: 20, k: 1, v_r: -55, v_peak: 25, a: 0.2, b: 0, b_low: 0, b_3: 0.025, v_b: -55, c: -45, d: 0,
        },
        text: "fast spiking interneuron of layer 5, rat; I = 73.2 to 400 pA",
        source: `${BOOK} figure 8.27`,
      },
      TC: {
        params: {
          C: 200, k: 1.6, v_t: -50, p_u: 0.1, a: 0.01, b: 0, b_low: 15, v_b: -65, c: -60, c_u: -0.1, d: 10,
        },
        text: "relay cell of the lateral geniculate nucleus, cat; bursts after hyperpolarisation",
        source: `${BOOK} figure 8.31`,
      },
      RTN: {
        params: {
          C: 40, k: 0.25, v_r: -65, v_t: -45, v_peak: 0, a: 0.015, b: 2, b_low: 10, v_b: -65, c: -55, d: 50,
        },
        text: "cell of the reticular thalamic nucleus, rat; bursts after hyperpolarisation",
        source: `${BOOK} figure 8.32`,
      },
    },
    threshold: "v >= v_peak + p_u*u",
    reset: "v = c + c_u*u\nu = min(u + d, u_max)",
    init: { v: "v_r", u: 0 },
  },
  states: { v: "membrane potential", u: "recovery current" },
  example: { current: 100, dt: 0.1, duration: 500 },
} as const satisfies LibraryEntry;

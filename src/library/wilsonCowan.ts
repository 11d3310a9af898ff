import type { LibraryEntry } from "./entry.js";

/** @internal */
export const wilsonCowan = {
  definition: {
    name: "wilsonCowan",
    title: "Wilson-Cowan unit",
    text: "The shares of excitatory (v) and inhibitory (w) cells of a small piece of cortex that fire at a time. Two equations of firing rates, no spikes: depending on the connections there are one or three states of rest, or a cycle. I is the input P of the paper to the excitatory cells, Q that to the inhibitory ones; the factors k_e and k_i of the paper are the largest values of the sigmoids. A unit sends nothing through projections, since it does not spike; gap junctions couple units by their v.",
    references: [
      "Wilson HR, Cowan JD (1972). Excitatory and inhibitory interactions in localized populations of model neurons. Biophys J 12:1-24. doi:10.1016/S0006-3495(72)86068-5",
    ],
    current: "1",
    equations: [
      "dv/dt = (-v + (k_e - r_e*v)*(1/(1 + exp(-a_e*(x_e - theta_e))) - S_e))/tau_e : 1",
      "dw/dt = (-w + (k_i - r_i*w)*(1/(1 + exp(-a_i*(x_i - theta_i))) - S_i))/tau_i : 1",
      "x_e = c_1*v - c_2*w + I : 1",
      "x_i = c_3*v - c_4*w + Q : 1",
      "S_e = 1/(1 + exp(a_e*theta_e)) : 1 (constant)",
      "S_i = 1/(1 + exp(a_i*theta_i)) : 1 (constant)",
      "k_e = 1 - S_e : 1 (constant)",
      "k_i = 1 - S_i : 1 (constant)",
    ],
    params: {
      c_1: { default: 16, range: ">= 0", text: "excitatory onto excitatory cells" },
      c_2: { default: 12, range: ">= 0", text: "inhibitory onto excitatory cells" },
      c_3: { default: 15, range: ">= 0", text: "excitatory onto inhibitory cells" },
      c_4: { default: 3, range: ">= 0", text: "inhibitory onto inhibitory cells" },
      a_e: { default: 1.3, range: "> 0", text: "steepness of the sigmoid, excitatory cells" },
      theta_e: { default: 4, text: "where it is steepest, excitatory cells" },
      a_i: { default: 2, range: "> 0", text: "steepness of the sigmoid, inhibitory cells" },
      theta_i: { default: 3.7, text: "where it is steepest, inhibitory cells" },
      r_e: { default: 1, range: ">= 0", text: "refractoriness, excitatory cells" },
      r_i: { default: 1, range: ">= 0", text: "refractoriness, inhibitory cells" },
      tau_e: { default: "8 ms", range: "> 0", text: "time constant, excitatory cells" },
      tau_i: { default: "8 ms", range: "> 0", text: "time constant, inhibitory cells" },
      Q: { default: 0, text: "input to the inhibitory cells" },
    },
    presets: {
      limitCycle: {
        params: {},
        text: "a cycle at I = 1.25: the defaults",
        source: "Wilson HR, Cowan JD (1972), figure 11",
      },
      hysteresis: {
        params: { c_1: 12, c_2: 4, c_3: 13, c_4: 11, a_e: 1.2, theta_e: 2.8, a_i: 1, theta_i: 4 },
        text: "two states of rest at I = 0, a quiet and an active one, between which a pulse switches",
        source: "Wilson HR, Cowan JD (1972), figure 4",
      },
    },
    init: { v: 0, w: 0 },
  },
  states: { v: "share of excitatory cells that fire (E)", w: "share of inhibitory cells that fire (I)" },
  example: { current: 1.25, dt: 0.1, duration: 200 },
} as const satisfies LibraryEntry;

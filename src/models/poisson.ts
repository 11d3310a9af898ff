import { defineModel } from "../model/record.js";

/** Source of independent Poisson spike trains. */
export const poisson = defineModel({
  id: "poisson",
  title: "Poisson spike trains",
  family: "source",
  summary: "A source population whose neurons fire independently of each other and of their own past, at a given rate.",
  text: "The number of spikes of a neuron in a step is a Poisson count, so there is no largest rate. `rate` may be one number, one per neuron, a distribution, or rows in time: `{ \"points\": [[0, 10], [500, 50]] }` is 10 Hz for half a second and 50 Hz from then on, and a third number in a row is a slope in Hz/ms; before the first row the rate is 0; or a text, an expression of `t`, `i` and `N` in [the language of equations](../equations.md#expressions), such as `\"20*Hz*(1 + sin(2*pi*8*Hz*t))\"`, taken in the middle of each step and as 0 where it is negative. The spikes go through projections like those of neurons, with delays, plasticity and recordings. For many independent inputs onto each neuron the background kind `poisson` is cheaper: it needs no synapses.",
  current: "",
  conductance: "",
  states: {},
  params: {
    rate: { default: 10, unit: "Hz", range: ">= 0", text: "rate of each neuron, also in rows that change in time, or a text" },
  },
  coefficients: {},
  equations: {},
  threshold: "",
  init: {},
  methods: [],
  exponentials: 0,
  presets: {},
  references: [
    "Dayan P, Abbott LF (2001). Theoretical Neuroscience, section 1.4: Spike-train statistics. MIT Press, Cambridge.",
  ],
});

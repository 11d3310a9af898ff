import { defineModel } from "../model/record.js";

/** Source of independent spike trains whose intervals are independent too. */
export const renewal = defineModel({
  id: "renewal",
  title: "Renewal spike trains",
  family: "source",
  summary: "A source population whose neurons fire independently, each with intervals that are drawn anew from one distribution: more regular than Poisson trains, or less.",
  text: "`kind` is the distribution of the intervals: `gamma` with its `shape` (the coefficient of variation is 1/sqrt(shape): 1 is a Poisson train, more is more regular), `lognormal` with its coefficient of variation `cv`, or `refractory`, a Poisson train with the dead time `dead` after each spike, whose coefficient of variation is 1 - rate dead. All have the mean interval 1/`rate`. Trains are under way when a simulation starts: the time to the first spike is a share of an interval that is met with a chance in proportion to its length, so the rate is right from the first step on. Spikes lie on the grid of steps, intervals do not: they add up without rounding. `set` begins the trains anew. `rate` and the numbers of the distribution may differ between neurons.",
  current: "",
  conductance: "",
  states: {},
  params: {
    rate: { default: 10, unit: "Hz", range: ">= 0", text: "rate of each neuron" },
    shape: { default: 2, unit: "", range: "> 0", text: "gamma: shape of the distribution" },
    cv: { default: 0.5, unit: "", range: "> 0", text: "lognormal: coefficient of variation of the intervals" },
    dead: { default: 2, unit: "ms", range: ">= 0", text: "refractory: dead time, shorter than the mean interval" },
  },
  inputs: {
    kind: { unit: "", allowed: "gamma, lognormal or refractory", text: "distribution of the intervals" },
  },
  coefficients: {},
  equations: {},
  threshold: "",
  init: {},
  methods: [],
  exponentials: 0,
  presets: {},
  references: [
    "Cox DR (1962). Renewal Theory. Methuen, London.",
    "Marsaglia G, Tsang WW (2000). A simple method for generating gamma variables. ACM Trans Math Softw 26:363-372. doi:10.1145/358407.358414",
  ],
});

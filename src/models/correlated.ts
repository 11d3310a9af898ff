import { defineModel } from "../model/record.js";

/** Source of Poisson spike trains that share spikes. */
export const correlated = defineModel({
  id: "correlated",
  title: "Correlated Poisson spike trains",
  family: "source",
  summary: "A source population of Poisson trains with one rate, any two of which share spikes: their counts have the given correlation.",
  text: "`kind` is how they share them. `multiple` (multiple interaction process): a common Poisson train of rate `rate`/`correlation`, each of whose spikes each neuron takes over with the chance `correlation`; spikes that many share are rare, and how many do varies. `single` (single interaction process): a common train of rate `rate` `correlation` that all neurons take over, beside a train of each neuron's own. A neuron takes a common spike over after an exponential delay with the mean `tau`, its own for each: so the covariance of two trains has the shape exp(-|lag|/`tau`), and counts over times much longer than `tau` have the correlation `correlation`. With `tau` 0 shared spikes fall into one step. Each train by itself is a Poisson train. Delays are cut at 20 `tau`; shared spikes begin with the simulation, so the first few `tau` have too few of them.",
  current: "",
  conductance: "",
  states: {},
  params: {
    rate: { default: 10, unit: "Hz", range: ">= 0", text: "rate of each neuron, one for all" },
    correlation: { default: 0.1, unit: "", range: ">= 0", text: "correlation of the counts of two neurons, up to 1" },
    tau: { default: 5, unit: "ms", range: ">= 0", text: "mean delay of shared spikes" },
  },
  inputs: {
    kind: { unit: "", allowed: "multiple or single", text: "how spikes are shared" },
  },
  coefficients: {},
  equations: {},
  threshold: "",
  init: {},
  methods: [],
  exponentials: 0,
  presets: {},
  references: [
    "Kuhn A, Aertsen A, Rotter S (2003). Higher-order statistics of input ensembles and the response of simple model neurons. Neural Comput 15:67-101. doi:10.1162/089976603321043702",
  ],
});

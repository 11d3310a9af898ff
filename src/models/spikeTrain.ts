import { defineModel } from "../model/record.js";

/** Source that plays given spikes. */
export const spikeTrain = defineModel({
  id: "spikeTrain",
  title: "Given spike trains",
  family: "source",
  summary: "A source population that plays the spikes it is given: recorded ones, or those of another simulation.",
  text: "Spike `i` is fired by neuron `neurons[i]` at `times[i]`; the order does not matter. A time becomes the nearest grid point, at the end of a step; several spikes of a neuron in one step count as one each. The spikes stand in the model file or in a table beside it: `file` names a CSV file with the columns `time` and `neuron`.",
  current: "",
  conductance: "",
  states: {},
  params: {},
  inputs: {
    times: { unit: "ms", text: "times of the spikes, in any order" },
    neurons: { unit: "", text: "neuron of each spike, counted from 0" },
    file: { unit: "", text: "instead of both: a CSV file with the columns time (ms) and neuron" },
  },
  coefficients: {},
  equations: {},
  threshold: "",
  init: {},
  methods: [],
  exponentials: 0,
  presets: {},
  references: [],
});

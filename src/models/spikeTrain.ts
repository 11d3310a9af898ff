import { defineModel } from "../model/record.js";

/** Source that plays given spikes. */
export const spikeTrain = defineModel({
  id: "spikeTrain",
  title: "Given spike trains",
  family: "source",
  summary: "A source population that plays the spikes it is given: recorded ones, or those of another simulation.",
  text: "Spike `i` is fired by neuron `neurons[i]` at `times[i]`; the order does not matter. A time becomes the nearest end of a step, the first one for times before it. The spikes stand in the model file or in a table beside it: `file` names a CSV file with the columns `time` and `neuron`, or `spikes.csv` or `spikes.npz` of a run, of which the spikes of the population of the same name are played, or those of `population`.",
  current: "",
  conductance: "",
  states: {},
  params: {},
  inputs: {
    times: { unit: "ms", allowed: ">= 0", text: "times of the spikes, in any order" },
    neurons: { unit: "", allowed: "below size", text: "neuron of each spike, counted from 0" },
    file: {
      unit: "",
      allowed: "a name",
      text: "instead of both: a CSV file with the columns time (ms) and neuron, or spikes.csv or spikes.npz of a run",
    },
    population: {
      unit: "",
      allowed: "a name",
      text: "population of the file whose spikes are played; the one of the same name, or the only one, when left out",
    },
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

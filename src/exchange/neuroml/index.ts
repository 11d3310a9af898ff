/** NeuroML 2 with LEMS, to and from. */
import type { Format } from "../format.js";
import { mapping } from "./mapping.js";
import { readNetwork } from "./read.js";
import { writeNetwork } from "./write.js";

export const neuroml: Format = {
  name: "neuroml",
  title: "NeuroML 2.3 with LEMS",
  summary: "Cells, synapses, connections and inputs as core types of NeuroML, and a LEMS file that simulates them.",
  explicit: true,
  mapping,
  write: (network) => Promise.resolve().then(() => writeNetwork(network)),
  read: (files) => readNetwork(files),
};

/**
 * Spikelet's own model files as a format of exchange: with all that was drawn in the file, other programs read the
 * graph from it.
 */
import { toDocument } from "../io/document.js";
import type { Format } from "./format.js";

export const modelFile: Format = {
  name: "spikelet",
  title: "Spikelet model file",
  summary: "The model file itself; with --explicit every synapse and every number that was drawn.",
  write: (network) => {
    const path = "network.json";
    return Promise.resolve({
      files: [{ path, content: `${JSON.stringify(toDocument(network))}\n` }],
      report: [{ fidelity: "exact", path: "$", message: "the same network" }],
      usage: [`spikelet run ${path}`],
    });
  },
};

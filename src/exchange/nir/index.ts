/**
 * NIR 1.0, the neuromorphic intermediate representation: networks of integrate-and-fire neurons for deep-learning tools
 * and chips.
 */
import { ExchangeError } from "../report.js";
import type { Format } from "../format.js";
import { nirMapping } from "./mapping.js";
import { readGraph, writeGraph } from "./file.js";
import { networkOf } from "./read.js";
import { readingHints } from "./readers.js";
import { graphOf } from "./write.js";

export const nir: Format = {
  name: "nir",
  title: "NIR 1.0",
  summary: "Graphs of leaky and perfect integrate-and-fire neurons and matrices, for snnTorch, SpikingJelly and neuromorphic chips.",
  explicit: true,
  mapping: nirMapping,
  write: async (network) => {
    const path = "network.nir";
    const { graph, report } = graphOf(network);
    return {
      files: [{ path, content: await writeGraph(graph, path) }],
      report,
      usage: readingHints(graph, path, network.dt / 1000),
    };
  },
  read: async (files) => {
    const graph = await readGraph(await files.bytes(files.path), files.path);
    try {
      return networkOf(graph, files.path.replace(/.*\//, "").replace(/\.[^.]*$/, "") || "network");
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      const { path, value } = error;
      throw new ExchangeError(`${files.path}:${error.message}`, error.entries, {
        ...(path !== undefined && { path: `${files.path}:${path}` }),
        value,
      });
    }
  },
};

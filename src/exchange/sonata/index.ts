/** SONATA: networks as tables in HDF5 files, for bmtk, NEST, libsonata and bluepysnap, or for PyNN. */
import type { Format } from "../format.js";
import { FLAVOURS } from "./cells.js";
import { readSonata } from "./read.js";
import { writeSonata } from "./write.js";

export { spikesFile } from "./spikes.js";

export const sonata: Format = {
  name: "sonata",
  title: "SONATA",
  summary: "Tables of cells and synapses in HDF5: nest for bmtk, libsonata and bluepysnap, pynn for PyNN 0.13.",
  flavours: FLAVOURS,
  explicit: true,
  write: writeSonata,
  read: readSonata,
};

/** Names of the formats, and what they are: listed without a format being loaded. */
export const FORMAT_TITLES = {
  spikelet: "model file of Spikelet, with every number that is drawn (--explicit)",
  nest: "Python script for NEST 3.10",
  brian2: "Python script for Brian2 2.11",
  pynn: "Python script for PyNN 0.13, run by NEST, NEURON or Brian2",
  sonata: "SONATA (HDF5), for bmtk, libsonata, bluepysnap and PyNN; also read",
  nir: "NIR 1.0 (HDF5), for snnTorch, SpikingJelly and others; also read",
  neuroml: "NeuroML 2 with LEMS, for jNeuroML; also read",
} as const;

/** Name of a format. */
export type FormatName = keyof typeof FORMAT_TITLES;

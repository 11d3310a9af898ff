/** What the formats of results in HDF5 load when they are used, as one part. */
export { loadHdf5 } from "./hdf5.js";
export { nwbOfRun, sessionOf } from "./nwb.js";
export { readNwb } from "./nwb-read.js";
export { readReport, readSpikes, reportBytes, spikesBytes } from "./sonata.js";

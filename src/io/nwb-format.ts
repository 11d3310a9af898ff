/** Results as a file of NWB, Neurodata Without Borders: the format as one object. */
import { inFile, type ResultFormat } from "./format.js";

/** One file of HDF5 with everything; the library is loaded when it is needed. */
export const nwb: ResultFormat = {
  name: "nwb",
  dated: true,
  files: [
    {
      name: "results.nwb",
      holds: ["spikes", "traces", "weightTraces", "weights"],
      summary: "units, time series and weights, for pynwb and Neo",
    },
  ],
  async check(run) {
    const { loadHdf5, sessionOf } = await import("./hdf5-results.js");
    sessionOf(run);
    await loadHdf5();
  },
  async *write(_file, tables, run) {
    const { nwbOfRun } = await import("./hdf5-results.js");
    yield await nwbOfRun(tables, run);
  },
  async read(_file, { path, bytes }, run) {
    const { readNwb } = await import("./hdf5-results.js");
    const content = await inFile(path, bytes);
    return readNwb(content, path, run);
  },
};

/**
 * Results in SONATA's files: the format as one object. Weights, for which SONATA has no file of results, are tables of
 * csv.
 */
import { csv } from "./csv-format.js";
import { inFile, type ResultFormat, TableError } from "./format.js";
import { reportsOf } from "./sonata-reports.js";

const SPIKES = "spikes.h5";
const REPORT = "report-*.h5";

/** The files of csv that hold weights. */
const WEIGHTS = csv.files.filter(({ holds }) => holds.includes("weights") || holds.includes("weightTraces"));

const isWeights = (file: string): boolean => WEIGHTS.some(({ name }) => name === file);

/** HDF5, a file for spikes and one for each variable; the library is loaded when it is needed. */
export const sonata: ResultFormat = {
  name: "sonata",
  files: [
    { name: SPIKES, holds: ["spikes"], summary: "/spikes/NAME/timestamps and node_ids" },
    {
      ...{ name: REPORT, holds: ["traces"], summary: "/report/NAME, a file for each variable" },
      parts: ({ traces }) => reportsOf(traces).map(({ part }) => part),
    },
    ...WEIGHTS,
  ],
  async check() {
    const { loadHdf5 } = await import("./hdf5-results.js");
    await loadHdf5();
  },
  async *write(file, tables, run) {
    if (isWeights(file)) return yield* csv.write(file, tables, run) as Iterable<string>;
    const { reportBytes, spikesBytes } = await import("./hdf5-results.js");
    if (file === SPIKES) {
      const trains = tables.spikes.map(({ name, spikes: { times, neurons } }) => ({
        population: name,
        times,
        neurons,
      }));
      yield await spikesBytes(trains);
      return;
    }
    const report = reportsOf(tables.traces).find(({ part }) => file === REPORT.replace("*", () => part));
    if (report === undefined)
      throw new TableError(`${file}: nothing that is recorded stands in this file.`, { path: file });
    yield await reportBytes(report, { file, dt: run.dt });
  },
  async read(file, source, run) {
    if (isWeights(file)) return csv.read(file, source, run);
    const [{ readReport, readSpikes }, bytes] = await Promise.all([
      import("./hdf5-results.js"),
      inFile(source.path, source.bytes),
    ]);
    if (file === SPIKES) return { spikes: await readSpikes(bytes, source.path, run) };
    return { traces: await readReport(bytes, source.path, run) };
  },
};

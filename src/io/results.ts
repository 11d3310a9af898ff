/** A run's folder of results: spikes, traces and figures, then run.json, which says that all is there. */
import type { PopulationSpikes, PopulationTrace } from "../analysis/types.js";
import { SpikeletError } from "../model/errors.js";
import { type ProjectionWeights, spikesCsv, tracesCsv, weightsCsv, type WeightTrace, weightTracesCsv } from "./csv.js";
import { type Chunks, FolderError, readFileText, writeFileAtomic } from "./folder.js";
import { npzChunks, spikesMembers, tracesMembers, weightsMembers, weightTracesMembers } from "./npz.js";

/** Formats of spikes and traces. */
export const RESULT_FORMATS = ["csv", "npz"] as const;

export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** What a run leaves behind. */
export interface Results<R extends object = object> {
  /** Content of run.json where all is written. */
  readonly run: R;
  readonly spikes: readonly Pick<PopulationSpikes, "name" | "spikes">[];
  readonly traces: readonly PopulationTrace[];
  /** Weights of plastic projections at the end; no file where there are none. */
  readonly weights: readonly ProjectionWeights[];
  /** Recorded weights; no file where there are none. */
  readonly weightTraces: readonly WeightTrace[];
  /** Names of figures and what makes their texts. */
  readonly figures: Readonly<Partial<Record<"raster.svg" | "rate.svg" | "traces.svg", () => string>>>;
  /** Names of the files of spikes and traces when they are there already, written while running. */
  readonly streamed?: readonly string[];
  /** What the run can be taken up from. */
  readonly snapshot?: Uint8Array | undefined;
}

/** A file that could not be written, and why. */
export interface Missing {
  readonly name: string;
  readonly reason: string;
}

/** How to write, and what to say of what could not be written. */
export interface WriteOptions<R extends object = object> {
  readonly format: ResultFormat;
  /**
   * Content of run.json where files could not be written.
   *
   * @param earlier run.json of the earlier results that are still there, in place of these
   */
  readonly lacking: (missing: readonly Missing[], earlier: object | undefined) => R;
  /** Frees room on a full disk for run.json. */
  readonly spend: () => void;
}

/** What `writeResults` has done. */
export interface Written<R extends object = object> {
  /** Names of the files, in the order of writing. */
  readonly written: readonly string[];
  readonly missing: readonly Missing[];
  /** The content of run.json. */
  readonly run: R;
}

/**
 * Writes the files of a run into a folder that `prepareFolder` made ready. Each appears complete or not at all. One that
 * cannot be written does not keep the others from it, but for this: where earlier results of the same run are there
 * (from its last snapshot), spikes and traces stay theirs from the first failure on, and so does run.json. It is
 * written when the tables are, before the figures.
 *
 * @throws FolderError when run.json cannot be written
 */
export async function writeResults<R extends object>(
  directory: string,
  results: Results<R>,
  options: WriteOptions<R>,
): Promise<Written<R>> {
  const { run, spikes, traces, weights, weightTraces, figures, streamed, snapshot } = results;
  const written: string[] = [];
  const missing: Missing[] = [];
  const write = async (name: string, chunks: () => Chunks): Promise<boolean> => {
    try {
      await writeFileAtomic(`${directory}/${name}`, chunks());
      written.push(name);
      return true;
    } catch (error) {
      if (!(error instanceof SpikeletError)) throw error;
      missing.push({ name, reason: error instanceof FolderError ? error.reason : error.message });
      return false;
    }
  };
  // First: it is what a killed run goes on from.
  if (snapshot) await write("snapshot.spikelet", () => snapshot);

  const csv = options.format === "csv";
  const tables: [name: string, chunks: () => Chunks][] = [
    csv ? ["spikes.csv", () => spikesCsv(spikes)] : ["spikes.npz", () => npzChunks(spikesMembers(spikes))],
    csv
      ? ["traces.csv", () => tracesCsv(traces.map(withTimes))]
      : ["traces.npz", () => npzChunks(tracesMembers(traces.map(withTimes)))],
  ];
  if (weightTraces.length > 0) {
    tables.push(
      csv
        ? ["weight-traces.csv", () => weightTracesCsv(weightTraces)]
        : ["weight-traces.npz", () => npzChunks(weightTracesMembers(weightTraces))],
    );
  }
  let earlier: object | undefined;
  if (streamed) written.push(...streamed);
  else {
    for (const [name, chunks] of tables) {
      if (!(await write(name, chunks))) earlier ??= await readEarlier(directory);
      if (earlier) break;
    }
  }
  if (weights.length > 0 && !earlier) {
    if (csv) await write("weights.csv", () => weightsCsv(weights));
    else await write("weights.npz", () => npzChunks(weightsMembers(weights)));
  }

  const content = (): R => (missing.length === 0 ? run : options.lacking(missing, earlier));
  const writeRun = (): Promise<void> => writeFileAtomic(`${directory}/run.json`, runText(content()));
  try {
    await writeRun();
  } catch {
    options.spend();
    await writeRun();
  }
  written.push("run.json");
  const before = missing.length;
  for (const [name, figure] of Object.entries(figures)) await write(name, figure);
  // A full disk may hold the new one, or else keeps the old one, which is true but for the figures.
  if (missing.length > before) await writeRun().catch(() => undefined);
  return { written, missing, run: content() };
}

/** The run.json of results that are there already; undefined where there is none, or something else. */
async function readEarlier(directory: string): Promise<object | undefined> {
  try {
    const content: unknown = JSON.parse(await readFileText(`${directory}/run.json`));
    return typeof content === "object" && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}

/** A recording makes its times anew at every look; files look at every row. */
function withTimes(trace: PopulationTrace): PopulationTrace {
  const { population, variable, unit, neurons, time } = trace;
  return { population, variable, unit, neurons, time, values: (position) => trace.values(position) };
}

/** JSON with an indent of two spaces in which lists of plain values stay on one line. */
export function runText(content: object): string {
  return `${jsonText(content, "")}\n`;
}

function jsonText(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = `${indent}  `;
  const isList = Array.isArray(value);
  if (isList && value.every((item) => typeof item !== "object" || item === null)) return JSON.stringify(value);
  const parts = isList
    ? value.map((item) => inner + jsonText(item, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${inner}${JSON.stringify(key)}: ${jsonText(item, inner)}`);
  const [open, close] = isList ? "[]" : "{}";
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}

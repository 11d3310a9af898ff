/** A run's folder of results: spikes, traces and figures, then run.json, which says that all is there. */
import type { PopulationSpikes, PopulationTrace } from "../analysis/types.js";
import { type ProjectionWeights, spikesCsv, tracesCsv, weightsCsv, type WeightTrace, weightTracesCsv } from "./csv.js";
import { type Chunks, writeFileAtomic } from "./folder.js";
import { npzChunks, spikesMembers, tracesMembers, weightsMembers, weightTracesMembers } from "./npz.js";

/** Formats of spikes and traces. */
export const RESULT_FORMATS = ["csv", "npz"] as const;

export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** What a run leaves behind. */
export interface Results {
  /** Content of run.json. */
  readonly run: object;
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

/**
 * Writes the files of a run into a folder that `prepareFolder` made ready. Each appears complete or not at all;
 * run.json is the last one.
 *
 * @returns names of the files, in the order of writing
 * @throws FolderError when a file cannot be written
 */
export async function writeResults(directory: string, results: Results, format: ResultFormat): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, chunks: Chunks): Promise<void> => {
    await writeFileAtomic(`${directory}/${name}`, chunks);
    written.push(name);
  };
  const { run, spikes, traces, weights, weightTraces, figures, streamed, snapshot } = results;
  // First: it is what a killed run goes on from.
  if (snapshot) await write("snapshot.spikelet", snapshot);
  if (streamed) written.push(...streamed);
  else if (format === "csv") {
    await write("spikes.csv", spikesCsv(spikes));
    await write("traces.csv", tracesCsv(traces.map(withTimes)));
    if (weightTraces.length > 0) await write("weight-traces.csv", weightTracesCsv(weightTraces));
  } else {
    await write("spikes.npz", npzChunks(spikesMembers(spikes)));
    await write("traces.npz", npzChunks(tracesMembers(traces.map(withTimes))));
    if (weightTraces.length > 0) await write("weight-traces.npz", npzChunks(weightTracesMembers(weightTraces)));
  }
  if (weights.length > 0) {
    if (format === "csv") await write("weights.csv", weightsCsv(weights));
    else await write("weights.npz", npzChunks(weightsMembers(weights)));
  }
  for (const [name, figure] of Object.entries(figures)) await write(name, figure());
  await write("run.json", runText(run));
  return written;
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

/**
 * What the page asks the library beside running networks: reading files, writing results, figures, programs of other
 * tools. Functions of data only; `tools-worker.ts` does them in a worker of its own.
 */
import {
  activityFigure,
  meanCv,
  meanRate,
  type NetworkSpec,
  parseModelFile,
  type PopulationSpikes,
  rasterFigure,
  resultFormats,
  Simulation,
  spikeSynchrony,
  toDocument,
} from "spikelet";
import type { FrameTrace } from "spikelet/worker";
import type { Tool } from "../share/tools.js";
import { programOf } from "../share/typescript.js";

/** A file as data. */
export interface MadeFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** What is known of a run for its files. */
export interface RunOf {
  readonly name: string;
  readonly dt: number;
  /** ms from which on spikes are there, and until which. */
  readonly from: number;
  readonly time: number;
}

/** Characters of a model file that a page reads. */
const LONGEST = 20_000_000;
/** Bin in ms of counts for synchrony. */
const BIN = 5;

async function joined(chunks: ReturnType<typeof resultFormats.csv.write>): Promise<string | Uint8Array> {
  if (typeof chunks === "string" || chunks instanceof Uint8Array) return chunks;
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A file name out of a network's name. */
export function fileName(name: string, ending: string): string {
  const word = name.normalize("NFKD").replaceAll(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 60);
  return `${word === "" ? "network" : word}${ending}`;
}

/** A network as the files of another tool. */
export interface Exported {
  readonly title: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** What is not the same there. */
  readonly notes: readonly string[];
  readonly usage: readonly string[];
}

/** Synapses that are listed one by one in a text for another tool. */
const MOST_LISTED = 200_000;

/** The network with all that is drawn from its seed. */
async function drawn(spec: NetworkSpec, title: string): Promise<NetworkSpec> {
  const sim = await Simulation.fromSpec(spec);
  try {
    sim.build();
    const synapses = sim.projections.reduce((sum, one) => sum + one.synapses, 0);
    if (synapses > MOST_LISTED) {
      const command = "spikelet export FILE --to neuroml";
      throw new Error(
        `${title} lists each synapse; these are ${synapses}, more than a page shows (${MOST_LISTED}). Use the command line: ${command}`,
      );
    }
    return sim.explicit();
  } finally {
    sim.close();
  }
}

/** The network with currents in the place of multiples of the rheobase, which other tools do not find. */
async function withoutRheobase(spec: NetworkSpec): Promise<NetworkSpec> {
  const has = ({ background = [] }: NetworkSpec["populations"][number]): boolean =>
    background.some(({ kind }) => kind === "rheobase");
  if (!spec.populations.some(has)) return spec;
  // what a population draws does not depend on projections
  const alone = await Simulation.fromSpec({ ...spec, projections: [], record: [], recordWeights: [] });
  try {
    const { populations } = alone.explicit();
    return {
      ...spec,
      populations: spec.populations.map((population, k) => {
        const background = populations[k]?.background;
        return has(population) && background ? { ...population, background } : population;
      }),
    };
  } finally {
    alone.close();
  }
}

export const toolbox = {
  /**
   * A model file, checked.
   *
   * @throws SpikeletError with the place of what is wrong
   */
  read(text: string): { readonly document: object; readonly name: string } {
    if (text.length > LONGEST) {
      throw new Error(`This file has ${text.length} characters; a page reads ${LONGEST} at most.`);
    }
    const { name } = parseModelFile(text);
    return { document: JSON.parse(text.replace(/^\uFEFF/, "")) as object, name: name ?? "" };
  },

  /** Spikes in one of the library's formats. */
  async spikes(format: "csv" | "npz", spikes: readonly PopulationSpikes[], run: RunOf): Promise<MadeFile> {
    const file = `spikes.${format}`;
    const tables = { spikes, traces: [], weightTraces: [], weights: [] };
    const facts = { name: run.name, dt: run.dt, duration: run.time };
    const content = await joined(resultFormats[format].write(file, tables, facts));
    return { name: fileName(run.name, `-spikes.${format}`), content };
  },

  /** Samples of what was watched in one of the library's formats. */
  async traces(format: "csv" | "npz", traces: readonly FrameTrace[], run: RunOf): Promise<MadeFile> {
    const file = `traces.${format}`;
    const tables = {
      spikes: [],
      traces: traces.map((one) => ({ ...one, values: (position: number) => one.values[position] as Float64Array })),
      weightTraces: [],
      weights: [],
    };
    const facts = { name: run.name, dt: run.dt, duration: run.time };
    const content = await joined(resultFormats[format].write(file, tables, facts));
    return { name: fileName(run.name, `-traces.${format}`), content };
  },

  /** A figure of spikes as SVG. */
  figure(kind: "raster" | "activity", populations: readonly PopulationSpikes[], { name, from, time }: RunOf): MadeFile {
    const make = kind === "raster" ? rasterFigure : activityFigure;
    const content = make({ populations, start: from, duration: time - from, title: name });
    return { name: fileName(name, `-${kind}.svg`), content };
  },

  /** A document as a model file. */
  modelFile(document: object): MadeFile {
    const { name = "" } = document as { readonly name?: string };
    return { name: fileName(name, ".json"), content: `${JSON.stringify(document, null, 2)}\n` };
  },

  /** The document of a snapshot. */
  async documentOf(snapshot: Uint8Array): Promise<object> {
    const sim = await Simulation.restore(snapshot);
    try {
      return sim.toDocument();
    } finally {
      sim.close();
    }
  },

  /** A document as a program. */
  typescript(document: object): string {
    return programOf(toDocument(parseModelFile(JSON.stringify(document))));
  },

  /** A document as the files of another tool. */
  async exported(document: object, to: Tool): Promise<Exported> {
    const { exportNetwork, formatOf } = await import("spikelet/exchange");
    const { title, explicit = false } = await formatOf(to);
    const spec = parseModelFile(JSON.stringify(document));
    const network = explicit ? await drawn(spec, title) : await withoutRheobase(spec);
    const { files, report, usage } = await exportNetwork(network, { to });
    return {
      title,
      files: files.map(({ path, content }) => ({
        path,
        content: typeof content === "string" ? content : new TextDecoder().decode(content),
      })),
      notes: report.filter(({ fidelity }) => fidelity !== "exact").map(({ path, message }) => `${path}: ${message}`),
      usage,
    };
  },

  /** Numbers of the spikes of each population in (from, time]: rate in Hz, irregularity, synchrony. */
  measures(populations: readonly PopulationSpikes[], span: Pick<RunOf, "from" | "time">): PopulationMeasures[] {
    const { from, time } = span;
    const bins = { start: from, duration: time - from, bin: BIN };
    return populations.map(({ name, size, spikes }) => ({
      name,
      spikes: spikes.times.length,
      rate: time > from ? meanRate(spikes, size, time - from) : Number.NaN,
      cv: meanCv(spikes, size),
      synchrony: time - from >= 2 * BIN ? spikeSynchrony(spikes, size, bins) : Number.NaN,
    }));
  },
};

/** What is known of a population's spikes in a stretch of time. */
export interface PopulationMeasures {
  readonly name: string;
  readonly spikes: number;
  /** Hz per neuron. */
  readonly rate: number;
  /** Coefficient of variation of the intervals, mean over neurons; NaN where there are too few. */
  readonly cv: number;
  /** From about 0 (each by itself) to 1 (all at once); NaN where nothing varies. */
  readonly synchrony: number;
}

export type Toolbox = typeof toolbox;

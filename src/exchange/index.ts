/**
 * Networks to and from other tools: `spikelet/exchange`.
 *
 * @module spikelet/exchange
 */
import { readBoolean, readName, readObject, checkKeys } from "../model/check.js";
import type { Method } from "../model/record.js";
import type { NetworkSpec } from "../model/spec.js";
import type { Export, FileSource, Format, Import } from "./format.js";
import { modelFile } from "./modelFile.js";
import type { FormatName } from "./names.js";
import { ExchangeError, Report } from "./report.js";

export type { FormatName } from "./names.js";
export type { Export, ExchangeFile, FileSource, Format, Import } from "./format.js";
export { hdf5Formats } from "../io/hdf5-formats.js";
export { nwbFile, type NwbOptions, type NwbResults, type NwbSpikes, type NwbTrace } from "../io/nwb.js";
export { ExchangeError, FIDELITIES, type Fidelity, type ReportEntry } from "./report.js";

/** All formats, each loaded when it is asked for. */
const FORMATS = {
  spikelet: () => Promise.resolve(modelFile),
  nest: () => import("./nest/index.js").then(({ nest }) => nest),
  brian2: () => import("./brian2/index.js").then(({ brian2 }) => brian2),
  pynn: () => import("./pynn/index.js").then(({ pynn }) => pynn),
  sonata: () => import("./sonata/index.js").then(({ sonata }) => sonata),
  nir: () => import("./nir/index.js").then(({ nir }) => nir),
  neuroml: () => import("./neuroml/index.js").then(({ neuroml }) => neuroml),
} as const satisfies Readonly<Record<FormatName, () => Promise<Format>>>;

/** Names of all formats. */
export const formatNames = Object.keys(FORMATS) as FormatName[];

/**
 * A format by its name.
 *
 * @param path what stands before the message of an error
 * @throws UnknownNameError when there is no such format
 */
export async function formatOf(name: string, path = "format"): Promise<Format> {
  return FORMATS[readName(name, path, "format", formatNames)]();
}

/** How a network is written. */
export interface ExchangeOptions {
  /** The format. */
  readonly to: FormatName;
  /** Word of the format for one of its flavours. */
  readonly flavour?: string;
  /** Refuse what is not exact. */
  readonly strict?: boolean;
}

/**
 * Writes a network for another tool.
 *
 * @param network of `parseModelFile`, or `Simulation.explicit()` where the other tool shall have the same synapses and
 *   initial values
 * @throws ExchangeError when the format cannot say the network, or with `strict` when it is not exact there
 */
export async function exportNetwork(network: NetworkSpec, options: ExchangeOptions): Promise<Export> {
  checkKeys(readObject(options, "exportNetwork"), "exportNetwork", ["to", "flavour", "strict"], "option");
  const format = await formatOf(options.to, "exportNetwork.to");
  if (!format.write) throw new ExchangeError(`${format.title} can only be read.`);
  const { flavours = [] } = format;
  const flavour =
    options.flavour === undefined
      ? undefined
      : readName(options.flavour, "exportNetwork.flavour", `flavour of ${format.name}`, flavours);
  if (format.name !== "spikelet") refuseSources(network, format.title);
  const written = format.name === "spikelet" ? network : stepped(network);
  const made = await format.write(written, flavour === undefined ? {} : { flavour });
  if (options.strict !== undefined && readBoolean(options.strict, "exportNetwork.strict"))
    Report.mustBeExact(made.report, format.title);
  return made;
}

/** What is advanced by events is the solution that `exact` has, and no other tool need know how it is found. */
function stepped({ populations, ...network }: NetworkSpec): NetworkSpec {
  const exact = (method: Method): Method => (method === "eventDriven" ? "exact" : method);
  return { ...network, populations: populations.map((spec) => ({ ...spec, method: exact(spec.method) })) };
}

/** No other tool has rates as text, renewal trains or shared spikes: their recorded spikes can be played. */
function refuseSources({ populations }: NetworkSpec, title: string): void {
  for (const [i, { source, model }] of populations.entries()) {
    if (source === undefined || ["poisson", "spikeTrain", "event"].includes(source.kind)) continue;
    const path = `$.populations[${i}]`;
    const what = source.kind === "poissonText" ? "a rate that is a text" : `the source ${model.id}`;
    const message = `${what} has no form in ${title}; record its spikes, and give them to a population of the model spikeTrain`;
    throw new ExchangeError(`${path}: ${message}.`, [{ fidelity: "dropped", path, message }], { path });
  }
}

/**
 * Reads a network that another tool wrote.
 *
 * @param files the file, and how those beside it are read
 * @throws SpikeletError that names the file and the place in it
 */
export async function importNetwork(files: FileSource, options: { readonly from: FormatName }): Promise<Import> {
  const format = await formatOf(options.from, "importNetwork.from");
  if (!format.read) {
    const others = await Promise.all(formatNames.map((name) => formatOf(name)));
    const known = others.flatMap(({ name, read }) => (read ? [name] : []));
    throw new ExchangeError(`${format.title} can only be written. Formats that are read: ${known.join(", ")}.`);
  }
  return format.read(files);
}

/**
 * Networks as scripts for NEST 3.10. Connection rules and distributions are NEST's own; what is in lists, as in an
 * explicit network, goes into arrays. Devices have a delay in NEST, so what they do is written earlier by it.
 */
import { timeOf } from "../../model/grid.js";
import type { NetworkSpec } from "../../model/spec.js";
import { VERSION } from "../../version.js";
import type { Export, Format } from "../format.js";
import { float, header, literal } from "../python.js";
import type { ReportEntry } from "../report.js";
import { backgroundOf } from "./backgrounds.js";
import { connect } from "./connections.js";
import { leadOf } from "./devices.js";
import { mapping } from "./mapping.js";
import { planOf } from "./neurons.js";
import { createNeurons } from "./populations.js";
import { recordingsOf } from "./recordings.js";
import { baseOf, type Plan, SCRIPT, type Script, scriptOf } from "./script.js";
import { createSource } from "./sources.js";
import { CONNECT_PAIRS, CREATE, ending, PLAY, preamble, START_OF } from "./text.js";

export const nest: Format = {
  name: "nest",
  title: "NEST 3.10",
  summary: "A Python script for NEST, with threads and MPI; with --explicit the same synapses and initial values.",
  mapping,
  write: async (network) => Promise.resolve(made(network)),
};

/** The script of a network, with its arrays. */
function made(network: NetworkSpec): Export {
  const base = baseOf(network);
  const plans = network.populations.map((spec, i) => planOf(base, spec, `$.populations[${i}]`));
  const script = scriptOf(base, plans, leadOf(base, plans));
  const { sections } = script;
  for (const plan of plans) {
    for (const [j, entry] of plan.spec.background.entries())
      backgroundOf(script, plan, entry, `${plan.path}.background[${j}]`, j);
  }
  for (const [i, projection] of network.projections.entries()) connect(script, projection, `$.projections[${i}]`);
  for (const plan of plans) createPopulation(script, plan);
  recordingsOf(script);
  const { draws, truncated, distance, pairs, play, each, given, meters } = script.uses;
  const top = preamble({
    dt: float(script.dt),
    duration: float(timeOf(script.grid.steps, script.dt)),
    seed: String(seedOf(network)),
    populations: literal(
      network.populations.map(({ name }) => name),
      0,
      14,
    ),
    arrays: script.arrays.files.length > 0,
    draws: draws || truncated || distance,
    truncated,
    distance,
  });
  const functions = [each ? CREATE : "", pairs ? CONNECT_PAIRS : "", play ? PLAY : "", meters ? START_OF : ""].join(
    "",
  );
  const part = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? "" : `\n# ${title}\n${lines.join("\n")}\n`;
  const content = [
    headOf(script),
    top,
    functions === "" ? "" : `${functions}\n`,
    part("Populations", sections.populations),
    part("Background", sections.currents),
    part("Connections", sections.connections),
    part("Recordings", sections.recordings),
    ending({ traces: meters, given, weights: script.lists.plastic.length > 0 }),
  ].join("");
  const usage = [`python3 ${SCRIPT} --threads 2`, `mpirun -n 2 python3 ${SCRIPT}; python3 ${SCRIPT} --merge`];
  return { files: [{ path: SCRIPT, content }, ...script.arrays.files], report: entriesOf(script), usage };
}

function createPopulation(script: Script, plan: Plan): void {
  if (plan.cell) createNeurons(script, plan, plan.cell);
  else createSource(script, plan);
}

/** The report in the order of the network's parts. */
function entriesOf(script: Script): readonly ReportEntry[] {
  const place = ({ path }: ReportEntry): number =>
    ["populations", "projections", "record"].findIndex((key) => path.startsWith(`$.${key}`));
  return [...script.report.entries].sort((a, b) => place(a) - place(b));
}

/** The head of the script. */
function headOf(script: Script): string {
  const differs = new Map<string, string[]>();
  for (const { fidelity, path, message } of entriesOf(script)) {
    const said = `${fidelity}: ${message}`;
    if (fidelity !== "exact") differs.set(said, [...(differs.get(said) ?? []), path]);
  }
  return header(`${script.network.name}: a network for NEST 3.10, written by Spikelet ${VERSION}.`, {
    "How it is run": [
      `python3 ${SCRIPT} [--threads N] [--time MS] [--seed N] [--out DIR]`,
      `mpirun -n 2 python3 ${SCRIPT}, where NEST was built with MPI: each process writes its own spikes-RANK.csv`,
      `python3 ${SCRIPT} --merge [--out DIR] makes one spikes.csv of these`,
    ],
    Units: ["ms, mV, pF, nS, pA, spikes/s"],
    "Differs from the network in Spikelet": [...differs].map(([said, paths]) => `${paths.join(", ")}: ${said}`),
  });
}

/** NEST's seeds go from 1 to 2^32 - 2. */
function seedOf({ seed }: NetworkSpec): number {
  return seed % (2 ** 32 - 2) || 1;
}

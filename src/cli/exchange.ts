/**
 * `spikelet export` and `spikelet import`: networks to and from other tools, with a report of what became of each part.
 */
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import {
  exportNetwork,
  FIDELITIES,
  type FileSource,
  type FormatName,
  formatOf,
  importNetwork,
  type ReportEntry,
} from "../exchange/index.js";
import { type NetworkSpec, Simulation, SpikeletError } from "../index.js";
import { toDocument } from "../io/document.js";
import { EXPORT_FILE, FolderError, prepareExport, writeFileAtomic } from "../io/folder.js";
import { runText } from "../io/results.js";
import { InputError } from "./errors.js";
import { loadModel, type Overrides, reasonOf } from "./input.js";
import { numberOrText } from "./range.js";
import { Status } from "./status.js";
import { counted, dim } from "./terminal.js";

type Options = Readonly<Record<string, unknown>>;

/** Largest file that is imported, in bytes. */
const MAX_BYTES = 2 ** 30;

/**
 * Writes a model file for another tool.
 *
 * @returns the exit status
 */
export async function exportFile(file: string, options: Options): Promise<number> {
  const format = await naming("", () => formatOf(options.to as string, "--to"));
  const to = format.name as FormatName;
  const { label, base, spec } = await loadModel(file, overridesOf(options));
  const network = options.explicit === true || format.explicit === true ? await explicit(spec, label) : spec;
  const made = await naming(label, () =>
    exportNetwork(network, {
      to,
      ...(options.flavour === undefined ? {} : { flavour: options.flavour as string }),
      strict: options.strict === true,
    }),
  );
  const out = options.out === undefined ? join("exports", `${base}-${to}`) : (options.out as string);
  const paths = made.files.map(({ path }) => path);
  try {
    await prepareExport(out, paths);
    for (const { path, content } of made.files) await writeFileAtomic(join(out, path), content);
    await writeFileAtomic(
      join(out, EXPORT_FILE),
      runText({
        format: to,
        title: format.title,
        network: spec.name,
        files: paths,
        report: made.report,
        usage: made.usage,
      }),
    );
  } catch (error) {
    if (error instanceof FolderError) throw new InputError(error.message, { cause: error });
    throw error;
  }
  if (options.json === true)
    process.stdout.write(runText({ out, files: paths, report: made.report, usage: made.usage }));
  else {
    process.stdout.write(reportText(made.report));
    process.stdout.write(`${label}: ${counted(paths.length, "file")} for ${format.title} in ${out}\n`);
    for (const line of made.usage) process.stdout.write(dim(`  ${line}\n`));
  }
  return Status.done;
}

/**
 * Reads a network of another tool and writes it as a model file.
 *
 * @returns the exit status
 */
export async function importFile(file: string, options: Options): Promise<number> {
  const { name } = await naming("", () => formatOf(options.from as string, "--from"));
  const from = name as FormatName;
  const { network, report } = await naming(file, () => importNetwork(filesBeside(file), { from }));
  if (options.strict === true && report.some(({ fidelity }) => fidelity !== "exact")) {
    throw new InputError(`${file}: the network is not exact in Spikelet; without --strict it is read, with this report.\n${reportText(report)}`);
  }
  const out = options.out as string;
  try {
    await writeFileAtomic(out, `${JSON.stringify(toDocument(network), undefined, 1)}\n`);
  } catch (error) {
    if (error instanceof FolderError) throw new InputError(error.message, { cause: error });
    throw error;
  }
  if (options.json === true) process.stdout.write(runText({ out, report }));
  else {
    process.stdout.write(reportText(report));
    const { populations, projections } = network;
    process.stdout.write(`${out}: ${counted(populations.length, "population")}, ${counted(projections.length, "projection")} of ${file}\n`);
  }
  return Status.done;
}

function overridesOf({ dt, duration, seed }: Options): Overrides {
  const given = Object.entries({ dt, duration, seed }).filter(([, value]) => value !== undefined) as [string, string][];
  return Object.fromEntries(given.map(([key, text]) => [key, numberOrText(text)]));
}

/** The network with all that is drawn. */
async function explicit(spec: NetworkSpec, label: string): Promise<NetworkSpec> {
  return naming(label, async () => {
    const simulation = await Simulation.fromSpec(spec);
    try {
      return simulation.explicit();
    } finally {
      simulation.close();
    }
  });
}

/** Errors get the name of the file, unless they begin with it or with an option. */
async function naming<T>(label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SpikeletError)) throw error;
    const message = error.message.replace(/^exportNetwork\.(?=flavour: )/, "--");
    const isNamed = message.startsWith("--") || message.startsWith(`${label}:`);
    throw new InputError(isNamed ? message : `${label}: ${message}`, { cause: error });
  }
}

/**
 * The files of a folder, for an importer; none of them is larger than is sensible, and none lies outside of what can be
 * named.
 */
function filesBeside(file: string): FileSource {
  const folder = dirname(file);
  const bytes = async (path: string): Promise<Uint8Array> => {
    const whole = resolve(folder, path);
    const shown = relative(".", whole) || whole;
    try {
      const { size } = statSync(whole);
      if (size > MAX_BYTES) throw new InputError(`${shown}: it has ${Math.ceil(size / 2 ** 20)} MiB; a file may have at most ${MAX_BYTES / 2 ** 20} MiB.`);
      return await readFile(whole);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`${shown}: ${reasonOf(error)}.`, { cause: error });
    }
  };
  return { path: basename(file), bytes, text: async (path) => new TextDecoder().decode(await bytes(path)) };
}

/** What is not exact, entry by entry; what is exact, as a number. */
function reportText(report: readonly ReportEntry[]): string {
  const count = (wanted: string): number => report.filter(({ fidelity }) => fidelity === wanted).length;
  const lines = report
    .filter(({ fidelity }) => fidelity !== "exact")
    .map(({ fidelity, path, message }) => `${fidelity}: ${path}: ${message}\n`);
  const counts = FIDELITIES.map((fidelity) => `${count(fidelity)} ${fidelity}`).join(", ");
  return `${lines.join("")}${counts}.\n`;
}

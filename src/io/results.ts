/** A run's folder of results: spikes, traces and figures, then run.json, which says that all is there. */
import { SpikeletError } from "../model/errors.js";
import { FolderError, readFileText, writeFileAtomic } from "./folder.js";
import { type Chunks, filesFor, type FormatFile, type ResultFormat, type RunFacts, type RunTables } from "./format.js";
import { FORMATS } from "./formats.js";

/** What a run leaves behind: its tables, and what stands beside them. */
export interface RunFiles<R extends RunFacts = RunFacts> extends RunTables {
  /** Content of run.json where all is written. */
  readonly run: R;
  /** Names of figures and what makes their texts. */
  readonly figures: Readonly<Partial<Record<"raster.svg" | "rate.svg" | "traces.svg", () => string>>>;
  /** Names of the files of tables that are there already, written while running. */
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
export interface WriteOptions<R extends RunFacts = RunFacts> {
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
export interface Written<R extends RunFacts = RunFacts> {
  /** Names of the files, in the order of writing. */
  readonly written: readonly string[];
  readonly missing: readonly Missing[];
  /** The content of run.json. */
  readonly run: R;
}

/**
 * Writes the files of a run into a folder that `prepareFolder` made ready. Each appears complete or not at all. One
 * that cannot be written does not keep the others from it. Tables that their format cannot hold are written in the
 * default one, so that nothing is lost. But for this: where earlier results of the same run are there
 * (from its last snapshot), spikes and traces stay theirs from the first failure on, and so does run.json. It is
 * written when the tables are, before the figures.
 *
 * @throws FolderError when run.json cannot be written
 */
export async function writeResults<R extends RunFacts>(
  directory: string,
  results: RunFiles<R>,
  options: WriteOptions<R>,
): Promise<Written<R>> {
  const { run, figures, streamed = [], snapshot } = results;
  const { format } = options;
  const written: string[] = [];
  const missing: Missing[] = [];
  let failure: SpikeletError | undefined;
  const write = async (name: string, chunks: () => Chunks): Promise<boolean> => {
    try {
      await writeFileAtomic(`${directory}/${name}`, chunks());
      written.push(name);
      return true;
    } catch (error) {
      if (!(error instanceof SpikeletError)) throw error;
      failure = error;
      missing.push({ name, reason: error instanceof FolderError ? error.reason : error.message });
      return false;
    }
  };
  /** Writes the tables of a file in the default format; gives the files, none where that fails too. */
  const writeInstead = async ({ holds }: FormatFile): Promise<readonly string[]> => {
    const [other] = FORMATS;
    if (other === format) return [];
    const [before, names] = [missing.length, [] as string[]];
    for (const file of filesFor(other, results)) {
      if (!file.holds.some((table) => holds.includes(table)) || written.includes(file.name)) continue;
      if (await write(file.name, () => other.write(file.name, results, run))) names.push(file.name);
    }
    return missing.length === before ? names : [];
  };
  // First: it is what a killed run goes on from.
  if (snapshot) await write("snapshot.spikelet", () => snapshot);

  let earlier: object | undefined;
  written.push(...streamed);
  for (const file of filesFor(format, results)) {
    const { name } = file;
    if (streamed.includes(name) || written.includes(name)) continue;
    if (!(await write(name, () => format.write(name, results, run)))) {
      const instead = failure instanceof FolderError ? [] : await writeInstead(file);
      if (instead.length === 0) earlier ??= await readEarlier(directory);
      else missing.push({ name, reason: `${missing.pop()?.reason.replace(/\.$/, "")}; ${instead.join(", ")} holds its tables instead` });
    }
    if (earlier) break;
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

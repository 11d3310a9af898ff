/** Results that go to disk while the run goes on, so that memory stays bounded however long it is. */
import { closeSync, copyFileSync, ftruncateSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import type { PopulationSpikes, PopulationTrace, Report, Simulation } from "../index.js";
import {
  SPIKES_HEADER,
  spikesCsv,
  TRACES_HEADER,
  tracesCsv,
  WEIGHT_TRACES_HEADER,
  type WeightTrace,
  weightTracesCsv,
} from "../io/csv.js";
import { FolderError, reason } from "../io/folder.js";
import { InputError } from "./errors.js";

/** What is recorded and still in memory. */
export interface Recorded {
  readonly spikes: readonly PopulationSpikes[];
  readonly traces: readonly PopulationTrace[];
  readonly weightTraces: readonly WeightTrace[];
}

const HEADERS = {
  "spikes.csv": SPIKES_HEADER,
  "traces.csv": TRACES_HEADER,
  "weight-traces.csv": WEIGHT_TRACES_HEADER,
} as const;

type StreamedFile = keyof typeof HEADERS;

/** Files that grow, in the order of their writing; that of weights only where some are recorded. */
export function streamedFiles(simulation: Simulation): readonly StreamedFile[] {
  const all: readonly StreamedFile[] = ["spikes.csv", "traces.csv", "weight-traces.csv"];
  return all.slice(0, simulation.recordings.weights.length > 0 ? 3 : 2);
}

/** Recorded bytes that are gathered before they are written. */
const GATHER = 1 << 20;

/** Lengths of the files in bytes: what a snapshot goes on from. */
export type Lengths = readonly number[];

/** What a run had done when something was written. */
export type Reached = Pick<Report, "duration" | "populations">;

export class ResultStream {
  private readonly folder: string;
  /** Names of the files. */
  readonly files: readonly StreamedFile[];
  private readonly handles: readonly number[];
  private readonly counts: number[];
  private open = true;
  /** Why nothing is written any more. */
  private failure: FolderError | undefined;
  private holds: Reached;

  private constructor(
    folder: string,
    files: readonly StreamedFile[],
    handles: readonly number[],
    counts: Lengths,
    holds: Reached,
  ) {
    this.folder = folder;
    this.files = files;
    this.handles = handles;
    this.counts = [...counts];
    this.holds = holds;
  }

  /**
   * New files, with their headers.
   *
   * @param holds what a run has done that has done nothing
   */
  static start(folder: string, files: readonly StreamedFile[], holds: Reached): ResultStream {
    const stream = new ResultStream(folder, files, openAll(folder, files, "w"), files.map(() => 0), holds);
    for (const [k, name] of files.entries()) stream.put(k, Buffer.from(`${HEADERS[name]}\n`));
    return stream;
  }

  /**
   * Goes on with files that an earlier process wrote: what they hold beyond the snapshot is cut off.
   *
   * @param from folder of these files
   * @param folder where to go on; they are copied into it if it is another one
   * @param lengths of the files, and `holds` what the run had done, at the snapshot
   */
  static resume(
    { from, folder, files }: { readonly from: string; readonly folder: string; readonly files: readonly StreamedFile[] },
    lengths: Lengths,
    holds: Reached,
  ): ResultStream {
    for (const [k, name] of files.entries()) {
      const path = join(from, name);
      const found = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (found < (lengths[k] as number)) {
        const need = `the snapshot goes on from the first ${lengths[k]} bytes of the file beside it`;
        throw new InputError(`${path}: ${need}, which has ${found}; --stream had written them there.`);
      }
    }
    if (resolve(from) !== resolve(folder)) copyAll(from, folder, files);
    const handles = openAll(folder, files, "r+");
    for (const [k, handle] of handles.entries()) ftruncateSync(handle, lengths[k]);
    return new ResultStream(folder, files, handles, lengths, holds);
  }

  get lengths(): Lengths {
    return [...this.counts];
  }

  /** What the run had done when the files were written last, if they do not go on any more. */
  get end(): Reached | undefined {
    return this.failure && this.holds;
  }

  /**
   * Writes what is recorded and takes it out of memory, once there is enough of it. Where it does not fit, the files end
   * where they did before, and nothing more is written.
   *
   * @param all write however little there is
   * @throws FolderError when a file cannot be written
   */
  write(simulation: Simulation, recorded: () => Recorded, all: boolean): void {
    if (this.failure) throw this.failure;
    if (!this.open || (!all && simulation.recordedBytes < GATHER)) return;
    const { spikes, traces, weightTraces } = recorded();
    const before = this.lengths;
    try {
      this.append(0, spikesCsv(spikes));
      this.append(1, tracesCsv(traces));
      if (this.files.length > 2) this.append(2, weightTracesCsv(weightTraces));
    } catch (error) {
      this.cut(before);
      if (error instanceof FolderError) this.failure = error;
      throw error;
    }
    simulation.flushRecordings();
    this.holds = simulation.reached;
  }

  /** @throws FolderError when the system says only now that something could not be written */
  close(): void {
    if (!this.open) return;
    this.open = false;
    for (const [k, handle] of this.handles.entries()) inFile(join(this.folder, this.files[k] as string), "written", () => closeSync(handle));
  }

  /** Makes the files as long as they were. */
  private cut(lengths: Lengths): void {
    for (const [k, handle] of this.handles.entries()) {
      ftruncateSync(handle, lengths[k]);
      this.counts[k] = lengths[k] as number;
    }
  }

  private append(k: number, chunks: Iterable<string>): void {
    let first = true;
    for (const chunk of chunks) {
      // The header is there already.
      const text = first ? chunk.slice(chunk.indexOf("\n") + 1) : chunk;
      first = false;
      this.put(k, Buffer.from(text));
    }
  }

  private put(k: number, bytes: Buffer): void {
    inFile(join(this.folder, this.files[k] as string), "written", () => {
      let at = this.counts[k] as number;
      for (let done = 0; done < bytes.length; ) {
        const count = writeSync(this.handles[k] as number, bytes, done, bytes.length - done, at);
        done += count;
        at += count;
        this.counts[k] = at;
      }
    });
  }
}

function copyAll(from: string, folder: string, files: readonly string[]): void {
  try {
    for (const name of files) inFile(join(folder, name), "copied", () => copyFileSync(join(from, name), join(folder, name)));
  } catch (error) {
    for (const name of files) rmSync(join(folder, name), { force: true });
    throw error;
  }
}

function openAll(folder: string, files: readonly string[], flags: "w" | "r+"): readonly number[] {
  return files.map((name) => inFile(join(folder, name), "opened", () => openSync(join(folder, name), flags)));
}

/** Does something with a file; where the system refuses, the error says what. */
function inFile<T>(path: string, what: "written" | "copied" | "opened", work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new FolderError(`the file cannot be ${what} (${reason(error)}).`, path, error);
  }
}

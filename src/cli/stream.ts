/** Results that go to disk while the run goes on, so that memory stays bounded however long it is. */
import { closeSync, copyFileSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { PopulationSpikes, PopulationTrace, Simulation } from "../index.js";
import { spikesCsv, tracesCsv, type WeightTrace, weightTracesCsv } from "../io/csv.js";
import { FolderError } from "../io/folder.js";
import { InputError } from "./errors.js";

/** What is recorded and still in memory. */
export interface Recorded {
  readonly spikes: readonly PopulationSpikes[];
  readonly traces: readonly PopulationTrace[];
  readonly weightTraces: readonly WeightTrace[];
}

const FILES = ["spikes.csv", "traces.csv", "weight-traces.csv"] as const;

/** Files that grow, in the order of their writing; that of weights only where some are recorded. */
export function streamedFiles(simulation: Simulation): readonly string[] {
  return FILES.slice(0, simulation.recordings.weights.length > 0 ? 3 : 2);
}

/** Recorded bytes that are gathered before they are written. */
const GATHER = 1 << 20;

/** Lengths of the files in bytes: what a snapshot goes on from. */
export type Lengths = readonly number[];

export class ResultStream {
  private readonly folder: string;
  /** Names of the files. */
  readonly files: readonly string[];
  private readonly handles: readonly number[];
  private readonly counts: number[];
  private open = true;

  private constructor(folder: string, files: readonly string[], handles: readonly number[], counts: Lengths) {
    this.folder = folder;
    this.files = files;
    this.handles = handles;
    this.counts = [...counts];
  }

  /** New files, each with its header only after the first `write`. */
  static start(folder: string, files: readonly string[]): ResultStream {
    return new ResultStream(folder, files, openAll(folder, files, "w"), files.map(() => 0));
  }

  /**
   * Goes on with files that an earlier process wrote: what they hold beyond the snapshot is cut off.
   *
   * @param from folder of these files
   * @param folder where to go on; they are copied into it if it is another one
   */
  static resume(
    from: string,
    folder: string,
    files: readonly string[],
    lengths: Lengths,
    elsewhere: boolean,
  ): ResultStream {
    for (const [k, name] of files.entries()) {
      const path = join(from, name);
      const found = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (found < (lengths[k] as number)) {
        const need = `the snapshot goes on from the first ${lengths[k]} bytes of the file beside it`;
        throw new InputError(`${path}: ${need}, which has ${found}; --stream had written them there.`);
      }
      if (elsewhere) copyFileSync(path, join(folder, name));
    }
    const handles = openAll(folder, files, "r+");
    for (const [k, handle] of handles.entries()) ftruncateSync(handle, lengths[k]);
    return new ResultStream(folder, files, handles, lengths);
  }

  get lengths(): Lengths {
    return [...this.counts];
  }

  /**
   * Writes what is recorded and takes it out of memory, once there is enough of it.
   *
   * @param all write however little there is
   */
  write(simulation: Simulation, recorded: () => Recorded, all: boolean): void {
    if (!this.open || (!all && simulation.recordedBytes < GATHER)) return;
    const { spikes, traces, weightTraces } = recorded();
    this.append(0, spikesCsv(spikes));
    this.append(1, tracesCsv(traces));
    if (this.files.length > 2) this.append(2, weightTracesCsv(weightTraces));
    simulation.flushRecordings();
  }

  close(): void {
    if (this.open) for (const handle of this.handles) closeSync(handle);
    this.open = false;
  }

  private append(k: number, chunks: Iterable<string>): void {
    let first = (this.counts[k] as number) > 0;
    for (const chunk of chunks) {
      // The header is there already.
      const text = first ? chunk.slice(chunk.indexOf("\n") + 1) : chunk;
      first = false;
      this.put(k, Buffer.from(text));
    }
  }

  private put(k: number, bytes: Buffer): void {
    try {
      let at = this.counts[k] as number;
      for (let done = 0; done < bytes.length; ) {
        const count = writeSync(this.handles[k] as number, bytes, done, bytes.length - done, at);
        done += count;
        at += count;
        this.counts[k] = at;
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FolderError(`the file cannot be written (${reason}).`, join(this.folder, this.files[k] as string), error);
    }
  }
}

function openAll(folder: string, files: readonly string[], flags: "w" | "r+"): readonly number[] {
  return files.map((name): number => {
    try {
      return openSync(join(folder, name), flags);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FolderError(`the file cannot be opened (${reason}).`, join(folder, name), error);
    }
  });
}

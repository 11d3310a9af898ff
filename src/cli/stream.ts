/** Results that go to disk while the run goes on, so that memory stays bounded however long it is. */
import { closeSync, copyFileSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { PopulationSpikes, PopulationTrace, Simulation } from "../index.js";
import { spikesCsv, tracesCsv } from "../io/csv.js";
import { FolderError } from "../io/folder.js";
import { InputError } from "./errors.js";

/** Files that grow, in the order of run.json's contract. */
export const STREAMED = ["spikes.csv", "traces.csv"] as const;

/** Recorded bytes that are gathered before they are written. */
const GATHER = 1 << 20;

/** Lengths of the files in bytes: what a snapshot goes on from. */
export type Lengths = readonly [spikes: number, traces: number];

export class ResultStream {
  private readonly folder: string;
  private readonly handles: readonly [number, number];
  private readonly counts: [number, number];
  private open = true;

  private constructor(folder: string, handles: readonly [number, number], counts: Lengths) {
    this.folder = folder;
    this.handles = handles;
    this.counts = [...counts];
  }

  /** New files, each with its header only after the first `write`. */
  static start(folder: string): ResultStream {
    return new ResultStream(folder, openBoth(folder, "w"), [0, 0]);
  }

  /**
   * Goes on with files that an earlier process wrote: what they hold beyond the snapshot is cut off.
   *
   * @param from folder of these files
   * @param folder where to go on; they are copied into it if it is another one
   */
  static resume(from: string, folder: string, lengths: Lengths, elsewhere: boolean): ResultStream {
    for (const [k, name] of STREAMED.entries()) {
      const path = join(from, name);
      const found = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (found < (lengths[k] as number)) {
        const need = `the snapshot goes on from the first ${lengths[k]} bytes of the file beside it`;
        throw new InputError(`${path}: ${need}, which has ${found}; --stream had written them there.`);
      }
      if (elsewhere) copyFileSync(path, join(folder, name));
    }
    const handles = openBoth(folder, "r+");
    for (const [k, handle] of handles.entries()) ftruncateSync(handle, lengths[k]);
    return new ResultStream(folder, handles, lengths);
  }

  get lengths(): Lengths {
    return [...this.counts];
  }

  /**
   * Writes what is recorded and takes it out of memory, once there is enough of it.
   *
   * @param all write however little there is
   */
  write(
    simulation: Simulation,
    recorded: () => { spikes: readonly PopulationSpikes[]; traces: readonly PopulationTrace[] },
    all: boolean,
  ): void {
    if (!this.open || (!all && simulation.recordedBytes < GATHER)) return;
    const { spikes, traces } = recorded();
    this.append(0, spikesCsv(spikes));
    this.append(1, tracesCsv(traces));
    simulation.flushRecordings();
  }

  close(): void {
    if (this.open) for (const handle of this.handles) closeSync(handle);
    this.open = false;
  }

  private append(k: 0 | 1, chunks: Iterable<string>): void {
    let first = this.counts[k] > 0;
    for (const chunk of chunks) {
      // The header is there already.
      const text = first ? chunk.slice(chunk.indexOf("\n") + 1) : chunk;
      first = false;
      this.put(k, Buffer.from(text));
    }
  }

  private put(k: 0 | 1, bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        const count = writeSync(this.handles[k], bytes, done, bytes.length - done, this.counts[k]);
        done += count;
        this.counts[k] += count;
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FolderError(`the file cannot be written (${reason}).`, join(this.folder, STREAMED[k]), error);
    }
  }
}

function openBoth(folder: string, flags: "w" | "r+"): readonly [number, number] {
  const open = (name: string): number => {
    try {
      return openSync(join(folder, name), flags);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new FolderError(`the file cannot be opened (${reason}).`, join(folder, name), error);
    }
  };
  const [spikes, traces] = STREAMED;
  return [open(spikes), open(traces)];
}

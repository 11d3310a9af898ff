/** Snapshots of runs: what the command line keeps in them, and how it goes on from one. */
import { basename, resolve } from "node:path";
import { type CoreSource, parseDuration, Simulation, SpikeletError } from "../index.js";
import { stepsOf } from "../model/grid.js";
import { InputError } from "./errors.js";
import { type Model, readBytes, readOption } from "./input.js";
import type { Lengths } from "./stream.js";

/** What a snapshot of a run knows beside the network. */
interface Note {
  readonly document: Readonly<Record<string, unknown>>;
  readonly streamed?: Streamed;
}

/** Files that were written while running. */
export interface Streamed {
  /** Name of their format. */
  readonly format: string;
  readonly lengths: Lengths;
}

/** The text that a snapshot keeps: the document as run.json shows it, and what files were written while running. */
export function noteText({ document }: Model, streamed: Streamed | undefined): string {
  return JSON.stringify({ document, streamed } satisfies { document: unknown; streamed: unknown });
}

/**
 * A snapshot's simulation, as if its model file had been read.
 *
 * @param path file of the snapshot
 * @param duration whole time to simulate, from 0 on; the document's by default
 * @throws InputError when the file cannot be read, is no snapshot, or is beyond the duration
 */
export async function loadSnapshot(
  path: string,
  duration: number | string | undefined,
  core: CoreSource | undefined,
): Promise<{ model: Model; simulation: Simulation; streamed: Streamed | undefined }> {
  const bytes = readBytes(path);
  try {
    const simulation = await Simulation.restore(bytes, core === undefined ? {} : { core });
    const note = noteOf(simulation);
    const document = note?.document ?? { ...simulation.toDocument() };
    const spec = simulation.toSpec();
    const planned = (note?.document.duration as number | undefined) ?? spec.duration;
    const whole = duration === undefined ? planned : readOption("duration", duration, parseDuration);
    if (stepsOf(whole, spec.dt) < stepsOf(simulation.time, spec.dt)) {
      throw new InputError(`--duration: ${whole} ms; the snapshot is at ${simulation.time} ms already.`);
    }
    const model: Model = {
      label: path,
      base: basename(path),
      files: [resolve(path)],
      spec: { ...spec, duration: whole },
      document: { ...document, dt: spec.dt, duration: whole, seed: spec.seed },
    };
    return { model, simulation, streamed: note?.streamed };
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The note of a snapshot; undefined where a program made it without one. */
function noteOf({ note }: Simulation): Note | undefined {
  if (typeof note !== "string") return undefined;
  const content = JSON.parse(note) as Note;
  return typeof content === "object" && content !== null && "document" in content ? content : undefined;
}

/** Memory traffic of a step, from what it reads and writes. */
import type { Method, ModelRecord } from "../../src/index.js";

/**
 * Bytes that a step reads and writes of a neuron's columns: each state is read and written; a model with a reset reads
 * until when v is held, where its kernel is the core's, a membrane model reads and writes whether its detector is
 * armed. Scratch columns of the block in work stay in the L1 cache and count nothing, nor does the table of gates, of
 * which all neurons use the same few rows.
 */
export function columnBytes({ states, family, compiled }: ModelRecord, method: Method): number {
  const lists = family === "resets" && compiled?.methods.includes(method) === true;
  return 16 * Object.keys(states).length + (lists ? 0 : family === "resets" ? 8 : 16);
}

/** The state of an exponential receptor onto which all spikes wait is read and written. */
export const RECEPTOR_BYTES = 16;

/**
 * A synaptic event reads its target (2 bytes) and reads and writes 8 bytes of a ring or state; weights are common here.
 */
export const BYTES_PER_EVENT = 18;

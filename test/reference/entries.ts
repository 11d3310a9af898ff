/** Reference results that are no spike trains of one neuron. */
import { readFileSync } from "node:fs";

/** An entry of synapses.json; what its parts hold differs from entry to entry. */
export interface Entry<P, X> {
  readonly id: string;
  readonly params: P;
  readonly expected: X;
  readonly source: string;
}

/** The entry with this id. */
export function synapseEntry<P, X>(id: string): Entry<P, X> {
  const file = new URL("synapses.json", import.meta.url);
  const entries = JSON.parse(readFileSync(file, "utf8")) as Entry<P, X>[];
  const found = entries.find((entry) => entry.id === id);
  if (!found) throw new RangeError(`no entry ${id}`);
  return found;
}

/** The spikes of a run as a SONATA file. */
import { ValueRangeError } from "../../model/errors.js";
import { type PopulationTrain, spikesBytes } from "../../io/sonata.js";

/**
 * The bytes of a SONATA spikes file: /spikes/POPULATION/timestamps (units ms) and node_ids, in the order given.
 *
 * @param spikes of each population, its name not empty and without a slash
 * @throws UnavailableError when h5wasm is not installed
 */
export function spikesFile(spikes: readonly PopulationTrain[]): Promise<Uint8Array> {
  for (const { population, times, neurons } of spikes) {
    if (times.length === neurons.length) continue;
    const what = `${times.length} times and ${neurons.length} neurons`;
    throw new ValueRangeError(`spikesFile: ${population} has ${what}; there is one of each for a spike.`, {
      path: population,
    });
  }
  return spikesBytes(spikes);
}

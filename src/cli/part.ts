/** The part of a population that figures show. */
import { observedPopulation, type PopulationSpikes } from "../index.js";
import { grouped } from "./terminal.js";

/** The recorded neurons of a population as a population of their own, with a name that says so. */
export function observedPart(population: PopulationSpikes): PopulationSpikes {
  const part = observedPopulation(population);
  const { name, size } = population;
  return part.size === size ? part : { ...part, name: `${name} (${grouped(part.size)} of ${grouped(size)})` };
}

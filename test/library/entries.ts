/** What tests of the library use of the sources. */
import type { ModelRecord } from "../../src/model/record.js";

export { background, lif, parseDocument, parseModelFile, Simulation, toDocument } from "../../src/index.js";
export { connorStevens, izhikevich2007 } from "../../src/library/index.js";
export { libraryModels } from "../../src/model/library.js";

/** A copy of a model's definition. */
export function definitionAgain({ definition }: ModelRecord): Record<string, unknown> {
  return JSON.parse(JSON.stringify(definition)) as Record<string, unknown>;
}

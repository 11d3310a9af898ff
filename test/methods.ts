/** The methods that advance all neurons step by step, whatever their inputs; eventDriven has tests of its own. */
import type { Method, ModelRecord } from "../src/model/record.js";

export function stepped<M extends ModelRecord>({ methods }: M): Exclude<M["methods"][number], "eventDriven">[] {
  const all: readonly Method[] = methods;
  return all.filter((method) => method !== "eventDriven") as Exclude<M["methods"][number], "eventDriven">[];
}

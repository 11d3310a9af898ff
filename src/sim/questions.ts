/** Questions about single models: rheobase and resting state. */
import { Core } from "../core/core.js";
import { checkKeys, readObject } from "../model/check.js";
import { parsePopulation } from "../model/parse.js";
import type { ModelRecord, ParameterName, PresetName } from "../model/record.js";
import type { Quantity } from "./inputs.js";
import { rheobase, startStates } from "./probe.js";
import type { Numbers } from "./values.js";

export interface ModelChoice<M extends ModelRecord> {
  readonly preset?: PresetName<M>;
  readonly params?: Readonly<Partial<Record<ParameterName<M>, Quantity>>>;
}

function readChoice(choice: unknown, path: string): ModelChoice<ModelRecord> {
  const object = readObject(choice, path, "an object with params or preset");
  checkKeys(object, path, ["preset", "params"], "option");
  return object;
}

function parameters<M extends ModelRecord>(model: M, choice: ModelChoice<M>): Record<string, Numbers> {
  const name = typeof model?.id === "string" ? model.id : "model";
  const { preset, params } = readChoice(choice, name);
  const spec = parsePopulation({ preset, params, name, model, size: 1 }, name);
  return { ...spec.params } as Record<string, Numbers>;
}

/**
 * Rheobase: the smallest constant current that, switched on at rest and kept on, makes the neuron fire at least once.
 *
 * @returns the current in the model's unit, to 1e-6 of its size
 * @throws RheobaseError when the neuron fires without input, or at no current that was tried
 */
export async function modelRheobase<M extends ModelRecord>(model: M, choice: ModelChoice<M> = {}): Promise<number> {
  const params = parameters(model, choice);
  return rheobase(await Core.create(), model, params, 1) as number;
}

/**
 * Where a neuron of the model starts: its resting state, or what the model's record says.
 *
 * @returns the value of every state, in its unit
 */
export async function restingState<M extends ModelRecord>(model: M, choice: ModelChoice<M> = {}): Promise<Record<string, number>> {
  const states = startStates(await Core.create(), model, parameters(model, choice), 1);
  return Object.fromEntries(Object.entries(states).map(([name, x]) => [name, typeof x === "number" ? x : (x[0] as number)]));
}

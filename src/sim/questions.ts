/** Questions about single models: rheobase and resting state. */
import type { VectorField } from "../analysis/index.js";
import { Core } from "../core/core.js";
import { checkKeys, readNumber, readObject } from "../model/check.js";
import { ValueRangeError } from "../model/errors.js";
import { parsePopulation } from "../model/parse.js";
import type { ModelRecord, ParameterName, PresetName } from "../model/record.js";
import type { Quantity } from "./options.js";
import { linearized } from "./compiled.js";
import { Probe, startStates } from "./probe.js";
import { rheobase } from "./rheobase.js";
import { type Numbers, numberAt } from "./values.js";
import { patiently } from "./work.js";

export interface ModelChoice<M extends ModelRecord> {
  readonly preset?: PresetName<M>;
  readonly params?: Readonly<Partial<Record<ParameterName<M>, Quantity>>>;
}

function readChoice(choice: unknown, path: string): ModelChoice<ModelRecord> {
  const object = readObject(choice, path, "an object with params or preset");
  checkKeys(object, path, ["preset", "params"], "option");
  return object;
}

/** The checked parameters of one neuron. */
export function parameters<M extends ModelRecord>(model: M, choice: ModelChoice<M>): Record<string, Numbers> {
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
  return (await patiently(rheobase(await Core.create(), model, params, 1, model.id))) as number;
}

/**
 * Where a neuron of the model starts: its resting state, or what the model's record says.
 *
 * @returns the value of every state, in its unit
 */
export async function restingState<M extends ModelRecord>(
  model: M,
  choice: ModelChoice<M> = {},
): Promise<Record<string, number>> {
  const states = startStates(await Core.create(), model, parameters(model, choice), 1);
  return Object.fromEntries(
    Object.entries(states).map(([name, x]) => [name, typeof x === "number" ? x : (x[0] as number)]),
  );
}

/** Where a Jacobian is taken. */
export interface JacobianOptions<M extends ModelRecord> extends ModelChoice<M> {
  /** Values of states in their units; what is left out is that of the resting state. */
  readonly state?: Readonly<Record<string, number>>;
  /** Constant input current in the model's unit; 0 by default. */
  readonly current?: number;
}

/** What a model does near a state. */
export interface Jacobian {
  readonly variables: readonly string[];
  /** Where it was taken: the value of each variable in its unit. */
  readonly state: Readonly<Record<string, number>>;
  /** `matrix[i][j]`: the derivative of d(variable i)/dt, in its unit per ms, by variable j, in its unit. */
  readonly matrix: readonly (readonly number[])[];
}

/**
 * The Jacobian of a model's equations at a state, by symbolic differentiation. At a kink of an equation it is that of
 * the branch that holds there; thresholds and resets are no part of it.
 */
export async function jacobian<M extends ModelRecord>(model: M, options: JacobianOptions<M> = {}): Promise<Jacobian> {
  const path = "jacobian";
  checkKeys(readObject(options, path), path, ["preset", "params", "state", "current"], "option");
  const { state: given = {}, current = 0, ...choice } = options;
  const input = readNumber(current, `${path}.current`, model.current);
  const variables = Object.keys(model.states);
  checkKeys(readObject(given, `${path}.state`), `${path}.state`, variables, "state");
  const isWhole = variables.every((name) => Object.hasOwn(given, name));
  const rest = isWhole ? {} : await restingState(model, choice as ModelChoice<M>);
  const state = Object.fromEntries(
    Object.entries(model.states).map(([name, { unit }]) => [
      name,
      Object.hasOwn(given, name) ? readNumber(given[name], `${path}.state.${name}`, unit) : (rest[name] as number),
    ]),
  );
  const params = parameters(model, choice as ModelChoice<M>);
  const matrix = linearized(model, await Core.create(), {
    states: variables.map((name) => state[name] as number),
    params: Object.keys(model.params).map((name) => numberAt(params[name] as Numbers, 0)),
    input,
    t: 0,
    index: 0,
    size: 1,
  });
  return { variables, state, matrix };
}

/** Which derivatives `vectorField` takes. */
export interface VectorFieldOptions<M extends ModelRecord> extends ModelChoice<M> {
  /** Ranges of the two variables, in their units. */
  readonly v: readonly [low: number, high: number];
  readonly w: readonly [low: number, high: number];
  /** Constant input current in the model's unit; 0 by default. */
  readonly current?: number;
  /** Points per axis; 200 by default. */
  readonly points?: number;
}

/**
 * The derivatives of a model with two variables on a grid, for nullclines and phase planes. NaN at and above `V_peak`
 * where the equations of a model are cut there (adex with a Delta_T that is not 0).
 *
 * @throws ValueRangeError when the model has not exactly two variables
 */
export async function vectorField<M extends ModelRecord>(
  model: M,
  options: VectorFieldOptions<M>,
): Promise<VectorField> {
  const { v: rangeV, w: rangeW, current = 0, points = 200, ...choice } = options;
  const names = Object.keys(model.states);
  if (names.length !== 2) {
    throw new ValueRangeError(`${model.id} has ${names.length} variables; a phase plane needs a model with two.`, {
      path: model.id,
      value: names.length,
      allowed: "2",
    });
  }
  const [first = "", second = ""] = names;
  const axis = ([low, high]: readonly [number, number]): Float64Array =>
    Float64Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const [v, w, size] = [axis(rangeV), axis(rangeW), points * points];
  const probe = new Probe(await Core.create(), model, parameters(model, choice as ModelChoice<M>), size);
  const columns = Float64Array.from({ length: size }, (_, k) => v[k % points] as number);
  const rows = Float64Array.from({ length: size }, (_, k) => w[Math.floor(k / points)] as number);
  const slopes = probe.derivatives({ [first]: columns, [second]: rows }, current);
  return { v, w, dv: slopes[first] as Float64Array, dw: slopes[second] as Float64Array };
}

/** What the functions of this folder are given: a model with its parameters and input, a knob, ranges, a way out. */
import { Core } from "../core/core.js";
import {
  checkKeys,
  type Fields,
  keyPath,
  outOfRange,
  readName,
  readNumber,
  readObject,
  readTuple,
} from "../model/check.js";
import { UnavailableError } from "../model/errors.js";
import type { ModelRecord } from "../model/record.js";
import { mathematicsOf } from "../sim/compiled.js";
import { type ModelChoice, parameters, restingState } from "../sim/questions.js";
import { INPUT, type Knob, System } from "../sim/system.js";
import { type Numbers, numberAt } from "../sim/values.js";
import { pause } from "../sim/work.js";

/** A model with its parameters and a constant input, and how to follow or end what takes long. */
export interface ModelAt<M extends ModelRecord> extends ModelChoice<M> {
  /** Constant input current in the model's unit; 0 by default. */
  readonly current?: number | string;
  /** Ends the work: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then with the part of the work that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

export const COMMON: readonly string[] = ["preset", "params", "current", "signal", "onProgress"];

/** Lets others have their turn, and ends the work where that is wanted. */
export class Breath {
  private readonly signal: AbortSignal | undefined;
  private readonly onProgress: ((done: number) => void) | undefined;
  private last = performance.now();

  constructor({ signal, onProgress }: Pick<ModelAt<ModelRecord>, "signal" | "onProgress">) {
    this.signal = signal;
    this.onProgress = onProgress;
    signal?.throwIfAborted();
  }

  /** To be called every few ms at least. */
  async take(done: number): Promise<void> {
    const now = performance.now();
    if (now - this.last < 30) return;
    this.onProgress?.(Math.min(1, Math.max(0, done)));
    await pause();
    this.signal?.throwIfAborted();
    this.last = performance.now();
  }
}

/** What was given, checked. */
export interface Given {
  readonly system: System;
  readonly fields: Fields;
  readonly breath: Breath;
  readonly choice: ModelChoice<ModelRecord>;
}

/** The system of a model, and the other options as they are. */
export async function readGiven(
  model: ModelRecord,
  options: unknown,
  path: string,
  keys: readonly string[],
): Promise<Given> {
  const fields = readObject(options, path, "an object of options");
  checkKeys(fields, path, [...COMMON, ...keys], "option");
  const { preset, params, current = 0, signal, onProgress } = fields as ModelAt<ModelRecord>;
  const choice = { ...(preset !== undefined && { preset }), ...(params !== undefined && { params }) };
  if (model?.family === "source") {
    throw new UnavailableError(`${model.id} is a source of spikes; it has no equations.`, { path: model.id });
  }
  const checked = parameters(model, choice);
  const numbers = Object.keys(model.params).map((name) => numberAt(checked[name] as Numbers, 0));
  const input = readNumber(current, `${path}.current`, model.current);
  const system = new System(model, numbers, input, mathematicsOf(await Core.create()));
  return {
    system,
    fields,
    choice,
    breath: new Breath({ ...(signal && { signal }), ...(onProgress && { onProgress }) }),
  };
}

/** The input, "I", or a parameter of the model. */
export function readKnob(system: System, value: unknown, path: string): Knob {
  const known = [INPUT, ...Object.keys(system.record.params)];
  return system.knob(readName(value, path, "parameter", known));
}

/** Two numbers of which the second is larger. */
export function readRange(value: unknown, path: string, unit: string): readonly [number, number] {
  const list = readTuple(value, path, "low, high");
  const [low, high] = [readNumber(list[0], `${path}[0]`, unit), readNumber(list[1], `${path}[1]`, unit)];
  if (!(high > low)) outOfRange(high, unit, `${path}[1]`, `above ${low}`);
  return [low, high];
}

/** A range for each state that moves; undefined where none is given. */
export function readBox(system: System, value: unknown, path: string): (readonly [number, number] | undefined)[] {
  if (value === undefined) return system.names.map(() => undefined);
  const box = readObject(value, path, "an object with a range [low, high] for each state");
  checkKeys(box, path, system.names, "state");
  return system.names.map((name, k) =>
    box[name] === undefined ? undefined : readRange(box[name], keyPath(path, name), system.units[k] as string),
  );
}

/** Values of all states that move, of which some may be given; the others are where the model starts. */
export async function readState({ system, choice }: Given, value: unknown, path: string): Promise<Float64Array> {
  const given = value === undefined ? {} : readObject(value, path, "an object with values of states");
  checkKeys(given, path, system.names, "state");
  const whole = system.names.every((name) => given[name] !== undefined);
  const rest = whole ? {} : await restingState(system.record, choice);
  return Float64Array.from(system.names, (name, k) =>
    given[name] === undefined
      ? (rest[name] as number)
      : readNumber(given[name], keyPath(path, name), system.units[k] as string),
  );
}

/** A state by names. */
export function named(system: System, x: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(system.names.map((name, k) => [name, x[k] as number]));
}

/** Receptor kernels as text: from a definition to the record that the rest of the program knows kernels by. */
import { printExpression } from "../lang/ast.js";
import { parseUnit, same, type Scale, symbolic } from "../lang/dimensions.js";
import { EquationError } from "../lang/diagnostics.js";
import { Ir } from "../lang/ir.js";
import { kernelMethods, kernelRefusal, linearKernel } from "../lang/receive.js";
import { type CheckedKernel, compileKernelText, type KernelMethod, sameCurrent, scaleIn } from "../lang/receptor.js";
import type { ReceptorKernelDefinition } from "./definition.js";
import { placeText, ValueRangeError } from "./errors.js";
import type { ModelRecord, ParameterRecord } from "./record.js";

export type { ReceptorKernelDefinition } from "./definition.js";

/** A receptor kernel of one's own as data; made with `defineReceptorKernel`. */
export interface ReceptorKernelRecord {
  /** Identifier used in model files. */
  readonly id: string;
  /** One sentence. */
  readonly summary: string;
  readonly text: string;
  /** Unit of the current of the models that it is for; "" for a pure number. */
  readonly current: string;
  /** Unit of the weights. */
  readonly weight: string;
  /** The output is a conductance times (E_rev - v): methods see it apart, and weights are not negative. */
  readonly conductance: boolean;
  /** States of the receptor with their units, in memory order; recorded as STATE_RECEPTOR. */
  readonly states: Readonly<Record<string, string>>;
  /** States of the neuron that it reads, with their units. */
  readonly reads: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, ParameterRecord>>;
  /** Right-hand sides of the states, and intermediate equations. */
  readonly equations: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, string>>;
  /** Statements, one each. */
  readonly onSpike: readonly string[];
  readonly output: string;
  /** How the states are advanced. */
  readonly method: KernelMethod;
  readonly references: readonly string[];
  /** What it was made of. */
  readonly definition: ReceptorKernelDefinition;
}

/** A receptor of an own kernel, as calls take it: `kernel`, and parameters of that by name. */
export interface OwnReceptorInput {
  readonly kernel: ReceptorKernelRecord;
}

/** A kernel of one's own, which makes receptors: `nmdaOwn({ tau_decay: 80 })`. */
export interface ReceptorKernel<P extends string = string> extends ReceptorKernelRecord {
  (params?: Readonly<Partial<Record<P, number | string>>>): OwnReceptorInput;
}

/** The records of kernels that were defined, by what callers hold. */
const defined = new WeakMap<object, ReceptorKernelRecord>();

/** What is known of definitions that were compiled, by the current of the models that have the receptor. */
const compiled = new WeakMap<ReceptorKernelDefinition, Map<string, CheckedKernel>>();

/**
 * A receptor kernel of one's own: equations of its states, what arriving weights do to them, and the current into the
 * cell, as text. It is called to make a receptor, as `receptor.exponential` is, with parameters that differ from their
 * defaults. docs/own-receptors.md has the rules.
 *
 * @throws EquationError with every mistake in the texts, each with its line and column
 */
export function defineReceptorKernel<const D extends ReceptorKernelDefinition>(
  definition: D,
): ReceptorKernel<Extract<keyof NonNullable<D["params"]>, string>> {
  const record = readKernelDefinition(definition);
  const make = (params: object = {}): OwnReceptorInput => ({ kernel: record, ...params });
  const kernel = Object.assign(make, record);
  defined.set(kernel, record);
  return kernel;
}

/** The record of a kernel that `defineReceptorKernel` or a model file has made; undefined for anything else. */
export function kernelRecord(value: unknown): ReceptorKernelRecord | undefined {
  return (typeof value === "object" && value !== null) || typeof value === "function" ? defined.get(value) : undefined;
}

/**
 * The record of a definition.
 *
 * @param path where the definition stands in a model file
 */
export function readKernelDefinition(input: unknown, path?: string): ReceptorKernelRecord {
  const given = input as ReceptorKernelDefinition;
  const checked = compiledAt(given, path);
  const refused = checked.method && kernelRefusal(checked, checked.method);
  if (refused !== undefined) {
    const place = `${path ?? checked.name}.method`;
    const allowed = kernelMethods({ ...checked, method: undefined });
    const message = `${placeText(place, JSON.stringify(checked.method))}; ${refused}. ${checked.name} offers: ${allowed.join(", ")}.`;
    throw new ValueRangeError(message, { path: place, value: checked.method, allowed });
  }
  // A copy: what the caller does with his object later is nothing to the kernel.
  const definition = JSON.parse(JSON.stringify(given)) as ReceptorKernelDefinition;
  compiled.set(definition, new Map([[checked.current, checked]]));
  const record = recordOf(definition, checked);
  defined.set(record, record);
  return record;
}

/** Errors in the equations of a model file name the kernel's place there. */
function compiledAt(given: ReceptorKernelDefinition, path: string | undefined): CheckedKernel {
  if (path === undefined) return compileKernelText(given);
  try {
    return compileKernelText(given, { path });
  } catch (error) {
    if (!(error instanceof EquationError)) throw error;
    const name = typeof given.name === "string" ? given.name : "";
    throw new EquationError(name, error.diagnostics, error.count, path, `Receptor kernel ${name}`);
  }
}

/** The checked equations of a kernel, in the units of a model's current where one is given. */
export function kernelEquations({ definition, current: own }: ReceptorKernelRecord, current = own): CheckedKernel {
  const known = compiled.get(definition) ?? new Map<string, CheckedKernel>();
  compiled.set(definition, known);
  const unit = current === "" ? "1" : current;
  const checked = known.get(unit) ?? compileKernelText(definition, { current: unit });
  known.set(unit, checked);
  return checked;
}

function recordOf(definition: ReceptorKernelDefinition, checked: CheckedKernel): ReceptorKernelRecord {
  const { name, text, references, states, params, intermediates, reads } = checked;
  const first = text.split(/(?<=[.!?])\s/)[0] ?? "";
  const named = states.map((state) => state.name).join(", ");
  return {
    id: name,
    summary: first === "" ? `A receptor kernel of its own with the equations of ${named}.` : first,
    text,
    current: shownUnit(checked.current),
    weight: shownUnit(checked.weight),
    conductance: checked.output.kind === "conductance",
    states: Object.fromEntries(states.map(({ name: state, unit }) => [state, shownUnit(unit)])),
    reads: Object.fromEntries(reads.map(({ name: state, unit }) => [state, shownUnit(unit)])),
    params: Object.fromEntries(
      params.map(({ name: param, default: value, unit, range, text: meaning }) => [
        param,
        { default: value, unit: shownUnit(unit), ...(range === undefined ? {} : { range }), text: meaning },
      ]),
    ),
    equations: Object.fromEntries(
      states.map(({ name: state, derivative }) => [state, derivative ? printExpression(derivative) : "0"]),
    ),
    functions: Object.fromEntries(intermediates.map(({ name: x, value }) => [x, printExpression(value)])),
    onSpike: checked.reset.map(({ name: x, operator = "", value }) => `${x} ${operator}= ${printExpression(value)}`),
    output: printExpression(checked.written),
    method: kernelMethods(checked)[0] as KernelMethod,
    references,
    definition,
  };
}

function shownUnit(unit: string): string {
  return unit === "1" ? "" : symbolic(unit);
}

/** Refuses a kernel for a model whose current it does not know, or that has not what it reads. */
export function checkKernelFits(kernel: ReceptorKernelRecord, model: ModelRecord, path: string): void {
  const { id, reads } = kernel;
  const shown = (unit: string): string => (unit === "" ? "a pure number" : unit);
  if (!sameCurrent(kernel.current, model.current)) {
    const like = model.current === "" ? "1" : model.current;
    const message = `${placeText(path, JSON.stringify(id))}; the kernel is for models whose current is ${shown(kernel.current)}, and that of ${model.id} is ${shown(model.current)}: the kernel says so with "current": "${like}".`;
    throw new ValueRangeError(message, { path, value: id, allowed: model.current });
  }
  for (const [name, unit] of Object.entries(reads)) {
    const state = Object.hasOwn(model.states, name) ? model.states[name] : undefined;
    const known = Object.keys(model.states);
    const why =
      state === undefined
        ? `the kernel reads ${name}, and ${model.id} has the states ${known.join(", ")}`
        : sameDimension(unit, state.unit)
          ? undefined
          : `the kernel reads ${name} in ${shown(unit)}, and that of ${model.id} is ${shown(state.unit)}: the kernel says so with "reads": { "${name}": "${state.unit === "" ? "1" : state.unit}" }`;
    if (why === undefined) continue;
    throw new ValueRangeError(`${placeText(path, JSON.stringify(id))}; ${why}.`, { path, value: id, allowed: known });
  }
}

function sameDimension(a: string, b: string): boolean {
  const [x, y] = [a, b].map((unit) => parseUnit(unit === "" ? "1" : unit));
  return x !== undefined && y !== undefined && same(x.dimension, y.dimension);
}

/** A kernel for the neurons of a model. */
export interface KernelFor {
  /** Its equations, in the units of the model. */
  readonly checked: CheckedKernel;
  /** Places of the states that are read among those of the model. */
  readonly reads: readonly number[];
  /** From the units in which the neuron keeps them. */
  readonly scales: readonly Scale[];
}

export function kernelFor(kernel: ReceptorKernelRecord, model: ModelRecord): KernelFor {
  const checked = kernelEquations(kernel, model.current);
  const names = Object.keys(model.states);
  return {
    checked,
    reads: checked.reads.map(({ name }) => names.indexOf(name)),
    scales: checked.reads.map(({ name }) => scaleIn(checked, model.states[name]?.unit ?? "")),
  };
}

/** Whether the current of a kernel is linear in its states, with coefficients that do not change during a run. */
export function isLinearKernel(kernel: ReceptorKernelRecord, model: ModelRecord): boolean {
  const { checked, scales } = kernelFor(kernel, model);
  return linearKernel(new Ir(), checked, scales) !== undefined;
}

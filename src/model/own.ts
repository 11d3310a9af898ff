/** Models as text: from a definition to the record that the rest of the program knows models by. */
import { type CheckedCurrent, type CheckedModel, compileCurrent, compileModel } from "../lang/check.js";
import { children, type Expression, namesIn, printExpression } from "../lang/ast.js";
import { factorOf, millivolts, over, parseUnit, symbolic } from "../lang/dimensions.js";
import { EquationError } from "../lang/diagnostics.js";
import { eventRefusal } from "../lang/events.js";
import { integrate, isFixed, refusal, STEP_METHODS } from "../lang/integrate.js";
import { evaluate, type Expr, inOrder, Ir, type IrModel, type Mathematics } from "../lang/ir.js";
import { MAX_LENGTH } from "../lang/limits.js";
import { lowerCurrent, lowerModel } from "../lang/lower.js";
import { bounds, type Interval } from "../lang/bounds.js";
import { plan } from "../lang/plan.js";
import { models, sources } from "../models/index.js";
import type { ModelDefinition } from "./definition.js";
import { DuplicateNameError, LengthError, ValueRangeError } from "./errors.js";
import {
  defineModel as defineRecord,
  type Method,
  METHODS,
  type ModelRecord,
  type ParameterRecord,
  type PresetRecord,
  type StateRecord,
} from "./record.js";

export type { EventDefinition, ModelDefinition, ParameterDefinition, PresetDefinition } from "./definition.js";
export { type Diagnostic, EquationError } from "../lang/diagnostics.js";

/** What is known of the definitions that were compiled. */
const compiled = new WeakMap<ModelDefinition, CheckedModel>();

/** The checked equations of a model that was defined as text. */
export function equationsOf({ definition }: ModelRecord): CheckedModel | undefined {
  if (definition === undefined) return undefined;
  const known = compiled.get(definition) ?? compileModel(definition);
  compiled.set(definition, known);
  return known;
}

/**
 * A question about a model's equations, which is answered once: each run checks its network. `otherwise` for models
 * without.
 */
function answered<T>(otherwise: T, answer: (checked: CheckedModel) => T): (record: ModelRecord) => T {
  const known = new WeakMap<CheckedModel, { readonly answer: T }>();
  return (record) => {
    const checked = equationsOf(record);
    if (checked === undefined) return otherwise;
    const found = known.get(checked) ?? { answer: answer(checked) };
    known.set(checked, found);
    return found.answer;
  };
}

/** What is known of the built-in models that were compiled. */
const builtIn = new WeakMap<ModelRecord, CheckedModel>();

/** The equations of a built-in model's record, whose numbers have no units. */
export function builtInEquations(record: ModelRecord): CheckedModel {
  const known = builtIn.get(record) ?? compileModel(definitionOf(record), { bare: true });
  builtIn.set(record, known);
  return known;
}

/** Records say that v is clipped in the right-hand sides; the language says it in an equation. */
const CLIPPED = "v_c";

/**
 * A record as a definition, its texts unchanged: for `compileModel` with the option `bare`, since the numbers of
 * records have no units. Where a record starts at its rest, no initial value is given.
 */
export function definitionOf(record: ModelRecord): ModelDefinition {
  const rhs = (text: string): string => (record.clipped ? text.replace(/\bv\b/g, CLIPPED) : text);
  const lines = [
    ...Object.entries(record.equations).map(
      ([name, text]) => `d${name}/dt = ${rhs(text)} : ${unitOf(record.states[name]?.unit ?? "")}`,
    ),
    ...(record.clipped ? [`${CLIPPED} = min(v, ${record.threshold}) : mV`] : []),
    ...Object.entries(record.functions ?? {}).map(([name, text]) => `${name} = ${rhs(text)} : 1`),
  ];
  const params = Object.entries(record.params).map(([name, { default: value, unit, range, text }]) => [
    name,
    { default: value, unit: unitOf(unit), ...(range === undefined ? {} : { range }), text },
  ]);
  const starts =
    typeof record.init === "string" ? [] : Object.entries(record.init).filter(([, text]) => text !== "equilibrium");
  return {
    name: record.id,
    current: unitOf(record.current),
    equations: lines,
    params: Object.fromEntries(params),
    threshold: `v >= ${record.threshold}`,
    ...(record.reset ? { reset: Object.entries(record.reset).map(([name, text]) => `${name} = ${text}`) } : {}),
    refractory: record.reset ? "t_ref" : "v >= V_th - hysteresis",
    init: Object.fromEntries(starts),
  };
}

/** A unit of a record in the language. */
function unitOf(unit: string): string {
  return unit === "" ? "1" : unit;
}

/** Names of a model's events, in their order; none of a model that is not made of equations. */
export function eventsOf({ definition }: ModelRecord): readonly string[] {
  return (definition?.events ?? []).map(({ name }) => name);
}

/** Parameters that must have one number for all neurons, with the equation `(shared)` that uses each. */
export function sharedParameters(record: ModelRecord): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const uses = new Map<string, ReadonlySet<string>>();
  // Each stands behind those that it uses.
  for (const { name, value, flags } of equationsOf(record)?.intermediates ?? []) {
    const names = [...namesIn(value)].flatMap((node) => [node.name, ...(uses.get(node.name) ?? [])]);
    uses.set(name, new Set(names));
    if (flags.includes("shared")) for (const one of names) if (Object.hasOwn(record.params, one)) found.set(one, name);
  }
  return found;
}

/** Names and units of a model that is defined as text, as far as the definition's type tells them. */
export type DefinedRecord<D extends ModelDefinition> = Omit<ModelRecord, "params" | "presets"> & {
  readonly definition: ModelDefinition & Pick<D, "events">;
  readonly params: Readonly<Record<Extract<keyof NonNullable<D["params"]>, string>, ParameterRecord>>;
  readonly presets: Readonly<Record<Extract<keyof NonNullable<D["presets"]>, string>, PresetRecord>>;
};

/**
 * A neuron model of one's own: equations, threshold and reset as text, compiled when a simulation uses it.
 * docs/equations.md has the language.
 *
 * @throws EquationError with every mistake in the texts, each with its line and column
 */
export function defineModel<const D extends ModelDefinition>(definition: D): DefinedRecord<D>;
/** A record with kernels of its own; gives it its literal type. */
export function defineModel<const M extends ModelRecord>(record: M): M;
export function defineModel(model: ModelDefinition | ModelRecord): ModelRecord {
  return isRecord(model) ? defineRecord(model) : readModelDefinition(model);
}

function isRecord(model: ModelDefinition | ModelRecord): model is ModelRecord {
  return typeof model === "object" && model !== null && Object.hasOwn(model, "states");
}

/**
 * The record of a definition.
 *
 * @param path where the definition stands in a model file
 */
export function readModelDefinition(input: unknown, path?: string): ModelRecord {
  const given = input as ModelDefinition;
  const checked = compiledAt(given, path);
  const { name } = checked;
  if (Object.hasOwn(models, name) || Object.hasOwn(sources, name)) {
    const place = path === undefined ? "model" : path;
    throw new DuplicateNameError(`${place}.name = "${name}"; a built-in model has this name.`, {
      path: `${place}.name`,
      value: name,
    });
  }
  // A copy: what the caller does with his object later is nothing to the model.
  const definition = JSON.parse(JSON.stringify(given)) as ModelDefinition;
  compiled.set(definition, checked);
  return recordOf(definition, checked);
}

/** Errors in the equations of a model file name the model's place there. */
function compiledAt(given: ModelDefinition, path: string | undefined): CheckedModel {
  if (path === undefined) return compileModel(given);
  try {
    return compileModel(given, { path });
  } catch (error) {
    if (!(error instanceof EquationError)) throw error;
    const name = typeof given.name === "string" ? given.name : "";
    throw new EquationError(name, error.diagnostics, error.count, path);
  }
}

function recordOf(definition: ModelDefinition, checked: CheckedModel): ModelRecord {
  const { name, title, text, references, states, params, presets, intermediates, threshold, crossing } = checked;
  const assigned = checked.reset.map((one) => [one.name, resetText(one)] as const);
  const first = text.split(/(?<=[.!?])\s/)[0] ?? "";
  return {
    id: name,
    title,
    family: crossing ? "membrane" : "resets",
    summary: first === "" ? `A model of its own with the equations of ${states.map((s) => s.name).join(", ")}.` : first,
    text,
    current: shownUnit(checked.current),
    conductance: conductanceOf(checked),
    states: Object.fromEntries(states.map(({ name: state, unit }) => [state, stateRecord(state, unit, crossing)])),
    params: Object.fromEntries(params.map((one) => [one.name, parameterRecord(one)])),
    coefficients: {},
    functions: Object.fromEntries(intermediates.map(({ name: x, value }) => [x, printExpression(value)])),
    equations: Object.fromEntries(
      states.map(({ name: x, derivative }) => [x, derivative ? printExpression(derivative) : "0"]),
    ),
    threshold: threshold === undefined ? "" : printExpression(threshold),
    ...(crossing ? {} : { reset: Object.fromEntries(assigned) }),
    init: Object.fromEntries(states.map(({ name: x, init }) => [x, initText(init)])),
    methods: methodsOf(checked),
    exponentials: 0,
    presets: Object.fromEntries(presets.map(({ name: preset, ...one }) => [preset, one])),
    references,
    definition,
  };
}

function shownUnit(unit: string): string {
  return unit === "1" ? "" : symbolic(unit);
}

function resetText({ name, operator, value }: CheckedModel["reset"][number]): string {
  if (operator === undefined) return printExpression(value);
  return printExpression({ ...value, kind: "binary", operator, left: { ...value, kind: "name", name }, right: value });
}

function initText(init: CheckedModel["states"][number]["init"]): string {
  if (init === undefined) return "0";
  return init.kind === "number" ? String(init.value) : printExpression(init.value);
}

/** The unit of a conductance: that of the current over mV, or over whatever else v is. */
function conductanceOf({ system, states }: CheckedModel): string {
  const v = parseUnit(states[0]?.unit ?? "1");
  return v === undefined ? "" : shownUnit(system.symbol(over(system.currentUnit.dimension, v.dimension)));
}

/**
 * By what a difference of v is multiplied to give a current together with the conductances of the model: the unit in
 * which v is kept, in mV. 1 where v is a pure number.
 */
export function membraneScale(record: ModelRecord): number {
  const v = equationsOf(record)?.states[0];
  return v === undefined ? 1 : factorOf(v.scale);
}

/**
 * By what a parameter's number is multiplied to be in mV, ms and the unit of the current; 1 in built-in models, which
 * are in these.
 */
export function parameterScale(record: ModelRecord, name: string): number {
  const found = equationsOf(record)?.params.find((one) => one.name === name);
  return found === undefined ? 1 : factorOf(found.scale);
}

/**
 * What a current of 1 adds to dv/dt of a model with equations, in the unit of v per ms.
 *
 * @param numberOf a parameter's number
 * @returns undefined where that depends on more than parameters
 */
export function inputGain(record: ModelRecord, numberOf: (param: string) => number, dt: number): number | undefined {
  const slope = inputSlope(record);
  if (slope === undefined) return undefined;
  const params = equationsOf(record)?.params.map(({ name }) => numberOf(name)) ?? [];
  return evaluate(slope, { params, dt, index: 0, size: 1, math: HOST });
}

/** By what the input is multiplied in dv/dt, where it is known before the run. */
const inputSlope = answered<Expr | undefined>(undefined, (checked) => {
  const ir = new Ir();
  const derivative = lowerModel(checked, ir).states[0]?.derivative;
  const slope = derivative && ir.affine(derivative, ir.input)?.slope;
  return slope && isFixed(ir, slope) ? slope : undefined;
});

/**
 * Far beyond all that neurons do, in mV: a v outside is a runaway. What has a reset may overshoot it in its last step.
 */
const MOST = 1e6;

function stateRecord(name: string, unit: string, crossing: boolean): StateRecord {
  const far = MOST / (millivolts(unit) ?? 1);
  const least = name === "v" ? -far : -Number.MAX_VALUE;
  const most = name === "v" && crossing ? far : Number.MAX_VALUE;
  return { unit: shownUnit(unit), bounds: [least, most], text: name === "v" ? "membrane state" : "" };
}

function parameterRecord({ default: value, unit, range, text }: CheckedModel["params"][number]): ParameterRecord {
  return { default: value, unit: shownUnit(unit), ...(range === undefined ? {} : { range }), text };
}

/** The methods that are for a model, the default first; docs/equations.md states the rule. */
function methodsOf(checked: CheckedModel): readonly Method[] {
  const ir = new Ir();
  const model = lowerModel(checked, ir);
  const steps: readonly Method[] = STEP_METHODS.filter((method) => refusal(ir, model, method) === undefined);
  const possible = eventRefusal(ir, model) === undefined ? [...steps, "eventDriven" as const] : steps;
  const others: readonly Method[] = runsAway(ir, model) ? ["euler"] : ["rk4", "euler"];
  const wanted: readonly Method[] = hasGates(ir, model) ? ["exact", "exponentialEuler", "rk4"] : ["exact", ...others];
  const best = wanted.find((method) => possible.includes(method)) as Method;
  return [best, ...possible.filter((method) => method !== best)];
}

/**
 * A model with a reset whose v rises exponentially with itself, and nothing clips that: a stage of rk4 that looks
 * beyond the threshold finds numbers that are too large for the step that it belongs to, at any dt.
 */
function runsAway(ir: Ir, { states, reset }: IrModel): boolean {
  const [v] = states;
  if (v?.derivative === undefined || reset.length === 0) return false;
  const rises = (e: Expr): boolean =>
    e.op === "call" && EXPONENTIALS.includes(e.name) && e.args.some((arg) => follows(ir, arg));
  return inOrder([v.derivative]).some(rises);
}

const EXPONENTIALS: readonly string[] = ["exp", "expm1", "exprel", "sinh", "cosh"];

/** Whether an expression follows v wherever it goes. */
function follows(ir: Ir, e: Expr): boolean {
  if (e === ir.state(0)) return true;
  return e.op !== "min" && e.op !== "select" && e.args.some((arg) => follows(ir, arg));
}

/** A model that makes its action potentials by itself, with a state that relaxes at a rate which depends on v. */
function hasGates(ir: Ir, { states, crossing }: IrModel): boolean {
  if (!crossing || states.some(({ noise }) => noise.length > 0)) return false;
  return states.some(({ derivative }, j) => {
    if (derivative === undefined || j === 0) return false;
    const form = ir.affine(derivative, ir.state(j));
    return form !== undefined && ir.leaves(form.slope).has(ir.state(0));
  });
}

/**
 * The methods that are not for a model, and why.
 *
 * @returns a sentence without its end, or undefined
 */
export function refusedMethod(record: ModelRecord, method: Method): string | undefined {
  const checked = equationsOf(record);
  if (checked === undefined || record.methods.includes(method)) return undefined;
  const known = STEP_METHODS.find((one) => one === method);
  if (!METHODS.includes(method)) return undefined;
  const ir = new Ir();
  if (method === "eventDriven") return eventRefusal(ir, lowerModel(checked, ir));
  if (known === undefined) return "it exists for some built-in models only";
  return refusal(ir, lowerModel(checked, ir), known);
}

/**
 * Whether exponentialEuler takes gates or functions of a potential of a model with equations from tables, see
 * docs/numerics.md.
 */
export const usesTables = answered(false, (checked) => {
  const ir = new Ir();
  const program = integrate(ir, lowerModel(checked, ir), "exponentialEuler", { conducts: false, jumps: false });
  const { tables, lookups } = plan(program, { tables: true });
  return tables.length + lookups.length > 0;
});

/** Whether the equations of a model, its conditions or its resets contain I. */
export const readsInput = answered(true, (checked) => {
  const ir = new Ir();
  const { states, threshold, reset, events } = lowerModel(checked, ir);
  const derivatives = states.flatMap(({ derivative, noise }) => [
    derivative,
    ...noise.map(({ amplitude }) => amplitude),
  ]);
  const resets = [...reset, ...events.flatMap((event) => event.reset)].map(({ value }) => value);
  const all = [...derivatives, threshold, ...events.map(({ condition }) => condition), ...resets];
  return all.some((e) => e !== undefined && ir.dependsOn(e, "input"));
});

/** Functions without a value for some arguments. */
const PARTIAL: ReadonlySet<string> = new Set(["log", "log10", "log1p", "sqrt", "pow", "asin", "acos"]);

/**
 * The parts of a model's equations that have no value everywhere, each once: a logarithm, a root, a power that is no
 * whole number, an arc sine, and a division by what changes. None of a model that is not made of equations.
 */
export function partialTerms(record: ModelRecord): readonly string[] {
  const checked = equationsOf(record);
  if (checked === undefined) return [];
  const { states, intermediates, reset, events, scope } = checked;
  const changes = (node: Expression): boolean =>
    [...namesIn(node)].some(
      ({ name }) => !["parameter", "constant", "index", "size"].includes(scope.lookup(name)?.kind ?? ""),
    );
  const found = new Set<string>();
  const visit = (node: Expression): void => {
    const isCall = node.kind === "call" && PARTIAL.has(node.name);
    const isDivision = node.kind === "binary" && node.operator === "/" && changes(node.right);
    const isPower = node.kind === "binary" && node.operator === "**" && changes(node.left) && !isWhole(node.right);
    if (isCall || isDivision || isPower) found.add(printExpression(node));
    for (const child of children(node)) visit(child);
  };
  const statements = [reset, ...events.map((one) => one.reset)].flat();
  for (const { derivative } of states) if (derivative) visit(derivative);
  for (const { value } of [...intermediates, ...statements]) visit(value);
  for (const { operator, value } of statements)
    if (operator === "/" && changes(value)) found.add(printExpression(value));
  return [...found];
}

function isWhole(node: Expression): boolean {
  const value = node.kind === "unary" ? node.operand : node;
  return value.kind === "number" && Number.isInteger(value.value);
}

/**
 * What a user should know of how a method treats the states of a model with equations, a sentence without its end each.
 */
export function methodNotes(record: ModelRecord, method: Method): readonly string[] {
  return notesOf(record)[method] ?? [];
}

const notesOf = answered<Readonly<Partial<Record<Method, readonly string[]>>>>({}, (checked) => {
  const ir = new Ir();
  const model = lowerModel(checked, ir);
  const possible = STEP_METHODS.filter((method) => refusal(ir, model, method) === undefined);
  return Object.fromEntries(
    possible.map((method) => [method, integrate(ir, model, method, { conducts: false, jumps: false }).notes]),
  );
});

/**
 * Checks the text of a background current of a model's neurons.
 *
 * @throws EquationError with every mistake in the text; LengthError where it is too long to be read
 */
export function checkCurrent({ current }: ModelRecord, text: string, path: string): CheckedCurrent {
  checkLength(text, path);
  return compileCurrent(text, unitOf(current), path);
}

/**
 * Checks the text of a source's rate, an expression of t, i and N in Hz.
 *
 * @throws EquationError with every mistake in the text; LengthError where it is too long to be read
 */
export function checkRateText(text: string, path: string): CheckedCurrent {
  checkLength(text, path);
  return compileCurrent(text, "Hz", path, "rate");
}

function checkLength(text: string, path: string): void {
  if (text.length > MAX_LENGTH) {
    const allowed = `at most ${MAX_LENGTH} characters`;
    throw new LengthError(`${path}: a text of ${text.length} characters; it must have ${allowed}.`, {
      path,
      value: text.length,
      allowed,
    });
  }
}

/**
 * The least and the greatest rate in Hz that a text may give, by the functions that it is made of.
 *
 * @param from, to times in ms
 */
export function rateBounds(text: string, size: number, from: number, to: number): Interval {
  const ir = new Ir();
  const value = lowerCurrent(checkRateText(text, "rate"), ir);
  return bounds(value, { t: [from, to], index: [0, Math.max(0, size - 1)], size: [size, size] });
}

/** The host's functions: for figures and findings, never for results. */
export const HOST: Mathematics = {
  exp: Math.exp,
  log: Math.log,
  log10: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  expm1: Math.expm1,
  log1p: Math.log1p,
  exprel: (x) => (x === 0 ? 1 : Math.expm1(x) / x),
  pow: Math.pow,
} satisfies Required<Mathematics>;

/** A background current as a function of time, for figures and findings; NaN where it is random. */
export function currentFunction(
  record: ModelRecord,
  text: string,
  size: number,
): (t: number, neuron: number) => number {
  const value = lowerCurrent(checkCurrent(record, text, record.id), new Ir());
  return (t, index) => evaluate(value, { t, index, size, random: () => Number.NaN, math: HOST });
}

/** Refuses a method that is not for a model with equations, with the reason. */
export function checkMethod(record: ModelRecord, method: unknown, path: string): void {
  if (typeof method !== "string") return;
  const why = refusedMethod(record, method as Method);
  if (why === undefined) return;
  const allowed = record.methods.join(", ");
  throw new ValueRangeError(`${path} = "${method}"; ${why}. ${record.id} offers: ${allowed}.`, {
    path,
    value: method,
    allowed: record.methods,
  });
}

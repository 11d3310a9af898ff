/** Receptors: what a spike of weight 1 does. */
import { millivolts } from "../lang/dimensions.js";
import { checkKeys, keyPath, outOfRange, readName, readObject, requiredField } from "../model/check.js";
import { DuplicateNameError, placeText, quantityText, ValueRangeError } from "../model/errors.js";
import {
  checkKernelFits,
  kernelRecord,
  type OwnReceptorInput,
  type ReceptorKernelRecord,
} from "../model/receptorKernel.js";
import type { ModelRecord } from "../model/record.js";
import {
  type At,
  type Context,
  type Fields,
  type Flat,
  type InputOf,
  name,
  number,
  type Options,
  quantity,
  readFields,
  type SpecOf,
  type Unit,
  writeFields,
} from "./field.js";

interface ReceptorContext extends Context {
  readonly model: ModelRecord;
}

/** Numbers of a receptor in the core, times in ms. */
export interface Response {
  /** Time constants of the decay, and of the rise that feeds it. */
  readonly decay?: number;
  readonly rise?: number;
  /** How long it is constant. */
  readonly duration?: number;
  /** It is divided by 1 + strength exp(slope v), v in mV. */
  readonly block?: { readonly strength: number; readonly slope: number };
}

export interface ReceptorRecord<F extends Fields = Fields, C extends string = string> {
  /** What it is, a sentence. */
  readonly text: string;
  readonly source?: string;
  readonly fields: F;
  /** It needs v in mV; why. */
  readonly millivolts?: string;
  /** Its name in the core, and its numbers there. */
  readonly core: C;
  lower(spec: SpecOf<F>): Response;
}

function receptor<const F extends Fields, const C extends string>(record: ReceptorRecord<F, C>): ReceptorRecord<F, C> {
  return record;
}

/** A time constant. */
function tau<const O extends Partial<Options<number, Context>>>(text: string, of: string, more: O) {
  return quantity("ms", { text, meaning: `the time constant${of} in ms`, range: "> 0" as const, ...more });
}

/** Refuses a rise that is slower than the decay. */
function ordered(decay: number, { entry, get }: At<Context>): void {
  const rise = get("tau_rise") as number;
  if (rise > decay) outOfRange(rise, "ms", keyPath(entry, "tau_rise"), `<= tau_decay = ${quantityText(decay, "ms")}`);
}

const REVERSAL = "Reversal potential; with it the receptor is a conductance.";
const E_rev = quantity("membrane", { text: REVERSAL, optional: true });

/** The state that jumps, where it is not v; a kernel that is not made of equations knows the jumps of v only. */
function readLanding(value: unknown, { path, context: { model } }: At<ReceptorContext>): string | undefined {
  if (model.definition === undefined) {
    const message = `${placeText(path, JSON.stringify(value))}; a delta receptor of ${model.id} acts on v. Other states jump in models with equations only.`;
    throw new ValueRangeError(message, { path, value, allowed: "left out" });
  }
  const states = Object.keys(model.states);
  const state = readName(value, path, `state of ${model.id}`, states);
  return state === states[0] ? undefined : state;
}

export const receptors = {
  /** A jump of v by the weight, in mV; or of another state of a model with equations, in its unit. */
  delta: receptor({
    text: "A jump of v",
    fields: {
      state: name({
        text: "State that jumps, where it is not v; models with equations only.",
        optional: true,
        read: readLanding,
        fixed: true,
        ownModels: true,
      }),
    },
    core: "delta",
    lower: () => ({}),
  }),
  /** Jump by the weight and exponential decay with tau. */
  exponential: receptor({
    text: "A jump and an exponential decay",
    fields: { tau: tau("Time constant of the decay", "", {}), E_rev },
    core: "exponential",
    lower: (spec) => ({ decay: spec.tau }),
  }),
  /** Rise and decay with one time constant: e t/tau exp(-t/tau), with the peak at tau. */
  alpha: receptor({
    text: "A rise and a decay with one time constant",
    fields: { tau: tau("Time constant, the time of the peak", "", {}), E_rev },
    core: "riseAndDecay",
    lower: (spec) => ({ rise: spec.tau, decay: spec.tau }),
  }),
  /** Rise with tau_rise and decay with tau_decay, which is not shorter. */
  dualExponential: receptor({
    text: "A rise and a decay with two time constants",
    fields: {
      tau_rise: tau("Time constant of the rise", " of the rise", {}),
      tau_decay: tau("Time constant of the decay, not shorter", " of the decay", { check: ordered }),
      E_rev,
    },
    core: "riseAndDecay",
    lower: (spec) => ({ rise: spec.tau_rise, decay: spec.tau_decay }),
  }),
  /** The weight for `duration` ms, then nothing. */
  step: receptor({
    text: "The weight for a while",
    fields: {
      duration: quantity("ms", {
        text: "How long",
        meaning: "the length of the step in ms",
        range: "> 0",
        fixed: true,
      }),
      E_rev,
    },
    core: "step",
    lower: (spec) => ({ duration: spec.duration }),
  }),
  /**
   * A slow conductance that magnesium blocks near rest: dualExponential times 1/(1 + Mg/3.57 exp(-0.062 v)). By default
   * tau_rise 2 ms, tau_decay 100 ms, E_rev 0 mV and Mg 1 mM.
   */
  nmda: receptor({
    text: "A slow conductance that magnesium blocks near rest",
    source: "Jahr CE, Stevens CF (1990). J Neurosci 10:3178",
    fields: {
      tau_rise: tau("Time constant of the rise", "", { default: 2 }),
      tau_decay: tau("Time constant of the decay", "", { default: 100, check: ordered }),
      E_rev: quantity("membrane", { text: REVERSAL, default: 0 }),
      Mg: number({ text: "Magnesium in mM", default: 1, range: ">= 0" }),
    },
    millivolts: "the magnesium block",
    core: "riseAndDecay",
    lower: (spec) => ({
      rise: spec.tau_rise,
      decay: spec.tau_decay,
      block: { strength: spec.Mg / 3.57, slope: -0.062 },
    }),
  }),
} as const;

type Records = typeof receptors;
export type KernelName = keyof Records;

/** Receptors of the kernels that are built in, as checked data. */
export type BuiltInReceptor = {
  [K in KernelName]: Flat<{ readonly kernel: K } & SpecOf<Records[K]["fields"]>>;
}[KernelName];

/** A receptor with a kernel of the user's own, and its parameters by their names. */
export interface OwnReceptor {
  readonly kernel: ReceptorKernelRecord;
}

/** A receptor as checked data; one that is built in is a conductance with `E_rev`, without it a current. */
export type ReceptorSpec = BuiltInReceptor | OwnReceptor;

/** What `receptor.NAME` makes, or the same object written out as in a model file. */
export type BuiltInReceptorInput = {
  [K in KernelName]: Flat<{ readonly kernel: K } & InputOf<Records[K]["fields"]>>;
}[KernelName];

/** The same, or what a kernel of `defineReceptorKernel` makes. */
export type ReceptorInput = BuiltInReceptorInput | OwnReceptorInput;

/** Whether the kernel is one that was defined as text. */
export function isOwn(receptor: ReceptorSpec): receptor is OwnReceptor {
  return typeof receptor.kernel !== "string";
}

/** The kernels among a population's receptors that were defined as text. */
export function ownKernels(receptorsOf: Readonly<Record<string, ReceptorSpec>>): ReceptorKernelRecord[] {
  return Object.values(receptorsOf).flatMap((receptor) => (isOwn(receptor) ? receptor.kernel : []));
}

/** What a receptor's kernel is called. */
export function kernelName({ kernel }: ReceptorSpec): string {
  return typeof kernel === "string" ? kernel : kernel.id;
}

/** The kind of a receptor where all kernels of users' own are one. */
export function kernelKind({ kernel }: ReceptorSpec): KernelName | "own" {
  return typeof kernel === "string" ? kernel : "own";
}

type Core = Records[KernelName]["core"] | "own";

/** Records of kernels of users' own. */
const ownRecords = new WeakMap<ReceptorKernelRecord, ReceptorRecord<Fields, Core>>();

/** The record of a kernel that was defined as text: its parameters are the fields. */
function ownRecord(kernel: ReceptorKernelRecord): ReceptorRecord<Fields, Core> {
  const known = ownRecords.get(kernel);
  if (known !== undefined) return known;
  const fields = Object.entries(kernel.params).map(([key, { default: value, unit, range, text }]) => {
    const options = { text, default: value, ...(range === undefined ? {} : { range }) };
    return [key, quantity(unit as Unit, options)] as const;
  });
  const record = { text: kernel.summary, fields: Object.fromEntries(fields), core: "own", lower: () => ({}) } as const;
  ownRecords.set(kernel, record);
  return record;
}

/** The record of a receptor's kernel. */
export function kernelOf({ kernel }: ReceptorSpec): ReceptorRecord<Fields, Core> {
  return typeof kernel === "string" ? (receptors[kernel] as ReceptorRecord<Fields, Core>) : ownRecord(kernel);
}

/** The numbers of a receptor in the core. */
export function responseOf(receptor: ReceptorSpec): Response {
  return kernelOf(receptor).lower(receptor as never);
}

/** The reversal potential of a conductance that is built in. */
export function reversalOf(receptor: ReceptorSpec): number | undefined {
  if (isOwn(receptor)) return undefined;
  return (receptor as { readonly E_rev?: number }).E_rev;
}

/** What a receptor adds to what can be recorded of its population. */
export interface ReceptorVariable {
  /** As recordings and initial values call it. */
  readonly name: string;
  readonly unit: string;
  /** It is a state, which may be given an initial value; else what is computed of states when it is asked for. */
  readonly isState: boolean;
}

/**
 * The variables of receptor `name`: the conductance `g_NAME` or the current `i_NAME`, which a delta receptor has not;
 * of a kernel of one's own each state, `STATE_NAME`, and its output as `g_NAME` or `i_NAME`, unless a state has that
 * name.
 */
export function receptorVariables(name: string, receptor: ReceptorSpec, model: ModelRecord): ReceptorVariable[] {
  if (isOwn(receptor)) {
    const { conductance, states } = receptor.kernel;
    const [letter, unit] = conductance ? ["g", model.conductance] : ["i", model.current];
    const own = Object.entries(states).map(([state, of]) => ({ name: `${state}_${name}`, unit: of, isState: true }));
    return Object.hasOwn(states, letter) ? own : [...own, { name: `${letter}_${name}`, unit, isState: false }];
  }
  const variable = receptorVariable(name, receptor);
  return variable === undefined ? [] : [{ name: variable, unit: weightUnit(model, receptor), isState: true }];
}

/** The name of the state that a built-in receptor adds to its population; undefined for a delta receptor. */
export function receptorVariable(name: string, receptor: ReceptorSpec): string | undefined {
  if (kernelOf(receptor).core === "delta") return undefined;
  return `${isConductance(receptor) ? "g" : "i"}_${name}`;
}

/** Whether a receptor is a conductance: its weights are not negative. */
export function isConductance(receptor: ReceptorSpec): boolean {
  return isOwn(receptor) ? receptor.kernel.conductance : reversalOf(receptor) !== undefined;
}

/** The state that a delta receptor makes jump, where that is not v. */
export function landingOf(receptor: ReceptorSpec): string | undefined {
  return (receptor as { readonly state?: string }).state;
}

/** Unit of the membrane state: of jumps, thresholds and reversal potentials. */
export function membraneUnit(model: ModelRecord): string {
  return Object.values(model.states)[0]?.unit ?? "";
}

/** Unit of the weights of a receptor: jump of a state, peak conductance or peak current. */
export function weightUnit(model: ModelRecord, receptor: ReceptorSpec): string {
  if (isOwn(receptor)) return receptor.kernel.weight;
  if (kernelOf(receptor).core === "delta") return model.states[landingOf(receptor) ?? ""]?.unit ?? membraneUnit(model);
  return isConductance(receptor) ? model.conductance : model.current;
}

/** "an alpha", "a step". */
function withArticle(name: string): string {
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

/** Refuses a kernel that needs v in mV where it is something else. */
function checkMembrane(kernel: string, why: string, path: string, model: ModelRecord): void {
  const unit = membraneUnit(model);
  if (millivolts(unit) !== undefined) return;
  const what = unit === "" ? "a pure number" : `in ${unit}`;
  const message = `${placeText(path, JSON.stringify(kernel))}; ${why} needs a membrane potential in mV, and v of ${model.id} is ${what}.`;
  const allowed = Object.entries<ReceptorRecord>(receptors).flatMap(([name, record]) =>
    record.millivolts === undefined ? [name] : [],
  );
  throw new ValueRangeError(message, { path, value: kernel, allowed });
}

/** Kernels that a document defines, by name. */
export type OwnKernels = Readonly<Record<string, ReceptorKernelRecord>>;

/**
 * Reads a receptor.
 *
 * @param model the model of the population that has the receptor
 * @param defined kernels that the input may name beside those that are built in
 */
export function parseReceptor(
  input: unknown,
  path: string,
  model: ModelRecord,
  defined: OwnKernels = {},
): ReceptorSpec {
  const known = kernelRecord(input);
  if (known !== undefined) return parseReceptor({ kernel: known }, path, model);
  const object = readObject(input, path, 'an object such as { "kernel": "exponential", "tau": 5 }');
  const builtIn = Object.keys(receptors) as KernelName[];
  const names: readonly string[] = [...builtIn, ...Object.keys(defined)];
  const place = keyPath(path, "kernel");
  const given = requiredField(object, "kernel", path, `one of ${names.join(", ")}`);
  const named = typeof given === "string" && Object.hasOwn(defined, given) ? defined[given] : undefined;
  const own = named ?? kernelRecord(given);
  if (own !== undefined) return parseOwn(own, object, path, model);
  const kernel = readName(given, place, "kernel", names) as KernelName;
  const record: ReceptorRecord = receptors[kernel];
  checkKeys(object, path, ["kernel", ...Object.keys(record.fields)], `key of ${withArticle(kernel)} receptor`);
  if (record.millivolts !== undefined) checkMembrane(kernel, record.millivolts, place, model);
  const context: ReceptorContext = { model, size: 0, units: { membrane: () => membraneUnit(model) } };
  return { kernel, ...readFields(record.fields, object, path, context) } as unknown as ReceptorSpec;
}

/** Refuses a kernel that has the name of a built-in one: model files could not tell them apart. */
export function checkNewKernel({ id }: ReceptorKernelRecord, path: string): void {
  if (!Object.hasOwn(receptors, id)) return;
  const message = `${placeText(path, JSON.stringify(id))}; a built-in kernel has this name.`;
  throw new DuplicateNameError(message, { path, value: id });
}

function parseOwn(
  kernel: ReceptorKernelRecord,
  object: Readonly<Record<string, unknown>>,
  path: string,
  model: ModelRecord,
): ReceptorSpec {
  const { fields } = ownRecord(kernel);
  checkKeys(object, path, ["kernel", ...Object.keys(fields)], `key of a receptor with the kernel ${kernel.id}`);
  checkNewKernel(kernel, keyPath(path, "kernel"));
  checkKernelFits(kernel, model, keyPath(path, "kernel"));
  const context: ReceptorContext = { model, size: 0, units: {} };
  return { kernel, ...readFields(fields, object, path, context) };
}

/** Refuses receptors of which two variables, or one and a state of the model, would have one name. */
export function checkVariables(
  receptorsOf: Readonly<Record<string, ReceptorSpec>>,
  path: string,
  model: ModelRecord,
): void {
  if (!Object.values(receptorsOf).some(isOwn)) return;
  const states = [...Object.keys(model.states), "I_background"];
  const taken = new Map(states.map((name) => [name, `${model.id} has a state`]));
  for (const [key, receptor] of Object.entries(receptorsOf)) {
    for (const { name } of receptorVariables(key, receptor, model)) {
      const place = keyPath(path, key);
      const other = taken.get(name);
      if (other !== undefined) {
        const message = `${place}: its variable would be called ${name}, and ${other} of that name already; give the receptor another name.`;
        throw new DuplicateNameError(message, { path: place, value: name });
      }
      taken.set(name, `the receptor ${key} has one`);
    }
  }
}

/** A receptor as model files have it. */
export function writeReceptor(receptor: ReceptorSpec): Record<string, unknown> {
  return { kernel: kernelName(receptor), ...writeFields(kernelOf(receptor).fields, receptor) };
}

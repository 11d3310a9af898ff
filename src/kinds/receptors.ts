/** Receptors: what a spike of weight 1 does. */
import { millivolts } from "../lang/dimensions.js";
import { checkKeys, keyPath, outOfRange, readName, readObject, requiredField } from "../model/check.js";
import { placeText, quantityText, ValueRangeError } from "../model/errors.js";
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

/** A receptor as checked data; with `E_rev` it is a conductance, without it a current. */
export type ReceptorSpec = {
  [K in KernelName]: Flat<{ readonly kernel: K } & SpecOf<Records[K]["fields"]>>;
}[KernelName];

/** What `receptor.NAME` makes, or the same object written out as in a model file. */
export type ReceptorInput = {
  [K in KernelName]: Flat<{ readonly kernel: K } & InputOf<Records[K]["fields"]>>;
}[KernelName];

/** The record of a receptor's kernel. */
export function kernelOf({ kernel }: ReceptorSpec): ReceptorRecord<Fields, Records[KernelName]["core"]> {
  return receptors[kernel] as ReceptorRecord<Fields, Records[KernelName]["core"]>;
}

/** The numbers of a receptor in the core. */
export function responseOf(receptor: ReceptorSpec): Response {
  return kernelOf(receptor).lower(receptor as never);
}

/** The reversal potential of a conductance. */
export function reversalOf(receptor: ReceptorSpec): number | undefined {
  return (receptor as { readonly E_rev?: number }).E_rev;
}

/**
 * The name of the state that receptor `name` adds to its population; undefined for a delta receptor, which has none.
 */
export function receptorVariable(name: string, receptor: ReceptorSpec): string | undefined {
  if (kernelOf(receptor).core === "delta") return undefined;
  return `${isConductance(receptor) ? "g" : "i"}_${name}`;
}

/** Whether a receptor is a conductance: its weights are not negative. */
export function isConductance(receptor: ReceptorSpec): boolean {
  return reversalOf(receptor) !== undefined;
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

/**
 * Reads a receptor.
 *
 * @param model the model of the population that has the receptor
 */
export function parseReceptor(input: unknown, path: string, model: ModelRecord): ReceptorSpec {
  const object = readObject(input, path, 'an object such as { "kernel": "exponential", "tau": 5 }');
  const names = Object.keys(receptors) as KernelName[];
  const place = keyPath(path, "kernel");
  const kernel = readName(requiredField(object, "kernel", path, `one of ${names.join(", ")}`), place, "kernel", names);
  const record: ReceptorRecord = receptors[kernel];
  checkKeys(object, path, ["kernel", ...Object.keys(record.fields)], `key of ${withArticle(kernel)} receptor`);
  if (record.millivolts !== undefined) checkMembrane(kernel, record.millivolts, place, model);
  const context: ReceptorContext = { model, size: 0, units: { membrane: () => membraneUnit(model) } };
  return { kernel, ...readFields(record.fields, object, path, context) } as unknown as ReceptorSpec;
}

/** A receptor as model files have it. */
export function writeReceptor(receptor: ReceptorSpec): Record<string, unknown> {
  return { kernel: receptor.kernel, ...writeFields(kernelOf(receptor).fields, receptor) };
}

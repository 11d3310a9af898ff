/** What is known of a group while it is written, and the texts that all its parts need. */
import { isConductance } from "../../kinds/receptors.js";
import { isDistribution, merged } from "../../kinds/value.js";
import type { CheckedModel } from "../../lang/check.js";
import type { Dimension } from "../../lang/dimensions.js";
import type { Method } from "../../model/record.js";
import type { PopulationSpec } from "../../model/spec.js";
import { type Arrays } from "../python.js";
import { ExchangeError, type Report } from "../report.js";
import { checkedOf } from "./checked.js";
import type { Propagator } from "./linear.js";
import { dimensionText, Variables, Writer, type Writing } from "./text.js";

/** What all parts of a script share. */
export interface Shared {
  readonly dt: number;
  readonly report: Report;
  readonly arrays: Arrays;
  /** Names of functions of Python that the script needs. */
  readonly helpers: Set<string>;
  /** Jumps come before thresholds: synapses act earlier in a step than Brian2 has them. */
  readonly early: boolean;
}

/** Where the weight of a spike goes. */
export interface Landing {
  /** Variable of the target. */
  readonly variable: string;
  /** Its unit, as it is written here. */
  readonly unit: string;
  /** It is taken away again so many steps later. */
  readonly ends?: number;
}

/** A group, and what of it others need. */
export interface Group {
  /** Name in Python. */
  readonly variable: string;
  readonly spec: PopulationSpec;
  /** Lines that make it. */
  readonly lines: readonly string[];
  readonly landings: Readonly<Record<string, Landing>>;
  /** Variable of each quantity that can be recorded, with its unit. */
  readonly recorded: Readonly<Record<string, { readonly variable: string; readonly unit: string }>>;
  readonly spikes: boolean;
  /** Names of its variables and numbers. */
  readonly taken: ReadonlySet<string>;
}

/** What projections add to a population. */
export interface Extras {
  /** Currents of gap junctions, by name. */
  readonly currents: readonly string[];
  /** Counters of spikes. */
  readonly counters: readonly string[];
}

/** When a method looks at its input. */
export type Looks = "start" | "stages" | "middle";

const LOOKS: Readonly<Record<Method, Looks>> = {
  euler: "start", exponentialEuler: "start", exact: "start", halfStep: "start",
  eventDriven: "start", heun: "stages", rk4: "stages", rosenbrock: "stages", strangSplitting: "middle",
};

/** A group while it is written. */
export interface Draft {
  readonly spec: PopulationSpec;
  readonly path: string;
  readonly shared: Shared;
  readonly extras: Extras;
  readonly variable: string;
  readonly checked: CheckedModel;
  readonly method: Method;
  readonly looks: Looks;
  /** The time at which a smooth function of it is looked at. */
  readonly time: string;
  /** The membrane potential, and its unit. */
  readonly v: string;
  readonly vUnit: string;
  readonly currentUnit: string;
  readonly names: Variables;
  /** Names of the model in Brian2. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Numbers of parameters; undefined where they are drawn. */
  readonly numbers: readonly (number | Float64Array | undefined)[];
  readonly before: string[];
  readonly namespace: [name: string, value: string][];
  readonly equations: string[];
  /** Quantities that are computed once in a step. */
  readonly frozen: string[];
  /** Text of a frozen expression and its name. */
  readonly known: Map<string, string>;
  readonly settings: string[];
  readonly runners: string[];
  readonly landings: Record<string, Landing>;
  readonly recorded: Record<string, { variable: string; unit: string }>;
  /** Terms of I. */
  readonly terms: string[];
  /** Of linear models: what receptors add in the exact step, to the first and the second state. */
  readonly exactTerms: [v: string, w: string][];
  /** The start of a step has a name. */
  started: boolean;
  /** The neuron is held for a time after a spike. */
  held: boolean;
  /** What a spike does to the time that its neuron is held for. */
  holdStatement: string | undefined;
  propagatorsFound: readonly Propagator[] | undefined;
}

/** An empty group. */
export function draftOf(spec: PopulationSpec, path: string, variable: string, shared: Shared, extras: Extras): Draft {
  const method = methodOf(spec);
  const looks = LOOKS[method];
  const checked = checkedOf(spec.model, spec.model.clipped === true && isSharp(spec, path));
  const names = new Variables();
  const renamed = new Map<string, string>();
  for (const { name } of [...checked.states, ...checked.params, ...checked.intermediates])
    renamed.set(name, names.of(name));
  for (const name of ["I", "I_background", ...extras.currents, ...extras.counters]) names.of(name);
  return {
    spec,
    path,
    shared,
    extras,
    variable,
    checked,
    method,
    looks,
    time: looks === "middle" ? "(t + 0.5*dt)" : "t",
    v: renamed.get("v") ?? "v",
    vUnit: checked.states[0]?.unit ?? "1",
    currentUnit: spec.model.current === "" ? "1" : spec.model.current,
    names,
    renamed,
    numbers: checked.params.map(({ name }) => {
      const value = merged(spec.params[name] ?? 0);
      return isDistribution(value) ? undefined : value;
    }),
    before: [],
    namespace: [],
    equations: [],
    frozen: [],
    known: new Map(),
    settings: [],
    runners: [],
    landings: {},
    recorded: {},
    terms: [],
    exactTerms: [],
    started: false,
    held: false,
    holdStatement: undefined,
    propagatorsFound: undefined,
  };
}

/** The method that a population has: with conductances there is no exact one. */
export function methodOf({ model, receptors, method }: PopulationSpec): Method {
  const list = Object.values(receptors);
  const many = model.definition !== undefined && Object.keys(model.states).length > 2;
  const changing = many && list.some(({ kernel }) => kernel !== "delta" && kernel !== "step");
  return method === "exact" && (list.some(isConductance) || changing) ? "exponentialEuler" : method;
}

/** Whether the exponential of eif and adex is gone, which is their limit for Delta_T = 0. */
function isSharp({ params }: PopulationSpec, path: string): boolean {
  const value = merged(params.Delta_T ?? 1);
  if (value === 0) return true;
  if (value instanceof Float64Array && value.includes(0)) {
    throw new ExchangeError(
      `${path}.params.Delta_T: neurons with Delta_T 0 beside others; in Brian2 they need a population of their own.`,
      [],
      {
      path: `${path}.params.Delta_T`,
    });
  }
  return false;
}

/** What a name of the model is called in Brian2. */
export function nameOf({ renamed }: Draft, name: string): string {
  return renamed.get(name) ?? name;
}

/** The unit of a state or parameter. */
export function unitOf({ checked: { states, params } }: Draft, name: string): string {
  return states.find((s) => s.name === name)?.unit ?? params.find((p) => p.name === name)?.unit ?? "1";
}

/** A name in an expression; that of noise stays. */
function writtenName({ checked, renamed }: Draft, name: string): string | undefined {
  return checked.scope.lookup(name)?.kind === "noise" ? name : renamed.get(name);
}

/** Writes expressions of the model; `node` may write some of them otherwise. */
export function writerOf(draft: Draft, node?: Writing["node"]): Writer {
  return new Writer(draft.checked.scope, { name: (name) => writtenName(draft, name), ...(node && { node }) });
}

/** Whether a state keeps its value while the neuron is refractory. */
export function stands(draft: Draft, j: number): boolean {
  const { states, refractory, threshold } = draft.checked;
  if (threshold === undefined || refractory.kind === "none") return false;
  if (refractory.kind === "time" && !draft.held) return false;
  if (states.some(({ flags }) => flags.includes("unless refractory")))
    return states[j]?.flags.includes("unless refractory") === true;
  return refractory.kind === "time" && j === 0;
}

/** The name of an expression that is computed once, at the start of the step; one for equal ones. */
export function freeze(draft: Draft, wanted: string, value: string, dimension: Dimension | undefined): string {
  const known = draft.known.get(value);
  if (known !== undefined) return known;
  const name = draft.names.of(wanted);
  draft.known.set(value, name);
  return freezeNamed(draft, name, value, dimension === undefined ? "1" : dimensionText(dimension));
}

/** A quantity that is computed once, at the start of the step. */
export function freezeNamed(draft: Draft, name: string, value: string, unit: string): string {
  const line = `${name} = ${value} : ${unit} (constant over dt)`;
  if (!draft.frozen.includes(line)) draft.frozen.push(line);
  return name;
}

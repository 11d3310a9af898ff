/**
 * A network as checked data: what a model file or the calls of the API become after validation. Numbers are finite and in
 * the model's units (ms, mV, the model's current unit), names are known, defaults are filled in. src/sim builds from it.
 */
import type { Method, ModelRecord } from "./record.js";

export type Distribution =
  | { readonly uniform: readonly [lo: number, hi: number] }
  | { readonly normal: readonly [mean: number, sd: number] }
  | { readonly lognormal: readonly [mu: number, sigma: number] }
  | { readonly exponential: number };

/** A number for all, one number each, or a distribution to draw from. */
export type Value = number | Float64Array | Distribution;

export type ReceptorSpec =
  | { readonly kernel: "delta" }
  /** With `E_rev` a conductance, without it a current. */
  | { readonly kernel: "exponential"; readonly tau: number; readonly E_rev?: number };

export type BackgroundSpec =
  | { readonly kind: "constant"; readonly amplitude: Value }
  /** Rows [time, amplitude, slope per ms]: amplitude + slope (t - time) until the next row; 0 before the first. */
  | { readonly kind: "piecewise"; readonly points: readonly (readonly [t: number, amplitude: number, slope: number])[] }
  /** `count` may be Infinity. */
  | { readonly kind: "pulses"; readonly amplitude: Value; readonly start: number; readonly width: number; readonly period: number; readonly count: number }
  | { readonly kind: "ramp"; readonly start: number; readonly end: number; readonly from: Value; readonly to: Value }
  /** offset + amplitude sin(2 pi frequency t + phase); frequency in Hz, phase in rad. */
  | { readonly kind: "sine"; readonly amplitude: Value; readonly frequency: number; readonly phase: number; readonly offset: Value }
  | { readonly kind: "whiteNoise"; readonly sigma: Value; readonly mean: Value }
  | { readonly kind: "ornsteinUhlenbeck"; readonly mean: Value; readonly sigma: Value; readonly tau: number }
  /** Sample and hold; the last value holds after the end. */
  | { readonly kind: "samples"; readonly dt: number; readonly values: Float64Array; readonly file?: string }
  | { readonly kind: "rheobase"; readonly fraction: Value };

export interface PopulationSpec {
  readonly name: string;
  readonly model: ModelRecord;
  readonly size: number;
  readonly method: Method;
  /** True when the method was not named, so that the default may adapt to conductance receptors. */
  readonly methodIsDefault: boolean;
  readonly preset?: string;
  /** Every parameter of the model: default, then preset, then what was given. */
  readonly params: Readonly<Record<string, Value>>;
  /** Initial values that were given: states, and `g_NAME` or `i_NAME` of receptors. */
  readonly init: Readonly<Record<string, Value>>;
  readonly receptors: Readonly<Record<string, ReceptorSpec>>;
  readonly background: readonly BackgroundSpec[];
}

export type RuleSpec =
  | { readonly rule: "allToAll" }
  | { readonly rule: "oneToOne" }
  | { readonly rule: "fixedProbability"; readonly p: number }
  | { readonly rule: "fixedIndegree"; readonly k: number }
  /** `columns`: what else the file gave. */
  | { readonly rule: "list"; readonly sources: Uint32Array; readonly targets: Uint32Array; readonly file?: string; readonly columns?: readonly ("weight" | "delay")[] };

/** A weight or delay: as a Value (an array has one number per synapse of a list), or computed from the two indices. */
export type SynapseValue = Value | ((source: number, target: number) => number);

export interface ProjectionSpec {
  readonly source: string;
  readonly target: string;
  readonly receptor: string;
  readonly rule: RuleSpec;
  readonly weight: SynapseValue;
  /** ms */
  readonly delay: SynapseValue;
  readonly autapses: boolean;
  readonly multapses: boolean;
  /** Storage of per-synapse weights; a common weight is always float64. */
  readonly weightPrecision: "float32" | "float64";
}

export interface RecordSpec {
  readonly population: string;
  /** "spikes", a state, `g_NAME`/`i_NAME` of a receptor, or `I_background`. */
  readonly variables: readonly string[];
  /** Undefined: all neurons. */
  readonly neurons?: Uint32Array;
  /** Sampling interval in ms; dt when undefined. */
  readonly every?: number;
  /** Start of the recording in ms. */
  readonly from: number;
}

/** A whole network as checked data: what `parseDocument` and `parseModelFile` give. */
export interface NetworkSpec {
  readonly name: string;
  readonly dt: number;
  readonly duration: number;
  readonly seed: number;
  readonly populations: readonly PopulationSpec[];
  readonly projections: readonly ProjectionSpec[];
  readonly record: readonly RecordSpec[];
}

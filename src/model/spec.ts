/**
 * A network as checked data: what a model file or the calls of the API become after validation. Numbers are finite and
 * in the model's units (ms, mV, the model's current unit), names are known, defaults are filled in. src/sim builds from
 * it.
 */
import type { BackgroundSpec } from "../kinds/backgrounds.js";
import type { PositionsSpec } from "../kinds/layouts.js";
import type { PlasticitySpec, ScalingSpec, ShortTermSpec } from "../kinds/plasticity.js";
import type { ReceptorSpec } from "../kinds/receptors.js";
import type { RuleSpec } from "../kinds/rules.js";
import type { Points, Value } from "../kinds/value.js";
import type { OwnPlasticitySpec, PlasticityRule } from "./ownRule.js";
import type { ReceptorKernelRecord } from "./receptorKernel.js";
import type { Method, ModelRecord } from "./record.js";

export type { Distribution } from "../kinds/distributions.js";
export type { BackgroundKind, BackgroundScope, BackgroundSpec } from "../kinds/backgrounds.js";
export type { PositionsSpec } from "../kinds/layouts.js";
export type { PlasticitySpec } from "../kinds/plasticity.js";
export type { ReceptorSpec } from "../kinds/receptors.js";
export type { RuleSpec } from "../kinds/rules.js";
export type { Points, Value } from "../kinds/value.js";

export interface PopulationSpec {
  readonly name: string;
  readonly model: ModelRecord;
  readonly size: number;
  readonly method: Method;
  /** True when the method was not named, so that the default may adapt to conductance receptors. */
  readonly methodIsDefault: boolean;
  /** Models with gates: how their rates are computed, where it was said. */
  readonly rates?: "exact" | "table";
  readonly preset?: string;
  /** Every parameter of the model: default, then preset, then what was given. Empty for a source population. */
  readonly params: Readonly<Record<string, Value>>;
  /** Initial values that were given: states, and `g_NAME` or `i_NAME` of receptors. */
  readonly init: Readonly<Record<string, Value>>;
  readonly receptors: Readonly<Record<string, ReceptorSpec>>;
  readonly background: readonly BackgroundSpec[];
  /** A source population (models poisson and spikeTrain): what it plays. Others have none. */
  readonly source?: SourceSpec;
  /** Where the neurons are, for the rule `distance`; lengths in one unit of the user's choice. */
  readonly positions?: PositionsSpec;
}

/** Distributions of the intervals of renewal trains. */
export type RenewalKind = "gamma" | "lognormal" | "refractory";
/** How correlated trains share spikes. */
export type SharingKind = "multiple" | "single";

export type SourceSpec =
  /** No population of the network: what stands for an event of another one's model within a simulation. */
  | { readonly kind: "event" }
  /** Rate in Hz. */
  | { readonly kind: "poisson"; readonly rate: Value | Points }
  /** Poisson trains whose rate is a text, an expression of t, i and N. */
  | { readonly kind: "poissonText"; readonly rate: string }
  /** Rate in Hz; `form` is the shape (gamma), the coefficient of variation (lognormal) or the dead time in ms. */
  | { readonly kind: "renewal"; readonly intervals: RenewalKind; readonly rate: Value; readonly form: Value }
  /** Rate in Hz, tau in ms. */
  | {
      readonly kind: "correlated";
      readonly process: SharingKind;
      readonly rate: number;
      readonly correlation: number;
      readonly tau: number;
    }
  /** Spike `neurons[i]` at `times[i]` (ms), sorted by time, then neuron. */
  | {
      readonly kind: "spikeTrain";
      readonly times: Float64Array;
      readonly neurons: Uint32Array;
      readonly file?: string;
      readonly population?: string;
    };

/** A weight or delay: as a Value (an array has one number per synapse of a list), or computed from the two indices. */
export type SynapseValue = Value | ((source: number, target: number) => number);

export interface ProjectionSpec {
  readonly source: string;
  readonly target: string;
  /** The synapses listen to this event of the source's model, not to its spikes. */
  readonly event?: string;
  readonly receptor: string;
  readonly rule: RuleSpec;
  readonly weight: SynapseValue;
  /** ms */
  readonly delay: SynapseValue;
  readonly autapses: boolean;
  readonly multapses: boolean;
  /** Storage of per-synapse weights; a common weight is always float64. */
  readonly weightPrecision: "float32" | "float64";
  /** Gap junctions: ohmic currents weight (v_source - v_target) instead of synapses; no receptor (""), no delay. */
  readonly gapJunction?: boolean;
  readonly shortTerm?: ShortTermSpec;
  /** Probability that a synapse transmits a spike. */
  readonly release?: number;
  readonly plasticity?: PlasticitySpec;
  /** Plasticity with a rule of one's own; then there is no other. */
  readonly ownPlasticity?: OwnPlasticitySpec;
  /** Synaptic scaling: every `interval` ms weights onto a target are multiplied by 1 + rate (rho_0 - r)/rho_0. */
  readonly scaling?: ScalingSpec;
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
  /** Spike times lie between the grid points, where the line of v over the step crosses the threshold. */
  readonly interpolate?: boolean;
}

/** Weights of a plastic projection to record. */
export interface WeightRecordSpec {
  /** Place of the projection in `projections`. */
  readonly projection: number;
  /** A variable of its rule; undefined: the weight. */
  readonly variable?: string;
  /** Places in `Projection.read()`; undefined: all synapses. */
  readonly synapses?: Uint32Array;
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
  /** Models that the network's document defines, whether populations have them or not. */
  readonly models?: readonly ModelRecord[];
  /** The same with rules of plasticity. */
  readonly plasticityRules?: readonly PlasticityRule[];
  /** The same of receptor kernels. */
  readonly receptorKernels?: readonly ReceptorKernelRecord[];
  readonly populations: readonly PopulationSpec[];
  readonly projections: readonly ProjectionSpec[];
  readonly record: readonly RecordSpec[];
  /** The entries of `record` that name a projection. */
  readonly recordWeights: readonly WeightRecordSpec[];
}

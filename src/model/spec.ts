/**
 * A network as checked data: what a model file or the calls of the API become after validation. Numbers are finite and in
 * the model's units (ms, mV, the model's current unit), names are known, defaults are filled in. src/sim builds from it.
 */
import type { Method, ModelRecord } from "./record.js";

export type Distribution =
  | { readonly uniform: readonly [lo: number, hi: number] }
  | { readonly normal: readonly [mean: number, sd: number] }
  | { readonly lognormal: readonly [mu: number, sigma: number] }
  | { readonly exponential: number }
  /** The normal distribution, cut off below lo and above hi. */
  | { readonly truncatedNormal: readonly [mean: number, sd: number, lo: number, hi: number] }
  /** Mean shape times scale, standard deviation sqrt(shape) times scale. */
  | { readonly gamma: readonly [shape: number, scale: number] };

/** A number for all, one number each, or a distribution to draw from. */
export type Value = number | Float64Array | Distribution;

export type ReceptorSpec =
  /** A jump of a state of a model with equations; of v without one. */
  | { readonly kernel: "delta"; readonly state?: string }
  /** With `E_rev` a conductance, without it a current; the same for the kernels below. Peak 1 times the weight. */
  | { readonly kernel: "exponential"; readonly tau: number; readonly E_rev?: number }
  /** e t/tau exp(-t/tau): peak at tau. */
  | { readonly kernel: "alpha"; readonly tau: number; readonly E_rev?: number }
  | { readonly kernel: "dualExponential"; readonly tau_rise: number; readonly tau_decay: number; readonly E_rev?: number }
  /** Constant for `duration` ms. */
  | { readonly kernel: "step"; readonly duration: number; readonly E_rev?: number }
  /** dualExponential times the magnesium factor 1/(1 + Mg/3.57 exp(-0.062 v)); always a conductance. */
  | { readonly kernel: "nmda"; readonly tau_rise: number; readonly tau_decay: number; readonly E_rev: number; readonly Mg: number };

/** Rows [time in ms, value] or [time, value, slope per ms] of a quantity that changes in time; 0 before the first. */
export type Points = readonly (readonly [t: number, value: number, slope: number])[];

/** What every background entry may say beside its kind: which neurons it acts on (all), from when to when (always). */
export interface BackgroundScope {
  readonly neurons?: Uint32Array;
  /** ms; the entry acts in steps whose middle lies in [start, stop). pulses and ramp have a `start` of their own meaning. */
  readonly start?: number;
  readonly stop?: number;
}

export type BackgroundSpec = BackgroundKind & { readonly scope?: BackgroundScope };

export type BackgroundKind =
  /** Independent Poisson spike trains onto a receptor, a count per neuron and step, without delay. Rate in Hz. */
  | { readonly kind: "poisson"; readonly rate: Value | Points; readonly weight: Value; readonly receptor: string }
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
  /** A text in the language of equations over t, i and N, in the unit of the current; see docs/equations.md. */
  | { readonly kind: "expression"; readonly I: string }
  /** Sample and hold; the last value holds after the end. */
  | { readonly kind: "samples"; readonly dt: number; readonly values: Float64Array; readonly file?: string; readonly column?: string | number }
  | { readonly kind: "rheobase"; readonly fraction: Value };

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

export type SourceSpec =
  /** No population of the network: what stands for an event of another one's model within a simulation. */
  | { readonly kind: "event" }
  /** Rate in Hz. */
  | { readonly kind: "poisson"; readonly rate: Value | Points }
  /** Spike `neurons[i]` at `times[i]` (ms), sorted by time, then neuron. */
  | { readonly kind: "spikeTrain"; readonly times: Float64Array; readonly neurons: Uint32Array; readonly file?: string; readonly population?: string };

export type PositionsSpec =
  /** Evenly spaced on a line of this length: neuron i at (i + 0.5) length/size. */
  | { readonly kind: "line"; readonly length: number }
  /** Row by row on a grid: neuron i at ((i mod columns) + 0.5, floor(i/columns) + 0.5) times spacing. */
  | { readonly kind: "grid"; readonly columns: number; readonly spacing: number }
  /** Drawn uniformly from a disc around the origin. */
  | { readonly kind: "disc"; readonly radius: number }
  | { readonly kind: "given"; readonly x: Float64Array; readonly y: Float64Array };

export type RuleSpec =
  | { readonly rule: "allToAll" }
  | { readonly rule: "oneToOne" }
  | { readonly rule: "fixedProbability"; readonly p: number }
  | { readonly rule: "fixedIndegree"; readonly k: number }
  | { readonly rule: "fixedOutdegree"; readonly k: number }
  | { readonly rule: "fixedTotalNumber"; readonly n: number }
  /** Probability p times the kernel at distance/scale: box (<= 1), linear (1 - d), gaussian exp(-d^2/2), exponential exp(-d). */
  | {
      readonly rule: "distance";
      readonly kernel: "box" | "linear" | "gaussian" | "exponential";
      readonly scale: number;
      readonly p: number;
      /** Distances the short way round: the target population's line or grid closes on itself. */
      readonly periodic: boolean;
    }
  /** `columns`: what else the file gave. */
  | { readonly rule: "list"; readonly sources: Uint32Array; readonly targets: Uint32Array; readonly file?: string; readonly columns?: readonly ("weight" | "delay")[] };

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
  readonly shortTerm?: { readonly U: number; readonly tau_rec: number; readonly tau_facil: number };
  /** Probability that a synapse transmits a spike. */
  readonly release?: number;
  readonly plasticity?: PlasticitySpec;
  /** Synaptic scaling: every `interval` ms weights onto a target are multiplied by 1 + rate (rho_0 - r)/rho_0. */
  readonly scaling?: { readonly rho_0: number; readonly rate: number; readonly interval: number; readonly w_min: number; readonly w_max: number };
}

/** Amplitudes are positive, in units of w_max; see docs/synapses.md. */
export type PlasticitySpec = PlasticityRule & {
  /** Share of the common delay that lies in the dendrite; undefined: both spikes count when they happen. */
  readonly dendriticDelayFraction?: number;
};

type PlasticityRule =
  | {
      readonly kind: "stdp";
      readonly A_plus: number;
      readonly A_minus: number;
      readonly tau_plus: number;
      readonly tau_minus: number;
      readonly w_min: number;
      readonly w_max: number;
      readonly weightDependence: "additive" | "multiplicative";
      readonly pairing: "all" | "nearest";
    }
  | {
      readonly kind: "tripletStdp";
      readonly A2_plus: number;
      readonly A3_plus: number;
      readonly A2_minus: number;
      readonly A3_minus: number;
      readonly tau_plus: number;
      readonly tau_minus: number;
      readonly tau_x: number;
      readonly tau_y: number;
      readonly w_min: number;
      readonly w_max: number;
    }
  /** eta in units of the weight, rho_0 in Hz. */
  | { readonly kind: "inhibitoryStdp"; readonly eta: number; readonly rho_0: number; readonly tau: number; readonly w_max: number };

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
  readonly populations: readonly PopulationSpec[];
  readonly projections: readonly ProjectionSpec[];
  readonly record: readonly RecordSpec[];
  /** The entries of `record` that name a projection. */
  readonly recordWeights: readonly WeightRecordSpec[];
}

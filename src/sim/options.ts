/** The shapes that calls take: what model files say, plus functions, typed arrays and records. */
import type { MethodOf, ModelRecord, ParameterName, PresetName, StateName } from "../model/record.js";
import type { Distribution } from "../model/spec.js";

/** A number in the model's unit, or text with a unit ("20 ms"). */
export type Quantity = number | string;

/** One for all neurons, one each (an array, or a function of the index), or a distribution to draw from. */
export type ValueInput = Quantity | readonly Quantity[] | Float64Array | Distribution | ((neuron: number) => number);

/** A weight or delay: as a value, or a function of the indices of source and target. */
export type SynapseInput = Quantity | readonly Quantity[] | Float64Array | Distribution | ((source: number, target: number) => number);

/** A rate in Hz: a value, or rows [time in ms, rate, slope in Hz/ms] that hold until the next row, 0 before the first. */
export type RateInput = ValueInput | { readonly points: readonly (readonly Quantity[])[] };

/** With `E_rev` a receptor is a conductance, without it a current. */
interface Reversal {
  readonly E_rev?: Quantity;
}

/** What `receptor.NAME` makes, or the same object written out as in a model file. */
export type ReceptorInput =
  /** A jump of v, or of another state of a model with equations. */
  | { readonly kernel: "delta"; readonly state?: string }
  | ({ readonly kernel: "exponential"; readonly tau: Quantity } & Reversal)
  | ({ readonly kernel: "alpha"; readonly tau: Quantity } & Reversal)
  | ({ readonly kernel: "dualExponential"; readonly tau_rise: Quantity; readonly tau_decay: Quantity } & Reversal)
  | ({ readonly kernel: "step"; readonly duration: Quantity } & Reversal)
  | ({ readonly kernel: "nmda"; readonly tau_rise?: Quantity; readonly tau_decay?: Quantity; readonly Mg?: number } & Reversal);

/** Which neurons a background entry acts on (all by default), until when (for ever). */
interface UntilScope {
  /** Indices of neurons. Values that are arrays still have one element per neuron of the population. */
  readonly neurons?: readonly number[] | Uint32Array;
  /** ms */
  readonly stop?: Quantity;
}

/** Which neurons a background entry acts on (all by default), from when (0) to when (for ever). */
interface Scope extends UntilScope {
  /** ms */
  readonly start?: Quantity;
}

/** What `background.NAME` makes, or the same object written out as in a model file. */
export type BackgroundInput =
  | ({ readonly kind: "constant"; readonly amplitude: ValueInput } & Scope)
  | ({ readonly kind: "piecewise"; readonly points: readonly (readonly Quantity[])[] } & Scope)
  | ({
      readonly kind: "pulses";
      readonly amplitude: ValueInput;
      readonly start?: Quantity;
      readonly width: Quantity;
      readonly period?: Quantity;
      readonly count?: number;
    } & UntilScope)
  | ({ readonly kind: "ramp"; readonly start?: Quantity; readonly end: Quantity; readonly from: ValueInput; readonly to: ValueInput } & UntilScope)
  | ({
      readonly kind: "sine";
      readonly amplitude: ValueInput;
      readonly frequency: Quantity;
      readonly phase?: Quantity;
      readonly offset?: ValueInput;
    } & Scope)
  /** An expression of t, i and N in the language of equations (docs/equations.md), such as "5*pA*sin(2*pi*8*Hz*t)". */
  | ({ readonly kind: "expression"; readonly I: string } & Scope)
  | ({ readonly kind: "whiteNoise"; readonly sigma: ValueInput; readonly mean?: ValueInput } & Scope)
  | ({ readonly kind: "ornsteinUhlenbeck"; readonly mean?: ValueInput; readonly sigma: ValueInput; readonly tau: Quantity } & Scope)
  /** `receptor` is optional where the population has exactly one. */
  | ({ readonly kind: "poisson"; readonly rate: RateInput; readonly weight: ValueInput; readonly receptor?: string } & Scope)
  | ({ readonly kind: "samples"; readonly dt: Quantity; readonly values: readonly Quantity[] | Float64Array } & Scope)
  | ({ readonly kind: "rheobase"; readonly fraction: ValueInput } & Scope);

type Entry<K extends BackgroundInput["kind"]> = Extract<BackgroundInput, { kind: K }>;
type Fields<K extends BackgroundInput["kind"]> = Omit<Entry<K>, "kind">;

/** Background currents, in the unit of the model's current; see docs/numerics.md for when each value acts. */
export const background = {
  /** The same current all the time. */
  constant: (amplitude: ValueInput, scope: Scope = {}): Entry<"constant"> => ({ kind: "constant", amplitude, ...scope }),
  /** Rows [time in ms, amplitude, slope per ms]: amplitude + slope (t - time) until the next row, 0 before the first. */
  piecewise: (points: Entry<"piecewise">["points"], scope: Scope = {}): Entry<"piecewise"> => ({ kind: "piecewise", points, ...scope }),
  /** Rectangular pulses of `width` ms from `start` on, one per `period`, `count` times. */
  pulses: (fields: Fields<"pulses">): Entry<"pulses"> => ({ kind: "pulses", ...fields }),
  /** From one amplitude to another between the times `start` and `end`. */
  ramp: (fields: Fields<"ramp">): Entry<"ramp"> => ({ kind: "ramp", ...fields }),
  /** offset + amplitude sin(2 pi frequency t + phase), frequency in Hz, phase in rad. */
  sine: (fields: Fields<"sine">): Entry<"sine"> => ({ kind: "sine", ...fields }),
  /** An expression of the time t, the neuron's index i and N neurons, with units: "5*pA*sin(2*pi*8*Hz*t)*(i < 100)". */
  expression: (I: string, scope: Scope = {}): Entry<"expression"> => ({ kind: "expression", I, ...scope }),
  /** Gaussian white noise; sigma in the current's unit times sqrt(ms). For lif std(v) = (sigma/C_m) sqrt(tau_m/2). */
  whiteNoise: (fields: Fields<"whiteNoise">): Entry<"whiteNoise"> => ({ kind: "whiteNoise", ...fields }),
  /** Ornstein-Uhlenbeck process with stationary mean and standard deviation and correlation time tau in ms. */
  ornsteinUhlenbeck: (fields: Fields<"ornsteinUhlenbeck">): Entry<"ornsteinUhlenbeck"> => ({ kind: "ornsteinUhlenbeck", ...fields }),
  /** Events of independent Poisson processes onto a receptor, `rate` Hz per neuron, each with this weight, without delay. */
  poisson: (fields: Fields<"poisson">): Entry<"poisson"> => ({ kind: "poisson", ...fields }),
  /** Given values, `dt` ms apart, each held until the next, the last one for ever. */
  samples: (fields: Fields<"samples">): Entry<"samples"> => ({ kind: "samples", ...fields }),
  /** A constant current of this multiple of the model's rheobase: 0.95 is close below the boundary of firing. */
  rheobase: (fraction: ValueInput, scope: Scope = {}): Entry<"rheobase"> => ({ kind: "rheobase", fraction, ...scope }),
} as const;

type Kernel<K extends ReceptorInput["kernel"]> = Extract<ReceptorInput, { kernel: K }>;
type KernelFields<K extends ReceptorInput["kernel"]> = Omit<Kernel<K>, "kernel">;

/**
 * Receptors: what a presynaptic spike does. All but delta are conductances with the reversal potential `E_rev` and currents
 * without it; the weight is the peak.
 */
export const receptor = {
  /** A jump of v by the weight, in mV; or of another state of a model with equations, in its unit. */
  delta: (fields: KernelFields<"delta"> = {}): Kernel<"delta"> => ({ kernel: "delta", ...fields }),
  /** Jump by the weight and exponential decay with tau. */
  exponential: (fields: KernelFields<"exponential">): Kernel<"exponential"> => ({ kernel: "exponential", ...fields }),
  /** Rise and decay with one time constant: e t/tau exp(-t/tau), with the peak at tau. */
  alpha: (fields: KernelFields<"alpha">): Kernel<"alpha"> => ({ kernel: "alpha", ...fields }),
  /** Rise with tau_rise and decay with tau_decay, which is not shorter. */
  dualExponential: (fields: KernelFields<"dualExponential">): Kernel<"dualExponential"> => ({ kernel: "dualExponential", ...fields }),
  /** The weight for `duration` ms, then nothing. */
  step: (fields: KernelFields<"step">): Kernel<"step"> => ({ kernel: "step", ...fields }),
  /**
   * A slow conductance that magnesium blocks near rest: dualExponential times 1/(1 + Mg/3.57 exp(-0.062 v)). By default
   * tau_rise 2 ms, tau_decay 100 ms, E_rev 0 mV and Mg 1 mM.
   */
  nmda: (fields: KernelFields<"nmda"> = {}): Kernel<"nmda"> => ({ kernel: "nmda", ...fields }),
} as const;

type ReceptorState<R> = `g_${Extract<keyof R, string>}` | `i_${Extract<keyof R, string>}`;

/** What a source of given spikes plays: spike i at `times[i]` (ms) by neuron `neurons[i]`, in any order. */
export interface SpikeTrainInput {
  readonly times: readonly Quantity[] | Float64Array;
  readonly neurons: readonly number[] | Uint32Array;
}

/** Parameters of a model, or what a source plays. */
export type ParametersInput<M extends ModelRecord> = M extends { readonly id: "poisson" }
  ? { readonly rate?: RateInput }
  : M extends { readonly id: "spikeTrain" }
    ? SpikeTrainInput
    : Readonly<Partial<Record<ParameterName<M>, ValueInput>>>;

/**
 * Where the neurons of a population are, for the rule `distance`: evenly on a line, row by row on a grid, drawn from a disc
 * around the origin, or [x, y] of each. The unit of lengths is yours.
 */
export type PositionsInput =
  | { readonly line: { readonly length: number } }
  | { readonly grid: { readonly columns: number; readonly spacing: number } }
  | { readonly disc: { readonly radius: number } }
  | readonly (readonly [x: number, y: number])[];

/** What a population may be given; everything has a default. Sources take `params` and `positions` only. */
export interface PopulationOptions<M extends ModelRecord, R extends Record<string, ReceptorInput> = Record<never, ReceptorInput>> {
  readonly preset?: PresetName<M>;
  readonly method?: MethodOf<M>;
  /**
   * Models with gates under `exponentialEuler`: the gates' steps from a table of v (the default), whose error is below 1e-9,
   * or from the rates' exponentials.
   */
  readonly rates?: M extends { readonly rates: readonly string[] } | { readonly definition: object } ? "table" | "exact" : never;
  readonly params?: ParametersInput<M>;
  /** First values of states and of receptor states (`g_NAME`, `i_NAME`). */
  readonly init?: Readonly<Partial<Record<StateName<M> | ReceptorState<R>, ValueInput>>>;
  readonly receptors?: R;
  readonly background?: M extends { readonly family: "source" } ? never : readonly BackgroundInput[];
  readonly positions?: PositionsInput;
}

/** Which pairs of neurons are connected. */
export type RuleInput =
  | { readonly rule: "allToAll" }
  | { readonly rule: "oneToOne" }
  /** Each pair with the probability p. */
  | { readonly rule: "fixedProbability"; readonly p: number }
  /** k synapses onto each neuron of the target. */
  | { readonly rule: "fixedIndegree"; readonly k: number }
  /** k synapses from each neuron of the source. */
  | { readonly rule: "fixedOutdegree"; readonly k: number }
  /** n synapses in all. */
  | { readonly rule: "fixedTotalNumber"; readonly n: number }
  /**
   * Each pair with the probability p times the kernel at (distance / scale): box (1 up to 1), linear (1 - d), gaussian
   * exp(-d^2/2), exponential exp(-d). Both populations need positions.
   */
  | {
      readonly rule: "distance";
      readonly kernel: "box" | "linear" | "gaussian" | "exponential";
      readonly scale: number;
      /** 1 by default. */
      readonly p?: number;
      /** Distances the short way round the target's line or grid; false by default. */
      readonly periodic?: boolean;
    }
  | { readonly rule: "list"; readonly pairs: readonly (readonly [source: number, target: number])[] };

/** Bounds of weights that change. */
interface Bounds {
  /** 0 by default. */
  readonly w_min?: Quantity;
  readonly w_max: Quantity;
}

/** Spike-timing dependent plasticity. Amplitudes are positive and in units of w_max. */
export type PlasticityInput = RuleOfPlasticity & {
  /**
   * Share of the delay, one for all synapses, that lies in the dendrite: a target's spike counts at the synapse that much later, a
   * source's the rest of the delay later (both in whole steps). Without it both count when they happen.
   */
  readonly dendriticDelayFraction?: number;
};

type RuleOfPlasticity =
  | ({
      readonly kind: "stdp";
      readonly A_plus: number;
      readonly A_minus: number;
      readonly tau_plus: Quantity;
      readonly tau_minus: Quantity;
      /** additive by default. */
      readonly weightDependence?: "additive" | "multiplicative";
      /** all by default. */
      readonly pairing?: "all" | "nearest";
    } & Bounds)
  | ({
      readonly kind: "tripletStdp";
      readonly A2_plus: number;
      readonly A3_plus: number;
      readonly A2_minus: number;
      readonly A3_minus: number;
      readonly tau_plus: Quantity;
      readonly tau_minus: Quantity;
      readonly tau_x: Quantity;
      readonly tau_y: Quantity;
    } & Bounds)
  /** `eta` is in the unit of the weight, `rho_0` in Hz. */
  | { readonly kind: "inhibitoryStdp"; readonly eta: Quantity; readonly rho_0: Quantity; readonly tau: Quantity; readonly w_max: Quantity };

/** Numbers of a plasticity that may change. */
export type PlasticityChange = Partial<Numbers<Extract<PlasticityInput, { kind: "stdp" }>>> &
  Partial<Numbers<Extract<PlasticityInput, { kind: "tripletStdp" }>>> &
  Partial<Numbers<Extract<PlasticityInput, { kind: "inhibitoryStdp" }>>>;
type Numbers<P> = Omit<P, "kind" | "weightDependence" | "pairing" | "dendriticDelayFraction">;

/** Time constants, reversal potential and magnesium of a receptor. */
export interface ReceptorChange {
  readonly tau?: Quantity;
  readonly tau_rise?: Quantity;
  readonly tau_decay?: Quantity;
  readonly E_rev?: Quantity;
  readonly Mg?: number;
}

/** What synapses may have beside a rule and a weight. */
export interface SynapseOptions<R extends string = string> {
  /** An event of the source's model (a name in its `events`) that the synapses listen to instead of its spikes. */
  readonly event?: string;
  /** Optional where the target has exactly one receptor. */
  readonly receptor?: R;
  /** ms; one time step by default. */
  readonly delay?: SynapseInput;
  /** Short-term plasticity of Tsodyks and Markram; tau_facil 0 (the default) keeps the release probability at U. */
  readonly shortTerm?: { readonly U: number; readonly tau_rec: Quantity; readonly tau_facil?: Quantity };
  /** Probability that a synapse transmits a spike. */
  readonly release?: number;
  readonly plasticity?: PlasticityInput;
  /**
   * Every `interval` ms the weights onto a target are multiplied by 1 + rate (rho_0 - r)/rho_0, where r is its rate in that
   * time. The bounds are those of the plasticity where there is one.
   */
  readonly scaling?: { readonly rho_0: Quantity; readonly rate: number; readonly interval: Quantity; readonly w_min?: Quantity; readonly w_max?: Quantity };
  readonly gapJunction?: false;
}

/** Gap junctions instead of synapses: an ohmic current weight (v_source - v_target); the weight is the conductance. */
export interface GapJunctionOptions {
  readonly gapJunction: true;
}

/** A projection's rule, weight, delay, and how its synapses change. */
export type ConnectOptions<R extends string = string> = RuleInput & {
  readonly weight: SynapseInput;
  readonly autapses?: boolean;
  readonly multapses?: boolean;
  readonly weightPrecision?: "float32" | "float64";
} & (SynapseOptions<R> | GapJunctionOptions);

/** What to record of a variable. */
export interface RecordOptions {
  /** Indices of neurons; all by default. */
  readonly neurons?: ArrayLike<number>;
  /** Sampling interval in ms; dt by default. */
  readonly every?: Quantity;
  /** Start of the recording in ms; the present time by default, and not before it. */
  readonly from?: Quantity;
  /** Keeps the last so many ms only, so that memory stays the same however long the run is; all by default. */
  readonly window?: Quantity;
  /** Spikes: times between the grid points by linear interpolation of the crossing; false by default. */
  readonly interpolate?: boolean;
}

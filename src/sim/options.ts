/** The shapes that calls take: what model files say, plus functions, typed arrays and records. */
import { type BackgroundInput, type BackgroundName, type BackgroundRecord, backgrounds } from "../kinds/backgrounds.js";
import type { Distribution } from "../kinds/distributions.js";
import type { InputOf } from "../kinds/field.js";
import type { PositionsInput } from "../kinds/layouts.js";
import type { PlasticityInput, scalingFields, shortTermFields } from "../kinds/plasticity.js";
import { type BuiltInReceptorInput, type KernelName, type ReceptorInput, receptors } from "../kinds/receptors.js";
import type { RuleInput } from "../kinds/rules.js";
import type { Quantity, RateInput, ValueInput } from "../kinds/value.js";
import type { PlasticityRule } from "../model/ownRule.js";
import type { MethodOf, ModelRecord, ParameterName, PresetName, StateName } from "../model/record.js";

export type { BackgroundInput } from "../kinds/backgrounds.js";
export type { ReceptorInput } from "../kinds/receptors.js";
export type { Quantity, RateInput, ValueInput } from "../kinds/value.js";

/** A weight or delay: as a value, or a function of the indices of source and target. */
export type SynapseInput =
  Quantity | readonly Quantity[] | ArrayLike<number> | Distribution | ((source: number, target: number) => number);

type Entry<K extends BackgroundName> = Extract<BackgroundInput, { readonly kind: K }>;
type EntryFields<K extends BackgroundName> = Omit<Entry<K>, "kind">;
type ScopeIn<K extends BackgroundName, A extends string> = Omit<EntryFields<K>, A>;

/**
 * The functions that make background entries: of kinds with one main field that field and the scope, of others all
 * fields.
 */
type BackgroundFunctions = {
  readonly [K in keyof typeof backgrounds]: (typeof backgrounds)[K] extends {
    readonly argument: infer A extends string;
  }
    ? (argument: Entry<K>[A & keyof Entry<K>], scope?: ScopeIn<K, A>) => Entry<K>
    : (fields: EntryFields<K>) => Entry<K>;
};

/** Background currents, in the unit of the model's current; see docs/numerics.md for when each value acts. */
export const background = Object.fromEntries(
  Object.entries<BackgroundRecord>(backgrounds).map(([kind, { argument }]) => [
    kind,
    argument === undefined
      ? (fields: object) => ({ kind, ...fields })
      : (main: unknown, scope: object = {}) => ({ kind, [argument]: main, ...scope }),
  ]),
) as unknown as BackgroundFunctions;

type Kernel<K extends KernelName> = Extract<BuiltInReceptorInput, { readonly kernel: K }>;
type KernelFields<K extends KernelName> = Omit<Kernel<K>, "kernel">;

type ReceptorFunctions = {
  readonly [K in keyof typeof receptors]: Record<never, never> extends KernelFields<K>
    ? (fields?: KernelFields<K>) => Kernel<K>
    : (fields: KernelFields<K>) => Kernel<K>;
};

/**
 * Receptors: what a presynaptic spike does. All but delta are conductances with the reversal potential `E_rev` and
 * currents without it; the weight is the peak.
 */
export const receptor = Object.fromEntries(
  Object.keys(receptors).map((kernel) => [kernel, (fields: object = {}) => ({ kernel, ...fields })]),
) as unknown as ReceptorFunctions;

/** States of receptors: those of kernels of one's own have any name. */
type ReceptorState<R> = {
  [K in Extract<keyof R, string>]: R[K] extends BuiltInReceptorInput ? `g_${K}` | `i_${K}` : `${string}_${K}`;
}[Extract<keyof R, string>];

/** What a source of given spikes plays: spike i at `times[i]` (ms) by neuron `neurons[i]`, in any order. */
export interface SpikeTrainInput {
  readonly times: readonly Quantity[] | Float64Array;
  readonly neurons: readonly number[] | Uint32Array;
}

/** Renewal trains: the distribution of their intervals, and its number. */
export type RenewalInput = { readonly rate?: ValueInput } & (
  | { readonly kind: "gamma"; readonly shape?: ValueInput }
  | { readonly kind: "lognormal"; readonly cv?: ValueInput }
  | { readonly kind: "refractory"; readonly dead?: ValueInput }
);

/** Correlated Poisson trains: how they share spikes, and how many. */
export interface CorrelatedInput {
  readonly kind: "multiple" | "single";
  readonly rate?: Quantity;
  readonly correlation?: number;
  readonly tau?: Quantity;
}

/** Parameters of a model, or what a source plays. */
export type ParametersInput<M extends ModelRecord> = M extends { readonly id: "poisson" }
  ? { readonly rate?: RateInput }
  : M extends { readonly id: "spikeTrain" }
    ? SpikeTrainInput
    : M extends { readonly id: "renewal" }
      ? RenewalInput
      : M extends { readonly id: "correlated" }
        ? CorrelatedInput
        : Readonly<Partial<Record<ParameterName<M>, ValueInput>>>;

/** What a population may be given; everything has a default. Sources take `params` and `positions` only. */
export interface PopulationOptions<
  M extends ModelRecord,
  R extends Record<string, ReceptorInput> = Record<never, ReceptorInput>,
> {
  readonly preset?: PresetName<M>;
  readonly method?: MethodOf<M>;
  /**
   * Models with gates under `exponentialEuler`: the gates' steps from a table of v (the default), whose error is below
   * 1e-9, or from the rates' exponentials.
   */
  readonly rates?: M extends { readonly rates: readonly string[] } | { readonly definition: object }
    ? "table" | "exact"
    : never;
  readonly params?: ParametersInput<M>;
  /** First values of states and of receptor states (`g_NAME`, `i_NAME`). */
  readonly init?: Readonly<Partial<Record<StateName<M> | ReceptorState<R>, ValueInput>>>;
  readonly receptors?: R;
  readonly background?: M extends { readonly family: "source" } ? never : readonly BackgroundInput[];
  readonly positions?: PositionsInput;
}

/** Fields of several kinds that may change: numbers, under one name the same in all. */
type Changing<Kinds> = Kinds extends infer K ? { [P in keyof K as P extends Fixed ? never : P]: K[P] } : never;
type Fixed = "kind" | "kernel" | "weightDependence" | "pairing" | "dendriticDelayFraction" | "duration" | "state";
type KeysOf<Kinds> = Kinds extends infer K ? keyof K : never;
type ValueAt<Kinds, P> = Kinds extends infer K ? (P extends keyof K ? Exclude<K[P], undefined> : never) : never;
type AnyOf<Kinds> = { readonly [P in KeysOf<Kinds>]?: ValueAt<Kinds, P> };

/** Numbers of a plasticity that may change. */
export type PlasticityChange = AnyOf<Changing<PlasticityInput>>;

/** Time constants, reversal potential and magnesium of a receptor. */
export type ReceptorChange = AnyOf<Changing<BuiltInReceptorInput>>;

/** Parameters of a receptor with a kernel of one's own. */
export type OwnReceptorChange = Readonly<Record<string, Quantity>>;

type Scaling = InputOf<typeof scalingFields>;
type ScalingInput = Omit<Scaling, "w_max"> & Partial<Pick<Scaling, "w_max">>;

/** A rule of `definePlasticityRule`, with its parameters where they differ from its own. */
export interface OwnPlasticityInput {
  readonly kind: PlasticityRule;
  /** Name of the population whose spikes `onModulator` is for. */
  readonly modulator?: string;
  readonly dendriticDelayFraction?: number;
  readonly [param: string]: Quantity | PlasticityRule | undefined;
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
  readonly shortTerm?: InputOf<typeof shortTermFields>;
  /** Probability that a synapse transmits a spike. */
  readonly release?: number;
  readonly plasticity?: PlasticityInput | OwnPlasticityInput;
  /**
   * Every `interval` ms the weights onto a target are multiplied by 1 + rate (rho_0 - r)/rho_0, where r is its rate in
   * that time. The bounds are those of the plasticity where there is one.
   */
  readonly scaling?: ScalingInput;
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

/** The shapes that calls take: what model files say, plus functions, typed arrays and records. */
import type { MethodOf, ModelRecord, ParameterName, PresetName, StateName } from "../model/record.js";
import type { Distribution } from "../model/spec.js";

/** A number in the model's unit, or text with a unit ("20 ms"). */
export type Quantity = number | string;

/** One for all neurons, one each (an array, or a function of the index), or a distribution to draw from. */
export type ValueInput = Quantity | readonly Quantity[] | Float64Array | Distribution | ((neuron: number) => number);

/** A weight or delay: as a value, or a function of the indices of source and target. */
export type SynapseInput = Quantity | readonly Quantity[] | Float64Array | Distribution | ((source: number, target: number) => number);

/** What `receptor.NAME` makes, or the same object written out as in a model file. */
export type ReceptorInput =
  | { readonly kernel: "delta" }
  | { readonly kernel: "exponential"; readonly tau: Quantity; readonly E_rev?: Quantity };

/** What `background.NAME` makes, or the same object written out as in a model file. */
export type BackgroundInput =
  | { readonly kind: "constant"; readonly amplitude: ValueInput }
  | { readonly kind: "piecewise"; readonly points: readonly (readonly Quantity[])[] }
  | {
      readonly kind: "pulses";
      readonly amplitude: ValueInput;
      readonly start?: Quantity;
      readonly width: Quantity;
      readonly period?: Quantity;
      readonly count?: number;
    }
  | { readonly kind: "ramp"; readonly start?: Quantity; readonly end: Quantity; readonly from: ValueInput; readonly to: ValueInput }
  | {
      readonly kind: "sine";
      readonly amplitude: ValueInput;
      readonly frequency: Quantity;
      readonly phase?: Quantity;
      readonly offset?: ValueInput;
    }
  | { readonly kind: "whiteNoise"; readonly sigma: ValueInput; readonly mean?: ValueInput }
  | { readonly kind: "ornsteinUhlenbeck"; readonly mean?: ValueInput; readonly sigma: ValueInput; readonly tau: Quantity }
  | { readonly kind: "samples"; readonly dt: Quantity; readonly values: readonly Quantity[] | Float64Array }
  | { readonly kind: "rheobase"; readonly fraction: ValueInput };

type Entry<K extends BackgroundInput["kind"]> = Extract<BackgroundInput, { kind: K }>;
type Fields<K extends BackgroundInput["kind"]> = Omit<Entry<K>, "kind">;

/** Background currents, in the unit of the model's current; see docs/numerics.md for when each value acts. */
export const background = {
  /** The same current all the time. */
  constant: (amplitude: ValueInput): Entry<"constant"> => ({ kind: "constant", amplitude }),
  /** Rows [time in ms, amplitude, slope per ms]: amplitude + slope (t - time) until the next row, 0 before the first. */
  piecewise: (points: Entry<"piecewise">["points"]): Entry<"piecewise"> => ({ kind: "piecewise", points }),
  /** Rectangular pulses of `width` ms from `start` on, one per `period`, `count` times. */
  pulses: (fields: Fields<"pulses">): Entry<"pulses"> => ({ kind: "pulses", ...fields }),
  /** From one amplitude to another between the times `start` and `end`. */
  ramp: (fields: Fields<"ramp">): Entry<"ramp"> => ({ kind: "ramp", ...fields }),
  /** offset + amplitude sin(2 pi frequency t + phase), frequency in Hz, phase in rad. */
  sine: (fields: Fields<"sine">): Entry<"sine"> => ({ kind: "sine", ...fields }),
  /** Gaussian white noise; sigma in the current's unit times sqrt(ms). For lif std(v) = (sigma/C_m) sqrt(tau_m/2). */
  whiteNoise: (fields: Fields<"whiteNoise">): Entry<"whiteNoise"> => ({ kind: "whiteNoise", ...fields }),
  /** Ornstein-Uhlenbeck process with stationary mean and standard deviation and correlation time tau in ms. */
  ornsteinUhlenbeck: (fields: Fields<"ornsteinUhlenbeck">): Entry<"ornsteinUhlenbeck"> => ({ kind: "ornsteinUhlenbeck", ...fields }),
  /** Given values, `dt` ms apart, each held until the next, the last one for ever. */
  samples: (fields: Fields<"samples">): Entry<"samples"> => ({ kind: "samples", ...fields }),
  /** A constant current of this multiple of the model's rheobase: 0.95 is close below the boundary of firing. */
  rheobase: (fraction: ValueInput): Entry<"rheobase"> => ({ kind: "rheobase", fraction }),
} as const;

/** Receptors: what a presynaptic spike does. */
export const receptor = {
  /** A jump of v by the weight, in mV. */
  delta: (): Extract<ReceptorInput, { kernel: "delta" }> => ({ kernel: "delta" }),
  /** Jump by the weight and exponential decay with tau; a conductance with the reversal potential E_rev, else a current. */
  exponential: (fields: { readonly tau: Quantity; readonly E_rev?: Quantity }): Extract<ReceptorInput, { kernel: "exponential" }> => ({
    kernel: "exponential",
    ...fields,
  }),
} as const;

type ReceptorState<R> = `g_${Extract<keyof R, string>}` | `i_${Extract<keyof R, string>}`;

/** What a population may be given; everything has a default. */
export interface PopulationOptions<M extends ModelRecord, R extends Record<string, ReceptorInput> = Record<never, ReceptorInput>> {
  readonly preset?: PresetName<M>;
  readonly method?: MethodOf<M>;
  readonly params?: Readonly<Partial<Record<ParameterName<M>, ValueInput>>>;
  /** First values of states and of receptor states (`g_NAME`, `i_NAME`). */
  readonly init?: Readonly<Partial<Record<StateName<M> | ReceptorState<R>, ValueInput>>>;
  readonly receptors?: R;
  readonly background?: readonly BackgroundInput[];
}

/** A projection's rule, weight and delay. */
export type ConnectOptions<R extends string = string> = (
  | { readonly rule: "allToAll" }
  | { readonly rule: "oneToOne" }
  | { readonly rule: "fixedProbability"; readonly p: number }
  | { readonly rule: "fixedIndegree"; readonly k: number }
  | { readonly rule: "list"; readonly pairs: readonly (readonly [source: number, target: number])[] }
) & {
  /** Optional where the target has exactly one receptor. */
  readonly receptor?: R;
  readonly weight: SynapseInput;
  /** ms; one time step by default. */
  readonly delay?: SynapseInput;
  readonly autapses?: boolean;
  readonly multapses?: boolean;
  readonly weightPrecision?: "float32" | "float64";
};

/** What to record of a variable. */
export interface RecordOptions {
  /** Indices of neurons; all by default. */
  readonly neurons?: ArrayLike<number>;
  /** Sampling interval in ms; dt by default. */
  readonly every?: Quantity;
  /** Start of the recording in ms. */
  readonly from?: Quantity;
  /** Spikes: times between the grid points by linear interpolation of the crossing; false by default. */
  readonly interpolate?: boolean;
}

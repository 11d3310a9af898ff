/**
 * The types of kinds written out as users see them, beside those that follow from the records: they must be the same.
 * Never run: the compiler is the test.
 */
import type {
  BackgroundInput,
  PlasticityChange,
  Quantity,
  ReceptorChange,
  ValueInput,
} from "../../src/index.js";
import type { PositionsInput } from "../../src/kinds/layouts.js";
import type { BuiltInReceptor, BuiltInReceptorInput } from "../../src/kinds/receptors.js";
import type { PlasticityInput } from "../../src/kinds/plasticity.js";
import type { RuleInput } from "../../src/kinds/rules.js";
import type { ConnectOptions, RateInput } from "../../src/sim/options.js";
import type * as model from "../../src/model/spec.js";

// As checked data.
type Spec_Distribution =
  | { readonly uniform: readonly [lo: number, hi: number] }
  | { readonly normal: readonly [mean: number, sd: number] }
  | { readonly lognormal: readonly [mu: number, sigma: number] }
  | { readonly exponential: number }
  | { readonly truncatedNormal: readonly [mean: number, sd: number, lo: number, hi: number] }
  | { readonly gamma: readonly [shape: number, scale: number] };
type Spec_Value = number | Float64Array | Spec_Distribution;
type Spec_ReceptorSpec =
  | { readonly kernel: "delta"; readonly state?: string }
  | { readonly kernel: "exponential"; readonly tau: number; readonly E_rev?: number }
  | { readonly kernel: "alpha"; readonly tau: number; readonly E_rev?: number }
  | {
      readonly kernel: "dualExponential";
      readonly tau_rise: number;
      readonly tau_decay: number;
      readonly E_rev?: number;
    }
  | { readonly kernel: "step"; readonly duration: number; readonly E_rev?: number }
  | {
      readonly kernel: "nmda";
      readonly tau_rise: number;
      readonly tau_decay: number;
      readonly E_rev: number;
      readonly Mg: number;
    };
type Spec_Points = readonly (readonly [t: number, value: number, slope: number])[];
interface Spec_BackgroundScope {
  readonly neurons?: Uint32Array;
  readonly start?: number;
  readonly stop?: number;
}
type Spec_BackgroundSpec = Spec_BackgroundKind & { readonly scope?: Spec_BackgroundScope };
type Spec_BackgroundKind =
  | {
      readonly kind: "poisson";
      readonly rate: Spec_Value | Spec_Points;
      readonly weight: Spec_Value;
      readonly receptor: string;
    }
  | { readonly kind: "constant"; readonly amplitude: Spec_Value }
  | { readonly kind: "piecewise"; readonly points: readonly (readonly [t: number, amplitude: number, slope: number])[] }
  | {
      readonly kind: "pulses";
      readonly amplitude: Spec_Value;
      readonly start: number;
      readonly width: number;
      readonly period: number;
      readonly count: number;
    }
  | {
      readonly kind: "ramp";
      readonly start: number;
      readonly end: number;
      readonly from: Spec_Value;
      readonly to: Spec_Value;
    }
  | {
      readonly kind: "sine";
      readonly amplitude: Spec_Value;
      readonly frequency: number;
      readonly phase: number;
      readonly offset: Spec_Value;
    }
  | { readonly kind: "whiteNoise"; readonly sigma: Spec_Value; readonly mean: Spec_Value }
  | { readonly kind: "ornsteinUhlenbeck"; readonly mean: Spec_Value; readonly sigma: Spec_Value; readonly tau: number }
  | { readonly kind: "expression"; readonly I: string }
  | {
      readonly kind: "samples";
      readonly dt: number;
      readonly values: Float64Array;
      readonly file?: string;
      readonly column?: string | number;
    }
  | { readonly kind: "rheobase"; readonly fraction: Spec_Value };
type Spec_PositionsSpec =
  | { readonly kind: "line"; readonly length: number }
  | { readonly kind: "grid"; readonly columns: number; readonly spacing: number }
  | { readonly kind: "disc"; readonly radius: number }
  | { readonly kind: "given"; readonly x: Float64Array; readonly y: Float64Array };
type Spec_RuleSpec =
  | { readonly rule: "allToAll" }
  | { readonly rule: "oneToOne" }
  | { readonly rule: "fixedProbability"; readonly p: number }
  | { readonly rule: "fixedIndegree"; readonly k: number }
  | { readonly rule: "fixedOutdegree"; readonly k: number }
  | { readonly rule: "fixedTotalNumber"; readonly n: number }
  | {
      readonly rule: "distance";
      readonly kernel: "box" | "linear" | "gaussian" | "exponential";
      readonly scale: number;
      readonly p: number;
      readonly periodic: boolean;
    }
  | {
      readonly rule: "list";
      readonly sources: Uint32Array;
      readonly targets: Uint32Array;
      readonly file?: string;
      readonly columns?: readonly ("weight" | "delay")[];
    };
type Spec_PlasticitySpec = Spec_PlasticityRule & {
  readonly dendriticDelayFraction?: number;
};
type Spec_PlasticityRule =
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
  | {
      readonly kind: "inhibitoryStdp";
      readonly eta: number;
      readonly rho_0: number;
      readonly tau: number;
      readonly w_max: number;
    };

// As calls take them.
type Input_Quantity = number | string;
type Input_ValueInput =
  Input_Quantity | readonly Input_Quantity[] | Float64Array | Spec_Distribution | ((neuron: number) => number);
type Input_RateInput = Input_ValueInput | { readonly points: readonly (readonly Input_Quantity[])[] };
interface Input_Reversal {
  readonly E_rev?: Input_Quantity;
}
type Input_ReceptorInput =
  | { readonly kernel: "delta"; readonly state?: string }
  | ({ readonly kernel: "exponential"; readonly tau: Input_Quantity } & Input_Reversal)
  | ({ readonly kernel: "alpha"; readonly tau: Input_Quantity } & Input_Reversal)
  | ({
      readonly kernel: "dualExponential";
      readonly tau_rise: Input_Quantity;
      readonly tau_decay: Input_Quantity;
    } & Input_Reversal)
  | ({ readonly kernel: "step"; readonly duration: Input_Quantity } & Input_Reversal)
  | ({
      readonly kernel: "nmda";
      readonly tau_rise?: Input_Quantity;
      readonly tau_decay?: Input_Quantity;
      readonly Mg?: number;
    } & Input_Reversal);
interface Input_UntilScope {
  readonly neurons?: readonly number[] | Uint32Array;
  readonly stop?: Input_Quantity;
}
interface Input_Scope extends Input_UntilScope {
  readonly start?: Input_Quantity;
}
type Input_BackgroundInput =
  | ({ readonly kind: "constant"; readonly amplitude: Input_ValueInput } & Input_Scope)
  | ({ readonly kind: "piecewise"; readonly points: readonly (readonly Input_Quantity[])[] } & Input_Scope)
  | ({
      readonly kind: "pulses";
      readonly amplitude: Input_ValueInput;
      readonly start?: Input_Quantity;
      readonly width: Input_Quantity;
      readonly period?: Input_Quantity;
      readonly count?: number;
    } & Input_UntilScope)
  | ({
      readonly kind: "ramp";
      readonly start?: Input_Quantity;
      readonly end: Input_Quantity;
      readonly from: Input_ValueInput;
      readonly to: Input_ValueInput;
    } & Input_UntilScope)
  | ({
      readonly kind: "sine";
      readonly amplitude: Input_ValueInput;
      readonly frequency: Input_Quantity;
      readonly phase?: Input_Quantity;
      readonly offset?: Input_ValueInput;
    } & Input_Scope)
  | ({ readonly kind: "expression"; readonly I: string } & Input_Scope)
  | ({ readonly kind: "whiteNoise"; readonly sigma: Input_ValueInput; readonly mean?: Input_ValueInput } & Input_Scope)
  | ({
      readonly kind: "ornsteinUhlenbeck";
      readonly mean?: Input_ValueInput;
      readonly sigma: Input_ValueInput;
      readonly tau: Input_Quantity;
    } & Input_Scope)
  | ({
      readonly kind: "poisson";
      readonly rate: Input_RateInput;
      readonly weight: Input_ValueInput;
      readonly receptor?: string;
    } & Input_Scope)
  | ({
      readonly kind: "samples";
      readonly dt: Input_Quantity;
      readonly values: readonly Input_Quantity[] | Float64Array;
    } & Input_Scope)
  | ({ readonly kind: "rheobase"; readonly fraction: Input_ValueInput } & Input_Scope);
type Input_PositionsInput =
  | { readonly line: { readonly length: number } }
  | { readonly grid: { readonly columns: number; readonly spacing: number } }
  | { readonly disc: { readonly radius: number } }
  | readonly (readonly [x: number, y: number])[];
type Input_RuleInput =
  | { readonly rule: "allToAll" }
  | { readonly rule: "oneToOne" }
  | { readonly rule: "fixedProbability"; readonly p: number }
  | { readonly rule: "fixedIndegree"; readonly k: number }
  | { readonly rule: "fixedOutdegree"; readonly k: number }
  | { readonly rule: "fixedTotalNumber"; readonly n: number }
  | {
      readonly rule: "distance";
      readonly kernel: "box" | "linear" | "gaussian" | "exponential";
      readonly scale: number;
      readonly p?: number;
      readonly periodic?: boolean;
    }
  | {
      readonly rule: "list";
      readonly pairs:
        | readonly (readonly [source: number, target: number])[]
        | { readonly sources: ArrayLike<number>; readonly targets: ArrayLike<number> };
    };
interface Input_Bounds {
  readonly w_min?: Input_Quantity;
  readonly w_max: Input_Quantity;
}
type Input_PlasticityInput = Input_RuleOfPlasticity & {
  readonly dendriticDelayFraction?: number;
};
type Input_RuleOfPlasticity =
  | ({
      readonly kind: "stdp";
      readonly A_plus: number;
      readonly A_minus: number;
      readonly tau_plus: Input_Quantity;
      readonly tau_minus: Input_Quantity;
      readonly weightDependence?: "additive" | "multiplicative";
      readonly pairing?: "all" | "nearest";
    } & Input_Bounds)
  | ({
      readonly kind: "tripletStdp";
      readonly A2_plus: number;
      readonly A3_plus: number;
      readonly A2_minus: number;
      readonly A3_minus: number;
      readonly tau_plus: Input_Quantity;
      readonly tau_minus: Input_Quantity;
      readonly tau_x: Input_Quantity;
      readonly tau_y: Input_Quantity;
    } & Input_Bounds)
  | {
      readonly kind: "inhibitoryStdp";
      readonly eta: Input_Quantity;
      readonly rho_0: Input_Quantity;
      readonly tau: Input_Quantity;
      readonly w_max: Input_Quantity;
    };
type Input_PlasticityChange = Partial<Input_Numbers<Extract<Input_PlasticityInput, { kind: "stdp" }>>> &
  Partial<Input_Numbers<Extract<Input_PlasticityInput, { kind: "tripletStdp" }>>> &
  Partial<Input_Numbers<Extract<Input_PlasticityInput, { kind: "inhibitoryStdp" }>>>;
type Input_Numbers<P> = Omit<P, "kind" | "weightDependence" | "pairing" | "dendriticDelayFraction">;
interface Input_ReceptorChange {
  readonly tau?: Input_Quantity;
  readonly tau_rise?: Input_Quantity;
  readonly tau_decay?: Input_Quantity;
  readonly E_rev?: Input_Quantity;
  readonly Mg?: number;
}

/** One object type out of several, in each member of a union. */
type Plain<T> = T extends (...args: never) => unknown
  ? T
  : T extends Float64Array | Uint32Array
    ? T
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;
/** Whether two types are the same, in whatever way they are put together. */
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;
/** Each is assignable to the other, member by member of a union. */
type Exchangeable<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** Both, for each member of a union that is told by a key. */
type Kind<U, N extends string, K> = Extract<U, Readonly<Record<N, K>>>;
type Each<A, B, N extends string> = A extends Readonly<Record<N, infer K>> ? Same<A, Kind<B, N, K>> : never;

function holds<_T extends true>(): void {}

export function checked(): void {
  holds<Each<BuiltInReceptor, Spec_ReceptorSpec, "kernel">>();
  holds<Each<Spec_ReceptorSpec, BuiltInReceptor, "kernel">>();
  holds<Each<model.BackgroundKind, Spec_BackgroundKind, "kind">>();
  holds<Each<Spec_BackgroundKind, model.BackgroundKind, "kind">>();
  holds<Exchangeable<model.BackgroundSpec, Spec_BackgroundSpec>>();
  holds<Each<model.PositionsSpec, Spec_PositionsSpec, "kind">>();
  holds<Each<Spec_PositionsSpec, model.PositionsSpec, "kind">>();
  holds<Each<model.RuleSpec, Spec_RuleSpec, "rule">>();
  holds<Each<Spec_RuleSpec, model.RuleSpec, "rule">>();
  holds<Each<model.PlasticitySpec, Spec_PlasticitySpec, "kind">>();
  holds<Each<Spec_PlasticitySpec, model.PlasticitySpec, "kind">>();
  holds<Exchangeable<model.Distribution, Spec_Distribution>>();
  holds<Exchangeable<model.Value, Spec_Value>>();
  holds<Exchangeable<model.Points, Spec_Points>>();
}

export function called(): void {
  holds<Each<BuiltInReceptorInput, Input_ReceptorInput, "kernel">>();
  holds<Each<Input_ReceptorInput, BuiltInReceptorInput, "kernel">>();
  holds<Each<BackgroundInput, Input_BackgroundInput, "kind">>();
  holds<Each<Input_BackgroundInput, BackgroundInput, "kind">>();
  holds<Each<RuleInput, Input_RuleInput, "rule">>();
  holds<Each<Input_RuleInput, RuleInput, "rule">>();
  holds<Each<PlasticityInput, Input_PlasticityInput, "kind">>();
  holds<Each<Input_PlasticityInput, PlasticityInput, "kind">>();
  holds<Exchangeable<PositionsInput, Input_PositionsInput>>();
  holds<Exchangeable<Quantity, Input_Quantity>>();
  holds<Exchangeable<ValueInput, Input_ValueInput>>();
  holds<Exchangeable<RateInput, Input_RateInput>>();
  holds<Same<PlasticityChange, Input_PlasticityChange>>();
  holds<Same<ReceptorChange, Input_ReceptorChange>>();
}

type Synapses = Extract<ConnectOptions, { readonly scaling?: unknown }>;

export function ofSynapses(): void {
  holds<
    Same<
      NonNullable<Synapses["shortTerm"]>,
      { readonly U: number; readonly tau_rec: Quantity; readonly tau_facil?: Quantity }
    >
  >();
  holds<
    Same<
      NonNullable<Synapses["scaling"]>,
      {
        readonly rho_0: Quantity;
        readonly rate: number;
        readonly interval: Quantity;
        readonly w_min?: Quantity;
        readonly w_max?: Quantity;
      }
    >
  >();
}

export function different(): void {
  // @ts-expect-error the check itself can fail
  holds<Same<{ readonly a: number }, { readonly a?: number }>>();
  // @ts-expect-error a kind that the other side does not have
  holds<Each<BuiltInReceptorInput | { readonly kernel: "other" }, Input_ReceptorInput, "kernel">>();
}

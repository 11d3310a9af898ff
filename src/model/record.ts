/**
 * The record of a neuron model: pure data, the only place where a model's names, order, units, defaults, ranges, text,
 * equations, methods, presets and sources are written. Everything else (AssemblyScript field classes, the kernel
 * registry, the reference pages, the JSON Schema, the command-line listing, the typings) is inferred or generated from
 * it.
 */
import type { ModelDefinition } from "./definition.js";

/** Integration methods, in the order of the kernel registry. `halfStep` is Izhikevich's published scheme. */
export const METHODS = [
  "euler", "heun", "rk4", "exponentialEuler", "exact", "halfStep", "strangSplitting", "rosenbrock",
  "eventDriven",
] as const;
/** Name of an integration method. */
export type Method = (typeof METHODS)[number];

/** Methods whose states on the grid are those of the equations, at any dt. */
export const SOLVING: readonly Method[] = ["exact", "eventDriven"];

/**
 * `resets`: a spike-timing model that diverges and is reset. `membrane`: an action potential without a reset. `source`:
 * no neuron, but spikes made or played for others; it has no state, no equation and no method.
 */
export type Family = "resets" | "membrane" | "source";

export interface StateRecord {
  /** Unit as written in units.ts; "" for a pure number. */
  readonly unit: string;
  /** A value outside is a runaway: the guard stops the run. */
  readonly bounds: readonly [number, number];
  readonly text: string;
}

export interface ParameterRecord {
  readonly default: number;
  readonly unit: string;
  /** Allowed values; any finite number when absent. */
  readonly range?: "> 0" | ">= 0";
  readonly text: string;
}

/** A list that a source plays. */
export interface InputRecord {
  /** Unit of its numbers. */
  readonly unit: string;
  /** What may stand there, for the documentation. */
  readonly allowed: string;
  readonly text: string;
}

export interface PresetRecord {
  readonly params: Readonly<Record<string, number>>;
  readonly text: string;
  readonly source: string;
}

/**
 * A compiled kernel of an own model, for one method. It is called with the address of a Pack (assembly/abi.ts,
 * src/core/abi.ts) for each block of neurons, and advances them by one step.
 */
export interface KernelRecord {
  readonly method: Method;
  /** Synaptic conductances come beside the current, in the columns G0 to G2; euler and halfStep get them in I0. */
  readonly conducts?: boolean;
  /**
   * The numbers that it reads, by name: those that are the same for all neurons, 8 bytes each from `params` on, and
   * those that are one per neuron, in the columns that `columns` lists. A name that is no parameter is for `prepare` to
   * write.
   */
  readonly uniforms: readonly string[];
  readonly columns?: readonly string[];
  /**
   * WebAssembly that exports `step` and, if it likes, `prepare`, which is called when parameters have changed:
   * functions of one i32, the Pack's address. It may import, as `core`, the memory of the core and the functions that
   * the core exports.
   */
  readonly module: Uint8Array;
}

/** A neuron model as data; made with `defineModel`. */
export interface ModelRecord {
  /** camelCase identifier used in model files. */
  readonly id: string;
  readonly title: string;
  readonly family: Family;
  /** One sentence. */
  readonly summary: string;
  /** Markdown paragraphs: what the model is for, what to mind. */
  readonly text: string;
  /** Unit of the current I (background, noise, receptors). */
  readonly current: string;
  /** Unit of a receptor's conductance: current / mV. */
  readonly conductance: string;
  /** State variables in memory order; the first is the membrane state `v`. A source has none. */
  readonly states: Readonly<Record<string, StateRecord>>;
  /** Parameters in memory order. */
  readonly params: Readonly<Record<string, ParameterRecord>>;
  /** Sources: what else `params` may hold, given by the population and without a default. */
  readonly inputs?: Readonly<Record<string, InputRecord>>;
  /**
   * Constants that the core derives from the parameters and dt once, before a run (`prepare` in assembly/models), with
   * their formula. They follow the parameters in memory.
   */
  readonly coefficients: Readonly<Record<string, string>>;
  /** Named sub-expressions used by the equations, in order; may use states, params and earlier functions. */
  readonly functions?: Readonly<Record<string, string>>;
  /**
   * Right-hand sides d(state)/dt over states, params, functions and the input current `I`. Operators + - * / ^ ( ),
   * functions exp log sqrt abs tanh cosh min max exprel (exprel(x) = (exp(x) - 1)/x with its limit 1 at 0).
   */
  readonly equations: Readonly<Record<string, string>>;
  /**
   * Parameter that the membrane state is compared with: v >= threshold. "" for a source. Of a model with a definition
   * the condition itself, "" if it never spikes.
   */
  readonly threshold: string;
  /** `resets` models: what each state becomes at a spike (states not named keep their value). */
  readonly reset?: Readonly<Record<string, string>>;
  /**
   * What must hold between the parameters of one neuron, each as "NAME < NAME", for instance "V_reset < V_th": a reset
   * at or above the threshold would fire on every step. With "where NAME = 0" behind it only for such neurons.
   */
  readonly conditions?: readonly string[];
  /**
   * Where a neuron starts unless `init` says otherwise: "rest" for the stable equilibrium without input (first root of
   * v from below, other states in equilibrium with it), or per state an expression of the parameters or the word
   * "equilibrium": the value at which this state's equation is 0 for the starting v.
   */
  readonly init: Readonly<Record<string, string>> | "rest";
  /**
   * Methods that the core offers for this model; the first is the default. `euler` must be among them, and `rk4` or
   * `exact`: rest and rheobase are found with these (sim/probe.ts).
   */
  readonly methods: readonly Method[];
  /**
   * Built-in models: the methods whose steps are compiled from the equations here, since that is faster than the kernel
   * of the core (sim/kernels.ts), and the parameters that must be common and not 0 for it.
   */
  readonly compiled?: { readonly methods: readonly Method[]; readonly unlessZero?: readonly string[] };
  /**
   * Models with gates: the parameters that the gates' rates depend on beside v; the first is the voltage that they are
   * measured from. For these the core can tabulate the rates (assembly/integrators/rateTable.ts).
   */
  readonly rates?: readonly string[];
  /** Number of exponentials of v that one evaluation of the equations needs (see assembly/integrators). */
  readonly exponentials: 0 | 1 | 2;
  /** v is clipped at `threshold` inside the right-hand sides, so that stages far above it cannot overflow. */
  readonly clipped?: true;
  /**
   * Largest dt (ms) at which a method stays bounded for the default parameters, where it is known by measurement. A
   * method not named is bounded by the general rules of sim/stability.ts.
   */
  readonly maxStep?: Readonly<Partial<Record<Method, number>>>;
  /**
   * What was measured of the accuracy of a model with methods that stay bounded at steps too large for them
   * (docs/numerics.md, error of the mean interval).
   */
  readonly accuracy?: {
    /** Relative error of the mean interspike interval per ms of dt under exponentialEuler. */
    readonly exponentialEuler: number;
    /** The same per ms^2 under strangSplitting. */
    readonly strangSplitting: number;
    /** The same error, not more than this, under rk4 up to this dt (ms). */
    readonly rk4: { readonly dt: number; readonly error: number };
  };
  readonly presets: Readonly<Record<string, PresetRecord>>;
  /** A model that was defined by equations as text: the definition, of which everything else here is made (own.ts). */
  readonly definition?: ModelDefinition;
  /** Own models: their kernels, of which the first that fits a population is taken. Built-in ones are in the core. */
  readonly kernels?: readonly KernelRecord[];
  /**
   * A constant current (in the unit of I) that makes the default neuron fire, with a dt and a duration (ms) to see it.
   */
  readonly example?: { readonly current: number; readonly dt: number; readonly duration: number };
  /** Papers, first the one that the equations come from. */
  readonly references: readonly string[];
}

export type StateName<M extends ModelRecord> = Extract<keyof M["states"], string>;
export type ParameterName<M extends ModelRecord> = Extract<keyof M["params"], string>;
export type PresetName<M extends ModelRecord> = Extract<keyof M["presets"], string>;
export type MethodOf<M extends ModelRecord> = M["methods"][number];

/** Names of the events of a model that is defined as text. */
export type EventName<M extends ModelRecord> = M extends {
  readonly definition: { readonly events: readonly { readonly name: infer E extends string }[] };
}
  ? E
  : never;

/** Gives a record its literal type, so that a misspelt parameter, state, preset or method is a compile error. */
export function defineModel<const M extends ModelRecord>(record: M): M {
  return record;
}

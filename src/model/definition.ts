/** A neuron model as text, as users write it. src/lang reads and compiles it. */

/** A text, or its lines. */
export type Text = string | readonly string[];

/** A parameter with more than its default. */
export interface ParameterDefinition {
  /** In `unit`, or a text with a unit: "100 pF". */
  readonly default: number | string;
  /** The unit it is kept and shown in; that of `default` unless given. "1" is a pure number. */
  readonly unit?: string;
  /** Allowed values; any finite number when absent. */
  readonly range?: "> 0" | ">= 0";
  /** What it is, for people. */
  readonly text?: string;
}

/** A second condition with its own reset, which projections can listen to. */
export interface EventDefinition {
  readonly name: string;
  readonly condition: string;
  readonly reset?: Text;
}

/** A named set of parameters of a model. */
export interface PresetDefinition {
  /** Values of parameters: a number in the parameter's unit, or a text with a unit. Others keep their default. */
  readonly params: Readonly<Record<string, number | string>>;
  /** What the neuron does with it, for people. */
  readonly text?: string;
  /** Where the numbers come from. */
  readonly source?: string;
}

/** A neuron model as text. docs/equations.md describes the language. */
export interface ModelDefinition {
  /** camelCase identifier used in model files. */
  readonly name: string;
  /** Its name for people; `name` unless given. */
  readonly title?: string;
  /** What the model is, for people. */
  readonly text?: string;
  /** Where the equations come from. */
  readonly references?: readonly string[];
  /** Unit of I, the sum of all background currents and receptors; "1", the default, is a pure number. */
  readonly current?: string;
  /** One statement a line: `dX/dt = expression : unit`, or `x = expression : unit`. */
  readonly equations: Text;
  /** Numbers with units, "100 pF"; a number is a pure number. */
  readonly params?: Readonly<Record<string, number | string | ParameterDefinition>>;
  /** The condition of a spike: with a reset it is taken where it holds, without one at its upward crossing. */
  readonly threshold?: string;
  /** Statements such as `v = c` and `u += d`, one a line. */
  readonly reset?: Text;
  /** A time (a number is in ms), or a condition under which no new spike is counted. */
  readonly refractory?: number | string;
  readonly events?: readonly EventDefinition[];
  /** Named sets of parameters, which populations choose as their `preset`. */
  readonly presets?: Readonly<Record<string, PresetDefinition>>;
  /** Where a state starts: a number in its unit, or an expression of i, N, parameters and other states. */
  readonly init?: Readonly<Record<string, number | string>>;
}

/**
 * A rule by which the synapses of a projection change, as text. docs/plasticity-rules.md describes it. A synapse has
 * the weight `w` and further variables of its own; `(source)` and `(target)` behind a unit give one to each neuron of
 * that end instead, `(shared)` one to the projection.
 */
export interface PlasticityRuleDefinition {
  /** camelCase identifier, the `kind` of a projection's plasticity. */
  readonly name: string;
  /** What the rule is, for people. */
  readonly text?: string;
  /** Where it comes from. */
  readonly references?: readonly string[];
  /** Numbers with units, "20 ms"; projections may give others. */
  readonly params?: Readonly<Record<string, number | string | ParameterDefinition>>;
  /**
   * Variables, one a line: `dx/dt = expression : unit`, `x : unit` for one that statements change, `x = expression :
   * unit` for what is computed where it is used. `w : unit` says in which unit the rule has the weight; "1", the
   * default, is that of the projection, whatever it is.
   */
  readonly synapse?: Text;
  /** Statements for each spike of the source, such as `w -= a*y`. `transmitted = ...` says what the spike transmits. */
  readonly onPre?: Text;
  /** Statements for each spike of the target. */
  readonly onPost?: Text;
  /** Statements for each synapse and step, with what it transmits in that step. */
  readonly onStep?: Text;
  /** Statements for each synapse, and each target, at the end of every `interval`. */
  readonly onInterval?: Text;
  /** A time, or a parameter or expression that is one. */
  readonly interval?: number | string;
  /** Statements for events of the target's model, by their names. */
  readonly onEvents?: Readonly<Record<string, Text>>;
  /** Statements for each spike of the population that the projection names as `modulator`. */
  readonly onModulator?: Text;
  /** Least and largest value of a variable: numbers in its unit, quantities or parameters. */
  readonly bounds?: Readonly<Record<string, readonly [number | string, number | string]>>;
  /** Where a variable starts, 0 by default: a number in its unit, or an expression of parameters. */
  readonly init?: Readonly<Record<string, number | string>>;
  /** Method of the equations that are integrated in each step: euler, heun, rk4 or exponentialEuler. */
  readonly method?: string;
}

/** A receptor kernel as text. docs/own-receptors.md describes it. */
export interface ReceptorKernelDefinition {
  /** camelCase identifier used in model files. */
  readonly name: string;
  /** What the kernel is, for people. */
  readonly text?: string;
  /** Where the equations come from. */
  readonly references?: readonly string[];
  /** Unit of the currents of the models that it is for; pA when left out, "1" is a pure number. */
  readonly current?: string;
  /** Unit of the weights, and so of `w`; "1", the default, is a pure number. */
  readonly weight?: string;
  /** One statement a line, as in models: `dX/dt = expression : unit`, `x = expression : unit`, or `x : unit`. */
  readonly equations: Text;
  /** Numbers with units, "100 ms"; a number is a pure number. */
  readonly params?: Readonly<Record<string, number | string | ParameterDefinition>>;
  /** Units of the states of the neuron that the kernel reads; `v`, in mV unless said here, is always there. */
  readonly reads?: Readonly<Record<string, string>>;
  /** Statements such as `s += w`, one a line: what the sum `w` of the weights that arrive in a step does. */
  readonly onSpike: Text;
  /** The current into the cell; with a factor `(E_rev - v)` the receptor is a conductance. */
  readonly output: string;
  /** Where a state starts: a number in its unit, or an expression of parameters, other states, i and N; else at 0. */
  readonly init?: Readonly<Record<string, number | string>>;
  /** How the states are advanced; `exact` where the equations are linear in them, else `rk4`. */
  readonly method?: "exact" | "exponentialEuler" | "rk4" | "heun" | "euler";
}

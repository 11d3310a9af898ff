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

/** A neuron model as text. docs/equations.md describes the language. */
export interface ModelDefinition {
  /** camelCase identifier used in model files. */
  readonly name: string;
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
  /** Where a state starts: a number in its unit, or an expression of i, N, parameters and other states. */
  readonly init?: Readonly<Record<string, number | string>>;
}

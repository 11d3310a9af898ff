/** Numbers that a script cannot find by itself: propagators of linear models. */
import { evaluate, type Expr, Ir } from "../../lang/ir.js";
import { lowerModel } from "../../lang/lower.js";
import type { CheckedModel } from "../../lang/check.js";
import { expm1Matrix } from "../../model/matrix.js";
import { HOST } from "../../model/own.js";

/** What a step of a linear model does: x gains K x + q I + r. */
export interface Propagator {
  /** Rows [K, q, r] of the states. */
  readonly free: readonly (readonly number[])[];
  /** The same while held states stand still. */
  readonly held: readonly (readonly number[])[];
  /** Of a receptor's two states: what they do to the first two states, over what a constant current of 1 does. */
  readonly share: (tau: number, rise: number | undefined) => Shares;
  /** -1 over the coefficient of v in its own equation, ms. */
  readonly tau: number;
}

export interface Shares {
  readonly vx: number;
  readonly vy: number;
  readonly wx: number;
  readonly wy: number;
}

/**
 * The propagators of linear models, each computed once.
 *
 * @param held indices of the states that stand still while the neuron is refractory
 */
export function propagators(
  checked: CheckedModel,
  held: readonly number[],
  dt: number,
): (params: readonly number[]) => Propagator {
  const ir = new Ir();
  const model = lowerModel(checked, ir);
  const leaves = [...model.states.keys()].map((i) => ir.state(i));
  const forms = model.states.map(({ derivative }) => derivative && ir.linear(derivative, [...leaves, ir.input]));
  const n = leaves.length;
  const known = new Map<string, Propagator>();
  return (params) => {
    const key = params.join();
    const before = known.get(key);
    if (before) return before;
    const number = (e: Expr): number => evaluate(e, { params, dt, index: 0, size: 1, math: HOST });
    const rows = forms.map((form) =>
      form ? [...form.slopes, form.offset].map(number) : new Array<number>(n + 2).fill(0),
    );
    const made: Propagator = {
      free: gains(rows, [], dt),
      held: held.length === 0 ? [] : gains(rows, held, dt),
      share: (tau, rise) => shares(rows, tau, rise, dt),
      tau: -1 / (rows[0]?.[0] as number),
    };
    known.set(key, made);
    return made;
  };
}

/** exp(A dt) - 1 of a linear system with input and offset as further columns. */
function gains(rows: readonly (readonly number[])[], still: readonly number[], dt: number): number[][] {
  const n = rows.length;
  const size = n + 2;
  const matrix = new Array<number>(size * size).fill(0);
  rows.forEach((row, i) => {
    if (!still.includes(i)) row.forEach((x, j) => (matrix[i * size + j] = x * dt));
  });
  const e = expm1Matrix(matrix, size);
  return rows.map((_, i) => e.slice(i * size, (i + 1) * size));
}

function shares(rows: readonly (readonly number[])[], tau: number, rise: number | undefined, dt: number): Shares {
  const n = rows.length;
  const size = n + 2;
  const system = (decay: number, riseDecay: number, hand: number): number[] => {
    const top = rows.map((row) => [...row.slice(0, n), row[n] as number, 0]);
    const nothing = new Array<number>(n).fill(0);
    return expm1Matrix([...top, [...nothing, decay, hand], [...nothing, 0, riseDecay]].flat().map((x) => x * dt), size);
  };
  const moving = rise === undefined ? system(-1 / tau, 0, 0) : system(-1 / tau, -1 / rise, 1);
  const constant = system(0, 0, 0);
  const ratio = (state: number, column: number): number => {
    const whole = state < n ? (constant[size * state + n] as number) : 0;
    return whole === 0 ? 0 : (moving[size * state + column] as number) / whole;
  };
  return { vx: ratio(0, n), vy: ratio(0, n + 1), wx: ratio(1, n), wy: ratio(1, n + 1) };
}

/** Mean of the rise's share in x over a step, from a unit at y. */
export function meanHanded(rise: number, decay: number, dt: number): number {
  const system = [0, 1, 0, 0, -1 / decay, 1, 0, 0, -1 / rise];
  return (expm1Matrix(system.map((x) => x * dt), 3)[2] as number) / dt;
}

/** What is at x a time t after a unit at y. */
export function handed(rise: number, decay: number, t: number): number {
  const [slow, fast] = [Math.max(rise, decay), Math.min(rise, decay)];
  const x = t * (1 / slow - 1 / fast);
  return t * Math.exp(-t / slow) * (x === 0 ? 1 : Math.expm1(x) / x);
}

/** Jump of y per weight that makes x peak at the weight. */
export function peakGain(rise: number, decay: number): number {
  const excess = (decay - rise) / rise;
  return 1 / handed(rise, decay, decay * (excess === 0 ? 1 : Math.log1p(excess) / excess));
}

/**
 * Where neurons of a built-in model start when a network does not say it, computed from the equations of its record:
 * other tools have starts of their own. An explicit network says the start of each neuron, with the core's own bits.
 */
import { evaluate, type Expr, Ir } from "../lang/ir.js";
import { lowerModel } from "../lang/lower.js";
import { builtInEquations, HOST } from "../model/own.js";
import type { ModelRecord } from "../model/record.js";

type Numbers = Readonly<Record<string, number>>;

/** Where a rest is looked for, in so many parts: in mV, and as a pure number. */
const RANGES = { mV: [-200, 100], "": [-5, 5] } as const;
const PLACES = 1024;
const HALVINGS = 60;
/** Where a neuron without a rest starts. */
const NO_REST = { mV: -65, "": -1 } as const;

/** The states of a neuron with these parameters at the start, by their names. */
export function startingStates(record: ModelRecord, params: Numbers): Record<string, number> {
  const equations = equationsOf(record, params);
  const names = Object.keys(record.states);
  const [membrane = "v", ...others] = names;
  const { init } = record;
  const unit = record.states[membrane]?.unit === "mV" ? "mV" : "";
  if (init === "rest") {
    // a recovery that integrates has no equilibrium of its own
    if (params.k_u === 0) return { [membrane]: NO_REST[unit], u: -16 };
    const rest = restOf(equations, membrane, others, RANGES[unit]);
    return equilibrium(equations, membrane, others, rest ?? NO_REST[unit]);
  }
  const out: Record<string, number> = {};
  for (const name of names) {
    const text = init[name] as string;
    if (text === "equilibrium")
      out[name] = equilibrium(equations, membrane, others, out[membrane] as number)[name] as number;
    else out[name] = Number.isFinite(Number(text)) ? Number(text) : (params[text] as number);
  }
  return out;
}

/** d(state)/dt by the state's name, without input. */
type Equations = (states: Numbers) => (name: string) => number;

function equationsOf(record: ModelRecord, params: Numbers): Equations {
  const lowered = lowerModel(builtInEquations(record), new Ir());
  const values = lowered.params.map(({ name }) => params[name] as number);
  const slopes = new Map(lowered.states.map(({ name, derivative }) => [name, derivative as Expr]));
  return (states) => {
    const env = {
      states: lowered.states.map(({ name }) => states[name] as number),
      params: values,
      input: 0,
      math: HOST,
    };
    return (name) => evaluate(slopes.get(name) as Expr, env);
  };
}

/** The states for a given v at which all others stand still: each equation is linear in its own state. */
function equilibrium(
  equations: Equations,
  membrane: string,
  others: readonly string[],
  v: number,
): Record<string, number> {
  const at = (x: number) =>
    equations(Object.fromEntries([[membrane, v], ...others.map((name) => [name, x])]) as Numbers);
  const [zero, one] = [at(0), at(1)];
  return Object.fromEntries([
    [membrane, v],
    ...others.map((name) => [name, zero(name) / (zero(name) - one(name))]),
  ]) as Record<string, number>;
}

/** The first v from below at which dv/dt, all else in equilibrium, goes from positive to negative. */
function restOf(
  equations: Equations,
  membrane: string,
  others: readonly string[],
  [low, high]: readonly [number, number],
): number | undefined {
  const slope = (v: number): number => equations(equilibrium(equations, membrane, others, v))(membrane);
  const step = (high - low) / PLACES;
  for (let k = 1; k <= PLACES; k++) {
    let [a, b] = [low + (k - 1) * step, low + k * step];
    if (!(slope(a) >= 0 && slope(b) < 0)) continue;
    for (let i = 0; i < HALVINGS; i++) {
      const middle = 0.5 * (a + b);
      if (slope(middle) >= 0) a = middle;
      else b = middle;
    }
    return 0.5 * (a + b);
  }
  return undefined;
}

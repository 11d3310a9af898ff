/** What is known of the methods' stability: limits on dt and on the states, used by the check and by the guard. */
import { isOwn, type ReceptorSpec } from "../kinds/receptors.js";
import { shorten } from "../lang/source.js";
import { partialTerms } from "../model/own.js";
import type { Method, ModelRecord } from "../model/record.js";
import { type Numbers, numberAt } from "./values.js";

/** An explicit method is stable for x' = -x/tau while dt < limit tau (the real stability interval of the method). */
export const EXPLICIT_LIMIT: Readonly<Partial<Record<Method, number>>> = { euler: 2, heun: 2, rk4: 2.785, halfStep: 4 };

/** What helps against a runaway, at which `value` was found: a full sentence, or more, without the last stop. */
export function remedyFor(model: ModelRecord, method: Method, dt: number, value: number): string {
  const remedy = stepRemedy(model, method, dt);
  const terms = Number.isFinite(value) ? [] : partialTerms(model);
  if (terms.length === 0) return remedy;
  const shown = terms.slice(0, 3).map(shorten).join(", ") + (terms.length > 3 ? ", ..." : "");
  return `${remedy}. Or an expression had no value: ${shown} where an argument is outside of its range, or a divisor 0; clip it with max or clip`;
}

/** The same for a state of receptor `name`, whose kernel is one of the user's own. */
export function receptorRemedy(name: string, receptor: ReceptorSpec): string {
  const { id, method } = isOwn(receptor) ? receptor.kernel : { id: receptor.kernel, method: "exact" as const };
  const what = `the kernel ${id} of the receptor ${name} is advanced by ${method}`;
  if (method === "exact") return `${what}, which has no limit on dt: its equations or what arrives lead there`;
  return `${what}: use a smaller dt, or another method of the kernel, and see that no divisor is 0 and no argument out of its range`;
}

/** Methods without a limit on dt follow the input wherever it leads. */
function stepRemedy(model: ModelRecord, method: Method, dt: number): string {
  if (EXPLICIT_LIMIT[method] === undefined) {
    return `${method} has no limit on dt: the input or the parameters lead there. Use less input, or check units and signs`;
  }
  const bounded = model.methods.find((m) => EXPLICIT_LIMIT[m] === undefined);
  const other = bounded === undefined ? "" : `, or the method ${bounded}`;
  return `${method} cannot follow this neuron with dt = ${dt} ms: use a smaller dt${other}, or less input`;
}

/** Beyond the limit by this factor an oscillation grows so fast that nothing else can be meant. */
const RUNAWAY = 1.25;

/**
 * Quadratic models: the v below which an explicit step overshoots. There dv/dt has the slope 2 k v + ..., which falls
 * with v without bound: a strong negative current drives v to where dt |slope| exceeds the method's stability interval,
 * and the overshoot crosses the peak as a spike that the equation does not have.
 */
export function explicitFloor(
  model: ModelRecord,
  method: Method,
  dt: number,
  params: Readonly<Record<string, Numbers>>,
): number {
  const limit = EXPLICIT_LIMIT[method];
  if (limit === undefined) return Number.NEGATIVE_INFINITY;
  const at = (name: string, i: number): number => numberAt(params[name] as Numbers, i);
  const size = Math.max(1, ...Object.values(params).map((x) => (typeof x === "number" ? 1 : x.length)));
  let floor = Number.POSITIVE_INFINITY;
  for (let i = 0; i < size; i++) {
    let value: number;
    // slope of dv/dt at v: a v + b
    if (model.id === "izhikevich") value = quadraticFloor(2 * at("k_2", i), at("k_1", i), dt, limit);
    else if (model.id === "qif") {
      const a = (2 * at("k", i)) / at("C_m", i);
      value = quadraticFloor(a, (-a * (at("V_r", i) + at("V_t", i))) / 2, dt, limit);
    } else return Number.NEGATIVE_INFINITY;
    floor = Math.min(floor, value);
  }
  return floor;
}

/** Potentials that neurons reach in ordinary runs, in mV: never a runaway, however long the step. */
const ORDINARY = -100;

function quadraticFloor(a: number, b: number, dt: number, limit: number): number {
  return a > 0 ? Math.min(ORDINARY, -((limit * RUNAWAY) / dt + b) / a) : Number.NEGATIVE_INFINITY;
}

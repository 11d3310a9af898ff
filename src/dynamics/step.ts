/** The largest stable step of a method for any model. */
import { readName, readNumber } from "../model/check.js";
import type { Complex } from "../analysis/linear.js";
import { Core } from "../core/core.js";
import { type Method, type ModelRecord, SOLVING } from "../model/record.js";
import { courseFrom, stateLimit } from "../sim/step.js";
import type { System } from "../sim/system.js";
import { type ModelAt, named, readGiven, readState } from "./given.js";
import { stepOnce } from "../sim/probe.js";

/** Where a method is asked about. */
export interface StableStepOptions<M extends ModelRecord> extends ModelAt<M> {
  /**
   * Values of states: the step is asked for there, for all deviations that decay. Without it the neuron is followed
   * from its rest, through spikes and resets, and deviations count that decay faster than they turn.
   */
  readonly state?: Readonly<Record<string, number | string>>;
  /** How long the neuron is followed, in ms; 200 by default. */
  readonly duration?: number | string;
}

/** The largest step of a method at which what decays in the equations decays in the simulation. */
export interface StableStep {
  /** ms; Infinity for a method without a limit, 0 where no step is small enough. */
  readonly dt: number;
  /** Where the limit comes from. */
  readonly state: Readonly<Record<string, number>>;
  /**
   * The eigenvalue of the Jacobian that sets it, in 1/ms; undefined where it is not one alone, or there is no limit.
   */
  readonly eigenvalue: Complex | undefined;
}

/**
 * The largest stable time step of a method for a model: for `euler`, `heun` and `rk4` from the eigenvalues of the
 * Jacobian and the method's stability function; for `exponentialEuler` and `halfStep` from the spectral radius of the
 * Jacobian of one step, and for `strangSplitting` from that of the core's own step, by differences. `exact` and
 * `rosenbrock` have no limit.
 *
 * @throws ValueRangeError where the method is not for the model
 */
export async function largestStableStep<M extends ModelRecord>(
  model: M,
  method: Method,
  options: StableStepOptions<M> = {},
): Promise<StableStep> {
  const path = "largestStableStep";
  const given = await readGiven(model, options, path, ["state", "duration"]);
  readName(method, `${path}.method`, "method", model.methods);
  const { system, fields, breath } = given;
  const start = await readState(given, fields.state, `${path}.state`);
  const duration = readNumber(fields.duration ?? 200, `${path}.duration`, "ms", "> 0");
  const states = fields.state === undefined ? courseFrom(system, start, duration).states : [start];
  let least: StableStep = { dt: Number.POSITIVE_INFINITY, state: named(system, start), eigenvalue: undefined };
  if (SOLVING.includes(method) || method === "rosenbrock") return least;
  const split = method === "strangSplitting" ? coreSteps(await Core.create(), system, method, states) : undefined;
  for (const [k, x] of states.entries()) {
    await breath.take(k / states.length);
    const { dt, mode } = stateLimit(system, method, x, fields.state === undefined, split && ((one) => split(one, k)));
    if (dt < least.dt) least = { dt, state: named(system, x), eigenvalue: mode };
  }
  return least;
}

/** The derivative of the core's step by the states, at each of some states: central differences, in row order. */
function coreSteps(
  core: Core,
  system: System,
  method: Method,
  states: readonly Float64Array[],
): (dt: number, k: number) => Float64Array {
  const { n, names, record } = system;
  const params = Object.fromEntries(Object.keys(record.params).map((name, j) => [name, system.params[j] as number]));
  const reach = (x: Float64Array, j: number): number => 1e-5 * Math.max(1e-2, Math.abs(x[j] as number));
  const points = states.flatMap((x) =>
    Array.from({ length: 2 * n }, (_, k) => {
      const y = x.slice();
      y[k >> 1] = (y[k >> 1] as number) + (k % 2 === 0 ? 1 : -1) * reach(x, k >> 1);
      return y;
    }),
  );
  const columns = Object.fromEntries(
    names.map((name, i) => [name, Float64Array.from(points, (point) => point[i] as number)]),
  );
  const known = new Map<number, Record<string, Float64Array>>();
  return (dt, k) => {
    const after = known.get(dt) ?? stepOnce(core, record, method, dt, params, system.input, columns, points.length);
    known.set(dt, after);
    const out = new Float64Array(n * n);
    for (let j = 0; j < n; j++) {
      const at = 2 * (k * n + j);
      names.forEach((name, i) => {
        const [plus, minus] = [after[name]?.[at] as number, after[name]?.[at + 1] as number];
        out[i * n + j] = (plus - minus) / (2 * reach(states[k] as Float64Array, j));
      });
    }
    return out;
  };
}

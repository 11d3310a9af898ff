/**
 * The largest time step at which a method is stable for a model: at a state, or along what the neuron does. From the
 * Jacobian and the method's stability function, or the Jacobian of one step of the method.
 */
import { type Complex, eigenvalues } from "../analysis/linear.js";
import { solve } from "../analysis/solver.js";
import { derivative } from "../lang/differentiate.js";
import { integrate, STEP_METHODS, type StepMethod } from "../lang/integrate.js";
import { type Expr } from "../lang/ir.js";
import { Tape } from "../lang/tape.js";
import { StateError } from "../model/errors.js";
import { type Method, SOLVING } from "../model/record.js";
import type { System } from "./system.js";

/**
 * How the amplitude of x' = lambda x changes in a step, at z = lambda dt. Methods without one here have no such limit.
 */
const POLYNOMIALS: Readonly<Partial<Record<Method, readonly number[]>>> = {
  euler: [1, 1],
  heun: [1, 1, 1 / 2],
  rk4: [1, 1, 1 / 2, 1 / 6, 1 / 24],
};

/** |R(z)| of an explicit method. */
function growth(coefficients: readonly number[], { re, im }: Complex): number {
  let [x, y] = [0, 0];
  for (const c of [...coefficients].reverse()) [x, y] = [x * re - y * im + c, x * im + y * re];
  return Math.hypot(x, y);
}

/** Longest step that is looked at, in ms. */
const LONGEST = 1000;

/** The largest dt below which something does not happen, to 1e-6 of it; Infinity where it never does. */
function largest(happens: (dt: number) => boolean, shortest: number): number {
  let low = 0;
  let high = shortest;
  for (; !happens(high); high *= 1.2) {
    low = high;
    if (high > LONGEST) return Number.POSITIVE_INFINITY;
  }
  for (let round = 0; round < 60 && high - low > 1e-6 * high; round++) {
    const middle = 0.5 * (low + high);
    if (happens(middle)) high = middle;
    else low = middle;
  }
  return low;
}

/**
 * The largest dt at which an explicit method lets a mode decay that decays: x' = lambda x with a negative real part.
 * Infinity for one that does not decay, 0 for one that no step lets decay.
 */
export function modeLimit(method: Method, mode: Complex): number {
  const coefficients = POLYNOMIALS[method];
  const size = Math.hypot(mode.re, mode.im);
  if (coefficients === undefined || !(mode.re < 0) || mode.re > -1e-13 * size) return Number.POSITIVE_INFINITY;
  if (method === "euler") return (-2 * mode.re) / size ** 2;
  const grows = (dt: number): boolean => growth(coefficients, { re: dt * mode.re, im: dt * mode.im }) > 1;
  return grows(1e-4 / size) ? 0 : largest(grows, 1e-3 / size);
}

function isStepMethod(method: Method): method is StepMethod {
  return (STEP_METHODS as readonly Method[]).includes(method);
}

/** What one step of a method makes of the states that move, at a constant input, without spikes, noise and jumps. */
export class StepMap {
  private readonly system: System;
  private readonly next: readonly Expr[];

  constructor(system: System, method: StepMethod) {
    const { ir, model } = system;
    const silent = {
      ...model,
      states: model.states.map((state) => ({ ...state, noise: [] })),
      threshold: undefined,
      reset: [],
      refractory: { kind: "none" } as const,
      events: [],
    };
    const program = integrate(ir, silent, method, { conducts: false, jumps: false });
    this.system = system;
    this.next = system.moving.map((j) =>
      system.shifted(
        ir.substitute(program.next[j] as Expr, (node) =>
          node.op === "column" && /^I/.test(node.name) ? ir.input : node.op === "column" ? ir.const(0) : undefined,
        ),
      ),
    );
  }

  /** The step of a length, ready for evaluation. */
  tape(dt: number): Tape {
    return new Tape(this.next, this.system.math, { dt, t: 0 });
  }

  /** The derivative of the step by the states, in row order. */
  jacobian(dt: number): Tape {
    const { ir, names } = this.system;
    const all = this.next.flatMap((e) => names.map((_, j) => derivative(ir, e, ir.state(j))));
    return new Tape(all, this.system.math, { dt, t: 0 });
  }
}

/** The largest of the eigenvalues' sizes. */
function radius(matrix: ArrayLike<number>, n: number): number {
  return Math.max(...eigenvalues(matrix, n).map(({ re, im }) => Math.hypot(re, im)));
}

/** Largest dt at a state, and the eigenvalue of the Jacobian that sets it, where one does. */
export interface StateLimit {
  /** ms; Infinity where there is no limit. */
  readonly dt: number;
  readonly mode: Complex | undefined;
}

/**
 * The largest dt at which deviations from a state that decay do so under a method.
 *
 * @param stiff only those that decay faster than they turn count
 * @param map the Jacobian of one step, of methods that are not known by their expressions
 */
export function stateLimit(
  system: System,
  method: Method,
  x: Float64Array,
  stiff: boolean,
  map?: (dt: number) => Float64Array,
): StateLimit {
  const { n } = system;
  const modes = eigenvalues(system.jacobian(x), n);
  if (POLYNOMIALS[method] !== undefined) {
    const counted = modes.filter(({ re, im }) => re < 0 && (!stiff || Math.abs(im) <= -re));
    return counted.reduce<StateLimit>(
      (least, mode) => {
        const dt = modeLimit(method, mode);
        return dt < least.dt ? { dt, mode } : least;
      },
      { dt: Number.POSITIVE_INFINITY, mode: undefined },
    );
  }
  if (SOLVING.includes(method)) return { dt: Number.POSITIVE_INFINITY, mode: undefined };
  const step = map ?? (isStepMethod(method) ? stepOf(system, method, x) : undefined);
  if (step === undefined) return { dt: Number.POSITIVE_INFINITY, mode: undefined };
  const fastest = Math.max(1e-12, ...modes.map(({ re, im }) => Math.hypot(re, im)));
  const rising = Math.max(0, ...modes.map(({ re }) => re));
  // what rises in the equations may rise a little faster in the simulation
  const most = rising > 0 ? 1.1 : 1 + 1e-6;
  const grows = (dt: number): boolean => radius(step(dt), n) > Math.exp(rising * dt) * most;
  return { dt: largest(grows, 1e-2 / fastest), mode: undefined };
}

function stepOf(system: System, method: StepMethod, x: Float64Array): (dt: number) => Float64Array {
  const map = new StepMap(system, method);
  return (dt) => system.evaluate(map.jacobian(dt), x, system.n ** 2);
}

/** A neuron's way from a state on, through spikes and resets, with states of which each is unlike those before. */
export interface Course {
  /** States along the way, the stiffest first. */
  readonly states: readonly Float64Array[];
  /** Where it ended, and when in ms: sooner than asked where the equations grew without bound. */
  readonly end: Float64Array;
  readonly time: number;
  readonly whole: boolean;
}

/** States of a course that are looked at. */
const LOOKED_AT = 8;
/** Most spikes of a course. */
const MOST_SPIKES = 1000;

/** Follows a neuron with small steps. */
export function courseFrom(system: System, start: Float64Array, time: number): Course {
  const { n } = system;
  const resets = system.resets();
  const slopes = (x: Float64Array, out: Float64Array): void => void system.at(x, out);
  const found: { readonly x: Float64Array; readonly key: number }[] = [];
  const J = new Float64Array(n * n);
  const look = (x: Float64Array): void => {
    system.jacobian(x, J);
    let key = 0;
    for (let k = 0; k < n; k++) key = Math.max(key, -(J[k * n + k] as number));
    if (!Number.isFinite(key)) return;
    const last = found.at(-1);
    if (found.length >= LOOKED_AT && last !== undefined && key <= last.key * 1.001) return;
    found.push({ x: x.slice(), key });
    found.sort((a, b) => b.key - a.key);
    if (found.length > LOOKED_AT) found.pop();
  };
  look(start);
  let [x, t] = [start, 0];
  const options = {
    relative: 1e-6,
    absolute: start.map((value) => 1e-7 * Math.max(1e-2, Math.abs(value))),
    onStep: (_: number, now: Float64Array): void => look(now),
    ...(resets && { guard: (now: Float64Array) => system.evaluate(resets.guard, now, 1)[0] as number }),
  };
  let whole = true;
  try {
    for (let spikes = 0; t < time && spikes < MOST_SPIKES; spikes++) {
      const end = solve(slopes, x, time - t, options);
      t += end.t;
      x = end.event && resets ? system.evaluate(resets.reset, end.x, n) : end.x;
      if (end.event && resets && (system.evaluate(resets.guard, x, 1)[0] as number) >= 0) break;
      if (!x.every(Number.isFinite)) whole = false;
      if (!end.event || !whole) break;
    }
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    whole = false;
  }
  return { states: found.map((one) => one.x), end: x, time: t, whole };
}

/** Where a method left what the model allows. */
export interface Blown {
  readonly variable: string;
  readonly value: number;
  /** ms */
  readonly time: number;
}

/** Runs a method step by step; undefined where all stays within the model's bounds, or the method is no such one. */
export function tried(
  system: System,
  method: Method,
  start: Float64Array,
  dt: number,
  time: number,
): Blown | undefined {
  if (!isStepMethod(method) || method === "exact") return undefined;
  const { n, names, record } = system;
  const tape = new StepMap(system, method).tape(dt);
  const resets = system.resets();
  const limits = names.map((name) => record.states[name]?.bounds ?? [-Number.MAX_VALUE, Number.MAX_VALUE]);
  let x = start;
  const steps = Math.ceil(time / dt);
  for (let step = 1; step <= steps; step++) {
    x = system.evaluate(tape, x, n);
    for (let k = 0; k < n; k++) {
      const [value, [low, high]] = [x[k] as number, limits[k] as readonly [number, number]];
      if (!(value >= low && value <= high)) return { variable: names[k] as string, value, time: step * dt };
    }
    if (resets && (system.evaluate(resets.guard, x, 1)[0] as number) >= 0) x = system.evaluate(resets.reset, x, n);
  }
  return undefined;
}

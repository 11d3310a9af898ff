/** The equations of a record as numbers: derivatives, equilibria and a plain Runge-Kutta run, for the tests. */
import type { ModelRecord } from "../../src/model/record.js";
import { type Compiled, compile, type Scope } from "./expression.js";

/** Default parameters of a model, with those of a preset and others in place of them. */
export function parameters(model: ModelRecord, preset?: string, others: Scope = {}): Record<string, number> {
  const defaults = Object.fromEntries(Object.entries(model.params).map(([name, record]) => [name, record.default]));
  return { ...defaults, ...(preset === undefined ? {} : model.presets[preset]?.params), ...others };
}

/** Right-hand sides of a model: states and current in, derivatives out. */
export function derivative(model: ModelRecord, params: Scope): (state: Scope, I: number) => Record<string, number> {
  const functions = Object.entries(model.functions ?? {}).map(([name, text]) => [name, compile(text)] as const);
  const equations = Object.entries(model.equations).map(([name, text]) => [name, compile(text)] as const);
  // One object for all calls: making it anew takes longer than evaluating.
  const scope: Record<string, number> = { ...params };
  return (state, I) => {
    Object.assign(scope, state);
    scope.I = I;
    for (const [name, evaluate] of functions) scope[name] = evaluate(scope);
    const slopes: Record<string, number> = {};
    for (const [name, evaluate] of equations) slopes[name] = evaluate(scope);
    return slopes;
  };
}

/** A root of f between two points of opposite sign. */
export function bisect(f: (x: number) => number, low: number, high: number): number {
  const rising = f(high) > 0;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (f(middle) > 0 === rising) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/** Trace of the Jacobian, by central differences. */
export function trace(f: (state: Scope, I: number) => Scope, state: Scope, I: number): number {
  let sum = 0;
  for (const [name, value] of Object.entries(state)) {
    const h = 1e-5 * Math.max(1, Math.abs(value));
    const up = f({ ...state, [name]: value + h }, I)[name] ?? NaN;
    const down = f({ ...state, [name]: value - h }, I)[name] ?? NaN;
    sum += (up - down) / (2 * h);
  }
  return sum;
}

export interface RunOptions {
  readonly params: Scope;
  readonly start: Scope;
  readonly current: number;
  readonly dt: number;
  readonly duration: number;
}

/**
 * Spike times (ms) of the equations under a constant current: classical Runge-Kutta, spikes interpolated within the
 * step.
 */
export function run(
  model: ModelRecord,
  options: RunOptions,
): { readonly spikes: number[]; readonly state: Record<string, number> } {
  const { params, current, dt, duration } = options;
  const f = derivative(model, params);
  const resets: (readonly [string, Compiled])[] = Object.entries(model.reset ?? {}).map(([name, text]) => [
    name,
    compile(text),
  ]);
  const level = params[model.threshold] ?? NaN;
  const keys = Object.keys(model.states);
  // as the records say: above the peak v is clipped inside the right-hand side, or the later stages overflow
  const clip = (state: Scope): Scope => (model.reset ? { ...state, v: Math.min(state.v ?? NaN, level) } : state);
  const shift = (state: Scope, by: Scope, h: number): Scope =>
    Object.fromEntries(keys.map((key) => [key, (state[key] ?? NaN) + h * (by[key] ?? NaN)]));
  let state: Record<string, number> = { ...options.start };
  let armed = true;
  const spikes: number[] = [];
  const steps = Math.round(duration / dt);
  for (let step = 0; step < steps; step++) {
    const a = f(clip(state), current);
    const b = f(clip(shift(state, a, dt / 2)), current);
    const c = f(clip(shift(state, b, dt / 2)), current);
    const d = f(clip(shift(state, c, dt)), current);
    const before = state.v ?? NaN;
    state = Object.fromEntries(
      keys.map((key) => [
        key,
        (state[key] ?? NaN) +
          (dt / 6) * ((a[key] ?? NaN) + 2 * (b[key] ?? NaN) + 2 * (c[key] ?? NaN) + (d[key] ?? NaN)),
      ]),
    );
    const v = state.v ?? NaN;
    if (v >= level && armed) {
      spikes.push((step + (level - before) / (v - before)) * dt);
      if (model.reset) {
        const scope = { ...params, ...state };
        state = { ...state, ...Object.fromEntries(resets.map(([name, evaluate]) => [name, evaluate(scope)])) };
      } else armed = false;
    }
    if (!model.reset && v < level - (params.hysteresis ?? 0)) armed = true;
  }
  return { spikes, state };
}

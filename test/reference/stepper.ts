/**
 * One neuron advanced step by step in plain JavaScript from the text of its model's record: what a kernel must do,
 * written a second time and without regard for speed.
 */
import type { Method, ModelRecord } from "../../src/model/record.js";
import { type Compiled, compile, type Scope } from "../contract/expression.js";

export type Numbers = Record<string, number>;

/** A receptor of the neuron: its state is a conductance with E_rev, else a current. Delta receptors have no state. */
export interface ReceptorState {
  readonly tau: number;
  readonly E_rev?: number;
  value: number;
}

/** Background current at the start, the middle and the end of a step. */
export type Stages = readonly [start: number, middle: number, end: number];

/** What arrives in a step. */
export interface Arrivals {
  /** Sum of the jumps of v (delta receptors). */
  readonly jump?: number;
  /** Per receptor with a state. */
  readonly receptors?: Readonly<Numbers>;
}

/** b in dv/dt = b (v_inf - v) with everything else frozen, as each record's conductances say; G is synaptic. */
const MEMBRANE_RATE: Readonly<Record<string, string>> = {
  lif: "1 / tau_m + G / C_m",
  adaptiveLif: "1 / tau_m + G / C_m",
  eif: "(g_L + G) / C_m",
  adex: "(g_L + G) / C_m",
  morrisLecar: "(g_L + g_Ca * (1 + tanh((v - V_1) / V_2)) / 2 + g_K * w + G) / C_m",
  hodgkinHuxley: "(g_L + g_Na * m^3 * h + g_K * n^4 + G) / C_m",
  traubMiles: "(g_L + g_Na * m^3 * h + g_K * n^4 + G) / C_m",
};

export class Stepper {
  readonly state: Numbers;
  readonly receptors: Record<string, ReceptorState>;
  private readonly model: ModelRecord;
  private readonly method: Method;
  private readonly dt: number;
  private readonly params: Scope;
  private readonly names: readonly string[];
  private readonly functions: readonly (readonly [string, Compiled])[];
  private readonly equations: readonly (readonly [string, Compiled])[];
  /** Parameters, and the states and functions of the last evaluation. */
  private readonly scope: Numbers;
  private readonly resets: readonly (readonly [string, Compiled])[];
  private readonly rate: Compiled | undefined;
  private readonly level: number;
  private readonly hold: number;
  /** Steps in which v is still held. */
  private held = 0;
  /** rosenbrock: steps done, and where on this scale v is released. */
  private steps = 0;
  private release = 0;
  private armed: boolean;

  constructor(
    model: ModelRecord,
    method: Method,
    dt: number,
    params: Scope,
    state: Scope,
    receptors: Record<string, ReceptorState> = {},
  ) {
    this.model = model;
    this.method = method;
    this.dt = dt;
    this.params = params;
    this.state = { ...state };
    this.receptors = receptors;
    this.names = Object.keys(model.states);
    // Without an exponential current (Delta_T 0) the neuron fires at V_T.
    this.level = (params.Delta_T === 0 ? params.V_T : params[model.threshold]) ?? NaN;
    this.resets = Object.entries(model.reset ?? {}).map(([name, text]) => [name, compile(text)]);
    const rate = MEMBRANE_RATE[model.id];
    this.rate = rate === undefined ? undefined : compile(rate);
    this.hold = Math.round((params.t_ref ?? 0) / dt);
    this.armed = (state.v ?? NaN) < this.level;
    this.functions = Object.entries(model.functions ?? {}).map(([name, text]) => [name, compile(text)]);
    this.equations = Object.entries(model.equations).map(([name, text]) => [name, compile(text)]);
    this.scope = { ...params };
  }

  /** Right-hand sides at the present state. */
  derivatives(I: number): Numbers {
    return this.f(this.state, I);
  }

  /** Right-hand sides at a state. In eif and adex v is clipped at V_peak inside them. */
  private f(x: Numbers, I: number): Numbers {
    const { scope } = this;
    for (const name of this.names) scope[name] = x[name] ?? NaN;
    if (this.model.clipped) scope.v = Math.min(x.v ?? NaN, this.params[this.model.threshold] ?? NaN);
    scope.I = I;
    if (this.params.Delta_T === 0) return this.leaky(scope);
    for (const [name, evaluate] of this.functions) scope[name] = evaluate(scope);
    const out: Numbers = {};
    for (const [name, evaluate] of this.equations) out[name] = evaluate(scope);
    return out;
  }

  /** eif and adex without their exponential, whose text divides by Delta_T. */
  private leaky({ C_m = NaN, g_L = NaN, E_L = NaN, a = 0, tau_w = NaN, v = NaN, w = 0, I = NaN }: Numbers): Numbers {
    const slope = { v: (g_L * (E_L - v) - w + I) / C_m };
    return Object.hasOwn(this.state, "w") ? { ...slope, w: (a * (v - E_L) - w) / tau_w } : slope;
  }

  get v(): number {
    return this.state.v ?? NaN;
  }

  /** Advances by one step; true if it ends with a spike. */
  step(background: Stages, arrivals: Arrivals = {}): boolean {
    if (this.method === "rosenbrock") return this.rosenbrock(background, arrivals);
    const refractory = this.held > 0;
    const before = { ...this.state };
    const after = this.integrate(before, background, refractory);
    let v = (after.v ?? NaN) + (arrivals.jump ?? 0);
    if (refractory) {
      this.held--;
      v = this.params.V_reset ?? this.params.c ?? NaN;
    }
    Object.assign(this.state, after, { v });
    if (this.method === "halfStep") {
      const u = before.u ?? NaN;
      this.state.u = u + this.dt * (this.f({ v, u }, 0).u ?? NaN);
    }
    this.decay(arrivals);
    return this.detect();
  }

  private decay(arrivals: Arrivals): void {
    for (const [name, receptor] of Object.entries(this.receptors)) {
      receptor.value = receptor.value * Math.exp(-this.dt / receptor.tau) + (arrivals.receptors?.[name] ?? 0);
    }
  }

  private detect(): boolean {
    const { state, params, level } = this;
    const above = this.v >= level;
    if (this.model.reset) {
      if (!above) return false;
      const scope = { ...params, ...state };
      for (const [name, evaluate] of this.resets) state[name] = evaluate(scope);
      this.held = this.hold;
      return true;
    }
    const spike = above && this.armed;
    this.armed = (this.armed && !above) || this.v < level - (params.hysteresis ?? NaN);
    return spike;
  }

  /**
   * Current into a neuron at v, and the conductance behind it, at stage 0, 1 or 2 (start, middle, end). A method with
   * the first stage only takes a receptor's mean over the step.
   */
  private input(background: Stages, stage: 0 | 1 | 2, v: number): { I: number; G: number } {
    const { dt, method } = this;
    const mean = method !== "heun" && method !== "rk4";
    let I = background[stage];
    let G = 0;
    for (const { tau, E_rev, value } of Object.values(this.receptors)) {
      const now = value * (mean ? (-Math.expm1(-dt / tau) * tau) / dt : Math.exp((-stage * dt) / (2 * tau)));
      I += E_rev === undefined ? now : now * (E_rev - v);
      if (E_rev !== undefined) G += now;
    }
    return { I, G };
  }

  private integrate(x: Numbers, background: Stages, refractory: boolean): Numbers {
    if (this.method === "exact") return this.exact(x, background[0], refractory);
    if (this.method === "exponentialEuler") return this.relax(x, background, this.dt, this.names);
    if (this.method === "strangSplitting") {
      const [v, ...gates] = this.names as [string, ...string[]];
      const middle = [background[1], background[1], background[1]] as const;
      const half = this.relax(x, middle, this.dt / 2, [v]);
      return this.relax(this.relax(half, middle, this.dt, gates), middle, this.dt / 2, [v]);
    }
    if (this.method === "halfStep") {
      const { I } = this.input(background, 0, x.v ?? NaN);
      const once = this.moved(x, { v: this.f(x, I).v ?? NaN, u: 0 }, this.dt / 2);
      return this.moved(once, { v: this.f(once, I).v ?? NaN, u: 0 }, this.dt / 2);
    }
    const slope = (state: Numbers, stage: 0 | 1 | 2): Numbers => {
      const f = this.f(state, this.input(background, stage, state.v ?? NaN).I);
      return refractory ? { ...f, v: 0 } : f;
    };
    const { dt } = this;
    const a = slope(x, 0);
    if (this.method === "euler") return this.moved(x, a, dt);
    if (this.method === "heun") {
      const b = slope(this.moved(x, a, dt), 2);
      return this.moved(this.moved(x, a, dt / 2), b, dt / 2);
    }
    const b = slope(this.moved(x, a, dt / 2), 1);
    const c = slope(this.moved(x, b, dt / 2), 1);
    const d = slope(this.moved(x, c, dt), 2);
    const sum: Numbers = {};
    for (const name of this.names) {
      sum[name] = ((a[name] ?? NaN) + 2 * (b[name] ?? NaN) + 2 * (c[name] ?? NaN) + (d[name] ?? NaN)) / 6;
    }
    return this.moved(x, sum, dt);
  }

  private moved(x: Numbers, by: Numbers, h: number): Numbers {
    const out: Numbers = {};
    for (const name of this.names) out[name] = (x[name] ?? NaN) + h * (by[name] ?? NaN);
    return out;
  }

  /** Exponential Euler of the named states over a time h: x_inf + (x - x_inf) exp(-b h) with x_inf = x + f/b. */
  private relax(x: Numbers, background: Stages, h: number, names: readonly string[]): Numbers {
    const { I, G } = this.input(background, 0, x.v ?? NaN);
    const f = this.f(x, I);
    const out: Numbers = { ...x };
    for (const name of names) {
      let b: number;
      if (name === "v") b = this.rate?.({ ...this.params, ...x, G }) ?? NaN;
      else {
        // The other equations are linear in their own state.
        b = (this.f({ ...x, [name]: 0 }, I)[name] ?? NaN) - (this.f({ ...x, [name]: 1 }, I)[name] ?? NaN);
      }
      out[name] = (x[name] ?? NaN) - ((f[name] ?? NaN) / b) * Math.expm1(-b * h);
    }
    return out;
  }

  /**
   * A step of the method rosenbrock (docs/numerics.md): the linearly implicit step below the take-off, above it a spike
   * in closed form and the rest of the step from the reset; a refractory period ends as far within a step as it began.
   */
  private rosenbrock(background: Stages, arrivals: Arrivals): boolean {
    const { dt, state, params, level } = this;
    const { V_reset = NaN, b = 0 } = params;
    const { I, G } = this.input([background[1], NaN, NaN], 0, 0);
    const now = this.steps++;
    let passed = Math.min(1, Math.max(0, this.release - now)) * dt;
    const hold = (t: number): void => {
      if (t <= 0) return;
      state.v = V_reset;
      this.adapt(V_reset, t);
    };
    const reset = (at: number): void => {
      state.v = V_reset;
      if (state.w !== undefined) state.w += b;
      if (this.hold > 0) this.release = now + at / dt + this.hold;
    };
    // Over a whole step w is advanced by the implicit midpoint rule, in part of one exactly.
    if (passed === dt) {
      const { tau_w = 1 } = params;
      const f = this.f({ ...state, v: V_reset }, 0).w ?? 0;
      if (state.w !== undefined) state.w += (dt * f) / (1 + dt / (2 * tau_w));
      state.v = V_reset;
      this.decay(arrivals);
      return false;
    }
    hold(passed);
    let fired = false;
    while (passed < dt) {
      const crossing = this.toCrossing(I, G, dt - passed);
      if (crossing === undefined) break;
      if (fired) {
        state.v = level;
        break;
      }
      fired = true;
      passed += crossing;
      reset(passed);
      if (this.hold > 0) hold(dt - passed);
      if (this.hold > 0) passed = Infinity;
    }
    if (passed !== Infinity) {
      state.v = this.v + (arrivals.jump ?? 0);
      if (!fired && this.v >= level) {
        fired = true;
        reset(dt);
      }
    }
    this.decay(arrivals);
    return fired;
  }

  /** Moves w by a time t at a potential. */
  private adapt(v: number, t: number): void {
    const { a = NaN, E_L = NaN, tau_w = NaN } = this.params;
    if (this.state.w === undefined) return;
    const target = a * (v - E_L);
    this.state.w = target + (this.state.w - target) * Math.exp(-t / tau_w);
  }

  /** Moves v and w by a time t, or to the crossing of the threshold, whose time it then gives. */
  private toCrossing(I: number, G: number, t: number): number | undefined {
    const { state, params, dt, level } = this;
    const { C_m = NaN, g_L = NaN, E_L = NaN, V_T = NaN, Delta_T = NaN, a = 0, tau_w = Infinity } = params;
    const takeOff =
      Delta_T === 0 ? level : Math.min(level, V_T + Delta_T * Math.min(4, Math.log(C_m / (g_L * dt))));
    const { v = NaN, w = 0 } = state;
    const f = this.f(state, I - G * v);
    if (v < takeOff) {
      const e = Delta_T === 0 ? 0 : Math.exp((v - V_T) / Delta_T);
      const z = (t * g_L * e) / C_m;
      // (1 - t/2 J) k = f by Cramer's rule
      const [vv, vw] = [1 + (t * (g_L + G)) / (2 * C_m) - z / 2 - (z * z) / 12, t / (2 * C_m)];
      const [wv, ww] = [(-t * a) / (2 * tau_w), 1 + t / (2 * tau_w)];
      const [fv, fw] = [f.v ?? NaN, f.w ?? 0];
      const det = vv * ww - vw * wv;
      const next = v + (t * (fv * ww - vw * fw)) / det;
      if (next < takeOff) {
        state.v = next;
        if (state.w !== undefined) state.w = w + (t * (vv * fw - wv * fv)) / det;
        return undefined;
      }
    }
    const rise = (x: number, y: number): number => (g_L * (E_L - x) - G * x + I - y) / C_m;
    const first = rise(v, w);
    const guess = this.upstroke(v, first, t);
    const span = guess.crossing ?? t;
    const mean =
      guess.crossing === undefined ? (v + guess.v) / 2 : Math.min(v + Delta_T + (first * span) / 2, (v + level) / 2);
    const { crossing, v: next } = this.upstroke(v, rise(mean, w + (span / 2) * (f.w ?? 0)), t);
    this.adapt(mean, crossing ?? t);
    state.v = next;
    return crossing;
  }

  /** dv/dt = A + (g_L Delta_T/C_m) exp((v - V_T)/Delta_T) over a time t, or to its crossing of the threshold. */
  private upstroke(v: number, A: number, t: number): { readonly v: number; readonly crossing?: number } {
    const { params, level } = this;
    const { C_m = NaN, g_L = NaN, V_T = NaN, Delta_T = NaN } = params;
    if (v >= level) return { v, crossing: 0 };
    const foot = Delta_T === 0 ? level : V_T - 40 * Delta_T;
    let line = 0;
    if (v < foot) {
      line = A > 0 ? (foot - v) / A : Infinity;
      if (line >= t) return { v: v + A * t };
      if (Delta_T === 0) return { v: level, crossing: line };
    }
    const from = Math.max(v, foot);
    const left = t - line;
    // U = (C_m/g_L) exp(-(v - V_T)/Delta_T): dU/dt = -1 - r U
    const U = (x: number): number => (C_m / g_L) * Math.exp((V_T - x) / Delta_T);
    const r = A / Delta_T;
    const quotient = (1 + r * U(from)) / (1 + r * U(level));
    const crossing = Math.log(quotient) / r;
    if (quotient > 0 && 1 + r * U(level) > 0 && crossing <= left) return { v: level, crossing: line + crossing };
    const end = (U(from) + 1 / r) * Math.exp(-r * left) - 1 / r;
    return { v: V_T - Delta_T * Math.log((end * g_L) / C_m) };
  }

  /** The linear system of the states and the receptor currents over one step, by its Taylor series. */
  private exact(x: Numbers, background: number, refractory: boolean): Numbers {
    const currents = Object.values(this.receptors);
    type Point = { state: Numbers; currents: number[] };
    const derive = (p: Point, constant: number): Point => {
      const f = this.f(p.state, constant + p.currents.reduce((sum, i) => sum + i, 0));
      return {
        state: refractory ? { ...f, v: 0 } : f,
        currents: p.currents.map((i, j) => -i / (currents[j]?.tau ?? NaN)),
      };
    };
    // Away from the first derivative the constant terms are gone: f(x) - f(0).
    const origin = derive(
      { state: Object.fromEntries(this.names.map((n) => [n, 0])), currents: currents.map(() => 0) },
      0,
    ).state;
    let term = derive({ state: x, currents: currents.map((r) => r.value) }, background);
    let factor = this.dt;
    const sum = { ...x };
    for (let k = 2; k < 40; k++) {
      for (const name of this.names) sum[name] = (sum[name] ?? NaN) + factor * (term.state[name] ?? NaN);
      const next = derive(term, 0);
      for (const name of this.names) next.state[name] = (next.state[name] ?? NaN) - (origin[name] ?? NaN);
      term = next;
      factor *= this.dt / k;
    }
    return sum;
  }
}

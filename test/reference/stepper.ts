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
    this.level = params[model.threshold] ?? NaN;
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
    if (this.model.exponentials === 1) scope.v = Math.min(x.v ?? NaN, this.level);
    scope.I = I;
    for (const [name, evaluate] of this.functions) scope[name] = evaluate(scope);
    const out: Numbers = {};
    for (const [name, evaluate] of this.equations) out[name] = evaluate(scope);
    return out;
  }

  get v(): number {
    return this.state.v ?? NaN;
  }

  /** Advances by one step; true if it ends with a spike. */
  step(background: Stages, arrivals: Arrivals = {}): boolean {
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
    for (const [name, receptor] of Object.entries(this.receptors)) {
      receptor.value = receptor.value * Math.exp(-this.dt / receptor.tau) + (arrivals.receptors?.[name] ?? 0);
    }
    return this.detect();
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
    if (this.method === "exponentialEuler") return this.relax(x, background);
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

  /** Exponential Euler: x_inf + (x - x_inf) exp(-b dt) with x_inf = x + f/b. */
  private relax(x: Numbers, background: Stages): Numbers {
    const { I, G } = this.input(background, 0, x.v ?? NaN);
    const f = this.f(x, I);
    const out: Numbers = {};
    for (const name of this.names) {
      let b: number;
      if (name === "v") b = this.rate?.({ ...this.params, ...x, G }) ?? NaN;
      else {
        // The other equations are linear in their own state.
        b = (this.f({ ...x, [name]: 0 }, I)[name] ?? NaN) - (this.f({ ...x, [name]: 1 }, I)[name] ?? NaN);
      }
      out[name] = (x[name] ?? NaN) - ((f[name] ?? NaN) / b) * Math.expm1(-b * this.dt);
    }
    return out;
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

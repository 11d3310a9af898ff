/** Receptors of a population in the core: states, decays, what a state contributes within a step, rings of arrivals. */
import { RECEPTOR, STAGES } from "../core/abi.js";
import type { ReceptorSpec } from "../model/spec.js";
import type { Neurons } from "./neurons.js";
import { propagators } from "./propagators.js";
import { map, numberAt, type Numbers } from "./values.js";

export class BuiltReceptor {
  readonly spec: ReceptorSpec;
  /** Address of the receptor in the core. */
  readonly address: number;
  /** Column of its state; 0 for delta receptors. */
  readonly column: number;
  private readonly neurons: Neurons;
  private readonly label: string;
  private readonly dt: number;
  private slots = 0;
  private f0Column = 0;
  private f1Column = 0;

  constructor(neurons: Neurons, spec: ReceptorSpec, label: string, dt: number) {
    this.neurons = neurons;
    this.spec = spec;
    this.label = label;
    this.dt = dt;
    const { core, padded, address } = neurons;
    const exponential = spec.kernel === "exponential";
    this.column = exponential ? core.allocate(padded * 8, `${label}: states`) : 0;
    const decay = exponential ? core.exports.exp(-dt / spec.tau) : 0;
    const conductance = exponential && spec.E_rev !== undefined;
    const E = exponential ? (spec.E_rev ?? 0) : 0;
    const built = core.exports.addReceptor(address, RECEPTOR[spec.kernel], conductance, this.column, decay, E);
    if (built === 0) core.exhausted(label);
    this.address = built >>> 0;
    this.updateFactors();
  }

  /** Gives the state its first values. */
  writeState(values: Numbers): void {
    const { core, padded } = this.neurons;
    const view = core.f64.subarray(this.column / 8, this.column / 8 + padded);
    if (typeof values === "number") view.fill(values);
    else view.set(values);
  }

  /** Makes room for spikes that arrive up to `steps` steps later. */
  reserve(steps: number): void {
    if (steps > this.slots) this.slots = steps;
  }

  /** Allocates the ring, when all projections are known. */
  allocateRing(): void {
    if (this.slots === 0) return;
    const { core, padded } = this.neurons;
    const ring = core.allocate(this.slots * padded * 8, `${this.label}: ${this.slots} steps of delay for ${this.neurons.size} neurons`);
    core.exports.setRing(this.address, ring, this.slots, padded * 8);
  }

  /** Computes what the state contributes at the stages of the method; again after a change of parameters. */
  updateFactors(): void {
    const { spec, neurons, dt } = this;
    if (spec.kernel !== "exponential") return;
    const { core, method } = neurons;
    const { exp, expm1 } = core.exports;
    if (method === "exact") {
      const [onV, onW] = exactFactors(neurons, spec.tau, dt);
      this.f0Column = this.put(this.f0Column, onV);
      this.f1Column = this.put(this.f1Column, onW);
      core.exports.setFactors(
        this.address,
        numberAt(onV, 0),
        numberAt(onW, 0),
        0,
        typeof onV === "number" ? 0 : this.f0Column,
        typeof onW === "number" ? 0 : this.f1Column,
      );
      return;
    }
    // A method that looks at the start of the step only takes the mean over the step: then the synapse's whole charge arrives,
    // where the value at the start would bring dt/(2 tau) too much.
    const start = STAGES[method] === 1 ? (-expm1(-dt / spec.tau) * spec.tau) / dt : 1;
    const middle = STAGES[method] & 2 ? exp(-dt / (2 * spec.tau)) : 0;
    core.exports.setFactors(this.address, start, middle, exp(-dt / spec.tau), 0, 0);
  }

  private put(column: number, numbers: Numbers): number {
    if (typeof numbers === "number") return column;
    const { core, padded } = this.neurons;
    const address = column === 0 ? core.allocate(padded * 8, `${this.label}: propagators`) : column;
    core.f64.set(numbers, address / 8);
    return address;
  }
}

/**
 * The exact method's factors: a receptor current i decays within the step, so it moves v by P_vi i, not by what a constant
 * current would; the factor is P_vi over the propagator of a constant current. The same for w.
 */
function exactFactors(neurons: Neurons, tau: number, dt: number): [onV: Numbers, onW: Numbers] {
  const { core, size, model, params } = neurons;
  const { exp, expm1, exprel } = core.exports;
  if (model.id === "lif") {
    // integral of exp(-(dt - s)/tau_m) exp(-s/tau) ds, without a singularity at tau = tau_m
    const onV = map(
      size,
      (tau_m) => (exp(-dt / tau_m) * dt * exprel(dt * (1 / tau_m - 1 / tau))) / (-expm1(-dt / tau_m) * tau_m),
      params.tau_m as Numbers,
    );
    return [onV, 0];
  }
  const names = ["C_m", "tau_m", "a", "tau_w"];
  const args = names.map((name) => params[name] as Numbers);
  const onV = map(size, (C, m, a, w) => propagators(C as number, m as number, a as number, w as number, tau, dt).v, ...args);
  const onW = map(size, (C, m, a, w) => propagators(C as number, m as number, a as number, w as number, tau, dt).w, ...args);
  return [onV, onW];
}

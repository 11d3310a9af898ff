import type { LifParams } from "./lif.js";
import { uniforms } from "./random.js";
import { holdSteps, notRefractory, SpikeList } from "./twin.js";

/**
 * Neurons that fire by a constant current, each with a weak synapse onto every one: nearly all the time goes into
 * delivery.
 */
export const DENSE = {
  size: 1000,
  dt: 0.1,
  params: { C_m: 250, tau_m: 10, E_L: -65, V_th: -50, V_reset: -65, t_ref: 2 } satisfies LifParams,
  current: 420,
  /** Receptor: time constant in ms. */
  tau: 5,
  /** The common weight, or the mean one; in pA. */
  weight: 0.01,
} as const;

/** Weights by source, then target, in single precision; and v. */
export interface DenseStart {
  readonly weights: Float32Array | undefined;
  readonly v: Float64Array;
}

export function denseStart(own: boolean): DenseStart {
  const uniform = uniforms(1);
  return {
    weights: own ? Float32Array.from({ length: DENSE.size ** 2 }, () => 2 * DENSE.weight * uniform()) : undefined,
    v: Float64Array.from({ length: DENSE.size }, () => -65 + 15 * uniform()),
  };
}

/**
 * `lif` with `euler` and one current; spikes take one step. Delivery goes along the rows without reading targets, as in
 * the core.
 */
export class DenseTwin {
  readonly v: Float64Array;
  readonly spikes: SpikeList;
  readonly #g = new Float64Array(DENSE.size);
  readonly #arriving = new Float64Array(DENSE.size);
  readonly #until = notRefractory(DENSE.size);
  readonly #weights: Float32Array | undefined;
  #step = 0;

  constructor(start: DenseStart, capacity: number) {
    this.v = start.v.slice();
    this.spikes = new SpikeList(capacity);
    this.#weights = start.weights;
  }

  run(steps: number): void {
    for (const last = this.#step + steps; this.#step < last; this.#step++) this.#advance(this.#step);
  }

  #advance(step: number): void {
    const { v, spikes } = this;
    const { times, neurons } = spikes;
    const g = this.#g;
    const arriving = this.#arriving;
    const until = this.#until;
    const { dt, size, current, tau } = DENSE;
    const { C_m, tau_m, E_L, V_th, V_reset, t_ref } = DENSE.params;
    const decay = Math.exp(-dt / tau);
    const share = (-Math.expm1(-dt / tau) * tau) / dt;
    const hold = holdSteps(t_ref, dt);
    const first = spikes.count;
    let count = first;
    for (let i = 0; i < size; i++) {
      const input = current + share * (g[i] as number);
      g[i] = (g[i] as number) * decay + (arriving[i] as number);
      arriving[i] = 0;
      if ((until[i] as number) >= step) continue;
      const before = v[i] as number;
      const after = before + dt * ((E_L - before) * (1 / tau_m) + input * (1 / C_m));
      if (after >= V_th) {
        v[i] = V_reset;
        until[i] = step + hold;
        times[count] = (step + 1) * dt;
        neurons[count++] = i;
      } else {
        v[i] = after;
      }
    }
    const weights = this.#weights;
    for (let spike = first; spike < count; spike++) {
      if (weights === undefined) {
        for (let t = 0; t < size; t++) arriving[t] = (arriving[t] as number) + DENSE.weight;
        continue;
      }
      const row = (neurons[spike] as number) * size;
      for (let t = 0; t < size; t++) arriving[t] = (arriving[t] as number) + (weights[row + t] as number);
    }
    spikes.count = count;
  }
}

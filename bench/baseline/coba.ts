import type { LifParams } from "./lif.js";
import { gaussians, uniforms } from "./random.js";
import { holdSteps, notRefractory, SpikeList } from "./twin.js";

/** The network COBA of Brette et al. 2007: 4000 neurons, 3200 of them excitatory, that keep each other firing. */
export const COBA = {
  excitatory: 3200,
  inhibitory: 800,
  p: 0.02,
  dt: 0.1,
  params: { C_m: 200, tau_m: 20, E_L: -60, V_th: -50, V_reset: -60, t_ref: 5 } satisfies LifParams,
  /** Receptors: time constant in ms, reversal potential in mV; weights in nS. */
  exc: { tau: 5, E_rev: 0 },
  inh: { tau: 10, E_rev: -80 },
  weights: { exc: 6, inh: 67 },
} as const;

/** A graph and starting values, drawn once and given to every contestant. */
export interface CobaStart {
  /** Compressed rows: the targets of source s are `targets[rows[s]]` up to before `targets[rows[s + 1]]`, ascending. */
  readonly rows: Uint32Array;
  readonly targets: Uint32Array;
  readonly v: Float64Array;
  readonly gExc: Float64Array;
  readonly gInh: Float64Array;
}

/**
 * Each pair of different neurons is connected with probability p. v starts at -65 +- 5 mV and the conductances at 40
 * +- 15 and 200 +- 120 nS, as in the scripts that came with the paper: without a start like this the network stays
 * silent.
 */
export function cobaStart(seed: number): CobaStart {
  const size = COBA.excitatory + COBA.inhibitory;
  const uniform = uniforms(seed);
  const gaussian = gaussians(seed + 1);
  const rows = new Uint32Array(size + 1);
  const targets: number[] = [];
  for (let source = 0; source < size; source++) {
    for (let target = 0; target < size; target++) {
      if (target !== source && uniform() < COBA.p) targets.push(target);
    }
    rows[source + 1] = targets.length;
  }
  return {
    rows,
    targets: Uint32Array.from(targets),
    v: new Float64Array(size).map(() => -65 + 5 * gaussian()),
    gExc: new Float64Array(size).map(() => Math.max(0, 40 + 15 * gaussian())),
    gInh: new Float64Array(size).map(() => Math.max(0, 200 + 120 * gaussian())),
  };
}

/**
 * Repeats COBA with `lif`, the method `euler` and exponential conductances: currents from the conductances' means
 * over the step, their decay, what arrives in the step, integration, threshold and reset, delivery. Spikes take one
 * step, so one column per receptor holds what is on its way. The order of operations is the core's: the spikes are
 * the same bits.
 */
export class CobaTwin {
  readonly v: Float64Array;
  readonly gExc: Float64Array;
  readonly gInh: Float64Array;
  readonly spikes: SpikeList;
  readonly #arrivingExc: Float64Array;
  readonly #arrivingInh: Float64Array;
  readonly #until: Int32Array;
  readonly #rows: Uint32Array;
  readonly #targets: Uint32Array;
  #step = 0;

  constructor(start: CobaStart, capacity: number) {
    this.v = start.v.slice();
    this.gExc = start.gExc.slice();
    this.gInh = start.gInh.slice();
    this.spikes = new SpikeList(capacity);
    this.#arrivingExc = new Float64Array(start.v.length);
    this.#arrivingInh = new Float64Array(start.v.length);
    this.#until = notRefractory(start.v.length);
    this.#rows = start.rows;
    this.#targets = start.targets;
  }

  /** Advances the network by so many steps. */
  run(steps: number): void {
    for (const last = this.#step + steps; this.#step < last; this.#step++) this.#advance(this.#step);
  }

  #advance(step: number): void {
    const { v, gExc, gInh, spikes } = this;
    const { times, neurons } = spikes;
    const arrivingExc = this.#arrivingExc;
    const arrivingInh = this.#arrivingInh;
    const until = this.#until;
    const rows = this.#rows;
    const targets = this.#targets;
    const { dt, excitatory, exc, inh, weights } = COBA;
    const { C_m, tau_m, E_L, V_th, V_reset, t_ref } = COBA.params;
    const size = v.length;
    const perTau = 1 / tau_m;
    const perC = 1 / C_m;
    const decayExc = Math.exp(-dt / exc.tau);
    const decayInh = Math.exp(-dt / inh.tau);
    // Means of the decaying conductances over a step, as shares of their values at its start.
    const shareExc = (-Math.expm1(-dt / exc.tau) * exc.tau) / dt;
    const shareInh = (-Math.expm1(-dt / inh.tau) * inh.tau) / dt;
    const reversalExc = exc.E_rev;
    const reversalInh = inh.E_rev;
    const hold = holdSteps(t_ref, dt);
    let count = spikes.count;
    const time = (step + 1) * dt;
    const first = count;
    for (let i = 0; i < size; i++) {
      const before = v[i] as number;
      const excitation = gExc[i] as number;
      const inhibition = gInh[i] as number;
      gExc[i] = excitation * decayExc + (arrivingExc[i] as number);
      gInh[i] = inhibition * decayInh + (arrivingInh[i] as number);
      arrivingExc[i] = 0;
      arrivingInh[i] = 0;
      if ((until[i] as number) >= step) continue;
      const current = shareExc * excitation * (reversalExc - before) + shareInh * inhibition * (reversalInh - before);
      const after = before + dt * ((E_L - before) * perTau + current * perC);
      if (after >= V_th) {
        v[i] = V_reset;
        until[i] = step + hold;
        times[count] = time;
        neurons[count++] = i;
      } else {
        v[i] = after;
      }
    }
    for (let spike = first; spike < count; spike++) {
      const source = neurons[spike] as number;
      const end = rows[source + 1] as number;
      const arriving = source < excitatory ? arrivingExc : arrivingInh;
      const weight = source < excitatory ? weights.exc : weights.inh;
      for (let synapse = rows[source] as number; synapse < end; synapse++) {
        const target = targets[synapse] as number;
        arriving[target] = (arriving[target] as number) + weight;
      }
    }
    spikes.count = count;
  }
}

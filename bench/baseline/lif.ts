import { holdSteps, notRefractory, Twin, type TwinOptions } from "./twin.js";

export interface LifParams {
  C_m: number;
  tau_m: number;
  E_L: number;
  V_th: number;
  V_reset: number;
  t_ref: number;
}

/**
 * Repeats `lif` with the method `exact`: v <- v + (E_L - v)(1 - e^(-dt/tau_m)) + I gain, the same operations in the
 * same order, so that the spikes are the same bits. The factor is computed once; a refractory neuron is skipped.
 */
export class LifTwin extends Twin<LifParams> {
  readonly #until: Int32Array;

  constructor(options: TwinOptions<LifParams>) {
    super(options);
    this.#until = notRefractory(this.size);
  }

  protected override advance(step: number): void {
    const { size, v, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, tau_m, E_L, V_th, V_reset, t_ref } = this.params;
    const until = this.#until;
    const dt = this.dt;
    const leak = -Math.expm1(-dt / tau_m);
    const drive = this.current * ((leak * tau_m) / C_m);
    const hold = holdSteps(t_ref, dt);
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      if ((until[i] as number) >= step) continue;
      const before = v[i] as number;
      const after = before + (E_L - before) * leak + drive;
      if (after >= V_th) {
        v[i] = V_reset;
        until[i] = step + hold;
        times[count] = time;
        neurons[count++] = i;
      } else {
        v[i] = after;
      }
    }
    spikes.count = count;
  }
}

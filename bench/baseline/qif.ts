import { holdSteps, notRefractory, Twin, type TwinOptions } from "./twin.js";

export interface QifParams {
  C_m: number;
  k: number;
  V_r: number;
  V_t: number;
  V_peak: number;
  V_reset: number;
  t_ref: number;
}

/**
 * Repeats `qif` with the method `euler`: v <- v + dt ((k/C_m)(v - V_r)(v - V_t) + I/C_m), the same operations in the
 * same order, so that the spikes are the same bits. A refractory neuron is skipped.
 */
export class QifTwin extends Twin<QifParams> {
  readonly #until: Int32Array;

  constructor(options: TwinOptions<QifParams>) {
    super(options);
    this.#until = notRefractory(this.size);
  }

  protected override advance(step: number): void {
    const { size, v, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, k, V_r, V_t, V_peak, V_reset, t_ref } = this.params;
    const until = this.#until;
    const dt = this.dt;
    const curvature = k / C_m;
    const drive = this.current * (1 / C_m);
    const hold = holdSteps(t_ref, dt);
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      if ((until[i] as number) >= step) continue;
      const before = v[i] as number;
      const after = before + dt * (curvature * (before - V_r) * (before - V_t) + drive);
      if (after >= V_peak) {
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

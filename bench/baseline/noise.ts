import type { LifParams } from "./lif.js";
import type { GaussianSource } from "./random.js";
import { holdSteps, notRefractory, Twin, type TwinOptions } from "./twin.js";

/**
 * Repeats `lif` with the method `exact` and a `whiteNoise` background: each step first fills a column with Gaussian
 * numbers, then adds to each neuron a kick of the variance that the noise gives the membrane in one step,
 * (sigma/C_m)^2 (tau_m/2)(1 - e^(-2 dt/tau_m)). The numbers are other ones than the core's, so rates agree and not
 * spikes.
 */
export class NoisyLifTwin extends Twin<LifParams> {
  readonly #until: Int32Array;
  readonly #noise: Float64Array;
  readonly #source: GaussianSource;
  readonly #sigma: number;

  constructor(options: TwinOptions<LifParams> & { readonly sigma: number; readonly source: GaussianSource }) {
    super(options);
    this.#until = notRefractory(this.size);
    this.#noise = new Float64Array(this.size);
    this.#source = options.source;
    this.#sigma = options.sigma;
  }

  protected override advance(step: number): void {
    const { size, v, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, tau_m, E_L, V_th, V_reset, t_ref } = this.params;
    const until = this.#until;
    const noise = this.#noise;
    const source = this.#source;
    const dt = this.dt;
    const leak = -Math.expm1(-dt / tau_m);
    const drive = this.current * ((leak * tau_m) / C_m);
    const kick = (this.#sigma / C_m) * Math.sqrt(-0.5 * tau_m * Math.expm1((-2 * dt) / tau_m));
    const hold = holdSteps(t_ref, dt);
    let count = spikes.count;
    const time = (step + 1) * dt;
    source.fill(noise);
    for (let i = 0; i < size; i++) {
      if ((until[i] as number) >= step) continue;
      const before = v[i] as number;
      const after = before + (E_L - before) * leak + drive + kick * (noise[i] as number);
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

import { armedBelow, Twin, type TwinOptions } from "./twin.js";

export interface FitzhughNagumoParams {
  a: number;
  b: number;
  tau: number;
  V_th: number;
  hysteresis: number;
}

/**
 * Repeats `fitzhughNagumo` with the method `rk4`: the same operations in the same order, so that the spikes are the
 * same bits. A spike is an upward crossing of V_th, counted again only after v has been below V_th - hysteresis.
 */
export class FitzhughNagumoTwin extends Twin<FitzhughNagumoParams> {
  readonly w: Float64Array;
  readonly #armed: Uint8Array;

  constructor(options: TwinOptions<FitzhughNagumoParams, "v" | "w">) {
    super(options);
    this.w = options.init.w.slice();
    this.#armed = armedBelow(options.params.V_th, this.v);
  }

  protected override advance(step: number): void {
    const { size, v, w, spikes } = this;
    const { times, neurons } = spikes;
    const { a, b, tau, V_th, hysteresis } = this.params;
    const armed = this.#armed;
    const dt = this.dt;
    const current = this.current;
    const half = 0.5 * dt;
    const sixth = dt / 6;
    const third = 1 / 3;
    const perTau = 1 / tau;
    const rearm = V_th - hysteresis;
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      const v0 = v[i] as number;
      const w0 = w[i] as number;
      const a1 = v0 - v0 * v0 * (third * v0) + (current - w0);
      const b1 = (v0 + a - b * w0) * perTau;
      const v1 = v0 + half * a1;
      const w1 = w0 + half * b1;
      const a2 = v1 - v1 * v1 * (third * v1) + (current - w1);
      const b2 = (v1 + a - b * w1) * perTau;
      const v2 = v0 + half * a2;
      const w2 = w0 + half * b2;
      const a3 = v2 - v2 * v2 * (third * v2) + (current - w2);
      const b3 = (v2 + a - b * w2) * perTau;
      const v3 = v0 + dt * a3;
      const w3 = w0 + dt * b3;
      const a4 = v3 - v3 * v3 * (third * v3) + (current - w3);
      const b4 = (v3 + a - b * w3) * perTau;
      const after = v0 + sixth * (a1 + a4 + 2 * (a2 + a3));
      v[i] = after;
      w[i] = w0 + sixth * (b1 + b4 + 2 * (b2 + b3));
      if (after >= V_th) {
        if (armed[i] === 1) {
          armed[i] = 0;
          times[count] = time;
          neurons[count++] = i;
        }
      } else if (after < rearm) {
        armed[i] = 1;
      }
    }
    spikes.count = count;
  }
}

import { holdSteps, notRefractory, Twin, type TwinOptions } from "./twin.js";

export interface AdexParams {
  C_m: number;
  g_L: number;
  E_L: number;
  V_T: number;
  Delta_T: number;
  V_peak: number;
  V_reset: number;
  a: number;
  b: number;
  tau_w: number;
  t_ref: number;
}

/**
 * Repeats `adex` with the method `euler`. Only the exponential differs (`Math.exp`, which may round the last bit the
 * other way). w goes on while v is held; for a held v no exponential is computed.
 */
export class AdexTwin extends Twin<AdexParams> {
  readonly w: Float64Array;
  readonly #until: Int32Array;

  constructor(options: TwinOptions<AdexParams, "v" | "w">) {
    super(options);
    this.#until = notRefractory(this.size);
    this.w = options.init.w.slice();
  }

  protected override advance(step: number): void {
    const { size, v, w, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, g_L, E_L, V_T, Delta_T, V_peak, V_reset, a, b, tau_w, t_ref } = this.params;
    const until = this.#until;
    const dt = this.dt;
    const current = this.current;
    const perC = 1 / C_m;
    const perDelta = 1 / Delta_T;
    const perTauW = 1 / tau_w;
    const onset = g_L * Delta_T;
    const hold = holdSteps(t_ref, dt);
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      const before = v[i] as number;
      const adaptation = w[i] as number;
      const next = adaptation + dt * ((a * (before - E_L) - adaptation) * perTauW);
      w[i] = next;
      if ((until[i] as number) >= step) continue;
      const upstroke = onset * Math.exp((before - V_T) * perDelta);
      const after = before + dt * ((g_L * (E_L - before) + upstroke + (current - adaptation)) * perC);
      if (after >= V_peak) {
        v[i] = V_reset;
        w[i] = next + b;
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

import { armedBelow, Twin, type TwinOptions } from "./twin.js";

export interface MorrisLecarParams {
  C_m: number;
  g_Ca: number;
  g_K: number;
  g_L: number;
  E_Ca: number;
  E_K: number;
  E_L: number;
  V_1: number;
  V_2: number;
  V_3: number;
  V_4: number;
  phi: number;
  V_th: number;
  hysteresis: number;
}

/** States and what both twins share. */
abstract class MorrisLecar extends Twin<MorrisLecarParams> {
  readonly w: Float64Array;
  protected readonly armed: Uint8Array;

  constructor(options: TwinOptions<MorrisLecarParams, "v" | "w">) {
    super(options);
    this.w = options.init.w.slice();
    this.armed = armedBelow(options.params.V_th, this.v);
  }
}

/**
 * Repeats `morrisLecar` with the method `rk4`, written as the equations are: two hyperbolic tangents and one hyperbolic
 * cosine in each of the four stages.
 */
export class MorrisLecarTwin extends MorrisLecar {
  protected override advance(step: number): void {
    const { size, v, w, armed, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, g_Ca, g_K, g_L, E_Ca, E_K, E_L, V_1, V_2, V_3, V_4, phi, V_th, hysteresis } = this.params;
    const dt = this.dt;
    const current = this.current;
    const half = 0.5 * dt;
    const sixth = dt / 6;
    const perC = 1 / C_m;
    const perV2 = 1 / V_2;
    const perV4 = 1 / V_4;
    const perTwoV4 = 0.5 / V_4;
    const rearm = V_th - hysteresis;
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      const v0 = v[i] as number;
      const w0 = w[i] as number;
      const m0 = 0.5 + 0.5 * Math.tanh((v0 - V_1) * perV2);
      const target0 = 0.5 + 0.5 * Math.tanh((v0 - V_3) * perV4);
      const a1 = (g_L * (E_L - v0) + g_Ca * m0 * (E_Ca - v0) + g_K * w0 * (E_K - v0) + current) * perC;
      const b1 = phi * Math.cosh((v0 - V_3) * perTwoV4) * (target0 - w0);

      const v1 = v0 + half * a1;
      const w1 = w0 + half * b1;
      const m1 = 0.5 + 0.5 * Math.tanh((v1 - V_1) * perV2);
      const target1 = 0.5 + 0.5 * Math.tanh((v1 - V_3) * perV4);
      const a2 = (g_L * (E_L - v1) + g_Ca * m1 * (E_Ca - v1) + g_K * w1 * (E_K - v1) + current) * perC;
      const b2 = phi * Math.cosh((v1 - V_3) * perTwoV4) * (target1 - w1);

      const v2 = v0 + half * a2;
      const w2 = w0 + half * b2;
      const m2 = 0.5 + 0.5 * Math.tanh((v2 - V_1) * perV2);
      const target2 = 0.5 + 0.5 * Math.tanh((v2 - V_3) * perV4);
      const a3 = (g_L * (E_L - v2) + g_Ca * m2 * (E_Ca - v2) + g_K * w2 * (E_K - v2) + current) * perC;
      const b3 = phi * Math.cosh((v2 - V_3) * perTwoV4) * (target2 - w2);

      const v3 = v0 + dt * a3;
      const w3 = w0 + dt * b3;
      const m3 = 0.5 + 0.5 * Math.tanh((v3 - V_1) * perV2);
      const target3 = 0.5 + 0.5 * Math.tanh((v3 - V_3) * perV4);
      const a4 = (g_L * (E_L - v3) + g_Ca * m3 * (E_Ca - v3) + g_K * w3 * (E_K - v3) + current) * perC;
      const b4 = phi * Math.cosh((v3 - V_3) * perTwoV4) * (target3 - w3);

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

/**
 * The same with the core's algebra: p = exp(-2 (v - V_1)/V_2) and q = exp(-(v - V_3)/(2 V_4)) give all three hyperbolic
 * functions, so a stage needs two exponentials.
 */
export class MorrisLecarTwoExponentialsTwin extends MorrisLecar {
  protected override advance(step: number): void {
    const { size, v, w, armed, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, g_Ca, g_K, g_L, E_Ca, E_K, E_L, V_1, V_2, V_3, V_4, phi, V_th, hysteresis } = this.params;
    const dt = this.dt;
    const current = this.current;
    const half = 0.5 * dt;
    const sixth = dt / 6;
    const perC = 1 / C_m;
    const slopeM = -2 / V_2;
    const slopeW = -0.5 / V_4;
    const halfPhi = 0.5 * phi;
    const rearm = V_th - hysteresis;
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      const v0 = v[i] as number;
      const w0 = w[i] as number;
      const p0 = Math.exp(slopeM * (v0 - V_1));
      const q0 = Math.exp(slopeW * (v0 - V_3));
      const calcium0 = (g_Ca / (1 + p0)) * (E_Ca - v0);
      const a1 = (g_L * (E_L - v0) + calcium0 + g_K * w0 * (E_K - v0) + current) * perC;
      const b1 = halfPhi * (q0 + 1 / q0) * (1 / (1 + q0 * q0 * q0 * q0) - w0);

      const v1 = v0 + half * a1;
      const w1 = w0 + half * b1;
      const p1 = Math.exp(slopeM * (v1 - V_1));
      const q1 = Math.exp(slopeW * (v1 - V_3));
      const calcium1 = (g_Ca / (1 + p1)) * (E_Ca - v1);
      const a2 = (g_L * (E_L - v1) + calcium1 + g_K * w1 * (E_K - v1) + current) * perC;
      const b2 = halfPhi * (q1 + 1 / q1) * (1 / (1 + q1 * q1 * q1 * q1) - w1);

      const v2 = v0 + half * a2;
      const w2 = w0 + half * b2;
      const p2 = Math.exp(slopeM * (v2 - V_1));
      const q2 = Math.exp(slopeW * (v2 - V_3));
      const calcium2 = (g_Ca / (1 + p2)) * (E_Ca - v2);
      const a3 = (g_L * (E_L - v2) + calcium2 + g_K * w2 * (E_K - v2) + current) * perC;
      const b3 = halfPhi * (q2 + 1 / q2) * (1 / (1 + q2 * q2 * q2 * q2) - w2);

      const v3 = v0 + dt * a3;
      const w3 = w0 + dt * b3;
      const p3 = Math.exp(slopeM * (v3 - V_1));
      const q3 = Math.exp(slopeW * (v3 - V_3));
      const calcium3 = (g_Ca / (1 + p3)) * (E_Ca - v3);
      const a4 = (g_L * (E_L - v3) + calcium3 + g_K * w3 * (E_K - v3) + current) * perC;
      const b4 = halfPhi * (q3 + 1 / q3) * (1 / (1 + q3 * q3 * q3 * q3) - w3);

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

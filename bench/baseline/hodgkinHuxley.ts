import { GatedTwin, ratio, ratioOf } from "./gates.js";

export interface HodgkinHuxleyParams {
  C_m: number;
  g_Na: number;
  g_K: number;
  g_L: number;
  E_Na: number;
  E_K: number;
  E_L: number;
  V_rest: number;
  phi: number;
  V_th: number;
  hysteresis: number;
}

/**
 * Repeats `hodgkinHuxley` with the method `exponentialEuler`, written as the rates of 1952 are: six exponentials for
 * the rates and four for the step.
 */
export class HodgkinHuxleyTwin extends GatedTwin<HodgkinHuxleyParams> {
  protected override advance(step: number): void {
    const { size, v, m, h, n, armed, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, g_Na, g_K, g_L, E_Na, E_K, E_L, V_rest, phi, V_th, hysteresis } = this.params;
    const dt = this.dt;
    const current = this.current;
    const perC = 1 / C_m;
    const rearm = V_th - hysteresis;
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      const before = v[i] as number;
      const gateM = m[i] as number;
      const gateH = h[i] as number;
      const gateN = n[i] as number;

      const sodium = g_Na * gateM * gateM * gateM * gateH;
      const potassium = g_K * gateN * gateN * gateN * gateN;
      const conductance = g_L + sodium + potassium;
      const target = (g_L * E_L + sodium * E_Na + potassium * E_K + current) / conductance;
      const after = target + (before - target) * Math.exp(-dt * conductance * perC);

      const u = before - V_rest;
      const alphaM = phi * ratio(0.1 * (25 - u));
      const betaM = phi * 4 * Math.exp(u * (-1 / 18));
      const alphaH = phi * 0.07 * Math.exp(u * -0.05);
      const betaH = phi / (Math.exp(0.1 * (30 - u)) + 1);
      const alphaN = phi * 0.1 * ratio(0.1 * (10 - u));
      const betaN = phi * 0.125 * Math.exp(u * -0.0125);
      const rateM = alphaM + betaM;
      const rateH = alphaH + betaH;
      const rateN = alphaN + betaN;
      const targetM = alphaM / rateM;
      const targetH = alphaH / rateH;
      const targetN = alphaN / rateN;
      m[i] = targetM + (gateM - targetM) * Math.exp(-dt * rateM);
      h[i] = targetH + (gateH - targetH) * Math.exp(-dt * rateH);
      n[i] = targetN + (gateN - targetN) * Math.exp(-dt * rateN);

      v[i] = after;
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
 * The same with the core's algebra: p = exp(-u/80) and q = exp(-u/18) give all six rates, because the other slopes are
 * powers of p; with the four of the step six exponentials instead of ten.
 */
export class HodgkinHuxleyTwoExponentialsTwin extends GatedTwin<HodgkinHuxleyParams> {
  protected override advance(step: number): void {
    const { size, v, m, h, n, armed, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, g_Na, g_K, g_L, E_Na, E_K, E_L, V_rest, phi, V_th, hysteresis } = this.params;
    const dt = this.dt;
    const current = this.current;
    const perC = 1 / C_m;
    const exp1 = Math.exp(1);
    const exp2p5 = Math.exp(2.5);
    const exp3 = Math.exp(3);
    const rearm = V_th - hysteresis;
    let count = spikes.count;
    const time = (step + 1) * dt;
    for (let i = 0; i < size; i++) {
      const before = v[i] as number;
      const gateM = m[i] as number;
      const gateH = h[i] as number;
      const gateN = n[i] as number;

      const sodium = g_Na * gateM * gateM * gateM * gateH;
      const potassium = g_K * gateN * gateN * gateN * gateN;
      const conductance = g_L + sodium + potassium;
      const target = (g_L * E_L + sodium * E_Na + potassium * E_K + current) / conductance;
      const after = target + (before - target) * Math.exp(-dt * conductance * perC);

      const u = before - V_rest;
      const p = Math.exp(u * -0.0125);
      const q = Math.exp(u * (-1 / 18));
      const p2 = p * p;
      const p4 = p2 * p2;
      const p8 = p4 * p4;
      const alphaM = phi * ratioOf(0.1 * (25 - u), exp2p5 * p8);
      const betaM = phi * 4 * q;
      const alphaH = phi * 0.07 * p4;
      const betaH = phi / (exp3 * p8 + 1);
      const alphaN = phi * 0.1 * ratioOf(0.1 * (10 - u), exp1 * p8);
      const betaN = phi * 0.125 * p;
      const rateM = alphaM + betaM;
      const rateH = alphaH + betaH;
      const rateN = alphaN + betaN;
      const targetM = alphaM / rateM;
      const targetH = alphaH / rateH;
      const targetN = alphaN / rateN;
      m[i] = targetM + (gateM - targetM) * Math.exp(-dt * rateM);
      h[i] = targetH + (gateH - targetH) * Math.exp(-dt * rateH);
      n[i] = targetN + (gateN - targetN) * Math.exp(-dt * rateN);

      v[i] = after;
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

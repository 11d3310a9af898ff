import { GatedTwin, ratio, ratioOf } from "./gates.js";

export interface TraubMilesParams {
  C_m: number;
  g_Na: number;
  g_K: number;
  g_L: number;
  E_Na: number;
  E_K: number;
  E_L: number;
  V_T: number;
  phi: number;
  V_th: number;
  hysteresis: number;
}

/**
 * Repeats `traubMiles` with the method `exponentialEuler`, written as the published rates are: six exponentials for the
 * rates and four for the step.
 */
export class TraubMilesTwin extends GatedTwin<TraubMilesParams> {
  protected override advance(step: number): void {
    const { size, v, m, h, n, armed, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, g_Na, g_K, g_L, E_Na, E_K, E_L, V_T, phi, V_th, hysteresis } = this.params;
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

      const u = before - V_T;
      const alphaM = phi * 1.28 * ratio(0.25 * (13 - u));
      const betaM = phi * 1.4 * ratio(0.2 * (u - 40));
      const alphaH = phi * 0.128 * Math.exp((17 - u) * (1 / 18));
      const betaH = (phi * 4) / (1 + Math.exp(0.2 * (40 - u)));
      const alphaN = phi * 0.16 * ratio(0.2 * (15 - u));
      const betaN = phi * 0.5 * Math.exp((10 - u) * 0.025);
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
 * The same with the core's algebra: p = exp(-u/40) and q = exp(-u/18) give all six rates, because the other slopes are
 * powers of p; with the four of the step six exponentials instead of ten.
 */
export class TraubMilesTwoExponentialsTwin extends GatedTwin<TraubMilesParams> {
  protected override advance(step: number): void {
    const { size, v, m, h, n, armed, spikes } = this;
    const { times, neurons } = spikes;
    const { C_m, g_Na, g_K, g_L, E_Na, E_K, E_L, V_T, phi, V_th, hysteresis } = this.params;
    const dt = this.dt;
    const current = this.current;
    const perC = 1 / C_m;
    const exp13by4 = Math.exp(13 / 4);
    const exp17by18 = Math.exp(17 / 18);
    const exp1by4 = Math.exp(1 / 4);
    const exp3 = Math.exp(3);
    const exp8 = Math.exp(8);
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

      const u = before - V_T;
      const p = Math.exp(u * -0.025);
      const q = Math.exp(u * (-1 / 18));
      const p2 = p * p;
      const p4 = p2 * p2;
      const p8 = p4 * p4;
      const closing = 0.2 * (40 - u);
      const alphaM = phi * 1.28 * ratioOf(0.25 * (13 - u), exp13by4 * p8 * p2);
      const betaM = phi * 1.4 * (closing + ratioOf(closing, exp8 * p8));
      const alphaH = phi * 0.128 * exp17by18 * q;
      const betaH = (phi * 4) / (1 + exp8 * p8);
      const alphaN = phi * 0.16 * ratioOf(0.2 * (15 - u), exp3 * p8);
      const betaN = phi * 0.5 * exp1by4 * p;
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

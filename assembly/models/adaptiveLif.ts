import { AdaptiveLifFields } from "../generated/fields";
import { add, mul, sub } from "../lanes";
import { exp } from "../math";
import { stepsOf } from "../steps";

/** The 2-D integrate-and-fire neuron: lif with an adaptation current w. */
@unmanaged
export class AdaptiveLif<T> extends AdaptiveLifFields<T> {
  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    return add<T>(mul<T>(sub<T>(this.E_L, v), this.perTau), mul<T>(sub<T>(I, w), this.perC));
  }

  // @ts-ignore: decorator
  @inline dw(v: T, w: T, p: T, q: T): T {
    return mul<T>(sub<T>(mul<T>(this.a, sub<T>(v, this.E_L)), w), this.perTauW);
  }

  // @ts-ignore: decorator
  @inline bv(v: T, w: T, G: T, p: T, q: T): T {
    return add<T>(this.perTau, mul<T>(G, this.perC));
  }

  // @ts-ignore: decorator
  @inline bw(v: T, w: T, p: T, q: T): T {
    return this.perTauW;
  }

  /** The linear system's propagator: the elements of exp(A dt) and of its integral over the step, see prepare. */
  // @ts-ignore: decorator
  @inline exactV(v: T, w: T, I: T): T {
    return add<T>(
      add<T>(this.E_L, mul<T>(this.Pvv, sub<T>(v, this.E_L))),
      add<T>(mul<T>(this.Pvw, w), mul<T>(this.Pvi, I)),
    );
  }

  // @ts-ignore: decorator
  @inline exactW(v: T, w: T, I: T): T {
    return add<T>(
      mul<T>(this.Pwv, sub<T>(v, this.E_L)),
      add<T>(mul<T>(this.Pww, w), mul<T>(this.Pwi, I)),
    );
  }

  /** w at the end of a step in which v is held. */
  // @ts-ignore: decorator
  @inline heldW(v: T, w: T): T {
    const w_inf = mul<T>(this.a, sub<T>(v, this.E_L));
    return add<T>(w_inf, mul<T>(sub<T>(w, w_inf), this.decayW));
  }

  // @ts-ignore: decorator
  @inline resetV(): T {
    return this.V_reset;
  }

  // @ts-ignore: decorator
  @inline resetW(w: T): T {
    return add<T>(w, this.b);
  }

  /**
   * exp(M) of M = dt [[-1/tau_m, -1/C_m, 1/C_m], [a/tau_w, -1/tau_w, 0], [0, 0, 0]] by scaling and squaring with a
   * Taylor series: unlike the eigenvalue formula it has no special case for equal or complex eigenvalues. The last
   * row stays (0, 0, 1), so only the upper two rows are kept.
   */
  prepare(dt: f64): void {
    this.perTau = 1.0 / this.tau_m;
    this.perC = 1.0 / this.C_m;
    this.perTauW = 1.0 / this.tau_w;
    this.decayW = exp(-dt / this.tau_w);
    this.hold = stepsOf(this.t_ref, dt);

    let m00 = -dt / this.tau_m;
    let m01 = -dt / this.C_m;
    let m02 = dt / this.C_m;
    let m10 = dt * this.a / this.tau_w;
    let m11 = -dt / this.tau_w;
    // An infinity norm that weighs w against v with the same unit as m00, so that the count does not depend on units.
    const norm = abs(m00) + abs(m11) + sqrt(abs(m01 * m10));
    let squarings = 0;
    let half = 1.0;
    for (let size = norm; size > 0.25 && squarings < 1000; size *= 0.5) {
      half *= 0.5;
      squarings++;
    }
    m00 *= half;
    m01 *= half;
    m02 *= half;
    m10 *= half;
    m11 *= half;
    // E = M (1 + M/2 (1 + M/3 ...)): Horner on exp(M) - 1, which keeps small propagators exact.
    let e00 = m00, e01 = m01, e02 = m02, e10 = m10, e11 = m11, e12 = 0.0;
    for (let j = 14; j > 1; j--) {
      const r = 1.0 / <f64>j;
      // E <- M (1 + E/j) with the row [0 0 0] below
      const a00 = 1.0 + r * e00, a01 = r * e01, a02 = r * e02;
      const a10 = r * e10, a11 = 1.0 + r * e11, a12 = r * e12;
      e00 = m00 * a00 + m01 * a10;
      e01 = m00 * a01 + m01 * a11;
      e02 = m00 * a02 + m01 * a12 + m02;
      e10 = m10 * a00 + m11 * a10;
      e11 = m10 * a01 + m11 * a11;
      e12 = m10 * a02 + m11 * a12;
    }
    while (squarings > 0) {
      // (1 + E)^2 - 1 = 2 E + E E
      const s00 = 2.0 * e00 + (e00 * e00 + e01 * e10);
      const s01 = 2.0 * e01 + (e00 * e01 + e01 * e11);
      const s02 = 2.0 * e02 + (e00 * e02 + e01 * e12);
      const s10 = 2.0 * e10 + (e10 * e00 + e11 * e10);
      const s11 = 2.0 * e11 + (e10 * e01 + e11 * e11);
      const s12 = 2.0 * e12 + (e10 * e02 + e11 * e12);
      e00 = s00;
      e01 = s01;
      e02 = s02;
      e10 = s10;
      e11 = s11;
      e12 = s12;
      squarings--;
    }
    this.Pvv = 1.0 + e00;
    this.Pvw = e01;
    this.Pvi = e02;
    this.Pwv = e10;
    this.Pww = 1.0 + e11;
    this.Pwi = e12;
  }
}

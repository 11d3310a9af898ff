import { AdexFields } from "../generated/fields";
import { add, least, mul, sub } from "../lanes";
import { stepsOf } from "../steps";

/** Adaptive exponential integrate-and-fire (Brette & Gerstner 2005). */
@unmanaged
export class Adex<T> extends AdexFields<T> {
  /** Clipped at V_peak: a stage of heun or rk4 may lie far above it, would overflow and poison w. */
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return mul<T>(sub<T>(least<T>(v, this.V_peak), this.V_T), this.perDelta);
  }

  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    const leak = mul<T>(this.g_L, sub<T>(this.E_L, least<T>(v, this.V_peak)));
    return mul<T>(add<T>(add<T>(leak, mul<T>(this.onset, p)), sub<T>(I, w)), this.perC);
  }

  // @ts-ignore: decorator
  @inline dw(v: T, w: T, p: T, q: T): T {
    return mul<T>(sub<T>(mul<T>(this.a, sub<T>(least<T>(v, this.V_peak), this.E_L)), w), this.perTauW);
  }

  // @ts-ignore: decorator
  @inline bv(v: T, w: T, G: T, p: T, q: T): T {
    return mul<T>(add<T>(this.g_L, G), this.perC);
  }

  // @ts-ignore: decorator
  @inline bw(v: T, w: T, p: T, q: T): T {
    return this.perTauW;
  }

  // @ts-ignore: decorator
  @inline resetV(): T {
    return this.V_reset;
  }

  // @ts-ignore: decorator
  @inline resetW(w: T): T {
    return add<T>(w, this.b);
  }

  prepare(dt: f64): void {
    this.perC = 1.0 / this.C_m;
    this.perDelta = 1.0 / this.Delta_T;
    this.onset = this.g_L * this.Delta_T;
    this.perTauW = 1.0 / this.tau_w;
    this.hold = stepsOf(this.t_ref, dt);
  }
}

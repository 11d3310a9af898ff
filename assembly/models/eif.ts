import { EifFields } from "../generated/fields";
import { add, least, mul, sub } from "../lanes";
import { stepsOf } from "../steps";

/** Exponential integrate-and-fire: C_m dv/dt = -g_L (v - E_L) + g_L Delta_T exp((v - V_T)/Delta_T) + I. */
@unmanaged
export class Eif<T> extends EifFields<T> {
  /** Clipped at V_peak: a stage of heun or rk4 may lie far above it and would overflow. */
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return mul<T>(sub<T>(least<T>(v, this.V_peak), this.V_T), this.perDelta);
  }

  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    const leak = mul<T>(this.g_L, sub<T>(this.E_L, least<T>(v, this.V_peak)));
    return mul<T>(add<T>(add<T>(leak, mul<T>(this.onset, p)), I), this.perC);
  }

  // @ts-ignore: decorator
  @inline bv(v: T, w: T, G: T, p: T, q: T): T {
    return mul<T>(add<T>(this.g_L, G), this.perC);
  }

  // @ts-ignore: decorator
  @inline resetV(): T {
    return this.V_reset;
  }

  prepare(dt: f64): void {
    this.perC = 1.0 / this.C_m;
    this.perDelta = 1.0 / this.Delta_T;
    this.onset = this.g_L * this.Delta_T;
    this.hold = stepsOf(this.t_ref, dt);
  }
}

import { QifFields } from "../generated/fields";
import { add, mul, sub } from "../lanes";
import { stepsOf } from "../steps";

/** Quadratic integrate-and-fire: C_m dv/dt = k (v - V_r)(v - V_t) + I. */
@unmanaged
export class Qif<T> extends QifFields<T> {
  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    return add<T>(mul<T>(mul<T>(this.curvature, sub<T>(v, this.V_r)), sub<T>(v, this.V_t)), mul<T>(I, this.perC));
  }

  // @ts-ignore: decorator
  @inline resetV(): T {
    return this.V_reset;
  }

  prepare(dt: f64): void {
    this.curvature = this.k / this.C_m;
    this.perC = 1.0 / this.C_m;
    this.hold = stepsOf(this.t_ref, dt);
  }
}

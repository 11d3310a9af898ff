import { LifFields } from "../generated/fields";
import { add, mul, sub } from "../lanes";
import { expm1 } from "../math";
import { stepsOf } from "../steps";

/** Leaky integrate-and-fire: C_m dv/dt = -(C_m/tau_m)(v - E_L) + I. */
@unmanaged
export class Lif<T> extends LifFields<T> {
  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    return add<T>(mul<T>(sub<T>(this.E_L, v), this.perTau), mul<T>(I, this.perC));
  }

  /** -d(dv)/dv with a synaptic conductance G. */
  // @ts-ignore: decorator
  @inline bv(v: T, w: T, G: T, p: T, q: T): T {
    return add<T>(this.perTau, mul<T>(G, this.perC));
  }

  /**
   * v at the end of a step with constant I: Rotter & Diesmann 1999, eq. 3; 1 - exp(-dt/tau) keeps its digits at small
   * dt.
   */
  // @ts-ignore: decorator
  @inline exactV(v: T, w: T, I: T): T {
    return add<T>(add<T>(v, mul<T>(sub<T>(this.E_L, v), this.leak)), mul<T>(I, this.gain));
  }

  // @ts-ignore: decorator
  @inline resetV(): T {
    return this.V_reset;
  }

  prepare(dt: f64): void {
    this.perTau = 1.0 / this.tau_m;
    this.perC = 1.0 / this.C_m;
    this.leak = -expm1(-dt / this.tau_m);
    this.gain = this.leak * this.tau_m / this.C_m;
    this.hold = stepsOf(this.t_ref, dt);
  }
}

import { IzhikevichFields } from "../generated/fields";
import { add, mul, sub } from "../lanes";
import { stepsOf } from "../steps";

/** Izhikevich 2003: dv/dt = k_2 v^2 + k_1 v + k_0 - u + I; du/dt = a (b (v - V_u) - k_u u). */
@unmanaged
export class Izhikevich<T> extends IzhikevichFields<T> {
  // @ts-ignore: decorator
  @inline dv(v: T, u: T, I: T, p: T, q: T): T {
    return add<T>(add<T>(mul<T>(add<T>(mul<T>(this.k_2, v), this.k_1), v), this.k_0), sub<T>(I, u));
  }

  // @ts-ignore: decorator
  @inline dw(v: T, u: T, p: T, q: T): T {
    return sub<T>(mul<T>(this.recovery, sub<T>(v, this.V_u)), mul<T>(this.leak, u));
  }

  /**
   * The same right-hand sides in the order of the published script (0.04 v^2 + 5 v + 140 - u + I; a (b v - u)), for
   * halfStep: at steps of 1 ms the map is so sensitive that another rounding moves whole spikes.
   */
  // @ts-ignore: decorator
  @inline publishedV(v: T, u: T, I: T): T {
    const square = mul<T>(mul<T>(this.k_2, v), v);
    return add<T>(sub<T>(add<T>(add<T>(square, mul<T>(this.k_1, v)), this.k_0), u), I);
  }

  // @ts-ignore: decorator
  @inline publishedU(v: T, u: T): T {
    return mul<T>(this.a, sub<T>(mul<T>(this.b, sub<T>(v, this.V_u)), mul<T>(this.k_u, u)));
  }

  // @ts-ignore: decorator
  @inline resetV(): T {
    return this.c;
  }

  // @ts-ignore: decorator
  @inline resetW(u: T): T {
    return add<T>(u, this.d);
  }

  prepare(dt: f64): void {
    this.recovery = this.a * this.b;
    this.leak = this.a * this.k_u;
    this.hold = stepsOf(this.t_ref, dt);
  }
}

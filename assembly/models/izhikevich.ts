import { IzhikevichFields } from "../generated/fields";
import { add, mul, sub } from "../lanes";

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
    this.hold = nearest(this.t_ref / dt);
  }
}

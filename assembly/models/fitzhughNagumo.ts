import { FitzhughNagumoFields } from "../generated/fields";
import { add, constant, mul, sub } from "../lanes";

/** In memory: see `constant` of lanes.ts. */
const THIRD: usize = memory.data<f64>([0.3333333333333333]);

/** FitzHugh 1961: dv/dt = v - v^3/3 - w + I; tau dw/dt = v + a - b w. */
@unmanaged
export class FitzhughNagumo<T> extends FitzhughNagumoFields<T> {
  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    const cube = mul<T>(mul<T>(v, v), mul<T>(constant<T>(THIRD), v));
    return add<T>(sub<T>(v, cube), sub<T>(I, w));
  }

  // @ts-ignore: decorator
  @inline dw(v: T, w: T, p: T, q: T): T {
    return mul<T>(sub<T>(add<T>(v, this.a), mul<T>(this.b, w)), this.perTau);
  }

  prepare(dt: f64): void {
    this.perTau = 1.0 / this.tau;
    this.rearm = this.V_th - this.hysteresis;
  }
}

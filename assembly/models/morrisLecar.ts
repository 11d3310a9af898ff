import { MorrisLecarFields } from "../generated/fields";
import { add, constant, div, mul, sub } from "../lanes";

/* In memory: see `constant` of lanes.ts. */
const ONE: usize = memory.data<f64>([1]);
const HALF: usize = memory.data<f64>([0.5]);

/**
 * Morris & Lecar 1981 in the form of Rinzel & Ermentrout 1998. All of its hyperbolic functions come from two
 * exponentials: p = exp(-2 (v - V_1)/V_2) gives m_inf = (1 + tanh((v - V_1)/V_2))/2 = 1/(1 + p), and
 * q = exp(-(v - V_3)/(2 V_4)) gives w_inf = 1/(1 + q^4) and cosh((v - V_3)/(2 V_4)) = (q + 1/q)/2.
 */
@unmanaged
export class MorrisLecar<T> extends MorrisLecarFields<T> {
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return mul<T>(sub<T>(v, this.V_1), this.slopeM);
  }

  // @ts-ignore: decorator
  @inline exponent2(v: T): T {
    return mul<T>(sub<T>(v, this.V_3), this.slopeW);
  }

  // @ts-ignore: decorator
  @inline m_inf(p: T): T {
    return div<T>(constant<T>(ONE), add<T>(constant<T>(ONE), p));
  }

  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    const leak = mul<T>(this.g_L, sub<T>(this.E_L, v));
    const calcium = mul<T>(mul<T>(this.g_Ca, this.m_inf(p)), sub<T>(this.E_Ca, v));
    const potassium = mul<T>(mul<T>(this.g_K, w), sub<T>(this.E_K, v));
    return mul<T>(add<T>(add<T>(leak, calcium), add<T>(potassium, I)), this.perC);
  }

  // @ts-ignore: decorator
  @inline dw(v: T, w: T, p: T, q: T): T {
    const q2 = mul<T>(q, q);
    const w_inf = div<T>(constant<T>(ONE), add<T>(constant<T>(ONE), mul<T>(q2, q2)));
    return mul<T>(this.bw(v, w, p, q), sub<T>(w_inf, w));
  }

  // @ts-ignore: decorator
  @inline bv(v: T, w: T, G: T, p: T, q: T): T {
    const g = add<T>(add<T>(this.g_L, mul<T>(this.g_Ca, this.m_inf(p))), add<T>(mul<T>(this.g_K, w), G));
    return mul<T>(g, this.perC);
  }

  /** phi cosh((v - V_3)/(2 V_4)) */
  // @ts-ignore: decorator
  @inline bw(v: T, w: T, p: T, q: T): T {
    return mul<T>(this.phi, mul<T>(constant<T>(HALF), add<T>(q, div<T>(constant<T>(ONE), q))));
  }

  prepare(dt: f64): void {
    this.perC = 1.0 / this.C_m;
    this.slopeM = -2.0 / this.V_2;
    this.slopeW = -0.5 / this.V_4;
    this.rearm = this.V_th - this.hysteresis;
  }
}

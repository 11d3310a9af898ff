import { TraubMilesFields } from "../generated/fields";
import { add, div, mul, relax, scale, splat, sub } from "../lanes";
import { ratio } from "../math";

/**
 * Traub & Miles 1991 as used by Brette et al. 2007 (COBAHH). With u = v - V_T all six rates come from two exponentials,
 * p = exp(-u/40) and q = exp(-u/18), because the other slopes are powers of p: exp(-u/5) = p^8 and exp(-u/4) = p^10.
 * Every rate is a method of (v, p, q); `ratio(x, e^x)` is x/(e^x - 1) without its singularity.
 */
@unmanaged
export class TraubMiles<T> extends TraubMilesFields<T> {
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return scale<T>(-1.0 / 40.0, sub<T>(v, this.V_T));
  }

  // @ts-ignore: decorator
  @inline exponent2(v: T): T {
    return scale<T>(-1.0 / 18.0, sub<T>(v, this.V_T));
  }

  /** exp(-u/5) */
  // @ts-ignore: decorator
  @inline power8(p: T): T {
    const p2 = mul<T>(p, p);
    const p4 = mul<T>(p2, p2);
    return mul<T>(p4, p4);
  }

  /** 0.32 (13 - u)/(exp((13 - u)/4) - 1); exp(3.25) exp(-u/4) */
  // @ts-ignore: decorator
  @inline alphaM(v: T, p: T, q: T): T {
    const x = scale<T>(0.25, sub<T>(splat<T>(13), sub<T>(v, this.V_T)));
    const p10 = mul<T>(this.power8(p), mul<T>(p, p));
    return mul<T>(this.phi, scale<T>(1.28, ratio<T>(x, scale<T>(25.790339917193062, p10))));
  }

  /** 0.28 (u - 40)/(exp((u - 40)/5) - 1), which is 1.4 (y + ratio(y, e^y)) with y = (40 - u)/5; exp(8) exp(-u/5) */
  // @ts-ignore: decorator
  @inline betaM(v: T, p: T, q: T): T {
    const y = scale<T>(0.2, sub<T>(splat<T>(40), sub<T>(v, this.V_T)));
    return mul<T>(this.phi, scale<T>(1.4, add<T>(y, ratio<T>(y, scale<T>(2980.9579870417283, this.power8(p))))));
  }

  /** 0.128 exp((17 - u)/18); exp(17/18) */
  // @ts-ignore: decorator
  @inline alphaH(v: T, p: T, q: T): T {
    return mul<T>(this.phi, scale<T>(0.128 * 2.5713844347880297, q));
  }

  /** 4/(1 + exp((40 - u)/5)) */
  // @ts-ignore: decorator
  @inline betaH(v: T, p: T, q: T): T {
    return div<T>(scale<T>(4, this.phi), add<T>(scale<T>(2980.9579870417283, this.power8(p)), splat<T>(1)));
  }

  /** 0.032 (15 - u)/(exp((15 - u)/5) - 1) */
  // @ts-ignore: decorator
  @inline alphaN(v: T, p: T, q: T): T {
    const x = scale<T>(0.2, sub<T>(splat<T>(15), sub<T>(v, this.V_T)));
    return mul<T>(this.phi, scale<T>(0.16, ratio<T>(x, scale<T>(20.085536923187668, this.power8(p)))));
  }

  /** 0.5 exp((10 - u)/40); exp(1/4) */
  // @ts-ignore: decorator
  @inline betaN(v: T, p: T, q: T): T {
    return mul<T>(this.phi, scale<T>(0.5 * 1.2840254166877414, p));
  }

  // @ts-ignore: decorator
  @inline dm(v: T, m: T, p: T, q: T): T {
    return relax<T>(this.alphaM(v, p, q), this.betaM(v, p, q), m);
  }

  // @ts-ignore: decorator
  @inline dh(v: T, h: T, p: T, q: T): T {
    return relax<T>(this.alphaH(v, p, q), this.betaH(v, p, q), h);
  }

  // @ts-ignore: decorator
  @inline dn(v: T, n: T, p: T, q: T): T {
    return relax<T>(this.alphaN(v, p, q), this.betaN(v, p, q), n);
  }

  // @ts-ignore: decorator
  @inline sodium(m: T, h: T): T {
    return mul<T>(mul<T>(this.g_Na, mul<T>(mul<T>(m, m), m)), h);
  }

  // @ts-ignore: decorator
  @inline potassium(n: T): T {
    const n2 = mul<T>(n, n);
    return mul<T>(this.g_K, mul<T>(n2, n2));
  }

  // @ts-ignore: decorator
  @inline dv(v: T, m: T, h: T, n: T, I: T): T {
    const leak = mul<T>(this.g_L, sub<T>(this.E_L, v));
    const sodium = mul<T>(this.sodium(m, h), sub<T>(this.E_Na, v));
    const potassium = mul<T>(this.potassium(n), sub<T>(this.E_K, v));
    return mul<T>(add<T>(add<T>(leak, sodium), add<T>(potassium, I)), this.perC);
  }

  /** Total conductance over capacitance: -d(dv)/dv. */
  // @ts-ignore: decorator
  @inline bv(m: T, h: T, n: T, G: T): T {
    return mul<T>(add<T>(add<T>(this.g_L, this.sodium(m, h)), add<T>(this.potassium(n), G)), this.perC);
  }

  prepare(dt: f64): void {
    this.perC = 1.0 / this.C_m;
    this.rearm = this.V_th - this.hysteresis;
  }
}

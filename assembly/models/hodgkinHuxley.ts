import { HodgkinHuxleyFields } from "../generated/fields";
import { add, div, mul, relax, scale, splat, sub } from "../lanes";
import { ratio } from "../math";

/**
 * Hodgkin & Huxley 1952. With u = v - V_rest all six rates come from two exponentials, p = exp(-u/80) and
 * q = exp(-u/18), because the other slopes are powers of p: exp(-u/20) = p^4 and exp(-u/10) = p^8.
 * Every rate is a method of (v, p, q); `ratio(x, e^x)` is x/(e^x - 1) without its singularity.
 */
@unmanaged
export class HodgkinHuxley<T> extends HodgkinHuxleyFields<T> {
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return scale<T>(-1.0 / 80.0, sub<T>(v, this.V_rest));
  }

  // @ts-ignore: decorator
  @inline exponent2(v: T): T {
    return scale<T>(-1.0 / 18.0, sub<T>(v, this.V_rest));
  }

  /** exp(-u/10) */
  // @ts-ignore: decorator
  @inline power8(p: T): T {
    const p2 = mul<T>(p, p);
    const p4 = mul<T>(p2, p2);
    return mul<T>(p4, p4);
  }

  /** 0.1 (25 - u)/(exp((25 - u)/10) - 1); exp(2.5) exp(-u/10) */
  // @ts-ignore: decorator
  @inline alphaM(v: T, p: T, q: T): T {
    const x = scale<T>(0.1, sub<T>(splat<T>(25), sub<T>(v, this.V_rest)));
    return mul<T>(this.phi, ratio<T>(x, scale<T>(12.182493960703473, this.power8(p))));
  }

  /** 4 exp(-u/18) */
  // @ts-ignore: decorator
  @inline betaM(v: T, p: T, q: T): T {
    return mul<T>(this.phi, scale<T>(4, q));
  }

  /** 0.07 exp(-u/20) */
  // @ts-ignore: decorator
  @inline alphaH(v: T, p: T, q: T): T {
    const p2 = mul<T>(p, p);
    return mul<T>(this.phi, scale<T>(0.07, mul<T>(p2, p2)));
  }

  /** 1/(exp((30 - u)/10) + 1) */
  // @ts-ignore: decorator
  @inline betaH(v: T, p: T, q: T): T {
    return div<T>(this.phi, add<T>(scale<T>(20.085536923187668, this.power8(p)), splat<T>(1)));
  }

  /** 0.01 (10 - u)/(exp((10 - u)/10) - 1) */
  // @ts-ignore: decorator
  @inline alphaN(v: T, p: T, q: T): T {
    const x = scale<T>(0.1, sub<T>(splat<T>(10), sub<T>(v, this.V_rest)));
    return mul<T>(this.phi, scale<T>(0.1, ratio<T>(x, scale<T>(2.718281828459045, this.power8(p)))));
  }

  /** 0.125 exp(-u/80) */
  // @ts-ignore: decorator
  @inline betaN(v: T, p: T, q: T): T {
    return mul<T>(this.phi, scale<T>(0.125, p));
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

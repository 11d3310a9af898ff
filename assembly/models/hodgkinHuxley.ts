import { HodgkinHuxleyFields } from "../generated/fields";
import { add, constant, div, mul, relax, sub } from "../lanes";
import { ratio } from "../math";
import { power8, prepareGated, rateV, slopeV } from "./gated";

/* Constants of the rates, in memory: see `constant` of lanes.ts. */
const ONE: usize = memory.data<f64>([1]);
const TENTH: usize = memory.data<f64>([0.1]);
const MINUS_80TH: usize = memory.data<f64>([-0.0125]);
const MINUS_18TH: usize = memory.data<f64>([-0.05555555555555555]);
const U_M: usize = memory.data<f64>([25]);
const U_N: usize = memory.data<f64>([10]);
/** exp(2.5), exp(3), exp(1) */
const EXP_M: usize = memory.data<f64>([12.182493960703473]);
const EXP_H: usize = memory.data<f64>([20.085536923187668]);
const EXP_N: usize = memory.data<f64>([2.718281828459045]);
const BETA_M: usize = memory.data<f64>([4]);
const ALPHA_H: usize = memory.data<f64>([0.07]);
const BETA_N: usize = memory.data<f64>([0.125]);

/**
 * Hodgkin & Huxley 1952. With u = v - V_rest all six rates come from two exponentials, p = exp(-u/80) and
 * q = exp(-u/18), because the other slopes are powers of p: exp(-u/20) = p^4 and exp(-u/10) = p^8.
 * Every rate is a method of (v, p, q); `ratio(x, e^x)` is x/(e^x - 1) without its singularity.
 */
@unmanaged
export class HodgkinHuxley<T> extends HodgkinHuxleyFields<T> {
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return mul<T>(constant<T>(MINUS_80TH), sub<T>(v, this.V_rest));
  }

  // @ts-ignore: decorator
  @inline exponent2(v: T): T {
    return mul<T>(constant<T>(MINUS_18TH), sub<T>(v, this.V_rest));
  }

  /** 0.1 (25 - u)/(exp((25 - u)/10) - 1); exp(2.5) exp(-u/10) */
  // @ts-ignore: decorator
  @inline alphaM(v: T, p: T, q: T): T {
    const x = mul<T>(constant<T>(TENTH), sub<T>(constant<T>(U_M), sub<T>(v, this.V_rest)));
    return mul<T>(this.phi, ratio<T>(x, mul<T>(constant<T>(EXP_M), power8<T>(p))));
  }

  /** 4 exp(-u/18) */
  // @ts-ignore: decorator
  @inline betaM(v: T, p: T, q: T): T {
    return mul<T>(this.phi, mul<T>(constant<T>(BETA_M), q));
  }

  /** 0.07 exp(-u/20) */
  // @ts-ignore: decorator
  @inline alphaH(v: T, p: T, q: T): T {
    const p2 = mul<T>(p, p);
    return mul<T>(this.phi, mul<T>(constant<T>(ALPHA_H), mul<T>(p2, p2)));
  }

  /** 1/(exp((30 - u)/10) + 1) */
  // @ts-ignore: decorator
  @inline betaH(v: T, p: T, q: T): T {
    return div<T>(this.phi, add<T>(mul<T>(constant<T>(EXP_H), power8<T>(p)), constant<T>(ONE)));
  }

  /** 0.01 (10 - u)/(exp((10 - u)/10) - 1) */
  // @ts-ignore: decorator
  @inline alphaN(v: T, p: T, q: T): T {
    const x = mul<T>(constant<T>(TENTH), sub<T>(constant<T>(U_N), sub<T>(v, this.V_rest)));
    return mul<T>(this.phi, mul<T>(constant<T>(TENTH), ratio<T>(x, mul<T>(constant<T>(EXP_N), power8<T>(p)))));
  }

  /** 0.125 exp(-u/80) */
  // @ts-ignore: decorator
  @inline betaN(v: T, p: T, q: T): T {
    return mul<T>(this.phi, mul<T>(constant<T>(BETA_N), p));
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
  @inline dv(v: T, m: T, h: T, n: T, I: T): T {
    return slopeV<HodgkinHuxley<T>, T>(this, v, m, h, n, I);
  }

  // @ts-ignore: decorator
  @inline bv(m: T, h: T, n: T, G: T): T {
    return rateV<HodgkinHuxley<T>, T>(this, m, h, n, G);
  }

  prepare(dt: f64): void {
    prepareGated<HodgkinHuxley<T>>(this);
  }
}

import { TraubMilesFields } from "../generated/fields";
import { add, constant, div, mul, relax, sub } from "../lanes";
import { ratio } from "../math";
import { power8, prepareGated, rateV, slopeV } from "./gated";

/* Constants of the rates, in memory: see `constant` of lanes.ts. */
const ONE: usize = memory.data<f64>([1]);
const QUARTER: usize = memory.data<f64>([0.25]);
const FIFTH: usize = memory.data<f64>([0.2]);
const MINUS_40TH: usize = memory.data<f64>([-0.025]);
const MINUS_18TH: usize = memory.data<f64>([-0.05555555555555555]);
const U_M: usize = memory.data<f64>([13]);
const U_BETA_M: usize = memory.data<f64>([40]);
const U_N: usize = memory.data<f64>([15]);
/** exp(3.25), exp(8), exp(3) */
const EXP_M: usize = memory.data<f64>([25.790339917193062]);
const EXP_8: usize = memory.data<f64>([2980.9579870417283]);
const EXP_N: usize = memory.data<f64>([20.085536923187668]);
const ALPHA_M: usize = memory.data<f64>([1.28]);
const BETA_M: usize = memory.data<f64>([1.4]);
/** 0.128 exp(17/18) */
const ALPHA_H: usize = memory.data<f64>([0.3291372076528678]);
const BETA_H: usize = memory.data<f64>([4]);
const ALPHA_N: usize = memory.data<f64>([0.16]);
/** 0.5 exp(1/4) */
const BETA_N: usize = memory.data<f64>([0.6420127083438707]);

/**
 * Traub & Miles 1991 as used by Brette et al. 2007 (COBAHH). With u = v - V_T all six rates come from two exponentials,
 * p = exp(-u/40) and q = exp(-u/18), because the other slopes are powers of p: exp(-u/5) = p^8 and exp(-u/4) = p^10.
 * Every rate is a method of (v, p, q); `ratio(x, e^x)` is x/(e^x - 1) without its singularity.
 */
@unmanaged
export class TraubMiles<T> extends TraubMilesFields<T> {
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return mul<T>(constant<T>(MINUS_40TH), sub<T>(v, this.V_T));
  }

  // @ts-ignore: decorator
  @inline exponent2(v: T): T {
    return mul<T>(constant<T>(MINUS_18TH), sub<T>(v, this.V_T));
  }

  /** 0.32 (13 - u)/(exp((13 - u)/4) - 1); exp(3.25) exp(-u/4) */
  // @ts-ignore: decorator
  @inline alphaM(v: T, p: T, q: T): T {
    const x = mul<T>(constant<T>(QUARTER), sub<T>(constant<T>(U_M), sub<T>(v, this.V_T)));
    const p10 = mul<T>(power8<T>(p), mul<T>(p, p));
    return mul<T>(this.phi, mul<T>(constant<T>(ALPHA_M), ratio<T>(x, mul<T>(constant<T>(EXP_M), p10))));
  }

  /** 0.28 (u - 40)/(exp((u - 40)/5) - 1), which is 1.4 (y + ratio(y, e^y)) with y = (40 - u)/5; exp(8) exp(-u/5) */
  // @ts-ignore: decorator
  @inline betaM(v: T, p: T, q: T): T {
    const y = mul<T>(constant<T>(FIFTH), sub<T>(constant<T>(U_BETA_M), sub<T>(v, this.V_T)));
    return mul<T>(
      this.phi,
      mul<T>(constant<T>(BETA_M), add<T>(y, ratio<T>(y, mul<T>(constant<T>(EXP_8), power8<T>(p))))),
    );
  }

  /** 0.128 exp((17 - u)/18); exp(17/18) */
  // @ts-ignore: decorator
  @inline alphaH(v: T, p: T, q: T): T {
    return mul<T>(this.phi, mul<T>(constant<T>(ALPHA_H), q));
  }

  /** 4/(1 + exp((40 - u)/5)) */
  // @ts-ignore: decorator
  @inline betaH(v: T, p: T, q: T): T {
    return div<T>(
      mul<T>(constant<T>(BETA_H), this.phi),
      add<T>(mul<T>(constant<T>(EXP_8), power8<T>(p)), constant<T>(ONE)),
    );
  }

  /** 0.032 (15 - u)/(exp((15 - u)/5) - 1) */
  // @ts-ignore: decorator
  @inline alphaN(v: T, p: T, q: T): T {
    const x = mul<T>(constant<T>(FIFTH), sub<T>(constant<T>(U_N), sub<T>(v, this.V_T)));
    return mul<T>(this.phi, mul<T>(constant<T>(ALPHA_N), ratio<T>(x, mul<T>(constant<T>(EXP_N), power8<T>(p)))));
  }

  /** 0.5 exp((10 - u)/40); exp(1/4) */
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
    return slopeV<TraubMiles<T>, T>(this, v, m, h, n, I);
  }

  // @ts-ignore: decorator
  @inline bv(m: T, h: T, n: T, G: T): T {
    return rateV<TraubMiles<T>, T>(this, m, h, n, G);
  }

  prepare(dt: f64): void {
    prepareGated<TraubMiles<T>>(this);
  }
}

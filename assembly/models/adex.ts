import { AdexFields } from "../generated/fields";
import { add, constant, div, least, mul, sub } from "../lanes";
import { log } from "../math";
import { stepsOf } from "../steps";

/* In memory: see `constant` of lanes.ts. */
const HALF: usize = memory.data<f64>([0.5]);
const TWELFTH: usize = memory.data<f64>([0.08333333333333333]);

/** Adaptive exponential integrate-and-fire (Brette & Gerstner 2005). */
@unmanaged
export class Adex<T> extends AdexFields<T> {
  /** Clipped at V_peak: a stage of heun or rk4 may lie far above it, would overflow and poison w. */
  // @ts-ignore: decorator
  @inline exponent(v: T): T {
    return mul<T>(sub<T>(least<T>(v, this.V_peak), this.V_T), this.perDelta);
  }

  // @ts-ignore: decorator
  @inline dv(v: T, w: T, I: T, p: T, q: T): T {
    const leak = mul<T>(this.g_L, sub<T>(this.E_L, least<T>(v, this.V_peak)));
    return mul<T>(add<T>(add<T>(leak, mul<T>(this.onset, p)), sub<T>(I, w)), this.perC);
  }

  // @ts-ignore: decorator
  @inline dw(v: T, w: T, p: T, q: T): T {
    return mul<T>(sub<T>(mul<T>(this.a, sub<T>(least<T>(v, this.V_peak), this.E_L)), w), this.perTauW);
  }

  // @ts-ignore: decorator
  @inline bv(v: T, w: T, G: T, p: T, q: T): T {
    return mul<T>(add<T>(this.g_L, G), this.perC);
  }

  // @ts-ignore: decorator
  @inline bw(v: T, w: T, p: T, q: T): T {
    return this.perTauW;
  }

  // @ts-ignore: decorator
  @inline resetV(): T {
    return this.V_reset;
  }

  // @ts-ignore: decorator
  @inline resetW(w: T): T {
    return add<T>(w, this.b);
  }

  /**
   * rosenbrock: f/(1 - dt/2 df/dv), with a further term of the exponential's own solution, whose series is -log(1 - z)
   * = z/(1 - z/2 - z^2/12 - ...) with z = dt (g_L/C_m) p.
   */
  // @ts-ignore: decorator
  @inline implicit(f: T, p: T, G: T): T {
    const z = mul<T>(this.growth, p);
    const own = mul<T>(z, add<T>(constant<T>(HALF), mul<T>(constant<T>(TWELFTH), z)));
    return div<T>(f, sub<T>(add<T>(this.damp, mul<T>(this.halfC, G)), own));
  }

  prepare(dt: f64): void {
    this.perC = 1.0 / this.C_m;
    // Without an exponential current the neuron is leaky and fires at V_T: the limit of a small Delta_T.
    const sharp = this.Delta_T == 0;
    this.perDelta = sharp ? 0 : 1.0 / this.Delta_T;
    this.onset = this.g_L * this.Delta_T;
    this.cut = sharp ? this.V_T : this.V_peak;
    this.perTauW = 1.0 / this.tau_w;
    this.hold = stepsOf(this.t_ref, dt);
    const half = 0.5 * dt;
    this.halfC = half * this.perC;
    this.growth = this.Delta_T > 0 ? dt * this.g_L * this.perC : 0;
    this.shareW = 1.0 / (1.0 + half * this.perTauW);
    this.feed = half * this.a * this.perTauW;
    this.drain = this.halfC * this.shareW;
    this.damp = 1.0 + this.halfC * this.g_L + this.drain * this.feed;
    const steep = min(4.0, log(this.C_m / (this.g_L * dt)));
    this.takeOff = sharp ? this.cut : min(this.cut, this.V_T + this.Delta_T * steep);
  }
}

/** Gates of Hodgkin-Huxley type models. */
import { armedBelow, Twin, type TwinOptions } from "./twin.js";

/** States of a Hodgkin-Huxley type model. */
export type GatedState = "v" | "m" | "h" | "n";

/** Population with the gates m, h and n. */
export abstract class GatedTwin<Params extends { V_th: number }> extends Twin<Params> {
  readonly m: Float64Array;
  readonly h: Float64Array;
  readonly n: Float64Array;
  protected readonly armed: Uint8Array;

  constructor(options: TwinOptions<Params, GatedState>) {
    super(options);
    const { m, h, n } = options.init;
    this.m = m.slice();
    this.h = h.slice();
    this.n = n.slice();
    this.armed = armedBelow(options.params.V_th, this.v);
  }
}

/** x / (e^x - 1) with its limit 1 at 0: the shape of the gates' opening rates. */
export function ratio(x: number): number {
  return Math.abs(x) < 1e-6 ? 1 - 0.5 * x : x / (Math.exp(x) - 1);
}

/**
 * The same where e^x is at hand from elsewhere and carries a rounding error: near 0, where e^x - 1 cancels, the
 * series takes over sooner.
 */
export function ratioOf(x: number, exponential: number): number {
  if (Math.abs(x) >= 0.02) return x / (exponential - 1);
  const square = x * x;
  return 1 - 0.5 * x + square * (0.08333333333333333 - 0.001388888888888889 * square);
}

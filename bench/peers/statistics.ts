/** Rates and irregularity of spike trains, the same for all simulators. */
import { meanCv } from "../../src/index.js";
import type { Train } from "./networks.js";

export interface Statistics {
  /** Hz */
  readonly rate: number;
  /** Mean coefficient of variation of the intervals, over neurons with at least six. */
  readonly cv: number;
}

/** Statistics of neurons 0 to `size` - 1 between two times in ms. */
export function statistics({ steps, neurons }: Train, size: number, dt: number, from: number, to: number): Statistics {
  const [first, last] = [Math.round(from / dt), Math.round(to / dt)];
  const chosen = Array.from(steps.keys()).filter((i) => (steps[i] as number) >= first && (steps[i] as number) < last);
  const spikes = {
    times: Float64Array.from(chosen, (i) => ((steps[i] as number) + 1) * dt),
    neurons: Uint32Array.from(chosen, (i) => neurons[i] as number),
  };
  return { rate: (1000 * chosen.length) / (to - from) / size, cv: meanCv(spikes, size, 6) };
}

/** Rates and irregularity of spike trains, the same for all simulators. */
import { meanCv } from "../../src/index.js";
import type { Train } from "./networks.js";

export interface Statistics {
  /** Hz */
  readonly rate: number;
  /** Mean coefficient of variation of the intervals, over neurons with at least six. */
  readonly cv: number;
}

/** Mean interval between spikes of the same neuron from a time on; undefined if there is none. */
export function meanInterval(
  { times, neurons }: { readonly times: ArrayLike<number>; readonly neurons: ArrayLike<number> },
  size: number,
  from: number,
): number | undefined {
  const last = new Float64Array(size).fill(NaN);
  let [sum, count] = [0, 0];
  for (let i = 0; i < times.length; i++) {
    const [t, neuron] = [times[i] as number, neurons[i] as number];
    if (t < from) continue;
    const interval = t - (last[neuron] as number);
    last[neuron] = t;
    if (Number.isNaN(interval)) continue;
    sum += interval;
    count++;
  }
  return count > 0 ? sum / count : undefined;
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

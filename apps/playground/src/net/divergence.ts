/** Whether two branches have done the same so far. */
import type { Kept } from "./kept.js";

/** How far two networks agree. */
export interface Agreement {
  /** ms until which all spikes are the same. */
  readonly until: number;
  /** ms of the first spike that only one of them has; undefined while there is none. */
  readonly differsAt: number | undefined;
}

/**
 * Looks on from where two networks agreed.
 *
 * @param before the agreement so far
 */
export function agreement(a: Kept, b: Kept, before: Agreement): Agreement {
  if (before.differsAt !== undefined) return before;
  const until = Math.min(a.time, b.time);
  if (until <= before.until) return before;
  const [ours, theirs] = [a.tables(before.until), b.tables(before.until)];
  let differsAt = Number.POSITIVE_INFINITY;
  for (const { name, spikes } of ours) {
    const other = theirs.find((one) => one.name === name)?.spikes;
    const length = Math.max(spikes.times.length, other?.times.length ?? 0);
    for (let k = 0; k < length; k++) {
      const [time, otherTime] = [spikes.times[k] ?? Infinity, other?.times[k] ?? Infinity];
      if (time === otherTime && spikes.neurons[k] === other?.neurons[k]) continue;
      differsAt = Math.min(differsAt, time, otherTime);
      break;
    }
  }
  // what one of them has not come to yet is no difference
  return differsAt <= until ? { until: differsAt, differsAt } : { until, differsAt: undefined };
}

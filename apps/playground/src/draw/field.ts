/** A vector field at any current, from that at one current: in all models here the current moves dv/dt evenly. */
import type { VectorField } from "spikelet";

export type Range = readonly [low: number, high: number];

export interface Moving {
  /** The field without input. */
  readonly still: VectorField;
  /** How much dv/dt grows with the current. */
  readonly slope: number;
}

/** @param one the field at a current of 1 on the same grid */
export function movingField(still: VectorField, one: VectorField): Moving {
  // where the field is weakest the difference is most exact
  let [at, least] = [0, Number.POSITIVE_INFINITY];
  still.dv.forEach((x, k) => {
    if (Math.abs(x) < least) [at, least] = [k, Math.abs(x)];
  });
  return { still, slope: (one.dv[at] as number) - (still.dv[at] as number) };
}

export function fieldAt({ still, slope }: Moving, current: number): VectorField {
  return { ...still, dv: still.dv.map((x) => x + slope * current) };
}

/** Range of numbers with room around them; undefined where there are none. */
export function roomFor(lists: readonly ArrayLike<number>[], share = 0.12): Range | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists) {
    for (let k = 0; k < list.length; k++) {
      low = Math.min(low, list[k] as number);
      high = Math.max(high, list[k] as number);
    }
  }
  if (!(low <= high)) return undefined;
  const room = high > low ? share * (high - low) : Math.max(1, Math.abs(low) * share);
  return [low - room, high + room];
}

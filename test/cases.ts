/**
 * How many random cases a test looks at: all that are meant in continuous integration (`CASES=1`), half of them as a
 * rule.
 */
const TIMES = Number(process.env.CASES ?? 0.5);

/** @param usual number of cases with `CASES=1` */
export function cases(usual: number): number {
  return Math.max(1, Math.round(usual * TIMES));
}

/**
 * Of a list of cases that take long: all in continuous integration, otherwise half of them, from each pair of
 * neighbours the first and the second in turn.
 */
export function some<T>(list: readonly T[]): readonly T[] {
  return TIMES >= 1 ? list : list.filter((_, i) => ((i >> 1) + i) % 2 === 0);
}

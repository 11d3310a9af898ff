/** How many random cases a test looks at: so many as a rule, more of the same kind with `CASES=5 npm test`. */
const TIMES = Number(process.env.CASES ?? 1);

/** @param usual number of cases without CASES */
export function cases(usual: number): number {
  return Math.max(1, Math.round(usual * TIMES));
}

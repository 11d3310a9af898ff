/** Findings: what the check before a run and the watch during it have to say. */

/** The levels of findings, the worst first. */
export const LEVELS = ["error", "warning", "note"] as const;

/** How grave a finding is. */
export type Level = (typeof LEVELS)[number];

/** One finding. `value` and `limit` are in the parameter's unit. */
export interface Finding {
  readonly level: Level;
  /** Stable identifier of the rule. */
  readonly code: string;
  /** A full text: what, why it matters, what to do. */
  readonly message: string;
  readonly population: string | null;
  readonly parameter: string | null;
  readonly value: number | null;
  readonly limit: number | null;
}

/** The findings with the worst first, otherwise in their order. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
}

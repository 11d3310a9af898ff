/** Findings: what the check before a run and the watch during it have to say. */

export type Level = "error" | "warning" | "note";

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

/** Order of the levels, the worst first. */
export const LEVELS: readonly Level[] = ["error", "warning", "note"];

/** The findings with the worst first, otherwise in their order. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
}

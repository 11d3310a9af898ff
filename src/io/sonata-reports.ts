/** Which traces stand in which report of SONATA: a report has one variable, and each population once. */
import type { PopulationTrace } from "../analysis/types.js";

/** Traces that stand in one file: a variable, once for each population. */
export interface Report {
  /** What its file is named by: the variable, and a number from the second one on. */
  readonly part: string;
  readonly traces: readonly PopulationTrace[];
}

/** The reports of traces; those without a sample have none. */
export function reportsOf(traces: readonly PopulationTrace[]): readonly Report[] {
  const reports: { readonly part: string; readonly variable: string; readonly traces: PopulationTrace[] }[] = [];
  for (const trace of traces) {
    const { population, variable, time, neurons } = trace;
    if (time.length * neurons.length === 0) continue;
    const own = reports.filter((report) => report.variable === variable);
    const free = own.find((report) => report.traces.every((other) => other.population !== population));
    if (free) free.traces.push(trace);
    else
      reports.push({
        part: freePart(variable, new Set(reports.map(({ part }) => part.toLowerCase()))),
        variable,
        traces: [trace],
      });
  }
  return reports;
}

/** A name for a file, other than those that are taken also where capitals do not count. */
function freePart(variable: string, taken: ReadonlySet<string>): string {
  const plain = variable.replace(/[^\p{L}\p{N}_.-]/gu, "_");
  let part = plain;
  for (let n = 2; taken.has(part.toLowerCase()); n++) part = `${plain}-${n}`;
  return part;
}

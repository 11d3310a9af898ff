/** Findings of the command line, and findings as text. */
import type { Finding, NetworkSpec } from "../index.js";
import { sortFindings } from "../model/findings.js";
import { levelText, plain, widthOf, wrap } from "./terminal.js";

/** Entries of `record` that begin when the run is over. */
export function lateRecordings({ record, recordWeights, duration }: NetworkSpec): Finding[] {
  const late = [...record, ...recordWeights].filter(({ from }) => from >= duration && duration > 0);
  return late.map((entry): Finding => {
    const population = "population" in entry ? entry.population : null;
    const whose = "population" in entry ? entry.variables.join(", ") : "weights";
    const when = `from = ${entry.from} ms, but the run ends at ${duration} ms`;
    return {
      level: "warning",
      code: "record-from",
      message: `nothing is recorded of ${whose}: ${when}. Begin the recording earlier, or run longer.`,
      population,
      parameter: "from",
      value: entry.from,
      limit: duration,
    };
  });
}

/** Findings for people: a paragraph each on a terminal, a line each elsewhere; lines of a model's text stand below. */
export function findingsText(findings: readonly Finding[], stream: NodeJS.WriteStream): string {
  const width = stream.isTTY === true ? widthOf(stream) : Number.POSITIVE_INFINITY;
  return findings
    .map(({ level, population, message }) => {
      const named = population === null || [" ", ".", ":"].some((sign) => message.startsWith(population + sign));
      const [first = "", ...frame] = plain(message).split("\n");
      const text = wrap(`${level}: ${named ? "" : `${plain(population)}: `}${first}`, width, "  ");
      return [`${levelText(level, stream)}${text.slice(level.length)}`, ...frame, ""].join("\n");
    })
    .join("");
}

/** Findings as run.json has them: the worst first, the keys always in the same order. */
export function orderedFindings(findings: readonly Finding[]): Finding[] {
  return sortFindings(findings).map(({ level, code, message, population, parameter, value, limit }) => {
    return { level, code, message, population, parameter, value, limit };
  });
}

/** Whether something forbids to run. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.level === "error");
}

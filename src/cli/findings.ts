/** Findings as text. */
import type { Finding } from "../index.js";
import { levelText, widthOf, wrap } from "./terminal.js";

/** Findings for people, one paragraph each. */
export function findingsText(findings: readonly Finding[], stream: NodeJS.WriteStream): string {
  return findings
    .map(({ level, population, message }) => {
      const place = population === null || message.startsWith(`${population} `) ? "" : `${population}: `;
      const text = wrap(`${level}: ${place}${message}`, widthOf(stream), "  ");
      return `${levelText(level, stream)}${text.slice(level.length)}\n`;
    })
    .join("");
}

/** Whether something forbids to run. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.level === "error");
}

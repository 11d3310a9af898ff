/** Numbers and tables as text. */
import type { Summary } from "./measure.js";
import type { Section } from "./suites/suite.js";

/** Three significant digits. */
export function digits(x: number): string {
  if (x >= 100) return x.toFixed(0);
  return x.toPrecision(3);
}

/** Median and middle half: `1.39 (1.35-1.44)`. */
export function spreadOf({ median, p25, p75 }: Summary): string {
  return `${digits(median)} (${digits(p25)}-${digits(p75)})`;
}

/** The quotient of a target, and whether it is reached. */
export function verdict(reached: number, target: number | undefined): string {
  if (target === undefined) return "";
  return reached >= target ? `${target}: yes` : `${target}: short`;
}

/** A section as Markdown; the columns are padded so that the terminal shows the same table. */
export function markdown({ title, header, rows }: Pick<Section, "title" | "header" | "rows">): string {
  const widths = header.map((cell, i) => Math.max(cell.length, ...rows.map((row) => (row[i] as string).length)));
  // The first column holds names, the others numbers.
  const pad = (cell: string, i: number) =>
    i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number);
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`));
  return [`### ${title}`, "", line(header), `|${rule.join("|")}|`, ...rows.map(line)].join("\n");
}

/**
 * What a claim's script does with its results when it is run by itself: prints them, writes its figures into
 * `figures/`, and puts its tables into README.md, between the comments that name the claim.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface Results {
  /** Markdown. */
  readonly text: string;
  readonly figures: Readonly<Record<string, string>>;
}

/** A table of Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Standard error of the mean. */
export function standardError(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1) / values.length);
}

/** Publishes what `run` gives if the script is the program that was started. */
export async function publish(url: string, name: string, run: () => Promise<Results>): Promise<void> {
  if (process.argv[1] === undefined || resolve(process.argv[1]) !== fileURLToPath(url)) return;
  const start = performance.now();
  const { text, figures } = await run();
  console.log(text);
  mkdirSync(new URL("./figures/", import.meta.url), { recursive: true });
  for (const [file, svg] of Object.entries(figures)) writeFileSync(new URL(`./figures/${file}`, import.meta.url), svg);
  const page = new URL("./README.md", import.meta.url);
  const before = readFileSync(page, "utf8");
  const part = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
  if (!part.test(before)) throw new Error(`README.md has no place for ${name}`);
  writeFileSync(
    page,
    before.replace(part, (_, head: string, tail: string) => `${head}${text}\n${tail}`),
  );
  console.log(`\n${name}: ${((performance.now() - start) / 1000).toFixed(1)} s; README.md and figures/ are written`);
}

/** `spikelet run --seeds`: the same network with one seed after another, each with a folder of its own. */
import { readdirSync } from "node:fs";
import type { CoreSource } from "../index.js";
import { isResultFile } from "../io/folder.js";
import { InputError } from "./errors.js";
import { outOf, run } from "./run.js";
import { Status } from "./status.js";

/** Most runs of one call. */
const MAX_RUNS = 100_000;

/**
 * Runs a model file once for each seed.
 *
 * @param file path, or "-" for standard input
 * @param given options as the parser hands them out, `seeds` among them
 * @returns the exit status: that of the first run that was cancelled or failed, which is the last one then; or else
 *   that of an unstable run, if there was one
 */
export async function runSeeds(
  file: string | undefined,
  given: Readonly<Record<string, unknown>>,
  core?: CoreSource,
): Promise<number> {
  for (const other of ["seed", "resume"]) {
    if (given[other] !== undefined) throw new InputError(`--seeds: --${other} cannot be given with it.`);
  }
  const seeds = readSeeds(given.seeds as string);
  const out = outOf(file, given);
  const folderOf = (seed: number): string => `${out}-seed-${seed}`;
  if (given.overwrite !== true) {
    const there = seeds.filter((seed) => holdsResults(folderOf(seed)));
    if (there.length > 0) {
      const list = there.length > 8 ? `${there.slice(0, 8).join(", ")} and ${there.length - 8} more` : there.join(", ");
      const remedy = "leave these seeds out, choose another --out, or let --overwrite replace them";
      throw new InputError(`--seeds: there are results of seed ${list} already (${folderOf(there[0] as number)}); ${remedy}.`);
    }
  }
  let worst: number = Status.done;
  for (const [k, seed] of seeds.entries()) {
    if (given.quiet !== true) process.stderr.write(`Run ${k + 1} of ${seeds.length}: seed ${seed}\n`);
    const status = await run(file, { ...given, seed: String(seed), out: folderOf(seed) }, core);
    if (status !== Status.done && status !== Status.unstable) return status;
    worst = Math.max(worst, status);
  }
  return worst;
}

/** Seeds and ranges of seeds, as they are written: `1..3,7` is 1, 2, 3, 7. */
function readSeeds(text: string): number[] {
  const fail = (what: string): never => {
    const allowed = 'it must be seeds and ranges of them, such as "1..10" or "3,5,8", each an integer from 0 to 2^53 - 1';
    throw new InputError(`--seeds: ${what}; ${allowed}.`);
  };
  const seeds = new Set<number>();
  for (const part of text.split(",")) {
    const [, first, last] = /^\s*(\d+)\s*(?:\.\.\s*(\d+)\s*)?$/.exec(part) ?? fail(JSON.stringify(part));
    const [from, to] = [Number(first), Number(last ?? first)];
    if (!(from <= to && to <= Number.MAX_SAFE_INTEGER)) fail(JSON.stringify(part));
    if (to - from >= MAX_RUNS - seeds.size) fail(`${JSON.stringify(text)} is more than ${MAX_RUNS} runs`);
    for (let seed = from; seed <= to; seed++) seeds.add(seed);
  }
  return [...seeds];
}

function holdsResults(folder: string): boolean {
  try {
    return readdirSync(folder).some(isResultFile);
  } catch {
    // What is no folder the run refuses in its own words.
    return false;
  }
}

/**
 * Runs hostile documents: `npx tsx scripts/long/fuzz.ts [COUNT] [SEED]`, 100,000 by default. Each must run or be
 * refused with a SpikeletError, within two seconds of processor time (so that other load does not count), and change
 * nothing that all objects share. Prints what breaks this, with its seed.
 */
import { dice, hostile, outcome, shared } from "../../test/property/mutations.js";

const [count = 100_000, first = 1] = process.argv.slice(2).map(Number);
const LONGEST_MS = 2000;
const before = shared();
const outcomes = new Map<string, number>();
let faults = 0;
let longest = 0;

function fault(seed: number, text: string, what: string): void {
  faults++;
  process.stdout.write(`seed ${seed}: ${what}\n${text}\n`);
}

for (let seed = first; seed < first + count; seed++) {
  // Where it is, so that a hang has a seed.
  if (seed % 100 === 0) process.stderr.write(`\r${seed} `);
  const text = hostile(dice(seed));
  const started = process.cpuUsage();
  try {
    const result = await outcome(text);
    outcomes.set(result, (outcomes.get(result) ?? 0) + 1);
  } catch (error) {
    fault(seed, text, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const { user, system } = process.cpuUsage(started);
  const elapsed = (user + system) / 1000;
  longest = Math.max(longest, elapsed);
  if (elapsed > LONGEST_MS) fault(seed, text, `${Math.round(elapsed)} ms`);
  if (shared() !== before) {
    fault(seed, text, "something that all objects share has changed");
    break;
  }
}
const table = [...outcomes].sort((a, b) => b[1] - a[1]).map(([name, times]) => `${name} ${times}`);
process.stdout.write(`${count} documents: ${table.join(", ")}; longest ${Math.round(longest)} ms; ${faults} faults\n`);
process.exitCode = faults === 0 ? 0 : 1;

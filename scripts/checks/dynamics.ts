/**
 * Bifurcations of spikelet/dynamics beside those of PyDSTool (scripts/checks/dynamics.py), outside of continuous
 * integration. Prints both and fails where they differ by more than PyDSTool's own tolerance.
 *
 *   npx tsx scripts/checks/dynamics.ts PYTHON     a Python that has PyDSTool
 */
import { execFileSync } from "node:child_process";
import { continueEquilibria } from "../../src/dynamics/index.js";
import { type ModelRecord, models } from "../../src/index.js";

const [python = "python3"] = process.argv.slice(2);
const text = execFileSync(python, ["scripts/checks/dynamics.py"], {
  encoding: "utf8",
  stdio: ["ignore", "pipe", "ignore"],
});
const theirs = JSON.parse(text) as Record<string, Record<"hopf" | "fold", number[]>>;

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  hodgkinHuxley: [0, 200],
  morrisLecar: [-60, 250],
  fitzhughNagumo: [0, 2],
};
const TOLERANCE = 1e-5;

let failed = false;
for (const [title, found] of Object.entries(theirs)) {
  const [id = "", preset] = title.split(" ");
  const [from, to] = RANGES[id] as readonly [number, number];
  const model = models[id as keyof typeof models] as ModelRecord;
  const { branches } = await continueEquilibria(model, { from, to, ...(preset && { preset }) });
  for (const type of ["hopf", "fold"] as const) {
    const mine = branches
      .flatMap(({ bifurcations }) => bifurcations)
      .filter((one) => one.type === type)
      .map(({ value }) => value)
      .sort((a, b) => a - b);
    const other = found[type];
    const same = mine.length === other.length && mine.every((x, k) => Math.abs(x - (other[k] as number)) < TOLERANCE);
    failed ||= !same;
    if (mine.length + other.length > 0) {
      console.log(
        `${same ? "same" : "DIFFERENT"}  ${title}, ${type}: ${mine.join(", ")}  PyDSTool: ${other.join(", ")}`,
      );
    }
  }
}
process.exitCode = failed ? 1 : 0;

/**
 * The benchmark suite: `npm run bench -- [--quick] [--only NAME] [--write]`. See README.md beside this file.
 *
 * Exit status: 0 done (targets may be missed), 1 a check failed, 2 unknown option or name.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { markdown } from "./format.js";
import { machine, machineText } from "./machine.js";
import { coba } from "./suites/coba.js";
import { methods } from "./suites/methods.js";
import { models } from "./suites/models.js";
import { networks } from "./suites/networks.js";
import { parameters } from "./suites/parameters.js";
import { scaling } from "./suites/scaling.js";
import { startup } from "./suites/startup.js";
import type { Section, Settings, Suite } from "./suites/suite.js";

const SUITES: readonly Suite[] = [models, coba, networks, parameters, scaling, methods, startup];
const NAMES = SUITES.flatMap(({ names }) => names);
const START = "<!-- results: start -->";
const END = "<!-- results: end -->";

interface Options {
  readonly quick: boolean;
  readonly write: boolean;
  readonly only: readonly string[];
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function options(): Options {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
      },
    });
    for (const name of values.only) {
      if (!NAMES.includes(name)) fail(`--only ${name}: unknown name. Known: ${NAMES.join(", ")}.`);
    }
    if (values.write && values.only.length > 0) fail("--write takes the results of all cases: leave --only out.");
    return values;
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Puts the tables between the markers of README.md and the numbers into results/latest.json. */
function write(text: string, data: unknown): void {
  const readme = new URL("README.md", import.meta.url);
  const old = readFileSync(readme, "utf8");
  const [before, after] = [old.split(START)[0], old.split(END)[1]];
  if (before === undefined || after === undefined) fail("README.md has lost its markers.");
  writeFileSync(readme, `${before}${START}\n\n${text}\n\n${END}${after}`);
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("latest.json", folder), `${JSON.stringify(data, null, 2)}\n`);
}

async function main(): Promise<void> {
  const { quick, write: writes, only } = options();
  const settings: Settings = quick
    ? { quick, rounds: 7, warmUpMs: 500, sampleMs: 10 }
    : { quick, rounds: 31, warmUpMs: 800, sampleMs: 20 };
  const selected = new Set(only.length > 0 ? only : NAMES);
  const where = machine();
  process.stdout.write(`${machineText(where)}\n`);
  const sections: Section[] = [];
  for (const suite of SUITES.filter(({ names }) => names.some((name) => selected.has(name)))) {
    const section = await suite.run(selected, settings);
    sections.push(section);
    process.stdout.write(`\n${markdown(section)}\n`);
  }
  const shortfalls = sections.flatMap((section) => section.shortfalls);
  const failures = sections.flatMap((section) => section.failures);
  const list = (title: string, lines: readonly string[]) => [title, "", ...lines.map((line) => `- ${line}`)].join("\n");
  const verdict = shortfalls.length === 0 ? "All targets are reached." : list("Short of their targets:", shortfalls);
  process.stdout.write(`\n${verdict}\n`);
  if (failures.length > 0) process.stdout.write(`\n${list("FAILED checks:", failures)}\n`);
  if (writes && failures.length === 0) {
    const note = quick ? "Measured with --quick: fewer and shorter samples.\n\n" : "";
    const text = [`${note}${machineText(where)}.`, ...sections.map(markdown), verdict].join("\n\n");
    const results = Object.fromEntries(sections.map(({ id, data }) => [id, data]));
    write(text, { machine: where, quick, results, shortfalls });
  }
  if (failures.length > 0) process.exitCode = 1;
}

await main();

/**
 * The benchmark suite: `npm run bench -- [--quick] [--only NAME] [--write] [--figure]`. See README.md beside this file.
 *
 * Exit status: 0 done (targets may be missed), 1 a check failed, 2 unknown option or name.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { NO_ROOFS, rooflineFigure, type StoredResults } from "./roofline/figure.js";
import { markdown } from "./format.js";
import { machine, machineText } from "./machine.js";
import { coba } from "./suites/coba.js";
import { dense } from "./suites/dense.js";
import { methods } from "./suites/methods.js";
import { models } from "./suites/models.js";
import { networks } from "./suites/networks.js";
import { parameters } from "./suites/parameters.js";
import { roofline } from "./suites/roofline.js";
import { scaling } from "./suites/scaling.js";
import { silent } from "./suites/silent.js";
import { sources } from "./suites/sources.js";
import { startup } from "./suites/startup.js";
import { texts } from "./suites/texts.js";
import type { Section, Settings, Suite } from "./suites/suite.js";

const SUITES: readonly Suite[] = [
  models,
  texts,
  coba,
  dense,
  sources,
  networks,
  silent,
  parameters,
  scaling,
  methods,
  roofline,
  startup,
];
const NAMES = SUITES.flatMap(({ names }) => names);
/**
 * A suite that `--only NAME --write` may write alone: it has a place of its own in README.md and says when it was
 * measured.
 */
const ALONE = roofline.names[0] as string;
const README = new URL("README.md", import.meta.url);
const LATEST = new URL("results/latest.json", import.meta.url);
const FIGURE = new URL("../docs/images/roofline.svg", import.meta.url);

interface Options {
  readonly quick: boolean;
  readonly write: boolean;
  readonly figure: boolean;
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
        figure: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
      },
    });
    for (const name of values.only) {
      if (!NAMES.includes(name)) fail(`--only ${name}: unknown name. Known: ${NAMES.join(", ")}.`);
    }
    if (values.write && values.only.some((name) => name !== ALONE)) {
      fail(`--write takes the results of all cases, or those of --only ${ALONE}.`);
    }
    return values;
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Puts a text between the markers of README.md with this name. */
function writeTables(name: string, text: string): void {
  const [start, end] = [`<!-- ${name}: start -->`, `<!-- ${name}: end -->`];
  const old = readFileSync(README, "utf8");
  const [before, after] = [old.split(start)[0], old.split(end)[1]];
  if (before === undefined || after === undefined) fail("README.md has lost its markers.");
  writeFileSync(README, `${before}${start}\n\n${text}\n\n${end}${after}`);
}

function writeResults(data: unknown): void {
  mkdirSync(new URL(".", LATEST), { recursive: true });
  writeFileSync(LATEST, `${JSON.stringify(data, null, 2)}\n`);
}

function stored(): StoredResults {
  return JSON.parse(readFileSync(LATEST, "utf8")) as StoredResults;
}

/** Draws docs/images/roofline.svg from results/latest.json. */
function draw(): void {
  const figure = rooflineFigure(stored());
  if (figure === undefined) fail(NO_ROOFS);
  writeFileSync(FIGURE, figure);
}

async function main(): Promise<void> {
  const { quick, write: writes, figure, only } = options();
  if (figure) return draw();
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
    const note = `${quick ? "Measured with --quick: fewer and shorter samples.\n\n" : ""}${machineText(where)}.`;
    const alone = sections.filter(({ id }) => id === ALONE);
    const others = sections.filter(({ id }) => id !== ALONE);
    const results = Object.fromEntries(sections.map(({ id, data }) => [id, data]));
    for (const section of alone) writeTables(ALONE, [note, markdown(section)].join("\n\n"));
    if (others.length > 0) {
      writeTables("results", [note, ...others.map(markdown), verdict].join("\n\n"));
      writeResults({ machine: where, quick, results, shortfalls });
    } else {
      const old = stored();
      writeResults({ ...old, results: { ...old.results, ...results } });
    }
    draw();
  }
  if (failures.length > 0) process.exitCode = 1;
}

await main();

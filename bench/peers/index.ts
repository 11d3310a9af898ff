/**
 * The same networks in other simulators: `npm run bench:peers -- [--only CASE] [--contestants ID] [--rounds N]
 * [--quick] [--write [--busy]]`, `--install`, `--check`, `--pages`. See ../README.md.
 *
 * Exit status: 0 done; 1 a contestant failed or its rate differs, a simulator could not be installed, or README.md and
 * the results differ; 2 unknown option or name, or no Python to install with.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { machine, machineText } from "../machine.js";
import { built } from "../program.js";
import { CASES } from "./cases.js";
import { type Contestant, CONTESTANTS } from "./contestants.js";
import { installPeers } from "./install.js";
import { type CaseResult, merged, readResults, refused, writeResults } from "./results.js";
import { measureCase } from "./rounds.js";
import { speedDifferences, withSpeed } from "./speed.js";
import { durations, missing, problems, tables, withTables } from "./tables.js";

const README = new URL("../../README.md", import.meta.url);
const BENCH = new URL("../README.md", import.meta.url);

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: [] },
        contestants: { type: "string", multiple: true, default: [] },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        write: { type: "boolean", default: false },
        busy: { type: "boolean", default: false },
        install: { type: "boolean", default: false },
        check: { type: "boolean", default: false },
        pages: { type: "boolean", default: false },
      },
    });
    const alone = (["install", "check", "pages"] as const).find((name) => values[name]);
    if (alone && process.argv.length > 3) fail(`--${alone} measures nothing: leave the other options out.`);
    const check = (option: string, asked: readonly string[], known: readonly string[]) => {
      const wrong = asked.find((name) => !known.includes(name));
      if (wrong !== undefined) fail(`--${option} ${wrong}: unknown name. Known: ${known.join(", ")}.`);
    };
    const names = CASES.map(({ name }) => name);
    const ids = CONTESTANTS.map(({ id }) => id);
    check("only", values.only, names);
    check("contestants", values.contestants, ids);
    if (values.write && (values.quick || values.contestants.length > 0)) {
      fail("--write takes full samples of all contestants: leave --quick and --contestants out.");
    }
    if (values.busy && !values.write) fail("--busy says what --write may take: give it too.");
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) fail(`--rounds ${values.rounds}: a number from 1 on.`);
    const chosen = (asked: readonly string[], all: readonly string[]) => new Set(asked.length > 0 ? asked : all);
    return {
      ...values,
      rounds,
      cases: chosen(values.only, names),
      // Without Spikelet there is nothing to compare with.
      ids: chosen(values.contestants.length > 0 ? ["spikelet", ...values.contestants] : [], ids),
    };
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** `--pages`: writes both pages from the results. */
function writePages(results = readResults()): void {
  writeFileSync(BENCH, withTables(readFileSync(BENCH, "utf8"), results));
  writeFileSync(README, withSpeed(readFileSync(README, "utf8"), results));
}

/** Results and both pages anew, with what has been measured; says what is not taken. */
function write(done: CaseResult, busy: boolean): void {
  const order = CASES.map((entry) => ({
    name: entry.name,
    ids: CONTESTANTS.filter((contestant) => contestant.runs(entry)).map(({ id }) => id),
  }));
  const old = readResults();
  const before = old.cases.find(({ name }) => name === done.name);
  const why = refused(before, done, busy);
  if (why !== undefined) {
    process.stdout.write(`\n${done.name}: results/peers.json keeps the run of ${before?.date}: ${why}.\n`);
  }
  const results = merged(old, [done], order, busy);
  writeResults(results);
  writePages(results);
}

const OTHER_TABLES = "bench/README.md: its tables are not those of bench/results/peers.json.";

/** `--check`: whether the pages say what the results say. */
function differences(): string[] {
  const results = readResults();
  const page = readFileSync(BENCH, "utf8");
  return [
    ...speedDifferences(readFileSync(README, "utf8"), results),
    ...(withTables(page, results) === page ? [] : [OTHER_TABLES]),
  ];
}

async function measure(given: ReturnType<typeof options>): Promise<void> {
  const { cases, ids, rounds: asked, quick, write: writes, busy } = given;
  if (!built()) fail("dist/ is missing: npm run build.");
  const where = machine();
  process.stdout.write(`${machineText(where)}\n`);
  const versions: Record<string, string> = {};
  const present: Contestant[] = [];
  for (const contestant of CONTESTANTS.filter(({ id }) => ids.has(id))) {
    const version = await contestant.version();
    process.stdout.write(`  ${contestant.title}: ${version ?? "not installed"}\n`);
    if (version === undefined) continue;
    versions[contestant.id] = version;
    present.push(contestant);
  }
  const done: CaseResult[] = [];
  for (const entry of CASES.filter(({ name }) => cases.has(name))) {
    const rounds = asked ?? (quick ? 2 : (entry.rounds ?? 5));
    const duration = quick ? Math.round(entry.duration / 4) : entry.duration;
    const result = await measureCase(entry, present, {
      rounds,
      duration,
      limits: { prepare: 300, sample: 120 },
      machine: where,
      versions,
      say: (line) => void process.stderr.write(`${line}\n`),
    });
    done.push(result);
    process.stdout.write(`\n${tables({ cases: [result] })}\n`);
    for (const line of problems([result])) process.stdout.write(`\nWithout a ratio: ${line}\n`);
    if (writes) write(result, busy);
  }
  process.stdout.write(`\n${durations(done)}\n`);
  if (done.some(({ entries }) => entries.some((entry) => entry.error !== undefined && !missing(entry))))
    process.exitCode = 1;
}

const given = options();
if (given.install) {
  process.exitCode = await installPeers();
} else if (given.check) {
  const found = differences();
  for (const line of found) process.stderr.write(`${line}\n`);
  if (found.length > 0) process.stderr.write("npm run bench:peers -- --pages writes them anew.\n");
  process.exitCode = found.length > 0 ? 1 : 0;
} else if (given.pages) {
  writePages();
} else {
  await measure(given);
}

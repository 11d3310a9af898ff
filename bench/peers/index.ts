/**
 * The same networks in other simulators: `npm run bench:peers -- [--only CASE] [--contestants ID] [--rounds N]
 * [--quick] [--write]`. See ../README.md.
 *
 * Exit status: 0 done; 1 a contestant failed or its rate differs; 2 unknown option or name.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { digits, markdown } from "../format.js";
import { machine, machineText } from "../machine.js";
import { ratio, type Summary, summary } from "../measure.js";
import { built } from "../program.js";
import { CASES, type PeerCase } from "./cases.js";
import { type Contestant, CONTESTANTS, type Limits, type Ready } from "./contestants.js";
import type { Sample } from "./sample.js";

const START = "<!-- peers: start -->";
const END = "<!-- peers: end -->";

/** What a contestant did in a case. */
interface Entry {
  readonly id: string;
  /** Seconds per biological second, or nanoseconds per neuron and step. */
  readonly time?: Summary;
  /** Times as long as Spikelet; missing when the rates differ. */
  readonly ratio?: Summary;
  readonly setup?: number;
  readonly command?: number;
  /** Hz */
  readonly rate?: number;
  /** Nanoseconds per synaptic event, all of the time counted. */
  readonly perEvent?: number;
  readonly error?: string;
}

interface CaseResult {
  readonly name: string;
  readonly date: string;
  /** Idle cores between the rounds, when the contestants are not at work. */
  readonly free: number;
  readonly rounds: number;
  readonly entries: readonly Entry[];
}

interface Results {
  readonly machine: ReturnType<typeof machine>;
  readonly versions: Readonly<Record<string, string>>;
  readonly cases: readonly CaseResult[];
}

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
      },
    });
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

/** Cores that nobody uses, over a third of a second. */
async function idleCores(): Promise<number> {
  const read = () =>
    cpus().map(({ times }) => ({ idle: times.idle, all: Object.values(times).reduce((a, b) => a + b, 0) }));
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, 333));
  return read().reduce((sum, { idle, all }, i) => {
    const { idle: idleBefore = 0, all: allBefore = 0 } = before[i] ?? {};
    return sum + (idle - idleBefore) / Math.max(1, all - allBefore);
  }, 0);
}

/** Threads that wait for each other say nothing about a contestant where others use the cores. */
async function mustBeFree(threads: number): Promise<void> {
  if (threads < 2) return;
  const free = await idleCores();
  if (free < threads - 0.3) throw new Error(`needs ${threads} idle cores, had ${free.toFixed(1)}`);
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * By how much the rate of samples differs from that of others. Neurons without noise fire nearly together, so the count
 * of a short time may differ by a spike per neuron at the same rate: intervals say more, where both know them.
 */
function difference(
  list: readonly Sample[],
  others: readonly Sample[],
  rateOf: (samples: readonly Sample[]) => number,
): number {
  if (others.length === 0) return NaN;
  const intervals = [list, others].map((samples) => samples.flatMap(({ interval }) => interval ?? []));
  const [a = [], b = []] = intervals;
  if (a.length > 0 && b.length > 0) return summary(b).median / summary(a).median - 1;
  return rateOf(list) / rateOf(others) - 1;
}

/** Makes all contestants of a case ready, then takes one sample of each per round. */
async function measureCase(
  entry: PeerCase,
  contestants: readonly Contestant[],
  { rounds, duration, limits }: { readonly rounds: number; readonly duration: number; readonly limits: Limits },
): Promise<CaseResult> {
  const ready = new Map<string, Ready>();
  const errors = new Map<string, string>();
  const samples = new Map<string, Sample[]>();
  for (const contestant of contestants.filter((one) => one.runs(entry))) {
    process.stderr.write(`${entry.name}: ${contestant.id} ...\n`);
    samples.set(contestant.id, []);
    try {
      await mustBeFree(contestant.threads);
      ready.set(contestant.id, await contestant.prepare(entry, duration, limits));
    } catch (error) {
      errors.set(contestant.id, reason(error));
    }
  }
  const idle: number[] = [];
  for (let round = 0; round < rounds; round++) {
    idle.push(await idleCores());
    for (const [id, one] of ready) {
      if (errors.has(id)) continue;
      try {
        await mustBeFree(contestants.find((contestant) => contestant.id === id)?.threads ?? 1);
        samples.get(id)?.push(await one.sample());
      } catch (error) {
        errors.set(id, reason(error));
      }
    }
  }
  for (const one of ready.values()) one.close?.();
  const free = Number(summary(idle).median.toFixed(1));
  const seconds = duration / 1000;
  const scale = entry.group === "network" ? 1 / seconds : (1e9 * entry.dt) / (duration * entry.size);
  const rateOf = (list: readonly Sample[]) => summary(list.map(({ spikes }) => spikes / entry.size / seconds)).median;
  const mine = samples.get("spikelet") ?? [];
  const rounded = (x: number) => Number(x.toPrecision(4));
  const short = ({ median, p25, p75 }: Summary) => ({ median: rounded(median), p25: rounded(p25), p75: rounded(p75) });
  const entries = [...samples].map(([id, list]): Entry => {
    const error = errors.get(id);
    if (error !== undefined || list.length === 0) return { id, error: error ?? "no samples" };
    const times = list.map(({ simulate }) => simulate * scale);
    const rate = rateOf(list);
    const off = difference(list, mine, rateOf);
    const differs = Math.abs(off) > (entry.tolerances?.[id] ?? entry.tolerance);
    const perEvent =
      entry.fanOut === undefined
        ? {}
        : { perEvent: rounded((summary(times).median * 1e9 * seconds) / (rate * seconds * entry.size * entry.fanOut)) };
    const command = ready.get(id)?.command;
    return {
      id,
      time: short(summary(times)),
      ...(differs || mine.length !== list.length
        ? {}
        : { ratio: short(ratio({ rounds: times }, { rounds: mine.map(({ simulate }) => simulate * scale) })) }),
      setup: rounded(summary(list.map(({ setup }) => setup)).median),
      ...(command === undefined ? {} : { command: rounded(command) }),
      rate: rounded(rate),
      ...perEvent,
      ...(differs ? { error: `its rate differs from Spikelet's by ${(100 * off).toFixed(0)} %` } : {}),
    };
  });
  return { name: entry.name, date: new Date().toISOString().slice(0, 10), free, rounds, entries };
}

/**
 * Whether a contestant lacks a program for one case: no failure, it is left out as one that is not installed at all.
 */
const missing = ({ error }: Entry) => error?.startsWith("not installed") ?? false;

/** `0.123 (4.5)`: time and its ratio to Spikelet's, or why there is none. */
function cell(entry: Entry | undefined): string {
  if (!entry) return "";
  if (missing(entry)) return "not installed";
  if (!entry.time) return entry.error?.startsWith("needs") ? "busy" : "failed";
  const time = digits(entry.time.median);
  if (entry.id === "spikelet") return time;
  return entry.ratio ? `${time} (${digits(entry.ratio.median)})` : `${time}: ${entry.error ? "rate differs" : "?"}`;
}

function tables({ cases }: Pick<Results, "cases">): string {
  const of = (group: PeerCase["group"]) =>
    CASES.filter((entry) => entry.group === group).flatMap((entry) => {
      const result = cases.find(({ name }) => name === entry.name);
      return result ? [{ entry, result }] : [];
    });
  const table = (title: string, chosen: ReturnType<typeof of>, show: (entry: Entry | undefined) => string) => {
    const present = CONTESTANTS.filter(({ id }) =>
      chosen.some(({ result }) => result.entries.some((e) => e.id === id)),
    );
    if (present.length === 0) return "";
    const rows = chosen.map(({ entry, result }) => [
      `${entry.name}: ${entry.title}`,
      digits(result.entries.find(({ id }) => id === "spikelet")?.rate ?? NaN),
      `${result.free}`,
      ...present.map(({ id }) => show(result.entries.find((e) => e.id === id))),
    ]);
    // A contestant's title may say its flags behind a colon: the list above the tables shows them.
    const header = ["case", "rate, Hz", "idle cores", ...present.map(({ title: t }) => t.split(":")[0] as string)];
    return markdown({ title, header, rows });
  };
  const number = (key: "command" | "setup") => (entry: Entry | undefined) => {
    const value = entry?.[key];
    return value === undefined ? "" : digits(value);
  };
  const synaptic = of("network").filter(({ entry }) => entry.fanOut !== undefined);
  return [
    table("Networks: s per biological second, and times as long as Spikelet", of("network"), cell),
    table("Networks: s of set-up in the process that simulates", of("network"), number("setup")),
    table("Networks: s from the command to the spikes on the disk", of("network"), number("command")),
    table("ns per synaptic event, all of the time counted", synaptic, (entry) =>
      entry?.perEvent === undefined ? "" : digits(entry.perEvent),
    ),
    table("10,000 neurons without synapses: ns per neuron and step, and times as long as Spikelet", of("neuron"), cell),
    table("10,000 neurons: s from the command to the spikes on the disk", of("neuron"), number("command")),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function problems(cases: readonly CaseResult[]): string[] {
  return cases.flatMap(({ name, entries }) =>
    entries.flatMap(({ id, error }) => (error === undefined ? [] : [`${name}, ${id}: ${error}`])),
  );
}

const RESULTS = new URL("../results/peers.json", import.meta.url);

/** Puts new cases in the place of old ones. */
function merged(results: Results): Results {
  if (!existsSync(RESULTS)) return results;
  const old = JSON.parse(readFileSync(RESULTS, "utf8")) as Results;
  const fresh = new Map(results.cases.map((entry) => [entry.name, entry]));
  const kept = old.cases.filter(({ name }) => !fresh.has(name));
  // What is not installed this time was in the cases that are kept.
  return { ...results, versions: { ...old.versions, ...results.versions }, cases: [...kept, ...results.cases] };
}

function write(results: Results): void {
  const all = merged(results);
  mkdirSync(new URL("../results/", import.meta.url), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(all, null, 1)}\n`);
  const readme = new URL("../README.md", import.meta.url);
  const old = readFileSync(readme, "utf8");
  const [before, after] = [old.split(START)[0], old.split(END)[1]];
  if (before === undefined || after === undefined) fail("README.md has lost its markers.");
  const busy = all.cases.filter(({ free }) => free < all.machine.cores - 0.3).length;
  const warning =
    `**Others were at work during ${busy} of ${all.cases.length} cases** (idle cores). CPU times are then less certain; wall ` +
    "times, from the command to the spikes, are too long for everybody, most for Brian2, whose compilers run side by side.";
  const failed = problems(all.cases).map((line) => `- ${line}`);
  const text = [
    `${machineText(all.machine)}.`,
    ...(busy > 0 ? [warning] : []),
    CONTESTANTS.map(({ id, title }) => `- ${title} (${all.versions[id] ?? "not installed"})`).join("\n"),
    tables(all),
    ...(failed.length > 0 ? [["Without a ratio:", "", ...failed].join("\n")] : []),
  ].join("\n\n");
  writeFileSync(readme, `${before}${START}\n\n${text}\n\n${END}${after}`);
}

async function main(): Promise<void> {
  const { cases, ids, rounds: asked, quick, write: writes } = options();
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
    const result = await measureCase(entry, present, { rounds, duration, limits: { prepare: 300, sample: 120 } });
    done.push(result);
    process.stdout.write(`\n${tables({ cases: [result] })}\n`);
    for (const line of problems([result])) process.stdout.write(`\nWithout a ratio: ${line}\n`);
    if (writes) write({ machine: where, versions, cases: done });
  }
  if (done.some(({ entries }) => entries.some((entry) => entry.error !== undefined && !missing(entry))))
    process.exitCode = 1;
}

await main();

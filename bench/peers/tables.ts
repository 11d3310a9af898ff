/** Results as tables: those of the terminal and of ../README.md. */
import { digits, markdown } from "../format.js";
import { machineText } from "../machine.js";
import { CASES, type PeerCase } from "./cases.js";
import { CONTESTANTS } from "./contestants.js";
import { disturbed, entryOf, type CaseResult, type Entry, type Results } from "./results.js";

const START = "<!-- peers: start -->";
const END = "<!-- peers: end -->";

/**
 * Whether a contestant lacks a program for one case: no failure, it is left out as one that is not installed at all.
 */
export const missing = ({ error }: Entry): boolean => error?.startsWith("not installed") ?? false;

const star = (entry: Entry): string => (entry.earlier ? "\\*" : "");

/** `0.123 (4.5)`: time and its ratio to Spikelet's, or why there is none. */
function cell(entry: Entry | undefined): string {
  if (!entry) return "";
  if (missing(entry)) return "not installed";
  if (!entry.time) return entry.error?.startsWith("needs") ? "busy" : "failed";
  const time = digits(entry.time.median);
  if (entry.id === "spikelet") return time;
  const compared = entry.ratio ? ` (${digits(entry.ratio.median)})` : `: ${entry.error ? "rate differs" : "?"}`;
  return time + compared + star(entry);
}

/** `NEST 3.10.0, 2 threads`: a contestant's title with the version in the place of its name. */
export function named(title: string, version: string | undefined): string {
  const name = version?.split(" ")[0] as string;
  return version !== undefined && title.startsWith(name) ? title.replace(name, version) : title;
}

const versionsOf = (list: readonly CaseResult[], id: string): string[] => [
  ...new Set(
    list.flatMap((result) => {
      const entry = entryOf(result, id);
      return (entry?.earlier ? entry.earlier.version : result.versions[id]) ?? [];
    }),
  ),
];

/** All tables that there are results for. */
export function tables({ cases }: Results): string {
  const of = (group: PeerCase["group"]) =>
    CASES.filter((entry) => entry.group === group).flatMap((entry) => {
      const result = cases.find(({ name }) => name === entry.name);
      return result ? [{ entry, result }] : [];
    });
  const table = (title: string, chosen: ReturnType<typeof of>, show: (entry: Entry | undefined) => string) => {
    const results = chosen.map(({ result }) => result);
    const present = CONTESTANTS.filter(({ id }) => results.some((result) => show(entryOf(result, id)) !== ""));
    if (present.length === 0) return "";
    const rows = chosen.map(({ entry, result }) => [
      `${entry.name}: ${entry.title}`,
      digits(entryOf(result, "spikelet")?.rate ?? NaN),
      `${result.free}`,
      ...present.map(({ id }) => show(entryOf(result, id))),
    ]);
    const header = present.map(({ id, title: text }) => {
      const versions = versionsOf(results, id);
      // A contestant's title may say its flags behind a colon: the list above the tables shows them.
      return named(text.split(":")[0] as string, versions.length === 1 ? versions[0] : undefined);
    });
    return markdown({ title, header: ["case", "rate, Hz", "idle cores", ...header], rows });
  };
  const number = (key: "command" | "setup") => (entry: Entry | undefined) => {
    const value = entry?.[key];
    return value === undefined ? "" : digits(value) + star(entry as Entry);
  };
  const synaptic = of("network").filter(({ entry }) => entry.fanOut !== undefined);
  return [
    table("Networks: s per biological second, and times as long as Spikelet", of("network"), cell),
    table("Networks: s of set-up in the process that simulates", of("network"), number("setup")),
    table("Networks: s from the command to the spikes on the disk", of("network"), number("command")),
    table("ns per synaptic event, all of the time counted", synaptic, (entry) =>
      entry?.perEvent === undefined ? "" : digits(entry.perEvent) + star(entry),
    ),
    table("10,000 neurons without synapses: ns per neuron and step, and times as long as Spikelet", of("neuron"), cell),
    table("10,000 neurons: s from the command to the spikes on the disk", of("neuron"), number("command")),
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** Why there is no ratio, or none of this run. */
export function problems(cases: readonly CaseResult[]): string[] {
  const origin = ({ date, cpu, version = "?", why }: NonNullable<Entry["earlier"]>): string =>
    `of ${date}, ${cpu}, ${version}; the last run: ${why}`;
  return cases.flatMap(({ name, entries }) =>
    entries.flatMap(({ id, error, earlier }) => [
      ...(error === undefined ? [] : [`${name}, ${id}: ${error}`]),
      ...(earlier === undefined ? [] : [`\\* ${name}, ${id}: ${origin(earlier)}`]),
    ]),
  );
}

/** `2 min 5 s` */
const minutes = (seconds: number): string =>
  seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** How long cases took, on one line. */
export function durations(cases: readonly CaseResult[]): string {
  const known = cases.filter((entry): entry is CaseResult & { took: number } => entry.took !== undefined);
  const all = known.reduce((sum, { took }) => sum + took, 0);
  return `${known.map(({ name, took }) => `${name} ${minutes(took)}`).join(", ")}; together ${minutes(all)}`;
}

/** What stands between the markers of ../README.md. */
export function benchText(results: Results): string {
  const { cases } = results;
  const runs = byMachine(cases);
  const busy = cases.filter(disturbed).length;
  const warning =
    `**Others were at work during ${busy} of ${cases.length} cases** (idle cores). CPU times are then less certain; wall ` +
    "times, from the command to the spikes, are too long for everybody, most for Brian2, whose compilers run side by side.";
  const failed = problems(cases).map((line) => `- ${line}`);
  const timed = cases.some(({ took }) => took !== undefined);
  return [
    ...[...runs].map(([text, list]) => {
      const names = list.map(({ name }) => name).join(", ");
      return runs.size > 1 ? `${text}: ${names}.` : `${text}.`;
    }),
    ...(timed ? [`Measuring took: ${durations(cases)}.`] : []),
    ...(busy > 0 ? [warning] : []),
    CONTESTANTS.map(
      ({ id, title }) => `- ${title} (${versionsOf(cases, id).join(", ") || "not installed"})`,
    ).join("\n"),
    tables(results),
    ...(failed.length > 0 ? [["Without a ratio, or with that of an earlier run:", "", ...failed].join("\n")] : []),
  ].join("\n\n");
}

function byMachine(cases: readonly CaseResult[]): Map<string, CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const entry of cases) {
    const text = machineText(entry.machine);
    groups.set(text, [...(groups.get(text) ?? []), entry]);
  }
  return groups;
}

/** bench/README.md with the tables of these results. */
export function withTables(page: string, results: Results): string {
  const [before, rest] = page.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`bench/README.md has no ${START} and ${END}.`);
  return `${before}${START}\n\n${benchText(results)}\n\n${END}${after}`;
}

/** The table of README.md, from results/peers.json alone. */
import { disturbed, entryOf, type CaseResult, type Entry, type Results } from "./results.js";

const START = "<!-- speed: start -->";
const END = "<!-- speed: end -->";

/** Rows: cases under the names that a reader knows them by. */
export const ROWS: readonly { readonly name: string; readonly title: string }[] = [
  { name: "coba", title: "COBA, 4000 neurons, exponential Euler" },
  { name: "cobaEuler", title: "the same, Euler" },
  { name: "cuba", title: "CUBA, 4000 neurons, exact" },
  { name: "cobahh", title: "COBAHH, 4000 Hodgkin-Huxley neurons" },
  { name: "brunel", title: "Brunel, 12,500 neurons, 15.6 million synapses, Poisson input" },
  { name: "brunelDrive", title: "the same with a constant drive" },
  { name: "microcircuit", title: "Potjans-Diesmann microcircuit at a tenth, 7717 neurons, Poisson input" },
  { name: "fly", title: "a fly's brain, 138,639 neurons, 15.1 million pairs, synthetic graph" },
  { name: "izhikevich2003", title: "Izhikevich 2003" },
  { name: "stdp", title: "STDP on 1000 synapses" },
  { name: "plastic", title: "STDP on 10 million synapses" },
];
/** The row of times from the command. */
const COMMAND = { name: "coba", title: "COBA" };

/** Columns of other simulators, in which a ratio stands. */
const OTHERS = ["brian2", "nest", "neuron"];

/** Two significant digits. */
const short = (x: number): string => (x >= 99.5 ? `${Number(x.toPrecision(2))}` : x.toPrecision(2));

/** Seconds; those of an earlier run are not to be compared with those beside them. */
const seconds = (entry: Entry | undefined, value: number | undefined, unit = ""): string =>
  value === undefined || entry?.earlier ? "" : `${short(value)}${unit}`;

/** A ratio; a star says that it comes from an earlier run. */
const times = (entry: Entry | undefined, value: number | undefined): string =>
  value === undefined ? "" : `${short(value)}${entry?.earlier ? "\\*" : ""}`;

/** What Spikelet needs, with one thread and with two. */
const mine = (result: CaseResult, value: (entry: Entry) => number | undefined, unit?: string): string[] =>
  ["spikelet", "spikelet2"].map((id) => {
    const entry = entryOf(result, id);
    return seconds(entry, entry && value(entry), unit);
  });

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

const unique = (list: readonly string[]): string[] => [...new Set(list)];

/** `2026-11-28 to 2026-11-29` */
function span(dates: readonly string[]): string {
  const sorted = unique(dates).sort();
  return sorted.length > 1 ? `${sorted[0]} to ${sorted.at(-1)}` : (sorted[0] ?? "");
}

function tableOf({ cases }: Results): Table {
  const caseOf = (name: string) => cases.find((entry) => entry.name === name);
  const chosen = ROWS.flatMap(({ name, title }) => {
    const result = caseOf(name);
    return entryOf(result, "spikelet")?.time ? [{ title, result: result as CaseResult }] : [];
  });
  const columns = OTHERS.filter((id) => chosen.some(({ result }) => entryOf(result, id)?.ratio));
  const versionOf = (id: string) =>
    unique(
      chosen.flatMap(({ result }) => {
        const entry = entryOf(result, id);
        return entry?.ratio ? (entry.earlier ? entry.earlier.version : result.versions[id]) ?? [] : [];
      }),
    ).join(", ");
  const others = (result: CaseResult, value: (entry: Entry) => number | undefined) =>
    columns.map((id) => {
      const entry = entryOf(result, id);
      return times(entry, entry && value(entry));
    });
  const rows = chosen.map(({ title, result }) => [
    title,
    ...mine(result, ({ time }) => time?.median),
    ...others(result, ({ ratio }) => ratio?.median),
  ]);
  const command = caseOf(COMMAND.name);
  const needed = entryOf(command, "spikelet")?.command;
  if (command && needed !== undefined) {
    rows.push([
      `from the command, ${COMMAND.title} (${command.simulated / 1000} s simulated)`,
      ...mine(command, (entry) => entry.command, " s"),
      // Of an earlier run there would be another machine in the quotient.
      ...others(command, (entry) => (entry.earlier ? undefined : entry.command && entry.command / needed)),
    ]);
  }
  const results = chosen.map(({ result }) => result);
  const busy = results.filter(disturbed).length;
  const machines = unique(results.map(({ machine: m }) => `${m.cpu}, ${m.cores} cores, Node ${m.node}`));
  const measured = `Measured ${span(results.map(({ date }) => date))} on ${machines.join(" and on ")}.`;
  const earlier = results.flatMap((result) => columns.flatMap((id) => entryOf(result, id)?.earlier?.date ?? []));
  const notes = [
    measured,
    ...(busy > 0 ? [`Others were at work there during ${busy} of ${results.length} rows.`] : []),
    ...(earlier.length > 0 ? [`\\* of an earlier run (${span(earlier)}), beside the Spikelet of then.`] : []),
  ];
  return {
    header: ["network", "Spikelet", "two threads", ...columns.map((id) => `${versionOf(id)} takes`)],
    rows,
    notes,
  };
}

const line = (cells: readonly string[]): string => `|${cells.map((text) => (text ? ` ${text} ` : " ")).join("|")}|`;

/** The table as it stands in README.md, with when and where it was measured. */
export function speedText(results: Results): string {
  const { header, rows, notes } = tableOf(results);
  return [line(header), `|${header.map(() => "---|").join("")}`, ...rows.map(line), "", ...notes].join("\n");
}

function parts(readme: string): readonly [before: string, inside: string, after: string] {
  const [before, rest] = readme.split(START);
  const [inside, after] = rest?.split(END) ?? [];
  if (before === undefined || inside === undefined || after === undefined) {
    throw new Error(`README.md has no ${START} and ${END}.`);
  }
  return [before, inside, after];
}

/** README.md with the table of these results. */
export function withSpeed(readme: string, results: Results): string {
  const [before, , after] = parts(readme);
  return `${before}${START}\n\n${speedText(results)}\n\n${END}${after}`;
}

/** Rows of the text of a table, by their first cell. */
function rowsOf(text: string): Map<string, readonly string[]> {
  const lines = text.split("\n").filter((one) => one.startsWith("| "));
  const cells = lines.map((one) => one.slice(1, -1).split("|").map((part) => part.trim()));
  return new Map(cells.map(([title = "", ...others]) => [title, others]));
}

/** In which rows README.md says other things than the results, a line for each; none if they agree. */
export function speedDifferences(readme: string, results: Results): string[] {
  const [, inside] = parts(readme);
  const wanted = speedText(results);
  const [here, there] = [rowsOf(inside), rowsOf(wanted)];
  const { header } = tableOf(results);
  const found: string[] = [];
  for (const [title, cells] of there) {
    const stands = here.get(title);
    if (stands === undefined) {
      found.push(`"${title}": README.md has no such row.`);
      continue;
    }
    for (let i = 0; i < Math.max(cells.length, stands.length); i++) {
      const [now = "", should = ""] = [stands[i], cells[i]];
      if (now === should) continue;
      const column = title === header[0] ? "heading" : (header[i + 1] ?? `column ${i + 2}`);
      found.push(`"${title}", ${column}: "${now}" in README.md, "${should}" by bench/results/peers.json.`);
    }
  }
  for (const title of here.keys()) if (!there.has(title)) found.push(`"${title}": peers.json has no such row.`);
  if (found.length === 0 && inside.trim() !== wanted.trim()) found.push("The text below the table is another one.");
  return found;
}

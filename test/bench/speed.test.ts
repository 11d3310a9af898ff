import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CASES } from "../../bench/peers/cases.js";
import { CONTESTANTS } from "../../bench/peers/contestants.js";
import {
  type CaseResult,
  type Entry,
  entryOf,
  merged,
  mergedCase,
  readResults,
  refused,
} from "../../bench/peers/results.js";
import { ROWS, speedDifferences, speedText, withSpeed } from "../../bench/peers/speed.js";
import { named, withTables } from "../../bench/peers/tables.js";

const results = readResults();
const readme = readFileSync("README.md", "utf8");

const machine = {
  cpu: "Some processor",
  cores: 2,
  os: "Linux",
  node: "20.0.0",
  v8: "11",
  spikelet: "0.1.0",
  clock: "CPU time",
  load: 0,
  date: "2026-11-29",
};
const same = (median: number) => ({ median, p25: median, p75: median });
const entry = (id: string, time: number, ratio: number, more: Partial<Entry> = {}): Entry => ({
  id,
  time: same(time),
  ratio: same(ratio),
  ...more,
});
const made = (name: string, date: string, entries: readonly Entry[], versions: Record<string, string>): CaseResult => ({
  name,
  date,
  machine: { ...machine, date },
  versions,
  free: 2,
  rounds: 5,
  simulated: 2200,
  entries,
});

describe("the table of speed in README.md", () => {
  it("is that of bench/results/peers.json", () => {
    expect(speedDifferences(readme, results)).toEqual([]);
    expect(withSpeed(readme, results)).toBe(readme);
  });

  it("shows cases that there are", () => {
    const names = CASES.map(({ name }) => name);
    for (const { name } of ROWS) expect(names).toContain(name);
    for (const { name, entries } of results.cases) {
      const known = CONTESTANTS.filter((one) => one.runs(CASES.find((c) => c.name === name)!)).map(({ id }) => id);
      for (const { id } of entries) expect(known, name).toContain(id);
    }
  });

  it("differs when a ratio is changed, in the results or on the page: the row and column are named", () => {
    const changed = {
      cases: results.cases.map((one) => ({
        ...one,
        entries: one.entries.map((e) =>
          one.name === "brunel" && e.id === "brian2" ? { ...e, ratio: same(123) } : e,
        ),
      })),
    };
    const title = ROWS.find(({ name }) => name === "brunel")!.title;
    const [line, ...others] = speedDifferences(readme, changed);
    expect(others).toEqual([]);
    expect(line).toMatch(new RegExp(`^"${title}", Brian2 \\S+ takes: "\\S+" in README.md, "120" by`));

    const row = readme.split("\n").find((text) => text.startsWith(`| ${title} |`))!;
    const cells = row.split(" | ");
    cells[1] = "0.0011";
    expect(speedDifferences(readme.replace(row, cells.join(" | ")), results)).toEqual([
      expect.stringContaining(`"${title}", Spikelet: "0.0011" in README.md, "`),
    ]);
    expect(speedDifferences(readme.replace(`${row}\n`, ""), results)).toEqual([
      `"${title}": README.md has no such row.`,
    ]);
    expect(speedDifferences(readme.replace(row, `${row}\n| more | 1 |`), results)).toEqual([
      '"more": peers.json has no such row.',
    ]);
    expect(() => speedDifferences(readme.replace("<!-- speed: start -->", ""), results)).toThrow("has no <!-- speed");
  });

  it("has two digits, versions, an empty cell for what was not measured, and the time from the command", () => {
    const text = speedText({
      cases: [
        made(
          "coba",
          "2026-11-29",
          [
            entry("spikelet", 0.1234, 1, { command: 0.5 }),
            entry("spikelet2", 0.0801, 0.65, { command: 0.45 }),
            entry("brian2", 0.2, 1.617, { command: 10 }),
          ],
          { brian2: "Brian2 2.11.0" },
        ),
        made(
          "brunel",
          "2026-11-30",
          [
            entry("spikelet", 1.55, 1),
            entry("spikelet2", 4, 0.5, {
              earlier: { date: "2026-10-01", cpu: "x", version: "Node 20", why: "busy" },
            }),
            entry("nest", 26, 156.7, {
              earlier: { date: "2026-11-01", cpu: "x", version: "NEST 3.9", why: "busy" },
            }),
          ],
          { nest: "NEST 3.10.0" },
        ),
      ],
    });
    expect(text.split("\n")).toEqual([
      "| network | Spikelet | two threads | Brian2 2.11.0 takes | NEST 3.9 takes |",
      "|---|---|---|---|---|",
      "| COBA, 4000 neurons, exponential Euler | 0.12 | 0.080 | 1.6 | |",
      "| Brunel, 12,500 neurons, 15.6 million synapses, Poisson input | 1.6 | | | 160\\* |",
      "| from the command, COBA (2.2 s simulated) | 0.50 s | 0.45 s | 20 | |",
      "",
      "Measured 2026-11-29 to 2026-11-30 on Some processor, 2 cores, Node 20.0.0.",
      "\\* of an earlier run (2026-11-01), beside the Spikelet of then.",
    ]);
  });
});

describe("bench/README.md", () => {
  it("has the tables of bench/results/peers.json", () => {
    const page = readFileSync("bench/README.md", "utf8");
    expect(withTables(page, results)).toBe(page);
  });

  it("names contestants with their versions", () => {
    expect(named("NEST, 2 threads", "NEST 3.10.0")).toBe("NEST 3.10.0, 2 threads");
    expect(named("Spikelet, 2 threads", "Node 20.20.2")).toBe("Spikelet, 2 threads");
    expect(named("NEURON", undefined)).toBe("NEURON");
  });
});

describe("a new run", () => {
  const ids = ["spikelet", "brian2", "nest"];
  const old = made(
    "coba",
    "2026-11-01",
    [entry("spikelet", 2, 1), entry("brian2", 4, 2), entry("nest", 20, 10), entry("gone", 1, 1)],
    { brian2: "Brian2 2.10", nest: "NEST 3.9" },
  );

  it("takes the place of the one before, but what failed or is not installed keeps its numbers", () => {
    const fresh = made(
      "coba",
      "2026-11-29",
      [entry("spikelet", 1, 1), { id: "brian2", error: "needs 2 idle cores, had 1.0" }],
      { brian2: "Brian2 2.11.0" },
    );
    const result = mergedCase(old, fresh, ids);
    expect(result.date).toBe("2026-11-29");
    expect(result.entries.map(({ id, time }) => [id, time?.median])).toEqual([
      ["spikelet", 1],
      ["brian2", 4],
      ["nest", 20],
    ]);
    const of = { date: "2026-11-01", cpu: "Some processor" };
    const why = "needs 2 idle cores, had 1.0";
    expect(entryOf(result, "brian2")?.earlier).toEqual({ ...of, version: "Brian2 2.10", why });
    expect(entryOf(result, "nest")?.earlier).toEqual({ ...of, version: "NEST 3.9", why: "not installed" });
    // Once more: it is still of the first day.
    const third = mergedCase(result, { ...fresh, date: "2026-12-01" }, ids);
    expect(entryOf(third, "nest")?.earlier?.date).toBe("2026-11-01");
  });

  it("without a time of Spikelet changes nothing", () => {
    const fresh = made("coba", "2026-11-29", [{ id: "spikelet", error: "no" }, entry("brian2", 1, 1)], {});
    expect(refused(old, fresh, true)).toBe("Spikelet has no time");
    const left = { ...old, entries: old.entries.filter(({ id }) => id !== "gone") };
    expect(merged({ cases: [old] }, [fresh], [{ name: "coba", ids }], true).cases).toEqual([left]);
  });

  it("on cores that others use takes the place of another such one, or when it is told so", () => {
    const fresh = { ...made("coba", "2026-11-29", [entry("spikelet", 1, 1)], {}), free: 0.4 };
    const datesAfter = (before: CaseResult, busy: boolean) =>
      merged({ cases: [before] }, [fresh], [{ name: "coba", ids }], busy).cases.map(({ date }) => date);
    expect(refused(old, fresh, false)).toMatch("others were at work, 0.4 of 2 cores were idle");
    expect(datesAfter(old, false)).toEqual([old.date]);
    expect(datesAfter(old, true)).toEqual([fresh.date]);
    expect(datesAfter({ ...old, free: 1 }, false)).toEqual([fresh.date]);
    expect(merged({ cases: [] }, [fresh], [{ name: "coba", ids }]).cases).toEqual([fresh]);
  });

  it("leaves cases that it did not run, in the order of the list", () => {
    const fresh = made("cuba", "2026-11-29", [entry("spikelet", 1, 1)], {});
    const order = ["cuba", "coba", "brunel"].map((name) => ({ name, ids }));
    const left = { ...old, entries: old.entries.filter(({ id }) => id !== "gone") };
    expect(merged({ cases: [old] }, [fresh], order).cases).toEqual([fresh, left]);
  });

  it("shows a rate that differs in place of an older ratio", () => {
    const { ratio: _, ...differs } = entry("brian2", 3, 1, { error: "its rate differs from Spikelet's by 30 %" });
    const fresh = made("coba", "2026-11-29", [entry("spikelet", 1, 1), differs], {});
    expect(entryOf(mergedCase(old, fresh, ids), "brian2")).toEqual(differs);
  });
});

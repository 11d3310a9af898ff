/** `spikelet sweep` and `--set`: values in place of a model file's, a run for each, one table. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { valueOf, valuesOf } from "../../src/cli/range.js";
import { Bench, called, network, rows, single, spikelet } from "./spikelet.js";
import { fileURLToPath } from "node:url";

const bench = new Bench();
afterAll(() => bench.remove());
const file = bench.file("net.json", network({ duration: 10 }));
const call = (...words: string[]) => called(words, { cwd: bench.folder });
const sweep = (...words: string[]) => spikelet(["sweep", ...words], { cwd: bench.folder });
const text = (...names: string[]): string => readFileSync(bench.path(...names), "utf8");

describe("values", () => {
  it.each([
    ["1,2,5", [1, 2, 5]],
    ["0..1:0.25", [0, 0.25, 0.5, 0.75, 1]],
    ["0..0.3:0.1", [0, 0.1, 0.2, 0.3]],
    ["5..1:-2", [5, 3, 1]],
    ["0..1/5", [0, 0.25, 0.5, 0.75, 1]],
    ["1..1000/4 log", [1, 10, 100, 1000]],
    ["3..1", [3, 2, 1]],
    ["1..3, 10 ms", [1, 2, 3, "10 ms"]],
    ['[{"normal":[-60,5]},-60,"5 ms"]', [{ normal: [-60, 5] }, -60, "5 ms"]],
    ["true,euler", [true, "euler"]],
  ])("%s", (written, values) => {
    expect(valuesOf(written, "--vary x")).toEqual(values);
  });

  it.each([
    "1..",
    "0.5..2",
    "1..3:0",
    "1..3:-1",
    "0..1/1",
    "0..1/2.5",
    "0..10/3 log",
    "1..10 log",
    "1,,2",
    "[]",
    "1..1e9",
  ])("refused: %s", (written) => {
    expect(() => valuesOf(written, "--vary x")).toThrow(/^--vary x: /);
  });

  it("refuses what begins like JSON and is none", () => {
    expect(() => valueOf("{a: 1}")).toThrow('"{a: 1}" begins like JSON and is none.');
  });
});

describe("--set", () => {
  it("puts values into the model file of a run, which run.json then has", async () => {
    const set = [
      "--set",
      "populations.exc.background[0].amplitude=0",
      "--set",
      'populations.exc.init={"v":"-70 mV"}',
      "--set",
      "duration=5 ms",
    ];
    expect((await call("run", file, ...set, "--out", "set", "--no-plots", "-q")).status).toBe(0);
    const { duration, document } = await bench.run("set");
    expect(duration).toBe(5);
    expect(document).toMatchObject({
      populations: [{ background: [{ amplitude: 0 }, {}], init: { v: "-70 mV" } }, {}],
    });
  });

  it.each([
    ["tau_m=5", /unknown key "tau_m"/],
    ["populations.exc.params.tau=5", /unknown parameter "tau"; did you mean "tau_m"\?.* The file is right by itself; --set populations.exc.params.tau=5 does not/],
    ["populations.ex.size=5", /^error: --set populations.ex.size: \$.populations has no element "ex"; did you mean "exc"\?/],
    ["=5", /must be PLACE=VALUE/],
    ["dt", /must be PLACE=VALUE/],
  ])("refuses %s", async (set, message) => {
    const { status, err } = await call("run", file, "--set", set, "--out", "refused");
    expect([status, bench.has("refused")]).toEqual([2, false]);
    expect(err).toMatch(message);
  });
});

describe("spikelet sweep", () => {
  const vary = ["--vary", "populations.exc.background[0].amplitude=300..400/2", "--vary", "seed=1..2"];

  it("is a run for each combination, with one table; each is what its command makes", async () => {
    const { status, out } = await sweep(file, ...vary, "--out", "grid");
    expect([status, out]).toEqual([0, "grid/sweep.csv: 4 runs: 4 done.\n"]);
    const table = rows(text("grid", "sweep.csv"));
    expect(table.map((row) => row.slice(0, 4))).toEqual([
      ["1", "300", "1", "done"],
      ["2", "300", "2", "done"],
      ["3", "400", "1", "done"],
      ["4", "400", "2", "done"],
    ]);
    const set = ["--set", "populations.exc.background[0].amplitude=400", "--set", "seed=1"];
    await call("run", file, ...set, "--out", "alone", "--no-plots", "-q");
    const spikes = text("grid", "points", "0003", "spikes.csv");
    expect(spikes).toBe(text("alone", "spikes.csv"));
    expect(table[2]?.[4]).toBe(String((await bench.run("alone")).populations.exc?.spikes));
    expect(text("grid", "points", "0004", "spikes.csv")).not.toBe(spikes);
  });

  it("goes on where runs are missing, and refuses to mix sweeps", async () => {
    rmSync(bench.path("grid", "points", "0002"), { recursive: true });
    const before = text("grid", "points", "0001", "run.json");
    const { status, err } = await sweep(file, ...vary, "--out", "grid");
    expect([status, err]).toEqual([0, "3 runs are there already.\n"]);
    expect(bench.has("grid", "points", "0002", "run.json")).toBe(true);
    expect(text("grid", "points", "0001", "run.json")).toBe(before);
    const other = await sweep(file, "--vary", "seed=1..2", "--out", "grid");
    expect([other.status, other.err]).toEqual([2, expect.stringContaining("the folder holds a sweep of other values; choose another --out")]);
    const own = await sweep(file, "--vary", "seed=1..2", "--out", ".");
    expect([own.status, own.err]).toEqual([2, expect.stringContaining("the folder holds something else than a sweep")]);
  });

  it("is prepared for other machines, line by line, and collected", async () => {
    const { out } = await sweep(
      file,
      "--vary",
      "seed=1..3",
      "--vary",
      "dt=0.1,0.1,0.05",
      "--together",
      "--prepare",
      "--out",
      "away",
    );
    expect(out).toContain("away: 3 runs prepared.");
    expect(existsSync(bench.path("away", "points"))).toBe(false);
    const lines = text("away", "commands.txt").trim().split("\n");
    expect(lines[2]).toBe("${SPIKELET:-spikelet} run ../net.json --set seed=3 --set dt=0.05 --out points/0003 --threads 1 --no-plots --quiet");
    // a task of the array, as Slurm starts it
    const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
    const env = { ...process.env, SPIKELET: `${process.execPath} ${cli}`, SLURM_ARRAY_TASK_ID: "1", FIRST: "1" };
    execFileSync("bash", ["slurm.sh"], { cwd: bench.path("away"), env });
    const { status, out: collected } = await call("sweep", "--collect", "away");
    expect([status, collected]).toEqual([0, "away/sweep.csv: 3 runs: 2 missing, 1 done.\n"]);
    expect(rows(text("away", "sweep.csv")).map((row) => row.slice(0, 4))).toEqual([
      ["1", "1", "0.1", "missing"],
      ["2", "2", "0.1", "done"],
      ["3", "3", "0.05", "missing"],
    ]);
  });

  it("says which run became unstable, and makes the others", async () => {
    const pulse = { kind: "pulses", amplitude: 0, start: 20, width: 10 };
    const unstable = bench.file("unstable.json", single({ model: "izhikevich", background: [pulse] }));
    const { status, out, err } = await sweep(
      unstable,
      "--vary",
      "populations.p.background[0].amplitude=-5000,0",
      "--out",
      "unstable",
    );
    expect([status, out]).toEqual([3, "unstable/sweep.csv: 2 runs: 1 unstable, 1 done.\n"]);
    expect(err).toMatch(/^points\/0001 \(populations\.p\.background\[0\]\.amplitude -5000\)\n/);
  });

  it.each([
    [[], /--vary: what changes from run to run is missing/],
    [["--vary", "seed=1..2", "--vary", "seed=3"], /--vary seed: it is varied twice/],
    [["--vary", "seed=1..2", "--vary", "dt=0.1", "--together"], /as many values each; seed has 2, dt has 1/],
    [["--vary", "seed=1..1000", "--vary", "duration=1..1000"], /1000000 runs; a sweep has at most/],
    [["--vary", "populations.exc.size=5,-1"], /size: -1.*--vary populations\.exc\.size=-1 does not/],
    [["--vary", "seed=1..2", "--jobs", "0"], /--jobs: "0"; it must be an integer from 1 to 1024/],
  ])("refuses %j before any run", async (words, message) => {
    const { status, err } = await call("sweep", file, ...words, "--out", "never");
    expect([status, bench.has("never")]).toEqual([2, false]);
    expect(err).toMatch(message);
  });

  it("keeps a folder whose sweep.json it cannot read", async () => {
    const { folder } = bench;
    rmSync(`${folder}/odd`, { recursive: true, force: true });
    await sweep(file, "--vary", "seed=1", "--prepare", "--out", "odd");
    writeFileSync(bench.path("odd", "sweep.json"), "{");
    const { status, err } = await call("sweep", file, "--vary", "seed=1", "--out", "odd");
    expect([status, err]).toEqual([2, expect.stringContaining("this is not what a sweep writes")]);
  });
});

/** Every way in which a run can end, with its exit status. */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, called, network, rows, single, spikelet, until } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const file = bench.file("pair.json", network());
const run = (...words: string[]) => called(["run", ...words], { cwd: bench.folder });

/** What a call that must fail with status 2 prints, which is one message. In this process, which is faster. */
async function refused(...words: string[]): Promise<string> {
  const { status, out, err } = await called(words);
  expect([words.join(" "), status, out]).toEqual([words.join(" "), 2, ""]);
  expect(err).toMatch(/^error: /);
  expect(err.trimEnd().split("\n").filter((line) => !line.startsWith("Help: "))).toHaveLength(1);
  return err;
}

describe("exit status 2: the call", () => {
  it.each([
    ["an unknown option", ["run", "x.json", "--seeed", "1"], "unknown option '--seeed'; did you mean --seed?"],
    ["an unknown command", ["rnu", "x.json"], "unknown command 'rnu'; did you mean run?"],
    ["a file without a command", ["x.json"], "did you mean: spikelet run x.json"],
    ["a missing file", ["run"], "missing required argument 'file'"],
    ["a missing value", ["run", "x.json", "--seed"], "option '--seed <n>' argument missing"],
    ["too many files", ["run", "x.json", "y.json"], "too many arguments"],
    ["a dt of 0", ["run", file, "--dt", "0"], "--dt: 0 ms; it must be > 0 ms."],
    ["a negative dt", ["run", file, "--dt", "-0.1"], "--dt: -0.1 ms; it must be > 0 ms."],
    ["a dt that is no number", ["run", file, "--dt", "x"], '--dt: "x"; it must be a number or a text such as "10 ms".'],
    ["a dt of another dimension", ["run", file, "--dt", "5 mV"], '--dt: "5 mV"; "mV" cannot be converted to ms.'],
    ["an empty duration", ["run", file, "--duration", ""], '--duration: ""; it must be a number'],
    ["a negative duration", ["run", file, "--duration=-1"], "--duration: -1 ms; it must be >= 0 ms."],
    ["a seed that is no integer", ["run", file, "--seed", "1.5"], "--seed: 1.5; it must be an integer from 0"],
    ["a seed that is no number", ["run", file, "--seed", "0x10"], '--seed: "0x10"; it must be an integer from 0'],
    ["no thread", ["run", file, "--threads", "0"], "--threads: 0; it must be an integer from 1 to 64."],
    ["too many threads", ["run", file, "--threads", "65"], "--threads: 65; it must be an integer from 1 to 64."],
    ["an unknown format", ["run", file, "--format", "hdf5"], '--format: "hdf5"; it must be csv, npz, nwb or sonata.'],
    ["a misspelt format", ["run", file, "--format", "sonta"], 'csv, npz, nwb or sonata; did you mean "sonata"?'],
    ["a misspelt image format", ["plot", file, "--format", "pgn"], 'svg, png or pdf; did you mean "png"?'],
    ["an empty folder name", ["run", file, "--out", ""], '--out: ""'],
    ["a dt that does not fit the file", ["run", file, "--dt", "0.3"], "0.5 ms; it must be a multiple of dt = 0.3 ms"],
    ["an unknown model", ["models", "izikevich"], 'unknown model "izikevich"; did you mean "izhikevich"?'],
  ])("%s", async (_, words, message) => {
    expect(await refused(...words)).toContain(message);
  });

  it("prints the help on standard error when no command is given", async () => {
    const { status, out, err } = await spikelet([]);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: spikelet");
  });
});

describe("exit status 2: the model file", () => {
  const conductance = { kernel: "exponential", tau: 5, E_rev: 0 };
  const table = { kind: "samples", dt: 1, file: "no.csv" };
  it.each([
    ["no JSON", '{ "dt": 0.1,\n  "duration" 5 }', 'line 2, column 14: expected ":", found "5".'],
    ["nothing", "", "it is empty."],
    ["no text", Uint8Array.of(0xff, 0xfe, 0x7b, 0x00), "this is not a text in UTF-8."],
    ["an unknown key", network({ populatons: [] }), '$: unknown key "populatons"; did you mean "populations"?'],
    ["an unknown model", single({ model: "adx" }), '$.populations[0].model: unknown model "adx"; did you mean "adex"?'],
    ["a value out of range", single({ params: { tau_m: -5 } }), "params.tau_m: -5 ms; it must be > 0 ms."],
    ["a method that does not fit", single({ method: "exact", receptors: { e: conductance } }), 'method = "exact"'],
    ["a table that is missing", single({ background: [table] }), '"no.csv" cannot be read: there is no such file'],
  ])("%s", async (name, content, message) => {
    const path = bench.file(`${name.replaceAll(" ", "-")}.json`, content);
    for (const command of ["run", "check"]) {
      const err = await refused(command, path);
      expect(err).toContain(message);
      expect(err).toContain(path);
    }
  });

  it("a file that is missing, a folder, or standard input without a model", async () => {
    expect(await refused("run", "nowhere.json")).toContain("error: nowhere.json: there is no such file.");
    expect(await refused("run", bench.folder)).toContain("this is a folder; a file is needed.");
    expect(await refused("run", `${file}/x.json`)).toContain("a part of the path is a file.");
    const { status, err } = await spikelet(["run", "-"]);
    expect([status, err]).toEqual([2, "error: standard input: it is empty.\n"]);
  });

  it("a folder for the results that holds something else, is a file, or holds what the run reads", async () => {
    await mkdir(bench.path("thesis"));
    await writeFile(bench.path("thesis", "chapter.tex"), "mine");
    expect(await refused("run", file, "--out", bench.path("thesis"))).toContain("chapter.tex");
    expect(await readdir(bench.path("thesis"))).toEqual(["chapter.tex"]);
    expect(await refused("run", file, "--out", file)).toContain("this is a file; results need a folder.");
    await mkdir(bench.path("own"));
    bench.file("own/run.json", network());
    const message = "the run reads run.json of this folder";
    expect(await refused("run", bench.path("own", "run.json"), "--out", bench.path("own"))).toContain(message);
    expect(JSON.parse(await bench.read("own", "run.json"))).toEqual(network());
  });

  it("a finding of level error: nothing is run, run.json holds the findings", async () => {
    const path = bench.file("hh.json", single({ model: "hodgkinHuxley", method: "euler" }));
    const { status, out, err } = await run(path, "--out", "hh");
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: p: dt = 0.1 ms/);
    const record = await bench.run("hh");
    expect(record).toMatchObject({ status: "refused", duration: 0 });
    expect(record.populations).toEqual({ p: { size: 3, spikes: 0, rate: 0, cv: null } });
    expect(record.findings[0]).toMatchObject({ level: "error", code: "dt-above-method-limit", value: 0.1 });
    const json = await run(path, "--out", "hh", "--json");
    expect([json.status, json.out]).toEqual([2, await bench.read("hh", "run.json")]);
    expect((await run(path, "--out", "hh", "--dt", "0.01", "--duration", "1")).status).toBe(0);
  });

  it("a network that does not fit into memory", async () => {
    const path = bench.file("late.json", single(
      { size: 100_000, receptors: { e: { kernel: "delta" } } },
      { projections: [{ source: "p", target: "p", rule: "oneToOne", weight: 1, delay: 100_000 }], record: [] },
    ));
    expect(await refused("run", path, "--out", bench.path("late"))).toContain("at most 4 GiB");
    const { status, findings } = await bench.run("late");
    expect(status).toBe("refused");
    expect(findings).toMatchObject([{ level: "error", code: "memory" }]);
  });
});

describe.concurrent("the other exit statuses", () => {
  it("3: a run that becomes unstable, with the results so far", async () => {
    const pulse = { kind: "pulses", amplitude: -5000, start: 20, width: 10 };
    const start = { kind: "pulses", amplitude: 20, start: 0, width: 20 };
    const path = bench.file("unstable.json", single({ model: "izhikevich", background: [start, pulse] }));
    const { status, out, err } = await run(path, "--out", "unstable");
    expect(status).toBe(3);
    expect(err).toMatch(/^error: p\.v\[0\] = -\d+.* at 20\.1 ms, .* the run is unstable\. .*smaller dt/m);
    expect(out).toContain("20.1 of 50 ms");
    const record = await bench.run("unstable");
    expect(record).toMatchObject({ status: "unstable", duration: 20.1 });
    expect(record.findings[0]).toMatchObject({ level: "error", code: "unstable" });
    expect(record.document.duration).toBe(50);
    const times = rows(await bench.read("unstable", "spikes.csv")).map((row) => Number(row[0]));
    expect(times).toHaveLength(record.populations.p?.spikes as number);
    expect(times.length).toBeGreaterThan(0);
    expect(rows(await bench.read("unstable", "traces.csv")).at(-1)?.[0]).toBe("20");
  });

  it.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM"] as const)(
    "130: cancelled by %s, with the results so far",
    async (signal) => {
      const record = [{ population: "inh", variables: ["v"], every: 1000 }];
      const path = bench.file(`${signal}.json`, network({ duration: 1e9, record }));
      // The first results are there when the run is well under way.
      const { status, out, err } = await spikelet(["run", path, "--out", signal, "--snapshot-every", "1000"], {
        cwd: bench.folder,
        during: async (child) => {
          await until(child, () => bench.has(signal, "run.json"));
          child.kill(signal);
        },
      });
      expect(status).toBe(130);
      expect(err).toMatch(/Cancelled at [\d.]+ of 1000000 s; writing the results so far\./);
      expect(out).toContain("Results in");
      const result = await bench.run(signal);
      expect(result.status).toBe("cancelled");
      expect(result.duration).toBeLessThan(1e9);
      expect(result.document.duration).toBe(1e9);
      const samples = 1 + Math.floor(result.duration / 1000);
      expect(rows(await bench.read(signal, "traces.csv"))).toHaveLength(10 * samples);
    },
  );

  it.skipIf(process.platform === "win32").each(["SIGINT", "SIGHUP"] as const)(
    "130: cancelled by %s while the network is built, which says so",
    async (signal) => {
      // Building takes many seconds: the signal comes soon after the folder was made ready.
      const path = bench.file(`building-${signal}.json`, single(
        { size: 20_000, receptors: { e: { kernel: "delta" } } },
          {
            projections: [
              {
                source: "p",
                target: "p",
                rule: "fixedIndegree",
                k: 5000,
                weight: { normal: [1, 0.1] },
                delay: { uniform: [1, 5] },
              },
            ],
            record: [],
          },
      ));
      const out = `building-${signal}`;
      const { status, err } = await spikelet(["run", path, "--out", out], {
        cwd: bench.folder,
        during: async (child) => {
          await until(child, () => bench.has(out));
          await setTimeout(1000);
          child.kill(signal);
        },
      });
      expect(status).toBe(130);
      expect(err).toMatch(/Cancelled at 0 of /);
      expect(await bench.run(out)).toMatchObject({ status: "cancelled", duration: 0, synapses: 0 });
    },
  );

  it("1: a fault of the program, with its place on request", async () => {
    const node = ["--import", "data:text/javascript,globalThis.AbortController=undefined"];
    const call = { cwd: bench.folder, node };
    const short = await spikelet(["run", file, "--out", "fault"], call);
    expect([short.status, short.out]).toEqual([1, ""]);
    expect(short.err).toMatch(/^error: internal error: TypeError: .*\nThis is a fault of Spikelet .* report it .*\n$/);
    const long = await spikelet(["run", file, "--out", "fault"], { ...call, env: { SPIKELET_DEBUG: "1" } });
    expect(long.err).toMatch(/\n {4}at /);
  });

  it("0: a reader that closes the pipe is no fault", async () => {
    const { status, err } = await spikelet(["run", file, "--out", "pipe", "--json"], {
      cwd: bench.folder,
      during: (child) => child.stdout?.destroy(),
    });
    expect([status, err]).toEqual([0, ""]);
    expect((await bench.run("pipe")).status).toBe("done");
  });

  it("0: the version and the help, on standard output", async () => {
    const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(text) as { version: string };
    expect(await spikelet(["--version"])).toEqual({ status: 0, out: `${version}\n`, err: "" });
    for (const words of [["--help"], ["help"]]) {
      const { status, out, err } = await called(words);
      expect([status, err]).toEqual([0, ""]);
      for (const name of ["run", "check", "models", "Examples:", "Exit status:"]) expect(out).toContain(name);
    }
    const { out } = await called(["run", "--help"]);
    const options = [
      "out", "dt", "duration", "seed", "threads", "format", "no-plots", "stream", "snapshot-every", "resume",
      "quiet", "json",
    ];
    for (const option of options) expect(out).toContain(`--${option} `);
  });
});

describe("times and files that are not what they seem", () => {
  it("a duration between two steps: the nearest step, and a finding that names both", async () => {
    const { status, err } = await called(
      ["run", file, "--duration", "10.04", "--out", bench.path("between"), "--no-plots"],
      { cwd: bench.folder },
    );
    expect(status).toBe(0);
    expect(err).toContain("10.04 ms");
    const { duration, findings } = await bench.run("between");
    expect(duration).toBe(10);
    expect(findings.map(({ code }) => code)).toContain("time-rounded");
  });

  it("a pipe as a file of samples is refused, not waited for", async () => {
    execFileSync("mkfifo", [bench.path("pipe.csv")]);
    const background = [{ kind: "samples", dt: 1, file: "pipe.csv" }];
    const path = bench.file("pipe.json", {
      dt: 0.1,
      duration: 1,
      populations: [{ name: "p", model: "lif", size: 1, background }],
    });
    const { status, err } = await called(["run", path, "--out", bench.path("pipe")], { cwd: bench.folder });
    expect(status).toBe(2);
    expect(err).toContain("this is a pipe; a file is needed");
  });
});

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Profile, VERSION } from "../../src/index.js";
import { readNpz } from "../../src/io/npz.js";
import { Bench, called, network, rows, single, spikelet } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const file = bench.file("pair.json", network());
const run = (...words: string[]) => called(["run", ...words], { cwd: bench.folder });

describe("spikelet run", () => {
  it("writes one file of NWB, or files of SONATA, in place of what another format left there", async () => {
    const start = "2026-11-29T12:00:00Z";
    const formats = [["nwb", "--session-start", start], ["sonata"]];
    const left = [["results.nwb", "run.json"], ["report-i_syn.h5", "report-v.h5", "run.json", "spikes.h5"]];
    for (const [k, words] of formats.entries()) {
      expect(await run(file, "--out", "hdf5", "--no-plots", "--quiet", "--format", ...words)).toMatchObject({
        status: 0,
        err: "",
      });
      expect((await readdir(bench.path("hdf5"))).sort()).toEqual(left[k]);
      expect(await called(["plot", bench.path("hdf5")])).toMatchObject({ status: 0 });
      expect((await bench.run("hdf5")) as { sessionStart?: string }).toMatchObject(
        k === 0 ? { sessionStart: start } : { name: "pair" },
      );
    }
    const refused = async (...words: string[]): Promise<string> =>
      (await run(file, "--out", "hdf5-refused", ...words)).err;
    expect(await refused("--session-start", start)).toContain("--session-start: it goes with --format nwb");
    expect(await refused("--format", "nwb", "--session-start", "noon")).toContain('sessionStart: "noon"; it must be a date');
    expect(existsSync(bench.path("hdf5-refused"))).toBe(false);
  });

  it("writes run.json with the fields of the contract, in their order", async () => {
    const { status, out, err } = await run(file, "--out", "fields");
    expect([status, err]).toEqual([0, ""]);
    const record = await bench.run("fields");
    expect(Object.keys(record)).toEqual([
      "name", "version", "status", "seed", "dt", "duration", "document", "populations", "recorded", "synapses",
      "wallMs", "realTimeFactor", "findings",
    ]);
    expect(record).toMatchObject({ name: "pair", version: VERSION, status: "done", seed: 5, dt: 0.1, duration: 100 });
    expect(record.document).toEqual(network());
    expect(Object.keys(record.populations)).toEqual(["exc", "inh"]);
    expect(Object.values(record.populations).map(({ size }) => size)).toEqual([40, 10]);
    for (const population of Object.values(record.populations)) {
      expect(Object.keys(population)).toEqual(["size", "spikes", "rate", "cv"]);
      const { size, spikes, rate } = population;
      expect(spikes).toBeGreaterThan(0);
      expect(rate).toBeCloseTo((1000 * spikes) / size / 100, 9);
    }
    expect(record.synapses).toBeGreaterThan(80);
    expect(record.realTimeFactor).toBeCloseTo(record.wallMs.simulate / 100, 6);
    expect(record.wallMs.setup).toBeGreaterThan(0);
    expect(record.findings).toEqual([]);
    expect((await readdir(bench.path("fields"))).sort()).toEqual([
      "raster.svg", "rate.svg", "run.json", "spikes.csv", "traces.csv", "traces.svg",
    ]);
    for (const name of ["raster", "rate", "traces"]) {
      expect(await bench.read("fields", `${name}.svg`)).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    }
    expect(out).toMatch(/^pair: 100 ms in steps of 0.1 ms, seed 5$/m);
    expect(out).toMatch(/^population +neurons +spikes +rate \(Hz\) +CV$/m);
    expect(out).toMatch(new RegExp(`^inh +10 +${record.populations.inh?.spikes} `, "m"));
    expect(out).toMatch(/^[\d,]+ synapses; set-up .*, simulation .*\nReal-time factor .*real time$/m);
    expect(out).toMatch(/^Results in fields: .*run\.json/m);
  });

  it("writes spikes and traces with the columns of the contract", async () => {
    await run(file, "--out", "columns", "--no-plots");
    const record = await bench.run("columns");
    const spikes = await bench.read("columns", "spikes.csv");
    expect(spikes.split("\n")[0]).toBe("time_ms,population,neuron");
    const events = rows(spikes);
    for (const name of ["exc", "inh"]) {
      expect(events.filter((row) => row[1] === name)).toHaveLength(record.populations[name]?.spikes as number);
    }
    const times = events.map((row) => Number(row[0]));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const traces = await bench.read("columns", "traces.csv");
    expect(traces.split("\n")[0]).toBe("time_ms,population,neuron,variable,value");
    const samples = rows(traces);
    const times3 = samples.filter((row) => row[1] === "exc" && row[2] === "3" && row[3] === "v").map((row) => row[0]);
    expect(times3).toEqual(Array.from({ length: 201 }, (_, i) => String(i / 2)));
    expect(new Set(samples.map((row) => `${row[1]}.${row[3]}`))).toEqual(new Set(["exc.v", "exc.i_syn", "inh.v"]));
    expect(samples.every((row) => row.length === 5 && Number.isFinite(Number(row[4])))).toBe(true);
    expect(await readdir(bench.path("columns"))).not.toContain("raster.svg");
  });

  it("gives the same spikes for the same seed, and for the document in run.json", async () => {
    await Promise.all([
      run(file, "--out", "same/a", "--threads", "1"),
      run(file, "--out", "same/b", "--quiet"),
      run(file, "--out", "same/c", "--seed", "6"),
    ]);
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((name) => bench.read("same", name, "spikes.csv")));
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    const again = bench.file("again.json", (await bench.run("same", "c")).document);
    await run(again, "--out", "same/d");
    expect(await bench.read("same", "d", "spikes.csv")).toBe(c);
  });

  it("takes dt, duration and seed from options, also with units", async () => {
    const words = ["--dt", "50 us", "--duration", "0.02 s", "--seed", "9007199254740991"];
    const { status } = await run(file, "--out", "overrides", ...words);
    expect(status).toBe(0);
    const record = await bench.run("overrides");
    const given = { dt: 0.05, duration: 20, seed: 9007199254740991 };
    expect(record).toMatchObject(given);
    expect(record.document).toEqual({ ...network(), ...given });
    const { status: plain } = await run(file, "--out", "overrides2", "--dt", "0.05", "--duration=20");
    expect(plain).toBe(0);
    expect(await bench.run("overrides2")).toMatchObject({ dt: 0.05, duration: 20, seed: 5 });
  });

  it("names dt, duration and seed in the document even where the file leaves them to defaults or units", async () => {
    const { seed: _, ...rest } = network({ dt: "100 us", duration: "5 ms" });
    await run(bench.file("units.json", rest), "--out", "units");
    expect((await bench.run("units")).document).toEqual({ ...rest, dt: 0.1, duration: 5, seed: 1 });
  });

  it("goes to results/<name of the file> by default, and again over its own results", async () => {
    expect((await run(file)).status).toBe(0);
    expect((await run(file, "--no-plots", "--format", "npz")).status).toBe(0);
    expect((await readdir(bench.path("results", "pair"))).sort()).toEqual(["run.json", "spikes.npz", "traces.npz"]);
  });

  it("writes npz archives with the same content as CSV", async () => {
    await Promise.all([run(file, "--out", "npz", "--format", "npz"), run(file, "--out", "csv", "--format", "csv")]);
    const events = rows(await bench.read("csv", "spikes.csv"));
    const { arrays } = await readNpz(await readFile(bench.path("npz", "spikes.npz")));
    expect(Object.keys(arrays).sort()).toEqual([
      "exc/spikes/neurons", "exc/spikes/times", "inh/spikes/neurons", "inh/spikes/times",
    ]);
    const expected = events.filter((row) => row[1] === "inh").map((row) => Number(row[0]));
    const stored = Array.from(arrays["inh/spikes/times"]?.data ?? [], (time) => Math.round(time * 1e9) / 1e9);
    expect(stored).toEqual(expected);
    const traces = (await readNpz(await readFile(bench.path("npz", "traces.npz")))).arrays;
    const values = rows(await bench.read("csv", "traces.csv")).filter((row) => row[1] === "inh");
    expect(Array.from(traces["inh/v/values"]?.data ?? [])).toEqual(values.map((row) => Number(row[4])));
    expect(existsSync(bench.path("npz", "spikes.csv"))).toBe(false);
  });

  it("prints run.json and nothing else with --json", async () => {
    const { status, out, err } = await run(file, "--out", "json", "--json", "--threads", "3");
    expect(status).toBe(0);
    expect(out).toBe(await bench.read("json", "run.json"));
    expect(err).toBe("");
  });

  it("prints nothing with --quiet, but warnings and errors", async () => {
    expect(await run(file, "--out", "quiet", "--quiet", "--threads", "2")).toEqual({ status: 0, out: "", err: "" });
    const risky = bench.file("risky.json", single({ method: "euler" }, { dt: 0.25 }));
    const { status, out, err } = await run(risky, "--out", "risky", "-q");
    expect([status, out]).toEqual([0, ""]);
    expect(err).toMatch(/^warning: p: dt = 0.25 ms/);
  });

  it("profiles with --profile: a table, the largest share first, and a field of run.json", async () => {
    const { status, out, err } = await run(file, "--out", "profile", "--profile", "--threads", "1");
    expect([status, err]).toEqual([0, ""]);
    const { profile } = (await bench.run("profile")) as unknown as { profile: Profile };
    expect(Object.keys(profile)).toEqual([
      "steps",
      "stepsRun",
      "total",
      "populations",
      "projections",
      "recording",
      "exchange",
    ]);
    expect(profile.stepsRun).toBe(1000);
    expect(out).toMatch(/Real-time factor .*\n +share +time +phase +of\n[\s\S]*% .* recording\n[\s\S]*Estimated from 2 of 1,000 steps\nResults in profile/);
    const shares = [...out.matchAll(/^ *([\d.]+) % /gm)].map(([, share]) => Number(share));
    // Of two timed steps a phase may have been interrupted in both.
    expect(shares.length).toBeGreaterThan(0);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
    await run(file, "--out", "profile/none", "--threads", "1");
    expect(await bench.read("profile/none", "spikes.csv")).toBe(await bench.read("profile", "spikes.csv"));
    expect(await bench.run("profile/none")).not.toHaveProperty("profile");
    expect(await run(file, "--out", "profile/quiet", "--profile", "--quiet")).toEqual({ status: 0, out: "", err: "" });
    expect(await bench.run("profile/quiet")).toHaveProperty("profile");
    const short = await run(file, "--out", "profile/short", "--profile", "--duration", "0");
    expect(short.out).toContain("No profile: none of so few steps is timed.");
  });

  it("goes on with a profile from snapshots", async () => {
    const words = ["--profile", "--snapshot-every", "40", "--no-plots"];
    await run(file, "--out", "profile/kept", ...words, "--duration", "80");
    const { status } = await run(
      "--resume",
      bench.path("profile/kept/snapshot.spikelet"),
      "--out",
      "profile/on",
      "--profile",
      "--duration",
      "100",
    );
    expect(status).toBe(0);
    const { profile } = (await bench.run("profile/on")) as unknown as { profile: Profile };
    expect([profile.stepsRun, profile.steps]).toEqual([1000, 2]);
  });

  it("reads standard input", async () => {
    const input = JSON.stringify(network({ name: "piped" }));
    const { status } = await spikelet(["run", "-", "--no-plots"], { cwd: bench.folder, input });
    expect(status).toBe(0);
    expect(await bench.run("results", "stdin")).toMatchObject({ name: "piped", status: "done" });
  });

  it("reads tables beside the model file and a file with a byte order mark", async () => {
    bench.file("pairs.csv", "source,target\n0,1\n1,2\n");
    bench.file("current.csv", "0\n900\n");
    const model = single(
      { receptors: { e: { kernel: "delta" } }, background: [{ kind: "samples", dt: 10, file: "current.csv" }] },
      { projections: [{ source: "p", target: "p", rule: "list", file: "pairs.csv", weight: 1 }] },
    );
    const path = bench.file("tables.json", `\ufeff${JSON.stringify(model)}`);
    const { status, err } = await called(["run", path, "--out", bench.path("tables")]);
    expect([status, err]).toEqual([0, ""]);
    const record = await bench.run("tables");
    expect(record.synapses).toBe(2);
    expect(record.populations.p?.spikes).toBeGreaterThan(0);
  });

  it("writes headers only and no figures where nothing is recorded, and says so", async () => {
    const { out } = await run(bench.file("bare.json", network({ record: [] })), "--out", "bare");
    expect(out).toContain("Nothing is recorded");
    expect((await readdir(bench.path("bare"))).sort()).toEqual(["run.json", "spikes.csv", "traces.csv"]);
    expect(await bench.read("bare", "spikes.csv")).toBe("time_ms,population,neuron\n");
    expect(await bench.read("bare", "traces.csv")).toBe("time_ms,population,neuron,variable,value\n");
    await run(file, "--out", "recorded", "--no-plots");
    expect((await bench.run("bare")).populations).toEqual((await bench.run("recorded")).populations);
  });

  it("puts several spike recordings of a population together", async () => {
    const record = [
      { population: "exc", variables: ["spikes"], neurons: [0, 1] },
      { population: "exc", variables: ["spikes"], neurons: [1, 2], from: 50 },
    ];
    await run(bench.file("several.json", network({ record })), "--out", "several");
    await run(file, "--out", "all", "--no-plots");
    const events = rows(await bench.read("all", "spikes.csv")).filter(([time, population, neuron]) => {
      return population === "exc" && (Number(neuron) < 2 || (neuron === "2" && Number(time) > 50));
    });
    expect(rows(await bench.read("several", "spikes.csv"))).toEqual(events);
    expect(await bench.read("several", "raster.svg")).toContain("exc (3 of 40)");
  });

  it("runs zero milliseconds", async () => {
    const { status } = await run(file, "--out", "zero", "--duration", "0");
    expect(status).toBe(0);
    expect(await bench.run("zero")).toMatchObject({ status: "done", duration: 0, realTimeFactor: 0 });
  });

  it("runs the examples, in processes of their own", async () => {
    const rates = { coba: [12, 27], cuba: [4, 7] } as const;
    for (const [name, [least, most]] of Object.entries(rates)) {
      const path = fileURLToPath(new URL(`../../examples/${name}.json`, import.meta.url));
      const { status } = await spikelet(["run", path, "--out", `examples/${name}`], { cwd: bench.folder });
      expect(status).toBe(0);
      const record = await bench.run("examples", name);
      expect(record.findings.filter(({ level }) => level !== "note")).toEqual([]);
      expect(Object.keys(record.populations)).toEqual(["exc", "inh"]);
      for (const { rate } of Object.values(record.populations)) {
        expect(rate).toBeGreaterThan(least);
        expect(rate).toBeLessThan(most);
      }
    }
  });
});

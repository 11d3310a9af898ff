/** Snapshots, going on from them, and results that are written while running. */
import { readFileSync } from "node:fs";
import { appendFile, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Simulation } from "../../src/index.js";
import { Bench, called, network, rows, single, spikelet, until } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const file = bench.file("pair.json", network({ duration: 300 }));
const run = (...words: string[]) => called(["run", ...words], { cwd: bench.folder });
const SERIES = ["spikes.csv", "traces.csv"];

async function series(folder: string): Promise<string[]> {
  return Promise.all(SERIES.map((name) => bench.read(folder, name)));
}

beforeAll(async () => {
  expect((await run(file, "--out", "whole", "--quiet")).status).toBe(0);
});

describe.concurrent("--snapshot-every and --resume", () => {
  it.each([
    ["into the same folder", [], "same", "same"],
    ["into another folder", [], "from", "to"],
    ["written while running, into the same folder", ["--stream"], "stream", "stream"],
    ["written while running, into another folder", ["--stream"], "stream-from", "stream-to"],
  ])("%s: the same bytes as an uninterrupted run", async (_, words, from, to) => {
    const first = await run(file, "--out", from, "--duration", "110", "--snapshot-every", "40", ...words, "-q");
    expect([first.status, first.err]).toEqual([0, ""]);
    expect(await readdir(bench.path(from))).toContain("snapshot.spikelet");
    // What a killed process wrote after its last snapshot: more than all that is still to come, so that no end of it is
    // left.
    if (words.length > 0) {
      for (const name of SERIES) await appendFile(bench.path(from, name), `${"110.5,exc,1\n".repeat(50_000)}111`);
    }
    const second = await run("--resume", `${from}/snapshot.spikelet`, "--duration", "0.3 s", "--out", to, "-q");
    expect([second.status, second.err]).toEqual([0, ""]);
    expect(await series(to)).toEqual(await series("whole"));
    const record = await bench.run(to);
    const { wallMs: _wall, realTimeFactor: _factor, ...expected } = await bench.run("whole");
    expect(record).toMatchObject(expected);
    for (const name of words.length > 0 ? [] : ["raster.svg", "rate.svg", "traces.svg"]) {
      expect(await bench.read(to, name)).toBe(await bench.read("whole", name));
    }
  });

  it("goes on to the document's duration in the snapshot's folder by default", async () => {
    const long = bench.file("long.json", network({ duration: 1e9, record: [] }));
    const { status } = await spikelet(["run", long, "--out", "long", "--snapshot-every", "100"], {
      cwd: bench.folder,
      during: async (child) => {
        await until(child, () => bench.has("long", "run.json"));
        child.kill("SIGINT");
      },
    });
    expect(status).toBe(130);
    const before = await bench.run("long");
    expect(before.status).toBe("cancelled");
    const snapshot = readFileSync(bench.path("long", "snapshot.spikelet"));
    expect((await Simulation.restore(snapshot)).time).toBeCloseTo(before.duration, 6);
    const duration = String(before.duration + 10);
    expect((await run("--resume", "long/snapshot.spikelet", "--duration", duration)).status).toBe(0);
    expect(await bench.run("long")).toMatchObject({ status: "done", duration: Number(duration) });
  });

  it.skipIf(process.platform === "win32").each([
    ["", []],
    ["-stream", ["--stream"]],
  ])("a process killed at any moment leaves a whole snapshot and results%s", async (name, words) => {
    const endless = bench.file(`endless${name}.json`, network({ duration: 1e6 }));
    for (const [k, wait] of [0, 29].entries()) {
      const folder = `killed${name}-${k}`;
      const { status } = await spikelet(["run", endless, "--out", folder, "--snapshot-every", "25", "-q", ...words], {
        cwd: bench.folder,
        during: async (child) => {
          await until(child, () => bench.has(folder, "run.json"));
          await setTimeout(wait);
          child.kill("SIGKILL");
        },
      });
      expect(status).toBe(null);
      const record = await bench.run(folder);
      expect(record.status).toBe("running");
      const { time } = await Simulation.restore(readFileSync(bench.path(folder, "snapshot.spikelet")));
      expect(time).toBeGreaterThanOrEqual(record.duration - 1e-6);
      const spikes = rows(await bench.read(folder, "spikes.csv")).filter((row) => Number(row[0]) <= record.duration);
      const { exc, inh } = record.populations;
      expect(spikes).toHaveLength((exc?.spikes ?? 0) + (inh?.spikes ?? 0));
      const duration = String(Math.max(300, Math.round(time)));
      const words2 = ["--resume", `${folder}/snapshot.spikelet`, "--duration", duration, "--no-plots", "-q"];
      expect(await run(...words2)).toEqual({ status: 0, out: "", err: "" });
      const reference = `${folder}-whole`;
      await run(file, "--out", reference, "--duration", duration, "--no-plots", "-q");
      expect(await series(folder)).toEqual(await series(reference));
      expect((await readdir(bench.path(folder))).filter((entry) => entry.endsWith(".part"))).toEqual([]);
    }
  });

  it("an unstable run keeps the last snapshot before it", async () => {
    const pulse = { kind: "pulses", amplitude: -5000, start: 20, width: 10 };
    const path = bench.file("unstable.json", single({ model: "izhikevich", background: [pulse] }));
    const { status } = await run(path, "--out", "unstable", "--snapshot-every", "5", "-q");
    expect(status).toBe(3);
    expect(await bench.run("unstable")).toMatchObject({ status: "unstable", duration: 20.1 });
    const snapshot = readFileSync(bench.path("unstable", "snapshot.spikelet"));
    expect((await Simulation.restore(snapshot)).time).toBeCloseTo(20, 9);
  });

  it("takes snapshots that a program made", async () => {
    const simulation = await Simulation.fromDocument(network({ duration: 300 }));
    await simulation.run(70);
    await writeFile(bench.path("own.spikelet"), simulation.snapshot());
    expect((await run("--resume", "own.spikelet", "--out", "own", "-q")).status).toBe(0);
    expect(await series("own")).toEqual(await series("whole"));
  });
});

describe("--stream", () => {
  it("writes the same bytes, and no figures", async () => {
    expect((await run(file, "--out", "streamed", "--stream", "-q")).status).toBe(0);
    expect(await series("streamed")).toEqual(await series("whole"));
    expect((await readdir(bench.path("streamed"))).sort()).toEqual(["run.json", "spikes.csv", "traces.csv"]);
  });

  it("writes headers where nothing is recorded, and what there is when a run is refused", async () => {
    const bare = bench.file("bare.json", network({ record: [] }));
    expect((await run(bare, "--out", "bare", "--stream", "-q")).status).toBe(0);
    expect(await series("bare")).toEqual(["time_ms,population,neuron\n", "time_ms,population,neuron,variable,value\n"]);
  });

  it("without it recorded bytes are bounded: traces before the run, spikes during it", async () => {
    const bound = (bytes: number, path: string, ...words: string[]) =>
      called(["run", path, "--out", "bound", "-q", ...words], {
        cwd: bench.folder,
        env: { SPIKELET_RECORD_BYTES: String(bytes) },
      });
    const ahead = await bound(10_000, file);
    expect(ahead.status).toBe(2);
    expect(ahead.err).toMatch(/the traces of 300 ms need 21,600 bytes of memory; at most 10,000 bytes .* --stream/);
    // What run refuses, check refuses in the same words.
    const checked = await called(["check", file], { cwd: bench.folder, env: { SPIKELET_RECORD_BYTES: "10000" } });
    expect(checked.status).toBe(2);
    expect(checked.out).toContain(/the traces of .*/.exec(ahead.err)?.[0]);
    const spikes = [{ population: "exc", variables: ["spikes"] }];
    const path = bench.file("spikes.json", network({ duration: 1e9, record: spikes }));
    const during = await bound(10_000, path);
    expect(during.status).toBe(2);
    expect(during.err).toMatch(/error: [\d,]+ bytes are recorded at [\d.]+ m?s; at most 10,000 bytes .* --stream/);
    const record = await bench.run("bound");
    expect(record.findings[0]).toMatchObject({ level: "error", code: "recorded-bytes" });
    expect(rows(await bench.read("bound", "spikes.csv"))).toHaveLength(record.populations.exc?.spikes as number);
    expect((await bound(10_000, file, "--stream")).status).toBe(0);
  });
});

describe("what is refused", () => {
  it.each([
    ["a file and a snapshot", ["x.json", "--resume", "s"], "--resume: the model file"],
    ["dt with a snapshot", ["--resume", "s", "--dt", "1"], "--resume: --dt cannot be given with it"],
    ["seed with a snapshot", ["--resume", "s", "--seed", "1"], "--resume: --seed cannot be given with it"],
    ["a missing snapshot", ["--resume", "nowhere"], "nowhere: there is no such file."],
    ["something else", ["--resume", file], "these bytes are no snapshot of Spikelet."],
    ["no file", [], "missing required argument 'file'"],
    ["an interval of 0", [file, "--snapshot-every", "0"], "--snapshot-every: 0 ms; it must be > 0 ms."],
    ["npz while running", [file, "--stream", "--format", "npz"], "--stream: it writes csv only"],
  ])("%s", async (_, words, message) => {
    const { status, out, err } = await called(["run", ...words]);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  it("a duration that is over, a damaged snapshot, files that are shorter than the snapshot says", async () => {
    await run(file, "--out", "base", "--duration", "100", "--snapshot-every", "50", "--stream", "-q");
    const snapshot = bench.path("base", "snapshot.spikelet");
    const early = await called(["run", "--resume", snapshot, "--duration", "99"]);
    const over = "--duration: 99 ms; the snapshot is at 100 ms already.";
    expect([early.status, early.err]).toEqual([2, expect.stringContaining(over)]);
    const bytes = readFileSync(snapshot);
    bytes[1000] = (bytes[1000] as number) ^ 1;
    await writeFile(bench.path("damaged.spikelet"), bytes);
    const damaged = await called(["run", "--resume", bench.path("damaged.spikelet")]);
    expect(damaged.err).toContain("the snapshot is damaged");
    await mkdir(bench.path("alone"));
    await copyFile(snapshot, bench.path("alone", "snapshot.spikelet"));
    const alone = await called(["run", "--resume", bench.path("alone", "snapshot.spikelet"), "--duration", "120"]);
    expect([alone.status, alone.err]).toEqual([2, expect.stringContaining("bytes of the file beside it, which has 0")]);
    expect(await readdir(bench.path("alone"))).toEqual(["snapshot.spikelet"]);
  });

  it("a folder with something else, also for going on; and the snapshot stays until there is a newer one", async () => {
    await run(file, "--out", "mixed", "--duration", "100", "--snapshot-every", "50", "-q");
    await writeFile(bench.path("mixed", "notes.txt"), "mine");
    const snapshot = bench.path("mixed", "snapshot.spikelet");
    const { status, err } = await called(["run", "--resume", snapshot, "--duration", "120"]);
    expect([status, err]).toEqual([2, expect.stringContaining("notes.txt")]);
    expect(bench.has("mixed", "snapshot.spikelet")).toBe(true);
    expect(bench.has("mixed", "run.json")).toBe(true);
  });
});

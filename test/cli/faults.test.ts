/**
 * What a run leaves behind when something breaks: a full disk, a folder that cannot be written, a thread that ends, a
 * process that is killed, two runs in one folder. The judge is a small model of what the folder must hold, made from
 * the files of a run that nothing happened to.
 */
import fc from "fast-check";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onDisk } from "./disk.js";
import { Bench, called, network, type RunFile, spikelet, until } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const DURATION = 300;
const file = bench.file("pair.json", network({ duration: DURATION }));
/** The same for as long as it takes, over two threads. */
const endless = bench.file("endless.json", network({ duration: 1e6 }));
const run = (...words: string[]) => called(["run", ...words], { cwd: bench.folder });
const TABLES = ["spikes.csv", "traces.csv"] as const;
const SAMPLED = [["exc", 0.5, 4], ["inh", 1, 1]] as const;

beforeAll(async () => {
  expect((await run(file, "--out", "whole", "-q")).status).toBe(0);
});

const read = (folder: string, name: string): string => readFileSync(bench.path(folder, name), "utf8");
const record = (folder: string): RunFile => JSON.parse(read(folder, "run.json")) as RunFile;

/** Rows of a table; each must be a whole line. */
function rows(folder: string, name: string): string[][] {
  const text = read(folder, name);
  expect(text.endsWith("\n"), `${folder}/${name} ends with a whole line`).toBe(true);
  return text.trimEnd().split("\n").slice(1).map((line) => line.split(","));
}

/**
 * The folder agrees with itself: run.json counts the spikes that are in the table up to its duration, of each trace
 * there are the samples up to it, and each table is what a run without a fault has written until then.
 *
 * @param whole folder of that run, or one that is longer
 */
function agrees(folder: string, whole: string, exact: boolean): RunFile {
  const { populations, duration, ...rest } = record(folder);
  expect(readdirSync(bench.path(folder)).filter((name) => /\.part$|\.lock$/.test(name))).toEqual([]);
  for (const name of TABLES) {
    if (!bench.has(folder, name)) continue;
    const found = rows(folder, name);
    if (exact) expect(Number(found.at(-1)?.[0] ?? 0)).toBeLessThanOrEqual(duration);
    expect(read(whole, name).startsWith(read(folder, name)), `${folder}/${name} is the beginning of the whole`).toBe(
      true,
    );
    const until = found.filter(([time]) => Number(time) <= duration);
    for (const [population, { spikes }] of Object.entries(populations)) {
      if (name === "spikes.csv") expect(until.filter((row) => row[1] === population)).toHaveLength(spikes);
    }
    if (name === "spikes.csv") continue;
    for (const [population, every, series] of SAMPLED) {
      const samples = duration === 0 ? [0, series] : [(1 + Math.floor(duration / every + 1e-9)) * series];
      expect(samples).toContain(until.filter((row) => row[1] === population).length);
    }
  }
  return { populations, duration, ...rest };
}

describe("a full disk", () => {
  it("keeps what fits, says what is missing, and what is there agrees and can be gone on with", async () => {
    const tables = TABLES.reduce((sum, name) => sum + read("whole", name).length, 70_000);
    const modes = fc.record({
      // Too few for anything, for the tables, for the figures, for snapshots.
      bytes: fc.oneof(...[100_000, tables, tables + 60_000, 600_000].map((max) => fc.integer({ min: max >> 1, max }))),
      stream: fc.boolean(),
      every: fc.constantFrom(undefined, "40", "130"),
      plots: fc.boolean(),
    });
    let count = 0;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(modes, async ({ bytes, stream, every, plots }) => {
        const folder = `disk-${count++}`;
        mkdirSync(bench.path(folder));
        const words = [file, "--out", folder, ...(stream ? ["--stream"] : []), ...(plots ? [] : ["--no-plots"])];
        if (every !== undefined) words.push("--snapshot-every", every);
        const { status, err } = await onDisk(bench.path(folder), bytes, () => run(...words));
        if (!bench.has(folder, "run.json")) {
          // Writing is tried before anything is run.
          expect([status, err]).toEqual([2, `error: --out ${folder}: the folder cannot be written (no space left).\n`]);
          expect(readdirSync(bench.path(folder))).toEqual([]);
          expect(bytes).toBeLessThan(80_000);
          seen.add("refused");
          return;
        }
        const { status: said, duration, findings } = agrees(folder, "whole", stream);
        const lacks = TABLES.filter((name) => !bench.has(folder, name) || read(folder, name) !== read("whole", name));
        expect(said).toBe(lacks.length > 0 ? "failed" : "done");
        if (said === "done") expect(duration).toBe(DURATION);
        for (const name of lacks) {
          if (!bench.has(folder, name)) expect(err).toContain(`${name} could not be written: no space left.`);
        }
        const drawn = plots && !stream ? ["raster.svg", "rate.svg", "traces.svg"] : [];
        const complete =
          lacks.length === 0 && drawn.every((name) => bench.has(folder, name)) && !/snapshot.*no space/.test(err);
        expect([status, err === ""]).toEqual(complete ? [0, true] : [2, false]);
        if (!complete && bench.has(folder, "run.json")) seen.add(`${said} ${stream} ${duration > 0}`);
        if (lacks.length > 0) expect(findings.filter(({ level }) => level === "error").length).toBeGreaterThan(0);
        if (!bench.has(folder, "snapshot.spikelet")) return;
        const more = await run("--resume", `${folder}/snapshot.spikelet`, "--no-plots", "-q");
        expect(more).toEqual({ status: 0, out: "", err: "" });
        for (const name of TABLES) expect(read(folder, name)).toBe(read("whole", name));
        seen.add("resumed");
      }),
      { numRuns: 40, seed: 7 },
    );
    // All of these can happen, and have.
    for (const kind of ["refused", "resumed", "failed false true", "failed true true"]) {
      expect(seen).toContain(kind);
    }
  });
});

describe("a folder that cannot be written", () => {
  it.each([
    ["EACCES", "permission denied"],
    ["EROFS", "the file system is read-only"],
    ["EDQUOT", "no space left within the quota"],
  ])("is found before anything is run: %s", async (code, reason) => {
    const folder = `refuses-${code}`;
    mkdirSync(bench.path(folder));
    const { status, out, err } = await onDisk(bench.path(folder), 0, () => run(endless, "--out", folder), code);
    expect([status, out, err]).toEqual([2, "", `error: --out ${folder}: the folder cannot be written (${reason}).\n`]);
    expect(readdirSync(bench.path(folder))).toEqual([]);
  });

  it.skipIf(process.platform !== "linux")("is one of the system's", async () => {
    const { status, out, err } = await run(endless, "--out", "/proc/results");
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: --out \/proc\/results: the folder cannot be made or read \(.*\)\.\n$/);
  });

  it.skipIf(process.platform === "win32")("files have a largest length", async () => {
    for (const [folder, mode] of [["short", []], ["short-stream", ["--stream"]]] as const) {
      const { status, err } = await spikelet(["run", file, "--out", folder, "--no-plots", "-q", ...mode], {
        cwd: bench.folder,
        shell: "ulimit -f 40",
      });
      expect([status, err]).toEqual([2, expect.stringContaining("longer than a file may be here")]);
      expect(agrees(folder, "whole", true).status).toBe("failed");
    }
  });
});

/** A program that ends a run's workers once the first results are there. */
const DEADLY = `data:text/javascript,${encodeURIComponent(`
    import threads from "node:worker_threads";
  import { existsSync } from "node:fs";
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(...words) {
      super(...words);
      const look = setInterval(() => existsSync(process.env.DEADLY) && (clearInterval(look), this.terminate()), 5);
      look.unref();
    }
  };
`)}`;

describe.concurrent("a thread that ends", () => {
  it.each([
    ["streamed", ["--stream"]],
    ["kept in memory", []],
  ])("leaves results that are whole, the last snapshot, and the truth about them: %s", async (name, mode) => {
    const folder = `thread ${name}`;
    const words = ["run", endless, "--out", folder, "--snapshot-every", "50", "--threads", "2", "--no-plots", ...mode];
    const { status, out, err } = await spikelet(words, {
      cwd: bench.folder,
      node: ["--import", DEADLY],
      env: { DEADLY: bench.path(folder, "run.json") },
    });
    expect(status).toBe(1);
    expect(err).toMatch(/^error: shard 1 of 2 stopped in the run after [\d.]+ ms/);
    expect(err).toContain(`Go on from its last snapshot: spikelet run --resume ${folder}/snapshot.spikelet`);
    expect(err).not.toContain("fault of Spikelet");
    const { duration, status: said } = record(folder);
    expect(out).toContain(`: ${Number((duration / 1000).toFixed(9))} of 1000 s in steps`);
    expect(duration).toBeGreaterThanOrEqual(50);
    const whole = `${folder} whole`;
    await run(endless, "--out", whole, "--duration", String(duration), "--no-plots", "-q");
    const { findings, populations } = agrees(folder, whole, true);
    expect([said, findings[0]?.code]).toEqual(["failed", "failed"]);
    expect(populations).toEqual(record(whole).populations);
    for (const table of TABLES) expect(read(folder, table)).toBe(read(whole, table));
    const longer = String(Math.ceil(duration) + 20);
    expect(
      await run("--resume", `${folder}/snapshot.spikelet`, "--duration", longer, "--no-plots", "-q"),
    ).toMatchObject({
      status: 0,
      err: "",
    });
    await run(endless, "--out", whole, "--duration", longer, "--no-plots", "-q");
    for (const table of TABLES) expect(read(folder, table)).toBe(read(whole, table));
  });
});

describe("two runs in one folder", () => {
  it.skipIf(process.platform === "win32")(
    "the second is refused while the first goes on, and not once it is gone",
    async () => {
    const words = ["run", endless, "--out", "shared", "--snapshot-every", "25", "--no-plots", "-q"];
    const { status } = await spikelet(words, {
      cwd: bench.folder,
      during: async (child) => {
        await until(child, () => bench.has("shared", "run.json"));
        for (const second of [[file, "--out", "shared"], ["--resume", "shared/snapshot.spikelet"]]) {
          const { status: refused, out, err } = await run(...second);
          expect([refused, out]).toEqual([2, ""]);
          expect(err).toContain(`error: --out shared: another run (process ${child.pid}) writes into this folder`);
        }
        expect(record("shared").status).toBe("running");
        child.kill("SIGKILL");
      },
    });
    expect(status).toBe(null);
    expect(bench.has("shared", "run.lock")).toBe(true);
    const { duration } = record("shared");
    expect(rows("shared", "spikes.csv").length).toBeGreaterThan(0);
    const longer = String(Math.ceil(duration / 25) * 25 + 100);
      expect(await run("--resume", "shared/snapshot.spikelet", "--duration", longer, "-q")).toEqual({
        status: 0,
        out: "",
        err: "",
      });
    expect((await run(file, "--out", "shared", "-q")).status).toBe(0);
    for (const name of TABLES) expect(read("shared", name)).toBe(read("whole", name));
    expect(bench.has("shared", "run.lock")).toBe(false);
  });

  it("a lock counts as long as its run may go on", async () => {
    mkdirSync(bench.path("locked"));
    const lock = bench.path("locked", "run.lock");
    const space = process.platform === "linux" ? readlinkSync("/proc/self/ns/pid") : "";
    const holder = { pid: process.pid, host: hostname(), space, start: "" };
    const attempt = async (content: unknown): Promise<number | null> => {
      writeFileSync(lock, typeof content === "string" ? content : `${JSON.stringify(content)}\n`);
      const { status, err } = await run(file, "--out", "locked", "--no-plots", "-q");
      if (status === 2) expect(err).toMatch(/another run.* writes into this folder.* remove run\.lock\./);
      expect(bench.has("locked", "run.lock")).toBe(status === 2);
      return status;
    };
    // A process that lives and does not say when it began, one elsewhere, and one that has not said yet who it is.
    expect(await attempt(holder)).toBe(2);
    expect(await attempt({ ...holder, host: "elsewhere", pid: 2 ** 30 })).toBe(2);
    expect(await attempt("")).toBe(2);
    expect(await attempt('{"pid": -1}')).toBe(2);
    // Nobody has this number.
    expect(await attempt({ ...holder, pid: 2 ** 30 })).toBe(0);
    if (process.platform === "linux") expect(await attempt({ ...holder, start: "another process" })).toBe(0);
    writeFileSync(lock, "");
    utimesSync(lock, new Date(0), new Date(0));
    expect((await run(file, "--out", "locked", "--no-plots", "-q")).status).toBe(0);
  });
});

describe("an output that cannot be written", () => {
  it.skipIf(process.platform !== "linux")("is said in one line; the results are there", async () => {
    for (const words of [["run", file, "--out", "mute", "--json"], ["models"], ["--help"]]) {
      const { status, err } = await spikelet(words, { cwd: bench.folder, shell: "exec > /dev/full" });
      expect([status, err]).toEqual([2, expect.stringMatching(/^error: standard output cannot be written \(no space left\)\.\n$/)]);
    }
    expect(agrees("mute", "whole", true).status).toBe("done");
    const { status } = await spikelet(["run", file, "--out", "mute", "-q"], {
      cwd: bench.folder,
      shell: "exec 2> /dev/full",
    });
    expect(status).toBe(0);
  });
});

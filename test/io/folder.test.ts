import { spawn } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderError, LOCK_FILE, prepareFolder, RESULT_FILES, writeFileAtomic } from "../../src/io/folder.js";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "spikelet-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe("prepareFolder", () => {
  it("makes a missing folder, with those above it", async () => {
    for (let again = 0; again < 2; again++) {
      (await prepareFolder(join(root, "a", "b"))).release();
      expect(await readdir(join(root, "a", "b"))).toEqual([]);
    }
  });

  it("removes an earlier run's files, finished or not, and leaves the system's", async () => {
    for (const name of [...RESULT_FILES, "spikes.csv.123-1.part", ".DS_Store"]) {
      await writeFile(join(root, name), "old");
    }
    (await prepareFolder(root)).release();
    expect(await readdir(root)).toEqual([".DS_Store"]);
  });

  it("refuses a folder with anything else and changes nothing in it", async () => {
    await writeFile(join(root, "run.json"), "{}");
    for (const name of ["thesis.tex", "b", "c", "d"]) await writeFile(join(root, name), "mine");
    const before = await readdir(root);
    await expect(prepareFolder(root)).rejects.toThrow(FolderError);
    await expect(prepareFolder(root)).rejects.toThrow('("b", "c", "d" and 1 more)');
    expect(await readdir(root)).toEqual(before);
  });

  it("refuses a folder in the place of a file of results, and other unfinished files", async () => {
    await mkdir(join(root, "run.json"));
    await expect(prepareFolder(root)).rejects.toThrow('"run.json"');
    await rm(join(root, "run.json"), { recursive: true });
    await writeFile(join(root, "movie.mp4.1-1.part"), "mine");
    await expect(prepareFolder(root)).rejects.toThrow("movie.mp4");
  });

  it("refuses a file, and a path below a file", async () => {
    const file = join(root, "file");
    await writeFile(file, "mine");
    await expect(prepareFolder(file)).rejects.toThrow(`${file}: this is a file; results need a folder.`);
    await expect(prepareFolder(join(file, "below"))).rejects.toThrow("this is a file");
    expect(await readFile(file, "utf8")).toBe("mine");
  });
});

/** Fields of a process from its state on, as Linux tells them. */
function processFields(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)\s+/s, "").split(" ");
}

describe.runIf(process.platform === "linux")("the lock of a folder", () => {
  it("is nobody's whose process has ended and only waits to be asked how", async () => {
    // A shell starts a process and becomes one that never asks.
    const parent = spawn("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (text) => resolve(Number(text))));
      const start = `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()} ${processFields(pid)[19]}`;
      const holder = JSON.stringify({ pid, host: hostname(), space: readlinkSync("/proc/self/ns/pid"), start });
      await expect.poll(() => processFields(pid)[0], { timeout: 10_000 }).toBe("Z");
      await writeFile(join(root, LOCK_FILE), `${holder}\n`);
      (await prepareFolder(root)).release();
      expect(await readdir(root)).toEqual([]);
      // The same of a process that goes on is somebody's.
      const alive = {
        pid: parent.pid,
        start: start.replace(/\d+$/, processFields(parent.pid as number)[19] as string),
      };
      await writeFile(join(root, LOCK_FILE), `${JSON.stringify({ ...JSON.parse(holder), ...alive })}\n`);
      await expect(prepareFolder(root)).rejects.toThrow(`another run (process ${parent.pid}) writes into this folder`);
    } finally {
      parent.kill("SIGKILL");
    }
  });
});

describe("writeFileAtomic", () => {
  it("writes text, bytes and chunks of both, also asynchronous ones", async () => {
    const file = join(root, "run.json");
    await writeFileAtomic(file, "é");
    expect(await readFile(file, "utf8")).toBe("é");
    await writeFileAtomic(file, Uint8Array.of(1, 2));
    expect([...(await readFile(file))]).toEqual([1, 2]);
    await writeFileAtomic(file, ["a", Uint8Array.of(98), "€"]);
    expect(await readFile(file, "utf8")).toBe("ab€");
    async function* later() {
      yield "x";
      yield "y";
    }
    await writeFileAtomic(file, later());
    expect(await readFile(file, "utf8")).toBe("xy");
    await writeFileAtomic(file, []);
    expect(await readFile(file, "utf8")).toBe("");
    expect(await readdir(root)).toEqual(["run.json"]);
  });

  it("keeps the earlier file and no rest when the source fails", async () => {
    const file = join(root, "spikes.csv");
    await writeFile(file, "before");
    function* failing() {
      yield "half";
      throw new Error("no more");
    }
    await expect(writeFileAtomic(file, failing())).rejects.toThrow("no more");
    expect(await readFile(file, "utf8")).toBe("before");
    expect(await readdir(root)).toEqual(["spikes.csv"]);
  });

  it("says what is wrong with a path", async () => {
    await expect(writeFileAtomic(join(root, "none", "run.json"), "")).rejects.toThrow("there is no such folder");
    await mkdir(join(root, "run.json"));
    await expect(writeFileAtomic(join(root, "run.json"), "")).rejects.toThrow(FolderError);
    expect(await readdir(root)).toEqual(["run.json"]);
  });

  it("asks for a chunk only when the one before is written", async () => {
    const file = join(root, "spikes.csv");
    const sizes: number[] = [];
    async function* chunks() {
      for (let i = 0; i < 3; i++) {
        const part = (await readdir(root)).find((name) => name.endsWith(".part")) as string;
        sizes.push((await readFile(join(root, part))).length);
        yield "0123456789";
      }
    }
    await writeFileAtomic(file, chunks());
    expect(sizes).toEqual([0, 10, 20]);
  });
});

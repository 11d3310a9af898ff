/** `spikelet run --seeds`: a run for each seed that never replaces earlier results unless told to. */
import { readFileSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, called, network, single, spikelet } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const file = bench.file("pair.json", network({ duration: 20 }));
const run = (...words: string[]) => called(["run", ...words, "--no-plots"], { cwd: bench.folder });
const spikes = (folder: string): string => readFileSync(bench.path(folder, "spikes.csv"), "utf8");

describe("--seeds", () => {
  it("is a run for each seed, in folders of their own", async () => {
    const { status, out, err } = await run(file, "--seeds", "1..3, 7,2", "--out", "loop", "--json");
    expect([status, err]).toEqual([0, "Run 1 of 4: seed 1\nRun 2 of 4: seed 2\nRun 3 of 4: seed 3\nRun 4 of 4: seed 7\n"]);
    const all = JSON.parse(`[${out.replaceAll("}\n{", "},{")}]`) as { seed: number }[];
    expect(all.map(({ seed }) => seed)).toEqual([1, 2, 3, 7]);
    for (const seed of [1, 2, 3, 7]) {
      expect((await bench.run(`loop-seed-${seed}`)).document).toMatchObject({ seed });
      expect((await run(file, "--seed", String(seed), "--out", "alone", "-q")).status).toBe(0);
      expect(spikes(`loop-seed-${seed}`)).toBe(spikes("alone"));
    }
    expect(spikes("loop-seed-1")).not.toBe(spikes("loop-seed-2"));
  });

  it("replaces earlier results only when it is told to, and then those of these seeds", async () => {
    await run(file, "--seeds", "1..3", "--out", "kept", "-q");
    writeFileSync(bench.path("kept-seed-2", "run.json"), "mine");
    const { status, out, err } = await run(file, "--seeds", "0..2", "--out", "kept");
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: --seeds: there are results of seed 1, 2 already \(kept-seed-1\); .* --overwrite replace them\.\n$/);
    expect(bench.has("kept-seed-0")).toBe(false);
    expect(readFileSync(bench.path("kept-seed-2", "run.json"), "utf8")).toBe("mine");
    expect(await run(file, "--seeds", "2..4", "--out", "kept", "--overwrite", "-q")).toEqual({
      status: 0,
      out: "",
      err: "",
    });
    expect((await readdir(bench.folder)).filter((name) => name.startsWith("kept")).sort()).toEqual(
      [1, 2, 3, 4].map((seed) => `kept-seed-${seed}`),
    );
    expect((await bench.run("kept-seed-2")).status).toBe("done");
  });

  it("goes on after an unstable run, and stops where one is refused", async () => {
    const pulse = { kind: "pulses", amplitude: -5000, start: 20, width: 10 };
    const unstable = bench.file("unstable.json", single({ model: "izhikevich", background: [pulse] }));
    expect((await run(unstable, "--seeds", "1,2", "-q")).status).toBe(3);
    expect((await bench.run("results", "unstable-seed-2")).status).toBe("unstable");
    writeFileSync(bench.path("taken-seed-2"), "a file");
    const { status, err } = await run(file, "--seeds", "1..3", "--out", "taken", "-q");
    expect([status, err]).toEqual([2, expect.stringContaining("taken-seed-2: this is a file")]);
    expect([bench.has("taken-seed-1", "run.json"), bench.has("taken-seed-3")]).toEqual([true, false]);
  });

  it("takes a model from standard input", async () => {
    const words = ["run", "-", "--seeds", "1..2", "--no-plots", "-q"];
    const { status, err } = await spikelet(words, {
      cwd: bench.folder,
      input: JSON.stringify(network({ duration: 5 })),
    });
    expect([status, err]).toEqual([0, ""]);
    expect(spikes("results/stdin-seed-1")).not.toBe(spikes("results/stdin-seed-2"));
  });

  it.each([
    [["--seeds", "1..x"], '--seeds: "1..x"; it must be seeds and ranges of them'],
    [["--seeds", "3..1"], '--seeds: "3..1"; it must be'],
    [["--seeds", ""], '--seeds: ""; it must be'],
    [["--seeds", "1.5"], '--seeds: "1.5"; it must be'],
    [["--seeds", "0..9007199254740992"], "--seeds: "],
    [["--seeds", "1..1000000"], "is more than 100000 runs"],
    [["--seeds", "1..2", "--seed", "3"], "--seeds: --seed cannot be given with it."],
    [["--overwrite"], "--overwrite: it goes with --seeds"],
  ])("refuses %j", async (words, message) => {
    const { status, out, err } = await run(file, "--out", "refused", ...words);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect((await readdir(bench.folder)).some((name) => name.startsWith("refused"))).toBe(false);
  });
});

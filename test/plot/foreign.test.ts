/**
 * `spikelet plot` on a folder that somebody else has made: nothing in it steers the terminal or takes the whole memory.
 */
import fc from "fast-check";
import { zipSync } from "fflate";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { npyHeader } from "../../src/io/npz.js";
import { Bench, called } from "../cli/spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const SPIKES = "time_ms,population,neuron\n10,p,1\n20,p,2\n30,p,1\n";

beforeEach(() => {
  rmSync(bench.path("x"), { recursive: true, force: true });
  mkdirSync(bench.path("x"));
});

/** Draws a folder with such a run.json and such other files. */
function plotted(run: object, files: Readonly<Record<string, string | Uint8Array>> = { "spikes.csv": SPIKES }) {
  const common = { name: "x", duration: 1000, populations: { p: { size: 10 } }, document: {} };
  writeFileSync(bench.path("x", "run.json"), JSON.stringify({ ...common, ...run }));
  for (const [name, content] of Object.entries(files)) writeFileSync(bench.path("x", name), content);
  return called(["plot", "x"], { cwd: bench.folder });
}

describe("what is printed", () => {
  it("has no character that steers a terminal, wherever in the folder it stands", async () => {
    const steering = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
    const part = fc.constantFrom(
      "\u001b[2J",
      "\u009b31m",
      "\r",
      "\u0007",
      "\n",
      "\u202e",
      "\u2066",
      "\u200f",
      "\ud800",
      "p",
      "é",
    );
    const text = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
    const seen = new Set<number | null>();
    await fc.assert(
      fc.asyncProperty(text, fc.nat(4), async (foreign, place) => {
        const csv = (row: string): Record<string, string> => ({ "spikes.csv": `time_ms,population,neuron\n${row}\n` });
        const { status, out, err } = await [
          () => plotted({ name: foreign }),
          () => plotted({ populations: { [foreign]: { size: 10 } } }, csv(`1,"${foreign}",0`)),
          () => plotted({}, csv(`1,"${foreign}",0`)),
          () => plotted({}, csv(`${foreign},p,0`)),
          () => plotted({}, { "spikes.csv": `${foreign}\n` }),
        ][place]!();
        seen.add(status);
        expect([0, 2]).toContain(status);
        expect(steering.exec(out + err)?.[0]).toBeUndefined();
        // One message, in one line.
        expect(`${out}${err}`.trimEnd().split("\n")).toHaveLength(1);
      }),
      { numRuns: 60, seed: 3 },
    );
    expect([...seen].sort()).toEqual([0, 2]);
  });
});

describe("what is read", () => {
  it.each([2 ** 53 - 1, 2 ** 53, 2e9, 1e7 + 1, 0.5, -1, "10", null])(
    "refuses a population of %j neurons",
    async (size) => {
    const { status, err } = await plotted({ populations: { p: { size } } });
    expect([status, err]).toEqual([2, expect.stringContaining("x/run.json: populations.p.size: ")]);
    expect(err).toContain("it must be a whole number from 0 to 10000000.");
  });

  it("refuses more neurons than a run can have, and more populations", async () => {
    const many = (count: number, size: number) =>
      plotted({ populations: Object.fromEntries(Array.from({ length: count }, (_, k) => [`p${k}`, { size }])) });
    expect((await many(11, 1e7)).err).toContain("110000000 neurons together; at most 100000000 are drawn.");
    expect((await many(10_001, 1)).err).toContain("10001 of them; a run has at most 10000.");
  });

  it("refuses a duration that is none, and draws the longest", async () => {
    writeFileSync(bench.path("x", "spikes.csv"), SPIKES);
    writeFileSync(bench.path("x", "run.json"), '{"duration": 1e999, "populations": {"p": {"size": 10}}}');
    const { status, err } = await called(["plot", "x"], { cwd: bench.folder });
    expect([status, err]).toEqual([2, expect.stringContaining("duration: Infinity; it must be a number of ms >= 0.")]);
    expect(await plotted({ duration: 1e300 })).toMatchObject({ status: 0, err: "" });
    const fine = await called(["plot", "x", "--bin", "0.001 ms", "--to", "1e7"], { cwd: bench.folder });
    expect([fine.status, fine.err]).toEqual([2, expect.stringContaining("at most 2097152 bins are drawn")]);
  });

  it("refuses a small archive that unpacks to a large one, and reads one that is compressed", async () => {
    const member = (type: "float64" | "uint32", values: Float64Array | Uint32Array): Uint8Array => {
      const header = npyHeader(type, [values.length]);
      return Buffer.concat([header, new Uint8Array(values.buffer)]);
    };
    const archive = (times: Float64Array, neurons: Uint32Array): Uint8Array =>
      zipSync({ "p/spikes/times.npy": member("float64", times), "p/spikes/neurons.npy": member("uint32", neurons) });
    const bomb = archive(new Float64Array(300_000), new Uint32Array(300_000));
    const { status, err } = await plotted({}, { "spikes.npz": bomb });
    expect([status, err]).toEqual([2, expect.stringContaining(`unpacks to more than ${16 * bomb.length} bytes`)]);
    const times = Float64Array.from({ length: 9000 }, (_, k) => k / 10);
    const squeezed = archive(times, Uint32Array.from(times, (_, k) => k % 10));
    expect(squeezed.length).toBeLessThan(50_000);
    expect(await plotted({}, { "spikes.npz": squeezed })).toMatchObject({ status: 0, err: "" });
  });
});

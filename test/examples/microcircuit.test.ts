/** The microcircuit of Potjans and Diesmann: its numbers, its statistics, and its programs at 2 % of the size. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { meanCv, meanRate } from "../../src/index.js";
import { microcircuit, POPULATIONS } from "../../examples/microcircuit/network.js";
import { distance, Gathered, mean } from "../../examples/microcircuit/statistics.js";

/** Folders in the form of the reference's data: whole, without a population, with a file that is no JSON. */
const NAMES = ["rates", "spike_cvs", "spike_ccs"];
const folder = (lists: Readonly<Record<string, readonly number[]>>): string => {
  const path = mkdtempSync(join(tmpdir(), "spikelet-reference-"));
  const text = JSON.stringify({ 55: lists }).replace("99", "NaN");
  for (const name of NAMES) writeFileSync(join(path, `${name}.json`), text);
  return path;
};
const WHOLE = folder(Object.fromEntries(POPULATIONS.map((name) => [name, [1000, 99, 1001]])));
const WITHOUT = folder({ L23E: [1, 2] });
const BROKEN = folder({});
writeFileSync(join(BROKEN, "spike_cvs.json"), "{");
afterAll(() => {
  for (const path of [WHOLE, WITHOUT, BROKEN]) rmSync(path, { recursive: true, force: true });
});

type Result = Record<string, number> & { readonly rates: Record<string, number> };
interface Entry {
  readonly name: string;
  readonly size: number;
  readonly background: readonly { readonly kind: string; readonly rate?: number; readonly amplitude?: number }[];
}
interface Link {
  readonly source: string;
  readonly target: string;
  readonly n: number;
  readonly weight: { readonly truncatedNormal: readonly number[] };
}
type Options = Parameters<typeof microcircuit>[0];
const network = (options: Options) => {
  const { populations, projections } = microcircuit(options);
  return { populations: populations as readonly Entry[], projections: projections as readonly Link[] };
};

describe("the network", () => {
  it("has the reference implementation's numbers of neurons and synapses, and weights of one sign", () => {
    const { populations, projections } = network({});
    expect(populations.reduce((sum, { size }) => sum + size, 0)).toBe(77_169);
    expect(projections.reduce((sum, { n }) => sum + n, 0)).toBe(298_880_970);
    expect(projections).toHaveLength(55);
    for (const { source, target, weight } of projections) {
      const [w, sd, low, high] = weight.truncatedNormal as [number, number, number, number];
      const exc = source === "L4E" && target === "L23E" ? 175.617 : 87.8085;
      expect(w).toBeCloseTo(source.endsWith("I") ? -351.234 : exc, 3);
      expect(sd).toBeCloseTo(0.1 * Math.abs(w), 9);
      expect(low * high).toBeCloseTo(0, 9);
    }
  });

  it("gets the mean current of its trains where the background is constant, and what smaller ones lose", () => {
    const at = (options: Options) => network(options).populations.map(({ background }) => background);
    const trains = at({});
    const constant = at({ drive: "dc" });
    for (const [i, [one]] of trains.entries()) {
      expect(trains[i]).toHaveLength(1);
      expect(constant[i]).toHaveLength(1);
      expect(constant[i]?.[0]?.amplitude).toBeCloseTo(((one?.rate ?? 0) * 87.8085 * 0.5) / 1000, 6);
    }
    // mean of the trains and of the constant, at a tenth: what both have in common is the local input that is replaced
    for (const [i, small] of at({ scale: 0.1 }).entries()) {
      const [train, rest] = small;
      const mean = ((train?.rate ?? 0) * (87.8085 / Math.sqrt(0.1)) * 0.5) / 1000 + (rest?.amplitude ?? 0);
      expect(mean).toBeCloseTo(at({ scale: 0.1, drive: "dc" })[i]?.[0]?.amplitude ?? 0, 6);
    }
  });
});

describe("its statistics", () => {
  it("are those of the package, however the spikes come", () => {
    const [size, duration] = [40, 4000];
    const all = Array.from({ length: 3000 }, (_, i) => ({
      t: 100 + ((i * 0.6180339887) % 1) * duration,
      n: (i * 7 + (i % 3)) % size,
    }));
    all.sort((a, b) => a.t - b.t);
    const spikes = { times: Float64Array.from(all, ({ t }) => t), neurons: Uint32Array.from(all, ({ n }) => n) };
    const gathered = new Gathered(size);
    for (let i = 0; i < all.length; i += 700)
      gathered.take({ times: spikes.times.slice(i, i + 700), neurons: spikes.neurons.slice(i, i + 700) });
    const { rates, cvs, ccs } = gathered.distributions(100, duration);
    expect(mean(rates)).toBeCloseTo(meanRate(spikes, size, duration), 9);
    expect(mean(cvs)).toBeCloseTo(meanCv(spikes, size), 9);
    expect(ccs).toHaveLength((size * (size - 1)) / 2);
  });

  it("the distance of two samples is the largest gap between their distribution functions", () => {
    const list = (...x: number[]) => Float64Array.from(x);
    expect(distance(list(1, 2, 3), list(3, 1, 2))).toBe(0);
    expect(distance(list(1, 2), list(3, 4))).toBe(1);
    expect(distance(list(1, 2, 3, 4), list(2, 2, 2, 5))).toBe(0.25);
    expect(distance(list(0, 0, 0, 1), list(0, 1, 1, 1))).toBe(0.5);
    expect(distance(list(), list(1))).toBeNaN();
  });
});

describe("its programs at 2 %", { timeout: 120_000 }, () => {
  const run = async (file: string, ...words: string[]): Promise<string> => {
    const all = ["node_modules/tsx/dist/cli.mjs", `examples/microcircuit/${file}`, "--scale", "0.02", ...words];
    return (await promisify(execFile)(process.execPath, all)).stdout;
  };
  const rates: Record<string, Record<string, number>> = {};

  it.each(["1", "2"])("the speed, %s thread(s)", async (threads) => {
    const words = ["--duration", "300", "--warm-up", "100", "--drive", "poisson", "--threads", threads, "--json"];
    const result = JSON.parse(await run("speed.ts", ...words)) as Result;
    const told = { scale: 0.02, drive: "poisson", threads: Number(threads), neurons: 1544, synapses: 119_548 };
    expect(result).toMatchObject(told);
    expect(result.realTimeFactor).toBeGreaterThan(0);
    expect(result.coreSeconds).toBeCloseTo((result.realTimeFactor as number) * Number(threads), 9);
    expect(result.memoryMiB).toBeGreaterThan(10);
    expect(result.rates.L4E).toBeGreaterThan(0.1);
    rates[threads] = result.rates;
    expect(Object.values(rates).every((one) => JSON.stringify(one) === JSON.stringify(result.rates))).toBe(true);
  });

  it("the statistics of two seeds", async () => {
    const words = ["--duration", "1000", "--warm-up", "100", "--seeds", "2", "--drive", "poisson", "--threads", "1"];
    const text = await run("accuracy.ts", ...words);
    expect(text).toMatch(/^scale 0\.02, background poisson, 2 seed\(s\), 1000 ms after 100 ms$/m);
    const [, first, second] = text.split(/^population.*$/m) as [string, string, string];
    const cells = /^L6I +([\d.]+) +7\.83 +([\d.]+) +(-?[\d.]+)$/m.exec(first);
    expect(Number(cells?.[1])).toBeGreaterThan(1);
    expect(Number(cells?.[2])).toBeLessThan(1);
    const distances = /^L6I +([\d.]+) +0\.02 +- +([\d.]+) +0\.02 +- +([\d.]+) +0\.02 +-$/m.exec(second);
    expect(distances?.slice(1).every((x) => Number(x) > 0 && Number(x) < 0.5)).toBe(true);
  });

  it.each([
    ["speed.ts", ["--drive", "ac"], '--drive: "ac"; it must be poisson or dc.'],
    ["speed.ts", ["--scale", "two"], "--scale two; it must be a number from 0.001 to 1."],
    ["speed.ts", ["--threads", "0"], "--threads 0; it must be an integer from 1 to 64."],
    ["speed.ts", ["--warm-up", ""], "--warm-up ; it must be a number from 0 to 10000000."],
    ["speed.ts", ["--seeds", "2"], /^Unknown option '--seeds'\. Known: --scale, .*, --seed, --profile, --json\.$/],
    ["accuracy.ts", ["--seeds"], /^Option '--seeds <value>' argument missing\. Known: --scale, .*, --out\.$/],
    ["accuracy.ts", ["--seeds", "0"], "--seeds 0; it must be an integer from 1 to 10000."],
    // Ahead of the runs, which would take half a day.
    ["accuracy.ts", ["--reference", "nowhere"], "--reference: there is no nowhere/rates.json."],
    ["accuracy.ts", ["--reference", WITHOUT], `--reference: ${WITHOUT}/rates.json has no list "55"."L23I".`],
    ["accuracy.ts", ["--reference", BROKEN], new RegExp(`^--reference: ${BROKEN}/spike_cvs\\.json: .*JSON.*\\.$`)],
    ["accuracy.ts", ["--out", "nowhere/rows.json"], "--out: there is no folder nowhere."],
  ])("%s %j is refused", async (file, words, message) => {
    const ended = (await run(file, ...words).catch((error: unknown) => error)) as { code: number; stderr: string };
    expect(ended.code).toBe(2);
    if (typeof message === "string") expect(ended.stderr.trim()).toBe(message);
    else expect(ended.stderr.trim()).toMatch(message);
  });

  it("the distances to data in the reference's form", async () => {
    const words = ["--duration", "300", "--warm-up", "100", "--seeds", "1", "--drive", "poisson", "--threads", "1"];
    const text = await run("accuracy.ts", ...words, "--reference", WHOLE);
    // Every value lies above those of the network: the distance of the distributions is 1.
    expect(text).toMatch(/^L6I +- +0\.02 +1\.000 +- +0\.02 +1\.000 +- +0\.02 +1\.000$/m);
  });
});

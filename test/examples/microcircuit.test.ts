/** The microcircuit of Potjans and Diesmann: its numbers, its statistics, and its programs at 2 % of the size. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { meanCv, meanRate } from "../../src/index.js";
import { microcircuit } from "../../examples/microcircuit/network.js";
import { distance, Gathered, mean } from "../../examples/microcircuit/statistics.js";

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

  it("what cannot be is refused", async () => {
    await expect(run("speed.ts", "--drive", "ac")).rejects.toThrow(/--drive: "ac"; it must be poisson or dc/);
    const nowhere = run("accuracy.ts", "--seeds", "0", "--reference", "nowhere");
    await expect(nowhere).rejects.toThrow(/--reference: there is no nowhere/);
  });
});

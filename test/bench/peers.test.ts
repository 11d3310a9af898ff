import { describe, expect, it } from "vitest";
import { CASES } from "../../bench/peers/cases.js";
import { CONTESTANTS } from "../../bench/peers/contestants.js";
import { lcg, randomSynapses } from "../../bench/peers/lcg.js";
import { brunel, cuba, inSpikelet, parting, startOf, train, trainOf } from "../../bench/peers/networks.js";
import { run } from "../../bench/peers/process.js";
import { meanInterval, statistics } from "../../bench/peers/statistics.js";

describe("graphs that do not depend on Spikelet", () => {
  it("come from the generator of Numerical Recipes", () => {
    const random = lcg(0);
    // 1013904223, then 1664525 times it plus 1013904223, modulo 2^32.
    expect([random() * 2 ** 32, random() * 2 ** 32]).toEqual([1013904223, 1196435762]);
  });

  it("have no autapses, delays within their range, weights that Float32 holds", () => {
    const { sources, targets, weights, delays } = randomSynapses(lcg(1), [10, 20], 30, {
      p: 0.5,
      weight: 3,
      longest: 7,
    });
    expect(sources.length).toBeGreaterThan(100);
    for (const [n, source] of sources.entries()) {
      expect(source).not.toBe(targets[n]);
      expect(source >= 10 && source < 20 && (targets[n] as number) < 30).toBe(true);
      expect(delays[n]).toBeGreaterThanOrEqual(1);
      expect(delays[n]).toBeLessThanOrEqual(7);
      expect(weights[n]).toBe(Math.fround(weights[n] as number));
    }
  });
});

describe("what compares two simulators", () => {
  it("finds where trains part", () => {
    const a = train([3, 1, 2], [0, 5, 1]);
    expect([...a.steps, ...a.neurons]).toEqual([1, 2, 3, 5, 1, 0]);
    expect(parting(a, train([1, 2, 3], [5, 1, 0]))).toEqual({ equal: 3, step: undefined });
    expect(parting(a, train([1, 2, 4], [5, 1, 0]))).toEqual({ equal: 2, step: 3 });
    expect(parting(a, train([1, 2], [5, 1]))).toEqual({ equal: 2, step: 3 });
    expect(parting(a, train([1, 2, 3, 3], [5, 1, 0, 2]))).toEqual({ equal: 3, step: 3 });
  });

  it("counts spikes of a window", () => {
    const steps = Array.from({ length: 100 }, (_, k) => 10 * k);
    const { rate, cv } = statistics(train(steps, new Int32Array(100)), 1, 0.1, 50, 100);
    expect(rate).toBe(1000);
    expect(cv).toBeCloseTo(0, 10);
  });

  it("takes intervals neuron by neuron, within a window", () => {
    const spikes = { times: [1, 10, 11, 20, 24, 34], neurons: [0, 0, 1, 0, 1, 1] };
    expect(meanInterval(spikes, 2, 5)).toBe((10 + 13 + 10) / 3);
    expect(meanInterval(spikes, 2, 30)).toBeUndefined();
  });

  it.each([cuba(), brunel("constant", 0.02)])(
    "$name: a drawn network and the one made from its lists fire alike",
    async (network) => {
      const drawn = await inSpikelet(network, 3);
      const given = await inSpikelet(network, startOf(network, drawn));
      for (const { simulation } of [drawn, given]) simulation.runSync(30);
      const trains = [drawn, given].map((running) => trainOf(running, network.dt));
      expect(trains[0]?.steps.length).toBeGreaterThan(100);
      expect(trains[1]).toEqual(trains[0]);
    },
  );
});

describe("the list of cases", () => {
  it("has names of its own, and Spikelet first", () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
    expect(CONTESTANTS[0]?.id).toBe("spikelet");
    for (const entry of CASES)
      expect(CONTESTANTS.filter((contestant) => contestant.runs(entry)).length).toBeGreaterThan(1);
  });
});

describe("a contestant's process", () => {
  it("gives its output, its failure or the end of its time", async () => {
    const node = (code: string, limit: number) => run(process.execPath, ["-e", code], limit);
    expect((await node("console.log(1 + 1)", 20)).stdout).toBe("2\n");
    await expect(node("console.error('no luck'); process.exit(3)", 20)).rejects.toThrow(/status 3\. no luck/);
    await expect(node("setTimeout(() => {}, 60000)", 1)).rejects.toThrow("no end within 1 s");
  });
});

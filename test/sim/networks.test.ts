/**
 * Networks against the statistics of independent simulations. One seed each; scripts/long/test-long.ts runs several.
 */
import { describe, expect, it } from "vitest";
import { entryOf } from "../reference/harness.js";
import { coba, cuba, type Statistics, statisticsOf, volley, VOLLEY } from "../reference/networks.js";

interface NetworkEntry {
  readonly expected: Readonly<Record<keyof Statistics, { readonly mean: number; readonly sd: number }>>;
}

describe("COBA (open-net-coba)", () => {
  it.each(["euler", "exponentialEuler"] as const)(
    "%s: keeps itself active at 15 to 25 Hz, irregular",
    async (method) => {
      const network = await coba({ seed: 1, method });
      network.simulation.runSync(1000);
      const { rate, rateE, rateI, cv } = statisticsOf(network, 200, 1000);
      for (const x of [rate, rateE, rateI]) {
        expect(x).toBeGreaterThan(15);
        expect(x).toBeLessThan(25);
      }
      expect(cv).toBeGreaterThan(1.4);
      expect(cv).toBeLessThan(1.8);
      expect(statisticsOf(network, 900, 1000).rate).toBeGreaterThan(10);
    },
  );
});

describe("CUBA (open-net-cuba)", () => {
  it("every statistic within four standard deviations or 6 % of the mean over seeds", async () => {
    const { expected } = entryOf<NetworkEntry>("networks", "open-net-cuba");
    const network = await cuba({ seed: 1 });
    network.simulation.runSync(2000);
    const found = statisticsOf(network, 200, 2000);
    for (const name of ["rateE", "rateI", "rate", "cv", "fano1ms", "fpeak"] as const) {
      const { mean, sd } = expected[name];
      expect(Math.abs(found[name] - mean), name).toBeLessThan(Math.max(4 * sd, 0.06 * mean));
    }
  });
});

describe("a volley into a network (open-claim-background)", () => {
  const evoked = async (J: number, Ibg: number, sigma: number): Promise<number> => {
    const responses = [];
    for (const seed of [1, 2]) responses.push(await volley({ J, Ibg, sigma, seed, end: VOLLEY.at + 30 }));
    return responses.reduce((sum, response) => sum + response.evoked, 0) / responses.length;
  };
  const tenth = VOLLEY.size / 10;

  it("without a background weak synapses do nothing and strong ones explode", async () => {
    expect(await evoked(1.5, 0, 0)).toBeLessThan(tenth);
    expect(await evoked(2.5, 0, 0)).toBeGreaterThan(20 * VOLLEY.cells);
  });

  it("with a background less than half the strength is enough, and the response stays in proportion", async () => {
    expect(await evoked(0.4, 10, 4)).toBeLessThan(tenth);
    const response = await evoked(0.8, 10, 4);
    expect(response).toBeGreaterThan(tenth);
    expect(response).toBeLessThan(6 * VOLLEY.cells);
  });
});

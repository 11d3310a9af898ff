/** The comparison of models: what one membrane for all means, what is measured, and what is said of it. */
import { describe, expect, it } from "vitest";
import {
  AT_ONCE,
  COMPARED,
  COMPARISON,
  type Comparison,
  comparisonDocument,
  costWords,
  type Measured,
  measured,
  ONSET,
  parametersOf,
  wordsOf,
} from "../../apps/playground/src/compare/compare.js";
import { niceStep } from "../../apps/playground/src/draw/strips.js";
import { models, parseDocument, rheobase, Simulation } from "../../src/index.js";

const { fraction, dt, shown, same } = COMPARISON;
const chosen: Comparison = { fraction: fraction.value, dt: dt.value, shown: shown.value, same: same.value };
async function latencies(with_: Comparison): Promise<Record<string, number | undefined>> {
  const sim = await Simulation.fromDocument(comparisonDocument(with_, { models: AT_ONCE }));
  await sim.run(ONSET + 150);
  const { spikes } = sim.results.take();
  sim.close();
  return Object.fromEntries([...spikes].map((one) => [one.name, measured(one.name, [...one.spikes.times]).latency]));
}

describe("the comparison", () => {
  it.each([
    { ...chosen, same: 1 },
    { ...chosen, same: 0, dt: 1, fraction: 0.5 },
    { ...chosen, dt: 0.03 },
  ])("is a network that can be read", (one) => {
    const { populations } = parseDocument(comparisonDocument(one));
    expect(populations.map(({ name }) => name)).toEqual(COMPARED.map(({ id }) => id));
    parseDocument(comparisonDocument(one, { dt: 0.01, traces: false }));
  });

  it("gives the models one rheobase", async () => {
    expect(AT_ONCE.map(({ id }) => id)).toEqual(["lif", "qif", "eif"]);
    for (const one of AT_ONCE) {
      const params = parametersOf(one, { same: 1 }) as never;
      expect(await rheobase(models[one.id as "lif"], { params })).toBeCloseTo(546, 9);
      expect(parametersOf(one, { same: 0 })).toEqual({});
    }
  });

  it("gives izhikevich the parabola of qif", () => {
    const [qif, izhikevich] = ["qif", "izhikevich"].map(
      (id) => COMPARED.find((model) => model.id === id)?.same as Record<string, number>,
    ) as [Record<string, number>, Record<string, number>];
    const { C_m, k, V_r, V_t } = qif as Record<"C_m" | "k" | "V_r" | "V_t", number>;
    const { k_2, k_1, k_0 } = izhikevich as Record<"k_2" | "k_1" | "k_0", number>;
    for (const v of [-80, -70.6, -30, 0, 10])
      expect(k_2 * v * v + k_1 * v + k_0).toBeCloseTo((k * (v - V_r) * (v - V_t)) / C_m, 10);
    // the slope at rest is the leak
    expect(k * (V_t - V_r)).toBeCloseTo(30, 10);
  });

  it.each([1.2, 2, 4])("has the latencies of the equations at %f x rheobase", async (times) => {
    const found = await latencies({ ...chosen, fraction: times, dt: 0.05 });
    const tau = 281 / 30;
    const lif = tau * Math.log(times / (times - 1));
    // C dv/dt = k (x^2 + (times - 1) R^2/4) with x = v - (V_r + V_t)/2 from -R/2 to V_peak
    const reach = (4 * 546) / 30;
    const w = (Math.sqrt(times - 1) * reach) / 2;
    const qif = ((281 * reach) / 30 / w) * (Math.atan((20 + 70.6 - reach / 2) / w) + Math.atan(reach / 2 / w));
    expect(found.lif).toBeGreaterThanOrEqual(lif - 1e-6);
    expect(found.lif).toBeLessThanOrEqual(lif + 0.051);
    expect(Math.abs((found.qif ?? 0) - qif)).toBeLessThan(0.15);
    expect(found.eif).toBeGreaterThan(found.lif ?? 0);
    expect(found.eif).toBeLessThan(found.qif ?? 0);
  });
});

describe("what is measured", () => {
  it("needs spikes", () => {
    expect(measured("lif", [])).toEqual({ id: "lif", spikes: 0 });
    expect(measured("lif", [25])).toEqual({ id: "lif", spikes: 1, latency: 5 });
    expect(measured("lif", [25, 30, 45])).toEqual({ id: "lif", spikes: 3, latency: 5, interval: 5, rate: 100 });
  });
});

describe("what is said", () => {
  const spike = (id: string, latency: number | undefined, rate?: number): Measured => ({
    id,
    spikes: 1,
    ...(latency !== undefined && { latency }),
    ...(rate !== undefined && { rate }),
  });

  it("is what the numbers show", () => {
    const late = [spike("qif", 33), spike("izhikevich", 27)];
    const all = [spike("lif", 6.5), ...late, spike("adex", 9.5), spike("eif", undefined)];
    expect(wordsOf(all, { fraction: 2, same: 1 })).toEqual([
      "eif does not fire at 2 x rheobase within 300 ms.",
      "lif fires first, 6.50 ms after the onset; qif last, after 33.0 ms: 5.1 times as long.",
      "adex fires after 9.50 ms: lif 3.00 ms before it, qif 23.5 ms after it and izhikevich 17.5 ms after it.",
      "So, measured by adex, integrate-and-fire spikes too soon and the quadratic models too late, as is often said.",
    ]);
  });

  it("does not say what they do not show", () => {
    const all = [spike("lif", 6.5), spike("qif", 9.1), spike("izhikevich", 6.3), spike("adex", 9.5)];
    const said = wordsOf(all, { fraction: 2, same: 0 });
    expect(said[1]).toContain("qif 0.40 ms before it");
    expect(said[2]).toMatch(/not so here/);
    expect(said[3]).toMatch(/membrane/);
    expect(wordsOf([spike("lif", undefined), spike("qif", undefined)], { fraction: 0.5, same: 1 })).toEqual([
      "lif and qif do not fire at 0.5 x rheobase within 300 ms.",
    ]);
  });

  it("of the time step is the largest difference", () => {
    const coarse = [spike("lif", 7, 100), { ...spike("qif", 30, 50), spikes: 4 }];
    const fine = [spike("lif", 6.5, 102), spike("qif", 29.9, 40)];
    expect(costWords(coarse, fine, 1)).toBe(
      "Between dt 1 ms and 0.01 ms a first spike moves by at most 0.50 ms (lif), a rate by at most 25.0 % (qif). qif has another number of spikes.",
    );
    expect(costWords([spike("lif", undefined)], fine, 1)).toBe("");
  });
});

describe("steps of an axis", () => {
  it.each([
    [88, 10, 10],
    [300, 10, 50],
    [18, 2, 10],
    [0.9, 2, 0.5],
  ])("%f in about %i", (range, count, step) => expect(niceStep(range, count)).toBeCloseTo(step, 12));
});

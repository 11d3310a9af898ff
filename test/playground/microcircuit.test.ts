/** The column of the page: numbers of the paper, rates of the order of the full network's, an answer to a pulse. */
import { expect, it } from "vitest";
import {
  FULL_RATES,
  POPULATIONS,
  microcircuitDocument,
  pulseRate,
  sizeAt,
  THALAMUS,
} from "../../apps/playground/src/net/microcircuit.js";
import { Simulation } from "../../src/index.js";

it("has the paper's numbers of neurons and synapses at full scale", () => {
  const { neurons, synapses } = sizeAt(1);
  expect(neurons).toBe(77_169);
  // 299 million inside, and those of the thalamus
  expect(synapses).toBeGreaterThan(298e6);
  expect(synapses).toBeLessThan(305e6);
});

it("fires with rates of the order of the full network's, and answers a thalamic pulse in layers 4 and 6", async () => {
  const scale = 0.05;
  const sim = await Simulation.fromDocument(microcircuitDocument(scale, 1));
  const { neurons, synapses } = sizeAt(scale);
  const populations = POPULATIONS.map((name) => {
    const population = sim.populations.get(name);
    if (population === undefined) throw new Error(name);
    return population;
  });
  expect(populations.reduce((sum, { size }) => sum + size, 0)).toBe(neurons);
  await sim.run(200);
  expect(sim.report().synapses / synapses).toBeCloseTo(1, 2);
  const before = populations.map((population) => sim.record(population, "spikes"));
  await sim.run(300);
  const rates = before.map((spikes) => spikes.rate());
  for (const spikes of before) spikes.pause();
  // they are lower in a small network, most where they are low
  const near = rates.filter((rate, k) => rate > (FULL_RATES[k] as number) / 3 && rate < (FULL_RATES[k] as number) * 2);
  expect(near.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...rates)).toBeLessThan(20);
  const thalamus = sim.populations.get(THALAMUS);
  thalamus?.set({
    rate: {
      points: [
        [sim.time, pulseRate(scale)],
        [sim.time + 10, 0],
      ],
    },
  } as never);
  const during = populations.map((population) => sim.record(population, "spikes"));
  await sim.run(25);
  const answer = during.map((spikes) => spikes.rate());
  expect(answer[2]).toBeGreaterThan(2 * (rates[2] as number));
  expect(answer[3]).toBeGreaterThan(2 * (rates[3] as number));
  for (const spikes of during) spikes.pause();
  await sim.run(50);
  const after = populations.map((population) => sim.record(population, "spikes"));
  await sim.run(100);
  expect(after[2]?.rate()).toBeLessThan(3 * (rates[2] as number));
  sim.close();
});

/** Results as tables: what is held, what has come since the last look, and what a sink is given while a run goes on. */
import { describe, expect, it } from "vitest";
import {
  background,
  InstabilityError,
  izhikevich,
  poisson,
  type ResultTables,
  resultFormats,
  Simulation,
  toDocument,
} from "../../src/index.js";

const size = 40;

/** A small network whose spikes, traces and weights are recorded. */
async function network(): Promise<Simulation> {
  const sim = await Simulation.create({ dt: 0.5, seed: 3 });
  const input = sim.population("input", poisson, 20, { params: { rate: 50 } });
  const cells = sim.population("cells", izhikevich, size, {
    background: [background.whiteNoise({ sigma: 10, mean: 5 })],
    receptors: { ampa: { kernel: "exponential", tau: 5 } },
  });
  const plasticity = { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 2 } as const;
  const synapses = { receptor: "ampa", weight: 1, delay: 1, plasticity } as const;
  const learned = sim.connect(input, cells, { rule: "fixedProbability", p: 0.5, ...synapses });
  sim.record(cells, "spikes", { neurons: [0, 1, 2, 3] });
  sim.record(cells, "spikes", { neurons: [2, 3, 4, 5] });
  sim.record(cells, "v", { neurons: [7, 0], every: 1 });
  sim.recordWeights(learned, { synapses: [5, 0], every: 10 });
  return sim;
}

/** All numbers of tables that came one after another. */
function joined(parts: readonly ResultTables[]): unknown {
  const all = (pick: (tables: ResultTables) => Iterable<number>): number[] =>
    parts.flatMap((tables) => [...pick(tables)]);
  return {
    times: all(({ spikes }) => spikes[0]?.spikes.times ?? []),
    neurons: all(({ spikes }) => spikes[0]?.spikes.neurons ?? []),
    time: all(({ traces }) => traces[0]?.time ?? []),
    v: [0, 1].map((k) => all(({ traces }) => traces[0]?.values(k) ?? [])),
    weights: [0, 1].map((k) => all(({ weightTraces }) => weightTraces[0]?.values(k) ?? [])),
  };
}

describe("tables", () => {
  it("have names, units and every spike once", async () => {
    const sim = await network();
    expect(sim.results.tables().weightTraces[0]?.synapses).toEqual(new Uint32Array(0));
    expect(sim.results.weights()).toEqual([]);
    await sim.run(200);
    const { spikes, traces, weightTraces } = sim.results.tables();
    expect(spikes.map((one) => [one.name, one.size])).toEqual([["cells", size]]);
    expect([...new Set(spikes[0]?.spikes.neurons)].every((n) => n <= 5)).toBe(true);
    expect(spikes[0]?.spikes.times.length).toBeGreaterThan(0);
    expect(traces.map(({ population, variable, unit, neurons }) => [population, variable, unit, ...neurons])).toEqual([
      ["cells", "v", "mV", 7, 0],
    ]);
    const [weights] = sim.results.weights();
    const [recorded] = weightTraces;
    expect([recorded?.name, recorded?.unit]).toEqual([weights?.name, weights?.unit]);
    expect(recorded?.sources).toEqual(Uint32Array.of(...[5, 0].map((j) => weights?.sources[j] as number)));
    expect(recorded?.values(0).at(-1)).toBe(weights?.weights[5]);
    const scope = sim.results.scope(150);
    expect(scope.spikes).toEqual([{ population: "cells", neurons: [0, 1, 2, 3, 4, 5], spans: [[0, 150]] }]);
    expect(scope.weights).toEqual([{ projection: weights?.name, unit: weights?.unit }]);
  });

  it("since the last look are together all, stay as they are, and leave nothing behind", async () => {
    const [whole, looked] = [await network(), await network()];
    await whole.run(300);
    const parts: ResultTables[] = [];
    for (const duration of [100, 50.5, 149.5]) {
      await looked.run(duration);
      parts.push(looked.results.take());
      expect(looked.results.bytes).toBe(0);
    }
    expect(joined(parts)).toEqual(joined([whole.results.tables()]));
    expect(looked.results.scope()).toEqual(whole.results.scope());
  });
});

describe("a sink", () => {
  it("is given everything, in pieces, and no more is held than what it waits for", async () => {
    const [whole, flowing] = [await network(), await network()];
    await whole.run(500);
    const parts: ResultTables[] = [];
    let most = 0;
    const sink = async (tables: ResultTables): Promise<void> => {
      most = Math.max(most, flowing.results.bytes);
      parts.push(tables);
      await Promise.resolve();
    };
    await flowing.run(500, { sink, gather: 1000, chunk: 10 });
    expect(parts.length).toBeGreaterThan(5);
    expect([most < 2500, flowing.results.bytes]).toEqual([true, 0]);
    expect(joined(parts)).toEqual(joined([whole.results.tables()]));
  });

  it("gets the rest at the end, also of a run that is cancelled or becomes unstable", async () => {
    const sim = await network();
    const given: number[] = [];
    const sink = ({ traces }: ResultTables): void => void given.push(traces[0]?.time.length ?? 0);
    const controller = new AbortController();
    const report = await sim.run(1000, {
      sink,
      chunk: 50,
      signal: controller.signal,
      onProgress: ({ phase }) => phase === "simulating" && controller.abort(),
    });
    expect([report.status, report.duration, given]).toEqual(["cancelled", 50, [51]]);
    sim.populations.get("cells")?.setState("v" as never, 1e9);
    const error = await sim.run(100, { sink }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InstabilityError);
    expect([given.length, sim.results.bytes, sim.report().status]).toEqual([2, 0, "unstable"]);
  });

  it("that throws ends the run, which keeps what it was given", async () => {
    const sim = await network();
    const full = new Error("no space left");
    let calls = 0;
    const sink = (): void => {
      calls++;
      throw full;
    };
    await expect(sim.run(100, { sink, gather: 100, chunk: 10 })).rejects.toBe(full);
    const { status, duration } = sim.report();
    expect([calls, status, duration, sim.reached.duration]).toEqual([1, "failed", 10, 10]);
    expect(sim.results.tables().traces[0]?.time.length).toBe(11);
    await sim.run(10);
    expect([sim.report().status, sim.time]).toEqual(["done", 20]);
    await expect(sim.run(10, { sink })).rejects.toBe(full);
    expect([calls, sim.report().status, sim.time]).toEqual([2, "failed", 30]);
  });

  it.each([
    [{ sink: 1 }, "run.sink"],
    [{ gather: 0 }, "run.gather"],
  ])("%j is refused", async (options, path) => {
    await expect((await network()).run(10, options as never)).rejects.toMatchObject({ path });
  });

  it("writes the same bytes by a format that grows", async () => {
    const { csv } = resultFormats;
    const facts = { name: "net", dt: 0.5, duration: 300 };
    const [whole, flowing] = [await network(), await network()];
    await whole.run(300);
    for (const { name } of csv.files.filter(({ holds }) => !holds.includes("weights"))) {
      const sim = name === "spikes.csv" ? flowing : await network();
      let text = csv.stream.head(name);
      const sink = (tables: ResultTables): void => {
        for (const rows of csv.stream.rows(name, tables)) text += rows;
      };
      await sim.run(300, { sink, gather: 500, chunk: 7 });
      const tables = { ...whole.results.tables(), weights: [] };
      expect(text).toBe([...(csv.write(name, tables, facts) as Iterable<string>)].join(""));
    }
  });
});

it("a simulation of checked data is the one that the data came from", async () => {
  const sim = await network();
  const again = await Simulation.fromSpec(sim.toSpec());
  expect(toDocument(again.toSpec())).toEqual(sim.toDocument());
  again.note = "what the program needs";
  await again.run(20);
  const restored = await Simulation.restore(again.snapshot());
  expect([restored.note, restored.time, restored.timeAsked, restored.isBuilt]).toEqual([
    "what the program needs",
    20,
    20,
    true,
  ]);
  expect(joined([restored.results.tables()])).toEqual(joined([again.results.tables()]));
});

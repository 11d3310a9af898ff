/** Shards: a network's neurons and synapses spread over several instances of the core give the bits of one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InstabilityError, Simulation, StateError } from "../../src/index.js";
import { pinned } from "../golden/networks.js";
import { cases } from "../cases.js";
import { fingerprint, holds, type Loose, networks } from "./networks.js";

/** Everything that a run leaves behind: recordings, states, weights, and what the report says of the activity. */
async function outcome(document: Loose, threads: number, duration: number = document.duration): Promise<object> {
  const simulation = await Simulation.fromDocument(document, { threads });
  const { populations, synapses } = await simulation.run(duration);
  const weights = simulation.projections.map((p) => p.read());
  const found = { ...fingerprint(simulation), populations, synapses, weights };
  simulation.close();
  return found;
}

describe("any number of shards gives the same bits", () => {
  it("random networks with every feature, 2 to 8 shards", async () => {
    let shared = 0;
    await holds(
      fc.asyncProperty(networks, fc.constantFrom(2, 3, 4, 8), async (document, threads) => {
        const simulation = await Simulation.fromDocument(document, { threads });
        await simulation.run(document.duration);
        if (simulation.shards > 1) shared++;
        expect(fingerprint(simulation)).toEqual(fingerprint(await alone(document)));
        simulation.close();
      }),
      25,
    );
    expect(shared).toBeGreaterThan(cases(10));
  });

  it.each(Object.entries<Loose>(pinned))("%s with 1, 2, 3, 4 and 8 shards", async (_, document) => {
    const one = await outcome(document, 1);
    for (const threads of [2, 3, 4, 8]) expect(await outcome(document, threads)).toEqual(one);
  });
});

async function alone(document: Loose): Promise<Simulation> {
  const simulation = await Simulation.fromDocument(document, { threads: 1 });
  await simulation.run(document.duration);
  return simulation;
}

/** 200 neurons that keep each other busy, with delays of at least 3 steps: an interval has several steps. */
function busy(more: Loose = {}): Loose {
  return {
    dt: 0.1,
    seed: 7,
    duration: 100,
    populations: [
      {
        name: "cells",
        model: "lif",
        size: 200,
        init: { v: { uniform: [-70, -55] } },
        receptors: { in: { kernel: "exponential", tau: 5 } },
        background: [{ kind: "constant", amplitude: { uniform: [400, 700] } }, { kind: "whiteNoise", sigma: 200 }],
        ...more,
      },
    ],
    projections: [
      {
        source: "cells", target: "cells", rule: "fixedProbability", p: 0.2, weight: { truncatedNormal: [5, 2, 0, 20] },
        delay: { uniform: [0.3, 4] },
        plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 20 },
      },
    ],
    record: [{ population: "cells", variables: ["spikes", "v"], neurons: [190, 3, 77] }],
  };
}

describe("a sharded simulation", () => {
  it("is read, changed between runs, saved and restored like one shard", async () => {
    const play = async (threads: number): Promise<object> => {
      let simulation = await Simulation.fromDocument(busy(), { threads });
      await simulation.run(20);
      const cells = simulation.populations.get("cells");
      if (!cells) throw new Error("no cells");
      cells.setState("v" as never, Float64Array.from({ length: 200 }, (_, i) => -70 + i / 20));
      cells.set({ tau_m: Float64Array.from({ length: 200 }, (_, i) => 15 + i / 50) } as never);
      cells.setBackground([{ kind: "constant", amplitude: 600, neurons: [5, 150, 199] }]);
      await simulation.run(15, { chunk: 0.7 });
      const bytes = simulation.snapshot();
      simulation.close();
      simulation = await Simulation.restore(bytes);
      expect(simulation.shards).toBe(threads);
      await simulation.run(15);
      const table = simulation.projections[0]?.read();
      const result = { ...fingerprint(simulation), table, weights: simulation.projections[0]?.weights() };
      simulation.close();
      return result;
    };
    const one = await play(1);
    for (const threads of [2, 5]) expect(await play(threads)).toEqual(one);
  });

  it("records chosen weights as one shard does", async () => {
    const play = async (threads: number): Promise<object> => {
      const simulation = await Simulation.fromDocument(busy(), { threads });
      const [projection] = simulation.projections;
      if (!projection) throw new Error("no projection");
      const recording = simulation.recordWeights(projection, { synapses: [4000, 17, 2500], every: 0.5 });
      await simulation.run(30);
      simulation.close();
      return { time: recording.time, values: recording.view().slice() };
    };
    const one = await play(1);
    for (const threads of [2, 3]) expect(await play(threads)).toEqual(one);
  });

  it("finds the same first runaway, with the same results so far", async () => {
    const document = busy();
    // Neurons of other shards than the first run away, several in one interval of 10 steps.
    const background = [
      { kind: "constant", amplitude: { uniform: [2, 9] } },
      { kind: "pulses", amplitude: -1e7, start: 40.3, width: 5, neurons: [90, 140, 190] },
    ];
    document.populations[0] = {
      name: "cells",
      model: "izhikevich",
      size: 200,
      receptors: { in: { kernel: "exponential", tau: 5 } },
      background,
    };
    document.populations.push({
      ...document.populations[0],
      name: "others",
      background: [{ kind: "pulses", amplitude: -1e7, start: 40, width: 5, neurons: [170] }],
    });
    document.projections = [{ source: "cells", target: "cells", rule: "fixedIndegree", k: 5, weight: 1, delay: 1 }];
    const play = async (threads: number): Promise<[string, object]> => {
      const simulation = await Simulation.fromDocument(document, { threads });
      const error = await simulation.run(2000).then(
        () => undefined,
        (e: unknown) => e,
      );
      if (!(error instanceof InstabilityError)) throw new Error(`no runaway with ${threads} threads`);
      const spikes = simulation.recordings.spikes.get("cells");
      const traces = simulation.recordings.traces.map((t) => [t.view().slice(), t.time]);
      return [error.message, { times: spikes?.times, neurons: spikes?.neurons, traces, at: simulation.time }];
    };
    const one = await play(1);
    for (const threads of [2, 3, 4]) expect(await play(threads)).toEqual(one);
  });

  it("works without shared memory, all shards on one thread", async () => {
    const { readFileSync } = await import("node:fs");
    const core = await WebAssembly.compile(readFileSync("build/core.wasm"));
    const result = async (threads: number): Promise<object> => {
      const simulation = await Simulation.fromDocument(busy(), { threads, core });
      await simulation.run(30);
      expect(simulation.shards).toBe(threads);
      return fingerprint(simulation);
    };
    expect(await result(3)).toEqual(await result(1));
  });

  it("runs at once as well", async () => {
    const simulation = await Simulation.fromDocument(busy(), { threads: 2 });
    simulation.runSync(30);
    const other = await Simulation.fromDocument(busy(), { threads: 1 });
    other.runSync(30);
    expect(fingerprint(simulation)).toEqual(fingerprint(other));
    simulation.close();
  });

  it("cannot run once it is closed, and keeps what it has", async () => {
    const simulation = await Simulation.fromDocument(busy(), { threads: 2 });
    await simulation.run(10);
    const count = simulation.recordings.spikes.get("cells")?.count;
    simulation.close();
    await expect(simulation.run(1)).rejects.toThrow(StateError);
    expect(simulation.recordings.spikes.get("cells")?.count).toBe(count);
    simulation.close();
  });

  it.each([0, 65, 1.5, "2", null])("refuses %j threads", async (threads) => {
    await expect(Simulation.create({ dt: 0.1, threads: threads as number })).rejects.toThrow(/threads/);
  });

  it("gap junctions keep a network in one shard", async () => {
    const document = busy();
    document.projections.push({
      source: "cells",
      target: "cells",
      rule: "fixedIndegree",
      k: 2,
      weight: 1,
      gapJunction: true,
    });
    const simulation = await Simulation.fromDocument(document, { threads: 4 });
    await simulation.run(1);
    expect(simulation.shards).toBe(1);
  });
});

describe("a worker that stops", () => {
  interface Inside {
    crew: { workers: { terminate(): Promise<number> }[]; pace: { next(): { beside: boolean; ms: number } } };
  }

  it("ends the run with a clear error and whole results so far", async () => {
    const simulation = await Simulation.fromDocument(busy(), { threads: 3 });
    await simulation.run(20);
    const before = simulation.recordings.spikes.get("cells")?.times;
    await (simulation as unknown as { engine: Inside }).engine.crew.workers[1]?.terminate();
    await expect(simulation.run(1000)).rejects.toThrow(/^shard 2 of 3 stopped in the run after 20 ms \(its thread ended with code 1\)\. What was recorded/);
    expect(simulation.recordings.spikes.get("cells")?.times).toEqual(before);
    await expect(simulation.run(1)).rejects.toThrow(/cannot go on/);
    const other = await Simulation.fromDocument(busy(), { threads: 3 });
    await other.run(20);
    expect(other.recordings.spikes.get("cells")?.times).toEqual(before);
    other.close();
  });

  it("in the middle of a run", async () => {
    const simulation = await Simulation.fromDocument(busy(), { threads: 2 });
    const running = simulation.run(1e7, {
      onProgress: ({ time }) => {
        if (time > 50) void (simulation as unknown as { engine: Inside }).engine.crew.workers[0]?.terminate();
      },
    });
    await expect(running).rejects.toThrow(/^shard 1 of 2 stopped/);
    const whole = await Simulation.fromDocument(busy(), { threads: 1 });
    const kept = simulation.recordings.spikes.get("cells")?.times as Float64Array;
    await whole.run(simulation.time + 100);
    expect(kept.length).toBeGreaterThan(0);
    expect(whole.recordings.spikes.get("cells")?.times.slice(0, kept.length)).toEqual(kept);
  });

  it("because it throws", async () => {
    const simulation = await Simulation.fromDocument(busy(), { threads: 2 });
    await simulation.run(5);
    const cells = simulation.populations.get("cells") as unknown as {
      parts: { core: { exports: { setParams(...n: number[]): void } }; address: number }[];
    };
    const part = cells.parts[1];
    // A kernel that does not exist: the indirect call traps in the worker.
    part?.core.exports.setParams(part.address, 1e6, 0, 0);
    // On a busy machine the shards might be computed in turn.
    (simulation as unknown as { engine: Inside }).engine.crew.pace.next = () => ({ beside: true, ms: 1000 });
    await expect(simulation.run(5)).rejects.toThrow(/^shard 1 of 2 stopped in the run after 5 ms \(.*(table|index).*\)/);
  });
});

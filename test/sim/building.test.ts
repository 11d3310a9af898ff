/** Building a network: in slices of any size, watched, cancelled, and with threads that die meanwhile. */
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { Crew } from "../../src/core/crew.js";
import { background, defineModel, FailedRunError, Simulation } from "../../src/index.js";
import type { BackgroundInput, Progress, TraceRecording } from "../../src/index.js";
import { fingerprint, hashOf, holds, type Loose, networks } from "../property/networks.js";

/** What tests reach in for. */
interface Inside {
  cores: { exports: Record<"graphPlace" | "graphSort", (work: number) => number> }[];
}
interface Staffed {
  workers: { terminate(): Promise<number> }[];
}

/** Lets each look at the clock find that so much time has gone that a report is due, however fast the machine is. */
function hurried(): { mockRestore(): void } {
  let now = performance.now();
  return vi.spyOn(performance, "now").mockImplementation(() => (now += 45));
}

/** All synapses and what a short run leaves. */
async function outcome(simulation: Simulation, duration: number): Promise<object> {
  await simulation.run(duration);
  const tables = simulation.projections.map((projection) => {
    const { sources, targets, weights, delays } = projection.read();
    return hashOf(sources, targets, weights, delays);
  });
  return { ...fingerprint(simulation), tables };
}

/** Every rule, drawn and given weights and delays, so that each stage of building has some work. */
function everyRule(): Loose {
  const rules = [
    { rule: "allToAll", autapses: false },
    { rule: "oneToOne" },
    { rule: "fixedProbability", p: 0.2 },
    { rule: "fixedIndegree", k: 7 },
    { rule: "fixedIndegree", k: 7, multapses: false, autapses: false },
    { rule: "fixedOutdegree", k: 6 },
    { rule: "fixedOutdegree", k: 6, multapses: false },
    { rule: "fixedTotalNumber", n: 333 },
    { rule: "distance", kernel: "gaussian", scale: 4, p: 0.8 },
    { rule: "list", pairs: [[5, 1], [0, 1], [5, 39], [39, 0], [17, 20]] },
    { rule: "list", pairs: { sources: [0, 5, 5, 5, 39], targets: [1, 39, 1, 20, 0] } },
  ];
  return {
    dt: 0.1,
    seed: 11,
    duration: 5,
    populations: [
      {
        name: "cells",
        model: "lif",
        size: 40,
        positions: { line: { length: 40 } },
        receptors: { in: { kernel: "exponential", tau: 5 } },
        background: [{ kind: "constant", amplitude: { uniform: [300, 900] } }],
      },
    ],
    projections: rules.flatMap((rule) => [
      { source: "cells", target: "cells", ...rule, weight: { normal: [1, 0.1] }, delay: { uniform: [0.1, 6] } },
      {
        source: "cells",
        target: "cells",
        ...rule,
        weight: 2,
        plasticity: { kind: "stdp", A_plus: 0.1, A_minus: 0.1, tau_plus: 20, tau_minus: 20, w_max: 5 },
      },
    ]),
    record: [{ population: "cells", variables: ["spikes"] }],
  };
}

/** Lets the core do so much work in a slice. */
function slices(simulation: Simulation, work: () => number): { count: number } {
  const seen = { count: 0 };
  for (const core of (simulation as unknown as { engine: Inside }).engine.cores) {
    const real = core.exports;
    const cut = (step: "graphPlace" | "graphSort") => (): number => {
      seen.count++;
      return real[step](work());
    };
    core.exports = Object.setPrototypeOf(
      { graphPlace: cut("graphPlace"), graphSort: cut("graphSort") },
      real,
    ) as typeof real;
  }
  return seen;
}

describe("slices of building", () => {
  it("of any size make the same synapses by every rule", async () => {
    const whole = await outcome(await Simulation.fromDocument(everyRule()), 5);
    for (const work of [0, 1, 50, 1000]) {
      const simulation = await Simulation.fromDocument(everyRule());
      const seen = slices(simulation, () => work);
      expect(await outcome(simulation, 5)).toEqual(whole);
      expect(seen.count).toBeGreaterThan(work < 100 ? 400 : 20);
    }
  });

  it("may end at every source in each pass: counting, placing, sorting by delay, cutting into delays", async () => {
    const count = async (delay: unknown) => {
      const simulation = await Simulation.fromDocument({
        ...everyRule(),
        projections: [{ source: "cells", target: "cells", rule: "allToAll", weight: 2, delay }],
      });
      const seen = slices(simulation, () => 0);
      await simulation.run(1);
      return seen.count;
    };
    expect(await count(1)).toBeGreaterThanOrEqual(2 * 40);
    expect(await count({ uniform: [0.1, 6] })).toBeGreaterThanOrEqual(4 * 40);
  });

  it("of random sizes make the same random networks", async () => {
    await holds(
      fc.asyncProperty(networks, fc.infiniteStream(fc.integer({ min: 0, max: 300 })), async (document, sizes) => {
        const simulation = await Simulation.fromDocument(document, { threads: 1 });
        slices(simulation, () => sizes.next().value as number);
        const whole = await Simulation.fromDocument(document, { threads: 1 });
        expect(await outcome(simulation, document.duration)).toEqual(await outcome(whole, document.duration));
      }),
      25,
    );
  });
});

/** A network whose synapses take some tenths of a second to draw. */
function large(more: Loose = {}): Loose {
  return {
    dt: 0.1,
    seed: 3,
    duration: 10,
    populations: [
      {
        name: "cells", model: "lif", size: 800, receptors: { in: { kernel: "exponential", tau: 5 } },
        background: [
          { kind: "constant", amplitude: { uniform: [300, 900] } },
          { kind: "ornsteinUhlenbeck", sigma: 200, tau: 5 },
        ],
      },
    ],
    projections: [
      {
        source: "cells",
        target: "cells",
        rule: "fixedProbability",
        p: 0.6,
        weight: { gamma: [2, 0.2] },
        delay: { gamma: [3, 0.5] },
      },
      {
        source: "cells",
        target: "cells",
        rule: "fixedIndegree",
        k: 300,
        weight: { lognormal: [0, 0.5] },
        delay: { normal: [3, 0.5] },
        ...more,
      },
    ],
    record: [{ population: "cells", variables: ["spikes"] }],
  };
}

describe("a network that takes long to build", () => {
  let whole: object;

  beforeAll(async () => {
    whole = await outcome(await Simulation.fromDocument(large(), { threads: 1 }), 10);
  });

  it("tells how far it is while timers have their turn", async () => {
    const simulation = await Simulation.fromDocument(large(), { threads: 1 });
    const seen: Progress[] = [];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const clock = hurried();
    await simulation.run(1, { onProgress: (progress) => seen.push(progress) });
    clock.mockRestore();
    clearInterval(timer);
    const building = seen.filter(({ phase }) => phase === "building");
    expect(building.length).toBeGreaterThan(2);
    expect(ticks).toBeGreaterThan(2);
    const fractions = building.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    for (const { fraction, time, spikes, remainingMs } of building) {
      expect(fraction >= 0 && fraction <= 1 && remainingMs >= 0).toBe(true);
      expect([time, spikes]).toEqual([0, 0]);
    }
    expect(fractions.at(-1)).toBeGreaterThan(0.3);
    // Building is the first part of the run, and not of the next one.
    expect(seen.slice(building.length).every(({ phase }) => phase === "simulating")).toBe(true);
    const later: Progress[] = [];
    await simulation.run(1, { onProgress: (progress) => later.push(progress) });
    expect(later.every(({ phase }) => phase === "simulating")).toBe(true);
  });

  it.each([1, 3])("is as it was before when that is cancelled, with %d threads", async (threads) => {
    // Threads wait by the clock, and build fast: the third report may come too late.
    for (const calls of threads === 1 ? [1, 3] : [1, 2]) {
      const simulation = await Simulation.fromDocument(large(), { threads });
      const controller = new AbortController();
      let seen = 0;
      const onProgress = (): void => {
        if (++seen === calls) controller.abort();
      };
      const clock = threads === 1 ? hurried() : undefined;
      const report = await simulation.run(10, { signal: controller.signal, onProgress });
      clock?.mockRestore();
      expect(report).toMatchObject({
        status: "cancelled",
        duration: 0,
        synapses: 0,
        populations: { cells: { spikes: 0 } },
      });
      expect([simulation.time, simulation.shards, simulation.projections[0]?.synapses]).toEqual([0, 1, 0]);
      // What is allowed before the first run still is.
      const cells = simulation.populations.get("cells");
      if (!cells) throw new Error("no cells");
      const trace = simulation.record(cells, "v", { neurons: [0] });
      expect(await outcome(simulation, 10)).toMatchObject(whole);
      expect(trace.length).toBe(101);
      simulation.close();
    }
  });

  it("takes other currents when that is cancelled, with the random numbers of a new network", async () => {
    const others: BackgroundInput[] = [
      { kind: "ornsteinUhlenbeck", mean: 500, sigma: 200, tau: 5 },
      { kind: "whiteNoise", sigma: 100 },
    ];
    const outcomes: object[] = [];
    for (const cancelled of [false, true]) {
      const simulation = await Simulation.fromDocument(large(), { threads: 1 });
      const controller = new AbortController();
      if (cancelled) await simulation.run(10, { signal: controller.signal, onProgress: () => controller.abort() });
      expect(simulation.time).toBe(0);
      simulation.populations.get("cells")?.setBackground(others);
      outcomes.push(await outcome(simulation, 10));
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it("is as it was before when onProgress throws", async () => {
    const simulation = await Simulation.fromDocument(large(), { threads: 2 });
    const failing = simulation.run(10, {
      onProgress: () => {
        throw new RangeError("mine");
      },
    });
    await expect(failing).rejects.toThrow("mine");
    expect(await outcome(simulation, 10)).toEqual(whole);
    simulation.close();
  });

  it("is cancelled while the coefficients of neurons are computed", async () => {
    const states = ["v", "a", "b", "c", "d", "e"];
    const chain = defineModel({
      name: "chain",
      current: "pA",
      equations: states.map((x, i) => {
        const next = states[(i + 1) % states.length];
        return `d${x}/dt = (${next} - ${x})/tau${x === "v" ? " + I/C" : ""} : mV`;
      }),
      params: { tau: "10 ms", C: "100 pF" },
      threshold: "v > 5*mV",
      reset: "v = 0*mV",
    });
    const make = async (): Promise<[Simulation, TraceRecording]> => {
      const simulation = await Simulation.create({ dt: 0.1, seed: 3, threads: 1 });
      const options = {
        params: { tau: { uniform: [5, 15] } },
        method: "exact",
        background: [background.constant(50)],
      } as const;
      const cells = simulation.population("cells", chain, 1200, options);
      return [simulation, simulation.record(cells, "v", { neurons: [0, 599, 1199] })];
    };
    const [expected, before] = await make();
    await expected.run(5);
    const [simulation, trace] = await make();
    const controller = new AbortController();
    let reports = 0;
    const onProgress = ({ phase }: Progress): void => {
      if (phase === "building" && ++reports === 1) controller.abort();
    };
    const clock = hurried();
    const report = await simulation.run(5, { signal: controller.signal, onProgress });
    clock.mockRestore();
    expect([report.status, report.duration, reports]).toEqual(["cancelled", 0, 1]);
    await simulation.run(5);
    for (const n of [0, 1, 2]) expect(trace.values(n)).toEqual(before.values(n));
    // Computed at once, they are the same.
    const [atOnce, last] = await make();
    atOnce.runSync(5);
    for (const n of [0, 1, 2]) expect(last.values(n)).toEqual(before.values(n));
  });

  it("is cancelled within a function of the user's weights", async () => {
    const simulation = await Simulation.create({ dt: 0.1, threads: 1 });
    const document = large();
    const { lif, receptor } = await import("../../src/index.js");
    const cells = simulation.population("cells", lif, document.populations[0].size, {
      receptors: { in: receptor.exponential({ tau: 5 }) },
    });
    let calls = 0;
    const weight = (source: number, target: number): number => 1 + ((calls++, source + target) % 3);
    simulation.connect(cells, cells, { receptor: "in", rule: "allToAll", weight });
    const controller = new AbortController();
    const clock = hurried();
    const report = await simulation.run(1, {
      signal: controller.signal,
      onProgress: () => {
        if (calls > 0) controller.abort();
      },
    });
    clock.mockRestore();
    const after = calls;
    expect([report.status, report.duration]).toEqual(after === 640_000 ? ["done", 1] : ["cancelled", 0]);
    await simulation.run(1);
    expect(simulation.projections[0]?.read().weights.slice(0, 4)).toEqual(Float64Array.of(1, 2, 3, 1));
  });

  it("ends with the thread that dies meanwhile, and says so", async () => {
    const simulation = await Simulation.fromDocument(large(), { threads: 2 });
    const { start } = Crew.prototype;
    const deadly = vi.spyOn(Crew.prototype, "start").mockImplementation(function* (this: Crew, patient) {
      yield* start.call(this, patient);
      let gone = false;
      void (this as unknown as Staffed).workers[0]?.terminate().then(() => (gone = true));
      while (!gone) yield;
    });
    const error = await simulation.run(10).then(() => undefined, (e: unknown) => e);
    deadly.mockRestore();
    if (!(error instanceof FailedRunError)) throw new Error(`no failure: ${String(error)}`);
    expect(error.message).toMatch(/^shard 1 of 2 stopped while the network was built after 0 ms \(its thread ended with code 1\)/);
    expect(error.report).toMatchObject({ status: "failed", duration: 0, populations: { cells: { spikes: 0 } } });
    await expect(simulation.run(1)).rejects.toThrow(/cannot go on/);
  });
});

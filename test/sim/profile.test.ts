/** Profiles: what they hold, that they change nothing, and that what dominates a network is found to do so. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitzhughNagumo, type Profile, Simulation, type TimeShare, ValueTypeError } from "../../src/index.js";
import { fingerprint, holds, type Loose, networks } from "../property/networks.js";

/** All parts of a profile by name. */
function parts({ populations, projections, recording, exchange }: Profile): Record<string, TimeShare> {
  const flat = (table: Readonly<Record<string, object>>): [string, TimeShare][] =>
    Object.entries(table).flatMap(([name, phases]) =>
      Object.entries(phases).map(([phase, time]): [string, TimeShare] => [`${phase} of ${name}`, time]),
    );
  return { ...Object.fromEntries([...flat(populations), ...flat(projections)]), recording, exchange };
}

function expectWhole(profile: Profile): void {
  const all = Object.values(parts(profile));
  for (const { ms, share } of all) {
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(share).toBeCloseTo(ms / profile.total, 12);
  }
  expect(all.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  expect(all.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(profile.total, 6);
}

/** 300 neurons with all that can be timed. */
function everything(more: Loose = {}): Loose {
  return {
    dt: 0.1,
    seed: 3,
    duration: 200,
    populations: [
      { name: "inputs", model: "poisson", size: 100, params: { rate: 50 } },
      {
        name: "cells",
        model: "lif",
        size: 300,
        init: { v: { uniform: [-70, -55] } },
        receptors: { in: { kernel: "exponential", tau: 5 }, jump: { kernel: "delta" } },
        background: [
          { kind: "constant", amplitude: { uniform: [300, 500] } },
          { kind: "whiteNoise", sigma: 200 },
          { kind: "poisson", receptor: "jump", rate: 100, weight: 0.1 },
        ],
      },
    ],
    projections: [
      { source: "inputs", target: "cells", receptor: "in", rule: "fixedProbability", p: 0.2, weight: 5, delay: 1 },
      {
        source: "cells", target: "cells", receptor: "in", rule: "fixedProbability", p: 0.2, weight: 3, delay: 1.5,
        plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 20 },
      },
    ],
    record: [{ population: "cells", variables: ["spikes", "v"], neurons: [0, 7] }],
    ...more,
  };
}

async function profileOf(document: Loose, threads = 1): Promise<Profile> {
  const simulation = await Simulation.fromDocument(document, { threads });
  const { profile } = await simulation.run(document.duration, { profile: true });
  simulation.close();
  return profile as Profile;
}

describe("a profile", () => {
  it("has the parts of every population and projection, whose shares add up to 1", async () => {
    const profile = await profileOf(everything());
    expectWhole(profile);
    expect(profile.stepsRun).toBe(2000);
    // Number 30 and every 509th from there.
    expect(profile.steps).toBe(4);
    expect(Object.keys(profile.populations)).toEqual(["inputs", "cells"]);
    expect(Object.keys(profile.projections)).toEqual(["inputs -> cells (in)", "cells -> cells (in)"]);
    const { inputs, cells } = profile.populations;
    expect(Object.keys(cells ?? {})).toEqual(["background", "receptors", "integration"]);
    expect([inputs?.background.ms, inputs?.receptors.ms]).toEqual([0, 0]);
    // Of four timed steps a phase may have been interrupted in all: no statement on each.
    expect(Object.values(cells ?? {}).reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(0);
    expect(profile.recording.ms).toBeGreaterThan(0);
    expect(profile.exchange.ms).toBe(0);
  });

  it("times every 127th step of a larger network", async () => {
    const cells = { name: "cells", model: "lif", size: 600 };
    const profile = await profileOf({ dt: 0.1, seed: 1, duration: 100, populations: [cells] });
    expect([profile.steps, profile.stepsRun]).toEqual([8, 1000]);
  });

  it("is there when it is asked for, and covers all runs that were", async () => {
    const simulation = await Simulation.fromDocument(everything());
    expect(await simulation.run(20)).not.toHaveProperty("profile");
    const first = (await simulation.run(60, { profile: true })).profile as Profile;
    expect(first.stepsRun).toBe(600);
    expect(await simulation.run(20, { profile: false })).not.toHaveProperty("profile");
    expect(simulation.runSync(20)).not.toHaveProperty("profile");
    const second = (await simulation.run(100, { profile: true, chunk: 7 })).profile as Profile;
    expect(second.stepsRun).toBe(1600);
    expectWhole(second);
  });

  it("of too few steps has no time of the core", async () => {
    const profile = await profileOf({ ...everything(), duration: 2 });
    expect([profile.steps, profile.stepsRun]).toEqual([0, 20]);
    expect(profile.recording).toEqual({ ms: profile.total, share: 1 });
    expect((await profileOf({ ...everything(), duration: 0 })).exchange).toEqual({ ms: 0, share: 0 });
  });

  it.each([1, "yes", null])("refuses profile: %j", async (profile) => {
    const simulation = await Simulation.fromDocument(everything());
    const message = `run.profile = ${JSON.stringify(profile)}; it must be true or false.`;
    const error = await simulation.run(1, { profile } as Loose).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ValueTypeError);
    expect((error as Error).message).toBe(message);
  });

  it("comes with the report of a run that became unstable", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("cells", fitzhughNagumo, 10, { method: "euler" });
    await simulation.run(10, { profile: true });
    cells.setState("v", 1e6);
    const error = (await simulation.run(10, { profile: true }).catch((e: unknown) => e)) as Loose;
    expect(error.report.status).toBe("unstable");
    expectWhole(error.report.profile);
  });
});

describe("a profile changes no bit", () => {
  it("of random networks, with 1 to 3 shards", async () => {
    await holds(
      fc.asyncProperty(networks, fc.constantFrom(1, 2, 3), async (document, threads) => {
        const [off, on] = await Promise.all(
          [false, true].map(async (profile) => {
            const simulation = await Simulation.fromDocument(document, { threads });
            await simulation.run(document.duration, { profile });
            simulation.close();
            return fingerprint(simulation);
          }),
        );
        expect(on).toEqual(off);
      }),
      25,
    );
  });

  it.each([1, 2])(
    "of a run that goes on from a snapshot in the middle, profiled before, after or both, %i shards",
    async (threads) => {
    const straight = await Simulation.fromDocument(everything(), { threads });
    await straight.run(200);
    for (const [before, after] of [[true, true], [true, false], [false, true]] as const) {
      const simulation = await Simulation.fromDocument(everything(), { threads });
      await simulation.run(93.7, { profile: before });
      const resumed = await Simulation.restore(simulation.snapshot());
      simulation.close();
      const { profile } = await resumed.run(200 - 93.7, { profile: after });
      expect(profile?.stepsRun).toBe(after ? (before ? 2000 : 1063) : undefined);
      // Steps are chosen by their number, so that none is lost or counted twice.
      if (before && after) expect(profile?.steps).toBe(4);
      if (profile) expectWhole(profile);
      expect(fingerprint(resumed)).toEqual(fingerprint(straight));
      resumed.close();
    }
    straight.close();
  });
});

describe("with several shards a profile", () => {
  it("sums over them, and has the exchange", async () => {
    const profile = await profileOf(everything({ duration: 400 }), 2);
    expectWhole(profile);
    expect([profile.steps, profile.stepsRun]).toEqual([8, 4000]);
    expect(profile.exchange.ms).toBeGreaterThan(0);
    expect(Object.values(profile.populations.cells ?? {}).reduce((sum, { ms }) => sum + ms, 0)).toBeGreaterThan(0);
  });

  it("has it where one thread drives all in turn", async () => {
    const core = await WebAssembly.compile(readFileSync("build/core.wasm"));
    const simulation = await Simulation.fromDocument(everything(), { threads: 3, core });
    const { profile } = await simulation.run(200, { profile: true });
    expectWhole(profile as Profile);
    expect(profile?.exchange.ms).toBeGreaterThan(0);
  });
});

describe("what dominates a network has the largest share", () => {
  /** Copying results out is measured as it is: on a busy machine other programs may add to it. */
  const largest = (profile: Profile, recording: boolean): string => {
    const compared = Object.entries(parts(profile)).filter(([name]) => recording || name !== "recording");
    return (compared.sort(([, a], [, b]) => b.ms - a.ms)[0] as [string, TimeShare])[0];
  };

  it.each([
    [
      "integration of hh",
      {
        dt: 0.05, seed: 1, duration: 100,
        populations: [
          { name: "simple", model: "lif", size: 2000, background: [{ kind: "constant", amplitude: 100 }] },
          {
            name: "hh",
            model: "hodgkinHuxley",
            method: "rk4",
            size: 2000,
            background: [{ kind: "constant", amplitude: 3 }],
          },
        ],
      },
    ],
    [
      "background of noisy",
      {
        dt: 0.1, seed: 1, duration: 100,
        populations: [
          {
            name: "noisy", model: "lif", size: 2000,
            background: Array.from({ length: 8 }, () => ({ kind: "whiteNoise", sigma: 10 })),
          },
        ],
      },
    ],
    [
      "receptors of many",
      {
        dt: 0.1, seed: 1, duration: 100,
        populations: [
          {
            name: "many", model: "lif", size: 2000,
            receptors: Object.fromEntries(
              Array.from({ length: 16 }, (_, i) => [
                `r${i}`,
                { kernel: "dualExponential", tau_rise: 1, tau_decay: 5 + i },
              ]),
            ),
          },
        ],
      },
    ],
    [
      "delivery of inputs -> cells (in)",
      {
        dt: 0.1, seed: 1, duration: 100,
        populations: [
          { name: "inputs", model: "poisson", size: 1000, params: { rate: 200 } },
          { name: "cells", model: "lif", size: 2000, receptors: { in: { kernel: "exponential", tau: 5 } } },
        ],
        projections: [{ source: "inputs", target: "cells", rule: "allToAll", weight: 0.001, delay: 1 }],
      },
    ],
    [
      "plasticity of inputs -> cells (in)",
      {
        dt: 0.1, seed: 1, duration: 100,
        populations: [
          { name: "inputs", model: "poisson", size: 1000, params: { rate: 200 } },
          { name: "cells", model: "lif", size: 500, receptors: { in: { kernel: "exponential", tau: 5 } } },
        ],
        projections: [
          {
            source: "inputs", target: "cells", rule: "allToAll", weight: 0.001, delay: 1,
            plasticity: {
              kind: "tripletStdp",
              A2_plus: 0,
              A2_minus: 0.001,
              A3_plus: 0.001,
              A3_minus: 0,
              tau_plus: 17,
              tau_minus: 34,
              tau_x: 100,
              tau_y: 125,
              w_max: 1,
            },
          },
        ],
      },
    ],
    [
      "delivery of cells -> cells (gap junctions)",
      {
        dt: 0.1, seed: 1, duration: 50,
        populations: [{ name: "cells", model: "lif", method: "euler", size: 600 }],
        projections: [{ source: "cells", target: "cells", rule: "allToAll", weight: 0.001, gapJunction: true }],
      },
    ],
    [
      "recording",
      {
        dt: 0.1, seed: 1, duration: 200,
        populations: [{ name: "cells", model: "lif", size: 2000 }],
        record: [{ population: "cells", variables: ["v"] }],
      },
    ],
  ] as const)("%s", async (expected, document) => {
    // Other programs may have had the processor in the few steps that are timed: not in all of five runs.
    const found = new Set<string>();
    for (let run = 0; run < 5 && !found.has(expected); run++) {
      found.add(largest(await profileOf(document as Loose), expected === "recording"));
    }
    expect([...found]).toContain(expected);
  });
});

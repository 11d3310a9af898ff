/** Faults: stopped runs, memory that runs out, traps in the core. Results stay whole, the host stays usable. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { InstabilityError, MemoryError, Simulation, StateError } from "../../src/index.js";
import { fingerprint, type Loose } from "../property/networks.js";

/** A small network with everything that allocates: sources, receptors, plasticity, positions, noise, traces. */
function network(): Loose {
  return {
    dt: 0.1,
    duration: 40,
    seed: 3,
    populations: [
      { name: "in", model: "poisson", size: 9, params: { rate: 200 }, positions: { line: { length: 9 } } },
      { name: "played", model: "spikeTrain", size: 2, params: { times: [1, 5, 7.2], neurons: [0, 1, 0] } },
      {
        name: "cells",
        model: "adex",
        size: 21,
        params: { C_m: { normal: [281, 5] } },
        init: { v: { uniform: [-70, -60] } },
        receptors: {
          ampa: { kernel: "exponential", tau: 5, E_rev: 0 },
          nmda: { kernel: "nmda" },
          late: { kernel: "step", duration: 2 },
          jump: { kernel: "delta" },
        },
        background: [
          { kind: "constant", amplitude: 800 },
          { kind: "whiteNoise", sigma: 100 },
          { kind: "ornsteinUhlenbeck", mean: 0, sigma: 30, tau: 4 },
          { kind: "samples", dt: 1, values: [0, 10, 20] },
          { kind: "poisson", rate: 100, weight: 1, receptor: "ampa" },
        ],
        positions: { grid: { columns: 5, spacing: 1 } },
      },
    ],
    projections: [
      {
        source: "in", target: "cells", receptor: "ampa", rule: "fixedIndegree", k: 4, weight: { uniform: [1, 2] },
        delay: { uniform: [0.5, 3] },
        plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 5 },
      },
      { source: "played", target: "cells", receptor: "jump", rule: "allToAll", weight: 0.5, release: 0.5 },
      {
        source: "cells", target: "cells", receptor: "nmda", rule: "fixedProbability", p: 0.3, weight: 1, delay: 1,
        shortTerm: { U: 0.5, tau_rec: 100, tau_facil: 20 },
      },
      { source: "cells", target: "cells", receptor: "late", rule: "oneToOne", weight: 2 },
      { source: "cells", target: "cells", rule: "oneToOne", weight: 1, gapJunction: true },
    ],
    record: [
      { population: "cells", variables: ["spikes", "v", "w", "g_ampa"] },
      { population: "in", variables: ["spikes"] },
      { population: "cells", variables: ["I_background"], neurons: [3], every: 0.5 },
    ],
  };
}

const DURATION = 40;
let whole: ReturnType<typeof fingerprint>;

async function fresh(): Promise<Simulation> {
  return Simulation.fromDocument(network());
}

/** What the host sees of the core; tests reach in to make it fail. */
interface Inside {
  cores: [{ exports: Record<string, (...numbers: number[]) => number> & { memory: WebAssembly.Memory } }];
}

/** Puts functions of the test in front of the core's. */
function replace(simulation: Simulation, make: (real: Inside["cores"][0]["exports"]) => object): void {
  const [core] = (simulation as unknown as { engine: Inside }).engine.cores;
  const real = core.exports;
  core.exports = Object.setPrototypeOf({ ...make(real) }, real) as typeof real;
}

/** A simulation made now is the same bits as ever: nothing of a fault has been left in the host. */
async function hostIsWell(): Promise<void> {
  const simulation = await fresh();
  await simulation.run(DURATION);
  expect(fingerprint(simulation)).toEqual(whole);
}

beforeAll(async () => {
  const simulation = await fresh();
  await simulation.run(DURATION);
  whole = fingerprint(simulation);
  expect(simulation.recordings.spikes.get("cells")?.count).toBeGreaterThan(20);
});

describe("a run that is aborted", () => {
  it("keeps whole results, and going on equals never having stopped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }), async (looks) => {
        const simulation = await fresh();
        for (const look of looks) {
          const controller = new AbortController();
          let seen = 0;
          const left = DURATION - simulation.time;
          const report = await simulation.run(left, {
            chunk: 0.5,
            signal: controller.signal,
            onProgress: () => {
              if (++seen > look) controller.abort();
            },
          });
          expect(report.duration).toBe(simulation.time);
          const steps = Math.round(simulation.time / 0.1);
          for (const trace of simulation.recordings.traces) {
            const every = trace.variable === "I_background" ? 5 : 1;
            expect(trace.length).toBe(1 + Math.floor(steps / every));
          }
          const spikes = simulation.recordings.spikes.get("cells");
          expect(spikes?.count).toBe(report.populations.cells?.spikes);
          expect(report.status).toBe(steps < 400 ? "cancelled" : "done");
        }
        await simulation.run(DURATION - simulation.time);
        expect(fingerprint(simulation)).toEqual(whole);
      }),
      { numRuns: 15, seed: 4 },
    );
  });

  it("before its first step, and by an error in onProgress", async () => {
    const simulation = await fresh();
    const report = await simulation.run(DURATION, { signal: AbortSignal.abort() });
    expect([report.status, report.duration]).toEqual(["cancelled", 0]);
    const failing = simulation.run(10, {
      onProgress: () => {
        throw new RangeError("mine");
      },
    });
    await expect(failing).rejects.toThrow("mine");
    await simulation.run(DURATION - simulation.time);
    expect(fingerprint(simulation)).toEqual(whole);
  });
});

describe("memory that runs out", () => {
  /** Bytes up to which the core hands out memory. */
  const LIMIT = 4294901760;

  it("at any request of the host: MemoryError, final for the instance, harmless for the others", async () => {
    const count = (limit: number): { made: () => number; make: (real: Inside["cores"][0]["exports"]) => object } => {
      let made = 0;
      return {
        made: () => made,
        make: (real) => ({
          allocate: (bytes: number) => (++made > limit ? 0 : (real.allocate as (n: number) => number)(bytes)),
        }),
      };
    };
    const all = count(Number.POSITIVE_INFINITY);
    const counted = await fresh();
    replace(counted, all.make);
    counted.build();
    expect(all.made()).toBeGreaterThan(30);
    for (let k = 0; k < all.made(); k++) {
      const simulation = await fresh();
      replace(simulation, count(k).make);
      expect(() => simulation.build(), `request ${k}`).toThrow(MemoryError);
      await expect(simulation.run(1), `request ${k}`).rejects.toThrow(StateError);
      expect(() => simulation.snapshot()).toThrow(StateError);
    }
    await hostIsWell();
  });

  it("within the core, which takes memory for itself: at any fill of the memory", async () => {
    const counted = await fresh();
    const { exports } = (counted as unknown as { engine: Inside }).engine.cores[0];
    const start = (exports.allocated as () => number)();
    counted.build();
    const need = (exports.allocated as () => number)() - start;
    let failed = 0;
    for (let k = 0; k <= 24; k++) {
      const simulation = await fresh();
      const { allocate } = (simulation as unknown as { engine: Inside }).engine.cores[0].exports;
      // Pages that are never touched cost nothing.
      const room = Math.round((need * k) / 24);
      expect(allocate?.(LIMIT - start - room)).not.toBe(0);
      try {
        simulation.build();
        await simulation.run(1);
      } catch (error) {
        expect(error, `${room} of ${need} bytes`).toBeInstanceOf(MemoryError);
        failed++;
      }
    }
    expect(failed).toBeGreaterThan(20);
    await hostIsWell();
  });
});

describe("a trap in a step", () => {
  it("is a clear error; what was recorded before is whole; later simulations are fine", async () => {
    const reference = await fresh();
    await reference.run(12);
    const simulation = await fresh();
    await simulation.run(12);
    const [core] = (simulation as unknown as { engine: Inside }).engine.cores;
    const cells = simulation.populations.get("cells") as unknown as { parts: [{ address: number }] };
    // A kernel that does not exist: the indirect call traps.
    core.exports.setParams?.(cells.parts[0].address, 1e6, 0, 0);
    const error = await simulation.run(10).then(
      () => undefined,
      (e: unknown) => e as Error,
    );
    expect(error).toBeInstanceOf(StateError);
    expect(error?.message).toMatch(/the core stopped in the run after 12 ms .*fault of Spikelet/);
    expect(error).not.toBeInstanceOf(InstabilityError);
    for (const [name, spikes] of simulation.recordings.spikes) {
      expect(spikes.times).toEqual(reference.recordings.spikes.get(name)?.times);
    }
    for (const [k, trace] of simulation.recordings.traces.entries()) {
      expect(trace.view()).toEqual(reference.recordings.traces[k]?.view());
    }
    await expect(simulation.run(1)).rejects.toThrow("cannot go on");
    expect(() => simulation.runSync(1)).toThrow(StateError);
    expect(() => simulation.snapshot()).toThrow("cannot be saved");
    await hostIsWell();
  });
});

describe("snapshots as Node reads them", () => {
  it("come as a Buffer, which slices without copying", async () => {
    const simulation = await fresh();
    await simulation.run(7);
    const bytes = Buffer.concat([Buffer.from("x"), simulation.snapshot()]).subarray(1);
    const restored = await Simulation.restore(bytes);
    await restored.run(DURATION - restored.time);
    expect(fingerprint(restored)).toEqual(whole);
  });
});

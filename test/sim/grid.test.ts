/** Times that lie on the grid of steps and beside it: one rule for whatever takes a time, through the built core. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { models, Simulation, sources } from "../../src/index.js";

/** A time as hundredths of a step of `dt` hundredths, so that steps, halves up, are whole arithmetic. */
const times = fc.record({ dt: fc.constantFrom(1, 5, 10, 20, 25, 100), ms: fc.integer({ min: 0, max: 400 }) });
const nearest = (ms: number, dt: number): number => Math.floor((2 * ms + dt) / (2 * dt));

describe("one rule for all times", () => {
  it("a delay has the same steps whether it is common, listed, computed or drawn", async () => {
    await fc.assert(
      fc.asyncProperty(times, async ({ dt, ms }) => {
        const sim = await Simulation.create({ dt: dt / 100 });
        const a = sim.population("a", models.lif, 2, { receptors: { exc: { kernel: "delta" } } });
        const common = { rule: "oneToOne", weight: 1 } as const;
        const delay = ms / 100;
        const made = [
          sim.connect(a, a, { ...common, autapses: true, delay }),
          sim.connect(a, a, { ...common, autapses: true, delay: `${delay} ms` }),
          sim.connect(a, a, { rule: "list", pairs: [[0, 1]], weight: 1, delay: [delay] }),
          sim.connect(a, a, { ...common, autapses: true, delay: () => delay }),
          sim.connect(a, a, { ...common, autapses: true, delay: { normal: [delay, 0] } }),
          sim.connect(a, a, { ...common, autapses: true, delay: { truncatedNormal: [delay, 1e-12, delay, delay + 1e-12] } }),
        ];
        sim.build();
        const steps = Math.max(1, nearest(ms, dt));
        for (const projection of made) expect([...projection.read().delays]).toContain(steps);
        for (const projection of made) expect(new Set(projection.read().delays)).toEqual(new Set([steps]));
      }),
      { numRuns: 60 },
    );
  });

  it.each([models.lif, models.adaptiveLif, models.qif, models.eif, models.adex, models.izhikevich])(
    "$id is refractory for the nearest number of steps, halves up",
    async (model) => {
      const dt = 0.1;
      const periods = Array.from({ length: 81 }, (_, i) => i / 20);
      const sim = await Simulation.create({ dt });
      const cells = sim.population("cells", model as typeof models.lif, periods.length, {
        method: "euler",
        params: { t_ref: periods },
        background: [{ kind: "constant", amplitude: model.id === "izhikevich" ? 3000 : 5e5 }],
      });
      const spikes = sim.record(cells, "spikes");
      sim.runSync(10);
      for (const [i, period] of periods.entries()) {
        const [first = 0, second = 0] = spikes.of(i);
        // free for one step between two periods, in which the current lifts v over the threshold
        expect(Math.round((second - first) / dt), `${period} ms`).toBe(nearest(5 * i, 10) + 1);
      }
    },
  );

  it("given spikes come at the nearest step, halves later", async () => {
    await fc.assert(
      fc.asyncProperty(times, async ({ dt, ms }) => {
        const sim = await Simulation.create({ dt: dt / 100 });
        const source = sim.population("source", sources.spikeTrain, 1, { params: { times: [ms / 100], neurons: [0] } });
        const spikes = sim.record(source, "spikes");
        sim.runSync(6);
        const steps = Math.max(1, nearest(ms, dt));
        expect(Array.from(spikes.times, (t) => Math.round((100 * t) / dt))).toEqual([steps]);
      }),
      { numRuns: 60 },
    );
  });

  /** Steps in which a current acts, as I_background shows them; the sample after step k - 1 shows the start of step k. */
  async function active(dt: number, steps: number, entry: object): Promise<number[]> {
    const sim = await Simulation.create({ dt: dt / 100 });
    const cell = sim.population("cell", models.lif, 1, { background: [entry as never] });
    const current = sim.record(cell, "I_background");
    sim.runSync((steps * dt) / 100);
    return Array.from(current.values(0).slice(0, steps));
  }

  const STEPS = 60;
  const edge = fc.integer({ min: 0, max: 400 });
  const grid = fc.constantFrom(1, 5, 10, 20, 25, 100);

  it("the edges of windows, pulses, pieces and samples act at the nearest step, halves later", async () => {
    await fc.assert(
      fc.asyncProperty(grid, edge, edge, edge, fc.integer({ min: 1, max: 4 }), async (dt, start, width, rest, count) => {
        const at = (ms: number): number => nearest(ms, dt);
        const inside = (k: number, from: number, to: number): boolean => k >= at(from) && k < at(to);
        const period = width + rest + 1;
        const acts = (test: (k: number) => boolean): number[] => Array.from({ length: STEPS }, (_, k) => (test(k) ? 1 : 0));

        const pulses = { kind: "pulses", amplitude: 1, start: start / 100, width: (width + 1) / 100, period: period / 100, count };
        const pulse = (k: number): boolean =>
          Array.from({ length: count }, (_, n) => start + n * period).some((from) => inside(k, from, from + width + 1));
        expect(await active(dt, STEPS, pulses)).toEqual(acts(pulse));

        const window = { kind: "constant", amplitude: 1, start: start / 100, stop: (start + width + 1) / 100 };
        expect(await active(dt, STEPS, window)).toEqual(acts((k) => inside(k, start, start + width + 1)));

        const points = [[start / 100, 1], [(start + width + 1) / 100, 0]];
        expect(await active(dt, STEPS, { kind: "piecewise", points })).toEqual(acts((k) => inside(k, start, start + width + 1)));

        const values = [0, 1, 0, 1];
        const samples = { kind: "samples", dt: (width + 1) / 100, values };
        const value = (k: number): number => values[Math.max(...values.map((_, i) => (at(i * (width + 1)) <= k ? i : 0)))] as number;
        expect(await active(dt, STEPS, samples)).toEqual(Array.from({ length: STEPS }, (_, k) => value(k)));
      }),
      { numRuns: 60 },
    );
  });
});

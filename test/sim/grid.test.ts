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
          sim.connect(a, a, {
            ...common,
            autapses: true,
            delay: { truncatedNormal: [delay, 1e-12, delay, delay + 1e-12] },
          }),
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

  /**
   * Steps in which a current acts, as I_background shows them; the sample after step k - 1 shows the start of step k.
   */
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
      fc.asyncProperty(
        grid,
        edge,
        edge,
        edge,
        fc.integer({ min: 1, max: 4 }),
        async (dt, start, width, rest, count) => {
        const at = (ms: number): number => nearest(ms, dt);
        const inside = (k: number, from: number, to: number): boolean => k >= at(from) && k < at(to);
        const period = width + rest + 1;
          const acts = (test: (k: number) => boolean): number[] =>
            Array.from({ length: STEPS }, (_, k) => (test(k) ? 1 : 0));

          const pulses = {
            kind: "pulses",
            amplitude: 1,
            start: start / 100,
            width: (width + 1) / 100,
            period: period / 100,
            count,
          };
        const pulse = (k: number): boolean =>
          Array.from({ length: count }, (_, n) => start + n * period).some((from) => inside(k, from, from + width + 1));
        expect(await active(dt, STEPS, pulses)).toEqual(acts(pulse));

        const window = { kind: "constant", amplitude: 1, start: start / 100, stop: (start + width + 1) / 100 };
        expect(await active(dt, STEPS, window)).toEqual(acts((k) => inside(k, start, start + width + 1)));

        const points = [[start / 100, 1], [(start + width + 1) / 100, 0]];
          expect(await active(dt, STEPS, { kind: "piecewise", points })).toEqual(
            acts((k) => inside(k, start, start + width + 1)),
          );

        const values = [0, 1, 0, 1];
        const samples = { kind: "samples", dt: (width + 1) / 100, values };
          const value = (k: number): number =>
            values[Math.max(...values.map((_, i) => (at(i * (width + 1)) <= k ? i : 0)))] as number;
        expect(await active(dt, STEPS, samples)).toEqual(Array.from({ length: STEPS }, (_, k) => value(k)));
      }),
      { numRuns: 60 },
    );
  });
});

describe("durations off the grid", () => {
  async function noisy(dt: number): Promise<{ sim: Simulation; spikes: { times: Float64Array } }> {
    const sim = await Simulation.create({ dt });
    const cells = sim.population("cells", models.lif, 3, {
      background: [{ kind: "whiteNoise", sigma: 2000, mean: 500 }],
    });
    return { sim, spikes: sim.record(cells, "spikes") };
  }

  it.each([
    [10, 25, 4, 100],
    [0.1, 0.04, 1000, 40],
    [0.1, 0.05, 7, 0.4],
    [0.5, 1 / 3, 3, 1],
  ])("at dt %d, runs of %d ms end, after %d of them, at %d ms", async (dt, ms, runs, end) => {
    const { sim } = await noisy(dt);
    for (let k = 0; k < runs; k++) sim.runSync(ms);
    expect(sim.time).toBe(end);
  });

  it("run after run is one run of their sum, also from a snapshot", async () => {
    const parts = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(parts, fc.constantFrom(10, 25, 30, 100), fc.nat(8), async (hundredths, dt, saved) => {
        const whole = await noisy(dt / 100);
        const total = hundredths.reduce((sum, ms) => sum + ms, 0);
        whole.sim.runSync(total / 100);
        let { sim } = await noisy(dt / 100);
        for (const [k, ms] of hundredths.entries()) {
          sim.runSync(ms / 100);
          if (k === saved) sim = await Simulation.restore(sim.snapshot());
        }
        expect(Math.round((100 * sim.time) / dt)).toBe(nearest(total, dt));
        expect(sim.time).toBe(whole.sim.time);
        expect(sim.recordings.spikes.get("cells")?.times).toEqual(whole.spikes.times);
      }),
      { numRuns: 40 },
    );
  });

  it("are one note with the nearest time, as long as something is left over", async () => {
    const { sim } = await noisy(0.1);
    const found = (ms: number): unknown[] =>
      sim
        .runSync(ms)
        .findings.filter(({ code }) => code === "time-rounded")
        .map(({ level, parameter, value, limit }) => [level, parameter, value, limit]);
    expect(found(0.34)).toEqual([["note", "duration", 0.34, 0.3]]);
    expect(found(0.36)).toEqual([]);
    expect(found(0.25)).toEqual([["note", "duration", 0.95, 1]]);
  });

  it("a cancelled run leaves nothing over", async () => {
    const { sim } = await noisy(0.1);
    const control = new AbortController();
    const report = await sim.run(1000.04, { signal: control.signal, chunk: 10, onProgress: () => control.abort() });
    expect(report.status).toBe("cancelled");
    const { time } = sim;
    await sim.run(5);
    expect(sim.time).toBe(time + 5);
    expect(report.findings.filter(({ code }) => code === "time-rounded")).toEqual([]);
  });
});

describe("findings on times", () => {
  const find = async (document: object): Promise<unknown[]> => {
    const sim = await Simulation.fromDocument({ dt: 0.1, duration: 10, ...document });
    return sim
      .check()
      .filter(({ code }) => code === "time-rounded")
      .map(({ level, parameter, value, limit }) => [level, parameter, value, limit]);
  };
  const cell = (more: object = {}): object => ({
    name: "a",
    model: "lif",
    size: 2,
    receptors: { exc: { kernel: "delta" } },
    ...more,
  });
  const link = (more: object): object => ({
    populations: [cell()],
    projections: [{ source: "a", target: "a", rule: "allToAll", weight: 1, delay: 1, ...more }],
  });
  const driven = (entry: object): object => ({ populations: [cell({ background: [entry] })] });
  const rows: [string, object, unknown[]][] = [
    ["duration", { duration: 10.25, populations: [cell()] }, ["note", "duration", 10.25, 10.3]],
    ["t_ref", { populations: [cell({ params: { t_ref: 0.26 } })] }, ["note", "t_ref", 0.26, 0.3]],
    ["one of several t_ref", { populations: [cell({ params: { t_ref: [2, 2.01] } })] }, ["note", "t_ref[1]", 2.01, 2]],
    ["t_ref that vanishes", { populations: [cell({ params: { t_ref: 0.04 } })] }, ["warning", "t_ref", 0.04, 0]],
    [
      "drawn t_ref",
      { populations: [cell({ params: { t_ref: { uniform: [0.02, 3] } } })] },
      ["warning", "t_ref", 0.02, 0],
    ],
    ["delay", link({ delay: 0.35 }), ["note", "delay", 0.35, 0.4]],
    ["delay below a step", link({ delay: 0.04 }), ["note", "delay", 0.04, 0.1]],
    [
      "delays of a list",
      link({
        rule: "list",
        pairs: [
          [0, 0],
          [0, 1],
        ],
        delay: [1, 1.04],
      }),
      ["note", "delay[1]", 1.04, 1],
    ],
    ["drawn delay", link({ delay: { uniform: [0.03, 2] } }), ["note", "delay", 0.03, 0.1]],
    [
      "window",
      driven({ kind: "constant", amplitude: 1, start: 1.04, stop: 7 }),
      ["note", "background[0].start", 1.04, 1],
    ],
    ["window's end", driven({ kind: "constant", amplitude: 1, stop: 7.05 }), ["note", "background[0].stop", 7.05, 7.1]],
    [
      "window between two steps",
      driven({ kind: "constant", amplitude: 1, start: 1.01, stop: 1.04 }),
      ["warning", "background[0].start", 1.01, 1],
    ],
    [
      "pulse",
      driven({ kind: "pulses", amplitude: 1, start: 1, width: 0.03 }),
      ["warning", "background[0].width", 0.03, 0],
    ],
    [
      "piece",
      driven({
        kind: "piecewise",
        points: [
          [0, 1],
          [2.22, 3],
        ],
      }),
      ["note", "background[0].points[1][0]", 2.22, 2.2],
    ],
    ["samples", driven({ kind: "samples", dt: 0.25, values: [1, 2] }), ["note", "background[0].dt", 0.25, 0.3]],
    [
      "spike",
      { populations: [{ name: "s", model: "spikeTrain", size: 1, params: { times: [1, 2.55], neurons: [0, 0] } }] },
      ["note", "times[1]", 2.55, 2.6],
    ],
    [
      "spike at the start",
      { populations: [{ name: "s", model: "spikeTrain", size: 1, params: { times: [0], neurons: [0] } }] },
      ["note", "times[0]", 0, 0.1],
    ],
    [
      "rate",
      { populations: [{ name: "s", model: "poisson", size: 1, params: { rate: { points: [[0.55, 3]] } } }] },
      ["note", "rate.points[0][0]", 0.55, 0.6],
    ],
    [
      "from",
      { populations: [cell()], record: [{ population: "a", variables: ["spikes"], from: 0.41 }] },
      ["note", "from", 0.41, 0.5],
    ],
  ];

  it.each(rows)("%s", async (_, document, finding) => {
    expect(await find(document)).toEqual([finding]);
  });

  it("has nothing to say of times on the grid", async () => {
    const sim = await Simulation.fromDocument({
      dt: 0.1,
      duration: 70.1,
      populations: [
        cell({
          params: { t_ref: 0.3 },
          background: [
            { kind: "pulses", amplitude: 1, start: 0.3, width: 0.7, period: 1.1 },
            { kind: "piecewise", points: [[0, 1], [0.7, 3]], start: 0.6, stop: 5.7 },
            { kind: "samples", dt: 0.3, values: [1, 2] },
            { kind: "ramp", start: 0.33, end: 5.01, from: 0, to: 1 },
          ],
        }),
        { name: "s", model: "spikeTrain", size: 1, params: { times: [0.1, 0.3, 0.7], neurons: [0, 0, 0] } },
      ],
      projections: [{ source: "s", target: "a", rule: "allToAll", weight: 1, delay: 0.7 }],
      record: [{ population: "a", variables: ["spikes", "v"], from: 0.3, every: 0.7 }],
    });
    expect(sim.check().filter(({ code }) => code === "time-rounded")).toEqual([]);
  });
});

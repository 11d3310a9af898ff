/** Spikes from outside: source populations, Poisson bombardment, and where and when background entries act. */
import { describe, expect, it, test } from "vitest";
import {
  background,
  type BackgroundInput,
  fitzhughNagumo,
  izhikevich,
  lif,
  type Method,
  poisson,
  receptor,
  Simulation,
  spikeTrain,
  StateError,
} from "../../src/index.js";

/** Mean and variance. */
function moments(x: ArrayLike<number>): readonly [mean: number, variance: number] {
  let mean = 0;
  for (let i = 0; i < x.length; i++) mean += (x[i] as number) / x.length;
  let variance = 0;
  for (let i = 0; i < x.length; i++) variance += ((x[i] as number) - mean) ** 2 / (x.length - 1);
  return [mean, variance];
}

/** Spikes per neuron and step, step by step. */
function counts(times: Float64Array, neurons: Uint32Array, size: number, steps: number, dt: number): Uint32Array {
  const out = new Uint32Array(size * steps);
  for (let i = 0; i < times.length; i++) {
    const place = (Math.round((times[i] as number) / dt) - 1) * size + (neurons[i] as number);
    out[place] = (out[place] as number) + 1;
  }
  return out;
}

describe("given spike trains", () => {
  it("are played at their grid points, in order, whatever their own order", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const times = [3, 0.31, 0.3, 1e-9, 0, 5, 0.3, 0.34, 2, 7.04, 2];
    const neurons = [4, 2, 3, 1, 0, 0, 1, 0, 4, 2, 4];
    const source = sim.population("source", spikeTrain, 5, { params: { times, neurons } });
    const spikes = sim.record(source, "spikes");
    await sim.run(7.5);
    // nearest grid points, at least the end of the first step; by step, then neuron
    const expected = [
      [1, 0],
      [1, 1],
      [3, 0],
      [3, 1],
      [3, 2],
      [3, 3],
      [20, 4],
      [20, 4],
      [30, 4],
      [50, 0],
      [70, 2],
    ];
    expect(Array.from(spikes.times, (t, i) => [Math.round(t / 0.1), spikes.neurons[i]])).toEqual(expected);
    expect(Array.from(spikes.times)).toEqual(expected.map(([step = 0]) => step / 10));
  });

  it("reach their targets after the delay, at the exact step", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const source = sim.population("source", spikeTrain, 3, { params: { times: [1, 2, 2.5], neurons: [0, 1, 2] } });
    const cell = sim.population("cell", lif, 1, {
      params: { tau_m: 1e9, V_th: 1e3 },
      init: { v: 0 },
      receptors: { in: receptor.delta() },
    });
    sim.connect(source, cell, { rule: "allToAll", weight: (s) => 10 ** s, delay: (s) => 0.1 + s });
    const v = sim.record(cell, "v");
    await sim.run(6);
    const values = v.values(0);
    const jumps = Array.from(values, (x, k) => (k > 0 ? Math.round(x - (values[k - 1] as number)) : 0)).flatMap(
      (x, k) => (x ? [[k, x]] : []),
    );
    expect(jumps).toEqual([
      [11, 1],
      [31, 10],
      [46, 100],
    ]);
  });

  it("play a long list, and thousands of spikes in one step", async () => {
    const sim = await Simulation.create({ dt: 0.5 });
    const size = 3000;
    const times = Float64Array.from({ length: 3 * size }, (_, i) => [4, 4.5, 300][Math.floor(i / size)] as number);
    const neurons = Uint32Array.from({ length: 3 * size }, (_, i) => (size - 1 - (i % size)) >> (i < size ? 1 : 0));
    const source = sim.population("source", spikeTrain, size, { params: { times, neurons } });
    const spikes = sim.record(source, "spikes");
    await sim.run(400);
    expect(spikes.count).toBe(3 * size);
    const all = spikes.neurons;
    expect(all.subarray(size, 2 * size).every((n, i) => n === i)).toBe(true);
    expect(all.subarray(0, size).every((n, i) => n === i >> 1)).toBe(true);
    expect(sim.populations.get("source")?.statistics.spikes).toBe(3 * size);
  });

  it("can be replaced between runs", async () => {
    const sim = await Simulation.create({ dt: 1 });
    const source = sim.population("source", spikeTrain, 2, { params: { times: [1, 12], neurons: [0, 0] } });
    const spikes = sim.record(source, "spikes");
    await sim.run(10);
    source.set({ times: [15, 16, 17], neurons: [1, 1, 0] });
    await sim.run(10);
    expect([...spikes.times]).toEqual([1, 15, 16, 17]);
    expect([...spikes.neurons]).toEqual([0, 1, 1, 0]);
  });

  it("have no states", async () => {
    const sim = await Simulation.create({ dt: 1 });
    const source = sim.population("source", spikeTrain, 1, { params: { times: [1], neurons: [0] } });
    await sim.run(2);
    expect(() => source.state("v" as never)).toThrow(StateError);
    expect(() => source.setBackground([])).toThrow(StateError);
  });
});

describe("Poisson sources", () => {
  test.each([
    [0.1, 20],
    [1, 100],
    [1, 2500],
    [0.5, 40000],
    [1, 250000],
  ])("dt %d ms, %d Hz: counts per step", async (dt, rate) => {
    const sim = await Simulation.create({ dt, seed: 7 });
    const size = 100;
    const source = sim.population("source", poisson, size, { params: { rate } });
    const spikes = sim.record(source, "spikes");
    const mean = (rate * dt) / 1000;
    const steps = Math.min(5000, Math.ceil(200_000 / mean / size));
    await sim.run(steps * dt);
    const n = size * steps;
    const all = counts(spikes.times, spikes.neurons, size, steps, dt);
    const [m, v] = moments(all);
    expect(Math.abs(m - mean)).toBeLessThan(4 * Math.sqrt(mean / n));
    // Fano factor 1: the variance of a variance of Poisson counts is (mean + 2 mean^2)/n.
    expect(Math.abs(v - mean)).toBeLessThan(4 * Math.sqrt((mean + 2 * mean * mean) / n));
    let next = 0;
    let beside = 0;
    for (let i = 0; i + size < n; i++) {
      next += ((all[i] as number) - mean) * ((all[i + size] as number) - mean);
      beside += ((all[i] as number) - mean) * ((all[i + 1] as number) - mean);
    }
    expect(Math.abs(next / n)).toBeLessThan((4 * mean) / Math.sqrt(n));
    expect(Math.abs(beside / n)).toBeLessThan((4 * mean) / Math.sqrt(n));
  });

  it("fire at a rate of their own each", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 2 });
    const rate = Float64Array.from({ length: 37 }, (_, i) => 10 * i);
    const source = sim.population("source", poisson, 37, { params: { rate } });
    const spikes = sim.record(source, "spikes");
    await sim.run(20_000);
    const per = new Float64Array(37);
    for (const n of spikes.neurons) per[n] = (per[n] as number) + 1;
    for (let i = 0; i < 37; i++)
      expect(Math.abs((per[i] as number) - 200 * i)).toBeLessThanOrEqual(4.5 * Math.sqrt(200 * i));
  });

  it("follow rows in time, slopes included", async () => {
    const sim = await Simulation.create({ dt: 0.5, seed: 5 });
    const source = sim.population("source", poisson, 500, {
      params: {
        rate: {
          points: [
            [100, 50],
            [300, 20, 0.5],
            [500, 5000],
          ],
        },
      },
    });
    const spikes = sim.record(source, "spikes");
    await sim.run(600);
    const inside = (a: number, b: number): number => spikes.times.filter((t) => t > a && t <= b).length;
    expect(inside(0, 100)).toBe(0);
    const near = (got: number, mean: number): void => expect(Math.abs(got - mean)).toBeLessThan(4 * Math.sqrt(mean));
    near(inside(100, 300), 500 * 0.2 * 50);
    near(inside(300, 400), 500 * 0.1 * 45);
    near(inside(400, 500), 500 * 0.1 * 95);
    near(inside(500, 600), 500 * 0.1 * 5000);
  });

  it("change their rate between runs, up to many spikes per step", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 5 });
    const source = sim.population("source", poisson, 10, { params: { rate: 0 } });
    const spikes = sim.record(source, "spikes");
    await sim.run(100);
    expect(spikes.count).toBe(0);
    source.set({ rate: 1e6 });
    await sim.run(10);
    const mean = 10 * 10 * 1000;
    expect(Math.abs(spikes.count - mean)).toBeLessThan(4 * Math.sqrt(mean));
    source.set({ rate: { points: [[115, 100]] } });
    const before = spikes.count;
    await sim.run(5);
    expect(spikes.count).toBe(before);
    source.set({ rate: new Float64Array(10).fill(5e5) });
    await sim.run(20);
    expect(Math.abs(spikes.count - before - 1e5)).toBeLessThan(4 * Math.sqrt(1e5));
  });

  /** What a population of sources plays. */
  async function play(size: number, rate: unknown, ms: number, threads = 1, more: object = {}) {
    const sim = await Simulation.create({ dt: 0.1, seed: 9, threads, ...more });
    const source = sim.population("source", poisson, size, { params: { rate } as never });
    const spikes = sim.record(source, "spikes");
    await sim.run(ms);
    return { times: spikes.times, neurons: spikes.neurons, of: (n: number) => [...spikes.of(n)] };
  }

  // Means of a step from 2^-20 to 2^9: below, at and above the limit of what a draw per neuron takes over from
  // intervals.
  it("of all rates in one population: each neuron's counts are Poisson", async () => {
    const size = 5000;
    const some = [0, 2 ** -20, 1e-3, 2 ** -6, 0.1, 0.2, 0.25, 0.2500001, 0.3, 2];
    const means = Float64Array.from({ length: size }, (_, i) => some[i % 10] as number);
    means[4999] = 500;
    const steps = 1000;
    const { times, neurons } = await play(size, means.map((m) => m * 1e4), steps / 10);
    const sums = new Map<number, [number, number, number]>();
    const all = counts(times, neurons, size, steps, 0.1);
    for (let n = 0; n < size; n++) {
      const row = sums.get(means[n] as number) ?? [0, 0, 0];
      sums.set(means[n] as number, row);
      for (let s = 0; s < steps; s++) {
        const c = all[s * size + n] as number;
        row[0]++;
        row[1] += c;
        row[2] += (c - (means[n] as number)) ** 2;
      }
    }
    expect(sums.size).toBe(11);
    for (const [mean, [number, sum, squares]] of sums) {
      expect(Math.abs(sum - number * mean), `mean ${mean}`).toBeLessThanOrEqual(4 * Math.sqrt(number * mean));
      const variance = squares / number;
      const error = Math.sqrt((mean + 2 * mean ** 2) / number);
      expect(Math.abs(variance - mean), `variance at ${mean}`).toBeLessThanOrEqual(4.5 * error);
    }
    // By step, then neuron.
    for (let i = 1; i < times.length; i++) {
      const [a, b] = [times[i - 1] as number, times[i] as number];
      if (a > b || (a === b && (neurons[i - 1] as number) > (neurons[i] as number))) expect.fail(`spike ${i}`);
    }
  });

  it("that fire rarely: counts per neuron and per bin, and intervals, are those of Poisson processes", async () => {
    const [size, ms, rate] = [20_000, 2000, 15];
    const { times, neurons } = await play(size, rate, ms);
    const n = times.length;
    const expected = size * ms * 0.001 * rate;
    expect(Math.abs(n - expected)).toBeLessThan(4 * Math.sqrt(expected));
    // Fano factors over neurons, over bins of 1 ms, and over bins of time and place: 1 within 4 standard errors.
    const fano = (cells: number, cell: (i: number) => number): void => {
      const per = new Float64Array(cells);
      for (let i = 0; i < n; i++) per[cell(i)] = (per[cell(i)] as number) + 1;
      const mean = expected / cells;
      const variance = per.reduce((sum, x) => sum + (x - mean) ** 2, 0) / cells;
      expect(Math.abs(variance / mean - 1), `${cells} cells`).toBeLessThan(4 * Math.sqrt((2 + 1 / mean) / cells));
    };
    const step = (i: number): number => Math.round((times[i] as number) * 10) - 1;
    fano(size, (i) => neurons[i] as number);
    fano(ms, (i) => Math.floor(step(i) / 10));
    fano(ms * 10, step);
    // 16 neurons side by side in 1 ms; neurons that have the same place in groups of 16 and of 4096
    fano((size / 16) * ms, (i) => Math.floor((neurons[i] as number) / 16) * ms + Math.floor(step(i) / 10));
    fano(16, (i) => (neurons[i] as number) % 16);
    fano(4000, (i) => (neurons[i] as number) % 4000);
    // Intervals in steps are geometric.
    const p = (rate * 0.1) / 1000;
    const last = new Float64Array(size).fill(-1);
    const intervals: number[] = [];
    for (let i = 0; i < n; i++) {
      const before = last[neurons[i] as number] as number;
      // Intervals that begin in the first half of the time and last up to a half: all of them are seen.
      if (before >= 0 && before < ms * 5 && step(i) - before <= ms * 5) intervals.push(step(i) - before);
      last[neurons[i] as number] = step(i);
    }
    intervals.sort((a, b) => a - b);
    const within = -Math.expm1(-p * ms * 5);
    let distance = 0;
    for (const [k, x] of intervals.entries()) {
      if (x === intervals[k + 1]) continue;
      // A spike in the step itself counts as half a step away.
      distance = Math.max(distance, Math.abs((k + 1) / intervals.length - -Math.expm1(-p * (x + 0.5)) / within));
    }
    expect(intervals.length).toBeGreaterThan(100_000);
    expect(distance * Math.sqrt(intervals.length)).toBeLessThan(1.95);
    // Neighbours in the same step and a neuron in the next step do not meet more often than by chance.
    const fired = new Set(Array.from(times, (_, i) => step(i) * size + (neurons[i] as number)));
    for (const away of [1, 2, 15, 16, 4096, size, 2 * size, size + 1]) {
      let met = 0;
      for (const place of fired) met += fired.has(place + away) ? 1 : 0;
      const chance = n * p;
      expect(Math.abs(met - chance), `${away} away`).toBeLessThan(4 * Math.sqrt(chance) + 1);
    }
  });

  it("have spikes of their own in any company, and whatever way their rate is given", async () => {
    const rateOf = (n: number): number => [0, 15, 4000, 2500, 0.01, 800][n % 6] as number;
    const rates = (size: number): Float64Array => Float64Array.from({ length: size }, (_, n) => rateOf(n));
    const small = await play(100, rates(100), 30);
    const large = await play(5000, rates(5000), 30);
    const other = await play(5000, rates(5000).map((r, n) => (n < 100 ? r : 100_000 / (n + 1))), 30);
    for (let n = 0; n < 100; n++) {
      expect(large.of(n)).toEqual(small.of(n));
      expect(other.of(n)).toEqual(small.of(n));
    }
    for (const rate of [15, 2400, 2600]) {
      const one = await play(3000, rate, 50);
      expect(one.times.length).toBeGreaterThan(0);
      for (const same of [new Float64Array(3000).fill(rate), { points: [[0, rate]] }]) {
        expect(await play(3000, same, 50)).toMatchObject({ times: one.times, neurons: one.neurons });
      }
    }
  });

  it("with others in the same step do not depend on shards", async () => {
    const size = 4096 + 2048 + 100;
    const mixed = Float64Array.from({ length: size }, (_, n) => [15, 0, 3000, 200][(n >> 3) % 4] as number);
    for (const rate of [15, 0.5, 2000, mixed]) {
      const one = await play(size, rate, 20);
      for (const threads of [2, 3]) {
        const several = await play(size, rate, 20, threads);
        expect([...several.times], `${threads} threads`).toEqual([...one.times]);
        expect([...several.neurons]).toEqual([...one.neurons]);
      }
    }
  });

  it("are populations of their own: streams and seeds differ", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 9 });
    const recordings = ["a", "b"].map((name) =>
      sim.record(sim.population(name, poisson, 20_000, { params: { rate: 50 } }), "spikes"));
    await sim.run(200);
    const third = await play(20_000, 50, 200, 1, { seed: 10 });
    const sets = [...recordings, third].map(({ times, neurons }) =>
      new Set(Array.from(times, (t, i) => Math.round(t * 10) * 20_000 + (neurons[i] as number))));
    for (const [i, j] of [[0, 1], [0, 2], [1, 2]] as const) {
      const [a, b] = [sets[i] as Set<number>, sets[j] as Set<number>];
      let met = 0;
      for (const place of a) met += b.has(place) ? 1 : 0;
      const chance = a.size * 0.005;
      expect(Math.abs(met - chance)).toBeLessThan(4 * Math.sqrt(chance));
    }
  });

  it("give every spike of a step to their targets", async () => {
    const sim = await Simulation.create({ dt: 1, seed: 5 });
    const source = sim.population("source", poisson, 4, { params: { rate: 3000 } });
    const cell = sim.population("cell", lif, 1, {
      params: { tau_m: 1e12, V_th: 1e9 },
      init: { v: 0 },
      receptors: { in: receptor.delta() },
    });
    sim.connect(source, cell, { rule: "allToAll", weight: 1, delay: 1 });
    const spikes = sim.record(source, "spikes");
    await sim.run(100);
    await sim.run(1);
    expect(cell.state("v")[0]).toBeCloseTo(spikes.times.filter((t) => t <= 100).length, 5);
  });
});

describe("rates that no step can hold", () => {
  const network = (): Promise<Simulation> => Simulation.create({ dt: 0.1 });
  const too = [1.001e9, [1, 2e9, 3], { uniform: [9.9e8, 1.1e9] }, { points: [[0, 5], [1, 0, 1e9], [3, 0]] }] as const;

  it.each(too)("are refused: %o", async (rate) => {
    const size = Array.isArray(rate) ? rate.length : 1;
    const sim = await network();
    expect(() => sim.population("p", poisson, size, { params: { rate } as never })).toThrow("in a step");
    const source = sim.population("s", poisson, size, { params: { rate: 10 } });
    const cells = sim.population("cells", lif, size, { receptors: { in: receptor.exponential({ tau: 5 }) } });
    const entry = background.poisson({ rate: rate as never, weight: 1 });
    await sim.run(1);
    expect(() => source.set({ rate } as never)).toThrow("in a step");
    expect(() => cells.setBackground([entry])).toThrow("in a step");
    await sim.run(1);
  });

  it("the message says what is allowed at this dt", async () => {
    const sim = await network();
    expect(() => sim.population("p", poisson, 10, { params: { rate: 1e12 } })).toThrow(
      "p.rate: 1000000000000 Hz, 100000000 in a step of dt = 0.1 ms; it must be at most 1000000000 Hz, 100000 in a step.",
    );
    expect(() => sim.population("p", poisson, 20_000, { params: { rate: 1e6 } })).toThrow(
      "p.rate: 20000000000 Hz of 20000 neurons together, 2000000 in a step of dt = 0.1 ms; it must be at most 10000000000 Hz, 1000000 in a step.",
    );
    sim.population("p", poisson, 10, { params: { rate: 1e9 } });
  });

  it("a rise after the last row is found by the check and refused by the run that reaches it", async () => {
    const points = [[0, 0, 1e7]];
    const document = {
      dt: 0.1,
      duration: 200,
      populations: [{ name: "p", model: "poisson", size: 1, params: { rate: { points } } }],
    };
    const sim = await Simulation.fromDocument(document);
    expect(sim.check().map(({ code }) => code)).toEqual(["rate-too-high"]);
    await expect(sim.run(200)).rejects.toThrow("p.rate: 2000000000 Hz");
    expect((await Simulation.fromDocument({ ...document, duration: 90 })).check()).toEqual([]);
  });
});

describe("Poisson bombardment", () => {
  // Campbell's theorem on the grid: a sum of responses w e^(-k dt/tau) to counts of mean (and variance) r dt.
  test.each([
    [0.1, 5, 800, 1.5],
    [1, 5, 3000, -2],
    [0.1, 0.5, 20_000, 0.3],
  ])("dt %d ms, tau %d ms, %d Hz, weight %d: mean and variance of the current", async (dt, tau, rate, weight) => {
    const sim = await Simulation.create({ dt, seed: 11 });
    const size = 500;
    const cells = sim.population("cells", lif, size, {
      params: { V_th: 1e9 },
      receptors: { in: receptor.exponential({ tau }) },
      background: [background.poisson({ rate, weight, receptor: "in" })],
    });
    const current = sim.record(cells, "i_in", { from: 20 * tau, every: 10 * tau });
    await sim.run(1020 * tau);
    const mean = (weight * rate * dt) / 1000 / -Math.expm1(-dt / tau);
    const variance = (weight * weight * rate * dt) / 1000 / -Math.expm1((-2 * dt) / tau);
    const all = current.view();
    const [m, v] = moments(all);
    expect(all.length).toBe(101 * size);
    expect(Math.abs(m - mean)).toBeLessThan(4 * Math.sqrt(variance / all.length));
    expect(Math.abs(v / variance - 1)).toBeLessThan(4 * Math.sqrt(3 / all.length));
    if (dt < tau / 10) {
      expect(mean / (weight * rate * tau * 1e-3)).toBeCloseTo(1 + dt / (2 * tau), 2);
      expect(variance / (weight * weight * rate * tau * 0.5e-3)).toBeCloseTo(1 + dt / tau, 1);
    }
  });

  it("with rates of each neuron's own, rare and frequent: counts are Poisson, whatever the shards", async () => {
    const size = 3000;
    const means = Float64Array.from({ length: size }, (_, i) => [0, 0.002, 0.06, 0.2, 0.25, 0.3, 3][i % 7] as number);
    const weight = Float64Array.from({ length: size }, (_, i) => 1 + (i % 2));
    const play = async (threads: number): Promise<Float64Array> => {
      const sim = await Simulation.create({ dt: 1, seed: 12, threads });
      const cells = sim.population("cells", lif, size, {
        params: { tau_m: 1e12, V_th: 1e9 },
        init: { v: 0 },
        receptors: { in: receptor.delta() },
        background: [
          background.poisson({ rate: means.map((m) => 1000 * m), weight }),
          background.poisson({ rate: 10, weight, start: 50, stop: 150 }),
        ],
      });
      await sim.run(200);
      return cells.state("v");
    };
    const v = await play(1);
    for (const mean of new Set(means)) {
      const counts = Float64Array.from(v, (x, i) => x / (weight[i] as number)).filter((_, i) => means[i] === mean);
      const expected = 200 * mean + 1;
      const [m, variance] = moments(counts);
      expect(Math.abs(m - expected), `mean ${mean}`).toBeLessThan(4 * Math.sqrt(expected / counts.length));
      const error = Math.sqrt((expected + 2 * expected ** 2) / counts.length);
      expect(Math.abs(variance - expected), `variance at ${mean}`).toBeLessThan(4 * error);
    }
    for (const threads of [2, 3]) expect([...(await play(threads))]).toEqual([...v]);
  });

  it("acts through every kernel, in the step itself", async () => {
    for (const [kernel, first] of [
      [receptor.delta(), 0],
      [receptor.step({ duration: 2, E_rev: 0 }), 1],
      [receptor.alpha({ tau: 5, E_rev: 0 }), 1],
      [receptor.nmda(), 1],
    ] as const) {
      const sim = await Simulation.create({ dt: 0.1, seed: 1 });
      const cells = sim.population("cells", lif, 3, {
        params: { V_th: 1e9 },
        method: "exponentialEuler",
        receptors: { in: kernel },
        background: [background.poisson({ rate: 1e6, weight: 0.1 })],
      });
      const v = sim.record(cells, "v", { neurons: [0] });
      await sim.run(20);
      expect(v.values(0)[0]).toBe(-70);
      expect((v.values(0)[1] as number) > -70).toBe(first === 0);
      expect(v.values(0)[200]).toBeGreaterThan(-69);
    }
  });

  it("has rates and weights of each neuron's own, rows in time, and can be added between runs", async () => {
    const sim = await Simulation.create({ dt: 1, seed: 3 });
    const size = 19;
    const rate = Float64Array.from({ length: size }, (_, i) => 100 * i);
    const weight = Float64Array.from({ length: size }, (_, i) => (i % 2 ? 1 : 0.5));
    const cells = sim.population("cells", lif, size, {
      params: { tau_m: 1e12, V_th: 1e9 },
      init: { v: 0 },
      receptors: { in: receptor.delta(), other: receptor.exponential({ tau: 5 }) },
    });
    await sim.run(10);
    cells.setBackground([background.poisson({ rate, weight, receptor: "in" })]);
    await sim.run(1000);
    const v = cells.state("v");
    for (let i = 0; i < size; i++) {
      const mean = 100 * i;
      expect(Math.abs((v[i] as number) / (weight[i] as number) - mean)).toBeLessThanOrEqual(
        4.5 * Math.sqrt(mean) + 1e-3,
      );
    }
    cells.setBackground([
      background.poisson({
        rate: {
          points: [
            [1010, 0],
            [1500, 1000],
          ],
        },
        weight: 1,
        receptor: "in",
      }),
    ]);
    await sim.run(490);
    expect(cells.state("v").every((x, i) => Math.abs(x - (v[i] as number)) < 1e-3)).toBe(true);
    await sim.run(500);
    const gained = cells.state("v").reduce((sum, x, i) => sum + x - (v[i] as number), 0);
    expect(Math.abs(gained - size * 500)).toBeLessThan(4 * Math.sqrt(size * 500));
    // Onto a receptor that no spike has ever reached.
    cells.setBackground([background.poisson({ rate: 1000, weight: 1, receptor: "other" })]);
    await sim.run(50);
    expect(cells.state("i_other").every((x) => x > 0)).toBe(true);
  });

  it.each([50, 500])("draws the same counts in any company, %d Hz", async (rate) => {
    const run = async (size: number): Promise<number> => {
      const sim = await Simulation.create({ dt: 1, seed: 3 });
      const cells = sim.population("cells", lif, size, {
        params: { V_th: 1e9 },
        receptors: { in: receptor.delta() },
        background: [background.poisson({ rate, weight: 1 })],
      });
      await sim.run(200);
      return cells.state("v")[2] as number;
    };
    expect(new Set(await Promise.all([3, 4, 17, 300].map(run))).size).toBe(1);
  });
});

describe("scope of background entries", () => {
  const entries: readonly (readonly [string, (scope: object) => BackgroundInput])[] = [
    ["constant", (s) => background.constant(100, s)],
    ["piecewise", (s) => background.piecewise([[0, 100]], s)],
    ["pulses", (s) => ({ kind: "pulses", amplitude: 100, width: 1000, ...s }) as BackgroundInput],
    ["ramp", (s) => ({ kind: "ramp", end: 1, from: 100, to: 100, ...s }) as BackgroundInput],
    ["sine", (s) => background.sine({ amplitude: 1, frequency: 0, offset: 100, ...s })],
    ["whiteNoise", (s) => background.whiteNoise({ sigma: 10, mean: 100, ...s })],
    ["ornsteinUhlenbeck", (s) => background.ornsteinUhlenbeck({ sigma: 10, mean: 100, tau: 5, ...s })],
    ["samples", (s) => background.samples({ dt: 1, values: [100], ...s })],
    ["rheobase", (s) => background.rheobase(0.5, s)],
  ];

  test.each(entries)("%s acts on the chosen neurons, in the chosen time only", async (name, make) => {
    const window = name === "pulses" || name === "ramp" ? { stop: 30 } : { start: 10, stop: 30 };
    const run = async (scope: object): Promise<(i: number) => Float64Array> => {
      const sim = await Simulation.create({ dt: 0.5, seed: 4 });
      const cells = sim.population("cells", lif, 21, { background: [make(scope)] });
      const trace = sim.record(cells, "I_background");
      await sim.run(40);
      return (i) => trace.values(i);
    };
    const scoped = await run({ neurons: [3, 20, 7], ...window });
    const free = await run({});
    const from = "start" in window ? 20 : 0;
    for (let i = 0; i < 21; i++) {
      const chosen = [3, 7, 20].includes(i);
      const expected = free(i).map((x, k) => (chosen && k >= from && k < 60 ? x : 0));
      expect(Array.from(scoped(i))).toEqual(Array.from(expected));
    }
    expect(free(0).some((x) => x !== 0)).toBe(true);
  });

  it("poisson acts on the chosen neurons, in the chosen time only", async () => {
    const sim = await Simulation.create({ dt: 1, seed: 4 });
    const cells = sim.population("cells", lif, 21, {
      params: { tau_m: 1e12, V_th: 1e9 },
      init: { v: 0 },
      receptors: { in: receptor.delta() },
      background: [
        background.poisson({ rate: 2000, weight: 1, neurons: [3, 20], start: 10, stop: 30 }),
        background.poisson({ rate: { points: [[0, 1000]] }, weight: 100, neurons: [5], stop: 20 }),
      ],
    });
    const v = sim.record(cells, "v");
    await sim.run(40);
    for (let i = 0; i < 21; i++) {
      const x = v.values(i);
      const [from, to] = i === 5 ? [0, 20] : i === 3 || i === 20 ? [10, 30] : [0, 0];
      expect(x[from]).toBeCloseTo(0, 6);
      if (to > 0) expect(x[to]).toBeGreaterThan(10);
      expect(x[40]).toBeCloseTo(x[to] as number, 6);
    }
  });

  it("moves between runs: a process ends where it does not act any more and goes on where it does", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 4 });
    const noise = (neurons: number[]): BackgroundInput[] => [
      background.ornsteinUhlenbeck({ sigma: 10, mean: 50, tau: 20, neurons }),
    ];
    const cells = sim.population("cells", lif, 3, { background: noise([0, 1]) });
    const trace = sim.record(cells, "I_background");
    await sim.run(10);
    const before = trace.values(1).at(-1) as number;
    cells.setBackground(noise([1, 2]));
    await sim.run(10);
    expect(
      trace
        .values(0)
        .slice(101)
        .every((x) => x === 0),
    ).toBe(true);
    expect(Math.abs((trace.values(1)[101] as number) - before)).toBeLessThan(5);
    expect(trace.values(2)[200]).not.toBe(0);
  });
});

test("padding takes part in nothing: populations of any size behave alike", async () => {
  for (const [model, method, drive] of [
    [lif, "exact", 600],
    [izhikevich, "euler", 12],
    [fitzhughNagumo, "rk4", 0.5],
  ] as const) {
    const results = await Promise.all(
      [1, 16, 17].map(async (size) => {
        const sim = await Simulation.create({ dt: 0.1, seed: 6 });
        const cells = sim.population("cells", model as typeof lif, size, {
          method: method as Method as "exact",
          receptors: { in: receptor.delta() },
          background: [background.constant(drive), background.poisson({ rate: 500, weight: 0.05 })],
        });
        const spikes = sim.record(cells, "spikes");
        await sim.run(300);
        expect(spikes.neurons.every((n) => n < size)).toBe(true);
        expect(spikes.count).toBeGreaterThan(0);
        return [...spikes.of(0), cells.state("v")[0]].join();
      }),
    );
    expect(new Set(results).size).toBe(1);
  }
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cvPerNeuron,
  fanoPerNeuron,
  firingRates,
  interspikeIntervals,
  meanCv,
  meanFano,
  meanRate,
  populationRate,
  SpikeStatistics,
  smoothRate,
  spikeCounts,
} from "../../src/analysis/index.js";
import { LengthError, ValueRangeError } from "../../src/model/errors.js";
import { NO_SPIKES, poisson, regular, train } from "./generators.js";

const SIZE = 5;
const trains = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.nat(SIZE - 1)), { maxLength: 200 })
  .map((pairs) => train(pairs.map(([step, neuron]) => [step * 0.1, neuron])));

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe("rates", () => {
  const spikes = train([
    [10, 0],
    [20, 0],
    [20, 2],
    [500, 0],
  ]);

  it("counts spikes and divides by the time", () => {
    expect([...spikeCounts(spikes, 3)]).toEqual([3, 0, 1]);
    expect([...firingRates(spikes, 3, 500)]).toEqual([6, 0, 2]);
    expect(meanRate(spikes, 4, 500)).toBe(2);
    expect(meanRate(NO_SPIKES, 0, 500)).toBe(0);
  });

  it("refuses what makes no sense, with place and value", () => {
    expect(() => spikeCounts(spikes, 2)).toThrow(ValueRangeError);
    expect(() => spikeCounts(spikes, 2)).toThrow("spikes.neurons[2] = 2; it must be below the population's size 2.");
    expect(() => spikeCounts({ times: spikes.times, neurons: new Uint32Array(1) }, 2)).toThrow(LengthError);
    expect(() => meanRate(spikes, 3, 0)).toThrow("duration = 0 ms; it must be > 0 ms.");
    expect(() => meanRate(spikes, 1.5, 1)).toThrow("size = 1.5; it must be a whole number >= 0.");
    expect(() => populationRate(spikes, 3, { duration: 10, bin: Number.NaN })).toThrow("bin = NaN ms");
    expect(() => populationRate(spikes, 3, { duration: 1e9, bin: 1e-3 })).toThrow(ValueRangeError);
    expect(() => populationRate(spikes, 3, { duration: 10, bin: 1, smooth: -1 })).toThrow("smooth = -1 ms");
    expect(() => populationRate(spikes, 3, { duration: 10, bin: 1, start: Number.NaN })).toThrow("start = NaN ms");
  });

  it("puts every step into its own bin, whatever the rounding of step * dt", () => {
    for (const dt of [0.1, 0.025, 0.3, 1 / 3]) {
      const steps = 5000;
      const times = Float64Array.from({ length: steps }, (_, k) => (k + 1) * dt);
      const one = { times, neurons: new Uint32Array(steps) };
      const { rate } = populationRate(one, 1, { duration: steps * dt, bin: dt });
      expect(rate.length).toBe(steps);
      expect(Math.max(...rate) - Math.min(...rate)).toBeLessThan(1e-6 * (1000 / dt));
      const ten = populationRate(one, 1, { duration: steps * dt, bin: 10 * dt }).rate;
      expect(ten.length).toBe(500);
      expect(Math.max(...ten) - Math.min(...ten)).toBeLessThan(1e-6 * (1000 / dt));
    }
  });

  it("holds the right edge, and the start in the first bin", () => {
    const edges = train([
      [0, 0],
      [10, 0],
      [10.5, 0],
      [20, 0],
      [20.5, 0],
    ]);
    const { rate, time, edges: bounds } = populationRate(edges, 1, { duration: 20, bin: 10 });
    expect([...rate]).toEqual([200, 200]);
    expect([...time]).toEqual([5, 15]);
    expect([...bounds]).toEqual([0, 10, 20]);
    expect([...populationRate(edges, 1, { start: 10, duration: 10, bin: 10 }).rate]).toEqual([300]);
  });

  it("takes the last bin at its true width", () => {
    const { rate, edges } = populationRate(regular(1, 1, 25), 1, { duration: 25, bin: 10 });
    expect([...edges]).toEqual([0, 10, 20, 25]);
    expect([...rate]).toEqual([1000, 1000, 1000]);
    const cut = populationRate(regular(1, 1, 100), 1, { duration: 25, bin: 10 });
    expect([...cut.rate]).toEqual([1000, 1000, 1000]);
  });

  it("loses no spike of the window", () => {
    fc.assert(
      fc.property(trains, fc.double({ min: 0.05, max: 300, noNaN: true }), (spikes, bin) => {
        const { rate, edges } = populationRate(spikes, SIZE, { duration: 200, bin });
        const counted = sum(rate.map((r, k) => (r * SIZE * ((edges[k + 1] ?? 0) - (edges[k] ?? 0))) / 1000));
        expect(counted).toBeCloseTo(spikes.times.length, 6);
      }),
    );
  });

  it("smooths without changing a constant, keeps the area and the place", () => {
    const constant = populationRate(regular(1, 1, 25), 1, { duration: 25, bin: 10, smooth: 7 }).rate;
    for (const r of constant) expect(r).toBeCloseTo(1000, 9);
    const pulse = populationRate(train([[500, 0]]), 1, { duration: 1000, bin: 1 });
    const smooth = smoothRate(pulse, 5);
    expect(sum(smooth)).toBeCloseTo(sum(pulse.rate), 3);
    expect(smooth.indexOf(Math.max(...smooth))).toBe(499);
    // A Gaussian of 5 ms has its half maximum at 5 sqrt(2 ln 2) = 5.887 ms.
    expect((smooth[505] ?? 0) / (smooth[499] ?? 0)).toBeCloseTo(Math.exp(-0.5 * (6 / 5) ** 2), 6);
  });
});

describe("interspike intervals", () => {
  it("are grouped by neuron in order of time", () => {
    const isis = interspikeIntervals(
      train([
        [1, 2],
        [2, 0],
        [4, 2],
        [9, 2],
        [10, 0],
      ]),
      3,
    );
    expect([...isis.offsets]).toEqual([0, 1, 1, 3]);
    expect([...isis.of(0)]).toEqual([8]);
    expect([...isis.of(1)]).toEqual([]);
    expect([...isis.of(2)]).toEqual([3, 5]);
    expect(() => isis.of(3)).toThrow("neuron = 3; it must be a whole number below 3.");
  });

  it("sum to the time between the first and the last spike", () => {
    fc.assert(
      fc.property(trains, (spikes) => {
        const isis = interspikeIntervals(spikes, SIZE);
        for (let n = 0; n < SIZE; n++) {
          const own = [...spikes.times].filter((_, i) => spikes.neurons[i] === n);
          const span = own.length > 0 ? (own.at(-1) as number) - (own[0] as number) : 0;
          expect(isis.of(n).length).toBe(Math.max(0, own.length - 1));
          expect(sum(isis.of(n))).toBeCloseTo(span, 8);
        }
      }),
    );
  });
});

describe("coefficient of variation", () => {
  it("is 0 for a clock and near 1 for a Poisson process", () => {
    expect(meanCv(regular(3, 10, 1000), 3)).toBeCloseTo(0, 12);
    // 200 neurons with about 400 intervals each: standard error below 0.004.
    expect(meanCv(poisson(200, 40, 10_000), 200)).toBeCloseTo(1, 1);
    expect(Math.abs(meanCv(poisson(200, 40, 10_000), 200) - 1)).toBeLessThan(0.02);
  });

  it("is the standard deviation over the mean of the intervals", () => {
    fc.assert(
      fc.property(trains, (spikes) => {
        const isis = interspikeIntervals(spikes, SIZE);
        const cv = cvPerNeuron(spikes, SIZE);
        for (let n = 0; n < SIZE; n++) {
          const own = [...isis.of(n)];
          const mean = sum(own) / own.length;
          const sd = Math.sqrt(sum(own.map((x) => (x - mean) ** 2)) / own.length);
          if (own.length < 2 || mean === 0) expect(cv[n]).toBeNaN();
          else expect(cv[n]).toBeCloseTo(sd / mean, 8);
        }
      }),
    );
  });

  it("leaves out neurons with too few intervals and is NaN when none is left", () => {
    const spikes = train([
      [1, 0],
      [2, 0],
      [4, 0],
      [1, 1],
      [2, 1],
    ]);
    expect([...cvPerNeuron(spikes, 3)]).toEqual([1 / 3, Number.NaN, Number.NaN]);
    expect(meanCv(spikes, 3)).toBeCloseTo(1 / 3, 12);
    expect(meanCv(spikes, 3, 1)).toBeCloseTo(1 / 6, 12);
    expect(meanCv(spikes, 3, 3)).toBeNaN();
    expect(meanCv(NO_SPIKES, 3)).toBeNaN();
    expect(() => meanCv(spikes, 3, 0)).toThrow("minIsis = 0");
  });

  it("does not cancel late in a long run", () => {
    // Intervals of 1 and 1.001 ms after 1e9 ms: a sum of squares would keep no digit of the variance.
    const times = new Float64Array(2001);
    for (let k = 0; k <= 2000; k++) times[k] = 1e9 + k + 0.001 * Math.floor(k / 2);
    const spikes = { times, neurons: new Uint32Array(2001) };
    expect(meanCv(spikes, 1)).toBeCloseTo(0.0005 / 1.0005, 6);
  });
});

describe("SpikeStatistics", () => {
  it("gives the bits of the functions that take a whole train, however it is cut", () => {
    fc.assert(
      fc.property(trains, fc.array(fc.nat(200)), (spikes, cuts) => {
        const statistics = new SpikeStatistics(SIZE);
        const ends = [...cuts.map((cut) => Math.min(cut, spikes.times.length)), spikes.times.length];
        let from = 0;
        for (const to of ends.sort((a, b) => a - b)) {
          statistics.add(spikes.times.subarray(from, to), spikes.neurons.subarray(from, to));
          from = to;
        }
        expect(statistics.spikes).toBe(spikes.times.length);
        expect(statistics.counts()).toEqual(spikeCounts(spikes, SIZE));
        expect(statistics.rates(200)).toEqual(firingRates(spikes, SIZE, 200));
        expect(statistics.rate(200)).toBe(meanRate(spikes, SIZE, 200));
        expect(statistics.cvPerNeuron()).toEqual(cvPerNeuron(spikes, SIZE));
        expect(statistics.cv()).toBe(meanCv(spikes, SIZE));
        expect(statistics.cv(1)).toBe(meanCv(spikes, SIZE, 1));
      }),
    );
  });

  it("refuses neurons it does not have and times that go back", () => {
    const statistics = new SpikeStatistics(2);
    statistics.add(Float64Array.of(5), Uint32Array.of(1));
    expect(() => statistics.add(Float64Array.of(6), Uint32Array.of(2))).toThrow(ValueRangeError);
    expect(() => statistics.add(Float64Array.of(4), Uint32Array.of(1))).toThrow(
      "times[0] = 4 ms; it must be at or after neuron 1's last spike, 5 ms.",
    );
    expect(() => new SpikeStatistics(-1)).toThrow("size = -1");
    expect(statistics.spikes).toBe(1);
    expect(new SpikeStatistics(0).rate(10)).toBe(0);
  });
});

describe("Fano factor", () => {
  it("is 0 for a clock and near 1 for a Poisson process", () => {
    expect([...fanoPerNeuron(regular(1, 10, 1000), 1, { duration: 1000, window: 100 })]).toEqual([0]);
    const fano = meanFano(poisson(200, 40, 10_000), 200, { duration: 10_000, window: 100 });
    // The variance over 100 windows is 1 % small by its divisor.
    expect(Math.abs(fano - 0.99)).toBeLessThan(0.03);
  });

  it("is the variance over the mean of the counts", () => {
    fc.assert(
      fc.property(trains, (spikes) => {
        const fano = fanoPerNeuron(spikes, SIZE, { duration: 200, window: 25 });
        for (let n = 0; n < SIZE; n++) {
          const own = Float64Array.from(spikes.times.filter((_, i) => spikes.neurons[i] === n));
          const alone = { times: own, neurons: new Uint32Array(own.length) };
          const counts = [...populationRate(alone, 1, { duration: 200, bin: 25 }).rate].map((r) => (r * 25) / 1000);
          const mean = sum(counts) / 8;
          const variance = sum(counts.map((c) => (c - mean) ** 2)) / 8;
          if (mean === 0) expect(fano[n]).toBeNaN();
          else expect(fano[n]).toBeCloseTo(variance / mean, 8);
        }
      }),
    );
  });

  it("needs two windows; NaN without spikes", () => {
    expect(() => fanoPerNeuron(NO_SPIKES, 1, { duration: 10, window: 6 })).toThrow("window = 6 ms");
    expect(meanFano(NO_SPIKES, 1, { duration: 10, window: 5 })).toBeNaN();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cv2PerNeuron,
  findBursts,
  histogram,
  isiHistogram,
  lvPerNeuron,
  meanCv,
  meanCv2,
  meanFano,
  meanLv,
} from "../../src/analysis/index.js";
import { ValueRangeError } from "../../src/model/errors.js";
import { NO_SPIKES, poisson, random, regular, train } from "./generators.js";

const alone = (times: readonly number[]) => train(times.map((time) => [time, 0]));

describe("CV2 and LV", () => {
  it("are 0 for a clock and 1 for a Poisson process, as are CV and Fano factor", () => {
    const clock = regular(3, 10, 1000);
    expect([meanCv(clock, 3), meanCv2(clock, 3), meanLv(clock, 3)]).toEqual([0, 0, 0]);
    const noise = poisson(40, 50, 20_000, 9);
    for (const measure of [meanCv, meanCv2, meanLv]) expect(Math.abs(measure(noise, 40) - 1)).toBeLessThan(0.02);
    expect(Math.abs(meanFano(noise, 40, { duration: 20_000, window: 100 }) - 1)).toBeLessThan(0.04);
  });

  it("have their closed forms for two alternating intervals", () => {
    const [a, b] = [10, 30];
    const times = Array.from({ length: 41 }, (_, k) => Math.ceil(k / 2) * a + Math.floor(k / 2) * b);
    const contrast = (b - a) / (a + b);
    expect(meanCv2(alone(times), 1)).toBeCloseTo(2 * contrast, 12);
    expect(meanLv(alone(times), 1)).toBeCloseTo(3 * contrast ** 2, 12);
  });

  it("do not mind a slow change of the rate, which CV takes for irregularity", () => {
    const times = [0];
    for (let k = 0; k < 200; k++) times.push((times[k] as number) + 5 * 1.02 ** k);
    expect(meanCv(alone(times), 1)).toBeGreaterThan(0.8);
    expect(meanCv2(alone(times), 1)).toBeLessThan(0.03);
    expect(meanLv(alone(times), 1)).toBeLessThan(0.001);
  });

  it("are NaN for neurons with too few intervals", () => {
    const spikes = train([[1, 0], [2, 0], [1, 1], [3, 1], [4, 1]]);
    expect([...cv2PerNeuron(spikes, 3)].map(Number.isNaN)).toEqual([true, false, true]);
    expect([...lvPerNeuron(spikes, 3, 3)].map(Number.isNaN)).toEqual([true, true, true]);
    expect(meanLv(NO_SPIKES, 4)).toBeNaN();
    expect(meanCv2(alone([5, 5, 5, 5]), 1)).toBeNaN();
  });

  it("leave out pairs without length", () => {
    // Intervals 0, 0, 1, 2: contrasts of 1 and 1/3.
    expect(meanCv2(alone([5, 5, 5, 6, 8]), 1)).toBeCloseTo((2 + 2 / 3) / 2, 12);
    expect(meanLv(alone([5, 5, 5, 6, 8]), 1)).toBeCloseTo((3 + 3 / 9) / 2, 12);
  });

  it("keep their ranges and do not depend on the unit of time", () => {
    const intervals = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(intervals, fc.double({ min: 0.1, max: 10, noNaN: true }), (list, factor) => {
        const times: number[] = [0];
        for (const interval of list) times.push((times.at(-1) as number) + interval);
        const [cv2, lv] = [meanCv2(alone(times), 1), meanLv(alone(times), 1)];
        expect(cv2 >= 0 && cv2 <= 2 && lv >= 0 && lv <= 3).toBe(true);
        expect(meanLv(alone(times.map((t) => factor * t)), 1)).toBeCloseTo(lv, 6);
      }),
    );
  });

  it("refuse what makes no sense", () => {
    expect(() => meanCv2(alone([1, 2, 3]), 1, 1)).toThrow("minIsis = 1; it must be >= 2.");
    expect(() => meanLv({ times: Float64Array.of(2, 1), neurons: new Uint32Array(2) }, 1)).toThrow(ValueRangeError);
    expect(() => meanLv(train([[1, 5]]), 5)).toThrow("below the population's size 5");
  });
});

describe("bursts", () => {
  const group = (start: number, spikes: number, interval: number) =>
    Array.from({ length: spikes }, (_, k) => start + k * interval);

  it("are found with their first and last spike", () => {
    const times = [...group(100, 4, 3), 200, 300, ...group(400, 5, 2), 500];
    const { bursts, fraction } = findBursts(alone(times), 1, { maxStart: 5 });
    expect(bursts.map(({ neuron, start, end, spikes }) => [neuron, start, end, spikes])).toEqual([
      [0, 100, 109, 4],
      [0, 400, 408, 5],
    ]);
    expect(fraction[0]).toBe(9 / 12);
    for (const { surprise } of bursts) expect(surprise).toBeGreaterThan(5);
  });

  it("go on with longer intervals than they begin with", () => {
    const times = [0, 4, 12, 20, 100, 108, 116];
    expect(findBursts(alone(times), 1, { maxStart: 5 }).bursts).toEqual([]);
    const { bursts } = findBursts(alone(times), 1, { maxStart: 5, maxInterval: 10 });
    expect(bursts.map(({ start, end, spikes }) => [start, end, spikes])).toEqual([[0, 20, 4]]);
  });

  it("become one when the gap is short, with the spikes between, and drop out when too small", () => {
    const times = [...group(0, 4, 2), 20, ...group(40, 4, 2), ...group(500, 3, 2)];
    const merged = findBursts(alone(times), 1, { maxStart: 5, minGap: 50, minSpikes: 4 });
    expect(merged.bursts.map(({ start, end, spikes }) => [start, end, spikes])).toEqual([[0, 46, 9]]);
    expect(findBursts(alone(times), 1, { maxStart: 5, minDuration: 5 }).bursts.length).toBe(2);
  });

  it("take intervals that are the limit but for rounding", () => {
    const times = Array.from({ length: 50 }, (_, k) => (k + 1) * 3 * 0.1);
    expect(findBursts(alone(times), 1, { maxStart: 0.3 }).bursts[0]?.spikes).toBe(50);
  });

  it("have the surprise of Poisson counts", () => {
    // Four spikes in 9 ms; 11 intervals in 400 ms.
    const times = [...group(100, 4, 3), 150, 200, 250, 300, 350, 400, 450, 500];
    const mean = (9 * 11) / 400;
    let below = 0;
    for (let k = 0, term = Math.exp(-mean); k < 4; k++, term *= mean / k) below += term;
    const [burst] = findBursts(alone(times), 1, { maxStart: 5 }).bursts;
    expect(burst?.surprise).toBeCloseTo(-Math.log(1 - below), 8);
    expect(findBursts(alone(times), 1, { maxStart: 5, minSurprise: 20 }).bursts).toEqual([]);
  });

  it("are rare in a Poisson process when surprise is asked for", () => {
    const noise = poisson(20, 20, 20_000, 4);
    const all = findBursts(noise, 20, { maxStart: 20 }).bursts.length;
    const surprising = findBursts(noise, 20, { maxStart: 20, minSurprise: 10 }).bursts.length;
    expect(all).toBeGreaterThan(100);
    expect(surprising).toBeLessThan(0.05 * all);
  });

  it("are none for silent neurons, and refuse what makes no sense", () => {
    expect(findBursts(NO_SPIKES, 2, { maxStart: 5 })).toEqual({ bursts: [], fraction: Float64Array.of(NaN, NaN) });
    expect(() => findBursts(NO_SPIKES, 1, { maxStart: 0 })).toThrow("maxStart = 0 ms");
    expect(() => findBursts(NO_SPIKES, 1, { maxStart: 5, maxInterval: 4 })).toThrow("at least maxStart, 5 ms");
    expect(() => findBursts(NO_SPIKES, 1, { maxStart: 5, minSpikes: 1 })).toThrow("minSpikes = 1");
  });
});

describe("histogram", () => {
  it("has half-open bins, the last one closed", () => {
    const { edges, counts, density } = histogram([0, 1, 1.5, 2, 3, Number.NaN, Number.POSITIVE_INFINITY], { bins: 3 });
    expect([...edges]).toEqual([0, 1, 2, 3]);
    expect([...counts]).toEqual([1, 2, 2]);
    expect(density.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it("counts what lies outside", () => {
    const { counts, below, above } = histogram([-1, 0, 0.5, 9], { low: 0, high: 1, bins: 2 });
    expect([[...counts], below, above]).toEqual([[1, 1], 1, 1]);
    const log = histogram([0, -3, 0.01, 1, 10, 500], { scale: "log", low: 0.1, high: 100 });
    expect([log.counts.length, log.below, log.above]).toEqual([30, 3, 1]);
  });

  it("puts multiples of dt into the same bin, whatever their rounding", () => {
    const values = Array.from({ length: 3000 }, (_, k) => k * 0.1);
    const { counts } = histogram(values, { low: 0, high: 300, width: 1 });
    expect(counts.length).toBe(300);
    expect(counts.every((count) => count === 10)).toBe(true);
  });

  it("counts every finite value once", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 100 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (list, bins) => {
        const { counts, edges, below, above } = histogram(list, { bins });
        expect(counts.reduce((a, b) => a + b, below + above)).toBe(list.length);
        expect([below, above, edges.length]).toEqual([0, 0, bins + 1]);
      }),
    );
  });

  it("of intervals follows the exponential density of a Poisson process", () => {
    const { counts, density } = isiHistogram(poisson(100, 20, 20_000, 2), 100, { width: 10, high: 200 });
    expect(counts.length).toBe(20);
    const share = 1 - Math.exp(-4);
    density.forEach((value, k) => {
      const expected = (Math.exp(-k / 5) - Math.exp(-(k + 1) / 5)) / 10 / share;
      expect(Math.abs(value - expected)).toBeLessThan(0.001);
    });
  });

  it("takes no value, one value and a million", () => {
    expect(histogram([]).counts.every((count) => count === 0)).toBe(true);
    expect(histogram([5, 5, 5], { bins: 1 }).counts[0]).toBe(3);
    const next = random(1);
    const { counts } = histogram(Float64Array.from({ length: 1e6 }, next), { low: 0, high: 1, bins: 10 });
    for (const count of counts) expect(Math.abs(count - 1e5)).toBeLessThan(1500);
  });

  it("refuses what makes no sense", () => {
    expect(() => histogram([1], { bins: 0 })).toThrow("bins = 0");
    expect(() => histogram([1], { width: -1 })).toThrow("width = -1");
    expect(() => histogram([1], { low: 5, high: 5 })).toThrow("above low, 5");
    expect(() => histogram([1], { scale: "log", low: 0 })).toThrow("low = 0; it must be > 0.");
    expect(() => histogram([1], { scale: "log", width: 1 })).toThrow("use bins");
    expect(() => histogram([0, 1e9], { width: 1e-3 })).toThrow("the number of bins");
  });
});

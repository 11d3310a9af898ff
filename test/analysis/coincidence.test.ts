/** Coincidence factor and latency: by hand, against an independent matching, and for Poisson trains. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxDistance, overlaps } from "../../src/analysis/coincidence.js";
import { random } from "../../src/analysis/random.js";
import { coincidenceFactor, latencyPerNeuron, ValueRangeError } from "../../src/index.js";

/** Most pairs at most `window` apart, by trying for each spike to move the others (augmenting paths). */
function pairs(a: readonly number[], b: readonly number[], window: number): number {
  const partner = new Map<number, number>();
  const place = (i: number, seen: Set<number>): boolean =>
    b.some((time, j) => {
      if (Math.abs(time - (a[i] as number)) > window || seen.has(j)) return false;
      seen.add(j);
      const other = partner.get(j);
      if (other !== undefined && !place(other, seen)) return false;
      partner.set(j, i);
      return true;
    });
  return a.filter((_, i) => place(i, new Set())).length;
}

function poisson(rate: number, duration: number, next: () => number): number[] {
  const times: number[] = [];
  for (let t = -Math.log(1 - next()) / rate; t < duration; t -= Math.log(1 - next()) / rate) times.push(t);
  return times;
}

describe("the coincidence factor", () => {
  it("is 1 for the same train, and what the formula says by hand", () => {
    const train = [10, 50, 90];
    expect(coincidenceFactor(train, train, { duration: 1000 })).toBeCloseTo(1, 12);
    // 1 coincidence; 2 f window N_ref = 2 * 0.002 * 3 * 4 = 0.048; mean of 2 and 4 spikes is 3; norm 1 - 0.012
    const by = (1 - 0.048) / 3 / (1 - 0.012);
    expect(coincidenceFactor([10, 200], [12, 50, 90, 300], { window: 3, duration: 1000 })).toBeCloseTo(by, 12);
  });

  it("counts a spike once, in as many pairs as there can be", () => {
    const train = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 12 }).map((x) => x.sort((p, q) => p - q));
    fc.assert(
      fc.property(train, train, (a, b) => {
        if (a.length + b.length === 0) return;
        const [duration, window] = [1000, 4];
        const expected = (2 * window * a.length) / duration;
        const wanted = (pairs(a, b, window) - expected * b.length) / (0.5 * (a.length + b.length)) / (1 - expected);
        expect(coincidenceFactor(a, b, { window, duration })).toBeCloseTo(wanted, 12);
      }),
    );
  });

  it("is 0 on average for a Poisson train of the same rate", () => {
    const next = random(4);
    const duration = 20_000;
    const values = Array.from({ length: 100 }, () =>
      coincidenceFactor(poisson(0.01, duration, next), poisson(0.01, duration, next), { window: 2, duration }),
    );
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(values.some((x) => x < 0)).toBe(true);
  });

  it("says nothing of no spikes, nor of so many that all coincide", () => {
    expect(coincidenceFactor([], [], { duration: 100 })).toBeNaN();
    expect(coincidenceFactor([], [5], { duration: 100 })).toBe(0);
    expect(
      coincidenceFactor(
        Array.from({ length: 50 }, (_, k) => 2 * k),
        [5],
        { duration: 100 },
      ),
    ).toBeNaN();
  });

  it.each([
    [[3, 1], [1], { duration: 10 }, /^times\[1\] = 1 ms; it must be at least the time before it, 3 ms\.$/],
    [[1], [Number.NaN], { duration: 10 }, /^reference\[0\] = NaN ms/],
    [[1], [1], { duration: 0 }, /^duration = 0 ms; it must be > 0 ms\.$/],
    [[1], [1], { duration: 10, window: -1 }, /^window = -1 ms/],
  ])("refuses %j %j %j", (times, reference, options, message) => {
    expect(() => coincidenceFactor(times, reference, options)).toThrow(ValueRangeError);
    expect(() => coincidenceFactor(times, reference, options)).toThrow(message);
  });
});

describe("the latency", () => {
  it("is the time to each neuron's first spike after the onset", () => {
    const spikes = { times: Float64Array.of(1, 2, 5, 6, 9), neurons: Uint32Array.of(0, 1, 0, 1, 0) };
    expect([...latencyPerNeuron(spikes, 3, 2)]).toEqual([3, 4, Number.NaN]);
    expect([...latencyPerNeuron(spikes, 2)]).toEqual([1, 2]);
    expect(() => latencyPerNeuron(spikes, 1)).toThrow(/below the population's size 1/);
    expect(() => latencyPerNeuron(spikes, 2, Number.NaN)).toThrow(/^onset = NaN ms/);
  });
});

describe("the distance of trains", () => {
  it("is the integral of the squared difference of trains smoothed by a box", () => {
    const [a, b, width, h] = [[5, 7.5, 20], [6, 18, 30], 4, 0.001];
    const at = (train: readonly number[], t: number): number => train.filter((x) => Math.abs(t - x) < width / 2).length;
    let sum = 0;
    for (let t = 0; t < 40; t += h) sum += (at(a, t) - at(b, t)) ** 2 * h;
    expect(boxDistance(a, b, width)).toBeCloseTo(sum / width, 2);
    expect(overlaps(a, a, width)).toBeCloseTo(3 + 2 * (1 - 2.5 / 4), 12);
    expect(boxDistance(a, a, width)).toBeCloseTo(0, 12);
  });
});

/** What is known of which neurons and times: common times, and several records of one population as one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonSpan, spikesTogether, type Spikes } from "../../src/analysis/index.js";

describe("the common span", () => {
  const of = (...spans: (readonly [number, number])[][]) =>
    commonSpan(spans.map((own, n) => ({ neurons: Uint32Array.of(n), spans: own })));

  it("is the longest in which all are known", () => {
    expect(of([[0, 10], [20, 22]], [[2, 9], [21, 50]])).toEqual([2, 9]);
    expect(of([[0, 10], [20, 40]], [[2, 9], [21, 50]], [[5, 30]])).toEqual([21, 30]);
    expect(of([[0, 10]], [[10, 20]])).toBeUndefined();
    expect(of()).toBeUndefined();
  });
});

describe("records together", () => {
  /** The spikes of some neurons within a time, from a list of [time, neuron]. */
  const part = (
    all: readonly (readonly [number, number])[],
    neurons: readonly number[],
    from: number,
    to: number,
  ): Spikes => {
    const own = all.filter(([t, n]) => neurons.includes(n) && t > from && t <= to);
    return {
      times: Float64Array.from(own, ([t]) => t),
      neurons: Uint32Array.from(own, ([, n]) => n),
      observed: [{ neurons: Uint32Array.from(neurons), spans: [[from, to]] }],
    };
  };

  it("have each spike once, also of neurons that fire several times in a step", () => {
    const event = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 5 }));
    const subset = fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), subset, subset, fc.nat(8), (events, a, b, from) => {
        const all = [...events].sort(([t, n], [u, m]) => t - u || n - m);
        const together = spikesTogether([part(all, a, 0, 12), part(all, b, from, 12)], 6);
        const known = all.filter(([t, n]) => a.includes(n) || (b.includes(n) && t > from));
        expect(Array.from(together.times, (t, i) => [t, together.neurons[i]])).toEqual(known);
      }),
    );
  });
});

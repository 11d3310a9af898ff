/** Curves over currents, differences of spike times, moving vector fields and round numbers for axes. */
import { describe, expect, it } from "vitest";
import { adex, fitzhughNagumo, izhikevich, nullclines, vectorField } from "../../src/index.js";
import { fieldAt, movingField, roomFor } from "../../apps/playground/src/draw/field.js";
import { ticks } from "../../apps/playground/src/draw/ticks.js";
import { Pairs } from "../../apps/playground/src/net/shift.js";
import { curveWords, memoryWords, spread, Sweep } from "../../apps/playground/src/net/sweep.js";

const frame = (from: number, time: number, spikes: [number, number][], v: [number, number[][]]) => ({
  from,
  time,
  spikes: [
    {
      population: "neuron",
      size: 2,
      times: Float64Array.from(spikes, ([t]) => t),
      neurons: Uint32Array.from(spikes, ([, n]) => n),
    },
  ],
  traces: [
    {
      population: "neuron",
      variable: "v",
      unit: "mV",
      neurons: Uint32Array.from([0, 1]),
      time: Float64Array.from(v[1][0]!, (_, k) => v[0] + k),
      values: v[1].map((x) => Float64Array.from(x)),
    },
  ],
  states: [],
  computing: 0,
  passed: 0,
});

describe("a sweep", () => {
  it("counts spikes and extremes behind the transient", () => {
    const sweep = new Sweep(2, 2, 500);
    sweep.take(frame(0, 3, [[1, 0], [2.5, 1]], [1, [[100, 3], [0, -3]]]));
    sweep.take(frame(0, 3, [], [3, [[5, 6], [-9, -8]]]));
    expect(sweep.rates).toEqual([0, 2]);
    // samples at 1 and 2 ms are of the transient
    expect([sweep.least, sweep.most]).toEqual([[5, -9], [6, -8]]);
    expect(sweep.fraction).toBeCloseTo(3 / 502);
  });

  it("has its ends", () => {
    expect(spread(-1, 3, 5)).toEqual([-1, 0, 1, 2, 3]);
  });

  it("is told in words", () => {
    expect(curveWords([0, 1, 2], [0, 0, 0], "pA")).toBe("No current from 0 pA to 2 pA keeps it firing.");
    expect(curveWords([0, 1, 2], [0, 20, 30], "pA")).toBe(
      "It keeps firing from about 1 pA on, at 20 Hz. Highest rate: 30 Hz.",
    );
    expect(curveWords([0, 1, 2], [5, 20, 0], "")).toBe(
      "It fires from the first current on (0). Highest rate: 20 Hz. Above 1 it falls silent.",
    );
  });
});

it("Where two ways of a sweep differ is told in words", () => {
  expect(memoryWords([0, 1, 2, 3], [0, 0, 0, 50], [0, 40, 45, 50], "pA")).toBe(
    " From 1 to 2 pA it rests or fires, by where it comes from.",
  );
  expect(memoryWords([0, 1], [0, 0], [0, 40], "")).toBe(" At 1 it rests or fires, by where it comes from.");
  expect(memoryWords([0, 1], [0, 40], [0, 40], "pA")).toBe("");
});

describe("spikes of two runs", () => {
  const pairs = (coarse: number[], fine: number[], since = 0): Pairs => {
    const all = new Pairs(since);
    // as they come: one run is ahead, then the other
    all.add(0, coarse.slice(0, 2));
    all.add(1, fine);
    all.add(0, coarse.slice(2));
    return all;
  };

  it("are compared in pairs", () => {
    expect(pairs([], [1])).toMatchObject({ count: 0, last: 0, largest: 0 });
    expect(pairs([1, 2, 4], [1.5, 1])).toMatchObject({ count: 2, last: 1, largest: 1 });
    expect(pairs([1, 2, 4, 6], [3, 2.5, 4.1])).toMatchObject({ count: 3, last: expect.closeTo(-0.1), largest: -2 });
    expect(pairs([1, 2, 4, 6], [1, 3, 4.5], 2)).toMatchObject({ count: 2, last: 1.5, largest: 1.5 });
  });

  it("are told in words", () => {
    expect(pairs([], []).words(0.1, false)).toBe("No spike in both yet.");
    expect(pairs([5], [5]).words(0.1, false)).toBe("All 1 spike at the same times at dt = 0.1 ms and at 0.05 ms.");
    expect(pairs([5, 9.3], [5.5, 9]).words(0.1, false)).toBe(
      "Spike 2 at dt = 0.1 ms is 0.3 ms later than at 0.05 ms; of 2 spikes none is more than 0.5 ms away.",
    );
    expect(pairs([5], [6]).words(0.1, true)).toContain("1 ms earlier than at 0.05 ms");
    expect(pairs([5], [6]).words(0.1, true)).toContain("Noise is drawn anew");
  });
});

describe("a vector field", () => {
  it.each([
    [fitzhughNagumo, { v: [-2.5, 2.5], w: [-1, 2] }],
    [izhikevich, { v: [-90, 30], w: [-20, 20] }],
    [adex, { v: [-80, -50], w: [-20, 200] }],
  ] as const)("moves with the current as the library says: %#", async (model, ranges) => {
    const at = (current: number) => vectorField(model as never, { ...ranges, current, points: 20 });
    const moved = fieldAt(movingField(await at(0), await at(1)), 7);
    const exact = await at(7);
    moved.dv.forEach((x, k) => expect(x).toBeCloseTo(exact.dv[k]!, 9));
    expect(moved.dw).toEqual(exact.dw);
    expect(nullclines(moved).v.length).toBe(nullclines(exact).v.length);
  });

  it("gets room around what is to be seen", () => {
    expect(roomFor([[0, 10], [5]], 0.1)).toEqual([-1, 11]);
    expect(roomFor([[]])).toBeUndefined();
    expect(roomFor([[3]])).toEqual([2, 4]);
  });
});

describe("ticks", () => {
  it("are round and within", () => {
    expect(ticks(-2.3, 2.3, 4)).toEqual([-2, 0, 2]);
    expect(ticks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(ticks(-87, 33, 6)).toEqual([-80, -60, -40, -20, 0, 20]);
    expect(ticks(1, 1, 5)).toEqual([]);
  });
});

/** What is drawn, before it is drawn: samples, ranges, pixels, rates, numbers for people. */
import { describe, expect, it } from "vitest";
import { growing, Track } from "../../src/elements/chart.js";
import { mostWorkers, nextWorker } from "../../src/elements/host.js";
import { bandsOf, RasterPixels, RateBins } from "../../src/elements/raster.js";
import { boundsOf, clockText, currentBounds, Pace, quantityText, ticks } from "../../src/elements/scale.js";
import { SpikeStore } from "../../src/elements/store.js";
import { isDark } from "../../src/elements/style.js";
import type { Frame, FrameSpikes } from "../../src/worker.js";

const fired = (population: string, times: number[], neurons: number[], size = 10): FrameSpikes => ({
  population,
  size,
  times: Float64Array.from(times),
  neurons: Uint32Array.from(neurons),
});

describe("numbers", () => {
  it("of axes are round and lie within", () => {
    expect(ticks(-71, 22, 4)).toEqual([-50, 0]);
    expect(ticks(0, 1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(ticks(5, 5, 3)).toEqual([]);
    expect(ticks(0, Number.POSITIVE_INFINITY, 3)).toEqual([]);
  });

  it("of sliders are round, and hold the value and what makes a neuron fire", () => {
    expect(boundsOf(0, 1000)).toEqual({ min: 0, max: 1000, step: 5 });
    for (const [value, usual] of [
      [500, 500],
      [0, 10],
      [-20, 10],
      [3000, 500],
      [0, 0],
    ] as const) {
      const { min, max, step } = currentBounds(value, usual);
      expect(min).toBeLessThanOrEqual(Math.min(0, value));
      expect(max).toBeGreaterThanOrEqual(Math.max(value, usual));
      expect(Math.abs(max / step - Math.round(max / step))).toBeLessThan(1e-9);
    }
    expect(currentBounds(5, 10, { min: -10, max: 30 })).toMatchObject({ min: -10, max: 30 });
  });

  it("are said with their units", () => {
    expect(quantityText(500, "pA")).toBe("500 pA");
    expect(quantityText(0.30000000000000004, "")).toBe("0.3");
    expect(clockText(1234.5, undefined)).toBe("1235 ms");
    expect(clockText(12_345, 0.63)).toBe("12.3 s, 0.6 x real time");
    expect(clockText(5, 0.012)).toBe("5 ms, 0.01 x real time");
  });

  it("of the clock are those of the last second", () => {
    const pace = new Pace();
    expect(pace.realTime).toBe(undefined);
    for (let k = 0; k < 50; k++) pace.add(10, 100);
    expect(pace.realTime).toBeCloseTo(0.1, 9);
    for (let k = 0; k < 12; k++) pace.add(100, 100);
    expect(pace.realTime).toBeCloseTo(1, 9);
  });
});

describe("a track", () => {
  it("keeps what is drawn and forgets what is older", () => {
    const track = new Track(2, 100);
    for (let t = 0; t < 2000; t++) track.add([t], [[t], [-t]]);
    expect(track.time.at(-1)).toBe(1999);
    expect(track.time.length).toBeLessThan(700);
    expect(track.before(1950)).toBe(track.time.indexOf(1950));
    expect(track.extent(1990)).toEqual([-1999, 1999]);
    expect(track.extent(1990, 0)).toEqual([1990, 1999]);
    track.clear();
    expect(track.extent(0)).toBe(undefined);
  });

  it("has a range that grows with it and does not jump", () => {
    const first = growing(undefined, [-70, -50]) as readonly [number, number];
    expect(growing(first, [-69, -51])).toEqual(first);
    expect(growing(first, [-70, 20])?.[1]).toBeGreaterThan(20);
    expect(growing([-1000, 1000], [0, 1])?.[1]).toBeLessThan(2);
    expect(growing(first, undefined)).toEqual(first);
    expect(growing(undefined, [5, 5])?.[0]).toBeLessThan(5);
  });
});

describe("a raster", () => {
  it("gives populations rows by their sizes, and small ones enough to be seen", () => {
    for (const height of [40, 100, 400]) {
      const bands = bandsOf(
        [
          { name: "a", size: 9990 },
          { name: "b", size: 10 },
        ],
        height,
      );
      const last = bands.at(-1);
      expect((last?.top ?? 0) + (last?.rows ?? 0)).toBeLessThanOrEqual(height);
      expect(last?.rows).toBeGreaterThanOrEqual(8);
      expect(bands[1]?.top).toBeGreaterThanOrEqual((bands[0]?.rows ?? 0) + 1);
    }
    expect(
      bandsOf(
        Array.from({ length: 50 }, (_, k) => ({ name: `${k}`, size: 5 })),
        60,
      ).every((b) => b.rows >= 1),
    ).toBe(true);
  });

  const colors = {
    series: [
      [255, 0, 0],
      [0, 0, 255],
    ] as const,
    paper: [0, 0, 0] as const,
  };
  const lit = ({ pixels, width }: RasterPixels): (readonly [number, number])[] =>
    [...pixels].flatMap((pixel, k) => (pixel === 0xff000000 ? [] : [[k % width, Math.floor(k / width)] as const]));

  it("has a pixel where a neuron fired, which moves to the left", () => {
    const raster = new RasterPixels(
      [
        { name: "a", size: 10 },
        { name: "b", size: 10 },
      ],
      [50, 24],
      100,
      0,
      colors,
    );
    expect(lit(raster)).toEqual([]);
    raster.add([fired("a", [9], [0]), fired("b", [10], [9]), fired("none", [10], [0])], 10);
    expect(lit(raster)).toEqual([
      [49, 0],
      [49, 23],
    ]);
    raster.add([], 20);
    expect(lit(raster)).toEqual([
      [44, 0],
      [44, 23],
    ]);
    raster.add([], 1000);
    expect(lit(raster)).toEqual([]);
  });

  it("is stronger where more fire", () => {
    const raster = new RasterPixels([{ name: "a", size: 1000 }], [10, 10], 100, 0, colors);
    const at = (): number => Math.max(...[...raster.pixels].map((pixel) => pixel & 255));
    raster.add([fired("a", [5], [3], 1000)], 10);
    const one = at();
    raster.add([fired("a", [10, 10, 10], [5, 7, 9], 1000)], 10);
    expect(at()).toBeGreaterThan(one);
    expect(at()).toBe(255);
  });

  it("has rates in bins, however spikes are cut into frames", () => {
    const sizes = [{ name: "a", size: 10 }];
    const times = [1, 4.9, 5, 5.1, 12, 14.9];
    const whole = new RateBins(sizes, 5, 0).take(
      [
        fired(
          "a",
          times,
          times.map(() => 0),
        ),
      ],
      15,
    );
    expect(whole).toEqual({ time: [5, 10, 15], rates: [[60, 20, 40]] });
    const bins = new RateBins(sizes, 5, 0);
    const parts = [2, 7, 11, 15].map((end, k, ends) => {
      const within = times.filter((t) => t > (ends[k - 1] ?? 0) && t <= end);
      return bins.take(
        [
          fired(
            "a",
            within,
            within.map(() => 0),
          ),
        ],
        end,
      );
    });
    expect(parts.flatMap(({ rates: [rates = []] }) => rates)).toEqual([60, 20, 40]);
  });
});

describe("what is sent to a notebook", () => {
  const frame = (from: number, time: number, spikes: FrameSpikes[]): Frame => ({
    from,
    time,
    spikes,
    traces: [],
    states: [],
    computing: 1,
    passed: 1,
  });

  it("has the spikes of a run as columns, and begins anew with time", () => {
    const store = new SpikeStore();
    store.add(frame(0, 10, [fired("a", [1, 2], [5, 6]), fired("b", [], [])]));
    store.add(frame(10, 20, [fired("a", [11], [7]), fired("b", [12], [0])]));
    expect(store.columns()).toEqual({
      a: { times: Float64Array.of(1, 2, 11), neurons: Uint32Array.of(5, 6, 7) },
      b: { times: Float64Array.of(12), neurons: Uint32Array.of(0) },
    });
    store.add(frame(0, 5, [fired("a", [3], [1])]));
    expect(store.columns()).toEqual({ a: { times: Float64Array.of(3), neurons: Uint32Array.of(1) } });
  });

  it("has no more than what is allowed", () => {
    const store = new SpikeStore(3);
    for (let k = 0; k < 5; k++) store.add(frame(k, k + 1, [fired("a", [k + 0.5], [k])]));
    expect(store.columns()["a"]?.times.length).toBe(3);
  });
});

describe("places", () => {
  it("are few workers that networks share", () => {
    expect([1, 2, 4, 64].map(mostWorkers)).toEqual([1, 1, 3, 3]);
    expect(nextWorker([], 2)).toBe(-1);
    expect(nextWorker([0], 2)).toBe(0);
    expect(nextWorker([1], 2)).toBe(-1);
    expect(nextWorker([3, 2], 2)).toBe(1);
  });

  it("are dark where the page is", () => {
    expect([isDark("rgb(20, 23, 26)"), isDark("rgb(255, 255, 255)"), isDark("")]).toEqual([true, false, false]);
  });
});

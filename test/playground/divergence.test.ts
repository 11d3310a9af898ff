/** Whether two branches agree. */
import { describe, expect, it } from "vitest";
import { agreement } from "../../apps/playground/src/net/divergence.js";
import { Kept } from "../../apps/playground/src/net/kept.js";

const START = { until: 100, differsAt: undefined };
function kept(stretches: readonly (readonly [from: number, time: number, times: number[], neurons: number[]])[]): Kept {
  const made = new Kept();
  made.clear([{ name: "exc", size: 10 }], 100);
  for (const [from, time, times, neurons] of stretches) {
    const spikes = { population: "exc", size: 10, times: Float64Array.from(times), neurons: Uint32Array.from(neurons) };
    made.add(from, time, [spikes]);
  }
  return made;
}

describe("two branches", () => {
  it("agree as far as both have come, however their stretches are cut", () => {
    const a = kept([[100, 110, [101, 105], [1, 2]], [110, 120, [115], [3]]]);
    const b = kept([[100, 112, [101, 105], [1, 2]]]);
    expect(agreement(a, b, START)).toEqual({ until: 112, differsAt: undefined });
  });

  it("differ from the first spike on that one of them has alone", () => {
    const a = kept([[100, 120, [101, 105, 115], [1, 2, 3]]]);
    for (const [times, neurons, at] of [
      [[101, 105, 114], [1, 2, 3], 114],
      [[101, 105, 115], [1, 4, 3], 105],
      [[101, 105], [1, 2], 115],
      [[], [], 101],
    ] as const) {
      const b = kept([[100, 120, [...times], [...neurons]]]);
      expect(agreement(a, b, START)).toEqual({ until: at, differsAt: at });
      expect(agreement(b, a, START)).toEqual({ until: at, differsAt: at });
    }
  });

  it("look at what is new only, and stay different", () => {
    const a = kept([[100, 110, [101], [1]], [110, 120, [112], [1]]]);
    const b = kept([[100, 110, [102], [1]], [110, 120, [112], [1]]]);
    const different = agreement(a, b, START);
    expect(different.differsAt).toBe(101);
    expect(agreement(a, b, different)).toBe(different);
    expect(agreement(a, b, { until: 110, differsAt: undefined })).toEqual({ until: 120, differsAt: undefined });
    expect(agreement(a, b, { until: 120, differsAt: undefined })).toEqual({ until: 120, differsAt: undefined });
  });
});

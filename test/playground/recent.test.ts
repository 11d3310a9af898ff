/** The last frames of a network as one. */
import { expect, it } from "vitest";
import { Recent } from "../../apps/playground/src/net/recent.js";
import type { Frame } from "../../src/worker.js";

/** A frame of 10 ms with a spike at its middle, and a sample at its end. */
function frame(from: number): Frame {
  const spikes = { population: "cells", size: 3, times: Float64Array.of(from + 5), neurons: Uint32Array.of(from % 3) };
  const trace = { population: "cells", variable: "v", unit: "mV", neurons: Uint32Array.of(1) };
  const traces = [{ ...trace, time: Float64Array.of(from + 10), values: [Float64Array.of(-from)] }];
  return { from, time: from + 10, spikes: [spikes], traces, states: [], computing: 1, passed: 1 };
}

it("joins what lies within the time that is asked for", () => {
  const recent = new Recent();
  expect(recent.last(100)).toBeUndefined();
  for (let t = 0; t < 60; t += 10) recent.add(frame(t));
  const last = recent.last(25) as Frame;
  expect([last.from, last.time]).toEqual([30, 60]);
  expect([...(last.spikes[0]?.times ?? [])]).toEqual([35, 45, 55]);
  expect([...(last.spikes[0]?.neurons ?? [])]).toEqual([0, 1, 2]);
  expect(last.traces).toHaveLength(1);
  expect([...(last.traces[0]?.time ?? [])]).toEqual([40, 50, 60]);
  expect([...(last.traces[0]?.values[0] ?? [])]).toEqual([-30, -40, -50]);
  recent.clear();
  expect(recent.last(25)).toBeUndefined();
});

it("keeps a second, and no more frames than it may", () => {
  const recent = new Recent();
  for (let t = 0; t < 20_000; t += 10) recent.add(frame(t));
  expect(recent.last(1e6)?.from).toBeGreaterThanOrEqual(20_000 - 1000 - 10 * 110);
  expect(recent.last(1000)?.from).toBe(19_000);
});

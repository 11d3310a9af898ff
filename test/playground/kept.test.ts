/** The spikes that the page keeps. */
import { describe, expect, it } from "vitest";
import { Kept } from "../../apps/playground/src/net/kept.js";

const populations = [
  { name: "exc", size: 10 },
  { name: "inh", size: 5 },
];
const spikes = (population: string, times: number[], neurons: number[]) => ({
  population,
  size: 10,
  times: Float64Array.from(times),
  neurons: Uint32Array.from(neurons),
});

describe("kept spikes", () => {
  it("are those of all stretches, by population", () => {
    const kept = new Kept();
    kept.clear(populations, 0);
    kept.add(0, 10, [spikes("exc", [1, 2], [3, 4]), spikes("inh", [], [])]);
    kept.add(10, 20, [spikes("inh", [15], [1]), spikes("exc", [20], [0])]);
    const [exc, inh] = kept.tables();
    expect(exc).toMatchObject({ name: "exc", size: 10 });
    expect([...(exc?.spikes.times ?? [])]).toEqual([1, 2, 20]);
    expect([...(exc?.spikes.neurons ?? [])]).toEqual([3, 4, 0]);
    expect([...(inh?.spikes.times ?? [])]).toEqual([15]);
    expect([kept.from, kept.time, kept.count]).toEqual([0, 20, 4]);
  });

  it("are those after a time where one is given: a spike at its start is not in a stretch", () => {
    const kept = new Kept();
    kept.clear(populations, 0);
    kept.add(0, 10, [spikes("exc", [1, 5, 5.1], [3, 4, 5])]);
    expect([...(kept.tables(5)[0]?.spikes.times ?? [])]).toEqual([5.1]);
    expect(kept.tables(5)[1]?.spikes.times).toHaveLength(0);
    expect(kept.tables(10)[0]?.spikes.times).toHaveLength(0);
  });

  it("lose the oldest stretches where they are too many, and say from when on they are whole", () => {
    const kept = new Kept(3);
    kept.clear(populations, 100);
    expect([kept.from, kept.time]).toEqual([100, 100]);
    kept.add(100, 110, [spikes("exc", [101, 102], [1, 1])]);
    kept.add(110, 120, [spikes("exc", [111, 112], [1, 1])]);
    expect([kept.from, kept.count]).toEqual([110, 2]);
    kept.add(120, 130, [spikes("exc", [121, 122, 123, 124], [1, 1, 1, 1])]);
    expect([kept.from, kept.time, kept.count]).toEqual([120, 130, 4]);
    kept.clear(populations, 0);
    expect([kept.from, kept.time, kept.count]).toEqual([0, 0, 0]);
    expect(kept.tables()[0]?.spikes.times).toHaveLength(0);
  });
});

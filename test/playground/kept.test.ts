/** The spikes that the page keeps. */
import { describe, expect, it } from "vitest";
import { Kept } from "../../apps/playground/src/net/kept.js";
import { KeptTraces } from "../../apps/playground/src/net/keptTraces.js";

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

describe("kept traces", () => {
  const trace = (neuron: number, ...time: number[]) => ({
    population: "exc",
    variable: "v",
    unit: "mV",
    neurons: Uint32Array.of(neuron),
    time: Float64Array.from(time),
    values: [Float64Array.from(time, (t) => -t)],
  });

  it("are those of each neuron that was watched, each time once", () => {
    const kept = new KeptTraces();
    kept.add([trace(0, 1, 2)]);
    kept.add([trace(3, 2, 3)]);
    kept.add([trace(0, 2, 5)]);
    expect(kept.tables.map(({ neurons, time, values }) => [[...neurons], [...time], [...(values[0] ?? [])]])).toEqual([
      [[0], [1, 2, 5], [-1, -2, -5]],
      [[3], [2, 3], [-2, -3]],
    ]);
    expect(kept.count).toBe(5);
    kept.clear();
    expect(kept.tables).toEqual([]);
  });

  it("lose the oldest samples, and the oldest traces, where they are too many", () => {
    const kept = new KeptTraces(4);
    for (let t = 0; t < 40; t++) kept.add([trace(7, t)]);
    const [{ time } = { time: [] }] = kept.tables;
    expect(time.length).toBeLessThanOrEqual(5);
    expect(time.length).toBeGreaterThanOrEqual(4);
    expect(time.at(-1)).toBe(39);
    for (let neuron = 100; neuron < 200; neuron++) kept.add([trace(neuron, 50)]);
    const neurons = kept.tables.map((one) => one.neurons[0]);
    expect([neurons.length, neurons[0], neurons.at(-1)]).toEqual([50, 150, 199]);
  });
});

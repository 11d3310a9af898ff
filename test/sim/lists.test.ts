/** Lists of synapses: whatever their order, as pairs or as two columns, the same graph lies in the cores. */
import { describe, expect, it } from "vitest";
import { lif, receptor, Simulation } from "../../src/index.js";
import { random } from "../reference/random.js";

const SIZE = 90;
const next = random(31);

/** Some sources with few, one with very many, some without pairs; pairs that come several times. */
const pairs = Array.from({ length: 4000 }, (_, i): [number, number] => [
  i % 3 === 0 ? 7 : 2 * Math.floor(next() * 45),
  Math.floor(next() * SIZE),
]);
const weights = pairs.map((_, i) => i + 0.5);
const delays = pairs.map((_, i) => 0.1 * (1 + (i % 37)));
/** The pairs by their sources, those of one in the order of the list. */
const order = [...pairs.keys()].sort((i, j) => (pairs[i]?.[0] as number) - (pairs[j]?.[0] as number) || i - j);

type Options = Readonly<Record<string, unknown>>;

async function table(options: Options, threads = 1): Promise<unknown> {
  const simulation = await Simulation.create({ dt: 0.1, threads });
  const cells = simulation.population("cells", lif, SIZE, { receptors: { r: receptor.exponential({ tau: 5 }) } });
  const given = { rule: "list", multapses: true, ...options };
  const projection = simulation.connect(cells, cells, given as never);
  simulation.build();
  expect(simulation.shards).toBe(threads);
  const { sources, targets, weights: w, delays: d } = projection.read();
  return [sources, targets, w, d].map((column) => Array.from(column));
}

describe("a list of synapses", () => {
  it.each([
    ["float32", 0.7],
    ["float64", 0.7],
    ["float32", "given"],
    ["float64", "given"],
  ] as const)("of %s weights, delay %s, lies alike in any order, in any shards", async (weightPrecision, delay) => {
    const of = (chosen: readonly number[]): Options => ({
      pairs: chosen.map((i) => pairs[i]),
      weight: chosen.map((i) => weights[i]),
      delay: delay === "given" ? chosen.map((i) => delays[i]) : delay,
      weightPrecision,
    });
    const found = await table(of([...pairs.keys()]));
    const columns = found as number[][];
    expect(columns[0]?.length).toBe(pairs.length);
    expect(await table(of(order))).toEqual(found);
    expect(await table(of(order), 3)).toEqual(found);
    expect(await table(of([...pairs.keys()]), 3)).toEqual(found);
    // By hand: source, then delay, then target, then place in the list.
    const by = (i: number): number[] => {
      const [source, target] = pairs[i] as [number, number];
      return [source, delay === "given" ? i % 37 : 0, target, i];
    };
    const expected = [...pairs.keys()].sort((i, j) => {
      const [a, b] = [by(i), by(j)];
      return a.map((x, k) => x - (b[k] as number)).find((x) => x !== 0) ?? 0;
    });
    expect(columns[0]).toEqual(expected.map((i) => pairs[i]?.[0]));
    expect(columns[1]).toEqual(expected.map((i) => pairs[i]?.[1]));
    expect(columns[2]).toEqual(expected.map((i) => weights[i]));
  });

  it("as two columns, typed arrays or not, is the list of pairs", async () => {
    const more = { weight: weights, delay: 1 };
    const found = await table({ ...more, pairs });
    const [sources, targets] = [pairs.map(([source]) => source), pairs.map(([, target]) => target)];
    for (const columns of [
      { sources, targets },
      { sources: Uint32Array.from(sources), targets: Uint32Array.from(targets) },
      { sources: Uint16Array.from(sources), targets: Float64Array.from(targets) },
    ]) {
      expect(await table({ ...more, pairs: columns })).toEqual(found);
    }
  });

  it("keeps arrays of its own: later changes of those given do not reach it", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("cells", lif, 3, { receptors: { r: receptor.exponential({ tau: 5 }) } });
    const [sources, targets] = [Uint32Array.of(0, 1), Uint32Array.of(1, 2)];
    const projection = simulation.connect(cells, cells, { rule: "list", pairs: { sources, targets }, weight: 1 });
    targets.fill(0);
    simulation.build();
    expect([...projection.read().targets]).toEqual([1, 2]);
    expect(simulation.toDocument()).toMatchObject({ projections: [{ pairs: [[0, 1], [1, 2]] }] });
  });
});

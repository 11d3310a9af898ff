/** The roofline figure: operations are counted as they happen, and the figure is drawn from stored results alone. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { modelCase } from "../../bench/cases/models.js";
import { BYTES_PER_EVENT, columnBytes } from "../../bench/roofline/bytes.js";
import {
  assemble,
  cobaWork,
  countingCore,
  eventWork,
  modelWork,
  withCounters,
} from "../../bench/roofline/operations.js";
import { pointsOf, rooflineFigure, type StoredResults } from "../../bench/roofline/figure.js";

describe("counters in a module", () => {
  // Multiplies n times, and adds one number (f64) or two (f64x2), as asked.
  const text = `(module
 (type $0 (func (param i32 i32) (result f64)))
 (memory $0 1)
 (export "work" (func $assembly/work))
 (func $assembly/work (param $0 i32) (param $1 i32) (result f64)
  (local $2 f64)
  f64.const 1.5
  local.set $2
  loop $turn
   local.get $2
   f64.const 2
   f64.mul
   local.set $2
   local.get $0
   i32.const 1
   i32.sub
   local.tee $0
   br_if $turn
  end
  local.get $1
  if (result f64)
   local.get $2
   f64x2.splat
   local.get $2
   f64x2.splat
   f64x2.add
   f64x2.extract_lane 1
  else
   local.get $2
   local.get $2
   f64.add
  end
  f64.sqrt
 )
)`;

  it("count what runs, as often as it runs, and change no result", async () => {
    const { instance } = await WebAssembly.instantiate(assemble(withCounters(text)));
    const { work, count_neurons: counter, count_vectors: vectors } = instance.exports as unknown as {
      work(turns: number, pair: number): number;
      count_neurons: WebAssembly.Global;
      count_vectors: WebAssembly.Global;
    };
    expect([work(3, 0), counter.value, vectors.value]).toEqual([Math.sqrt(24), 3 + 1 + 1, 0]);
    expect([work(10, 1), counter.value, vectors.value]).toEqual([Math.sqrt(3072), 5 + 10 + 2 + 1, 4]);
  });
});

describe("work of the core", async () => {
  const core = countingCore();

  // Operations of the steps as arrange.ts orders them: for lif v times leak, plus the drive, plus v. Events come on
  // top: a few operations each, for one neuron in 300 at most.
  it.each([
    ["lif", 3, 16],
    ["qif", 5, 16],
    ["izhikevich", 11, 32],
  ] as const)("%s does %d operations on %d bytes", async (name, operations, bytes) => {
    const work = await modelWork(modelCase(name), core);
    expect(work.operations).toBeGreaterThanOrEqual(operations);
    expect(work.operations).toBeLessThan(operations + 0.2);
    expect(work.bytes).toBe(bytes);
    // Of two neurons each; loads, stores, comparisons and masks among them.
    expect(work.vectors).toBeGreaterThan(operations / 2);
    expect(work.vectors).toBeLessThan(2 * operations + 10);
  });

  it("counts exponentials, stages and noise", async () => {
    const of = async (name: string) => (await modelWork(modelCase(name), core)).operations;
    expect(await of("adex")).toBeGreaterThan(14 + 20);
    expect(await of("fitzhughNagumo")).toBeGreaterThan(4 * 12);
    expect(await of("noise")).toBeGreaterThan((await of("lif")) + 10);
  });

  it("a synaptic event is one addition", async () => {
    const { operations, ...work } = await eventWork(core);
    // And one multiplication for all events of a projection in a step.
    expect(operations).toBeGreaterThanOrEqual(1);
    expect(operations).toBeLessThan(1.01);
    expect(work).toEqual({ vectors: 0, bytes: BYTES_PER_EVENT });
  });

  it("COBA's neurons take their two receptors in eleven operations", async () => {
    const { parts } = await cobaWork(core);
    // (-k_e g_e - k_i g_i - leak) v + (k_i E g_i + drive), plus v; two decays. The other reversal potential is 0.
    expect(parts.receptors).toBe(0);
    expect(parts.neurons).toBeGreaterThanOrEqual(11);
    expect(parts.neurons).toBeLessThan(11.3);
    expect(parts.delivery).toBeGreaterThan(0.05);
    expect(parts.delivery).toBeLessThan(0.5);
  });

  it("columns follow the model's record", () => {
    expect(columnBytes(modelCase("hodgkinHuxley").model, "exponentialEuler")).toBe(4 * 16 + 16);
  });
});

describe("the figure", () => {
  const stored = JSON.parse(readFileSync("bench/results/latest.json", "utf8")) as StoredResults;
  const rate = (best: number) => ({ best, median: best, p25: best, p75: best });
  const traffic = (read: number, update: number, scatter: number) =>
    ({ bytes: 1, read: rate(read), update: rate(update), scatter: rate(scatter) });
  const results: StoredResults = {
    machine: { cpu: "a processor", node: "20.0.0", date: "2026-01-02" },
    results: {
      models: [
        { name: "lif", method: "exact", core: { median: 2.5 } },
        { name: "unknown", method: "exact", core: { median: 1 } },
      ],
      networks: [{ name: "brunelDrive", events: 1e9, one: [{ simulate: 9 }, { simulate: 2 }, { simulate: 1 }] }],
      roofline: {
        machine: { cpu: "a processor", node: "20.0.0", date: "2026-01-01" },
        roofs: { arithmetic: rate(20), near: traffic(80, 100, 2), far: traffic(20, 40, 0.1) },
        work: {
          models: { lif: { operations: 5, vectors: 8, bytes: 20 } },
          coba: { operations: 20, vectors: 30, bytes: 100 },
          event: { operations: 1, vectors: 0, bytes: 20 },
        },
      },
    },
  };

  it("has a point for each time whose work is known", () => {
    expect(pointsOf(results)).toEqual([
      { name: "lif exact", group: "neurons", intensity: 0.25, rate: 2 },
      { name: "Brunel's network", group: "delivery", intensity: 0.05, rate: 0.5 },
      { name: "in the L2 cache", group: "scattered", intensity: 0.05, rate: 2 },
      { name: "in memory", group: "scattered", intensity: 0.05, rate: 0.1 },
    ]);
  });

  it("names roofs and points, and is the same for the same results", () => {
    const svg = rooflineFigure(results) as string;
    for (const text of [
      "lif exact",
      "Brunel's network",
      "20 GFLOP/s",
      "L2 cache: 100 GB/s",
      "memory: 40 GB/s",
      "points 2026-01-02, roofs 2026-01-01",
    ]) {
      expect(svg).toContain(text);
    }
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(rooflineFigure(results)).toBe(svg);
  });

  it("is not drawn from results without roofs", () => {
    const { roofline: _, ...older } = results.results;
    expect(rooflineFigure({ ...results, results: older })).toBeUndefined();
  });

  it("in docs/images is that of the stored results", () => {
    const svg = rooflineFigure(stored);
    if (svg !== undefined) expect(readFileSync("docs/images/roofline.svg", "utf8")).toBe(svg);
  });
});

/** What has died away: subnormal numbers take a processor some hundred times as long, so the core makes them zero. */
import { describe, expect, it } from "vitest";
import { defineModel, lif, type ModelRecord, receptor, Simulation } from "../../src/index.js";

const fading: ModelRecord = defineModel({
  name: "fading",
  current: "1",
  equations: ["dv/dt = -v/(2*ms) : 1", "dw/dt = -w/(3*ms) : 1"],
  init: { v: 1, w: -1 },
});

/** A population that gets nothing, for 1 s in some chunks: in one shard or several. */
async function silent(threads: number, chunks: readonly number[]): Promise<Record<string, Float64Array>> {
  const simulation = await Simulation.create({ dt: 0.1, threads });
  const cells = simulation.population("cells", lif, 40, {
    receptors: { exc: receptor.exponential({ tau: 4 }), slow: receptor.alpha({ tau: 1.5 }) },
    init: { i_exc: 1, i_slow: 1 },
  });
  const own = simulation.population("own", fading, 40, { method: "euler" });
  for (const ms of chunks) await simulation.run(ms);
  const states = { exc: cells.state("i_exc"), slow: cells.state("i_slow"), v: own.state("v"), w: own.state("w") };
  simulation.close();
  return states;
}

describe("states that have died away", () => {
  it("are zero, not subnormal", async () => {
    for (const values of Object.values(await silent(1, [2000]))) expect([...values]).toEqual(Array(40).fill(0));
  });

  it("become zero in the same step for any chunks and shards", async () => {
    const wanted = await silent(1, [700]);
    // Some are there, others not any more.
    expect([wanted.exc?.[0], wanted.v?.[0]].map((x) => x === 0)).toEqual([false, true]);
    expect(await silent(1, [0.3, 25.6, 599.9, 74.2])).toEqual(wanted);
    expect(await silent(2, [300, 400])).toEqual(wanted);
  });

  it("keep what is small but not nothing", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const own = simulation.population("own", fading, 2, { method: "euler", init: { v: [1e-100, 1e-160], w: 0 } });
    simulation.runSync(25.6);
    const [kept = 0, gone = 1] = own.state("v");
    expect(kept).toBeGreaterThan(1e-107);
    expect(gone).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import {
  adaptiveLif,
  background,
  izhikevich,
  lif,
  rheobase,
  RheobaseError,
  Simulation,
  type ModelRecord,
} from "../../src/index.js";

type Columns = Readonly<Record<string, Float64Array>>;

/** The background current of each neuron of a population at its rheobase, at time 0. */
async function currents(model: ModelRecord, size: number, params: Columns, threads: number): Promise<Float64Array> {
  const sim = await Simulation.create({ dt: 0.1, threads });
  const options = { params, background: [background.rheobase(1)] };
  const population = sim.population("p", model as typeof lif, size, options as object);
  const recording = sim.record(population, "I_background");
  await sim.run(0);
  sim.close();
  return Float64Array.from({ length: size }, (_, i) => recording.values(i)[0] as number);
}

describe("rheobase of neurons with different parameters", () => {
  const cases: readonly [string, ModelRecord, Columns][] = [
    [
      "izhikevich",
      izhikevich,
      { b: Float64Array.of(0.18, 0.2, 0.22, 0.2, 0.19, 0.25, 0.2), d: Float64Array.of(8, 8, 2, 8, 8, 2, 6) },
    ],
    ["adaptiveLif", adaptiveLif, { tau_m: Float64Array.of(9, 10, 11), E_L: Float64Array.of(-70, -71, -69) }],
  ];

  it.each(cases)("is that of each alone, on any number of threads: %s", async (_, model, params) => {
    const size = Object.values(params)[0]?.length as number;
    const together = await currents(model, size, params, 1);
    for (let i = 0; i < size; i++) {
      const own = Object.fromEntries(Object.entries(params).map(([name, column]) => [name, column[i]]));
      expect(together[i]).toBe(await rheobase(model, { params: own } as object));
    }
    expect(await currents(model, size, params, 3)).toEqual(together);
  });

  it("lies between a current that makes a neuron fire and one that does not", async () => {
    const b = Float64Array.of(0.18, 0.2, 0.22, 0.25);
    const threshold = await currents(izhikevich, b.length, { b }, 1);
    const sim = await Simulation.create({ dt: 0.02 });
    const spikes = [1 - 1e-6, 1 + 1e-6].map((factor, k) => {
      const population = sim.population(`p${k}`, izhikevich, b.length, {
        method: "rk4",
        params: { b },
        background: [background.constant(threshold.map((x) => factor * x))],
      });
      return sim.record(population, "spikes");
    });
    await sim.run(1000);
    expect(spikes[0]?.count).toBe(0);
    expect(new Set(spikes[1]?.neurons)).toEqual(new Set([0, 1, 2, 3]));
  });

  it("depends on the parameters alone, not on the neurons searched beside it", async () => {
    // Many sets are tried one current at a time, few with several at once.
    const tau_m = Float64Array.from({ length: 20 }, (_, i) => 10.5 + 0.01 * i);
    const many = await currents(adaptiveLif, 20, { tau_m, b: new Float64Array(20).fill(41) }, 1);
    // A parameter that does not matter makes it another search.
    const few = await currents(adaptiveLif, 2, { tau_m: tau_m.subarray(0, 2), b: Float64Array.of(42, 43) }, 1);
    expect(few).toEqual(many.subarray(0, 2));
  });

  it("an error names the neuron", async () => {
    const params = { E_L: Float64Array.of(-70, -40, -70) };
    await expect(currents(lif, 3, params, 1)).rejects.toThrow(RheobaseError);
    await expect(currents(lif, 3, params, 1)).rejects.toThrow("p, neuron 1: lif with these parameters fires without input");
  });

  it("is asked for only where it acts", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const p = sim.population("p", lif, 3, {
      params: { E_L: [-70, -40, -70] },
      background: [background.rheobase(0.5, { neurons: [0, 2] })],
    });
    const I = sim.record(p, "I_background");
    await sim.run(1);
    const own = await rheobase(lif, { params: { E_L: -70 } });
    expect([0, 1, 2].map((i) => I.values(i)[0])).toEqual([0.5 * own, 0, 0.5 * own]);
  });

  it.each([1, 2])("a change that is refused changes nothing, with %i threads", async (threads) => {
    const trains = await Promise.all(
      [false, true].map(async (refused) => {
        const sim = await Simulation.create({ dt: 0.1, threads });
        const p = sim.population("p", lif, 300, { background: [background.rheobase(1.2)] });
        const spikes = sim.record(p, "spikes");
        await sim.run(20);
        if (refused) {
          const E_L = new Float64Array(300).fill(-70);
          E_L[299] = 0;
          expect(() => p.set({ E_L })).toThrow(RheobaseError);
          expect(() => p.set({ V_th: -72, V_reset: -80 })).toThrow(RheobaseError);
        }
        await sim.run(80);
        sim.close();
        return [spikes.times, spikes.neurons];
      }),
    );
    expect(trains[1]).toEqual(trains[0]);
    expect(trains[0]?.[0]?.length).toBeGreaterThan(0);
  });
});

describe("searching rheobases", () => {
  it("lets events have their turn while a network is built", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const b = Float64Array.from({ length: 12 }, (_, i) => 0.21 + 0.001 * i);
    sim.population("p", izhikevich, 12, { params: { b }, background: [background.rheobase(1)] });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await sim.run(0);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

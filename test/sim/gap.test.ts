/** Gap junctions: ohmic currents between membranes. */
import { describe, expect, it, test } from "vitest";
import {
  adex,
  background,
  hodgkinHuxley,
  lif,
  type Method,
  type ModelRecord,
  morrisLecar,
  receptor,
  Simulation,
  spikeTrain,
  StateError,
} from "../../src/index.js";
import { stepped } from "../methods.js";

const FAR = { V_th: 1000 };

/** Solves a system of two linear equations. */
function solve(a: number, b: number, c: number, d: number, x: number, y: number): readonly [number, number] {
  const det = a * d - b * c;
  return [(x * d - b * y) / det, (a * y - x * c) / det];
}

describe("two coupled neurons", () => {
  test.each([["exact"], ["euler"], ["heun"], ["rk4"], ["exponentialEuler"]] as const)(
    "%s: the equilibrium of the circuit",
    async (method) => {
      const sim = await Simulation.create({ dt: 0.1 });
      const [C, tau, E, g] = [250, 10, -70, 15];
      const cells = sim.population("cells", lif, 2, {
        method,
        params: { C_m: C, tau_m: tau, E_L: E, V_reset: E, ...FAR },
        background: [background.constant([200, -50])],
      });
      sim.connect(cells, cells, { rule: "allToAll", weight: g, gapJunction: true });
      await sim.run(400);
      const leak = C / tau;
      const expected = solve(leak + g, -g, -g, leak + g, 200, -50);
      const v = cells.state("v");
      expect(Math.abs((v[0] as number) - E - expected[0])).toBeLessThan(1e-9);
      expect(Math.abs((v[1] as number) - E - expected[1])).toBeLessThan(1e-9);
    },
  );

  it("relax to each other, and the mean does not feel them", async () => {
    const sim = await Simulation.create({ dt: 0.01 });
    const cells = sim.population("cells", lif, 2, { params: { ...FAR, t_ref: 0 }, init: { v: [-50, -60] } });
    sim.connect(cells, cells, {
      rule: "list",
      pairs: [
        [0, 1],
        [1, 0],
      ],
      weight: 10,
      gapJunction: true,
    });
    const v = sim.record(cells, "v");
    await sim.run(20);
    const [a, b] = [v.values(0), v.values(1)];
    for (const [k, t] of v.time.entries()) {
      expect(Math.abs(((a[k] as number) + (b[k] as number)) / 2 - (-70 + 15 * Math.exp(-t / 10)))).toBeLessThan(1e-11);
      // The currents are held for a step: of first order.
      const apart = 10 * Math.exp(-t * (1 / 10 + 20 / 250));
      expect(Math.abs((a[k] as number) - (b[k] as number) - apart)).toBeLessThan(0.01);
    }
  });

  it("one direction only rectifies", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const cells = sim.population("cells", lif, 2, { params: FAR, background: [background.constant([200, 0])] });
    sim.connect(cells, cells, { rule: "list", pairs: [[0, 1]], weight: 25, gapJunction: true });
    await sim.run(300);
    expect(cells.state("v")[0]).toBeCloseTo(-70 + 8, 9);
    expect(cells.state("v")[1]).toBeCloseTo(-70 + 4, 9);
  });
});

test("conductances of their own, between populations, in blocks of many neurons", async () => {
  const sim = await Simulation.create({ dt: 0.1 });
  const size = 300;
  const left = sim.population("left", lif, size, {
    params: FAR,
    background: [background.constant(Float64Array.from({ length: size }, (_, i) => i))],
  });
  const right = sim.population("right", lif, size, {
    params: { ...FAR, tau_m: Float64Array.from({ length: size }, (_, i) => 5 + i / 10) },
  });
  sim.connect(left, right, { rule: "oneToOne", weight: (i) => 1 + (i % 7), gapJunction: true });
  sim.connect(right, left, { rule: "oneToOne", weight: (i) => 1 + (i % 7), gapJunction: true });
  await sim.run(1000);
  for (let i = 0; i < size; i++) {
    const g = 1 + (i % 7);
    const [a, b] = solve(25 + g, -g, -g, 250 / (5 + i / 10) + g, i, 0);
    expect(Math.abs((left.state("v")[i] as number) + 70 - a)).toBeLessThan(1e-8);
    expect(Math.abs((right.state("v")[i] as number) + 70 - b)).toBeLessThan(1e-8);
  }
});

test("every model and method takes them: a driven neuron pulls the other one, and is held back", async () => {
  for (const model of [lif, adex, morrisLecar, hodgkinHuxley] as readonly ModelRecord[]) {
    for (const method of stepped(model)) {
      const run = async (weight: number): Promise<Float64Array> => {
        const sim = await Simulation.create({ dt: 0.01 });
        const cells = sim.population("cells", model as typeof lif, 3, {
          method: method as Method as "exact",
          background: [background.constant([model.current === "pA" ? 100 : 2, 0, 0])],
        });
        sim.connect(cells, cells, {
          rule: "list",
          pairs: [
            [0, 1],
            [1, 0],
          ],
          weight,
          gapJunction: true,
        });
        await sim.run(5);
        return cells.state("v");
      };
      const [coupled, free] = [await run(0.5), await run(0)];
      expect((coupled[0] as number) < (free[0] as number)).toBe(true);
      expect((coupled[1] as number) > (free[1] as number)).toBe(true);
      expect(coupled[2]).toBe(free[2]);
    }
  }
});

describe("using them", () => {
  it("their conductance can be changed between runs", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const cells = sim.population("cells", lif, 2, { params: FAR, background: [background.constant([200, 0])] });
    const gap = sim.connect(cells, cells, { rule: "allToAll", weight: 5, gapJunction: true });
    await sim.run(10);
    expect(() => gap.setWeight(-1)).toThrow("a conductance must be >= 0");
    gap.setWeight(25);
    await sim.run(400);
    const [a, b] = solve(50, -25, -25, 50, 200, 0);
    expect(cells.state("v")[0]).toBeCloseTo(a - 70, 9);
    expect(cells.state("v")[1]).toBeCloseTo(b - 70, 9);
    expect(gap.weights().join()).toBe("25,25,25,25");
    expect(gap.name).toBe("cells -> cells (gap junctions)");
    expect(() => gap.freeze()).toThrow(StateError);
  });

  it("too strong ones are reported before the run", async () => {
    const check = async (weight: number): Promise<(string | number)[][]> => {
      const sim = await Simulation.create({ dt: 0.1 });
      const cells = sim.population("cells", lif, 10, {});
      sim.connect(cells, cells, { rule: "allToAll", weight, gapJunction: true });
      return sim.check().map((f) => [f.level, f.code]);
    };
    expect(await check(20)).toEqual([]);
    expect(await check(150)).toEqual([["warning", "gap-junctions-too-strong"]]);
    expect(await check(300)).toEqual([["error", "gap-junctions-too-strong"]]);
  });

  it("sources have no membrane", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const source = sim.population("source", spikeTrain, 1, { params: { times: [1], neurons: [0] } });
    const cells = sim.population("cells", lif, 1, { receptors: { in: receptor.delta() } });
    expect(() => sim.connect(source, cells, { rule: "allToAll", weight: 1, gapJunction: true })).toThrow(
      "no membrane for gap junctions",
    );
  });
});

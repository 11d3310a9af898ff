/** Membranes of any time constant: what a step adds must not be lost in what the neuron relaxes to. */
import { describe, expect, it } from "vitest";
import { background, models, receptor, Simulation } from "../../src/index.js";

const DT = 0.1;
const MS = 20;

describe("exponentialEuler, exact and euler of lif and adaptiveLif", () => {
  const taus = [1, 20, 1e3, 1e4, 9e4, 1.1e5, 1e6, 1e9, 1e12, 1e15, 1e16, 1e20, 1e100];
  const C_m = 250;
  const I = 500;

  it.each([
    ["lif", "exponentialEuler"],
    ["lif", "exact"],
    ["lif", "rk4"],
    ["adaptiveLif", "exponentialEuler"],
    ["adaptiveLif", "exact"],
  ] as const)("%s %s follows the closed form", async (id, method) => {
    for (const perNeuron of [true, false]) {
      for (const only of perNeuron ? [taus] : [[1e15], [1e6], [20]]) {
        const simulation = await Simulation.create({ dt: DT });
        const adapting = id === "adaptiveLif" ? { a: 0, b: 0 } : {};
        const cells = simulation.population("cells", models[id], only.length, {
          method: method as never,
          params: { C_m, tau_m: only.length === 1 ? (only[0] ?? NaN) : only, V_th: 1e4, E_L: -70, ...adapting },
          init: { v: -70 },
          background: [background.constant(I)],
        });
        simulation.runSync(MS);
        for (const [i, tau] of only.entries()) {
          const wanted = -70 - ((I * tau) / C_m) * Math.expm1(-MS / tau);
          // 1e-9 of the rise of 40 mV: next to the border half of the digits of a step are left.
          expect(Math.abs((cells.state("v")[i] ?? NaN) - wanted), `tau_m ${tau}`).toBeLessThan(4e-8);
        }
      }
    }
  });

  it("lif exponentialEuler with conductances: a long membrane beside short ones", async () => {
    const simulation = await Simulation.create({ dt: DT });
    const cells = simulation.population("cells", models.lif, 3, {
      method: "exponentialEuler",
      params: { C_m, tau_m: [1e16, 20, 1e16], V_th: 1e4, E_L: -70 },
      init: { v: -70, g_g: [0, 0, 5] } as never,
      receptors: { g: receptor.exponential({ tau: 1e9, E_rev: 0 }) },
      background: [background.constant(I)],
    });
    simulation.runSync(MS);
    const v = cells.state("v");
    expect(v[0]).toBeCloseTo(-70 + (I * MS) / C_m, 7);
    expect(v[1]).toBeCloseTo(-70 - ((I * 20) / C_m) * Math.expm1(-MS / 20), 9);
    const rate = 5 / C_m;
    expect(v[2]).toBeCloseTo(I / 5 + (-70 - I / 5) * Math.exp(-rate * MS), 6);
  });

  it.each(["exponentialEuler", "strangSplitting"] as const)(
    "hodgkinHuxley %s with next to no conductance is a capacitor",
    async (method) => {
      const simulation = await Simulation.create({ dt: DT });
      const cell = simulation.population("cell", models.hodgkinHuxley, 1, {
        method,
        params: { g_Na: 0, g_K: 0, g_L: 1e-15 },
        init: { v: -65 },
        background: [background.constant(1)],
      });
      simulation.runSync(MS);
      expect(cell.state("v")[0]).toBeCloseTo(-65 + MS, 9);
    },
  );
});

describe("a run that left its bounds", () => {
  it("does not ask for a smaller dt where the method has no limit on it", async () => {
    for (const method of ["exact", "exponentialEuler"] as const) {
      const simulation = await Simulation.create({ dt: DT });
      simulation.population("cells", models.lif, 2, {
        method,
        params: { V_th: 1e300 },
        background: [background.constant(-1e9)],
      });
      const message = await simulation.run(100).then(
        () => "",
        (error: unknown) => String(error),
      );
      expect(message).toContain(`${method} has no limit on dt: the input or the parameters lead there. Use less input`);
      expect(message).not.toContain("smaller dt");
    }
  });

  it("asks for it where the method has one", async () => {
    const simulation = await Simulation.create({ dt: 1 });
    simulation.population("cells", models.lif, 2, {
      method: "euler",
      params: { tau_m: 10, V_th: 1e300 },
      background: [background.constant(-1e9)],
    });
    const message = await simulation.run(100).then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(message).toContain("use a smaller dt, or the method exact, or less input");
  });
});

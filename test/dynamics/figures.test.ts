/** Separatrices, f-I curves and figures. */
import { describe, expect, it } from "vitest";
import {
  bifurcationDiagram,
  bifurcationFigure,
  fiCurve,
  phaseResponse,
  phaseResponseFigure,
  separatrix,
} from "../../src/dynamics/index.js";
import { background, models, rheobase, Simulation } from "../../src/index.js";

const { adex, hodgkinHuxley, izhikevich, lif, morrisLecar } = models;

describe("separatrices", () => {
  it("part the states that fire from those that come to rest", async () => {
    const options = { current: 36, preset: "homoclinic", box: { v: [-80, 60], w: [-0.1, 1] } } as const;
    const [found, ...others] = await separatrix(morrisLecar, options);
    expect(others).toEqual([]);
    expect(found?.saddle.kind).toBe("saddle");
    const curve = found?.stable.find(({ w }) => (w.at(-1) as number) < -0.05);
    const k = (curve?.v.length as number) >> 1;
    const [v, w] = [curve?.v[k] as number, curve?.w[k] as number];
    const sim = await Simulation.create({ dt: 0.02 });
    const cells = sim.population("a", morrisLecar, 2, {
      method: "rk4",
      preset: "homoclinic",
      init: { v: [v - 0.2, v + 0.2], w },
      background: [background.constant(36)],
    });
    const path = sim.record(cells, "v", { every: 1 });
    await sim.run(150);
    const highest = [0, 1].map((n) => Math.max(...path.values(n)));
    expect(highest[0]).toBeLessThan(-15);
    expect(highest[1]).toBeGreaterThan(0);
  });

  it("are for models with two variables and a box for both", async () => {
    await expect(separatrix(hodgkinHuxley, { box: {} })).rejects.toThrow(/4 variables/);
    await expect(separatrix(izhikevich, { box: { v: [-90, 30] } })).rejects.toThrow(/range of u/);
  });
});

describe("f-I curves", () => {
  it("have the rates of closed forms, and begin at the rheobase", async () => {
    const { current, rate } = await fiCurve(lif, { from: 0, to: 800, points: 17, params: { t_ref: 2 } });
    const { tau_m, C_m, E_L, V_th, V_reset } = Object.fromEntries(
      Object.entries(lif.params).map(([name, one]) => [name, one.default]),
    ) as Record<"tau_m" | "C_m" | "E_L" | "V_th" | "V_reset", number>;
    current.forEach((I, k) => {
      const level = E_L + (I * tau_m) / C_m;
      const period = 2 + tau_m * Math.log((level - V_reset) / (level - V_th));
      expect(rate[k]).toBeCloseTo(level > V_th ? 1000 / period : 0, 0);
    });
    const least = await rheobase(adex);
    const near = await fiCurve(adex, { currents: [0.99 * least, 1.5 * least], settle: 10 });
    expect(near.rate[0]).toBe(0);
    expect(near.rate[1]).toBeGreaterThan(0);
  });
});

describe("figures", () => {
  it("show branches, cycles and where they change", async () => {
    const diagram = await bifurcationDiagram(morrisLecar, { from: -20, to: 150, preset: "homoclinic" });
    const svg = bifurcationFigure({ diagram, unit: "mV", title: "ML" });
    expect(svg).toBe(bifurcationFigure({ diagram, unit: "mV", title: "ML" }));
    for (const text of ["stable points", "unstable cycles", "I (uA/cm2)", "v (mV)", "fold of cycles at 40.6"]) {
      expect(svg).toContain(text);
    }
    expect(svg.match(/<circle/g)?.length).toBe(5);
    expect(bifurcationFigure({ diagram, variable: "w" })).toContain(">w<");
    const reset = await bifurcationDiagram(izhikevich, { from: -10, to: 10 });
    expect(reset.cycles).toEqual([]);
    expect(bifurcationFigure({ diagram: reset })).not.toContain("cycles");
  });

  it("show phase responses", async () => {
    const { time, period, response } = await phaseResponse(lif, { current: 500 });
    const svg = phaseResponseFigure({ curves: [{ name: "lif", time, period, response: response.v as Float64Array }] });
    expect(svg).toContain("Advance (ms/mV)");
    expect(svg).toContain("period 15.9 ms");
  });
});

/** Branches and bifurcations against reference values, closed forms and textbooks. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Bifurcation,
  bifurcationDiagram,
  type BifurcationDiagram,
  continueBifurcation,
  continueCycles,
  continueEquilibria,
  CycleError,
  type Equilibria,
  limitCycle,
} from "../../src/dynamics/index.js";
import { defineModel, type ModelRecord, models } from "../../src/index.js";
import { wangBuzsaki } from "../lang/published.js";
import { entryOf } from "../reference/harness.js";

const { adex, eif, fitzhughNagumo, hodgkinHuxley, izhikevich, morrisLecar } = models;

function bifurcationsOf({ branches }: Equilibria, type: Bifurcation["type"]): Bifurcation[] {
  return branches.flatMap(({ bifurcations }) => bifurcations.filter((one) => one.type === type));
}

const values = (list: readonly { readonly value: number }[]): number[] => list.map(({ value }) => value);

describe("fixed points over the input", () => {
  it("of fitzhughNagumo lose and regain their stability where a closed form says", async () => {
    const { expected } = entryOf<{ expected: { I_hopf: number[] } }>("bifurcations", "open-bif-fhn");
    const found = bifurcationsOf(await continueEquilibria(fitzhughNagumo, { from: 0, to: 2 }), "hopf");
    expect(values(found)).toEqual(expected.I_hopf.map((x) => expect.closeTo(x, 9)));
    const v = Math.sqrt(1 - 0.8 / 12.5);
    expect(found.map(({ state }) => state.v)).toEqual([-v, v].map((x) => expect.closeTo(x, 9)));
    // omega^2 is the determinant, with a trace of 0
    const omega = Math.sqrt((1 - (1 - v ** 2) * 0.8) / 12.5);
    for (const { period } of found) expect(period).toBeCloseTo((2 * Math.PI) / omega, 8);
  });

  it("of izhikevich end at folds in closed form, and are unstable before", async () => {
    const entry = entryOf<{ expected: { I_hopf: Record<string, number>; I_SN: Record<string, number> } }>(
      "bifurcations",
      "open-bif-izh",
    );
    for (const [preset, fold] of [
      ["RS", "b=.2"],
      ["FS", "b=.2"],
      ["LTS", "b=.25"],
    ] as const) {
      const found = await continueEquilibria(izhikevich, { from: -10, to: 10, preset });
      expect(values(bifurcationsOf(found, "fold"))).toEqual([expect.closeTo(entry.expected.I_SN[fold] as number, 9)]);
      const hopfs = bifurcationsOf(found, "hopf");
      expect(values(hopfs)).toEqual([expect.closeTo(entry.expected.I_hopf[preset] as number, 9)]);
      expect(hopfs[0]?.lyapunov).toBeGreaterThan(0);
    }
  });

  it("of izhikevich of class 1 end at a fold alone, of class 2 at a Hopf point ahead of it", async () => {
    // 0.04 v^2 + (5 - b) v + 140 + I = 0; the trace 0.08 v + 5 - a is 0 at the Hopf point, where b > a.
    const input = (v: number, b: number): number => -(0.04 * v ** 2 + (5 - b) * v + 140);
    for (const [a, b] of [
      [0.02, -0.1],
      [0.2, 0.26],
    ] as const) {
      const found = await continueEquilibria(izhikevich, { from: -10, to: 30, params: { a, b } });
      const fold = (5 - b) ** 2 / 0.16 - 140;
      expect(values(bifurcationsOf(found, "fold"))).toEqual([expect.closeTo(fold, 9)]);
      const hopf = input((a - 5) / 0.08, b);
      expect(values(bifurcationsOf(found, "hopf"))).toEqual(b > a ? [expect.closeTo(hopf, 9)] : []);
      if (b > a) expect(hopf).toBeLessThan(fold);
    }
  });

  it("of adex and eif are those of the closed forms", async () => {
    const { expected } = entryOf<{ expected: { I_saddle_node: number; I_hopf: number; eif: number } }>(
      "bifurcations",
      "open-adex-rheobase",
    );
    const found = await continueEquilibria(adex, { from: 0, to: 800 });
    expect(values(bifurcationsOf(found, "fold"))).toEqual([expect.closeTo(expected.I_saddle_node, 7)]);
    expect(values(bifurcationsOf(found, "hopf"))).toEqual([expect.closeTo(expected.I_hopf, 7)]);
    const params = { C_m: 281, g_L: 30, E_L: -70.6, V_T: -50.4, Delta_T: 2 };
    const point = await continueEquilibria(eif, { from: 0, to: 800, params });
    expect(values(bifurcationsOf(point, "fold"))).toEqual([expect.closeTo(expected.eif, 7)]);
  });

  it("of hodgkinHuxley have the two Hopf points of the literature, and a third number moves them", async () => {
    const { expected } = entryOf<{ expected: { I_hopf: number[] } }>("bifurcations", "open-bif-hh");
    const found = bifurcationsOf(await continueEquilibria(hodgkinHuxley, { from: 0, to: 200 }), "hopf");
    expect(values(found)).toEqual(expected.I_hopf.map((x) => expect.closeTo(x, 6)));
    // subcritical, supercritical
    expect(found.map(({ lyapunov }) => Math.sign(lyapunov as number))).toEqual([1, -1]);
    const byPotassium = await continueEquilibria(hodgkinHuxley, { parameter: "g_K", from: 5, to: 36, current: 0 });
    for (const { points } of byPotassium.branches) {
      for (const { value, state, stable } of points.filter((_, k) => k % 20 === 0)) {
        const params = { g_K: value };
        const { fixedPoints } = await import("../../src/dynamics/index.js");
        const all = await fixedPoints(hodgkinHuxley, { params });
        const same = all.points.find((one) => Math.abs((one.state.v as number) - (state.v as number)) < 1e-6);
        expect(same?.stable).toBe(stable);
      }
    }
  });

  it("cross where an eigenvalue is 0 without a fold", async () => {
    const fork = defineModel({
      name: "fork",
      current: "1",
      params: { r: 0 },
      equations: "dv/dt = (r*v - v**3)/ms : 1",
    });
    const found = await continueEquilibria(fork, { parameter: "r", from: -1, to: 1 });
    expect(values(bifurcationsOf(found, "branching"))).toEqual(expect.arrayContaining([expect.closeTo(0, 6)]));
    expect(values(bifurcationsOf(found, "fold"))).toHaveLength(found.branches.length > 1 ? 1 : 0);
    // all three branches at the end
    const ends = new Set(
      found.branches.flatMap(({ points }) =>
        [points[0], points.at(-1)].flatMap((p) => (p && p.value > 0.99 ? [Math.round(p.state.v as number)] : [])),
      ),
    );
    expect([...ends].sort()).toEqual([-1, 0, 1]);
  });
});

/** The normal form of a Hopf point with cycles of a radius sqrt(r) that turn once in 2 pi ms. */
function normalForm(side: 1 | -1): ModelRecord {
  return defineModel({
    name: side < 0 ? "supercritical" : "subcritical",
    current: "1",
    params: { r: 0 },
    equations: [
      `dv/dt = (r*v - w ${side < 0 ? "-" : "+"} v*(v**2 + w**2))/ms : 1`,
      `dw/dt = (v + r*w ${side < 0 ? "-" : "+"} w*(v**2 + w**2))/ms : 1`,
    ],
  });
}

describe("cycles over a parameter", () => {
  it("of the normal form have its radius and its multipliers", async () => {
    for (const side of [-1, 1] as const) {
      const model = normalForm(side);
      const box = { v: [-3, 3], w: [-3, 3] } as const;
      const range = { parameter: "r", from: -1, to: 1, box } as const;
      const [hopf] = bifurcationsOf(await continueEquilibria(model, range), "hopf");
      expect(hopf?.value).toBeCloseTo(0, 9);
      expect(Math.sign(hopf?.lyapunov as number)).toBe(side);
      const { points, ends, bifurcations } = await continueCycles(model, {
        parameter: "r",
        from: -1,
        to: 1,
        start: hopf as Bifurcation,
      });
      expect([ends, bifurcations]).toEqual(["range", []]);
      for (const { value, period, states, multipliers, stable } of points.slice(2)) {
        const r = -side * value;
        expect(period).toBeCloseTo(2 * Math.PI, 7);
        states.v?.forEach((v, k) => expect(Math.hypot(v, states.w?.[k] as number)).toBeCloseTo(Math.sqrt(r), 6));
        // d(radius)/dt has the slope -2 r or 2 r
        expect(multipliers[1]?.re).toBeCloseTo(Math.exp(2 * side * r * 2 * Math.PI), side < 0 ? 7 : -2);
        expect(stable).toBe(side < 0);
      }
    }
  });

  describe("of hodgkinHuxley", () => {
    let diagram: BifurcationDiagram;
    beforeAll(async () => {
      diagram = await bifurcationDiagram(hodgkinHuxley, { from: 0, to: 180 });
    });

    it("begin at one Hopf point and end at the other", () => {
      expect(diagram.cycles.map(({ ends }) => ends)).toEqual(["hopf"]);
      const { expected } = entryOf<{ expected: { I_hopf: number[] } }>("bifurcations", "open-bif-hh");
      expect(diagram.cycles[0]?.end).toBeCloseTo(expected.I_hopf[1] as number, 1);
    });

    it("have the fold from which repetitive firing is possible, and three others below the Hopf point", () => {
      const { expected } = entryOf<{ expected: { I_fold_cycles: number } }>("bifurcations", "open-bif-hh");
      const folds = diagram.cycles[0]?.bifurcations.filter(({ type }) => type === "fold") ?? [];
      expect(Math.min(...values(folds))).toBeCloseTo(expected.I_fold_cycles, 3);
      // several unstable cycles at once between 7.84 and 7.92 (Rinzel and Miller, Math. Biosci. 49:27, 1980)
      expect(values(folds).map((x) => Number(x.toFixed(2)))).toEqual([7.84, 7.92, 6.26]);
      expect(diagram.cycles[0]?.points.some(({ stable }) => stable)).toBe(true);
    });
  });

  it("of fitzhughNagumo are there from where firing was found to begin", async () => {
    const { expected } = entryOf<{ expected: { I_large_cycle_min: number } }>("bifurcations", "open-bif-fhn");
    const { cycles } = await bifurcationDiagram(fitzhughNagumo, { from: 0, to: 2 });
    expect(cycles).toHaveLength(1);
    const folds = cycles[0]?.bifurcations ?? [];
    // symmetric about the middle of the two Hopf points
    expect(values(folds)).toEqual([
      expect.closeTo(expected.I_large_cycle_min, 7),
      expect.closeTo(1.75 - expected.I_large_cycle_min, 7),
    ]);
  });

  describe("of morrisLecar (Rinzel and Ermentrout 1998) are the three ways to begin to fire", () => {
    const { expected } = entryOf<{
      expected: {
        hopf_set: { I_hopf: number[] };
        snic_set: { I_snic: number; I_hopf_upper: number };
        homoclinic_set: { I_sn: number; I_hopf_upper: number; I_homoclinic: number };
      };
    }>("bifurcations", "open-bif-ml");

    it("by a Hopf point: a cycle of finite period", async () => {
      const diagram = await bifurcationDiagram(morrisLecar, { from: 0, to: 250, preset: "hopf" });
      const hopfs = bifurcationsOf(diagram, "hopf");
      expect(values(hopfs)).toEqual(expected.hopf_set.I_hopf.map((x) => expect.closeTo(x, 4)));
      expect(diagram.cycles.map(({ ends }) => ends)).toEqual(["hopf"]);
      // both Hopf points are subcritical: stable cycles coexist with stable rest
      expect(hopfs.map(({ lyapunov }) => Math.sign(lyapunov as number))).toEqual([1, 1]);
    });

    it("on an invariant circle: the period grows as the fold of fixed points comes near", async () => {
      const diagram = await bifurcationDiagram(morrisLecar, { from: -20, to: 150, preset: "snic" });
      expect(values(bifurcationsOf(diagram, "hopf"))).toEqual([expect.closeTo(expected.snic_set.I_hopf_upper, 4)]);
      const [branch] = diagram.cycles;
      expect(branch?.ends).toBe("snic");
      expect(branch?.end).toBeCloseTo(expected.snic_set.I_snic, 4);
      // T (I - I_snic)^(1/2) is constant near the end
      const last = branch?.points
        .slice(-6)
        .map(({ value, period }) => period * Math.sqrt(value - (branch.end as number)));
      expect(Math.max(...(last ?? []))).toBeLessThan(1.05 * Math.min(...(last ?? [])));
    });

    it("at a saddle: the period grows as the logarithm of the distance", async () => {
      const diagram = await bifurcationDiagram(morrisLecar, { from: -20, to: 150, preset: "homoclinic" });
      const { I_hopf_upper, I_homoclinic, I_sn } = expected.homoclinic_set;
      expect(values(bifurcationsOf(diagram, "hopf"))).toEqual([expect.closeTo(I_hopf_upper, 4)]);
      expect(Math.max(...values(bifurcationsOf(diagram, "fold")))).toBeCloseTo(I_sn, 4);
      const [branch] = diagram.cycles;
      expect([branch?.ends, branch?.points.at(-1)?.stable]).toEqual(["homoclinic", true]);
      expect(branch?.end).toBeCloseTo(I_homoclinic, 4);
    });
  });

  it("double their period where a multiplier passes -1", async () => {
    // Roessler's equations: for a = b = 0.2 the first doubling is at c = 2.83; here a comes to it
    const roessler = defineModel({
      name: "roessler",
      current: "1",
      params: { a: 0.2, b: 0.2, c: 2.832 },
      equations: ["dv/dt = (-x - y)/ms : 1", "dx/dt = (v + a*x)/ms : 1", "dy/dt = (b + y*(v - c))/ms : 1"],
    });
    const range = { parameter: "a", from: -0.3, to: 0.3 } as const;
    const box = { v: [-3, 3], x: [-20, 20], y: [-20, 20] } as const;
    const [hopf] = bifurcationsOf(await continueEquilibria(roessler, { ...range, box }), "hopf");
    const { bifurcations } = await continueCycles(roessler, { ...range, start: hopf as Bifurcation });
    const doubling = bifurcations.find(({ type }) => type === "period doubling");
    expect(doubling?.value).toBeCloseTo(0.2, 2);
    expect(doubling?.multipliers.some(({ re, im }) => im === 0 && Math.abs(re + 1) < 1e-3)).toBe(true);
    // on either side of it the neuron settles to one turn, or to two
    const start = { v: 1, x: -3, y: 0.1 };
    const [one, two] = [-0.01, 0.01].map((by) =>
      limitCycle(roessler, { params: { a: (doubling?.value as number) + by }, start, settle: 4000 }),
    );
    expect((await one)?.period).toBeCloseTo(doubling?.period as number, 1);
    expect((await two)?.period).toBeCloseTo(2 * (doubling?.period as number), 0);
  });

  it("that begin at no Hopf point of the range are found where a neuron settles to them", async () => {
    const cell = defineModel(wangBuzsaki);
    const { branches, cycles } = await bifurcationDiagram(cell, { from: -0.5, to: 2 });
    const folds = branches.flatMap(({ bifurcations }) => bifurcations).filter(({ type }) => type === "fold");
    const [branch, ...others] = cycles;
    expect(others).toEqual([]);
    expect(branch?.ends).toBe("snic");
    // where Wang and Buzsaki let firing begin, at about 0.16 uA/cm2
    expect(branch?.end).toBeCloseTo(0.16, 3);
    expect(folds.map(({ value }) => value)).toContainEqual(expect.closeTo(branch?.end as number, 8));
    const up = await continueCycles(cell, {
      from: 0,
      to: 1,
      start: { value: 0.5, state: { v: -60, h: 0.7, n: 0.1 } },
      direction: "up",
    });
    expect([up.ends, up.points.at(-1)?.value]).toEqual(["range", 1]);
    expect(up.points.at(-1)?.period).toBeCloseTo((await limitCycle(cell, { current: 1 })).period, 6);
  });

  it("do not begin where there is no Hopf point; a signal ends the work", async () => {
    const start = { value: 5, state: { v: -1.1, w: -0.5 } };
    await expect(continueCycles(fitzhughNagumo, { from: 0, to: 10, start })).rejects.toThrow(CycleError);
    await expect(continueEquilibria(hodgkinHuxley, { from: 3, to: 1 })).rejects.toThrow(/continueEquilibria\.to = 1/);
    await expect(continueEquilibria(hodgkinHuxley, { from: 0, to: 1, parameter: "g_na" })).rejects.toThrow(/g_Na/);
    const control = new AbortController();
    const all = bifurcationDiagram(hodgkinHuxley, {
      from: 0,
      to: 180,
      signal: control.signal,
      onProgress: () => control.abort(),
    });
    await expect(all).rejects.toThrow(/abort/i);
  });
});

describe("curves of bifurcations", () => {
  it("of folds have their cusp where a closed form says", async () => {
    // v' = a + b v - v^3: folds at 27 a^2 = 4 b^3, which meet at 0
    const cusp = defineModel({
      name: "cusp",
      current: "1",
      params: { a: 0, b: 1 },
      equations: "dv/dt = (a + b*v - v**3)/ms : 1",
    });
    const range = { parameter: "a", from: -2, to: 2 } as const;
    const folds = bifurcationsOf(await continueEquilibria(cusp, range), "fold");
    expect(values(folds).map(Math.abs)).toEqual([0, 1].map(() => expect.closeTo(Math.sqrt(4 / 27), 9)));
    const curve = await continueBifurcation(cusp, {
      start: folds[0] as Bifurcation,
      parameters: ["a", "b"],
      ranges: [
        [-2, 2],
        [-1, 2],
      ],
    });
    for (const {
      values: [a, b],
    } of curve.points)
      expect(27 * a ** 2).toBeCloseTo(4 * b ** 3, 7);
    expect(curve.events.map(({ type }) => type)).toEqual(["cusp"]);
    curve.events[0]?.values.forEach((x) => expect(x).toBeCloseTo(0, 3));
  });

  it("of Hopf points of fitzhughNagumo are a closed form in two numbers", async () => {
    const [hopf] = bifurcationsOf(await continueEquilibria(fitzhughNagumo, { from: 0, to: 0.9 }), "hopf");
    const curve = await continueBifurcation(fitzhughNagumo, {
      start: hopf as Bifurcation,
      parameters: ["I", "tau"],
      ranges: [
        [-1, 3],
        [2, 40],
      ],
    });
    expect(curve.type).toBe("hopf");
    expect(curve.points.length).toBeGreaterThan(30);
    for (const {
      values: [I, tau],
      state,
    } of curve.points) {
      const v = Math.sign(state.v as number) * Math.sqrt(1 - 0.8 / tau);
      expect(state.v).toBeCloseTo(v, 7);
      expect(I).toBeCloseTo((v + 0.7) / 0.8 - v + v ** 3 / 3, 7);
    }
  });

  it("of folds and Hopf points of morrisLecar meet where their period is infinite", async () => {
    const range = { from: -50, to: 250, preset: "homoclinic" } as const;
    const all = await continueEquilibria(morrisLecar, range);
    const [fold] = bifurcationsOf(all, "fold");
    const options = {
      preset: "homoclinic",
      parameters: ["I", "V_3"],
      ranges: [
        [-50, 300],
        [-10, 30],
      ],
    } as const;
    const folds = await continueBifurcation(morrisLecar, { ...options, start: fold as Bifurcation });
    expect(folds.events.map(({ type }) => type).sort()).toEqual(["bogdanov-takens", "cusp"]);
    const takens = folds.events.find(({ type }) => type === "bogdanov-takens");
    const { eigenvalues } = await import("../../src/analysis/linear.js");
    const { jacobian } = await import("../../src/index.js");
    const [current, V_3] = takens?.values as readonly [number, number];
    const params = { ...morrisLecar.presets.homoclinic.params, V_3 };
    const { matrix } = await jacobian(morrisLecar, { params, current, state: takens?.state as Record<string, number> });
    for (const { re, im } of eigenvalues(matrix.flat(), 2)) expect(Math.hypot(re, im)).toBeLessThan(2e-3);
  });
});

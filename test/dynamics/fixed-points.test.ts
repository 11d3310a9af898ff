/** Fixed points against closed forms and other ways to find them. */
import { describe, expect, it } from "vitest";
import { fixedPoints } from "../../src/dynamics/index.js";
import { defineModel, models, poisson, restingState } from "../../src/index.js";

const { adex, fitzhughNagumo, hodgkinHuxley, izhikevich, morrisLecar, qif } = models;

describe("fixed points", () => {
  it("of qif and izhikevich are the roots of their parabola", async () => {
    const { points, certainty, undecided } = await fixedPoints(qif);
    expect(points.map(({ state }) => state.v)).toEqual([
      expect.closeTo(qif.params.V_r.default, 9),
      expect.closeTo(qif.params.V_t.default, 9),
    ]);
    expect(points.map(({ kind }) => kind)).toEqual(["stable node", "unstable node"]);
    expect([certainty, undecided]).toEqual(["proved", []]);
    const two = await fixedPoints(izhikevich, { current: 3.5, preset: "RS" });
    // 0.04 v^2 + (5 - b) v + 140 + I = 0
    const roots = [-1, 1].map((side) => (-4.8 + side * Math.sqrt(4.8 ** 2 - 0.16 * 143.5)) / 0.08);
    expect(two.points.map(({ state }) => state.v)).toEqual(roots.map((v) => expect.closeTo(v, 9)));
    expect(two.points.map(({ state }) => state.u)).toEqual(roots.map((v) => expect.closeTo(0.2 * v, 9)));
    expect(two.points.map(({ kind }) => kind)).toEqual(["stable focus", "saddle"]);
    expect((await fixedPoints(izhikevich, { current: 4.01 })).points).toEqual([]);
  });

  it("of fitzhughNagumo are all three where there are three", async () => {
    // b > 1 makes three roots of v - v^3/3 - (v + a)/b + I = 0
    const { points } = await fixedPoints(fitzhughNagumo, { params: { a: 0, b: 2 } });
    const root = Math.sqrt(3 * (1 - 1 / 2));
    expect(points.map(({ state }) => state.v)).toEqual([-root, 0, root].map((v) => expect.closeTo(v, 9)));
    expect(points.map(({ stable }) => stable)).toEqual([true, false, true]);
    expect(points[1]?.kind).toBe("saddle");
  });

  it("have the eigenvalues of the linearised equations", async () => {
    const { points } = await fixedPoints(fitzhughNagumo, { current: 0.5 });
    const { state, eigenvalues } = points[0] as (typeof points)[number];
    const { b, tau } = { b: 0.8, tau: 12.5 };
    const [trace, determinant] = [
      1 - (state.v as number) ** 2 - b / tau,
      (-(1 - (state.v as number) ** 2) * b + 1) / tau,
    ];
    expect(eigenvalues[0]?.re).toBeCloseTo(trace / 2, 9);
    expect(eigenvalues[0]?.im).toBeCloseTo(Math.sqrt(determinant - trace ** 2 / 4), 9);
  });

  it("without input are where neurons rest", async () => {
    for (const model of [hodgkinHuxley, morrisLecar, adex] as const) {
      const rest = await restingState(model, {});
      const { points } = await fixedPoints(model as typeof hodgkinHuxley, {});
      const stable = points.filter((point) => point.stable);
      expect(stable).toHaveLength(1);
      // adex starts at E_L
      if ((model as unknown) === adex) continue;
      for (const [name, x] of Object.entries(rest)) expect(stable[0]?.state[name]).toBeCloseTo(x, 6);
    }
  });

  it("of a text are those of the built-in model, also where it divides 0 by 0", async () => {
    const own = defineModel({
      name: "squid",
      current: "1",
      equations: [
        "dv/dt = (I - 120*m**3*h*(v - 50) - 36*n**4*(v + 77) - 0.3*(v + 54.387))/ms : 1",
        "dm/dt = (am*(1 - m) - 4*exp(-(v + 65)/18)*m)/ms : 1",
        "dh/dt = (0.07*exp(-(v + 65)/20)*(1 - h) - h/(1 + exp(-(v + 35)/10)))/ms : 1",
        "dn/dt = (an*(1 - n) - 0.125*exp(-(v + 65)/80)*n)/ms : 1",
        "am = 0.1*(v + 40)/(1 - exp(-(v + 40)/10)) : 1",
        "an = 0.01*(v + 55)/(1 - exp(-(v + 55)/10)) : 1",
      ],
    });
    const box = { v: [-100, 50] } as const;
    for (const current of [0, 10, 100]) {
      const [mine, theirs] = [
        await fixedPoints(own, { current, box }),
        await fixedPoints(hodgkinHuxley, { current, box }),
      ];
      expect(mine.certainty).toBe("proved");
      expect(mine.points).toHaveLength(theirs.points.length);
      for (const [k, { state }] of mine.points.entries()) {
        expect(state.v).toBeCloseTo(theirs.points[k]?.state.v as number, 8);
      }
      // the two singularities that the built-in model does not have
      expect(mine.undecided.map(([low]) => Math.round(low))).toEqual([-55, -40]);
      expect(theirs.undecided).toEqual([]);
    }
  });

  it("that do not follow from one state are searched in a box", async () => {
    const coupled = defineModel({
      name: "wilsonCowan",
      current: "1",
      equations: [
        "dv/dt = (-v + 1/(1 + exp(-(12*v - 10*w + I - 3.5))))/(10*ms) : 1",
        "dw/dt = (-w + 1/(1 + exp(-(10*v + 2*w*w - 6))))/(10*ms) : 1",
      ],
    });
    await expect(fixedPoints(coupled)).rejects.toThrow(/fixedPoints\.box.*w.*range/s);
    const { points, certainty } = await fixedPoints(coupled, { current: 0.5, box: { v: [0, 1], w: [0, 1] } });
    expect(certainty).toBe("searched");
    // as many as sign changes of dv/dt along the curve dw/dt = 0, which is solved by bisection
    const w = (v: number): number => {
      let [low, high] = [0, 1];
      for (let k = 0; k < 60; k++) {
        const x = 0.5 * (low + high);
        if (-x + 1 / (1 + Math.exp(-(10 * v + 2 * x * x - 6))) > 0) low = x;
        else high = x;
      }
      return low;
    };
    const f = (v: number): number => -v + 1 / (1 + Math.exp(-(12 * v - 10 * w(v) + 0.5 - 3.5)));
    let changes = 0;
    for (let k = 0; k < 20_000; k++) if (f(k / 20_000) * f((k + 1) / 20_000) < 0) changes++;
    expect(points).toHaveLength(changes);
    for (const { state } of points) expect(f(state.v as number)).toBeCloseTo(0, 7);
  });

  it("of equations over time are refused; a signal ends the search", async () => {
    const forced = defineModel({ name: "forced", current: "1", equations: "dv/dt = (I - v + sin(t/ms))/ms : 1" });
    await expect(fixedPoints(forced)).rejects.toThrow(/equation of v depends on time/);
    await expect(fixedPoints(poisson as never)).rejects.toThrow(/source/);
    await expect(fixedPoints(qif, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    await expect(fixedPoints(qif, { box: { v: [3, 1] } })).rejects.toThrow(/fixedPoints\.box\.v\[1\]/);
    await expect(fixedPoints(qif, { curent: 1 } as never)).rejects.toThrow(/current/);
  });
});

import { describe, expect, it } from "vitest";
import { integrate } from "../../src/lang/integrate.js";
import { Ir, type IrModel, print } from "../../src/lang/ir.js";
import { coefficients, type Plan, plan, type PlanOptions } from "../../src/lang/plan.js";
import { models } from "../../src/models/index.js";
import { settle } from "../../src/sim/work.js";
import { bare, model, state } from "./build.js";

const math = { exp: Math.exp, expm1: Math.expm1 };
const none = { conducts: false, jumps: false };

function planned(f: (ir: Ir) => Partial<IrModel>, options: PlanOptions = {}, method: "euler" | "rk4" = "euler"): Plan {
  const ir = new Ir();
  const params = ["a", "b"].map((name) => ({ name, unit: "", factor: 1 }));
  return plan(integrate(ir, bare(ir, { params, ...f(ir) }), method, none), options);
}

const texts = (list: Plan["uniforms"]): string[] =>
  list.map((e) => print(e, { states: ["v", "w"], params: ["a", "b"] })).sort();

describe("what is had ahead of the loop", () => {
  /** dv/dt = (v - b)*exp(-dt/a) */
  const decay = (ir: Ir): Partial<IrModel> => ({
    states: [state("v", ir.mul(ir.sub(ir.state(0), ir.param(1)), ir.call("exp", ir.neg(ir.div(ir.dt, ir.param(0))))))],
  });

  it("common parameters and what they make are uniforms", () => {
    const { uniforms, columns, loops } = planned(decay);
    expect(texts(uniforms)).toEqual(["dt * (-b * exp(-(dt / a)))", "dt * exp(-(dt / a))"]);
    expect(columns).toEqual([]);
    expect(loops).toHaveLength(1);
  });

  it("parameters per neuron are columns, and what is dear to make of them is too", () => {
    const { uniforms, columns } = planned(decay, { perNeuron: [0, 1] }, "rk4");
    expect(texts(columns)).toEqual(["b", "exp(-(dt / a))"]);
    expect(texts(uniforms)).toEqual(["0.5 * dt", "2", "dt", "dt / 6"]);
  });

  it("what depends on t is computed once in a step", () => {
    const { once, uniforms } = planned((ir) => ({ states: [state("v", ir.call("exp", ir.mul(ir.t, ir.param(0))))] }));
    expect(once.map((e) => print(e, { params: ["a"] }))).toContain("exp(t * a)");
    expect(texts(uniforms)).toContain("a");
  });

  it("a current that all neurons share is computed once in a step", () => {
    const f = (ir: Ir): Partial<IrModel> => ({
      states: [state("v", ir.sub(ir.mul(ir.input, ir.param(0)), ir.state(0)))],
    });
    expect(texts(planned(f, { uniform: ["I0"] }).once)).toEqual(["I0", "dt * a * I0", "highest", "lowest"]);
    expect(texts(planned(f).once)).toEqual(["highest", "lowest"]);
  });

  it("coefficients are computed by the functions that are given", () => {
    const p = planned(decay, { perNeuron: [0] }, "rk4");
    const given = { params: [[1, 2, 4], -3], dt: 0.5, size: 3 };
    const { uniforms, columns } = settle(coefficients(p, given, { exp: (x) => 100 + x }));
    expect([...(columns[0] as Float64Array)]).toEqual([99.5, 99.75, 99.875]);
    expect([...uniforms].sort()).toEqual([-3, 0.25, 0.5, 0.5 / 6, 2].sort());
  });
});

describe("passes", () => {
  it("a function takes the block to another pass", () => {
    const p = planned((ir) => ({ states: [state("v", ir.call("exp", ir.state(0)))] }));
    expect(p.loops.map((l) => l.calls.map((c) => c.name))).toEqual([["exp"], []]);
    expect(p.loops[0]?.stores.map((s) => s.value.op)).toEqual(["state"]);
  });

  it("functions of functions take several, and columns are used again", () => {
    const { ir, model: adex } = model(models.adex, math);
    const p = plan(integrate(ir, adex, "rk4", none));
    expect(p.loops.map((l) => l.calls.length)).toEqual([1, 1, 1, 1, 0]);
    expect(p.scratch).toBeLessThan(16);
  });

  it("none without functions, whatever the stages", () => {
    expect(planned((ir) => ({ states: [state("v", ir.mul(ir.state(0), ir.state(0)))] }), {}, "rk4").loops).toHaveLength(
      1,
    );
  });

  it("two operations are done again rather than kept", () => {
    const p = planned((ir) => {
      const x = ir.sub(ir.state(0), ir.param(0));
      return { states: [state("v", ir.mul(x, ir.call("exp", x)))] };
    });
    expect(p.loops[0]?.stores).toHaveLength(1);
  });
});

describe("the guard", () => {
  const guarded = (f: (ir: Ir) => Partial<IrModel>): readonly number[] => planned(f).guarded;
  it("watches v, and states that v never sees", () => {
    expect(guarded((ir) => ({ states: [state("v", ir.state(1)), state("w", ir.state(1))] }))).toEqual([0]);
    expect(guarded((ir) => ({ states: [state("v", ir.const(1)), state("w", ir.state(0))] }))).toEqual([0, 1]);
  });

  it("a v above its threshold needs no second test", () => {
    const f = (ir: Ir): Partial<IrModel> => ({
      threshold: ir.compare("ge", ir.state(0), ir.param(0)),
      reset: [{ state: 0, value: ir.const(0) }],
    });
    expect(print(planned(f).quiet)).not.toContain("highest");
    expect(print(planned((ir) => ({ ...f(ir), crossing: true })).quiet)).toContain("highest");
  });
});

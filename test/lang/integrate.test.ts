import { describe, expect, it } from "vitest";
import { integrate, type ReceptorInput, refusal, type StepMethod, type StepProgram } from "../../src/lang/integrate.js";
import { evaluate, type Expr, Ir, type IrModel, print } from "../../src/lang/ir.js";
import { bare, state } from "./build.js";

const math = { exp: Math.exp, expm1: Math.expm1, exprel: (x: number): number => (x === 0 ? 1 : Math.expm1(x) / x) };
const names = { states: ["v", "w"], params: ["a", "b"] };
const none = { conducts: false, jumps: false };

/** Two states over two parameters. */
function pair(f: (ir: Ir) => Partial<IrModel>): { ir: Ir; model: IrModel } {
  const ir = new Ir(math);
  const params = names.params.map((name) => ({ name, unit: "", factor: 1 }));
  return { ir, model: bare(ir, { params, ...f(ir) }) };
}

const text = (e: Expr | undefined): string => (e === undefined ? "" : print(e, names));

describe("the order of operations", () => {
  const { ir, model } = pair((ir) => ({ states: [state("v", ir.sub(ir.input, ir.state(0)))] }));
  it.each<[StepMethod, string]>([
    ["euler", "v + (-dt * v + dt * I0)"],
    ["heun", "v + 0.5 * dt * (I0 - v + (I2 - (v + dt * (I0 - v))))"],
    ["exponentialEuler", "v + dt * exprel(-dt) * (I0 - v)"],
    ["exact", "v + (expm1(-dt) * v + dt * exprel(-dt) * I0)"],
  ])("%s", (method, wanted) => {
    expect(text(integrate(ir, model, method, none).next[0])).toBe(wanted);
  });

  it("rk4 weighs its slopes by dt/6", () => {
    const next = integrate(ir, model, "rk4", none).next[0] as Expr;
    // dv/dt = I - v with I = 1: the series of exp to order 4.
    const value = evaluate(next, { states: [0], dt: 0.1, columns: { I0: 1, I1: 1, I2: 1 } });
    expect(value).toBeCloseTo(0.1 - 0.1 ** 2 / 2 + 0.1 ** 3 / 6 - 0.1 ** 4 / 24, 16);
  });

  it("what is divided by something fixed is multiplied by its reciprocal", () => {
    const { ir, model } = pair((ir) => ({ states: [state("v", ir.div(ir.state(0), ir.param(0)))] }));
    expect(text(integrate(ir, model, "euler", none).next[0])).toBe("v + dt * (1 / a) * v");
  });
});

describe("inputs", () => {
  const { ir, model } = pair((ir) => ({ states: [state("v", ir.input)] }));
  it("conductances follow v from stage to stage, jumps come last", () => {
    const { next } = integrate(ir, model, "heun", { conducts: true, jumps: true });
    expect(text(next[0])).toBe("v + 0.5 * dt * (I0 - G0 * v + (I2 - G2 * (v + dt * (I0 - G0 * v)))) + jumps");
  });

  it("t is that of the stage", () => {
    const { ir, model } = pair((ir) => ({ states: [state("v", ir.t)] }));
    expect(text(integrate(ir, model, "heun", none).next[0])).toBe("v + 0.5 * dt * (t + (t + dt))");
  });
});

describe("receptors that a step takes", () => {
  const { ir, model } = pair((ir) => ({ states: [state("v", ir.sub(ir.input, ir.state(0)))] }));
  const take = (method: StepMethod, ...kinds: ReceptorInput["kind"][]): StepProgram =>
    integrate(ir, model, method, { ...none, receptors: kinds.map((kind) => ({ kind, arrives: true })) });

  it("a current joins the background, and decays", () => {
    const { next, receptors } = take("euler", "current");
    expect(text(next[0])).toBe("v + (-dt * v + (dt * p2 * g0 + dt * I0))");
    expect(text(receptors[0]?.next)).toBe("g0 * p3 + a0");
  });

  it("a conductance multiplies v", () => {
    const { next } = take("euler", "conductance", "conductance");
    expect(text(next[0])).toBe(
      "v + ((dt * -p2 * g0 + dt * -p5 * g1 - dt) * v + (dt * (p2 * p4) * g0 + dt * (p5 * p7) * g1 + dt * I0))",
    );
  });

  it("what is multiplied by 0 is left out", () => {
    const receptors = [{ kind: "conductance", arrives: false }] as const;
    const { next, receptors: steps } = integrate(ir, model, "euler", { ...none, receptors, zero: [4] });
    expect(text(next[0])).toBe("v + ((dt * -p2 * g0 - dt) * v + dt * I0)");
    expect(text(steps[0]?.next)).toBe("g0 * p3");
  });

  it("what a 0 divides, or puts into a function, is not left out", () => {
    const g = (ir: Ir): Expr => ir.mul(ir.param(0), ir.call("exp", ir.div(ir.state(0), ir.param(0))));
    const sharp = pair((ir) => ({
      states: [state("v", ir.sub(g(ir), ir.mul(ir.param(1), ir.state(1)))), state("w", ir.const(0))],
    }));
    const { next } = integrate(sharp.ir, sharp.model, "euler", { ...none, receptors: [], zero: [0, 1] });
    expect(text(next[0])).toBe("v + dt * a * exp(v * (1 / a))");
  });

  it("jumps come last", () => {
    const { next, receptors } = take("exact", "jumps", "current", "jumps");
    expect(text(next[0])).toBe(
      "v + (expm1(-dt) * v + (dt * exprel(-dt) * p5 * g1 + dt * exprel(-dt) * I0)) + (a0 + a2)",
    );
    expect(receptors.map((r) => text(r.next))).toEqual(["", "g1 * p6 + a1", ""]);
  });
});

describe("exponentialEuler", () => {
  it("keeps functions of the state still, and takes other equations by euler", () => {
    const { ir, model } = pair((ir) => {
      const [v, w, a] = [ir.state(0), ir.state(1), ir.param(0)];
      const gate = ir.call("exp", v);
      return { states: [state("v", ir.mul(gate, ir.sub(a, v))), state("w", ir.sub(ir.mul(w, w), v))] };
    });
    const { next, notes } = integrate(ir, model, "exponentialEuler", none);
    expect(text(next[0])).toBe("v + dt * exprel(-exp(v) * dt) * (exp(v) * (a - v))");
    expect(text(next[1])).toBe("w + dt * (w * w - v)");
    expect(notes).toEqual(["w: its equation is not linear in w; exponentialEuler takes it by euler"]);
  });
});

describe("exact", () => {
  it("gives the matrix exponential of several equations", () => {
    // A rotation: dv/dt = w, dw/dt = -v.
    const { ir, model } = pair((ir) => ({ states: [state("v", ir.state(1)), state("w", ir.neg(ir.state(0)))] }));
    const { next, derivation } = integrate(ir, model, "exact", none);
    const derived = derivation?.compute(derivation.sources.map((e) => evaluate(e, { dt: 0.3 })));
    const environment = { states: [1, 0], dt: 0.3, columns: { I0: 0, I1: 0 }, ...(derived && { derived }) };
    expect(next.map((e) => evaluate(e, environment))).toEqual([
      expect.closeTo(Math.cos(0.3), 15),
      expect.closeTo(-Math.sin(0.3), 15),
    ]);
  });

  it("does not mix what does not depend on each other", () => {
    const { ir, model } = pair((ir) => ({
      states: [state("v", ir.neg(ir.state(0))), state("w", ir.sub(ir.state(0), ir.state(1)))],
    }));
    const { next } = integrate(ir, model, "exact", none);
    expect(text(next[0])).toBe("v + derived0 * v");
    expect(text(next[1])).toBe("w + (derived4 * v + derived5 * w)");
  });

  it("with v held the others see it stand still", () => {
    const { ir, model } = pair((ir) => ({
      states: [state("v", ir.neg(ir.state(0))), state("w", ir.sub(ir.state(0), ir.state(1)))],
      threshold: ir.compare("ge", ir.state(0), ir.const(1)),
      refractory: { kind: "time", value: ir.const(2) },
    }));
    const { next, derivation } = integrate(ir, model, "exact", none);
    const derived = derivation?.compute(derivation.sources.map((e) => evaluate(e, { dt: 0.5 })));
    const environment = { states: [2, 0], refractory: true, ...(derived && { derived }) };
    expect(next.map((e) => evaluate(e, environment))).toEqual([2, expect.closeTo(2 * (1 - Math.exp(-0.5)), 15)]);
  });
});

describe("refusals", () => {
  const quadratic = pair((ir) => ({ states: [state("v", ir.mul(ir.state(0), ir.state(0)))] }));
  const driven = pair((ir) => ({ states: [state("v", ir.mul(ir.t, ir.state(0)))] }));
  const noisy = pair((ir) => ({
    states: [state("v", ir.neg(ir.state(0)), { noise: [{ amplitude: ir.const(1), stream: 0 }] })],
  }));
  const long = pair((ir) => ({ states: Array.from({ length: 9 }, (_, j) => state(`x${j}`, ir.neg(ir.state(j)))) }));
  it.each([
    ["exact", long, "exact is for models with at most 8 states; this one has 9"],
    ["exact", quadratic, "the equation of v is not linear in v, I"],
    ["exact", driven, "the equation of v has a coefficient that changes during a run: t"],
    ["rk4", noisy, "the equation of v has noise (xi), for which there are euler, heun and exponentialEuler"],
    ["halfStep", quadratic, "halfStep is for models with two equations, of which the first is that of v"],
    ["euler", quadratic, undefined],
  ] as const)("%s %#", (method, { ir, model }, reason) => {
    expect(refusal(ir, model, method)).toBe(reason);
    if (reason !== undefined) expect(() => integrate(ir, model, method, none)).toThrow(`own, ${method}: ${reason}.`);
  });
});

describe("refractoriness", () => {
  const spiking = (ir: Ir): Partial<IrModel> => ({
    states: [state("v", ir.neg(ir.state(1))), state("w", ir.state(0))],
    threshold: ir.compare("ge", ir.state(0), ir.const(1)),
    reset: [{ state: 0, value: ir.const(0) }],
    refractory: { kind: "time", value: ir.const(2) },
  });

  it("holds v and lets the others go on", () => {
    const { ir, model } = pair(spiking);
    const { next } = integrate(ir, model, "euler", { conducts: false, jumps: true });
    expect(next.map((e) => evaluate(e, { states: [3, 5], dt: 1, columns: { jumps: 9 }, refractory: true }))).toEqual([
      3, 8,
    ]);
    expect(next.map((e) => evaluate(e, { states: [3, 5], dt: 1, columns: { jumps: 9 }, refractory: false }))).toEqual([
      7, 8,
    ]);
  });

  it("holds flagged states instead", () => {
    const { ir, model } = pair((ir) => {
      const given = spiking(ir);
      return {
        ...given,
        states: [state("v", ir.const(1)), state("w", ir.const(1), { flags: { unlessRefractory: true } })],
      };
    });
    const { next } = integrate(ir, model, "euler", none);
    expect(next.map((e) => evaluate(e, { states: [0, 0], dt: 1, refractory: true }))).toEqual([1, 0]);
  });

  it("a condition holds nothing by itself and arms the detector when it ends", () => {
    const { ir, model } = pair((ir) => ({
      ...spiking(ir),
      refractory: { kind: "condition", value: ir.compare("gt", ir.state(1), ir.const(0)) },
    }));
    const { next, rearm, hold } = integrate(ir, model, "euler", none);
    expect(hold).toBeUndefined();
    expect(text(rearm)).toBe("not w > 0");
    expect(ir.dependsOn(next[0] as Expr, "armed", "refractory")).toBe(false);
  });

  it.each([
    [0.04, 0],
    [0.05, 1],
    [0.1, 1],
    [0.26, 3],
    [2, 20],
  ])("%d ms are %d steps of 0.1 ms", (ms, steps) => {
    const { ir, model } = pair((ir) => ({ ...spiking(ir), refractory: { kind: "time", value: ir.param(0) } }));
    const { hold } = integrate(ir, model, "euler", none);
    expect(evaluate(hold as Expr, { params: [ms], dt: 0.1 })).toBe(steps);
  });
});

describe("noise", () => {
  const multiplicative = pair((ir) => ({
    states: [state("v", ir.const(0), { noise: [{ amplitude: ir.state(0), stream: 3 }] })],
  }));
  const environment = { states: [2], dt: 0.25, random: () => 1 };
  it("euler takes the amplitude of the start: Ito", () => {
    const { next, notes } = integrate(multiplicative.ir, multiplicative.model, "euler", none);
    expect(evaluate(next[0] as Expr, environment)).toBe(2 + 2 * 0.5);
    expect(notes).toEqual(["v: its noise depends on a state; euler solves it in Ito's sense"]);
  });

  it("heun takes the mean of both ends: Stratonovich", () => {
    const { next, notes } = integrate(multiplicative.ir, multiplicative.model, "heun", none);
    expect(evaluate(next[0] as Expr, environment)).toBe(2 + ((2 + 3) / 2) * 0.5);
    expect(notes).toEqual(["v: its noise depends on a state; heun solves it in Stratonovich's sense"]);
  });
});

describe("the place of a spike within the step", () => {
  const fraction = (condition: (ir: Ir) => Expr, states: number[], before: number[]): number => {
    const { ir, model } = pair((ir) => ({
      states: [state("v", ir.const(0)), state("w", ir.const(0))],
      threshold: condition(ir),
    }));
    return evaluate(integrate(ir, model, "euler", none).fraction as Expr, { states, before, params: [4] });
  };
  const level = (ir: Ir): Expr => ir.compare("ge", ir.state(0), ir.param(0));
  it.each([
    ["halfway", level, [5, 0], [3, 0], 0.5],
    ["never at all is the end", level, [3, 0], [3, 0], 1],
    ["before it began is the start", level, [7, 0], [5, 0], 0],
    ["a threshold that moves", (ir: Ir): Expr => ir.compare("gt", ir.state(0), ir.state(1)), [5, 4], [3, 6], 0.75],
    ["written the other way round", (ir: Ir): Expr => ir.compare("lt", ir.param(0), ir.state(0)), [5, 0], [3, 0], 0.5],
    [
      "with another condition",
      (ir: Ir): Expr => ir.and(level(ir), ir.compare("gt", ir.state(1), ir.const(0))),
      [5, 1],
      [3, 1],
      0.5,
    ],
  ] as const)("%s", (_name, condition, states, before, wanted) => {
    expect(fraction(condition, [...states], [...before])).toBe(wanted);
  });
});

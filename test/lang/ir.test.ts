import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Environment, evaluate, inOrder, Ir, print } from "../../src/lang/ir.js";
import { build, choices, VALUES } from "./arbitrary.js";

const math = { exp: Math.exp, tanh: Math.tanh };

describe("interning", () => {
  it("equal operations on equal operands are one node, sums and products in either order", () => {
    const ir = new Ir();
    const [x, y] = [ir.state(0), ir.param(0)];
    expect(ir.add(x, y)).toBe(ir.add(y, x));
    expect(ir.mul(ir.add(x, y), y)).toBe(ir.mul(y, ir.add(y, x)));
    expect(ir.sub(x, y)).not.toBe(ir.sub(y, x));
    expect(ir.const(0)).not.toBe(ir.const(-0));
    expect(ir.call("exp", x)).toBe(ir.call("exp", x));
  });

  it("operands have lower numbers than what is made of them", () => {
    const ir = new Ir();
    const e = ir.call("exp", ir.mul(ir.add(ir.state(0), ir.const(2)), ir.param(1)));
    for (const node of inOrder([e])) for (const a of node.args) expect(a.id).toBeLessThan(node.id);
  });

  it("refuses conditions where numbers belong, and the wrong number of arguments", () => {
    const ir = new Ir();
    expect(() => ir.add(ir.boolean(true), ir.state(0))).toThrow("add: a number is expected, not a boolean");
    expect(() => ir.select(ir.state(0), ir.state(0), ir.state(0))).toThrow("select: a boolean is expected");
    expect(() => ir.call("exp", ir.state(0), ir.state(0))).toThrow("exp takes 1 arguments, not 2");
  });
});

describe("simplifying", () => {
  const ir = new Ir(math);
  const x = ir.state(0);
  it.each([
    ["x*1", ir.mul(x, ir.const(1)), x],
    ["x-0", ir.sub(x, ir.const(0)), x],
    ["x+(-0)", ir.add(x, ir.const(-0)), x],
    ["--x", ir.neg(ir.neg(x)), x],
    ["x/2", ir.div(x, ir.const(2)), ir.mul(x, ir.const(0.5))],
    ["x+-y", ir.add(x, ir.neg(ir.param(0))), ir.sub(x, ir.param(0))],
    ["2*3", ir.mul(ir.const(2), ir.const(3)), ir.const(6)],
    ["exp(1)", ir.call("exp", ir.const(1)), ir.const(Math.exp(1))],
    ["x**3", ir.power(x, ir.const(3)), ir.mul(ir.mul(x, x), x)],
    ["x**-2", ir.power(x, ir.const(-2)), ir.div(ir.const(1), ir.mul(x, x))],
    ["x**0.5", ir.power(x, ir.const(0.5)), ir.sqrt(x)],
    ["x if True else y", ir.select(ir.boolean(true), x, ir.param(0)), x],
  ])("%s", (_text, got, wanted) => {
    expect(got).toBe(wanted);
  });

  it("keeps what would lose a sign or a value that is no number", () => {
    for (const e of [ir.add(x, ir.const(0)), ir.mul(x, ir.const(0)), ir.sub(x, x), ir.div(x, ir.const(3))])
      expect(e.args).toHaveLength(2);
    expect(ir.call("log", ir.const(2)).op).toBe("call");
  });

  it("keeps the bits of any expression", () => {
    fc.assert(
      fc.property(choices, fc.tuple(VALUES, VALUES, VALUES), (list, [a, b, c]) => {
        // The same nodes over constants fold to a number; over leaves they are evaluated.
        const folded = new Ir(math);
        const whole = new Ir();
        const constants = build(
          folded,
          list,
          [a, b, c].map((v) => folded.const(v)),
          ["exp", "tanh"],
        );
        const leaves = build(whole, list, [whole.state(0), whole.state(1), whole.state(2)], ["exp", "tanh"]);
        expect(constants.op).toBe("const");
        expect(evaluate(leaves, { states: [a, b, c], math })).toBe(constants.value);
      }),
    );
  });
});

describe("dependence", () => {
  const ir = new Ir();
  it("knows all leaves", () => {
    const e = ir.add(ir.mul(ir.state(1), ir.param(0)), ir.call("exp", ir.t));
    expect([...ir.leaves(e)]).toEqual([ir.state(1), ir.param(0), ir.t]);
    expect(ir.dependsOn(e, "state")).toBe(true);
    expect(ir.dependsOn(e, "input", "dt")).toBe(false);
  });
});

describe("linear forms", () => {
  const ir = new Ir();
  const [v, w, a, b] = [ir.state(0), ir.state(1), ir.param(0), ir.param(1)];
  const environment: Environment = { states: [0.3, -1.7], params: [2.5, -0.75], input: 4, math };

  it.each([
    ["a*(b - v)", ir.mul(a, ir.sub(b, v))],
    ["-(v - b)/a + w", ir.add(ir.div(ir.neg(ir.sub(v, b)), a), w)],
    ["a*(1 - v) - b*v", ir.sub(ir.mul(a, ir.sub(ir.const(1), v)), ir.mul(b, v))],
    ["v if w > 0 else a*v + b", ir.select(ir.compare("gt", w, ir.const(0)), v, ir.add(ir.mul(a, v), b))],
    ["exp(w)*v", ir.mul(ir.call("exp", w), v)],
  ])("%s", (_text, e) => {
    const form = ir.affine(e, v);
    expect(form && ir.leaves(form.slope).has(v)).toBe(false);
    const sum = ir.add(ir.mul(form?.slope ?? v, v), form?.offset ?? v);
    expect(evaluate(sum, environment)).toBeCloseTo(evaluate(e, environment), 12);
  });

  it.each([
    ["v*v", ir.mul(v, v)],
    ["exp(v)", ir.call("exp", v)],
    ["a/v", ir.div(a, v)],
    ["v if v > 0 else 0", ir.select(ir.compare("gt", v, a), v, a)],
  ])("%s is none", (_text, e) => {
    expect(ir.affine(e, v)).toBeUndefined();
  });

  it("in several leaves, but not in their product", () => {
    const form = ir.linear(ir.add(ir.mul(a, v), ir.sub(w, b)), [v, w]);
    expect(form?.slopes).toEqual([a, ir.const(1)]);
    expect(form?.offset).toBe(ir.neg(b));
    expect(ir.linear(ir.mul(v, w), [v, w])).toBeUndefined();
  });
});

describe("printing", () => {
  const ir = new Ir();
  const names = { states: ["v", "w"], params: ["tau", "E"] };
  it.each([
    [ir.div(ir.sub(ir.param(1), ir.state(0)), ir.param(0)), "(E - v) / tau"],
    [ir.sub(ir.state(0), ir.sub(ir.state(1), ir.input)), "v - (w - I)"],
    [ir.neg(ir.add(ir.state(0), ir.const(-2))), "-(v + -2)"],
    [ir.and(ir.compare("ge", ir.state(0), ir.const(1)), ir.not(ir.refractory)), "v >= 1 and not refractory"],
    [
      ir.select(ir.compare("lt", ir.state(0), ir.param(1)), ir.call("exp", ir.state(1)), ir.const(0)),
      "exp(w) if v < E else 0",
    ],
  ])("%#", (e, text) => {
    expect(print(e, names)).toBe(text);
  });
});

/** Derivatives of expressions, against differences. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Core } from "../../src/core/core.js";
import { derivative } from "../../src/lang/differentiate.js";
import { evaluate, type Expr, FUNCTIONS, type FunctionName, inOrder, Ir, type Mathematics } from "../../src/lang/ir.js";

let math: Mathematics;
beforeAll(async () => {
  const { exports } = await Core.create();
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  math = Object.fromEntries(names.map((name) => [name, exports[name]]));
});

/** By central differences with two steps; undefined where they or both sides do not agree: a kink or a pole is near. */
function difference(f: (x: number) => number, x: number): number | undefined {
  const h = 1e-4;
  const slope = (step: number): number => (f(x + step) - f(x - step)) / (2 * step);
  const [wide, narrow] = [slope(2 * h), slope(h)];
  const found = (4 * narrow - wide) / 3;
  const size = Math.max(1, Math.abs(found));
  const sides = Math.abs(f(x + h) - 2 * f(x) + f(x - h)) / h;
  return Math.abs(wide - narrow) <= 1e-5 * size && sides <= 1e-2 * size ? found : undefined;
}

const at = (e: Expr, x: number, y: number): number => evaluate(e, { states: [x, y], math });

describe("functions", () => {
  /** Points where each is defined, 0 and a small number among them where it is. */
  const points: Readonly<Partial<Record<FunctionName, readonly number[]>>> = {
    log: [0.3, 2],
    log10: [0.3, 2],
    log1p: [-0.5, 0, 3],
    asin: [-0.6, 0.2],
    acos: [-0.6, 0.2],
    exprel: [-3, -0.002, -0.0005, 0, 1e-9, 0.0009, 0.0011, 2],
  };
  it.each(Object.keys(FUNCTIONS).filter((name) => name !== "pow") as FunctionName[])("%s", (name) => {
    const ir = new Ir(math);
    const x = ir.state(0);
    const e = ir.call(name, x);
    const slope = derivative(ir, e, x);
    for (const value of points[name] ?? [-1.2, 0, 0.7]) {
      const wanted = difference((z) => at(e, z, 0), value);
      expect(wanted).toBeDefined();
      expect(at(slope, value, 0)).toBeCloseTo(wanted as number, 8);
    }
  });

  it("powers of both kinds", () => {
    const ir = new Ir(math);
    const [x, y] = [ir.state(0), ir.state(1)];
    for (const exponent of [ir.const(3), ir.const(-2), ir.const(0.5), ir.const(2.7), y, ir.mul(x, y)]) {
      const e = ir.power(x, exponent);
      const [byX, byY] = [derivative(ir, e, x), derivative(ir, e, y)];
      expect(at(byX, 1.3, 0.8)).toBeCloseTo(difference((z) => at(e, z, 0.8), 1.3) as number, 8);
      expect(at(byY, 1.3, 0.8)).toBeCloseTo(difference((z) => at(e, 1.3, z), 0.8) as number, 8);
    }
  });

  it("the branch that the value comes from; steps do not move", () => {
    const ir = new Ir(math);
    const [x, y] = [ir.state(0), ir.state(1)];
    const slopes = (e: Expr): number[] => [-2, 2].map((value) => at(derivative(ir, e, x), value, 0.5));
    expect(slopes(ir.abs(x))).toEqual([-1, 1]);
    expect(slopes(ir.max(x, y))).toEqual([0, 1]);
    expect(slopes(ir.min(x, y))).toEqual([1, 0]);
    expect(slopes(ir.select(ir.compare("lt", x, y), ir.mul(x, x), ir.const(3)))).toEqual([-4, 0]);
    expect(slopes(ir.floor(x))).toEqual([0, 0]);
  });

  it("what does not move is 0, even where the rest is not defined", () => {
    const ir = new Ir(math);
    const [x, y] = [ir.state(0), ir.state(1)];
    expect(derivative(ir, ir.call("log", y), x)).toBe(ir.const(0));
    expect(derivative(ir, ir.div(y, ir.const(0)), x)).toBe(ir.const(0));
    expect(() => derivative(ir, ir.compare("lt", x, y), x)).toThrow(RangeError);
  });
});

/**
 * Numbers that are no special ones: at a point where a branch holds for that point alone there is nothing to compare.
 */
const apart = (offset: number): fc.Arbitrary<number> =>
  fc.integer({ min: -2000, max: 2000 }).map((k) => k / 1000 + offset);

it("random expressions", () => {
  const ir = new Ir(math);
  const leaf = fc.oneof(
    fc.constant(ir.state(0)),
    fc.constant(ir.state(1)),
    apart(0.000123).map((value) => ir.const(value)),
  );
  const { tree } = fc.letrec<{ tree: Expr }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc
        .tuple(fc.constantFrom("add", "sub", "mul", "div", "min", "max"), tie("tree"), tie("tree"))
        .map(([op, a, b]) => ir.make(op, a, b)),
      fc
        .tuple(fc.constantFrom("exp", "sin", "tanh", "atan", "exprel", "expm1"), tie("tree"))
        .map(([name, a]) => ir.call(name, a)),
      fc.tuple(tie("tree"), tie("tree"), tie("tree")).map(([a, b, c]) => ir.select(ir.compare("lt", a, b), b, c)),
    ),
  }));
  let compared = 0;
  fc.assert(
    fc.property(tree, apart(0.000317), apart(0.000713), (e, x, y) => {
      const wanted = difference((z) => at(e, z, y), x);
      // numbers within it that are none, or huge, have no slope to speak of
      const calm = inOrder([e]).every((node) => node.type === "boolean" || Math.abs(at(node, x, y)) < 1e4);
      if (wanted === undefined || !calm || !(Math.abs(wanted) < 1e4)) return;
      compared++;
      expect(Math.abs(at(derivative(ir, e, ir.state(0)), x, y) - wanted)).toBeLessThan(
        1e-4 * Math.max(1, Math.abs(wanted)),
      );
    }),
    { numRuns: 2000, seed: 4 },
  );
  expect(compared).toBeGreaterThan(1000);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrange } from "../../src/lang/arrange.js";
import { evaluate, type Expr, Ir, print } from "../../src/lang/ir.js";
import { cases } from "../cases.js";

const names = { states: ["v", "w"], params: ["a", "b"] };
const ir = new Ir();
const [v, w, a, b, I] = [ir.state(0), ir.state(1), ir.param(0), ir.param(1), ir.column("I0")];
const isFixed = (e: Expr): boolean => !ir.dependsOn(e, "state", "column", "t");
const arranged = (e: Expr): string => print(arrange(ir, v, e, isFixed), names);

describe("a polynomial", () => {
  it("multiplies out what is fixed", () => {
    expect(arranged(ir.mul(a, ir.sub(b, v)))).toBe("-a * v + a * b");
  });
  it("goes down the powers of the state", () => {
    const square = ir.mul(ir.mul(a, ir.sub(v, b)), ir.sub(v, w));
    expect(arranged(ir.add(square, ir.mul(a, ir.mul(v, v))))).toMatch(/^\(.* \* v \+ .*\) \* v \+ /);
  });
  it("has states first, then what all neurons share, then numbers", () => {
    const e = ir.mul(b, ir.add(ir.mul(a, ir.sub(w, v)), ir.add(a, I)));
    expect(arranged(e)).toBe("b * -a * v + (a * b * w + (b * I0 + a * b))");
  });
  it("adds equal terms", () => {
    expect(arranged(ir.add(ir.add(ir.mul(a, v), w), ir.mul(b, v)))).toBe("(a + b) * v + w");
  });
  it("divides by what is fixed", () => {
    expect(arranged(ir.mul(b, ir.div(v, a)))).toBe("b * (1 / a) * v");
  });
  it("takes functions and other states as they are", () => {
    const e = ir.call("exp", ir.sub(v, b));
    expect(arranged(ir.mul(b, ir.mul(a, ir.sub(e, v))))).toBe("b * -a * v + a * b * exp(v - b)");
  });
  it("stays in the order of the text where that takes fewer operations", () => {
    const product = ir.mul(ir.sub(v, w), ir.sub(w, ir.abs(v)));
    expect(arrange(ir, v, product, isFixed)).toBe(product);
  });
  it("stays where it has too many terms", () => {
    const sum = [...Array(14).keys()].map((j) => ir.mul(a, ir.state(j + 2))).reduce((p, q) => ir.add(p, q));
    expect(arrange(ir, v, ir.mul(b, sum), isFixed)).toBe(ir.mul(b, sum));
  });
  it("leaves out what is multiplied by 0", () => {
    expect(arranged(ir.mul(a, ir.add(ir.mul(ir.const(0), w), ir.sub(b, v))))).toBe("-a * v + a * b");
  });
});

/** Sums, differences and products of a few leaves. */
const polynomial: fc.Arbitrary<Expr> = fc.letrec<{ e: Expr }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(v, w, a, b, I, ir.const(2)),
    fc.tuple(fc.constantFrom("add", "sub", "mul"), tie("e"), tie("e")).map(([op, p, q]) => ir.make(op as "add", p, q)),
  ),
})).e;

it("has the value of the text, up to the rounding of its terms", () => {
  const numbers = { states: [-1.25, 0.5], params: [3, -0.75], columns: { I0: 1.5 } };
  fc.assert(
    fc.property(polynomial, (e) => {
      // All numbers are small multiples of a power of two: nothing is rounded. A zero may have another sign.
      expect(evaluate(arrange(ir, v, e, isFixed), numbers) + 0).toBe(evaluate(e, numbers) + 0);
    }),
    { numRuns: cases(2000) },
  );
});

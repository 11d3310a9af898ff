/** Expressions on a tape and over intervals, against their values. */
import { describe, expect, it } from "vitest";
import { bounds } from "../../src/lang/interval.js";
import { evaluate, type Expr, type FunctionName, FUNCTIONS, Ir } from "../../src/lang/ir.js";
import { Tape } from "../../src/lang/tape.js";
import { HOST } from "../../src/model/own.js";
import { cases } from "../cases.js";

/** A random expression over the state 0. */
function expression(ir: Ir, next: () => number, depth: number): Expr {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  if (depth === 0) return next() < 0.6 ? ir.state(0) : ir.const(Math.round(40 * next() - 20) / 4);
  const inner = (): Expr => expression(ir, next, depth - 1);
  switch (pick(["add", "sub", "mul", "div", "min", "max", "neg", "abs", "call", "pow", "select", "floor"])) {
    case "add":
      return ir.add(inner(), inner());
    case "sub":
      return ir.sub(inner(), inner());
    case "mul":
      return ir.mul(inner(), inner());
    case "div":
      return ir.div(inner(), inner());
    case "min":
      return ir.min(inner(), inner());
    case "max":
      return ir.max(inner(), inner());
    case "neg":
      return ir.neg(inner());
    case "abs":
      return ir.abs(inner());
    case "floor":
      return pick([ir.floor(inner()), ir.ceil(inner()), ir.trunc(inner()), ir.sqrt(inner())]);
    case "pow":
      return ir.power(inner(), ir.const(pick([2, 3, 0.5, 1.5, -1, 17, 18])));
    case "select": {
      const condition = ir.compare(pick(["lt", "le", "gt", "ge", "eq", "ne"] as const), inner(), inner());
      const other = ir.compare("lt", inner(), inner());
      return ir.select(
        pick([condition, ir.not(condition), ir.and(condition, other), ir.or(condition, other)]),
        inner(),
        inner(),
      );
    }
    default: {
      const names = (Object.keys(FUNCTIONS) as FunctionName[]).filter((name) => FUNCTIONS[name] === 1);
      return ir.call(pick(names), inner());
    }
  }
}

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a random expression", () => {
  it("lies within its bounds wherever the state is, and a tape gives the same bits", () => {
    const next = numbers(7);
    let narrow = 0;
    for (let round = 0; round < cases(4000); round++) {
      const ir = new Ir(HOST);
      const e = expression(ir, next, 1 + Math.floor(4 * next()));
      const middle = 20 * next() - 10;
      const width = 10 ** (-4 * next());
      const at = { low: middle - width, high: middle + width };
      const { low, high } = bounds(e, ir.state(0), at, HOST);
      if (high - low < 100) narrow++;
      const tape = new Tape([e, ir.state(0)], HOST);
      for (let k = 0; k <= 20; k++) {
        const x = Math.min(at.high, at.low + ((at.high - at.low) * k) / 20);
        const value = evaluate(e, { states: [x], math: HOST });
        const out = tape.run({ states: [x], params: [], input: 0 }, new Float64Array(2));
        expect(Object.is(out[0], value) || (Number.isNaN(out[0]) && Number.isNaN(value))).toBe(true);
        if (Number.isNaN(value)) continue;
        expect(value, `x = ${x}`).toBeGreaterThanOrEqual(low);
        expect(value, `x = ${x}`).toBeLessThanOrEqual(high);
      }
    }
    // the bounds say something
    expect(narrow).toBeGreaterThan(cases(4000) / 3);
  });
});

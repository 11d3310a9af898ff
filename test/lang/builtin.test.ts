/** The built-in models in the equation language: from their records, and as a user would write them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelRecord } from "../../src/model/record.js";
import { compileModel } from "../../src/lang/check.js";
import { Diagnostics } from "../../src/lang/diagnostics.js";
import { evaluate, Ir, type IrModel, type Mathematics } from "../../src/lang/ir.js";
import { lowerModel } from "../../src/lang/lower.js";
import { parseExpression } from "../../src/lang/parser.js";
import { Source } from "../../src/lang/source.js";
import { compile, type Scope } from "../contract/expression.js";
import { definitionOf } from "../../src/model/own.js";
import { records, withUnits } from "./builtin.js";

/** Functions of the host: here both sides of a comparison take the same. */
const math: Mathematics = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  cosh: Math.cosh,
  pow: Math.pow,
  exprel: (x) => (x === 0 ? 1 : Math.expm1(x) / x),
};

const asWritten = (record: ModelRecord): IrModel =>
  lowerModel(compileModel(definitionOf(record), { bare: true }), new Ir());
const byUser = (record: ModelRecord): IrModel => lowerModel(compileModel(withUnits(record)), new Ir());

/** States and parameters near those of a record, with an input. */
const points = (record: ModelRecord): fc.Arbitrary<{ states: number[]; params: number[]; input: number }> =>
  fc.record({
    states: fc.tuple(
      ...Object.keys(record.states).map((_, i) =>
        i === 0 ? fc.double({ min: -90, max: -20, noNaN: true }) : fc.double({ min: 0, max: 1, noNaN: true }),
      ),
    ),
    params: fc.tuple(
      ...Object.values(record.params).map(({ default: value }) =>
        fc.double({ min: 0.8, max: 1.25, noNaN: true }).map((x) => x * value),
      ),
    ),
    input: fc.double({ min: -100, max: 500, noNaN: true }),
  });

/** Derivatives by the evaluator of the contract tests. */
function reference(record: ModelRecord, states: number[], params: number[], input: number): number[] {
  const scope: Record<string, number> = { I: input };
  for (const [i, name] of Object.keys(record.states).entries()) scope[name] = states[i] as number;
  for (const [i, name] of Object.keys(record.params).entries()) scope[name] = params[i] as number;
  if (record.clipped) scope.v = Math.min(scope.v as number, scope[record.threshold] as number);
  for (const [name, text] of Object.entries(record.functions ?? {})) scope[name] = compile(text)(scope);
  return Object.values(record.equations).map((text) => compile(text)(scope as Scope));
}

describe.each(records.map((record) => [record.id, record] as const))("%s", (_, record) => {
  it("is compiled from its record's texts", () => {
    expect(compileModel(definitionOf(record), { bare: true }).warnings).toEqual([]);
    const model = asWritten(record);
    expect(model.states.map((one) => one.name)).toEqual(Object.keys(record.states));
    expect(model.params.map((one) => one.name)).toEqual(Object.keys(record.params));
    expect(model.params.every((one) => one.factor === 1)).toBe(true);
    expect(model.crossing).toBe(record.family === "membrane");
  });

  it("has no mistake when it is written with units", () => {
    expect(compileModel(withUnits(record)).warnings).toEqual([]);
  });

  it("has the derivatives of its record, written either way", () => {
    const models = [asWritten(record), byUser(record)];
    fc.assert(
      fc.property(points(record), ({ states, params, input }) => {
        const wanted = reference(record, states, params, input);
        const env = { states, params, input, math };
        const [a, b] = models.map((model) => model.states.map(({ derivative }) => evaluate(derivative as never, env)));
        // the unit of a rate is a factor of 1, and powers are products
        expect(a).toEqual(b);
        for (const [i, value] of wanted.entries()) {
          const scale = Math.abs(value) + Math.abs(input) + 1000;
          expect(Math.abs((a?.[i] as number) - value)).toBeLessThan(1e-12 * scale);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("has coefficients whose texts can be read, but for those that are sentences", () => {
    const sentences = record.id === "adaptiveLif" ? ["Pvv", "Pvw", "Pwv", "Pww", "Pvi", "Pwi"] : [];
    const unread = Object.entries(record.coefficients).filter(([name, text]) => {
      const diagnostics = new Diagnostics();
      parseExpression(new Source(name, text), diagnostics, { caret: true });
      return diagnostics.failed;
    });
    expect(unread.map(([name]) => name)).toEqual(sentences);
  });
});

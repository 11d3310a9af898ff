/** Random expressions as the equation of a state: the evaluator, kernels with vectors and without, and the twin. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { integrate } from "../../src/lang/integrate.js";
import { type Expr, evaluate, type FunctionName, Ir } from "../../src/lang/ir.js";
import { plan } from "../../src/lang/plan.js";
import { cases } from "../cases.js";
import { random } from "../reference/random.js";
import { bare, state } from "./build.js";
import { build, choices, VALUES } from "./arbitrary.js";
import { type Form, Machine } from "./machine.js";

const SIZE = 37;
const machine = await Machine.create();
const functions = Object.keys(machine.math) as FunctionName[];

describe("random expressions", () => {
  it("give the same bits from the evaluator and from every form of a kernel", () => {
    let calls = 0;
    fc.assert(
      fc.property(choices, fc.array(VALUES, { minLength: 3, maxLength: 6 }), fc.nat(), (list, values, seed) => {
        const ir = new Ir(machine.math);
        const leaves: Expr[] = [ir.state(0), ir.state(1), ir.param(0), ir.param(1), ir.input, ir.t, ir.index, ir.size];
        const f = build(ir, list, leaves, functions);
        if (ir.dependsOn(f, "state") && f.op !== "state") calls++;
        const model = bare(ir, {
          states: [state("v", ir.const(0)), state("x", f)],
          params: ["common", "own"].map((name) => ({ name, unit: "", factor: 1 })),
        });
        const program = integrate(ir, model, "euler", { conducts: false, jumps: false });
        const next = random(seed);
        const column = Array.from({ length: SIZE }, () => values[Math.floor(next() * values.length)] as number);
        const own = [...column].reverse();
        const neurons = {
          size: SIZE,
          dt: 0.1,
          params: [values[0] as number, own],
          states: [0.5, column],
          inputs: { I0: column },
          now: 7,
          offset: 3,
        };
        const built = plan(program, { perNeuron: [1] });
        const got = (form: Form): number[] =>
          machine.within(() => Array.from(machine.load(built, neurons, form).run().states[1] as Float64Array));
        const wanted = column.map((x, n) =>
          evaluate(program.next[1] as Expr, {
            states: [0.5, x],
            params: [values[0] as number, own[n] as number],
            columns: { I0: x },
            dt: 0.1,
            t: 7 * 0.1,
            index: 3 + n,
            size: SIZE,
            math: machine.math,
          }),
        );
        for (const form of ["simd", "scalar", "twin"] as const) expect(got(form), form).toEqual(wanted);
      }),
      { numRuns: cases(300) },
    );
    // Most have something to compute.
    expect(calls).toBeGreaterThan(cases(100));
  });
});

/** What happens to single neurons at the end of a step, in every form of a kernel. */
import { describe, expect, it } from "vitest";
import { integrate, type Inputs, type StepMethod } from "../../src/lang/integrate.js";
import { type Expr, Ir, type IrModel } from "../../src/lang/ir.js";
import { plan } from "../../src/lang/plan.js";
import { bare, state } from "./build.js";
import { type Form, Machine, type Neurons, type Outcome } from "./machine.js";

const machine = await Machine.create();
const FORMS: readonly Form[] = ["simd", "scalar", "checked", "twin"];

interface Case {
  readonly model: (ir: Ir) => Partial<IrModel>;
  readonly neurons: Partial<Neurons> & Pick<Neurons, "states">;
  readonly steps?: number;
  readonly method?: StepMethod;
  readonly inputs?: Inputs;
}

function run(
  { model, neurons, steps = 1, method = "euler", inputs = { conducts: false, jumps: false } }: Case,
  form: Form,
): Outcome {
  const ir = new Ir(machine.math);
  const built = plan(integrate(ir, bare(ir, model(ir)), method, inputs));
  return machine.within(() => machine.load(built, { size: 20, dt: 1, params: [], ...neurons }, form).run(steps));
}

const each = it.each(FORMS.map((form) => [form] as const));
const first = (x: Float64Array | undefined, count: number): number[] => [...(x ?? [])].slice(0, count);

/** v moves by I in each ms and spikes at 1. */
const counter =
  (more: (ir: Ir) => Partial<IrModel> = () => ({})) =>
  (ir: Ir): Partial<IrModel> => ({
    states: [state("v", ir.input), state("w", undefined)],
    threshold: ir.compare("ge", ir.state(0), ir.const(1)),
    reset: [
      { state: 0, value: ir.const(0) },
      { state: 1, value: ir.add(ir.state(1), ir.state(0)) },
    ],
    ...more(ir),
  });

describe("spikes", () => {
  each("are logged in order with their place in the step; resets see the state at the end of the step: %s", (form) => {
    const I0 = Array.from({ length: 20 }, (_, n) => (n % 3 === 0 ? 2 : 0.25));
    const { spikes, fractions, states } = run({ model: counter(), neurons: { states: [0, 0], inputs: { I0 } } }, form);
    expect(spikes).toEqual([0, 3, 6, 9, 12, 15, 18]);
    expect(fractions).toEqual(spikes.map(() => 0.5));
    expect(first(states[0], 4)).toEqual([0, 0.25, 0.25, 0]);
    expect(first(states[1], 4)).toEqual([2, 0, 0, 2]);
  });

  each("come from no padding: %s", (form) => {
    const { spikes } = run({ model: counter(), neurons: { size: 3, states: [[0, 0, 5], 0], inputs: { I0: 0 } } }, form);
    expect(spikes).toEqual([2]);
  });

  each("none while v is held, and arriving jumps are lost: %s", (form) => {
    const model = counter((ir) => ({ refractory: { kind: "time", value: ir.const(2) } }));
    const inputs = { conducts: false, jumps: true };
    const { spikes, states } = run(
      { model, neurons: { size: 1, states: [0, 0], inputs: { I0: 0.75, jumps: 0.5 } }, steps: 7, inputs },
      form,
    );
    // Steps 0, 3 and 6.
    expect(spikes).toEqual([0, 0, 0]);
    expect(first(states[1], 1)).toEqual([3.75]);
  });

  each("a condition of the time or of parameters alone: %s", (form) => {
    const model = (ir: Ir): Partial<IrModel> => {
      const within = (e: Expr, low: number, high: number): Expr =>
        ir.and(ir.compare("gt", e, ir.const(low)), ir.compare("lt", e, ir.const(high)));
      return {
        states: [state("v", ir.input), state("w", undefined)],
        params: [{ name: "p", unit: "", factor: 1 }],
        events: [
          {
            name: "time",
            condition: within(ir.t, 1.5, 3.5),
            reset: [{ state: 0, value: ir.add(ir.state(0), ir.const(1)) }],
          },
          {
            name: "parameter",
            condition: within(ir.param(0), 0, 2),
            reset: [{ state: 1, value: ir.add(ir.state(1), ir.const(1)) }],
          },
        ],
      };
    };
    for (const p of [1, 3]) {
      const { events, states } = run(
        { model, neurons: { size: 2, params: [p], states: [0, 0], inputs: { I0: 0 } }, steps: 5 },
        form,
      );
      expect(events).toEqual([[0, 1, 0, 1], p === 1 ? Array.from({ length: 10 }, (_, k) => k % 2) : []]);
      expect([first(states[0], 2), first(states[1], 2)]).toEqual([[2, 2], p === 1 ? [5, 5] : [0, 0]]);
    }
  });

  each("jumps of other states arrive ahead of the threshold, and are lost while these are held: %s", (form) => {
    const model = (ir: Ir): Partial<IrModel> => ({
      states: [
        state("v", ir.state(1), { flags: { unlessRefractory: true } }),
        state("g", undefined, { flags: { unlessRefractory: true } }),
        state("h", undefined),
      ],
      threshold: ir.compare("ge", ir.state(1), ir.const(2)),
      reset: [{ state: 1, value: ir.const(0) }],
      refractory: { kind: "time", value: ir.const(2) },
    });
    const inputs = { conducts: false, jumps: false, landings: [1, 2] };
    const neurons = { size: 3, states: [0, 0, 0], landings: { 1: [0.5, 1, 2], 2: [1, 2, 3] } };
    const { spikes, states } = run({ model, neurons, steps: 5, inputs }, form);
    // neuron 1 in step 1, neuron 2 in steps 0 and 3, neuron 0 in step 3
    expect(spikes).toEqual([2, 1, 0, 2]);
    expect([...(states[1] as Float64Array)]).toEqual([0, 1, 0]);
    expect([...(states[2] as Float64Array)]).toEqual([5, 10, 15]);
    expect([...(states[0] as Float64Array)]).toEqual([0.5 + 1 + 1.5, 1, 0]);
  });

  each("none while another state is held either: %s", (form) => {
    const model = counter((ir) => ({
      states: [state("v", ir.input), state("w", ir.const(1), { flags: { unlessRefractory: true } })],
      refractory: { kind: "time", value: ir.const(2) },
    }));
    const { spikes, states } = run({ model, neurons: { size: 1, states: [0, 0], inputs: { I0: 1 } }, steps: 3 }, form);
    expect(spikes).toEqual([0]);
    expect([states[0]?.[0], states[1]?.[0]]).toEqual([2, 2]);
  });

  each("with a time that depends on the state after the reset: %s", (form) => {
    const model = counter((ir) => ({ refractory: { kind: "time", value: ir.state(1) } }));
    const { until } = run(
      {
        model,
        neurons: {
          size: 2,
          states: [
            [2, 3],
            [1, 1],
          ],
          inputs: { I0: 0 },
          now: 10,
        },
      },
      form,
    );
    expect([...until]).toEqual([13, 14]);
  });
});

describe("a detector", () => {
  const wave = (ir: Ir): Partial<IrModel> => ({
    states: [state("v", ir.input)],
    threshold: ir.compare("ge", ir.state(0), ir.const(1)),
    crossing: true,
  });

  each("sees upward crossings without a reset: %s", (form) => {
    const { spikes, armed } = run(
      {
        model: wave,
        neurons: { size: 2, states: [[0, 5]], armed: [true, false], inputs: { I0: [0.5, -1.5] } },
        steps: 6,
      },
      form,
    );
    // The second began above, and has come back below.
    expect(spikes).toEqual([0]);
    expect(armed).toEqual([false, true]);
  });

  each("waits until a condition has ended: %s", (form) => {
    const model = counter((ir) => ({
      refractory: { kind: "condition", value: ir.compare("gt", ir.state(1), ir.const(2)) },
    }));
    const { spikes, armed } = run({ model, neurons: { size: 1, states: [0, 0], inputs: { I0: 1 } }, steps: 5 }, form);
    // w is 1, 2, 3 after the spikes; then the condition holds for ever.
    expect(spikes).toEqual([0, 0, 0]);
    expect(armed).toEqual([false]);
  });
});

describe("events of one's own", () => {
  const model = counter((ir) => ({
    events: [
      {
        name: "low",
        condition: ir.compare("lt", ir.state(0), ir.const(-1)),
        reset: [{ state: 0, value: ir.const(0.5) }],
      },
      {
        name: "high",
        condition: ir.compare("ge", ir.state(0), ir.const(1)),
        reset: [{ state: 1, value: ir.add(ir.state(0), ir.const(10)) }],
      },
    ],
  }));

  each("have logs and resets of their own, after that of the spike: %s", (form) => {
    const { spikes, events, states } = run(
      { model, neurons: { size: 3, states: [[0, 0, 0], 0], inputs: { I0: [-2, 0, 2] } } },
      form,
    );
    expect(spikes).toEqual([2]);
    expect(events).toEqual([[0], [2]]);
    expect([...(states[0] ?? [])]).toEqual([0.5, 0, 0]);
    expect([...(states[1] ?? [])]).toEqual([0, 0, 10]);
  });
});

describe("the guard", () => {
  const model = (ir: Ir): Partial<IrModel> => ({
    states: [state("v", ir.input), state("w", ir.mul(ir.input, ir.state(1)), { bounds: [-5, 5] })],
  });

  each("names neuron, state, value and the last good one: %s", (form) => {
    const neurons = { size: 4, states: [1, [0, 1, 1, 1]], inputs: { I0: [NaN, 0, 9, 1e10] } };
    expect(run({ model, neurons }, form).runaways).toEqual([
      { n: 0, state: 0, value: NaN, before: 1 },
      { n: 2, state: 1, value: 10, before: 1 },
      { n: 3, state: 0, value: 1e10 + 1, before: 1 },
    ]);
  });
});

describe("random numbers", () => {
  const normal = (ir: Ir): Partial<IrModel> => ({
    states: [
      state("v", undefined, { noise: [{ amplitude: ir.const(2), stream: 5 }] }),
      state("w", ir.random("uniform", 7)),
    ],
  });

  it("are those of stream, step and neuron in every form", () => {
    const neurons = { size: 300, states: [0, 0], now: 4, offset: 1600, dt: 0.25 };
    const [simd, ...others] = FORMS.map((form) => run({ model: normal, neurons, steps: 3 }, form).states);
    for (const states of others) expect(states).toEqual(simd);
    expect(new Set(simd?.[0]).size).toBe(300);
    expect((simd?.[1] ?? []).every((x) => x > 0 && x < 0.75)).toBe(true);
  });

  each("may be drawn by a reset: %s", (form) => {
    const model = counter((ir) => ({ reset: [{ state: 0, value: ir.random("uniform", 3) }] }));
    const { states } = run({ model, neurons: { size: 2, states: [0, 0], inputs: { I0: 1 } } }, form);
    const wanted = [0, 1].map((n) =>
      (machine.core.exports as unknown as { uniform: (...x: number[]) => number }).uniform(n, 11, 22, 3, 0),
    );
    expect(first(states[0], 2)).toEqual(wanted);
  });
});

describe("the debug form", () => {
  it("refuses an access outside of the population's own columns", () => {
    const ir = new Ir();
    const built = plan(
      integrate(ir, bare(ir, { states: [state("v", ir.input)] }), "euler", { conducts: false, jumps: false }),
    );
    const broken = { ...built, changed: [{ state: 1, value: built.changed[0]?.value as never }] };
    const load = (): unknown =>
      machine.load(broken as never, { size: 16, dt: 1, params: [], states: [0] }, "checked").run();
    expect(() => machine.within(load)).toThrow(/store|load of (4|16) bytes at/);
  });
});

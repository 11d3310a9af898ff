/** Below the threshold lif and adaptiveLif are linear: responses add up, scale, and are late when their cause is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adaptiveLif, type BackgroundInput, lif, type Method, receptor, Simulation } from "../../src/index.js";
import { holds, type Loose } from "./networks.js";
import { stepped } from "../methods.js";

const dt = 0.1;
const STEPS = 400;

interface Cell {
  readonly model: typeof lif | typeof adaptiveLif;
  readonly method: Method;
  readonly tau_m: number;
  readonly C_m: number;
  readonly tau: number;
}

const cells: fc.Arbitrary<Cell> = fc.constantFrom(lif, adaptiveLif).chain((model) =>
  fc.record({
    model: fc.constant(model),
    method: fc.constantFrom(...stepped<typeof lif | typeof adaptiveLif>(model)),
    tau_m: fc.double({ min: 2, max: 50, noNaN: true }),
    C_m: fc.double({ min: 50, max: 500, noNaN: true }),
    // Also equal to the membrane time constant of lif: no singularity there.
    tau: fc.constantFrom(1, 5, 10, 30),
  }),
);

/** A current without chance and the spikes of a source, through a current receptor and a delta receptor. */
interface Input {
  readonly background: readonly BackgroundInput[];
  readonly weight: number;
  readonly jump: number;
  readonly delaySteps: number;
}

const amplitude = fc.double({ min: -300, max: 300, noNaN: true });
const inputs: fc.Arbitrary<Input> = fc.record({
  background: fc.tuple(amplitude, amplitude, amplitude).map(([a, b, c]): BackgroundInput[] => [
    { kind: "constant", amplitude: a },
    { kind: "sine", amplitude: b, frequency: 37, phase: 1 },
    { kind: "pulses", amplitude: c, start: 3, width: 4, period: 11 },
    { kind: "ramp", start: 2, end: 30, from: b, to: a },
  ]),
  weight: amplitude,
  jump: fc.double({ min: -5, max: 5, noNaN: true }),
  delaySteps: fc.integer({ min: 1, max: 60 }),
});

/** Deflection of v from rest, sample by sample. */
async function response(cell: Cell, given: readonly Input[]): Promise<Float64Array> {
  const sim = await Simulation.create({ dt });
  const params = { tau_m: cell.tau_m, C_m: cell.C_m, E_L: 0, V_th: 1e5, V_reset: -1e5 };
  const source = sim.population("source", lif, 1, {
    background: [{ kind: "pulses", amplitude: 1e6, start: 2, width: 1 }],
  });
  const target = sim.population("target", cell.model, 1, {
    method: cell.method as "exact",
    params,
    receptors: { current: receptor.exponential({ tau: cell.tau }), jump: receptor.delta() },
    background: given.flatMap((x) => x.background),
  });
  for (const { weight, jump, delaySteps } of given) {
    const all = { rule: "allToAll", delay: delaySteps * dt } as const;
    sim.connect(source, target, { ...all, receptor: "current", weight });
    sim.connect(source, target, { ...all, receptor: "jump", weight: jump });
  }
  const v = sim.record(target, "v");
  await sim.run(STEPS * dt);
  return v.values(0);
}

function scaled(input: Input, factor: number): Input {
  const keys = ["amplitude", "from", "to"];
  const background = input.background.map(
    (entry) =>
      Object.fromEntries(Object.entries(entry).map(([k, x]) => [k, keys.includes(k) ? x * factor : x])) as Loose,
  );
  return { ...input, background, weight: input.weight * factor, jump: input.jump * factor };
}

function expectClose(actual: Float64Array, expected: Float64Array): void {
  const size = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  const off = actual.reduce((most, x, i) => Math.max(most, Math.abs(x - (expected[i] as number))), 0);
  expect(off / size).toBeLessThan(1e-11);
}

describe("linear neurons below the threshold", () => {
  it("the response to two inputs is the sum of the responses", async () => {
    let largest = 0;
    await holds(
      fc.asyncProperty(cells, inputs, inputs, async (cell, a, b) => {
        const [x, y] = [await response(cell, [a]), await response(cell, [b])];
        expectClose(
          await response(cell, [a, b]),
          x.map((value, i) => value + (y[i] as number)),
        );
        largest = Math.max(largest, ...x);
      }),
      60,
    );
    expect(largest).toBeGreaterThan(5);
  });

  it("the response scales with the input", async () => {
    await holds(
      fc.asyncProperty(cells, inputs, fc.constantFrom(-1, 0.5, 3), async (cell, input, factor) => {
        const x = await response(cell, [input]);
        expectClose(
          await response(cell, [scaled(input, factor)]),
          x.map((value) => factor * value),
        );
      }),
      40,
    );
  });

  it("without any input nothing moves", async () => {
    await holds(
      fc.asyncProperty(cells, async (cell) => {
        expect(await response(cell, [])).toEqual(new Float64Array(STEPS + 1));
      }),
      20,
    );
  });

  it("a delay longer by n steps shifts the response by n steps, bit for bit", async () => {
    await holds(
      fc.asyncProperty(cells, inputs, fc.integer({ min: 1, max: 100 }), async (cell, input, n) => {
        const pulse = { ...input, background: [] };
        const early = await response(cell, [pulse]);
        const late = await response(cell, [{ ...pulse, delaySteps: pulse.delaySteps + n }]);
        // What has died away becomes zero in steps that are not shifted.
        const there = (x: number): number => (Math.abs(x) < 1e-140 ? 0 : x);
        expect(late.subarray(n).map(there)).toEqual(early.subarray(0, STEPS + 1 - n).map(there));
        expect(late.subarray(0, n)).toEqual(new Float64Array(n));
        // The source fires in step 20; a jump with a delay of d steps is in v at the end of step 20 + d.
        const arrival = 21 + pulse.delaySteps;
        expect(early.subarray(0, arrival)).toEqual(new Float64Array(arrival));
        expect(early[arrival]).toBe(pulse.jump + 0);
      }),
      40,
    );
  });

  it("the exact method gives the same v at any dt, at the times they share", async () => {
    const at = async (step: number, cell: Cell, I: number): Promise<Float64Array> => {
      const sim = await Simulation.create({ dt: step });
      const params = { tau_m: cell.tau_m, C_m: cell.C_m, V_th: 1e5 };
      const options = { method: "exact", params, background: [{ kind: "constant", amplitude: I }] } as const;
      const v = sim.record(sim.population("p", cell.model as typeof lif, 1, options), "v", { every: 1 });
      await sim.run(40);
      return v.values(0);
    };
    await holds(
      fc.asyncProperty(cells, amplitude, async (cell, I) => {
        expectClose(await at(1, cell, I), await at(0.125, cell, I));
      }),
      30,
    );
  });
});

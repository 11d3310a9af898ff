/** Sums of what arrives in the place of touches: the numbers of lang/modes.ts against powers of the propagator. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type EventForm,
  eventForm,
  type EventReceptor,
  extremes,
  landsAt,
  wholeMatrix,
} from "../../src/lang/events.js";
import { Ir } from "../../src/lang/ir.js";
import { lowerModel } from "../../src/lang/lower.js";
import { modePlaces, modesOf, modeTable } from "../../src/lang/modes.js";
import { expm1Matrix } from "../../src/model/matrix.js";
import { builtInEquations } from "../../src/model/own.js";
import { adaptiveLif } from "../../src/models/index.js";
import { cases } from "../cases.js";
import { SEED } from "../property/networks.js";

const [JUMPS, DECAY, RISE] = (["jumps", "decay", "rise"] as const).map(
  (kind): EventReceptor => ({ kind, state: 0, arrives: true }),
) as [EventReceptor, EventReceptor, EventReceptor];
const GAIN = 1.5;

/** The two states of adaptiveLif, coupled as one likes, with receptors that have time constants. */
function system(
  receptors: readonly EventReceptor[],
  times: readonly (readonly [decay: number, rise: number])[],
  matrix: readonly (readonly number[])[] = [
    [-1 / 10, 0],
    [0, -1 / 100],
  ],
): { form: EventForm; a: number[] } {
  const ir = new Ir();
  const form = eventForm(ir, lowerModel(builtInEquations(adaptiveLif), ir), receptors);
  const a = wholeMatrix(
    form,
    { matrix, input: [0.04, 0], line: [1, 0] },
    times.map(([decay, rise]) => ({ decay, rise, gain: GAIN })),
  );
  return { form, a };
}

function table({ form, a }: ReturnType<typeof system>, dt: number): Float64Array {
  const c = Array.from({ length: form.size }, (_, j) => (j === 0 ? 1 : 0));
  const [never = []] = extremes(a, form.size, dt, c);
  return modeTable(form, a, dt, form.receptors.map(() => GAIN), never, c);
}

/** P^n e */
function moved(a: readonly number[], size: number, dt: number, n: number, place: number): number[] {
  const power = expm1Matrix(
    a.map((x) => x * dt * n),
    size,
  );
  return Array.from({ length: size }, (_, i) => (i === place ? 1 : 0) + (power[i * size + place] as number));
}

interface Arrival {
  readonly step: number;
  readonly receptor: number;
  readonly weight: number;
}

/** The vector that sums of arrivals stand for at step T, with the numbers as assembly/sums.ts reads them. */
function summed(form: EventForm, numbers: Float64Array, arrivals: readonly Arrival[], T: number): number[] {
  const { size } = form;
  const modes = modesOf(form);
  const { kinds, parts, powers, receptors: own } = modePlaces(form);
  const power = (mode: number, which: number, n: number): number => {
    const at = powers + (2 * mode + which) * 129;
    return (numbers[at + (n % 64)] as number) * (numbers[at + 64 + Math.floor(n / 64)] as number);
  };
  const out = new Array<number>(size).fill(0);
  for (let i = 0; i < modes; i++) {
    let sum = 0;
    for (const { step, receptor, weight } of arrivals) {
      const share = (numbers[own + receptor * (2 + modes) + 2 + i] as number) * power(i, 0, step);
      sum += weight * (numbers[kinds + i] === 1 ? share * step : share);
    }
    for (let j = 0; j < size; j++) {
      const [u, v] = [numbers[parts + i * size + j], numbers[parts + (modes + i) * size + j]] as [number, number];
      out[j] = (out[j] as number) + sum * power(i, 1, T) * (u + T * v);
    }
  }
  return out;
}

const tau = fc.oneof(fc.double({ min: 0.4, max: 40, noNaN: true }), fc.constantFrom(2, 5, 10, 100));
const list = fc.array(fc.tuple(fc.constantFrom(JUMPS, DECAY, RISE), tau, tau), { minLength: 1, maxLength: 3 });

describe("sums of arrivals", () => {
  it("are what the arrivals lead to, also where eigenvalues are double", () => {
    let used = 0;
    fc.assert(
      fc.property(
        list,
        fc.constantFrom(0.1, 0.5),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(2), fc.integer({ min: -50, max: 90 })), {
          minLength: 1,
          maxLength: 30,
        }),
        (receptors, dt, drawn) => {
          const made = system(
            receptors.map(([one]) => one),
            // Alpha functions have equal times.
            receptors.map(([, decay, rise]) => [decay, rise > 20 ? decay : rise]),
          );
          const { form, a } = made;
          const numbers = table(made, dt);
          expect(numbers.length).toBe(modePlaces(form).count);
          const span = numbers[0] as number;
          if (span === 0) return;
          used++;
          const arrivals = drawn.map(([when, receptor, weight]) => ({
            step: 1 + Math.floor(when * (span - 1)),
            receptor: receptor % receptors.length,
            weight,
          }));
          const scale = arrivals.reduce((sum, { weight }) => sum + Math.abs(weight), 1);
          for (const T of [span, Math.max(...arrivals.map(({ step }) => step))]) {
            const right = new Array<number>(form.size).fill(0);
            for (const { step, receptor, weight } of arrivals) {
              for (const [j, x] of moved(a, form.size, dt, T - step, landsAt(form, receptor)).entries())
                right[j] = (right[j] as number) + GAIN * weight * x;
            }
            for (const [j, x] of summed(form, numbers, arrivals, T).entries())
              expect(Math.abs(x - (right[j] as number))).toBeLessThan(1e-11 * scale);
          }
        },
      ),
      { numRuns: cases(100), seed: SEED, endOnFailure: true },
    );
    expect(used).toBeGreaterThan(cases(40));
  });

  it("say how near to the threshold a weight can bring a neuron", () => {
    const made = system([DECAY, JUMPS], [[5, 1], [1, 1]]);
    const numbers = table(made, 0.1);
    const own = numbers.length - 2 * 5;
    const modes = modesOf(made.form);
    expect(modes).toBe(3);
    // 0.04 times (e^-t/10 - e^-t/5)/(1/5 - 1/10), which is 10/4 at its peak.
    expect(numbers[own]).toBeGreaterThan(GAIN * 0.04 * 2.5 * 0.999);
    expect(numbers[own]).toBeLessThan(GAIN * 0.04 * 2.5 * 1.02);
    // A jump of v acts at once; what inhibits counts a little.
    expect(numbers[own + 5]).toBe(GAIN);
    expect(numbers[own + 6]).toBeCloseTo(-1e-4 * GAIN, 12);
  });

  const spanOf = (...given: Parameters<typeof system>): number => table(system(...given), 0.1)[0] as number;

  it("are made where time constants are equal, of two alpha functions and a membrane that is as slow", () => {
    expect(spanOf([DECAY], [[5, 1]])).toBe(4096);
    expect(spanOf([DECAY, DECAY], [[5, 1], [5, 1]])).toBe(4096);
    expect(spanOf([DECAY], [[10, 1]])).toBe(4096);
    expect(spanOf([RISE, RISE], [[5, 5], [5, 5]])).toBe(4096);
    // Real eigenvalues of coupled equations.
    expect(spanOf([DECAY], [[5, 1]], [[-1 / 10, -0.1], [0.0005, -1 / 100]])).toBe(4096);
  });

  it("are shared by receptors: what differs is how far each drives the same states", () => {
    const coupled = [[-1 / 10, -0.1], [0.0005, -1 / 100]];
    const taus = [3, 5, 7].map((tau): [number, number] => [tau, 1]);
    // Two modes of the states and one of each receptor.
    expect(spanOf([DECAY, DECAY, DECAY], taus, coupled)).toBe(4096);
  });

  it("have origins as far apart as powers allow", () => {
    expect(spanOf([DECAY], [[0.4, 1]])).toBe(2048);
    expect(spanOf([DECAY], [[0.11, 1]])).toBe(512);
  });

  it.each([
    ["eigenvalues are complex", [DECAY], [[5, 1]], [[-1 / 10, -1], [0.01, -1 / 100]]],
    ["eigenvalues are so near to each other that their terms cancel", [DECAY], [[10 + 1e-9, 1]], undefined],
    ["three are equal in one chain", [RISE], [[10, 10]], undefined],
    ["powers grow too fast", [DECAY], [[0.01, 1]], undefined],
    ["nothing arrives", [{ ...DECAY, arrives: false }], [[5, 1]], undefined],
  ] as const)("are not made where %s", (_, receptors, times, matrix) => {
    expect(spanOf(receptors, times, matrix)).toBe(0);
  });

  it("are not made for vectors that are longer than a line of the cache", () => {
    const { form } = system([RISE, RISE, RISE], [[5, 5], [6, 6], [7, 7]]);
    expect(form.size).toBe(8);
    expect(modesOf(form)).toBe(0);
    expect(modePlaces(form).count).toBe(1 + 3 * 3);
  });
});

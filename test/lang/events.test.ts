/** What is known ahead of where linear equations lead: powers, extremes and equilibria of lang/events.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equilibrium, eventForm, type EventForm, extremes, PERIODS, powers } from "../../src/lang/events.js";
import { Ir } from "../../src/lang/ir.js";
import { lowerModel } from "../../src/lang/lower.js";
import { builtInEquations } from "../../src/model/own.js";
import { expm1Matrix } from "../../src/model/matrix.js";
import { adaptiveLif } from "../../src/models/index.js";
import { cases } from "../cases.js";
import { SEED } from "../property/networks.js";

function propagator(matrix: readonly number[], n: number, span: number): number[] {
  return expm1Matrix(
    matrix.map((x) => x * span),
    n,
  ).map((x, k) => (k % (n + 1) === 0 ? x + 1 : x));
}

/** Coupled equations that decay: two that may ring, and two states of a receptor that drives the first. */
const systems = fc
  .record({
    tau: fc.double({ min: 0.2, max: 60, noNaN: true }),
    coupling: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    tau_w: fc.double({ min: 2, max: 300, noNaN: true }),
    rise: fc.double({ min: 0.2, max: 20, noNaN: true }),
    decay: fc.double({ min: 0.2, max: 20, noNaN: true }),
    dt: fc.constantFrom(0.1, 1),
  })
  .map(({ tau, coupling, tau_w, rise, decay, dt }) => {
    const a = Math.max(coupling, -0.9 / (tau * tau_w));
    const matrix = [-1 / tau, -1, 0.3, 0, a, -1 / tau_w, 0, 0, 0, 0, -1 / decay, 1, 0, 0, 0, -1 / rise];
    return { matrix, dt };
  });

describe("extremes", () => {
  it("bound c P^n y from 1 on, for all n and within each period", () => {
    fc.assert(
      fc.property(
        systems,
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
        ({ matrix, dt }, y) => {
          const c = [1, -0.2, 0, 0];
          const found = extremes(matrix, 4, dt, c);
          expect(found.length).toBe(PERIODS.length + 1);
          const bound = (row: readonly number[]): number =>
            y.reduce((sum, x, j) => sum + Math.max(x * (row[j] as number), x * (row[4 + j] as number)), 0);
          const P = propagator(matrix, 4, dt);
          let x = [...y];
          for (let n = 1; n <= 3000; n++) {
            x = [0, 1, 2, 3].map((i) => x.reduce((sum, value, j) => sum + (P[4 * i + j] as number) * value, 0));
            const z = c.reduce((sum, value, i) => sum + value * (x[i] as number), 0);
            for (const [k, period] of [Number.POSITIVE_INFINITY, ...[...PERIODS].reverse()].entries()) {
              if (n <= period) expect(z).toBeLessThanOrEqual(bound(found[k] as number[]) + 1e-12);
            }
          }
        },
      ),
      { numRuns: cases(40), seed: SEED, endOnFailure: true },
    );
  });

  it("come near to what is reached: a receptor's peak", () => {
    // v' = -v/20 + g, g' = -g/5: largest at t = 20/3 ln 4, where it is 20/3 (4^(-1/3) - 4^(-4/3)) = 5 4^(-1/3)
    const [never = []] = extremes([-1 / 20, 1, 0, -1 / 5], 2, 0.01, [1, 0]);
    const peak = 5 * 4 ** (-1 / 3);
    expect(never[1]).toBeGreaterThan(peak * 0.9999);
    expect(never[1]).toBeLessThan(peak * 1.011);
    expect(never.slice(2)).toEqual([0, 0]);
  });

  it("are infinite where it grows", () => {
    const [never = []] = extremes([0.01], 1, 0.1, [1]);
    expect(never).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });
});

describe("powers", () => {
  it("are those of the propagator, of 1 to 63 times 1, 64, 64^2 and 64^3 steps", () => {
    const matrix = [-1 / 10, 0.04, 0, -1 / 5];
    const pattern = [
      [true, true],
      [false, true],
    ];
    const all = powers(matrix, 2, 0.1, pattern);
    expect(all.length).toBe(4 * 64 * 3);
    for (const n of [1, 2, 5, 63, 64, 128, 63 * 64, 4096, 5 * 4096, 262144]) {
      const level = [1, 64, 4096, 262144].findLastIndex((step) => n % step === 0 && n / step < 64);
      const at = 3 * (64 * level + n / 64 ** level);
      const [vv, vg, , gg] = propagator(matrix, 2, 0.1 * n) as [number, number, number, number];
      for (const [k, x] of [vv, vg, gg].entries()) expect(Math.abs((all[at + k] as number) - x)).toBeLessThan(1e-13);
    }
  });
});

describe("forms", () => {
  it("of adaptiveLif: what acts on what, and what a spike holds", () => {
    const ir = new Ir();
    const form = eventForm(ir, lowerModel(builtInEquations(adaptiveLif), ir), [
      { kind: "rise", state: 0, arrives: true },
      { kind: "jumps", state: 0, arrives: true },
    ]);
    expect(form.places).toEqual([2, 0]);
    expect(form.held).toEqual([0]);
    expect(form.free[0]).toEqual([true, true, true, true]);
    expect(form.free[2]).toEqual([false, false, true, true]);
    expect(form.still[0]).toEqual([true, false, false, false]);
  });

  it("has an equilibrium where all that is driven comes to rest", () => {
    const form = { states: 2 } as EventForm;
    const at = (matrix: number[][], added: number[]): number[] | undefined =>
      equilibrium(form, { matrix, input: [0, 0], line: [0, 0] }, added);
    expect(
      at(
        [
          [-0.1, -1],
          [0.02, -0.01],
        ],
        [3, 0],
      ),
    ).toEqual([expect.closeTo(0.03 / 0.021, 12), expect.closeTo(0.06 / 0.021, 12)]);
    expect(
      at(
        [
          [-0.1, 0],
          [0, 0],
        ],
        [3, 0],
      ),
    ).toEqual([30, 0]);
    expect(
      at(
        [
          [-0.1, 0],
          [0, 0],
        ],
        [3, 1],
      ),
    ).toBeUndefined();
    expect(
      at(
        [
          [0, 1],
          [0, 2],
        ],
        [1, 1],
      ),
    ).toBeUndefined();
  });
});

/** `check` and `run` never disagree: what the one calls right the other builds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasErrors } from "../../src/cli/findings.js";
import { verify } from "../../src/cli/check.js";
import { Simulation, SpikeletError } from "../../src/index.js";

const receptors = { exc: { kernel: "exponential", tau: 5, E_rev: 0 } };
const network = (weight: unknown, size = 20, rule: object = { rule: "allToAll" }, more: object = {}): object => ({
  dt: 0.1,
  duration: 1,
  populations: [{ name: "a", model: "lif", size, receptors, ...more }],
  projections: [{ source: "a", target: "a", weight, delay: 1, ...rule }],
});

async function builds(document: object): Promise<boolean> {
  try {
    (await Simulation.fromDocument(document)).runSync(0.1);
    return true;
  } catch (error) {
    if (error instanceof SpikeletError) return false;
    throw error;
  }
}

async function passes(document: object): Promise<boolean> {
  try {
    return !hasErrors(await verify(await Simulation.fromDocument(document)));
  } catch (error) {
    // what the command line refuses before it checks
    if (error instanceof SpikeletError) return false;
    throw error;
  }
}

describe("check and run", () => {
  it.each<[string, boolean, object]>([
    ["a conductance drawn below 0", false, network({ normal: [0.1, 1] })],
    ["a conductance drawn above 0", true, network({ truncatedNormal: [0.1, 1, 0, 2] })],
    ["a graph of 40 GB", false, network({ uniform: [0, 1] }, 100_000)],
    ["a parameter drawn out of its range", false, network(1, 20, {}, { params: { tau_m: { normal: [1, 5] } } })],
    ["a threshold drawn below the reset", false, network(1, 200, {}, { params: { V_th: { normal: [-64, 5] } } })],
  ])("%s: %s", async (_, right, document) => {
    expect(await passes(document)).toBe(right);
    expect(await builds(document)).toBe(right);
  });

  it("agree on networks of any weights, delays and sizes", async () => {
    const number = fc.double({ min: -2, max: 3, noNaN: true });
    const weight = fc.oneof(
      fc.double({ min: 0, max: 3, noNaN: true }),
      fc.tuple(number, fc.double({ min: 0, max: 1, noNaN: true })).map((normal) => ({ normal })),
      fc
        .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 1, max: 2, noNaN: true }))
        .map((uniform) => ({ uniform })),
    );
    const rule = fc.oneof(
      fc.constant({ rule: "oneToOne", autapses: true }),
      fc.record({ rule: fc.constant("fixedProbability"), p: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ rule: fc.constant("fixedIndegree"), k: fc.integer({ min: 0, max: 30 }) }),
    );
    await fc.assert(
      fc.asyncProperty(weight, rule, fc.integer({ min: 1, max: 40 }), async (w, r, size) => {
        const document = network(w, size, r);
        expect(await passes(document)).toBe(await builds(document));
      }),
      { numRuns: 60 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "../../src/model/suggest.js";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["abc", "", 3],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ])("of %s and %s is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is symmetric, and a limit only cuts what lies above it", () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom("a", "b", "c", "_") });
    fc.assert(
      fc.property(word, word, fc.nat(8), (a, b, limit) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        const limited = editDistance(a, b, limit);
        if (distance <= limit) expect(limited).toBe(distance);
        else expect(limited).toBeGreaterThan(limit);
      }),
    );
  });
});

describe("nearestName", () => {
  it.each([
    ["tau_mm", ["tau_m", "tau_w"], "tau_m"],
    ["taum", ["tau_w", "tau_m"], "tau_m"],
    ["TAU_M", ["tau_w", "tau_m"], "tau_m"],
    ["gna", ["g_K", "g_Na"], "g_Na"],
    ["ecx", ["inh", "exc"], "exc"],
    ["Lif", ["eif", "lif", "qif"], "lif"],
    ["izhikevic", ["izhikevich", "adex"], "izhikevich"],
    ["hodgkin-huxley", ["hodgkinHuxley"], "hodgkinHuxley"],
    ["V_rest", ["V_reset", "V_th"], "V_reset"],
    ["A", ["b", "a"], "a"],
    ["x", ["a", "b"], undefined],
    ["banana", ["tau_m", "C_m"], undefined],
    ["", ["a"], undefined],
    ["tau_m", [], undefined],
  ])("of %s among %j is %s", (name, known, nearest) => {
    expect(nearestName(name, known)).toBe(nearest);
  });

  it("takes no time for a huge name", () => {
    expect(nearestName("x".repeat(1e7), ["tau_m"])).toBeUndefined();
  });
});

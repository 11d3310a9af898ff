import { describe, expect, it } from "vitest";
import { equilibria, nullclines } from "../../src/analysis/index.js";
import { LengthError, ValueRangeError } from "../../src/model/errors.js";
import { type F, field } from "./generators.js";

const fhn = (current: number): [F, F] => [
  (v, w) => v - v ** 3 / 3 - w + current,
  (v, w) => (v + 0.7 - 0.8 * w) / 12.5,
];

describe("nullclines", () => {
  it("are the cubic and the line of FitzHugh and Nagumo, each in one piece", () => {
    const lines = nullclines(field(...fhn(0.5), [-2.5, 2.5], 201));
    expect([lines.v.length, lines.w.length]).toEqual([1, 1]);
    const [cubic, line] = [lines.v[0], lines.w[0]];
    if (cubic === undefined || line === undefined) throw new Error("no curve");
    expect(cubic.v.length).toBeGreaterThan(200);
    cubic.v.forEach((v, k) => {
      expect(Math.abs((cubic.w[k] as number) - (v - v ** 3 / 3 + 0.5))).toBeLessThan(2e-3);
    });
    line.v.forEach((v, k) => {
      expect((line.w[k] as number) * 0.8 - 0.7).toBeCloseTo(v, 10);
    });
    for (let k = 1; k < cubic.v.length; k++) {
      const step = Math.hypot(
        (cubic.v[k] as number) - (cubic.v[k - 1] as number),
        (cubic.w[k] as number) - (cubic.w[k - 1] as number),
      );
      expect(step).toBeLessThan(0.05);
    }
  });

  it("close to rings, and cross at saddles", () => {
    const { v, w } = nullclines(field((x, y) => x * x + y * y - 1, (x, y) => x * y, [-2, 2.1], 60));
    expect(v.length).toBe(1);
    const ring = v[0];
    if (ring === undefined) throw new Error("no curve");
    expect([ring.v[0], ring.w[0]]).toEqual([ring.v.at(-1), ring.w.at(-1)]);
    ring.v.forEach((x, k) => {
      expect(Math.abs(Math.hypot(x, ring.w[k] as number) - 1)).toBeLessThan(0.01);
    });
    expect(w.length).toBe(2);
  });

  it("leave out cells that are not finite, and are none without a change of sign", () => {
    const { v, w } = nullclines(field((x, y) => (x > 0 ? Number.NaN : y), () => 1, [-1, 1], 21));
    expect(Math.max(...(v[0]?.v ?? []))).toBeLessThanOrEqual(0);
    expect(w).toEqual([]);
  });

  it("refuse what is no grid", () => {
    const good = field(() => 1, () => 1, [0, 1], 3);
    expect(() => nullclines({ ...good, dv: new Float64Array(8) })).toThrow(LengthError);
    expect(() => nullclines({ ...good, dv: new Float64Array(8) })).toThrow("a grid of 3 by 3 needs 9");
    expect(() => nullclines({ ...good, v: Float64Array.of(0, 2, 1) })).toThrow("v[2] = 1");
    expect(() => equilibria({ ...good, w: Float64Array.of(0) })).toThrow(ValueRangeError);
  });
});

describe("equilibria", () => {
  it("of FitzHugh and Nagumo are stable at rest and unstable when it oscillates", () => {
    const rest = equilibria(field(...fhn(0), [-2.5, 2.5], 201));
    expect(rest.map(({ kind }) => kind)).toEqual(["stable"]);
    expect(rest[0]?.v).toBeCloseTo(-1.1994, 3);
    expect(rest[0]?.w).toBeCloseTo(-0.6243, 3);
    expect(equilibria(field(...fhn(0.5), [-2.5, 2.5], 201)).map(({ kind }) => kind)).toEqual(["unstable"]);
  });

  it("are found once each, with their kind", () => {
    // Two wells and the ridge between them; the grid has points on all three.
    const found = equilibria(field((v, w) => v - v ** 3 + 0 * w, (_, w) => -w, [-2, 2], 41));
    expect(found.map(({ v, kind }) => [Math.round(v), kind])).toEqual([
      [-1, "stable"],
      [0, "saddle"],
      [1, "stable"],
    ]);
    expect(equilibria(field(() => 1, (_, w) => w, [-1, 1], 11))).toEqual([]);
  });
});

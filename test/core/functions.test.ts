/** Elementary functions that kernels of equations call, against those of the host, which are within 1 ulp. */
import { beforeAll, describe, expect, it } from "vitest";
import { Core } from "../../src/core/core.js";

let core: Core;
beforeAll(async () => {
  core = await Core.create();
});

const NAMES = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "log10"] as const;
const RANGES: Readonly<Record<(typeof NAMES)[number], readonly [number, number]>> = {
  sin: [-1e4, 1e4],
  cos: [-1e4, 1e4],
  tan: [-1e3, 1e3],
  asin: [-1, 1],
  acos: [-1, 1],
  atan: [-50, 50],
  sinh: [-20, 20],
  log10: [1e-9, 1e9],
};

describe("functions of equations", () => {
  it.each(NAMES)("%s", (name) => {
    const f = core.exports[name] as (x: number) => number;
    const [low, high] = RANGES[name];
    for (let k = 0; k <= 2000; k++) {
      const x = low + ((high - low) * k) / 2000;
      const wanted = Math[name](x);
      expect(Math.abs(f(x) - wanted)).toBeLessThanOrEqual(3 * Number.EPSILON * Math.abs(wanted));
    }
    expect(f(Number.NaN)).toBeNaN();
  });

  it("pow", () => {
    const pow = core.exports.pow as (x: number, y: number) => number;
    for (let k = 0; k < 500; k++) {
      const [x, y] = [0.01 + 0.37 * k, -4 + k / 60];
      expect(Math.abs(pow(x, y) / x ** y - 1)).toBeLessThan(4 * Number.EPSILON);
    }
    expect([pow(2, 3), pow(-2, 3), pow(0, 0), pow(-8, 1 / 3)]).toEqual([8, -8, 1, Number.NaN]);
  });
});

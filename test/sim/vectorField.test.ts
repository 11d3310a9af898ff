/** The vector fields of the built-in models with two variables are their equations. */
import { describe, expect, it } from "vitest";
import {
  adaptiveLif,
  adex,
  fitzhughNagumo,
  hodgkinHuxley,
  izhikevich,
  ValueRangeError,
  vectorField,
} from "../../src/index.js";

describe("vectorField", () => {
  it("of adex is right up to the peak, where the exponential would carry v over it within any step", async () => {
    const field = await vectorField(adex, { v: [-80, 19.9], w: [0, 100], points: 40, current: 300 });
    field.w.forEach((w, j) =>
      field.v.forEach((v, i) => {
        const exact = (-30 * (v + 70.6) + 60 * Math.exp((v + 50.4) / 2) - w + 300) / 281;
        const k = j * 40 + i;
        expect(Math.abs((field.dv[k] as number) - exact)).toBeLessThan(1e-9 * Math.max(1, Math.abs(exact)));
        expect(field.dw[k]).toBeCloseTo((4 * (v + 70.6) - w) / 144, 9);
      }),
    );
  });

  it("of adex has no value at the peak and above", async () => {
    const { v, dv, dw } = await vectorField(adex, { v: [18, 22], w: [0, 1], points: 5 });
    expect([...v]).toEqual([18, 19, 20, 21, 22]);
    expect([...dv.slice(0, 5)].map(Number.isFinite)).toEqual([true, true, false, false, false]);
    expect([...dw.slice(0, 5)].map(Number.isFinite)).toEqual([true, true, false, false, false]);
  });

  it("of the others goes on above the threshold", async () => {
    const at = async (model: typeof izhikevich | typeof fitzhughNagumo | typeof adaptiveLif, v: number, w: number) => {
      const { dv, dw } = await vectorField(model, { v: [v, v + 1], w: [w, w + 1], points: 2, current: 2 });
      return [dv[0], dw[0]];
    };
    expect(await at(izhikevich, 40, 5)).toEqual([expect.closeTo(401, 8), expect.closeTo(0.02 * (8 - 5), 8)]);
    expect(await at(fitzhughNagumo, 3, 1)).toEqual([expect.closeTo(-5, 8), expect.closeTo(2.9 / 12.5, 8)]);
    expect(await at(adaptiveLif, -50, 5)).toEqual([expect.closeTo(-503 / 250, 8), expect.closeTo(35 / 100, 8)]);
  });

  it("is refused for other than two variables", async () => {
    await expect(vectorField(hodgkinHuxley as never, { v: [0, 1], w: [0, 1] })).rejects.toThrow(ValueRangeError);
  });
});

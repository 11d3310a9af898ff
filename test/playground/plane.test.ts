/** Places in a phase plane, and the numbers at its axes. */
import { expect, it } from "vitest";
import { Plane, ticks } from "../../apps/playground/src/draw/plane.js";

it("has round numbers at its axes", () => {
  expect(ticks(-100, 50, 5)).toEqual([-100, -50, 0, 50]);
  expect(ticks(-0.3, 0.3, 4)).toEqual([-0.2, 0, 0.2]);
  expect(ticks(-200, 800, 6)).toEqual([-200, 0, 200, 400, 600, 800]);
});

it("gives the state at the place of a state, and none beside the plane", () => {
  const plane = new Plane({ clientWidth: 400, clientHeight: 300 } as HTMLCanvasElement);
  plane.lay({ label: "v", unit: "mV", range: [-100, 50] }, { label: "u", unit: "", range: [-20, 20] });
  const [x, y] = plane.placeOf(-65, -13);
  const [v, u] = plane.stateAt(x, y) ?? [];
  expect(v).toBeCloseTo(-65, 9);
  expect(u).toBeCloseTo(-13, 9);
  // larger values are farther to the right and higher
  expect(plane.placeOf(0, 0)[0]).toBeGreaterThan(x);
  expect(plane.placeOf(0, 0)[1]).toBeLessThan(y);
  expect(plane.stateAt(1, 1)).toBeUndefined();
  expect(plane.stateAt(399, 299)).toBeUndefined();
});

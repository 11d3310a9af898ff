/** Places in a phase plane, and the path of its point. */
import { expect, it } from "vitest";
import { Plane } from "../../apps/playground/src/draw/plane.js";

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

it("keeps what it needs of a path, and knows whether it leaves the plane", () => {
  const plane = new Plane({ clientWidth: 400, clientHeight: 300 } as HTMLCanvasElement, 3);
  plane.lay({ label: "v", unit: "mV", range: [-100, 50] }, { label: "u", unit: "", range: [-20, 20] });
  expect(plane.point).toBeUndefined();
  plane.add([-60, -50], [0, 1], { time: [0, 1], jumps: [1.5] });
  plane.add([-40, 60, -65], [2, 3, 4]);
  expect(plane.point).toEqual([-65, 4]);
  expect(plane.reached).toEqual([
    [-40, 60, -65],
    [2, 3, 4],
  ]);
  expect(plane.leaves(2)).toEqual([true, false]);
  expect(plane.leaves(1)).toEqual([false, false]);
  plane.clear();
  expect(plane.reached).toEqual([[], []]);
});

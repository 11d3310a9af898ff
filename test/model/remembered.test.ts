import { expect, it } from "vitest";
import { remembered } from "../../src/model/matrix.js";

it("what follows from equal numbers is computed once, as far as there is room", () => {
  const asked: (readonly number[])[] = [];
  const twice = remembered((x) => {
    asked.push(x);
    return x.map((one) => 2 * one);
  }, 4);
  expect(twice([1, 2])).toEqual([2, 4]);
  expect(twice([1, 2])).toBe(twice([1, 2]));
  expect(asked).toEqual([[1, 2]]);
  // 0 and -0 are different numbers, and so are numbers that differ in the last bit.
  expect(Object.is(twice([0])[0], 0) && Object.is(twice([-0])[0], -0)).toBe(true);
  expect(twice([0.1 + 0.2])).not.toBe(twice([0.3]));
  expect(asked.length).toBe(5);
  // The fifth result made the first be forgotten.
  expect(twice([1, 2])).toEqual([2, 4]);
  expect(asked.length).toBe(6);
});

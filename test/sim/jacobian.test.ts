/** The Jacobian of models, against differences of the derivatives that the core steps with. */
import { describe, expect, it } from "vitest";
import { Core } from "../../src/core/core.js";
import { defineModel, jacobian, lif, type ModelRecord, models, restingState } from "../../src/index.js";
import { Probe } from "../../src/sim/probe.js";

const cells = Object.values(models).filter(({ states }) => Object.keys(states).length > 0) as ModelRecord[];

describe("of built-in models", () => {
  it.each(cells.map((record) => [record.id, record] as const))("%s", async (_, record) => {
    const rest = await restingState(record);
    const variables = Object.keys(record.states);
    // not at rest, where some derivatives of gates are small
    const state = Object.fromEntries(
      variables.map((name, k) => [name, (rest[name] as number) + (k === 0 ? 2.3 : 0.01)]),
    );
    const current = 1.5;
    const found = await jacobian(record, { state, current });
    expect(found.variables).toEqual(variables);
    expect(found.state).toEqual(state);
    const params = Object.fromEntries(Object.entries(record.params).map(([name, one]) => [name, one.default]));
    const probe = new Probe(await Core.create(), record, params, 2);
    for (const [j, column] of variables.entries()) {
      const h = 1e-3 * Math.max(1, Math.abs(state[column] as number));
      const two = (x: number, other: number): Float64Array => Float64Array.of(x - other, x + other);
      const given = Object.fromEntries(variables.map((name, k) => [name, two(state[name] as number, k === j ? h : 0)]));
      const slopes = probe.derivatives(given, current);
      for (const [i, row] of variables.entries()) {
        const [low, high] = slopes[row] as unknown as [number, number];
        const difference = (high - low) / (2 * h);
        const size = Math.max(1e-3, Math.abs(difference));
        expect(Math.abs((found.matrix[i]?.[j] as number) - difference)).toBeLessThan(2e-3 * size);
      }
    }
  });
});

it("of lif is its leak; the state is that of rest where none is given", async () => {
  const { matrix, state } = await jacobian(lif, { params: { tau_m: "20 ms" } });
  expect(matrix).toEqual([[-1 / 20]]);
  expect(state).toEqual({ v: -70 });
});

it("of a model as text has its own units", async () => {
  const own = defineModel({
    name: "oscillator",
    equations: "dv/dt = (v - v**3/3 - w + I)/tau : 1\ndw/dt = eps*(v + a - b*w)/tau : 1",
    current: "1",
    params: { tau: "2 ms", eps: 0.08, a: 0.7, b: 0.8 },
  });
  const { matrix } = await jacobian(own, { state: { v: 0.5, w: 1 } });
  expect(matrix).toEqual([
    [(1 - 0.25) / 2, -1 / 2],
    [expect.closeTo(0.04, 15), expect.closeTo(-0.032, 15)],
  ]);
});

it("says what is wrong", async () => {
  await expect(jacobian(lif, { state: { w: 1 } })).rejects.toThrow(/jacobian\.state.*"w"/s);
  await expect(jacobian(lif, { state: { v: Number.NaN } })).rejects.toThrow(/jacobian\.state\.v/);
  await expect(jacobian(lif, { curent: 3 } as never)).rejects.toThrow(/current/);
});

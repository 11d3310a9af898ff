/**
 * Two simulators: spike trains that Brian2 found, stored in test/reference/brian2.json, against those of Spikelet for
 * the same graph, start and scheme. `npx tsx bench/peers/compare.ts --write` makes the file.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parting, train } from "../../bench/peers/networks.js";
import { flyCut } from "../../bench/peers/fly.js";
import { SMALL } from "../../bench/peers/small.js";

interface Stored {
  readonly steps: readonly number[];
  readonly neurons: readonly number[];
  readonly weights?: readonly number[];
}

const file = new URL("../reference/brian2.json", import.meta.url);
const { networks } = JSON.parse(readFileSync(file, "utf8")) as { networks: Readonly<Record<string, Stored>> };

describe("the spikes that Brian2 found, step by step", () => {
  it("every network is stored, and the other way round", () => {
    expect(Object.keys(networks)).toEqual(SMALL.map(({ name }) => name));
  });

  it.each(SMALL)("$name: $what", async ({ name, spikelet }) => {
    const stored = networks[name] as Stored;
    const { train: found, weights } = await spikelet();
    const { steps, neurons } = stored;
    expect(steps.length).toBeGreaterThan(300);
    expect(parting(found, train(steps, neurons))).toEqual({ equal: steps.length, step: undefined });
    for (const [i, w] of (stored.weights ?? []).entries())
      expect(Math.abs((weights?.[i] ?? NaN) - w)).toBeLessThan(1e-12);
    expect(weights?.length).toBe(stored.weights?.length);
  });

  it.each(["exact", "eventDriven"] as const)("a fly's brain, %s", async (method) => {
    const { steps, neurons } = networks.fly as Stored;
    const { simulation, spikes } = await flyCut(500, method);
    simulation.runSync(500);
    const found = spikes();
    const mine = train(Array.from(found.times, (t) => Math.round(t / 0.1) - 1), found.neurons);
    expect(parting(mine, train(steps, neurons))).toEqual({ equal: steps.length, step: undefined });
  });
});

/**
 * Models of the library against Brian2: spike times of single neurons under constant currents. The references are made
 * by scripts/exchange/library-brian2.py, whose equations are written anew from the papers.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { background, Simulation } from "../../src/index.js";
import { libraryModel } from "../../src/model/library.js";
import type { ModelRecord } from "../../src/model/record.js";

interface Train {
  readonly current: number;
  readonly times: readonly number[];
}

const file = JSON.parse(readFileSync(new URL("brian2.json", import.meta.url), "utf8")) as Record<string, Train[]>;
const references = Object.entries(file).filter(([name]) => name !== "made");

/** Step of the references, ms. */
const DT = 0.005;

/** How far a spike may be from Brian2's, ms; with a reset both have their spikes on the grid of steps. */
const NEAR = 0.002;

const GRID = 1.01 * DT;

/**
 * How many spikes are compared. The recovery of FS takes the cube of how far v is beyond the peak when the step ends:
 * where a spike falls into the next step by rounding, all later ones move.
 */
const compared = (name: string): number => (name.endsWith(" FS") && name.startsWith("izh") ? 8 : Infinity);

describe("spike times", () => {
  it("are those of many neurons", () => {
    expect(references.length).toBe(15);
    expect(references.flatMap(([, trains]) => trains.flatMap(({ times }) => times)).length).toBeGreaterThan(650);
  });

  it.each(references)("of %s are those of Brian2", async (name, trains) => {
    const [id = "", preset] = name.split(" ");
    const model = libraryModel(id) as ModelRecord;
    const sim = await Simulation.create({ dt: DT });
    const cells = sim.population("cells", model, trains.length, {
      method: "rk4",
      ...(preset !== undefined && { preset }),
      background: [background.constant(trains.map(({ current }) => current))],
    });
    const resets = model.family === "resets";
    const spikes = sim.record(cells, "spikes", { interpolate: !resets });
    const longest = Math.max(...trains.flatMap(({ times }) => times));
    await sim.run(Math.ceil(longest) + 1);
    for (const [i, { current, times: all }] of trains.entries()) {
      const times = all.slice(0, compared(name));
      expect(times.length, `${name} at ${current}`).toBeGreaterThan(0);
      const found = Array.from(spikes.of(i)).slice(0, times.length);
      expect(found.length, `${name} at ${current}`).toBe(times.length);
      const far = Math.max(...times.map((time, k) => Math.abs(time - (found[k] ?? NaN))));
      expect(far, `${name} at ${current}`).toBeLessThan(resets ? GRID : NEAR);
    }
  });
});

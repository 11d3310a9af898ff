/** The promise in one table: networks x lengths of chunks x points of snapshots, all with the same bits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { models, Simulation } from "../../src/index.js";
import { pinned } from "../golden/networks.js";
import { type Fingerprint, fingerprint, type Loose, networks, run } from "./networks.js";

/** All recordings, states, weights and what the report says of the activity. */
async function outcome(simulation: Simulation): Promise<Fingerprint> {
  const { populations, synapses, duration } = await simulation.run(0);
  const weights = simulation.projections.map((p) => (p.plastic ? [...p.weights()] : []));
  return { ...fingerprint(simulation), report: JSON.stringify({ populations, synapses, duration, weights }) };
}

/** Runs to the end in chunks of so many steps, with a snapshot and its restoration after each of these steps. */
async function played(document: Loose, chunkSteps: number | undefined, cuts: readonly number[]): Promise<Fingerprint> {
  const { dt, duration } = document;
  let simulation = await Simulation.fromDocument(document);
  const options = chunkSteps === undefined ? {} : { chunk: chunkSteps * dt };
  for (const cut of cuts) {
    await simulation.run(cut * dt - simulation.time, options);
    simulation = await Simulation.restore(simulation.snapshot());
  }
  await simulation.run(duration - simulation.time, options);
  return outcome(simulation);
}

const drawn = fc.sample(networks, { seed: 20261123, numRuns: 10 });
const table: Loose[] = [...drawn, { ...pinned.coba, duration: 40 }, { ...pinned.mixed, duration: 20 }];

describe("12 networks x chunks of 1, 7, 1000 and all steps x snapshots", () => {
  it.each(table.map((document, k) => [k, document] as const))("network %d: no mismatch", async (k, document) => {
    const steps = Math.round(document.duration / document.dt);
    const whole = await outcome(await run(document));
    for (const chunk of [1, 7, 1000, undefined]) {
      for (const cuts of [[], [1], [Math.floor(steps / 3), Math.floor(steps / 3) + 1], [7 + k, steps - 1]]) {
        expect(await played(document, chunk, cuts), `chunks of ${chunk ?? "all"} steps, cut at ${cuts}`).toEqual(whole);
      }
    }
  });

  it("they have every model, current and rule between them", () => {
    const text = JSON.stringify(table);
    const known = [...Object.keys(models), "whiteNoise", "ornsteinUhlenbeck", "poisson", "plasticity", "shortTerm", "release"];
    const rules = ["allToAll", "fixedProbability", "fixedIndegree", "distance"];
    expect([...known, ...rules].filter((name) => !text.includes(`"${name}"`))).toEqual([]);
  });
});

describe("500 snapshots at random steps", () => {
  it.each(Array.from({ length: 10 }, (_, k) => k))("part %d: going on equals never having stopped", async (part) => {
    const seen = new Set<string>();
    for (const document of fc.sample(networks, { seed: 500 + part, numRuns: 10 })) {
      for (const { model } of document.populations) seen.add(model);
      const steps = Math.round(document.duration / document.dt);
      const whole = await outcome(await run(document));
      for (const cut of fc.sample(fc.integer({ min: 0, max: steps }), { seed: part, numRuns: 5 })) {
        expect(await played(document, undefined, [cut]), `cut at step ${cut} of ${steps}`).toEqual(whole);
      }
    }
    expect(seen.size).toBeGreaterThan(4);
  });
});

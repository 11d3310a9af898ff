/** Snapshots: going on from one equals never having stopped; damaged and foreign bytes are refused. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  background,
  type Method,
  type ModelRecord,
  models,
  receptor,
  Simulation,
  SnapshotError,
  type SpikeRecording,
} from "../../src/index.js";
import { crc32 } from "../../src/model/crc32.js";
import { cases } from "../cases.js";
import { stepped } from "../methods.js";

test("the checksum is CRC-32 of ISO 3309: its check value, and the same in parts", () => {
  const bytes = new TextEncoder().encode("123456789");
  expect(crc32([bytes])).toBe(0xcbf43926);
  const long = Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) & 255);
  for (const cut of [0, 1, 7, 8, 500, 999])
    expect(crc32([long.subarray(0, cut), long.subarray(cut)])).toBe(crc32([long]));
});

interface Plan {
  readonly model: ModelRecord;
  readonly method: Method;
  readonly conductance: boolean;
  readonly seed: number;
}

const PLANS: readonly Plan[] = Object.values(models).flatMap((model: ModelRecord) =>
  stepped(model).flatMap((method) =>
    [false, true]
      .filter((conductance) => !(conductance && method === "exact"))
      .map((conductance) => ({ model, method, conductance, seed: 7 })),
  ),
);

/** A constant current that makes the model fire at a small dt, from its record. */
function drive(model: ModelRecord): number {
  return model.example?.current ?? 0;
}

/** A small network with drawn parameters, noise, delays, weights and traces: everything that has a state. */
async function network({ model, method, conductance, seed }: Plan): Promise<Simulation> {
  const dt = method === "halfStep" ? 1 : Math.min(0.05, model.maxStep?.[method] ?? 0.05);
  const simulation = await Simulation.create({ dt, seed });
  const current = drive(model);
  const fast = conductance ? receptor.exponential({ tau: 3, E_rev: 0 }) : receptor.exponential({ tau: 3 });
  const cells = simulation.population("cells", model, 21, {
    method: method as never,
    receptors: { fast, jump: receptor.delta() },
    background: [
      background.constant(Float64Array.from({ length: 21 }, (_, i) => current * (1 + i / 100))),
      background.ornsteinUhlenbeck({ mean: 0, sigma: Math.abs(current) / 20, tau: 5 }),
      background.whiteNoise({ sigma: Math.abs(current) / 20 }),
      background.sine({ amplitude: current / 10, frequency: 40 }),
    ],
  });
  simulation.connect(cells, cells, {
    rule: "fixedProbability",
    p: 0.2,
    receptor: "fast",
    weight: { uniform: [0, Math.abs(current) / 200] },
    delay: { uniform: [0.05, 3] },
  });
  simulation.connect(cells, cells, { rule: "fixedIndegree", k: 2, receptor: "jump", weight: 0.05, delay: 1 });
  simulation.record(cells, "spikes");
  simulation.record(cells, "v", { neurons: [0, 20] });
  return simulation;
}

/** Everything that a run leaves behind, as one text. */
function results(simulation: Simulation): string {
  const spikes = simulation.recordings.spikes.get("cells") as SpikeRecording;
  const states = Object.keys(simulation.populations.get("cells")?.model.states ?? {}).map((name) =>
    Array.from(simulation.populations.get("cells")?.state(name) ?? []),
  );
  const traces = simulation.recordings.traces.map((t) => [
    Array.from(t.time),
    Array.from(t.values(0)),
    Array.from(t.values(1)),
  ]);
  return JSON.stringify([Array.from(spikes.times), Array.from(spikes.neurons), states, traces]);
}

describe("going on from a snapshot equals never having stopped", () => {
  test.each(
    PLANS.map(
      (plan) => [`${plan.model.id} ${plan.method}${plan.conductance ? " with conductances" : ""}`, plan] as const,
    ),
  )("%s", async (_name, plan) => {
      const whole = await network(plan);
      whole.runSync(12);
      const expected = results(whole);
      for (const cut of [0, 3.1, 7]) {
        const first = await network(plan);
        first.runSync(cut);
        const second = await Simulation.restore(first.snapshot());
        expect(second.time).toBe(first.time);
        second.runSync(12 - first.time);
        expect(results(second)).toBe(expected);
      }
    },
  );

  test("at random points, many in a row, over all models and methods", async () => {
    const per = Math.ceil(cases(500) / PLANS.length);
    const points = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: per, maxLength: per });
    const draws = fc.sample(fc.record({ steps: points, seed: fc.nat() }), { seed: 20260801, numRuns: PLANS.length });
    let cuts = 0;
    for (const [k, { steps, seed }] of draws.entries()) {
      const plan = { ...(PLANS[k] as Plan), seed };
      let parts = await network(plan);
      const whole = await network(plan);
      for (const count of steps) {
        parts.runSync(count * parts.dt);
        parts = await Simulation.restore(parts.snapshot());
        cuts++;
      }
      whole.runSync(steps.reduce((sum, x) => sum + x, 0) * whole.dt);
      expect(results(parts), `${plan.model.id} ${plan.method}, seed ${seed}, ${steps.join()}`).toBe(results(whole));
    }
    expect(cuts).toBeGreaterThanOrEqual(cases(500));
  });
});

test("one snapshot branches into runs that differ by what is changed only", async () => {
  const plan = PLANS.find((p) => p.model.id === "lif" && p.method === "exact") as Plan;
  const start = await network(plan);
  start.runSync(20);
  const bytes = start.snapshot();
  const same = await Simulation.restore(bytes);
  const stronger = await Simulation.restore(bytes);
  stronger.populations.get("cells")?.setBackground([background.constant(2 * drive(plan.model))]);
  for (const simulation of [start, same, stronger]) simulation.runSync(30);
  expect(results(same)).toBe(results(start));
  expect(stronger.recordings.spikes.get("cells")?.count).toBeGreaterThan(
    start.recordings.spikes.get("cells")?.count ?? 0,
  );
});

test("parameters changed before a snapshot stay changed, and can be changed after it", async () => {
  const plan = PLANS.find((p) => p.model.id === "lif" && p.method === "exact") as Plan;
  const run = async (cut: boolean): Promise<string> => {
    let simulation = await network(plan);
    simulation.runSync(5);
    simulation.populations.get("cells")?.set({ tau_m: Float64Array.from({ length: 21 }, (_, i) => 10 + i) });
    simulation.runSync(5);
    if (cut) simulation = await Simulation.restore(simulation.snapshot());
    simulation.populations.get("cells")?.set({ tau_m: 12 });
    simulation.runSync(5);
    return results(simulation);
  };
  expect(await run(true)).toBe(await run(false));
});

describe("bytes that are no whole snapshot are refused", () => {
  test("every one of 1000 flipped bits", async () => {
    const simulation = await network(PLANS[0] as Plan);
    simulation.runSync(3);
    const bytes = simulation.snapshot();
    const bits = new Set(Array.from({ length: 900 }, (_, k) => Math.floor((k * 8 * bytes.length) / 900) + (k % 8)));
    // and all of the fixed part
    for (let bit = 0; bit < 256; bit++) bits.add(bit);
    for (const bit of bits) {
      const damaged = bytes.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      await expect(Simulation.restore(damaged), `bit ${bit}`).rejects.toThrow(SnapshotError);
    }
  });

  test("cut off, extended, empty, foreign", async () => {
    const simulation = await network(PLANS[0] as Plan);
    const bytes = simulation.snapshot();
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    const cases = [
      bytes.subarray(0, bytes.length - 1),
      bytes.subarray(0, 40),
      bytes.subarray(0, 8),
      new Uint8Array(0),
      longer,
    ];
    for (const part of cases) await expect(Simulation.restore(part)).rejects.toThrow(SnapshotError);
    await expect(
      Simulation.restore(new TextEncoder().encode('{"dt": 0.1, "populations": [], "duration": 100}')),
    ).rejects.toThrow("these bytes are no snapshot of Spikelet.");
  });

  test("of another build of the core", async () => {
    const simulation = await network(PLANS[0] as Plan);
    const scalar = readFileSync("build/core.scalar.wasm");
    await expect(Simulation.restore(simulation.snapshot(), { core: scalar })).rejects.toThrow(
      "fit the version that wrote them only",
    );
  });

  test("of another build with the same layout", async () => {
    const core = readFileSync("build/core.wasm");
    const simulation = await Simulation.create({ dt: 0.1, core });
    simulation.population("cell", models.lif, 1);
    const bytes = simulation.snapshot();
    await expect(Simulation.restore(bytes, { core: core.slice() })).resolves.toBeInstanceOf(Simulation);
    // The last byte is one of the hash of the code.
    const other = Uint8Array.from(core);
    other[other.length - 1] = (other.at(-1) as number) ^ 1;
    await expect(Simulation.restore(bytes, { core: other })).rejects.toThrow("fit the version that wrote them only");
  });

  test("of an unstable run there is none", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    simulation.population("cell", models.izhikevich, 1, { background: [background.constant(-5000)] });
    expect(() => simulation.runSync(200)).toThrow("unstable");
    expect(() => simulation.snapshot()).toThrow("cannot be saved");
  });
});

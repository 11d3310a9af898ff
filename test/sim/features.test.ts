/** A network with everything at once: the same bits however it is run, stored or built. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  adaptiveLif,
  adex,
  background,
  lif,
  poisson,
  receptor,
  Simulation,
  type SimulationOptions,
  spikeTrain,
  toDocument,
  traubMiles,
} from "../../src/index.js";

/** All receptors, sources, rules, kinds of plasticity and delays in one network. */
async function everything(options: Partial<SimulationOptions> = {}): Promise<Simulation> {
  const sim = await Simulation.create({ dt: 0.1, seed: 12, ...options });
  const line = { positions: { line: { length: 10 } } };
  const times = Array.from({ length: 300 }, (_, i) => 0.37 * i);
  const given = sim.population("given", spikeTrain, 7, { params: { times, neurons: times.map((_, i) => i % 7) } });
  const noise = sim.population("noise", poisson, 50, {
    params: {
      rate: {
        points: [
          [0, 200],
          [40, 50, 5],
        ],
      },
    },
  });
  const fast = sim.population("fast", poisson, 3, { params: { rate: 20_000 } });
  const exc = sim.population("exc", adex, 83, {
    ...line,
    method: "heun",
    receptors: {
      ampa: receptor.dualExponential({ tau_rise: 0.5, tau_decay: 3, E_rev: 0 }),
      nmda: receptor.nmda(),
      gaba: receptor.alpha({ tau: 5, E_rev: -75 }),
      jump: receptor.delta(),
    },
    background: [
      background.constant({ truncatedNormal: [500, 100, 300, 800] }),
      background.poisson({ rate: 500, weight: 0.5, receptor: "ampa" }),
      background.ornsteinUhlenbeck({ sigma: 50, tau: 5, neurons: [0, 5, 82], start: 20 }),
      background.whiteNoise({ sigma: 40, stop: 60 }),
    ],
    init: { g_nmda: { gamma: [2, 0.5] } },
  });
  const inh = sim.population("inh", lif, 21, {
    ...line,
    receptors: { in: receptor.alpha({ tau: 2 }), pulse: receptor.step({ duration: 1.5 }) },
    background: [
      background.poisson({
        rate: {
          points: [
            [10, 8000, -20],
            [100, 4000],
          ],
        },
        weight: 10,
        receptor: "in",
        neurons: [1, 2, 3],
      }),
    ],
  });
  const slow = sim.population("slow", adaptiveLif, 17, {
    receptors: { in: receptor.dualExponential({ tau_rise: 2, tau_decay: 20 }) },
    params: { tau_m: { uniform: [8, 20] } },
    background: [background.constant(500)],
  });
  const hh = sim.population("hh", traubMiles, 5, { receptors: { in: receptor.step({ duration: 3, E_rev: 0 }) } });
  sim.connect(given, exc, { rule: "fixedOutdegree", k: 20, receptor: "jump", weight: 3, delay: { uniform: [0.1, 4] } });
  sim.connect(noise, exc, {
    rule: "fixedProbability",
    p: 0.5,
    receptor: "ampa",
    weight: { uniform: [0, 4] },
    delay: 1,
    plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max: 4 },
    scaling: { rho_0: 30, rate: 0.1, interval: 25 },
  });
  sim.connect(fast, inh, { rule: "allToAll", receptor: "pulse", weight: 20, release: 0.4 });
  sim.connect(exc, exc, {
    rule: "distance",
    kernel: "gaussian",
    scale: 1,
    periodic: true,
    autapses: false,
    receptor: "nmda",
    weight: 0.5,
    delay: { uniform: [0.5, 5] },
    plasticity: {
      kind: "tripletStdp",
      A2_plus: 5e-3,
      A3_plus: 6e-3,
      A2_minus: 7e-3,
      A3_minus: 2e-3,
      tau_plus: 17,
      tau_minus: 34,
      tau_x: 100,
      tau_y: 125,
      w_max: 2,
    },
  });
  sim.connect(exc, inh, {
    rule: "distance",
    kernel: "exponential",
    scale: 2,
    receptor: "in",
    weight: { gamma: [2, 40] },
    delay: 0.7,
    shortTerm: { U: 0.4, tau_rec: 200, tau_facil: 50 },
  });
  sim.connect(inh, exc, {
    rule: "fixedIndegree",
    k: 5,
    receptor: "gaba",
    weight: 2,
    delay: 1.3,
    plasticity: { kind: "inhibitoryStdp", eta: 0.05, rho_0: 20, tau: 20, w_max: 8 },
  });
  sim.connect(exc, slow, {
    rule: "fixedTotalNumber",
    n: 200,
    weight: { truncatedNormal: [20, 20, 0, 50] },
    delay: 2,
    release: 0.5,
    shortTerm: { U: 0.8, tau_rec: 100 },
  });
  sim.connect(noise, hh, { rule: "fixedTotalNumber", n: 40, weight: 5 });
  sim.connect(inh, inh, { rule: "fixedIndegree", k: 3, weight: { uniform: [0, 3] }, gapJunction: true });
  sim.connect(slow, hh, { rule: "fixedProbability", p: 0.5, weight: 0.2, gapJunction: true });
  for (const population of [given, noise, fast, exc, inh, slow, hh]) sim.record(population as typeof exc, "spikes");
  sim.record(exc, "v", { every: 0.5, neurons: [0, 40, 82] });
  sim.record(exc, "g_nmda", { every: 1 });
  sim.record(inh, "i_pulse", { from: 10 });
  sim.record(hh, "v", { every: 2 });
  for (const projection of sim.projections.filter((p) => p.plastic)) sim.recordWeights(projection, { every: 5 });
  return sim;
}

/** All that a run leaves behind. */
function results(sim: Simulation): string {
  const spikes = [...sim.recordings.spikes].map(([name, r]) => [name, [...r.times].join(), [...r.neurons].join()]);
  const traces = sim.recordings.traces.map((t) => [...t.view()].join());
  const weights = [
    ...sim.projections.map((p) => [...p.weights()].join()),
    ...sim.recordings.weights.map((w) => [...w.view()].join()),
  ];
  return JSON.stringify([spikes, traces, weights]);
}

const DURATION = 100;

test("every part of it takes part", async () => {
  const sim = await everything();
  const before = (
    await (async () => {
      const fresh = await everything();
      fresh.build();
      return fresh;
    })()
  ).projections.map((p) => p.weights());
  const report = await sim.run(DURATION);
  for (const [name, { spikes }] of Object.entries(report.populations)) expect(spikes, name).toBeGreaterThan(5);
  for (const [i, projection] of sim.projections.entries()) {
    const now = projection.weights();
    const moved = now.some((w, j) => w !== before[i]?.[j]);
    expect(moved, projection.name).toBe(projection.plastic);
  }
});

describe("the same bits", () => {
  const whole = everything().then(async (sim) => {
    await sim.run(DURATION);
    return results(sim);
  });

  test("in parts, in chunks of any length, without interruptions", async () => {
    const parts = await everything();
    for (const ms of [0.1, 33.3, 0, 7, 59.6]) await parts.run(ms);
    expect(results(parts)).toBe(await whole);
    const chunks = await everything();
    await chunks.run(DURATION, { chunk: 0.3 });
    expect(results(chunks)).toBe(await whole);
    const sync = await everything();
    sync.runSync(DURATION);
    expect(results(sync)).toBe(await whole);
  });

  test("without SIMD", async () => {
    const scalar = await everything({ core: readFileSync("build/core.scalar.wasm") });
    await scalar.run(DURATION);
    expect(results(scalar)).toBe(await whole);
  });

  test("from a snapshot", async () => {
    for (const cut of [0, 0.1, 41.7]) {
      const first = await everything();
      await first.run(cut);
      const second = await Simulation.restore(first.snapshot());
      await second.run(DURATION - cut);
      expect(results(second)).toBe(await whole);
    }
  });

  test("from its model file", async () => {
    const text = JSON.stringify((await everything()).toDocument());
    const again = await Simulation.fromDocument(JSON.parse(text));
    expect(JSON.stringify(toDocument(again.toSpec()))).toBe(text);
    await again.run(DURATION);
    expect(results(again)).toBe(await whole);
  });

  test("another seed gives others", async () => {
    const other = await everything({ seed: 13 });
    await other.run(DURATION);
    expect(results(other)).not.toBe(await whole);
  });
});

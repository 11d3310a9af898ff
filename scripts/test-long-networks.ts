/** Long checks of published networks: minutes, not seconds. Exits with status 1 when one is out of its range. */
import { background, lif, poisson, receptor, Simulation, weightHistogram } from "../src/index.js";

let failed = false;

function judge(what: string, value: number, expected: number, tolerance: number): void {
  const good = Math.abs(value - expected) <= tolerance;
  failed ||= !good;
  console.log(
    `${good ? "ok  " : "FAIL"} ${what}: ${value.toFixed(4)}, expected ${expected} +- ${tolerance.toFixed(2)}`,
  );
}

/** Song, Miller & Abbott 2000: additive plasticity drives the weights to both ends. Reference: Brian's STDP example. */
async function bimodalWeights(seeds: readonly number[]): Promise<void> {
  const gmax = 0.01;
  const results: number[][] = [];
  for (const seed of seeds) {
    const sim = await Simulation.create({ dt: 0.1, seed });
    const input = sim.population("input", poisson, 1000, { params: { rate: 15 } });
    // Conductances in units of the leak, which is C_m/tau_m = 1.
    const cell = sim.population("cell", lif, 1, {
      params: { C_m: 10, tau_m: 10, E_L: -74, V_th: -54, V_reset: -60, t_ref: 0 },
      receptors: { exc: receptor.exponential({ tau: 5, E_rev: 0 }) },
    });
    const projection = sim.connect(input, cell, {
      rule: "allToAll",
      weight: { uniform: [0, gmax] },
      plasticity: { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max: gmax },
    });
    const late = sim.record(cell, "spikes", { from: 50_000 });
    await sim.run(100_000);
    const weights = projection.weights().map((w) => w / gmax);
    const part = (which: (w: number) => boolean): number => weights.filter(which).length / weights.length;
    const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
    results.push([late.rate(), mean, part((w) => w < 0.1), part((w) => w > 0.9)]);
    const counts = weightHistogram(projection, 10).counts.join(" ");
    console.log(`     STDP, seed ${seed}: ${late.rate().toFixed(2)} Hz, weights ${counts}`);
  }
  const average = (k: number): number => results.reduce((sum, r) => sum + (r[k] as number), 0) / results.length;
  judge("STDP: rate in the second half (Hz)", average(0), 21.83, 2);
  judge("STDP: mean weight", average(1), 0.474, 0.03);
  judge("STDP: part below 0.1", average(2), 0.2323, 0.05);
  judge("STDP: part above 0.9", average(3), 0.2027, 0.05);
}

/** Brunel 2000, Fig. 8: the states of a network of 12 500 neurons. */
async function brunel(
  name: string,
  g: number,
  eta: number,
  duration: number,
  rate: number,
  tolerance: number,
): Promise<void> {
  const sim = await Simulation.create({ dt: 0.1, seed: 1 });
  const options = {
    params: { C_m: 250, tau_m: 20, E_L: 0, V_th: 20, V_reset: 10, t_ref: 2 },
    init: { v: { uniform: [0, 20] as const } },
    receptors: { in: receptor.delta() },
    background: [background.poisson({ rate: 10_000 * eta, weight: 0.1 })],
  };
  const exc = sim.population("exc", lif, 10_000, options);
  const inh = sim.population("inh", lif, 2500, options);
  for (const target of [exc, inh]) {
    sim.connect(exc, target, { rule: "fixedIndegree", k: 1000, weight: 0.1, delay: 1.5 });
    sim.connect(inh, target, { rule: "fixedIndegree", k: 250, weight: -0.1 * g, delay: 1.5 });
  }
  const spikes = sim.record(exc, "spikes", { from: 200 });
  await sim.run(duration);
  judge(`Brunel ${name}: rate (Hz)`, spikes.rate(), rate, tolerance);
  console.log(`     CV ${spikes.cv().toFixed(4)}`);
}

await bimodalWeights([1, 2, 3, 4]);
await brunel("asynchronous irregular", 5, 2, 1200, 37.45, 0.03 * 37.45);
await brunel("synchronous regular", 3, 2, 700, 334.97, 0.02 * 334.97);
process.exit(failed ? 1 : 0);

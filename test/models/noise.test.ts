/** Noise currents: their moments, what they do to v, and the rates that they make. All bounds are standard errors. */
import { describe, expect, it } from "vitest";
import { background, lif, type Method, meanCv, Simulation, type SpikeRecording } from "../../src/index.js";
import { entryOf, moments } from "../reference/harness.js";

/** No threshold. The entries' convention: tau dV = -V + mu + sigma sqrt(tau) xi, std(V) = sigma / sqrt 2. */
const FREE = { C_m: 250, E_L: 0, V_th: 1e4, V_reset: 0 };

/** White noise with the mean and deviation of the entries' convention. */
function driven(tau: number, mu: number, sigma: number): ReturnType<typeof background.whiteNoise> {
  return background.whiteNoise({ mean: (mu * FREE.C_m) / tau, sigma: (sigma * FREE.C_m) / Math.sqrt(tau) });
}

/** Correlation of two columns. */
function correlation(a: Float64Array, b: Float64Array): number {
  const [x, y] = [moments(a), moments(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? NaN) - x.mean) * ((b[i] ?? NaN) - y.mean);
  return sum / a.length / x.sd / y.sd;
}

describe("the currents", () => {
  const SIZE = 20000;

  it.each([0.05, 1])("white noise: mean, sigma / sqrt(dt), Gaussian, no memory; dt %d ms", async (dt) => {
    const simulation = await Simulation.create({ dt, seed: 5 });
    const cells = simulation.population("cells", lif, SIZE, {
      method: "euler",
      params: FREE,
      background: [background.whiteNoise({ mean: 30, sigma: 80 })],
    });
    const I = simulation.record(cells, "I_background");
    simulation.runSync(3 * dt);
    const all = I.view();
    const at = (step: number): Float64Array => all.slice(step * SIZE, (step + 1) * SIZE);
    const se = 1 / Math.sqrt(SIZE);
    for (let step = 0; step < 3; step++) {
      const { mean, sd } = moments(at(step));
      const wanted = 80 / Math.sqrt(dt);
      expect(Math.abs(mean - 30) / wanted).toBeLessThan(4 * se);
      expect(Math.abs(sd / wanted - 1)).toBeLessThan((4 * se) / Math.SQRT2);
      // Fractions of the normal distribution within one, two and three deviations.
      for (const [z, inside] of [
        [1, 0.6826895],
        [2, 0.9544997],
        [3, 0.9973002],
      ] as const) {
        const found = at(step).filter((x) => Math.abs(x - 30) < z * wanted).length / SIZE;
        expect(Math.abs(found - inside)).toBeLessThan(4 * se * Math.sqrt(inside * (1 - inside)));
      }
    }
    expect(Math.abs(correlation(at(0), at(1)))).toBeLessThan(4 * se);
    expect(Math.abs(correlation(at(0), at(2)))).toBeLessThan(4 * se);
    // Neighbours are independent too.
    expect(Math.abs(correlation(at(0).slice(1), at(0).slice(0, -1)))).toBeLessThan(4 * se);
  });

  it.each([0.1, 2])("Ornstein-Uhlenbeck: stationary from the start, exact correlation; dt %d ms", async (dt) => {
    const tau = 10;
    const simulation = await Simulation.create({ dt, seed: 6 });
    const cells = simulation.population("cells", lif, SIZE, {
      params: FREE,
      background: [background.ornsteinUhlenbeck({ mean: -20, sigma: 50, tau })],
    });
    const I = simulation.record(cells, "I_background", { every: 2 });
    simulation.runSync(40);
    const all = I.view();
    const at = (time: number): Float64Array => all.slice((time / 2) * SIZE, (time / 2 + 1) * SIZE);
    const se = 1 / Math.sqrt(SIZE);
    for (const time of [0, 10, 40]) {
      const { mean, sd } = moments(at(time));
      expect(Math.abs(mean + 20) / 50).toBeLessThan(4 * se);
      expect(Math.abs(sd / 50 - 1)).toBeLessThan((4 * se) / Math.SQRT2);
    }
    for (const lag of [2, 10, 20, 40]) {
      const wanted = Math.exp(-lag / tau);
      expect(Math.abs(correlation(at(0), at(lag)) - wanted)).toBeLessThan(4 * se * (1 - wanted ** 2) + 1e-6);
    }
  });
});

describe("v of a leaky neuron under white noise", () => {
  const { params, expected } = entryOf<{
    params: { tau: number; mu: number; sigma: number };
    expected: { mean: number; std: number; acf_at_tau: number };
  }>("closed-forms", "open-ou-moments");
  const { tau, mu, sigma } = params;
  const SIZE = 5000;

  /** v of independent samples: many neurons at a few times that are four time constants apart. */
  async function sample(
    method: (typeof lif.methods)[number],
    dt: number,
  ): Promise<{ mean: number; sd: number; count: number }> {
    const simulation = await Simulation.create({ dt, seed: 8 });
    const cells = simulation.population("cells", lif, SIZE, {
      method,
      params: { ...FREE, tau_m: tau },
      init: { v: mu },
      background: [driven(tau, mu, sigma)],
    });
    const v = simulation.record(cells, "v", { every: 4 * tau, from: 8 * tau });
    simulation.runSync(24 * tau);
    return { ...moments(v.view()), count: v.view().length };
  }

  it.each([0.1, 1, 40])("exact: mean and deviation at dt %d ms (open-ou-moments)", async (dt) => {
    const { mean, sd, count } = await sample("exact", dt);
    const se = 1 / Math.sqrt(count);
    expect(count).toBe(5 * SIZE);
    expect(Math.abs(mean - expected.mean)).toBeLessThan(4 * se * expected.std);
    expect(Math.abs(sd / expected.std - 1)).toBeLessThan((4 * se) / Math.SQRT2);
  });

  it("exact: autocorrelation e^-1 after one time constant (open-ou-moments)", async () => {
    const simulation = await Simulation.create({ dt: 1, seed: 9 });
    const cells = simulation.population("cells", lif, 20000, {
      params: { ...FREE, tau_m: tau },
      background: [driven(tau, mu, sigma)],
    });
    const v = simulation.record(cells, "v", { every: tau, from: 10 * tau });
    simulation.runSync(11 * tau);
    const all = v.view();
    const found = correlation(all.slice(0, 20000), all.slice(20000));
    expect(Math.abs(found - expected.acf_at_tau)).toBeLessThan(4 / Math.sqrt(20000));
  });

  /** v' = R(z) v + (1 - R) tau I / C_m with z = dt / tau and a current that is held for a step. */
  const AMPLIFICATION: Readonly<Partial<Record<Method, (z: number) => number>>> = {
    euler: (z) => 1 - z,
    heun: (z) => 1 - z + z ** 2 / 2,
    rk4: (z) => 1 - z + z ** 2 / 2 - z ** 3 / 6 + z ** 4 / 24,
    exponentialEuler: (z) => Math.exp(-z),
  };

  it.each(
    (["euler", "heun", "rk4", "exponentialEuler"] as const).flatMap((method) =>
      [10, 1].map((dt) => [method, dt] as const),
    ),
  )("%s: the deviation at dt %d ms is off as the scheme says", async (method, dt) => {
    const z = dt / tau;
    const R = AMPLIFICATION[method]?.(z) ?? NaN;
    const ratio = Math.sqrt((2 * (1 - R)) / (1 + R) / z);
    const { mean, sd, count } = await sample(method, dt);
    const se = 1 / Math.sqrt(count);
    expect(Math.abs(mean - expected.mean)).toBeLessThan(4 * se * expected.std);
    expect(Math.abs(sd / expected.std / ratio - 1)).toBeLessThan((4 * se) / Math.SQRT2);
    // Of order dt, with a sign and a size: 15 % too much for euler at dt = tau / 2, 1 % too little for the others.
    if (dt === 10) expect(Math.abs(ratio - 1)).toBeGreaterThan(method === "euler" ? 0.1 : 0.005);
    else expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
  });

  it("sigma means the same for all models: std(v) = (sigma / C_m) sqrt(tau_m / 2)", async () => {
    const simulation = await Simulation.create({ dt: 1, seed: 10 });
    const sigmas = Array.from({ length: 20000 }, (_, i) => (i % 2 === 0 ? 100 : 300));
    const cells = simulation.population("cells", lif, sigmas.length, {
      params: { ...FREE, tau_m: 15, C_m: 180 },
      background: [background.whiteNoise({ sigma: sigmas })],
    });
    simulation.runSync(200);
    const v = cells.state("v");
    for (const [parity, s] of [100, 300].entries()) {
      const { sd } = moments(v.filter((_, i) => i % 2 === parity));
      const wanted = (s / 180) * Math.sqrt(15 / 2);
      expect(Math.abs(sd / wanted - 1)).toBeLessThan(4 / Math.sqrt(2 * 10000));
    }
  });
});

describe("rates of a leaky neuron under white noise (open-siegert)", () => {
  interface Row {
    readonly mu: number;
    readonly sigma: number;
    readonly rate_Hz: number;
    readonly cv: number | null;
    readonly grid_rate_dt0p1_Hz: number;
    readonly grid_rate_dt0p01_Hz: number;
  }
  const { params, expected } = entryOf<{
    params: { tau: number; theta: number; Vr: number; tref: number };
    expected: Row[];
  }>("closed-forms", "open-siegert");
  const { tau, theta, Vr, tref } = params;

  async function spikesOf(
    row: Row,
    dt: number,
    neurons: number,
    duration: number,
    seed: number,
  ): Promise<SpikeRecording> {
    const simulation = await Simulation.create({ dt, seed });
    const cells = simulation.population("cells", lif, neurons, {
      params: { C_m: FREE.C_m, tau_m: tau, E_L: 0, V_th: theta, V_reset: Vr, t_ref: tref },
      init: { v: { uniform: [0, 14] } },
      background: [driven(tau, row.mu, row.sigma)],
    });
    const spikes = simulation.record(cells, "spikes", { from: 200 });
    simulation.runSync(200 + duration);
    return spikes;
  }

  /** Mean rate in Hz and its standard error, from the counts of the neurons. */
  function rateOf(spikes: SpikeRecording, neurons: number, duration: number): { rate: number; se: number } {
    const counts = new Float64Array(neurons);
    for (const n of spikes.view().neurons) counts[n] = (counts[n] ?? NaN) + 1;
    const { mean, sd } = moments(counts);
    const perSecond = 1000 / duration;
    return { rate: mean * perSecond, se: (sd * perSecond) / Math.sqrt(neurons) };
  }

  const noisy = expected.filter((row) => row.sigma > 0.1);
  const label = (row: Row): readonly [number, number, Row] => [row.mu, row.sigma, row];

  it.each(noisy.map(label))("mu %d mV, sigma %d mV at dt 0.1 ms", async (_mu, _sigma, row) => {
    const [neurons, duration] = [500, 2000];
    const spikes = await spikesOf(row, 0.1, neurons, duration, 11);
    const { rate, se } = rateOf(spikes, neurons, duration);
    expect(Math.abs(rate - row.grid_rate_dt0p1_Hz)).toBeLessThan(5 * se);
    // The threshold is looked at on the grid only: the rate lies below Siegert's.
    expect(row.rate_Hz - rate).toBeGreaterThan(5 * se);
    expect(Math.abs(meanCv(spikes.view(), neurons, 5) / (row.cv ?? NaN) - 1)).toBeLessThan(0.05);
  });

  it.each(noisy.map(label))("mu %d mV, sigma %d mV at dt 0.01 ms", async (_mu, _sigma, row) => {
    const [neurons, duration] = [400, 500];
    const { rate, se } = rateOf(await spikesOf(row, 0.01, neurons, duration, 12), neurons, duration);
    expect(Math.abs(rate - row.grid_rate_dt0p01_Hz)).toBeLessThan(5 * se);
  });

  it("almost no noise: within the 0.5 % to which an interval is rounded to the grid", async () => {
    const [row] = expected.filter(({ sigma }) => sigma < 0.1);
    if (row === undefined) expect.fail("no such entry");
    for (const [dt, wanted] of [
      [0.1, row.grid_rate_dt0p1_Hz],
      [0.01, row.grid_rate_dt0p01_Hz],
    ] as const) {
      const { intervals } = (await spikesOf(row, dt, 100, 500, 13)).isi();
      expect(intervals.length).toBeGreaterThan(3000);
      expect(Math.abs(1000 / moments(intervals).mean / wanted - 1)).toBeLessThan(0.005);
    }
  });
});

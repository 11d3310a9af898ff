/** How fast each method approaches the solution of each model's equations, and what is exact. */
import { beforeAll, describe, expect, it } from "vitest";
import { background, type Method, type ModelRecord, models, type Population, Simulation } from "../../src/index.js";
import { parameters } from "../contract/dynamics.js";
import { entryOf, load, orderOf, type Run, type SpikeEntry, spikeTimes, translate } from "../reference/harness.js";
import { random } from "../reference/random.js";
import { solve } from "../reference/solver.js";

const ORDER: Readonly<Partial<Record<Method, number>>> = {
  euler: 1,
  heun: 2,
  rk4: 4,
  exponentialEuler: 1,
  strangSplitting: 2,
  rosenbrock: 2,
};

interface Case {
  readonly model: ModelRecord;
  readonly init: Readonly<Record<string, number>>;
  /** A constant current and the amplitude of a sine, so that the times of the stages matter. */
  readonly current: readonly [constant: number, sine: number];
  readonly duration: number;
  /** Largest step for the methods of order 1 and 2, and for rk4, whose error soon drowns in rounding. */
  readonly steps: readonly [low: number, high: number];
}

/** Below threshold (and for the membrane models on the way up), where the solution is smooth. */
const CASES: readonly Case[] = [
  { model: models.lif, init: { v: -75 }, current: [200, 300], duration: 6.4, steps: [0.1, 0.8] },
  { model: models.adaptiveLif, init: { v: -75, w: 50 }, current: [200, 300], duration: 6.4, steps: [0.1, 0.8] },
  { model: models.qif, init: { v: -62 }, current: [20, 60], duration: 6.4, steps: [0.1, 0.8] },
  { model: models.eif, init: { v: -56 }, current: [200, 600], duration: 6.4, steps: [0.1, 0.8] },
  { model: models.adex, init: { v: -56, w: 100 }, current: [200, 600], duration: 6.4, steps: [0.1, 0.4] },
  { model: models.izhikevich, init: { v: -68, u: -12 }, current: [2, 3], duration: 6.4, steps: [0.1, 0.8] },
  { model: models.fitzhughNagumo, init: { v: -1, w: -0.2 }, current: [0.4, 0.3], duration: 6.4, steps: [0.05, 0.2] },
  { model: models.morrisLecar, init: { v: -30, w: 0.1 }, current: [100, 50], duration: 12.8, steps: [0.2, 0.8] },
  {
    model: models.hodgkinHuxley,
    init: { v: -63, m: 0.1, h: 0.5, n: 0.35 },
    current: [8, 5],
    duration: 1.28,
    steps: [0.02, 0.04],
  },
  {
    model: models.traubMiles,
    init: { v: -58, m: 0.05, h: 0.9, n: 0.1 },
    current: [300, 200],
    duration: 1.28,
    steps: [0.02, 0.04],
  },
];
const FREQUENCY = 90;
const HALVINGS = 5;

function stepsOf({ steps }: Case, method: Method): number[] {
  const first = method === "rk4" ? steps[1] : steps[0];
  return Array.from({ length: HALVINGS }, (_, k) => first / 2 ** k);
}

describe("what the records say of the accuracy of interspike intervals", () => {
  const rows = [
    [models.hodgkinHuxley, "open-hh-10"],
    [models.traubMiles, "open-hht-200"],
  ] as const;

  it.each(rows.map(([model, id]) => [model.id, model, id] as const))("%s", async (_name, model, id) => {
    const entry = entryOf<SpikeEntry>("spike-times", id);
    const expected = entry.expected.spike_times_ms ?? [];
    const error = async (method: Method, dt: number): Promise<number> => {
      const times = [...(await spikeTimes([{ name: "one", entry, method, dt }], true)).values()][0] ?? [];
      const n = Math.min(times.length, expected.length);
      expect(n).toBeGreaterThan(8);
      const mean = (t: ArrayLike<number>): number => ((t[n - 1] as number) - (t[0] as number)) / (n - 1);
      return mean(times) / mean(expected) - 1;
    };
    const { exponentialEuler, strangSplitting, rk4 } = model.accuracy;
    for (const dt of [0.05, 0.025, 0.0125]) {
      expect(Math.abs((await error("exponentialEuler", dt)) / dt / exponentialEuler - 1)).toBeLessThan(0.08);
    }
    for (const dt of [0.1, 0.05, 0.025]) {
      const part = (await error("strangSplitting", dt)) / dt ** 2 / strangSplitting;
      expect(Math.abs(part - 1), `strangSplitting at ${dt}`).toBeLessThan(0.15);
    }
    for (const dt of [rk4.dt, rk4.dt / 2]) expect(Math.abs(await error("rk4", dt))).toBeLessThan(rk4.error);
    expect(rk4.dt).toBeLessThanOrEqual(model.maxStep.rk4);
  });
});

describe("order of convergence of the state at a fixed time", () => {
  const rows = CASES.flatMap((row) =>
    row.model.methods.filter((m) => ORDER[m] !== undefined).map((method) => ({ row, method })),
  );
  const measured = new Map<string, { order: number; errors: number[] }>();
  const label = (row: Case, method: Method): string => `${row.model.id} ${method}`;

  beforeAll(async () => {
    const found = new Map<string, number>();
    for (const duration of new Set(CASES.map((row) => row.duration))) {
      const own = rows.filter(({ row }) => row.duration === duration);
      for (const dt of new Set(own.flatMap(({ row, method }) => stepsOf(row, method)))) {
        const simulation = await Simulation.create({ dt });
        const built = own
          .filter(({ row, method }) => stepsOf(row, method).includes(dt))
          .map(({ row, method }) => {
            const [constant, sine] = row.current;
            const population = simulation.population(label(row, method), row.model, 1, {
              method,
              init: row.init,
              background: [background.constant(constant), background.sine({ amplitude: sine, frequency: FREQUENCY })],
            }) as unknown as Population;
            return { row, method, population };
          });
        simulation.runSync(duration);
        for (const { row, method, population } of built) {
          const { state } = solution(row);
          let error = 0;
          for (const [name, x] of Object.entries(state)) {
            error = Math.max(error, Math.abs((population.state(name)[0] ?? NaN) - x) / (Math.abs(x) + 0.1));
          }
          found.set(`${label(row, method)} ${dt}`, error);
        }
      }
    }
    for (const { row, method } of rows) {
      const steps = stepsOf(row, method);
      const errors = steps.map((dt) => found.get(`${label(row, method)} ${dt}`) ?? NaN);
      measured.set(label(row, method), { order: orderOf(steps, errors), errors });
    }
  });

  const solutions = new Map<string, ReturnType<typeof solve>>();
  function solution(row: Case): ReturnType<typeof solve> {
    const known = solutions.get(row.model.id);
    if (known) return known;
    const [constant, sine] = row.current;
    const solved = solve({
      model: row.model,
      params: parameters(row.model),
      init: row.init,
      current: (t) => constant + sine * Math.sin(2 * Math.PI * (FREQUENCY / 1000) * t),
      duration: row.duration,
      tolerance: 1e-14,
    });
    solutions.set(row.model.id, solved);
    return solved;
  }

  it.each(rows.map(({ row, method }) => [label(row, method), method] as const))("%s", (name, method) => {
    const { order, errors } = measured.get(name) ?? expect.fail(name);
    expect(Math.abs(order - (ORDER[method] ?? NaN))).toBeLessThan(0.2);
    // Rounding plays no part yet, and the error is that of a small step.
    expect(errors[HALVINGS - 1]).toBeGreaterThan(2e-14);
    expect(errors[0]).toBeLessThan(0.1);
  });
});

describe("spike times", () => {
  const rows = load<SpikeEntry>("spike-times")
    .filter((entry) => entry.tolerance.naive_fixed_step_errors !== undefined)
    .filter(({ expected }) => expected.valid_spikes === expected.n_spikes)
    .flatMap((entry) => {
      const { model } = translate(entry);
      const methods = model.methods.filter((method) => ORDER[method] !== undefined);
      return methods.map((method) => ({ name: `${entry.id} ${method}`, entry, method, family: model.family }));
    });
  /** A reset waits for the end of its step, which makes errors jump with dt: those models are averaged over several. */
  const stepsOf = (family: string): number[] => (family === "resets" ? [0.061, 0.067, 0.071, 0.073, 0.079] : [0.04]);
  const FINER = 8;
  const runs = rows.flatMap((row) =>
    stepsOf(row.family).flatMap((coarse) =>
      [coarse, coarse / FINER].map((dt): Run => ({ ...row, name: `${row.name} ${dt}`, dt })),
    ),
  );
  let trains = new Map<string, Float64Array>();

  beforeAll(async () => {
    trains = await spikeTimes(runs, true);
  });

  it("are compared for all methods of all models", () => {
    expect(rows.length).toBeGreaterThan(90);
    expect(new Set(rows.map(({ method }) => method)).size).toBe(Object.keys(ORDER).length);
  });

  it.each(rows.map((row) => [row.name, row] as const))("%s: falls with dt", (name, { entry, family }) => {
    const reference = entry.expected.spike_times_ms ?? [];
    const error = (dt: number): number => {
      const times = trains.get(`${name} ${dt}`) ?? expect.fail(name);
      const both = Math.min(times.length, reference.length);
      let sum = 0;
      for (let k = 0; k < both; k++) sum += Math.abs((times[k] ?? NaN) - (reference[k] ?? NaN));
      return sum / both;
    };
    const mean = (finer: number): number =>
      stepsOf(family).reduce((sum, dt) => sum + error(dt / finer), 0) / stepsOf(family).length;
    const fine = mean(FINER);
    const perHalving = Math.cbrt(mean(1) / fine);
    // Below half a step there is nothing left to gain.
    expect(perHalving > 1.7 || fine < 0.005, `${perHalving} per halving, ${fine} ms`).toBe(true);
  });
});

describe("what is exact", () => {
  it("lif exact: the closed form on the grid, through changes of current and refractory periods", async () => {
    const dt = 0.1;
    const next = random(3);
    const points = Array.from({ length: 40 }, (_, k): [number, number] => [5 * k, 200 + 600 * next()]);
    const sets = Array.from({ length: 20 }, () => ({
      C_m: 50 + 300 * next(),
      tau_m: 0.05 + 40 * next() ** 3,
      E_L: -80 + 20 * next(),
      V_th: -50 + 5 * next(),
      V_reset: -75 + 20 * next(),
      t_ref: 5 * next(),
    }));
    const simulation = await Simulation.create({ dt });
    const column = (name: keyof (typeof sets)[number]): number[] => sets.map((set) => set[name]);
    const cells = simulation.population("cells", models.lif, sets.length, {
      params: {
        C_m: column("C_m"),
        tau_m: column("tau_m"),
        E_L: column("E_L"),
        V_th: column("V_th"),
        V_reset: column("V_reset"),
        t_ref: column("t_ref"),
      },
      background: [background.piecewise(points)],
    });
    const v = simulation.record(cells, "v");
    const spikes = simulation.record(cells, "spikes");
    simulation.runSync(200);
    let compared = 0;
    for (const [i, { C_m, tau_m, E_L, V_th, V_reset, t_ref }] of sets.entries()) {
      const trace = v.values(i);
      const wanted: number[] = [];
      // The last point from which the closed form starts, and the step until which v is held.
      let from = { step: 0, v: E_L };
      let held = 0;
      for (let k = 1; k <= 2000; k++) {
        const piece = Math.floor((k - 1) / 50);
        const target = E_L + ((points[piece]?.[1] ?? NaN) * tau_m) / C_m;
        let x = k <= held ? V_reset : target + (from.v - target) * Math.exp(((from.step - k) * dt) / tau_m);
        if (x >= V_th) {
          wanted.push(k);
          x = V_reset;
          held = k + Math.round(t_ref / dt);
        }
        if (x === V_reset || k % 50 === 0) from = { step: k, v: x };
        // Relative to the scale of the voltages.
        expect(Math.abs((trace[k] ?? NaN) - x) / 100).toBeLessThan(1e-12);
        compared++;
      }
      expect(Array.from(spikes.of(i), (t) => Math.round(t / dt))).toEqual(wanted);
    }
    expect(compared).toBe(40000);
    expect(spikes.count).toBeGreaterThan(100);
  });

  it("adaptiveLif exact follows the solution by eigenvalues at any dt: real, complex and equal ones", async () => {
    const base = { C_m: 250, E_L: -70, V_th: 1e3, V_reset: -80, b: 0, t_ref: 0 };
    const sets = [
      { tau_m: 10, tau_w: 100, a: 2 },
      { tau_m: 20, tau_w: 20, a: 30 },
      { tau_m: 5, tau_w: 300, a: 200 },
      { tau_m: 30, tau_w: 2, a: -4 },
      { tau_m: 10, tau_w: 10, a: 0 },
      // Equal eigenvalues: (1/tau_m - 1/tau_w)^2 = 4 a / (C_m tau_w).
      { tau_m: 10, tau_w: 40, a: (250 * 40 * (1 / 10 - 1 / 40) ** 2) / 4 },
    ];
    const I = 300;
    const start = { v: -62, w: 45 };
    for (const dt of [0.01, 0.1, 1, 25]) {
      const simulation = await Simulation.create({ dt });
      const cells = simulation.population("cells", models.adaptiveLif, sets.length, {
        params: { ...base, tau_m: sets.map((s) => s.tau_m), tau_w: sets.map((s) => s.tau_w), a: sets.map((s) => s.a) },
        init: start,
        background: [background.constant(I)],
      });
      simulation.runSync(50);
      for (const [i, { tau_m, tau_w, a }] of sets.entries()) {
        const wanted = closedForm({ C_m: 250, E_L: -70, tau_m, tau_w, a }, start, I, 50);
        expect(Math.abs((cells.state("v")[i] ?? NaN) - wanted.v) / 100).toBeLessThan(1e-12);
        expect(Math.abs((cells.state("w")[i] ?? NaN) - wanted.w) / 1000).toBeLessThan(1e-12);
      }
    }
  });

  it("adaptiveLif exact agrees with the solver between spikes and at resets on the grid", async () => {
    const dt = 0.1;
    const params = parameters(models.adaptiveLif, undefined, { t_ref: 0, V_reset: -65 });
    const simulation = await Simulation.create({ dt });
    const cell = simulation.population("cell", models.adaptiveLif, 1, {
      params: { t_ref: 0, V_reset: -65 },
      init: { v: -70, w: 0 },
      background: [background.constant(700)],
    });
    const spikes = simulation.record(cell, "spikes");
    const trace = { v: simulation.record(cell, "v"), w: simulation.record(cell, "w") };
    simulation.runSync(100);
    expect(spikes.count).toBeGreaterThan(5);
    const steps = [0, ...Array.from(spikes.times, (t) => Math.round(t / dt)), 1000];
    for (let k = 0; k + 1 < steps.length; k++) {
      const [from, to] = [steps[k] ?? NaN, steps[k + 1] ?? NaN];
      const last = to === 1000 ? to : to - 1;
      const at = (step: number) => ({ v: trace.v.values(0)[step] ?? NaN, w: trace.w.values(0)[step] ?? NaN });
      const { state } = solve({
        model: models.adaptiveLif,
        params: { ...params, V_th: 1e3 },
        init: at(from),
        current: () => 700,
        duration: (last - from) * dt,
        tolerance: 1e-14,
      });
      expect(at(last).v).toBeCloseTo(state.v ?? NaN, 10);
      expect(at(last).w).toBeCloseTo(state.w ?? NaN, 9);
      expect(at(last).v).toBeLessThan(params.V_th ?? NaN);
    }
  });
});

interface Linear {
  readonly C_m: number;
  readonly E_L: number;
  readonly tau_m: number;
  readonly tau_w: number;
  readonly a: number;
}

/** v and w at time t under a constant current: exp(A t) of a 2 x 2 matrix by its eigenvalues. */
function closedForm({ C_m, E_L, tau_m, tau_w, a }: Linear, start: { v: number; w: number }, I: number, t: number) {
  const [p, q, r, s] = [-1 / tau_m, -1 / C_m, a / tau_w, -1 / tau_w];
  // Fixed point of x' = A x + (I / C_m, 0).
  const det = p * s - q * r;
  const fixed = { x: (-s * I) / C_m / det, w: (r * I) / C_m / det };
  const mean = (p + s) / 2;
  const square = ((p - s) / 2) ** 2 + q * r;
  const root = Math.sqrt(Math.abs(square));
  // exp(A t) = exp(mean t) (even + odd (A - mean)), the limits of cosh and sinh / root at 0.
  const zero = root * t < 1e-7;
  const even = zero ? 1 : square > 0 ? Math.cosh(root * t) : Math.cos(root * t);
  const odd = zero ? t : square > 0 ? Math.sinh(root * t) / root : Math.sin(root * t) / root;
  const decay = Math.exp(mean * t);
  const [x, w] = [start.v - E_L - fixed.x, start.w - fixed.w];
  return {
    v: E_L + fixed.x + decay * (even * x + odd * ((p - mean) * x + q * w)),
    w: fixed.w + decay * (even * w + odd * (r * x + (s - mean) * w)),
  };
}

/** What synapses do to their targets: shapes of receptors, short-term plasticity, release, connection rules. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  adaptiveLif,
  ConnectionError,
  lif,
  type Method,
  morrisLecar,
  type ModelRecord,
  type Projection,
  receptor,
  type ReceptorInput,
  Simulation,
  spikeTrain,
  traubMiles,
  ValueRangeError,
} from "../../src/index.js";
import { synapseEntry } from "../reference/entries.js";

/** Largest distance of two series. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs((a[i] as number) - (b[i] as number));
    if (!(d <= most)) most = d;
  }
  return most;
}

interface Response {
  /** Times since the spike arrived, v and the receptor's state. */
  readonly t: Float64Array;
  readonly v: Float64Array;
  readonly x: Float64Array;
}

interface Setting {
  readonly dt: number;
  readonly steps: number;
  readonly weight?: number;
  readonly model?: ModelRecord;
  readonly method?: Method;
  readonly params?: Readonly<Record<string, number>>;
  readonly init?: Readonly<Record<string, number>>;
}

/** Response of a neuron to one spike, which arrives after two steps. */
async function respond(kernel: ReceptorInput, setting: Setting): Promise<Response> {
  const { dt, steps, weight = 1, model = lif, method, params = {}, init } = setting;
  const sim = await Simulation.create({ dt });
  const source = sim.population("source", spikeTrain, 1, { params: { times: [dt], neurons: [0] } });
  const cell = sim.population("cell", model as typeof lif, 1, {
    params,
    receptors: { in: kernel },
    ...(method === undefined ? {} : { method: method as "exact" }),
    ...(init === undefined ? {} : { init }),
  });
  sim.connect(source, cell, { rule: "allToAll", weight, delay: dt });
  const v = sim.record(cell, "v");
  const x = sim.record(cell, "E_rev" in kernel || kernel.kernel === "nmda" ? "g_in" : "i_in");
  await sim.run((steps + 2) * dt);
  return {
    t: v.time.slice(2).map((t) => t - 2 * dt),
    v: v.values(0).slice(2),
    x: x.values(0).slice(2),
  };
}

/** Rise and decay with peak 1, by the textbook's difference of exponentials. */
function dual(rise: number, decay: number): (t: number) => number {
  const peak = ((rise * decay) / (decay - rise)) * Math.log(decay / rise);
  const at = (t: number): number => Math.exp(-t / decay) - Math.exp(-t / rise);
  return (t) => at(t) / at(peak);
}

const alpha =
  (tau: number) =>
  (t: number): number =>
    (t / tau) * Math.exp(1 - t / tau);

const FAR = { V_th: 1000 };

describe("postsynaptic potentials of lif under the exact method", () => {
  test("exponential current: time and height of the peak", async () => {
    const { params, expected } = synapseEntry<
      { taum: number; taus: number; C: number; w: number },
      { t_peak_ms: number; V_peak_mV: number }
    >("open-psp-exp");
    const dt = expected.t_peak_ms / 16;
    const { v } = await respond(receptor.exponential({ tau: params.taus }), {
      dt,
      steps: 32,
      weight: params.w,
      params: { C_m: params.C, tau_m: params.taum, E_L: 0, V_reset: 0, ...FAR },
    });
    expect(v.indexOf(Math.max(...v))).toBe(16);
    expect(Math.abs((v[16] as number) - expected.V_peak_mV)).toBeLessThan(1e-12);
  });

  test("alpha current: time and height of the peaks of current and potential, charge", async () => {
    const { params, expected } = synapseEntry<
      { taum: number; taus: number; C: number; w: number },
      { t_peak_ms: number; V_peak_mV: number; psc_peak_time: number; psc_charge_pAms: number }
    >("open-psp-alpha");
    const dt = expected.t_peak_ms / 64;
    const setting = {
      steps: 1024,
      weight: params.w,
      params: { C_m: params.C, tau_m: params.taum, E_L: 0, V_reset: 0, ...FAR },
    };
    const { v, x, t } = await respond(receptor.alpha({ tau: params.taus }), { dt, ...setting });
    expect(v.indexOf(Math.max(...v))).toBe(64);
    expect(Math.abs((v[64] as number) - expected.V_peak_mV)).toBeLessThan(1e-12);
    expect(
      distance(
        x,
        t.map((s) => params.w * alpha(params.taus)(s)),
      ),
    ).toBeLessThan(1e-12 * params.w);
    // The sum that the grid makes of the area is a derivative of a geometric series.
    const a = dt / params.taus;
    const series = (a * Math.exp(-a)) / Math.expm1(-a) ** 2;
    expect(x.reduce((sum, i) => sum + i, 0)).toBeCloseTo(params.w * Math.E * series, 9);
    expect(params.w * Math.E * params.taus).toBeCloseTo(expected.psc_charge_pAms, 9);
    const onPeak = await respond(receptor.alpha({ tau: params.taus }), {
      dt: expected.psc_peak_time / 8,
      ...setting,
      steps: 16,
    });
    expect(onPeak.x.indexOf(Math.max(...onPeak.x))).toBe(8);
    expect(Math.abs((onPeak.x[8] as number) - params.w)).toBeLessThan(1e-12 * params.w);
  });

  // v = sum of exponentials, by partial fractions
  test.each([
    [0.5, 3],
    [2, 5],
    [1, 40],
  ])("dual exponential current %d, %d ms", async (rise, decay) => {
    const [C, m] = [250, 10];
    const { v, t } = await respond(receptor.dualExponential({ tau_rise: rise, tau_decay: decay }), {
      dt: 0.1,
      steps: 400,
      weight: 100,
      params: { C_m: C, tau_m: m, E_L: 0, V_reset: 0, ...FAR },
    });
    const norm = (1 / dual(rise, decay)(1)) * (Math.exp(-1 / decay) - Math.exp(-1 / rise));
    const part = (tau: number, s: number): number => (Math.exp(-s / m) - Math.exp(-s / tau)) / (1 / tau - 1 / m);
    const closed = t.map((s) => (100 / C / norm) * (part(decay, s) - part(rise, s)));
    expect(distance(v, closed)).toBeLessThan(1e-12);
  });

  test.each([
    ["exponential", receptor.exponential({ tau: 5 })],
    ["alpha", receptor.alpha({ tau: 3 })],
    ["dualExponential", receptor.dualExponential({ tau_rise: 1, tau_decay: 10 })],
    ["step", receptor.step({ duration: 2 })],
  ])("%s: no difference between steps of 1 and 0.05 ms, also with adaptation", async (_name, kernel) => {
    for (const model of [lif, adaptiveLif]) {
      const setting = { model, weight: 200, params: model === lif ? FAR : { ...FAR, a: 5, tau_w: 20 } };
      const coarse = await respond(kernel, { dt: 1, steps: 40, ...setting });
      const fine = await respond(kernel, { dt: 0.05, steps: 800, ...setting });
      expect(
        distance(
          coarse.v,
          fine.v.filter((_, i) => i % 20 === 0),
        ),
      ).toBeLessThan(1e-11);
    }
  });

  // A method that looks at the start of the step only takes the mean over the step.
  test.each([
    ["exponential", receptor.exponential({ tau: 2 }), 2],
    ["alpha", receptor.alpha({ tau: 2 }), 2 * Math.E],
    ["dualExponential", receptor.dualExponential({ tau_rise: 0.5, tau_decay: 3 }), 4.292907243315766],
    ["step", receptor.step({ duration: 2 }), 2],
  ] as const)("%s: the whole charge arrives under euler too", async (_name, kernel, area) => {
    for (const method of ["exact", "euler"] as const) {
      for (const dt of [0.1, 1]) {
        const { v } = await respond(kernel, {
          dt,
          steps: 80 / dt,
          weight: 250,
          method,
          params: { tau_m: 1e12, ...FAR },
        });
        expect(Math.abs((v.at(-1) as number) - (v[0] as number) - area)).toBeLessThan(1e-8);
      }
    }
  });

  test("neurons with different time constants get propagators of their own", async () => {
    const tau_m = [5, 10, 20];
    const sim = await Simulation.create({ dt: 0.5 });
    const source = sim.population("source", spikeTrain, 1, { params: { times: [0.5], neurons: [0] } });
    const cells = sim.population("cells", lif, 3, {
      params: { tau_m, ...FAR },
      receptors: { in: receptor.alpha({ tau: 2 }) },
    });
    sim.connect(source, cells, { rule: "allToAll", weight: 100 });
    const v = sim.record(cells, "v");
    await sim.run(20);
    for (const [i, tau] of tau_m.entries()) {
      const alone = await respond(receptor.alpha({ tau: 2 }), {
        dt: 0.5,
        steps: 38,
        weight: 100,
        params: { tau_m: tau, ...FAR },
      });
      expect(distance(v.values(i).slice(2), alone.v)).toBe(0);
    }
  });
});

describe("shapes", () => {
  test("dualExponential peaks at the weight, at the grid point of its peak", async () => {
    const { params, expected } = synapseEntry<
      { tau_rise: number; tau_decay: number },
      { t_peak: number; norm: number; area: number }
    >("open-dualexp");
    const { tau_rise, tau_decay } = params;
    const { x, t } = await respond(receptor.dualExponential({ tau_rise, tau_decay, E_rev: 0 }), {
      dt: expected.t_peak / 8,
      steps: 1600,
      weight: 1,
      params: FAR,
    });
    expect(x.indexOf(Math.max(...x))).toBe(8);
    expect(Math.abs((x[8] as number) - 1)).toBeLessThan(1e-14);
    const closed = t.map((s) => expected.norm * (Math.exp(-s / tau_decay) - Math.exp(-s / tau_rise)));
    expect(distance(x, closed)).toBeLessThan(1e-13);
    // Sum of the two geometric series that the grid makes of the area.
    const series = (tau: number): number => 1 / -Math.expm1(-expected.t_peak / 8 / tau);
    expect(x.reduce((sum, g) => sum + g, 0)).toBeCloseTo(expected.norm * (series(tau_decay) - series(tau_rise)), 10);
    expect(expected.norm * (tau_decay - tau_rise)).toBeCloseTo(expected.area, 12);
  });

  test("equal and nearly equal time constants converge to alpha", async () => {
    const setting = { dt: 0.1, steps: 300, params: FAR };
    const limit = await respond(receptor.alpha({ tau: 5 }), setting);
    expect(limit.v.every(Number.isFinite)).toBe(true);
    const equal = await respond(receptor.dualExponential({ tau_rise: 5, tau_decay: 5 }), setting);
    expect([distance(equal.v, limit.v), distance(equal.x, limit.x)]).toEqual([0, 0]);
    for (const difference of [1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1e-2]) {
      const near = await respond(receptor.dualExponential({ tau_rise: 5, tau_decay: 5 * (1 + difference) }), setting);
      expect(distance(near.x, limit.x)).toBeLessThan(Math.max(1e-14, difference));
      expect(distance(near.x, near.t.map(alpha(5 * (1 + difference / 2))))).toBeLessThan(
        Math.max(2e-14, difference ** 2),
      );
    }
  });

  test("very different time constants stay finite at large steps", async () => {
    for (const [rise, decay] of [
      [1e-3, 100],
      [1e-3, 1e-3],
      [0.01, 1],
    ] as const) {
      const { x, v } = await respond(receptor.dualExponential({ tau_rise: rise, tau_decay: decay }), {
        dt: 1,
        steps: 50,
        params: FAR,
      });
      expect(x.every(Number.isFinite) && v.every(Number.isFinite)).toBe(true);
      const closed = decay > rise ? dual(rise, decay) : alpha(rise);
      expect(
        distance(
          x,
          Float64Array.from(x, (_, i) => closed(i)),
        ),
      ).toBeLessThan(1e-14);
    }
  });

  test("step acts for its duration exactly; overlapping ones add up and leave nothing behind", async () => {
    const { x, v } = await respond(receptor.step({ duration: 2 }), {
      dt: 0.1,
      steps: 60,
      weight: 3,
      params: { ...FAR, E_L: 0, V_reset: 0 },
    });
    expect(Array.from(x)).toEqual(Array.from({ length: 61 }, (_, k) => (k < 20 ? 3 : 0)));
    const R = 10 / 250;
    expect(v[20]).toBeCloseTo(3 * R * (1 - Math.exp(-0.2)), 13);

    const sim = await Simulation.create({ dt: 0.1 });
    const times = [1, 1, 1.5, 2.9, 5, 8.1];
    const source = sim.population("source", spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
    const cell = sim.population("cell", lif, 1, { receptors: { in: receptor.step({ duration: 2, E_rev: 0 }) } });
    sim.connect(source, cell, { rule: "allToAll", weight: 0.3, delay: 0.1 });
    const g = sim.record(cell, "g_in");
    await sim.run(12);
    const steps = times.map((t) => Math.round(t / 0.1) + 1);
    const expected = Array.from(g.time, (_, k) => 0.3 * steps.filter((from) => k >= from && k < from + 20).length);
    expect(distance(g.values(0), expected)).toBeLessThan(1e-15);
    expect(
      g
        .values(0)
        .filter((_, k) => expected[k] === 0)
        .every((x) => x === 0),
    ).toBe(true);
  });

  test("step: the bits of neuron after neuron, in any place of a vector", async () => {
    const arrival = fc.record({ step: fc.nat(30), source: fc.nat(5) });
    let undone = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(arrival, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 21 }),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom("euler", "rk4", "conductance"),
        async (given, size, length, kind) => {
          const sim = await Simulation.create({ dt: 1 });
          const params = { times: given.map(({ step }) => step + 1), neurons: given.map(({ source }) => source) };
          const sources = sim.population("sources", spikeTrain, 6, { params });
          const cells = sim.population("cells", lif, size, {
            method: kind === "rk4" ? "rk4" : "euler",
            receptors: { in: receptor.step({ duration: length, ...(kind === "conductance" && { E_rev: 0 }) }) },
          });
          // Some weights are none, and some take others away.
          const weight = (s: number, t: number): number =>
            (s % 2 === 1 && kind !== "conductance" ? -1 : 1) * 0.1 * (((s >> 1) * t) % 3);
          sim.connect(sources, cells, { rule: "allToAll", weight, weightPrecision: "float64", delay: 1 });
          const state = sim.record(cells, kind === "conductance" ? "g_in" : "i_in");
          await sim.run(40);
          const found = state.view();
          for (let t = 0; t < size; t++) {
            const ring = Array.from({ length: 45 }, () => 0);
            for (let s = 0; s < 6; s++) {
              for (const { step, source } of given)
                if (source === s) ring[step + 1] = (ring[step + 1] as number) + weight(s, t);
            }
            let [x, count] = [0, 0];
            for (let k = 0; k < 40; k++) {
              const [come, go] = [ring[k] as number, ring[k - length] ?? 0];
              count += Number(come !== 0) - Number(go !== 0);
              if (come !== 0 || go !== 0) x = count === 0 ? 0 : x + (come - go);
              if (come === 0 && given.some(({ step }) => step + 1 === k)) undone++;
              expect(found[(k + 1) * size + t]).toBe(x);
            }
          }
          sim.close();
        },
      ),
      { seed: 5, numRuns: 40 },
    );
    expect(undone).toBeGreaterThan(20);
  });

  test("steps at any times: the sum of those that are on, and an exact zero where none is", async () => {
    // Few times, so that one often arrives as another ends; weights whose sums are rounded.
    const arrival = fc.record({ at: fc.integer({ min: 1, max: 40 }), source: fc.integer({ min: 0, max: 2 }) });
    const weights = [0.1, 0.3, 1.7];
    let met = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(arrival, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        async (given, length, conductance) => {
          const arrivals = [...new Map(given.map((a) => [`${a.at} ${a.source}`, a])).values()];
          const sim = await Simulation.create({ dt: 0.5 });
          const params = { times: arrivals.map(({ at }) => at / 2), neurons: arrivals.map(({ source }) => source) };
          const source = sim.population("source", spikeTrain, 3, { params });
          const kernel = receptor.step({ duration: length / 2, ...(conductance ? { E_rev: 0 } : {}) });
          const cell = sim.population("cell", lif, 1, { receptors: { in: kernel } });
          const weight = (s: number): number => weights[s] as number;
          sim.connect(source, cell, { rule: "allToAll", weight, weightPrecision: "float64", delay: 0.5 });
          const state = sim.record(cell, conductance ? "g_in" : "i_in");
          await sim.run(30);
          const x = state.values(0);
          for (let k = 0; k < x.length; k++) {
            const acting = arrivals.filter(({ at }) => k > at && k <= at + length);
            const sum = acting.reduce((total, a) => total + (weights[a.source] as number), 0);
            if (acting.length === 0) expect(x[k]).toBe(0);
            else expect(Math.abs((x[k] as number) - sum)).toBeLessThan(1e-13);
          }
          if (arrivals.some((a) => arrivals.some((b) => b.at === a.at + length))) met++;
        },
      ),
      { numRuns: 40, seed: 1 },
    );
    expect(met).toBeGreaterThan(10);
  });

  test("init gives the state of every kernel; a step that is on at the start ends", async () => {
    const sim = await Simulation.create({ dt: 0.5 });
    const cell = sim.population("cell", lif, 3, {
      receptors: {
        a: receptor.exponential({ tau: 5 }),
        b: receptor.alpha({ tau: 5, E_rev: 0 }),
        c: receptor.nmda(),
        d: receptor.step({ duration: 2 }),
      },
      init: { i_a: 1, g_b: [1, 2, 3], g_c: 4, i_d: [5, 0, 6] },
    });
    const [a, b, c, d] = (["i_a", "g_b", "g_c", "i_d"] as const).map((name) => sim.record(cell, name));
    await sim.run(5);
    const decay = (from: number, tau: number): number[] =>
      Array.from({ length: 11 }, (_, k) => from * Math.exp((-0.5 * k) / tau));
    expect(distance(a?.values(1) ?? [], decay(1, 5))).toBeLessThan(1e-14);
    expect(distance(b?.values(2) ?? [], decay(3, 5))).toBeLessThan(1e-14);
    expect(distance(c?.values(0) ?? [], decay(4, 100))).toBeLessThan(1e-14);
    expect(Array.from(d?.values(0) ?? [])).toEqual([5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0]);
    expect(Array.from(d?.values(1) ?? [])).toEqual(new Array(11).fill(0));
  });

  test("nmda is blocked by magnesium at the potential of the start of the step", async () => {
    const [C, tau_m, E_L, dt] = [250, 10, -70, 0.1];
    for (const method of ["euler", "exponentialEuler"] as const) {
      const { t, v } = await respond(receptor.nmda(), {
        dt,
        steps: 300,
        weight: 50,
        method,
        params: { C_m: C, tau_m, E_L, V_reset: E_L, ...FAR },
      });
      // Mean of the unblocked conductance over the step that starts at s.
      const part = (tau: number, s: number): number => (tau / dt) * (Math.exp(-s / tau) - Math.exp(-(s + dt) / tau));
      const norm = 50 * (dual(2, 100)(1) / (Math.exp(-1 / 100) - Math.exp(-1 / 2)));
      let u = E_L;
      const expected = Array.from(t, (s) => {
        const now = u;
        const open = (norm * (part(100, s) - part(2, s))) / (1 + (1 / 3.57) * Math.exp(-0.062 * u));
        const slope = (E_L - u) / tau_m + (open * (0 - u)) / C;
        const b = 1 / tau_m + open / C;
        u += method === "euler" ? dt * slope : (slope / b) * -Math.expm1(-b * dt);
        return now;
      });
      expect(distance(v, expected)).toBeLessThan(1e-11);
      expect(Math.max(...v)).toBeGreaterThan(E_L + 1);
    }
    const free = await respond({ kernel: "nmda", Mg: 0 }, { dt, steps: 300, weight: 5, params: FAR });
    const plain = await respond(receptor.dualExponential({ tau_rise: 2, tau_decay: 100, E_rev: 0 }), {
      dt,
      steps: 300,
      weight: 5,
      params: FAR,
    });
    expect(distance(free.v, plain.v)).toBe(0);
  });

  const kernels: readonly (readonly [string, ReceptorInput])[] = [
    ["exponential", receptor.exponential({ tau: 4, E_rev: 0 })],
    ["alpha", receptor.alpha({ tau: 4, E_rev: 0 })],
    ["dualExponential", receptor.dualExponential({ tau_rise: 3, tau_decay: 8, E_rev: 0 })],
    ["step", receptor.step({ duration: 10, E_rev: 0 })],
  ];
  // The stages see the conductance at their own times: otherwise the order would fall to 1.
  test.each(kernels)("%s conductance: heun and rk4 keep their orders", async (_name, kernel) => {
    const at = async (method: Method, dt: number): Promise<number> => {
      const { v } = await respond(kernel, {
        dt,
        steps: Math.round(20 / dt),
        weight: 10,
        method,
        params: { ...FAR, tau_m: 20 },
      });
      return v.at(-1) as number;
    };
    const best = await at("rk4", 0.05);
    for (const [method, order] of [
      ["heun", 2],
      ["rk4", 4],
    ] as const) {
      const errors = await Promise.all([1, 0.5].map(async (dt) => Math.abs((await at(method, dt)) - best)));
      expect(Math.log2((errors[0] as number) / (errors[1] as number))).toBeGreaterThan(order - 0.35);
    }
  });

  test("every model and method takes every kernel", async () => {
    for (const [, kernel] of [...kernels, ["nmda", receptor.nmda()] as const]) {
      for (const [model, dt] of [
        [traubMiles, 0.01],
        [morrisLecar, 0.05],
      ] as const) {
        for (const method of model.methods) {
          const { v } = await respond(kernel, { model, method, dt, steps: 200, weight: 0.1 });
          expect(v.every(Number.isFinite)).toBe(true);
        }
      }
    }
  });
});

describe("findings on receptors", () => {
  const findings = async (kernel: ReceptorInput, dt = 0.1): Promise<readonly (readonly [string, string | null])[]> => {
    const sim = await Simulation.create({ dt });
    sim.population("cell", lif, 1, { receptors: { in: kernel } });
    return sim.check().map(({ code, parameter }) => [code, parameter] as const);
  };

  it("warns of time constants below 3 ms and rounds durations", async () => {
    expect(await findings(receptor.alpha({ tau: 3 }))).toEqual([]);
    expect(await findings(receptor.alpha({ tau: 2.9 }))).toEqual([["receptor-tau-below-3", "in.tau"]]);
    expect(await findings(receptor.dualExponential({ tau_rise: 0.5, tau_decay: 2 }))).toEqual([
      ["receptor-tau-below-3", "in.tau_rise"],
      ["receptor-tau-below-3", "in.tau_decay"],
    ]);
    expect(await findings(receptor.step({ duration: 1 }))).toEqual([]);
    expect(await findings(receptor.step({ duration: 0.25 }))).toEqual([["time-rounded", "in.duration"]]);
  });

  it.each([
    [2.5, ""],
    [1.2, "its largest value on the grid is 4.1 % below its peak"],
  ])("says what the grid loses of the shape, if that is anything: tau_decay %d", async (tau_decay, text) => {
    const sim = await Simulation.create({ dt: 1 });
    sim.population("cell", lif, 1, { receptors: { in: receptor.dualExponential({ tau_rise: 0.5, tau_decay }) } });
    const peak = dual(0.5, tau_decay);
    const lost = Math.round(1000 * (1 - Math.max(peak(0), peak(1), peak(2)))) / 10;
    const message = sim.check().map((f) => f.message).join();
    if (lost === 0) expect(message).not.toContain("peak");
    else expect(message).toContain(`its largest value on the grid is ${lost} % below its peak`);
    expect(message).toContain(text);
  });

  it("refuses time constants that are not positive", async () => {
    for (const kernel of [
      receptor.alpha({ tau: 0 }),
      receptor.dualExponential({ tau_rise: -1, tau_decay: 2 }),
      receptor.step({ duration: 0 }),
    ]) {
      await expect(findings(kernel)).rejects.toThrow(ValueRangeError);
    }
  });
});

describe("short-term plasticity", () => {
  interface Case {
    readonly U: number;
    readonly tau_f: number;
    readonly tau_d: number;
    readonly isi: number;
  }
  interface Result {
    readonly first5: readonly number[];
    readonly release_ss: number;
  }
  const { params, expected } = synapseEntry<readonly Case[], readonly Result[]>("open-stp");

  test.each(params.map((p, i) => [p, expected[i] as Result] as const))(
    "%j",
    async ({ U, tau_f, tau_d, isi }, { first5, release_ss }) => {
      const sim = await Simulation.create({ dt: 0.5 });
      const count = 400;
      const times = Array.from({ length: count }, (_, k) => (k + 1) * isi);
      const source = sim.population("source", spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
      const cell = sim.population("cell", lif, 1, { receptors: { in: receptor.step({ duration: 0.5 }) } });
      sim.connect(source, cell, {
        rule: "allToAll",
        weight: 1,
        delay: 2,
        shortTerm: { U, tau_rec: tau_d, tau_facil: tau_f },
      });
      const current = sim.record(cell, "i_in");
      await sim.run(count * isi + 3);
      const values = current.values(0);
      const released = times.map((t) => values[Math.round((t + 2) / 0.5)] as number);
      expect(distance(released.slice(0, 5), first5)).toBeLessThan(1e-12);
      expect(Math.abs((released.at(-1) as number) - release_ss)).toBeLessThan(1e-12);
    },
  );
});

describe("stochastic release", () => {
  /** Transmitted spikes of `targets` synapses in each of `spikes` events. */
  async function transmitted(
    release: number,
    times: readonly number[],
    targets: number,
    seed: number,
  ): Promise<Float64Array> {
    const sim = await Simulation.create({ dt: 1, seed });
    const source = sim.population("source", spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
    const cells = sim.population("cells", lif, targets, {
      params: { V_th: 1e9, tau_m: 1e12 },
      init: { v: 0 },
      receptors: { in: receptor.delta() },
    });
    sim.connect(source, cells, { rule: "allToAll", weight: 1, release });
    const v = sim.record(cells, "v");
    await sim.run(Math.max(...times) + 2);
    const all = v.view();
    return Float64Array.from({ length: v.length - 1 }, (_, k) => {
      let sum = 0;
      for (let i = 0; i < targets; i++)
        sum += (all[(k + 1) * targets + i] as number) - (all[k * targets + i] as number);
      return Math.round(sum);
    });
  }

  test("mean and variance are those of independent trials", async () => {
    const [targets, spikes, p] = [500, 400, 0.3];
    const counts = (
      await transmitted(
        p,
        Array.from({ length: spikes }, (_, k) => k + 1),
        targets,
        3,
      )
    ).slice(1, spikes + 1);
    const mean = counts.reduce((a, b) => a + b, 0) / spikes;
    const variance = counts.reduce((a, b) => a + (b - mean) ** 2, 0) / (spikes - 1);
    expect(Math.abs(mean - targets * p)).toBeLessThan(4 * Math.sqrt((targets * p * (1 - p)) / spikes));
    expect(Math.abs(variance / (targets * p * (1 - p)) - 1)).toBeLessThan(4 * Math.sqrt(2 / spikes));
  });

  test("spikes of one step are released independently", async () => {
    // Ten spikes at once: binomial over all of them, not all or none.
    const rounds = 40;
    const times = Array.from({ length: rounds * 10 }, (_, k) => 1 + Math.floor(k / 10));
    const counts = (await transmitted(0.5, times, 200, 5)).slice(1, rounds + 1);
    const variance = counts.reduce((a, b) => a + (b - 1000) ** 2, 0) / rounds;
    expect(Math.abs(variance / 500 - 1)).toBeLessThan(4 * Math.sqrt(2 / rounds));
  });

  test("two synapses of one pair are released independently wherever they lie in a row", async () => {
    // So many synapses of one delay that they are kept in pieces, whatever the size of these, and two of each pair.
    const targets = 2500;
    const times = Array.from({ length: 60 }, (_, k) => k + 1);
    const pairs = Array.from({ length: 2 * targets }, (_, j) => [0, j >> 1] as [number, number]);
    pairs.push([0, 0]);
    const potentials = async (threads: number, other: number): Promise<Float64Array> => {
      const sim = await Simulation.create({ dt: 1, seed: 2, threads });
      const source = sim.population("source", spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
      const cells = sim.population("cells", lif, targets, {
        params: { V_th: 1e9, tau_m: 1e12 },
        init: { v: 0 },
        receptors: { in: receptor.delta() },
      });
      sim.connect(source, cells, {
        rule: "list",
        pairs,
        multapses: true,
        weight: 1,
        delay: pairs.map((_, j) => (j === pairs.length - 1 ? other : 1)),
        release: 0.5,
      });
      const v = sim.record(cells, "v");
      await sim.run(63);
      sim.close();
      return v.view().slice();
    };
    const all = await potentials(1, 2);
    // Elsewhere rows are cut elsewhere; so are those with a delay of more than 255 steps.
    expect(await potentials(2, 2)).toEqual(all);
    const later = await potentials(1, 300);
    for (let k = 0; k < all.length; k++) if (k % targets > 0 && later[k] !== all[k]) expect(later[k]).toBe(all[k]);
    const ones = Array.from({ length: targets }, (_, n) => {
      const at = (k: number): number => all[k * targets + n] as number;
      return times.filter((_, k) => Math.round(at(k + 2) - at(k + 1)) === 1).length;
    });
    // Half of 60 spikes; none of them where both synapses draw the same number.
    expect(Math.min(...ones.slice(1))).toBeGreaterThan(5);
  });

  test("probability 1 is the plain projection", async () => {
    const counts = await transmitted(1, [1, 2, 5], 40, 1);
    expect(counts.join()).toBe("0,40,40,0,0,40,0");
  });
});

describe("connection rules", () => {
  interface Options {
    readonly sources?: number;
    readonly targets?: number;
    readonly within?: boolean;
  }
  async function connected(
    rule: object,
    { sources = 40, targets = 60, within = false }: Options = {},
    more: object = {},
    seed = 1,
  ): Promise<Projection> {
    const sim = await Simulation.create({ dt: 0.1, seed });
    const options = { receptors: { in: receptor.delta() } };
    const {
      positions = undefined,
      sourcePositions = positions,
      ...rest
    } = more as { positions?: object; sourcePositions?: object };
    const place = (p: object | undefined): object => (p ? { positions: p } : {});
    const a = sim.population("a", lif, sources, { ...options, ...place(within ? positions : sourcePositions) });
    const b = within ? a : sim.population("b", lif, targets, { ...options, ...place(positions) });
    const projection = sim.connect(a, b, { ...rule, weight: 0.1, ...rest } as never);
    sim.build();
    return projection;
  }
  const tally = (indices: Uint32Array, size: number): number[] => {
    const counts = new Array<number>(size).fill(0);
    for (const i of indices) counts[i] = (counts[i] as number) + 1;
    return counts;
  };
  const pairs = ({ sources, targets }: { sources: Uint32Array; targets: Uint32Array }): string[] =>
    Array.from(sources, (s, j) => `${s} ${targets[j]}`);

  test("fixedOutdegree: exactly k from every neuron", async () => {
    const made = (await connected({ rule: "fixedOutdegree", k: 7 })).read();
    expect(tally(made.sources, 40)).toEqual(new Array(40).fill(7));
    expect(new Set(made.targets).size).toBeGreaterThan(55);
    expect(new Set(pairs(made)).size).toBeLessThan(280);
    const single = (await connected({ rule: "fixedOutdegree", k: 59 }, {}, { multapses: false })).read();
    expect(new Set(pairs(single)).size).toBe(40 * 59);
    const others = (
      await connected({ rule: "fixedOutdegree", k: 39 }, { within: true }, { multapses: false, autapses: false })
    ).read();
    expect(tally(others.targets, 40)).toEqual(new Array(40).fill(39));
    expect(others.sources.every((s, j) => s !== others.targets[j])).toBe(true);
    await expect(connected({ rule: "fixedOutdegree", k: 61 }, {}, { multapses: false })).rejects.toThrow(
      ConnectionError,
    );
  });

  test("fixedTotalNumber: exactly n, each pair equally likely", async () => {
    const projection = await connected({ rule: "fixedTotalNumber", n: 24000 });
    expect(projection.synapses).toBe(24000);
    const counts = new Map<string, number>();
    for (const pair of pairs(projection.read())) counts.set(pair, (counts.get(pair) ?? 0) + 1);
    let chi = (2400 - counts.size) * 10;
    for (const count of counts.values()) chi += (count - 10) ** 2 / 10;
    expect(Math.abs(chi - 2399)).toBeLessThan(4 * Math.sqrt(2 * 2399));
    const others = (
      await connected({ rule: "fixedTotalNumber", n: 5000 }, { sources: 5, within: true }, { autapses: false })
    ).read();
    expect(others.sources.length).toBe(5000);
    expect(others.sources.every((s, j) => s !== others.targets[j])).toBe(true);
  });

  test("the same seed gives the same graph, another seed another one", async () => {
    for (const rule of [
      { rule: "fixedOutdegree", k: 5 },
      { rule: "fixedTotalNumber", n: 300 },
    ]) {
      const graphs = await Promise.all(
        [1, 1, 2].map(async (seed) => pairs((await connected(rule, {}, {}, seed)).read()).join()),
      );
      expect(graphs[0]).toBe(graphs[1]);
      expect(graphs[0]).not.toBe(graphs[2]);
    }
  });

  test("distance: the part of pairs connected follows the kernel", async () => {
    const size = 400;
    const at = (i: number): number => ((i + 0.5) * 10) / size;
    const kernels = {
      box: (d: number) => (d <= 1 ? 1 : 0),
      linear: (d: number) => Math.max(0, 1 - d),
      gaussian: (d: number) => Math.exp(-0.5 * d * d),
      exponential: (d: number) => Math.exp(-d),
    };
    for (const [kernel, f] of Object.entries(kernels)) {
      for (const periodic of [false, true]) {
        const rule = { rule: "distance", kernel, scale: 1.5, p: 0.6, periodic };
        const { sources, targets } = (
          await connected(rule, { sources: size, targets: size }, { positions: { line: { length: 10 } } })
        ).read();
        const bins = 24;
        const got = new Float64Array(bins);
        const expected = new Float64Array(bins);
        const variance = new Float64Array(bins);
        const apart = (s: number, t: number): number => {
          const d = Math.abs(at(s) - at(t));
          return periodic ? Math.min(d, 10 - d) : d;
        };
        const add = (into: Float64Array, d: number, x: number): void => {
          const bin = Math.min(bins - 1, Math.floor((d / 10) * bins));
          into[bin] = (into[bin] as number) + x;
        };
        for (let j = 0; j < sources.length; j++) add(got, apart(sources[j] as number, targets[j] as number), 1);
        for (let s = 0; s < size; s++) {
          for (let t = 0; t < size; t++) {
            const d = apart(s, t);
            const p = 0.6 * f(d / 1.5);
            add(expected, d, p);
            add(variance, d, p * (1 - p));
          }
        }
        for (let i = 0; i < bins; i++) {
          expect(
            Math.abs((got[i] as number) - (expected[i] as number)),
            `${kernel} ${periodic} bin ${i}`,
          ).toBeLessThanOrEqual(4.5 * Math.sqrt(variance[i] as number) + 1e-9);
        }
      }
    }
  });

  test("distance on grids and discs: box with p 1 is the neighbourhood, without refused autapses", async () => {
    const grid = { positions: { grid: { columns: 8, spacing: 2 } } };
    const rule = { rule: "distance", kernel: "box", scale: 2, periodic: true };
    const { sources, targets } = (
      await connected(rule, { sources: 64, within: true }, { ...grid, autapses: false })
    ).read();
    expect(tally(targets, 64)).toEqual(new Array(64).fill(4));
    const neighbours = (i: number): Set<number> => {
      const [x, y] = [i % 8, Math.floor(i / 8)];
      return new Set(
        [
          [x + 1, y],
          [x + 7, y],
          [x, y + 1],
          [x, y + 7],
        ].map(([a = 0, b = 0]) => (a % 8) + 8 * (b % 8)),
      );
    };
    for (let j = 0; j < sources.length; j++)
      expect(neighbours(sources[j] as number).has(targets[j] as number)).toBe(true);
    const open = (
      await connected({ ...rule, periodic: false }, { sources: 64, within: true }, { ...grid, autapses: false })
    ).read();
    expect(tally(open.targets, 64).filter((n) => n === 2).length).toBe(4);

    // Rings of different lengths: the short way round is the target's.
    for (const [there, period] of [
      [12, 5],
      [5, 12],
    ] as const) {
      const rings = await Simulation.create({ dt: 0.1, seed: 9 });
      const ring = (name: string, length: number) =>
        rings.population(name, lif, 2 * length, {
          positions: { line: { length } },
          receptors: { in: receptor.delta() },
        });
      const [from, onto] = [ring("from", there), ring("onto", period)];
      const box = rings.connect(from, onto, {
        rule: "distance",
        kernel: "box",
        scale: 1.2,
        periodic: true,
        weight: 0.1,
      });
      rings.build();
      const pairs = Array.from({ length: from.size }, (_, s) =>
        Array.from({ length: onto.size }, (_, t) => [s, t] as const),
      ).flat();
      const wanted = pairs.filter(([s, t]) => {
        const apart = Math.abs((s + 0.5) / 2 - (t + 0.5) / 2) % period;
        return Math.min(apart, period - apart) <= 1.2;
      });
      const { sources: froms, targets: ontos } = box.read();
      const got = Array.from(froms, (s, j) => [s, ontos[j] as number]);
      expect(got.sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d)).toEqual(wanted);
    }

    const sim = await Simulation.create({ dt: 0.1, seed: 9 });
    const disc = sim.population("disc", lif, 4000, {
      positions: { disc: { radius: 3 } },
      receptors: { in: receptor.delta() },
    });
    const centre = sim.population("centre", lif, 1, { positions: [[0, 0]], receptors: { in: receptor.delta() } });
    const inner = sim.connect(disc, centre, { rule: "distance", kernel: "box", scale: 1.5, weight: 0.1 });
    sim.build();
    // A quarter of the area, evenly in all directions.
    expect(Math.abs(inner.synapses - 1000)).toBeLessThan(4 * Math.sqrt(750));
    const { x, y } = disc.positions as { x: Float64Array; y: Float64Array };
    expect(x.every((a, i) => Math.hypot(a, y[i] as number) <= 3)).toBe(true);
    const right = x.filter((a, i) => a > 0 && (y[i] as number) > 0).length;
    expect(Math.abs(right - 1000)).toBeLessThan(4 * Math.sqrt(750));
    const chosen = new Set(inner.read().sources);
    for (let i = 0; i < 4000; i++) expect(chosen.has(i)).toBe(Math.hypot(x[i] as number, y[i] as number) <= 1.5);
  });

  test("distance: boxes of neighbours are those of all pairs, wherever sources and targets are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          // Many on one point, on lines, far away: the tree of sources must find them all.
          source: fc.array(fc.tuple(fc.constantFrom(0, 1, 2.5, -7, 1e4), fc.double({ min: -3, max: 3, noNaN: true })), {
            minLength: 1,
            maxLength: 60,
          }),
          columns: fc.integer({ min: 1, max: 6 }),
          rows: fc.integer({ min: 1, max: 6 }),
          scale: fc.constantFrom(0.5, 1, 2, 30, 1e5),
          periodic: fc.boolean(),
        }),
        async ({ source, columns, rows, scale, periodic }) => {
          const sim = await Simulation.create({ dt: 0.1 });
          const from = sim.population("from", lif, source.length, { positions: source });
          const onto = sim.population("onto", lif, columns * rows, {
            positions: { grid: { columns, spacing: 1 } },
            receptors: { in: receptor.delta() },
          });
          const projection = sim.connect(from, onto, { rule: "distance", kernel: "box", scale, periodic, weight: 1 });
          sim.build();
          const { sources, targets } = projection.read();
          const got = Array.from(sources, (s, j) => `${s} ${targets[j]}`);
          const apart = (difference: number, period: number): number => {
            const d = Math.abs(difference);
            const rest = d - Math.floor(d / period) * period;
            return periodic ? Math.min(rest, period - rest) : d;
          };
          const expected = source.flatMap(([x, y], s) =>
            Array.from({ length: columns * rows }, (_, t) => t)
              .filter((t) => {
                const dx = apart((t % columns) + 0.5 - x, columns);
                const dy = apart(Math.floor(t / columns) + 0.5 - y, rows);
                return Math.sqrt(dx * dx + dy * dy) / scale <= 1;
              })
              .map((t) => `${s} ${t}`),
          );
          expect(got).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("distance: far pairs keep their probability", async () => {
    // 2000 sources in a distant clump, each with a probability of 1/1000: the tree does not divide what gives so few.
    const sim = await Simulation.create({ dt: 0.1, seed: 4 });
    const clump = Array.from({ length: 2000 }, (_, i) => [Math.log(1000) + 1e-9 * i, 0] as const);
    const from = sim.population("from", lif, 2000, { positions: clump });
    const onto = sim.population("onto", lif, 1000, {
      positions: Array.from({ length: 1000 }, () => [0, 0] as const),
      receptors: { in: receptor.delta() },
    });
    const projection = sim.connect(from, onto, { rule: "distance", kernel: "exponential", scale: 1, weight: 1 });
    sim.build();
    expect(Math.abs(projection.synapses - 2000)).toBeLessThan(4.5 * Math.sqrt(2000));
    // Evenly over the sources.
    const counts = tally(projection.read().sources, 2000);
    const chi = counts.reduce((sum, n) => sum + (n - 1) ** 2, 0);
    expect(Math.abs(chi - 2000)).toBeLessThan(4.5 * Math.sqrt(2 * 2000 + 2000));
  });

  test("weights from truncated normal and gamma distributions", async () => {
    const draw = async (weight: object): Promise<Float64Array> =>
      (
        await connected({ rule: "allToAll" }, { sources: 200, targets: 200 }, { weight, weightPrecision: "float64" })
      ).weights();
    const moments = (x: Float64Array): [number, number] => {
      const mean = x.reduce((a, b) => a + b, 0) / x.length;
      return [mean, x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length];
    };
    for (const [shape, scale] of [
      [0.3, 2],
      [1, 1],
      [4.5, 0.1],
    ] as const) {
      const [mean, variance] = moments(await draw({ gamma: [shape, scale] }));
      expect(Math.abs(mean / (shape * scale) - 1)).toBeLessThan(4 / Math.sqrt(40000 * shape));
      expect(Math.abs(variance / (shape * scale * scale) - 1)).toBeLessThan(4 * Math.sqrt((2 + 6 / shape) / 40000));
    }
    const phi = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    // Distribution function by Simpson's rule over the density.
    const area = (a: number, b: number): number => {
      let sum = 0;
      for (let k = 0; k <= 2000; k++)
        sum += phi(a + ((b - a) * k) / 2000) * (k === 0 || k === 2000 ? 1 : k % 2 ? 4 : 2);
      return (sum * (b - a)) / 6000;
    };
    for (const [mean, sd, low, high] of [
      [1, 0.5, 0, 2],
      [1, 2, 0.9, 1.2],
      [0, 1, 3, 9],
      [0, 1, 2, 2.1],
      [5, 1, 0, 1.5],
    ] as const) {
      const weights = await draw({ truncatedNormal: [mean, sd, low, high] });
      expect(weights.every((w) => w >= low && w <= high)).toBe(true);
      const [a, b] = [(low - mean) / sd, (high - mean) / sd];
      const mass = area(a, b);
      const shift = (phi(a) - phi(b)) / mass;
      const expected = mean + sd * shift;
      const variance = sd * sd * (1 + (a * phi(a) - b * phi(b)) / mass - shift * shift);
      const [m, v] = moments(weights);
      expect(Math.abs(m - expected)).toBeLessThan(4 * Math.sqrt(variance / 40000));
      expect(Math.abs(v / variance - 1)).toBeLessThan(0.06);
    }
  });
});

describe("memory of synapses", () => {
  const SIZE = 2000;

  /** Bytes that the core hands out for a network of one population, with these projections. */
  const bytes = async (...projections: object[]): Promise<{ held: number; synapses: number }> => {
    const simulation = await Simulation.fromDocument(
      {
        dt: 0.1,
        duration: 1,
        populations: [{ name: "a", model: "lif", size: SIZE, receptors: { in: { kernel: "exponential", tau: 5 } } }],
        projections: projections.map((p) => ({ source: "a", target: "a", ...p })),
      },
      { threads: 1 },
    );
    simulation.build();
    const { cores } = (simulation as unknown as { engine: { cores: { exports: { allocated(): number } }[] } }).engine;
    return {
      held: cores[0]?.exports.allocated() ?? 0,
      synapses: simulation.projections.reduce((sum, p) => sum + p.synapses, 0),
    };
  };

  /**
   * The ring of arrivals that the longest of the delays below needs: what is released by chance does not wait at its
   * source.
   */
  const ring = { rule: "oneToOne", weight: 1, delay: 30, release: 0.5 };

  it.each([
    ["one weight and delay for all", 5, { weight: 1, delay: 1 }],
    ["float32 weights", 10, { weight: { normal: [1, 0.1] }, delay: 1 }],
    ["float32 weights and delays of their own", 8.5, { weight: { normal: [1, 0.1] }, delay: { uniform: [0.1, 20] } }],
    ["delays of their own", 3.5, { weight: 1, delay: { truncatedNormal: [1.5, 0.75, 0.1, 20] } }],
    ["delays of more than 255 steps", 7, { weight: 1, delay: { uniform: [0.1, 30] } }],
    [
      "float64 weights",
      12.5,
      { weight: { normal: [1, 0.1] }, weightPrecision: "float64", delay: { uniform: [0.1, 20] } },
    ],
  ])("%s: at most %d bytes each, nothing left of what building took", async (_, most, synapse) => {
    const none = await bytes(ring);
    for (const rule of [
      { rule: "fixedIndegree", k: 100 },
      { rule: "fixedProbability", p: 0.05 },
      { rule: "fixedOutdegree", k: 100 },
      { rule: "fixedTotalNumber", n: 2e5 },
    ]) {
      const { held, synapses } = await bytes(ring, { ...rule, ...synapse });
      const made = synapses - none.synapses;
      expect(made).toBeGreaterThan(190_000);
      expect((held - none.held) / made).toBeLessThanOrEqual(most);
    }
  });

  it("a list takes no more than a drawn graph, its arrays are given back", async () => {
    const pairs = Array.from({ length: 1e5 }, (_, i) => [i % SIZE, (i % SIZE + 7 * Math.floor(i / SIZE)) % SIZE]);
    const none = await bytes(ring);
    const { held } = await bytes(ring, {
      rule: "list",
      pairs,
      weight: pairs.map((_, i) => i),
      delay: pairs.map((_, i) => 0.1 + (i % 9)),
    });
    expect((held - none.held) / 1e5).toBeLessThanOrEqual(10);
  });
});

describe("synapses that may change, and do not", () => {
  // Sums of such weights are exact, so that it does not matter that those with one delay are added in another order.
  it.each([
    ["one delay", 1.5],
    ["drawn delays", { uniform: [0.1, 6] }],
  ])("act as those that cannot, bit for bit: %s", async (_, delay) => {
    const run = async (more: object) => {
      const simulation = await Simulation.fromDocument({
        dt: 0.1,
        duration: 50,
        seed: 5,
        populations: [
          { name: "in", model: "poisson", size: 30, params: { rate: 3000 } },
          { name: "out", model: "lif", size: 40, receptors: { r: { kernel: "exponential", tau: 5 } } },
        ],
        projections: [{ source: "in", target: "out", rule: "fixedIndegree", k: 20, weight: 2.5, delay, ...more }],
        record: [{ population: "out", variables: ["v"] }],
      });
      const { populations } = await simulation.run(50);
      return { spikes: populations.out?.spikes, v: [...(simulation.recordings.traces[0]?.view() ?? [])] };
    };
    const fixed = await run({});
    expect(fixed.spikes).toBeGreaterThan(40);
    const frozen = { kind: "stdp", A_plus: 0, A_minus: 0, tau_plus: 20, tau_minus: 20, w_max: 10 };
    expect(await run({ plasticity: frozen })).toEqual(fixed);
  });
});

/** All models and presets under a current that steps, rises and ends, against a solver that knows their text only. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  background,
  type Method,
  type ModelRecord,
  models,
  type Population,
  Simulation,
  type SpikeRecording,
} from "../../src/index.js";
import { parameters } from "../contract/dynamics.js";
import { entryOf, type SpikeEntry, translate } from "../reference/harness.js";
import { solve } from "../reference/solver.js";

describe("the solver", () => {
  const known = [
    "open-adex-bg2005-1nA",
    "open-izh2003-RS",
    "open-fhn-0.5",
    "open-ml-snic-45",
    "open-hh-20",
    "open-qif",
  ];
  it.each(known)("finds the spike times of %s", (id) => {
    const entry = entryOf<SpikeEntry>("spike-times", id);
    const { model, params } = translate(entry);
    const { current, T_ms, spike_threshold } = entry.protocol;
    const rows = typeof current === "number" ? [[0, current]] : current;
    const { spikes } = solve({
      model,
      params: parameters(model, undefined, {
        ...params,
        ...((spike_threshold ?? null) === null ? {} : { V_th: spike_threshold ?? NaN }),
      }),
      init: Object.fromEntries(Object.keys(model.states).map((state, k) => [state, entry.init?.[k] ?? NaN])),
      current: (t) => rows.filter(([start]) => (start ?? NaN) <= t).pop()?.[1] ?? 0,
      breaks: rows.map(([start]) => start ?? NaN),
      duration: T_ms,
      tolerance: 1e-11,
    });
    const reference = entry.expected.spike_times_ms ?? [];
    expect(spikes.length).toBe(reference.length);
    for (const [k, t] of spikes.entries()) expect(Math.abs(t - (reference[k] ?? NaN))).toBeLessThan(1e-6);
  });
});

describe("presets and other parameters", () => {
  interface Case {
    readonly name: string;
    readonly model: ModelRecord;
    readonly params: Record<string, number>;
    readonly init: readonly number[];
    /** Size of the step of the current. */
    readonly I: number;
  }
  const DURATION = 120;
  /** A step of 1 at 5 ms, from 40 ms on a ramp on top of it, at 110 ms the end. */
  const shape = (t: number): number => (t < 5 || t >= 110 ? 0 : t < 40 ? 1 : 1 + (t - 40) / 200);
  const TOP = 70 / 200;
  const cases: Case[] = [];
  const add = (
    name: string,
    model: ModelRecord,
    others: Record<string, number>,
    init: readonly number[],
    I: number,
  ): void => {
    const preset = name in model.presets ? name : undefined;
    cases.push({
      name: `${model.id} ${name}`,
      model,
      params: parameters(model, preset, others),
      init,
      I,
    });
  };
  const bigger = 1.25;
  const amplitudes: Readonly<Record<string, number>> = {
    tonic: 500,
    adapting: 500,
    initialBurst: 400,
    regularBursting: 210,
    delayedAccelerating: 300,
    delayedRegularBursting: 110,
    transient: 180,
    irregular: 160,
  };
  for (const [name, I] of Object.entries(amplitudes)) {
    const E_L = parameters(models.adex, name).E_L ?? NaN;
    add(name, models.adex, {}, [E_L, 0], bigger * I);
  }
  const unbounded = ["inhibitionSpiking", "inhibitionBursting"];
  for (const name of Object.keys(models.izhikevich.presets).filter((preset) => !unbounded.includes(preset))) {
    const { b, V_u } = parameters(models.izhikevich, name);
    add(name, models.izhikevich, {}, [-65, (b ?? NaN) * (-65 - (V_u ?? NaN))], 12);
  }
  add("fast", models.eif, { C_m: 100, Delta_T: 0.8 }, [-70.6], 800);
  add("soft", models.eif, { Delta_T: 4, V_peak: 0 }, [-65], 500);
  add("default", models.qif, {}, [-70], 90);
  add("steep", models.qif, { k: 1.5, V_peak: 10, V_reset: -75 }, [-70], 200);
  add("default", models.lif, { t_ref: 0 }, [-70], 600);
  add("slow", models.lif, { t_ref: 0, tau_m: 35, V_reset: -58 }, [-60], 350);
  add("default", models.adaptiveLif, { t_ref: 0 }, [-70, 0], 800);
  add("ringing", models.adaptiveLif, { t_ref: 0, a: 60, tau_w: 30 }, [-72, 10], 1600);
  add("default", models.fitzhughNagumo, {}, [-1.2, -0.6], 0.6);
  add("slower", models.fitzhughNagumo, { a: 0.5, tau: 20 }, [-1.2, -0.6], 0.5);
  for (const name of ["hopf", "snic", "homoclinic"]) add(name, models.morrisLecar, {}, [-40, 0.01], 110);
  add("default", models.hodgkinHuxley, {}, [-65, 0.05, 0.6, 0.32], 12);
  add("warm", models.hodgkinHuxley, { phi: 3 ** ((14 - 6.3) / 10) }, [-65, 0.05, 0.6, 0.32], 25);
  add("default", models.traubMiles, {}, [-62, 0, 1, 0], 150);
  add("higher threshold", models.traubMiles, { V_T: -55, V_th: 0 }, [-62, 0, 1, 0], 400);

  const METHODS: readonly { readonly method: Method; readonly dt: number }[] = [
    { method: "euler", dt: 0.002 },
    { method: "heun", dt: 0.002 },
    { method: "rk4", dt: 0.004 },
    { method: "exact", dt: 0.002 },
  ];
  /** Steps that a train may fall behind per spike: a reset waits for the end of its step, euler is late itself. */
  const LATE: Readonly<Partial<Record<Method, number>>> = { euler: 60, heun: 12, rk4: 8, exact: 2 };
  const rows = METHODS.flatMap(({ method, dt }) =>
    cases.filter(({ model }) => model.methods.includes(method)).map((test) => ({ test, method, dt })),
  );
  const trains = new Map<string, Float64Array>();
  const solutions = new Map<string, readonly number[]>();

  /** One population with all cases of a model. */
  function record(simulation: Simulation, model: ModelRecord, own: readonly Case[], method: Method): SpikeRecording {
    const column = (of: (test: Case) => number): number[] => own.map(of);
    const names = Object.keys(model.params);
    const population = simulation.population(model.id, model, own.length, {
      method,
      params: Object.fromEntries(names.map((name) => [name, column(({ params }) => params[name] ?? NaN)])),
      init: Object.fromEntries(
        Object.keys(model.states).map((name, k) => [name, column(({ init }) => init[k] ?? NaN)]),
      ),
      background: [
        background.pulses({ amplitude: column(({ I }) => I), start: 5, width: 105 }),
        background.ramp({ start: 40, end: 110, from: 0, to: column(({ I }) => TOP * I) }),
        background.pulses({ amplitude: column(({ I }) => -TOP * I), start: 110, width: DURATION }),
      ],
    }) as unknown as Population;
    return simulation.record(population, "spikes");
  }

  beforeAll(async () => {
    for (const { method, dt } of METHODS) {
      const simulation = await Simulation.create({ dt });
      const recorded = new Map<Case, () => Float64Array>();
      for (const model of Object.values(models) as readonly ModelRecord[]) {
        const own = cases.filter((test) => test.model === model && model.methods.includes(method));
        if (own.length === 0) continue;
        const recording = record(simulation, model, own, method);
        for (const [i, test] of own.entries()) recorded.set(test, () => recording.of(i));
      }
      simulation.runSync(DURATION);
      for (const [{ name }, times] of recorded) trains.set(`${name} ${method}`, times());
    }
    for (const { name, model, params, init, I } of cases) {
      const { spikes } = solve({
        model,
        params,
        init: Object.fromEntries(Object.keys(model.states).map((state, k) => [state, init[k] ?? NaN])),
        current: (t) => I * shape(t),
        breaks: [5, 40, 110],
        duration: DURATION,
        tolerance: 1e-8,
      });
      solutions.set(name, spikes);
    }
  });

  it("fires in nearly all of them", () => {
    const firing = [...solutions.values()].filter((spikes) => spikes.length > 0);
    expect(firing.length).toBeGreaterThan(0.8 * cases.length);
    expect(new Set(cases.map(({ model }) => model)).size).toBe(Object.keys(models).length);
  });

  it.each(rows.map((row) => [row.test.name, row.method, row] as const))("%s %s", (name, method, { dt }) => {
    const times = trains.get(`${name} ${method}`) ?? expect.fail(name);
    const reference = solutions.get(name) ?? expect.fail(name);
    expect(times.length).toBe(reference.length);
    for (const [k, t] of times.entries()) {
      expect(Math.abs(t - (reference[k] ?? NaN)), `spike ${k}`).toBeLessThan((LATE[method] ?? NaN) * (k + 1) * dt);
    }
  });
});

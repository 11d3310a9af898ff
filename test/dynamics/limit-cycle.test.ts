/** Limit cycles and phase responses against references, closed forms and simulation. */
import { describe, expect, it } from "vitest";
import { CycleError, limitCycle, phaseResponse } from "../../src/dynamics/index.js";
import { background, defineModel, type ModelRecord, models, Simulation } from "../../src/index.js";
import { entryOf } from "../reference/harness.js";

const { adaptiveLif, adex, eif, fitzhughNagumo, hodgkinHuxley, izhikevich, lif, morrisLecar, qif } = models;

describe("the period", () => {
  it("of hodgkinHuxley and fitzhughNagumo is that of the reference", async () => {
    const { expected } = entryOf<{ expected: { fI_period_ms: Record<string, number> } }>("bifurcations", "open-bif-hh");
    for (const [current, period] of Object.entries(expected.fI_period_ms)) {
      const cycle = await limitCycle(hodgkinHuxley, { current: Number(current) });
      expect(cycle.period).toBeCloseTo(period, 6);
      expect(cycle.stable).toBe(true);
      expect(cycle.multipliers[0]?.re).toBeCloseTo(1, 6);
    }
    const fhn = entryOf<{ expected: { period_at: Record<string, number> } }>("bifurcations", "open-bif-fhn");
    for (const [current, period] of Object.entries(fhn.expected.period_at)) {
      expect((await limitCycle(fitzhughNagumo, { current: Number(current) })).period).toBeCloseTo(period, 6);
    }
  });

  it("of van der Pol's oscillator and the multiplier are those of the literature", async () => {
    const vanDerPol = defineModel({
      name: "vanDerPol",
      current: "1",
      params: { mu: 1 },
      equations: ["dv/dt = w/ms : 1", "dw/dt = (mu*(1 - v**2)*w - v)/ms : 1"],
    });
    // period 6.6632868593 for mu = 1 (Andersen and Geer, SIAM J. Appl. Math. 42:678, 1982)
    const { period, multipliers, states, time } = await limitCycle(vanDerPol, { start: { v: 1, w: 0 } });
    expect(period).toBeCloseTo(6.6632868593, 8);
    expect(Math.max(...(states.v ?? []))).toBeCloseTo(2.0086, 3);
    // exp of the integral of the trace, by the trapezoidal rule over the samples
    const traces = Array.from(states.v ?? [], (v) => 1 - v ** 2);
    const integral = traces.reduce((sum, x, k) => {
      const [t, next] = [time[k] as number, time[k + 1] ?? period];
      return sum + ((next - t) * (x + (traces[(k + 1) % traces.length] as number))) / 2;
    }, 0);
    expect(Math.log(multipliers[1]?.re as number)).toBeCloseTo(integral, 2);
  });

  it("of lif and qif is the closed form, with and without a refractory period", async () => {
    const { tau_m, C_m, E_L, V_th, V_reset } = Object.fromEntries(
      Object.entries(lif.params).map(([name, one]) => [name, one.default]),
    ) as Record<string, number>;
    for (const t_ref of [0, 3]) {
      const level = (E_L as number) + (500 * (tau_m as number)) / (C_m as number);
      const period = t_ref + (tau_m as number) * Math.log((level - (V_reset as number)) / (level - (V_th as number)));
      expect((await limitCycle(lif, { current: 500, params: { t_ref } })).period).toBeCloseTo(period, 8);
    }
    const p = Object.fromEntries(Object.entries(qif.params).map(([name, one]) => [name, one.default])) as Record<
      string,
      number
    >;
    const { k = 1, C_m: C = 1, V_r = 0, V_t = 0, V_peak = 0, V_reset: reset = 0 } = p;
    const [current, middle] = [80, (V_r + V_t) / 2];
    const below = current - (k * (V_t - V_r) ** 2) / 4;
    const root = Math.sqrt(below * k);
    const period = (C / root) * (Math.atan((k * (V_peak - middle)) / root) - Math.atan((k * (reset - middle)) / root));
    expect((await limitCycle(qif, { current, params: { t_ref: 0 } })).period).toBeCloseTo(period, 7);
  });

  it("of models with a reset is that of simulations, also where several spikes make a cycle", async () => {
    for (const [model, current, preset, dt] of [
      [izhikevich, 10, "RS", 0.002],
      [izhikevich, 10, "CH", 0.002],
      [adex, 210, "regularBursting", 0.002],
      [eif, 700, undefined, 0.002],
      [adaptiveLif, 1000, undefined, 0.01],
    ] as const) {
      const options = { ...(preset && { preset }), current };
      const cycle = await limitCycle(model as ModelRecord, options as never);
      const sim = await Simulation.create({ dt });
      const cell = sim.population("a", model as ModelRecord, 1, {
        ...(preset && { preset }),
        background: [background.constant(current)],
      } as never);
      const spikes = sim.record(cell, "spikes");
      await sim.run(3000);
      const { times } = spikes;
      const last = times.at(-1) as number;
      // a spike a period before the last one
      const distances = Array.from(times, (t) => Math.abs(last - t - cycle.period));
      expect(Math.min(...distances), model.id).toBeLessThan(0.003 * cycle.period);
      expect(cycle.stable).toBe(true);
    }
  });

  it("and the multiplier of adaptiveLif are those of its map from spike to spike", async () => {
    const { multipliers, period } = await limitCycle(adaptiveLif, { current: 1000 });
    expect(multipliers).toHaveLength(2);
    // two solutions beside each other come together by the multiplier in each period
    const sim = await Simulation.create({ dt: 0.001 });
    const cells = sim.population("a", adaptiveLif, 2, {
      init: { w: [0, 300] } as never,
      background: [background.constant(1000)],
    });
    const spikes = sim.record(cells, "spikes");
    await sim.run(40 * period);
    const [a, b] = [spikes.of(0), spikes.of(1)];
    const intervals = (times: Float64Array, k: number): number => (times[k + 1] as number) - (times[k] as number);
    const differences = [10, 20].map((k) => intervals(a, k) - intervals(b, k)) as [number, number];
    expect((differences[1] / differences[0]) ** (1 / 10)).toBeCloseTo(multipliers[1]?.re as number, 1);
  });

  it("is none where a neuron rests, and where it does not repeat itself", async () => {
    await expect(limitCycle(fitzhughNagumo, { current: 0.3 })).rejects.toThrow(CycleError);
    await expect(limitCycle(fitzhughNagumo, { current: 0.3 })).rejects.toThrow(/rest at v = -0\.99/);
    await expect(limitCycle(lif, { current: 10 })).rejects.toThrow(/does not spike/);
    await expect(limitCycle(lif, { start: { u: 3 } } as never)).rejects.toThrow(/limitCycle\.start.*"u"/s);
  });
});

describe("the phase response", () => {
  it("of qif is one over the slope of v: 1 - cos as peak and reset go to infinity", async () => {
    const params = { V_peak: 1e5, V_reset: -1e5, t_ref: 0 };
    const { period, time, response } = await phaseResponse(qif, { current: 80, params, points: 16 });
    const {
      k,
      C_m: C,
      V_r,
      V_t,
    } = Object.fromEntries(Object.entries(qif.params).map(([name, one]) => [name, one.default])) as unknown as Record<
      "k" | "C_m" | "V_r" | "V_t",
      number
    >;
    const below = 80 - (k * (V_t - V_r) ** 2) / 4;
    // v - middle = -sqrt(below/k) cot(pi t / T), so that 1/v' is C/(2 below) (1 - cos)
    time.forEach((t, i) => {
      const expected = (C / (2 * below)) * (1 - Math.cos((2 * Math.PI * t) / period));
      expect(response.v?.[i]).toBeCloseTo(expected, 3);
    });
  });

  it("of lif grows as its slope falls, and is 0 while v is held", async () => {
    const { time, response, period } = await phaseResponse(lif, { current: 500, params: { t_ref: 3 }, points: 100 });
    const { tau_m, C_m, E_L, V_reset } = Object.fromEntries(
      Object.entries(lif.params).map(([name, one]) => [name, one.default]),
    ) as unknown as Record<"tau_m" | "C_m" | "E_L" | "V_reset", number>;
    const level = E_L + (500 * tau_m) / C_m;
    expect(period).toBeGreaterThan(3);
    // phases count from where v is free
    time.forEach((t, i) => {
      const expected = t < period - 3 - 1e-6 ? (tau_m / (level - V_reset)) * Math.exp(t / tau_m) : 0;
      expect(response.v?.[i]).toBeCloseTo(expected, 3);
    });
  });

  it.each([
    ["hodgkinHuxley", hodgkinHuxley, { current: 10 }, 2],
    ["morrisLecar, snic", morrisLecar, { current: 60, preset: "snic" }, 1],
    ["fitzhughNagumo", fitzhughNagumo, { current: 0.5 }, 2],
  ] as const)("of %s is the same by the adjoint and by pushes", async (_, model, options, kinds) => {
    const points = 24;
    const cell = model as typeof hodgkinHuxley;
    const adjoint = await phaseResponse(cell, { ...(options as object), points });
    const direct = await phaseResponse(cell, { ...(options as object), points, method: "direct" });
    const most = Math.max(...(adjoint.response.v ?? []).map(Math.abs));
    adjoint.response.v?.forEach((x, i) => {
      expect(Math.abs(x - (direct.response.v?.[i] as number))).toBeLessThan(2e-3 * most);
    });
    // type 1 hardly ever delays, type 2 does both
    const least = Math.min(...(adjoint.response.v ?? []));
    if (kinds === 2) expect(least).toBeLessThan(-0.2 * most);
    else expect(least).toBeGreaterThan(-0.4 * most);
  });

  it("of adex, in v and in w, is what simulations show", async () => {
    const options = { current: 500, preset: "tonic" } as const;
    const points = 10;
    const { period, time, response } = await phaseResponse(adex, { ...options, points });
    const cycle = await limitCycle(adex, options);
    const at = (name: string, t: number): number => {
      const next = cycle.time.findIndex((one) => one > t);
      const values = cycle.states[name] as Float64Array;
      const [t0, t1] = [cycle.time[next - 1] as number, cycle.time[next] as number];
      return (
        (values[next - 1] as number) +
        (((values[next] as number) - (values[next - 1] as number)) * (t - t0)) / (t1 - t0)
      );
    };
    for (const [name, push] of [
      ["v", 0.2],
      ["w", 4],
    ] as const) {
      for (const i of [1, 3, 5, 7]) {
        const [v, w] = [at("v", time[i] as number), at("w", time[i] as number)];
        const moved = (variable: string, x: number): number[] => (variable === name ? [x - push, x + push] : [x, x]);
        const sim = await Simulation.create({ dt: 0.0005 });
        const cells = sim.population("a", adex, 2, {
          preset: "tonic",
          init: { v: moved("v", v), w: moved("w", w) },
          background: [background.constant(500)],
        });
        const spikes = sim.record(cells, "spikes");
        await sim.run(20.5 * period);
        const [sooner, later] = [spikes.of(1), spikes.of(0)].map((times) => times[19] as number) as [number, number];
        const expected = response[name]?.[i] as number;
        expect((later - sooner) / (2 * push), `${name} at ${i}`).toBeCloseTo(expected, name === "v" ? 1 : 2);
        expect(Math.sign(later - sooner)).toBe(Math.sign(expected));
      }
    }
  });
});

/** The largest stable step, and the check of a time step, against simulations. */
import { describe, expect, it } from "vitest";
import { largestStableStep } from "../../src/dynamics/index.js";
import {
  background,
  defineModel,
  InstabilityError,
  type Method,
  type ModelRecord,
  models,
  Simulation,
} from "../../src/index.js";
import { modeLimit } from "../../src/sim/step.js";

const squid = defineModel({
  name: "squid",
  current: "uA/cm**2",
  equations: [
    "dv/dt = (I - 120*mS/cm**2*m**3*h*(v - 50*mV) - 36*mS/cm**2*n**4*(v + 77*mV) - 0.3*mS/cm**2*(v + 54.387*mV))/(1*uF/cm**2) : mV",
    "dm/dt = (1/exprel((25 - u)/10)*(1 - m) - 4*exp(-u/18)*m)/ms : 1",
    "dh/dt = (0.07*exp(-u/20)*(1 - h) - h/(1 + exp((30 - u)/10)))/ms : 1",
    "dn/dt = (0.1/exprel((10 - u)/10)*(1 - n) - 0.125*exp(-u/80)*n)/ms : 1",
    "u = (v + 65*mV)/mV : 1",
  ],
  threshold: "v > 0*mV",
  init: { v: "-65*mV", m: "0.05", h: "0.6", n: "0.32" },
});

async function findings(model: ModelRecord, method: Method, dt: number, amplitude: number) {
  const sim = await Simulation.create({ dt });
  sim.population("a", model, 1, { method, background: [background.constant(amplitude)] } as never);
  const found = sim.check().filter(({ parameter }) => parameter === "dt");
  let blown: InstabilityError | undefined;
  try {
    await sim.run(100);
  } catch (error) {
    if (!(error instanceof InstabilityError)) throw error;
    blown = error;
  }
  return { found, blown };
}

describe("the check of a time step", () => {
  it("knows of a model as text when a run blows up, where and when", async () => {
    for (const [method, dt] of [
      ["rk4", 0.1],
      ["euler", 0.1],
      ["heun", 0.1],
      ["rk4", 0.2],
    ] as const) {
      const { found, blown } = await findings(squid, method, dt, 10);
      expect(found.map(({ level, code }) => [level, code])).toEqual([["error", "dt-unstable"]]);
      expect(blown?.variable).toBe("v");
      expect(found[0]?.message).toContain(`after ${Number((blown?.time as number).toPrecision(6))} ms`);
      // at what it recommends all is well
      const limit = found[0]?.limit as number;
      expect((await findings(squid, method, limit, 10)).found).toEqual([]);
    }
  });

  it("says nothing where nothing is wrong, and warns between", async () => {
    for (const [method, dt] of [
      ["rk4", 0.05],
      ["euler", 0.02],
      ["exponentialEuler", 0.1],
    ] as const) {
      const { found, blown } = await findings(squid, method, dt, 10);
      expect([found, blown]).toEqual([[], undefined]);
    }
    const { found, blown } = await findings(squid, "rk4", 0.07, 10);
    expect(found.map(({ level, code }) => [level, code])).toEqual([["warning", "dt-above-stable-step"]]);
    expect(blown).toBe(undefined);
    // without input nothing happens, but a spike from elsewhere would blow it up
    const quiet = await findings(squid, "rk4", 0.1, 0);
    expect(quiet.found.map(({ level, code }) => [level, code])).toEqual([["warning", "dt-unstable"]]);
    expect(quiet.found[0]?.message).toMatch(/pushed by/);
  });

  it("knows of built-in models with other parameters than those that were measured", async () => {
    const { hodgkinHuxley } = models;
    const sim = await Simulation.create({ dt: 0.05 });
    sim.population("a", hodgkinHuxley, 1, {
      method: "rk4",
      params: { g_Na: 480 },
      background: [background.constant(10)],
    });
    expect(sim.check().map(({ code }) => code)).toContain("dt-unstable");
    await expect(sim.run(100)).rejects.toThrow(InstabilityError);
    const usual = await Simulation.create({ dt: 0.05 });
    usual.population("a", hodgkinHuxley, 1, { method: "rk4", background: [background.constant(10)] });
    expect(usual.check()).toEqual([]);
  });

  it("is for equations that do not depend on time or chance", async () => {
    const noisy = defineModel({
      name: "noisy",
      current: "1",
      equations: "dv/dt = (I - v + sin(t/ms))/ms : 1",
    });
    const sim = await Simulation.create({ dt: 0.1 });
    sim.population("a", noisy, 1, { method: "euler" } as never);
    expect(sim.check().filter(({ level }) => level === "error")).toEqual([]);
  });
});

describe("the largest stable step", () => {
  it("of a mode is that of the method's stability region", () => {
    expect(modeLimit("euler", { re: -2, im: 0 })).toBe(1);
    expect(modeLimit("heun", { re: -2, im: 0 })).toBeCloseTo(1, 5);
    // the real stability interval of order 4
    expect(modeLimit("rk4", { re: -1, im: 0 })).toBeCloseTo(2.7852935634, 4);
    expect(modeLimit("rk4", { re: 1, im: 0 })).toBe(Number.POSITIVE_INFINITY);
    // a damped oscillation: |1 + z|^2 = 1
    expect(modeLimit("euler", { re: -1, im: 3 })).toBeCloseTo(0.2, 9);
  });

  it("of lif is twice its time constant under euler; exact has none", async () => {
    const { lif } = models;
    const tau = lif.params.tau_m.default;
    const at = { state: { v: -60 } } as const;
    expect((await largestStableStep(lif, "euler", at)).dt).toBeCloseTo(2 * tau, 6);
    expect((await largestStableStep(lif, "rk4", at)).dt / tau).toBeCloseTo(2.7852935634, 4);
    expect((await largestStableStep(lif, "exact", at)).dt).toBe(Number.POSITIVE_INFINITY);
    await expect(largestStableStep(lif, "halfStep" as never)).rejects.toThrow(/halfStep/);
  });

  it("of halfStep and exponentialEuler is where the core itself stops to come to rest", async () => {
    const { izhikevich } = models;
    const rest = { v: -70, u: -14 };
    const { dt } = await largestStableStep(izhikevich, "halfStep", { state: rest });
    for (const [part, comes] of [
      [0.97, true],
      [1.03, false],
    ] as const) {
      const sim = await Simulation.create({ dt: dt * part });
      const cell = sim.population("a", izhikevich, 1, { method: "halfStep", init: { v: -70 + 1e-3, u: -14 } });
      const v = sim.record(cell, "v", { every: dt * part });
      await sim.run(400 * dt * part).catch((error: unknown) => {
        if (!(error instanceof InstabilityError)) throw error;
      });
      const away = Array.from(v.values(0), (x) => Math.abs(x + 70));
      expect((away.at(-1) as number) < 1e-3).toBe(comes);
    }
  });

  it("along a spike of hodgkinHuxley and traubMiles is a little below what was measured", async () => {
    for (const model of [models.hodgkinHuxley, models.traubMiles]) {
      for (const method of ["euler", "heun", "rk4"] as const) {
        const { dt, state, eigenvalue } = await largestStableStep(model as typeof models.hodgkinHuxley, method, {
          current: model.example.current,
        });
        const measured = model.maxStep[method];
        expect(dt / measured).toBeLessThan(1);
        expect(dt / measured).toBeGreaterThan(0.7);
        // the peak of the spike
        expect(state.v).toBeGreaterThan(30);
        expect(eigenvalue?.re).toBeLessThan(-20);
      }
      for (const method of ["exponentialEuler", "strangSplitting"] as const) {
        const { dt } = await largestStableStep(model as typeof models.hodgkinHuxley, method, {
          current: model.example.current,
        });
        expect(dt).toBe(Number.POSITIVE_INFINITY);
      }
    }
  });
});

/**
 * eif and adex under rosenbrock: resets within the step, refractory periods, Delta_T 0, and what NEST makes of the same
 * neuron.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  background,
  type ModelRecord,
  models,
  type Population,
  receptor,
  Simulation,
  ValueRangeError,
} from "../../src/index.js";
import { parameters } from "../contract/dynamics.js";
import { forcedSource } from "../reference/harness.js";
import { solve } from "../reference/solver.js";
import { Stepper } from "../reference/stepper.js";

/** aeif_cond_exp of NEST 3.10.0 with its defaults, as parameters of adex. */
const NEST = {
  C_m: 281, g_L: 30, E_L: -70.6, V_T: -50.4, Delta_T: 2, V_peak: 0, V_reset: -60, a: 4, b: 80.5, tau_w: 144, t_ref: 0,
};

async function spikeTimes(
  model: ModelRecord,
  dt: number,
  params: Readonly<Record<string, number>>,
  I: number,
  duration: number,
  interpolate = false,
): Promise<number[]> {
  const simulation = await Simulation.create({ dt });
  const cell = simulation.population("cell", model, 1, { params, background: [background.constant(I)] });
  const spikes = simulation.record(cell, "spikes", { interpolate });
  simulation.runSync(duration);
  return [...spikes.times];
}

describe("defaults at dt 0.1 against other simulators (measured with NEST 3.10.0)", () => {
  it("adex fires with aeif_cond_exp, whose adaptive method resets within the step", async () => {
    const times = await spikeTimes(models.adex, 0.1, NEST, 1000, 300);
    expect(times.length).toBe(12);
    for (const [k, t] of [11.8, 21.5, 33.0].entries()) expect(Math.abs((times[k] ?? NaN) - t)).toBeLessThan(0.05);
    const fine = await spikeTimes(models.adex, 0.01, NEST, 1000, 300);
    for (const [k, t] of [11.8, 21.42, 32.94].entries()) expect(Math.abs((fine[k] ?? NaN) - t)).toBeLessThan(0.011);
    // 1.4 times 0.1 ms is left of the 3.2 ms that euler is late at the twelfth spike.
    for (const [k, t] of times.entries()) expect(Math.abs(t - (fine[k] ?? NaN))).toBeLessThan(0.14);
  });

  it("and with its refractory period", async () => {
    const times = await spikeTimes(models.adex, 0.01, { ...NEST, t_ref: 2 }, 1000, 50);
    for (const [k, t] of [11.8, 23.42, 36.89].entries()) expect(Math.abs((times[k] ?? NaN) - t)).toBeLessThan(0.025);
  });

  it("traubMiles makes the 14 and 25 spikes of hh_cond_exp_traub", async () => {
    for (const [I, count] of [[200, 14], [500, 25]] as const) {
      const params = { V_th: 0 };
      expect((await spikeTimes(models.traubMiles, 0.1, params, I, 300)).length).toBe(count);
    }
  });
});

describe("spikes within the step", () => {
  it("are where the equations have them, to second order, with resets and through refractory periods", async () => {
    for (const t_ref of [0, 2]) {
      const { spikes } = solve({
        model: models.adex,
        params: { ...NEST, t_ref: 0 },
        init: { v: NEST.E_L, w: 0 },
        current: () => 1000,
        duration: 60,
      });
      const error = async (dt: number): Promise<number> => {
        const times = await spikeTimes(models.adex, dt, { ...NEST, t_ref }, 1000, 60, true);
        // The solver knows no refractory period: only the first spike can be compared then.
        const n = t_ref === 0 ? spikes.length : 1;
        expect(times.length).toBeGreaterThanOrEqual(n);
        return Math.max(...spikes.slice(0, n).map((t, k) => Math.abs(t - (times[k] ?? NaN))));
      };
      const [coarse, fine] = [await error(0.1), await error(0.0125)];
      expect(coarse).toBeLessThan(0.02);
      expect(fine).toBeLessThan(coarse / 20);
    }
  });

  it("a refractory period on the grid is as long as it says, wherever in a step it begins", async () => {
    // With tau_w far away and b 0 every interval is the same; t_ref adds to it exactly.
    const still = { ...NEST, a: 0, b: 0 };
    const mean = async (t_ref: number): Promise<number> => {
      const times = await spikeTimes(models.adex, 0.1, { ...still, t_ref }, 1000, 400, true);
      return ((times.at(-1) ?? NaN) - (times[0] ?? NaN)) / (times.length - 1);
    };
    const free = await mean(0);
    for (const t_ref of [0.1, 0.5, 3]) expect(Math.abs((await mean(t_ref)) - free - t_ref)).toBeLessThan(0.003);
  });

  it("never more than one in a step, and none is lost", async () => {
    // V_reset above V_T and a strong current: the neuron would fire several times in a step of 1 ms.
    const params = { ...NEST, V_reset: -45, b: 0 };
    const simulation = await Simulation.create({ dt: 1 });
    const cell = simulation.population("cell", models.adex, 2, { params, background: [background.constant(5000)] });
    const spikes = simulation.record(cell, "spikes");
    simulation.runSync(50);
    expect([...spikes.of(0)]).toEqual(Array.from({ length: 49 }, (_, k) => k + 2));
    expect([...cell.state("v")].every((v) => v >= params.V_reset && v <= params.V_peak)).toBe(true);
  });
});

describe.each([
  ["eif", models.eif],
  ["adex", models.adex],
] as readonly (readonly [string, ModelRecord])[])("%s", (_id, model) => {
  it("follows the oracle for any parameters, steps, jumps and refractory periods", async () => {
    const range = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
    const neuron = fc.record({
      C_m: range(50, 400),
      g_L: range(2, 40),
      V_T: range(-55, -45),
      Delta_T: fc.oneof(fc.constant(0), range(0.05, 4)),
      V_peak: range(-30, 30),
      V_reset: range(-75, -56),
      a: range(-5, 10),
      b: range(0, 100),
      tau_w: range(5, 300),
      t_ref: range(0, 2),
    });
    let spikes = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0.02, 0.1, 0.5, 1),
        fc.array(fc.tuple(neuron, range(-300, 3000)), { minLength: 3, maxLength: 9 }),
        fc.array(range(-6, 12), { minLength: 60, maxLength: 60 }),
        async (dt, neurons, jumps) => {
          const simulation = await Simulation.create({ dt });
          const own = Object.keys(model.params).filter((name) => name in (neurons[0]?.[0] ?? {}));
          const column = (name: string): number[] => neurons.map(([set]) => set[name as "C_m"]);
          const cells = simulation.population("cells", model, neurons.length, {
            params: Object.fromEntries(own.map((name) => [name, column(name)])),
            background: [background.constant(neurons.map(([, I]) => I))],
            receptors: { jump: receptor.delta() },
          }) as unknown as Population;
          const kicks = jumps.flatMap((x, k) => (x > 0 ? [k] : []));
          const source = forcedSource(simulation, kicks, jumps.length);
          // Every jump has the size of the first one that is positive.
          const size = jumps.find((x) => x > 0) ?? 1;
          simulation.connect(source, cells, { rule: "allToAll", receptor: "jump", weight: size, delay: dt });
          const steppers = neurons.map(([set]) => {
            const params = parameters(model, undefined, Object.fromEntries(own.map((n) => [n, set[n as "C_m"]])));
            return new Stepper(model, "rosenbrock", dt, params, {
              v: params.E_L ?? NaN,
              ...("w" in model.states ? { w: 0 } : {}),
            });
          });
          for (let k = 0; k < jumps.length; k++) {
            simulation.runSync(dt);
            const jump = kicks.includes(k - 1) ? size : 0;
            for (const [i, stepper] of steppers.entries()) {
              const I = neurons[i]?.[1] ?? NaN;
              if (stepper.step([I, I, I], { jump })) spikes++;
              // The two write the logarithms differently, and an upstroke magnifies that: errors of v as errors in
              // time.
              const v = cells.state("v")[i] ?? NaN;
              expect(Math.abs(v - stepper.v) / (1 + Math.abs(v))).toBeLessThan(1e-8);
              stepper.state.v = v;
              if ("w" in model.states) stepper.state.w = cells.state("w" as "v")[i] ?? NaN;
            }
          }
        },
      ),
      { numRuns: 25 },
    );
    // Random currents make 70 to 300.
    expect(spikes).toBeGreaterThan(20);
  });

  it.each(model.methods)("%s with Delta_T 0 is a leaky neuron that fires at V_T", async (method) => {
    const set = { C_m: 250, g_L: 25, E_L: -70, V_reset: -70, t_ref: 2 };
    const adapting = "a" in model.params ? { a: 0, b: 0 } : {};
    const simulation = await Simulation.create({ dt: 0.01 });
    const sharp = simulation.population("sharp", model, 2, {
      method: method as never,
      params: { ...set, ...adapting, V_T: -55, Delta_T: [0, 0], V_peak: 10 },
      background: [background.constant(500)],
    });
    const leaky = simulation.population("leaky", models.lif, 1, {
      params: { C_m: 250, tau_m: 10, E_L: -70, V_th: -55, V_reset: -70, t_ref: 2 },
      background: [background.constant(500)],
    });
    const [a, b] = [simulation.record(sharp, "spikes"), simulation.record(leaky, "spikes")];
    simulation.runSync(200);
    expect(a.of(1).length).toBe(b.of(0).length);
    expect(b.of(0).length).toBeGreaterThan(10);
    for (const [k, t] of b.of(0).entries()) expect(Math.abs((a.of(1)[k] ?? NaN) - t)).toBeLessThan(0.01 * (k + 1.5));
    expect(Math.max(...sharp.state("v"))).toBeLessThan(-55);
  });

  it("with Delta_T 0 needs V_reset below V_T, and has the rheobase and the rest of a leaky neuron", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    expect(() => simulation.population("a", model, 1, { params: { Delta_T: 0, V_T: -55, V_reset: -50 } })).toThrow(
      ValueRangeError,
    );
    expect(() => simulation.population("a", model, 2, { params: { Delta_T: [2, 0], V_T: -55, V_reset: -50 } })).toThrow(
      /V_reset.*< V_T = -55 mV \(Delta_T is 0\)/,
    );
    const adapting = "a" in model.params ? { a: 0, b: 0 } : {};
    const cells = simulation.population("b", model, 2, {
      params: { g_L: 10, E_L: -70, V_T: -55, Delta_T: 0, ...adapting },
      background: [background.rheobase([0.99, 1.01])],
    });
    const spikes = simulation.record(cells, "spikes");
    simulation.runSync(400);
    expect(spikes.of(0).length).toBe(0);
    expect(spikes.of(1).length).toBeGreaterThan(0);
    expect(cells.state("v")[0]).toBeCloseTo(-70 + 0.99 * 15, 3);
  });
});

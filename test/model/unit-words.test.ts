/**
 * Every unit that equations know is one of quantities too: parameters, initial values, backgrounds, weights, receptors.
 */
import { describe, expect, it } from "vitest";
import { background, defineModel, type ModelRecord, receptor, Simulation, UnitError } from "../../src/index.js";

const model = defineModel({
  name: "words",
  equations: ["dv/dt = (E_L - v)/tau + I/C : volt", "dca/dt = -ca/(100*ms) : mM", "k : uA/cm**2"],
  current: "amp",
  params: {
    E_L: { default: "-70 mV", unit: "volt" },
    tau: { default: "20 ms", unit: "second" },
    C: { default: "200 pF", unit: "farad" },
    Kd: "30 uM",
    T: "20 degC",
    r: { default: "3 Hz", unit: "hertz" },
    x: "2 1/(mV*ms)",
    y: "2 mV**2",
    z: "2 ms**-0.5",
    wait: "2 hour",
  },
  threshold: "v > -50*mV and ca < Kd and T > 0*degC and r > 0*Hz and x > 0/(V*s) and y > 0*V**2 and z > 0*ms**-0.5 and wait > 0*s",
  reset: "v = -70*mV",
});

describe("quantities outside of a definition", () => {
  it("know the words and symbols of the language", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const p = simulation.population("p", model, 2, {
      params: {
        E_L: "-0.065 volt",
        tau: "10 ms",
        C: "0.1 nfarad",
        Kd: ["20 uM", "25 umolar"],
        T: "36 degC",
        r: "0.1 kHz",
        x: "5 1/(mV*ms)",
        y: "4 mV^2",
        z: "3 1/sqrt(ms)",
        wait: "30 minute",
      },
      init: { v: "-65 mvolt", ca: "10 uM", k: "3 uA/cm2", g_e: "0.002 usiemens" },
      receptors: {
        e: receptor.exponential({ tau: "0.005 second", E_rev: "0 volt" }),
        d: receptor.delta({ state: "ca" }),
      },
      background: [
        background.constant("300 pA"),
        background.poisson({ rate: "0.1 khertz", weight: "1 nsiemens", receptor: "e" }),
      ],
    });
    expect(model.conductance).toBe("kS");
    expect(p.description.params).toEqual({
      E_L: -0.065,
      tau: 0.01,
      C: 1e-10,
      Kd: Float64Array.of(20, 25),
      T: 36,
      r: 100,
      x: 5,
      y: 4,
      z: 3,
      wait: 0.5,
    });
    expect(p.description.init).toEqual({ v: -0.065, ca: 0.01, k: 3, g_e: 2e-12 });
    expect(p.description.background[0]).toMatchObject({ amplitude: 3e-10 });
    expect(p.description.background[1]).toMatchObject({ rate: 100, weight: 1e-12 });
    expect(p.description.receptors.e).toMatchObject({ tau: 5, E_rev: 0 });
    simulation.connect(p, p, { rule: "allToAll", receptor: "d", weight: "1 nM" });
    p.set({ Kd: "0.04 mM" });
    await simulation.run(20);
    expect(p.state("v")[0]).toBeGreaterThan(-0.065);
  });

  it("are refused with a wrong dimension or an unknown unit", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const add = (params: object) => () => simulation.population("q", model as ModelRecord, 1, { params } as never);
    expect(add({ E_L: "3 amp" })).toThrow(UnitError);
    expect(add({ E_L: "3 amp" })).toThrow('q.E_L = "3 amp"; "amp" cannot be converted to V.');
    expect(add({ E_L: "3 volts" })).toThrow('q.E_L = "3 volts"; unknown unit "volts", expected V.');
    expect(add({ Kd: "3" })).toThrow('q.Kd = "3" has no unit; write a number in uM without quotes, or a text with its unit: "3 uM".');
  });
});

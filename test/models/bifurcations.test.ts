/** Where rest loses its stability and where repetitive firing begins and ends. */
import { describe, expect, it } from "vitest";
import {
  background,
  type Method,
  type ModelRecord,
  models,
  restingState,
  rheobase,
  Simulation,
} from "../../src/index.js";
import { parameters } from "../contract/dynamics.js";
import { characteristic, Equilibria } from "../reference/equilibria.js";
import { entryOf } from "../reference/harness.js";

const { adex, eif, fitzhughNagumo, hodgkinHuxley, izhikevich, morrisLecar, qif } = models;

interface Approach {
  /** Where the current comes from. */
  readonly from: number;
  /** Time in ms of the approach, in five stages that leave a fifth of the distance each, then nothing. */
  readonly approach: number;
  /** Time in ms for which the current is then held, and the last part of it in which spikes count. */
  readonly hold: number;
  readonly last: number;
  readonly dt: number;
  readonly params?: Readonly<Record<string, number>>;
  readonly init?: Readonly<Record<string, number>>;
}

/** Spikes at currents that are approached slower and slower, so that the state follows a cycle or an equilibrium. */
async function lastSpikes(model: ModelRecord, currents: readonly number[], protocol: Approach): Promise<number[]> {
  const { from, approach, hold, last, dt, params = {}, init = {} } = protocol;
  const distance = from - (currents[0] ?? NaN);
  const stage = approach / 5;
  const offsets = Array.from({ length: 5 }, (_, k) => {
    const [start, end] = [distance / 5 ** k, k === 4 ? 0 : distance / 5 ** (k + 1)];
    return [k * stage, start, (end - start) / stage] as const;
  });
  const simulation = await Simulation.create({ dt });
  const cells = simulation.population("cells", model, currents.length, {
    method: "rk4" as Method,
    params,
    init,
    background: [background.constant([...currents]), background.piecewise([...offsets, [approach, 0]])],
  });
  const spikes = simulation.record(cells, "spikes", { from: approach + hold - last });
  simulation.runSync(approach + hold);
  return currents.map((_, i) => spikes.of(i).length);
}

/** Period in ms of repetitive firing: mean of the last intervals, spike times interpolated. */
async function periods(
  model: ModelRecord,
  currents: readonly number[],
  options: { readonly dt: number; readonly duration: number; readonly params?: Readonly<Record<string, number>> },
): Promise<number[]> {
  const simulation = await Simulation.create({ dt: options.dt });
  const cells = simulation.population("cells", model, currents.length, {
    method: "rk4" as Method,
    params: options.params ?? {},
    background: [background.constant([...currents])],
  });
  const spikes = simulation.record(cells, "spikes", { interpolate: true, from: options.duration / 2 });
  simulation.runSync(options.duration);
  return currents.map((_, i) => {
    const times = spikes.of(i);
    return ((times[times.length - 1] ?? NaN) - (times[0] ?? NaN)) / (times.length - 1);
  });
}

describe("the tools", () => {
  it("characteristic polynomials", () => {
    expect(
      characteristic([
        [2, 1],
        [1, 2],
      ]),
    ).toEqual([-4, 3]);
    // diag(1, 2, 3, 4) in another basis: (x - 1)(x - 2)(x - 3)(x - 4)
    const found = characteristic([
      [1, 0, 0, 0],
      [1, 2, 0, 0],
      [0, 5, 3, 0],
      [7, 0, 1, 4],
    ]);
    for (const [k, x] of [-10, 35, -50, 24].entries()) expect(found[k]).toBeCloseTo(x, 12);
  });

  it("the Jacobian from the core is that of the equations", async () => {
    const system = await Equilibria.of(fitzhughNagumo, parameters(fitzhughNagumo));
    const [[a = NaN, b = NaN] = [], [c = NaN, d = NaN] = []] = system.jacobian(-0.8);
    expect(Math.abs(a - (1 - 0.64))).toBeLessThan(1e-9);
    expect(Math.abs(b + 1)).toBeLessThan(1e-9);
    expect(Math.abs(c - 1 / 12.5)).toBeLessThan(1e-9);
    expect(Math.abs(d + 0.8 / 12.5)).toBeLessThan(1e-9);
  });
});

describe("fitzhughNagumo (open-bif-fhn)", () => {
  const { expected } = entryOf<{
    expected: { I_hopf: [number, number]; I_large_cycle_min: number; period_at: Record<string, number> };
  }>("bifurcations", "open-bif-fhn");

  it("Hopf points", async () => {
    const system = await Equilibria.of(fitzhughNagumo, parameters(fitzhughNagumo));
    const hopf = (v: number): number => system.hopf(v);
    expect(Math.abs(system.currentAt(hopf, -1.2, -0.5) - expected.I_hopf[0])).toBeLessThan(1e-9);
    expect(Math.abs(system.currentAt(hopf, 0.5, 1.2) - expected.I_hopf[1])).toBeLessThan(1e-9);
  });

  it("the large cycle ends below the Hopf point", async () => {
    const edge = expected.I_large_cycle_min;
    const currents = [edge - 1e-4, edge - 1e-5, edge + 1e-5, edge + 1e-4];
    const counts = await lastSpikes(fitzhughNagumo, currents, {
      from: 0.5,
      approach: 1000,
      hold: 2000,
      last: 500,
      dt: 0.05,
    });
    expect(counts.slice(0, 2)).toEqual([0, 0]);
    expect(Math.min(...counts.slice(2))).toBeGreaterThan(5);
  });

  it("periods", async () => {
    const rows = Object.entries(expected.period_at);
    const found = await periods(
      fitzhughNagumo,
      rows.map(([I]) => Number(I)),
      { dt: 0.01, duration: 1000 },
    );
    for (const [i, [, period]] of rows.entries()) expect(Math.abs((found[i] ?? NaN) - period)).toBeLessThan(1e-4);
  });
});

describe("izhikevich (open-bif-izh)", () => {
  const { expected } = entryOf<{
    expected: { I_SN: Record<string, number>; I_hopf: Record<string, number> };
  }>("bifurcations", "open-bif-izh");

  it.each(["RS", "FS", "LTS", "RZ"] as const)(
    "%s: rest loses stability by a Hopf point before the fold",
    async (preset) => {
      const params = parameters(izhikevich, preset);
      const system = await Equilibria.of(izhikevich, params);
      const fold = system.currentAt((v) => system.fold(v), -75, -50);
      const hopf = system.currentAt((v) => system.hopf(v), -75, -50);
      const wanted =
        expected.I_SN[`b=${String(params.b).replace("0.", ".")}`] ?? (5 - (params.b ?? NaN)) ** 2 / 0.16 - 140;
      expect(Math.abs(fold - wanted)).toBeLessThan(1e-8);
      expect(Math.abs(hopf - (expected.I_hopf[preset] ?? NaN))).toBeLessThan(1e-8);
      expect(hopf).toBeLessThan(fold);
    },
  );

  it("RS fires when the current is raised slowly beyond the Hopf point, and not before", async () => {
    const edge = expected.I_hopf.RS ?? NaN;
    const currents = [edge - 0.01, edge - 0.002, edge + 0.01];
    // Slowly: from rest, so that the state follows the equilibrium to the edge.
    const counts = await lastSpikes(izhikevich, currents, {
      from: 0,
      approach: 10000,
      hold: 4000,
      last: 14000,
      dt: 0.05,
    });
    expect(counts.slice(0, 2)).toEqual([0, 0]);
    expect(counts[2]).toBeGreaterThan(2);
  });
});

describe("morrisLecar (open-bif-ml)", () => {
  const { expected } = entryOf<{
    expected: {
      hopf_set: { I_hopf: [number, number] };
      snic_set: { I_snic: number; I_hopf_upper: number };
      homoclinic_set: { I_sn: number; I_hopf_upper: number; I_homoclinic: number };
    };
  }>("bifurcations", "open-bif-ml");

  it("hopf: both Hopf points", async () => {
    const system = await Equilibria.of(morrisLecar, parameters(morrisLecar, "hopf"));
    const hopf = (v: number): number => system.hopf(v);
    const [low, high] = expected.hopf_set.I_hopf;
    expect(Math.abs(system.currentAt(hopf, -40, -10) - low)).toBeLessThan(1e-4);
    expect(Math.abs(system.currentAt(hopf, -5, 30) - high)).toBeLessThan(1e-4);
  });

  it("snic and homoclinic: the fold, and where the upper equilibrium becomes stable", async () => {
    for (const [preset, set, fold] of [
      ["snic", expected.snic_set, expected.snic_set.I_snic],
      ["homoclinic", expected.homoclinic_set, expected.homoclinic_set.I_sn],
    ] as const) {
      const system = await Equilibria.of(morrisLecar, parameters(morrisLecar, preset));
      expect(Math.abs(system.currentAt((v) => system.fold(v), -40, -20) - fold)).toBeLessThan(1e-4);
      expect(Math.abs(system.currentAt((v) => system.hopf(v), 0, 20) - set.I_hopf_upper)).toBeLessThan(1e-4);
    }
  });

  it("snic: arbitrarily slow firing above the fold, none below", async () => {
    const edge = expected.snic_set.I_snic;
    const currents = [edge - 1e-3, edge + 1e-3, edge + 0.1, edge + 1];
    const params = parameters(morrisLecar, "snic");
    const counts = await lastSpikes(morrisLecar, currents, {
      from: edge - 0.5,
      approach: 100,
      hold: 16000,
      last: 12000,
      dt: 0.1,
      params,
    });
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThan(1);
    // Near the fold the rate grows with the square root of the distance.
    expect((counts[2] ?? NaN) / (counts[1] ?? NaN)).toBeGreaterThan(7);
    expect((counts[2] ?? NaN) / (counts[1] ?? NaN)).toBeLessThan(13);
  });

  it("homoclinic: firing ends at the homoclinic current, with rest stable beside it", async () => {
    const edge = expected.homoclinic_set.I_homoclinic;
    const currents = [edge - 1e-3, edge + 1e-3];
    const params = parameters(morrisLecar, "homoclinic");
    const counts = await lastSpikes(morrisLecar, currents, {
      from: 37,
      approach: 15000,
      hold: 3000,
      last: 1000,
      dt: 0.1,
      params,
      init: { v: -5, w: 0.1 },
    });
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThan(5);
    expect(
      await lastSpikes(morrisLecar, [37], { from: 30, approach: 500, hold: 1000, last: 500, dt: 0.1, params }),
    ).toEqual([0]);
  });
});

describe("hodgkinHuxley (open-bif-hh)", () => {
  const { expected } = entryOf<{
    expected: {
      rest_mV: number;
      gates: Record<string, number>;
      rheobase: number;
      I_hopf: [number, number];
      I_fold_cycles: number;
      fI_period_ms: Record<string, number>;
      AP_at_10: { peak_mV: number; t_peak: number; width_0mV: number; ahp_min: number };
      steady_peak_mV: Record<string, number>;
    };
  }>("bifurcations", "open-bif-hh");

  it("rest", async () => {
    const { v, ...gates } = await restingState(hodgkinHuxley);
    expect(Math.abs((v ?? NaN) - expected.rest_mV)).toBeLessThan(1e-8);
    for (const [name, x] of Object.entries(expected.gates))
      expect(Math.abs((gates[name] ?? NaN) - x)).toBeLessThan(1e-8);
  });

  it("rheobase", async () => {
    expect(Math.abs((await rheobase(hodgkinHuxley)) - expected.rheobase)).toBeLessThan(1e-5);
  });

  it("Hopf points", async () => {
    const system = await Equilibria.of(hodgkinHuxley, parameters(hodgkinHuxley));
    const hopf = (v: number): number => system.hopf(v);
    expect(Math.abs(system.currentAt(hopf, -63, -55) - expected.I_hopf[0])).toBeLessThan(1e-6);
    expect(Math.abs(system.currentAt(hopf, -50, -30) - expected.I_hopf[1])).toBeLessThan(1e-5);
  });

  it("repetitive firing ends at the fold of cycles", async () => {
    const edge = expected.I_fold_cycles;
    const currents = [edge - 1e-3, edge + 1e-3];
    const counts = await lastSpikes(hodgkinHuxley, currents, {
      from: 7,
      approach: 1500,
      hold: 3500,
      last: 500,
      dt: 0.04,
    });
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThan(20);
  });

  it("periods", async () => {
    const rows = Object.entries(expected.fI_period_ms);
    const found = await periods(
      hodgkinHuxley,
      rows.map(([I]) => Number(I)),
      { dt: 0.01, duration: 600 },
    );
    for (const [i, [, period]] of rows.entries()) expect(Math.abs((found[i] ?? NaN) - period)).toBeLessThan(1e-4);
  });

  it("the action potential at 10 uA/cm2", async () => {
    const dt = 0.001;
    const simulation = await Simulation.create({ dt });
    const cell = simulation.population("cell", hodgkinHuxley, 1, {
      method: "rk4",
      background: [background.constant(10)],
    });
    const trace = simulation.record(cell, "v");
    simulation.runSync(14);
    const v = trace.values(0);
    const peak = v.indexOf(Math.max(...v));
    expect(v[peak]).toBeCloseTo(expected.AP_at_10.peak_mV, 3);
    expect(Math.abs(peak * dt - expected.AP_at_10.t_peak)).toBeLessThan(1e-3);
    expect(v.filter((x) => x > 0).length * dt).toBeCloseTo(expected.AP_at_10.width_0mV, 2);
    expect(Math.min(...v)).toBeCloseTo(expected.AP_at_10.ahp_min, 3);
  });

  it("strong currents: smaller and smaller oscillations, which V_th = 0 does not count any more", async () => {
    const rows = Object.entries(expected.steady_peak_mV);
    const currents = rows.map(([I]) => Number(I));
    const simulation = await Simulation.create({ dt: 0.02 });
    const options = { method: "rk4", background: [background.constant(currents)] } as const;
    const cells = simulation.population("cells", hodgkinHuxley, currents.length, options);
    const low = simulation.population("low", hodgkinHuxley, currents.length, { ...options, params: { V_th: -40 } });
    const v = simulation.record(cells, "v", { from: 450 });
    const counted = [cells, low].map((population) => simulation.record(population, "spikes", { from: 300 }));
    simulation.runSync(500);
    for (const [i, [I, peak]] of rows.entries()) {
      expect(Math.abs(Math.max(...v.values(i)) - peak)).toBeLessThan(0.01);
      expect((counted[0]?.of(i).length ?? NaN) > 0).toBe(Number(I) < 62.8);
      expect(counted[1]?.of(i).length).toBeGreaterThan(15);
    }
  });
});

describe("adex, eif and qif (open-adex-rheobase)", () => {
  const { expected } = entryOf<{ expected: { I_saddle_node: number; I_hopf: number; eif: number } }>(
    "bifurcations",
    "open-adex-rheobase",
  );

  it("adex: Hopf point and fold", async () => {
    const system = await Equilibria.of(adex, parameters(adex));
    const fold = system.currentAt((v) => system.fold(v), -55, -45);
    const hopf = system.currentAt((v) => system.hopf(v), -55, -45);
    expect(Math.abs(fold / expected.I_saddle_node - 1)).toBeLessThan(1e-9);
    expect(Math.abs(hopf / expected.I_hopf - 1)).toBeLessThan(1e-9);
  });

  it("the one-dimensional models: closed form, fold and first spike agree", async () => {
    expect(Math.abs((await rheobase(eif)) - expected.eif)).toBeLessThan(1e-9);
    for (const [model, edge] of [
      [eif, expected.eif],
      [qif, 50],
    ] as const) {
      const system = await Equilibria.of(model as ModelRecord, parameters(model));
      expect(Math.abs((system.currentAt((v) => system.fold(v), -68, -46) - edge) / edge)).toBeLessThan(1e-9);
      const counts = await lastSpikes(model as ModelRecord, [edge * 0.9999, edge * 1.0001], {
        from: edge,
        approach: 0.1,
        hold: 4000,
        last: 4000,
        dt: 0.05,
      });
      expect(counts[0]).toBe(0);
      expect(counts[1]).toBeGreaterThan(0);
    }
  });
});

import { describe, expect, it } from "vitest";
import { parseBackground, parsePopulation, parseProjection, parseReceptor } from "../../src/model/parse.js";
import type { ModelRecord } from "../../src/model/record.js";
import type { PopulationSpec } from "../../src/model/spec.js";
import { lif, models, poisson, spikeTrain } from "../../src/models/index.js";
import {
  background,
  type BackgroundInput,
  type ConnectOptions,
  type PopulationOptions,
  receptor,
  type ReceptorInput,
} from "../../src/sim/options.js";

/** What a call of the API passes on to the validator; the types are those of `Simulation.population`. */
function make<M extends ModelRecord, const R extends Record<string, ReceptorInput> = Record<never, ReceptorInput>>(
  model: M,
  size: number,
  options: PopulationOptions<M, R> = {},
): PopulationSpec {
  return parsePopulation({ ...options, name: "a", model, size }, "a", { dt: 0.1 });
}

describe("typed inputs", () => {
  it("make receptors", () => {
    const made = [
      receptor.delta(),
      receptor.exponential({ tau: 5, E_rev: 0 }),
      receptor.alpha({ tau: "5 ms" }),
      receptor.dualExponential({ tau_rise: 1, tau_decay: 5, E_rev: -70 }),
      receptor.step({ duration: 3 }),
      receptor.nmda(),
      receptor.nmda({ Mg: 0 }),
    ];
    expect(made.map((entry) => parseReceptor(entry, "a.in", lif))).toEqual([
      { kernel: "delta" },
      { kernel: "exponential", tau: 5, E_rev: 0 },
      { kernel: "alpha", tau: 5 },
      { kernel: "dualExponential", tau_rise: 1, tau_decay: 5, E_rev: -70 },
      { kernel: "step", duration: 3 },
      { kernel: "nmda", tau_rise: 2, tau_decay: 100, E_rev: 0, Mg: 1 },
      { kernel: "nmda", tau_rise: 2, tau_decay: 100, E_rev: 0, Mg: 0 },
    ]);
    // @ts-expect-error a step has a duration
    expect(() => parseReceptor(receptor.step({ tau: 3 }), "a.in", lif)).toThrow();
    // @ts-expect-error both time constants
    expect(() => parseReceptor(receptor.dualExponential({ tau_rise: 3 }), "a.in", lif)).toThrow();
  });

  it("make background entries with a scope", () => {
    const receptors = { in: receptor.delta() };
    const made: readonly BackgroundInput[] = [
      background.poisson({ rate: 100, weight: 0.5, receptor: "in", neurons: [1], stop: 5 }),
      background.poisson({ rate: { points: [[0, 10], ["5 ms", "20 Hz", 0]] }, weight: 1 }),
      background.constant(3, { start: "1 ms" }),
      background.piecewise([[0, 1]], { neurons: Uint32Array.of(0) }),
      background.rheobase(0.9, { stop: 10 }),
      background.pulses({ amplitude: 1, width: 1, stop: 4 }),
    ];
    expect(made.map((entry) => parseBackground(entry, "a.background", lif, 2, { receptors }))).toEqual([
      { kind: "poisson", rate: 100, weight: 0.5, receptor: "in", scope: { neurons: Uint32Array.of(1), stop: 5 } },
      { kind: "poisson", rate: [[0, 10, 0], [5, 20, 0]], weight: 1, receptor: "in" },
      { kind: "constant", amplitude: 3, scope: { start: 1 } },
      { kind: "piecewise", points: [[0, 1, 0]], scope: { neurons: Uint32Array.of(0) } },
      { kind: "rheobase", fraction: 0.9, scope: { stop: 10 } },
      { kind: "pulses", amplitude: 1, start: 0, width: 1, period: 1, count: 1, scope: { stop: 4 } },
    ]);
  });

  it("make sources", () => {
    expect(make(poisson, 1000, { params: { rate: 20 } }).source).toEqual({ kind: "poisson", rate: 20 });
    expect(make(poisson, 2, { params: { rate: (i) => i }, positions: { line: { length: 2 } } }).source).toEqual({
      kind: "poisson",
      rate: Float64Array.of(0, 1),
    });
    expect(make(poisson, 2).source).toEqual({ kind: "poisson", rate: 10 });
    expect(make(spikeTrain, 2, { params: { times: ["2 ms", 1], neurons: [0, 1] } }).source).toEqual({
      kind: "spikeTrain",
      times: Float64Array.of(1, 2),
      neurons: Uint32Array.of(1, 0),
    });
    // @ts-expect-error a misspelt parameter
    expect(() => make(poisson, 2, { params: { rates: 1 } })).toThrow();
    // @ts-expect-error spikes need neurons
    expect(() => make(spikeTrain, 2, { params: { times: [1] } })).toThrow();
    // @ts-expect-error no method
    expect(() => make(poisson, 2, { method: "euler" })).toThrow();
    // @ts-expect-error no background
    expect(() => make(poisson, 2, { background: [] })).toThrow();
  });

  it("make neurons as before", () => {
    const spec = make(lif, 2, {
      params: { C_m: { gamma: [2, 100] } },
      init: { g_in: 1 },
      receptors: { in: receptor.alpha({ tau: 2, E_rev: 0 }) },
      positions: [
        [0, 0],
        [1, 1],
      ],
    });
    expect(spec).toMatchObject({ params: { C_m: { gamma: [2, 100] } }, init: { g_in: 1 } });
    const any: ModelRecord = models.adex;
    expect(make(any, 1, { params: { C_m: 100 } }).params.C_m).toBe(100);
    // @ts-expect-error a misspelt parameter
    expect(() => make(lif, 2, { params: { C_n: 1 } })).toThrow();
  });

  it("make projections", () => {
    const populations = new Map([
      [
        "a",
        make(lif, 4, {
          receptors: { in: receptor.exponential({ tau: 5, E_rev: 0 }) },
          positions: { grid: { columns: 2, spacing: 1 } },
        }),
      ],
    ]);
    const stdp = { kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_max: 2 } as const;
    const options: readonly ConnectOptions[] = [
      { rule: "fixedOutdegree", k: 2, weight: 1, delay: 1, shortTerm: { U: 0.5, tau_rec: 800 } },
      { rule: "fixedTotalNumber", n: 5, weight: { truncatedNormal: [1, 1, 0, 2] }, release: 0.5 },
      { rule: "distance", kernel: "linear", scale: 2, periodic: true, weight: 1, plasticity: stdp },
      {
        rule: "allToAll",
        weight: 1,
        plasticity: { kind: "inhibitoryStdp", eta: 1, rho_0: "3 Hz", tau: 20, w_max: 2 },
        scaling: { rho_0: 5, rate: 1, interval: 10 },
      },
      { rule: "oneToOne", weight: 1, gapJunction: true },
    ];
    for (const entry of options) {
      const spec = parseProjection({ ...entry, source: "a", target: "a" }, "a -> a", populations, { dt: 0.1 });
      expect(spec.rule.rule).toBe(entry.rule);
    }
    // @ts-expect-error a gap junction is not plastic
    const wrong: ConnectOptions = { rule: "allToAll", weight: 1, gapJunction: true, plasticity: stdp };
    expect(() => parseProjection({ ...wrong, source: "a", target: "a" }, "a -> a", populations)).toThrow();
  });
});

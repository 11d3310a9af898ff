/** Fits find what the data were made with, the same whoever computes, and say what is wrong. */
import { describe, expect, it } from "vitest";
import {
  adex,
  background,
  defineModel,
  eif,
  fit,
  fitErrors,
  type FitOptions,
  hodgkinHuxley,
  lif,
  type ModelRecord,
  poisson,
  Simulation,
  SpikeletError,
} from "../../src/index.js";
import { search, type SearchOptions } from "../../src/sim/search.js";

type Params = Readonly<Record<string, number>>;
const CURRENTS = [200, 350, 500, 700, 1000];

/** Rates in Hz of a model under constant currents. */
async function rates(model: ModelRecord, params: Params, currents: readonly number[]): Promise<[number, number][]> {
  const sim = await Simulation.create({ dt: 0.1 });
  const cells = sim.population("cells", model, currents.length, {
    params,
    background: [background.constant(currents)],
  } as object);
  const spikes = sim.record(cells, "spikes", { from: 200, interpolate: true });
  await sim.run(1000);
  return currents.map((current, i) => {
    const t = spikes.of(i);
    return [current, t.length < 2 ? 0 : (1000 * (t.length - 1)) / ((t.at(-1) as number) - (t[0] as number))];
  });
}

/** Values of a current that jumps every few ms, and the spikes of a model under it. */
async function trained(
  model: ModelRecord,
  params: Params,
  scale = 1,
): Promise<{ values: Float64Array; times: Float64Array }> {
  const values = Float64Array.from({ length: 500 }, (_, k) => 300 + 700 * ((k * k * 7 + 3 * k) % 11 > 4 ? 1 : 0));
  const sim = await Simulation.create({ dt: 0.1 });
  const input = background.samples({ dt: 2, values: values.map((x) => scale * x) });
  const cell = sim.population("cell", model, 1, { params, background: [input] } as object);
  const spikes = sim.record(cell, "spikes", { interpolate: true });
  await sim.run(1000);
  return { values, times: spikes.times };
}

const small = { population: 24, generations: 25, refinements: 40 };

describe("fit", () => {
  it("finds the parameters of a lif from its f-I curve", async () => {
    const truth = { C_m: 310, tau_m: 14, t_ref: 3 };
    const points = await rates(lif, truth, CURRENTS);
    const result = await fit(lif, { vary: { C_m: [100, 600], tau_m: [5, 40], t_ref: [0, 6] }, to: { fi: points } });
    expect(result.error).toBeLessThan(0.002);
    expect(result.fi?.error).toBeLessThan(0.3);
    expect([...(result.fi?.target ?? [])]).toEqual(points.map(([, rate]) => rate));
    // t_ref is held for whole steps, so that the others make up for the rest
    for (const [name, value] of Object.entries(truth))
      expect(Math.abs((result.params[name] ?? 0) / value - 1)).toBeLessThan(0.05);
    expect(result.status).toBe("converged");
    expect(result.atBounds).toEqual([]);
  });

  it("finds the parameters of an eif from its spike times, with a coincidence factor of 1", async () => {
    const truth = { g_L: 25, V_T: -52 };
    const { values, times } = await trained(eif, truth);
    expect(times.length).toBeGreaterThan(10);
    const result = await fit(eif, {
      vary: { g_L: [10, 50], V_T: [-60, -45] },
      to: { spikes: { times, current: { dt: 2, values } } },
    });
    expect(result.params.g_L).toBeCloseTo(25, 0);
    expect(result.params.V_T).toBeCloseTo(-52, 0);
    expect(result.spikes[0]?.coincidence).toBeCloseTo(1, 6);
    expect(result.error).toBeLessThan(0.05);
  });

  it("fits a model that is given as text, and rates and spikes together", async () => {
    const own = defineModel({
      name: "leaky",
      current: "pA",
      equations: "dv/dt = (g*(E - v) + I)/C : mV",
      params: { C: "200 pF", g: "10 nS", E: "-70 mV" },
      threshold: "v > -50*mV",
      reset: "v = -65*mV",
      refractory: "2 ms",
      init: { v: "E" },
    });
    const truth = { C: 260, g: 16 };
    const fi = await rates(own, truth, CURRENTS);
    const { values, times } = await trained(own, truth);
    const to = { fi, spikes: [{ times, current: { dt: "2 ms", values } }] };
    const result = await fit(own, { vary: { C: ["100 pF", "0.5 nF"], g: [5, 40] }, to, search: small });
    expect(result.params.C).toBeCloseTo(260, -1);
    expect(result.params.g).toBeCloseTo(16, 0);
    expect(result.error).toBeLessThan(0.02);
  });

  it("finds a gain and an offset of the current", async () => {
    const { values, times } = await trained(adex, {}, 1.3);
    const fi = (await rates(adex, {}, [500, 700, 1000, 1300])).map(([current, rate]): [number, number] => [
      (current - 50) / 1.3,
      rate,
    ]);
    const options = { vary: {}, gain: [0.5, 3], search: small } as const;
    const byRates = await fit(adex, { ...options, offset: [-100, 200], to: { fi } });
    expect(byRates.gain).toBeCloseTo(1.3, 1);
    expect(Math.abs(byRates.offset - 50)).toBeLessThan(15);
    const quick = { population: 10, generations: 8, refinements: 12 };
    const byTimes = await fit(adex, {
      ...options,
      search: quick,
      to: { spikes: { times, current: { dt: 2, values } } },
    });
    expect(byTimes.gain).toBeCloseTo(1.3, 1);
  });

  it("gives the same bits whoever computes the errors, in whatever parts", async () => {
    const fi = await rates(eif, { g_L: 25 }, CURRENTS);
    const { values, times } = await trained(eif, { g_L: 25 });
    const options: FitOptions<typeof eif> = {
      vary: { C_m: [100, 500], g_L: [10, 50] },
      gain: [0.8, 1.2],
      to: { fi, spikes: { times, current: { dt: 2, values } } },
      search: { population: 12, generations: 4, refinements: 6 },
    };
    const alone = await fit(eif, options);
    for (const parts of [2, 5]) {
      const errors = fitErrors(eif, options);
      const evaluate = async (candidates: readonly Float64Array[]): Promise<number[]> => {
        const found: number[] = [];
        // the later parts first: their timing does not matter
        for (let p = parts - 1; p >= 0; p--) {
          const own = candidates.filter((_, i) => i % parts === p);
          const answers = await errors(own);
          own.forEach((candidate, k) => (found[candidates.indexOf(candidate)] = answers[k] as number));
        }
        return found;
      };
      expect(await fit(eif, { ...options, evaluate })).toEqual(alone);
    }
    expect((await fit(eif, { ...options, seed: 2 })).params).not.toEqual(alone.params);
  });

  it("leaves out what cannot be run or becomes unstable, and fits the others", async () => {
    const fi = await rates(lif, { V_th: -52 }, CURRENTS);
    const result = await fit(lif, { vary: { V_th: [-90, -45], C_m: [200, 300] }, to: { fi }, search: small });
    expect(result.params.V_th).toBeGreaterThan(-70);
    expect(result.error).toBeLessThan(0.05);
    // euler at this step is stable with a large capacitance only
    const slow = await fit(hodgkinHuxley, {
      method: "euler",
      dt: 0.1,
      vary: { C_m: [0.5, 20] },
      to: { fi: { points: [[10, 40]], duration: 200 } },
      search: { population: 12, generations: 5, refinements: 5 },
    });
    expect(Number.isFinite(slow.error)).toBe(true);
    const errors = await fitErrors(hodgkinHuxley, {
      method: "euler",
      dt: 0.1,
      vary: { C_m: [0.5, 20] },
      to: { fi: { points: [[10, 40]], duration: 200 } },
    })([Float64Array.of(0.9), Float64Array.of(0), Float64Array.of(1)]);
    expect(Array.from(errors, Number.isFinite)).toEqual([true, false, true]);
  });

  it("begins where it is told, and says which parameters ended at a bound", async () => {
    const fi = await rates(lif, { tau_m: 14 }, CURRENTS);
    const options = {
      vary: { tau_m: [5, 40] },
      to: { fi },
      search: { population: 4, generations: 0, refinements: 0 },
    } as const;
    const first = await fit(lif, { ...options, start: { tau_m: 14 } });
    expect(first.params.tau_m).toBeCloseTo(14, 9);
    expect(first.error).toBe(0);
    const narrow = await fit(lif, { vary: { tau_m: [5, 12] }, to: { fi }, search: small });
    expect(narrow.atBounds).toEqual(["tau_m"]);
  });

  it("tells how far it is, and ends when it is told to", async () => {
    const fi = await rates(lif, {}, CURRENTS);
    const stop = new AbortController();
    const seen: string[] = [];
    const result = await fit(lif, {
      vary: { tau_m: [5, 40], C_m: [100, 500] },
      to: { fi },
      signal: stop.signal,
      onProgress: ({ phase, done, of, error, params }) => {
        seen.push(`${phase} ${done}/${of}`);
        expect([error > 0, Object.keys(params)]).toEqual([true, ["tau_m", "C_m"]]);
        if (done === 3) stop.abort();
      },
    });
    expect(seen).toEqual(["search 0/100", "search 1/100", "search 2/100", "search 3/100"]);
    expect(result.status).toBe("cancelled");
    expect(result.error).toBeLessThan(1);
    expect((await fit(lif, { vary: { tau_m: [5, 40] }, to: { fi }, signal: AbortSignal.abort() })).error).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  const points = [[300, 20]] as const;
  const good = { vary: { tau_m: [5, 40] }, to: { fi: points } };
  it.each<[string, any, any, RegExp]>([
    [
      "no target",
      lif,
      { vary: good.vary, to: {} },
      /^fit\.to: nothing to fit to; it must have "fi", "spikes" or both\.$/,
    ],
    ["an unknown target", lif, { ...good, to: { fI: points } }, /^fit\.to: unknown target "fI"; did you mean "fi"\?/],
    [
      "an unknown parameter",
      lif,
      { ...good, vary: { tau: [5, 40] } },
      /^fit\.vary: unknown parameter "tau"; did you mean "tau_m"\?/,
    ],
    ["an unknown option", lif, { ...good, vari: 1 }, /^fit: unknown option "vari"; did you mean "vary"\?/],
    [
      "bounds that are none",
      lif,
      { ...good, vary: { tau_m: 5 } },
      /^fit\.vary\.tau_m = 5; it must be an array \[low, high\]\.$/,
    ],
    [
      "bounds the wrong way",
      lif,
      { ...good, vary: { tau_m: [9, 5] } },
      /^fit\.vary\.tau_m\[1\] = 5 ms; it must be above the lower bound 9\.$/,
    ],
    [
      "a bound out of range",
      lif,
      { ...good, vary: { tau_m: [0, 5] } },
      /^fit\.vary\.tau_m\[0\] = 0 ms; it must be > 0 ms\.$/,
    ],
    ["a bound with a wrong unit", lif, { ...good, vary: { tau_m: ["5 mV", 9] } }, /fit\.vary\.tau_m\[0\]/],
    ["nothing varied", lif, { ...good, vary: {} }, /^fit\.vary: 0 parameters; it must have 1 to 50 parameters\.$/],
    [
      "a parameter that is varied and fixed",
      lif,
      { ...good, params: { tau_m: 5 } },
      /^fit\.params\.tau_m: the parameter is varied/,
    ],
    [
      "a fixed parameter out of range",
      lif,
      { ...good, params: { C_m: -5 } },
      /^fit\.params\.C_m = -5 pF; it must be > 0 pF\.$/,
    ],
    ["no rows", lif, { ...good, to: { fi: [] } }, /^fit\.to\.fi: no rows/],
    [
      "a rate below 0",
      lif,
      { ...good, to: { fi: [[1, -2]] } },
      /^fit\.to\.fi\[0\]\[1\] = -2 Hz; it must be >= 0 Hz\.$/,
    ],
    [
      "a from after the end",
      lif,
      { ...good, to: { fi: { points, duration: 100, from: 100 } } },
      /^fit\.to\.fi\.from = 100 ms; it must be below the duration 100 ms\.$/,
    ],
    [
      "spikes without a current",
      lif,
      { ...good, to: { spikes: { times: [5] } } },
      /^fit\.to\.spikes: the key "current" is missing/,
    ],
    [
      "spikes without a duration",
      lif,
      { ...good, to: { spikes: { times: [5], current: 300 } } },
      /^fit\.to\.spikes: the key "duration" is missing/,
    ],
    [
      "spikes after the end",
      lif,
      { ...good, to: { spikes: [{ times: [5], current: 300, duration: 4 }] } },
      /^fit\.to\.spikes\[0\]\.duration = 4 ms; it must be at least the last spike's time, 5 ms\.$/,
    ],
    [
      "spikes out of order",
      lif,
      { ...good, to: { spikes: { times: [5, 3], current: 300, duration: 9 } } },
      /^fit\.to\.spikes\.times\[1\] = 3 ms/,
    ],
    [
      "a start outside",
      lif,
      { ...good, start: { tau_m: 50 } },
      /^fit\.start\.tau_m = 50 ms; it must be from 5 to 40, its bounds\.$/,
    ],
    [
      "a start of what is not varied",
      lif,
      { ...good, start: { C_m: 50 } },
      /^fit\.start: unknown varied parameter "C_m"/,
    ],
    [
      "a search that is none",
      lif,
      { ...good, search: { generations: -1 } },
      /^fit\.search\.generations = -1; it must be an integer from 0/,
    ],
    ["an unknown preset", lif, { ...good, preset: "RS" }, /fit\.preset/],
    ["a method of another model", lif, { ...good, method: "rosenbrock" }, /lif offers/],
    [
      "a source of spikes",
      poisson,
      { vary: {}, to: good.to },
      /^fit: poisson is a source of spikes; it must be a neuron\.$/,
    ],
    [
      "bounds in which nothing can be run",
      lif,
      { ...good, vary: { V_th: [-90, -80] } },
      /^fit\.vary: none of \d+ candidates within these bounds can be run\. The first one is refused: .*V_reset/,
    ],
  ])("refuses %s", async (_, model, options, message) => {
    await expect(fit(model, options)).rejects.toThrow(SpikeletError);
    await expect(fit(model, options)).rejects.toThrow(message);
  });

  it("refuses a model with noise of its own", async () => {
    const noisy = defineModel({
      name: "noisy",
      equations: "dv/dt = -v/(10*ms) + xi/sqrt(ms) : 1",
      threshold: "v > 1",
      reset: "v = 0",
      init: { v: 0 },
      params: { q: 1 },
    });
    await expect(fit(noisy, { vary: { q: [1, 2] }, to: { fi: points } })).rejects.toThrow(/noisy has noise of its own/);
  });
});

describe("the search", () => {
  const options: SearchOptions = {
    dimensions: 3,
    seed: 1,
    population: 30,
    generations: 80,
    refinements: 200,
    tolerance: 1e-6,
    goal: 0,
    step: () => true,
  };
  const at = [0.3, 0.71, 0.9];

  it("finds the lowest of many valleys", async () => {
    const valley = (x: Float64Array): number =>
      x.reduce(
        (sum, y, d) => sum + (y - (at[d] as number)) ** 2 + 0.02 * (1 - Math.cos(40 * (y - (at[d] as number)))),
        0,
      );
    const found = await search(options, (list) => Promise.resolve(list.map(valley)));
    found.candidate.forEach((x, d) => expect(x).toBeCloseTo(at[d] as number, 3));
  });

  it("goes down a bent valley, to a bound where that is lowest, and never outside", async () => {
    const asked: number[] = [];
    const bent = (x: Float64Array): number => {
      asked.push(...x);
      const [a, b, c] = x as unknown as [number, number, number];
      return (1 - a) ** 2 + 100 * (b - a * a) ** 2 + c;
    };
    const found = await search(options, (list) => Promise.resolve(list.map(bent)));
    expect(found.candidate[0]).toBeCloseTo(1, 2);
    expect(found.candidate[1]).toBeCloseTo(1, 2);
    expect(found.candidate[2]).toBeCloseTo(0, 3);
    expect([Math.min(...asked) >= 0, Math.max(...asked) <= 1]).toEqual([true, true]);
  });

  it("depends on the seed alone", async () => {
    const flat = (list: readonly Float64Array[]) =>
      Promise.resolve(
        list.map((x) => ((x[0] as number) > 0.5 ? Number.POSITIVE_INFINITY : Math.abs((x[0] as number) - 0.2))),
      );
    const one = { ...options, dimensions: 1, generations: 5, refinements: 3 };
    expect(await search(one, flat)).toEqual(await search(one, flat));
    expect(await search({ ...one, seed: 2 }, flat)).not.toEqual(await search(one, flat));
  });
});

/** Gates by a table against gates by their rates' exponentials. */
import { describe, expect, it } from "vitest";
import { background, hodgkinHuxley, type Population, Simulation, traubMiles } from "../../src/index.js";

const GATES = ["m", "h", "n"] as const;
const MODELS = { hodgkinHuxley, traubMiles } as const;
type Name = keyof typeof MODELS;
type Params = Readonly<Record<string, number | number[]>>;

interface Setting {
  readonly rates?: "exact" | "table";
  readonly params?: Params;
  readonly gates?: number;
  readonly current?: number;
}

function add(
  simulation: Simulation,
  name: string,
  model: Name,
  v: Float64Array,
  { rates, params, gates, current = 0 }: Setting,
): Population {
  const init = { v, ...(gates === undefined ? {} : { m: gates, h: gates, n: gates }) };
  const options = { init, params, rates, background: [background.constant(current)] };
  return simulation.population(
    name,
    MODELS[model] as typeof hodgkinHuxley,
    v.length,
    options as object,
  ) as unknown as Population;
}

/** All gates after one step from 0 or 1: a and a + b of x <- a + b x. */
async function step(model: Name, dt: number, v: Float64Array, setting: Setting): Promise<number[]> {
  const simulation = await Simulation.create({ dt, seed: 1 });
  const population = add(simulation, "a", model, v, setting);
  simulation.runSync(dt);
  return GATES.flatMap((gate) => Array.from(population.state(gate)));
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

/** Multiples of an odd number over [low, high], so that no grid is hit. */
function sweep(low: number, high: number, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => low + ((high - low) * (i + 0.381966)) / size);
}

const models = Object.keys(MODELS) as Name[];

describe.each(models)("%s", (model) => {
  const own = MODELS[model].rates[0];

  it.each([
    [1e-10, 0.001, {}],
    [1e-10, 0.01, {}],
    [1e-10, 0.05, {}],
    [1e-10, 0.1, {}],
    [1e-9, 1, {}],
    [1e-9, 0.05, { phi: 10 }],
    [1e-9, 0.05, { phi: 0.1, [own]: 0 }],
    [1e-9, 0.2, { phi: 3, [own]: -80 }],
  ] as const)(
    "a and b are within %f at dt %f, %o: in the table, across its rows and beyond its ends",
    async (bound, dt, params: Params) => {
    const voltage = (params[own] ?? MODELS[model].params[own as never]) as number | { default: number };
    const rest = typeof voltage === "number" ? voltage : voltage.default;
    for (const v of [sweep(rest - 140, rest + 190, 40_000), sweep(-990, 990, 2000)]) {
      for (const gates of [0, 1]) {
        const exact = await step(model, dt, v, { rates: "exact", params, gates });
        const table = await step(model, dt, v, { params, gates });
        expect(largestDifference(table, exact)).toBeLessThan(bound);
      }
    }
  });

  it("is the default, and is not used by other methods", async () => {
    const v = sweep(-90, 40, 64);
    const states = async (setting: object): Promise<string> => {
      const simulation = await Simulation.create({ dt: 0.02, seed: 1 });
      const population = simulation.population("a", MODELS[model] as typeof hodgkinHuxley, 64, {
        init: { v },
        ...setting,
      });
      simulation.runSync(2);
      return GATES.map((gate) => population.state(gate).join()).join();
    };
    expect(await states({})).toBe(await states({ rates: "table" }));
    expect(await states({})).not.toBe(await states({ rates: "exact" }));
    expect(await states({ method: "rk4", rates: "table" })).toBe(await states({ method: "rk4", rates: "exact" }));
  });

  it("fires at the same times", async () => {
    const v = sweep(-75, -55, 200);
    const times = async (rates: "exact" | "table"): Promise<number[]> => {
      const simulation = await Simulation.create({ dt: 0.05, seed: 1 });
      const population = add(simulation, "a", model, v, { rates, current: model === "hodgkinHuxley" ? 10 : 100 });
      const spikes = simulation.record(population, "spikes", { interpolate: true });
      simulation.runSync(500);
      const { times: all, neurons } = spikes.view();
      return Array.from(all, (t, i) => t + 1e4 * (neurons[i] as number)).sort((a, b) => a - b);
    };
    const [exact, table] = [await times("exact"), await times("table")];
    expect(table.length).toBe(exact.length);
    expect(exact.length).toBeGreaterThan(2000);
    expect(largestDifference(table, exact)).toBeLessThan(2e-8);
  });

  it("evaluates rates whose parameters differ between neurons, and tabulates them where only others do", async () => {
    const v = sweep(-90, 40, 37);
    const each = (x: number, last = x): number[] => Array.from({ length: 37 }, (_, i) => (i === 36 ? last : x));
    const g = MODELS[model].params.g_Na.default;
    const others = (states: number[]): number[] => states.filter((_, i) => i % 37 !== 36);
    const common = await step(model, 0.05, v, {});
    const exact = await step(model, 0.05, v, { rates: "exact" });
    expect(await step(model, 0.05, v, { params: { phi: each(1) } })).toEqual(common);
    expect(others(await step(model, 0.05, v, { params: { g_Na: each(g, 2 * g) } }))).toEqual(others(common));
    expect(others(await step(model, 0.05, v, { params: { g_Na: each(g), phi: each(1, 1.5) } }))).toEqual(others(exact));
  });

  it("follows changes of its parameters", async () => {
    const v = sweep(-90, 40, 64);
    const simulation = await Simulation.create({ dt: 0.05, seed: 1 });
    const population = add(simulation, "a", model, v, { gates: 0.5 });
    const fresh = add(simulation, "b", model, v, { gates: 0.5, params: { phi: 2 } });
    population.set({ phi: 3 } as never);
    simulation.runSync(0.05);
    for (const phi of [Array.from(v, (_, i) => (i === 0 ? 2 + 1e-12 : 2)), 2]) {
      population.set({ phi } as never);
      for (const name of ["v", ...GATES]) population.setState(name as never, fresh.state(name as never));
      simulation.runSync(1);
      for (const gate of GATES) {
        expect(largestDifference(Array.from(population.state(gate)), Array.from(fresh.state(gate)))).toBeLessThan(
          phi === 2 ? 1e-300 : 1e-9,
        );
      }
    }
  });
});

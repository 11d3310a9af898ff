/** The networks of the page's first view do what the words beside them say. */
import { describe, expect, it } from "vitest";
import {
  type Balance,
  balanceDocument,
  backgroundOf,
  chosenFrom,
  networkModel,
  NETWORK_MODELS,
  slidersOf,
  weightsOf,
} from "../../apps/playground/src/net/balance.js";
import { meanCv, models, nullclines, Simulation, spikeSynchrony, vectorField } from "../../src/index.js";

const WARM_UP = 200;
const UNTIL = 1000;

async function opened(balance: Balance, id: string): Promise<Simulation> {
  return Simulation.fromDocument(balanceDocument(balance, 1, networkModel(id)));
}

function excitatory(sim: Simulation) {
  const exc = sim.populations.get("exc");
  if (exc === undefined) throw new Error("no population exc");
  return exc;
}

/** Rate in Hz, CV of the intervals and synchrony (1: all together) of the excitatory cells after the warm-up. */
async function measured(balance: Balance, id: string): Promise<{ rate: number; cv: number; synchrony: number }> {
  const sim = await opened(balance, id);
  const exc = excitatory(sim);
  const spikes = sim.record(exc, "spikes", { from: WARM_UP });
  await sim.run(UNTIL);
  const bins = { start: WARM_UP, duration: UNTIL - WARM_UP, bin: 3 };
  const found = {
    rate: spikes.rate(),
    cv: meanCv(spikes, exc.size),
    synchrony: spikeSynchrony(spikes, exc.size, bins),
  };
  sim.close();
  return found;
}

describe.each(NETWORK_MODELS.map(({ id }) => id))("a network of %s", (id) => {
  const sliders = slidersOf(networkModel(id));
  const values = Object.fromEntries(Object.entries(sliders).map(([key, { value }]) => [key, value]));
  const balance = { ...values, size: 1000 } as unknown as Balance;

  it("is irregular and asynchronous with some Hz at the beginning", async () => {
    const { rate, cv, synchrony } = await measured(balance, id);
    expect(rate).toBeGreaterThan(3);
    expect(rate).toBeLessThan(12);
    expect(cv).toBeGreaterThan(0.6);
    expect(synchrony).toBeLessThan(0.3);
  });

  it("is silent with half the rheobase, also when it was active", async () => {
    const sim = await opened(balance, id);
    await sim.run(200);
    for (const population of sim.populations.values())
      population.setBackground(backgroundOf({ ...balance, background: 0.5 }) as never);
    await sim.run(300);
    const spikes = sim.record(excitatory(sim), "spikes");
    await sim.run(300);
    expect(spikes.rate()).toBeLessThan(0.1);
    sim.close();
  });

  it("is a seizure without inhibition, and not when inhibition comes back", async () => {
    const sim = await opened(balance, id);
    await sim.run(100);
    const set = (inhibition: number): void => {
      const weights = weightsOf({ ...balance, inhibition });
      sim.projections.forEach((projection, k) => projection.setWeight(weights[k] as number));
    };
    const cells = excitatory(sim);
    set(0);
    await sim.run(100);
    const seizure = sim.record(cells, "spikes");
    await sim.run(100);
    expect(seizure.rate()).toBeGreaterThan(100);
    seizure.pause();
    set(balance.inhibition);
    await sim.run(300);
    const after = sim.record(cells, "spikes");
    await sim.run(300);
    expect(after.rate()).toBeLessThan(30);
    sim.close();
  });

  it("has sliders whose values lie in their ranges, the least weight and the most", async () => {
    for (const { value, min, max } of Object.values(sliders)) {
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
    }
    for (const at of ["min", "max"] as const) {
      const { weight, background } = sliders;
      const extreme: Balance = { ...balance, size: 100, weight: weight[at], background: background[at] };
      const sim = await opened(extreme, id);
      expect(await sim.run(50)).toHaveProperty("status", "done");
      sim.close();
    }
  });
});

it("A model of an unknown name is lif", () => {
  expect(networkModel("nosuch").id).toBe("lif");
  expect(networkModel({ id: "adex" }).id).toBe("lif");
});

it("A neuron that a link chose is one of the network's, or the first", () => {
  expect(chosenFrom({ population: "inh", neuron: 199 }, 1000)).toEqual({ population: "inh", neuron: 199 });
  expect(chosenFrom({ population: "exc", neuron: 799 }, 1000)).toEqual({ population: "exc", neuron: 799 });
  const first = { population: "exc", neuron: 0 };
  for (const given of [
    undefined,
    null,
    "exc",
    7,
    [],
    { population: "inh", neuron: 200 },
    { population: "inh", neuron: -1 },
    { population: "exc", neuron: 0.5 },
    { population: "exc", neuron: "0" },
    { population: "constructor", neuron: 0 },
  ])
    expect(chosenFrom(given, 1000)).toEqual(first);
});

it.each(NETWORK_MODELS.filter(({ plane }) => plane !== undefined))(
  "The phase plane of $id shows its two nullclines, and a larger input lifts that of v",
  async ({ id, exc, plane }) => {
    const [v, w] = plane as NonNullable<typeof plane>;
    const height = w.range[1] - w.range[0];
    const lines = async (current: number) => {
      const window = { v: v.range, w: w.range, points: 80 };
      return nullclines(await vectorField(models[id as "adex"], { ...window, ...exc, current } as never));
    };
    const [low, high] = [await lines(0), await lines(0.2 * height)];
    const lowest = (curves: typeof low.v): number => Math.min(...curves.flatMap(({ w }) => [...w]));
    // v: falling and rising, in two pieces where the plane cuts off the bottom between them
    expect(low.v.length).toBeLessThanOrEqual(2);
    expect(high.v.length).toBeLessThanOrEqual(2);
    expect(low.w).toHaveLength(1);
    expect(lowest(high.v)).toBeGreaterThanOrEqual(lowest(low.v));
    const crossing = ({ v: curves }: typeof low): number =>
      Math.min(
        ...curves.flatMap((curve) => [...curve.v].filter((_, k) => Math.abs(curve.w[k] as number) < 0.02 * height)),
      );
    // the left branch is farther to the right
    expect(crossing(high)).toBeGreaterThan(crossing(low) + 2);
  },
);

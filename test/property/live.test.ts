/**
 * Changes of a network that runs: each is made wholly or not at all, at one step for all shards, whenever it is asked
 * for; what it does not name goes on. Held to small models that know nothing of shards, columns or entries.
 */
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  background,
  type BackgroundInput,
  lif,
  poisson,
  type Population,
  receptor,
  RheobaseError,
  Simulation,
  spikeTrain,
} from "../../src/index.js";
import { Control } from "../../src/core/shard.js";
import { fingerprint, holds, type Loose } from "./networks.js";

/** What only tests look at. */
interface Inside {
  readonly cores: { exports: { allocated(): number }; allocate(bytes: number, what: string): number }[];
  readonly live: { phase: string; step: number };
  readonly crew: object | undefined;
}
const inside = (simulation: Simulation): Inside => (simulation as unknown as { engine: Inside }).engine;
const allocated = (simulation: Simulation): number[] =>
  inside(simulation).cores.map(({ exports }) => exports.allocated());

/** Processes that hardly move in the time of a test: whatever became of them is seen in the current. */
const STILL = 1e9;
const SIZE = 200;

type Item = { readonly tag: number; readonly mean: number } | { readonly constant: number } | { readonly white: true };

function entryOf(item: Item): BackgroundInput {
  if ("constant" in item) return background.constant(item.constant);
  if ("white" in item) return background.whiteNoise({ sigma: 0 });
  return background.ornsteinUhlenbeck({ mean: item.mean, sigma: 10 + item.tag, tau: STILL });
}

/** Sum of squares, the mean product and so on are taken over neurons. */
function correlation(x: Float64Array, y: Float64Array): number {
  const mean = (v: Float64Array): number => v.reduce((a, b) => a + b, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: Float64Array, ma: number, b: Float64Array, mb: number): number =>
    a.reduce((s, v, i) => s + (v - ma) * ((b[i] as number) - mb), 0);
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my));
}

const items: fc.Arbitrary<Item> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ tag: fc.integer({ min: 0, max: 4 }), mean: fc.constantFrom(0, 50) }) },
  { weight: 1, arbitrary: fc.record({ constant: fc.integer({ min: -9, max: 9 }) }) },
  { weight: 1, arbitrary: fc.constant({ white: true } as const) },
);
/** A list in which each process stands once. */
const lists = fc.uniqueArray(items, {
  maxLength: 6,
  selector: (item) => ("tag" in item ? item.tag : JSON.stringify(item)),
});

describe("background currents that change", () => {
  it("keep each process that stays in the list, in any place and company; new ones are drawn", async () => {
    await holds(
      fc.asyncProperty(
        fc.array(lists, { minLength: 2, maxLength: 6 }),
        fc.constantFrom(1, 3),
        async (sequence, threads) => {
          const simulation = await Simulation.create({ dt: 1, seed: 5, threads });
          const cells = simulation.population("cells", lif, SIZE, { params: { V_th: 1e9 } });
          const current = simulation.record(cells, "I_background");
          await simulation.run(1);
          // Distance from the mean, by tag.
          const known = new Map<number, Float64Array>();
          for (const list of sequence) {
            cells.setBackground(list.map(entryOf));
            await simulation.run(1);
            const last = current.length - 1;
            const rest = Float64Array.from({ length: SIZE }, (_, n) => current.view()[last * SIZE + n] as number);
            const tags = list.filter((item) => "tag" in item);
            for (const item of list) if ("constant" in item) rest.forEach((x, n) => (rest[n] = x - item.constant));
            for (const { tag, mean } of tags) rest.forEach((x, n) => (rest[n] = x - mean - (known.get(tag)?.[n] ?? 0)));
            for (const tag of known.keys()) if (!tags.some((item) => item.tag === tag)) known.delete(tag);
            const fresh = tags.filter(({ tag }) => !known.has(tag));
            if (fresh.length === 0) expect(Math.max(...rest.map(Math.abs))).toBeLessThan(0.02);
            // One new process is what is left; of several only the sum is seen, so that they are left out of the list
            // again.
            else if (fresh.length === 1) known.set(fresh[0]?.tag as number, rest);
            else {
              cells.setBackground(list.filter((item) => !("tag" in item) || known.has(item.tag)).map(entryOf));
            }
          }
          simulation.close();
        },
      ),
      20,
    );
  });

  it("start new processes, and those of neurons that come into the scope, from the stationary distribution", async () => {
    const onsets = async (threads: number): Promise<Float64Array[]> => {
      const simulation = await Simulation.create({ dt: 1, seed: 8, threads });
      const cells = simulation.population("cells", lif, SIZE, { params: { V_th: 1e9 } });
      const current = simulation.record(cells, "I_background");
      const sample = async (): Promise<Float64Array> => {
        await simulation.run(1);
        return Float64Array.from({ length: SIZE }, (_, n) => current.view()[(current.length - 1) * SIZE + n] as number);
      };
      const half = Uint32Array.from({ length: SIZE / 2 }, (_, i) => i);
      const noise = (neurons?: Uint32Array): BackgroundInput =>
        background.ornsteinUhlenbeck({ sigma: 100, tau: STILL, ...(neurons && { neurons }) });
      const found: Float64Array[] = [];
      for (let k = 0; k < 20; k++) {
        cells.setBackground([noise(half)]);
        const before = await sample();
        cells.setBackground([noise()]);
        const after = await sample();
        expect(before.subarray(SIZE / 2).every((x) => x === 0)).toBe(true);
        expect(Math.max(...half.map((n) => Math.abs((after[n] as number) - (before[n] as number))))).toBeLessThan(0.1);
        found.push(after);
        cells.setBackground([background.constant(k)]);
        await sample();
      }
      simulation.close();
      return found;
    };
    const found = await onsets(1);
    expect(await onsets(3)).toEqual(found);
    const all = Float64Array.from(found.flatMap((x) => [...x]));
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    const sd = Math.sqrt(all.reduce((s, x) => s + (x - mean) ** 2, 0) / all.length);
    // 4000 independent numbers: the errors of mean and sd are 1.6 and 1.1.
    expect(Math.abs(mean)).toBeLessThan(7);
    expect(Math.abs(sd - 100)).toBeLessThan(5);
    for (let k = 1; k < found.length; k++)
      expect(Math.abs(correlation(found[k] as Float64Array, found[0] as Float64Array))).toBeLessThan(0.3);
  });

  it("take another mean and deviation at once and stay stationary", async () => {
    const simulation = await Simulation.create({ dt: 1, seed: 2 });
    const cells = simulation.population("cells", lif, 3, { params: { V_th: 1e9 } });
    const current = simulation.record(cells, "I_background");
    const last = async (mean: number, sigma: number): Promise<number[]> => {
      cells.setBackground([background.ornsteinUhlenbeck({ mean, sigma, tau: STILL })]);
      await simulation.run(1);
      return [0, 1, 2].map((n) => current.values(n)[current.length - 1] as number);
    };
    const z = await last(0, 1);
    for (const [mean, sigma] of [
      [500, 1],
      [500, 20],
      [-3, 0.5],
    ] as const) {
      (await last(mean, sigma)).forEach((x, n) => {
        expect(Math.abs(x - mean - sigma * (z[n] as number))).toBeLessThan(0.005 * sigma);
      });
    }
    // Without a deviation nothing is left to go on from.
    expect(await last(7, 0)).toEqual([7, 7, 7]);
    expect(new Set(await last(0, 1)).size).toBe(3);
  });

  it("take no more memory of the core, nor of snapshots, however often they change", async () => {
    const simulation = await Simulation.create({ dt: 0.1, seed: 3, threads: 2 });
    const cells = simulation.population("cells", lif, 100, { receptors: { in: receptor.delta() } });
    const train = simulation.population("train", spikeTrain, 40, { params: { times: [1], neurons: [0] } });
    const noise = simulation.population("noise", poisson, 40);
    const each = (x: number): Float64Array => Float64Array.from({ length: 100 }, (_, i) => x + i);
    const entries: readonly BackgroundInput[] = [
      background.constant(each(5)),
      background.ornsteinUhlenbeck({ sigma: each(1), tau: 5 }),
      background.whiteNoise({ sigma: 3 }),
      background.sine({ amplitude: each(1), frequency: 5 }),
      background.samples({ dt: 1, values: each(3) }),
      background.piecewise([
        [0, 1],
        [5, 3],
      ]),
      background.poisson({ rate: each(1), weight: 0.1 }),
      background.rheobase(0.5),
    ];
    let random = 1;
    const next = (n: number): number => (random = (random * 48271) % 2147483647) % n;
    const round = (): void => {
      cells.setBackground(Array.from({ length: 6 }, () => entries[next(entries.length)] as BackgroundInput));
      cells.set({ tau_m: next(2) === 0 ? 20 : each(10) });
      const times = Array.from({ length: 1 + next(200) }, () => 1e6 + next(50));
      train.set({ times, neurons: times.map((t) => t % 40) });
      noise.set({
        rate:
          next(2) === 0
            ? {
                points: [
                  [0, 5],
                  [10, next(9)],
                ],
              }
            : Float64Array.from({ length: 40 }, () => next(20)),
      });
      simulation.runSync(0.2);
    };
    // The most that any list can need has been needed.
    for (const entry of entries) {
      cells.setBackground(new Array<BackgroundInput>(6).fill(entry));
      simulation.runSync(0.1);
    }
    for (let k = 0; k < 30; k++) round();
    const [held, bytes] = [allocated(simulation), simulation.snapshot().length];
    for (let k = 0; k < 200; k++) round();
    expect(allocated(simulation)).toEqual(held);
    expect(Math.abs(simulation.snapshot().length - bytes)).toBeLessThan(0.2 * bytes);
    simulation.close();
  });
});

/** A network with everything that can be changed, in three shards of 16 or 32 neurons. */
function changeable(): Loose {
  const sizes = { params: { tau_m: 20 }, size: 80, model: "lif" };
  return {
    dt: 0.1,
    seed: 7,
    duration: 30,
    populations: [
      { name: "noise", model: "poisson", size: 40, params: { rate: 50 } },
      { name: "train", model: "spikeTrain", size: 40, params: { times: [3, 20, 28], neurons: [1, 20, 39] } },
      {
        name: "cells",
        ...sizes,
        method: "exact",
        init: { v: { uniform: [-70, -55] } },
        receptors: { in: { kernel: "dualExponential", tau_rise: 1, tau_decay: 5 } },
        background: [
          { kind: "rheobase", fraction: 1.2 },
          { kind: "ornsteinUhlenbeck", sigma: 20, tau: 5 },
          { kind: "whiteNoise", sigma: 50 },
        ],
      },
      {
        name: "others",
        model: "adex",
        size: 48,
        receptors: { in: { kernel: "exponential", tau: 5, E_rev: 0 } },
        background: [{ kind: "constant", amplitude: 500 }],
      },
    ],
    projections: [
      { source: "noise", target: "cells", rule: "fixedProbability", p: 0.2, weight: 30, delay: 0.5 },
      { source: "train", target: "others", rule: "allToAll", weight: 2, delay: 0.7 },
      {
        source: "cells",
        target: "others",
        rule: "fixedProbability",
        p: 0.3,
        weight: 1,
        delay: 1,
        plasticity: { kind: "stdp", A_plus: 0.05, A_minus: 0.05, tau_plus: 20, tau_minus: 20, w_max: 5 },
      },
    ],
    record: [
      { population: "cells", variables: ["spikes", "v", "I_background"], neurons: [0, 17, 79] },
      { population: "others", variables: ["spikes", "v"], neurons: [0, 47] },
    ],
  };
}

const cellsOf = (simulation: Simulation, name = "cells"): Population => simulation.populations.get(name) as Population;
const each = (n: number, f: (i: number) => number): Float64Array => Float64Array.from({ length: n }, (_, i) => f(i));

/** Changes that can be made. */
const CHANGES: Readonly<Record<string, (simulation: Simulation) => void>> = {
  "parameters of each neuron": (s) => cellsOf(s).set({ tau_m: each(80, (i) => 15 + i / 10) } as never),
  "a drawn parameter": (s) => cellsOf(s).set({ C_m: { uniform: [190, 210] }, V_th: -52 } as never),
  "currents of other kinds": (s) =>
    cellsOf(s).setBackground([
      background.ornsteinUhlenbeck({ sigma: each(80, (i) => i), tau: 3 }),
      background.samples({ dt: 1, values: [500, 100, 600] }),
      background.ramp({ end: 50, from: 0, to: { uniform: [300, 600] } }),
    ]),
  "spikes onto a receptor that had none": (s) =>
    cellsOf(s, "others").setBackground([background.poisson({ rate: 5000, weight: 1 })]),
  "a rate of each source": (s) => cellsOf(s, "noise").set({ rate: each(40, (i) => 10 * i) } as never),
  "a rate in time": (s) => cellsOf(s, "noise").set({ rate: { points: [[0, 10, 1]] } } as never),
  "other spikes": (s) =>
    cellsOf(s, "train").set({
      times: each(300, (i) => 21 + i / 40),
      neurons: Uint32Array.from({ length: 300 }, (_, i) => i % 40),
    } as never),
  "a state": (s) =>
    cellsOf(s).setState(
      "v" as never,
      each(80, (i) => -70 + i / 10),
    ),
  "a weight": (s) => s.projections[0]?.setWeight(50),
  "a weight of a single synapse": (s) => s.projections[1]?.setWeights([3.3], [777]),
  "a longer delay": (s) => s.projections[0]?.setDelay(3),
  "a shorter delay": (s) => s.projections[1]?.setDelay(0.2),
  "plastic weights": (s) => s.projections[2]?.setWeight(3),
  "no learning": (s) => s.projections[2]?.freeze(),
};

/** Changes that cannot be made, some of them because of single neurons in one shard. */
const REFUSED: Readonly<Record<string, (simulation: Simulation) => void>> = {
  "no rheobase of one neuron": (s) =>
    cellsOf(s).set({ E_L: each(80, (i) => (i === 70 ? -49 : -70)), V_reset: -70 } as never),
  "drawn out of range": (s) => cellsOf(s).set({ C_m: 100, tau_m: { normal: [1, 2] } } as never),
  "a wrong last entry": (s) => cellsOf(s).setBackground([background.constant(1), background.whiteNoise({ sigma: -1 })]),
  "a wrong spike": (s) => cellsOf(s, "train").set({ times: [50, 51], neurons: [0, 40] } as never),
  "a wrong rate": (s) => cellsOf(s, "noise").set({ rate: each(40, (i) => (i === 39 ? -1 : 5)) } as never),
  "a state that is no number": (s) =>
    cellsOf(s).setState(
      "v" as never,
      each(80, (i) => (i === 79 ? Number.NaN : -50)),
    ),
  "a weight out of bounds": (s) => s.projections[2]?.setWeight(6),
};

const names = Object.keys(CHANGES);

/** Runs with changes after so many steps each. */
async function play(
  threads: number,
  changes: readonly (readonly [step: number, change: (s: Simulation) => void])[],
): Promise<object> {
  const simulation = await Simulation.fromDocument(changeable(), { threads });
  let at = 0;
  for (const [step, change] of changes) {
    await simulation.run((step - at) * 0.1);
    at = step;
    change(simulation);
  }
  const { populations } = await simulation.run((300 - at) * 0.1);
  const found = {
    ...fingerprint(simulation),
    populations,
    weights: simulation.projections[2]?.weights(),
    document: simulation.toDocument(),
  };
  simulation.close();
  return found;
}

describe("a change acts in the same way", () => {
  it("with any number of shards, one after the other", async () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.constantFrom(...names)), {
      minLength: 1,
      maxLength: 6,
    });
    await holds(
      fc.asyncProperty(steps, fc.constantFrom(2, 3, 5), async (list, threads) => {
        const changes = list
          .sort((a, b) => a[0] - b[0])
          .map(([step, name]) => [step, CHANGES[name] as (s: Simulation) => void] as const);
        expect(await play(threads, changes)).toEqual(await play(1, changes));
      }),
      10,
    );
  });

  it("at the end of each chunk, where progress is told, as between two runs", async () => {
    for (const name of names) {
      const change = CHANGES[name] as (s: Simulation) => void;
      for (const threads of [1, 2]) {
        const simulation = await Simulation.fromDocument(changeable(), { threads });
        const onProgress = ({ time }: { time: number }): void => void (Math.round(time) === 10 && change(simulation));
        const report = await simulation.run(30, { chunk: 10, onProgress });
        const { populations, ...expected } = (await play(1, [[100, change]])) as Loose;
        expect({
          name,
          ...fingerprint(simulation),
          weights: simulation.projections[2]?.weights(),
          document: simulation.toDocument(),
        }).toEqual({ name, ...expected });
        expect(report.populations.cells?.spikes).toBe(populations.cells.spikes);
        simulation.close();
      }
    }
  });
});

describe("a change that cannot be made", () => {
  it.each(Object.entries(REFUSED))(
    "%s: nothing is changed, with any number of shards, built or not",
    async (name, change) => {
      const expected = await play(1, []);
      for (const threads of [1, 2, 3]) {
        for (const step of [0, 150]) {
          // A rheobase is looked for when the network is built.
          if (name.startsWith("no rheobase") && step === 0) continue;
          const attempt = (s: Simulation): void => {
            expect(() => change(s)).toThrow(name.startsWith("no rheobase") ? RheobaseError : Error);
          };
          expect(await play(threads, [[step, attempt]])).toEqual(expected);
        }
      }
    },
  );

  it("because a shard has no memory left: nothing is changed", async () => {
    const expected = await play(1, []);
    let failures = 0;
    /** Tries a change in which the allocation number `nth` fails; whether it was reached. */
    const fails = (s: Simulation, change: (s: Simulation) => void, nth: number): boolean => {
      let count = 0;
      for (const core of inside(s).cores) {
        core.allocate = function (bytes, what): number {
          if (what !== "drawing numbers" && ++count === nth) throw new RangeError(`no room for ${what}`);
          return (Object.getPrototypeOf(this) as typeof core).allocate.call(this, bytes, what);
        };
      }
      try {
        change(s);
        return false;
      } catch {
        return true;
      } finally {
        for (const core of inside(s).cores) delete (core as Partial<typeof core>).allocate;
      }
    };
    for (const [name, change] of Object.entries(CHANGES)) {
      // What a failed change has taken is there for the next one: with the second place the failures move up.
      const trial = await Simulation.fromDocument(changeable(), { threads: 3 });
      trial.build();
      let known = 0;
      while (fails(trial, change, known === 0 ? 1 : 2)) expect(++known).toBeLessThan(99);
      trial.close();
      if (known === 0) continue;
      failures += known;
      const attempts = (s: Simulation): void => {
        for (let k = 0; k < known; k++) expect(fails(s, change, k === 0 ? 1 : 2)).toBe(true);
      };
      expect({ name, ...(await play(3, [[150, attempts]])) }).toEqual({ name, ...expected });
    }
    expect(failures).toBeGreaterThan(8);
  });
});

describe("a change while threads compute", () => {
  /** Cells that are all alike in two shards, and much to do in the second, for which the first has to wait. */
  async function uneven(threads: number, load: number): Promise<{ simulation: Simulation; cells: Population }> {
    const simulation = await Simulation.create({ dt: 0.01, seed: 1, threads });
    const cells = simulation.population("cells", lif, 32, { params: { V_th: 1e9 } });
    const noise = simulation.population("noise", poisson, 100, { params: { rate: 1e5 } });
    const few = simulation.population("few", lif, 16, { receptors: { in: receptor.exponential({ tau: 5 }) } });
    simulation.connect(noise, few, { rule: "fixedIndegree", k: load, weight: 0, delay: 0.5 });
    return { simulation, cells: cells as unknown as Population };
  }

  it("is made in all shards at the same step, and states are not read meanwhile", async () => {
    const { simulation, cells } = await uneven(2, 500_000);
    // Threads go on beside each other, also where another program has a processor now, and this one leaves the other
    // its work.
    const helps = vi.spyOn(Control.prototype, "isFree").mockReturnValue(false);
    const beside = { next: () => ({ beside: true, ms: 60 }), done: () => undefined };
    const calls: number[] = [];
    let midst = 0;
    let running = true;
    const change = (population: Population, k: number): void => {
      population.setBackground([background.constant(100 + k)]);
      population.set({ tau_m: 20 + k } as never);
    };
    const tick = (): void => {
      if (!running) return;
      const { crew, live: { phase, step } } = inside(simulation);
      if (crew) Object.defineProperty(crew, "pace", { get: () => beside, set: () => undefined, configurable: true });
      if (phase === "building") expect(() => change(cells, 0)).toThrow(/being built/);
      if (phase === "computing") {
        midst++;
        expect(() => cells.state("v")).toThrow(/threads are computing/);
      }
      if (phase !== "building" && simulation.time > 0) {
        change(cells, calls.length);
        calls.push(step);
      }
      setTimeout(tick, 1);
    };
    setTimeout(tick, 1);
    await simulation.run(0.96, { chunk: 0.32 });
    running = false;
    helps.mockRestore();
    const v = cells.state("v");
    simulation.close();
    expect(new Set(v).size).toBe(1);
    expect(midst).toBeGreaterThan(0);
    // On one thread, between runs, at the steps at which they acted.
    const one = await uneven(1, 1);
    let at = 0;
    for (const [k, step] of calls.entries()) {
      await one.simulation.run((step - at) * 0.01);
      at = step;
      change(one.cells, k);
    }
    await one.simulation.run((96 - at) * 0.01);
    expect(one.cells.state("v")[0]).toBe(v[0]);
  });

  it("a rate that rises within a run loses no spike", async () => {
    // Onto the first kernel spikes lie on a ring, onto the second they wait at their source.
    for (const [threads, kernel] of [
      [1, receptor.delta()],
      [2, receptor.delta()],
      [1, receptor.exponential({ tau: 5 })],
      [2, receptor.exponential({ tau: 5 })],
    ] as const) {
      const counts: number[] = [];
      for (const within of [true, false]) {
        const simulation = await Simulation.create({ dt: 0.1, seed: 4, threads });
        const noise = simulation.population("noise", poisson, 64, { params: { rate: 1 } });
        const cells = simulation.population("cells", lif, 64, { receptors: { in: kernel } });
        simulation.connect(noise, cells, { rule: "oneToOne", weight: 1e-6, delay: 1 });
        const spikes = simulation.record(noise, "spikes");
        const raise = (): void => noise.set({ rate: 1e6 });
        if (within)
          await simulation.run(20, { chunk: 5, onProgress: ({ time }) => void (Math.round(time) === 5 && raise()) });
        else {
          await simulation.run(5);
          raise();
          await simulation.run(15);
        }
        counts.push(
          spikes.count,
          cells.state("v").reduce((a, b) => a + b, 0),
        );
        simulation.close();
      }
      expect(counts.slice(0, 2)).toEqual(counts.slice(2));
      expect(counts[0]).toBeGreaterThan(900_000);
    }
  });
});

/** Trials: beginning again, other futures of one past, and single numbers that change in between. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  background,
  lif,
  poisson,
  receptor,
  Simulation,
  spikeTrain,
  StateError,
  ValueRangeError,
} from "../../src/index.js";
import { fingerprint, holds, type Loose, networks } from "./networks.js";

const THREADS = fc.constantFrom(1, 1, 1, 3);
/** A cell that only adds up what arrives. */
const SUMS = { params: { tau_m: 1e12, V_th: 1e9 }, init: { v: 0 } };

describe("reset", () => {
  it("of any network, with its first weights, equals a new one", async () => {
    await holds(
      fc.asyncProperty(networks, THREADS, async (document, threads) => {
        const fresh = await Simulation.fromDocument(document, { threads });
        fresh.build();
        const first = fresh.projections.map((p) => (p.isGapJunction ? undefined : p.weights()));
        await fresh.run(document.duration);
        const expected = fingerprint(fresh);
        for (const [k, p] of fresh.projections.entries()) if (p.plastic) p.setWeights(first[k] as Float64Array);
        fresh.reset();
        expect(fresh.time).toBe(0);
        const report = await fresh.run(document.duration);
        expect(fingerprint(fresh)).toEqual(expected);
        expect(report.duration).toBe(fresh.time);
        fresh.close();
      }),
      25,
    );
  });

  it("keeps weights that were learned and parameters that were set, and empties recordings", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 3 });
    const noise = sim.population("noise", poisson, 30, { params: { rate: 40 } });
    const cells = sim.population("cells", lif, 10, {
      receptors: { in: receptor.exponential({ tau: 5 }) },
      background: [background.constant(400)],
    });
    const plasticity = { kind: "stdp", A_plus: 0.1, A_minus: 0.05, tau_plus: 20, tau_minus: 20, w_max: 20 } as const;
    const learned = sim.connect(noise, cells, { rule: "allToAll", weight: 10, plasticity });
    const spikes = sim.record(cells, "spikes");
    const v = sim.record(cells, "v", { every: 1 });
    const weights = sim.recordWeights(learned, { synapses: [0], every: 1 });
    await sim.run(100);
    const [before, count] = [learned.weights(), spikes.count];
    expect(new Set(before).size).toBeGreaterThan(10);
    cells.set({ V_th: -45 });
    sim.reset({ seed: 4 });
    expect([sim.seed, sim.time, spikes.count, v.length, weights.length]).toEqual([4, 0, 0, 1, 1]);
    expect(learned.weights()).toEqual(before);
    const report = await sim.run(100);
    expect(report.seed).toBe(4);
    expect(sim.toDocument().seed).toBe(3);
    expect([...v.time]).toEqual(Array.from({ length: 101 }, (_, i) => i));
    expect(report.populations.cells?.spikes).toBe(spikes.count);
    expect(spikes.count).not.toBe(count);
    expect(spikes.times.every((t) => t > 0 && t <= 100.0001)).toBe(true);
  });

  it("is refused while a run is under way", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    sim.population("cells", lif, 1);
    const run = sim.run(1);
    expect(() => sim.reset()).toThrow(StateError);
    await run;
    expect(() => sim.reset({ seeds: 1 } as never)).toThrow(/seeds/);
  });
});

describe("restore with a seed", () => {
  it("keeps the past and changes the future: as often as wanted, the same for the same seed", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 1, threads: 2 });
    const noise = sim.population("noise", poisson, 40, { params: { rate: 100 } });
    const cells = sim.population("cells", lif, 40, {
      params: { tau_m: { uniform: [15, 25] } },
      receptors: { in: receptor.exponential({ tau: 5 }) },
      background: [
        background.constant({ uniform: [200, 400] }),
        background.ornsteinUhlenbeck({ sigma: 50, tau: 5 }),
        background.whiteNoise({ sigma: 50 }),
        background.poisson({ rate: 500, weight: 1 }),
      ],
    });
    sim.connect(noise, cells, { rule: "fixedProbability", p: 0.3, weight: { uniform: [0, 40] }, release: 0.5 });
    sim.record(cells, "v", { every: 1 });
    await sim.run(20);
    const bytes = sim.snapshot();
    const future = async (seed?: number): Promise<Loose> => {
      const branch = await Simulation.restore(bytes, { seed });
      const there = branch.populations.get("cells");
      const start = [
        there?.state("v" as never),
        there?.state("i_in" as never),
        branch.projections[0]?.read(),
        there?.parameter("tau_m"),
      ];
      there?.set({ C_m: 250 } as never);
      await branch.run(20);
      const found = {
        seed: branch.seed,
        start,
        v: there?.state("v" as never),
        print: fingerprint(branch),
        kept: there?.parameter("tau_m"),
      };
      branch.close();
      return found;
    };
    const [plain, one, two, again] = [await future(), await future(1), await future(2), await future(2)];
    expect(one).toEqual(plain);
    expect(again).toEqual(two);
    expect(two.start).toEqual(plain.start);
    expect(two.kept).toEqual(plain.kept);
    expect(two.v.filter((x: number, i: number) => x === plain.v[i]).length).toBeLessThan(5);
    sim.close();
    await expect(Simulation.restore(bytes, { seed: -1 })).rejects.toThrow(/restore.seed/);
  });

  it("changes nothing where nothing is random but the network, not even when parameters are set", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 1 });
    const cells = sim.population("cells", lif, 20, { background: [background.constant({ uniform: [300, 500] })] });
    sim.record(cells, "I_background");
    await sim.run(1);
    const bytes = sim.snapshot();
    const run = async (seed: number): Promise<object> => {
      const branch = await Simulation.restore(bytes, { seed });
      branch.populations.get("cells")?.set({ tau_m: 12 } as never);
      await branch.run(30);
      return fingerprint(branch);
    };
    expect(await run(99)).toEqual(await run(1));
  });
});

describe("single numbers of synapses", () => {
  it("weights by synapse: what arrives is the sum of those that were given, the others as before", async () => {
    await holds(
      fc.asyncProperty(
        fc.constantFrom<Loose>(2.5, { uniform: [0, 1] }),
        fc.constantFrom<"float32" | "float64">("float32", "float64"),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 399 }), fc.double({ min: -9, max: 9, noNaN: true })), {
          maxLength: 20,
        }),
        THREADS,
        async (weight, weightPrecision, changes, threads) => {
          const sim = await Simulation.create({ dt: 1, seed: 3, threads });
          const source = sim.population("source", spikeTrain, 20, {
            params: { times: [2, 2, 4], neurons: [3, 17, 8] },
          });
          const cells = sim.population("cells", lif, 40, { ...SUMS, receptors: { in: receptor.delta() } });
          const projection = sim.connect(source, cells, {
            rule: "fixedTotalNumber",
            n: 400,
            weight,
            weightPrecision,
            delay: 1,
          });
          await sim.run(1);
          const table = projection.read();
          for (const [j, w] of changes)
            table.weights[j] = weightPrecision === "float32" && weight !== 2.5 ? Math.fround(w) : w;
          projection.setWeights(
            changes.map(([, w]) => w),
            changes.map(([j]) => j),
          );
          expect(projection.weights()).toEqual(table.weights);
          const expected = new Float64Array(40);
          table.sources.forEach((s, j) => {
            if ([3, 8, 17].includes(s))
              expected[table.targets[j] as number] =
                (expected[table.targets[j] as number] as number) + (table.weights[j] as number);
          });
          const document = sim.toDocument();
          await sim.run(9);
          cells.state("v").forEach((v, n) => expect(v).toBeCloseTo(expected[n] as number, 6));
          const copy = await Simulation.fromDocument(document, { threads });
          await copy.run(10);
          expect(copy.populations.get("cells")?.state("v" as never)).toEqual(cells.state("v"));
          sim.close();
          copy.close();
        },
      ),
      12,
    );
  });

  it("refuse what is no weight, whole", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const a = sim.population("a", lif, 4, { receptors: { g: receptor.exponential({ tau: 5, E_rev: 0 }) } });
    const projection = sim.connect(a, a, { rule: "allToAll", weight: { uniform: [1, 2] } });
    expect(() => projection.setWeights([1])).toThrow(StateError);
    sim.build();
    const before = projection.weights();
    for (const [weights, synapses] of [
      [
        [1, -1],
        [0, 1],
      ],
      [
        [1, Number.NaN],
        [0, 1],
      ],
      [
        [1, 1],
        [0, 16],
      ],
      [
        [1, 1],
        [0, 0.5],
      ],
      [[1], [0, 1]],
      [[1]],
      [
        [1, 1e300],
        [0, 1],
      ],
    ]) {
      expect(() => projection.setWeights(weights as number[], synapses)).toThrow(/a -> a/);
      expect(projection.weights()).toEqual(before);
    }
  });

  it("the common delay: each spike arrives after the delay of its time, whatever comes later", async () => {
    await holds(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        THREADS,
        async (delays, threads) => {
          const sim = await Simulation.create({ dt: 0.5, seed: 3, threads });
          const times = Array.from({ length: 60 }, (_, i) => i + 0.5);
          const source = sim.population("source", spikeTrain, 1, { params: { times, neurons: times.map(() => 0) } });
          const cells = sim.population("cells", lif, 48, { ...SUMS, receptors: { in: receptor.delta() } });
          const projection = sim.connect(source, cells, { rule: "allToAll", weight: 1, delay: 4 });
          const v = sim.record(cells, "v", { neurons: [0, 47] });
          const arrivals: number[] = [];
          let delay = 8;
          for (let k = 0; k < 60; k++) {
            if (k % 10 === 5 && delays[(k - 5) / 10] !== undefined) {
              delay = delays[(k - 5) / 10] as number;
              projection.setDelay(delay * 0.5);
              expect(projection.read().delays.every((d) => d === delay)).toBe(true);
            }
            await sim.run(1);
            // A spike at the end of step 2 k arrives `delay` steps later.
            arrivals.push(2 * k + 1 + delay);
          }
          for (const n of [0, 1]) {
            v.values(n).forEach((x, step) =>
              expect(Math.abs(Math.round(x))).toBe(arrivals.filter((a) => a <= step).length),
            );
          }
          sim.close();
        },
      ),
      8,
    );
  });

  it("amplitudes and time constants of STDP: a rule by pairs, piece by piece", async () => {
    const pieces = [
      { A_plus: 0.01, A_minus: 0.02, tau_plus: 20, tau_minus: 15 },
      { A_plus: 0.03, A_minus: 0.001, tau_plus: 20, tau_minus: 15 },
      { A_plus: 0.03, A_minus: 0.01, tau_plus: 5, tau_minus: 40 },
    ] as const;
    const sim = await Simulation.create({ dt: 1, seed: 3 });
    const pre = Array.from({ length: 30 }, (_, i) => 3 + 7 * i);
    const post = Array.from({ length: 30 }, (_, i) => 5 + 6 * i);
    const source = sim.population("pre", spikeTrain, 1, { params: { times: pre, neurons: pre.map(() => 0) } });
    const drive = sim.population("drive", spikeTrain, 1, {
      params: { times: post.map((t) => t - 1), neurons: post.map(() => 0) },
    });
    const cells = sim.population("cells", lif, 1, {
      params: { t_ref: 0, tau_m: 0.5 },
      receptors: { in: receptor.delta() },
    });
    sim.connect(drive, cells, { rule: "allToAll", weight: 100, delay: 1 });
    const plasticity = { kind: "stdp", w_max: 2, ...pieces[0] } as const;
    const projection = sim.connect(source, cells, { rule: "allToAll", weight: 1, delay: 1, plasticity });
    const spikes = sim.record(cells, "spikes");
    for (const [k, piece] of pieces.entries()) {
      if (k > 0) projection.setPlasticity(piece);
      await sim.run(60);
    }
    expect([...spikes.times].slice(0, 5)).toEqual(post.slice(0, 5));
    // The model: both traces decay from millisecond to millisecond; within one, pre comes first. A spike belongs to its
    // step's start.
    let [w, x, y] = [1, 0, 0];
    for (let t = 0; t < 180; t++) {
      const p = pieces[Math.floor(t / 60)] as (typeof pieces)[number];
      if (pre.includes(t + 1)) {
        w = Math.max(0, w - p.A_minus * 2 * y);
        x += 1;
      }
      if (post.includes(t + 1)) {
        w = Math.min(2, w + p.A_plus * 2 * x);
        y += 1;
      }
      x *= Math.exp(-1 / p.tau_plus);
      y *= Math.exp(-1 / p.tau_minus);
    }
    expect(projection.weights()[0]).toBeCloseTo(w, 12);
    expect(w).not.toBeCloseTo(1, 2);
    for (const wrong of [
      { A_plus: -1 },
      { tau: 5 },
      { w_max: 0.001 },
      { kind: "tripletStdp" },
      { pairing: "nearest" },
    ]) {
      expect(() => projection.setPlasticity(wrong as never)).toThrow(/plasticity|weight/);
    }
    expect((sim.toDocument().projections as Loose)[1].plasticity).toMatchObject(pieces[2]);
  });
});

describe("receptors", () => {
  it("decay with another time constant from there on; a spike after it is that of a new network", async () => {
    const kernels = [
      receptor.exponential({ tau: 5 }),
      receptor.alpha({ tau: 5 }),
      receptor.dualExponential({ tau_rise: 1, tau_decay: 5 }),
    ];
    const others = [{ tau: 9 }, { tau: 9 }, { tau_rise: 2, tau_decay: 9 }];
    for (const [k, kernel] of kernels.entries()) {
      const run = async (late: boolean, threads: number): Promise<Float64Array> => {
        const sim = await Simulation.create({ dt: 0.1, threads });
        const source = sim.population("source", spikeTrain, 1, { params: { times: [10], neurons: [0] } });
        const cells = sim.population("cells", lif, 40, {
          method: "exact",
          params: { tau_m: Float64Array.from({ length: 40 }, (_, i) => 10 + i) },
          receptors: { in: (late ? kernel : { ...kernel, ...others[k] }) as typeof kernel },
        });
        sim.connect(source, cells, { rule: "allToAll", weight: 100, delay: 1 });
        await sim.run(5);
        if (late) cells.setReceptor("in", others[k] ?? {});
        await sim.run(20);
        return Float64Array.of(...cells.state("v"), ...cells.state("i_in"));
      };
      expect(await run(true, 1)).toEqual(await run(false, 1));
      expect(await run(true, 2)).toEqual(await run(false, 1));
    }
  });

  it("keep what is open", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const cells = sim.population("cells", lif, 1, {
      receptors: { in: receptor.exponential({ tau: 5, E_rev: 0 }), step: receptor.step({ duration: 2 }) },
      init: { g_in: 8 },
    });
    await sim.run(5);
    cells.setReceptor("in", { tau: 20, E_rev: -80 });
    expect(cells.state("g_in")[0]).toBeCloseTo(8 * Math.exp(-1), 12);
    await sim.run(10);
    expect(cells.state("g_in")[0]).toBeCloseTo(8 * Math.exp(-1 - 0.5), 12);
    for (const [name, change] of [
      ["in", { tau: 0 }],
      ["in", { tau_rise: 1 }],
      ["step", { duration: 3 }],
      ["step", { E_rev: 0 }],
      ["out", {}],
    ] as const) {
      expect(() => cells.setReceptor(name as "in", change as never)).toThrow(/cells/);
    }
    const [population] = sim.toDocument().populations as Loose;
    expect(population.receptors.in).toEqual({ kernel: "exponential", tau: 20, E_rev: -80 });
  });
});

describe("what would have been lost without a word", () => {
  it("v of a refractory neuron that is set holds; that of others stays held", async () => {
    const sim = await Simulation.create({ dt: 0.1, threads: 2 });
    const cells = sim.population("cells", lif, 32, { params: { t_ref: 5, V_reset: -70 }, init: { v: -50 } });
    await sim.run(1);
    const v = cells.state("v");
    expect(new Set(v)).toEqual(new Set([-70]));
    // The first and the last of both shards.
    const given = [
      [0, -60],
      [15, -61],
      [16, -62],
      [31, -65],
    ] as const;
    for (const [n, start] of given) v[n] = start;
    cells.setState("v", v);
    await sim.run(1);
    // tau_m 20, E_L as the default.
    const rest = cells.parameter("E_L") as number;
    const after = cells.state("v");
    const tau = cells.parameter("tau_m") as number;
    for (const [n, start] of given) expect(after[n]).toBeCloseTo(rest + (start - rest) * Math.exp(-1 / tau), 10);
    expect(after.filter((x) => x === -70).length).toBeGreaterThanOrEqual(28);
    sim.close();
  });

  it("given spikes that are past are refused, unless they were in the list", async () => {
    const sim = await Simulation.create({ dt: 0.1 });
    const train = sim.population("train", spikeTrain, 2, { params: { times: [5, 30], neurons: [0, 1] } });
    const spikes = sim.record(train, "spikes");
    await sim.run(10);
    expect(() => train.set({ times: [8, 20], neurons: [0, 0] })).toThrow(ValueRangeError);
    expect(() => train.set({ times: [5, 20], neurons: [1, 0] })).toThrow(
      "train.times: 5 ms (neuron 1) is past and cannot be played any more; new spikes must be later than 10 ms.",
    );
    train.set({ times: [5, 10.1, 20], neurons: [0, 1, 1] });
    await sim.run(30);
    expect([...spikes.times].map((t) => Math.round(t * 10) / 10)).toEqual([5, 10.1, 20]);
  });

  it("names whose hashes are equal have random numbers of their own, in any order", async () => {
    const run = async (names: readonly string[]): Promise<Record<string, Float64Array>> => {
      const sim = await Simulation.create({ dt: 1, seed: 6 });
      const found: Record<string, Float64Array> = {};
      for (const name of names) {
        sim.population(name, lif, 200, {
          params: { V_th: 1e9, C_m: { uniform: [100, 200] } },
          init: { v: { uniform: [-80, -60] } },
          background: [background.ornsteinUhlenbeck({ sigma: 100, tau: 5 })],
        });
      }
      await sim.run(5);
      for (const cells of sim.populations.values()) {
        cells.setBackground([
          background.whiteNoise({ sigma: 10 }),
          background.ornsteinUhlenbeck({ sigma: 100, tau: 5 }),
        ]);
      }
      const again = await Simulation.restore(sim.snapshot());
      await again.run(5);
      for (const [name, cells] of again.populations)
        found[name] = Float64Array.of(...cells.state("v" as never), ...(cells.parameter("C_m") as Float64Array));
      return found;
    };
    const [both, swapped, alone] = [
      await run(["liquid", "costarring"]),
      await run(["costarring", "liquid"]),
      await run(["costarring"]),
    ];
    expect(swapped).toEqual(both);
    expect(both.costarring).toEqual(alone.costarring);
    const [x, y] = [both.liquid as Float64Array, both.costarring as Float64Array];
    expect(x.filter((value, i) => value === y[i]).length).toBe(0);
  });
});

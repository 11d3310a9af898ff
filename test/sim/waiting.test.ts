/**
 * Spikes that wait for their delay at the source (projections with one delay) and weights that lie on a receptor's ring
 * (all others): when they act, in which order they are added, and what a change does to those on their way.
 */
import { describe, expect, it } from "vitest";
import {
  background,
  lif,
  poisson,
  type Projection,
  receptor,
  type ReceptorInput,
  Simulation,
  spikeTrain,
} from "../../src/index.js";

const DT = 0.1;

/** The same numbers from 0 to 1 in each run. */
function numbers(seed: number): () => number {
  let x = seed;
  return () => (x = (x * 48271) % 2147483647) / 2147483647;
}

/** Every source onto every target. */
function pairs(sources: number, targets: number): [number, number][] {
  return Array.from({ length: sources * targets }, (_, k) => [Math.floor(k / targets), k % targets]);
}

describe("the order of additions", () => {
  const TARGETS = 40;
  const STEPS = 200;
  const next = numbers(1);
  // Two projections with one delay from the first source, one from the second; the last one has delays of its own.
  const trains = [7, 5].map((size) => {
    const neurons = Array.from({ length: 300 }, () => Math.floor(next() * size));
    const steps = Array.from({ length: 300 }, () => Math.floor(next() * STEPS));
    return { size, neurons, steps };
  });
  const links = [
    { train: 0, delay: () => 4 },
    { train: 1, delay: () => 13 },
    { train: 0, delay: () => 1 },
    { train: 1, delay: (j: number) => 1 + (j % 9) },
  ].map(({ train, delay }) => {
    const ends = pairs(trains[train]?.size as number, TARGETS);
    return {
      train,
      ends,
      waits: delay(0) === delay(1),
      weights: ends.map(() => next() - 0.3),
      delays: ends.map((_, j) => delay(j)),
    };
  });

  async function made(threads: number): Promise<Simulation> {
    const sim = await Simulation.create({ dt: DT, seed: 3, threads });
    const sources = trains.map(({ size, neurons, steps }, i) =>
      sim.population(`source ${i}`, spikeTrain, size, { params: { times: steps.map((s) => (s + 1) * DT), neurons } }),
    );
    const cells = sim.population("cells", lif, TARGETS, {
      receptors: { in: receptor.exponential({ tau: 3 }) },
      init: { i_in: 1 },
    });
    for (const { train, ends, waits, weights, delays } of links) {
      sim.connect(sources[train] as (typeof sources)[0], cells, {
        rule: "list",
        pairs: ends,
        weight: weights,
        weightPrecision: "float64",
        delay: waits ? (delays[0] as number) * DT : delays.map((d) => d * DT),
      });
    }
    sim.record(cells, "i_in");
    return sim;
  }

  /**
   * The states after each step: decayed, with what the ring brings, and by projection and source with what has waited.
   */
  function expected(decay: number, rings: boolean): Float64Array {
    const trace = [new Float64Array(TARGETS).fill(1)];
    const ring = Array.from({ length: STEPS + 20 }, () => new Float64Array(TARGETS));
    const spikesOf = (train: number, step: number): number[] => {
      const { neurons, steps } = trains[train] as (typeof trains)[0];
      return neurons.filter((_, k) => steps[k] === step).sort((a, b) => a - b);
    };
    const add = (to: Float64Array, j: number, link: (typeof links)[0]): void => {
      const target = (link.ends[j] as [number, number])[1];
      to[target] = (to[target] as number) + (link.weights[j] as number);
    };
    for (let k = 0; k < STEPS; k++) {
      const g = (trace[k] as Float64Array).map((x, t) => x * decay + (ring[k]?.[t] as number));
      for (const link of links) {
        for (const source of spikesOf(link.train, link.waits && !rings ? k - (link.delays[0] as number) : k)) {
          for (let j = source * TARGETS; j < (source + 1) * TARGETS; j++) {
            add(link.waits && !rings ? g : (ring[k + (link.delays[j] as number)] as Float64Array), j, link);
          }
        }
      }
      trace.push(g);
    }
    return Float64Array.from(trace.flatMap((g) => [...g]));
  }

  it("is: decay, ring, then what has waited by projection and source, for any number of shards, chunks and snapshots", async () => {
    const runs: Float64Array[] = [];
    for (const threads of [1, 2, 3]) {
      let sim = await made(threads);
      for (const ms of [0.1, 0.3, 1, 5, 0.2, 13.4]) {
        sim.runSync(ms);
        const before = sim;
        sim = await Simulation.restore(sim.snapshot());
        before.close();
      }
      const trace = sim.recordings.traces[0]?.view() as Float64Array;
      expect(trace.length).toBe((STEPS + 1) * TARGETS);
      runs.push(trace.slice());
      sim.close();
    }
    // Nothing arrives in the first step: the state decays from 1.
    const decay = runs[0]?.[TARGETS] as number;
    expect(decay).toBeCloseTo(Math.exp(-DT / 3), 14);
    const states = expected(decay, false);
    for (const run of runs) expect(run).toEqual(states);
    // Were all on the ring, the last bits would be others.
    const others = expected(decay, true);
    expect(others).not.toEqual(states);
    expect(Math.max(...others.map((x, i) => Math.abs(x - (states[i] as number))))).toBeLessThan(1e-12);
  });
});

describe("a spike that waits acts in the same step as one on the ring", () => {
  const kernels: Record<string, ReceptorInput> = {
    exponential: receptor.exponential({ tau: 4 }),
    "exponential, conductance": receptor.exponential({ tau: 4, E_rev: -40 }),
    alpha: receptor.alpha({ tau: 2 }),
    "alpha, conductance": receptor.alpha({ tau: 2, E_rev: -40 }),
    dualExponential: receptor.dualExponential({ tau_rise: 1, tau_decay: 6 }),
    nmda: receptor.nmda({}),
  };
  const methods = ["exact", "euler", "heun", "rk4", "exponentialEuler"] as const;

  it.each(Object.entries(kernels))("%s, with all methods, weights and precisions", async (_, kernel) => {
    const conducts = "E_rev" in kernel || kernel.kernel === "nmda";
    for (const method of methods) {
      if (conducts && method === "exact") continue;
      for (const own of ["common", "float32", "float64"] as const) {
        const runs: Float64Array[][] = [];
        for (const waits of [true, false]) {
          const sim = await Simulation.create({ dt: DT, seed: 5, threads: 1 });
          const noise = sim.population("noise", poisson, 12, { params: { rate: 15_000 } });
          const cells = sim.population("cells", lif, 30, {
            method,
            params: { V_th: 1e6 },
            receptors: { in: kernel, other: receptor.exponential({ tau: 2, ...(conducts && { E_rev: -80 }) }) },
          });
          const ends = pairs(12, 30).filter(([i, j]) => (7 * i + 3 * j * j) % 5 < 3);
          for (const name of ["in", "other"] as const) {
            sim.connect(noise, cells, {
              rule: "list",
              receptor: name,
              pairs: ends,
              weight: own === "common" ? 0.3 : ends.map((_, j) => 0.2 + (j % 7) / 30),
              weightPrecision: own === "float64" ? "float64" : "float32",
              // One array of equal delays is on the ring.
              delay: waits ? 1.3 : ends.map(() => 1.3),
            });
          }
          const traces = [sim.record(cells, "v"), sim.record(cells, conducts ? "g_in" : "i_in")];
          sim.runSync(20);
          runs.push(traces.map((trace) => trace.view().slice()));
        }
        const [waited, ring] = runs as [Float64Array[], Float64Array[]];
        for (const [k, trace] of waited.entries()) {
          expect(new Set(trace).size).toBeGreaterThan(500);
          const apart = trace.map((x, i) => Math.abs(x - (ring[k]?.[i] as number)) / (1 + Math.abs(x)));
          expect(Math.max(...apart)).toBeLessThan(1e-12);
        }
      }
    }
  });
});

describe("spikes on their way when something changes", () => {
  const STEPS = 160;
  /** What a change sets, and how. */
  interface Change {
    readonly step: number;
    readonly weight?: number;
    readonly delay?: number;
    readonly make: (projection: Projection, sim: Simulation) => void;
  }
  const poissonOf = (sim: Simulation): void => {
    sim.populations.get("cells")?.setBackground([background.poisson({ rate: 1e4, weight: 0, receptor: "in" })]);
  };
  const delayed = (step: number, delay: number): Change => ({ step, delay, make: (p) => p.setDelay(delay * DT) });
  const weighted = (step: number, weight: number): Change => ({ step, weight, make: (p) => p.setWeight(weight) });
  const changes: readonly Change[] = [
    weighted(0, 2),
    weighted(30, 4),
    // While spikes of before the last change still wait.
    weighted(33, 8),
    { step: 34, make: (_, sim) => poissonOf(sim) },
    delayed(50, 40),
    delayed(60, 3),
    { step: 62, weight: 16, make: (p) => p.setWeights(new Float64Array(p.synapses).fill(16)) },
    { step: 62, weight: 64, make: (p) => p.setWeights(new Float64Array(p.synapses).fill(64)) },
    { step: 75, make: (_, sim) => sim.populations.get("cells")?.setBackground([]) },
    delayed(110, 10),
  ];

  /** One spike in each step of the first 130, of each of two neurons. */
  async function made(threads: number): Promise<Simulation> {
    const sim = await Simulation.create({ dt: DT, threads });
    const times = Array.from({ length: 260 }, (_, k) => ((k >> 1) + 1) * DT);
    const source = sim.population("source", spikeTrain, 2, { params: { times, neurons: times.map((_, k) => k & 1) } });
    // It does not decay, so that all numbers are whole.
    const cells = sim.population("cells", lif, 40, {
      params: { V_th: 1e30 },
      receptors: { in: receptor.exponential({ tau: 1e30 }) },
    });
    sim.connect(source, cells, { rule: "allToAll", weight: 1, delay: 10 * DT });
    sim.record(cells, "i_in", { neurons: [0, 39] });
    return sim;
  }

  function expected(): number[] {
    const arriving = new Array<number>(STEPS + 100).fill(0);
    let [weight, delay] = [1, 10];
    for (let k = 0; k < 130; k++) {
      for (const change of changes.filter(({ step }) => step === k)) {
        weight = change.weight ?? weight;
        delay = change.delay ?? delay;
      }
      arriving[k + delay] = (arriving[k + delay] as number) + 2 * weight;
    }
    let sum = 0;
    return [0, ...arriving.slice(0, STEPS).map((w) => (sum += w))];
  }

  const inOne = (sim: Simulation): number[][] => [0, 1].map((i) => [...(sim.recordings.traces[0]?.values(i) ?? [])]);

  it.each([1, 2, 3])(
    "arrive when and as they would have, with %d shards and a snapshot at any time",
    async (threads) => {
    for (const cut of [-1, 0, 31, 34, 52, 61, 64, 90]) {
      let sim = await made(threads);
      let at = 0;
      const goTo = async (step: number): Promise<void> => {
        if (step > at) sim.runSync((step - at) * DT);
        at = step;
      };
      for (const change of changes) {
        if (cut >= at && cut < change.step) {
          await goTo(cut);
          sim = await Simulation.restore(sim.snapshot());
        }
        await goTo(change.step);
        change.make(sim.projections[0] as Projection, sim);
      }
      await goTo(STEPS);
      expect({ cut, traces: inOne(sim) }).toEqual({ cut, traces: [expected(), expected()] });
      sim.close();
    }
  });

  it("are forgotten by reset, with the rings that the changes took", async () => {
    for (const threads of [1, 2]) {
      const sim = await made(threads);
      let at = 0;
      for (const change of changes) {
        if (change.step > at) sim.runSync((change.step - at) * DT);
        at = change.step;
        change.make(sim.projections[0] as Projection, sim);
      }
      sim.runSync(0.2);
      sim.reset();
      sim.runSync(STEPS * DT);
      const fresh = await made(threads);
      fresh.projections[0]?.setWeight(64);
      fresh.runSync(STEPS * DT);
      expect(inOne(sim)).toEqual(inOne(fresh));
      expect(inOne(fresh)[0]?.at(-1)).toBe(130 * 2 * 64);
      for (const one of [sim, fresh]) one.close();
    }
  });
});

describe("memory of spikes that wait", () => {
  /** Bytes of the core. */
  const held = async (size: number, targets: number, more: object): Promise<number> => {
    const sim = await Simulation.create({ dt: DT, threads: 1 });
    const source = sim.population("source", lif, size);
    const cells = sim.population("cells", lif, targets, { receptors: { in: receptor.alpha({ tau: 5 }) } });
    sim.connect(source, cells, { rule: "fixedTotalNumber", n: 10, weight: 1, delay: 20, ...more });
    sim.build();
    const [core] = (sim as unknown as { engine: { cores: { exports: { allocated(): number } }[] } }).engine.cores;
    return core?.exports.allocated() ?? 0;
  };

  it("is half of a ring's between populations of one size, and the ring's where sources are many more than targets", async () => {
    const without = (size: number, targets: number): Promise<number> => held(size, targets, { delay: DT });
    const steps = 200;
    const waiting = (await held(2000, 2000, {})) - (await without(2000, 2000));
    expect(waiting / (steps * 2000)).toBeCloseTo(4, 0);
    const ring = (await held(2000, 2000, { release: 0.5 })) - (await without(2000, 2000));
    expect(ring / (steps * 2000)).toBeCloseTo(8, 0);
    const few = (await held(20_000, 160, {})) - (await without(20_000, 160));
    expect(few / (steps * 160)).toBeCloseTo(8, 0);
  });
});

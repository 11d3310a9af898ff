/** Weights that change: spike-timing dependent plasticity, synaptic scaling, recording and freezing of weights. */
import { describe, expect, it, test } from "vitest";
import {
  background,
  ConnectionError,
  lif,
  type ConnectOptions,
  poisson,
  type Projection,
  receptor,
  Simulation,
  spikeTrain,
  StateError,
  ValueRangeError,
  weightHistogram,
} from "../../src/index.js";
import { synapseEntry } from "../reference/entries.js";

type Plasticity = Extract<ConnectOptions, { plasticity?: unknown }>["plasticity"];

interface Pairing {
  readonly sim: Simulation;
  readonly projection: Projection;
  /** Times of the target's spikes, one list per neuron. */
  readonly fired: () => number[][];
}

/** Sources that fire at given times onto targets that do too: a jump far above threshold makes each spike. */
async function pairing(
  pre: readonly number[][],
  post: readonly number[][],
  plasticity: Plasticity,
  more: object = {},
  dt = 0.5,
): Promise<Pairing> {
  const sim = await Simulation.create({ dt });
  const trains = (lists: readonly number[][], shift: number): { times: number[]; neurons: number[] } => ({
    times: lists.flatMap((list) => list.map((t) => t - shift)),
    neurons: lists.flatMap((list, i) => list.map(() => i)),
  });
  const source = sim.population("source", spikeTrain, pre.length, { params: trains(pre, 0) });
  const forcing = sim.population("forcing", spikeTrain, post.length, { params: trains(post, dt) });
  const target = sim.population("target", lif, post.length, {
    params: { t_ref: 0 },
    receptors: { force: receptor.delta(), in: receptor.exponential({ tau: 5, E_rev: -70 }) },
  });
  sim.connect(forcing, target, { rule: "oneToOne", receptor: "force", weight: 100 });
  const projection = sim.connect(source, target, {
    rule: "allToAll",
    receptor: "in",
    weight: 0.5,
    delay: 1.5,
    plasticity,
    ...more,
  } as ConnectOptions<"in">);
  const spikes = sim.record(target, "spikes");
  return { sim, projection, fired: () => post.map((_, i) => Array.from(spikes.of(i))) };
}

interface Protocol {
  readonly pre: number[];
  readonly post: number[];
}
const { pre, post } = (synapseEntry("open-stdp-pair") as unknown as { protocol: Protocol }).protocol;

describe("pair rules against the reference recursion", () => {
  const { params, expected } = synapseEntry<
    { Ap: number; Am: number; tau_p: number; tau_m: number; w0: number; wmax: number },
    { additive_all: number; additive_nearest: number; multiplicative_all_mu1: number }
  >("open-stdp-pair");
  const stdp = {
    kind: "stdp",
    A_plus: params.Ap,
    A_minus: params.Am,
    tau_plus: params.tau_p,
    tau_minus: params.tau_m,
    w_max: params.wmax,
  } as const;

  test.each([
    ["additive, all pairs", {}, expected.additive_all],
    ["additive, nearest pairs", { pairing: "nearest" }, expected.additive_nearest],
    ["multiplicative, all pairs", { weightDependence: "multiplicative" }, expected.multiplicative_all_mu1],
  ] as const)("%s", async (_name, options, result) => {
    for (const dt of [0.1, 0.5, 1]) {
      for (const delay of [1, 7.5]) {
        const { sim, projection, fired } = await pairing(
          [pre],
          [post],
          { ...stdp, ...options },
          { weight: params.w0, delay },
          dt,
        );
        await sim.run(200);
        expect(fired()[0]?.map((t) => Math.round(10 * t) / 10)).toEqual(post);
        expect(Math.abs((projection.weights()[0] as number) - result)).toBeLessThan(1e-12);
      }
    }
  });

  it("amplitudes are in units of w_max", async () => {
    const { sim, projection } = await pairing([pre], [post], { ...stdp, w_max: 8 }, { weight: 4 });
    await sim.run(200);
    expect(Math.abs((projection.weights()[0] as number) - 8 * expected.additive_all)).toBeLessThan(1e-11);
  });

  it("every synapse sees its own two ends, whatever the order in memory", async () => {
    const shifted = (list: number[], by: number): number[] => list.map((t) => t + by);
    const sources = [pre, shifted(pre, 3), shifted(pre, 20.5)];
    const targets = [post, shifted(post, 6.5)];
    const many = await pairing(sources, targets, stdp, { delay: { uniform: [0.5, 9] } });
    await many.sim.run(250);
    const read = many.projection.read();
    for (let j = 0; j < 6; j++) {
      const one = await pairing(
        [sources[read.sources[j] as number] as number[]],
        [targets[read.targets[j] as number] as number[]],
        stdp,
      );
      await one.sim.run(250);
      expect(read.weights[j]).toBe(one.projection.weights()[0]);
    }
  });
});

test("inhibitory plasticity against the reference recursion", async () => {
  const { params, expected } = synapseEntry<{ eta: number; rho0_Hz: number; tau: number; w0: number }, { w: number }>(
    "open-istdp",
  );
  const rule = { kind: "inhibitoryStdp", eta: params.eta, rho_0: params.rho0_Hz, tau: params.tau, w_max: 10 } as const;
  const { sim, projection } = await pairing([pre], [post], rule, { weight: params.w0 });
  await sim.run(200);
  expect(Math.abs((projection.weights()[0] as number) - expected.w)).toBeLessThan(1e-12);
});

test("triplet rule against a direct recursion", async () => {
  const p = {
    A2_plus: 5e-3,
    A3_plus: 6.2e-3,
    A2_minus: 7e-3,
    A3_minus: 2.3e-3,
    tau_plus: 16.8,
    tau_minus: 33.7,
    tau_x: 101,
    tau_y: 125,
    w_max: 2,
  };
  const { sim, projection } = await pairing([pre], [post], { kind: "tripletStdp", ...p }, { weight: 1 });
  await sim.run(200);
  // Sums over all earlier spikes, as in the paper: a spike's own trace counts for later spikes only.
  const trace = (train: readonly number[], t: number, tau: number): number =>
    train.filter((s) => s < t).reduce((sum, s) => sum + Math.exp((s - t) / tau), 0);
  let w = 1;
  for (const t of [...pre, ...post].sort((a, b) => a - b)) {
    w += pre.includes(t)
      ? -p.w_max * trace(post, t, p.tau_minus) * (p.A2_minus + p.A3_minus * trace(pre, t, p.tau_x))
      : p.w_max * trace(pre, t, p.tau_plus) * (p.A2_plus + p.A3_plus * trace(post, t, p.tau_y));
  }
  expect(Math.abs((projection.weights()[0] as number) - w)).toBeLessThan(1e-12);
  expect(Math.abs(w - 1)).toBeGreaterThan(0.005);
});

test("spikes of one step count as source before target", async () => {
  const { sim, projection } = await pairing([[10]], [[10]], {
    kind: "stdp",
    A_plus: 0.1,
    A_minus: 0.1,
    tau_plus: 20,
    tau_minus: 20,
    w_max: 1,
  });
  await sim.run(20);
  expect(projection.weights()[0]).toBeCloseTo(0.6, 14);
});

describe("bounds", () => {
  const strong = {
    kind: "stdp",
    A_plus: 0.4,
    A_minus: 0.7,
    tau_plus: 20,
    tau_minus: 20,
    w_min: 0.2,
    w_max: 1,
  } as const;

  it("hold at every change", async () => {
    const { sim, projection } = await pairing([pre], [post], strong);
    const record = sim.recordWeights(projection);
    await sim.run(200);
    const values = record.values(0);
    expect(Math.max(...values)).toBe(1);
    expect(Math.min(...values)).toBe(0.2);
  });

  it("hold at the start", async () => {
    await expect(pairing([pre], [post], strong, { weight: 1.1 })).rejects.toThrow(ConnectionError);
    await expect(pairing([pre], [post], strong, { weight: { uniform: [0, 0.5] } })).rejects.toThrow(ConnectionError);
    const drawn = await pairing([pre], [post, post], strong, { weight: { exponential: 10 } });
    expect(() => drawn.sim.build()).toThrow(
      /source -> target \(in\)\.weight\[\d+\] = .*; it must be from w_min = 0\.2 nS to w_max = 1 nS/,
    );
    const computed = await pairing([pre], [post], strong, { weight: () => 7 });
    await expect(computed.sim.run(1)).rejects.toThrow(ConnectionError);
    const fine = await pairing([pre], [post], strong);
    expect(() => fine.projection.setWeight(2)).toThrow(ConnectionError);
  });
});

describe("weights", () => {
  const stdp = { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max: 1 } as const;

  it("are recorded in time", async () => {
    const whole = await pairing([pre, post], [post, pre], stdp);
    const all = whole.sim.recordWeights(whole.projection);
    const some = whole.sim.recordWeights(whole.projection, { synapses: [3, 1], every: 10, from: 50 });
    await whole.sim.run(60);
    await whole.sim.run(140);
    expect(all.length).toBe(401);
    expect(all.unit).toBe("nS");
    expect(Array.from(all.synapses)).toEqual([0, 1, 2, 3]);
    expect(Array.from(some.time)).toEqual(Array.from({ length: 16 }, (_, k) => 50 + 10 * k));
    expect(Array.from(some.values(0))).toEqual(Array.from(some.time, (t) => all.values(3)[2 * t]));
    expect(Array.from(some.values(1))).toEqual(Array.from(some.time, (t) => all.values(1)[2 * t]));
    expect(Array.from(whole.projection.weights())).toEqual([0, 1, 2, 3].map((j) => all.values(j).at(-1)));
    expect(all.values(0)[0]).toBe(0.5);
    expect(() => all.values(4)).toThrow(RangeError);
  });

  it("are recorded of plastic projections, and of synapses that there are", async () => {
    const { sim, projection } = await pairing([pre], [post], stdp);
    expect(() => sim.recordWeights(sim.projections[0] as Projection)).toThrow(StateError);
    sim.recordWeights(projection, { synapses: [1] });
    await expect(sim.run(1)).rejects.toThrow(ValueRangeError);
    const other = await pairing([pre], [post], stdp);
    await other.sim.run(1);
    expect(() => other.sim.recordWeights(other.projection, { synapses: [1] })).toThrow(ValueRangeError);
    const late = other.sim.recordWeights(other.projection);
    await other.sim.run(1);
    expect([...late.values(0)]).toEqual(Array.from(late.time, () => other.projection.weights()[0]));
  });

  it("can be frozen and learn again; traces go on meanwhile", async () => {
    const run = async (frozen: boolean): Promise<number[]> => {
      const { sim, projection } = await pairing([pre], [post], stdp);
      const out: number[] = [];
      await sim.run(40);
      out.push(projection.weights()[0] as number);
      if (frozen) projection.freeze();
      await sim.run(50);
      out.push(projection.weights()[0] as number);
      projection.learn();
      await sim.run(110);
      out.push(projection.weights()[0] as number);
      return out;
    };
    const [a = 0, b = 0, c = 0] = await run(false);
    const [x, y, z = 0] = await run(true);
    expect(x).toBe(a);
    expect(y).toBe(a);
    expect(b).not.toBe(a);
    expect(z - a).toBeCloseTo(c - b, 13);
    const early = await pairing([pre], [post], stdp);
    early.projection.freeze();
    await early.sim.run(200);
    expect(early.projection.weights()[0]).toBe(0.5);
    expect(() => (early.sim.projections[0] as Projection).freeze()).toThrow(StateError);
  });

  it("start again from a common weight", async () => {
    const { sim, projection } = await pairing([pre], [post], stdp);
    await sim.run(100);
    projection.setWeight(0.25);
    expect(projection.weights()[0]).toBe(0.25);
    expect(sim.toSpec().projections[1]?.weight).toBe(0.25);
    const plain = sim.projections[0] as Projection;
    plain.setWeight(90);
    expect(plain.weights()[0]).toBe(90);
  });

  it("have a histogram between their bounds", async () => {
    const { sim, projection } = await pairing(new Array(100).fill([]), new Array(50).fill([]), stdp, {
      weight: { uniform: [0, 1] },
    });
    sim.build();
    const { edges, counts } = weightHistogram(projection, 10);
    expect(Array.from(edges, (x) => Math.round(10 * x) / 10)).toEqual(Array.from({ length: 11 }, (_, i) => i / 10));
    expect(counts.reduce((a, b) => a + b, 0)).toBe(5000);
    for (const n of counts) expect(Math.abs(n - 500)).toBeLessThan(4 * Math.sqrt(450));
    expect(Array.from(weightHistogram(sim.projections[0] as Projection, 3).counts)).toEqual([50, 0, 0]);
    expect(() => weightHistogram(projection, 0)).toThrow(RangeError);
  });
});

describe("synaptic scaling", () => {
  it("multiplies by 1 + rate (goal - r)/goal at the end of each interval", async () => {
    const scaling = { rho_0: 20, rate: 0.3, interval: 100, w_max: 10 };
    const { sim, projection } = await pairing(
      [[], []],
      [[10, 20, 30, 140], [], Array.from({ length: 40 }, (_, k) => 2 * k + 2)],
      undefined,
      { weight: 1, scaling },
    );
    const record = sim.recordWeights(projection, { every: 100 });
    await sim.run(200);
    const { targets } = projection.read();
    // goal: 2 spikes per interval
    const expected = [
      [1, 0.85, 0.85 * 1.15],
      [1, 1.3, 1.69],
      [1, 0, 0],
    ];
    for (const [j, t] of targets.entries()) {
      for (const k of [0, 1, 2]) expect(record.values(j)[k]).toBeCloseTo(expected[t]?.[k] as number, 14);
    }
  });

  it("leaves frozen weights alone, and goes on when they may change again", async () => {
    const scaling = { rho_0: 20, rate: 0.3, interval: 100, w_max: 10 };
    const { sim, projection } = await pairing([[]], [[10, 20, 30, 310], []], undefined, { weight: 1, scaling });
    await sim.run(50);
    projection.freeze();
    await sim.run(200);
    expect(Array.from(projection.weights())).toEqual([1, 1]);
    projection.learn();
    await sim.run(150);
    // Intervals that ended frozen count for nothing: two silent ones, then one with a spike and one without; the goal
    // is 2.
    const { targets } = projection.read();
    const expected = [1.3 * 1.15, 1.3 * 1.3];
    for (const [j, t] of targets.entries()) expect(projection.weights()[j]).toBeCloseTo(expected[t] as number, 14);
  });

  it("brings rates to the goal", async () => {
    const sim = await Simulation.create({ dt: 0.2, seed: 3 });
    const size = 20;
    const input = sim.population("input", poisson, 200, { params: { rate: 20 } });
    const cells = sim.population("cells", lif, size, {
      receptors: { in: receptor.exponential({ tau: 5 }) },
      background: [background.constant(Float64Array.from({ length: size }, (_, i) => 5 * i))],
    });
    const projection = sim.connect(input, cells, {
      rule: "fixedProbability",
      p: 0.5,
      weight: 20,
      delay: 1,
      scaling: { rho_0: 10, rate: 0.1, interval: 1000, w_max: 200 },
    });
    const spikes = sim.record(cells, "spikes", { from: 60_000 });
    await sim.run(100_000);
    expect(Math.abs(spikes.rate() - 10)).toBeLessThan(0.5);
    const per = Array.from({ length: size }, (_, i) => spikes.of(i).length / 40);
    expect(Math.max(...per.map((r) => Math.abs(r - 10)))).toBeLessThan(2);
    expect(new Set(projection.weights()).size).toBe(size);
  });

  it("goes with plasticity", async () => {
    const stdp = { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 20, tau_minus: 20, w_max: 1 } as const;
    const { sim, projection } = await pairing([pre], [post], stdp, {
      scaling: { rho_0: 35, rate: 0.1, interval: 200 },
    });
    await sim.run(200);
    // 7 spikes in 200 ms are the goal: nothing is scaled.
    expect(
      Math.abs(
        (projection.weights()[0] as number) -
          synapseEntry<unknown, { additive_all: number }>("open-stdp-pair").expected.additive_all,
      ),
    ).toBeLessThan(1e-12);
  });
});

test("inhibitory plasticity brings a target to its rate", async () => {
  const sim = await Simulation.create({ dt: 0.2, seed: 3 });
  const input = sim.population("input", poisson, 200, { params: { rate: 10 } });
  const cells = sim.population("cells", lif, 10, {
    receptors: { in: receptor.exponential({ tau: 10, E_rev: -80 }) },
    background: [background.constant(500), background.whiteNoise({ sigma: 100 })],
  });
  sim.connect(input, cells, {
    rule: "allToAll",
    weight: 0.1,
    delay: 1,
    plasticity: { kind: "inhibitoryStdp", eta: 0.01, rho_0: 5, tau: 20, w_max: 10 },
  });
  const spikes = sim.record(cells, "spikes", { from: 30_000 });
  await sim.run(60_000);
  expect(Math.abs(spikes.rate() - 5)).toBeLessThan(0.75);
});

describe("a delay that is divided", () => {
  const nest = { kind: "stdp", A_plus: 0.01, A_minus: 0.0105, tau_plus: 15, tau_minus: 30, w_max: 10 } as const;

  // NEST 3.10.0, stdp_synapse, mu 0: changes by one pair and a spike of the source 150 ms later, which brings them
  // about there. Pairs that meet at the synapse are left out: NEST ignores them.
  test.each([
    [
      0.1,
      [
        [-10, -0.076],
        [-3, -0.096],
        [-1, -0.1026],
        [-0.5, -0.1043],
        [0, 0.0986],
        [0.5, 0.0954],
        [1, 0.0922],
        [10, 0.05],
      ],
    ],
    [1, [[-10, -0.0783], [-3, -0.0989], [-0.5, 0.096], [0, 0.0928], [0.5, 0.0897], [1, 0.0868], [10, 0.047]]],
    [3, [[-10, -0.0837], [-1, 0.0868], [-0.5, 0.0839], [0, 0.0811], [0.5, 0.0784], [1, 0.0758], [10, 0.0409]]],
  ] as const)("wholly dendritic, %f ms: the window of NEST", async (delay, window) => {
    const { sim, projection } = await pairing(
      [[50, 200]],
      window.map(([after]) => [50 + after]),
      { ...nest, dendriticDelayFraction: 1 },
      { weight: 5, delay },
      0.1,
    );
    await sim.run(210);
    const weights = projection.weights();
    for (const [i, [, change]] of window.entries())
      expect(Math.abs((weights[i] as number) - 5 - change)).toBeLessThan(1.5e-4);
  });

  // The same release, trains and a closing spike: mu 0, mu 1, stdp_triplet_synapse.
  test.each([
    [0.7, 4.129070516474117, 4.608213944308565, 4.1544844565802785],
    [1, 4.090888435971911, 4.5914128860655214, 4.083285352353636],
    [4, 4.522246699931719, 4.778172002357221, 4.754270915841941],
  ])("wholly dendritic, %f ms: the weights of NEST after trains", async (delay, ...expected) => {
    const sources = [10, 16, 25.6, 30.4, 33.1, 43.7, 60.3, 74.1, 93.1, 94.2, 110, 124.5, 159.7, 260];
    const targets = [24, 47.3, 57.4, 68.6, 71.2, 85.7, 118.5, 121.9, 168.7, 171.6, 175.9, 181.3];
    const amplitudes = { A2_plus: 0.005, A3_plus: 0.006, A2_minus: 0.007, A3_minus: 0.0023 };
    const taus = { tau_plus: 17, tau_minus: 30, tau_x: 101, tau_y: 90 };
    const rules = [
      nest,
      { ...nest, weightDependence: "multiplicative" },
      { kind: "tripletStdp", ...amplitudes, ...taus, w_max: 10 },
    ] as const;
    for (const [k, rule] of rules.entries()) {
      const { sim, projection } = await pairing(
        [sources],
        [targets],
        { ...rule, dendriticDelayFraction: 1 },
        { weight: 5, delay },
        0.1,
      );
      await sim.run(270);
      expect(Math.abs((projection.weights()[0] as number) - (expected[k] as number))).toBeLessThan(1e-11);
    }
  });

  test.each([0, 0.25, 0.5, 1])("a share of %f is as sources and targets that fire later, at bits", async (fraction) => {
    for (const rule of [nest, { ...nest, pairing: "nearest" }] as const) {
      const divided = await pairing([pre], [post], { ...rule, dendriticDelayFraction: fraction }, { delay: 4 });
      const late = (list: number[], by: number): number[] => list.map((t) => t + by);
      const moved = await pairing([late(pre, 4 * (1 - fraction))], [late(post, 4 * fraction)], rule, { delay: 4 });
      await divided.sim.run(250);
      await moved.sim.run(250);
      expect(divided.projection.weights()).toEqual(moved.projection.weights());
      expect(divided.projection.weights()[0]).not.toBe(0.5);
    }
  });

  it("counts spikes of targets for the scaling when they happen", async () => {
    const scaling = { rho_0: 20, rate: 0.3, interval: 100 };
    const { sim, projection } = await pairing(
      [[]],
      [[98]],
      { ...nest, dendriticDelayFraction: 1 },
      { delay: 10, weight: 1, scaling },
    );
    await sim.run(200);
    expect(projection.weights()[0]).toBeCloseTo(1.15 * 1.3, 14);
  });

  it("is forgotten with all spikes at a reset", async () => {
    const { sim, projection } = await pairing(
      [[9]],
      [[10]],
      { ...nest, dendriticDelayFraction: 0.5 },
      { delay: 6, weight: 5 },
    );
    await sim.run(11);
    sim.reset();
    expect(projection.weights()[0]).toBe(5);
    await sim.run(8);
    expect(projection.weights()[0]).toBe(5);
    await sim.run(20);
    expect(projection.weights()[0]).toBeCloseTo(5 + 0.1 * Math.exp(-1 / 15), 14);
  });

  it("needs one delay, which is fixed as its share is", async () => {
    const rule = { ...nest, dendriticDelayFraction: 0.5 };
    await expect(pairing([pre], [post], rule, { delay: { uniform: [1, 3] } })).rejects.toThrow(
      "plasticity.dendriticDelayFraction needs one delay for all synapses; these have delays of their own.",
    );
    await expect(pairing([pre], [post], { ...nest, dendriticDelayFraction: 1.5 })).rejects.toThrow(ValueRangeError);
    const { projection } = await pairing([pre], [post], rule);
    expect(() => projection.setDelay(2)).toThrow("the delay is divided by plasticity.dendriticDelayFraction");
    expect(() => projection.setPlasticity({ dendriticDelayFraction: 1 } as never)).toThrow(
      "plasticity.dendriticDelayFraction is 0.5; it is fixed when the projection is made.",
    );
    expect(() => projection.setPlasticity({ A_plus: 0.02 })).not.toThrow();
    const plain = await pairing([pre], [post], nest);
    expect(() => plain.projection.setPlasticity({ dendriticDelayFraction: 1 } as never)).toThrow(
      "dendriticDelayFraction is not given",
    );
  });
});

/**
 * Rules of plasticity as text against the built-in ones, against closed forms, and with the same bits in any number of
 * shards, chunks and after a snapshot.
 */
import { describe, expect, it } from "vitest";
import {
  adex,
  background,
  defineModel,
  definePlasticityRule,
  InstabilityError,
  lif,
  parseDocument,
  type PlasticityRule,
  poisson,
  type Projection,
  receptor,
  Simulation,
  spikeTrain,
  toDocument,
} from "../../src/index.js";

const DT = 0.1;

/** A neuron's worth of what a network with a plastic projection did. */
interface Outcome {
  readonly weights: Float64Array;
  readonly spikes: Float64Array;
  readonly projection: Projection;
  readonly simulation: Simulation;
}

/** Poisson inputs onto neurons that are near threshold, with synapses that change in some way. */
async function network(
  changes: object,
  { threads = 1, inhibitory = false, duration = 400, seed = 11, target = lif as typeof lif, w = 2 } = {},
): Promise<Outcome> {
  const simulation = await Simulation.create({ dt: DT, seed, threads });
  const inputs = simulation.population("inputs", poisson, 40, { params: { rate: 25 } });
  const cells = simulation.population("cells", target, 11, {
    receptors: { syn: receptor.exponential({ tau: 4, E_rev: inhibitory ? -80 : 0 }) },
    background: [background.constant(inhibitory ? 400 : 230), background.whiteNoise({ sigma: 60 })],
  });
  const projection = simulation.connect(inputs, cells, {
    rule: "fixedProbability",
    p: 0.6,
    weight: { uniform: [0.5 * w, w] },
    delay: { uniform: [0.3, 2] },
    receptor: "syn",
    ...changes,
  } as never);
  const recording = simulation.record(cells, "spikes");
  await simulation.run(duration);
  return { weights: projection.weights(), spikes: recording.times, projection, simulation };
}

function largest(a: Float64Array, b: Float64Array, unit: number): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number)) / unit), 0);
}

const TRACES = "dx/dt = -x/tau_plus : 1 (source)\ndy/dt = -y/tau_minus : 1 (target)";
const NUMBERS = { A_plus: 0.05, A_minus: 0.04, tau_plus: 17, tau_minus: 31, w_max: 3 };
const PARAMS = { A_plus: 0.05, A_minus: 0.04, tau_plus: "17 ms", tau_minus: "31 ms", w_max: 3 };

function pairRule(dependence: string, pairing: string): PlasticityRule {
  const [less, more] =
    dependence === "additive" ? ["A_minus*w_max*y", "A_plus*w_max*x"] : ["A_minus*w*y", "A_plus*(w_max - w)*x"];
  return definePlasticityRule({
    name: "pairs",
    params: PARAMS,
    synapse: TRACES,
    onPre: `w -= ${less}\nx ${pairing === "all" ? "+= 1" : "= 1"}`,
    onPost: `w += ${more}\ny ${pairing === "all" ? "+= 1" : "= 1"}`,
    bounds: { w: [0, "w_max"] },
  });
}

const triplet = definePlasticityRule({
  name: "triplets",
  params: {
    A2_plus: 0.03,
    A3_plus: 0.05,
    A2_minus: 0.02,
    A3_minus: 0.01,
    tau_plus: "16.8 ms",
    tau_minus: "33.7 ms",
    tau_x: "101 ms",
    tau_y: "125 ms",
    w_max: 3,
  },
  synapse: `${TRACES}\ndx2/dt = -x2/tau_x : 1 (source)\ndy2/dt = -y2/tau_y : 1 (target)`,
  onPre: "w -= w_max*y*(A2_minus + A3_minus*x2)\nx += 1\nx2 += 1",
  onPost: "w += w_max*x*(A2_plus + A3_plus*y2)\ny += 1\ny2 += 1",
  bounds: { w: [0, "w_max"] },
});

const inhibitory = definePlasticityRule({
  name: "inhibition",
  params: { eta: 0.1, rho_0: "10 Hz", tau: "20 ms", w_max: 5 },
  synapse: "dx/dt = -x/tau : 1 (source)\ndy/dt = -y/tau : 1 (target)",
  onPre: "w += eta*(y - 2*rho_0*tau)\nx += 1",
  onPost: "w += eta*x\ny += 1",
  bounds: { w: [0, "w_max"] },
});

const depression = definePlasticityRule({
  name: "resources",
  params: { U: 0.4, tau_rec: "150 ms", tau_facil: "60 ms" },
  synapse: "du/dt = -u/tau_facil : 1 (source)\ndr/dt = (1 - r)/tau_rec : 1 (source)",
  onPre: "u += U*(1 - u)\ntransmitted = w*u*r\nr -= u*r",
  init: { r: 1 },
});

const scaling = definePlasticityRule({
  name: "homeostasis",
  params: { rho_0: "12 Hz", rate: 0.1, w_max: 4, every: "20 ms" },
  synapse: "n : 1 (target)",
  onPost: "n += 1",
  interval: "every",
  onInterval: "w *= max(0, 1 + rate*(rho_0*every - n)/(rho_0*every))\nn = 0",
  bounds: { w: [0, "w_max"] },
});

describe("text that says what a built-in rule says", () => {
  it.each([
    ["additive", "all"],
    ["additive", "nearest"],
    ["multiplicative", "all"],
    ["multiplicative", "nearest"],
  ])("stdp, %s, %s", async (weightDependence, pairing) => {
    const own = await network({ plasticity: { kind: pairRule(weightDependence, pairing) } });
    const known = await network({ plasticity: { kind: "stdp", ...NUMBERS, weightDependence, pairing } });
    expect(own.spikes.length).toBeGreaterThan(60);
    expect([...own.spikes]).toEqual([...known.spikes]);
    expect(largest(own.weights, known.weights, 3)).toBeLessThan(1e-12);
    expect(new Set(own.weights).size).toBeGreaterThan(100);
  });

  it("tripletStdp", async () => {
    const numbers = {
      A2_plus: 0.03,
      A3_plus: 0.05,
      A2_minus: 0.02,
      A3_minus: 0.01,
      tau_plus: 16.8,
      tau_minus: 33.7,
      tau_x: 101,
      tau_y: 125,
      w_max: 3,
    };
    const own = await network({ plasticity: { kind: triplet } });
    const known = await network({ plasticity: { kind: "tripletStdp", ...numbers } });
    expect([...own.spikes]).toEqual([...known.spikes]);
    expect(largest(own.weights, known.weights, 3)).toBeLessThan(1e-12);
  });

  it("inhibitoryStdp", async () => {
    const own = await network({ plasticity: { kind: inhibitory } }, { inhibitory: true });
    const known = await network(
      { plasticity: { kind: "inhibitoryStdp", eta: 0.1, rho_0: 10, tau: 20, w_max: 5 } },
      { inhibitory: true },
    );
    expect([...own.spikes]).toEqual([...known.spikes]);
    expect(largest(own.weights, known.weights, 5)).toBeLessThan(1e-12);
  });

  it("shortTerm, by what is transmitted", async () => {
    const own = await network({ plasticity: { kind: depression } }, { w: 5 });
    const known = await network(
      { shortTerm: { U: 0.4, tau_rec: 150, tau_facil: 60 }, weightPrecision: "float64" },
      { w: 5 },
    );
    const without = await network({ weightPrecision: "float64" }, { w: 5 });
    expect([...own.spikes]).toEqual([...known.spikes]);
    expect([...own.spikes]).not.toEqual([...without.spikes]);
    expect([...own.weights]).toEqual([...known.weights]);
    expect(own.projection.values("u")).toHaveLength(40);
  });

  it("scaling", async () => {
    const own = await network({ plasticity: { kind: scaling } });
    const known = await network({ scaling: { rho_0: 12, rate: 0.1, interval: 20, w_max: 4 } });
    expect([...own.spikes]).toEqual([...known.spikes]);
    expect(largest(own.weights, known.weights, 4)).toBeLessThan(1e-12);
  });

  it("beside built-in scaling, and with a divided delay", async () => {
    const more = { scaling: { rho_0: 12, rate: 0.1, interval: 20, w_max: 3 }, delay: 1.2 };
    const own = await network({
      plasticity: { kind: pairRule("additive", "all"), dendriticDelayFraction: 0.25 },
      ...more,
    });
    const known = await network({ plasticity: { kind: "stdp", ...NUMBERS, dendriticDelayFraction: 0.25 }, ...more });
    expect([...own.spikes]).toEqual([...known.spikes]);
    expect(largest(own.weights, known.weights, 3)).toBeLessThan(1e-12);
  });
});

/** Every kind of variable, every text, states of neurons. */
const everything = definePlasticityRule({
  name: "everything",
  params: { tau_c: "20 ms", tau_z: "30 ms", a: 0.02, wish: "3 ms" },
  synapse: `
    w : 1
    dc/dt = -c/tau_c : 1
    dq/dt = (q**2*0.1 - q + c)/tau_z : 1 (clock-driven)
    k : 1
    dz/dt = (v_post/mV - z)/tau_z : 1 (target)
    da_2/dt = (1 - a_2)/tau_c : 1 (source)
    dD/dt = (0.1 - D)/(40*ms) : 1 (shared)
    gain = 1 + 0.1*D*exp(-q) : 1
    n : 1 (source)
    m : 1 (target)`,
  onPre: "c += 0.1*gain\nw += a*(0.2 - 0.001*m)*(1 + z/100)\nn += 1\nD += 0.001",
  onPost: "c += 0.05\nw -= 0.01*n*a_2 + 0.0001*(i - j)\nm += 1",
  onStep: "k = 0.9*k + 0.1*q\nw += 1e-4*k*dt/ms",
  interval: "wish",
  onInterval: "w *= 0.999\nm = 0.5*m",
  onModulator: "D += 0.2",
  init: { q: "a*5", D: 0.5 },
  bounds: { w: [0, 4], k: [-1, "5*a + 0.2"] },
});

describe("a rule with everything", () => {
  async function run(threads: number, chunks: readonly number[], stop = false): Promise<unknown[]> {
    let simulation = await Simulation.create({ dt: DT, seed: 4, threads });
    const inputs = simulation.population("inputs", poisson, 30, { params: { rate: 30 } });
    const reward = simulation.population("reward", poisson, 3, { params: { rate: 10 } });
    const cells = simulation.population("cells", adex, 13, {
      receptors: { syn: receptor.exponential({ tau: 4, E_rev: 0 }) },
      background: [background.constant(700)],
    });
    let projection = simulation.connect(inputs, cells, {
      rule: "fixedProbability",
      p: 0.5,
      weight: { uniform: [0.5, 2] },
      delay: { uniform: [0.2, 1.5] },
      plasticity: { kind: everything, modulator: "reward", a: 0.03 },
    });
    expect(reward.size).toBe(3);
    const names = Object.keys(everything.variables);
    for (const variable of ["weight", ...names])
      simulation.recordWeights(projection, { variable, every: 2.5, synapses: [0, 3, 50, 101] });
    for (const [k, ms] of chunks.entries()) {
      await simulation.run(ms);
      if (!stop || k > 0) continue;
      const image = simulation.snapshot();
      simulation.close();
      simulation = await Simulation.restore(image);
      projection = simulation.projections[0] as Projection;
    }
    const traces = simulation.recordings.weights.map((t) => [t.variable, t.unit, [...t.time], [...t.values(2)]]);
    const found = [[...projection.weights()], names.map((name) => [...projection.values(name)]), traces];
    simulation.close();
    return found;
  }

  it("has the same bits in any shards and chunks, and after a snapshot", async () => {
    const one = await run(1, [200]);
    expect(await run(1, [33.3, 100, 66.7])).toEqual(one);
    for (const threads of [2, 3]) expect(await run(threads, [200])).toEqual(one);
    expect(await run(1, [70, 130], true)).toEqual(one);
    expect(await run(3, [70, 130], true)).toEqual(one);
    const values = one[1] as number[][];
    for (const list of values) expect(list.some((x) => x !== 0)).toBe(true);
  });

  it("is in a document as it is in a program", async () => {
    const { simulation } = await network({
      plasticity: { kind: pairRule("additive", "all"), A_plus: 0.07, tau_plus: "12 ms" },
    });
    const document = simulation.toDocument();
    expect(document.plasticityRules).toEqual([pairRule("additive", "all").definition]);
    const projections = document.projections as { plasticity: object }[];
    expect(projections[0]?.plasticity).toEqual({ kind: "pairs", A_plus: 0.07, tau_plus: 12 });
    const again = parseDocument(JSON.parse(JSON.stringify(document)));
    expect(toDocument(again)).toEqual(document);
  });
});

describe("variables", () => {
  const decay = definePlasticityRule({
    name: "decay",
    params: { tau: "10 ms", goal: 2, quick: "0.004 ms" },
    synapse: "dx/dt = (goal - x)/tau : 1\ndy/dt = -y/quick : 1\ndg/dt = g/(50*ms) : 1",
    onPre: "x += 3\ny += 1\ng += 1",
  });

  it("decay exactly, however long nothing happens", async () => {
    const simulation = await Simulation.create({ dt: DT });
    const source = simulation.population("source", spikeTrain, 1, { params: { times: [5], neurons: [0] } });
    const cell = simulation.population("cell", lif, 1, { receptors: { r: receptor.exponential({ tau: 5 }) } });
    const projection = simulation.connect(source, cell, { rule: "oneToOne", weight: 1, plasticity: { kind: decay } });
    const recording = simulation.recordWeights(projection, { variable: "x", every: 7 });
    await simulation.run(700);
    const { time } = recording;
    const x = recording.values(0);
    const start = 5 - DT;
    for (const [k, t] of time.entries()) {
      const before = 2 - 2 * Math.exp(-Math.min(t, start) / 10);
      const wanted = t < 5 ? 2 - 2 * Math.exp(-t / 10) : 2 + (before + 3 - 2) * Math.exp(-(t - start) / 10);
      expect(Math.abs((x[k] as number) - wanted)).toBeLessThan(1e-13);
    }
    expect(projection.values("y")).toEqual(Float64Array.of(0));
    expect(projection.values("g")[0]).toBeCloseTo(Math.exp((700 - start) / 50), 6);
  });

  it("are set, and go on from there; parameters change what comes later", async () => {
    const simulation = await Simulation.create({ dt: DT });
    const source = simulation.population("source", spikeTrain, 1, { params: { times: [1], neurons: [0] } });
    const cell = simulation.population("cell", lif, 3, { receptors: { r: receptor.exponential({ tau: 5 }) } });
    const projection = simulation.connect(source, cell, { rule: "allToAll", weight: 1, plasticity: { kind: decay } });
    await simulation.run(20);
    projection.setValues("x", [7, 8, 9]);
    expect([...projection.values("x")].map((x) => x.toFixed(12))).toEqual([
      "7.000000000000",
      "8.000000000000",
      "9.000000000000",
    ]);
    await simulation.run(10);
    const at = (x: number): number => 2 + (x - 2) * Math.exp(-1);
    for (const [k, x] of [7, 8, 9].entries()) expect(projection.values("x")[k]).toBeCloseTo(at(x), 12);
    projection.set({ tau: 5, goal: 1 });
    for (const [k, x] of [7, 8, 9].entries()) expect(projection.values("x")[k]).toBeCloseTo(at(x), 12);
    await simulation.run(5);
    for (const [k, x] of [7, 8, 9].entries())
      expect(projection.values("x")[k]).toBeCloseTo(1 + (at(x) - 1) * Math.exp(-1), 12);
    simulation.reset();
    expect([...projection.values("x")]).toEqual([0, 0, 0]);
  });

  it("have the weight among them, as w", async () => {
    const { projection, simulation } = await network({ plasticity: { kind: pairRule("additive", "all") } });
    expect(projection.values("w")).toEqual(projection.weights());
    projection.setValues("w", new Float64Array(projection.synapses).fill(1.25));
    expect(new Set(projection.weights())).toEqual(new Set([1.25]));
    const recording = simulation.recordWeights(projection, { variable: "w", synapses: [3] });
    await simulation.run(1);
    expect([recording.variable, recording.values(0)[0]]).toEqual(["weight", 1.25]);
  });

  it("cannot have a delay that is divided where a spike's effect is computed as it leaves", async () => {
    const refused = network({ plasticity: { kind: depression, dendriticDelayFraction: 0.5 }, delay: 1 });
    await expect(refused).rejects.toThrow("onPre of resources says what a spike transmits");
  });

  it("that decay within a step, and such as hardly decay, are the same in all shards", async () => {
    const values = async (threads: number): Promise<number[]> => {
      const { projection, simulation } = await network({ plasticity: { kind: decay, tau: 1e6 } }, { threads });
      simulation.close();
      return ["x", "y", "g"].flatMap((name) => [...projection.values(name)]);
    };
    const one = await values(1);
    expect(one.some((x) => x > 3)).toBe(true);
    expect(await values(2)).toEqual(one);
  });
});

describe("freeze", () => {
  it("keeps weights, and lets variables go on", async () => {
    const { projection, simulation, weights } = await network({ plasticity: { kind: pairRule("additive", "all") } });
    projection.freeze();
    const before = projection.values("x");
    await simulation.run(50);
    expect([...projection.weights()]).toEqual([...weights]);
    expect([...projection.values("x")]).not.toEqual([...before]);
    projection.learn();
    await simulation.run(50);
    expect([...projection.weights()]).not.toEqual([...weights]);
  });
});

describe("events of the target's model", () => {
  it("do what the rule says of them", async () => {
    const model = defineModel({
      name: "plateaus",
      current: "pA",
      equations: "dv/dt = (E_L - v)/tau_m + I/C : mV\nn : 1",
      params: { E_L: "-70 mV", tau_m: "10 ms", C: "200 pF" },
      threshold: "v > -50*mV",
      reset: "v = E_L",
      events: [{ name: "plateau", condition: "v > -60*mV and n < 1", reset: "n = 1" }],
      init: { v: "-70 mV", n: 0 },
    });
    const rule = definePlasticityRule({
      name: "plateauRule",
      synapse: "m : 1 (target)",
      onEvents: { plateau: "w += 0.25\nm += 1" },
    });
    const simulation = await Simulation.create({ dt: DT });
    const source = simulation.population("source", poisson, 2, {});
    const cells = simulation.population("cells", model, 3, {
      receptors: { r: receptor.exponential({ tau: 5 }) },
      background: [background.constant({ uniform: [0, 0] }), background.constant(250)],
    });
    const projection = simulation.connect(source, cells, { rule: "allToAll", weight: 1, plasticity: { kind: rule } });
    await simulation.run(60);
    expect([...projection.values("m")]).toEqual([1, 1, 1]);
    expect([...projection.weights()]).toEqual(new Array(6).fill(1.25));
  });
});

describe("the guard", () => {
  it("names projection, source and target", async () => {
    const rule = definePlasticityRule({ name: "wild", synapse: "n : 1 (source)", onPre: "n += 1\nw = w/(3 - n)" });
    const simulation = await Simulation.create({ dt: DT });
    const source = simulation.population("source", spikeTrain, 2, {
      params: { times: [1, 2, 3, 4], neurons: [1, 1, 1, 0] },
    });
    const cell = simulation.population("cell", lif, 3, { receptors: { r: receptor.exponential({ tau: 5 }) } });
    simulation.connect(source, cell, { rule: "allToAll", weight: 1, plasticity: { kind: rule } });
    const failed = await simulation.run(10).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(InstabilityError);
    expect((failed as Error).message).toBe(
      "source -> cell (r).w[source 1, target 0] = Infinity pA at 3 ms: the run is unstable. Limit what its statements add, by bounds or a smaller change.",
    );
  });

  it("does not let a conductance fall below 0, in any shard", async () => {
    const rule = definePlasticityRule({ name: "less", onPre: "w -= 1" });
    for (const threads of [1, 3]) {
      const failed = await network({ plasticity: { kind: rule } }, { threads }).then(
        () => undefined,
        (e: unknown) => e,
      );
      expect(failed).toBeInstanceOf(InstabilityError);
      expect((failed as Error).message).toMatch(
        /^inputs -> cells \(syn\)\.w\[source \d+, target \d+\] = -.*limit w by bounds/,
      );
    }
  });
});

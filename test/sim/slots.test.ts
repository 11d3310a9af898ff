/**
 * Slots of the function table: kernels of receptors and rules of plasticity that come as modules, in any number of
 * shards.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { PACK, RECEPTOR_PACK, RULE_PACK, SCRATCH } from "../../src/core/abi.js";
import { Core } from "../../src/core/core.js";
import type { Indices } from "../../src/core/kernels.js";
import { background, lif, poisson, receptor, Simulation } from "../../src/index.js";
import { Module } from "../../src/lang/encode.js";
import { uncompiled } from "../../src/sim/kernels.js";

const DT = 0.1;
const SIZE = 300;

let I0: number;
beforeAll(async () => {
  I0 = (await Core.create()).exports.scratchColumn(SCRATCH.I0);
});

/**
 * A module with `receive`: I0 gains share x + constant and x becomes x decay + what arrives; share, decay and constant
 * lie at `params`.
 */
function receiving(): Uint8Array {
  const module = new Module();
  const body = module.function({ params: ["i32", "i32", "i32", "i32", "i32"], results: [] }, "receive");
  const [r, k, arriving] = [0, 1, 2];
  const [params, x, i, end, next] = [
    body.local("i32"),
    body.local("i32"),
    body.local("i32"),
    body.local("i32"),
    body.local("f64"),
  ];
  const number = (n: number) => body.get(params).access("f64.load", 8 * n);
  body.get(r).access("i32.load", RECEPTOR_PACK.params).set(params);
  body.get(r).access("i32.load", RECEPTOR_PACK.state);
  body.get(k).access("i32.load", PACK.first).i32(3).op("i32.shl").op("i32.add").set(x);
  body.get(k).access("i32.load", PACK.count).i32(3).op("i32.shl").set(end);
  body.repeatWhile(() => {
    body.get(i).get(i).access("f64.load", I0);
    number(0).get(x).access("f64.load", 0).op("f64.mul").op("f64.add");
    number(2).op("f64.add").access("f64.store", I0);
    body.get(x).access("f64.load", 0);
    number(1).op("f64.mul").set(next);
    body.get(arriving).when(() => {
      body.get(next).get(arriving).access("f64.load", 0).op("f64.add").set(next);
      body.get(arriving).f64(0).access("f64.store", 0);
      body.get(arriving).i32(8).op("i32.add").set(arriving);
    });
    body.get(x).get(next).access("f64.store", 0);
    body.get(x).i32(8).op("i32.add").set(x);
    body.get(i).i32(8).op("i32.add").tee(i).get(end).op("i32.lt_u");
  });
  return module.encode();
}

/**
 * A module with the slots of a rule: a spike of a source adds the first number at `params` to its synapses, one of a
 * target the second one to those onto it, if the projection learns; each step adds 1 to the third.
 */
function ruling(): Uint8Array {
  const module = new Module();
  const [p] = [0];

  const pre = module.function({ params: ["i32", "i32", "i32", "i32", "i32", "i32", "f64"], results: [] }, "onPre");
  const [, , first, end, , weights] = [0, 1, 2, 3, 4, 5];
  pre.get(p).access("i32.load8_u", RULE_PACK.learning).get(first).get(end).op("i32.lt_u").op("i32.and");
  pre.when(() => {
    pre.repeatWhile(() => {
      const address = () => pre.get(weights).get(first).i32(3).op("i32.shl").op("i32.add");
      address();
      address().access("f64.load", 0).get(p).access("i32.load", RULE_PACK.params).access("f64.load", 0).op("f64.add");
      pre.access("f64.store", 0);
      pre.get(first).i32(1).op("i32.add").tee(first).get(end).op("i32.lt_u");
    });
  });

  const post = module.function({ params: ["i32", "i32", "i32", "f64"], results: [] }, "onPost");
  const [, target, column] = [0, 1, 2];
  const [entry, last] = [post.local("i32"), post.local("i32")];
  const bound = (offset: number) => {
    const word = (n: number) => n * 4;
    post.get(p).access("i32.load", RULE_PACK.incomingRows).get(target).i32(2).op("i32.shl").op("i32.add");
    return post.access("i32.load", word(offset));
  };
  bound(0).set(entry);
  bound(1).set(last);
  post.get(p).access("i32.load8_u", RULE_PACK.learning).get(entry).get(last).op("i32.lt_u").op("i32.and");
  post.when(() => {
    post.repeatWhile(() => {
      const address = () => {
        post
          .get(p)
          .access("i32.load", RULE_PACK.incoming)
          .get(entry)
          .i32(2)
          .op("i32.shl")
          .op("i32.add")
          .access("i32.load", 0);
        return post.i32(3).op("i32.shl").get(column).op("i32.add");
      };
      address();
      address().access("f64.load", 0).get(p).access("i32.load", RULE_PACK.params).access("f64.load", 8).op("f64.add");
      post.access("f64.store", 0);
      post.get(entry).i32(1).op("i32.add").tee(entry).get(last).op("i32.lt_u");
    });
  });

  const step = module.function({ params: ["i32", "i32", "f64"], results: [] }, "everyStep");
  const params = () => step.get(p).access("i32.load", RULE_PACK.params);
  params();
  params().access("f64.load", 16).f64(1).op("f64.add").access("f64.store", 16);
  return module.encode();
}

type Kind = "exponential" | "alpha";

/** Neurons that Poisson sources excite through plastic synapses, and that inhibit each other. */
async function network(threads: number, kind: Kind = "exponential", dendriticDelayFraction?: number) {
  const simulation = await Simulation.create({ dt: DT, seed: 5, threads });
  const sources = simulation.population("sources", poisson, 40, { params: { rate: 40 } });
  // Not compiled: such a kernel takes the receptors itself.
  const cells = simulation.population("cells", uncompiled(lif) as typeof lif, SIZE, {
    method: "exact",
    background: [background.constant(400)],
    receptors: {
      excitation: kind === "alpha" ? receptor.alpha({ tau: 3 }) : receptor.exponential({ tau: 3 }),
      inhibition: receptor.exponential({ tau: 6 }),
    },
  });
  const plastic = simulation.connect(sources, cells, {
    rule: "fixedIndegree", k: 12, receptor: "excitation", weight: 40, delay: 0.8,
    plasticity: {
      kind: "stdp", A_plus: 0.01, A_minus: 0.01, tau_plus: 20, tau_minus: 20, w_min: 0, w_max: 100,
      ...(dendriticDelayFraction === undefined ? {} : { dendriticDelayFraction }),
    },
  });
  simulation.connect(cells, cells, {
    rule: "fixedIndegree",
    k: 10,
    receptor: "inhibition",
    weight: -15,
    delay: { uniform: [0.5, 1.5] },
  });
  const spikes = simulation.record(cells, "spikes");
  const heard = simulation.record(sources, "spikes");
  simulation.build();
  return { simulation, cells, plastic, spikes, heard };
}

type Network = Awaited<ReturnType<typeof network>>;

interface Inside {
  readonly engine: object;
  readonly cores: readonly Core[];
  readonly crew: { pace: { next(): object } } | undefined;
  cellsIn(core: Core): {
    readonly receptors: Record<string, { readonly address: number; taken(foreseen: boolean): { numbers: number[] } }>;
  };
  readonly built: readonly { readonly core: Core; readonly plasticity: number }[];
}

const inside = (x: object): Inside => x as unknown as Inside;

function coresOf({ simulation }: Network): readonly Core[] {
  return inside(inside(simulation).engine).cores;
}

/** Puts a module into all cores of a network, and numbers for it. */
function plant(net: Network, bytes: Uint8Array, numbers: readonly number[]): { indices: Indices; params: number[] } {
  const cores = coresOf(net);
  const found = cores.map((core) => core.addKernels(bytes));
  for (const other of found) expect(other).toEqual(found[0]);
  const params = cores.map((core) => {
    const address = core.allocate(8 * numbers.length, "numbers of a slot");
    core.f64.set(numbers, address / 8);
    return address;
  });
  return { indices: found[0] as Indices, params };
}

function plantReceive(net: Network, key: "excitation" | "inhibition", constant: number): void {
  const cores = coresOf(net);
  const of = (core: Core) => {
    const found = inside(net.cells).cellsIn(core).receptors[key];
    if (found === undefined) throw new Error(key);
    return found;
  };
  const [share = NaN, decay = NaN] = of(cores[0] as Core).taken(false)?.numbers ?? [];
  const { indices, params } = plant(net, receiving(), [share, decay, constant]);
  for (const [i, core] of cores.entries())
    core.exports.setReceive(of(core).address, indices.receive as number, params[i] as number);
}

/** Where the numbers of the rule lie in each core. */
function plantRule(net: Network, numbers: readonly [number, number]): number[] {
  const { indices, params } = plant(net, ruling(), [...numbers, 0]);
  const { onPre, onPost, everyStep } = indices as Record<"onPre" | "onPost" | "everyStep", number>;
  for (const [i, { core, plasticity }] of inside(net.plastic).built.entries()) {
    expect(core).toBe(coresOf(net)[i]);
    core.exports.setRuleSlots(plasticity, onPre, onPost, everyStep, params[i] as number, 0, 100);
  }
  return params;
}

function resultsOf({ cells, spikes, heard, plastic }: Network): unknown[] {
  return [spikes.view(), heard.view(), cells.state("v"), plastic.read()];
}

const spikeCount = (results: unknown[]): number => (results[0] as { times: Float64Array }).times.length;

/** Lets threads compute beside each other, whatever that is worth, or in turn. */
async function go({ simulation }: Network, duration: number, how: "run" | "runSync"): Promise<void> {
  const { crew } = inside(inside(simulation).engine);
  if (crew && how === "run") crew.pace.next = () => ({ beside: true, ms: 1000 });
  await simulation[how](duration);
}

describe("receive", () => {
  async function outcome(
    threads: number,
    constant: number | undefined,
    how: "run" | "runSync" = "run",
  ): Promise<unknown[]> {
    const net = await network(threads);
    if (constant !== undefined) {
      plantReceive(net, "excitation", constant);
      plantReceive(net, "inhibition", 0);
    }
    await go(net, 40, how);
    const results = resultsOf(net);
    net.simulation.close();
    return results;
  }

  it("of a module that does what the core does has its bits, in any number of shards", async () => {
    const alone = await outcome(1, undefined);
    expect(spikeCount(alone)).toBeGreaterThan(200);
    for (const threads of [1, 2, 3]) expect(await outcome(threads, 0)).toEqual(alone);
    expect(await outcome(2, 0, "runSync")).toEqual(alone);
  });

  it("adds to the current of each block what it will", async () => {
    const one = await outcome(1, 400);
    expect(await outcome(2, 400)).toEqual(one);
    expect(spikeCount(one)).toBeGreaterThan(2 * spikeCount(await outcome(1, undefined)));
  });

  it("is one of the core's until it is planted, and runs beside others", async () => {
    const run = async (threads: number): Promise<unknown[]> => {
      const net = await network(threads, "alpha");
      await go(net, 10, "run");
      plantReceive(net, "inhibition", 100);
      await go(net, 20, "run");
      const results = resultsOf(net);
      net.simulation.close();
      return results;
    };
    const one = await run(1);
    expect(spikeCount(one)).toBeGreaterThan(200);
    expect(await run(2)).toEqual(one);
  });
});

describe("on-pre, on-post and per-step work", () => {
  it.each([[undefined], [0.5]])(
    "of a module are called once for each spike and step; dendritic part of the delay: %s",
    async (fraction) => {
    const steps = 400;
    const late = fraction === undefined ? 0 : 0.4;
    const run = async (threads: number): Promise<[results: unknown[], net: Network]> => {
      const net = await network(threads, "alpha", fraction);
      const params = plantRule(net, [0.5, -0.25]);
      await go(net, steps * DT, "run");
      for (const [i, core] of coresOf(net).entries()) expect(core.f64[(params[i] as number) / 8 + 2]).toBe(steps);
      const results = resultsOf(net);
      net.simulation.close();
      return [results, net];
    };
    const [one, { plastic, spikes, heard }] = await run(1);
    const { sources, targets, weights } = plastic.read();
    // Spikes of the last steps are still under way where the delay is divided.
    const counted = (times: Float64Array): number => times.filter((t) => t <= steps * DT - late + DT / 2).length;
    const before = Array.from({ length: 40 }, (_, i) => counted(heard.of(i)));
    const after = Array.from({ length: SIZE }, (_, i) => counted(spikes.of(i)));
    expect(Math.max(...before)).toBeGreaterThan(2);
    expect(Math.max(...after)).toBeGreaterThan(1);
      const wanted = Array.from(
        weights,
        (_, j) => 40 + 0.5 * (before[sources[j] as number] as number) - 0.25 * (after[targets[j] as number] as number),
      );
    expect([...weights]).toEqual(wanted);
    for (const threads of [2, 3]) expect((await run(threads))[0]).toEqual(one);
  });

  it("leave the weights alone while these are frozen, and out what has the index 0", async () => {
    const net = await network(2, "alpha");
    plantRule(net, [0.5, -0.25]);
    net.plastic.freeze();
    await go(net, 10, "run");
    expect(new Set(net.plastic.weights())).toEqual(new Set([40]));
    net.plastic.learn();
    for (const { core, plasticity } of inside(net.plastic).built)
      core.exports.setRuleSlots(plasticity, 0, 0, 0, 0, 0, 100);
    await go(net, 10, "run");
    expect(net.heard.view().times.length).toBeGreaterThan(10);
    expect(new Set(net.plastic.weights())).toEqual(new Set([40]));
    net.simulation.close();
  });
});

it("a snapshot keeps what slots hold", async () => {
  const run = async (threads: number, stop: boolean): Promise<unknown[]> => {
    let net = await network(threads);
    plantReceive(net, "excitation", 50);
    plantRule(net, [0.5, -0.25]);
    await net.simulation.run(15);
    if (stop) {
      const simulation = await Simulation.restore(net.simulation.snapshot());
      net.simulation.close();
      const [heard, spikes] = ["sources", "cells"].map((name) => simulation.recordings.spikes.get(name));
      const cells = simulation.populations.get("cells");
      net = { simulation, cells, plastic: simulation.projections[0], spikes, heard } as unknown as Network;
    }
    await net.simulation.run(15);
    const results = resultsOf(net);
    net.simulation.close();
    return results;
  };
  const one = await run(1, false);
  expect(spikeCount(one)).toBeGreaterThan(200);
  for (const threads of [1, 2]) expect(await run(threads, true)).toEqual(one);
});

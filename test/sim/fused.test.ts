/** Populations whose kernels know their inputs: whatever is known, and whenever it changes, the bits are the same. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { background, izhikevich, lif, type ModelRecord, receptor, Simulation } from "../../src/index.js";

const SIZE = 300;

interface Setting {
  readonly model?: ModelRecord;
  readonly method?: string;
  readonly threads?: number;
  /** Numbers that all neurons share as one number, or as one for each. */
  readonly apart?: boolean;
}

function hash(arrays: readonly (Float64Array | Uint32Array)[]): string {
  const sum = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) sum.update(new Uint8Array(buffer, byteOffset, byteLength));
  return sum.digest("hex");
}

/** Neurons that fire, with receptors, on which spikes wait or lie on a ring. */
async function network({ model = lif, method = "exact", threads = 1, apart = false }: Setting) {
  const simulation = await Simulation.create({ dt: 0.1, seed: 5, threads });
  const share = (x: number): number | number[] => (apart ? Array<number>(SIZE).fill(x) : x);
  const drive = (x: number) => [
    background.constant(share(x)),
    background.sine({ amplitude: share(x / 10), frequency: 20 }),
  ];
  const scale = model === izhikevich ? 0.05 : 1;
  const start = model === izhikevich ? { v: { uniform: [-70, -50] }, u: -13 } : { v: { uniform: [-70, -55] } };
  const cells = simulation.population("cells", model as typeof lif, SIZE, {
    method: method as "exact",
    params: { t_ref: 3 },
    init: start as never,
    receptors: {
      fast: receptor.exponential({ tau: 2 }),
      slow: receptor.exponential({ tau: 8 }),
      kick: receptor.delta(),
    },
    background: drive(400 * scale),
  });
  const connect = (
    name: "fast" | "slow" | "kick",
    weight: number,
    delay: number | { uniform: [number, number] },
  ): void => {
    simulation.connect(cells, cells, {
      receptor: name,
      rule: "fixedProbability",
      p: 0.1,
      weight: weight * scale,
      delay,
    });
  };
  connect("fast", 12, 1.5);
  connect("slow", -9, { uniform: [0.5, 3] });
  connect("kick", 0.4, 0.9);
  const spikes = simulation.record(cells, "spikes");
  const result = () => {
    const count = spikes.times.length;
    const states = [cells.state("v"), cells.state("i_fast" as "v")];
    simulation.close();
    return { count, v: hash([states[0] as Float64Array]), all: hash([spikes.times, spikes.neurons, ...states]) };
  };
  return { simulation, cells, drive: (x: number) => cells.setBackground(drive(x * scale)), result };
}

type Net = Awaited<ReturnType<typeof network>>;

/**
 * What is changed between runs: inputs that stop being common, and are again; refractoriness; states of held neurons.
 */
const changes: readonly (readonly [string, (net: Net) => void])[] = [
  ["nothing", () => undefined],
  ["a stronger current", ({ drive }) => drive(500)],
  ["noise, then none", ({ cells }) => cells.setBackground([background.whiteNoise({ sigma: 30, mean: 20 })])],
  ["no refractoriness", ({ cells }) => cells.set({ t_ref: 0 })],
  ["a longer one", ({ cells }) => cells.set({ t_ref: 7 })],
  ["v of some", ({ cells }) => cells.setState("v", cells.state("v").map((v, i) => (i % 3 === 0 ? v - 1 : v)))],
];

async function story(setting: Setting, change: (net: Net) => void, chunks: readonly number[] = [30, 30, 30]) {
  const net = await network(setting);
  for (const [k, ms] of chunks.entries()) {
    if (k === 1) change(net);
    if (k === 2) net.drive(430);
    await net.simulation.run(ms);
  }
  return net.result();
}

const kinds: readonly (readonly [string, string, ModelRecord])[] = [
  ["lif", "exact", lif],
  ["lif", "euler", lif],
  ["lif", "exponentialEuler", lif],
  ["izhikevich", "euler", izhikevich],
];

describe.each(kinds)("%s %s", (_, method, model) => {
  it.each(changes)("%s", async (_what, change) => {
    const wanted = await story({ model, method }, change);
    expect(wanted.count).toBeGreaterThan(100);
    expect(await story({ model, method, apart: true }, change)).toEqual(wanted);
  });

  it("in several shards", async () => {
    const change = (net: Net): void => {
      for (const [, one] of changes) one(net);
    };
    expect(await story({ model, method, threads: 3 }, change)).toEqual(await story({ model, method }, change));
  });

  it("the same from a snapshot, while neurons are refractory", async () => {
    const wanted = await story({ model, method }, () => undefined);
    const net = await network({ model, method });
    await net.simulation.run(30);
    await net.simulation.run(1.3);
    const restored = await Simulation.restore(net.simulation.snapshot());
    net.simulation.close();
    await restored.run(28.7);
    const cells = restored.populations.get("cells") as Net["cells"];
    const scale = model === izhikevich ? 0.05 : 1;
    cells.setBackground([background.constant(430 * scale), background.sine({ amplitude: 43 * scale, frequency: 20 })]);
    await restored.run(30);
    expect(hash([cells.state("v")])).toBe(wanted.v);
    restored.close();
  });
});

describe.each(kinds)("a current of its own for each neuron, %s %s", (_, method, model) => {
  const scale = model === izhikevich ? 0.05 : 1;
  const ramp = (from: number, to: number): number[] =>
    Array.from({ length: SIZE }, (_, n) => scale * (from + ((to - from) * n) / SIZE));

  /** What stands still has a column of its own; what has a beginning is written in each step. */
  async function told(scope: { readonly start?: number }, threads = 1) {
    const net = await network({ model, method, threads });
    const set = (from: number, to: number): void =>
      net.cells.setBackground([
        { kind: "constant", amplitude: ramp(from, to), ...scope },
        { kind: "constant", amplitude: 20 * scale },
      ]);
    set(200, 500);
    await net.simulation.run(20.3);
    set(500, 300);
    await net.simulation.run(20);
    net.drive(400);
    await net.simulation.run(10);
    set(100, 600);
    const restored = await Simulation.restore(net.simulation.snapshot());
    net.simulation.close();
    const spikes = restored.record(restored.populations.get("cells") as Net["cells"], "spikes");
    await restored.run(30);
    const v = restored.populations.get("cells")?.state("v") as Float64Array;
    const result = { count: spikes.times.length, all: hash([spikes.times, spikes.neurons, v]) };
    restored.close();
    return result;
  }

  it("stands still or has a beginning, in any number of shards, with the same bits", async () => {
    const wanted = await told({ start: 0 });
    expect(wanted.count).toBeGreaterThan(50);
    expect(await told({})).toEqual(wanted);
    expect(await told({}, 3)).toEqual(wanted);
  });
});

/** Own models: kernels that came as WebAssembly modules, with any number of states, in any number of shards. */
import { beforeAll, describe, expect, it } from "vitest";
import { Core } from "../../src/core/core.js";
import { KernelModules } from "../../src/core/kernels.js";
import { background, InstabilityError, lif, receptor, Simulation, UnavailableError } from "../../src/index.js";
import type { ModelRecord } from "../../src/model/record.js";
import { chain } from "./chain.js";

const DT = 0.1;
const SIZE = 300;
const CURRENT = Float64Array.from({ length: SIZE }, (_, i) => 0.9 + i / 1000);
const TAU = Float64Array.from({ length: SIZE }, (_, i) => 5 + i / 30);
const STATES = ["v", "a", "b", "c", "d"] as const;

let model: ModelRecord;
let exp: (x: number) => number;
beforeAll(async () => {
  model = await chain();
  exp = (await Core.create()).exports.exp;
});

/** The neurons of `chain` in plain JavaScript. */
class Twin {
  readonly states = STATES.map(() => new Float64Array(SIZE));
  readonly spikes: [step: number, neuron: number][] = [];
  step = 0;

  run(steps: number, tau: (n: number) => number): void {
    for (let s = 0; s < steps; s++) {
      this.step++;
      for (let n = 0; n < SIZE; n++) {
        const leak = 1 - exp(-(DT / tau(n)));
        const x = this.states.map((column) => column[n] as number);
        const inputs = [CURRENT[n] as number, ...x];
        x.forEach((y, j) => ((this.states[j] as Float64Array)[n] = y + ((inputs[j] as number) - y) * leak));
        const v = this.states[0] as Float64Array;
        if ((v[n] as number) < 1) continue;
        this.spikes.push([this.step, n]);
        v[n] = 0;
      }
    }
  }
}

/** A network with an own model, whose neurons excite each other and those of a built-in one, and back. */
async function network(threads: number, connected = true) {
  const simulation = await Simulation.create({ dt: DT, seed: 3, threads });
  const cells = simulation.population("cells", model, SIZE, {
    background: [background.constant(CURRENT)],
    receptors: { excitation: receptor.exponential({ tau: 3 }) },
  });
  const others = simulation.population("others", lif, 60, {
    background: [background.whiteNoise({ sigma: 900, mean: 350 })],
    receptors: { excitation: receptor.exponential({ tau: 3 }) },
  });
  if (connected) {
    const to = { rule: "fixedIndegree", receptor: "excitation" } as const;
    simulation.connect(cells, others, { ...to, k: 20, weight: 50, delay: 0.7 });
    simulation.connect(others, cells, { ...to, k: 4, weight: 0.05, delay: 0.5 });
  }
  const spikes = simulation.record(cells, "spikes");
  const heard = simulation.record(others, "spikes");
  return { simulation, cells, spikes, heard };
}

type Network = Awaited<ReturnType<typeof network>>;

function resultsOf({ cells, spikes, heard }: Network): unknown[] {
  return [spikes.view(), heard.view(), ...STATES.map((name) => cells.state(name))];
}

interface Inside {
  readonly crew: {
    readonly workers: readonly unknown[];
    readonly known: number;
    readonly pace: { next(): { beside: boolean; ms: number } };
  };
}

/** Lets threads compute beside each other, whatever that is worth. */
function beside(simulation: Simulation): Inside["crew"] {
  const { crew } = (simulation as unknown as { engine: Inside }).engine;
  crew.pace.next = () => ({ beside: true, ms: 1000 });
  return crew;
}

/** The same network out of a snapshot. */
async function restored(bytes: Uint8Array): Promise<Network> {
  const simulation = await Simulation.restore(bytes);
  const cells = simulation.populations.get("cells") as unknown as Network["cells"];
  const [spikes, heard] = ["cells", "others"].map((name) => simulation.recordings.spikes.get(name));
  return { simulation, cells, spikes, heard } as Network;
}

describe("an own model with five states", () => {
  it("computes what its kernel says", async () => {
    const { simulation, cells, spikes } = await network(1, false);
    const twin = new Twin();
    await simulation.run(60);
    twin.run(600, () => 10);
    // From one number for all neurons to one each: another kernel.
    cells.set({ tau: TAU });
    await simulation.run(60);
    twin.run(600, (n) => TAU[n] as number);
    expect(twin.spikes.length).toBeGreaterThan(300);
    const { times, neurons } = spikes.view();
    expect([...neurons]).toEqual(twin.spikes.map(([, n]) => n));
    expect([...times].map((t) => Math.round(t / DT))).toEqual(twin.spikes.map(([step]) => step));
    for (const [j, name] of STATES.entries()) expect(cells.state(name)).toEqual(twin.states[j]);
  });

  /** All results of a run with a change of parameters in it, which brings another kernel. */
  async function changed(threads: number, how: "run" | "runSync", stop: boolean): Promise<unknown[]> {
    let net = await network(threads);
    await net.simulation[how](30);
    if (stop) net = await restored(net.simulation.snapshot());
    net.cells.set({ tau: TAU });
    await net.simulation[how](30);
    if (stop) net = await restored(net.simulation.snapshot());
    net.cells.set({ tau: 8 });
    await net.simulation[how](30);
    const results = resultsOf(net);
    net.simulation.close();
    return results;
  }

  it("has the same bits in any number of shards, before and after a snapshot", async () => {
    const alone = await changed(1, "run", false);
    expect((alone[0] as { times: Float64Array }).times.length).toBeGreaterThan(500);
    expect((alone[1] as { times: Float64Array }).times.length).toBeGreaterThan(50);
    for (const threads of [1, 2, 3]) {
      for (const stop of [false, true]) {
        expect(await changed(threads, threads === 3 ? "runSync" : "run", stop)).toEqual(alone);
      }
    }
  });

  it("takes another kernel within a run", async () => {
    const run = async (threads: number): Promise<unknown[]> => {
      const net = await network(threads);
      let at = 0;
      await net.simulation.run(40, {
        chunk: 10,
        onProgress: ({ phase }) => {
          if (phase === "simulating" && ++at === 2) net.cells.set({ tau: TAU });
        },
      });
      const results = resultsOf(net);
      net.simulation.close();
      return results;
    };
    expect(await run(2)).toEqual(await run(1));
  });

  it("runs in workers, which are replaced when kernels come", async () => {
    const run = async (threads: number): Promise<unknown[]> => {
      const net = await network(threads);
      await net.simulation.run(10);
      const crew = threads > 1 ? beside(net.simulation) : undefined;
      const [first] = crew?.workers ?? [];
      const known = crew?.known ?? 0;
      await net.simulation.run(10);
      if (crew) expect([crew.known, crew.workers[0] === first]).toEqual([known, true]);
      net.cells.set({ tau: TAU });
      await net.simulation.run(20);
      if (crew)
        expect([crew.known, crew.workers.length, crew.workers[0] === first]).toEqual([known + 1, threads - 1, false]);
      const results = resultsOf(net);
      net.simulation.close();
      return results;
    };
    expect(await run(3)).toEqual(await run(1));
  });

  it("records and sets its fifth state", async () => {
    const { simulation, cells } = await network(1, false);
    const trace = simulation.record(cells, "d", { neurons: [7], every: 1 });
    cells.set({ tau: 1 });
    simulation.build();
    cells.setState("d", 0.5);
    await simulation.run(1);
    const [start, end] = trace.values(0);
    // The first sample is the state at the time of building.
    expect([start, end]).toEqual([0, cells.state("d")[7]]);
    expect(end).toBeGreaterThan(0.1);
  });

  it("is watched by the guard", async () => {
    const { simulation, cells } = await network(1, false);
    simulation.build();
    cells.setState("v", Float64Array.from({ length: SIZE }, (_, i) => (i === 123 ? 1e9 : 0)));
    const error = await simulation.run(1).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InstabilityError);
    expect(error).toMatchObject({ population: "cells", neuron: 123, variable: "v", lastFinite: 1e9 });
  });

  it("says which kernel it lacks", async () => {
    const simulation = await Simulation.create({ dt: DT });
    simulation.population("cells", model, SIZE, { params: { V_th: CURRENT } });
    expect(() => simulation.build()).toThrow(UnavailableError);
    const again = await Simulation.create({ dt: DT });
    again.population("cells", model, SIZE, { params: { V_th: CURRENT } });
    expect(() => again.build()).toThrow('the model "chain" has no kernel for euler, with a value per neuron of V_th.');
  });

  it.each([
    ["bytes that are none", Uint8Array.of(1, 2, 3), "WebAssembly.Module()"],
    ["a text", "AGFzbQ==" as unknown as Uint8Array, "it is no Uint8Array"],
    ["a module without step", Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), "it exports no function step"],
  ])("is named with its method when its module is %s", async (_, module, reason) => {
    const simulation = await Simulation.create({ dt: DT });
    simulation.population("cells", { ...model, kernels: [{ method: "euler", uniforms: [], module }] }, 1);
    expect(() => simulation.build()).toThrow(UnavailableError);
    const again = await Simulation.create({ dt: DT });
    again.population("cells", { ...model, kernels: [{ method: "euler", uniforms: [], module }] }, 1);
    expect(() => again.build()).toThrow(`the model "chain" has a kernel for euler that cannot be used (${reason}`);
  });

  it("is refused without kernels", async () => {
    const simulation = await Simulation.create({ dt: DT });
    const { kernels, ...bare } = model;
    expect(kernels?.length).toBe(2);
    expect(() => simulation.population("cells", bare, 1)).toThrow(
      "not one of the built-in models and brings no kernels",
    );
  });
});

describe("modules of kernels", () => {
  it("have the same indices in all cores of a network, each of them once", async () => {
    const [a, b] = (await Core.create()).shards(2, true) as [Core, Core];
    const [one, two] = (model.kernels ?? []).map(({ module }) => module) as [Uint8Array, Uint8Array];
    const first = a.exports.table.length;
    expect(a.addKernels(one)).toEqual({ step: first, prepare: first + 1 });
    expect(b.addKernels(two)).toEqual({ step: first + 2, prepare: first + 3 });
    // The same code is the same module.
    expect(a.addKernels(two.slice())).toEqual({ step: first + 2, prepare: first + 3 });
    expect([a, b].map((core) => core.exports.table.length)).toEqual([first + 4, first + 4]);
    expect(a.kernels.bytes).toEqual([one, two]);
    expect(b.kernels.modulesFor(b).length).toBe(2);
    // Cores beside the network have a list of their own.
    expect(a.sibling().kernels.count).toBe(0);
  });

  it("add nothing where one does not fit", async () => {
    const core = await Core.create();
    const before = core.exports.table.length;
    expect(() => core.addKernels(Uint8Array.of(1, 2, 3))).toThrow(WebAssembly.CompileError);
    expect(core.exports.table.length).toBe(before);
    expect(new KernelModules().count).toBe(0);
  });
});

it("a snapshot with a kernel that does not fit is damaged", async () => {
  const { simulation } = await network(1);
  simulation.build();
  const { kernels } = (simulation as unknown as { engine: { cores: Core[] } }).engine.cores[0] as Core;
  Object.defineProperty(kernels, "bytes", { value: [Uint8Array.of(1, 2, 3)] });
  const message = "the snapshot is damaged: it holds a kernel that does not fit";
  await expect(Simulation.restore(simulation.snapshot())).rejects.toThrow(message);
});

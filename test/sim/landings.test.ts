/** Delta receptors of models with equations that act on a state other than v. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  background,
  defineModel,
  type Method,
  parseDocument,
  receptor,
  Simulation,
  type SimulationOptions,
  spikeTrain,
  StateError,
  toDocument,
  UnknownNameError,
  ValueRangeError,
} from "../../src/index.js";

let scalar: WebAssembly.Module;
beforeAll(async () => {
  scalar = await WebAssembly.compile(readFileSync("build/core.scalar.wasm"));
});

const cell = defineModel({
  name: "cell",
  equations: [
    "dv/dt = (g - v)/(20*ms) : mV (unless refractory)",
    "dg/dt = -g/(5*ms) : mV (unless refractory)",
    "c : 1",
  ],
  threshold: "v > 7*mV",
  reset: "v = 0*mV; g = 0*mV",
  refractory: "2 ms",
  init: { v: 0, g: 0 },
});
const volley = (...times: number[]) => ({ params: { times, neurons: times.map(() => 0) } });

describe("a delta receptor with a state", () => {
  it.each(["exact", "euler", "heun", "rk4", "exponentialEuler"] as const)(
    "%s: adds to it in its unit, at the end of the step, ahead of the threshold, and not while it is held",
    async (method: Method) => {
      const simulation = await Simulation.create({ dt: 0.1 });
      const source = simulation.population("s", spikeTrain, 1, volley(1, 2, 2.5));
      const options = {
        method,
        receptors: {
          jump: receptor.delta({ state: "g" }),
          count: receptor.delta({ state: "c" }),
          kick: receptor.delta(),
        },
      } as const;
      const p = simulation.population("p", cell, 3, options);
      simulation.connect(source, p, { rule: "allToAll", receptor: "jump", weight: "4 mV", delay: 0.5 });
      simulation.connect(source, p, { rule: "allToAll", receptor: "count", weight: 3, delay: 0.5 });
      simulation.connect(source, p, { rule: "list", pairs: [[0, 2]], receptor: "kick", weight: 8, delay: 1 });
      const [v, g, c] = (["v", "g", "c"] as const).map((state) => simulation.record(p, state)) as [Trace, Trace, Trace];
      const spikes = simulation.record(p, "spikes");
      await simulation.run(6);
      // a spike at 1 ms arrives at 1.5 ms; v moves from the next step on
      expect(g.values(0).slice(0, 15)).toEqual(new Float64Array(15));
      expect(g.values(0)[15]).toBe(4);
      expect(v.values(0)[15]).toBe(0);
      expect(v.values(0)[16]).toBeGreaterThan(0.5 * 4 * (0.1 / 20));
      const decay = {
        euler: 0.98,
        heun: 0.9802,
        rk4: Math.exp(-0.02),
        exact: Math.exp(-0.02),
        exponentialEuler: Math.exp(-0.02),
      };
      expect((g.values(0)[16] as number) / 4).toBeCloseTo(decay[method as "rk4"], 8);
      expect(g.values(0)[25]).toBeGreaterThan(4 + 3);
      // the kick of 8 mV at 2 ms makes neuron 2 fire, and what comes at 2.5 and 3 ms is lost for v and g, not for c
      expect([...spikes.times]).toEqual([2]);
      expect([...spikes.neurons]).toEqual([2]);
      expect(g.values(2).slice(20, 40)).toEqual(new Float64Array(20));
      expect(v.values(2).slice(20, 40)).toEqual(new Float64Array(20));
      expect([c.values(2)[14], c.values(2)[15], c.values(2)[25], c.values(2)[30]]).toEqual([0, 3, 6, 9]);
    },
  );

  it("halfStep: the second state jumps too", async () => {
    const two = defineModel({
      name: "two",
      equations: "dv/dt = (u - v)/(10*ms) : mV\ndu/dt = -u/(5*ms) : mV",
      init: { v: 0 },
    });
    const simulation = await Simulation.create({ dt: 0.1 });
    const p = simulation.population("p", two, 1, {
      method: "halfStep",
      receptors: { jump: receptor.delta({ state: "u" }) },
    });
    simulation.connect(simulation.population("s", spikeTrain, 1, volley(1)), p, { rule: "allToAll", weight: 3 });
    const u = simulation.record(p, "u");
    await simulation.run(1.3);
    expect([...u.values(0)].slice(9)).toEqual([0, 0, 3, 3 - 0.1 * (3 / 5), expect.any(Number)]);
  });

  it("several on one state add up, Poisson spikes too", async () => {
    const still = defineModel({ name: "still", equations: "dv/dt = 0*mV/ms : mV\nx : 1", init: { v: 0 } });
    const simulation = await Simulation.create({ dt: 0.1 });
    const receptors = {
      a: receptor.delta({ state: "x" }),
      unused: receptor.delta({ state: "x" }),
      b: receptor.delta({ state: "x" }),
    };
    const rate = 4000;
    const p = simulation.population("p", still, 2000, {
      receptors,
      background: [background.poisson({ rate, weight: 2, receptor: "b" })],
    });
    const source = simulation.population("s", spikeTrain, 1, volley(0.5, 1, 1));
    simulation.connect(source, p, { rule: "allToAll", receptor: "a", weight: 1000 });
    await simulation.run(10);
    const x = p.state("x");
    const counts = x.map((sum) => (sum - 3000) / 2);
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
    const mean = counts.reduce((a, b) => a + b) / counts.length;
    expect(Math.abs(mean - 40)).toBeLessThan((5 * Math.sqrt(40)) / Math.sqrt(counts.length));
    expect(p.state("v").every((v) => v === 0)).toBe(true);
  });

  it("the same bits in any number of threads, with scalar code and after a snapshot", async () => {
    const make = async (options: Partial<SimulationOptions> = {}) => {
      const simulation = await Simulation.create({ dt: 0.1, seed: 3, ...options });
      const p = simulation.population("p", cell, 301, {
        receptors: { g: receptor.delta({ state: "g" }), v: receptor.delta() },
        background: [background.poisson({ rate: 3000, weight: 1.1, receptor: "g" })],
      });
      const rule = { rule: "fixedIndegree", k: 10 } as const;
      simulation.connect(p, p, {
        ...rule,
        receptor: "g",
        weight: { normal: [0.5, 0.2] },
        delay: { uniform: [0.3, 3] },
      });
      simulation.connect(p, p, { ...rule, receptor: "v", weight: 0.3, delay: 1.5 });
      return simulation;
    };
    const states = (simulation: Simulation) =>
      (["v", "g", "c"] as const).map((name) => simulation.populations.get("p")?.state(name as "v"));
    const one = await make();
    await one.run(100);
    expect((await one.run(0)).populations.p?.spikes).toBeGreaterThan(500);
    for (const options of [{ threads: 3 }, { core: scalar }]) {
      const other = await make(options);
      await other.run(100);
      expect(states(other)).toEqual(states(one));
      other.close();
    }
    const cut = await make({ threads: 2 });
    await cut.run(40.3);
    const restored = await Simulation.restore(cut.snapshot());
    await restored.run(59.7);
    expect(states(restored)).toEqual(states(one));
  });
});

type Trace = ReturnType<typeof Simulation.prototype.record> & { values(position: number): Float64Array };

const given = (state: unknown, model: object = cell.definition) => ({
  dt: 0.1,
  duration: 1,
  models: [model],
  populations: [{ name: "p", model: "cell", size: 2, receptors: { syn: { kernel: "delta", state } } }],
  projections: [{ source: "p", target: "p", rule: "oneToOne", weight: "0.275 mV" }],
});

describe("in a model file", () => {
  it("is kept, and v is the state that needs no name", () => {
    const receptors = (state: unknown) =>
      (toDocument(parseDocument(given(state))).populations as [{ receptors: unknown }])[0].receptors;
    expect(receptors("g")).toEqual({ syn: { kernel: "delta", state: "g" } });
    expect(receptors("v")).toEqual({ syn: { kernel: "delta" } });
    expect(receptors(undefined)).toEqual({ syn: { kernel: "delta" } });
  });

  it("is told what the states are, and in what unit a weight must be", () => {
    const place = "$.populations[0].receptors.syn.state";
    expect(() => parseDocument(given("G"))).toThrow(UnknownNameError);
    expect(() => parseDocument(given("G"))).toThrow(`${place}: unknown state "G" of cell; did you mean "g"? Known: v, g, c.`);
    expect(() => parseDocument(given(3))).toThrow(place);
    expect(() => parseDocument(given("c"))).toThrow(/\$\.projections\[0\]\.weight/);
  });

  it("built-in models have jumps of v only", () => {
    const document = {
      ...given("w"),
      populations: [{ name: "p", model: "adex", size: 2, receptors: { syn: { kernel: "delta", state: "w" } } }],
    };
    expect(() => parseDocument(document)).toThrow(ValueRangeError);
    expect(() => parseDocument(document)).toThrow(
      '$.populations[0].receptors.syn.state: "w"; a delta receptor of adex acts on v. Other states jump in models with equations only.',
    );
  });

  it("the state is fixed when the population is made", async () => {
    const simulation = await Simulation.fromDocument(given("g"));
    const p = simulation.populations.get("p");
    expect(() => p?.setReceptor("syn" as never, { state: "c" } as never)).toThrow(StateError);
    expect(() => p?.setReceptor("syn" as never, { state: "c" } as never)).toThrow("p.syn: the state that jumps, g, is fixed when the population is made.");
    expect(() => p?.setReceptor("syn" as never, {})).not.toThrow();
  });
});

/** Events of own models: projections listen to them, recordings keep them. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  background,
  ConnectionError,
  defineModel,
  lif,
  parseDocument,
  receptor,
  Simulation,
  type SimulationOptions,
  spikeTrain,
  toDocument,
  UnknownNameError,
  ValueRangeError,
} from "../../src/index.js";

let scalar: WebAssembly.Module;
beforeAll(async () => {
  scalar = await WebAssembly.compile(readFileSync("build/core.scalar.wasm"));
});

/** v is driven to spikes; u counts them, and every third one is an event that clears it. */
const counting = defineModel({
  name: "counting",
  current: "1",
  equations: "dv/dt = I/ms : 1\nu : 1\nw : 1",
  threshold: "v >= 1",
  reset: "v = 0\nu += 1",
  events: [
    { name: "third", condition: "u >= 3", reset: "u = 0\nw += 1" },
    { name: "high", condition: "v > 0.9" },
  ],
  init: { v: "0.1*i" },
});

const late = { name: "late", current: "1", equations: "dv/dt = 0/ms : 1\nx : 1\ny : 1" } as const;
const receiving = defineModel(late);

async function network(options: Partial<SimulationOptions> = {}, size = 7, release?: number) {
  const simulation = await Simulation.create({ dt: 0.25, seed: 5, ...options });
  const p = simulation.population("p", counting, size, {
    method: "euler",
    background: [background.constant(Array.from({ length: size }, (_, n) => 0.5 + (n % 5) / 8))],
  });
  const q = simulation.population("q", receiving, size, {
    method: "euler",
    receptors: { onThird: receptor.delta({ state: "x" }), onSpike: receptor.delta({ state: "y" }) },
  });
  const listen = (receptorName: "onThird" | "onSpike", event?: "third") =>
    simulation.connect(p, q, {
      rule: "oneToOne",
      ...(event && { event }),
      receptor: receptorName,
      weight: 1,
      delay: 1,
      ...(release === undefined ? {} : { release }),
    });
  const projections = [listen("onThird", "third"), listen("onSpike")];
  return { simulation, p, q, projections };
}

describe("an event", () => {
  it("is heard by projections with a delay, in the step after that of the condition", async () => {
    const { simulation, p, q, projections } = await network();
    const spikes = simulation.record(p, "spikes");
    const thirds = simulation.record(p, "third");
    const high = simulation.record(p, "high", { neurons: [2, 3], from: 3 });
    const [x, y, v] = [simulation.record(q, "x"), simulation.record(q, "y"), simulation.record(p, "v")];
    await simulation.run(40);
    expect(projections.map(({ name }) => name)).toEqual(["p.third -> q (onThird)", "p -> q (onSpike)"]);
    expect([thirds.population, thirds.size]).toEqual(["p.third", 7]);
    expect(thirds.count).toBeGreaterThan(40);
    for (let n = 0; n < 7; n++) {
      const own = [...spikes.of(n)];
      // u is 3 at the end of the step of the third spike, and the condition is tested ahead of the reset: a step later
      const expected = own.filter((_, i) => i % 3 === 2).map((t) => t + 0.25);
      expect([...thirds.of(n)]).toEqual(expected.filter((t) => t <= 40));
      expect(x.values(n).at(-1)).toBe(expected.filter((t) => t + 1 <= 40).length);
      expect(y.values(n).at(-1)).toBe(own.filter((t) => t + 1 <= 40).length);
      const first = (expected[0] as number) + 1;
      expect([x.values(n)[first / 0.25 - 1], x.values(n)[first / 0.25]]).toEqual([0, 1]);
    }
    expect(p.state("w")).toEqual(Float64Array.from({ length: 7 }, (_, n) => thirds.of(n).length));
    // One without a reset happens in every step in which its condition holds, which a reset of the spike may end.
    expect([...new Set(high.neurons)].sort()).toEqual([2, 3]);
    const times = [...high.of(2)];
    expect(times.length).toBeGreaterThan(5);
    for (const [k, t] of v.time.entries()) {
      if (t > 3 && !spikes.of(2).includes(t)) expect(times.includes(t)).toBe((v.values(2)[k] as number) > 0.9);
    }
  });

  it("is no spike: reports count spikes", async () => {
    const { simulation } = await network();
    const { populations, findings } = await simulation.run(40);
    expect(Object.keys(populations)).toEqual(["p", "q"]);
    expect(populations.p?.spikes).toBeLessThan(40 * 7);
    expect(findings.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("the same bits in any number of threads, with scalar code, in pieces and after a snapshot", async () => {
    const make = (options: Partial<SimulationOptions> = {}) => network(options, 301, 0.6);
    const one = await make();
    const recorded = one.simulation.record(one.p, "third");
    await one.simulation.run(60);
    expect(recorded.count).toBeGreaterThan(2000);
    expect(one.q.state("x")).not.toEqual(one.q.state("y"));
    for (const options of [{ threads: 3 }, { core: scalar }]) {
      const other = await make(options);
      const found = other.simulation.record(other.p, "third");
      await other.simulation.run(60, { chunk: 1.75 });
      expect([found.times, found.neurons]).toEqual([recorded.times, recorded.neurons]);
      expect([other.q.state("x"), other.q.state("y")]).toEqual([one.q.state("x"), one.q.state("y")]);
      other.simulation.close();
    }
    const cut = await make({ threads: 2 });
    cut.simulation.record(cut.p, "third");
    await cut.simulation.run(20.25);
    const restored = await Simulation.restore(cut.simulation.snapshot());
    await restored.run(39.75);
    expect(restored.populations.get("q")?.state("x" as "v")).toEqual(one.q.state("x"));
    cut.simulation.reset();
    await cut.simulation.run(60);
    expect(cut.q.state("x")).toEqual(one.q.state("x"));
  });

  it("can be recorded from between two runs on, paused and flushed", async () => {
    const { simulation, p } = await network();
    const all = simulation.record(p, "third");
    await simulation.run(20);
    const second = simulation.record(p, "third");
    await simulation.run(20);
    expect([...second.times]).toEqual([...all.times].filter((t) => t > 20));
    expect(second.count).toBeGreaterThan(10);
    second.flush();
    expect(second.count).toBe(0);
  });

  it("is what learns: plasticity sees events of the source and spikes of the target", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const ticking = defineModel({
      name: "ticking",
      current: "1",
      equations: "dv/dt = 0/ms : 1\nc : 1",
      events: [{ name: "tick", condition: "t > 9.95*ms and t < 10.05*ms" }],
    });
    const p = simulation.population("p", ticking, 1, { method: "euler" });
    const target = simulation.population("t", lif, 1, {
      receptors: { kick: receptor.delta(), syn: receptor.exponential({ tau: 5 }) },
    });
    const driver = simulation.population("d", spikeTrain, 1, { params: { times: [14.9], neurons: [0] } });
    simulation.connect(driver, target, { rule: "allToAll", receptor: "kick", weight: 100 });
    const plasticity = { kind: "stdp", A_plus: 0.1, A_minus: 0.1, tau_plus: 20, tau_minus: 20, w_max: 10 } as const;
    const learned = simulation.connect(p, target, {
      rule: "allToAll",
      event: "tick",
      receptor: "syn",
      weight: 5,
      plasticity,
    });
    const tick = simulation.record(p, "tick");
    const spikes = simulation.record(target, "spikes");
    await simulation.run(30);
    expect([...tick.times]).toEqual([10.1]);
    expect(spikes.count).toBe(1);
    const since = (spikes.times[0] as number) - 10.1;
    expect(learned.weights()[0]).toBeCloseTo(5 + 0.1 * 10 * Math.exp(-since / 20), 9);
  });
});

const given = (projection: object = { event: "third" }, record: object[] = []) => ({
  dt: 0.25,
  duration: 1,
  models: [counting.definition, late],
  populations: [
    { name: "p", model: "counting", size: 2, method: "euler" },
    { name: "q", model: "late", size: 2, method: "euler", receptors: { r: { kernel: "delta" } } },
    { name: "l", model: "lif", size: 2 },
  ],
  projections: [{ source: "p", target: "q", rule: "oneToOne", weight: 1, ...projection }],
  record,
});

describe("in a model file", () => {
  it("a projection keeps its event", () => {
    expect(toDocument(parseDocument(given())).projections).toEqual([
      { source: "p", event: "third", target: "q", receptor: "r", rule: "oneToOne", weight: 1 },
    ]);
  });

  it("is told what is wrong with it", () => {
    const place = "$.projections[0].event";
    expect(() => parseDocument(given({ event: "thrid" }))).toThrow(UnknownNameError);
    expect(() => parseDocument(given({ event: "thrid" }))).toThrow(`${place}: unknown event "thrid" of counting; did you mean "third"? Known: third, high.`);
    expect(() => parseDocument(given({ event: "third", source: "l" }))).toThrow(ConnectionError);
    expect(() => parseDocument(given({ event: "third", source: "l" }))).toThrow(
      `${place}: "third"; the model lif of l has no events, only spikes. Models with equations may have "events".`,
    );
    expect(() => parseDocument(given({ event: "third", gapJunction: true }))).toThrow(/"event"/);
    const record = [{ population: "p", variables: ["third"] }];
    expect(() => parseDocument(given({}, record))).toThrow(ValueRangeError);
    expect(() => parseDocument(given({}, record))).toThrow("$.record[0].variables[0]: \"third\"; it is an event of counting, and files have no events");
  });

  it("a recording of an event has no times within steps", async () => {
    const { simulation, p } = await network();
    expect(() => simulation.record(p, "third", { interpolate: true })).toThrow("record p.interpolate = true; p.third is an event");
    expect(() => simulation.record(p, "thrid" as "third")).toThrow(UnknownNameError);
  });
});

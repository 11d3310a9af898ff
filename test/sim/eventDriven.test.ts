/** The method eventDriven beside `exact`, which advances the same equations step by step. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adaptiveLif,
  background,
  defineModel,
  lif,
  type ModelRecord,
  parseModelFile,
  poisson,
  receptor,
  Simulation,
  spikeTrain,
} from "../../src/index.js";
import { PACK } from "../../src/core/abi.js";
import { cases } from "../cases.js";
import { exportNetwork } from "../../src/exchange/index.js";
import { fingerprint, holds, type Loose } from "../property/networks.js";
import { random } from "../reference/random.js";

/** Both rest where nothing acts; the second adapts its threshold, which rises with each spike. */
const fly = defineModel({
  name: "fly",
  equations: "dv/dt = (v_0 - v + g)/t_mbr : mV (unless refractory)\ndg/dt = -g/tau : mV (unless refractory)",
  params: { v_0: "-52 mV", v_rst: "-52 mV", v_th: "-45 mV", t_mbr: "20 ms", tau: "5 ms", t_rfc: "2.2 ms" },
  threshold: "v > v_th",
  reset: "v = v_rst\ng = 0*mV",
  refractory: "t_rfc",
  init: { v: "v_0" },
});
const rising = defineModel({
  name: "rising",
  current: "pA",
  equations: "dv/dt = (E - v + R*I)/tau_m : mV\ndtheta/dt = -theta/tau_t : mV",
  params: {
    E: "-70 mV",
    R: "0.04 mV/pA",
    tau_m: "10 ms",
    tau_t: "80 ms",
    V_th: "-55 mV",
    V_r: "-68 mV",
    t_ref: "1 ms",
  },
  threshold: "v >= V_th + theta",
  reset: "v = V_r\ntheta = theta + 4*mV",
  refractory: "t_ref",
  init: { v: "E" },
});

const MODELS: readonly ModelRecord[] = [lif, adaptiveLif, rising];

interface Told {
  readonly times: readonly number[];
  readonly neurons: readonly number[];
  readonly traces: readonly number[];
  readonly end: readonly number[];
}

type Variables = Parameters<Simulation["record"]>[1];

/** What a population of a simulation does: spikes, traces of some neurons, and where all stand in the end. */
async function told(
  make: (simulation: Simulation) => ReturnType<Simulation["population"]>,
  variables: readonly string[],
  { threads = 1, chunks = [200], seed = 7, change = (_: Simulation) => undefined as unknown } = {},
): Promise<Told> {
  const simulation = await Simulation.create({ dt: 0.1, seed, threads });
  const cells = make(simulation);
  const spikes = simulation.record(cells, "spikes");
  const traces = variables.map((variable) =>
    simulation.record(cells, variable as Variables & "v", { neurons: [0, 7, cells.size - 1], every: 0.7 }),
  );
  for (const [i, chunk] of chunks.entries()) {
    if (i > 0) change(simulation);
    await simulation.run(chunk);
  }
  const end = variables.flatMap((variable) => [...cells.state(variable as never)]);
  simulation.close();
  return {
    times: [...spikes.times],
    neurons: [...spikes.neurons],
    traces: traces.flatMap((trace) => [0, 1, 2].flatMap((n) => [...trace.values(n)])),
    end,
  };
}

/** The population of that name. */
function cellsOf(simulation: Simulation): ReturnType<Simulation["population"]> {
  return [...simulation.populations.values()].find(({ name }) => name === "cells") as never;
}

/** Largest difference, over what a potential or a current of the size of 100 is rounded to. */
function apart(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] as number))), 0);
}

async function sameAsExact(
  make: (simulation: Simulation, method: "exact" | "eventDriven") => ReturnType<Simulation["population"]>,
  variables: readonly string[],
  options: Parameters<typeof told>[2] = {},
): Promise<Told> {
  const exact = await told((simulation) => make(simulation, "exact"), variables, options);
  const events = await told((simulation) => make(simulation, "eventDriven"), variables, options);
  expect(events.times).toEqual(exact.times);
  expect(events.neurons).toEqual(exact.neurons);
  expect(apart(events.traces, exact.traces)).toBeLessThan(1e-9);
  expect(apart(events.end, exact.end)).toBeLessThan(1e-9);
  return events;
}

/** A network that is driven by Poisson trains and by currents of its own. */
function busy(model: ModelRecord, differs: boolean) {
  return (simulation: Simulation, method: "exact" | "eventDriven"): ReturnType<Simulation["population"]> => {
    const source = simulation.population("source", poisson, 30, { params: { rate: 60 } });
    const cells = simulation.population("cells", model as typeof lif, 150, {
      method,
      receptors: {
        exc: receptor.exponential({ tau: 5 }),
        inh: receptor.alpha({ tau: 4 }),
        slow: receptor.dualExponential({ tau_rise: 2, tau_decay: 20 }),
        kick: receptor.delta(),
      },
      background: [background.constant(differs ? (n) => 4 * n : 280)],
    });
    const onto = (
      key: "exc" | "inh" | "slow" | "kick",
      weight: object | number,
      delay: object | number,
      p: number,
    ): void => {
      for (const from of key === "inh" || key === "slow" ? [cells] : [source]) {
        simulation.connect(from as typeof cells, cells, {
          rule: "fixedProbability",
          p,
          receptor: key,
          weight,
          delay,
        } as never);
      }
    };
    onto("exc", { uniform: [20, 150] }, 1.5, 0.2);
    onto("inh", -50, { uniform: [0.3, 4] }, 0.05);
    onto("slow", { uniform: [5, 25] }, 2, 0.03);
    onto("kick", 2.5, { uniform: [0.1, 1] }, 0.05);
    return cells;
  };
}

describe("eventDriven", () => {
  it.each(MODELS.flatMap((model) => [true, false].map((differs) => [model.id, differs, model] as const)))(
    "%s fires in the steps of exact, currents that differ: %s",
    async (_, differs, model) => {
      const states = Object.keys(model.states);
      const all = await sameAsExact(busy(model, differs), [...states, "i_exc", "i_inh", "i_slow"]);
      expect(all.times.length).toBeGreaterThan(300);
    },
  );

  it("takes numbers per neuron where they multiply no state", async () => {
    const make = (simulation: Simulation, method: "exact" | "eventDriven"): ReturnType<Simulation["population"]> =>
      simulation.population("cells", lif, 90, {
        method,
        params: {
          E_L: (n) => -75 + 0.1 * n,
          V_th: (n) => -56 + 0.05 * n,
          V_reset: (n) => -80 + 0.2 * n,
          t_ref: (n) => (n % 9) / 3,
        },
        background: [background.constant(420)],
      });
    const all = await sameAsExact(make, ["v"]);
    expect(new Set(all.neurons).size).toBeGreaterThan(30);
  });

  it("is the fly's neurons, which lose what arrives while they are refractory, at a jump of g", async () => {
    const next = random(3);
    const order = Array.from({ length: 900 }, () => ({ t: Math.ceil(next() * 1990) / 10, n: Math.floor(next() * 40) }));
    order.sort((a, b) => a.t - b.t || a.n - b.n);
    const make = (simulation: Simulation, method: "exact" | "eventDriven"): ReturnType<Simulation["population"]> => {
      const from = simulation.population("from", spikeTrain, 40, {
        params: { times: order.map(({ t }) => t), neurons: order.map(({ n }) => n) },
      });
      const brain = simulation.population("brain", fly, 80, {
        method,
        params: { t_rfc: (n) => (n < 8 ? 0 : 2.2) },
        receptors: { synapses: receptor.delta({ state: "g" }), stimulus: receptor.delta() },
      });
      simulation.connect(from, brain, { rule: "fixedProbability", p: 0.1, receptor: "stimulus", weight: 9 });
      simulation.connect(brain, brain, {
        rule: "fixedProbability",
        p: 0.2,
        receptor: "synapses",
        weight: { normal: [12, 20] },
        delay: 1.8,
      });
      return brain;
    };
    const all = await sameAsExact(make, ["v", "g"]);
    expect(all.times.length).toBeGreaterThan(500);
  });

  it("takes Poisson bombardment, rare and dense, of some neurons and of all", async () => {
    const make = (simulation: Simulation, method: "exact" | "eventDriven"): ReturnType<Simulation["population"]> =>
      simulation.population("cells", lif, 300, {
        method,
        receptors: { exc: receptor.exponential({ tau: 5 }), kick: receptor.delta() },
        background: [
          background.poisson({ rate: 200, weight: 200, receptor: "exc" }),
          background.poisson({ rate: 9000, weight: 0.15, receptor: "kick", neurons: [3, 40, 299] }),
          background.poisson({ rate: 4000, weight: 25, receptor: "exc", start: 30, stop: 90 }),
        ],
      });
    const all = await sameAsExact(make, ["v", "i_exc"]);
    expect(all.times.length).toBeGreaterThan(200);
  });

  it("finds the times within a step, and neurons that stand still for long", async () => {
    const run = async (method: "exact" | "eventDriven"): Promise<[number[], number]> => {
      const simulation = await Simulation.create({ dt: 0.1 });
      const late = simulation.population("late", spikeTrain, 1, { params: { times: [1700, 5001], neurons: [0, 0] } });
      const cells = simulation.population("cells", lif, 40, {
        method,
        params: { tau_m: 700 },
        receptors: { exc: receptor.exponential({ tau: 60 }) },
        background: [background.constant((n) => (n < 20 ? 0 : 5.4 + 0.01 * n))],
        init: { v: (n) => -70 + 0.3 * n },
      });
      simulation.connect(late, cells, { rule: "allToAll", weight: (_, n) => 3 * n });
      const spikes = simulation.record(cells, "spikes", { interpolate: true });
      await simulation.run(6000);
      return [[...spikes.times], (cells.state("v")[7] as number) + 70];
    };
    const [exact, events] = [await run("exact"), await run("eventDriven")];
    expect(events[0].length).toBeGreaterThan(40);
    expect(apart(events[0], exact[0])).toBeLessThan(1e-8);
    expect(Math.abs(events[1] - exact[1])).toBeLessThan(1e-9);
  });

  it("follows what is changed between runs as exact does", async () => {
    for (const change of [
      (s: Simulation) => cellsOf(s).set({ V_th: -58, E_L: -68 } as never),
      (s: Simulation) => cellsOf(s).set({ tau_m: 14 } as never),
      (s: Simulation) => cellsOf(s).setBackground([background.constant((n) => 3 * n)]),
      (s: Simulation) =>
        cellsOf(s).setState(
          "v",
          cellsOf(s)
            .state("v")
            .map((v) => v - 4),
        ),
      (s: Simulation) => cellsOf(s).setReceptor("exc" as never, { tau: 9 }),
      (s: Simulation) => s.projections[0]?.setDelay(3.5),
      (s: Simulation) => s.projections[0]?.setDelay(0.4),
    ]) {
      const all = await sameAsExact(busy(lif, true), ["v", "i_exc", "i_slow"], { chunks: [60.3, 100, 40], change });
      expect(all.times.length).toBeGreaterThan(100);
    }
  });

  it("gives the same bits whatever the threads and the chunks, and whoever looks", async () => {
    const make = busy(adaptiveLif, true);
    const once = await told((s) => make(s, "eventDriven"), ["v", "w", "i_inh"]);
    for (const options of [
      { threads: 2 },
      { threads: 3, chunks: [0.1, 3.7, 100, 96.2] },
      { chunks: Array.from({ length: 50 }, () => 4) },
      { chunks: [50, 50, 100], change: (s: Simulation) => cellsOf(s).state("v") },
    ])
      expect(await told((s) => make(s, "eventDriven"), ["v", "w", "i_inh"], options)).toEqual(once);
    const unseen = await told((s) => make(s, "eventDriven"), []);
    expect([unseen.times, unseen.neurons]).toEqual([once.times, once.neurons]);
  });

  it("goes on from a snapshot, and begins again, with the same bits", async () => {
    const document: Loose = {
      dt: 0.1,
      seed: 4,
      duration: 120,
      populations: [
        {
          name: "cells",
          model: "lif",
          size: 90,
          method: "eventDriven",
          receptors: { exc: { kernel: "exponential", tau: 5 }, kick: { kernel: "delta" } },
          background: [
            { kind: "constant", amplitude: { uniform: [300, 450] } },
            { kind: "poisson", rate: 300, weight: 2, receptor: "kick" },
          ],
        },
      ],
      projections: [
        {
          source: "cells",
          target: "cells",
          receptor: "exc",
          rule: "fixedProbability",
          p: 0.1,
          weight: 60,
          delay: { uniform: [0.3, 9] },
        },
      ],
      record: [{ population: "cells", variables: ["spikes", "v"], neurons: [3, 50] }],
    };
    for (const threads of [1, 2]) {
      const whole = await Simulation.fromDocument(document, { threads });
      await whole.run(120);
      const first = await Simulation.fromDocument(document, { threads });
      await first.run(47.3);
      const second = await Simulation.restore(first.snapshot());
      await second.run(120 - 47.3);
      expect(fingerprint(second)).toEqual(fingerprint(whole));
      whole.reset();
      await whole.run(120);
      expect(fingerprint(whole)).toEqual(fingerprint(second));
      for (const one of [whole, first, second]) one.close();
    }
  });

  it("leaves silent neurons alone: nothing is to be done for them until something arrives", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("cells", lif, 2000, {
      method: "eventDriven",
      background: [background.constant((n) => (n === 1234 ? 500 : 200))],
      init: { v: (n) => -75 + (n % 7) },
    });
    await simulation.run(5);
    const { core, neurons } = (
      cells as unknown as {
        parts: { core: { memory: { buffer: ArrayBuffer } }; cells: { neurons: { watch: number; padded: number } } }[];
      }
    ).parts.map((part) => ({ core: part.core, neurons: part.cells.neurons }))[0] as never as {
      core: { memory: { buffer: ArrayBuffer } };
      neurons: { watch: number; padded: number };
    };
    const bits = new Uint8Array(core.memory.buffer, neurons.watch, 4 * 16 * Math.ceil(neurons.padded / 128));
    const waiting = [...bits].reduce((sum, byte) => sum + [...byte.toString(2)].filter((bit) => bit === "1").length, 0);
    expect(waiting).toBe(1);
  });

  /** Weak inputs, by one delay and by many, of both signs, and rare Poisson bombardment. */
  const weak = (simulation: Simulation, method: "exact" | "eventDriven"): ReturnType<Simulation["population"]> => {
    const source = simulation.population("source", poisson, 20, { params: { rate: 40 } });
    const cells = simulation.population("cells", lif, 300, {
      method,
      receptors: { exc: receptor.exponential({ tau: 3 }), inh: receptor.alpha({ tau: 6 }), jump: receptor.delta() },
      background: [
        background.constant((n) => (n % 50 === 0 ? 450 : 300)),
        background.poisson({ rate: 5, weight: 8, receptor: "exc" }),
      ],
    });
    const p = { rule: "fixedProbability", p: 0.2 } as const;
    simulation.connect(source, cells, { ...p, weight: 5, delay: 1, receptor: "exc" });
    simulation.connect(source, cells, { ...p, weight: -3, delay: { uniform: [0.5, 4] }, receptor: "inh" });
    simulation.connect(cells, cells, { ...p, weight: (i: number) => 0.2 - 0.001 * i, delay: 1.5, receptor: "jump" });
    return cells as never;
  };

  it("sums up what arrives for neurons that stay silent, over many origins of the sums", async () => {
    const { times } = await sameAsExact(weak, ["v", "i_exc", "i_inh"], { chunks: [300, 0.1, 700, 250] });
    expect(new Set(times).size).toBeGreaterThan(100);

    const simulation = await Simulation.create({ dt: 0.1, seed: 7 });
    const cells = weak(simulation, "eventDriven");
    await simulation.run(1000);
    const { core, address } = (
      cells as unknown as { parts: { core: { memory: { buffer: ArrayBuffer } }; address: number }[] }
    ).parts[0] as never as { core: { memory: { buffer: ArrayBuffer } }; address: number };
    const sums = new DataView(core.memory.buffer).getUint32(address + (PACK as { sums: number }).sums, true);
    // The slack, and behind it the sums of the vector's modes.
    const numbers = new Float64Array(core.memory.buffer, sums, 8 * cells.size);
    const [slack, first] = [0, 1].map((i) => numbers.filter((_, at) => at % 8 === i)) as [Float64Array, Float64Array];
    expect(slack.filter((x) => x >= 0).length).toBeGreaterThan(250);
    expect(first.filter((x) => x !== 0).length).toBeGreaterThan(200);
  });

  it("finds a runaway of neurons that nothing brings nearer to the threshold", async () => {
    for (const method of ["exact", "eventDriven"] as const) {
      const simulation = await Simulation.create({ dt: 0.1 });
      const source = simulation.population("source", spikeTrain, 1, { params: { times: [5], neurons: [0] } });
      const cells = simulation.population("cells", lif, 3, { method, receptors: { jump: receptor.delta() } });
      simulation.connect(source, cells, { rule: "allToAll", weight: -1e7, delay: 1 });
      await expect(simulation.run(20)).rejects.toThrow(/cells.*v/);
    }
  });

  it("fires as exact does in random networks", async () => {
    await holds(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(1e6),
          model: fc.constantFrom("lif", "adaptiveLif"),
          dt: fc.constantFrom(0.1, 0.25, 1),
          size: fc.integer({ min: 1, max: 70 }),
          taus: fc.tuple(fc.double({ min: 0.3, max: 40, noNaN: true }), fc.double({ min: 0.3, max: 40, noNaN: true })),
          tau_m: fc.double({ min: 1, max: 60, noNaN: true }),
          t_ref: fc.double({ min: 0, max: 12, noNaN: true }),
          current: fc.double({ min: -200, max: 700, noNaN: true }),
          weight: fc.double({ min: -60, max: 160, noNaN: true }),
          threads: fc.constantFrom(1, 2),
          delays: fc.boolean(),
        }),
        async ({ seed, model, dt, size, taus, tau_m, t_ref, current, weight, threads, delays }) => {
          const document = (method: string): Loose => ({
            dt,
            seed,
            duration: 100,
            populations: [
              { name: "source", model: "poisson", size: 12, params: { rate: 80 } },
              {
                name: "cells",
                model,
                size,
                method,
                params: { tau_m, t_ref },
                receptors: { exc: { kernel: "exponential", tau: taus[0] }, inh: { kernel: "alpha", tau: taus[1] } },
                background: [{ kind: "constant", amplitude: { normal: [current, 100] } }],
                init: { v: { uniform: [-90, -56] } },
              },
            ],
            projections: [
              {
                source: "source",
                target: "cells",
                receptor: "exc",
                rule: "fixedProbability",
                p: 0.3,
                weight: 120,
                delay: dt,
              },
              {
                source: "cells",
                target: "cells",
                receptor: "inh",
                rule: "fixedProbability",
                p: 0.2,
                weight,
                delay: delays ? { uniform: [dt, 6] } : 2,
              },
            ],
            record: [{ population: "cells", variables: ["spikes"] }],
          });
          const run = async (method: string, shards: number): Promise<[number[], number[]]> => {
            const simulation = await Simulation.fromDocument(document(method), { threads: shards });
            await simulation.run(100);
            const cells = cellsOf(simulation);
            const spikes = cells.recordings.flatMap(({ times, neurons }) => [...times, ...neurons]);
            const end = ["v", "i_exc", "i_inh"].flatMap((variable) => [...cells.state(variable as "v")]);
            simulation.close();
            return [spikes, end];
          };
          const [exact, events] = [await run("exact", 1), await run("eventDriven", threads)];
          expect(events[0]).toEqual(exact[0]);
          expect(apart(events[1], exact[1])).toBeLessThan(1e-9);
        },
      ),
      25,
    );
  });
});

describe("models as text", () => {
  it("that are linear, with any held states, thresholds and resets, fire as under exact", async () => {
    const next = random(20);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
    let spikes = 0;
    for (let k = 0; k < cases(24); k++) {
      const names = ["v", "a", "b", "c"].slice(0, 1 + Math.floor(next() * 4));
      const flags = next() < 0.3;
      const equations = names.map((name, i) => {
        const others = names.filter((one) => one !== name && next() < 0.5);
        const terms = others.map((one) => `${next() < 0.5 ? "+" : "-"} ${(0.6 * next()).toFixed(3)}*${one}`).join(" ");
        const drive = i === 0 ? "+ 0.05*I/pA" : next() < 0.5 ? `+ ${(3 * next()).toFixed(3)}` : "";
        const tau = (0.5 + 40 * next() ** 2).toFixed(3);
        const flag = flags && next() < 0.6 ? " (unless refractory)" : "";
        return `d${name}/dt = (-${name} ${terms} ${drive})/(${tau}*ms) : 1${flag}`;
      });
      const last = names.at(-1) as string;
      const model = defineModel({
        name: `random${k}`,
        current: "pA",
        equations,
        threshold: `v ${pick([">", ">="])} ${last === "v" || next() < 0.5 ? "5" : `5 + 0.3*${last}`}`,
        reset: ["v = 0", ...(last !== "v" && next() < 0.5 ? [`${last} = ${last} + ${(2 * next()).toFixed(2)}`] : [])],
        ...(next() < 0.7 ? { refractory: `${(5 * next()).toFixed(2)} ms` } : {}),
      });
      const order = Array.from({ length: 200 }, () => ({ t: Math.ceil(next() * 990) / 10, n: Math.floor(next() * 8) }));
      order.sort((a, b) => a.t - b.t || a.n - b.n);
      const pairs = Array.from({ length: 150 }, (): [number, number] => [
        Math.floor(next() * 8),
        Math.floor(next() * 20),
      ]);
      const weight = pairs.map(() => 3 * next() - 0.7);
      const currents = Array.from({ length: 20 }, () => 100 * next() - 20);
      const all = await sameAsExact(
        (simulation, method) => {
          const from = simulation.population("from", spikeTrain, 8, {
            params: { times: order.map(({ t }) => t), neurons: order.map(({ n }) => n) },
          });
          const cells = simulation.population("cells", model, 20, {
            method: method as never,
            receptors: { kick: receptor.delta(), land: receptor.delta({ state: last }) },
            background: [background.constant(currents)],
          });
          const listed = { rule: "list", pairs, multapses: true, weight, weightPrecision: "float64" } as const;
          simulation.connect(from, cells, {
            ...listed,
            receptor: "kick",
            delay: pairs.map((_, i) => 0.1 * (1 + (i % 30))),
          });
          simulation.connect(from, cells, { ...listed, receptor: "land", delay: 1 });
          return cells;
        },
        names,
        { chunks: [70, 60] },
      );
      spikes += all.times.length;
    }
    expect(spikes).toBeGreaterThan(1000);
  });
});

describe("other tools", () => {
  it("get the network of exact, and a document the method", async () => {
    const scripts = async (method: "exact" | "eventDriven"): Promise<unknown[]> => {
      const simulation = await Simulation.create({ dt: 0.1, seed: 2 });
      const cells = simulation.population("cells", lif, 40, {
        method,
        receptors: { exc: receptor.exponential({ tau: 5 }), inh: receptor.exponential({ tau: 9 }) },
        background: [background.constant(400)],
      });
      simulation.connect(cells, cells, { rule: "fixedIndegree", k: 3, receptor: "inh", weight: -20, delay: 1 });
      const spec = parseModelFile(JSON.stringify(simulation.toDocument()));
      expect(spec.populations[0]?.method).toBe(method);
      const made = [];
      for (const to of ["brian2", "nest", "pynn"] as const) made.push((await exportNetwork(spec, { to })).files);
      return made;
    };
    expect(await scripts("eventDriven")).toEqual(await scripts("exact"));
  });
});

describe("what cannot be advanced by events", () => {
  const make = async (model: ModelRecord, options: object): Promise<unknown> => {
    const simulation = await Simulation.create({ dt: 0.1 });
    return simulation.population("cells", model as typeof lif, 4, { method: "eventDriven", ...options } as never);
  };

  it.each([
    [
      "a conductance",
      lif,
      { receptors: { e: receptor.exponential({ tau: 5, E_rev: 0 }) } },
      /cells\.receptors\.e: a conductance.*delta, exponential/,
    ],
    ["a step", lif, { receptors: { s: receptor.step({ duration: 1 }) } }, /receptor of the kind step/],
    [
      "noise",
      lif,
      { background: [background.whiteNoise({ sigma: 5 })] },
      /cells\.background\[0\]: whiteNoise.*constant, rheobase, poisson/,
    ],
    [
      "a current that begins",
      lif,
      { background: [background.constant(5, { start: 3 })] },
      /constant that begins or ends/,
    ],
    ["a sine", lif, { background: [background.sine({ amplitude: 5, frequency: 9 })] }, /background\[0\]: sine/],
    [
      "time constants per neuron",
      lif,
      { params: { tau_m: (n: number) => 10 + n } },
      /cells\.params\.tau_m: a number per neuron/,
    ],
    [
      "a model that is not linear",
      defineModel({ name: "square", equations: "dv/dt = v**2/ms : 1", threshold: "v > 9", reset: "v = 0" }),
      {},
      /not linear/,
    ],
    [
      "a threshold that is not linear",
      defineModel({ name: "bent", equations: "dv/dt = -v/ms : 1", threshold: "v**2 > 9", reset: "v = 0" }),
      {},
      /condition of a spike/,
    ],
    [
      "noise in the equations",
      defineModel({ name: "noisy", equations: "dv/dt = -v/ms + xi/ms**0.5 : 1", threshold: "v > 9", reset: "v = 0" }),
      {},
      /noise/,
    ],
  ] as const)("%s", async (_, model, options, message) => {
    await expect(make(model as never, options)).rejects.toThrow(message);
  });

  it("says so when it is changed to such, and changes nothing", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("cells", lif, 4, {
      method: "eventDriven",
      background: [background.constant(500)],
    });
    const spikes = simulation.record(cells, "spikes");
    await simulation.run(20);
    expect(() => cells.setBackground([background.whiteNoise({ sigma: 4 })])).toThrow(/whiteNoise/);
    expect(() => cells.set({ tau_m: [1, 2, 3, 4] })).toThrow(/tau_m/);
    expect(() => simulation.connect(cells, cells, { gapJunction: true, rule: "allToAll", weight: 1 } as never)).toThrow(
      /after the first run/,
    );
    await simulation.run(20);
    expect(spikes.times.length).toBeGreaterThan(4);
  });

  it("gap junctions, and rules that read its states", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("cells", lif, 4, {
      method: "eventDriven",
      receptors: { e: receptor.exponential({ tau: 5 }) },
    });
    expect(() => simulation.connect(cells, cells, { gapJunction: true, rule: "allToAll", weight: 1 } as never)).toThrow(
      /gap junctions/,
    );
  });

  it("a model without an equilibrium at its current", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const drift = defineModel({
      name: "drift",
      current: "pA",
      params: { C_m: "100 pF" },
      equations: "dv/dt = I/C_m : mV",
      threshold: "v > 9*mV",
      reset: "v = 0*mV",
    });
    simulation.population("cells", drift, 2, { method: "eventDriven", background: [background.constant(5)] });
    await expect(simulation.run(5)).rejects.toThrow(/no equilibrium at the current 5/);
  });
});

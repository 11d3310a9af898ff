/** What the calls do: misuse, changes between runs, progress and cancelling, recordings, reports, findings. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  adaptiveLif,
  adex,
  background,
  type BackgroundInput,
  compareTimeSteps,
  ConnectionError,
  defineModel,
  definePlasticityRule,
  DuplicateNameError,
  eif,
  fitzhughNagumo,
  type Finding,
  hodgkinHuxley,
  InstabilityError,
  izhikevich,
  LengthError,
  lif,
  MemoryError,
  type ModelRecord,
  morrisLecar,
  parseModelFile,
  poisson,
  type Population,
  type Progress,
  receptor,
  rheobase,
  Simulation,
  type SimulationOptions,
  SpikeletError,
  StateError,
  traubMiles,
  UnavailableError,
  UnknownKeyError,
  UnknownNameError,
  ValueRangeError,
  ValueTypeError,
  VERSION,
} from "../../src/index.js";

type Loose = any;

/** Class and message of what a call throws or its promise rejects with; it must be one of the library's own errors. */
async function failure(call: () => unknown): Promise<[unknown, string]> {
  const error = await thrown(call);
  return [error.constructor, error.message];
}

async function thrown(call: () => unknown): Promise<SpikeletError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof SpikeletError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const simulation = (options: Partial<SimulationOptions> = {}): Promise<Simulation> =>
  Simulation.create({ dt: 0.1, ...options });

/** One population of lif neurons with a current receptor and a constant current. */
async function driven(current: number, size = 1): Promise<{ sim: Simulation; pop: Population<typeof lif, "in"> }> {
  const sim = await simulation();
  const pop = sim.population("pop", lif, size, {
    receptors: { in: receptor.exponential({ tau: 5 }) },
    background: [background.constant(current)],
  });
  return { sim, pop };
}

describe("making a simulation", () => {
  it("takes numbers in ms and texts with units", async () => {
    expect((await Simulation.create({ dt: "50 us" })).dt).toBe(0.05);
    const sim = await Simulation.create({ dt: 0.1, seed: 2 ** 53 - 1, name: "net" });
    expect([sim.dt, sim.seed, sim.name, sim.time]).toEqual([0.1, 2 ** 53 - 1, "net", 0]);
  });

  it.each([
    [{ dt: 0 }, ValueRangeError, "dt = 0 ms; it must be > 0 ms."],
    [{ dt: -0.1 }, ValueRangeError, "dt = -0.1 ms; it must be > 0 ms."],
    [{ dt: Number.NaN }, ValueRangeError, "dt = NaN; it must be a finite number."],
    [{}, ValueTypeError, 'dt = undefined; it must be a number in ms or a text such as "10 ms".'],
    [{ dt: 0.1, seed: 1.5 }, ValueRangeError, "seed = 1.5; it must be an integer from 0 to 9007199254740991."],
    [{ dt: 0.1, seed: -1 }, ValueRangeError, "seed = -1; it must be an integer from 0 to 9007199254740991."],
  ])("refuses %j", async (options, kind, message) => {
    expect(await failure(() => Simulation.create(options as Loose))).toEqual([kind, message]);
  });

  it("takes the core as bytes, module or response, and gives the same results with each", async () => {
    const bytes = readFileSync("build/core.wasm");
    const headers = { "content-type": "application/wasm" };
    const sources = [
      undefined,
      bytes,
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      await WebAssembly.compile(bytes),
      new Response(bytes, { headers }),
      Promise.resolve(new Response(bytes, { headers })),
      new URL(`data:application/wasm;base64,${bytes.toString("base64")}`),
    ];
    const results: string[] = [];
    for (const core of sources) {
      const sim = await simulation(core === undefined ? {} : { core });
      const pop = sim.population("pop", izhikevich, 5, {
        background: [background.constant(8), background.whiteNoise({ sigma: 5 })],
      });
      const spikes = sim.record(pop, "spikes");
      await sim.run(200);
      results.push([...spikes.times, ...spikes.neurons, ...pop.state("v")].join());
    }
    expect(new Set(results).size).toBe(1);
    expect((results[0] as string).length).toBeGreaterThan(200);
  });
});

describe("building a network", () => {
  it("refuses a second population of the same name", async () => {
    const sim = await simulation();
    sim.population("exc", lif, 1);
    expect(await failure(() => sim.population("exc", lif, 1))).toEqual([
      DuplicateNameError,
      'exc.name = "exc"; another population has this name.',
    ]);
    expect([...sim.populations.keys()]).toEqual(["exc"]);
  });

  it("names the nearest parameter, state, preset, method, kind and receptor to a misspelt one", async () => {
    const sim = await simulation();
    const add = (options: Loose): Promise<SpikeletError> => thrown(() => sim.population("exc", adex, 4, options));
    const cases: [Loose, unknown, string][] = [
      [{ params: { tau_ww: 1 } }, UnknownKeyError, "tau_w"],
      [{ init: { V: -60 } }, UnknownKeyError, "v"],
      [{ preset: "tonik" }, UnknownNameError, "tonic"],
      [{ method: "rk5" }, UnknownNameError, "rk4"],
      [{ background: [{ kind: "konstant", amplitude: 1 }] }, UnknownNameError, "constant"],
      [{ receptors: { in: { kernel: "exponental", tau: 5 } } }, UnknownNameError, "exponential"],
      [{ parms: {} }, UnknownKeyError, "params"],
    ];
    for (const [options, kind, nearest] of cases) {
      const error = await add(options);
      expect([error.constructor, error.nearest]).toEqual([kind, nearest]);
    }
    expect(sim.populations.size).toBe(0);
  });

  it.each([0, -1, 1.5, 1e7 + 1, Number.NaN, "3"])("refuses the size %j", async (size) => {
    const error = await thrown(async () => (await simulation()).population("exc", lif, size as number));
    expect(error.message).toMatch(/^exc\.size = .*; it must be an integer from 1 to 10000000\.$/);
  });

  it("runs built-in models only", async () => {
    const sim = await simulation();
    expect((await thrown(() => sim.population("own", { ...lif, id: "own" } as ModelRecord, 1))).constructor).toBe(
      UnavailableError,
    );
  });

  it("refuses the exact method with conductances, and takes another one by itself where none was named", async () => {
    const sim = await simulation();
    const receptors = { in: receptor.exponential({ tau: 5, E_rev: 0 }) };
    expect(await failure(() => sim.population("a", lif, 1, { receptors, method: "exact" }))).toEqual([
      ValueRangeError,
      'a.method = "exact"; with conductance receptors (E_rev) the equation is not linear with constant coefficients. ' +
        "Use one of: exponentialEuler, euler, heun, rk4.",
    ]);
    sim.population("b", lif, 1, { receptors });
    expect(sim.check().map((f) => f.code)).toEqual(["method-changed"]);
  });

  it("refuses populations of another simulation", async () => {
    const { sim, pop } = await driven(0);
    const other = (await driven(0)).pop;
    const message = 'the population "pop" belongs to another simulation.';
    const connect = (a: Loose, b: Loose): Promise<unknown> =>
      failure(() => sim.connect(a, b, { rule: "oneToOne", weight: 1 }));
    expect(await connect(other, pop)).toEqual([StateError, message]);
    expect(await connect(pop, other)).toEqual([StateError, message]);
    expect(await failure(() => sim.record(other, "v"))).toEqual([StateError, message]);
  });

  it("refuses what is no population at all", async () => {
    const { sim, pop } = await driven(0);
    for (const nothing of [undefined, null, {}, "pop", { name: "pop" }] as Loose[]) {
      expect((await thrown(() => sim.record(nothing, "v"))).constructor).toBe(StateError);
      expect((await thrown(() => sim.connect(nothing, pop, { rule: "oneToOne", weight: 1 }))).constructor).toBe(
        StateError,
      );
    }
  });

  it("refuses projections that cannot be", async () => {
    const sim = await simulation();
    const a = sim.population("a", lif, 3);
    const b = sim.population("b", lif, 4, { receptors: { in: receptor.delta(), out: receptor.delta() } });
    const c = sim.population("c", lif, 4, { receptors: { g: receptor.exponential({ tau: 5, E_rev: 0 }) } });
    const connect = (from: Loose, to: Loose, options: Loose): Promise<SpikeletError> =>
      thrown(() => sim.connect(from, to, options));
    const all = { rule: "allToAll", weight: 1 };
    expect((await connect(b, a, all)).message).toContain("has no receptors");
    expect((await connect(a, b, all)).message).toContain("in, out");
    expect(await connect(a, b, { ...all, receptor: "inn" })).toMatchObject({ code: "unknown-name", nearest: "in" });
    expect((await connect(a, c, { ...all, rule: "oneToOne" })).constructor).toBe(ConnectionError);
    expect(await connect(a, c, { ...all, weight: -1 })).toMatchObject({ code: "value-range", value: -1 });
    expect(await connect(a, c, { ...all, delay: -1 })).toMatchObject({ code: "value-range", value: -1 });
    expect((await connect(a, c, { ...all, rule: "fixedProbability", p: 1.5 })).code).toBe("value-range");
    expect(sim.projections).toEqual([]);
  });
});

describe("calls without types", () => {
  const odd: readonly Loose[] = [
    null,
    5,
    "x",
    true,
    [],
    () => 1,
    Symbol("s"),
    10n,
    Object.create(null),
    [null],
    Number.NaN,
  ];

  /** Calls with every odd value; gives those that are taken as they are. */
  async function taken(build: boolean, call: (x: Loose, sim: Simulation, pop: Loose, projection: Loose) => unknown) {
    const accepted: unknown[] = [];
    for (const value of odd) {
      const { sim, pop } = await driven(0, 3);
      const projection = sim.connect(pop, pop, { rule: "allToAll", weight: 1 });
      if (build) sim.build();
      try {
        await call(value, sim, pop, projection);
        accepted.push(typeof value === "function" ? "function" : value);
      } catch (error) {
        // Anything but an error of the library is a failure.
        expect(error).toBeInstanceOf(SpikeletError);
        expect((error as Error).message.length).toBeGreaterThan(15);
      }
    }
    return accepted;
  }
  const empty = Object.create(null);

  it.each<[string, boolean, Loose, unknown[]]>([
    ["create", false, (x: Loose) => Simulation.create(x), []],
    ["create name", false, (x: Loose) => Simulation.create({ dt: 0.1, name: x }), ["x"]],
    ["population name", false, (x: Loose, sim: Loose) => sim.population(x, lif, 1), ["x"]],
    ["population model", false, (x: Loose, sim: Loose) => sim.population("q", x, 1), []],
    ["population options", false, (x: Loose, sim: Loose) => sim.population("q", lif, 1, x), [empty]],
    ["connect", false, (x: Loose, sim: Loose, pop: Loose) => sim.connect(pop, pop, x), []],
    ["record variable", false, (x: Loose, sim: Loose, pop: Loose) => sim.record(pop, x), []],
    ["record options", false, (x: Loose, sim: Loose, pop: Loose) => sim.record(pop, "v", x), [empty]],
    ["record neurons", false, (x: Loose, sim: Loose, pop: Loose) => sim.record(pop, "v", { neurons: x }), []],
    [
      "record interpolate",
      false,
      (x: Loose, sim: Loose, pop: Loose) => sim.record(pop, "spikes", { interpolate: x }),
      [true],
    ],
    ["set", false, (x: Loose, _: Loose, pop: Loose) => pop.set(x), [empty]],
    ["set, built", true, (x: Loose, _: Loose, pop: Loose) => pop.set({ tau_m: x }), [5, "function"]],
    ["setBackground", false, (x: Loose, _: Loose, pop: Loose) => pop.setBackground(x), [[]]],
    ["setState", true, (x: Loose, _: Loose, pop: Loose) => pop.setState("v", x), [5]],
    ["setState name", true, (x: Loose, _: Loose, pop: Loose) => pop.setState(x, 1), []],
    ["state", true, (x: Loose, _: Loose, pop: Loose) => pop.state(x), []],
    ["setWeight", true, (x: Loose, _: Loose, __: Loose, projection: Loose) => projection.setWeight(x), [5]],
    ["run", true, (x: Loose, sim: Loose) => sim.run(x), [5]],
    ["run options", true, (x: Loose, sim: Loose) => sim.run(1, x), [empty]],
    ["run chunk", true, (x: Loose, sim: Loose) => sim.run(1, { chunk: x }), [5]],
    ["run signal", true, (x: Loose, sim: Loose) => sim.run(1, { signal: x }), []],
    ["run onProgress", true, (x: Loose, sim: Loose) => sim.run(1, { onProgress: x }), ["function"]],
    ["compareTimeSteps", false, (x: Loose) => compareTimeSteps(x), []],
    ["rheobase", false, (x: Loose) => rheobase(x), []],
    ["rheobase of", false, (x: Loose) => rheobase(lif, x), [empty]],
    ["parseModelFile", false, (x: Loose) => parseModelFile(x), []],
    ["fromDocument", false, (x: Loose) => Simulation.fromDocument(x), []],
  ])("%s: takes what it may and refuses the rest with an error of the library", async (_, build, call, accepted) => {
    expect(await taken(build, call)).toEqual(accepted);
  });

  it.each<[string, () => unknown, string]>([
    ["create", () => Simulation.create({ dt: 0.1, sead: 1 } as Loose), "seed"],
    ["run", async () => (await driven(0)).sim.run(1, { onprogress: () => {} } as Loose), "onProgress"],
    ["compareTimeSteps", () => compareTimeSteps({}, { durations: 5 } as Loose), "duration"],
    ["rheobase", () => rheobase(lif, { param: {} } as Loose), "params"],
  ])("%s: a misspelt option is not passed over", async (_, call, nearest) => {
    expect(await thrown(call)).toMatchObject({ code: "unknown-key", nearest });
  });
});

describe("the order of calls", () => {
  it("nothing can be run without a population", async () => {
    const sim = await simulation();
    const message = "the simulation has no population yet; add one with population().";
    expect(await failure(() => sim.run(1))).toEqual([StateError, message]);
  });

  it("an empty simulation that was run too early can still be filled and run", async () => {
    const sim = await simulation();
    await thrown(() => sim.run(1));
    sim.population("late", lif, 1);
    expect((await sim.run(1)).status).toBe("done");
  });

  it("no population and no projection can be added after the first run", async () => {
    const { sim, pop } = await driven(0);
    await sim.run(0);
    const rest = "cannot be added after the first run: the network's layout in memory is fixed then.";
    expect(await failure(() => sim.population("b", lif, 1))).toEqual([StateError, `a population ${rest}`]);
    const connect = (): unknown => sim.connect(pop, pop, { rule: "allToAll", weight: 1 });
    expect(await failure(connect)).toEqual([StateError, `a projection ${rest}`]);
  });

  it("a second run has to wait for the first", async () => {
    const { sim } = await driven(500);
    const message = "a run is under way; wait for its promise before the next one.";
    const errors: Promise<[unknown, string]>[] = [];
    const again = (): void =>
      void errors.push(
        failure(() => sim.run(1)),
        failure(() => sim.runSync(1)),
      );
    const report = await sim.run(100, { chunk: 50, onProgress: again });
    expect(report.duration).toBe(100);
    expect(await Promise.all(errors)).toEqual(new Array(4).fill([StateError, message]));
    expect((await sim.run(1)).duration).toBe(101);
  });

  it("a run can be started again after its progress callback threw", async () => {
    const { sim } = await driven(500);
    const error = new Error("from the callback");
    const stop = (): void => {
      throw error;
    };
    await expect(sim.run(10, { onProgress: stop, chunk: 2 })).rejects.toBe(error);
    expect((await sim.run(8)).duration).toBe(10);
  });

  it("states are there once the network is built", async () => {
    const { sim, pop } = await driven(0, 2);
    const projection = sim.connect(pop, pop, { rule: "allToAll", weight: 1 });
    expect((await thrown(() => pop.state("v"))).constructor).toBe(StateError);
    expect((await thrown(() => pop.setState("v", -60))).constructor).toBe(StateError);
    expect(await failure(() => projection.read())).toEqual([
      StateError,
      "pop -> pop (in): the network is not built yet; it is at the first run, or call build().",
    ]);
    expect(projection.synapses).toBe(0);
    sim.build();
    expect(projection.synapses).toBe(4);
    expect([...pop.state("v")]).toEqual([-70, -70]);
    expect([...projection.read().sources]).toEqual([0, 0, 1, 1]);
  });

  it.each([
    [-1, "duration = -1 ms; it must be >= 0 ms."],
    ["5 mV", 'duration = "5 mV"; "mV" cannot be converted to ms.'],
    [Number.POSITIVE_INFINITY, "duration = Infinity; it must be a finite number."],
    [1e300, "duration = 1e+300 ms is 1e+301 steps; it must be fewer than 2^52 steps."],
  ])("refuses to run for %j", async (duration, message) => {
    const { sim } = await driven(0);
    expect((await thrown(() => sim.run(duration))).message).toBe(message);
    expect((await sim.run("1 ms")).duration).toBe(1);
  });
});

describe("changing parameters between runs", () => {
  /** v of one euler lif step by step, computed here. */
  function eulerSteps(v: number, E_L: number, I: number, steps: number): number {
    for (let k = 0; k < steps; k++) v += 0.1 * ((E_L - v) / 10 + I / 250);
    return v;
  }

  it("acts from the next step on, not before", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", lif, 1, { method: "euler", background: [background.constant(100)] });
    const v = sim.record(pop, "v");
    await sim.run(2);
    pop.set({ E_L: -75 });
    pop.setBackground([background.constant(-50)]);
    await sim.run(1);
    const values = v.values(0);
    expect(values).toHaveLength(31);
    const before = eulerSteps(-70, -70, 100, 20);
    expect(values[20]).toBeCloseTo(before, 12);
    expect(values[21]).toBeCloseTo(eulerSteps(before, -75, -50, 1), 12);
    expect(values[30]).toBeCloseTo(eulerSteps(before, -75, -50, 10), 12);
  });

  it("a background changed at 5 ms equals, bit for bit, one that was planned to change at 5 ms", async () => {
    const run = async (
      entries: readonly BackgroundInput[],
      later?: readonly BackgroundInput[],
    ): Promise<Float64Array> => {
      const sim = await simulation();
      const pop = sim.population("pop", izhikevich, 2, { background: entries });
      const v = sim.record(pop, "v");
      await sim.run(5);
      if (later) pop.setBackground(later);
      await sim.run(45);
      return v.view().slice();
    };
    const live = await run([background.constant(0)], [background.constant(10)]);
    expect(live).toEqual(
      await run([
        background.piecewise([
          [0, 0],
          [5, 10],
        ]),
      ]),
    );
    expect(live).not.toEqual(await run([background.constant(0)]));
  });

  it("works in the progress callback, exactly at the end of the chunk", async () => {
    const { sim, pop } = await driven(0);
    const v = sim.record(pop, "v");
    const change = ({ time }: Progress): void => {
      if (time === 2) pop.setBackground([background.constant(250)]);
    };
    await sim.run(4, { chunk: 1, onProgress: change });
    const values = v.values(0);
    expect([...values.subarray(0, 21)]).toEqual(new Array(21).fill(-70));
    expect(values[21]).toBeCloseTo(-70 + 10 * -Math.expm1(-0.01), 12);
  });

  it("takes numbers, arrays, functions and distributions, and texts with units", async () => {
    const { sim, pop } = await driven(0, 4);
    sim.build();
    pop.set({ E_L: [-60, -61, -62, -63] });
    await sim.run(1000);
    expect([...pop.state("v")].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([-60, -61, -62, -63]);
    pop.set({ E_L: (n) => -70 - n });
    await sim.run(1000);
    expect([...pop.state("v")].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([-70, -71, -72, -73]);
    pop.set({ E_L: "-0.065 V" });
    await sim.run(1000);
    expect([...pop.state("v")].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([-65, -65, -65, -65]);
    pop.set({ E_L: { uniform: [-80, -75] } });
    await sim.run(1000);
    const drawn = pop.state("v");
    expect(new Set(drawn).size).toBe(4);
    expect(drawn.every((x) => x >= -80 && x <= -75)).toBe(true);
  });

  it("an error changes nothing", async () => {
    for (const build of [false, true]) {
      const { sim, pop } = await driven(600, 3);
      if (build) sim.build();
      expect(await thrown(() => pop.set({ tau_m: -5 }))).toMatchObject({ code: "value-range", path: "pop.tau_m" });
      expect(await thrown(() => pop.set({ V_th: [-50, -50] }))).toMatchObject({ code: "length", path: "pop.V_th" });
      expect(await thrown(() => pop.set({ E_L: -60, V_reset: [-60, -50, -60] }))).toMatchObject({
        code: "value-range",
      });
      expect(await thrown(() => pop.set({ tau_mm: 5 } as Loose))).toMatchObject({
        code: "unknown-name",
        nearest: "tau_m",
      });
      const wrong = [{ kind: "constant", amplitude: [1, 2] }] as Loose;
      expect(await thrown(() => pop.setBackground(wrong))).toMatchObject({ code: "length" });
      const spikes = (await sim.run(50)).populations.pop?.spikes;
      const fresh = await driven(600, 3);
      expect(spikes).toBe((await fresh.sim.run(50)).populations.pop?.spikes);
      expect(spikes).toBeGreaterThan(0);
    }
  });

  it("refuses drawn parameters out of range and keeps the old ones", async () => {
    const { sim, pop } = await driven(0, 50);
    sim.build();
    const error = await thrown(() => pop.set({ tau_m: { normal: [1, 5] } }));
    expect(error.message).toMatch(/^pop\.tau_m\[\d+\] = -.* ms; it must be > 0 ms\.$/);
    await sim.run(1);
    expect(new Set(pop.state("v"))).toEqual(new Set([-70]));
  });

  it("noise goes on where it was when its mean changes, which acts at once", async () => {
    const trace = async (mean: number): Promise<Float64Array> => {
      const sim = await simulation();
      const entry = (m: number): BackgroundInput => background.ornsteinUhlenbeck({ mean: m, sigma: 5, tau: 10 });
      const pop = sim.population("pop", lif, 1, { background: [entry(0)] });
      const current = sim.record(pop, "I_background");
      await sim.run(10);
      pop.setBackground([entry(mean)]);
      await sim.run(10);
      return current.values(0);
    };
    const [a, b] = [await trace(0), await trace(1000)];
    expect(b.subarray(0, 101)).toEqual(a.subarray(0, 101));
    for (let i = 101; i < b.length; i++) expect((b[i] as number) - (a[i] as number)).toBeCloseTo(1000, 9);
  });
});

describe("states and weights between runs", () => {
  it("setState writes one value or one per neuron, and the next step starts from there", async () => {
    const { sim, pop } = await driven(0, 3);
    await sim.run(1);
    pop.setState("v", [-60, -65, -80]);
    expect([...pop.state("v")]).toEqual([-60, -65, -80]);
    await sim.run(0.1);
    const decayed = [-60, -65, -80].map((v) => -70 + (v + 70) * Math.exp(-0.01));
    for (const [n, v] of pop.state("v").entries()) expect(v).toBeCloseTo(decayed[n] as number, 12);
    pop.setState("v", -72);
    expect([...pop.state("v")]).toEqual([-72, -72, -72]);
  });

  it("setState refuses what is no state, a wrong number of values, and what is not finite", async () => {
    const { sim, pop } = await driven(0, 3);
    sim.build();
    expect(await failure(() => pop.setState("w" as Loose, 1))).toEqual([
      UnknownNameError,
      'pop: unknown state "w". Known: v.',
    ]);
    expect(await failure(() => pop.setState("v", [1, 2]))).toEqual([
      LengthError,
      "pop.v: an array of 2 numbers; it must have 3, one per neuron of the population.",
    ]);
    expect(await thrown(() => pop.setState("v", Number.NaN))).toMatchObject({ code: "value-range", path: "pop.v" });
    expect(await thrown(() => pop.setState("v", [-70, Number.POSITIVE_INFINITY, -70]))).toMatchObject({
      code: "value-range",
      path: "pop.v[1]",
    });
    expect([...pop.state("v")]).toEqual([-70, -70, -70]);
  });

  it("states can be given back, drawn conductances below 0 too", async () => {
    const init = { g_in: { normal: [0, 10] } } as const;
    const receptors = { in: receptor.exponential({ tau: 5, E_rev: -80 }) };
    const first = await Simulation.create({ dt: 0.1, seed: 3 });
    const drawn = first.population("cells", lif, 50, { receptors, init });
    first.build();
    const g = drawn.state("g_in");
    expect(Math.min(...g)).toBeLessThan(0);
    const second = await Simulation.create({ dt: 0.1, seed: 4 });
    const given = second.population("cells", lif, 50, { receptors, init: { v: drawn.state("v"), g_in: g } });
    for (const sim of [first, second]) sim.runSync(20);
    expect(given.state("g_in")).toEqual(drawn.state("g_in"));
    expect(given.state("v")).toEqual(drawn.state("v"));
  });

  it("state refuses unknown names and gives copies", async () => {
    const { sim, pop } = await driven(0, 2);
    sim.build();
    expect(await failure(() => pop.state("g_in" as Loose))).toEqual([
      UnknownNameError,
      'pop: unknown state "g_in"; did you mean "i_in"? Known: v, i_in.',
    ]);
    pop.state("v").fill(0);
    expect([...pop.state("v")]).toEqual([-70, -70]);
    expect([...pop.state("i_in")]).toEqual([0, 0]);
  });

  it("a membrane neuron put above the threshold has not crossed it; put below and driven up it does", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", fitzhughNagumo, 2);
    const spikes = sim.record(pop, "spikes");
    await sim.run(1);
    pop.setState("v", [1.5, -0.1]);
    pop.setState("w", -0.7);
    await sim.run(5);
    expect([...spikes.neurons]).toEqual([1]);
  });

  it("setWeight acts on the spikes of the steps to come, before and after the first run", async () => {
    const sim = await simulation();
    const a = sim.population("a", lif, 1, { background: [background.constant(1000)] });
    const b = sim.population("b", lif, 1, { receptors: { in: receptor.exponential({ tau: 5 }) } });
    const projection = sim.connect(a, b, { rule: "oneToOne", weight: 1 });
    const current = sim.record(b, "i_in");
    const spikes = sim.record(a, "spikes");
    projection.setWeight(2);
    await sim.run(10);
    projection.setWeight(40);
    await sim.run(10);
    const jumps = [...spikes.times].map((t) => {
      const at = Math.round(t / 0.1) + 1;
      const values = current.values(0);
      return (values[at] as number) - (values[at - 1] as number) * Math.exp(-0.1 / 5);
    });
    expect(jumps.map((x) => Math.round(x * 1e9) / 1e9)).toEqual([2, 40, 40]);
    expect([...projection.read().weights]).toEqual([40]);
  });

  it("setWeight refuses what is not finite, negative conductances, and weights of their own", async () => {
    for (const build of [false, true]) {
      const sim = await simulation();
      const pop = sim.population("pop", lif, 2, { receptors: { g: receptor.exponential({ tau: 5, E_rev: 0 }) } });
      const common = sim.connect(pop, pop, { rule: "allToAll", weight: 1 });
      const own = sim.connect(pop, pop, { rule: "allToAll", weight: { uniform: [0, 1] } });
      if (build) sim.build();
      expect((await thrown(() => common.setWeight(Number.NaN))).constructor).toBe(ConnectionError);
      expect(await failure(() => common.setWeight(-3))).toEqual([
        ConnectionError,
        "pop -> pop (g): the weight is -3; a conductance must be >= 0.",
      ]);
      expect(await failure(() => own.setWeight(1))).toEqual([
        StateError,
        "pop -> pop (g) #2: the synapses have weights of their own.",
      ]);
    }
  });

  it("refuses weights and delays that are only known when the network is built", async () => {
    const build = async (g: boolean, options: Loose): Promise<SpikeletError> => {
      const sim = await simulation();
      const reversal = g ? { E_rev: 0 } : {};
      const pop = sim.population("pop", lif, 3, { receptors: { in: receptor.exponential({ tau: 5, ...reversal }) } });
      sim.connect(pop, pop, { rule: "allToAll", weight: 1, ...options });
      const error = await thrown(() => sim.build());
      // The error is final, and says so without calling it an instability.
      const again = await thrown(() => sim.run(1));
      expect(again.constructor).toBe(StateError);
      expect(again.message).toBe(`this simulation could not be built and cannot run: ${error.message}`);
      return error;
    };
    expect(await build(true, { weight: (s: number, t: number) => s - t })).toMatchObject({ code: "connection" });
    expect(await build(true, { weight: { normal: [0, 1] } })).toMatchObject({ code: "connection", allowed: ">= 0" });
    expect(await build(false, { weight: () => Number.NaN })).toMatchObject({ code: "connection", value: Number.NaN });
    expect(await build(false, { weight: () => 1e300 })).toMatchObject({ code: "connection", value: 1e300 });
    expect(await build(false, { delay: () => -1 })).toMatchObject({ code: "connection", value: -1 });
    expect(await build(false, { delay: 1e6 })).toMatchObject({ code: "connection", allowed: "at most 100000 ms" });
    expect(await build(false, { delay: () => 1e6 })).toMatchObject({
      code: "connection",
      allowed: "at most 100000 ms",
    });
  });

  it("takes weights beyond single precision where double precision is asked for", async () => {
    const { sim, pop } = await driven(0, 2);
    const projection = sim.connect(pop, pop, { rule: "oneToOne", weight: () => 1e300, weightPrecision: "float64" });
    sim.build();
    expect([...projection.read().weights]).toEqual([1e300, 1e300]);
  });
});

describe("progress and cancelling", () => {
  it("reports each chunk: time, fraction, spikes", async () => {
    const { sim } = await driven(500, 2);
    const seen: Progress[] = [];
    await sim.run(60, { chunk: 20, onProgress: (p) => seen.push(p) });
    expect(seen.map((p) => p.time)).toEqual([20, 40, 60]);
    expect(seen.map((p) => p.fraction)).toEqual([1 / 3, 2 / 3, 1]);
    expect(seen.map((p) => p.spikes)).toEqual([2, 4, 6]);
    expect(seen.every((p) => p.elapsedMs >= 0 && p.remainingMs >= 0)).toBe(true);
    expect(seen.at(-1)?.remainingMs).toBe(0);
    const again: Progress[] = [];
    await sim.run(20, { chunk: 15, onProgress: (p) => again.push(p) });
    expect(again.map((p) => [p.time, p.fraction])).toEqual([
      [75, 0.75],
      [80, 1],
    ]);
  });

  it("the last chunk is shorter, a chunk has at least one step, and chooses itself otherwise", async () => {
    const { sim } = await driven(0);
    const times = async (duration: number, chunk?: number): Promise<number[]> => {
      const seen: number[] = [];
      await sim.run(duration, { ...(chunk === undefined ? {} : { chunk }), onProgress: (p) => seen.push(p.fraction) });
      return seen;
    };
    expect(await times(1, 0.4)).toEqual([0.4, 0.8, 1]);
    expect(await times(0.3, 0.01)).toEqual([1 / 3, 2 / 3, 1]);
    expect(await times(0)).toEqual([]);
    // Longer than the core's own log of steps.
    expect(await times(1000, 500)).toEqual([0.5, 1]);
    const chosen = await times(10_000);
    expect(chosen.at(-1)).toBe(1);
    expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
  });

  it("stops at the end of the chunk in work, keeps the results, and goes on", async () => {
    const { sim, pop } = await driven(500);
    const v = sim.record(pop, "v");
    const controller = new AbortController();
    const options = {
      chunk: 5,
      signal: controller.signal,
      onProgress: (p: Progress) => p.time >= 20 && controller.abort(),
    };
    const report = await sim.run(100, options);
    expect([report.status, report.duration, sim.time, v.length]).toEqual(["cancelled", 20, 20, 201]);
    const rest = await sim.run(80);
    expect([rest.status, rest.duration, v.length]).toEqual(["done", 100, 1001]);
  });

  it("an aborted signal stops before the first step; aborting in the last chunk is no cancelling", async () => {
    const { sim } = await driven(0);
    const early = await sim.run(10, { signal: AbortSignal.abort() });
    expect([early.status, early.duration]).toEqual(["cancelled", 0]);
    const controller = new AbortController();
    const late = await sim.run(10, {
      chunk: 10,
      signal: controller.signal,
      onProgress: ({ phase }) => phase === "simulating" && controller.abort(),
    });
    expect([late.status, late.duration]).toEqual(["done", 10]);
  });

  it("lets timers run, so that a timer can cancel", async () => {
    const { sim } = await driven(500, 2000);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1);
    const report = await sim.run(1e9, { signal: controller.signal });
    expect(report.status).toBe("cancelled");
    expect(report.duration).toBeLessThan(1e9);
  });

  it("runSync does the same steps at once", async () => {
    const [a, b] = [await driven(700, 3), await driven(700, 3)];
    const [x, y] = [a.sim.record(a.pop, "spikes"), b.sim.record(b.pop, "spikes")];
    await a.sim.run(500);
    const report = b.sim.runSync(500);
    expect([report.status, report.duration]).toEqual(["done", 500]);
    expect(y.times).toEqual(x.times);
    expect(x.count).toBeGreaterThan(50);
  });
});

describe("recordings", () => {
  it("a trace has the initial state and the end of every step", async () => {
    const { sim, pop } = await driven(100);
    const v = sim.record(pop, "v");
    sim.build();
    await sim.run(1);
    expect([...v.time].map((t) => Math.round(t * 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([v.population, v.variable, v.unit, v.length]).toEqual(["pop", "v", "mV", 11]);
    const exact = (t: number): number => -70 - 4 * Math.expm1(-t / 10);
    for (const [j, t] of v.time.entries()) expect(v.values(0)[j]).toBeCloseTo(exact(t), 11);
  });

  it("`neurons`, `every` and `from` choose samples out of the full trace", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", lif, 40, { background: [background.constant((n) => 10 * n)] });
    const full = sim.record(pop, "v");
    const some = sim.record(pop, "v", { neurons: [7, 0, 39], every: 0.5, from: 1 });
    const late = sim.record(pop, "v", { neurons: Uint8Array.of(3), every: "0.3 ms", from: 0.75 });
    const never = sim.record(pop, "v", { from: 100 });
    await sim.run(3.05);
    expect([...some.time]).toEqual([1, 1.5, 2, 2.5, 3]);
    expect([...late.time].map((t) => Math.round(t * 10) / 10)).toEqual([0.8, 1.1, 1.4, 1.7, 2, 2.3, 2.6, 2.9]);
    expect([...some.neurons]).toEqual([7, 0, 39]);
    for (const [k, n] of [7, 0, 39].entries()) {
      expect([...some.values(k)]).toEqual([10, 15, 20, 25, 30].map((step) => full.values(n)[step]));
    }
    expect([...late.values(0)]).toEqual([8, 11, 14, 17, 20, 23, 26, 29].map((step) => full.values(3)[step]));
    expect([never.length, [...never.time], [...never.values(0)]]).toEqual([0, [], []]);
    expect(() => some.values(3)).toThrow("values(3): this trace has the positions 0 to 2");
    expect(some.view()).toHaveLength(15);
    expect(some.view()[4]).toBe(some.values(1)[1]);
  });

  it("refuses what cannot be recorded", async () => {
    const { sim, pop } = await driven(0, 5);
    const record = (variable: string, options: Loose = {}): Promise<SpikeletError> =>
      thrown(() => sim.record(pop, variable as Loose, options));
    expect(await record("V")).toMatchObject({
      code: "unknown-name",
      nearest: "v",
      allowed: ["spikes", "v", "i_in", "I_background"],
    });
    expect(await record("g_in")).toMatchObject({ code: "unknown-name", nearest: "i_in" });
    expect(await record("v", { every: 0.15 })).toMatchObject({ code: "value-range", value: 0.15 });
    expect(await record("v", { every: 0 })).toMatchObject({ code: "value-range" });
    expect(await record("v", { from: -1 })).toMatchObject({ code: "value-range" });
    expect(await record("v", { neurons: [5] })).toMatchObject({ code: "value-range", value: 5 });
    expect(await record("v", { neurons: [1, 1] })).toMatchObject({ code: "duplicate-name" });
    expect(await record("v", { neurons: [] })).toMatchObject({ code: "length" });
    expect(await record("v", { neuron: [1] })).toMatchObject({ code: "unknown-key", nearest: "neurons" });
  });

  it("spikes: times, neurons, of one neuron, rate, intervals; from a time on; of some neurons", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", lif, 3, { background: [background.constant([500, 0, 800])] });
    const all = sim.record(pop, "spikes");
    const late = sim.record(pop, "spikes", { from: 50 });
    const one = sim.record(pop, "spikes", { neurons: [2] });
    expect([all.count, all.rate(), all.cv()]).toEqual([0, 0, Number.NaN]);
    await sim.run(40);
    expect(late.rate()).toBe(0);
    await sim.run(60);
    // Intervals of lif on the grid: the first at the grid point after T, the next T + t_ref later.
    const grid = (I: number): number[] => {
      const T = Math.ceil(10 * 10 * Math.log((I * 0.04) / (I * 0.04 - 15))) / 10;
      return Array.from({ length: 20 }, (_, k) => Math.round(10 * (T + k * (T + 2))) / 10).filter((t) => t <= 100);
    };
    const rounded = (times: Float64Array): number[] => [...times].map((t) => Math.round(10 * t) / 10);
    expect(rounded(all.of(0))).toEqual(grid(500));
    expect(rounded(all.of(2))).toEqual(grid(800));
    expect(all.of(1)).toHaveLength(0);
    expect(rounded(one.times)).toEqual(grid(800));
    expect(new Set(one.neurons)).toEqual(new Set([2]));
    expect(rounded(late.times)).toEqual([...grid(500), ...grid(800)].filter((t) => t > 50).sort((a, b) => a - b));
    expect(all.rate()).toBeCloseTo((1000 * all.count) / 3 / 100, 9);
    expect(late.rate()).toBeCloseTo((1000 * late.count) / 3 / 50, 9);
    expect(all.cv()).toBeCloseTo(0, 9);
    expect([...all.times]).toEqual([...all.times].sort((a, b) => a - b));
    expect(all.view().times).toEqual(all.times);
    all.times.fill(0);
    expect(all.times[0]).toBeGreaterThan(0);
  });

  it("interpolated spike times lie within the step and close to the true crossing", async () => {
    const sim = await simulation({ dt: 0.5 });
    const currents = Float64Array.from({ length: 50 }, (_, n) => 400 + 17.3 * n);
    const pop = sim.population("pop", lif, 50, { background: [background.constant(currents)] });
    const grid = sim.record(pop, "spikes");
    const between = sim.record(pop, "spikes", { interpolate: true });
    await sim.run(30);
    expect([grid.interpolated, between.interpolated]).toEqual([false, true]);
    expect([...between.times]).toEqual([...between.times].sort((a, b) => a - b));
    let worst = 0;
    for (const [n, I] of currents.entries()) {
      const [a, b] = [grid.of(n), between.of(n)];
      expect(b).toHaveLength(a.length);
      for (const [k, t] of b.entries()) {
        expect(t).toBeGreaterThan((a[k] as number) - 0.5 - 1e-9);
        expect(t).toBeLessThanOrEqual((a[k] as number) + 1e-9);
      }
      worst = Math.max(worst, Math.abs((b[0] as number) - 10 * Math.log((0.04 * I) / (0.04 * I - 15))));
    }
    // The curvature of v within a step: at most dt^2/8 |v''/v'| = 0.5^2/8/10 = 0.003 ms.
    expect(worst).toBeLessThan(0.0032);
    expect(worst).toBeGreaterThan(0);
  });

  it("I_background is the sum of all currents, as it acts from that time on", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", lif, 2, {
      background: [
        background.constant([5, 6]),
        background.sine({ amplitude: 3, frequency: 50, phase: "90 deg", offset: 1 }),
        background.pulses({ amplitude: 100, start: 1, width: 0.5 }),
        background.ramp({ start: 0, end: 2, from: 0, to: 20 }),
        background.piecewise([[0.5, 7, 2]]),
        background.samples({ dt: 1, values: [0, 1000] }),
      ],
    });
    const I = sim.record(pop, "I_background", { every: 0.1 });
    await sim.run(3);
    expect(I.unit).toBe("pA");
    for (let step = 0; step <= 30; step++) {
      const t = step / 10;
      const expected =
        5 +
        3 * Math.cos(0.1 * Math.PI * t) +
        1 +
        (t >= 1 && t < 1.5 ? 100 : 0) +
        10 * Math.min(t, 2) +
        (t >= 0.5 ? 7 + 2 * (t - 0.5) : 0) +
        (t >= 1 ? 1000 : 0);
      expect(I.values(0)[step]).toBeCloseTo(expected, 9);
      expect(I.values(1)[step]).toBeCloseTo(expected + 1, 9);
    }
  });

  it("I_background of noise is the noise that acts: it explains every step of v", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", lif, 3, {
      method: "euler",
      background: [
        background.whiteNoise({ sigma: 50, mean: 20 }),
        background.ornsteinUhlenbeck({ mean: 5, sigma: 40, tau: 3 }),
      ],
    });
    const I = sim.record(pop, "I_background");
    const v = sim.record(pop, "v");
    await sim.run(20);
    for (let n = 0; n < 3; n++) {
      const [current, x] = [I.values(n), v.values(n)];
      for (let k = 0; k < 200; k++) {
        const next = (x[k] as number) + 0.1 * ((-70 - (x[k] as number)) / 10 + (current[k] as number) / 250);
        expect(x[k + 1]).toBeCloseTo(next, 10);
      }
      expect(new Set(current).size).toBe(201);
    }
  });

  it("g_ and i_ traces rise when a spike arrives and decay with tau", async () => {
    const sim = await simulation();
    const source = sim.population("source", lif, 1, {
      background: [background.pulses({ amplitude: 1e5, width: 0.5 })],
    });
    const target = sim.population("target", lif, 1, {
      receptors: {
        slow: receptor.exponential({ tau: 8, E_rev: 0 }),
        fast: receptor.exponential({ tau: 3 }),
        kick: receptor.delta(),
      },
    });
    sim.connect(source, target, { rule: "allToAll", receptor: "slow", weight: 4, delay: 1.5 });
    sim.connect(source, target, { rule: "allToAll", receptor: "fast", weight: -6 });
    sim.connect(source, target, { rule: "allToAll", receptor: "kick", weight: 0.25, delay: 0.3 });
    const g = sim.record(target, "g_slow");
    const i = sim.record(target, "i_fast");
    const v = sim.record(target, "v");
    const spikes = sim.record(source, "spikes");
    await sim.run(10);
    expect([g.unit, i.unit]).toEqual(["nS", "pA"]);
    expect([...spikes.times]).toEqual([0.1]);
    const shape = (start: number, weight: number, tau: number): number[] =>
      Array.from({ length: 101 }, (_, step) => (step < start ? 0 : weight * Math.exp((-0.1 * (step - start)) / tau)));
    // Found in step 0, hence at 0.1 ms; with a delay of d steps it acts at the end of step d.
    for (const [j, x] of shape(16, 4, 8).entries()) expect(g.values(0)[j]).toBeCloseTo(x, 12);
    for (const [j, x] of shape(2, -6, 3).entries()) expect(i.values(0)[j]).toBeCloseTo(x, 12);
    const jump = (v.values(0)[4] as number) - (v.values(0)[3] as number);
    expect(jump).toBeGreaterThan(0.23);
    expect(jump).toBeLessThan(0.25);
  });

  it("`recordings` has the first spike recording of each population and all traces", async () => {
    const { sim, pop } = await driven(0);
    const first = sim.record(pop, "spikes");
    sim.record(pop, "spikes", { from: 1 });
    const v = sim.record(pop, "v");
    expect(sim.recordings.spikes.get("pop")).toBe(first);
    expect(sim.recordings.traces).toEqual([v]);
  });
});

describe("the report", () => {
  it("counts what happened", async () => {
    const sim = await simulation({ seed: 7, name: "pair" });
    const a = sim.population("a", lif, 2, { background: [background.constant([500, 0])] });
    const b = sim.population("b", lif, 3, { receptors: { in: receptor.exponential({ tau: 5 }) } });
    sim.connect(a, b, { rule: "allToAll", weight: 1 });
    await sim.run(50);
    const report = await sim.run(50);
    expect(report).toEqual({
      status: "done",
      name: "pair",
      version: VERSION,
      seed: 7,
      dt: 0.1,
      duration: 100,
      populations: {
        a: { size: 2, spikes: 6, rate: 30, cv: expect.closeTo(0, 9) },
        b: { size: 3, spikes: 0, rate: 0, cv: null },
      },
      synapses: 6,
      wallMs: { setup: expect.any(Number), simulate: expect.any(Number) },
      realTimeFactor: report.wallMs.simulate / 100,
      // 6 spikes in 100 ms, onto a neuron each 1 pA for 5 ms.
      findings: [expect.objectContaining({ code: "silent", population: "b", value: 0.3, limit: 375 })],
    });
    expect(Object.values(report.wallMs).every((x) => Number.isFinite(x) && x >= 0)).toBe(true);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("a run of nothing is no division by zero", async () => {
    const { sim } = await driven(0);
    const report = await sim.run(0);
    expect([report.duration, report.realTimeFactor, report.populations.pop]).toEqual([
      0,
      0,
      { size: 1, spikes: 0, rate: 0, cv: null },
    ]);
  });

  it("is not made where a run is told so, and is there when it is asked for", async () => {
    const { sim } = await driven(3);
    expect(await sim.run(60.04, { report: false })).toBeUndefined();
    expect(sim.runSync(40, { report: false })).toBeUndefined();
    const other = await driven(3);
    await other.sim.run(60.04);
    const { wallMs: _, realTimeFactor: __, ...report } = await other.sim.run(40);
    expect(sim.report()).toMatchObject(report);
    const aborted = AbortSignal.abort();
    expect(await sim.run(10, { report: false, signal: aborted })).toBeUndefined();
    expect(sim.report().status).toBe("cancelled");
    await expect(sim.run(1, { report: "no" as never })).rejects.toThrow(/run\.report/);
  });

  it("calls activity near the refractory ceiling seizure-like, and moderate activity not", async () => {
    const codes = async (current: number, t_ref: Loose): Promise<Finding | undefined> => {
      const { sim, pop } = await driven(current, 5);
      pop.set({ t_ref });
      return (await sim.run(200)).findings.find((f) => f.code === "seizure");
    };
    const finding = await codes(5000, 2);
    expect(finding).toMatchObject({ level: "warning", population: "pop", parameter: "rate", limit: 500 / 2.1 });
    expect(finding?.value).toBeGreaterThan(500 / 2.1);
    expect(finding?.message).toContain("its refractory ceiling is 476.2 Hz: seizure-like activity");
    expect(await codes(600, 2)).toBeUndefined();
    expect(await codes(5000, 0)).toMatchObject({ limit: 250 });
    // Of an array it is the mean of the neurons' ceilings.
    const periods = Array.from({ length: 5 }, (_, i) => (i < 4 ? 2 : 0));
    expect((await codes(5000, periods))?.limit).toBeCloseTo(0.5 * ((4 * 1000) / 2.1 + 500) / 5, 9);
    expect((await codes(5000, { uniform: [2, 2] }))?.limit).toBeCloseTo(500 / 2.1, 9);
    expect(await codes(600, [2, 2, 2, 2, 2])).toBeUndefined();
    // The same rate is a seizure only where the refractory period is long.
    expect(await codes(900, 20)).toMatchObject({ limit: 500 / 20.1 });
    expect(await codes(900, 2)).toBeUndefined();
  });
});

describe("an unstable run", () => {
  it("stops with population, neuron, variable, time and last value, and keeps the results so far", async () => {
    const sim = await simulation();
    const good = sim.population("good", lif, 2, { background: [background.constant(1500)] });
    const bad = sim.population("bad", hodgkinHuxley, 3, {
      method: "euler",
      background: [background.constant([0, 10, 0])],
    });
    const v = sim.record(bad, "v");
    const spikes = sim.record(good, "spikes");
    const error = (await thrown(() => sim.run(50))) as InstabilityError;
    expect(error).toBeInstanceOf(InstabilityError);
    expect(error).toMatchObject({ population: "bad", neuron: 1, variable: "v", path: "bad.v[1]", code: "instability" });
    expect(error.time).toBe(sim.time);
    expect(error.time).toBeGreaterThan(0);
    expect(error.time).toBeLessThan(50);
    expect(Math.abs(error.value as number)).toBeGreaterThan(1000);
    // The trace has the last value within bounds, and the one that left them.
    const trace = v.values(1);
    expect([trace.at(-2), trace.at(-1)]).toEqual([error.lastFinite, error.value]);
    expect(Math.abs(error.lastFinite)).toBeLessThanOrEqual(1000);
    expect(v.time.at(-1)).toBe(error.time);
    expect(error.message).toContain("the run is unstable. euler cannot follow this neuron with dt = 0.1 ms");
    expect(error.remedy).toContain("or the method ");
    const report = error.report as Loose;
    expect(report).toMatchObject({ status: "unstable", duration: error.time });
    expect(report.populations.good.spikes).toBe(spikes.count);
    expect(report.findings[0]).toMatchObject({ level: "error", code: "unstable", population: "bad", parameter: "v" });
    expect(report.findings.map((f: Finding) => f.code)).toContain("dt-above-method-limit");
  });

  it("keeps the spikes and traces of the time before", async () => {
    const network = async (): Promise<[Simulation, () => Float64Array[]]> => {
      const sim = await simulation();
      const good = sim.population("good", lif, 2, { background: [background.constant([1500, 2000])] });
      // Stable until the current comes: then it falls without bound in few steps.
      const bad = sim.population("bad", izhikevich, 1, {
        background: [background.pulses({ amplitude: -1e7, start: 40, width: 5 })],
      });
      const recordings = [sim.record(good, "spikes"), sim.record(bad, "spikes")];
      const trace = sim.record(good, "v", { every: 1 });
      return [sim, () => [...recordings.map((r) => r.times), trace.view().slice()]];
    };
    const [stopped, begun] = await network();
    const error = (await thrown(() => stopped.run(100))) as InstabilityError;
    expect(error.time).toBeGreaterThan(40);
    expect(error.time).toBeLessThan(42);
    const [whole, ended] = await network();
    await whole.run(40);
    for (const [k, series] of ended().entries()) expect(begun()[k]?.subarray(0, series.length)).toEqual(series);
    expect(ended()[0]?.length).toBeGreaterThan(10);
  });

  it("finds a runaway of the other states too", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", fitzhughNagumo, 3, { params: { a: [0.7, 0.7, 0.7] } });
    await sim.run(1);
    pop.setState("w", [0, 1e6, 0]);
    const error = (await thrown(() => sim.run(10))) as InstabilityError;
    expect(error).toMatchObject({ code: "instability", population: "pop", neuron: 1 });
    expect(["v", "w"]).toContain(error.variable);
  });

  it.each([0, 1, 2])(
    "finds neuron %i of three with another state out of its bounds at the end of a run",
    async (neuron) => {
    const sim = await simulation({ dt: 0.01 });
    const pop = sim.population("pop", fitzhughNagumo, 3);
    await sim.run(0.01);
    pop.setState("w", Float64Array.from({ length: 3 }, (_, i) => (i === neuron ? 150 : -0.6)));
      expect(await thrown(() => sim.run(0.01))).toMatchObject({
        code: "instability",
        population: "pop",
        neuron,
        variable: "w",
      });
  });

  it("cannot go on", async () => {
    const sim = await simulation();
    const pop = sim.population("pop", hodgkinHuxley, 1, { method: "euler", background: [background.constant(10)] });
    const error = await thrown(() => sim.run(50));
    const again = await thrown(() => sim.run(1));
    expect(again.constructor).toBe(StateError);
    expect(again.message).toBe(`this simulation became unstable and cannot go on: ${error.message}`);
    expect((await thrown(() => sim.record(pop, "v"))).constructor).toBe(StateError);
  });
});

describe("memory", () => {
  const refused = async (build: (sim: Simulation) => void): Promise<string> => {
    const sim = await simulation({ threads: 1 });
    build(sim);
    const error = await thrown(() => sim.run(1));
    expect(error.constructor).toBe(MemoryError);
    return error.message;
  };
  const receptors = { in: receptor.exponential({ tau: 5 }) };

  it("refuses long delays onto many neurons", async () => {
    const message = await refused((sim) => {
      const pop = sim.population("pop", lif, 10_000, { receptors });
      sim.connect(pop, pop, { rule: "oneToOne", weight: 1, delay: 1e5 });
    });
    expect(message).toMatch(/^pop: 1000000 steps of delay for up to 10000 spikes each: 40\.00 GB needed beside /);
    const onRing = await refused((sim) => {
      const pop = sim.population("pop", lif, 10_000, { receptors });
      sim.connect(pop, pop, { rule: "oneToOne", weight: 1, delay: 1e5, release: 0.5 });
    });
    expect(onRing).toMatch(/^pop\.in: 1000000 steps of delay for 10000 neurons: 80\.00 GB needed beside /);
  });

  it.each([
    ["allToAll", { rule: "allToAll" }, 1e6 * 1e6],
    ["allToAll without autapses", { rule: "allToAll", autapses: false }, 1e6 * 1e6 - 1e6],
    ["fixedIndegree", { rule: "fixedIndegree", k: 4e9 }, 1e6 * 4e9],
    ["fixedProbability", { rule: "fixedProbability", p: 0.5 }, undefined],
    ["fixedProbability of 1", { rule: "fixedProbability", p: 1, autapses: true }, 1e6 * 1e6],
    ["weights", { rule: "fixedIndegree", k: 2000, weight: { uniform: [0, 1] } }, 2e9],
  ])("refuses more synapses than fit, without counting them out: %s", async (_, options, synapses) => {
    const message = await refused((sim) => {
      const pop = sim.population("pop", lif, 1e6, { receptors });
      sim.connect(pop, pop, { weight: 1, ...(options as { rule: "allToAll" }) });
    });
    expect(message).toMatch(/^pop -> pop \(in\): (about )?\d+ synapses: .* GB needed beside /);
    if (synapses !== undefined) expect(message).toContain(`: ${synapses} synapses:`);
  });

  it("refuses neurons with more states than fit", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, k) => [`r${k}`, receptor.exponential({ tau: 5 + k })]),
    );
    const message = await refused((sim) => sim.population("pop", lif, 1e7, { receptors: many }));
    expect(message).toMatch(
      /^pop\.r5\d: states: 80\.0 MB needed beside 4\.\d+ GB in use; a WebAssembly memory holds at most/,
    );
  });
});

describe("check()", () => {
  interface Fixture {
    readonly code: string;
    readonly level: Finding["level"];
    /** A network that has the finding, and one beside it that has not. */
    readonly bad: (sim: Simulation) => void;
    readonly good: (sim: Simulation) => void;
    readonly dt?: number;
    readonly goodDt?: number;
    readonly finding: Partial<Finding>;
    readonly text: string;
  }
  const g = (tau: number): Loose => ({ receptors: { exc: receptor.exponential({ tau, E_rev: 0 }) } });
  const add =
    (model: ModelRecord, options: Loose = {}) =>
    (sim: Simulation): Loose =>
      sim.population("pop", model, 3, options);
  const delayed =
    (delay: number) =>
    (sim: Simulation): void => {
      const pop = add(lif, { receptors: { in: receptor.exponential({ tau: 5 }) } })(sim);
      sim.connect(pop, pop, { rule: "allToAll", weight: 1, delay });
    };
  const joined =
    (weight: number) =>
    (sim: Simulation): void => {
      const pop = add(lif)(sim);
      sim.connect(pop, pop, { rule: "allToAll", weight, gapJunction: true });
    };
  const rising =
    (slope: number) =>
    (sim: Simulation): void => {
      sim.population("pop", poisson, 1, { params: { rate: { points: [[0, 0, slope]] } } });
    };
  const cubic =
    (method: "euler" | "exponentialEuler") =>
    (sim: Simulation): void => {
      const model = defineModel({ name: "cubic", equations: "dv/dt = (I - v**3)/ms : 1" });
      sim.population("pop", model, 1, { method, init: { v: 0 } });
    };
  const ruled =
    (synapse: string, onPre: string) =>
    (sim: Simulation): void => {
      const source = sim.population("source", poisson, 5);
      const pop = sim.population("pop", lif, 3, { receptors: { in: receptor.exponential({ tau: 5 }) } });
      const rule = definePlasticityRule({ name: "leaky", synapse, onPre });
      sim.connect(source, pop, { rule: "allToAll", weight: 1, plasticity: { kind: rule } });
    };
  const deaf =
    (inputs: BackgroundInput[]) =>
    (sim: Simulation): void => {
      const model = defineModel({
        name: "deaf",
        equations: "dv/dt = -v/(10*ms) : 1",
        threshold: "v > 1",
        reset: "v = 0",
      });
      sim.population("pop", model, 1, { background: inputs, receptors: { kick: receptor.delta() } });
    };
  const learning =
    (kind: "stdp" | "tripletStdp" | "inhibitoryStdp") =>
    (sim: Simulation): void => {
      const pop = add(lif, { receptors: { in: receptor.exponential({ tau: 5 }) } })(sim);
      const taus = { tau_plus: 20, tau_minus: 20 };
      const rules = {
        stdp: { kind: "stdp", A_plus: 0.01, A_minus: 0.01, ...taus, w_max: 2 },
        tripletStdp: {
          kind: "tripletStdp",
          A2_plus: 0,
          A3_plus: 0,
          A2_minus: 0,
          A3_minus: 0,
          ...taus,
          tau_x: 9,
          tau_y: 9,
          w_max: 2,
        },
        inhibitoryStdp: { kind: "inhibitoryStdp", eta: 0.1, rho_0: 5, tau: 20, w_max: 2 },
      } as const;
      sim.connect(pop, pop, { rule: "allToAll", weight: 1, plasticity: rules[kind] });
    };
  const fixtures: Fixture[] = [
    {
      code: "time-constant",
      level: "error",
      text: "a time constant must be finite and > 0 ms",
      bad: add(adex, { params: { tau_w: { normal: [10, 8] } } }),
      good: add(adex, { params: { tau_w: { normal: [10, 2] } } }),
      finding: { parameter: "tau_w", value: -6, limit: 0 },
    },
    {
      code: "dt-above-tau",
      level: "error",
      text: "or the method exact, which has no limit",
      bad: add(lif, { method: "euler", params: { tau_m: 0.1 } }),
      good: add(lif, { method: "euler", params: { tau_m: 0.11 } }),
      finding: { parameter: "tau_m", value: 0.1, limit: 0.1 },
    },
    {
      code: "tau-below-3dt",
      level: "warning",
      text: "Use dt <= 0.025 ms",
      bad: add(lif, { method: "euler", params: { tau_m: 0.25 } }),
      good: add(lif, { method: "euler", params: { tau_m: 0.35 } }),
      finding: { parameter: "tau_m", value: 0.25, limit: 0.3 * 1 },
    },
    {
      code: "tau-below-10dt",
      level: "warning",
      text: "is less than ten steps of dt = 0.1 ms",
      bad: add(adaptiveLif, { method: "rk4", params: { tau_w: [30, 0.9, 40] } }),
      good: add(adaptiveLif, { method: "rk4", params: { tau_w: [30, 1.1, 40] } }),
      finding: { parameter: "tau_w", value: 0.9, limit: 1 },
    },
    {
      code: "membrane-tau-below-1",
      level: "warning",
      text: "unphysiological",
      bad: add(lif, { params: { tau_m: 0.9 } }),
      good: add(lif, { params: { tau_m: 1 } }),
      finding: { parameter: "tau_m", value: 0.9, limit: 1 },
    },
    {
      code: "membrane-tau-below-10",
      level: "note",
      text: "10 ms or more is usual for a membrane",
      bad: add(eif, { params: { C_m: 200, g_L: { uniform: [20, 25] } } }),
      good: add(eif, { params: { C_m: 200, g_L: 20 } }),
      finding: { parameter: "C_m / g_L", value: 8, limit: 10 },
    },
    {
      code: "dt-unstable",
      level: "error",
      text: "rk4 of hodgkinHuxley blows up",
      bad: add(hodgkinHuxley, { method: "rk4", params: { g_Na: 480 } }),
      good: add(hodgkinHuxley, { method: "rk4", params: { g_Na: 480 } }),
      dt: 0.05,
      goodDt: 0.01,
      finding: { parameter: "dt", value: 0.05 },
    },
    {
      code: "dt-above-stable-step",
      level: "warning",
      text: "euler of morrisLecar is stable up to",
      bad: add(morrisLecar, { method: "euler", params: { C_m: 1 } }),
      good: add(morrisLecar, { method: "euler", params: { C_m: 1 } }),
      dt: 0.4,
      goodDt: 0.1,
      finding: { parameter: "dt", value: 0.4 },
    },
    {
      code: "dt-above-method-limit",
      level: "error",
      text: "or the method strangSplitting, which stays bounded",
      bad: add(hodgkinHuxley, { method: "rk4" }),
      good: add(hodgkinHuxley, { method: "rk4" }),
      goodDt: 0.08,
      finding: { parameter: "dt", value: 0.1, limit: 0.08 },
    },
    {
      code: "exponential-euler-accuracy",
      level: "note",
      text: "of hodgkinHuxley are about 50 % per ms of dt too long, 5 % here; 1 % needs dt <= 0.02 ms. rk4 is within 0.0001 % with dt <= 0.05 ms.",
      bad: add(hodgkinHuxley, { method: "exponentialEuler" }),
      good: add(hodgkinHuxley, { method: "exponentialEuler" }),
      goodDt: 0.02,
      finding: { parameter: "dt", value: 0.1, limit: 0.02 },
    },
    {
      code: "exponential-euler-accuracy",
      level: "note",
      text: "of traubMiles are about 80 % per ms of dt too long, 8 % here; 1 % needs dt <= 0.0125 ms. rk4 is within 0.01 % with dt <= 0.05 ms.",
      bad: add(traubMiles, { method: "exponentialEuler" }),
      good: add(traubMiles, { method: "exponentialEuler" }),
      goodDt: 0.0125,
      finding: { parameter: "dt", value: 0.1, limit: 0.0125 },
    },
    {
      code: "strang-splitting-accuracy",
      level: "note",
      text: "of hodgkinHuxley are about 2 % too long; 1 % needs dt <= 0.141 ms. rk4 is within 0.0001 % with dt <= 0.05 ms.",
      bad: add(hodgkinHuxley),
      dt: 0.2,
      good: add(hodgkinHuxley),
      goodDt: 0.1,
      finding: { parameter: "dt", value: 0.2, limit: 0.141 },
    },
    {
      code: "stdp-dt-above-0.1",
      level: "warning",
      text: "pop -> pop: dt = 0.5 ms: spikes of both sides in one step count as a pair without delay",
      bad: learning("stdp"),
      dt: 0.5,
      goodDt: 0.1,
      good: learning("stdp"),
      finding: { parameter: "dt", value: 0.5, limit: 0.1 },
    },
    {
      code: "stdp-dt-above-0.1",
      level: "warning",
      text: "weights grow with dt",
      bad: learning("tripletStdp"),
      dt: 0.2,
      good: learning("inhibitoryStdp"),
      goodDt: 0.2,
      finding: { parameter: "dt", value: 0.2, limit: 0.1 },
    },
    {
      code: "dt-above-0.1",
      level: "warning",
      text: "models that diverge and reset want dt <= 0.1 ms",
      bad: add(izhikevich),
      good: add(izhikevich),
      dt: 0.2,
      goodDt: 0.1,
      finding: { parameter: "dt", value: 0.2, limit: 0.1 },
    },
    {
      code: "half-step-dt",
      level: "note",
      text: "published scheme for dt 1 ms",
      bad: add(izhikevich, { method: "halfStep" }),
      good: add(izhikevich, { method: "halfStep" }),
      goodDt: 1,
      finding: { parameter: "dt", value: 0.1, limit: 1 },
    },
    {
      code: "exponential-overflow",
      level: "warning",
      text: "and overflows",
      bad: add(adex, { method: "rk4", params: { Delta_T: 0.05 } }),
      good: add(adex, { method: "rk4", params: { Delta_T: 1 } }),
      finding: { parameter: "V_peak", limit: 100 },
    },
    {
      code: "receptor-tau-below-3",
      level: "warning",
      text: "receptor exc: tau = 2.9 ms",
      bad: add(lif, { ...g(2.9), method: "euler" }),
      good: add(lif, { ...g(3), method: "euler" }),
      finding: { parameter: "exc.tau", value: 2.9, limit: 3 },
    },
    {
      code: "method-changed",
      level: "note",
      text: "with conductances lif uses exponentialEuler",
      bad: add(lif, g(5)),
      good: add(lif, { ...g(5), method: "exponentialEuler" }),
      finding: { parameter: "method" },
    },
    {
      code: "time-rounded",
      level: "note",
      text: "1.3 ms is used",
      bad: delayed(1.27),
      good: delayed(1.3),
      finding: { parameter: "delay", value: 1.27, limit: 1.3 },
    },
    {
      code: "time-rounded",
      level: "note",
      text: "1.3 ms is used",
      bad: add(lif, { receptors: { in: receptor.step({ duration: 1.27 }) } }),
      good: add(lif, { receptors: { in: receptor.step({ duration: 1.3 }) } }),
      finding: { parameter: "in.duration", value: 1.27, limit: 1.3 },
    },
    {
      code: "gap-junctions-too-strong",
      level: "error",
      text: "it overshoots",
      bad: joined(1000),
      good: joined(400),
      finding: { parameter: "dt", value: 0.1, limit: 0.125 / 3 },
    },
    {
      code: "gap-junctions-too-strong",
      level: "warning",
      text: "60 % of its distance",
      bad: joined(500),
      good: joined(400),
      finding: { parameter: "dt", value: 0.1, limit: 0.25 / 3 },
    },
    {
      code: "rate-too-high",
      level: "error",
      text: "at most 1000000000 Hz, 100000 in a step",
      bad: rising(1e7),
      good: rising(1e5),
      finding: { parameter: "rate", value: 1e10 },
    },
    {
      code: "no-input",
      level: "warning",
      text: "the equations of deaf do not contain I, so that the currents of its background and receptors do nothing",
      bad: deaf([background.constant(1)]),
      good: deaf([]),
      finding: { parameter: null },
    },
    {
      code: "equation-method",
      level: "note",
      text: "its equation is not linear in v; exponentialEuler takes it by euler",
      bad: cubic("exponentialEuler"),
      good: cubic("euler"),
      finding: { parameter: null },
    },
    {
      code: "rule-every-step",
      level: "note",
      text: "the rule leaky passes over all synapses (about 15) in each step",
      bad: ruled("dw/dt = -w/(10*ms) : 1 (clock-driven)", ""),
      good: ruled("", "w *= 0.9"),
      finding: { parameter: null, value: 15 },
    },
  ];

  it.each(fixtures)("$level $code", async ({ code, level, bad, good, dt = 0.1, goodDt = dt, finding, text }) => {
    const findings = async (build: (sim: Simulation) => void, step: number): Promise<Finding[]> => {
      const sim = await simulation({ dt: step });
      build(sim);
      const found = sim.check();
      // The same before and after the network is built, and in the report.
      sim.build();
      expect(sim.check()).toEqual(found);
      return found.filter((f) => f.code === code);
    };
    const [found, ...more] = await findings(bad, dt);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ level, population: "pop", parameter: finding.parameter });
    for (const key of ["value", "limit"] as const) {
      if (typeof finding[key] === "number") expect(found?.[key]).toBeCloseTo(finding[key], 9);
    }
    expect(found?.message).toContain(text);
    expect(await findings(good, goodDt)).toEqual([]);
  });

  it("says nothing of membranes that are as published, and rounds the others", async () => {
    const messages = async (options: Loose): Promise<string[]> => {
      const sim = await simulation();
      sim.population("pop", adex, 2, options);
      return sim.check().filter((f) => f.code === "membrane-tau-below-10").map((f) => f.message);
    };
    expect(await messages({})).toEqual([]);
    expect(await messages({ preset: "initialBurst" })).toEqual([]);
    expect(await messages({ params: { C_m: 281, g_L: 30 } })).toEqual([]);
    expect(await messages({ params: { g_L: 35 } })).toEqual(["C_m / g_L = 8.029 ms: 10 ms or more is usual for a membrane."]);
    expect(await messages({ params: { C_m: [281, 250] } })).toEqual(["C_m / g_L = 8.333 ms: 10 ms or more is usual for a membrane."]);
  });

  it("has no rule without a fixture here", () => {
    const files = ["stability", "stepCheck", "times"].map((name) => `src/sim/${name}.ts`);
    const source = files.map((file) => readFileSync(file, "utf8")).join("");
    const codes = [...source.matchAll(/code: "([^"]+)"/g)].map(([, code]) => code);
    expect([...new Set(codes)].sort()).toEqual([...new Set(fixtures.map((f) => f.code))].sort());
  });

  it("sorts errors before warnings before notes, and finds nothing in a good network", async () => {
    const sim = await simulation({ dt: 0.5 });
    add(lif, { method: "euler", params: { tau_m: 0.4 }, receptors: { e: receptor.exponential({ tau: 2 }) } })(sim);
    sim.population("hh", hodgkinHuxley, 1);
    const levels = sim.check().map((f) => f.level);
    expect(levels).toEqual(
      [...levels].sort((a, b) => ["error", "warning", "note"].indexOf(a) - ["error", "warning", "note"].indexOf(b)),
    );
    expect(new Set(levels).size).toBe(3);
    const good = await simulation();
    good.population("a", lif, 1);
    good.population("b", izhikevich, 1);
    good.population("c", morrisLecar, 1);
    expect(good.check()).toEqual([]);
  });

  it("follows changes of parameters", async () => {
    const { sim, pop } = await driven(0);
    expect(sim.check()).toEqual([]);
    await sim.run(1);
    pop.set({ tau_m: 0.5 });
    expect(sim.check().map((f) => f.code)).toEqual(["membrane-tau-below-1"]);
    expect((await sim.run(1)).findings.map((f) => f.code)).toEqual(["membrane-tau-below-1"]);
  });
});

describe("compareTimeSteps", () => {
  const network = (model: string, amplitude: number, more: object = {}): object => ({
    dt: 0.1,
    duration: 200,
    populations: [{ name: "pop", model, size: 2, background: [{ kind: "constant", amplitude }], ...more }],
  });

  it("finds the exact method exact up to the grid", async () => {
    const [result] = await compareTimeSteps(network("lif", 517));
    expect(result).toMatchObject({ population: "pop", spikes: [26, 26], rates: [65, 65] });
    expect(result?.largestShift).toBeLessThan(2);
    expect(result?.firstShift).toBeLessThanOrEqual(0.1);
    expect(result?.medianShift).toBeLessThanOrEqual(result?.largestShift as number);
  });

  it("finds that spikes of a first-order method move, and of a fourth-order method less", async () => {
    const at = async (method: string): Promise<number> => {
      const [result] = await compareTimeSteps({ ...network("hodgkinHuxley", 10, { method }), dt: 0.05 });
      return result?.largestShift as number;
    };
    const [first, fourth] = [await at("exponentialEuler"), await at("rk4")];
    expect(first).toBeGreaterThan(1);
    expect(fourth).toBeLessThan(0.2);
  });

  it("says NaN where there are no spikes to compare, and takes a shorter duration", async () => {
    const [silent] = await compareTimeSteps(network("lif", 0));
    expect(silent).toEqual({
      population: "pop",
      spikes: [0, 0],
      rates: [0, 0],
      medianShift: Number.NaN,
      largestShift: Number.NaN,
      firstShift: Number.NaN,
    });
    const [short] = await compareTimeSteps(network("lif", 500), { duration: 20 });
    expect(short?.spikes).toEqual([2, 2]);
  });

  it("refuses invalid documents and durations", async () => {
    expect((await thrown(() => compareTimeSteps({ dt: 0.1 }))).code).toBe("missing-key");
    expect((await thrown(() => compareTimeSteps(network("lif", 0), { duration: -1 }))).code).toBe("value-range");
  });
});

/** Documents that mean harm, and good ones broken at random: each runs or is refused by an error of the library. */
import { afterEach, beforeAll, describe, expect, it, test } from "vitest";
import {
  DocumentError,
  LengthError,
  lif,
  parseModelFile,
  receptor,
  Simulation,
  SpikeletError,
  spikeTrain,
} from "../../src/index.js";
import { cases as many } from "../cases.js";
import { least } from "../model/networks.js";
import { dice, hostile, outcome, shared } from "./mutations.js";

let before: string;
beforeAll(() => {
  before = shared();
});
afterEach(() => {
  expect(shared()).toBe(before);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

const text = (population: string, more = ""): string =>
  `{"dt": 0.1, "duration": 1, "populations": [{"name": "a", "model": "lif", "size": 3${population}}]${more}}`;

// A hang is found by the time limit of all tests, which is far beyond what a busy machine takes.

const DEEP = 1_000_000;
const cases: readonly (readonly [name: string, make: () => string, error: string])[] = [
  ["lists as deep as a million", () => "[".repeat(DEEP) + "]".repeat(DEEP), "DocumentError"],
  ["lists that never close", () => "[".repeat(DEEP), "DocumentError"],
  ["objects as deep as a million", () => '{"a":'.repeat(DEEP) + "1" + "}".repeat(DEEP), "DocumentError"],
  ["depth within", () => text(`, "params": {"tau_m": ${"[".repeat(DEEP)}1${"]".repeat(DEEP)}}`), "DocumentError"],
  ["a number beyond all", () => text(', "params": {"tau_m": 1e400}'), "ValueRangeError"],
  ["a number beyond all in a text", () => text(', "params": {"tau_m": "1e400 ms"}'), "ValueRangeError"],
  ["a size beyond all", () => text(', "background": []').replace('"size": 3', '"size": 1e15'), "ValueRangeError"],
  ["a size of 2^32", () => text("").replace('"size": 3', '"size": 4294967296'), "ValueRangeError"],
  ["a key twice", () => text(', "size": 4'), "DuplicateNameError"],
  ["a key twice, once escaped", () => text(', "\\u0073ize": 4'), "DuplicateNameError"],
  ["a population twice", () => text('}, {"name": "a", "model": "lif", "size": 2'), "DuplicateNameError"],
  ["__proto__ as a key", () => text(', "__proto__": {"polluted": 1}'), "UnknownKeyError"],
  ["__proto__ at the top", () => text("", ', "__proto__": {"polluted": 1}'), "UnknownKeyError"],
  ["__proto__ as a parameter", () => text(', "params": {"__proto__": 1}'), "UnknownKeyError"],
  ["constructor as a model", () => text("").replace('"lif"', '"constructor"'), "UnknownNameError"],
  ["toString as a method", () => text(', "method": "toString"'), "UnknownNameError"],
  ["a lone surrogate as a name", () => text("").replace('"a"', '"\\ud800"'), "ValueRangeError"],
  ["a list of a million zeros", () => text(`, "params": {"tau_m": [${"0,".repeat(999_999)}0]}`), "LengthError"],
  ["100,000 populations", () => text(`},${'{"x":1},'.repeat(99_999)}{"x":1`), "LengthError"],
  ["a text of a million escapes", () => text("").replace('"a"', `"${"\\n".repeat(1_000_000)}"`), "ValueRangeError"],
  [
    "a tail that no number is drawn from",
    () => text(', "params": {"V_th": {"truncatedNormal": [1e308, 2, -55, -45]}}'),
    "ValueRangeError",
  ],
  [
    "a tail in a range of its own",
    () => text(', "params": {"V_th": {"truncatedNormal": [-55, 1e-300, -50, -45]}}'),
    "ValueRangeError",
  ],
  ["a far tail", () => text(', "params": {"V_th": {"truncatedNormal": [1e5, 1, -55, -45]}}'), "ran"],
  ["nothing", () => "", "DocumentError"],
  ["no object", () => "null", "ValueTypeError"],
];

describe("documents that mean harm", () => {
  it.each(cases)("%s", async (_, make, error) => {
    expect(await outcome(make())).toBe(error);
  });

  it("objects of a program: getters, proxies, cycles, lists that say they are huge", async () => {
    const cycle: Record<string, unknown> = least();
    cycle.populations = [cycle];
    const list = least();
    list.populations[0].params = { tau_m: { length: 2 ** 53 } };
    const sparse = least();
    sparse.populations[0].params = { tau_m: new Array(1e6) };
    const big = least();
    big.populations[0].params = { tau_m: 5n };
    const symbol = least();
    symbol.populations[0].name = Symbol("a");
    for (const document of [cycle, list, sparse, big, symbol, Object.create(least()), [], () => 1, 1n]) {
      await expect(Simulation.fromDocument(document)).rejects.toThrow(SpikeletError);
    }
  });

  it("lists that are shared by very many places, and cycles behind them", async () => {
    let shared: unknown[] = [0];
    for (let k = 0; k < 55; k++) shared = [shared, shared];
    const document = least();
    document.populations[0].params = { tau_m: shared };
    await expect(Simulation.fromDocument(document)).rejects.toThrow(LengthError);
    const late: unknown[] = [0];
    let chain: unknown[] = late;
    for (let k = 0; k < 55; k++) chain = [chain, chain];
    late.push([[[[late]]]]);
    document.populations[0].params = { tau_m: chain };
    await expect(Simulation.fromDocument(document)).rejects.toThrow(DocumentError);
    // the same object at two levels: too deep at the lower one only
    let deep: unknown[] = [1];
    for (let k = 0; k < 40; k++) deep = [deep];
    let low: unknown[] = deep;
    for (let k = 0; k < 40; k++) low = [low];
    document.populations[0].params = { tau_m: [deep, low] };
    await expect(Simulation.fromDocument(document)).rejects.toThrow(DocumentError);
  });

  describe("lists whose length alone is huge", () => {
    const sparse = new Array(4e9);
    const begun = [0, 1, 2];
    begun.length = 4e9;
    const shorter = [0, 1, 2];
    shorter.length = 9e7;
    const lying = new Proxy([1], { get: (list, key) => (key === "length" ? 2 ** 53 - 1 : Reflect.get(list, 0)) });
    const endless = (x: unknown): unknown => new Proxy([x], { get: (_, key) => (key === "length" ? 4e9 : x) });
    const lists: readonly (readonly [string, unknown])[] = [
      ["sparse", sparse],
      ["sparse after three", begun],
      ["sparse after three, not too long", shorter],
      ["2^53 - 1 by a proxy", lying],
      ["full by a proxy", endless(1)],
      ["full of lists by a proxy", endless([0, 1])],
    ];
    const receptors = { in: { kernel: "exponential", tau: 5 } };
    const links = { source: "a", target: "a", receptor: "in", delay: 1 };
    /** Every place of a document that takes a list. */
    const places: Readonly<Record<string, (list: unknown) => object>> = {
      document: (list) => list as object,
      populations: (list) => ({ populations: list }),
      projections: (list) => ({ projections: list }),
      record: (list) => ({ record: list }),
      "record.variables": (list) => ({ record: [{ population: "a", variables: list }] }),
      "record.neurons": (list) => ({ record: [{ population: "a", variables: ["v"], neurons: list }] }),
      pairs: (list) => ({ projections: [{ ...links, rule: "list", pairs: list, weight: 1 }] }),
      "a pair": (list) => ({ projections: [{ ...links, rule: "list", pairs: [list], weight: 1 }] }),
      weight: (list) => ({ projections: [{ ...links, rule: "list", pairs: [[0, 1]], weight: list }] }),
      delay: (list) => ({ projections: [{ ...links, rule: "list", pairs: [[0, 1]], weight: 1, delay: list }] }),
      ...Object.fromEntries(
        (
          [
            ["params", (list) => ({ params: { tau_m: list } })],
            ["init", (list) => ({ init: { v: list } })],
            ["background", (list) => ({ background: list })],
            ["amplitude", (list) => ({ background: [{ kind: "constant", amplitude: list }] })],
            ["points", (list) => ({ background: [{ kind: "piecewise", points: list }] })],
            ["a row", (list) => ({ background: [{ kind: "piecewise", points: [list] }] })],
            ["samples", (list) => ({ background: [{ kind: "samples", dt: 1, values: list }] })],
            ["neurons", (list) => ({ background: [{ kind: "constant", amplitude: 1, neurons: list }] })],
            ["uniform", (list) => ({ params: { tau_m: { uniform: list } } })],
            ["positions", (list) => ({ positions: list })],
            ["a position", (list) => ({ positions: [list, list, list] })],
            ["times", (list) => ({ model: "spikeTrain", receptors: undefined, params: { times: list, neurons: [0] } })],
            [
              "spikes",
              (list) => ({ model: "spikeTrain", receptors: undefined, params: { times: list, neurons: list } }),
            ],
            ["rate", (list) => ({ model: "poisson", receptors: undefined, params: { rate: list } })],
            ["rate points", (list) => ({ model: "poisson", receptors: undefined, params: { rate: { points: list } } })],
          ] as [string, (list: unknown) => object][]
        ).map(([name, make]) => [
          name,
          (list: unknown) => ({ populations: [{ name: "a", model: "lif", size: 3, receptors, ...make(list) }] }),
        ]),
      ),
    };
    const base = { dt: 0.1, duration: 1, populations: [{ name: "a", model: "lif", size: 3, receptors }] };

    it.each(Object.entries(places))("%s", async (name, make) => {
      for (const [what, list] of lists) {
        const document = name === "document" ? list : { ...base, ...make(list) };
        const error = await Simulation.fromDocument(document).catch((problem: unknown) => problem);
        expect(error, what).toBeInstanceOf(SpikeletError);
        expect((error as Error).message.length, what).toBeLessThan(400);
      }
    });

    it("calls of a built simulation", async () => {
      for (const [what, unknown] of lists) {
        const list = unknown as never;
        const sim = await Simulation.create({ dt: 0.1 });
        const cells = sim.population("cells", lif, 3, { receptors: { in: receptor.exponential({ tau: 5 }) } });
        const trains = sim.population("trains", spikeTrain, 3, { params: { times: [1], neurons: [0] } });
        const plasticity = { kind: "inhibitoryStdp", eta: 0.1, rho_0: 5, tau: 20, w_max: 2 } as const;
        const learned = sim.connect(cells, cells, { rule: "allToAll", weight: 1, plasticity });
        const calls: readonly (() => unknown)[] = [
          () => sim.population("more", lif, 3, list),
          () => sim.population("more", lif, 3, { params: { tau_m: list } }),
          () => sim.connect(cells, cells, { rule: "list", pairs: list, weight: 1 }),
          () => sim.record(cells, "v", { neurons: list }),
          () => sim.recordWeights(learned, { synapses: list }),
          () => cells.set({ tau_m: list }),
          () => cells.set(list),
          () => cells.setBackground(list),
          () => trains.set({ times: list, neurons: list }),
          () => {
            sim.build();
            cells.setState("v", list);
          },
        ];
        for (const [k, call] of calls.entries()) expect(call, `${what}, call ${k}`).toThrow(SpikeletError);
      }
    });
  });

  it("names that are the prototype's are names like others", async () => {
    for (const name of ["constructor", "toString", "hasOwnProperty", "prototype"]) {
      const document = least();
      document.populations[0].name = name;
      document.populations[0].receptors = { [name]: { kernel: "exponential", tau: 5 } };
      document.record = [{ population: name, variables: ["spikes", "v", `i_${name}`] }];
      const content = JSON.stringify(document);
      const result = await outcome(content);
      expect(["ran", "ValueTypeError", "ValueRangeError"]).toContain(result);
      if (result === "ran") {
        const simulation = await Simulation.fromSpec(parseModelFile(content));
        expect([...simulation.populations.keys()]).toEqual([name]);
        expect(Object.keys((await simulation.run(1)).populations)).toEqual([name]);
      }
    }
  });
});

describe("good documents with places broken, a hundred in a part", () => {
  const PARTS = many(8);
  test.each(Array.from({ length: PARTS }, (_, k) => k))("part %i", async (part) => {
    const outcomes = new Set<string>();
    for (let seed = part * 100; seed < (part + 1) * 100; seed++) {
      const content = hostile(dice(seed));
      const result = await outcome(content).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${content}`, { cause: error });
      });
      outcomes.add(result);
    }
    expect(outcomes).toContain("ran");
    expect(outcomes.size).toBeGreaterThan(4);
  });
});

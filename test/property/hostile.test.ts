/** Documents that mean harm, and good ones broken at random: each runs or is refused by an error of the library. */
import { afterEach, beforeAll, describe, expect, it, test } from "vitest";
import { parseModelFile, Simulation, SpikeletError } from "../../src/index.js";
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

/** The bound on hangs: vitest ends a test that takes longer. */
const LONGEST = { timeout: 2000 };

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
  ["nothing", () => "", "DocumentError"],
  ["no object", () => "null", "ValueTypeError"],
];

describe("documents that mean harm", () => {
  it.each(cases)("%s", LONGEST, async (_, make, error) => {
    expect(await outcome(make())).toBe(error);
  });

  it("objects of a program: getters, proxies, cycles, lists that say they are huge", LONGEST, async () => {
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

describe("2,000 good documents with places broken", () => {
  const PARTS = 20;
  test.each(Array.from({ length: PARTS }, (_, k) => k))("part %i", { timeout: 20_000 }, async (part) => {
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

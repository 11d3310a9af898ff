/**
 * Thousands of documents, most of them broken somewhere. What is accepted runs with finite numbers or is stopped by the
 * guard; what is refused gets an error of the library's own. Nothing else may come out: no trap of the core, no
 * RangeError of a typed array, no TypeError, no stack overflow, no changed prototype.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  EquationError,
  InstabilityError,
  type NetworkSpec,
  models,
  parseDocument,
  parseModelFile,
  Simulation,
  SpikeletError,
  toDocument,
} from "../../src/index.js";
import { cases } from "../cases.js";
import { everything, least } from "../model/networks.js";
import { type Loose, networks, SEED } from "./networks.js";

/** Uniform numbers in [0, 1) from a seed (mulberry32): the same documents on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Chance {
  private readonly next: () => number;
  constructor(seed: number) {
    this.next = generator(seed);
  }
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** Every object and array of a document with one of its keys: the places that can be changed. */
function places(root: Loose): [holder: Loose, key: string | number][] {
  const found: [Loose, string | number][] = [];
  const stack: Loose[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const key of Array.isArray(node) ? node.keys() : Object.keys(node)) {
      found.push([node, key]);
      const child = node[key];
      if (typeof child !== "object" || child === null || ArrayBuffer.isView(child) || found.length > 2000) continue;
      stack.push(child);
    }
  }
  return found;
}

function nested(depth: number, array: boolean): Loose {
  let node: Loose = 1;
  for (let k = 0; k < depth; k++) node = array ? [node] : { uniform: node };
  return node;
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  -5,
  3,
  17,
  1e-9,
  5e-324,
  -5e-324,
  1e-300,
  1e9,
  1e16,
  1e300,
  -1e300,
  Number.MAX_VALUE,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  0xffffffff,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const TEXTS = [
  "",
  " ",
  "a",
  "lif",
  "5",
  "5 ms",
  "-5 ms",
  "5 mV",
  "0.1 s",
  "1e400 ms",
  "1e-400 ms",
  "NaN ms",
  "Infinity ms",
  "5 ms ms",
  "5e5e5 ms",
  "1 nA",
  "1 uA/cm2",
  "1 pA*sqrt(ms)",
  "1 sqrt(pA)",
  "1 /ms",
  "1 (ms",
  "1 ms^9",
  "0x10 ms",
  "５ ms",
  "\u0000",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "💥",
  "x".repeat(5000),
  "../../etc/passwd",
  "a/b.csv",
  "%s%n",
  "euler",
  "exact",
  "allToAll",
  "exponential",
  "constant",
  "spikes",
  "I_background",
  "g_in",
  "uniform",
  "90 deg",
  "40 Hz",
];
const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "size",
  "name",
  "populations",
  "v",
  "tau",
  "weight",
  "file",
  "values",
  "pairs",
  "p",
  "k",
  "E_rev",
  "start",
  "neurons",
  "plasticity",
  "",
  " ",
  "0",
  "length",
  "V_th",
  "tau_m",
  "mean",
  "sigma",
  "from",
  "every",
  "autapses",
  "multapses",
  "preset",
  "method",
  "init",
  "$schema",
  "version",
];
const OBJECTS: readonly (() => Loose)[] = [
  () => null,
  () => true,
  () => false,
  () => undefined,
  () => [],
  () => ({}),
  () => [[]],
  () => [{}],
  () => [null],
  () => new Array(3),
  () => new Array(1000).fill(1),
  () => [1, "2 ms", null],
  () => [1, 2],
  () => ["spikes", "v"],
  () => ({ uniform: [0, 1] }),
  () => ({ uniform: [5, 1] }),
  () => ({ uniform: [-1e308, 1e308] }),
  () => ({ uniform: [1] }),
  () => ({ uniform: "5 ms" }),
  () => ({ normal: [1, 0.1] }),
  () => ({ normal: [1, -1] }),
  () => ({ normal: [0, 1e308] }),
  () => ({ lognormal: [0, 1] }),
  () => ({ lognormal: [1e5, 1] }),
  () => ({ exponential: 3 }),
  () => ({ exponential: 1e308 }),
  () => ({ exponential: 0 }),
  () => ({ uniform: [0, 1], normal: [0, 1] }),
  () => JSON.parse('{"__proto__": {"polluted": 1}}'),
  () => ({ constructor: { prototype: { polluted: 1 } } }),
  () => Object.create(null),
  () => Object.create({ kind: "constant", amplitude: 5, kernel: "delta", tau: 5 }),
  () => nested(70, true),
  () => nested(70, false),
  () => nested(20_000, true),
  () => nested(20_000, false),
  () => Float64Array.of(1, 2, 3),
  () => Uint8Array.of(0, 1),
  () => new BigInt64Array(2),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(16),
  () => new Map([["kind", "constant"]]),
  () => new Set([1]),
  () => new Date(0),
  () => /x/,
  () => 10n,
  () => Symbol("s"),
  () => () => 1,
  () => () => Number.NaN,
  () => () => "5 ms",
  () => (n: number) => n / 10,
  () => {
    const cycle: Loose = { uniform: [1, 2] };
    cycle.uniform[1] = cycle;
    return cycle;
  },
];

/** A name with one letter left out, doubled or exchanged. */
function misspelt(name: string, chance: Chance): string {
  const at = chance.below(Math.max(1, name.length));
  const tail = name.slice(at + 1);
  return name.slice(0, at) + chance.one(["", `${name[at]}${name[at]}`, "x", (name[at] ?? "q").toUpperCase()]) + tail;
}

function anything(chance: Chance): Loose {
  const kind = chance.below(4);
  if (kind === 0) return chance.one(NUMBERS);
  if (kind === 1) return chance.one(TEXTS);
  return chance.one(OBJECTS)();
}

/** Changes one place of the document. */
function mutate(document: Loose, chance: Chance): void {
  const [holder, key] = chance.one(places(document));
  const old = holder[key];
  switch (chance.below(9)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1: {
      if (Array.isArray(holder)) break;
      delete holder[key];
      const name = chance.below(2) === 0 ? misspelt(String(key), chance) : chance.one(KEYS);
      // As JSON.parse does it: an own property, also for "__proto__".
      Object.defineProperty(holder, name, { value: old, writable: true, enumerable: true, configurable: true });
      break;
    }
    case 2:
      holder[key] = chance.one(places(document))[0];
      break;
    case 3:
      if (typeof old === "number") holder[key] = old * chance.one([-1, 0, 0.5, 10, 1e3, 1e6, 1e12, 1e-3, 1e-9, 1e300]);
      else holder[key] = anything(chance);
      break;
    case 4:
      if (Array.isArray(old)) old.push(old.length > 0 ? chance.one(old) : anything(chance));
      else holder[key] = [old];
      break;
    case 5:
      if (typeof old === "string") holder[key] = misspelt(old, chance);
      else holder[key] = chance.one(TEXTS);
      break;
    case 6: {
      const target = typeof old === "object" && old !== null && !Array.isArray(old) ? old : document;
      const name = chance.one(KEYS);
      if (Object.isExtensible(target)) {
        Object.defineProperty(target, name, {
          value: anything(chance),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
      break;
    }
    case 7:
      holder[key] = chance.one(NUMBERS);
      break;
    default:
      holder[key] = anything(chance);
  }
}

const FAMILIES: readonly (readonly string[])[] = [
  Object.keys(models),
  ["euler", "heun", "rk4", "exponentialEuler", "exact", "halfStep", "strangSplitting", "rosenbrock"],
  ["allToAll", "oneToOne", "fixedProbability", "fixedIndegree"],
  ["float32", "float64"],
  ["v", "w", "u", "m", "spikes", "I_background"],
];

/** Changes one number or one name to another of its kind: mostly still a document. */
function nudge(document: Loose, chance: Chance): void {
  for (let trial = 0; trial < 20; trial++) {
    const [holder, key] = chance.one(places(document));
    const old = holder[key];
    if (typeof old === "number") {
      holder[key] = old * chance.one([-1, 0, 0.5, 0.9, 1.1, 2, 3, 10, 100]);
      return;
    }
    const family = FAMILIES.find((names) => names.includes(old));
    if (family) {
      holder[key] = chance.one(family);
      return;
    }
  }
}

/** Breaks the text of a model file. */
function mutateText(text: string, chance: Chance): string {
  const at = chance.below(text.length);
  switch (chance.below(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + chance.below(5));
    case 2:
      return (
        text.slice(0, at) +
        chance.one(['"', "{", "}", "[", "]", ",", ":", "\\", "\u0000", "1", "e", "-", "\n"]) +
        text.slice(at)
      );
    case 3:
      return text.slice(0, at) + chance.one(TEXTS) + text.slice(at);
    case 4:
      return text.slice(at) + text.slice(0, at);
    default:
      return text.slice(0, at) + "[".repeat(chance.one([1, 63, 64, 100_000])) + text.slice(at);
  }
}

/** Whether a run takes milliseconds. What is too large for memory is affordable too: it must be refused at once. */
function affordable(spec: NetworkSpec): boolean {
  const neurons = spec.populations.reduce((sum, p) => sum + p.size, 0);
  if (neurons > 1000) return false;
  const size = new Map(spec.populations.map((p) => [p.name, p.size]));
  for (const p of spec.projections) {
    const [m, n] = [size.get(p.source) as number, size.get(p.target) as number];
    const synapses = p.rule.rule === "fixedIndegree" ? n * p.rule.k : m * n;
    if (synapses > 1e5 && synapses < 4.2e9) return false;
    // Each row is sorted through a table of all delays.
    if (typeof p.delay === "object" && "exponential" in p.delay && p.delay.exponential / spec.dt > 1e4) return false;
  }
  // The rheobase of most models is searched by simulation: a second for each set of parameters.
  return !spec.populations.some(
    (p) => p.background.some((b) => b.kind === "rheobase") && !["lif", "eif", "qif"].includes(p.model.id),
  );
}

type Outcome = "refused" | "ran" | "stopped" | "refused when built" | "too large to try";

/** What came out; throws what must never come out. */
async function tryOut(document: Loose): Promise<Outcome> {
  let spec: NetworkSpec;
  try {
    spec = parseDocument(document);
  } catch (error) {
    return refused(error);
  }
  const checks = (): unknown => parseDocument(toDocument(spec));
  const isFunction = (x: unknown): boolean => typeof x === "function";
  if (!spec.projections.some((p) => isFunction(p.weight) || isFunction(p.delay))) expect(checks()).toEqual(spec);
  if (!affordable(spec)) return "too large to try";
  let simulation: Simulation;
  try {
    simulation = await Simulation.fromDocument(document);
  } catch (error) {
    return refused(error);
  }
  for (const finding of simulation.check()) expect(finding.message.length).toBeGreaterThan(20);
  try {
    await simulation.run(Math.min(spec.duration, 40 * spec.dt));
  } catch (error) {
    if (error instanceof InstabilityError) {
      expect(error.report).toMatchObject({ status: "unstable" });
      return "stopped";
    }
    refused(error);
    return "refused when built";
  }
  for (const population of simulation.populations.values()) {
    for (const state of Object.keys(population.model.states)) {
      for (const x of population.state(state as "v"))
        if (!Number.isFinite(x)) throw new Error(`${population.name}.${state} = ${x}`);
    }
  }
  for (const spikes of simulation.recordings.spikes.values()) {
    let last = 0;
    for (const t of spikes.times) {
      if (!(t >= last && t <= simulation.time)) throw new Error(`a spike at ${t} ms after ${last} ms`);
      last = t;
    }
  }
  return "ran";
}

/** Checks that an error is one that a user is meant to see. */
function refused(error: unknown): "refused" {
  if (!(error instanceof SpikeletError)) throw error;
  expect(error.message.length).toBeGreaterThan(10);
  // Of a text with many mistakes the first twenty are shown, each in its line.
  expect(error.message.length).toBeLessThan(error instanceof EquationError ? 6000 : 1500);
  expect(error.code).not.toBe("error");
  return "refused";
}

function frozen<T>(value: T): T {
  const stack: unknown[] = [value];
  const seen = new Set<unknown>();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node !== "object" || node === null || seen.has(node) || ArrayBuffer.isView(node)) continue;
    seen.add(node);
    Object.freeze(node);
    stack.push(...Object.values(node));
  }
  return value;
}

/** Small documents to begin with: of every model and kind, and the one with every key of the format. */
function bases(): Loose[] {
  const all = fc.sample(networks, { seed: SEED, numRuns: 200 });
  const small = all.filter((d) => d.populations.every((p: Loose) => p.size <= 20));
  return [least(), everything(), everything(), ...small.map((d) => structuredClone(d))];
}

/** Names of everything that broken input might change for the whole program. */
function globals(): string {
  const prototypes = [Object.prototype, Array.prototype, Function.prototype, Number.prototype, String.prototype];
  return JSON.stringify([
    prototypes.map((p) => Reflect.ownKeys(p).map(String)),
    Object.keys(globalThis).length,
    models,
  ]);
}

async function outcomes(
  count: number,
  seed: number,
  make: (chance: Chance) => Promise<Outcome>,
): Promise<Map<Outcome, number>> {
  const counts = new Map<Outcome, number>();
  const before = globals();
  for (let k = 0; k < count; k++) {
    try {
      const outcome = await make(new Chance(seed * 1e6 + k));
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    } catch (error) {
      throw new Error(`document ${k} of seed ${seed}`, { cause: error });
    }
  }
  expect(globals()).toBe(before);
  return counts;
}

describe("documents", () => {
  const base = bases();
  // As a test of the tests: the shares of what came out. A mutation that breaks everything would try out nothing.
  const share = (counts: Map<Outcome, number>, outcome: Outcome): number => {
    const total = [...counts.values()].reduce((a, b) => a + b, 0);
    return (counts.get(outcome) ?? 0) / total;
  };

  it("with one to three broken places", async () => {
    const counts = await outcomes(cases(3000), SEED, async (chance) => {
      const document = structuredClone(chance.one(base));
      for (let k = chance.below(3); k >= 0; k--) mutate(document, chance);
      return tryOut(frozen(document));
    });
    expect(share(counts, "refused")).toBeGreaterThan(0.5);
    expect(share(counts, "ran")).toBeGreaterThan(0.05);
    // One in thousands: with fewer documents there may be none.
    if (cases(3000) >= 3000) expect(counts.get("refused when built")).toBeGreaterThan(0);
    expect(share(counts, "too large to try")).toBeLessThan(0.05);
  });

  it("with other numbers and names", async () => {
    const counts = await outcomes(cases(800), SEED + 2, async (chance) => {
      const document = structuredClone(chance.one(base));
      for (let k = chance.below(6); k >= 0; k--) nudge(document, chance);
      return tryOut(frozen(document));
    });
    expect(share(counts, "refused")).toBeGreaterThan(0.1);
    expect(share(counts, "ran")).toBeGreaterThan(0.3);
    // Few: no default method has a limit on dt but those of the quadratic models, fitzhughNagumo and morrisLecar.
    expect(counts.get("stopped")).toBeGreaterThan(0);
  });

  it("whose text is broken", async () => {
    const texts = base.map((d) => JSON.stringify(d, null, 1));
    const counts = await outcomes(cases(1000), SEED + 1, async (chance) => {
      let text = chance.one(texts);
      for (let k = chance.below(2); k >= 0; k--) text = mutateText(text, chance);
      try {
        expect(parseModelFile(text)).toEqual(parseDocument(JSON.parse(text)));
        return "ran";
      } catch (error) {
        return refused(error);
      }
    });
    expect(share(counts, "refused")).toBeGreaterThan(0.8);
    expect(counts.get("ran")).toBeGreaterThan(5);
  });

  it("a trap, a stray error and a changed prototype would be noticed", async () => {
    const trap = (): Promise<Outcome> => Promise.reject(new WebAssembly.RuntimeError("unreachable"));
    await expect(outcomes(1, 0, trap)).rejects.toThrow("document 0 of seed 0");
    expect(() => refused(new RangeError("invalid typed array length"))).toThrow(RangeError);
    const polluting = async (): Promise<Outcome> => {
      (Object.prototype as Loose).polluted = 1;
      return "ran";
    };
    try {
      await expect(outcomes(1, 0, polluting)).rejects.toThrow();
    } finally {
      delete (Object.prototype as Loose).polluted;
    }
  });
});

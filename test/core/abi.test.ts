/** What the host says of the core is what the core has, and each refuses the other when it is of another version. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { abiFiles, readTable } from "../../scripts/generate/abi.js";
import * as abi from "../../src/core/abi.js";
import { Core } from "../../src/core/core.js";
import { BUILD, SHARD } from "../../src/core/shard.js";

const read = (path: string): string => readFileSync(path, "utf8");

/** The core's table with one text of it replaced. */
function changed(from: string, to: string): (path: string) => string {
  return (path) => (path === "assembly/abi.ts" ? replaced(read(path), from, to) : read(path));
}

function replaced(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

const hostOf = (source: (path: string) => string): string =>
  abiFiles(readTable(source), source).get("src/core/abi.ts") as string;
const versionOf = (text: string): string => /ABI_VERSION = (0x[\da-f]{8});/.exec(text)?.[1] as string;

describe("the host's side", () => {
  it("is what the table and the exported functions give", () => {
    for (const [path, text] of abiFiles(readTable(read), read)) expect(read(path)).toBe(text);
  });

  it("has another version when a number, a field, a column or a function changes, and the same for a comment", () => {
    const now = versionOf(hostOf(read));
    const later = (from: string, to: string): string => versionOf(hostOf(changed(from, to)));
    expect(later("riseAndDecay = 2", "riseAndDecay = 9")).not.toBe(now);
    expect(later("count: i32;", "count: f64;")).not.toBe(now);
    expect(later("const G2: usize", "const G3: usize")).not.toBe(now);
    const other = (path: string): string =>
      path === "assembly/memory.ts" ? replaced(read(path), "restore(bytes: f64)", "restore(bytes: u32)") : read(path);
    expect(versionOf(hostOf(other))).not.toBe(now);
    expect(later("/** Connection rules. */", "/** Rules. */")).toBe(now);
  });

  it("follows the table", () => {
    const text = hostOf(changed("riseAndDecay = 2", "riseAndDecay = 9"));
    expect(text).toContain("  riseAndDecay: 9,");
  });

  it.each([
    ["what is no number", "riseAndDecay = 2", "riseAndDecay = one", "no whole number is written in riseAndDecay = one"],
    ["a type without a size", "first: i32;", "first: i64;", "first has the type i64"],
    ["something else", "export const BLOCK: i32 = 256;", "export function block(): void {}", "neither a number"],
  ])("refuses %s in the table", (_, from, to, message) => {
    expect(() => hostOf(changed(from, to))).toThrow(message);
  });

  it("refuses the export of a function that is not there", () => {
    const source = (path: string): string =>
      path === "assembly/index.ts" ? replaced(read(path), "allocated,", "alocated,") : read(path);
    expect(() => hostOf(source)).toThrow("assembly/memory.ts exports no function alocated");
  });
});

it("a shard's numbers are the core's", () => {
  expect([SHARD.going, SHARD.full, SHARD.unstable]).toEqual([abi.STATUS.done, abi.STATUS.full, abi.STATUS.unstable]);
  expect(BUILD).toMatchObject(abi.BUILD);
});

describe.each(["core.wasm", "core.scalar.wasm"])("%s", (file) => {
  const module = new WebAssembly.Module(readFileSync(`build/${file}`));
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const instance = new WebAssembly.Instance(module, { env: { memory, now: () => 0 } });
  const exports = instance.exports as unknown as abi.CoreExports;

  it("exports the functions of the interface, and nothing else", () => {
    const declared = read("src/core/abi.ts").matchAll(/^ {2}(?:readonly )?(\w+)(?=\(|: Wasm)/gm);
    const names = [...declared].map(([, name]) => name as string);
    expect(names.length).toBeGreaterThan(100);
    expect(WebAssembly.Module.exports(module).map((e) => e.name).sort()).toEqual(names.sort());
  });

  it("has the host's version", () => {
    expect(exports.abiVersion() >>> 0).toBe(abi.ABI_VERSION);
  });

  it("has the fields of a Pack where the host looks for them", () => {
    exports.configure(0.125, 7, 8);
    const k = exports.addPopulation(37, 16, 5, abi.STAGE.start, false);
    const view = new DataView(memory.buffer, k);
    type Field = keyof typeof abi.PACK;
    const word = (field: Field): number => view.getUint32(abi.PACK[field], true);
    const words = (...fields: Field[]): number[] => fields.map(word);
    exports.setParams(k, 3, 4096, 48);
    exports.setBounds(k, -1.5, 2.5);
    for (let j = 0; j < 5; j++) exports.setState(k, j, 1000 + j);
    exports.setColumn(k, abi.COLUMN.until, 2000);
    exports.setColumn(k, abi.COLUMN.armed, 3000);
    exports.setColumns(k, 4000);
    exports.setLog(k, 5000, 10, 6000);
    expect(words("size", "params", "stride", "offset", "seedLow", "seedHigh")).toEqual([37, 4096, 48, 16, 7, 8]);
    expect(words("x0", "x1", "x2", "x3")).toEqual([1000, 1001, 1002, 1003]);
    expect(words("until", "armed", "columns")).toEqual([2000, 3000, 4000]);
    const list = new Uint32Array(memory.buffer, word("states"), 5);
    expect([...list]).toEqual([1000, 1001, 1002, 1003, 1004]);
    expect(words("log", "fractions")).toEqual([5000, 6000]);
    const numbers = (["dt", "lowest", "highest"] as const).map((field) => view.getFloat64(abi.PACK[field], true));
    expect(numbers).toEqual([0.125, -1.5, 2.5]);
    exports.reseed(9, 10);
    expect(words("seedLow", "seedHigh")).toEqual([9, 10]);
  });

  it("has the heads of receptors and rules where the host looks for them", () => {
    const view = new DataView(memory.buffer);
    const words = <F extends string>(at: number, fields: Readonly<Record<F, number>>, ...names: F[]): number[] =>
      names.map((name) => view.getUint32(at + fields[name], true));
    const k = exports.addPopulation(37, 0, 1, abi.STAGE.start, false);
    const r = exports.addReceptor(k, abi.RECEPTOR.riseAndDecay, false, 1000, 0.5, 0);
    exports.setRise(r, 2000, 0.5, 0.5, 1, 0, 0);
    exports.setReceive(r, 7, 3000);
    expect(words(r, abi.RECEPTOR_PACK, "state", "rise", "params")).toEqual([1000, 2000, 3000]);
    const link = exports.addProjection(k, k, r, 0, 0, 0, true, 5, abi.WEIGHTS.float64, 0, 0, 0, 0, 0);
    const rule = exports.setPlasticity(link, -3, 3, 6000, 7000, 8000, 11);
    exports.setRuleSlots(rule, 7, 8, 9, 9000, -1.5, 2.5);
    expect(words(rule, abi.RULE_PACK, "incomingRows", "incoming", "sources", "targetCount", "params")).toEqual([
      6000, 7000, 8000, 37, 9000,
    ]);
    const learning = (): number => view.getUint8(rule + abi.RULE_PACK.learning);
    expect(learning()).toBe(1);
    exports.setLearning(rule, false);
    expect(learning()).toBe(0);
    expect([abi.RULE_PACK.least, abi.RULE_PACK.most].map((at) => view.getFloat64(rule + at, true))).toEqual([
      -1.5, 2.5,
    ]);
  });

  it("tells where its scratch columns are: apart, in the order of the table", () => {
    const addresses = Object.values(abi.SCRATCH).map((which) => exports.scratchColumn(which));
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(Math.min(...addresses)).toBeGreaterThan(0);
    const gaps = addresses.slice(1).map((address, i) => address - (addresses[i] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(abi.BLOCK);
    expect(exports.scratchColumn(addresses.length)).toBe(0);
    // Behind the last one, the kernels' own.
    const end = exports.scratchColumn(abi.SCRATCH.OWN) + 8 * abi.BLOCK * abi.OWN_COLUMNS;
    expect(exports.allocated()).toBeGreaterThanOrEqual(end);
  });
});

/** A number as i32.const has it: signed LEB128. */
function signed(x: number): number[] {
  return x >= -64 && x < 64 ? [x & 127] : [(x & 127) | 128, ...signed(x >> 7)];
}

describe("a core of another version", () => {
  /** The core with another version: `abiVersion` is nothing but i32.const and its end. */
  function aged(): Uint8Array {
    const bytes = new Uint8Array(readFileSync("build/core.wasm"));
    const code = [0x41, ...signed(abi.ABI_VERSION | 0), 0x0b];
    const at = bytes.findIndex((_, i) => code.every((x, k) => bytes[i + k] === x));
    expect(at).toBeGreaterThan(0);
    bytes[at + 1] = (bytes[at + 1] as number) ^ 1;
    return bytes;
  }

  it("is refused", async () => {
    await expect(Core.create(aged())).rejects.toThrow(
      /module has the layout version [\da-f]+, and the program [\da-f]+; use the core.wasm of the same package/,
    );
  });

  it("is refused when it says nothing", async () => {
    // A module without exports.
    await expect(Core.create(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))).rejects.toThrow("has no layout version");
  });
});

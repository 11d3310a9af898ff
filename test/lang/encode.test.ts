import { describe, expect, it } from "vitest";
import { Module, signed, unsigned } from "../../src/lang/encode.js";

describe("numbers", () => {
  it.each([
    [0, [0]],
    [127, [127]],
    [128, [0x80, 1]],
    [624485, [0xe5, 0x8e, 0x26]],
    [4294967295, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("unsigned %d", (value, bytes) => {
    expect(unsigned(value)).toEqual(bytes);
  });

  it.each([
    [0, [0]],
    [63, [63]],
    [64, [0xc0, 0]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [2147483647, [0xff, 0xff, 0xff, 0xff, 0x07]],
  ])("signed %d", (value, bytes) => {
    expect(signed(value)).toEqual(bytes);
  });
});

describe("modules", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const instance = (module: Module, functions: Record<string, (...x: number[]) => number> = {}): WebAssembly.Exports =>
    new WebAssembly.Instance(new WebAssembly.Module(module.encode()), { core: { memory, ...functions } }).exports;

  it("calls imports, keeps locals and branches", () => {
    const module = new Module();
    const twice = module.import("twice", ["f64"], ["f64"]);
    const body = module.function({ params: ["i32", "f64"], results: ["f64"] }, "f");
    const sum = body.local("f64");
    body.get(0).when(
      () => body.get(1).call(twice).set(sum),
      () => body.f64(-0.5).set(sum),
    );
    body.get(sum);
    const { f } = instance(module, { twice: (x) => 2 * (x as number) }) as { f: (a: number, b: number) => number };
    expect([f(1, 21), f(0, 21)]).toEqual([42, -0.5]);
  });

  it("loops, loads and stores vectors", () => {
    const numbers = new Float64Array(memory.buffer);
    numbers.set([1, 2, 3, 4]);
    const module = new Module();
    const body = module.function({ params: ["i32"], results: [] }, "square");
    const i = body.local("i32");
    body.repeatWhile(() => {
      body.get(i).get(i).access("v128.load", 0).get(i).access("v128.load", 0).op("f64x2.mul").access("v128.store", 0);
      body.get(i).i32(16).op("i32.add").tee(i).get(0).op("i32.lt_u");
    });
    (instance(module) as { square: (end: number) => void }).square(32);
    expect([...numbers.subarray(0, 4)]).toEqual([1, 4, 9, 16]);
  });

  it("a memory that threads share is imported as such", () => {
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    const module = new Module();
    module.function({ params: [], results: [] }, "f");
    const compiled = new WebAssembly.Module(module.encode(true));
    expect(() => new WebAssembly.Instance(compiled, { core: { memory: shared } })).not.toThrow();
  });

  it("imports come ahead of functions", () => {
    const module = new Module();
    module.function({ params: [], results: [] });
    expect(() => module.import("f", [], [])).toThrow("imports come first");
  });
});

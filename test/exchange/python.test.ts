/** Text of Python: what a value becomes, and that no name or text of a network can break out of it. */
import { describe, expect, it } from "vitest";
import { Arrays, code, comment, float, header, int, literal, Names, npy, text } from "../../src/exchange/python.js";
import { readNpz } from "../../src/io/npz.js";
import { zipSync } from "fflate";

describe("literals", () => {
  it("are floats with all digits, unless they are asked to be whole", () => {
    expect([1, -0.1, 1e-7, 1e21, -0, Infinity, -Infinity, NaN].map(float)).toEqual([
      "1.0", "-0.1", "1e-7", "1e+21", "-0.0", 'float("inf")', 'float("-inf")', 'float("nan")',
    ]);
    expect([0, 12, 1e21].map((n) => int(n).text)).toEqual(["0", "12", "1000000000000000000000"]);
  });

  it("escape what would end a text", () => {
    expect(text('a"b\\c\nd')).toBe('"a\\"b\\\\c\\nd"');
    expect(text("\u00e9 \u{1f9e0}")).toBe('"\\u00e9 \\U0001f9e0"');
  });

  it("stand on a line where they fit, else an entry a line", () => {
    expect(
      literal({ C_m: 250, n: int(3), on: true, none: null, list: new Uint32Array([1, 2]), of: code("rng(1)") }),
    ).toBe('{"C_m": 250.0, "n": 3, "on": True, "none": None, "list": [1, 2], "of": rng(1)}');
    const long = literal({ first: "x".repeat(60), second: "y".repeat(60) }, 4);
    expect(long.split("\n")).toEqual([
      "{",
      `        "first": "${"x".repeat(60)}",`,
      `        "second": "${"y".repeat(60)}",`,
      "    }",
    ]);
    const numbers = literal(Array.from({ length: 60 }, (_, i) => i / 4));
    expect(numbers.split("\n").every((line) => line.length <= 100)).toBe(true);
    expect(numbers.split("\n").length).toBeGreaterThan(4);
  });
});

describe("names", () => {
  it("are those of the network as far as Python can say them, each once", () => {
    const names = new Names(["spikes"]);
    expect(["exc", "exc", "L2/3 E", "lambda", "4", "spikes", "", "exc_2"].map((name) => names.of(name))).toEqual([
      "exc", "exc_2", "L2_3_E", "lambda_", "_4", "spikes_2", "unnamed", "exc_2_2",
    ]);
  });
});

describe("arrays", () => {
  it("are lists where they are short, and files where they are long", async () => {
    const arrays = new Arrays();
    expect(arrays.of("a", new Float64Array([1, 2.5])).text).toBe("[1.0, 2.5]");
    expect(arrays.of("a", new Uint32Array([1, 2]), "np.array").text).toBe("np.array([1, 2])");
    const data = Float64Array.from({ length: 100 }, (_, i) => i / 3);
    expect(arrays.of("exc -> inh", data).text).toBe('load("exc_-_inh.npy")');
    expect(arrays.of("exc -> inh", new Uint32Array(100)).text).toBe('load("exc_-_inh_2.npy")');
    expect(arrays.files.map(({ path }) => path)).toEqual(["arrays/exc_-_inh.npy", "arrays/exc_-_inh_2.npy"]);
    const { arrays: read } = await readNpz(zipSync({ "a.npy": npy(data) }));
    expect(read.a).toEqual({ data, shape: [100] });
  });
});

describe("headers and comments", () => {
  it("cannot be ended by what they say", () => {
    const head = header('end """ here\\', { Units: ["ms, mV"], "Not there": [] });
    expect(head).toBe('#!/usr/bin/env python3\n"""end \'\'\' here/\n\nUnits:\n  ms, mV\n"""\n');
    expect(comment("one\nimport os", 2)).toBe("  # one import os");
    expect(
      comment("word ".repeat(60).trim())
        .split("\n")
        .every((line) => line.startsWith("# word") && line.length <= 100),
    ).toBe(true);
  });
});

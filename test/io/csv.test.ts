import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CsvError,
  csvField,
  csvRows,
  readNumbers,
  readPairs,
  spikesCsv,
  tracesCsv,
} from "../../src/io/csv.js";
import { formatTime } from "../../src/model/grid.js";
import { SpikeletError } from "../../src/model/errors.js";

const NAMES = ["exc", "a,b", 'say "hi"', "two\nlines", "cr\r\nlf", " blank ", "# no comment", "é😀", "=1+1", '"', ""];

const spikes = (times: number[], neurons: number[]) => ({
  times: Float64Array.from(times),
  neurons: Uint32Array.from(neurons),
});

function caught(call: () => unknown): CsvError {
  try {
    call();
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

describe("formatTime", () => {
  it("takes off the rounding noise of step * dt", () => {
    expect(formatTime(3 * 0.1)).toBe("0.3");
    expect(formatTime(123457 * 0.1)).toBe("12345.7");
    expect(formatTime(0)).toBe("0");
    expect(formatTime(1000)).toBe("1000");
    expect(formatTime(0.025 * 7)).toBe("0.175");
  });

  it("parses back within 1e-9 ms", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 9e6, noNaN: true }), (time) => {
        expect(Math.abs(Number(formatTime(time)) - time)).toBeLessThanOrEqual(1e-9);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 9e6, max: 1e12, noNaN: true }), (time) => {
        expect(Math.abs(Number(formatTime(time)) / time - 1)).toBeLessThanOrEqual(1e-14);
      }),
    );
  });

  it("has no more digits than the time step", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e7 }), fc.constantFrom(0.1, 0.05, 0.025, 0.01), (step, dt) => {
        expect((formatTime(step * dt).split(".")[1] ?? "").length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

describe("spikesCsv", () => {
  it("orders rows by time, population as given, neuron", () => {
    const text = [
      ...spikesCsv([
        { name: "z", spikes: spikes([0.1, 0.30000000000000004, 0.30000000000000004], [4, 9, 2]) },
        { name: "a", spikes: spikes([0.2, 0.30000000000000004], [7, 0]) },
        { name: "silent", spikes: spikes([], []) },
      ]),
    ].join("");
    expect(text).toBe("time_ms,population,neuron\n0.1,z,4\n0.2,a,7\n0.3,z,2\n0.3,z,9\n0.3,a,0\n");
  });

  it("is a header alone without spikes", () => {
    expect([...spikesCsv([])].join("")).toBe("time_ms,population,neuron\n");
  });

  it("comes in chunks", () => {
    const n = 50_000;
    const chunks = [
      ...spikesCsv([{ name: "p", spikes: { times: new Float64Array(n).fill(1.5), neurons: new Uint32Array(n) } }]),
    ];
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(70_000);
    expect(chunks.join("").length).toBe("time_ms,population,neuron\n".length + n * "1.5,p,0\n".length);
  });

  it("gives back every spike and every name, however hostile", () => {
    const populations = fc.array(
      fc.record({
        name: fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: "binary" })),
        rows: fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(5)), { maxLength: 30 }),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(populations, (list) => {
        const given = list.map(({ name, rows }) => {
          const sorted = [...rows].sort((a, b) => a[0] - b[0]);
          return {
            name,
            spikes: spikes(
              sorted.map(([k]) => k * 0.1),
              sorted.map(([, n]) => n),
            ),
          };
        });
        const expected = given
          .flatMap(({ name, spikes }, p) =>
            Array.from(spikes.times, (time, i) => ({ time, p, neuron: spikes.neurons[i] as number, name })),
          )
          .sort((a, b) => a.time - b.time || a.p - b.p || a.neuron - b.neuron)
          .map(({ time, name, neuron }) => [formatTime(time), name, String(neuron)]);
        const rows = [...csvRows([...spikesCsv(given)].join(""))].map((row) => row.fields);
        expect(rows.slice(1)).toEqual(expected);
      }),
    );
  });
});

describe("tracesCsv", () => {
  it("orders rows by time, trace, neuron, and keeps all digits", () => {
    const text = [
      ...tracesCsv([
        {
          population: "exc",
          variable: "v",
          unit: "mV",
          neurons: Uint32Array.of(3, 8),
          time: Float64Array.of(0.1, 0.2),
          values: (n) => (n === 0 ? Float64Array.of(-65, 1 / 3) : Float64Array.of(Number.NaN, 5e-324)),
        },
        {
          population: "a,b",
          variable: "w",
          unit: "pA",
          neurons: Uint32Array.of(0),
          time: Float64Array.of(0.2),
          values: () => Float64Array.of(1e21),
        },
      ]),
    ].join("");
    expect(text).toBe(
      "time_ms,population,neuron,variable,value\n" +
        "0.1,exc,3,v,-65\n0.1,exc,8,v,NaN\n0.2,exc,3,v,0.3333333333333333\n0.2,exc,8,v,5e-324\n" +
        '0.2,"a,b",0,w,1e+21\n',
    );
  });
});

describe("csvRows", () => {
  it("reads quotes, CRLF, comments, blank lines and a byte order mark, and counts lines", () => {
    const text = '\uFEFF# a comment, "x"\r\n\r\na, b ,"c,""d""\r\ne"\r\n  \n1,2,3';
    expect([...csvRows(text)]).toEqual([
      { line: 3, fields: ["a", "b", 'c,"d"\r\ne'] },
      { line: 6, fields: ["1", "2", "3"] },
    ]);
  });

  it("reads back any field that was written", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 4 }), (fields) => {
        const rows = [...csvRows(`${fields.map(csvField).join(",")}\nend`)];
        const blank = fields.every((field) => field === "") && fields.length === 1;
        if (!blank) expect(rows[0]?.fields).toEqual(fields);
        expect(rows.at(-1)?.fields).toEqual(["end"]);
      }),
    );
  });

  it("never hangs or throws anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", " ", "#", "1", "a") }), (text) => {
        try {
          for (const row of csvRows(text)) expect(row.fields.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(CsvError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("names the place of a broken quote", () => {
    expect(caught(() => [...csvRows('a,b\n1,"2\n3', "x.csv")])).toMatchObject({ line: 2, column: 2 });
    expect(caught(() => [...csvRows('"a"b,c')]).message).toBe(
      'line 1, column 1: text follows the closing quote of "a"; a quote inside a field must be doubled.',
    );
  });
});

describe("readNumbers", () => {
  it("reads a single column with or without a header", () => {
    expect([...readNumbers("1\n-2.5\n\n# no\n3e2\r\n.5\n+4")]).toEqual([1, -2.5, 300, 0.5, 4]);
    expect([...readNumbers("current (pA)\n1\n2\n")]).toEqual([1, 2]);
  });

  it("reads a named column", () => {
    expect([...readNumbers("t,I\n0,5\n1,6", { column: "I" })]).toEqual([5, 6]);
  });

  it("gives back what was written, bit for bit", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        // A sign of zero has no meaning in a current.
        expect([...readNumbers(values.join("\n"))]).toEqual(values.map((v) => (v === 0 ? 0 : v)));
      }),
    );
    const long = Array.from({ length: 5000 }, (_, i) => i / 7);
    expect([...readNumbers(long.join("\n"))]).toEqual(long);
  });

  it("names line, column and value of what is wrong", () => {
    expect(caught(() => readNumbers("I\n1\n\noops", { file: "in.csv" }))).toMatchObject({
      name: "CsvError",
      code: "csv",
      line: 4,
      column: "I",
      value: "oops",
      path: 'in.csv, line 4, column "I"',
      message: 'in.csv, line 4, column "I": "oops" is not a number.',
    });
    expect(caught(() => readNumbers("1\n1e999"))).toMatchObject({ line: 2, column: 1, value: "1e999" });
    expect(caught(() => readNumbers("nan")).message).toContain('"nan" is not a number');
    expect(caught(() => readNumbers("1\ninf")).message).toContain("must be finite");
    expect(caught(() => readNumbers("0x10")).message).toContain('"0x10" is not a number');
    expect(caught(() => readNumbers("1;2")).message).toContain("Columns are separated by commas.");
    expect(caught(() => readNumbers("1\n2,3"))).toMatchObject({ line: 2, value: "2,3" });
    expect(caught(() => readNumbers("1,2")).message).toContain("2 columns");
    expect(caught(() => readNumbers("a,b\n1,2")).message).toContain('("a", "b")');
    expect(caught(() => readNumbers("I_exc,t\n1,2", { column: "I_ext" }))).toMatchObject({ nearest: "I_exc" });
    expect(caught(() => readNumbers("1\n2", { column: "I" })).message).toContain("needs a header line");
    expect(caught(() => readNumbers("")).message).toBe("there is no number in the table.");
    expect(caught(() => readNumbers('a,b\n1,""', { column: "b" })).message).toContain("the field is empty");
    expect(caught(() => readNumbers("x"))).toBeInstanceOf(SpikeletError);
  });
});

describe("readPairs", () => {
  it("reads two to four columns by position", () => {
    expect(readPairs("0,1\n2,3")).toEqual({ sources: Uint32Array.of(0, 2), targets: Uint32Array.of(1, 3) });
    expect(readPairs("0,1,0.5,1.5\n2,3,-1,2")).toEqual({
      sources: Uint32Array.of(0, 2),
      targets: Uint32Array.of(1, 3),
      weights: Float64Array.of(0.5, -1),
      delays: Float64Array.of(1.5, 2),
    });
  });

  it("reads columns by name in any order and leaves out others", () => {
    expect(readPairs("delay,note,target,source\r\n1.5,x,1,0\r\n")).toEqual({
      sources: Uint32Array.of(0),
      targets: Uint32Array.of(1),
      delays: Float64Array.of(1.5),
    });
    expect(readPairs("")).toEqual({ sources: new Uint32Array(0), targets: new Uint32Array(0) });
  });

  it("gives back what was written", () => {
    const row = fc.tuple(fc.nat(4294967295), fc.nat(4294967295), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const pairs = readPairs(`source,target,weight\n${rows.map((r) => r.join(",")).join("\n")}`);
        expect([...pairs.sources]).toEqual(rows.map((r) => r[0]));
        expect([...pairs.targets]).toEqual(rows.map((r) => r[1]));
        expect([...(pairs.weights ?? [])]).toEqual(rows.map((r) => (r[2] === 0 ? 0 : r[2])));
      }),
    );
    const many = readPairs(Array.from({ length: 3000 }, (_, i) => `${i},${i + 1},${i}.5,1`).join("\n"));
    expect(many.targets[2999]).toBe(3000);
    expect(many.weights?.[2999]).toBe(2999.5);
    expect(many.delays?.length).toBe(3000);
  });

  it("names line, column and value of what is wrong", () => {
    expect(caught(() => readPairs("source,target\n0,1\n0,800", { targets: 800 }))).toMatchObject({
      line: 3,
      column: "target",
      value: "800",
      message: 'line 3, column "target": target "800" is not a neuron index; it must be a whole number from 0 to 799.',
    });
    expect(caught(() => readPairs("-1,0"))).toMatchObject({ line: 1, column: 1, value: "-1" });
    expect(caught(() => readPairs("0,1.5"))).toMatchObject({ line: 1, column: 2, value: "1.5" });
    expect(caught(() => readPairs("0,1\n4294967296,1"))).toMatchObject({ line: 2, column: 1 });
    expect(caught(() => readPairs("0,1,x"))).toMatchObject({ line: 1, column: 3, value: "x" });
    expect(caught(() => readPairs("0,1,2,y"))).toMatchObject({ line: 1, column: 4, value: "y" });
    expect(caught(() => readPairs("0")).message).toContain("2 to 4 numbers");
    expect(caught(() => readPairs("0 1")).message).toContain("separated by commas");
    expect(caught(() => readPairs("pre,post\n0,1")).message).toContain('"pre", "post"');
    expect(caught(() => readPairs("0,1\n0,1,2")).message).toBe(
      "line 2: the row has 3 fields, the first one has 2 fields.",
    );
  });
});

import { describe, expect, it } from "vitest";
import { CsvError } from "../../src/io/csv.js";
import { MAX_TEXT, parseModelFile, toDocument } from "../../src/io/document.js";
import {
  ConnectionError,
  DocumentError,
  DuplicateNameError,
  SpikeletError,
  UnknownKeyError,
  ValueRangeError,
  ValueTypeError,
} from "../../src/model/errors.js";
import { NpzError } from "../../src/io/npz.js";
import { parseDocument, parsePopulation } from "../../src/model/parse.js";
import { lif, models } from "../../src/models/index.js";
import { failure } from "./failure.js";
import { coba, everything, least, synapses } from "./networks.js";

const round = (document: unknown) => JSON.parse(JSON.stringify(document)) as unknown;

describe("parseModelFile", () => {
  it("reads what parseDocument reads", () => {
    for (const make of [coba, least, everything, synapses]) {
      expect(parseModelFile(JSON.stringify(make(), null, 2))).toEqual(parseDocument(make()));
    }
    expect(parseModelFile(`\ufeff${JSON.stringify(least())}\r\n`)).toEqual(parseDocument(least()));
  });

  it.each([
    ["", "line 1, column 1: expected a value, found the end of the file."],
    ["{", 'line 1, column 2: expected a key in double quotes or "}", found the end of the file.'],
    ['{\n  "dt": 0.1\n  "x": 2\n}', 'line 3, column 3: expected "," or "}", found "\\"".'],
    ['{\n  "dt": 0.1,\n}', 'line 3, column 1: expected a key in double quotes, found "}".'],
    ['{ "a" 1 }', 'line 1, column 7: expected ":", found "1".'],
    ["{ a: 1 }", 'line 1, column 3: expected a key in double quotes or "}", found "a".'],
    ["[1, 2", 'line 1, column 6: expected "," or "]", found the end of the file.'],
    ["[1, ]", 'line 1, column 5: expected a value, found "]".'],
    ["[1}", 'line 1, column 3: expected "," or "]", found "}".'],
    ['{"dt": 01}', 'line 1, column 9: expected the end of the value, found "1".'],
    ['{"dt": .5}', 'line 1, column 8: expected a value, found ".5".'],
    ['{"dt": NaN}', 'line 1, column 8: expected a value, found "NaN".'],
    ['{"dt": tru}', 'line 1, column 8: expected a value, found "tru".'],
    ['{"a": "x\ny"}', 'line 1, column 7: expected a text that ends on its line, with valid escapes, found "\\"".'],
    ['{"a": "\\q"}', 'line 1, column 7: expected a text that ends on its line, with valid escapes, found "\\"".'],
    ['{"a": 1} x', 'line 1, column 10: expected the end of the file, found "x".'],
    ["// a comment", 'line 1, column 1: expected a value, found "/".'],
  ])("says where %j is wrong", (text, message) => {
    expect(failure(() => parseModelFile(text))).toEqual([DocumentError, message]);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it("refuses repeated keys, depth and size", () => {
    expect(failure(() => parseModelFile('{"dt": 1,\n "dt": 2}'))).toEqual([DuplicateNameError, "$.dt: the key stands twice in its object (line 2, column 2)."]);
    expect(failure(() => parseModelFile('{"populations": [{"params": {"a": 1, "\\u0061": 2}}]}'))).toEqual([
      DuplicateNameError,
      "$.populations[0].params.a: the key stands twice in its object (line 1, column 38).",
    ]);
    for (const text of ["[".repeat(1e6), '{"a":'.repeat(1e6)]) {
      expect(failure(() => parseModelFile(text))).toEqual([DocumentError, "$: nested deeper than 64 levels; a network needs 6."]);
    }
    expect(failure(() => parseModelFile("x".repeat(MAX_TEXT + 1)))[0]).toBe(DocumentError);
    expect(failure(() => parseModelFile(`{"name": "${"\\n".repeat(5e6)}"}`))[0]).not.toBe(RangeError);
    expect(failure(() => parseModelFile('{"__proto__": {"dt": 1}}'))[0]).toBe(UnknownKeyError);
  });

  it("agrees with JSON.parse on what is JSON", () => {
    const texts = [
      "0",
      "-0",
      "1e5",
      "1E+5",
      "-1.25e-3",
      '""',
      '"\\u00e9\\n\\"/"',
      "true",
      "null",
      "[]",
      "{}",
      " [ ] ",
      '{"a":[{},[],{"b":null}]}',
      "-",
      "+1",
      "1.",
      "1e",
      "nul",
      '"',
      '"\\u12"',
      "[,]",
      "{,}",
      '{"a"}',
      '{"a":}',
      "[1 2]",
      "\u00a01",
      "'a'",
      '{"a":1}}',
      "]",
    ];
    for (const text of texts) {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      const [kind] = failure(() => parseModelFile(text));
      // valid JSON gets as far as the network, where something is missing
      expect(kind === DocumentError, text).toBe(!valid);
    }
  });

  it("takes models by name only", () => {
    const document = { ...least(), populations: [{ name: "a", model: lif, size: 1 }] };
    expect(failure(() => parseModelFile(JSON.stringify(document)))[0]).toBe(ValueTypeError);
  });

  it("reads the files it is given", () => {
    const files: Readonly<Record<string, string>> = {
      "current.csv": "# pA\nvalue\n1\n2\n3.5\n",
      "pairs.csv": "source,target\n0,1\n2,0\n",
      "weights.csv": "source,target,weight,delay\n0,1,0.5,1\n2,0,1.5,2\n",
      "negative.csv": "0,1,-1\n",
    };
    const readText = (file: string): string => {
      const text = files[file];
      if (text === undefined) throw new Error("no such file");
      return text;
    };
    const document = {
      ...least(),
      populations: [
        {
          name: "a",
          model: "lif",
          size: 3,
          receptors: { x: { kernel: "exponential", tau: 5, E_rev: 0 } },
          background: [{ kind: "samples", dt: 1, file: "current.csv" }],
        },
      ],
      projections: [
        { source: "a", target: "a", rule: "list", file: "pairs.csv", weight: [1, 2] },
        { source: "a", target: "a", rule: "list", file: "weights.csv" },
      ],
    };
    const text = JSON.stringify(document);
    const spec = parseModelFile(text, { readText });
    expect(spec.populations[0]?.background).toEqual([
      { kind: "samples", dt: 1, values: Float64Array.of(1, 2, 3.5), file: "current.csv" },
    ]);
    expect(spec.projections[0]).toMatchObject({
      rule: { rule: "list", sources: Uint32Array.of(0, 2), targets: Uint32Array.of(1, 0), file: "pairs.csv" },
      weight: Float64Array.of(1, 2),
      delay: 0.1,
    });
    expect(spec.projections[1]).toMatchObject({
      rule: { file: "weights.csv", columns: ["weight", "delay"] },
      weight: Float64Array.of(0.5, 1.5),
      delay: Float64Array.of(1, 2),
    });
    expect(parseModelFile(JSON.stringify(toDocument(spec)), { readText })).toEqual(spec);

    const change = (projection: object) => () =>
      parseModelFile(
        JSON.stringify({ ...document, projections: [{ source: "a", target: "a", rule: "list", ...projection }] }),
        { readText },
      );
    expect(failure(change({ file: "weights.csv", weight: 1 }))).toEqual([ConnectionError, "$.projections[0].weight: the file has a column of weights too; it must be one of them."]);
    expect(failure(change({ file: "pairs.csv" }))[1]).toBe('$.projections[0]: the key "weight" is missing; it must be the weight in nS.');
    expect(failure(change({ file: "negative.csv" }))[1]).toBe("$.projections[0].file.weight[0]: -1 nS; it must be >= 0 nS.");
    expect(failure(change({ file: "none.csv", weight: 1 }))).toEqual([DocumentError, 'the file "none.csv" cannot be read: no such file']);
    expect(failure(() => parseModelFile(text))[1]).toBe('$.populations[0].background[0].file: "current.csv"; files can only be read from the command line and by the loader for Node.');
  });
});

describe("connections in an npz archive", () => {
  const list = { source: "a", target: "a", rule: "list", file: "in/pairs.npz" };
  const receptors = { x: { kernel: "exponential", tau: 5, E_rev: 0 } };
  const read = (arrays: object, more: object = {}) => () => {
      const document = {
        ...least(),
        populations: [{ name: "a", model: "lif", size: 3, receptors }],
        projections: [{ ...list, ...more }],
      };
      const content = Object.fromEntries(
        Object.entries(arrays).map(([key, value]) => [
          key,
          ArrayBuffer.isView(value) ? { data: value, shape: [(value as Float64Array).length] } : value,
        ]),
      );
    const readers = {
      readText: () => "",
      readArrays: (file: string) => {
        expect(file).toBe("in/pairs.npz");
        return content;
      },
    };
    return parseModelFile(JSON.stringify(document), readers);
  };
  const ends = { source: Float64Array.of(0, 2), target: Uint32Array.of(1, 0) };

  it("are read, with weights and delays, and named again", () => {
    const rule = { rule: "list", sources: Uint32Array.of(0, 2), targets: Uint32Array.of(1, 0), file: "in/pairs.npz" };
    expect(read(ends, { weight: 2 })().projections[0]).toMatchObject({ rule, weight: 2, delay: 0.1 });
    const all = { ...ends, weight: Float32Array.of(0.5, 1.5), delay: Float64Array.of(1, 2), note: Uint8Array.of(7) };
    const spec = read(all)();
    expect(spec.projections[0]).toMatchObject({
      rule: { ...rule, columns: ["weight", "delay"] },
      weight: Float64Array.of(0.5, 1.5),
      delay: Float64Array.of(1, 2),
    });
    expect(toDocument(spec)).toMatchObject({ projections: [list] });
    expect(
      read({ source: new Float64Array(0), target: new Float64Array(0) }, { weight: 1 })().projections[0],
    ).toMatchObject({ rule: { sources: new Uint32Array(0) } });
  });

  it.each<[string, object, string]>([
    ["no arrays", {}, '"source": the archive lacks this array; it has no arrays, and a list needs "source" and "target".'],
    ["other arrays", { arr_0: ends.source, arr_1: ends.target }, '"source": the archive lacks this array; it has the arrays "arr_0", "arr_1", and a list needs "source" and "target".'],
    ["a misspelt array", { sources: ends.source, target: ends.target }, '"sources": unknown array; did you mean "source"? Known: source, target, weight, delay.'],
    ["a misspelt array that may be left out", { ...ends, delays: ends.source }, '"delays": unknown array; did you mean "delay"? Known: source, target, weight, delay.'],
    ["a table", { ...ends, source: { data: ends.source, shape: [1, 2] } }, '"source": the array has the shape (1, 2); it must have one dimension.'],
    ["arrays of unequal length", { ...ends, target: Uint32Array.of(1) }, '"target": the array has 1 elements; it must have as many as "source", 2.'],
    ["too many weights", { ...ends, weight: Float64Array.of(1, 2, 3) }, '"weight": the array has 3 elements; it must have as many as "source", 2.'],
    ["a neuron that there is not", { ...ends, target: Uint32Array.of(1, 3) }, '"target": element 1 is 3, no neuron index; it must be a whole number from 0 to 2.'],
    ["a neuron before the first", { ...ends, source: Float64Array.of(-1, 0) }, '"source": element 0 is -1, no neuron index; it must be a whole number from 0 to 2.'],
    ["half a neuron", { ...ends, source: Float64Array.of(0, 0.5) }, '"source": element 1 is 0.5, no neuron index; it must be a whole number from 0 to 2.'],
    ["a weight that is no number", { ...ends, weight: Float64Array.of(1, Number.NaN) }, '"weight": element 1 is NaN; it must be a finite number.'],
  ])("of %s are refused", (_, arrays, message) => {
    expect(failure(read(arrays))).toEqual([NpzError, `in/pairs.npz: ${message}`]);
  });

  it("are checked like others, and need somebody who reads them", () => {
    expect(failure(read({ ...ends, weight: Float64Array.of(1, -1) }))[1]).toBe("$.projections[0].file.weight[1]: -1 nS; it must be >= 0 nS.");
    expect(failure(read({ ...ends, weight: Float64Array.of(1, 1) }, { weight: 1 }))[1]).toContain(
      "has a column of weights too",
    );
    const document = {
      ...least(),
      populations: [{ name: "a", model: "lif", size: 3, receptors }],
      projections: [list],
    };
    const text = JSON.stringify(document);
    expect(failure(() => parseModelFile(text, { readText: () => "" }))).toEqual([DocumentError, 'the file "in/pairs.npz" cannot be read: give parseModelFile the function readArrays for npz archives.']);
    const readArrays = (): never => {
      throw new Error("no such file");
    };
    expect(failure(() => parseModelFile(text, { readText: () => "", readArrays }))).toEqual([DocumentError, 'the file "in/pairs.npz" cannot be read: no such file']);
  });
});

describe("spikes in a file", () => {
  const document = {
    ...least(),
    populations: [{ name: "in", model: "spikeTrain", size: 3, params: { file: "spikes.csv" } }],
  };
  const read = (table: string) => () => parseModelFile(JSON.stringify(document), { readText: () => table });

  it("are read, sorted and named again", () => {
    const spec = read("neuron,time,comment\n2,3,a\n0,1.5,b\n1,3,c\n")();
    expect(spec.populations[0]?.source).toEqual({
      kind: "spikeTrain",
      times: Float64Array.of(1.5, 3, 3),
      neurons: Uint32Array.of(0, 1, 2),
      file: "spikes.csv",
    });
    expect(toDocument(spec)).toMatchObject({ populations: document.populations });
  });

  it.each([
    ["1,2\n", CsvError, 'spikes.csv, line 1: the table needs a header line that names the column "time".'],
    ["time,neurons\n1,2\n", CsvError, 'spikes.csv, line 1: there is no column "neuron"; the columns are "time", "neurons". Did you mean "neurons"?'],
    ["time,neuron\n", CsvError, "spikes.csv: there is no number in the table."],
    ["time,neuron\n1,3\n", ValueRangeError, "$.populations[0].params.file.neurons[0]: 3; it must be an integer from 0 to 2."],
    ["time,neuron\n-1,2\n", ValueRangeError, "$.populations[0].params.file.times[0]: -1 ms; it must be >= 0 ms."],
  ])("of %j are refused", (table, kind, message) => {
    expect(failure(read(table))).toEqual([kind, message]);
  });
});

describe("toDocument", () => {
  it("is the way back", () => {
    for (const make of [coba, least, everything, synapses]) {
      const spec = parseDocument(make());
      expect(parseDocument(round(toDocument(spec)))).toEqual(spec);
    }
    for (const model of Object.values(models)) {
      for (const preset of [undefined, ...Object.keys(model.presets)]) {
        const spec = parseDocument({
          dt: 0.01,
          duration: 0,
          populations: [{ name: "a", model: model.id, size: 1, preset }],
        });
        expect(parseDocument(round(toDocument(spec)))).toEqual(spec);
      }
    }
  });

  it("gives the documentation's example back as it was", () => {
    const document = coba();
    // what equals its default is left out
    delete document.projections[0].delay;
    expect(toDocument(parseDocument(coba()))).toEqual({ version: 1, ...document });
  });

  it("leaves the defaults of sources, rules and synapses out", () => {
    const document = toDocument(parseDocument(synapses())) as { populations: object[]; projections: object[] };
    expect(document.populations[2]).toEqual({ name: "quiet", model: "poisson", size: 2 });
    expect(document.projections[3]).toEqual({
      source: "noise",
      target: "exc",
      receptor: "jump",
      rule: "distance",
      kernel: "gaussian",
      scale: 100,
      periodic: true,
      weight: -1,
    });
    expect(document.projections[10]).toEqual({
      source: "exc",
      target: "hh",
      rule: "oneToOne",
      gapJunction: true,
      weight: 0.01,
    });
  });

  it("keeps a parameter that was set back to the default of the model against its preset", () => {
    const spec = parseDocument({
      ...least(),
      populations: [{ name: "a", model: "adex", preset: "tonic", size: 1, params: { C_m: 281 } }],
    });
    expect(parseDocument(round(toDocument(spec)))).toEqual(spec);
  });

  it("refuses what has no form in JSON", () => {
    const spec = parseDocument({ ...least(), populations: [{ name: "a", model: { ...lif, id: "mine" }, size: 1 }] });
    expect(failure(() => toDocument(spec))).toEqual([DocumentError, 'population "a": the model "mine" is neither built in nor defined as text; a model file can hold no other.']);
    const document = coba();
    document.projections[0].weight = () => 1;
    const computed = parseDocument(document);
    expect(failure(() => toDocument(computed))).toEqual([DocumentError, "$.projections[0].weight: a function has no form in a model file; use the rule list with an array."]);
    expect(failure(() => toDocument(computed))[0]).not.toBe(SpikeletError);
    expect(parsePopulation({ name: "a", model: "lif", size: 1 }, "$").model).toBe(lif);
  });
});

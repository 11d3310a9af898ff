/**
 * examples/fly: the loader with tiny files, right ones and wrong ones; the synthetic graph; the program as a user runs
 * it. The script uses the package as it is built, as a reader would.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { compressors } from "hyparquet-compressors";
import { afterAll, describe, expect, it } from "vitest";
import { census, cut, type Graph, silence } from "../../examples/fly/graph.js";
import { loadGraph, loadNeurons } from "../../examples/fly/load.js";
import { FLY, syntheticFly } from "../../examples/fly/synthetic.js";

const folder = mkdtempSync(join(tmpdir(), "spikelet-fly-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const [PRE, POST, COUNT] = ["Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity"];
const IDS = ["720575940596125868", "720575940597856265", "720575940597944841"];
const neurons = put("neurons.csv", `,Completed\n${IDS.map((id) => `${id},True\n`).join("")}`);

/** Rows: source, target, count. */
const ROWS = [
  [0, 1, 3],
  [2, 0, -12],
  [1, 2, 2405],
] as const;

/** A new folder. */
function made(name: string): string {
  mkdirSync(join(folder, name));
  return join(folder, name);
}

type Columns = NonNullable<Parameters<typeof parquetWriteBuffer>[0]["columnData"]>;

function parquet(name: string, columnData: Columns, more: object = {}): string {
  return put(name, new Uint8Array(parquetWriteBuffer({ columnData, ...more })));
}

function columns(rows: readonly (readonly number[])[]): Columns {
  const column = (k: number): bigint[] => rows.map((row) => BigInt(row[k] as number));
  return [
    { name: "Presynaptic_ID", data: rows.map((row) => BigInt(IDS[row[0] as number] ?? 0)), type: "INT64" },
    { name: PRE as string, data: column(0), type: "INT64" },
    { name: POST as string, data: column(1), type: "INT64" },
    { name: COUNT as string, data: column(2), type: "INT64" },
  ];
}

function csv(rows: readonly (readonly (number | string)[])[]): string {
  return `Presynaptic_ID,${PRE},${POST},Connectivity,Excitatory,${COUNT}\n${rows.map(([s, t, n]) => `720575940596125868,${s},${t},0.5,x,${n}\n`).join("")}`;
}

function plain({ size, sources, targets, counts, ids }: Graph): unknown {
  return { size, rows: Array.from(counts, (n, i) => [sources[i], targets[i], n]), ids };
}

const expected = { size: 3, rows: ROWS.map((row) => [...row]), ids: IDS };

describe("a connectome is loaded", () => {
  it.each([
    ["Parquet, snappy", () => parquet("a.parquet", columns(ROWS))],
    ["Parquet, several groups of rows", () => parquet("b.parquet", columns(ROWS), { rowGroupSize: 2 })],
    ["Parquet, without compression", () => parquet("c.parquet", columns(ROWS), { codec: "UNCOMPRESSED" })],
    [
      "Parquet, numbers of 32 bits",
      () =>
        parquet("d.parquet", [PRE, POST, COUNT].map((name, k) => ({
          name: name as string,
          data: Int32Array.from(ROWS, (row) => row[k] as number),
          type: "INT32",
        }))),
    ],
    ["CSV", () => put("a.csv", csv(ROWS))],
    ["CSV without an end of the last line, with those of Windows and a mark", () => put("b.csv", `\uFEFF${csv(ROWS).trim().replaceAll("\n", "\r\n")}`)],
    ["CSV with blank lines", () => put("c.csv", `${csv(ROWS)}\n\n`)],
    ["CSV in gzip", () => put("d.csv.gz", gzipSync(csv(ROWS)))],
  ])("from %s", async (_, make) => {
    expect(plain(await loadGraph(make(), neurons))).toEqual(expected);
  });

  it("from CSV that comes in several pieces", async () => {
    const rows = Array.from({ length: 120_000 }, (_, i) => [i % 3, (i * 7) % 3, (i % 4000) - 2000]);
    const file = put("long.csv", csv(rows));
    expect(readFileSync(file).length).toBeGreaterThan(3 << 20);
    expect(plain(await loadGraph(file, neurons))).toEqual({ size: 3, rows, ids: IDS });
  });

  it("without the list of neurons, as many as the indices say", async () => {
    expect(plain(await loadGraph(put("e.csv", csv(ROWS))))).toEqual({ ...expected, ids: undefined });
  });
});

/** Of the graph of 1000 neurons and seed 1. */
const HASH = 3624144766;

const integers = "a whole number >= 0, the place of a neuron in the list of neurons";

describe("what is wrong in a file is told with its place", () => {
  const mistakes: readonly (readonly [string, () => string, string, string])[] = [
    ["no file", () => join(folder, "none.csv"), "document", "none.csv: there is no such file."],
    ["a folder", () => made("f.csv"), "document", "f.csv: it is a folder."],
    ["an empty file", () => put("empty.parquet", ""), "document", "empty.parquet: the file is empty."],
    ["no rows in CSV", () => put("rows.csv", csv([])), "document", "rows.csv: the file has no rows."],
    ["no rows in Parquet", () => parquet("r.parquet", columns([])), "document", "r.parquet: the file has no rows."],
    ["another kind of file", () => put("a.feather", "ARROW1"), "document", "a.feather: the name of the file must end with .parquet, .csv or .csv.gz."],
    ["CSV that is called Parquet", () => put("x.parquet", csv(ROWS)), "document", "x.parquet: this is no Parquet file: those begin with PAR1."],
    ["Parquet that is called CSV", () => put("x.csv", "PAR1aaa"), "document", "x.csv: this is a Parquet file, not CSV."],
    ["a pointer of Git LFS", () => put("lfs.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "document", 'lfs.parquet: this is a pointer of Git LFS, not the file itself; fetch that with "git lfs pull", or download it from the page of the file.'],
    ["a column that is missing in CSV", () => put("m.csv", `a,${PRE}\n1,2\n`), "missing-key", `m.csv: there is no column "${POST}"; it must have "${PRE}", "${POST}", "${COUNT}". It has "a", "${PRE}".`],
    ["a column that is missing in Parquet", () => parquet("m.parquet", columns(ROWS).slice(0, 3)), "missing-key", `m.parquet: there is no column "${COUNT}"; it must have "${PRE}", "${POST}", "${COUNT}". It has "Presynaptic_ID", "${PRE}", "${POST}".`],
    ["a field that is missing", () => put("s.csv", `${PRE},${POST},${COUNT}\n1,2,3\n1,2\n`), "missing-key", `s.csv, line 3: 2 fields; "${COUNT}" is missing, field 3.`],
    ["a fraction in CSV", () => put("i.csv", csv([[0, 1, 3], [0, "1.5", 3]])), "value-type", `i.csv, line 3: "${POST}" is "1.5"; it must be ${integers}.`],
    ["a word in CSV", () => put("w.csv", csv([["x", 1, 3]])), "value-type", `w.csv, line 2: "${PRE}" is "x"; it must be ${integers}.`],
    ["an empty field", () => put("n.csv", csv([[0, 1, ""]])), "value-type", `n.csv, line 2: "${COUNT}" is ""; it must be a whole number, the count of synapses, negative for an inhibitory neuron.`],
    ["a number of far too many digits", () => put("t.csv", csv([["99999999999999999999", 1, 1]])), "value-type", `t.csv, line 2: "${PRE}" is "99999999999999999999"; it must be ${integers}.`],
    ["a fraction in Parquet", () => parquet("i.parquet", [{ name: PRE as string, data: [0, 0.5], type: "DOUBLE" }, ...columns(ROWS.slice(0, 2)).slice(2)]), "value-type", `i.parquet, row 1 from 0: "${PRE}" is 0.5; it must be ${integers}.`],
    ["a text in Parquet", () => parquet("w.parquet", [{ name: PRE as string, data: ["0", "b"], type: "STRING" }, ...columns(ROWS.slice(0, 2)).slice(2)]), "value-type", `w.parquet, row 0 from 0: "${PRE}" is "0"; it must be ${integers}.`],
    ["nothing in Parquet", () => parquet("n.parquet", [...columns(ROWS).slice(0, 3), { name: COUNT as string, data: [1n, null, 3n], type: "INT64", nullable: true }]), "value-type", `n.parquet, row 1 from 0: "${COUNT}" is null; it must be a whole number, the count of synapses, negative for an inhibitory neuron.`],
    ["a negative index", () => put("g.csv", csv([[0, -1, 3]])), "value-range", `g.csv, line 2: "${POST}" is -1; it must be from 0 to 9999999.`],
    ["an index that is out of range in CSV", () => put("o.csv", csv([...ROWS, [0, 3, 1]])), "value-range", `o.csv, pair 4: "${POST}" is 3; it must be an integer from 0 to 2, since ${neurons} lists 3 neurons.`],
    ["an index that is out of range in Parquet", () => parquet("o.parquet", columns([...ROWS, [7, 0, 1]])), "value-range", `o.parquet, row 3 from 0: "${PRE}" is 7; it must be an integer from 0 to 2, since ${neurons} lists 3 neurons.`],
    ["a count beyond what float32 holds", () => put("c2.csv", csv([[0, 1, 16_777_217]])), "value-range", `c2.csv, line 2: "${COUNT}" is 16777217; it must be from -16777216 to 16777216.`],
  ];
  it.each(mistakes)("%s", async (_, make, code, message) => {
    const file = make();
    const at = (text: string): string => text.slice(text.indexOf(folder) === 0 ? folder.length + 1 : 0);
    const error: { code?: string; message: string } = await loadGraph(file, neurons).then(
      () => ({ message: "nothing" }),
      (e: Error) => e,
    );
    expect(at(error.message)).toBe(message);
    expect(error.code).toBe(code);
  });

  it.each([
    ["other bytes in a Parquet file", () => put("broken.parquet", "PAR1 and nothing else that is Parquet")],
    [
      "half of a Parquet file",
      () => put("half.parquet", readFileSync(parquet("whole.parquet", columns(ROWS))).subarray(0, 300)),
    ],
  ])("%s", async (_, make) => {
    await expect(loadGraph(make(), neurons)).rejects.toThrow(/the Parquet file cannot be read \(.+\)\.$/);
  });

  it("in the list of neurons", () => {
    const wrong = (text: string): (() => unknown) => () => loadNeurons(put("list.csv", text));
    expect(wrong("")).toThrow("list.csv: the file is empty.");
    expect(wrong(",Completed\n")).toThrow("list.csv: the file lists no neurons.");
    expect(wrong("720575940596125868,True\n")).toThrow("list.csv, line 1: the file has no header; it must begin with the names of its columns.");
    expect(wrong(",Completed\n1,True\nx,True\n")).toThrow('list.csv, line 3: the id is "x"; it must be a whole number, the id of a neuron.');
    expect(wrong(",Completed\n1,True\n2,True\n1,True\n")).toThrow("list.csv, line 4: the neuron 1 is in line 2 too.");
    expect(loadNeurons(neurons)).toEqual(IDS);
  });

  it("where the packages for Parquet are missing", () => {
    // Node's own resolution, in a process that refuses them.
    const script = `
      import { register } from "node:module";
      const refuse = "export async function resolve(name, context, next) { if (name.startsWith('hyparquet')) throw Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context); }";
      register("data:text/javascript," + encodeURIComponent(refuse));
      const { loadGraph } = await import("./examples/fly/load.ts");
      await loadGraph(${JSON.stringify(parquet("p.parquet", columns(ROWS)))}).catch((error) => console.log(error.code, error.message));
      console.log((await loadGraph(${JSON.stringify(put("p.csv", csv(ROWS)))})).size);
    `;
    const file = join("build", "fly-without-packages.mts");
    writeFileSync(file, script.replaceAll("./examples", "../examples"));
    const output = execFileSync(process.execPath, ["--import", "tsx", file], { encoding: "utf8" });
    rmSync(file);
    expect(output).toContain('unavailable ');
    expect(output).toContain("npm install hyparquet hyparquet-compressors");
    expect(output.trim().endsWith("3")).toBe(true);
  });

  it("all that pyarrow compresses with has a decompressor", () => {
    for (const codec of ["SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4_RAW"]) expect(compressors).toHaveProperty(codec);
  });
});

describe("the synthetic graph", () => {
  const size = 6000;
  const graph = syntheticFly({ size });

  it("has the statistics that are published of the fly's", () => {
    const found = census(graph);
    expect(found.pairs).toBe(Math.round((FLY.pairs / FLY.size) * size));
    // 3.611 synapses a pair, 17.9 % of the pairs with five or more, 37 % of the synapses in the others
    expect(found.synapses / found.pairs / (FLY.synapses / FLY.pairs)).toBeGreaterThan(0.97);
    expect(found.synapses / found.pairs / (FLY.synapses / FLY.pairs)).toBeLessThan(1.03);
    expect(Math.abs(found.strong - FLY.strong / FLY.pairs)).toBeLessThan(0.005);
    expect(Math.abs(found.weak - 0.37)).toBeLessThan(0.05);
    expect(Math.abs(found.inhibitory - 0.35)).toBeLessThan(0.07);
    for (const [, median, mean, most] of [found.inDegree, found.outDegree]) {
      expect(mean).toBeCloseTo(108.858, 2);
      expect(median).toBeLessThan(0.8 * mean);
      expect(most).toBeGreaterThan(4 * mean);
    }
  });

  it("has each pair once, no neuron onto itself, and neurons that are excitatory or inhibitory as a whole", () => {
    const seen = new Set<number>();
    const signs = new Map<number, number>();
    const found = { autapses: 0, empty: 0, mixed: 0 };
    for (let i = 0; i < graph.counts.length; i++) {
      const [source, target, count] = [graph.sources[i], graph.targets[i], graph.counts[i]] as [number, number, number];
      if (source === target) found.autapses++;
      if (count === 0) found.empty++;
      if ((signs.get(source) ?? Math.sign(count)) !== Math.sign(count)) found.mixed++;
      signs.set(source, Math.sign(count));
      seen.add(source * size + target);
    }
    expect(found).toEqual({ autapses: 0, empty: 0, mixed: 0 });
    expect(seen.size).toBe(graph.counts.length);
    expect([...graph.sensory].every((n) => signs.get(n) === 1)).toBe(true);
  });

  it("is the same for the same seed, in every version", () => {
    const hash = ({ sources, targets, counts }: Graph): number => {
      let h = 0;
      for (const column of [sources, targets, counts]) for (const x of column) h = (Math.imul(h, 31) + x) | 0;
      return h >>> 0;
    };
    expect(hash(syntheticFly({ size: 1000 }))).toBe(HASH);
    expect(hash(syntheticFly({ size: 1000, seed: 2 }))).not.toBe(HASH);
  });

  it("refuses what it cannot make", () => {
    expect(() => syntheticFly({ size: 99 })).toThrow("syntheticFly: size is 99; it must be an integer from 100 to 10,000,000.");
    expect(() => syntheticFly({ size: 100, pairs: 99 })).toThrow("pairs is 99; it must be an integer from 100 to 625.");
    expect(() => syntheticFly({ inhibitory: 1.1 })).toThrow("inhibitory is 1.1; it must be from 0 to 1.");
    expect(() => syntheticFly({ seed: -1 })).toThrow("seed is -1");
  });

  it("can be cut, and neurons of it silenced", () => {
    const part = cut(graph, [5, 3, 100]);
    expect(part.size).toBe(3);
    const kept = new Map([[5, 0], [3, 1], [100, 2]]);
    const isKept = (end: number | undefined): boolean => kept.has(end as number);
    const among = [...graph.counts.keys()].filter((i) => isKept(graph.sources[i]) && isKept(graph.targets[i]));
    expect([...part.sources]).toEqual(among.map((i) => kept.get(graph.sources[i] as number)));
    expect([...part.counts]).toEqual(among.map((i) => graph.counts[i]));
    const quiet = silence(graph, [5]);
    expect(quiet.sources.includes(5)).toBe(false);
    expect(quiet.targets.includes(5)).toBe(true);
    expect(quiet.counts.length).toBe(graph.counts.length - graph.sources.filter((s) => s === 5).length);
  });
});

describe("the program", () => {
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ["--import", "tsx", "examples/fly/index.ts", ...args], { encoding: "utf8" });

  it("stimulates a synthetic brain: some hundred neurons follow, the others stay silent", () => {
    const out = join(folder, "out");
    const options = ["--size", "10000", "--duration", "300", "--trials", "2", "--out", out];
    const { status, stdout } = run("--synthetic", ...options);
    expect(stdout).toContain("it is NOT a brain");
    expect(status).toBe(0);
    const table = readFileSync(join(out, "rates.csv"), "utf8").trim().split("\n").slice(1);
    const rates = table.map((line) => line.split(",").map(Number));
    const rateOf = new Map(rates.map(([n, rate]) => [n as number, rate as number]));
    const driven = Array.from({ length: 20 }, (_, n) => rateOf.get(n) ?? 0);
    expect(driven.reduce((a, b) => a + b) / 20).toBeGreaterThan(130);
    expect(driven.reduce((a, b) => a + b) / 20).toBeLessThan(170);
    expect(rates.length).toBeGreaterThan(100);
    expect(rates.length).toBeLessThan(1000);
    const spikes = readFileSync(join(out, "spikes.csv"), "utf8").trim().split("\n");
    expect(spikes[0]).toBe("trial,time_ms,neuron");
    expect(spikes.length - 1).toBe(Math.round(rates.reduce((sum, [, rate]) => sum + (rate as number) * 0.6, 0)));
    // Trials differ.
    const of = (trial: number): string[] =>
      spikes.filter((line) => line.startsWith(`${trial},`)).map((line) => line.slice(2));
    expect(of(0)).not.toEqual(of(1));
  });

  it("has the same spikes on two threads", () => {
    const spikes = ["1", "2"].map((threads) => {
      const out = join(folder, `threads${threads}`);
      const { status } = run("--synthetic", "--size", "3000", "--duration", "200", "--threads", threads, "--out", out);
      expect(status).toBe(0);
      return readFileSync(join(out, "spikes.csv"), "utf8");
    });
    expect(spikes[0]?.split("\n").length).toBeGreaterThan(500);
    expect(spikes[1]).toBe(spikes[0]);
  });

  it("runs the user's own files, by ids and indices, and silences", () => {
    const out = join(folder, "own");
    // One spike of 0 makes 1 fire, which makes 2 fire.
    const file = put("chain.csv", csv([[0, 1, 600], [1, 2, 600]]));
    const counts = (...more: string[]): Record<string, string> => {
      const files = ["--connectivity", file, "--neurons", neurons, "--out", out];
      const { status, stderr } = run(...files, "--duration", "200", ...more);
      expect(stderr).toBe("");
      expect(status).toBe(0);
      const lines = readFileSync(join(out, "rates.csv"), "utf8").trim().split("\n").slice(1);
      return Object.fromEntries(lines.map((line) => line.split(",").slice(1, 3)));
    };
    const all = counts("--stimulate", IDS[0] as string);
    expect(Object.keys(all).sort()).toEqual(IDS);
    expect(counts("--stimulate", "0")).toEqual(all);
    expect(counts("--stimulate", `@${put("list.txt", `${IDS[0]}\n`)}`)).toEqual(all);
    expect(Object.keys(counts("--stimulate", "0", "--silence", IDS[1] as string)).sort()).toEqual(IDS.slice(0, 2));
  });

  it("says what is wrong with what it is given", () => {
    const file = put("options.csv", csv(ROWS));
    const wrong = (...args: string[]): string => {
      const { status, stderr } = run(...args);
      expect(status).toBe(2);
      return stderr.trim();
    };
    expect(wrong("--connectivity", file, "--stimulate", "3")).toBe('--stimulate: there is no neuron "3"; it must be an index from 0 to 2.');
    expect(wrong("--synthetic", "--rate", "much")).toBe("--rate much; it must be a number from 0 to 5000.");
    expect(wrong("--synthetic", "--size", "200", "--method", "exakt")).toContain("exakt");
    expect(wrong("--synthetic", "--sise", "200")).toMatch(/^Unknown option '--sise'\. Known: --help, .*, --size, .*\.$/);
    const none = wrong("--synthetic", "--size", "200", "--silence", "@nowhere.txt");
    expect(none).toMatch(/^--silence: nowhere\.txt cannot be read: ENOENT.*\.$/);
    // Ahead of the run: nothing that was computed is lost.
    const noFolder = wrong("--synthetic", "--size", "200", "--out", join(file, "results"));
    expect(noFolder).toMatch(/^--out: .*results cannot be a folder: ENOTDIR.*\.$/);
  });
});

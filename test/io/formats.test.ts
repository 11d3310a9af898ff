/** Formats of results: what follows from the list of them, and a further one that is planted. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { PopulationTrace } from "../../src/index.js";
import { plot } from "../../src/cli/plot.js";
import { RESULT_FILES } from "../../src/io/folder.js";
import {
  filesFor,
  inFile,
  type ResultFormat,
  type RunTables,
  TableError,
  type TableName,
} from "../../src/io/format.js";
import { FORMATS } from "../../src/io/formats.js";
import { hdf5Formats } from "../../src/io/hdf5-formats.js";
import { resultFormats } from "../../src/io/own-formats.js";
import { writeResults } from "../../src/io/results.js";

const folder = mkdtempSync(join(tmpdir(), "spikelet-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TABLES: readonly TableName[] = ["spikes", "traces", "weightTraces", "weights"];

describe.each(FORMATS.map((format) => [format.name, format] as const))("%s", (name, format) => {
  it("has the name of its key, each table in one file, and a row for each file in the page", () => {
    expect({ ...resultFormats, ...hdf5Formats }[name]).toBe(format);
    expect(format.files.flatMap(({ holds }) => holds).sort()).toEqual([...TABLES].sort());
    const page = readFileSync("docs/command-line.md", "utf8");
    for (const { name: file, summary } of format.files) {
      expect(page).toContain(`| \`${file}\` |`);
      expect(RESULT_FILES).toContain(file);
      expect(summary).not.toBe("");
    }
  });
});

it("files of the same name in two formats are the same file, written and read by one of them", () => {
  const files = new Set(FORMATS.flatMap((format) => format.files));
  expect(new Set([...files].map(({ name }) => name)).size).toBe(files.size);
});

const time = Float64Array.from({ length: 50 }, (_, k) => 2 * k);
const trace: PopulationTrace = {
  population: "p",
  variable: "v",
  unit: "mV",
  neurons: Uint32Array.of(1),
  time,
  values: () => time.map(Math.cos),
};
const tables: RunTables = {
  spikes: [{ name: "p", size: 3, spikes: { times: Float64Array.of(5, 12, 30), neurons: Uint32Array.of(0, 2, 1) } }],
  traces: [trace],
  weightTraces: [],
  weights: [
    {
      name: "p -> p",
      unit: "pA",
      sources: Uint32Array.of(0),
      targets: Uint32Array.of(1),
      weights: Float64Array.of(2.5),
    },
  ],
};
const document = { populations: [{ name: "p", model: "adex", size: 3 }] };
const run = { name: "net", dt: 0.1, duration: 100, populations: { p: { size: 3 } }, document };

/** One file for all tables, made asynchronously as bytes. */
const planted: ResultFormat = {
  name: "planted",
  files: [{ name: "results.planted", holds: TABLES, summary: "everything" }],
  async *write(_file, { spikes, traces, weights }, { name }) {
    const [train] = spikes;
    yield new TextEncoder().encode(`${name}\n`);
    await Promise.resolve();
    yield JSON.stringify([...(train?.spikes.times ?? [])]);
    yield `\n${JSON.stringify([...(train?.spikes.neurons ?? [])])}\n`;
    yield `${JSON.stringify(traces.map((t) => [...t.values(0)])[0])}\n${weights[0]?.weights[0]}`;
  },
  read: (_file, { path, bytes }, { unit }) =>
    inFile(path, async () => {
      const lines = new TextDecoder().decode(await bytes()).split("\n");
      const [times, neurons, values] = lines.slice(1, 4).map((line) => JSON.parse(line) as number[]);
      const read = { ...trace, unit: unit("p", "v"), values: () => Float64Array.from(values ?? []) };
      return {
        spikes: new Map([["p", { times: Float64Array.from(times ?? []), neurons: Uint32Array.from(neurons ?? []) }]]),
        traces: [read],
        weights: new Map([["p -> p", Float64Array.of(Number(lines[4]))]]),
      };
    }),
};

describe("a further format", () => {
  it("is written, and drawn as the others are", async () => {
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const formats = FORMATS as unknown as ResultFormat[];
    formats.push(planted);
    try {
      const drawn = [];
      for (const format of [resultFormats.csv, planted]) {
        const directory = mkdtempSync(join(folder, "run-"));
        const options = { format, lacking: () => run, spend: () => undefined };
        const { written, missing } = await writeResults(directory, { run, ...tables, figures: {} }, options);
        expect([written, missing]).toEqual([[...filesFor(format, tables).map(({ name }) => name), "run.json"], []]);
        expect(await plot(directory, {})).toBe(0);
        const figures = readdirSync(directory).filter((name) => name.endsWith(".svg"));
        drawn.push(figures.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
      }
      expect(drawn[0]?.length).toBeGreaterThan(3);
      expect(drawn[1]).toEqual(drawn[0]);
    } finally {
      formats.pop();
      said.mockRestore();
    }
  });

  it("that cannot be written is missed, nothing half-written stays, and the tables are there in the default format", async () => {
    const directory = mkdtempSync(join(folder, "run-"));
    const failing: ResultFormat = {
      ...planted,
      async *write(file) {
        yield "begun";
        await Promise.resolve();
        throw new TableError(`${file}: it would be too large.`);
      },
    };
    const options = { format: failing, lacking: () => run, spend: () => undefined };
    const { missing, written } = await writeResults(directory, { run, ...tables, figures: {} }, options);
    const instead = ["spikes.csv", "traces.csv", "weights.csv"];
    const reason = `results.planted: it would be too large; ${instead.join(", ")} holds its tables instead`;
    expect(missing).toEqual([{ name: "results.planted", reason }]);
    expect(written).toEqual([...instead, "run.json"]);
    expect(existsSync(join(directory, "run.json"))).toBe(true);
    expect(readdirSync(directory).sort()).toEqual(["run.json", ...instead]);
  });

  it("names the file in which something is wrong", async () => {
    const bytes = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array(3));
    const source = { path: "some/spikes.npz", bytes, text: () => Promise.resolve("") };
    const known = { sizes: new Map([["p", 3]]), dt: 0.1, unit: () => "", weightUnit: () => "" };
    await expect(resultFormats.npz.read("spikes.npz", source, known)).rejects.toThrow("some/spikes.npz: this is no readable npz archive");
    await expect(resultFormats.csv.read("spikes.csv", source, known)).rejects.toThrow(
      "some/spikes.npz: the file is empty",
    );
  });
});

/**
 * NWB and SONATA as formats of results: the tables that csv gives back, bit for bit on the grid, and what is no such
 * file.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it, vi } from "vitest";
import { plot } from "../../src/cli/plot.js";
import {
  filesFor,
  type KnownRun,
  type ReadTables,
  type ResultFormat,
  type RunFacts,
  type RunTables,
} from "../../src/io/format.js";
import { hdf5Formats } from "../../src/io/hdf5-formats.js";
import { resultFormats } from "../../src/io/own-formats.js";
import {
  dataset,
  fixedText,
  group,
  type Group,
  type GroupReader,
  numbers,
  readHdf5,
  variableText,
  writeHdf5,
} from "../../src/io/hdf5.js";
import { writeResults } from "../../src/io/results.js";
import { evenTimes, exactIntervalOf, msOf, secondsOf } from "../../src/io/samples.js";
import { type PopulationSpikes, type PopulationTrace, SpikeletError } from "../../src/index.js";
import { timeOf } from "../../src/model/grid.js";

const { nwb, sonata } = hdf5Formats;

const folder = mkdtempSync(join(tmpdir(), "spikelet-hdf5-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function contentOf(format: ResultFormat, file: string, tables: RunTables, run: RunFacts): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const chunks = format.write(file, tables, run);
  for await (const chunk of typeof chunks === "string" || chunks instanceof Uint8Array ? [chunks] : chunks) {
    pieces.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

const sourceOf = (path: string, bytes: Uint8Array) => ({
  path,
  bytes: () => Promise.resolve(bytes),
  text: () => Promise.resolve(new TextDecoder().decode(bytes)),
});

/** Tables written in a format and read again, as plain lists that can be compared whatever the format. */
async function through(
  format: ResultFormat,
  tables: RunTables,
  run: RunFacts,
  known: KnownRun,
): Promise<ReturnType<typeof plain>> {
  const traces: PopulationTrace[] = [];
  let all: ReadTables = {};
  for (const { name } of filesFor(format, tables)) {
    const part = await format.read(name, sourceOf(name, await contentOf(format, name, tables, run)), known);
    traces.push(...(part.traces ?? []));
    all = { ...all, ...part };
  }
  return plain({ ...all, traces });
}

/** Samples as numbers of 32 bits, which reports of SONATA have. */
const inShort = (traces: Series): Series =>
  Object.fromEntries(
    Object.entries(traces).map(([key, rows]) => [
      key,
      rows.map(([t, value]) => [t, plus(Math.fround(value))] as const),
    ]),
  );

/** Times and values of each neuron. */
type Series = Record<string, (readonly [time: number, value: number])[]>;

/** csv writes -0 as 0. */
const plus = (x: number): number => x + 0;

function plain({ spikes = new Map(), traces = [], weights = new Map(), weightTraces = [] }: ReadTables) {
  const series = (list: readonly PopulationTrace[]) => {
    const rows = new Map<string, [time: number, value: number][]>();
    for (const { population, variable, unit, neurons, time, values } of list) {
      // Without samples there are no rows in csv.
      if (time.length === 0) continue;
      for (const [n, neuron] of neurons.entries()) {
        const key = `${population} ${variable} (${unit}) ${neuron}`;
        const own = rows.get(key) ?? [];
        rows.set(key, own);
        const samples = values(n);
        // Of two samples of the same time, which are the same, csv keeps one.
        for (const [k, t] of time.entries())
          if (!own.some(([other]) => other === t)) own.push([t, plus(samples[k] as number)]);
      }
    }
    return Object.fromEntries([...rows].sort().map(([key, own]) => [key, own.sort((a, b) => a[0] - b[0])]));
  };
  return {
    spikes: [...spikes]
      .flatMap(([name, { times, neurons }]) => (times.length === 0 ? [] : [[name, [...times], [...neurons]]]))
      .sort(),
    traces: series(traces),
    weights: Object.fromEntries([...weights].map(([name, values]) => [name, [...values].map(plus)])),
    weightTraces: series(weightTraces),
  };
}

const DURATION_STEPS = 4000;

/** Names that populations may have. */
const NAMES = ["exc", "inh-1 b", "Übung.2", "1", "__proto__", "a + b"];

interface Case {
  readonly dt: number;
  readonly tables: RunTables;
}

const cases: fc.Arbitrary<Case> = fc.constantFrom(0.1, 0.05, 0.025, 0.3, 1, 0.125).chain((dt) => {
  const step = fc.integer({ min: 1, max: DURATION_STEPS });
  const spikesOf = (name: string): fc.Arbitrary<PopulationSpikes> =>
    fc.integer({ min: 1, max: 6 }).chain((size) => {
      const subset = fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1 });
      return fc
        .record({
          neurons: subset,
          from: fc.integer({ min: 0, max: 100 }),
          spikes: fc.array(fc.tuple(step, fc.nat()), { maxLength: 30 }),
        })
        .map(({ neurons, from, spikes }) => {
          const sorted = [...neurons].sort((a, b) => a - b);
          const rows = new Map(spikes.map(([k, n]) => [k + from, sorted[n % sorted.length] as number]));
          const order = [...rows].sort(([a], [b]) => a - b);
          const spans = [[timeOf(from, dt), timeOf(DURATION_STEPS + 100, dt)]] as const;
          const observed = [{ ...(sorted.length < size && { neurons: Uint32Array.from(sorted) }), spans }];
          const times = Float64Array.from(order, ([k]) => timeOf(k, dt));
          return { name, size, spikes: { times, neurons: Uint32Array.from(order, ([, n]) => n), observed } };
        },
      );
    });
  const value = fc.oneof(fc.double({ min: -1e30, max: 1e30 }), fc.constantFrom(Infinity, -Infinity));
  const sampled = fc.record({
    count: fc.integer({ min: 0, max: 12 }),
    start: fc.nat({ max: 500 }),
    every: fc.integer({ min: 1, max: 20 }),
    neurons: fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 3 }),
    values: fc.array(value, { minLength: 36, maxLength: 36 }),
  });
  type Sampled = typeof sampled extends fc.Arbitrary<infer T> ? T : never;
  const samples = ({ count, start, every, values }: Sampled) => ({
    time: Float64Array.from({ length: count }, (_, k) => timeOf(start + k * every, dt)),
    values: (n: number) => Float64Array.from(values.slice(12 * n, 12 * n + count)),
  });
  return fc
    .record({
      spikes: fc.subarray(NAMES).chain((names) => fc.tuple(...names.map(spikesOf))),
      traces: fc.array(
        fc.record({ population: fc.constantFrom(...NAMES), variable: fc.constantFrom("v", "i_e", "V"), more: sampled }),
        { maxLength: 5 },
      ),
      weightTraces: fc.array(sampled, { maxLength: 2 }),
      weights: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 8 }),
    })
    .map(({ spikes, traces, weightTraces, weights }): Case => {
      const synapses = (k: number) => Uint32Array.from({ length: k }, (_, i) => 3 * i);
      const units: Record<string, string> = { v: "mV", V: "", i_e: "pA" };
      return {
        dt,
        tables: {
          spikes,
          traces: traces.map(({ population, variable, more }) => {
            return {
              population,
              variable,
              unit: units[variable] as string,
              neurons: Uint32Array.from(more.neurons),
              ...samples(more),
            };
          }),
          weightTraces: weightTraces.map((more, k) => {
            const { time, values } = samples(more);
            const finite = (n: number) => values(n).map((w) => (Number.isFinite(w) ? w : 0.5));
            const list = Uint32Array.from(more.neurons);
            return {
              name: `e -> i/${k}`,
              unit: "nS",
              synapses: list,
              sources: list,
              targets: list,
              time,
              values: finite,
            };
          }),
          weights:
            weights.length === 0
              ? []
              : [
                  {
                    name: "e -> i (exc)",
                    unit: "nS",
                    sources: synapses(weights.length),
                    targets: synapses(weights.length),
                    weights: Float64Array.from(weights),
                  },
                ],
        },
      };
    });
});

const known = (dt: number, tables: RunTables): KnownRun => ({
  sizes: new Map(
    NAMES.map((name) => [name, tables.spikes.find((own) => own.name === name)?.size ?? 6]).map(
      ([name, size]) => [name, Math.max(6, size as number)] as [string, number],
    ),
  ),
  dt,
  unit: (_population, variable) => (variable === "v" ? "mV" : variable === "V" ? "" : "pA"),
  weightUnit: () => "nS",
});

/** Two traces of one neuron, variable and time would be two values of one thing. */
function apart({ traces, weightTraces }: RunTables): boolean {
  const seen = new Set<string>();
  return [
    ...traces,
    ...weightTraces.map((w) => ({ population: w.name, variable: "weight", neurons: w.synapses, time: w.time })),
  ].every((trace) =>
    [...trace.neurons].every((neuron) =>
      [...trace.time].every((time) => {
        const key = JSON.stringify([trace.population, trace.variable, neuron, time]);
        return !seen.has(key) && seen.add(key).size > 0;
      }),
    ),
  );
}

describe("random tables", () => {
  it("are the same from csv, npz, NWB and SONATA, bit for bit but for the 32 bits of reports", async () => {
    const { csv, ...others } = { ...resultFormats, ...hdf5Formats };
    let [spikes, samples] = [0, 0];
    await fc.assert(
      fc.asyncProperty(cases.filter(({ tables }) => apart(tables)), async ({ dt, tables }) => {
        const run = { name: "net", dt, duration: timeOf(DURATION_STEPS + 100, dt) };
        const expected = await through(csv, tables, run, known(dt, tables));
        spikes += expected.spikes.length;
        samples += Object.keys(expected.traces).length + Object.keys(expected.weightTraces).length;
        for (const format of Object.values<ResultFormat>(others)) {
          const wanted = format === sonata ? { ...expected, traces: inShort(expected.traces) } : expected;
          expect(await through(format, tables, run, known(dt, tables)), format.name).toEqual(wanted);
        }
      }),
      { numRuns: 15, seed: 11 },
    );
    expect(Math.min(spikes, samples)).toBeGreaterThan(20);
  });
});

describe("a time in s", () => {
  it("gives back each time of the grid bit for bit, and others to 1e-9 ms", () => {
    let products = 0;
    for (const dt of [0.1, 0.05, 0.025, 0.01, 0.3, 0.001, 1 / 3, 0.7]) {
      for (let k = 0; k < 200_000; k += 37) {
        const time = timeOf(k, dt);
        if (!Object.is(msOf(secondsOf(time), dt), time))
          expect([dt, k, msOf(secondsOf(time), dt)]).toEqual([dt, k, time]);
        if (secondsOf(time) * 1000 !== time) products++;
      }
    }
    // A product alone would not do.
    expect(products).toBeGreaterThan(100);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 9e6, noNaN: true }),
        (time) => Math.abs(msOf(secondsOf(time), 0.1) - time) <= 1.1e-9,
      ),
    );
  });

  it("of samples at a rate is on the grid, or they have their own times", () => {
    const grid = Float64Array.from({ length: 3000 }, (_, k) => timeOf(7 + 3 * k, 0.1));
    const every = exactIntervalOf(grid, 0.1);
    expect(every).toBeCloseTo(0.3, 12);
    expect(evenTimes(0.7, 1000 / (1000 / (every as number)), 3000, 0.1)).toEqual(grid);
    expect(exactIntervalOf(Float64Array.of(0, 0.1, 0.2, 0.30000000000000004), 0.1)).toBeUndefined();
    expect(exactIntervalOf(Float64Array.of(0, 1, 3), 0.1)).toBeUndefined();
  });
});

const v: PopulationTrace = {
  population: "p",
  variable: "v",
  unit: "mV",
  neurons: Uint32Array.of(1),
  time: Float64Array.of(0, 2, 4),
  values: () => Float64Array.of(-70, -65, -60),
};
const small: RunTables = {
  spikes: [{ name: "p", size: 3, spikes: { times: Float64Array.of(5, 12, 30), neurons: Uint32Array.of(0, 2, 1) } }],
  traces: [v],
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
const run = { name: "net", dt: 0.1, duration: 100, seed: 1, populations: { p: { size: 3 } }, document };
const ofRun: KnownRun = { sizes: new Map([["p", 3]]), dt: 0.1, unit: () => "mV", weightUnit: () => "pA" };

describe("a file of NWB", () => {
  const facts = async (given: RunFacts, look: (root: GroupReader) => unknown = () => 0): Promise<unknown[]> => {
    const bytes = await contentOf(nwb, "results.nwb", small, given);
    return readHdf5(bytes, "results.nwb", (root) => [
      root.dataset("identifier").texts()[0],
      root.dataset("session_start_time").texts()[0],
      look(root),
    ]);
  };

  it("is called by its run alone, and starts when it is said to", async () => {
    const [identifier, start] = await facts(run);
    expect(identifier).toMatch(/^net [\da-f]{8}-/);
    expect(start).toBe("1970-01-01T00:00:00Z");
    expect(await facts({ ...run, sessionStart: "2026-11-29T12:00:00+01:00" })).toEqual([
      identifier,
      "2026-11-29T12:00:00+01:00",
      0,
    ]);
    expect((await facts({ ...run, seed: 2 }))[0]).not.toBe(identifier);
    expect((await facts({ ...run, document: {} }))[0]).not.toBe(identifier);
    await expect(nwb.check?.({ ...run, sessionStart: "yesterday" })).rejects.toThrow('sessionStart: "yesterday"; it must be a date');
    await nwb.check?.(run);
  });

  it("says what is in its columns, and when neurons were observed", async () => {
    const [, , found] = await facts(run, (root) => {
      const tables = root.group("analysis");
      const text = (table: string, name: string) => tables.group(table).dataset(name).texts();
      return [
        [text("traces", "series"), text("traces", "population"), text("traces", "variable"), text("traces", "unit")],
        [...tables.group("traces").dataset("neuron").numbers()],
        [text("weights", "projection"), [...tables.group("weights").dataset("target").numbers()]],
        tables.group("weights").text("neurodata_type"),
      ];
    });
    expect(found).toEqual([[["p_v"], ["p"], ["v"], ["mV"]], [1], [["p -> p"], [1]], "DynamicTable"]);
    const bytes = await contentOf(nwb, "results.nwb", small, run);
    const { spikes } = await nwb.read("results.nwb", sourceOf("results.nwb", bytes), ofRun);
    expect(spikes?.get("p")?.observed).toEqual([{ spans: [[0, 100]] }]);
  });
});

describe("a report of SONATA", () => {
  it("has one variable, once for each population; names are apart also where capitals do not count", () => {
    const names = (traces: readonly PopulationTrace[]): string[] =>
      filesFor(sonata, { ...small, traces }).map(({ name }) => name);
    const of = (population: string, variable: string, count = 1): PopulationTrace => ({
      ...v,
      population,
      variable,
      time: new Float64Array(count),
    });
    expect(names([of("a", "v"), of("b", "v"), of("a", "v"), of("a", "V"), of("c", "u", 0)])).toEqual([
      ...["spikes.h5", "report-v.h5", "report-v-2.h5", "report-V-3.h5"],
      "weights.csv",
    ]);
  });

  it("has what libsonata asks for", async () => {
    const traces = [{ ...v, variable: "x", unit: "", neurons: Uint32Array.of(2, 0) }];
    const bytes = await contentOf(sonata, "report-x.h5", { ...small, traces }, run);
    const found = await readHdf5(bytes, "report-x.h5", (root) => {
      const [data, mapping] = [
        root.group("report").group("p").dataset("data"),
        root.group("report").group("p").group("mapping"),
      ];
      const list = (name: string): number[] => [...mapping.dataset(name).numbers()];
      return [
        data.shape,
        data.text("units"),
        data.text("variable"),
        list("node_ids"),
        list("index_pointers"),
        list("element_ids"),
        list("time"),
        mapping.dataset("time").text("units"),
      ];
    });
    expect(found).toEqual([[3, 2], "1", "x", [2, 0], [0, 1, 2], [0, 0], [0, 6, 2], "ms"]);
  });

  it("of samples that 32 bits do not hold is refused", async () => {
    const work = contentOf(
      sonata,
      "report-v.h5",
      { ...small, traces: [{ ...v, values: () => Float64Array.of(1, 1e39, 2) }] },
      run,
    );
    await expect(work).rejects.toThrow("p.v: 1e+39 is beyond the numbers of 32 bits that a report of SONATA has");
  });

  it("of samples that are not evenly spaced is refused, and csv has them instead", async () => {
    const directory = mkdtempSync(join(folder, "run-"));
    const tables = { ...small, traces: [{ ...v, time: Float64Array.of(0, 1, 5) }] };
    const { missing, written } = await writeResults(
      directory,
      { run, ...tables, figures: {} },
      { format: sonata, lacking: () => run, spend: () => undefined },
    );
    expect(written).toEqual(["spikes.h5", "traces.csv", "weights.csv", "run.json"]);
    expect(missing).toEqual([
      { name: "report-v.h5", reason: "p.v: the samples are not evenly spaced, which a report of SONATA cannot say; write them as csv or nwb; traces.csv holds its tables instead" },
    ]);
  });
});

describe("what is no file of the run is refused with file and path", () => {
  const at = (tree: Group, ...path: string[]): Record<string, unknown> =>
    path.reduce((group: Group, name) => group.children[name] as Group, tree).children as Record<string, unknown>;
  const spikes = (): Group =>
    group({
      spikes: group({
        p: group({
          timestamps: dataset(numbers(Float64Array.of(1, 2)), { units: fixedText("ms") }),
          node_ids: dataset(numbers(Uint32Array.of(0, 2))),
        }),
      }),
    });
  const report = (): Group => {
    const axis = dataset(numbers(Float64Array.of(0, 4, 2)), { units: fixedText("ms") });
    const mapping = {
      node_ids: dataset(numbers(Uint32Array.of(2))),
      index_pointers: dataset(numbers(Uint32Array.of(0, 1))),
      time: axis,
    };
    const data = dataset(numbers(Float64Array.of(1, 2), [2, 1]), { units: fixedText("mV"), variable: fixedText("v") });
    return group({ report: group({ p: group({ data, mapping: group(mapping) }) }) });
  };
  const ragged = (ends: number[], values = Float64Array.of(0.01, 0.02)): Group => {
    const column = {
      population: dataset(variableText(["p"])),
      neuron: dataset(numbers(Int32Array.of(2))),
      spike_times: dataset(numbers(values)),
    };
    const spans = {
      obs_intervals: dataset(numbers(Float64Array.of(0, 0.1), [1, 2])),
      obs_intervals_index: dataset(numbers(Uint8Array.of(1))),
    };
    const units = group({ ...column, spike_times_index: dataset(numbers(Uint8Array.from(ends))), ...spans });
    return group({ acquisition: group({}), analysis: group({}), units });
  };
  it.each<[string, Group, (tree: Group) => void, string]>([
    ["spikes.h5", spikes(), (t) => void (at(t, "spikes").q = group({})), 'spikes.h5:/spikes/q: the run has no population "q"'],
    [
      "spikes.h5",
      spikes(),
      (t) => void (at(t, "spikes", "p").node_ids = dataset(numbers(Uint32Array.of(0, 3)))),
      "spikes.h5:/spikes/p/node_ids[1]: 3",
    ],
    ["spikes.h5", spikes(), (t) => void (at(t, "spikes", "p").node_ids = dataset(numbers(Uint32Array.of(0)))), "spikes.h5:/spikes/p/node_ids: expected 2"],
    [
      "spikes.h5",
      spikes(),
      (t) => void (at(t, "spikes", "p").timestamps = dataset(numbers(Float64Array.of(1, 2)))),
      "timestamps: it has no units",
    ],
    [
      ...(["spikes.h5", spikes()] as const),
      (t) =>
        void (at(t, "spikes", "p").timestamps = dataset(numbers(Float64Array.of(2, 1)), { units: fixedText("ms") })),
      "spikes.h5:/spikes/p/timestamps[1]: 1 ms; times must be finite and ascend",
    ],
    [
      "report-v.h5",
      report(),
      (t) => void (at(t, "report", "p", "mapping").node_ids = dataset(numbers(Uint32Array.of(3)))),
      "mapping/node_ids[0]: 3",
    ],
    [
      ...(["report-v.h5", report()] as const),
      (t) =>
        void (at(t, "report", "p", "mapping").time = dataset(numbers(Float64Array.of(0, 8, 2)), {
          units: fixedText("ms"),
        })),
      "report-v.h5:/report/p/mapping/time: 0, 8, 2; it must be the start, end and interval of 2 samples",
    ],
    [
      "report-v.h5",
      report(),
      (t) => void (at(t, "report", "p").data = dataset(numbers(Float64Array.of(1, 2)), { variable: fixedText("v") })),
      "it must have two dimensions",
    ],
    [
      "report-v.h5",
      report(),
      (t) => void (at(t, "report", "p", "mapping").index_pointers = dataset(numbers(Uint32Array.of(1, 1)))),
      "one element for each neuron",
    ],
    ["results.nwb", ragged([3]), () => undefined, "results.nwb:/units/spike_times_index[0]: 3 is not allowed"],
    ["results.nwb", ragged([1]), () => undefined, "results.nwb:/units/spike_times_index[0]: 1; it must be 2, the end of spike_times"],
    ["results.nwb", ragged([2], Float64Array.of(0, Number.NaN)), () => undefined, "results.nwb:/units/spike_times: NaN; it must be times in s"],
    ["results.nwb", ragged([2]), (t) => void (at(t, "units").neuron = dataset(numbers(Int32Array.of(3)))), "results.nwb:/units/neuron[0]: 3; it must be below the size of p, 3"],
    ["results.nwb", ragged([2]), (t) => void (at(t, "units").population = dataset(variableText(["q"]))), "results.nwb:/units/population[0]: the run has no population"],
    ["results.nwb", ragged([2]), (t) => void (at(t).analysis = dataset(numbers(Int8Array.of(1)))), "results.nwb:/analysis: expected a group"],
  ])("%s: %#", async (file, tree, change, message) => {
    const format = file === "results.nwb" ? nwb : sonata;
    const good = await format
      .read(file, sourceOf(file, await writeHdf5(tree, file)), ofRun)
      .catch((error: unknown) => error);
    change(tree);
    const work = format.read(file, sourceOf(file, await writeHdf5(tree, file)), ofRun);
    await expect(work).rejects.toThrow(SpikeletError);
    await expect(work).rejects.toThrow(message);
    // Where there is a change, it is what is wrong.
    if (message.includes("not allowed") || message.includes("the end of") || message.includes("NaN")) return;
    expect(good).not.toBeInstanceOf(Error);
  });

  it("also by spikelet plot", async () => {
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      const directory = mkdtempSync(join(folder, "run-"));
      await writeResults(
        directory,
        { run, ...small, figures: {} },
        { format: nwb, lacking: () => run, spend: () => undefined },
      );
      expect(await plot(directory, {})).toBe(0);
      writeFileSync(join(directory, "results.nwb"), (await contentOf(nwb, "results.nwb", small, run)).slice(0, 3000));
      await expect(plot(directory, {})).rejects.toThrow(`${join(directory, "results.nwb")}: it is a broken or truncated HDF5 file`);
    } finally {
      said.mockRestore();
    }
  });
});

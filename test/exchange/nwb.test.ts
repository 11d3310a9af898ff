/** NWB: what the file must have, read back from its bytes; results that do not fit together. */
import { describe, expect, it } from "vitest";
import { type GroupReader, readHdf5 } from "../../src/io/hdf5.js";
import { nwbFile, type NwbOptions, type NwbResults } from "../../src/exchange/index.js";
import { background, lif, Simulation, SpikeletError } from "../../src/index.js";

const options: NwbOptions = { sessionStart: "2026-11-29T12:00:00Z", identifier: "run 1", description: "a test" };

const results: NwbResults = {
  duration: 700,
  spikes: [
    {
      name: "exc",
      size: 4,
      spikes: {
        times: [50, 100, 200, 500, 700],
        neurons: [2, 0, 0, 0, 2],
        observed: [{ neurons: [0, 1], spans: [[0, 700]] }, { neurons: [2], spans: [[0, 100], [600, 700]] }],
      },
    },
    { name: "inh/1", size: 2, spikes: { times: [], neurons: [] } },
  ],
  traces: [
    {
      population: "exc",
      variable: "v",
      unit: "mV",
      neurons: [0, 3],
      time: [0, 0.5, 1],
      values: (n) => [n, 10 + n, 20 + n],
    },
    { population: "inh/1", variable: "i_x", unit: "pA", neurons: [1], time: [0, 1, 5], values: () => [1, 2, 3] },
    { population: "inh/1", variable: "u", unit: "", neurons: [1], time: [], values: () => [] },
  ],
};

const read = async <T>(of: NwbResults, look: (root: GroupReader) => T, given: NwbOptions = options): Promise<T> =>
  readHdf5(await nwbFile(of, given), "run.nwb", look);

/** What an object of NWB says of itself, all of it below a group. */
function typesIn(group: GroupReader): string[] {
  return group.keys().flatMap((name) => {
    const at = group.kindOf(name) === "group" ? group.group(name) : group.dataset(name);
    const type = at.text("neurodata_type");
    const id = at.text("object_id");
    if (type !== undefined) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const own = type === undefined ? [] : [`${at.text("namespace")} ${type} ${id}`];
    return [...own, ...("keys" in at ? typesIn(at) : [])];
  });
}

describe("an NWB file", () => {
  it("has all that its readers ask for", async () => {
    await read(results, (root) => {
      expect([root.text("neurodata_type"), root.text("namespace"), root.text("nwb_version")]).toEqual([
        "NWBFile",
        "core",
        "2.9.0",
      ]);
      for (const name of ["acquisition", "analysis", "processing", "stimulus", "general"])
        expect(root.kindOf(name)).toBe("group");
      for (const name of ["session_start_time", "timestamps_reference_time", "file_create_date"]) {
        expect(root.dataset(name).texts()).toEqual(["2026-11-29T12:00:00Z"]);
      }
      expect(root.dataset("file_create_date").shape).toEqual([1]);
      expect(root.dataset("identifier").texts()).toEqual(["run 1"]);
      expect(root.dataset("session_description").texts()).toEqual(["a test"]);
      const all = [...typesIn(root), root.text("object_id")];
      expect(new Set(all).size).toBe(all.length);
    });
  });

  it("has a unit for each observed neuron, with its spikes in s and when it was observed", async () => {
    await read(results, (root) => {
      const units = root.group("units");
      const at = (name: string): number[] => Array.from(units.dataset(name).numbers());
      expect(units.dataset("population").texts()).toEqual(["exc", "exc", "exc", "inh/1", "inh/1"]);
      expect(at("neuron")).toEqual([0, 1, 2, 0, 1]);
      expect(at("id")).toEqual([0, 1, 2, 3, 4]);
      expect(at("spike_times")).toEqual([0.1, 0.2, 0.5, 0.05, 0.7]);
      expect(at("spike_times_index")).toEqual([3, 3, 5, 5, 5]);
      expect(at("obs_intervals")).toEqual([0, 0.7, 0, 0.7, 0, 0.1, 0.6, 0.7, 0, 0.7, 0, 0.7]);
      expect(units.dataset("obs_intervals").shape).toEqual([6, 2]);
      expect(at("obs_intervals_index")).toEqual([1, 2, 4, 5, 6]);
    });
  });

  it.each([[200, 1], [300, 2], [70_000, 4]])("has unsigned indices: %i spikes, %i bytes each", async (count, bytes) => {
    const spikes = [
      { name: "p", size: 1, spikes: { times: new Float64Array(count).fill(1), neurons: new Uint32Array(count) } },
    ];
    const file = await nwbFile({ duration: 10, spikes }, options);
    const metadata = await readHdf5(file, "run.nwb", (root) => {
      const index = root.group("units").dataset("spike_times_index");
      return (index as unknown as { readonly metadata: { readonly size: number; readonly signed: boolean } }).metadata;
    });
    expect(metadata).toMatchObject({ size: bytes, signed: false });
  });

  it("has traces as time series: a rate where samples are even, times where they are not, units by a factor", async () => {
    await read(results, (root) => {
      const [v, i] = [root.group("acquisition").group("exc_v"), root.group("acquisition").group("inh_1_i_x")];
      expect(root.group("acquisition").keys()).toEqual(["exc_v", "inh_1_i_x"]);
      const data = v.dataset("data");
      expect(data.shape).toEqual([3, 2]);
      expect(Array.from(data.numbers())).toEqual([0, 1, 10, 11, 20, 21]);
      expect([data.text("unit"), data.numbersOf("conversion")]).toEqual(["volts", Float64Array.of(1e-3)]);
      expect(v.dataset("starting_time").numbersOf("rate")).toEqual(Float64Array.of(2000));
      expect(v.text("description")).toBe("v of neurons 0, 3 of exc, a column each");
      expect(i.kindOf("starting_time")).toBeUndefined();
      expect(Array.from(i.dataset("timestamps").numbers())).toEqual([0, 0.001, 0.005]);
      expect([i.dataset("data").text("unit"), i.dataset("data").numbersOf("conversion")]).toEqual([
        "amperes",
        Float64Array.of(1e-12),
      ]);
    });
  });

  it("takes recordings as they are, and a date", async () => {
    const simulation = await Simulation.create({ dt: 0.1 });
    const cells = simulation.population("cells", lif, 3, { background: [background.constant(500)] });
    const spikes = simulation.record(cells, "spikes", { neurons: [2, 0] });
    const v = simulation.record(cells, "v", { neurons: [1], every: 0.5 });
    await simulation.run(50);
    const given = {
      duration: simulation.time,
      spikes: [{ name: spikes.population, size: spikes.size, spikes }],
      traces: [v],
    };
    const start = new Date(Date.UTC(2026, 10, 29));
    await read(
      given,
      (root) => {
        const units = root.group("units");
        expect(Array.from(units.dataset("neuron").numbers())).toEqual([0, 2]);
        expect(units.dataset("spike_times").length).toBe(spikes.times.length);
        expect(spikes.times.length).toBeGreaterThan(3);
        expect(root.group("acquisition").group("cells_v").dataset("data").shape).toEqual([v.time.length, 1]);
        expect(root.dataset("session_start_time").texts()).toEqual(["2026-11-29T00:00:00.000Z"]);
        expect(root.dataset("file_create_date").texts()).toEqual(["2026-11-30T00:00:00+01:00"]);
      },
      { ...options, sessionStart: start, created: "2026-11-30T00:00:00+01:00" },
    );
    simulation.close();
  });

  it("may be empty", async () => {
    await read({ duration: 0 }, (root) => {
      expect(root.kindOf("units")).toBeUndefined();
      expect(root.group("acquisition").keys()).toEqual([]);
    });
  });
});

describe("what does not fit is refused with its place", () => {
  const spike = (changes: object): NwbResults => ({
    duration: 10,
    spikes: [{ name: "p", size: 2, spikes: { times: [1], neurons: [1], ...changes } }],
  });
  it.each<[string, NwbResults, object, string]>([
    ["no time zone", { duration: 1 }, { sessionStart: "2026-11-29T12:00:00" }, 'nwbFile.sessionStart: "2026-11-29T12:00:00"; it must be a date'],
    ["no moment", { duration: 1 }, { sessionStart: new Date(Number.NaN) }, "an invalid date"],
    ["no start", { duration: 1 }, { sessionStart: undefined }, "nwbFile.sessionStart"],
    ["an empty identifier", { duration: 1 }, { identifier: " " }, "nwbFile.identifier"],
    ["an unknown option", { duration: 1 }, { identifer: "x" }, "identifer"],
    ["no duration", { duration: Number.NaN }, {}, "nwbFile.duration: NaN"],
    ["lists of unequal length", spike({ neurons: [] }), {}, "nwbFile.spikes[0] (p): 1 times and 0 neurons"],
    ["a neuron beyond the population", spike({ neurons: [2] }), {}, ".neurons[0]: 2; it must be a neuron from 0 to 1"],
    ["a spike after the end", spike({ times: [11] }), {}, ".times[0]: 11 ms of neuron 1; it must be within 0 to 10 ms"],
    ["a time that is no number", spike({ times: [Number.NaN] }), {}, ".times[0]: NaN ms"],
    [
      "a spike of a neuron that was not observed",
      spike({ observed: [{ neurons: [0], spans: [[0, 10]] }] }),
      {},
      "of a neuron that was observed",
    ],
    [
      "samples and times of unequal number",
      {
        duration: 1,
        traces: [{ population: "p", variable: "v", unit: "mV", neurons: [0], time: [0, 1], values: () => [1] }],
      },
      {},
      "/acquisition/p_v: 1 samples at 2 times",
    ],
  ])("%s", async (_what, given, changes, message) => {
    const work = nwbFile(given, { ...options, ...changes } as NwbOptions);
    await expect(work).rejects.toThrow(SpikeletError);
    await expect(work).rejects.toThrow(message);
  });
});

/** Keys of model files: remarks, interpolated spikes, columns of files, and what stands in the wrong place. */
import { describe, expect, it } from "vitest";
import { readNumbers } from "../../src/io/csv.js";
import { toDocument } from "../../src/io/document.js";
import { parseModelFile, Simulation } from "../../src/index.js";
import { parseDocument } from "../../src/model/parse.js";
import { parseQuantity } from "../../src/model/units.js";

const text = "why it is so";

/** A document in which every object with keys of its own stands. */
const everywhere = {
  dt: 0.1,
  duration: 10,
  populations: [
    {
      name: "a",
      model: "lif",
      size: 4,
      positions: { grid: { columns: 2, spacing: 1 } },
      receptors: { exc: { kernel: "exponential", tau: 5 }, inh: { kernel: "step", duration: 1 } },
      background: [
        { kind: "constant", amplitude: 300 },
        { kind: "pulses", amplitude: 1, width: 1 },
        { kind: "poisson", receptor: "exc", weight: 1, rate: { points: [[0, 5]] } },
      ],
    },
    { name: "s", model: "poisson", size: 2, params: { rate: { points: [[0, 3]] } } },
  ],
  projections: [
    {
      source: "a",
      target: "a",
      receptor: "exc",
      rule: "fixedIndegree",
      k: 1,
      weight: 1,
      shortTerm: { U: 0.5, tau_rec: 100 },
      plasticity: {
        kind: "stdp",
        A_plus: 0.1,
        A_minus: 0.1,
        tau_plus: 20,
        tau_minus: 20,
        w_max: 2,
        dendriticDelayFraction: 0.5,
      },
      scaling: { rho_0: 5, rate: 0.1, interval: 1, w_max: 2 },
    },
  ],
  record: [
    { population: "a", variables: ["spikes", "v"], interpolate: true },
    { projection: 0, variables: ["weight"] },
  ],
};

/** Objects whose keys are names that the user or the model gives, not keys of the format. */
const NAMES = ["params", "receptors", "init"];

/** The document with a remark in every object, and how many there are. */
function remarked(value: unknown, key = ""): { value: unknown; count: number } {
  if (Array.isArray(value)) {
    const items = value.map((item) => remarked(item));
    return { value: items.map((item) => item.value), count: items.reduce((sum, item) => sum + item.count, 0) };
  }
  if (typeof value !== "object" || value === null) return { value, count: 0 };
  const entries = Object.entries(value).map(([name, item]) => [name, remarked(item, name)] as const);
  const own = NAMES.includes(key) ? 0 : 1;
  return {
    value: {
      ...Object.fromEntries(entries.map(([name, item]) => [name, item.value])),
      ...(own ? { comment: text } : {}),
    },
    count: entries.reduce((sum, [, item]) => sum + item.count, own),
  };
}

describe("comment", () => {
  it("may stand in every object of the format and changes nothing", () => {
    const { value, count } = remarked(everywhere);
    expect(count).toBe(18);
    expect(toDocument(parseDocument(value))).toEqual(toDocument(parseDocument(everywhere)));
  });

  it("is a text or several, and near misses are told", () => {
    expect(() => parseDocument({ ...everywhere, comment: ["two", "lines"] })).not.toThrow();
    expect(() => parseDocument({ ...everywhere, comment: 3 })).toThrow("$.comment: 3; it must be a text, or an array of texts.");
    expect(() => parseDocument({ ...everywhere, coment: "x" })).toThrow('did you mean "comment"?');
  });

  it("is no key of names", () => {
    const [a, ...rest] = everywhere.populations;
    const populations = [{ ...a, params: { comment: "x" } }, ...rest];
    expect(() => parseDocument({ ...everywhere, populations })).toThrow('unknown parameter "comment"');
  });
});

describe("interpolate", () => {
  const document = {
    name: "network",
    version: 1,
    dt: 0.1,
    duration: 50,
    seed: 1,
    populations: [{ name: "a", model: "fitzhughNagumo", size: 2, background: [{ kind: "constant", amplitude: 0.5 }] }],
    projections: [],
    record: [{ population: "a", variables: ["spikes", "v"], interpolate: true }],
  };

  it("gives times between the steps, those of the call of the same name, and is kept by toDocument", async () => {
    const sim = await Simulation.fromDocument(document);
    expect(sim.toDocument()).toEqual(document);
    sim.runSync(50);
    const { times } = sim.recordings.spikes.get("a") as { times: Float64Array };
    expect(times.length).toBeGreaterThan(0);
    expect([...times].some((t) => Math.abs(10 * t - Math.round(10 * t)) > 1e-3)).toBe(true);

    const same = await Simulation.fromDocument({ ...document, record: [] });
    const spikes = same.record(same.populations.get("a") as never, "spikes", { interpolate: true });
    same.runSync(50);
    expect(spikes.times).toEqual(times);
    expect(same.toDocument().record).toEqual([{ population: "a", variables: ["spikes"], interpolate: true }]);
  });

  it("needs spikes", () => {
    const record = [{ population: "a", variables: ["v"], interpolate: true }];
    expect(() => parseDocument({ ...document, record })).toThrow('$.record[0].interpolate: true; only "spikes" have times between the steps');
  });
});

describe("columns of files of samples", () => {
  const content = "time,current\n0,1.5\n1,2.5\n";
  const file = (entry: object, csv = content): unknown =>
    parseModelFile(
      JSON.stringify({
        dt: 0.1,
        duration: 1,
        populations: [
          { name: "a", model: "lif", size: 1, background: [{ kind: "samples", dt: 1, file: "drive.csv", ...entry }] },
        ],
      }),
      { readText: () => csv },
    );

  it.each([["current"], [1]])("reads the column %j and keeps it in documents", (column) => {
    const spec = file({ column }) as Parameters<typeof toDocument>[0];
    expect(spec.populations[0]?.background[0]).toMatchObject({ values: new Float64Array([1.5, 2.5]), column });
    expect((toDocument(spec).populations as { background: object[] }[])[0]?.background[0]).toEqual({
      kind: "samples",
      dt: 1,
      file: "drive.csv",
      column,
    });
  });

  it("says how to name one where there are several", () => {
    expect(() => file({})).toThrow('the table has 2 columns ("time", "current"); say which one to read with "column": "time" or another of these.');
    expect(() => file({}, "0,1\n2,3\n")).toThrow('say which one to read with "column": 0 or another place. Decimals are written with a point, 0.5, not 0,5.');
    expect(() => file({ column: "curent" })).toThrow('Did you mean "current"?');
    expect(() => file({ column: 2 })).toThrow("there is no column 2; the table has the columns 0 to 1.");
    expect(() => file({ column: 1 }, "5\n")).toThrow("there is no column 1; the table has only column 0.");
    expect(() => file({ column: 0 }, "5\n")).not.toThrow();
  });

  it.each(["0,5;1,5\n", '"0,5"\n', "current\n0,5\n"])("explains decimal commas: %j", (csv) => {
    expect(() => readNumbers(csv)).toThrow("Decimals are written with a point, 0.5, not 0,5.");
  });

  it("needs a file", () => {
    const background = [{ kind: "samples", dt: 1, values: [1], column: "x" }];
    expect(() =>
      parseDocument({ dt: 1, duration: 1, populations: [{ name: "a", model: "lif", size: 1, background }] }),
    ).toThrow('"column" says which column of a "file" is read');
  });
});

describe("messages", () => {
  it.each([
    [{ model: "poisson", rate: 20 }, '$.populations[0]: "rate" is a parameter of poisson; it belongs into "params": { "rate": ... }.'],
    [{ model: "spikeTrain", times: [] }, '"times" is a parameter of spikeTrain'],
    [{ model: "lif", tau_m: 20 }, '"tau_m" is a parameter of lif; it belongs into "params"'],
  ])("a parameter beside params: %j", (population, message) => {
    expect(() => parseDocument({ dt: 1, duration: 1, populations: [{ name: "a", size: 1, ...population }] })).toThrow(
      message,
    );
  });

  it("the code of the core that is not there says so", async () => {
    const missing = new Response("not here", { status: 404, statusText: "Not Found" });
    await expect(Simulation.create({ dt: 1, core: Promise.resolve(missing) as never })).rejects.toThrow("core: the response answered with 404 Not Found.");
    await expect(Simulation.create({ dt: 1, core: new URL("http://127.0.0.1:9/core.wasm") })).rejects.toThrow("core: http://127.0.0.1:9/core.wasm cannot be fetched");
  });

  it.each([
    ["1 h", 3.6e6],
    ["1 min", 6e4],
    ["1.5 min", 9e4],
    ["2h", 7.2e6],
    ["3 s", 3000],
  ])("%s are %d ms", (quantity, ms) => {
    expect(parseQuantity(quantity, "ms", "$")).toBe(ms);
  });

  it("rates per minute are rates; there are no prefixes of minutes and hours", () => {
    expect(parseQuantity("90 1/min", "Hz", "$")).toBe(1.5);
    expect(() => parseQuantity("1 kmin", "ms", "$")).toThrow("unknown unit");
  });
});

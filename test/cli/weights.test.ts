/** Weights that a run writes, weights that it records, and connections that it reads from an npz archive. */
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Simulation } from "../../src/index.js";
import { readNpz, writeNpz } from "../../src/io/npz.js";
import { Bench, called, rows } from "./spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const plasticity = { kind: "stdp", A_plus: 0.05, A_minus: 0.06, tau_plus: 20, tau_minus: 20, w_max: 60 };

/** Inputs onto a few cells through synapses that learn. */
function network(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: "learning",
    dt: 0.1,
    duration: 200,
    populations: [
      { name: "inputs", model: "poisson", size: 12, params: { rate: 60 } },
      {
        name: "cells",
        model: "lif",
        size: 4,
        receptors: { exc: { kernel: "exponential", tau: 5 } },
        background: [{ kind: "constant", amplitude: 360 }],
      },
    ],
    projections: [
      { source: "cells", target: "cells", rule: "allToAll", weight: 1 },
      {
        source: "inputs",
        target: "cells",
        rule: "fixedIndegree",
        k: 5,
        weight: { uniform: [10, 50] },
        delay: 1,
        plasticity,
      },
    ],
    record: [
      { population: "cells", variables: ["spikes"] },
      { projection: 1, variables: ["weight"], synapses: [7, 2], every: 20, from: 40 },
      { projection: "inputs -> cells (exc)", variables: ["weight"], every: "50 ms" },
    ],
    ...changes,
  };
}

const file = bench.file("learning.json", network());
const run = (...words: readonly string[]) => called(["run", ...words]);
const folder = (name: string): readonly string[] => ["--out", bench.path(name)];

/** The same run by a program. */
let expected: Simulation;
beforeAll(async () => {
  expected = await Simulation.fromDocument(network());
  await expected.run(200);
  expect((await run(file, ...folder("csv"))).status).toBe(0);
  expect((await run(file, ...folder("npz"), "--format", "npz", "-q")).status).toBe(0);
});

describe("weights of plastic projections", () => {
  it("are in weights.csv as they are at the end, by the order of read()", async () => {
    const text = await bench.read("csv", "weights.csv");
    expect(text.split("\n")[0]).toBe("projection,source,target,weight");
    const learned = expected.projections[1]?.read();
    const table = Array.from(learned?.weights ?? [], (weight, k) =>
      ["inputs -> cells (exc)", learned?.sources[k], learned?.targets[k], weight].map(String),
    );
    expect(table).toHaveLength(20);
    expect(rows(text)).toEqual(table);
    expect(new Set(learned?.weights).size).toBeGreaterThan(5);
  });

  it("are in weights.npz with --format npz, and drawn from both", async () => {
    const { arrays } = await readNpz(await readFile(bench.path("npz", "weights.npz")));
    const learned = expected.projections[1]?.read();
    expect(Object.keys(arrays)).toEqual(["source", "target", "weight"].map((key) => `inputs -> cells (exc)/${key}`));
    expect(Object.values(arrays).map(({ data }) => data)).toEqual([
      learned?.sources,
      learned?.targets,
      learned?.weights,
    ]);
    for (const name of ["csv", "npz"]) {
      const { status, out } = await called(["plot", bench.path(name)]);
      expect([status, out]).toEqual([0, expect.stringContaining("weights.svg")]);
    }
    expect(await bench.read("npz", "weights.svg")).toBe(await bench.read("csv", "weights.svg"));
  });

  it("over time are in weight-traces.csv, by time", async () => {
    const text = await bench.read("csv", "weight-traces.csv");
    expect(text.split("\n")[0]).toBe("time_ms,projection,synapse,source,target,weight");
    const [some, all] = expected.recordings.weights;
    const learned = expected.projections[1]?.read();
    const table = [some, all].flatMap((recording) =>
      Array.from(recording?.time ?? [], (time, j) =>
        Array.from(recording?.synapses ?? [], (synapse, k) => ({
          time,
          row: [
            String(Math.round(time)),
            "inputs -> cells (exc)",
            ...[synapse, learned?.sources[synapse], learned?.targets[synapse], recording?.values(k)[j]].map(String),
          ],
        })),
      ).flat(),
    );
    table.sort((a, b) => a.time - b.time);
    expect(table).toHaveLength(9 * 2 + 5 * 20);
    expect(rows(text)).toEqual(table.map(({ row }) => row));
  });

  it("over time are in weight-traces.npz with --format npz", async () => {
    const { arrays } = await readNpz(await readFile(bench.path("npz", "weight-traces.npz")));
    const [some, all] = expected.recordings.weights;
    for (const [name, recording] of [["inputs -> cells (exc)", some], ["inputs -> cells (exc)#2", all]] as const) {
      expect(arrays[`${name}/time`]?.data).toEqual(recording?.time);
      expect(arrays[`${name}/synapse`]?.data).toEqual(recording?.synapses);
      const { data, shape } = arrays[`${name}/weight`] ?? {};
      expect(shape).toEqual([recording?.synapses.length, recording?.time.length]);
      expect(data?.slice(0, shape?.[1])).toEqual(recording?.values(0));
    }
  });

  it("are the same bytes when they are written while running, and by a run that goes on", async () => {
    const names = ["spikes.csv", "traces.csv", "weight-traces.csv", "weights.csv"];
    const texts = (of: string): Promise<string[]> => Promise.all(names.map((name) => bench.read(of, name)));
    const whole = await texts("csv");
    expect((await run(file, ...folder("stream"), "--stream", "-q")).status).toBe(0);
    expect(await texts("stream")).toEqual(whole);
    for (const [name, words] of [["on", []], ["on-stream", ["--stream"]]] as const) {
      const early = ["--duration", "110", "--snapshot-every", "40", "-q"];
      expect((await run(file, ...folder(name), ...early, ...words)).status).toBe(0);
      const more = ["--resume", bench.path(name, "snapshot.spikelet"), "--duration", "200", "-q"];
      expect(await run(...more)).toEqual({ status: 0, out: "", err: "" });
      expect(await texts(name)).toEqual(whole);
    }
  });

  it("leave no files where no weights change, and none of an earlier run", async () => {
    expect((await run(file, ...folder("fixed"), "-q", "--duration", "1")).status).toBe(0);
    expect(await readdir(bench.path("fixed"))).toContain("weights.csv");
    const fixed = network({ record: [], projections: [] });
    expect((await run(bench.file("fixed.json", fixed), ...folder("fixed"), "-q", "--duration", "1")).status).toBe(0);
    expect((await readdir(bench.path("fixed"))).sort()).toEqual(["run.json", "spikes.csv", "traces.csv"]);
  });

  it("of synapses that there are not are an error before the run, with a run.json that says so", async () => {
    const record = [{ projection: 1, variables: ["weight"], synapses: [0, 20] }];
    const { status, err } = await run(bench.file("beyond.json", network({ record })), ...folder("beyond"));
    expect([status, err]).toEqual([2, expect.stringContaining("synapse 20; it must be an integer from 0 to 19.")]);
    expect(await bench.run("beyond")).toMatchObject({ status: "refused" });
  });

  it("count as recorded bytes", async () => {
    const record = [{ projection: 1, variables: ["weight"], synapses: [0, 1] }];
    const path = bench.file("bytes.json", network({ record, duration: 1e9 }));
    const { status, err } = await run(path, ...folder("bytes"));
    expect([status, err]).toEqual([2, expect.stringMatching(/the traces of 1000000 s need 160,000,000,000 bytes/)]);
  });
});

describe("connections from an npz archive", () => {
  const projections = [{ source: "inputs", target: "cells", rule: "list", file: "links.npz" }];
  const model = bench.file("links.json", network({ projections, record: [] }));

  it("make the network that a CSV file makes", async () => {
    const ends = { source: Uint32Array.of(0, 5, 11), target: Uint32Array.of(3, 0, 1) };
    const more = { weight: Float64Array.of(100, 200.5, 300), delay: Float64Array.of(1, 2, 3) };
    bench.file("links.npz", await writeNpz({ ...ends, ...more }));
    bench.file("links.csv", "source,target,weight,delay\n0,3,100,1\n5,0,200.5,2\n11,1,300,3\n");
    const table = bench.file(
      "table.json",
      network({ projections: [{ ...projections[0], file: "links.csv" }], record: [] }),
    );
    expect((await run(model, ...folder("archive"), "-q", "--seed", "3")).status).toBe(0);
    expect((await run(table, ...folder("table"), "-q", "--seed", "3")).status).toBe(0);
    const [a, b] = [await bench.run("archive"), await bench.run("table")];
    expect(a.synapses).toBe(3);
    expect(a.populations).toEqual(b.populations);
    expect((await called(["check", model])).status).toBe(0);
  });

  it("are refused where the archive is not there, is none, or lacks an array", async () => {
    const refused = async (path: string): Promise<string> => {
      const { status, out, err } = await run(path, ...folder("none"));
      expect([status, out]).toEqual([2, ""]);
      return err;
    };
    const other = (name: string): string =>
      bench.file(`${name}.json`, network({ projections: [{ ...projections[0], file: `${name}.npz` }], record: [] }));
    expect(await refused(other("missing"))).toContain('the file "missing.npz" cannot be read: there is no such file');
    bench.file("text.npz", readFileSync(file));
    expect(await refused(other("text"))).toContain('the file "text.npz" cannot be read: this is no readable npz archive');
    bench.file("names.npz", await writeNpz({ source: Uint32Array.of(0), targets: Uint32Array.of(0) }));
    expect(await refused(other("names"))).toContain('names.npz: "targets": unknown array; did you mean "target"?');
    expect(bench.has("none")).toBe(false);
  });
});

/** Spikes of a run played again: from its csv and npz, by population. */
import { afterAll, describe, expect, it } from "vitest";
import { SpikeletError } from "../../src/index.js";
import { readSpikeTable, spikesOfArrays } from "../../src/io/spike-tables.js";
import { Bench, called, rows } from "../cli/spikelet.js";

const bench = new Bench();
afterAll(() => bench.remove());

const first = {
  name: "first", dt: 0.1, duration: 70.1, seed: 3,
  populations: [
    { name: "a b", model: "poisson", size: 30, params: { rate: 300 } },
    { name: "7", model: "poisson", size: 10, params: { rate: 9000 } },
  ],
  record: [{ population: "a b", variables: ["spikes"] }, { population: "7", variables: ["spikes"] }],
};

function again(params: object, name: string, size = 30): object {
  return {
    name: "again", dt: 0.1, duration: 70.1,
    populations: [{ name, model: "spikeTrain", size, params }],
    record: [{ population: name, variables: ["spikes"] }],
  };
}

describe("spikes of a run played again", () => {
  it("spikes.csv and spikes.npz give back every spike, by the population's own name or the one that is named", async () => {
    const file = bench.file("first.json", first);
    for (const format of ["csv", "npz"]) {
      expect(
        (await called(["run", file, "--out", format, "--format", format, "--quiet"], { cwd: bench.folder })).status,
      ).toBe(0);
    }
    const spikes = rows(await bench.read("csv", "spikes.csv"));
    for (const population of ["a b", "7"]) {
      const wanted = spikes.filter((row) => row[1] === population).map((row) => `${row[0]} ${row[2]}`);
      expect(wanted.length).toBeGreaterThan(100);
      for (const source of ["csv/spikes.csv", "npz/spikes.npz"]) {
        for (const [params, name] of [
          [{ file: source }, population],
          [{ file: source, population }, "player"],
        ] as const) {
          const replay = bench.file("again.json", again(params, name));
          expect(await called(["run", replay, "--out", "again", "--quiet"], { cwd: bench.folder })).toMatchObject({
            status: 0,
          });
          const played = rows(await bench.read("again", "spikes.csv")).map((row) => `${row[0]} ${row[2]}`);
          expect(played).toEqual(wanted);
        }
      }
    }
  });

  it("the only population of a file needs no name; a table may have none, and other columns", () => {
    const wanted = { file: "f.csv", own: "mine", population: undefined };
    const table = { times: Float64Array.of(1, 2.5), neurons: Float64Array.of(4, 0) };
    expect(readSpikeTable("time_ms,population,neuron\n1,other,4\n2.5,other,0\n", wanted)).toEqual(table);
    expect(readSpikeTable("neuron,note,time\n4,x,1\n0,y,2.5\n", wanted)).toEqual(table);
    expect(readSpikeTable("time_ms,population,neuron\n", wanted)).toEqual({
      times: new Float64Array(0),
      neurons: new Float64Array(0),
    });
    const arrays = { times: { data: table.times, shape: [2] }, neurons: { data: Uint32Array.of(4, 0), shape: [2] } };
    expect(spikesOfArrays(arrays, wanted)).toEqual(table);
  });

  it.each([
    ["time_ms,population,neuron\n1,exc,0\n2,inh,1\n", "ex", 'there are no spikes of "ex"; there are those of "exc", "inh". Did you mean "exc"?'],
    ["time_ms,population,neuron\n1,exc,0\n2,inh,1\n", undefined, 'there are no spikes of "mine"; there are those of "exc", "inh". Name the one to play with "population".'],
    ["time,neuron\n1,0\n", "exc", 'there is no column "population"'],
    ["t,neuron\n1,0\n", undefined, 'there is no column "time"'],
    ["time,neuron\n1,0,3\n", undefined, "line 2: the row has 3 fields, the first one has 2 fields."],
    ["time,neuron\n1,0\nx,0\n", undefined, 'line 3, column "time": "x" is not a number.'],
    ["", undefined, "there is no number in the table."],
  ])("a table that is wrong: %j", (text, population, message) => {
    expect(() => readSpikeTable(text, { file: "f.csv", own: "mine", population })).toThrow(message);
    expect(() => readSpikeTable(text, { file: "f.csv", own: "mine", population })).toThrow(SpikeletError);
  });

  it("a population of a file is named only with a file", async () => {
    const file = bench.file("wrong.json", again({ times: [1], neurons: [0], population: "a" }, "p"));
    const { status, err } = await called(["check", file], { cwd: bench.folder });
    expect([status, err]).toEqual([2, expect.stringContaining('"population" names the one of a file whose spikes are played')]);
  });
});

describe("a recording that begins when the run is over", () => {
  it("is a warning of check and of run", async () => {
    const file = bench.file("late.json", {
      ...first,
      record: [{ population: "7", variables: ["spikes"], from: 70.1 }],
    });
    const checked = await called(["check", file], { cwd: bench.folder });
    expect([checked.status, checked.out]).toEqual([0, expect.stringContaining("from = 70.1 ms, but the run ends at 70.1 ms")]);
    await called(["run", file, "--out", "late", "--quiet"], { cwd: bench.folder });
    expect((await bench.run("late")).findings.map(({ code }) => code)).toEqual(["record-from"]);
  });
});

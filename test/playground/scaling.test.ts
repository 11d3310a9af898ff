/** Backgrounds of documents turned up and down. */
import { describe, expect, it } from "vitest";
import { forPage, scaledBackground, scaledValue, withFactors } from "../../apps/playground/src/net/scaling.js";
import { parseDocument, Simulation } from "../../src/index.js";

describe("scaled values", () => {
  it.each([
    [3, 6],
    ["0.5 nA", "1 nA"],
    ["-1e2 pA", "-200 pA"],
    [[1, "2 pA"], [2, "4 pA"]],
    [{ uniform: [1, 2] }, { uniform: [2, 4] }],
    [{ normal: [10, "1 pA"] }, { normal: [20, "2 pA"] }],
    [{ exponential: 4 }, { exponential: 8 }],
    [{ lognormal: [0, 1] }, undefined],
    ["much", undefined],
    [null, undefined],
    [[1, {}], undefined],
  ])("%j becomes %j", (value, expected) => {
    expect(scaledValue(value, 2)).toEqual(expected);
  });
});

describe("scaled backgrounds", () => {
  it("scale currents, and leave times, noise and scopes", () => {
    const background = [
      { kind: "constant", amplitude: 100, start: 5 },
      { kind: "piecewise", points: [[10, 20], [30, "1 nA", 2]] },
      { kind: "sine", amplitude: 1, frequency: 8, offset: 3 },
      { kind: "whiteNoise", sigma: 5, mean: 2 },
    ];
    expect(scaledBackground(background, 0.5)).toEqual([
      { kind: "constant", amplitude: 50, start: 5 },
      { kind: "piecewise", points: [[10, 10], [30, "0.5 nA", 1]] },
      { kind: "sine", amplitude: 0.5, frequency: 8, offset: 1.5 },
      { kind: "whiteNoise", sigma: 5, mean: 1 },
    ]);
  });

  it("are undefined where there is nothing to scale", () => {
    for (const background of [undefined, [], [{ kind: "samples", dt: 1, values: [1] }], "x"]) {
      expect(scaledBackground(background, 2)).toBeUndefined();
    }
  });

  it("make documents that the library reads, with twice the current", () => {
    const document = {
      dt: 0.1,
      duration: 10,
      populations: [
        { name: "a", model: "lif", size: 2, background: [{ kind: "constant", amplitude: ["0.1 nA", 200] }] },
        { name: "b", model: "poisson", size: 1, params: { rate: 5 } },
      ],
      record: [{ population: "a", variables: ["v"] }],
    };
    const { populations, record } = parseDocument(forPage(withFactors(document, { a: 2, b: 3, constructor: 1 })));
    expect(populations[0]).toMatchObject({ background: [{ kind: "constant", amplitude: Float64Array.of(200, 400) }] });
    expect(record.map(({ population, variables }) => [population, ...variables])).toEqual([
      ["a", "spikes"],
      ["b", "spikes"],
    ]);
    expect(document.populations[0]?.background).toEqual([{ kind: "constant", amplitude: ["0.1 nA", 200] }]);
  });

  it("can be set while a network runs", async () => {
    const document = {
      dt: 0.1,
      duration: 10,
      populations: [{ name: "a", model: "lif", size: 1, background: [{ kind: "constant", amplitude: 200 }] }],
    };
    const sim = await Simulation.fromDocument(forPage(document));
    await sim.run(100);
    expect(sim.results.take().spikes[0]?.spikes.times).toHaveLength(0);
    sim.populations.get("a")?.setBackground(scaledBackground(document.populations[0]?.background, 3) as never);
    await sim.run(100);
    expect(sim.results.take().spikes[0]?.spikes.times.length).toBeGreaterThan(2);
  });
});

/** The model files of the elements: the library takes them, and a drive is what it says for every kind of background. */
import { describe, expect, it } from "vitest";
import {
  asAttributes,
  type CheckedDocument,
  backgroundsOf,
  defaultNetwork,
  DRIVEN,
  every,
  neuronDocument,
  shownDocument,
  timesBackground,
} from "../../src/elements/documents.js";
import { kinds, lif, parseDocument, Simulation, toDocument } from "../../src/index.js";

const choice = { model: "adex", current: 800, variables: ["v", "w"], dt: 0.1, seed: 3, span: 200 };

describe("a neuron's document", () => {
  it("runs, with its spikes and variables", async () => {
    const sim = await Simulation.fromDocument(neuronDocument(choice));
    await sim.run(100);
    const { spikes, traces } = sim.results.take();
    expect(spikes[0]?.spikes.times.length).toBeGreaterThan(2);
    expect(traces.map(({ variable, unit }) => [variable, unit])).toEqual([
      ["v", "mV"],
      ["w", "pA"],
    ]);
  });

  it("takes what is chosen", () => {
    const background = [{ kind: "whiteNoise", sigma: 10 }];
    const { populations, dt, seed } = parseDocument(
      neuronDocument({
        ...choice,
        preset: "tonic",
        params: { b: "60 pA" },
        init: { v: -60 },
        method: "euler",
        background,
      }),
    );
    expect([dt, seed, populations[0]?.method, populations[0]?.background.length]).toEqual([0.1, 3, "euler", 2]);
    expect(populations[0]?.params["b"]).toBe(60);
  });

  it("has mistakes where the attributes are", () => {
    const said = (more: object): string => {
      try {
        parseDocument(neuronDocument({ ...choice, ...more }));
      } catch (error) {
        return asAttributes((error as Error).message.replaceAll(/\$\.(?=[a-z])/g, ""));
      }
      return "";
    };
    expect(said({ model: "adx" })).toMatch(/^model: .*"adex"/);
    expect(said({ preset: "tonik" })).toMatch(/^preset: .*"tonic"/);
    expect(said({ params: { tau_v: 5 } })).toMatch(/^params: .*tau_v/);
    expect(said({ params: { tau_w: "5 mV" } })).toMatch(/^params\.tau_w: /);
    expect(said({ current: "5 mV" })).toMatch(/^current: /);
    expect(said({ background: [{ kind: "sin" }] })).toMatch(/^background\[0\].*"sine"/);
    expect(said({ variables: ["x"] })).toMatch(/^variables.*x/);
  });

  it("has samples on the grid of dt, not more than are drawn", () => {
    expect(every(0.1, 200)).toBe(0.1);
    expect(every(0.025, 1000)).toBeCloseTo(0.35, 12);
    expect(1000 / every(0.001, 1000)).toBeLessThanOrEqual(3000);
  });
});

describe("a network's document", () => {
  it("without one is excitation and inhibition, which fire irregularly", async () => {
    const sim = await Simulation.fromDocument(shownDocument(defaultNetwork() as CheckedDocument, 5));
    const report = await sim.run(300);
    for (const name of ["exc", "inh"]) {
      expect(report.populations[name]?.rate).toBeGreaterThan(2);
      expect(report.populations[name]?.rate).toBeLessThan(30);
    }
    expect(sim.seed).toBe(5);
  });

  it("records the spikes of all populations and nothing else", () => {
    const document = toDocument(
      parseDocument({ ...defaultNetwork(), record: [{ population: "exc", variables: ["v"] }] }),
    );
    expect(shownDocument(document)["record"]).toEqual([
      { population: "exc", variables: ["spikes"] },
      { population: "inh", variables: ["spikes"] },
    ]);
    expect(Object.keys(backgroundsOf(document))).toEqual(["exc", "inh"]);
  });
});

/** An entry of each kind, of which the current at a time is known. */
const ENTRIES: Readonly<Record<string, object>> = {
  constant: { amplitude: { normal: [100, 10] } },
  piecewise: {
    points: [
      [0, 50, 2],
      [5, 20],
    ],
  },
  pulses: { amplitude: 30, width: 2, period: 4 },
  ramp: { end: 10, from: 5, to: 90 },
  sine: { amplitude: 20, frequency: 50, offset: 60 },
  expression: { I: "40*pA + t*pA/ms" },
  whiteNoise: { sigma: 5, mean: 10 },
  ornsteinUhlenbeck: { sigma: 5, mean: 10, tau: 5 },
  poisson: { rate: 1000, weight: 2, receptor: "exc" },
  samples: { dt: 1, values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  rheobase: { fraction: { lognormal: [0, 0.2] } },
};

describe("a drive", () => {
  it("knows all kinds of background", () => {
    const names = kinds(lif).backgrounds.kinds.map(({ name }) => name);
    expect(Object.keys(DRIVEN).sort()).toEqual([...names].sort());
    expect(Object.keys(ENTRIES).sort()).toEqual([...names].sort());
  });

  const currents = async (entry: object): Promise<Float64Array> => {
    const sim = await Simulation.fromDocument({
      dt: 0.1,
      duration: 10,
      seed: 1,
      populations: [
        {
          name: "cells",
          model: "lif",
          size: 3,
          receptors: { exc: { kernel: "exponential", tau: 5 } },
          background: [entry],
        },
      ],
      record: [{ population: "cells", variables: ["I_background"], neurons: [1] }],
    });
    await sim.run(10);
    return sim.results.take().traces[0]?.values(0).slice() as Float64Array;
  };

  it.each(Object.keys(ENTRIES).filter((kind) => kind !== "poisson"))("multiplies the current of %s", async (kind) => {
    const entry = { kind, ...ENTRIES[kind] };
    const [once, twice] = [await currents(entry), await currents(timesBackground([entry], 2)[0] as object)];
    expect(Math.max(...once.map(Math.abs))).toBeGreaterThan(1);
    const off = once.map((x, k) => Math.abs(2 * x - (twice[k] as number)) / (1 + Math.abs(x)));
    expect(Math.max(...off)).toBeLessThan(1e-6);
    const none = await currents(timesBackground([entry], 0)[0] as object);
    expect(Math.max(...none.map(Math.abs))).toBe(0);
  });

  it("multiplies the rate of poisson, and lets all else stand", () => {
    const entry = { kind: "poisson", ...ENTRIES["poisson"], start: 5 };
    expect(timesBackground([entry], 1.5)).toEqual([{ ...entry, rate: 1500 }]);
    expect(timesBackground([entry], 1)).toEqual([entry]);
  });
});

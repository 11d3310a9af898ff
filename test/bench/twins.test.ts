import { describe, expect, it } from "vitest";
import { disagreement } from "../../bench/agree.js";
import { BoxMuller, type GaussianSource, Ziggurat } from "../../bench/baseline/random.js";
import { SpikeList } from "../../bench/baseline/twin.js";
import { MODEL_CASES } from "../../bench/cases/models.js";
import { ratio, summary } from "../../bench/measure.js";
import { checkCoba } from "../../bench/suites/coba.js";
import { checkDense } from "../../bench/suites/dense.js";
import { checkModel } from "../../bench/suites/models.js";

describe("the pure-JavaScript twins compute what the core computes", () => {
  for (const entry of MODEL_CASES) {
    it(`${entry.name}: ${entry.agreement}`, async () => {
      // Noise agrees in its mean only and needs more neurons; 150 is no multiple of the core's padding.
      expect(await checkModel(entry, entry.agreement === "rate" ? 2000 : 150)).toEqual([]);
    });
  }

  it("coba: bits, although its activity is chaotic", async () => {
    expect(await checkCoba(100)).toEqual([]);
  });

  it.each([false, true])("all to all: steps (weights of their own: %s)", async (own) => {
    expect(await checkDense(own, 100)).toEqual([]);
  });
});

describe("the comparison of spike trains", () => {
  const train = (...spikes: [number, number][]) => ({
    times: Float64Array.from(spikes, ([time]) => time),
    neurons: Uint32Array.from(spikes, ([, neuron]) => neuron),
  });
  const compare = (kind: "bits" | "step" | "rate", a: ReturnType<typeof train>, b: ReturnType<typeof train>) =>
    disagreement(kind, a, b, { size: 3, dt: 0.1 });
  const spikes = train([1, 0], [1.1, 2], [2, 0]);

  it("accepts what was promised", () => {
    expect(compare("bits", spikes, spikes)).toBeUndefined();
    expect(compare("step", spikes, train([1.1, 0], [1.1, 2], [1.9, 0]))).toBeUndefined();
    expect(compare("rate", spikes, train([7, 1], [8, 1], [9, 1]))).toBeUndefined();
  });

  it("names what differs", () => {
    const late = train([1, 0], [1.1, 2], [2.1, 0]);
    expect(compare("bits", spikes, late)).toBe("neuron 0: a spike at 2.1 ms instead of 2 ms");
    const later = train([1, 0], [1.3, 2], [2, 0]);
    expect(compare("step", spikes, later)).toBe("neuron 2: a spike at 1.3 ms instead of 1.1 ms");
    expect(compare("bits", spikes, train([1, 0], [1.1, 1], [2, 0]))).toBe("neuron 1: 1 spikes instead of 0");
    expect(compare("bits", spikes, train([1, 0]))).toBe("1 spikes instead of 3");
    expect(compare("rate", spikes, train([1, 0]))).toBe("1 spikes instead of about 3");
    expect(compare("bits", train(), train())).toBe("the core found no spikes");
  });
});

describe("the random numbers of the twins", () => {
  const moments = (source: GaussianSource, size: number) => {
    const column = new Float64Array(size);
    source.fill(column);
    const moment = (p: number) => column.reduce((sum, x) => sum + x ** p, 0) / size;
    const beyond = column.filter((x) => Math.abs(x) > 3).length / size;
    return { mean: moment(1), variance: moment(2), skewness: moment(3), kurtosis: moment(4), beyond };
  };

  for (const [name, source] of [
    ["Box-Muller", new BoxMuller(7)],
    ["ziggurat", new Ziggurat(7)],
  ] as const) {
    it(`${name}: standard normal`, () => {
      // 400,001 numbers: bounds are at least four standard errors.
      const found = moments(source, 400_001);
      expect(Math.abs(found.mean)).toBeLessThan(0.0065);
      expect(Math.abs(found.variance - 1)).toBeLessThan(0.009);
      expect(Math.abs(found.skewness)).toBeLessThan(0.025);
      expect(Math.abs(found.kurtosis - 3)).toBeLessThan(0.07);
      expect(Math.abs(found.beyond - 0.0026998)).toBeLessThan(0.00033);
    });
  }
});

describe("the statistics of the measurements", () => {
  it("gives median and middle half", () => {
    expect(summary([5, 1, 4, 2, 3])).toEqual({ median: 3, p25: 2, p75: 4 });
    expect(summary([1, 2])).toEqual({ median: 1.5, p25: 1.25, p75: 1.75 });
    expect(summary([7])).toEqual({ median: 7, p25: 7, p75: 7 });
  });

  it("divides round by round, so that a slow machine slows both", () => {
    const slow = { name: "slow", rounds: [3, 6, 9] };
    const fast = { name: "fast", rounds: [1, 2, 3] };
    expect(ratio(slow, fast)).toEqual({ median: 3, p25: 3, p75: 3 });
  });

  it("drops spikes that do not fit, but counts them", () => {
    const list = new SpikeList(1);
    list.neurons[list.count++] = 4;
    list.neurons[list.count++] = 5;
    expect([...list.neurons]).toEqual([4]);
    expect(list.count).toBe(2);
    list.clear();
    expect(list.count).toBe(0);
  });
});

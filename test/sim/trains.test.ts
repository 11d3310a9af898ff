/** Sources with a rate as text, renewal trains and correlated trains: against closed forms, and their bits. */
import { describe, expect, it } from "vitest";
import {
  background,
  correlated,
  cvPerNeuron,
  lif,
  parseDocument,
  poisson,
  receptor,
  renewal,
  Simulation,
  toDocument,
} from "../../src/index.js";
import { exportNetwork } from "../../src/exchange/index.js";
import { rateBounds } from "../../src/model/own.js";

type Params = Readonly<Record<string, unknown>>;

const document = (model: string, size: number, params: Params, more: object = {}): object => ({
  dt: 0.1,
  duration: 1000,
  seed: 5,
  populations: [{ name: "source", model, size, params }],
  record: [{ population: "source", variables: ["spikes"] }],
  ...more,
});

interface Trains {
  readonly times: Float64Array;
  readonly neurons: Uint32Array;
  readonly size: number;
}

async function played(model: string, size: number, params: Params, duration: number): Promise<Trains> {
  const sim = await Simulation.fromDocument(document(model, size, params));
  await sim.run(duration);
  const [spikes] = [...sim.recordings.spikes.values()];
  return { times: Float64Array.from(spikes?.times ?? []), neurons: Uint32Array.from(spikes?.neurons ?? []), size };
}

/** Counts of each neuron in bins of some ms. */
function counts({ times, neurons, size }: Trains, bin: number, from: number, to: number): Float64Array[] {
  const bins = Math.floor((to - from) / bin);
  const all = Array.from({ length: size }, () => new Float64Array(bins));
  for (const [k, t] of times.entries()) {
    const at = Math.floor((t - from - 1e-9) / bin);
    if (at >= 0 && at < bins) (all[neurons[k] as number] as Float64Array)[at]! += 1;
  }
  return all;
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

describe("a rate as text", () => {
  const size = 4000;
  const text = "20*Hz*(1 + sin(2*pi*8*Hz*t))";

  it("has the course of the text, as a Poisson count in each step", async () => {
    const trains = await played("poisson", size, { rate: text }, 1000);
    // 25 bins of 5 ms in each of 8 periods of 125 ms
    const bins = new Float64Array(25);
    for (const t of trains.times) bins[Math.min(24, Math.floor(((t - 0.05) % 125) / 5))]! += 1;
    let square = 0;
    for (const [k, found] of bins.entries()) {
      const [a, b] = [(2 * Math.PI * k) / 25, (2 * Math.PI * (k + 1)) / 25];
      const expected = 8 * size * 0.02 * (5 + (125 / (2 * Math.PI)) * (Math.cos(a) - Math.cos(b)));
      square += (found - expected) ** 2 / Math.max(expected, 1);
      expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(expected) + 5);
    }
    // chi square with 25 degrees of freedom: beyond 60 with a chance of 1e-4
    expect(square).toBeLessThan(60);
  });

  it("may differ between neurons, and is 0 where it is negative", async () => {
    const trains = await played("poisson", 200, { rate: "(i - 100)*0.5*Hz" }, 20_000);
    const found = new Float64Array(200);
    for (const n of trains.neurons) found[n]! += 1;
    expect(mean(found.subarray(0, 101))).toBe(0);
    for (let n = 101; n < 200; n++) {
      const expected = (n - 100) * 0.5 * 20;
      expect(Math.abs((found[n] as number) - expected)).toBeLessThan(5 * Math.sqrt(expected) + 3);
    }
  });

  it("may depend on both: each neuron has its phase", async () => {
    const trains = await played("poisson", 1000, { rate: "50*Hz*(1 + cos(2*pi*(10*Hz*t - i/N)))" }, 2000);
    // the first circular moment of spikes about each neuron's own phase is 1/2
    let [x, y] = [0, 0];
    for (const [k, t] of trains.times.entries()) {
      const angle = 2 * Math.PI * ((t - 0.05) / 100 - (trains.neurons[k] as number) / 1000);
      x += Math.cos(angle);
      y += Math.sin(angle);
    }
    const n = trains.times.length;
    expect(Math.abs(n / 100_000 - 1)).toBeLessThan(0.02);
    expect(Math.abs(x / n - 0.5)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(y / n)).toBeLessThan(5 / Math.sqrt(n));
  });

  it("switches at a step on the grid", async () => {
    const { times } = await played("poisson", 1000, { rate: "100*Hz*(t >= 50*ms and t < 60*ms)" }, 100);
    expect(times.length).toBeGreaterThan(800);
    expect(Math.min(...times)).toBeGreaterThan(50);
    expect(Math.max(...times)).toBeLessThan(60.05);
  });

  it("of a number is that number: the same bits", async () => {
    const one = await played("poisson", 100, { rate: "20*Hz" }, 1000);
    const other = await played("poisson", 100, { rate: "20 Hz" }, 1000);
    expect(Array.from(one.times)).toEqual(Array.from(other.times));
    expect(one.times.length).toBeGreaterThan(1500);
  });

  it("is changed between runs, to a number and back", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 2 });
    const source = sim.population("source", poisson, 1000, { params: { rate: "20*Hz*(t < 50*ms)" } });
    const spikes = sim.record(source, "spikes");
    await sim.run(100);
    const first = spikes.count;
    source.set({ rate: 40 });
    await sim.run(100);
    const second = spikes.count - first;
    source.set({ rate: "10*Hz*(t >= 200*ms)*(i < 500)" });
    await sim.run(100);
    const third = spikes.count - first - second;
    for (const [found, expected] of [[first, 1000], [second, 4000], [third, 500]] as const)
      expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(expected));
    expect(Math.max(...spikes.neurons.subarray(first + second))).toBeLessThan(500);
  });

  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    ["another unit", "20*mV*t", /params\.rate.*the rate is .*mV.*; it must be a rate, such as 20\*Hz/s],
    ["no unit", "20*(1 + sin(t/ms))", /the rate is a pure number; it must be a rate/],
    ["an unknown name", "20*Hz*sin(x)", /unknown name "x".*It must be t, i or N/s],
    ["noise", "20*Hz*xi", /xi/],
    ["no bound", "20*Hz*tan(t/ms)", /no upper bound that can be seen.*min\(20\*Hz\*tan\(t\/ms\), 200\*Hz\)/],
    ["a unit that is unknown", "20 hz", /hz/],
  ];
  it.each(mistakes)("%s is a mistake", (_, rate, message) => {
    expect(() => parseDocument(document("poisson", 10, { rate }))).toThrow(message);
  });

  it("has bounds by its functions", () => {
    const of = (rate: string): readonly number[] => rateBounds(rate, 10, 0, 1000).map((x) => Number(x.toPrecision(6)));
    expect(of(text)).toEqual([0, 40]);
    expect(of("i*Hz")).toEqual([0, 9]);
    expect(of("0.1*Hz/ms*t")).toEqual([0, 100]);
    expect(of("clip(tan(t/ms)*Hz, 0*Hz, 5*Hz)")).toEqual([0, 5]);
    expect(of("10*Hz*exp(-t/(100*ms))")).toEqual([0.000453999, 10]);
    expect(of("5*Hz if t < 10*ms else 7*Hz")).toEqual([5, 7]);
    expect(of("abs(i - 4)*Hz + 2*Hz*rand()")).toEqual([0, 7]);
    expect(of("4*Hz*(sin(t/ms))**2")).toEqual([0, 4]);
    expect(of("10*Hz/(1 + t/ms)")).toEqual([0.00999001, 10]);
  });

  it("stops where it asks for more spikes than a step may have", async () => {
    const sim = await Simulation.fromDocument(document("poisson", 10, { rate: "2e10*Hz*(t > 50*ms)" }));
    await expect(sim.run(100)).rejects.toThrow(/source\.rate: .* in a step/);
  });
});

describe("renewal trains", () => {
  const cases: readonly (readonly [string, Params, number])[] = [
    ["gamma, regular", { kind: "gamma", rate: 20, shape: 9 }, 1 / 3],
    ["gamma, one", { kind: "gamma", rate: 20, shape: 1 }, 1],
    ["gamma, clustered", { kind: "gamma", rate: 20, shape: 0.5 }, Math.SQRT2],
    ["lognormal", { kind: "lognormal", rate: 20, cv: 0.4 }, 0.4],
    ["lognormal, broad", { kind: "lognormal", rate: 20, cv: 1.2 }, 1.2],
    ["refractory", { kind: "refractory", rate: 20, dead: "15 ms" }, 1 - 0.02 * 15],
  ];

  it.each(cases)("%s: rate, from the first moment on, and coefficient of variation", async (_, params, cv) => {
    const size = 2000;
    const trains = await played("renewal", size, params, 5000);
    // counts over 5 s have the variance 100 cv^2 for long times, at any time the mean rate
    const total = trains.times.length;
    expect(Math.abs(total / (100 * size) - 1)).toBeLessThan((5 * Math.max(cv, 0.3)) / Math.sqrt(100 * size));
    const early = trains.times.filter((t) => t <= 10).length;
    const expected = 0.2 * size;
    expect(Math.abs(early - expected)).toBeLessThan(5 * Math.sqrt(expected * Math.max(1, cv * cv)));
    // long trains see fewer long intervals: -some 1 % at 100 intervals
    const found = mean(cvPerNeuron(trains, size));
    expect(Math.abs(found / cv - 1)).toBeLessThan(cv > 1 ? 0.08 : 0.04);
  });

  it("of a dead time have no shorter interval", async () => {
    const { times, neurons } = await played("renewal", 200, { kind: "refractory", rate: 50, dead: "5 ms" }, 2000);
    const last = new Float64Array(200).fill(-100);
    let least = Number.POSITIVE_INFINITY;
    for (const [k, t] of times.entries()) {
      const n = neurons[k] as number;
      least = Math.min(least, t - (last[n] as number));
      last[n] = t;
    }
    // both ends are moved to the end of their step
    expect(least).toBeGreaterThan(4.9 - 1e-9);
    expect(least).toBeLessThan(5.2);
  });

  it("have the distribution that was asked for: gamma of shape 3", async () => {
    const { times, neurons } = await played("renewal", 1000, { kind: "gamma", rate: 20, shape: 3 }, 5000);
    const last = new Float64Array(1000).fill(Number.NaN);
    const gaps: number[] = [];
    for (const [k, t] of times.entries()) {
      const n = neurons[k] as number;
      if (t < 2500) gaps.push(t - (last[n] as number));
      last[n] = t;
    }
    const sorted = gaps.filter((gap) => !Number.isNaN(gap)).sort((a, b) => a - b);
    // P(gap <= t) of an Erlang distribution with three stages of mean 50/3 ms
    const below = (t: number): number => {
      const x = (3 * t) / 50;
      return 1 - Math.exp(-x) * (1 + x + (x * x) / 2);
    };
    const n = sorted.length;
    expect(n).toBeGreaterThan(40_000);
    const far = Math.max(...sorted.map((t, k) => Math.abs(below(t) - (k + 0.5) / n)));
    // Kolmogorov's bound for 1e-4, and the grid of steps
    expect(far).toBeLessThan(2.3 / Math.sqrt(n) + 0.003);
  });

  it("may have a rate and a number each", async () => {
    const rate = Array.from({ length: 50 }, (_, n) => n);
    const shape = Array.from({ length: 50 }, (_, n) => 1 + n);
    const trains = await played("renewal", 50, { kind: "gamma", rate, shape }, 40_000);
    const found = new Float64Array(50);
    for (const n of trains.neurons) found[n]! += 1;
    for (const [n, count] of found.entries())
      expect(Math.abs(count - 40 * n)).toBeLessThan(5 * Math.sqrt((40 * n) / (1 + n)) + 2);
    const drawn = await played("renewal", 50, { kind: "gamma", rate: { uniform: [10, 20] } }, 1000);
    expect(Math.abs(drawn.times.length - 750)).toBeLessThan(100);
  });

  it("begin anew when they are set", async () => {
    const sim = await Simulation.create({ dt: 0.1, seed: 4 });
    const source = sim.population("source", renewal, 1000, { params: { kind: "gamma", rate: 10, shape: 4 } });
    const spikes = sim.record(source, "spikes");
    await sim.run(500);
    const before = spikes.count;
    source.set({ kind: "lognormal", rate: 40, cv: 0.5 });
    await sim.run(500);
    expect(Math.abs(before - 5000)).toBeLessThan(250);
    expect(Math.abs(spikes.count - before - 20_000)).toBeLessThan(500);
  });

  const mistakes: readonly (readonly [string, Params, RegExp])[] = [
    ["no kind", { rate: 10 }, /the key "kind" is missing; it must be the distribution of the intervals/],
    ["an unknown kind", { kind: "gama" }, /kind: unknown distribution "gama" of intervals; did you mean "gamma"/],
    ["a number of another kind", { kind: "gamma", cv: 1 }, /"cv" belongs to the kind lognormal; write "shape" with "kind": "gamma"/],
    ["a shape of 0", { kind: "gamma", shape: 0 }, /shape: 0; it must be > 0/],
    ["a dead time as long as the interval", { kind: "refractory", rate: 100, dead: 10 }, /dead: 10 ms; it must be < 10 ms, the mean interval at 100 Hz/],
    ["a text for a rate", { kind: "gamma", rate: "20*Hz*t/ms" }, /rate/],
    ["background", { kind: "gamma", background: [] }, /background/],
  ];
  it.each(mistakes)("%s is a mistake", (_, params, message) => {
    expect(() => parseDocument(document("renewal", 10, params))).toThrow(message);
  });
});

describe("correlated trains", () => {
  /** Mean correlation of counts over all pairs, from the variance of the sum. */
  function correlation(all: readonly Float64Array[]): number {
    const size = all.length;
    const bins = (all[0] as Float64Array).length;
    const variance = (values: ArrayLike<number>): number => {
      const m = mean(values);
      return mean(Array.from(values, (x) => (x - m) ** 2));
    };
    const own = mean(all.map(variance));
    const total = (k: number): number => all.reduce((so, one) => so + (one[k] as number), 0);
    const sum = Float64Array.from({ length: bins }, (_, k) => total(k));
    return (variance(sum) / (size * own) - 1) / (size - 1);
  }

  const cases: readonly (readonly [string, number, number])[] = [
    ["multiple", 0.2, 5],
    ["multiple", 0.05, 2],
    ["multiple", 0.3, 0],
    ["single", 0.2, 5],
    ["single", 0.1, 0],
    ["single", 0, 5],
  ];

  it.each(cases)("%s, correlation %d, tau %d ms: rate, CV and correlation of counts", async (kind, c, tau) => {
    const size = 50;
    const duration = 100_000;
    const trains = await played("correlated", size, { kind, rate: 20, correlation: c, tau }, duration);
    // the variance of the mean rate is that of a process with correlation
    const deviation = Math.sqrt((1 + (size - 1) * c) / (20 * 100 * size));
    expect(Math.abs(trains.times.length / (20 * 100 * size) - 1)).toBeLessThan(5 * deviation + 0.002);
    expect(Math.abs(mean(cvPerNeuron(trains, size)) - 1)).toBeLessThan(0.02);
    const bin = 200;
    const found = correlation(counts(trains, bin, 0, duration));
    // of the delays' differences, exp(-|s|/tau), a share of tau/bin is lost at the edges of a bin
    const expected = c * (1 - tau / bin);
    expect(Math.abs(found - expected)).toBeLessThan(0.01 + 0.12 * c);
  });

  it("have the covariance exp(-|lag|/tau)", async () => {
    const [rate, c, tau, duration] = [20, 0.5, 10, 400_000];
    const { times, neurons } = await played("correlated", 2, { kind: "multiple", rate, correlation: c, tau }, duration);
    const one = times.filter((_, k) => neurons[k] === 0);
    const two = times.filter((_, k) => neurons[k] === 1);
    const lags = new Float64Array(8);
    let from = 0;
    for (const t of one) {
      while (from < two.length && (two[from] as number) < t - 40) from++;
      for (let k = from; k < two.length && (two[k] as number) < t + 40 - 1e-9; k++)
        lags[Math.min(7, Math.floor(((two[k] as number) - t + 40) / 10))]! += 1;
    }
    for (const [k, found] of lags.entries()) {
      const [a, b] = [-40 + 10 * k, -30 + 10 * k];
      const part = (x: number): number => (x < 0 ? 0.5 * Math.exp(x / tau) : 1 - 0.5 * Math.exp(-x / tau));
      const expected = (rate / 1000) * duration * ((rate / 1000) * 10 + c * (part(b) - part(a)));
      expect(Math.abs(found / expected - 1)).toBeLessThan(0.07);
    }
  });

  it("of the kind single share all or nothing, of the kind multiple some", async () => {
    const atOnce = async (kind: string): Promise<number> => {
      const { times } = await played("correlated", 100, { kind, rate: 10, correlation: 0.3, tau: 0 }, 20_000);
      const steps = new Map<number, number>();
      for (const t of times) steps.set(Math.round(t * 10), (steps.get(Math.round(t * 10)) ?? 0) + 1);
      const many = [...steps.values()].filter((n) => n > 10);
      return mean(many);
    };
    expect(Math.abs((await atOnce("single")) - 100)).toBeLessThan(2);
    expect(Math.abs((await atOnce("multiple")) - 30)).toBeLessThan(3);
  });

  const mistakes: readonly (readonly [string, Params, RegExp])[] = [
    ["no kind", {}, /the key "kind" is missing; it must be how spikes are shared/],
    ["too much correlation", { kind: "single", correlation: 1.1 }, /correlation: 1\.1; it must be >= 0 and <= 1/],
    ["none of the kind multiple", { kind: "multiple", correlation: 0 }, /correlation: 0; it must be > 0 and <= 1/],
    ["a rate each", { kind: "single", rate: [1, 2] }, /rate/],
    ["too fast a common train", { kind: "multiple", rate: 100, correlation: 1e-4 }, /the common train of the kind multiple has/],
  ];
  it.each(mistakes)("%s is a mistake", (_, params, message) => {
    expect(() => parseDocument(document("correlated", 10, params))).toThrow(message);
  });
});

const KINDS: readonly (readonly [string, string, Params])[] = [
  ["a rate as text", "poisson", { rate: "40*Hz*(1 + sin(2*pi*20*Hz*t))" }],
  ["a rate as text of each neuron", "poisson", { rate: "40*Hz*(1 + sin(2*pi*20*Hz*t + i))" }],
  ["gamma", "renewal", { kind: "gamma", rate: 50, shape: 3 }],
  ["lognormal", "renewal", { kind: "lognormal", rate: 50, cv: 0.7 }],
  ["refractory", "renewal", { kind: "refractory", rate: { uniform: [20, 60] }, dead: 3 }],
  ["multiple", "correlated", { kind: "multiple", rate: 50, correlation: 0.3, tau: 4 }],
  ["single", "correlated", { kind: "single", rate: 50, correlation: 0.3, tau: 4 }],
];

describe.each(KINDS)("the bits of %s", (_, model, params) => {
  const size = 150;
  const network = document(model, size, params, {
    populations: [
      { name: "source", model, size, params },
      { name: "cells", model: "lif", size: 40, receptors: { exc: { kernel: "exponential", tau: 3 } } },
    ],
    projections: [{ source: "source", target: "cells", rule: "fixedProbability", p: 0.3, weight: 90, delay: 1 }],
    record: [
      { population: "source", variables: ["spikes"] },
      { population: "cells", variables: ["spikes"] },
    ],
  });
  const spikesOf = (sim: Simulation): unknown =>
    [...sim.recordings.spikes.values()].map((s) => [Array.from(s.times), Array.from(s.neurons)]);
  const made = async (options: object = {}): Promise<Simulation> => Simulation.fromDocument(network, options);

  it("are the same in chunks, after a reset, from a snapshot, and in shards", async () => {
    const whole = await made();
    await whole.run(200);
    const expected = spikesOf(whole) as number[][][];
    expect(expected[0]?.[0]?.length).toBeGreaterThan(800);
    expect(expected[1]?.[0]?.length).toBeGreaterThan(5);

    const parts = await made();
    for (const ms of [0.1, 33.3, 66.6, 100]) await parts.run(ms);
    expect(spikesOf(parts)).toEqual(expected);

    whole.reset();
    await whole.run(200);
    expect(spikesOf(whole)).toEqual(expected);

    const first = await made();
    await first.run(77);
    const second = await Simulation.restore(first.snapshot());
    await second.run(123);
    expect(spikesOf(second)).toEqual(expected);

    const shared = await made({ threads: 2 });
    await shared.run(200);
    expect(spikesOf(shared)).toEqual(expected);
    shared.close();
  });

  it("are those of the document that is written of it", async () => {
    const spec = parseDocument(network, { namesOnly: true });
    const written = toDocument(spec);
    expect(toDocument(parseDocument(JSON.parse(JSON.stringify(written)) as object))).toEqual(written);
    const [one, other] = [await made(), await Simulation.fromDocument(written)];
    await one.run(50);
    await other.run(50);
    expect(spikesOf(other)).toEqual(spikesOf(one));
  });

  it("change with the seed", async () => {
    const [one, other] = [await made(), await Simulation.fromDocument({ ...network, seed: 6 })];
    await one.run(50);
    await other.run(50);
    expect(spikesOf(other)).not.toEqual(spikesOf(one));
  });

  it("go to no other tool", async () => {
    await expect(exportNetwork(parseDocument(network), { to: "nest" })).rejects.toThrow(
      /\$\.populations\[0\]: (a rate that is a text|the source \w+) has no form in NEST/,
    );
    const { files } = await exportNetwork(parseDocument(network), { to: "spikelet" });
    expect(files.length).toBe(1);
  });
});

it("sources of all kinds are typed", async () => {
  const sim = await Simulation.create({ dt: 0.1 });
  const cells = sim.population("cells", lif, 5, {
    receptors: { exc: receptor.exponential({ tau: 5 }) },
    background: [background.constant(100)],
  });
  const gamma = sim.population("gamma", renewal, 5, { params: { kind: "gamma", rate: 30, shape: 2 } });
  const shared = sim.population("shared", correlated, 5, { params: { kind: "single", rate: "30 Hz", tau: "2 ms" } });
  // @ts-expect-error no kind of sharing
  expect(() => sim.population("wrong", correlated, 5, { params: { kind: "triple" } })).toThrow(/triple/);
  sim.connect(gamma, cells, { rule: "allToAll", weight: 10 });
  sim.connect(shared, cells, { rule: "allToAll", weight: 10 });
  expect((await sim.run(20)).status).toBe("done");
});

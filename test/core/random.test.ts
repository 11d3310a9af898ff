/**
 * Random numbers: Philox against its published vectors, the layout of counters, block against scalar functions, one
 * build against the other, and distributions. Seeds are fixed, so a passing test passes always; limits are about 4
 * standard errors.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

type Keyed<More extends unknown[] = []> = (
  neuron: number,
  seedLo: number,
  seedHi: number,
  stream: number,
  step: number,
  ...more: More
) => number;
type Block<More extends unknown[] = []> = (
  out: number,
  firstNeuron: number,
  count: number,
  seedLo: number,
  seedHi: number,
  stream: number,
  step: number,
  ...more: More
) => void;
interface Core {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, rounds: number): void;
  word(i: number): number;
  uniform: Keyed;
  uniformBlock: Block;
  gaussian: Keyed;
  gaussianBlock: Block;
  boxMuller(w: number, a: number, i: number): number;
  intervals(
    out: number,
    node: number,
    part: number,
    seedLo: number,
    seedHi: number,
    stream: number,
    step: number,
  ): void;
  poisson: Keyed<[mean: number]>;
  poissonBlock: Block<[mean: number]>;
  streamStart(seedLo: number, seedHi: number, stream: number, item: number, purpose: number): void;
  streamUniform(): number;
  addPoisson: (
    into: number,
    words: number,
    firstNeuron: number,
    count: number,
    seedLo: number,
    seedHi: number,
    stream: number,
    step: number,
    mean: number,
    weight: number,
  ) => void;
  streamInteger(n: number): number;
  streamIntegers(out: number, count: number, n: number): void;
  streamGaussian(): number;
  streamGaussians(out: number, count: number): void;
  streamExponential(): number;
  streamLognormal(mu: number, sigma: number): number;
}

const build = process.env.SPIKELET_CORE ?? join(resolve(import.meta.dirname, "../.."), "build");
async function load(file: string): Promise<Core> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const { instance } = await WebAssembly.instantiate(readFileSync(join(build, file)), {
    env: { memory, now: () => performance.now() },
  });
  return instance.exports as unknown as Core;
}
const simd = await load("core.wasm");
const scalar = await load("core.scalar.wasm");
const builds: [string, Core][] = [
  ["SIMD", simd],
  ["scalar", scalar],
];

const LARGEST = 4096;
const columns = new Map(builds.map(([, core]) => [core, core.allocate(8 * (LARGEST + 1))]));
/** Calls `fill(address, first, count)` on a column and returns a copy of it. */
function column(core: Core, first: number, count: number, fill: (out: number, first: number, count: number) => void) {
  const address = columns.get(core) ?? 0;
  const whole = new Float64Array(core.memory.buffer, address, count + 1);
  whole.fill(NaN);
  fill(address, first, count);
  expect(whole[count], "the number behind the block").toBeNaN();
  return whole.slice(0, count);
}
type Draw = (core: Core, first: number, count: number, step: number, stream?: number) => Float64Array;
const uniforms: Draw = (core, first, count, step, stream = 3) =>
  column(core, first, count, (out, f, n) => core.uniformBlock(out, f, n, 11, 12, stream, step));
const gaussians: Draw = (core, first, count, step, stream = 3) =>
  column(core, first, count, (out, f, n) => core.gaussianBlock(out, f, n, 11, 12, stream, step));
const poissons =
  (mean: number): Draw =>
  (core, first, count, step, stream = 3) =>
    column(core, first, count, (out, f, n) => core.poissonBlock(out, f, n, 11, 12, stream, step, mean));

/** `steps` blocks of 4096 neurons in one array. */
function sample(draw: Draw, steps: number): Float64Array {
  const all = new Float64Array(steps * LARGEST);
  for (let step = 0; step < steps; step++) all.set(draw(simd, 0, LARGEST, step), step * LARGEST);
  return all;
}
const sum = (x: ArrayLike<number>, f: (x: number) => number) => {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += f(x[i] as number);
  return total;
};
const mean = (x: ArrayLike<number>, f = (y: number) => y) => sum(x, f) / x.length;

/** Chi-square as a standard normal number (Wilson and Hilferty). */
function chiSquare(observed: ArrayLike<number>, expected: ArrayLike<number>): number {
  let chi = 0;
  for (let i = 0; i < observed.length; i++)
    chi += ((observed[i] as number) - (expected[i] as number)) ** 2 / (expected[i] as number);
  const k = observed.length - 1;
  return (Math.cbrt(chi / k) - 1 + 2 / (9 * k)) / Math.sqrt(2 / (9 * k));
}
/** Kolmogorov-Smirnov distance times sqrt(n): above 1.95 with probability 0.001. */
function kolmogorov(x: Float64Array, distribution: (x: number) => number): number {
  const sorted = x.slice().sort();
  let d = 0;
  sorted.forEach((value, i) => {
    const p = distribution(value);
    d = Math.max(d, p - i / x.length, (i + 1) / x.length - p);
  });
  return d * Math.sqrt(x.length);
}
/** Normal distribution function: series near 0, continued fraction outside (both to 1e-14). */
function normal(x: number): number {
  if (x < 0) return 1 - normal(-x);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x > 4) {
    let f = x;
    for (let i = 40; i > 0; i--) f = x + i / f;
    return 1 - density / f;
  }
  let term = x;
  let total = x;
  for (let i = 3; term > 1e-17; i += 2) total += term *= (x * x) / i;
  return 0.5 + density * total;
}
/** Where the normal distribution function is p. */
function quantile(p: number): number {
  let [low, high] = [-8, 8];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normal(middle) < p) low = middle;
    else high = middle;
  }
  return low;
}
/** Moments of independent standard normal numbers, each in standard errors. */
function normalMoments(x: ArrayLike<number>): number[] {
  const n = x.length;
  return [
    mean(x) * Math.sqrt(n),
    (mean(x, (y) => y * y) - 1) * Math.sqrt(n / 2),
    mean(x, (y) => y ** 3) * Math.sqrt(n / 15),
    (mean(x, (y) => y ** 4) - 3) * Math.sqrt(n / 96),
  ];
}

describe("Philox 4x32", () => {
  const ones = [0xffffffff, 0xffffffff] as const;
  const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0] as const;
  // kat_vectors of the authors' Random123 library
  const vectors: [rounds: number, counterAndKey: readonly number[], want: number[]][] = [
    [7, [0, 0, 0, 0, 0, 0], [0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48]],
    [7, [...ones, ...ones, ...ones], [0x5207ddc2, 0x45165e59, 0x4d8ee751, 0x8c52f662]],
    [7, pi, [0x4dfccaba, 0x190a87f0, 0xc47362ba, 0xb6b5242a]],
    [10, [0, 0, 0, 0, 0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [10, [...ones, ...ones, ...ones], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [10, pi, [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
  ];
  test.each(builds)("%s: published vectors", (_, core) => {
    for (const [rounds, [c0 = 0, c1 = 0, c2 = 0, c3 = 0, k0 = 0, k1 = 0], want] of vectors) {
      core.philox(c0, c1, c2, c3, k0, k1, rounds);
      expect([0, 1, 2, 3].map((i) => core.word(i) >>> 0)).toEqual(want);
    }
  });
});

/** The words of a neuron's block as the documented layout has them. */
function words(neuron: number, stream: number, step: number, purpose: number): number[] {
  const high = Math.floor(step / 2 ** 32);
  scalar.philox(4 * (neuron >>> 4) + (neuron & 3), step >>> 0, high + purpose * 2 ** 28, stream, 11, 12, 7);
  return [0, 1, 2, 3].map((i) => scalar.word(i) >>> 0);
}
const steps = [0, 1, 4294967295, 4294967296, 2 ** 53 - 1];

describe("layout", () => {
  test("uniform is (w + 1/2) / 2^32 of the neuron's word", () => {
    for (const step of steps) {
      uniforms(simd, 32, 64, step).forEach((u, i) => {
        const n = 32 + i;
        expect(u).toBe(((words(n, 3, step, 0)[(n >> 2) & 3] as number) + 0.5) / 2 ** 32);
      });
    }
  });
  test("gaussian is Box-Muller of the neuron's two words", () => {
    let worst = 0;
    for (let step = 0; step < 1000; step++) {
      gaussians(simd, 32, 64, step).forEach((g, i) => {
        const j = (i >> 2) & 3;
        const pair = words(32 + i, 3, step, 1).slice(j & 2, (j & 2) + 2) as [number, number];
        expect(g).toBe(scalar.boxMuller(...pair, j & 1));
        const exact = exactPair(...pair);
        worst = Math.max(worst, Math.abs(g - (exact[j & 1] as number)) / rounding(exact[2]));
      });
    }
    expect(worst).toBeLessThan(1);
    expect(worst).toBeGreaterThan(0);
  });
  test("intervals are -log of two words each, high word first", () => {
    for (const step of steps) {
      for (const [node, part] of [[0, 0], [1, 0], [2 ** 28 - 1, 127]] as const) {
        const all = intervals(simd, node, part, step);
        all.forEach((x, i) => {
          const high = Math.floor(step / 2 ** 32);
          scalar.philox(4 * node + (i & 3), step >>> 0, high + part * 2 ** 21 + 5 * 2 ** 28, 3, 11, 12, 7);
          const [w, v] = [0, 1].map((k) => scalar.word(2 * (i >> 2) + k) >>> 0) as [number, number];
          const exact = -Math.log((w + (v + 0.5) / 2 ** 32) / 2 ** 32);
          expect(Math.abs(x / exact - 1)).toBeLessThan(1e-13);
        });
        expect(intervals(scalar, node, part, step)).toEqual(all);
      }
    }
  });
});

/** The numbers and the radius that words of `boxMuller` stand for. */
function exactPair(w: number, a: number): [cosine: number, sine: number, radius: number] {
  const radius = Math.sqrt(-2 * Math.log((Math.floor(w / 2) + ((a & 255) + 0.5) / 256) / 2 ** 31));
  const angle = ((a << 1) / 2 ** 31) * (Math.PI / 2);
  return [radius * Math.cos(angle) * (a >>> 31 ? -1 : 1), radius * Math.sin(angle), radius];
}

/** What single precision may do to numbers of a radius: u has a grid of 2^-24 near 1. */
const rounding = (radius: number): number => 3e-7 * radius + 1e-7 / radius;

/** Eight exponential numbers. */
function intervals(core: Core, node: number, part: number, step: number, stream = 3): Float64Array {
  return column(core, 0, 8, (out) => core.intervals(out, node, part, 11, 12, stream, step));
}

const kinds: [string, Draw, (core: Core, neuron: number, step: number) => number][] = [
  ["uniform", uniforms, (core, n, step) => core.uniform(n, 11, 12, 3, step)],
  ["gaussian", gaussians, (core, n, step) => core.gaussian(n, 11, 12, 3, step)],
  ...[0, 0.02, 1, 9, 40, 100, 101, 1e5].map(
    (m): [string, Draw, (core: Core, neuron: number, step: number) => number] => [
      `poisson(${m})`,
      poissons(m),
      (core, n, step) => core.poisson(n, 11, 12, 3, step, m),
    ],
  ),
];
describe.each(kinds)("%s", (_, draw, one) => {
  test.each(builds)("%s: the block is the scalar function of each neuron", (_, core) => {
    for (const step of steps) {
      const block = draw(core, 96, 160, step);
      expect([...block]).toEqual(Array.from({ length: 160 }, (_, i) => one(core, 96 + i, step)));
    }
  });
  test("the scalar build has the same bits", () => {
    for (const step of [...steps, 5, 6, 7, 8]) {
      expect(draw(scalar, 1024, 512, step)).toEqual(draw(simd, 1024, 512, step));
    }
  });
  test("first neuron and count do not matter", () => {
    const whole = draw(simd, 0, 512, 77);
    for (const [first, count] of [
      [0, 16],
      [16, 16],
      [48, 64],
      [256, 256],
      [496, 16],
    ] as const) {
      expect(draw(simd, first, count, 77)).toEqual(whole.slice(first, first + count));
    }
    expect([...draw(simd, 16, 0, 77)]).toEqual([]);
    const last = 2 ** 32 - 16;
    expect([...draw(simd, last, 16, 77)]).toEqual(Array.from({ length: 16 }, (_, i) => one(simd, last + i, 77)));
  });
});

test("seeds, streams, steps and kinds give different numbers", () => {
  const seen = new Set<number>();
  const arguments_ = [
    [1, 2, 3, 4],
    [2, 2, 3, 4],
    [1, 3, 3, 4],
    [1, 2, 4, 4],
    [1, 2, 3, 5],
    [1, 2, 3, 4 + 2 ** 32],
    [1, 2, 3, 4 + 2 ** 52],
  ] as const;
  for (const [lo, hi, stream, step] of arguments_) {
    for (let n = 0; n < 64; n++) seen.add(simd.uniform(n, lo, hi, stream, step));
  }
  expect(seen.size).toBe(arguments_.length * 64);
});

describe("uniform numbers", () => {
  const u = sample(uniforms, 100);
  test("fill (0, 1) evenly, in their high and in their low bits", () => {
    const high = new Array(1024).fill(0);
    const low = new Array(256).fill(0);
    for (const x of u) {
      high[Math.floor(x * 1024)]++;
      low[Math.floor(x * 2 ** 32) & 255]++;
    }
    expect(
      Math.abs(
        chiSquare(
          high,
          high.map(() => u.length / 1024),
        ),
      ),
    ).toBeLessThan(4);
    expect(
      Math.abs(
        chiSquare(
          low,
          low.map(() => u.length / 256),
        ),
      ),
    ).toBeLessThan(4);
    expect(Math.min(...u.slice(0, 1e5))).toBeGreaterThan(0);
  });
  test("neighbours and successive steps are uncorrelated", () => {
    for (const lag of [1, 2, 3, 4, 8, 12, 16, LARGEST]) {
      let c = 0;
      for (let i = lag; i < u.length; i++) c += ((u[i] as number) - 0.5) * ((u[i - lag] as number) - 0.5);
      expect(Math.abs((12 * c) / Math.sqrt(u.length)), `lag ${lag}`).toBeLessThan(4);
    }
  });
});

describe("Gaussian numbers", () => {
  const g = sample(gaussians, 200);
  test("mean, variance, skewness, kurtosis", () => {
    for (const z of normalMoments(g)) expect(Math.abs(z)).toBeLessThan(4);
  });
  test("Kolmogorov-Smirnov, and at each place of a group of 16", () => {
    expect(kolmogorov(g, normal)).toBeLessThan(1.95);
    for (let place = 0; place < 16; place++) {
      const some = Float64Array.from({ length: g.length / 16 }, (_, i) => g[16 * i + place] as number);
      expect(kolmogorov(some, normal), `place ${place}`).toBeLessThan(1.95);
    }
  });
  test("fill 1024 cells of equal probability evenly", () => {
    const edges = Array.from({ length: 1023 }, (_, i) => quantile((i + 1) / 1024));
    const observed = new Array(1024).fill(0);
    for (const x of g) {
      let cell = 0;
      for (let half = 512; half >= 1; half /= 2) if (x > (edges[cell + half - 1] as number)) cell += half;
      observed[cell]++;
    }
    const expected = observed.map(() => g.length / 1024);
    expect(Math.abs(chiSquare(observed, expected))).toBeLessThan(4);
  });
  test("tails up to 5 standard deviations in 40 million numbers, both sides", () => {
    const limits = [3, 3.5, 4, 4.5, 5];
    const above = new Array(limits.length).fill(0);
    const below = new Array(limits.length).fill(0);
    const size = 1e4 * LARGEST;
    for (let step = 1000; step < 11_000; step++) {
      const address = columns.get(simd) ?? 0;
      simd.gaussianBlock(address, 0, LARGEST, 11, 12, 3, step);
      const all = new Float64Array(simd.memory.buffer, address, LARGEST);
      for (let i = 0; i < LARGEST; i++) {
        const x = all[i] as number;
        if (x > 3) limits.forEach((limit, k) => (above[k] += x > limit ? 1 : 0));
        else if (x < -3) limits.forEach((limit, k) => (below[k] += x < -limit ? 1 : 0));
      }
    }
    for (const [k, limit] of limits.entries()) {
      const expected = (1 - normal(limit)) * size;
      for (const observed of [above[k], below[k]] as number[]) {
        expect(Math.abs(observed - expected) / Math.sqrt(expected), `beyond ${limit}`).toBeLessThan(4);
      }
    }
  });
  test("tails up to 7 standard deviations, from all words that reach them", () => {
    // Of a radius r a share acos(limit / r) / pi lies beyond a limit on one side.
    for (const [limit, tolerance] of [[5, 1e-5], [6, 1e-4], [6.5, 1e-3], [7, 2e-2]] as const) {
      let total = 0;
      const most = Math.ceil(Math.exp((-limit * limit) / 2) * 2 ** 31) + 1;
      for (let w = 0; w <= most; w++) {
        for (let low = 0; low < 256; low++) {
          const radius = scalar.boxMuller(2 * w, low, 0);
          if (radius > limit) total += Math.acos(limit / radius) / Math.PI;
        }
      }
      expect(Math.abs(total / 2 ** 39 / (1 - normal(limit)) - 1), `beyond ${limit}`).toBeLessThan(tolerance);
    }
    expect(scalar.boxMuller(0, 0, 0)).toBeCloseTo(Math.sqrt(2 * Math.log(2 ** 40)), 5);
  });
  test("words at the ends and edges, and everywhere between", () => {
    const edges = [0, 1, 2, 0xff, 0x100, 0x7fffffff, 0x80000000, 0xfffffeff, 0xffffff7f, 0xfffffffe, 0xffffffff];
    let state = 1;
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
    const some = Array.from({ length: 3000 }, () => random() >>> (random() >>> 27));
    let worst = 0;
    for (const w of [...edges, ...some]) {
      for (const a of [...edges, 0x40000000, 0x3fffffff, 0xc0000000, 0xbfffffff, random(), random()]) {
        const [cosine, sine, radius] = exactPair(w, a);
        for (const core of [simd, scalar]) {
          const got = [core.boxMuller(w, a, 0), core.boxMuller(w, a, 1)] as const;
          expect(Number.isFinite(got[0]) && Number.isFinite(got[1])).toBe(true);
          const error = Math.max(Math.abs(got[0] - cosine), Math.abs(got[1] - sine));
          worst = Math.max(worst, error / rounding(radius));
        }
      }
    }
    expect(worst).toBeLessThan(1);
    expect(Math.hypot(simd.boxMuller(0xffffffff, 0, 0), simd.boxMuller(0xffffffff, 0, 1))).toBeGreaterThan(0);
  });
  test("streams and seeds are independent", () => {
    const size = 100 * LARGEST;
    const of = (lo: number, hi: number, stream: number): Float64Array => {
      const all = new Float64Array(size);
      for (let step = 0; step < 100; step++) {
        const fill = (out: number, f: number, n: number) => simd.gaussianBlock(out, f, n, lo, hi, stream, step);
        all.set(column(simd, 0, LARGEST, fill), step * LARGEST);
      }
      return all;
    };
    const base = of(11, 12, 3);
    for (const other of [of(11, 12, 4), of(11, 12, 2), of(10, 12, 3), of(11, 13, 3), of(12, 11, 3)]) {
      let c = 0;
      let squares = 0;
      for (let i = 0; i < size; i++) {
        const [a, b] = [base[i] as number, other[i] as number];
        c += a * b;
        squares += (a * a - 1) * (b * b - 1);
      }
      expect(Math.abs(c / Math.sqrt(size))).toBeLessThan(4);
      expect(Math.abs(squares / 2 / Math.sqrt(size))).toBeLessThan(4);
    }
  });
  test("neighbours, the two of a pair, their squares, and successive steps are uncorrelated", () => {
    for (const lag of [1, 2, 3, 4, 8, 12, 16, LARGEST]) {
      let c = 0;
      let squares = 0;
      for (let i = lag; i < g.length; i++) {
        const [a, b] = [g[i] as number, g[i - lag] as number];
        c += a * b;
        squares += (a * a - 1) * (b * b - 1);
      }
      expect(Math.abs(c / Math.sqrt(g.length)), `lag ${lag}`).toBeLessThan(4);
      expect(Math.abs(squares / 2 / Math.sqrt(g.length)), `squares, lag ${lag}`).toBeLessThan(4);
    }
  });
});

describe("Poisson counts", () => {
  function logProbability(k: number, m: number): number {
    let logFactorial = 0;
    if (k < 30) for (let i = 2; i <= k; i++) logFactorial += Math.log(i);
    else logFactorial = (k + 0.5) * Math.log(k) - k + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * k) - 1 / (360 * k ** 3);
    return k * Math.log(m) - m - logFactorial;
  }
  test.each([0.01, 0.3, 1, 4, 10, 30, 70, 100, 100.5, 200, 3000, 1e5, 1e6])("mean %f", (m) => {
    const counts = sample(poissons(m), m > 100 ? 300 : 100);
    const n = counts.length;
    expect(counts.every((k) => k >= 0 && Number.isInteger(k))).toBe(true);
    expect(Math.abs((mean(counts) - m) / Math.sqrt(m / n)), "mean").toBeLessThan(4);
    const variance = mean(counts, (k) => (k - m) ** 2);
    expect(Math.abs((variance - m) / Math.sqrt((m + 2 * m * m) / n)), "variance").toBeLessThan(4);

    // Cells of at least 20 expected counts, from the distribution summed over mean +- 8 standard deviations.
    const lo = Math.max(0, Math.floor(m - 8 * Math.sqrt(m)));
    const hi = Math.ceil(m + 8 * Math.sqrt(m) + 10);
    const width = Math.max(1, Math.floor(Math.sqrt(m) / 10));
    const cell = new Int32Array(hi - lo + 1);
    const expected = [0];
    for (let k = lo; k <= hi; k++) {
      if ((expected.at(-1) as number) >= 20 && (k - lo) % width === 0) expected.push(0);
      expected[expected.length - 1] = (expected.at(-1) as number) + n * Math.exp(logProbability(k, m));
      cell[k - lo] = expected.length - 1;
    }
    const last = expected.pop() as number;
    if (last >= 20) expected.push(last);
    else expected[expected.length - 1] = (expected.at(-1) as number) + last;
    const observed = new Array(expected.length).fill(0);
    for (const k of counts)
      observed[Math.min(cell[Math.min(Math.max(k, lo), hi) - lo] as number, expected.length - 1)]++;
    expect(sum(expected, (x) => x) / n).toBeCloseTo(1, 6);
    if (expected.length > 1) expect(Math.abs(chiSquare(observed, expected)), "chi-square").toBeLessThan(4);
  });

  test.each([0.5, 50, 200])("mean %f: neighbours and successive steps are uncorrelated", (m) => {
    const counts = sample(poissons(m), 20);
    for (const lag of [1, 2, 3, 4, 8, 12, 16, LARGEST]) {
      let c = 0;
      for (let i = lag; i < counts.length; i++) c += ((counts[i] as number) - m) * ((counts[i - lag] as number) - m);
      expect(Math.abs(c / m / Math.sqrt(counts.length)), `lag ${lag}`).toBeLessThan(4);
    }
  });

  test("means that are not positive give 0", () => {
    for (const m of [0, -1, NaN]) expect([...poissons(m)(simd, 0, 16, 1)]).toEqual(Array(16).fill(0));
  });

  test.each(builds)("%s: a word equal to a threshold takes finer bits", (_, core) => {
    // A mean whose e^-mean 2^32 is the neuron's word and a fraction: whether the count is 0 is up to the second word.
    let zeros = 0;
    for (let n = 0; n < 64; n++) {
      const j = (n >> 2) & 3;
      const w = words(n, 3, 9, 2)[j] as number;
      const fine = ((words(n, 3, 9, 3)[j] as number) + 0.5) / 2 ** 32;
      for (const fraction of [fine - 0.01, fine + 0.01]) {
        if (fraction < 0 || fraction > 1) continue;
        const m = -Math.log((w + fraction) / 2 ** 32);
        const count = core.poisson(n, 11, 12, 3, 9, m);
        expect(count, `neuron ${n}`).toBe(fine < fraction ? 0 : 1);
        expect(poissons(m)(core, n & ~15, 16, 9)[n & 15]).toBe(count);
        zeros += count === 0 ? 1 : 0;
      }
    }
    expect(zeros).toBeGreaterThan(50);
  });

  test.each(builds)("%s: weights times counts are added, of any number of neurons", (_, core) => {
    const words = core.allocate(4 * 256);
    for (const [m, weight] of [
      [0.3, 2],
      [2.3, -1.5],
      [2.3, 0.7],
      [80, 1],
      [150, 3],
    ] as const) {
      for (const count of [1, 3, 16, 37, 255, 256]) {
        const sums = column(core, 32, 256, (out) => {
          new Float64Array(core.memory.buffer, out, 256).fill(0.1);
          core.addPoisson(out, words, 32, count, 11, 12, 3, 9, m, weight);
        });
        const counts = poissons(m)(core, 32, 256, 9);
        expect([...sums]).toEqual(Array.from(counts, (k, i) => (i < count ? 0.1 + k * weight : 0.1)));
      }
    }
  });
  test("more means in turn than tables are kept", () => {
    const means = Array.from({ length: 20 }, (_, i) => 0.3 + 0.4 * i);
    const each = means.map((m) => poissons(m)(simd, 0, 64, 3));
    for (const [i, m] of means.entries()) {
      expect(poissons(m)(simd, 0, 64, 3)).toEqual(each[i]);
      const singly = Array.from({ length: 64 }, (_, n) => scalar.poisson(n, 11, 12, 3, 3, m));
      expect([...poissons(m)(simd, 0, 64, 3)]).toEqual(singly);
    }
  });
  test("one mean after another", () => {
    const before = poissons(5)(simd, 0, 64, 3);
    poissons(80)(simd, 0, 64, 3);
    poissons(500)(simd, 0, 64, 3);
    expect(poissons(5)(simd, 0, 64, 3)).toEqual(before);
  });
});

describe("exponential intervals", () => {
  const all = new Float64Array(400_000);
  for (let i = 0; i < all.length; i += 8) all.set(intervals(simd, i % 1000, (i >> 4) & 1, i >> 5), i);
  test("mean, variance, and the distribution of all and of each place", () => {
    const n = all.length;
    expect(Math.abs((mean(all) - 1) * Math.sqrt(n))).toBeLessThan(4);
    expect(Math.abs((mean(all, (x) => x * x) - 2) * Math.sqrt(n / 20))).toBeLessThan(4);
    expect(kolmogorov(all, (x) => -Math.expm1(-x))).toBeLessThan(1.95);
    for (let place = 0; place < 8; place++) {
      const some = all.filter((_, i) => i % 8 === place);
      expect(kolmogorov(some, (x) => -Math.expm1(-x)), `place ${place}`).toBeLessThan(1.95);
    }
  });
  test("are independent of each other", () => {
    for (const lag of [1, 2, 3, 4, 5, 8, 16, 32]) {
      let c = 0;
      for (let i = lag; i < all.length; i++) c += ((all[i] as number) - 1) * ((all[i - lag] as number) - 1);
      expect(Math.abs(c / Math.sqrt(all.length)), `lag ${lag}`).toBeLessThan(4);
    }
  });
  test("differ by node, part, step and stream", () => {
    const seen = new Set<number>();
    const keys = [[5, 0, 7, 3], [6, 0, 7, 3], [5, 1, 7, 3], [5, 0, 8, 3], [5, 0, 7, 4]] as const;
    for (const [node, part, step, stream] of keys) {
      for (const x of intervals(simd, node, part, step, stream)) seen.add(x);
    }
    expect(seen.size).toBe(40);
  });
});

describe("sequential streams", () => {
  const draw = (count: number, f: () => number, item = 0, purpose = 1, core = simd) => {
    core.streamStart(11, 12, 3, item, purpose);
    return Float64Array.from({ length: count }, f);
  };
  test("come from counters of their own: (index, item, 2^31 | purpose, stream)", () => {
    const u = draw(4, simd.streamUniform, 5, 7);
    scalar.philox(1, 5, 2 ** 31 + 7 * 65536, 3, 11, 12, 10);
    const top = BigInt(scalar.word(1) >>> 0) * 2n ** 32n + BigInt(scalar.word(0) >>> 0);
    expect(u[2]).toBe(Number((top >> 12n) * 2n + 1n) / 2 ** 53);
  });
  test("repeat, and differ by item, purpose and stream", () => {
    const seen = new Set<number>();
    for (const [item, purpose] of [
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const u = draw(1000, simd.streamUniform, item, purpose);
      expect(draw(1000, simd.streamUniform, item, purpose)).toEqual(u);
      for (const x of u) seen.add(x);
    }
    expect(seen.size).toBe(4000);
  });
  test("have the same bits in the scalar build, and a start forgets what was kept", () => {
    const mixed = (core: Core) => () =>
      core.streamUniform() +
      core.streamInteger(10) +
      core.streamGaussian() +
      core.streamExponential() +
      core.streamLognormal(0, 1);
    const all = draw(1001, mixed(simd));
    expect(draw(1001, mixed(scalar), 0, 1, scalar)).toEqual(all);
    draw(3, simd.streamGaussian);
    expect(draw(1001, mixed(simd))).toEqual(all);
  });
  test.each(builds)("%s: many at once are those that come one by one", (_, core) => {
    const out = core.allocate(8 * 1000);
    for (const item of [0, 1, 77]) {
      for (const count of [0, 5, 8, 63, 64, 65, 200, 333]) {
        core.streamStart(11, 12, 3, item, 1);
        core.streamIntegers(out, count, 21915);
        const many = [...new Uint32Array(core.memory.buffer, out, count)];
        expect(many).toEqual([...draw(count, () => core.streamInteger(21915), item, 1, core)]);
      }
      core.streamStart(11, 12, 3, item, 2);
      for (let i = 0; i < 10; i++) core.streamGaussians(out + i * 512, 64);
      core.streamGaussians(out + 5120, 24);
      const many = new Float64Array(core.memory.buffer, out, 664).slice();
      expect(many).toEqual(draw(664, () => core.streamGaussian(), item, 2, core));
    }
  });
  test("uniform", () => {
    const u = draw(200000, simd.streamUniform);
    expect(kolmogorov(u, (x) => x)).toBeLessThan(1.95);
    expect(Math.min(...u.slice(0, 1e5))).toBeGreaterThan(0);
    const low = new Array(64).fill(0);
    for (const x of u) low[Math.floor((x * 2 ** 53) / 2) % 64]++;
    expect(
      Math.abs(
        chiSquare(
          low,
          low.map(() => u.length / 64),
        ),
      ),
    ).toBeLessThan(4);
  });
  test("integer", () => {
    for (const n of [1, 2, 3, 10, 1000]) {
      const cells = new Array(n).fill(0);
      for (const i of draw(100000, () => simd.streamInteger(n))) cells[i]++;
      expect(cells.length).toBe(n);
      if (n > 1)
        expect(
          Math.abs(
            chiSquare(
              cells,
              cells.map(() => 100000 / n),
            ),
          ),
        ).toBeLessThan(4);
    }
    const large = draw(100000, () => simd.streamInteger(3000000000) >>> 0);
    expect(Math.max(...large)).toBeLessThan(3000000000);
    expect(kolmogorov(large, (x) => x / 3000000000)).toBeLessThan(1.95);
  });
  test("gaussian, exponential and lognormal are these functions of uniform numbers", () => {
    const u = draw(1000, simd.streamUniform);
    const close = (got: number, want: number) =>
      expect(Math.abs(got - want)).toBeLessThan(1e-13 * (1 + Math.abs(want)));
    const g = draw(1000, simd.streamGaussian);
    const l = draw(1000, () => simd.streamLognormal(-1, 0.5));
    const e = draw(1000, simd.streamExponential);
    for (let i = 0; i < 1000; i++) {
      close(e[i] as number, -Math.log(u[i] as number));
      const radius = Math.sqrt(-2 * Math.log(u[i & ~1] as number));
      const angle = 2 * Math.PI * (u[i | 1] as number);
      close(g[i] as number, radius * (i & 1 ? Math.sin(angle) : Math.cos(angle)));
      close(l[i] as number, Math.exp(-1 + 0.5 * (g[i] as number)));
    }
  });
  test("gaussian, exponential, lognormal: distributions", () => {
    const g = draw(200000, simd.streamGaussian);
    for (const z of normalMoments(g)) expect(Math.abs(z)).toBeLessThan(4);
    expect(kolmogorov(g, normal)).toBeLessThan(1.95);
    const e = draw(200000, simd.streamExponential);
    expect(kolmogorov(e, (x) => 1 - Math.exp(-x))).toBeLessThan(1.95);
    const l = draw(200000, () => simd.streamLognormal(-1, 0.5));
    for (const z of normalMoments(l.map((x) => (Math.log(x) + 1) / 0.5))) expect(Math.abs(z)).toBeLessThan(4);
  });
});

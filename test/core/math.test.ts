/**
 * The core's elementary functions against an exact evaluator on BigInt (256 bits behind the point), written below and
 * itself checked against published digits.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import asc from "assemblyscript/asc";
import { describe, expect, test } from "vitest";

type Unary = (x: number) => number;
const names = ["exp", "expm1", "exprel", "log", "log1p", "tanh", "cosh", "sinTurns", "cosTurns"] as const;
type Name = (typeof names)[number];
type Core = Record<Name, Unary> & {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  expBlock(address: number, count: number): void;
  expDecays(address: number, count: number): void;
  exprelBlock(address: number, count: number): void;
};

const root = resolve(import.meta.dirname, "../..");
const build = process.env.SPIKELET_CORE ?? join(root, "build");

async function instantiate<T>(bytes: Uint8Array<ArrayBuffer>): Promise<T> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory, now: () => performance.now() } });
  return instance.exports as T;
}
const simd = await instantiate<Core>(readFileSync(join(build, "core.wasm")));
const scalar = await instantiate<Core>(readFileSync(join(build, "core.scalar.wasm")));

// ------------------------------------------------------------------------------------------------ exact evaluation

/** n 2^e */
type Real = { n: bigint; e: number };
const P = 256;
const ONE = 1n << BigInt(P);

/** At least 1. By hexadecimal digits, which are quicker to have than binary ones. */
function bitLength(n: bigint): number {
  const digits = (n < 0n ? -n : n).toString(16);
  return Math.max(1, 4 * digits.length + 28 - Math.clz32(Number.parseInt(digits[0] as string, 16)));
}
const real = (n: bigint, e = 0): Real => ({ n, e });
const one = real(1n);

const view = new DataView(new ArrayBuffer(8));
function bits(x: number): bigint {
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}
function exact(x: number): Real {
  const b = bits(x);
  const field = Number((b >> 52n) & 0x7ffn);
  const n = (b & ((1n << 52n) - 1n)) | (field === 0 ? 0n : 1n << 52n);
  return real(b >> 63n ? -n : n, (field || 1) - 1075);
}
function plus(a: Real, b: Real): Real {
  const e = Math.min(a.e, b.e);
  return real((a.n << BigInt(a.e - e)) + (b.n << BigInt(b.e - e)), e);
}
const minus = (a: Real, b: Real) => plus(a, real(-b.n, b.e));
function over(a: Real, b: Real): Real {
  const shift = Math.max(0, 2 * P + bitLength(b.n) - bitLength(a.n));
  return real((a.n << BigInt(shift)) / b.n, a.e - shift - b.e);
}
function fixed(a: Real): bigint {
  const shift = a.e + P;
  return shift >= 0 ? a.n << BigInt(shift) : a.n >> BigInt(-shift);
}
const times = (a: bigint, b: bigint) => (a * b) >> BigInt(P);

function inverseTangent(q: bigint, sign: bigint): bigint {
  let term = ONE / q;
  let sum = 0n;
  for (let i = 1n; term !== 0n; i += 2n, term = (sign * term) / (q * q)) sum += term / i;
  return sum;
}
const PI = 4n * (4n * inverseTangent(5n, -1n) - inverseTangent(239n, -1n));
const LN2 = 18n * inverseTangent(26n, 1n) - 2n * inverseTangent(4801n, 1n) + 8n * inverseTangent(8749n, 1n);

function expOf(a: Real): Real {
  const x = fixed(a);
  const k = (x * 2n + LN2) / (2n * LN2) - (x < 0n ? 1n : 0n);
  const t = (x - k * LN2) >> 8n;
  let term = ONE;
  let sum = ONE;
  for (let i = 1n; term !== 0n && term !== -1n; i++) {
    term = times(term, t) / i;
    sum += term;
  }
  for (let i = 0; i < 8; i++) sum = times(sum, sum);
  return real(sum, Number(k) - P);
}
/** One Halley step (error^3 / 12) from the host's logarithm: 2^-150. */
function logOf(a: Real): Real {
  const k = bitLength(a.n) + a.e;
  const m = real(a.n, a.e - k);
  const guess = Math.log1p(Number(fixed(minus(m, one))) / 2 ** P);
  const e = fixed(expOf(exact(guess)));
  const correction = (2n * (fixed(m) - e) * ONE) / (fixed(m) + e);
  return real(fixed(exact(guess)) + correction + BigInt(k) * LN2, -P);
}
function turnsOf(a: Real, sine: boolean): Real {
  const turn = a.e >= 0 ? 0n : a.n & ((1n << BigInt(-a.e)) - 1n);
  const quarters = (turn << 2n) >> BigInt(Math.max(0, -a.e));
  if (quarters << BigInt(Math.max(0, -a.e)) === turn << 2n)
    return real([0n, 1n, 0n, -1n].at(Number(quarters) - (sine ? 0 : 3)) ?? 0n);
  const angle = times(2n * PI, fixed(real(turn, Math.min(a.e, 0))));
  let term = sine ? angle : ONE;
  let sum = 0n;
  for (let i = sine ? 2n : 1n; term !== 0n && term !== -1n; i += 2n) {
    sum += term;
    term = -times(times(term, angle), angle) / (i * (i + 1n));
  }
  return real(sum, -P);
}
const twice = (a: Real) => real(a.n, a.e + 1);
const truth: Record<Name, (x: Real) => Real> = {
  exp: expOf,
  expm1: (x) => minus(expOf(x), one),
  exprel: (x) => over(minus(expOf(x), one), x),
  log: logOf,
  log1p: (x) => logOf(plus(one, x)),
  tanh: (x) => over(minus(expOf(twice(x)), one), plus(expOf(twice(x)), one)),
  cosh: (x) => real(plus(expOf(x), expOf(real(-x.n, x.e))).n, plus(expOf(x), expOf(real(-x.n, x.e))).e - 1),
  sinTurns: (x) => turnsOf(x, true),
  cosTurns: (x) => turnsOf(x, false),
};

/** Error of `got` in units of the last place of the exact result (of the smallest denormal below the normal range). */
function ulps(got: number, want: Real): number {
  if (!Number.isFinite(got)) return Number.POSITIVE_INFINITY;
  const unit = Math.max(bitLength(want.n) + want.e - 53, -1074);
  const d = minus(exact(got), want);
  const excess = Math.max(0, bitLength(d.n) - 64);
  return (Math.abs(Number(d.n >> BigInt(excess))) * 2 ** (d.e + excess - unit + 200)) / 2 ** 200;
}

/** mulberry32 */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = generator(20);
const between = (lo: number, hi: number) => lo + (hi - lo) * (random() + random() * 2 ** -32);
const signed = (x: number) => (random() < 0.5 ? -x : x);
const powers = (lo: number, hi: number) => 2 ** between(lo, hi);

/** Worst error over points of every generator. */
function worst(name: Name, count: number, ...points: (() => number)[]): { error: number; at: number } {
  let error = 0;
  let at = Number.NaN;
  for (const point of points) {
    for (let i = 0; i < count; i++) {
      const x = point();
      const e = ulps(simd[name](x), truth[name](exact(x)));
      if (!(e <= error)) [error, at] = [e, x];
    }
  }
  if (process.env.SPIKELET_ULPS) console.log(name, error, at);
  return { error, at };
}

test("the evaluator knows published digits", () => {
  const digits = (a: Real) => ((fixed(a) * 10n ** 50n) >> BigInt(P)).toString();
  expect(digits(real(PI, -P))).toBe("314159265358979323846264338327950288419716939937510");
  expect(digits(real(LN2, -P))).toBe("69314718055994530941723212145817656807550013436025");
  expect(digits(expOf(one))).toBe("271828182845904523536028747135266249775724709369995");
  expect(digits(expOf(real(-1n)))).toBe("36787944117144232159552377016146086744581113103176");
  expect(digits(logOf(real(10n))).slice(0, 40)).toBe(
    "230258509299404568401799145468436420760110148862877".slice(0, 40),
  );
  expect(digits(turnsOf(real(1n, -3), true))).toBe("70710678118654752440084436210484903928483593768847");
  expect(digits(turnsOf(real(1n, -3), false))).toBe("70710678118654752440084436210484903928483593768847");
  expect(ulps(1, real(1n))).toBe(0);
  expect(ulps(1 + 2 ** -52, one)).toBe(1);
  expect(ulps(0, real(1n, -1074))).toBe(1);
});

describe("error bounds", () => {
  const cases: [Name, number, (() => number)[]][] = [
    [
      "exp",
      1,
      [
        () => between(-708, 708),
        () => between(-1, 1),
        () => signed(powers(-60, 9)),
        () => between(-745, -708),
        () => between(708, 709.78),
      ],
    ],
    [
      "expm1",
      1.1,
      [() => between(-40, 60), () => between(-1.2, 1.2), () => signed(powers(-60, 5)), () => between(60, 709.78)],
    ],
    [
      "exprel",
      1.7,
      [
        () => between(-50, 50),
        () => between(-1.2, 1.2),
        () => signed(powers(-60, 5)),
        () => between(-2000, -700),
        () => between(700, 716.3),
      ],
    ],
    [
      "log",
      1,
      [() => powers(-1022, 1024), () => between(0.5, 2), () => 1 + signed(powers(-50, -3)), () => powers(-1074, -1022)],
    ],
    ["log1p", 1, [() => between(-1, 2), () => signed(powers(-60, -1)), () => powers(0, 1024), () => powers(-2, 6)]],
    ["tanh", 2.2, [() => between(-2, 2), () => signed(powers(-60, -1)), () => between(-25, 25)]],
    [
      "cosh",
      1.5,
      [() => between(-2, 2), () => signed(powers(-20, 2)), () => between(-710.4, 710.4), () => between(709, 710.4)],
    ],
    ["sinTurns", 1, [() => between(-0.5, 0.5), () => signed(powers(-60, 53)), () => between(-1e3, 1e3)]],
    ["cosTurns", 1, [() => between(-0.5, 0.5), () => signed(powers(-30, 53)), () => between(-1e3, 1e3)]],
  ];
  test.each(cases)("%s is within %f ulp", (name, bound, points) => {
    const { error, at } = worst(name, Number(process.env.SPIKELET_ULPS ?? 6000), ...points);
    expect(error, `at ${at}`).toBeLessThanOrEqual(bound);
    expect(error, "a real measurement is never this good").toBeGreaterThan(0.45);
  });
});

describe("special values", () => {
  const big = Number.MAX_VALUE;
  const tiny = 5e-324;
  const table: Record<Name, [number, number][]> = {
    exp: [
      [0, 1],
      [-0, 1],
      [Infinity, Infinity],
      [-Infinity, 0],
      [NaN, NaN],
      [709.7827128933841, Infinity],
      [big, Infinity],
      [709.782712893384, 1.7976931348622732e308],
      [-745.1332191019411, tiny],
      [-745.1332191019412, 0],
      [-746, 0],
      [-big, 0],
      [tiny, 1],
    ],
    expm1: [
      [0, 0],
      [-0, -0],
      [Infinity, Infinity],
      [-Infinity, -1],
      [NaN, NaN],
      [tiny, tiny],
      [-tiny, -tiny],
      [1e-200, 1e-200],
      [-50, -1],
      [710, Infinity],
    ],
    exprel: [
      [0, 1],
      [-0, 1],
      [Infinity, Infinity],
      [-Infinity, 0],
      [NaN, NaN],
      [tiny, 1],
      [-big, 1 / big],
      [717, Infinity],
    ],
    log: [
      [0, -Infinity],
      [-0, -Infinity],
      [1, 0],
      [Infinity, Infinity],
      [-1, NaN],
      [-Infinity, NaN],
      [NaN, NaN],
      [-tiny, NaN],
    ],
    log1p: [
      [0, 0],
      [-0, -0],
      [-1, -Infinity],
      [-1.5, NaN],
      [-Infinity, NaN],
      [Infinity, Infinity],
      [NaN, NaN],
      [tiny, tiny],
      [-tiny, -tiny],
    ],
    tanh: [
      [0, 0],
      [-0, -0],
      [Infinity, 1],
      [-Infinity, -1],
      [NaN, NaN],
      [tiny, tiny],
      [-1e-200, -1e-200],
      [30, 1],
      [-30, -1],
    ],
    cosh: [
      [0, 1],
      [-0, 1],
      [Infinity, Infinity],
      [-Infinity, Infinity],
      [NaN, NaN],
      [711, Infinity],
      [-711, Infinity],
    ],
    sinTurns: [
      [0, 0],
      [-0, -0],
      [0.5, 0],
      [-0.5, -0],
      [1, 0],
      [-1, -0],
      [0.25, 1],
      [-0.25, -1],
      [0.75, -1],
      [big, 0],
      [2 ** 52 + 1, 0],
      [Infinity, NaN],
      [-Infinity, NaN],
      [NaN, NaN],
    ],
    cosTurns: [
      [0, 1],
      [-0, 1],
      [0.5, -1],
      [0.25, 0],
      [-0.25, 0],
      [0.75, 0],
      [1, 1],
      [big, 1],
      [2 ** 51 + 0.5, -1],
      [Infinity, NaN],
      [NaN, NaN],
    ],
  };
  test.each(names)("%s", (name) => {
    for (const core of [simd, scalar]) {
      for (const [x, want] of table[name]) expect(core[name](x), `${name}(${x})`).toBe(want);
    }
  });
});

test("the scalar build has the same bits", () => {
  for (const name of names) {
    for (let i = 0; i < 20000; i++) {
      const x = i & 1 ? signed(powers(-80, 10)) : between(-4, 4);
      if (!Object.is(simd[name](x), scalar[name](x))) expect.fail(`${name}(${x})`);
    }
  }
});

describe.each([
  ["expBlock", "exp"],
  ["expDecays", "exp"],
  ["exprelBlock", "exprel"],
] as const)("%s", (name, single) => {
  const specials = [
    NaN,
    Infinity,
    -Infinity,
    0,
    -0,
    708,
    708.0000000000001,
    -708,
    -708.1,
    709.7827128933841,
    709.782712893384,
    -745.2,
    -744,
    -720,
    1e300,
    -1e300,
    5e-324,
    // Around ln(2)/2, where the nearest multiple of ln(2) changes.
    0.3465,
    -0.3465,
    0.34650000000000003,
    0.34657359027997264,
    0.3465735902799727,
    -0.34657359027997264,
    -0.3465735902799727,
  ];
  const count = 64;
  function run(core: Core, values: number[]): BigUint64Array {
    const address = core.allocate(8 * (values.length + 2));
    const column = new Float64Array(core.memory.buffer, address, values.length + 2);
    column.set(values);
    column[values.length] = 2;
    core[name](address, values.length);
    expect(column[values.length], "the number behind the block").toBe(2);
    return new BigUint64Array(column.buffer.slice(address, address + 8 * values.length));
  }
  const expected = (values: number[]) => values.map((x) => bits(simd[single](x)));

  test.each([
    ["SIMD", simd],
    ["scalar", scalar],
  ])("%s: the bits of the function, random numbers", (_, core) => {
    for (let i = 0; i < 200; i++) {
      // Every other time around the borders of the short way.
      const spread = i & 1 ? between(0.3, 0.4) : powers(-10, 10);
      const values = Array.from({ length: count }, () => between(-spread, spread));
      expect([...run(core, values)]).toEqual(expected(values));
    }
  });

  test.each([
    ["SIMD", simd],
    ["scalar", scalar],
  ])("%s: the bits of the function, a special value in every place", (_, core) => {
    const ordinary = Array.from({ length: 16 }, () => between(-3, 3));
    for (const special of specials) {
      for (let place = 0; place < 16; place++) {
        const values = ordinary.map((x, i) => (i === place ? special : x));
        expect([...run(core, values)], `${special} at ${place}`).toEqual(expected(values));
      }
    }
    expect(run(core, Array(16).fill(NaN))[5], "one NaN").toBe(0x7ff8000000000000n);
  });

  test("a count of 0 changes nothing", () => {
    for (const core of [simd, scalar]) expect([...run(core, [])]).toEqual([]);
  });
});

describe("functions for kernels", async () => {
  // They are inlined into kernels and not exported: a small module around them.
  const source = `
    import { exp, ratio } from "./assembly/math";
    export function ratioOf(x: f64): f64 { return ratio<f64>(x, exp(x)); }
    export function quotient(x: f64, E: f64): f64 { return ratio<f64>(x, E); }
    export function pair(at: usize): void {
      const x = v128.load(at);
      const E = f64x2.replace_lane(f64x2.splat(exp(load<f64>(at))), 1, exp(load<f64>(at, 8)));
      v128.store(at, ratio<v128>(x, E), 16);
      v128.store(at, E, 32);
    }`;
  let bytes = new Uint8Array();
  const { error } = await asc.main(
    [
      "probe.ts",
      "--config",
      "none",
      "--runtime",
      "stub",
      "--enable",
      "simd",
      "-O3",
      "--noAssert",
      "--initialMemory",
      "1",
      "--outFile",
      "probe.wasm",
    ],
    {
      readFile: (name) => {
        if (name === "probe.ts") return source;
        try {
          return readFileSync(resolve(root, name), "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (_name, contents) => {
        bytes = new Uint8Array(contents as Uint8Array);
      },
      listFiles: () => [],
    },
  );
  if (error) throw error;
  const probe = await instantiate<{
    memory: WebAssembly.Memory;
    ratioOf: Unary;
    quotient(x: number, E: number): number;
    pair(at: number): void;
  }>(bytes);

  test("ratio: error near 0 and beyond", () => {
    let near = 0;
    let far = 0;
    for (let i = 0; i < 20000; i++) {
      const x = i & 1 ? signed(powers(-60, 5)) : between(-0.04, 0.04);
      const want = over(exact(x), minus(expOf(exact(x)), one));
      const got = probe.ratioOf(x);
      const relative = (ulps(got, want) * 2 ** (Math.floor(Math.log2(got)) - 52)) / got;
      if (Math.abs(x) < 0.02) near = Math.max(near, relative);
      else far = Math.max(far, relative);
    }
    if (process.env.SPIKELET_ULPS) console.log("ratio", near, far);
    expect(near).toBeLessThan(2.5e-15);
    expect(far).toBeLessThan(1.2e-14);
    expect(far).toBeGreaterThan(1e-15);
  });

  test("ratio: 0, the edge of the series, large arguments", () => {
    expect(probe.ratioOf(0)).toBe(1);
    expect(probe.ratioOf(-0)).toBe(1);
    expect(probe.ratioOf(5e-324)).toBe(1);
    expect(probe.ratioOf(0.02)).toBeCloseTo(0.990033332, 8);
    expect(probe.ratioOf(800)).toBe(0);
    expect(probe.quotient(1e300, Infinity)).toBe(0);
    expect(probe.ratioOf(-800)).toBe(800);
    expect(probe.ratioOf(-Infinity)).toBe(Infinity);
    expect(probe.ratioOf(NaN)).toBe(NaN);
  });

  test("ratio: both lanes are the scalar function", () => {
    const column = new Float64Array(probe.memory.buffer, 32768, 6);
    const specials = [0, -0, 0.01, -0.0199, 0.02, 800, -800, NaN, 5e-324];
    for (let i = 0; i < 2000; i++) {
      const x = [specials[i % 9] ?? 0, signed(powers(-12, 6))];
      if (i & 1) x.reverse();
      column.set(x);
      probe.pair(32768);
      expect([...column.subarray(2)]).toEqual([...x.map(probe.ratioOf), ...x.map(simd.exp)]);
    }
  });
});

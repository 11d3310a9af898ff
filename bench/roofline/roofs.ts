/**
 * What the machine can do at most in WebAssembly: f64x2 arithmetic, and memory traffic within and beyond its caches,
 * along columns and at scattered places as in the delivery of spikes.
 */
import asc from "assemblyscript/asc";
import { uniforms } from "../baseline/random.js";
import { now } from "../clock.js";
import { type MeasureOptions, type Summary, summary } from "../measure.js";

/**
 * Chains of dependent operations side by side: enough to hide the latency of each, and two constants fit the 16
 * registers beside them.
 */
const CHAINS = 12;

const chains = (line: (i: number) => string): string => Array.from({ length: CHAINS }, (_, i) => line(i)).join("\n");

const SOURCE = `
  export function arithmetic(turns: i32): f64 {
    const a = f64x2.splat(0.999999), b = f64x2.splat(1e-6);
    ${chains((i) => `let x${i} = f64x2.splat(${i}.5);`)}
    do {
      ${chains((i) => `x${i} = f64x2.add(f64x2.mul(x${i}, a), b);`)}
    } while (--turns);
    let sum = f64x2.splat(0);
    ${chains((i) => `sum = f64x2.add(sum, x${i});`)}
    return f64x2.extract_lane(sum, 0);
  }

  export function read(at: usize, bytes: usize): i64 {
    const end = at + bytes;
    let a = i64x2.splat(0), b = a, c = a, d = a;
    do {
      a = v128.xor(a, v128.load(at)), b = v128.xor(b, v128.load(at, 16));
      c = v128.xor(c, v128.load(at, 32)), d = v128.xor(d, v128.load(at, 48));
      a = v128.xor(a, v128.load(at, 64)), b = v128.xor(b, v128.load(at, 80));
      c = v128.xor(c, v128.load(at, 96)), d = v128.xor(d, v128.load(at, 112));
      at += 128;
    } while (at < end);
    return i64x2.extract_lane(v128.xor(v128.xor(a, b), v128.xor(c, d)), 0);
  }

  export function update(at: usize, bytes: usize): void {
    const end = at + bytes;
    const one = f64x2.splat(1);
    do {
      const a = f64x2.add(v128.load(at), one), b = f64x2.add(v128.load(at, 16), one);
      const c = f64x2.add(v128.load(at, 32), one), d = f64x2.add(v128.load(at, 48), one);
      const e = f64x2.add(v128.load(at, 64), one), f = f64x2.add(v128.load(at, 80), one);
      const g = f64x2.add(v128.load(at, 96), one), h = f64x2.add(v128.load(at, 112), one);
      v128.store(at, a), v128.store(at, b, 16), v128.store(at, c, 32), v128.store(at, d, 48);
      v128.store(at, e, 64), v128.store(at, f, 80), v128.store(at, g, 96), v128.store(at, h, 112);
      at += 128;
    } while (at < end);
  }

  @inline function bump(number: usize): void {
    store<f64>(number, load<f64>(number) + 0.1);
  }

  /** Adds to the numbers of a column that 32-bit indices name. */
  export function scatter(column: usize, at: usize, count: usize): void {
    const end = at + (count << 2);
    do {
      bump(column + (<usize>load<u32>(at) << 3));
      bump(column + (<usize>load<u32>(at, 4) << 3));
      bump(column + (<usize>load<u32>(at, 8) << 3));
      bump(column + (<usize>load<u32>(at, 12) << 3));
      at += 16;
    } while (at < end);
  }
`;

/** Operations of one turn of `arithmetic`: each chain multiplies and adds two numbers. */
const TURN_OPERATIONS = CHAINS * 4;
const TURNS = 100_000;

/** Three columns of 10,000 neurons, in whole turns of the loops; and an array far beyond the caches. */
const NEAR_BYTES = 240_000 - (240_000 % 128);
const FAR_BYTES = 256 * 2 ** 20;

/** Numbers that scattered additions go to: a ring's column of 12,500 neurons, or all of the large array. */
const NEAR_TARGETS = 12_500;
const FAR_TARGETS = FAR_BYTES / 8;
/**
 * How many there are in a turn, in rows of ascending targets as a source's synapses are: far ones touch more than
 * caches hold.
 */
const NEAR_INDICES = 2 ** 16;
const FAR_INDICES = 2 ** 22;
const ROW = 1024;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  arithmetic(turns: number): number;
  read(at: number, bytes: number): bigint;
  update(at: number, bytes: number): void;
  scatter(column: number, at: number, count: number): void;
}

async function compile(): Promise<Exports> {
  let bytes = new Uint8Array();
  const flags = [
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
  ];
  const { error, stderr } = await asc.main(["roofs.ts", ...flags, "--outFile", "roofs.wasm"], {
    readFile: (name) => (name === "roofs.ts" ? SOURCE : null),
    writeFile: (_name, contents) => {
      bytes = new Uint8Array(contents as Uint8Array);
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const { instance } = await WebAssembly.instantiate(bytes);
  return instance.exports as unknown as Exports;
}

/** A rate: the highest of all rounds, which is the roof, and how the rounds spread. */
export interface Rate extends Summary {
  readonly best: number;
}

/** In 10^9 bytes per second; scattered additions in 10^9 per second. */
export interface Traffic {
  readonly bytes: number;
  readonly read: Rate;
  readonly update: Rate;
  readonly scatter: Rate;
}

export interface Roofs {
  /** 10^9 operations per second. */
  readonly arithmetic: Rate;
  /** Arrays that stay in the L2 cache, and those far beyond all caches. */
  readonly near: Traffic;
  readonly far: Traffic;
}

/** Measures all, in turns. */
export async function roofs({ rounds, warmUpMs, sampleMs }: MeasureOptions): Promise<Roofs> {
  const { memory, arithmetic, read, update, scatter } = await compile();
  const base = memory.buffer.byteLength;
  const nearRows = base + FAR_BYTES;
  const farRows = nearRows + 4 * NEAR_INDICES;
  memory.grow((FAR_BYTES + 4 * NEAR_INDICES + 4 * FAR_INDICES) / 65536);
  fillRows(new Uint32Array(memory.buffer, nearRows, NEAR_INDICES), NEAR_TARGETS);
  fillRows(new Uint32Array(memory.buffer, farRows, FAR_INDICES), FAR_TARGETS);
  const contestants = [
    { amount: TURN_OPERATIONS * TURNS, run: () => arithmetic(TURNS) },
    { amount: NEAR_BYTES, run: () => read(base, NEAR_BYTES) },
    { amount: 2 * NEAR_BYTES, run: () => update(base, NEAR_BYTES) },
    { amount: NEAR_INDICES, run: () => scatter(base, nearRows, NEAR_INDICES) },
    { amount: FAR_BYTES, run: () => read(base, FAR_BYTES) },
    { amount: 2 * FAR_BYTES, run: () => update(base, FAR_BYTES) },
    { amount: FAR_INDICES, run: () => scatter(base, farRows, FAR_INDICES) },
  ].map((entry) => ({ ...entry, rates: [] as number[], ...timed(entry.run, warmUpMs, sampleMs) }));
  for (let round = 0; round < rounds; round++) {
    for (const { amount, sample, repeats, rates } of contestants) rates.push((amount * repeats) / sample() / 1e6);
  }
  const [peak, ...traffic] = contestants.map(({ rates }): Rate => ({ best: Math.max(...rates), ...summary(rates) }));
  const [nearRead, nearUpdate, nearScatter, farRead, farUpdate, farScatter] = traffic as [
    Rate,
    Rate,
    Rate,
    Rate,
    Rate,
    Rate,
  ];
  return {
    arithmetic: peak as Rate,
    near: { bytes: NEAR_BYTES, read: nearRead, update: nearUpdate, scatter: nearScatter },
    far: { bytes: FAR_BYTES, read: farRead, update: farUpdate, scatter: farScatter },
  };
}

/** Rows of ascending random indices below `targets`. */
function fillRows(indices: Uint32Array, targets: number): void {
  const uniform = uniforms(1);
  for (let i = 0; i < indices.length; i++) indices[i] = Math.floor(uniform() * targets);
  for (let first = 0; first < indices.length; first += ROW) indices.subarray(first, first + ROW).sort();
}

/** Warms up; gives a sample's number of repeats, and a function that runs it and returns its ms. */
function timed(run: () => void, warmUpMs: number, sampleMs: number): { repeats: number; sample(): number } {
  repeatsWithin(run, warmUpMs);
  const repeats = repeatsWithin(run, sampleMs);
  return {
    repeats,
    sample() {
      const begin = now();
      for (let i = 0; i < repeats; i++) run();
      return now() - begin;
    },
  };
}

/** How often it runs until so many ms are over. */
function repeatsWithin(run: () => void, ms: number): number {
  const begin = now();
  let repeats = 0;
  do {
    run();
    repeats++;
  } while (now() - begin < ms);
  return repeats;
}

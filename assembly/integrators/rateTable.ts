/**
 * Gates of the Hodgkin-Huxley type by a table. Where a step freezes v, as exponentialEuler and strangSplitting do, the
 * step of a gate is x <- a + b x, and at fixed parameters and dt a and b are functions of v alone. A table has them for
 * every quarter of a millivolt as polynomials around it; a row holds side by side what one neuron needs. Outside of the
 * table, and while it is made, a function computes them (`pairs`): that of a built-in model or one that comes with a
 * compiled kernel. test/models/rates.test.ts measures the error of a and b: below 1e-10 at a dt up to 0.1 ms with the
 * default parameters of the built-in models, below 1e-9 at all.
 */
import { add, and, bits, ge, get, lt, mul, put, splat, sub, width } from "../lanes";
import { cosTurns, exp, expm1 } from "../math";
import { exists } from "../memory";
import { Pack, PAIRS } from "../abi";
import { column } from "../pack";
import { callPairs } from "../slots";
import { extent } from "./step";

const DEGREE: i32 = 3;
const TERMS: i32 = DEGREE + 1;
/** Bytes of a gate in a row, (a, b) for each power. */
const GATE: usize = 64; // 16 * TERMS

/** 1.5 * 2^52: adding it rounds to an integer, which stands in the low bits. */
const ROUND: f64 = 6755399441055744;

/**
 * Gates whose steps, or functions whose values, depend on one state, v for most. Behind it in memory are the numbers of
 * the gates' states (u32), then the rows.
 */
@unmanaged
export class RateTable {
  /** Of the same population. */
  next: RateTable;
  /** The slot of its gates' values, which depend on parameters that all neurons share. */
  pairs: i32;
  gates: i32;
  /** Rows, 64-byte aligned, and their number; the v of the first one, and rows per unit of v. */
  rows: usize;
  count: i32;
  first: f64;
  density: f64;
  /** It holds functions of the potential, two for each gate: their errors are relative. */
  relative: bool;
}

const HEADER: usize = offsetof<RateTable>();

/** Bytes of a table for so many gates. */
export function rateTableBytes(gates: i32, rows: i32): f64 {
  return <f64>(HEADER + ((<usize>gates) << 2) + 64) + <f64>rows * <f64>gates * <f64>GATE;
}

/** Gives a population a table, or with the address 0 none; several form a list in their order. */
export function addRates(
  k: Pack, address: usize, pairs: i32, gates: i32, first: f64, density: f64, rows: i32, relative: bool,
): void {
  if (address == 0) {
    k.rates = 0;
    return;
  }
  const table = changetype<RateTable>(address);
  table.next = changetype<RateTable>(0);
  table.pairs = pairs;
  table.gates = gates;
  table.first = first;
  table.density = density;
  table.count = rows;
  table.relative = relative;
  table.rows = (address + HEADER + ((<usize>gates) << 2) + 63) & ~63;
  if (k.rates == 0) {
    k.rates = address;
    return;
  }
  let last = changetype<RateTable>(k.rates);
  while (exists(last.next)) last = last.next;
  last.next = table;
}

/** Gate j of a table is state number `state`. */
export function setGate(table: usize, j: i32, state: i32): void {
  store<u32>(table + HEADER + ((<usize>j) << 2), <u32>state);
}

/** The block's column of gate j. */
// @ts-ignore: decorator
@inline function columnOf(k: Pack, table: RateTable, j: i32): usize {
  const state = <usize>load<u32>(changetype<usize>(table) + HEADER + ((<usize>j) << 2));
  return <usize>load<u32>(k.states + (state << 2)) + ((<usize>k.first) << 3);
}

/** `pairs` of a model with the gates m, h and n. */
export function exactPairs<S>(k: Pack, v: f64): void {
  const m = changetype<S>(k.params);
  const p = exp(m.exponent(v));
  const q = exp(m.exponent2(v));
  exactPair(0, m.alphaM(v, p, q), m.betaM(v, p, q), k.dt);
  exactPair(16, m.alphaH(v, p, q), m.betaH(v, p, q), k.dt);
  exactPair(32, m.alphaN(v, p, q), m.betaN(v, p, q), k.dt);
}

/** x_inf (1 - e) and e = exp(-(alpha + beta) dt). */
function exactPair(offset: usize, alpha: f64, beta: f64, dt: f64): void {
  const rate = alpha + beta;
  store<f64>(PAIRS + offset, -expm1(-dt * rate) * (alpha / rate));
  store<f64>(PAIRS + offset, exp(-dt * rate), 8);
}

/** Chebyshev nodes in [-1/2, 1/2] of a row, in rows. */
// @ts-ignore: decorator
@inline function node(j: i32): f64 {
  return 0.5 * cosTurns((<f64>j + 0.5) / <f64>(2 * TERMS));
}

/**
 * Where in a row the error is measured: near its extremes, but beside points at which rates, as they are written, are
 * 0/0.
 */
const BESIDE_MIDDLE: f64 = 0.0219;
const BESIDE_FLANK: f64 = 0.3611;

/** Rows. */
const SURROUNDINGS: i32 = 40;

/**
 * Fills a table: in each row the polynomials that agree with the exact values at the Chebyshev nodes, by Newton's
 * divided differences. Answers the largest error of a and b, NaN where one has no value; that of functions by their
 * size in the surroundings.
 */
export function fillRates(k: Pack, address: usize): f64 {
  const table = changetype<RateTable>(address);
  const functions: usize = 2 * <usize>table.gates;
  const bytes = rowBytes(table);
  for (let r = 0; r < table.count; r++) {
    const row = table.rows + <usize>r * bytes;
    for (let j = 0; j < TERMS; j++) {
      callPairs(table.pairs, k, table.first + (<f64>r + node(j)) / table.density);
      for (let f: usize = 0; f < functions; f++) store<f64>(place(row, f, j), load<f64>(PAIRS + (f << 3)));
    }
    for (let f: usize = 0; f < functions; f++) interpolate(row, f);
  }
  let worst: f64 = 0;
  for (let r = 0; r < table.count; r++) {
    for (let j = 0; j < 2; j++) {
      const d = j == 0 ? BESIDE_MIDDLE : BESIDE_FLANK;
      callPairs(table.pairs, k, table.first + (<f64>r + d) / table.density);
      for (let f: usize = 0; f < functions; f++) {
        const near = place(table.rows + <usize>r * bytes, f, 0);
        let error = NativeMath.abs(load<f64>(PAIRS + (f << 3)) - polynomial<f64>(near, d));
        if (table.relative && error > 0) error /= sizeAround(table, r, f);
        // What is not a number stays.
        if (!(error <= worst)) worst = error;
      }
    }
  }
  return worst;
}

/** The largest value of function f within 10 mV of row r. */
function sizeAround(table: RateTable, r: i32, f: usize): f64 {
  let size: f64 = 0;
  const last = min(table.count - 1, r + SURROUNDINGS);
  for (let s = max(0, r - SURROUNDINGS); s <= last; s++) {
    size = max(size, NativeMath.abs(load<f64>(place(table.rows + <usize>s * rowBytes(table), f, 0))));
  }
  return size;
}

// @ts-ignore: decorator
@inline function rowBytes(table: RateTable): usize {
  return <usize>table.gates * GATE;
}

/** Coefficient j of function f (a and b of the first gate, a and b of the second, ...). */
// @ts-ignore: decorator
@inline function place(row: usize, f: usize, j: i32): usize {
  return row + (f >> 1) * GATE + ((f & 1) << 3) + ((<usize>j) << 4);
}

/** Values at the nodes become coefficients of the powers. */
function interpolate(row: usize, f: usize): void {
  for (let order = 1; order < TERMS; order++) {
    for (let j = DEGREE; j >= order; j--) {
      const difference = load<f64>(place(row, f, j)) - load<f64>(place(row, f, j - 1));
      store<f64>(place(row, f, j), difference / (node(j) - node(j - order)));
    }
  }
  // From Newton's form c0 + (x - x0)(c1 + (x - x1)(c2 + ...)) outwards.
  for (let k = DEGREE - 1; k >= 0; k--) {
    for (let j = k; j < DEGREE; j++) {
      store<f64>(place(row, f, j), load<f64>(place(row, f, j)) - node(k) * load<f64>(place(row, f, j + 1)));
    }
  }
}

/** c0 + c1 d + c2 d^2 + c3 d^3, of a and b at once in a vector, else of one of them. */
// @ts-ignore: decorator
@inline function polynomial<T>(c: usize, d: T): T {
  const low = add<T>(get<T>(c), mul<T>(d, get<T>(c + 16)));
  const high = add<T>(get<T>(c + 32), mul<T>(d, get<T>(c + 48)));
  return add<T>(low, mul<T>(mul<T>(d, d), high));
}

/** a + b x of one gate; `near` and `far` are its places in the rows of the two neurons, d their distances from them. */
// @ts-ignore: decorator
@inline function steppedGate<T>(near: usize, far: usize, d: T, x: T): T {
  if (isVector<T>()) {
    // @ts-ignore: T is v128 here
    const first = polynomial<T>(near, v128.shuffle<f64>(d, d, 0, 0));
    // @ts-ignore: T is v128 here
    const second = polynomial<T>(far, v128.shuffle<f64>(d, d, 1, 1));
    // @ts-ignore: T is v128 here
    return f64x2.add(v128.shuffle<f64>(first, second, 0, 2), f64x2.mul(v128.shuffle<f64>(first, second, 1, 3), x));
  }
  return add<T>(polynomial<T>(near, d), mul<T>(polynomial<T>(near + 8, d), x));
}

/** Address of the row of lane j, from what `ROUND` left in the low bits. */
// @ts-ignore: decorator
@inline function rowOf<T>(rows: usize, bytes: usize, rounded: T, j: i32): usize {
  // @ts-ignore: T is v128 here
  if (isVector<T>())
    return rows + <usize>(j == 0 ? i32x4.extract_lane(rounded, 0) : i32x4.extract_lane(rounded, 2)) * bytes;
  // @ts-ignore: T is f64 here
  return rows + <usize>reinterpret<u64>(rounded) * bytes;
}

/** Mask of what lies within the table, whose last row is number `last`; a NaN does not. */
// @ts-ignore: decorator
@inline function inside<T>(v: T, first: T, density: T, last: T): T {
  const rows = mul<T>(density, sub<T>(v, first));
  return and<T>(ge<T>(rows, splat<T>(0)), lt<T>(rows, last));
}

/** Whether all neurons from byte i to byte `end` do. */
function allInside<T>(table: RateTable, v: usize, i: usize, end: usize): bool {
  const first = splat<T>(table.first);
  const density = splat<T>(table.density);
  const last = splat<T>(<f64>(table.count - 1));
  let all = inside<T>(get<T>(v + i), first, density, last);
  for (i += width<T>(); i < end; i += width<T>()) all = and<T>(all, inside<T>(get<T>(v + i), first, density, last));
  return bits<T>(all) == (isVector<T>() ? 3 : 1);
}

/** Table number `which` of a population. */
function tableOf(k: Pack, which: i32): RateTable {
  let table = changetype<RateTable>(k.rates);
  for (; which > 0; which--) table = table.next;
  return table;
}

/**
 * For kernels of equations: the functions of table number `which` of the potentials in column v of the block, into
 * columns from `out` on.
 */
export function lookUp(k: Pack, which: i32, v: usize, out: usize): void {
  const table = tableOf(k, which);
  const end = extent(k);
  if (ASC_FEATURE_SIMD) {
    if (allInside<v128>(table, v, 0, end)) {
      tableValues<v128>(table, v, 0, end, out);
      return;
    }
  }
  for (let i: usize = 0; i < end; i += 8) {
    if (allInside<f64>(table, v, i, i + 8)) {
      tableValues<f64>(table, v, i, i + 8, out);
      continue;
    }
    callPairs(table.pairs, k, load<f64>(v + i));
    for (let f: usize = 0; f < 2 * <usize>table.gates; f++)
      store<f64>(column(out, <i32>f) + i, load<f64>(PAIRS + (f << 3)));
  }
}

/** Two functions after the other, of neurons that are all within the table. */
function tableValues<T>(table: RateTable, v: usize, from: usize, end: usize, out: usize): void {
  const bytes = rowBytes(table);
  const first = splat<T>(table.first);
  const density = splat<T>(table.density);
  const round = splat<T>(ROUND);
  for (let j = 0; j < table.gates; j++) {
    const rowsAt = table.rows + <usize>j * GATE;
    const a = column(out, 2 * j), b = column(out, 2 * j + 1);
    let i = from;
    do {
      const rows = mul<T>(density, sub<T>(get<T>(v + i), first));
      const rounded = add<T>(rows, round);
      const d = sub<T>(rows, sub<T>(rounded, round));
      const near = rowOf<T>(rowsAt, bytes, rounded, 0);
      const far = rowOf<T>(rowsAt, bytes, rounded, 1);
      put<T>(a + i, valueOf<T, First>(near, far, d));
      put<T>(b + i, valueOf<T, Second>(near, far, d));
      i += width<T>();
    } while (i < end);
  }
}

type First = i32;
type Second = i64;

/** The first or the second function of a pair. */
// @ts-ignore: decorator
@inline function valueOf<T, F>(near: usize, far: usize, d: T): T {
  if (isVector<T>()) {
    // @ts-ignore: T is v128 here
    const one = polynomial<T>(near, v128.shuffle<f64>(d, d, 0, 0));
    // @ts-ignore: T is v128 here
    const two = polynomial<T>(far, v128.shuffle<f64>(d, d, 1, 1));
    // @ts-ignore: T is v128 here
    return sizeof<F>() == 4 ? v128.shuffle<f64>(one, two, 0, 2) : v128.shuffle<f64>(one, two, 1, 3);
  }
  return polynomial<T>(sizeof<F>() == 4 ? near : near + 8, d);
}

/** For kernels of equations: the gates of table number `which`, see `stepGates`. */
export function advanceGates(k: Pack, which: i32, v: usize): void {
  const table = tableOf(k, which);
  if (ASC_FEATURE_SIMD) stepGates<v128>(k, table, v);
  else stepGates<f64>(k, table, v);
}

/** The gates of all neurons of the block after a step in which v is what stands in the column v of the block. */
export function stepGates<T>(k: Pack, table: RateTable, v: usize): void {
  const end = extent(k);
  if (allInside<T>(table, v, 0, end)) {
    tableGates<T>(k, table, v, 0, end);
    return;
  }
  for (let i: usize = 0; i < end; i += 8) {
    if (allInside<f64>(table, v, i, i + 8)) tableGates<f64>(k, table, v, i, i + 8);
    else exactGates(k, table, v, i);
  }
}

/** How many gates go through a loop together. */
type One = i32;
type Two = i64;
type Three = f64;

/** Whether a row has these gates only: then its length is a constant. */
type Alone = i32;
type Among = i64;

/** Neurons from byte i to byte `end` of the block, all of them within the table. */
function tableGates<T>(k: Pack, table: RateTable, v: usize, i: usize, end: usize): void {
  if (table.gates == 3) {
    someGates<T, Three, Alone>(k, table, 0, v, i, end);
    return;
  }
  let j = 0;
  for (; j + 3 <= table.gates; j += 3) someGates<T, Three, Among>(k, table, j, v, i, end);
  if (j + 2 == table.gates) someGates<T, Two, Among>(k, table, j, v, i, end);
  else if (j < table.gates) someGates<T, One, Among>(k, table, j, v, i, end);
}

/** No call in this loop: around calls the engine keeps nothing in registers. */
function someGates<T, N, R>(k: Pack, table: RateTable, j: i32, v: usize, i: usize, end: usize): void {
  const m = columnOf(k, table, j);
  const h = sizeof<N>() == 8 ? columnOf(k, table, j + 1) : 0;
  const n = isFloat<N>() ? columnOf(k, table, j + 2) : 0;
  const rowsAt = table.rows + <usize>j * GATE;
  const bytes: usize = sizeof<R>() == 8 ? rowBytes(table) : 3 * GATE;
  const first = splat<T>(table.first);
  const density = splat<T>(table.density);
  const round = splat<T>(ROUND);
  do {
    const rows = mul<T>(density, sub<T>(get<T>(v + i), first));
    const rounded = add<T>(rows, round);
    const d = sub<T>(rows, sub<T>(rounded, round));
    const near = rowOf<T>(rowsAt, bytes, rounded, 0);
    const far = rowOf<T>(rowsAt, bytes, rounded, 1);
    put<T>(m + i, steppedGate<T>(near, far, d, get<T>(m + i)));
    if (sizeof<N>() == 8) put<T>(h + i, steppedGate<T>(near + GATE, far + GATE, d, get<T>(h + i)));
    if (isFloat<N>()) put<T>(n + i, steppedGate<T>(near + 2 * GATE, far + 2 * GATE, d, get<T>(n + i)));
    i += width<T>();
  } while (i < end);
}

/** One neuron beyond the table. */
function exactGates(k: Pack, table: RateTable, v: usize, i: usize): void {
  callPairs(table.pairs, k, load<f64>(v + i));
  for (let j = 0; j < table.gates; j++) {
    const x = columnOf(k, table, j) + i;
    const pair = PAIRS + ((<usize>j) << 4);
    store<f64>(x, load<f64>(pair) + load<f64>(pair, 8) * load<f64>(x));
  }
}

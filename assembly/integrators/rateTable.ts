/**
 * Gates of the Hodgkin-Huxley type by a table. Where a step freezes v, as exponentialEuler and strangSplitting do, the step of a gate is
 * x <- a + b x, and at fixed parameters and dt a and b are functions of v alone. A table has them for every quarter of a
 * millivolt as polynomials around it; a row holds side by side what one neuron needs. Outside of the table, and while it
 * is made, `exactPairs` computes them. test/models/rates.test.ts measures the error of a and b: below 1e-10 at a dt up to
 * 0.1 ms with the default parameters, below 1e-9 at all.
 */
import { add, and, bits, ge, get, lt, mul, put, scale, splat, sub, width } from "../lanes";
import { cosTurns, exp, expm1 } from "../math";
import { Pack } from "../abi";
import { at, extent } from "./step";

/** Rows per mV, and their number: the table spans 250 mV. */
const DENSITY: f64 = 4;
const ROWS: i32 = 1000;
const DEGREE: i32 = 3;
const TERMS: i32 = DEGREE + 1;
/** Bytes of a gate in a row, (a, b) for each power; of a row. */
const GATE: usize = 64; // 16 * TERMS
const ROW: usize = 192; // 3 * GATE

/** 1.5 * 2^52: adding it rounds to an integer, which stands in the low bits. */
const ROUND: f64 = 6755399441055744;

/** Six numbers: a and b of the three gates. */
const PAIRS: usize = memory.data(48, 16);

export function tableBytes(): f64 {
  return <f64>ROWS * <f64>ROW;
}

/** Writes a and b of the three gates at v into PAIRS. */
function exactPairs<S>(m: S, v: f64, dt: f64): void {
  const p = exp(m.exponent(v));
  const q = exp(m.exponent2(v));
  exactPair(0, m.alphaM(v, p, q), m.betaM(v, p, q), dt);
  exactPair(16, m.alphaH(v, p, q), m.betaH(v, p, q), dt);
  exactPair(32, m.alphaN(v, p, q), m.betaN(v, p, q), dt);
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
 * Fills a table, whose first row is at the voltage `first`: in each row the polynomials that agree with the exact values
 * at the Chebyshev nodes, by Newton's divided differences.
 */
export function fillTable<S>(m: S, table: usize, first: f64, dt: f64): void {
  for (let r = 0; r < ROWS; r++) {
    const row = table + <usize>r * ROW;
    for (let j = 0; j < TERMS; j++) {
      exactPairs<S>(m, first + (<f64>r + node(j)) / DENSITY, dt);
      for (let f: usize = 0; f < 6; f++) store<f64>(place(row, f, j), load<f64>(PAIRS + (f << 3)));
    }
    for (let f: usize = 0; f < 6; f++) interpolate(row, f);
  }
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
@inline function gate<T>(near: usize, far: usize, d: T, x: T): T {
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
@inline function rowOf<T>(table: usize, rounded: T, j: i32): usize {
  // @ts-ignore: T is v128 here
  if (isVector<T>()) return table + <usize>(j == 0 ? i32x4.extract_lane(rounded, 0) : i32x4.extract_lane(rounded, 2)) * ROW;
  // @ts-ignore: T is f64 here
  return table + <usize>reinterpret<u64>(rounded) * ROW;
}

/** Place of v in the table, in rows. */
// @ts-ignore: decorator
@inline function rowsOf<T>(k: Pack, v: T): T {
  return scale<T>(DENSITY, sub<T>(v, splat<T>(k.firstRow)));
}

/** Mask of what lies within the table; a NaN does not. */
// @ts-ignore: decorator
@inline function inside<T>(rows: T): T {
  return and<T>(ge<T>(rows, splat<T>(0)), lt<T>(rows, splat<T>(<f64>(ROWS - 1))));
}

/** Whether all of the block does. */
function allInside<T>(k: Pack, v: usize): bool {
  const end = extent(k);
  let all = inside<T>(rowsOf<T>(k, get<T>(v)));
  for (let i = width<T>(); i < end; i += width<T>()) all = and<T>(all, inside<T>(rowsOf<T>(k, get<T>(v + i))));
  return bits<T>(all) == (isVector<T>() ? 3 : 1);
}

/** The three gates of all neurons of the block after a step in which v is what stands in the column v of the block. */
export function advanceGates<S, T>(k: Pack, v: usize): void {
  const end = extent(k);
  if (allInside<T>(k, v)) {
    tableGates<T>(k, v, 0, end);
    return;
  }
  for (let i: usize = 0; i < end; i += 8) {
    if (bits<f64>(inside<f64>(rowsOf<f64>(k, load<f64>(v + i))))) tableGates<f64>(k, v, i, i + 8);
    else exactGates<S>(k, v, i);
  }
}

/** Neurons from byte i to byte `end` of the block, all of them within the table. No call in this loop: around calls the
 * engine keeps nothing in registers. */
function tableGates<T>(k: Pack, v: usize, i: usize, end: usize): void {
  const m = at(k, k.x1), h = at(k, k.x2), n = at(k, k.x3);
  const table = k.rates;
  const first = splat<T>(k.firstRow);
  const density = splat<T>(DENSITY);
  const round = splat<T>(ROUND);
  do {
    const rows = mul<T>(density, sub<T>(get<T>(v + i), first));
    const rounded = add<T>(rows, round);
    const d = sub<T>(rows, sub<T>(rounded, round));
    const near = rowOf<T>(table, rounded, 0);
    const far = rowOf<T>(table, rounded, 1);
    put<T>(m + i, gate<T>(near, far, d, get<T>(m + i)));
    put<T>(h + i, gate<T>(near + GATE, far + GATE, d, get<T>(h + i)));
    put<T>(n + i, gate<T>(near + 2 * GATE, far + 2 * GATE, d, get<T>(n + i)));
    i += width<T>();
  } while (i < end);
}

/** One neuron beyond the table. */
function exactGates<S>(k: Pack, v: usize, i: usize): void {
  // All parameters of the rates are common: any block will do.
  exactPairs<S>(changetype<S>(k.params), load<f64>(v + i), k.dt);
  exactGate(at(k, k.x1) + i, 0);
  exactGate(at(k, k.x2) + i, 16);
  exactGate(at(k, k.x3) + i, 32);
}

function exactGate(x: usize, offset: usize): void {
  store<f64>(x, load<f64>(PAIRS + offset) + load<f64>(PAIRS + offset, 8) * load<f64>(x));
}

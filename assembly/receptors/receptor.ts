/**
 * Receptors: what a synapse's spike does to its target. The state is one number per neuron and receptor, because the
 * kernels are linear: all synapses onto a receptor add up. Weights on their way lie in a ring of columns, one per step
 * of delay; the column of a step is consumed in that step and zeroed. A receptor has no ring where all of its spikes
 * wait for their delay at their sources (`arriveAll` of network.ts): their weights go into the state when the step's
 * pass is done.
 */
import { BASE, G0, G1, G2, I0, I1, I2, JUMPS, NOISE, P, Pack, RECEPTOR, ReceptorPack, STAGE, ZEROS } from "../abi";
import { add, and, div, get, mul, or, put, select, splat, sub, unlike, width } from "../lanes";
import { expBlock } from "../math";
import { exists } from "../memory";

@unmanaged
export class Receptor extends ReceptorPack {
  /** Slot `receive`. */
  receive: i32;
  /** Slot `output`. */
  output: i32;
  /**
   * Column that what arrives goes into (none for delta and `step`, for which no spikes wait), and its jump per weight.
   */
  into: usize;
  gain: f64;
  /** The states decay for ever when nothing arrives. */
  fades: bool;
  /** List (u32) of the columns of the states of a kernel that comes later, and their number. */
  columns: usize;
  columnCount: i32;
  /** What it does depends on time or random numbers, or is not known. */
  restless: bool;
  /** The state is a conductance with the reversal potential E, else a current. */
  conductance: bool;
  /** The conductance is multiplied by the magnesium factor of Jahr & Stevens 1990. */
  magnesium: bool;
  next: Receptor;
  /** Factor of the state per step: exp(-dt/tau). */
  decay: f64;
  /** Rise and decay: factor of the rise per step, and what it hands over to the state in a step. */
  riseDecay: f64;
  transfer: f64;
  E: f64;
  /**
   * Magnesium concentration over 3.57 mM, and by what v is multiplied in the block's exponent: -0.062/mV in the unit of
   * v.
   */
  block: f64;
  blockSlope: f64;
  /**
   * What the state at the start of the step contributes at the start, middle and end: 1, exp(-dt/(2 tau)),
   * exp(-dt/tau); for the exact method what acts on v and on w. A column in its place where it differs between
   * neurons.
   */
  f0: f64;
  f1: f64;
  f2: f64;
  f0Column: usize;
  f1Column: usize;
  /** The same for the rise. */
  r0: f64;
  r1: f64;
  r2: f64;
  r0Column: usize;
  r1Column: usize;
  /** Ring of `slots` columns, `slotBytes` apart; the current step's column is number `slot`. */
  ring: usize;
  slots: i32;
  slot: i32;
  slotBytes: usize;
  /**
   * Populations that are advanced by events: where behind the start of a column its bitmap stands, a bit for each
   * neuron for which something has come; 0 elsewhere.
   */
  marks: usize;
  /** Their sums of what arrives (sums.ts), 0 where it is not summed; what a weight of 1 adds to them in this step. */
  sums: usize;
  sumBytes: usize;
  shares: usize;
  /** How near to the threshold a weight can bring a neuron, over the weight: where it is positive, and negative. */
  rises: f64;
  falls: f64;
  /** Spikes are sent to the ring in every step, and each pass takes them in. */
  fed: bool;
  /** Without that: coming steps for which the ring holds weights of spikes that waited when something changed. */
  left: i32;
  /**
   * delta: column of the jumps of a state other than v, or 0; whether this receptor is the first one that adds to it.
   */
  landing: usize;
  opens: bool;
  /** `step`: ring of the arrivals that have yet to end, one column per step of the duration. */
  ending: usize;
  endingSlots: i32;
  endingSlot: i32;
}

/** The ring's column of `ahead` steps from now. */
// @ts-ignore: decorator
@inline export function columnAhead(r: Receptor, ahead: i32): usize {
  let slot = r.slot + ahead;
  if (slot >= r.slots) slot -= r.slots;
  return r.ring + <usize>slot * r.slotBytes;
}

/** Notes that something has come for neuron n in a column of a ring with bitmaps. */
// @ts-ignore: decorator
@inline export function mark(r: Receptor, column: usize, n: u32): void {
  const at = column + r.marks + (n >> 3);
  store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(n & 7)));
}

/** The ring's column of this step, for the neurons from a byte offset on; 0 where passes take none in. */
// @ts-ignore: decorator
@inline export function arrivals(r: Receptor, offset: usize): usize {
  return r.fed ? columnAhead(r, 0) + offset : 0;
}

/** Takes in what is left on a ring for this step, when the pass is done that took nothing in. */
export function takeLeft(r: Receptor, bytes: usize): void {
  const column = columnAhead(r, 0);
  const into = r.into;
  const gain = r.gain;
  for (let i: usize = 0; i < bytes; i += 8) {
    store<f64>(into + i, load<f64>(into + i) + gain * load<f64>(column + i));
    store<f64>(column + i, 0);
  }
}

/**
 * Whether a population's first receptors can run together: exponential ones with common factors, all currents or all
 * conductances, under a method that looks at the start of the step only. Gives their number, at most 2.
 */
export function together(first: Receptor, stages: i32): i32 {
  if (!exists(first) || (stages & (STAGE.middle | STAGE.end)) != 0 || !simple(first)) return 0;
  const second = first.next;
  return exists(second) && simple(second) && second.conductance == first.conductance ? 2 : 1;
}

function simple(r: Receptor): bool {
  return r.receive == exponential.index && r.f0Column == 0;
}

/*
 * How exponential receptors act; marker types, so that each way gets a loop of its own. A current adds f g to I. A
 * conductance adds f g (E - v) where the method takes it as a current at the start of the step (folded), else f g E to
 * I and f g to G.
 */
type Current = i32;
type Folded = i64;
type Conductance = f64;

/**
 * How many run together, or act; types too, because the optimiser would fold loops that differ in a constant into one.
 */
type One = i32;
type Two = i64;

/** Whether spikes come by rings. */
type Ringed = i64;
type Ringless = i32;

/** The first one or two receptors in one pass: what most networks spend their time on. I0 <- BASE + their currents. */
export function receiveTogether<T>(count: i32, r: Receptor, v: usize, offset: usize, bytes: usize, folds: bool): void {
  if (count == 1) {
    if (r.fed) receiveKind<T, One, Ringed>(r, r, v, offset, bytes, folds);
    else receiveKind<T, One, Ringless>(r, r, v, offset, bytes, folds);
  } else if (r.fed || r.next.fed) {
    receiveKind<T, Two, Ringed>(r, r.next, v, offset, bytes, folds);
  } else {
    receiveKind<T, Two, Ringless>(r, r.next, v, offset, bytes, folds);
  }
}

// @ts-ignore: decorator
@inline function receiveKind<T, N, R>(
  a: Receptor,
  b: Receptor,
  v: usize,
  offset: usize,
  bytes: usize,
  folds: bool,
): void {
  if (!a.conductance) advanceTogether<T, Current, N, R>(a, b, v + offset, offset, bytes);
  else if (folds) advanceTogether<T, Folded, N, R>(a, b, v + offset, offset, bytes);
  else advanceTogether<T, Conductance, N, R>(a, b, v + offset, offset, bytes);
}

function advanceTogether<T, K, N, R>(a: Receptor, b: Receptor, v: usize, offset: usize, bytes: usize): void {
  const ga = a.state + offset, gb = b.state + offset;
  // Where one of two has a ring, zeros stand for that of the other, and stay so.
  const comeA = arrivals(a, offset) || ZEROS, comeB = arrivals(b, offset) || ZEROS;
  const fa = splat<T>(a.f0), fb = splat<T>(b.f0);
  const Ea = splat<T>(a.E), Eb = splat<T>(b.E);
  const decayA = splat<T>(a.decay), decayB = splat<T>(b.decay);
  const zero = splat<T>(0);
  let i: usize = 0;
  do {
    const x = get<T>(ga + i);
    const nowA = mul<T>(fa, x);
    let nextA = mul<T>(x, decayA);
    if (sizeof<R>() == 8) nextA = add<T>(nextA, get<T>(comeA + i));
    let I = add<T>(get<T>(BASE + i), currentOf<T, K>(nowA, Ea, v + i));
    let G = nowA;
    if (sizeof<N>() == 8) {
      const y = get<T>(gb + i);
      const nowB = mul<T>(fb, y);
      let nextB = mul<T>(y, decayB);
      if (sizeof<R>() == 8) nextB = add<T>(nextB, get<T>(comeB + i));
      I = add<T>(I, currentOf<T, K>(nowB, Eb, v + i));
      G = add<T>(G, nowB);
      put<T>(gb + i, nextB);
      if (sizeof<R>() == 8) put<T>(comeB + i, zero);
    }
    put<T>(ga + i, nextA);
    if (sizeof<R>() == 8) put<T>(comeA + i, zero);
    put<T>(I0 + i, I);
    if (isFloat<K>()) put<T>(G0 + i, G);
    i += width<T>();
  } while (i < bytes);
}

/** What a receptor adds to I, given its f g. */
// @ts-ignore: decorator
@inline function currentOf<T, K>(now: T, E: T, v: usize): T {
  if (isFloat<K>()) return mul<T>(now, E);
  if (sizeof<K>() == 8) return mul<T>(now, sub<T>(E, get<T>(v)));
  return now;
}

/** The slot `receive` of a RECEPTOR. */
export function receiveOf(kind: i32): i32 {
  if (kind == RECEPTOR.delta) return delta.index;
  if (kind == RECEPTOR.exponential) return exponential.index;
  if (kind == RECEPTOR.riseAndDecay) return riseAndDecay.index;
  return kind == RECEPTOR.step ? constant.index : 0;
}

function delta(r: Receptor, k: Pack, arriving: usize, _stages: i32, _folds: bool): void {
  const bytes = (<usize>k.count) << 3;
  const into = r.landing ? r.landing + ((<usize>k.first) << 3) : JUMPS;
  if (r.opens) memory.fill(into, 0, bytes);
  if (!arriving) return;
  if (ASC_FEATURE_SIMD) takeJumps<v128>(into, arriving, bytes);
  else takeJumps<f64>(into, arriving, bytes);
}

function exponential(r: Receptor, k: Pack, arriving: usize, stages: i32, folds: bool): void {
  if (ASC_FEATURE_SIMD) receiveExponential<v128>(r, k, arriving, stages, folds);
  else receiveExponential<f64>(r, k, arriving, stages, folds);
}

function riseAndDecay(r: Receptor, k: Pack, arriving: usize, stages: i32, folds: bool): void {
  if (ASC_FEATURE_SIMD) receiveRise<v128>(r, k, arriving, stages, folds);
  else receiveRise<f64>(r, k, arriving, stages, folds);
}

/** RECEPTOR.step */
function constant(r: Receptor, k: Pack, arriving: usize, stages: i32, folds: bool): void {
  if (ASC_FEATURE_SIMD) receiveConstant<v128>(r, k, arriving, stages, folds);
  else receiveConstant<f64>(r, k, arriving, stages, folds);
}

// @ts-ignore: decorator
@inline function receiveExponential<T>(r: Receptor, k: Pack, arriving: usize, stages: i32, folds: bool): void {
  contributeState<T>(r, k, stages, folds);
  advanceExponential<T>(r.state + ((<usize>k.first) << 3), arriving, (<usize>k.count) << 3, r.decay);
}

// @ts-ignore: decorator
@inline function receiveConstant<T>(r: Receptor, k: Pack, arriving: usize, stages: i32, folds: bool): void {
  const isCurrent = !r.conductance && r.f0Column == 0 && (stages & (STAGE.middle | STAGE.end)) == 0;
  if (arriving && isCurrent) {
    advanceConstant<T, Current>(r, k, arriving, r.f0);
    return;
  }
  contributeState<T>(r, k, stages, folds);
  if (arriving) advanceConstant<T, Conductance>(r, k, arriving, 0);
}

/** What a receptor of one state contributes at the stage times. */
function contributeState<T>(r: Receptor, k: Pack, stages: i32, folds: bool): void {
  const offset = (<usize>k.first) << 3;
  const bytes = (<usize>k.count) << 3;
  const g = r.state + offset;
  if (r.conductance && folds) {
    fold<T>(g, k.x0 + offset, bytes, r.f0, r.E);
  } else if (!r.conductance) {
    contribute<T>(I0, g, bytes, r.f0, r.f0Column ? r.f0Column + offset : 0);
    if (stages & STAGE.middle) contribute<T>(I1, g, bytes, r.f1, r.f1Column ? r.f1Column + offset : 0);
    if (stages & STAGE.end) contribute<T>(I2, g, bytes, r.f2, 0);
  } else {
    conduct<T>(I0, G0, g, bytes, r.f0, r.E);
    if (stages & STAGE.middle) conduct<T>(I1, G1, g, bytes, r.f1, r.E);
    if (stages & STAGE.end) conduct<T>(I2, G2, g, bytes, r.f2, r.E);
  }
}

// @ts-ignore: decorator
@inline function receiveRise<T>(r: Receptor, k: Pack, arriving: usize, stages: i32, folds: bool): void {
  const offset = (<usize>k.first) << 3;
  contributeRise<T>(r, k, stages, folds);
  advanceRise<T>(r, r.state + offset, r.rise + offset, arriving, (<usize>k.count) << 3);
}

/** What a receptor with a rise contributes at the stage times. */
function contributeRise<T>(r: Receptor, k: Pack, stages: i32, folds: bool): void {
  const offset = (<usize>k.first) << 3;
  const bytes = (<usize>k.count) << 3;
  const v = k.x0 + offset;
  if (r.magnesium) magnesiumFactor<T>(v, bytes, r.block, r.blockSlope);
  contributeAt<T>(r, v, offset, bytes, I0, G0, r.f0, r.f0Column, r.r0, r.r0Column, folds);
  if (stages & STAGE.middle) contributeAt<T>(r, v, offset, bytes, I1, G1, r.f1, r.f1Column, r.r1, r.r1Column, false);
  if (stages & STAGE.end) contributeAt<T>(r, v, offset, bytes, I2, G2, r.f2, 0, r.r2, 0, false);
}

/** The contribution at one stage time, through the scratch column NOISE. */
function contributeAt<T>(
  r: Receptor, v: usize, offset: usize, bytes: usize, I: usize, G: usize,
  f: f64, fColumn: usize, rise: f64, riseColumn: usize, folds: bool,
): void {
  const x = r.state + offset;
  const y = r.rise + offset;
  let i: usize = 0;
  do {
    let now = mul<T>(fColumn ? get<T>(fColumn + offset + i) : splat<T>(f), get<T>(x + i));
    now = add<T>(now, mul<T>(riseColumn ? get<T>(riseColumn + offset + i) : splat<T>(rise), get<T>(y + i)));
    if (r.magnesium) now = mul<T>(now, get<T>(P + i));
    put<T>(NOISE + i, now);
    i += width<T>();
  } while (i < bytes);
  if (!r.conductance) contribute<T>(I, NOISE, bytes, 1, 0);
  else if (folds) fold<T>(NOISE, v, bytes, 1, r.E);
  else conduct<T>(I, G, NOISE, bytes, 1, r.E);
}

/** P <- 1/(1 + block exp(slope v)): Jahr & Stevens 1990, eq. 4a; v at the start of the step. */
function magnesiumFactor<T>(v: usize, bytes: usize, block: f64, blockSlope: f64): void {
  const slope = splat<T>(blockSlope);
  let i: usize = 0;
  do {
    put<T>(P + i, mul<T>(slope, get<T>(v + i)));
    i += width<T>();
  } while (i < bytes);
  expBlock(P, <i32>(bytes >> 3));
  const one = splat<T>(1);
  const magnesium = splat<T>(block);
  i = 0;
  do {
    put<T>(P + i, div<T>(one, add<T>(one, mul<T>(magnesium, get<T>(P + i)))));
    i += width<T>();
  } while (i < bytes);
}

/** Rise and decay: x <- x decay + y transfer; y <- y riseDecay + gain arriving. */
function advanceRise<T>(r: Receptor, x: usize, y: usize, arriving: usize, bytes: usize): void {
  const decay = splat<T>(r.decay);
  const transfer = splat<T>(r.transfer);
  const riseDecay = splat<T>(r.riseDecay);
  const gain = splat<T>(r.gain);
  const zero = splat<T>(0);
  let i: usize = 0;
  do {
    const rise = get<T>(y + i);
    put<T>(x + i, add<T>(mul<T>(get<T>(x + i), decay), mul<T>(rise, transfer)));
    let next = mul<T>(rise, riseDecay);
    if (arriving) {
      next = add<T>(next, mul<T>(gain, get<T>(arriving + i)));
      put<T>(arriving + i, zero);
    }
    put<T>(y + i, next);
    i += width<T>();
  } while (i < bytes);
}

/**
 * Step: x gains what arrives and loses what arrived a duration ago. A count of the steps that are still on sets x to an
 * exact zero when the last one ends, so that rounding errors do not outlive the activity that made them. Neurons for
 * which neither is the case keep their numbers; four at once are passed over. With K a current, x adds f x to I0 before
 * it changes.
 */
function advanceConstant<T, K>(r: Receptor, k: Pack, arriving: usize, f: f64): void {
  const offset = (<usize>k.first) << 3;
  const bytes = (<usize>k.count) << 3;
  const x = r.state + offset;
  const active = r.rise + offset;
  const ending = r.ending + <usize>r.endingSlot * r.slotBytes + offset;
  const factor = splat<T>(f);
  for (let i: usize = 0; i < bytes; i += 32) {
    advanceConstantPair<T, K>(x, active, arriving, ending, i, factor, isBlank<T>(arriving + i, ending + i));
    if (!isVector<T>()) advanceConstantPair<T, K>(x, active, arriving, ending, i + 16, factor, false);
  }
}

/** `advanceConstant` of two vectors. */
// @ts-ignore: decorator
@inline function advanceConstantPair<T, K>(
  x: usize, active: usize, arriving: usize, ending: usize, i: usize, factor: T, isBlank: bool,
): void {
  const j = i + width<T>();
  const a = get<T>(x + i), b = get<T>(x + j);
  if (isInteger<K>()) {
    const Ia = add<T>(get<T>(I0 + i), mul<T>(factor, a)), Ib = add<T>(get<T>(I0 + j), mul<T>(factor, b));
    put<T>(I0 + i, Ia), put<T>(I0 + j, Ib);
  }
  if (isBlank) return;
  const zero = splat<T>(0);
  const one = splat<T>(1);
  const comeA = get<T>(arriving + i), comeB = get<T>(arriving + j);
  const goA = get<T>(ending + i), goB = get<T>(ending + j);
  const isA = unlike<T>(comeA, zero), isB = unlike<T>(comeB, zero);
  const wasA = unlike<T>(goA, zero), wasB = unlike<T>(goB, zero);
  const countA = sub<T>(add<T>(get<T>(active + i), and<T>(isA, one)), and<T>(wasA, one));
  const countB = sub<T>(add<T>(get<T>(active + j), and<T>(isB, one)), and<T>(wasB, one));
  const nextA = and<T>(add<T>(a, sub<T>(comeA, goA)), unlike<T>(countA, zero));
  const nextB = and<T>(add<T>(b, sub<T>(comeB, goB)), unlike<T>(countB, zero));
  put<T>(x + i, select<T>(nextA, a, or<T>(isA, wasA))), put<T>(x + j, select<T>(nextB, b, or<T>(isB, wasB)));
  put<T>(active + i, countA), put<T>(active + j, countB);
  put<T>(ending + i, comeA), put<T>(ending + j, comeB);
  put<T>(arriving + i, zero), put<T>(arriving + j, zero);
}

/** Whether four numbers at each of two addresses are zero. */
// @ts-ignore: decorator
@inline function isBlank<T>(p: usize, q: usize): bool {
  if (isVector<T>()) {
    return !v128.any_true(v128.or(v128.or(v128.load(p), v128.load(p, 16)), v128.or(v128.load(q), v128.load(q, 16))));
  }
  const first = load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24);
  return (first | load<u64>(q) | load<u64>(q, 8) | load<u64>(q, 16) | load<u64>(q, 24)) == 0;
}

/** I += f x */
function contribute<T>(I: usize, x: usize, bytes: usize, f: f64, column: usize): void {
  const o = width<T>();
  let i: usize = 0;
  if (column) {
    do {
      put<T>(I + i, add<T>(get<T>(I + i), mul<T>(get<T>(column + i), get<T>(x + i))));
      i += o;
    } while (i < bytes);
    return;
  }
  const factor = splat<T>(f);
  do {
    const a = add<T>(get<T>(I + i), mul<T>(factor, get<T>(x + i)));
    const b = add<T>(get<T>(I + i + o), mul<T>(factor, get<T>(x + i + o)));
    put<T>(I + i, a);
    put<T>(I + i + o, b);
    i += 2 * o;
  } while (i < bytes);
}

/** I += f g (E - v): all that a method needs which looks at the start of the step only. */
function fold<T>(g: usize, v: usize, bytes: usize, f: f64, E: f64): void {
  const factor = splat<T>(f);
  const reversal = splat<T>(E);
  let i: usize = 0;
  do {
    const a = mul<T>(mul<T>(factor, get<T>(g + i)), sub<T>(reversal, get<T>(v + i)));
    const b = mul<T>(mul<T>(factor, get<T>(g + i + width<T>())), sub<T>(reversal, get<T>(v + i + width<T>())));
    put<T>(I0 + i, add<T>(get<T>(I0 + i), a));
    put<T>(I0 + i + width<T>(), add<T>(get<T>(I0 + i + width<T>()), b));
    i += 2 * width<T>();
  } while (i < bytes);
}

/** I += f g E and G += f g: the current is I - G v. */
function conduct<T>(I: usize, G: usize, g: usize, bytes: usize, f: f64, E: f64): void {
  const factor = splat<T>(f);
  const reversal = splat<T>(E);
  let i: usize = 0;
  do {
    const now = mul<T>(factor, get<T>(g + i));
    put<T>(G + i, add<T>(get<T>(G + i), now));
    put<T>(I + i, add<T>(get<T>(I + i), mul<T>(now, reversal)));
    i += width<T>();
  } while (i < bytes);
}

/** g <- g decay + arriving; the ring's column becomes zero again. */
function advanceExponential<T>(g: usize, arriving: usize, bytes: usize, factor: f64): void {
  const d = splat<T>(factor);
  const zero = splat<T>(0);
  let i: usize = 0;
  if (arriving) {
    do {
      const a = add<T>(mul<T>(get<T>(g + i), d), get<T>(arriving + i));
      const b = add<T>(mul<T>(get<T>(g + i + width<T>()), d), get<T>(arriving + i + width<T>()));
      put<T>(g + i, a);
      put<T>(g + i + width<T>(), b);
      put<T>(arriving + i, zero);
      put<T>(arriving + i + width<T>(), zero);
      i += 2 * width<T>();
    } while (i < bytes);
  } else {
    do {
      const a = mul<T>(get<T>(g + i), d);
      const b = mul<T>(get<T>(g + i + width<T>()), d);
      put<T>(g + i, a);
      put<T>(g + i + width<T>(), b);
      i += 2 * width<T>();
    } while (i < bytes);
  }
}

/** Jumps of a state: into += arriving, which becomes zero again. */
function takeJumps<T>(into: usize, arriving: usize, bytes: usize): void {
  const zero = splat<T>(0);
  let i: usize = 0;
  do {
    put<T>(into + i, add<T>(get<T>(into + i), get<T>(arriving + i)));
    put<T>(arriving + i, zero);
    i += width<T>();
  } while (i < bytes);
}

/** Moves the ring on by one step. */
// @ts-ignore: decorator
@inline export function turn(r: Receptor): void {
  const slot = r.slot + 1;
  r.slot = slot < r.slots ? slot : 0;
  if (r.left > 0) r.left--;
  const ending = r.endingSlot + 1;
  r.endingSlot = ending < r.endingSlots ? ending : 0;
}

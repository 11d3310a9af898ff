/**
 * Background currents. Every kind is I_i(t) = a_i s(t) + b_i with a shape s that all neurons share and per-neuron or
 * common a and b; the two noises add a random number per neuron and step. Shapes are evaluated once per step and stage
 * time.
 *
 * A discontinuity (a new piece, the edge of a pulse, the next sample) takes effect in the step whose middle lies behind
 * it: an edge on the grid acts exactly there, another one at the nearest grid point (halves up), and no stage of a step
 * sees a value from across it. Within a piece the slope is evaluated at the stage's own time.
 */
import { BACKGROUND, BASE, BLOCK, I0, I1, I2, NOISE, Pack, PADDING, STAGE } from "../abi";
import { exists } from "../memory";
import { add, get, mul, put, splat, sub, width } from "../lanes";
import { sinTurns } from "../math";
import { gaussian, gaussianBlock } from "../random";
import { Receptor } from "../receptors/receptor";
import { ROOM } from "../steps";
import { callStep } from "../slots";

@unmanaged
export class Background {
  kind: i32;
  /** Number of the random stream, unique in the network. */
  stream: u32;
  next: Background;
  /** a and b: a column, or 0 and the common number. For the noises a is the standard deviation, b the mean. */
  aColumn: usize;
  bColumn: usize;
  a: f64;
  b: f64;
  /** pulses: start, width, period, count; ramp: start, end; sine: frequency (kHz), phase (turns); samples: dt;
   * ornsteinUhlenbeck: exp(-dt/tau), sqrt(1 - exp(-2 dt/tau)). */
  p0: f64;
  p1: f64;
  p2: f64;
  p3: f64;
  /** piecewise: rows of (time, amplitude, slope); samples: values. */
  table: usize;
  rows: i32;
  /** ornsteinUhlenbeck: column of the process' values. */
  state: usize;
  /** The entry acts in steps whose middle lies in [from, until) ms; whether it does in the present one. */
  from: f64;
  until: f64;
  active: bool;
  /** poisson: the receptor that the spikes go to; which classes of amplitudes the column has, if that was looked up. */
  receptor: Receptor;
  classes: u64;
  classified: bool;
  /**
   * expression: table index of its kernel and the Pack that it gets, whose states are columns of the current at the
   * start, the middle and the end of the step; whether it differs between neurons. Else the Pack is that of a single
   * neuron.
   */
  kernel: i32;
  pack: Pack;
  differs: bool;
  /** Shape at the start, the middle and the end of the step. */
  s0: f64;
  s1: f64;
  s2: f64;
  /** The same, and whether it acted, when `steady` last looked. */
  was0: f64;
  was1: f64;
  was2: f64;
  wasActive: bool;
}

/** Evaluates the shape for a step, which takes dt. */
export function shape(b: Background, step: f64, dt: f64): void {
  const t = step * dt;
  const middle = t + 0.5 * dt;
  const end = t + dt;
  // what the edges are compared with: one that lies in the middle of a step acts from the next step on, as halves go up
  const seen = middle * (1 - ROOM);
  b.active = seen >= b.from && seen < b.until;
  switch (b.kind == BACKGROUND.poisson ? (b.rows > 0 ? BACKGROUND.piecewise : BACKGROUND.constant) : b.kind) {
    case BACKGROUND.constant:
      b.s0 = b.s1 = b.s2 = 1;
      break;
    case BACKGROUND.piecewise: {
      const row = piece(b, seen);
      if (row == 0) {
        b.s0 = b.s1 = b.s2 = 0;
      } else {
        const start = load<f64>(row);
        const amplitude = load<f64>(row, 8);
        const slope = load<f64>(row, 16);
        b.s1 = amplitude + slope * (middle - start);
        // The mean of a straight line over the step is its value in the middle: the rate of spikes, which have no
        // stages.
        b.s0 = b.kind == BACKGROUND.poisson ? b.s1 : amplitude + slope * (t - start);
        b.s2 = amplitude + slope * (end - start);
      }
      break;
    }
    case BACKGROUND.pulses: {
      const since = seen - b.p0;
      const n = b.p2 > 0 ? floor(since / b.p2) : 0;
      const on = since >= 0 && n < b.p3 && since - n * b.p2 < b.p1;
      b.s0 = b.s1 = b.s2 = on ? 1 : 0;
      break;
    }
    case BACKGROUND.ramp:
      b.s0 = ramp(b, t);
      b.s1 = ramp(b, middle);
      b.s2 = ramp(b, end);
      break;
    case BACKGROUND.sine:
      b.s0 = sinTurns(b.p0 * t + b.p1);
      b.s1 = sinTurns(b.p0 * middle + b.p1);
      b.s2 = sinTurns(b.p0 * end + b.p1);
      break;
    case BACKGROUND.samples: {
      const n = <i32>min(floor(seen / b.p0), <f64>(b.rows - 1));
      b.s0 = b.s1 = b.s2 = load<f64>(b.table + ((<usize>n) << 3));
      break;
    }
    case BACKGROUND.expression:
      b.pack.dt = dt;
      if (b.differs || !b.active) break;
      evaluate(b, 0, PADDING, step);
      b.s0 = load<f64>(stageColumn(b, 0));
      b.s1 = load<f64>(stageColumn(b, 1));
      b.s2 = load<f64>(stageColumn(b, 2));
      break;
  }
}

/** Lets the kernel of an expression compute the current of the neurons [first, first + count) in a step. */
function evaluate(b: Background, first: i32, count: i32, step: f64): void {
  const k = b.pack;
  k.first = first;
  k.count = count;
  k.now = step;
  callStep(b.kernel, k);
}

/**
 * The column of an expression that differs between neurons, in the middle of a step, for the `padded` neurons of a
 * population.
 */
export function middleColumn(b: Background, padded: i32, step: f64, low: u32, high: u32): usize {
  b.pack.seedLow = low;
  b.pack.seedHigh = high;
  for (let first = 0; first < padded; first += BLOCK) evaluate(b, first, min(BLOCK, padded - first), step);
  return stageColumn(b, 1);
}

/** The column of an expression's current at the start, the middle or the end of the step. */
// @ts-ignore: decorator
@inline function stageColumn(b: Background, stage: i32): usize {
  return load<u32>(b.pack.states + ((<usize>stage) << 2));
}

/** Address of the last row that starts before t, or 0: by bisection, so that nothing needs to be kept between steps. */
function piece(b: Background, t: f64): usize {
  let low = 0;
  let high = b.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(b.table + <usize>middle * 24) <= t) low = middle + 1;
    else high = middle;
  }
  return low == 0 ? 0 : b.table + <usize>(low - 1) * 24;
}

/** 0 before p0, 1 after p1, linear between. */
function ramp(b: Background, t: f64): f64 {
  if (t >= b.p1) return 1;
  if (t <= b.p0) return 0;
  return (t - b.p0) / (b.p1 - b.p0);
}

// @ts-ignore: decorator
@inline function random(kind: i32): bool {
  return kind >= BACKGROUND.whiteNoise;
}

/**
 * Writes the sum of all backgrounds of a population for the block [first, first + count), whose numbers in the whole
 * population begin with `start` (the random numbers' key), into a column for the start of the step (I0 or BASE), and
 * into I1 and I2 where `stages` says that the method looks there. `peek` leaves the Ornstein-Uhlenbeck processes where
 * they are.
 */
export function fillBackground<T>(
  list: Background,
  into: usize,
  first: i32,
  start: i32,
  count: i32,
  stages: i32,
  step: f64,
  low: u32,
  high: u32,
  peek: bool,
): void {
  let s0 = 0.0, s1 = 0.0, s2 = 0.0;
  let columns = false;
  for (let b = list; exists(b); b = b.next) {
    if (b.kind == BACKGROUND.poisson || (!b.active && b.kind != BACKGROUND.ornsteinUhlenbeck)) continue;
    if (random(b.kind) || (b.kind == BACKGROUND.expression && b.differs)) {
      columns = true;
      continue;
    }
    if (b.aColumn != 0 || b.bColumn != 0) {
      columns = true;
      continue;
    }
    s0 += b.a * b.s0 + b.b;
    s1 += b.a * b.s1 + b.b;
    s2 += b.a * b.s2 + b.b;
  }
  if (!columns) {
    holdEverywhere<T>(into, s0);
    if (stages & STAGE.middle) holdEverywhere<T>(I1, s1);
    if (stages & STAGE.end) holdEverywhere<T>(I2, s2);
    return;
  }
  if (into == BASE) store<f64>(HELD, NaN, 24);
  else forgetHeld();
  const bytes = (<usize>count) << 3;
  const offset = (<usize>first) << 3;
  // The first entry that differs between neurons writes the columns, the others add to them.
  let written = false;
  for (let b = list; exists(b); b = b.next) {
    if (b.kind == BACKGROUND.poisson || (!b.active && b.kind != BACKGROUND.ornsteinUhlenbeck)) continue;
    const varies = random(b.kind) || (b.kind == BACKGROUND.expression && b.differs);
    if (!varies && b.aColumn == 0 && b.bColumn == 0) continue;
    const begins = !written;
    written = true;
    if (!varies) {
      shaped<T>(b, into, offset, bytes, b.s0, begins, s0);
      if (stages & STAGE.middle) shaped<T>(b, I1, offset, bytes, b.s1, begins, s1);
      if (stages & STAGE.end) shaped<T>(b, I2, offset, bytes, b.s2, begins, s2);
      continue;
    }
    if (begins) {
      fill<T>(into, s0);
      if (stages & STAGE.middle) fill<T>(I1, s1);
      if (stages & STAGE.end) fill<T>(I2, s2);
    }
    if (b.kind == BACKGROUND.expression) {
      b.pack.seedLow = low;
      b.pack.seedHigh = high;
      evaluate(b, first, count, step);
      addColumn<T>(into, stageColumn(b, stages & STAGE.startIsMiddle ? 1 : 0) + offset, bytes);
      if (stages & STAGE.middle) addColumn<T>(I1, stageColumn(b, stages & STAGE.middleIsStart ? 0 : 1) + offset, bytes);
      if (stages & STAGE.end) addColumn<T>(I2, stageColumn(b, 2) + offset, bytes);
      continue;
    }
    gaussianBlock(NOISE, start, count, low, high, b.stream, step);
    if (b.kind == BACKGROUND.whiteNoise) whiteNoise<T>(b, into, offset, bytes, stages);
    else ornsteinUhlenbeck<T>(b, into, offset, bytes, stages, peek);
  }
}

/**
 * The numbers (f64) that the columns I0, I1, I2 and BASE hold in all their places, each in the place of its column
 * here: a current that is common to all neurons is written once, and stands there for the blocks and steps to come. NaN
 * where the places differ. In memory like the columns, whose zeros at first these are, because several instances may
 * use them in turn.
 */
const HELD: usize = memory.data(32, 8);

/** What a population's background is beside that of the step in which it was looked at last. */
export const enum STEADY {
  same = 0,
  other = 1,
  /** It has random numbers, or a current of its own for each neuron that is computed in each step. */
  varies = 2,
}

/** Compares the background of a step, whose shapes are evaluated, with that of the step of the call before. */
export function steady(list: Background): STEADY {
  let answer: STEADY = STEADY.same;
  for (let b = list; exists(b); b = b.next) {
    if (random(b.kind) || (b.kind == BACKGROUND.expression && b.differs)) {
      // A process goes on where it does not act.
      if (b.active || b.kind == BACKGROUND.ornsteinUhlenbeck) return STEADY.varies;
    } else if (!alike(b.s0, b.was0) || !alike(b.s1, b.was1) || !alike(b.s2, b.was2)) {
      answer = STEADY.other;
    }
    if (b.active != b.wasActive) answer = STEADY.other;
    b.was0 = b.s0;
    b.was1 = b.s1;
    b.was2 = b.s2;
    b.wasActive = b.active;
  }
  return answer;
}

// @ts-ignore: decorator
@inline function alike(a: f64, b: f64): bool {
  return reinterpret<u64>(a) == reinterpret<u64>(b);
}

/** Whoever adds to the columns I0 to I2 says so here. */
export function forgetHeld(): void {
  store<f64>(HELD, NaN);
  store<f64>(HELD, NaN, 8);
  store<f64>(HELD, NaN, 16);
}

/** Makes a column hold x. */
// @ts-ignore: decorator
@inline function holdEverywhere<T>(column: usize, x: f64): void {
  const held = HELD + (column == I0 ? 0 : column == I1 ? 8 : column == I2 ? 16 : 24);
  if (load<u64>(held) == reinterpret<u64>(x)) return;
  store<f64>(held, x);
  fill<T>(column, x);
}

function fill<T>(column: usize, x: f64): void {
  const value = splat<T>(x);
  let i: usize = 0;
  do {
    put<T>(column + i, value);
    put<T>(column + i + width<T>(), value);
    i += 2 * width<T>();
  } while (i < <usize>BLOCK << 3);
}

/**
 * What loops over neurons read where a number is common to all: the number in each lane, at which the address stands
 * still. A test for each vector would take longer than all the rest.
 */
const COMMON: usize = memory.data(48, 16);

/** Where a loop reads a column that may be a common number; `spare` of the three places holds the number. */
// @ts-ignore: decorator
@inline export function source<T>(column: usize, common: f64, offset: usize, spare: usize): usize {
  if (column) return column + offset;
  put<T>(COMMON + (spare << 4), splat<T>(common));
  return COMMON + (spare << 4);
}

/** What is added to such an address from a vector to the next. */
// @ts-ignore: decorator
@inline export function stride<T>(column: usize): usize {
  return column ? width<T>() : 0;
}

/** into += column */
export function addColumn<T>(into: usize, column: usize, bytes: usize): void {
  let i: usize = 0;
  do {
    put<T>(into + i, add<T>(get<T>(into + i), get<T>(column + i)));
    i += width<T>();
  } while (i < bytes);
}

/** into += a s + b; where nothing was written into it yet, `common` stands for what it holds. */
function shaped<T>(
  b: Background, into: usize, offset: usize, bytes: usize, s: f64, first: bool, common: f64,
): void {
  const factor = splat<T>(s);
  let from = source<T>(first ? 0 : into, common, 0, 0);
  let a = source<T>(b.aColumn, b.a, offset, 1);
  let m = source<T>(b.bColumn, b.b, offset, 2);
  const fromStride = stride<T>(first ? 0 : into);
  const aStride = stride<T>(b.aColumn);
  const mStride = stride<T>(b.bColumn);
  const end = into + bytes;
  do {
    const x = add<T>(get<T>(from), add<T>(mul<T>(get<T>(a), factor), get<T>(m)));
    const y = add<T>(get<T>(from + fromStride), add<T>(mul<T>(get<T>(a + aStride), factor), get<T>(m + mStride)));
    put<T>(into, x);
    put<T>(into + width<T>(), y);
    into += 2 * width<T>();
    from += 2 * fromStride;
    a += 2 * aStride;
    m += 2 * mStride;
  } while (into < end);
}

/**
 * The same number acts in the whole step; a is sigma/sqrt(dt), or what gives the exact variance (the host knows which).
 */
function whiteNoise<T>(b: Background, into: usize, offset: usize, bytes: usize, stages: i32): void {
  let i: usize = 0;
  if (b.aColumn == 0 && b.bColumn == 0 && (stages & (STAGE.middle | STAGE.end)) == 0) {
    const a = splat<T>(b.a);
    const m = splat<T>(b.b);
    const o = width<T>();
    do {
      const x = add<T>(get<T>(into + i), add<T>(mul<T>(a, get<T>(NOISE + i)), m));
      const y = add<T>(get<T>(into + i + o), add<T>(mul<T>(a, get<T>(NOISE + i + o)), m));
      put<T>(into + i, x);
      put<T>(into + i + o, y);
      i += 2 * o;
    } while (i < bytes);
    return;
  }
  let a = source<T>(b.aColumn, b.a, offset, 1);
  let m = source<T>(b.bColumn, b.b, offset, 2);
  const aStride = stride<T>(b.aColumn);
  const mStride = stride<T>(b.bColumn);
  do {
    spread<T>(into, i, stages, add<T>(mul<T>(get<T>(a), get<T>(NOISE + i)), get<T>(m)));
    i += width<T>();
    a += aStride;
    m += mStride;
  } while (i < bytes);
}

/**
 * Acts with its value at the start of the step, then takes the exact step x <- mean + (x - mean) e + sigma sqrt(1 -
 * e^2) g.
 */
function ornsteinUhlenbeck<T>(b: Background, into: usize, offset: usize, bytes: usize, stages: i32, peek: bool): void {
  const decay = splat<T>(b.p0);
  const spreadOf = splat<T>(b.p1);
  const state = b.state + offset;
  let i: usize = 0;
  // An inactive process goes on unseen, so that its values do not depend on when it is looked at.
  if (b.active) {
    do {
      spread<T>(into, i, stages, get<T>(state + i));
      i += width<T>();
    } while (i < bytes);
  }
  if (peek) return;
  let a = source<T>(b.aColumn, b.a, offset, 1);
  let m = source<T>(b.bColumn, b.b, offset, 2);
  const aStride = stride<T>(b.aColumn);
  const mStride = stride<T>(b.bColumn);
  i = 0;
  do {
    const mean = get<T>(m);
    const kick = mul<T>(mul<T>(get<T>(a), spreadOf), get<T>(NOISE + i));
    put<T>(state + i, add<T>(add<T>(mean, mul<T>(sub<T>(get<T>(state + i), mean), decay)), kick));
    i += width<T>();
    a += aStride;
    m += mStride;
  } while (i < bytes);
}

/** Adds x to the current at every stage time. */
// @ts-ignore: decorator
@inline function spread<T>(into: usize, i: usize, stages: i32, x: T): void {
  put<T>(into + i, add<T>(get<T>(into + i), x));
  if (stages & STAGE.middle) put<T>(I1 + i, add<T>(get<T>(I1 + i), x));
  if (stages & STAGE.end) put<T>(I2 + i, add<T>(get<T>(I2 + i), x));
}

/**
 * Draws an Ornstein-Uhlenbeck process' values from its stationary distribution for the neurons [first, first + count),
 * whose numbers in the whole population begin with `offset`, at the start of `step`.
 */
export function drawProcess(b: Background, first: i32, count: i32, offset: i32, step: f64, low: u32, high: u32): void {
  // Counted down from the largest step, which no run reaches: one draw for each step at which a process may start.
  const key = 9007199254740991.0 - step;
  for (let n = first; n < first + count; n++) {
    const place = (<usize>n) << 3;
    const m = b.bColumn ? load<f64>(b.bColumn + place) : b.b;
    const s = b.aColumn ? load<f64>(b.aColumn + place) : b.a;
    store<f64>(b.state + place, m + s * gaussian(offset + n, low, high, b.stream, key));
  }
}

/**
 * Poisson events of neurons that rarely have one: they cost what they are, and next to nothing for neurons without.
 *
 * Lay the neurons of the whole population side by side on a line, each on a stretch of length 1, and throw points on it
 * whose distances are exponential, d of them per neuron. Then the points in the first r/d of a stretch are a Poisson
 * count of mean r, and counts of different neurons are independent: no neuron is asked, and the events come in the
 * neurons' order. For each step the line is drawn anew, in groups of 2^s neurons with 4 points in the mean; s follows
 * from the neuron's mean alone (the smallest d that is not below it, down to 4 points in 2^16 neurons). Intervals are a
 * function of (seed, stream, step, s, group). So an event depends on its own neuron's mean and on nothing else: not on
 * other neurons', on blocks, chunks or shards.
 *
 * Neurons with a mean above 1/4 draw a count each.
 */
import { NOISE } from "../abi";
import { add, get, mul, put, width } from "../lanes";
import { addPoisson, ATTEMPTS, INTERVALS, intervals, poisson, poissonBlock } from "../random";
import { arrivals, mark } from "../receptors/receptor";
import { Background, source, stride } from "./background";

/** log2 of the points of a group. */
const POINTS: i32 = 2;
/** log2 of the neurons of a group, from means up to 1/4 on down. */
const SMALLEST: i32 = 4;
const LARGEST: i32 = 16;
/** log2 of more neurons than any population has. */
const ALL_NEURONS: i32 = 31;

/** Amplitudes are told apart by the power of 2 that is not below them, from 2^-48 or less to 2^15 or more. */
const LOWEST: i32 = -48;
const HIGHEST: i32 = 15;

/** No further event. */
export const NOBODY: u32 = 0xffffffff;

/** A way along the line of one group size; or, with shift 0, along the neurons that draw a count each. */
@unmanaged
class Walk {
  /** The neuron of the next event. */
  neuron: u32;
  shift: i32;
  /** Group, part of its sequence in work, place in the part. With shift 0 the next neuron, and events left. */
  group: u32;
  part: u32;
  place: i32;
  /** Where the last point lies in its group, in mean intervals. */
  at: f64;
}

/** As many as there are sizes and one; and the eight intervals of each. */
const WALKS: usize = memory.data(32 * (16 - 4 + 2), 8);
const DRAWN: usize = memory.data(64 * (16 - 4 + 2), 16);

// @ts-ignore: decorator
@inline function walkAt(i: i32): Walk {
  return changetype<Walk>(WALKS + <usize>i * offsetof<Walk>());
}

// What the walks of a step are about: nothing of it is kept between calls.
let walks: i32 = 0;
let entry: Background = changetype<Background>(0);
let from: u32 = 0;
let to: u32 = 0;
let step: f64 = 0;
let seedLow: u32 = 0;
let seedHigh: u32 = 0;

/** The least e with x <= 2^e, of a positive number. */
// @ts-ignore: decorator
@inline function ceilLog2(x: f64): i32 {
  const bits = reinterpret<u64>(x);
  return <i32>(bits >> 52) - 1023 + ((bits & 0x000fffffffffffff) != 0 ? 1 : 0);
}

// @ts-ignore: decorator
@inline function classOf(amplitude: f64): i32 {
  return max(LOWEST, min(HIGHEST, ceilLog2(amplitude)));
}

/** log2 of the neurons in a group, for amplitudes of a class times s > 0; 0 where each neuron draws a count. */
function shiftOf(amplitudes: i32, s: f64): i32 {
  const shift = POINTS - ceilLog2(reinterpret<f64>(<u64>(amplitudes + 1023) << 52) * s);
  return amplitudes == HIGHEST || shift < SMALLEST ? 0 : min(shift, LARGEST);
}

/** Whether all neurons that an entry acts on draw a count each in this step: their common mean is large. */
export function isDense(b: Background): bool {
  return !b.aColumn && b.a > 0 && b.s0 > 0 && shiftOf(classOf(b.a), b.s0) == 0;
}

/** The group sizes that an entry's amplitudes ask for in this step, as bits. */
function shiftsOf(b: Background, size: i32): u32 {
  if (!(b.s0 > 0)) return 0;
  if (!b.aColumn) return b.a > 0 ? 1 << shiftOf(classOf(b.a), b.s0) : 0;
  if (!b.classified) {
    b.classes = 0;
    for (let n = 0; n < size; n++) {
      const a = load<f64>(b.aColumn + ((<usize>n) << 3));
      if (a > 0) b.classes |= <u64>1 << (classOf(a) - LOWEST);
    }
    b.classified = true;
  }
  let shifts = 0;
  for (let left = b.classes; left != 0; left &= left - 1) shifts |= 1 << shiftOf(<i32>ctz(left) + LOWEST, b.s0);
  return shifts;
}

/**
 * Begins with the events of an entry in one step, of the `size` neurons that the population has here; the first one's
 * number in the whole population is `offset`. Of a column's neurons those with large means take part if `all` says so.
 */
export function findEvents(b: Background, size: i32, offset: i32, now: f64, low: u32, high: u32, all: bool): void {
  entry = b;
  from = offset;
  to = offset + size;
  step = now;
  seedLow = low;
  seedHigh = high;
  walks = 0;
  let shifts = shiftsOf(b, size);
  if (!all) shifts &= ~1;
  for (; shifts != 0; shifts &= shifts - 1) {
    const shift = <i32>ctz(shifts);
    const walk = walkAt(walks);
    walk.shift = shift;
    walk.group = shift ? from >> shift : from;
    walk.part = 0;
    walk.place = INTERVALS;
    walk.at = 0;
    advance(walk, DRAWN + ((<usize>walks) << 6));
    walks++;
  }
}

/** The neuron of the next event, by its number in the whole population, in ascending order; NOBODY after the last. */
export function nextEvent(): u32 {
  let first = 0;
  let neuron = NOBODY;
  for (let i = 0; i < walks; i++) {
    const walk = walkAt(i);
    if (walk.neuron >= neuron) continue;
    neuron = walk.neuron;
    first = i;
  }
  if (neuron != NOBODY) advance(walkAt(first), DRAWN + ((<usize>first) << 6));
  return neuron;
}

/** Leads a walk to its next event; its intervals lie at `drawn`. */
function advance(walk: Walk, drawn: usize): void {
  const shift = walk.shift;
  if (shift == 0) return advanceEach(walk);
  const scale = reinterpret<f64>(<u64>(shift - POINTS + 1023) << 52);
  const common = entry.a * entry.s0 * scale;
  let place = walk.place;
  let at = walk.at;
  let group = walk.group;
  while (true) {
    if (place == INTERVALS) {
      // The sequence ends in practice long before its last part.
      intervals(drawn, (1 << (ALL_NEURONS - shift)) + group, walk.part, seedLow, seedHigh, entry.stream, step);
      walk.part = min(walk.part + 1, ATTEMPTS - 1);
      place = 0;
    }
    at += load<f64>(drawn + ((<usize>place) << 3));
    place++;
    if (at >= <f64>(1 << POINTS)) {
      group++;
      if (group << shift >= to) break;
      walk.part = 0;
      place = INTERVALS;
      at = 0;
      continue;
    }
    const x = at * scale;
    const within = <u32>x;
    const neuron = (group << shift) + within;
    if (neuron < from) continue;
    if (neuron >= to) break;
    if (x - <f64>within < (entry.aColumn ? share(neuron, shift, scale) : common)) {
      walk.neuron = neuron;
      walk.group = group;
      walk.place = place;
      walk.at = at;
      return;
    }
  }
  walk.neuron = NOBODY;
}

/** The part of its stretch that counts for a neuron with an amplitude of its own, on the line of a group size. */
function share(neuron: u32, shift: i32, scale: f64): f64 {
  const a = load<f64>(entry.aColumn + ((<usize>(neuron - from)) << 3));
  if (!(a > 0) || shiftOf(classOf(a), entry.s0) != shift) return 0;
  return a * entry.s0 * scale;
}

/** Leads a walk along the neurons that draw a count each to its next event. */
function advanceEach(walk: Walk): void {
  while (walk.part == 0) {
    if (walk.group == to) {
      walk.neuron = NOBODY;
      return;
    }
    walk.neuron = walk.group++;
    walk.part = <u32>countOf(entry, walk.neuron - from, from, step, seedLow, seedHigh);
  }
  walk.part--;
}

/** The count of neuron `n` of those here, which has an amplitude of its own; 0 where its mean is small. */
function countOf(b: Background, n: u32, offset: u32, now: f64, low: u32, high: u32): f64 {
  const a = load<f64>(b.aColumn + ((<usize>n) << 3));
  if (!(a > 0) || shiftOf(classOf(a), b.s0) != 0) return 0;
  return poisson(offset + n, low, high, b.stream, now, a * b.s0);
}

/** `countOf` of a block's neurons into NOISE; false where all are 0 because no mean is large. */
function largeCounts(
  b: Background, first: i32, count: i32, size: i32, offset: i32, now: f64, low: u32, high: u32,
): bool {
  if ((shiftsOf(b, size) & 1) == 0) return false;
  const last = min(first + count, size);
  for (let n = first; n < last; n++) {
    store<f64>(NOISE + ((<usize>(n - first)) << 3), countOf(b, n, offset, now, low, high));
  }
  memory.fill(NOISE + ((<usize>(last - first)) << 3), 0, (<usize>(first + count - last)) << 3);
  return true;
}

/**
 * Poisson bombardment: each neuron gets a Poisson count of spikes of weight b in this step, of mean a s, without a
 * delay: they join what arrives in the step. Cheap, because nobody has to be a source of them. Spikes of neurons that
 * rarely get one come with the first block, for all. Neurons from `size` on are padding.
 */
export function bombard<T>(
  b: Background, first: i32, start: i32, count: i32, size: i32, step: f64, low: u32, high: u32,
): void {
  if (!b.active) return;
  const offset = (<usize>first) << 3;
  const bytes = (<usize>count) << 3;
  const arriving = arrivals(b.receptor, offset);
  if (isDense(b)) {
    if (!b.bColumn && b.receptor.marks == 0) {
      addPoisson(arriving, NOISE, start, min(count, size - first), low, high, b.stream, step, b.a * b.s0, b.b);
      return;
    }
    poissonBlock(NOISE, start, count, low, high, b.stream, step, b.a * b.s0);
    for (let n = max(size - first, 0); n < count; n++) store<f64>(NOISE + ((<usize>n) << 3), 0);
  } else {
    if (first == 0) {
      findEvents(b, size, start, step, low, high, false);
      for (let n = nextEvent(); n != NOBODY; n = nextEvent()) {
        const place = (<usize>(n - start)) << 3;
        const w = b.bColumn ? load<f64>(b.bColumn + place) : b.b;
        store<f64>(arriving + place, load<f64>(arriving + place) + w);
        if (b.receptor.marks) mark(b.receptor, arriving, n - start);
      }
    }
    if (!b.aColumn || !largeCounts(b, first, count, size, start - first, step, low, high)) return;
  }
  let weight = source<T>(b.bColumn, b.b, offset, 0);
  const weightStride = stride<T>(b.bColumn);
  let i: usize = 0;
  do {
    put<T>(arriving + i, add<T>(get<T>(arriving + i), mul<T>(get<T>(NOISE + i), get<T>(weight))));
    i += width<T>();
    weight += weightStride;
  } while (i < bytes);
  if (b.receptor.marks == 0) return;
  for (let n = 0; n < count; n++) {
    if (load<f64>(NOISE + ((<usize>n) << 3)) != 0) mark(b.receptor, arriving - offset, first + n);
  }
}

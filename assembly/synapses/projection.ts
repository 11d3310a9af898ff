/**
 * Delivery of spikes along a projection. Synapses are stored by source (compressed rows); within a row they are sorted
 * by delay, then target, and cut into segments of equal delay, so that a segment is one run of additions into one
 * column: of the receptor's ring, or of its states where the spikes of the projection wait for its one delay. Targets
 * that follow one another (all to all) are added as vectors: `runs`. A synapse takes 2 bytes for its target (4 where
 * the instance has more than 65,536 targets), 4 or 8 for a weight of its own, and its share of a segment's 2 (4 where a
 * delay is longer than 255 steps).
 */
import { SHORT_DELAY_BITS, WEIGHTS } from "../abi";
import { add, get, mul, put, splat, widen, width } from "../lanes";
import { exists } from "../memory";
import { columnAhead, mark, Receptor } from "../receptors/receptor";
import { uniform } from "../random";
import { callOnPre } from "../slots";
import { lapOf, timing } from "../stopwatch";
import { addToSums, claim } from "../sums";
import { Plasticity } from "./plasticity";
import { Depression, released } from "./shortTerm";

/** Synapses that a segment may hold; further ones of the same delay need another segment. */
// @ts-ignore: decorator
@inline export function mostAlike(delayBits: u32): u32 {
  return delayBits == SHORT_DELAY_BITS ? 255 : 4095;
}

/** Bytes of a segment, as a power of 2. */
// @ts-ignore: decorator
@inline export function segmentShift(delayBits: u32): usize {
  return delayBits == SHORT_DELAY_BITS ? 1 : 2;
}

// @ts-ignore: decorator
@inline function segmentAt(s: usize, shift: usize): u32 {
  return shift == 1 ? <u32>load<u16>(s) : load<u32>(s);
}

/** Writes segment number k of a table. */
export function putSegment(table: usize, k: u32, delayBits: u32, delay: u32, synapses: u32): void {
  const entry = delay | (synapses << delayBits);
  const shift = segmentShift(delayBits);
  const at = table + ((<usize>k) << shift);
  if (shift == 1) store<u16>(at, <u16>entry);
  else store<u32>(at, entry);
}

@unmanaged
export class Projection {
  next: Projection;
  receptor: Receptor;
  /** First synapse of each source; `sources` + 1 entries (u32). */
  rows: usize;
  /** Target neuron of each synapse: u32 if `wide`, else u16. */
  targets: usize;
  wide: bool;
  /** No row has a target twice, and most targets follow the one before them: rows are added run by run. */
  runs: bool;
  /** Length of the rows where all are one and the same run; else 0. */
  alike: u32;
  /** The rows are more than caches keep from one spike to the next: they are fetched ahead. */
  far: bool;
  /** A WEIGHTS. */
  weightKind: i32;
  /** Common delay in steps; 0 when the rows have segments. */
  delay: i32;
  /** Spikes wait at their source for the common delay; those from before step `since` are on the ring. */
  waits: bool;
  since: f64;
  /** The common weight, or the column of weights. */
  weight: f64;
  weights: usize;
  /** First segment of each source (u32), the segments, and how many bits of each are the delay (abi.ts). */
  segmentRows: usize;
  segments: usize;
  delayBits: u32;
  /** Short-term plasticity, by source; spike-timing dependent plasticity (with u32 targets and f64 weights). */
  shortTerm: Depression;
  plasticity: Plasticity;
  /**
   * Probability that a synapse transmits a spike; its random stream; the number of the first target in its population.
   */
  probability: f64;
  stream: u32;
  seedLow: u32;
  seedHigh: u32;
  firstTarget: u32;
  /** Profile: ms in timed steps. */
  deliveryTime: f64;
  plasticityTime: f64;
}

/**
 * Sends the spikes listed at [from, to) (u32 indices of sources, ascending), which happened in step `step`, to the
 * receptor's ring; since that step began the rings have turned `lag` times.
 */
export function deliver(p: Projection, from: usize, to: usize, step: f64, dt: f64, lag: i32): void {
  if (exists(p.shortTerm) || p.probability < 1 || exists(p.plasticity)) deliverChanging(p, from, to, step, dt, lag);
  else if (p.delay > 0) addUp(p, from, to, columnAhead(p.receptor, p.delay - lag), 1);
  else if (p.wide) deliverWeights<u32>(p, from, to, lag);
  else deliverWeights<u16>(p, from, to, lag);
  if (p.receptor.marks) markTargets(p, from, to, lag);
}

/**
 * The weights of spikes that arrive now claim their part of the slack of neurons that are advanced by events (sums.ts).
 */
export function claimAll(p: Projection, from: usize, to: usize): void {
  if (p.wide) passWeights<Claim, u32>(p, from, to);
  else passWeights<Claim, u16>(p, from, to);
}

/** When all have claimed theirs: the weights go to sums or, for neurons that are to be touched, to the ring. */
export function sumAll(p: Projection, from: usize, to: usize): void {
  if (p.wide) passWeights<Sum, u32>(p, from, to);
  else passWeights<Sum, u16>(p, from, to);
}

/** Adds the weights of spikes that have waited to a column of the receptor's ring. */
export function arriveIn(p: Projection, from: usize, to: usize, column: usize): void {
  addUp(p, from, to, column, 1);
  if (p.receptor.marks == 0) return;
  for (let spike = from; spike < to; spike += 4) {
    const row = p.rows + ((<usize>load<u32>(spike)) << 2);
    const end = load<u32>(row, 4);
    for (let j = load<u32>(row); j < end; j++) mark(p.receptor, column, targetOf(p, j));
  }
}

/** Notes for whom the weights of the listed spikes are on the ring, in its columns' bitmaps. */
function markTargets(p: Projection, from: usize, to: usize, lag: i32): void {
  const r = p.receptor;
  for (let spike = from; spike < to; spike += 4) {
    const at = (<usize>load<u32>(spike)) << 2;
    let j = load<u32>(p.rows + at);
    const end = load<u32>(p.rows + at, 4);
    if (p.delay > 0) {
      const column = columnAhead(r, p.delay - lag);
      for (; j < end; j++) mark(r, column, targetOf(p, j));
      continue;
    }
    const bits = p.delayBits;
    const shift = segmentShift(bits);
    let s = p.segments + ((<usize>load<u32>(p.segmentRows + at)) << shift);
    for (; j < end; s += 1 << shift) {
      const entry = segmentAt(s, shift);
      const column = columnAhead(r, <i32>(entry & ((1 << bits) - 1)) - lag);
      for (let last = j + (entry >> bits); j < last; j++) mark(r, column, targetOf(p, j));
    }
  }
}

/** Adds the weights of spikes that have waited to the receptor's states. */
export function arrive(p: Projection, from: usize, to: usize): void {
  addUp(p, from, to, p.receptor.into, p.receptor.gain);
}

/* Static synapses. I is the type of a target's index; W that of a weight of its own, i32 stands for a common weight. */

/** column[targets] += gain weights, for all synapses of the listed sources. */
function addUp(p: Projection, from: usize, to: usize, column: usize, gain: f64): void {
  if (p.runs) {
    if (p.weightKind == WEIGHTS.common) addUpRuns<i32>(p, from, to, column, gain * p.weight);
    else if (p.weightKind == WEIGHTS.float32) addUpRuns<f32>(p, from, to, column, gain);
    else addUpRuns<f64>(p, from, to, column, gain);
  } else if (p.wide) addUpWeights<u32>(p, from, to, column, gain);
  else addUpWeights<u16>(p, from, to, column, gain);
}

// @ts-ignore: decorator
@inline function addUpWeights<I>(p: Projection, from: usize, to: usize, column: usize, gain: f64): void {
  if (p.weightKind == WEIGHTS.common) addUpRows<I, i32>(p, from, to, column, gain * p.weight);
  else if (p.weightKind == WEIGHTS.float32) addUpRows<I, f32>(p, from, to, column, gain);
  else addUpRows<I, f64>(p, from, to, column, gain);
}

function addUpRows<I, W>(p: Projection, from: usize, to: usize, column: usize, factor: f64): void {
  let here = p.far ? from : to;
  if (p.far) touchTable(p.rows, from, to);
  for (let spike = from; spike < to; spike += 4) {
    if (spike == here) here = touchRows<I, W>(p, spike, to);
    const at = (<usize>load<u32>(spike)) << 2;
    const first = <usize>load<u32>(p.rows + at);
    const n = <usize>load<u32>(p.rows + at, 4) - first;
    scatter<I, W>(
      column,
      p.targets + first * sizeof<I>(),
      isFloat<W>() ? p.weights + first * sizeof<W>() : 0,
      n,
      factor,
    );
  }
}

/* The two passes over what arrives for sums: marker types, so that each gets a loop of its own. */
type Claim = i32;
type Sum = i64;

// @ts-ignore: decorator
@inline function passWeights<K, I>(p: Projection, from: usize, to: usize): void {
  if (p.weightKind == WEIGHTS.common) passRows<K, I, i32>(p, from, to);
  else if (p.weightKind == WEIGHTS.float32) passRows<K, I, f32>(p, from, to);
  else passRows<K, I, f64>(p, from, to);
}

function passRows<K, I, W>(p: Projection, from: usize, to: usize): void {
  const r = p.receptor;
  // The second pass finds the rows in the cache.
  const far = p.far && sizeof<K>() == 4;
  let here = far ? from : to;
  if (far) touchTable(p.rows, from, to);
  for (let spike = from; spike < to; spike += 4) {
    if (spike == here) here = touchRows<I, W>(p, spike, to);
    const at = (<usize>load<u32>(spike)) << 2;
    const first = <usize>load<u32>(p.rows + at);
    const last = p.targets + <usize>load<u32>(p.rows + at, 4) * sizeof<I>();
    let w: usize = isFloat<W>() ? p.weights + first * sizeof<W>() : 0;
    for (let t = p.targets + first * sizeof<I>(); t < last; t += sizeof<I>()) {
      const n = <u32>load<I>(t);
      const weight: f64 = isFloat<W>() ? <f64>load<W>(w) : p.weight;
      if (sizeof<K>() == 4) claim(r, n, weight);
      else if (!addToSums(r, n, weight)) send(r, n, weight);
      if (isFloat<W>()) w += sizeof<W>();
    }
  }
}

/** Adds a weight to the ring's column of this step. */
function send(r: Receptor, n: u32, w: f64): void {
  const column = columnAhead(r, 0);
  const at = column + ((<usize>n) << 3);
  store<f64>(at, load<f64>(at) + w);
  mark(r, column, n);
}

// @ts-ignore: decorator
@inline function deliverWeights<I>(p: Projection, from: usize, to: usize, lag: i32): void {
  if (p.weightKind == WEIGHTS.common) deliverSegments<I, i32>(p, from, to, lag, p.weight);
  else if (p.weightKind == WEIGHTS.float32) deliverSegments<I, f32>(p, from, to, lag, 1);
  else deliverSegments<I, f64>(p, from, to, lag, 1);
}

/*
 * A row has some forty segments of six to twenty synapses. A processor cannot foresee where a loop over so few ends,
 * and when it is wrong nothing of what comes next has been asked of memory. So first the addresses of the places in the
 * ring are written one after the other, many at a time, where those beyond the end of a segment are overwritten by the
 * next one's; then there is one loop over all of them.
 */

/** Synapses whose addresses are written before they are used; longer segments have loops of their own. */
const SPELT: usize = 2048;
const LONG_SEGMENT: usize = 256;
/** Addresses that are written in any case, of each segment. */
const AT_ONCE: usize = 16;
const PLACES: usize = memory.data((2048 + 256 + 16) * 4, 16);

function deliverSegments<I, W>(p: Projection, from: usize, to: usize, lag: i32, factor: f64): void {
  const receptor = p.receptor;
  const bits = p.delayBits;
  const delays: u32 = (1 << bits) - 1;
  const shift = segmentShift(bits);
  const bytes: usize = 1 << shift;
  let here = p.far ? from : to;
  if (p.far) touchTable(p.rows, from, to), touchTable(p.segmentRows, from, to);
  for (let spike = from; spike < to; spike += 4) {
    if (spike == here) here = touchRows<I, W>(p, spike, to);
    const at = (<usize>load<u32>(spike)) << 2;
    const first = <usize>load<u32>(p.rows + at);
    let t = p.targets + first * sizeof<I>();
    let w: usize = isFloat<W>() ? p.weights + first * sizeof<W>() : 0;
    let s = p.segments + ((<usize>load<u32>(p.segmentRows + at)) << shift);
    const last = p.segments + ((<usize>load<u32>(p.segmentRows + at, 4)) << shift);
    if (ASC_FEATURE_SIMD) {
      let end = PLACES;
      for (; s < last; s += bytes) {
        const entry = segmentAt(s, shift);
        const n = <usize>(entry >> bits);
        const column = columnAhead(receptor, <i32>(entry & delays) - lag);
        if (n > LONG_SEGMENT) {
          w = addSpelt<W>(end, w, factor);
          end = PLACES;
          scatter<I, W>(column, t, w, n, factor);
          if (isFloat<W>()) w += n * sizeof<W>();
        } else {
          spell<I>(end, t, column, n);
          end += n << 2;
          if (end >= PLACES + (SPELT << 2)) {
            w = addSpelt<W>(end, w, factor);
            end = PLACES;
          }
        }
        t += n * sizeof<I>();
      }
      addSpelt<W>(end, w, factor);
    } else {
      for (; s < last; s += bytes) {
        const entry = segmentAt(s, shift);
        const n = <usize>(entry >> bits);
        scatter<I, W>(columnAhead(receptor, <i32>(entry & delays) - lag), t, w, n, factor);
        t += n * sizeof<I>();
        if (isFloat<W>()) w += n * sizeof<W>();
      }
    }
  }
}

/**
 * Writes the addresses of n targets in a column, and further ones up to a multiple of 8: behind the targets of a
 * projection lies at least the projection.
 */
// @ts-ignore: decorator
@inline function spell<I>(into: usize, t: usize, column: usize, n: usize): void {
  const start = i32x4.splat(<i32>column);
  spellEight<I>(into, t, start);
  spellEight<I>(into + 32, t + 8 * sizeof<I>(), start);
  for (let i = AT_ONCE; i < n; i += 8) spellEight<I>(into + (i << 2), t + i * sizeof<I>(), start);
}

// @ts-ignore: decorator
@inline function spellEight<I>(into: usize, t: usize, start: v128): void {
  let a = v128.load(t);
  let b = a;
  if (sizeof<I>() == 2) {
    b = i32x4.extend_high_i16x8_u(a);
    a = i32x4.extend_low_i16x8_u(a);
  } else {
    b = v128.load(t, 16);
  }
  v128.store(into, i32x4.add(start, i32x4.shl(a, 3)));
  v128.store(into, i32x4.add(start, i32x4.shl(b, 3)), 16);
}

/** Adds the weights from w on (or the factor) to the places whose addresses are written; answers the next weight. */
function addSpelt<W>(end: usize, w: usize, factor: f64): usize {
  const unrolled = end - (end - PLACES & 15);
  let at = PLACES;
  for (; at < unrolled; at += 16) {
    addOne<W>(at, w, factor, 0);
    addOne<W>(at, w, factor, 1);
    addOne<W>(at, w, factor, 2);
    addOne<W>(at, w, factor, 3);
    if (isFloat<W>()) w += 4 * sizeof<W>();
  }
  for (; at < end; at += 4) {
    addOne<W>(at, w, factor, 0);
    if (isFloat<W>()) w += sizeof<W>();
  }
  return w;
}

// @ts-ignore: decorator
@inline function addOne<W>(at: usize, w: usize, factor: f64, k: usize): void {
  const place = <usize>load<u32>(at + (k << 2));
  const weight: f64 = isFloat<W>() ? factor * <f64>load<W>(w + k * sizeof<W>()) : factor;
  store<f64>(place, load<f64>(place) + weight);
}

/*
 * Rows that lie far away. What one of them needs from memory comes line by line, each waited for before the next is
 * asked for, as a processor sees no further than some fifty additions ahead. So the lines of the next rows are asked
 * for all at once.
 */

/** Bytes of a projection's rows from which on they are far. */
const FAR: f64 = 1048576;
/** Bytes that are fetched at once, about, and of one row of targets or weights at most: they stay in the L1 cache. */
const FETCHED: usize = 12288;
const OF_ROW: usize = 2048;
const LINE: usize = 64;

/** What was read for nothing but its being read, so that no compiler leaves it out. */
let touched: u32 = 0;

/** Reads an entry of a table for each listed spike. */
function touchTable(table: usize, from: usize, to: usize): void {
  let sum: u32 = 0;
  for (let spike = from; spike < to; spike += 4) sum += load<u32>(table + ((<usize>load<u32>(spike)) << 2));
  touched = sum;
}

/** Fetches the rows of the next spikes; answers the first spike whose row is not fetched. */
function touchRows<I, W>(p: Projection, from: usize, to: usize): usize {
  let bytes: usize = 0;
  let spike = from;
  for (; spike < to && bytes < FETCHED; spike += 4) {
    const at = (<usize>load<u32>(spike)) << 2;
    const first = <usize>load<u32>(p.rows + at);
    const n = <usize>load<u32>(p.rows + at, 4) - first;
    touch(p.targets + first * sizeof<I>(), min(OF_ROW, n * sizeof<I>()));
    if (isFloat<W>()) touch(p.weights + first * sizeof<W>(), min(OF_ROW, n * sizeof<W>()));
    if (p.delay == 0) {
      const segment = <usize>load<u32>(p.segmentRows + at);
      const shift = segmentShift(p.delayBits);
      touch(p.segments + (segment << shift), (<usize>load<u32>(p.segmentRows + at, 4) - segment) << shift);
    }
    bytes += LINE + min(OF_ROW, n * sizeof<I>()) + (isFloat<W>() ? min(OF_ROW, n * sizeof<W>()) : 0);
  }
  return spike;
}

/** Reads a byte of each cache line. */
// @ts-ignore: decorator
@inline function touch(from: usize, bytes: usize): void {
  let sum: u32 = 0;
  for (let line = from; line < from + bytes; line += LINE) sum += load<u8>(line);
  touched = sum;
}

/** column[targets[j]] += factor weights[j] for n synapses, or the factor alone where the weight is common. */
// @ts-ignore: decorator
@inline function scatter<I, W>(column: usize, t: usize, w: usize, n: usize, factor: f64): void {
  const last = t + n * sizeof<I>();
  const unrolled = last - (n & 3) * sizeof<I>();
  while (t < unrolled) {
    bump<I, W>(column, t, w, factor, 0);
    bump<I, W>(column, t, w, factor, 1);
    bump<I, W>(column, t, w, factor, 2);
    bump<I, W>(column, t, w, factor, 3);
    t += 4 * sizeof<I>();
    if (isFloat<W>()) w += 4 * sizeof<W>();
  }
  while (t < last) {
    bump<I, W>(column, t, w, factor, 0);
    t += sizeof<I>();
    if (isFloat<W>()) w += sizeof<W>();
  }
}

/** One synapse, number k from here. */
// @ts-ignore: decorator
@inline function bump<I, W>(column: usize, t: usize, w: usize, factor: f64, k: usize): void {
  const address = column + ((<usize>load<I>(t + k * sizeof<I>())) << 3);
  const weight: f64 = isFloat<W>() ? factor * <f64>load<W>(w + k * sizeof<W>()) : factor;
  store<f64>(address, load<f64>(address) + weight);
}

/* Runs: targets t, t + 1, ..., which are places in a column that follow one another and need not be read */

/** Synapses for each run from which on runs pay: a run is looked for, and has ends that are no whole vectors. */
const LONG: u32 = 16;

/** Finds out whether the rows of a projection with a common delay can be added run by run. */
export function findRuns(p: Projection, sources: u32): void {
  const all = load<u32>(p.rows + ((<usize>sources) << 2));
  const bytes = (p.wide ? 4 : 2) + (p.weightKind == WEIGHTS.common ? 0 : p.weightKind == WEIGHTS.float32 ? 4 : 8);
  p.far = <f64>all * <f64>bytes > FAR;
  if (p.delay == 0 || all == 0) return;
  const most = all / LONG;
  const start = targetOf(p, 0);
  const size = load<u32>(p.rows, 4);
  let runs: u32 = 0;
  let alike = true;
  for (let row = p.rows, s: u32 = 0; s < sources; s++, row += 4) {
    const first = load<u32>(row);
    const end = load<u32>(row, 4);
    alike = alike && end - first == size && (size == 0 || targetOf(p, first) == start);
    let before: u32 = 0;
    for (let j = first; j < end; j++) {
      const target = targetOf(p, j);
      if (j > first && target <= before) return;
      if (j == first || target != before + 1) runs++;
      before = target;
    }
    if (runs > most) return;
  }
  p.runs = true;
  p.alike = alike && runs == sources ? size : 0;
}

// @ts-ignore: decorator
@inline function targetOf(p: Projection, j: u32): u32 {
  return p.wide ? load<u32>(p.targets + ((<usize>j) << 2)) : <u32>load<u16>(p.targets + ((<usize>j) << 1));
}

/** Whether the targets of [j, end), which ascend, all follow one another. */
// @ts-ignore: decorator
@inline function isRun(p: Projection, j: u32, end: u32): bool {
  return targetOf(p, end - 1) - targetOf(p, j) == end - 1 - j;
}

/** Synapses of [j, end) that are one run from j on. */
function runFrom(p: Projection, j: u32, end: u32): u32 {
  if (isRun(p, j, end)) return end - j;
  let inside = j;
  let outside = end - 1;
  while (outside - inside > 1) {
    const middle = (inside + outside) >> 1;
    if (isRun(p, j, middle + 1)) inside = middle;
    else outside = middle;
  }
  return outside - j;
}

/** `addUp` run by run; where all rows are one and the same run, several of them together. */
function addUpRuns<W>(p: Projection, from: usize, to: usize, column: usize, factor: f64): void {
  const n = <usize>p.alike;
  if (n == 0) {
    for (let spike = from; spike < to; spike += 4) {
      const row = p.rows + ((<usize>load<u32>(spike)) << 2);
      addRuns<W>(p, load<u32>(row), load<u32>(row, 4), column, factor);
    }
    return;
  }
  const at = column + ((<usize>targetOf(p, 0)) << 3);
  const bytes = isFloat<W>() ? n * sizeof<W>() : 0;
  let spike = from;
  for (; spike + 16 <= to; spike += 16) {
    const a = p.weights + <usize>load<u32>(spike) * bytes, b = p.weights + <usize>load<u32>(spike, 4) * bytes;
    const c = p.weights + <usize>load<u32>(spike, 8) * bytes, d = p.weights + <usize>load<u32>(spike, 12) * bytes;
    if (ASC_FEATURE_SIMD) addFour<v128, W>(at, a, b, c, d, n, factor);
    else addFour<f64, W>(at, a, b, c, d, n, factor);
  }
  if (spike + 8 <= to) {
    const a = p.weights + <usize>load<u32>(spike) * bytes, b = p.weights + <usize>load<u32>(spike, 4) * bytes;
    if (ASC_FEATURE_SIMD) addTwo<v128, W>(at, a, b, n, factor);
    else addTwo<f64, W>(at, a, b, n, factor);
    spike += 8;
  }
  if (spike == to) return;
  const a = p.weights + <usize>load<u32>(spike) * bytes;
  if (ASC_FEATURE_SIMD) addRun<v128, W>(at, a, n, factor);
  else addRun<f64, W>(at, a, n, factor);
}

/** Adds the synapses [j, end) of a row. */
function addRuns<W>(p: Projection, j: u32, end: u32, column: usize, factor: f64): void {
  while (j < end) {
    const n = runFrom(p, j, end);
    const w = isFloat<W>() ? p.weights + (<usize>j) * sizeof<W>() : 0;
    if (ASC_FEATURE_SIMD) addRun<v128, W>(column + ((<usize>targetOf(p, j)) << 3), w, <usize>n, factor);
    else addRun<f64, W>(column + ((<usize>targetOf(p, j)) << 3), w, <usize>n, factor);
    j += n;
  }
}

/** n places from `at` on += factor weights from w on. */
function addRun<T, W>(at: usize, w: usize, n: usize, factor: f64): void {
  const f = splat<T>(factor);
  const end = at + (n << 3);
  const o = width<T>();
  const unrolled = at + ((n << 3) & ~(4 * width<T>() - 1));
  while (at < unrolled) {
    const a = plus<T, W>(get<T>(at), w, 0, f), b = plus<T, W>(get<T>(at + o), w, 1, f);
    const c = plus<T, W>(get<T>(at + 2 * o), w, 2, f), d = plus<T, W>(get<T>(at + 3 * o), w, 3, f);
    put<T>(at, a), put<T>(at + o, b), put<T>(at + 2 * o, c), put<T>(at + 3 * o, d);
    at += 4 * o;
    w += 4 * weightBytes<T, W>();
  }
  while (at < end) {
    put<f64>(at, plus<f64, W>(get<f64>(at), w, 0, factor));
    at += 8;
    w += weightBytes<f64, W>();
  }
}

/** The same of two rows, one after the other for each place: it is read and written once. */
function addTwo<T, W>(at: usize, a: usize, b: usize, n: usize, factor: f64): void {
  const f = splat<T>(factor);
  const end = at + (n << 3);
  const o = width<T>();
  const unrolled = at + ((n << 3) & ~(2 * width<T>() - 1));
  let w: usize = 0;
  while (at < unrolled) {
    const x = plus<T, W>(plus<T, W>(get<T>(at), a + w, 0, f), b + w, 0, f);
    const y = plus<T, W>(plus<T, W>(get<T>(at + o), a + w, 1, f), b + w, 1, f);
    put<T>(at, x), put<T>(at + o, y);
    at += 2 * o;
    w += 2 * weightBytes<T, W>();
  }
  while (at < end) {
    put<f64>(at, plus<f64, W>(plus<f64, W>(get<f64>(at), a + w, 0, factor), b + w, 0, factor));
    at += 8;
    w += weightBytes<f64, W>();
  }
}

/** The same of four rows. */
function addFour<T, W>(at: usize, a: usize, b: usize, c: usize, d: usize, n: usize, factor: f64): void {
  const f = splat<T>(factor);
  const end = at + (n << 3);
  const o = width<T>();
  const unrolled = at + ((n << 3) & ~(2 * width<T>() - 1));
  let w: usize = 0;
  while (at < unrolled) {
    let x = plus<T, W>(get<T>(at), a + w, 0, f), y = plus<T, W>(get<T>(at + o), a + w, 1, f);
    x = plus<T, W>(x, b + w, 0, f), y = plus<T, W>(y, b + w, 1, f);
    x = plus<T, W>(x, c + w, 0, f), y = plus<T, W>(y, c + w, 1, f);
    x = plus<T, W>(x, d + w, 0, f), y = plus<T, W>(y, d + w, 1, f);
    put<T>(at, x), put<T>(at + o, y);
    at += 2 * o;
    w += 2 * weightBytes<T, W>();
  }
  while (at < end) {
    let x = plus<f64, W>(get<f64>(at), a + w, 0, factor);
    x = plus<f64, W>(x, b + w, 0, factor);
    x = plus<f64, W>(x, c + w, 0, factor);
    put<f64>(at, plus<f64, W>(x, d + w, 0, factor));
    at += 8;
    w += weightBytes<f64, W>();
  }
}

/** Bytes of a vector's weights. */
// @ts-ignore: decorator
@inline function weightBytes<T, W>(): usize {
  return isFloat<W>() ? (width<T>() >> 3) * sizeof<W>() : 0;
}

/** x plus the weights of vector number k from w on. */
// @ts-ignore: decorator
@inline function plus<T, W>(x: T, w: usize, k: usize, factor: T): T {
  if (!isFloat<W>()) return add<T>(x, factor);
  const from = w + k * weightBytes<T, W>();
  return add<T>(x, mul<T>(factor, sizeof<W>() == 4 ? widen<T>(from) : get<T>(from)));
}

/* Synapses whose effect changes from spike to spike */

function deliverChanging(p: Projection, from: usize, to: usize, step: f64, dt: f64, lag: i32): void {
  let before: u32 = 0xffffffff;
  let repeat: u32 = 0;
  for (let spike = from; spike < to; spike += 4) {
    const source = load<u32>(spike);
    // A source population may fire several times in a step; each spike is released on its own.
    repeat = source == before ? repeat + 1 : 0;
    before = source;
    const at = (<usize>source) << 2;
    const first = load<u32>(p.rows + at);
    const end = load<u32>(p.rows + at, 4);
    const factor = exists(p.shortTerm) ? released(p.shortTerm, source, (step + 1) * dt) : 1.0;
    const learns = exists(p.plasticity) && p.plasticity.onPre != 0 && p.plasticity.axonal == 0;
    if (learns && p.plasticity.preTransmits) {
      if (timing()) p.deliveryTime += lapOf(<f64>(end - first));
      callOnPre(p.plasticity.onPre, p.plasticity, source, first, end, p.targets, p.weights, (step + 1) * dt);
      if (timing()) p.plasticityTime += lapOf(<f64>(end - first));
      transmitEffects(p, source, first, end, factor, repeat, step, lag);
      continue;
    }
    transmitRow(p, source, first, end, factor, repeat, step, lag);
    if (learns) {
      if (timing()) p.deliveryTime += lapOf(<f64>(end - first));
      callOnPre(p.plasticity.onPre, p.plasticity, source, first, end, p.targets, p.weights, (step + 1) * dt);
      if (timing()) p.plasticityTime += lapOf(<f64>(end - first));
    }
  }
}

/** The work of a rule on the rows of all sources, and what they transmit by it. */
export function everyRow(p: Projection, step: f64, dt: f64, lag: i32): void {
  const rule = p.plasticity;
  for (let source: u32 = 0; source < rule.sourceCount; source++) {
    const at = p.rows + ((<usize>source) << 2);
    const first = load<u32>(at);
    const end = load<u32>(at, 4);
    callOnPre(rule.onRow, rule, source, first, end, p.targets, p.weights, (step + 1) * dt);
    if (rule.rowTransmits && end > first) transmitEffects(p, source, first, end, 1, 0, step, lag);
  }
}

/** The synapses [first, end) of a source transmit what a rule has written for them. */
function transmitEffects(
  p: Projection, source: u32, first: u32, end: u32, factor: f64, repeat: u32, step: f64, lag: i32,
): void {
  const weights = p.weights;
  p.weights = p.plasticity.effects - ((<usize>first) << 3);
  transmitRow(p, source, first, end, factor, repeat, step, lag);
  p.weights = weights;
}

/** The synapses [first, end) of a source transmit, each after its delay. */
function transmitRow(
  p: Projection, source: u32, first: u32, end: u32, factor: f64, repeat: u32, step: f64, lag: i32,
): void {
  if (p.delay > 0) {
    transmitSynapses(p, p.delay, lag, first, end, factor, source, repeat, step);
    return;
  }
  const at = (<usize>source) << 2;
  let synapse = first;
  const bits = p.delayBits;
  const shift = segmentShift(bits);
  let s = p.segments + ((<usize>load<u32>(p.segmentRows + at)) << shift);
  const last = p.segments + ((<usize>load<u32>(p.segmentRows + at, 4)) << shift);
  while (s < last) {
    // All of one delay together: synapses of one pair are told apart by their number.
    const delay = segmentAt(s, shift) & ((1 << bits) - 1);
    let until = synapse;
    for (; s < last && (segmentAt(s, shift) & ((1 << bits) - 1)) == delay; s += 1 << shift)
      until += segmentAt(s, shift) >> bits;
    transmitSynapses(p, <i32>delay, lag, synapse, until, factor, source, repeat, step);
    synapse = until;
  }
}

/**
 * The synapses [first, end) of a source transmit, with what short-term plasticity and chance leave of their weights.
 */
function transmitSynapses(
  p: Projection, delay: i32, lag: i32, first: u32, end: u32, factor: f64, source: u32, repeat: u32, step: f64,
): void {
  const ring = columnAhead(p.receptor, delay - lag);
  if (p.runs && p.probability >= 1) {
    if (p.weightKind == WEIGHTS.common) addRuns<i32>(p, first, end, ring, factor * p.weight);
    else if (p.weightKind == WEIGHTS.float32) addRuns<f32>(p, first, end, ring, factor);
    else addRuns<f64>(p, first, end, ring, factor);
    return;
  }
  const base = mix(mix(mix(p.stream, source), <u32>delay), repeat);
  let before: u32 = 0xffffffff;
  let twin: u32 = 0;
  for (let j = first; j < end; j++) {
    const target = targetOf(p, j);
    if (p.probability < 1) {
      // Keyed by what the synapse is, not by where it lies: synapses of equal ends and delay are told apart by number.
      twin = target == before ? twin + 1 : 0;
      before = target;
      const stream = twin ? mix(base, twin) : base;
      if (uniform(p.firstTarget + target, p.seedLow, p.seedHigh, stream, step) >= p.probability) continue;
    }
    const address = ring + ((<usize>target) << 3);
    store<f64>(address, load<f64>(address) + factor * weightOf(p, j));
  }
}

/** The number of a stream from another and what distinguishes it (the finalizer of MurmurHash3, Appleby 2011). */
// @ts-ignore: decorator
@inline function mix(stream: u32, x: u32): u32 {
  let h = stream ^ (x * 0x9e3779b9);
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

/** The weight of synapse j. */
// @ts-ignore: decorator
@inline function weightOf(p: Projection, j: u32): f64 {
  if (p.weightKind == WEIGHTS.common) return p.weight;
  if (p.weightKind == WEIGHTS.float32) return <f64>load<f32>(p.weights + ((<usize>j) << 2));
  return load<f64>(p.weights + ((<usize>j) << 3));
}

/**
 * The rule `distance`: each pair with the probability p K(d / scale), by thinning. The sources lie in a tree of boxes;
 * of a box, a target draws candidates with the greatest probability that any place in it can have, with the gaps
 * between the successes of independent trials, and keeps each with what its own distance leaves of it. So every pair
 * has its probability exactly, also far away, and the cost follows the synapses. The tree is of all sources, whatever
 * targets an instance has: the draws of a target are the same in any shard.
 */
import { DISTANCE_KERNEL } from "../abi";
import { allocate } from "../memory";
import { exp, log, log1p } from "../math";
import { streamUniform } from "../random";

/** Sources of a box that is not divided, at most. */
const LEAF: u32 = 8;
/** Candidates that a box may give on average without being divided. */
const FEW: f64 = 0.5;
/** A box is not divided either when its least probable place has this part of the greatest probability. */
const EVEN: f64 = 0.75;

/** Bytes of a box: lowest and highest x, lowest and highest y. */
const BOX_BYTES: usize = 32;

/** It lies in memory, because the steps of building may be done by several instances (see memory.ts). */
@unmanaged
class Space {
  sources: u32;
  targets: u32;
  /** Columns of positions: x, then y, of all neurons. */
  sourcePositions: usize;
  targetPositions: usize;
  kernel: i32;
  scale: f64;
  /** Lengths after which space repeats (0: not at all). */
  periodX: f64;
  periodY: f64;
  probability: f64;
  /** Sources (u32) in the order of the tree: a box has a range of it, its halves have the halves of that. */
  order: usize;
  /** Boxes; those of box k are 2 k and 2 k + 1, the first is 1. */
  boxes: usize;
}

const space = changetype<Space>(memory.data(96, 16));

/** Where the sources of the target in work go (u32). */
let into: usize = 0;
let found: u32 = 0;
/** Source that is left out; none has the number 2^32 - 1. */
let barred: u32 = 0;

/** Describes the space. */
export function describeSpace(
  sources: u32, targets: u32, sourcePositions: usize, targetPositions: usize, kernel: i32, scale: f64,
  periodX: f64, periodY: f64, p: f64,
): void {
  const g = space;
  g.sources = sources;
  g.targets = targets;
  g.sourcePositions = sourcePositions;
  g.targetPositions = targetPositions;
  g.kernel = kernel;
  g.scale = scale;
  g.periodX = periodX;
  g.periodY = periodY;
  g.probability = p;
}

/** Makes the tree of the sources; false when memory is exhausted. */
export function growTree(): bool {
  const g = space;
  let boxes: u32 = 2;
  for (let size = g.sources; size > LEAF; size = (size + 1) >> 1) boxes <<= 1;
  g.order = allocate(<f64>g.sources * 4);
  g.boxes = allocate(<f64>boxes * <f64>BOX_BYTES);
  if (!g.order || !g.boxes) return false;
  for (let i: u32 = 0; i < g.sources; i++) store<u32>(g.order + ((<usize>i) << 2), i);
  if (g.sources > 0) grow(1, 0, g.sources);
  return true;
}

function grow(box: u32, from: u32, to: u32): void {
  const g = space;
  let lowX = Infinity, highX = -Infinity, lowY = Infinity, highY = -Infinity;
  for (let i = from; i < to; i++) {
    const x = coordinate(i, 0);
    const y = coordinate(i, 1);
    lowX = min(lowX, x);
    highX = max(highX, x);
    lowY = min(lowY, y);
    highY = max(highY, y);
  }
  const at = g.boxes + (<usize>box) * BOX_BYTES;
  store<f64>(at, lowX);
  store<f64>(at, highX, 8);
  store<f64>(at, lowY, 16);
  store<f64>(at, highY, 24);
  if (to - from <= LEAF) return;
  const middle = from + ((to - from + 1) >> 1);
  select(from, to - 1, middle, highX - lowX >= highY - lowY ? 0 : 1);
  grow(2 * box, from, middle);
  grow(2 * box + 1, middle, to);
}

/** x (axis 0) or y (axis 1) of the source at a place of the order. */
// @ts-ignore: decorator
@inline function coordinate(place: u32, axis: u32): f64 {
  const g = space;
  const source = load<u32>(g.order + ((<usize>place) << 2));
  return load<f64>(g.sourcePositions + ((<usize>(axis * g.sources + source)) << 3));
}

/** Orders [low, high] so far that no coordinate before the place k is above one from there on (Hoare 1961). */
function select(first: u32, last: u32, k: u32, axis: u32): void {
  const order = space.order;
  let low = <i64>first;
  let high = <i64>last;
  while (low < high) {
    const pivot = coordinate(<u32>((low + high) >> 1), axis);
    let i = low;
    let j = high;
    do {
      while (coordinate(<u32>i, axis) < pivot) i++;
      while (coordinate(<u32>j, axis) > pivot) j--;
      if (i <= j) {
        const a = order + ((<usize>i) << 2);
        const b = order + ((<usize>j) << 2);
        const kept = load<u32>(a);
        store<u32>(a, load<u32>(b));
        store<u32>(b, kept);
        i++;
        j--;
      }
    } while (i <= j);
    if (<i64>k <= j) high = j;
    else if (<i64>k >= i) low = i;
    else return;
  }
}

/**
 * Writes the sources of a target to `batch` (u32), in ascending order, and returns their number; `except` is left out.
 */
export function sourcesNear(target: u32, batch: usize, except: u32): u32 {
  const g = space;
  into = batch;
  found = 0;
  barred = except;
  if (g.sources > 0 && g.probability > 0) {
    const x = load<f64>(g.targetPositions + ((<usize>target) << 3));
    const y = load<f64>(g.targetPositions + ((<usize>(g.targets + target)) << 3));
    search(1, 0, g.sources, x, y);
  }
  sort(batch, found);
  return found;
}

function search(box: u32, from: u32, to: u32, x: f64, y: f64): void {
  const g = space;
  const at = g.boxes + (<usize>box) * BOX_BYTES;
  const lowX = load<f64>(at);
  const highX = load<f64>(at, 8);
  const lowY = load<f64>(at, 16);
  const highY = load<f64>(at, 24);
  const q = g.probability * kernelOf(nearest(lowX, highX, x, g.periodX), nearest(lowY, highY, y, g.periodY));
  if (q <= 0) return;
  const size = to - from;
  if (size > LEAF && <f64>size * q > FEW) {
    const least = g.probability * kernelOf(farthest(lowX, highX, x, g.periodX), farthest(lowY, highY, y, g.periodY));
    if (least < EVEN * q) {
      const middle = from + ((size + 1) >> 1);
      search(2 * box, from, middle, x, y);
      search(2 * box + 1, middle, to, x, y);
      return;
    }
  }
  thin(from, to, q, x, y);
}

/** Draws candidates of a box with the probability q and keeps them by their own. */
function thin(from: u32, to: u32, q: f64, x: f64, y: f64): void {
  const g = space;
  // Gaps between the successes of independent trials are geometric: floor(log U / log(1 - q)).
  const perLog = q < 1 ? 1.0 / log1p(-q) : 0;
  let place = <f64>from;
  for (;;) {
    if (q < 1) place += floor(log(streamUniform()) * perLog);
    if (place >= <f64>to) return;
    const dx = apart(x - coordinate(<u32>place, 0), g.periodX);
    const dy = apart(y - coordinate(<u32>place, 1), g.periodY);
    const own = kernelOf(dx, dy);
    if (g.kernel == DISTANCE_KERNEL.box ? own > 0 : streamUniform() * q < g.probability * own) {
      const source = load<u32>(g.order + ((<usize>place) << 2));
      if (source != barred) {
        store<u32>(into + ((<usize>found) << 2), source);
        found++;
      }
    }
    place += 1;
  }
}

/** The kernel's value, from 0 to 1, for distances along the axes. */
function kernelOf(dx: f64, dy: f64): f64 {
  const g = space;
  const d = sqrt(dx * dx + dy * dy) / g.scale;
  if (g.kernel == DISTANCE_KERNEL.box) return d <= 1 ? 1 : 0;
  if (g.kernel == DISTANCE_KERNEL.linear) return d < 1 ? 1 - d : 0;
  if (g.kernel == DISTANCE_KERNEL.gaussian) return exp(-0.5 * d * d);
  return exp(-d);
}

/** A difference of coordinates, the shorter way round where space is periodic. */
function apart(difference: f64, period: f64): f64 {
  const d = abs(difference);
  if (period <= 0) return d;
  const rest = d - floor(d / period) * period;
  return min(rest, period - rest);
}

/** Rounding of differences, in parts of the coordinates: a box must not seem farther than what lies in it. */
const SLACK: f64 = 1e-12;

/** The least distance along an axis from `at` to a place in [low, high]. */
function nearest(low: f64, high: f64, at: f64, period: f64): f64 {
  const slack = SLACK * (abs(low) + abs(high) + abs(at) + period);
  if (period <= 0) return max(0, max(low - at, at - high) - slack);
  const offset = (low - at) - floor((low - at) / period) * period;
  const end = offset + (high - low);
  return end >= period ? 0 : max(0, min(offset, period - end) - slack);
}

/** About the greatest distance; too large a number costs time only. */
function farthest(low: f64, high: f64, at: f64, period: f64): f64 {
  const most = max(abs(low - at), abs(high - at));
  return period <= 0 ? most : min(most, 0.5 * period);
}

/** Sorts n numbers (u32) in ascending order (heap sort: Williams 1964). */
function sort(numbers: usize, n: u32): void {
  for (let i = <i64>(n >> 1) - 1; i >= 0; i--) sink(numbers, <u32>i, n);
  for (let last = n; last > 1; last--) {
    const end = numbers + ((<usize>(last - 1)) << 2);
    const most = load<u32>(numbers);
    store<u32>(numbers, load<u32>(end));
    store<u32>(end, most);
    sink(numbers, 0, last - 1);
  }
}

function sink(numbers: usize, start: u32, n: u32): void {
  let hole = start;
  const value = load<u32>(numbers + ((<usize>hole) << 2));
  for (;;) {
    let child: u32 = 2 * hole + 1;
    if (child >= n) break;
    const here = numbers + ((<usize>child) << 2);
    if (child + 1 < n && load<u32>(here, 4) > load<u32>(here)) child++;
    const larger = load<u32>(numbers + ((<usize>child) << 2));
    if (larger <= value) break;
    store<u32>(numbers + ((<usize>hole) << 2), larger);
    hole = child;
  }
  store<u32>(numbers + ((<usize>hole) << 2), value);
}

/**
 * Building a projection's synapses. Random graphs are sampled target by target (fixedOutdegree: source by source;
 * fixedTotalNumber: synapse by synapse), each with a random stream of its own (seed, projection, target): the result
 * depends on nothing else, and a part of the targets can be built alone. The generator runs twice, once to count the
 * synapses of each source, once to place them, so that no list of pairs is held. Cost is proportional to the synapses
 * made, plus the number of neurons; for `distance` to the pairs that its greatest probability accepts.
 */
import { allocate } from "../memory";
import { exp, log, log1p } from "../math";
import { network } from "../network";
import {
  streamExponential, streamGaussian, streamInteger, streamLognormal, streamStart, streamUniform,
} from "../random";

/** Rules; the host uses the same numbers (src/core/abi.ts). */
export const ALL_TO_ALL: i32 = 0;
export const ONE_TO_ONE: i32 = 1;
export const FIXED_PROBABILITY: i32 = 2;
export const FIXED_INDEGREE: i32 = 3;
export const LIST: i32 = 4;
export const FIXED_OUTDEGREE: i32 = 5;
export const FIXED_TOTAL_NUMBER: i32 = 6;
export const DISTANCE: i32 = 7;

/** Distance kernels, of the distance over their scale. */
export const BOX: i32 = 0;
export const LINEAR: i32 = 1;
export const GAUSSIAN: i32 = 2;
export const EXPONENTIAL_KERNEL: i32 = 3;

/** Purposes of a projection's random streams. */
const GRAPH: u32 = 1;
const WEIGHT: u32 = 2;
const DELAY: u32 = 3;
const VALUE: u32 = 4;

/* The projection being built. */
let rule: i32 = 0;
let sources: u32 = 0;
let targets: u32 = 0;
let probability: f64 = 0;
let degree: u32 = 0;
let autapses: bool = true;
let multapses: bool = true;
let stream: u32 = 0;
/** Given pairs (rule LIST): u32 sources, u32 targets, their number. */
let pairSources: usize = 0;
let pairTargets: usize = 0;
let pairs: u32 = 0;
/** Marks of the sources taken by the target in work (one byte each). */
let taken: usize = 0;
/** First synapse of each source. */
let rows: usize = 0;
/** Next free place of each source while placing. */
let next: usize = 0;
let columnTargets: usize = 0;
/** Position in the order of creation (u32) of each placed synapse: what per-synapse arrays and streams are indexed by. */
let order: usize = 0;
let made: f64 = 0;
/** DISTANCE: columns of positions (x then y of all neurons), the kernel with its scale, and the periods (0: none). */
let sourcePositions: usize = 0;
let targetPositions: usize = 0;
let kernel: i32 = 0;
let kernelScale: f64 = 1;
let periodX: f64 = 0;
let periodY: f64 = 0;

/** Positions and kernel of the rule DISTANCE, before graphCount. */
export function graphSpace(
  sourcePositions_: usize, targetPositions_: usize, kernel_: i32, scale: f64, periodX_: f64, periodY_: f64,
): void {
  sourcePositions = sourcePositions_;
  targetPositions = targetPositions_;
  kernel = kernel_;
  kernelScale = scale;
  periodX = periodX_;
  periodY = periodY_;
}

/** Starts a projection and counts its synapses; returns their number, or -1 when memory is exhausted. */
export function graphCount(
  rule_: i32, sources_: u32, targets_: u32, p: f64, k: u32, autapses_: bool, multapses_: bool, stream_: u32,
  pairSources_: usize, pairTargets_: usize, pairs_: u32,
): f64 {
  rule = rule_;
  sources = sources_;
  targets = targets_;
  probability = p;
  degree = k;
  autapses = autapses_;
  multapses = multapses_;
  stream = stream_;
  pairSources = pairSources_;
  pairTargets = pairTargets_;
  pairs = pairs_;
  rows = allocate((<f64>sources + 1) * 4);
  next = allocate((<f64>sources + 1) * 4);
  if (!rows || !next) return -1;
  if ((rule == FIXED_INDEGREE || rule == FIXED_OUTDEGREE) && !multapses) {
    taken = allocate(<f64>max(sources, targets));
    if (!taken) return -1;
  }
  made = 0;
  generate(false);
  return made;
}

/**
 * Places the synapses. `keepOrder` also keeps their order of creation, which weights and delays per synapse need.
 * Returns false when memory is exhausted.
 */
export function graphPlace(keepOrder: bool): bool {
  // Counts become first places: a running sum.
  let sum: u32 = 0;
  for (let s: usize = 0; s < <usize>sources; s++) {
    const count = load<u32>(rows + (s << 2));
    store<u32>(rows + (s << 2), sum);
    store<u32>(next + (s << 2), sum);
    sum += count;
  }
  store<u32>(rows + ((<usize>sources) << 2), sum);
  columnTargets = allocate(<f64>sum * 4);
  order = keepOrder ? allocate(<f64>sum * 4) : 0;
  if (!columnTargets || (keepOrder && !order)) return false;
  made = 0;
  generate(true);
  return true;
}

/** Address of the first synapse of each source (u32, one more than sources). */
export function graphRows(): usize {
  return rows;
}

/** Address of the targets (u32), by source. */
export function graphTargets(): usize {
  return columnTargets;
}

/** Address of the order of creation (u32) of the synapses, by source; 0 if not kept. */
export function graphOrder(): usize {
  return order;
}

// @ts-ignore: decorator
@inline function emit(place: bool, source: u32, target: u32): void {
  if (place) {
    const slot = next + ((<usize>source) << 2);
    const synapse = load<u32>(slot);
    store<u32>(slot, synapse + 1);
    store<u32>(columnTargets + ((<usize>synapse) << 2), target);
    if (order) store<u32>(order + ((<usize>synapse) << 2), <u32>made);
  } else {
    const slot = rows + ((<usize>source) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  made += 1;
}

/** Targets in ascending order: within a source's row the synapses are then sorted by target. */
function generate(place: bool): void {
  if (rule == LIST) {
    for (let i: usize = 0; i < <usize>pairs; i++) {
      emit(place, load<u32>(pairSources + (i << 2)), load<u32>(pairTargets + (i << 2)));
    }
    return;
  }
  if (rule == ONE_TO_ONE) {
    for (let t: u32 = 0; t < targets; t++) emit(place, t, t);
    return;
  }
  if (rule == FIXED_OUTDEGREE) {
    for (let s: u32 = 0; s < sources; s++) {
      streamStart(network.seedLow, network.seedHigh, stream, s, GRAPH);
      if (multapses) draw(place, s, targets);
      else drawDistinct(place, s, targets);
    }
    return;
  }
  if (rule == FIXED_TOTAL_NUMBER) {
    for (let i: u32 = 0; i < degree; i++) {
      streamStart(network.seedLow, network.seedHigh, stream, i, GRAPH);
      let s = streamInteger(sources);
      let t = streamInteger(targets);
      while (!autapses && s == t) {
        s = streamInteger(sources);
        t = streamInteger(targets);
      }
      emit(place, s, t);
    }
    return;
  }
  // Gaps between the successes of independent trials are geometric: floor(log U / log(1 - p)).
  const perLog = probability < 1 ? 1.0 / log1p(-probability) : 0;
  for (let t: u32 = 0; t < targets; t++) {
    if (rule == ALL_TO_ALL || (rule == FIXED_PROBABILITY && probability >= 1)) {
      for (let s: u32 = 0; s < sources; s++) if (autapses || s != t) emit(place, s, t);
    } else if (rule == FIXED_PROBABILITY || rule == DISTANCE) {
      if (probability <= 0) return;
      streamStart(network.seedLow, network.seedHigh, stream, t, GRAPH);
      let s = gap(perLog);
      while (s < <f64>sources) {
        // A pair that the greatest probability accepts is kept with what its distance leaves of it (thinning).
        const kept = rule != DISTANCE || streamUniform() < reach(<u32>s, t);
        if (kept && (autapses || <u32>s != t)) emit(place, <u32>s, t);
        s += 1.0 + gap(perLog);
      }
    } else {
      streamStart(network.seedLow, network.seedHigh, stream, t, GRAPH);
      if (multapses) draw(place, t, sources);
      else drawDistinct(place, t, sources);
    }
  }
}

/** Candidates passed over until the next one that the probability accepts; none at probability 1. */
// @ts-ignore: decorator
@inline function gap(perLog: f64): f64 {
  return probability >= 1 ? 0 : floor(log(streamUniform()) * perLog);
}

/** The kernel's value, from 0 to 1, for the distance between a source and a target. */
function reach(source: u32, target: u32): f64 {
  const from = sourcePositions + ((<usize>source) << 3);
  const to = targetPositions + ((<usize>target) << 3);
  const dx = apart(load<f64>(to) - load<f64>(from), periodX);
  const dy = apart(
    load<f64>(to + ((<usize>targets) << 3)) - load<f64>(from + ((<usize>sources) << 3)), periodY,
  );
  const d = sqrt(dx * dx + dy * dy) / kernelScale;
  if (kernel == BOX) return d <= 1 ? 1 : 0;
  if (kernel == LINEAR) return d < 1 ? 1 - d : 0;
  if (kernel == GAUSSIAN) return exp(-0.5 * d * d);
  return exp(-d);
}

/** A difference of coordinates, the shorter way round where space is periodic. */
function apart(difference: f64, period: f64): f64 {
  const d = abs(difference);
  if (period <= 0) return d;
  const rest = d - floor(d / period) * period;
  return min(rest, period - rest);
}

// @ts-ignore: decorator
@inline function pair(place: bool, drawn: u32, fixed: u32): void {
  if (rule == FIXED_OUTDEGREE) emit(place, fixed, drawn);
  else emit(place, drawn, fixed);
}

/** `degree` partners out of n with replacement; without autapses they are drawn from the others. */
function draw(place: bool, fixed: u32, n: u32): void {
  const excluded = autapses ? 0 : 1;
  for (let i: u32 = 0; i < degree; i++) {
    let s = streamInteger(n - excluded);
    if (excluded && s >= fixed) s++;
    pair(place, s, fixed);
  }
}

/** `degree` different partners: Floyd's algorithm (Bentley & Floyd 1987), one draw each. */
function drawDistinct(place: bool, fixed: u32, all: u32): void {
  const excluded: u32 = autapses ? 0 : 1;
  const n = all - excluded;
  for (let j = n - degree; j < n; j++) {
    let s = streamInteger(j + 1);
    if (load<u8>(taken + <usize>s)) s = j;
    store<u8>(taken + <usize>s, 1);
  }
  // In ascending order, and the marks are taken off again.
  for (let s: u32 = 0, left = degree; left > 0; s++) {
    if (!load<u8>(taken + <usize>s)) continue;
    store<u8>(taken + <usize>s, 0);
    left--;
    pair(place, excluded && s >= fixed ? s + 1 : s, fixed);
  }
}

/** Distributions; the host uses the same numbers (src/core/abi.ts). */
export const UNIFORM: i32 = 0;
export const NORMAL: i32 = 1;
export const LOGNORMAL: i32 = 2;
export const EXPONENTIAL: i32 = 3;
export const TRUNCATED_NORMAL: i32 = 4;
export const GAMMA: i32 = 5;

let low: f64 = -Infinity;
let high: f64 = Infinity;

/** Bounds of TRUNCATED_NORMAL for the draws that follow. */
export function setDrawBounds(low_: f64, high_: f64): void {
  low = low_;
  high = high_;
}

function drawValue(distribution: i32, a: f64, b: f64): f64 {
  if (distribution == UNIFORM) return a + (b - a) * streamUniform();
  if (distribution == NORMAL) return a + b * streamGaussian();
  if (distribution == LOGNORMAL) return streamLognormal(a, b);
  if (distribution == EXPONENTIAL) return a * streamExponential();
  if (distribution == TRUNCATED_NORMAL) return truncatedNormal(a, b);
  return b * gamma(a);
}

/** A normal number between `low` and `high`. */
function truncatedNormal(mean: f64, sd: f64): f64 {
  let z = 0.0;
  if (sd > 0) {
    const from = (low - mean) / sd;
    const to = (high - mean) / sd;
    z = to < 0 ? -truncatedStandard(-to, -from) : truncatedStandard(from, to);
  }
  return max(low, min(high, mean + sd * z));
}

/**
 * A standard normal number in [from, to], to >= 0, by rejection (Robert 1995): from the normal density where the
 * interval holds much of it, from the uniform one where it is short, from an exponential one in a tail. Accepts one try
 * in three or better.
 */
function truncatedStandard(from: f64, to: f64): f64 {
  if (from <= 0 && to - from > 2.5) {
    while (true) {
      const z = streamGaussian();
      if (z >= from && z <= to) return z;
    }
  }
  const rate = 0.5 * (from + sqrt(from * from + 4));
  if (from <= 0 || (to - from) * rate < 1) {
    const top = from <= 0 ? 0 : from;
    while (true) {
      const z = from + (to - from) * streamUniform();
      if (log(streamUniform()) < 0.5 * (top * top - z * z)) return z;
    }
  }
  while (true) {
    const z = from + streamExponential() / rate;
    const miss = z - rate;
    if (z <= to && log(streamUniform()) < -0.5 * miss * miss) return z;
  }
}

/** A gamma number of the given shape and scale 1 (Marsaglia & Tsang 2000). */
function gamma(shape: f64): f64 {
  // Below shape 1: the number of shape + 1 times U^(1/shape).
  const factor = shape < 1 ? exp(log(streamUniform()) / shape) : 1.0;
  const d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3.0;
  const c = 1.0 / sqrt(9 * d);
  while (true) {
    const x = streamGaussian();
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(streamUniform()) < 0.5 * x * x + d - d * v + d * log(v)) return factor * d * v;
  }
}

/** Fills `count` f64 with independent draws, number n with the stream (seed, stream, n). */
export function fillRandom(into: usize, count: i32, stream: u32, distribution: i32, a: f64, b: f64): void {
  for (let n = 0; n < count; n++) {
    streamStart(network.seedLow, network.seedHigh, stream, n, VALUE);
    store<f64>(into + ((<usize>n) << 3), drawValue(distribution, a, b));
  }
}

/**
 * Draws a weight for each synapse of the graph (f32, or f64 if `wide`) into a new column and returns its address, 0 when
 * memory is exhausted.
 */
export function graphWeights(distribution: i32, a: f64, b: f64, wide: bool): usize {
  const count = load<u32>(rows + ((<usize>sources) << 2));
  const into = allocate(<f64>count * (wide ? 8 : 4));
  if (!into) return 0;
  drawEach(into, distribution, a, b, WEIGHT, wide ? 2 : 1, 0, 0);
  return into;
}

/** Draws a delay for each synapse, as whole steps of dt between 1 and `longest` (u32), into a new column. */
export function graphDelays(distribution: i32, a: f64, b: f64, longest: u32): usize {
  const count = load<u32>(rows + ((<usize>sources) << 2));
  const into = allocate(<f64>count * 4);
  if (!into) return 0;
  drawEach(into, distribution, a, b, DELAY, 0, network.dt, longest);
  return into;
}

/**
 * One draw per synapse, keyed by its number in the order of creation (target by target, or as a list gives them): what a
 * synapse gets depends on neither the order in memory nor on who else is built.
 */
function drawEach(
  into: usize, distribution: i32, a: f64, b: f64, purpose: u32, kind: i32, dt: f64, longest: u32,
): void {
  const count = <usize>load<u32>(rows + ((<usize>sources) << 2));
  for (let i: usize = 0; i < count; i++) {
    streamStart(network.seedLow, network.seedHigh, stream, load<u32>(order + (i << 2)), purpose);
    const x = drawValue(distribution, a, b);
    if (kind == 1) store<f32>(into + (i << 2), <f32>x);
    else if (kind == 2) store<f64>(into + (i << 3), x);
    else store<u32>(into + (i << 2), <u32>max(1, min(<f64>longest, nearest(x / dt))));
  }
}

/* Sorting rows by delay */

let segmentRows: usize = 0;
let segments: usize = 0;

/**
 * Sorts each row by delay (u32 steps per synapse at `delays`, all <= `longest`), stably, together with the weights
 * (`weightBytes` 0, 4 or 8 per synapse) and the order of creation, and cuts it into segments. Returns the longest delay
 * that occurs, or -1 when memory is exhausted.
 */
export function graphSegments(delays: usize, weights: usize, weightBytes: i32, longest: u32): i32 {
  let widest: u32 = 0;
  for (let s: usize = 0; s < <usize>sources; s++) {
    const n = load<u32>(rows + (s << 2), 4) - load<u32>(rows + (s << 2));
    if (n > widest) widest = n;
  }
  const counts = allocate((<f64>longest + 2) * 4);
  const copyTargets = allocate(<f64>widest * 4);
  const copyWeights = allocate(<f64>widest * 8);
  const copyOrder = allocate(<f64>widest * 4);
  const copyDelays = allocate(<f64>widest * 4);
  segmentRows = allocate((<f64>sources + 1) * 4);
  if (!counts || !copyTargets || !copyWeights || !copyOrder || !copyDelays || !segmentRows) return -1;

  // First count the segments of every row, so that their table is allocated once.
  let total: u32 = 0;
  let greatest: u32 = 0;
  for (let s: usize = 0; s < <usize>sources; s++) {
    store<u32>(segmentRows + (s << 2), total);
    const first = load<u32>(rows + (s << 2));
    const end = load<u32>(rows + (s << 2), 4);
    for (let i = first; i < end; i++) {
      const d = load<u32>(delays + ((<usize>i) << 2));
      const slot = counts + ((<usize>d) << 2);
      if (load<u32>(slot) == 0) total++;
      store<u32>(slot, 1);
      if (d > greatest) greatest = d;
    }
    for (let i = first; i < end; i++) store<u32>(counts + ((<usize>load<u32>(delays + ((<usize>i) << 2))) << 2), 0);
  }
  store<u32>(segmentRows + ((<usize>sources) << 2), total);
  segments = allocate(<f64>total * 8);
  if (!segments) return -1;

  for (let s: usize = 0; s < <usize>sources; s++) {
    const first = <usize>load<u32>(rows + (s << 2));
    const n = <usize>load<u32>(rows + (s << 2), 4) - first;
    if (n == 0) continue;
    memory.copy(copyTargets, columnTargets + (first << 2), n << 2);
    memory.copy(copyDelays, delays + (first << 2), n << 2);
    if (order) memory.copy(copyOrder, order + (first << 2), n << 2);
    if (weightBytes) memory.copy(copyWeights, weights + first * weightBytes, n * weightBytes);
    sortRow(s, first, n, counts, copyTargets, copyDelays, copyOrder, copyWeights, weights, weightBytes, greatest);
  }
  return greatest;
}

/** Counting sort of one row by delay. */
function sortRow(
  s: usize, first: usize, n: usize, counts: usize, copyTargets: usize, copyDelays: usize, copyOrder: usize,
  copyWeights: usize, weights: usize, weightBytes: i32, greatest: u32,
): void {
  memory.fill(counts, 0, ((<usize>greatest) + 2) << 2);
  for (let i: usize = 0; i < n; i++) {
    const slot = counts + ((<usize>load<u32>(copyDelays + (i << 2))) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  let segment = segments + ((<usize>load<u32>(segmentRows + (s << 2))) << 3);
  let place = <u32>first;
  for (let d: u32 = 0; d <= greatest; d++) {
    const slot = counts + ((<usize>d) << 2);
    const c = load<u32>(slot);
    store<u32>(slot, place);
    if (c == 0) continue;
    place += c;
    store<u32>(segment, d);
    store<u32>(segment, place, 4);
    segment += 8;
  }
  for (let i: usize = 0; i < n; i++) {
    const slot = counts + ((<usize>load<u32>(copyDelays + (i << 2))) << 2);
    const to = <usize>load<u32>(slot);
    store<u32>(slot, <u32>to + 1);
    store<u32>(columnTargets + (to << 2), load<u32>(copyTargets + (i << 2)));
    if (order) store<u32>(order + (to << 2), load<u32>(copyOrder + (i << 2)));
    if (weightBytes == 4) store<u32>(weights + (to << 2), load<u32>(copyWeights + (i << 2)));
    else if (weightBytes == 8) store<u64>(weights + (to << 3), load<u64>(copyWeights + (i << 3)));
  }
  memory.fill(counts, 0, ((<usize>greatest) + 2) << 2);
}

export function graphSegmentRows(): usize {
  return segmentRows;
}

export function graphSegmentTable(): usize {
  return segments;
}

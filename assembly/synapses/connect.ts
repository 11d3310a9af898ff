/**
 * Building a projection's synapses onto the targets [from, to), which are the instance's own. The host describes the
 * graph (graphRule and what follows it), then calls graphPlace and graphSort, each in slices until it is done, between
 * which the host looks after its events; what they take beside the synapses is given back.
 *
 * Random graphs are drawn target by target, each target's partners, weights and delays with random streams of its own
 * (seed, projection, target): the result depends on nothing else, and a part of the targets can be built alone. Lists,
 * and fixedOutdegree, which is drawn source by source, are pairs with a number each, which their weights and delays
 * depend on. A graph is drawn twice, once to count the synapses of each source, once to place them, so that no list of
 * them is held. Cost is proportional to the synapses made, plus the number of neurons.
 */
import { BUILD, DELAY_BITS, ORIGIN, RULE, SHORT_DELAY_BITS, WEIGHTS } from "../abi";
import { allocate, allocated, release } from "../memory";
import { drawValue, drawValues } from "../draws";
import { log, log1p } from "../math";
import { network } from "../network";
import { MANY, streamInteger, streamIntegers, streamStart, streamUniform } from "../random";
import { stepsOf } from "../steps";
import { mostAlike, putSegment, segmentShift } from "./projection";
import { describeSpace, growTree, sourcesNear } from "./space";

/** Purposes of a projection's random streams (4 is in draws.ts). */
const GRAPH: u32 = 1;
const WEIGHT: u32 = 2;
const DELAY: u32 = 3;
const DEGREES: u32 = 5;

/** Weights or delays. */
@unmanaged
class Values {
  origin: i32;
  distribution: i32;
  a: f64;
  b: f64;
  low: f64;
  high: f64;
  /** Given: weights as they are stored, or u32 delays in steps. */
  column: usize;
}

/** The projection in work. It lies in memory, because the steps may be done by several instances (see memory.ts). */
@unmanaged
class Graph {
  rule: i32;
  sources: u32;
  targets: u32;
  /** Targets whose synapses are made. */
  from: u32;
  to: u32;
  probability: f64;
  /** Partners of each neuron; fixedTotalNumber: synapses. */
  degree: u32;
  autapses: bool;
  multapses: bool;
  stream: u32;
  /** Pairs (u32): list, fixedOutdegree. */
  pairSources: usize;
  pairTargets: usize;
  pairs: u32;
  ownPairs: u32;
  /** The sources of the pairs ascend: rows are runs of pairs. */
  ascending: bool;
  /** How weights are stored (projection.ts). */
  weightKind: i32;
  /** Synapses have delays of their own, of at most so many steps. */
  delayed: bool;
  most: u32;

  /* Results */
  count: u32;
  /** Targets are stored as u32, else u16. */
  wide: bool;
  rows: usize;
  columnTargets: usize;
  columnWeights: usize;
  segmentRows: usize;
  segments: usize;
  segmentCount: u32;
  delayBits: u32;
  longest: u32;
  least: f64;

  /* Scratch */
  /** `allocated()` before the description. */
  mark: f64;
  /** Next free place of each source while placing. */
  next: usize;
  /** Partners of the target in work (u32), then their synapses' places. */
  batch: usize;
  /** Weights or delays drawn for them (f64). */
  values: usize;
  /** Marks of partners that are taken (one byte each). */
  taken: usize;
  /** fixedTotalNumber: synapses of each target (u32). */
  degrees: usize;
  /** Pairs onto the own targets (u32), by target. */
  byTarget: usize;
  /** Delay of each synapse in steps (u32). */
  delays: usize;
  /** First pair of each own target while they are sorted (u32). */
  first: usize;
  /** Pairs whose sources ascend: the own ones of a row as target and number (u64), and room for a copy of them. */
  row: usize;
  rowCopy: usize;
  /** Sorting: numbers by delay, the order of a row and room for a copy of it. */
  counts: usize;
  order: usize;
  copy: usize;

  /* Progress */
  /** What is done now, and how far it is: a number of a target, source, pair or draw. */
  stage: i32;
  at: u32;
  /** Largest share of a target, or longest row. */
  widest: u32;
}

const graph = changetype<Graph>(memory.data(384, 16));
const weight = changetype<Values>(memory.data(64, 16));
const delay = changetype<Values>(memory.data(64, 16));

/** Starts a projection onto the targets [from, to) of `targets`. */
export function graphRule(
  rule: i32,
  sources: u32,
  targets: u32,
  from: u32,
  to: u32,
  p: f64,
  k: u32,
  autapses: bool,
  multapses: bool,
  stream: u32,
): void {
  const g = graph;
  memory.fill(changetype<usize>(g), 0, offsetof<Graph>());
  g.mark = allocated();
  g.rule = rule;
  g.sources = sources;
  g.targets = targets;
  g.from = from;
  g.to = to;
  g.probability = p;
  g.degree = k;
  g.autapses = autapses;
  g.multapses = multapses;
  g.stream = stream;
}

/** The pairs of the rule list; weights and delays that are given have their order. */
export function graphPairs(sources: usize, targets: usize, count: u32): void {
  graph.pairSources = sources;
  graph.pairTargets = targets;
  graph.pairs = count;
}

/** Positions and kernel of the rule distance. */
export function graphSpace(
  sourcePositions: usize, targetPositions: usize, kernel: i32, scale: f64, periodX: f64, periodY: f64,
): void {
  const g = graph;
  describeSpace(
    g.sources, g.targets, sourcePositions, targetPositions, kernel, scale, periodX, periodY, g.probability,
  );
}

function describe(
  values: Values,
  origin: i32,
  distribution: i32,
  a: f64,
  b: f64,
  low: f64,
  high: f64,
  column: usize,
): void {
  values.origin = origin;
  values.distribution = distribution;
  values.a = a;
  values.b = b;
  values.low = low;
  values.high = high;
  values.column = column;
}

/** How weights are stored (WEIGHTS) and where they come from (ORIGIN); `wide` wants u32 targets in any case. */
export function graphWeights(
  kind: i32, wide: bool, origin: i32, distribution: i32, a: f64, b: f64, low: f64, high: f64, column: usize,
): void {
  graph.weightKind = kind;
  graph.wide = wide || graph.to - graph.from > 0x10000;
  describe(weight, origin, distribution, a, b, low, high, column);
}

/** Gives each synapse a delay of 1 to `most` steps. */
export function graphDelays(
  origin: i32, distribution: i32, a: f64, b: f64, low: f64, high: f64, column: usize, most: u32,
): void {
  graph.delayed = true;
  graph.most = most;
  describe(delay, origin, distribution, a, b, low, high, column);
}

/* Results; addresses are of columns by synapse, ordered by source, delay, target. */

export function graphCount(): u32 {
  return graph.count;
}

/** Whether targets are u32, else u16. */
export function graphWide(): bool {
  return graph.wide;
}

/** First synapse of each source (u32, one more than sources). */
export function graphRowTable(): usize {
  return graph.rows;
}

/** Targets, counted from the first own one. */
export function graphTargetColumn(): usize {
  return graph.columnTargets;
}

/** Weights; 0 if they are common. */
export function graphWeightColumn(): usize {
  return graph.columnWeights;
}

/** Between graphPlace and graphSort: delays in steps (u32), to be filled in by the host. */
export function graphDelayColumn(): usize {
  return graph.delays;
}

export function graphSegmentRows(): usize {
  return graph.segmentRows;
}

export function graphSegmentTable(): usize {
  return graph.segments;
}

/** How many bits of a segment are the delay. */
export function graphDelayBits(): u32 {
  return graph.delayBits;
}

/** The longest delay that occurs, in steps. */
export function graphLongest(): u32 {
  return graph.longest;
}

/** The least weight that was drawn or given. */
export function graphLeast(): f64 {
  return graph.least;
}

/* Slices */

/** Stages, in their order; those between START and PLACED, and SORT and CUT, go in slices. */
const START: i32 = 0;
/** fixedTotalNumber: how many synapses each target gets. */
const SHARE: i32 = 1;
/** fixedOutdegree: the pairs. */
const DRAW: i32 = 2;
/** Pairs by target: their numbers, then their places. */
const NUMBER: i32 = 3;
const INDEX: i32 = 4;
const COUNT: i32 = 5;
const PLACE: i32 = 6;
const PLACED: i32 = 7;
const SORT: i32 = 8;
const CUT: i32 = 9;
const FINISHED: i32 = 10;

/** Work of a target, source or row beside that of its synapses. */
const EACH: i64 = 32;
/** Simple steps that are as much work as drawing a synapse. */
const SIMPLE: i64 = 16;

/** Work that is left of the slice; negative when it is over. */
let work: i64 = 0;

function enter(stage: i32): void {
  graph.stage = stage;
  graph.at = 0;
}

/** Done part of a projection's building, from 0 to 1. */
export function graphProgress(): f64 {
  const g = graph;
  if (g.stage >= FINISHED) return 1;
  const listed = g.rule == RULE.list || g.rule == RULE.fixedOutdegree;
  const own: u32 = g.to - g.from;
  if (g.stage == SHARE) return 0.1 * share(g.degree);
  if (g.stage == DRAW) return 0.1 * share(g.sources);
  if (g.stage == NUMBER || g.stage == INDEX) return 0.1 + 0.05 * (<f64>(g.stage - NUMBER) + share(g.pairs));
  if (g.stage == COUNT) return 0.2 + 0.2 * share(listed ? g.pairs : own);
  if (g.stage == PLACE) return 0.4 + 0.4 * share(listed ? g.pairs : own);
  if (g.stage == SORT) return 0.8 + 0.15 * share(g.sources);
  if (g.stage == CUT) return 0.95 + 0.05 * share(g.sources);
  return g.stage == PLACED ? 0.8 : 0;
}

function share(all: u32): f64 {
  return <f64>graph.at / max(1.0, <f64>all);
}

/* Placing */

/**
 * Counts the synapses, makes room for them and places them by source, in the order of the targets: so much work of it.
 * Answers a BUILD: `exhausted` when there is not enough memory; the count is known then if it came so far.
 */
export function graphPlace(slice: u32): i32 {
  const g = graph;
  work = slice;
  while (g.stage < PLACED) {
    if (work < 0) return BUILD.more;
    if (g.stage == START) {
      if (!start()) return BUILD.exhausted;
    } else if (g.stage == SHARE) {
      if (!shareOut()) return BUILD.exhausted;
    } else if (g.stage == DRAW) {
      drawTargets();
    } else if (g.stage == NUMBER) {
      if (!numberPairs()) return BUILD.exhausted;
    } else if (g.stage == INDEX) {
      indexPairs();
    } else if (visit(g.stage == PLACE)) {
      if (g.stage == COUNT && !makeRoom()) return BUILD.exhausted;
      enter(g.stage + 1);
    }
  }
  return BUILD.done;
}

/** Makes the scratch columns. */
function start(): bool {
  const g = graph;
  g.least = Infinity;
  g.longest = 1;
  g.rows = allocate((<f64>g.sources + 1) * 4);
  if (!g.rows) return false;
  if (g.delayed) {
    g.segmentRows = allocate((<f64>g.sources + 1) * 4);
    if (!g.segmentRows) return false;
  }
  g.next = allocate(<f64>g.sources * 4);
  if (!g.next) return false;
  if ((g.rule == RULE.fixedIndegree || g.rule == RULE.fixedOutdegree) && !g.multapses) {
    g.taken = allocate(<f64>max(g.sources, g.targets));
    if (!g.taken) return false;
  }
  if (g.rule == RULE.fixedTotalNumber) {
    g.degrees = allocate(<f64>g.targets * 4);
    if (!g.degrees) return false;
    streamStart(network.seedLow, network.seedHigh, g.stream, 0, DEGREES);
    enter(SHARE);
    return true;
  }
  if (g.rule == RULE.list) return listPairs();
  const counted = g.rule == RULE.fixedIndegree || g.rule == RULE.fixedOutdegree;
  const most = g.rule == RULE.oneToOne ? 1 : counted ? g.degree : g.sources;
  if (!makeBatch(most)) return false;
  if (g.rule == RULE.distance && !growTree()) return false;
  if (g.rule != RULE.fixedOutdegree) {
    enter(COUNT);
    return true;
  }
  const count = <f64>g.sources * <f64>g.degree;
  if (count > 0xfffffff0) return false;
  g.pairSources = allocate(count * 4);
  g.pairTargets = allocate(count * 4);
  if (!g.pairSources || !g.pairTargets) return false;
  enter(DRAW);
  return true;
}

function makeBatch(most: u32): bool {
  const g = graph;
  g.batch = allocate(<f64>most * 4);
  if (weight.origin != ORIGIN.drawn && !(g.delayed && delay.origin == ORIGIN.drawn)) return g.batch != 0;
  g.values = allocate(<f64>most * 8);
  return g.batch != 0 && g.values != 0;
}

/** Targets that were drawn together. */
const SHARED_OUT: usize = memory.data(64 * 4, 16);

/**
 * fixedTotalNumber: how many of the synapses each target gets. Choosing pairs independently and uniformly is choosing
 * the targets so and then, target by target, the sources.
 */
function shareOut(): bool {
  const g = graph;
  let widest = g.widest;
  while (g.at < g.degree) {
    if (work < 0) {
      g.widest = widest;
      return true;
    }
    const n = min(MANY, g.degree - g.at);
    streamIntegers(SHARED_OUT, n, g.targets);
    for (let i: usize = 0; i < <usize>n << 2; i += 4) {
      const slot = g.degrees + ((<usize>load<u32>(SHARED_OUT + i)) << 2);
      const count = load<u32>(slot) + 1;
      store<u32>(slot, count);
      widest = max(widest, count);
    }
    g.at += n;
    work -= n >> 2;
  }
  g.widest = widest;
  enter(COUNT);
  return makeBatch(g.widest);
}

/** fixedOutdegree: draws the pairs of all sources. */
function drawTargets(): void {
  const g = graph;
  for (; g.at < g.sources; g.at++) {
    if (work < 0) return;
    const s = g.at;
    streamStart(network.seedLow, network.seedHigh, g.stream, s, GRAPH);
    const n = partners(s, g.targets, g.degree);
    for (let i: u32 = 0; i < n; i++) {
      store<u32>(g.pairSources + ((<usize>g.pairs) << 2), s);
      store<u32>(g.pairTargets + ((<usize>g.pairs) << 2), load<u32>(g.batch + ((<usize>i) << 2)));
      g.pairs++;
    }
    work -= partnersWork(n, g.targets);
  }
  listPairs();
}

/**
 * Begins to sort the numbers of the pairs onto own targets by target; among equals the order stays. Where the sources
 * ascend, each row is sorted by itself when its turn has come, which takes less memory and leaves the cache alone.
 */
function listPairs(): bool {
  const g = graph;
  g.ascending = ascend(g.pairSources, g.pairs);
  if (g.ascending) {
    enter(COUNT);
    return true;
  }
  enter(NUMBER);
  g.first = allocate((<f64>(g.to - g.from) + 1) * 4);
  return g.first != 0;
}

function ascend(column: usize, count: u32): bool {
  for (let i: usize = 4, end = (<usize>count) << 2; i < end; i += 4) {
    if (load<u32>(column + i) < load<u32>(column + i - 4)) return false;
  }
  return true;
}

/** Counts the pairs of each own target. */
function numberPairs(): bool {
  const g = graph;
  if (!g.first) return false;
  const own = g.to - g.from;
  const end = <u32>min(<i64>g.pairs, <i64>g.at + (work + 1) * SIMPLE);
  work -= <i64>(end - g.at) / SIMPLE + 1;
  for (; g.at < end; g.at++) {
    const t = load<u32>(g.pairTargets + ((<usize>g.at) << 2)) - g.from;
    // As unsigned numbers those before `from` are large.
    if (t < own) store<u32>(g.first + ((<usize>t) << 2), load<u32>(g.first + ((<usize>t) << 2)) + 1);
  }
  if (g.at < g.pairs) return true;
  let sum: u32 = 0;
  for (let t: usize = 0; t <= <usize>own; t++) {
    const count = load<u32>(g.first + (t << 2));
    store<u32>(g.first + (t << 2), sum);
    sum += count;
  }
  g.byTarget = allocate(<f64>sum * 4);
  g.ownPairs = sum;
  enter(INDEX);
  return g.byTarget != 0;
}

/** Puts the numbers of the pairs in their places. */
function indexPairs(): void {
  const g = graph;
  const own = g.to - g.from;
  const end = <u32>min(<i64>g.pairs, <i64>g.at + (work + 1) * SIMPLE);
  work -= <i64>(end - g.at) / SIMPLE + 1;
  for (; g.at < end; g.at++) {
    const t = load<u32>(g.pairTargets + ((<usize>g.at) << 2)) - g.from;
    if (t >= own) continue;
    const slot = g.first + ((<usize>t) << 2);
    const place = load<u32>(slot);
    store<u32>(slot, place + 1);
    store<u32>(g.byTarget + ((<usize>place) << 2), g.at);
  }
  if (g.at < g.pairs) return;
  // Only these pairs are looked at from here on.
  g.pairs = g.ownPairs;
  enter(COUNT);
}

/** After counting: counts become first places (a running sum), and there is room for as many synapses. */
function makeRoom(): bool {
  const g = graph;
  let sum: u64 = 0;
  for (let s: usize = 0; s < <usize>g.sources; s++) {
    const row = g.rows + (s << 2);
    const count = load<u32>(row);
    store<u32>(row, <u32>sum);
    store<u32>(g.next + (s << 2), <u32>sum);
    sum += count;
  }
  store<u32>(g.rows + ((<usize>g.sources) << 2), <u32>sum);
  g.count = <u32>min<u64>(sum, 0xffffffff);
  if (sum > 0xfffffff0) return false;
  const count = <f64>sum;
  g.columnTargets = allocate(count * (g.wide ? 4 : 2));
  if (!g.columnTargets) return false;
  if (g.weightKind != WEIGHTS.common) {
    g.columnWeights = allocate(count * (g.weightKind == WEIGHTS.float32 ? 4 : 8));
    if (!g.columnWeights) return false;
  }
  if (g.ascending) {
    g.row = allocate(<f64>g.widest * 8);
    g.rowCopy = allocate(<f64>g.widest * 8);
    if (!g.row || !g.rowCopy) return false;
  }
  if (!g.delayed) return true;
  g.delays = allocate(count * 4);
  return g.delays != 0;
}

/** Goes on through all synapses in the order of the targets: counts them, or places them. Whether that is done. */
function visit(place: bool): bool {
  const g = graph;
  if (g.ascending) return visitRows(place);
  if (g.rule == RULE.list || g.rule == RULE.fixedOutdegree) {
    for (; g.at < g.pairs; g.at++) {
      if (work < 0) return false;
      const number = load<u32>(g.byTarget + ((<usize>g.at) << 2));
      const source = load<u32>(g.pairSources + ((<usize>number) << 2));
      if (place) placePair(number, source, load<u32>(g.pairTargets + ((<usize>number) << 2)));
      else countOne(source);
      work--;
    }
    return true;
  }
  const own = g.to - g.from;
  for (; g.at < own; g.at++) {
    if (work < 0) return false;
    const t = g.from + g.at;
    const n = partnersOf(t);
    if (place) {
      placeBatch(t, n);
    } else {
      for (let i: u32 = 0; i < n; i++) countOne(load<u32>(g.batch + ((<usize>i) << 2)));
    }
    work -= partnersWork(n, g.sources);
  }
  return true;
}

/** The same for pairs whose sources ascend, row by row. */
function visitRows(place: bool): bool {
  const g = graph;
  const own = g.to - g.from;
  while (g.at < g.pairs) {
    if (work < 0) return false;
    const source = load<u32>(g.pairSources + ((<usize>g.at) << 2));
    let n: u32 = 0;
    let i = g.at;
    for (; i < g.pairs && load<u32>(g.pairSources + ((<usize>i) << 2)) == source; i++) {
      const t = load<u32>(g.pairTargets + ((<usize>i) << 2)) - g.from;
      if (t >= own) continue;
      if (place) store<u64>(g.row + ((<usize>n) << 3), ((<u64>t) << 32) | <u64>i);
      n++;
    }
    work -= EACH + <i64>(i - g.at) / (place ? 1 : SIMPLE);
    g.at = i;
    if (place) {
      placeRow(source, n);
    } else {
      const slot = g.rows + ((<usize>source) << 2);
      store<u32>(slot, load<u32>(slot) + n);
      g.widest = max(g.widest, n);
    }
  }
  return true;
}

/** Places the n pairs of a row by target, those onto one target in the order of their numbers. */
function placeRow(source: u32, n: u32): void {
  const g = graph;
  const end = (<usize>n) << 3;
  let isSorted = true;
  for (let i: usize = 8; i < end; i += 8) {
    if (load<u64>(g.row + i) < load<u64>(g.row + i - 8)) {
      isSorted = false;
      break;
    }
  }
  const sorted = isSorted ? g.row : sortKeys(g.row, g.rowCopy, <usize>n);
  for (let i: usize = 0; i < end; i += 8) {
    const key = load<u64>(sorted + i);
    placePair(<u32>key, source, <u32>(key >> 32) + g.from);
  }
}

/** Sorts n different numbers (u64) by insertion and merging; where they are then, which is one of the two places. */
function sortKeys(keys: usize, room: usize, n: usize): usize {
  for (let first: usize = 0; first < n; first += RUN) {
    const end = min(n, first + RUN);
    for (let i = first + 1; i < end; i++) {
      const key = load<u64>(keys + (i << 3));
      let j = i;
      for (; j > first && load<u64>(keys + ((j - 1) << 3)) > key; j--) {
        store<u64>(keys + (j << 3), load<u64>(keys + ((j - 1) << 3)));
      }
      store<u64>(keys + (j << 3), key);
    }
  }
  let from = keys;
  let to = room;
  for (let length = RUN; length < n; length <<= 1) {
    for (let first: usize = 0; first < n; first += 2 * length) {
      const middle = min(n, first + length);
      const end = min(n, first + 2 * length);
      let a = first;
      let b = middle;
      for (let i = first; i < end; i++) {
        const left = a < middle && (b >= end || load<u64>(from + (a << 3)) < load<u64>(from + (b << 3)));
        store<u64>(to + (i << 3), load<u64>(from + ((left ? a++ : b++) << 3)));
      }
    }
    const other = from;
    from = to;
    to = other;
  }
  return from;
}

/** Boxes of the tree of sources that a target looks at, about. */
const BOXES: i64 = 64;

/** Work of finding n partners out of `all`. */
function partnersWork(n: u32, all: u32): i64 {
  const g = graph;
  // Marks of all, and boxes and candidates that are passed over.
  const passed = g.taken ? <i64>all / SIMPLE : g.rule == RULE.distance ? <i64>n + BOXES : 0;
  return EACH + <i64>n + passed;
}

// @ts-ignore: decorator
@inline function countOne(source: u32): void {
  const slot = graph.rows + ((<usize>source) << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}

/** The next place of a source, taken by `target`. */
// @ts-ignore: decorator
@inline function take(source: u32, target: u32): u32 {
  const g = graph;
  const slot = g.next + ((<usize>source) << 2);
  const place = load<u32>(slot);
  store<u32>(slot, place + 1);
  const local = target - g.from;
  if (g.wide) store<u32>(g.columnTargets + ((<usize>place) << 2), local);
  else store<u16>(g.columnTargets + ((<usize>place) << 1), <u16>local);
  return place;
}

// @ts-ignore: decorator
@inline function setWeight(place: u32, w: f64): void {
  const g = graph;
  g.least = min(g.least, w);
  if (g.weightKind == WEIGHTS.float32) store<f32>(g.columnWeights + ((<usize>place) << 2), <f32>w);
  else store<f64>(g.columnWeights + ((<usize>place) << 3), w);
}

/** Steps of a delay in ms: whole ones, between 1 and the longest. */
// @ts-ignore: decorator
@inline function setDelay(place: u32, ms: f64): void {
  const g = graph;
  store<u32>(g.delays + ((<usize>place) << 2), <u32>max(1, min(<f64>g.most, stepsOf(ms, network.dt))));
}

// @ts-ignore: decorator
@inline function drawn(values: Values): f64 {
  return drawValue(values.distribution, values.a, values.b, values.low, values.high);
}

/** The first n numbers of a stream that has just been started. */
function drawAll(values: Values, n: u32): void {
  drawValues(graph.values, n, values.distribution, values.a, values.b, values.low, values.high);
}

/** Places a pair of a list. */
function placePair(number: u32, source: u32, target: u32): void {
  const g = graph;
  const place = take(source, target);
  if (weight.origin == ORIGIN.drawn) {
    streamStart(network.seedLow, network.seedHigh, g.stream, number, WEIGHT);
    setWeight(place, drawn(weight));
  } else if (weight.origin == ORIGIN.given) {
    const w =
      g.weightKind == WEIGHTS.float32
        ? <f64>load<f32>(weight.column + ((<usize>number) << 2))
        : load<f64>(weight.column + ((<usize>number) << 3));
    setWeight(place, w);
  }
  if (delay.origin == ORIGIN.drawn && g.delayed) {
    streamStart(network.seedLow, network.seedHigh, g.stream, number, DELAY);
    setDelay(place, drawn(delay));
  } else if (delay.origin == ORIGIN.given && g.delayed) {
    store<u32>(g.delays + ((<usize>place) << 2), load<u32>(delay.column + ((<usize>number) << 2)));
  }
}

/** Places the n partners of a target. */
function placeBatch(target: u32, n: u32): void {
  const g = graph;
  const end = g.batch + ((<usize>n) << 2);
  for (let i = g.batch; i < end; i += 4) store<u32>(i, take(load<u32>(i), target));
  if (weight.origin == ORIGIN.drawn) {
    streamStart(network.seedLow, network.seedHigh, g.stream, target, WEIGHT);
    drawAll(weight, n);
    for (let i = g.batch, x = g.values; i < end; i += 4, x += 8) setWeight(load<u32>(i), load<f64>(x));
  }
  if (delay.origin == ORIGIN.drawn && g.delayed) {
    streamStart(network.seedLow, network.seedHigh, g.stream, target, DELAY);
    drawAll(delay, n);
    for (let i = g.batch, x = g.values; i < end; i += 4, x += 8) setDelay(load<u32>(i), load<f64>(x));
  }
}

/* Partners */

/** Writes the sources of target t into the batch and returns their number. */
function partnersOf(t: u32): u32 {
  const g = graph;
  if (g.rule == RULE.oneToOne) return choose(0, t);
  if (g.rule == RULE.allToAll || (g.rule == RULE.fixedProbability && g.probability >= 1)) {
    let n: u32 = 0;
    for (let s: u32 = 0; s < g.sources; s++) if (g.autapses || s != t) n = choose(n, s);
    return n;
  }
  streamStart(network.seedLow, network.seedHigh, g.stream, t, GRAPH);
  if (g.rule == RULE.fixedIndegree) return partners(t, g.sources, g.degree);
  if (g.rule == RULE.fixedTotalNumber) return drawPartners(t, g.sources, load<u32>(g.degrees + ((<usize>t) << 2)));
  if (g.rule == RULE.distance) return sourcesNear(t, g.batch, g.autapses ? <u32>-1 : t);
  if (g.probability <= 0) return 0;
  // Gaps between the successes of independent trials are geometric: floor(log U / log(1 - p)).
  const perLog = g.probability < 1 ? 1.0 / log1p(-g.probability) : 0;
  let n: u32 = 0;
  let s = gap(perLog);
  while (s < <f64>g.sources) {
    if (g.autapses || <u32>s != t) n = choose(n, <u32>s);
    s += 1.0 + gap(perLog);
  }
  return n;
}

/** Makes a neuron the partner number n and returns n + 1. */
// @ts-ignore: decorator
@inline function choose(n: u32, partner: u32): u32 {
  store<u32>(graph.batch + ((<usize>n) << 2), partner);
  return n + 1;
}

/** Candidates passed over until the next one that the probability accepts; none at probability 1. */
// @ts-ignore: decorator
@inline function gap(perLog: f64): f64 {
  return graph.probability >= 1 ? 0 : floor(log(streamUniform()) * perLog);
}

/** `degree` partners of neuron `self` out of `all`. */
function partners(self: u32, all: u32, degree: u32): u32 {
  return graph.multapses ? drawPartners(self, all, degree) : drawDistinct(self, all, degree);
}

/** With replacement; without autapses they are drawn from the others. */
function drawPartners(self: u32, all: u32, degree: u32): u32 {
  const excluded: u32 = graph.autapses ? 0 : 1;
  const batch = graph.batch;
  streamIntegers(batch, degree, all - excluded);
  if (!excluded) return degree;
  for (let i: usize = 0; i < <usize>degree << 2; i += 4) {
    const s = load<u32>(batch + i);
    store<u32>(batch + i, s >= self ? s + 1 : s);
  }
  return degree;
}

/** Different ones, in ascending order: Floyd's algorithm (Bentley & Floyd 1987), one draw each. */
function drawDistinct(self: u32, all: u32, degree: u32): u32 {
  const taken = graph.taken;
  const excluded: u32 = graph.autapses ? 0 : 1;
  const n = all - excluded;
  for (let j = n - degree; j < n; j++) {
    let s = streamInteger(j + 1);
    if (load<u8>(taken + <usize>s)) s = j;
    store<u8>(taken + <usize>s, 1);
  }
  let found: u32 = 0;
  for (let s: u32 = 0; found < degree; s++) {
    if (!load<u8>(taken + <usize>s)) continue;
    store<u8>(taken + <usize>s, 0);
    found = choose(found, excluded && s >= self ? s + 1 : s);
  }
  return degree;
}

/* Sorting rows by delay */

/** Keys that are sorted by insertion before runs of them are merged. */
const RUN: usize = 16;

/** Rows up to this length are sorted by insertion. */
const SHORT: usize = 24;

/**
 * Sorts each source's synapses by delay, those of equal delay staying in the order of their targets, cuts the rows into
 * segments of equal delay, and gives back all scratch memory: so much work of it. Answers a BUILD: `exhausted` when
 * there is not enough memory.
 */
export function graphSort(slice: u32): i32 {
  const g = graph;
  work = slice;
  if (g.stage == PLACED) {
    if (g.delayed && !prepareSort()) return BUILD.exhausted;
    enter(g.delayed ? SORT : FINISHED);
  }
  if (g.stage == SORT) {
    if (!sortRows()) return BUILD.more;
    g.segments = allocate(<f64>g.segmentCount * <f64>(1 << segmentShift(g.delayBits)));
    if (!g.segments) return BUILD.exhausted;
    enter(CUT);
  }
  if (g.stage == CUT) {
    if (!cutRows()) return BUILD.more;
    enter(FINISHED);
  }
  compact();
  return BUILD.done;
}

function prepareSort(): bool {
  const g = graph;
  let widest: u32 = 0;
  let longest: u32 = 1;
  for (let s: usize = 0; s < <usize>g.sources; s++) {
    widest = max(widest, load<u32>(g.rows + (s << 2), 4) - load<u32>(g.rows + (s << 2)));
  }
  for (let j: usize = 0; j < <usize>g.count; j++) longest = max(longest, load<u32>(g.delays + (j << 2)));
  g.longest = longest;
  g.delayBits = longest >> SHORT_DELAY_BITS == 0 ? SHORT_DELAY_BITS : DELAY_BITS;
  g.counts = allocate((<f64>longest + 1) * 4);
  g.order = allocate(<f64>widest * 4);
  g.copy = allocate(<f64>widest * 8);
  return g.counts != 0 && g.order != 0 && g.copy != 0;
}

/** Goes on sorting the rows and counting their segments; whether that is done. */
function sortRows(): bool {
  const g = graph;
  const order = g.order;
  const copy = g.copy;
  for (; g.at < g.sources; g.at++) {
    if (work < 0) return false;
    const s = <usize>g.at;
    const first = <usize>load<u32>(g.rows + (s << 2));
    const n = <usize>load<u32>(g.rows + (s << 2), 4) - first;
    store<u32>(g.segmentRows + (s << 2), g.segmentCount);
    work -= EACH + <i64>n;
    if (n == 0) continue;
    if (n <= SHORT) orderByInsertion(order, g.delays + (first << 2), n);
    else orderByCounting(order, g.delays + (first << 2), n, g.counts);
    arrange(4, g.delays + (first << 2), order, copy, n);
    if (g.wide) arrange(4, g.columnTargets + (first << 2), order, copy, n);
    else arrange(2, g.columnTargets + (first << 1), order, copy, n);
    if (g.weightKind == WEIGHTS.float32) arrange(4, g.columnWeights + (first << 2), order, copy, n);
    else if (g.weightKind != WEIGHTS.common) arrange(8, g.columnWeights + (first << 3), order, copy, n);
    g.segmentCount += cut(g.delays + (first << 2), n, false, 0);
  }
  store<u32>(g.segmentRows + ((<usize>g.sources) << 2), g.segmentCount);
  return true;
}

/** Goes on writing the segments; whether that is done. */
function cutRows(): bool {
  const g = graph;
  for (; g.at < g.sources; g.at++) {
    if (work < 0) return false;
    const s = <usize>g.at;
    const first = <usize>load<u32>(g.rows + (s << 2));
    const n = <usize>load<u32>(g.rows + (s << 2), 4) - first;
    if (n) cut(g.delays + (first << 2), n, true, load<u32>(g.segmentRows + (s << 2)));
    work -= (EACH + <i64>n) / 4;
  }
  return true;
}

/** Cuts n sorted delays into segments, which are written from number `first` on if `writes`; returns their number. */
function cut(delays: usize, n: usize, writes: bool, first: u32): u32 {
  const bits = graph.delayBits;
  const most = mostAlike(bits);
  let made: u32 = 0;
  for (let i: usize = 0; i < n; ) {
    const d = load<u32>(delays + (i << 2));
    let alike: u32 = 1;
    while (i + <usize>alike < n && alike < most && load<u32>(delays + ((i + <usize>alike) << 2)) == d) alike++;
    if (writes) putSegment(graph.segments, first + made, bits, d, alike);
    made++;
    i += <usize>alike;
  }
  return made;
}

/** The stable order of n delays, as indices (u32). */
function orderByInsertion(order: usize, delays: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const d = load<u32>(delays + (i << 2));
    let j = i;
    while (j > 0) {
      const before = load<u32>(order + ((j - 1) << 2));
      if (load<u32>(delays + ((<usize>before) << 2)) <= d) break;
      store<u32>(order + (j << 2), before);
      j--;
    }
    store<u32>(order + (j << 2), <u32>i);
  }
}

/** The same by counting; `counts` is zero before and after. */
function orderByCounting(order: usize, delays: usize, n: usize, counts: usize): void {
  let low = load<u32>(delays);
  let high = low;
  for (let i: usize = 0; i < n; i++) {
    const d = load<u32>(delays + (i << 2));
    low = min(low, d);
    high = max(high, d);
    const slot = counts + ((<usize>d) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  let place: u32 = 0;
  for (let d = low; d <= high; d++) {
    const slot = counts + ((<usize>d) << 2);
    const c = load<u32>(slot);
    store<u32>(slot, place);
    place += c;
  }
  for (let i: usize = 0; i < n; i++) {
    const slot = counts + ((<usize>load<u32>(delays + (i << 2))) << 2);
    const to = load<u32>(slot);
    store<u32>(slot, to + 1);
    store<u32>(order + ((<usize>to) << 2), <u32>i);
  }
  memory.fill(counts + ((<usize>low) << 2), 0, ((<usize>(high - low)) << 2) + 4);
}

/** Puts n entries of `bytes` bytes each into the given order. */
function arrange(bytes: i32, column: usize, order: usize, copy: usize, n: usize): void {
  memory.copy(copy, column, n * <usize>bytes);
  for (let i: usize = 0; i < n; i++) {
    const from = <usize>load<u32>(order + (i << 2));
    if (bytes == 2) store<u16>(column + (i << 1), load<u16>(copy + (from << 1)));
    else if (bytes == 4) store<u32>(column + (i << 2), load<u32>(copy + (from << 2)));
    else store<u64>(column + (i << 3), load<u64>(copy + (from << 3)));
  }
}

/** Moves the results together, down to where the description began, and gives the rest back. */
function compact(): void {
  const g = graph;
  // In the order of their addresses, so that none is moved onto one that is still to be moved.
  let end = <usize>g.mark;
  g.rows = moveDown(g.rows, end, ((<usize>g.sources) + 1) << 2);
  end = after(g.rows, ((<usize>g.sources) + 1) << 2);
  if (g.delayed) {
    g.segmentRows = moveDown(g.segmentRows, end, ((<usize>g.sources) + 1) << 2);
    end = after(g.segmentRows, ((<usize>g.sources) + 1) << 2);
  }
  const count = <usize>g.count;
  g.columnTargets = moveDown(g.columnTargets, end, count << (g.wide ? 2 : 1));
  end = after(g.columnTargets, count << (g.wide ? 2 : 1));
  if (g.weightKind != WEIGHTS.common) {
    const bytes = count << (g.weightKind == WEIGHTS.float32 ? 2 : 3);
    g.columnWeights = moveDown(g.columnWeights, end, bytes);
    end = after(g.columnWeights, bytes);
  }
  if (g.delayed) {
    const bytes = (<usize>g.segmentCount) << segmentShift(g.delayBits);
    g.segments = moveDown(g.segments, end, bytes);
    end = after(g.segments, bytes);
  }
  release(<f64>end);
}

function moveDown(from: usize, to: usize, bytes: usize): usize {
  memory.copy(to, from, bytes);
  return to;
}

// @ts-ignore: decorator
@inline function after(address: usize, bytes: usize): usize {
  return (address + bytes + 15) & ~15;
}

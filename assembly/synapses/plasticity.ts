/**
 * Spike-timing dependent plasticity, by traces: each source and each target carries exponentially decaying traces of
 * its spikes, and a weight changes at the spikes of its two ends only. Both ends' spikes count at the time when they
 * happen: the delay of a synapse acts on the transmission, not on the rule. Where the delay is divided, they count when
 * they reach the synapse: a source's after the axonal part, a target's after the dendritic one. Within a step the
 * sources' spikes come first.
 */
import { PLASTICITY, RulePack } from "../abi";
import { exp } from "../math";
import { exists } from "../memory";
import { callOnPost, callOnPre } from "../slots";

@unmanaged
export class Plasticity extends RulePack {
  /** Slots; 0 where there is nothing to do. */
  onPre: i32;
  onPost: i32;
  everyStep: i32;
  /** Called like `onPre` for the row of each source, in every step; and whether these calls transmit. */
  onRow: i32;
  rowTransmits: bool;
  /** `onPre` transmits what it writes to `effects`. */
  preTransmits: bool;
  /** Columns of neurons that the rule reads, and events of other populations that it listens to. */
  watches: Watch;
  hooks: Hook;
  /** Only the nearest spike counts: traces are set to 1 instead of raised by it. */
  nearest: bool;
  /** pair: A_plus, A_minus; triplet: A2_plus, A2_minus; inhibitory: eta, and alpha = 2 rho_0 tau in aMinus. */
  aPlus: f64;
  aMinus: f64;
  /** triplet: A3_plus, A3_minus. */
  a3Plus: f64;
  a3Minus: f64;
  tauPlus: f64;
  tauMinus: f64;
  tauX: f64;
  tauY: f64;
  sourceCount: u32;
  /** Synaptic scaling: every so many steps each target's weights are multiplied by 1 + rate (goal - r)/goal. */
  scalingSteps: f64;
  scalingRate: f64;
  /** Goal in spikes per interval, and the spikes of each target since the last scaling. */
  scalingGoal: f64;
  counts: usize;
  /** Spikes on their way to the synapses; their steps are 0 where the rule takes spikes when they happen. */
  axonal: u32;
  axon: usize;
  dendritic: u32;
  dendrite: usize;
}

/**
 * A column of neurons that a rule reads as it was at the end of the step whose spikes are delivered. Where delivery
 * comes later than the step, the column is kept in a ring of `slots` copies.
 */
@unmanaged
export class Watch {
  next: Watch;
  column: usize;
  ring: usize;
  slots: i32;
  bytes: usize;
  /** Where the rule finds the address of the column (u32). */
  into: usize;
}

/** Events of a population on which a rule acts: its slot has the signature of `onPost` and gets the neuron. */
@unmanaged
export class Hook {
  next: Hook;
  /** Address of the population. */
  population: usize;
  slot: i32;
  /** Events of all of its neurons count, not only of those here. */
  all: bool;
}

/** Keeps what rules will read of the step that was just made. */
export function keepWatched(p: Plasticity, step: f64): void {
  for (let w = p.watches; exists(w); w = w.next) memory.copy(slotOf(w, step), w.column, w.bytes);
}

/** Tells rules where the columns of the step in delivery are. */
export function showWatched(p: Plasticity, step: f64, isLate: bool): void {
  for (let w = p.watches; exists(w); w = w.next) store<u32>(w.into, <u32>(isLate ? slotOf(w, step) : w.column));
}

// @ts-ignore: decorator
@inline function slotOf(w: Watch, step: f64): usize {
  return w.ring + <usize>(step - floor(step / <f64>w.slots) * <f64>w.slots) * w.bytes;
}

/**
 * The column of a ring of `steps` columns (numbers of spikes) that a step reads, then writes: steps later it is read
 * again.
 */
// @ts-ignore: decorator
@inline function columnOf(ring: usize, steps: u32, count: u32, step: f64): usize {
  return ring + ((<usize>(step - floor(step / <f64>steps) * <f64>steps) * <usize>count) << 3);
}

/** Adds the spikes listed at [from, to) (u32) to a column. */
function note(column: usize, from: usize, to: usize): void {
  for (let spike = from; spike < to; spike += 4) {
    const address = column + ((<usize>load<u32>(spike)) << 3);
    store<f64>(address, load<f64>(address) + 1);
  }
}

// @ts-ignore: decorator
@inline function bounded(w: f64, least: f64, most: f64): f64 {
  return max(least, min(most, w));
}

/** Lets a trace decay from its last update to now. */
// @ts-ignore: decorator
@inline function decayed(trace: f64, since: f64, tau: f64): f64 {
  return trace * exp(-since / tau);
}

/** Brings `count` fast and slow traces to time t. */
export function settleTraces(fast: usize, slow: usize, time: usize, count: u32, t: f64, tau: f64, tauSlow: f64): void {
  for (let at: usize = 0; at < (<usize>count) << 3; at += 8) {
    const since = t - load<f64>(time + at);
    store<f64>(fast + at, decayed(load<f64>(fast + at), since, tau));
    store<f64>(slow + at, decayed(load<f64>(slow + at), since, tauSlow));
    store<f64>(time + at, t);
  }
}

/**
 * Spikes of sources that reach the synapses in `step`, after the axonal delay; those listed at [from, to) (u32) set
 * out.
 */
export function afterAxon(
  p: Plasticity, rows: usize, from: usize, to: usize, targets: usize, weights: usize, step: f64, dt: f64,
): void {
  const column = columnOf(p.axon, p.axonal, p.sourceCount, step);
  for (let source: u32 = 0; source < p.sourceCount; source++) {
    const address = column + ((<usize>source) << 3);
    const at = rows + ((<usize>source) << 2);
    for (let n = load<f64>(address); n > 0 && p.onPre != 0; n--) {
      callOnPre(p.onPre, p, source, load<u32>(at), load<u32>(at, 4), targets, weights, step * dt);
    }
    store<f64>(address, 0);
  }
  note(column, from, to);
}

/**
 * Spikes of targets that reach the synapses in `step`, after the dendritic delay; those listed at [from, to) (u32) set
 * out.
 */
export function afterDendrite(p: Plasticity, from: usize, to: usize, weights: usize, step: f64, dt: f64): void {
  const column = columnOf(p.dendrite, p.dendritic, p.targetCount, step);
  for (let target: u32 = 0; target < p.targetCount; target++) {
    const address = column + ((<usize>target) << 3);
    for (let n = load<f64>(address); n > 0 && p.onPost != 0; n--) callOnPost(p.onPost, p, target, weights, step * dt);
    store<f64>(address, 0);
  }
  note(column, from, to);
}

/** Spikes of targets listed at [from, to) (u32) in `step`, seen by what has them when they happen. */
export function whenFired(p: Plasticity, from: usize, to: usize, weights: usize, step: f64, dt: f64): void {
  if (p.counts) note(p.counts, from, to);
  if (p.onPost == 0 || p.dendritic > 0) return;
  for (let spike = from; spike < to; spike += 4) callOnPost(p.onPost, p, load<u32>(spike), weights, step * dt);
}

/*
 * Rules: how much a weight w changes at a spike of its source, given the target's fast trace then and the source's slow
 * one; and at a spike of its target, given the source's fast trace and the target's slow one. Types, so that each gets
 * loops of its own.
 */

@unmanaged
class PairAdditive extends Plasticity {
  // @ts-ignore: decorator
  @inline hasSlow(): bool {
    return false;
  }
  // @ts-ignore: decorator
  @inline atPre(_w: f64, after: f64, _slow: f64): f64 {
    return -this.aMinus * this.most * after;
  }
  // @ts-ignore: decorator
  @inline atPost(_w: f64, before: f64, _slow: f64): f64 {
    return this.aPlus * this.most * before;
  }
}

@unmanaged
class PairMultiplicative extends Plasticity {
  // @ts-ignore: decorator
  @inline hasSlow(): bool {
    return false;
  }
  // @ts-ignore: decorator
  @inline atPre(w: f64, after: f64, _slow: f64): f64 {
    return -this.aMinus * w * after;
  }
  // @ts-ignore: decorator
  @inline atPost(w: f64, before: f64, _slow: f64): f64 {
    return this.aPlus * (this.most - w) * before;
  }
}

@unmanaged
class Triplet extends Plasticity {
  // @ts-ignore: decorator
  @inline hasSlow(): bool {
    return true;
  }
  // @ts-ignore: decorator
  @inline atPre(_w: f64, after: f64, slow: f64): f64 {
    return -after * (this.aMinus + this.a3Minus * slow) * this.most;
  }
  // @ts-ignore: decorator
  @inline atPost(_w: f64, before: f64, slow: f64): f64 {
    return before * (this.aPlus + this.a3Plus * slow) * this.most;
  }
}

@unmanaged
class Inhibitory extends Plasticity {
  // @ts-ignore: decorator
  @inline hasSlow(): bool {
    return false;
  }
  // @ts-ignore: decorator
  @inline atPre(_w: f64, after: f64, _slow: f64): f64 {
    return this.aPlus * (after - this.aMinus);
  }
  // @ts-ignore: decorator
  @inline atPost(_w: f64, before: f64, _slow: f64): f64 {
    return this.aPlus * before;
  }
}

/** Fills the slots for spikes with those of a PLASTICITY. */
export function chooseRule(p: Plasticity, rule: i32): void {
  switch (rule) {
    case PLASTICITY.pairAdditive:
      p.onPre = prePairAdditive.index;
      p.onPost = postPairAdditive.index;
      break;
    case PLASTICITY.pairMultiplicative:
      p.onPre = prePairMultiplicative.index;
      p.onPost = postPairMultiplicative.index;
      break;
    case PLASTICITY.triplet:
      p.onPre = preTriplet.index;
      p.onPost = postTriplet.index;
      break;
    case PLASTICITY.inhibitory:
      p.onPre = preInhibitory.index;
      p.onPost = postInhibitory.index;
      break;
  }
}

/* A generic function has no index before it is called with its types: each rule has two of its own for the slots. */

function prePairAdditive(
  p: PairAdditive,
  source: u32,
  first: u32,
  end: u32,
  targets: usize,
  weights: usize,
  t: f64,
): void {
  onPre<PairAdditive>(p, source, first, end, targets, weights, t);
}

function postPairAdditive(p: PairAdditive, target: u32, weights: usize, t: f64): void {
  onPost<PairAdditive>(p, target, weights, t);
}

function prePairMultiplicative(
  p: PairMultiplicative,
  source: u32,
  first: u32,
  end: u32,
  targets: usize,
  weights: usize,
  t: f64,
): void {
  onPre<PairMultiplicative>(p, source, first, end, targets, weights, t);
}

function postPairMultiplicative(p: PairMultiplicative, target: u32, weights: usize, t: f64): void {
  onPost<PairMultiplicative>(p, target, weights, t);
}

function preTriplet(p: Triplet, source: u32, first: u32, end: u32, targets: usize, weights: usize, t: f64): void {
  onPre<Triplet>(p, source, first, end, targets, weights, t);
}

function postTriplet(p: Triplet, target: u32, weights: usize, t: f64): void {
  onPost<Triplet>(p, target, weights, t);
}

function preInhibitory(p: Inhibitory, source: u32, first: u32, end: u32, targets: usize, weights: usize, t: f64): void {
  onPre<Inhibitory>(p, source, first, end, targets, weights, t);
}

function postInhibitory(p: Inhibitory, target: u32, weights: usize, t: f64): void {
  onPost<Inhibitory>(p, target, weights, t);
}

/** A spike of `source` at time t: its row [first, end) of synapses is depressed by the targets' traces. */
// @ts-ignore: decorator
@inline function onPre<R>(p: R, source: u32, first: u32, end: u32, targets: usize, weights: usize, t: f64): void {
  const at = (<usize>source) << 3;
  const since = t - load<f64>(p.preTime + at);
  const fast = decayed(load<f64>(p.pre + at), since, p.tauPlus);
  const slow = p.hasSlow() ? decayed(load<f64>(p.preSlow + at), since, p.tauX) : 0;
  if (p.learning) {
    const trace = p.post, time = p.postTime;
    const tau = p.tauMinus, least = p.least, most = p.most;
    for (let j = first; j < end; j++) {
      const target = (<usize>load<u32>(targets + ((<usize>j) << 2))) << 3;
      const after = decayed(load<f64>(trace + target), t - load<f64>(time + target), tau);
      const address = weights + ((<usize>j) << 3);
      const w = load<f64>(address);
      store<f64>(address, bounded(w + p.atPre(w, after, slow), least, most));
    }
  }
  // The own spike counts after the change: a triplet rule looks at the earlier ones.
  store<f64>(p.pre + at, p.nearest ? 1 : fast + 1);
  if (p.hasSlow()) store<f64>(p.preSlow + at, slow + 1);
  store<f64>(p.preTime + at, t);
}

/** A spike of target `number` at time t: its incoming synapses are potentiated by the sources' traces. */
// @ts-ignore: decorator
@inline function onPost<R>(p: R, number: u32, weights: usize, t: f64): void {
  const target = <usize>number;
  const at = target << 3;
  const since = t - load<f64>(p.postTime + at);
  const fast = decayed(load<f64>(p.post + at), since, p.tauMinus);
  const slow = p.hasSlow() ? decayed(load<f64>(p.postSlow + at), since, p.tauY) : 0;
  if (p.learning) {
    const incoming = p.incoming, sources = p.sources;
    const trace = p.pre, time = p.preTime;
    const tau = p.tauPlus, least = p.least, most = p.most;
    const end = load<u32>(p.incomingRows + (target << 2), 4);
    for (let i = load<u32>(p.incomingRows + (target << 2)); i < end; i++) {
      const synapse = <usize>load<u32>(incoming + ((<usize>i) << 2));
      const source = (<usize>load<u32>(sources + ((<usize>i) << 2))) << 3;
      const before = decayed(load<f64>(trace + source), t - load<f64>(time + source), tau);
      const address = weights + (synapse << 3);
      const w = load<f64>(address);
      store<f64>(address, bounded(w + p.atPost(w, before, slow), least, most));
    }
  }
  store<f64>(p.post + at, p.nearest ? 1 : fast + 1);
  if (p.hasSlow()) store<f64>(p.postSlow + at, slow + 1);
  store<f64>(p.postTime + at, t);
}

/**
 * Synaptic scaling (Turrigiano et al. 1998; van Rossum, Bi & Turrigiano 2000): at the end of each interval the weights
 * onto a target are multiplied by 1 + rate (goal - r)/goal, or by 0 where that is negative; r counts the target's
 * spikes in the interval.
 */
export function homeostasis(p: Plasticity, weights: usize, step: f64): void {
  const done = step + 1;
  if (done - floor(done / p.scalingSteps) * p.scalingSteps != 0) return;
  for (let target: usize = 0; target < <usize>p.targetCount; target++) {
    const count = load<f64>(p.counts + (target << 3));
    store<f64>(p.counts + (target << 3), 0);
    if (!p.learning) continue;
    const factor = max(0, 1 + (p.scalingRate * (p.scalingGoal - count)) / p.scalingGoal);
    const end = load<u32>(p.incomingRows + (target << 2), 4);
    for (let i = load<u32>(p.incomingRows + (target << 2)); i < end; i++) {
      const address = weights + ((<usize>load<u32>(p.incoming + ((<usize>i) << 2))) << 3);
      store<f64>(address, bounded(load<f64>(address) * factor, p.least, p.most));
    }
  }
}

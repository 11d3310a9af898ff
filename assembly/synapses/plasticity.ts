/**
 * Weights that change: when the functions of a rule are called (src/lang/emitRule.ts makes them, of built-in rules and
 * of rules as text), and synaptic scaling. Both ends' spikes count at the time when they happen: the delay of a synapse
 * acts on the transmission, not on the rule. Where the delay is divided, they count when they reach the synapse: a
 * source's after the axonal part, a target's after the dendritic one. Within a step the sources' spikes come first.
 */
import { RulePack } from "../abi";
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
  sourceCount: u32;
  /** Synaptic scaling: every so many steps each target's weights are multiplied by 1 + rate (goal - r)/goal. */
  scalingSteps: f64;
  scalingLeast: f64;
  scalingMost: f64;
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
      callOnPre(p.onPre, p, source, load<u32>(at), load<u32>(at, 4), targets, weights, (step + 1) * dt);
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
  const t = (step + 1) * dt;
  for (let target: u32 = 0; target < p.targetCount; target++) {
    const address = column + ((<usize>target) << 3);
    for (let n = load<f64>(address); n > 0 && p.onPost != 0; n--) callOnPost(p.onPost, p, target, weights, t);
    store<f64>(address, 0);
  }
  note(column, from, to);
}

/** Spikes of targets listed at [from, to) (u32) in `step`, seen by what has them when they happen. */
export function whenFired(p: Plasticity, from: usize, to: usize, weights: usize, step: f64, dt: f64): void {
  if (p.counts) note(p.counts, from, to);
  if (p.onPost == 0 || p.dendritic > 0) return;
  for (let spike = from; spike < to; spike += 4) callOnPost(p.onPost, p, load<u32>(spike), weights, (step + 1) * dt);
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
      store<f64>(address, bounded(load<f64>(address) * factor, p.scalingLeast, p.scalingMost));
    }
  }
}

/**
 * Delivery of spikes along a projection. Synapses are stored by source (compressed rows); within a row they are sorted by
 * delay, then target, and cut into segments of equal delay, so that a segment is one run of additions into one column of
 * the receptor's ring. A synapse takes 2 bytes for its target (4 where the instance has more than 65,536 targets), 4 or 8 for a
 * weight of its own, and its share of a segment's 4.
 */
import { DELAY_BITS, DELAY_MASK, WEIGHTS } from "../abi";
import { exists } from "../memory";
import { Receptor } from "../receptors/receptor";
import { uniform } from "../random";
import { lapOf, timing } from "../stopwatch";
import { onPre, Plasticity } from "./plasticity";
import { Depression, release } from "./shortTerm";

/** Synapses that a segment may hold; further ones of the same delay need another segment. */
export const MOST_ALIKE: u32 = 4095;

// @ts-ignore: decorator
@inline export function segment(delay: u32, synapses: u32): u32 {
  return delay | (synapses << DELAY_BITS);
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
  /** A WEIGHTS. */
  weightKind: i32;
  /** Common delay in steps; 0 when the rows have segments. */
  delay: i32;
  /** The common weight, or the column of weights. */
  weight: f64;
  weights: usize;
  /** First segment of each source (u32), and the segments (u32). */
  segmentRows: usize;
  segments: usize;
  /** Short-term plasticity, by source; spike-timing dependent plasticity (with u32 targets and f64 weights). */
  shortTerm: Depression;
  plasticity: Plasticity;
  /** Probability that a synapse transmits a spike; its random stream; the number of the first target in its population. */
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
 * Delivers the spikes listed at [from, to) (u32 indices of sources, ascending), which happened in step `step`; since that
 * step began the rings have turned `lag` times.
 */
export function deliver(p: Projection, from: usize, to: usize, step: f64, dt: f64, lag: i32): void {
  if (exists(p.shortTerm) || p.probability < 1 || exists(p.plasticity)) {
    deliverChanging(p, from, to, step, dt, lag);
  } else if (p.wide) {
    if (p.weightKind == WEIGHTS.common) deliverStatic<u32, i32>(p, from, to, lag);
    else if (p.weightKind == WEIGHTS.float32) deliverStatic<u32, f32>(p, from, to, lag);
    else deliverStatic<u32, f64>(p, from, to, lag);
  } else {
    if (p.weightKind == WEIGHTS.common) deliverStatic<u16, i32>(p, from, to, lag);
    else if (p.weightKind == WEIGHTS.float32) deliverStatic<u16, f32>(p, from, to, lag);
    else deliverStatic<u16, f64>(p, from, to, lag);
  }
}

/** The ring's column for a spike with a delay of d steps, counted from the present slot. */
// @ts-ignore: decorator
@inline function slotOf(r: Receptor, d: i32): usize {
  let slot = r.slot + d;
  if (slot >= r.slots) slot -= r.slots;
  return r.ring + <usize>slot * r.slotBytes;
}

/* Static synapses. I is the type of a target's index; W that of a weight of its own, i32 stands for a common weight. */

function deliverStatic<I, W>(p: Projection, from: usize, to: usize, lag: i32): void {
  const receptor = p.receptor;
  for (let spike = from; spike < to; spike += 4) {
    const at = (<usize>load<u32>(spike)) << 2;
    const first = <usize>load<u32>(p.rows + at);
    let t = p.targets + first * sizeof<I>();
    let w = isFloat<W>() ? p.weights + first * sizeof<W>() : 0;
    if (p.delay > 0) {
      const n = <usize>load<u32>(p.rows + at, 4) - first;
      scatter<I, W>(slotOf(receptor, p.delay - lag), t, w, n, p.weight);
    } else {
      let s = p.segments + ((<usize>load<u32>(p.segmentRows + at)) << 2);
      const last = p.segments + ((<usize>load<u32>(p.segmentRows + at, 4)) << 2);
      for (; s < last; s += 4) {
        const entry = load<u32>(s);
        const n = <usize>(entry >> DELAY_BITS);
        scatter<I, W>(slotOf(receptor, <i32>(entry & DELAY_MASK) - lag), t, w, n, p.weight);
        t += n * sizeof<I>();
        if (isFloat<W>()) w += n * sizeof<W>();
      }
    }
  }
}

/** ring[targets[j]] += weights[j] for n synapses. */
// @ts-ignore: decorator
@inline function scatter<I, W>(ring: usize, t: usize, w: usize, n: usize, common: f64): void {
  const last = t + n * sizeof<I>();
  const unrolled = last - (n & 3) * sizeof<I>();
  while (t < unrolled) {
    bump<I, W>(ring, t, w, common, 0);
    bump<I, W>(ring, t, w, common, 1);
    bump<I, W>(ring, t, w, common, 2);
    bump<I, W>(ring, t, w, common, 3);
    t += 4 * sizeof<I>();
    if (isFloat<W>()) w += 4 * sizeof<W>();
  }
  while (t < last) {
    bump<I, W>(ring, t, w, common, 0);
    t += sizeof<I>();
    if (isFloat<W>()) w += sizeof<W>();
  }
}

/** One synapse, number k from here. */
// @ts-ignore: decorator
@inline function bump<I, W>(ring: usize, t: usize, w: usize, common: f64, k: usize): void {
  const address = ring + ((<usize>load<I>(t + k * sizeof<I>())) << 3);
  const weight: f64 = isFloat<W>() ? <f64>load<W>(w + k * sizeof<W>()) : common;
  store<f64>(address, load<f64>(address) + weight);
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
    const factor = exists(p.shortTerm) ? release(p.shortTerm, source, (step + 1) * dt) : 1.0;
    if (p.delay > 0) {
      transmit(p, p.delay, lag, first, end, factor, source, repeat, step);
    } else {
      let synapse = first;
      let s = p.segments + ((<usize>load<u32>(p.segmentRows + at)) << 2);
      const last = p.segments + ((<usize>load<u32>(p.segmentRows + at, 4)) << 2);
      for (; s < last; s += 4) {
        const entry = load<u32>(s);
        const until = synapse + (entry >> DELAY_BITS);
        transmit(p, <i32>(entry & DELAY_MASK), lag, synapse, until, factor, source, repeat, step);
        synapse = until;
      }
    }
    if (exists(p.plasticity) && p.plasticity.axonal == 0) {
      if (timing()) p.deliveryTime += lapOf(<f64>(end - first));
      onPre(p.plasticity, source, first, end, p.targets, p.weights, step * dt);
      if (timing()) p.plasticityTime += lapOf(<f64>(end - first));
    }
  }
}

/** The synapses [first, end) of a source transmit, with what short-term plasticity and chance leave of their weights. */
function transmit(
  p: Projection, delay: i32, lag: i32, first: u32, end: u32, factor: f64, source: u32, repeat: u32, step: f64,
): void {
  const ring = slotOf(p.receptor, delay - lag);
  const base = mix(mix(mix(p.stream, source), <u32>delay), repeat);
  let before: u32 = 0xffffffff;
  let twin: u32 = 0;
  for (let j = first; j < end; j++) {
    const target = p.wide ? load<u32>(p.targets + ((<usize>j) << 2)) : <u32>load<u16>(p.targets + ((<usize>j) << 1));
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

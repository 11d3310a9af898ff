/**
 * Delivery of spikes along a projection. Synapses are stored by source (compressed rows); within a row they are sorted by
 * delay, then target, and cut into segments of equal delay, so that a segment is one run of additions into one column of
 * the receptor's ring.
 */
import { exists } from "../memory";
import { Receptor } from "../receptors/receptor";
import { uniform } from "../random";
import { onPre, Plasticity } from "./plasticity";
import { Depression, release } from "./shortTerm";

/** How the weights are stored. */
export const COMMON: i32 = 0;
export const FLOAT32: i32 = 1;
export const FLOAT64: i32 = 2;

@unmanaged
export class Projection {
  next: Projection;
  receptor: Receptor;
  /** First synapse of each source; `sources` + 1 entries (u32). */
  rows: usize;
  /** Target neuron of each synapse (u32). */
  targets: usize;
  weightKind: i32;
  /** Common delay in steps; 0 when the rows have segments. */
  delay: i32;
  /** The common weight, or the column of weights. */
  weight: f64;
  weights: usize;
  /** First segment of each source (u32), and per segment its delay in steps and the index behind its last synapse (u32). */
  segmentRows: usize;
  segments: usize;
  /** Short-term plasticity, by source; spike-timing dependent plasticity. */
  shortTerm: Depression;
  plasticity: Plasticity;
  /** Probability that a synapse transmits a spike; its random stream. */
  probability: f64;
  stream: u32;
  seedLow: u32;
  seedHigh: u32;
}

/** Delivers the spikes listed at [from, to) (u32 indices of sources, ascending), which happened in step `step`. */
export function deliver(p: Projection, from: usize, to: usize, step: f64, dt: f64): void {
  const receptor = p.receptor;
  const plain = !exists(p.shortTerm) && p.probability >= 1;
  let before: u32 = 0xffffffff;
  let repeat: u32 = 0;
  for (let spike = from; spike < to; spike += 4) {
    const source = load<u32>(spike);
    // A source population may fire several times in a step; each spike is released on its own.
    repeat = source == before ? repeat + 1 : 0;
    before = source;
    const stream = p.stream + repeat * 0x9e3779b9;
    const row = p.rows + ((<usize>source) << 2);
    const first = load<u32>(row);
    const end = load<u32>(row, 4);
    const factor = plain || !exists(p.shortTerm) ? 1.0 : release(p.shortTerm, source, (step + 1) * dt);
    if (p.delay > 0) {
      transmit(p, slotOf(receptor, p.delay), first, end, plain, factor, stream, step);
    } else {
      const at = (<usize>source) << 2;
      let synapse = first;
      let segment = p.segments + ((<usize>load<u32>(p.segmentRows + at)) << 3);
      const last = p.segments + ((<usize>load<u32>(p.segmentRows + at, 4)) << 3);
      for (; segment < last; segment += 8) {
        const until = load<u32>(segment, 4);
        transmit(p, slotOf(receptor, load<u32>(segment)), synapse, until, plain, factor, stream, step);
        synapse = until;
      }
    }
    if (exists(p.plasticity)) onPre(p.plasticity, source, first, end, p.targets, p.weights, step * dt);
  }
}

// @ts-ignore: decorator
@inline function transmit(
  p: Projection, ring: usize, first: u32, end: u32, plain: bool, factor: f64, stream: u32, step: f64,
): void {
  if (plain) scatter(p, ring, first, end);
  else scatterReleased(p, ring, first, end, factor, stream, step);
}

/** The weight of synapse j. */
// @ts-ignore: decorator
@inline function weightOf(p: Projection, j: u32): f64 {
  if (p.weightKind == COMMON) return p.weight;
  if (p.weightKind == FLOAT32) return load<f32>(p.weights + ((<usize>j) << 2));
  return load<f64>(p.weights + ((<usize>j) << 3));
}

/** As scatter, with what short-term plasticity and chance leave of the weight. */
function scatterReleased(
  p: Projection, ring: usize, first: u32, end: u32, factor: f64, stream: u32, step: f64,
): void {
  for (let j = first; j < end; j++) {
    // Keyed by synapse and step: what a synapse does depends on no other one.
    if (p.probability < 1 && uniform(j, p.seedLow, p.seedHigh, stream, step) >= p.probability) continue;
    bump(ring, p.targets + ((<usize>j) << 2), factor * weightOf(p, j));
  }
}

/** The ring's column for a spike of this step with a delay of d steps, 1 <= d <= slots. */
// @ts-ignore: decorator
@inline function slotOf(r: Receptor, d: i32): usize {
  let slot = r.slot + d;
  if (slot >= r.slots) slot -= r.slots;
  return r.ring + <usize>slot * r.slotBytes;
}

// @ts-ignore: decorator
@inline function bump(ring: usize, target: usize, w: f64): void {
  const address = ring + ((<usize>load<u32>(target)) << 3);
  store<f64>(address, load<f64>(address) + w);
}

/** ring[targets[j]] += weight[j] for j in [first, end). */
function scatter(p: Projection, ring: usize, first: u32, end: u32): void {
  let t = p.targets + ((<usize>first) << 2);
  const last = p.targets + ((<usize>end) << 2);
  const unrolled = last - ((<usize>(end - first) & 3) << 2);
  if (p.weightKind == COMMON) {
    const w = p.weight;
    for (; t < unrolled; t += 16) {
      bump(ring, t, w);
      bump(ring, t + 4, w);
      bump(ring, t + 8, w);
      bump(ring, t + 12, w);
    }
    for (; t < last; t += 4) bump(ring, t, w);
  } else if (p.weightKind == FLOAT32) {
    let w = p.weights + ((<usize>first) << 2);
    for (; t < unrolled; t += 16, w += 16) {
      bump(ring, t, load<f32>(w));
      bump(ring, t + 4, load<f32>(w, 4));
      bump(ring, t + 8, load<f32>(w, 8));
      bump(ring, t + 12, load<f32>(w, 12));
    }
    for (; t < last; t += 4, w += 4) bump(ring, t, load<f32>(w));
  } else {
    let w = p.weights + ((<usize>first) << 3);
    for (; t < last; t += 4, w += 8) bump(ring, t, load<f64>(w));
  }
}

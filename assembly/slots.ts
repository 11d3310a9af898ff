/**
 * The slots of a network: what is called by its index in the function table. Kernels of the core and those of modules
 * that come later (src/core/kernels.ts) go in by the same door, and are called here only, so that each slot has one
 * signature; an index of another one traps. Calls are made per block of neurons, per row of synapses or per step, never
 * per synapse.
 */
import { Pack, ReceptorPack, RulePack } from "./abi";

/** Step of a population, or the value of an expression: for the neurons [first, first + count) of the Pack. */
// @ts-ignore: decorator
@inline export function callStep(slot: i32, k: Pack): void {
  call_indirect<void>(slot, k);
}

/**
 * Touch of a population that is advanced by events, for neuron n in step `k.now`: brings it to the step's end with what
 * arrives in it, with threshold and reset. Answers a WATCH.
 */
// @ts-ignore: decorator
@inline export function callTouch(slot: i32, k: Pack, n: i32): i32 {
  return call_indirect<i32>(slot, k, n);
}

/** Takes neuron n of such a population as its columns are, at the start of step `k.now`. */
// @ts-ignore: decorator
@inline export function callBegin(slot: i32, k: Pack, n: i32): void {
  call_indirect<void>(slot, k, n);
}

/** Brings neuron n, and its columns, to the start of step `k.now`, which it reaches without a spike. */
// @ts-ignore: decorator
@inline export function callSettle(slot: i32, k: Pack, n: i32): void {
  call_indirect<void>(slot, k, n);
}

/** Writes all states of neuron n, then those of the receptors, as `callSettle` would leave them, to `into`. */
// @ts-ignore: decorator
@inline export function callLook(slot: i32, k: Pack, n: i32, into: usize): void {
  call_indirect<void>(slot, k, n, into);
}

/**
 * Receive of a receptor, for a block of the population: adds its current at the times of `stages` (bits of STAGE) to
 * I0, I1 and I2 (a conductance to G0, G1 and G2 as well, unless `folds` says that I0 takes I - G v), brings its states
 * to the end of the step and takes in the column of weights that arrive then, for the block's first neuron on, which it
 * leaves at zero. `arriving` is 0 where nothing can. P, NOISE and the columns from OWN on are free.
 */
// @ts-ignore: decorator
@inline export function callReceive(
  slot: i32,
  r: ReceptorPack,
  k: Pack,
  arriving: usize,
  stages: i32,
  folds: bool,
): void {
  call_indirect<void>(slot, r, k, arriving, stages, folds);
}

/**
 * Output of a receptor, for a block of the population: writes the conductance or the current of its present state to
 * `into`, the column's place of the block's first neuron. Its other numbers are 0.
 */
// @ts-ignore: decorator
@inline export function callOutput(slot: i32, r: ReceptorPack, k: Pack, into: usize): void {
  call_indirect<void>(slot, r, k, into, 0, false);
}

/**
 * On-pre of a projection: a spike of `source` (its number in the whole population) reaches its row of synapses [first,
 * end) at time t, after they have transmitted it. `targets` (u32) and `weights` (f64) are the columns of all synapses.
 */
// @ts-ignore: decorator
@inline export function callOnPre(
  slot: i32, p: RulePack, source: u32, first: u32, end: u32, targets: usize, weights: usize, t: f64,
): void {
  call_indirect<void>(slot, p, source, first, end, targets, weights, t);
}

/**
 * On-post of a projection: a spike of `target` reaches its incoming synapses at time t, after all sources of the step.
 */
// @ts-ignore: decorator
@inline export function callOnPost(slot: i32, p: RulePack, target: u32, weights: usize, t: f64): void {
  call_indirect<void>(slot, p, target, weights, t);
}

/** Per-step work of a projection, at the end of step number `step`. */
// @ts-ignore: decorator
@inline export function callEveryStep(slot: i32, p: RulePack, weights: usize, step: f64): void {
  call_indirect<void>(slot, p, weights, step);
}

/** The gates of a table (integrators/rateTable.ts): a and b of gate j at the potential v, to PAIRS + 16 j. */
// @ts-ignore: decorator
@inline export function callPairs(slot: i32, k: Pack, v: f64): void {
  call_indirect<void>(slot, k, v);
}

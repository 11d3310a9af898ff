/**
 * What a kernel gets: one pointer to a Pack. The host lays the memory out through the functions of network.ts; kernels
 * allocate nothing and call nobody back. A Pack belongs to one population; the time loop sets its first three fields
 * before each call and the kernel advances that block of neurons by one step.
 */

/** Neurons per block: its scratch columns (2 kB each) stay in the L1 cache while every phase of a step works on them. */
export const BLOCK: i32 = 256;

/** Populations are padded to a multiple of this: the number of neurons that one call of the random generator serves. */
export const PADDING: i32 = 16;

@unmanaged
export class Pack {
  /** Index of the block's first neuron. */
  first: i32;
  /** Neurons in the block, a multiple of PADDING; those at or beyond `size` are padding and must never spike. */
  count: i32;
  /** Index k of the step that covers (k dt, (k+1) dt]; an integer. */
  now: f64;
  dt: f64;

  size: i32;
  /** First parameter block: the lanes of the model's parameters and coefficients (generated/fields.ts). */
  params: usize;
  /** Bytes from one vector's parameter block to the next; 0 when all neurons share one. */
  stride: usize;

  /** Columns of the states, in the order of the model's record. */
  x0: usize;
  x1: usize;
  x2: usize;
  x3: usize;
  /** Models with a reset: index of the last step in which v is held at its reset value. */
  until: usize;
  /** Membrane models: mask, set where the next crossing of the threshold is a spike. */
  armed: usize;
  /** v outside [lowest, highest] is a runaway. */
  lowest: f64;
  highest: f64;

  /** Table of the gates' rates (integrators/rateTable.ts), 0 where they are evaluated, and the voltage of its first row. */
  rates: usize;
  firstRow: f64;

  /** Jumps of v that arrive in this step (scratch column, or zeros). */
  jumps: usize;

  /** Where the next spike's neuron index (u32) goes. */
  log: usize;
  /** Where the next spike's position within the step (f64 in (0, 1]) goes; 0 when nobody asks for it. */
  fractions: usize;
}

// @ts-ignore: decorator
@inline const COLUMN: usize = 2048; // BLOCK * 8

/*
 * Scratch columns of the block in work, at addresses known to the compiler: a load from them costs no pointer.
 * They hold nothing from one block to the next.
 */
/** Current at the start, the middle and the end of the step (what a method's stages see). */
export const I0: usize = memory.data(2048, 16);
export const I1: usize = memory.data(2048, 16);
export const I2: usize = memory.data(2048, 16);
/** The background at the start of the step, where the receptors' pass writes I0. */
export const BASE: usize = memory.data(2048, 16);
/** Synaptic conductance at the same times; the current is I - G v. */
export const G0: usize = memory.data(2048, 16);
export const G1: usize = memory.data(2048, 16);
export const G2: usize = memory.data(2048, 16);
/** Arguments, then values, of the exponentials in a model's equations. */
export const P: usize = memory.data(2048, 16);
export const Q: usize = memory.data(2048, 16);
/** Stage states, slopes and sums of the methods that need them: four columns each. */
export const STAGE: usize = memory.data(8192, 16);
export const SLOPE: usize = memory.data(8192, 16);
export const SUM: usize = memory.data(8192, 16);
/** v before the step where there are events: for the guard's report and the interpolation of spike times. */
export const BEFORE: usize = memory.data(2048, 16);
/** Sum of the jumps that arrive in this step, and a column of zeros for populations that get none. */
export const JUMPS: usize = memory.data(2048, 16);
export const ZEROS: usize = memory.data(2048, 16);
/** Event bits (u8) of a group of neurons, at the place of its first neuron (integrators/step.ts). */
export const EVENTS: usize = memory.data(256, 16);
/** Random numbers of the block. */
export const NOISE: usize = memory.data(2048, 16);

/** Address of column j of a group of four. */
// @ts-ignore: decorator
@inline export function column(base: usize, j: i32): usize {
  return base + <usize>j * COLUMN;
}

/*
 * Marker types of kernel variants (the third type argument of a kernel):
 * one parameter block for all neurons, without and with synaptic conductances; or one parameter block per vector.
 */
export type Uniform = i32;
export type UniformConductance = i64;
export type PerNeuron = f64;

// @ts-ignore: decorator
@inline export function conducts<V>(): bool {
  return sizeof<V>() == 8;
}

/** Parameter block of the vector that starts at byte i of the block's columns. */
// @ts-ignore: decorator
@inline export function block<T, V>(k: Pack, i: usize): usize {
  if (isInteger<V>()) return k.params;
  return k.params + ((<usize>k.first + (i >> 3)) >> (isVector<T>() ? 1 : 0)) * k.stride;
}

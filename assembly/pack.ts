/** How kernels read a Pack (abi.ts): its parameters, by variant, and scratch columns in groups of four. */
import { Pack } from "./abi";

// @ts-ignore: decorator
@inline const COLUMN_BYTES: usize = 2048; // BLOCK * 8

/** Address of column j of a group of four. */
// @ts-ignore: decorator
@inline export function column(base: usize, j: i32): usize {
  return base + <usize>j * COLUMN_BYTES;
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

/** Random numbers of a population's neurons in the present step, for kernels that come later. */
import { Pack } from "./abi";
import { gaussian, gaussianBlock, uniform, uniformBlock } from "./random";

/** A standard normal number of neuron n. */
export function normalOf(k: Pack, stream: u32, n: i32): f64 {
  return gaussian(k.offset + n, k.seedLow, k.seedHigh, stream, k.now);
}

/** A uniform number of neuron n, in (0, 1). */
export function uniformOf(k: Pack, stream: u32, n: i32): f64 {
  return uniform(k.offset + n, k.seedLow, k.seedHigh, stream, k.now);
}

/** `normalOf` of the block's neurons into the column at `out`. */
export function normalsOf(k: Pack, stream: u32, out: usize): void {
  gaussianBlock(out, k.offset + k.first, k.count, k.seedLow, k.seedHigh, stream, k.now);
}

/** `uniformOf` of the block's neurons into the column at `out`. */
export function uniformsOf(k: Pack, stream: u32, out: usize): void {
  uniformBlock(out, k.offset + k.first, k.count, k.seedLow, k.seedHigh, stream, k.now);
}

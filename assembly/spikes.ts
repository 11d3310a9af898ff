/** The spike log: what a kernel writes. */
import { Pack } from "./abi";

/** Writes a spike of neuron n to the log, with its place in the step, in (0, 1], where somebody asks for it. */
// @ts-ignore: decorator
@inline export function logSpike(k: Pack, n: i32, fraction: f64): void {
  store<u32>(k.log, n);
  k.log += 4;
  if (k.fractions) {
    store<f64>(k.fractions, fraction);
    k.fractions += 8;
  }
}

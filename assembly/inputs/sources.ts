/**
 * Source populations: neurons that fire without being driven. Their kernels have the signature of every other kernel and
 * write spikes to the same log.
 */
import { NOISE } from "../abi";
import { Background } from "./background";
import { exists } from "../memory";
import { network, Population } from "../network";
import { poisson, poissonBlock } from "../random";
import { logSpike } from "../spikes";

/**
 * Independent Poisson trains: the number of spikes of a neuron in a step is a Poisson count, so the rate may exceed one
 * spike per step. The mean per step is a (column or common) times the shape of the population's only background entry.
 */
export function poissonSource(k: Population): void {
  const source = k.backgrounds;
  if (!exists(source)) return;
  const column = source.aColumn;
  if (!column) poissonBlock(NOISE, k.offset + k.first, k.count, network.seedLow, network.seedHigh, source.stream, k.now, source.a * source.s0);
  const last = min(k.first + k.count, k.size);
  for (let n = k.first; n < last; n++) {
    const count = <i32>(column
      ? poisson(k.offset + n, network.seedLow, network.seedHigh, source.stream, k.now, load<f64>(column + ((<usize>n) << 3)) * source.s0)
      : load<f64>(NOISE + ((<usize>(n - k.first)) << 3)));
    for (let c = 0; c < count && k.log < k.logEnd; c++) logSpike(k, n, 1);
  }
}

/**
 * Given spikes: a table of steps (f64) and one of neurons (u32), sorted by step, then neuron. The cursor is found by
 * bisection at each block, so that nothing needs to be kept between steps.
 */
export function spikeTrainSource(k: Population): void {
  const source = k.backgrounds;
  if (!exists(source) || k.first != 0) return;
  let low = 0;
  let high = source.rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(source.table + ((<usize>middle) << 3)) < k.now) low = middle + 1;
    else high = middle;
  }
  const neurons = source.bColumn;
  for (; low < source.rows && load<f64>(source.table + ((<usize>low) << 3)) == k.now && k.log < k.logEnd; low++) {
    logSpike(k, load<u32>(neurons + ((<usize>low) << 2)), 1);
  }
}

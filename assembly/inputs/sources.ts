/**
 * Source populations: neurons that fire without being driven. Their kernels have the signature of every other kernel
 * and write spikes to the same log, of all neurons in one call.
 */
import { BLOCK, NOISE } from "../abi";
import { Background } from "./background";
import { exists } from "../memory";
import { network, Population } from "../network";
import { poissonBlock } from "../random";
import { logSpike } from "../spikes";
import { findEvents, isDense, nextEvent, NOBODY } from "./poisson";

/**
 * Independent Poisson trains: the number of spikes of a neuron in a step is a Poisson count, so the rate may exceed one
 * spike per step. The mean per step is a (column or common) times the shape of the population's only background entry.
 */
export function poissonSource(k: Population): void {
  const source = k.backgrounds;
  if (!exists(source)) return;
  if (isDense(source)) {
    for (let first = 0; first < k.padded; first += BLOCK) {
      const count = min(BLOCK, k.padded - first);
      const mean = source.a * source.s0;
      poissonBlock(NOISE, k.offset + first, count, network.seedLow, network.seedHigh, source.stream, k.now, mean);
      const last = min(first + count, k.size);
      for (let n = first; n < last; n++) {
        const spikes = <i32>load<f64>(NOISE + ((<usize>(n - first)) << 3));
        for (let c = 0; c < spikes && k.log < k.logEnd; c++) logSpike(k, n, 1);
      }
    }
  } else {
    findEvents(source, k.size, k.offset, k.now, network.seedLow, network.seedHigh, true);
    for (let n = nextEvent(); n != NOBODY && k.log < k.logEnd; n = nextEvent()) logSpike(k, n - k.offset, 1);
  }
}

/** An event of another population: that population's kernel writes the log. */
export function eventSource(_k: Population): void {
  // nothing of its own
}

/**
 * Given spikes: a table of steps (f64) and one of neurons (u32), sorted by step, then neuron. The cursor is found by
 * bisection in each step, so that nothing needs to be kept between steps.
 */
export function spikeTrainSource(k: Population): void {
  const source = k.backgrounds;
  if (!exists(source)) return;
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

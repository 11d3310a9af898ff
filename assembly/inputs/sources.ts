/**
 * Source populations: neurons that fire without being driven. Their kernels have the signature of every other kernel
 * and write spikes to the same log, of all neurons in one call.
 */
import { BACKGROUND, BLOCK, INTERVALS_OF, NOISE, SOURCE } from "../abi";
import { Background, middleColumn } from "./background";
import { gamma } from "../draws";
import { log, exp } from "../math";
import { exists } from "../memory";
import { network, Population } from "../network";
import {
  poisson, poissonBlock, streamExponential, streamGaussian, streamSeek, streamStart, streamUniform,
} from "../random";
import { logSpike } from "../spikes";
import { findEvents, isDense, nextEvent, NOBODY } from "./poisson";

/**
 * Independent Poisson trains: the number of spikes of a neuron in a step is a Poisson count, so the rate may exceed one
 * spike per step. The mean per step is a (column or common) times the shape of the population's only background entry.
 * An expression gives the rates in Hz, of which a makes means; they are those of the middle of the step.
 */
export function poissonSource(k: Population): void {
  const source = k.backgrounds;
  if (!exists(source)) return;
  if (source.kind == BACKGROUND.expression) {
    if (source.differs) {
      source.aColumn = middleColumn(source, k.padded, k.now, network.seedLow, network.seedHigh);
      source.classified = false;
      source.s0 = source.a;
    } else {
      source.s0 = source.s1;
    }
  }
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

/** Purposes of the sequences that sources draw from. */
const INTERVAL: u32 = 1;
const COPY: u32 = 2;
/** Blocks of random numbers that an interval may take: one needs a few. */
const BLOCKS: u64 = 64;

/**
 * Interval number `index` of a renewal train, in steps: its numbers depend on the neuron and on `index` alone. The
 * entry's a is the rate per step, b the shape (gamma), the coefficient of variation (lognormal) or the dead time in
 * steps (refractory), p0 the distribution. `begins`: the time to the first spike of a train that is under way, a share
 * of an interval that is met with a chance in proportion to its length.
 */
function intervalOf(source: Background, n: i32, neuron: u32, index: f64, begins: bool): f64 {
  const place = (<usize>n) << 3;
  const rate = source.aColumn ? load<f64>(source.aColumn + place) : source.a;
  const form = source.bColumn ? load<f64>(source.bColumn + place) : source.b;
  if (!(rate > 0)) return Infinity;
  const mean = 1 / rate;
  streamStart(network.seedLow, network.seedHigh, source.stream, neuron, INTERVAL);
  streamSeek(<u64>index * BLOCKS);
  const share = begins ? streamUniform() : 1.0;
  switch (<i32>source.p0) {
    case INTERVALS_OF.gamma:
      return share * gamma(begins ? form + 1 : form) * (mean / form);
    case INTERVALS_OF.lognormal: {
      const variance = log(1 + form * form);
      const middle = log(mean) + (begins ? 0.5 : -0.5) * variance;
      return share * exp(middle + sqrt(variance) * streamGaussian());
    }
    default: {
      const free = mean - form;
      let time = streamExponential();
      // of intervals that are met the dead time is as long, the other part is so in the mean or twice that
      if (begins && streamUniform() * mean >= form) time += streamExponential();
      return share * (form + free * time);
    }
  }
}

/**
 * Renewal trains: the intervals of a neuron are independent. At `table` each neuron has the time of its next spike and
 * the number of intervals drawn for it so far (f64), in steps from the start of the simulation.
 */
export function renewalSource(k: Population): void {
  const source = k.backgrounds;
  if (!exists(source)) return;
  const end = k.now + 1;
  for (let n = 0; n < k.size; n++) {
    const place = source.table + ((<usize>n) << 4);
    let next = load<f64>(place);
    if (next > end) continue;
    let drawn = load<f64>(place, 8);
    // what the log has no room for comes in the next step
    while (next <= end && k.log < k.logEnd) {
      logSpike(k, n, 1);
      next += intervalOf(source, n, k.offset + n, drawn, false);
      drawn += 1;
    }
    store<f64>(place, next);
    store<f64>(place, drawn, 8);
  }
}

/** A neuron that no population has: its numbers are those of the process that all have in common. */
const COMMON: u32 = 0x0fffffff;
/** Most spikes of the common process in a step. */
const MOST: i32 = 64;

/**
 * Poisson trains that share spikes of a common process (Kuhn, Aertsen and Rotter 2003). b is the mean of that process
 * in a step, a the mean of what each neuron has beside; p0 the chance that a neuron takes over a common spike, p1
 * the mean in steps of the delays with which it does. At `table` is a ring of rows with the spikes to come of all
 * neurons, a byte each.
 */
export function correlatedSource(k: Population): void {
  const source = k.backgrounds;
  if (!exists(source)) return;
  const low = network.seedLow;
  const high = network.seedHigh;
  const stream = source.stream;
  const width = <usize>k.padded;
  const now = <i32>(k.now - floor(k.now / <f64>source.rows) * <f64>source.rows);
  const count = min(MOST, <i32>poisson(COMMON, low, high, stream, k.now, source.b));
  for (let j = 0; j < count; j++) {
    for (let n = 0; n < k.size; n++) {
      streamStart(low, high, stream, k.offset + n, COPY);
      streamSeek((<u64>k.now * <u64>MOST + <u64>j));
      if (streamUniform() >= source.p0) continue;
      let row = now;
      if (source.p1 > 0) {
        row += <i32>min(floor(streamExponential() * source.p1), <f64>(source.rows - 1));
        if (row >= source.rows) row -= source.rows;
      }
      const place = source.table + <usize>row * width + <usize>n;
      const spikes = load<u8>(place);
      if (spikes < 255) store<u8>(place, spikes + 1);
    }
  }
  const row = source.table + <usize>now * width;
  if (source.a > 0) {
    findEvents(source, k.size, k.offset, k.now, low, high, true);
    for (let n = nextEvent(); n != NOBODY; n = nextEvent()) {
      const place = row + <usize>(n - k.offset);
      const spikes = load<u8>(place);
      if (spikes < 255) store<u8>(place, spikes + 1);
    }
  }
  for (let first: usize = 0; first < width; first += 8) {
    if (load<u64>(row + first) == 0) continue;
    for (let n = first; n < first + 8; n++) {
      const spikes = <i32>load<u8>(row + n);
      for (let c = 0; c < spikes && k.log < k.logEnd; c++) logSpike(k, <i32>n, 1);
    }
    store<u64>(row + first, 0);
  }
}

/** Lets the trains of a source begin at the present step: renewal trains are under way, common spikes are none yet. */
export function beginSource(k: Population, kind: i32): void {
  const source = k.backgrounds;
  if (!exists(source)) return;
  if (kind == SOURCE.correlated) memory.fill(source.table, 0, <usize>source.rows * <usize>k.padded);
  if (kind != SOURCE.renewal) return;
  for (let n = 0; n < k.size; n++) {
    const place = source.table + ((<usize>n) << 4);
    const drawn = network.step == 0 ? 0 : load<f64>(place, 8);
    store<f64>(place, network.step + intervalOf(source, n, k.offset + n, drawn, true));
    store<f64>(place, drawn + 1, 8);
  }
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

/** Bursts: groups of spikes at short intervals. */
import { interspikeIntervals } from "./intervals.js";
import { checkPositive, rangeError, type Spikes } from "./types.js";

/** What makes a burst. Times in ms. */
export interface BurstOptions {
  /** Longest interval with which a burst begins. */
  readonly maxStart: number;
  /** Longest interval within a burst, at least `maxStart`; `maxStart` when left out. */
  readonly maxInterval?: number;
  /** Shortest time between bursts: closer ones become one. 0 when left out. */
  readonly minGap?: number;
  /** Shortest burst; 0 when left out. */
  readonly minDuration?: number;
  /** Fewest spikes; 3 when left out, at least 2. */
  readonly minSpikes?: number;
  /** Least Poisson surprise, see `Burst`; 0 when left out. */
  readonly minSurprise?: number;
}

/** One burst of one neuron. */
export interface Burst {
  readonly neuron: number;
  /** Time of the first spike in ms. */
  readonly start: number;
  /** Time of the last spike in ms. */
  readonly end: number;
  /** Number of spikes. */
  readonly spikes: number;
  /**
   * Poisson surprise (Legendy and Salcman, J. Neurophysiol. 53:926, 1985): -ln P, where P is the chance that a Poisson
   * process of the neuron's mean rate has as many spikes or more in a time as long as the burst. NaN when the neuron's
   * spikes all fall on one time.
   */
  readonly surprise: number;
}

/** The bursts of a population. */
export interface Bursts {
  /** Neuron by neuron, each in order of time. */
  readonly bursts: readonly Burst[];
  /** Part of each neuron's spikes that belong to bursts; NaN for neurons without a spike. */
  readonly fraction: Float64Array;
}

/**
 * Finds bursts by the MaxInterval method (NeuroExplorer; Legendy and Salcman's surprise may be asked for in addition;
 * compared with other methods by Cotterill et al., J. Neurophysiol. 116:306, 2016): a burst begins with an interval of
 * at most `maxStart` and goes on while intervals are at most `maxInterval`. Bursts closer than `minGap` become one;
 * then those that are too short or have too few spikes are dropped.
 *
 * @param spikes spike train of one population
 * @param size number of neurons in the population
 * @throws ValueRangeError when a neuron index is not below `size` or an option is out of its range
 */
export function findBursts(spikes: Spikes, size: number, options: BurstOptions): Bursts {
  const { maxStart, maxInterval = maxStart, minGap = 0, minDuration = 0, minSpikes = 3, minSurprise = 0 } = options;
  checkPositive("maxStart", maxStart);
  if (!(maxInterval >= maxStart)) {
    throw rangeError("maxInterval", maxInterval, " ms", `at least maxStart, ${maxStart} ms`);
  }
  if (!(minGap >= 0)) throw rangeError("minGap", minGap, " ms", ">= 0 ms");
  if (!(minDuration >= 0)) throw rangeError("minDuration", minDuration, " ms", ">= 0 ms");
  if (!(minSpikes >= 2)) throw rangeError("minSpikes", minSpikes, "", ">= 2");
  if (!(minSurprise >= 0)) throw rangeError("minSurprise", minSurprise, "", ">= 0");
  // Times are sums of intervals here: all of them are needed, also those in which something may have been missed.
  const { intervals: all, offsets } = interspikeIntervals({ times: spikes.times, neurons: spikes.neurons }, size);
  const starts = new Float64Array(size).fill(Number.NaN);
  for (let i = spikes.times.length - 1; i >= 0; i--) starts[spikes.neurons[i] as number] = spikes.times[i] as number;

  const bursts: Burst[] = [];
  const fraction = new Float64Array(size).fill(Number.NaN);
  for (let neuron = 0; neuron < size; neuron++) {
    if (Number.isNaN(starts[neuron] as number)) continue;
    const intervals = all.subarray(offsets[neuron], offsets[neuron + 1]);
    const times = new Float64Array(intervals.length + 1).fill(starts[neuron] as number);
    for (let i = 0; i < intervals.length; i++) times[i + 1] = (times[i] as number) + (intervals[i] as number);
    const span = (times[intervals.length] as number) - (times[0] as number);
    let inside = 0;
    for (const { from, to } of joined(candidates(intervals, maxStart, maxInterval), times, minGap)) {
      const [start, end, count] = [times[from] as number, times[to] as number, to - from + 1];
      if (end - start < minDuration || count < minSpikes) continue;
      const surprise = poissonSurprise(count, ((end - start) * intervals.length) / span);
      if (minSurprise > 0 && !(surprise >= minSurprise)) continue;
      bursts.push({ neuron, start, end, spikes: count, surprise });
      inside += count;
    }
    fraction[neuron] = inside / times.length;
  }
  return { bursts, fraction };
}

/** Spikes from one to another, by their number within the neuron's train. */
interface Group {
  readonly from: number;
  readonly to: number;
}

/** Runs of short intervals. */
function candidates(intervals: Float64Array, maxStart: number, maxInterval: number): Group[] {
  const groups: Group[] = [];
  // Intervals are differences of times that are multiples of dt; one that is 10 ms but for rounding is 10 ms.
  const slack = 1 + 1e-9;
  let from = -1;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals[i] as number;
    if (interval <= (from < 0 ? maxStart : maxInterval) * slack) {
      if (from < 0) from = i;
    } else if (from >= 0) {
      groups.push({ from, to: i });
      from = -1;
    }
  }
  if (from >= 0) groups.push({ from, to: intervals.length });
  return groups;
}

/** Groups closer than `minGap` become one, with the spikes between them. */
function joined(groups: readonly Group[], times: Float64Array, minGap: number): Group[] {
  const out: Group[] = [];
  for (const group of groups) {
    const before = out.at(-1);
    const far = before === undefined || (times[group.from] as number) - (times[before.to] as number) >= minGap;
    if (far) out.push(group);
    else out[out.length - 1] = { from: before.from, to: group.to };
  }
  return out;
}

/** -ln of the chance of `count` events or more where `mean` are expected; NaN when the mean is undefined. */
function poissonSurprise(count: number, mean: number): number {
  if (Number.isNaN(mean)) return Number.NaN;
  // The first term in logarithms, the others relative to it; above the mean they fall off fast.
  let logFirst = -mean + count * Math.log(mean);
  for (let k = 2; k <= count; k++) logFirst -= Math.log(k);
  let sum = 1;
  for (let k = count + 1, term = 1; k < count + 10_000; k++) {
    term *= mean / k;
    sum += term;
    if (term < 1e-16 * sum) break;
  }
  return Math.max(0, -(logFirst + Math.log(sum)));
}

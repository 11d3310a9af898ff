/**
 * What was observed: of which neurons spikes are known, and over what time. Spikes alone do not say it, and every rate
 * is a number of spikes over a number of neurons and a time.
 */
import {
  type Observed,
  type ObservedGroup,
  type PopulationSpikes,
  rangeError,
  type Span,
  type Spikes,
} from "./types.js";

/**
 * What several observations of one population cover together.
 *
 * @param parts what each of them covers; neurons and times may overlap
 * @param size number of neurons in the population
 */
export function observedTogether(parts: Observed, size: number): Observed {
  const everywhere = parts.filter(({ neurons }) => neurons === undefined).flatMap(({ spans }) => spans);
  // Entries of the same spans first: then the classes below are as few as there are different times.
  const alike = new Map<string, ObservedGroup & { readonly lists: Uint32Array[] }>();
  for (const { neurons, spans } of parts) {
    if (neurons === undefined) continue;
    const key = spans.join(" ");
    const known = alike.get(key);
    if (known) known.lists.push(neurons);
    else alike.set(key, { spans, lists: [neurons] });
  }
  if (alike.size === 0) {
    const spans = joinedSpans(everywhere);
    return size > 0 && spans.length > 0 ? [{ spans }] : [];
  }
  // Neurons with the same entries are a class; each entry splits the classes that it meets.
  const classes: (readonly Span[])[] = [everywhere];
  const classOf = new Uint32Array(size);
  const met = new Uint32Array(size);
  let entry = 0;
  for (const { spans, lists } of alike.values()) {
    entry++;
    const split = new Map<number, number>();
    for (const neurons of lists) {
      for (const n of neurons) {
        if (met[n] === entry) continue;
        met[n] = entry;
        const old = classOf[n] as number;
        let own = split.get(old);
        if (own === undefined) {
          own = classes.push([...(classes[old] as readonly Span[]), ...spans]) - 1;
          split.set(old, own);
        }
        classOf[n] = own;
      }
    }
  }
  const count = new Uint32Array(classes.length);
  for (const c of classOf) count[c] = (count[c] as number) + 1;
  const members = Array.from(count, (length) => new Uint32Array(length));
  const filled = new Uint32Array(classes.length);
  for (let n = 0; n < size; n++) {
    const c = classOf[n] as number;
    const at = filled[c] as number;
    (members[c] as Uint32Array)[at] = n;
    filled[c] = at + 1;
  }
  // Different entries may come to the same times.
  const groups = new Map<string, { spans: readonly Span[]; members: Uint32Array[] }>();
  for (const [c, spans] of classes.entries()) {
    const own = members[c] as Uint32Array;
    const joined = joinedSpans(spans);
    if (own.length === 0 || joined.length === 0) continue;
    const key = joined.join(" ");
    const known = groups.get(key);
    if (known) known.members.push(own);
    else groups.set(key, { spans: joined, members: [own] });
  }
  return Array.from(groups.values(), (group): ObservedGroup => {
    const total = group.members.reduce((sum, { length }) => sum + length, 0);
    if (total === size) return { spans: group.spans };
    const neurons = new Uint32Array(total);
    let at = 0;
    for (const own of group.members) {
      neurons.set(own, at);
      at += own.length;
    }
    return { neurons: neurons.sort(), spans: group.spans };
  });
}

/** Spans in order, those that touch or overlap as one, those without length left out. */
function joinedSpans(spans: readonly Span[]): Span[] {
  const sorted = spans.filter(([from, to]) => to > from).sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = joined[joined.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** The part of an observation that lies between two times in ms; groups without any are left out. */
export function observedWithin(observed: Observed, start: number, end: number): Observed {
  return observed.flatMap(({ neurons, spans }) => {
    const cut = joinedSpans(spans.map(([from, to]): Span => [Math.max(from, start), Math.min(to, end)]));
    return cut.length === 0 ? [] : [{ ...(neurons && { neurons }), spans: cut }];
  });
}

/**
 * Observed time of all neurons together, in ms: what spikes are divided by for a rate.
 *
 * @param size number of neurons in the population
 * @param start start of the part that counts in ms
 * @param end its end in ms
 */
export function observedTime(observed: Observed | undefined, size: number, start: number, end: number): number {
  if (observed === undefined) return size * (end - start);
  let time = 0;
  for (const { neurons, spans } of observed) {
    let own = 0;
    for (const [from, to] of spans) own += Math.max(0, Math.min(to, end) - Math.max(from, start));
    time += own * (neurons?.length ?? size);
  }
  return time;
}

/** Number of neurons of which anything was observed. */
export function observedCount(observed: Observed | undefined, size: number): number {
  return observed === undefined ? size : observed.reduce((sum, { neurons }) => sum + (neurons?.length ?? size), 0);
}

/**
 * The observed neurons as a population of their own, numbered from 0 in the order of their indices, so that statistics
 * and figures are those of these neurons. A population that was observed wholly, or not at all, stays as it is.
 */
export function observedPopulation(population: PopulationSpikes): PopulationSpikes {
  const { size, spikes } = population;
  const { observed } = spikes;
  if (!observed || observed.length === 0 || observed.some(({ neurons }) => neurons === undefined)) return population;
  const chosen = new Uint32Array(observedCount(observed, size));
  let at = 0;
  for (const { neurons } of observed) {
    chosen.set(neurons as Uint32Array, at);
    at += (neurons as Uint32Array).length;
  }
  chosen.sort();
  const rank = new Uint32Array(size);
  for (let k = 0; k < chosen.length; k++) rank[chosen[k] as number] = k;
  return { ...population, size: chosen.length, spikes: renumbered(spikes, rank) };
}

/** The spikes with other numbers for the neurons: `numbers[n]` for neuron n, each number once. */
export function renumbered({ times, neurons, observed }: Spikes, numbers: Uint32Array): Spikes {
  const mapped = (list: Uint32Array): Uint32Array => list.map((neuron) => numbers[neuron] as number);
  if (observed === undefined) return { times, neurons: mapped(neurons) };
  const groups = observed.map((group) => (group.neurons ? { ...group, neurons: mapped(group.neurons).sort() } : group));
  return { times, neurons: mapped(neurons), observed: groups };
}

/** The longest span in which all observed neurons were observed; undefined where there is none. */
export function commonSpan(observed: Observed): Span | undefined {
  let common: readonly Span[] | undefined;
  for (const { spans } of observed) {
    const before: readonly Span[] | undefined = common;
    common = before === undefined ? spans : overlap(before, spans);
  }
  let longest: Span | undefined;
  for (const span of common ?? [])
    if (longest === undefined || span[1] - span[0] > longest[1] - longest[0]) longest = span;
  return longest;
}

function overlap(a: readonly Span[], b: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i] as Span, b[j] as Span];
    const span: Span = [Math.max(x[0], y[0]), Math.min(x[1], y[1])];
    if (span[1] > span[0]) out.push(span);
    if (x[1] < y[1]) i++;
    else j++;
  }
  return out;
}

/**
 * Neurons observed in each bin, as a mean over the bin.
 *
 * @param edges edges of the bins in ms
 */
export function observedInBins(observed: Observed | undefined, size: number, edges: Float64Array): Float64Array {
  const bins = edges.length - 1;
  const mean = new Float64Array(bins);
  if (observed === undefined) return mean.fill(size);
  // What each edge adds to the neurons from there on, and the parts of bins in which a span begins or ends.
  const [start, end] = [edges[0] as number, edges[bins] as number];
  const change = new Float64Array(bins + 1);
  const add = (from: number, sign: number): void => {
    if (from >= end) return;
    const k = binOf(edges, Math.max(from, start));
    const [left, right] = [edges[k] as number, edges[k + 1] as number];
    const part = (right - Math.max(from, start)) / (right - left);
    mean[k] = (mean[k] as number) + sign * part;
    change[k + 1] = (change[k + 1] as number) + sign;
  };
  for (const { neurons, spans } of observed) {
    const count = neurons?.length ?? size;
    for (const [from, to] of spans) {
      if (to <= start) continue;
      add(from, count);
      add(to, -count);
    }
  }
  let now = 0;
  for (let k = 0; k < bins; k++) {
    now += change[k] as number;
    mean[k] = (mean[k] as number) + now;
  }
  return mean;
}

/** The bin that a time from the first edge up to before the last one lies in. */
function binOf(edges: Float64Array, time: number): number {
  let [low, high] = [0, edges.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= time) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Whether spikes of a neuron between two of its spikes may have been missed.
 *
 * @returns a function of the neuron and the times of its two spikes in ms; undefined where nothing can have been
 */
export function missedBetween(
  observed: Observed | undefined,
  size: number,
): ((neuron: number, before: number, time: number) => boolean) | undefined {
  if (observed === undefined || observed.every(({ spans }) => spans.length < 2)) return undefined;
  const groupOf = new Uint32Array(size);
  for (const [g, { neurons }] of observed.entries()) for (const n of neurons ?? []) groupOf[n] = g;
  return (neuron, before, time) => {
    const spans = observed[groupOf[neuron] as number]?.spans ?? [];
    // The first span that ends at or after the earlier spike must hold the later one too.
    const own = spans.find(([, to]) => to >= before);
    return own !== undefined && time > own[1];
  };
}

/** Times are sums and products of others: one this close to an end of a span (as a part of the span) is on it. */
const TOLERANCE = 1e-9;

/**
 * Refuses to count where nothing was observed: measures of counts in bins would take what is unknown for silence.
 *
 * @throws ValueRangeError unless every observed neuron was observed from `start` to `end` (ms)
 */
export function checkObserved({ observed }: Spikes, start: number, end: number): void {
  const slack = TOLERANCE * (end - start);
  for (const { spans } of observed ?? []) {
    if (spans.some(([from, to]) => from <= start + slack && to >= end - slack)) continue;
    const common = commonSpan(observed as Observed);
    const known = common ? `within ${common[0]} to ${common[1]} ms, when all recorded neurons were` : "a time in which all recorded neurons were";
    throw rangeError("start", start, ` ms, up to ${end} ms`, known);
  }
}

/** The spikes after a time in ms up to and including another, and what was observed in between. */
export function spikesWithin({ times, neurons, observed }: Spikes, start: number, end: number): Spikes {
  const [a, b] = [firstAfter(times, start), firstAfter(times, end)];
  const cut = observed && { observed: observedWithin(observed, start, end) };
  return { times: times.subarray(a, b), neurons: neurons.subarray(a, b), ...cut };
}

/** Position of the first time that is later. */
function firstAfter(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Several records of one population's spikes in one run as one: each spike once, by time and neuron. A neuron may fire
 * several times in a step, so what is the same spike follows from its number among those of its neuron at its time.
 *
 * @param parts spikes with what was observed; each has all spikes of its neurons in its time
 * @param size number of neurons in the population
 */
export function spikesTogether(parts: readonly Spikes[], size: number): Spikes {
  const observed = observedTogether(parts.flatMap((part) => part.observed ?? []), size);
  const whole = parts.find((part) => part.observed !== undefined && isSame(part.observed, observed));
  if (whole) return whole;
  const most = parts.reduce((sum, { times }) => sum + times.length, 0);
  const times = new Float64Array(most);
  const neurons = new Uint32Array(most);
  const at = parts.map(() => 0);
  // Of each neuron at the present time: spikes in the part at hand, and the most of all parts so far.
  const own = new Uint32Array(size);
  const seen = new Uint32Array(size);
  let count = 0;
  for (;;) {
    let now = Number.POSITIVE_INFINITY;
    for (const [p, part] of parts.entries()) now = Math.min(now, part.times[at[p] as number] ?? now);
    if (now === Number.POSITIVE_INFINITY) break;
    const start = count;
    for (const [p, part] of parts.entries()) {
      const from = at[p] as number;
      let to = from;
      for (; part.times[to] === now; to++) {
        const n = part.neurons[to] as number;
        const number = (own[n] as number) + 1;
        own[n] = number;
        if (number <= (seen[n] as number)) continue;
        seen[n] = number;
        times[count] = now;
        neurons[count++] = n;
      }
      for (let i = from; i < to; i++) own[part.neurons[i] as number] = 0;
      at[p] = to;
    }
    neurons.subarray(start, count).sort();
    for (let i = start; i < count; i++) seen[neurons[i] as number] = 0;
  }
  return { times: times.slice(0, count), neurons: neurons.slice(0, count), observed };
}

function isSame(a: Observed, b: Observed): boolean {
  return (
    a.length === b.length &&
    a.every(({ neurons, spans }, g) => {
      const other = b[g] as ObservedGroup;
      if (spans.join(" ") !== other.spans.join(" ")) return false;
      if (neurons === undefined || other.neurons === undefined) return neurons === other.neurons;
      return (
        neurons.length === other.neurons.length && neurons.every((n, i) => n === (other.neurons as Uint32Array)[i])
      );
    })
  );
}

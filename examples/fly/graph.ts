/** A brain's graph: which neurons have synapses onto which, and how many. */

/** One entry per pair of neurons that have synapses. */
export interface Graph {
  /** Number of neurons; they are counted from 0. */
  readonly size: number;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  /** Synapses of each pair, negative where the source is inhibitory. */
  readonly counts: Int32Array;
  /** What each neuron is called in the data, as text: FlyWire's numbers have 18 digits, more than a number holds. */
  readonly ids?: readonly string[];
}

/** The graph among some of its neurons, which are counted anew in the order given. */
export function cut(graph: Graph, neurons: ArrayLike<number>): Graph {
  const place = new Int32Array(graph.size).fill(-1);
  for (let i = 0; i < neurons.length; i++) place[neurons[i] as number] = i;
  const kept: number[] = [];
  for (let pair = 0; pair < graph.counts.length; pair++) {
    if ((place[graph.sources[pair] as number] as number) < 0) continue;
    if ((place[graph.targets[pair] as number] as number) >= 0) kept.push(pair);
  }
  return {
    size: neurons.length,
    sources: Uint32Array.from(kept, (pair) => place[graph.sources[pair] as number] as number),
    targets: Uint32Array.from(kept, (pair) => place[graph.targets[pair] as number] as number),
    counts: Int32Array.from(kept, (pair) => graph.counts[pair] as number),
    ...(graph.ids && { ids: Array.from(neurons, (n) => graph.ids?.[n] as string) }),
  };
}

/** The graph without the synapses of some neurons: they may fire, and nobody hears it. */
export function silence(graph: Graph, neurons: ArrayLike<number>): Graph {
  if (neurons.length === 0) return graph;
  const silent = new Uint8Array(graph.size);
  for (let i = 0; i < neurons.length; i++) silent[neurons[i] as number] = 1;
  const { sources } = graph;
  const heard = (_: number, pair: number): boolean => silent[sources[pair] as number] === 0;
  return {
    ...graph,
    sources: graph.sources.filter(heard),
    targets: graph.targets.filter(heard),
    counts: graph.counts.filter(heard),
  };
}

/** What a graph looks like in numbers. */
export interface Census {
  readonly neurons: number;
  readonly pairs: number;
  readonly synapses: number;
  /** Share of the pairs whose source is inhibitory. */
  readonly inhibitory: number;
  /** Share of the pairs with five synapses or more, and of the synapses that lie in the others. */
  readonly strong: number;
  readonly weak: number;
  /** Smallest, median, mean and largest number of partners. */
  readonly inDegree: Degrees;
  readonly outDegree: Degrees;
}

export type Degrees = readonly [least: number, median: number, mean: number, most: number];

function degreesOf(ends: Uint32Array, size: number): Degrees {
  const degrees = new Uint32Array(size);
  for (const end of ends) degrees[end] = (degrees[end] as number) + 1;
  degrees.sort();
  const at = (place: number): number => degrees[place] ?? 0;
  return [at(0), at(size >> 1), ends.length / size, at(size - 1)];
}

/** Counts what can be compared with what is published of a connectome. */
export function census({ size, sources, targets, counts }: Graph): Census {
  let [synapses, inhibitory, strong, weak] = [0, 0, 0, 0];
  for (const signed of counts) {
    const count = Math.abs(signed);
    synapses += count;
    if (signed < 0) inhibitory++;
    if (count >= 5) strong++;
    else weak += count;
  }
  const pairs = counts.length;
  return {
    neurons: size,
    pairs,
    synapses,
    inhibitory: inhibitory / pairs,
    strong: strong / pairs,
    weak: weak / synapses,
    inDegree: degreesOf(targets, size),
    outDegree: degreesOf(sources, size),
  };
}

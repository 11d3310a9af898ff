/** Small networks that are the same in every version: their graphs come from here and not from Spikelet's sampling. */

/** Numbers in [0, 1): the linear congruential generator of Numerical Recipes, high bits first. */
export function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Synapses of one kind as lists; neurons are counted through both populations, delays are whole steps. */
export interface Synapses {
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly weights: Float64Array;
  readonly delays: Uint32Array;
}

/**
 * Each pair of different neurons with probability p; weights within 20 % of `weight`, delays of 1 to `longest` steps.
 */
export function randomSynapses(
  random: () => number,
  sources: readonly [from: number, to: number],
  size: number,
  { p, weight, longest }: { readonly p: number; readonly weight: number; readonly longest: number },
): Synapses {
  const lists: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let source = sources[0]; source < sources[1]; source++) {
    for (let target = 0; target < size; target++) {
      if (random() >= p || target === source) continue;
      lists[0].push(source);
      lists[1].push(target);
      // Numbers that Float32 holds exactly: no difference hides in the precision of stored weights.
      lists[2].push(Math.fround(weight * (0.8 + 0.4 * random())));
      lists[3].push(1 + Math.floor(longest * random()));
    }
  }
  const [i, j, w, d] = lists;
  return {
    sources: Uint32Array.from(i),
    targets: Uint32Array.from(j),
    weights: Float64Array.from(w),
    delays: Uint32Array.from(d),
  };
}

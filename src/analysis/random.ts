/** @internal A generator for drawing samples in analysis (mulberry32); numbers in [0, 1) with 53 bits. */
export function random(seed: number): () => number {
  let state = (seed ^ Math.floor(seed / 2 ** 32)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  };
  return () => ((next() >>> 6) * 2 ** 27 + (next() >>> 5)) / 2 ** 53;
}

/**
 * @internal Different whole numbers below `limit`, ascending, each set of them equally likely (Floyd's method; Bentley
 * and Floyd, Commun. ACM 30:754, 1987).
 */
export function sampleDistinct(limit: number, count: number, next: () => number): Float64Array {
  const chosen = new Set<number>();
  for (let last = limit - count; last < limit; last++) {
    const drawn = Math.floor(next() * (last + 1));
    chosen.add(chosen.has(drawn) ? last : drawn);
  }
  return Float64Array.from(chosen).sort();
}

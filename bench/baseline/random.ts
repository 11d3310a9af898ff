/**
 * Random numbers in plain JavaScript: xoshiro128+ (Blackman & Vigna 2021) on 32-bit integers, and Gaussians from it.
 */

/** State of the generator, spread from a seed by splitmix32. */
function seeded(seed: number): Int32Array {
  let x = seed | 0;
  return Int32Array.from({ length: 4 }, () => {
    x = (x + 0x9e3779b9) | 0;
    let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  });
}

const TO_UNIT = 2 ** -32;

/** Uniform numbers in (0, 1), for set-up code. */
export function uniforms(seed: number): () => number {
  const state = seeded(seed);
  return () => {
    const [a, b, c, d] = state as unknown as [number, number, number, number];
    const s2 = c ^ a;
    const s3 = d ^ b;
    state[0] = a ^ s3;
    state[1] = b ^ s2;
    state[2] = s2 ^ (b << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return (((a + d) >>> 0) + 0.5) * TO_UNIT;
  };
}

/** Standard normal numbers, for set-up code. */
export function gaussians(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Fills columns with standard normal numbers. */
export interface GaussianSource {
  fill(column: Float64Array): void;
}

/** Box & Muller 1958: two numbers from two uniforms, with one logarithm, square root, sine and cosine. */
export class BoxMuller implements GaussianSource {
  readonly #state: Int32Array;

  constructor(seed: number) {
    this.#state = seeded(seed);
  }

  fill(column: Float64Array): void {
    const state = this.#state;
    const size = column.length;
    let s0 = state[0] as number;
    let s1 = state[1] as number;
    let s2 = state[2] as number;
    let s3 = state[3] as number;
    for (let i = 0; i < size; i += 2) {
      const first = (s0 + s3) | 0;
      let shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
      const second = (s0 + s3) | 0;
      shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
      const radius = Math.sqrt(-2 * Math.log(((first >>> 0) + 0.5) * TO_UNIT));
      const angle = second * (2 * Math.PI * TO_UNIT);
      column[i] = radius * Math.cos(angle);
      column[i + 1] = radius * Math.sin(angle); // of an odd column the last one is dropped
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
  }
}

/**
 * Layers of the ziggurat, where its tail starts, and the area of each layer (Marsaglia & Tsang 2000, for 128 layers).
 */
const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

/**
 * Marsaglia & Tsang's ziggurat (2000): 98.8 % of the numbers cost one 32-bit word, a table row, a comparison and a
 * product. The layer comes from the low bits of the word that also gives the number, as published.
 */
export class Ziggurat implements GaussianSource {
  readonly #state: Int32Array;
  readonly #limit = new Int32Array(LAYERS);
  readonly #width = new Float64Array(LAYERS);
  readonly #density = new Float64Array(LAYERS);

  constructor(seed: number) {
    this.#state = seeded(seed);
    const [limit, width, density] = [this.#limit, this.#width, this.#density];
    let x = TAIL;
    let outer = AREA / Math.exp(-0.5 * x * x);
    limit[0] = (x / outer) * 2 ** 31;
    limit[1] = 0;
    width[0] = outer / 2 ** 31;
    width[LAYERS - 1] = x / 2 ** 31;
    density[0] = 1;
    density[LAYERS - 1] = Math.exp(-0.5 * x * x);
    for (let layer = LAYERS - 2; layer >= 1; layer--) {
      outer = x;
      x = Math.sqrt(-2 * Math.log(AREA / x + Math.exp(-0.5 * x * x)));
      limit[layer + 1] = (x / outer) * 2 ** 31;
      width[layer] = x / 2 ** 31;
      density[layer] = Math.exp(-0.5 * x * x);
    }
  }

  fill(column: Float64Array): void {
    const state = this.#state;
    const limit = this.#limit;
    const width = this.#width;
    const size = column.length;
    let s0 = state[0] as number;
    let s1 = state[1] as number;
    let s2 = state[2] as number;
    let s3 = state[3] as number;
    for (let i = 0; i < size; i++) {
      const word = (s0 + s3) | 0;
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
      const layer = (word >>> 3) & (LAYERS - 1);
      const x = word * (width[layer] as number);
      if (Math.abs(word) < (limit[layer] as number)) {
        column[i] = x;
      } else {
        state[0] = s0;
        state[1] = s1;
        state[2] = s2;
        state[3] = s3;
        column[i] = this.#rare(word, layer);
        s0 = state[0] as number;
        s1 = state[1] as number;
        s2 = state[2] as number;
        s3 = state[3] as number;
      }
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
  }

  #word(): number {
    const state = this.#state;
    const [a, b, c, d] = state as unknown as [number, number, number, number];
    const s2 = c ^ a;
    const s3 = d ^ b;
    state[0] = a ^ s3;
    state[1] = b ^ s2;
    state[2] = s2 ^ (b << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return (a + d) | 0;
  }

  /** The edges of the layers and the tail. */
  #rare(firstWord: number, firstLayer: number): number {
    let word = firstWord;
    let layer = firstLayer;
    for (;;) {
      const x = word * (this.#width[layer] as number);
      if (Math.abs(word) < (this.#limit[layer] as number)) return x;
      if (layer === 0) {
        let beyond: number;
        let y: number;
        do {
          beyond = -Math.log(((this.#word() >>> 0) + 0.5) * TO_UNIT) / TAIL;
          y = -Math.log(((this.#word() >>> 0) + 0.5) * TO_UNIT);
        } while (2 * y < beyond * beyond);
        return word > 0 ? TAIL + beyond : -TAIL - beyond;
      }
      const low = this.#density[layer] as number;
      const high = this.#density[layer - 1] as number;
      if (low + ((this.#word() >>> 0) + 0.5) * TO_UNIT * (high - low) < Math.exp(-0.5 * x * x)) return x;
      word = this.#word();
      layer = (word >>> 3) & (LAYERS - 1);
    }
  }
}

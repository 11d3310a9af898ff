/**
 * Fast Fourier transform of a length that is a power of two (Cooley and Tukey, Math. Comput. 19:297, 1965). Written
 * here because it is short: the packages for it are CommonJS or keep a buffer of every length for ever.
 */

/** @internal A transform of one length, with its table of roots of unity. */
export class Fft {
  readonly size: number;
  private readonly cos: Float64Array;
  private readonly sin: Float64Array;

  /** @param size a power of two */
  constructor(size: number) {
    this.size = size;
    const angle = (2 * Math.PI) / size;
    this.cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos(angle * k));
    this.sin = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin(angle * k));
  }

  /** Replaces x(j) by the sum over j of x(j) exp(-2 pi i j k / size), not scaled. */
  transform(re: Float64Array, im: Float64Array): void {
    const { size, cos, sin } = this;
    for (let i = 1, j = 0; i < size; i++) {
      let bit = size >> 1;
      for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        [re[i], re[j]] = [re[j] as number, re[i] as number];
        [im[i], im[j]] = [im[j] as number, im[i] as number];
      }
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let first = 0; first < size; first += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [a, b] = [first + k, first + k + half];
          const [c, s] = [cos[k * stride] as number, sin[k * stride] as number];
          const x = (re[b] as number) * c + (im[b] as number) * s;
          const y = (im[b] as number) * c - (re[b] as number) * s;
          re[b] = (re[a] as number) - x;
          im[b] = (im[a] as number) - y;
          re[a] = (re[a] as number) + x;
          im[a] = (im[a] as number) + y;
        }
      }
    }
  }
}

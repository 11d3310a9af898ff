/** Matrix exponential of small systems with + - * / only, so that it has the same bits on every engine. */

/**
 * exp(M) - 1 of a square matrix in row order, by scaling and squaring with a Taylor series. Keeping the 1 apart
 * preserves small propagators.
 */
export function expm1Matrix(matrix: readonly number[], n: number): number[] {
  let norm = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += Math.abs(matrix[i * n + j] as number);
    norm = Math.max(norm, row);
  }
  let squarings = 0;
  for (; norm > 0.25 && squarings < 1000; norm /= 2) squarings++;
  const m = matrix.map((x) => x / 2 ** squarings);
  let e = [...m];
  for (let k = 18; k > 1; k--) {
    // e <- m (1 + e/k)
    const inner = e.map((x, i) => x / k + (i % (n + 1) === 0 ? 1 : 0));
    e = multiply(m, inner, n);
  }
  for (; squarings > 0; squarings--) {
    const square = multiply(e, e, n);
    e = e.map((x, i) => 2 * x + (square[i] as number));
  }
  return e;
}

/**
 * The same function of numbers, which keeps up to `most` numbers of its results: what follows from equal numbers is
 * computed once.
 */
export function remembered(
  compute: (x: readonly number[]) => number[],
  most: number,
): (x: readonly number[]) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (x) => {
    const key = x.map((one) => (Object.is(one, -0) ? "-0" : String(one))).join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = compute(x);
    if ((known.size + 1) * made.length > most) known.clear();
    known.set(key, made);
    return made;
  };
}

function multiply(a: readonly number[], b: readonly number[], n: number): number[] {
  const out = new Array<number>(n * n).fill(0);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k] as number;
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] as number) + x * (b[k * n + j] as number);
    }
  }
  return out;
}

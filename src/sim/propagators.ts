/** Matrix exponential of small systems with + - * / only, so that it has the same bits on every engine. */

/**
 * exp(M) - 1 of a square matrix in row order, by scaling and squaring with a Taylor series. Keeping the 1 apart preserves
 * small propagators.
 */
export function expm1Matrix(matrix: readonly number[], n: number): number[] {
  let norm = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += Math.abs(matrix[i * n + j] as number);
    norm = Math.max(norm, row);
  }
  let squarings = 0;
  for (; norm > 0.25 && squarings < 60; norm /= 2) squarings++;
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

/**
 * adaptiveLif: what a receptor current of time constant tau does to v and w in a step, over what a constant current of the
 * same initial value does. The system of (v, w, i) with di/dt = -i/tau, and the same with di/dt = 0.
 */
export function propagators(
  C_m: number,
  tau_m: number,
  a: number,
  tau_w: number,
  tau: number,
  dt: number,
): { v: number; w: number } {
  const system = (decay: number): number[] =>
    expm1Matrix([-1 / tau_m, -1 / C_m, 1 / C_m, a / tau_w, -1 / tau_w, 0, 0, 0, decay].map((x) => x * dt), 3);
  const decaying = system(-1 / tau);
  const constant = system(0);
  const ratio = (k: number): number => ((constant[k] as number) === 0 ? 0 : (decaying[k] as number) / (constant[k] as number));
  return { v: ratio(2), w: ratio(5) };
}

/**
 * Matrix exponential of small systems with + - * / only, so that it has the same bits on every engine, and what a
 * receptor does to a linear model within a step.
 */

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

/** What a receptor's two states x (the current) and y (its rise) do to v and w in a step. */
export interface Response {
  readonly vx: number;
  readonly vy: number;
  readonly wx: number;
  readonly wy: number;
}

/**
 * adaptiveLif (or lif with a = 0): what a receptor current does to v and w in a step, over what a constant current of 1
 * does. The system of (v, w, x, y) with dx/dt = y - x/tau, dy/dt = -y/tau_rise (without it there is no y), and the same
 * with a constant x.
 */
export function propagators(
  C_m: number,
  tau_m: number,
  a: number,
  tau_w: number,
  tau: number,
  tau_rise: number | undefined,
  dt: number,
): Response {
  const neuron = [-1 / tau_m, -1 / C_m, 1 / C_m, 0, a / tau_w, -1 / tau_w, 0, 0];
  const system = (decay: number, rise: number, hand: number): number[] =>
    expm1Matrix(
      [...neuron, 0, 0, decay, hand, 0, 0, 0, rise].map((x) => x * dt),
      4,
    );
  const moving = tau_rise === undefined ? system(-1 / tau, 0, 0) : system(-1 / tau, -1 / tau_rise, 1);
  const constant = system(0, 0, 0);
  const ratio = (k: number, state: number): number => {
    const whole = constant[4 * state + 2] as number;
    return whole === 0 ? 0 : (moving[k] as number) / whole;
  };
  return { vx: ratio(2, 0), vy: ratio(3, 0), wx: ratio(6, 1), wy: ratio(7, 1) };
}

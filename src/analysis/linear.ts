/** Linear algebra of small dense matrices, in row order. */

/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** A matrix as a product of a lower and an upper one, with its rows exchanged. */
export interface Factored {
  readonly n: number;
  readonly lu: Float64Array;
  readonly rows: Int32Array;
  readonly determinant: number;
}

/** Gaussian elimination with partial pivoting; where a pivot is 0 the determinant is, and solutions are not finite. */
export function factored(matrix: ArrayLike<number>, n: number): Factored {
  const lu = Float64Array.from(matrix);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  let determinant = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(lu[i * n + k] as number) > Math.abs(lu[pivot * n + k] as number)) pivot = i;
    }
    if (pivot !== k) {
      for (let j = 0; j < n; j++) {
        const x = lu[k * n + j] as number;
        lu[k * n + j] = lu[pivot * n + j] as number;
        lu[pivot * n + j] = x;
      }
      const row = rows[k] as number;
      rows[k] = rows[pivot] as number;
      rows[pivot] = row;
      determinant = -determinant;
    }
    const head = lu[k * n + k] as number;
    determinant *= head;
    for (let i = k + 1; i < n; i++) {
      const factor = (lu[i * n + k] as number) / head;
      lu[i * n + k] = factor;
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) lu[i * n + j] = (lu[i * n + j] as number) - factor * (lu[k * n + j] as number);
    }
  }
  return { n, lu, rows, determinant };
}

/** x of A x = b. */
export function solved({ n, lu, rows }: Factored, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = b[rows[i] as number] as number;
    for (let j = 0; j < i; j++) sum -= (lu[i * n + j] as number) * (x[j] as number);
    x[i] = sum;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number;
    for (let j = i + 1; j < n; j++) sum -= (lu[i * n + j] as number) * (x[j] as number);
    x[i] = sum / (lu[i * n + i] as number);
  }
  return x;
}

/** Product of two square matrices. */
export function product(a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k] as number;
      if (x === 0) continue;
      for (let j = 0; j < n; j++) out[i * n + j] = (out[i * n + j] as number) + x * (b[k * n + j] as number);
    }
  }
  return out;
}

/** A vector of length 1 that the matrix makes as good as 0; with `transposed`, from the left. */
export function nullVector(matrix: ArrayLike<number>, n: number, transposed = false): Float64Array {
  let scale = 0;
  for (let i = 0; i < n * n; i++) scale = Math.max(scale, Math.abs(matrix[i] as number));
  if (scale === 0) return Float64Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0));
  const own = Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return (matrix[transposed ? j * n + i : k] as number) + (i === j ? scale * 1e-13 : 0);
  });
  const lu = factored(own, n);
  let x: Float64Array = Float64Array.from({ length: n }, (_, i) => 1 / (1 + i) + (i % 2) / 3);
  for (let round = 0; round < 4; round++) {
    x = solved(lu, x);
    const length = Math.hypot(...x);
    x = x.map((value) => value / length);
  }
  return x;
}

/** Eigenvalues of a real matrix, those with the largest real part first; complex ones as exact pairs. */
export function eigenvalues(matrix: ArrayLike<number>, n: number): Complex[] {
  const size = n * n;
  for (let k = 0; k < size; k++) {
    if (!Number.isFinite(matrix[k] as number)) return Array.from({ length: n }, () => ({ re: NaN, im: NaN }));
  }
  const found =
    n === 1 ? [{ re: matrix[0] as number, im: 0 }] : n === 2 ? pairOf(matrix) : paired(triangular(matrix, n));
  return found.sort((a, b) => b.re - a.re || b.im - a.im);
}

/** Those of two rows, in closed form. */
function pairOf(matrix: ArrayLike<number>): Complex[] {
  const [a, b, c, d] = [matrix[0] as number, matrix[1] as number, matrix[2] as number, matrix[3] as number];
  const [middle, half] = [(a + d) / 2, (a - d) / 2];
  const square = half * half + b * c;
  if (square < 0) return [1, -1].map((side) => ({ re: middle, im: side * Math.sqrt(-square) }));
  // the larger one without cancellation, the other from the determinant
  const larger = middle + (middle < 0 ? -1 : 1) * Math.sqrt(square);
  const other = larger === 0 ? 0 : (a * d - b * c) / larger;
  return [larger, other].map((re) => ({ re, im: 0 }));
}

/** Rounding leaves eigenvalues of a real matrix a little off the real axis, or off each other's mirror image. */
function paired(values: Complex[]): Complex[] {
  const size = Math.max(...values.map(({ re, im }) => Math.hypot(re, im)));
  const out: Complex[] = [];
  const open = [...values];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { re, im } = one;
    const distances = open.map((other) => Math.hypot(other.re - re, other.im + im));
    const nearest = distances.indexOf(Math.min(...distances));
    if (Math.abs(im) <= 1e-13 * size || nearest < 0 || Math.abs(im) < (distances[nearest] as number) / 4) {
      out.push({ re, im: 0 });
      continue;
    }
    const [other] = open.splice(nearest, 1) as [Complex];
    const mean = { re: (re + other.re) / 2, im: Math.abs(im - other.im) / 2 };
    out.push(mean, { re: mean.re, im: -mean.im });
  }
  return out;
}

/**
 * Eigenvalues by shifted QR steps with complex rotations on the Hessenberg form (Golub and Van Loan, Matrix
 * Computations, chapter 7), after scaling by powers of 2 that make rows and columns of like size.
 */
function triangular(matrix: ArrayLike<number>, n: number): Complex[] {
  const re = hessenberg(balanced(matrix, n), n);
  const im = new Float64Array(n * n);
  const at = (i: number, j: number): number => i * n + j;
  const size = (k: number): number => Math.abs(re[k] as number) + Math.abs(im[k] as number);
  const cos = new Float64Array(n);
  const sinRe = new Float64Array(n);
  const sinIm = new Float64Array(n);
  const out: Complex[] = [];
  let high = n - 1;
  for (let round = 0; high >= 0; round++) {
    let low = high;
    while (low > 0) {
      const beside = size(at(low, low)) + size(at(low - 1, low - 1));
      if (size(at(low, low - 1)) <= 2.3e-16 * beside || (beside === 0 && size(at(low, low - 1)) === 0)) break;
      low--;
    }
    if (low === high || round > 400) {
      out.push({ re: re[at(high, high)] as number, im: im[at(high, high)] as number });
      high--;
      round = 0;
      continue;
    }
    const [shiftRe, shiftIm] = shiftOf(re, im, at, high, round);
    for (let i = low; i <= high; i++) {
      re[at(i, i)] = (re[at(i, i)] as number) - shiftRe;
      im[at(i, i)] = (im[at(i, i)] as number) - shiftIm;
    }
    // rows: each rotation makes a number below the diagonal 0
    for (let k = low; k < high; k++) {
      const [p, q] = [at(k, k), at(k + 1, k)];
      const [aRe, aIm, bRe, bIm] = [re[p], im[p], re[q], im[q]] as [number, number, number, number];
      const [a, length] = [Math.hypot(aRe, aIm), Math.hypot(aRe, aIm, bRe, bIm)];
      const [c, sRe, sIm] =
        length === 0
          ? [1, 0, 0]
          : a === 0
            ? [0, bRe / length, -bIm / length]
            : [a / length, (aRe * bRe + aIm * bIm) / (a * length), (aIm * bRe - aRe * bIm) / (a * length)];
      [cos[k], sinRe[k], sinIm[k]] = [c, sRe, sIm];
      for (let j = k; j <= high; j++) {
        const [x, y] = [at(k, j), at(k + 1, j)];
        const [xRe, xIm, yRe, yIm] = [re[x], im[x], re[y], im[y]] as [number, number, number, number];
        re[x] = c * xRe + sRe * yRe - sIm * yIm;
        im[x] = c * xIm + sRe * yIm + sIm * yRe;
        re[y] = c * yRe - sRe * xRe - sIm * xIm;
        im[y] = c * yIm - sRe * xIm + sIm * xRe;
      }
    }
    for (let k = low; k < high; k++) {
      const [c, sRe, sIm] = [cos[k], sinRe[k], sinIm[k]] as [number, number, number];
      for (let i = low; i <= Math.min(k + 1, high); i++) {
        const [x, y] = [at(i, k), at(i, k + 1)];
        const [xRe, xIm, yRe, yIm] = [re[x], im[x], re[y], im[y]] as [number, number, number, number];
        re[x] = c * xRe + sRe * yRe + sIm * yIm;
        im[x] = c * xIm + sRe * yIm - sIm * yRe;
        re[y] = c * yRe - sRe * xRe + sIm * xIm;
        im[y] = c * yIm - sRe * xIm - sIm * xRe;
      }
    }
    for (let i = low; i <= high; i++) {
      re[at(i, i)] = (re[at(i, i)] as number) + shiftRe;
      im[at(i, i)] = (im[at(i, i)] as number) + shiftIm;
    }
  }
  return out;
}

/** The eigenvalue of the last two rows that is nearer to the last number; now and then another one, against circles. */
function shiftOf(
  re: Float64Array,
  im: Float64Array,
  at: (i: number, j: number) => number,
  high: number,
  round: number,
): readonly [number, number] {
  const get = (i: number, j: number): [number, number] => [re[at(i, j)] as number, im[at(i, j)] as number];
  const [[a, ai], [b, bi], [c, ci], [d, di]] = [
    get(high - 1, high - 1),
    get(high - 1, high),
    get(high, high - 1),
    get(high, high),
  ];
  if (round % 10 === 9) return [d + Math.hypot(c, ci), di + 0.5 * Math.hypot(c, ci)];
  const [half, halfIm] = [(a - d) / 2, (ai - di) / 2];
  const square = half * half - halfIm * halfIm + b * c - bi * ci;
  const squareIm = 2 * half * halfIm + b * ci + bi * c;
  const length = Math.sqrt(Math.hypot(square, squareIm));
  const angle = Math.atan2(squareIm, square) / 2;
  let [root, rootIm] = [length * Math.cos(angle), length * Math.sin(angle)];
  if (half * root + halfIm * rootIm > 0) [root, rootIm] = [-root, -rootIm];
  return [d + half + root, di + halfIm + rootIm];
}

function balanced(matrix: ArrayLike<number>, n: number): Float64Array {
  const a = Float64Array.from(matrix);
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < n; i++) {
      let [row, column] = [0, 0];
      for (let j = 0; j < n; j++) {
        if (j === i) continue;
        row += Math.abs(a[i * n + j] as number);
        column += Math.abs(a[j * n + i] as number);
      }
      if (row === 0 || column === 0) continue;
      const factor = 2 ** Math.round(Math.log2(row / column) / 2);
      if (factor === 1 || column * factor + row / factor > 0.95 * (column + row)) continue;
      changed = true;
      for (let j = 0; j < n; j++) {
        a[i * n + j] = (a[i * n + j] as number) / factor;
        a[j * n + i] = (a[j * n + i] as number) * factor;
      }
    }
  }
  return a;
}

/** Zeros below the first subdiagonal, by elimination with pivots. */
function hessenberg(a: Float64Array, n: number): Float64Array {
  for (let k = 1; k < n - 1; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[i * n + k - 1] as number) > Math.abs(a[pivot * n + k - 1] as number)) pivot = i;
    }
    if (pivot !== k) {
      for (let j = 0; j < n; j++) swap(a, pivot * n + j, k * n + j);
      for (let i = 0; i < n; i++) swap(a, i * n + pivot, i * n + k);
    }
    const head = a[k * n + k - 1] as number;
    if (head === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const factor = (a[i * n + k - 1] as number) / head;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) a[i * n + j] = (a[i * n + j] as number) - factor * (a[k * n + j] as number);
      for (let j = 0; j < n; j++) a[j * n + k] = (a[j * n + k] as number) + factor * (a[j * n + i] as number);
    }
  }
  for (let i = 2; i < n; i++) for (let j = 0; j < i - 1; j++) a[i * n + j] = 0;
  return a;
}

function swap(a: Float64Array, i: number, j: number): void {
  const x = a[i] as number;
  a[i] = a[j] as number;
  a[j] = x;
}

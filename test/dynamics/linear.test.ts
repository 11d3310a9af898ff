/** Linear algebra of small matrices. */
import { describe, expect, it } from "vitest";
import { eigenvalues, factored, nullVector, product, solved } from "../../src/analysis/linear.js";
import { cases } from "../cases.js";

/** Numbers that follow from a seed, from -0.5 to 0.5. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

/** A random matrix whose states have units of very different size. */
function matrixOf(n: number, next: () => number): Float64Array {
  const units = Array.from({ length: n }, () => 10 ** (4 * next()));
  return Float64Array.from(
    { length: n * n },
    (_, k) => (next() * (units[Math.floor(k / n)] as number)) / (units[k % n] as number),
  );
}

describe("eigenvalues", () => {
  it("have the sums of powers that the matrix has", () => {
    const next = numbers(1);
    for (let n = 1; n <= 12; n++) {
      for (let round = 0; round < cases(100); round++) {
        const A = matrixOf(n, next);
        const values = eigenvalues(A, n);
        const size = Math.max(...values.map(({ re, im }) => Math.hypot(re, im)));
        let power: Float64Array = A;
        let powers = values.map(({ re, im }) => [re, im] as const);
        for (let p = 1; p <= 3; p++) {
          const trace = Array.from({ length: n }, (_, i) => power[i * n + i] as number).reduce((a, b) => a + b, 0);
          expect(powers.reduce((sum, [re]) => sum + re, 0) / size ** p).toBeCloseTo(trace / size ** p, 10);
          power = product(power, A, n);
          powers = powers.map(([re, im], k) => {
            const { re: a, im: b } = values[k] as { re: number; im: number };
            return [re * a - im * b, re * b + im * a] as const;
          });
        }
        for (const { re, im } of values) {
          expect(values.filter((other) => other.re === re && other.im === -im).length).toBeGreaterThan(0);
        }
      }
    }
  });

  it("of triangles and turns are exact", () => {
    expect(eigenvalues([3, 7, 9, 0, -1, 4, 0, 0, 2], 3).map(({ re }) => re)).toEqual([3, 2, -1]);
    expect(eigenvalues([0, -2, 2, 0], 2)).toEqual([
      { re: 0, im: 2 },
      { re: 0, im: -2 },
    ]);
    // a cyclic permutation: roots of 1
    const values = eigenvalues([0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], 4);
    expect(values.map(({ re, im }) => [Math.round(1e12 * re) / 1e12 + 0, Math.round(1e12 * im) / 1e12 + 0])).toEqual([
      [1, 0],
      [0, 1],
      [0, -1],
      [-1, 0],
    ]);
  });

  it("of what is no number are none", () => {
    expect(eigenvalues([1, Number.NaN, 0, 1], 2)).toEqual([
      { re: Number.NaN, im: Number.NaN },
      { re: Number.NaN, im: Number.NaN },
    ]);
  });
});

describe("systems", () => {
  it("are solved, and null vectors found from both sides", () => {
    const next = numbers(5);
    for (let n = 1; n <= 10; n++) {
      const A = Float64Array.from({ length: n * n }, next);
      const x = Float64Array.from({ length: n }, next);
      const b = x.map((_, i) => x.reduce((sum, value, j) => sum + (A[i * n + j] as number) * value, 0));
      const lu = factored(A, n);
      solved(lu, b).forEach((value, k) => expect(value).toBeCloseTo(x[k] as number, 9));
      const others = eigenvalues(A, n);
      let [re, im] = [1, 0];
      for (const v of others) [re, im] = [re * v.re - im * v.im, re * v.im + im * v.re];
      expect(lu.determinant).toBeCloseTo(re, 9);
      if (n < 2) continue;
      // the last row is the sum of the others
      for (let j = 0; j < n; j++) {
        A[(n - 1) * n + j] = 0;
        for (let i = 0; i + 1 < n; i++) {
          A[(n - 1) * n + j] = (A[(n - 1) * n + j] as number) + (A[i * n + j] as number);
        }
      }
      const [right, left] = [nullVector(A, n), nullVector(A, n, true)];
      for (let i = 0; i < n; i++) {
        expect(right.reduce((sum, value, j) => sum + (A[i * n + j] as number) * value, 0)).toBeCloseTo(0, 10);
        expect(left.reduce((sum, value, j) => sum + (A[j * n + i] as number) * value, 0)).toBeCloseTo(0, 10);
      }
    }
  });
});

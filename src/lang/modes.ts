/**
 * What arrives for a neuron that is advanced by events and cannot make it spike is summed up (assembly/sums.ts). That
 * is possible where the answer of the vector to a jump of one element, P^n e, is a sum over real eigenvalues of
 * lambda^n (u + n v): the terms of Sylvester's formula, with those of Hermite (v) for an eigenvalue that is double.
 * Each term is a mode, or two where v is not zero: with T - s in the place of n the sums are those of w lambda^-s and
 * of w s lambda^-s. Here are the numbers, which are checked against P^n before they are trusted.
 */
import { expm1Matrix } from "../model/matrix.js";
import { type EventForm, landsAt } from "./events.js";

/** Powers that the core finds: of 0 to 63, and of 0 to 64 times 64 steps. */
const LOW = 64;
const POWERS = 2 * LOW + 1;

/** Steps from one origin to the next: at most, and at least for that summing pays. */
const LONGEST = 4096;
const SHORTEST = 128;

/** Largest exponent of a power. */
const LARGEST = 600;

/** Parts of the largest element by which a sum of modes may differ from P^n. */
const CLOSE = 1e-12;

/** Parts of `rises` that any weight counts as: what inhibits without end is touched now and then, and guarded. */
const COUNTED = 1e-4;

/** Sums of a neuron: with its slack they fill half a line of the cache, or a whole one; 0 where there are too many. */
export function modesOf({ size, line, receptors }: EventForm): 0 | 3 | 7 {
  if (line === undefined || !receptors.some(({ arrives }) => arrives)) return 0;
  return size <= 3 ? 3 : size <= 7 ? 7 : 0;
}

/** Where the numbers of a population stand, in the order in which assembly/sums.ts reads them. */
export interface ModePlaces {
  readonly span: number;
  /** What sums are multiplied with and what weights add to them: written in each step. */
  readonly factors: number;
  readonly shares: number;
  /** Whether a mode's sum is weighted with s; u, then v of all modes; powers of 1/lambda, then of lambda of each. */
  readonly kinds: number;
  readonly parts: number;
  readonly powers: number;
  /** Of each receptor `rises`, `falls` and a number for each mode. */
  readonly receptors: number;
  readonly count: number;
}

export function modePlaces(form: EventForm): ModePlaces {
  const modes = modesOf(form);
  const { size, receptors } = form;
  const shares = 1 + 2 * modes * size;
  const kinds = shares + receptors.length * (1 + modes);
  const parts = kinds + modes;
  const powers = parts + 2 * modes * size;
  const own = powers + modes * 2 * POWERS;
  const count = own + receptors.length * (2 + modes);
  return { span: 0, factors: 1, shares, kinds, parts, powers, receptors: own, count };
}

interface Mode {
  /** Exponent per step. */
  readonly rate: number;
  readonly weighted: boolean;
  readonly u: readonly number[];
  readonly v: readonly number[];
}

/**
 * @param matrix A, for steps of dt
 * @param gains jump per weight of each receptor
 * @param never extremes of c P^n over all n from 1 on (events.ts), for c
 */
export function modeTable(
  form: EventForm,
  matrix: readonly number[],
  dt: number,
  gains: readonly number[],
  never: readonly number[],
  c: readonly number[],
): Float64Array {
  const { size, receptors } = form;
  const most = modesOf(form);
  const places = modePlaces(form);
  const out = new Float64Array(places.count);
  const rates = most === 0 ? undefined : ratesOf(form, matrix);
  if (rates === undefined) return out;
  const modes: Mode[] = [];
  const shares: number[][] = [];
  for (const [r, { arrives }] of receptors.entries()) {
    const own: number[] = [];
    shares.push(own);
    if (!arrives) continue;
    const place = landsAt(form, r);
    // What an arrival does not reach adds nothing, or rounding alone.
    const reached = rates.filter((_, j) => form.free[j]?.[place]);
    const terms = answer(matrix, size, dt, reached, place);
    if (terms === undefined) return out;
    for (const term of terms) {
      const [mode, share] = scaled(term);
      const isDouble = mode.v.some((x) => x !== 0);
      let at = modes.findIndex((one) => alike(one, mode));
      if (at < 0) {
        at = modes.push(mode) - 1;
        if (isDouble) modes.push({ rate: mode.rate, weighted: true, u: mode.v.map((x) => -x), v: mode.v.map(() => 0) });
      }
      own[at] = share;
      if (isDouble) own[at + 1] = share;
    }
  }
  const steepest = Math.max(...modes.map(({ rate }) => Math.abs(rate)));
  let span = LONGEST;
  while (span >= SHORTEST && span * steepest > LARGEST) span /= 2;
  if (modes.length > most || span < SHORTEST) return out;
  out[places.span] = span;
  for (const [i, { rate, weighted, u, v }] of modes.entries()) {
    out[places.kinds + i] = weighted ? 1 : 0;
    out.set(u, places.parts + i * size);
    out.set(v, places.parts + (most + i) * size);
    out.set(powersOf(-rate, span), places.powers + 2 * i * POWERS);
    out.set(powersOf(rate, span), places.powers + (2 * i + 1) * POWERS);
  }
  for (const [r, { arrives }] of receptors.entries()) {
    if (!arrives) continue;
    const [gain, j] = [gains[r] as number, landsAt(form, r)];
    const rises = gain * Math.max(never[j] as number, c[j] as number, 0);
    const falls = gain * Math.min(never[size + j] as number, c[j] as number, 0);
    const least = COUNTED * Math.max(rises, -falls);
    const own = (shares[r] as number[]).map((share) => gain * share);
    const at = places.receptors + r * (2 + most);
    out.set([Math.max(rises, least), Math.min(falls, -least)], at);
    // Modes of other receptors are holes.
    for (const [i, share] of own.entries()) out[at + 2 + i] = share ?? 0;
  }
  return out;
}

/** The eigenvalues of A, each at an element of its block, where they are real and blocks have one or two elements. */
function ratesOf({ size, free }: EventForm, a: readonly number[]): number[] | undefined {
  const rates: number[] = [];
  const entry = (i: number, j: number): number => a[i * size + j] as number;
  for (let i = 0; i < size; i++) {
    const block = [...Array(size).keys()].filter((j) => j === i || (free[i]?.[j] && free[j]?.[i]));
    const [first = i, second, third] = block;
    if (third !== undefined) return undefined;
    if (second === undefined) rates[i] = entry(i, i);
    else if (i === first) {
      const half = (entry(first, first) + entry(second, second)) / 2;
      const apart = (entry(first, first) - entry(second, second)) / 2;
      const square = apart * apart + entry(first, second) * entry(second, first);
      if (!(square >= 0)) return undefined;
      rates[first] = half - Math.sqrt(square);
      rates[second] = half + Math.sqrt(square);
    }
  }
  return rates;
}

interface Term {
  readonly rate: number;
  readonly u: readonly number[];
  readonly v: readonly number[];
}

/** The terms of P^n e for the unit e of an element; undefined where they do not give it. */
function answer(
  matrix: readonly number[],
  size: number,
  dt: number,
  rates: readonly number[],
  place: number,
): readonly Term[] | undefined {
  const a = matrix.map((x) => x * dt);
  const e = Array.from({ length: size }, (_, j) => (j === place ? 1 : 0));
  const different = [...new Set(rates.map((rate) => rate * dt))];
  const double = different.map((rate) => rates.filter((x) => x * dt === rate).length > 1);
  // A double eigenvalue needs no v where its vectors are two.
  for (const orders of [different.map(() => 1), double.map((yes) => (yes ? 2 : 1))]) {
    const terms = different.map((rate, k) => termOf(a, size, e, different, orders, k, rate));
    const kept = terms.filter(({ u, v }) => [...u, ...v].some((x) => Math.abs(x) > CLOSE * CLOSE));
    if (isAnswer(kept, a, size, e)) return kept;
  }
  return undefined;
}

function termOf(
  a: readonly number[],
  size: number,
  e: readonly number[],
  rates: readonly number[],
  orders: readonly number[],
  k: number,
  rate: number,
): Term {
  let q = e;
  let slope = 0;
  for (const [i, other] of rates.entries()) {
    if (i === k) continue;
    const order = orders[i] as number;
    for (let n = 0; n < order; n++) q = shifted(a, size, q, other).map((x) => x / (rate - other));
    slope += order / (rate - other);
  }
  if (orders[k] === 1) return { rate, u: q, v: q.map(() => 0) };
  const v = shifted(a, size, q, rate);
  return { rate, u: q.map((x, j) => x - slope * (v[j] as number)), v };
}

/** (a - rate) x */
function shifted(a: readonly number[], size: number, x: readonly number[], rate: number): number[] {
  return x.map((own, i) => x.reduce((sum, value, j) => sum + (a[i * size + j] as number) * value, -rate * own));
}

/** Whether the sum of the terms is P^n e, for n up to what matters. */
function isAnswer(terms: readonly Term[], a: readonly number[], size: number, e: readonly number[]): boolean {
  let wholes = a.map((x) => x);
  const found: { readonly x: readonly number[]; readonly y: readonly number[] }[] = [{ x: e, y: sum(terms, size, 0) }];
  for (let n = 1; n <= LONGEST; n *= 2) {
    const power = expm1Matrix(wholes, size);
    const x = e.map((own, i) => e.reduce((all, value, j) => all + (power[i * size + j] as number) * value, own));
    found.push({ x, y: sum(terms, size, n) });
    wholes = wholes.map((value) => 2 * value);
  }
  return e.every((_, i) => {
    const scale = Math.max(...found.map(({ x }) => Math.abs(x[i] as number)));
    return found.every(({ x, y }) => Math.abs((x[i] as number) - (y[i] as number)) <= CLOSE * scale);
  });
}

function sum(terms: readonly Term[], size: number, n: number): number[] {
  return Array.from({ length: size }, (_, j) =>
    terms.reduce((all, { rate, u, v }) => all + exp(n * rate) * ((u[j] as number) + n * (v[j] as number)), 0),
  );
}

/** With the same bits on every engine, and as exact where it is small. */
function exp(x: number): number {
  const grown = 1 + (expm1Matrix([Math.abs(x)], 1)[0] as number);
  return x < 0 ? 1 / grown : grown;
}

/** A mode whose largest element is 1, and the factor. */
function scaled({ rate, u, v }: Term): [Mode, number] {
  const share = [...v, ...u].reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
  const over = (xs: readonly number[]): number[] => xs.map((x) => x / share);
  return [{ rate, weighted: false, u: over(u), v: over(v) }, share];
}

function alike(a: Mode, b: Mode): boolean {
  const near = (x: readonly number[], y: readonly number[], room: number): boolean =>
    x.every((value, j) => Math.abs(value - (y[j] as number)) <= room);
  // v is multiplied by as many steps as there are.
  return a.rate === b.rate && a.weighted === b.weighted && near(a.u, b.u, CLOSE) && near(a.v, b.v, CLOSE / LONGEST);
}

/** Powers of exp(rate), as the core takes them apart. */
function powersOf(rate: number, span: number): number[] {
  const low = exp(rate);
  const high = exp(LOW * rate);
  const of = (factor: number, count: number): number[] => {
    const all = [1];
    while (all.length < count) all.push((all[all.length - 1] as number) * factor);
    return all;
  };
  const far = of(high, span / LOW + 1);
  return [...of(low, LOW), ...far, ...new Array<number>(LOW + 1 - far.length).fill(0)];
}

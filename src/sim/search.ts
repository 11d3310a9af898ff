/**
 * Minimising a function of a few bounded numbers: a global search, then a local one. Many candidates are asked for at
 * once, and what is asked depends on the seed and the answers alone, never on their timing: the same search for any
 * number of threads. Sums, products and comparisons only, so that it is the same on any engine.
 */
import { random } from "../analysis/random.js";

/** Numbers from 0 to 1, one for each that is varied. */
export type Candidate = Float64Array;

/** The values of the function for candidates, in their order; Infinity for one that is not possible. */
export type Evaluate = (candidates: readonly Candidate[]) => Promise<ArrayLike<number>>;

export interface SearchOptions {
  readonly dimensions: number;
  readonly seed: number;
  /** The first candidate, if there is one to begin with. */
  readonly start?: Candidate | undefined;
  /** Candidates of a generation. */
  readonly population: number;
  /** Most generations of the global search. */
  readonly generations: number;
  /** Most steps of the local search. */
  readonly refinements: number;
  /** Ends the global search once the values of all candidates differ by less than this. */
  readonly tolerance: number;
  /** A value that is good enough: the search ends. */
  readonly goal: number;
  /** Called after each generation and step; the search ends where it answers false. */
  readonly step: (phase: "search" | "refine", done: number, best: Found) => boolean;
}

export interface Found {
  readonly candidate: Candidate;
  readonly value: number;
}

/** What came of a search; `converged` unless it ended for the number of its generations or steps, or was stopped. */
export interface Outcome extends Found {
  readonly generations: number;
  readonly refinements: number;
  readonly converged: boolean;
  readonly stopped: boolean;
}

interface Member extends Found {
  /** How far a step goes, and which part of the numbers it changes. */
  readonly scale: number;
  readonly share: number;
}

/**
 * Differential evolution, current-to-pbest/1/bin (Zhang and Sanderson, IEEE Trans. Evol. Comput. 13:945, 2009) with
 * step and share of each candidate adapting themselves (Brest et al., IEEE Trans. Evol. Comput. 10:646, 2006), then
 * Nelder and Mead's simplex (Comput. J. 7:308, 1965) from the best, whose four trial points are asked for at once.
 */
export async function search(options: SearchOptions, evaluate: Evaluate): Promise<Outcome> {
  const next = random(options.seed);
  const { generations, converged: together, members, stopped } = await evolve(options, evaluate, next);
  const best = bestOf(members);
  if (stopped || best.value <= options.goal || options.refinements === 0 || best.value === Number.POSITIVE_INFINITY) {
    return { ...best, generations, refinements: 0, converged: together || best.value <= options.goal, stopped };
  }
  return { ...(await simplex(options, evaluate, best, spreadOf(members))), generations };
}

function bestOf<T extends Found>(members: readonly T[]): T {
  return members.reduce((best, member) => (member.value < best.value ? member : best));
}

interface Evolved {
  readonly members: readonly Member[];
  readonly generations: number;
  readonly converged: boolean;
  readonly stopped: boolean;
}

async function evolve(options: SearchOptions, evaluate: Evaluate, next: () => number): Promise<Evolved> {
  const { dimensions, population, tolerance, goal, step } = options;
  const first = stratified(population, dimensions, next);
  if (options.start !== undefined) first[0] = options.start;
  const values = await evaluate(first);
  let members: Member[] = first.map((candidate, i) => {
    return { candidate, value: values[i] as number, scale: 0.5, share: 0.9 };
  });
  let done = 0;
  let stopped = !step("search", done, bestOf(members));
  const finished = (): boolean => {
    const worst = members.reduce((most, { value }) => Math.max(most, value), 0);
    const { value } = bestOf(members);
    return value <= goal || worst - value <= tolerance;
  };
  while (!stopped && done < options.generations && !finished()) {
    const ranked = [...members].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    const leaders = ranked.slice(0, Math.max(2, Math.round(population / 5)));
    const trials = members.map((member) => trialOf(member, members, leaders, next));
    const results = await evaluate(trials.map(({ candidate }) => candidate));
    members = members.map((member, i) => {
      const value = results[i] as number;
      return value <= member.value ? { ...(trials[i] as Omit<Member, "value">), value } : member;
    });
    stopped = !step("search", ++done, bestOf(members));
  }
  return { members, generations: done, converged: finished(), stopped };
}

/** Each number takes each of as many equal parts of its range once (Latin hypercube). */
function stratified(count: number, dimensions: number, next: () => number): Candidate[] {
  const candidates = Array.from({ length: count }, () => new Float64Array(dimensions));
  for (let d = 0; d < dimensions; d++) {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    for (const [i, candidate] of candidates.entries()) candidate[d] = ((order[i] as number) + next()) / count;
  }
  return candidates;
}

function trialOf(
  member: Member,
  members: readonly Member[],
  leaders: readonly Member[],
  next: () => number,
): Omit<Member, "value"> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const scale = next() < 0.1 ? 0.1 + 0.9 * next() : member.scale;
  const share = next() < 0.1 ? next() : member.share;
  const leader = pick(leaders).candidate;
  const [a, b] = [pick(members).candidate, pick(members).candidate];
  const { candidate: own } = member;
  const always = Math.floor(next() * own.length);
  const candidate = own.map((x, d) => {
    const crossed = next() < share;
    if (!crossed && d !== always) return x;
    const y = x + scale * ((leader[d] as number) - x) + scale * ((a[d] as number) - (b[d] as number));
    // halfway to the bound that it would pass
    return y < 0 ? x / 2 : y > 1 ? (x + 1) / 2 : y;
  });
  return { candidate, scale, share };
}

/** How far the better half of the candidates lie apart, for the first size of the simplex. */
function spreadOf(members: readonly Member[]): Float64Array {
  const ranked = [...members].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  const better = ranked.slice(0, Math.max(2, ranked.length >> 1)).map(({ candidate }) => candidate);
  const [first = new Float64Array(0)] = better;
  return first.map((_, d) => {
    const numbers = better.map((candidate) => candidate[d] as number);
    return Math.min(0.25, Math.max(0.002, (Math.max(...numbers) - Math.min(...numbers)) / 2));
  });
}

/** Size of the simplex, as a part of the ranges, below which it has converged. */
const SMALLEST = 1e-5;

async function simplex(
  options: SearchOptions,
  evaluate: Evaluate,
  start: Found,
  sizes: Float64Array,
): Promise<Omit<Outcome, "generations">> {
  const { dimensions, refinements, goal, step } = options;
  let best: Found = start;
  let [done, restarts] = [0, 0];
  for (;;) {
    const scale = restarts === 0 ? 1 : 0.25;
    const corners = [...sizes.keys()].map((d) => {
      const x = best.candidate[d] as number;
      const size = scale * (sizes[d] as number);
      return best.candidate.map((y, k) => (k === d ? (x + size > 1 ? x - size : x + size) : y));
    });
    const values = await evaluate(corners);
    let points: Found[] = [best, ...corners.map((candidate, i) => ({ candidate, value: values[i] as number }))];
    const before = best.value;
    for (;;) {
      points = points.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
      best = points[0] as Found;
      const converged = sizeOf(points) < SMALLEST || best.value <= goal;
      if (converged) break;
      const stopped = !step("refine", done, best);
      if (stopped || done >= refinements) return { ...best, refinements: done, converged: false, stopped };
      done++;
      points = await moved(points, dimensions, evaluate);
    }
    // A simplex may collapse where it should not: another one has to find nothing better.
    if (restarts > 0 && before - best.value <= 1e-3 * before) {
      return { ...best, refinements: done, converged: true, stopped: false };
    }
    restarts++;
  }
}

/** A step of the simplex, whose points are sorted. */
async function moved(points: readonly Found[], dimensions: number, evaluate: Evaluate): Promise<Found[]> {
  const worst = points[dimensions] as Found;
  const others = points.slice(0, dimensions);
  const centre = new Float64Array(dimensions);
  for (const { candidate } of others) {
    for (let d = 0; d < dimensions; d++) centre[d] = (centre[d] as number) + (candidate[d] as number) / dimensions;
  }
  const candidates = [1, 2, 0.5, -0.5].map((t) =>
    centre.map((x, d) => Math.min(1, Math.max(0, x + t * (x - (worst.candidate[d] as number))))),
  );
  const values = await evaluate(candidates);
  const [reflected, expanded, outside, inside] = candidates.map((candidate, i) => {
    return { candidate, value: values[i] as number };
  }) as [Found, Found, Found, Found];
  const [first, second] = [(others[0] as Found).value, (others[dimensions - 1] as Found).value];
  if (reflected.value < first) return [...others, expanded.value < reflected.value ? expanded : reflected];
  if (reflected.value < second) return [...others, reflected];
  if (outside.value <= reflected.value && reflected.value < worst.value) return [...others, outside];
  if (inside.value < worst.value) return [...others, inside];
  const [best] = others as [Found];
  const shrunk = points
    .slice(1)
    .map(({ candidate }) => candidate.map((x, d) => (x + (best.candidate[d] as number)) / 2));
  const answers = await evaluate(shrunk);
  return [best, ...shrunk.map((candidate, i) => ({ candidate, value: answers[i] as number }))];
}

function sizeOf(points: readonly Found[]): number {
  const [best, ...others] = points as [Found, ...Found[]];
  return others.reduce(
    (size, { candidate }) =>
      candidate.reduce((s, x, d) => Math.max(s, Math.abs(x - (best.candidate[d] as number))), size),
    0,
  );
}

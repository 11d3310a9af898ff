/** Cycles of models that are reset at a spike: solved piece by piece, with the jump of deviations at each reset. */
import { type Complex, eigenvalues, nullVector, product } from "../analysis/linear.js";
import type { Resets, System } from "../sim/system.js";
import type { Breath } from "./given.js";
import { CycleError, type Cycle, hermite } from "./cycles.js";
import { solve } from "../analysis/solver.js";

/** A piece of a solution from where v is free behind a reset to where it is free again. */
export interface Piece {
  /** Times from its start in ms and states: up to the spike, and behind the reset while v is held. */
  readonly free: Course;
  readonly held: Course;
  /** What deviations at its start become at the spike, and those at the end, in row order. */
  readonly jump: Float64Array;
  readonly matrix: Float64Array;
  /** The state at its end. */
  readonly next: Float64Array;
  readonly duration: number;
}

interface Course {
  readonly times: number[];
  readonly states: Float64Array[];
}

/** A cycle with its pieces. */
export interface HybridCycle {
  readonly cycle: Cycle;
  readonly pieces: readonly Piece[];
}

/** Whether a state stands still while the neuron is refractory. */
function stands(system: System, k: number): boolean {
  // built-in models hold v; in own ones equations say which states stand still
  if (system.record.definition === undefined) return k === 0;
  return system.model.states.find(({ name }) => name === system.names[k])?.flags.unlessRefractory === true;
}

/** The equations, free or while v is held. */
class Flow {
  private readonly system: System;
  private readonly held: boolean;
  private readonly f: Float64Array;
  private readonly J: Float64Array;

  constructor(system: System, held: boolean) {
    this.system = system;
    this.held = held;
    this.f = new Float64Array(system.n);
    this.J = new Float64Array(system.n * system.n);
  }

  slopes(x: Float64Array): Float64Array {
    const { system, f } = this;
    system.at(x, f);
    if (this.held) for (let k = 0; k < system.n; k++) if (stands(system, k)) f[k] = 0;
    return f;
  }

  jacobian(x: Float64Array): Float64Array {
    const { system, J } = this;
    const { n } = system;
    system.jacobian(x, J);
    if (this.held) for (let k = 0; k < n; k++) if (stands(system, k)) J.fill(0, k * n, (k + 1) * n);
    return J;
  }

  /** A state, and behind it what deviations become, in row order. */
  readonly withDeviations = (y: Float64Array, out: Float64Array): void => {
    const { n } = this.system;
    const x = y.subarray(0, n);
    out.set(this.slopes(x));
    const J = this.jacobian(x);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += (J[i * n + k] as number) * (y[n + k * n + j] as number);
        out[n + i * n + j] = sum;
      }
    }
  };
}

function unit(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
}

/** A course with what deviations become on it. */
function followed(
  system: System,
  held: boolean,
  start: Float64Array,
  time: number,
  guard?: (x: Float64Array) => number,
): {
  readonly course: Course;
  readonly x: Float64Array;
  readonly matrix: Float64Array;
  readonly event: boolean;
  readonly t: number;
} {
  const { n } = system;
  const course: Course = { times: [0], states: [start] };
  const y = Float64Array.of(...start, ...unit(n));
  const end = solve(new Flow(system, held).withDeviations, y, time, {
    relative: 1e-11,
    absolute: y.map((value, k) => (k < n ? 1e-11 * Math.max(1e-2, Math.abs(value)) : 1e-9)),
    ...(guard && { guard }),
    onStep: (t, now) => {
      course.times.push(t);
      course.states.push(now.slice(0, n));
    },
  });
  return { course, x: end.x.slice(0, n), matrix: end.x.slice(n), event: end.event, t: end.t };
}

/** From a state in which v is free to where it is free behind the next spike; undefined where there is none. */
function pieceFrom(system: System, resets: Resets, start: Float64Array, most: number): Piece | undefined {
  const { n } = system;
  const guard = (x: Float64Array): number => system.evaluate(resets.guard, x, 1)[0] as number;
  if (guard(start) >= 0) return undefined;
  const free = followed(system, false, start, most, guard);
  if (!free.event) return undefined;
  const behind = system.evaluate(resets.reset, free.x, n);
  const hold = resets.hold === undefined ? 0 : (system.evaluate(resets.hold, behind, 1)[0] as number);
  const held = hold > 0 ? followed(system, true, behind, hold) : undefined;
  const next = held?.x ?? behind;
  // A deviation reaches the threshold sooner or later, and with that all that follows (saltation).
  const before = system.at(free.x);
  const after = system.at(next);
  const g = system.evaluate(resets.guardSlopes, free.x, n);
  const rate = g.reduce((sum, value, k) => sum + value * (before[k] as number), 0);
  const along = unit(n).map(
    (value, k) => value - ((before[Math.floor(k / n)] as number) * (g[k % n] as number)) / rate,
  );
  const kept = product(system.evaluate(resets.resetSlopes, free.x, n * n), along, n);
  const through = held ? product(held.matrix, kept, n) : kept;
  const jump = through.map((value, k) => value + ((after[Math.floor(k / n)] as number) * (g[k % n] as number)) / rate);
  return {
    free: free.course,
    held: held?.course ?? { times: [], states: [] },
    jump,
    matrix: product(jump, free.matrix, n),
    next,
    duration: free.t + hold,
  };
}

/** Most spikes of a cycle. */
const MOST_SPIKES = 64;

/** The cycle to which a neuron settles from a state on. */
export async function settledHybrid(
  system: System,
  resets: Resets,
  start: Float64Array,
  settle: number,
  breath: Breath,
): Promise<HybridCycle> {
  const { n, record } = system;
  const none = (why: string): CycleError =>
    new CycleError(`${record.id}: ${why}; there is no cycle from this start.`, { path: record.id });
  let x = start;
  let time = 0;
  const first = pieceFrom(system, resets, x, settle);
  if (first === undefined) throw none(`the neuron does not spike within ${settle} ms`);
  x = first.next;
  const seen: Float64Array[] = [];
  const size = new Float64Array(n).fill(1e-300);
  for (let spike = 0; time < settle || spike < 8 * MOST_SPIKES; spike++) {
    await breath.take(time / settle);
    const piece = pieceFrom(system, resets, x, settle);
    if (piece === undefined) throw none(`the neuron stops firing after ${spike + 1} spikes`);
    time += piece.duration;
    seen.push(x);
    x = piece.next;
    x.forEach((value, k) => {
      size[k] = Math.max(size[k] as number, Math.abs(value));
    });
    // does it come back, to all digits?
    for (let back = 1; back <= Math.min(MOST_SPIKES, seen.length); back++) {
      const earlier = seen[seen.length - back] as Float64Array;
      if (x.every((value, k) => Math.abs(value - (earlier[k] as number)) <= 1e-10 * (size[k] as number))) {
        return closed(system, resets, x, back, settle);
      }
    }
    if (spike > 20 * MOST_SPIKES) break;
  }
  throw none(`no state came back within ${MOST_SPIKES} spikes in ${settle} ms: firing is irregular, or settles slowly`);
}

function closed(system: System, resets: Resets, start: Float64Array, spikes: number, most: number): HybridCycle {
  const { n, names } = system;
  const pieces: Piece[] = [];
  let x = start;
  let M: Float64Array = unit(n);
  for (let k = 0; k < spikes; k++) {
    const piece = pieceFrom(system, resets, x, most) as Piece;
    pieces.push(piece);
    M = product(piece.matrix, M, n);
    x = piece.next;
  }
  const multipliers = hybridMultipliers(M, n);
  const period = pieces.reduce((sum, { duration }) => sum + duration, 0);
  const time: number[] = [];
  const states = names.map((): number[] => []);
  let from = 0;
  for (const { free, held, duration } of pieces) {
    const end = free.times.at(-1) as number;
    const all = [...free.times, ...held.times.map((t) => end + t)];
    [...free.states, ...held.states].forEach((now, i) => {
      time.push(from + (all[i] as number));
      names.forEach((_, k) => states[k]?.push(now[k] as number));
    });
    from += duration;
  }
  const cycle = {
    period,
    multipliers,
    stable: multipliers.slice(1).every(({ re, im }) => Math.hypot(re, im) < 1),
    time: Float64Array.from(time),
    states: Object.fromEntries(names.map((name, k) => [name, Float64Array.from(states[k] as number[])])),
  };
  return { cycle, pieces };
}

function hybridMultipliers(M: Float64Array, n: number): Complex[] {
  const values = eigenvalues(M, n);
  const away = ({ re, im }: Complex): number => Math.hypot(re - 1, im);
  const trivial = values.reduce((a, b) => (away(b) < away(a) ? b : a));
  const others = values.filter((value) => value !== trivial);
  return [trivial, ...others.sort((a, b) => Math.hypot(b.re, b.im) - Math.hypot(a.re, a.im))];
}

/**
 * The gradient of the phase along a cycle, in ms per unit of each state, with its times in ms. Backwards in time, in
 * which deviations across the cycle die away.
 */
export function hybridAdjoint(
  system: System,
  { pieces }: HybridCycle,
): {
  readonly times: readonly number[];
  readonly z: readonly Float64Array[];
  readonly slopes: readonly Float64Array[];
} {
  const { n } = system;
  let M: Float64Array = unit(n);
  for (const { matrix } of pieces) M = product(matrix, M, n);
  const whole = unit(n);
  const first = nullVector(
    M.map((value, k) => value - (whole[k] as number)),
    n,
    true,
  );
  const start = (pieces[0] as Piece).free.states[0] as Float64Array;
  const along = system.at(start).reduce((sum, value, k) => sum + value * (first[k] as number), 0);
  let z: Float64Array = first.map((value) => value / along);
  const back: Gradient[] = [];
  let end = pieces.reduce((sum, { duration }) => sum + duration, 0);
  for (const { free, held, jump, duration } of [...pieces].reverse()) {
    const from = end - duration;
    const spike = from + (free.times.at(-1) as number);
    const atSpike = z.map((_, j) => z.reduce((sum, value, k) => sum + value * (jump[k * n + j] as number), 0));
    for (const one of backwards(system, true, held, z)) {
      // v of built-in models is put back in each step
      const put = (v: Float64Array): Float64Array =>
        v.map((value, k) => (system.record.definition === undefined && stands(system, k) ? 0 : value));
      back.push({ t: spike + one.t, z: put(one.z), slope: put(one.slope) });
    }
    for (const one of backwards(system, false, free, atSpike)) {
      back.push({ ...one, t: from + one.t });
      ({ z } = one);
    }
    end = from;
  }
  back.reverse();
  return {
    times: back.map(({ t }) => t),
    z: back.map(({ z: value }) => value),
    slopes: back.map(({ slope }) => slope),
  };
}

/** The gradient at a time, and how it changes per ms. */
interface Gradient {
  readonly t: number;
  readonly z: Float64Array;
  readonly slope: Float64Array;
}

/** Parts of a step of the solution in which the adjoint is solved, by Runge and Kutta's method. */
const PARTS = 4;

function backwards(system: System, isHeld: boolean, { times, states }: Course, end: Float64Array): Gradient[] {
  const { n } = system;
  const flow = new Flow(system, isHeld);
  if (times.length === 0) return [];
  let z: Float64Array = end;
  const at = (v: Float64Array, J: Float64Array): Float64Array =>
    v.map((_, j) => -v.reduce((sum, value, k) => sum + value * (J[k * n + j] as number), 0));
  const last = times.length - 1;
  const out: Gradient[] = [{ t: times[last] as number, z, slope: at(z, flow.jacobian(states[last] as Float64Array)) }];
  for (let i = times.length - 2; i >= 0; i--) {
    const width = (times[i + 1] as number) - (times[i] as number);
    const [a, b] = [states[i] as Float64Array, states[i + 1] as Float64Array];
    const [fa, fb] = [flow.slopes(a).slice(), flow.slopes(b).slice()];
    const slope = (s: number, v: Float64Array): Float64Array => {
      const J = flow.jacobian(a.map((_, j) => hermite(s, width, a, b, fa, fb, j)));
      return v.map((_, j) => v.reduce((sum, value, k) => sum + value * (J[k * n + j] as number), 0));
    };
    const h = width / PARTS;
    for (let part = PARTS; part > 0; part--) {
      const s = part / PARTS;
      const add = (u: Float64Array, by: number): Float64Array => z.map((value, k) => value + by * (u[k] as number));
      const k1 = slope(s, z);
      const k2 = slope(s - 0.5 / PARTS, add(k1, h / 2));
      const k3 = slope(s - 0.5 / PARTS, add(k2, h / 2));
      const k4 = slope(s - 1 / PARTS, add(k3, h));
      z = z.map((value, k) => {
        const sum = (k1[k] as number) + 2 * (k2[k] as number) + 2 * (k3[k] as number) + (k4[k] as number);
        return value + (h / 6) * sum;
      });
    }
    out.push({ t: times[i] as number, z, slope: at(z, flow.jacobian(a)) });
  }
  return out;
}

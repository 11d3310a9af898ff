/** Limit cycles of smooth models, and branches of them as one number of a model changes. */
import { type Complex, eigenvalues, factored, solved } from "../analysis/linear.js";
import { keyPath, outOfRange, readInteger, readName, readNumber, readObject, requiredField } from "../model/check.js";
import { SpikeletError } from "../model/errors.js";
import type { ModelRecord } from "../model/record.js";
import type { Knob, System } from "../sim/system.js";
import {
  type Change,
  DEGREE,
  evenMesh,
  Linearised,
  moved,
  type Orbit,
  phaseRow,
  phasesOf,
  type Row,
  weightOf,
} from "./collocation.js";
import { complexNull, type ContinuationOptions, Follower, readSweep, scaled, type Sweep } from "./equilibria.js";
import { type Breath, named, readGiven } from "./given.js";
import { solve } from "../analysis/solver.js";

/** There is no cycle where one was looked for, or none was found. */
export class CycleError extends SpikeletError {
  override readonly name = "CycleError";
  override readonly code = "cycle";
}

/** A periodic solution. */
export interface Cycle {
  /** ms */
  readonly period: number;
  /**
   * Floquet multipliers: by what deviations are multiplied in a period. The first is that along the cycle, which is 1;
   * how near it is says how accurate the others are (with two states it is taken as 1).
   */
  readonly multipliers: readonly Complex[];
  /** All multipliers but the first are within the unit circle. */
  readonly stable: boolean;
  /** Times of the samples in ms, from 0 to below the period. */
  readonly time: Float64Array;
  /** Each state at these times, in its unit. */
  readonly states: Readonly<Record<string, Float64Array>>;
}

/** A cycle on a branch. */
export interface CyclePoint extends Cycle {
  /** Value of the parameter. */
  readonly value: number;
}

/** A place on a branch of cycles where the number of unstable directions changes. */
export interface CycleBifurcation extends CyclePoint {
  /**
   * `fold`: two cycles meet and vanish. `period doubling`: a multiplier passes -1. `torus`: a pair passes the unit
   * circle.
   */
  readonly type: "fold" | "period doubling" | "torus";
  /** Place among the branch's points, of which it is one. */
  readonly index: number;
}

/** A branch of cycles, in the order in which it was followed. */
export interface CycleBranch {
  readonly parameter: string;
  readonly unit: string;
  readonly variables: readonly string[];
  readonly points: readonly CyclePoint[];
  readonly bifurcations: readonly CycleBifurcation[];
  /**
   * Why it ends: the parameter left its range (`range`); the cycle shrank to a point (`hopf`); its period grew beyond
   * `longest` while a part of it came to rest at a saddle (`homoclinic`), or where two fixed points are about to be
   * born on it (`snic`), or neither was seen (`period`); Newton's method failed (`lost`).
   */
  readonly ends: "range" | "hopf" | "homoclinic" | "snic" | "period" | "lost" | "most points";
  /** Where it ends: the last value of the parameter; of `snic` the fold of fixed points, or where 1/T^2 points. */
  readonly end: number;
}

/** Which cycles are followed. */
export interface CycleBranchOptions<M extends ModelRecord> extends Omit<ContinuationOptions<M>, "box"> {
  /**
   * Where the branch begins: a Hopf point of `continueEquilibria`; or, with a `direction`, the cycle to which a neuron
   * settles at this value (within 1000 ms) from this state.
   */
  readonly start: { readonly value: number; readonly state: Readonly<Record<string, number>> };
  /** Begins with the cycle to which the neuron settles, and goes to larger or smaller values from there. */
  readonly direction?: "up" | "down";
  /** The branch ends where the period (ms) is longer; 30 times the first one by default. */
  readonly longest?: number | string;
  /** Intervals of which a cycle is made; 60 by default. */
  readonly intervals?: number;
  /** Most points of the branch; 500 by default. */
  readonly points?: number;
}

const PATH = "continueCycles";
const KEYS = ["parameter", "from", "to", "step", "start", "direction", "longest", "intervals", "points"] as const;

/**
 * Follows the cycles that begin at a Hopf point, stable or not, by collocation and pseudo-arclength: round folds, to
 * the end of the range or of the branch.
 *
 * @throws CycleError where no cycles begin at the start
 */
export async function continueCycles<M extends ModelRecord>(
  model: M,
  options: CycleBranchOptions<M>,
): Promise<CycleBranch> {
  const given = await readGiven(model, options, PATH, KEYS);
  const { system, fields, breath } = given;
  const sweep = readSweep(given, PATH);
  const { knob } = sweep;
  const start = readObject(requiredField(fields, "start", PATH, "a Hopf point"), `${PATH}.start`);
  const value = readNumber(start.value, `${PATH}.start.value`, knob.unit);
  const state = readObject(start.state, `${PATH}.start.state`);
  const x = Float64Array.from(system.names, (name, k) =>
    readNumber(state[name], keyPath(`${PATH}.start.state`, name), system.units[k] as string),
  );
  const longest = fields.longest === undefined ? undefined : readNumber(fields.longest, `${PATH}.longest`, "ms", "> 0");
  const most = readInteger(fields.points ?? MOST_POINTS, `${PATH}.points`, 2, 100_000);
  const whole = { ...sweep, longest, most, intervals: readIntervals(fields.intervals, PATH) };
  if (fields.direction === undefined) return cyclesFrom(system, whole, { value, x }, breath);
  const direction = readName(fields.direction, `${PATH}.direction`, "direction", ["up", "down"]);
  system.set(knob, value);
  const found = await settledCycle(system, x, { settle: SETTLE, intervals: whole.intervals }, breath);
  return cyclesOn(system, whole, found, value, direction === "up" ? 1 : -1, breath);
}

/** ms in which a neuron is on its cycle, where a branch begins there. */
export const SETTLE = 1000;

/** How many intervals a cycle is made of. */
export function readIntervals(value: unknown, path: string): number {
  const count = readNumber(value ?? 60, `${path}.intervals`, "");
  if (!Number.isInteger(count) || count < 10 || count > 1000) {
    outOfRange(count, "", `${path}.intervals`, "an integer from 10 to 1000");
  }
  return count;
}

/** What of a branch is chosen. */
export interface CycleSweep extends Sweep {
  readonly longest: number | undefined;
  readonly intervals: number;
  readonly most: number;
}

/** The same of a system. */
export async function cyclesFrom(
  system: System,
  sweep: CycleSweep,
  hopf: { readonly value: number; readonly x: Float64Array },
  breath: Breath,
): Promise<CycleBranch> {
  const before = system.get(sweep.knob);
  try {
    const follower = new CycleFollower(system, sweep);
    return await follower.follow(follower.smallCycle(hopf.value, hopf.x, sweep.intervals), breath);
  } finally {
    system.set(sweep.knob, before);
  }
}

/** From a cycle on, to larger or smaller values. */
export async function cyclesOn(
  system: System,
  sweep: CycleSweep,
  found: Found,
  value: number,
  side: 1 | -1,
  breath: Breath,
): Promise<CycleBranch> {
  const before = system.get(sweep.knob);
  try {
    const follower = new CycleFollower(system, sweep);
    return await follower.follow(follower.from(found, value, side), breath);
  } finally {
    system.set(sweep.knob, before);
  }
}

/** An orbit with the direction of its branch. */
interface Place {
  readonly orbit: Orbit;
  readonly tangent: Change;
  readonly multipliers: readonly Complex[];
}

const [MOST_POINTS, SHORTEST] = [500, 1e-5];
/** Bifurcations at the same value, one after the other, up to which a branch is followed. */
const MOST_CROWDED = 8;

class CycleFollower {
  private readonly system: System;
  private readonly sweep: CycleSweep;
  private readonly scale: Float64Array;
  private longest = Number.POSITIVE_INFINITY;

  constructor(system: System, sweep: CycleSweep) {
    this.system = system;
    this.sweep = sweep;
    this.scale = new Float64Array(system.n);
  }

  async follow(first: Place, breath: Breath): Promise<CycleBranch> {
    const { system, sweep } = this;
    const { knob, range } = sweep;
    const { value } = first.orbit;
    const longest = sweep.longest ?? 30 * first.orbit.period;
    this.longest = longest;
    const points: CyclePoint[] = [];
    const bifurcations: CycleBifurcation[] = [];
    const finish = (ends: CycleBranch["ends"], end = points.at(-1)?.value ?? value): CycleBranch => ({
      parameter: knob.name,
      unit: knob.unit,
      variables: system.names,
      points,
      bifurcations,
      ends,
      end,
    });
    let now: Place = first;
    // a Hopf point is no cycle
    if (first.multipliers.length > 0) points.push(this.point(first));
    const most = 20 * sweep.step;
    let crowded = 0;
    let length = Math.min(most, 0.02);
    for (let tries = 0; points.length < sweep.most;) {
      await breath.take(points.length / 400);
      const next = this.next(now, length);
      if (next === undefined) {
        length /= 2;
        if (++tries > 40 || length < SHORTEST) {
          if (points.length > 0) return finish("lost");
          const message = `${PATH}.start: no cycles begin at ${knob.name} = ${value}; it must be a Hopf point.`;
          throw new CycleError(message, { path: `${PATH}.start`, value });
        }
        continue;
      }
      tries = 0;
      const { place } = next;
      if (points.length > 2 && this.hasShrunk(now, place)) return finish("hopf", this.shrunk(points));
      if (place.orbit.value < range[0] || place.orbit.value > range[1]) {
        const edge = place.orbit.value < range[0] ? range[0] : range[1];
        const found = this.atValue(now, place, edge);
        if (found !== undefined) points.push(this.point(found));
        return finish("range", edge);
      }
      if (points.length > 1) {
        for (const found of this.between(now, place, length)) {
          const last = bifurcations.at(-1)?.value ?? Number.NaN;
          crowded = Math.abs(found.value - last) < 1e-6 * (range[1] - range[0]) ? crowded + 1 : 0;
          points.push(found);
          bifurcations.push({ ...found, index: points.length - 1 });
        }
        // so many in one place are not what the equations do, but what the polynomials do not resolve
        if (crowded > MOST_CROWDED) return finish("lost");
      }
      points.push(this.point(place));
      if (place.orbit.period > longest) return this.longEnd(place, points, finish, breath);
      if (next.rounds <= 4) length = Math.min(most, 1.3 * length);
      if (next.rounds > 6) length /= 1.4;
      now = this.remeshed(place);
    }
    return finish("most points");
  }

  /** What is next to a Hopf point: an ellipse in the plane of the pair. */
  smallCycle(value: number, x: Float64Array, intervals: number): Place {
    const { system, scale, sweep } = this;
    const { n } = system;
    for (let k = 0; k < n; k++) scale[k] = 0.3 * (Math.abs(x[k] as number) > 1e-6 ? Math.abs(x[k] as number) : 1);
    system.set(sweep.knob, value);
    const J = scaled(system.jacobian(x), n, scale);
    const pair = eigenvalues(J, n)
      .filter(({ im }) => im > 0)
      .sort((a, b) => Math.abs(a.re) - Math.abs(b.re))[0];
    if (pair === undefined) {
      const message = `${PATH}.start: the fixed point has no complex eigenvalues; cycles begin at a Hopf point.`;
      throw new CycleError(message, { path: `${PATH}.start`, value });
    }
    const q = complexNull(J, n, pair.im);
    const mesh = Float64Array.from({ length: intervals + 1 }, (_, i) => i / intervals);
    const nodes = new Float64Array(intervals * DEGREE * n);
    const direction = new Float64Array(nodes.length);
    phasesOf(mesh).forEach((phase, node) => {
      const [c, s] = [Math.cos(2 * Math.PI * phase), Math.sin(2 * Math.PI * phase)];
      q.forEach(([a, b], k) => {
        nodes[node * n + k] = x[k] as number;
        direction[node * n + k] = (a * c - b * s) * (scale[k] as number);
      });
    });
    const orbit = { mesh, nodes, period: (2 * Math.PI) / pair.im, value };
    const tangent = this.unit(orbit, { nodes: direction, period: 0, value: 0 });
    return { orbit, tangent, multipliers: [] };
  }

  /** A cycle that was found, with the direction in which the value grows or falls. */
  from({ orbit: found, scale }: Found, value: number, side: 1 | -1): Place {
    const { system, sweep } = this;
    scale.forEach((size, k) => {
      this.scale[k] = Math.max(0.3 * size, 1e-9);
    });
    const orbit = { ...found, value };
    const linear = new Linearised(system, sweep.knob, orbit, this.scale);
    const change = { nodes: new Float64Array(orbit.nodes.length), period: 0, value: 1 };
    const raw = linear.solve([phaseRow(system, orbit, this.scale), change], [0, 1], true);
    return { orbit, tangent: this.unit(orbit, raw, side), multipliers: linear.multipliers() };
  }

  private inner({ mesh, period }: Orbit, a: Change, b: Change): number {
    const { scale, system, sweep } = this;
    const { n } = system;
    let sum = (a.period * b.period) / period ** 2 + (a.value * b.value) / (sweep.range[1] - sweep.range[0]) ** 2;
    for (let node = 0; node < a.nodes.length / n; node++) {
      const weight = weightOf(mesh, node);
      for (let j = 0; j < n; j++) {
        const k = node * n + j;
        sum += (weight * (a.nodes[k] as number) * (b.nodes[k] as number)) / (scale[j] as number) ** 2;
      }
    }
    return sum;
  }

  private unit(orbit: Orbit, change: Change, sign = 1): Change {
    const size = Math.sqrt(this.inner(orbit, change, change)) * sign;
    return { nodes: change.nodes.map((x) => x / size), period: change.period / size, value: change.value / size };
  }

  /** The inner product with a change as a condition. */
  private rowOf({ mesh, period }: Orbit, change: Change): Row {
    const { scale, system, sweep } = this;
    const { n } = system;
    return {
      nodes: change.nodes.map((x, k) => (weightOf(mesh, Math.floor(k / n)) * x) / (scale[k % n] as number) ** 2),
      period: change.period / period ** 2,
      value: change.value / (sweep.range[1] - sweep.range[0]) ** 2,
    };
  }

  /** Newton's method onto the branch at a distance along the tangent. */
  private next(from: Place, length: number): { readonly place: Place; readonly rounds: number } | undefined {
    const { orbit, tangent } = from;
    const start: Orbit = {
      mesh: orbit.mesh,
      nodes: orbit.nodes.map((x, k) => x + length * (tangent.nodes[k] as number)),
      period: orbit.period + length * tangent.period,
      value: orbit.value + length * tangent.value,
    };
    const row = this.rowOf(orbit, tangent);
    const distance = (now: Orbit): number =>
      now.nodes.reduce((sum, x, k) => sum + (row.nodes[k] as number) * (x - (orbit.nodes[k] as number)), 0) +
      row.period * (now.period - orbit.period) +
      row.value * (now.value - orbit.value);
    const found = this.corrected(start, row, (now) => length - distance(now));
    if (found === undefined) return undefined;
    const { linear, rounds } = found;
    const raw = linear.solve([phaseRow(this.system, found.orbit, this.scale), row], [0, 1], true);
    const next = this.unit(found.orbit, raw);
    const turn = this.inner(found.orbit, next, this.unit(found.orbit, tangent));
    // near its start a branch is so short that directions change much
    if (!(turn > 0.7)) return undefined;
    return { place: { orbit: found.orbit, tangent: next, multipliers: linear.multipliers() }, rounds };
  }

  private corrected(
    start: Orbit,
    row: Row,
    missing: (now: Orbit) => number,
  ): { readonly orbit: Orbit; readonly linear: Linearised; readonly rounds: number } | undefined {
    return corrected(this.system, this.sweep.knob, start, this.scale, { row, missing });
  }

  private remeshed({ orbit, tangent, multipliers }: Place): Place {
    const { system, scale } = this;
    const { n } = system;
    for (let k = 0; k < n; k++) {
      const [low, high] = extent(orbit.nodes, n, k);
      scale[k] = Math.max(scale[k] as number, 0.3 * (high - low));
    }
    const mesh = evenMesh(orbit, n, scale);
    const next = { ...orbit, mesh, nodes: moved(orbit.mesh, orbit.nodes, n, mesh) };
    const direction = { ...tangent, nodes: moved(orbit.mesh, tangent.nodes, n, mesh) };
    return { orbit: next, tangent: this.unit(next, direction), multipliers };
  }

  private atValue(from: Place, to: Place, value: number): Place | undefined {
    const [a, b] = [from.orbit, to.orbit];
    const part = (value - a.value) / (b.value - a.value);
    const mix = (x: number, y: number): number => x + part * (y - x);
    const start = {
      mesh: a.mesh,
      nodes: a.nodes.map((x, k) => mix(x, b.nodes[k] as number)),
      period: mix(a.period, b.period),
      value,
    };
    const row = { nodes: new Float64Array(a.nodes.length), period: 0, value: 1 };
    const found = this.corrected(start, row, (now) => value - now.value);
    return found && { orbit: found.orbit, tangent: to.tangent, multipliers: found.linear.multipliers() };
  }

  private point({ orbit, multipliers }: Place): CyclePoint {
    return { value: orbit.value, ...cycleOf(this.system, orbit, multipliers) };
  }

  /** Whether a cycle has shrunk to a point and grows again, half a period later. */
  private hasShrunk(from: Place, to: Place): boolean {
    const { n } = this.system;
    const means = [from, to].map(({ orbit: { mesh, nodes } }) =>
      Float64Array.from({ length: n }, (_, j) => {
        let sum = 0;
        for (let node = 0; node < nodes.length / n; node++)
          sum += weightOf(mesh, node) * (nodes[node * n + j] as number);
        return sum;
      }),
    ) as [Float64Array, Float64Array];
    let sum = 0;
    const { mesh, nodes } = from.orbit;
    nodes.forEach((x, k) => {
      const j = k % n;
      const [a, b] = [x - (means[0][j] as number), (to.orbit.nodes[k] as number) - (means[1][j] as number)];
      sum += (weightOf(mesh, Math.floor(k / n)) * a * b) / (this.scale[j] as number) ** 2;
    });
    return sum < 0;
  }

  /** The value at which the square of the amplitude is 0, by the last two points. */
  private shrunk(points: readonly CyclePoint[]): number {
    const [a, b] = points.slice(-2) as [CyclePoint, CyclePoint];
    const square = ({ states }: CyclePoint): number => {
      const values = states[this.system.names[0] as string] as Float64Array;
      return (Math.max(...values) - Math.min(...values)) ** 2;
    };
    const [x, y] = [square(a), square(b)];
    return x === y ? b.value : b.value + ((a.value - b.value) * y) / (y - x);
  }

  private between(from: Place, to: Place, length: number): Omit<CycleBifurcation, "index">[] {
    const tests: readonly (readonly [CycleBifurcation["type"], (place: Place) => number])[] = [
      ["fold", ({ tangent }) => tangent.value],
      ["period doubling", ({ multipliers }) => multipliers.slice(1).reduce((p, { re }) => p * (re + 1), 1)],
      ["torus", ({ multipliers }) => torus(multipliers.slice(1))],
    ];
    return tests.flatMap(([type, test]) => {
      const [a, b] = [test(from), test(to)];
      if (a < 0 === b < 0) return [];
      const place = this.locate(from, length, test, a);
      if (place === undefined) return [];
      // pairs that are not complex only look like it
      // near the end of a long cycle rounding moves the value to and fro
      const isLong = place.orbit.period > 0.25 * this.longest;
      const moves = Math.abs(to.orbit.value - from.orbit.value) > 1e-6 * (this.sweep.range[1] - this.sweep.range[0]);
      if (type === "fold" && isLong && !moves) return [];
      const pair = place.multipliers.slice(1).find(({ re, im }) => im > 0 && Math.abs(Math.hypot(re, im) - 1) < 1e-3);
      if (type === "torus" && pair === undefined) return [];
      if (type === "period doubling" && !place.multipliers.some(({ re, im }) => im === 0 && Math.abs(re + 1) < 1e-3))
        return [];
      return [{ type, ...this.point(place), stable: false }];
    });
  }

  private locate(from: Place, length: number, test: (place: Place) => number, first: number): Place | undefined {
    let [low, high, a, b] = [0, length, first, Number.NaN];
    let place: Place | undefined;
    for (let round = 0; round < 30 && high - low > 1e-7 * length; round++) {
      const part = Number.isNaN(b) ? high : round % 3 === 2 ? 0.5 * (low + high) : low + ((high - low) * a) / (a - b);
      const next = this.next(from, part);
      if (next === undefined) return place;
      ({ place } = next);
      const value = test(place);
      if (value === 0) return place;
      if (value * a > 0) {
        if (Number.isNaN(b)) return undefined;
        [low, a] = [part, value];
      } else [high, b] = [part, value];
    }
    return place;
  }

  /** What a cycle with a long period comes to rest at. */
  private async longEnd(
    { orbit }: Place,
    points: readonly CyclePoint[],
    finish: (ends: CycleBranch["ends"], end?: number) => CycleBranch,
    breath: Breath,
  ): Promise<CycleBranch> {
    const { system, scale, sweep } = this;
    const { n } = system;
    const speed = (x: Float64Array): number => Math.hypot(...system.at(x).map((f, k) => f / (scale[k] as number)));
    system.set(sweep.knob, orbit.value);
    let slow = orbit.nodes.slice(0, n);
    for (let node = 1; node < orbit.nodes.length / n; node++) {
      const x = orbit.nodes.slice(node * n, (node + 1) * n);
      if (speed(x) < speed(slow)) slow = x;
    }
    const near = (value: number, reach: number): Float64Array | undefined => {
      system.set(sweep.knob, value);
      let x = slow;
      for (let round = 0; round < 60; round++) {
        const step = solved(factored(system.jacobian(x), n), system.at(x));
        const size = Math.hypot(...step.map((y, k) => y / (scale[k] as number)));
        if (!Number.isFinite(size)) return undefined;
        if (size < 1e-10) break;
        const part = Math.min(1, 0.1 / size);
        x = x.map((y, k) => y - part * (step[k] as number));
        if (round === 59) return undefined;
      }
      const away = Math.hypot(...x.map((y, k) => (y - (slow[k] as number)) / (scale[k] as number)));
      return away < reach ? x : undefined;
    };
    const saddle = near(orbit.value, 0.1);
    if (saddle !== undefined) {
      const values = eigenvalues(system.jacobian(saddle), n);
      if (values.some(({ re }) => re > 0) && values.some(({ re }) => re < 0)) return finish("homoclinic");
    }
    const [a, b] = points.slice(-2) as [CyclePoint, CyclePoint];
    const [x, y] = [a.period ** -2, b.period ** -2];
    const born = b.value + ((a.value - b.value) * y) / (y - x);
    const width = sweep.range[1] - sweep.range[0];
    const beyond = Math.sign(born - b.value) || 1;
    for (const part of [1e-5, 1e-4, 1e-3, 1e-2]) {
      const value = born + beyond * part * width;
      const x = near(value, 0.5);
      if (x === undefined) continue;
      // the fold itself is where the branch of that fixed point turns
      system.set(sweep.knob, value);
      const around = {
        ...sweep,
        range: [Math.min(value, born) - 0.02 * width, Math.max(value, born) + 0.02 * width] as const,
      };
      const { bifurcations } = await new Follower(system, around, [], beyond > 0 ? -1 : 1).follow(x, breath);
      const fold = bifurcations.find(({ type }) => type === "fold");
      return finish("snic", fold?.value ?? born);
    }
    return finish("period");
  }
}

function torus(values: readonly Complex[]): number {
  return values.reduce(
    (p, a, i) =>
      values.slice(i + 1).reduce((q, b) => {
        // conjugate pairs; others give a real product in all
        return a.im !== 0 && a.re === b.re && a.im === -b.im ? q * (a.re ** 2 + a.im ** 2 - 1) : q;
      }, p),
    1,
  );
}

/** Lowest and highest value of a state at the nodes. */
function extent(nodes: Float64Array, n: number, k: number): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = k; i < nodes.length; i += n) {
    low = Math.min(low, nodes[i] as number);
    high = Math.max(high, nodes[i] as number);
  }
  return [low, high];
}

/** Newton's method for a cycle, with a condition beside that of the phase where the knob changes too. */
function corrected(
  system: System,
  knob: Knob | undefined,
  start: Orbit,
  scale: ArrayLike<number>,
  condition?: { readonly row: Row; readonly missing: (now: Orbit) => number },
): { readonly orbit: Orbit; readonly linear: Linearised; readonly rounds: number } | undefined {
  const { n } = system;
  let orbit = start;
  for (let round = 1; round <= 12; round++) {
    const linear = new Linearised(system, knob, orbit, scale);
    if (!Number.isFinite(linear.residual)) return undefined;
    const phase = phaseRow(system, orbit, scale);
    const change = condition
      ? linear.solve([phase, condition.row], [0, condition.missing(orbit)])
      : linear.solve([phase], [0]);
    let size = Math.abs(change.period) / orbit.period;
    change.nodes.forEach((x, k) => {
      size = Math.max(size, Math.abs(x) / (scale[k % n] as number));
    });
    if (!Number.isFinite(size) || size > 20) return undefined;
    orbit = {
      mesh: orbit.mesh,
      nodes: orbit.nodes.map((x, k) => x + (change.nodes[k] as number)),
      period: orbit.period + change.period,
      value: orbit.value + change.value,
    };
    if (!(orbit.period > 0)) return undefined;
    if (size < 1e-8) return { orbit, linear: new Linearised(system, knob, orbit, scale), rounds: round };
  }
  return undefined;
}

/** A cycle as it is shown. */
function cycleOf(system: System, { nodes, mesh, period }: Orbit, multipliers: readonly Complex[]): Cycle {
  const { n, names } = system;
  return {
    period,
    multipliers,
    stable: multipliers.slice(1).every(({ re, im }) => Math.hypot(re, im) < 1),
    time: phasesOf(mesh).map((phase) => phase * period),
    states: Object.fromEntries(
      names.map((name, j) => [
        name,
        Float64Array.from({ length: nodes.length / n }, (_, k) => nodes[k * n + j] as number),
      ]),
    ),
  };
}

/** A cycle of a smooth model near a state, with all that its neighbours need. */
export interface Found {
  readonly cycle: Cycle;
  readonly orbit: Orbit;
  readonly linear: Linearised;
  readonly scale: Float64Array;
}

/** How a cycle is looked for. */
export interface Search {
  readonly settle: number;
  readonly intervals: number;
}

/** The cycle to which a neuron settles from a state on. */
export async function settledCycle(
  system: System,
  start: Float64Array,
  { settle, intervals }: Search,
  breath: Breath,
): Promise<Found> {
  const { n, record } = system;
  const { low, high, x } = await settled(system, start, settle, breath);
  const scale = Float64Array.from({ length: n }, (_, k) => (high[k] as number) - (low[k] as number));
  if (
    Math.max(...scale.map((s, k) => s / Math.max(1e-300, Math.abs(low[k] as number), Math.abs(high[k] as number)))) <
    1e-6
  ) {
    const place = Object.entries(named(system, x)).map(([name, value]) => `${name} = ${Number(value.toPrecision(6))}`);
    const message = `${record.id}: the neuron comes to rest at ${place.join(", ")}; there is no cycle from this start.`;
    throw new CycleError(message, { path: record.id });
  }
  for (let k = 0; k < n; k++) scale[k] = Math.max(scale[k] as number, 1e-9);
  const turn = oneTurn(system, x, scale, (low[0] as number) + 0.5 * (scale[0] as number), settle);
  if (turn === undefined) {
    const message = `${record.id}: no state came back within ${settle} ms; give the neuron longer to settle, or it is no cycle.`;
    throw new CycleError(message, { path: record.id, value: settle });
  }
  // as many intervals as are wanted, each with its share of the solver's steps
  const last = turn.mesh.length - 1;
  const even = Float64Array.from({ length: intervals + 1 }, (_, i) => {
    const [place, k] = [(i * last) / intervals, Math.min(last - 1, Math.floor((i * last) / intervals))];
    const [low, high] = [turn.mesh[k] as number, turn.mesh[k + 1] as number];
    return low + (place - k) * (high - low);
  });
  let orbit: Orbit = { ...turn, mesh: even, nodes: moved(turn.mesh, turn.nodes, n, even) };
  for (let round = 0; round < 4; round++) {
    const found = corrected(system, undefined, orbit, scale);
    if (found === undefined) break;
    if (round === 3) {
      return {
        orbit: found.orbit,
        linear: found.linear,
        scale,
        cycle: cycleOf(system, found.orbit, found.linear.multipliers()),
      };
    }
    const mesh = evenMesh(found.orbit, n, scale, intervals);
    orbit = { ...found.orbit, mesh, nodes: moved(found.orbit.mesh, found.orbit.nodes, n, mesh) };
  }
  throw new CycleError(
    `${record.id}: Newton's method did not come to a cycle near the one that was seen; try more intervals.`,
    {
      path: record.id,
    },
  );
}

/** Absolute error of each state that goes with its size. */
function errorsOf(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => 1e-10 * Math.max(1e-3, Math.abs(value)));
}

/** Where a neuron is after a time, and from where to where its states went in its last quarter. */
async function settled(
  system: System,
  start: Float64Array,
  time: number,
  breath: Breath,
): Promise<{ readonly x: Float64Array; readonly low: Float64Array; readonly high: Float64Array }> {
  const slopes = (x: Float64Array, out: Float64Array): void => void system.at(x, out);
  const parts = 40;
  let x: Float64Array = start;
  const low = start.map(() => Number.POSITIVE_INFINITY);
  const high = start.map(() => Number.NEGATIVE_INFINITY);
  for (let part = 0; part < parts; part++) {
    await breath.take((0.5 * part) / parts);
    const isLast = part >= 0.75 * parts;
    const end = solve(slopes, x, time / parts, {
      absolute: errorsOf(x),
      onStep: (_, now) => {
        if (isLast) {
          now.forEach((value, k) => {
            low[k] = Math.min(low[k] as number, value);
            high[k] = Math.max(high[k] as number, value);
          });
        }
      },
    });
    ({ x } = end);
  }
  return { x, low, high };
}

/** Most crossings of a level within a cycle. */
const MOST_TURNS = 64;

/** From a state on the way that comes back to itself when the first state rises through a level. */
function oneTurn(
  system: System,
  start: Float64Array,
  scale: Float64Array,
  level: number,
  most: number,
): Orbit | undefined {
  const { n } = system;
  const slopes = (x: Float64Array, out: Float64Array): void => void system.at(x, out);
  const options = { absolute: errorsOf(scale.map((s, k) => Math.max(s, Math.abs(start[k] as number)))) };
  const guard = (x: Float64Array): number => (x[0] as number) - level;
  const first = solve(slopes, start, most, { ...options, guard });
  if (!first.event) return undefined;
  const [times, states] = [[0], [first.x]];
  let [x, t] = [first.x, 0];
  for (let turn = 0; turn < MOST_TURNS && t < 2 * most; turn++) {
    let isAway = false;
    const onStep = (time: number, now: Float64Array): boolean => {
      times.push(t + time);
      states.push(now.slice());
      isAway = Math.abs(guard(now)) > 1e-3 * (scale[0] as number);
      return isAway;
    };
    // away from the level first, which rounding has it on either side of
    const left = solve(slopes, x, most, { ...options, longest: most / 50, onStep });
    if (!isAway) return undefined;
    t += left.t;
    const next = solve(slopes, left.x, most, {
      ...options,
      guard,
      longest: most / 50,
      onStep: (time, now) => void onStep(time, now),
    });
    if (!next.event) return undefined;
    t += next.t;
    ({ x } = next);
    const away = Math.max(...x.map((value, k) => Math.abs(value - (first.x[k] as number)) / (scale[k] as number)));
    if (away < 0.005) {
      const count = times.length - 1;
      const mesh = Float64Array.from(times, (time) => time / t);
      const nodes = new Float64Array(count * DEGREE * n);
      for (let i = 0; i < count; i++) {
        const [a, b] = [states[i] as Float64Array, states[i + 1] as Float64Array];
        const [fa, fb] = [system.at(a), system.at(b)];
        const width = (times[i + 1] as number) - (times[i] as number);
        for (let k = 0; k < DEGREE; k++) {
          const s = k / DEGREE;
          for (let j = 0; j < n; j++) nodes[(i * DEGREE + k) * n + j] = hermite(s, width, a, b, fa, fb, j);
        }
      }
      return { mesh, nodes, period: t, value: 0 };
    }
  }
  return undefined;
}

/** The cubic between two vectors with their slopes. */
export function hermite(
  s: number,
  width: number,
  a: Float64Array,
  b: Float64Array,
  fa: Float64Array,
  fb: Float64Array,
  j: number,
): number {
  const r = 1 - s;
  return (
    (a[j] as number) * r * r * (1 + 2 * s) +
    (b[j] as number) * s * s * (3 - 2 * s) +
    width * s * r * (r * (fa[j] as number) - s * (fb[j] as number))
  );
}

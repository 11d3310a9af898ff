/** The limit cycle of a neuron, and what small pushes do to its phase. */
import { readName, readNumber } from "../model/check.js";
import { UnavailableError } from "../model/errors.js";
import type { ModelRecord } from "../model/record.js";
import type { System } from "../sim/system.js";
import { at, DEGREE } from "./collocation.js";
import { CycleError, type Cycle, type Found, hermite, readIntervals, settledCycle } from "./cycles.js";
import { type Breath, type Given, type ModelAt, readGiven, readState } from "./given.js";
import { type HybridCycle, hybridAdjoint, settledHybrid } from "./hybrid.js";
import { solve } from "../analysis/solver.js";

/** Which cycle is meant. */
export interface LimitCycleOptions<M extends ModelRecord> extends ModelAt<M> {
  /** Where the neuron starts, in the units of its states; what is left out is that of its rest without input. */
  readonly start?: Readonly<Record<string, number | string>>;
  /** How long it may take to settle, in ms; 1000 by default. */
  readonly settle?: number | string;
  /** Intervals of which the cycle of a smooth model is made; 60 by default. */
  readonly intervals?: number;
}

const KEYS = ["start", "settle", "intervals"] as const;

/**
 * The limit cycle to which a neuron settles at a constant input, with its Floquet multipliers. Smooth models: by
 * collocation, from what was seen of it. Models that are reset: from reset to reset, up to 64 spikes in a cycle.
 *
 * @throws CycleError where the neuron comes to rest or does not repeat itself
 */
export async function limitCycle<M extends ModelRecord>(model: M, options: LimitCycleOptions<M> = {}): Promise<Cycle> {
  const given = await readGiven(model, options, "limitCycle", KEYS);
  return (await cycleOf(given, "limitCycle")).cycle;
}

type Either = (Found & { readonly pieces?: undefined }) | HybridCycle;

async function cycleOf(given: Given, path: string): Promise<Either> {
  const { system, fields, breath } = given;
  const start = await readState(given, fields.start, `${path}.start`);
  const settle = readNumber(fields.settle ?? 1000, `${path}.settle`, "ms", "> 0");
  const intervals = readIntervals(fields.intervals, path);
  const resets = system.resets();
  if (resets === undefined) return settledCycle(system, start, { settle, intervals }, breath);
  return settledHybrid(system, resets, start, settle, breath);
}

/** Which response is asked for. */
export interface PhaseResponseOptions<M extends ModelRecord> extends LimitCycleOptions<M> {
  /**
   * `adjoint` (default): the linear response, by the adjoint equation. `direct`: the neuron is pushed and followed
   * until it is back on its cycle; for smooth models.
   */
  readonly method?: "adjoint" | "direct";
  /** Samples of the cycle; 200 by default, 40 of `direct`. */
  readonly points?: number;
  /** By `direct`: size of the push of v in its unit; 1/1000 of the range of v by default. */
  readonly push?: number | string;
}

/** How a small push moves a neuron's phase. */
export interface PhaseResponse {
  /** ms */
  readonly period: number;
  /** Phases of the pushes as times in ms: 0 is the peak of v, or the reset. */
  readonly time: Float64Array;
  /**
   * For each state the time in ms by which all that follows comes sooner, per unit by which the state is moved. Of v it
   * is the phase response curve of brief currents, but for the capacitance. `direct` gives that of v only.
   */
  readonly response: Readonly<Record<string, Float64Array>>;
}

/**
 * The phase response of a neuron on its limit cycle, for small pushes: infinitesimal phase response curve.
 *
 * @throws CycleError as `limitCycle`
 */
export async function phaseResponse<M extends ModelRecord>(
  model: M,
  options: PhaseResponseOptions<M> = {},
): Promise<PhaseResponse> {
  const path = "phaseResponse";
  const given = await readGiven(model, options, path, [...KEYS, "method", "points", "push"]);
  const { system, fields, breath } = given;
  const method = readName(fields.method ?? "adjoint", `${path}.method`, "method", ["adjoint", "direct"]);
  const points = readNumber(fields.points ?? (method === "adjoint" ? 200 : 40), `${path}.points`, "", "> 0");
  const found = await cycleOf(given, path);
  const { period, states } = found.cycle;
  const v = system.names[0] as string;
  const range = Math.max(...(states[v] as Float64Array)) - Math.min(...(states[v] as Float64Array));
  const push =
    fields.push === undefined ? range / 1000 : readNumber(fields.push, `${path}.push`, system.units[0] as string);
  const time = Float64Array.from({ length: points }, (_, i) => (period * i) / points);
  const zero = found.pieces === undefined ? peakOf(found, system) : 0;
  if (method === "direct") {
    if (found.pieces !== undefined) {
      throw new UnavailableError(`${path}.method = "direct"; it is for models without a reset.`, {
        path: `${path}.method`,
      });
    }
    return {
      period,
      time,
      response: {
        [v]: await pushed(
          system,
          found,
          push,
          time.map((t) => t + zero),
          breath,
        ),
      },
    };
  }
  const gradient: Gradient = found.pieces === undefined ? smoothAdjoint(system, found) : hybridAdjoint(system, found);
  const curve = (k: number): Float64Array => time.map((t) => interpolated(gradient, k, (t + zero) % period, period));
  return { period, time, response: Object.fromEntries(system.names.map((name, k) => [name, curve(k)])) };
}

/** Where v is highest, in ms from the cycle's first sample. */
function peakOf({ cycle }: Found, system: System): number {
  const values = cycle.states[system.names[0] as string] as Float64Array;
  const top = values.reduce((best, x, i) => (x > (values[best] as number) ? i : best), 0);
  const n = values.length;
  const at = (k: number): [number, number] => {
    const i = (top + k + n) % n;
    const turn = top + k < 0 ? -cycle.period : top + k >= n ? cycle.period : 0;
    return [(cycle.time[i] as number) + turn, values[i] as number];
  };
  // the top of the parabola through three samples
  const [[t0, y0], [t1, y1], [t2, y2]] = [at(-1), at(0), at(1)];
  const [a, b] = [(y1 - y0) / (t1 - t0), (y2 - y1) / (t2 - t1)];
  const bend = (b - a) / (t2 - t0);
  const place = bend === 0 ? t1 : (t0 + t1) / 2 - a / (2 * bend);
  return (place + cycle.period) % cycle.period;
}

/** Course of a vector over a cycle, with its slopes. */
interface Gradient {
  readonly times: readonly number[];
  readonly z: readonly Float64Array[];
  readonly slopes: readonly Float64Array[];
}

function smoothAdjoint(system: System, { linear, orbit, cycle }: Found): Gradient {
  const { n } = system;
  const z = linear.adjoint();
  const slopes = z.map((one, i) => {
    const J = system.jacobian(orbit.nodes.subarray(i * DEGREE * n, (i * DEGREE + 1) * n));
    return one.map((_, j) => -one.reduce((sum, value, k) => sum + value * (J[k * n + j] as number), 0));
  });
  return { times: z.map((_, i) => (orbit.mesh[i] as number) * cycle.period), z, slopes };
}

/** Between two samples, along the cubic. */
function interpolated({ times, z, slopes }: Gradient, k: number, t: number, period: number): number {
  let [low, high] = [0, times.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= t) low = middle;
    else high = middle;
  }
  if (t >= (times[high] as number)) low = high;
  const next = (low + 1) % times.length;
  const t0 = times[low] as number;
  const width = (next === 0 ? period : (times[next] as number)) - t0;
  const part = width > 0 ? (t - t0) / width : 0;
  const [a, b] = [z[low] as Float64Array, z[next] as Float64Array];
  return hermite(part, width, a, b, slopes[low] as Float64Array, slopes[next] as Float64Array, k);
}

/** Deviations across the cycle are gone when they are smaller by this factor; most periods that are waited for it. */
const [GONE, MOST_PERIODS] = [1e-7, 60];

/** The shift per push, by following the neuron after a push in either direction until it is back on its cycle. */
async function pushed(
  system: System,
  { orbit, cycle, scale }: Found,
  push: number,
  time: Float64Array,
  breath: Breath,
): Promise<Float64Array> {
  const { n } = system;
  const { period, multipliers } = cycle;
  const slowest = Math.max(1e-6, ...multipliers.slice(1).map(({ re, im }) => Math.hypot(re, im)));
  if (!cycle.stable || slowest ** MOST_PERIODS > GONE) {
    const message = `deviations from the cycle shrink to ${Number(slowest.toPrecision(3))} in a period: the direct method waits too long; take the adjoint.`;
    throw new CycleError(`${system.record.id}: ${message}`, { path: system.record.id, value: slowest });
  }
  const periods = Math.max(2, Math.ceil(Math.log(GONE) / Math.log(slowest)));
  const slopes = (x: Float64Array, out: Float64Array): void => void system.at(x, out);
  const on = (t: number): Float64Array => at(orbit.mesh, orbit.nodes, n, (((t / period) % 1) + 1) % 1);
  const absolute = scale.map((s) => 1e-11 * s);
  /** Time on the cycle at which it is nearest to a state, near a guess. */
  const timeOf = (x: Float64Array, guess: number): number => {
    let t = guess;
    for (let round = 0; round < 50; round++) {
      const place = on(t);
      const f = system.at(place);
      let [along, size] = [0, 0];
      for (let k = 0; k < n; k++) {
        const s = scale[k] as number;
        along += (((x[k] as number) - (place[k] as number)) / s) * ((f[k] as number) / s);
        size += ((f[k] as number) / s) ** 2;
      }
      const step = Math.max(-0.02 * period, Math.min(0.02 * period, along / size));
      t += step;
      if (Math.abs(step) < 1e-13 * period) break;
    }
    return t;
  };
  const out = new Float64Array(time.length);
  for (const [i, t] of time.entries()) {
    await breath.take(i / time.length);
    const [later, sooner] = [push, -push].map((by) => {
      const start = on(t);
      start[0] = (start[0] as number) + by;
      return timeOf(solve(slopes, start, periods * period, { relative: 1e-11, absolute }).x, t);
    }) as [number, number];
    out[i] = (later - sooner) / (2 * push);
  }
  return out;
}

/** The curves through a saddle of a model with two variables. */
import type { Curve } from "../analysis/phase-plane.js";
import { solve } from "../analysis/solver.js";
import { MissingKeyError, StateError, ValueRangeError } from "../model/errors.js";
import { readNumber } from "../model/check.js";
import type { ModelRecord } from "../model/record.js";
import type { System } from "../sim/system.js";
import { allFixedPoints, type FixedPoint } from "./fixed-points.js";
import { type ModelAt, readBox, readGiven } from "./given.js";

/** A saddle and the curves along which states come to it and leave it. */
export interface Separatrix {
  readonly saddle: FixedPoint;
  /** What parts the states that go to one side from those that go to the other: both halves, from the saddle out. */
  readonly stable: readonly [Curve, Curve];
  /** Where states go that leave the saddle: both halves. */
  readonly unstable: readonly [Curve, Curve];
}

/** Where separatrices are looked for. */
export interface SeparatrixOptions<M extends ModelRecord> extends ModelAt<M> {
  /** Ranges of both states, in their units; curves end at them. */
  readonly box: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Most ms that a curve is followed; 1000 by default. */
  readonly duration?: number | string;
}

/**
 * The separatrices of a model with two variables: the stable manifold of each saddle in the box, followed backwards in
 * time, and its unstable manifold. Thresholds and resets are no part of it.
 *
 * @throws ValueRangeError where the model has not two variables; MissingKeyError without the ranges
 */
export async function separatrix<M extends ModelRecord>(
  model: M,
  options: SeparatrixOptions<M>,
): Promise<Separatrix[]> {
  const path = "separatrix";
  const { system, fields, breath } = await readGiven(model, options, path, ["box", "duration"]);
  const { n, names } = system;
  if (n !== 2) {
    const message = `${model.id} has ${n} variables; separatrices are curves in models with two.`;
    throw new ValueRangeError(message, { path: model.id, value: n, allowed: "2" });
  }
  const box = readBox(system, fields.box, `${path}.box`);
  const missing = names.find((_, k) => box[k] === undefined);
  if (missing !== undefined) {
    throw new MissingKeyError(`${path}.box: the range of ${missing} is missing.`, { path: `${path}.box.${missing}` });
  }
  const duration = readNumber(fields.duration ?? 1000, `${path}.duration`, "ms", "> 0");
  const ranges = box as readonly (readonly [number, number])[];
  const { points } = await allFixedPoints(system, box, breath);
  return points
    .filter(({ kind }) => kind === "saddle")
    .map((saddle) => {
      const x = Float64Array.from(names, (name) => saddle.state[name] as number);
      const [up, down] = [saddle.eigenvalues[0]?.re as number, saddle.eigenvalues[1]?.re as number];
      const both = (value: number): [Curve, Curve] => {
        const direction = eigenvector(system, x, value, ranges);
        const one = (side: 1 | -1): Curve => curve(system, x, direction, side, Math.sign(value), ranges, duration);
        return [one(1), one(-1)];
      };
      return { saddle, stable: both(down), unstable: both(up) };
    });
}

/** The direction of an eigenvalue, as long as a small part of the box. */
function eigenvector(
  system: System,
  x: Float64Array,
  value: number,
  ranges: readonly (readonly [number, number])[],
): readonly [number, number] {
  const [a, b, c, d] = system.jacobian(x) as unknown as [number, number, number, number];
  const [first, second] = [
    [b, value - a],
    [value - d, c],
  ] as [[number, number], [number, number]];
  const width = ranges.map(([low, high]) => high - low) as [number, number];
  const size = ([v, w]: [number, number]): number => Math.hypot(v / width[0], w / width[1]);
  const best = size(first) > size(second) ? first : second;
  const part = 1e-5 / size(best);
  return [best[0] * part, best[1] * part];
}

function curve(
  system: System,
  x: Float64Array,
  direction: readonly [number, number],
  side: 1 | -1,
  time: number,
  ranges: readonly (readonly [number, number])[],
  duration: number,
): Curve {
  const [v, w] = [[x[0] as number], [x[1] as number]];
  const width = ranges.map(([low, high]) => high - low) as [number, number];
  const slopes = (y: Float64Array, out: Float64Array): void => {
    system.at(y, out);
    out[0] = time * (out[0] as number);
    out[1] = time * (out[1] as number);
  };
  const start = Float64Array.from(x, (value, k) => value + side * (direction[k] as number));
  try {
    solve(slopes, start, duration, {
      relative: 1e-9,
      absolute: width.map((one) => 1e-10 * one),
      onStep: (_, y) => {
        v.push(y[0] as number);
        w.push(y[1] as number);
        return ranges.some(([low, high], k) => (y[k] as number) < low || (y[k] as number) > high);
      },
    });
  } catch (error) {
    // what grows without bound has left the box
    if (!(error instanceof StateError)) throw error;
  }
  return { v: Float64Array.from(v), w: Float64Array.from(w) };
}

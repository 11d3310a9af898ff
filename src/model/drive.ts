/** The mean current into a neuron over a time: what its background entries are without their noise. */
import { currentFunction } from "./own.js";
import type { BackgroundSpec, PopulationSpec } from "./spec.js";

/** The current in a span of time. */
export interface Drive {
  /** The level that holds for more than half of the time; the mean where there is none. */
  readonly current: number;
  /** Whether it is a level. */
  readonly holds: boolean;
  readonly least: number;
  readonly most: number;
}

/** Pieces of the time in which an entry changes along a curve. */
const PIECES = 64;
/** Edges beyond which the time is only looked at in even steps. */
const MOST_EDGES = 20_000;

/**
 * The sum of the entries that act on a neuron; noise counts with its mean.
 *
 * @param rheobase of the neuron, where an entry is given in it
 * @returns undefined where an entry is drawn at random or needs what is not known
 */
export function driveOf(
  { background, model, size }: PopulationSpec,
  neuron: number,
  [from, to]: readonly [number, number],
  rheobase: number,
): Drive | undefined {
  const entries = background.filter(({ kind, scope }) => kind !== "poisson" && (scope?.neurons?.includes(neuron) ?? true));
  const written = new Map<BackgroundSpec, Written>(
    entries.flatMap((entry) => (entry.kind === "expression" ? [[entry, currentFunction(model, entry.I, size)] as const] : [])),
  );
  const edges = new Set([from, to]);
  for (const entry of entries) {
    for (const edge of edgesOf(entry)) if (edge > from && edge < to && edges.size < MOST_EDGES) edges.add(edge);
  }
  const times = [...edges].sort((a, b) => a - b);
  const levels = new Map<number, number>();
  let [integral, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = 0; k + 1 < times.length; k++) {
    const [start, width] = [times[k] as number, (times[k + 1] as number) - (times[k] as number)];
    const pieces = edges.size < MOST_EDGES && entries.every(isStepped) ? 1 : PIECES;
    for (let i = 0; i < pieces; i++) {
      const t = start + ((i + 0.5) / pieces) * width;
      const current = entries.reduce((sum, entry) => sum + currentOf(entry, neuron, t, rheobase, written.get(entry)), 0);
      if (!Number.isFinite(current)) return undefined;
      levels.set(current, (levels.get(current) ?? 0) + width / pieces);
      integral += (current * width) / pieces;
      least = Math.min(least, current);
      most = Math.max(most, current);
    }
  }
  if (levels.size === 0) return { current: 0, holds: true, least: 0, most: 0 };
  const [level, held] = [...levels].reduce((a, b) => (b[1] > a[1] ? b : a));
  const holds = held > 0.5 * (to - from);
  return { current: holds ? level : integral / (to - from), holds, least, most };
}

/** Whether the entry's mean is constant between its edges. */
function isStepped(entry: BackgroundSpec): boolean {
  if (entry.kind === "piecewise") return entry.points.every(([, , slope]) => slope === 0);
  return !["ramp", "sine", "samples", "expression"].includes(entry.kind);
}

function edgesOf(entry: BackgroundSpec): number[] {
  const edges = [entry.scope?.start, entry.scope?.stop].filter((t) => t !== undefined);
  if (entry.kind === "piecewise") edges.push(...entry.points.slice(0, MOST_EDGES).map(([t]) => t));
  else if (entry.kind === "ramp") edges.push(entry.start, entry.end);
  else if (entry.kind === "pulses") {
    const { start, width, period, count } = entry;
    for (let n = 0; n < Math.min(count, MOST_EDGES / 2); n++) edges.push(start + n * period, start + n * period + width);
  }
  return edges;
}

/** The mean of an entry at a time, `written` that of an expression; NaN where it was drawn at random. */
function currentOf(entry: BackgroundSpec, neuron: number, t: number, rheobase: number, written: Written | undefined): number {
  const { start = Number.NEGATIVE_INFINITY, stop = Number.POSITIVE_INFINITY } = entry.scope ?? {};
  if (!(t >= start && t < stop)) return 0;
  const at = (value: unknown): number =>
    typeof value === "number" ? value : value instanceof Float64Array ? (value[neuron] as number) : Number.NaN;
  switch (entry.kind) {
    case "constant":
      return at(entry.amplitude);
    case "rheobase":
      return at(entry.fraction) * rheobase;
    case "whiteNoise":
    case "ornsteinUhlenbeck":
      return at(entry.mean);
    case "piecewise": {
      let [time, amplitude, slope] = [0, 0, 0];
      for (const row of entry.points) if (row[0] <= t) [time, amplitude, slope] = row;
      return amplitude + slope * (t - time);
    }
    case "pulses": {
      const since = t - entry.start;
      const n = entry.period > 0 ? Math.floor(since / entry.period) : 0;
      return since >= 0 && n < entry.count && since - n * entry.period < entry.width ? at(entry.amplitude) : 0;
    }
    case "ramp": {
      const part = Math.min(1, Math.max(0, (t - entry.start) / (entry.end - entry.start)));
      return at(entry.from) + part * (at(entry.to) - at(entry.from));
    }
    case "sine":
      return at(entry.offset) + at(entry.amplitude) * Math.sin((2 * Math.PI * entry.frequency * t) / 1000 + entry.phase);
    case "samples":
      return entry.values[Math.min(entry.values.length - 1, Math.floor(t / entry.dt))] as number;
    case "expression":
      return (written as Written)(t, neuron);
    case "poisson":
      return 0;
  }
}

type Written = ReturnType<typeof currentFunction>;

/** The mean current into a neuron over a time: what its background entries are without their noise. */
import { backgroundOf, textOf } from "../kinds/backgrounds.js";
import { currentFunction } from "./own.js";
import type { BackgroundSpec, PopulationSpec, Value } from "./spec.js";

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
  const entries = background.filter(
    (entry) => !backgroundOf(entry).events && (entry.scope?.neurons?.includes(neuron) ?? true),
  );
  const written = new Map<BackgroundSpec, Written>(
    entries.flatMap((entry) =>
      backgroundOf(entry).expression === undefined
        ? []
        : [[entry, currentFunction(model, textOf(entry), size)] as const],
    ),
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
      const current = entries.reduce(
        (sum, entry) => sum + currentOf(entry, neuron, t, rheobase, written.get(entry)),
        0,
      );
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
  return backgroundOf(entry).stepped?.(entry as never) ?? true;
}

function edgesOf(entry: BackgroundSpec): number[] {
  const edges = [entry.scope?.start, entry.scope?.stop].filter((t) => t !== undefined);
  return [...edges, ...(backgroundOf(entry).edges?.(entry as never, MOST_EDGES) ?? [])];
}

/** The mean of an entry at a time, `written` that of an expression; NaN where it was drawn at random. */
function currentOf(
  entry: BackgroundSpec,
  neuron: number,
  t: number,
  rheobase: number,
  written: Written | undefined,
): number {
  const { start = Number.NEGATIVE_INFINITY, stop = Number.POSITIVE_INFINITY } = entry.scope ?? {};
  if (!(t >= start && t < stop)) return 0;
  const at = (value: Value): number =>
    typeof value === "number" ? value : value instanceof Float64Array ? (value[neuron] as number) : Number.NaN;
  return backgroundOf(entry).mean(entry as never, { t, at, rheobase, written: () => (written as Written)(t, neuron) });
}

type Written = ReturnType<typeof currentFunction>;

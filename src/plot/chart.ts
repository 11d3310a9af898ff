/** Charts of one quantity over another: axes that may be logarithmic, the frame around them, and lines within. */
import { type LegendEntry, legendColumn, legendWidth } from "./legend.js";
import { drawable } from "./path.js";
import { type Box, niceTicks, type Ticks, valueAxisLeft } from "./scale.js";
import { checkFrame, element, frame, HEAD, INK, label, px } from "./svg.js";

/** One axis of a chart. Positions on a logarithmic axis are decimal logarithms. */
export interface ChartAxis {
  readonly low: number;
  readonly high: number;
  readonly ticks: Ticks;
  readonly name: string;
  /** Position on the axis of a value. */
  of(value: number): number;
}

/** An axis in proportion to the values, wide enough for ticks at both ends if `whole`. */
export function linearAxis(low: number, high: number, name: string, count: number, whole = false): ChartAxis {
  const ticks = niceTicks(low, high, count);
  const step = ((ticks.values[1] ?? high) as number) - ((ticks.values[0] ?? low) as number);
  const top = whole && step > 0 ? Math.ceil(high / step - 1e-9) * step : high;
  return { low, high: top, ticks: whole ? niceTicks(low, top, count) : ticks, name, of: (value) => value };
}

/** An axis in proportion to the logarithms, from `low` to `high`, both above 0. */
export function logAxis(low: number, high: number, name: string): ChartAxis {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  const every = Math.max(1, Math.ceil((to - from) / 8));
  const steps = to - from < 1.2 ? [1, 2, 3, 5, 7] : to - from < 3.5 ? [1, 2, 5] : [1];
  const values: number[] = [];
  const labels: string[] = [];
  for (let power = Math.floor(from); power <= Math.ceil(to); power++) {
    if (power % every !== 0) continue;
    for (const step of steps) {
      const value = Math.log10(step) + power;
      if (value < from - 1e-9 || value > to + 1e-9) continue;
      values.push(value);
      labels.push(logLabel(step, power));
    }
  }
  return { low: from, high: to, ticks: { values, labels }, name, of: (value) => Math.log10(value) };
}

function logLabel(step: number, power: number): string {
  const text = power >= -3 && power <= 4 ? (step * 10 ** power).toFixed(Math.max(0, -power)) : `${step}e${power}`;
  return text.replace("-", "−");
}

/** What a chart is made of. */
export interface ChartOptions {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
  readonly description: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly legend: readonly LegendEntry[];
  /** Draws the data into the box. */
  readonly draw: (plane: Plane) => string;
}

/** The rectangle of a chart and its scales. */
export interface Plane {
  readonly box: Box;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
}

/** The figure of a chart. */
export function chart(options: ChartOptions): string {
  const { width, height, x, y, legend } = options;
  checkFrame(width, height);
  const side = legend.length === 0 ? 0 : legendWidth(legend);
  const box = { x: 80, y: HEAD, width: width - 80 - 20 - (side === 0 ? 0 : side + 14), height: height - HEAD - 54 };
  const content =
    valueAxisBelow(x, box) +
    valueAxisLeft(y.ticks, box, y.low, y.high, y.name, 24) +
    options.draw({ box, x, y }) +
    (side === 0 ? "" : legendColumn(legend, box.x + box.width + 14, box.y, side, box.height));
  return frame(options, content);
}

function valueAxisBelow({ low, high, ticks, name }: ChartAxis, box: Box): string {
  const bottom = box.y + box.height;
  let grid = "";
  let marks = `M${box.x} ${bottom + 0.5}h${px(box.width)}`;
  let text = "";
  let right = Number.NEGATIVE_INFINITY;
  ticks.values.forEach((value, i) => {
    const x = Math.round(box.x + ((value - low) / (high - low)) * box.width) + 0.5;
    grid += `M${x} ${box.y}v${box.height}`;
    marks += `M${x} ${bottom + 0.5}v5`;
    const tick = ticks.labels[i] as string;
    // No label over another one, as on a logarithmic axis.
    if (x - 3.5 * tick.length < right) return;
    right = x + 3.5 * tick.length + 3;
    text += label(tick, x, bottom + 18, { "text-anchor": "middle" });
  });
  return (
    (grid === "" ? "" : element("path", { d: grid, stroke: INK.grid, fill: "none" })) +
    element("path", { d: marks, stroke: INK.axis, fill: "none" }) +
    text +
    label(name, box.x + box.width / 2, bottom + 36, { "text-anchor": "middle", "font-size": "12" })
  );
}

/** A group of paths in tenths of a px within the box of a chart. */
export function inPlane({ box }: Plane, paths: string, strokeWidth = 14): string {
  const attributes = {
    transform: `translate(${px(box.x)} ${px(box.y)}) scale(.1)`,
    "stroke-width": String(strokeWidth),
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
    fill: "none",
  };
  return element("g", attributes, paths);
}

/** Position in px within the box of a chart. */
export function place({ box, x, y }: Plane, valueX: number, valueY: number): readonly [number, number] {
  return [
    ((x.of(valueX) - x.low) / (x.high - x.low)) * box.width,
    ((y.high - y.of(valueY)) / (y.high - y.low)) * box.height,
  ];
}

/** More pieces than this would make the figure large. */
const MAX_PIECES = 40_000;

/**
 * A line through points in any direction, clipped at the box. Points closer than half a px are one, and a piece that
 * has been drawn is not drawn again, so that an orbit that goes round for ever stays small. Values that are not finite
 * break the line.
 *
 * @param broken says before which points the line is interrupted
 * @returns path data in tenths of a px
 */
export function orbitPath(
  plane: Plane,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  broken?: (k: number) => boolean,
): string {
  const { width, height } = plane.box;
  const drawn = new Set<string>();
  let path = "";
  let pen = "";
  let last: readonly [number, number] | undefined;
  for (let k = 0; k < Math.min(xs.length, ys.length) && drawn.size < MAX_PIECES; k++) {
    const [vx, vy] = [xs[k] as number, ys[k] as number];
    if (!drawable(vx) || !drawable(vy)) {
      last = undefined;
      continue;
    }
    const point = place(plane, vx, vy);
    if (last === undefined || broken?.(k) === true) {
      last = point;
      continue;
    }
    if (Math.abs(point[0] - last[0]) < 0.5 && Math.abs(point[1] - last[1]) < 0.5) continue;
    const piece = clipped(last, point, width, height);
    last = point;
    if (piece === undefined) continue;
    const [x1, y1, x2, y2] = piece.map((c) => Math.round(10 * c)) as [number, number, number, number];
    const key = [x1, y1, x2, y2].map((c) => Math.round(c / 10)).join(" ");
    if (drawn.has(key)) continue;
    drawn.add(key);
    path += `${pen === `${x1} ${y1}` ? "" : `M${x1} ${y1}`}L${x2} ${y2}`;
    pen = `${x2} ${y2}`;
  }
  return path;
}

/** The part of a line within the box (Liang and Barsky, ACM Trans. Graph. 3:1, 1984); undefined when there is none. */
function clipped(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  width: number,
  height: number,
): readonly [number, number, number, number] | undefined {
  const [dx, dy] = [x2 - x1, y2 - y1];
  let [from, to] = [0, 1];
  for (const [p, q] of [[-dx, x1], [dx, width - x1], [-dy, y1], [dy, height - y1]] as const) {
    if (p === 0 && q < 0) return undefined;
    if (p < 0) from = Math.max(from, q / p);
    if (p > 0) to = Math.min(to, q / p);
  }
  return from <= to ? [x1 + from * dx, y1 + from * dy, x1 + to * dx, y1 + to * dy] : undefined;
}

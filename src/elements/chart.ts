/** Lines over time that moves, with axes: what is drawn is data, how it is drawn is below. */
import { ticks } from "./scale.js";

/** Samples of the time that is drawn, oldest first; what is older is forgotten. */
export class Track {
  readonly time: number[] = [];
  readonly values: number[][];
  private readonly span: number;

  /** @param count of lines; `span` in ms that are kept */
  constructor(count: number, span: number) {
    this.values = Array.from({ length: count }, () => []);
    this.span = span;
  }

  /** Adds samples at these times (ms), for each line its own. */
  add(time: ArrayLike<number>, values: readonly ArrayLike<number>[]): void {
    for (let k = 0; k < time.length; k++) {
      this.time.push(time[k] as number);
      this.values.forEach((list, line) => list.push(values[line]?.[k] ?? Number.NaN));
    }
    // not at each: taking from the front moves all that is behind
    const old = this.before((this.time.at(-1) ?? 0) - this.span);
    if (old > 256 && old > this.time.length / 4) this.forget(old - 1);
  }

  private forget(count: number): void {
    for (const list of [this.time, ...this.values]) list.splice(0, count);
  }

  /** How many samples are older than a time. */
  before(time: number): number {
    let [low, high] = [0, this.time.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.time[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  clear(): void {
    this.forget(this.time.length);
  }

  /** Least and largest value since a time; undefined where there is none. */
  extent(since: number, line?: number): readonly [low: number, high: number] | undefined {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const lists = line === undefined ? this.values : [this.values[line] ?? []];
    for (const list of lists) {
      for (let k = this.before(since); k < list.length; k++) {
        const value = list[k] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return low <= high ? [low, high] : undefined;
  }
}

/** A range that holds all values with some room: it grows with them, and shrinks when it is far too wide. */
export function growing(
  before: readonly [number, number] | undefined,
  extent: readonly [number, number] | undefined,
): readonly [number, number] | undefined {
  if (extent === undefined) return before;
  const [low, high] = extent;
  const room = high > low ? 0.08 * (high - low) : Math.max(1, Math.abs(low) * 0.08);
  const [wantedLow, wantedHigh] = [low - room, high + room];
  if (before === undefined) return [wantedLow, wantedHigh];
  const [oldLow, oldHigh] = before;
  if (oldHigh - oldLow > 3 * (wantedHigh - wantedLow)) return [wantedLow, wantedHigh];
  return [low < oldLow ? wantedLow : oldLow, high > oldHigh ? wantedHigh : oldHigh];
}

/** Colours as the style has them. */
export interface Colors {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly paper: string;
  readonly series: readonly string[];
}

/** Room for numbers and names in CSS pixels. */
export const ROOM = { left: 46, right: 8, top: 16, bottom: 20 };

/** What a plot shows. */
export interface Plot {
  readonly track: Track;
  /** What stands over its axis. */
  readonly label: string;
  /** ms */
  readonly from: number;
  readonly to: number;
  readonly range: readonly [number, number];
  /** Spikes, drawn as strokes at the top; ascending in ms. */
  readonly spikes?: readonly number[];
  /** First colour of its lines. */
  readonly first?: number;
  /** Whether the axis of time is named. */
  readonly foot?: boolean;
}

/** Makes the canvas as large as it is shown; its size in CSS pixels, undefined where it is not shown. */
export function fit(canvas: HTMLCanvasElement): readonly [width: number, height: number] | undefined {
  const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
  const { clientWidth, clientHeight } = canvas;
  const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
  if (width < 1 || height < 1) return undefined;
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return [clientWidth, clientHeight];
}

/** Draws axes and lines. */
export function paintPlot(canvas: HTMLCanvasElement, plot: Plot, colors: Colors): void {
  const size = fit(canvas);
  const context = canvas.getContext("2d");
  if (size === undefined || context === null) return;
  const [width, height] = size;
  const { left, right, top, bottom } = ROOM;
  const box = { x: left, y: top, width: width - left - right, height: height - top - bottom };
  const { from, to, range, track, spikes = [], first = 0 } = plot;
  const x = (t: number): number => box.x + ((t - from) / (to - from)) * box.width;
  const y = (value: number): number => box.y + ((range[1] - value) / (range[1] - range[0])) * box.height;

  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  context.lineWidth = 1;
  paintAxes(context, plot, colors, box, [x, y]);

  context.save();
  context.beginPath();
  context.rect(box.x, 0, box.width, height);
  context.clip();
  context.fillStyle = colors.series[1] ?? colors.ink;
  for (const t of spikes) if (t >= from && t <= to) context.fillRect(x(t) - 0.75, 2, 1.5, top - 4);
  context.beginPath();
  context.rect(box.x, box.y - 2, box.width, box.height + 4);
  context.clip();
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  const begin = Math.max(0, track.before(from) - 1);
  track.values.forEach((list, line) => {
    context.strokeStyle = colors.series[(first + line) % colors.series.length] ?? colors.ink;
    context.beginPath();
    for (let k = begin; k < list.length; k++) context.lineTo(x(track.time[k] as number), y(list[k] as number));
    context.stroke();
  });
  context.restore();
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function paintAxes(
  context: CanvasRenderingContext2D,
  { label, from, to, range, foot = true }: Plot,
  colors: Colors,
  box: Box,
  [x, y]: readonly [(t: number) => number, (value: number) => number],
): void {
  context.strokeStyle = colors.line;
  context.fillStyle = colors.soft;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const value of ticks(range[0], range[1], Math.max(2, box.height / 36))) {
    const at = Math.round(y(value)) + 0.5;
    context.beginPath();
    context.moveTo(box.x, at);
    context.lineTo(box.x + box.width, at);
    context.stroke();
    context.fillText(String(value), box.x - 5, at);
  }
  context.textAlign = "left";
  context.fillText(label, 2, 7);
  paintTimes(context, [from, to], box, x, foot);
}

/** Numbers along the axis of time. */
export function paintTimes(
  context: CanvasRenderingContext2D,
  [from, to]: readonly [number, number],
  box: Box,
  x: (t: number) => number,
  foot: boolean,
): void {
  const below = box.y + box.height + 11;
  const times = ticks(from, to, box.width / 90);
  context.textAlign = "center";
  for (const t of times) {
    const at = Math.round(x(t)) + 0.5;
    context.beginPath();
    context.moveTo(at, box.y + box.height);
    context.lineTo(at, box.y + box.height + 4);
    context.stroke();
    if (foot && t >= 0 && at < box.x + box.width - 34) context.fillText(String(t), at, below);
  }
  if (!foot) return;
  context.textAlign = "right";
  context.fillText("ms", box.x + box.width, below);
}

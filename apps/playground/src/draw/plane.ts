/**
 * The phase plane of a model with two variables, on a canvas: nullclines, where they cross, the state as a point, and
 * the path that it came along.
 */
import { colorOf } from "./colors.js";

/** An axis: what it is, and from where to where. */
export interface Axis {
  readonly label: string;
  readonly unit: string;
  readonly range: readonly [low: number, high: number];
}

/** A line through points (v[k], w[k]). */
export interface PlaneCurve {
  readonly v: ArrayLike<number>;
  readonly w: ArrayLike<number>;
}

/** Nullclines and equilibria, as the library gives them. */
export interface PlaneLines {
  readonly v: readonly PlaneCurve[];
  readonly w: readonly PlaneCurve[];
  readonly equilibria?: readonly { readonly v: number; readonly w: number; readonly kind: string }[];
}

/** Room for numbers and names, in CSS pixels. */
const LEFT = 46;
const BOTTOM = 34;
const TOP = 8;
const RIGHT = 10;
/** Points of the path that are kept. */
const LONGEST = 600;
/** Part of the width at which two points of a path are a reset between them, not a way. */
const JUMP = 0.25;

/** Round numbers in a range, some `most` of them. */
export function ticks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

export class Plane {
  private readonly canvas: HTMLCanvasElement;
  private x: Axis = { label: "v", unit: "mV", range: [-100, 50] };
  private y: Axis = { label: "w", unit: "", range: [-1, 1] };
  private lines: PlaneLines | undefined;
  private path: [v: number, w: number][] = [];
  private extra: readonly PlaneCurve[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
  }

  /** Begins anew, empty, with these axes. */
  lay(x: Axis, y: Axis): void {
    [this.x, this.y, this.lines, this.path, this.extra] = [x, y, undefined, [], []];
  }

  /** Other nullclines; undefined for none. */
  setLines(lines: PlaneLines | undefined): void {
    this.lines = lines;
  }

  /** Other curves beside the path, such as trajectories that were asked for. */
  setCurves(curves: readonly PlaneCurve[]): void {
    this.extra = curves;
  }

  /** The state goes on through these points; only the last ones stay, `most` of them. */
  add(v: ArrayLike<number>, w: ArrayLike<number>, most = LONGEST): void {
    for (let k = 0; k < Math.min(v.length, w.length); k++) this.path.push([v[k] as number, w[k] as number]);
    if (this.path.length > most) this.path.splice(0, this.path.length - most);
  }

  /** Forgets the path. */
  clear(): void {
    this.path = [];
  }

  private get box(): { left: number; top: number; width: number; height: number } {
    const { clientWidth, clientHeight } = this.canvas;
    return {
      left: LEFT,
      top: TOP,
      width: Math.max(1, clientWidth - LEFT - RIGHT),
      height: Math.max(1, clientHeight - TOP - BOTTOM),
    };
  }

  /** Place of a state in CSS pixels from the canvas's corner. */
  placeOf(v: number, w: number): [x: number, y: number] {
    const { left, top, width, height } = this.box;
    const [[x0, x1], [y0, y1]] = [this.x.range, this.y.range];
    return [left + ((v - x0) / (x1 - x0)) * width, top + ((y1 - w) / (y1 - y0)) * height];
  }

  /** State at a place in CSS pixels from the canvas's corner; undefined beside the plane. */
  stateAt(x: number, y: number): [v: number, w: number] | undefined {
    const { left, top, width, height } = this.box;
    const [across, down] = [(x - left) / width, (y - top) / height];
    if (!(across >= 0 && across <= 1 && down >= 0 && down <= 1)) return undefined;
    const [[x0, x1], [y0, y1]] = [this.x.range, this.y.range];
    return [x0 + across * (x1 - x0), y1 - down * (y1 - y0)];
  }

  paint(): void {
    const { canvas } = this;
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    const context = canvas.getContext("2d");
    if (context === null || width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.paintAxes(context);
    const { left, top, width: across, height: down } = this.box;
    context.save();
    context.beginPath();
    context.rect(left, top, across, down);
    context.clip();
    this.paintLines(context);
    for (const curve of this.extra) this.stroke(context, curve, colorOf(canvas, "--ink-soft"), 1);
    this.paintPath(context);
    context.restore();
  }

  private paintAxes(context: CanvasRenderingContext2D): void {
    const { canvas, x, y } = this;
    const { left, top, width, height } = this.box;
    context.font = "11px system-ui, sans-serif";
    context.lineWidth = 1;
    context.strokeStyle = colorOf(canvas, "--line");
    context.fillStyle = colorOf(canvas, "--ink-soft");
    context.textAlign = "center";
    context.textBaseline = "top";
    context.beginPath();
    for (const tick of ticks(...x.range, Math.max(2, width / 60))) {
      const [at] = this.placeOf(tick, 0);
      context.moveTo(at, top);
      context.lineTo(at, top + height);
      context.fillText(String(tick), at, top + height + 4);
    }
    context.fillText(named(x), left + width / 2, top + height + 18);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of ticks(...y.range, Math.max(2, height / 40))) {
      const [, at] = this.placeOf(0, tick);
      context.moveTo(left, at);
      context.lineTo(left + width, at);
      context.fillText(String(tick), left - 4, at);
    }
    context.stroke();
    context.save();
    context.translate(9, top + height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(named(y), 0, 0);
    context.restore();
  }

  private paintLines(context: CanvasRenderingContext2D): void {
    const { lines, canvas } = this;
    if (lines === undefined) return;
    for (const curve of lines.v) this.stroke(context, curve, colorOf(canvas, "--series-3"), 2);
    for (const curve of lines.w) this.stroke(context, curve, colorOf(canvas, "--series-4"), 2);
    const ink = colorOf(canvas, "--ink");
    for (const { v, w, kind } of lines.equilibria ?? []) {
      context.beginPath();
      context.arc(...this.placeOf(v, w), 4, 0, 2 * Math.PI);
      context.fillStyle = kind === "stable" ? ink : colorOf(canvas, "--paper");
      context.fill();
      context.strokeStyle = ink;
      context.lineWidth = 1.25;
      context.stroke();
    }
  }

  private stroke(context: CanvasRenderingContext2D, { v, w }: PlaneCurve, color: string, width: number): void {
    context.beginPath();
    for (let k = 0; k < v.length; k++) context.lineTo(...this.placeOf(v[k] as number, w[k] as number));
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }

  private paintPath(context: CanvasRenderingContext2D): void {
    const { path, canvas } = this;
    const last = path.at(-1);
    if (last === undefined) return;
    const jump = JUMP * (this.x.range[1] - this.x.range[0]);
    context.beginPath();
    path.forEach(([v, w], k) => {
      const reset = k === 0 || (path[k - 1] as [number, number])[0] - v > jump;
      if (reset) context.moveTo(...this.placeOf(v, w));
      else context.lineTo(...this.placeOf(v, w));
    });
    context.strokeStyle = colorOf(canvas, "--series-1");
    context.lineWidth = 1.25;
    context.stroke();
    context.beginPath();
    context.arc(...this.placeOf(...last), 5, 0, 2 * Math.PI);
    context.fillStyle = colorOf(canvas, "--series-2");
    context.fill();
  }
}

const named = ({ label, unit }: Axis): string => (unit === "" ? label : `${label} (${unit})`);

/**
 * A phase plane: arrows of the flow, nullclines, where they cross, the state as a point with the path that it came
 * along, and
 * an orbit beside it. What stands still is drawn once.
 */
import type { VectorField } from "spikelet";
import { colorOf } from "./colors.js";
import type { Range } from "./field.js";
import { ticks } from "./ticks.js";

/** An axis: what it is, and from where to where. */
export interface Axis {
  readonly label: string;
  readonly unit: string;
  readonly range: Range;
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

/** When samples were taken, and when the state jumped: there a path has a gap. */
export interface Moments {
  /** ms, both ascending */
  readonly time: ArrayLike<number>;
  readonly jumps: ArrayLike<number>;
}

interface Path {
  readonly v: number[];
  readonly w: number[];
  /** Whether a sample comes behind a jump. */
  readonly jump: boolean[];
  /** Whether the next sample will. */
  jumps: boolean;
}

const empty = (): Path => ({ v: [], w: [], jump: [], jumps: false });

/** Room for numbers and names, in CSS pixels. */
const [LEFT, RIGHT, TOP, BOTTOM] = [54, 10, 8, 38];
/** Part of the width by which v falls at once where nobody says when the state jumped. */
const JUMP = 0.25;
/** Distance of arrows, and half their length, in CSS pixels. */
const [APART, HALF] = [34, 6];

export class Plane {
  private readonly canvas: HTMLCanvasElement;
  private readonly most: number;
  private x: Axis = { label: "v", unit: "mV", range: [-100, 50] };
  private y: Axis = { label: "w", unit: "", range: [-1, 1] };
  private lines: PlaneLines | undefined;
  private flow: VectorField | undefined;
  private path = empty();
  private orbit = empty();
  /** What stands still; undefined when it is to be drawn anew. */
  private still: HTMLCanvasElement | undefined;
  private colors = { path: "", orbit: "", paper: "" };

  /** @param most samples of the path that are shown */
  constructor(canvas: HTMLCanvasElement, most = 3000) {
    this.canvas = canvas;
    this.most = most;
  }

  /** Other axes, another size or other colours; path and lines stay. */
  lay(x: Axis, y: Axis): void {
    [this.x, this.y, this.still] = [x, y, undefined];
  }

  /** Other nullclines, and arrows where the flow is given; undefined for none. */
  setLines(lines: PlaneLines | undefined, flow?: VectorField): void {
    [this.lines, this.flow, this.still] = [lines, flow, undefined];
  }

  /** The state goes on through these points. */
  add(v: ArrayLike<number>, w: ArrayLike<number>, moments?: Moments): void {
    const { path, most } = this;
    this.append(path, v, w, moments);
    const extra = path.v.length - most;
    // not each time: what is left over is not shown
    if (extra > most) for (const list of [path.v, path.w, path.jump]) list.splice(0, extra);
  }

  /** An orbit beside the path goes on. */
  addOrbit(v: ArrayLike<number>, w: ArrayLike<number>, moments?: Moments): void {
    this.append(this.orbit, v, w, moments);
  }

  private append(path: Path, v: ArrayLike<number>, w: ArrayLike<number>, moments?: Moments): void {
    const fall = JUMP * (this.x.range[1] - this.x.range[0]);
    let next = 0;
    for (let k = 0; k < Math.min(v.length, w.length); k++) {
      const before = path.v.at(-1) ?? Number.NEGATIVE_INFINITY;
      let jump = moments === undefined ? before - (v[k] as number) > fall : path.jumps;
      if (moments) {
        const { time, jumps } = moments;
        for (; next < jumps.length && (jumps[next] as number) <= (time[k] as number) + 1e-9; next++) jump = true;
      }
      path.jumps = false;
      path.v.push(v[k] as number);
      path.w.push(w[k] as number);
      path.jump.push(jump);
    }
    if (moments && next < moments.jumps.length) path.jumps = true;
  }

  /** Path and orbit begin anew. */
  clear(): void {
    [this.path, this.orbit] = [empty(), empty()];
  }

  clearOrbit(): void {
    this.orbit = empty();
  }

  /** The present state. */
  get point(): readonly [v: number, w: number] | undefined {
    const [v, w] = [this.path.v.at(-1), this.path.w.at(-1)];
    return v === undefined || w === undefined ? undefined : [v, w];
  }

  /** Whether the last `samples` of the path leave the plane, over the sides of v and of w. */
  leaves(samples: number): readonly [v: boolean, w: boolean] {
    const out = (list: readonly number[], [low, high]: Range): boolean =>
      list.slice(-samples).some((x) => x < low || x > high);
    return [out(this.path.v, this.x.range), out(this.path.w, this.y.range)];
  }

  /** What of the path is shown. */
  get reached(): readonly [v: readonly number[], w: readonly number[]] {
    return [this.path.v.slice(-this.most), this.path.w.slice(-this.most)];
  }

  private get box(): { readonly width: number; readonly height: number } {
    const { clientWidth, clientHeight } = this.canvas;
    return { width: Math.max(1, clientWidth - LEFT - RIGHT), height: Math.max(1, clientHeight - TOP - BOTTOM) };
  }

  /** Place of a state in CSS pixels from the canvas's corner. */
  placeOf(v: number, w: number): [x: number, y: number] {
    const { width, height } = this.box;
    const [[x0, x1], [y0, y1]] = [this.x.range, this.y.range];
    return [LEFT + ((v - x0) / (x1 - x0)) * width, TOP + ((y1 - w) / (y1 - y0)) * height];
  }

  /** State at a place in CSS pixels from the canvas's corner; undefined beside the plane. */
  stateAt(x: number, y: number): [v: number, w: number] | undefined {
    const { width, height } = this.box;
    const [across, down] = [(x - LEFT) / width, (y - TOP) / height];
    if (!(across >= 0 && across <= 1 && down >= 0 && down <= 1)) return undefined;
    const [[x0, x1], [y0, y1]] = [this.x.range, this.y.range];
    return [x0 + across * (x1 - x0), y1 - down * (y1 - y0)];
  }

  paint(): void {
    const { canvas, path, colors } = this;
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    const context = canvas.getContext("2d");
    if (context === null || width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height, this.still] = [width, height, undefined];
    }
    this.still ??= this.drawn(ratio);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.still, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.save();
    this.clip(context);
    context.lineWidth = 1.5;
    this.stroke(context, path, colors.path, Math.max(0, path.v.length - this.most));
    context.setLineDash([5, 3]);
    this.stroke(context, this.orbit, colors.orbit);
    context.setLineDash([]);
    if (this.point) {
      context.beginPath();
      context.arc(...this.placeOf(...this.point), 5.5, 0, 2 * Math.PI);
      context.fillStyle = colors.path;
      context.strokeStyle = colors.paper;
      context.fill();
      context.stroke();
    }
    context.restore();
  }

  private clip(context: CanvasRenderingContext2D): void {
    const { width, height } = this.box;
    context.beginPath();
    context.rect(LEFT, TOP, width, height);
    context.clip();
  }

  private stroke(
    context: CanvasRenderingContext2D,
    { v, w, jump }: PlaneCurve & { readonly jump?: readonly boolean[] },
    color: string,
    from = 0,
  ): void {
    context.strokeStyle = color;
    context.beginPath();
    for (let k = from; k < v.length; k++) {
      const at = this.placeOf(v[k] as number, w[k] as number);
      if (k === from || jump?.[k] === true) context.moveTo(...at);
      else context.lineTo(...at);
    }
    context.stroke();
  }

  /** What stands still, with the colours of now. */
  private drawn(ratio: number): HTMLCanvasElement {
    const { canvas, lines, flow } = this;
    const color = (name: string): string => colorOf(canvas, name);
    this.colors = { path: color("--series-1"), orbit: color("--series-4"), paper: color("--paper") };
    const still = document.createElement("canvas");
    [still.width, still.height] = [canvas.width, canvas.height];
    const context = still.getContext("2d") as CanvasRenderingContext2D;
    context.fillStyle = this.colors.paper;
    context.fillRect(0, 0, still.width, still.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawAxes(context, color("--line"), color("--ink-soft"));
    this.clip(context);
    if (flow) this.drawFlow(context, flow, color("--ink-soft"));
    context.lineWidth = 1.8;
    for (const curve of lines?.v ?? []) this.stroke(context, curve, color("--series-2"));
    for (const curve of lines?.w ?? []) this.stroke(context, curve, color("--series-3"));
    const ink = color("--ink");
    for (const { v, w, kind } of lines?.equilibria ?? []) {
      context.beginPath();
      context.arc(...this.placeOf(v, w), 5, 0, 2 * Math.PI);
      context.fillStyle = kind === "stable" ? ink : this.colors.paper;
      context.strokeStyle = ink;
      context.lineWidth = kind === "saddle" ? 1 : 2;
      context.setLineDash(kind === "saddle" ? [2, 2] : []);
      context.fill();
      context.stroke();
    }
    return still;
  }

  private drawAxes(context: CanvasRenderingContext2D, line: string, ink: string): void {
    const { x, y } = this;
    const { width, height } = this.box;
    context.font = "11px system-ui, sans-serif";
    [context.lineWidth, context.strokeStyle, context.fillStyle] = [1, line, ink];
    [context.textAlign, context.textBaseline] = ["center", "top"];
    context.beginPath();
    for (const tick of ticks(...x.range, Math.max(2, width / 90))) {
      const [at] = this.placeOf(tick, 0);
      context.moveTo(at, TOP);
      context.lineTo(at, TOP + height);
      context.fillText(String(tick), at, TOP + height + 5);
    }
    context.fillText(named(x), LEFT + width / 2, TOP + height + 21);
    [context.textAlign, context.textBaseline] = ["right", "middle"];
    for (const tick of ticks(...y.range, Math.max(2, height / 50))) {
      const [, at] = this.placeOf(0, tick);
      context.moveTo(LEFT, at);
      context.lineTo(LEFT + width, at);
      context.fillText(String(tick), LEFT - 5, at);
    }
    context.stroke();
    context.save();
    context.translate(11, TOP + height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(named(y), 0, 0);
    context.restore();
  }

  /** Arrows of one length along the flow as it is seen. */
  private drawFlow(context: CanvasRenderingContext2D, { v, w, dv, dw }: VectorField, color: string): void {
    const { width, height } = this.box;
    const [columns, rows] = [width, height].map((n) => Math.max(2, Math.round(n / APART))) as [number, number];
    const wide = width / (this.x.range[1] - this.x.range[0]);
    const high = height / (this.y.range[1] - this.y.range[0]);
    [context.strokeStyle, context.globalAlpha, context.lineWidth] = [color, 0.45, 1];
    context.beginPath();
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const i = Math.round(((column + 0.5) / columns) * (v.length - 1));
        const j = Math.round(((row + 0.5) / rows) * (w.length - 1));
        const [right, down] = [(dv[j * v.length + i] as number) * wide, -(dw[j * v.length + i] as number) * high];
        const speed = Math.hypot(right, down);
        if (!(speed > 0) || !Number.isFinite(speed)) continue;
        const [c, s] = [right / speed, down / speed];
        const [x, y] = this.placeOf(v[i] as number, w[j] as number);
        const [tipX, tipY] = [x + HALF * c, y + HALF * s];
        context.moveTo(x - HALF * c, y - HALF * s);
        context.lineTo(tipX, tipY);
        context.moveTo(tipX - 4 * c + 2 * s, tipY - 4 * s - 2 * c);
        context.lineTo(tipX, tipY);
        context.lineTo(tipX - 4 * c - 2 * s, tipY - 4 * s + 2 * c);
      }
    }
    context.stroke();
    context.globalAlpha = 1;
  }
}

const named = ({ label, unit }: Axis): string => (unit === "" ? label : `${label} (${unit})`);

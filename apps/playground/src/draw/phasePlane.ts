/** A phase plane: arrows of the flow, nullclines, equilibria, the moving point with its path, an orbit. */
import { equilibria, nullclines, type VectorField } from "spikelet";
import type { Range } from "./field.js";
import { ticks } from "./ticks.js";

/** CSS pixels around the plane. */
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 10, 10, 40];
const FONT = "11px system-ui, sans-serif";
/** Samples of the path that are shown. */
const LONGEST = 3000;

export interface PlaneColors {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  /** Of the two nullclines, the path and the orbit. */
  readonly v: string;
  readonly w: string;
  readonly path: string;
  readonly orbit: string;
}

export interface PlaneLayout {
  readonly v: Range;
  readonly w: Range;
  /** Texts at the axes. */
  readonly labels: readonly [string, string];
  readonly colors: PlaneColors;
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

export class Plane {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly still = document.createElement("canvas");
  private layout: PlaneLayout | undefined;
  private ratio = 1;
  private path = empty();
  private orbit = empty();
  /** Stable, unstable and saddle points in words. */
  words = "";

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d") as CanvasRenderingContext2D;
  }

  /** Lays it out anew; `field` where it is known. The path is kept. */
  lay(layout: PlaneLayout, field: VectorField | undefined): void {
    this.layout = layout;
    this.ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    for (const canvas of [this.canvas, this.still]) {
      canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * this.ratio));
      canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * this.ratio));
    }
    this.drawStill(layout, field);
    this.paint();
  }

  /** Another field in the same ranges. */
  show(field: VectorField): void {
    if (this.layout) this.drawStill(this.layout, field);
  }

  /** Adds samples of the moving point; `spikes` are where it jumps. */
  add(time: ArrayLike<number>, v: ArrayLike<number>, w: ArrayLike<number>, spikes: ArrayLike<number>): void {
    const { path } = this;
    append(path, time, v, w, spikes);
    const extra = path.v.length - LONGEST;
    if (extra > LONGEST) for (const list of [path.v, path.w, path.jump]) list.splice(0, extra);
  }

  /** Path and orbit begin anew. */
  clear(): void {
    [this.path, this.orbit] = [empty(), empty()];
  }

  clearOrbit(): void {
    this.orbit = empty();
  }

  addOrbit(time: ArrayLike<number>, v: ArrayLike<number>, w: ArrayLike<number>, spikes: ArrayLike<number>): void {
    append(this.orbit, time, v, w, spikes);
  }

  private get box(): { readonly width: number; readonly height: number } {
    return { width: this.canvas.clientWidth - LEFT - RIGHT, height: this.canvas.clientHeight - TOP - BOTTOM };
  }

  private place({ v, w }: PlaneLayout, x: number, y: number): [number, number] {
    const { width, height } = this.box;
    return [LEFT + ((x - v[0]) / (v[1] - v[0])) * width, TOP + (1 - (y - w[0]) / (w[1] - w[0])) * height];
  }

  /** The state at a place of the canvas, in CSS pixels from its corner. */
  stateAt(x: number, y: number): readonly [number, number] | undefined {
    if (this.layout === undefined) return undefined;
    const { v, w } = this.layout;
    const { width, height } = this.box;
    const [right, up] = [(x - LEFT) / width, 1 - (y - TOP) / height];
    if (right < 0 || right > 1 || up < 0 || up > 1) return undefined;
    return [v[0] + right * (v[1] - v[0]), w[0] + up * (w[1] - w[0])];
  }

  /** Whether the path leaves the plane. */
  leaves(): readonly [v: boolean, w: boolean] {
    const { layout, path } = this;
    if (layout === undefined) return [false, false];
    const out = (list: readonly number[], [low, high]: Range): boolean => list.some((x) => x < low || x > high);
    return [out(path.v.slice(-200), layout.v), out(path.w.slice(-200), layout.w)];
  }

  /** What of the path is shown. */
  reached(): readonly [v: readonly number[], w: readonly number[]] {
    return [this.path.v.slice(-LONGEST), this.path.w.slice(-LONGEST)];
  }

  /** The present state. */
  get point(): readonly [v: number, w: number] | undefined {
    const [v, w] = [this.path.v.at(-1), this.path.w.at(-1)];
    return v === undefined || w === undefined ? undefined : [v, w];
  }

  private drawStill(layout: PlaneLayout, field: VectorField | undefined): void {
    const context = this.still.getContext("2d") as CanvasRenderingContext2D;
    const { ratio } = this;
    const { colors } = layout;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = colors.paper;
    context.fillRect(0, 0, this.still.width, this.still.height);
    this.drawAxes(context, layout);
    if (field === undefined) return;
    context.save();
    const { width, height } = this.box;
    context.beginPath();
    context.rect(LEFT, TOP, width, height);
    context.clip();
    this.drawFlow(context, layout, field);
    const lines = nullclines(field);
    for (const [curves, color] of [[lines.v, colors.v], [lines.w, colors.w]] as const) {
      context.strokeStyle = color;
      context.lineWidth = 1.8;
      context.beginPath();
      for (const { v, w } of curves) {
        v.forEach((x, k) => {
          const at = this.place(layout, x, w[k] as number);
          if (k === 0) context.moveTo(...at);
          else context.lineTo(...at);
        });
      }
      context.stroke();
    }
    const points = equilibria(field);
    for (const { v, w, kind } of points) {
      context.beginPath();
      context.arc(...this.place(layout, v, w), 5, 0, 2 * Math.PI);
      context.fillStyle = kind === "stable" ? colors.ink : colors.paper;
      context.strokeStyle = colors.ink;
      context.lineWidth = kind === "saddle" ? 1 : 2;
      context.setLineDash(kind === "saddle" ? [2, 2] : []);
      context.fill();
      context.stroke();
      context.setLineDash([]);
    }
    context.restore();
    const short = (x: number): string => String(Number(x.toPrecision(3))).replace("-", "\u2212");
    this.words =
      points.length === 0
        ? "No equilibrium here: the neuron cannot rest at this current."
        : `Equilibria at this current: ${points.map(({ kind, v, w }) => `(${short(v)}, ${short(w)}), ${kind}`).join("; ")}.`;
  }

  private drawAxes(context: CanvasRenderingContext2D, layout: PlaneLayout): void {
    const { v, w, labels, colors } = layout;
    const { width, height } = this.box;
    context.font = FONT;
    context.lineWidth = 1;
    context.strokeStyle = colors.line;
    context.fillStyle = colors.soft;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.beginPath();
    for (const tick of ticks(...v, Math.max(2, width / 90))) {
      const [x] = this.place(layout, tick, w[0]);
      context.moveTo(x, TOP);
      context.lineTo(x, TOP + height);
      context.fillText(String(tick), x, TOP + height + 5);
    }
    context.fillText(labels[0], LEFT + width / 2, TOP + height + 22);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of ticks(...w, Math.max(2, height / 50))) {
      const [, y] = this.place(layout, v[0], tick);
      context.moveTo(LEFT, y);
      context.lineTo(LEFT + width, y);
      context.fillText(String(tick), LEFT - 6, y);
    }
    context.stroke();
    context.save();
    context.translate(12, TOP + height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(labels[1], 0, 0);
    context.restore();
  }

  /** Arrows of one length along the flow as it is seen, some 34 px apart. */
  private drawFlow(context: CanvasRenderingContext2D, layout: PlaneLayout, { v, w, dv, dw }: VectorField): void {
    const { width, height } = this.box;
    const [columns, rows] = [Math.max(2, Math.round(width / 34)), Math.max(2, Math.round(height / 34))];
    const [wide, high] = [width / (layout.v[1] - layout.v[0]), height / (layout.w[1] - layout.w[0])];
    context.strokeStyle = layout.colors.soft;
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    context.beginPath();
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const i = Math.round(((column + 0.5) / columns) * (v.length - 1));
        const j = Math.round(((row + 0.5) / rows) * (w.length - 1));
        const [right, down] = [(dv[j * v.length + i] as number) * wide, -(dw[j * v.length + i] as number) * high];
        const speed = Math.hypot(right, down);
        if (!(speed > 0) || !Number.isFinite(speed)) continue;
        const [c, s] = [right / speed, down / speed];
        const [x, y] = this.place(layout, v[i] as number, w[j] as number);
        const [tipX, tipY] = [x + 6 * c, y + 6 * s];
        context.moveTo(x - 6 * c, y - 6 * s);
        context.lineTo(tipX, tipY);
        context.moveTo(tipX - 4 * c + 2 * s, tipY - 4 * s - 2 * c);
        context.lineTo(tipX, tipY);
        context.lineTo(tipX - 4 * c - 2 * s, tipY - 4 * s + 2 * c);
      }
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  private drawPath(layout: PlaneLayout, path: Path, color: string, from: number): void {
    const { context } = this;
    context.strokeStyle = color;
    context.beginPath();
    for (let k = from; k < path.v.length; k++) {
      const at = this.place(layout, path.v[k] as number, path.w[k] as number);
      if (k === from || path.jump[k]) context.moveTo(...at);
      else context.lineTo(...at);
    }
    context.stroke();
  }

  paint(): void {
    const { context, layout, ratio, path } = this;
    if (layout === undefined) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.still, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.save();
    const { width, height } = this.box;
    context.beginPath();
    context.rect(LEFT, TOP, width, height);
    context.clip();
    context.lineWidth = 1.5;
    this.drawPath(layout, path, layout.colors.path, Math.max(0, path.v.length - LONGEST));
    context.setLineDash([5, 3]);
    this.drawPath(layout, this.orbit, layout.colors.orbit, 0);
    context.setLineDash([]);
    const [v, w] = [path.v.at(-1), path.w.at(-1)];
    if (v !== undefined && w !== undefined) {
      context.fillStyle = layout.colors.path;
      context.strokeStyle = layout.colors.paper;
      context.beginPath();
      context.arc(...this.place(layout, v, w), 5.5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
    context.restore();
  }
}

/** Samples behind those that are there; a spike between two of them is a jump. */
function append(
  path: Path,
  time: ArrayLike<number>,
  v: ArrayLike<number>,
  w: ArrayLike<number>,
  spikes: ArrayLike<number>,
): void {
  let next = 0;
  for (let k = 0; k < time.length; k++) {
    path.v.push(v[k] as number);
    path.w.push(w[k] as number);
    const before = next;
    while (next < spikes.length && (spikes[next] as number) <= (time[k] as number) + 1e-9) next++;
    path.jump.push(next > before || path.jumps);
    path.jumps = false;
  }
  if (next < spikes.length) path.jumps = true;
}

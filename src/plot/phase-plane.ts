/** The phase plane of a model with two variables. */
import { type Equilibrium, equilibria, nullclines, type VectorField } from "../analysis/phase-plane.js";
import { chart, inPlane, linearAxis, orbitPath, type Plane, place } from "./chart.js";
import { circle, type LegendEntry } from "./legend.js";
import { colour } from "./palette.js";
import { drawable } from "./path.js";
import { message } from "./scale.js";
import { element, grouped, INK, px, short } from "./svg.js";

/** Path of a neuron through the phase plane. */
export interface Trajectory {
  /** Name for the legend; "trajectory" when left out. */
  readonly name?: string;
  readonly v: ArrayLike<number>;
  readonly w: ArrayLike<number>;
  /** Samples that come right after a reset, ascending: the jump to them is drawn as a dotted line. */
  readonly resets?: ArrayLike<number>;
}

/** What a phase plane shows. */
export interface PhasePlaneOptions {
  /** Derivatives on a grid: gives nullclines, equilibria, directions and the ends of the axes. */
  readonly field?: VectorField;
  /** Equilibria, where they are known better than from the grid of `field`. */
  readonly equilibria?: readonly Equilibrium[];
  /** Paths of neurons. */
  readonly trajectories?: readonly Trajectory[];
  /** Names of the two variables with their units; "v" and "w" when left out. */
  readonly names?: readonly [v: string, w: string];
  /** Whether arrows show the direction of flow; true when left out. */
  readonly arrows?: boolean;
  readonly title?: string;
  /** Second line, such as the input current; a count of what is shown when left out. */
  readonly subtitle?: string;
  /** Width of the figure in px; 860 when left out. */
  readonly width?: number;
  /** Height of the figure in px; 560 when left out. */
  readonly height?: number;
}

/** Numbers of the colours of the nullclines; trajectories have the others. */
const [V_LINE, W_LINE] = [1, 2];
const PATHS = [0, 3, 4, 5, 6] as const;

/**
 * Phase plane as SVG: the nullclines of both variables, equilibria (filled where stable), arrows along the flow and
 * trajectories.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws LengthError when the field does not fit its grid, ValueRangeError when the figure is too small
 */
export function phasePlaneFigure(options: PhasePlaneOptions): string {
  const { field, trajectories = [], names = ["v", "w"], arrows = true, title = "Phase plane" } = options;
  const { width = 860, height = 560 } = options;
  const lines = field === undefined ? undefined : nullclines(field);
  const points = options.equilibria ?? (field === undefined ? [] : equilibria(field));
  const [left, right] = field === undefined ? extent(trajectories.map(({ v }) => v)) : ends(field.v);
  const [low, high] = field === undefined ? extent(trajectories.map(({ w }) => w)) : ends(field.w);
  const plain = names.map((name) => name.replace(/ \(.*/, "")) as [string, string];

  const legend: LegendEntry[] = [
    ...(lines === undefined
      ? []
      : [entry(`d${plain[0]}/dt = 0`, colour(V_LINE)), entry(`d${plain[1]}/dt = 0`, colour(W_LINE))]),
    ...trajectories.map(({ name = "trajectory" }, i) => entry(name, pathColour(i))),
    ...kinds(points),
  ];
  const equilibriumText = points
    .slice(0, 5)
    .map(({ kind, v, w }) => `${kind} equilibrium at (${rounded(v, right - left)}, ${rounded(w, high - low)})`)
    .join(" · ");
  const count = `${grouped(trajectories.length)} trajector${trajectories.length === 1 ? "y" : "ies"}`;
  const facts = equilibriumText === "" ? (field === undefined ? count : "No equilibrium") : equilibriumText;
  const subtitle = options.subtitle === undefined ? facts : `${options.subtitle} · ${facts}`;
  return chart({
    width,
    height,
    title,
    subtitle,
    description:
      `Phase plane: ${names[1]} from ${short(low)} to ${short(high)} over ${names[0]} from ${short(left)} ` +
      `to ${short(right)}. ${count}. ${equilibriumText}`,
    x: linearAxis(left, right, names[0], Math.max(2, width / 110)),
    y: linearAxis(low, high, names[1], Math.max(2, height / 70)),
    legend,
    draw: (plane) => {
      const curves = (list: readonly { v: Float64Array; w: Float64Array }[], colour: string) =>
        element("path", { d: list.map((c) => orbitPath(plane, c.v, c.w)).join(""), stroke: colour });
      const paths = trajectories.map((trajectory, i) => drawTrajectory(plane, trajectory, pathColour(i)));
      const isEmpty = field === undefined && paths.every((path) => path === "");
      return (
        (field !== undefined && arrows ? flow(plane, field) : "") +
        (lines === undefined
          ? ""
          : inPlane(plane, curves(lines.v, colour(V_LINE)) + curves(lines.w, colour(W_LINE)), 20)) +
        paths.join("") +
        points.map((point) => drawPoint(plane, point)).join("") +
        (isEmpty ? message("No trajectory", plane.box) : "")
      );
    },
  });
}

/** A number with as many digits as make sense on an axis of this length. */
function rounded(value: number, span: number): string {
  const step = 10 ** Math.floor(Math.log10(span) - 3);
  return String(Number((Math.round(value / step) * step).toPrecision(6))).replace("-", "−");
}

function entry(name: string, colour: string): LegendEntry {
  return { name, colour };
}

function kinds(points: readonly Equilibrium[]): LegendEntry[] {
  const known = new Set(points.map(({ kind }) => kind));
  return [
    ...(known.has("stable") ? [{ name: "stable", colour: INK.title, mark: "dot" } as const] : []),
    ...(known.has("unstable") ? [{ name: "unstable", colour: INK.title, mark: "ring" } as const] : []),
    ...(known.has("saddle") ? [{ name: "saddle", colour: colour(V_LINE), mark: "ring" } as const] : []),
  ];
}

function drawPoint(plane: Plane, point: Equilibrium): string {
  const [x, y] = place(plane, point.v, point.w);
  const ink = point.kind === "saddle" ? colour(V_LINE) : INK.title;
  return circle(plane.box.x + x, plane.box.y + y, ink, point.kind === "stable");
}

function pathColour(index: number): string {
  return colour(PATHS[index % PATHS.length] as number);
}

function drawTrajectory(plane: Plane, { v, w, resets = [] }: Trajectory, colour: string): string {
  const jumps = new Set(Array.from(resets));
  const d = orbitPath(plane, v, w, (k) => jumps.has(k));
  const jump = orbitPath(plane, v, w, (k) => !jumps.has(k));
  if (d === "" && jump === "") return "";
  return inPlane(
    plane,
    element("path", { d: jump, stroke: colour, "stroke-width": "9", "stroke-dasharray": "1 30", opacity: "0.8" }) +
      element("path", { d, stroke: colour }),
    13,
  );
}

/** Arrows of one length along the flow, about 40 px apart. */
function flow(plane: Plane, field: VectorField): string {
  const { v, w, dv, dw } = field;
  const { box, x, y } = plane;
  const columns = Math.max(2, Math.round(box.width / 42));
  const rows = Math.max(2, Math.round(box.height / 42));
  let d = "";
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = Math.round(((column + 0.5) / columns) * (v.length - 1));
      const j = Math.round(((row + 0.5) / rows) * (w.length - 1));
      const k = j * v.length + i;
      const right = ((dv[k] as number) * box.width) / (x.high - x.low);
      const up = ((dw[k] as number) * box.height) / (y.high - y.low);
      const speed = Math.hypot(right, up);
      if (!(speed > 0 && drawable(speed))) continue;
      const [c, s] = [right / speed, up / speed];
      const [px0, py0] = place(plane, v[i] as number, w[j] as number);
      const [tipX, tipY] = [box.x + px0 + 6 * c, box.y + py0 - 6 * s];
      if (tipX < box.x + 3 || tipX > box.x + box.width - 3) continue;
      d +=
        `M${px(tipX - 12 * c)} ${px(tipY + 12 * s)}L${px(tipX)} ${px(tipY)}` +
        `M${px(tipX - 4 * c - 2 * s)} ${px(tipY + 4 * s - 2 * c)}L${px(tipX)} ${px(tipY)}` +
        `L${px(tipX - 4 * c + 2 * s)} ${px(tipY + 4 * s + 2 * c)}`;
    }
  }
  return d === "" ? "" : element("path", { d, stroke: "#b9c0cc", fill: "none", "stroke-linecap": "round" });
}

function ends(axis: Float64Array): readonly [number, number] {
  return [axis[0] as number, axis.at(-1) as number];
}

/** Lowest and highest finite value with a margin. */
function extent(lists: readonly ArrayLike<number>[]): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of lists) {
    for (let k = 0; k < list.length; k++) {
      const value = list[k] as number;
      if (!drawable(value)) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  if (least > most) return [0, 1];
  const margin = most > least ? 0.05 * (most - least) : Math.max(1, 0.05 * Math.abs(least));
  return [least - margin, most + margin];
}

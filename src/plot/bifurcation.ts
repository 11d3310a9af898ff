/** Bifurcation diagrams and phase responses. */
import { chart, inPlane, linearAxis, orbitPath, type Plane, place } from "./chart.js";
import { circle, type LegendEntry } from "./legend.js";
import { colour } from "./palette.js";
import { message } from "./scale.js";
import { element, grouped, INK, short } from "./svg.js";

/** A branch of fixed points, as `bifurcationDiagram` of spikelet/dynamics gives it. */
export interface DrawnBranch {
  readonly points: readonly {
    readonly value: number;
    readonly state: Readonly<Record<string, number>>;
    readonly stable: boolean;
  }[];
  readonly bifurcations: readonly {
    readonly type: string;
    readonly value: number;
    readonly state: Readonly<Record<string, number>>;
  }[];
}

/** A branch of cycles. */
export interface DrawnCycles {
  readonly points: readonly {
    readonly value: number;
    readonly states: Readonly<Record<string, ArrayLike<number>>>;
    readonly stable: boolean;
  }[];
  readonly bifurcations: readonly {
    readonly type: string;
    readonly value: number;
    readonly states: Readonly<Record<string, ArrayLike<number>>>;
  }[];
}

/** What a bifurcation diagram shows. */
export interface BifurcationFigureOptions {
  /** Branches, as of `bifurcationDiagram`, and the parameter over which they are drawn. */
  readonly diagram: {
    readonly parameter: string;
    readonly unit: string;
    readonly range: readonly [number, number];
    readonly variables: readonly string[];
    readonly branches: readonly DrawnBranch[];
    readonly cycles?: readonly DrawnCycles[];
  };
  /** The state that is drawn; the first when left out. */
  readonly variable?: string;
  /** Its unit; none when left out. */
  readonly unit?: string;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; 480 when left out. */
  readonly height?: number;
}

/** Colours: fixed points, cycles. */
const [POINTS, CYCLES] = [0, 1];
/** Dashes of what is not stable, in tenths of a px. */
const UNSTABLE = "60 45";

/**
 * Fixed points and, of cycles, the lowest and the highest value of a state over a parameter, as SVG: solid where
 * stable, dashed where not, with marks where bifurcations are.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when the figure is too small
 */
export function bifurcationFigure(options: BifurcationFigureOptions): string {
  const { diagram, unit = "", title = "Bifurcation diagram", width = 900, height = 480 } = options;
  const { parameter, branches, cycles = [], range } = diagram;
  const variable = options.variable ?? (diagram.variables[0] as string);
  const fixed = branches.map(({ points }) =>
    points.map(({ value, state, stable }) => ({ value, y: state[variable] as number, stable })),
  );
  const ends = cycles.flatMap(({ points }) =>
    [Math.min, Math.max].map((end) =>
      points.map(({ value, states, stable }) => ({ value, y: extreme(states[variable], end), stable })),
    ),
  );
  const all = [...fixed, ...ends].flat();
  const marks = [
    ...branches.flatMap(({ bifurcations }) =>
      bifurcations.map(({ type, value, state }) => ({ type, value, y: [state[variable] as number], ink: INK.title })),
    ),
    ...cycles.flatMap(({ bifurcations }) =>
      bifurcations.map(({ type, value, states }) => ({
        type: type === "fold" ? "fold of cycles" : type,
        value,
        y: [extreme(states[variable], Math.max)],
        ink: colour(CYCLES),
      })),
    ),
  ];
  const low = all.reduce((least, { y }) => Math.min(least, y), Number.POSITIVE_INFINITY);
  const high = all.reduce((most, { y }) => Math.max(most, y), Number.NEGATIVE_INFINITY);
  const [bottom, top] = low < high ? [low, high] : all.length === 0 ? [0, 1] : [low - 1, low + 1];
  const room = 0.04 * (top - bottom);
  const facts = marks.map(({ type, value }) => `${type} at ${short(value)}`);
  const shown = facts.slice(0, 6).join(" · ") + (facts.length > 6 ? ` · and ${grouped(facts.length - 6)} more` : "");
  const has = (list: readonly (readonly { readonly stable: boolean }[])[], stable: boolean): boolean =>
    list.some((points) => points.some((point) => point.stable === stable));
  const line = (name: string, index: number, dashed: boolean): LegendEntry => ({
    name,
    colour: colour(index),
    dashes: dashed ? "6 4.5" : undefined,
  });
  const legend = [
    ...(has(fixed, true) ? [line("stable points", POINTS, false)] : []),
    ...(has(fixed, false) ? [line("unstable points", POINTS, true)] : []),
    ...(has(ends, true) ? [line("stable cycles", CYCLES, false)] : []),
    ...(has(ends, false) ? [line("unstable cycles", CYCLES, true)] : []),
    ...(marks.length > 0 ? [{ name: "bifurcation", colour: INK.title, mark: "ring" } as const] : []),
  ];
  const named = (name: string, of: string): string => (of === "" ? name : `${name} (${of})`);
  return chart({
    width,
    height,
    title,
    subtitle: shown === "" ? "No bifurcation" : shown,
    description: `Bifurcation diagram of ${variable} over ${parameter} from ${short(range[0])} to ${short(range[1])}. ${facts.slice(0, 20).join("; ")}.`,
    x: linearAxis(range[0], range[1], named(parameter, diagram.unit), Math.max(2, width / 110)),
    y: linearAxis(bottom - room, top + room, named(variable, unit), Math.max(2, height / 70)),
    legend,
    draw: (plane) =>
      inPlane(
        plane,
        [...fixed.map((list) => drawn(plane, list, POINTS)), ...ends.map((list) => drawn(plane, list, CYCLES))].join(
          "",
        ),
        18,
      ) +
      marks
        .filter(({ value }) => value >= range[0] && value <= range[1])
        .flatMap(({ value, y, ink }) =>
          y.map((one) => {
            const [px, py] = place(plane, value, one);
            return circle(plane.box.x + px, plane.box.y + py, ink, false);
          }),
        )
        .join("") +
      (all.length === 0 ? message("No fixed point", plane.box) : ""),
  });
}

function extreme(values: ArrayLike<number> | undefined, end: (a: number, b: number) => number): number {
  return Array.from(values ?? []).reduce((a, b) => end(a, b), (values?.[0] ?? Number.NaN) as number);
}

/** A line that is dashed where points are not stable. */
function drawn(
  plane: Plane,
  points: readonly { readonly value: number; readonly y: number; readonly stable: boolean }[],
  index: number,
): string {
  const xs = points.map(({ value }) => value);
  const ys = points.map(({ y }) => y);
  const part = (stable: boolean): string =>
    orbitPath(plane, xs, ys, (k) => points[k]?.stable !== stable && points[k - 1]?.stable !== stable);
  // a piece between a stable and an unstable point is solid
  const dashed = orbitPath(plane, xs, ys, (k) => points[k]?.stable === true || points[k - 1]?.stable === true);
  const solid = part(true);
  return (
    (solid === "" ? "" : element("path", { d: solid, stroke: colour(index) })) +
    (dashed === "" ? "" : element("path", { d: dashed, stroke: colour(index), "stroke-dasharray": UNSTABLE }))
  );
}

/** What a figure of phase responses shows. */
export interface PhaseResponseFigureOptions {
  /** Curves, as `phaseResponse` of spikelet/dynamics gives them. */
  readonly curves: readonly {
    readonly name: string;
    readonly period: number;
    /** ms, and the shift in ms per unit. */
    readonly time: ArrayLike<number>;
    readonly response: ArrayLike<number>;
  }[];
  /** Unit of the response; "ms/mV" when left out. */
  readonly unit?: string;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; 420 when left out. */
  readonly height?: number;
}

/**
 * Phase responses over the phase, from 0 to 1, as SVG, a line each.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when the figure is too small
 */
export function phaseResponseFigure(options: PhaseResponseFigureOptions): string {
  const { curves, unit = "ms/mV", title = "Phase response", width = 900, height = 420 } = options;
  const all = curves.flatMap(({ response }) => Array.from(response)).filter(Number.isFinite);
  const low = all.reduce((a, b) => Math.min(a, b), 0);
  const high = all.reduce((a, b) => Math.max(a, b), 0);
  const [bottom, top] = low < high ? [low, high] : [-1, 1];
  const room = 0.05 * (top - bottom);
  const legend = curves.map(({ name, period }, i) => ({ name, note: `period ${short(period)} ms`, colour: colour(i) }));
  return chart({
    width,
    height,
    title,
    subtitle: "Advance of the next spikes per push, over the phase of the push",
    description: `Phase responses. ${curves.map(({ name }) => name).join("; ")}.`,
    x: linearAxis(0, 1, "Phase", Math.max(2, width / 110)),
    y: linearAxis(bottom - room, top + room, `Advance (${unit})`, Math.max(2, height / 70)),
    legend,
    draw: (plane) =>
      inPlane(
        plane,
        element("path", { d: orbitPath(plane, [0, 1], [0, 0]), stroke: INK.axis, "stroke-width": "8" }) +
          curves
            .map(({ time, period, response }, i) => {
              // the end is the beginning
              const xs = [...Array.from(time, (t) => t / period), 1];
              const ys = [...Array.from(response), response[0] as number];
              return element("path", { d: orbitPath(plane, xs, ys), stroke: colour(i) });
            })
            .join(""),
        16,
      ),
  });
}

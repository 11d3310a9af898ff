/** f-I curves and power spectra. */
import type { Spectrum } from "../analysis/spectrum.js";
import { spectralPeak } from "../analysis/spectrum.js";
import { chart, inPlane, linearAxis, logAxis, orbitPath, type Plane, place } from "./chart.js";
import { colour, dashes } from "./palette.js";
import { drawable, linePath } from "./path.js";
import { message } from "./scale.js";
import { element, grouped, px, short } from "./svg.js";

/** What a figure of f-I curves shows. */
export interface FiCurveOptions {
  /** Curves of firing rate (Hz) over current; both arrays have the same length. */
  readonly curves: readonly {
    readonly name: string;
    readonly current: ArrayLike<number>;
    readonly rate: ArrayLike<number>;
  }[];
  /** Unit of the current, such as "pA"; none when left out. */
  readonly unit?: string;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; 420 when left out. */
  readonly height?: number;
}

/** Points up to which each has a mark. */
const MAX_POINTS = 100;

/**
 * Firing rate over input current as SVG, one line per curve. Points that are not finite leave a gap.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when the figure is too small
 */
export function fiCurveFigure(options: FiCurveOptions): string {
  const { curves, unit = "", title = "f-I curve", width = 900, height = 420 } = options;
  const points = curves.map(({ current, rate }) => {
    const kept: [number, number][] = [];
    for (let k = 0; k < Math.min(current.length, rate.length); k++) {
      const point: [number, number] = [current[k] as number, rate[k] as number];
      if (point.every(drawable)) kept.push(point);
    }
    return kept;
  });
  const all = points.flat();
  const extent = all.reduce(
    ([a, b], [current]) => [Math.min(a, current), Math.max(b, current)] as [number, number],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number],
  );
  const [low, high] = extent[0] < extent[1] ? extent : all.length === 0 ? [0, 1] : [extent[0] - 1, extent[0] + 1];
  const highest = all.reduce((most, [, rate]) => Math.max(most, rate), 0);
  const legend = curves.map(({ name }, i) => {
    const own = (points[i] as [number, number][]).filter(([, rate]) => rate > 0).map(([current]) => current);
    const first = own.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const note = own.length === 0 ? "silent" : `fires from ${short(first)}${unit === "" ? "" : ` ${unit}`}`;
    return { name, note, colour: colour(i), dashes: dashes(i) };
  });
  const name = unit === "" ? "Current" : `Current (${unit})`;
  const plural = (count: number, noun: string) => `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
  const subtitle = `${plural(curves.length, "curve")} · ${plural(all.length, "point")}`;
  const notes = legend.slice(0, 20).map((entry) => `${entry.name}: ${entry.note}`);
  return chart({
    width,
    height,
    title,
    subtitle,
    description: `Firing rate in Hz over current from ${short(low)} to ${short(high)}. ${notes.join("; ")}.`,
    x: linearAxis(low - 0.02 * (high - low), high + 0.02 * (high - low), name, Math.max(2, width / 110)),
    y: linearAxis(0, highest === 0 ? 1 : highest * 1.04, "Rate (Hz)", Math.max(2, height / 70), true),
    legend,
    draw: (plane) =>
      curves.map((curve, i) => drawCurve(plane, curve, points[i] as [number, number][], i)).join("") +
      (all.length === 0 ? message("No point", plane.box) : ""),
  });
}

function drawCurve(
  plane: Plane,
  { current, rate }: { readonly current: ArrayLike<number>; readonly rate: ArrayLike<number> },
  points: readonly [number, number][],
  index: number,
): string {
  const d = orbitPath(plane, current, rate);
  const line = element("path", { d, stroke: colour(index), "stroke-dasharray": dashes(index, 10) });
  const dots = points.length > MAX_POINTS ? [] : points.map(([x, y]) => place(plane, x, y));
  const { box } = plane;
  const marks = dots.map(([x, y]) => `M${px(box.x + x)} ${px(box.y + y)}h0`).join("");
  return (
    (d === "" ? "" : inPlane(plane, line, 16)) +
    (marks === ""
      ? ""
      : element("path", { d: marks, stroke: colour(index), "stroke-width": "6", "stroke-linecap": "round" }))
  );
}

/** What a figure of spectra shows. */
export interface SpectrumFigureOptions {
  /** Spectra by the names of what they were made of. */
  readonly spectra: readonly ({ readonly name: string } & Pick<Spectrum, "frequency" | "power">)[];
  /** End of the axis of frequency in Hz; the highest frequency when left out. */
  readonly maxFrequency?: number;
  /** Axis of power: "log" when left out. */
  readonly scale?: "linear" | "log";
  /** Unit of the power; "Hz²/Hz", that of population rates, when left out. */
  readonly unit?: string;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; 400 when left out. */
  readonly height?: number;
}

/**
 * Power spectra as SVG, one line each; the mean (frequency 0) is left out.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when the figure is too small
 */
export function spectrumFigure(options: SpectrumFigureOptions): string {
  const { spectra, scale = "log", unit = "Hz²/Hz", title = "Power spectrum", width = 900, height = 400 } = options;
  const last = spectra.reduce((most, { frequency }) => Math.max(most, frequency.at(-1) ?? 0), 0);
  const end = options.maxFrequency ?? (last > 0 ? last : 1);
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const { frequency, power } of spectra) {
    for (let k = 1; k < power.length && (frequency[k] as number) <= end; k++) {
      const value = power[k] as number;
      if (!(value > 0 && drawable(value))) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  const empty = most === 0;
  if (empty) [least, most] = [0.1, 1];
  const name = `Power (${unit})`;
  // Six powers of ten show everything but rounding noise.
  const y =
    scale === "log"
      ? logAxis(Math.max(least / 1.3, most * 1e-6), most * 1.5, name)
      : linearAxis(0, most * 1.04, name, Math.max(2, height / 70), true);
  const legend = spectra.map((spectrum, i) => {
    const peak = spectralPeak(spectrum, { to: end });
    const note = Number.isNaN(peak.frequency) ? "no power" : `highest at ${short(peak.frequency)} Hz`;
    return { name: spectrum.name, note, colour: colour(i), dashes: dashes(i) };
  });
  const resolution = spectra.find(({ frequency }) => frequency.length > 1)?.frequency[1];
  const notes = legend.slice(0, 20).map((entry) => `${entry.name}: ${entry.note}`);
  return chart({
    width,
    height,
    title,
    subtitle: resolution === undefined ? "No spectrum" : `Points every ${short(resolution)} Hz up to ${short(end)} Hz`,
    description: `Power spectra up to ${short(end)} Hz. ${notes.join("; ")}.`,
    x: linearAxis(0, end, "Frequency (Hz)", Math.max(2, width / 110)),
    y,
    legend,
    draw: (plane) => {
      const { width: wide, height: tall } = plane.box;
      const range = { start: 0, end, low: y.low, high: y.high, width: wide, height: tall };
      const lines = spectra.map(({ frequency, power }, i) => {
        // Power below the axis lies on it.
        const values = power.map((value) => Math.max(y.low, y.of(value)));
        const d = linePath(frequency.subarray(1), values.subarray(1), range);
        return element("path", { d, stroke: colour(i), "stroke-dasharray": dashes(i, 10) });
      });
      return inPlane(plane, lines.join(""), 14) + (empty ? message("No power", plane.box) : "");
    },
  });
}

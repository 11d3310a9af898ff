/** Histograms of interspike intervals and of weights. */
import { histogram, type HistogramOptions } from "../analysis/histogram.js";
import { interspikeIntervals, meanCv } from "../analysis/intervals.js";
import { checkPositive, type PopulationSpikes, rangeError, type Spikes } from "../analysis/types.js";
import { type ChartAxis, chart, inPlane, linearAxis, logAxis } from "./chart.js";
import { colour, dashes } from "./palette.js";
import { type LineScale, stepPath } from "./path.js";
import { message } from "./scale.js";
import { element, grouped, short } from "./svg.js";

/** What a histogram of interspike intervals shows. */
export interface IsiOptions {
  /** Populations, one outline each. */
  readonly populations: readonly PopulationSpikes[];
  /** Spikes from this time on, in ms; 0 when left out. */
  readonly start?: number;
  /** Spikes within this time from the start, in ms; all when left out. */
  readonly duration?: number;
  /** "linear" when left out; a logarithmic axis shows bursts and pauses together. */
  readonly scale?: "linear" | "log";
  /** Width of a bin in ms on the linear axis; a round number that makes about 80 bins when left out. */
  readonly bin?: number;
  /**
   * End of the axis in ms. When left out, 99.5 % of the intervals of each population lie below it; the linear axis ends
   * at five mean intervals at the latest.
   */
  readonly max?: number;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; 380 when left out. */
  readonly height?: number;
}

/**
 * Histograms of the interspike intervals of populations as SVG, in percent of each population's intervals.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when a neuron index is not below its population's size or an option is out of its range
 */
export function isiFigure(options: IsiOptions): string {
  const { populations, scale = "linear", title = "Interspike intervals" } = options;
  const trains = populations.map((population) => ({ ...population, spikes: within(population.spikes, options) }));
  const series = trains.map(({ name, size, spikes }) => {
    const { intervals } = interspikeIntervals(spikes, size);
    const mean = intervals.reduce((sum, interval) => sum + interval, 0) / intervals.length;
    const cv = meanCv(spikes, size);
    const note = intervals.length === 0 ? "no intervals" : `mean ${short(mean)} ms`;
    const usual = quantile(intervals, 0.995);
    const end = scale === "linear" ? Math.min(usual, 5 * mean) : usual;
    return { name, values: intervals, note: Number.isNaN(cv) ? note : `${note}, CV ${short(cv)}`, end };
  });
  const longest = options.max ?? series.reduce((most, { end }) => (end > most ? end : most), 0);
  if (options.max !== undefined) checkPositive("max", options.max);
  const bins = isiBins(longest, scale, options.bin, series);
  const words = { name: "Interspike interval", unit: "ms", noun: "interval" };
  return histogramFigure({ ...options, title, series, bins, ...words });
}

function isiBins(
  longest: number,
  scale: "linear" | "log",
  bin: number | undefined,
  series: readonly Series[],
): HistogramOptions {
  if (bin !== undefined) checkPositive("bin", bin);
  if (scale === "linear") {
    const high = longest > 0 ? longest : (bin ?? 1);
    return { low: 0, high, width: bin ?? roundNumber(high / 80) };
  }
  let shortest = longest > 0 ? longest : 1;
  for (const { values } of series) {
    for (const value of values) if (value > 0 && value < shortest) shortest = value;
  }
  const low = 10 ** Math.floor(Math.log10(shortest) + 1e-9);
  const high = 10 ** Math.ceil(Math.log10(Math.max(longest, 1.001 * low)) - 1e-9);
  return { scale, low, high, bins: 20 * Math.round(Math.log10(high / low)) };
}

/** What a histogram of weights shows. */
export interface WeightsOptions {
  /** Weights of projections of one unit, one outline each. */
  readonly projections: readonly { readonly name: string; readonly weights: ArrayLike<number> & Iterable<number> }[];
  /** Unit of the weights, such as "nS"; none when left out. */
  readonly unit?: string;
  /** Number of bins; 60 when left out. */
  readonly bins?: number;
  /** Lower end of the axis; the smallest weight when left out. */
  readonly low?: number;
  /** Upper end of the axis; the largest weight when left out. */
  readonly high?: number;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; 380 when left out. */
  readonly height?: number;
}

/**
 * Histograms of synaptic weights as SVG, in percent of each projection's synapses.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when an option is out of its range
 */
export function weightsFigure(options: WeightsOptions): string {
  const { projections, unit = "", title = "Synaptic weights", bins = 60 } = options;
  const series = projections.map(({ name, weights }) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < weights.length; i++) {
      if (!Number.isFinite(weights[i])) continue;
      sum += weights[i] as number;
      count++;
    }
    const note = count === 0 ? "no weights" : `mean ${short(sum / count)}${unit === "" ? "" : ` ${unit}`}`;
    return { name, values: weights, note };
  });
  // One set of bins for all.
  let [least, most] = [options.low ?? Number.POSITIVE_INFINITY, options.high ?? Number.NEGATIVE_INFINITY];
  for (const { values } of series) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) continue;
      if (options.low === undefined && value < least) least = value;
      if (options.high === undefined && value > most) most = value;
    }
  }
  const ends = least < most ? { low: least, high: most } : Number.isFinite(least) ? around(least) : {};
  return histogramFigure({ ...options, title, series, bins: { ...ends, bins }, name: "Weight", unit, noun: "synapse" });
}

/** An axis around the one value there is. */
function around(value: number): { low: number; high: number } {
  const half = value === 0 ? 1 : Math.abs(value) / 2;
  return { low: value - half, high: value + half };
}

interface Series {
  readonly name: string;
  readonly note: string;
  readonly values: ArrayLike<number> & Iterable<number>;
}

interface HistogramFigure {
  readonly series: readonly Series[];
  readonly bins: HistogramOptions;
  readonly title: string;
  /** Name and unit of the values. */
  readonly name: string;
  readonly unit: string;
  readonly noun: string;
  readonly width?: number;
  readonly height?: number;
}

function histogramFigure(options: HistogramFigure): string {
  const { series, title, unit, noun, width = 900, height = 380 } = options;
  const name = unit === "" ? options.name : `${options.name} (${unit})`;
  const histograms = series.map(({ values }) => histogram(values, options.bins));
  const edges = histograms[0]?.edges ?? histogram([], options.bins).edges;
  const shares = histograms.map(({ counts, below, above }) => {
    const all = counts.reduce((sum, count) => sum + count, below + above);
    return counts.map((count) => (all === 0 ? 0 : (100 * count) / all));
  });
  const highest = shares.reduce((most, share) => share.reduce((a, b) => Math.max(a, b), most), 0);
  const log = options.bins.scale === "log";
  const [low, high] = [edges[0] as number, edges.at(-1) as number];
  const x = log ? logAxis(low, high, name) : linearAxis(low, high, name, Math.max(2, width / 110));
  const y = linearAxis(0, highest === 0 ? 1 : highest * 1.04, `Share of ${noun}s (%)`, Math.max(2, height / 70), true);
  const legend = series.map((entry, i) => ({ ...entry, colour: colour(i), dashes: dashes(i) }));
  const total = series.reduce((sum, { values }) => sum + values.length, 0);
  const bin = log ? `${edges.length - 1} bins` : `bins of ${short((high - low) / (edges.length - 1))} ${unit}`.trim();
  const outside = histograms.reduce((sum, { below, above }) => sum + below + above, 0);
  const count = `${grouped(total)} ${noun}${total === 1 ? "" : "s"}`;
  const subtitle = `${count} · ${bin}${outside > 0 ? ` · ${grouped(outside)} outside the axis` : ""}`;
  const notes = series.slice(0, 20).map((entry) => `${entry.name}: ${entry.note}`);
  const description = `Histogram of ${count} from ${short(low)} to ${short(high)} in ${bin}. ${notes.join("; ")}.`;
  return chart({
    width,
    height,
    title,
    subtitle,
    description,
    x,
    y,
    legend,
    draw: (plane) => {
      const positions = edges.map((edge) => x.of(edge));
      const outlines = shares.map((share, i) => outline(positions, share, i, x, y, plane.box));
      return inPlane(plane, outlines.join(""), 13) + (highest === 0 ? message(`No ${noun}s`, plane.box) : "");
    },
  });
}

/** A stepped outline from the axis and back, lightly filled. */
function outline(
  edges: Float64Array,
  share: Float64Array,
  index: number,
  x: ChartAxis,
  y: ChartAxis,
  box: { readonly width: number; readonly height: number },
): string {
  const { width, height } = box;
  const scale: LineScale = { start: x.low, end: x.high, low: y.low, high: y.high, width, height };
  const d = stepPath(edges, share, scale);
  const bottom = Math.round(10 * box.height);
  return (
    element("path", { d: `${d}V${bottom}H0Z`, fill: colour(index), "fill-opacity": "0.14" }) +
    element("path", { d, stroke: colour(index), "stroke-dasharray": dashes(index, 10) })
  );
}

/** Spikes from the start on, for the duration. */
function within(spikes: Spikes, { start = 0, duration = Number.POSITIVE_INFINITY }: IsiOptions): Spikes {
  if (!Number.isFinite(start)) throw rangeError("start", start, " ms", "finite");
  if (!(duration >= 0)) throw rangeError("duration", duration, " ms", ">= 0 ms");
  const { times, neurons, observed } = spikes;
  const inside = (time: number) => time >= start && time <= start + duration;
  if (times.length === 0 || (inside(times[0] as number) && inside(times.at(-1) as number))) return spikes;
  return { times: times.filter(inside), neurons: neurons.filter((_, i) => inside(times[i] as number)), observed };
}

/** The value that this part of the values does not exceed; 0 for none. */
function quantile(values: Float64Array, part: number): number {
  if (values.length === 0) return 0;
  return values.slice().sort()[Math.min(values.length - 1, Math.ceil(part * values.length))] as number;
}

/** The nearest of 1, 2, 5 times a power of ten. */
function roundNumber(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = raw / power;
  return (factor <= 1.5 ? 1 : factor <= 3.5 ? 2 : factor <= 7.5 ? 5 : 10) * power;
}


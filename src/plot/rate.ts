/** Population rates over time. */
import { observedInBins, observedTime } from "../analysis/observed.js";
import { type PopulationRate, populationRate } from "../analysis/rates.js";
import { checkSpikes, type PopulationSpikes } from "../analysis/types.js";
import { type LegendEntry, legendColumn, legendWidth } from "./legend.js";
import { colour, dashes } from "./palette.js";
import { type LineScale, linePath, stepPath } from "./path.js";
import {
  type Box,
  message,
  niceTicks,
  type TimeAxis,
  timeAxis,
  timeAxisBelow,
  timeGrid,
  valueAxisLeft,
} from "./scale.js";
import { checkFrame, element, frame, grouped, HEAD, px, short } from "./svg.js";

/** What a figure of rates shows. */
export interface RateOptions {
  /** Populations, one line each. */
  readonly populations: readonly PopulationSpikes[];
  /** Length of the axis of time in ms. */
  readonly duration: number;
  /** Width of a bin in ms; a round number that makes about 200 bins of at least 1 ms when left out. */
  readonly bin?: number;
  /** Start of the axis of time in ms; 0 when left out. */
  readonly start?: number;
  /** Standard deviation in ms of a Gaussian that smooths the rates; no smoothing when left out. */
  readonly smooth?: number;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; by the number of populations when left out. */
  readonly height?: number;
}

/**
 * Population rates as SVG: spikes per bin, in Hz per neuron, as one stepped line per population,
 * or a smooth one where the rates are smoothed. More than six populations have a panel each.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when the duration is negative or not finite, a bin is not above 0, or the figure
 *   is too small
 */
export function rateFigure(options: RateOptions): string {
  const { populations, start = 0, title = "Population rate", width = 900, smooth = 0 } = options;
  const apart = populations.length > TOGETHER;
  const height = options.height ?? HEAD + 54 + (apart ? panelsHeight(populations.length) : 224);
  checkFrame(width, height);
  const axis = timeAxis(start, options.duration);
  const rates = ratesOf(populations, axis, options.bin, smooth);
  const { bin, means, highest } = rates;
  const entries = populations.map(({ name }, i) => ({
    name,
    note: `${short(means[i] as number)} Hz on average`,
    colour: colour(i),
    dashes: dashes(i),
  }));
  const side = legendWidth(entries);
  const box = { x: 74, y: HEAD, width: width - 74 - 20 - side - 14, height: height - HEAD - 54 };
  const content =
    (apart
      ? panels(rates, axis, box, entries, side)
      : ratePanel(rates, axis, box) + legendColumn(entries, box.x + box.width + 14, box.y, side, box.height)) +
    timeAxisBelow(axis, box) +
    (highest === 0 ? message(populations.length === 0 ? "No population recorded" : "No spikes", box) : "");

  const count = populations.length;
  const subtitle = `${grouped(count)} population${count === 1 ? "" : "s"} · ${binText(rates)}`;
  const means20 = entries.slice(0, 20).map(({ name, note }) => `${name}: ${note}`);
  const description =
    `Firing rate in Hz per neuron from ${short(axis.start)} to ${short(axis.end)} ms in bins of ${short(bin)} ms. ` +
    `${highest === 0 ? "No spikes. " : `The highest rate is ${short(highest)} Hz. `}${means20.join("; ")}.`;
  return frame({ width, height, title, subtitle, description }, content);
}

/**
 * More lines than this in a panel are a heap: each population has a panel of its own then, as long as there is room.
 */
const TOGETHER = 6;
const MOST_PANELS = 32;
/** Height of a panel of one population, and the space between two, in px. */
const PANEL = 58;
const GAP = 12;

function panelsHeight(populations: number): number {
  const count = Math.min(MOST_PANELS, populations);
  return count * PANEL + (count - 1) * GAP;
}

/** Panels from top to bottom, each with its own scale, because rates of populations differ by orders of magnitude. */
function panels(all: Rates, axis: TimeAxis, box: Box, entries: readonly LegendEntry[], side: number): string {
  const each = Math.ceil(entries.length / MOST_PANELS);
  const count = Math.ceil(entries.length / each);
  const height = (box.height - (count - 1) * GAP) / count;
  let content = "";
  for (let k = 0; k < count; k++) {
    const part = { ...box, y: box.y + k * (height + GAP), height };
    const rates = all.rates.slice(k * each, (k + 1) * each);
    const highest = rates.reduce((most, { rate }) => rate.reduce((a, b) => (b > a ? b : a), most), 0);
    content +=
      ratePanel({ ...all, rates, highest }, axis, part, k * each) +
      legendColumn(entries.slice(k * each, (k + 1) * each), box.x + box.width + 14, part.y, side, height);
  }
  return content;
}

/** Binned rates of populations. */
export interface Rates {
  readonly rates: readonly PopulationRate[];
  /** ms */
  readonly bin: number;
  /** ms */
  readonly smooth: number;
  /** Mean rate of each population in Hz. */
  readonly means: readonly number[];
  /** Hz */
  readonly highest: number;
}

/** Rates of populations within an axis of time; without a bin, in about 200 bins of a round width. */
export function ratesOf(
  populations: readonly PopulationSpikes[],
  axis: TimeAxis,
  width: number | undefined,
  smooth: number,
): Rates {
  const span = axis.end - axis.start;
  const bin = width ?? defaultBin(span);
  for (const { spikes, size } of populations) checkSpikes(spikes, size);
  const rates = populations.map(({ spikes, size }) =>
    populationRate(spikes, size, { start: axis.start, duration: span, bin, smooth }),
  );
  // Spikes by the time that neurons were observed: over the axis as in each bin.
  const means = rates.map(({ edges, rate }, i) => {
    const { spikes, size } = populations[i] as PopulationSpikes;
    const seen = observedInBins(spikes.observed, size, edges);
    let sum = 0;
    for (let k = 0; k < rate.length; k++) {
      const time = (seen[k] as number) * ((edges[k + 1] as number) - (edges[k] as number));
      if (time > 0) sum += (rate[k] as number) * time;
    }
    const time = observedTime(spikes.observed, size, axis.start, axis.end);
    return time > 0 ? sum / time : 0;
  });
  let highest = 0;
  for (const { rate } of rates)
    for (let k = 0; k < rate.length; k++) if ((rate[k] as number) > highest) highest = rate[k] as number;
  return { rates, bin, smooth, means, highest };
}

/** How rates were made, in words. */
export function binText({ bin, smooth }: Rates): string {
  return `bins of ${short(bin)} ms${smooth > 0 ? `, smoothed with a Gaussian of ${short(smooth)} ms` : ""}`;
}

/**
 * Draws rates into a box, without the axis of time below it; `first` is the number of the first in the whole figure.
 */
export function ratePanel({ rates, smooth, highest }: Rates, axis: TimeAxis, box: Box, first = 0): string {
  const ticks = niceTicks(0, highest === 0 ? 1 : highest * 1.04, Math.max(2, box.height / 45));
  const high = highest === 0 ? 1 : Math.max(highest * 1.04, ticks.values.at(-1) as number);
  const scale: LineScale = { ...axis, low: 0, high, width: box.width, height: box.height };
  const lines = rates.map(({ edges, time, rate }, i) =>
    element("path", {
      d: smooth > 0 || rate.length > 2 * box.width ? linePath(time, rate, scale) : stepPath(edges, rate, scale),
      stroke: colour(first + i),
      "stroke-dasharray": dashes(first + i, 10),
    }),
  );
  const attributes = {
    transform: `translate(${px(box.x)} ${px(box.y)}) scale(.1)`,
    "stroke-width": "14",
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
    fill: "none",
  };
  return (
    timeGrid(axis, box) +
    valueAxisLeft(
      ticks,
      box,
      0,
      high,
      box.height < 90 ? "Hz" : box.height < 180 ? "Rate (Hz)" : "Rate (Hz per neuron)",
      24,
    ) +
    element("g", attributes, lines.join(""))
  );
}

function defaultBin(span: number): number {
  const raw = span / 200;
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = raw / power;
  const bin = (factor <= 1.5 ? 1 : factor <= 3.5 ? 2 : factor <= 7.5 ? 5 : 10) * power;
  return Math.min(span, Math.max(1, bin));
}

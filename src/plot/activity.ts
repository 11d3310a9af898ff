/** Raster and population rate over one axis of time. */
import { renumbered } from "../analysis/observed.js";
import { checkSpikes, neuronError, type PopulationSpikes } from "../analysis/types.js";
import { rasterHeight, rasterPanel, rasterSide } from "./raster.js";
import { binText, ratePanel, ratesOf } from "./rate.js";
import { type TimeAxis, timeAxis, timeAxisBelow } from "./scale.js";
import { checkFrame, frame, HEAD } from "./svg.js";

/** What a figure of activity shows. */
export interface ActivityOptions {
  /** Populations, drawn from bottom to top. */
  readonly populations: readonly PopulationSpikes[];
  /** Length of the axis of time in ms. */
  readonly duration: number;
  /** Start of the axis of time in ms; 0 when left out. */
  readonly start?: number;
  /** Width of a bin of the rate in ms; a round number that makes about 200 bins of at least 1 ms when left out. */
  readonly bin?: number;
  /** Standard deviation in ms of a Gaussian that smooths the rates; no smoothing when left out. */
  readonly smooth?: number;
  /** Order of neurons within a population, upwards: by index when left out, by number of spikes, or by first spike. */
  readonly order?: "index" | "rate" | "firstSpike";
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; by the number of populations when left out. */
  readonly height?: number;
  /** Spikes up to which marks are drawn; more become densities. 20,000 when left out. */
  readonly maxMarks?: number;
}

/** Height of the panel of rates and the space above it in px. */
const RATE_HEIGHT = 130;
const GAP = 22;

const ORDERS = { index: "", rate: " · neurons by rate", firstSpike: " · neurons by first spike" } as const;

/**
 * A raster plot with the population rates below it, as SVG. Populations are stacked from bottom to top; within them
 * neurons may be put in order of their activity.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when a neuron index is not below its population's size, the duration is negative or not
 *   finite, or a bin is not above 0
 */
export function activityFigure(options: ActivityOptions): string {
  const { start = 0, smooth = 0, order = "index", title = "Activity", width = 900, maxMarks = 20_000 } = options;
  const axis = timeAxis(start, options.duration);
  const populations = options.populations.map((population) => ordered(population, order, axis));
  const rest = HEAD + GAP + RATE_HEIGHT + 54;
  const height = options.height ?? rest + rasterHeight(populations.length);
  checkFrame(width, height, rest + 60);
  const rasterTall = height - rest;
  const side = rasterSide(populations, axis);
  const upper = { x: 74, y: HEAD, width: width - 74 - 20 - side - 14, height: rasterTall };
  const lower = { ...upper, y: HEAD + rasterTall + GAP, height: RATE_HEIGHT };
  const raster = rasterPanel(populations, axis, upper, side, maxMarks);
  const rates = ratesOf(populations, axis, options.bin, smooth);
  const content = raster.content + ratePanel(rates, axis, lower) + timeAxisBelow(axis, lower);
  const subtitle = `${raster.subtitle} · ${binText(rates)}${ORDERS[order]}`;
  const description = `${raster.description} Below it the population rates in Hz per neuron, ${binText(rates)}.`;
  return frame({ width, height, title, subtitle, description }, content);
}

/** The population with its neurons renumbered in the wanted order; silent ones come last. */
function ordered(population: PopulationSpikes, order: keyof typeof ORDERS, axis: TimeAxis): PopulationSpikes {
  if (order === "index") return population;
  const { size, spikes } = population;
  const { times, neurons } = spikes;
  checkSpikes(spikes, size);
  const key = new Float64Array(size).fill(order === "rate" ? 0 : Number.POSITIVE_INFINITY);
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    if (time < axis.start || time > axis.end) continue;
    key[neuron] = order === "rate" ? (key[neuron] as number) - 1 : Math.min(key[neuron] as number, time);
  }
  const sorted = Uint32Array.from({ length: size }, (_, n) => n);
  sorted.sort((a, b) => {
    const [x, y] = [key[a] as number, key[b] as number];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
  const rank = new Uint32Array(size);
  for (let position = 0; position < size; position++) rank[sorted[position] as number] = position;
  return { ...population, spikes: renumbered(spikes, rank) };
}

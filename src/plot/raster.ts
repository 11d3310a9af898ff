/** Raster plots: every spike of every neuron over time. */
import { observedTime } from "../analysis/observed.js";
import { checkSpikes, neuronError, type PopulationSpikes } from "../analysis/types.js";
import { type LegendEntry, legendEntry, legendWidth } from "./legend.js";
import { colour, rgb } from "./palette.js";
import { strokesPath } from "./path.js";
import { base64, encodePng } from "./png.js";
import { type Box, message, niceTicks, type TimeAxis, timeAxis, timeAxisBelow, timeGrid, turned } from "./scale.js";
import { checkFrame, element, frame, grouped, HEAD, INK, label, short } from "./svg.js";

/** What a raster plot shows. */
export interface RasterOptions {
  /** Populations, drawn from bottom to top. */
  readonly populations: readonly PopulationSpikes[];
  /** Length of the axis of time in ms. */
  readonly duration: number;
  /** Start of the axis of time in ms; 0 when left out. */
  readonly start?: number;
  readonly title?: string;
  /** Width of the figure in px; 900 when left out. */
  readonly width?: number;
  /** Height of the figure in px; by the number of populations when left out. */
  readonly height?: number;
  /** Spikes up to which marks are drawn; more become densities. 20,000 when left out. */
  readonly maxMarks?: number;
}

/** Pixels of all densities of a figure together: keeps the file small whatever the number of spikes. */
const MAX_PIXELS = 640_000;

/** Space between populations in px. */
const GAP = 6;

interface Band extends PopulationSpikes {
  readonly colour: string;
  /** Spikes within the axis of time. */
  readonly count: number;
  readonly box: Box;
}

/**
 * A raster plot as SVG: one mark per spike, time to the right, neurons upwards, populations stacked from bottom to
 * top in bands whose heights follow their sizes (small ones stay visible). Where spikes are too many for marks, all
 * are drawn as densities: each pixel is darker the more spikes per neuron fall on it, by one measure for all
 * populations, and a single spike stays visible.
 *
 * @returns the text of an SVG file, the same for the same data
 * @throws ValueRangeError when a neuron index is not below its population's size or the duration is negative or not
 *   finite
 */
export function rasterFigure(options: RasterOptions): string {
  const { populations, start = 0, title = "Spike raster", width = 900, maxMarks = 20_000 } = options;
  const axis = timeAxis(start, options.duration);
  const height = options.height ?? HEAD + rasterHeight(populations.length) + 54;
  checkFrame(width, height);
  const side = rasterSide(populations, axis);
  const box = { x: 74, y: HEAD, width: width - 74 - 20 - side - 14, height: height - HEAD - 54 };
  const { content, subtitle, description } = rasterPanel(populations, axis, box, side, maxMarks);
  return frame({ width, height, title, subtitle, description }, content + timeAxisBelow(axis, box));
}

/** Height in px that the bands of so many populations want. */
export function rasterHeight(populations: number): number {
  return Math.min(1600, Math.max(340, populations * 40));
}

/** Width in px of the names at the right of a raster. */
export function rasterSide(populations: readonly PopulationSpikes[], axis: TimeAxis): number {
  return legendWidth(populations.map((population, i) => legendOf(population, i, spikesWithin(population, axis), axis)));
}

function legendOf(population: PopulationSpikes, index: number, spikes: number, axis: TimeAxis): LegendEntry {
  const { name, size } = population;
  return {
    name,
    note: `${plural(size, "neuron")}, ${rateText(spikes, observedIn(population, axis))}`,
    colour: colour(index),
  };
}

/** What a raster in a box consists of, without the axis of time below it. */
export interface RasterPanel {
  readonly content: string;
  readonly subtitle: string;
  readonly description: string;
}

/** Draws a raster into a box, with the names of the populations at its right. */
export function rasterPanel(
  populations: readonly PopulationSpikes[],
  axis: TimeAxis,
  box: Box,
  side: number,
  maxMarks: number,
): RasterPanel {
  const counts = populations.map((population) => spikesWithin(population, axis));
  const total = counts.reduce((a, b) => a + b, 0);
  const neurons = populations.reduce((sum, { size }) => sum + size, 0);
  const heights = bandHeights(populations, box.height);
  const bands: Band[] = [];
  let bottom = box.y + box.height;
  populations.forEach((population, i) => {
    const own = heights[i] as number;
    bands.push({
      ...population,
      colour: colour(i),
      count: counts[i] as number,
      box: { x: box.x, y: bottom - own, width: box.width, height: own },
    });
    bottom -= own + GAP;
  });

  let content = timeGrid(axis, box);
  // One way of drawing for all bands: pixels and marks would make equal rates differ in darkness.
  const dense = total > maxMarks;
  const drawn = dense ? densities(bands, axis) : bands.map((band) => (band.count > 0 ? marks(band, axis) : ""));
  let labelled = Number.POSITIVE_INFINITY;
  bands.forEach((band, i) => {
    content += bandAxis(band) + (drawn[i] as string);
    const middle = band.box.y + band.box.height / 2;
    const room = band.box.height >= 32;
    if (labelled - middle < 14) return;
    labelled = middle;
    content += legendEntry(legendOf(band, i, band.count, axis), box.x + box.width + 14, middle, side, room);
  });
  content += turned("Neuron", 26, box.y + box.height / 2);
  if (total === 0) content += message(populations.length === 0 ? "No population recorded" : "No spikes", box);
  const time = populations.reduce((sum, population) => sum + observedIn(population, axis), 0);
  const rate = `${rateText(total, time)} per neuron`;
  const subtitle = `${plural(neurons, "neuron")} · ${plural(total, "spike")} · ${rate}`;
  return { content, subtitle, description: describe(bands, axis, total) };
}

function spikesWithin(population: PopulationSpikes, axis: TimeAxis): number {
  const { spikes, size } = population;
  checkSpikes(spikes, size);
  const { times, neurons } = spikes;
  let count = 0;
  for (let i = 0; i < times.length; i++) {
    const neuron = neurons[i] as number;
    if (neuron >= size) throw neuronError(i, neuron, size);
    const time = times[i] as number;
    if (time >= axis.start && time <= axis.end) count++;
  }
  return count;
}

/** Heights in proportion to the sizes, none below a least height while there is room for that. */
function bandHeights(populations: readonly PopulationSpikes[], height: number): number[] {
  const room = Math.max(1, height - GAP * (populations.length - 1));
  const least = Math.min(22, room / Math.max(1, populations.length));
  const heights = populations.map(() => least);
  let open = populations.map((_, i) => i);
  // Those that would get less than the least height keep it; the others share what is left.
  for (;;) {
    const left = room - least * (populations.length - open.length);
    const neurons = open.reduce((sum, i) => sum + (populations[i]?.size ?? 0), 0);
    const share = (i: number) => (neurons === 0 ? 0 : (left * (populations[i]?.size ?? 0)) / neurons);
    const larger = open.filter((i) => share(i) >= least);
    if (larger.length === open.length) {
      for (const i of open) heights[i] = share(i);
      return heights;
    }
    open = larger;
  }
}

function bandAxis({ box, size }: Band): string {
  const row = box.height / Math.max(1, size);
  let d = `M${box.x - 0.5} ${box.y}v${box.height}`;
  let text = "";
  if (size > 0 && box.height >= 18) {
    let below = Number.POSITIVE_INFINITY;
    for (const value of niceTicks(0, size - 1 || 1, Math.max(2, box.height / 45), 1).values) {
      const y = box.y + box.height - (value + 0.5) * row;
      // No label over another one, of this band or of the one above.
      if (value > size - 1 || below - y < 13 || (value > 0 && y < box.y + 5)) continue;
      below = y;
      d += `M${box.x - 0.5} ${Math.round(y) + (row > 6 ? 0 : 0.5)}h-4`;
      text += label(grouped(value), box.x - 8, y + 3.5, { "text-anchor": "end" });
    }
  }
  return element("path", { d, stroke: INK.axis, fill: "none" }) + text;
}

function marks({ box, size, spikes, count, colour }: Band, axis: TimeAxis): string {
  const row = (10 * box.height) / size;
  const length = Math.round(Math.min(140, Math.max(16, 0.72 * row)));
  const x = new Int32Array(count);
  const y = new Int32Array(count);
  const { times, neurons } = spikes;
  let n = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (time < axis.start || time > axis.end) continue;
    x[n] = Math.round(10 * axis.position(time, box.width));
    const middle = 10 * box.height - ((neurons[i] as number) + 0.5) * row;
    y[n] = Math.round(Math.min(10 * box.height - length, Math.max(0, middle - length / 2)));
    n++;
  }
  const thick = row > 60 ? 13 : 11;
  return element("path", {
    transform: `translate(${box.x} ${Math.round(100 * box.y) / 100}) scale(.1)`,
    d: strokesPath(x, y, n, length),
    stroke: colour,
    "stroke-width": String(thick),
    fill: "none",
  });
}

/** Spikes in the cells of a band: columns of time, and rows of one neuron or several. */
interface Cells {
  readonly width: number;
  readonly height: number;
  readonly rows: number;
  readonly counts: Uint32Array;
  /** Neurons of a row. */
  readonly neurons: number;
}

/** Each band as a picture whose darkness follows the spikes per neuron, on one scale for all. */
function densities(bands: readonly Band[], axis: TimeAxis): string[] {
  const pixels = MAX_PIXELS / Math.max(1, bands.filter(({ count }) => count > 0).length);
  const cells = bands.map((band) => (band.count > 0 ? cellsOf(band, axis, pixels) : undefined));
  const full = fullOf(cells.filter((own) => own !== undefined));
  return bands.map((band, i) => (cells[i] === undefined ? "" : picture(band, cells[i], full)));
}

function cellsOf({ box, size, spikes }: Band, axis: TimeAxis, maxPixels: number): Cells {
  // Two pixels per px where the budget allows it.
  const zoom = Math.min(2, Math.sqrt(maxPixels / (box.width * box.height)));
  const width = Math.max(1, Math.floor(box.width * zoom));
  const height = Math.max(1, Math.floor(box.height * zoom));
  const rows = Math.min(size, height);
  const counts = new Uint32Array(width * rows);
  const { times, neurons } = spikes;
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number;
    if (time < axis.start || time > axis.end) continue;
    const column = Math.min(width - 1, Math.floor(axis.position(time, width)));
    const row = Math.floor(((neurons[i] as number) * rows) / size);
    const cell = (rows - 1 - row) * width + column;
    counts[cell] = (counts[cell] as number) + 1;
  }
  return { width, height, rows, counts, neurons: size / rows };
}

/** Spikes per neuron that 98 % of the cells with spikes do not exceed: those are drawn in full colour. */
function fullOf(all: readonly Cells[]): number {
  const numbers = new Map<number, number>();
  let cells = 0;
  for (const { counts, neurons } of all) {
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i] as number;
      if (count === 0) continue;
      const each = count / neurons;
      numbers.set(each, (numbers.get(each) ?? 0) + 1);
      cells++;
    }
  }
  let below = 0;
  for (const each of [...numbers.keys()].sort((a, b) => a - b)) {
    below += numbers.get(each) as number;
    if (below >= 0.98 * cells) return each;
  }
  return 1;
}

function picture({ box, colour }: Band, { width, height, rows, counts, neurons }: Cells, full: number): string {
  // Rows of a few neurons are high; a gap keeps them apart.
  const pixels = new Uint8Array(width * height);
  const gap = height / rows >= 6 ? 0.25 : 0;
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height);
    const inside = (y * rows) / height - row;
    if (inside < gap / 2 || inside >= 1 - gap / 2) continue;
    for (let x = 0; x < width; x++) {
      const each = (counts[row * width + x] as number) / neurons;
      // A single spike stays visible.
      pixels[y * width + x] = each === 0 ? 0 : Math.max(1, Math.round(SHADES * Math.min(1, each / full)));
    }
  }
  const [r, g, b] = rgb(colour);
  const palette = Array.from({ length: SHADES + 1 }, (_, level) => {
    const alpha = level === 0 ? 0 : FAINTEST + (1 - FAINTEST) * ((level - 1) / (SHADES - 1));
    return [r, g, b, Math.round(255 * alpha)] as const;
  });
  return element("image", {
    x: box.x,
    y: box.y,
    width: box.width,
    height: box.height,
    preserveAspectRatio: "none",
    "xlink:href": `data:image/png;base64,${base64(encodePng(pixels, width, height, palette))}`,
  });
}

/** Number of shades of a density besides nothing, in proportion to the spikes, and opacity of the first. */
const SHADES = 15;
const FAINTEST = 0.24;

function describe(bands: readonly Band[], axis: TimeAxis, total: number): string {
  const parts = bands
    .slice(0, 20)
    .map((band) => `${band.name}: ${plural(band.size, "neuron")}, ${plural(band.count, "spike")}`);
  if (bands.length > 20) parts.push(`and ${bands.length - 20} more populations`);
  const span = `from ${short(axis.start)} to ${short(axis.end)} ms`;
  return `Raster plot ${span}, populations from bottom to top. ${total === 0 ? "No spikes. " : ""}${parts.join("; ")}.`;
}

function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Observed time of all neurons together in ms. */
function observedIn({ size, spikes }: PopulationSpikes, axis: TimeAxis): number {
  return observedTime(spikes.observed, size, axis.start, axis.end);
}

function rateText(count: number, time: number): string {
  return `${short(time > 0 ? (1000 * count) / time : 0)} Hz`;
}

/**
 * A raster that moves, as pixels: a buffer that is pushed to the left as time goes on. A row stands for one neuron or
 * for several; the more of them fire within a pixel, the stronger its colour. And the rates that belong to it.
 */
import type { FrameSpikes } from "../worker/protocol.js";

type Size = { readonly name: string; readonly size: number };

/** A population in the raster: its rows, from `top` on. */
export interface Band extends Size {
  readonly top: number;
  readonly rows: number;
}

/** Rows of populations by their sizes, each at least some, with a gap between them. */
export function bandsOf(populations: readonly Size[], height: number, gap = 4): Band[] {
  const all = populations.reduce((sum, { size }) => sum + size, 0) || 1;
  const free = Math.max(populations.length, height - gap * (populations.length - 1));
  const least = Math.min(8, Math.floor(free / Math.max(1, populations.length)));
  // what small ones get more is taken from the others
  const wanted = populations.map(({ size }) => Math.max(least, Math.floor((free * size) / all)));
  const extra = wanted.reduce((sum, rows) => sum + rows, 0) - free;
  const large = wanted.reduce((sum, rows) => sum + Math.max(0, rows - least), 0) || 1;
  let top = 0;
  return populations.map(({ name, size }, k) => {
    const rows = wanted[k] as number;
    const given = extra > 0 ? rows - Math.ceil((extra * Math.max(0, rows - least)) / large) : rows;
    const band = { name, size, top, rows: Math.max(1, given) };
    top += band.rows + gap;
    return band;
  });
}

/** How strong the colour is for so many spikes in a pixel. */
const STRENGTH = [0, 0.75, 0.9, 1] as const;

type Rgb = readonly [red: number, green: number, blue: number];

/** A colour over paper as the four bytes of a pixel. */
function packed(color: Rgb, paper: Rgb, strength: number): number {
  const [r, g, b] = color.map((c, k) => Math.round(c * strength + (paper[k] as number) * (1 - strength))) as [
    number,
    number,
    number,
  ];
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** The pixels of a raster. */
export class RasterPixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
  readonly bands: readonly Band[];
  private readonly counts: Uint8Array;
  private readonly shades: readonly Uint32Array[];
  private readonly paper: number;
  private readonly perPixel: number;
  /** ms of its right edge. */
  private end: number;

  /**
   * @param size its width and height in pixels
   * @param span ms that it shows, the last of which is `time`
   */
  constructor(
    populations: readonly Size[],
    [width, height]: readonly [number, number],
    span: number,
    time: number,
    colors: { readonly series: readonly Rgb[]; readonly paper: Rgb },
    buffer = new ArrayBuffer(4 * width * height),
  ) {
    [this.width, this.height] = [width, height];
    this.bands = bandsOf(populations, height);
    this.pixels = new Uint32Array(buffer);
    this.counts = new Uint8Array(width * height);
    this.shades = colors.series.map((color) => Uint32Array.from(STRENGTH, (s) => packed(color, colors.paper, s)));
    this.paper = packed(colors.paper, colors.paper, 0);
    this.pixels.fill(this.paper);
    this.perPixel = span / width;
    this.end = time;
  }

  /** Adds what fired until `time` (ms). */
  add(spikes: readonly FrameSpikes[], time: number): void {
    const { width, height } = this;
    const steps = Math.max(0, Math.floor((time - this.end) / this.perPixel));
    if (steps > 0) this.push(Math.min(steps, width));
    this.end += steps * this.perPixel;
    for (const { population, times, neurons } of spikes) {
      const index = this.bands.findIndex(({ name }) => name === population);
      if (index < 0) continue;
      const { size, top, rows } = this.bands[index] as Band;
      const shades = this.shades[index % this.shades.length] as Uint32Array;
      for (let k = 0; k < times.length; k++) {
        const x = width - 1 - Math.max(0, Math.floor((this.end - (times[k] as number)) / this.perPixel));
        const y = top + Math.floor(((neurons[k] as number) * rows) / size);
        if (x < 0 || y >= height) continue;
        const at = y * width + x;
        const count = Math.min(STRENGTH.length - 1, (this.counts[at] as number) + 1);
        this.counts[at] = count;
        this.pixels[at] = shades[count] as number;
      }
    }
  }

  private push(steps: number): void {
    const { width, height } = this;
    this.pixels.copyWithin(0, steps);
    this.counts.copyWithin(0, steps);
    // what came over from the next row's start
    for (let y = 0; y < height; y++) {
      const end = (y + 1) * width;
      this.pixels.fill(this.paper, end - steps, end);
      this.counts.fill(0, end - steps, end);
    }
  }
}

/** Rates of populations in bins of time, from spikes as they come. */
export class RateBins {
  private readonly bin: number;
  private readonly populations: readonly Size[];
  private counts: number[];
  private begin: number;

  /** @param bin its width in ms; the first begins at `time` */
  constructor(populations: readonly Size[], bin: number, time: number) {
    this.bin = bin;
    this.populations = populations;
    this.counts = populations.map(() => 0);
    this.begin = time;
  }

  /** Takes what fired until `time`: the ends of the bins that are whole now, and each population's rates in Hz. */
  take(spikes: readonly FrameSpikes[], time: number): { readonly time: number[]; readonly rates: number[][] } {
    const ends: number[] = [];
    const rates: number[][] = this.populations.map(() => []);
    const cursors = this.populations.map(() => 0);
    const trains = this.populations.map(({ name }) => spikes.find(({ population }) => population === name)?.times);
    for (;;) {
      const end = this.begin + this.bin;
      const whole = end <= time + 1e-9;
      const until = whole ? end + 1e-9 : Number.POSITIVE_INFINITY;
      trains.forEach((times, k) => {
        let at = cursors[k] as number;
        while (times && at < times.length && (times[at] as number) <= until) at++;
        this.counts[k] = (this.counts[k] as number) + at - (cursors[k] as number);
        cursors[k] = at;
      });
      if (!whole) return { time: ends, rates };
      ends.push(end);
      this.populations.forEach(({ size }, k) =>
        (rates[k] as number[]).push((1000 * (this.counts[k] as number)) / (this.bin * size)),
      );
      this.counts = this.populations.map(() => 0);
      this.begin = end;
    }
  }
}

/**
 * A raster that moves: spikes as pixels in a buffer which is pushed to the left as time goes on. A row stands for one
 * neuron or for
 * several; the more of them fire within a pixel, the stronger its colour.
 */
import type { FrameSpikes } from "spikelet/worker";
import { rgb } from "./colors.js";

/** A population in the raster: its rows, from `top` on. */
export interface Band {
  readonly name: string;
  readonly size: number;
  readonly top: number;
  readonly rows: number;
}

/** How strong the colour is for so many spikes in a pixel. */
const STRENGTH = [0, 0.75, 0.9, 1] as const;

/** Rows of populations by their sizes, each at least 8, with a gap between them. */
export function bandsOf(
  populations: readonly { readonly name: string; readonly size: number }[],
  height: number,
  gap = 3,
): Band[] {
  const all = populations.reduce((sum, { size }) => sum + size, 0);
  const free = height - gap * (populations.length - 1);
  let top = 0;
  return populations.map(({ name, size }) => {
    const rows = Math.min(size, Math.max(8, Math.floor((free * size) / all)));
    const band = { name, size, top, rows };
    top += rows + gap;
    return band;
  });
}

export class Raster {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private image: ImageData;
  private pixels: Uint32Array;
  private counts: Uint8Array;
  private bands: Band[] = [];
  private shades: Uint32Array[] = [];
  private paper = 0;
  /** ms of its right edge, and how many a pixel is. */
  private end = 0;
  private perPixel = 1;
  span = 1000;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    this.image = this.context.createImageData(1, 1);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.counts = new Uint8Array(1);
  }

  /** Lays it out anew, empty: for other populations, another size or other colours. */
  lay(
    populations: readonly { readonly name: string; readonly size: number }[],
    colors: readonly string[],
    paper: string,
    time: number,
  ): void {
    const { canvas } = this;
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((n) =>
      Math.max(1, Math.round(n * ratio)),
    ) as [number, number];
    canvas.width = width;
    canvas.height = height;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.counts = new Uint8Array(width * height);
    this.bands = bandsOf(populations, height);
    const back = rgb(paper);
    const packed = (strength: number, color: readonly number[]): number => {
      const [r, g, b] = color.map((c, k) => Math.round(c * strength + (back[k] as number) * (1 - strength))) as [
        number,
        number,
        number,
      ];
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    };
    this.shades = colors.map((color) => Uint32Array.from(STRENGTH, (strength) => packed(strength, rgb(color))));
    this.paper = packed(0, back);
    this.pixels.fill(this.paper);
    this.perPixel = this.span / width;
    this.end = time;
    this.paint();
  }

  /** Adds what fired until `time`. */
  add(spikes: readonly FrameSpikes[], time: number): void {
    const { width, height } = this.image;
    const steps = Math.floor((time - this.end) / this.perPixel);
    if (steps > 0) this.push(Math.min(steps, width));
    this.end += Math.max(0, steps) * this.perPixel;
    for (const { population, times, neurons } of spikes) {
      const index = this.bands.findIndex(({ name }) => name === population);
      if (index < 0) continue;
      const { size, top, rows } = this.bands[index] as Band;
      const shades = this.shades[index % this.shades.length] as Uint32Array;
      const scale = rows / size;
      for (let k = 0; k < times.length; k++) {
        const x = width - 1 - Math.max(0, Math.floor((this.end - (times[k] as number)) / this.perPixel));
        if (x < 0) continue;
        const y = top + Math.floor((neurons[k] as number) * scale);
        if (y >= height) continue;
        const at = y * width + x;
        const count = Math.min(STRENGTH.length - 1, (this.counts[at] as number) + 1);
        this.counts[at] = count;
        this.pixels[at] = shades[count] as number;
      }
    }
  }

  private push(steps: number): void {
    const { width, height } = this.image;
    this.pixels.copyWithin(0, steps);
    this.counts.copyWithin(0, steps);
    // what came over from the next row's start
    for (let y = 0; y < height; y++) {
      const from = (y + 1) * width - steps;
      this.pixels.fill(this.paper, from, from + steps);
      this.counts.fill(0, from, from + steps);
    }
  }

  paint(): void {
    this.context.putImageData(this.image, 0, 0);
  }

  /** The neuron at a place of the canvas, in CSS pixels from its corner. */
  neuronAt(y: number): { readonly population: string; readonly neuron: number } | undefined {
    const row = (y / this.canvas.clientHeight) * this.image.height;
    const band = this.bands.find(({ top, rows }) => row >= top && row < top + rows);
    return (
      band && {
        population: band.name,
        neuron: Math.min(band.size - 1, Math.floor(((row - band.top) * band.size) / band.rows)),
      }
    );
  }
}

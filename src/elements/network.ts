/** `<spikelet-network>`: a network that runs in a page. */
import type { Frame, NetworkFacts } from "../worker/protocol.js";
import type { RemoteSimulation } from "../worker/remote.js";
import { driveText, NETWORK_ATTRIBUTES, plainOrText, readDrive } from "./attributes.js";
import { readInteger } from "../model/check.js";
import { type Colors, fit, growing, paintPlot, paintTimes, ROOM, Track } from "./chart.js";
import { backgroundsOf, type CheckedDocument, defaultNetwork, shownDocument, timesBackground } from "./documents.js";
import { LiveElement, make, mirror, SliderRow } from "./live.js";
import { RasterPixels, RateBins } from "./raster.js";
import { boundsOf } from "./scale.js";

/** Width of a bin of the rates in ms. */
const BIN = 5;
/** Where the sliders of drives end, unless somebody says so. */
const MOST_DRIVE = 2;

type Sizes = NetworkFacts["populations"];

/** Red, green and blue of any colour of a style. */
function rgbOf(color: string): readonly [number, number, number] {
  const context = make("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  if (context === null) return [128, 128, 128];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}

/** A network: its raster, its rates, and a slider for the background of each population. */
export class SpikeletNetwork extends LiveElement {
  /** @internal */
  static readonly observedAttributes = Object.keys(NETWORK_ATTRIBUTES);
  /** @internal */
  protected readonly attributes_ = NETWORK_ATTRIBUTES;

  /** Address of a model file. */
  declare src: string | undefined;
  /** What the background is multiplied by: a number, or `NAME = NUMBER` apart by `;`. */
  declare drive: number | string | undefined;
  /** ms that are drawn. */
  declare span: number | string | undefined;
  /** ms at which it stops. */
  declare duration: number | string | undefined;
  /** Simulated ms per ms. */
  declare speed: number | string | undefined;
  /** Seed of its random numbers. */
  declare seed: number | string | undefined;
  /** Whether it waits for a click. */
  declare paused: boolean;
  /** What can be clicked: `all`, `play` or `none`. */
  declare controls: string | undefined;
  /** What it is called. */
  declare label: string | undefined;

  private given: object | string | undefined = (this as { readonly document?: object }).document;
  private current: CheckedDocument | undefined;
  private next: { readonly document: CheckedDocument; readonly drive: Readonly<Record<string, number>> } | undefined;
  private nextSpan = 1000;
  private span_ = 1000;
  private backgrounds: ReturnType<typeof backgroundsOf> = {};
  private drives: Readonly<Record<string, number>> = {};
  private sizes: Sizes = [];
  private raster: { pixels: RasterPixels; image: ImageData; colors: Colors } | undefined;
  private readonly rasterCanvas = globalThis.document && make("canvas", { role: "img" });
  private readonly rateCanvas = globalThis.document && make("canvas", { role: "img" });
  private rates = new Track(0, 1000);
  private bins = new RateBins([], BIN, 0);
  private range: readonly [number, number] | undefined;
  private sliders: Readonly<Record<string, SliderRow>> = {};
  /** Spikes since the colours were chosen, so that the raster can be made anew. */
  private kept: Frame[] = [];

  /** The model file that it runs. One that is set takes the place of `src` and of what stands in the element. */
  get document(): object | undefined {
    return this.current;
  }
  set document(document: object | string | undefined) {
    this.given = document;
    this.renew();
  }

  /** @internal */
  protected override get drawn(): number {
    return this.span_;
  }

  /** @internal */
  protected override async prepare(remote: RemoteSimulation): Promise<object> {
    const { given } = this;
    const text =
      given === undefined
        ? ((await this.text("application/json")) ?? JSON.stringify(defaultNetwork()))
        : typeof given === "string"
          ? given
          : JSON.stringify(given);
    const seed = this.getAttribute("seed");
    const checked = (await remote.ask("parse", text)) as CheckedDocument;
    const document = shownDocument(
      checked,
      seed === null ? undefined : readInteger(plainOrText(seed), "seed", 0, Number.MAX_SAFE_INTEGER),
    );
    const drive = readDrive(this.getAttribute("drive"), Object.keys(backgroundsOf(document)));
    this.nextSpan = this.number("span") ?? 1000;
    this.next = { document, drive };
    const populations = (document.populations ?? []).map((one) => {
      const { background } = one;
      return background === undefined || background.length === 0
        ? one
        : { ...one, background: timesBackground(background, drive[one.name] ?? 1) };
    });
    return { ...document, populations };
  }

  /** @internal */
  protected override opened({ name, populations }: NetworkFacts): void {
    const { next, parts } = this;
    if (next === undefined) return;
    [this.current, this.drives, this.span_] = [next.document, next.drive, this.nextSpan];
    this.backgrounds = backgroundsOf(next.document);
    this.sizes = populations;
    const { rasterCanvas, rateCanvas } = this;
    rasterCanvas.ariaLabel = `Raster of the last ${this.span_} ms: a point for each spike, the newest at the right`;
    rateCanvas.ariaLabel = `Rates of ${populations.map((one) => one.name).join(", ")} in Hz`;
    parts.plots.replaceChildren(
      make(
        "div",
        { className: "key" },
        ...populations.map((one, k) => make("span", { className: `s${k % 6}` }, `${one.name} (${one.size})`)),
      ),
      make("div", { className: "plot raster" }, rasterCanvas),
      make("div", { className: "plot rates" }, rateCanvas),
    );
    this.name(name === "" ? "network" : name);
    this.sliders = Object.fromEntries(
      Object.keys(this.backgrounds).map((population) => [
        population,
        new SliderRow(`Background of ${population}`, "x", (value) => {
          this.setAttribute("drive", driveText({ ...this.drives, [population]: value }));
        }),
      ]),
    );
    parts.sliders.replaceChildren(...Object.values(this.sliders).map(({ row }) => row));
    this.showSliders();
  }

  /** @internal */
  protected override blank(): Node[] {
    return ["key", "plot raster", "plot rates"].map((className) => make("div", { className }));
  }

  private showSliders(): void {
    const [min = 0, max = MOST_DRIVE] = [this.number("min"), this.number("max")];
    for (const [name, slider] of Object.entries(this.sliders))
      slider.set(boundsOf(min, max > min ? max : min + 1), this.drives[name] ?? 1);
  }

  /** @internal */
  protected override cleared(): void {
    this.rates = new Track(this.sizes.length, this.span_);
    this.bins = new RateBins(this.sizes, BIN, 0);
    [this.raster, this.range, this.kept] = [undefined, undefined, []];
  }

  /** @internal */
  protected override take(frame: Frame): void {
    const { spikes, time } = frame;
    const { time: ends, rates } = this.bins.take(spikes, time);
    this.rates.add(ends, rates);
    this.kept.push(frame);
    while (this.kept.length > 1 && (this.kept[0] as Frame).time < time - this.span_) this.kept.shift();
    this.raster?.pixels.add(spikes, time);
  }

  /** @internal */
  protected override paint(colors: Colors): void {
    this.paintRaster(colors);
    const from = this.time - this.span_;
    const extent = this.rates.extent(from);
    this.range = growing(this.range, extent && [0, Math.max(1, extent[1])]);
    const range = [0, this.range?.[1] ?? 10] as const;
    const plot = { track: this.rates, label: "rate (Hz)", from, to: this.time, range };
    paintPlot(this.rateCanvas, plot, colors);
  }

  private paintRaster(colors: Colors): void {
    const { rasterCanvas: canvas } = this;
    const size = fit(canvas);
    const context = canvas.getContext("2d");
    if (size === undefined || context === null) return;
    const ratio = canvas.width / size[0];
    const { left, right } = ROOM;
    const [width, height] = [size[0] - left - right, size[1] - 2];
    const pixels = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))] as const;
    const { raster } = this;
    if (
      raster === undefined ||
      raster.image.width !== pixels[0] ||
      raster.image.height !== pixels[1] ||
      raster.colors !== colors
    )
      this.layRaster(pixels, colors);
    if (this.raster === undefined) return;
    context.clearRect(0, 0, ...size);
    context.putImageData(this.raster.image, Math.round(left * ratio), Math.round(ratio));
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.strokeRect(left - 0.5, 0.5, width + 1, height + 1);
    context.fillStyle = colors.soft;
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const { name, top, rows } of this.raster.pixels.bands)
      if (rows / ratio >= 10) context.fillText(name.slice(0, 7), left - 5, 1 + (top + rows / 2) / ratio);
    paintTimes(
      context,
      [this.time - this.span_, this.time],
      { x: left, y: height - 3, width, height: 0 },
      (t) => {
        return left + ((t - this.time + this.span_) / this.span_) * width;
      },
      false,
    );
  }

  private layRaster(size: readonly [number, number], colors: Colors): void {
    const image = new ImageData(...size);
    const begin = this.kept[0]?.from ?? this.time;
    const pixels = new RasterPixels(
      this.sizes,
      size,
      this.span_,
      begin,
      { series: colors.series.map(rgbOf), paper: rgbOf(colors.paper) },
      image.data.buffer,
    );
    for (const { spikes, time } of this.kept) pixels.add(spikes, time);
    this.raster = { pixels, image, colors };
  }

  /** @internal */
  protected override async apply(name: string, remote: RemoteSimulation): Promise<void> {
    if (name === "drive") {
      const drives = readDrive(this.getAttribute("drive"), Object.keys(this.backgrounds));
      for (const [population, factor] of Object.entries(drives)) {
        if (factor === this.drives[population]) continue;
        const entries = timesBackground(this.backgrounds[population] ?? [], factor);
        await remote.ask("setBackground", population, entries);
        this.drives = { ...this.drives, [population]: factor };
      }
    }
    if (["drive", "min", "max"].includes(name)) this.showSliders();
  }
}
mirror(SpikeletNetwork.prototype, NETWORK_ATTRIBUTES);

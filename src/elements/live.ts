/** What all elements do: a network in a worker that runs while it is seen, with controls, a clock and errors. */
import type { Frame, NetworkFacts } from "../worker/protocol.js";
import type { RemoteError, RemoteSimulation } from "../worker/remote.js";
import { type AttributeRecord, type Attributes, readChoice, readQuantity } from "./attributes.js";
import type { Colors } from "./chart.js";
import { findPlace, type Means, type Place, type WorkerSource } from "./host.js";
import { type Bounds, clockText, Pace, quantityText } from "./scale.js";
import { isDark, SERIES, STYLE } from "./style.js";

// Where there is no page, as when one is rendered on a server, the classes are there and of no use.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

let means: Means | undefined;

/** Says what networks run with. */
export function setMeans(given: Means): void {
  means = given;
}

/** Networks that stay in memory, seen or not; beyond, those that are not seen are kept as snapshots. */
const MOST_AWAKE = 12;
const awake = new Set<LiveElement>();

/** What helps where a page may not compile. */
const POLICY = "The page's policy must have 'wasm-unsafe-eval' in its script-src.";
/** Wall ms between two looks of the clock's text. */
const CLOCK = 200;
/** Wall ms of a frame where networks share the thread of the page. */
const SHORT = 5;
/** Most characters of what is loaded. */
const LONGEST = 2 ** 25;

/** Makes an element of a page. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<Omit<HTMLElementTagNameMap[K], "style">> & { readonly role?: string } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  element.append(...children);
  return element;
}

/** A slider with its name, value and unit. */
export class SliderRow {
  readonly row: HTMLLabelElement;
  private readonly input = make("input", { type: "range" });
  private readonly output = make("output");
  private readonly unit: string;

  constructor(name: string, unit: string, changed: (value: number) => void) {
    this.unit = unit;
    // the name is enough: the value is said with its unit
    this.row = make("label", {}, make("span", {}, name), this.output, this.input);
    this.output.ariaHidden = "true";
    this.input.ariaLabel = unit === "" ? name : `${name} in ${unit}`;
    this.input.addEventListener("input", () => changed(Number(this.input.value)));
  }

  set({ min, max, step }: Bounds, value: number): void {
    const { input, output } = this;
    Object.assign(input, { min: String(Math.min(min, value)), max: String(Math.max(max, value)), step: String(step) });
    if (Number(input.value) !== value) input.value = String(value);
    output.value = quantityText(value, this.unit);
    input.setAttribute("aria-valuetext", output.value);
  }
}

type Value = string | number | boolean | undefined;

/** Properties with the names of the attributes. */
export function mirror(prototype: HTMLElement, attributes: Attributes): void {
  for (const [name, { type }] of Object.entries<AttributeRecord>(attributes)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: HTMLElement): Value {
        const text = this.getAttribute(name);
        if (type === "flag") return text !== null;
        return type === "number" && text !== null && text.trim() !== "" && Number.isFinite(Number(text))
          ? Number(text)
          : (text ?? undefined);
      },
      set(this: HTMLElement, value: Value | null) {
        if (value === undefined || value === null || value === false) this.removeAttribute(name);
        else this.setAttribute(name, value === true ? "" : String(value));
      },
    });
  }
}

/** A network in a page. Its parts are for pages, see `docs/elements.md`; classes of one's own are not foreseen. */
export abstract class LiveElement extends Base {
  /** A worker for all elements of this class that have none of their own. */
  static worker: WorkerSource | undefined;

  /** A worker for this element, whose program calls `serve` of `spikelet/worker`. Set it before the element is seen. */
  worker: WorkerSource | undefined = (this as { readonly worker?: WorkerSource }).worker;

  /** @internal */
  protected abstract readonly attributes_: Attributes;

  private place: Place | undefined;
  private known: NetworkFacts | undefined;
  private at = 0;
  private seen = false;
  /** Whether it shall play. */
  private wish = true;
  private plays = 0;
  private isPlaying = false;
  /** It has come to its duration; it could not go on; it is to begin again; its document is to be made anew. */
  private ended = false;
  private failed = false;
  private restart = false;
  private stale = true;
  private asked = false;
  private last: Promise<void> = Promise.resolve();
  private readonly changes = new Set<string>();
  private saved: Uint8Array | undefined;
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private readonly pace = new Pace();
  private clockAt = 0;
  private usualName = "";
  private watching: (() => void)[] = [];
  private readonly frames: { readonly frame: Frame; readonly done: () => void }[] = [];
  private drawing = false;
  private colorsNow: Colors | undefined;

  /** @internal */
  protected readonly parts = {
    probe: undefined as unknown as HTMLElement,
    frame: undefined as unknown as HTMLElement,
    title: undefined as unknown as HTMLElement,
    plots: undefined as unknown as HTMLElement,
    bar: undefined as unknown as HTMLElement,
    play: undefined as unknown as HTMLButtonElement,
    reset: undefined as unknown as HTMLButtonElement,
    clock: undefined as unknown as HTMLElement,
    sliders: undefined as unknown as HTMLElement,
    error: undefined as unknown as HTMLElement,
  };

  // What the elements differ in.

  /** @internal The model file, from what stands in the attributes now; throws what is wrong with them. */
  protected abstract prepare(remote: RemoteSimulation): Promise<object>;
  /** @internal Another network is there: nothing of the one before is to be seen any more. */
  protected abstract opened(facts: NetworkFacts): void;
  /** @internal What has the place of the plots until they are there. */
  protected abstract blank(): Node[];
  /** @internal What happened is added to what is drawn. */
  protected abstract take(frame: Frame): void;
  /** @internal */
  protected abstract paint(colors: Colors): void;
  /** @internal Time begins again. */
  protected abstract cleared(): void;
  /** @internal Does what the new text of an attribute says. */
  protected abstract apply(name: string, remote: RemoteSimulation): Promise<void>;
  /** @internal ms that are drawn. */
  protected abstract get drawn(): number;
  /** @internal The whole is computed at once. */
  protected get atOnce(): boolean {
    return false;
  }
  /** @internal Simulated ms per ms, without the attribute. */
  protected readonly usualSpeed: number = 1;

  // For pages.

  /** What is known of the network; undefined until it is open. */
  get facts(): NetworkFacts | undefined {
    return this.known;
  }

  /** Simulated time in ms that is seen. */
  get time(): number {
    return this.at;
  }

  /** Whether it runs now. */
  get playing(): boolean {
    return this.isPlaying;
  }

  /** Runs, as long as it is seen. */
  play(): void {
    this.wish = true;
    if (this.ended) this.restart = true;
    this.settle();
  }

  /** Stands still. */
  pause(): void {
    this.wish = false;
    this.settle();
  }

  /** Begins again at time 0. */
  reset(): void {
    this.restart = true;
    this.settle();
  }

  /**
   * The simulation as bytes, for `Simulation.restore` and the command line: it goes on from there, bit for bit.
   *
   * @throws RemoteError when no network is open
   */
  async snapshot(): Promise<Uint8Array> {
    let bytes = this.saved;
    await this.turn(async () => {
      if (this.place === undefined) return;
      await this.stop();
      bytes = await this.place.remote.ask("snapshot");
    });
    this.settle();
    if (bytes === undefined) throw new Error(`${this.localName}: there is no network yet; wait for spikelet-ready.`);
    return bytes;
  }

  // The life of an element.

  /** @internal */
  connectedCallback(): void {
    clearTimeout(this.leaving);
    if (this.shadowRoot === null) this.build();
    for (const name of Object.keys(this.attributes_)) {
      // what a script has set before this class was there
      if (!Object.hasOwn(this, name)) continue;
      const value = (this as unknown as Record<string, Value>)[name];
      delete (this as unknown as Record<string, Value>)[name];
      (this as unknown as Record<string, Value>)[name] = value;
    }
    this.watch();
  }

  /** @internal */
  disconnectedCallback(): void {
    for (const stop of this.watching.splice(0)) stop();
    this.seen = false;
    this.settle();
    // one that is only moved is back at once
    this.leaving = setTimeout(() => void this.turn(() => this.sleep()), 0);
  }

  /** @internal */
  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now) return;
    if (name === "paused") this.wish = now === null;
    if (this.attributes_[name]?.live) this.changes.add(name);
    else this.stale = true;
    this.settle();
  }

  /** @internal The document is to be made anew. */
  protected renew(): void {
    this.stale = true;
    this.settle();
  }

  private build(): void {
    const { parts } = this;
    const shadow = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    parts.probe = make("span", { className: "probe" });
    parts.title = make("p", { className: "title" });
    parts.plots = make("div", { className: "plots" });
    parts.play = make("button", { className: "main", type: "button", disabled: true }, "Play");
    parts.play.addEventListener("click", () => (this.wish && !this.ended ? this.pause() : this.play()));
    parts.reset = make("button", { type: "button", disabled: true }, "Reset");
    parts.reset.addEventListener("click", () => this.reset());
    parts.clock = make("span", { className: "clock" });
    parts.bar = make("div", { className: "bar" }, parts.play, parts.reset, parts.clock);
    parts.sliders = make("div", { className: "sliders" });
    parts.error = make("p", { className: "error", hidden: true, role: "alert" });
    const { title, plots, bar, sliders, error } = parts;
    parts.frame = make("div", { className: "frame", role: "group" }, title, plots, bar, sliders, error);
    for (const [name, part] of Object.entries(parts)) part.setAttribute("part", name);
    shadow.append(parts.probe, parts.frame);
    if (globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches) this.wish = false;
    parts.plots.append(...this.blank());
    this.showName();
  }

  private watch(): void {
    const seen = new IntersectionObserver((entries) => {
      this.seen = entries.at(-1)?.isIntersecting ?? false;
      this.settle();
    });
    seen.observe(this);
    const again = (): void => {
      this.colorsNow = undefined;
      this.redraw();
    };
    const size = new ResizeObserver(again);
    size.observe(this);
    const theme = globalThis.matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", again);
    // pages change their theme by a class or an attribute of their root
    const root = new MutationObserver(again);
    root.observe(document.documentElement, { attributes: true });
    if (document.body) root.observe(document.body, { attributes: true });
    this.watching = [
      () => seen.disconnect(),
      () => size.disconnect(),
      () => root.disconnect(),
      () => theme.removeEventListener("change", again),
    ];
  }

  // What shall be, and what is: `settle` makes the one the other, step after step.

  private turn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work).catch((error: Error) => this.report(error));
    this.last = done;
    return done;
  }

  private settle(): void {
    if (this.asked) return;
    this.asked = true;
    void this.turn(async () => {
      await parsed();
      this.asked = false;
      try {
        await this.arrange();
      } finally {
        this.show();
      }
    });
  }

  private async arrange(): Promise<void> {
    if (!this.seen || !this.isConnected) return this.stop();
    if (this.place === undefined) await this.wake();
    const { remote } = this.place as unknown as Place;
    if (this.stale || this.failed) await this.open(remote);
    if (this.known === undefined) return;
    for (const name of [...this.changes]) {
      this.changes.delete(name);
      await this.applyOne(name, remote);
    }
    if (this.restart) {
      this.restart = false;
      await this.stop();
      await remote.ask("reset");
      this.begin();
      if (this.atOnce) return this.look(remote);
    }
    if (this.atOnce) return;
    if (this.wish && !this.ended && !this.failed) await this.start(remote);
    else await this.stop();
  }

  /** Time is 0 again. */
  private begin(): void {
    [this.at, this.ended, this.failed] = [0, false, false];
    this.pace.clear();
    this.cleared();
    this.redraw();
  }

  private async applyOne(name: string, remote: RemoteSimulation): Promise<void> {
    try {
      if (name === "label") this.showName();
      else if (name === "speed") await this.stop();
      else await this.apply(name, remote);
      this.quiet();
      if (this.atOnce && ["current", "drive"].includes(name)) this.restart = true;
    } catch (error) {
      this.report(error as Error);
    }
  }

  private async wake(): Promise<void> {
    if (means === undefined) throw new Error("the elements are not defined: call defineElements.");
    const here: { place?: Place } = {};
    const current = (): boolean => here.place === undefined || this.place === here.place;
    const own = this.worker ?? (this.constructor as typeof LiveElement).worker;
    here.place = await findPlace(means, own, {
      onFrame: (frame) => (current() ? this.draw(frame) : undefined),
      onPaused: (paused) => current() && this.paused_(paused),
      onCrash: (error) => current() && this.lost(error),
    });
    this.place = here.place;
    this.plays = 0;
    awake.add(this);
    this.makeRoom();
    if (this.saved === undefined) this.stale = true;
    else {
      this.known = await this.place.remote.ask("open", this.saved);
      this.saved = undefined;
    }
  }

  private makeRoom(): void {
    for (const one of awake) {
      if (awake.size <= MOST_AWAKE) return;
      if (one.seen) continue;
      awake.delete(one);
      void one.turn(async () => {
        if (!one.seen) await one.sleep();
      });
    }
  }

  /** Its place is given back, what it was stays. */
  private async sleep(): Promise<void> {
    const { place } = this;
    if (place === undefined || (this.isConnected && this.seen)) return;
    await this.stop();
    if (this.known !== undefined && !this.failed && !this.stale)
      this.saved = await place.remote.ask("snapshot").catch(() => undefined);
    this.place = undefined;
    awake.delete(this);
    place.close();
  }

  /** The worker is gone: the next one begins anew. */
  private lost(error: RemoteError): void {
    this.place = undefined;
    awake.delete(this);
    [this.isPlaying, this.plays, this.wish, this.stale] = [false, 0, false, true];
    this.report(error);
    this.show();
  }

  private async open(remote: RemoteSimulation): Promise<void> {
    [this.stale, this.failed] = [false, false];
    this.changes.clear();
    let facts: NetworkFacts;
    try {
      const document = await this.prepare(remote);
      await this.stop();
      facts = await remote.ask("open", document);
    } catch (error) {
      this.report(error as Error);
      return;
    }
    this.restart = false;
    this.known = facts;
    this.quiet();
    this.opened(facts);
    this.begin();
    this.parts.play.disabled = this.parts.reset.disabled = false;
    this.tell("spikelet-ready", facts);
    if (this.atOnce || !this.wish) await this.look(remote);
  }

  /** Computes what is drawn at once: all of it, or a first look. */
  private async look(remote: RemoteSimulation): Promise<void> {
    const until = (this.atOnce ? this.number("duration") : undefined) ?? this.drawn;
    try {
      await remote.ask("advance", until);
    } catch (error) {
      this.failed = true;
      this.report(error as Error);
    }
    if (this.atOnce) this.ended = true;
  }

  private async start(remote: RemoteSimulation): Promise<void> {
    if (this.isPlaying) return;
    const until = this.number("duration");
    const speed = this.number("speed") ?? this.usualSpeed;
    this.isPlaying = true;
    this.pace.clear();
    this.plays++;
    try {
      await remote.ask("play", {
        speed,
        ...(until !== undefined && { until }),
        ...(this.place?.inPage && { frame: SHORT }),
      });
      this.tell("spikelet-playing", { time: this.at });
    } catch (error) {
      this.plays--;
      this.isPlaying = false;
      throw error;
    }
  }

  private async stop(): Promise<void> {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    await this.place?.remote.ask("pause");
  }

  /** It stands by itself: at its end, or because of an error. */
  private paused_({ time, error }: { readonly time: number; readonly error?: RemoteError }): void {
    // each play ends once: the end of an earlier one says nothing about the last
    this.plays = Math.max(0, this.plays - 1);
    if (this.plays > 0) return;
    // what came before it is seen before it
    this.drawAll();
    const itself = this.isPlaying;
    this.isPlaying = false;
    if (error) {
      [this.failed, this.wish] = [true, false];
      this.report(error);
    } else if (itself) [this.ended, this.wish] = [true, false];
    this.at = time;
    this.show();
    // what goes on by itself, when it is seen again, only waits
    this.tell("spikelet-paused", { time, waits: this.wish });
  }

  // What is drawn.

  /** A frame is drawn with the screen's: what is not drawn is not computed. */
  private draw(frame: Frame): Promise<void> {
    return new Promise((done) => {
      this.frames.push({ frame, done });
      if (this.drawing) return;
      this.drawing = true;
      if (this.seen) requestAnimationFrame(() => this.drawAll());
      else this.drawAll();
    });
  }

  private drawAll(): void {
    this.drawing = false;
    for (const { frame, done } of this.frames.splice(0)) {
      this.at = frame.time;
      this.pace.add(frame.time - frame.from, frame.passed);
      this.tell("spikelet-frame", frame);
      this.take(frame);
      done();
    }
    this.redraw();
    const now = performance.now();
    if (now - this.clockAt < CLOCK) return;
    this.clockAt = now;
    this.showClock();
  }

  private redraw(): void {
    if (this.shadowRoot === null || this.known === undefined || !this.isConnected) return;
    this.colorsNow ??= this.colors();
    this.paint(this.colorsNow);
  }

  private colors(): Colors {
    const { probe, frame } = this.parts;
    frame.classList.toggle("dark", isDark(getComputedStyle(probe).backgroundColor));
    const style = getComputedStyle(frame);
    const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
    return {
      ink: of("ink"),
      soft: of("ink-soft"),
      line: of("line"),
      paper: of("paper"),
      series: SERIES.map(of),
    };
  }

  private showClock(): void {
    const { realTime } = this.pace;
    this.parts.clock.textContent = clockText(this.at, this.isPlaying ? realTime : undefined);
  }

  private show(): void {
    const { parts } = this;
    if (parts.play === undefined) return;
    const { play, bar, sliders } = parts;
    const text = this.ended ? "Again" : this.wish && this.known !== undefined ? "Pause" : "Play";
    if (play.textContent !== text) play.textContent = text;
    const controls = this.controls_();
    play.hidden = parts.reset.hidden = this.atOnce;
    bar.hidden = controls === "none";
    sliders.hidden = controls !== "all";
    this.showClock();
    this.colorsNow ??= this.colors();
  }

  private controls_(): string {
    try {
      return readChoice(this.getAttribute("controls"), "controls", ["all", "play", "none"]);
    } catch (error) {
      this.report(error as Error);
      return "all";
    }
  }

  /** @internal What it is called where the page does not say it. */
  protected name(title: string): void {
    this.usualName = title;
    this.showName();
  }

  private showName(): void {
    const { title, frame } = this.parts;
    title.textContent = this.getAttribute("label") ?? this.usualName;
    title.hidden = title.textContent === "";
    frame.ariaLabel = title.textContent || this.localName;
  }

  /** @internal A number of an attribute. */
  protected number(name: string): number | undefined {
    return readQuantity(this.getAttribute(name), name, this.attributes_[name] as AttributeRecord);
  }

  /** @internal The text of a file, or what stands in the element. */
  protected async text(type: string): Promise<string | undefined> {
    const src = this.getAttribute("src");
    if (src !== null && type === "application/json") return load(src);
    const inside = this.querySelector(`script[type="${type}"]`);
    return inside?.textContent?.trim() || undefined;
  }

  private tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** @internal Where an error is, in the words of the attributes. */
  protected placed(message: string): string {
    return message.replaceAll(/\$\.(?=[a-z])/g, "");
  }

  private report(error: Error): void {
    const { message, facts, code } = error as Partial<RemoteError>;
    const remedy = (facts as { readonly remedy?: unknown } | undefined)?.remedy;
    const said = this.placed(message ?? String(error));
    const text = /Content Security Policy/i.test(said) ? `${said} ${POLICY}` : said;
    const { error: part } = this.parts;
    if (part) {
      part.textContent = typeof remedy === "string" && !text.includes(remedy) ? `${text} ${remedy}` : text;
      part.hidden = false;
    }
    this.tell("spikelet-error", { message: text, code, error });
  }

  private quiet(): void {
    this.parts.error.hidden = true;
    this.parts.error.textContent = "";
  }
}

/** Scripts that are not deferred run before what stands in an element has been read. */
function parsed(): Promise<unknown> | undefined {
  if (document.readyState !== "loading") return undefined;
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

async function load(src: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(src);
  } catch (error) {
    throw new Error(`src: ${src} cannot be loaded: ${(error as Error).message}.`);
  }
  if (!response.ok) throw new Error(`src: ${src} cannot be loaded: the server answers ${response.status}.`);
  const text = await response.text();
  if (text.length > LONGEST) throw new Error(`src: ${text.length} characters; it must be at most ${LONGEST}.`);
  return text;
}

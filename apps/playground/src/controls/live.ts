/** What a network does, live: raster, rates, and a variable of a chosen neuron. */
import type { Frame, PopulationFacts } from "spikelet/worker";
import { css, html, LitElement, unsafeCSS } from "lit";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import { colorOf, colorsOf } from "../draw/colors.js";
import { Raster } from "../draw/raster.js";
import { Rates } from "../draw/rates.js";
import { RATES, Series, TRACE } from "../draw/series.js";
import type { Session } from "../net/session.js";
import { shared } from "./style.js";

/** ms that the plots show, and the width of a bin of the rates. */
const SPAN = 1000;
const BIN = 5;
/** ms between samples of a trace, about. */
const FINE = 0.2;
/** Neurons for which a low raster is enough. */
const FEW = 20;

/** A variable of a neuron. */
export interface Chosen {
  readonly population: string;
  readonly neuron: number;
  readonly variable: string;
}

export class Live extends LitElement {
  static override properties = {
    session: { attribute: false },
    chosen: { attribute: false },
    unit: { state: true },
  };
  declare session: Session;
  /** What is watched; the first that there is when it is not there. */
  declare chosen: Chosen | undefined;
  declare unit: string;
  private raster: Raster | undefined;
  private rates: Rates | undefined;
  private rateLines: Series | undefined;
  private trace: Series | undefined;
  private watched: Promise<number> | undefined;
  private resizing: ResizeObserver | undefined;
  /** The network that is shown. */
  private facts: unknown;

  static override styles = [
    shared,
    unsafeCSS(uplotCss),
    css`
      #raster {
        width: 100%;
        height: 40vh;
        min-height: 200px;
        display: block;
        cursor: crosshair;
        image-rendering: pixelated;
        border: 1px solid var(--line);
      }
      #raster.few {
        height: 18vh;
        min-height: 120px;
      }
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 0 1rem;
        font-size: 0.85rem;
      }
      .key span::before {
        content: "";
        display: inline-block;
        width: 0.8em;
        height: 0.8em;
        margin-right: 0.35em;
        background: var(--c);
      }
      .s1 {
        --c: var(--series-1);
      }
      .s2 {
        --c: var(--series-2);
      }
      .s3 {
        --c: var(--series-3);
      }
      .s4 {
        --c: var(--series-4);
      }
      .s5 {
        --c: var(--series-5);
      }
      .s6 {
        --c: var(--series-6);
      }
      .choice {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 0.8rem;
        align-items: baseline;
        font-size: 0.9rem;
      }
      .choice input {
        width: 5.5em;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 4px;
      }
    `,
  ];

  constructor() {
    super();
    this.unit = "";
  }

  override firstUpdated(): void {
    const { session } = this;
    const place = (id: string): HTMLElement => this.renderRoot.querySelector(`#${id}`) as HTMLElement;
    this.raster = new Raster(place("raster") as HTMLCanvasElement);
    this.rateLines = new Series(place("rates"), SPAN, RATES);
    this.trace = new Series(place("trace"), SPAN / 4, TRACE);
    session.addEventListener("opened", this.begin);
    session.addEventListener("frame", this.frame);
    this.resizing = new ResizeObserver(() => this.redraw());
    this.resizing.observe(place("raster"));
    addEventListener("theme", this.redraw);
    this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizing?.disconnect();
    removeEventListener("theme", this.redraw);
    this.session.removeEventListener("opened", this.begin);
    this.session.removeEventListener("frame", this.frame);
  }

  private get populations(): readonly PopulationFacts[] {
    return this.session.facts?.populations ?? [];
  }

  private get watchable(): readonly PopulationFacts[] {
    return this.populations.filter(({ variables }) => variables.length > 0);
  }

  private readonly begin = (): void => {
    // a reset keeps what is watched; a network that is opened has nothing
    const { facts } = this.session;
    if (facts === undefined) return;
    if (this.facts !== facts) {
      this.facts = facts;
      this.watched = undefined;
      void this.choose(this.chosen ?? {});
    }
    this.lay();
    this.requestUpdate();
  };

  private readonly frame = (event: Event): void => this.show((event as CustomEvent<Frame>).detail);

  /** The same in another size or in other colours. */
  private readonly redraw = (): void =>
    this.session.recent.redraw(SPAN, this.lay, (frame) => this.show(frame));

  /** Everything drawn begins anew, at `time` in ms. */
  private readonly lay = (time = this.session.time): void => {
    const { populations } = this;
    if (populations.length === 0) return;
    const colors = colorsOf(this, populations.length);
    this.raster?.lay(populations, colors, colorOf(this, "--paper"), time);
    this.rates = new Rates(populations, BIN, time);
    this.rateLines?.lay(
      populations.map(({ name }, k) => ({ label: name, color: colors[k] as string })),
      "Hz",
    );
    this.layTrace();
  };

  private layTrace(): void {
    const { chosen, populations } = this;
    const place = Math.max(0, populations.findIndex(({ name }) => name === chosen?.population));
    const color = colorsOf(this, populations.length)[place] ?? "#888";
    this.trace?.lay([{ label: chosen?.variable ?? "", color }], this.unit === "" ? "no unit" : this.unit);
  }

  private show(frame: Frame): void {
    this.raster?.add(frame.spikes, frame.time);
    this.raster?.paint();
    const binned = this.rates?.take(frame.spikes, frame.time);
    if (binned && binned.time.length > 0) {
      this.rateLines?.add(binned.time, binned.rates);
      this.rateLines?.paint();
    }
    const { chosen } = this;
    for (const { population, variable, neurons, time, values, unit } of frame.traces) {
      const at = neurons.indexOf(chosen?.neuron ?? -1);
      if (population !== chosen?.population || variable !== chosen.variable || at < 0 || time.length === 0) continue;
      if (unit !== this.unit) {
        this.unit = unit;
        this.layTrace();
      }
      this.trace?.add(time, [values[at] as Float64Array]);
      this.trace?.paint();
      return;
    }
  }

  /** Watches something else; what is not there becomes the nearest that is. */
  async choose(wanted: Partial<Chosen>): Promise<void> {
    const { session, watchable } = this;
    const population = watchable.find(({ name }) => name === wanted.population) ?? watchable[0];
    const before = this.watched;
    if (population === undefined) return;
    const { name, size, variables } = population;
    const neuron = Math.min(size - 1, Math.max(0, Math.floor(Number(wanted.neuron ?? 0)) || 0));
    const variable = variables.includes(wanted.variable ?? "") ? (wanted.variable as string) : (variables[0] as string);
    const chosen = { population: name, neuron, variable };
    this.chosen = chosen;
    // at once: what holds this element gives it what is chosen whenever it is drawn
    this.dispatchEvent(new CustomEvent<Chosen>("chosen", { detail: chosen, bubbles: true, composed: true }));
    this.layTrace();
    const { dt = 0.1 } = session.facts ?? {};
    const every = dt * Math.max(1, Math.round(FINE / dt));
    const watch = async (): Promise<number> => {
      const id = await before?.catch(() => undefined);
      if (id !== undefined) await session.unwatch(id);
      return session.watch({ population: name, variables: [variable], neurons: [neuron], every });
    };
    this.watched = watch();
    await this.watched.catch((error: Error) => session.warn(error.message));
  }

  private pick(event: MouseEvent): void {
    const box = (event.target as HTMLElement).getBoundingClientRect();
    const found = this.raster?.neuronAt(event.clientY - box.top);
    if (found) void this.choose({ ...this.chosen, ...found });
  }

  override render(): unknown {
    const { chosen, populations, watchable } = this;
    const variables = watchable.find(({ name }) => name === chosen?.population)?.variables ?? [];
    const size = watchable.find(({ name }) => name === chosen?.population)?.size ?? 1;
    const few = populations.reduce((sum, one) => sum + one.size, 0) <= FEW;
    const change = (wanted: Partial<Chosen>): void => void this.choose({ ...chosen, ...wanted });
    return html`<canvas
        id="raster"
        class=${few ? "few" : ""}
        role="img"
        aria-label="Raster of spikes: a point for each, the newest at the right"
        @click=${(event: MouseEvent) => this.pick(event)}
      ></canvas>
      <div class="key soft">
        ${populations.map(({ name, size }, k) => html`<span class="s${(k % 6) + 1}">${name} (${size})</span>`)}
      </div>
      <h3>Rates</h3>
      <div class="plot" id="rates"></div>
      <div class="choice" role="group" aria-label="What is traced">
        <h3>Trace</h3>
        <label
          >of
          <select @change=${(event: Event) => change({ population: (event.target as HTMLSelectElement).value })}>
            ${watchable.map(({ name }) => html`<option ?selected=${name === chosen?.population}>${name}</option>`)}
          </select></label
        >
        <label
          >neuron
          <input
            type="number"
            min="0"
            max=${size - 1}
            .value=${String(chosen?.neuron ?? 0)}
            @change=${(event: Event) => change({ neuron: Number((event.target as HTMLInputElement).value) })}
        /></label>
        <label
          >variable
          <select @change=${(event: Event) => change({ variable: (event.target as HTMLSelectElement).value })}>
            ${variables.map((name) => html`<option ?selected=${name === chosen?.variable}>${name}</option>`)}
          </select></label
        >
      </div>
      <div class="plot" id="trace"></div>`;
  }
}
customElements.define("sp-live", Live);

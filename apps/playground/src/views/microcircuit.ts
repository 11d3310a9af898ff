/** The cortical microcircuit, live: raster by layers, rates beside the published ones, a thalamic pulse. */
import type { Frame } from "spikelet/worker";
import { css, html, svg } from "lit";
import "../controls/clock.js";
import "../controls/slider.js";
import { shared } from "../controls/style.js";
import { colorOf, colorsOf } from "../draw/colors.js";
import { type Band, bandsOf, Raster } from "../draw/raster.js";
import {
  FULL_RATES,
  microcircuitDocument,
  POPULATIONS,
  pulseRate,
  SCALE,
  sizeAt,
  THALAMUS,
} from "../net/microcircuit.js";
import { numbersFrom, View } from "../view.js";

/** Simulated ms over which rates are taken, and in how many parts they are renewed. */
const WINDOW = 1000;
const PARTS = 10;
/** What a synapse and what is around it take, in bytes: 2.0 GB with the 299 million of the whole column. */
const PER_SYNAPSE = 6.7;
const PULSE = 10;
/** Wall ms after which a scale that is set is built: a slider goes through many. */
const PATIENCE = 400;

function memoryOf(scale: number): string {
  const bytes = sizeAt(scale).synapses * PER_SYNAPSE;
  return bytes < 1e9 ? `${(bytes / 1e6).toPrecision(2)} MB` : `${(bytes / 1e9).toPrecision(2)} GB`;
}
const rounded = (n: number): string => (n >= 1e6 ? `${(n / 1e6).toPrecision(3)} million` : n.toLocaleString("en"));

class MicrocircuitView extends View {
  static override properties = {
    ...View.properties,
    scale: { state: true },
    rates: { state: true },
    bands: { state: true },
    built: { state: true },
    trouble: { state: true },
    asking: { state: true },
  };
  declare scale: number;
  /** Rates in Hz over the last second; none before one part of it has passed. */
  declare rates: readonly number[] | undefined;
  /** Places of the populations in the raster, in CSS pixels. */
  declare bands: readonly Band[];
  /** Wall seconds that building took. */
  declare built: number | undefined;
  declare trouble: string;
  /** The whole column was asked for, and its memory is to be agreed to. */
  declare asking: boolean;
  private seed = 1;
  private raster: Raster | undefined;
  private resizing: ResizeObserver | undefined;
  private parts: { readonly spikes: number[]; ms: number }[] = [];
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private opening = false;
  private again = false;

  constructor() {
    super();
    this.scale = SCALE.value;
    this.bands = [];
    this.trouble = "";
    this.asking = false;
  }

  static override styles = [
    shared,
    css`
      .raster {
        display: grid;
        grid-template-columns: 3.2rem minmax(0, 1fr);
      }
      .raster svg {
        width: 100%;
        height: 62vh;
        min-height: 320px;
        overflow: visible;
        fill: var(--ink-soft);
        font-size: 12px;
      }
      canvas {
        width: 100%;
        height: 62vh;
        min-height: 320px;
        display: block;
        border: 1px solid var(--line);
        box-sizing: border-box;
      }
      .axis {
        display: flex;
        justify-content: space-between;
        margin-left: 3.2rem;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        font-size: 0.85rem;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 0 0.25rem;
      }
      th {
        text-align: left;
        vertical-align: bottom;
        font-weight: normal;
      }
      td.number,
      th.number {
        text-align: right;
        width: 4.6em;
      }
      td svg {
        width: 100%;
        height: 14px;
        display: block;
      }
      .exc {
        fill: var(--series-1);
      }
      .inh {
        fill: var(--series-2);
      }
      .published {
        fill: var(--ink);
      }
      .warning {
        border-left: 3px solid var(--danger);
        padding-left: 0.6rem;
      }
      .trouble {
        color: var(--danger);
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        margin: 0.6rem 0;
      }
    `,
  ];

  get state(): Record<string, unknown> {
    // nobody's memory is filled by a link: the whole column is asked for in the page
    return { scale: Math.min(this.scale, SCALE.max), seed: this.seed };
  }

  override firstUpdated(): void {
    const { scale, seed } = numbersFrom(this.initial, {
      scale: SCALE,
      seed: { value: 1, min: 0, max: Number.MAX_SAFE_INTEGER },
    });
    this.scale = scale;
    this.seed = Math.floor(seed);
    const canvas = this.renderRoot.querySelector("canvas") as HTMLCanvasElement;
    this.raster = new Raster(canvas);
    this.session.addEventListener("frame", (event) => this.show((event as CustomEvent<Frame>).detail));
    this.session.addEventListener("opened", () => this.lay());
    this.session.addEventListener("change", () => this.requestUpdate());
    this.resizing = new ResizeObserver(() => this.redraw());
    this.resizing.observe(canvas);
    addEventListener("theme", this.redraw);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.waiting);
    this.resizing?.disconnect();
    removeEventListener("theme", this.redraw);
  }

  /** Builds the column at its scale; a scale that is set meanwhile is built after it. */
  private async begin(): Promise<void> {
    this.again = true;
    if (this.opening) return;
    this.opening = true;
    this.built = undefined;
    try {
      while (this.again) {
        this.again = false;
        const started = performance.now();
        await this.session.open(microcircuitDocument(this.scale, this.seed));
        this.built = (performance.now() - started) / 1000;
        this.trouble = "";
        if (!this.again) await this.session.play();
      }
    } catch (error) {
      if (this.isConnected) this.trouble = error instanceof Error ? error.message : String(error);
    } finally {
      this.opening = false;
    }
    // set before a mistake ended it
    if (this.again) await this.begin();
  }

  /** The same in another size or in other colours. */
  private readonly redraw = (): void =>
    this.session.recent.redraw(WINDOW, this.lay, (frame) => this.show(frame));

  /** Everything drawn begins anew, at `time` in ms. */
  private readonly lay = (time = this.session.time): void => {
    const { facts } = this.session;
    const canvas = this.renderRoot.querySelector("canvas");
    if (facts === undefined || canvas === null) return;
    const shown = facts.populations.filter(({ name }) => name !== THALAMUS);
    const [exc = "", inh = ""] = colorsOf(this, 2);
    this.raster?.lay(
      shown,
      shown.map((_, k) => (k % 2 === 0 ? exc : inh)),
      colorOf(this, "--paper"),
      time,
    );
    const part = canvas.clientHeight / canvas.height;
    this.bands = bandsOf(shown, canvas.height).map((band) => ({
      ...band,
      top: band.top * part,
      rows: band.rows * part,
    }));
    this.parts = [];
    this.rates = undefined;
  };

  private show(frame: Frame): void {
    this.raster?.add(frame.spikes, frame.time);
    this.raster?.paint();
    let part = this.parts.at(-1);
    if (part === undefined || part.ms >= WINDOW / PARTS) {
      if (part) this.rates = this.measured();
      part = { spikes: POPULATIONS.map(() => 0), ms: 0 };
      this.parts = [...this.parts, part].slice(-PARTS);
    }
    part.ms += frame.time - frame.from;
    for (const { population, times } of frame.spikes) {
      const k = POPULATIONS.indexOf(population as (typeof POPULATIONS)[number]);
      if (k >= 0) part.spikes[k] = (part.spikes[k] as number) + times.length;
    }
  }

  private measured(): number[] {
    const { facts } = this.session;
    const ms = this.parts.reduce((sum, part) => sum + part.ms, 0);
    return POPULATIONS.map((name, k) => {
      const size = facts?.populations.find((one) => one.name === name)?.size ?? 1;
      const spikes = this.parts.reduce((sum, part) => sum + (part.spikes[k] as number), 0);
      return (1000 * spikes) / (ms * size);
    });
  }

  private change(scale: number): void {
    this.scale = Math.min(SCALE.max, Math.max(SCALE.min, scale));
    this.asking = false;
    this.changed();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.begin(), PATIENCE);
  }

  private whole(): void {
    this.asking = false;
    this.scale = 1;
    void this.begin();
  }

  /** The thalamus fires for 10 ms from now on. */
  private async pulse(): Promise<void> {
    const { session } = this;
    try {
      const playing = session.status === "playing";
      const time = await session.ask("pause");
      const points = [
        [time, pulseRate(this.scale)],
        [time + PULSE, 0],
      ];
      await session.ask("set", THALAMUS, { rate: { points } });
      if (playing) await session.play();
      else await session.step(5 * PULSE);
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  private renderRates(): unknown {
    const most = 1.25 * Math.max(...FULL_RATES);
    const x = (rate: number): number => Math.min(100, (100 * rate) / most);
    return html`<table>
      <thead>
        <tr>
          <th>Population</th>
          <th>Rates, bar: here; mark: published</th>
          <th class="number">here, Hz</th>
          <th class="number">published</th>
        </tr>
      </thead>
      <tbody>
        ${POPULATIONS.map((name, k) => {
          const [rate, published] = [this.rates?.[k], FULL_RATES[k] as number];
          return html`<tr>
            <th scope="row">${name}</th>
            <td>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect class=${k % 2 === 0 ? "exc" : "inh"} x="0" y="2" height="6" width=${x(rate ?? 0)}></rect>
                <rect class="published" x=${x(published)} y="0" height="10" width="0.7"></rect>
              </svg>
            </td>
            <td class="number">${rate === undefined ? "" : rate.toFixed(1)}</td>
            <td class="number">${published.toFixed(1)}</td>
          </tr>`;
        })}
      </tbody>
    </table>`;
  }

  override render(): unknown {
    const { scale, bands, built, trouble, session } = this;
    const { neurons, synapses } = sizeAt(scale);
    const ready = session.status === "playing" || session.status === "paused";
    return html`<div class="columns">
      <section>
        <div class="raster">
          <svg aria-hidden="true">
            ${bands.map(({ name, top, rows }) => svg`<text x="2" y=${top + rows / 2 + 4}>${name}</text>`)}
          </svg>
          <canvas
            role="img"
            aria-label="Raster of spikes by layers, from layer 2/3 at the top to layer 6; the newest at the right"
          ></canvas>
        </div>
        <div class="axis soft"><span>1 s ago</span><span>now</span></div>
        <h3>Rates over the last second</h3>
        ${this.renderRates()}
      </section>
      <aside class="panel">
        <sp-clock .session=${session}></sp-clock>
        ${trouble === "" ? "" : html`<p class="trouble" role="alert">${trouble}</p>`}
        <div class="buttons">
          <button class="main" ?disabled=${!ready} @click=${() => this.pulse()}>Thalamic pulse</button>
        </div>
        <h3>Column</h3>
        <sp-slider
          .label=${"Scale"}
          .unit=${"%"}
          .hint=${"Part of the neurons, and of the inputs of each."}
          .min=${100 * SCALE.min}
          .max=${100 * SCALE.max}
          .step=${100 * SCALE.step}
          .value=${100 * scale}
          @value=${(event: CustomEvent<number>) => this.change(event.detail / 100)}
        ></sp-slider>
        <p class="soft">
          ${rounded(neurons)} neurons, ${rounded(synapses)} synapses, some ${memoryOf(scale)}.
          ${built === undefined ? "Being built." : `Built in ${built.toFixed(1)} s.`}
        </p>
        ${
          this.asking
            ? html`<div class="warning" role="alert">
                <p>
                  The whole column has ${rounded(sizeAt(1).neurons)} neurons and ${rounded(sizeAt(1).synapses)}
                  synapses. It needs about ${memoryOf(1)} of memory and a minute or more to build, and a tab that has too
                  little of it may be closed by the browser.
                </p>
                <div class="buttons">
                  <button @click=${() => this.whole()}>Build it</button>
                  <button @click=${() => (this.asking = false)}>Leave it</button>
                </div>
              </div>`
            : html`<button ?disabled=${scale === 1} @click=${() => (this.asking = true)}>Full scale ...</button>`
        }
        <p class="soft">
          A square millimetre of cortex after Potjans and Diesmann (2014): excitatory (E, blue) and inhibitory (I,
          orange) cells of layers 2/3, 4, 5 and 6, connected as anatomy and physiology say. Each population finds a
          low rate of its own, inhibitory cells above excitatory ones of their layer.
        </p>
        <p class="soft">
          Give a thalamic pulse: for 10 ms the thalamus drives layers 4 and 6. The answer starts there, goes up to
          layer 2/3 and down to layer 5, and inhibition ends it. At 0.1 x real time you can follow it. A smaller
          column has fewer and stronger synapses, a constant current for the input that it lost, and a pulse as strong
          as the full one's.
        </p>
      </aside>
    </div>`;
  }
}
customElements.define("sp-microcircuit", MicrocircuitView);

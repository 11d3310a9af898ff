/** Brunel's map: the states of a network by inhibition and drive, filled in cell by cell; each cell runs live. */
import type { Frame } from "spikelet/worker";
import { css, html, nothing, unsafeCSS } from "lit";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import "../controls/clock.js";
import { shared } from "../controls/style.js";
import { colorOf, colorsOf } from "../draw/colors.js";
import { Raster } from "../draw/raster.js";
import { Rates } from "../draw/rates.js";
import { RATES, Series } from "../draw/series.js";
import {
  type Activity,
  BORDERS,
  brunelDocument,
  brunelWeights,
  driveOf,
  EXTERNALS,
  fillOrder,
  GS,
  PLACE,
  type Place,
  stateOf,
  STATES,
} from "../net/brunel.js";
import { SecondWorker } from "../net/second.js";
import { numbersFrom, View } from "../view.js";

/** ms that the plots show: some periods of the fast oscillations; and the width of a bin of the rates. */
const SPAN = 250;
const BIN = 1;
/** Neurons of the raster: few enough to have rows of their own. */
const ROWS: readonly { readonly name: string; readonly size: number }[] = [
  { name: "exc", size: 240 },
  { name: "inh", size: 60 },
];
/** Simulated ms per ms. */
const SPEED = 0.1;

const keyOf = ({ g, external }: Place): string => `${g} ${external}`;
const ORDER: readonly Place[] = fillOrder(GS.length, EXTERNALS.length).map(([column, row]) => ({
  g: GS[column] as number,
  // from the top: the lowest row is quiet, and tells least
  external: EXTERNALS.at(-1 - row) as number,
}));
/** Where arrow keys go from a cell: columns to the right, rows up. */
const ARROWS: Readonly<Record<string, readonly [columns: number, rows: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

class BrunelView extends View {
  static override properties = {
    ...View.properties,
    place: { state: true },
    found: { state: true },
    filling: { state: true },
    trouble: { state: true },
  };
  declare place: Place;
  /** What was measured, by cell. */
  declare found: ReadonlyMap<string, Activity>;
  declare filling: boolean;
  declare trouble: string;
  private readonly second = new SecondWorker();
  private seed = 1;
  private raster: Raster | undefined;
  private rates: Rates | undefined;
  private lines: Series | undefined;
  private resizing: ResizeObserver | undefined;

  constructor() {
    super();
    this.place = numbersFrom({}, PLACE);
    this.found = new Map();
    this.filling = false;
    this.trouble = "";
    this.session.speed = SPEED;
  }

  static override styles = [
    shared,
    unsafeCSS(uplotCss),
    css`
      .both {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 1.2rem;
      }
      @media (max-width: 1000px) {
        .both {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      table {
        border-collapse: collapse;
        width: 100%;
        table-layout: fixed;
      }
      th {
        font-weight: normal;
        font-size: 0.8rem;
        color: var(--ink-soft);
        padding: 2px;
      }
      td {
        padding: 1px;
      }
      td button {
        display: block;
        width: 100%;
        height: 2.1rem;
        padding: 0;
        font-size: 0.8rem;
        border-radius: 3px;
        background: var(--panel);
        --c: var(--panel);
      }
      td button[class] {
        background: color-mix(in srgb, var(--c) 40%, var(--paper));
      }
      td button[aria-pressed="true"] {
        color: inherit;
        background: color-mix(in srgb, var(--c) 40%, var(--paper));
        border: 2px solid var(--ink);
        font-weight: bold;
      }
      .SR {
        --c: var(--series-2);
      }
      .SI {
        --c: var(--series-4);
      }
      .AR {
        --c: var(--series-5);
      }
      .AI {
        --c: var(--series-1);
      }
      .Q {
        --c: var(--line);
      }
      dl {
        display: grid;
        grid-template-columns: 2.2rem 1fr;
        gap: 0.2rem 0.5rem;
        font-size: 0.85rem;
        margin: 0.6rem 0;
      }
      dt {
        text-align: center;
        border-radius: 3px;
        background: color-mix(in srgb, var(--c) 40%, var(--paper));
      }
      dd {
        margin: 0;
      }
      .fill {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        align-items: center;
        margin: 0.5rem 0;
      }
      progress {
        flex: 1;
        min-width: 6rem;
        accent-color: var(--accent);
      }
      canvas.raster {
        width: 100%;
        height: 230px;
        display: block;
        border: 1px solid var(--line);
        box-sizing: border-box;
      }
      .axis {
        display: flex;
        justify-content: space-between;
      }
      .key span::before {
        content: "";
        display: inline-block;
        width: 0.8em;
        height: 0.8em;
        margin: 0 0.35em 0 0.8em;
        background: var(--c);
      }
      .key .exc {
        --c: var(--series-1);
      }
      .key .inh {
        --c: var(--series-2);
      }
      .trouble {
        color: var(--danger);
      }
    `,
  ];

  get state(): Record<string, unknown> {
    return { ...this.place, seed: this.seed };
  }

  override firstUpdated(): void {
    const { seed } = numbersFrom(this.initial, { seed: { value: 1, min: 0, max: Number.MAX_SAFE_INTEGER } });
    this.place = numbersFrom(this.initial, PLACE);
    this.seed = Math.floor(seed);
    const canvas = this.renderRoot.querySelector("canvas") as HTMLCanvasElement;
    this.raster = new Raster(canvas);
    this.raster.span = SPAN;
    this.lines = new Series(this.renderRoot.querySelector("#rates") as HTMLElement, SPAN, RATES);
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
    this.filling = false;
    this.second.stop();
    this.lines?.close();
    this.resizing?.disconnect();
    removeEventListener("theme", this.redraw);
  }

  private async begin(): Promise<void> {
    try {
      const { place } = this;
      await this.session.open(brunelDocument(place, this.seed));
      await this.session.play();
      // chosen meanwhile
      if (this.place !== place) await this.choose(this.place);
    } catch (error) {
      this.fail(error);
    }
    await this.fill();
  }

  private fail(error: unknown): void {
    if (this.isConnected) this.trouble = error instanceof Error ? error.message : String(error);
  }

  /** The cell to fill next: the chosen one, then the map from coarse to fine; none when all are filled. */
  private get next(): Place | undefined {
    const empty = ORDER.filter((place) => !this.found.has(keyOf(place)));
    return empty.find((place) => keyOf(place) === keyOf(this.place)) ?? empty[0];
  }

  /** Fills what is empty of the map, until it is stopped. */
  private async fill(): Promise<void> {
    if (this.filling) return;
    this.filling = true;
    try {
      for (let place = this.next; place && this.filling && this.isConnected; place = this.next) {
        const activity = await this.second.ask("activity", { ...place, seed: this.seed });
        this.found = new Map([...this.found, [keyOf(place), activity]]);
      }
    } catch (error) {
      // what was stopped is no trouble
      if (this.filling) this.fail(error);
    }
    this.filling = false;
  }

  private stop(): void {
    this.filling = false;
    this.second.stop();
  }

  /** The same in another size or in other colours. */
  private readonly redraw = (): void =>
    this.session.recent.redraw(SPAN, this.lay, (frame) => this.show(frame));

  /** Everything drawn begins anew, at `time` in ms. */
  private readonly lay = (time = this.session.time): void => {
    const { facts } = this.session;
    if (facts === undefined) return;
    const colors = colorsOf(this, 2);
    this.raster?.lay(ROWS, colors, colorOf(this, "--paper"), time);
    this.rates = new Rates(facts.populations, BIN, time);
    this.lines?.lay(
      facts.populations.map(({ name }, k) => ({ label: name, color: colors[k] as string })),
      "Hz",
    );
  };

  private show(frame: Frame): void {
    const few = frame.spikes.map(({ population, size, times, neurons }) => {
      const rows = ROWS.find(({ name }) => name === population)?.size ?? 0;
      const shown = (_: number, k: number): boolean => (neurons[k] as number) < rows;
      return { population, size, times: times.filter(shown), neurons: neurons.filter((neuron) => neuron < rows) };
    });
    this.raster?.add(few, frame.time);
    this.raster?.paint();
    const binned = this.rates?.take(frame.spikes, frame.time);
    if (binned && binned.time.length > 0) {
      this.lines?.add(binned.time, binned.rates);
      this.lines?.paint();
    }
  }

  /** The network goes on with the inhibition and the drive of another cell. */
  private async choose(place: Place): Promise<void> {
    this.place = place;
    this.changed();
    const { session } = this;
    if (session.facts === undefined) return;
    const names = session.facts.projections.map(({ name }) => name);
    try {
      await Promise.all([
        ...["exc", "inh"].map((name) => session.ask("setBackground", name, driveOf(place))),
        ...brunelWeights(place).map((weight, k) => session.ask("setWeight", names[k] as string, weight)),
      ]);
      if (session.status === "paused") await session.play();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Arrow keys move in the map; one cell of it is in the order of the page's controls. */
  private move(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    const button = event.target as HTMLElement;
    if (arrow === undefined || button.dataset.column === undefined) return;
    event.preventDefault();
    const [column, row] = [Number(button.dataset.column) + arrow[0], Number(button.dataset.row) + arrow[1]];
    this.renderRoot
      .querySelector<HTMLElement>(`button[data-column="${column}"][data-row="${row}"]`)
      ?.focus();
  }

  private renderCell(place: Place, column: number, row: number, reached: boolean): unknown {
    const activity = this.found.get(keyOf(place));
    const state = activity && stateOf(activity);
    const words = activity ? `${state}, ${activityWords(activity)}` : "not yet computed";
    return html`<td>
      <button
        class=${state ?? nothing}
        data-column=${column}
        data-row=${row}
        tabindex=${reached ? 0 : -1}
        aria-pressed=${keyOf(place) === keyOf(this.place)}
        aria-label="inhibition ${place.g}, drive ${place.external}: ${words}"
        title=${words}
        @click=${() => this.choose(place)}
      >
        ${state ?? ""}
      </button>
    </td>`;
  }

  private renderMap(): unknown {
    const known = GS.includes(this.place.g) && EXTERNALS.includes(this.place.external);
    const tabbed = known ? this.place : (ORDER[0] as Place);
    return html`<table @keydown=${(event: KeyboardEvent) => this.move(event)}>
      <caption class="soft">
        Drive from outside, in multiples of what brings a neuron to threshold (up), and inhibition g, in multiples of
        the excitation (right)
      </caption>
      <tbody>
        ${EXTERNALS.map((external, row) => ({ external, row }))
          .reverse()
          .map(
            ({ external, row }) =>
              html`<tr>
                <th scope="row">${external}</th>
                ${GS.map((g, column) => {
                  const reached = keyOf({ g, external }) === keyOf(tabbed);
                  return this.renderCell({ g, external }, column, row, reached);
                })}
              </tr>`,
          )}
        <tr>
          <th>g</th>
          ${GS.map((g) => html`<th scope="col">${g}</th>`)}
        </tr>
      </tbody>
    </table>`;
  }

  override render(): unknown {
    const { place, found, filling, trouble } = this;
    const activity = found.get(keyOf(place));
    const whole = found.size === ORDER.length;
    return html`${trouble === "" ? "" : html`<p class="trouble" role="alert">${trouble}</p>`}
      <div class="both">
        <section>
          <h2>Brunel's map</h2>
          ${this.renderMap()}
          <div class="fill">
            ${
              filling
                ? html`<button @click=${() => this.stop()}>Stop filling</button>`
                : html`<button ?disabled=${whole} @click=${() => this.fill()}>Fill the map</button>`
            }
            <progress max=${ORDER.length} .value=${found.size} aria-label="Cells that are filled"></progress>
            <span class="soft">${found.size} of ${ORDER.length} cells</span>
          </div>
          <dl>
            ${Object.entries(STATES).map(
              ([state, text]) => html`<dt class=${state}>${state}</dt>
                <dd>${text}</dd>`,
            )}
          </dl>
        </section>
        <section>
          <h2>Inhibition ${place.g}, drive ${place.external}, live</h2>
          <sp-clock .session=${this.session}></sp-clock>
          <p aria-live="polite">
            ${
              activity
                ? html`<strong>${stateOf(activity)}</strong>: ${activityWords(activity)}.`
                : "Its cell is not filled yet."
            }
          </p>
          <canvas
            class="raster"
            role="img"
            aria-label="Raster of the spikes of 240 excitatory and 60 inhibitory neurons, the newest at the right"
          ></canvas>
          <div class="axis soft">
            <span>${SPAN} ms ago</span
            ><span class="key"><span class="exc">excitatory</span><span class="inh">inhibitory</span></span
            ><span>now</span>
          </div>
          <h3>Rates in bins of ${BIN} ms</h3>
          <div class="plot" id="rates"></div>
          <p class="soft">
            Choose a cell, and the network beside the map goes on with its values. Go from left to right at a drive of
            2: below g = 4 excitation wins and all fire as fast as they can; above it inhibition wins, and the same
            neurons fire far less, each for itself. Then go up and down along g = 5: a drive below 1 leaves a slow
            rhythm, a strong one makes a fast rhythm in which no neuron takes part each time.
          </p>
          <p class="soft">
            After N. Brunel (2000), with 5,000 neurons in place of 12,500 and larger weights, so borders are blurred
            and rhythms weaker than in the paper, and AR hardly occurs. A cell is half a second of it: irregular from
            a CV of the intervals of ${BORDERS.cv} on, synchronous from a chi of ${BORDERS.synchrony} on in bins of 2
            ms, quiet below ${BORDERS.rate} Hz.
          </p>
        </section>
      </div>`;
  }
}

const activityWords = ({ rate, cv, synchrony }: Activity): string =>
  [
    `${rate.toFixed(rate < 10 ? 1 : 0)} Hz`,
    Number.isNaN(cv) ? "too few spikes for a CV" : `CV ${cv.toFixed(2)}`,
    ...(Number.isNaN(synchrony) ? [] : [`synchrony ${synchrony.toFixed(2)}`]),
  ].join(", ");

customElements.define("sp-brunel", BrunelView);

/** Excitation and inhibition, live: raster, rates, potentials, and sliders that act while it runs. */
import type { Frame, FrameTrace } from "spikelet/worker";
import { css, html } from "lit";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import { unsafeCSS } from "lit";
import "../controls/clock.js";
import "../controls/share.js";
import "../controls/slider.js";
import { shared } from "../controls/style.js";
import { colorOf, colorsOf } from "../draw/colors.js";
import { Plane } from "../draw/plane.js";
import { Raster } from "../draw/raster.js";
import { Rates } from "../draw/rates.js";
import { RATES, Series, TRACE } from "../draw/series.js";
import {
  BALANCE,
  type Balance,
  backgroundOf,
  balanceDocument,
  type Chosen,
  chosenFrom,
  CURRENTS,
  LIF,
  NETWORK_MODELS,
  networkModel,
  type NetworkModel,
  slidersOf,
  watchOf,
  weightsOf,
} from "../net/balance.js";
import { type Ahead, takeAhead } from "../net/ahead.js";
import { SecondWorker } from "../net/second.js";
import { numbersFrom, View } from "../view.js";

/** ms that the plots show, and the width of a bin of the rates. */
const SPAN = 1000;
const BIN = 5;
/** Samples of the chosen neuron that its path in the phase plane has. */
const PATH = 400;
/** Threads that can be chosen; 0 leaves it to the library. */
const THREADS = [0, 1, 2, 4, 8] as const;
/** Nullclines: points per axis, least wall ms between two, part of the plane's height that they move by at least. */
const POINTS = 80;
const PAUSE = 100;
const NOTICED = 0.01;
type Currents = Record<keyof typeof CURRENTS, number>;

class NetworkView extends View {
  static override properties = {
    ...View.properties,
    balance: { state: true },
    chosen: { state: true },
    words: { state: true },
    model: { state: true },
    currents: { state: true },
    trouble: { state: true },
  };
  declare balance: Balance;
  declare chosen: Chosen;
  declare words: string;
  declare model: NetworkModel;
  declare currents: Currents | undefined;
  declare trouble: string;
  private raster: Raster | undefined;
  private rates: Rates | undefined;
  private rateLines: Series | undefined;
  private potential: Series | undefined;
  private watched: number | undefined;
  private seed = 1;
  private threads = 0;
  private resizing: ResizeObserver | undefined;
  private lately: number[] = [];
  private plane: Plane | undefined;
  private readonly second = new SecondWorker();
  /** Input at which the nullclines are, when they were asked for, and whether they are on their way. */
  private lines: { readonly current: number; readonly asked: number; readonly pending: boolean } | undefined;
  private opening = false;
  private again = false;
  /** Its first network, where the page opened it ahead. */
  private ahead: Ahead | undefined;

  constructor() {
    const ahead = takeAhead();
    super(ahead?.session);
    this.ahead = ahead;
    this.balance = numbersFrom({}, BALANCE);
    this.chosen = chosenFrom(undefined, BALANCE.size.value);
    this.model = LIF;
    [this.words, this.trouble] = ["", ""];
  }

  static override styles = [
    shared,
    unsafeCSS(uplotCss),
    css`
      canvas.raster {
        width: 100%;
        height: 46vh;
        min-height: 220px;
        display: block;
        cursor: crosshair;
        image-rendering: pixelated;
        border: 1px solid var(--line);
      }
      canvas.plane {
        width: 100%;
        height: 300px;
        display: block;
      }
      .key .first {
        --c: var(--series-2);
      }
      .key .other {
        --c: var(--series-3);
      }
      .key .now {
        --c: var(--series-1);
      }
      label {
        display: block;
        font-size: 0.9rem;
        margin-bottom: 0.5rem;
      }
      select {
        width: 100%;
      }
      .trouble {
        color: var(--danger);
      }
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 0 1rem;
        font-size: 0.85rem;
      }
      .key span:not(.plain)::before {
        content: "";
        display: inline-block;
        width: 0.8em;
        height: 0.8em;
        margin-right: 0.35em;
        background: var(--c);
      }
      .key .exc {
        --c: var(--series-1);
      }
      .key .inh {
        --c: var(--series-2);
      }
    `,
  ];

  get state(): Record<string, unknown> {
    const { model, balance, seed, threads, chosen } = this;
    return { model: model.id, ...balance, seed, ...(threads > 0 && { threads }), chosen };
  }

  override firstUpdated(): void {
    const given = (this.initial ?? {}) as { readonly model?: unknown; readonly chosen?: unknown };
    this.model = networkModel(given.model);
    const numbers = numbersFrom(this.initial, slidersOf(this.model));
    this.balance = { ...numbers, size: Math.round(numbers.size) };
    this.chosen = chosenFrom(given.chosen, this.balance.size);
    const { seed, threads } = numbersFrom(this.initial, {
      seed: { value: 1, min: 0, max: Number.MAX_SAFE_INTEGER },
      threads: { value: 0, min: 0, max: 8 },
    });
    [this.seed, this.threads] = [Math.floor(seed), Math.floor(threads)];
    const canvas = this.renderRoot.querySelector("canvas") as HTMLCanvasElement;
    this.raster = new Raster(canvas);
    this.rateLines = new Series(this.renderRoot.querySelector("#rates") as HTMLElement, SPAN, RATES);
    this.potential = new Series(this.renderRoot.querySelector("#potential") as HTMLElement, SPAN / 4, TRACE);
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
    this.resizing?.disconnect();
    removeEventListener("theme", this.redraw);
    this.second.stop();
  }

  /** Opens the network as it is set; what is set meanwhile is opened after it. */
  private async begin(): Promise<void> {
    this.again = true;
    if (this.opening) return;
    this.opening = true;
    try {
      while (this.again) {
        this.again = false;
        this.watched = undefined;
        const { ahead } = this;
        this.ahead = undefined;
        if (ahead && this.initial === undefined && this.snapshot === undefined) {
          this.watched = await ahead.watched;
          // it may have been opened when nobody listened
          this.session.dispatchEvent(new Event("opened"));
        } else {
          const document = (): object => balanceDocument(this.balance, this.seed, this.model);
          await this.openFirst(document, this.threads > 0 ? { threads: this.threads } : {});
          if (this.again) continue;
          this.trouble = "";
          await this.choose(this.chosen);
        }
        await this.session.play();
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.opening = false;
    }
    // set before a mistake ended it
    if (this.again) await this.begin();
  }

  /** Shows what went wrong, unless the view is gone. */
  private fail(error: unknown): void {
    if (this.isConnected) this.trouble = error instanceof Error ? error.message : String(error);
  }

  /** The same in another size or in other colours. */
  private readonly redraw = (): void =>
    this.session.recent.redraw(SPAN, this.lay, (frame) => this.show(frame));

  /** Everything drawn begins anew, at `time` in ms. */
  private readonly lay = (time = this.session.time): void => {
    const { facts } = this.session;
    if (facts === undefined) return;
    this.lately = [];
    const colors = colorsOf(this, facts.populations.length);
    this.raster?.lay(facts.populations, colors, colorOf(this, "--paper"), time);
    this.rates = new Rates(facts.populations, BIN, time);
    this.rateLines?.lay(
      facts.populations.map(({ name }, k) => ({ label: name, color: colors[k] as string })),
      "Hz",
    );
    this.layPotential();
  };

  private layPotential(): void {
    this.potential?.lay(
      [{ label: "v", color: colorOf(this, this.chosen.population === "inh" ? "--series-2" : "--series-1") }],
      "mV",
    );
    this.layPlane();
  }

  private layPlane(): void {
    this.lines = undefined;
    this.currents = undefined;
    const [x, y] = this.model.plane ?? [];
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>("canvas.plane");
    if (x === undefined || y === undefined || canvas === null) return void (this.plane = undefined);
    this.plane = new Plane(canvas, PATH);
    this.plane.lay({ ...x, label: x.variable }, { ...y, label: y.variable });
    this.plane.paint();
  }

  private show(frame: Frame): void {
    this.raster?.add(frame.spikes, frame.time);
    this.raster?.paint();
    const binned = this.rates?.take(frame.spikes, frame.time);
    if (binned && binned.time.length > 0) {
      this.rateLines?.add(binned.time, binned.rates);
      this.rateLines?.paint();
      this.lately = [...this.lately, ...(binned.rates[0] ?? [])].slice(-SPAN / BIN);
      this.words = this.described();
    }
    // a snapshot may bring what was watched before
    const { population, neuron } = this.chosen;
    const trace = frame.traces.find(
      (one) => one.variable === "v" && one.population === population && one.neurons[0] === neuron,
    );
    if (trace) {
      this.potential?.add(trace.time, [trace.values[0] as Float64Array]);
      this.potential?.paint();
    }
    this.showPlane(frame.traces);
  }

  /** The state of the chosen neuron goes on, and with its input the nullclines. */
  private showPlane(traces: readonly FrameTrace[]): void {
    const { plane, model } = this;
    if (plane === undefined || model.plane === undefined) return;
    const samples = (name: string): Float64Array =>
      traces.find(({ variable }) => variable === name)?.values[0] ?? new Float64Array(0);
    const [x, y] = model.plane;
    const [v, w] = [samples(x.variable), samples(y.variable)];
    if (v.length === 0) return;
    plane.add(v, w);
    plane.paint();
    const last = Object.entries(CURRENTS).map(([key, name]) => [key, samples(name).at(-1) ?? 0]);
    this.currents = Object.fromEntries(last) as Currents;
    void this.moveLines(Object.values(this.currents).reduce((sum, one) => sum + one, 0));
  }

  private async moveLines(current: number): Promise<void> {
    const { model, lines, plane, chosen } = this;
    if (model.plane === undefined) return;
    const [x, y] = model.plane;
    const least = NOTICED * (y.range[1] - y.range[0]);
    const now = performance.now();
    if (lines && (lines.pending || now - lines.asked < PAUSE || Math.abs(current - lines.current) < least)) return;
    const asked = { current, asked: now, pending: true };
    this.lines = asked;
    const cells = chosen.population === "inh" ? model.inh : model.exc;
    try {
      const found = await this.second.ask("nullclines", {
        ...cells,
        model: model.id,
        v: x.range,
        w: y.range,
        current,
        points: POINTS,
      });
      if (this.lines !== asked) return;
      this.lines = { ...asked, pending: false };
      plane?.setLines(found);
      plane?.paint();
    } catch (error) {
      this.fail(error);
    }
  }

  /** What the activity of the last second is called. */
  private described(): string {
    if (this.lately.length < 40) return "";
    const mean = this.lately.reduce((sum, rate) => sum + rate, 0) / this.lately.length;
    const spread = Math.sqrt(this.lately.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / this.lately.length);
    const rate = `${mean.toFixed(mean < 10 ? 1 : 0)} Hz`;
    if (mean < 0.5) return `Silent (${rate}).`;
    if (mean > 100) return `Seizure: nearly all neurons fire as fast as they can (${rate}).`;
    return spread > 1.5 * mean
      ? `Bursts of the whole network (${rate} on the average).`
      : `Going on by itself (${rate}).`;
  }

  private async choose({ population, neuron }: Chosen): Promise<void> {
    const { session } = this;
    const size = session.facts?.populations.find(({ name }) => name === population)?.size ?? 1;
    const chosen = { population, neuron: Math.min(size - 1, Math.max(0, neuron)) };
    if (this.watched !== undefined) await session.unwatch(this.watched);
    this.chosen = chosen;
    this.layPotential();
    this.watched = await session.watch(watchOf(this.model, chosen));
  }

  private async change(key: keyof Balance, value: number): Promise<void> {
    const { min, max } = slidersOf(this.model)[key];
    const whole = key === "size" ? Math.round(value) : value;
    this.balance = { ...this.balance, [key]: Math.min(max, Math.max(min, whole)) };
    this.changed();
    const { session, balance } = this;
    if (key === "size" || this.opening) {
      this.chosen = chosenFrom(this.chosen, balance.size);
      return this.begin();
    }
    const names = session.facts?.projections.map(({ name }) => name) ?? [];
    if (key === "background" || key === "spread") {
      await Promise.all(["exc", "inh"].map((name) => session.ask("setBackground", name, backgroundOf(balance))));
    } else if (key === "delay") await Promise.all(names.map((name) => session.ask("setDelay", name, balance.delay)));
    else await Promise.all(weightsOf(balance).map((weight, k) => session.ask("setWeight", names[k] as string, weight)));
  }

  /** Another model, with values of its own for all that is set. */
  private async take(model: NetworkModel): Promise<void> {
    this.model = model;
    this.balance = numbersFrom({}, slidersOf(model));
    this.chosen = chosenFrom(this.chosen, this.balance.size);
    this.lately = [];
    this.changed();
    // the canvas of the phase plane comes and goes with the model
    await this.updateComplete;
    await this.begin();
  }

  private pick(event: MouseEvent): void {
    const box = (event.target as HTMLElement).getBoundingClientRect();
    const found = this.raster?.neuronAt(event.clientY - box.top);
    // while another network is built, the raster is still that of the one before
    if (found === undefined || this.opening) return;
    this.choose(found).then(
      () => this.changed(),
      (error: unknown) => this.fail(error),
    );
  }

  private renderThreads(): unknown {
    const shards = this.session.facts?.shards ?? 1;
    const words = (count: number): string =>
      count === 0 ? "as many as are free" : count === 1 ? "1" : `${count}, beside the page's own`;
    return html`<label
      >Threads
      <select
        @change=${(event: Event) => {
          this.threads = THREADS[(event.target as HTMLSelectElement).selectedIndex] ?? 0;
          this.changed();
          void this.begin();
        }}
      >
        ${THREADS.map((count) => html`<option ?selected=${count === this.threads}>${words(count)}</option>`)}
      </select>
      <span class="soft">Spikes are the same with any number; it runs on ${shards}.</span></label
    >`;
  }

  private renderPlane(second: string): unknown {
    const { chosen, currents, model } = this;
    const words = (n: number): string => n.toPrecision(3);
    const sum = currents && Object.values(currents).reduce((all, one) => all + one, 0);
    return html`<h3>Phase plane of neuron ${chosen.neuron} of ${chosen.population}, at its present input</h3>
      <canvas
        class="plane"
        role="img"
        aria-label="Phase plane: the state of the neuron moves between its two nullclines"
      ></canvas>
      <div class="key soft">
        <span class="first">v stands still</span><span class="other">${second} stands still</span
        ><span class="now">the neuron now</span>
        ${
          currents && sum !== undefined
            ? html`<span class="plain"
                >input ${words(sum)} ${model.current}: background ${words(currents.background)}, excitation
                ${words(currents.excitation)}, inhibition ${words(currents.inhibition)}</span
              >`
            : ""
        }
      </div>
      <p class="soft">
        Above the line where v stands still v falls, below it v rises. Input lifts this line: where it crosses the
        other at a filled point the neuron comes to rest, without such a point it fires. Slow the clock down to follow
        one spike.
      </p>`;
  }

  override render(): unknown {
    const { chosen, model } = this;
    const sliders = slidersOf(model);
    return html`<div class="columns">
      <section>
        <canvas
          class="raster"
          role="img"
          aria-label="Raster of spikes: a point for each, the newest at the right"
          @click=${(event: MouseEvent) => this.pick(event)}
        ></canvas>
        <div class="key soft">
          <span class="exc">excitatory</span><span class="inh">inhibitory</span
          ><em aria-live="polite">${this.words}</em>
        </div>
        <h3>Rates</h3>
        <div class="plot" id="rates"></div>
        <h3>Potential of neuron ${chosen.neuron} of ${chosen.population}</h3>
        <div class="plot" id="potential"></div>
        ${model.plane ? this.renderPlane(model.plane[1].variable) : ""}
      </section>
      <aside class="panel">
        <sp-clock .session=${this.session}></sp-clock>
        ${this.trouble === "" ? "" : html`<p class="trouble" role="alert">${this.trouble}</p>`}
        <h3>Network</h3>
        <label
          >Model of the neurons
          <select
            @change=${(event: Event) =>
              this.take(NETWORK_MODELS[(event.target as HTMLSelectElement).selectedIndex] ?? LIF)}
          >
            ${NETWORK_MODELS.map((one) => html`<option ?selected=${one === model}>${one.title}</option>`)}
          </select>
        </label>
        ${(Object.keys(BALANCE) as (keyof Balance)[]).map((key) => {
          const { label, unit, hint, min, max, step } = sliders[key];
          return html`<sp-slider
            .label=${label}
            .unit=${unit}
            .hint=${hint}
            .min=${min}
            .max=${max}
            .step=${step}
            .value=${this.balance[key]}
            @value=${(event: CustomEvent<number>) => this.change(key, event.detail)}
          ></sp-slider>`;
        })}
        ${globalThis.crossOriginIsolated ? this.renderThreads() : ""}
        <p class="soft">
          Neurons at rest below threshold, kept there by a background current: turn it up, and single spikes become a
          state of the whole network. Take inhibition away, and it becomes a seizure. Click into the raster to see a
          neuron's potential. Neurons with two variables have a phase plane too.
        </p>
        <sp-share .view=${this}></sp-share>
      </aside>
    </div>`;
  }
}
customElements.define("sp-network", NetworkView);

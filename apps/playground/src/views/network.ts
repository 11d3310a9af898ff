/** Excitation and inhibition, live: raster, rates, potentials, and sliders that act while it runs. */
import type { Frame } from "spikelet/worker";
import { css, html } from "lit";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import { unsafeCSS } from "lit";
import "../controls/clock.js";
import "../controls/share.js";
import "../controls/slider.js";
import { shared } from "../controls/style.js";
import { colorOf, colorsOf } from "../draw/colors.js";
import { Raster } from "../draw/raster.js";
import { Rates } from "../draw/rates.js";
import { Series } from "../draw/series.js";
import { BALANCE, type Balance, backgroundOf, balanceDocument, weightsOf } from "../net/balance.js";
import { numbersFrom, View } from "../view.js";

/** ms that the plots show, and the width of a bin of the rates. */
const SPAN = 1000;
const BIN = 5;

interface Chosen {
  readonly population: string;
  readonly neuron: number;
}

/** The neuron that an untrusted state names. */
function chosenFrom(state: unknown): Chosen | undefined {
  const { population, neuron } = ((state as { chosen?: unknown } | undefined)?.chosen ?? {}) as Partial<Chosen>;
  return (population === "exc" || population === "inh") && Number.isSafeInteger(neuron)
    ? { population, neuron: neuron as number }
    : undefined;
}

class NetworkView extends View {
  static override properties = {
    ...View.properties,
    balance: { state: true },
    chosen: { state: true },
    words: { state: true },
  };
  declare balance: Balance;
  declare chosen: Chosen;
  declare words: string;
  private raster: Raster | undefined;
  private rates: Rates | undefined;
  private rateLines: Series | undefined;
  private potential: Series | undefined;
  private watched: number | undefined;
  private seed = 1;
  private resizing: ResizeObserver | undefined;
  private lately: number[] = [];

  constructor() {
    super();
    this.balance = numbersFrom({}, BALANCE);
    this.chosen = { population: "exc", neuron: 0 };
    this.words = "";
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
      .key {
        display: flex;
        gap: 1rem;
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
      .key .exc {
        --c: var(--series-1);
      }
      .key .inh {
        --c: var(--series-2);
      }
    `,
  ];

  get state(): Record<string, unknown> {
    return { ...this.balance, seed: this.seed, chosen: this.chosen };
  }

  override firstUpdated(): void {
    this.balance = numbersFrom(this.initial, BALANCE);
    const { seed } = numbersFrom(this.initial, { seed: { value: 1, min: 0, max: Number.MAX_SAFE_INTEGER } });
    this.seed = Math.floor(seed);
    this.chosen = chosenFrom(this.initial) ?? this.chosen;
    const canvas = this.renderRoot.querySelector("canvas") as HTMLCanvasElement;
    this.raster = new Raster(canvas);
    this.rateLines = new Series(this.renderRoot.querySelector("#rates") as HTMLElement, SPAN);
    this.potential = new Series(this.renderRoot.querySelector("#potential") as HTMLElement, SPAN / 4);
    this.session.addEventListener("frame", (event) => this.show((event as CustomEvent<Frame>).detail));
    this.session.addEventListener("opened", () => this.lay());
    this.session.addEventListener("change", () => this.requestUpdate());
    this.resizing = new ResizeObserver(() => this.lay());
    this.resizing.observe(canvas);
    addEventListener("theme", this.lay);
    void this.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizing?.disconnect();
    removeEventListener("theme", this.lay);
  }

  private async begin(): Promise<void> {
    await this.openFirst(() => balanceDocument(this.balance, this.seed));
    await this.choose(this.chosen);
    await this.session.play();
  }

  /** Everything drawn begins anew. */
  private readonly lay = (): void => {
    const { facts, time } = this.session;
    if (facts === undefined) return;
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
    const trace = frame.traces.find((one) => one.population === population && one.neurons[0] === neuron);
    if (trace) {
      this.potential?.add(trace.time, [trace.values[0] as Float64Array]);
      this.potential?.paint();
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
    if (this.watched !== undefined) await session.ask("unwatch", this.watched);
    this.chosen = chosen;
    this.layPotential();
    this.watched = await session.ask("watch", {
      population: chosen.population,
      variables: ["v"],
      neurons: [chosen.neuron],
      every: 0.2,
    });
  }

  private async change(key: keyof Balance, value: number): Promise<void> {
    const { min, max } = BALANCE[key];
    this.balance = { ...this.balance, [key]: Math.min(max, Math.max(min, value)) };
    this.changed();
    const { session, balance } = this;
    if (key === "size") {
      this.watched = undefined;
      this.chosen = { population: this.chosen.population, neuron: 0 };
      return this.begin();
    }
    const names = session.facts?.projections.map(({ name }) => name) ?? [];
    if (key === "background" || key === "spread") {
      await Promise.all(["exc", "inh"].map((name) => session.ask("setBackground", name, backgroundOf(balance))));
    } else if (key === "delay") await Promise.all(names.map((name) => session.ask("setDelay", name, balance.delay)));
    else await Promise.all(weightsOf(balance).map((weight, k) => session.ask("setWeight", names[k] as string, weight)));
  }

  private pick(event: MouseEvent): void {
    const box = (event.target as HTMLElement).getBoundingClientRect();
    const found = this.raster?.neuronAt(event.clientY - box.top);
    if (found) void this.choose(found).then(() => this.changed());
  }

  override render(): unknown {
    const { chosen } = this;
    return html`<div class="columns">
      <section>
        <canvas class="raster" role="img" aria-label="Raster of spikes: a point for each, the newest at the right" @click=${(event: MouseEvent) => this.pick(event)}></canvas>
        <div class="key soft"><span class="exc">excitatory</span><span class="inh">inhibitory</span><em aria-live="polite">${this.words}</em></div>
        <h3>Rates</h3>
        <div class="plot" id="rates"></div>
        <h3>Potential of neuron ${chosen.neuron} of ${chosen.population}</h3>
        <div class="plot" id="potential"></div>
      </section>
      <aside class="panel">
        <sp-clock .session=${this.session}></sp-clock>
        <h3>Network</h3>
        ${(Object.keys(BALANCE) as (keyof Balance)[]).map((key) => {
          const { label, unit, hint, min, max, step } = BALANCE[key];
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
        <p class="soft">
          Neurons at rest below threshold, kept there by a background current: turn it up, and single spikes become a state of the whole
          network. Take inhibition away, and it becomes a seizure. Click into the raster to see a neuron's potential.
        </p>
        <sp-share .view=${this}></sp-share>
      </aside>
    </div>`;
  }
}
customElements.define("sp-network", NetworkView);

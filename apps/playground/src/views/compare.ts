/** One step of current into six models: their potentials on one axis of time, and what differs, in numbers. */
import { type Frame, type NetworkFacts, RemoteError, RemoteSimulation } from "spikelet/worker";
import { css, html, nothing } from "lit";
import "../controls/slider.js";
import { shared } from "../controls/style.js";
import {
  AT_ONCE,
  type Compared,
  COMPARED,
  COMPARISON,
  type Comparison,
  comparisonDocument,
  costWords,
  FINE,
  LASTS,
  type Measured,
  measured,
  ONSET,
  parametersOf,
  shortMs,
  wordsOf,
} from "../compare/compare.js";
import { colorOf, colorsOf } from "../draw/colors.js";
import { drawStrips } from "../draw/strips.js";
import { startWorker } from "../net/start.js";
import { numbersFrom, View } from "../view.js";

/** Wall ms that a control must rest before what it asks for is run. */
const QUIET = 60;

/** A run: of each model its spikes and its potential. */
interface Run {
  readonly chosen: Comparison;
  readonly spikes: ReadonlyMap<string, readonly number[]>;
  readonly traces: ReadonlyMap<string, { readonly time: readonly number[]; readonly v: readonly number[] }>;
  readonly measured: readonly Measured[];
  /** Those that were run. */
  readonly rheobase: ReadonlyMap<string, number>;
}

const SLIDERS = ["fraction", "dt", "shown"] as const;

class CompareView extends View {
  static override properties = {
    ...View.properties,
    chosen: { state: true },
    run: { state: true },
    fine: { state: true },
    trouble: { state: true },
    notes: { state: true },
    busy: { state: true },
    found: { state: true },
  };
  declare chosen: Comparison;
  declare run: Run | undefined;
  /** The same with a fine time step. */
  declare fine: readonly Measured[] | undefined;
  declare trouble: string;
  declare notes: readonly string[];
  declare busy: boolean;
  /** Models whose rheobase is found. */
  declare found: number;
  private remote: RemoteSimulation | undefined;
  private frames: Frame[] = [];
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private again = false;
  private closed = false;
  private readonly fines = new Map<string, readonly Measured[]>();
  private resizing: ResizeObserver | undefined;

  constructor() {
    super();
    this.chosen = numbersFrom({}, COMPARISON);
    [this.trouble, this.notes, this.busy] = ["", [], false];
    this.run = undefined;
    this.fine = undefined;
    this.found = 0;
  }

  static override styles = [
    shared,
    css`
      canvas {
        width: 100%;
        height: 560px;
        display: block;
      }
      .table {
        overflow-x: auto;
      }
      table {
        border-collapse: collapse;
        font-size: 0.87rem;
        font-variant-numeric: tabular-nums;
        margin-top: 0.6rem;
        width: 100%;
      }
      th,
      td {
        text-align: right;
        padding: 0.2rem 0.5rem;
        border-bottom: 1px solid var(--line);
        white-space: nowrap;
      }
      th:first-child {
        text-align: left;
      }
      thead th {
        white-space: normal;
        vertical-align: bottom;
        font-weight: 600;
      }
      tbody th::before {
        content: "";
        display: inline-block;
        width: 0.8em;
        height: 0.8em;
        margin-right: 0.4em;
        background: var(--c);
      }
      .m1 {
        --c: var(--series-1);
      }
      .m2 {
        --c: var(--series-2);
      }
      .m3 {
        --c: var(--series-3);
      }
      .m4 {
        --c: var(--series-4);
      }
      .m5 {
        --c: var(--series-5);
      }
      .m6 {
        --c: var(--series-6);
      }
      .danger {
        color: var(--danger);
        white-space: pre-wrap;
      }
      fieldset {
        border: 0;
        padding: 0;
        margin: 0.6rem 0;
      }
      legend {
        padding: 0;
        font-size: 0.9rem;
      }
      fieldset label {
        display: block;
        font-size: 0.9rem;
      }
    `,
  ];

  get state(): Record<string, unknown> {
    return { ...this.chosen };
  }

  override firstUpdated(): void {
    const { same, ...numbers } = numbersFrom(this.initial, COMPARISON);
    this.chosen = { ...numbers, same: Math.round(same) };
    this.resizing = new ResizeObserver(this.draw);
    this.resizing.observe(this.renderRoot.querySelector("canvas") as HTMLCanvasElement);
    addEventListener("theme", this.draw);
    void this.compute();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.closed = true;
    clearTimeout(this.waiting);
    this.remote?.terminate();
    this.resizing?.disconnect();
    removeEventListener("theme", this.draw);
  }

  private set(changes: Partial<Comparison>): void {
    this.chosen = { ...this.chosen, ...changes };
    this.changed();
    if ("shown" in changes) return this.draw();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.compute(), QUIET);
  }

  /** Runs what is chosen now; what is chosen meanwhile is run then. */
  private async compute(): Promise<void> {
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    while (this.again && !this.closed) {
      this.again = false;
      try {
        await this.once(this.chosen);
      } catch (error) {
        if (this.closed) return;
        if (!(error instanceof RemoteError)) throw error;
        this.trouble = error.message;
      }
    }
    this.busy = false;
  }

  private async once(chosen: Comparison): Promise<void> {
    this.remote ??= new RemoteSimulation(startWorker() as never, {
      onFrame: (frame) => void this.frames.push(frame),
      onCrash: () => (this.remote = undefined),
    });
    const { remote } = this;
    if (!this.run) await this.show(remote, chosen, AT_ONCE);
    await this.show(remote, chosen, COMPARED);
    const key = `${chosen.fraction} ${chosen.same}`;
    this.fine = this.fines.get(key);
    if (this.fine || this.again) return;
    await this.go(remote, comparisonDocument(chosen, { dt: FINE, traces: false }));
    const { spikes: exact } = this.collected();
    this.fine = COMPARED.map(({ id }) => measured(id, exact.get(id) ?? []));
    this.fines.set(key, this.fine);
  }

  /** Runs some of the models, and shows them. */
  private async show(remote: RemoteSimulation, chosen: Comparison, models: readonly Compared[]): Promise<void> {
    const rheobase = new Map<string, number>();
    for (const one of models) {
      rheobase.set(one.id, await remote.ask("rheobase", one.id, { params: parametersOf(one, chosen) }));
      this.found = Math.max(this.found, rheobase.size);
    }
    const { findings } = await this.go(remote, comparisonDocument(chosen, { models }));
    const { spikes, traces } = this.collected();
    const all = COMPARED.map(({ id }) => measured(id, spikes.get(id) ?? []));
    this.fine = undefined;
    this.run = { chosen, rheobase, spikes, traces, measured: all };
    this.notes = findings.map(({ message }) => message);
    this.trouble = "";
    this.draw();
  }

  private async go(remote: RemoteSimulation, document: object): Promise<NetworkFacts> {
    const facts = await remote.ask("open", document);
    this.frames = [];
    await remote.ask("advance", ONSET + LASTS);
    return facts;
  }

  private collected(): Pick<Run, "spikes" | "traces"> {
    const spikes = new Map<string, number[]>(COMPARED.map(({ id }) => [id, []]));
    const traces = new Map<string, { time: number[]; v: number[] }>(
      COMPARED.map(({ id }) => [id, { time: [], v: [] }]),
    );
    for (const frame of this.frames) {
      for (const { population, times } of frame.spikes) spikes.get(population)?.push(...times);
      for (const { population, time, values } of frame.traces) {
        traces.get(population)?.time.push(...time);
        traces.get(population)?.v.push(...(values[0] ?? []));
      }
    }
    return { spikes, traces };
  }

  private readonly draw = (): void => {
    const { run, chosen } = this;
    const canvas = this.renderRoot.querySelector("canvas");
    if (!run || !canvas) return;
    const colors = colorsOf(this, COMPARED.length);
    const strips = COMPARED.map(({ id }, k) => {
      const { time, v } = run.traces.get(id) ?? { time: [], v: [] };
      const { latency } = run.measured[k] as Measured;
      const mark = latency === undefined ? "" : `${shortMs(latency)} ms`;
      return { label: id, color: colors[k] as string, time, v, spikes: run.spikes.get(id) ?? [], mark };
    });
    const from = -Math.min(ONSET, chosen.shown / 10);
    drawStrips(
      canvas,
      strips,
      { onset: ONSET, from, to: chosen.shown },
      {
        ink: colorOf(this, "--ink"),
        soft: colorOf(this, "--ink-soft"),
        line: colorOf(this, "--line"),
        panel: colorOf(this, "--paper"),
      },
    );
  };

  override render(): unknown {
    const { run, fine, chosen, trouble, notes } = this;
    const whole = run?.rheobase.size === COMPARED.length;
    const said = run && whole ? wordsOf(run.measured, run.chosen) : [];
    return html`<div class="columns">
      <section>
        <h2>Potentials in mV, one step of ${run?.chosen.fraction ?? chosen.fraction} x rheobase into each</h2>
        <canvas role="img" aria-label="Potentials of six models above each other; the table below has their numbers"></canvas>
        <div class="table" tabindex="0" role="region" aria-label="Numbers">${run ? this.table(run, fine) : nothing}</div>
      </section>
      <aside class="panel">
        <h2>The step</h2>
        ${SLIDERS.map((key) => {
          const { label, unit, hint, min, max, step } = COMPARISON[key];
          return html`<sp-slider
            .label=${label}
            .unit=${unit}
            .hint=${hint}
            .min=${min}
            .max=${max}
            .step=${step}
            .value=${chosen[key]}
            @value=${(event: CustomEvent<number>) => this.set({ [key]: Math.min(max, Math.max(min, event.detail)) })}
          ></sp-slider>`;
        })}
        <fieldset @change=${(event: Event) => this.set({ same: Number((event.target as HTMLInputElement).value) })}>
          <legend>Parameters</legend>
          <label><input type="radio" name="same" value="1" .checked=${chosen.same === 1} /> Same membrane</label>
          <label><input type="radio" name="same" value="0" .checked=${chosen.same !== 1} /> Each model's defaults</label>
        </fieldset>
        ${trouble === "" ? nothing : html`<p class="danger" role="alert">${trouble}</p>`}
        <p class="soft" role="status">
          ${!this.busy ? "" : whole ? "Computing" : `Searching the rheobases: ${this.found} of ${COMPARED.length} found`}
        </p>
        <div role="status">
          ${said.map((one) => html`<p>${one}</p>`)}
          ${run && fine ? html`<p>${costWords(run.measured, fine, run.chosen.dt)}</p>` : nothing}
        </div>
        <p class="soft">
          ${
            chosen.same === 1
              ? "Same membrane: all but hodgkinHuxley have the capacitance, the leak at rest and the reset of adex; lif and qif have the rheobase of eif, which is adex without adaptation; izhikevich is qif with the adaptation of adex. What differs is how the spike takes off. hodgkinHuxley is the squid's axon, with a fast membrane of its own."
              : "Defaults: each model as it comes, with time constants at rest from about one to ten ms."
          }
        </p>
        <p class="soft">
          Try: turn the step down to 1.1: near the rheobase the latencies are longest and furthest apart (show 300 ms). Turn it up to 5, and
          the time step to 1 ms: see which latencies and rates move.
        </p>
        ${
          notes.length === 0
            ? nothing
            : html`<details class="soft">
                <summary>${notes.length} ${notes.length === 1 ? "remark" : "remarks"} of the check</summary>
                ${notes.map((note) => html`<p>${note}</p>`)}
              </details>`
        }
      </aside>
    </div>`;
  }

  private table({ chosen, rheobase, measured: all }: Run, fine: readonly Measured[] | undefined): unknown {
    const ms = (value: number | undefined): string => (value === undefined ? "-" : shortMs(value));
    return html`<table>
      <thead>
        <tr>
          <th scope="col">model</th>
          <th scope="col">rheobase</th>
          <th scope="col">step</th>
          <th scope="col">first spike after, ms</th>
          <th scope="col">first interval, ms</th>
          <th scope="col">rate, Hz</th>
          <th scope="col">spikes in ${LASTS} ms</th>
          <th scope="col">first spike at dt ${FINE} ms</th>
          <th scope="col">rate at dt ${FINE} ms</th>
        </tr>
      </thead>
      <tbody>
        ${COMPARED.map(({ id, unit }, k) => {
          const { latency, interval, rate, spikes } = all[k] as Measured;
          const least = rheobase.get(id);
          if (least === undefined)
            return html`<tr>
              <th scope="row" class="m${k + 1}">${id}</th>
              <td colspan="8">...</td>
            </tr>`;
          const other = fine?.[k];
          return html`<tr>
            <th scope="row" class="m${k + 1}">${id}</th>
            <td>${least.toPrecision(4)} ${unit}</td>
            <td>${(least * chosen.fraction).toPrecision(4)} ${unit}</td>
            <td>${ms(latency)}</td>
            <td>${ms(interval)}</td>
            <td>${rate?.toFixed(1) ?? "-"}</td>
            <td>${spikes}</td>
            <td>${other ? ms(other.latency) : "..."}</td>
            <td>${other ? (other.rate?.toFixed(1) ?? "-") : "..."}</td>
          </tr>`;
        })}
      </tbody>
    </table>`;
  }
}
customElements.define("sp-compare", CompareView);

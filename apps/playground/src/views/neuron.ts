/** One neuron: traces, phase plane, the same at half the step, f-I curve, and all its numbers at hand. */
import type { ModelRecord } from "spikelet";
import type { Frame, RemoteSimulation } from "spikelet/worker";
import { css, html, unsafeCSS } from "lit";
import { live } from "lit/directives/live.js";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import "../controls/clock.js";
import { shared } from "../controls/style.js";
import { colorOf } from "../draw/colors.js";
import { Series } from "../draw/series.js";
import { ADVICE } from "../net/advice.js";
import {
  backgroundOf,
  beginning,
  every,
  isNoisy,
  labelled,
  modelOf,
  models,
  neuronDocument,
  type NeuronSettings,
  otherStates,
  settingsFrom,
  settingsState,
} from "../net/neuron.js";
import { Pairs } from "../net/shift.js";
import { Twin } from "../net/twin.js";
import { numbersFrom, View } from "../view.js";
import "./neuron/controls.js";
import "./neuron/plane.js";
import type { NeuronPlane, State } from "./neuron/plane.js";
import { legends } from "./neuron/style.js";
import "./neuron/sweep.js";
import { type CurrentRange, usualRange } from "./neuron/sweep.js";

/** Simulated ms that the neuron at half the step may be behind. */
const BEHIND = 3000;

const PANELS = {
  plane: "Phase plane",
  half: "The same at dt/2",
  sweep: "f-I curve and bifurcation",
} as const;
type Panel = keyof typeof PANELS;
type Work = (remote: Pick<RemoteSimulation, "ask">) => Promise<unknown>;

/** Text with words in backticks as code. */
function marked(text: string): unknown {
  return text.split("`").map((part, k) => (k % 2 === 1 ? html`<code>${part}</code>` : part));
}

const hasPlane = (settings: NeuronSettings): boolean => Object.keys(modelOf(settings).states).length === 2;

class NeuronView extends View {
  static override properties = {
    ...View.properties,
    settings: { state: true },
    panels: { state: true },
    range: { state: true },
    applied: { state: true },
    trouble: { state: true },
    words: { state: true },
  };
  declare settings: NeuronSettings;
  declare panels: Readonly<Record<Panel, boolean>>;
  /** Currents of the sweep. */
  declare range: CurrentRange;
  /** What runs. */
  declare applied: NeuronSettings | undefined;
  declare trouble: string;
  /** How far the two neurons are apart. */
  declare words: string;

  private applying = false;
  private twin: Twin | undefined;
  private waits = false;
  private potential: Series | undefined;
  private others: Series | undefined;
  private current: Series | undefined;
  /** ms that they show. */
  private laid: number | undefined;
  /** Time until which frames were shown. */
  private end = 0;
  private pairs = new Pairs();
  private resizing: ResizeObserver | undefined;

  constructor() {
    super();
    this.settings = beginning("lif");
    this.panels = { plane: true, half: false, sweep: false };
    this.range = { from: 0, to: 1 };
    [this.trouble, this.words] = ["", ""];
  }

  static override styles = [
    shared,
    legends,
    unsafeCSS(uplotCss),
    css`
      .tabs {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        margin: 0.6rem 0;
      }
      .row {
        display: flex;
        gap: 0.5rem;
        align-items: baseline;
        justify-content: space-between;
        margin: 0.35rem 0;
        font-size: 0.9rem;
      }
      .row select {
        max-width: 11.5rem;
        min-width: 0;
        flex-shrink: 1;
      }
      .row input {
        width: 6em;
        text-align: right;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 4px;
      }
      .duo {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
        gap: 0.5rem 1rem;
        align-items: start;
      }
      .duo > * {
        min-width: 0;
      }
      summary {
        cursor: pointer;
        font-weight: 600;
        font-size: 0.95rem;
        margin: 0.9rem 0 0.3rem;
      }
      .trouble {
        color: var(--danger);
      }
      .equations {
        overflow-x: auto;
        font-size: 0.85rem;
      }
    `,
  ];

  get state(): Record<string, unknown> {
    return { ...settingsState(this.settings), panels: this.panels, range: this.range };
  }

  override get settled(): Record<string, unknown> {
    return { ...this.state, ...this.settings };
  }

  private get model(): ModelRecord {
    return modelOf(this.settings);
  }

  private get plane(): NeuronPlane | null {
    return this.renderRoot.querySelector<NeuronPlane>("sp-neuron-plane");
  }

  override firstUpdated(): void {
    this.settings = settingsFrom(this.initial);
    const given = (this.initial ?? {}) as { readonly panels?: unknown; readonly range?: unknown };
    const panels = (given.panels ?? {}) as Readonly<Record<string, unknown>>;
    const isOn = (name: Panel): boolean => (panels[name] === undefined ? name === "plane" : panels[name] === true);
    this.panels = { plane: isOn("plane"), half: isOn("half"), sweep: isOn("sweep") };
    this.range = numbersFrom(given.range, usualRange(this.model));
    const { session } = this;
    session.speed = 0.1;
    session.addEventListener("frame", (event) => this.show((event as CustomEvent<Frame>).detail));
    session.addEventListener("opened", () => this.restarted());
    session.addEventListener("change", () => this.requestUpdate());
    const host = (id: string): HTMLElement => this.renderRoot.querySelector(`#${id}`) as HTMLElement;
    this.resizing = new ResizeObserver(() => this.lay(true));
    this.resizing.observe(host("potential"));
    addEventListener("theme", this.redraw);
    void this.apply();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizing?.disconnect();
    removeEventListener("theme", this.redraw);
    this.twin?.close();
  }

  /** What a person changed: it acts as soon as what was changed before does. */
  private change(changes: Partial<NeuronSettings>): void {
    this.trouble = "";
    this.settings = { ...this.settings, ...changes };
    this.changed();
    void this.apply();
  }

  private choose(id: string, preset = ""): void {
    const other = id !== this.settings.model;
    this.trouble = "";
    this.settings = beginning(id, preset);
    if (other) this.range = numbersFrom({}, usualRange(this.model));
    this.changed();
    void this.apply();
  }

  /** Brings what runs to what is chosen; where that cannot be, back to what was. */
  private async apply(): Promise<void> {
    if (this.applying) return;
    this.applying = true;
    let isSecond = false;
    try {
      while (this.settings !== this.applied) {
        const next = this.settings;
        try {
          await this.bring(next);
          this.applied = next;
        } catch (error) {
          if (!(error instanceof Error)) throw error;
          this.trouble = error.message;
          if (this.settings !== next) continue;
          if (this.applied === undefined && isSecond) break;
          isSecond = this.applied === undefined;
          this.settings = this.applied ?? beginning(next.model);
        }
      }
    } finally {
      this.applying = false;
    }
  }

  private async bring(next: NeuronSettings): Promise<void> {
    const { applied, session } = this;
    const isAnother = (["model", "method", "dt", "seed", "init"] as const).some((key) => applied?.[key] !== next[key]);
    if (applied === undefined || isAnother || applied.span !== next.span) return this.open(next);
    if (session.facts === undefined || session.status === "unstable") return this.open(next);
    const { params, background } = next;
    if (applied.params !== params) await this.act((remote) => remote.ask("set", "neuron", params));
    if (applied.background !== background) {
      const entries = backgroundOf(next);
      await this.act((remote) => remote.ask("setBackground", "neuron", entries));
    }
  }

  private async open(next: NeuronSettings): Promise<void> {
    const { session, applied } = this;
    const plays = applied === undefined || this.plays || session.status === "unstable";
    this.waits = false;
    try {
      await session.open(neuronDocument(next));
    } catch (error) {
      if (applied && plays) await session.play();
      throw error;
    }
    this.applied = next;
    const variables = [...Object.keys(modelOf(next).states), "I_background"];
    await session.watch({ population: "neuron", variables, neurons: [0], every: every(next) });
    if (this.panels.half) await this.openTwin(next);
    await this.updateComplete;
    this.lay();
    if (!plays) return;
    // who wants no motion sees a picture
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) void session.step(next.span);
    else await session.play();
  }

  /** Changes the neuron; where there is one at half the step, both at the same time. */
  private async act(work: Work): Promise<void> {
    if (this.twin === undefined) await work(this.session);
    else await this.actAtOnce(work);
  }

  /** Changes the neuron at a time that is known; that time. */
  private async actAtOnce(work: Work): Promise<number> {
    const { session, twin } = this;
    const { plays } = this;
    this.waits = false;
    if (session.status === "playing") await session.pause();
    const { time } = session;
    try {
      await work(session);
      void twin?.at(time, work);
    } finally {
      if (plays) await session.play();
    }
    return time;
  }

  private async openTwin(settings: NeuronSettings): Promise<void> {
    this.twin ??= new Twin(
      (frame) => this.showTwin(frame),
      (error) => (this.words = error.message),
    );
    await this.twin.open(neuronDocument(settings, settings.dt / 2), ["v"], every(settings));
  }

  private async toggle(panel: Panel): Promise<void> {
    this.panels = { ...this.panels, [panel]: !this.panels[panel] };
    this.changed();
    if (panel !== "half") return;
    if (!this.panels.half) {
      this.twin?.close();
      this.twin = undefined;
      return this.lay();
    }
    // both begin at 0
    this.applied = undefined;
    void this.apply();
  }

  /** Time is 0 again. */
  private restarted(): void {
    this.end = 0;
    void this.twin?.reset();
    this.plane?.restart();
    this.lay();
  }

  /** Everything drawn begins anew. */
  private readonly redraw = (): void => this.lay(true);

  /** Lays the plots out; `keeps` leaves in them what they show. */
  private readonly lay = (keeps = false): void => {
    const { applied } = this;
    if (applied === undefined) return;
    const model = modelOf(applied);
    const host = (id: string): HTMLElement => this.renderRoot.querySelector(`#${id}`) as HTMLElement;
    if (this.laid !== applied.span) {
      for (const one of [this.potential, this.others, this.current]) one?.close();
      this.laid = applied.span;
      [this.potential, this.others, this.current] = ["potential", "others", "current"].map(
        (id) => new Series(host(id), applied.span),
      ) as [Series, Series, Series];
    }
    const color = (k: number): string => colorOf(this, `--series-${k}`);
    const line = (label: string, k: number): { label: string; color: string } => ({ label, color: color(k) });
    const states = otherStates(model);
    const [first = "v"] = Object.keys(model.states);
    this.potential?.lay(
      this.panels.half ? [line("v", 1), line("v at dt/2", 2)] : [line("v", 1)],
      labelled(first, model.states[first]?.unit ?? ""),
      keeps,
    );
    if (states.length > 0) {
      this.others?.lay(
        states.map((name, k) => line(name, k + 2)),
        labelled(states.join(", "), model.states[states[0] as string]?.unit ?? ""),
        keeps,
      );
    }
    this.current?.lay([line("I", 3)], labelled("I", model.current), keeps);
    this.paintAll();
    if (keeps) return;
    this.pairs = new Pairs(this.end);
    this.words = "";
  };

  private paintAll(): void {
    for (const one of [this.potential, this.others, this.current]) one?.paint();
  }

  private show(frame: Frame): void {
    // what was under way when another network began is not for its plots
    if (Math.abs(frame.from - this.end) > 1e-6) return;
    this.end = frame.time;
    const traces = new Map(frame.traces.map((trace) => [trace.variable, trace]));
    const spikes = frame.spikes[0]?.times ?? [];
    const v = traces.get("v");
    if (v && v.time.length > 0) {
      const { time } = v;
      const values = (name: string): Float64Array => traces.get(name)?.values[0] as Float64Array;
      const gap = Array.from(time, () => null) as never;
      this.potential?.add(time, this.twin ? [values("v"), gap] : [values("v")]);
      const states = otherStates(this.model).filter((name) => traces.has(name));
      if (states.length > 0) this.others?.add(time, states.map(values));
      const input = traces.get("I_background")?.values[0];
      if (input) this.current?.add(time, [input]);
      const [w] = states;
      if (w !== undefined && states.length === 1)
        this.plane?.add({ from: frame.from, time, v: values("v"), w: values(w), input, spikes });
    }
    this.potential?.mark(0, spikes);
    this.pairs.add(0, spikes);
    this.paintAll();
    const { twin } = this;
    if (!twin) return;
    void twin.follow(frame.time);
    if (twin.behind > BEHIND) void this.waitFor(twin);
  }

  /** Whether time goes on, or will when the other neuron has come up. */
  private get plays(): boolean {
    return this.session.status === "playing" || this.waits;
  }

  /** The neuron waits until the other one has come up. */
  private async waitFor(twin: Twin): Promise<void> {
    const { session } = this;
    if (session.status !== "playing" || this.waits) return;
    this.waits = true;
    try {
      await session.pause();
      await twin.follow(session.time);
      // another network may have begun meanwhile
      if (this.waits) await session.play();
    } catch (error) {
      if (this.isConnected) throw error;
    } finally {
      this.waits = false;
    }
  }

  private showTwin(frame: Frame): void {
    const trace = frame.traces.find(({ variable }) => variable === "v");
    if (trace) this.potential?.fill(1, trace.time, trace.values[0] as Float64Array);
    const spikes = frame.spikes[0]?.times ?? [];
    this.potential?.mark(1, spikes);
    this.pairs.add(1, spikes);
    this.potential?.paint();
    this.words = this.pairs.words(this.settings.dt, isNoisy(this.settings));
  }

  /** Puts the neuron into a state. */
  private async put(state: State): Promise<void> {
    try {
      const time = await this.actAtOnce(async (remote) => {
        for (const [name, value] of Object.entries(state)) await remote.ask("setState", "neuron", name, value);
      });
      this.plane?.markPut(time);
      this.pairs = new Pairs(time);
    } catch (error) {
      if (error instanceof Error) this.trouble = error.message;
    }
  }

  private chooseRange(range: CurrentRange): void {
    this.range = range;
    this.changed();
  }

  private plots(): unknown {
    const { model, panels } = this;
    const states = otherStates(model);
    const { method, dt } = this.settings;
    return html`<h3>Membrane ${model.states.v?.unit === "mV" ? "potential" : "state"} v</h3>
      <div class="plot tall" id="potential"></div>
      <div class="key soft">
        <span class="c1">v, dt = ${dt} ms</span>
        ${panels.half ? html`<span class="c2">v, dt = ${dt / 2} ms</span>` : ""}
        <em>Marks at the top: spikes.</em>
      </div>
      <p class="soft" aria-live="polite" ?hidden=${!panels.half}>
        ${this.words} ${panels.half ? `Same equations, same method (${method}), half the step: where the lines part, dt is too large.` : ""}
      </p>
      <div ?hidden=${states.length === 0}>
        <h3>${states.map((name) => `${name}: ${model.states[name]?.text ?? ""}`).join("; ")}</h3>
        <div class="plot low" id="others"></div>
        <div class="key soft">${states.map((name, k) => html`<span class="c${k + 2}">${name}</span>`)}</div>
      </div>
      <h3>Current into the neuron</h3>
      <div class="plot low" id="current"></div>`;
  }

  private about(): unknown {
    const { model } = this;
    return html`<details>
      <summary>About this model, and its equations</summary>
      <p>${marked(model.text)}</p>
      <div class="equations">
        ${Object.entries(model.functions ?? {}).map(([name, text]) => html`<div><code>${name} = ${text}</code></div>`)}
        ${Object.entries(model.equations).map(([name, text]) => html`<div><code>d${name}/dt = ${text}</code></div>`)}
        ${model.reset ? html`<div><code>at v >= ${model.threshold}: ${Object.entries(model.reset).map(([name, text]) => `${name} = ${text}`).join(", ")}</code></div>` : ""}
      </div>
      <p class="soft">${model.references.join(" ")}</p>
    </details>`;
  }

  override render(): unknown {
    const { settings, model, panels, trouble, session } = this;
    const presets = Object.entries(model.presets);
    const preset = Object.hasOwn(model.presets, settings.preset) ? model.presets[settings.preset] : undefined;
    const shown = this.applied ?? settings;
    const isShown = (panel: Panel): boolean => panel !== "plane" || hasPlane(shown);
    return html`<div class="columns">
      <section>
        <h2>${model.title}</h2>
        <p>${marked(model.summary)}</p>
        <p class="soft"><strong>Try:</strong> ${ADVICE[model.id] ?? ""}</p>
        <p class="trouble" role="alert" ?hidden=${trouble === ""}>${trouble}</p>
        <div class="tabs" role="group" aria-label="Further plots">
          ${(Object.keys(PANELS) as Panel[])
            .filter(isShown)
            .map(
              (panel) =>
                html`<button aria-pressed=${panels[panel] ? "true" : "false"} @click=${() => this.toggle(panel)}>${PANELS[panel]}</button>`,
            )}
        </div>
        <div class="duo">
          <div>${this.plots()}</div>
          ${
            panels.plane && hasPlane(shown)
              ? html`<sp-neuron-plane
                  .settings=${shown}
                  @put=${({ detail }: CustomEvent<State>) => this.put(detail)}
                ></sp-neuron-plane>`
              : ""
          }
        </div>
        ${
          panels.sweep
            ? html`<sp-neuron-sweep
                .settings=${shown}
                .range=${this.range}
                @range=${({ detail }: CustomEvent<CurrentRange>) => this.chooseRange(detail)}
              ></sp-neuron-sweep>`
            : ""
        }
        ${this.about()}
      </section>
      <aside class="panel">
        <sp-clock .session=${session}></sp-clock>
        <h3>Model</h3>
        <label class="row">
          <span>Model</span>
          <select @change=${(event: Event) => this.choose((event.target as HTMLSelectElement).value)}>
            ${Object.values(models).map(({ id, title }) => html`<option value=${id} .selected=${live(id === model.id)}>${title}</option>`)}
          </select>
        </label>
        ${
          presets.length === 0
            ? ""
            : html`<label class="row">
                <span>Preset</span>
                <select @change=${(event: Event) => this.choose(model.id, (event.target as HTMLSelectElement).value)}>
                  <option value="" .selected=${live(settings.preset === "")}>defaults</option>
                  ${presets.map(([name]) => html`<option .selected=${live(name === settings.preset)}>${name}</option>`)}
                </select>
              </label>`
        }
        ${preset ? html`<p class="soft">${preset.text}</p>` : ""}
        <sp-neuron-controls
          .settings=${settings}
          @settings=${({ detail }: CustomEvent<Partial<NeuronSettings>>) => this.change(detail)}
          @trouble=${({ detail }: CustomEvent<string>) => (this.trouble = detail)}
        ></sp-neuron-controls>
      </aside>
    </div>`;
  }
}
customElements.define("sp-neuron", NeuronView);

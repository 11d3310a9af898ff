/** A model as text, which is checked while it is written and runs as it stands: what was running goes on in it. */
import type { Frame, ModelFacts } from "spikelet/worker";
import { RemoteError, RemoteSimulation } from "spikelet/worker";
import { css, html, nothing, unsafeCSS } from "lit";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import "../controls/clock.js";
import "../controls/code.js";
import { mistakesList, mistakesStyle } from "../controls/code.js";
import "../controls/slider.js";
import { shared } from "../controls/style.js";
import { colorOf, colorsOf } from "../draw/colors.js";
import { Raster } from "../draw/raster.js";
import { Series } from "../draw/series.js";
import {
  backgroundOf,
  changedParameters,
  currentAt,
  definitionOf,
  documentOf,
  doubled,
  type Draft,
  DT,
  fieldOf,
  fixed,
  type Mistake,
  modelFileOf,
  numberOf,
  POPULATION,
  type Row,
  type Setup,
  setupFrom,
  SIZE,
  sliderOf,
  typescriptOf,
  withNumber,
} from "../equations/draft.js";
import { STARTS, type Start } from "../equations/starts.js";
import { startWorker } from "../net/start.js";
import { numbersFrom, View } from "../view.js";

/** Wall ms without a key before a text is checked. */
const QUIET = 350;
/** Wall ms between two numbers that are shown. */
const TELL = 250;
/** ms that the plots show. */
const SPAN = 1000;
const TRACES = 400;
/** States that are drawn, and plots that they may share. */
const MOST_STATES = 6;
const MOST_PLOTS = 3;
const MIDDLE = (SIZE - 1) / 2;

/** States that share an axis: v has one of its own. */
interface Group {
  readonly unit: string;
  readonly names: readonly string[];
}

function groupsOf(states: ModelFacts["states"]): Group[] {
  const [[v, of] = ["v", ""], ...others] = Object.entries(states).slice(0, MOST_STATES);
  const units = [...new Set(others.map(([, unit]) => unit))].slice(0, MOST_PLOTS - 1);
  return [
    { unit: of, names: [v] },
    ...units.map((unit) => ({ unit, names: others.filter((one) => one[1] === unit).map(([name]) => name) })),
  ];
}

const setupOf = ({ draft, current, spread, dt }: Start): Setup => ({
  draft,
  current,
  spread,
  dt,
  method: "",
  seed: 1,
});

type Copy = "TypeScript" | "Model file" | "LaTeX";

/** What runs. */
interface Running {
  readonly setup: Setup;
  readonly facts: ModelFacts;
}

class EquationsView extends View {
  static override properties = {
    ...View.properties,
    setup: { state: true },
    mistakes: { state: true },
    trouble: { state: true },
    notes: { state: true },
    words: { state: true },
    running: { state: true },
    neuron: { state: true },
    copied: { state: true },
    checking: { state: true },
    rate: { state: true },
    unstable: { state: true },
    written: { state: true },
  };
  declare setup: Setup;
  declare mistakes: readonly Mistake[];
  /** What is wrong beside the texts. */
  declare trouble: string;
  declare notes: readonly string[];
  declare words: string;
  declare running: Running | undefined;
  declare neuron: number;
  declare copied: { readonly what: Copy; readonly text: string; readonly done: boolean } | undefined;
  declare checking: boolean;
  declare rate: number;
  declare unstable: boolean;
  /** What was written before another model was chosen. */
  declare written: Setup | undefined;
  private checker: RemoteSimulation | undefined;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  /** Counts what was asked to be checked: only the last answer is of interest. */
  private turn = 0;
  /** What runs is changed by one thing after another. */
  private last: Promise<unknown> = Promise.resolve();
  private begun = false;
  /** The next model is another one: nothing goes on in it. */
  private anew = false;
  private watched: number | undefined;
  /** Quantities around which the sliders lie. */
  private around = new Map<string, string>();
  private raster: Raster | undefined;
  /** Rows of the raster that a neuron has. */
  private rows = 1;
  /** ms of one of its pixels. */
  private pixel = 1;
  private series: Series[] = [];
  private spikes: number[] = [];
  /** Wall ms at which the rate was shown last. */
  private told = 0;
  private resizing: ResizeObserver | undefined;

  constructor() {
    super();
    this.setup = setupOf(STARTS[0]);
    [this.mistakes, this.notes, this.trouble, this.words] = [[], [], "", ""];
    [this.neuron, this.checking, this.rate, this.unstable] = [MIDDLE, false, 0, false];
    this.running = undefined;
    this.written = undefined;
    this.copied = undefined;
  }

  static override styles = [
    shared,
    mistakesStyle,
    unsafeCSS(uplotCss),
    css`
      .sides {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 1rem;
        align-items: start;
      }
      @media (max-width: 900px) {
        .sides {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr));
        gap: 0 0.8rem;
      }
      .text {
        font: 0.86rem/1.5 ui-monospace, monospace;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 6px;
        padding: 0.15rem 0.5rem;
        width: 100%;
        box-sizing: border-box;
        min-width: 0;
      }
      .text[aria-invalid="true"] {
        border-color: var(--danger);
        background: color-mix(in srgb, var(--danger) 10%, var(--paper));
      }
      label.line {
        display: block;
        font-size: 0.9rem;
        margin-top: 0.4rem;
      }
      .row {
        display: grid;
        grid-template-columns: minmax(4em, 0.7fr) minmax(6em, 1fr) minmax(4em, 1.3fr) auto;
        gap: 0.4rem;
        align-items: center;
        margin: 0.15rem 0;
      }
      .init .row {
        grid-template-columns: minmax(4em, 0.7fr) minmax(6em, 2.3fr) auto;
      }
      .row input[type="range"] {
        min-width: 0;
        width: 100%;
        accent-color: var(--accent);
      }
      .row button {
        padding: 0 0.5em;
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 0.6rem;
        align-items: center;
        margin: 0.3rem 0;
      }
      .state {
        font-weight: 600;
        color: var(--accent);
      }
      .state.wrong {
        color: var(--danger);
      }
      .danger {
        color: var(--danger);
        white-space: pre-wrap;
      }
      canvas {
        width: 100%;
        height: 210px;
        display: block;
        cursor: crosshair;
        border: 1px solid var(--line);
      }
      .plot {
        height: 140px;
      }
      .key i::before {
        content: "";
        display: inline-block;
        width: 0.8em;
        height: 0.8em;
        margin: 0 0.3em 0 0.7em;
        background: var(--c);
      }
      .key i {
        font-style: normal;
        font-weight: normal;
      }
      .c1 {
        --c: var(--series-1);
      }
      .c2 {
        --c: var(--series-2);
      }
      .c3 {
        --c: var(--series-3);
      }
      .c4 {
        --c: var(--series-4);
      }
      .c5 {
        --c: var(--series-5);
      }
      .c6 {
        --c: var(--series-6);
      }
      .notes {
        white-space: pre-wrap;
        font: 0.82rem/1.3 ui-monospace, monospace;
      }
      .copy {
        max-height: 22rem;
        overflow: auto;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 6px;
        padding: 0.5rem;
        font: 0.8rem/1.4 ui-monospace, monospace;
      }
      fieldset {
        border: 0;
        padding: 0;
        margin: 0.8rem 0 0;
        min-width: 0;
      }
      .number {
        width: 4.5em;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 4px;
      }
      legend {
        font-weight: 600;
        font-size: 0.95rem;
        padding: 0;
        margin: 0 0 0.2rem;
      }
    `,
  ];

  get state(): Record<string, unknown> {
    return { ...this.setup, neuron: this.neuron };
  }

  override firstUpdated(): void {
    this.setup = setupFrom(this.initial, this.setup);
    this.aroundAll();
    const { neuron } = numbersFrom(this.initial, { neuron: { value: MIDDLE, min: 0, max: SIZE - 1 } });
    this.neuron = Math.floor(neuron);
    const canvas = this.renderRoot.querySelector("canvas") as HTMLCanvasElement;
    this.raster = new Raster(canvas);
    this.raster.span = SPAN;
    this.session.addEventListener("frame", (event) => this.show((event as CustomEvent<Frame>).detail));
    this.session.addEventListener("opened", () => this.lay());
    this.session.addEventListener("change", () => (this.unstable = this.session.status === "unstable"));
    this.resizing = new ResizeObserver(() => this.redraw());
    this.resizing.observe(canvas);
    addEventListener("theme", this.redraw);
    void this.check();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.waiting);
    this.turn++;
    this.checker?.terminate();
    this.resizing?.disconnect();
    removeEventListener("theme", this.redraw);
  }

  // What runs

  /** A worker of its own, so that what runs does not wait while a text is checked. */
  private get check_(): RemoteSimulation {
    this.checker ??= new RemoteSimulation(startWorker() as never, { onCrash: () => (this.checker = undefined) });
    return this.checker;
  }

  private edit(changes: Partial<Setup>): void {
    this.setup = { ...this.setup, ...changes };
    this.changed();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.check(), QUIET);
  }

  private write(changes: Partial<Draft>): void {
    this.edit({ draft: { ...this.setup.draft, ...changes } });
  }

  /** Checks what is written, and lets it run where nothing is wrong. */
  private async check(): Promise<void> {
    clearTimeout(this.waiting);
    const turn = ++this.turn;
    const { setup } = this;
    const twice = doubled(setup.draft);
    if (twice !== undefined) return this.refuse({ trouble: twice });
    this.checking = true;
    try {
      const remote = this.check_;
      const facts = await remote.ask("model", definitionOf(setup.draft) as never);
      const { findings } = await remote.ask("open", documentOf(setup));
      if (turn !== this.turn) return;
      await this.run(setup, facts);
      if (turn !== this.turn) return;
      this.notes = findings.map(({ message }) => message);
      [this.mistakes, this.trouble, this.checking] = [[], "", false];
    } catch (error) {
      if (turn !== this.turn) return;
      if (!(error instanceof RemoteError)) throw error;
      const { diagnostics } = error.facts as { readonly diagnostics?: readonly Mistake[] };
      this.refuse(diagnostics ? { mistakes: diagnostics } : { trouble: error.message });
    }
  }

  /** What is under the hand acts without waiting for the check, which follows. */
  private follow(): void {
    const { running, setup } = this;
    if (!running || this.session.status === "unstable" || !changedParameters(running.setup, setup)) return;
    void this.run(setup, running.facts).catch((error: RemoteError) => this.refuse({ trouble: error.message }));
  }

  private refuse({ mistakes = [], trouble = "" }: { mistakes?: readonly Mistake[]; trouble?: string }): void {
    [this.mistakes, this.trouble, this.checking] = [mistakes, trouble, false];
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Lets a model run in place of the one that does: states with the same name and unit go on from where they are. */
  private run(setup: Setup, facts: ModelFacts): Promise<void> {
    return this.inTurn(async () => {
      const { session, running } = this;
      const goesOn = running !== undefined && !this.anew && session.status !== "unstable";
      const changed = goesOn ? changedParameters(running.setup, setup) : undefined;
      if (changed) {
        await session.ask("set", POPULATION, changed);
        await session.ask("setBackground", POPULATION, backgroundOf(this.setup));
        this.running = { setup, facts };
        return;
      }
      const plays = !this.begun || session.status === "playing" || session.status === "unstable";
      const kept = goesOn ? await this.states(running.facts, facts) : {};
      await session.open(documentOf({ ...setup, current: this.setup.current, spread: this.setup.spread }));
      this.watched = undefined;
      this.running = { setup, facts };
      this.begun = true;
      this.anew = false;
      for (const [name, values] of Object.entries(kept)) await session.ask("setState", POPULATION, name, values);
      this.words = goesOn ? this.whatWent(facts, Object.keys(kept)) : "";
      await this.updateComplete;
      this.lay();
      await this.watch();
      if (plays) await session.play();
    });
  }

  /** The present states of the model that runs which the next one has too. */
  private async states(from: ModelFacts, to: ModelFacts): Promise<Record<string, Float64Array>> {
    const { session } = this;
    if (session.status === "playing") await session.pause();
    const kept: Record<string, Float64Array> = {};
    for (const [name, unit] of Object.entries(to.states)) {
      if (!Object.hasOwn(from.states, name) || from.states[name] !== unit) continue;
      const values = await session.ask("state", POPULATION, name);
      if (values.every((x) => Number.isFinite(x))) kept[name] = values;
    }
    return kept;
  }

  private whatWent(facts: ModelFacts, kept: readonly string[]): string {
    const fresh = Object.keys(facts.states).filter((name) => !kept.includes(name));
    const went = kept.length === 0 ? "" : `Went on from where it was: ${kept.join(", ")}.`;
    const anew = fresh.length === 0 ? "" : `Began anew: ${fresh.join(", ")}.`;
    return `${went} ${anew} Time counts from 0 again.`.trim();
  }

  private async watch(): Promise<void> {
    const { session, running } = this;
    if (!running) return;
    if (this.watched !== undefined) await session.unwatch(this.watched);
    const { dt } = running.setup;
    this.watched = await session.watch({
      population: POPULATION,
      variables: groupsOf(running.facts.states).flatMap(({ names }) => names),
      neurons: [this.neuron],
      every: dt * Math.max(1, Math.round(0.2 / dt)),
    });
  }

  private drive(changes: Partial<Pick<Setup, "current" | "spread">>): void {
    this.setup = { ...this.setup, ...changes };
    this.changed();
    void this.inTurn(async () => {
      if (this.running) await this.session.ask("setBackground", POPULATION, backgroundOf(this.setup));
    }).catch((error: RemoteError) => this.refuse({ trouble: error.message }));
  }

  private begin(start: Start): void {
    const text = JSON.stringify(this.setup.draft);
    if (!STARTS.some(({ draft }) => JSON.stringify(draft) === text)) this.written = this.setup;
    this.take(setupOf(start));
  }

  private take(setup: Setup): void {
    this.setup = setup;
    this.aroundAll();
    this.anew = true;
    this.changed();
    void this.check();
  }

  // What is drawn

  /** The same in another size or in other colours. */
  private readonly redraw = (): void =>
    this.session.recent.redraw(SPAN, this.lay, (frame) => this.show(frame));

  private readonly lay = (time = this.session.time): void => {
    const { facts } = this.session;
    if (!facts || !this.running) return;
    const { clientHeight = 0, clientWidth = 1 } = this.renderRoot.querySelector("canvas") ?? {};
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.rows = Math.max(1, Math.floor((clientHeight * ratio) / SIZE));
    this.pixel = SPAN / (clientWidth * ratio);
    const bands = [{ name: POPULATION, size: SIZE * this.rows }];
    this.raster?.lay(bands, colorsOf(this, 1), colorOf(this, "--paper"), time);
    for (const one of this.series) one.close();
    this.spikes = [];
    const hosts = [...this.renderRoot.querySelectorAll<HTMLElement>(".plot")];
    let color = 0;
    this.series = groupsOf(this.running.facts.states).flatMap(({ unit, names }, k) => {
      const host = hosts[k];
      if (!host) return [];
      const one = new Series(host, TRACES);
      const colors = colorsOf(this, MOST_STATES);
      one.lay(
        names.map((label) => ({ label, color: colors[color++] as string })),
        unit === "" ? "no unit" : unit,
      );
      return [one];
    });
  };

  private show(frame: Frame): void {
    if (!this.running) return;
    // a dot is as wide as it is high
    for (let dot = 0; dot < this.rows ** 2; dot++) {
      const [row, earlier] = [dot % this.rows, Math.floor(dot / this.rows) * this.pixel];
      const spikes = frame.spikes.map(({ times, neurons, ...one }) => ({
        ...one,
        times: times.map((t) => t - earlier),
        neurons: neurons.map((neuron) => neuron * this.rows + row),
      }));
      this.raster?.add(spikes, frame.time);
    }
    this.raster?.paint();
    for (const { times, neurons } of frame.spikes)
      neurons.forEach((neuron, k) => neuron === this.neuron && this.spikes.push(times[k] as number));
    this.spikes = this.spikes.filter((t) => t > frame.time - SPAN);
    if (performance.now() - this.told > TELL) {
      this.told = performance.now();
      this.rate = (1000 * this.spikes.length) / Math.min(SPAN, Math.max(frame.time, 1));
    }
    groupsOf(this.running.facts.states).forEach(({ names }, k) => {
      const traces = names.map((name) => frame.traces.find(({ variable }) => variable === name));
      const [first] = traces;
      if (!first || traces.includes(undefined)) return;
      this.series[k]?.add(
        first.time,
        traces.map((trace) => trace?.values[0] ?? []),
      );
      this.series[k]?.paint();
    });
  }

  private pick(event: MouseEvent): void {
    const box = (event.target as HTMLElement).getBoundingClientRect();
    const found = this.raster?.neuronAt(event.clientY - box.top);
    if (found) this.choose(Math.floor(found.neuron / this.rows));
  }

  private choose(neuron: number): void {
    this.neuron = Math.max(0, Math.min(SIZE - 1, Math.round(neuron)));
    this.changed();
    void this.inTurn(async () => {
      await this.watch();
      this.lay();
    }).catch((error: RemoteError) => this.refuse({ trouble: error.message }));
  }

  // Fields

  private aroundAll(): void {
    this.around = new Map(this.setup.draft.params.map(({ name, value }) => [name, value]));
  }

  private of(field: string, row?: string): Mistake[] {
    return this.mistakes.filter((one) => {
      const at = fieldOf(one);
      return at.field === field && at.row === row;
    });
  }

  /** Mistakes in what has no field of its own. */
  private get elsewhere(): Mistake[] {
    const { params, init } = this.setup.draft;
    const known = ["equations", "threshold", "reset", "refractory", "current"];
    return this.mistakes.filter((one) => {
      const { field, row } = fieldOf(one);
      const rows = field === "params" ? params : field === "init" ? init : undefined;
      return rows ? !rows.some(({ name }) => name.trim() === row) : !known.includes(field);
    });
  }

  private code(key: "equations" | "threshold" | "reset" | "refractory", label: string, hint: string): unknown {
    return html`<sp-code
      .label=${label}
      .hint=${hint}
      .value=${this.setup.draft[key]}
      .mistakes=${this.of(key)}
      .single=${key === "threshold" || key === "refractory"}
      @value=${(event: CustomEvent<string>) => this.write({ [key]: event.detail })}
    ></sp-code>`;
  }

  private line(key: "name" | "current", label: string, hint: string): unknown {
    const mistakes = this.of(key);
    return html`<label class="line"
        >${label} <span class="soft">${hint}</span>
        <input
          class="text"
          spellcheck="false"
          aria-invalid=${mistakes.length > 0 ? "true" : "false"}
          .value=${this.setup.draft[key]}
          @input=${(event: Event) => this.write({ [key]: (event.target as HTMLInputElement).value })}
      /></label>
      ${mistakesList(mistakes, (one) => this.write({ [key]: fixed(this.setup.draft[key], one) }))}`;
  }

  private rowsOf(key: "params" | "init"): unknown {
    const rows = this.setup.draft[key];
    const put = (k: number, changes: Partial<Row>): void => {
      const next = rows.map((row, i) => (i === k ? { ...row, ...changes } : row));
      this.write({ [key]: next });
    };
    const what = key === "params" ? "parameter" : "state";
    return html`${rows.map((row, k) => {
        const { name, value } = row;
        const mistakes = this.of(key, name.trim());
        const shown = name === "" ? `${what} ${k + 1}` : name;
        return html`<div class="row">
            <input
              class="text"
              spellcheck="false"
              aria-label="Name of ${what} ${k + 1}"
              .value=${name}
              @input=${(event: Event) => put(k, { name: (event.target as HTMLInputElement).value })}
            />
            <input
              class="text"
              spellcheck="false"
              aria-label=${key === "params" ? `${shown}, with its unit` : `${shown} at the start`}
              aria-invalid=${mistakes.length > 0 ? "true" : "false"}
              .value=${value}
              @input=${(event: Event) => {
                const text = (event.target as HTMLInputElement).value;
                this.around.set(name, text);
                put(k, { value: text });
              }}
            />
            ${key === "params" ? this.slider(row, (text) => put(k, { value: text })) : nothing}
            <button aria-label="Take ${shown} out" title="Take ${shown} out" @click=${() => this.write({ [key]: rows.filter((_, i) => i !== k) })}>
              x
            </button>
          </div>
          ${mistakesList(mistakes, (one) => put(k, { value: fixed(value, one) }))}`;
      })}
      <button @click=${() => this.write({ [key]: [...rows, { name: "", value: "" }] })}>Add a ${what}</button>`;
  }

  private slider({ name, value }: Row, give: (text: string) => void): unknown {
    const range = sliderOf(this.around.get(name) ?? value);
    const found = numberOf(value);
    if (!range || !found) return html`<span></span>`;
    const { min, max, step } = range;
    return html`<input
      type="range"
      aria-label="${name}${found.rest === "" ? "" : ` in ${found.rest}`}"
      .min=${String(min)}
      .max=${String(max)}
      .step=${String(step)}
      .value=${String(found.number)}
      @input=${(event: Event) => {
        give(withNumber(value, Number((event.target as HTMLInputElement).value)));
        this.follow();
      }}
    />`;
  }

  private copy(what: Copy): void {
    const { setup, running } = this;
    const texts: Readonly<Record<Copy, () => string>> = {
      TypeScript: () => typescriptOf(setup),
      "Model file": () => modelFileOf(setup),
      LaTeX: () => running?.facts.latex ?? "",
    };
    const text = texts[what]();
    this.copied = { what, text, done: false };
    navigator.clipboard?.writeText(text).then(
      () => (this.copied = { what, text, done: true }),
      () => undefined,
    );
  }

  // The page

  override render(): unknown {
    return html`<div class="sides">
      <section class="panel" aria-label="The model">${this.editor()}</section>
      <section aria-label="The model running">${this.shown()}</section>
    </div>`;
  }

  private get fieldsAreRight(): boolean {
    return this.mistakes.length === 0 && this.trouble === "";
  }

  private editor(): unknown {
    const { setup, running, copied, fieldsAreRight } = this;
    const start = STARTS.findIndex(({ draft }) => draft.name === setup.draft.name);
    const count = this.mistakes.length;
    return html`<h2>A model as you write it</h2>
      <div class="bar">
        <label
          >Begin with
          <select
            @change=${(event: Event) => {
              const chosen = STARTS[(event.target as HTMLSelectElement).selectedIndex];
              if (chosen) this.begin(chosen);
            }}
          >
            ${STARTS.map(({ title }, k) => html`<option ?selected=${k === start}>${title}</option>`)}
            ${start < 0 ? html`<option selected>${setup.draft.name || "a model of your own"}</option>` : nothing}
          </select></label
        >
        ${
          this.written === undefined
            ? nothing
            : html`<button
                @click=${() => {
                  const { written } = this;
                  this.written = undefined;
                  if (written) this.take(written);
                }}
              >
                Back to what you wrote
              </button>`
        }
        <span class="state ${fieldsAreRight && !this.unstable ? "" : "wrong"}" role="status">
          ${
            fieldsAreRight
              ? this.checking
                ? "Checking"
                : this.unstable
                  ? "Right as a text, but it ran away"
                  : "Runs as it stands"
              : `${count > 0 ? `${count} ${count === 1 ? "mistake" : "mistakes"}` : "Something is wrong"}${running ? ": what ran before goes on" : ""}`
          }
        </span>
      </div>
      <p class="soft">${STARTS[start]?.text ?? ""}</p>
      ${this.trouble === "" ? nothing : html`<p class="danger" role="alert">${this.trouble}</p>`}
      ${mistakesList(this.elsewhere, () => undefined)}
      ${this.code("equations", "Equations", "dX/dt = ... : unit of X, one a line; I is the input")}
      <div class="pair">
        ${this.code("threshold", "Threshold", "a spike where this holds")}
        ${this.code("reset", "Reset", "what a spike does; none: v comes back by itself")}
        ${this.code("refractory", "Refractory", "a time, or a condition")}
        ${this.line("current", "Unit of I", "pA, uA/cm2, mV/ms; 1 for none")}
      </div>
      <fieldset>
        <legend>Parameters</legend>
        ${this.rowsOf("params")}
      </fieldset>
      <fieldset class="init">
        <legend>At the start</legend>
        ${this.rowsOf("init")}
      </fieldset>
      ${this.line("name", "Name of the model", "letters and digits")}
      ${
        this.notes.length === 0 || !fieldsAreRight
          ? nothing
          : html`<details class="soft">
              <summary>${this.notes.length} ${this.notes.length === 1 ? "remark" : "remarks"} of the check</summary>
              ${this.notes.map((note) => html`<p class="notes">${note}</p>`)}
            </details>`
      }
      <h3>Take it with you</h3>
      <div class="bar" role="group" aria-label="Copy">
        ${(["TypeScript", "Model file", "LaTeX"] as const).map(
          (what) => html`<button ?disabled=${!fieldsAreRight || !running} @click=${() => this.copy(what)}>${what}</button>`,
        )}
        <span class="soft" role="status">${copied?.done ? `${copied.what}: copied` : ""}</span>
      </div>
      ${copied ? html`<pre class="copy" tabindex="0" aria-label=${copied.what}>${copied.text}</pre>` : nothing}`;
  }

  private shown(): unknown {
    const { setup, running, neuron, session } = this;
    const { draft, current, spread } = setup;
    const unit = draft.current.trim() === "1" ? "" : draft.current.trim();
    const amount = (of: number): string => `${currentAt(setup, of)}${unit === "" ? "" : ` ${unit}`}`;
    const groups = groupsOf(running?.facts.states ?? { v: "" });
    const start = STARTS.find(({ draft: { name } }) => name === draft.name) ?? STARTS[0];
    const most = Math.max(Math.abs(start.current), Math.abs(current) / 2) * 3;
    const step = 10 ** Math.floor(Math.log10(most / 50));
    let color = 0;
    return html`<h2>The model running</h2>
      <sp-clock .session=${session}></sp-clock>
      <p class="soft" role="status">${this.words}</p>
      <h3>${SIZE} neurons, from ${amount(0)} (top) to ${amount(SIZE - 1)} (bottom), the last second</h3>
      <canvas
        role="img"
        aria-label="Raster of spikes: a row for each neuron, the newest at the right"
        @click=${(event: MouseEvent) => this.pick(event)}
      ></canvas>
      <p class="soft">
        Click a neuron to watch it. Watched: <label>neuron
        <input
          class="number"
          type="number"
          min="0"
          max=${SIZE - 1}
          .value=${String(neuron)}
          @change=${(event: Event) => this.choose(Number((event.target as HTMLInputElement).value))}
        /></label>
        at ${amount(neuron)}, ${this.rate.toFixed(this.rate < 10 ? 1 : 0)} Hz over the last second.
      </p>
      ${groups.map(
        ({ names, unit: own }) => html`<h3 class="key">
            ${names.map((name) => html`<i class="c${++color}">${name}</i>`)} <span class="soft">${own === "" ? "(no unit)" : `in ${own}`}</span>
          </h3>
          <div class="plot"></div>`,
      )}
      <h3>Input and method</h3>
      <sp-slider
        .label=${"Current of the middle neuron"}
        .unit=${unit}
        .hint=${"Constant background; those above it get more, those below less."}
        .min=${-most / 3}
        .max=${most}
        .step=${step}
        .value=${current}
        @value=${(event: CustomEvent<number>) => this.drive({ current: event.detail })}
      ></sp-slider>
      <sp-slider
        .label=${"Spread to both ends"}
        .unit=${unit}
        .hint=${"How far the first and the last neuron's current lie from that."}
        .min=${0}
        .max=${most}
        .step=${step}
        .value=${spread}
        @value=${(event: CustomEvent<number>) => this.drive({ spread: Math.max(0, event.detail) })}
      ></sp-slider>
      <div class="bar">
        <label
          >Time step
          <select
            @change=${(event: Event) => this.edit({ dt: Number((event.target as HTMLSelectElement).value) })}
          >
            ${[...new Set([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, setup.dt])]
              .filter((dt) => dt >= DT.min && dt <= DT.max)
              .sort((a, b) => a - b)
              .map((dt) => html`<option value=${dt} ?selected=${dt === setup.dt}>${dt} ms</option>`)}
          </select></label
        >
        <label
          >Method
          <select @change=${(event: Event) => this.edit({ method: (event.target as HTMLSelectElement).value })}>
            ${["", ...(running?.facts.methods ?? [])].map(
              (method) =>
                html`<option value=${method} ?selected=${method === setup.method}>
                  ${method === "" ? `default (${running?.facts.methods[0] ?? ""})` : method}
                </option>`,
            )}
          </select></label
        >
      </div>
      <p class="soft">
        What you write is checked as you write it, units too. Where it is right it is compiled and goes on from the state of what ran before,
        for the states whose names stay; time begins at 0 again, and Reset begins the states anew too. Sliders act while it runs.
      </p>`;
  }
}
customElements.define("sp-equations", EquationsView);

/** One neuron: traces, phase plane, the same at half the step, f-I curve, and all its numbers at hand. */
import type { KindField, ModelRecord } from "spikelet";
import type { Frame, RemoteSimulation } from "spikelet/worker";
import { css, html, type PropertyValues, unsafeCSS } from "lit";
import { live } from "lit/directives/live.js";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import "../controls/clock.js";
import "../controls/fields.js";
import type { FieldChange } from "../controls/fields.js";
import "../controls/slider.js";
import { shared } from "../controls/style.js";
import { colorOf } from "../draw/colors.js";
import { Curve } from "../draw/curve.js";
import { fieldAt, type Moving, movingField, type Range, roomFor } from "../draw/field.js";
import { Plane } from "../draw/plane.js";
import { Series } from "../draw/series.js";
import { ADVICE } from "../net/advice.js";
import { Lab } from "../net/lab.js";
import {
  backgroundKinds,
  backgroundOf,
  beginning,
  canAddCurrent,
  currentBounds,
  type Entry,
  every,
  fits,
  isNoisy,
  labelled,
  modelOf,
  models,
  neuronDocument,
  type NeuronSettings,
  newEntry,
  orbitDocument,
  otherStates,
  paramsOf,
  scaleOf,
  settingsFrom,
  settingsState,
  sliderBounds,
  SPANS,
  STEPS,
  sweepDocument,
} from "../net/neuron.js";
import { Pairs } from "../net/shift.js";
import { curveWords, spread, Sweep } from "../net/sweep.js";
import { Twin } from "../net/twin.js";
import { numbersFrom, View } from "../view.js";

/** Points per axis of the phase plane's grid. */
const POINTS = 64;
/** Wall ms between two drawings of moved nullclines. */
const MOVE = 120;
/** Currents of a sweep, ms that it does not count, and that it does. */
const [CURRENTS, TRANSIENT, COUNTED] = [61, 300, 1000];
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

class NeuronView extends View {
  static override properties = {
    ...View.properties,
    settings: { state: true },
    panels: { state: true },
    range: { state: true },
    trouble: { state: true },
    planeWords: { state: true },
    halfWords: { state: true },
    sweepWords: { state: true },
  };
  declare settings: NeuronSettings;
  declare panels: Readonly<Record<Panel, boolean>>;
  /** Currents of the sweep. */
  declare range: Readonly<Record<"from" | "to", number>>;
  declare trouble: string;
  declare planeWords: string;
  declare halfWords: string;
  declare sweepWords: string;

  /** What runs. */
  private applied: NeuronSettings | undefined;
  private applying = false;
  private readonly lab = new Lab();
  private readonly planeLab = new Lab();
  private twin: Twin | undefined;
  private waits = false;
  private potential: Series | undefined;
  private others: Series | undefined;
  private current: Series | undefined;
  private plane: Plane | undefined;
  private rateCurve: Curve | undefined;
  private potentialCurve: Curve | undefined;
  private moving: Moving | undefined;
  private ranges: readonly [Range, Range] | undefined;
  private fieldTurn = 0;
  /** The present current, and that for which the nullclines are drawn, and when. */
  private input = 0;
  private drawn = Number.NaN;
  private drawnAt = 0;
  /** Time until which frames were shown. */
  private end = 0;
  private pairs = new Pairs();
  /** When the neuron was put elsewhere. */
  private putAt = 0;
  private swept: { readonly currents: readonly number[]; readonly sweep: Sweep } | undefined;
  private sweeping: ReturnType<typeof setTimeout> | undefined;
  private resizing: ResizeObserver | undefined;

  constructor() {
    super();
    this.settings = beginning("lif");
    this.panels = { plane: true, half: false, sweep: false };
    this.range = { from: 0, to: 1 };
    [this.trouble, this.planeWords, this.halfWords, this.sweepWords] = ["", "", "", ""];
  }

  static override styles = [
    shared,
    unsafeCSS(uplotCss),
    css`
      #plane {
        width: 100%;
        height: 400px;
        display: block;
        cursor: crosshair;
      }
      .tabs {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        margin: 0.6rem 0;
      }
      .tall {
        height: 210px;
      }
      .low {
        height: 115px;
      }
      .key {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 1rem;
      }
      .key span::before {
        content: "";
        display: inline-block;
        width: 1.2em;
        height: 0.25em;
        margin-right: 0.35em;
        vertical-align: middle;
        background: var(--c);
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
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr));
        gap: 0.5rem 1rem;
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
      fieldset {
        border: 1px solid var(--line);
        border-radius: 6px;
        margin: 0.5rem 0;
        padding: 0.3rem 0.6rem;
        min-width: 0;
      }
      legend {
        font-size: 0.85rem;
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

  private get model(): ModelRecord {
    return modelOf(this.settings);
  }

  /** Whether there is a phase plane to show. */
  private get hasPlane(): boolean {
    return Object.keys(this.model.states).length === 2;
  }

  override firstUpdated(): void {
    this.settings = settingsFrom(this.initial);
    const given = (this.initial ?? {}) as { readonly panels?: unknown; readonly range?: unknown };
    const panels = (given.panels ?? {}) as Readonly<Record<string, unknown>>;
    const isOn = (name: Panel): boolean => (typeof panels[name] === "boolean" ? panels[name] === true : name === "plane");
    this.panels = { plane: isOn("plane"), half: isOn("half"), sweep: isOn("sweep") };
    this.range = numbersFrom(given.range, this.usualRange());
    const { session } = this;
    session.speed = 0.1;
    session.addEventListener("frame", (event) => this.show((event as CustomEvent<Frame>).detail));
    session.addEventListener("opened", () => this.restarted());
    session.addEventListener("change", () => this.requestUpdate());
    const host = (id: string): HTMLElement => this.renderRoot.querySelector(`#${id}`) as HTMLElement;
    this.resizing = new ResizeObserver(() => this.lay());
    this.resizing.observe(host("potential"));
    addEventListener("theme", this.lay);
    void this.apply();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.sweeping);
    this.resizing?.disconnect();
    removeEventListener("theme", this.lay);
    for (const one of [this.lab, this.planeLab, this.twin]) one?.close();
  }

  override updated(changed: PropertyValues): void {
    if (changed.has("panels") && this.applied) this.layPlane(false);
  }

  private usualRange(): Record<"from" | "to", { value: number; min: number; max: number }> {
    const scale = scaleOf(this.model);
    const [min, max] = [-1000 * scale, 1000 * scale];
    return { from: { value: 0, min, max }, to: { value: 3 * scale, min, max } };
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
    if (other) this.range = numbersFrom({}, this.usualRange());
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
    this.refreshField();
    this.askForSweep();
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
    const isOther = applied?.model !== next.model || applied.span !== next.span;
    try {
      await session.open(neuronDocument(next));
    } catch (error) {
      if (applied && plays) await session.play();
      throw error;
    }
    this.applied = next;
    const variables = [...Object.keys(modelOf(next).states), "I_background"];
    await session.ask("watch", { population: "neuron", variables, neurons: [0], every: every(next) });
    if (this.panels.half) await this.openTwin(next);
    await this.updateComplete;
    if (isOther) [this.ranges, this.moving] = [undefined, undefined];
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
      (error) => (this.halfWords = error.message),
    );
    await this.twin.open(neuronDocument(settings, settings.dt / 2), ["v"], every(settings));
  }

  private async toggle(panel: Panel): Promise<void> {
    this.panels = { ...this.panels, [panel]: !this.panels[panel] };
    this.changed();
    if (panel === "sweep") {
      await this.updateComplete;
      if (this.panels.sweep) this.askForSweep();
    }
    if (panel === "plane") this.refreshField();
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
    this.lay();
  }

  /** Everything drawn begins anew. */
  private readonly lay = (): void => {
    const { applied } = this;
    if (applied === undefined) return;
    const model = modelOf(applied);
    const host = (id: string): HTMLElement => this.renderRoot.querySelector(`#${id}`) as HTMLElement;
    if (this.ranged !== applied.span) {
      for (const one of [this.potential, this.others, this.current]) one?.close();
      this.ranged = applied.span;
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
    );
    if (states.length > 0) {
      this.others?.lay(
        states.map((name, k) => line(name, k + 2)),
        labelled(states.join(", "), model.states[states[0] as string]?.unit ?? ""),
      );
    }
    this.current?.lay([line("I", 3)], labelled("I", model.current));
    this.paintAll();
    [this.pairs, this.putAt] = [new Pairs(this.end), 0];
    this.halfWords = "";
    this.layPlane(true);
    this.drawSweep();
  };
  private ranged: number | undefined;

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
      this.moveNullclines(input);
      if (this.plane && this.hasPlane && states.length === 1) {
        const isPut = this.putAt > frame.from - 1e-9 && this.putAt < frame.time;
        // only a reset is a jump
        const resets = this.model.family === "resets" ? spikes : [];
        const jumps = isPut ? [...resets, this.putAt + 1e-6].sort((a, b) => a - b) : resets;
        this.plane.add(time, values("v"), values(states[0] as string), jumps);
        this.plane.paint();
      }
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
    this.halfWords = this.pairs.words(this.settings.dt, isNoisy(this.settings));
  }

  // phase plane

  private layPlane(fresh: boolean): void {
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>("#plane");
    if (!canvas || !this.hasPlane || !this.panels.plane) {
      this.plane = undefined;
      return;
    }
    if (this.plane?.canvas !== canvas) this.plane = new Plane(canvas);
    if (this.ranges === undefined) return void this.refreshField();
    const { model } = this;
    const labels = Object.entries(model.states).map(([name, { unit }]) => labelled(name, unit)) as [string, string];
    const color = (name: string): string => colorOf(this, name);
    const [v, w] = this.ranges;
    const colors = {
      paper: color("--paper"),
      ink: color("--ink"),
      soft: color("--ink-soft"),
      line: color("--line"),
      v: color("--series-2"),
      w: color("--series-3"),
      path: color("--series-1"),
      orbit: color("--series-4"),
    };
    this.plane.lay({ v, w, labels, colors }, this.moving && fieldAt(this.moving, this.input), fresh);
    this.drawn = this.input;
    this.planeWords = this.plane.words;
  }

  /** Asks for the flow with the present parameters. */
  private async refreshField(): Promise<void> {
    const { applied, planeLab } = this;
    if (applied === undefined || !this.hasPlane || !this.panels.plane || modelOf(applied) !== this.model) return;
    const turn = ++this.fieldTurn;
    try {
      this.ranges ??= await this.findRanges(applied);
      if (turn !== this.fieldTurn || this.ranges === undefined) return;
      const [v, w] = this.ranges;
      const { model, params } = applied;
      const ask = (current: number): ReturnType<typeof planeLab.ask<"vectorField">> =>
        planeLab.ask("vectorField", model, { params, v, w, current, points: POINTS });
      const [still, one] = await Promise.all([ask(0), ask(1)]);
      if (turn !== this.fieldTurn) return;
      this.moving = movingField(still, one);
      this.layPlane(false);
    } catch (error) {
      if (turn === this.fieldTurn && error instanceof Error) this.planeWords = error.message;
    }
  }

  /** Where the neuron goes: without a current, and with its own. */
  private async findRanges(settings: NeuronSettings): Promise<readonly [Range, Range] | undefined> {
    const [first = "", second = ""] = Object.keys(modelOf(settings).states);
    const found: [Float64Array[], Float64Array[]] = [[], []];
    const experiment = {
      duration: Math.max(300, settings.span),
      variables: [first, second],
      neurons: [0],
      every: every({ ...settings, span: 1000 }),
    };
    for (const document of [sweepDocument(settings, [0]), neuronDocument(settings)]) {
      await this.planeLab.run({ ...experiment, document }, ({ traces }) => {
        for (const { variable, values } of traces) found[variable === first ? 0 : 1].push(...values);
      });
    }
    const [v, w] = found.map((lists) => roomFor(lists));
    return v && w && [v, w];
  }

  /** The nullclines go where the present current moves them. */
  private moveNullclines(input: Float64Array | undefined): void {
    if (!input || input.length === 0) return;
    const last = input[input.length - 1] as number;
    // noise is no current that a neuron follows: its mean over some time is
    if (isNoisy(this.settings)) {
      const mean = input.reduce((sum, x) => sum + x, 0) / input.length;
      const share = Math.min(1, (input.length * every(this.settings)) / 50);
      this.input += share * (mean - this.input);
    } else this.input = last;
    const { plane, moving } = this;
    if (!plane || !moving) return;
    const now = performance.now();
    if (now - this.drawnAt < MOVE) return;
    this.drawnAt = now;
    const [outV, outW] = plane.leaves();
    if (outV || outW) return this.widen();
    if (Math.abs(this.input - this.drawn) < 0.002 * scaleOf(this.model)) return;
    this.drawn = this.input;
    plane.show(fieldAt(moving, this.input));
    this.planeWords = plane.words;
  }

  private widen(): void {
    if (!this.plane || !this.ranges) return;
    const [v, w] = this.plane.reached();
    const join = (a: Range, b: Range | undefined): Range => (b ? [Math.min(a[0], b[0]), Math.max(a[1], b[1])] : a);
    this.ranges = [join(this.ranges[0], roomFor([v])), join(this.ranges[1], roomFor([w]))];
    void this.refreshField();
  }

  /** Puts the neuron at a point of the plane, and shows where it would go with the present current. */
  private async put(v: number, w: number): Promise<void> {
    const { applied, plane } = this;
    if (applied === undefined || !plane) return;
    const [first = "", second = ""] = Object.keys(this.model.states);
    plane.clearOrbit();
    plane.paint();
    try {
      this.putAt = await this.actAtOnce(async (remote) => {
        await remote.ask("setState", "neuron", first, v);
        await remote.ask("setState", "neuron", second, w);
      });
      this.pairs = new Pairs(this.putAt);
      const experiment = {
        document: orbitDocument(applied, { [first]: v, [second]: w }, this.input),
        duration: Math.max(300, applied.span),
        variables: [first, second],
        neurons: [0],
        every: every({ ...applied, span: 500 }),
      };
      await this.planeLab.run(experiment, ({ traces, spikes }) => {
        const [x, y] = [first, second].map((name) => traces.find(({ variable }) => variable === name));
        const resets = this.model.family === "resets" ? (spikes[0]?.times ?? []) : [];
        if (x && y) plane.addOrbit(x.time, x.values[0] ?? [], y.values[0] ?? [], resets);
        plane.paint();
      });
    } catch (error) {
      if (error instanceof Error) this.trouble = error.message;
    }
  }

  private pick(event: MouseEvent): void {
    const state = this.plane?.stateAt(event.offsetX, event.offsetY);
    if (state) void this.put(...state);
  }

  /** Arrow keys move the point. */
  private nudge(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const step = steps[event.key];
    const at = this.plane?.point;
    if (!step || !at || !this.ranges) return;
    event.preventDefault();
    const [v, w] = this.ranges.map(([low, high]) => (high - low) / 25) as [number, number];
    void this.put(at[0] + step[0] * v, at[1] + step[1] * w);
  }

  // f-I curve and bifurcation

  private askForSweep(): void {
    clearTimeout(this.sweeping);
    if (!this.panels.sweep) return;
    this.sweeping = setTimeout(() => void this.runSweep(), 300);
  }

  private async runSweep(): Promise<void> {
    const { applied, range } = this;
    if (applied === undefined) return;
    if (!(range.to > range.from)) {
      this.sweepWords = "The last current must be greater than the first.";
      return;
    }
    const currents = spread(range.from, range.to, CURRENTS);
    const sweep = new Sweep(CURRENTS, TRANSIENT, COUNTED);
    const experiment = {
      document: sweepDocument(applied, currents),
      duration: TRANSIENT + COUNTED,
      variables: ["v"],
      neurons: [...currents.keys()],
      every: every({ dt: applied.dt, span: 500 }),
    };
    try {
      const isDone = await this.lab.run(experiment, (frame) => {
        sweep.take(frame);
        this.sweepWords = `Computing, ${Math.round(100 * sweep.fraction)} %.`;
      });
      if (!isDone) return;
      this.swept = { currents, sweep };
      this.sweepWords = curveWords(currents, sweep.rates, this.model.current);
    } catch (error) {
      this.swept = undefined;
      if (error instanceof Error) this.sweepWords = error.message;
    }
    this.drawSweep();
  }

  private drawSweep(): void {
    const [rates, potentials] = ["rates", "bifurcation"].map((id) => this.renderRoot.querySelector<HTMLElement>(`#${id}`));
    for (const one of [this.rateCurve, this.potentialCurve]) one?.close();
    [this.rateCurve, this.potentialCurve] = [undefined, undefined];
    if (!rates || !potentials || !this.swept || !this.panels.sweep) return;
    const { model } = this;
    const { currents, sweep } = this.swept;
    const color = (k: number): string => colorOf(this, `--series-${k}`);
    const axis = labelled("I", model.current);
    this.rateCurve = new Curve(rates);
    this.rateCurve.draw(currents, [{ label: "rate", color: color(1), values: sweep.rates }], [axis, "rate (Hz)"]);
    this.potentialCurve = new Curve(potentials);
    this.potentialCurve.draw(
      currents,
      [
        { label: "greatest", color: color(2), values: sweep.most, points: true },
        { label: "least", color: color(1), values: sweep.least, points: true },
      ],
      [axis, labelled("v", model.states.v?.unit ?? "")],
    );
  }

  // controls

  private changeEntry(index: number, { name, value }: FieldChange): void {
    const { background } = this.settings;
    const entry = background[index] as Entry;
    const kind = backgroundKinds(this.model).find((one) => one.name === entry.kind);
    const field = kind?.fields.find((one) => one.name === name);
    if (!field) return;
    if (value !== undefined && !fits(field, value)) {
      this.trouble = `${entry.kind}.${name} is ${value}; allowed: ${field.range ?? `a ${field.type}`}.`;
      return this.requestUpdate();
    }
    const { [name]: _, ...others } = entry;
    const next = (value === undefined ? others : { ...entry, [name]: value }) as Entry;
    this.change({ background: background.map((one, k) => (k === index ? next : one)) });
  }

  private changeKind(index: number, name: string): void {
    const kind = backgroundKinds(this.model).find((one) => one.name === name);
    if (!kind) return;
    const { background } = this.settings;
    this.change({ background: background.map((one, k) => (k === index ? newEntry(kind, this.model) : one)) });
  }

  private addCurrent(): void {
    const [kind] = backgroundKinds(this.model);
    if (kind) this.change({ background: [...this.settings.background, newEntry(kind, this.model)] });
  }

  private currents(): unknown {
    const { model, settings } = this;
    const known = backgroundKinds(model);
    return html`${settings.background.map((entry, index) => {
        const kind = known.find(({ name }) => name === entry.kind);
        return (
          kind &&
          html`<fieldset>
            <legend>Current ${index + 1}</legend>
            <div class="row">
              <select aria-label="Kind of current ${index + 1}" @change=${(event: Event) => this.changeKind(index, (event.target as HTMLSelectElement).value)}>
                ${known.map(({ name }) => html`<option .selected=${live(name === entry.kind)}>${name}</option>`)}
              </select>
              <button aria-label="Remove current ${index + 1}" @click=${() => this.change({ background: settings.background.filter((_, k) => k !== index) })}>Remove</button>
            </div>
            <p class="soft">${kind.text}.</p>
            <sp-fields
              .fields=${kind.fields}
              .values=${entry}
              .bounds=${currentBounds(kind, model, entry)}
              @field=${(event: CustomEvent<FieldChange>) => this.changeEntry(index, event.detail)}
            ></sp-fields>
          </fieldset>`
        );
      })}
      <button ?disabled=${!canAddCurrent(settings)} @click=${() => this.addCurrent()}>Add a current</button>`;
  }

  private parameters(): unknown {
    const { model, settings } = this;
    return Object.entries(model.params).map(([name, record]) => {
      const value = settings.params[name] as number;
      const { min, max, step } = sliderBounds(record, value);
      return html`<sp-slider
        .label=${name}
        .unit=${record.unit}
        .hint=${record.text}
        .min=${min}
        .max=${max}
        .step=${step}
        .value=${live(value)}
        @value=${(event: CustomEvent<number>) => this.change({ params: { ...this.settings.params, [name]: event.detail } })}
      ></sp-slider>`;
    });
  }

  private start(): unknown {
    const fields = Object.entries(this.model.states).map(([name, { unit, text }]): KindField => ({
      name,
      type: "number",
      unit,
      required: false,
      text: `${text} at time 0; where the model rests when left empty`,
      default: "rest",
    }));
    return html`<p class="soft">Empty: as the model starts by itself.</p>
      <sp-fields
        .fields=${fields}
        .values=${this.settings.init}
        @field=${({ detail: { name, value } }: CustomEvent<FieldChange>) => {
          const { [name]: _, ...others } = this.settings.init;
          this.change({ init: typeof value === "number" ? { ...others, [name]: value } : others });
        }}
      ></sp-fields>`;
  }

  private clockwork(): unknown {
    const { settings, model } = this;
    const steps = [...new Set([...STEPS, settings.dt])].sort((a, b) => a - b);
    const spans = [...new Set([...SPANS, settings.span])].sort((a, b) => a - b);
    const select = (
      label: string,
      values: readonly (string | number)[],
      value: string | number,
      unit: string,
      give: (value: string) => void,
    ): unknown =>
      html`<label class="row">
        <span>${label} ${unit === "" ? "" : html`<span class="soft">${unit}</span>`}</span>
        <select @change=${(event: Event) => give((event.target as HTMLSelectElement).value)}>
          ${values.map((one) => html`<option value=${one} .selected=${live(one === value)}>${one}</option>`)}
        </select>
      </label>`;
    return html`${select("Time step dt", steps, settings.dt, "ms", (dt) => this.change({ dt: Number(dt) }))}
      ${select("Method", model.methods, settings.method, "", (method) => this.change({ method }))}
      ${select("Shown time", spans, settings.span, "ms", (span) => this.change({ span: Number(span) }))}
      <label class="row">
        <span>Seed of noise</span>
        <input
          type="number"
          min="0"
          step="1"
          size="6"
          .value=${live(String(settings.seed))}
          @change=${(event: Event) => {
            const seed = Number((event.target as HTMLInputElement).value);
            if (Number.isSafeInteger(seed) && seed >= 0) this.change({ seed });
          }}
        />
      </label>`;
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
        ${this.halfWords} ${panels.half ? `Same equations, same method (${method}), half the step: where the lines part, dt is too large.` : ""}
      </p>
      <div ?hidden=${states.length === 0}>
        <h3>${states.map((name) => `${name}: ${model.states[name]?.text ?? ""}`).join("; ")}</h3>
        <div class="plot low" id="others"></div>
        <div class="key soft">${states.map((name, k) => html`<span class="c${k + 2}">${name}</span>`)}</div>
      </div>
      <h3>Current into the neuron</h3>
      <div class="plot low" id="current"></div>`;
  }

  private planePanel(): unknown {
    const [first = "", second = ""] = Object.keys(this.model.states);
    return html`<section>
      <h3>Phase plane</h3>
      <canvas
        id="plane"
        tabindex="0"
        role="img"
        aria-label="Phase plane of ${first} and ${second}. Click to put the neuron at a point; arrow keys move it."
        @click=${(event: MouseEvent) => this.pick(event)}
        @keydown=${(event: KeyboardEvent) => this.nudge(event)}
      ></canvas>
      <div class="key soft">
        <span class="c1">the neuron</span><span class="c2">d${first}/dt = 0</span><span class="c3">d${second}/dt = 0</span>
        <span class="c4">from where you clicked, at this current</span>
      </div>
      <p class="soft">
        ${this.planeWords} Arrows: where the neuron goes from there. Nullclines cross at equilibria: filled attracts, open repels, dashed is a
        saddle. The current moves the nullcline of ${first}. Click, or use the arrow keys, to put the neuron elsewhere.
      </p>
    </section>`;
  }

  private sweepPanel(): unknown {
    const { model, range } = this;
    const { from, to } = this.usualRange();
    const slider = (key: "from" | "to", label: string): unknown =>
      html`<sp-slider
        .label=${label}
        .unit=${model.current}
        .hint=${"A constant current, in place of those of the neuron"}
        .min=${Math.min(-to.value, range[key])}
        .max=${Math.max(2 * to.value, range[key])}
        .step=${to.value / 60}
        .value=${range[key]}
        @value=${(event: CustomEvent<number>) => {
          const value = Math.min(from.max, Math.max(from.min, event.detail));
          this.range = { ...this.range, [key]: value };
          this.changed();
          this.askForSweep();
        }}
      ></sp-slider>`;
    return html`<section>
      <div class="pair">
        <div>
          <h3>f-I curve: rate over constant current</h3>
          <div class="plot tall" id="rates"></div>
        </div>
        <div>
          <h3>Bifurcation: least and greatest v</h3>
          <div class="plot tall" id="bifurcation"></div>
          <div class="key soft"><span class="c2">greatest</span><span class="c1">least</span></div>
        </div>
      </div>
      <p class="soft" aria-live="polite">${this.sweepWords}</p>
      <p class="soft">
        ${CURRENTS} copies of this neuron, each with another constant current, from their start on: counted from ${TRANSIENT} to
        ${TRANSIENT + COUNTED} ms. Where least and greatest are one, the neuron rests; where they part, it fires or oscillates.
        ${isNoisy(this.settings) ? "The noise of the neuron acts on each of them." : ""}
      </p>
      <div class="pair">${slider("from", "First current")} ${slider("to", "Last current")}</div>
    </section>`;
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
    const isShown = (panel: Panel): boolean => panel !== "plane" || this.hasPlane;
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
          ${panels.plane && this.hasPlane ? this.planePanel() : ""}
        </div>
        ${panels.sweep ? this.sweepPanel() : ""} ${this.about()}
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
        <details open>
          <summary>Current</summary>
          ${this.currents()}
        </details>
        <details open>
          <summary>Parameters</summary>
          ${this.parameters()}
          <button @click=${() => this.change({ params: paramsOf(model, settings.preset) })}>Back to the ${preset ? "preset" : "defaults"}</button>
        </details>
        <details open>
          <summary>Time step and method</summary>
          ${this.clockwork()}
        </details>
        <details>
          <summary>Start</summary>
          ${this.start()}
        </details>
      </aside>
    </div>`;
  }
}
customElements.define("sp-neuron", NeuronView);

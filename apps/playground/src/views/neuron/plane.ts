/** The phase plane of a neuron with two variables, which runs elsewhere: what it does is added here as it comes. */
import { css, html, LitElement, type PropertyValues } from "lit";
import { type Equilibrium, equilibria, nullclines } from "spikelet";
import { shared } from "../../controls/style.js";
import { fieldAt, type Moving, movingField, type Range, roomFor } from "../../draw/field.js";
import { Plane } from "../../draw/plane.js";
import { Lab } from "../../net/lab.js";
import {
  beginning,
  every,
  isNoisy,
  modelOf,
  neuronDocument,
  type NeuronSettings,
  orbitDocument,
  scaleOf,
  sweepDocument,
} from "../../net/neuron.js";
import { legends } from "./style.js";

/** Points per axis of the grid. */
const POINTS = 64;
/** Wall ms between two drawings of moved nullclines. */
const MOVE = 120;
/** ms over which noise is averaged: it is no current that a nullcline follows. */
const MEAN = 50;
/** ms that a neuron is looked at, at least, to know where it goes. */
const LOOK = 300;
/** Parts of the plane that an arrow key moves the neuron by. */
const NUDGE = 25;

/** Samples that say whether the neuron leaves the plane. */
const RECENT = 200;

/** Stable, unstable and saddle points in words. */
function inWords(points: readonly Equilibrium[]): string {
  const short = (x: number): string => String(Number(x.toPrecision(3))).replace("-", "\u2212");
  if (points.length === 0) return "No equilibrium here: the neuron cannot rest at this current.";
  return `Equilibria at this current: ${points.map(({ kind, v, w }) => `(${short(v)}, ${short(w)}), ${kind}`).join("; ")}.`;
}

/** Values of the states by their names. */
export type State = Readonly<Record<string, number>>;

/** Samples of a stretch of time. */
export interface Stretch {
  readonly from: number;
  /** ms */
  readonly time: Float64Array;
  readonly v: Float64Array;
  readonly w: Float64Array;
  readonly input: Float64Array | undefined;
  readonly spikes: ArrayLike<number>;
}

/** Gives `put` with the state into which a person puts the neuron. */
export class NeuronPlane extends LitElement {
  static override properties = { settings: { attribute: false }, words: { state: true } };
  declare settings: NeuronSettings;
  declare words: string;
  private readonly lab = new Lab();
  private plane: Plane | undefined;
  private moving: Moving | undefined;
  private ranges: readonly [Range, Range] | undefined;
  private turn = 0;
  /** The present current, and that for which the nullclines are drawn, and when. */
  private input = 0;
  private drawn = Number.NaN;
  private drawnAt = 0;
  /** When the neuron was put elsewhere, in its ms. */
  private putAt = Number.NaN;
  private resizing: ResizeObserver | undefined;

  constructor() {
    super();
    this.settings = beginning("fitzhughNagumo");
    this.words = "";
  }

  static override styles = [
    shared,
    legends,
    css`
      canvas {
        width: 100%;
        height: 400px;
        display: block;
        cursor: crosshair;
      }
    `,
  ];

  override firstUpdated(): void {
    const canvas = this.renderRoot.querySelector("canvas") as HTMLCanvasElement;
    this.plane = new Plane(canvas);
    this.resizing = new ResizeObserver(this.lay);
    this.resizing.observe(canvas);
    addEventListener("theme", this.lay);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizing?.disconnect();
    removeEventListener("theme", this.lay);
    this.lab.close();
  }

  override updated(changed: PropertyValues<this>): void {
    if (!changed.has("settings")) return;
    const before = changed.get("settings");
    const { model, preset, params } = this.settings;
    if (before?.model !== model || before.preset !== preset) {
      [this.ranges, this.moving] = [undefined, undefined];
      this.restart();
    } else if (before.params === params) return;
    void this.refresh();
  }

  private get names(): readonly [string, string] {
    const [first = "", second = ""] = Object.keys(modelOf(this.settings).states);
    return [first, second];
  }

  /** The path begins anew. */
  restart(): void {
    this.putAt = Number.NaN;
    this.plane?.clear();
    this.lay();
  }

  private readonly lay = (): void => {
    const { plane, ranges, moving, settings } = this;
    if (!plane || !ranges) return;
    const [x, y] = Object.entries(modelOf(settings).states).map(([label, { unit }], k) => {
      return { label, unit, range: ranges[k] as Range };
    });
    if (x && y) plane.lay(x, y);
    if (moving) this.draw(plane, moving);
    plane.paint();
  };

  /** Draws the flow at the present current. */
  private draw(plane: Plane, moving: Moving): void {
    this.drawn = this.input;
    const field = fieldAt(moving, this.input);
    const points = equilibria(field);
    plane.setLines({ ...nullclines(field), equilibria: points }, field);
    this.words = inWords(points);
  }

  /** Asks for the flow with the present parameters. */
  private async refresh(): Promise<void> {
    const { settings, lab } = this;
    const turn = ++this.turn;
    try {
      const ranges = this.ranges ?? (await this.findRanges(settings));
      if (turn !== this.turn || ranges === undefined) return;
      this.ranges = ranges;
      const [v, w] = ranges;
      const { model, params } = settings;
      const ask = (current: number): ReturnType<typeof lab.ask<"vectorField">> =>
        lab.ask("vectorField", model, { params, v, w, current, points: POINTS });
      const [still, one] = await Promise.all([ask(0), ask(1)]);
      if (turn !== this.turn) return;
      this.moving = movingField(still, one);
      this.lay();
    } catch (error) {
      if (turn === this.turn && error instanceof Error) this.words = error.message;
    }
  }

  /** Where the neuron goes: without a current, and with its own. */
  private async findRanges(settings: NeuronSettings): Promise<readonly [Range, Range] | undefined> {
    const [first, second] = this.names;
    const found: [Float64Array[], Float64Array[]] = [[], []];
    const experiment = {
      duration: Math.max(LOOK, settings.span),
      variables: [first, second],
      neurons: [0],
      every: every({ ...settings, span: 1000 }),
    };
    for (const document of [sweepDocument(settings, [0]), neuronDocument(settings)]) {
      await this.lab.run({ ...experiment, document }, ({ traces }) => {
        for (const { variable, values } of traces) found[variable === first ? 0 : 1].push(...values);
      });
    }
    const [v, w] = found.map((lists) => roomFor(lists));
    return v && w && [v, w];
  }

  /** What the neuron did. */
  add({ from, time, v, w, input, spikes }: Stretch): void {
    this.follow(input);
    const { plane, putAt } = this;
    if (!plane || time.length === 0) return;
    // only a reset is a jump
    const resets = modelOf(this.settings).family === "resets" ? Array.from(spikes) : [];
    const isPut = putAt > from - 1e-9 && putAt < (time.at(-1) as number);
    const jumps = isPut ? [...resets, putAt + 1e-6].sort((a, b) => a - b) : resets;
    plane.add(v, w, { time, jumps });
    plane.paint();
  }

  /** The nullclines go where the present current moves them. */
  private follow(input: Float64Array | undefined): void {
    if (!input || input.length === 0) return;
    const last = input[input.length - 1] as number;
    if (isNoisy(this.settings)) {
      const mean = input.reduce((sum, x) => sum + x, 0) / input.length;
      const share = Math.min(1, (input.length * every(this.settings)) / MEAN);
      this.input += share * (mean - this.input);
    } else this.input = last;
    const { plane, moving, ranges } = this;
    const now = performance.now();
    if (!plane || !moving || !ranges || now - this.drawnAt < MOVE) return;
    this.drawnAt = now;
    const [outV, outW] = plane.leaves(RECENT);
    if (outV || outW) return this.widen(plane, ranges);
    if (Math.abs(this.input - this.drawn) < 0.002 * scaleOf(modelOf(this.settings))) return;
    this.draw(plane, moving);
  }

  private widen(plane: Plane, [rangeV, rangeW]: readonly [Range, Range]): void {
    const [v, w] = plane.reached;
    const join = (a: Range, b: Range | undefined): Range => (b ? [Math.min(a[0], b[0]), Math.max(a[1], b[1])] : a);
    this.ranges = [join(rangeV, roomFor([v])), join(rangeW, roomFor([w]))];
    void this.refresh();
  }

  /** The neuron is in a state since a time in ms, into which it was put. */
  markPut(time: number): void {
    this.putAt = time;
  }

  /** Has the neuron put elsewhere, and shows where it goes from there at the present current. */
  private async put(v: number, w: number): Promise<void> {
    const { plane, settings, names } = this;
    if (!plane) return;
    const [first, second] = names;
    const state: State = { [first]: v, [second]: w };
    this.dispatchEvent(new CustomEvent<State>("put", { detail: state }));
    plane.clearOrbit();
    plane.paint();
    const experiment = {
      document: orbitDocument(settings, state, this.input),
      duration: Math.max(LOOK, settings.span),
      variables: [first, second],
      neurons: [0],
      every: every({ ...settings, span: 500 }),
    };
    try {
      await this.lab.run(experiment, ({ traces, spikes }) => {
        const [x, y] = names.map((name) => traces.find(({ variable }) => variable === name));
        const resets = modelOf(settings).family === "resets" ? (spikes[0]?.times ?? []) : [];
        if (x && y) plane.addOrbit(x.values[0] ?? [], y.values[0] ?? [], { time: x.time, jumps: resets });
        plane.paint();
      });
    } catch (error) {
      if (error instanceof Error) this.words = error.message;
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
    const step = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
    const at = this.plane?.point;
    if (!step || !at || !this.ranges) return;
    event.preventDefault();
    const [v, w] = this.ranges.map(([low, high]) => (high - low) / NUDGE) as [number, number];
    void this.put(at[0] + step[0] * v, at[1] + step[1] * w);
  }

  override render(): unknown {
    const [first, second] = this.names;
    const label = `Phase plane of ${first} and ${second}. ` + "Click to put the neuron at a point; arrow keys move it.";
    return html`<h3>Phase plane</h3>
      <canvas
        tabindex="0"
        role="img"
        aria-label=${label}
        @click=${(event: MouseEvent) => this.pick(event)}
        @keydown=${(event: KeyboardEvent) => this.nudge(event)}
      ></canvas>
      <div class="key soft">
        <span class="c1">the neuron</span>
        <span class="c2">d${first}/dt = 0</span>
        <span class="c3">d${second}/dt = 0</span>
        <span class="c4">from where you clicked, at this current</span>
      </div>
      <p class="soft">
        ${this.words} Arrows: where the neuron goes from there. Nullclines cross at equilibria: filled attracts, open
        repels, dashed is a saddle. The current moves the nullcline of ${first}. Click, or use the arrow keys, to put
        the neuron elsewhere.
      </p>`;
  }
}
customElements.define("sp-neuron-plane", NeuronPlane);

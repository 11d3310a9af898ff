/** The f-I curve of a neuron, and its least and greatest potential, over a range of constant currents. */
import type { ModelRecord } from "spikelet";
import { css, html, LitElement, type PropertyValues, unsafeCSS } from "lit";
import uplotCss from "uplot/dist/uPlot.min.css?inline";
import "../../controls/slider.js";
import { shared } from "../../controls/style.js";
import { colorOf } from "../../draw/colors.js";
import { Curve } from "../../draw/curve.js";
import { Lab } from "../../net/lab.js";
import {
  beginning,
  every,
  isNoisy,
  labelled,
  modelOf,
  type NeuronSettings,
  scaleOf,
  twoWayDocument,
} from "../../net/neuron.js";
import { curveWords, memoryWords, spread, Sweep } from "../../net/sweep.js";
import { legends } from "./style.js";

/** Currents of a sweep, ms that it does not count, and that it does. */
const [CURRENTS, TRANSIENT, COUNTED] = [51, 600, 800];
/** Of the ms that are not counted: at the first or the last current, and from there on the way. */
const [HOLD, RAMP] = [150, 300];
/** Wall ms without a change after which it is computed. */
const STILL = 300;

/** Of each current: on the way up, and on the way down. */
const ways = (values: readonly number[]): readonly [number[], number[]] => [
  values.slice(0, CURRENTS),
  values.slice(CURRENTS),
];

export type CurrentRange = Readonly<Record<"from" | "to", number>>;

/** The currents that a model's sweep begins with, and those that may be chosen. */
export function usualRange(
  model: ModelRecord,
): Record<keyof CurrentRange, { value: number; min: number; max: number }> {
  const scale = scaleOf(model);
  const [min, max] = [-1000 * scale, 1000 * scale];
  return { from: { value: 0, min, max }, to: { value: 3 * scale, min, max } };
}

/** Gives `range` when a person chooses other currents. */
export class NeuronSweep extends LitElement {
  static override properties = {
    settings: { attribute: false },
    range: { attribute: false },
    words: { state: true },
  };
  declare settings: NeuronSettings;
  declare range: CurrentRange;
  declare words: string;
  private readonly lab = new Lab();
  private rateCurve: Curve | undefined;
  private potentialCurve: Curve | undefined;
  private swept: { readonly currents: readonly number[]; readonly sweep: Sweep } | undefined;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private resizing: ResizeObserver | undefined;

  constructor() {
    super();
    this.settings = beginning("lif");
    this.range = { from: 0, to: 1 };
    this.words = "";
  }

  static override styles = [
    shared,
    legends,
    unsafeCSS(uplotCss),
    css`
      p {
        min-height: 1.2em;
      }
    `,
  ];

  override firstUpdated(): void {
    this.resizing = new ResizeObserver(this.draw);
    this.resizing.observe(this.renderRoot.querySelector("#rates") as HTMLElement);
    addEventListener("theme", this.draw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.waiting);
    this.resizing?.disconnect();
    removeEventListener("theme", this.draw);
    this.lab.close();
  }

  override updated(changed: PropertyValues): void {
    if (!changed.has("settings") && !changed.has("range")) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.run(), STILL);
  }

  private async run(): Promise<void> {
    const { settings, range } = this;
    if (!(range.to > range.from)) {
      this.words = "The last current must be greater than the first.";
      return;
    }
    const currents = spread(range.from, range.to, CURRENTS);
    const sweep = new Sweep(2 * CURRENTS, TRANSIENT, COUNTED);
    const experiment = {
      document: twoWayDocument(settings, currents, HOLD, RAMP),
      duration: TRANSIENT + COUNTED,
      variables: ["v"],
      neurons: Array.from({ length: 2 * CURRENTS }, (_, k) => k),
      every: every({ dt: settings.dt, span: 500 }),
    };
    try {
      const isDone = await this.lab.run(experiment, (frame) => {
        sweep.take(frame);
        this.words = `Computing, ${Math.round(100 * sweep.fraction)} %.`;
      });
      if (!isDone) return;
      this.swept = { currents, sweep };
      const { current } = modelOf(settings);
      const [up, down] = ways(sweep.rates);
      this.words = curveWords(currents, up, current) + memoryWords(currents, up, down, current);
    } catch (error) {
      this.swept = undefined;
      if (error instanceof Error) this.words = error.message;
    }
    this.draw();
  }

  private readonly draw = (): void => {
    const [rates, potentials] = ["#rates", "#bifurcation"].map((id) => this.renderRoot.querySelector<HTMLElement>(id));
    for (const one of [this.rateCurve, this.potentialCurve]) one?.close();
    [this.rateCurve, this.potentialCurve] = [undefined, undefined];
    if (!rates || !potentials || !this.swept) return;
    const model = modelOf(this.settings);
    const { currents, sweep } = this.swept;
    const color = (k: number): string => colorOf(this, `--series-${k}`);
    const axis = labelled("I", model.current);
    this.rateCurve = new Curve(rates);
    const [up, down] = ways(sweep.rates);
    this.rateCurve.draw(
      currents,
      [
        { label: "down", color: color(4), values: down },
        { label: "up", color: color(1), values: up },
      ],
      [axis, "rate (Hz)"],
    );
    const [least, leastDown] = ways(sweep.least);
    const [most, mostDown] = ways(sweep.most);
    this.potentialCurve = new Curve(potentials);
    this.potentialCurve.draw(
      currents,
      [
        { label: "greatest, down", color: color(4), values: mostDown, points: true },
        { label: "least, down", color: color(3), values: leastDown, points: true },
        { label: "greatest, up", color: color(2), values: most, points: true },
        { label: "least, up", color: color(1), values: least, points: true },
      ],
      [axis, labelled("v", model.states.v?.unit ?? "")],
    );
  };

  override render(): unknown {
    const { range, settings } = this;
    const model = modelOf(settings);
    const { from, to } = usualRange(model);
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
          const detail: CurrentRange = { ...this.range, [key]: value };
          this.dispatchEvent(new CustomEvent<CurrentRange>("range", { detail }));
        }}
      ></sp-slider>`;
    return html`
      <div class="pair">
        <div>
          <h3>f-I curve: rate over constant current</h3>
          <div class="plot tall" id="rates"></div>
          <div class="key soft"><span class="c1">from the first current up</span><span class="c4">from the last current down</span></div>
        </div>
        <div>
          <h3>Bifurcation: least and greatest v</h3>
          <div class="plot tall" id="bifurcation"></div>
          <div class="key soft">
            <span class="c2">greatest</span><span class="c1">least</span><span class="c4">greatest, on the way down</span
            ><span class="c3">least, on the way down</span>
          </div>
        </div>
      </div>
      <p class="soft" aria-live="polite">${this.words}</p>
      <p class="soft">
        ${CURRENTS} copies of this neuron come from the first current up to one of their own, and as many from the last current
        down, from ${HOLD} to ${HOLD + RAMP} ms: counted from ${TRANSIENT} to ${TRANSIENT + COUNTED} ms.
        Where least and greatest are one, the neuron rests; where they part, it fires or oscillates. Where the two ways differ,
        the neuron has two states at one current (hysteresis): see hodgkinHuxley between 6 and 10 uA/cm2.
        ${model.family === "resets" ? "Spikes are cut at the reset: how high the last sample before it lies is chance." : ""}
        ${isNoisy(settings) ? "The noise of the neuron acts on each of them." : ""}
      </p>
      <div class="pair">${slider("from", "First current")} ${slider("to", "Last current")}</div>
`;
  }
}
customElements.define("sp-neuron-sweep", NeuronSweep);

/** `<spikelet-neuron>`: one neuron that runs in a page. */
import type { Frame, ModelFacts, NetworkFacts } from "../worker/protocol.js";
import { readInteger, readNumber, readObject } from "../model/check.js";
import type { RemoteSimulation } from "../worker/remote.js";
import { NEURON_ATTRIBUTES, plainOrText, readBackground, readJson, readModelText, readPairs } from "./attributes.js";
import { type Colors, growing, paintPlot, Track } from "./chart.js";
import { asAttributes, NEURON, type NeuronChoice, neuronBackground, neuronDocument } from "./documents.js";
import { LiveElement, make, mirror, SliderRow } from "./live.js";
import { axisText, boundsOf, currentBounds } from "./scale.js";

/** A variable as it is drawn. */
interface Strip {
  readonly variable: string;
  readonly canvas: HTMLCanvasElement;
  readonly track: Track;
  unit: string;
  range: readonly [number, number] | undefined;
}

/** Names apart by spaces; `v` where there are none. */
function wordsOf(text: string | null): string[] {
  const words = (text ?? "").split(/[\s,]+/).filter((name) => name !== "");
  return words.length > 0 ? words : ["v"];
}

/** One neuron: its voltage, its spikes, and a slider for its background current. */
export class SpikeletNeuron extends LiveElement {
  /** @internal */
  static readonly observedAttributes = Object.keys(NEURON_ATTRIBUTES);
  /** @internal */
  protected readonly attributes_ = NEURON_ATTRIBUTES;
  /** @internal */
  protected override readonly usualSpeed = 0.2;

  /** Name of a built-in model. */
  declare model: string | undefined;
  /** A preset of the model. */
  declare preset: string | undefined;
  /** Parameters as `NAME = VALUE`, apart by `;`. */
  declare params: string | undefined;
  /** States at time 0 as `NAME = VALUE`, apart by `;`. */
  declare init: string | undefined;
  /** The constant background current: a number in the unit of the model, or a text with a unit. */
  declare current: number | string | undefined;
  /** More background currents, as JSON. */
  declare background: string | undefined;
  /** States to draw, apart by spaces. */
  declare variables: string | undefined;
  /** Time step in ms. */
  declare dt: number | string | undefined;
  /** Method of integration. */
  declare method: string | undefined;
  /** ms that are drawn. */
  declare span: number | string | undefined;
  /** Whether all is computed at once. */
  declare once: boolean;
  /** Address of a file with a model as equations. */
  declare src: string | undefined;
  /** ms at which it stops. */
  declare duration: number | string | undefined;
  /** Simulated ms per ms. */
  declare speed: number | string | undefined;
  /** Seed of its random numbers. */
  declare seed: number | string | undefined;
  /** Whether it waits for a click. */
  declare paused: boolean;
  /** What can be clicked: `all`, `play` or `none`. */
  declare controls: string | undefined;
  /** What it is called. */
  declare label: string | undefined;

  private choice: NeuronChoice | undefined;
  private next: NeuronChoice | undefined;
  private facts_: ModelFacts | undefined;
  private nextFacts: ModelFacts | undefined;
  /** A current that makes it fire. */
  private usual = 1;
  private nextUsual = 1;
  private strips: Strip[] = [];
  private spikes: number[] = [];
  private slider: SliderRow | undefined;

  /** The model file that it runs; undefined until it is open. */
  get document(): object | undefined {
    return this.choice && neuronDocument(this.choice);
  }

  /** @internal */
  protected override get drawn(): number {
    return this.choice?.span ?? 200;
  }

  /** @internal */
  protected override get atOnce(): boolean {
    return this.hasAttribute("once");
  }

  /** @internal */
  protected override placed(message: string): string {
    return asAttributes(super.placed(message));
  }

  /** The model: built in, from a file, or from equations in the element. */
  private async chosenModel(): Promise<string | Record<string, unknown>> {
    const json = await this.text("application/json");
    if (json !== undefined) return { ...readObject(readJson(json, "model"), "model", "a model as equations") };
    const equations = await this.text("text/plain");
    if (equations === undefined) return this.getAttribute("model") ?? "adex";
    return readModelText(equations);
  }

  /** @internal */
  protected override async prepare(remote: RemoteSimulation): Promise<object> {
    const given = (name: string): string | undefined => this.getAttribute(name) ?? undefined;
    const model = await this.chosenModel();
    const facts = await remote.ask("model", model as never);
    const pairs = (name: string): Record<string, number | string> | undefined =>
      given(name) === undefined ? undefined : readPairs(given(name) as string, name);
    const current = given("current");
    const usual =
      facts.example?.current ??
      (await remote.ask("rheobase", model as never).then(
        (x) => 1.5 * x,
        () => 0,
      ));
    const span = this.number("span") ?? this.number("duration") ?? facts.example?.duration ?? 200;
    const choice: NeuronChoice = {
      model,
      preset: given("preset"),
      params: pairs("params"),
      init: pairs("init"),
      method: given("method"),
      current: current === undefined ? usual : readNumber(plainOrText(current), "current", facts.current),
      background: readBackground(given("background") ?? null, "background"),
      variables: wordsOf(this.getAttribute("variables")),
      dt: this.number("dt") ?? facts.example?.dt ?? 0.1,
      seed: readInteger(plainOrText(given("seed") ?? "1"), "seed", 0, Number.MAX_SAFE_INTEGER),
      span,
    };
    [this.next, this.nextFacts, this.nextUsual] = [choice, facts, usual];
    return neuronDocument(choice);
  }

  /** @internal */
  protected override opened(_: NetworkFacts): void {
    [this.choice, this.facts_, this.usual] = [this.next, this.nextFacts, this.nextUsual];
    const { choice, facts_: facts, parts } = this;
    if (choice === undefined || facts === undefined) return;
    this.strips = choice.variables.map((variable) => ({
      variable,
      canvas: make("canvas", { role: "img", ariaLabel: `${variable} over ${choice.span} ms, spikes above` }),
      track: new Track(1, choice.span),
      unit: facts.states[variable] ?? "",
      range: undefined,
    }));
    parts.plots.replaceChildren(...this.strips.map(({ canvas }) => make("div", { className: "plot" }, canvas)));
    this.name(choice.preset === undefined ? facts.id : `${facts.id}, ${choice.preset}`);
    this.slider = new SliderRow("Background current", facts.current, (value) => {
      this.setAttribute("current", String(value));
    });
    parts.sliders.replaceChildren(this.slider.row);
    this.showSlider();
  }

  /** @internal */
  protected override blank(): Node[] {
    return wordsOf(this.getAttribute("variables")).map(() => make("div", { className: "plot" }));
  }

  private showSlider(): void {
    const { choice } = this;
    if (choice === undefined) return;
    const [min, max] = [this.number("min"), this.number("max")];
    const value = Number(choice.current);
    const bounds = min !== undefined && max !== undefined && max > min ? boundsOf(min, max) : undefined;
    this.slider?.set(bounds ?? currentBounds(value, this.usual, { min, max }), value);
  }

  /** @internal */
  protected override cleared(): void {
    this.spikes = [];
    for (const strip of this.strips) {
      strip.track.clear();
      strip.range = undefined;
    }
  }

  /** @internal */
  protected override take({ spikes, traces, time }: Frame): void {
    for (const strip of this.strips) {
      const found = traces.find(({ variable }) => variable === strip.variable);
      if (found === undefined) continue;
      strip.unit = found.unit;
      strip.track.add(found.time, found.values);
    }
    this.spikes.push(...(spikes.find(({ population }) => population === NEURON)?.times ?? []));
    const since = time - this.drawn;
    if (this.spikes.length > 0 && (this.spikes[0] as number) < since)
      this.spikes = this.spikes.filter((t) => t >= since);
  }

  /** @internal */
  protected override paint(colors: Colors): void {
    const [to, from] = [Math.max(this.drawn, this.time), Math.max(0, this.time - this.drawn)];
    this.strips.forEach((strip, k) => {
      strip.range = growing(strip.range, strip.track.extent(from));
      paintPlot(
        strip.canvas,
        {
          track: strip.track,
          label: axisText(strip.variable, strip.unit),
          from,
          to,
          range: strip.range ?? [-80, 40],
          ...(k === 0 && { spikes: this.spikes }),
          first: k === 0 ? 0 : k + 1,
          foot: k === this.strips.length - 1,
        },
        colors,
      );
    });
  }

  /** @internal */
  protected override async apply(name: string, remote: RemoteSimulation): Promise<void> {
    const { choice, facts_: facts } = this;
    if (choice === undefined || facts === undefined) return;
    if (name === "current") {
      const text = this.getAttribute("current");
      const current = text === null ? this.usual : readNumber(plainOrText(text), "current", facts.current);
      await remote.ask("setBackground", NEURON, neuronBackground({ ...choice, current }));
      this.choice = { ...choice, current };
    }
    if (["current", "min", "max"].includes(name)) this.showSlider();
  }
}
mirror(SpikeletNeuron.prototype, NEURON_ATTRIBUTES);

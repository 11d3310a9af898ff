/** Currents, parameters, step and start of a neuron, as forms made from the records of its model and of currents. */
import type { KindField, ModelRecord } from "spikelet";
import { css, html, LitElement } from "lit";
import { live } from "lit/directives/live.js";
import "../../controls/fields.js";
import type { FieldChange } from "../../controls/fields.js";
import "../../controls/slider.js";
import { shared } from "../../controls/style.js";
import {
  backgroundKinds,
  beginning,
  canAddCurrent,
  currentBounds,
  type Entry,
  fits,
  modelOf,
  type NeuronSettings,
  newEntry,
  paramsOf,
  sliderBounds,
  SPANS,
  STEPS,
} from "../../net/neuron.js";

/** Gives `settings` with what a person changed, and `trouble` for what cannot be. */
export class NeuronControls extends LitElement {
  static override properties = { settings: { attribute: false } };
  declare settings: NeuronSettings;

  constructor() {
    super();
    this.settings = beginning("lif");
  }

  static override styles = [
    shared,
    css`
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
    `,
  ];

  private get model(): ModelRecord {
    return modelOf(this.settings);
  }

  private change(detail: Partial<NeuronSettings>): void {
    this.dispatchEvent(new CustomEvent<Partial<NeuronSettings>>("settings", { detail }));
  }

  private changeEntry(index: number, { name, value }: FieldChange): void {
    const { background } = this.settings;
    const entry = background[index] as Entry;
    const kind = backgroundKinds(this.model).find((one) => one.name === entry.kind);
    const field = kind?.fields.find((one) => one.name === name);
    if (!field) return;
    if (value !== undefined && !fits(field, value)) {
      const detail = `${entry.kind}.${name} is ${value}; allowed: ${field.range ?? `a ${field.type}`}.`;
      this.dispatchEvent(new CustomEvent<string>("trouble", { detail }));
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
        @value=${({ detail }: CustomEvent<number>) =>
          this.change({ params: { ...this.settings.params, [name]: detail } })}
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

  override render(): unknown {
    const { settings, model } = this;
    const preset = Object.hasOwn(model.presets, settings.preset);
    return html`<details open>
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
        </details>`;
  }
}
customElements.define("sp-neuron-controls", NeuronControls);

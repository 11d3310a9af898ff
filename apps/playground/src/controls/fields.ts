/** A form made from the fields of a kind: numbers with their units, choices, flags. What is left empty is left out. */
import type { KindField } from "spikelet";
import { css, html, LitElement, nothing } from "lit";
import { live } from "lit/directives/live.js";
import "./slider.js";
import { shared } from "./style.js";

export interface FieldChange {
  readonly name: string;
  /** undefined: left out. */
  readonly value: number | string | boolean | undefined;
}

export class Fields extends LitElement {
  static override properties = {
    fields: { attribute: false },
    values: { attribute: false },
    bounds: { attribute: false },
  };
  declare fields: readonly KindField[];
  declare values: Readonly<Record<string, unknown>>;
  /** Fields that have a slider, by name. */
  declare bounds: Readonly<Record<string, { readonly min: number; readonly max: number; readonly step: number }>>;

  constructor() {
    super();
    [this.fields, this.values, this.bounds] = [[], {}, {}];
  }

  static override styles = [
    shared,
    css`
      label {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        gap: 0.5rem;
        margin: 0.35rem 0;
        font-size: 0.9rem;
      }
      input[type="number"],
      select {
        width: 7em;
        text-align: right;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 4px;
        padding: 0 0.3em;
      }
    `,
  ];

  private give(name: string, value: FieldChange["value"]): void {
    const detail: FieldChange = { name, value };
    this.dispatchEvent(new CustomEvent<FieldChange>("field", { detail, bubbles: true, composed: true }));
  }

  private number(field: KindField, text: string): void {
    const value = Number(text);
    if (text.trim() === "" && !field.required) this.give(field.name, undefined);
    else if (text.trim() !== "" && Number.isFinite(value)) this.give(field.name, value);
  }

  private control(field: KindField): unknown {
    const { name, type, unit, required, text, choices = [] } = field;
    const value = this.values[name];
    const shown = html`<span>${name} ${unit === "" ? "" : html`<span class="soft">${unit}</span>`}</span>`;
    const bounds = this.bounds[name];
    if (bounds && typeof value === "number") {
      return html`<sp-slider
        .label=${name}
        .unit=${unit}
        .hint=${text}
        .min=${bounds.min}
        .max=${bounds.max}
        .step=${bounds.step}
        .value=${live(value)}
        @value=${(event: CustomEvent<number>) => this.give(name, event.detail)}
      ></sp-slider>`;
    }
    if (type === "flag") {
      return html`<label title=${text}>
        ${shown}
        <input type="checkbox" .checked=${live(value === true)} @change=${(event: Event) => this.give(name, (event.target as HTMLInputElement).checked)} />
      </label>`;
    }
    if (type === "choice") {
      return html`<label title=${text}>
        ${shown}
        <select @change=${(event: Event) => this.give(name, (event.target as HTMLSelectElement).value || undefined)}>
          ${required ? "" : html`<option value="">none</option>`}
          ${choices.map((one) => html`<option .selected=${live(one === value)}>${one}</option>`)}
        </select>
      </label>`;
    }
    if (!["number", "value", "integer"].includes(type)) {
      return html`<p class="soft">${name}: in model files only. ${text}</p>`;
    }
    return html`<label title=${text}>
      ${shown}
      <input
        type="number"
        step=${type === "integer" ? 1 : "any"}
        aria-label="${name}${unit === "" ? "" : ` in ${unit}`}"
        placeholder=${required ? nothing : String(field.default ?? "none")}
        .value=${live(typeof value === "number" ? String(value) : "")}
        @change=${(event: Event) => this.number(field, (event.target as HTMLInputElement).value)}
      />
    </label>`;
  }

  override render(): unknown {
    return this.fields.map((field) => this.control(field));
  }
}
customElements.define("sp-fields", Fields);

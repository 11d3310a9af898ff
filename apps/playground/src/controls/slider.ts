/** A number with a slider and a field, its name, unit and meaning. */
import { css, html, LitElement, nothing } from "lit";
import { shared } from "./style.js";

export class Slider extends LitElement {
  static override properties = {
    label: {},
    unit: {},
    hint: {},
    min: { type: Number },
    max: { type: Number },
    step: { type: Number },
    value: { type: Number },
  };
  declare label: string;
  declare unit: string;
  declare hint: string;
  declare min: number;
  declare max: number;
  declare step: number;
  declare value: number;

  constructor() {
    super();
    [this.label, this.unit, this.hint] = ["", "", ""];
    [this.min, this.max, this.step, this.value] = [0, 1, 0.01, 0];
  }

  static override styles = [
    shared,
    css`
      label {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0 0.5rem;
        margin: 0.35rem 0;
        font-size: 0.9rem;
      }
      input[type="range"] {
        grid-column: 1 / 3;
        width: 100%;
        accent-color: var(--accent);
      }
      .number {
        width: 5.2em;
        text-align: right;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 4px;
        padding: 0 0.3em;
      }
    `,
  ];

  private give(text: string): void {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) return;
    this.value = value;
    this.dispatchEvent(new CustomEvent<number>("value", { detail: value, bubbles: true, composed: true }));
  }

  override render(): unknown {
    const { label, unit, hint, min, max, step, value } = this;
    const shown = Number(value.toPrecision(6));
    return html`<label title=${hint === "" ? nothing : hint}>
      <span>${label} ${unit === "" ? "" : html`<span class="soft">${unit}</span>`}</span>
      <input
        class="number"
        type="number"
        step="any"
        .value=${String(shown)}
        aria-label="${label}${unit === "" ? "" : ` in ${unit}`}"
        @change=${(event: Event) => this.give((event.target as HTMLInputElement).value)}
      />
      <input
        type="range"
        min=${min}
        max=${max}
        step=${step}
        .value=${String(value)}
        aria-label="${label}, slider"
        @input=${(event: Event) => this.give((event.target as HTMLInputElement).value)}
      />
    </label>`;
  }
}
customElements.define("sp-slider", Slider);

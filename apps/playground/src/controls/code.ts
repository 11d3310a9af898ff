/** A text of a model that is written in the page: its lines are marked where they are wrong, and told why below. */
import { css, html, LitElement, nothing } from "lit";
import { fixed, type Mistake, piecesOf } from "../equations/draft.js";
import { shared } from "./style.js";

export const mistakesStyle = css`
  ul.mistakes {
    list-style: none;
    margin: 0.2rem 0 0.5rem;
    padding: 0 0 0 0.6rem;
    border-left: 3px solid var(--danger);
    font-size: 0.87rem;
  }
  .mistakes li {
    margin: 0.3rem 0;
  }
  .mistakes pre {
    margin: 0.2rem 0;
    overflow-x: auto;
    color: var(--ink-soft);
    font: 0.82rem/1.3 ui-monospace, monospace;
  }
  .mistakes strong {
    color: var(--danger);
    font-weight: 600;
  }
`;

/** Mistakes with their lines, a caret, and a button where it is known what to write instead. */
export function mistakesList(mistakes: readonly Mistake[], fix: (mistake: Mistake) => void): unknown {
  if (mistakes.length === 0) return nothing;
  return html`<ul class="mistakes">
    ${mistakes.map(
      (one) => html`<li>
        <strong>Line ${one.line}, column ${one.column}:</strong> ${one.message}
        ${
          one.fix === undefined
            ? nothing
            : html`<button @click=${() => fix(one)}>${one.fix === "" ? "Take it out" : html`Write <code>${one.fix}</code>`}</button>`
        }
        <pre>${one.frame}</pre>
      </li>`,
    )}
  </ul>`;
}

export class Code extends LitElement {
  static override properties = {
    label: {},
    hint: {},
    value: {},
    mistakes: { attribute: false },
    single: { type: Boolean },
  };
  declare label: string;
  declare hint: string;
  declare value: string;
  declare mistakes: readonly Mistake[];
  /** One line. */
  declare single: boolean;

  constructor() {
    super();
    [this.label, this.hint, this.value, this.mistakes, this.single] = ["", "", "", [], false];
  }

  static override styles = [
    shared,
    mistakesStyle,
    css`
      label {
        display: block;
        font-size: 0.9rem;
        margin-top: 0.4rem;
      }
      .field {
        position: relative;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--paper);
        overflow: hidden;
      }
      .field:focus-within {
        outline: 2px solid var(--accent);
      }
      textarea,
      .behind {
        font: 0.86rem/1.5 ui-monospace, monospace;
        tab-size: 2;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        padding: 0.3rem 0.5rem;
        margin: 0;
        border: 0;
        box-sizing: border-box;
        width: 100%;
      }
      /* as high as what stands behind it */
      textarea {
        position: absolute;
        inset: 0;
        height: 100%;
        resize: none;
        background: transparent;
        color: inherit;
        outline: none;
        overflow: hidden;
      }
      .behind {
        color: transparent;
        pointer-events: none;
      }
      .behind div {
        min-height: 1.5em;
      }
      .behind .bad {
        background: color-mix(in srgb, var(--danger) 12%, transparent);
      }
      .behind mark {
        color: transparent;
        background: none;
        text-decoration: underline wavy var(--danger) 1.5px;
        text-underline-offset: 3px;
      }
      .behind mark.gap {
        border-bottom: 2px solid var(--danger);
      }
    `,
  ];

  private give(value: string): void {
    this.value = value;
    this.dispatchEvent(new CustomEvent<string>("value", { detail: value, bubbles: true, composed: true }));
  }

  private input(event: Event): void {
    const { value } = event.target as HTMLTextAreaElement;
    this.give(this.single ? value.replace(/\n/g, " ") : value);
  }

  override render(): unknown {
    const { label, hint, value, mistakes } = this;
    const lines = value.split("\n");
    return html`<label for="text">${label} ${hint === "" ? "" : html`<span class="soft">${hint}</span>`}</label>
      <div class="field">
        <div class="behind" aria-hidden="true">${lines.map((line, k) => this.line(line, k + 1))}</div>
        <textarea
          id="text"
          spellcheck="false"
          autocomplete="off"
          autocapitalize="off"
          aria-invalid=${mistakes.length > 0 ? "true" : "false"}
          .value=${value}
          @input=${(event: Event) => this.input(event)}
        ></textarea>
      </div>
      ${mistakesList(mistakes, (one) => this.give(fixed(value, one)))}`;
  }

  private line(text: string, line: number): unknown {
    const pieces = piecesOf(text, line, this.mistakes);
    const bad = this.mistakes.some((one) => one.line === line);
    return html`<div class=${bad ? "bad" : nothing}>${pieces.map((piece) =>
      piece.marked ? html`<mark class=${piece.text === " " ? "gap" : nothing}>${piece.text}</mark>` : piece.text,
    )}</div>`;
  }
}
customElements.define("sp-code", Code);

/** Any model file, running: raster, rates, a trace, its findings, and its backgrounds turned up and down. */
import { css, html } from "lit";
import "../controls/clock.js";
import "../controls/live.js";
import "../controls/share.js";
import "../controls/slider.js";
import type { Chosen } from "../controls/live.js";
import { shared } from "../controls/style.js";
import { GALLERY, galleryDocument } from "../gallery.js";
import { backgroundsOf, forPage, scaledBackground, withFactors } from "../net/scaling.js";
import { ask } from "../net/tools.js";
import { fieldsOf, View } from "../view.js";

/** Largest document that a link holds, in characters. */
const IN_LINK = 300_000;
const FIRST = "coba";
/** How far backgrounds can be turned up. */
const MOST = 3;

/** What the view shows. */
interface Opened {
  /** Its entry in the gallery, where it is one. */
  readonly entry: string | undefined;
  readonly title: string;
  readonly words: string;
  readonly document: object;
}

class DocumentView extends View {
  static override properties = {
    ...View.properties,
    opened: { state: true },
    factors: { state: true },
    chosen: { state: true },
    trouble: { state: true },
  };
  declare opened: Opened | undefined;
  declare factors: Readonly<Record<string, number>>;
  declare chosen: Chosen | undefined;
  declare trouble: string;

  constructor() {
    super();
    [this.opened, this.factors, this.chosen, this.trouble] = [undefined, {}, undefined, ""];
  }

  static override styles = [
    shared,
    css`
      .trouble {
        color: var(--danger);
        white-space: pre-wrap;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        margin: 0.4rem 0;
      }
      select {
        max-width: 100%;
      }
      textarea {
        width: 100%;
        height: 40vh;
        box-sizing: border-box;
        font: 0.85rem/1.35 ui-monospace, monospace;
        color: inherit;
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 6px;
      }
      input[type="file"] {
        display: none;
      }
      ul {
        padding-left: 1.2rem;
        margin: 0.3rem 0;
        font-size: 0.87rem;
      }
    `,
  ];

  get state(): Record<string, unknown> {
    const { opened, factors, chosen } = this;
    if (opened === undefined) return {};
    const { entry, document } = opened;
    const fits = entry === undefined && this.leftOut === "";
    return { ...(entry !== undefined && { entry }), ...(fits && { document }), factors, chosen };
  }

  override get leftOut(): string {
    const { opened } = this;
    if (opened === undefined || opened.entry !== undefined) return "";
    const { length } = JSON.stringify(opened.document);
    if (length <= IN_LINK) return "";
    const [is, most] = [length, IN_LINK].map((count) => count.toLocaleString("en"));
    return `This model file is too long for a link (${is} characters, ${most} at most): a plain link opens without it. Save it as a file and drop it onto the page.`;
  }

  override firstUpdated(): void {
    this.session.addEventListener("change", () => this.requestUpdate());
    void this.first();
  }

  /** What a link or a file said, or the first of the gallery. */
  private async first(): Promise<void> {
    const given = fieldsOf(this.initial);
    const { snapshot } = this;
    const chosen = fieldsOf(given.chosen);
    if (typeof chosen.population === "string") {
      this.chosen = { population: chosen.population, neuron: Number(chosen.neuron), variable: String(chosen.variable) };
    }
    try {
      this.opened = await this.wanted(given);
      this.factors = this.factorsFrom(given.factors);
    } catch (error) {
      this.trouble = (error as Error).message;
    }
    // a snapshot that came without its document says it itself
    if (snapshot !== undefined && this.opened === undefined) {
      try {
        const document = await ask("documentOf", snapshot);
        const { name = "" } = document as { readonly name?: string };
        const words = "Goes on from the saved moment.";
        this.opened = { entry: undefined, title: name || "Snapshot", words, document };
      } catch (error) {
        this.snapshot = undefined;
        this.trouble = `The saved state cannot be gone on from: ${(error as Error).message}`;
      }
    }
    this.opened ??= await this.fromGallery(FIRST);
    await this.start();
  }

  private async wanted({ entry, document, text }: Readonly<Record<string, unknown>>): Promise<Opened | undefined> {
    if (typeof entry === "string") {
      const found = await this.fromGallery(entry);
      if (found === undefined) throw new Error(`The gallery has no ${JSON.stringify(entry.slice(0, 60))}.`);
      return found;
    }
    if (typeof text === "string") return this.fromText(text);
    if (document !== undefined) return this.fromText(JSON.stringify(document));
    return undefined;
  }

  private async fromGallery(entry: string): Promise<Opened | undefined> {
    const document = await galleryDocument(entry);
    const { title = entry, words = "" } = GALLERY.find(({ name }) => name === entry) ?? {};
    return document && { entry, title, words, document };
  }

  /** @throws Error what is wrong with the file, and where */
  private async fromText(text: string): Promise<Opened> {
    const { document, name } = await ask("read", text);
    return { entry: undefined, title: name === "" ? "Model file" : name, words: "", document };
  }

  private factorsFrom(given: unknown): Record<string, number> {
    const known = this.opened === undefined ? [] : [...backgroundsOf(this.opened.document).keys()];
    const all = fieldsOf(given);
    return Object.fromEntries(
      known.flatMap((name) => {
        const factor = Object.hasOwn(all, name) ? all[name] : undefined;
        return typeof factor === "number" && factor >= 0 && factor <= MOST ? [[name, factor]] : [];
      }),
    );
  }

  private async start(): Promise<void> {
    const { opened, factors } = this;
    if (opened === undefined) return;
    try {
      await this.openFirst(() => forPage(withFactors(opened.document, factors)));
      await this.session.play();
    } catch (error) {
      this.trouble = (error as Error).message;
    }
  }

  /** Opens another document; one that is wrong leaves what runs as it is. */
  private async change(make: () => Promise<Opened | undefined>): Promise<void> {
    this.trouble = "";
    const before = [this.opened, this.factors] as const;
    try {
      const opened = await make();
      if (opened === undefined) return;
      await this.session.open(forPage(opened.document));
      [this.opened, this.factors] = [opened, {}];
      this.changed();
    } catch (error) {
      [this.opened, this.factors] = before;
      this.trouble = (error as Error).message;
    }
    await this.session.play();
  }

  private async turn(name: string, factor: number): Promise<void> {
    const background = scaledBackground(backgroundsOf(this.opened?.document ?? {}).get(name), factor);
    if (background === undefined) return;
    this.factors = { ...this.factors, [name]: factor };
    this.changed();
    await this.session.ask("setBackground", name, background).catch((error: Error) => this.session.warn(error.message));
  }

  private pickFile(event: Event): void {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (file) this.dispatchEvent(new CustomEvent<File>("file", { detail: file, bubbles: true, composed: true }));
    input.value = "";
  }

  override async document(): Promise<object> {
    const now = await super.document();
    const { record } = (this.opened?.document ?? {}) as { readonly record?: unknown };
    return record === undefined ? now : { ...now, record };
  }

  override render(): unknown {
    const { opened, session, trouble } = this;
    const findings = session.facts?.findings ?? [];
    const populations = session.facts?.populations ?? [];
    const backgrounds = backgroundsOf(opened?.document ?? {});
    const synapses = session.facts?.projections.reduce((sum, one) => sum + one.synapses, 0) ?? 0;
    return html`<div class="columns">
      <section>
        <sp-live
          .session=${session}
          .chosen=${this.chosen}
          @chosen=${(event: CustomEvent<Chosen>) => {
            this.chosen = event.detail;
            this.changed();
          }}
        ></sp-live>
        <details>
          <summary>The model file as text</summary>
          <textarea
            aria-label="Model file"
            spellcheck="false"
            .value=${opened === undefined ? "" : JSON.stringify(opened.document, null, 2)}
          ></textarea>
          <button
            @click=${() =>
              this.change(() => this.fromText(this.renderRoot.querySelector("textarea")?.value ?? ""))}
          >
            Run this text
          </button>
        </details>
      </section>
      <aside class="panel">
        <sp-clock .session=${session}></sp-clock>
        ${trouble === "" ? "" : html`<p class="trouble" role="alert">${trouble}</p>`}
        <h3>${opened?.title ?? ""}</h3>
        <p class="soft">${opened?.words ?? ""}</p>
        <div class="line">
          <button @click=${() => this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click()}>
            Open a file
          </button>
          <input
            type="file"
            aria-label="Model file or snapshot"
            tabindex="-1"
            accept=".json,.spikelet"
            @change=${(event: Event) => this.pickFile(event)}
          />
          <select
            aria-label="From the gallery"
            @change=${(event: Event) => {
              const { value } = event.target as HTMLSelectElement;
              if (value !== "") void this.change(() => this.fromGallery(value));
            }}
          >
            <option value="">From the gallery</option>
            ${GALLERY.map(
              ({ name, title }) => html`<option value=${name} ?selected=${name === opened?.entry}>${title}</option>`,
            )}
          </select>
        </div>
        ${this.leftOut === "" ? "" : html`<p class="trouble">${this.leftOut}</p>`}
        <p class="soft">A model file or a snapshot can also be dropped anywhere on the page.</p>
        <h3>Populations</h3>
        ${populations.map(({ name, model, size }) => {
          const simple = scaledBackground(backgrounds.get(name), 1) !== undefined;
          return html`<p class="soft">
              <strong>${name}</strong>: ${size} ${model}${simple ? "" : ", no background current to turn"}
            </p>
            ${
              simple
                ? html`<sp-slider
                    .label=${`Background of ${name}`}
                    .unit=${"x the file's"}
                    .hint=${"All currents of this population's background, as multiples of those in the file."}
                    .min=${0}
                    .max=${MOST}
                    .step=${0.01}
                    .value=${this.factors[name] ?? 1}
                    @value=${(event: CustomEvent<number>) =>
                      this.turn(name, Math.min(MOST, Math.max(0, event.detail)))}
                  ></sp-slider>`
                : ""
            }`;
        })}
        <p class="soft">${synapses.toLocaleString("en")} synapses, dt ${session.facts?.dt ?? ""} ms.</p>
        ${
          findings.length === 0
            ? html`<p class="soft">The check before the run has nothing to say.</p>`
            : html`<h3>Findings</h3>
                <ul>
                  ${findings.map(({ level, message }) => html`<li><strong>${level}</strong>: ${message}</li>`)}
                </ul>`
        }
        <sp-share .view=${this}></sp-share>
      </aside>
    </div>`;
  }
}
customElements.define("sp-document", DocumentView);

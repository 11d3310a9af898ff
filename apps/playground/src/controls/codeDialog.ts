/** The same network as a program, a model file, a command, and as the scripts of other tools, to copy. */
import { css, html, LitElement } from "lit";
import { ask } from "../net/tools.js";
import { type Tool, TOOLS } from "../share/tools.js";
import { saveFile } from "../share/save.js";
import { shared } from "./style.js";

interface Page {
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly words: readonly string[];
  readonly notes: readonly string[];
}

/** What it can be shown as. */
const TITLES = {
  typescript: "TypeScript",
  file: "Model file",
  command: "Command line",
  nest: "NEST",
  brian2: "Brian2",
  pynn: "PyNN",
  neuroml: "NeuroML",
} as const;
type Shape = keyof typeof TITLES;

/** Characters that are shown; the rest is there when it is copied or saved. */
const SHOWN = 60_000;

export class CodeDialog extends LitElement {
  static override properties = { shape: { state: true }, page: { state: true }, said: { state: true } };
  declare shape: Shape;
  declare page: Page | undefined;
  declare said: string;
  private network: object = {};
  private asked = 0;

  constructor() {
    super();
    [this.shape, this.page, this.said] = ["typescript", undefined, ""];
  }

  static override styles = [
    shared,
    css`
      dialog {
        width: min(60rem, 94vw);
        max-height: 90vh;
        color: var(--ink);
        background: var(--paper);
        border: 1px solid var(--line);
        border-radius: 8px;
      }
      header,
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem;
        align-items: baseline;
      }
      h2 {
        flex: 1;
      }
      pre {
        max-height: 48vh;
        overflow: auto;
        background: var(--panel);
        border: 1px solid var(--line);
        border-radius: 6px;
        padding: 0.6rem;
        font-size: 0.85rem;
        line-height: 1.35;
      }
      ul {
        max-height: 20vh;
        overflow: auto;
        font-size: 0.87rem;
      }
    `,
  ];

  async show(network: object): Promise<void> {
    this.network = network;
    await this.updateComplete;
    this.renderRoot.querySelector("dialog")?.showModal();
    await this.turn("typescript");
  }

  private async turn(shape: Shape): Promise<void> {
    const asked = ++this.asked;
    [this.shape, this.page, this.said] = [shape, undefined, ""];
    try {
      const page = await this.made(shape);
      if (asked === this.asked) this.page = page;
    } catch (error) {
      if (asked === this.asked) this.page = { files: [], words: [(error as Error).message], notes: [] };
    }
  }

  private async made(shape: Shape): Promise<Page> {
    const { name, content } = await ask("modelFile", this.network);
    const stem = name.replace(/\.json$/, "");
    if (shape === "file") {
      const words = ["What the command line and this page read."];
      return { files: [{ path: name, content: content as string }], words, notes: [] };
    }
    if (shape === "command") {
      const text = `npm install -g spikelet\nspikelet check ${name}\nspikelet run ${name} --out results/${stem}\n`;
      const words = [`Save the model file as ${name} first.`];
      return { files: [{ path: "command.sh", content: text }], words, notes: [] };
    }
    if (shape === "typescript") {
      const text = await ask("typescript", this.network);
      return {
        files: [{ path: `${stem}.ts`, content: text }],
        words: [`npm install spikelet; npx tsx ${stem}.ts`],
        notes: [],
      };
    }
    const { title, files, notes, usage } = await ask("exported", this.network, shape satisfies Tool);
    return { files, words: [`For ${title}.`, ...usage], notes };
  }

  private async copy(content: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(content);
      this.said = "Copied.";
    } catch {
      this.said = "The browser does not let pages copy here: select the text, or save the file.";
    }
  }

  override render(): unknown {
    const { page, shape, said } = this;
    const shapes: readonly Shape[] = ["typescript", "file", "command", ...TOOLS];
    return html`<dialog aria-labelledby="title" @close=${() => this.remove()}>
      <header>
        <h2 id="title">The same network as</h2>
        <button @click=${() => this.renderRoot.querySelector("dialog")?.close()}>Close</button>
      </header>
      <div class="line" role="group" aria-label="As what">
        ${shapes.map(
          (one) => html`<button aria-pressed=${one === shape} @click=${() => this.turn(one)}>${TITLES[one]}</button>`,
        )}
      </div>
      ${page === undefined ? html`<p class="soft" role="status">Being written</p>` : ""}
      ${page?.words.map((words) => html`<p>${words}</p>`)}
      ${page?.files.map(
        ({ path, content }) => html`<div class="line">
            <h3>${path}</h3>
            <button @click=${() => this.copy(content)}>Copy</button>
            <button @click=${() => saveFile(path.split("/").at(-1) ?? path, content, "text/plain")}>Save</button>
          </div>
          <pre tabindex="0" aria-label=${path}>${content.slice(0, SHOWN) + (content.length > SHOWN ? "\n..." : "")}</pre>`,
      )}
      ${
        page && page.notes.length > 0
          ? html`<h3>What is not the same there</h3>
              <ul>
                ${page.notes.map((note) => html`<li>${note}</li>`)}
              </ul>`
          : ""
      }
      <p class="soft" role="status">${said}</p>
    </dialog>`;
  }
}
customElements.define("sp-code-dialog", CodeDialog);

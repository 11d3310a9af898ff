/** What goes out of the page: links, spikes, figures, the model file, snapshots, and the same network as code. */
import { css, html, LitElement } from "lit";
import { writeLink } from "../link.js";
import { MOST_SPIKES } from "../net/kept.js";
import { MOST_TIMES } from "../net/keptTraces.js";
import { ask } from "../net/tools.js";
import type { MadeFile, RunOf } from "../net/toolbox.js";
import { copyAddress } from "../share/copy.js";
import { pngOf, saveFile } from "../share/save.js";
import type { View } from "../view.js";
import type { CodeDialog } from "./codeDialog.js";
import { shared } from "./style.js";

/** ms that figures show. */
const SHOWN = 1000;

class Share extends LitElement {
  static override properties = { view: { attribute: false }, said: { state: true }, link: { state: true } };
  declare view: View;
  declare said: string;
  /** A link that could not be copied: to be copied by hand. */
  declare link: string;

  constructor() {
    super();
    [this.said, this.link] = ["", ""];
  }

  static override styles = [
    shared,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem;
        align-items: baseline;
        margin: 0.3rem 0;
      }
      div > span {
        width: 4.2em;
        font-size: 0.9rem;
      }
      button {
        padding: 0.15em 0.5em;
        font-size: 0.9rem;
      }
      input {
        width: 100%;
        background: var(--paper);
        border: 1px solid var(--line);
      }
    `,
  ];

  /** Does something, and says how it went. */
  private async doing(what: () => Promise<string>): Promise<void> {
    this.said = "";
    this.link = "";
    try {
      this.said = await what();
    } catch (error) {
      this.said = (error as Error).message;
    }
  }

  private get run(): RunOf {
    const { session, kept } = this.view;
    const { name = "", dt = 0.1 } = session.facts ?? {};
    return { name: name === "" ? "network" : name, dt, from: kept.from, time: kept.time };
  }

  private async copyLink(withState: boolean): Promise<string> {
    const { view } = this;
    const snapshot = withState ? await view.session.snapshot() : undefined;
    const fragment = await writeLink({
      view: view.localName.slice("sp-".length),
      state: view.state,
      ...(snapshot && { snapshot }),
    });
    const { words, link } = await copyAddress(fragment);
    this.link = link;
    return withState || view.leftOut === "" ? words : `${words} ${view.leftOut}`;
  }

  private spikes(format: "csv" | "npz"): Promise<string> {
    const { kept } = this.view;
    const { from, time, count } = kept;
    return ask("spikes", format, kept.tables(), this.run).then(({ name, content }) => {
      saveFile(name, content);
      return `Saved ${name}: ${count} spikes after ${from.toFixed(1)} ms until ${time.toFixed(1)} ms.`;
    });
  }

  private async traces(format: "csv" | "npz"): Promise<string> {
    const { tables, count } = this.view.keptTraces;
    if (count === 0) throw new Error("Nothing is watched: there are no traces to save.");
    const { name, content } = await ask("traces", format, tables, this.run);
    saveFile(name, content);
    const what = tables.map(({ population, variable, neurons }) => `${variable} of ${population} ${neurons.join(", ")}`);
    return `Saved ${name}: ${count} samples of ${what.slice(0, 6).join("; ")}${what.length > 6 ? " and others" : ""}.`;
  }

  private async figure(picture: boolean): Promise<string> {
    const { kept } = this.view;
    const run = { ...this.run, from: Math.max(kept.from, kept.time - SHOWN) };
    const { name, content } = await ask("figure", "activity", kept.tables(run.from), run);
    if (!picture) saveFile(name, content, "image/svg+xml");
    else saveFile(name.replace(/svg$/, "png"), await pngOf(content as string));
    return `Saved a figure of ${(run.time - run.from).toFixed(0)} ms.`;
  }

  private async modelFile(): Promise<string> {
    const { name, content }: MadeFile = await ask("modelFile", await this.view.document());
    saveFile(name, content, "application/json");
    return `Saved ${name}: the network as it begins, with its settings as they are now.`;
  }

  private async snapshot(): Promise<string> {
    const { session } = this.view;
    const bytes = await session.snapshot();
    const name = `${this.run.name.replaceAll(/[^\w.-]+/g, "-")}-${session.time.toFixed(0)}ms.spikelet`;
    saveFile(name, bytes);
    return `Saved ${name}, ${(bytes.length / 1e6).toFixed(1)} MB. Drop it onto the page to go on from here.`;
  }

  private async branch(): Promise<string> {
    const { view } = this;
    const snapshot = await view.session.snapshot();
    const detail = { view: view.localName.slice("sp-".length), state: view.state, snapshot };
    this.dispatchEvent(new CustomEvent("branch", { detail, bubbles: true, composed: true }));
    return "";
  }

  private async code(): Promise<string> {
    await import("./codeDialog.js");
    const dialog = document.createElement("sp-code-dialog") as CodeDialog;
    this.renderRoot.append(dialog);
    await dialog.show(await this.view.document());
    return "";
  }

  override render(): unknown {
    const button = (label: string, title: string, what: () => Promise<string>): unknown =>
      html`<button title=${title} @click=${() => this.doing(what)}>${label}</button>`;
    return html`<h3>Take it along</h3>
      <div role="group" aria-label="Link">
        <span>Link</span>
        ${button("Copy link", "View and settings: the network begins at 0", () => this.copyLink(false))}
        ${button("Link with state", "Goes on from this moment, bit for bit", () => this.copyLink(true))}
      </div>
      <div role="group" aria-label="Save spikes">
        <span>Spikes</span>
        ${button("CSV", "time_ms, population, neuron", () => this.spikes("csv"))}
        ${button("npz", "NumPy's arrays", () => this.spikes("npz"))}
      </div>
      <div role="group" aria-label="Save traces">
        <span>Traces</span>
        ${button("CSV", "time_ms, population, neuron, variable, value", () => this.traces("csv"))}
        ${button("npz", "NumPy's arrays", () => this.traces("npz"))}
      </div>
      <div role="group" aria-label="Save a figure">
        <span>Figure</span>
        ${button("SVG", "Raster and rates of the last second", () => this.figure(false))}
        ${button("PNG", "Raster and rates of the last second", () => this.figure(true))}
      </div>
      <div role="group" aria-label="Save the network">
        <span>Network</span>
        ${button("Model file", "JSON, for the command line and for this page", () => this.modelFile())}
        ${button("Snapshot", "A file that goes on from this moment", () => this.snapshot())}
        ${button("Branch", "Two futures from this moment, side by side", () => this.branch())}
        ${button("As code", "TypeScript, command line, NEST, Brian2, PyNN, NeuroML", () => this.code())}
      </div>
      <p class="soft" role="status">${this.said}</p>
      ${
        this.link === ""
          ? ""
          : html`<input
              readonly
              aria-label="The link"
              .value=${this.link}
              @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
            />`
      }
      <p class="soft">
        The latest ${(MOST_SPIKES / 1e6).toFixed(0)} million spikes are kept, and ${MOST_TIMES.toLocaleString("en")} samples of
        each trace.
      </p>`;
  }
}
customElements.define("sp-share", Share);

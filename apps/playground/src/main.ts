/** The page: its views, links and colours. */
import { css, html, LitElement } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { html as staticHtml, unsafeStatic } from "lit/static-html.js";
import { shared } from "./controls/style.js";
import { type Link, LinkError, readLink, writeLink } from "./link.js";
import { ask } from "./net/tools.js";
import { kindOf } from "./share/files.js";
import type { View } from "./view.js";
import { VIEWS } from "./views.js";

const [FIRST] = VIEWS;
/** Bytes of a file that is read. */
const LARGEST_FILE = 500_000_000;

const DARK = matchMedia("(prefers-color-scheme: dark)");

/** Colours of the page; what is drawn on canvases follows the event `theme`. */
function setTheme(dark: boolean): void {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  dispatchEvent(new Event("theme"));
}

setTheme(DARK.matches);
DARK.addEventListener("change", ({ matches }) => setTheme(matches));

/** Whether all of the page is one file, with nothing beside it. */
const SINGLE = (import.meta as ImportMeta & { readonly env: { readonly MODE: string } }).env.MODE === "single";

class App extends LitElement {
  static override properties = { view: { state: true }, trouble: { state: true }, ready: { state: true } };
  declare view: string;
  declare trouble: string;
  declare ready: boolean;
  private initial: unknown;
  private snapshot: Uint8Array | undefined;
  /** How often a view was opened: each time it is made anew. */
  private opened = 0;
  private writing: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    [this.view, this.trouble, this.ready] = [FIRST.id, "", false];
  }

  static override styles = [
    shared,
    css`
      header {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 1rem;
        align-items: baseline;
        padding: 0.6rem 1rem;
        border-bottom: 1px solid var(--line);
      }
      h1 {
        font-size: 1.1rem;
        margin: 0;
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem;
        flex: 1;
      }
      nav a {
        color: inherit;
        text-decoration: none;
        padding: 0.2rem 0.6rem;
        border-radius: 6px;
      }
      nav a[aria-current="page"] {
        background: var(--accent);
        color: var(--on-accent);
      }
      main {
        padding: 1rem;
        max-width: 1500px;
        margin: 0 auto;
      }
      footer {
        padding: 0.5rem 1rem 1rem;
        color: var(--ink-soft);
        font-size: 0.87rem;
      }
      footer a,
      header > a {
        color: var(--accent);
      }
      .trouble {
        color: var(--danger);
        padding: 0 1rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", () => void this.read());
    addEventListener("keydown", (event) => this.key(event));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer?.files ?? [];
      if (file) void this.take(file);
    });
    void this.read();
  }

  private async read(): Promise<void> {
    this.trouble = "";
    try {
      const link = await readLink(location.hash);
      const known = VIEWS.some(({ id }) => id === link?.view);
      if (link && !known) throw new LinkError(`This page has no view ${JSON.stringify(link.view.slice(0, 40))}.`);
      this.open(link?.view ?? FIRST.id, link?.state, link?.snapshot);
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.trouble = error.message;
      this.open(FIRST.id, undefined);
    }
  }

  private open(view: string, state: unknown, snapshot?: Uint8Array): void {
    this.initial = state;
    this.snapshot = snapshot;
    this.opened++;
    this.view = view;
    this.ready = true;
    clearTimeout(this.writing);
    document.title = `${VIEWS.find(({ id }) => id === view)?.title ?? ""} - Spikelet playground`;
    void this.load(view);
  }

  /** Opens a file in the view that it is for; one that is wrong leaves the page as it is. */
  private async take(file: File): Promise<void> {
    this.trouble = "";
    try {
      if (file.size > LARGEST_FILE) throw new Error(`it is larger than ${LARGEST_FILE / 1e6} MB.`);
      const bytes = new Uint8Array(await file.arrayBuffer());
      const kind = kindOf(bytes);
      if (kind === "other") throw new Error("it is neither a model file nor a snapshot.");
      if (kind === "snapshot") {
        await ask("documentOf", bytes);
        return this.open("document", {}, bytes);
      }
      const text = new TextDecoder().decode(bytes);
      if (kind === "lesson") {
        const { readLesson } = await import("./lessons/lesson.js");
        readLesson(text, VIEWS.map(({ id }) => id));
        return this.open("lessons", { text });
      }
      await ask("read", text);
      this.open("document", { text });
    } catch (error) {
      this.trouble = `${file.name} cannot be opened: ${(error as Error).message}`;
    }
  }

  private async load(view: string): Promise<void> {
    await VIEWS.find(({ id }) => id === view)?.load();
    this.requestUpdate();
  }

  private get shown(): View | null {
    return this.renderRoot.querySelector<View>("main > *");
  }

  /** The link follows the view, a moment later. */
  private keep(): void {
    clearTimeout(this.writing);
    this.writing = setTimeout(async () => {
      const { shown, view } = this;
      if (shown?.state) history.replaceState(null, "", `#${await writeLink({ view, state: shown.state })}`);
    }, 300);
  }

  private key(event: KeyboardEvent): void {
    const typing = event
      .composedPath()
      .some((one) => one instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(one.tagName));
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") {
      event.preventDefault();
      void this.shown?.session?.toggle();
    }
    if (event.key === "s") void this.shown?.session?.step(10);
    if (event.key === "r") void this.shown?.session?.reset();
  }

  private theme(): void {
    setTheme(document.documentElement.dataset.theme !== "dark");
  }

  override render(): unknown {
    const { view, trouble, initial, snapshot } = this;
    const element = unsafeStatic(`sp-${VIEWS.find(({ id }) => id === view)?.id ?? FIRST.id}`);
    return html`<header>
        <h1>Spikelet</h1>
        <nav aria-label="Views">
          ${VIEWS.map(({ id, title }) => html`<a href="#${id}" aria-current=${id === view ? "page" : "false"}>${title}</a>`)}
        </nav>
        ${SINGLE ? "" : html`<a href="docs/index.html">Docs</a>`}
        <button @click=${() => this.theme()}>Light or dark</button>
      </header>
      ${trouble === "" ? "" : html`<p class="trouble" role="alert">${trouble}</p>`}
      <main
        @state=${() => this.keep()}
        @branch=${({ detail: { view: kind, state, snapshot: bytes } }: CustomEvent<Required<Link>>) =>
          this.open("branches", { view: kind, states: [state, state] }, bytes)}
        @file=${(event: CustomEvent<File>) => this.take(event.detail)}
      >${
        this.ready
          ? keyed(this.opened, staticHtml`<${element} .initial=${initial} .snapshot=${snapshot}></${element}>`)
          : ""
      }</main>
      ${
        SINGLE
          ? ""
          : html`<footer><a href="spikelet.html" download>This page as one file</a>, which works from a disk, offline.</footer>`
      }`;
  }
}
customElements.define("sp-app", App);

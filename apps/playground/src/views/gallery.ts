/** All networks of the gallery, each a link that runs it. */
import { css, html, LitElement } from "lit";
import { shared } from "../controls/style.js";
import { GALLERY, type GalleryWords } from "../gallery.js";
import { writeLink } from "../link.js";

interface Shown extends GalleryWords {
  readonly href: string;
}

class GalleryView extends LitElement {
  static override properties = { shown: { state: true } };
  declare shown: readonly Shown[];

  constructor() {
    super();
    this.shown = [];
  }

  static override styles = [
    shared,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr));
        gap: 0.8rem;
        padding: 0;
        list-style: none;
      }
      a {
        color: var(--accent);
        font-weight: 600;
      }
    `,
  ];

  /** A page of links: there is nothing that a link needs to keep. */
  get state(): Record<string, unknown> {
    return {};
  }

  override firstUpdated(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    this.shown = await Promise.all(
      GALLERY.map(async (entry) => ({
        ...entry,
        href: `#${await writeLink({ view: "document", state: { entry: entry.name } })}`,
      })),
    );
  }

  override render(): unknown {
    return html`<h2>Gallery</h2>
      <p>Networks and neurons to look at, to turn the background of, and to take along as files or code.</p>
      <ul>
        ${this.shown.map(
          ({ title, words, href, program }) => html`<li class="panel">
            <a href=${href}>${title}</a>
            <p>${words}</p>
            ${program === "" ? "" : html`<p class="soft">As a program: examples/${program}</p>`}
          </li>`,
        )}
      </ul>`;
  }
}
customElements.define("sp-gallery", GalleryView);

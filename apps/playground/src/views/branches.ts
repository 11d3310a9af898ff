/** Two futures of one network, side by side: what is changed in one makes it go another way. */
import { css, html, LitElement } from "lit";
import { html as staticHtml, unsafeStatic } from "lit/static-html.js";
import { shared } from "../controls/style.js";
import { writeLink } from "../link.js";
import { type Agreement, agreement } from "../net/divergence.js";
import type { Session } from "../net/session.js";
import { copyAddress } from "../share/copy.js";
import { branchesOf, pairOf } from "../share/pair.js";
import { VIEWS } from "../views.js";
import { fieldsOf, type View } from "../view.js";

/** Views that run one network each. */
const NETWORKS = ["network", "document"];
const FIRST = { size: 2000 };
/** ms between two looks at whether they still agree. */
const LOOK = 500;

class BranchesView extends LitElement {
  static override properties = {
    initial: { attribute: false },
    snapshot: { attribute: false },
    kind: { state: true },
    agreed: { state: true },
    said: { state: true },
    link: { state: true },
  };
  declare initial: unknown;
  declare snapshot: Uint8Array | undefined;
  declare kind: string | undefined;
  declare agreed: Agreement;
  declare said: string;
  /** A link that could not be copied: to be copied by hand. */
  declare link: string;
  private states: readonly unknown[] = [FIRST, FIRST];
  private snapshots: readonly [Uint8Array, Uint8Array] | undefined;
  /** When the branches of a link went different ways, until they are opened. */
  private differedAt: number | undefined;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.kind = undefined;
    this.agreed = { until: 0, differsAt: undefined };
    [this.said, this.link] = ["", ""];
  }

  static override styles = [
    shared,
    css`
      .two {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 1rem;
      }
      @media (max-width: 900px) {
        .two {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        align-items: baseline;
        margin-bottom: 0.5rem;
      }
      .line input {
        flex: 1;
        min-width: 8rem;
        background: var(--paper);
        border: 1px solid var(--line);
      }
    `,
  ];

  private get branches(): View[] {
    return [...this.renderRoot.querySelectorAll<View>("section > .half")];
  }

  /** What the keys of the page act on: both. */
  get session(): Pick<Session, "toggle" | "step" | "reset"> {
    const each = async (act: (session: Session) => Promise<void>): Promise<void> => {
      await Promise.all(this.branches.map(({ session }) => act(session)));
    };
    return {
      toggle: () => {
        const plays = this.branches.some(({ session }) => session.status === "playing");
        return each((session) => (plays ? session.pause() : session.play()));
      },
      step: (ms) => each((session) => session.step(ms)),
      reset: () => each((session) => session.reset()),
    };
  }

  get state(): Record<string, unknown> {
    const { differsAt } = this.agreed;
    const states = this.branches.map(({ state }) => state);
    return { view: this.kind, states, ...(differsAt !== undefined && { differsAt }) };
  }

  override firstUpdated(): void {
    const { view, states, differsAt } = fieldsOf(this.initial);
    const kind = NETWORKS.find((id) => id === view) ?? "network";
    if (Array.isArray(states) && states.length === 2) this.states = states;
    this.snapshots = this.snapshot && branchesOf(this.snapshot);
    if (this.snapshots && typeof differsAt === "number") this.differedAt = differsAt;
    void VIEWS.find(({ id }) => id === kind)
      ?.load()
      .then(() => (this.kind = kind));
    this.looking = setInterval(() => this.look(), LOOK);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.looking);
  }

  override updated(): void {
    for (const { session } of this.branches) {
      session.removeEventListener("opened", this.begin);
      session.addEventListener("opened", this.begin);
    }
  }

  private readonly begin = (): void => {
    const [a, b] = this.branches;
    if (!a || !b) return;
    const both = a.session.facts !== undefined && b.session.facts !== undefined;
    this.agreed = { until: Math.max(a.session.time, b.session.time), differsAt: this.differedAt };
    if (both) this.differedAt = undefined;
  };

  /** A link that goes on from where both are now. */
  private async copyLink(): Promise<void> {
    [this.said, this.link] = ["", ""];
    try {
      const sessions = this.branches.map(({ session }) => session);
      const playing = sessions.some(({ status }) => status === "playing");
      if (playing) await this.session.toggle();
      try {
        const [a, b] = await Promise.all(sessions.map((one) => one.snapshot()));
        if (a === undefined || b === undefined) return;
        this.look();
        const fragment = await writeLink({ view: "branches", state: this.state, snapshot: pairOf(a, b) });
        ({ words: this.said, link: this.link } = await copyAddress(fragment));
      } finally {
        if (playing) await this.session.toggle();
      }
    } catch (error) {
      this.said = (error as Error).message;
    }
  }

  private look(): void {
    const [a, b] = this.branches;
    if (a?.session.facts && b?.session.facts) this.agreed = agreement(a.kept, b.kept, this.agreed);
  }

  private words(): string {
    const { until, differsAt } = this.agreed;
    return differsAt === undefined
      ? `All spikes are the same until ${until.toFixed(1)} ms.`
      : `They went different ways at ${differsAt.toFixed(1)} ms.`;
  }

  override render(): unknown {
    const { kind, states, snapshots, link } = this;
    if (kind === undefined) return html``;
    const element = unsafeStatic(`sp-${kind}`);
    const branch = (name: string, k: 0 | 1): unknown =>
      html`<section>
        <h2>${name}</h2>
        ${staticHtml`<${element} class="half" .initial=${states[k]} .snapshot=${snapshots?.[k]}></${element}>`}
      </section>`;
    return html`<div class="line">
        <button class="main" @click=${() => this.session.toggle()}>Play or pause both</button>
        <button @click=${() => this.session.step(10)}>Step both 10 ms</button>
        <button title="Both go on from this moment, bit for bit" @click=${() => this.copyLink()}>
          Link with both states
        </button>
        <strong role="status">${this.words()}</strong>
      </div>
      <div class="line soft">
        <span role="status">${this.said}</span>
        ${
          link === ""
            ? ""
            : html`<input
                readonly
                aria-label="The link"
                .value=${link}
                @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
              />`
        }
      </div>
      <p class="soft">
        Both go on from one moment, with the same random numbers. As long as nothing is changed they are equal, spike by
        spike; a small change in one shows how soon it matters.
      </p>
      <div class="two">${branch("Branch A", 0)}${branch("Branch B", 1)}</div>`;
  }
}
customElements.define("sp-branches", BranchesView);

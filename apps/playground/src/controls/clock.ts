/** Play, pause, step, reset, speed, and how fast the network's clock really goes. */
import { css, html, LitElement } from "lit";
import type { Session } from "../net/session.js";
import { shared } from "./style.js";

const SPEEDS: readonly (readonly [label: string, speed: number | undefined])[] = [
  ["0.01 x real time", 0.01],
  ["0.1 x real time", 0.1],
  ["real time", 1],
  ["as fast as it goes", undefined],
];

export class Clock extends LitElement {
  static override properties = { session: { attribute: false } };
  declare session: Session;

  static override styles = [
    shared,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        align-items: center;
      }
      .time {
        font-variant-numeric: tabular-nums;
        min-width: 7em;
      }
      .trouble {
        color: var(--danger);
        margin-top: 0.5rem;
        display: block;
      }
    `,
  ];

  private readonly changed = (): void => this.requestUpdate();

  override updated(): void {
    this.session?.addEventListener("change", this.changed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session?.removeEventListener("change", this.changed);
  }

  override render(): unknown {
    const { session } = this;
    const { status, time, realTime, trouble, building } = session;
    const busy = status === "opening" || status === "empty";
    return html`<div role="group" aria-label="Time">
        <button class="main" ?disabled=${busy || status === "unstable"} @click=${() => session.toggle()}>
          ${status === "playing" ? "Pause" : "Play"}
        </button>
        <button ?disabled=${busy || status === "unstable"} @click=${() => session.step(10)}>Step 10 ms</button>
        <button ?disabled=${busy} @click=${() => session.reset()}>Reset</button>
        <select
          aria-label="Speed"
          @change=${(event: Event) => session.setSpeed(SPEEDS[(event.target as HTMLSelectElement).selectedIndex]?.[1])}
        >
          ${SPEEDS.map(([label, speed]) => html`<option ?selected=${speed === session.speed}>${label}</option>`)}
        </select>
        <span class="time">${(time / 1000).toFixed(time < 10_000 ? 3 : 2)} s</span>
        <span class="soft" id="factor">${this.factor(status, realTime, building)}</span>
      </div>
      ${
        trouble
          ? html`<p class="trouble" role="alert">${trouble.message} ${trouble.remedy && !trouble.message.includes(trouble.remedy) ? html`<strong>${trouble.remedy}.</strong>` : ""}</p>`
          : ""
      }`;
  }

  private factor(status: string, realTime: number, building: number | undefined): string {
    if (building !== undefined && status === "opening") return `building, ${Math.round(100 * building)} %`;
    if (status === "opening") return "building";
    if (status !== "playing" || realTime === 0) return status === "empty" ? "" : status;
    return `${realTime >= 10 ? realTime.toFixed(0) : realTime.toPrecision(2)} x real time`;
  }
}
customElements.define("sp-clock", Clock);

/** What views have in common: a state that a link keeps, and a session of their own that ends with them. */
import type { Frame } from "spikelet/worker";
import { LitElement } from "lit";
import { Kept } from "./net/kept.js";
import { KeptTraces } from "./net/keptTraces.js";
import { Session } from "./net/session.js";

export abstract class View extends LitElement {
  static override properties = { initial: { attribute: false }, snapshot: { attribute: false } };
  /** What a link said of this view, untrusted: each view takes what it knows and leaves the rest. */
  declare initial: unknown;
  /** A network as it was, of a link or a file, untrusted. */
  declare snapshot: Uint8Array | undefined;
  readonly session: Session;
  /** The spikes that were seen. */
  readonly kept = new Kept();
  /** The samples that were seen. */
  readonly keptTraces = new KeptTraces();

  constructor(session = new Session()) {
    super();
    this.session = session;
    const { kept, keptTraces } = this;
    session.addEventListener("opened", () => {
      kept.clear(session.facts?.populations ?? [], session.time);
      keptTraces.clear();
    });
    session.addEventListener("frame", (event) => {
      const { from, time, spikes, traces } = (event as CustomEvent<Frame>).detail;
      kept.add(from, time, spikes);
      keptTraces.add(traces);
    });
  }

  /** What a link needs to make this view again: data, and short. */
  abstract get state(): Record<string, unknown>;

  /** What a link without the network's state leaves out, for people; "" for nothing. */
  get leftOut(): string {
    return "";
  }

  /** The network as a model file's content, with what was changed while it ran. */
  async document(): Promise<object> {
    return this.session.ask("document");
  }

  /** Opens the snapshot that was given, or the document where there is none or it cannot be gone on from. */
  protected async openFirst(document: () => object): Promise<void> {
    const { session, snapshot } = this;
    this.snapshot = undefined;
    if (snapshot === undefined) return void (await session.open(document()));
    try {
      await session.open(snapshot);
    } catch (error) {
      await session.open(document());
      const why = (error as Error).message;
      session.warn(`The saved state cannot be gone on from: ${why} The network begins at 0 instead.`);
    }
  }

  /** The link is out of date. */
  protected changed(): void {
    this.dispatchEvent(new CustomEvent("state", { bubbles: true, composed: true }));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.close();
  }
}

/** The fields of an untrusted object; none where it is something else. */
export function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null ? (given as Readonly<Record<string, unknown>>) : {};
}

/** Numbers of an untrusted object that lie within the ranges of `known`; the others are its defaults. */
export function numbersFrom<K extends string>(
  given: unknown,
  known: Readonly<Record<K, { readonly value: number; readonly min: number; readonly max: number }>>,
): Record<K, number> {
  const object = typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
  const entries = Object.entries<{ readonly value: number; readonly min: number; readonly max: number }>(known);
  return Object.fromEntries(
    entries.map(([key, { value, min, max }]) => {
      const own = Object.hasOwn(object, key) ? object[key] : undefined;
      return [key, typeof own === "number" && own >= min && own <= max ? own : value];
    }),
  ) as Record<K, number>;
}

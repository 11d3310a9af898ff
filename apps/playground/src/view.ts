/** What views have in common: a state that a link keeps, and a session of their own that ends with them. */
import { LitElement } from "lit";
import { Session } from "./net/session.js";

export abstract class View extends LitElement {
  static override properties = { initial: { attribute: false } };
  /** What a link said of this view, untrusted: each view takes what it knows and leaves the rest. */
  declare initial: unknown;
  readonly session = new Session();

  /** What a link needs to make this view again: data, and short. */
  abstract get state(): Record<string, unknown>;

  /** The link is out of date. */
  protected changed(): void {
    this.dispatchEvent(new CustomEvent("state", { bubbles: true, composed: true }));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.close();
  }
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

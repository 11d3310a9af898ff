/** What the library says of a model beside its definition. */
import type { ModelDefinition } from "../model/definition.js";

/** A model of the library: pure data, of which its record, its page and its listing are made. */
export interface LibraryEntry {
  /** In the language of docs/equations.md; `references` name the paper, with its year and pages, first. */
  readonly definition: ModelDefinition & {
    readonly title: string;
    readonly text: string;
    readonly references: readonly string[];
  };
  /** What each state is. */
  readonly states: Readonly<Record<string, string>>;
  /** A constant current in the unit of I that shows the default neuron at work, with dt and duration in ms. */
  readonly example: { readonly current: number; readonly dt: number; readonly duration: number };
}

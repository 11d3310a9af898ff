/** Models of the library: from entries of src/library to records, each made when it is asked for. */
import type { LibraryEntry } from "../library/entry.js";
import { library } from "../library/list.js";
import type { ModelDefinition } from "./definition.js";
import { readModelDefinition } from "./own.js";
import type { ModelRecord, ParameterRecord, PresetRecord } from "./record.js";

/** A model of the library, with the names of its parameters, presets and events. */
export type LibraryRecord<Parameters extends string, Presets extends string, Events extends string> = Omit<
  ModelRecord,
  "params" | "presets" | "definition"
> & {
  readonly params: Readonly<Record<Parameters, ParameterRecord>>;
  readonly presets: Readonly<Record<Presets, PresetRecord>>;
  readonly definition: [Events] extends [never]
    ? ModelDefinition
    : ModelDefinition & { readonly events: readonly { readonly name: Events; readonly condition: string }[] };
};

type Names<T> = T extends object ? Extract<keyof T, string> : never;
type EventNames<D> = D extends { readonly events: readonly { readonly name: infer E extends string }[] } ? E : never;

/** What is known of an entry's names. */
type RecordOf<D> = LibraryRecord<
  D extends { readonly params: infer P } ? Names<P> : never,
  D extends { readonly presets: infer P } ? Names<P> : never,
  EventNames<D>
>;

const records = new WeakMap<LibraryEntry, ModelRecord>();

/** The record of an entry. There is one of each, whoever asks for it. */
export function libraryRecord<const E extends LibraryEntry>(entry: E): RecordOf<E["definition"]> {
  const known = records.get(entry) ?? recordOf(entry);
  records.set(entry, known);
  return known as RecordOf<E["definition"]>;
}

function recordOf({ definition, states, example }: LibraryEntry): ModelRecord {
  const record = readModelDefinition(definition);
  const named = Object.entries(record.states).map(([name, one]) => [name, { ...one, text: states[name] ?? one.text }]);
  // as in built-in models the summary is no part of the text
  const text = record.text.slice(record.summary.length).trim();
  return { ...record, text, states: Object.fromEntries(named) as ModelRecord["states"], example };
}

/** Names of the library's models, in their order. */
export function libraryNames(): readonly string[] {
  return Object.keys(library);
}

/** Every model of the library, in their order. */
export function libraryModels(): readonly ModelRecord[] {
  return Object.values(library).map((entry) => libraryRecord(entry));
}

/** The model of the library with this name. */
export function libraryModel(name: string): ModelRecord | undefined {
  const entry = Object.hasOwn(library, name) ? library[name] : undefined;
  return entry && libraryRecord(entry);
}

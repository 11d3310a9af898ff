/** `spikelet kinds`: what the records say of what networks are made of beside neurons. */
import {
  type Kind,
  type KindField,
  type KindSort,
  kinds,
  kindsNamed,
  type ModelRecord,
  type KindSortName,
} from "../index.js";
import { asked, findModel } from "./models.js";
import { bold, table, widthOf, wrap } from "./terminal.js";

/** Prints all kinds, those of a sort, or one kind; a name that several sorts have prints them all. */
export function printKinds(name: string | undefined, { model, json }: Readonly<Record<string, unknown>>): void {
  const record: ModelRecord | undefined = model === undefined ? undefined : findModel(String(model));
  const chosen = name === undefined ? kinds(record) : asked(() => kindsNamed(name, record));
  if (json === true) return print(JSON.stringify(chosen, null, 2));
  const sorts = Object.entries(chosen) as [KindSortName, KindSort][];
  if (name === undefined) {
    const lists = sorts.map(([sort, { title, kinds: all }]) => [
      ...table([[sort, title], ...all.map((kind) => [`  ${kind.name}`, kind.text])]),
      "",
    ]);
    return print([...lists.flat(), "All about one of them: spikelet kinds whiteNoise"].join("\n"));
  }
  print(sorts.map(([sort, one]) => sortText(sort, one)).join("\n\n"));
}

function sortText(sort: KindSortName, { title, key, common, kinds: all }: KindSort): string {
  const each = all.map((kind) => kindText(kind, key, title));
  const shared =
    common.length === 0 ? [] : [[bold(`Every kind of ${sort} may also have`), ...fieldLines(common)].join("\n")];
  return [...each, ...shared].join("\n\n");
}

function kindText({ name, text, source, fields }: Kind, key: string | null, title: string): string {
  const width = widthOf(process.stdout);
  const entry = key === null ? `"${name}": ...` : `{ "${key}": "${name}"${fields.length === 0 ? "" : ", ..."} }`;
  return [
    `${bold(name)}: ${entry} (${title.toLowerCase()})`,
    ...(text === "" ? [] : [wrap(`${text}.`, width)]),
    ...fieldLines(fields),
    ...(source === undefined ? [] : [wrap(source, width)]),
  ].join("\n");
}

function fieldLines(fields: readonly KindField[]): string[] {
  if (fields.length === 0) return ["  no fields"];
  const rows = fields.map(({ name, type, unit, required, range = "", choices, text }) => [
    `  ${name}${required ? "" : "?"}`,
    choices === undefined ? type : choices.join(" | "),
    unit === "" ? "-" : unit,
    range,
    text,
  ]);
  return table([["  field", "type", "unit", "range", "meaning"], ...rows]);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

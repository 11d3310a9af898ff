/**
 * From the mappings of the exporters: the tables of docs/other-simulators.md that say what each kind is in each tool.
 */
import { formatNames, formatOf } from "../../src/exchange/index.js";
import { type Counterpart, isPresent, type Mapping, type Present } from "../../src/exchange/mapping.js";

const START = "<!-- kinds: start -->";
const END = "<!-- kinds: end -->";

const CLASSES = [
  ["models", "Models and sources"],
  ["receptors", "Receptors"],
  ["backgrounds", "Background currents"],
  ["rules", "Connection rules"],
  ["plasticity", "Plasticity"],
] as const satisfies readonly (readonly [keyof Mapping, string])[];

/** The page with the tables between its marks made anew. */
export async function withMappings(page: string): Promise<string> {
  const formats = await Promise.all(formatNames.map((name) => formatOf(name)));
  const mappings = formats.flatMap(({ mapping }) => (mapping === undefined ? [] : [mapping]));
  const [before, , after] = page.split(new RegExp(`${START}|${END}`));
  if (after === undefined) throw new Error(`docs/other-simulators.md has no ${START} and ${END}.`);
  const tables = CLASSES.map(([key, title]) => overview(key, title, mappings));
  const details = mappings.map(detailsOf);
  return `${before}${START}\n\n${[...tables, ...details].join("\n\n")}\n\n${END}${after}`;
}

function entriesOf(mapping: Mapping, key: (typeof CLASSES)[number][0]): [string, Counterpart][] {
  return Object.entries(mapping[key] as Readonly<Record<string, Counterpart>>);
}

/** Which tool has what, a kind a line. */
function overview(key: (typeof CLASSES)[number][0], title: string, mappings: readonly Mapping[]): string {
  const kinds = entriesOf(mappings[0] as Mapping, key).map(([kind]) => kind);
  const cell = (kind: string, mapping: Mapping): string => {
    const counterpart = (mapping[key] as Readonly<Record<string, Counterpart>>)[kind] as Counterpart;
    return isPresent(counterpart)
      ? `${code(counterpart.name)}${counterpart.differs === undefined ? "" : " (differs)"}`
      : "";
  };
  const rows = kinds.map((kind) => [code(kind), ...mappings.map((mapping) => cell(kind, mapping))]);
  return table(`### ${title}`, ["Spikelet", ...mappings.map(({ tool }) => tool)], rows);
}

/** What differs, and what is not there, in one tool. */
function detailsOf(mapping: Mapping): string {
  const rows = CLASSES.flatMap(([key]) =>
    entriesOf(mapping, key).map(([kind, counterpart]) =>
      isPresent(counterpart)
        ? [code(kind), code(counterpart.name), paramsText(counterpart), counterpart.differs ?? "", counterpart.checked]
        : [code(kind), "not there", "", counterpart.absent, ""],
    ),
  );
  return table(`### ${mapping.tool}`, ["Spikelet", "there", "parameters", "what differs", "checked"], rows);
}

function paramsText({ params = {}, fixed = {} }: Present): string {
  const renamed = Object.entries(params).map(([ours, theirs]) => {
    const { name, factor = 1 } = typeof theirs === "string" ? { name: theirs } : theirs;
    const scaled = factor === 1 ? "" : ` times ${factor}`;
    return name === ours && scaled === "" ? code(ours) : `${code(ours)}: ${code(name)}${scaled}`;
  });
  const given = Object.entries(fixed).map(([name, value]) => `${code(name)} = ${String(value)}`);
  return [...renamed, ...given].join(", ");
}

function code(text: string): string {
  return /^[\w.: /()+-]+$/.test(text) && !text.includes(" ") ? `\`${text}\`` : text;
}

function table(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [title, "", line(header), `|${header.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

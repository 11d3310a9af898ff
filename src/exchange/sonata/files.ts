/** What a SONATA network consists of beside HDF5: configurations with their variables, and tables of types. */
import { describe, DocumentError, MissingKeyError, SpikeletError, ValueTypeError } from "../../model/errors.js";
import type { FileSource } from "../format.js";

type Json = Readonly<Record<string, unknown>>;

/** A configuration whose variables are known. */
export interface Config {
  readonly path: string;
  readonly content: Json;
}

/** @throws DocumentError when a file is no JSON object */
export async function readJson(files: FileSource, path: string): Promise<Json> {
  const text = await files.text(path);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`${path}: it is no JSON: ${(error as Error).message}.`, { path });
  }
  return objectOf(content, path);
}

export function objectOf(value: unknown, place: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new ValueTypeError(`${place}: expected an object, got ${describe(value)}.`, {
    path: place,
    value,
    allowed: "an object",
  });
}

export function textOf(value: unknown, place: string): string {
  if (typeof value === "string") return value;
  if (value === undefined) throw new MissingKeyError(`${place}: it is missing.`, { path: place });
  throw new ValueTypeError(`${place}: expected a text, got ${describe(value)}.`, {
    path: place,
    value,
    allowed: "a text",
  });
}

/** Most times that variables are put into variables. */
const MAX_NESTED = 16;

/** A path of a configuration without variables. */
export function expanded(text: string, variables: ReadonlyMap<string, string>, place: string): string {
  let path = text;
  for (let i = 0; i < MAX_NESTED && path.includes("$"); i++) {
    path = path.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (whole, name: string) => {
      if (name === "configdir" || name === "workingdir") return ".";
      const value = variables.get(name);
      if (value !== undefined) return value;
      const known = [...variables.keys()].map((key) => `$${key}`);
      throw new MissingKeyError(`${place}: ${whole} is not in "manifest". There: ${known.join(", ") || "nothing"}.`, {
        path: place,
        value: whole,
        allowed: known,
      });
    });
  }
  if (path.includes("$"))
    throw new DocumentError(`${place}: the variables of "manifest" go in a circle.`, { path: place, value: text });
  return path;
}

/** The variables of a configuration, by name without the dollar. */
export function variablesOf({ path, content }: Config): Map<string, string> {
  if (content.manifest === undefined) return new Map();
  const manifest = objectOf(content.manifest, `${path}: manifest`);
  return new Map(
    Object.entries(manifest).map(([name, value]) => [
      name.replace(/^\$/, ""),
      textOf(value, `${path}: manifest.${name}`),
    ]),
  );
}

/**
 * A file that a configuration names. Folders of the machine that wrote it are not there any more, so a second place is
 * the folder of the configuration.
 */
export async function located(
  files: FileSource,
  config: Config,
  text: string,
  place: string,
): Promise<{ readonly path: string; readonly bytes: Uint8Array }> {
  const variables = variablesOf(config);
  const path = expanded(text, variables, place);
  try {
    return { path, bytes: await files.bytes(path) };
  } catch (error) {
    if (!(error instanceof Error) || !variables.has("BASE_DIR")) throw error;
    const beside = expanded(text, new Map(variables).set("BASE_DIR", "."), place);
    if (beside === path) throw error;
    try {
      return { path: beside, bytes: await files.bytes(beside) };
    } catch {
      throw error;
    }
  }
}

/** A row of a table of types: texts by column; NULL and NONE are left out. */
export type Row = ReadonlyMap<string, string>;

/**
 * A table of types, whose columns are apart by a space.
 *
 * @param kind node or edge
 * @throws SpikeletError with file and line
 */
export function readTypes(text: string, path: string, kind: "node" | "edge"): Map<number, Row> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const [header = "", ...rows] = lines;
  const columns = cellsOf(header);
  const id = `${kind}_type_id`;
  const column = columns.indexOf(id);
  if (column < 0) {
    const why = header.includes(",") ? "; columns must be apart by a space, not by a comma" : "";
    throw new MissingKeyError(
      `${path}: the column ${id} is missing${why}. There: ${columns.slice(0, 12).join(", ")}.`,
      { path, allowed: columns },
    );
  }
  const types = new Map<number, Row>();
  rows.forEach((line, i) => {
    const cells = cellsOf(line);
    const place = `${path}: line ${i + 2}`;
    if (cells.length !== columns.length)
      throw new SpikeletError(`${place}: ${cells.length} cells, and the header has ${columns.length}.`, {
        path: place,
      });
    const key = Number(cells[column]);
    if (!Number.isInteger(key))
      throw new ValueTypeError(`${place}: ${id} is ${describe(cells[column])}; it must be a whole number.`, {
        path: place,
      });
    const given = columns
      .map((name, k): [string, string] => [name, cells[k] as string])
      .filter(([, value]) => !/^(NULL|NONE|)$/i.test(value));
    types.set(key, new Map(given));
  });
  return types;
}

/** Cells of a line; those in quotation marks may have spaces. */
function cellsOf(line: string): string[] {
  return [...line.trim().matchAll(/"((?:[^"]|"")*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted?.replace(/""/g, '"') ?? (plain as string),
  );
}

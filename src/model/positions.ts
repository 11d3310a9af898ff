/** Reads where the neurons of a population are. */
import { checkKeys, field, itemPath, keyPath, readInteger, readList, readNumber, readObject, readTuple, requiredField } from "./check.js";
import { LengthError, ValueTypeError } from "./errors.js";
import type { PositionsSpec } from "./spec.js";

const LAYOUTS = ["line", "grid", "disc"] as const;
const LAYOUT_KEYS = { line: ["length"], grid: ["columns", "spacing"], disc: ["radius"] } as const;

/**
 * Reads positions: `{ "line": { "length" } }`, `{ "grid": { "columns", "spacing" } }`, `{ "disc": { "radius" } }`, or a list
 * with [x, y] of each neuron.
 */
export function parsePositions(input: unknown, path: string, size: number): PositionsSpec {
  if (Array.isArray(input)) return given(input, path, size);
  const allowed = `an object such as { "grid": { "columns": 10, "spacing": 1 } }, or an array of ${size} positions [x, y]`;
  const object = readObject(input, path, allowed);
  checkKeys(object, path, LAYOUTS, "layout");
  const kinds = LAYOUTS.filter((kind) => field(object, kind) !== undefined);
  const kind = kinds[0];
  if (kind === undefined || kinds.length !== 1) {
    const one = `exactly one of ${LAYOUTS.join(", ")}`;
    throw new ValueTypeError(`${path}: ${kinds.length === 0 ? "no layout" : kinds.join(" and ")}; it must be ${one}.`, { path, value: input, allowed: one });
  }
  const place = keyPath(path, kind);
  const layout = readObject(field(object, kind), place);
  checkKeys(layout, place, LAYOUT_KEYS[kind], `key of a ${kind}`);
  const extent = (key: string, meaning: string): number =>
    readNumber(requiredField(layout, key, place, meaning), keyPath(place, key), "", "> 0");
  switch (kind) {
    case "line":
      return { kind, length: extent("length", "the length of the line") };
    case "grid": {
      const columns = requiredField(layout, "columns", place, "the number of neurons in a row");
      return { kind, columns: readInteger(columns, keyPath(place, "columns"), 1, size), spacing: extent("spacing", "the distance of neighbours") };
    }
    case "disc":
      return { kind, radius: extent("radius", "the radius of the disc") };
  }
}

function given(list: readonly unknown[], path: string, size: number): PositionsSpec {
  if (list.length !== size) {
    throw new LengthError(`${path}: an array of ${list.length} positions; it must have ${size}, one per neuron of the population.`, {
      path,
      value: list.length,
      allowed: String(size),
    });
  }
  const x = new Float64Array(size);
  const y = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const place = itemPath(path, i);
    const point = readTuple(readList(list[i], place, "a position [x, y]"), place, "x, y");
    x[i] = readNumber(point[0], itemPath(place, 0), "");
    y[i] = readNumber(point[1], itemPath(place, 1), "");
  }
  return { kind: "given", x, y };
}

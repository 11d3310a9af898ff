/**
 * The host's objects as bytes and back: plain data, typed arrays, maps and instances of a few known classes, with
 * shared references kept. Used by snapshots, where the bytes may come from anywhere: nothing is executed, only the
 * given classes are made, and every reference and length is checked.
 */
import { SpikeletError } from "../model/errors.js";

/** Bytes that are no snapshot of this version, or a damaged one. */
export class SnapshotError extends SpikeletError {
  override readonly name = "SnapshotError";
  override readonly code = "snapshot";
}

/** What stands for objects that are not data: the core, a model record. */
export interface Graph {
  /** Classes by the name that stands in the bytes. */
  readonly classes: Readonly<Record<string, { readonly prototype: object }>>;
  /** Gives the name of an object that is not written out, or undefined. */
  readonly nameOf: (object: object) => string | undefined;
  /** Gives the object of such a name. */
  readonly named: (name: string) => object | undefined;
}

const ARRAYS = { Float64Array, Float32Array, Uint32Array, Uint8Array } as const;
type ArrayName = keyof typeof ARRAYS;

type Node =
  | null
  | boolean
  | number
  | string
  | readonly ["undefined"]
  | readonly ["number", string]
  | readonly ["reference", number]
  | readonly ["named", string]
  | readonly ["computed"];

interface Table {
  /** Every object once: its kind, then its content. */
  readonly objects: unknown[];
  readonly root: Node;
}

/** Text and binary part of a written graph. */
export interface Written {
  readonly text: string;
  readonly binary: readonly Uint8Array[];
}

/**
 * Writes an object with everything that it refers to. Functions are left out: they have done their work at building.
 */
export function writeGraph(root: object, graph: Graph): Written {
  const ids = new Map<object, number>();
  const objects: unknown[] = [];
  const binary: Uint8Array[] = [];
  let offset = 0;
  const names = new Map(Object.entries(graph.classes).map(([name, c]) => [c.prototype, name]));

  const node = (value: unknown): Node => {
    if (value === undefined) return ["undefined"];
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number") {
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : ["number", Object.is(value, -0) ? "-0" : String(value)];
    }
    if (typeof value === "function") return ["computed"];
    if (typeof value !== "object") throw new SnapshotError(`a ${typeof value} cannot be part of a snapshot.`);
    const name = graph.nameOf(value);
    if (name !== undefined) return ["named", name];
    const known = ids.get(value);
    if (known !== undefined) return ["reference", known];
    const id = objects.length;
    ids.set(value, id);
    objects.push(undefined);
    objects[id] = content(value);
    return ["reference", id];
  };

  const content = (value: object): unknown => {
    for (const [name, type] of Object.entries(ARRAYS)) {
      if (!(value instanceof type)) continue;
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      const place = offset;
      binary.push(bytes);
      offset += bytes.length;
      return { array: name, offset: place, length: value.length };
    }
    if (Array.isArray(value)) return { list: value.map(node) };
    if (value instanceof Map) return { map: [...value].map(([key, x]) => [node(key), node(x)]) };
    const prototype = Object.getPrototypeOf(value) as object | null;
    const type = prototype === Object.prototype || prototype === null ? "" : names.get(prototype);
    if (type === undefined) throw new SnapshotError(`an object of class ${value.constructor.name} cannot be part of a snapshot.`);
    return { class: type, fields: Object.entries(value).map(([key, x]) => [key, node(x)]) };
  };

  const table: Table = { root: node(root), objects };
  return { text: JSON.stringify(table), binary };
}

/** Reads what writeGraph wrote. */
export function readGraph(text: string, binary: Uint8Array, graph: Graph): unknown {
  const bad = (what: string): never => {
    throw new SnapshotError(`the snapshot is damaged: ${what}.`);
  };
  let table: Table;
  try {
    table = JSON.parse(text) as Table;
  } catch {
    return bad("its table is not readable");
  }
  if (typeof table !== "object" || table === null || !Array.isArray(table.objects))
    return bad("its table has another form");
  const made: unknown[] = [];

  // First every object empty, then its content: references may go in circles.
  for (const entry of table.objects as Record<string, unknown>[]) {
    if (typeof entry !== "object" || entry === null) return bad("an entry of its table is no object");
    if (Array.isArray(entry.list)) made.push([]);
    else if (Array.isArray(entry.map)) made.push(new Map());
    else if (typeof entry.array === "string") made.push(readArray(entry));
    else if (entry.class === "") made.push({});
    else if (typeof entry.class === "string" && Object.hasOwn(graph.classes, entry.class)) {
      made.push(Object.create((graph.classes[entry.class] as { prototype: object }).prototype));
    } else return bad("it holds an object of an unknown class");
  }

  function readArray(entry: Record<string, unknown>): unknown {
    const { array, offset, length } = entry as { array: string; offset: number; length: number };
    if (!Object.hasOwn(ARRAYS, array)) return bad("it holds an array of an unknown type");
    const type = ARRAYS[array as ArrayName];
    const end = offset + length * type.BYTES_PER_ELEMENT;
    if (!(
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      end <= binary.length
    )) {
      return bad("an array lies outside of it");
    }
    return new type(binary.slice(offset, end).buffer);
  }

  const value = (node: unknown): unknown => {
    if (!Array.isArray(node)) return node;
    const [kind, x] = node as [string, unknown];
    if (kind === "undefined" || kind === "computed") return undefined;
    if (kind === "number") return x === "-0" ? -0 : Number(x);
    if (kind === "named") return graph.named(String(x)) ?? bad(`${String(x)} is not known here`);
    if (kind === "reference" && Number.isInteger(x) && (x as number) >= 0 && (x as number) < made.length)
      return made[x as number];
    return bad("a reference leads nowhere");
  };

  for (const [id, entry] of (table.objects as Record<string, unknown>[]).entries()) {
    const target = made[id];
    if (Array.isArray(entry.list)) for (const x of entry.list) (target as unknown[]).push(value(x));
    else if (Array.isArray(entry.map)) {
      for (const pair of entry.map) {
        if (!Array.isArray(pair)) return bad("a map has another form");
        (target as Map<unknown, unknown>).set(value(pair[0]), value(pair[1]));
      }
    } else if (Array.isArray(entry.fields)) {
      for (const pair of entry.fields) {
        if (!Array.isArray(pair) || typeof pair[0] !== "string") return bad("an object has another form");
        // defineProperty: a field called __proto__ stays a field.
        Object.defineProperty(target, pair[0], {
          value: value(pair[1]),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
    }
  }
  return value(table.root);
}

/**
 * Python text: literals, names, arrays, headers. What is long is stored beside the script, in .npy files of a folder,
 * and loaded by name; what is short stands in the script, so that it can be read.
 */
import { npyHeader } from "../io/npz.js";
import type { ExchangeFile } from "./format.js";

/** Text that is Python already. */
export class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What has a literal. Numbers become floats (`int` for whole ones), typed arrays of 32-bit integers become lists of
 * integers.
 */
export type PythonValue =
  | number
  | string
  | boolean
  | null
  | Code
  | Float64Array
  | Uint32Array
  | readonly PythonValue[]
  | { readonly [key: string]: PythonValue };

/** Longest line of a script, in characters. */
const WIDTH = 100;

/** Arrays of more numbers are put in a file. */
const LONGEST_LIST = 24;

/** An expression. */
export function code(text: string): Code {
  return new Code(text);
}

/** A whole number as an integer of Python. */
export function int(value: number): Code {
  return new Code(Number.isInteger(value) ? BigInt(value).toString() : String(value));
}

/** A number as a float of Python, with all of its digits. */
export function float(value: number): string {
  if (!Number.isFinite(value)) return `float("${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}")`;
  const text = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A text in double quotes, in ASCII. */
export function text(value: string): string {
  const escaped = JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // Half a pair is a character of its own in Python: those beyond 16 bits are written whole.
  return escaped.replace(/\\u(d[89ab]..)\\u(d[c-f]..)/g, (_, high: string, low: string) => {
    const point = 0x10000 + (parseInt(high, 16) - 0xd800) * 0x400 + parseInt(low, 16) - 0xdc00;
    return `\\U${point.toString(16).padStart(8, "0")}`;
  });
}

/**
 * A literal: on one line where it fits, else an entry a line.
 *
 * @param indent columns that the line it stands on is indented by
 * @param before columns that it is written behind, such as `name = `
 */
export function literal(value: PythonValue, indent = 0, before = 0): string {
  const line = flat(value);
  if (indent + before + line.length <= WIDTH || isAtom(value)) return line;
  const inner = indent + 4;
  const pad = " ".repeat(inner);
  const [open, close] = isList(value) ? "[]" : "{}";
  if (isList(value) && Array.from(value as ArrayLike<PythonValue>).every(isAtom)) {
    return `${open}\n${wrapped(elements(value).map(flat), inner)}\n${" ".repeat(indent)}${close}`;
  }
  const entries = isList(value)
    ? elements(value).map((entry) => literal(entry, inner))
    : Object.entries(value as Record<string, PythonValue>).map(([key, entry]) => `${text(key)}: ${literal(entry, inner, text(key).length + 3)}`);
  return `${open}\n${entries.map((entry) => `${pad}${entry},\n`).join("")}${" ".repeat(indent)}${close}`;
}

function flat(value: PythonValue): string {
  if (value === null) return "None";
  if (value instanceof Code) return value.text;
  if (typeof value === "number") return float(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (isList(value)) return `[${elements(value).map(flat).join(", ")}]`;
  return `{${Object.entries(value).map(([key, entry]) => `${text(key)}: ${flat(entry)}`).join(", ")}}`;
}

function isList(value: PythonValue): value is Float64Array | Uint32Array | readonly PythonValue[] {
  return Array.isArray(value) || value instanceof Float64Array || value instanceof Uint32Array;
}

function isAtom(value: PythonValue): boolean {
  return typeof value !== "object" || value === null || value instanceof Code;
}

function elements(list: Float64Array | Uint32Array | readonly PythonValue[]): PythonValue[] {
  return list instanceof Uint32Array ? Array.from(list, int) : Array.from(list as ArrayLike<PythonValue>);
}

/** Entries with commas, as many as fit on a line. */
function wrapped(entries: readonly string[], indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const entry of entries) {
    if (line !== "" && indent + line.length + entry.length + 2 > WIDTH) {
      lines.push(line);
      line = "";
    }
    line += `${line === "" ? "" : " "}${entry},`;
  }
  if (line !== "") lines.push(line);
  return lines.map((one) => " ".repeat(indent) + one).join("\n");
}

/** Words that are no names: those of the language, and those that scripts import or use as functions. */
const RESERVED = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda nonlocal not or pass raise return try while with yield match case type print range list dict int float str len min max sum " +
    "set map zip open id np numpy nest brian2 sim main args argparse csv json sys os HERE"
  ).split(" "),
);

/** Gives names of Python, each once: what a population is called, as far as Python can say it. */
export class Names {
  private readonly taken: Set<string>;

  /** @param reserved further words that are taken */
  constructor(reserved: readonly string[] = []) {
    this.taken = new Set([...RESERVED, ...reserved]);
  }

  /** A name like `wanted` that nothing else has. */
  of(wanted: string): string {
    const plain = wanted.normalize("NFKD").replace(/[^A-Za-z0-9_]+/g, "_").replace(/^_+|_+$/g, "");
    const base = plain === "" ? "unnamed" : /^\d/.test(plain) ? `_${plain}` : plain;
    let name = this.taken.has(base) && RESERVED.has(base) ? `${base}_` : base;
    for (let n = 2; this.taken.has(name); n++) name = `${base}_${n}`;
    this.taken.add(name);
    return name;
  }
}

/** Arrays of a script: short ones as lists in it, long ones in files beside it. */
export class Arrays {
  private readonly stored = new Map<string, ExchangeFile>();
  private readonly folder: string;
  private readonly load: (name: string) => string;

  /**
   * @param folder where the files go, relative to the script
   * @param load how the script loads such a file, given its name as a literal of Python
   */
  constructor(folder = "arrays", load: (name: string) => string = (name) => `load(${name})`) {
    this.folder = folder;
    this.load = load;
  }

  /**
   * An expression whose value is the array.
   *
   * @param name what its file is called, where it needs one; a number is put behind it where that is taken
   * @param data the numbers
   * @param call what a list is handed to, such as `np.array`; a list when left out
   */
  of(name: string, data: Float64Array | Uint32Array, call?: string): Code {
    if (data.length <= LONGEST_LIST) return new Code(call === undefined ? flat(data) : `${call}(${flat(data)})`);
    const base = name.replace(/[^A-Za-z0-9_-]+/g, "_");
    let free = base;
    for (let n = 2; this.stored.has(free); n++) free = `${base}_${n}`;
    this.stored.set(free, { path: `${this.folder}/${free}.npy`, content: npy(data) });
    return new Code(this.load(text(`${free}.npy`)));
  }

  get files(): readonly ExchangeFile[] {
    return [...this.stored.values()];
  }
}

/** A file that `numpy.load` reads. */
export function npy(data: Float64Array | Uint32Array): Uint8Array {
  const header = npyHeader(data instanceof Float64Array ? "float64" : "uint32", [data.length]);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return bytes;
}

/**
 * The head of a script: what it is, how it is run, its units, and what differs from the network here.
 *
 * @param sections headings with their lines; those without lines are left out
 */
export function header(title: string, sections: Readonly<Record<string, readonly string[]>>): string {
  const safe = (line: string): string => line.replaceAll("\\", "/").replaceAll('"""', "'''").replace(/\p{Cc}+/gu, " ");
  const parts = Object.entries(sections)
    .filter(([, lines]) => lines.length > 0)
    .map(([heading, lines]) => `${heading}:\n${lines.map((line) => folded(safe(line))).join("\n")}\n`);
  return `#!/usr/bin/env python3\n"""${folded(safe(title), "", "").replace(/"$/, '" ')}\n\n${parts.join("\n")}"""\n`;
}

/** A comment: `# ` and what was said, on as many lines as it needs. */
export function comment(said: string, indent = 0): string {
  const pad = " ".repeat(indent);
  return folded(said.replace(/\p{Cc}+/gu, " "), `${pad}# `, `${pad}# `);
}

/** Words on lines that are not too long. */
function folded(said: string, first = "  ", next = "    "): string {
  const lines: string[] = [];
  let line = first;
  for (const word of said.split(" ")) {
    if (line.trim() !== "" && line.trim() !== "#" && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = next;
    }
    line += line === first || line === next ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}

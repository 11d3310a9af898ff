/**
 * XML to elements with their lines. The text is not trusted: there are no entities but the five of XML, no document
 * type, and depth, number and size are limited while it is read. saxes, which does the reading, is an optional peer
 * and loaded here.
 */
import { ExchangeError } from "../report.js";

/** Deepest nesting. A network of NeuroML needs 6, a morphology 8. */
export const MAX_DEPTH = 64;

/** Most elements of a file, 10 million. */
export const MAX_ELEMENTS = 1e7;

/** Longest text of a file, in characters. */
export const MAX_TEXT = 2 ** 28;

/** An element with its attributes; text within elements says nothing in NeuroML. */
export interface Node {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Node[];
  /** `net.nml:12`: the file and the line where its tag ends. */
  readonly place: string;
}

interface Growing extends Node {
  readonly children: Node[];
}

/** What imports a package. */
export type Importer = (name: "saxes") => Promise<typeof import("saxes")>;

const load: Importer = () => import("saxes");

/** A name without the prefix of its namespace. */
function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/**
 * Reads a file.
 *
 * @param text its content
 * @param file its name, for errors
 * @throws ExchangeError with the line where it is not well formed, or larger or deeper than is sensible
 */
export async function readXml(text: string, file: string, get: Importer = load): Promise<Node> {
  if (text.length > MAX_TEXT)
    throw new ExchangeError(`${file}: ${text.length} characters; it may have at most ${MAX_TEXT}.`, [], { path: file });
  const { SaxesParser } = await parserOf(get);
  const parser = new SaxesParser({ fileName: file });
  const open: Growing[] = [];
  let root: Growing | undefined;
  let count = 0;
  const fail = (message: string): never => {
    const path = `${file}:${parser.line}`;
    throw new ExchangeError(`${path}: ${message}`, [], { path });
  };
  parser.on("error", ({ message }) => fail(`not well formed XML: ${message.replace(/^.*?:\d+:\d+: /, "")}`));
  parser.on("doctype", () => fail("a document type (<!DOCTYPE>); NeuroML has none, and none is read."));
  parser.on("opentag", ({ name, attributes }) => {
    if (open.length >= MAX_DEPTH) fail(`elements within elements, more than ${MAX_DEPTH} deep.`);
    if (++count > MAX_ELEMENTS) fail(`more than ${MAX_ELEMENTS} elements.`);
    const node: Growing = {
      name: local(name),
      attributes: new Map(Object.entries(attributes as Record<string, string>)),
      children: [],
      place: `${file}:${parser.line}`,
    };
    const parent = open.at(-1);
    if (parent) parent.children.push(node);
    else root = node;
    open.push(node);
  });
  parser.on("closetag", () => void open.pop());
  parser.write(text.startsWith("\ufeff") ? text.slice(1) : text).close();
  if (!root) throw new ExchangeError(`${file}: no XML in it.`, [], { path: file });
  return root;
}

async function parserOf(get: Importer): Promise<typeof import("saxes")> {
  try {
    return await get("saxes");
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new ExchangeError(
      'the package "saxes", which reads XML, is not installed; install it beside spikelet: npm install saxes.',
    );
  }
}

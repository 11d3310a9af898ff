/** Elements as XML text. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children?: Iterable<Element>;
}

export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  children?: Iterable<Element>,
): Element {
  return children === undefined ? { name, attributes } : { name, attributes, children };
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\t": "&#9;",
  "\r": "&#13;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"\n\t\r]/g, (sign) => ESCAPES[sign] as string);
}

/** A whole file. */
export function xmlText(root: Element): string {
  const lines: string[] = ['<?xml version="1.0" encoding="UTF-8"?>'];
  put(root, "", lines);
  return `${lines.join("\n")}\n`;
}

function put({ name, attributes, children }: Element, indent: string, lines: string[]): void {
  let head = `${indent}<${name}`;
  for (const [key, value] of Object.entries(attributes)) head += ` ${key}="${escaped(value)}"`;
  const at = lines.push("") - 1;
  for (const child of children ?? []) put(child, `${indent}  `, lines);
  const empty = lines.length === at + 1;
  lines[at] = empty ? `${head}/>` : `${head}>`;
  if (!empty) lines.push(`${indent}</${name}>`);
}

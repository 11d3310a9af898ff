/** Attributes of an element: what is missing or wrong is told with the file, the line and the name. */
import { describe } from "../../model/errors.js";
import { nearestName } from "../../model/suggest.js";
import { ExchangeError } from "../report.js";
import { readQuantity } from "./quantity.js";
import type { Node } from "./read-xml.js";

/** `net.nml:7: iafCell p`: where an element stands. */
export function placeOf({ place, name, attributes }: Node): string {
  const id = attributes.get("id");
  return `${place}: ${name}${id === undefined ? "" : ` ${id}`}`;
}

/** What is wrong with an element. */
export function wrong(node: Node, message: string, value?: unknown): never {
  const path = placeOf(node);
  throw new ExchangeError(`${path}: ${message}`, [], { path, value });
}

/** An attribute that must be there. */
export function text(node: Node, name: string): string {
  const value = node.attributes.get(name);
  if (value !== undefined) return value;
  const near = nearestName(name, node.attributes.keys());
  return wrong(node, `the attribute ${name} is missing${near === undefined ? "." : `; did you mean it by ${near}?`}`);
}

/** A quantity in one of our units. */
export function amount(node: Node, name: string, unit: string): number {
  return readQuantity(text(node, name), unit, `${placeOf(node)}.${name}`);
}

/** A number without a unit. */
export function plain(node: Node, name: string): number {
  const value = text(node, name).trim();
  const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) wrong(node, `${name} = ${describe(value)}; it must be a number without a unit.`, value);
  return number;
}

/** A number without a unit, or another one where it is not given. */
export function plainOr(node: Node, name: string, otherwise: number): number {
  return node.attributes.has(name) ? plain(node, name) : otherwise;
}

/** A whole number from 0 to a limit. */
export function whole(node: Node, name: string, most: number): number {
  const number = plain(node, name);
  if (!Number.isInteger(number) || number < 0 || number > most)
    wrong(node, `${name} = ${number}; it must be a whole number from 0 to ${most}.`, number);
  return number;
}

/** One of known names. */
export function unknown(node: Node, what: string, name: string, known: readonly string[]): never {
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  return wrong(
    node,
    `unknown ${what} ${describe(name)}.${hint} Known: ${known.length === 0 ? "none" : known.slice(0, 40).join(", ")}.`,
    name,
  );
}

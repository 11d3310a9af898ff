/** The tables of attributes in docs/elements.md. */
import { type Attributes, NETWORK_ATTRIBUTES, NEURON_ATTRIBUTES } from "../../src/elements/attributes.js";
import { table } from "./docs.js";

const TABLES: Readonly<Record<string, Attributes>> = { neuron: NEURON_ATTRIBUTES, network: NETWORK_ATTRIBUTES };

function rows(attributes: Attributes): string {
  return table(
    ["attribute", "meaning", "without it"],
    Object.entries(attributes).map(([name, { unit, text, choices, default: otherwise }]) => [
      `\`${name}\`${unit ? `, ${unit}` : ""}`,
      choices ? `${text} ${choices.map((one) => `\`${one}\``).join(", ")}.` : text,
      otherwise,
    ]),
  );
}

/** A page with the parts between its marks written anew. */
export function withAttributes(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, attributes]) => {
    const [start, end] = [`<!-- attributes: ${name} -->`, `<!-- end: ${name} -->`];
    const [from, to] = [text.indexOf(start), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/elements.md has no marks for ${name}`);
    return `${text.slice(0, from + start.length)}\n\n${rows(attributes)}\n\n${text.slice(to)}`;
  }, page);
}

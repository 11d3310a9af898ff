/** Values in a model file by their place: `populations.exc.params.tau_m`, `projections[0].weight`, `seed`. */
import { describe, SpikeletError } from "../model/errors.js";
import { nearestName } from "../model/suggest.js";

/** A place that is not in a model file. */
export class PlaceError extends SpikeletError {
  override readonly name = "PlaceError";
  override readonly code = "place";
}

/** A key of an object, the name of a population in a list, or a place in a list, counted from 0. */
export type Step = string | number;

/** Part of a place: a name, a name in quotes in brackets, or a number in brackets. */
const PART = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;

/**
 * Reads a place. A leading `$.` may stand before it.
 *
 * @throws PlaceError when it is none
 */
export function readPlace(text: string): readonly Step[] {
  const plain = text.replace(/^\$\.?/, "");
  const steps: Step[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < plain.length) {
    const match = PART.exec(plain);
    if (match === null) break;
    const [, name, index, quoted] = match;
    steps.push(
      index !== undefined
        ? Number(index)
        : quoted !== undefined
          ? (JSON.parse(quoted) as string)
          : (name as string).trim(),
    );
    if (PART.lastIndex === plain.length) return steps;
  }
  const allowed = "keys with dots between them, such as populations.exc.params.tau_m or projections[0].weight";
  throw new PlaceError(`${describe(text)} is no place in a model file; it must be ${allowed}.`, {
    value: text,
    allowed,
  });
}

/**
 * The document with a value at a place; all else is shared. Objects on the way there that are missing are made, so that
 * a parameter that has its default can be set; whether such a key may be there is found when the document is read.
 *
 * @throws PlaceError when the way leads through a value that is no object or list, or to an element that is not there
 */
export function withValue(document: unknown, steps: readonly Step[], value: unknown): unknown {
  return changed(document, steps, value, "$");
}

function changed(content: unknown, [step, ...rest]: readonly Step[], value: unknown, path: string): unknown {
  if (step === undefined) return value;
  if (Array.isArray(content)) {
    const index = indexOf(content, step, path);
    return content.map((entry: unknown, i) => (i === index ? changed(entry, rest, value, `${path}[${index}]`) : entry));
  }
  if (typeof step === "number")
    throw new PlaceError(`${path} is no list; it has no element ${step}.`, { path, value: step });
  if (content !== undefined && (typeof content !== "object" || content === null)) {
    throw new PlaceError(`${path} is ${describe(content)}; it has no key ${describe(step)}.`, { path, value: step });
  }
  const object = (content ?? {}) as Readonly<Record<string, unknown>>;
  const inner = Object.hasOwn(object, step) ? object[step] : undefined;
  return { ...object, [step]: changed(inner, rest, value, `${path}.${step}`) };
}

/** An element of a list: by its place, or by its name. */
function indexOf(list: readonly unknown[], step: Step, path: string): number {
  if (typeof step === "number" || /^\d+$/.test(step)) {
    const index = Number(step);
    if (index < list.length) return index;
    const allowed = list.length === 0 ? "none" : `0 to ${list.length - 1}`;
    throw new PlaceError(`${path}[${index}] is not there; elements: ${allowed}.`, { path, value: index, allowed });
  }
  const names = list.map((entry) => (entry as { readonly name?: unknown } | null)?.name);
  const index = names.indexOf(step);
  if (index >= 0) return index;
  const known = names.filter((name) => typeof name === "string");
  const there = known.length === 0 ? `Its elements have no names: say ${path}[0], ...` : `Known: ${known.join(", ")}.`;
  throw new PlaceError(`${path} has no element ${describe(step)}${nearestHint(step, known)} ${there}`, {
    path,
    value: step,
    allowed: known,
  });
}

/** The end of a sentence about a word that is not known: the nearest that is, where one is near. */
export function nearestHint(word: string, known: readonly string[]): string {
  const nearest = nearestName(word, known);
  return nearest === undefined ? "." : `; did you mean ${describe(nearest)}?`;
}

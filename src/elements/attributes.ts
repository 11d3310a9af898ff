/** The attributes of the elements: what each is, and how its text is read. Nothing here needs a page. */
import { itemPath, readName, readNumber, readObject, wrongType } from "../model/check.js";
import { DocumentError } from "../model/errors.js";

/** An attribute; its property has the same name. */
export interface AttributeRecord {
  /**
   * `flag`: there or not. `number`: a number, or a text with a unit. `choice`: one of `choices`. `pairs`: names with
   * values, `NAME = VALUE; NAME = VALUE`. `text`: anything else.
   */
  readonly type: "text" | "flag" | "number" | "choice" | "pairs";
  /** Unit of a number; "" for a pure one. */
  readonly unit?: string;
  readonly range?: "> 0" | ">= 0";
  readonly choices?: readonly string[];
  /** What holds without it, in words. */
  readonly default: string;
  /** What it is, a sentence. */
  readonly text: string;
  /** Changes what runs; without it the network begins anew. */
  readonly live?: true;
}

export type Attributes = Readonly<Record<string, AttributeRecord>>;

/** Attributes that all elements have. */
const COMMON = {
  speed: {
    type: "number",
    unit: "",
    range: "> 0",
    default: "1; 0.2 for a neuron",
    text: "How fast its clock shall go: simulated ms per ms. It is not faster than the machine.",
    live: true,
  },
  duration: {
    type: "number",
    unit: "ms",
    range: "> 0",
    default: "it goes on",
    text: "Simulated time at which it stops by itself.",
  },
  seed: { type: "number", unit: "", default: "1, or that of the file", text: "Seed of its random numbers." },
  min: { type: "number", default: "0, or less where it begins below", text: "Where its sliders begin.", live: true },
  max: { type: "number", default: "a round number", text: "Where its sliders end.", live: true },
  paused: {
    type: "flag",
    default: "it plays when it is seen",
    text: "It shows what its first `span` looks like and waits for a click.",
    live: true,
  },
  controls: {
    type: "choice",
    choices: ["all", "play", "none"],
    default: "`all`",
    text: "What can be clicked: everything, play and reset only, nothing.",
    live: true,
  },
  label: {
    type: "text",
    default: "made of the model or the name of the network",
    text: "What it is called by those that read the page aloud.",
    live: true,
  },
} as const satisfies Attributes;

/** Attributes of `<spikelet-neuron>`. */
export const NEURON_ATTRIBUTES = {
  model: { type: "text", default: "`adex`", text: "Name of a built-in model." },
  preset: { type: "text", default: "none", text: "A preset of the model." },
  params: { type: "pairs", default: "those of the model", text: "Parameters: `tau_w = 100 ms; b = 60`." },
  init: { type: "pairs", default: "that of the model", text: "States at time 0: `v = -60 mV; w = 0`." },
  current: {
    type: "number",
    default: "one that makes the neuron fire",
    text: "The constant background current, in the unit of the model or as a text with a unit. The slider sets it.",
    live: true,
  },
  background: {
    type: "text",
    default: "none",
    text: 'More background currents, as model files have them: `[{ "kind": "whiteNoise", "sigma": 50 }]`.',
  },
  variables: { type: "text", default: "`v`", text: "States to draw, apart by spaces: `v w`." },
  dt: { type: "number", unit: "ms", range: "> 0", default: "that of the model's example", text: "Time step." },
  method: { type: "text", default: "that of the model", text: "Method of integration." },
  span: {
    type: "number",
    unit: "ms",
    range: "> 0",
    default: "that of the model's example",
    text: "Time that is drawn.",
  },
  once: {
    type: "flag",
    default: "it runs live",
    text: "It computes `duration` (or `span`) at once, and anew whenever the current is moved.",
  },
  src: { type: "text", default: "none", text: "Address of a JSON file with a model as equations." },
  ...COMMON,
} as const satisfies Attributes;

/** Attributes of `<spikelet-network>`. */
export const NETWORK_ATTRIBUTES = {
  src: { type: "text", default: "a small network of excitation and inhibition", text: "Address of a model file." },
  drive: {
    type: "pairs",
    default: "1",
    text: "What the background of all populations is multiplied by, or of each: `exc = 1.2; inh = 0.9`. Sliders set it.",
    live: true,
  },
  span: { type: "number", unit: "ms", range: "> 0", default: "1000", text: "Time that is drawn." },
  ...COMMON,
} as const satisfies Attributes;

/** Most pairs of an attribute, and most characters of a text. */
const MOST_PAIRS = 200;
const LONGEST = 100_000;

const PLAIN = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;

/** A number where a text is one, and otherwise the text, which may have a unit. */
export function plainOrText(text: string): number | string {
  return PLAIN.test(text) ? Number(text) : text.trim();
}

/** `NAME = VALUE; NAME = VALUE` as an object; numbers without a unit are numbers. */
export function readPairs(text: string, path: string): Record<string, number | string> {
  if (text.length > LONGEST) wrongType(`${text.length} characters`, path, `at most ${LONGEST} characters`);
  const parts = text.split(/[;\n]/).filter((part) => part.trim() !== "");
  if (parts.length > MOST_PAIRS) wrongType(`${parts.length} values`, path, `at most ${MOST_PAIRS} of them`);
  const pairs = parts.map((part): readonly [string, number | string] => {
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*=\s*(\S[\s\S]*)$/.exec(part) ?? [];
    if (name === undefined || value === undefined)
      return wrongType(part.trim(), path, 'NAME = VALUE, apart by ";", such as "tau_w = 100 ms; b = 60"');
    return [name, plainOrText(value)];
  });
  const twice = pairs.find(([name], k) => pairs.findIndex(([other]) => other === name) < k)?.[0];
  if (twice !== undefined) wrongType(twice, path, "each name once");
  return Object.fromEntries(pairs);
}

/** The parts of a model that a line of a text may begin with, and whether they hold pairs. */
const PARTS: Readonly<Record<string, "text" | "pairs">> = {
  name: "text",
  current: "text",
  threshold: "text",
  reset: "text",
  refractory: "text",
  params: "pairs",
  init: "pairs",
};

/**
 * A model as lines: equations, and `threshold: ...`, `reset: ...`, `params: C = 100 pF; k = 0.7 nS/mV` and the like
 * between them.
 *
 * @returns its definition, to be read by the library
 */
export function readModelText(text: string): Record<string, unknown> & { readonly name: unknown } {
  if (text.length > LONGEST) wrongType(`${text.length} characters`, "model", `at most ${LONGEST} characters`);
  const equations: string[] = [];
  const parts: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const [, key = "", rest = ""] = /^\s*([a-z]+)\s*:(?!=)(.*)$/.exec(line) ?? [];
    if (!Object.hasOwn(PARTS, key)) equations.push(line);
    // a part may have several lines
    else parts[key] = parts[key] === undefined ? rest.trim() : `${parts[key]}\n${rest.trim()}`;
  }
  const given = Object.entries(parts).map(([key, part]) => [key, PARTS[key] === "pairs" ? readPairs(part, key) : part]);
  return { name: "own", equations: equations.join("\n"), ...Object.fromEntries(given) };
}

/** A number in its unit; undefined for an attribute that is not there. */
export function readQuantity(
  text: string | null,
  path: string,
  { unit = "", range }: Pick<AttributeRecord, "unit" | "range">,
): number | undefined {
  return text === null ? undefined : readNumber(plainOrText(text), path, unit, range);
}

/** One of the choices, the first for an attribute that is not there. */
export function readChoice<N extends string>(text: string | null, path: string, choices: readonly N[]): N {
  return text === null ? (choices[0] as N) : readName(text, path, path, choices);
}

/** An object or a list that an attribute or a file holds as JSON. */
export function readJson(text: string, path: string): unknown {
  if (text.length > LONGEST) wrongType(`${text.length} characters`, path, `at most ${LONGEST} characters`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`${path}: not JSON: ${(error as Error).message}`, { path });
  }
}

/** Background currents as JSON: a list of entries, or one. */
export function readBackground(text: string | null, path: string): object[] {
  if (text === null || text.trim() === "") return [];
  const given = readJson(text, path);
  return (Array.isArray(given) ? given : [given]).map((entry: unknown, k) => readObject(entry, itemPath(path, k)));
}

/** What the background of each population is multiplied by. */
export function readDrive(text: string | null, populations: readonly string[]): Record<string, number> {
  const all = (value: number): Record<string, number> => Object.fromEntries(populations.map((name) => [name, value]));
  if (text === null || text.trim() === "") return all(1);
  const whole = plainOrText(text);
  if (typeof whole === "number") return all(readNumber(whole, "drive", "", ">= 0"));
  const pairs = Object.entries(readPairs(text, "drive")).map(
    ([name, value]) =>
      [
        readName(name, "drive", "population with a background current", populations),
        readNumber(value, `drive.${name}`, "", ">= 0"),
      ] as const,
  );
  return { ...all(1), ...Object.fromEntries(pairs) };
}

/** The text of `drive`: one number where it is the same for all. */
export function driveText(drive: Readonly<Record<string, number>>): string {
  const values = [...new Set(Object.values(drive))];
  if (values.length === 1) return String(values[0]);
  return Object.entries(drive)
    .map(([name, value]) => `${name} = ${value}`)
    .join("; ");
}

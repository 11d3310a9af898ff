/** A model as a user writes it, and its reading: keys and kinds of values here, the texts themselves in check.ts. */
import {
  checkKeys,
  field,
  type Fields,
  fieldOr,
  itemPath,
  keyPath,
  readNewName,
  readObject,
  requiredField,
  wrongType,
} from "../model/check.js";
import type { EventDefinition, ModelDefinition, ParameterDefinition, PresetDefinition } from "../model/definition.js";
import { ValueRangeError } from "../model/errors.js";
import { MAX_EVENTS, MAX_LENGTH, MAX_PARAMETERS, MAX_PRESETS, MAX_STATES } from "./limits.js";

const KEYS: readonly (keyof ModelDefinition)[] = [
  "name",
  "title",
  "text",
  "references",
  "current",
  "equations",
  "params",
  "presets",
  "threshold",
  "reset",
  "refractory",
  "events",
  "init",
];
const PARAMETER_KEYS: readonly (keyof ParameterDefinition)[] = ["default", "unit", "range", "text"];
const PRESET_KEYS: readonly (keyof PresetDefinition)[] = ["params", "text", "source"];
const EVENT_KEYS: readonly (keyof EventDefinition)[] = ["name", "condition", "reset"];
const RANGES: readonly string[] = ["> 0", ">= 0"];

/** A definition whose keys and kinds of values are right: texts are texts, names are names. */
export interface Draft {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly references: readonly string[];
  readonly current: string;
  readonly equations: string;
  readonly params: readonly { readonly name: string; readonly given: ParameterDefinition }[];
  readonly presets: readonly { readonly name: string; readonly given: PresetDefinition }[];
  readonly threshold: string | undefined;
  readonly reset: string | undefined;
  readonly refractory: number | string | undefined;
  readonly events: readonly { readonly name: string; readonly condition: string; readonly reset: string }[];
  readonly init: readonly { readonly name: string; readonly value: number | string }[];
}

/**
 * Reads the keys of a definition.
 *
 * @throws the errors of model/errors.ts where a key is unknown or missing, or a value of the wrong kind
 */
export function readDefinition(value: unknown, path: string): Draft {
  const object = readObject(value, path, "a model: an object with a name and equations");
  checkKeys(object, path, KEYS, "key of a model");
  const nameText = "a name such as izhikevich2007";
  const name = readNewName(
    requiredField(object, "name", path, nameText),
    keyPath(path, "name"),
    "model",
    /^[A-Za-z][\w-]*$/,
    "letters, digits, _ and -, beginning with a letter",
  );
  const limit = new Limit(path);
  const text = (key: keyof ModelDefinition): string | undefined => {
    const found = field(object, key);
    return found === undefined ? undefined : limit.text(found, keyPath(path, key));
  };
  requiredField(object, "equations", path, "the model's equations, one a line");
  const refractory = field(object, "refractory");
  const condition = field(object, "threshold");
  return {
    name,
    title: limit.line(fieldOr(object, "title", name), keyPath(path, "title")),
    text: text("text") ?? "",
    references: readTexts(fieldOr(object, "references", []), keyPath(path, "references")),
    current: limit.line(fieldOr(object, "current", "1"), keyPath(path, "current")),
    equations: text("equations") ?? "",
    params: readParams(fieldOr(object, "params", {}), keyPath(path, "params"), limit),
    presets: readPresets(fieldOr(object, "presets", {}), keyPath(path, "presets"), limit),
    threshold: condition === undefined ? undefined : limit.line(condition, keyPath(path, "threshold")),
    reset: text("reset"),
    refractory:
      refractory === undefined
        ? undefined
        : limit.value(refractory, keyPath(path, "refractory"), "a time or a condition"),
    events: readEvents(fieldOr(object, "events", []), keyPath(path, "events"), limit),
    init: readInit(fieldOr(object, "init", {}), keyPath(path, "init"), limit),
  };
}

/** Adds up the lengths of a model's texts. */
export class Limit {
  private readonly path: string;
  private length = 0;

  constructor(path: string) {
    this.path = path;
  }

  private add(text: string): string {
    this.length += text.length;
    if (this.length > MAX_LENGTH) {
      const allowed = `at most ${MAX_LENGTH} characters`;
      throw new ValueRangeError(`${this.path}: the texts of the model are too long; all together have ${allowed}.`, {
        path: this.path,
        allowed,
      });
    }
    return text;
  }

  line(value: unknown, path: string): string {
    if (typeof value !== "string") wrongType(value, path, "a text");
    return this.add(value);
  }

  text(value: unknown, path: string): string {
    if (typeof value === "string") return this.add(value);
    const lines = Array.isArray(value) && value.length <= MAX_LENGTH ? value : undefined;
    if (!lines?.every((line) => typeof line === "string")) wrongType(value, path, "a text, or an array of its lines");
    return this.add(lines.join("\n"));
  }

  value(value: unknown, path: string, what: string): number | string {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value !== "string") wrongType(value, path, `${what}: a number or a text`);
    return this.add(value);
  }
}

export function readTexts(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string"))
    wrongType(value, path, "an array of texts");
  return value;
}

export function few(count: number, most: number, path: string, what: string): void {
  if (count <= most) return;
  const allowed = `at most ${most} ${what}`;
  throw new ValueRangeError(`${path}: there are ${count}; a model has ${allowed}.`, { path, value: count, allowed });
}

export function readParams(value: unknown, path: string, limit: Limit): Draft["params"] {
  const object = readObject(value, path, "an object with a value for each parameter");
  const names = Object.keys(object);
  few(names.length, MAX_PARAMETERS, path, "parameters");
  return names.map((name) => ({ name, given: readParameter(object[name], keyPath(path, name), limit) }));
}

function readParameter(value: unknown, path: string, limit: Limit): ParameterDefinition {
  const what = 'a text with a unit, such as "100 pF", a number, or an object with a default';
  if (typeof value !== "object" || value === null) return { default: limit.value(value, path, what) };
  const object: Fields = readObject(value, path, what);
  checkKeys(object, path, PARAMETER_KEYS, "key of a parameter");
  const range = field(object, "range");
  if (range !== undefined && !RANGES.includes(range as string))
    wrongType(range, keyPath(path, "range"), '"> 0" or ">= 0"');
  const unit = field(object, "unit");
  const text = field(object, "text");
  return {
    default: limit.value(requiredField(object, "default", path, what), keyPath(path, "default"), what),
    ...(unit === undefined ? {} : { unit: limit.line(unit, keyPath(path, "unit")) }),
    ...(range === undefined ? {} : { range: range as "> 0" | ">= 0" }),
    ...(text === undefined ? {} : { text: limit.line(text, keyPath(path, "text")) }),
  };
}

function readPresets(value: unknown, path: string, limit: Limit): Draft["presets"] {
  const object = readObject(value, path, "an object with a preset { params, text, source } under each name");
  const names = Object.keys(object);
  few(names.length, MAX_PRESETS, path, "presets");
  return names.map((name) => {
    const place = keyPath(path, name);
    readNewName(name, place, "preset", /^[A-Za-z][\w-]*$/, "letters, digits, _ and -, beginning with a letter");
    const given = readObject(object[name], place, "a preset { params, text, source }");
    checkKeys(given, place, PRESET_KEYS, "key of a preset");
    const at = (key: keyof PresetDefinition): string => keyPath(place, key);
    const values = "an object with values of parameters";
    const params = readObject(requiredField(given, "params", place, values), at("params"), values);
    few(Object.keys(params).length, MAX_PARAMETERS, at("params"), "parameters");
    const what = 'a number in the parameter\'s unit, or a text with a unit, such as "100 pF"';
    const numbers = Object.keys(params).map((key): [string, number | string] => [
      key,
      limit.value(params[key], keyPath(at("params"), key), what),
    ]);
    return {
      name,
      given: {
        params: Object.fromEntries(numbers),
        text: limit.line(fieldOr(given, "text", ""), at("text")),
        source: limit.line(fieldOr(given, "source", ""), at("source")),
      },
    };
  });
}

function readEvents(value: unknown, path: string, limit: Limit): Draft["events"] {
  if (!Array.isArray(value)) wrongType(value, path, "an array of events { name, condition, reset }");
  few(value.length, MAX_EVENTS, path, "events");
  return value.map((one: unknown, i) => {
    const place = itemPath(path, i);
    const object = readObject(one, place, "an event { name, condition, reset }");
    checkKeys(object, place, EVENT_KEYS, "key of an event");
    const reset = field(object, "reset");
    return {
      name: limit.line(requiredField(object, "name", place, "the event's name"), keyPath(place, "name")),
      condition: limit.line(
        requiredField(object, "condition", place, "a condition such as v > -50*mV"),
        keyPath(place, "condition"),
      ),
      reset: reset === undefined ? "" : limit.text(reset, keyPath(place, "reset")),
    };
  });
}

export function readInit(value: unknown, path: string, limit: Limit): Draft["init"] {
  const object = readObject(value, path, "an object with a value for each state");
  const names = Object.keys(object);
  few(names.length, MAX_STATES, path, "states");
  return names.map((name) => ({
    name,
    value: limit.value(object[name], keyPath(path, name), "a value in the state's unit, or an expression"),
  }));
}

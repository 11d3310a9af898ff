/** Model files: JSON text to checked data and back. */
import { writeBackground } from "../kinds/backgrounds.js";
import { writePositions } from "../kinds/layouts.js";
import { writePlasticity } from "../kinds/plasticity.js";
import { ownKernels, writeReceptor } from "../kinds/receptors.js";
import { writeRule } from "../kinds/rules.js";
import { isPoints, writeValue } from "../kinds/value.js";
import { itemPath, keyPath, MAX_DEPTH, wrongType } from "../model/check.js";
import { describe, DocumentError, DuplicateNameError } from "../model/errors.js";
import {
  autapsesDefault,
  multapsesDefault,
  parseDocument,
  type ParseOptions,
  precisionDefault,
  type TableReader,
} from "../model/parse.js";
import { writeOwnPlasticity } from "../model/ownRule.js";
import type {
  NetworkSpec,
  Points,
  PopulationSpec,
  ProjectionSpec,
  RecordSpec,
  SourceSpec,
  SynapseValue,
  Value,
  WeightRecordSpec,
} from "../model/spec.js";
import { correlated, models as builtIn, poisson, renewal, sources } from "../models/index.js";
import { readNumbers, readPairs } from "./csv.js";
import type { NpyArray } from "./npz.js";
import { pairsOfArrays } from "./npz-pairs.js";
import { readSpikeTable, spikesOfArrays } from "./spike-tables.js";

/** Longest text of a model file, in characters. */
export const MAX_TEXT = 2 ** 28;

/** How to read a model file. */
export interface ModelFileOptions {
  /** Models by the name used in the file; the built-in ones by default. */
  readonly models?: NonNullable<ParseOptions["models"]>;
  /** Gives the text of a file that the model file names (list, samples, spikeTrain). Absent: such files are refused. */
  readonly readText?: (file: string) => string;
  /** Gives the arrays of a file that ends in `.npz` (list, spikeTrain). Absent: such files are refused. */
  readonly readArrays?: (file: string) => ArraysByName;
}

/** Arrays of an npz archive by their names. */
export type ArraysByName = Readonly<Record<string, NpyArray>>;

/** Tables read through functions that give the text of a file, or the arrays of an npz archive. */
export function tableReader(
  readText: (file: string) => string,
  readArrays?: (file: string) => ArraysByName,
): TableReader {
  const arrays = (file: string): ArraysByName => {
    if (!readArrays) {
      throw new DocumentError(
        `the file ${describe(file)} cannot be read: give parseModelFile the function readArrays for npz archives.`,
        { value: file },
      );
    }
    try {
      return readArrays(file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DocumentError(`the file ${describe(file)} cannot be read: ${reason}`, { value: file });
    }
  };
  const text = (file: string): string => {
    try {
      return readText(file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DocumentError(`the file ${describe(file)} cannot be read: ${reason}`, { value: file });
    }
  };
  return {
    numbers: (file, column) => readNumbers(text(file), { file, ...(column !== undefined && { column }) }),
    spikes: (file, own, population) => {
      const wanted = { file, own, population };
      return /\.npz$/i.test(file) ? spikesOfArrays(arrays(file), wanted) : readSpikeTable(text(file), wanted);
    },
    pairs: (file, sources, targets) =>
      /\.npz$/i.test(file)
        ? pairsOfArrays(arrays(file), { file, sources, targets })
        : readPairs(text(file), { file, sources, targets }),
  };
}

/**
 * Reads a model file. The text is not trusted: it is checked for depth and repeated keys before anything is built from
 * it, and models are taken by name only.
 *
 * @param text the content of the file
 * @throws DocumentError where the text is not JSON, with line and column; else as parseDocument
 */
export function parseModelFile(text: string, options: ModelFileOptions = {}): NetworkSpec {
  if (typeof text !== "string") wrongType(text, "the model file", "a text");
  if (text.length > MAX_TEXT) {
    throw new DocumentError(`a model file of ${text.length} characters; it must have at most ${MAX_TEXT}.`, {
      value: text.length,
      allowed: `at most ${MAX_TEXT}`,
    });
  }
  // editors on some systems put a byte order mark first, which JSON does not know
  const content = text.startsWith("\ufeff") ? text.slice(1) : text;
  scan(content);
  let input: unknown;
  try {
    input = JSON.parse(content);
  } catch (error) {
    throw new DocumentError(`the model file is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseDocument(input, {
    namesOnly: true,
    ...(options.models && { models: options.models }),
    ...(options.readText && { files: tableReader(options.readText, options.readArrays) }),
  });
}

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// all but the quote, the backslash and what is below the space
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /[\w.+-]+|[\s\S]/y;

/**
 * Walks over the text once, without recursion. JSON.parse alone would not do: its messages differ between engines and
 * often have no position, and of two equal keys it keeps the last without a word.
 */
function scan(text: string): void {
  interface Level {
    readonly path: string;
    /** Keys so far; undefined in an array. */
    readonly keys: Set<string> | undefined;
    key: string;
    index: number;
  }
  const levels: Level[] = [];
  let at = 0;
  // what may come: a value, a value or the end of an array, a key or the end of an object, a key, or what follows a
  // value
  let expect: "value" | "item" | "first" | "key" | "after" = "value";

  const skip = (): void => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
  };
  const position = (): { line: number; column: number } => {
    const before = text.slice(0, at);
    return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
  };
  const fail = (wanted: string): never => {
    const { line, column } = position();
    WORD.lastIndex = at;
    const found = at >= text.length ? "the end of the file" : describe(WORD.exec(text)?.[0] ?? text[at]);
    throw new DocumentError(`line ${line}, column ${column}: expected ${wanted}, found ${found}.`, {
      value: { line, column },
      allowed: wanted,
    });
  };
  /** Moves behind a text, number or word that starts here; false where none does. */
  const scalar = (): boolean => {
    if (text[at] !== '"') {
      SCALAR.lastIndex = at;
      if (!SCALAR.test(text)) return false;
      at = SCALAR.lastIndex;
      return true;
    }
    // piece by piece: one expression for a whole text would overflow the stack of the engine at millions of escapes
    let next = at + 1;
    for (;;) {
      PLAIN.lastIndex = next;
      PLAIN.test(text);
      next = PLAIN.lastIndex;
      if (text[next] === '"') break;
      ESCAPE.lastIndex = next;
      if (!ESCAPE.test(text)) return false;
      next = ESCAPE.lastIndex;
    }
    at = next + 1;
    return true;
  };
  const here = (level: Level): string =>
    level.keys ? keyPath(level.path, level.key) : itemPath(level.path, level.index);

  for (;;) {
    skip();
    const level = levels.at(-1);
    const sign = text[at];
    if (expect === "first" || expect === "key") {
      if (!level?.keys) throw new Error("a key outside of an object");
      if (sign === "}" && expect === "first") {
        at++;
        levels.pop();
        expect = "after";
        continue;
      }
      if (sign !== '"') fail(expect === "first" ? 'a key in double quotes or "}"' : "a key in double quotes");
      const start = at;
      if (!scalar()) fail("a key in double quotes on one line");
      const key = JSON.parse(text.slice(start, at)) as string;
      if (level.keys.has(key)) {
        at = start;
        const place = keyPath(level.path, key);
        const { line, column } = position();
        throw new DuplicateNameError(`${place}: the key stands twice in its object (line ${line}, column ${column}).`, {
          path: place,
          value: key,
        });
      }
      level.keys.add(key);
      level.key = key;
      skip();
      if (text[at] !== ":") fail('":"');
      at++;
      expect = "value";
    } else if (expect === "value" || expect === "item") {
      if (sign === "]" && expect === "item") {
        at++;
        levels.pop();
        expect = "after";
      } else if (sign === "{" || sign === "[") {
        if (levels.length === MAX_DEPTH) {
          throw new DocumentError(`$: nested deeper than ${MAX_DEPTH} levels; a network needs 6.`, {
            path: "$",
            allowed: `at most ${MAX_DEPTH} levels`,
          });
        }
        const path = level ? here(level) : "$";
        levels.push({ path, keys: sign === "{" ? new Set() : undefined, key: "", index: 0 });
        at++;
        expect = sign === "{" ? "first" : "item";
      } else {
        if (!scalar()) fail(sign === '"' ? "a text that ends on its line, with valid escapes" : "a value");
        // "01" and "truer" begin like a value
        if (/[\w.+-]/.test(text[at] ?? "")) fail("the end of the value");
        expect = "after";
      }
    } else {
      if (!level) {
        if (at < text.length) fail("the end of the file");
        return;
      }
      if (sign === ",") {
        at++;
        level.index++;
        expect = level.keys ? "key" : "value";
      } else if (sign === (level.keys ? "}" : "]")) {
        at++;
        levels.pop();
      } else fail(level.keys ? '"," or "}"' : '"," or "]"');
    }
  }
}

/** A model file as an object of plain JSON values. */
export type ModelDocument = Readonly<Record<string, unknown>>;

/**
 * The model file of a network: parseDocument of it gives the same network. What equals its default is left out.
 *
 * @throws DocumentError for what has no form in JSON: functions of source and target, and models with kernels of their
 *   own
 */
export function toDocument(spec: NetworkSpec): ModelDocument {
  return {
    version: 1,
    name: spec.name,
    dt: spec.dt,
    duration: spec.duration,
    seed: spec.seed,
    ...definitions(spec),
    populations: spec.populations.map(population),
    projections: spec.projections.map((entry, i) => projection(entry, itemPath("$.projections", i), spec.dt)),
    record: [...spec.record.map(recording), ...spec.recordWeights.map(weightRecording)],
  };
}

/**
 * The models, kernels and rules as text of a network: those that its document defined, and those that it uses. Models
 * of the library are among them, so that a later version, whose library may differ, reads the same network.
 */
export function definitions(spec: NetworkSpec): {
  readonly models?: readonly unknown[];
  readonly receptorKernels?: readonly unknown[];
  readonly plasticityRules?: readonly unknown[];
} {
  const used = [...(spec.models ?? []), ...spec.populations.map((p) => p.model)];
  const models = byName(
    "models",
    used.map(({ id: name, definition }) => ({ name, definition })),
  );
  const kernels = [...(spec.receptorKernels ?? []), ...spec.populations.flatMap((p) => ownKernels(p.receptors))];
  const receptorKernels = byName(
    "receptor kernels",
    kernels.map(({ id: name, definition }) => ({ name, definition })),
  );
  const rules = spec.projections.flatMap(({ ownPlasticity }) => (ownPlasticity ? [ownPlasticity.rule] : []));
  const plasticityRules = byName("rules", [...(spec.plasticityRules ?? []), ...rules]);
  return {
    ...(models.length > 0 && { models }),
    ...(receptorKernels.length > 0 && { receptorKernels }),
    ...(plasticityRules.length > 0 && { plasticityRules }),
  };
}

/** Definitions, each once. */
function byName(
  what: string,
  all: readonly { readonly name: string; readonly definition?: object | undefined }[],
): readonly object[] {
  const found = new Map<string, object>();
  for (const { name, definition } of all) {
    if (definition === undefined) continue;
    const known = found.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new DocumentError(
        `two different ${what} have the name ${JSON.stringify(name)}; a model file knows ${what} by name.`,
        { value: name },
      );
    }
    found.set(name, definition);
  }
  return [...found.values()];
}

function rate(from: Value | Points): unknown {
  return isPoints(from) ? { points: from.map((row) => [...row]) } : writeValue(from);
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}

function values(from: Readonly<Record<string, Value>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).map(([key, entry]) => [key, writeValue(entry)]));
}

function population(spec: PopulationSpec): Record<string, unknown> {
  const { model } = spec;
  if (
    model.definition === undefined &&
    ({ ...builtIn, ...sources } as Readonly<Record<string, unknown>>)[model.id] !== model
  ) {
    throw new DocumentError(
      `population ${JSON.stringify(spec.name)}: the model ${JSON.stringify(model.id)} is neither built in nor defined as text; a model file can hold no other.`,
      { value: model.id },
    );
  }
  const positions = spec.positions === undefined ? {} : { positions: writePositions(spec.positions) };
  if (spec.source) {
    const params = played(spec.source);
    return { name: spec.name, model: model.id, size: spec.size, ...(isEmpty(params) ? {} : { params }), ...positions };
  }
  const preset = spec.preset === undefined ? {} : (model.presets[spec.preset]?.params ?? {});
  const params: Record<string, Value> = {};
  for (const [name, record] of Object.entries(model.params)) {
    const given = spec.params[name];
    if (given !== undefined && given !== (preset[name] ?? record.default)) params[name] = given;
  }
  return {
    name: spec.name,
    model: model.id,
    ...(spec.preset === undefined ? {} : { preset: spec.preset }),
    size: spec.size,
    ...(spec.methodIsDefault ? {} : { method: spec.method }),
    ...(spec.rates === undefined ? {} : { rates: spec.rates }),
    ...(isEmpty(params) ? {} : { params: values(params) }),
    ...(isEmpty(spec.init) ? {} : { init: values(spec.init) }),
    ...(isEmpty(spec.receptors)
      ? {}
      : {
          receptors: Object.fromEntries(
            Object.entries(spec.receptors).map(([name, receptor]) => [name, writeReceptor(receptor)]),
          ),
        }),
    ...(spec.background.length === 0 ? {} : { background: spec.background.map(writeBackground) }),
    ...positions,
  };
}

/** Numbers that are not those of a source's record. */
function withoutDefaults(
  model: PopulationSpec["model"],
  given: Readonly<Record<string, Value>>,
): Record<string, unknown> {
  const own = Object.entries(given).filter(([name, value]) => value !== model.params[name]?.default);
  return values(Object.fromEntries(own));
}

function playedRenewal({ intervals, rate, form }: Extract<SourceSpec, { kind: "renewal" }>): Record<string, unknown> {
  const name = { gamma: "shape", lognormal: "cv", refractory: "dead" }[intervals];
  return { kind: intervals, ...withoutDefaults(renewal, { rate, [name]: form }) };
}

/** The parameters of a source. */
function played(source: SourceSpec): Record<string, unknown> {
  if (source.kind === "event") throw new RangeError("an event is no population of a document");
  if (source.kind === "poissonText") return { rate: source.rate };
  if (source.kind === "renewal") return playedRenewal(source);
  if (source.kind === "correlated") {
    const { process, rate, correlation, tau } = source;
    return { kind: process, ...withoutDefaults(correlated, { rate, correlation, tau }) };
  }
  if (source.kind === "poisson") return source.rate === poisson.params.rate.default ? {} : { rate: rate(source.rate) };
  return source.file === undefined
    ? { times: Array.from(source.times), neurons: Array.from(source.neurons) }
    : { file: source.file, ...(source.population === undefined ? {} : { population: source.population }) };
}

function synapseValue(from: SynapseValue, path: string): unknown {
  if (typeof from === "function") {
    throw new DocumentError(`${path}: a function has no form in a model file; use the rule list with an array.`, {
      path,
    });
  }
  return writeValue(from);
}

function projection(spec: ProjectionSpec, path: string, dt: number): Record<string, unknown> {
  const { rule } = spec;
  const columns = rule.rule === "list" ? (rule.columns ?? []) : [];
  const gap = spec.gapJunction === true;
  const event = spec.event === undefined ? {} : { event: spec.event };
  const head = {
    source: spec.source,
    ...event,
    target: spec.target,
    ...(gap ? { gapJunction: true } : { receptor: spec.receptor }),
  };
  return {
    ...head,
    ...writeRule(rule),
    ...(columns.includes("weight") ? {} : { weight: synapseValue(spec.weight, `${path}.weight`) }),
    ...(gap || spec.delay === dt || columns.includes("delay")
      ? {}
      : { delay: synapseValue(spec.delay, `${path}.delay`) }),
    ...(spec.autapses === autapsesDefault(rule.rule, spec.source, spec.target) ? {} : { autapses: spec.autapses }),
    ...(spec.multapses === multapsesDefault(rule.rule) ? {} : { multapses: spec.multapses }),
    ...(spec.weightPrecision === precisionDefault(spec) ? {} : { weightPrecision: spec.weightPrecision }),
    ...(spec.shortTerm === undefined ? {} : { shortTerm: { ...spec.shortTerm } }),
    ...(spec.release === undefined ? {} : { release: spec.release }),
    ...(spec.plasticity === undefined ? {} : { plasticity: writePlasticity(spec.plasticity) }),
    ...(spec.ownPlasticity === undefined ? {} : { plasticity: writeOwnPlasticity(spec.ownPlasticity) }),
    ...(spec.scaling === undefined ? {} : { scaling: { ...spec.scaling } }),
  };
}

function weightRecording(spec: WeightRecordSpec): Record<string, unknown> {
  return {
    projection: spec.projection,
    variables: [spec.variable ?? "weight"],
    ...(spec.synapses === undefined ? {} : { synapses: Array.from(spec.synapses) }),
    ...(spec.every === undefined ? {} : { every: spec.every }),
    ...(spec.from === 0 ? {} : { from: spec.from }),
  };
}

function recording(spec: RecordSpec): Record<string, unknown> {
  return {
    population: spec.population,
    variables: [...spec.variables],
    ...(spec.neurons === undefined ? {} : { neurons: Array.from(spec.neurons) }),
    ...(spec.every === undefined ? {} : { every: spec.every }),
    ...(spec.from === 0 ? {} : { from: spec.from }),
    ...(spec.interpolate ? { interpolate: true } : {}),
  };
}

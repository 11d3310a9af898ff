/** `spikelet models`: what the records of the models say. */
import {
  latexOf,
  models,
  type ModelRecord,
  parseDocument,
  type PlasticityRule,
  type ReceptorKernelRecord,
  SpikeletError,
  sources,
} from "../index.js";
import { libraryModels } from "../model/library.js";
import { InputError } from "./errors.js";
import { loadModel } from "./input.js";
import { bold, table, widthOf, wrap } from "./terminal.js";

const FAMILIES = {
  resets: "spike timing, with reset",
  membrane: "membrane trace, no reset",
  source: "source of spikes",
} as const;

/** How models are printed. */
export type Form = "text" | "json" | "latex";

/** Prints all models: those that are built in, sources, and those of the library. */
export function listModels(form: Form): void {
  const records: readonly ModelRecord[] = [...Object.values(models), ...Object.values(sources)];
  const library = libraryModels();
  if (form !== "text") return printAll([...records, ...library], form);
  const rows = [...records, ...library].map(({ id, summary }) => [id, summary]);
  const lines = table([["model", "what it is"], ...rows]);
  const from = 1 + records.length;
  const heading = ["", bold("Library: models of papers as equations")];
  const hint = ["", "All about one of them: spikelet models adex"];
  print([...lines.slice(0, from), ...heading, ...lines.slice(from), ...hint].join("\n"));
}

/** Prints one model, or the models that a model file defines. */
export async function describeModel(name: string, form: Form): Promise<void> {
  if (name === "-" || (/\.json$/i.test(name) && !Object.hasOwn(models, name))) return describeFile(name, form);
  const record = findModel(name);
  if (form === "json") print(JSON.stringify(modelJson(record), null, 2));
  else printAll([record], form);
}

async function describeFile(file: string, form: Form): Promise<void> {
  const { label, spec } = await loadModel(file);
  const { models: records = [], receptorKernels: kernels = [], plasticityRules: rules = [] } = spec;
  if (form === "json") {
    const all = [...records.map(modelJson), ...kernels.map(kernelJson), ...rules.map(ruleJson)];
    return print(JSON.stringify(all, null, 2));
  }
  if (records.length + kernels.length + rules.length === 0)
    return print(`${label}: it defines no models, receptor kernels or rules of its own.`);
  const texts =
    form === "latex"
      ? [...records, ...kernels].map(modelLatex)
      : [...records.map(modelText), ...kernels.map(kernelText), ...rules.map(ruleText)];
  print(texts.join("\n\n"));
}

function ruleJson({ name, text, params, variables, references, definition }: PlasticityRule): object {
  return { plasticityRule: name, text, params, variables, references, definition };
}

const LEVEL_TEXT = { synapse: "each synapse", source: "each source", target: "each target", shared: "all synapses" };

function ruleText({ name, text, params, variables, references, definition }: PlasticityRule): string {
  const rows = (heads: readonly string[], list: readonly (readonly string[])[]): string[] =>
    list.length === 0 ? [] : table([heads, ...list]).map((line) => `  ${line}`);
  const named = Object.entries(params).map(([key, p]) => [key, String(p.default), unitText(p.unit), p.text]);
  const held = Object.entries(variables).map(([key, { unit, level }]) => [key, unitText(unit), LEVEL_TEXT[level]]);
  const texts = (["synapse", "onPre", "onPost", "onStep", "onInterval", "onModulator"] as const).flatMap((key) => {
    const given = definition[key];
    const lines = given === undefined ? [] : typeof given === "string" ? given.split("\n") : given;
    return lines.length === 0 ? [] : [bold(key), ...lines.map((line) => `  ${line.trim()}`)];
  });
  const section = (heading: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", bold(heading), ...lines];
  return [
    `${bold(name)}: a rule of plasticity`,
    ...(text === "" ? [] : [wrap(text, widthOf(process.stdout))]),
    ...section("Variables beside the weight w", rows(["name", "unit", "one for"], held)),
    ...section("Parameters", rows(["name", "default", "unit", "meaning"], named)),
    "",
    ...texts,
    ...section("References", references.map((reference) => `  ${reference}`)),
  ].join("\n");
}

function printAll(records: readonly ModelRecord[], form: Form): void {
  if (form === "json") print(JSON.stringify(records.map(modelJson), null, 2));
  else print(records.map(form === "latex" ? modelLatex : modelText).join("\n\n"));
}

function modelLatex(record: ModelRecord | ReceptorKernelRecord): string {
  const equations = latexOf(record);
  return `% ${record.id}\n${equations === "" ? "% a source of spikes has no equations" : equations}`;
}

/** A model by its id. An unknown one is told as in a model file, but for the place. */
export function findModel(name: string): ModelRecord {
  if (Object.hasOwn(sources, name)) return sources[name as keyof typeof sources];
  const populations = [{ name: "neuron", model: name, size: 1 }];
  const [population] = asked(() => parseDocument({ dt: 1, duration: 0, populations }, { namesOnly: true }).populations);
  return (population as { model: ModelRecord }).model;
}

/** What answers a word of the command line: errors are told without the place that a model file would have. */
export function asked<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    if (error instanceof SpikeletError) throw new InputError(error.message.replace(/^\$[^:]*: /, ""), { cause: error });
    throw error;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The stable form of a record for programs; docs/command-line.md describes it. */
function modelJson(record: ModelRecord): object {
  const states = Object.entries(record.states).map(([name, { unit, text }]) => [name, { unit, text }]);
  const params = Object.entries(record.params).map(([name, { unit, default: value, range = null, text }]) => {
    return [name, { unit, default: value, range, text }];
  });
  return {
    id: record.id,
    title: record.title,
    family: record.family,
    summary: record.summary,
    current: record.current,
    conductance: record.conductance,
    states: Object.fromEntries(states),
    params: Object.fromEntries(params),
    functions: record.functions ?? {},
    equations: record.equations,
    threshold: record.threshold,
    reset: record.reset ?? null,
    init: record.init,
    methods: record.methods,
    defaultMethod: record.methods[0],
    presets: record.presets,
    references: record.references,
    ...(record.definition && { definition: record.definition }),
  };
}

/** The same of a receptor kernel. */
function kernelJson({ id, params, ...record }: ReceptorKernelRecord): object {
  const shown = Object.entries(params).map(([name, { unit, default: value, range = null, text }]) => {
    return [name, { unit, default: value, range, text }];
  });
  return { receptorKernel: id, ...record, params: Object.fromEntries(shown) };
}

/** Lines under a heading; nothing where there are none. */
function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [bold(heading), ...lines.map((line) => `  ${line}`), ""];
}

function paramLines(record: Pick<ModelRecord, "params">): string[] {
  const params = Object.entries(record.params).map(([name, { default: value, unit, range = "any", text }]) => {
    return [name, String(value), unitText(unit), range, text];
  });
  return params.length === 0 ? [] : table([["name", "default", "unit", "range", "meaning"], ...params], [1]);
}

function referenceLines({ references }: Pick<ModelRecord, "references">): string[] {
  return references.map((reference) => wrap(reference, widthOf(process.stdout) - 2, "    "));
}

function kernelText(record: ReceptorKernelRecord): string {
  const width = widthOf(process.stdout);
  const { conductance, current, equations, functions, method, onSpike, output, reads, states, weight } = record;
  const assignments = (sides: Readonly<Record<string, string>>): string[] =>
    Object.entries(sides).map(([name, side]) => `${name} = ${side}`);
  const units = Object.entries({ ...reads }).map(([name, unit]) => `${name} in ${unitText(unit)}`);
  return [
    `${bold(record.id)}: receptor kernel, a ${conductance ? "conductance" : "current"}`,
    ...(record.text || record.summary).split("\n").map((paragraph) => wrap(paragraph, width)),
    "",
    ...section(
      "States",
      table([["name", "unit"], ...Object.entries(states).map(([name, unit]) => [name, unitText(unit)])]),
    ),
    ...section("Parameters", paramLines(record)),
    ...section("Equations", [
      ...assignments(functions),
      ...Object.entries(equations).map(([state, side]) => `d${state}/dt = ${side}`),
      `when w arrives: ${onSpike.join(", ")}`,
      `current into the cell: ${output}`,
    ]),
    ...section("Units", [
      `weight w: ${unitText(weight)}; current of the models it is for: ${unitText(current)}`,
      `it reads ${units.join(", ")}`,
    ]),
    ...section("Method", [method]),
    ...section("References", referenceLines(record)),
  ]
    .join("\n")
    .trimEnd();
}

function modelText(record: ModelRecord): string {
  const width = widthOf(process.stdout);
  const states = Object.entries(record.states).map(([name, { unit, text }]) => [name, unitText(unit), text]);
  const longest = Math.max(...Object.keys(record.presets).map((name) => name.length));
  const presets = Object.entries(record.presets).flatMap(([name, { params: values, text }]) => {
    const list = Object.entries(values).map(([key, value]) => `${key} ${value}`);
    return [`${name.padEnd(longest)}  ${text}`, `${" ".repeat(longest)}  ${list.join(", ")}`];
  });
  return [
    `${bold(record.id)}: ${record.title} (${FAMILIES[record.family]})`,
    wrap(record.summary, width),
    "",
    ...record.text.split("\n").map((paragraph) => wrap(paragraph, width)),
    "",
    ...(states.length === 0 ? [] : section("States", table([["name", "unit", "meaning"], ...states]))),
    ...section("Parameters", paramLines(record)),
    ...(record.family === "source" ? [] : dynamicsText(record)),
    ...section("Presets", presets),
    ...section("References", referenceLines(record)),
  ]
    .join("\n")
    .trimEnd();
}

/** What a source of spikes has none of. */
function dynamicsText(record: ModelRecord): string[] {
  return [
    ...section("Equations", equationLines(record)),
    ...section("Units", [
      `current I: ${unitText(record.current)}; conductance of receptors with E_rev: ${unitText(record.conductance)}`,
    ]),
    ...section("Methods", methodLines(record)),
  ];
}

function unitText(unit: string): string {
  return unit === "" ? "no unit" : unit;
}

function equationLines(record: ModelRecord): string[] {
  const { functions = {}, equations, threshold, reset, init } = record;
  const assignments = (sides: Readonly<Record<string, string>>): string[] => {
    return Object.entries(sides).map(([name, side]) => `${name} = ${side}`);
  };
  return [
    ...assignments(functions),
    ...Object.entries(equations).map(([state, side]) => `d${state}/dt = ${side}`),
    reset === undefined
      ? crossingText(record)
      : `spike: ${record.definition ? threshold : `v >= ${threshold}`}; then ${assignments(reset).join(", ")}`,
    `start: ${typeof init === "string" ? `at ${init}` : assignments(init).join(", ")}`,
  ];
}

function crossingText({ definition, threshold }: ModelRecord): string {
  if (threshold === "") return "no spikes";
  return definition ? `spike: when this becomes true: ${threshold}` : `spike: v crosses ${threshold} upwards`;
}

function methodLines({ methods, maxStep = {} }: ModelRecord): string[] {
  const limits = Object.entries(maxStep).map(([method, most]) => `${method} ${most} ms`);
  return [
    `${methods.join(", ")} (the first is the default)`,
    ...(limits.length === 0 ? [] : [`stays bounded with the default parameters up to a dt of: ${limits.join(", ")}`]),
  ];
}

/** `spikelet models`: what the records of the built-in models say. */
import { models, type ModelRecord, parseDocument, SpikeletError } from "../index.js";
import { InputError } from "./errors.js";
import { bold, table, widthOf, wrap } from "./terminal.js";

const FAMILIES = { resets: "spike timing, with reset", membrane: "membrane trace, no reset" } as const;

/** Prints all models. */
export function listModels(json: boolean): void {
  const records: readonly ModelRecord[] = Object.values(models);
  if (json) {
    print(JSON.stringify(records.map(modelJson), null, 2));
    return;
  }
  const rows = records.map(({ id, summary }) => [id, summary]);
  print(["", ...table([["model", "what it is"], ...rows]), "", "More about one: spikelet models adex", ""].join("\n"));
}

/** Prints one model. */
export function describeModel(name: string, json: boolean): void {
  const record = find(name);
  print(json ? JSON.stringify(modelJson(record), null, 2) : modelText(record));
}

/** A model by its id; the error of a model file about an unknown one, without its place. */
function find(name: string): ModelRecord {
  try {
    const network = parseDocument({ dt: 1, duration: 0, populations: [{ name: "neuron", model: name, size: 1 }] }, { namesOnly: true });
    return (network.populations[0] as { model: ModelRecord }).model;
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
  const { id, title, family, summary, current, conductance, states, params, functions, equations, threshold, reset, init, methods, presets, references } = record;
  return {
    id,
    title,
    family,
    summary,
    current,
    conductance,
    states: Object.fromEntries(Object.entries(states).map(([name, { unit, text }]) => [name, { unit, text }])),
    params: Object.fromEntries(
      Object.entries(params).map(([name, { unit, default: value, range, text }]) => [name, { unit, default: value, range: range ?? null, text }]),
    ),
    functions: functions ?? {},
    equations,
    threshold,
    reset: reset ?? null,
    init,
    methods,
    defaultMethod: methods[0],
    presets,
    references,
  };
}

function modelText(record: ModelRecord): string {
  const { id, title, family, summary, text, current, conductance, states, params, equations, threshold, reset, init, methods, maxStep, presets, references } = record;
  const width = widthOf(process.stdout);
  const section = (heading: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [bold(heading), ...lines.map((line) => `  ${line}`), ""]);
  const unit = (name: string): string => (name === "" ? "no unit" : name);
  const equation = ([state, side]: readonly [string, string]): string => `d${state}/dt = ${side}`;
  const limits = Object.entries(maxStep ?? {}).map(([method, most]) => `${method} up to dt ${most} ms`);
  const presetLines = Object.entries(presets).map(([name, preset]) => {
    const values = Object.entries(preset.params).map(([key, value]) => `${key} ${value}`);
    return wrap(`${name}: ${preset.text} (${values.join(", ")})`, width - 2, "      ");
  });
  return [
    `${bold(id)}: ${title} (${FAMILIES[family]})`,
    summary,
    "",
    ...text.split("\n").map((paragraph) => wrap(paragraph, width)),
    "",
    ...section("States", table([["name", "unit", "meaning"], ...Object.entries(states).map(([name, s]) => [name, unit(s.unit), s.text])])),
    ...section(
      "Parameters",
      table([["name", "default", "unit", "range", "meaning"], ...Object.entries(params).map(([name, p]) => [name, String(p.default), unit(p.unit), p.range ?? "any", p.text])], [1]),
    ),
    ...section("Equations", [
      ...Object.entries(record.functions ?? {}).map(([name, side]) => `${name} = ${side}`),
      ...Object.entries(equations).map(equation),
      reset === undefined ? `spike: v crosses ${threshold} upwards` : `spike: v >= ${threshold}; then ${Object.entries(reset).map(([state, side]) => `${state} = ${side}`).join(", ")}`,
      typeof init === "string" ? "start: at rest" : `start: ${Object.entries(init).map(([state, side]) => `${state} = ${side}`).join(", ")}`,
    ]),
    ...section("Currents and conductances", [`I in ${unit(current)}, receptors with E_rev in ${unit(conductance)}`]),
    ...section("Methods", [`${methods.join(", ")} (the first is the default)`, ...(limits.length === 0 ? [] : [`stays bounded with the defaults: ${limits.join(", ")}`])]),
    ...section("Presets", presetLines),
    ...section("References", references.map((reference) => wrap(reference, width - 2, "    "))),
  ]
    .join("\n")
    .trimEnd();
}

/** A model as it stands in the fields of the page, and what is made of it. No part of the page itself. */

/** A name with the text of its value. */
export interface Row {
  readonly name: string;
  readonly value: string;
}

/** The fields, as they are: also while they are wrong. */
export interface Draft {
  readonly name: string;
  readonly current: string;
  readonly equations: string;
  readonly threshold: string;
  readonly reset: string;
  readonly refractory: string;
  readonly params: readonly Row[];
  readonly init: readonly Row[];
}

/** A draft, and how it runs. */
export interface Setup {
  readonly draft: Draft;
  /** Background of the neuron in the middle, in the unit of `draft.current`, and how far that of the ends lies off. */
  readonly current: number;
  readonly spread: number;
  /** ms */
  readonly dt: number;
  /** The default of the model when empty. */
  readonly method: string;
  readonly seed: number;
}

/** Neurons that run; their currents go down evenly from the first to the last. */
export const SIZE = 201;
export const POPULATION = "cells";

export const DT = { min: 0.005, max: 1 };

const TEXTS = ["name", "current", "equations", "threshold", "reset", "refractory"] as const;
/** Most that is taken from a link; the library has narrower limits, and says so. */
const LONGEST = 70_000;
const MOST_ROWS = 300;

function objectOf(given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
}

function own(given: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(given, key) ? given[key] : undefined;
}

function rowsFrom(given: unknown): readonly Row[] | undefined {
  if (!Array.isArray(given) || given.length > MOST_ROWS) return undefined;
  const rows = given.map((one: unknown) => {
    const row = objectOf(one);
    return { name: own(row, "name"), value: own(row, "value") };
  });
  const texts = rows.every(({ name, value }) => typeof name === "string" && typeof value === "string");
  return texts ? (rows as Row[]) : undefined;
}

/** A draft of untrusted data; undefined where it is none. */
export function draftFrom(given: unknown): Draft | undefined {
  const object = objectOf(given);
  const texts = TEXTS.map((key) => own(object, key));
  const [params, init] = [rowsFrom(own(object, "params")), rowsFrom(own(object, "init"))];
  if (!params || !init || !texts.every((text) => typeof text === "string")) return undefined;
  const all = [...texts, ...[...params, ...init].flatMap(({ name, value }) => [name, value])];
  if (all.reduce((sum, text) => sum + text.length, 0) > LONGEST) return undefined;
  return { ...(Object.fromEntries(TEXTS.map((key, k) => [key, texts[k]])) as unknown as Draft), params, init };
}

/** A setup of untrusted data: what is wrong there is taken from `otherwise`, all of it where there is no draft. */
export function setupFrom(given: unknown, otherwise: Setup): Setup {
  const object = objectOf(given);
  const draft = draftFrom(own(object, "draft"));
  if (draft === undefined) return otherwise;
  const number = (key: "current" | "spread" | "dt" | "seed", min: number, max: number): number => {
    const found = own(object, key);
    return typeof found === "number" && found >= min && found <= max ? found : otherwise[key];
  };
  const method = own(object, "method");
  return {
    draft,
    current: number("current", -1e9, 1e9),
    spread: number("spread", 0, 1e9),
    dt: number("dt", DT.min, DT.max),
    method: typeof method === "string" && method.length < 40 ? method : "",
    seed: Math.floor(number("seed", 0, Number.MAX_SAFE_INTEGER)),
  };
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/;

/** The number that a text begins with, and what stands behind it. */
export function numberOf(text: string): { readonly number: number; readonly rest: string } | undefined {
  const trimmed = text.trim();
  const found = NUMBER.exec(trimmed)?.[0];
  if (found === undefined || !Number.isFinite(Number(found))) return undefined;
  const rest = trimmed.slice(found.length).trim();
  // an expression is no quantity
  return /^[-+*/(]/.test(rest) ? undefined : { number: Number(found), rest };
}

/** A quantity with another number. */
export function withNumber(text: string, number: number): string {
  const rest = numberOf(text)?.rest ?? "";
  const shown = String(Number(number.toPrecision(6)));
  return rest === "" ? shown : `${shown} ${rest}`;
}

/** What a text stands for in a definition: a pure number is one. */
function valueOf(text: string): number | string {
  const found = numberOf(text);
  return found?.rest === "" ? found.number : text.trim();
}

function tableOf(rows: readonly Row[]): Record<string, number | string> {
  const named = rows.filter(({ name, value }) => name.trim() !== "" || value.trim() !== "");
  return Object.fromEntries(named.map(({ name, value }) => [name.trim(), valueOf(value)]));
}

/** The definition, for `defineModel` and model files. */
export function definitionOf(draft: Draft): Record<string, unknown> & { readonly equations: string } {
  const { name, current, equations, threshold, reset, refractory, params, init } = draft;
  return {
    name: name.trim(),
    ...(current.trim() !== "" && { current: current.trim() }),
    equations,
    ...(params.length > 0 && { params: tableOf(params) }),
    ...(threshold.trim() !== "" && { threshold }),
    ...(reset.trim() !== "" && { reset }),
    ...(refractory.trim() !== "" && { refractory: valueOf(refractory) }),
    ...(init.length > 0 && { init: tableOf(init) }),
  };
}

/** What the fields themselves have wrong: a name that stands twice. */
export function doubled({ params, init }: Draft): string | undefined {
  const twice = (rows: readonly Row[]): string | undefined => {
    const names = rows.map(({ name }) => name.trim());
    return names.find((name, k) => name !== "" && names.indexOf(name) < k);
  };
  const [parameter, state] = [twice(params), twice(init)];
  if (parameter !== undefined) return `Two parameters are called ${parameter}: each has a name of its own.`;
  return state === undefined ? undefined : `${state} has two initial values: each state has one.`;
}

const short = (number: number): number => Number(number.toPrecision(6));

/** The current of a neuron. */
export function currentAt({ current, spread }: Pick<Setup, "current" | "spread">, neuron: number): number {
  return short(current + spread * (1 - (2 * neuron) / (SIZE - 1)));
}

export function backgroundOf(setup: Pick<Setup, "current" | "spread">): object[] {
  const amplitude =
    setup.spread === 0 ? short(setup.current) : Array.from({ length: SIZE }, (_, i) => currentAt(setup, i));
  return [{ kind: "constant", amplitude }];
}

/** The model file. */
export function documentOf(setup: Setup): object {
  const { draft, dt, method, seed } = setup;
  const definition = definitionOf(draft);
  return {
    name: "equations",
    dt,
    seed,
    duration: 1000,
    models: [definition],
    populations: [
      {
        name: POPULATION,
        model: definition.name,
        size: SIZE,
        ...(method !== "" && { method }),
        background: backgroundOf(setup),
      },
    ],
    record: [{ population: POPULATION, variables: ["spikes"] }],
  };
}

/** The parameters whose numbers differ, where nothing else does: such a change needs no new model. */
export function changedParameters(from: Setup, to: Setup): Record<string, number | string> | undefined {
  const frame = ({ draft, dt, method, seed }: Setup): string =>
    JSON.stringify([
      { ...draft, params: draft.params.map(({ name, value }) => [name, numberOf(value)?.rest ?? value]) },
      [dt, method, seed],
    ]);
  if (frame(from) !== frame(to)) return undefined;
  const changed = to.draft.params.filter(({ value }, k) => value !== from.draft.params[k]?.value);
  return tableOf(changed);
}

/** Range and step of a slider for a quantity: around what it was when it was written. */
export function sliderOf(
  text: string,
): { readonly min: number; readonly max: number; readonly step: number } | undefined {
  const found = numberOf(text);
  if (found === undefined) return undefined;
  const { number, rest } = found;
  const reach = rest === "mV" ? Math.max(30, Math.abs(number) / 2) : Math.abs(number) || 1;
  const step = 10 ** Math.floor(Math.log10(reach / 50));
  const least = rest === "mV" || number <= 0 ? number - reach : 0;
  return { min: short(least), max: short(number + reach), step };
}

/** A mistake, as a worker sends it: `Diagnostic` of the library. */
export interface Mistake {
  readonly severity: string;
  readonly message: string;
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly fix?: string;
  readonly frame: string;
}

/** A text with the marked piece replaced by the fix of a mistake. */
export function fixed(text: string, { line, column, length, fix = "" }: Mistake): string {
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  return text.slice(0, start) + fix + text.slice(start + length);
}

/** The pieces of one line: those that mistakes mark, and the others. */
export function piecesOf(
  text: string,
  line: number,
  mistakes: readonly Mistake[],
): { readonly text: string; readonly marked: boolean }[] {
  const marks = mistakes.filter((one) => one.line === line);
  const marked = Array.from(text, () => false);
  const units = text.split("");
  units.forEach((_, k) => {
    marked[k] = marks.some(({ column, length }) => k >= column - 1 && k < column - 1 + Math.max(1, length));
  });
  const pieces: { text: string; marked: boolean }[] = [];
  units.forEach((unit, k) => {
    const last = pieces.at(-1);
    const is = marked[k] === true;
    if (last && last.marked === is) last.text += unit;
    else pieces.push({ text: unit, marked: is });
  });
  // something is missing at the end
  if (marks.some(({ column }) => column > units.length)) pieces.push({ text: " ", marked: true });
  return pieces;
}

/** Which field of a draft a mistake is in, with the row's name where it is one of a table. */
export function fieldOf({ source }: Mistake): { readonly field: string; readonly row?: string } {
  const [, field = source, row] = /^(params|init)\.(.*?)(?:\.unit)?$/.exec(source) ?? [];
  return row === undefined ? { field } : { field, row };
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

function literal(value: unknown, indent: string): string {
  if (typeof value === "string")
    return value.includes("\n")
      ? `\`\n${value.replace(/[\\`]|\$\{/g, "\\$&").replaceAll(/^/gm, `${indent}  `)}\n${indent}\``
      : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).map(([key, one]) => {
    // in brackets it is a name like any other
    const shown = key === "__proto__" ? `["__proto__"]` : IDENTIFIER.test(key) ? key : JSON.stringify(key);
    return `${indent}  ${shown}: ${literal(one, `${indent}  `)},`;
  });
  return entries.length === 0 ? "{}" : `{\n${entries.join("\n")}\n${indent}}`;
}

/** A program that runs it. */
export function typescriptOf(setup: Setup): string {
  const { draft, current, spread, dt, method, seed } = setup;
  const unit = draft.current.trim() === "" || draft.current.trim() === "1" ? "" : ` ${draft.current.trim()}`;
  const amplitude =
    spread === 0
      ? String(short(current))
      : `Array.from({ length: ${SIZE} }, (_, i) => ${short(current)} + ${short(spread)} * (1 - (2 * i) / ${SIZE - 1}))`;
  return `import { background, defineModel, Simulation } from "spikelet";

const model = defineModel(${literal(definitionOf(draft), "")});

const sim = await Simulation.create({ dt: ${dt}, seed: ${seed} });
// currents from ${currentAt(setup, 0)}${unit} down to ${currentAt(setup, SIZE - 1)}${unit}
const cells = sim.population("${POPULATION}", model, ${SIZE}, {${method === "" ? "" : `\n  method: ${JSON.stringify(method)},`}
  background: [background.constant(${amplitude})],
});
const spikes = sim.record(cells, "spikes");
const v = sim.record(cells, "v", { neurons: [${(SIZE - 1) / 2}] });
await sim.run(1000);
console.log(spikes.times.length, "spikes; v at the end", v.values(0).at(-1));
`;
}

/** JSON with lists of numbers in one line each. */
function jsonOf(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? value.map((one) => jsonOf(one, inner))
    : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${jsonOf(one, inner)}`);
  const plain = Array.isArray(value) && value.every((one) => typeof one !== "object");
  return plain || parts.length === 0
    ? `${open}${parts.join(", ")}${close}`
    : `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

/** The model file as text. */
export function modelFileOf(setup: Setup): string {
  return `${jsonOf(documentOf(setup), "")}\n`;
}

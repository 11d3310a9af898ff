/** What the records of kinds say, as plain data: for listings, forms and the tables of the documentation. */
import { readName } from "../model/check.js";
import type { ModelRecord } from "../model/record.js";
import { type BackgroundRecord, backgrounds, noiseUnit, scopeFields } from "./backgrounds.js";
import { type DistributionRecord, distributions, numbersText } from "./distributions.js";
import { type Field, type Fields, type GivenUnit, mayBeLeftOut } from "./field.js";
import { type LayoutRecord, layouts } from "./layouts.js";
import { divisionFields, plasticities, type PlasticityRecord, scalingFields, shortTermFields } from "./plasticity.js";
import { membraneUnit, type ReceptorRecord, receptors } from "./receptors.js";
import { ruleNames, ruleOf } from "./rules.js";

/** A field of a kind. */
export interface KindField {
  readonly name: string;
  /**
   * What it holds: one `number`, a `value` per neuron (one for all, an array, a distribution), `points` in time, a
   * `rate` (a value
   * or points), an `integer`, a `choice`, a `flag`, or what its text says.
   */
  readonly type: Field["type"];
  /** "" for pure numbers. */
  readonly unit: string;
  readonly required: boolean;
  /** A sentence on it. */
  readonly text: string;
  /** What is taken when it is left out, where that is one value. */
  readonly default?: number | string | boolean;
  /** What a number may be, such as `> 0`; any when left out. */
  readonly range?: string;
  /** The words of a `choice`. */
  readonly choices?: readonly string[];
}

/** A kind: of receptor, background, plasticity, connection rule, layout or distribution. */
export interface Kind {
  readonly name: string;
  /** What it is, without its end. */
  readonly text: string;
  readonly source?: string;
  readonly fields: readonly KindField[];
}

/** Kinds of one sort. */
export interface KindSort {
  readonly title: string;
  /** The key of model files that names a kind; where a kind is itself the key of its entry, `null`. */
  readonly key: string | null;
  /** Fields that every kind may have beside its own. */
  readonly common: readonly KindField[];
  readonly kinds: readonly Kind[];
}

/** Texts of the units that depend on the network. */
export type Units = Readonly<Partial<Record<GivenUnit, string>>>;

/** What they are called where the network is not known. */
export const UNKNOWN_UNITS: Readonly<Record<GivenUnit, string>> = {
  current: "the unit of the current",
  noise: "the unit of the current times sqrt(ms)",
  membrane: "the unit of v",
  weight: "the unit of the receptor",
};

/** The text of a unit, where it depends on the network as `units` has it. */
export function unitOf(unit: string, units: Units): string {
  return ({ ...UNKNOWN_UNITS, ...units } as Readonly<Record<string, string | undefined>>)[unit] ?? unit;
}

/** The sentence on a field: its text, and its default where the text does not say it. */
export function fieldText(field: Field, units: Units): string {
  const unit = "unit" in field && field.unit !== undefined ? unitOf(field.unit, units) : "";
  const text = typeof field.text === "function" ? field.text(unit) : field.text;
  if (text.endsWith(".") || (text === "" && field.default === undefined)) return text;
  if (field.default === undefined) return `${text}.`;
  if (typeof field.default !== "number") return `${text === "" ? "" : `${text}. `}Default: ${String(field.default)}.`;
  const shown = field.default === 0 || unit === "" ? String(field.default) : `${field.default} ${unit}`;
  return `${text}; ${shown} when left out.`;
}

const isPlain = (value: unknown): value is number | string | boolean =>
  ["number", "string", "boolean"].includes(typeof value);

function fieldOf(name: string, field: Field, units: Units): KindField {
  const range = "range" in field || "bound" in field ? (field.range ?? field.bound) : undefined;
  return {
    name,
    type: field.type,
    unit: "unit" in field && field.unit !== undefined ? unitOf(field.unit, units) : field.type === "rate" ? "Hz" : "",
    required: !mayBeLeftOut(field),
    text: fieldText(field, units),
    ...(isPlain(field.default) && { default: field.default }),
    ...(typeof range === "string" && range !== "weight" && { range }),
    ...(field.type === "choice" && { choices: field.known }),
  };
}

function fieldsOf(fields: Fields, units: Units): KindField[] {
  return Object.entries(fields).map(([name, field]) => fieldOf(name, field as Field, units));
}

interface Recorded {
  readonly text?: string;
  readonly source?: string;
  readonly fields: Fields;
}

/** Numbers of a distribution, as one field of its name. */
function distributionOf(name: string, record: DistributionRecord): Kind {
  const text = record.arguments.map((one) => one.name).join(", ");
  const field = {
    name,
    type: record.single ? "number" : "list",
    unit: "the unit of the value",
    required: true,
  } as const;
  return { name, text, fields: [{ ...field, text: `${numbersText(record)}.` }] };
}

/**
 * The kinds that networks are made of, by their sorts.
 *
 * @param model whose units are named; without one a unit is called what it depends on, such as "the unit of the
 *   current"
 */
export function kinds(model?: ModelRecord): Readonly<Record<KindSortName, KindSort>> {
  const units: Units =
    model === undefined ? {} : { current: model.current, noise: noiseUnit(model), membrane: membraneUnit(model) };
  const kindOf = (name: string, { text = "", source, fields }: Recorded): Kind => ({
    name,
    text,
    ...(source !== undefined && { source }),
    fields: fieldsOf(fields, units),
  });
  const all = (records: Readonly<Record<string, Recorded>>): Kind[] =>
    Object.entries(records).map(([name, record]) => kindOf(name, record));
  return {
    receptors: { title: "Receptors", key: "kernel", common: [], kinds: all(receptors as Records<ReceptorRecord>) },
    backgrounds: {
      title: "Background currents",
      key: "kind",
      common: fieldsOf(scopeFields, units),
      kinds: all(backgrounds as Records<BackgroundRecord>),
    },
    plasticity: {
      title: "Plasticity",
      key: "kind",
      common: fieldsOf(divisionFields, units),
      kinds: all(plasticities as Records<PlasticityRecord>),
    },
    projections: {
      title: "Further dynamics of projections",
      key: null,
      common: [],
      kinds: [
        kindOf("shortTerm", { text: "Short-term plasticity of Tsodyks and Markram", fields: shortTermFields }),
        kindOf("scaling", { text: "Synaptic scaling towards a rate of the target", fields: scalingFields }),
      ],
    },
    rules: {
      title: "Connection rules",
      key: "rule",
      common: [],
      kinds: ruleNames().map((name) => kindOf(name, ruleOf(name))),
    },
    positions: { title: "Layouts", key: null, common: [], kinds: all(layouts as Records<LayoutRecord>) },
    distributions: {
      title: "Distributions",
      key: null,
      common: [],
      kinds: Object.entries<DistributionRecord>(distributions).map(([name, record]) => distributionOf(name, record)),
    },
  };
}

type Records<R> = Readonly<Record<string, R>>;

/** Sorts of kinds. */
export type KindSortName =
  "receptors" | "backgrounds" | "plasticity" | "projections" | "rules" | "positions" | "distributions";

/**
 * The kinds of a sort, or those of a name: several sorts may have it.
 *
 * @throws UnknownNameError with the nearest name
 */
export function kindsNamed(name: string, model?: ModelRecord): Readonly<Partial<Record<KindSortName, KindSort>>> {
  const all = kinds(model);
  const sorts = Object.entries(all) as [KindSortName, KindSort][];
  if (Object.hasOwn(all, name)) return { [name]: all[name as KindSortName] };
  const known = new Set([...Object.keys(all), ...sorts.flatMap(([, sort]) => sort.kinds.map((kind) => kind.name))]);
  readName(name, "$", "kind", [...known]);
  const found = sorts.map(
    ([sort, one]) => [sort, { ...one, kinds: one.kinds.filter((kind) => kind.name === name) }] as const,
  );
  return Object.fromEntries(found.filter(([, one]) => one.kinds.length > 0));
}

/** Reads a projection: which synapses, onto which receptor, with which weights and delays. */
import { readValue } from "../kinds/value.js";
import {
  checkKeys,
  COMMENT,
  field,
  type Fields,
  keyPath,
  type Range,
  readBoolean,
  readName,
  readNumber,
  readNumbers,
  readObject,
  requiredField,
  wrongType,
} from "./check.js";
import { parsePlasticity, parseScaling, parseShortTerm, plasticBounds } from "../kinds/plasticity.js";
import { isConductance, membraneUnit, weightUnit } from "../kinds/receptors.js";
import {
  allRuleKeys,
  autapsesDefault,
  multapsesDefault,
  readRule,
  type RuleName,
  ruleNames,
  ruleOf,
} from "../kinds/rules.js";
import { checkPlasticWeights } from "./dynamics.js";
import { ConnectionError, describe, MissingKeyError, placeText, UnknownKeyError } from "./errors.js";
import { type ParseOptions } from "./files.js";
import { millivolts } from "../lang/dimensions.js";
import { eventsOf } from "./own.js";
import { isPlasticityRule, parseOwnPlasticity, type PlasticityRule } from "./ownRule.js";
import type { RuleUse } from "../lang/rule.js";
import type { PopulationSpec, ProjectionSpec, SynapseValue } from "./spec.js";

/** Populations by name, as the validators look them up. */
export type Populations = ReadonlyMap<string, PopulationSpec>;

const COMMON_KEYS = ["source", "target", "rule", "weight", "autapses", "multapses", "weightPrecision", "gapJunction"];
/** What synapses have and gap junctions have not. */
const SYNAPSE_KEYS = ["event", "receptor", "delay", "shortTerm", "release", "plasticity", "scaling"];
const ALL_KEYS = [
  ...["source", "target", "event", "receptor", "rule", "weight", "delay", "autapses", "multapses", "weightPrecision"],
  ...["gapJunction", "shortTerm", "release", "plasticity", "scaling"],
  ...allRuleKeys(),
];

/** How per-synapse weights are stored unless the projection says otherwise: weights that change need all digits. */
export function precisionDefault(changing: Changing): "float32" | "float64" {
  return isPlastic(changing) ? "float64" : "float32";
}

type Changing = Pick<ProjectionSpec, "plasticity" | "ownPlasticity" | "scaling">;

/** Whether the weights change by plasticity or scaling. */
export function isPlastic({ plasticity, ownPlasticity, scaling }: Changing): boolean {
  return plasticity !== undefined || ownPlasticity !== undefined || scaling !== undefined;
}

/** The name of a projection by what it connects: not unique where there are several alike. */
export function projectionName(
  spec: Pick<ProjectionSpec, "source" | "event" | "target" | "receptor" | "gapJunction">,
): string {
  const source = spec.event === undefined ? spec.source : `${spec.source}.${spec.event}`;
  return `${source} -> ${spec.target} (${spec.gapJunction ? "gap junctions" : spec.receptor})`;
}

/** Unique names of projections: source, target and receptor, numbered where there are several alike. */
export function projectionNames(projections: readonly ProjectionSpec[]): string[] {
  const alike = new Map<string, number>();
  return projections.map((spec) => {
    const name = projectionName(spec);
    const number = (alike.get(name) ?? 0) + 1;
    alike.set(name, number);
    return number === 1 ? name : `${name} #${number}`;
  });
}

function readPopulation(value: unknown, path: string, populations: Populations): PopulationSpec {
  const name = readName(value, path, "population", [...populations.keys()]);
  return populations.get(name) as PopulationSpec;
}

/**
 * Reads a projection from the object of a model file or of a call.
 *
 * @param input `{ source, target, receptor?, rule, weight, delay?, autapses?, multapses?, ... }`
 * @param path where it stands: `$.projections[0]`, or a name such as `exc->inh` in a call
 * @param populations all populations by name
 * @param options `dt` is the default delay
 */
export function parseProjection(
  input: unknown,
  path: string,
  populations: Populations,
  options: ParseOptions = {},
): ProjectionSpec {
  const object = readObject(input, path);
  const at = (key: string): string => keyPath(path, key);
  checkKeys(object, path, ALL_KEYS);
  const source = readPopulation(
    requiredField(object, "source", path, "the name of a population"),
    at("source"),
    populations,
  );
  const target = readPopulation(
    requiredField(object, "target", path, "the name of a population"),
    at("target"),
    populations,
  );
  if (target.source) {
    throw new ConnectionError(
      `${placeText(at("target"), JSON.stringify(target.name))}; a population of the source ${target.model.id} takes no input, it only sends spikes.`,
      {
        path: at("target"),
        value: target.name,
      },
    );
  }
  const name = readName(
    requiredField(object, "rule", path, `one of ${ruleNames().join(", ")}`),
    at("rule"),
    "rule",
    ruleNames(),
  );
  checkRuleKeys(object, path, name);
  const gap = readGapJunction(object, path, source, target);
  const event = readEvent(field(object, "event"), at("event"), source);
  const receptor = gap ? "" : readReceptorName(field(object, "receptor"), path, target);
  const given = field(object, "autapses");
  const autapses =
    given === undefined ? autapsesDefault(name, source.name, target.name) : readBoolean(given, at("autapses"));
  const multapses = readMultapses(field(object, "multapses"), at("multapses"), name);
  const { rule, table } = readRule(name, object, path, { source, target, autapses, multapses }, options);

  const spec = gap ? undefined : target.receptors[receptor];
  if (!spec && !gap) throw new RangeError(`no receptor ${receptor}`);
  const unit = spec ? weightUnit(target.model, spec) : target.model.conductance;
  const meaning = `the ${gap ? "conductance" : "weight"}${unit === "" ? "" : ` in ${unit}`}`;
  const column = (key: "weight" | "delay"): Float64Array | undefined => {
    const numbers = key === "weight" ? table?.weights : table?.delays;
    if (numbers && field(object, key) !== undefined) {
      throw new ConnectionError(`${at(key)}: the file has a column of ${key}s too; it must be one of them.`, {
        path: at(key),
        value: field(object, "file"),
      });
    }
    return numbers;
  };
  const synapses = table?.sources.length;
  const weightPath = table?.weights ? `${at("file")}.weight` : at("weight");
  const weight = readSynapseValue(
    column("weight") ?? requiredField(object, "weight", path, meaning),
    weightPath,
    unit,
    synapses,
    !spec || isConductance(spec) ? ">= 0" : undefined,
  );
  const delays = column("delay");
  if (gap && delays) {
    throw new ConnectionError(`${at("file")}: the file has a column of delays, and gap junctions have no delay.`, {
      path: at("file"),
      value: field(object, "file"),
    });
  }
  const delayGiven = gap ? 0 : (delays ?? field(object, "delay"));
  if (delayGiven === undefined && options.dt === undefined) requiredField({}, "delay", path, "the delay in ms");
  const delay =
    delayGiven === undefined
      ? (options.dt as number)
      : readSynapseValue(delayGiven, delays ? `${at("file")}.delay` : at("delay"), "ms", synapses, ">= 0");
  const dynamics = readDynamics(object, path, unit, { source, target, populations, options });
  const fraction = (dynamics.plasticity ?? dynamics.ownPlasticity)?.dendriticDelayFraction;
  if (fraction !== undefined && typeof delay !== "number") {
    throw new ConnectionError(
      `${at("plasticity")}.dendriticDelayFraction needs one delay for all synapses; these have delays of their own.`,
      {
        path: `${at("plasticity")}.dendriticDelayFraction`,
        value: fraction,
        allowed: "left out, or with one number as the delay",
      },
    );
  }
  for (const bounds of [dynamics.plasticity && plasticBounds(dynamics.plasticity), dynamics.scaling]) {
    if (bounds) checkPlasticWeights(weight, weightPath, unit, bounds);
  }
  return {
    source: source.name,
    target: target.name,
    ...(event === undefined ? {} : { event }),
    receptor,
    rule,
    weight,
    delay,
    autapses,
    multapses,
    weightPrecision: readPrecision(field(object, "weightPrecision"), at("weightPrecision"), precisionDefault(dynamics)),
    ...(gap ? { gapJunction: true } : {}),
    ...dynamics,
  };
}

/** Refuses keys of other rules. */
function checkRuleKeys(object: Fields, path: string, name: RuleName): void {
  const known = [...COMMON_KEYS, ...SYNAPSE_KEYS, ...Object.keys(ruleOf(name).fields)];
  for (const key of Object.keys(object)) {
    if (known.includes(key) || key === COMMENT) continue;
    const owners = ruleNames().filter((rule) => Object.hasOwn(ruleOf(rule).fields, key));
    throw new UnknownKeyError(
      `${path}: the key "${key}" belongs to the rule${owners.length === 1 ? "" : "s"} ${owners.join(" and ")}, not to ${name}.`,
      {
        path: keyPath(path, key),
        value: key,
        allowed: known,
      },
    );
  }
}

/** Whether the projection is one of gap junctions, between two membranes. */
function readGapJunction(object: Fields, path: string, source: PopulationSpec, target: PopulationSpec): boolean {
  const given = field(object, "gapJunction");
  if (given === undefined || !readBoolean(given, keyPath(path, "gapJunction"))) return false;
  const key = SYNAPSE_KEYS.find((name) => field(object, name) !== undefined);
  if (key !== undefined) {
    throw new ConnectionError(
      `${keyPath(path, key)}: gap junctions are no synapses and have no "${key}"; they have a weight, the conductance.`,
      {
        path: keyPath(path, key),
        value: key,
        allowed: COMMON_KEYS,
      },
    );
  }
  if (source.source) {
    throw new ConnectionError(
      `${placeText(keyPath(path, "source"), JSON.stringify(source.name))}; a population of the source ${source.model.id} has no membrane for gap junctions.`,
      {
        path: keyPath(path, "source"),
        value: source.name,
      },
    );
  }
  const units = [source, target].map((population) => membraneUnit(population.model) || "a pure number");
  const [one, other] = units.map((unit) => millivolts(unit) ?? unit);
  if (one !== other) {
    throw new ConnectionError(
      `${path}: gap junctions need potentials in one unit; v of ${source.model.id} is ${units[0]}, v of ${target.model.id} is ${units[1]}.`,
      { path },
    );
  }
  return true;
}

/** The event of the source's model that the synapses listen to. */
function readEvent(value: unknown, path: string, { name, model }: PopulationSpec): string | undefined {
  if (value === undefined) return undefined;
  const events = eventsOf(model);
  if (events.length > 0) return readName(value, path, `event of ${model.id}`, events);
  const message = `${placeText(path, describe(value))}; the model ${model.id} of ${name} has no events, only spikes. Models with equations may have "events".`;
  throw new ConnectionError(message, { path, value, allowed: "left out" });
}

function readMultapses(value: unknown, path: string, name: RuleName): boolean {
  const multapses = value === undefined ? multapsesDefault(name) : readBoolean(value, path);
  const can = ruleOf(name).multapses;
  if (multapses && can === undefined) {
    const all = ruleNames().filter((rule) => ruleOf(rule).multapses !== undefined);
    const those = `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
    throw new ConnectionError(
      `${path}: the rule ${name} makes at most one synapse per pair of neurons; only ${those} can make more.`,
      {
        path,
        value: true,
        allowed: "false",
      },
    );
  }
  if (!multapses && can === "always") {
    throw new ConnectionError(
      `${path}: the rule ${name} draws each synapse without regard to the others, so a pair may come twice; use fixedProbability or list for single ones.`,
      {
        path,
        value: false,
        allowed: "true",
      },
    );
  }
  return multapses;
}

type Dynamics = Pick<ProjectionSpec, "shortTerm" | "release" | "plasticity" | "ownPlasticity" | "scaling">;

/** The two populations of a projection, and what is around them. */
interface Around {
  readonly source: PopulationSpec;
  readonly target: PopulationSpec;
  readonly populations: Populations;
  readonly options: ParseOptions;
}

/** What a rule needs to know of the projection that has it. */
export function useOf(weight: string, source: PopulationSpec, target: PopulationSpec): RuleUse {
  const units = ({ model }: PopulationSpec): Record<string, string> =>
    Object.fromEntries(Object.entries(model.states).map(([name, state]) => [name, state.unit]));
  return { weight, source: units(source), target: units(target), events: eventsOf(target.model) };
}

/** The rule of one's own that a plasticity names, or is given. */
function ownRuleOf(value: unknown, path: string, { options }: Around): PlasticityRule | undefined {
  const kind = typeof value === "object" && value !== null ? field(value as Fields, "kind") : undefined;
  if (typeof kind === "string" && options.rules && Object.hasOwn(options.rules, kind)) return options.rules[kind];
  if (!isPlasticityRule(kind)) return undefined;
  if (options.namesOnly) wrongType(kind, keyPath(path, "kind"), "the name of a rule");
  return kind;
}

function readDynamics(object: Fields, path: string, unit: string, around: Around): Dynamics {
  const {
    source,
    target,
    populations,
    options: { dt, rules = {} },
  } = around;
  const at = (key: string): string => keyPath(path, key);
  const shortTerm = field(object, "shortTerm");
  const release = field(object, "release");
  const plastic = field(object, "plasticity");
  const scaling = field(object, "scaling");
  const own = ownRuleOf(plastic, at("plasticity"), around);
  const plasticity =
    plastic === undefined || own ? undefined : parsePlasticity(plastic, at("plasticity"), unit, Object.keys(rules));
  const use = own && useOf(unit, source, target);
  return {
    ...(shortTerm === undefined ? {} : { shortTerm: parseShortTerm(shortTerm, at("shortTerm")) }),
    ...(release === undefined ? {} : { release: readNumber(release, at("release"), "", "> 0 to 1") }),
    ...(plasticity === undefined ? {} : { plasticity }),
    ...(own === undefined || use === undefined
      ? {}
      : {
          ownPlasticity: parseOwnPlasticity(plastic as Fields, at("plasticity"), own, use, [...populations.keys()]),
        }),
    ...(scaling === undefined ? {} : { scaling: parseScaling(scaling, at("scaling"), unit, dt, plasticity) }),
  };
}

function readPrecision(value: unknown, path: string, otherwise: "float32" | "float64"): "float32" | "float64" {
  if (value === undefined) return otherwise;
  const precision = readName(value, path, "weight precision", ["float32", "float64"]);
  if (precision === "float32" && otherwise === "float64") {
    throw new ConnectionError(`${placeText(path, '"float32"')}; weights that change are stored as float64.`, {
      path,
      value,
      allowed: "float64",
    });
  }
  return precision;
}

function readReceptorName(value: unknown, path: string, target: PopulationSpec): string {
  const names = Object.keys(target.receptors);
  if (value !== undefined)
    return readName(value, keyPath(path, "receptor"), `receptor of population ${JSON.stringify(target.name)}`, names);
  const [only] = names;
  if (only === undefined) {
    throw new ConnectionError(
      `${path}: population ${JSON.stringify(target.name)} has no receptors; give it one, such as "receptors": { "exc": { "kernel": "exponential", "tau": 5 } }.`,
      {
        path,
        value: target.name,
      },
    );
  }
  if (names.length > 1) {
    throw new MissingKeyError(
      `${path}: the key "receptor" is missing; population ${JSON.stringify(target.name)} has ${names.length} receptors: ${names.join(", ")}.`,
      {
        path: keyPath(path, "receptor"),
        allowed: names,
      },
    );
  }
  return only;
}

function readSynapseValue(
  value: unknown,
  path: string,
  unit: string,
  synapses: number | undefined,
  range: Range,
): SynapseValue {
  if (typeof value === "function") return value as (source: number, target: number) => number;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    if (synapses === undefined)
      wrongType(
        value,
        path,
        "a number, a text with a unit or a distribution; an array needs the rule list, with one number per pair",
      );
    return readNumbers(value, path, unit, { length: synapses, meaning: "one per pair of the list" }, range);
  }
  if ((typeof value === "object" && value !== null) || typeof value === "number" || typeof value === "string")
    return readValue(value, path, unit, 1, range);
  return wrongType(
    value,
    path,
    "a number, a text with a unit, a distribution, an array or a function of source and target",
  );
}

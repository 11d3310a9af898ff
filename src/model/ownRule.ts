/** Rules of plasticity as text: from a definition to the record that the rest of the program knows them by. */
import { EquationError } from "../lang/diagnostics.js";
import { type CheckedRule, compileRule, type Level, type RuleUse } from "../lang/rule.js";
import { ruleProgram } from "../lang/ruleProgram.js";
import { plasticBounds, plasticities, type PlasticitySpec, plasticityOf } from "../kinds/plasticity.js";
import { checkKeys, field, type Fields, keyPath, type Range, readName, readNumber, requiredField } from "./check.js";
import type { PlasticityRuleDefinition } from "./definition.js";
import { ConnectionError, DuplicateNameError } from "./errors.js";
import type { ParameterRecord } from "./record.js";

export type { PlasticityRuleDefinition } from "./definition.js";

/** A variable of a rule, as it is shown and recorded. */
export interface RuleVariableRecord {
  readonly unit: string;
  /** What has one: each synapse, each source, each target, or the projection. */
  readonly level: Level;
}

/** A rule of plasticity that was defined as text. */
export interface PlasticityRule {
  readonly name: string;
  /** What it is, for people. */
  readonly text: string;
  readonly references: readonly string[];
  readonly params: Readonly<Record<string, ParameterRecord>>;
  /** Beside the weight w. */
  readonly variables: Readonly<Record<string, RuleVariableRecord>>;
  readonly definition: PlasticityRuleDefinition;
}

/** A rule of one's own at a projection. */
export interface OwnPlasticitySpec {
  readonly rule: PlasticityRule;
  /** Every parameter: default, or what was given. */
  readonly params: Readonly<Record<string, number>>;
  /** Population whose spikes `onModulator` is for. */
  readonly modulator?: string;
  readonly dendriticDelayFraction?: number;
}

/** What was compiled, by definition and where it is used. */
const compiled = new WeakMap<PlasticityRuleDefinition, Map<string, CheckedRule>>();

/**
 * The checked rule, for what is known of where it is used.
 *
 * @throws EquationError where the neurons there do not fit
 */
export function checkedRule({ definition }: PlasticityRule, use?: RuleUse, path?: string): CheckedRule {
  const known = compiled.get(definition) ?? new Map<string, CheckedRule>();
  compiled.set(definition, known);
  const key = JSON.stringify(use ?? null);
  const checked = known.get(key) ?? located(() => compileRule(definition, path, use), definition, path);
  known.set(key, checked);
  return checked;
}

/**
 * A rule by which the synapses of a projection change, as text: docs/plasticity-rules.md has the language. It is given
 * to `connect` as the `kind` of a plasticity.
 *
 * @throws EquationError with every mistake in the texts, each with its line and column; other errors of the library
 *   where a key is unknown or missing
 */
export function definePlasticityRule(definition: PlasticityRuleDefinition): PlasticityRule {
  return readRuleDefinition(definition);
}

/**
 * The rule of a definition.
 *
 * @param path where the definition stands in a model file
 */
export function readRuleDefinition(input: unknown, path?: string): PlasticityRule {
  const given = input as PlasticityRuleDefinition;
  const checked = located(() => compileRule(given, path), given, path);
  // Finds equations that cannot be solved between events.
  located(() => ruleProgram(checked), given, path);
  const { name } = checked;
  if (Object.hasOwn(plasticities, name)) {
    const place = `${path ?? "rule"}.name`;
    throw new DuplicateNameError(`${place} = "${name}"; a built-in rule has this name.`, { path: place, value: name });
  }
  // A copy: what the caller does with his object later is nothing to the rule.
  return recordOf(JSON.parse(JSON.stringify(given)) as PlasticityRuleDefinition, checked);
}

function recordOf(definition: PlasticityRuleDefinition, checked: CheckedRule): PlasticityRule {
  compiled.set(definition, new Map([["null", checked]]));
  const shown = (unit: string): string => (unit === "1" ? "" : unit);
  const variables = checked.variables.filter(({ kind }) => ["equation", "variable", "constant"].includes(kind));
  return {
    name: checked.name,
    text: checked.text,
    references: checked.references,
    params: Object.fromEntries(
      checked.model.params.map(({ name: key, default: value, unit, range, text }) => [
        key,
        { default: value, unit: shown(unit), ...(range === undefined ? {} : { range }), text },
      ]),
    ),
    variables: Object.fromEntries(variables.map(({ name: key, unit, level }) => [key, { unit: shown(unit), level }])),
    definition,
  };
}

/** The rule of a definition that was read before: from a snapshot, which has those of built-in rules too. */
export function knownRule(definition: PlasticityRuleDefinition): PlasticityRule {
  return recordOf(definition, compileRule(definition));
}

/** Rules that are built in, by their definitions as text. */
const builtIn = new Map<string, PlasticityRule>();

/** The rule that carries a built-in plasticity out, with its numbers. */
export function ruleOfPlasticity(spec: PlasticitySpec): OwnPlasticitySpec {
  const { fields, rule, text } = plasticityOf(spec);
  const numbers = Object.entries(fields).filter(([, { type }]) => type === "number");
  const units = numbers.map(([key, field]) => {
    const unit = "unit" in field && (field.unit === "ms" || field.unit === "Hz") ? ` ${field.unit}` : "";
    return [key, `1${unit}`] as const;
  });
  const bounds = plasticBounds(spec);
  const least = Object.hasOwn(fields, "w_min") ? "w_min" : bounds.w_min;
  const definition: PlasticityRuleDefinition = {
    name: spec.kind,
    text,
    params: Object.fromEntries(units),
    ...rule(spec as never),
    bounds: { w: [least, "w_max"] },
  };
  const key = JSON.stringify(definition);
  const known = builtIn.get(key) ?? recordOf(definition, compileRule(definition, spec.kind));
  builtIn.set(key, known);
  const given: Readonly<Record<string, unknown>> = { ...spec };
  const params = numbers.map(([name]) => [name, given[name] as number] as const);
  const { dendriticDelayFraction } = spec;
  return {
    rule: known,
    params: Object.fromEntries(params),
    ...(dendriticDelayFraction === undefined ? {} : { dendriticDelayFraction }),
  };
}

/** The rule by which the weights of a projection change at spikes. */
export function ruleAt({ plasticity, ownPlasticity }: Changing): OwnPlasticitySpec | undefined {
  return ownPlasticity ?? (plasticity && ruleOfPlasticity(plasticity));
}

interface Changing {
  readonly plasticity?: PlasticitySpec;
  readonly ownPlasticity?: OwnPlasticitySpec;
}

/** Errors in the texts of a model file name the rule's place there. */
function located<T>(compile: () => T, { name }: PlasticityRuleDefinition, path: string | undefined): T {
  try {
    return compile();
  } catch (error) {
    if (path === undefined || !(error instanceof EquationError)) throw error;
    const what = `Rule ${typeof name === "string" ? name : ""}`;
    throw new EquationError(what, error.diagnostics, error.count, path, what);
  }
}

/** Whether a rule passes over all synapses in each step. */
export function worksInSteps(rule: PlasticityRule): boolean {
  const { variables } = checkedRule(rule);
  const clocked = variables.some(({ level, flag }) => level === "synapse" && flag === "clock-driven");
  return clocked || rule.definition.onStep !== undefined;
}

/** Whether a value is a rule that was defined, as programs hand it over. */
export function isPlasticityRule(value: unknown): value is PlasticityRule {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.hasOwn(value, "definition") &&
    Object.hasOwn(value, "variables")
  );
}

/**
 * Reads a plasticity with a rule of one's own: `{ kind, modulator?, dendriticDelayFraction?, ...params }`.
 *
 * @param populations names that a modulator may have
 */
export function parseOwnPlasticity(
  object: Fields,
  path: string,
  rule: PlasticityRule,
  use: RuleUse,
  populations: readonly string[],
): OwnPlasticitySpec {
  const { params, definition, name } = rule;
  const listens = definition.onModulator !== undefined;
  const own = ["kind", ...Object.keys(params), "dendriticDelayFraction", ...(listens ? ["modulator"] : [])];
  checkKeys(object, path, own, `key of ${name}`);
  const numbers = Object.entries(params).map(([key, { default: value, unit, range }]) => {
    const given = field(object, key);
    return [key, given === undefined ? value : readNumber(given, keyPath(path, key), unit, range as Range)] as const;
  });
  const modulator = listens
    ? requiredField(object, "modulator", path, "the population whose spikes onModulator is for")
    : undefined;
  const fraction = field(object, "dendriticDelayFraction");
  const checked = checkedRule(rule, use, path);
  const k = checked.blocks.findIndex(({ kind }) => kind === "onPre");
  if (fraction !== undefined && checked.model.events[k]?.reset.some((one) => one.name === "transmitted")) {
    const place = keyPath(path, "dendriticDelayFraction");
    const message = `${place}: onPre of ${name} says what a spike transmits, when it leaves its source; the delay cannot be divided then.`;
    throw new ConnectionError(message, { path: place, value: fraction, allowed: "left out" });
  }
  return {
    rule,
    params: Object.fromEntries(numbers),
    ...(modulator === undefined
      ? {}
      : { modulator: readName(modulator, keyPath(path, "modulator"), "population", populations) }),
    ...(fraction === undefined
      ? {}
      : { dendriticDelayFraction: readNumber(fraction, keyPath(path, "dendriticDelayFraction"), "", "0 to 1") }),
  };
}

/** A plasticity with a rule of one's own, as model files have it: what differs from the rule's own numbers. */
export function writeOwnPlasticity(spec: OwnPlasticitySpec): Record<string, unknown> {
  const { rule, params, modulator, dendriticDelayFraction } = spec;
  const changed = Object.entries(params).filter(([key, value]) => value !== rule.params[key]?.default);
  return {
    kind: rule.name,
    ...Object.fromEntries(changed),
    ...(modulator === undefined ? {} : { modulator }),
    ...(dendriticDelayFraction === undefined ? {} : { dendriticDelayFraction }),
  };
}

/**
 * A rule of plasticity as a user writes it, and its checking: what every name is, what it belongs to, and which of the
 * rule's texts may change it. What the rule does to synapses, neurons and events is taken from here by ruleProgram.ts.
 */
import {
  checkKeys,
  field,
  type Fields,
  fieldOr,
  itemPath,
  keyPath,
  readName,
  readNewName,
  readObject,
  requiredField,
  wrongType,
} from "../model/check.js";
import type { PlasticityRuleDefinition } from "../model/definition.js";
import { LengthError, MissingKeyError } from "../model/errors.js";
import { nearestName } from "../model/suggest.js";
import { type Assignment, type Equation, type Expression, namesIn, RULE_FLAGS } from "./ast.js";
import { Checker, type CheckedModel, type CheckedState, converted, type Located, writtenQuantity } from "./check.js";
import { type Draft, few, Limit, readInit, readParams, readTexts } from "./definition.js";
import type { Diagnostic } from "./diagnostics.js";
import { type Dimension, NUMBER, parseUnit, same, type Unit } from "./dimensions.js";
import { dimensionOf } from "./infer.js";
import { MAX_EVENTS, MAX_STATES } from "./limits.js";
import { parseEquations, parseExpression } from "./parser.js";
import { type Entry, Uses } from "./scope.js";
import { shorten, Source, type Span } from "./source.js";

/** What a variable of a rule belongs to. */
export type Level = "synapse" | "source" | "target" | "shared";

/** Texts of a rule that are statements. */
export type BlockKind = "onPre" | "onPost" | "onStep" | "onInterval" | "onEvent" | "onModulator";

export const RULE_METHODS = ["euler", "heun", "rk4", "exponentialEuler"] as const;
export type RuleMethod = (typeof RULE_METHODS)[number];

/** A name that stands for a number in the rule's expressions: its place is that among all of them. */
export interface RuleVariable {
  readonly name: string;
  readonly unit: string;
  readonly level: Level;
  /** What moves it: its equation, statements, nothing. `read`: a state of the neurons of an end. */
  readonly kind: "weight" | "equation" | "variable" | "constant" | "transmitted" | "number" | "read";
  /** The equation says that it is to be integrated in each step, or at events. */
  readonly flag?: "event-driven" | "clock-driven";
  /** Of `read`: the state's name. */
  readonly state?: string;
  /** Where its equation stands. */
  readonly at?: Span;
}

export interface RuleBlock {
  readonly kind: BlockKind;
  /** Of `onEvent`. */
  readonly event?: string;
}

/** What is known of a neuron's states where a rule is used: their units, and names in their order. */
export type StateUnits = Readonly<Record<string, string>>;

/** Where a rule is used, for what only that tells. */
export interface RuleUse {
  /** Unit of the projection's weights. */
  readonly weight: string;
  readonly source: StateUnits;
  readonly target: StateUnits;
  /** Events of the target's model. */
  readonly events: readonly string[];
}

/** A rule without mistakes. */
export interface CheckedRule {
  readonly name: string;
  readonly text: string;
  readonly references: readonly string[];
  /** The rule as a model whose states are `variables` and whose events are `blocks`, in their order. */
  readonly model: CheckedModel;
  readonly variables: readonly RuleVariable[];
  readonly blocks: readonly RuleBlock[];
  /** Unit of the weight as the rule has it; "1" for any. */
  readonly weightUnit: string;
  readonly interval: Expression | number | undefined;
  readonly bounds: ReadonlyMap<number, readonly [Bound, Bound]>;
  readonly method: RuleMethod | undefined;
  readonly equations: Source;
  readonly warnings: readonly Diagnostic[];
}

/** A bound: a number in the variable's unit, or an expression of parameters. */
export type Bound = number | Expression;

const KEYS: readonly (keyof PlasticityRuleDefinition)[] = [
  "name",
  "text",
  "references",
  "params",
  "synapse",
  "onPre",
  "onPost",
  "onStep",
  "onInterval",
  "interval",
  "onEvents",
  "onModulator",
  "bounds",
  "init",
  "method",
];

/** What each text may change, beside what a synapse has. */
const CHANGES: Readonly<Record<BlockKind, readonly Level[]>> = {
  onPre: ["synapse", "source", "shared"],
  onPost: ["synapse", "target"],
  onStep: ["synapse"],
  onInterval: ["synapse", "target"],
  onEvent: ["synapse", "target"],
  onModulator: ["shared"],
};

/** What the value of a variable may depend on. */
const SEES: Readonly<Record<Level, readonly Level[]>> = {
  synapse: ["synapse", "source", "target", "shared"],
  source: ["source", "shared"],
  target: ["target", "shared"],
  shared: ["shared"],
};

const OF: Readonly<Record<Level, string>> = {
  synapse: "each synapse",
  source: "each source",
  target: "each target",
  shared: "the projection",
};

interface RuleDraft {
  readonly model: Draft;
  readonly blocks: readonly { readonly block: RuleBlock; readonly name: string; readonly text: string }[];
  readonly interval: number | string | undefined;
  readonly bounds: readonly { readonly name: string; readonly ends: readonly [number | string, number | string] }[];
  readonly method: RuleMethod | undefined;
}

/**
 * Checks a rule.
 *
 * @param path where it stands, for messages about its keys
 * @param use where it is used, with which states of neurons and the unit of the weight are checked too
 * @throws EquationError with every mistake in the texts; other errors of the library where a key is unknown or missing
 */
export function compileRule(definition: PlasticityRuleDefinition, path = "rule", use?: RuleUse): CheckedRule {
  return new RuleChecker(readRule(definition, path), use).rule();
}

function readRule(value: unknown, path: string): RuleDraft {
  const object = readObject(value, path, "a rule: an object with a name and statements such as onPre");
  checkKeys(object, path, KEYS, "key of a rule of plasticity");
  const at = (key: keyof PlasticityRuleDefinition): string => keyPath(path, key);
  const name = readNewName(
    requiredField(object, "name", path, "a name such as calciumRule"),
    at("name"),
    "rule of plasticity",
    /^[A-Za-z][\w-]*$/,
    "letters, digits, _ and -, beginning with a letter",
  );
  const limit = new Limit(path);
  const blocks = (["onPre", "onPost", "onStep", "onInterval", "onModulator"] as const).flatMap((kind) => {
    const given = field(object, kind);
    return given === undefined ? [] : [{ block: { kind }, name: kind, text: limit.text(given, at(kind)) }];
  });
  const events = readObject(fieldOr(object, "onEvents", {}), at("onEvents"), "an object with statements by event");
  few(Object.keys(events).length, MAX_EVENTS, at("onEvents"), "events");
  for (const event of Object.keys(events)) {
    const text = limit.text(events[event], keyPath(at("onEvents"), event));
    blocks.push({ block: { kind: "onEvent", event } as never, name: `onEvents.${event}` as never, text });
  }
  const interval = field(object, "interval");
  const hasInterval = blocks.some(({ block }) => block.kind === "onInterval");
  if (hasInterval !== (interval !== undefined)) {
    const [there, missing] = hasInterval ? ["onInterval", "interval"] : ["interval", "onInterval"];
    const meaning = hasInterval ? 'a time, such as "1 s"' : "statements for the end of each interval";
    throw new MissingKeyError(`${path}: ${there} needs "${missing}": ${meaning}.`, {
      path: keyPath(path, missing),
      allowed: meaning,
    });
  }
  if (blocks.length === 0 && field(object, "synapse") === undefined) {
    const allowed = "synapse, onPre, onPost or another text";
    throw new MissingKeyError(`${path}: the rule does nothing; it must have ${allowed}.`, { path, allowed });
  }
  const method = field(object, "method");
  const text = field(object, "text");
  const equations = field(object, "synapse");
  return {
    model: {
      name,
      title: name,
      text: text === undefined ? "" : limit.text(text, at("text")),
      references: readTexts(fieldOr(object, "references", []), at("references")),
      // Only decides in which units expressions are computed.
      current: "pA",
      equations: equations === undefined ? "" : limit.text(equations, at("synapse")),
      params: readParams(fieldOr(object, "params", {}), at("params"), limit),
      presets: [],
      threshold: undefined,
      reset: undefined,
      refractory: undefined,
      events: [],
      init: readInit(fieldOr(object, "init", {}), at("init"), limit),
    },
    blocks,
    interval: interval === undefined ? undefined : limit.value(interval, at("interval"), "a time"),
    bounds: readBounds(fieldOr(object, "bounds", {}), at("bounds"), limit),
    method: method === undefined ? undefined : readName(method, at("method"), "method of a rule", RULE_METHODS),
  };
}

function readBounds(value: unknown, path: string, limit: Limit): RuleDraft["bounds"] {
  const object: Fields = readObject(value, path, "an object with [least, largest] for each variable");
  few(Object.keys(object).length, MAX_STATES, path, "bounds");
  return Object.keys(object).map((name) => {
    const place = keyPath(path, name);
    const given = object[name];
    if (!Array.isArray(given)) wrongType(given, place, 'an array [least, largest], such as [0, "w_max"]');
    if (given.length !== 2) {
      throw new LengthError(`${place}: ${given.length} bounds; there must be two, the least and the largest value.`, {
        path: place,
        value: given.length,
        allowed: "2",
      });
    }
    const end = (i: 0 | 1): number | string => limit.value(given[i], itemPath(place, i), "a bound");
    return { name, ends: [end(0), end(1)] as const };
  });
}

/** Names of the ends' states: `v_post` is v of the target. */
const READ = /^([A-Za-z]\w*)_(pre|post)$/;

class RuleChecker extends Checker {
  private readonly rules: RuleDraft;
  private readonly use: RuleUse | undefined;
  private readonly list: RuleVariable[] = [];
  /** By name of an intermediate equation: the levels of what it depends on. */
  private readonly depends = new Map<string, ReadonlySet<Level>>();

  constructor(rules: RuleDraft, use: RuleUse | undefined) {
    super(rules.model, {}, { equations: "synapse", flags: RULE_FLAGS });
    this.rules = rules;
    this.use = use;
  }

  rule(): CheckedRule {
    const { rules, diagnostics, scope } = this;
    const params = rules.model.params.map(({ name, given }, index) => this.parameter(name, given, index));
    const lost = new Map<string, Equation["kind"]>();
    const equations = this.unique(parseEquations(this.equations, diagnostics, this.parsing, lost));
    for (const [name, kind] of lost)
      scope.add(name, this.entry(kind === "intermediate" ? "intermediate" : "state", 0, undefined, 0));
    const variables = this.declare(equations);
    this.readNeurons(equations);
    const intermediates = this.intermediates(equations);
    for (const { name, value } of intermediates) this.depends.set(name, this.levelsIn(value));
    for (const equation of variables) if (equation.value) this.checkOwnUnit(equation);
    const derivatives = new Map(variables.map((equation) => [equation.name, this.slope(equation)]));
    const blocks = rules.blocks.map(({ block, name, text }) => this.block(block, name, text));
    const init = this.inits(intermediates);
    const bounds = this.bounds();
    const interval = this.interval();
    this.foreignEvents();
    this.crossCheck(variables, blocks);
    this.unused(equations);
    diagnostics.check(rules.model.name, undefined, `Rule ${rules.model.name}`);
    const states = this.list.map((variable): CheckedState => {
      const derivative = derivatives.get(variable.name)?.value;
      const given = init.get(variable.name);
      return {
        name: variable.name,
        unit: variable.unit,
        scale: (scope.defined(variable.name) as Entry).scale,
        derivative,
        flags: [],
        init: given,
      };
    });
    const yes: Expression = { kind: "name", name: "True", start: 0, end: 0, depth: 1 };
    const { model } = rules;
    return {
      name: model.name,
      text: model.text,
      references: model.references,
      model: {
        name: model.name,
        title: model.title,
        text: model.text,
        references: model.references,
        current: scope.system.current,
        system: scope.system,
        scope,
        states,
        params,
        presets: [],
        intermediates,
        threshold: undefined,
        crossing: false,
        reset: [],
        refractory: { kind: "none" },
        events: blocks.map(({ value }, k) => ({ name: String(k), condition: yes, reset: value })),
        usesInput: false,
        warnings: [],
      },
      variables: this.list,
      blocks: rules.blocks.map(({ block }) => block),
      weightUnit: (this.list[0] as RuleVariable).unit,
      interval,
      bounds,
      method: rules.method,
      equations: this.equations,
      warnings: diagnostics.warnings,
    };
  }

  protected override goodName(source: Source, span: Span, name: string): boolean {
    const isParameter = source !== this.equations;
    const why =
      name === "transmitted"
        ? "it is what a spike transmits"
        : name === "j"
          ? "i and j are the numbers of source and target"
          : isParameter && name === "w"
            ? "w is the weight"
            : undefined;
    if (why === undefined) return super.goodName(source, span, name);
    this.error(source, span, "reserved-name", `${shorten(name)} cannot be defined: ${why}; take another name.`);
    return false;
  }

  /** Variables in their order: the weight, those of the text, what is transmitted, the numbers of the ends. */
  private declare(equations: readonly Equation[]): Equation[] {
    const written = equations.filter((one) => one.kind !== "intermediate");
    const weight = written.find((one) => one.name === "w");
    const others = written.filter((one) => one !== weight);
    const unitOf = (equation: Equation | undefined): Unit | undefined =>
      equation?.unit && this.unit(this.equations, equation.unit, equation.unit.text);
    const own = weight ? unitOf(weight) : NUMBER;
    const shown = weight?.unit?.text ?? "1";
    this.add({ name: "w", unit: shown, level: "synapse", kind: "weight", ...this.flagOf(weight) }, own);
    if (weight?.flags.some(({ flag }) => flag !== "clock-driven")) this.onlyClock(weight);
    const wanted = this.use && shown !== "1" ? parseUnit(this.use.weight === "" ? "1" : this.use.weight) : undefined;
    if (wanted && own && weight?.unit && !same(own.dimension, wanted.dimension)) {
      const message = `the weights of the projection are ${this.text(wanted.dimension)}; w : 1 stands for any unit.`;
      this.error(this.equations, weight.unit, "unit-mismatch", message);
    }
    for (const equation of others) {
      const { name, kind, at } = equation;
      const flags = this.flags(equation, this.allowedFlags(equation));
      const levels = (["source", "target", "shared"] as const).filter((level) => flags.includes(level));
      if (levels.length > 1) {
        const message = `${name} is (${levels[0]}) and (${levels[1]}); it can be one of them.`;
        this.error(this.equations, at, "flag", message);
      }
      this.add(
        {
          name,
          unit: equation.unit?.text ?? "1",
          level: levels[0] ?? "synapse",
          kind: kind === "differential" ? "equation" : flags.includes("constant") ? "constant" : "variable",
          at,
          ...this.flagOf(equation),
        },
        unitOf(equation),
      );
    }
    if (this.list.length > MAX_STATES) {
      const at = others[MAX_STATES - 1]?.at ?? { start: 0, end: 0 };
      this.error(this.equations, at, "too-many", `a rule has at most ${MAX_STATES} variables.`);
    }
    this.add({ name: "transmitted", unit: shown, level: "synapse", kind: "transmitted" }, own);
    this.add({ name: "i", unit: "1", level: "source", kind: "number" }, NUMBER);
    this.add({ name: "j", unit: "1", level: "target", kind: "number" }, NUMBER);
    return [...(weight ? [weight] : []), ...others];
  }

  private add(variable: RuleVariable, unit: Unit | undefined): void {
    this.scope.add(variable.name, this.entry("state", this.list.length, unit, Uses.STATE));
    this.list.push(variable);
  }

  private flagOf(equation: Equation | undefined): { flag?: "event-driven" | "clock-driven" } {
    for (const { flag } of equation?.flags ?? [])
      if (flag === "event-driven" || flag === "clock-driven") return { flag };
    return {};
  }

  private allowedFlags({ kind }: Equation): typeof RULE_FLAGS {
    const levels = ["source", "target", "shared"] as const;
    if (kind === "differential") return [...levels, "event-driven", "clock-driven"];
    return kind === "variable" ? [...levels, "constant"] : [];
  }

  private onlyClock(weight: Equation): void {
    const wrong = weight.flags.find(({ flag }) => flag !== "clock-driven");
    if (!wrong) return;
    const message = `(${wrong.flag}) has no meaning for the weight, which each synapse has; it may be (clock-driven).`;
    this.error(this.equations, wrong, "flag", message);
  }

  /** The weight is transmitted at any time, so that its equation is integrated in each step. */
  private slope(equation: Equation): { value: Expression; uses: number } | undefined {
    const found = this.derivative(equation);
    const variable = this.list.find(({ name }) => name === equation.name);
    if (!found || !variable) return undefined;
    if (variable.kind === "weight" && variable.flag !== "clock-driven" && equation.kind === "differential") {
      const message = "the weight is integrated in each step: write (clock-driven) behind its unit.";
      this.error(this.equations, equation.at, "clock-driven", message);
    }
    this.within(this.equations, found.value, variable, `the equation of ${variable.name}`);
    return found;
  }

  /** Names of states of the ends, wherever they stand; what the rule itself calls so comes first. */
  private readNeurons(equations: readonly Equation[]): void {
    const { rules, scope, use } = this;
    const own = new Set(equations.map(({ name }) => name));
    const texts = [rules.model.equations, ...rules.blocks.map(({ text }) => text)];
    const all = new Set(texts.flatMap((text) => text.match(/\b[A-Za-z]\w*_(?:pre|post)\b/g) ?? []));
    for (const name of all) {
      if (scope.defined(name) || own.has(name)) continue;
      const [, state, end] = READ.exec(name) as unknown as [string, string, "pre" | "post"];
      const states = end === "pre" ? use?.source : use?.target;
      if (states && !Object.hasOwn(states, state)) continue;
      const text = states?.[state] ?? "1";
      const unit = parseUnit(text === "" ? "1" : text);
      this.add(
        { name, unit: text === "" ? "1" : text, level: end === "pre" ? "source" : "target", kind: "read", state },
        states ? unit : undefined,
      );
    }
  }

  /** Where it is used: events that the target's model has not. */
  private foreignEvents(): void {
    const { use, rules } = this;
    if (!use) return;
    for (const { block, name, text } of rules.blocks) {
      if (block.kind !== "onEvent" || use.events.includes(block.event as string)) continue;
      const known = use.events.length === 0 ? "it has none" : `it has ${use.events.join(", ")}`;
      const near = nearestName(block.event as string, use.events);
      const hint = near === undefined ? "" : ` Did you mean ${near}?`;
      const message = `the target's model has no event ${JSON.stringify(shorten(block.event as string))}; ${known}.${hint}`;
      this.error(new Source(name, text), { start: 0, end: text.length }, "unknown-event", message);
    }
  }

  private levelsIn(node: Expression): ReadonlySet<Level> {
    const found = new Set<Level>();
    for (const { name } of namesIn(node)) {
      const variable = this.list.find((one) => one.name === name);
      if (variable) found.add(variable.level);
      for (const level of this.depends.get(name) ?? []) found.add(level);
    }
    return found;
  }

  /** Reports names in a value by which it depends on what its variable cannot see, or on what has no meaning. */
  private within(source: Source, node: Expression, variable: RuleVariable, what: string): void {
    for (const one of namesIn(node)) {
      const own = this.list.find(({ name }) => name === one.name);
      const levels = own ? [own.level] : [...(this.depends.get(one.name) ?? [])];
      const entry = this.scope.lookup(one.name);
      if (own?.kind === "transmitted") {
        this.error(source, one, "context", "transmitted is written, not read: a statement gives it its value.");
      } else if (entry?.kind === "input" || entry?.kind === "size" || entry?.kind === "ready") {
        const message = `${one.name} has no meaning in a rule, which knows t, i, j, its own variables and states such as v_post.`;
        this.error(source, one, "context", message);
      } else if (entry !== undefined && (entry.uses & Uses.NOISE) !== 0) {
        this.error(source, one, "context", "rules have no noise.");
      } else {
        const beyond = levels.find((level) => !SEES[variable.level].includes(level));
        if (beyond === undefined) continue;
        const message = `${what} belongs to ${OF[variable.level]}, and ${one.name} to ${OF[beyond]}: there are many of them.`;
        this.error(source, one, "level", message);
      }
    }
    this.noRandom(source, node);
  }

  private noRandom(source: Source, node: Expression): void {
    const stack: Expression[] = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next.kind === "call" && (next.name === "rand" || next.name === "randn")) {
        this.error(source, next, "context", `rules have no random numbers: ${next.name}() has no place here.`);
      }
      if (next.kind === "unary") stack.push(next.operand);
      else if (next.kind === "binary") stack.push(next.left, next.right);
      else if (next.kind === "conditional") stack.push(next.then, next.condition, next.otherwise);
      else if (next.kind === "call") stack.push(...next.args);
    }
  }

  private block(block: RuleBlock, name: string, text: string): Located<Assignment[]> {
    const found = this.reset(name, text);
    const changes = CHANGES[block.kind];
    for (const { name: target, at, operator, value } of found.value) {
      const variable = this.list.find((one) => one.name === target);
      if (!variable) continue;
      if (variable.kind === "transmitted" && operator !== undefined) {
        const message = `transmitted has no value to which something is done: write transmitted = ....`;
        this.error(found.source, at, "context", message);
      }
      if (variable.kind === "transmitted" && block.kind !== "onPre" && block.kind !== "onStep") {
        const message = `${name} transmits nothing: transmitted belongs into onPre, or into onStep.`;
        this.error(found.source, at, "level", message);
      } else if (!changes.includes(variable.level)) {
        const why =
          variable.level === "shared"
            ? "each thread knows its own targets only; onPre and onModulator change what is shared"
            : `${name} may change what belongs to ${changes.map((level) => OF[level]).join(" and ")}`;
        this.error(found.source, at, "level", `${target} belongs to ${OF[variable.level]}: ${why}.`);
      }
      this.within(found.source, value, variable, target);
    }
    return found;
  }

  protected override target(source: Source, statement: Assignment): Entry | undefined {
    const variable = this.list.find(({ name }) => name === statement.name);
    if (variable?.kind === "constant" || variable?.kind === "read" || variable?.kind === "number") {
      const why = {
        constant: `${variable.name} is (constant)`,
        read: `${variable.name} is a state of a neuron, which rules read only`,
        number: `${variable.name} is the number of a neuron`,
      }[variable.kind];
      this.error(source, statement.at, "no-state", `${why}.`);
      return undefined;
    }
    if (this.scope.lookup(statement.name) !== undefined) return super.target(source, statement);
    const { name, at } = statement;
    const names = this.list.filter(({ kind }) => CHANGING.includes(kind)).map((one) => one.name);
    const near = nearestName(name, names);
    const hint = near === undefined ? ` Variables: ${names.join(", ")}.` : ` Did you mean ${near}?`;
    this.error(source, at, "unknown-name", `unknown variable ${JSON.stringify(shorten(name))}.${hint}`, near);
    return undefined;
  }

  /** The weight starts as the projection says; all others start alike. */
  protected override inits(intermediates: Parameters<Checker["inits"]>[0]): ReturnType<Checker["inits"]> {
    const found = super.inits(intermediates);
    for (const { name, value } of this.rules.model.init) {
      const source = new Source(`init.${name}`, String(value));
      const span = { start: 0, end: source.text.length };
      const kind = this.list.find((one) => one.name === name)?.kind;
      if (kind !== undefined && !["equation", "variable", "constant"].includes(kind)) {
        const why = kind === "weight" ? "weights start as the projection says" : "it is no variable of the rule";
        this.error(source, span, "init", `${name} has no initial value here: ${why}.`);
      }
      const initial = found.get(name);
      if (initial?.kind !== "expression") continue;
      const other = [...namesIn(initial.value)].find(
        (one) => (this.scope.lookup(one.name)?.uses ?? 0) & ~Uses.PARAMETER,
      );
      if (other) this.error(source, other, "context", "an initial value is made of parameters and numbers.");
      this.noRandom(source, initial.value);
    }
    return found;
  }

  private bounds(): ReadonlyMap<number, readonly [Bound, Bound]> {
    const found = new Map<number, readonly [Bound, Bound]>();
    for (const { name, ends } of this.rules.bounds) {
      const index = this.list.findIndex((one) => one.name === name && BOUNDED.includes(one.kind));
      const places = ends.map((end, i) => new Source(`bounds.${name}[${i}]`, String(end)));
      const [first] = places as [Source, Source];
      if (index < 0) {
        const names = this.list.filter(({ kind }) => BOUNDED.includes(kind)).map((one) => one.name);
        const near = nearestName(name, names);
        const hint = near === undefined ? ` Variables: ${names.join(", ")}.` : ` Did you mean ${near}?`;
        const span = { start: 0, end: first.text.length };
        this.error(first, span, "unknown-name", `${JSON.stringify(shorten(name))} is no variable.${hint}`);
        continue;
      }
      const entry = this.scope.defined(name) as Entry;
      const [least, most] = ends.map((end, i) => this.bound(places[i] as Source, end, entry, name));
      if (typeof least === "number" && typeof most === "number" && !(least < most)) {
        const span = { start: 0, end: first.text.length };
        this.error(first, span, "range", `${ends[0]} is the least value of ${name}; it must be below ${ends[1]}.`);
      }
      if (least !== undefined && most !== undefined) found.set(index, [least, most]);
    }
    return found;
  }

  private bound(source: Source, end: number | string, entry: Entry, name: string): Bound | undefined {
    if (typeof end === "number") return end;
    return this.fixedValue(source, end, entry.dimension, `a bound of ${name}`, (written) => {
      const unit = { ...written.unit, power: entry.scale.power, factor: entry.scale.factor };
      const coherent = { ...written.unit, ...this.scope.system.scale(written.unit) };
      return converted({ ...written, unit: coherent }, unit);
    });
  }

  private interval(): Expression | number | undefined {
    const { interval } = this.rules;
    if (interval === undefined) return undefined;
    const text = typeof interval === "number" ? `${interval} ms` : interval;
    const { time } = this.scope.system;
    const found = this.fixedValue(new Source("interval", text), text, time, "the interval", (written) =>
      converted(written, { ...NUMBER, dimension: time, power: -3 }),
    );
    if (typeof found === "number" && !(found > 0)) {
      this.error(new Source("interval", text), { start: 0, end: text.length }, "range", "an interval is above 0.");
    }
    return found;
  }

  /** A quantity, or an expression of parameters. */
  private fixedValue(
    source: Source,
    text: string,
    wanted: Dimension | undefined,
    what: string,
    read: (written: NonNullable<ReturnType<typeof writtenQuantity>> & { unit: Unit }) => number,
  ): Bound | undefined {
    const span = { start: 0, end: text.length };
    const written = writtenQuantity(text);
    const unit = written && written.text !== "" ? parseUnit(written.text) : undefined;
    if (written && unit) {
      if (wanted && !same(unit.dimension, wanted)) {
        const message = `${what} is ${this.text(wanted)}; this is ${this.text(unit.dimension)}.`;
        this.error(source, span, "unit-mismatch", message);
        return undefined;
      }
      return read({ ...written, unit });
    }
    const parsed = parseExpression(source, this.diagnostics, this.parsing);
    if (!parsed) return undefined;
    const value = this.inference(source).value(parsed, wanted);
    const found = dimensionOf(value);
    if (found && wanted && !same(found, wanted)) {
      this.error(source, parsed, "unit-mismatch", `${what} is ${this.text(wanted)}; this is ${this.text(found)}.`);
    }
    const allowed = Uses.PARAMETER;
    const other = [...namesIn(parsed)].find((one) => ((this.scope.lookup(one.name)?.uses ?? 0) & ~allowed) !== 0);
    if (other !== undefined || (value.uses & ~allowed) !== 0) {
      this.error(source, other ?? parsed, "context", `${what} is made of parameters and numbers.`);
    }
    return parsed;
  }

  private crossCheck(variables: readonly Equation[], blocks: readonly Located<Assignment[]>[]): void {
    const changed = new Set(blocks.flatMap(({ value }) => value.map(({ name }) => name)));
    for (const { name, kind, at, flags } of variables) {
      if (kind !== "variable" || name === "w" || changed.has(name)) continue;
      if (flags.some(({ flag }) => flag === "constant")) continue;
      const message = `nothing changes ${name}: make it a parameter in params, or write (constant) behind its unit.`;
      this.diagnostics.warning(this.equations, at, "unchanged", message);
    }
    const moves =
      changed.has("w") || changed.has("transmitted") || variables.some((one) => one.name === "w" && one.value);
    if (moves || this.diagnostics.failed) return;
    const message = "nothing changes the weight w, and nothing says what is transmitted.";
    this.diagnostics.warning(this.equations, { start: 0, end: 0 }, "unchanged", message);
  }
}

/** What statements change. */
const CHANGING: readonly RuleVariable["kind"][] = ["weight", "equation", "variable", "transmitted"];

const BOUNDED: readonly RuleVariable["kind"][] = ["weight", "equation", "variable"];

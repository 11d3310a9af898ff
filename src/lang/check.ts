/**
 * A model's texts to a model in which every name is known and every unit fits: what the compiler goes on with. All
 * mistakes are reported together.
 */
import { nearestName } from "../model/suggest.js";
import { type Assignment, type Equation, type Expression, type Flag, namesIn } from "./ast.js";
import type { ModelDefinition, ParameterDefinition, PresetDefinition } from "../model/definition.js";
import { readDefinition, type Draft } from "./definition.js";
import { type Diagnostic, Diagnostics } from "./diagnostics.js";
import {
  COMMON_UNITS,
  type Dimension,
  isPure,
  NUMBER,
  over,
  parseUnit,
  same,
  type Scale,
  tenTo,
  times,
  type Unit,
  UnitSystem,
} from "./dimensions.js";
import { constantOf, dimensionOf, Inference, type Value } from "./infer.js";
import { MAX_DEPTH, MAX_STATES } from "./limits.js";
import { parseAssignments, parseEquations, parseExpression, type ParserOptions } from "./parser.js";
import { badName, type Entry, Scope, UNSCALED, Uses } from "./scope.js";
import { shorten, Source, type Span } from "./source.js";

/** What is known of a quantity of the model. */
interface Quantity {
  readonly name: string;
  /** Unit it is kept and shown in, as it is written; "1" is a pure number. */
  readonly unit: string;
  /** By what it is multiplied inside of expressions. */
  readonly scale: Scale;
}

/** Where a state starts: a number in its unit, or an expression. */
export type Initial =
  { readonly kind: "number"; readonly value: number } | { readonly kind: "expression"; readonly value: Expression };

export interface CheckedState extends Quantity {
  /** undefined: only resets change it. */
  readonly derivative: Expression | undefined;
  readonly flags: readonly Flag[];
  /** undefined: `init` does not name it. */
  readonly init: Initial | undefined;
}

export interface CheckedParameter extends Quantity {
  /** In its unit. */
  readonly default: number;
  readonly range?: "> 0" | ">= 0";
  readonly text: string;
}

export interface CheckedIntermediate extends Quantity {
  readonly value: Expression;
  /** The value is a condition. */
  readonly condition: boolean;
  /** Bits of `Uses`, through other intermediate equations too. */
  readonly uses: number;
  readonly flags: readonly Flag[];
}

export type CheckedRefractory =
  | { readonly kind: "none" }
  /** An expression of a time, or a number in ms. */
  | { readonly kind: "time"; readonly value: Expression | number }
  | { readonly kind: "condition"; readonly value: Expression };

export interface CheckedEvent {
  readonly name: string;
  readonly condition: Expression;
  readonly reset: readonly Assignment[];
}

export interface CheckedPreset {
  readonly name: string;
  /** In the unit of each parameter. */
  readonly params: Readonly<Record<string, number>>;
  readonly text: string;
  readonly source: string;
}

/** A model without mistakes. */
export interface CheckedModel {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly references: readonly string[];
  /** Unit of I; "1" is a pure number. */
  readonly current: string;
  readonly system: UnitSystem;
  /** What each name stands for. */
  readonly scope: Scope;
  /** The membrane state v first. */
  readonly states: readonly CheckedState[];
  readonly params: readonly CheckedParameter[];
  readonly presets: readonly CheckedPreset[];
  /** Each behind those that it uses. */
  readonly intermediates: readonly CheckedIntermediate[];
  readonly threshold: Expression | undefined;
  /** There is no reset: a spike is the upward crossing of the threshold. */
  readonly crossing: boolean;
  readonly reset: readonly Assignment[];
  readonly refractory: CheckedRefractory;
  readonly events: readonly CheckedEvent[];
  /** Some equation depends on I. */
  readonly usesInput: boolean;
  readonly warnings: readonly Diagnostic[];
}

export interface CompileOptions {
  /** Where the definition stands, for messages about its keys: "$.models[0]". */
  readonly path?: string;
  /** Numbers and names have no units and `^` is the power, as in the records of src/models. */
  readonly bare?: boolean;
}

/**
 * Checks a model.
 *
 * @throws EquationError with every mistake in the texts; other errors of the library where a key is unknown or missing
 */
export function compileModel(definition: ModelDefinition, options: CompileOptions = {}): CheckedModel {
  const draft = readDefinition(definition, options.path ?? "model");
  return new Checker(draft, options).model();
}

/** A background current as text, an expression of t, i and N. */
export interface CheckedCurrent {
  readonly value: Expression;
  readonly scope: Scope;
  /** Bits of `Uses`. */
  readonly uses: number;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Checks the text of a background current, or of another quantity that depends on time and neuron.
 *
 * @param current unit of the current
 * @param path where the text stands, for messages
 * @param what the quantity: "current"; or the rate of a source
 * @throws EquationError
 */
export function compileCurrent(
  text: string,
  current: string,
  path = "background current",
  what: "current" | "rate" = "current",
): CheckedCurrent {
  const diagnostics = new Diagnostics();
  const scope = new Scope(new UnitSystem(current, parseUnit(current) ?? NUMBER), false);
  const source = new Source(what === "rate" ? "rate" : "I", text);
  const value = parseExpression(source, diagnostics);
  const noNoise = what === "rate" ? NO_NOISE : "noise among background currents is the kind whiteNoise";
  const inference = new Inference(scope, source, diagnostics, new Set(), noNoise, "It must be t, i or N.");
  const inferred = value && inference.value(value, scope.system.currentUnit.dimension);
  if (value && inferred) {
    const dimension = dimensionOf(inferred);
    const wanted = scope.system.currentUnit.dimension;
    if (dimension !== undefined && !same(dimension, wanted)) {
      const { system } = scope;
      const unit = what === "rate" ? `a rate, such as 20*Hz` : system.text(wanted);
      const message = `the ${what} is ${system.text(dimension)}; it must be ${unit}.`;
      diagnostics.error(source, value, "unit-mismatch", message);
    }
    const foreign = Uses.INPUT | Uses.STATE | Uses.STEP;
    if ((inferred.uses & foreign) !== 0) {
      const found = [...namesIn(value)].find((one) => ((scope.lookup(one.name)?.uses ?? 0) & foreign) !== 0);
      const quantity = what === "rate" ? "a rate" : "a background current";
      diagnostics.error(source, found ?? value, "context", `${quantity} is an expression of t, i and N.`);
    }
  }
  diagnostics.check(path, path, path);
  return { value: value as Expression, scope, uses: inferred?.uses ?? 0, warnings: diagnostics.warnings };
}

/** What a text may not depend on, and why. */
export type Refusals = readonly (readonly [uses: number, what: string, why: string])[];

const NO_NOISE = "white noise xi has a meaning in equations only; use randn()";
const IN_DERIVATIVE: Refusals = [
  [Uses.STEP, "dt", "dt has no place in an equation: the method multiplies by it; noise is written with xi"],
];
const IN_INIT: Refusals = [
  [Uses.INPUT, "I", "I is not known when a neuron starts"],
  [Uses.STEP, "dt", "an initial value does not depend on dt"],
];

export interface Located<T> {
  readonly source: Source;
  readonly value: T;
}

/** Checks the texts of a definition; what is no model (receptor.ts) has a checker that is made of this one. */
export class Checker {
  protected readonly draft: Draft;
  protected readonly bare: boolean;
  protected readonly parsing: ParserOptions;
  protected readonly diagnostics = new Diagnostics();
  protected readonly scope: Scope;
  protected readonly used = new Set<string>();
  protected readonly equations: Source;
  /** What statements are for. */
  protected readonly changes: string = "a reset changes states";
  /** Longest way down to a leaf of an intermediate equation, through others. */
  protected readonly depths = new Map<string, number>();

  /** @param words what the text of the equations is called, and the flags that they may have */
  constructor(
    draft: Draft,
    options: CompileOptions,
    words: { readonly equations: string; readonly flags?: readonly Flag[] } = { equations: "equations" },
  ) {
    this.draft = draft;
    this.bare = options.bare === true;
    this.parsing = { caret: this.bare, ...(words.flags && { flags: words.flags }) };
    this.equations = new Source(words.equations, draft.equations);
    const { current } = draft;
    const unit = this.unit(new Source("current", current), { start: 0, end: current.length }, current);
    this.scope = new Scope(new UnitSystem(unit ? current : "1", unit ?? NUMBER), this.bare, unit !== undefined);
  }

  model(): CheckedModel {
    const { draft, diagnostics, scope } = this;
    const params = draft.params.map(({ name, given }, index) => this.parameter(name, given, index));
    const presets = draft.presets.map(({ name, given }) => this.preset(name, given, params));
    const lost = new Map<string, Equation["kind"]>();
    const equations = this.unique(parseEquations(this.equations, diagnostics, this.parsing, lost));
    // so that other texts may name them
    for (const [name, kind] of lost) {
      scope.add(name, this.entry(kind === "intermediate" ? "intermediate" : "state", 0, undefined, 0));
    }
    const variables = this.declareStates(equations, lost);
    const intermediates = this.intermediates(equations);
    for (const equation of variables) this.checkOwnUnit(equation);
    const derivatives = variables.map((equation) => this.derivative(equation));
    const threshold = this.threshold();
    const reset = this.reset("reset", draft.reset);
    const refractory = this.refractory();
    const events = this.events();
    const init = this.inits(intermediates);
    const states = variables.map((equation, i): CheckedState => {
      const entry = scope.defined(equation.name) as Entry;
      const flags = this.flags(equation, equation.kind === "differential" ? ["unless refractory"] : ["constant"]);
      return {
        name: equation.name,
        unit: equation.unit?.text ?? "1",
        scale: entry.scale,
        derivative: derivatives[i]?.value,
        flags,
        init: init.get(equation.name),
      };
    });
    this.crossChecks(variables, threshold, reset, events);
    this.unused(equations);
    diagnostics.check(draft.name);
    return {
      name: draft.name,
      title: draft.title,
      text: draft.text,
      references: draft.references,
      current: scope.system.current,
      system: scope.system,
      scope,
      states,
      params,
      presets,
      intermediates,
      threshold: threshold?.value,
      crossing: draft.reset === undefined,
      reset: reset.value,
      refractory,
      events: events.map(({ name, condition, reset: statements }) => ({
        name,
        condition: condition as Expression,
        reset: statements.value,
      })),
      usesInput: derivatives.some((one) => one !== undefined && (one.uses & Uses.INPUT) !== 0),
      warnings: diagnostics.warnings,
    };
  }

  protected error(source: Source, span: Span, code: string, message: string, fix?: string): void {
    this.diagnostics.error(source, span, code, message, fix);
  }

  protected text(dimension: Dimension): string {
    return this.scope.system.text(dimension);
  }

  protected inference(source: Source): Inference {
    return new Inference(
      this.scope,
      source,
      this.diagnostics,
      this.used,
      source === this.equations ? undefined : NO_NOISE,
    );
  }

  protected unit(source: Source, span: Span, text: string): Unit | undefined {
    const unit = parseUnit(text.trim());
    if (unit) return unit;
    const word = text.trim();
    const small = word.toLowerCase();
    const near = Object.hasOwn(UNIT_SLIPS, small) ? UNIT_SLIPS[small] : nearestName(word, COMMON_UNITS);
    const hint =
      near === undefined
        ? ' Units are written "mV", "nS/mV", "1/ms"; a pure number has the unit 1.'
        : ` Did you mean ${near}?`;
    this.error(source, span, "unknown-unit", `${JSON.stringify(shorten(text))} is no unit.${hint}`, near);
    return undefined;
  }

  protected entry(kind: Entry["kind"], index: number, unit: Unit | undefined, uses: number): Entry {
    return {
      kind,
      index,
      dimension: this.bare ? undefined : unit?.dimension,
      scale: this.bare || unit === undefined ? UNSCALED : this.scope.system.scale(unit),
      uses,
      condition: false,
    };
  }

  protected goodName(source: Source, span: Span, name: string): boolean {
    const why = badName(name);
    if (why === undefined) return true;
    const advice = name === "I" ? "; give a current of the model another name, such as I_leak" : "; take another name";
    this.error(source, span, "reserved-name", `${shorten(name)} cannot be defined: ${why}${advice}.`);
    return false;
  }

  protected parameter(name: string, given: ParameterDefinition, index: number): CheckedParameter {
    const text = String(given.default);
    const source = new Source(`params.${name}`, text);
    const span = { start: 0, end: text.length };
    const good = this.goodName(source, span, name);
    const quantity = this.quantity(source, text, typeof given.default === "number" ? (given.unit ?? "1") : undefined);
    const shown = given.unit ?? quantity?.text ?? "1";
    const unit =
      given.unit === undefined
        ? quantity?.unit
        : this.unit(new Source(`${source.name}.unit`, shown), { start: 0, end: shown.length }, shown);
    let value = NaN;
    if (quantity && unit) {
      if (!same(quantity.unit.dimension, unit.dimension)) {
        this.error(source, span, "unit-mismatch", `${shorten(text)} cannot be given in ${shorten(shown)}.`);
      }
      value = converted(quantity, unit);
      this.inRange(source, span, value, given.range);
    }
    // "mV" stays the unit where a parameter may not have this name
    if (good || this.scope.lookup(name) === undefined) {
      this.scope.add(name, this.entry("parameter", index, unit, Uses.PARAMETER));
    }
    return {
      name,
      unit: shown === "" ? "1" : shown,
      scale: this.scope.defined(name)?.scale ?? UNSCALED,
      default: value,
      ...(given.range === undefined ? {} : { range: given.range }),
      text: given.text ?? "",
    };
  }

  /** A preset's numbers in the units of their parameters. */
  private preset(name: string, given: PresetDefinition, params: readonly CheckedParameter[]): CheckedPreset {
    const values = Object.entries(given.params).map(([key, value]): [string, number] => {
      const text = String(value);
      const source = new Source(`presets.${name}.${key}`, text);
      const span = { start: 0, end: text.length };
      const param = params.find((one) => one.name === key);
      if (param === undefined) {
        const known = params.map((one) => one.name);
        const near = nearestName(key, known);
        const hint = near === undefined ? ` Parameters: ${known.join(", ")}.` : ` Did you mean ${near}?`;
        this.error(source, span, "unknown-parameter", `the model has no parameter ${shorten(key)}.${hint}`);
        return [key, NaN];
      }
      const quantity = this.quantity(source, text, typeof value === "number" ? param.unit : undefined);
      const unit = parseUnit(param.unit);
      // a mistake of the parameter's own unit is told there
      if (!quantity || !unit) return [key, NaN];
      if (!same(quantity.unit.dimension, unit.dimension)) {
        this.error(source, span, "unit-mismatch", `${shorten(text)} cannot be given in ${shorten(param.unit)}.`);
        return [key, NaN];
      }
      const number = converted(quantity, unit);
      this.inRange(source, span, number, param.range);
      return [key, number];
    });
    return { name, params: Object.fromEntries(values), text: given.text ?? "", source: given.source ?? "" };
  }

  private inRange(source: Source, span: Span, value: number, range: ParameterDefinition["range"]): void {
    if (!Number.isFinite(value)) this.error(source, span, "number", "the number is too large.");
    else if ((range === "> 0" && value <= 0) || (range === ">= 0" && value < 0)) {
      this.error(source, span, "range", `${shorten(source.text)} is outside of the range ${range}.`);
    }
  }

  /** A number with a unit behind it; `unit` is the one that a bare number has. */
  protected quantity(source: Source, text: string, unit?: string): WrittenQuantity | undefined {
    const found = writtenQuantity(text);
    if (!found) {
      const [, number, behind] = /^\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*\*\s*(\S+)\s*$/i.exec(text) ?? [];
      const fix = behind !== undefined && parseUnit(behind) ? `${number} ${behind}` : undefined;
      const rule = 'a number with a unit stands here, such as "20 ms"';
      const rest = fix === undefined ? "; computed values are intermediate equations." : `: write "${fix}".`;
      this.error(source, { start: 0, end: text.length }, "quantity", `${rule}${rest}`, fix);
      return undefined;
    }
    const shown = unit ?? found.text;
    const span =
      unit === undefined ? { start: found.at, end: found.at + found.text.length } : { start: 0, end: text.length };
    const parsed = this.unit(source, span, shown);
    return parsed && { ...found, text: shown, unit: parsed };
  }

  /** Equations whose names are good and new. */
  protected unique(equations: readonly Equation[]): Equation[] {
    const first = new Map<string, Equation>();
    const kept: Equation[] = [];
    for (const equation of equations) {
      const { name, at } = equation;
      const before = first.get(name);
      const left = equation.kind === "differential" ? `d${name}/dt` : name;
      if (before) {
        const { line } = this.equations.position(before.start);
        this.error(this.equations, at, "twice", `${left} has an equation already, in line ${line}.`);
      } else if (this.scope.defined(name)) {
        const state = equation.kind !== "intermediate";
        const start = state ? " Where a state starts, init says." : "";
        this.error(this.equations, at, "twice", `${name} is a parameter already; a name has one meaning.${start}`);
        // the rest of the model means the equation
        if (this.scope.defined(name)?.kind === "parameter") {
          this.scope.remove(name);
          first.set(name, equation);
          kept.push(equation);
        }
      } else if (this.goodName(this.equations, at, name)) {
        first.set(name, equation);
        kept.push(equation);
      }
    }
    return kept;
  }

  /** States in their order: v, then the others as they are written. */
  protected declareStates(equations: readonly Equation[], lost: ReadonlyMap<string, unknown>): Equation[] {
    const written = equations.filter((one) => one.kind !== "intermediate");
    const states = [...written.filter((one) => one.name === "v"), ...written.filter((one) => one.name !== "v")];
    const origin = { start: 0, end: 0 };
    if (states.length > MAX_STATES) {
      this.error(
        this.equations,
        states[MAX_STATES]?.at ?? origin,
        "too-many",
        `a model has at most ${MAX_STATES} states.`,
      );
    }
    // an equation of v that could not be read is reported already
    const unread = lost.has("v") || (this.diagnostics.failed && /\bv\s*['’=:]|\bd\W*v\W*dt/.test(this.equations.text));
    if (states[0]?.name !== "v" && !unread) {
      const other = equations.find((one) => one.name === "v");
      const { at, hint } = other ? { at: other.at, hint: " v = ... is no state." } : this.membraneOf(states);
      const message = `the membrane state v has no equation: dv/dt = ... : mV is missing.${hint}`;
      this.error(this.equations, at ?? equations[0]?.at ?? this.begin(), "no-v", message);
      // what names it says nothing new
      this.scope.add("v", this.entry("state", 0, undefined, Uses.STATE));
    }
    for (const [index, equation] of states.entries()) {
      const unit = equation.unit && this.unit(this.equations, equation.unit, equation.unit.text);
      this.scope.add(equation.name, this.entry("state", index, unit, Uses.STATE));
      const meant = unit && this.integrated(unit.dimension);
      // no v is a voltage per time, and much depends on v
      if (equation.name === "v" && meant && same(meant, this.scope.system.voltage))
        this.derivativeUnit(equation, meant);
    }
    return states;
  }

  /** Which of the states is meant as the membrane state, as far as their names and units tell. */
  protected membraneOf(states: readonly Equation[]): { at: Span | undefined; hint: string } {
    const { voltage } = this.scope.system;
    const voltages = states.filter(({ unit }) =>
      same(parseUnit(unit?.text ?? "")?.dimension ?? NUMBER.dimension, voltage),
    );
    const candidates = voltages.length > 0 ? voltages : states;
    const near =
      states.find((one) => /^v_?m?$/i.test(one.name)) ?? (candidates.length === 1 ? candidates[0] : undefined);
    if (near) return { at: near.at, hint: ` ${near.name} must be called v.` };
    const names = candidates.slice(0, 6).map((one) => one.name);
    const hint = names.length === 0 ? "" : ` One of ${names.join(", ")} must be called v: the one whose spikes count.`;
    return { at: states[0]?.at, hint };
  }

  /** Where the equations begin, behind empty lines. */
  protected begin(): Span {
    const start = Math.max(0, this.equations.text.search(/\S/));
    return { start, end: start };
  }

  /** Intermediate equations, checked in the order in which they use each other. */
  protected intermediates(equations: readonly Equation[]): CheckedIntermediate[] {
    const list = equations.filter((one) => one.kind === "intermediate");
    for (const [index, { name }] of list.entries())
      this.scope.add(name, this.entry("intermediate", index, undefined, 0));
    return this.ordered(list).map((equation, index) => this.intermediate(equation, index));
  }

  protected ordered(list: readonly Equation[]): Equation[] {
    const byName = new Map(list.map((one) => [one.name, one]));
    const order: Equation[] = [];
    const state = new Map<string, "open" | "done">();
    const trail: string[] = [];
    const visit = (equation: Equation): void => {
      const { name } = equation;
      if (state.get(name) === "done") return;
      if (state.get(name) === "open") return this.cycle(equation, [...trail.slice(trail.indexOf(name)), name]);
      state.set(name, "open");
      trail.push(name);
      const needs = new Set([...namesIn(equation.value as Expression)].map((one) => one.name));
      for (const other of needs) {
        const next = byName.get(other);
        if (next) visit(next);
      }
      trail.pop();
      state.set(name, "done");
      order.push(equation);
    };
    for (const equation of list) visit(equation);
    return order;
  }

  protected cycle(equation: Equation, names: readonly string[]): void {
    const way = names.length > 8 ? [...names.slice(0, 6), "...", names.at(-1)] : names;
    const [name] = names;
    const message =
      names.length === 2
        ? `${name} is made of itself; a quantity that remembers is a state: d${name}/dt = ....`
        : `these equations need each other: ${way.join(" -> ")}.`;
    this.error(this.equations, equation.at, "cycle", message);
  }

  protected intermediate(equation: Equation, index: number): CheckedIntermediate {
    const { name } = equation;
    const node = equation.value as Expression;
    this.depth(name, node);
    const condition = equation.unit?.text === "boolean";
    const declared = condition ? NUMBER : equation.unit && this.unit(this.equations, equation.unit, equation.unit.text);
    const inference = this.inference(this.equations);
    const value = condition
      ? inference.condition(node, `${name} : boolean`)
      : inference.value(node, declared?.dimension);
    const found = dimensionOf(value);
    const differs = declared && found && !this.bare && !same(found, declared.dimension);
    if (!equation.unit) this.missingUnit(equation, found);
    else if (differs) {
      const message = `${name} is ${this.text(found)}, but ${shorten(equation.unit.text)} stands behind the colon.`;
      const hint = this.missingCurrent(value, declared.dimension);
      const fix = hint === "" ? this.scope.system.symbol(found) : undefined;
      this.error(this.equations, equation.unit, "unit-mismatch", message + hint, fix);
    }
    const flags = this.flags(equation, ["constant", "shared"]);
    const changing = Uses.STATE | Uses.INPUT | Uses.TIME | Uses.RANDOM | Uses.NOISE;
    const perNeuron = Uses.STATE | Uses.INPUT | Uses.INDEX | Uses.RANDOM | Uses.NOISE;
    if (flags.includes("constant") && (value.uses & changing) !== 0) {
      this.error(
        this.equations,
        equation.at,
        "flag",
        `${name} is not constant: it depends on ${usesText(value.uses & changing)}.`,
      );
    }
    if (flags.includes("shared") && (value.uses & perNeuron) !== 0) {
      const message = `${name} is not shared by all neurons: it depends on ${usesText(value.uses & perNeuron)}.`;
      this.error(this.equations, equation.at, "flag", message);
    }
    const unit: Unit | undefined = declared ?? (found && { ...NUMBER, dimension: found });
    const entry = this.entry("intermediate", index, unit, value.uses);
    // the value is kept in coherent units until it is shown
    const dimension = differs ? undefined : entry.dimension;
    this.scope.replace(name, { ...entry, dimension, scale: UNSCALED, condition });
    const scale = declared ? entry.scale : UNSCALED;
    return {
      name,
      unit: condition ? "1" : (equation.unit?.text ?? "1"),
      scale,
      value: node,
      condition,
      uses: value.uses,
      flags,
    };
  }

  /** Depth through the intermediate equations that are used. */
  protected depth(name: string, node: Expression): void {
    let below = 0;
    for (const { name: other } of namesIn(node)) below = Math.max(below, this.depths.get(other) ?? 0);
    const depth = node.depth + below;
    this.depths.set(name, depth);
    if (depth > MAX_DEPTH) {
      this.error(
        this.equations,
        node,
        "too-deep",
        `the expression is nested deeper, through other equations, than ${MAX_DEPTH}.`,
      );
    }
  }

  protected missingUnit(equation: Equation, found: Dimension | undefined): void {
    const end = { start: equation.end, end: equation.end };
    const symbol = found === undefined || this.bare ? undefined : this.scope.system.symbol(found);
    const left = equation.kind === "differential" ? `d${equation.name}/dt` : equation.name;
    if (symbol !== undefined && equation.kind === "differential" && same(found as Dimension, this.scope.system.time)) {
      // what has no unit anywhere is hardly meant as a time
      const rule = "divide its right side, a pure number, by a time constant or by ms, and write : 1 behind it.";
      return this.error(this.equations, end, "missing-unit", `${left} has no unit; ${rule}`);
    }
    const hint = symbol === undefined ? ` It is that of ${equation.name}, such as mV, or 1 for a pure number.` : "";
    const like = symbol === undefined ? ": UNIT" : `: ${symbol}`;
    const message = `${left} has no unit; write ${like} behind it.${hint}`;
    this.error(this.equations, end, "missing-unit", message, symbol === undefined ? undefined : ` : ${symbol}`);
  }

  protected derivative(equation: Equation): { value: Expression; uses: number } | undefined {
    const { name, value: node } = equation;
    if (!node) {
      if (!equation.unit) this.missingUnit(equation, undefined);
      return undefined;
    }
    const { system } = this.scope;
    const own = this.scope.defined(name)?.dimension;
    const expected = own && over(own, system.time);
    const value = this.inference(this.equations).value(node, expected);
    const found = dimensionOf(value);
    if (!equation.unit) this.missingUnit(equation, found && times(found, system.time));
    else if ((value.uses & Uses.STEP) !== 0) this.refuse(this.equations, node, value, IN_DERIVATIVE);
    else if (found && expected && !this.bare && !same(found, expected)) this.wrongDerivative(equation, node, value);
    this.depth(name, node);
    return { value: node, uses: value.uses };
  }

  /** What a unit per time is the derivative of; undefined for other units and where units are not checked. */
  protected integrated(dimension: Dimension): Dimension | undefined {
    return this.bare || dimension[2] > -1 ? undefined : times(dimension, this.scope.system.time);
  }

  /** Finds out whether the unit behind a derivative is its own, with which nothing fits, or that of its state. */
  protected checkOwnUnit(equation: Equation): void {
    const { name, value: node } = equation;
    const entry = this.scope.defined(name);
    const meant = entry?.dimension && this.integrated(entry.dimension);
    if (!entry?.dimension || !meant || !node) return;
    const fits = (dimension: Dimension): boolean => {
      this.scope.replace(name, { ...entry, dimension });
      const trial = new Diagnostics();
      const expected = over(dimension, this.scope.system.time);
      const value = new Inference(this.scope, this.equations, trial, new Set()).value(node, expected);
      this.scope.replace(name, entry);
      const found = dimensionOf(value);
      return !trial.failed && (found === undefined || same(found, expected));
    };
    if (!fits(entry.dimension) && fits(meant)) this.derivativeUnit(equation, meant);
  }

  /** Reports the unit of a derivative behind the colon and goes on with that of the state. */
  protected derivativeUnit({ name, unit }: Equation, meant: Dimension): void {
    if (!unit) return;
    const cut = unit.text.replace(/\s*\/\s*(ms|s|second|msecond)$/, "");
    const fix = cut === unit.text ? this.scope.system.symbol(meant) : cut;
    const message = `${shorten(unit.text)} is the unit of d${name}/dt; behind the colon stands that of ${name} itself: ${shorten(fix)}.`;
    this.error(this.equations, unit, "derivative-unit", message, fix);
    this.scope.replace(name, { ...(this.scope.defined(name) as Entry), dimension: meant });
  }

  /** What to write where a value depends on I, which has no unit, and should have the unit `wanted`; else "". */
  protected missingCurrent(value: Value, wanted: Dimension): string {
    const found = dimensionOf(value);
    return found && (value.uses & Uses.INPUT) !== 0 ? this.scope.missingCurrent(over(wanted, found)) : "";
  }

  protected wrongDerivative(equation: Equation, node: Expression, value: Value): void {
    const { system } = this.scope;
    const own = this.scope.defined(equation.name)?.dimension as Dimension;
    const found = dimensionOf(value) as Dimension;
    const wanted = over(own, system.time);
    const message = `the right side of d${equation.name}/dt is ${this.text(found)}; it must be ${this.text(wanted)}`;
    const divisor = node.kind === "binary" && node.operator === "/" ? node.right : undefined;
    const parameter =
      divisor?.kind === "name" && this.scope.defined(divisor.name)?.kind === "parameter" ? divisor : undefined;
    const given = this.draft.params.find((one) => one.name === parameter?.name)?.given;
    const isNumber = parameter !== undefined && this.isPureNumber(parameter.name);
    if (!same(found, own)) {
      const capacitance = over(times(system.currentUnit.dimension, system.time), system.voltage);
      const isCurrent = same(found, system.currentUnit.dimension) && same(own, system.voltage);
      if (isPure(found) && isPure(system.currentUnit.dimension) && same(own, system.voltage)) {
        const units = "a parameter with a unit is written \"20 uF/cm2\" in params, and \"current\" names the unit of I, such as \"uA/cm2\"";
        return this.error(this.equations, node, "unit-mismatch", `${message}. Nothing here has a unit: ${units}.`);
      }
      if (isCurrent && parameter && isNumber) {
        const like = `"${given?.default} ${system.symbol(capacitance)}"`;
        const hint = `${parameter.name} is a pure number; with its unit it is written ${like} in params`;
        return this.error(this.equations, parameter, "unit-mismatch", `${message}: ${hint}.`);
      }
      const hint = isCurrent ? `: divide the current by a capacitance (${system.symbol(capacitance)})` : "";
      const unnamed = this.missingCurrent(value, wanted);
      return this.error(this.equations, node, "unit-mismatch", `${message}${hint}.${unnamed}`);
    }
    if (divisor?.kind === "number") {
      const fix = `(${this.equations.slice(divisor)}*ms)`;
      return this.error(this.equations, divisor, "missing-time", `${message}: the time constant has no unit.`, fix);
    }
    if (parameter) {
      const hint = `: ${parameter.name} is a pure number; give it a time in params, such as "20 ms"`;
      return this.error(this.equations, parameter, "missing-time", `${message}${hint}.`);
    }
    const fix = `(${this.equations.slice(node)})/ms`;
    this.error(this.equations, node, "missing-time", `${message}: divide it by a time constant, or by ms.`, fix);
  }

  protected isPureNumber(name: string): boolean {
    const dimension = this.scope.defined(name)?.dimension;
    return dimension !== undefined && isPure(dimension);
  }

  protected flags(equation: Equation, allowed: readonly Flag[]): readonly Flag[] {
    for (const { flag, start, end } of equation.flags) {
      if (allowed.includes(flag)) continue;
      const kind = {
        differential: "a differential equation",
        intermediate: "an intermediate equation",
        variable: "a variable",
      }[equation.kind];
      const known = allowed.map((one) => `(${one})`).join(" and ");
      const may = known === "" ? " here" : `, which may have ${known}`;
      this.error(
        this.equations,
        { start, end },
        "flag",
        `(${flag}) has no meaning for ${kind}${may}.`,
      );
    }
    return equation.flags.map((one) => one.flag);
  }

  /** Reports the first name by which an expression depends on what it may not. */
  protected refuse(source: Source, node: Expression, value: Value, refusals: Refusals): void {
    for (const [uses, what, why] of refusals) {
      if ((value.uses & uses) === 0) continue;
      const found = [...namesIn(node)].find((one) => ((this.scope.lookup(one.name)?.uses ?? 0) & uses) !== 0);
      const through = found && this.scope.defined(found.name) ? `${found.name} depends on ${what}: ` : "";
      this.error(source, found ?? node, "context", `${through}${why}.`);
    }
  }

  protected expression(source: Source): Located<Expression> | undefined {
    const value = parseExpression(source, this.diagnostics, this.parsing);
    return value && { source, value };
  }

  protected condition(source: Source, what: string): Located<Expression> | undefined {
    const parsed = this.expression(source);
    if (!parsed) return undefined;
    const inference = this.inference(source);
    const value = inference.value(parsed.value);
    if (value.type !== "boolean") {
      const v = this.scope.defined("v")?.dimension;
      const found = dimensionOf(value);
      const isLevel = v && found && same(v, found) && (value.uses & Uses.STATE) === 0;
      const fix = isLevel ? `v >= ${source.slice(parsed.value)}` : undefined;
      const like = fix === undefined ? "v >= -50*mV" : shorten(fix);
      this.error(
        source,
        parsed.value,
        "no-condition",
        `${what} is a condition, such as ${like}; this is a number.`,
        fix,
      );
    }
    return parsed;
  }

  protected threshold(): Located<Expression> | undefined {
    const { threshold } = this.draft;
    return threshold === undefined ? undefined : this.condition(new Source("threshold", threshold), "the threshold");
  }

  protected reset(name: string, text: string | undefined): Located<Assignment[]> {
    const source = new Source(name, text ?? "");
    const kept: Assignment[] = [];
    for (const statement of parseAssignments(source, this.diagnostics, this.parsing)) {
      const target = this.target(source, statement);
      const inference = this.inference(source);
      const multiplies = statement.operator === "*" || statement.operator === "/";
      const own = target?.dimension;
      const value = inference.value(statement.value, multiplies ? undefined : own);
      const found = dimensionOf(value);
      if (found && multiplies && !isPure(found)) {
        const message = `${statement.name} is multiplied by a pure number only; this is ${this.text(found)}.`;
        this.error(source, statement.value, "unit-mismatch", message);
      } else if (found && own && !multiplies && !same(found, own)) {
        const advice = this.advice(statement, own, found);
        const message = `${statement.name} is ${this.text(own)}; this is ${this.text(found)}.${advice}`;
        const isNumber = constantOf(statement.value) !== undefined && isPure(found);
        const fix = isNumber ? `${source.slice(statement.value)}*${this.scope.system.symbol(own)}` : undefined;
        this.error(source, statement.value, "unit-mismatch", message, fix);
      }
      if (target) kept.push(statement);
    }
    return { source, value: kept };
  }

  /** More on a statement whose value has another unit than its state. */
  protected advice(_statement: Assignment, _wanted: Dimension, _found: Dimension): string {
    return "";
  }

  protected statesText(names: readonly string[]): string {
    return names.length === 0 ? " There is no state." : ` States: ${names.join(", ")}.`;
  }

  /** The state that a statement changes. */
  protected target(source: Source, { name, at }: Assignment): Entry | undefined {
    const entry = this.scope.lookup(name);
    if (entry?.kind === "state" && this.scope.defined(name)) return entry;
    const names = this.scope.names.filter((one) => this.scope.defined(one)?.kind === "state");
    if (entry === undefined) {
      const twin = names.find((one) => one.toLowerCase() === name.toLowerCase());
      const near = twin ?? nearestName(name, names);
      const hint = near === undefined ? this.statesText(names) : ` Did you mean ${near}?`;
      this.error(source, at, "unknown-name", `unknown state ${JSON.stringify(shorten(name))}.${hint}`, near);
      return undefined;
    }
    const what =
      entry.kind === "parameter"
        ? `${name} is a parameter, which keeps its value; write ${name} : UNIT among the equations to make it a state`
        : entry.kind === "intermediate"
          ? `${name} is an intermediate equation, computed anew in each step`
          : `${name} cannot be changed`;
    this.error(source, at, "no-state", `${what}: ${this.changes}.`);
    return undefined;
  }

  protected refractory(): CheckedRefractory {
    const { refractory } = this.draft;
    if (refractory === undefined) return { kind: "none" };
    const text = typeof refractory === "number" ? `${refractory} ms` : refractory;
    const source = new Source("refractory", text);
    const span = { start: 0, end: text.length };
    const negative = "a refractory time cannot be negative.";
    const quantity = writtenQuantity(text);
    const unit = quantity && parseUnit(quantity.text);
    if (quantity && unit && same(unit.dimension, this.scope.system.time)) {
      const value = converted({ ...quantity, unit }, { ...NUMBER, dimension: unit.dimension, power: -3 });
      if (value < 0) this.error(source, span, "range", negative);
      return { kind: "time", value };
    }
    const parsed = this.expression(source);
    if (!parsed) return { kind: "none" };
    const value = this.inference(source).value(parsed.value, this.scope.system.time);
    const constant = constantOf(parsed.value, (name) => this.factor(name));
    if (constant !== undefined && constant < 0) this.error(source, parsed.value, "range", negative);
    if (value.type === "boolean") return { kind: "condition", value: parsed.value };
    if (value.dimension && !this.bare && !same(value.dimension, this.scope.system.time)) {
      const fix = constantOf(parsed.value) === undefined ? undefined : `${text.trim()} ms`;
      const message = `refractory is a time, such as 2 ms, or a condition; this is ${this.text(value.dimension)}.`;
      this.error(source, parsed.value, "unit-mismatch", message, fix);
    }
    return { kind: "time", value: parsed.value };
  }

  /** The value of a name that is a unit or pi. */
  protected factor(name: string): number | undefined {
    const entry = this.scope.lookup(name);
    if (entry?.kind !== "constant" || entry.value === undefined) return undefined;
    return entry.value * entry.scale.factor * tenTo(entry.scale.power);
  }

  protected events(): { name: string; condition: Expression | undefined; reset: Located<Assignment[]> }[] {
    const names = new Set<string>(["spike"]);
    return this.draft.events.map((event, i) => {
      const source = new Source(`events[${i}].name`, event.name);
      const span = { start: 0, end: event.name.length };
      if (names.has(event.name)) {
        const why = event.name === "spike" ? "that is the event of the threshold" : "another event has this name";
        this.error(source, span, "twice", `an event cannot be called ${event.name}: ${why}.`);
      } else if (this.scope.defined(event.name)) {
        this.error(source, span, "twice", `an event cannot be called ${event.name}: a quantity has this name.`);
      } else this.goodName(source, span, event.name);
      names.add(event.name);
      const condition = this.condition(new Source(`events[${i}].condition`, event.condition), "an event");
      const reset = this.reset(`events[${i}].reset`, event.reset);
      return { name: event.name, condition: condition?.value, reset };
    });
  }

  protected inits(intermediates: readonly CheckedIntermediate[]): Map<string, Initial> {
    const found = new Map<string, Initial>();
    const sources = new Map<string, Source>();
    for (const { name, value } of this.draft.init) {
      const text = String(value);
      const source = new Source(`init.${name}`, text);
      const span = { start: 0, end: text.length };
      const entry = this.scope.defined(name);
      if (entry?.kind !== "state") {
        // the equation of v is missing or could not be read, which is reported
        if (name === "v" && this.diagnostics.failed) continue;
        const names = this.scope.names.filter((one) => this.scope.defined(one)?.kind === "state");
        const near = nearestName(name, names);
        const hint = near === undefined ? this.statesText(names) : ` Did you mean ${near}?`;
        this.error(source, span, "unknown-name", `${JSON.stringify(shorten(name))} is no state.${hint}`);
        continue;
      }
      sources.set(name, source);
      const initial =
        typeof value === "number" ? { kind: "number" as const, value } : this.initial(source, name, entry);
      if (initial) found.set(name, initial);
    }
    this.initOrder(found, sources, intermediates);
    return found;
  }

  protected initial(source: Source, name: string, entry: Entry): Initial | undefined {
    const quantity = writtenQuantity(source.text);
    const unit = quantity && quantity.text !== "" ? parseUnit(quantity.text) : undefined;
    const span = { start: 0, end: source.text.length };
    if (quantity && unit) {
      if (entry.dimension && !same(unit.dimension, entry.dimension)) {
        const message = `${name} is ${this.text(entry.dimension)}; this is ${this.text(unit.dimension)}.`;
        this.error(source, span, "unit-mismatch", message);
        return undefined;
      }
      const stored = { ...unit, power: entry.scale.power, factor: entry.scale.factor };
      const coherent = { ...unit, ...this.scope.system.scale(unit) };
      return { kind: "number", value: converted({ ...quantity, unit: coherent }, stored) };
    }
    const parsed = this.expression(source);
    if (!parsed) return undefined;
    const value = this.inference(source).value(parsed.value, entry.dimension);
    const found = dimensionOf(value);
    if (found && entry.dimension && !this.bare && !same(found, entry.dimension)) {
      const message = `${name} is ${this.text(entry.dimension)}; this is ${this.text(found)}.`;
      const bare = constantOf(parsed.value) !== undefined && isPure(found);
      const fix = bare ? `${source.text.trim()}*${this.scope.system.symbol(entry.dimension)}` : undefined;
      this.error(source, parsed.value, "unit-mismatch", message, fix);
    }
    this.refuse(source, parsed.value, value, IN_INIT);
    return { kind: "expression", value: parsed.value };
  }

  /** Initial values may use each other, in no circle. */
  protected initOrder(
    inits: ReadonlyMap<string, Initial>,
    sources: ReadonlyMap<string, Source>,
    intermediates: readonly CheckedIntermediate[],
  ): void {
    const values = new Map(intermediates.map((one) => [one.name, one.value]));
    const depths = new Map<string, number>();
    const open: string[] = [];
    const visit = (name: string, source: Source, span: Span): number => {
      const known = depths.get(name);
      if (known !== undefined) return known;
      if (open.includes(name)) {
        this.error(source, span, "cycle", `initial values need each other: ${[...open, name].slice(-6).join(" -> ")}.`);
        return 0;
      }
      const initial = inits.get(name);
      const isState = this.scope.defined(name)?.kind === "state";
      if (isState && initial === undefined) {
        const message = `${name} has no initial value of its own; give it one in init.`;
        if (!sources.has(name)) this.error(source, span, "no-init", message);
        return 0;
      }
      const node = initial?.kind === "number" ? undefined : (initial?.value ?? values.get(name));
      if (node === undefined) return 0;
      open.push(name);
      let below = 0;
      const seen = new Set<string>();
      for (const one of namesIn(node)) {
        const kind = this.scope.defined(one.name)?.kind;
        if ((kind !== "state" && kind !== "intermediate") || seen.has(one.name)) continue;
        seen.add(one.name);
        const at = isState ? one : span;
        below = Math.max(below, visit(one.name, isState ? (sources.get(name) ?? source) : source, at));
      }
      open.pop();
      depths.set(name, node.depth + below);
      if (node.depth + below > MAX_DEPTH) {
        this.error(source, span, "too-deep", `initial values are nested deeper than ${MAX_DEPTH}.`);
      }
      return node.depth + below;
    };
    for (const [name, source] of sources)
      if (inits.has(name)) visit(name, source, { start: 0, end: source.text.length });
  }

  /** What concerns several texts. */
  protected crossChecks(
    states: readonly Equation[],
    threshold: Located<Expression> | undefined,
    reset: Located<Assignment[]>,
    events: readonly { reset: Located<Assignment[]> }[],
  ): void {
    const { draft, diagnostics } = this;
    const whole = (source: Source): Span => ({ start: 0, end: source.text.length });
    if (draft.threshold === undefined && draft.reset !== undefined) {
      const message = "a reset needs a threshold: the condition under which it is done.";
      this.error(reset.source, whole(reset.source), "no-threshold", message);
    } else if (draft.threshold === undefined && draft.refractory !== undefined) {
      const source = new Source("refractory", String(draft.refractory));
      this.error(
        source,
        whole(source),
        "no-threshold",
        "refractoriness needs a threshold: nothing spikes without one.",
      );
    }
    const changed = new Set(
      [reset, ...events.map((one) => one.reset)].flatMap((one) => one.value.map(({ name }) => name)),
    );
    for (const equation of states) {
      const { name, at, kind, flags } = equation;
      const isConstant = flags.some((one) => one.flag === "constant");
      if (kind === "variable" && isConstant && changed.has(name)) {
        this.error(this.equations, at, "flag", `${name} is not constant: a reset changes it.`);
      } else if (kind === "variable" && !isConstant && !changed.has(name)) {
        const message = `nothing changes ${name}: make it a parameter in params, or write (constant) behind its unit.`;
        diagnostics.warning(this.equations, at, "unchanged", message);
      }
      const unless = flags.find((one) => one.flag === "unless refractory");
      if (unless && draft.refractory === undefined) {
        diagnostics.warning(
          this.equations,
          unless,
          "flag",
          "the model has no refractory, so (unless refractory) does nothing.",
        );
      }
    }
    if (threshold && draft.reset !== undefined && reset.value.length > 0) {
      const compared = [...namesIn(threshold.value)].filter((one) => this.scope.defined(one.name)?.kind === "state");
      const direct = [...namesIn(threshold.value)].every(
        (one) => this.scope.defined(one.name)?.kind !== "intermediate",
      );
      if (compared.length > 0 && direct && !compared.some((one) => changed.has(one.name))) {
        const name = compared[0]?.name;
        const message = `the reset does not change ${name}: the neuron spikes in each step as long as this holds.`;
        diagnostics.warning(threshold.source, threshold.value, "no-return", message);
      }
    }
    const v = this.scope.defined("v");
    if (v?.dimension && same(v.dimension, this.scope.system.voltage) && !draft.init.some((one) => one.name === "v")) {
      const at = states.find((one) => one.name === "v")?.at;
      if (at) diagnostics.warning(this.equations, at, "no-init", "v starts at 0 mV: init does not name it.");
    }
  }

  protected unused(equations: readonly Equation[]): void {
    // what could not be read may have used it
    if (this.diagnostics.failed) return;
    for (const { name, given } of this.draft.params) {
      if (this.used.has(name)) continue;
      const source = new Source(`params.${name}`, String(given.default));
      const message = `nothing uses the parameter ${name}.`;
      this.diagnostics.warning(source, { start: 0, end: source.text.length }, "unused", message);
    }
    for (const { kind, name, at } of equations) {
      if (kind !== "intermediate" || this.used.has(name)) continue;
      this.diagnostics.warning(this.equations, at, "unused", `nothing uses ${name}.`);
    }
  }
}

/** Units as they are written now and then, in small letters. */
const UNIT_SLIPS: Readonly<Record<string, string>> = {
  sec: "s",
  secs: "s",
  seconds: "s",
  msec: "ms",
  msecs: "ms",
  millisecond: "ms",
  milliseconds: "ms",
  usec: "us",
  volts: "volt",
  millivolt: "mV",
  millivolts: "mV",
  amps: "amp",
  picoamp: "pA",
  nanoamp: "nA",
  siemens: "siemens",
  mv: "mV",
  pa: "pA",
  na: "nA",
  hz: "Hz",
  khz: "kHz",
  pf: "pF",
  uf: "uF",
  none: "1",
  integer: "1",
};

const USES_TEXT: readonly (readonly [number, string])[] = [
  [Uses.STATE, "states"],
  [Uses.INPUT, "I"],
  [Uses.TIME, "t"],
  [Uses.INDEX, "i"],
  [Uses.RANDOM, "random numbers"],
  [Uses.NOISE, "xi"],
];

export function usesText(uses: number): string {
  return USES_TEXT.filter(([bit]) => (uses & bit) !== 0)
    .map(([, text]) => text)
    .join(", ");
}

export interface WrittenNumber {
  readonly digits: string;
  readonly exponent: number;
  /** Text of the unit and where it begins; "" where there is none. */
  readonly text: string;
  readonly at: number;
}

export interface WrittenQuantity extends WrittenNumber {
  readonly unit: Unit;
}

/** A number with a unit behind it, such as "20 ms" or "0.03 1/ms"; undefined for anything else. */
export function writtenQuantity(text: string): WrittenNumber | undefined {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,4}))?\s*/.exec(text);
  if (!match) return undefined;
  const [whole, digits = "", exponent = "0"] = match;
  const rest = text.slice(whole.length).trimEnd();
  if (!/^(?:\/?[\p{L}]|1\s*\/|$)/u.test(rest)) return undefined;
  return { digits, exponent: Number(exponent), text: rest, at: whole.length };
}

/** The number in another unit. Powers of ten move the decimal point, so that "0.5 nA" is exactly 500 pA. */
export function converted(quantity: WrittenQuantity, unit: Unit): number {
  const shift = quantity.unit.power - unit.power;
  const tens = Math.floor(shift);
  let value = Number(`${quantity.digits}e${quantity.exponent + tens}`);
  // a square root leaves half a power of ten
  if (shift !== tens) value *= Math.sqrt(10);
  if (quantity.unit.factor !== unit.factor) value = (value * quantity.unit.factor) / unit.factor;
  return value + 0;
}

/**
 * A receptor kernel's texts to a kernel in which every name is known and every unit fits. The language is that of
 * models (check.ts); what differs is said here: states belong to the receptor, those of the neuron are read, `w` is
 * what arrives, and `output` is a current.
 */
import { checkKeys, field, fieldOr, keyPath, readNewName, readObject, requiredField } from "../model/check.js";
import type { ReceptorKernelDefinition } from "../model/definition.js";
import { describe, placeText, ValueRangeError } from "../model/errors.js";
import { type Assignment, children, type Equation, type Expression, namesIn, printExpression } from "./ast.js";
import { Checker, type CheckedModel, type CheckedState, type CompileOptions } from "./check.js";
import { type Draft, Limit, readInit, readParams, readTexts } from "./definition.js";
import { type Dimension, isPure, NUMBER, over, parseUnit, same, type Scale, type Unit } from "./dimensions.js";
import { dimensionOf, Inference } from "./infer.js";
import { MAX_RECEPTOR_STATES } from "./limits.js";
import { parseEquations, parseExpression } from "./parser.js";
import { type Entry, UNSCALED, Uses } from "./scope.js";
import { Source, type Span } from "./source.js";

/** Methods that advance the states of a kernel. */
export const KERNEL_METHODS = ["exact", "exponentialEuler", "rk4", "heun", "euler"] as const;
export type KernelMethod = (typeof KERNEL_METHODS)[number];

/** A state of the neuron that a kernel reads. */
export interface ReadState {
  readonly name: string;
  /** As the definition has it. */
  readonly unit: string;
}

/** What flows into the cell: a current, or a conductance with its reversal potential. */
export type CheckedOutput =
  | { readonly kind: "current"; readonly value: Expression }
  | { readonly kind: "conductance"; readonly factors: readonly Factor[]; readonly reversal: Expression };

/** A factor of a product, or what it is divided by. */
export interface Factor {
  readonly operator: "*" | "/";
  readonly node: Expression;
  /** It stands for itself with the other sign. */
  readonly negative?: true;
}

/** A kernel without mistakes; `reset` is what happens when something arrives. */
export interface CheckedKernel extends CheckedModel {
  readonly reads: readonly ReadState[];
  /** Unit of the weights, as it is written. */
  readonly weight: string;
  readonly output: CheckedOutput;
  /** The output as it is written. */
  readonly written: Expression;
  /** undefined: what fits the equations. */
  readonly method: KernelMethod | undefined;
}

interface KernelDraft extends Draft {
  readonly weight: string;
  readonly reads: readonly ReadState[];
  readonly onSpike: string;
  readonly output: string;
  readonly method: KernelMethod | undefined;
}

type Output = Pick<CheckedKernel, "output" | "written">;

export interface KernelOptions extends CompileOptions {
  /** Unit of the current of the model that has the receptor, in place of the kernel's own. */
  readonly current?: string;
}

/**
 * Checks a receptor kernel.
 *
 * @throws EquationError with every mistake in the texts; other errors of the library where a key is unknown or missing
 */
export function compileKernelText(definition: ReceptorKernelDefinition, options: KernelOptions = {}): CheckedKernel {
  const draft = readKernel(definition, options.path ?? "receptor kernel");
  const { current = draft.current } = options;
  return new KernelChecker({ ...draft, current }, options).kernel();
}

const KEYS: readonly (keyof ReceptorKernelDefinition)[] = [
  "name",
  "text",
  "references",
  "current",
  "weight",
  "equations",
  "params",
  "reads",
  "onSpike",
  "output",
  "init",
  "method",
];

function readKernel(value: unknown, path: string): KernelDraft {
  const object = readObject(value, path, "a receptor kernel: an object with a name, equations, onSpike and output");
  checkKeys(object, path, KEYS, "key of a receptor kernel");
  const at = (key: keyof ReceptorKernelDefinition): string => keyPath(path, key);
  const name = readNewName(
    requiredField(object, "name", path, "a name such as gabaB"),
    at("name"),
    "receptor kernel",
    /^[A-Za-z][\w-]*$/,
    "letters, digits, _ and -, beginning with a letter",
  );
  const limit = new Limit(path);
  const text = (key: "text" | "equations" | "onSpike"): string => limit.text(fieldOr(object, key, ""), at(key));
  const line = (key: "current" | "weight" | "output", otherwise: string): string =>
    limit.line(fieldOr(object, key, otherwise), at(key));
  requiredField(object, "equations", path, "the equations of the receptor's states, one a line");
  requiredField(object, "onSpike", path, "what arriving weights do to the states, such as s += w");
  requiredField(object, "output", path, "the current into the cell, such as g*(E_rev - v)");
  const params = readParams(fieldOr(object, "params", {}), at("params"), limit);
  for (const taken of ["kernel", "comment"]) {
    if (!params.some((one) => one.name === taken)) continue;
    const message = `${keyPath(at("params"), taken)}: a parameter cannot have this name, which is a key of receptors.`;
    throw new ValueRangeError(message, { path: keyPath(at("params"), taken), value: taken });
  }
  const method = field(object, "method");
  if (method !== undefined && !KERNEL_METHODS.includes(method as KernelMethod)) {
    const allowed = KERNEL_METHODS.join(", ");
    const message = `${placeText(at("method"), describe(method))}; a receptor's method is one of: ${allowed}.`;
    throw new ValueRangeError(message, { path: at("method"), value: method, allowed: KERNEL_METHODS });
  }
  return {
    name,
    title: name,
    text: text("text"),
    references: readTexts(fieldOr(object, "references", []), at("references")),
    current: line("current", "pA"),
    weight: line("weight", "1"),
    equations: text("equations"),
    params,
    reads: readReads(fieldOr(object, "reads", {}), at("reads"), limit),
    onSpike: text("onSpike"),
    output: line("output", ""),
    init: readInit(fieldOr(object, "init", {}), at("init"), limit),
    method: method as KernelMethod | undefined,
    presets: [],
    threshold: undefined,
    reset: undefined,
    refractory: undefined,
    events: [],
  };
}

function readReads(value: unknown, path: string, limit: Limit): readonly ReadState[] {
  const object = readObject(value, path, "an object with the unit of each state of the neuron that is read");
  const others = Object.keys(object).filter((name) => name !== "v");
  if (others.length >= MAX_RECEPTOR_STATES) {
    const allowed = `at most ${MAX_RECEPTOR_STATES - 1} beside v`;
    throw new ValueRangeError(`${path}: there are ${others.length}; a kernel reads ${allowed}.`, { path, allowed });
  }
  const unitOf = (name: string): string => limit.line(object[name], keyPath(path, name)).trim();
  return [
    { name: "v", unit: Object.hasOwn(object, "v") ? unitOf("v") : "mV" },
    ...others.map((name) => ({ name, unit: unitOf(name) })),
  ];
}

/** Why a name of models has no meaning in a kernel. */
const NOT_HERE: Readonly<Record<string, string>> = {
  I: "I is the sum of all currents, of which the receptor is one; it depends on v and on its own states",
  not_refractory: "a receptor goes on while its neuron is refractory",
};

const NO_NOISE = "a receptor has no white noise; noise among background currents is the kind whiteNoise";

class KernelChecker extends Checker {
  protected override readonly changes = "onSpike changes the states of the receptor";
  private readonly own: KernelDraft;

  constructor(draft: KernelDraft, options: CompileOptions) {
    super(draft, options);
    this.own = draft;
  }

  kernel(): CheckedKernel {
    const { own: draft, diagnostics, scope } = this;
    const params = draft.params.map(({ name, given }, index) => this.parameter(name, given, index));
    const lost = new Map<string, Equation["kind"]>();
    const equations = this.unique(parseEquations(this.equations, diagnostics, this.parsing, lost));
    for (const [name, kind] of lost) {
      scope.add(name, this.entry(kind === "intermediate" ? "intermediate" : "state", 0, undefined, 0));
    }
    for (const { value } of equations) if (value) this.foreign(this.equations, value, EQUATIONS);
    this.declareReads(equations);
    const weight = this.declareWeight();
    const variables = this.declareOwn(equations);
    const intermediates = this.intermediates(equations);
    for (const equation of variables) this.checkOwnUnit(equation);
    const derivatives = variables.map((equation) => this.derivative(equation));
    const onSpike = this.reset("onSpike", draft.onSpike);
    for (const { value } of onSpike.value) this.foreign(onSpike.source, value, STATEMENTS);
    const output = this.output();
    const init = this.inits(intermediates);
    for (const { name } of draft.init) {
      const initial = init.get(name);
      const source = new Source(`init.${name}`, textOf(draft, name));
      if (initial?.kind === "expression") this.foreign(source, initial.value, STARTS);
    }
    const states = variables.map((equation, i): CheckedState => {
      const entry = scope.defined(equation.name) as Entry;
      return {
        name: equation.name,
        unit: equation.unit?.text ?? "1",
        scale: entry.scale,
        derivative: derivatives[i]?.value,
        flags: this.flags(equation, equation.kind === "differential" ? [] : ["constant"]),
        init: init.get(equation.name),
      };
    });
    const changed = new Set(onSpike.value.map(({ name }) => name));
    for (const { kind, name, at, flags } of variables) {
      if (kind !== "variable" || changed.has(name) || flags.length > 0) continue;
      const message = `nothing changes ${name}: make it a parameter in params, or write (constant) behind its unit.`;
      diagnostics.warning(this.equations, at, "unchanged", message);
    }
    if (onSpike.value.length === 0 && !diagnostics.failed) {
      const message = "onSpike is empty: it says what arriving weights do to the states, such as s += w.";
      this.error(onSpike.source, { start: 0, end: 0 }, "statement", message);
    }
    this.unused(equations);
    diagnostics.check(draft.name, undefined, `Receptor kernel ${draft.name}`);
    return {
      name: draft.name,
      title: draft.title,
      presets: [],
      text: draft.text,
      references: draft.references,
      current: scope.system.current,
      system: scope.system,
      scope,
      states,
      params,
      intermediates,
      threshold: undefined,
      crossing: true,
      reset: onSpike.value,
      refractory: { kind: "none" },
      events: [],
      usesInput: false,
      warnings: diagnostics.warnings,
      reads: draft.reads,
      weight,
      output: (output as Output).output,
      written: (output as Output).written,
      method: draft.method,
    };
  }

  protected override inference(source: Source): Inference {
    return new Inference(this.scope, source, this.diagnostics, this.used, NO_NOISE);
  }

  protected override goodName(source: Source, span: Span, name: string): boolean {
    const isRead = this.own.reads.some((one) => one.name === name);
    if (name !== "w" && !isRead) return super.goodName(source, span, name);
    const why = name === "w" ? "w is what arrives, in onSpike" : `${name} is a state of the neuron, which is read`;
    this.error(source, span, "reserved-name", `${name} cannot be defined: ${why}; take another name.`);
    return false;
  }

  protected override advice({ value }: Assignment, wanted: Dimension, found: Dimension): string {
    const w = this.scope.defined("w")?.dimension;
    if (w === undefined || !isPure(w) || ![...namesIn(value)].some(({ name }) => name === "w")) return "";
    const unit = this.scope.system.symbol(over(wanted, found));
    return ` "weight" names the unit of w, here none: write "weight": "${unit}".`;
  }

  /** States of the neuron; where the kernel gives one of these names to something else, that is reported. */
  private declareReads(equations: readonly Equation[]): void {
    for (const [index, { name, unit: text }] of this.own.reads.entries()) {
      const source = new Source(`reads.${name}`, text);
      const unit = this.unit(source, { start: 0, end: text.length }, text);
      if (name !== "v") super.goodName(source, { start: 0, end: text.length }, name);
      const entry = { ...this.entry("read", index, unit, Uses.STATE), scale: UNSCALED };
      if (!equations.some((one) => one.name === name)) this.scope.replace(name, entry);
    }
  }

  /** The unit of the weights as it is shown. */
  private declareWeight(): string {
    const { weight } = this.own;
    const unit = this.unit(new Source("weight", weight), { start: 0, end: weight.length }, weight);
    this.scope.replace("w", this.entry("weight", 0, unit, Uses.STATE));
    return weight.trim();
  }

  private declareOwn(equations: readonly Equation[]): Equation[] {
    const states = equations.filter((one) => one.kind !== "intermediate");
    if (states.length > MAX_RECEPTOR_STATES) {
      const at = states[MAX_RECEPTOR_STATES]?.at ?? { start: 0, end: 0 };
      this.error(this.equations, at, "too-many", `a receptor has at most ${MAX_RECEPTOR_STATES} states.`);
    }
    if (states.length === 0 && !this.diagnostics.failed) {
      const at = Math.max(0, this.equations.text.search(/\S/));
      const message = "a receptor has a state, which what arrives changes: ds/dt = -s/tau : 1.";
      this.error(this.equations, { start: at, end: at }, "statement", message);
    }
    for (const [index, equation] of states.entries()) {
      const unit = equation.unit && this.unit(this.equations, equation.unit, equation.unit.text);
      this.scope.add(equation.name, this.entry("state", index, unit, Uses.STATE));
    }
    return states;
  }

  /** Reports what has no meaning in a kernel, or in this text of it. */
  private foreign(source: Source, node: Expression, text: Place): void {
    const stack: Expression[] = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      stack.push(...children(next));
      if (next.kind === "call" && (next.name === "rand" || next.name === "randn")) {
        const message = "a receptor has no random numbers; what fails by chance is the release of a projection.";
        this.error(source, next.at, "context", message);
      }
      if (next.kind !== "name") continue;
      const isNoise = next.name === "xi" || next.name.startsWith("xi_");
      const why = Object.hasOwn(NOT_HERE, next.name) ? NOT_HERE[next.name] : isNoise ? NO_NOISE : text[next.name];
      if (why !== undefined) this.error(source, next, "context", `${why}.`);
      else if (text === STARTS && this.scope.defined(next.name)?.kind === "read") {
        this.error(source, next, "context", `${next.name} is not known when a receptor starts.`);
      }
    }
  }

  private output(): Output | undefined {
    const { system } = this.scope;
    const source = new Source("output", this.own.output);
    const node = parseExpression(source, this.diagnostics, this.parsing);
    if (!node) return undefined;
    const wanted = system.currentUnit.dimension;
    const value = this.inference(source).value(node, wanted);
    this.foreign(source, node, EQUATIONS);
    const found = dimensionOf(value);
    const v = this.scope.defined("v")?.dimension;
    if (found !== undefined && !same(found, wanted)) {
      const isConductance = v !== undefined && !isPure(v) && same(found, over(wanted, v));
      const message = `the output is ${system.text(found)}; it must be ${system.text(wanted)}, a current into the cell`;
      if (isConductance) {
        const text = printExpression(node);
        const product = node.kind === "binary" && !["*", "/"].includes(node.operator) ? `(${text})` : text;
        const fix = `${product}*(E_rev - v)`;
        this.error(source, node, "unit-mismatch", `${message}: a conductance is multiplied by (E_rev - v).`, fix);
      } else this.error(source, node, "unit-mismatch", `${message}.`);
    }
    return { output: this.driven(node), written: node };
  }

  /** A product with a factor (E - v) in it, where E stands still, is a conductance with the reversal potential E. */
  private driven(node: Expression): CheckedOutput {
    const factors = factorsOf(node);
    const place = factors.findIndex((factor) => factor.operator === "*" && this.forceIn(factor.node) !== undefined);
    if (place < 0) return { kind: "current", value: node };
    const force = factors[place] as Factor;
    const { reversal, turned } = this.forceIn(force.node) as { reversal: Expression; turned: boolean };
    const negative = (force.negative === true) !== turned;
    const rest = factors.filter((_, i) => i !== place);
    const one: Factor = { operator: "*", node: { kind: "number", value: 1, depth: 1, start: 0, end: 0 } };
    const [first, ...others] = rest[0]?.operator === "*" ? (rest as [Factor, ...Factor[]]) : [one, ...rest];
    const { negative: was, ...plain } = first;
    const head: Factor = (was === true) !== negative ? { ...plain, negative: true } : plain;
    return { kind: "conductance", factors: [head, ...others], reversal };
  }

  private forceIn(node: Expression): { readonly reversal: Expression; readonly turned: boolean } | undefined {
    if (node.kind !== "binary" || node.operator !== "-") return undefined;
    const isV = (side: Expression): boolean => side.kind === "name" && side.name === "v";
    if (isV(node.right) && this.isStill(node.left)) return { reversal: node.left, turned: false };
    return isV(node.left) && this.isStill(node.right) ? { reversal: node.right, turned: true } : undefined;
  }

  /** Whether a value depends on parameters and numbers only. */
  private isStill(node: Expression): boolean {
    return [...namesIn(node)].every(({ name }) => {
      const entry = this.scope.lookup(name);
      const isNumber = entry?.kind === "constant" || entry?.kind === "parameter";
      return isNumber || (entry?.kind === "intermediate" && (entry.uses & ~Uses.PARAMETER) === 0);
    });
  }
}

/** Names that have no meaning in some texts, and why. */
type Place = Readonly<Record<string, string>>;

const EQUATIONS: Place = {
  w: "w is what arrives, and has a value in onSpike only",
  dt: "dt has no place here: the method multiplies by it",
};
const STATEMENTS: Place = {};
const STARTS: Place = {
  w: "nothing has arrived when a receptor starts",
  t: "the time is 0 when a receptor starts",
};

function textOf(draft: Draft, name: string): string {
  return String(draft.init.find((one) => one.name === name)?.value ?? "");
}

/** The factors of a product, from left to right; signs in front of it go to the first. */
function factorsOf(node: Expression): Factor[] {
  const found: Factor[][] = [];
  let head: Expression = node;
  let negative = false;
  for (;;) {
    if (head.kind === "binary" && (head.operator === "*" || head.operator === "/")) {
      const { operator, right } = head;
      found.push(operator === "*" ? factorsOf(right) : [{ operator, node: right }]);
      head = head.left;
    } else if (head.kind === "unary" && head.operator !== "not") {
      if (head.operator === "-") negative = !negative;
      head = head.operand;
    } else break;
  }
  found.push([{ operator: "*", node: head, ...(negative && { negative }) }]);
  return found.reverse().flat();
}

/** What the current of a kernel is over, as a model's record has it: whether both are of one dimension. */
export function sameCurrent(a: string, b: string): boolean {
  const [x, y] = [parseUnit(a === "" ? "1" : a), parseUnit(b === "" ? "1" : b)];
  return x !== undefined && y !== undefined && same(x.dimension, y.dimension);
}

/** By what a number in a unit is multiplied inside of a kernel's expressions. */
export function scaleIn({ system }: CheckedKernel, unit: string): Scale {
  return system.scale((parseUnit(unit === "" ? "1" : unit) ?? NUMBER) as Unit);
}

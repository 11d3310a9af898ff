/**
 * A checked model to the expressions of ir.ts: names become leaves, units become factors, conditions in arithmetic
 * become 0 and 1, statements of a reset are composed, noise is taken out of the equations. The order of operations is
 * that of the text.
 */
import type { Assignment, BinaryNode, CallNode, Expression } from "./ast.js";
import type { CheckedCurrent, CheckedModel } from "./check.js";
import { factorOf, type Scale, tenTo } from "./dimensions.js";
import type { FunctionName } from "./functions.js";
import type {
  Comparison,
  Expr,
  FunctionName as Elementary,
  Ir,
  IrModel,
  IrNoise,
  IrRefractory,
  IrReset,
} from "./ir.js";
import type { CheckedKernel, Factor } from "./receptor.js";
import { type Entry, type Scope, Uses } from "./scope.js";

/** What the names in an expression stand for at one place of a step. */
interface Surroundings {
  /** The states in coherent units. */
  readonly state: (index: number) => Expr;
  /** Intermediate equations found so far, in coherent units. */
  readonly known: Map<string, Expr>;
  /** White noise by name, in equations. */
  readonly noise?: (name: string) => Expr;
  /** The neuron starts: the time is 0 and nothing is refractory. */
  readonly starts?: true;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "==": "eq",
  "!=": "ne",
};

/** The model as the back end gets it. Nodes are made in `ir`. */
export function lowerModel(model: CheckedModel, ir: Ir): IrModel {
  return new Lowering(model.scope, ir, model).lowered();
}

/** A background current in its unit, over t, i, N and random numbers whose streams are counted from `firstStream`. */
export function lowerCurrent(current: CheckedCurrent, ir: Ir, firstStream = 0): Expr {
  const { scope } = current;
  const lowering = new Lowering(scope, ir, undefined, firstStream);
  const none = (): Expr => ir.const(0);
  const value = lowering.number(current.value, { state: none, known: new Map() });
  return lowering.shown(value, scope.system.scale(scope.system.currentUnit));
}

/** An expression of parameters and numbers, in a unit of this scale. */
export function lowerValue(scope: Scope, value: Expression, scale: Scale, ir: Ir): Expr {
  const lowering = new Lowering(scope, ir, undefined);
  const none = (): Expr => ir.const(0);
  return lowering.shown(lowering.number(value, { state: none, known: new Map() }), scale);
}

/** What a receptor gives its neuron, in coherent units: a current, or a conductance with its reversal potential. */
export type IrOutput =
  | { readonly kind: "current"; readonly value: Expr }
  | { readonly kind: "conductance"; readonly value: Expr; readonly reversal: Expr };

/**
 * A receptor kernel: its states with what moves them, in `reset` what they become when something arrives (the column
 * a0), and its output. States of the neuron that it reads follow its own.
 *
 * @param scales from the units that the neuron keeps these in to the coherent ones
 */
export function lowerKernel(
  kernel: CheckedKernel,
  ir: Ir,
  scales: readonly Scale[],
): { readonly model: IrModel; readonly output: IrOutput } {
  const lowering = new Lowering(kernel.scope, ir, kernel, 0, scales);
  return { model: lowering.lowered(), output: lowering.output(kernel) };
}

class Lowering {
  private readonly scope: Scope;
  private readonly ir: Ir;
  private readonly model: CheckedModel | undefined;
  private readonly values: ReadonlyMap<string, Expression>;
  private readonly noisy: ReadonlySet<string>;
  /** Streams of the calls of randn and rand, each of its own, and of white noise. */
  private readonly streams = new Map<CallNode | string, number>();
  private readonly firstStream: number;
  /** Of the states that a receptor reads. */
  private readonly reads: readonly Scale[];

  constructor(
    scope: Scope,
    ir: Ir,
    model: CheckedModel | undefined,
    firstStream = 0,
    reads: readonly Scale[] = [],
  ) {
    this.reads = reads;
    this.scope = scope;
    this.ir = ir;
    this.model = model;
    this.firstStream = firstStream;
    const intermediates = model?.intermediates ?? [];
    this.values = new Map(intermediates.map(({ name, value }) => [name, value]));
    this.noisy = new Set(intermediates.filter(({ uses }) => (uses & Uses.NOISE) !== 0).map(({ name }) => name));
  }

  lowered(): IrModel {
    const { ir } = this;
    const model = this.model as CheckedModel;
    const present = this.present();
    // in their order, so that none has to be looked for
    for (const { name } of model.intermediates) if (!this.noisy.has(name)) this.intermediate(name, present);
    const parts = model.states.map(
      ({ derivative, scale }, j) => derivative && this.derivative(derivative, scale, j, present),
    );
    return {
      name: model.name,
      currentUnit: model.current,
      states: model.states.map(({ name, unit, scale, flags }, j) => ({
        name,
        unit,
        factor: factorOf(scale),
        derivative: parts[j]?.slope,
        flags: { unlessRefractory: flags.includes("unless refractory") },
        noise: parts[j]?.noise ?? [],
      })),
      params: model.params.map(({ name, unit, scale }) => ({ name, unit, factor: factorOf(scale) })),
      intermediates: model.intermediates
        .filter(({ name }) => !this.noisy.has(name))
        .map(({ name, unit, scale }) => ({
          name,
          unit,
          value: this.shown(this.asNumber(present.known.get(name) as Expr), scale),
        })),
      threshold: model.threshold && this.expression(model.threshold, present),
      crossing: model.crossing,
      reset: this.reset(model.reset),
      refractory: this.refractory(model, present),
      events: model.events.map(({ name, condition, reset }) => ({
        name,
        condition: this.expression(condition, present),
        reset: this.reset(reset),
      })),
      init: this.inits(model, ir),
    };
  }

  output({ output }: CheckedKernel): IrOutput {
    const present = this.present();
    if (output.kind === "current") return { kind: "current", value: this.number(output.value, present) };
    return {
      kind: "conductance",
      value: this.product(output.factors, present),
      reversal: this.number(output.reversal, present),
    };
  }

  private product(factors: readonly Factor[], around: Surroundings): Expr {
    const { ir } = this;
    const numbers = factors.map(({ node, negative }) => {
      const value = this.number(node, around);
      return negative === true ? ir.neg(value) : value;
    });
    return numbers.reduce((a, b, i) => (factors[i]?.operator === "/" ? ir.div(a, b) : ir.mul(a, b)));
  }

  /** The states as they are. */
  private present(): Surroundings {
    const states = this.model?.states ?? [];
    return { known: new Map(), state: (i) => this.scaled(this.ir.state(i), states[i]?.scale as Scale) };
  }

  private derivative(
    node: Expression,
    scale: Scale,
    index: number,
    present: Surroundings,
  ): { slope: Expr; noise: readonly IrNoise[] } {
    const { ir } = this;
    const leaves: Expr[] = [];
    const noise = (name: string): Expr => {
      // xi alone is the equation's own
      const leaf = ir.random("normal", this.stream(name === "xi" ? `xi of ${index}` : name));
      if (!leaves.includes(leaf)) leaves.push(leaf);
      return leaf;
    };
    const value = this.number(node, { ...present, known: new Map(present.known), noise });
    if (leaves.length === 0) return { slope: this.shown(value, scale), noise: [] };
    const form = ir.linear(value, leaves);
    if (form === undefined) throw new RangeError("noise that is not a term of its equation");
    const terms = leaves.map((leaf, i) => ({
      amplitude: this.shown(form.slopes[i] as Expr, scale),
      stream: leaf.value,
    }));
    return { slope: this.shown(form.offset, scale), noise: terms };
  }

  /** Statements one after the other, each over the states as the step left them. */
  private reset(statements: readonly Assignment[]): IrReset[] {
    const { ir } = this;
    const before = this.present();
    const changed = new Map<number, Expr>();
    for (const { name, operator, value: node } of statements) {
      const entry = this.scope.defined(name) as Entry;
      const state = (i: number): Expr => changed.get(i) ?? before.state(i);
      const value = this.number(node, { state, known: changed.size === 0 ? before.known : new Map() });
      const old = state(entry.index);
      switch (operator) {
        case undefined:
          changed.set(entry.index, value);
          break;
        case "+":
          changed.set(entry.index, ir.add(old, value));
          break;
        case "-":
          changed.set(entry.index, ir.sub(old, value));
          break;
        case "*":
          changed.set(entry.index, ir.mul(old, value));
          break;
        case "/":
          changed.set(entry.index, ir.div(old, value));
          break;
      }
    }
    const states = this.model?.states ?? [];
    return [...changed].map(([state, value]) => ({ state, value: this.shown(value, states[state]?.scale as Scale) }));
  }

  private refractory({ refractory }: CheckedModel, present: Surroundings): IrRefractory {
    if (refractory.kind === "none") return refractory;
    if (refractory.kind === "condition")
      return { kind: "condition", value: this.expression(refractory.value, present) };
    const { value } = refractory;
    return { kind: "time", value: typeof value === "number" ? this.ir.const(value) : this.number(value, present) };
  }

  /** Initial values in the states' units; one that uses others takes their expressions in. */
  private inits({ states }: CheckedModel, ir: Ir): Expr[] {
    const found = new Map<number, Expr>();
    const stored = (index: number): Expr => {
      const known = found.get(index);
      if (known !== undefined) return known;
      const { init, scale } = states[index] as CheckedModel["states"][number];
      const value =
        init?.kind === "expression" ? this.shown(this.number(init.value, starting), scale) : ir.const(init?.value ?? 0);
      found.set(index, value);
      return value;
    };
    const state = (i: number): Expr => this.scaled(stored(i), states[i]?.scale as Scale);
    const starting: Surroundings = { known: new Map(), state, starts: true };
    return states.map((_, i) => stored(i));
  }

  private stream(of: CallNode | string): number {
    let stream = this.streams.get(of);
    if (stream === undefined) this.streams.set(of, (stream = this.firstStream + this.streams.size));
    return stream;
  }

  /** From the unit that a value is kept in to the coherent one. */
  private scaled(e: Expr, { power, factor }: Scale): Expr {
    const { ir } = this;
    const turned = factor === 1 ? e : ir.mul(e, ir.const(factor));
    // ten to a negative power is no exact number; its reciprocal is
    if (power < 0 && Number.isInteger(power)) return ir.div(turned, ir.const(tenTo(-power)));
    return ir.mul(turned, ir.const(tenTo(power)));
  }

  /** The way back. */
  shown(e: Expr, { power, factor }: Scale): Expr {
    return this.scaled(e, { power: -power, factor: 1 / factor });
  }

  /** An expression as a number: a condition counts as 1 or 0. */
  number(node: Expression, around: Surroundings): Expr {
    return this.asNumber(this.expression(node, around));
  }

  private asNumber(e: Expr): Expr {
    const { ir } = this;
    return e.type === "boolean" ? ir.select(e, ir.const(1), ir.const(0)) : e;
  }

  private expression(node: Expression, around: Surroundings): Expr {
    const { ir } = this;
    switch (node.kind) {
      case "number":
        return ir.const(node.value);
      case "name":
        return this.name(node.name, around);
      case "unary": {
        if (node.operator === "not") return ir.not(this.expression(node.operand, around));
        const operand = this.number(node.operand, around);
        return node.operator === "-" ? ir.neg(operand) : operand;
      }
      case "conditional": {
        const condition = this.expression(node.condition, around);
        const [a, b] = [this.expression(node.then, around), this.expression(node.otherwise, around)];
        if (a.type === "boolean" && b.type === "boolean") return ir.select(condition, a, b);
        return ir.select(condition, this.asNumber(a), this.asNumber(b));
      }
      case "call":
        return this.call(node, around);
      case "binary":
        return this.binary(node, around);
    }
  }

  private binary(node: BinaryNode, around: Surroundings): Expr {
    const { ir } = this;
    const { operator } = node;
    if (operator === "and" || operator === "or") {
      const [a, b] = [this.expression(node.left, around), this.expression(node.right, around)];
      return operator === "and" ? ir.and(a, b) : ir.or(a, b);
    }
    const a = this.number(node.left, around);
    const unit = a.op === "const" ? this.fraction(node.right) : undefined;
    // 20*us is 20/1000, which is the number nearest to 0.02
    if (unit !== undefined && operator === "*") return ir.div(a, ir.const(unit));
    if (unit !== undefined && operator === "/") return ir.mul(a, ir.const(unit));
    const b = this.number(node.right, around);
    const comparison = COMPARISONS[operator];
    if (comparison !== undefined) return ir.compare(comparison, a, b);
    switch (operator) {
      case "+":
        return ir.add(a, b);
      case "-":
        return ir.sub(a, b);
      case "*":
        return ir.mul(a, b);
      case "/":
        return ir.div(a, b);
      default:
        return ir.power(a, b);
    }
  }

  /** How many of a unit make one in the coherent system, where that is ten, a hundred, ... */
  private fraction(node: Expression): number | undefined {
    const entry = node.kind === "name" ? this.scope.lookup(node.name) : undefined;
    if (entry?.kind !== "constant" || entry.scale.factor !== 1 || entry.scale.power >= 0) return undefined;
    return Number.isInteger(entry.scale.power) ? tenTo(-entry.scale.power) : undefined;
  }

  private name(name: string, around: Surroundings): Expr {
    const { ir } = this;
    const entry = this.scope.lookup(name) as Entry;
    switch (entry.kind) {
      case "state":
        return around.state(entry.index);
      case "parameter":
        return this.scaled(ir.param(entry.index), entry.scale);
      case "intermediate":
        return this.intermediate(name, around);
      case "input":
        return this.scaled(ir.input, entry.scale);
      case "time":
        return around.starts ? ir.const(0) : ir.t;
      case "step":
        return ir.dt;
      case "index":
        return ir.index;
      case "size":
        return ir.size;
      case "noise":
        if (around.noise === undefined) throw new RangeError("noise outside of an equation");
        return around.noise(name);
      case "constant":
        return this.scaled(ir.const(entry.value ?? 1), entry.scale);
      case "condition":
        return ir.boolean(entry.index === 1);
      case "ready":
        return around.starts ? ir.boolean(true) : ir.not(ir.refractory);
      case "read":
        return this.scaled(ir.state((this.model?.states.length ?? 0) + entry.index), this.reads[entry.index] as Scale);
      case "weight":
        return this.scaled(ir.column("a0"), entry.scale);
    }
  }

  private intermediate(name: string, around: Surroundings): Expr {
    let value = around.known.get(name);
    if (value === undefined) {
      value = this.expression(this.values.get(name) as Expression, around);
      around.known.set(name, value);
    }
    return value;
  }

  private call(node: CallNode, around: Surroundings): Expr {
    const { ir } = this;
    const name = node.name as FunctionName;
    const args = node.args.map((arg) => this.number(arg, around));
    const [x, y, z] = args as [Expr, Expr, Expr];
    const [zero, one] = [ir.const(0), ir.const(1)];
    switch (name) {
      case "randn":
        return ir.random("normal", this.stream(node));
      case "rand":
        return ir.random("uniform", this.stream(node));
      case "sqrt":
        return ir.sqrt(x);
      case "abs":
        return ir.abs(x);
      case "floor":
        return ir.floor(x);
      case "ceil":
        return ir.ceil(x);
      case "int": {
        const whole = this.expression(node.args[0] as Expression, around);
        return whole.type === "boolean" ? this.asNumber(whole) : ir.trunc(whole);
      }
      case "pow":
        return ir.power(x, y);
      case "min":
        return args.reduce((a, b) => ir.min(a, b));
      case "max":
        return args.reduce((a, b) => ir.max(a, b));
      case "clip":
        return ir.min(ir.max(x, y), z);
      case "step":
        return ir.select(ir.compare("ge", x, zero), one, zero);
      case "sign":
        // 0 and what is no number stay
        return ir.select(ir.compare("gt", x, zero), one, ir.select(ir.compare("lt", x, zero), ir.const(-1), x));
      default:
        return ir.call(name satisfies Elementary, ...args);
    }
  }
}

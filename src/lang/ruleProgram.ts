/**
 * What a rule of plasticity does, as expressions over the numbers that are in memory.
 *
 * A variable with a linear equation of its own, dx/dt = a x + b with a and b fixed, is not touched between events: its
 * column holds y with x(t) = r + y E(t), where r = -b/a is where it goes to and E(t) = exp(a (t - t0)) is one number
 * for all that have the same a. So a decay costs one exponential in a step however many synapses there are, and is
 * exact. Now and then, before E gets too small or too large, the columns take it in (emitRule.ts). All other equations
 * are integrated in each step.
 */
import { Diagnostics } from "./diagnostics.js";
import { factorOf, parseUnit } from "./dimensions.js";
import { integrate } from "./integrate.js";
import { type Expr, Ir, type IrModel, type Mathematics, print } from "./ir.js";
import { lowerModel, lowerValue } from "./lower.js";
import type { BlockKind, Bound, CheckedRule, Level, RuleMethod, RuleUse } from "./rule.js";

/** A number to store: over columns (`before`), factors (`derived`), parameters and t. */
export interface Change {
  readonly variable: number;
  readonly value: Expr;
}

/** Where a variable with a linear equation is held: see above. */
export interface Lazy {
  /** Number of its factor. */
  readonly group: number;
  /** What it goes to; undefined for 0. */
  readonly rest: Expr | undefined;
}

export interface RuleProgram {
  readonly ir: Ir;
  readonly rule: CheckedRule;
  /** a of each factor, per ms. */
  readonly rates: readonly Expr[];
  /** By variable; undefined for those that are as they are. */
  readonly lazy: readonly (Lazy | undefined)[];
  readonly blocks: readonly {
    readonly kind: BlockKind;
    readonly event?: string;
    readonly changes: readonly Change[];
  }[];
  /** What each step does to synapses, and to neurons and the projection. */
  readonly row: readonly Change[];
  readonly clocks: Readonly<Record<"source" | "target" | "shared", readonly Change[]>>;
  /** ms between the ends of intervals. */
  readonly interval: Expr | undefined;
  /** Where each variable starts, by place among the variables, in its unit. */
  readonly init: readonly Expr[];
  /** Least and largest value, by variable. */
  readonly bounds: ReadonlyMap<number, readonly [Expr, Expr]>;
  /** Present value of a variable over columns and factors. */
  readonly present: readonly Expr[];
}

/** Leaves: the number in a variable's column; E(t) of a factor, and 1/E(t). */
export function columnOf(ir: Ir, variable: number): Expr {
  return ir.before(variable);
}
export function factorLeaf(ir: Ir, group: number): Expr {
  return ir.derived(2 * group);
}
export function inverseLeaf(ir: Ir, group: number): Expr {
  return ir.derived(2 * group + 1);
}

/** Whether a value is the same for all synapses, events and steps. */
export function isCommon(ir: Ir, e: Expr): boolean {
  return [...ir.leaves(e)].every(({ op }) => op === "const" || op === "boolean" || op === "param" || op === "dt");
}

/**
 * The program of a rule.
 *
 * @param use where it is used: the weight is in its unit then
 * @throws EquationError where an equation that is to be solved between events is not linear
 */
export function ruleProgram(rule: CheckedRule, math: Mathematics = {}, use?: RuleUse): RuleProgram {
  return new Planner(rule, math, use).program();
}

class Planner {
  private readonly ir: Ir;
  private readonly rule: CheckedRule;
  private readonly model: IrModel;
  private readonly rates: Expr[] = [];
  private readonly lazy: (Lazy | undefined)[] = [];
  private readonly bounds: ReadonlyMap<number, readonly [Expr, Expr]>;

  constructor(rule: CheckedRule, math: Mathematics, use: RuleUse | undefined) {
    this.ir = new Ir(math);
    this.rule = rule;
    const { system, states } = rule.model;
    const unit = rule.weightUnit === "1" || use === undefined ? undefined : parseUnit(use.weight);
    const scale = unit && system.scale(unit);
    const checked = scale
      ? {
          ...rule.model,
          states: states.map((s, k) => {
            const kind = rule.variables[k]?.kind;
            return kind === "weight" || kind === "transmitted" ? { ...s, scale } : s;
          }),
        }
      : rule.model;
    this.model = lowerModel(checked, this.ir);
    const value = (bound: Bound, variable: number): Expr => {
      const state = checked.states[variable] as (typeof checked.states)[number];
      // A number is in the unit that the rule has the variable in.
      if (typeof bound === "number") {
        const from = factorOf((states[variable] as typeof state).scale);
        return this.ir.const((bound * from) / factorOf(state.scale));
      }
      return lowerValue(rule.model.scope, bound, state.scale, this.ir);
    };
    this.bounds = new Map(
      [...rule.bounds].map(([variable, [low, high]]) => [variable, [value(low, variable), value(high, variable)]]),
    );
  }

  program(): RuleProgram {
    const { ir, rule, model } = this;
    this.solve();
    const blocks = rule.blocks.map(({ kind, event }, k) => ({
      kind,
      ...(event === undefined ? {} : { event }),
      changes: (model.events[k]?.reset ?? []).map(({ state, value }) => this.change(state, value)),
    }));
    const { interval } = rule;
    return {
      ir,
      rule,
      rates: this.rates,
      lazy: this.lazy,
      blocks: blocks.filter(({ kind }) => kind !== "onStep"),
      row: this.row(),
      clocks: { source: this.clock("source"), target: this.clock("target"), shared: this.clock("shared") },
      interval:
        interval === undefined
          ? undefined
          : typeof interval === "number"
            ? ir.const(interval)
            : lowerValue(rule.model.scope, interval, { power: 0, factor: 1 }, ir),
      init: model.init,
      bounds: this.bounds,
      present: rule.variables.map((_, k) => this.present(k)),
    };
  }

  /** Finds the equations that are solved between events. */
  private solve(): void {
    const { ir, rule, model } = this;
    const diagnostics = new Diagnostics();
    for (const [k, variable] of rule.variables.entries()) {
      const slope = model.states[k]?.derivative;
      this.lazy[k] = undefined;
      if (slope === undefined || variable.flag === "clock-driven") continue;
      const reason = this.obstacle(k, slope);
      if (reason === undefined) {
        const form = ir.affine(slope, ir.state(k)) as { slope: Expr; offset: Expr };
        let group = this.rates.indexOf(form.slope);
        if (group < 0) group = this.rates.push(form.slope) - 1;
        const isZero = form.offset.op === "const" && form.offset.value === 0;
        this.lazy[k] = { group, rest: isZero ? undefined : ir.neg(ir.div(form.offset, form.slope)) };
      } else if (variable.level === "synapse" || variable.flag === "event-driven") {
        const cost = variable.level === "synapse" ? ", which costs a pass over all synapses" : "";
        const message = `the equation of ${variable.name} cannot be solved from one event to the next: ${reason}. Write (clock-driven) behind its unit, and it is integrated in each step${cost}.`;
        diagnostics.error(rule.equations, variable.at ?? { start: 0, end: 0 }, "event-driven", message);
      }
    }
    diagnostics.check(rule.name, undefined, `Rule ${rule.name}`);
  }

  /** Why an equation is not solved between events. */
  private obstacle(k: number, slope: Expr): string | undefined {
    const { ir, rule } = this;
    const { name } = rule.variables[k] as { name: string };
    const form = ir.affine(slope, ir.state(k));
    if (form === undefined) return `it is not linear in ${name}`;
    const names = { states: rule.variables.map((v) => v.name), params: rule.model.params.map((p) => p.name) };
    const changing = [form.slope, form.offset].find((e) => !isCommon(ir, e));
    if (changing !== undefined) return `it depends on ${print(changing, names)}, which changes`;
    return form.slope.op === "const" && form.slope.value === 0 ? `${name} does not decay` : undefined;
  }

  private present(k: number): Expr {
    const { ir } = this;
    const lazy = this.lazy[k];
    if (lazy === undefined) return columnOf(ir, k);
    const moving = ir.mul(columnOf(ir, k), factorLeaf(ir, lazy.group));
    return lazy.rest === undefined ? moving : ir.add(lazy.rest, moving);
  }

  /** Values over the variables as values over what is in memory. */
  private inMemory(e: Expr): Expr {
    return this.ir.substitute(e, (node) => (node.op === "state" ? this.present(node.value) : undefined));
  }

  private bounded(k: number, value: Expr): Expr {
    const bounds = this.bounds.get(k);
    return bounds === undefined ? value : this.ir.min(this.ir.max(value, bounds[0]), bounds[1]);
  }

  /** What is stored where a variable becomes `value`. */
  private change(variable: number, value: Expr): Change {
    const { ir } = this;
    const lazy = this.lazy[variable];
    const wanted = this.bounded(variable, value);
    if (lazy === undefined) return { variable, value: this.inMemory(wanted) };
    const inverse = inverseLeaf(ir, lazy.group);
    const form = wanted === value ? ir.affine(value, ir.state(variable)) : undefined;
    // What is added to x is added to y: x is not looked at.
    if (form?.slope.op === "const" && form.slope.value === 1) {
      return { variable, value: ir.add(columnOf(ir, variable), ir.mul(this.inMemory(form.offset), inverse)) };
    }
    const absolute = this.inMemory(wanted);
    const moving = lazy.rest === undefined ? absolute : ir.sub(absolute, lazy.rest);
    return { variable, value: ir.mul(moving, inverse) };
  }

  /** Statements of a step, then the equations, from what these have left. */
  private row(): Change[] {
    const { ir, rule, model } = this;
    const k = rule.blocks.findIndex(({ kind }) => kind === "onStep");
    const changed = new Map((model.events[k]?.reset ?? []).map(({ state, value }) => [state, value]));
    for (const [variable, next] of this.advanced("synapse")) {
      changed.set(
        variable,
        ir.substitute(next, (node) => (node.op === "state" ? changed.get(node.value) : undefined)),
      );
    }
    return [...changed].map(([variable, value]) => this.change(variable, value));
  }

  private clock(level: "source" | "target" | "shared"): Change[] {
    return this.advanced(level).map(([variable, value]) => this.change(variable, value));
  }

  /** The variables of a level that are integrated in each step, at its end, over all variables at its start. */
  private advanced(level: Level): [variable: number, next: Expr][] {
    const { ir, rule, model } = this;
    const own = rule.variables.flatMap((variable, k) => {
      const moves = model.states[k]?.derivative !== undefined && this.lazy[k] === undefined;
      return moves && variable.level === level ? [k] : [];
    });
    if (own.length === 0) return [];
    const states = model.states.map((s, k) => (own.includes(k) ? s : { ...s, derivative: undefined }));
    const { next } = integrate(ir, { ...model, states, events: [] }, this.method(own), {
      conducts: false,
      jumps: false,
    });
    return own.map((k) => [k, next[k] as Expr]);
  }

  /** exponentialEuler needs no function in a step where what multiplies the variable is fixed; else heun. */
  private method(own: readonly number[]): RuleMethod {
    const { ir, rule, model } = this;
    if (rule.method !== undefined) return rule.method;
    const relaxes = own.every((k) => {
      const form = ir.affine(model.states[k]?.derivative as Expr, ir.state(k));
      return form !== undefined && isCommon(ir, form.slope);
    });
    return relaxes ? "exponentialEuler" : "heun";
  }
}

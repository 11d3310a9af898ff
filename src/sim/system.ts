/**
 * A model's equations as a system of differential equations for one neuron: right-hand side, Jacobian and derivatives
 * by parameters, evaluated by the host. Noise is left out, as are jumps and inputs from elsewhere.
 */
import { derivative } from "../lang/differentiate.js";
import { evaluate, type Expr, Ir, type IrModel, type Mathematics } from "../lang/ir.js";
import { Tape } from "../lang/tape.js";
import { UnavailableError } from "../model/errors.js";
import type { ModelRecord } from "../model/record.js";
import { lowered } from "./compiled.js";

/** A number that a system depends on: the input current, or a parameter by its name. */
export type Knob = { readonly name: string; readonly unit: string; readonly index: number };

/** The input current as a knob. */
export const INPUT = "I";

/** What happens at a spike of a model that resets. */
export interface Resets {
  /** Below 0 ahead of a spike, 0 or above at it. */
  readonly guard: Tape;
  /** By the states. */
  readonly guardSlopes: Tape;
  /** The states behind the reset, and by the states before it in row order. */
  readonly reset: Tape;
  readonly resetSlopes: Tape;
  /** ms for which v is held at a spike; undefined where the model says it in another way. */
  readonly hold: Tape | undefined;
}

export class System {
  readonly record: ModelRecord;
  readonly math: Mathematics;
  readonly ir: Ir;
  readonly model: IrModel;
  /** The states that move by themselves; others are held at where they start. */
  readonly names: readonly string[];
  readonly units: readonly string[];
  readonly n: number;
  /** Their places among the model's states. */
  readonly moving: readonly number[];
  /** Values of the model's parameters, in its order and units. */
  readonly params: Float64Array;
  input: number;
  /** d(state)/dt over the states that move, by their place among these. */
  readonly slopes: readonly Expr[];
  private readonly rate: Tape;
  private readonly matrix: Tape;
  private readonly byKnob = new Map<number, Tape>();
  /** An expression of the model over the states that move, for a neuron alone that is not refractory. */
  readonly shifted: (e: Expr) => Expr;

  /** @throws UnavailableError where the equations depend on time or chance */
  constructor(record: ModelRecord, params: ArrayLike<number>, input: number, math: Mathematics) {
    const ir = new Ir(math);
    const model = lowered(record, ir);
    this.record = record;
    this.math = math;
    this.ir = ir;
    this.model = model;
    this.moving = model.states.flatMap(({ derivative: slope }, j) => (slope === undefined ? [] : [j]));
    const { moving } = this;
    this.params = Float64Array.from(params);
    this.input = input;
    const env = { params: this.params, index: 0, size: 1, random: () => 0.5, math };
    this.shifted = (e) =>
      ir.substitute(e, (node) => {
        if (node.op === "refractory") return ir.boolean(false);
        if (node.op === "armed") return ir.boolean(true);
        if (node.op === "index") return ir.const(0);
        if (node.op === "size") return ir.const(1);
        if (node.op !== "state") return undefined;
        const place = moving.indexOf(node.value);
        return place >= 0 ? ir.state(place) : ir.const(evaluate(model.init[node.value] as Expr, env));
      });
    this.names = moving.map((j) => (model.states[j] as { name: string }).name);
    this.units = moving.map((j) => record.states[(model.states[j] as { name: string }).name]?.unit ?? "");
    this.n = moving.length;
    this.slopes = moving.map((j) => this.shifted((model.states[j] as { derivative: Expr }).derivative));
    for (const [k, slope] of this.slopes.entries()) {
      const what = ir.dependsOn(slope, "t") ? "time" : ir.dependsOn(slope, "random") ? "random numbers" : undefined;
      if (what === undefined) continue;
      const message = `${record.id}: the equation of ${this.names[k]} depends on ${what}; what is asked is for equations that do not.`;
      throw new UnavailableError(message, { path: record.id, value: what });
    }
    this.rate = this.tape(this.slopes);
    this.matrix = this.tape(
      this.slopes.flatMap((slope) => this.names.map((_, j) => derivative(ir, slope, ir.state(j)))),
    );
  }

  /** Expressions over the states that move, ready for evaluation. */
  tape(roots: readonly Expr[]): Tape {
    return new Tape(roots, this.math);
  }

  private point(x: ArrayLike<number>): { states: ArrayLike<number>; params: Float64Array; input: number } {
    return { states: x, params: this.params, input: this.input };
  }

  /** d(state)/dt at a state. */
  at(x: ArrayLike<number>, out: Float64Array = new Float64Array(this.n)): Float64Array {
    return this.rate.run(this.point(x), out);
  }

  /** The Jacobian at a state, in row order. */
  jacobian(x: ArrayLike<number>, out: Float64Array = new Float64Array(this.n * this.n)): Float64Array {
    return this.matrix.run(this.point(x), out);
  }

  /** The value of a list of expressions at a state. */
  evaluate(tape: Tape, x: ArrayLike<number>, count: number): Float64Array {
    return tape.run(this.point(x), new Float64Array(count));
  }

  /** The knob of this name. The name is one. */
  knob(name: string): Knob {
    if (name === INPUT) return { name, unit: this.record.current, index: -1 };
    return {
      name,
      unit: this.record.params[name]?.unit ?? "",
      index: Object.keys(this.record.params).indexOf(name),
    };
  }

  get({ index }: Knob): number {
    return index < 0 ? this.input : (this.params[index] as number);
  }

  set({ index }: Knob, value: number): void {
    if (index < 0) this.input = value;
    else this.params[index] = value;
  }

  /** The derivative of d(state)/dt by a knob. */
  byOne({ index }: Knob, x: ArrayLike<number>, out: Float64Array = new Float64Array(this.n)): Float64Array {
    const { ir } = this;
    let tape = this.byKnob.get(index);
    if (tape === undefined) {
      const leaf = index < 0 ? ir.input : ir.param(index);
      tape = this.tape(this.slopes.map((slope) => derivative(ir, slope, leaf)));
      this.byKnob.set(index, tape);
    }
    return tape.run(this.point(x), out);
  }

  /** What happens at a spike; undefined for a model without a reset. */
  resets(): Resets | undefined {
    const { model, ir, names, shifted } = this;
    const { threshold, reset, crossing, refractory } = model;
    if (crossing || threshold === undefined) return undefined;
    const [left, right] = threshold.args as [Expr, Expr];
    if (!["ge", "gt", "le", "lt"].includes(threshold.op)) {
      const message = `${this.record.id}: the threshold is no single comparison; cycles with resets need one.`;
      throw new UnavailableError(message, { path: this.record.id });
    }
    const all = [threshold, ...reset.map(({ value }) => value)];
    const what = (["t", "dt", "random"] as const).find((leaf) => all.some((e) => ir.dependsOn(e, leaf)));
    if (what !== undefined) {
      const message = `${this.record.id}: the threshold or the reset depends on ${what}; cycles with resets need ones that do not.`;
      throw new UnavailableError(message, { path: this.record.id, value: what });
    }
    const guard = shifted(["ge", "gt"].includes(threshold.op) ? ir.sub(left, right) : ir.sub(right, left));
    const after = names.map((name, k) => {
      const found = reset.find(({ state }) => model.states[state]?.name === name);
      return found === undefined ? ir.state(k) : shifted(found.value);
    });
    const by = (e: Expr): Expr[] => names.map((_, j) => derivative(ir, e, ir.state(j)));
    return {
      guard: this.tape([guard]),
      guardSlopes: this.tape(by(guard)),
      reset: this.tape(after),
      resetSlopes: this.tape(after.flatMap(by)),
      hold: refractory.kind === "time" ? this.tape([shifted(refractory.value)]) : undefined,
    };
  }
}

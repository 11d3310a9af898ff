/**
 * From a model and a method to what one step does to one neuron, still as expressions.
 *
 * The order of operations of a step: a stage evaluates the derivatives as the text says, but for one thing, the same
 * for every model: what is divided by something that cannot change during a run (constants, parameters, dt) is
 * multiplied by its reciprocal, which is computed once. Then x + dt f for euler, with dt f in the order of arrange.ts,
 * and so what exponentialEuler and exact for one state add; x + (dt/2)(f1 + f2) for heun; x +
 * (dt/6)((f1 + f4) + 2 (f2 + f3)) for rk4; x + (dt/2) f twice for halfStep, with a x^2 as (a x) x; x + (dt exprel(a
 * dt)) f with a = df/dx for exponentialEuler; x + ((k1 x1 + k2 x2 ...) + (q I + r)) for exact. Noise is added last.
 * Then the jumps that arrive are added to their states.
 */
import { arrange } from "./arrange.js";
import { millivolts } from "./dimensions.js";
import {
  type ColumnName,
  type Expr,
  type Ir,
  type IrEvent,
  type IrModel,
  type IrReset,
  inOrder,
  isLeaf,
  type Op,
  print,
} from "./ir.js";
import { expm1Matrix, remembered } from "../model/matrix.js";
import { MAX_EXACT_STATES } from "./limits.js";

export type StepMethod = "euler" | "heun" | "rk4" | "exponentialEuler" | "exact" | "halfStep";

export const STEP_METHODS: readonly StepMethod[] = ["euler", "heun", "rk4", "exponentialEuler", "exact", "halfStep"];

/** What a population has beside its model; the same model is compiled anew for another one. */
export interface Inputs {
  /** There are conductances, which the method wants to see apart from the current: I is I_s - G_s v at each stage. */
  readonly conducts: boolean;
  /** Jumps of v may arrive. */
  readonly jumps: boolean;
  /**
   * Receptors that the step takes itself, in their order, under a method that looks at its input at the start of the
   * step only: the numbers of receptor r are the parameters behind those of the model, RECEPTOR_NUMBERS each.
   */
  readonly receptors?: readonly ReceptorInput[] | undefined;
  /** Parameters that are 0 for all neurons: where they are factors only, what is multiplied by them is left out. */
  readonly zero?: readonly number[];
  /** Indices of the other states for which jumps may arrive. */
  readonly landings?: readonly number[];
}

/** A receptor: a current or a conductance that decays exponentially, or jumps of v. */
export interface ReceptorInput {
  readonly kind: "current" | "conductance" | "jumps";
  /** Something may arrive in its column. */
  readonly arrives: boolean;
}

/** What a receptor's state contributes as a mean over the step; its decay in a step; its reversal potential. */
export const RECEPTOR_NUMBERS = ["share", "decay", "reversal"] as const;

/** The potential on which alone expressions depend, by functions without kinks; undefined if there is none such. */
export function functionOf(ir: Ir, model: IrModel, ...values: readonly Expr[]): number | undefined {
  const leaves = values.flatMap((e) => [...ir.leaves(e)]);
  const states = new Set(leaves.filter((leaf) => leaf.op === "state").map((leaf) => leaf.value));
  const [potential] = states;
  if (potential === undefined || states.size > 1 || millivolts(model.states[potential]?.unit ?? "") === undefined)
    return undefined;
  if (leaves.some((leaf) => !["state", "const", "param", "dt", "size"].includes(leaf.op))) return undefined;
  const varying = inOrder(values).filter((e) => !isLeaf(e) && !isFixed(ir, e));
  return varying.every((e) => SMOOTH.includes(e.op)) ? potential : undefined;
}

/** What a step makes of a receptor. */
export interface ReceptorStep {
  /** The state at the end of the step; undefined where there is none. */
  readonly next: Expr | undefined;
  readonly arrives: boolean;
}

/** One step of one neuron. Expressions are over the states at its start unless they say otherwise. */
export interface StepProgram {
  readonly ir: Ir;
  readonly model: IrModel;
  readonly method: StepMethod;
  /** Each state at the end of the step, ahead of threshold and reset; its own leaf if the step does not change it. */
  readonly next: readonly Expr[];
  /** Whether the neuron's last spike may make it refractory for a time: it has a number `until`. */
  readonly hold: Expr | undefined;
  /**
   * The neuron has a detector that must be armed for a spike; when it is armed again, over the states at the step's
   * end.
   */
  readonly rearm: Expr | undefined;
  /** The condition of a spike, over the states at the step's end; the detector apart. */
  readonly threshold: Expr | undefined;
  /** Where within the step the condition became true, 0 to 1, over the states at its end and those `before`. */
  readonly fraction: Expr | undefined;
  readonly reset: readonly IrReset[];
  readonly events: readonly IrEvent[];
  readonly receptors: readonly ReceptorStep[];
  /** States that a table can step in place of what `next` has for them. */
  readonly gates: readonly Gate[];
  /** Coefficients that no expression gives. */
  readonly derivation: Derivation | undefined;
  /** What a user should know of how the method treats a state, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Coefficients `derived(0)` to `derived(count - 1)`, computed from the values of `sources` once for each set of
 * parameters.
 */
export interface Derivation {
  readonly sources: readonly Expr[];
  readonly count: number;
  readonly compute: (sources: readonly number[]) => readonly number[];
}

/**
 * A state whose step is x <- a + b x, where a and b depend on one potential, common parameters and dt alone, by
 * functions without kinks: a table can have them. So the gates of Hodgkin & Huxley type under exponentialEuler.
 */
export interface Gate {
  readonly state: number;
  /** The state that is the potential. */
  readonly potential: number;
  readonly a: Expr;
  readonly b: Expr;
}

/** Whether a value cannot change during a run: it depends on constants, parameters, dt, i and N only. */
export function isFixed(ir: Ir, e: Expr): boolean {
  return !ir.dependsOn(e, "state", "before", "input", "t", "random", "column", "landing", "refractory", "armed");
}

/** The expression with a product by the reciprocal in the place of each division by what cannot change during a run. */
export function withReciprocals(ir: Ir, e: Expr): Expr {
  const done = new Map<Expr, Expr>();
  const visit = (node: Expr): Expr => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const args = node.args.map(visit);
    const [a, b] = args as [Expr, Expr];
    const turned = node.op === "div" && isFixed(ir, b) && !isFixed(ir, a);
    const result = turned ? ir.mul(a, ir.div(ir.const(1), b)) : args.length === 0 ? node : ir.rebuild(node, args);
    done.set(node, result);
    return result;
  };
  return visit(e);
}

/** Why a method is not for a model, as a sentence; undefined if it is. */
export function refusal(ir: Ir, model: IrModel, method: StepMethod): string | undefined {
  const noisy = model.states.find((s) => s.noise.length > 0);
  if (noisy !== undefined && (method === "rk4" || method === "exact" || method === "halfStep")) {
    return `the equation of ${noisy.name} has noise (xi), for which there are euler, heun and exponentialEuler`;
  }
  if (method === "halfStep") {
    const moving = model.states.filter((s) => s.derivative !== undefined);
    if (model.states.length === 2 && moving.length === 2) return undefined;
    return "halfStep is for models with two equations, of which the first is that of v";
  }
  if (method !== "exact") return undefined;
  const count = model.states.length;
  if (count > MAX_EXACT_STATES) return `exact is for models with at most ${MAX_EXACT_STATES} states; this one has ${count}`;
  return nonlinearity(ir, model);
}

function nonlinearity(ir: Ir, model: IrModel): string | undefined {
  const names = { states: model.states.map((s) => s.name), params: model.params.map((p) => p.name) };
  const leaves = [...model.states.keys()].map((i) => ir.state(i));
  for (const { name, derivative } of model.states) {
    if (derivative === undefined) continue;
    const form = ir.linear(derivative, [...leaves, ir.input]);
    if (form === undefined) return `the equation of ${name} is not linear in ${[...names.states, "I"].join(", ")}`;
    const changing = [...form.slopes, form.offset].find((e) => !isFixed(ir, e));
    if (changing !== undefined) {
      return `the equation of ${name} has a coefficient that changes during a run: ${print(changing, names)}`;
    }
  }
  return undefined;
}

/** @throws RangeError if the method is not for the model, see `refusal` */
export function integrate(ir: Ir, model: IrModel, method: StepMethod, inputs: Inputs): StepProgram {
  const refused = refusal(ir, model, method);
  if (refused !== undefined) throw new RangeError(`${model.name}, ${method}: ${refused}.`);
  return new Integrator(ir, model, method, inputs).program();
}

/** Operations of the values of gates: a polynomial comes near to none that has a kink or a jump. */
const SMOOTH: readonly Op[] = ["neg", "add", "sub", "mul", "div", "sqrt", "call"];

/** Methods in which states see each other between the ends of the step. */
const STAGED: readonly StepMethod[] = ["heun", "rk4"];

/**
 * A current over t, i, N and random numbers as a program whose three states are its values at the start, the middle and
 * the end of a step; those that nobody wants stay as they are.
 */
export function currentProgram(ir: Ir, current: Expr, wanted: readonly boolean[]): StepProgram {
  const still = { unit: "", factor: 1, derivative: undefined, flags: { unlessRefractory: false }, noise: [] };
  const model: IrModel = {
    name: "I",
    currentUnit: "",
    states: ["start", "middle", "end"].map((name) => ({ name, ...still })),
    params: [],
    intermediates: [],
    threshold: undefined,
    crossing: false,
    reset: [],
    refractory: { kind: "none" },
    events: [],
    init: [],
  };
  return new Integrator(ir, model, "euler", { conducts: false, jumps: false }).current(current, wanted);
}

/** Time of a stage: the start, the middle or the end of the step. */
type Stage = 0 | 1 | 2;

class Integrator {
  private readonly ir: Ir;
  private readonly model: IrModel;
  private readonly method: StepMethod;
  private readonly inputs: Inputs;
  private readonly x: readonly Expr[];
  private readonly derivatives: readonly (Expr | undefined)[];
  private readonly notes: string[] = [];
  private readonly zero: ReadonlySet<number>;
  private derivation: Derivation | undefined;

  constructor(ir: Ir, model: IrModel, method: StepMethod, inputs: Inputs) {
    this.ir = ir;
    this.model = model;
    this.method = method;
    this.inputs = inputs;
    this.x = [...model.states.keys()].map((i) => ir.state(i));
    const texts = model.states.map((s) => s.derivative && this.reciprocals(this.conditions(s.derivative)));
    this.derivatives = method === "halfStep" ? texts.map((e) => e && this.squares(e)) : texts;
    this.zero = new Set(inputs.zero?.filter((index) => !this.bends(ir.param(index))));
  }

  program(): StepProgram {
    const { ir, model, method } = this;
    const { refractory, threshold } = model;
    const next = this.settled(this.advanced());
    const condition = refractory.kind === "condition" ? refractory.value : model.crossing ? threshold : undefined;
    return {
      ir,
      model,
      method,
      next: method === "halfStep" ? this.withRecovery(next) : next,
      hold:
        refractory.kind === "time" && threshold !== undefined ? this.stepsOf(this.atEnd(refractory.value)) : undefined,
      rearm: condition && threshold && ir.not(this.atEnd(condition)),
      threshold: threshold && this.atEnd(threshold),
      fraction: threshold && this.fraction(this.atEnd(threshold)),
      reset: model.reset.map((r) => ({ state: r.state, value: this.atEnd(r.value) })),
      events: model.events.map((e) => ({
        name: e.name,
        condition: this.atEnd(e.condition),
        reset: e.reset.map((r) => ({ state: r.state, value: this.atEnd(r.value) })),
      })),
      receptors: (this.inputs.receptors ?? []).map((r, i) => this.receptorStep(r, i)),
      gates: method === "exponentialEuler" ? this.gates() : [],
      derivation: this.derivation,
      notes: this.notes,
    };
  }

  /** `currentProgram`. */
  current(current: Expr, wanted: readonly boolean[]): StepProgram {
    const value = this.reciprocals(current);
    const next = this.x.map((e, stage) => (wanted[stage] === true ? this.at(value, this.x, stage as Stage) : e));
    return { ...this.program(), next };
  }

  /** Under a condition a neuron is refractory while its detector is not armed; one that does not spike never is. */
  private conditions(e: Expr): Expr {
    const { ir, model } = this;
    return ir.substitute(e, (node) => {
      if (node.op !== "refractory") return undefined;
      if (model.refractory.kind === "none" || model.threshold === undefined) return ir.boolean(false);
      return model.refractory.kind === "condition" ? ir.not(ir.armed) : undefined;
    });
  }

  /**
   * Whether a parameter is more than a factor: what it divides, or is put into a function, need not be 0 where it is.
   */
  private bends(param: Expr): boolean {
    const { ir, model } = this;
    return inOrder(model.states.flatMap(({ derivative }) => derivative ?? [])).some((e) => {
      const within = e.op === "div" ? e.args.slice(1) : e.op === "call" ? e.args : [];
      return within.some((arg) => ir.leaves(arg).has(param));
    });
  }

  /** Conditions and resets see the input of the step's start, as the only one that every method has. */
  private atEnd(e: Expr): Expr {
    const input = this.input(this.x[0] as Expr, 0);
    return this.ir.substitute(this.conditions(e), (node) => (node.op === "input" ? input : undefined));
  }

  /**
   * a x^2 as (a x) x, as the core's own kernel of halfStep has it: at steps of 1 ms another rounding moves whole
   * spikes.
   */
  private squares(e: Expr): Expr {
    const { ir } = this;
    return ir.substitute(e, (node) => {
      const [a, square] = node.args as [Expr, Expr];
      if (node.op !== "mul" || square.op !== "mul" || !isFixed(ir, a)) return undefined;
      const [x, y] = square.args;
      return x === y && x?.op === "state" ? ir.mul(ir.mul(a, x), x) : undefined;
    });
  }

  private reciprocals(e: Expr): Expr {
    return withReciprocals(this.ir, e);
  }

  /** I at a stage in which v has the given value. */
  private input(v: Expr, stage: Stage): Expr {
    const { ir } = this;
    const current = ir.column(`I${stage}` as ColumnName);
    if (this.inputs.receptors !== undefined) return this.received(current, v);
    return this.inputs.conducts ? ir.sub(current, ir.mul(ir.column(`G${stage}` as ColumnName), v)) : current;
  }

  /** A number of a receptor. */
  private numberOf(r: number, name: (typeof RECEPTOR_NUMBERS)[number]): Expr {
    const { ir, model, zero } = this;
    const index = model.params.length + r * RECEPTOR_NUMBERS.length + RECEPTOR_NUMBERS.indexOf(name);
    return zero.has(index) ? ir.const(0) : ir.param(index);
  }

  /** Background and receptors: I_s - G v. */
  private received(background: Expr, v: Expr): Expr {
    const { ir } = this;
    let current = background;
    let conductance: Expr | undefined;
    for (const [r, { kind }] of (this.inputs.receptors ?? []).entries()) {
      if (kind === "jumps") continue;
      const g = ir.mul(this.numberOf(r, "share"), ir.column(`g${r}`));
      if (kind === "current") {
        current = ir.add(current, g);
        continue;
      }
      current = ir.add(current, ir.mul(g, this.numberOf(r, "reversal")));
      conductance = conductance === undefined ? g : ir.add(conductance, g);
    }
    return conductance === undefined ? current : ir.sub(current, ir.mul(conductance, v));
  }

  private receptorStep({ kind, arrives }: ReceptorInput, r: number): ReceptorStep {
    const { ir } = this;
    if (kind === "jumps") return { next: undefined, arrives };
    const decayed = ir.mul(ir.column(`g${r}`), this.numberOf(r, "decay"));
    return { next: arrives ? ir.add(decayed, ir.column(`a${r}`)) : decayed, arrives };
  }

  /** Jumps of v that arrive in this step; undefined where none can. */
  private jumps(): Expr | undefined {
    const { ir, inputs } = this;
    if (inputs.receptors === undefined) return inputs.jumps ? ir.column("jumps") : undefined;
    const arriving = inputs.receptors.flatMap(({ kind, arrives }, r) =>
      kind === "jumps" && arrives ? [ir.column(`a${r}`)] : [],
    );
    return arriving.length === 0 ? undefined : arriving.reduce((a, b) => ir.add(a, b));
  }

  /** A state and what a step adds to it, in the order of arrange.ts. */
  private plus(x: Expr, added: Expr): Expr {
    const { ir, zero } = this;
    const known = ir.substitute(added, (e) => (e.op === "param" && zero.has(e.value) ? ir.const(0) : undefined));
    return ir.add(x, arrange(ir, x, known, (e) => isFixed(ir, e)));
  }

  /** An expression at a stage with the given states. */
  private at(e: Expr, x: readonly Expr[], stage: Stage): Expr {
    const { ir } = this;
    const input = this.input(x[0] as Expr, stage);
    const t = stage === 0 ? ir.t : ir.add(ir.t, stage === 1 ? ir.mul(ir.const(0.5), ir.dt) : ir.dt);
    return ir.substitute(e, (node) => {
      if (node.op === "state") return x[node.value];
      if (node.op === "input") return input;
      return node.op === "t" ? t : undefined;
    });
  }

  /** Slopes of all states at a stage; undefined for those that no equation moves. */
  private slopes(x: readonly Expr[], stage: Stage): (Expr | undefined)[] {
    return this.derivatives.map((e, j) => {
      if (e === undefined) return undefined;
      const slope = this.at(e, x, stage);
      // A held state must look still to the others between stages; if none looks, the end of the step holds it anyway.
      return STAGED.includes(this.method) && this.isHeld(j) && this.isSeen(j)
        ? this.ir.select(this.refractory(), this.ir.const(0), slope)
        : slope;
    });
  }

  /** Whether the state keeps its value while the neuron is refractory. */
  private isHeld(j: number): boolean {
    const { refractory, states, threshold } = this.model;
    if (refractory.kind === "none" || threshold === undefined) return false;
    if (states.some((s) => s.flags.unlessRefractory)) return states[j]?.flags.unlessRefractory === true;
    return refractory.kind === "time" && j === 0;
  }

  private isSeen(j: number): boolean {
    return this.derivatives.some((e, k) => k !== j && e !== undefined && this.ir.leaves(e).has(this.x[j] as Expr));
  }

  private refractory(): Expr {
    return this.conditions(this.ir.refractory);
  }

  /** The states after the integration. */
  private advanced(): Expr[] {
    const { ir, x, method } = this;
    switch (method) {
      case "euler":
        return this.noisy(this.pushed(x, ir.dt, this.slopes(x, 0)), x, undefined);
      case "heun":
        return this.heun();
      case "rk4":
        return this.rk4();
      case "exponentialEuler":
        return this.noisy(this.relaxed(), x, undefined);
      case "exact":
        return this.exact();
      case "halfStep": {
        const half = ir.mul(ir.const(0.5), ir.dt);
        const first = this.moved(x, half, [this.slopes(x, 0)[0], undefined]);
        return this.moved(first, half, [this.halfway(first), undefined]);
      }
    }
  }

  /**
   * Slope of v at its value after the first half; the input is still that of the step's start, its conductance's share
   * too.
   */
  private halfway(x: readonly Expr[]): Expr {
    const input = this.input(this.x[0] as Expr, 0);
    return this.ir.substitute(this.derivatives[0] as Expr, (node) => {
      if (node.op === "input") return input;
      return node.op === "state" ? x[node.value] : undefined;
    });
  }

  /** halfStep: the second state from what v will be when the step ends. */
  private withRecovery(next: readonly Expr[]): Expr[] {
    const { ir, x } = this;
    const [v, u] = [next[0] as Expr, x[1] as Expr];
    const input = this.input(x[0] as Expr, 0);
    const slope = ir.substitute(this.derivatives[1] as Expr, (node) => {
      if (node.op === "input") return input;
      return node === x[0] ? v : undefined;
    });
    const moved = this.landed(1, ir.add(u, ir.mul(ir.dt, slope)));
    return [v, this.isHeld(1) ? ir.select(this.refractory(), u, moved) : moved];
  }

  private moved(x: readonly Expr[], h: Expr, slopes: readonly (Expr | undefined)[]): Expr[] {
    const { ir } = this;
    return x.map((e, j) => (slopes[j] === undefined ? e : ir.add(e, ir.mul(h, slopes[j]))));
  }

  private pushed(x: readonly Expr[], h: Expr, slopes: readonly (Expr | undefined)[]): Expr[] {
    return x.map((e, j) => (slopes[j] === undefined ? e : this.plus(e, this.ir.mul(h, slopes[j]))));
  }

  private heun(): Expr[] {
    const { ir, x } = this;
    const a = this.slopes(x, 0);
    const predicted = this.noisy(this.moved(x, ir.dt, a), x, undefined);
    const b = this.slopes(predicted, 2);
    const sum = a.map((e, j) => e && ir.add(e, b[j] as Expr));
    return this.noisy(this.moved(x, ir.mul(ir.const(0.5), ir.dt), sum), x, predicted);
  }

  private rk4(): Expr[] {
    const { ir, x } = this;
    const half = ir.mul(ir.const(0.5), ir.dt);
    const a = this.slopes(x, 0);
    const b = this.slopes(this.moved(x, half, a), 1);
    const c = this.slopes(this.moved(x, half, b), 1);
    const d = this.slopes(this.moved(x, ir.dt, c), 2);
    const sum = a.map(
      (e, j) => e && ir.add(ir.add(e, d[j] as Expr), ir.mul(ir.const(2), ir.add(b[j] as Expr, c[j] as Expr))),
    );
    return this.moved(x, ir.div(ir.dt, ir.const(6)), sum);
  }

  /**
   * Adds the noise of a step: amplitude * sqrt(dt) * a normal number. With `end`, the predicted states, the amplitude
   * is the mean of those at both ends: Heun's method then solves the equation in Stratonovich's sense, euler in Ito's.
   */
  private noisy(y: readonly Expr[], x: readonly Expr[], end: readonly Expr[] | undefined): Expr[] {
    const { ir } = this;
    return y.map((e, j) => {
      let sum = e;
      for (const { amplitude, stream } of this.model.states[j]?.noise ?? []) {
        const text = this.reciprocals(this.conditions(amplitude));
        const first = this.at(text, x, 0);
        const last = end === undefined ? first : this.at(text, end, 2);
        const g = first === last ? first : ir.mul(ir.const(0.5), ir.add(first, last));
        sum = ir.add(sum, ir.mul(ir.mul(g, ir.sqrt(ir.dt)), ir.random("normal", stream)));
        if (end !== undefined && first !== last)
          this.note(j, "its noise depends on a state; heun solves it in Stratonovich's sense");
        else if (this.method === "euler" && ir.dependsOn(text, "state"))
          this.note(j, "its noise depends on a state; euler solves it in Ito's sense");
      }
      return sum;
    });
  }

  private note(j: number, text: string): void {
    const note = `${this.model.states[j]?.name}: ${text}`;
    if (!this.notes.includes(note)) this.notes.push(note);
  }

  /**
   * Each state as if all else stood still: x + dt exprel(a dt) f with the slope a = df/dx, in which functions of x
   * count as standing still too (m_inf(v), the exponential of adex). Where f is not linear in x even so, a is 0: euler.
   */
  private relaxed(): Expr[] {
    const { ir, x } = this;
    return this.derivatives.map((e, j) => {
      const own = x[j] as Expr;
      if (e === undefined) return own;
      const f = this.at(e, x, 0);
      const slope = this.relaxation(f, own);
      if (slope === undefined) {
        this.note(j, `its equation is not linear in ${this.model.states[j]?.name}; exponentialEuler takes it by euler`);
        return this.plus(own, ir.mul(ir.dt, f));
      }
      return this.plus(own, ir.mul(this.span(slope), f));
    });
  }

  private gates(): Gate[] {
    const { inputs, model } = this;
    const candidates = [...model.states.keys()].filter((j) => !this.isHeld(j) && inputs.landings?.includes(j) !== true);
    return candidates.flatMap((j) => this.gate(j) ?? []);
  }

  private gate(j: number): Gate | undefined {
    const { ir, model, x } = this;
    const own = x[j] as Expr;
    const derivative = this.derivatives[j];
    if (j === 0 || derivative === undefined || (model.states[j]?.noise.length ?? 0) > 0) return undefined;
    const form = ir.affine(derivative, own);
    if (form === undefined) return undefined;
    const { slope, offset } = form;
    const potential = functionOf(ir, model, slope, offset);
    if (
      potential === undefined ||
      potential === j ||
      !inOrder([slope, offset]).some((e) => e.op === "call" && !isFixed(ir, e))
    )
      return undefined;
    return { state: j, potential, a: ir.mul(this.span(slope), offset), b: ir.call("exp", ir.mul(slope, ir.dt)) };
  }

  /** dt exprel(a dt): how long a step lasts for a state that relaxes. */
  private span(slope: Expr): Expr {
    const { ir } = this;
    if (slope.op === "const" && slope.value === 0) return ir.dt;
    return ir.mul(ir.dt, ir.call("exprel", ir.mul(slope, ir.dt)));
  }

  /** df/dx with calls of x kept still, and where x is within the limits that f sets it. */
  private relaxation(f: Expr, x: Expr): Expr | undefined {
    const { ir } = this;
    const still = new Map<Expr, Expr>();
    const within = ir.substitute(f, (node) => {
      const [a, b] = node.args as [Expr, Expr];
      if (node.op !== "min" && node.op !== "max") return undefined;
      return a === x && !ir.leaves(b).has(x) ? x : b === x && !ir.leaves(a).has(x) ? x : undefined;
    });
    const frozen = ir.substitute(within, (node) => {
      if (node.op !== "call" || !ir.leaves(node).has(x)) return undefined;
      // A leaf that occurs nowhere else stands for the call.
      const leaf = ir.derived(-1 - still.size);
      still.set(leaf, node);
      return leaf;
    });
    const slope = ir.affine(frozen, x)?.slope;
    return slope && ir.substitute(slope, (node) => still.get(node));
  }

  /**
   * The propagator of a linear system; the input is constant over the step, and I1 is what the second equation sees.
   */
  private exact(): Expr[] {
    const { ir, x } = this;
    const forms = this.model.states.map(({ derivative }) => derivative && ir.linear(derivative, [...x, ir.input]));
    const input = (i: number): Expr => (i === 1 ? ir.column("I1") : this.input(x[0] as Expr, 0));
    const form = forms[0];
    const zero = ir.const(0);
    if (x.length === 1 && form !== undefined) {
      const [a, g] = form.slopes as [Expr, Expr];
      const span = this.span(a);
      const decay = a === zero ? [] : [ir.mul(ir.call("expm1", ir.mul(a, ir.dt)), x[0] as Expr)];
      const current = g === zero ? [] : [ir.mul(ir.mul(span, g), input(0))];
      const constant = form.offset === zero ? [] : [ir.mul(span, form.offset)];
      const added = [...decay, ...current, ...constant];
      return added.length === 0 ? [...x] : [this.plus(x[0] as Expr, added.reduce((p, q) => ir.add(p, q)))];
    }
    const n = x.length;
    const rows = forms.map((f) => (f === undefined ? new Array<Expr>(n + 2).fill(zero) : [...f.slopes, f.offset]));
    const held = [...x.keys()].filter((j) => this.isHeld(j));
    this.derivation = {
      sources: [...rows.flat(), ir.dt],
      count: n * (n + 2) * (held.length > 0 ? 2 : 1),
      compute: remembered((values) => propagators(values, n, held), KNOWN),
    };
    const reached = reach(rows.map((r) => r.map((e) => e !== zero)));
    const row = (i: number, from: number): Expr => {
      const coefficient = (j: number): Expr => ir.derived(from + i * (n + 2) + j);
      const has = (j: number): boolean => reached[i]?.[j] === true;
      const terms = x.flatMap((e, j) => (has(j) ? [ir.mul(coefficient(j), e)] : []));
      const push = [...(has(n) ? [ir.mul(coefficient(n), input(i))] : []), ...(has(n + 1) ? [coefficient(n + 1)] : [])];
      return this.advance(x[i] as Expr, terms, push);
    };
    return x.map((e, i) => {
      if (forms[i] === undefined) return e;
      const free = row(i, 0);
      return held.length === 0 || this.isHeld(i) ? free : ir.select(this.refractory(), row(i, n * (n + 2)), free);
    });
  }

  /** x + ((the sum of some terms) + (the sum of others)), without those that are none. */
  private advance(x: Expr, ...sums: readonly (readonly Expr[])[]): Expr {
    const { ir } = this;
    const add = (list: readonly Expr[]): Expr[] => (list.length === 0 ? [] : [list.reduce((p, q) => ir.add(p, q))]);
    const [whole] = add(sums.flatMap(add));
    return whole === undefined ? x : ir.add(x, whole);
  }

  /** The end of the step: jumps join their states; what is held keeps its value, and its jumps are lost. */
  private settled(y: readonly Expr[]): Expr[] {
    const { ir, x } = this;
    return y.map((e, j) => {
      const whole = this.landed(j, e);
      return whole !== x[j] && this.isHeld(j) ? ir.select(this.refractory(), x[j] as Expr, whole) : whole;
    });
  }

  /** The state at the end of its step with what has arrived for it. */
  private landed(j: number, e: Expr): Expr {
    const { ir, inputs } = this;
    const come = j === 0 ? this.jumps() : inputs.landings?.includes(j) ? ir.landing(j) : undefined;
    return come === undefined ? e : ir.add(e, come);
  }

  /** Steps in a time: the nearest whole number, halves up, with room for the rounding of a quotient of two decimals. */
  private stepsOf(ms: Expr): Expr {
    const { ir } = this;
    const steps = ir.div(ms, ir.dt);
    const whole = ir.floor(steps);
    const room = ir.select(ir.compare("lt", steps, ir.const(2 ** 48)), ir.mul(steps, ir.const(ROOM)), ir.const(0));
    const rest = ir.add(ir.sub(steps, whole), room);
    return ir.select(ir.compare("ge", rest, ir.const(0.5)), ir.add(whole, ir.const(1)), whole);
  }

  /**
   * Linear interpolation of the crossing of the two sides of a comparison between the step's ends; 1 where a condition
   * is not one comparison, or where nothing has crossed.
   */
  private fraction(condition: Expr): Expr {
    const { ir } = this;
    const one = ir.const(1);
    const sides = crossing(condition, this.x[0] as Expr, ir);
    if (sides === undefined) return one;
    const [a, b] = sides;
    const was = (e: Expr): Expr =>
      ir.substitute(e, (node) => (node.op === "state" ? ir.before(node.value) : undefined));
    const [a0, b0] = [was(a), was(b)];
    const rise = b0 === b ? ir.sub(a, a0) : ir.sub(ir.sub(a, a0), ir.sub(b, b0));
    const fraction = ir.select(ir.compare("gt", rise, ir.const(0)), ir.div(ir.sub(b0, a0), rise), one);
    const low = ir.select(ir.compare("lt", fraction, one), fraction, one);
    return ir.select(ir.compare("gt", fraction, ir.const(0)), low, ir.const(0));
  }
}

/** The rule of assembly/steps.ts and src/model/grid.ts. */
const ROOM = 8.881784197001252e-16;

/** What rises above what, in a condition that is one comparison, or has one with v among what must hold together. */
function crossing(condition: Expr, v: Expr, ir: Ir): [above: Expr, below: Expr] | undefined {
  const [a, b] = condition.args as [Expr, Expr];
  switch (condition.op) {
    case "ge":
    case "gt":
      return [a, b];
    case "le":
    case "lt":
      return [b, a];
    case "and": {
      const found = [a, b].filter((e) => ir.leaves(e).has(v)).map((e) => crossing(e, v, ir));
      return found.length === 1 ? found[0] : undefined;
    }
    default:
      return undefined;
  }
}

/** Where a chain of dependences leads: row i says on which columns equation i depends, in the end. */
export function reach(direct: readonly (readonly boolean[])[]): boolean[][] {
  const all = direct.map((row) => [...row]);
  for (const [k, middle] of all.entries()) {
    for (const row of all) if (row[k] === true) for (const [j, yes] of middle.entries()) row[j] ||= yes;
  }
  return all;
}

/** Numbers that are kept of propagators that were computed: 8 MB. */
export const KNOWN = 1_000_000;

/** Rows [K, q, r] of exact, and behind them the same for a neuron whose `held` states stand still. */
function propagators(values: readonly number[], n: number, held: readonly number[]): number[] {
  const dt = values[n * (n + 2)] as number;
  const size = n + 2;
  const solve = (still: readonly number[]): number[] => {
    const matrix = new Array<number>(size * size).fill(0);
    for (let i = 0; i < n; i++) {
      if (still.includes(i)) continue;
      for (let j = 0; j < size; j++) matrix[i * size + j] = (values[i * size + j] as number) * dt;
    }
    return expm1Matrix(matrix, size).slice(0, n * size);
  };
  return held.length === 0 ? solve([]) : [...solve([]), ...solve(held)];
}

/**
 * From a receptor kernel to what one step does to the receptor of one neuron, as expressions: the counterpart of
 * integrate.ts.
 *
 * States of the neuron that the kernel reads, v among them, have the values of the step's start all along; only the
 * factor (E - v) of a conductance is left to the neuron's method. Within the step the receptor's states x are
 *
 *     exact   x(h) = exp(A h) x + b(h), the solution of linear equations, for any h
 *     others  what one step of the method gives from the step's start, of length dt or dt/2
 *
 * and the output is taken of x(0), x(dt/2) and x(dt) where the neuron's method looks there. Where it looks at the start
 * only, it is taken of the mean of x over the step: that of the solution under exact, of both ends else. Then `onSpike`
 * acts on x(dt), once, where the sum of what arrives is not 0.
 */
import { factorOf, NUMBER, parseUnit, type Scale } from "./dimensions.js";
import { integrate, isFixed, KNOWN, reach, type ReceptorStep, type StepProgram, withReciprocals } from "./integrate.js";
import { type ColumnName, type Expr, Ir, type IrModel, print } from "./ir.js";
import { MAX_EXACT_STATES } from "./limits.js";
import { type IrOutput, lowerKernel } from "./lower.js";
import { expm1Matrix, remembered } from "../model/matrix.js";
import { type CheckedKernel, KERNEL_METHODS, type KernelMethod } from "./receptor.js";

/** When, and how, the method of a neuron looks at its receptors. */
export interface Look {
  readonly middle: boolean;
  readonly end: boolean;
  /** A conductance is taken as a current at the start of the step. */
  readonly folds: boolean;
  /**
   * The neuron is linear and its step exact, for a current that is linear: what each state of the receptor, and a
   * constant behind them, contributes to the first equations of the neuron is given as parameters behind those of the
   * kernel, as many for each equation.
   */
  readonly exact?: { readonly equations: number };
}

/** Columns that a receptor adds to, by their number among the `receptors` of its program. */
export const RECEIVED: readonly ColumnName[] = ["I0", "I1", "I2", "G0", "G1", "G2"];

/** What a linear kernel's current is made of: c x + d, where dx/dt = A x + b. */
export interface LinearKernel {
  readonly matrix: readonly (readonly Expr[])[];
  readonly offsets: readonly Expr[];
  readonly current: readonly Expr[];
  readonly constant: Expr;
}

interface Form {
  readonly slopes: readonly Expr[];
  readonly offset: Expr;
}

/** The equations as linear in the receptor's own states with coefficients that stand still; else why they are not. */
function linearForms(ir: Ir, kernel: CheckedKernel, model: IrModel): readonly Form[] | string {
  const count = model.states.length;
  if (count > MAX_EXACT_STATES) return `exact is for receptors with at most ${MAX_EXACT_STATES} states; this one has ${count}`;
  const names = namesOf(kernel);
  const leaves = model.states.map((_, j) => ir.state(j));
  const forms: Form[] = [];
  for (const { name, derivative = ir.const(0) } of model.states) {
    const form = ir.linear(derivative, leaves);
    if (form === undefined) return `the equation of ${name} is not linear in ${names.states.slice(0, count).join(", ")}`;
    const changing = [...form.slopes, form.offset].find((e) => !isFixed(ir, e));
    if (changing !== undefined)
      return `the equation of ${name} has a coefficient that changes during a run: ${print(changing, names)}`;
    forms.push(form);
  }
  return forms;
}

function namesOf({ states, reads, params }: CheckedKernel): { states: string[]; params: string[] } {
  return { states: [...states, ...reads].map(({ name }) => name), params: params.map(({ name }) => name) };
}

/** The scales of what a kernel reads, as it says itself. */
function ownScales({ system, reads }: CheckedKernel): Scale[] {
  return reads.map(({ unit }) => system.scale(parseUnit(unit) ?? NUMBER));
}

/** Why a method is not for a kernel, as a sentence without its end; undefined if it is. */
export function kernelRefusal(kernel: CheckedKernel, method: KernelMethod): string | undefined {
  if (method !== "exact") return undefined;
  const ir = new Ir();
  const forms = linearForms(ir, kernel, lowerKernel(kernel, ir, ownScales(kernel)).model);
  return typeof forms === "string" ? forms : undefined;
}

/** The methods that are for a kernel, the one that it uses first. */
export function kernelMethods(kernel: CheckedKernel): readonly KernelMethod[] {
  const possible = KERNEL_METHODS.filter((method) => kernelRefusal(kernel, method) === undefined);
  const best = kernel.method ?? (possible.includes("exact") ? "exact" : "rk4");
  return [best, ...possible.filter((method) => method !== best)];
}

/** What a user should know of how its method treats the states of a kernel, a sentence without its end each. */
export function kernelNotes(kernel: CheckedKernel): readonly string[] {
  const look = { middle: false, end: false, folds: false };
  return receiveProgram(new Ir(), kernel, ownScales(kernel), look).notes;
}

/**
 * A kernel as a linear system with a linear current, for neurons whose own step is exact; undefined where it is none.
 */
export function linearKernel(ir: Ir, kernel: CheckedKernel, scales: readonly Scale[]): LinearKernel | undefined {
  const { model, output } = lowerKernel(kernel, ir, scales);
  const forms = kernelMethods(kernel)[0] === "exact" ? linearForms(ir, kernel, model) : "";
  if (typeof forms === "string" || output.kind !== "current") return undefined;
  const current = ir.linear(output.value, model.states.map((_, j) => ir.state(j)));
  if (current === undefined || ![...current.slopes, current.offset].every((e) => isFixed(ir, e))) return undefined;
  return {
    matrix: forms.map(({ slopes }) => slopes),
    offsets: forms.map(({ offset }) => offset),
    current: current.slopes,
    constant: current.offset,
  };
}

/**
 * What a step does to a receptor. The program's states are those of the receptor, then those that it reads, which stay;
 * its `receptors` are the columns of RECEIVED.
 *
 * @param scales from the units in which the neuron keeps what is read to the coherent ones
 */
export function receiveProgram(ir: Ir, kernel: CheckedKernel, scales: readonly Scale[], look: Look): StepProgram {
  return new Receiver(ir, kernel, scales, look).program();
}

/**
 * The output of a receptor's present state, the first of the program's `receptors`: a conductance without the factor (E
 * - v), or a current.
 */
export function outputProgram(ir: Ir, kernel: CheckedKernel, scales: readonly Scale[]): StepProgram {
  const { model, output } = lowerKernel(kernel, ir, scales);
  const none = { hold: undefined, rearm: undefined, threshold: undefined, fraction: undefined, derivation: undefined };
  const still = { factor: 1, derivative: undefined, flags: { unlessRefractory: false }, noise: [] };
  const reads = kernel.reads.map(({ name, unit }) => ({ name, unit, ...still }));
  const states = [...model.states, ...reads];
  const receptors = [{ next: withReciprocals(ir, output.value), arrives: false }];
  const next = states.map((_, j) => ir.state(j));
  const lists = { reset: [], events: [], gates: [], notes: [] };
  return { ir, model: { ...model, states, reset: [] }, method: "euler", next, receptors, ...none, ...lists };
}

class Receiver {
  private readonly ir: Ir;
  private readonly kernel: CheckedKernel;
  private readonly look: Look;
  private readonly model: IrModel;
  private readonly output: IrOutput;
  /** States of the receptor. */
  private readonly x: readonly Expr[];
  /** What happens to these when something arrives. */
  private readonly resets: IrModel["reset"];
  /** One unit of v as the neuron keeps it, in mV. */
  private readonly volt: Expr;

  constructor(ir: Ir, kernel: CheckedKernel, scales: readonly Scale[], look: Look) {
    this.ir = ir;
    this.kernel = kernel;
    this.look = look;
    const { model, output } = lowerKernel(kernel, ir, scales);
    const still = { factor: 1, derivative: undefined, flags: { unlessRefractory: false }, noise: [] };
    const reads = kernel.reads.map(({ name, unit }) => ({ name, unit, ...still }));
    this.x = model.states.map((_, j) => ir.state(j));
    this.model = { ...model, states: [...model.states, ...reads], reset: [] };
    this.output = output;
    this.resets = model.reset;
    this.volt = ir.const(factorOf(scales[0] as Scale));
  }

  program(): StepProgram {
    const { ir, kernel, model, x, look } = this;
    const [method] = kernelMethods(kernel);
    const steps = method === "exact" ? this.exact() : this.stepped(method as Exclude<KernelMethod, "exact">);
    const { end, middle, mean } = steps;
    const receptors = look.exact
      ? this.propagated(look.exact.equations)
      : this.contributions([look.middle || look.end ? x : mean, middle, end]);
    return {
      ir,
      model,
      method: "euler",
      next: [...this.arrived(end), ...kernel.reads.map((_, i) => ir.state(x.length + i))],
      hold: undefined,
      rearm: undefined,
      threshold: undefined,
      fraction: undefined,
      reset: [],
      events: [],
      receptors,
      gates: [],
      derivation: steps.derivation,
      notes: steps.notes,
    };
  }

  /** The solution of linear equations: its coefficients are derived from theirs. */
  private exact(): Steps {
    const { ir, x, kernel } = this;
    const n = x.length;
    const forms = linearForms(ir, kernel, { ...this.model, states: this.model.states.slice(0, n) }) as readonly Form[];
    const zero = ir.const(0);
    const rows = forms.map(({ slopes, offset }) => [...slopes, offset]);
    const reached = reach(rows.map((row) => row.map((e) => e !== zero)));
    const size = n * (n + 1);
    const at = (which: number): Expr[] =>
      x.map((own, i) => {
        const terms = [...x.keys()].flatMap((j) => {
          if (j !== i && reached[i]?.[j] !== true) return [];
          // What stands still keeps its number.
          if (j === i && reached[i]?.[j] !== true) return [own];
          return [ir.mul(ir.derived(which * size + i * (n + 1) + j), x[j] as Expr)];
        });
        if (reached[i]?.[n] === true) terms.push(ir.derived(which * size + i * (n + 1) + n));
        return terms.reduce((a, b) => ir.add(a, b));
      });
    const derivation = {
      sources: [...rows.flat(), ir.dt],
      count: 3 * size,
      compute: remembered((values: readonly number[]) => solutions(values, n), KNOWN),
    };
    return { end: at(0), middle: at(1), mean: at(2), derivation, notes: [] };
  }

  /** One step of a method, of the whole length and of half of it. */
  private stepped(method: Exclude<KernelMethod, "exact">): Steps {
    const { ir, x, model } = this;
    const { next, notes } = integrate(ir, model, method, { conducts: false, jumps: false });
    const end = next.slice(0, x.length);
    const half = ir.mul(ir.const(0.5), ir.dt);
    const halved = new Map<Expr, Expr>();
    const middle = end.map((e) => ir.substitute(e, (node) => (node.op === "dt" ? half : undefined), halved));
    const mean = end.map((e, j) => (e === x[j] ? e : ir.mul(ir.const(0.5), ir.add(x[j] as Expr, e))));
    return { end, middle, mean, derivation: undefined, notes };
  }

  /** The states with what has arrived. */
  private arrived(end: readonly Expr[]): Expr[] {
    const { ir, x, resets } = this;
    const weight = ir.column("a0");
    const comes = ir.compare("ne", weight, ir.const(0));
    const next = [...end];
    for (const { state, value } of resets) {
      const own = withReciprocals(ir, value);
      const form = ir.affine(own, weight);
      // Adding nothing in proportion changes nothing: there is no need to look whether something has come.
      const adds = form !== undefined && form.offset === x[state] && isFixed(ir, form.slope);
      const after = ir.substitute(own, (node) => (node.op === "state" ? end[node.value] : undefined));
      next[state] = adds ? after : ir.select(comes, after, end[state] as Expr);
    }
    return next;
  }

  private contributions(stages: readonly (readonly Expr[])[]): ReceptorStep[] {
    const { ir, look, output, volt, x } = this;
    const looks = [true, look.middle, look.end];
    const currents: ReceptorStep[] = [];
    const conductances: ReceptorStep[] = [];
    const none: ReceptorStep = { next: undefined, arrives: false };
    const v = ir.state(x.length);
    for (const [s, states] of stages.entries()) {
      if (looks[s] !== true) {
        currents.push(none);
        conductances.push(none);
        continue;
      }
      const at = (e: Expr): Expr =>
        ir.substitute(withReciprocals(ir, e), (node) => (node.op === "state" ? states[node.value] : undefined));
      const plus = (column: ColumnName, e: Expr): ReceptorStep => ({
        next: ir.add(ir.column(column), e),
        arrives: false,
      });
      if (output.kind === "current") {
        currents.push(plus(`I${s}` as ColumnName, at(output.value)));
        conductances.push(none);
        continue;
      }
      const g = at(ir.mul(output.value, volt));
      const E = withReciprocals(ir, ir.div(output.reversal, volt));
      const folds = look.folds && s === 0;
      currents.push(plus(`I${s}` as ColumnName, ir.mul(g, folds ? ir.sub(E, v) : E)));
      conductances.push(folds ? none : plus(`G${s}` as ColumnName, g));
    }
    return [...currents, ...conductances];
  }

  /** What the states bring to the equations of a neuron with an exact step. */
  private propagated(equations: number): ReceptorStep[] {
    const { ir, kernel, x } = this;
    const first = kernel.params.length;
    return RECEIVED.map((name, e): ReceptorStep => {
      if (e >= equations) return { next: undefined, arrives: false };
      const share = (j: number): Expr => ir.param(first + e * (x.length + 1) + j);
      const sum = x.reduce((before, own, j) => ir.add(before, ir.mul(share(j), own)), ir.column(name));
      return { next: ir.add(sum, share(x.length)), arrives: false };
    });
  }
}

interface Steps extends Pick<StepProgram, "derivation" | "notes"> {
  readonly end: readonly Expr[];
  readonly middle: readonly Expr[];
  readonly mean: readonly Expr[];
}

/**
 * Rows [exp(A h), b(h)] for the whole step and for its half, and the same of the mean over the step: from the system of
 * the integral of x, x, and a constant 1.
 */
function solutions(values: readonly number[], n: number): number[] {
  const dt = values[n * (n + 1)] as number;
  const width = 2 * n + 1;
  const solve = (h: number, first: number, over: number, isState: boolean): number[] => {
    const matrix = new Array<number>(width * width).fill(0);
    for (let i = 0; i < n; i++) {
      matrix[i * width + n + i] = h;
      for (let j = 0; j <= n; j++) matrix[(n + i) * width + n + j] = (values[i * (n + 1) + j] as number) * h;
    }
    const found = expm1Matrix(matrix, width);
    return Array.from({ length: n * (n + 1) }, (_, k) => {
      const [i, j] = [Math.floor(k / (n + 1)), k % (n + 1)];
      const x = found[(first + i) * width + n + j] as number;
      return isState && i === j ? 1 + x : x / over;
    });
  };
  return [...solve(dt, n, 1, true), ...solve(dt / 2, n, 1, true), ...solve(dt, 0, dt, false)];
}

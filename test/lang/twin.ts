/**
 * A step in plain JavaScript, from the same plan: the bits of the emitted kernels. Each node becomes a closure that
 * writes a register.
 */
import {
  apply,
  type Arithmetic,
  type ColumnName,
  type Expr,
  type FunctionName,
  inOrder,
  type IrReset,
  type Mathematics,
  type RandomKind,
} from "../../src/lang/ir.js";
import type { Coefficients, Plan } from "../../src/lang/plan.js";

/** A population as the twin sees it; arrays have a number per neuron. */
export interface TwinPack {
  /** Index of the step. */
  readonly now: number;
  readonly dt: number;
  readonly size: number;
  /** Number of the first neuron in the whole population. */
  readonly offset: number;
  readonly lowest: number;
  readonly highest: number;
  readonly states: readonly Float64Array[];
  readonly coefficients: Coefficients;
  readonly columns: Readonly<Partial<Record<ColumnName, ArrayLike<number>>>>;
  readonly landing: (state: number, n: number) => number;
  /** The last step in which a neuron is refractory; of models with a time. */
  readonly until: Float64Array;
  /** 1 where the next crossing is a spike; of models with a detector. */
  readonly armed: Uint8Array;
  readonly random: (kind: RandomKind, stream: number, n: number) => number;
  readonly spike: (n: number, fraction: number) => void;
  readonly event: (event: number, n: number) => void;
  readonly runaway: (n: number, state: number, value: number, before: number) => void;
}

/** What leaves of the neuron in work are; those of the events' expressions beside the columns. */
interface Neuron {
  pack: TwinPack;
  n: number;
  readonly x: Float64Array;
  readonly before: Float64Array;
  armed: boolean;
}

/** Values of some expressions for the neuron in work. */
type Values = (neuron: Neuron) => Float64Array;

/** A function that advances a population by one step. */
export function twin(plan: Plan, math: Mathematics): (pack: TwinPack) => void {
  const { program, changed, armed } = plan;
  const { states } = program.model;
  const compiler = new Compiler(plan, math);
  const before = [plan.quiet, ...(armed === undefined ? [] : [armed])];
  const stepRoots = [...before, ...changed.map((c) => c.value), ...plan.received.map((r) => r.value)];
  const step = compiler.values(stepRoots);
  const firstChanged = before.length;
  const happened = events(plan, compiler);
  const neuron: Neuron = {
    pack: undefined as unknown as TwinPack,
    n: 0,
    x: new Float64Array(states.length),
    before: new Float64Array(states.length),
    armed: false,
  };
  return (pack) => {
    neuron.pack = pack;
    for (let n = 0; n < pack.size; n++) {
      neuron.n = n;
      neuron.armed = pack.armed[n] === 1;
      for (const [j, column] of pack.states.entries()) neuron.x[j] = neuron.before[j] = column[n] as number;
      const values = step(neuron);
      const quiet = values[0] === 1;
      if (armed !== undefined) pack.armed[n] = values[1] as number;
      for (let c = 0; c < changed.length; c++) {
        const { state } = changed[c] as { state: number };
        const held = plan.listed.has(state) && (pack.until[n] as number) >= pack.now;
        if (!held) neuron.x[state] = values[firstChanged + c] as number;
      }
      const columns = pack.columns as Record<string, Float64Array>;
      for (const [j, { receptor }] of plan.received.entries()) {
        (columns[`g${receptor}`] as Float64Array)[n] = values[firstChanged + changed.length + j] as number;
      }
      for (const [r, { arrives }] of program.receptors.entries())
        if (arrives) (columns[`a${r}`] as Float64Array)[n] = 0;
      if (!quiet) happened(neuron);
      for (const [j, column] of pack.states.entries()) column[n] = neuron.x[j] as number;
    }
  };
}

/** What happens to a neuron that is not quiet. */
function events(plan: Plan, compiler: Compiler): (neuron: Neuron) => void {
  const { program, guarded } = plan;
  const { threshold, fraction, hold, rearm } = program;
  const condition = threshold && compiler.values([threshold]);
  const occurs = compiler.values(program.events.map((e) => e.condition));
  const place = fraction && compiler.values([fraction]);
  const steps = hold && compiler.values([hold]);
  const again = rearm && program.reset.length > 0 ? compiler.values([rearm]) : undefined;
  const afterSpike = resets(program.reset, compiler);
  const afterEvent = program.events.map((e) => resets(e.reset, compiler));
  return (neuron) => {
    const { pack, n, x, before } = neuron;
    for (const j of guarded) {
      const [lowest, highest] =
        j === 0
          ? [pack.lowest, pack.highest]
          : (program.model.states[j]?.bounds ?? [-Number.MAX_VALUE, Number.MAX_VALUE]);
      const value = x[j] as number;
      if (value >= lowest && value <= highest) continue;
      pack.runaway(n, j, value, before[j] as number);
      return;
    }
    const ready =
      (rearm === undefined || neuron.armed) && (hold === undefined || !((pack.until[n] as number) >= pack.now));
    const spikes = ready && condition?.(neuron)[0] === 1;
    const occurred = Array.from(occurs(neuron));
    if (spikes) {
      pack.spike(n, place?.(neuron)[0] ?? 1);
      afterSpike(neuron);
      if (steps !== undefined) pack.until[n] = pack.now + (steps(neuron)[0] as number);
      if (again !== undefined) pack.armed[n] = again(neuron)[0] as number;
    }
    for (const [e, yes] of occurred.entries()) {
      if (yes !== 1) continue;
      pack.event(e, n);
      afterEvent[e]?.(neuron);
    }
  };
}

function resets(statements: readonly IrReset[], compiler: Compiler): (neuron: Neuron) => void {
  const values = compiler.values(statements.map((r) => r.value));
  return (neuron) => {
    const becomes = values(neuron);
    for (const [i, { state }] of statements.entries()) neuron.x[state] = becomes[i] as number;
  };
}

class Compiler {
  private readonly plan: Plan;
  private readonly math: Mathematics;
  private readonly slots: ReadonlyMap<Expr, number>;
  private readonly columns: ReadonlyMap<Expr, number>;

  constructor(plan: Plan, math: Mathematics) {
    this.plan = plan;
    this.math = math;
    this.slots = new Map(plan.uniforms.map((e, i) => [e, i]));
    this.columns = new Map(plan.columns.map((e, i) => [e, i]));
  }

  /** The values are good until the next call. */
  values(roots: readonly Expr[]): Values {
    const nodes = this.needed(roots);
    const registers = new Float64Array(nodes.length);
    const place = new Map(nodes.map((e, i) => [e, i]));
    const actions = nodes.map((e, i) =>
      this.action(
        e,
        i,
        registers,
        e.args.map((a) => place.get(a) ?? 0),
      ),
    );
    const out = new Float64Array(roots.length);
    const from = roots.map((e) => place.get(e) as number);
    return (neuron) => {
      for (const action of actions) action(neuron);
      for (let i = 0; i < from.length; i++) out[i] = registers[from[i] as number] as number;
      return out;
    };
  }

  /** Nodes in order, without what is only below a coefficient. */
  private needed(roots: readonly Expr[]): Expr[] {
    const used = new Set<Expr>();
    const visit = (e: Expr): void => {
      if (used.has(e)) return;
      used.add(e);
      if (!this.slots.has(e) && !this.columns.has(e)) for (const a of e.args) visit(a);
    };
    for (const e of roots) visit(e);
    return inOrder(roots).filter((e) => used.has(e));
  }

  private action(e: Expr, to: number, r: Float64Array, from: readonly number[]): (neuron: Neuron) => void {
    const slot = this.slots.get(e);
    if (slot !== undefined) return ({ pack }) => void (r[to] = pack.coefficients.uniforms[slot] as number);
    const column = this.columns.get(e);
    if (column !== undefined) return ({ pack, n }) => void (r[to] = pack.coefficients.columns[column]?.[n] as number);
    if (e.args.length === 0) return leaf(e, to, r);
    const [a = 0, b = 0, c = 0] = from;
    const at = (i: number): number => r[i] as number;
    if (e.op === "call") {
      const f = this.math[e.name as FunctionName];
      if (f === undefined) throw new RangeError(`${this.plan.program.model.name}: no function ${e.name}`);
      return () => void (r[to] = f(at(a), at(b)));
    }
    switch (e.op) {
      case "add":
        return () => void (r[to] = at(a) + at(b));
      case "sub":
        return () => void (r[to] = at(a) - at(b));
      case "mul":
        return () => void (r[to] = at(a) * at(b));
      case "div":
        return () => void (r[to] = at(a) / at(b));
      default: {
        const op = e.op as Arithmetic;
        return () => void (r[to] = apply(op, at(a), at(b), at(c)));
      }
    }
  }
}

function leaf(e: Expr, to: number, r: Float64Array): (neuron: Neuron) => void {
  const { value } = e;
  switch (e.op) {
    case "const":
    case "boolean":
      return () => void (r[to] = value);
    case "state":
      return ({ x }) => void (r[to] = x[value] as number);
    case "before":
      return ({ before }) => void (r[to] = before[value] as number);
    case "t":
      return ({ pack }) => void (r[to] = pack.now * pack.dt);
    case "dt":
      return ({ pack }) => void (r[to] = pack.dt);
    case "index":
      return ({ pack, n }) => void (r[to] = pack.offset + n);
    case "column":
      return ({ pack, n }) => void (r[to] = pack.columns[e.name as ColumnName]?.[n] ?? NaN);
    case "landing":
      return ({ pack, n }) => void (r[to] = pack.landing(value, n));
    case "random":
      return ({ pack, n }) => void (r[to] = pack.random(e.name as RandomKind, value, n));
    case "refractory":
      return ({ pack, n }) => void (r[to] = (pack.until[n] as number) >= pack.now ? 1 : 0);
    case "armed":
      return (neuron) => void (r[to] = neuron.armed ? 1 : 0);
    case "bound":
      return ({ pack }) => void (r[to] = value === 0 ? pack.lowest : pack.highest);
    default:
      throw new RangeError(`no value for ${e.op}`);
  }
}

/**
 * How a step is computed for many neurons, decided before a byte is emitted:
 *
 * - What depends on common parameters, constants and dt alone is a *uniform*: the host computes it once
 *   (`coefficients`), the kernel loads it ahead of its loop. Constants are uniforms too: as literals some engines
 *   rebuild them at every use.
 * - What depends on t besides is computed once per call. What depends on a neuron's own parameters alone is a column
 *   that the host computes, unless it is cheaper to compute than to load.
 * - Equal parts are computed once.
 * - A function's arguments go into a scratch column, one call replaces the column by the values, and the next pass over
 *   the block goes on with them: in the loops there is no call. What a later pass needs of an earlier one goes through
 *   a column as well, unless two operations make it anew.
 * - Gates that depend on a potential alone come from a table, if the host keeps one: the core steps them after the last
 *   pass, which leaves the potentials of the step's start in a column. Other functions of a potential that take long
 *   are looked up ahead of the first pass.
 * - Refractory neurons are a list, if the host keeps one: the loop moves them like all others, then they get their
 *   values back. Where another state looks at a held one within the step, and with a detector, they are a mask in the
 *   loop.
 * - Two or four vectors go through a loop's body together, as many as the registers are likely to hold.
 *
 * None of this changes a bit of any result: each value is that of its expression.
 */
import {
  type ColumnName,
  type Environment,
  type Expr,
  evaluate,
  type FunctionName,
  inOrder,
  type Ir,
  isLeaf,
  type Mathematics,
  type Op,
  type RandomKind,
} from "./ir.js";
import { functionOf, type Gate, type StepProgram } from "./integrate.js";

/** What the population is, as far as it decides on the code. */
export interface PlanOptions {
  /** Indices of the parameters that have a number per neuron. */
  readonly perNeuron?: readonly number[];
  /** Columns that hold the same number for all neurons: it is read once in a step. */
  readonly uniform?: readonly ColumnName[];
  /** The host keeps lists of refractory neurons (emit.ts, `held`). */
  readonly lists?: boolean;
  /** The host keeps tables of gates (assembly/integrators/rateTable.ts). */
  readonly tables?: boolean;
  /** Nothing watches the states: what is computed is no neuron. */
  readonly unguarded?: boolean;
  /** Vectors per turn of a loop, in place of the plan's own choice. */
  readonly unroll?: 1 | 2 | 4;
}

/** A value that goes into a scratch column at the end of a loop's turn. */
export interface Store {
  readonly value: Expr;
  readonly column: number;
}

/** One pass over the block. */
export interface Loop {
  readonly stores: readonly Store[];
  /** Nodes whose values are in scratch columns by now. */
  readonly loads: ReadonlyMap<Expr, number>;
  /** Vectors per turn. */
  readonly unroll: number;
  /** Functions of whole columns after the pass; the first column takes the values. */
  readonly calls: readonly { readonly name: FunctionName; readonly columns: readonly number[] }[];
}

/**
 * Gates of one potential, which come from a table; the last pass leaves the potential of the step's start in `column`.
 */
export interface GateTable {
  readonly potential: number;
  readonly column: number;
  readonly gates: readonly Gate[];
}

/** Functions of one potential, which come from a table: function number f in scratch column `column` + f. */
export interface FunctionTable {
  readonly potential: number;
  readonly column: number;
  readonly functions: readonly Expr[];
}

export interface Plan {
  readonly program: StepProgram;
  readonly options: PlanOptions;
  /** Values by slot: common parameters, coefficients, constants. */
  readonly uniforms: readonly Expr[];
  /** Values by column: parameters and coefficients of each neuron. */
  readonly columns: readonly Expr[];
  /** Random numbers of the block, filled ahead of the first pass. */
  readonly randoms: readonly { readonly kind: RandomKind; readonly stream: number; readonly column: number }[];
  /** Values that one call computes once, in order. */
  readonly once: readonly Expr[];
  /** The last one ends the step. */
  readonly loops: readonly Loop[];
  /** Scratch columns of the block. */
  readonly scratch: number;
  /** States that the step changes, in their order. */
  readonly changed: readonly { readonly state: number; readonly value: Expr }[];
  /** States of receptors at the end of the step, by the receptor's number. */
  readonly received: readonly { readonly receptor: number; readonly value: Expr }[];
  /** What the detector becomes. */
  readonly armed: Expr | undefined;
  /** Whether nothing happens to a neuron; anything that is not a number makes it false. */
  readonly quiet: Expr;
  /** States that the guard watches; v always, others if they never come to act on v. */
  readonly guarded: readonly number[];
  /** Where the last loop keeps states of before the step for neurons to which something happens. */
  readonly kept: ReadonlyMap<number, number>;
  /** The same for the detector; -1 without one. */
  readonly keptArmed: number;
  /** States that neurons on the list get back after the loops, with their places in the list's records. */
  readonly listed: ReadonlyMap<number, number>;
  readonly tables: readonly GateTable[];
  /** They are numbered behind those of gates. */
  readonly lookups: readonly FunctionTable[];
  /** What is left to the handler of events, and the values of gates, whose expressions find their uniforms too. */
  readonly handled: readonly Expr[];
}

/** How often the value of an expression can change: bits, 0 for never. */
const STEP = 1;
const NEURON = 2;
const VARYING = 7;

/**
 * Values that live at once without spilling, about: 16 registers, and the engine is good at loading what it had to put
 * aside.
 */
const REGISTERS = 24;

/** Operations that are rather done anew than kept in a column (a store and a load). */
const CHEAP = 2;

export function plan(program: StepProgram, options: PlanOptions = {}): Plan {
  return new Planner(program, options).plan();
}

class Planner {
  private readonly program: StepProgram;
  private readonly options: PlanOptions;
  private readonly ir: Ir;
  private readonly rates = new Map<Expr, number>();
  private readonly uniforms = new Map<Expr, number>();
  private readonly columns = new Map<Expr, number>();
  private readonly once = new Set<Expr>();
  /** Values that are looked up. */
  private readonly looked = new Set<Expr>();
  private readonly depths = new Map<Expr, number>();
  /** Passes in which a node's value is needed, and those that compute it. */
  private readonly needed = new Map<Expr, Set<number>>();
  private readonly computed = new Map<Expr, Set<number>>();

  constructor(program: StepProgram, options: PlanOptions) {
    this.program = program;
    this.options = options;
    this.ir = program.ir;
  }

  plan(): Plan {
    const { program, ir } = this;
    const free = this.options.lists ? this.free() : undefined;
    const next = free ?? program.next;
    const end = (e: Expr): Expr => ir.substitute(e, (node) => (node.op === "state" ? next[node.value] : undefined));
    const received = program.receptors.flatMap(({ next: value }, receptor) => (value ? [{ receptor, value }] : []));
    const guarded = this.guarded();
    const quiet = this.quiet(guarded, next, end);
    const { threshold, rearm } = program;
    const ends = [quiet, ...(rearm && threshold ? [end(threshold), end(rearm)] : [])];
    const gates = this.tabled(ends, guarded);
    const isTabled = (state: number): boolean => gates.some((gate) => gate.state === state);
    const changed = next.flatMap((value, state) =>
      value === ir.state(state) || isTabled(state) ? [] : [{ state, value }],
    );
    const armed = rearm && threshold && ir.or(ir.and(ir.armed, ir.not(end(threshold))), end(rearm));
    const roots = [
      ...changed.map((c) => c.value),
      ...received.map((r) => r.value),
      quiet,
      ...(armed === undefined ? [] : [armed]),
    ];
    for (const e of roots) this.hoist(e);
    const found = this.options.tables ? this.functionsOf(changed.map((c) => c.value)) : new Map<number, Expr[]>();
    for (const e of [...found.values()].flat()) this.looked.add(e);
    const handled = [...this.handled(), ...gates.flatMap(({ a, b }) => [a, b]), ...this.looked];
    for (const e of handled) this.hoist(e, true);
    const { loops: passes, columns, randoms } = this.passes(roots);
    const kept = new Map<number, number>();
    let scratch = columns;
    const tables = [...new Set(gates.map(({ potential }) => potential))].map((potential): GateTable => {
      return { potential, column: scratch++, gates: gates.filter((gate) => gate.potential === potential) };
    });
    const lookups = [...found].map(([potential, functions]): FunctionTable => {
      const column = scratch;
      // They come in pairs.
      scratch += 2 * Math.ceil(functions.length / 2);
      return { potential, column, functions };
    });
    const looked = lookups.flatMap(({ functions, column }) => functions.map((e, f): [Expr, number] => [e, column + f]));
    const potentials = tables.map(({ potential, column }) => ({ value: ir.state(potential), column }));
    const loops = passes.map((loop, pass): Loop => {
      const loads = new Map([...loop.loads, ...looked.filter(([e]) => this.needed.get(e)?.has(pass))]);
      return { ...loop, loads, stores: pass === passes.length - 1 ? [...loop.stores, ...potentials] : loop.stores };
    });
    const before = new Set(guarded);
    for (const leaf of inOrder(handled)) if (leaf.op === "before") before.add(leaf.value);
    for (const state of [...before].sort((a, b) => a - b)) kept.set(state, scratch++);
    const keptArmed = armed === undefined ? -1 : scratch++;
    const held = free === undefined ? [] : [...free.keys()].filter((j) => free[j] !== program.next[j]);
    const listed = new Map(held.map((j, k) => [j, k]));
    return {
      program,
      options: this.options,
      uniforms: [...this.uniforms.keys()],
      columns: [...this.columns.keys()],
      randoms,
      once: [...this.once].sort((a, b) => a.id - b.id),
      loops,
      scratch,
      changed,
      received,
      armed,
      quiet,
      guarded,
      kept,
      keptArmed,
      listed,
      tables,
      lookups,
      handled,
    };
  }

  /**
   * The states at the end of the step as if no neuron were refractory; undefined if it must be known within the step.
   */
  private free(): readonly Expr[] | undefined {
    const { ir, program } = this;
    if (program.hold === undefined || program.rearm !== undefined) return undefined;
    // The list keeps what the spike has left: another event that changes it would be undone.
    const changed = program.events.flatMap((e) => e.reset.map((r) => r.state));
    if (changed.some((j) => ir.dependsOn(program.next[j] as Expr, "refractory"))) return undefined;
    const next = program.next.map((e, j) => {
      const [condition, held, free] = e.args;
      return e.op === "select" && condition === ir.refractory && held === ir.state(j) ? (free as Expr) : e;
    });
    return next.some((e) => ir.dependsOn(e, "refractory")) ? undefined : next;
  }

  /** Gates from tables: those with common parameters whose values at the step's end nothing else asks for. */
  private tabled(ends: readonly Expr[], guarded: readonly number[]): readonly Gate[] {
    const { ir, options, program } = this;
    if (!options.tables) return [];
    return program.gates.filter(({ state, a, b }) => {
      const asked = ends.some((e) => inOrder([e]).includes(program.next[state] as Expr));
      const differs = [a, b].some((e) =>
        [...ir.leaves(e)].some((leaf) => leaf.op === "param" && options.perNeuron?.includes(leaf.value)),
      );
      return !asked && !differs && !guarded.includes(state);
    });
  }

  /**
   * The largest parts that depend on one potential and common parameters, and take long enough, without arithmetic
   * around a single function: what is left is likely to be needed elsewhere. By potential.
   */
  private functionsOf(roots: readonly Expr[]): Map<number, Expr[]> {
    const { ir, options, program } = this;
    const found = new Map<number, Expr[]>();
    const seen = new Set<Expr>();
    const visit = (e: Expr): void => {
      if (seen.has(e) || this.rate(e) !== VARYING) return;
      seen.add(e);
      const potential = functionOf(ir, program.model, e);
      const differs = [...ir.leaves(e)].some((leaf) => leaf.op === "param" && options.perNeuron?.includes(leaf.value));
      const costly = [...new Set(e.args)].filter((a) => effort(a) > 0);
      const isWrapping = e.op !== "call" && costly.length === 1;
      if (potential === undefined || differs || isWrapping || effort(e) < WORTHWHILE) for (const a of e.args) visit(a);
      else found.set(potential, [...(found.get(potential) ?? []), e]);
    };
    for (const e of roots) visit(e);
    return found;
  }

  /** v, and states that do not act on it in any number of steps: what is not a number there would never be seen. */
  private guarded(): number[] {
    const { ir, program } = this;
    if (this.options.unguarded) return [];
    const acts = new Set<number>([0]);
    for (let size = 0; size !== acts.size;) {
      size = acts.size;
      for (const j of [...acts]) {
        for (const leaf of ir.leaves(program.next[j] as Expr)) if (leaf.op === "state") acts.add(leaf.value);
      }
    }
    return [...program.model.states.keys()].filter((j) => j === 0 || !acts.has(j));
  }

  /** Tests are "safely between", so that what is not a number is not quiet. */
  private quiet(guarded: readonly number[], next: readonly Expr[], end: (e: Expr) => Expr): Expr {
    const { ir, program } = this;
    const { model, threshold, rearm, events } = program;
    const parts: Expr[] = [];
    let beyond = true;
    if (threshold !== undefined) {
      if (rearm === undefined) {
        const below = this.unless(threshold);
        parts.push(end(below));
        // A v above a threshold that no state moves is an event already.
        const [a, b] = below.args as [Expr, Expr];
        if ((below.op === "lt" || below.op === "le") && a === ir.state(0) && !ir.dependsOn(b, "state")) beyond = false;
      } else {
        parts.push(ir.not(ir.and(end(threshold), ir.armed)));
      }
    }
    for (const { condition } of events) parts.push(end(this.unless(condition)));
    for (const j of guarded) {
      const x = next[j] as Expr;
      const [lowest, highest] =
        j === 0 ? [ir.bound(0), ir.bound(1)] : (model.states[j]?.bounds ?? FINITE).map((e) => ir.const(e));
      parts.push(ir.compare("ge", x, lowest as Expr));
      if (j !== 0 || beyond) parts.push(ir.compare("le", x, highest as Expr));
    }
    return parts.length === 0 ? ir.boolean(true) : parts.reduce((a, b) => ir.and(a, b));
  }

  /** The opposite of a condition; false where a side is not a number. */
  private unless(condition: Expr): Expr {
    const { ir } = this;
    const [a, b] = condition.args as [Expr, Expr];
    switch (condition.op) {
      case "ge":
        return ir.compare("lt", a, b);
      case "gt":
        return ir.compare("le", a, b);
      case "le":
        return ir.compare("gt", a, b);
      case "lt":
        return ir.compare("ge", a, b);
      default:
        return ir.not(condition);
    }
  }

  private handled(): Expr[] {
    const { threshold, fraction, hold, rearm, reset, events } = this.program;
    const single = [threshold, fraction, hold, rearm].filter((e) => e !== undefined);
    return [
      ...single,
      ...reset.map((r) => r.value),
      ...events.flatMap((e) => [e.condition, ...e.reset.map((r) => r.value)]),
    ];
  }

  /** How often a value can change. */
  private rate(e: Expr): number {
    let rate = this.rates.get(e);
    if (rate === undefined) {
      rate = e.args.length > 0 ? e.args.reduce((sum, a) => sum | this.rate(a), 0) : this.leafRate(e);
      // In each step and for each neuron: there is nothing to gain from telling it from what varies.
      if (rate === (STEP | NEURON)) rate = VARYING;
      this.rates.set(e, rate);
    }
    return rate;
  }

  private leafRate(e: Expr): number {
    const { perNeuron = [], uniform = [] } = this.options;
    switch (e.op as Op) {
      case "const":
      case "boolean":
      case "dt":
      case "size":
        return 0;
      case "param":
        return perNeuron.includes(e.value) ? NEURON : 0;
      case "derived":
        return this.program.derivation?.sources.reduce((sum, s) => sum | this.rate(s), 0) ?? 0;
      case "index":
        return NEURON;
      case "t":
      case "bound":
        return STEP;
      case "column":
        return uniform.includes(e.name as ColumnName) ? STEP : VARYING;
      default:
        return VARYING;
    }
  }

  /** Finds what is to be had ahead of the loops. Handlers write constants as such and see all parameters alike. */
  private hoist(root: Expr, handler = false): void {
    const seen = new Set<Expr>();
    const visit = (e: Expr): void => {
      if (seen.has(e) || this.isReady(e)) return;
      seen.add(e);
      const rate = this.rate(e);
      if (rate === 0) {
        if (!(handler && (e.op === "const" || e.op === "boolean"))) place(this.uniforms, e);
      } else if (rate === STEP && !handler) {
        this.compute(e);
      } else if (rate === NEURON && (e.op === "param" || e.op === "derived" || this.cost(e) > CHEAP)) {
        place(this.columns, e);
      } else {
        for (const a of e.args) visit(a);
      }
    };
    visit(root);
  }

  /** Adds a value of the step to those that are computed once, with all that it is made of. */
  private compute(e: Expr): void {
    if (this.rate(e) === 0) {
      if (e.op !== "const" && e.op !== "boolean") place(this.uniforms, e);
      return;
    }
    for (const a of e.args) this.compute(a);
    this.once.add(e);
  }

  /** Whether a loop has the value without computing it. */
  private isLoad(e: Expr): boolean {
    return isLeaf(e) || this.isReady(e) || this.looked.has(e) || e.op === "call";
  }

  /** Operations from what a loop loads; beyond CHEAP not exact. */
  private cost(e: Expr): number {
    if (isLeaf(e) || this.isReady(e) || this.looked.has(e) || this.rate(e) === 0) return 0;
    if (e.op === "call") return this.rate(e) === VARYING ? 0 : 100;
    let cost = e.op === "div" || e.op === "sqrt" ? 5 : 1;
    for (const a of e.args) if (cost <= CHEAP) cost += this.cost(a);
    return cost;
  }

  /** Number of the first pass that can compute the value, or load it. */
  private depth(e: Expr): number {
    let depth = this.depths.get(e);
    if (depth === undefined) {
      depth = 0;
      const computed = (e.op === "call" || !this.isLoad(e)) && !this.looked.has(e);
      if (computed) for (const a of e.args) depth = Math.max(depth, this.depth(a));
      if (e.op === "call" && computed && !this.isReady(e)) depth++;
      this.depths.set(e, depth);
    }
    return depth;
  }

  /** Whether a value is there ahead of all passes. */
  private isReady(e: Expr): boolean {
    return this.uniforms.has(e) || this.columns.has(e) || this.once.has(e);
  }

  private passes(roots: readonly Expr[]): {
    loops: Loop[];
    columns: number;
    randoms: { kind: RandomKind; stream: number; column: number }[];
  } {
    const last = Math.max(...roots.map((e) => this.depth(e)));
    for (const e of roots) note(this.needed, e, last);
    // Users have higher numbers than what they use: when a node's turn comes all its users have said when they need it.
    const nodes = inOrder(roots).sort((a, b) => b.id - a.id);
    const calls: { e: Expr; at: number }[] = [];
    const spilled: { e: Expr; at: number }[] = [];
    const randoms: Expr[] = [];
    for (const e of nodes) {
      const passes = this.needed.get(e);
      if (passes === undefined || this.looked.has(e)) continue;
      if (e.op === "call" && !this.isReady(e)) {
        const at = this.depth(e) - 1;
        calls.push({ e, at });
        for (const a of e.args) note(this.needed, a, at);
      } else if (e.op === "random") {
        randoms.push(e);
      } else if (!this.isLoad(e)) {
        const first = Math.min(...passes);
        const again = this.cost(e) <= CHEAP;
        if (!again && passes.size > 1) spilled.push({ e, at: first });
        for (const pass of again ? passes : [first]) {
          note(this.computed, e, pass);
          for (const a of e.args) note(this.needed, a, pass);
        }
      }
    }
    const columns = new Columns();
    const until = (e: Expr): number => Math.max(...(this.needed.get(e) as Set<number>));
    const drawn = randoms
      .reverse()
      .map((e) => ({ kind: e.name as RandomKind, stream: e.value, column: columns.take(-1, until(e)), e }));
    const held = new Map<Expr, { column: number; at: number }>(drawn.map(({ e, column }) => [e, { column, at: -1 }]));
    const loops: Loop[] = [];
    for (let pass = 0; pass <= last; pass++) {
      const stores: Store[] = [];
      const after: { name: FunctionName; columns: number[] }[] = [];
      for (const { e, at } of [...spilled].reverse()) {
        if (at !== pass) continue;
        const column = columns.take(pass, until(e));
        held.set(e, { column, at });
        stores.push({ value: e, column });
      }
      for (const { e, at } of [...calls].reverse()) {
        if (at !== pass) continue;
        const own = e.args.map((value, k) => {
          const column = columns.take(pass, k === 0 ? until(e) : pass + 0.5);
          stores.push({ value, column });
          return column;
        });
        held.set(e, { column: own[0] as number, at });
        after.push({ name: e.name as FunctionName, columns: own });
      }
      const loads = new Map<Expr, number>();
      for (const [e, { column, at }] of held) if (at < pass && this.needed.get(e)?.has(pass)) loads.set(e, column);
      const values = pass === last ? roots : stores.map((s) => s.value);
      loops.push({ stores, loads, calls: after, unroll: this.options.unroll ?? this.unroll(values, loads) });
    }
    return {
      loops,
      columns: columns.count,
      randoms: drawn.map(({ kind, stream, column }) => ({ kind, stream, column })),
    };
  }

  /**
   * Four vectors together if their results, one vector's intermediate values and what the loop keeps fit the registers.
   * Eight gain nothing: the engine computes all comparisons last, and spills.
   */
  private unroll(values: readonly Expr[], loads: ReadonlyMap<Expr, number>): 2 | 4 {
    const kept = new Set<Expr>();
    const order: Expr[] = [];
    const seen = new Set<Expr>();
    const visit = (e: Expr): void => {
      if (seen.has(e)) return;
      seen.add(e);
      if (this.uniforms.has(e) || this.once.has(e)) kept.add(e);
      else if (!loads.has(e) && !this.isLoad(e)) {
        for (const a of e.args) visit(a);
        order.push(e);
      }
    };
    for (const e of values) visit(e);
    const lastUse = new Map<Expr, number>();
    for (const [i, e] of order.entries()) for (const a of e.args) lastUse.set(a, i);
    let live = 0;
    let most = 0;
    const out = new Set(values);
    for (const [i, e] of order.entries()) {
      for (const a of new Set(e.args)) if (lastUse.get(a) === i && order.includes(a) && !out.has(a)) live--;
      live++;
      most = Math.max(most, live);
    }
    return kept.size + most + 3 * values.length <= REGISTERS ? 4 : 2;
  }
}

/** Functions of a whole column take about as long as a look into a table; others some times that. */
const QUICK: readonly string[] = ["exp", "exprel"];
const WORTHWHILE = 2;

/** What the operations of an expression take, in looks into a table, about. */
function effort(e: Expr): number {
  const nodes = inOrder([e]);
  const calls = nodes.filter(({ op }) => op === "call").map(({ name }) => (QUICK.includes(name) ? 1 : 4));
  return calls.reduce((sum, x) => sum + x, 0);
}

const FINITE: readonly [number, number] = [-Number.MAX_VALUE, Number.MAX_VALUE];

function place(slots: Map<Expr, number>, e: Expr): void {
  if (!slots.has(e)) slots.set(e, slots.size);
}

function note(passes: Map<Expr, Set<number>>, e: Expr, pass: number): void {
  const set = passes.get(e);
  if (set === undefined) passes.set(e, new Set([pass]));
  else set.add(pass);
}

/**
 * Scratch columns: one that is read for the last time in a pass may be written in the same one, as loads come first.
 */
class Columns {
  private readonly free: number[] = [];
  private readonly busy: { column: number; until: number }[] = [];
  count = 0;

  take(from: number, until: number): number {
    for (let i = this.busy.length - 1; i >= 0; i--) {
      const { column, until: end } = this.busy[i] as { column: number; until: number };
      if (end > from) continue;
      this.free.push(column);
      this.busy.splice(i, 1);
    }
    const column = this.free.pop() ?? this.count++;
    this.busy.push({ column, until });
    return column;
  }
}

/** A number for all neurons, or one for each. */
export type PerNeuron = number | ArrayLike<number>;

/** What coefficients are computed from. */
export interface Parameters {
  readonly params: readonly PerNeuron[];
  readonly dt: number;
  /** Neurons here; of a population of `whole`, in which the first of them has the number `offset`. */
  readonly size: number;
  readonly whole?: number;
  readonly offset?: number;
}

/** The numbers that a plan's kernel finds in memory. */
export interface Coefficients {
  readonly uniforms: Float64Array;
  readonly columns: readonly Float64Array[];
}

/**
 * Computes the plan's uniforms and columns, with the core's own functions. It yields after each neuron that has numbers
 * of its own: those of exact with many states take long.
 */
export function* coefficients(plan: Plan, given: Parameters, math: Mathematics): Generator<undefined, Coefficients> {
  const { derivation } = plan.program;
  const { params, dt, size, whole = size, offset = 0 } = given;
  const environment = (n: number): Environment => {
    const own = params.map((p) => (typeof p === "number" ? p : (p[n] as number)));
    const base: Environment = { params: own, dt, size: whole, index: offset + n, math };
    if (derivation === undefined) return base;
    const known = new Map<Expr, number>();
    return { ...base, derived: derivation.compute(derivation.sources.map((e) => evaluate(e, base, known))) };
  };
  // What is common to all is that of any neuron; leaves that it has not are not looked at.
  const common = environment(0);
  const known = new Map<Expr, number>();
  const uniforms = Float64Array.from(plan.uniforms, (e) => evaluate(e, common, known));
  const columns = plan.columns.map(() => new Float64Array(size));
  for (let n = 0; n < size && columns.length > 0; n++) {
    const own = environment(n);
    const mine = new Map<Expr, number>();
    for (const [j, e] of plan.columns.entries()) (columns[j] as Float64Array)[n] = evaluate(e, own, mine);
    yield;
  }
  return { uniforms, columns };
}

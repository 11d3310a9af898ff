/**
 * The expressions that a model is made of once its text is checked: a graph of interned nodes. Two nodes with the same
 * operation on the same operands are one object, so equal parts of a model are found by `===` and computed once.
 *
 * The order of floating-point operations is that of the graph, and the graph's is that of the text, left to right.
 * What `Ir` simplifies while it builds keeps every bit of every result (but for the sign and payload of NaN); nothing
 * is reassociated and no multiplication is fused with an addition.
 */

/** Elementary functions; the core has one of each, and nothing else computes them where results are made. */
export const FUNCTIONS = {
  exp: 1,
  log: 1,
  log10: 1,
  sin: 1,
  cos: 1,
  tan: 1,
  asin: 1,
  acos: 1,
  atan: 1,
  sinh: 1,
  cosh: 1,
  tanh: 1,
  expm1: 1,
  log1p: 1,
  exprel: 1,
  pow: 2,
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** The functions by name, usually the exports of a core. One that is missing is not folded. */
export type Mathematics = Readonly<Partial<Record<FunctionName, (x: number, y: number) => number>>>;

export type Type = "number" | "boolean";

/** Numbers of numbers, each a single instruction. */
export type Arithmetic =
  "neg" | "abs" | "sqrt" | "floor" | "ceil" | "trunc" | "add" | "sub" | "mul" | "div" | "min" | "max";
export type Comparison = "lt" | "le" | "gt" | "ge" | "eq" | "ne";
export type Logic = "and" | "or" | "not";

/**
 * Leaves. `state`, `before` (the state as the step found it; for what is done at a spike), `param` and `derived` (a
 * coefficient that the host computes from others, see integrate.ts) carry an index; `random` a kind and the number of
 * its stream; `column` the name of a column of the block in work; `landing` the index of a state, for the jumps that
 * arrive for it (those of v are the column `jumps`). `input` is I, in the unit of the model's current. `t`
 * is the time in ms at the start of the step, `index` the number of the neuron in its population of `size`.
 * `refractory` and `armed` are conditions of the neuron at the start of the step; `bound` is the lowest (0) or highest
 * (1) value that the guard lets v have.
 */
export type Leaf =
  | "const"
  | "boolean"
  | "state"
  | "before"
  | "param"
  | "derived"
  | "input"
  | "t"
  | "dt"
  | "index"
  | "size"
  | "random"
  | "column"
  | "landing"
  | "refractory"
  | "armed"
  | "bound";

export type Op = Leaf | Arithmetic | Comparison | Logic | "select" | "call";

export type RandomKind = "normal" | "uniform";

/** Columns of the block in work: the current and the conductance at the start, middle and end of the step. */
export type InputColumn = "I0" | "I1" | "I2" | "G0" | "G1" | "G2";

/** These, the jumps of v, and the state of receptor number r and what arrives there in this step. */
export type ColumnName = InputColumn | "jumps" | `g${number}` | `a${number}`;

/** A node. Made by `Ir` only. */
export interface Expr {
  /** Number in the order of making: operands come before what is made of them. */
  readonly id: number;
  readonly op: Op;
  readonly type: Type;
  readonly args: readonly Expr[];
  /** The number of a constant (1 or 0 for a condition), the index of a state, a parameter, a coefficient, a stream. */
  readonly value: number;
  /** Name of a function or a column, kind of a random number; "" elsewhere. */
  readonly name: string;
}

const LEAVES: ReadonlySet<Op> = new Set<Leaf>([
  "const",
  "boolean",
  "state",
  "before",
  "param",
  "derived",
  "input",
  "t",
  "dt",
  "index",
  "size",
  "random",
  "column",
  "landing",
  "refractory",
  "armed",
  "bound",
]);
const COMMUTATIVE: ReadonlySet<Op> = new Set<Op>(["add", "mul", "eq", "ne", "and", "or"]);
const CONDITIONS: ReadonlySet<Op> = new Set<Op>([
  "lt",
  "le",
  "gt",
  "ge",
  "eq",
  "ne",
  "and",
  "or",
  "not",
  "boolean",
  "refractory",
  "armed",
]);
const LOGIC: ReadonlySet<Op> = new Set<Op>(["and", "or", "not"]);

export function isLeaf(e: Expr): boolean {
  return LEAVES.has(e.op);
}

/**
 * One operation on numbers; conditions are 1 and 0. `min(a, b)` is b < a ? b : a and `max(a, b)` is a < b ? b : a: one
 * instruction each, and a first operand that is not a number stays.
 */
export function apply(op: Arithmetic | Comparison | Logic | "select", a: number, b = 0, c = 0): number {
  switch (op) {
    case "neg":
      return -a;
    case "abs":
      return Math.abs(a);
    case "sqrt":
      return Math.sqrt(a);
    case "floor":
      return Math.floor(a);
    case "ceil":
      return Math.ceil(a);
    case "trunc":
      return Math.trunc(a);
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    case "min":
      return b < a ? b : a;
    case "max":
      return a < b ? b : a;
    case "lt":
      return a < b ? 1 : 0;
    case "le":
      return a <= b ? 1 : 0;
    case "gt":
      return a > b ? 1 : 0;
    case "ge":
      return a >= b ? 1 : 0;
    case "eq":
      return a === b ? 1 : 0;
    case "ne":
      return a !== b ? 1 : 0;
    case "and":
      return a !== 0 && b !== 0 ? 1 : 0;
    case "or":
      return a !== 0 || b !== 0 ? 1 : 0;
    case "not":
      return a === 0 ? 1 : 0;
    case "select":
      return a !== 0 ? b : c;
  }
}

/** Largest whole exponent that is written out as multiplications. */
const MOST_POWER = 16;

/** The nodes of one model, or of several that share them. */
export class Ir {
  private readonly nodes = new Map<string, Expr>();
  private readonly math: Mathematics;
  private readonly leafSets = new WeakMap<Expr, ReadonlySet<Expr>>();

  /** @param math functions of constants are folded by these; without them they stay */
  constructor(math: Mathematics = {}) {
    this.math = math;
  }

  const(value: number): Expr {
    return this.intern("const", "number", [], value, Object.is(value, -0) ? "-0" : "");
  }
  boolean(value: boolean): Expr {
    return this.intern("boolean", "boolean", [], value ? 1 : 0);
  }
  state(index: number): Expr {
    return this.intern("state", "number", [], index);
  }
  before(index: number): Expr {
    return this.intern("before", "number", [], index);
  }
  param(index: number): Expr {
    return this.intern("param", "number", [], index);
  }
  derived(index: number): Expr {
    return this.intern("derived", "number", [], index);
  }
  random(kind: RandomKind, stream: number): Expr {
    return this.intern("random", "number", [], stream, kind);
  }
  column(name: ColumnName): Expr {
    return this.intern("column", "number", [], 0, name);
  }
  landing(state: number): Expr {
    return this.intern("landing", "number", [], state);
  }
  bound(index: 0 | 1): Expr {
    return this.intern("bound", "number", [], index);
  }
  get input(): Expr {
    return this.intern("input", "number", [], 0);
  }
  get t(): Expr {
    return this.intern("t", "number", [], 0);
  }
  get dt(): Expr {
    return this.intern("dt", "number", [], 0);
  }
  get index(): Expr {
    return this.intern("index", "number", [], 0);
  }
  get size(): Expr {
    return this.intern("size", "number", [], 0);
  }
  get refractory(): Expr {
    return this.intern("refractory", "boolean", [], 0);
  }
  get armed(): Expr {
    return this.intern("armed", "boolean", [], 0);
  }

  neg(a: Expr): Expr {
    return this.make("neg", a);
  }
  abs(a: Expr): Expr {
    return this.make("abs", a);
  }
  sqrt(a: Expr): Expr {
    return this.make("sqrt", a);
  }
  floor(a: Expr): Expr {
    return this.make("floor", a);
  }
  ceil(a: Expr): Expr {
    return this.make("ceil", a);
  }
  trunc(a: Expr): Expr {
    return this.make("trunc", a);
  }
  add(a: Expr, b: Expr): Expr {
    return this.make("add", a, b);
  }
  sub(a: Expr, b: Expr): Expr {
    return this.make("sub", a, b);
  }
  mul(a: Expr, b: Expr): Expr {
    return this.make("mul", a, b);
  }
  div(a: Expr, b: Expr): Expr {
    return this.make("div", a, b);
  }
  min(a: Expr, b: Expr): Expr {
    return this.make("min", a, b);
  }
  max(a: Expr, b: Expr): Expr {
    return this.make("max", a, b);
  }
  compare(op: Comparison, a: Expr, b: Expr): Expr {
    return this.make(op, a, b);
  }
  and(a: Expr, b: Expr): Expr {
    return this.make("and", a, b);
  }
  or(a: Expr, b: Expr): Expr {
    return this.make("or", a, b);
  }
  not(a: Expr): Expr {
    return this.make("not", a);
  }
  select(condition: Expr, a: Expr, b: Expr): Expr {
    return this.make("select", condition, a, b);
  }

  /** An elementary function. `pow` goes through `power`. */
  call(name: FunctionName, ...args: readonly Expr[]): Expr {
    if (args.length !== FUNCTIONS[name])
      throw new RangeError(`${name} takes ${FUNCTIONS[name]} arguments, not ${args.length}`);
    if (name === "pow") return this.power(args[0] as Expr, args[1] as Expr);
    return this.called(name, args);
  }

  /**
   * x to the power y. Whole constants up to 16 are products, by squaring: x**2 is x*x, x**3 (x*x)*x, x**4 (x*x)*(x*x);
   * negative ones the reciprocal of that; 0.5 is the square root. Everything else is the function.
   */
  power(x: Expr, y: Expr): Expr {
    if (y.op === "const") {
      const n = y.value;
      if (n === 0.5) return this.sqrt(x);
      if (Number.isInteger(n) && Math.abs(n) <= MOST_POWER) {
        if (n === 0) return this.const(1);
        const product = this.product(x, Math.abs(n));
        return n < 0 ? this.div(this.const(1), product) : product;
      }
    }
    return this.called("pow", [x, y]);
  }

  private product(x: Expr, n: number): Expr {
    if (n === 1) return x;
    const half = this.product(x, Math.floor(n / 2));
    const square = this.mul(half, half);
    return n % 2 === 1 ? this.mul(square, x) : square;
  }

  private called(name: FunctionName, args: readonly Expr[]): Expr {
    for (const a of args) expect(a, "number", name);
    const f = this.math[name];
    const [x, y] = args as [Expr, Expr?];
    if (f !== undefined && args.every((a) => a.op === "const")) return this.const(f(x.value, y?.value ?? 0));
    return this.intern("call", "number", args, 0, name);
  }

  /** Any operation that is neither a leaf nor a call, simplified. */
  make(op: Exclude<Op, Leaf | "call">, ...args: readonly Expr[]): Expr {
    check(op, args);
    if (args.every((a) => a.op === "const" || a.op === "boolean")) {
      const [a, b, c] = args as [Expr, Expr?, Expr?];
      const value = apply(op, a.value, b?.value, c?.value);
      return typeOf(op, args) === "boolean" ? this.boolean(value !== 0) : this.const(value);
    }
    return this.simpler(op, args) ?? this.intern(op, typeOf(op, args), args, 0);
  }

  /**
   * What the operation is when one operand makes it trivial. Only what keeps bits: x*1 and x-0, not x+0, which loses
   * -0.
   */
  private simpler(op: Op, args: readonly Expr[]): Expr | undefined {
    const [a, b, c] = args as [Expr, Expr, Expr];
    const isNumber = (e: Expr, x: number): boolean => e.op === "const" && Object.is(e.value, x);
    const negated = (e: Expr): Expr | undefined => (e.op === "neg" ? (e.args[0] as Expr) : undefined);
    switch (op) {
      case "neg":
        return negated(a);
      case "abs":
        if (a.op === "abs") return a;
        return a.op === "neg" ? this.abs(a.args[0] as Expr) : undefined;
      case "floor":
      case "ceil":
      case "trunc":
        return a.op === "floor" || a.op === "ceil" || a.op === "trunc" ? a : undefined;
      case "add":
        if (isNumber(b, -0)) return a;
        if (isNumber(a, -0)) return b;
        if (b.op === "neg") return this.sub(a, b.args[0] as Expr);
        return a.op === "neg" ? this.sub(b, a.args[0] as Expr) : undefined;
      case "sub":
        if (isNumber(b, 0)) return a;
        return b.op === "neg" ? this.add(a, b.args[0] as Expr) : undefined;
      case "mul":
        if (isNumber(b, 1)) return a;
        if (isNumber(a, 1)) return b;
        if (isNumber(b, -1)) return this.neg(a);
        if (isNumber(a, -1)) return this.neg(b);
        return a.op === "neg" && b.op === "neg" ? this.mul(a.args[0] as Expr, b.args[0] as Expr) : undefined;
      case "div":
        if (isNumber(b, 1)) return a;
        if (isNumber(b, -1)) return this.neg(a);
        // The reciprocal of a power of two is exact, and so is the product then.
        return b.op === "const" && isPowerOfTwo(b.value) ? this.mul(a, this.const(1 / b.value)) : undefined;
      case "min":
      case "max":
        return a === b ? a : undefined;
      case "and":
        if (a === b) return a;
        if (a.op === "boolean") return a.value === 0 ? a : b;
        if (b.op === "boolean") return b.value === 0 ? b : a;
        return undefined;
      case "or":
        if (a === b) return a;
        if (a.op === "boolean") return a.value === 0 ? b : a;
        if (b.op === "boolean") return b.value === 0 ? a : b;
        return undefined;
      case "not":
        return a.op === "not" ? (a.args[0] as Expr) : undefined;
      case "select":
        if (a.op === "boolean") return a.value === 0 ? c : b;
        if (b === c) return b;
        if (a.op === "not") return this.select(a.args[0] as Expr, c, b);
        if (b.type !== "boolean") return undefined;
        return this.or(this.and(a, b), this.and(this.not(a), c));
      default:
        return undefined;
    }
  }

  private intern(op: Op, type: Type, args: readonly Expr[], value: number, name = ""): Expr {
    const ids = args.map((a) => a.id);
    if (COMMUTATIVE.has(op)) ids.sort((x, y) => x - y);
    const key = `${op} ${name} ${value} ${ids.join()}`;
    let node = this.nodes.get(key);
    if (node === undefined) {
      node = { id: this.nodes.size, op, type, args, value, name: op === "const" ? "" : name };
      this.nodes.set(key, node);
    }
    return node;
  }

  /** The same operation on other operands, simplified again. */
  rebuild(e: Expr, args: readonly Expr[]): Expr {
    if (args.every((a, i) => a === e.args[i])) return e;
    if (e.op === "call") return this.called(e.name as FunctionName, args);
    return this.make(e.op as Exclude<Op, Leaf | "call">, ...args);
  }

  /**
   * The expression with some nodes replaced: `by` gives what stands in a node's place, or undefined to look into it.
   */
  substitute(e: Expr, by: (node: Expr) => Expr | undefined, done = new Map<Expr, Expr>()): Expr {
    const known = done.get(e);
    if (known !== undefined) return known;
    const result =
      by(e) ??
      (e.args.length === 0
        ? e
        : this.rebuild(
            e,
            e.args.map((a) => this.substitute(a, by, done)),
          ));
    done.set(e, result);
    return result;
  }

  /** All leaves that an expression's value depends on. */
  leaves(e: Expr): ReadonlySet<Expr> {
    let set = this.leafSets.get(e);
    if (set === undefined) {
      const found = new Set<Expr>(isLeaf(e) ? [e] : []);
      for (const a of e.args) for (const leaf of this.leaves(a)) found.add(leaf);
      set = found;
      this.leafSets.set(e, set);
    }
    return set;
  }

  /** Whether the expression depends on a leaf of one of these kinds. */
  dependsOn(e: Expr, ...kinds: readonly Leaf[]): boolean {
    for (const leaf of this.leaves(e)) if ((kinds as readonly Op[]).includes(leaf.op)) return true;
    return false;
  }

  /**
   * a and b with e = a x + b, where neither depends on the leaf x; undefined where e is not affine in x. The terms keep
   * the order of the text, but not its rounding.
   */
  affine(e: Expr, x: Expr): Affine | undefined {
    const linear = this.linear(e, [x]);
    return linear && { slope: linear.slopes[0] as Expr, offset: linear.offset };
  }

  /** The same in several leaves at once: e = sum a_i x_i + b. */
  linear(e: Expr, leaves: readonly Expr[]): Linear | undefined {
    return new LinearForm(this, leaves).of(e);
  }
}

export interface Affine {
  readonly slope: Expr;
  readonly offset: Expr;
}

export interface Linear {
  readonly slopes: readonly Expr[];
  readonly offset: Expr;
}

/** Terms that are absent are undefined until the end, so that no sums with 0 and products with 0 are built. */
type Terms = { readonly slopes: readonly (Expr | undefined)[]; readonly offset: Expr | undefined };

class LinearForm {
  private readonly ir: Ir;
  private readonly leaves: readonly Expr[];
  private readonly done = new Map<Expr, Terms | undefined>();

  constructor(ir: Ir, leaves: readonly Expr[]) {
    this.ir = ir;
    this.leaves = leaves;
  }

  of(e: Expr): Linear | undefined {
    const terms = this.terms(e);
    const zero = this.ir.const(0);
    return terms && { slopes: terms.slopes.map((s) => s ?? zero), offset: terms.offset ?? zero };
  }

  private terms(e: Expr): Terms | undefined {
    if (!this.done.has(e)) this.done.set(e, this.find(e));
    return this.done.get(e);
  }

  private find(e: Expr): Terms | undefined {
    const { ir } = this;
    const own = this.leaves.indexOf(e);
    if (own >= 0)
      return { slopes: this.leaves.map((_, i) => (i === own ? ir.const(1) : undefined)), offset: undefined };
    if (!this.leaves.some((x) => ir.leaves(e).has(x))) return { slopes: this.leaves.map(() => undefined), offset: e };
    const [a, b] = e.args as [Expr, Expr];
    switch (e.op) {
      case "neg":
        return this.each(this.terms(a), (x) => ir.neg(x));
      case "add":
        return this.both(this.terms(a), this.terms(b), (x, y) =>
          y === undefined ? x : x === undefined ? y : ir.add(x, y),
        );
      case "sub":
        return this.both(this.terms(a), this.terms(b), (x, y) =>
          y === undefined ? x : x === undefined ? ir.neg(y) : ir.sub(x, y),
        );
      case "mul":
        if (this.isFree(b)) return this.each(this.terms(a), (x) => ir.mul(x, b));
        return this.isFree(a) ? this.each(this.terms(b), (x) => ir.mul(a, x)) : undefined;
      case "div":
        return this.isFree(b) ? this.each(this.terms(a), (x) => ir.div(x, b)) : undefined;
      case "select": {
        const [condition, yes, no] = e.args as [Expr, Expr, Expr];
        if (!this.isFree(condition)) return undefined;
        const zero = ir.const(0);
        return this.both(this.terms(yes), this.terms(no), (x, y) =>
          x === undefined && y === undefined ? undefined : ir.select(condition, x ?? zero, y ?? zero),
        );
      }
      default:
        return undefined;
    }
  }

  private isFree(e: Expr): boolean {
    return !this.leaves.some((x) => this.ir.leaves(e).has(x));
  }

  private each(terms: Terms | undefined, f: (x: Expr) => Expr): Terms | undefined {
    if (terms === undefined) return undefined;
    const map = (x: Expr | undefined): Expr | undefined => x && f(x);
    return { slopes: terms.slopes.map(map), offset: map(terms.offset) };
  }

  private both(
    a: Terms | undefined,
    b: Terms | undefined,
    f: (x: Expr | undefined, y: Expr | undefined) => Expr | undefined,
  ): Terms | undefined {
    if (a === undefined || b === undefined) return undefined;
    return { slopes: a.slopes.map((x, i) => f(x, b.slopes[i])), offset: f(a.offset, b.offset) };
  }
}

function isPowerOfTwo(x: number): boolean {
  const inverse = 1 / x;
  // Both normal: one over a power of two is exact then, and only then the product with it gives the number back for
  // all of these.
  if (!(Math.abs(x) >= 2 ** -1022 && Math.abs(inverse) >= 2 ** -1022)) return false;
  return Number.isInteger(Math.log2(Math.abs(x))) && 2 ** Math.log2(Math.abs(x)) === Math.abs(x);
}

function expect(e: Expr, type: Type, where: string): void {
  if (e.type !== type) throw new TypeError(`${where}: a ${type} is expected, not a ${e.type}`);
}

const COUNT: Readonly<Partial<Record<Op, number>>> = {
  neg: 1,
  abs: 1,
  sqrt: 1,
  floor: 1,
  ceil: 1,
  trunc: 1,
  not: 1,
  select: 3,
};

function check(op: Op, args: readonly Expr[]): void {
  const count = COUNT[op] ?? 2;
  if (args.length !== count) throw new RangeError(`${op} takes ${count} operands, not ${args.length}`);
  if (op === "select") {
    expect(args[0] as Expr, "boolean", op);
    expect(args[2] as Expr, (args[1] as Expr).type, op);
  } else {
    for (const a of args) expect(a, LOGIC.has(op) ? "boolean" : "number", op);
  }
}

function typeOf(op: Op, args: readonly Expr[]): Type {
  if (op === "select") return (args[1] as Expr).type;
  return CONDITIONS.has(op) ? "boolean" : "number";
}

/** What leaves stand for. Conditions are 1 and 0. What an expression does not use may be absent. */
export interface Environment {
  readonly states?: ArrayLike<number>;
  readonly before?: ArrayLike<number>;
  readonly params?: ArrayLike<number>;
  readonly derived?: ArrayLike<number>;
  readonly input?: number;
  readonly t?: number;
  readonly dt?: number;
  readonly index?: number;
  readonly size?: number;
  readonly columns?: Readonly<Partial<Record<ColumnName, number>>>;
  /** Jumps that arrive for states other than v, by their indices. */
  readonly landings?: Readonly<Record<number, number>>;
  readonly random?: (kind: RandomKind, stream: number) => number;
  readonly refractory?: boolean;
  readonly armed?: boolean;
  /** Lowest and highest v. */
  readonly bounds?: readonly [number, number];
  readonly math?: Mathematics;
}

/** The value of a leaf; a RangeError names one that the environment does not have. */
export function leafValue(e: Expr, env: Environment): number {
  const value = lookUp(e, env);
  if (value === undefined) throw new RangeError(`no value for ${print(e)}`);
  return Number(value);
}

function lookUp(e: Expr, env: Environment): number | boolean | undefined {
  switch (e.op) {
    case "const":
    case "boolean":
      return e.value;
    case "state":
      return env.states?.[e.value];
    case "before":
      return env.before?.[e.value];
    case "param":
      return env.params?.[e.value];
    case "derived":
      return env.derived?.[e.value];
    case "random":
      return env.random?.(e.name as RandomKind, e.value);
    case "column":
      return env.columns?.[e.name as ColumnName];
    case "landing":
      return env.landings?.[e.value];
    case "bound":
      return env.bounds?.[e.value];
    default:
      return env[e.op as "input" | "t" | "dt" | "index" | "size" | "refractory" | "armed"];
  }
}

/** The value of an expression, each node computed once; conditions give 1 and 0. */
export function evaluate(e: Expr, env: Environment, known = new Map<Expr, number>()): number {
  const done = known.get(e);
  if (done !== undefined) return done;
  let value: number;
  if (isLeaf(e)) {
    value = leafValue(e, env);
  } else {
    const [a = 0, b = 0, c = 0] = e.args.map((arg) => evaluate(arg, env, known));
    if (e.op === "call") {
      const f = env.math?.[e.name as FunctionName];
      if (f === undefined) throw new RangeError(`no function ${e.name}`);
      value = f(a, b);
    } else {
      value = apply(e.op as Arithmetic, a, b, c);
    }
  }
  known.set(e, value);
  return value;
}

/** Nodes of some expressions, operands ahead of what uses them, each once. */
export function inOrder(roots: readonly Expr[]): Expr[] {
  const order: Expr[] = [];
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    for (const a of e.args) visit(a);
    order.push(e);
  };
  for (const root of roots) visit(root);
  return order;
}

/** Names for printing. */
export interface Names {
  readonly states?: readonly string[];
  readonly params?: readonly string[];
}

const SYMBOL: Readonly<Partial<Record<Op, readonly [string, number]>>> = {
  or: ["or", 1],
  and: ["and", 2],
  lt: ["<", 4],
  le: ["<=", 4],
  gt: [">", 4],
  ge: [">=", 4],
  eq: ["==", 4],
  ne: ["!=", 4],
  add: ["+", 5],
  sub: ["-", 5],
  mul: ["*", 6],
  div: ["/", 6],
};

/** An expression as text in the language of models. */
export function print(e: Expr, names: Names = {}): string {
  return printed(e, names, 0);
}

function printed(e: Expr, names: Names, outer: number): string {
  const wrap = (text: string, level: number): string => (level < outer ? `(${text})` : text);
  const list = (): string => e.args.map((a) => printed(a, names, 0)).join(", ");
  const symbol = SYMBOL[e.op];
  if (symbol !== undefined) {
    const [sign, level] = symbol;
    const [a, b] = e.args as [Expr, Expr];
    // The text is read left to right: an equal level on the right is another order.
    return wrap(`${printed(a, names, level)} ${sign} ${printed(b, names, level + 1)}`, level);
  }
  switch (e.op) {
    case "const":
      return wrap(Object.is(e.value, -0) ? "-0" : String(e.value), e.value < 0 ? 7 : 9);
    case "boolean":
      return e.value === 0 ? "False" : "True";
    case "state":
      return names.states?.[e.value] ?? `x${e.value}`;
    case "before":
      return `before(${names.states?.[e.value] ?? `x${e.value}`})`;
    case "param":
      return names.params?.[e.value] ?? `p${e.value}`;
    case "derived":
      return `derived${e.value}`;
    case "input":
      return "I";
    case "index":
      return "i";
    case "size":
      return "N";
    case "random":
      return `${e.name === "normal" ? "randn" : "rand"}(${e.value})`;
    case "column":
      return e.name;
    case "bound":
      return e.value === 0 ? "lowest" : "highest";
    case "neg":
      return wrap(`-${printed(e.args[0] as Expr, names, 8)}`, 7);
    case "not":
      return wrap(`not ${printed(e.args[0] as Expr, names, 3)}`, 3);
    case "select": {
      const [condition, a, b] = e.args.map((x) => printed(x, names, 1));
      return wrap(`${a} if ${condition} else ${b}`, 0);
    }
    case "call":
      return `${e.name}(${list()})`;
    default:
      return isLeaf(e) ? e.op : `${e.op}(${list()})`;
  }
}

/*
 * A model.
 */

export interface IrState {
  readonly name: string;
  /** Unit in which the state is stored and shown. */
  readonly unit: string;
  /**
   * One such unit in the coherent system: inside of expressions the state is multiplied by it. Expressions hold that
   * already.
   */
  readonly factor: number;
  /** d(state)/dt in its stored unit per ms; undefined for a state that only resets change. */
  readonly derivative: Expr | undefined;
  readonly flags: { readonly unlessRefractory: boolean };
  /** Terms amplitude * xi of the equation, xi being white noise of its own stream; the amplitude per sqrt(ms). */
  readonly noise: readonly IrNoise[];
  /** A value outside is a runaway; without them the largest finite numbers. */
  readonly bounds?: readonly [number, number];
}

export interface IrNoise {
  readonly amplitude: Expr;
  readonly stream: number;
}

export interface IrParameter {
  readonly name: string;
  readonly unit: string;
  /** As with states. */
  readonly factor: number;
}

export interface IrIntermediate {
  readonly name: string;
  readonly unit: string;
  readonly value: Expr;
}

/** What a state becomes; over the states as the step left them. Statements are composed: none sees another's result. */
export interface IrReset {
  readonly state: number;
  readonly value: Expr;
}

export type IrRefractory =
  | { readonly kind: "none" }
  /** ms, over the states after the reset. */
  | { readonly kind: "time"; readonly value: Expr }
  /** After a spike none is counted as long as this has held without a pause. */
  | { readonly kind: "condition"; readonly value: Expr };

export interface IrEvent {
  readonly name: string;
  readonly condition: Expr;
  readonly reset: readonly IrReset[];
}

/** A model as the back end gets it. The first state is the membrane state v, to which jumps are added. */
export interface IrModel {
  readonly name: string;
  readonly currentUnit: string;
  readonly states: readonly IrState[];
  readonly params: readonly IrParameter[];
  readonly intermediates: readonly IrIntermediate[];
  /** When the neuron spikes; undefined for one that never does. */
  readonly threshold: Expr | undefined;
  /** The model has no reset: a spike is the upward crossing of the threshold. */
  readonly crossing: boolean;
  readonly reset: readonly IrReset[];
  readonly refractory: IrRefractory;
  readonly events: readonly IrEvent[];
  /** Initial value per state in its stored unit, over i, N, parameters and random numbers. */
  readonly init: readonly Expr[];
}

/**
 * The order of operations of a polynomial. What a step adds to a state x is brought to the form
 *
 *     (... (c2 x + c1) x + ...) x + c0,   each c a sum of (what cannot change during a run) * (what can)
 *
 * so that all that cannot change is multiplied out once, ahead of the run: dt, reciprocals and parameters are one
 * number for each term. Within a c, terms with states come first, in the order of the text; behind them stands, as one
 * sum, what depends on time and background alone, which is one number for all neurons where these are.
 *
 * A term's rounding error is that of its own size. Since a step is only stable where what it adds is not much larger
 * than the state, such errors are of the size of the state's own rounding.
 */
import { type Expr, type Ir, inOrder, isLeaf } from "./ir.js";

/** More terms than this stay as the text has them, and so does what has a higher power of the state. */
const MOST_TERMS = 12;
const MOST_POWER = 3;

interface Term {
  /** Cannot change during a run. */
  readonly factor: Expr;
  /** Product of these, in the order of their making, without x. */
  readonly atoms: readonly Expr[];
  readonly power: number;
}

/**
 * What is added to x, in the order of the rule, or as the text has it where that takes fewer operations.
 *
 * @param isFixed whether a value cannot change during a run
 */
export function arrange(ir: Ir, x: Expr, added: Expr, isFixed: (e: Expr) => boolean): Expr {
  const terms = new Polynomial(ir, x, isFixed).of(added);
  if (terms === undefined) return added;
  const form = horner(ir, x, terms);
  return operations(form, isFixed) <= operations(added, isFixed) ? form : added;
}

/** Operations that a step takes for a value. */
function operations(e: Expr, isFixed: (e: Expr) => boolean): number {
  return inOrder([e]).filter((node) => !isLeaf(node) && !isFixed(node) && !isDrive(node)).length;
}

/** Whether a value depends on nothing but time, background and what cannot change. */
function isDrive(e: Expr): boolean {
  if (e.op === "column") return e.name.startsWith("I");
  if (e.args.length === 0) return ["const", "param", "derived", "dt", "size", "t"].includes(e.op);
  return e.op !== "call" && e.args.every(isDrive);
}

function horner(ir: Ir, x: Expr, terms: readonly Term[]): Expr {
  const powers = Math.max(0, ...terms.map((t) => t.power));
  let sum: Expr | undefined;
  for (let power = powers; power >= 0; power--) {
    const own = coefficient(ir, terms.filter((t) => t.power === power));
    const product = sum && ir.mul(sum, x);
    sum = product === undefined ? own : own === undefined ? product : ir.add(product, own);
  }
  return sum ?? ir.const(0);
}

function coefficient(ir: Ir, terms: readonly Term[]): Expr | undefined {
  const values = terms.map(({ factor, atoms }) => ({
    value: atoms.length === 0 ? factor : ir.mul(factor, atoms.reduce((p, q) => ir.mul(p, q))),
    isDrive: atoms.every(isDrive),
    isFixed: atoms.length === 0,
  }));
  const add = (list: readonly Expr[]): Expr | undefined =>
    list.length === 0 ? undefined : list.reduce((p, q) => ir.add(p, q));
  const varying = add(values.filter((v) => !v.isDrive).map((v) => v.value));
  const drive = add([
    ...values.filter((v) => v.isDrive && !v.isFixed).map((v) => v.value),
    ...values.filter((v) => v.isFixed).map((v) => v.value),
  ]);
  if (varying === undefined || drive === undefined) return varying ?? drive;
  return ir.add(varying, drive);
}

/** Terms of an expression, equal ones together; undefined where there are too many. */
class Polynomial {
  private readonly ir: Ir;
  private readonly x: Expr;
  private readonly isFixed: (e: Expr) => boolean;

  constructor(ir: Ir, x: Expr, isFixed: (e: Expr) => boolean) {
    this.ir = ir;
    this.x = x;
    this.isFixed = isFixed;
  }

  of(e: Expr): readonly Term[] | undefined {
    const { ir } = this;
    if (e === this.x) return [{ factor: ir.const(1), atoms: [], power: 1 }];
    if (this.isFixed(e)) return isZero(e) ? [] : [{ factor: e, atoms: [], power: 0 }];
    const [a, b] = e.args as [Expr, Expr];
    switch (e.op) {
      case "neg":
        return this.of(a)?.map((t) => ({ ...t, factor: ir.neg(t.factor) }));
      case "add":
        return this.sum(this.of(a), this.of(b));
      case "sub":
        return this.sum(this.of(a), this.of(ir.neg(b)));
      case "mul":
        return this.product(this.of(a), this.of(b));
      case "div":
        if (this.isFixed(b)) return this.product(this.of(a), [{ factor: ir.div(ir.const(1), b), atoms: [], power: 0 }]);
        break;
    }
    return [{ factor: ir.const(1), atoms: [e], power: 0 }];
  }

  private sum(a: readonly Term[] | undefined, b: readonly Term[] | undefined): readonly Term[] | undefined {
    if (a === undefined || b === undefined) return undefined;
    const terms: Term[] = [...a];
    for (const term of b) {
      const i = terms.findIndex((t) => t.power === term.power && sameAtoms(t.atoms, term.atoms));
      if (i < 0) terms.push(term);
      else terms[i] = { ...term, factor: this.ir.add((terms[i] as Term).factor, term.factor) };
    }
    return terms.length > MOST_TERMS ? undefined : terms;
  }

  private product(a: readonly Term[] | undefined, b: readonly Term[] | undefined): readonly Term[] | undefined {
    if (a === undefined || b === undefined) return undefined;
    let terms: readonly Term[] | undefined = [];
    for (const p of a) {
      const row = b.flatMap((q): Term[] => {
        const factor = this.times(p.factor, q.factor);
        if (isZero(factor)) return [];
        return [{ factor, atoms: [...p.atoms, ...q.atoms].sort((s, t) => s.id - t.id), power: p.power + q.power }];
      });
      terms = this.sum(terms, row);
    }
    return terms?.some((t) => t.power > MOST_POWER) ? undefined : terms;
  }

  /** A factor that is 0 takes its term away, whatever the rest of it is. */
  private times(a: Expr, b: Expr): Expr {
    const { ir } = this;
    return isZero(a) || isZero(b) ? ir.const(0) : ir.mul(a, b);
  }
}

function isZero(e: Expr): boolean {
  return e.op === "const" && e.value === 0;
}

function sameAtoms(a: readonly Expr[], b: readonly Expr[]): boolean {
  return a.length === b.length && a.every((e, i) => e === b[i]);
}
